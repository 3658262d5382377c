//! The publications behind the rules, named on every tax page.

/// What every tax page begins with.
pub const NOT_ADVICE: &str = "A record and an estimate, not advice.";

/// A rule and where it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The rule of the protocol.
    pub rule: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// The publications.
    pub publications: &'static str,
}

/// Rule by rule.
pub const SOURCES: [Source; 7] = [
    Source {
        rule: "T-1",
        about: "which lot is sold",
        publications: "Treasury Regulation 1.1012-1(c); IRS Publication 550, chapter 4, Basis of Investment Property",
    },
    Source {
        rule: "T-2",
        about: "options and holding periods",
        publications: "IRC 1234(b), 1222, 1223; IRS Publication 550, chapter 4, Options and Holding Period; \
                       Revenue Rulings 58-234, 66-7, 78-182",
    },
    Source {
        rule: "T-3",
        about: "wash sales",
        publications: "IRC 1091, 1223(3); Treasury Regulations 1.1091-1, 1.1091-2; IRS Publication 550, chapter 4, \
                       Wash Sales; Revenue Rulings 56-602, 85-87, 2008-5",
    },
    Source {
        rule: "T-4",
        about: "forms, netting",
        publications: "Instructions for Form 8949, for Schedule D (with its Capital Loss Carryover Worksheet), and for \
                       Form 6781; IRC 1211(b), 1212(b), 1222",
    },
    Source {
        rule: "T-5",
        about: "straddles and qualified covered calls",
        publications: "IRC 1092(a) and (c)(4); Treasury Regulations 1.1092(b)-1T and -2T; IRS Publication 550, chapter \
                       4, Straddles",
    },
    Source {
        rule: "T-6",
        about: "qualified dividends",
        publications: "IRC 1(h)(11), 246(c); IRS Publication 550, chapter 1, Qualified Dividends",
    },
    Source {
        rule: "T-7",
        about: "options on broad indices",
        publications: "IRC 1256; IRS Publication 550, chapter 4, Section 1256 Contracts Marked to Market",
    },
];
