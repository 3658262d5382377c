//! A run of the protocol, session by session, on naive books. What happens is written down as plain lines, day by day.

use std::collections::BTreeMap;

use market::instrument::{Series, Symbol};
use market::time::{Date, TradingDay, Week};

use crate::book::{Id, Sleeve};
use crate::week::{Class, Judged, Kind, classify};
use crate::world::World;

/// What happened, in lines that both sides can write.
pub(crate) type Facts = BTreeMap<Date, Vec<String>>;

/// A structure's standing and its tax reserve.
#[derive(Clone, Debug, Default)]
pub(crate) struct Structure {
    /// Which one it was founded under; the root none.
    pub(crate) parent: Option<u32>,
    /// J-1: it folds back.
    pub(crate) merging: bool,
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
    /// F-2: percent of a surplus that stays.
    pub(crate) fork_keeps: i64,
    /// F-2: percent of the rest that founds the new Gen.
    pub(crate) fork_to_gen: i64,
    /// F-3.
    pub(crate) fork_waits: bool,
    /// J-1, dollars.
    pub(crate) merge_size: i64,
    /// percent that goes to LEAPS.
    pub(crate) leaps_percent: i64,
    /// with fewer months left LEAPS are rolled.
    pub(crate) leaps_roll_months: i32,
}

/// The second implementation.
pub(crate) struct Reference<'a> {
    /// Market data.
    pub(crate) world: &'a World<'a>,
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
    /// The broker's long positions, in the order in which they were opened.
    pub(crate) longs_opened: Vec<Series>,
    /// The last structure's number.
    pub(crate) founded: u32,
    /// What occurred, beside the lines.
    pub(crate) seen: BTreeMap<&'static str, usize>,
    places: u64,
    judged: Option<Judged>,
    classes: BTreeMap<Date, Class>,
}

/// `1.Gen`.
pub(crate) fn name(id: Id) -> String {
    format!("{}.{:?}", id.0, id.1)
}

impl<'a> Reference<'a> {
    /// The root with its three sleeves and the first deposit, in dollars.
    pub(crate) fn new(world: &'a World<'a>, numbers: Numbers, deposit: i64) -> Self {
        let mut reference = Reference {
            world,
            numbers,
            sleeves: BTreeMap::new(),
            structures: BTreeMap::from([(1, Structure::default())]),
            facts: Facts::new(),
            opened: Vec::new(),
            longs_opened: Vec::new(),
            founded: 1,
            seen: BTreeMap::new(),
            places: 0,
            judged: None,
            classes: BTreeMap::new(),
        };
        // A-2; whole dollars that divide by ten leave no remainder.
        for (kind, tenths) in [(Kind::Gen, 4), (Kind::Rev, 3), (Kind::Com, 3)] {
            let amount = deposit * 10_000 / 10 * tenths;
            reference.fund((1, kind), amount);
        }
        reference
    }

    /// A new sleeve with its first money.
    pub(crate) fn fund(&mut self, id: Id, amount: i64) {
        let mut sleeve = Sleeve::new();
        (sleeve.settled, sleeve.base, sleeve.flows) = (amount, amount, amount);
        self.sleeves.insert(id, sleeve);
    }

    /// The week's judgement.
    pub(crate) fn judged(&self) -> &Judged {
        self.judged.as_ref().unwrap()
    }

    /// What all sleeves are worth, tax reserves left out (K-4).
    pub(crate) fn owner_equity(&self, day: TradingDay) -> i64 {
        self.sleeves.values().map(|s| s.equity(self.world, day)).sum()
    }

    /// Counts what occurred.
    pub(crate) fn see(&mut self, what: &'static str, times: usize) {
        *self.seen.entry(what).or_default() += times;
    }

    /// The place of the next fill.
    pub(crate) fn next_place(&mut self) -> u64 {
        self.places += 1;
        self.places
    }

    /// Writes a line down.
    pub(crate) fn note(&mut self, day: TradingDay, line: String) {
        self.facts.entry(day.date()).or_default().push(line);
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
            self.show_held(true);
            self.weekly_close(day);
        }
    }

    fn open(&mut self, day: TradingDay) {
        let world = self.world;
        let mut paid = market::time::date_of_number(market::time::day_number(day.date()) + 30).unwrap();
        while !world.calendar.is_settlement_day(paid) {
            paid = paid.tomorrow().unwrap();
        }
        let symbols: Vec<Symbol> = world.history.symbols.iter().map(|(s, _)| *s).collect();
        for symbol in symbols {
            if let Some(n) = world.split_on(symbol, day.date()) {
                self.split(day, symbol, n);
            }
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

    /// Tells the world what is held.
    pub(crate) fn show_held(&self, fresh: bool) {
        let held = |s: &Sleeve| s.shorts.keys().copied().chain(s.longs.iter().map(|l| l.series)).collect::<Vec<_>>();
        self.world.hold(self.sleeves.values().flat_map(held).collect(), fresh);
    }

    /// A sleeve by its id.
    pub(crate) fn sleeve(&mut self, id: Id) -> &mut Sleeve {
        self.sleeves.get_mut(&id).unwrap()
    }

    /// Series that nobody holds lose their place.
    pub(crate) fn forget_closed(&mut self) {
        let sleeves = &self.sleeves;
        self.opened.retain(|series| sleeves.values().any(|s| s.shorts.contains_key(series)));
        self.longs_opened.retain(|series| sleeves.values().any(|s| s.longs.iter().any(|l| l.series == *series)));
    }

    fn end_day(&mut self, day: TradingDay) {
        self.forget_closed();
        let world = self.world;
        let days = i128::from(world.days(day.date(), world.calendar.next(day).date()));
        for sleeve in self.sleeves.values_mut() {
            sleeve.cash_days += i128::from(sleeve.settled) * days;
            sleeve.orders_today = 0;
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
