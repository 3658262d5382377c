//! What must hold of a history before anything is computed from it.

use super::{Dividend, History, HistoryError, RateDay, Split, SymbolHistory, VolatilityDay};
use crate::instrument::Symbol;
use crate::quote::Bar;
use crate::time::{Calendar, Date};
use crate::value::Price;

type Checked = Result<(), Fault>;

/// A fault that does not know its series yet.
struct Fault {
    day: Option<Date>,
    field: &'static str,
    problem: String,
}

impl Fault {
    fn of(self, series: &str) -> HistoryError {
        HistoryError { symbol: series.to_owned(), day: self.day, field: self.field, problem: self.problem }
    }
}

fn fault(day: Date, field: &'static str, problem: String) -> Checked {
    Err(Fault { day: Some(day), field, problem })
}

pub(super) fn symbol(history: &SymbolHistory, symbol: Symbol, calendar: &Calendar) -> Result<(), HistoryError> {
    let dates = |dates: &[Date], what| rising(dates.iter().copied(), what);
    bars(&history.bars, calendar)
        .and_then(|()| splits(&history.splits, &history.bars, calendar))
        .and_then(|()| dividends(&history.dividends))
        .and_then(|()| dates(history.earnings.as_deref().unwrap_or(&[]), "earnings date"))
        .and_then(|()| rising(history.volatility.iter().map(|(date, _)| *date), "volatility"))
        .and_then(|()| {
            history.volatility.iter().try_for_each(|(date, percent)| volatility(*date, "volatility", Some(*percent)))
        })
        .map_err(|fault| fault.of(symbol.as_str()))
}

pub(super) fn whole(history: &History, calendar: &Calendar) -> Result<(), HistoryError> {
    for pair in history.symbols.windows(2) {
        let ([(before, _), (name, _)], field) = (pair, "symbol") else { continue };
        if before >= name {
            let problem = format!("{name} follows {before}; expected each symbol once, in rising order");
            return Err(Fault { day: None, field, problem }.of(name.as_str()));
        }
    }
    history.symbols.iter().try_for_each(|(name, series)| symbol(series, *name, calendar))?;
    indices(&history.volatility).map_err(|fault| fault.of("VIX"))?;
    rates(&history.rates).map_err(|fault| fault.of("Treasury yields"))
}

fn bars(bars: &[Bar], calendar: &Calendar) -> Checked {
    bars.iter().try_for_each(prices)?;
    for bar in bars {
        let date = bar.day.date();
        if calendar.session(date).is_none() {
            return fault(date, "date", format!("{date} is not an NYSE session; expected trading days only"));
        }
    }
    rising(bars.iter().map(|bar| bar.day.date()), "bar")?;
    for pair in bars.windows(2) {
        let (previous, day) = (pair[0].day, pair[1].day);
        let expected = calendar.next(previous);
        if day != expected {
            let problem = format!("{day} follows {previous}; the session of {expected} is missing");
            return fault(day.date(), "date", problem);
        }
    }
    Ok(())
}

fn prices(bar: &Bar) -> Checked {
    let date = bar.day.date();
    for (field, price) in [("open", bar.open), ("high", bar.high), ("low", bar.low), ("close", bar.close)] {
        if price <= Price::ZERO {
            return fault(date, field, format!("{field} of {date} is {price}; expected a price above zero"));
        }
    }
    let (low, high) = (bar.low, bar.high);
    for (field, price) in [("open", bar.open), ("close", bar.close)] {
        if !(low..=high).contains(&price) {
            let expected = format!("expected it between the day's low {low} and high {high}");
            return fault(date, field, format!("{field} of {date} is {price}; {expected}"));
        }
    }
    Ok(())
}

fn splits(splits: &[Split], bars: &[Bar], calendar: &Calendar) -> Checked {
    rising(splits.iter().map(|split| split.effective), "split")?;
    let covered = bars.first().map(|bar| bar.day.date()).zip(bars.last().map(|bar| bar.day.date()));
    for Split { effective, new_per_old } in splits {
        if *new_per_old < 1 {
            let problem = format!("split of {effective} is {new_per_old}; expected a whole number of at least 1");
            return fault(*effective, "new_shares_per_old", problem);
        }
        let inside = covered.is_some_and(|(first, last)| (first..=last).contains(effective));
        if inside && calendar.session(*effective).is_none() {
            let problem = format!("split of {effective} is not on an NYSE session; expected its first session");
            return fault(*effective, "effective_date", problem);
        }
    }
    Ok(())
}

