//! The same books kept naively: signed balances, everything counted anew at every question, each entry first booked on
//! a copy and then judged. It shares no code with the ledger but the plain data that goes in and comes out.

mod growth;

use std::collections::{BTreeMap, BTreeSet};

use ledger::account::Instrument;
use ledger::entry::{Assignment, Dividend, Leg, OptionTrade, Roll, ShareTrade};
use ledger::receipt::Ending;
use ledger::*;
use market::instrument::{Right, Series, Symbol};
use market::order::OrderId;
use market::time::Date;
use market::value::{Contracts, Money, Price, Shares};

/// The name of the ledger's reason.
pub(super) type Refusal = &'static str;
type Booked<T = ()> = Result<T, Refusal>;

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Hold {
    Cash(i64),
    Shares(Symbol, i64),
}

#[derive(Clone, Default)]
pub(super) struct Books {
    lot_order: LotOrder,
    /// Parent, and the day of a merge.
    pub(super) tree: BTreeMap<u32, (Option<u32>, Option<Date>)>,
    pub(super) reserves: BTreeMap<u32, TaxReserve>,
    pub(super) sleeves: BTreeMap<SleeveId, Book>,
    pub(super) orders: BTreeMap<OrderId, (SleeveId, Hold)>,
    last_lot: u64,
    realised: Vec<Realised>,
}

#[derive(Clone, Default)]
pub(super) struct Book {
    pub(super) balance: SleeveBalance,
    /// Amount by date and kind: receipts 0, dividends 1, payments 2.
    due: BTreeMap<(Date, u8), i64>,
    pub(super) lots: Vec<Lot>,
    pub(super) written: Vec<Written>,
    pub(super) longs: Vec<Long>,
    /// Set aside for LEAPS, a fork, a merge.
    pub(super) aside: [i64; 3],
    /// Paid, premium, and the day of a buy-back that left nothing.
    chain: BTreeMap<Symbol, (i64, i64, Option<Date>)>,
}

fn add(to: &mut Money, units: i64) {
    *to += Money::from_units(units);
}

fn part(amount: i64, n: i64, of: i64) -> i64 {
    let exact = i128::from(amount) * i128::from(n);
    if n == of { amount } else { i64::try_from(exact / (i128::from(of) * 100)).unwrap() * 100 }
}

fn floor(amount: i64, n: i64, of: i64) -> i64 {
    i64::try_from((i128::from(amount) * i128::from(n)).div_euclid(i128::from(of))).unwrap()
}

fn demand(holds: bool, otherwise: Refusal) -> Booked {
    if holds { Ok(()) } else { Err(otherwise) }
}

const LARGEST: i128 = 1_000_000_000_000_000;

fn small(amounts: &[i128]) -> Booked {
    demand(amounts.iter().all(|a| *a <= LARGEST), "AmountTooLarge")
}

fn product(price: Price, n: i64) -> i128 {
    i128::from(price.units()) * i128::from(n)
}

impl Book {
    pub(super) fn held(&self, symbol: Symbol) -> i64 {
        self.lots.iter().filter(|l| l.symbol == symbol).map(|l| l.shares.0).sum()
    }

    fn written_on(&self, symbol: Symbol) -> impl Iterator<Item = &Written> {
        self.written.iter().filter(move |w| w.series.underlying == symbol)
    }

    pub(super) fn long(&self, series: &Series) -> i64 {
        self.longs.iter().filter(|l| l.series == *series).map(|l| l.contracts.0).sum()
    }

    pub(super) fn contracts(&self, series: &Series) -> i64 {
        self.written.iter().filter(|w| w.series == *series).map(|w| w.contracts.0).sum()
    }

    fn flat(&self, symbol: Symbol) -> bool {
        self.held(symbol) == 0 && self.written_on(symbol).next().is_none()
    }

    fn sum_due(&self, kind: u8) -> i64 {
        self.due.iter().filter(|((_, k), _)| *k == kind).map(|(_, a)| a).sum()
    }

    fn begin(&mut self, day: Date, symbol: Symbol) {
        let flat = self.flat(symbol);
        let chain = self.chain.entry(symbol).or_default();
        if flat && chain.2 != Some(day) {
            *chain = (0, 0, None);
        }
        chain.2 = None;
    }

    fn begin_anew(&mut self, day: Date, symbol: Symbol) {
        self.end(symbol, None);
        self.begin(day, symbol);
    }

    fn end(&mut self, symbol: Symbol, rolling: Option<Date>) {
        if self.flat(symbol) {
            self.chain.entry(symbol).or_default().2 = rolling;
        }
    }

