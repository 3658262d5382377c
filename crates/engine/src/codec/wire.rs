//! How each plain type is written: CBOR (RFC 8949) with definite lengths and shortest integers, fields by their place.

use market::time::{Date, Expiration, TradingDay, Week, day_number};
use minicbor::Encoder;

pub(super) use super::reader::Reader;
use super::{CodecError, Fault};

/// Where bytes go.
pub(super) type Writer<'a> = Encoder<&'a mut Vec<u8>>;

/// A type with one way to be written.
pub(super) trait Wire: Sized {
    fn put(&self, w: &mut Writer<'_>);
    fn get(r: &mut Reader<'_>) -> Result<Self, Fault>;
}

/// Writing to memory cannot fail.
pub(super) fn sure<T, E>(written: Result<T, E>) {
    assert!(written.is_ok(), "writing to memory cannot fail");
}

/// Reads an array header of exactly `n` fields.
pub(super) fn fields(r: &mut Reader<'_>, n: u64, what: &'static str) -> Result<(), Fault> {
    match r.array()? {
        Some(found) if found == n => Ok(()),
        found => Err(CodecError::Fields { what, found, expected: n }.into()),
    }
}

macro_rules! integers {
    ($($t:ty => $method:ident),+) => {
        $(impl Wire for $t {
            #[inline]
            fn put(&self, w: &mut Writer<'_>) {
                sure(w.$method(*self));
            }
            #[inline]
            fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
                r.$method()
            }
        })+
    };
}
integers!(bool => bool, i16 => i16, u16 => u16, u32 => u32, u64 => u64, i32 => i32, i64 => i64);

impl Wire for String {
    fn put(&self, w: &mut Writer<'_>) {
        sure(w.str(self));
    }
    fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(r.str()?.to_owned())
    }
}

impl<T: Wire> Wire for Option<T> {
    #[inline]
    fn put(&self, w: &mut Writer<'_>) {
        match self {
            None => sure(w.null()),
            Some(value) => value.put(w),
        }
    }
    #[inline]
    fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
        if r.null() {
            return Ok(None);
        }
        T::get(r).map(Some)
    }
}

impl<T: Wire> Wire for Box<T> {
    fn put(&self, w: &mut Writer<'_>) {
        (**self).put(w);
    }
    fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
        T::get(r).map(Box::new)
    }
}

/// `[0, value]` or `[1, error]`.
impl<T: Wire, E: Wire> Wire for Result<T, E> {
    fn put(&self, w: &mut Writer<'_>) {
        sure(w.array(2));
        sure(w.u32(u32::from(self.is_err())));
        match self {
            Ok(value) => value.put(w),
            Err(error) => error.put(w),
        }
    }
    fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
        fields(r, 2, "a result")?;
        match r.u32()? {
            0 => T::get(r).map(Ok),
            1 => E::get(r).map(Err),
            found => Err(CodecError::Value { what: "a result", found: i64::from(found) }.into()),
        }
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn put(&self, w: &mut Writer<'_>) {
        sure(w.array(self.len() as u64));
        self.iter().for_each(|item| item.put(w));
    }
    fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let n = r.array()?.ok_or(CodecError::Indefinite)?;
        // The count is the writer's word: memory is taken as items really arrive.
        let mut items = Vec::with_capacity(n.min(64) as usize);
        for _ in 0..n {
            items.push(T::get(r)?);
        }
        Ok(items)
    }
}

impl<T: Wire + Copy + Default, const N: usize> Wire for [T; N] {
    fn put(&self, w: &mut Writer<'_>) {
        sure(w.array(N as u64));
        self.iter().for_each(|item| item.put(w));
    }
    fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
        fields(r, N as u64, "a fixed list")?;
        let mut items = [T::default(); N];
        for item in &mut items {
            *item = T::get(r)?;
        }
        Ok(items)
    }
}

macro_rules! tuples {
    ($(($($t:ident $i:tt),+) $n:literal;)+) => {
        $(impl<$($t: Wire),+> Wire for ($($t,)+) {
            #[inline]
            fn put(&self, w: &mut Writer<'_>) {
                sure(w.array($n));
                $(self.$i.put(w);)+
            }
            #[inline]
            fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
                fields(r, $n, "a group")?;
                Ok(($($t::get(r)?,)+))
            }
        })+
    };
}
tuples! { (A 0, B 1) 2; (A 0, B 1, C 2) 3; }

impl Wire for Date {
    #[inline]
    fn put(&self, w: &mut Writer<'_>) {
        sure(w.i64(day_number(*self)));
    }
    #[inline]
    fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.date()
    }
}