fn dividends(dividends: &[Dividend]) -> Checked {
    for Dividend { ex_date, amount } in dividends {
        if *amount < Price::ZERO {
            return fault(*ex_date, "amount", format!("dividend of {ex_date} is {amount}; expected zero or more"));
        }
    }
    // A special dividend may share its ex-date with a regular one.
    let dates = dividends.iter().map(|dividend| dividend.ex_date);
    match dates.clone().zip(dates.skip(1)).find(|(before, date)| date < before) {
        Some((before, date)) => {
            fault(date, "ex_date", format!("dividend of {date} follows {before}; expected rising dates"))
        }
        None => Ok(()),
    }
}

fn indices(days: &[VolatilityDay]) -> Checked {
    rising(days.iter().map(|day| day.date), "VIX")?;
    days.iter().try_for_each(|day| {
        volatility(day.date, "VIX", Some(day.vix))
            .and_then(|()| volatility(day.date, "VIX9D", day.vix9d))
            .and_then(|()| volatility(day.date, "VIX3M", day.vix3m))
            .and_then(|()| volatility(day.date, "VIX1D", day.vix1d))
    })
}

fn volatility(date: Date, field: &'static str, percent: Option<f64>) -> Checked {
    match percent {
        Some(percent) if !(percent.is_finite() && percent > 0.0) => {
            fault(date, field, format!("{field} of {date} is {percent}; expected a percentage above zero"))
        }
        _ => Ok(()),
    }
}

fn rates(days: &[RateDay]) -> Checked {
    rising(days.iter().map(|day| day.date), "yields")?;
    for day in days {
        if let Some(percent) = day.yields.iter().flatten().find(|percent| !percent.is_finite()) {
            let problem = format!("a yield of {} is {percent}; expected a percentage", day.date);
            return fault(day.date, "yield", problem);
        }
    }
    Ok(())
}