    pub(super) fn cash_basis(&self, symbol: Symbol) -> Option<(Money, Shares)> {
        let (paid, premium, _) = self.chain.get(&symbol)?;
        let held = self.held(symbol);
        (held > 0).then(|| (Money::from_units(paid - premium), Shares(held)))
    }

    fn flow(&mut self, settles: Date, net: i64, incoming: u8) {
        match net.signum() {
            1 => *self.due.entry((settles, incoming)).or_default() += net,
            -1 => *self.due.entry((settles, 2)).or_default() -= net,
            _ => {}
        }
    }

    /// Takes `n` contracts out, the oldest first.
    fn take_written(&mut self, series: &Series, n: i64) -> Vec<Written> {
        let (mut left, mut taken, mut kept) = (n, Vec::new(), Vec::new());
        for w in std::mem::take(&mut self.written) {
            let k = if w.series == *series { left.min(w.contracts.0) } else { 0 };
            if k == 0 {
                kept.push(w);
                continue;
            }
            left -= k;
            let split = |amount: Money| Money::from_units(part(amount.units(), k, w.contracts.0));
            let (premium, fees, received) = (split(w.premium), split(w.fees), split(w.received));
            taken.push(Written { contracts: Contracts(k), premium, fees, received, ..w });
            if k < w.contracts.0 {
                kept.push(Written {
                    contracts: Contracts(w.contracts.0 - k),
                    premium: w.premium - premium,
                    fees: w.fees - fees,
                    received: w.received - received,
                    ..w
                });
            }
        }
        assert_eq!(left, 0);
        self.written = kept;
        taken
    }

    /// Takes `n` shares out, by the standing order of lots.
    fn take_lots(&mut self, symbol: Symbol, n: i64, order: LotOrder) -> Vec<Lot> {
        let cost = |l: &Lot| (l.paid.units() - l.premium.units() + l.fees.units()) as i128;
        let mut queue: Vec<usize> = (0..self.lots.len()).filter(|i| self.lots[*i].symbol == symbol).collect();
        queue.sort_by(|a, b| {
            let (x, y) = (&self.lots[*a], &self.lots[*b]);
            let dearer = (cost(y) * i128::from(x.shares.0)).cmp(&(cost(x) * i128::from(y.shares.0)));
            let age = (x.acquired, x.id).cmp(&(y.acquired, y.id));
            if order == LotOrder::Fifo { age } else { dearer.then(age) }
        });
        let (mut left, mut taken) = (n, Vec::new());
        for i in queue {
            let lot = self.lots[i];
            let k = left.min(lot.shares.0);
            if k == 0 {
                break;
            }
            left -= k;
            let split = |amount: Money| Money::from_units(part(amount.units(), k, lot.shares.0));
            let out = Lot {
                shares: Shares(k),
                paid: split(lot.paid),
                premium: split(lot.premium),
                fees: split(lot.fees),
                ..lot
            };
            self.lots[i] = Lot {
                shares: Shares(lot.shares.0 - k),
                paid: lot.paid - out.paid,
                premium: lot.premium - out.premium,
                fees: lot.fees - out.fees,
                ..lot
            };
            taken.push(out);
        }
        assert_eq!(left, 0);
        self.lots.retain(|l| l.shares.0 > 0);
        taken
    }
}

impl Books {
    pub(super) fn new(lot_order: LotOrder) -> Self {
        Books { lot_order, ..Books::default() }
    }

    /// Books an entry, or says why not.
    pub(super) fn post(&mut self, day: Date, entry: &Entry) -> Booked<Vec<Realised>> {
        let mut next = self.clone();
        next.realised.clear();
        next.book(day, entry)?;
        for book in next.sleeves.values_mut() {
            book.balance.receivable = Money::from_units(book.sum_due(0));
            book.balance.dividends_receivable = Money::from_units(book.sum_due(1));
            book.balance.payable = Money::from_units(book.sum_due(2));
            book.balance.shares_cost = book.lots.iter().map(|l| l.paid - l.premium).sum();
            book.balance.longs_cost = book.longs.iter().map(|l| l.cost).sum();
            book.balance.options_liability = book.written.iter().map(|w| w.premium).sum();
        }
        let reserved: Vec<_> = next.sleeves.keys().map(|s| (*s, next.reserved(*s))).collect();
        for (sleeve, reserved) in reserved {
            next.sleeves.get_mut(&sleeve).unwrap().balance.reserved = Money::from_units(reserved);
        }
        *self = next;
        Ok(self.realised.clone())
    }

