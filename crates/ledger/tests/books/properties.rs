//! Random entries, sound and unsound: the ledger against the naive books of `reference`.

use std::collections::{BTreeMap, BTreeSet};

use ledger::account::{Account, Instrument, ReserveRole, Role, Side, Turnover};
use ledger::entry::{Assignment, Cross, Dividend, Exercise, Leg, OptionTrade, Roll, ShareTrade};
use ledger::id::SleeveKinds;
use ledger::receipt::Phase;
use ledger::*;
use market::instrument::{Right, Series, Symbol};
use market::order::OrderId;
use market::time::{Date, Expiration};
use market::value::{Contracts, Money, Price, Shares};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::desk::{GEN, REV, ROOT, date, order, series, symbol};
use super::reference::{Books, Hold};

/// What one step draws on; zero gives the plainest choice.
#[derive(Clone, Debug)]
struct Dice {
    bytes: [u8; 24],
    at: usize,
}

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.at += 1;
        usize::from(self.bytes[(self.at - 1) % self.bytes.len()]) % sides
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())]
    }

    /// Once in `n`.
    fn seldom(&mut self, n: usize) -> bool {
        self.roll(n) == n - 1
    }
}

fn dice() -> impl Strategy<Value = Dice> {
    any::<[u8; 24]>().prop_map(|bytes| Dice { bytes, at: 0 })
}

/// Draws the next entry, mostly one that the books can take.
struct Author<'a> {
    books: &'a Books,
    day: Date,
    dice: Dice,
}

