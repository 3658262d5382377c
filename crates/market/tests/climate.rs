//! The tape against the definitions it stands for, each figure computed anew from the whole history.

mod support;

use std::fs;
use std::path::Path;

use market::climate::{MissingHistory, Moment, Spans, Tape, bill_rate, next_earnings};
use market::history::{History, RateDay, Split, SymbolHistory, VolatilityDay};
use market::instrument::Symbol;
use market::quote::{Bar, Earnings, Underlying};
use market::time::{Calendar, Date, TradingDay, date_of_number, day_number};
use market::value::Price;

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// The figures of one session by their definitions, in floats over slices.
fn check_moment(moment: &Moment<'_>, history: &History, index: Symbol, universe: &[Symbol], calendar: &Calendar) {
    let day = moment.day;
    let before = calendar.previous(day);
    let climate = &moment.climate;
    let upto = |series: &SymbolHistory| series.bars.iter().filter(|b| b.day < day).copied().collect::<Vec<Bar>>();

    let bars = upto(history.symbol(index).unwrap());
    assert_eq!((climate.as_of, climate.index_close), (before, bars.last().unwrap().close), "{day}");
    assert_eq!(climate.index_bars as usize, bars.len());
    near(climate.index_sma20, mean_close(&bars, 20), 5.1e-5, day);
    near(climate.index_sma20_before, bars.len().checked_sub(5).and_then(|n| mean_close(&bars[..n], 20)), 5.1e-5, day);

    let known = history.volatility.iter().filter(|v| v.date <= before.date());
    let vix: Vec<&VolatilityDay> = known.filter(|v| calendar.session(v.date).is_some()).collect();
    assert_eq!(climate.vix_closes as usize, vix.len(), "{day}");
    let today = vix.last().filter(|v| v.date == before.date()).map(|v| (v.vix * 100.0).round() as i64);
    assert_eq!(climate.vix, today, "{day}");
    let mean = vix.len().checked_sub(252).map(|n| vix[n..].iter().map(|v| v.vix).sum::<f64>() / 2.52);
    assert_eq!(climate.vix_mean.is_some(), mean.is_some(), "{day}");
    assert!(climate.vix_mean.zip(mean).is_none_or(|(found, mean)| (found as f64 - mean).abs() < 0.501), "{day}");

    let series = |s: &Symbol| history.symbol(*s).unwrap();
    let fewest = universe.iter().map(|s| upto(series(s)).len()).min().unwrap();
    assert_eq!(climate.symbol_bars as usize, fewest, "{day}");
    let at_hand = |s: &&Symbol| series(s).index_of(day).is_some_and(|i| i > 0);
    let expected: Vec<Symbol> = universe.iter().filter(at_hand).copied().collect();
    assert_eq!(moment.underlyings.iter().map(|u| u.symbol).collect::<Vec<_>>(), expected, "{day}");
    moment.underlyings.iter().for_each(|u| check_underlying(u, day, series(&u.symbol)));
}

fn check_underlying(found: &Underlying, day: TradingDay, series: &SymbolHistory) {
    let today = series.index_of(day).unwrap();
    let bars = &series.bars[..today];
    let factor = series.factor(day.date()) as f64;
    assert_eq!(found.price, series.of_day(series.bars[today].close, day.date()));
    near(Some(found.previous_close), Some(bars[today - 1].close.to_f64() * factor), 5.1e-3, day);
    near(found.sma50, mean_close(bars, 50).map(|mean| mean * factor), 5.1e-5, day);
    near(found.atr, (today >= 15).then(|| wilder(bars, 14) * factor), 5.2e-5, day);
}

fn mean_close(bars: &[Bar], n: usize) -> Option<f64> {
    let window = &bars[bars.len().checked_sub(n)?..];
    Some(window.iter().map(|b| b.close.to_f64()).sum::<f64>() / n as f64)
}

fn wilder(bars: &[Bar], n: usize) -> f64 {
    let previous = std::iter::once(None).chain(bars.iter().map(|b| Some(b.close.to_f64())));
    let ranges: Vec<f64> = bars
        .iter()
        .zip(previous)
        .map(|(bar, previous)| {
            let (high, low) = (bar.high.to_f64(), bar.low.to_f64());
            previous.map_or(high - low, |close| (high - low).max((high - close).abs()).max((low - close).abs()))
        })
        .collect();
    let seed = ranges[..n].iter().sum::<f64>() / n as f64;
    ranges[n..].iter().fold(seed, |average, range| (average * (n - 1) as f64 + range) / n as f64)
}