    pub(super) fn reserved(&self, sleeve: SleeveId) -> i64 {
        let book = &self.sleeves[&sleeve];
        let orders = self.orders.values().filter(|(s, _)| *s == sleeve).map(|(_, hold)| match hold {
            Hold::Cash(cash) => *cash,
            Hold::Shares(..) => 0,
        });
        let puts = book.written.iter().filter(|w| w.series.right == Right::Put);
        let collateral = puts.map(|w| w.series.strike.units() * 100 * w.contracts.0).sum::<i64>();
        orders.sum::<i64>() + collateral + book.sum_due(2) + book.aside.iter().sum::<i64>()
    }

    pub(super) fn free(&self, sleeve: SleeveId) -> i64 {
        self.sleeves[&sleeve].balance.settled.units() - self.reserved(sleeve)
    }

    pub(super) fn uncovered(&self, sleeve: SleeveId, symbol: Symbol) -> i64 {
        let book = &self.sleeves[&sleeve];
        let orders = self.orders.values().map(|(s, hold)| match hold {
            Hold::Shares(held, n) if *s == sleeve && *held == symbol => *n,
            _ => 0,
        });
        let calls = book.written_on(symbol).filter(|w| w.series.right == Right::Call).map(|w| w.contracts.0 * 100);
        book.held(symbol) - calls.sum::<i64>() - orders.sum::<i64>()
    }

    fn exists(&self, sleeve: SleeveId) -> Booked {
        demand(self.sleeves.contains_key(&sleeve), "NoSleeve")?;
        demand(self.is_open(sleeve.structure), "StructureClosed")
    }

    fn is_open(&self, structure: StructureId) -> bool {
        self.tree.get(&structure.0).is_some_and(|(_, closed)| closed.is_none())
    }

    fn stands(&self, structure: StructureId) -> Booked {
        demand(self.tree.contains_key(&structure.0), "NoStructure")?;
        demand(self.is_open(structure), "StructureClosed")
    }

    fn reserve(&mut self, structure: StructureId) -> &mut TaxReserve {
        self.reserves.get_mut(&structure.0).unwrap()
    }

    /// A sleeve whose cash has left must have had it.
    fn judge_paid(&self, sleeve: SleeveId) -> Booked {
        demand(self.free(sleeve) >= 0, "NotEnoughCash")
    }

    fn sleeve(&mut self, sleeve: SleeveId) -> &mut Book {
        self.sleeves.get_mut(&sleeve).unwrap()
    }

    /// Judges what an entry left: neither shares nor cash may be promised twice, unless cash was short before and is no
    /// shorter now.
    fn judge(&self, before: &Books, sleeve: SleeveId) -> Booked {
        for symbol in self.sleeves[&sleeve].chain.keys() {
            demand(self.uncovered(sleeve, *symbol) >= 0, "NotEnoughShares")?;
        }
        let free = self.free(sleeve);
        demand(free >= 0 || free >= before.free(sleeve), "NotEnoughCash")
    }

    fn draw(&mut self, sleeve: SleeveId, order: Option<OrderId>, cash: i64, shares: Option<(Symbol, i64)>) -> Booked {
        let Some(order) = order else { return Ok(()) };
        let Some((owner, hold)) = self.orders.get_mut(&order) else { return Ok(()) };
        demand(*owner == sleeve, "WrongReservation")?;
        let left = match (hold, shares) {
            (Hold::Cash(held), _) => {
                *held -= cash.min(*held);
                *held
            }
            (Hold::Shares(symbol, held), Some((wanted, n))) if *symbol == wanted => {
                *held -= n.min(*held);
                *held
            }
            _ => return Err("WrongReservation"),
        };
        if left == 0 {
            self.orders.remove(&order);
        }
        Ok(())
    }

    fn realise(&mut self, realised: Realised) {
        self.sleeve(realised.sleeve).balance.realised += realised.proceeds - realised.basis;
        self.realised.push(realised);
    }

