//! calls before a dividend, and puts that may be assigned any night.

mod desk;

use desk::{Desk, FRIDAY, NEXT, WEDNESDAY, before_dividend, c, date, quote, word};
use market::value::{Money, Price};
use protocol::manage::{NextDividend, Note};
use protocol::roll::Barred;
use protocol::rule::Rule;

#[test]
fn x7_rolls_a_call_before_a_dividend_or_closes_it_or_delivers() {
    // Time value $0.10 below a dividend of $0.25; spread $0.10 and fees $0.0071 cost less than the $0.15 saved.
    let desk = before_dividend(410, 10, 25);
    assert_eq!(desk.decided(), ("Close Dividend".to_owned(), Some(Rule::X7)));
    assert_eq!(
        desk.review().notes,
        [Note::Dividend {
            ex: date("2024-06-13"),
            amount: c(25),
            time_value: c(10),
            cost: Some(Money::cents(1_071)),
            last_session: true,
        }]
    );
    // $0.15 saved: a spread of $0.14 and $0.0071 is less, one of $0.15 is not.
    assert_eq!(before_dividend(410, 14, 25).answer(), "Close Dividend");
    assert_eq!(before_dividend(410, 15, 25).answer(), "PrepareDelivery");
    // To the ten-thousandth: a spread of $0.02 and fees of $0.0071 are not less than $0.0271, and less than $0.0272.
    let saving = |units: i64| {
        let mut desk = before_dividend(410, 2, 0);
        desk.dividends[0].amount = Price::from_units(1_000 + units);
        desk.answer()
    };
    assert_eq!([271, 272].map(saving), ["PrepareDelivery", "Close Dividend"]);
    // Time value equal to the dividend: nobody exercises.
    assert_eq!(before_dividend(410, 10, 10).answer(), "Hold");
    assert_eq!(before_dividend(410, 10, 10).review().notes, []);
    // A credit comes first; a debit is not asked for.
    let mut desk = before_dividend(410, 10, 25);
    desk.offer(NEXT, vec![quote(110, 450, 460, 4_500)]);
    assert_eq!(desk.answer(), "Roll Credit");
    let mut desk = before_dividend(410, 10, 25);
    desk.offer(NEXT, vec![quote(110, 405, 410, 4_500)]);
    assert_eq!(desk.answer(), "Close Dividend");
    // What fees are not known is not weighed.
    let mut desk = before_dividend(410, 10, 25);
    desk.fees = false;
    let review = desk.review();
    assert_eq!(word(&review), "PrepareDelivery");
    assert_eq!(review.roll.unwrap().barred, Some(Barred::FeesUnknown));
    assert!(matches!(review.notes[..], [Note::Dividend { cost: None, .. }]));
}

#[test]
fn x7_asks_which_dividend_a_holder_could_still_get() {
    let with = |ex: &str, price: i64| {
        let mut desk = before_dividend(410, 10, 25);
        desk.dividends.clear();
        desk.dividend(ex, 25);
        desk.price(price);
        (desk.answer(), desk.review().notes.len())
    };
    // Today is ex already; on Friday, its last day, the holder can exercise on Thursday; Monday is too late.
    assert_eq!(with(WEDNESDAY, 11_400), ("Hold".to_owned(), 0));
    assert_eq!(with("2024-06-17", 11_400), ("Hold".to_owned(), 0));
    // Friday's is noted today, and acted on tomorrow.
    assert_eq!(with(FRIDAY, 11_400), ("Hold".to_owned(), 1));
    let mut thursday = before_dividend(410, 10, 25);
    thursday.dividends.clear();
    thursday.dividend(FRIDAY, 25);
    thursday.on("2024-06-13");
    assert_eq!(thursday.answer(), "Close Dividend");
    assert!(thursday.may_roll());
    // At the money nothing is exercised.
    assert_eq!(with("2024-06-13", 11_000), ("Hold".to_owned(), 0));
    let mut at_the_money = before_dividend(410, 10, 25);
    assert!(at_the_money.may_roll());
    at_the_money.price(11_000);
    assert!(!at_the_money.may_roll(), "so that no chain is needed");
    // Another symbol's dividend is nothing to it; of two the nearer counts.
    let mut desk = before_dividend(410, 10, 25);
    let spy = market::instrument::Symbol::new("SPY").unwrap();
    desk.dividends = vec![NextDividend { symbol: spy, ex: date("2024-06-13"), amount: c(500) }];
    assert_eq!(desk.answer(), "Hold");
    assert!(!desk.may_roll());
    desk.dividend(FRIDAY, 25);
    desk.dividend("2024-06-13", 26);
    assert!(matches!(desk.review().notes[..], [Note::Dividend { amount, .. }] if amount == c(26)));
}

#[test]
fn x7_flags_a_put_that_may_be_assigned_any_night() {
    let flagged = |ask: i64, rate: Option<i64>| {
        let mut desk = Desk::put();
        desk.short.underlying = c(9_400);
        desk.price(9_400);
        desk.now(ask - 1, ask);
        desk.board.bill_rate = rate;
        let review = desk.review();
        assert_eq!(word(&review), "Hold", "a note, not an answer");
        review.notes.first().copied()
    };
    let note = |time_value, least| Some(Note::AssignmentAnyNight { time_value, least });
    // $6.00 intrinsic. Two days' interest on $100 at 5% is $0.0274: five cents are more.
    assert_eq!([605, 604].map(|ask| flagged(ask, None)), [None, note(c(4), c(5))]);
    assert_eq!([605, 604].map(|ask| flagged(ask, Some(50_000))), [None, note(c(4), c(5))]);
    // At 20% it is $0.109589…, rounded up to the ten-thousandth.
    let least = Price::from_units(1_096);
    assert_eq!([611, 610].map(|ask| flagged(ask, Some(200_000))), [None, note(c(10), least)]);
    // At 36.5% it is $0.20 exactly.
    assert_eq!([620, 619].map(|ask| flagged(ask, Some(365_000))), [None, note(c(19), c(20))]);
    // A put that is not in the money is assigned by nobody; a call never gets this note.
    let mut desk = Desk::put();
    desk.price(10_000);
    desk.short.underlying = c(10_000);
    desk.now(3, 4);
    assert_eq!(desk.review().notes, []);
    let mut desk = Desk::call();
    desk.price(11_400);
    desk.now(401, 402);
    assert_eq!(desk.review().notes, []);
}
