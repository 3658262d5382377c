//! How a value of each kind is read from a policy file, checked against its range, and written back.

use std::borrow::Cow;

use market::value::UNITS_PER_DOLLAR;

use super::unit::Ppm;

mod list;
mod rows;
mod scalar;
mod single;

pub(super) use single::{alternatives, read_word};

/// A value as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Raw<'a> {
    /// Digits, not yet taken for a number.
    Number(Cow<'a, str>),
    /// `true` or `false`.
    Bool(bool),
    /// Text in quotes.
    Word(Cow<'a, str>),
    /// A date or time.
    Date(String),
    /// `[ … ]`.
    List(Vec<Raw<'a>>),
    /// `{ … }`.
    Table(Vec<(String, Raw<'a>)>),
}

/// Why a value cannot stand for its key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// Text where a number belongs, or the like.
    #[error("is not of the right kind")]
    Kind,
    /// Below the lowest or above the highest allowed.
    #[error("is out of range")]
    Range,
    /// More decimals than the unit has.
    #[error("has more than {0} decimals")]
    TooFine(u32),
    /// `nan` or `inf`.
    #[error("is not a finite number")]
    NotFinite,
    /// An exponent, or another base than ten.
    #[error("is not written in plain decimal digits")]
    NotPlain,
    /// Parts that do not make a whole.
    #[error("adds up to {0}%")]
    Sum(String),
    /// A band, a scale or a table that falls where it must rise.
    #[error("does not rise")]
    NotRising,
    /// Something twice in a list.
    #[error("names {0} twice")]
    Twice(String),
    /// A list item that means nothing.
    #[error("holds {0}, which is not known")]
    Unknown(String),
}

/// What is allowed for a key, in the smallest units of its type, and its unit in words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) low: i64,
    pub(super) high: i64,
    pub(super) unit: &'static str,
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident($scale:expr, $unit:literal);)+) => {
        $($(#[doc = $doc])+
        pub(super) const fn $name(low: i64, high: i64) -> Limits {
            Limits { low: low * $scale, high: high * $scale, unit: $unit }
        })+
    };
}

limits! {
    /// Whole percent.
    percent(10_000, "percent");
    /// Millionths, shown as percent.
    share(1, "percent");
    /// Whole points of delta.
    points(100, "points of delta");
    /// Whole dollars.
    dollars(UNITS_PER_DOLLAR, "dollars");
    /// Whole dollars of an amount.
    money(UNITS_PER_DOLLAR, "dollars");
    /// Points of VIX.
    vix_points(100, "points of VIX");
}

/// A whole number of something.
pub(super) const fn count(low: i64, high: i64, unit: &'static str) -> Limits {
    Limits { low, high, unit }
}

/// Thousandths of a multiple.
pub(super) const fn multiple(low: i64, high: i64, unit: &'static str) -> Limits {
    Limits { low, high, unit }
}

/// A value whose type alone says what is allowed.
pub(super) const fn any(unit: &'static str) -> Limits {
    Limits { low: i64::MIN, high: i64::MAX, unit }
}

/// Parts or steps of a whole.
pub(super) const fn parts(unit: &'static str) -> Limits {
    Limits { low: 0, high: Ppm::WHOLE, unit }
}

/// A value that a policy can hold.
pub(super) trait Setting: Sized {
    /// A placeholder that stands until the file is read.
    fn blank() -> Self;
    /// Reads the value and checks it.
    fn read(raw: &Raw<'_>, limits: &Limits) -> Result<Self, Mismatch>;
    /// The value as the file writes it.
    fn show(&self) -> String;
    /// What is allowed, in words.
    fn allowed(limits: &Limits) -> String;
}