    fn book(&mut self, day: Date, entry: &Entry) -> Booked {
        let before = self.clone();
        match *entry {
            Entry::Found { structure, parent, sleeves } => {
                demand(!self.tree.contains_key(&structure.0), "StructureExists")?;
                demand(parent.is_none() == self.tree.is_empty(), "OneRoot")?;
                parent.map_or(Ok(()), |p| self.stands(p))?;
                demand(!sleeves.is_empty(), "NoSleeves")?;
                self.found(structure, parent, &SleeveKind::ALL.map(|k| sleeves.contains(k)));
                Ok(())
            }
            Entry::Fork { from, structure, parts } => self.fork(from, structure, parts),
            Entry::Merge { structure, into } => self.merge(day, structure, into, &before),
            Entry::Earmark { sleeve, purpose, amount } => {
                self.exists(sleeve)?;
                demand(!amount.is_negative(), "AmountNegative")?;
                small(&[amount.units().into()])?;
                self.sleeve(sleeve).aside[purpose as usize] = amount.units();
                self.judge(&before, sleeve)
            }
            Entry::ToTaxReserve { sleeve, amount } => {
                self.exists(sleeve)?;
                demand(amount.is_positive(), "AmountNotPositive")?;
                small(&[amount.units().into()])?;
                self.sleeve(sleeve).balance.settled -= amount;
                self.sleeve(sleeve).balance.moved_out += amount;
                self.reserve(sleeve.structure).moved_in += amount;
                self.judge_reserve(sleeve.structure)?;
                self.judge_paid(sleeve)
            }
            Entry::FromTaxReserve { sleeve, amount } => {
                self.exists(sleeve)?;
                demand(amount.is_positive(), "AmountNotPositive")?;
                small(&[amount.units().into()])?;
                self.sleeve(sleeve).balance.settled += amount;
                self.sleeve(sleeve).balance.moved_in += amount;
                self.reserve(sleeve.structure).moved_out += amount;
                self.judge_reserve(sleeve.structure)
            }
            Entry::PayTax { structure, amount } => {
                self.stands(structure)?;
                demand(amount.is_positive(), "AmountNotPositive")?;
                small(&[amount.units().into()])?;
                self.reserve(structure).taxes += amount;
                self.judge_reserve(structure)
            }
            Entry::TaxReserveInterest { structure, amount } => {
                self.stands(structure)?;
                demand(amount.is_positive(), "AmountNotPositive")?;
                small(&[amount.units().into()])?;
                self.reserve(structure).interest += amount;
                self.judge_reserve(structure)
            }
            Entry::Deposit { structure, parts } => {
                self.stands(structure)?;
                let sleeves = SleeveKind::ALL.map(|kind| SleeveId { structure, kind });
                for (sleeve, amount) in sleeves.into_iter().zip(parts) {
                    demand(amount == Money::ZERO || self.sleeves.contains_key(&sleeve), "NoSleeve")?;
                }
                demand(parts != [Money::ZERO; 3], "AmountNotPositive")?;
                demand(parts.iter().all(|p| !p.is_negative()), "AmountNegative")?;
                small(&parts.map(|p| p.units().into()))?;
                for (sleeve, amount) in sleeves.into_iter().zip(parts).filter(|(_, a)| a.is_positive()) {
                    self.sleeve(sleeve).balance.settled += amount;
                    self.sleeve(sleeve).balance.contributed += amount;
                }
                Ok(())
            }
            Entry::Withdraw { sleeve, amount } => {
                self.exists(sleeve)?;
                demand(amount.is_positive(), "AmountNotPositive")?;
                small(&[amount.units().into()])?;
                self.sleeve(sleeve).balance.settled -= amount;
                self.sleeve(sleeve).balance.withdrawn += amount;
                self.judge(&before, sleeve)
            }
            Entry::Move { from, to, amount } => {
                self.exists(from).and(self.exists(to))?;
                demand(from != to, "SameSleeve")?;
                demand(amount.is_positive(), "AmountNotPositive")?;
                small(&[amount.units().into()])?;
                self.give(from, to, amount);
                self.judge(&before, from)
            }
            Entry::Reserve { sleeve, order, amount } => {
                self.exists(sleeve)?;
                demand(amount.is_positive(), "AmountNotPositive")?;
                small(&[amount.units().into()])?;
                demand(!self.orders.contains_key(&order), "ReservedAlready")?;
                self.orders.insert(order, (sleeve, Hold::Cash(amount.units())));
                self.judge(&before, sleeve)
            }
            Entry::ReserveShares { sleeve, order, symbol, shares } => {
                self.exists(sleeve)?;
                demand((1..=1_000_000_000).contains(&shares.0), "Quantity")?;
                demand(!self.orders.contains_key(&order), "ReservedAlready")?;
                demand(shares.0 <= self.uncovered(sleeve, symbol), "NotEnoughShares")?;
                self.orders.insert(order, (sleeve, Hold::Shares(symbol, shares.0)));
                Ok(())
            }
            Entry::Release { order } => self.orders.remove(&order).map(|_| ()).ok_or("NoReservation"),
            Entry::SellToOpen(OptionTrade { sleeve, settles, order, .. }) => {
                let Entry::SellToOpen(trade) = entry else { unreachable!() };
                self.exists(sleeve)?;
                let leg = trade.leg();
                check_leg(&leg, true)?;
                check_days(day, settles, &leg.series)?;
                let net = leg.price.units() * leg.contracts.0 * 100 - leg.fees.units();
                self.draw_for(sleeve, order, &leg, net)?;
                self.write(day, sleeve, &leg);
                self.sleeve(sleeve).flow(settles, net, 0);
                self.judge(&before, sleeve)
            }
            Entry::BuyToClose(OptionTrade { sleeve, settles, order, .. }) => {
                let Entry::BuyToClose(trade) = entry else { unreachable!() };
                self.exists(sleeve)?;
                let leg = trade.leg();
                check_leg(&leg, false)?;
                check_days(day, settles, &leg.series)?;
                let cost = leg.price.units() * leg.contracts.0 * 100 + leg.fees.units();
                self.draw(sleeve, order, cost, None)?;
                self.buy_back(day, sleeve, &leg)?;
                self.sleeve(sleeve).flow(settles, -cost, 0);
                self.judge(&before, sleeve)
            }
            Entry::Roll(Roll { sleeve, close, open, settles, order }) => {
                self.exists(sleeve)?;
                check_leg(&close, false)?;
                check_leg(&open, true)?;
                check_days(day, settles, &close.series)?;
                check_days(day, settles, &open.series)?;
                let value = |leg: &Leg| leg.price.units() * leg.contracts.0 * 100;
                let net = value(&open) - value(&close) - open.fees.units() - close.fees.units();
                demand(self.sleeves[&sleeve].contracts(&close.series) >= close.contracts.0, "NotWritten")?;
                self.draw_for(sleeve, order, &open, net)?;
                self.buy_back(day, sleeve, &close)?;
                self.write(day, sleeve, &open);
                self.sleeve(sleeve).flow(settles, net, 0);
                self.judge(&before, sleeve)
            }
            Entry::Expire { sleeve, series, contracts } => {
                self.exists(sleeve)?;
                demand((1..=1_000_000_000).contains(&contracts.0), "Quantity")?;
                demand(day >= series.expiration.0, "NotExpiring")?;
                let leg = Leg { series, contracts, price: Price::ZERO, fees: Money::ZERO };
                self.close(day, sleeve, &leg, Ending::Expired)?;
                self.sleeve(sleeve).end(series.underlying, None);
                Ok(())
            }
            Entry::Assign(ref assignment) => self.assign(day, assignment),
            Entry::Cross(ref cross) => self.cross(day, cross, &before),
            Entry::BuyToOpen(ref trade) => self.buy_to_open(day, trade, &before),
            Entry::SellToClose(trade) => {
                let OptionTrade { sleeve, series, contracts, fees, settles, order, .. } = trade;
                self.exists(sleeve)?;
                let gross = check_long(day, &trade)?;
                let net = gross - fees.units();
                self.draw(sleeve, order, (-net).max(0), None)?;
                self.end_long(day, sleeve, &series, contracts.0, gross, fees.units(), Ending::LongSold)?;
                self.sleeve(sleeve).flow(settles, net, 0);
                self.judge(&before, sleeve)
            }
            Entry::ExpireLong { sleeve, series, contracts } => {
                self.exists(sleeve)?;
                demand((1..=1_000_000_000).contains(&contracts.0), "Quantity")?;
                demand(day >= series.expiration.0, "NotExpiring")?;
                self.end_long(day, sleeve, &series, contracts.0, 0, 0, Ending::LongExpired)
            }
            Entry::Exercise(ref exercise) => self.exercise(day, exercise, &before),
            Entry::BuyShares(ref trade) => self.buy_shares(day, trade, &before),
            Entry::SellShares(ref trade) => {
                let ShareTrade { sleeve, symbol, shares, price, fees, settles, order } = *trade;
                self.exists(sleeve)?;
                check_shares(day, trade)?;
                let net = price.units() * shares.0 - fees.units();
                self.draw(sleeve, order, (-net).max(0), Some((symbol, shares.0)))?;
                demand(self.uncovered(sleeve, symbol) >= shares.0, "NotEnoughShares")?;
                self.deliver(day, sleeve, symbol, shares.0, net + fees.units(), fees.units(), Ending::Sold);
                self.sleeve(sleeve).flow(settles, net, 0);
                add(&mut self.sleeve(sleeve).balance.fees, fees.units());
                self.judge(&before, sleeve)
            }
            Entry::AccrueDividend(Dividend { sleeve, shares, per_share, amount, settles, .. }) => {
                self.exists(sleeve)?;
                demand(per_share > Price::ZERO && amount.is_positive(), "AmountNotPositive")?;
                demand((1..=1_000_000_000).contains(&shares.0), "Quantity")?;
                small(&[amount.units().into(), product(per_share, shares.0)])?;
                let rounding = amount.units() - per_share.units() * shares.0;
                demand(rounding.abs() <= 100, "DividendAmount")?;
                demand(settles >= day, "SettlesBefore")?;
                let book = self.sleeve(sleeve);
                add(&mut book.balance.dividends, amount.units() - rounding);
                add(&mut book.balance.rounding, rounding);
                book.flow(settles, amount.units(), 1);
                Ok(())
            }
            Entry::Interest { sleeve, amount } => {
                self.exists(sleeve)?;
                demand(amount.is_positive(), "AmountNotPositive")?;
                small(&[amount.units().into()])?;
                self.sleeve(sleeve).balance.settled += amount;
                self.sleeve(sleeve).balance.interest += amount;
                Ok(())
            }
            Entry::Settle { through } => {
                for book in self.sleeves.values_mut() {
                    for kind in 0..=2 {
                        let due: Vec<_> = book.due.range(..=(through, 2)).filter(|((_, k), _)| *k == kind).collect();
                        let due: Vec<_> = due.into_iter().map(|(k, a)| (*k, *a)).collect();
                        for (key, amount) in due {
                            let signed = if kind == 2 { -amount } else { amount };
                            if book.balance.settled.units() + signed >= 0 {
                                book.due.remove(&key);
                                add(&mut book.balance.settled, signed);
                            }
                        }
                    }
                }
                Ok(())
            }
            Entry::Split { symbol, new_per_old } => self.split(symbol, new_per_old),
        }
    }

