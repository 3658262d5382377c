//! Random entries, sound and unsound: the ledger against the naive books of `reference`.

use std::collections::{BTreeMap, BTreeSet};

use ledger::account::{Account, Instrument, Role, Side};
use ledger::entry::{Assignment, Dividend, Leg, OptionTrade, Roll, ShareTrade};
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
    bytes: [u8; 20],
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
    any::<[u8; 20]>().prop_map(|bytes| Dice { bytes, at: 0 })
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
        if all.is_empty() || !self.dice.seldom(8) { self.dice.one(&busy) } else { self.dice.one(&all) }
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
        match self.dice.roll(32) {
            0..=2 => Entry::Deposit {
                structure: if self.dice.seldom(30) { StructureId(5) } else { ROOT },
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
            25 => Entry::SellShares(self.share_trade(sleeve)),
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
            _ => Entry::Found {
                structure: StructureId(self.dice.one(&[2, 1, 3])),
                parent: self.dice.one(&[Some(ROOT), None, Some(StructureId(7)), Some(StructureId(2))]),
                sleeves: self.dice.one(&[SleeveKinds::FORKED, SleeveKinds::of(&[])]),
            },
        }
    }
}

/// Sums of the postings of all receipts, by account: debits and credits posted, then pending, and units.
#[derive(Default)]
struct Tape(BTreeMap<(SleeveId, Role), [i64; 4]>, BTreeMap<Instrument, i64>);

impl Tape {
    fn note(&mut self, receipt: &Receipt<'_>) {
        let mut sums: BTreeMap<SleeveId, [i64; 4]> = BTreeMap::new();
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
            match posting.account.sleeve() {
                Some(sleeve) => sums.entry(sleeve).or_default()[place] += amount,
                None => assert_eq!(amount, 0, "the market's side of an instrument holds units alone"),
            }
            let signed = if posting.side == Side::Debit { posting.units } else { -posting.units };
            match posting.account {
                Account::Sleeve(sleeve, role) => self.0.entry((sleeve, role)).or_default()[place] += amount,
                Account::Holding(sleeve, role, held) => {
                    self.0.entry((sleeve, role)).or_default()[place] += amount;
                    *self.1.entry(held).or_default() += signed;
                    *units.entry(held).or_default() += signed;
                }
                Account::Reserve(..) => {}
                Account::Market(held) => *units.entry(held).or_default() += signed,
            }
        }
        for (sleeve, sums) in sums {
            assert_eq!(sums[0], sums[1], "{sleeve}: debits are not credits");
            assert_eq!(sums[2], sums[3], "{sleeve}: a reservation has one side");
        }
        assert!(units.values().all(|u| *u == 0), "units came from nowhere: {units:?}");
    }

    fn compare(&self, ledger: &Ledger) {
        for sleeve in ledger.sleeves() {
            for role in Role::ALL {
                let account = ledger.account(sleeve, role);
                let booked =
                    [account.debits_posted, account.credits_posted, account.debits_pending, account.credits_pending];
                let taped = self.0.get(&(sleeve, role)).copied().unwrap_or_default();
                assert_eq!(booked.map(Money::units), taped, "{sleeve} {role:?}");
            }
        }
        for (instrument, units) in &self.1 {
            assert_eq!(ledger.position(*instrument), *units, "{instrument}");
        }
    }
}

fn compare(ledger: &Ledger, books: &Books) {
    let symbols = [symbol("AAPL"), symbol("NVDA")];
    assert!(ledger.sleeves().eq(books.sleeves.keys().copied()));
    assert!(ledger.structures().map(|s| (s.id.0, s.parent.map(|p| p.0))).eq(books.tree.iter().map(|(s, p)| (*s, *p))));
    for (id, book) in &books.sleeves {
        let id = *id;
        assert_eq!(ledger.balance(id), book.balance);
        assert_eq!(ledger.free_cash(id).units(), books.free(id), "{id}");
        assert_eq!(ledger.lots(id), book.lots, "{id}");
        assert_eq!(ledger.written(id), book.written, "{id}");
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
    for i in 0..60 {
        let order = if i % 2 == 0 { LotOrder::HighestCost } else { LotOrder::Fifo };
        play(steps.new_tree(&mut runner).unwrap().current(), order, &mut met);
    }
    let expected = "Found Deposit Withdraw Move Reserve ReserveShares Release SellToOpen BuyToClose Roll Expire Assign \
        BuyShares SellShares AccrueDividend Interest Settle Split StructureExists OneRoot NoStructure NoSleeves \
        NoSleeve SameSleeve AmountNotPositive AmountNegative Quantity AmountTooLarge Strike PutAboveStrike SplitFactor \
        DividendAmount SettlesBefore Expired NotExpiring ReservedAlready NoReservation WrongReservation \
        SplitWhileReserved SplitStrike NotWritten NotEnoughShares NotEnoughCash";
    let missing: Vec<_> = expected.split_whitespace().filter(|name| !met.contains(*name)).collect();
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
