//! Section 2: the market's week, judged from the bars each time it is asked.

use market::time::{TradingDay, Week};

use crate::world::{World, ticker};

/// Rising by how bad it is: Green, Red, Chop (M-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// Full size.
    Green,
    /// Accelerated and smaller.
    Red,
    /// Smallest, no Gen entry.
    Chop,
}

/// What a sleeve is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Generation.
    Gen,
    /// Revenue.
    Rev,
    /// Compounding.
    Com,
}

impl Kind {
    ///
    pub(crate) fn universe(self) -> &'static [&'static str] {
        match self {
            Kind::Gen => &["NVDA", "TSLA"],
            Kind::Rev | Kind::Com => &["AAPL", "AMZN", "MSFT"],
        }
    }

    /// E-1, in hundredths of a point.
    pub(crate) fn band(self) -> (i64, i64) {
        match self {
            Kind::Gen => (4_000, 5_000),
            Kind::Rev => (3_000, 4_000),
            Kind::Com => (2_000, 3_000),
        }
    }

    /// K-2, in parts per million.
    pub(crate) fn limit(self) -> i64 {
        match self {
            Kind::Gen => 150_000,
            Kind::Rev => 100_000,
            Kind::Com => 70_000,
        }
    }
}

/// The week as it was judged last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged {
    /// Which week.
    pub(crate) week: Week,
    /// Its class.
    pub(crate) class: Class,
    /// What it was at first.
    pub(crate) first: Class,
}

/// M-1 to M-4 at `day`, to the close before it.
pub(crate) fn classify(world: &World<'_>, day: TradingDay) -> Class {
    let before = world.calendar.previous(day);
    let spy = ticker("SPY");
    let close = world.adjusted(spy, before);
    let average = world.average(spy, before, 20, 0);
    let earlier = world.average(spy, before, 20, 5);
    let bullish = close > average && average > earlier;
    let bearish = close < average && average < earlier;
    let (vix, mean) = world.vix(day);
    let high = vix > mean;
    let symbols = ["AAPL", "AMZN", "MSFT", "NVDA", "TSLA"].map(ticker);
    let above = symbols.iter().filter(|s| world.adjusted(**s, before) > world.average(**s, before, 50, 0)).count();
    let strong = above * 100 >= 60 * symbols.len();
    let broken = above * 100 < 40 * symbols.len();
    if bullish {
        if strong { Class::Green } else { Class::Chop }
    } else if bearish {
        if high || broken { Class::Red } else { Class::Chop }
    } else if high {
        Class::Red
    } else {
        Class::Chop
    }
}

impl Judged {
    /// M-6 and M-7, the smaller of both, in percent.
    pub(crate) fn sizing(&self, (vix, mean): (i64, i64)) -> i64 {
        let by_class = match self.class {
            Class::Green => 100,
            Class::Red => 75,
            Class::Chop => 55,
        };
        let by_vix = if 2 * vix > 3 * mean {
            50
        } else if vix > mean {
            75
        } else {
            100
        };
        by_class.min(by_vix)
    }

    /// E-1 with M-6's shift, in hundredths of a point.
    pub(crate) fn put_band(&self, kind: Kind) -> (i64, i64) {
        let shift = match self.class {
            Class::Green => 0,
            Class::Red => 500,
            Class::Chop => 1_000,
        };
        let (low, high) = kind.band();
        ((low - shift).max(500), (high - shift).max(500))
    }

    /// Whether `kind` may sell puts on `day` (M-6, E-2, M-5).
    pub(crate) fn enters(&self, world: &World<'_>, kind: Kind, day: TradingDay) -> bool {
        let sessions = world.calendar.sessions(self.week);
        let first = sessions[0];
        let expires = world.calendar.session(world.last_expiration(self.week).0).unwrap();
        let mut thursday = world.calendar.previous(expires);
        let midweek = self.week.monday().unwrap().tomorrow().unwrap().tomorrow().unwrap();
        let mut wednesday = *sessions.iter().rev().find(|s| s.date() <= midweek).unwrap_or(&first);
        if sessions.len() < 3 {
            (wednesday, thursday) = (first, first);
        }
        // A week that turned Red keeps the days it had.
        let days = if self.class == Class::Red { self.first } else { self.class };
        match (kind, days) {
            (Kind::Gen, Class::Green) => day == thursday,
            (Kind::Gen, Class::Red) => day == first,
            (Kind::Gen, Class::Chop) => false,
            (_, Class::Green | Class::Red) => first <= day && day <= wednesday,
            (_, Class::Chop) => day == wednesday,
        }
    }
}
