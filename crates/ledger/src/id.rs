//! The identifiers of the books.

use std::fmt;

/// One owner's set of structures, with one ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortfolioId(pub u32);

/// One set of sleeves in a portfolio's tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StructureId(pub u32);

/// What a sleeve is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SleeveKind {
    /// Weekly premium near the money; its surplus founds new structures.
    Generation,
    /// Weekly premium for income.
    Revenue,
    /// Weekly premium that stays in.
    Compounding,
}

/// One sleeve: its structure and what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SleeveId {
    /// The structure it belongs to.
    pub structure: StructureId,
    /// Which of its sleeves.
    pub kind: SleeveKind,
}

/// A set of sleeve kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SleeveKinds(u8);

/// A lot of shares or of written contracts; rises with each that is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LotId(pub u64);

/// A booked entry; rises by one with each, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionId(pub u64);

impl SleeveKind {
    /// Every kind, in the order of the books.
    pub const ALL: [SleeveKind; 3] = [SleeveKind::Generation, SleeveKind::Revenue, SleeveKind::Compounding];
}

impl SleeveId {
    /// The sleeve of `kind` in `structure`.
    #[must_use]
    pub const fn new(structure: StructureId, kind: SleeveKind) -> Self {
        SleeveId { structure, kind }
    }
}

impl SleeveKinds {
    /// The sleeves of a root structure: all three.
    pub const ROOT: SleeveKinds = SleeveKinds(0b111);
    /// The sleeves of a forked structure: Generation and Compounding.
    pub const FORKED: SleeveKinds = SleeveKinds(0b101);

    /// The set of the given kinds.
    #[must_use]
    pub fn of(kinds: &[SleeveKind]) -> Self {
        SleeveKinds(kinds.iter().fold(0, |bits, kind| bits | 1 << *kind as u8))
    }

    /// Whether `kind` is in the set.
    #[must_use]
    pub const fn contains(self, kind: SleeveKind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    /// Whether nothing is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for SleeveKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            SleeveKind::Generation => "Gen",
            SleeveKind::Revenue => "Rev",
            SleeveKind::Compounding => "Com",
        })
    }
}

impl fmt::Display for SleeveId {
    /// As reports name it: `1.Gen`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.structure, self.kind)
    }
}

macro_rules! shown_as_number {
    ($($t:ident),*) => {
        $(impl fmt::Display for $t {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        })*
    };
}
shown_as_number!(PortfolioId, StructureId, LotId, TransactionId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_sets() {
        let id = SleeveId::new(StructureId(4), SleeveKind::Compounding);
        assert_eq!(id.to_string(), "4.Com");
        assert_eq!(SleeveKind::ALL.map(|kind| kind.to_string()), ["Gen", "Rev", "Com"]);
        assert_eq!(SleeveKinds::of(&SleeveKind::ALL), SleeveKinds::ROOT);
        assert_eq!(SleeveKinds::of(&[SleeveKind::Compounding, SleeveKind::Generation]), SleeveKinds::FORKED);
        assert!(!SleeveKinds::FORKED.contains(SleeveKind::Revenue) && SleeveKinds::of(&[]).is_empty());
    }
}