    /// Takes from the reservation what writing a leg needs, cash or shares.
    fn draw_for(&mut self, sleeve: SleeveId, order: Option<OrderId>, leg: &Leg, net: i64) -> Booked {
        let owed = (-net).max(0);
        match leg.series.right {
            Right::Put => self.draw(sleeve, order, leg.series.strike.units() * 100 * leg.contracts.0 + owed, None),
            Right::Call => self.draw(sleeve, order, owed, Some((leg.series.underlying, leg.contracts.0 * 100))),
        }
    }

    fn write(&mut self, day: Date, sleeve: SleeveId, leg: &Leg) {
        self.last_lot += 1;
        let id = LotId(self.last_lot);
        let premium = leg.price.units() * leg.contracts.0 * 100;
        let book = self.sleeve(sleeve);
        book.begin(day, leg.series.underlying);
        book.chain.get_mut(&leg.series.underlying).unwrap().1 += premium;
        add(&mut book.balance.fees, leg.fees.units());
        book.written.push(Written {
            id,
            series: leg.series,
            contracts: leg.contracts,
            opened: day,
            premium: Money::from_units(premium),
            fees: leg.fees,
            received: Money::from_units(premium),
        });
    }

    fn buy_back(&mut self, day: Date, sleeve: SleeveId, leg: &Leg) -> Booked {
        self.close(day, sleeve, leg, Ending::BoughtBack)?;
        let (symbol, cost) = (leg.series.underlying, leg.price.units() * leg.contracts.0 * 100);
        let book = self.sleeve(sleeve);
        book.chain.get_mut(&symbol).unwrap().1 -= cost;
        book.end(symbol, Some(day));
        add(&mut book.balance.fees, leg.fees.units());
        Ok(())
    }

