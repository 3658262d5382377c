//! Section 7: income and tax reserve, reinvestment and forks.

use market::time::{TradingDay, Week};

use crate::book::Id;
use crate::entry::cheapest;
use crate::run::{Reference, Structure, name};
use crate::week::Kind;

/// Rounded down to the cent.
fn cents(amount: i64) -> i64 {
    amount.div_euclid(100) * 100
}

impl Reference<'_> {
    /// C-4: Q-1's reserve, then I-1.
    pub(crate) fn divide(&mut self, day: TradingDay) {
        let ids: Vec<Id> = self.sleeves.keys().copied().collect();
        for id in ids {
            self.divide_one(day, id);
        }
    }

    fn divide_one(&mut self, day: TradingDay, id: Id) {
        let held = self.structures[&id.0].reserve;
        let sleeve = self.sleeve(id);
        let mut reserve = 0;
        let profits = std::mem::take(&mut sleeve.realised);
        for (year, profit) in &profits {
            if *year != sleeve.year {
                (sleeve.year, sleeve.realised_year, sleeve.reserved) = (*year, 0, 0);
            }
            sleeve.realised_year += profit;
            let due = cents((sleeve.realised_year.max(0) * 30).div_euclid(100));
            reserve += due - sleeve.reserved;
            sleeve.reserved = due;
        }
        let realised: i64 = profits.values().sum();
        let after = realised - reserve;
        let mut made_up = 0;
        if after < 0 {
            sleeve.losses -= after;
        } else {
            made_up = after.min(sleeve.losses);
            sleeve.losses -= made_up;
        }
        let rest = (after - made_up).max(0);
        let income = if id.1 == Kind::Com { 0 } else { cents((rest * 80).div_euclid(100)) };
        sleeve.income += income;
        sleeve.unspent += rest - income;
        // What is owed moves as far as cash is free, the buffer included.
        sleeve.owed += reserve;
        let free = cents(sleeve.unreserved());
        let moved = if sleeve.owed > 0 { sleeve.owed.min(free.max(0)) } else { sleeve.owed.max(-held) };
        sleeve.owed -= moved;
        sleeve.settled -= moved;
        sleeve.flows -= moved;
        let account = format!(
            "year {} reserved {} deficit {} income {} growth {}",
            sleeve.realised_year, sleeve.reserved, sleeve.losses, sleeve.income, sleeve.unspent
        );
        self.structures.get_mut(&id.0).unwrap().reserve += moved;
        if realised != 0 || moved != 0 {
            self.note(day, format!("{} realised {realised} reserve {reserve} moved {moved} {account}", name(id)));
        }
    }

    /// C-6 to C-8.
    pub(crate) fn grow(&mut self, day: TradingDay) {
        self.reinvest(day);
        self.merge(day);
        let ids: Vec<Id> = self.sleeves.keys().copied().filter(|id| id.1 == Kind::Gen).collect();
        for id in ids {
            self.fork(day, id);
        }
    }

    /// whether the week of `day` holds the last session of a quarter.
    fn ends_quarter(&self, day: TradingDay) -> bool {
        let sessions = self.world.calendar.sessions(Week::of(day.date()));
        sessions.iter().any(|session| {
            let next = self.world.calendar.next(*session).date();
            session.date().month() % 3 == 0 && next.month() != session.date().month()
        })
    }

    fn reinvest(&mut self, day: TradingDay) {
        if !self.ends_quarter(day) {
            return;
        }
        let reinvests = |id: &Id| id.1 != Kind::Gen && !self.is_merging(*id);
        let ids: Vec<Id> = self.sleeves.keys().copied().filter(reinvests).collect();
        let part = self.numbers.leaps_percent;
        for id in ids {
            let equity = self.sleeves[&id].equity(self.world, day);
            let sleeve = self.sleeve(id);
            let amount = cents((sleeve.income + sleeve.unspent - sleeve.losses).max(0));
            if amount == 0 {
                continue;
            }
            // To the cent, the larger remainder up, contracts first.
            let (whole, rest) = (amount / 100 * part / 100, amount / 100 * part % 100);
            let leaps = (whole + i64::from(rest > 50)) * 100;
            let free = cents(sleeve.free(equity)).max(0);
            sleeve.aside += leaps.min(free);
            sleeve.buys = sleeve.aside > 0;
            let from_income = sleeve.income.min(amount);
            sleeve.income -= from_income;
            sleeve.unspent -= amount - from_income;
            let aside = sleeve.aside;
            self.note(day, format!("{} reinvested {amount} leaps {leaps} aside {aside}", name(id)));
        }
    }

    /// F-1 to F-4 for one Gen sleeve.
    fn fork(&mut self, day: TradingDay, id: Id) {
        let world = self.world;
        let sleeve = &self.sleeves[&id];
        let equity = sleeve.equity(world, day);
        let surplus = equity - sleeve.base;
        self.sleeve(id).fork = 0;
        if surplus < self.numbers.fork_surplus * 10_000 {
            return;
        }
        let moves = cents((surplus * (100 - self.numbers.fork_keeps)).div_euclid(100));
        let to_com = cents((moves * (100 - self.numbers.fork_to_gen)).div_euclid(100));
        let to_gen = moves - to_com;
        let sleeve = &self.sleeves[&id];
        if sleeve.locked.is_some() || self.is_merging(id) {
            return;
        }
        let affords =
            |kind: Kind, amount: i64| cheapest(world, kind, day).is_some_and(|least| amount * 95 >= 100 * least);
        let can_trade = !self.numbers.fork_waits || (affords(Kind::Gen, to_gen) && affords(Kind::Com, to_com));
        if sleeve.free(equity) < moves {
            self.sleeve(id).fork = moves;
            return;
        }
        if !can_trade {
            return;
        }
        self.founded += 1;
        let new = self.founded;
        self.structures.insert(new, Structure { parent: Some(id.0), ..Structure::default() });
        self.fund((new, Kind::Gen), to_gen);
        self.fund((new, Kind::Com), to_com);
        let sleeve = self.sleeve(id);
        sleeve.settled -= moves;
        sleeve.flows -= moves;
        sleeve.base += surplus - moves;
        sleeve.income = (sleeve.income - moves).max(0);
        let base = sleeve.base;
        let line = format!("{} forked {new} surplus {surplus} gen {to_gen} com {to_com} base {base}", name(id));
        self.note(day, line);
    }
}
