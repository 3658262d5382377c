//! What can be held: underlying symbols and listed option series, with their OCC names.

pub mod ladder;
pub mod listing;

use std::fmt;
use std::str::FromStr;

use crate::time::{Date, Expiration};
use crate::value::{Price, UNITS_PER_DOLLAR};

/// A ticker of one to six characters: capital letters, digits, `.` or `-`, beginning with a letter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol([u8; 6]);

/// Why a text is not a ticker.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a ticker; expected 1 to 6 capital letters, digits, '.' or '-', beginning with a letter")]
pub struct NotASymbol {
    /// The text as it was given.
    pub text: String,
}

impl Symbol {
    /// Reads a ticker.
    ///
    /// # Errors
    /// [`NotASymbol`] if it is empty, too long or has other characters.
    pub fn new(text: &str) -> Result<Self, NotASymbol> {
        Self::of_letters(text.as_bytes()).ok_or_else(|| NotASymbol { text: text.to_owned() })
    }

    /// The ticker with these letters, if they are one.
    #[must_use]
    pub fn of_letters(letters: &[u8]) -> Option<Self> {
        let sound = (1..=6).contains(&letters.len())
            && letters[0].is_ascii_uppercase()
            && letters.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'));
        let mut padded = [0u8; 6];
        sound.then(|| {
            padded[..letters.len()].copy_from_slice(letters);
            Symbol(padded)
        })
    }

    /// The ticker as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|b| *b == 0).unwrap_or(self.0.len());
        std::str::from_utf8(&self.0[..end]).unwrap_or("")
    }
}

impl FromStr for Symbol {
    type Err = NotASymbol;
    fn from_str(text: &str) -> Result<Self, NotASymbol> {
        Symbol::new(text)
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Put or call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// The right to sell at the strike.
    Put,
    /// The right to buy at the strike.
    Call,
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Right::Put => "put",
            Right::Call => "call",
        })
    }
}

/// One listed option series on a standard contract of 100 shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// The stock or fund that is delivered.
    pub underlying: Symbol,
    /// Last day of its life.
    pub expiration: Expiration,
    /// Put or call.
    pub right: Right,
    /// Price at which it is exercised.
    pub strike: Price,
}

/// Why a text is not an OCC option symbol.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an OCC option symbol: {why}")]
pub struct NotAnOccSymbol {
    /// The text as it was given.
    pub text: String,
    /// What was expected.
    pub why: &'static str,
}

impl Series {
    /// The 21-character OCC symbol: root padded to six, date, `P` or `C`, strike in thousandths on eight digits
    /// (Options Symbology Initiative, 2010). A strike that is no whole thousandth, negative, or above $99,999.999 has
    /// none.
    #[must_use]
    pub fn occ(&self) -> Option<String> {
        let per_thousandth = UNITS_PER_DOLLAR / 1000;
        let thousandths = self.strike.units() / per_thousandth;
        let fits = self.strike.units() % per_thousandth == 0 && (0..=99_999_999).contains(&thousandths);
        let date = self.expiration.0;
        let fits = fits && (2000..2100).contains(&date.year());
        fits.then(|| {
            let right = if self.right == Right::Put { 'P' } else { 'C' };
            format!(
                "{:<6}{:02}{:02}{:02}{right}{thousandths:08}",
                self.underlying,
                date.year() % 100,
                date.month(),
                date.day()
            )
        })
    }

    /// Reads a 21-character OCC symbol.
    ///
    /// # Errors
    /// [`NotAnOccSymbol`] with what was expected.
    pub fn from_occ(text: &str) -> Result<Self, NotAnOccSymbol> {
        let refuse = |why| NotAnOccSymbol { text: text.to_owned(), why };
        if text.len() != 21 || !text.is_ascii() {
            return Err(refuse("expected 21 characters: root padded to six, YYMMDD, P or C, strike on eight digits"));
        }
        let root = text[..6].trim_end_matches(' ');
        let underlying = Symbol::new(root).map_err(|_| refuse("the first six characters are not a ticker"))?;
        let number = |from: usize, to: usize| -> Option<i64> {
            let part = &text[from..to];
            if part.bytes().all(|b| b.is_ascii_digit()) { part.parse().ok() } else { None }
        };
        let date = (|| {
            let year = i16::try_from(number(6, 8)?).ok()? + 2000;
            Date::new(year, i8::try_from(number(8, 10)?).ok()?, i8::try_from(number(10, 12)?).ok()?).ok()
        })();
        let date = date.ok_or_else(|| refuse("characters 7 to 12 are not a date YYMMDD"))?;
        let right = match &text[12..13] {
            "P" => Right::Put,
            "C" => Right::Call,
            _ => return Err(refuse("character 13 is neither P nor C")),
        };
        let thousandths = number(13, 21).ok_or_else(|| refuse("characters 14 to 21 are not eight digits"))?;
        let strike = Price::from_units(thousandths * (UNITS_PER_DOLLAR / 1000));
        Ok(Series { underlying, expiration: Expiration(date), right, strike })
    }
}

impl fmt::Display for Series {
    /// As a trader writes it: `TSLA 2024-06-14 $180.00 put`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.underlying, self.expiration, self.strike, self.right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_occ_symbols_read_and_write() {
        // Examples of the symbology as the OCC and brokers print them.
        for (occ, shown) in [
            ("SPX   141122P00019500", "SPX 2014-11-22 $19.50 put"),
            ("LAMR  150117C00052500", "LAMR 2015-01-17 $52.50 call"),
            ("AAPL  240614P00195000", "AAPL 2024-06-14 $195.00 put"),
        ] {
            let series = Series::from_occ(occ).unwrap();
            assert_eq!(series.to_string(), shown);
            assert_eq!(series.occ().as_deref(), Some(occ));
        }
    }

    #[test]
    fn what_is_not_an_occ_symbol_is_refused_with_the_reason() {
        for (text, why) in [
            ("AAPL240614P00195000", "21 characters"),
            ("AAPL  241314P00195000", "date"),
            ("AAPL  240614X00195000", "P nor C"),
            ("AAPL  240614P0019500a", "eight digits"),
            ("aapl  240614P00195000", "ticker"),
            ("TSLA\n 240614P00192500", "ticker"),
        ] {
            let error = Series::from_occ(text).unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
    }

    proptest! {
        #[test]
        fn occ_both_ways(root in "[A-Z][A-Z0-9]{0,5}", day in 0i64..30_000, put: bool, strike in 0i64..100_000_000) {
            let date = crate::time::date_of_number(10_957 + day).unwrap();
            let series = Series {
                underlying: Symbol::new(&root).unwrap(),
                expiration: Expiration(date),
                right: if put { Right::Put } else { Right::Call },
                strike: Price::from_units(strike * 10),
            };
            prop_assert_eq!(Series::from_occ(&series.occ().unwrap()).unwrap(), series);
        }
    }
}