    fn close(&mut self, day: Date, sleeve: SleeveId, leg: &Leg, ending: Ending) -> Booked {
        demand(self.sleeves[&sleeve].contracts(&leg.series) >= leg.contracts.0, "NotWritten")?;
        let (mut fees, mut left) = (leg.fees.units(), leg.contracts.0);
        for out in self.sleeve(sleeve).take_written(&leg.series, leg.contracts.0) {
            let (cost, fee) = (leg.price.units() * out.contracts.0 * 100, part(fees, out.contracts.0, left));
            add(&mut self.sleeve(sleeve).balance.premium, out.premium.units() - cost);
            self.realise(Realised {
                sleeve,
                lot: out.id,
                instrument: Instrument::Option(leg.series),
                ending,
                quantity: out.contracts.0,
                opened: out.opened,
                closed: day,
                proceeds: out.premium - out.fees,
                basis: Money::from_units(cost + fee),
                fees: out.fees + Money::from_units(fee),
            });
            (fees, left) = (fees - fee, left - out.contracts.0);
        }
        Ok(())
    }

    fn assign(&mut self, day: Date, assignment: &Assignment) -> Booked {
        let Assignment { sleeve, series, contracts, fees, settles } = *assignment;
        self.exists(sleeve)?;
        demand(!fees.is_negative(), "AmountNegative")?;
        demand((1..=1_000_000_000).contains(&contracts.0), "Quantity")?;
        small(&[fees.units().into(), product(series.strike, contracts.0 * 100)])?;
        demand(settles >= day, "SettlesBefore")?;
        demand(day <= series.expiration.0, "Expired")?;
        demand(self.sleeves[&sleeve].contracts(&series) >= contracts.0, "NotWritten")?;
        let (symbol, shares) = (series.underlying, contracts.0 * 100);
        let strikes = series.strike.units() * shares;
        let gone = self.sleeve(sleeve).take_written(&series, contracts.0);
        let premium: i64 = gone.iter().map(|w| w.premium.units()).sum();
        let all_fees = gone.iter().map(|w| w.fees.units()).sum::<i64>() + fees.units();
        add(&mut self.sleeve(sleeve).balance.fees, fees.units());
        if series.right == Right::Call {
            self.deliver(day, sleeve, symbol, shares, strikes + premium, all_fees, Ending::CalledAway);
            self.sleeve(sleeve).flow(settles, strikes - fees.units(), 0);
            return Ok(());
        }
        self.last_lot += 1;
        let lot = Lot {
            id: LotId(self.last_lot),
            symbol,
            shares: Shares(shares),
            acquired: day,
            settles,
            paid: Money::from_units(strikes),
            premium: Money::from_units(premium),
            fees: Money::from_units(all_fees),
        };
        let book = self.sleeve(sleeve);
        book.lots.push(lot);
        book.chain.get_mut(&symbol).unwrap().0 += strikes;
        book.flow(settles, -(strikes + fees.units()), 0);
        Ok(())
    }