impl Author<'_> {
    fn sleeve(&mut self) -> SleeveId {
        if self.dice.seldom(40) {
            return SleeveId::new(StructureId(9), SleeveKind::Revenue);
        }
        let all: Vec<SleeveId> = self.books.sleeves.keys().copied().collect();
        let busy = [GEN, GEN, GEN, REV];
        if all.is_empty() || !self.dice.seldom(2) { self.dice.one(&busy) } else { self.dice.one(&all) }
    }

    fn structure(&mut self) -> StructureId {
        let all: Vec<StructureId> = self.books.tree.keys().map(|id| StructureId(*id)).collect();
        if self.dice.seldom(30) { StructureId(5) } else { self.dice.one(&all) }
    }

    fn new_structure(&mut self) -> StructureId {
        StructureId(self.dice.one(&[2, 3, 4, 6, 7, 8, 1]))
    }

    /// A structure and mostly the sleeve that it merges into.
    fn merge(&mut self) -> Entry {
        let structure = self.structure();
        let parent = self.books.tree.get(&structure.0).and_then(|(parent, _)| *parent);
        let into = SleeveId::new(StructureId(parent.unwrap_or(1)), SleeveKind::Compounding);
        Entry::Merge { structure, into: if self.dice.seldom(10) { self.sleeve() } else { into } }
    }

    /// A series that the sleeve holds long, if it does.
    fn held(&mut self, sleeve: SleeveId) -> Series {
        let held: Vec<Series> =
            self.books.sleeves.get(&sleeve).map(|b| b.longs.iter().map(|l| l.series).collect()).unwrap_or_default();
        if held.is_empty() || self.dice.seldom(12) { self.new_series() } else { self.dice.one(&held) }
    }

    fn call(&mut self) -> Series {
        let right = if self.dice.seldom(12) { Right::Put } else { Right::Call };
        Series { right, ..self.new_series() }
    }

    fn cross(&mut self, from: SleeveId) -> Entry {
        let (series, to) = (self.series(from), self.sleeve());
        Entry::Cross(Cross {
            series,
            contracts: Contracts(self.quantity(&[1, 1, 2, 3])),
            from,
            to,
            price: self.price(),
            close: self.order(from),
            open: self.order(to),
        })
    }

    fn amount(&mut self) -> Money {
        let plain = [120_000, 50_000, 300_000, 1, 99, 101_050, 2_000_000].map(Money::cents);
        let odd = [
            Money::ZERO,
            Money::cents(-5),
            Money::from_units(7),
            Money::from_units(i64::MAX),
            Money::from_units(i64::MIN),
        ];
        if self.dice.seldom(20) { self.dice.one(&odd) } else { self.dice.one(&plain) }
    }

    fn fees(&mut self) -> Money {
        let odd = [Money::from_units(333), Money::cents(-1), Money::dollars(40), Money::from_units(i64::MAX)];
        if self.dice.seldom(16) { self.dice.one(&odd) } else { Money::cents(self.dice.one(&[0, 70, 141, 5])) }
    }

    fn price(&mut self) -> Price {
        let odd =
            [Price::ZERO, Price::cents(-1), Price::from_units(123), Price::dollars(11), Price::from_units(i64::MAX)];
        if self.dice.seldom(20) { self.dice.one(&odd) } else { Price::cents(self.dice.one(&[50, 20, 1, 133, 7])) }
    }

    fn quantity(&mut self, some: &[i64]) -> i64 {
        let odd = [0, -1, 1_000_000_000, 1_000_000_001, i64::MAX, i64::MIN];
        if self.dice.seldom(25) { self.dice.one(&odd) } else { self.dice.one(some) }
    }

    fn settles(&mut self) -> Date {
        let later = self.dice.one(&[1, 1, 1, 2, 3, 0]);
        let days = if self.dice.seldom(25) { -1 } else { later };
        market::time::date_of_number(market::time::day_number(self.day) + days).unwrap()
    }

    fn symbol(&mut self) -> Symbol {
        symbol(self.dice.one(&["AAPL", "AAPL", "NVDA"]))
    }

    fn new_series(&mut self) -> Series {
        let strike = Price::cents(self.dice.one(&[1_000, 1_050, 1_001, 1_234]));
        let right = self.dice.one(&[Right::Put, Right::Put, Right::Call]);
        let friday = self.dice.one(&["2024-06-14", "2024-06-21", "2024-06-28", "2024-07-05", "2024-07-12"]);
        let strike = if self.dice.seldom(40) {
            self.dice.one(&[Price::ZERO, Price::from_units(1), Price::cents(-1)])
        } else {
            strike
        };
        Series { underlying: self.symbol(), expiration: Expiration(date(friday)), right, strike }
    }

    /// A series that the sleeve has written, if it has.
    fn series(&mut self, sleeve: SleeveId) -> Series {
        let written: Vec<Series> =
            self.books.sleeves.get(&sleeve).map(|b| b.written.iter().map(|w| w.series).collect()).unwrap_or_default();
        if written.is_empty() || self.dice.seldom(12) { self.new_series() } else { self.dice.one(&written) }
    }

    fn new_order(&mut self) -> OrderId {
        order(self.dice.roll(6) as u64)
    }

    fn order(&mut self, sleeve: SleeveId) -> Option<OrderId> {
        let made: Vec<_> = self.books.orders.iter().filter(|(_, (s, _))| *s == sleeve).map(|(o, _)| *o).collect();
        match self.dice.roll(4) {
            0 if !made.is_empty() => Some(self.dice.one(&made)),
            1 => Some(self.new_order()),
            _ => None,
        }
    }

    fn option_trade(&mut self, sleeve: SleeveId, series: Series) -> OptionTrade {
        OptionTrade {
            sleeve,
            series,
            contracts: Contracts(self.quantity(&[1, 1, 2, 3, 7])),
            price: self.price(),
            fees: self.fees(),
            settles: self.settles(),
            order: self.order(sleeve),
        }
    }

    fn share_trade(&mut self, sleeve: SleeveId) -> ShareTrade {
        let prices =
            [Price::cents(1_000), Price::cents(987), Price::cents(1_120), Price::from_units(100_123), self.price()];
        ShareTrade {
            sleeve,
            symbol: self.symbol(),
            shares: Shares(self.quantity(&[100, 100, 200, 33, 7, 1])),
            price: self.dice.one(&prices),
            fees: self.fees(),
            settles: self.settles(),
            order: self.order(sleeve),
        }
    }

    fn leg(trade: OptionTrade) -> Leg {
        trade.leg()
    }

    fn entry(&mut self) -> Entry {
        let sleeve = self.sleeve();
        match self.dice.roll(56) {
            0..=2 => Entry::Deposit {
                structure: if self.dice.seldom(3) { self.structure() } else { ROOT },
                parts: if self.dice.seldom(6) {
                    [0; 3].map(|_| self.amount())
                } else {
                    [self.amount(), Money::ZERO, Money::ZERO]
                },
            },
            3 => Entry::Withdraw { sleeve, amount: self.amount() },
            4 => Entry::Move { from: sleeve, to: self.sleeve(), amount: self.amount() },
            5 | 6 => Entry::Reserve { sleeve, order: self.new_order(), amount: self.amount() },
            7 => Entry::ReserveShares {
                sleeve,
                order: self.new_order(),
                symbol: self.symbol(),
                shares: Shares(self.quantity(&[100, 200, 50])),
            },
            8 => Entry::Release { order: self.order(sleeve).unwrap_or(order(0)) },
            9..=13 => {
                let series = self.new_series();
                Entry::SellToOpen(self.option_trade(sleeve, series))
            }
            14 | 15 => {
                let series = self.series(sleeve);
                Entry::BuyToClose(self.option_trade(sleeve, series))
            }
            16 => {
                let (from, to) = (self.series(sleeve), self.new_series());
                let (close, open) = (self.option_trade(sleeve, from), self.option_trade(sleeve, to));
                Entry::Roll(Roll {
                    sleeve,
                    close: Self::leg(close),
                    open: Self::leg(open),
                    settles: close.settles,
                    order: close.order,
                })
            }
            17 | 18 => {
                Entry::Expire { sleeve, series: self.series(sleeve), contracts: Contracts(self.quantity(&[1, 2, 1])) }
            }
            19..=22 => Entry::Assign(Assignment {
                sleeve,
                series: self.series(sleeve),
                contracts: Contracts(self.quantity(&[1, 1, 2])),
                fees: self.fees(),
                settles: self.settles(),
            }),
            23 | 24 => Entry::BuyShares(self.share_trade(sleeve)),
            25 => {
                let trade = self.share_trade(sleeve);
                let held = self.books.sleeves.get(&sleeve).and_then(|b| b.lots.first()).map(|l| l.symbol);
                Entry::SellShares(ShareTrade { symbol: held.unwrap_or(trade.symbol), ..trade })
            }
            26 => {
                let (shares, per_share) =
                    (Shares(self.quantity(&[100, 33])), Price::from_units(self.dice.one(&[2_475, 2_500, 0])));
                let exact = per_share.units().saturating_mul(shares.0);
                let off = self.dice.one(&[0, 25, -25, 100, -100, 101, -101]);
                let amount = Money::from_units(exact.saturating_add(off));
                Entry::AccrueDividend(Dividend {
                    sleeve,
                    symbol: self.symbol(),
                    shares,
                    per_share,
                    amount,
                    settles: self.settles(),
                })
            }
            27 => Entry::Interest { sleeve, amount: self.amount() },
            28 | 29 => Entry::Settle { through: self.settles() },
            30 => Entry::Split {
                symbol: self.symbol(),
                new_per_old: self.dice.one(&[2, 3, 4, 10, 1, 0, -1, 1_001, 1_000]),
            },
            31..=34 => Entry::Fork {
                from: sleeve,
                structure: self.new_structure(),
                parts: if self.dice.seldom(4) {
                    [0; 2].map(|_| self.amount())
                } else {
                    [150_000, 149_999].map(Money::cents)
                },
            },
            35..=37 => self.merge(),
            38..=40 => {
                let purpose = self.dice.one(&Purpose::ALL);
                Entry::Earmark { sleeve, purpose, amount: self.amount() }
            }
            41 => Entry::ToTaxReserve { sleeve, amount: self.amount() },
            42 => Entry::FromTaxReserve { sleeve, amount: self.amount() },
            43 => Entry::PayTax { structure: self.structure(), amount: self.amount() },
            44 => Entry::TaxReserveInterest { structure: self.structure(), amount: self.amount() },
            45 | 46 => self.cross(sleeve),
            47..=49 => {
                let series = self.call();
                Entry::BuyToOpen(self.option_trade(sleeve, series))
            }
            50 | 51 => {
                let series = self.held(sleeve);
                Entry::SellToClose(self.option_trade(sleeve, series))
            }
            52 => {
                let (series, contracts) = (self.held(sleeve), Contracts(self.quantity(&[1, 2, 1])));
                Entry::ExpireLong { sleeve, series, contracts }
            }
            53 | 54 => Entry::Exercise(Exercise {
                sleeve,
                series: self.held(sleeve),
                contracts: Contracts(self.quantity(&[1, 1, 2])),
                fees: self.fees(),
                settles: self.settles(),
            }),
            _ => Entry::Found {
                structure: self.new_structure(),
                parent: self.dice.one(&[Some(ROOT), None, Some(StructureId(9)), Some(StructureId(2))]),
                sleeves: self.dice.one(&[SleeveKinds::FORKED, SleeveKinds::of(&[])]),
            },
        }
    }
}

