//! Lines shaped as those of Form 8949, and of Form 6781 for what belongs there (T-4).

use market::value::{MULTIPLIER, Money};
use serde::Serialize;

use super::books::Books;
use super::disposal::{Disposal, How};
use super::transaction::Asset;
use crate::figure::{Amount, Day};

/// The boxes of Form 8949: whether a broker reported the sale, and its basis, to the tax office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Reported {
    /// Proceeds and basis are on a Form 1099-B: boxes A and D.
    WithBasis,
    /// Proceeds alone: boxes B and E.
    WithoutBasis,
    /// There is no Form 1099-B: boxes C and F.
    Not,
}

impl Reported {
    /// The box of a term.
    #[must_use]
    pub const fn letter(self, long_term: bool) -> char {
        match (self, long_term) {
            (Reported::WithBasis, false) => 'A',
            (Reported::WithoutBasis, false) => 'B',
            (Reported::Not, false) => 'C',
            (Reported::WithBasis, true) => 'D',
            (Reported::WithoutBasis, true) => 'E',
            (Reported::Not, true) => 'F',
        }
    }
}

/// A line of Form 8949. Of written options the date acquired is the day they ended, the date sold the day they were
/// written (Instructions for Schedule D, Gain or Loss From Options).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Part I is short-term, part II long-term.
    pub part: &'static str,
    /// The box that is checked.
    pub checked: char,
    /// Column (a): what it was.
    pub description: String,
    /// Column (b).
    pub acquired: Day,
    /// Column (c).
    pub sold: Day,
    /// Column (d).
    pub proceeds: Amount,
    /// Column (e).
    pub basis: Amount,
    /// Whether it expired: that word stands in column (e) of what was written, (d) of what was held.
    pub expired: bool,
    /// Column (f): W for a wash sale.
    pub code: &'static str,
    /// Column (g).
    pub adjustment: Amount,
    /// Column (h): (d) − (e) + (g).
    pub gain: Amount,
    /// The account.
    pub account: String,
    /// Whether it was written.
    #[serde(skip)]
    written: bool,
}

/// The columns of the form, and two before them.
pub const COLUMNS: [&str; 11] = [
    "part",
    "box",
    "(a) description of property",
    "(b) date acquired",
    "(c) date sold or disposed of",
    "(d) proceeds",
    "(e) cost or other basis",
    "(f) code",
    "(g) amount of adjustment",
    "(h) gain or loss",
    "account",
];

impl Line {
    /// The line as fields of a CSV row, in the order of [`COLUMNS`].
    #[must_use]
    pub fn fields(&self) -> [String; 11] {
        let plain = |amount: Amount| dollars(amount.0);
        let word = "EXPIRED".to_owned();
        let nothing = |amount: Amount, here: bool| self.expired && here && amount.0 == Money::ZERO;
        let date = |day: Day| format!("{:02}/{:02}/{}", day.0.month(), day.0.day(), day.0.year());
        [
            self.part.to_owned(),
            self.checked.to_string(),
            self.description.clone(),
            date(self.acquired),
            date(self.sold),
            if nothing(self.proceeds, !self.written) { word.clone() } else { plain(self.proceeds) },
            if nothing(self.basis, self.written) { word } else { plain(self.basis) },
            self.code.to_owned(),
            if self.code.is_empty() { String::new() } else { plain(self.adjustment) },
            plain(self.gain),
            self.account.clone(),
        ]
    }
}

fn dollars(amount: Money) -> String {
    amount.to_string().replace(['$', ','], "")
}

/// A line of Form 6781, part II, section A: a loss on a call that waits, or had waited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StraddleLine {
    /// Column (a): the call.
    pub description: String,
    /// Column (b): when it was written.
    pub entered: Day,
    /// Column (c): when it was closed.
    pub closed: Day,
    /// Column (f): the loss; of an earlier year what waited of it.
    pub loss: Amount,
    /// Column (g): the gain in what it covered that is not recognised.
    pub unrecognized_gain: Amount,
    /// Column (h): the loss that counts this year.
    pub recognized: Amount,
    /// Whether it is long-term.
    pub long_term: bool,
    /// The year before which it was carried over from, if it was.
    pub carried_from: Option<i16>,
    /// The account.
    pub account: String,
}

/// What a form calls an asset: `100 sh. X`, `2 TSLA 2024-06-21 $180.00 call, written`.
#[must_use]
pub fn described(asset: &Asset, units: i64) -> String {
    match asset {
        Asset::Shares(symbol) => format!("{units} sh. {symbol}"),
        Asset::Option(series, _) => {
            let (whole, part) = (units / MULTIPLIER, units % MULTIPLIER);
            let count = if part == 0 { whole.to_string() } else { format!("{whole}.{part:02}") };
            let written = if asset.is_short() { ", written" } else { "" };
            format!("{count} {series}{written}")
        }
    }
}

impl Books {
    /// The year's lines of Form 8949, taxable accounts alone, short-term first. Section 1256 contracts and losses that
    /// straddles defer are not among them: they belong on Form 6781.
    #[must_use]
    pub fn form_8949(&self, year: i16, reported: impl Fn(&Disposal) -> Reported) -> Vec<Line> {
        let disposals = self.disposals.iter().enumerate().filter(|(at, d)| {
            let here = d.closed.year() == year && !d.section_1256 && !self.is_retirement(d.place);
            here && !self.deferrals.iter().any(|deferral| deferral.disposal == *at && deferral.year == year)
        });
        let mut lines: Vec<Line> = disposals.map(|(_, d)| self.line(d, reported(d))).collect();
        lines.sort_by_key(|line| (line.part, line.checked));
        lines
    }

    fn line(&self, disposal: &Disposal, reported: Reported) -> Line {
        let written = disposal.asset.is_short();
        let (acquired, sold) = match written {
            true => (disposal.closed, disposal.acquired),
            false => (disposal.acquired, disposal.closed),
        };
        Line {
            part: if disposal.long_term { "II" } else { "I" },
            checked: reported.letter(disposal.long_term),
            description: described(&disposal.asset, disposal.units),
            acquired: Day(acquired),
            sold: Day(sold),
            proceeds: Amount(disposal.proceeds),
            basis: Amount(disposal.basis()),
            expired: disposal.how == How::Expired,
            code: if disposal.disallowed.is_positive() { "W" } else { "" },
            adjustment: Amount(disposal.disallowed),
            gain: Amount(disposal.gain()),
            account: self.accounts[disposal.place.account].name.clone(),
            written,
        }
    }

    /// The year's losses on calls that wait or had waited, as Form 6781 has them.
    #[must_use]
    pub fn form_6781(&self, year: i16) -> Vec<StraddleLine> {
        let waits = |disposal: usize, year: i16| {
            self.deferrals.iter().find(|d| d.disposal == disposal && d.year == year).map(|d| (d.amount, d.gain))
        };
        let line = |(at, d): (usize, &Disposal)| {
            let (now, before) = (waits(at, year), waits(at, year - 1));
            let loss = if d.closed.year() == year && now.is_some() { -d.gain() } else { before?.0 };
            let (kept, gain) = now.unwrap_or_default();
            Some(StraddleLine {
                description: described(&d.asset, d.units),
                entered: Day(d.acquired),
                closed: Day(d.closed),
                loss: Amount(loss),
                unrecognized_gain: Amount(gain),
                recognized: Amount(loss - kept),
                long_term: d.long_term,
                carried_from: before.map(|_| year - 1),
                account: self.accounts[d.place.account].name.clone(),
            })
        };
        self.disposals.iter().enumerate().filter_map(line).collect()
    }
}