    fn buy_shares(&mut self, day: Date, trade: &ShareTrade, before: &Books) -> Booked {
        let ShareTrade { sleeve, symbol, shares, price, fees, settles, order } = *trade;
        self.exists(sleeve)?;
        check_shares(day, trade)?;
        let paid = price.units() * shares.0;
        self.draw(sleeve, order, paid + fees.units(), None)?;
        self.last_lot += 1;
        let (id, premium) = (LotId(self.last_lot), Money::ZERO);
        let book = self.sleeve(sleeve);
        book.begin(day, symbol);
        book.chain.get_mut(&symbol).unwrap().0 += paid;
        book.lots.push(Lot {
            id,
            symbol,
            shares,
            acquired: day,
            settles,
            paid: Money::from_units(paid),
            premium,
            fees,
        });
        book.flow(settles, -(paid + fees.units()), 0);
        add(&mut book.balance.fees, fees.units());
        self.judge(before, sleeve)
    }

    #[expect(clippy::too_many_arguments)]
    fn deliver(
        &mut self,
        day: Date,
        sleeve: SleeveId,
        symbol: Symbol,
        shares: i64,
        income: i64,
        fees: i64,
        ending: Ending,
    ) {
        let order = self.lot_order;
        let book = self.sleeve(sleeve);
        let held = book.held(symbol);
        let (mut income, mut fees, mut left) = (income, fees, shares);
        for lot in book.take_lots(symbol, shares, order) {
            let (gross, fee) = (part(income, lot.shares.0, left), part(fees, lot.shares.0, left));
            let gain = gross - (lot.paid - lot.premium).units();
            add(&mut self.sleeve(sleeve).balance.share_gains, gain);
            self.realise(Realised {
                sleeve,
                lot: lot.id,
                instrument: Instrument::Shares(symbol),
                ending,
                quantity: lot.shares.0,
                opened: lot.acquired,
                closed: day,
                proceeds: Money::from_units(gross - fee),
                basis: lot.paid - lot.premium + lot.fees,
                fees: lot.fees + Money::from_units(fee),
            });
            (income, fees, left) = (income - gross, fees - fee, left - lot.shares.0);
        }
        let book = self.sleeve(sleeve);
        let open = book.written_on(symbol).map(|w| w.received.units()).sum();
        let chain = book.chain.get_mut(&symbol).unwrap();
        (chain.0, chain.1) = if shares == held {
            (0, open)
        } else {
            (chain.0 - floor(chain.0, shares, held), chain.1 - floor(chain.1, shares, held))
        };
        book.end(symbol, None);
    }

