//! The identifiers of the protocol's rules. A decision cites them; a journal stores their numbers.

use std::fmt;

macro_rules! rules {
    ($($variant:ident $id:literal $title:literal;)+) => {
        /// One rule of the protocol.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = concat!($id, ": ", $title, ".")] $variant,)+
        }

        impl Rule {
            /// Every rule, in the protocol's order.
            pub const ALL: &'static [Rule] = &[$(Rule::$variant),+];

            /// The identifier as the protocol prints it, such as `E-4`.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self {
                    $(Rule::$variant => $id,)+
                }
            }

            /// What the rule is about, in a few words.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $(Rule::$variant => $title,)+
                }
            }
        }
    };
}

rules! {
    A1 "A-1" "a tree of structures with their sleeves";
    A2 "A-2" "deposits split over the sleeves";
    A3 "A-3" "cash buffer of every sleeve";
    A4 "A-4" "weekly return targets, shown and never traded on";
    A5 "A-5" "symbols of each sleeve";
    A6 "A-6" "withdrawals";
    A7 "A-7" "cash accounts and settled money";
    M1 "M-1" "trend of the index";
    M2 "M-2" "volatility against its year";
    M3 "M-3" "share of symbols above their average";
    M4 "M-4" "the week is Green, Red or Chop";
    M5 "M-5" "confidence, and a class that only worsens";
    M6 "M-6" "answers to the week's class";
    M7 "M-7" "smaller size in high volatility";
    E1 "E-1" "delta bands";
    E2 "E-2" "expirations and entry days";
    E3 "E-3" "entry window and replay time";
    E4 "E-4" "choice of the strike";
    E5 "E-5" "size of an entry";
    E6 "E-6" "gates before an entry";
    E7 "E-7" "limit orders walked from mid";
    E8 "E-8" "covered calls";
    E9 "E-9" "fills, fees and interest in replay";
    E10 "E-10" "further switches of an entry";
    E11 "E-11" "listed expirations, dated";
    W1 "W-1" "put expired worthless (P-EW)";
    W2 "W-2" "put assigned within limit (P-AWL)";
    W3 "W-3" "put rolled over (P-RO)";
    W4 "W-4" "put assigned over limit (P-AOL)";
    W5 "W-5" "put in deep drawdown (P-DD)";
    W6 "W-6" "call with appreciation profit (C-WAP)";
    W7 "W-7" "call with strong appreciation profit (C-WAP+)";
    W8 "W-8" "call with premium only (C-PNO)";
    W9 "W-9" "call rolled over (C-RO)";
    W10 "W-10" "call in recovery mode (C-REC)";
    W11 "W-11" "idle week (W-IDL)";
    W12 "W-12" "a sleeve's week is its most severe position's";
    X1 "X-1" "adverse move counted in ATRs";
    X2 "X-2" "watch closely";
    X3 "X-3" "propose a roll";
    X4 "X-4" "act this session";
    X5 "X-5" "take profit early";
    X6 "X-6" "expiration day";
    X7 "X-7" "early assignment";
    X8 "X-8" "buy back what is nearly worthless";
    R1 "R-1" "a roll buys back before it sells";
    R2 "R-2" "when a roll is allowed";
    R3 "R-3" "the best roll";
    G1 "G-1" "capital preservation (GBR-4)";
    G2 "G-2" "way out of capital preservation";
    G3 "G-3" "capital preservation that lasts half a year";
    K1 "K-1" "drawdown of a sleeve";
    K2 "K-2" "drawdown limits";
    K3 "K-3" "guard against extreme volatility";
    K4 "K-4" "checks before every order";
    K5 "K-5" "unknown positions freeze what they touch";
    K6 "K-6" "kill switch";
    K7 "K-7" "fills shared out over sleeves";
    F1 "F-1" "surplus that makes a fork due";
    F2 "F-2" "what stays and what founds a new structure";
    F3 "F-3" "only free cash forks, into sleeves that can trade";
    F4 "F-4" "a fork is one entry";
    J1 "J-1" "merge of a mature structure";
    Q1 "Q-1" "tax reserve and quarterly reinvestment";
    Q2 "Q-2" "LEAPS ladder";
    I1 "I-1" "income and growth";
    I2 "I-2" "income kept or withdrawn";
    C1 "C-1" "close: expirations, assignments, dividends, splits, interest";
    C2 "C-2" "close: marks";
    C3 "C-3" "close: types of positions and sleeves";
    C4 "C-4" "close: income";
    C5 "C-5" "close: drawdowns, locks, capital preservation";
    C6 "C-6" "close: reinvestment";
    C7 "C-7" "close: merges";
    C8 "C-8" "close: forks";
    C9 "C-9" "close: report";
    T1 "T-1" "tax lots";
    T2 "T-2" "premium of written options";
    T3 "T-3" "wash sales";
    T4 "T-4" "year-end summary and warnings";
    T5 "T-5" "straddles and qualified covered calls";
    T6 "T-6" "qualified dividends";
    T7 "T-7" "options that are section 1256 contracts";
    H1 "H-1" "who decides each class of decision";
    H2 "H-2" "trust";
    H3 "H-3" "proposals and what silence means";
    H4 "H-4" "emergencies that only reduce risk";
    V1 "V-1" "projection at the targets";
    V2 "V-2" "projection with drawn weeks";
    V3 "V-3" "simulation on a market";
    L1 "L-1" "weekly report";
    L2 "L-2" "monthly report";
    L3 "L-3" "quarterly report";
    L4 "L-4" "annual report";
    L5 "L-5" "one query, every format";
    L6 "L-6" "benchmarks beside every figure";
}