/// Dates that rise, each once.
fn rising(dates: impl Iterator<Item = Date>, what: &str) -> Checked {
    let mut previous = None;
    for date in dates {
        match previous.replace(date) {
            Some(before) if before == date => {
                return fault(date, "date", format!("{what} of {date} stands twice; expected each date once"));
            }
            Some(before) if before > date => {
                return fault(date, "date", format!("{what} of {date} follows {before}; expected rising dates"));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::TradingDay;

    fn name() -> Symbol {
        Symbol::new("TSLA").unwrap()
    }

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn bar(day: &str, prices: [i64; 4]) -> Bar {
        let [open, high, low, close] = prices.map(Price::cents);
        Bar { day: TradingDay::from_record(date(day)), open, high, low, close, volume: 1 }
    }

    fn sound() -> SymbolHistory {
        SymbolHistory {
            bars: ["2024-03-27", "2024-03-28", "2024-04-01"].map(|day| bar(day, [100, 110, 90, 105])).to_vec(),
            splits: vec![Split { effective: date("2024-03-28"), new_per_old: 3 }],
            dividends: ["2024-03-28", "2024-03-28"]
                .map(|d| Dividend { ex_date: date(d), amount: Price::cents(1) })
                .to_vec(),
            earnings: Some(vec![date("2024-01-24"), date("2024-04-23")]),
            volatility: vec![(date("2024-03-27"), 45.5)],
        }
    }

    #[test]
    fn a_sound_history_passes() {
        assert_eq!(sound().check(name(), &Calendar::nyse()), Ok(()));
        assert_eq!(SymbolHistory::default().check(name(), &Calendar::nyse()), Ok(()));
    }

    #[test]
    fn each_fault_is_named_with_its_day_and_field() {
        type Change = fn(&mut SymbolHistory);
        let cases: [(Change, &str, &str, &str); 14] = [
            (|h| h.bars[1].open = Price::ZERO, "2024-03-28", "open", "above zero"),
            (|h| h.bars[1].low = Price::cents(-1), "2024-03-28", "low", "-$0.01; expected a price above zero"),
            (|h| h.bars[1].high = Price::cents(104), "2024-03-28", "close", "$1.05; expected it between"),
            (|h| h.bars[1].low = Price::cents(101), "2024-03-28", "open", "low $1.01"),
            (
                |h| h.bars[1].day = TradingDay::from_record(date("2024-03-29")),
                "2024-03-29",
                "date",
                "not an NYSE session",
            ),
            (|h| h.bars.swap(0, 1), "2024-03-27", "date", "follows 2024-03-28"),
            (|h| h.bars[0].day = h.bars[1].day, "2024-03-28", "date", "stands twice"),
            (
                |h| h.bars.retain(|bar| bar.day.date().day() != 28),
                "2024-04-01",
                "date",
                "session of 2024-03-28 is missing",
            ),
            (|h| h.splits[0].new_per_old = 0, "2024-03-28", "new_shares_per_old", "at least 1"),
            (|h| h.splits[0].effective = date("2024-03-30"), "2024-03-30", "effective_date", "first session"),
            (|h| h.dividends[0].amount = Price::cents(-1), "2024-03-28", "amount", "zero or more"),
            (|h| h.dividends[1].ex_date = date("2024-03-27"), "2024-03-27", "ex_date", "rising"),
            (
                |h| h.earnings = Some(vec![date("2024-04-23"); 2]),
                "2024-04-23",
                "date",
                "earnings date of 2024-04-23 stands twice",
            ),
            (|h| h.volatility[0].1 = f64::NAN, "2024-03-27", "volatility", "percentage above zero"),
        ];
        for (change, day, field, problem) in cases {
            let mut history = sound();
            change(&mut history);
            let error = history.check(name(), &Calendar::nyse()).unwrap_err();
            assert_eq!((error.symbol.as_str(), error.day, error.field), ("TSLA", Some(date(day)), field), "{error}");
            assert!(error.to_string().contains(problem), "{error}");
        }
    }

    #[test]
    fn faults_of_the_whole_name_their_series() {
        let whole = || History {
            symbols: ["AAPL", "TSLA"].map(|s| (Symbol::new(s).unwrap(), sound())).to_vec(),
            volatility: vec![VolatilityDay {
                date: date("2024-03-27"),
                vix: 13.0,
                vix9d: None,
                vix3m: Some(15.0),
                vix1d: Some(9.5),
            }],
            rates: vec![RateDay { date: date("2024-03-27"), yields: [Some(5.49), None, None, None, Some(-0.1)] }],
            indices: Vec::new(),
            splits_complete_since: date("2016-01-01"),
            simulated: false,
            source: "made up".to_owned(),
        };
        let calendar = Calendar::nyse();
        assert_eq!(whole().check(&calendar), Ok(()));
        type Change = fn(&mut History);
        let cases: [(Change, &str, &str); 7] = [
            (|h| h.symbols.swap(0, 1), "AAPL", "follows TSLA"),
            (|h| h.symbols[1].1.bars[0].open = Price::ZERO, "TSLA", "above zero"),
            (|h| h.volatility[0].vix = 0.0, "VIX", "VIX of 2024-03-27 is 0"),
            (|h| h.volatility[0].vix3m = Some(f64::INFINITY), "VIX", "VIX3M"),
            (|h| h.volatility[0].vix1d = Some(-1.0), "VIX", "VIX1D of 2024-03-27 is -1"),
            (|h| h.rates.push(h.rates[0]), "Treasury yields", "stands twice"),
            (|h| h.rates[0].yields[2] = Some(f64::NAN), "Treasury yields", "expected a percentage"),
        ];
        for (change, series, problem) in cases {
            let mut history = whole();
            change(&mut history);
            let error = history.check(&calendar).unwrap_err();
            assert_eq!(error.symbol, series, "{error}");
            assert!(error.to_string().contains(problem), "{error}");
        }
    }
}
