//! Two statements side by side: nothing is found where nothing differs, and every difference that is planted.

use ledger::account::Instrument;
use market::time::Date;
use market::value::{MULTIPLIER, Money, Price};

use super::sample::*;
use crate::reconcile::{Reconciliation, reconcile};
use crate::statement::{Activity, Kind, Position, Statement};

/// Numbers that follow from a seed (Steele, Lea and Flood 2014, SplitMix64).
struct Draws(u64);

impl Draws {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }
}

fn activity(place: usize, date: Date, kind: Kind, held: Option<Instrument>, units: i64, price: i64) -> Activity {
    let per = if matches!(held, Some(Instrument::Option(_))) { MULTIPLIER } else { 1 };
    let fees = if kind.direction() == 0 { Money::ZERO } else { Money::cents(65 + units) };
    let way = if kind.pays() == 0 { 1 } else { kind.pays() };
    let size = if kind.direction() == 0 { Money::cents(price) } else { Money::cents(price * units * per) };
    Activity {
        place: format!("line {place}"),
        id: String::new(),
        date,
        settles: None,
        kind,
        instrument: held,
        quantity: units * kind.direction(),
        price: (kind.direction() != 0).then_some(Price::cents(price)),
        fees,
        amount: Money::from_units(size.units() * way) - fees,
        text: String::new(),
    }
}

/// A statement of `n` things, no two of them the same.
fn statement(n: usize, seed: u64) -> Statement {
    let mut draws = Draws(seed);
    let symbols = ["TSLA", "AAPL", "NVDA", "MSFT"].map(symbol);
    let first = date("2024-01-02");
    let mut activities = Vec::new();
    for place in 0..n {
        let kinds = [Kind::SellToOpen, Kind::BuyToClose, Kind::Buy, Kind::Sell, Kind::Dividend, Kind::Interest];
        let kind = [kinds[draws.below(4)], kinds[draws.below(6)]][draws.below(2)];
        let of = symbols[draws.below(4)];
        let mut series = put();
        series.underlying = of;
        series.strike = Price::dollars(100 + i64::try_from(draws.below(40)).unwrap());
        let held = match kind {
            Kind::SellToOpen | Kind::BuyToClose => Some(Instrument::Option(series)),
            Kind::Interest => None,
            _ => Some(Instrument::Shares(of)),
        };
        let day = first.checked_add(jiff::Span::new().days(i64::try_from(place / 3).unwrap())).unwrap();
        let price = 100 + i64::try_from(place).unwrap();
        activities.push(activity(place, day, kind, held, 1 + i64::try_from(draws.below(9)).unwrap(), price));
    }
    let shares = Instrument::Shares(symbols[0]);
    let positions = Some(vec![Position { instrument: shares, quantity: 300, price: None }]);
    let cash = Some(money("12345.67"));
    Statement { activities, positions, cash, ..Statement::default() }
}

#[test]
fn a_statement_agrees_with_itself_in_any_order() {
    let ours = statement(200, 1);
    let mut theirs = ours.clone();
    theirs.activities.reverse();
    let found = reconcile(&ours, &theirs);
    assert!(found.agrees(), "{found:?}");
    assert_eq!((found.matched, found.in_parts, found.positions), (200, 0, Some(1)));
}

/// Plants one difference; what was done, and the places at which it must be seen.
fn plant(draws: &mut Draws, ours: &Statement, theirs: &mut Statement) -> (&'static str, String) {
    let at = draws.below(theirs.activities.len());
    let place = theirs.activities[at].place.clone();
    let more = 1 + i64::try_from(draws.below(900)).unwrap();
    let activity = &mut theirs.activities[at];
    let what = match draws.below(9) {
        0 => {
            theirs.activities.remove(at);
            "dropped"
        }
        1 => {
            let twice = Activity { place: "line twice".to_owned(), ..activity.clone() };
            theirs.activities.push(twice);
            return ("doubled", "line twice".to_owned());
        }
        2 => {
            activity.amount += Money::cents(more);
            "amount"
        }
        3 => {
            activity.quantity += more;
            "quantity"
        }
        4 => {
            activity.date = activity.date.checked_add(jiff::Span::new().days(1 + more % 5)).unwrap();
            "date"
        }
        5 => {
            activity.instrument = Some(Instrument::Shares(symbol("ZZZ")));
            "symbol"
        }
        6 => {
            (activity.amount, activity.quantity) = (-activity.amount, -activity.quantity);
            "sign"
        }
        7 => {
            activity.price = Some(Price::cents(50_000 + more));
            "price"
        }
        _ => {
            activity.fees += Money::cents(more);
            "fees"
        }
    };
    assert_ne!(ours.activities, theirs.activities, "{what} at {place}");
    (what, place)
}

fn places(found: &Reconciliation) -> Vec<String> {
    let different = found.different.iter().flat_map(|d| [&d.books.place, &d.statement.place]);
    let missing = found.missing_in_books.iter().chain(&found.missing_in_statement).map(|s| &s.place);
    different.chain(missing).cloned().collect()
}

#[test]
fn ten_thousand_planted_differences_are_all_found() {
    let ours = statement(60, 7);
    let mut draws = Draws(2024);
    for round in 0..10_000 {
        let mut theirs = ours.clone();
        let (what, place) = plant(&mut draws, &ours, &mut theirs);
        let found = reconcile(&ours, &theirs);
        assert!(!found.agrees(), "round {round}: {what} at {place} was not found");
        let seen = places(&found);
        let doubled = what == "doubled" && found.missing_in_books.len() == 1;
        assert!(doubled || seen.contains(&place), "round {round}: {what} at {place}, but {seen:?} were named");
        assert!(seen.len() <= 2, "round {round}: {what} at {place} is one difference, not {seen:?}");
    }
}

#[test]
fn fills_in_parts_add_up() {
    let mut ours = statement(30, 3);
    ours.activities.retain(|a| a.kind == Kind::SellToOpen);
    let mut theirs = ours.clone();
    let whole = theirs.activities.pop().unwrap();
    let part = |units: i64, fees: Money| {
        let gross = whole.price.unwrap().times(units * MULTIPLIER);
        Activity { quantity: -units, fees, amount: gross - fees, ..whole.clone() }
    };
    let units = whole.quantity.abs();
    theirs.activities.extend([part(1, Money::cents(10)), part(units - 1, whole.fees - Money::cents(10))]);
    let found = reconcile(&ours, &theirs);
    assert!(found.agrees(), "{found:?}");
    assert_eq!(found.matched, ours.activities.len() + 1);
    assert_eq!(found.in_parts, 2);
}

#[test]
fn positions_and_cash_are_compared_by_themselves() {
    let ours = statement(10, 5);
    let mut theirs = ours.clone();
    theirs.positions.as_mut().unwrap()[0].quantity = 200;
    theirs.cash = Some(money("12345.68"));
    let found = reconcile(&ours, &theirs);
    assert_eq!((found.matched, found.differences()), (10, 2));
    let position = &found.positions_differ[0];
    assert_eq!((position.instrument.as_str(), position.books, position.statement), ("TSLA", 300, 200));
    let silent = Statement { positions: None, cash: None, ..ours.clone() };
    assert!(reconcile(&ours, &silent).agrees());
}
