//! Cases of T-3, T-5 and T-6 to the cent, each reckoned by the books and once more share by share (V10).

use ledger::LotOrder;
use market::value::Money;

use super::published::told;
use super::random::{found, no_zero};
use super::reference::Reference;
use super::words::{books, day, rules, symbol, transaction};
use crate::tax::{Books, Closes, Transaction};

const A: &str = "2024-01-02 buy 100 X 10000";
const SOLD: &str = "2024-03-01 sell 100 X 9000";
const WASHED: &str = "2024-03-01 100 short $0.00 W $1,000.00";
const ALLOWED: &str = "2024-03-01 100 short -$1,000.00";

type Case = (&'static str, &'static [&'static str], &'static [&'static str]);

const CASES: &[Case] = &[
    ("30 days after", &[A, SOLD, "2024-03-31 buy 100 X 9500"], &[WASHED, "open 2024-03-31 100 $10,500.00"]),
    ("31 days after", &[A, SOLD, "2024-04-01 buy 100 X 9500"], &[ALLOWED, "open 2024-04-01 100 $9,500.00"]),
    ("30 days before", &[A, "2024-01-31 buy 100 X 9500", SOLD], &[WASHED, "open 2024-01-31 100 $10,500.00"]),
    ("31 days before", &[A, "2024-01-30 buy 100 X 9500", SOLD], &[ALLOWED, "open 2024-01-30 100 $9,500.00"]),
    (
        "bought before and sold with it: not held at the loss",
        &[A, "2024-02-20 buy 100 X 9500", "2024-03-01 sell 200 X 18000"],
        &[ALLOWED, "2024-03-01 100 short -$500.00"],
    ),
    ("in another account", &[A, SOLD, "other 2024-03-10 buy 100 X 9100"], &[WASHED, "open 2024-03-10 100 $10,100.00"]),
    (
        "in part: 40 of 100",
        &[A, SOLD, "2024-03-10 buy 40 X 3800"],
        &["2024-03-01 100 short -$600.00 W $400.00", "open 2024-03-10 40 $4,200.00"],
    ),
    (
        "a chain: the replacement is sold at a loss and replaced",
        &[A, SOLD, "2024-03-10 buy 100 X 9100", "2024-03-20 sell 100 X 8600", "2024-03-27 buy 100 X 8700"],
        &[WASHED, "2024-03-20 100 short $0.00 W $1,500.00", "open 2024-03-27 100 $10,200.00"],
    ),
    (
        "a put counts on the day of its assignment",
        &[A, "2024-01-05 write 1 X:2024-03-15:P90 400 delta 30", SOLD, "2024-03-15 assign 1 X:2024-03-15:P90"],
        &[WASHED, "open 2024-03-15 100 $9,600.00"],
    ),
    (
        "a put of delta 90 is a purchase, and hands the loss to its shares",
        &[A, "2024-02-20 write 1 X:2024-06-21:P120 3200 delta 90", SOLD, "2024-06-21 assign 1 X:2024-06-21:P120"],
        &[WASHED, "open 2024-06-21 100 $9,800.00"],
    ),
    (
        "a put of delta 89 is none",
        &[A, "2024-02-20 write 1 X:2024-06-21:P120 3200 delta 89", SOLD, "2024-06-21 expire 1 X:2024-06-21:P120"],
        &[ALLOWED, "2024-06-21 100 short $3,200.00"],
    ),
    (
        "a call that is bought",
        &[A, SOLD, "2024-03-10 hold 1 X:2025-01-17:C90 1500"],
        &[WASHED, "open 2024-03-10 100 $2,500.00"],
    ),
    (
        "an option by the same series on the same side",
        &[
            "2024-01-10 hold 1 X:2025-01-17:C90 1500",
            "2024-02-01 unload 1 X:2025-01-17:C90 1000",
            "2024-02-10 hold 1 X:2025-01-17:C90 900",
        ],
        &["2024-02-01 100 short $0.00 W $500.00", "open 2024-02-10 100 $1,400.00"],
    ),
    (
        "not by another series, nor by shares",
        &[
            "2024-01-10 hold 1 X:2025-01-17:C90 1500",
            "2024-02-01 unload 1 X:2025-01-17:C90 1000",
            "2024-02-10 hold 1 X:2025-01-17:C95 900",
            "2024-02-12 buy 100 X 9000",
        ],
        &["2024-02-01 100 short -$500.00", "open 2024-02-10 100 $900.00", "open 2024-02-12 100 $9,000.00"],
    ),
    (
        "a call of 18 days takes the holding period: nine months later it is short",
        &[
            A,
            "2024-06-03 write 1 X:2024-06-21:C110 100 at 100",
            "2024-06-21 expire 1 X:2024-06-21:C110",
            "2025-03-01 sell 100 X 12000",
        ],
        &["2024-06-21 100 short $100.00", "2025-03-01 100 short $2,000.00"],
    ),
    (
        "a qualified covered call leaves it alone",
        &[
            A,
            "2024-06-03 write 1 X:2024-07-19:C110 100 at 100",
            "2024-07-19 expire 1 X:2024-07-19:C110",
            "2025-03-01 sell 100 X 12000",
        ],
        &["2024-07-19 100 short $100.00", "2025-03-01 100 long $2,000.00"],
    ),
    (
        "shares held for more than a year stay long-term, and the call's loss is",
        &[
            "2022-01-03 buy 100 X 10000",
            "2024-06-03 write 1 X:2024-06-21:C110 100 at 100",
            "2024-06-10 buyback 1 X:2024-06-21:C110 600",
            "2024-06-12 sell 100 X 12000",
        ],
        &["2024-06-10 100 long -$500.00", "2024-06-12 100 long $2,000.00"],
    ),
];

/// The books of a history, which the model must have come to as well.
fn twice(name: &str, lines: &[&str], closes: &Closes, last: &str) -> Books {
    let books = books(rules(LotOrder::Fifo), lines, closes.clone(), last);
    let transactions: Vec<Transaction> = lines.iter().map(|line| transaction(line)).collect();
    let model = Reference::run(LotOrder::Fifo, &transactions, closes, day(last));
    assert_eq!(no_zero(found(&books)), no_zero(model), "{name}");
    books
}

#[test]
fn every_case_to_the_cent_and_twice() {
    for (name, lines, expected) in CASES {
        assert_eq!(told(&twice(name, lines, &Closes::new(), "2025-12-31")), *expected, "{name}");
    }
    println!("{} cases", CASES.len());
}

const WROTE: &str = "2024-10-21 write 1 X:2025-01-17:C110 100 at 100";
const CLOSED: &str = "2024-12-20 buyback 1 X:2025-01-17:C110 600";

/// Name, what happened, the close of December 31, and what of losses on calls waits beyond the ends of 2024 and 2025.
type AtYearEnd = (&'static str, &'static [&'static str], &'static str, [i64; 2]);

/// A call of 88 days that is closed at a loss of $500 on December 20 over shares that cost $100 (IRC 1092(c)(4)(E)).
const AT_YEAR_END: &[AtYearEnd] = &[
    ("sold with a gain after 29 days", &[A, WROTE, CLOSED, "2025-01-18 sell 100 X 12000"], "112", [500, 0]),
    ("sold with a gain after 30 days", &[A, WROTE, CLOSED, "2025-01-19 sell 100 X 12000"], "112", [0, 0]),
    ("sold at a loss", &[A, WROTE, CLOSED, "2025-01-10 sell 100 X 9000"], "112", [0, 0]),
    ("sold in the same year", &[A, WROTE, CLOSED, "2024-12-27 sell 100 X 12000"], "112", [0, 0]),
    ("still held", &[A, WROTE, CLOSED], "112", [0, 0]),
    ("no more than the gain not recognised", &[A, WROTE, CLOSED, "2025-01-10 sell 100 X 12000"], "103", [300, 0]),
    ("no gain at the year's end", &[A, WROTE, CLOSED, "2025-01-10 sell 100 X 12000"], "99", [0, 0]),
    ("in part", &[A, WROTE, CLOSED, "2025-01-10 sell 40 X 4800"], "112", [200, 0]),
    (
        "days under a weekly call do not count: 13 of 35",
        &[A, WROTE, CLOSED, "2025-01-03 write 1 X:2025-01-24:C115 200 at 112", "2025-01-24 assign 1 X:2025-01-24:C115"],
        "112",
        [500, 0],
    ),
    (
        "days under another qualified covered call do: 35",
        &[A, WROTE, CLOSED, "2024-12-23 write 1 X:2025-01-24:C115 200 at 112", "2025-01-24 assign 1 X:2025-01-24:C115"],
        "112",
        [0, 0],
    ),
    (
        "a call of 18 days waits in any case, as long as there is a gain",
        &[A, "2024-12-02 write 1 X:2024-12-20:C110 100 at 100", "2024-12-20 buyback 1 X:2024-12-20:C110 600"],
        "112",
        [500, 500],
    ),
    (
        "until the shares are sold",
        &[
            A,
            "2024-12-02 write 1 X:2024-12-20:C110 100 at 100",
            "2024-12-20 buyback 1 X:2024-12-20:C110 600",
            "2025-03-03 sell 100 X 12000",
        ],
        "112",
        [500, 0],
    ),
];

#[test]
fn what_waits_at_a_years_end_to_the_cent_and_twice() {
    for (name, lines, close, expected) in AT_YEAR_END {
        let closes = Closes::from([(symbol("X"), vec![(day("2024-12-31"), close.parse().unwrap())])]);
        let books = twice(name, lines, &closes, "2025-12-31");
        let waits = |year| books.deferrals().iter().filter(|d| d.year == year).map(|d| d.amount).sum::<Money>();
        assert_eq!([waits(2024), waits(2025)], expected.map(Money::dollars), "{name}");
        let gains: Money = [2024, 2025].into_iter().map(|year| books.year(year).total.capital_gain()).sum();
        let all: Money = books.disposals().iter().map(|d| d.gain()).sum();
        assert_eq!(gains, all + waits(2025), "{name}: what waits counts once, later");
    }
    println!("{} cases", AT_YEAR_END.len());
}

/// A year is final when nothing that comes can change it: here the shares lie below a weekly call all through January.
#[test]
fn a_year_is_not_final_while_shares_may_follow_too_soon() {
    let closes = Closes::from([(symbol("X"), vec![(day("2024-12-31"), "112".parse().unwrap())])]);
    let plain: &[&str] = &[A, WROTE, CLOSED];
    let under = [plain, &["2025-01-02 write 1 X:2025-01-31:C115 200 at 112"]].concat();
    for (lines, last, complete) in [
        (plain, "2025-01-29", false),
        (plain, "2025-01-30", true),
        (&under, "2025-01-30", false),
        (&[&under[..], &["2025-01-31 expire 1 X:2025-01-31:C115"]].concat(), "2025-02-17", false),
        (&[&under[..], &["2025-01-31 expire 1 X:2025-01-31:C115"]].concat(), "2025-02-18", true),
    ] {
        let books = books(rules(LotOrder::Fifo), lines, closes.clone(), last);
        assert_eq!(books.year(2024).complete, complete, "{last}");
    }
}

/// Reg. 1.1092(b)-1T(a): the wash sale comes first. The loss of December 20 is washed on January 6 by the same call, so
/// that nothing of it waits.
#[test]
fn a_loss_that_is_washed_in_january_does_not_wait() {
    let lines = [
        A,
        "2024-12-02 write 1 X:2025-01-17:C110 100 delta 30",
        "2024-12-20 buyback 1 X:2025-01-17:C110 600",
        "2025-01-06 write 1 X:2025-01-17:C110 500 delta 60",
        "2025-01-17 expire 1 X:2025-01-17:C110",
    ];
    let closes = Closes::from([(symbol("X"), vec![(day("2024-12-31"), "112".parse().unwrap())])]);
    let books = books(rules(LotOrder::Fifo), &lines, closes, "2025-12-31");
    assert_eq!(books.deferrals(), []);
    assert_eq!(books.year(2024).total.capital_gain(), Money::ZERO);
    assert_eq!(books.year(2025).total.capital_gain(), Money::ZERO, "$500 less the loss of $500");
}

/// Name, what happened to 100 shares with an ex-date of 2024-07-12, and whether the dividend is qualified. The window
/// is 2024-05-13 through 2024-09-10.
const DIVIDENDS: &[(&str, &[&str], bool)] = &[
    ("60 days after", &["2024-07-11 buy 100 X 10000", EX, "2024-09-09 sell 100 X 10000"], false),
    ("61 days after", &["2024-07-11 buy 100 X 10000", EX, "2024-09-10 sell 100 X 10000"], true),
    ("61 days before and with the ex-date", &["2024-05-12 buy 100 X 10000", EX, "2024-07-12 sell 100 X 10000"], true),
    ("60 of them", &["2024-05-13 buy 100 X 10000", EX, "2024-07-12 sell 100 X 10000"], false),
    ("all of the window", &["2024-01-02 buy 100 X 10000", EX], true),
    (
        "60 days under weekly calls leave 61 of 121",
        &[
            "2024-01-02 buy 100 X 10000",
            EX,
            "2024-07-13 write 1 X:2024-07-26:C105 100 at 100",
            "2024-07-26 expire 1 X:2024-07-26:C105",
            "2024-07-27 write 1 X:2024-08-16:C105 100 at 100",
            "2024-08-16 expire 1 X:2024-08-16:C105",
            "2024-08-17 write 1 X:2024-09-10:C105 100 at 100",
            "2024-09-10 expire 1 X:2024-09-10:C105",
        ],
        true,
    ),
    (
        "61 leave 60",
        &[
            "2024-01-02 buy 100 X 10000",
            "2024-07-12 write 1 X:2024-07-26:C105 100 at 100",
            EX,
            "2024-07-26 expire 1 X:2024-07-26:C105",
            "2024-07-27 write 1 X:2024-08-16:C105 100 at 100",
            "2024-08-16 expire 1 X:2024-08-16:C105",
            "2024-08-17 write 1 X:2024-09-10:C105 100 at 100",
            "2024-09-10 expire 1 X:2024-09-10:C105",
        ],
        false,
    ),
    (
        "days under a qualified covered call count",
        &[
            "2024-07-11 buy 100 X 10000",
            EX,
            "2024-07-15 write 1 X:2024-08-16:C110 100 at 100",
            "2024-08-16 expire 1 X:2024-08-16:C110",
        ],
        true,
    ),
    (
        "days taken over from a wash sale do not",
        &[
            "2024-04-01 buy 100 X 10000",
            "2024-07-01 sell 100 X 9000",
            "2024-07-11 buy 100 X 9000",
            EX,
            "2024-08-01 sell 100 X 12000",
        ],
        false,
    ),
];

const EX: &str = "2024-07-12 dividend 100 X 100 paid 2024-07-26";

#[test]
fn every_dividend_to_the_cent_and_twice() {
    for (name, lines, qualified) in DIVIDENDS {
        let books = twice(name, lines, &Closes::new(), "2025-12-31");
        let expected = if *qualified { Money::dollars(100) } else { Money::ZERO };
        assert_eq!(books.dividends()[0].qualified(), expected, "{name}");
    }
    println!("{} dividends", DIVIDENDS.len());
}