fn near(found: Option<Price>, expected: Option<f64>, tolerance: f64, day: TradingDay) {
    let close = match (found, expected) {
        (Some(found), Some(expected)) => (found.to_f64() - expected).abs() <= tolerance,
        (found, expected) => found.is_none() && expected.is_none(),
    };
    assert!(close, "{day}: {found:?}, expected {expected:?}");
}

/// 400 sessions from 2021-06-01: an index, two symbols of which one splits and one is listed later, VIX with a missing
/// session, a value on a holiday, and more of it from before the first bar.
fn made_up(calendar: &Calendar) -> History {
    let first = calendar.session(date("2021-06-01")).unwrap();
    let series = |salt: i64, from: i64| SymbolHistory {
        bars: (from..400).map(|i| made_up_bar(calendar.offset(first, i), i, salt)).collect(),
        ..SymbolHistory::default()
    };
    let splits = vec![Split { effective: date("2022-08-25"), new_per_old: 3 }];
    let days = (day_number(date("2021-01-04"))..day_number(date("2022-12-31"))).filter_map(date_of_number);
    let printed = |d: &Date| *d == date("2021-07-05") || calendar.session(*d).is_some();
    let volatility = days.filter(printed).filter(|d| *d != date("2022-06-15"));
    let vix = |d: Date| 15.0 + (day_number(d) * 37 % 1500) as f64 / 100.0;
    History {
        symbols: vec![
            (symbol("AAA"), SymbolHistory { splits, ..series(3, 0) }),
            (symbol("BBB"), series(7, 90)),
            (symbol("SPY"), series(1, 0)),
        ],
        volatility: volatility
            .map(|date| VolatilityDay { date, vix: vix(date), vix9d: None, vix3m: None, vix1d: None })
            .collect(),
        rates: Vec::new(),
        indices: Vec::new(),
        splits_complete_since: date("2016-01-01"),
        simulated: true,
        source: "made up".to_owned(),
    }
}

fn made_up_bar(day: TradingDay, i: i64, salt: i64) -> Bar {
    let close = 20_000 + (i * i * 37 * salt + i * 91) % 4_000;
    let [high, low, close] = [close + i * 53 % 300 + 1, close - i * 71 % 250 - 1, close].map(Price::cents);
    Bar { day, open: close, high, low, close, volume: 1 }
}

#[test]
fn every_figure_of_a_made_up_market_is_what_its_definition_says() {
    let calendar = Calendar::nyse();
    let history = made_up(&calendar);
    history.check(&calendar).unwrap();
    let universe = [symbol("AAA"), symbol("BBB")];
    let spans = Spans::default();
    let tape = Tape::new(&history, symbol("SPY"), &[universe[1], universe[0], universe[1]], &calendar, &spans).unwrap();
    assert_eq!(tape.days().len(), 399);
    for moment in tape.moments() {
        check_moment(&moment, &history, symbol("SPY"), &universe, &calendar);
    }
    let at = |day: &str| tape.at(tape.position(calendar.session(date(day)).unwrap()).unwrap()).unwrap();
    assert_eq!(at("2022-06-16").climate.vix, None, "no VIX on 2022-06-15");
    assert_eq!(at("2021-07-06").climate.vix_closes, at("2021-07-02").climate.vix_closes + 1, "a holiday's is ignored");
    let (before, after) = (at("2022-08-24").underlyings[0], at("2022-08-25").underlyings[0]);
    assert_eq!(after.previous_close.units() * 3, before.price.units(), "previous close in today's shares");
    assert_eq!(tape.at(399), None);
}

#[test]
fn a_symbol_without_bars_is_refused() {
    let calendar = Calendar::nyse();
    let history = made_up(&calendar);
    for (index, universe, missing) in [("QQQ", "AAA", "QQQ"), ("SPY", "CCC", "CCC")] {
        let error = Tape::new(&history, symbol(index), &[symbol(universe)], &calendar, &Spans::default()).unwrap_err();
        assert_eq!(error, MissingHistory { symbol: symbol(missing) });
    }
}