impl Wire for TradingDay {
    #[inline]
    fn put(&self, w: &mut Writer<'_>) {
        self.date().put(w);
    }
    #[inline]
    fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
        Date::get(r).map(TradingDay::from_record)
    }
}

impl Wire for Expiration {
    #[inline]
    fn put(&self, w: &mut Writer<'_>) {
        self.0.put(w);
    }
    #[inline]
    fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
        Date::get(r).map(Expiration)
    }
}

impl Wire for Week {
    fn put(&self, w: &mut Writer<'_>) {
        (i32::from(self.year), i32::from(self.number)).put(w);
    }
    fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let (year, number) = <(i32, i32)>::get(r)?;
        let bad = |found: i32| CodecError::Value { what: "a week", found: i64::from(found) };
        Ok(Week {
            year: i16::try_from(year).map_err(|_| bad(year))?,
            number: i8::try_from(number).ok().filter(|n| (1..=53).contains(n)).ok_or(bad(number))?,
        })
    }
}

/// A type around one number.
macro_rules! around {
    ($($t:ty: $inner:ty = |$v:ident| $out:expr, |$n:ident| $in:expr;)+) => {
        $(impl Wire for $t {
            #[inline]
            fn put(&self, w: &mut Writer<'_>) {
                let $v = self;
                let inner: $inner = $out;
                inner.put(w);
            }
            #[inline]
            fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
                let $n = <$inner as Wire>::get(r)?;
                Ok($in)
            }
        })+
    };
}

/// A struct, its fields by place.
macro_rules! record {
    ($($t:ty, $n:literal { $($place:literal $field:ident),+ $(,)? })+) => {
        $(impl Wire for $t {
            #[inline]
            fn put(&self, w: &mut Writer<'_>) {
                sure(w.array($n));
                $(self.$field.put(w);)+
            }
            #[inline]
            fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
                fields(r, $n, stringify!($t))?;
                $(let $field = Wire::get(r)?;)+
                Ok(Self { $($field),+ })
            }
        }
        const _: () = {
            let places: &[u64] = &[$($place),+];
            assert!(places.len() == $n);
            let mut i = 0;
            while i < places.len() {
                assert!(places[i] == i as u64, "fields stand in the order of their places");
                i += 1;
            }
        };)+
    };
}

/// An enum whose variants hold nothing, by number.
macro_rules! choice {
    ($($t:ty { $($number:literal $variant:ident),+ $(,)? })+) => {
        $(impl Wire for $t {
            #[inline]
            fn put(&self, w: &mut Writer<'_>) {
                sure(w.u32(match self { $(<$t>::$variant => $number),+ }));
            }
            #[inline]
            fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
                match r.u32()? {
                    $($number => Ok(<$t>::$variant),)+
                    found => Err(CodecError::Value { what: stringify!($t), found: i64::from(found) }.into()),
                }
            }
        })+
    };
}

/// An enum whose variants may hold values: `[number, values…]`.
macro_rules! variants {
    ($($t:ident { $($number:literal $variant:ident $(($($inner:ident),+))? $({ $($field:ident),+ })?),+ $(,)? })+) => {
        $(impl Wire for $t {
            fn put(&self, w: &mut Writer<'_>) {
                match self {
                    $($t::$variant $(($($inner),+))? $({ $($field),+ })? => {
                        sure(w.array(1 $($(+ variants!(@one $inner))+)? $($(+ variants!(@one $field))+)?));
                        sure(w.u32($number));
                        $($($inner.put(w);)+)?
                        $($($field.put(w);)+)?
                    })+
                }
            }
            fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
                let held = r.array()?.ok_or(CodecError::Indefinite)?;
                let number = r.u32()?;
                match number {
                    $($number => {
                        let expected = 1 $($(+ variants!(@one $inner))+)? $($(+ variants!(@one $field))+)?;
                        if held != expected {
                            return Err(CodecError::Fields { what: stringify!($t), found: Some(held), expected }.into());
                        }
                        $($(let $inner = Wire::get(r)?;)+)?
                        $($(let $field = Wire::get(r)?;)+)?
                        Ok($t::$variant $(($($inner),+))? $({ $($field),+ })?)
                    })+
                    found => Err(CodecError::Value { what: stringify!($t), found: i64::from(found) }.into()),
                }
            }
        })+
    };
    (@one $x:ident) => { 1u64 };
}

pub(super) use {around, choice, record, variants};
