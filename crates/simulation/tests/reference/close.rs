//! Section 8: the weekly close.

use market::instrument::{Right, Symbol};
use market::time::{TradingDay, Week};

use crate::book::{Id, Sleeve};
use crate::run::{Reference, name};
use crate::week::Class;
use crate::world::World;

/// W-12: the most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Type {
    /// P-DD.
    PutDeep,
    /// C-REC.
    CallRecovery,
    /// C-RO.
    CallRolled,
    /// P-AOL.
    PutOverLimit,
    /// P-RO.
    PutRolled,
    /// P-AWL.
    PutWithinLimit,
    /// C-PNO.
    CallPremium,
    /// C-WAP.
    CallAppreciation,
    /// C-WAP+.
    CallStrong,
    /// P-EW.
    PutExpired,
    /// W-IDL.
    Idle,
}

/// W-6 to W-10.
fn shares_type(price: i64, basis: i64) -> Type {
    if 100 * price > 105 * basis {
        Type::CallStrong
    } else if price > basis {
        Type::CallAppreciation
    } else if 100 * price >= 95 * basis {
        Type::CallPremium
    } else if 100 * price >= 90 * basis {
        Type::CallRolled
    } else {
        Type::CallRecovery
    }
}

/// Every position's type, puts by series, then shares by symbol.
fn types(world: &World<'_>, sleeve: &Sleeve, day: TradingDay) -> Vec<(String, Type)> {
    let mut all = Vec::new();
    for (series, week) in &sleeve.puts {
        let strike = series.strike.units();
        let close = world.close(series.underlying, day);
        let open = sleeve.shorts.contains_key(series);
        let kind = if week.deep {
            Type::PutDeep
        } else if week.rolled || (open && close < strike) {
            Type::PutRolled
        } else if week.assigned {
            if 100 * close >= 95 * strike { Type::PutWithinLimit } else { Type::PutOverLimit }
        } else {
            Type::PutExpired
        };
        all.push((series.underlying.to_string(), kind));
    }
    let mut symbols: Vec<Symbol> = sleeve.held_at_start.keys().chain(sleeve.lots.keys()).copied().collect();
    symbols.sort_unstable();
    symbols.dedup();
    for symbol in &symbols {
        let (price, basis) = match sleeve.called.get(symbol) {
            // In the week of an assignment the put's type speaks.
            _ if sleeve.began.contains(symbol) => continue,
            Some(called) => *called,
            _ if sleeve.shares(*symbol) > 0 => (world.close(*symbol, day), sleeve.basis(*symbol)),
            _ => continue,
        };
        all.push((format!("{symbol} shares {price} basis {basis}"), shares_type(price, basis)));
    }
    all
}

