//! A run of the protocol, session by session, on naive books. What happens is written down as plain lines, day by day.

use std::collections::BTreeMap;

use market::instrument::{Right, Series, Symbol};
use market::order::Side;
use market::time::{Date, TradingDay, Week};
use market::value::{Contracts, Price};

use crate::book::{Id, Sleeve};
use crate::entry;
use crate::manage::{self, Act};
use crate::week::{Class, Judged, Kind, classify};
use crate::world::World;

/// What happened, in lines that both sides can write.
pub(crate) type Facts = BTreeMap<Date, Vec<String>>;

/// A structure's standing and its tax reserve.
#[derive(Clone, Debug, Default)]
pub(crate) struct Structure {
    /// Cash of the tax reserve.
    pub(crate) reserve: i64,
    /// Cash × days of this week.
    pub(crate) cash_days: i128,
}

/// The numbers that runs vary.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers {
    /// F-1, dollars.
    pub(crate) fork_surplus: i64,
    /// F-3.
    pub(crate) fork_waits: bool,
}

/// The second implementation.
pub(crate) struct Reference<'a> {
    /// Market data.
    pub(crate) world: &'a World<'a>,
    /// Rules switched off.
    pub(crate) off: Vec<&'static str>,
    /// Numbers that differ.
    pub(crate) numbers: Numbers,
    /// Sleeves that are open.
    pub(crate) sleeves: BTreeMap<Id, Sleeve>,
    /// Structures.
    pub(crate) structures: BTreeMap<u32, Structure>,
    /// What happened.
    pub(crate) facts: Facts,
    /// The broker's short positions, in the order in which they were opened.
    pub(crate) opened: Vec<Series>,
    pub(crate) places: u64,
    judged: Option<Judged>,
    classes: BTreeMap<Date, Class>,
}

/// `1.Gen`.
pub(crate) fn name(id: Id) -> String {
    format!("{}.{:?}", id.0, id.1)
}