/// Sums of the postings of all receipts, by account: debits and credits posted, then pending, and units.
#[derive(Default)]
struct Tape {
    sleeves: BTreeMap<(SleeveId, Role), [i64; 4]>,
    reserves: BTreeMap<(StructureId, ReserveRole), [i64; 4]>,
    units: BTreeMap<Instrument, i64>,
}

impl Tape {
    fn note(&mut self, receipt: &Receipt<'_>) {
        // By sleeve, and by tax reserve.
        let mut sums: BTreeMap<(StructureId, Option<SleeveKind>), [i64; 4]> = BTreeMap::new();
        let mut units: BTreeMap<Instrument, i64> = BTreeMap::new();
        for posting in receipt.postings {
            assert!(!posting.money.is_negative() && posting.units >= 0, "a posting below zero: {posting:?}");
            let side = usize::from(posting.side == Side::Credit);
            let (place, sign) = match posting.phase {
                Phase::Posted => (side, 1),
                Phase::Pending => (2 + side, 1),
                Phase::Released => (2 + side, -1),
            };
            let amount = posting.money.units() * sign;
            let signed = if posting.side == Side::Debit { posting.units } else { -posting.units };
            if let Some(id) = posting.account.sleeve() {
                sums.entry((id.structure, Some(id.kind))).or_default()[place] += amount;
            }
            match posting.account {
                Account::Sleeve(sleeve, role) => self.sleeves.entry((sleeve, role)).or_default()[place] += amount,
                Account::Holding(sleeve, role, held) => {
                    self.sleeves.entry((sleeve, role)).or_default()[place] += amount;
                    *self.units.entry(held).or_default() += signed;
                    *units.entry(held).or_default() += signed;
                }
                Account::Reserve(structure, role) => {
                    sums.entry((structure, None)).or_default()[place] += amount;
                    self.reserves.entry((structure, role)).or_default()[place] += amount;
                }
                Account::Market(held) => {
                    assert_eq!(amount, 0, "the market's side of an instrument holds units alone");
                    *units.entry(held).or_default() += signed;
                }
            }
        }
        for (whose, sums) in sums {
            assert_eq!(sums[0], sums[1], "{whose:?}: debits are not credits");
            assert_eq!(sums[2], sums[3], "{whose:?}: a reservation has one side");
        }
        assert!(units.values().all(|u| *u == 0), "units came from nowhere: {units:?}");
    }

