//! Lines beside the protocol's: plain wheels, and the two option-writing indices by their methods.

use ledger::SleeveKind;
use market::quote::Delta;
use market::time::{Calendar, Date, TradingDay, Week};
use market::value::Money;

use super::modelled::Modelled;
use super::weekly::{EvidenceError, Line, Protocol, returns};
use super::wheel::{self, Calls, Pot};
use super::writing;
use crate::replay::Run;

/// Deltas of the plain wheels, in points: round figures within the sleeves' bands.
const DELTAS: [i32; 3] = [20, 30, 40];

/// Plain wheels with the protocol's symbols and its start, none of which sells puts over earnings: at each delta, and
/// each sleeve's symbols with its part at the middle of its band; once with calls at any strike, once with none below
/// cost. And, to show what the model's price of such weeks does, one that sells over earnings.
///
/// # Errors
/// As [`wheel::equities`].
pub fn wheels(run: &Run<'_>, calendar: &Calendar, protocol: &Protocol) -> Result<Vec<Line>, EvidenceError> {
    let policy = run.policy;
    let alone = |delta: Delta, calls, earnings| {
        vec![Pot { cash: protocol.start, symbols: policy.universe.all(), delta, calls, earnings }]
    };
    let in_sleeves = |calls| -> Vec<Pot> {
        let parts = protocol.start.split(&policy.deposit.split.weights());
        let pot = |(kind, cash): (SleeveKind, Money)| {
            let mut symbols = policy.universe.of(kind).0.clone();
            symbols.sort_unstable();
            Pot { cash, symbols, delta: Delta(policy.band.of(kind).twice_middle() / 2), calls, earnings: false }
        };
        SleeveKind::ALL.into_iter().zip(parts).map(pot).collect()
    };
    let mut asked = Vec::new();
    for (calls, name, how) in [
        (Calls::Anywhere, "", "calls at that delta whatever the shares cost"),
        (Calls::NotBelowCost, ", from cost", "calls at that delta, none below what the shares cost"),
    ] {
        asked.extend(DELTAS.map(|points| {
            let how = format!(
                "a plain wheel at {points} delta: puts of every week but over earnings, {how}; all cash, no other rule"
            );
            (format!("wheel {points}{name}"), how, alone(Delta::points(points), calls, false))
        }));
        let how = "the same with each sleeve's part and symbols, at the middle of its band".to_owned();
        asked.push((format!("sleeve wheel{name}"), how, in_sleeves(calls)));
    }
    let how = format!("wheel {} with puts over earnings too, which the model prices like any week", DELTAS[1]);
    let middle = Delta::points(DELTAS[1]);
    asked.push((format!("wheel {}, over earnings", DELTAS[1]), how, alone(middle, Calls::Anywhere, true)));
    let line = |(name, how, pots): (String, String, Vec<Pot>)| {
        let equities = wheel::equities(run, calendar, &protocol.days, &pots)?;
        let values: Vec<f64> = equities.into_iter().map(Money::to_f64).collect();
        Ok(Line { name, how, modelled: true, returns: returns(&values) })
    };
    asked.into_iter().map(line).collect()
}

/// The values of one method at every close.
type Values = Vec<(TradingDay, f64)>;

/// The buy-write and the put-write on the history's S&P 500, at every close from its first third Friday on.
///
/// # Errors
/// [`EvidenceError`] if the history lacks the index, the fund, or what prices an option.
pub fn methods(run: &Run<'_>, calendar: &Calendar) -> Result<(Values, Values), EvidenceError> {
    let market = market(run, calendar)?;
    let closes = market.closes();
    Ok((writing::buy_write(&closes, &market)?, writing::put_write(&closes, &market)?))
}

/// The history's S&P 500 and its options, modelled at the policy's level.
///
/// # Errors
/// As [`Modelled::new`].
pub fn market<'a>(run: &Run<'a>, calendar: &'a Calendar) -> Result<Modelled<'a>, EvidenceError> {
    let model = run.premium.clone().at_level(run.policy.model.level.to_f64());
    Modelled::new(run.history, calendar, model, run.policy.universe.index)
}

/// Both as lines.
///
/// # Errors
/// As [`methods`].
pub fn written(run: &Run<'_>, calendar: &Calendar, protocol: &Protocol) -> Result<Vec<Line>, EvidenceError> {
    let (calls, puts) = methods(run, calendar)?;
    let line = |name: &str, how: &str, values: Values| {
        let values: Vec<(Date, f64)> = values.into_iter().map(|(day, value)| (day.date(), value)).collect();
        dated(name, how, true, &values, protocol)
    };
    let calls = line("buy-write", "the S&P 500 and monthly calls at the money, by the method of BXM", calls);
    let puts = line("put-write", "bills and monthly puts at the money on the S&P 500, by the method of PUT", puts);
    Ok(calls.into_iter().chain(puts).collect())
}

/// The value of each week that ends on one of `days`, as far as every week has one.
fn by_week(values: &[(Date, f64)], days: &[TradingDay]) -> Vec<f64> {
    let of_week = |day: &TradingDay| {
        let (date, value) = values[..values.partition_point(|(date, _)| *date <= day.date())].last()?;
        (Week::of(*date) == Week::of(day.date())).then_some(*value)
    };
    days.iter().map_while(of_week).collect()
}

/// A line of values by date, rising, from the start to the last week in a row that has one; `None` if the start or the
/// week after it has none. A week whose last session has no value ends with its last one that has.
#[must_use]
pub fn dated(name: &str, how: &str, modelled: bool, values: &[(Date, f64)], protocol: &Protocol) -> Option<Line> {
    let returns = returns(&by_week(values, &protocol.days));
    (!returns.is_empty()).then(|| Line { name: name.to_owned(), how: how.to_owned(), modelled, returns })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_ends_with_its_last_value_and_a_week_without_one_ends_the_line() {
        let date = |day| Date::constant(2024, 6, day);
        let days = [7, 14, 21, 28].map(|day| TradingDay::from_record(date(day)));
        let values = [(date(7), 100.0), (date(12), 101.0), (date(13), 102.0), (date(21), 103.0)];
        assert_eq!(by_week(&values, &days), [100.0, 102.0, 103.0]);
        assert_eq!(by_week(&values[1..], &days), [] as [f64; 0], "the first week has none");
        assert_eq!(by_week(&[values[0], values[3]], &days), [100.0]);
    }
}