impl<'a> Reference<'a> {
    /// The root with its three sleeves and the first deposit, in dollars.
    pub(crate) fn new(
        world: &'a World<'a>,
        numbers: Numbers,
        off: &[&'static str],
        first: TradingDay,
        deposit: i64,
    ) -> Self {
        let mut reference = Reference {
            world,
            off: off.to_vec(),
            numbers,
            sleeves: BTreeMap::new(),
            structures: BTreeMap::from([(1, Structure::default())]),
            facts: Facts::new(),
            opened: Vec::new(),
            places: 0,
            judged: None,
            classes: BTreeMap::new(),
        };
        // A-2; whole dollars that divide by ten leave no remainder.
        for (kind, tenths) in [(Kind::Gen, 4), (Kind::Rev, 3), (Kind::Com, 3)] {
            let amount = deposit * 10_000 / 10 * tenths;
            reference.fund((1, kind), amount);
        }
        let _ = first;
        reference
    }

    /// A new sleeve with its first money.
    pub(crate) fn fund(&mut self, id: Id, amount: i64) {
        let mut sleeve = Sleeve::new();
        (sleeve.settled, sleeve.base, sleeve.flows) = (amount, amount, amount);
        self.sleeves.insert(id, sleeve);
    }

    /// Whether a rule is switched off.
    pub(crate) fn is_off(&self, rule: &str) -> bool {
        self.off.contains(&rule)
    }

    /// The week's judgement.
    pub(crate) fn judged(&self) -> &Judged {
        self.judged.as_ref().unwrap()
    }

    /// What all sleeves are worth, tax reserves left out (K-4).
    pub(crate) fn owner_equity(&self, day: TradingDay) -> i64 {
        self.sleeves.values().map(|s| s.equity(self.world, day)).sum()
    }

    /// Writes a line down.
    pub(crate) fn note(&mut self, day: TradingDay, line: String) {
        self.facts.entry(day.date()).or_default().push(line);
    }

    /// The orders that `contracts` are sent in: at most 50 contracts and $500,000 each (K-4).
    pub(crate) fn orders(strike: i64, mut contracts: i64) -> Vec<i64> {
        let most = (5_000_000_000 / (strike * 100)).clamp(1, 50);
        let mut orders = Vec::new();
        while contracts > 0 {
            orders.push(contracts.min(most));
            contracts -= contracts.min(most);
        }
        orders
    }

    /// Fees of one order (E-9).
    pub(crate) fn fee(&self, day: Date, side: Side, contracts: i64, price: i64) -> i64 {
        let fees = self.world.policy.fees.option_trade(day, side, Contracts(contracts), Price::from_units(price));
        fees.unwrap().units()
    }

    /// Fees of all orders that `contracts` are sent in.
    pub(crate) fn fees(&self, day: Date, side: Side, strike: i64, contracts: i64, price: i64) -> i64 {
        Self::orders(strike, contracts).into_iter().map(|n| self.fee(day, side, n, price)).sum()
    }

    /// Runs through `sessions`.
    pub(crate) fn run(&mut self, sessions: &[TradingDay]) {
        for day in sessions {
            self.session(*day);
        }
    }

    fn session(&mut self, day: TradingDay) {
        self.open(day);
        self.judge(day);
        self.manage(day);
        self.window(day);
        self.endings(day);
        self.end_day(day);
        if self.world.calendar.is_last_of_week(day) {
            self.weekly_close(day);
        }
    }

    fn open(&mut self, day: TradingDay) {
        let world = self.world;
        let mut paid = market::time::date_of_number(market::time::day_number(day.date()) + 30).unwrap();
        while !world.calendar.is_settlement_day(paid) {
            paid = paid.tomorrow().unwrap();
        }
        let mut lines = Vec::new();
        for (id, sleeve) in &mut self.sleeves {
            let symbols: Vec<Symbol> = sleeve.lots.keys().copied().collect();
            for symbol in symbols {
                if let Some(amount) = world.dividend_on(symbol, day.date()) {
                    let due = amount * sleeve.shares(symbol);
                    sleeve.dividends.push((paid, due));
                    lines.push(format!("{} dividend {symbol} {due}", name(*id)));
                }
            }
            sleeve.settle(day.date());
        }
        for line in lines {
            self.note(day, line);
        }
    }

    /// M-5.
    fn judge(&mut self, day: TradingDay) {
        let week = Week::of(day.date());
        let known = self.judged.filter(|j| j.week == week);
        // No window comes on the session of the week's last expiration.
        if known.is_some() && self.world.last_expiration(week).0 <= day.date() {
            return;
        }
        let class = classify(self.world, day);
        if known.is_none_or(|j| class > j.class) {
            let first = known.map_or(class, |j| j.first);
            self.judged = Some(Judged { week, class, first });
            self.note(day, format!("week {class:?}"));
        }
    }

    fn manage(&mut self, day: TradingDay) {
        let mut acts: Vec<(Id, Series, Act)> = Vec::new();
        for (id, sleeve) in &self.sleeves {
            // The text names no order; those opened first are asked first.
            let mut open: Vec<(u64, Series)> = sleeve.shorts.iter().map(|(s, short)| (short.place, *s)).collect();
            open.sort_unstable();
            for (_, series) in &open {
                let act = manage::look(self, *id, day, *series);
                if act != Act::Keep {
                    acts.push((*id, *series, act));
                }
            }
        }
        let mut sent: Vec<(Series, Side)> = Vec::new();
        for (id, series, act) in acts {
            if act != Act::Keep && !self.is_near_mid(day, &series, Side::Buy) {
                continue;
            }
            // K-4: no order against one of our own that is working.
            let mut sides = vec![(series, Side::Buy)];
            if let Act::Roll(new) = act {
                sides.push((new, Side::Sell));
            }
            if sides.iter().any(|(s, side)| sent.iter().any(|(t, other)| s == t && side != other)) {
                continue;
            }
            sent.extend(sides);
            match act {
                Act::Keep => {}
                Act::Close(profit) => {
                    if profit {
                        self.sleeve(id).taken.push(series.underlying);
                    }
                    self.buy_back(day, id, series, None);
                }
                Act::Roll(new) => self.buy_back(day, id, series, Some(new)),
            }
        }
    }

    fn window(&mut self, day: TradingDay) {
        let mut writes = Vec::new();
        for (id, sleeve) in &self.sleeves {
            if !self.is_off("E-8") {
                for symbol in sleeve.lots.keys() {
                    writes.extend(entry::call(self, *id, day, *symbol).map(|(s, n)| (*id, s, n)));
                }
            }
            writes.extend(entry::plan(self, *id, day).into_iter().map(|(s, n)| (*id, s, n)));
        }
        let owner = self.owner_equity(day);
        let equities: BTreeMap<Id, i64> = self.sleeves.iter().map(|(id, s)| (*id, s.equity(self.world, day))).collect();
        let mut exposure: BTreeMap<(Id, Symbol), i64> = BTreeMap::new();
        for (id, series, contracts) in writes {
            let price = self.world.quote(day, &series).bid;
            if !self.is_near_mid(day, &series, Side::Sell) {
                continue;
            }
            for n in Self::orders(series.strike.units(), contracts) {
                // K-4: $500,000 an order.
                if series.strike.units() * 100 * n > 5_000_000_000 {
                    continue;
                }
                // K-4: what a put adds to one underlying in a day.
                if series.right == Right::Put && equities[&id] > 10_000_000_000 {
                    let more = series.strike.units() * 100 * n;
                    let own = exposure.get(&(id, series.underlying)).copied().unwrap_or_default();
                    let taken = exposure.iter().filter(|((_, s), _)| *s == series.underlying);
                    let all: i64 = taken.map(|(_, amount)| *amount).sum();
                    if own + more > equities[&id] / 2 || all + more > owner / 4 {
                        continue;
                    }
                }
                if series.right == Right::Put {
                    *exposure.entry((id, series.underlying)).or_default() += series.strike.units() * 100 * n;
                }
                // E-7: what bids less than 95% of the middle is not sold.
                if 100 * price < 95 * self.world.quote(day, &series).mid() {
                    continue;
                }
                let fees = self.fee(day.date(), Side::Sell, n, price);
                self.note(day, format!("{} write {series} x{n} at {price} fees {fees}", name(id)));
                self.written(day, id, series, n, price, fees, 0, None);
            }
        }
    }

    /// K-4: the touch lies within 20% of mid or $0.10 of it.
    fn is_near_mid(&self, day: TradingDay, series: &Series, side: Side) -> bool {
        let quote = self.world.quote(day, series);
        let price = if side == Side::Buy { quote.ask } else { quote.bid };
        let away = (price - quote.mid()).abs();
        away <= 1_000 || 5 * away <= quote.mid()
    }

    /// A sleeve by its id.
    pub(crate) fn sleeve(&mut self, id: Id) -> &mut Sleeve {
        self.sleeves.get_mut(&id).unwrap()
    }

    /// Series that nobody holds lose their place.
    pub(crate) fn forget_closed(&mut self) {
        let sleeves = &self.sleeves;
        self.opened.retain(|series| sleeves.values().any(|s| s.shorts.contains_key(series)));
    }

    fn end_day(&mut self, day: TradingDay) {
        self.forget_closed();
        let world = self.world;
        let days = i128::from(world.days(day.date(), world.calendar.next(day).date()));
        for sleeve in self.sleeves.values_mut() {
            sleeve.cash_days += i128::from(sleeve.settled) * days;
            let open: Vec<Series> = sleeve.shorts.keys().copied().filter(|s| s.right == Right::Put).collect();
            for (series, week) in &mut sleeve.puts {
                let here = open.contains(series) || week.ended_on == Some(day.date());
                let close = world.close(series.underlying, day);
                week.deep |= here && 100 * close < 85 * series.strike.units();
            }
        }
        for structure in self.structures.values_mut() {
            structure.cash_days += i128::from(structure.reserve) * days;
        }
        self.classes.insert(day.date(), self.judged().class);
    }

    /// The class at its close of the week that holds `date`.
    pub(crate) fn class_of(&self, date: Date) -> Class {
        let week = Week::of(date);
        *self.classes.iter().rev().find(|(d, _)| Week::of(**d) == week).unwrap().1
    }
}