    fn compare(&self, ledger: &Ledger) {
        let booked = |of: Turnover| {
            [of.debits_posted, of.credits_posted, of.debits_pending, of.credits_pending].map(Money::units)
        };
        for sleeve in ledger.sleeves() {
            for role in Role::ALL {
                let taped = self.sleeves.get(&(sleeve, role)).copied().unwrap_or_default();
                assert_eq!(booked(ledger.account(sleeve, role)), taped, "{sleeve} {role:?}");
            }
        }
        for structure in ledger.structures() {
            for role in ReserveRole::ALL {
                let taped = self.reserves.get(&(structure.id, role)).copied().unwrap_or_default();
                assert_eq!(booked(ledger.reserve_account(structure.id, role)), taped, "{structure:?} {role:?}");
            }
        }
        for (instrument, units) in &self.units {
            assert_eq!(ledger.position(*instrument), *units, "{instrument}");
        }
    }
}

fn compare(ledger: &Ledger, books: &Books) {
    let symbols = [symbol("AAPL"), symbol("NVDA")];
    assert!(ledger.sleeves().eq(books.sleeves.keys().copied()));
    let tree = ledger.structures().map(|s| (s.id.0, (s.parent.map(|p| p.0), s.closed)));
    assert!(tree.eq(books.tree.iter().map(|(id, place)| (*id, *place))));
    for (id, reserve) in &books.reserves {
        assert_eq!(ledger.tax_reserve(StructureId(*id)), *reserve, "{id}");
    }
    for (id, book) in &books.sleeves {
        let id = *id;
        assert_eq!(ledger.balance(id), book.balance);
        assert_eq!(ledger.free_cash(id).units(), books.free(id), "{id}");
        assert_eq!(ledger.lots(id), book.lots, "{id}");
        assert_eq!(ledger.written(id), book.written, "{id}");
        assert_eq!(ledger.longs(id), book.longs, "{id}");
        assert!(book.longs.iter().all(|l| ledger.long_contracts(id, &l.series).0 == book.long(&l.series)), "{id}");
        assert_eq!(Purpose::ALL.map(|purpose| ledger.earmark(id, purpose).units()), book.aside, "{id}");
        let held: Vec<_> = symbols.iter().map(|s| (*s, Shares(book.held(*s)))).filter(|(_, n)| n.0 > 0).collect();
        assert!(ledger.holdings(id).eq(held), "{id}");
        for symbol in symbols {
            assert_eq!(ledger.uncovered_shares(id, symbol).0, books.uncovered(id, symbol), "{id} {symbol}");
            assert_eq!(ledger.cash_basis(id, symbol), book.cash_basis(symbol), "{id} {symbol}");
        }
        let mut seen = BTreeSet::new();
        for short in ledger.shorts(id) {
            assert!(seen.insert(short.series), "{} stands twice", short.series);
            assert_eq!(short.contracts.0, book.contracts(&short.series));
        }
        assert_eq!(ledger.shorts(id).map(|s| s.premium).sum::<Money>(), book.balance.options_liability);
        assert_eq!(ledger.shorts(id).map(|s| s.fees).sum::<Money>(), book.written.iter().map(|w| w.fees).sum());
    }
    for n in 0..6 {
        let held = books.orders.get(&order(n)).map(|(_, hold)| match hold {
            Hold::Cash(cash) => *cash,
            Hold::Shares(..) => 0,
        });
        assert_eq!(ledger.reservation(order(n)).map(Money::units), held);
    }
}