    fn split(&mut self, symbol: Symbol, n: i64) -> Booked {
        demand((2..=1_000).contains(&n), "SplitFactor")?;
        for book in self.sleeves.values() {
            let long = book.longs.iter().filter(|l| l.series.underlying == symbol).map(|l| l.contracts.0 * 100).sum();
            let most = book.held(symbol).max(book.written_on(symbol).map(|w| w.contracts.0 * 100).sum()).max(long);
            demand(i128::from(most) * i128::from(n) <= 1_000_000_000_000, "SplitFactor")?;
        }
        let reserved = |(_, hold): &(SleeveId, Hold)| matches!(hold, Hold::Shares(s, _) if *s == symbol);
        demand(!self.orders.values().any(reserved), "SplitWhileReserved")?;
        for book in self.sleeves.values_mut() {
            let names = |book: &Book| {
                let mut all: Vec<Series> = book.written_on(symbol).map(|w| w.series).collect();
                all.sort();
                all.dedup();
                all.len()
            };
            let before = names(book);
            for w in book.written.iter_mut().filter(|w| w.series.underlying == symbol) {
                // To the nearest cent: twice the strike and half of the divisor, in cents.
                w.series.strike = Price::from_units((w.series.strike.units() + 50 * n) / (100 * n) * 100);
                w.contracts = Contracts(w.contracts.0 * n);
                let secured = w.series.strike.units() * 100 * w.contracts.0;
                let thin = w.series.right == Right::Put && w.premium.units() > secured;
                demand(w.series.strike > Price::ZERO && !thin, "SplitStrike")?;
            }
            demand(names(book) == before, "SplitStrike")?;
            let names = |book: &Book| book.longs.iter().map(|l| l.series).collect::<BTreeSet<_>>().len();
            let before = names(book);
            for l in book.longs.iter_mut().filter(|l| l.series.underlying == symbol) {
                l.series.strike = Price::from_units((l.series.strike.units() + 50 * n) / (100 * n) * 100);
                l.contracts = Contracts(l.contracts.0 * n);
                demand(l.series.strike > Price::ZERO, "SplitStrike")?;
            }
            demand(names(book) == before, "SplitStrike")?;
            for lot in book.lots.iter_mut().filter(|l| l.symbol == symbol) {
                lot.shares = Shares(lot.shares.0 * n);
            }
        }
        Ok(())
    }
}

fn check_leg(leg: &Leg, sale: bool) -> Booked {
    demand(leg.price > Price::ZERO || !sale, "AmountNotPositive")?;
    demand(leg.price >= Price::ZERO && !leg.fees.is_negative(), "AmountNegative")?;
    demand((1..=1_000_000_000).contains(&leg.contracts.0), "Quantity")?;
    let shares = leg.contracts.0 * 100;
    let (gross, strikes) = (product(leg.price, shares), product(leg.series.strike, shares));
    small(&[leg.fees.units().into(), gross, strikes])?;
    demand(leg.series.strike > Price::ZERO, "Strike")?;
    demand(!sale || leg.series.right == Right::Call || gross <= strikes, "PutAboveStrike")
}

/// The gross amount of a sound trade in calls.
fn check_long(day: Date, trade: &OptionTrade) -> Booked<i64> {
    demand(trade.price > Price::ZERO, "AmountNotPositive")?;
    check_leg(&trade.leg(), false)?;
    demand(trade.series.right == Right::Call, "LongPut")?;
    check_days(day, trade.settles, &trade.series)?;
    Ok(trade.price.units() * trade.contracts.0 * 100)
}

fn check_days(day: Date, settles: Date, series: &Series) -> Booked {
    demand(settles >= day, "SettlesBefore")?;
    demand(day <= series.expiration.0, "Expired")
}

fn check_shares(day: Date, trade: &ShareTrade) -> Booked {
    demand(trade.price > Price::ZERO, "AmountNotPositive")?;
    demand(!trade.fees.is_negative(), "AmountNegative")?;
    demand((1..=1_000_000_000).contains(&trade.shares.0), "Quantity")?;
    small(&[trade.fees.units().into(), product(trade.price, trade.shares.0)])?;
    demand(trade.settles >= day, "SettlesBefore")
}