impl Rule {
    /// The letter of the rule's family.
    #[must_use]
    pub const fn letter(self) -> char {
        self.id().as_bytes()[0] as char
    }

    /// A number that never changes and can be read by eye: place of the letter in the alphabet × 100 + number, so that
    /// A-1 is 101 and E-4 is 504.
    #[must_use]
    pub const fn number(self) -> u16 {
        let id = self.id().as_bytes();
        let mut n = 0;
        let mut i = 2;
        while i < id.len() {
            n = n * 10 + (id[i] - b'0') as u16;
            i += 1;
        }
        (id[0] - b'A' + 1) as u16 * 100 + n
    }

    /// The rule with this number.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Rule> {
        const LAST: usize = 26 * 100 + 99;
        static BY_NUMBER: [Option<Rule>; LAST + 1] = {
            let mut table = [None; LAST + 1];
            let mut i = 0;
            while i < Rule::ALL.len() {
                table[Rule::ALL[i].number() as usize] = Some(Rule::ALL[i]);
                i += 1;
            }
            table
        };
        BY_NUMBER.get(usize::from(number)).copied().flatten()
    }

    /// The rule with this identifier, exactly as printed.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Rule> {
        Rule::ALL.iter().copied().find(|r| r.id() == id)
    }

    /// The heading under which the protocol prints the rule.
    #[must_use]
    pub const fn section(self) -> &'static str {
        match self.letter() {
            'A' => "Structures and sleeves",
            'M' => "The market's week",
            'E' => "Entries",
            'W' => "The position's week",
            'X' | 'R' | 'G' => "Managing positions",
            'K' => "Risk",
            'F' | 'J' | 'Q' | 'I' => "Fork, merge, reinvest, income",
            'C' => "The weekly close",
            'T' => "Tax",
            'H' => "Human in the loop",
            'V' => "Projection model",
            _ => "Reports",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// A set of rules. The policy holds the set of those switched off, which serves only to show what a rule is worth.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct RuleSet(u128);

impl RuleSet {
    /// No rule.
    pub const NONE: RuleSet = RuleSet(0);

    /// The set with `rule` added.
    #[must_use]
    pub const fn with(self, rule: Rule) -> Self {
        RuleSet(self.0 | 1 << rule as u32)
    }

    /// The set with `rule` taken out.
    #[must_use]
    pub const fn without(self, rule: Rule) -> Self {
        RuleSet(self.0 & !(1 << rule as u32))
    }

    /// Whether `rule` is in the set.
    #[inline]
    #[must_use]
    pub const fn contains(self, rule: Rule) -> bool {
        self.0 >> rule as u32 & 1 == 1
    }

    /// Whether no rule is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The rules of the set, in the protocol's order.
    pub fn iter(self) -> impl Iterator<Item = Rule> {
        Rule::ALL.iter().copied().filter(move |r| self.contains(*r))
    }
}

impl FromIterator<Rule> for RuleSet {
    fn from_iter<I: IntoIterator<Item = Rule>>(rules: I) -> Self {
        rules.into_iter().fold(RuleSet::NONE, RuleSet::with)
    }
}

impl fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

const _: () = assert!(Rule::ALL.len() <= 128, "a RuleSet has 128 places");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_numbers_are_read_back_and_unique() {
        let mut seen = std::collections::BTreeSet::new();
        for rule in Rule::ALL {
            assert_eq!(Rule::from_id(rule.id()), Some(*rule));
            assert_eq!(Rule::from_number(rule.number()), Some(*rule));
            assert!(seen.insert(rule.number()), "{rule} shares its number");
            assert!(!rule.title().is_empty() && !rule.title().ends_with('.'));
        }
        assert_eq!((Rule::A1.number(), Rule::E11.number(), Rule::X8.number()), (101, 511, 2408));
        assert_eq!((Rule::from_id("E-99"), Rule::from_id("e-4"), Rule::from_number(0)), (None, None, None));
    }

    #[test]
    fn each_family_is_numbered_without_a_gap() {
        for pair in Rule::ALL.windows(2) {
            let (a, b) = (pair[0].number(), pair[1].number());
            assert!(b == a + 1 || b % 100 == 1, "{} after {}", pair[1], pair[0]);
        }
        let lasts: Vec<&str> = "AMEWXRGKFJQICTHVL"
            .chars()
            .map(|c| Rule::ALL.iter().rev().find(|r| r.letter() == c).unwrap().id())
            .collect();
        assert_eq!(lasts.join(" "), "A-7 M-7 E-11 W-12 X-8 R-3 G-3 K-7 F-4 J-1 Q-2 I-2 C-9 T-7 H-4 V-3 L-6");
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        for rule in Rule::ALL {
            let set = RuleSet::NONE.with(*rule);
            assert_eq!(set.iter().collect::<Vec<_>>(), [*rule]);
            assert_eq!(set.with(*rule), set, "once in is in");
            assert!(!set.is_empty() && set.without(*rule).is_empty());
        }
        let set: RuleSet = [Rule::L6, Rule::A1].into_iter().collect();
        assert_eq!(format!("{set:?}"), "{A1, L6}");
    }

    #[test]
    fn every_family_stands_under_the_protocols_heading() {
        let mut headings: Vec<(&str, String)> = Vec::new();
        for rule in Rule::ALL {
            match headings.iter_mut().find(|(heading, _)| *heading == rule.section()) {
                Some((_, letters)) if letters.ends_with(rule.letter()) => {}
                Some((_, letters)) => letters.push(rule.letter()),
                None => headings.push((rule.section(), rule.letter().to_string())),
            }
        }
        let drawn: Vec<String> = headings.iter().map(|(heading, letters)| format!("{letters}: {heading}")).collect();
        assert_eq!(
            drawn,
            [
                "A: Structures and sleeves",
                "M: The market's week",
                "E: Entries",
                "W: The position's week",
                "XRG: Managing positions",
                "K: Risk",
                "FJQI: Fork, merge, reinvest, income",
                "C: The weekly close",
                "T: Tax",
                "H: Human in the loop",
                "V: Projection model",
                "L: Reports",
            ]
        );
    }
}