fn kind(of: &impl std::fmt::Debug) -> String {
    format!("{of:?}").chars().take_while(|c| c.is_alphanumeric()).collect()
}

/// Plays the steps against both books and notes what was booked and what refused.
fn play(steps: Vec<Dice>, lot_order: LotOrder, met: &mut BTreeSet<String>) {
    let mut ledger = Ledger::new(PortfolioId(1), lot_order);
    let mut books = Books::new(lot_order);
    let mut tape = Tape::default();
    let mut day = date("2024-06-10");
    let root = Entry::Found { structure: ROOT, parent: None, sleeves: SleeveKinds::ROOT };
    let cash = Entry::Deposit { structure: ROOT, parts: [Money::dollars(8_000), Money::dollars(2_500), Money::ZERO] };
    let mut opening = [root, cash].into_iter();
    for mut dice in steps {
        let on = [0, 0, 0, 1, 0, 0, 2][dice.roll(7)];
        day = market::time::date_of_number(market::time::day_number(day) + on).unwrap();
        let entry = opening.next().unwrap_or_else(|| Author { books: &books, day, dice }.entry());
        let before = ledger.clone();
        match (ledger.post(day, &entry), books.post(day, &entry)) {
            (Ok(receipt), Ok(realised)) => {
                assert_eq!(receipt.realised, realised, "{entry:?}");
                tape.note(&receipt);
                met.insert(kind(&entry));
                if let Entry::Merge { .. } = entry {
                    met.extend(receipt.postings.iter().filter_map(|p| match p.account {
                        Account::Sleeve(_, role) | Account::Holding(_, role, _) => Some(format!("merged {role:?}")),
                        Account::Reserve(..) => Some("merged reserve".to_owned()),
                        Account::Market(_) => None,
                    }));
                }
            }
            (Err(error), Err(reason)) => {
                assert_eq!(kind(&error), reason, "{entry:?}: {error}");
                assert!(ledger == before, "a refusal changed the books: {entry:?}");
                met.insert(kind(&error));
            }
            (ours, theirs) => panic!("{day} {entry:?}: {:?}, the reference {:?}", ours.map(|_| ()), theirs.map(|_| ())),
        }
        ledger.audit().unwrap();
        compare(&ledger, &books);
    }
    tape.compare(&ledger);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_entries_agree_with_the_reference(
        steps in proptest::collection::vec(dice(), 1..150),
        fifo: bool,
    ) {
        play(steps, if fifo { LotOrder::Fifo } else { LotOrder::HighestCost }, &mut BTreeSet::new());
    }
}