#[test]
fn every_figure_of_the_real_market_is_what_its_definition_says() {
    let Some(data) = support::shared("every_figure_of_the_real_market_is_what_its_definition_says") else { return };
    let calendar = Calendar::nyse();
    let universe = ["AAPL", "AMZN", "MSFT", "NVDA", "TSLA"].map(symbol);
    let history = real(&data, &universe);
    history.check(&calendar).unwrap();
    let tape = Tape::new(&history, symbol("SPY"), &universe, &calendar, &Spans::default()).unwrap();
    assert_eq!(tape.days().len(), 2_493);
    for moment in tape.moments().step_by(7) {
        check_moment(&moment, &history, symbol("SPY"), &universe, &calendar);
    }
    let first = tape.moments().find(|m| m.climate.vix_mean.is_some() && m.climate.symbol_bars >= 50).unwrap();
    assert_eq!(first.climate.symbol_bars, 50, "VIX reaches far enough back");
}

fn real(data: &Path, universe: &[Symbol]) -> History {
    let mut names: Vec<Symbol> = universe.iter().copied().chain([symbol("SPY")]).collect();
    names.sort();
    History {
        symbols: names.into_iter().map(|s| (s, real_symbol(data, s))).collect(),
        volatility: rows(&data.join("volatility/VIX.csv"))
            .map(|row| VolatilityDay {
                date: date(&row[0]),
                vix: row[4].parse().unwrap(),
                vix9d: None,
                vix3m: None,
                vix1d: None,
            })
            .collect(),
        rates: Vec::new(),
        indices: Vec::new(),
        splits_complete_since: date("2016-01-01"),
        simulated: false,
        source: "shared".to_owned(),
    }
}

fn real_symbol(data: &Path, symbol: Symbol) -> SymbolHistory {
    let price = |text: &String| text.parse::<Price>().unwrap();
    let bar = |row: Vec<String>| Bar {
        day: TradingDay::from_record(date(&row[0])),
        open: price(&row[1]),
        high: price(&row[2]),
        low: price(&row[3]),
        close: price(&row[4]),
        volume: row[5].parse().unwrap(),
    };
    let of_symbol = |file: &str| rows(&data.join(file)).filter(move |row| row[0] == symbol.as_str());
    SymbolHistory {
        bars: rows(&data.join(format!("bars/{symbol}.csv"))).map(bar).collect(),
        splits: of_symbol("events/splits.csv")
            .map(|row| Split { effective: date(&row[1]), new_per_old: row[2].parse().unwrap() })
            .collect(),
        earnings: Some(of_symbol("events/earnings.csv").map(|row| date(&row[1])).collect()),
        ..SymbolHistory::default()
    }
}

fn rows(file: &Path) -> impl Iterator<Item = Vec<String>> + use<> {
    let text = fs::read_to_string(file).unwrap();
    let rows: Vec<Vec<String>> = text.lines().skip(1).map(|l| l.split(',').map(str::to_owned).collect()).collect();
    rows.into_iter()
}

#[test]
fn the_next_report_is_announced_expected_or_unknown() {
    let reports = ["2024-01-24", "2024-04-23"].map(date);
    let expected = (date("2024-07-16"), date("2024-07-30"));
    for (day, known) in [
        ("2023-10-17", Earnings::Unknown),
        ("2023-10-18", Earnings::On(reports[0])),
        ("2024-01-24", Earnings::On(reports[0])),
        ("2024-01-25", Earnings::On(reports[1])),
        ("2024-04-23", Earnings::On(reports[1])),
        ("2024-04-24", Earnings::Between(expected.0, expected.1)),
        ("2024-07-30", Earnings::Between(expected.0, expected.1)),
        ("2024-07-31", Earnings::Unknown),
    ] {
        assert_eq!(next_earnings(Some(&reports), date(day), (84, 98)), known, "{day}");
    }
    assert_eq!(next_earnings(Some(&[]), date("2024-01-01"), (84, 98)), Earnings::Unknown);
    assert_eq!(next_earnings(None, date("2024-01-01"), (84, 98)), Earnings::None);
}

#[test]
fn a_bill_rate_is_the_last_published_and_not_older_than_a_week() {
    let day = |d: &str, month| RateDay { date: date(d), yields: [month, None, None, None, None] };
    let rates = [day("2024-03-28", Some(5.49)), day("2024-03-29", None), day("2024-04-12", Some(0.005))];
    for (on, rate) in [
        ("2024-03-27", None),
        ("2024-03-28", Some(54_900)),
        ("2024-04-04", Some(54_900)),
        ("2024-04-05", None),
        ("2024-04-12", Some(50)),
    ] {
        assert_eq!(bill_rate(&rates, date(on)), rate, "{on}");
    }
}
