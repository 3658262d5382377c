//! A section of the policy: one struct, one `[section]` of the file, one text for `policy show` and every error.

pub(super) use ledger::SleeveKind;

pub(super) use super::setting::{
    Limits, Mismatch, Raw, Setting, any, count, dollars, money, multiple, parts, percent, points, share, vix_points,
};
pub(super) use super::unit::{
    Dated, DeltaBand, Ladder, Multiple, Parts, Ppm, RollDelta, Span, Steps, Symbols, TimeOfDay, VixLevel,
};
pub(super) use crate::fees::Rate;
pub(super) use crate::rule::{Rule, RuleSet};

/// What is known of one key besides its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) doc: &'static str,
    pub(super) rules: &'static [Rule],
    pub(super) limits: Limits,
    pub(super) allowed: fn(&Limits) -> String,
}

impl Key {
    /// What is allowed, in words.
    pub(super) fn allowed(&self) -> String {
        (self.allowed)(&self.limits)
    }
}

/// One `[section]` of a policy file.
pub(super) trait Section {
    /// Its name.
    fn path(&self) -> &'static str;
    /// What it is about.
    fn intro(&self) -> &'static str;
    /// Its keys in the order of the file.
    fn keys(&self) -> &'static [Key];
    /// Sets one key; `None` if there is no such key.
    fn set(&mut self, key: &str, raw: &Raw<'_>) -> Option<Result<(), Mismatch>>;
    /// The value of one key as the file writes it.
    fn text(&self, key: &str) -> Option<String>;
    /// Keys that this policy has beyond the fixed ones; each is described by the section's last key.
    fn further_keys(&self) -> Vec<String> {
        Vec::new()
    }
}

macro_rules! key_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $key:literal) => {
        $key
    };
}

macro_rules! section {
    (
        $(#[doc = $intro:literal])+
        $name:ident $(: $copy:ident)? = $path:literal {
            $(
                $(#[doc = $doc:literal])+
                $field:ident $(as $key:literal)?: $type:ty, $limits:expr, [$($rule:ident),*];
            )+
        }
    ) => {
        $(#[doc = $intro])+
        #[derive(Clone, $($copy,)? Debug, PartialEq, Eq)]
        pub struct $name {
            $($(#[doc = $doc])+ pub $field: $type,)+
        }

        impl $name {
            pub(super) fn blank() -> Self {
                $name { $($field: <$type as Setting>::blank(),)+ }
            }
        }

        impl Section for $name {
            fn path(&self) -> &'static str {
                $path
            }

            fn intro(&self) -> &'static str {
                concat!($($intro, "\n"),+).trim_ascii()
            }

            fn keys(&self) -> &'static [Key] {
                const KEYS: &[Key] = &[$(Key {
                    name: key_name!($field $($key)?),
                    doc: concat!($($doc),+).trim_ascii(),
                    rules: &[$(Rule::$rule),*],
                    limits: $limits,
                    allowed: <$type as Setting>::allowed,
                }),+];
                KEYS
            }

            fn set(&mut self, key: &str, raw: &Raw<'_>) -> Option<Result<(), Mismatch>> {
                $(if key == key_name!($field $($key)?) {
                    return Some(<$type as Setting>::read(raw, &$limits).map(|value| self.$field = value));
                })+
                None
            }

            fn text(&self, key: &str) -> Option<String> {
                $(if key == key_name!($field $($key)?) {
                    return Some(Setting::show(&self.$field));
                })+
                None
            }
        }
    };
}

macro_rules! by_sleeve {
    ($($section:ident: $type:ty;)+) => { $(
        impl $section {
            /// The value for one sleeve.
            #[inline]
            #[must_use]
            pub const fn of(&self, kind: SleeveKind) -> $type {
                match kind {
                    SleeveKind::Generation => self.generation,
                    SleeveKind::Revenue => self.revenue,
                    SleeveKind::Compounding => self.compounding,
                }
            }
        }
    )+ };
}

pub(super) use {by_sleeve, key_name, section};