/// The property above would prove little if the entries drawn were all refused, or none.
#[test]
fn random_entries_meet_every_entry_and_nearly_every_refusal() {
    let mut runner = TestRunner::deterministic();
    let steps = proptest::collection::vec(dice(), 200);
    let mut met = BTreeSet::new();
    for i in 0..200 {
        let order = if i % 2 == 0 { LotOrder::HighestCost } else { LotOrder::Fifo };
        play(steps.new_tree(&mut runner).unwrap().current(), order, &mut met);
    }
    let expected = "Found Deposit Withdraw Move Reserve ReserveShares Release SellToOpen BuyToClose Roll Expire Assign \
        BuyShares SellShares AccrueDividend Interest Settle Split StructureExists OneRoot NoStructure NoSleeves \
        NoSleeve SameSleeve AmountNotPositive AmountNegative Quantity AmountTooLarge Strike PutAboveStrike SplitFactor \
        DividendAmount SettlesBefore Expired NotExpiring ReservedAlready NoReservation WrongReservation \
        SplitWhileReserved SplitStrike NotWritten NotEnoughShares NotEnoughCash Fork Merge Earmark ToTaxReserve \
        FromTaxReserve PayTax TaxReserveInterest Cross BuyToOpen SellToClose ExpireLong Exercise StructureClosed \
        RootMerges NotItsParent LongPut MergeWhileWritten MergeWhileReserved NotHeld NotEnoughReserve";
    let merged = ["Cash", "Receivable", "DividendsReceivable", "Shares", "Long", "Payable", "reserve"];
    let merged = merged.map(|what| format!("merged {what}"));
    let mut expected = expected.split_whitespace().chain(merged.iter().map(String::as_str));
    let missing: Vec<_> = expected.by_ref().filter(|name| !met.contains(*name)).collect();
    assert!(missing.is_empty(), "never drawn: {missing:?}");
}

#[test]
fn the_reference_can_disagree() {
    // A book kept by the wrong order of lots must be told apart.
    let mut ledger = Ledger::new(PortfolioId(1), LotOrder::HighestCost);
    let mut books = Books::new(LotOrder::Fifo);
    let day = date("2024-06-10");
    let share = |shares, price| ShareTrade {
        sleeve: GEN,
        symbol: symbol("AAPL"),
        shares: Shares(shares),
        price: Price::dollars(price),
        fees: Money::ZERO,
        settles: day,
        order: None,
    };
    for entry in [
        Entry::Found { structure: ROOT, parent: None, sleeves: SleeveKinds::ROOT },
        Entry::Deposit { structure: ROOT, parts: [Money::dollars(10_000); 3] },
        Entry::BuyShares(share(1, 10)),
        Entry::BuyShares(share(1, 20)),
    ] {
        ledger.post(day, &entry).unwrap();
        books.post(day, &entry).unwrap();
    }
    let sale = Entry::SellShares(share(1, 15));
    assert_ne!(ledger.post(day, &sale).unwrap().realised, books.post(day, &sale).unwrap());
    assert_eq!(ledger.position(Instrument::Option(series("AAPL 2024-06-14 10 put"))), 0);
}
