//! Reads one CBOR item after the other (RFC 8949). What a journal is made of, heads with their number in them, is read
//! here without a call; whatever is anything else, and so every error, is left to `minicbor`.

use market::time::{Date, date_of_number};
use minicbor::Decoder;
use minicbor::data::Type;

use super::{CodecError, Fault};

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const NULL: u8 = 0xf6;

type Slow<T> = Result<T, minicbor::decode::Error>;

/// Where bytes come from.
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    /// The day that was read last: the dates of one event are few.
    day: Option<(i64, Date)>,
}

/// Numbers without a sign, as far as their type reaches.
macro_rules! unsigned {
    ($($t:ident),+) => {
        $(#[inline]
        pub(super) fn $t(&mut self) -> Result<$t, Fault> {
            let start = self.at;
            match self.head(UNSIGNED).map($t::try_from) {
                Some(Ok(number)) => Ok(number),
                _ => self.slowly(start, |d| d.$t()),
            }
        })+
    };
}

/// Numbers with a sign, as far as their type reaches.
macro_rules! signed {
    ($($t:ident),+) => {
        $(#[inline]
        pub(super) fn $t(&mut self) -> Result<$t, Fault> {
            let start = self.at;
            // A negative number is written as -1 - n: all its bits turned over.
            let number = match self.head(UNSIGNED) {
                Some(number) => $t::try_from(number).ok(),
                None => self.head(NEGATIVE).and_then(|number| $t::try_from(number).ok()).map(|number| !number),
            };
            match number {
                Some(number) => Ok(number),
                None => self.slowly(start, |d| d.$t()),
            }
        })+
    };
}

impl<'b> Reader<'b> {
    pub(super) const fn new(bytes: &'b [u8]) -> Self {
        Reader { bytes, at: 0, day: None }
    }

    /// How many bytes were read.
    pub(super) const fn position(&self) -> usize {
        self.at
    }

    unsigned!(u8, u16, u32, u64);
    signed!(i16, i32, i64);

    /// How many items follow; none where that is not said at the start.
    #[inline]
    pub(super) fn array(&mut self) -> Result<Option<u64>, Fault> {
        let start = self.at;
        match self.head(ARRAY) {
            Some(count) => Ok(Some(count)),
            None => self.slowly(start, Decoder::array),
        }
    }

    pub(super) fn bool(&mut self) -> Result<bool, Fault> {
        self.slowly(self.at, Decoder::bool)
    }

    /// Whether nothing stands here; if so, it is read.
    #[inline]
    pub(super) fn null(&mut self) -> bool {
        let null = self.bytes.get(self.at) == Some(&NULL);
        self.at += usize::from(null);
        null
    }

    #[inline]
    pub(super) fn str(&mut self) -> Result<&'b str, Fault> {
        let start = self.at;
        match self.counted(TEXT).map(str::from_utf8) {
            Some(Ok(text)) => Ok(text),
            _ => self.slowly(start, Decoder::str),
        }
    }

    #[inline]
    pub(super) fn bytes(&mut self) -> Result<&'b [u8], Fault> {
        let start = self.at;
        match self.counted(BYTES) {
            Some(bytes) => Ok(bytes),
            None => self.slowly(start, Decoder::bytes),
        }
    }

    /// What `read` makes of the letters of a text; none, and nothing read, where it makes nothing or no text stands
    /// here.
    #[inline]
    pub(super) fn letters<T>(&mut self, read: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        let start = self.at;
        let made = self.counted(TEXT).and_then(read);
        if made.is_none() {
            self.at = start;
        }
        made
    }

    /// A day by its number.
    #[inline]
    pub(super) fn date(&mut self) -> Result<Date, Fault> {
        let number = self.i64()?;
        match self.day {
            Some((known, date)) if known == number => Ok(date),
            _ => self.other_date(number),
        }
    }

    fn other_date(&mut self, number: i64) -> Result<Date, Fault> {
        let date = date_of_number(number).ok_or(CodecError::Value { what: "a day", found: number })?;
        self.day = Some((number, date));
        Ok(date)
    }

    /// What stands here.
    pub(super) fn datatype(&self) -> Result<Type, Fault> {
        let mut decoder = Decoder::new(self.bytes);
        decoder.set_position(self.at);
        Ok(decoder.datatype()?)
    }

    /// The number of a head of `major` type; none, and nothing read, if anything else stands here.
    #[inline(always)]
    fn head(&mut self, major: u8) -> Option<u64> {
        let rest = self.bytes.get(self.at..)?;
        let first = *rest.first()?;
        if first >> 5 != major {
            return None;
        }
        let (number, length) = match first & 0x1f {
            small @ 0..=23 => (u64::from(small), 1),
            24 => (u64::from(*rest.get(1)?), 2),
            25 => (u64::from(u16::from_be_bytes(*rest[1..].first_chunk()?)), 3),
            26 => (u64::from(u32::from_be_bytes(*rest[1..].first_chunk()?)), 5),
            27 => (u64::from_be_bytes(*rest[1..].first_chunk()?), 9),
            _ => return None,
        };
        self.at += length;
        Some(number)
    }

    /// The bytes after a head that says how many they are.
    #[inline(always)]
    fn counted(&mut self, major: u8) -> Option<&'b [u8]> {
        let count = usize::try_from(self.head(major)?).ok()?;
        let rest = &self.bytes[self.at..];
        let counted = rest.get(..count)?;
        self.at += count;
        Some(counted)
    }

    /// What `read` makes of the bytes from `start` on.
    #[cold]
    fn slowly<T>(&mut self, start: usize, read: impl FnOnce(&mut Decoder<'b>) -> Slow<T>) -> Result<T, Fault> {
        let mut decoder = Decoder::new(self.bytes);
        decoder.set_position(start);
        let read = read(&mut decoder)?;
        self.at = decoder.position();
        Ok(read)
    }
}