impl Reference<'_> {
    /// C-1 to C-9.
    pub(crate) fn weekly_close(&mut self, day: TradingDay) {
        self.interest(day);
        let ids: Vec<Id> = self.sleeves.keys().copied().collect();
        let mut drawdowns = Vec::new();
        for id in &ids {
            drawdowns.push(self.figures(day, *id));
        }
        self.divide(day);
        for (id, (drawdown, deep)) in ids.iter().zip(&drawdowns) {
            self.lock(day, *id, *drawdown, *deep);
        }
        self.grow(day);
        self.begin_week(day);
    }

    /// E-9: the one-month yield less half a point, on settled cash of each night.
    fn interest(&mut self, day: TradingDay) {
        let rate = i128::from((self.world.bill(day) - 5_000).max(0));
        let earned =
            |cash_days: i128| i64::try_from((cash_days * rate).div_euclid(100 * 1_000_000 * 365)).unwrap() * 100;
        for sleeve in self.sleeves.values_mut() {
            let amount = earned(sleeve.cash_days);
            sleeve.settled += amount;
            sleeve.cash_days = 0;
        }
        let mut lines = Vec::new();
        for (number, structure) in &mut self.structures {
            structure.reserve += earned(structure.cash_days);
            structure.cash_days = 0;
            if structure.reserve == 0 {
                continue;
            }
            lines.push(format!("{number} reserve {}", structure.reserve));
        }
        for line in lines {
            self.note(day, line);
        }
    }

    /// C-2, C-3 and K-1's figures; the drawdown and whether a put is in deep drawdown.
    fn figures(&mut self, day: TradingDay, id: Id) -> (i64, bool) {
        let world = self.world;
        let sleeve = &self.sleeves[&id];
        let kinds = types(world, sleeve, day);
        let kind = kinds.iter().map(|(_, k)| *k).min().unwrap_or(Type::Idle);
        let end = sleeve.equity(world, day);
        let sleeve = self.sleeve(id);
        let invested = sleeve.start + sleeve.flows;
        if invested > 0 {
            let unit = i128::from(sleeve.unit) * i128::from(end) / i128::from(invested);
            sleeve.unit = i64::try_from(unit).unwrap();
        }
        sleeve.mark = sleeve.mark.max(sleeve.unit);
        let fall = i128::from(sleeve.mark - sleeve.unit) * 1_000_000 / i128::from(sleeve.mark);
        let drawdown = i64::try_from(fall).unwrap();
        let (start, flows) = (sleeve.start, sleeve.flows);
        (sleeve.start, sleeve.flows) = (end, 0);
        for (position, kind) in &kinds {
            self.note(day, format!("{} type {position} {kind:?}", name(id)));
        }
        let line = format!("{} close {kind:?} start {start} flows {flows} end {end} drawdown {drawdown}", name(id));
        self.note(day, line);
        (drawdown, kinds.iter().any(|(_, k)| *k == Type::PutDeep))
    }

    /// C-5: K-2, G-1, G-2, G-3.
    fn lock(&mut self, day: TradingDay, id: Id, drawdown: i64, deep: bool) {
        let calendar = self.world.calendar;
        let sleeve = &self.sleeves[&id];
        let Some(entered) = sleeve.locked else {
            if drawdown > id.1.limit() || deep {
                self.sleeve(id).locked = Some(day);
                self.note(day, format!("{} lock true {drawdown}", name(id)));
            }
            return;
        };
        let last_ten: Vec<TradingDay> = (0..10).map(|back| calendar.offset(day, -back)).collect();
        let quiet = last_ten.iter().all(|d| *d > entered && self.class_of(d.date()) != Class::Red);
        let empty = sleeve.shorts.is_empty() && sleeve.lots.is_empty();
        let recovered = 2 * drawdown < id.1.limit();
        let asked = sleeve.asked.unwrap_or(entered);
        let weeks = (self.world.days(Week::of(asked.date()).monday().unwrap(), day.date())) / 7;
        if quiet && (recovered || empty) {
            if empty && !recovered {
                let sleeve = self.sleeve(id);
                sleeve.mark = sleeve.unit;
            }
        } else if weeks >= 26 {
            let sleeve = self.sleeve(id);
            sleeve.mark = sleeve.unit;
            sleeve.asked = Some(day);
            self.note(day, format!("{} lock true {drawdown}", name(id)));
            return;
        } else {
            return;
        }
        (self.sleeve(id).locked, self.sleeve(id).asked) = (None, None);
        self.note(day, format!("{} lock false {drawdown}", name(id)));
    }

    fn begin_week(&mut self, day: TradingDay) {
        let _ = day;
        for sleeve in self.sleeves.values_mut() {
            sleeve.puts.clear();
            for series in sleeve.shorts.keys().filter(|s| s.right == Right::Put) {
                sleeve.puts.insert(*series, Default::default());
            }
            let symbols: Vec<Symbol> = sleeve.lots.keys().copied().collect();
            sleeve.held_at_start = symbols.iter().map(|s| (*s, sleeve.shares(*s))).collect();
            sleeve.called.clear();
            sleeve.began.clear();
            sleeve.taken.clear();
        }
    }
}
