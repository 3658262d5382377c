//! Cases of T-3 and T-5 to the cent, each reckoned by the books and once more share by share (V10). T-6 stands with the
//! published examples.

use ledger::LotOrder;

use super::published::told;
use super::random::{found, no_zero};
use super::reference::Reference;
use super::words::{books, day, rules, transaction};
use crate::tax::{Closes, Transaction};

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

#[test]
fn every_case_to_the_cent_and_twice() {
    for (name, lines, expected) in CASES {
        let last = "2025-12-31";
        let books = books(rules(LotOrder::Fifo), lines, Closes::new(), last);
        assert_eq!(told(&books), *expected, "{name}");
        let transactions: Vec<Transaction> = lines.iter().map(|line| transaction(line)).collect();
        let model = Reference::run(LotOrder::Fifo, &transactions, &Closes::new(), day(last));
        assert_eq!(no_zero(found(&books)), no_zero(model), "{name}");
    }
    println!("{} cases", CASES.len());
}
