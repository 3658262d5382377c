//! A folder of price history read whole: the small one value by value, the real one by what it must hold.

mod folder;

use adapters::history::{EarningsCoverage, Premiums, Span, WarmUp, inspect, read_history};
use folder::{calendar, options, shared, sound};
use market::history::{RateDay, VolatilityDay};
use market::instrument::Symbol;
use market::time::{Date, TradingDay};
use market::value::Price;

fn symbol(name: &str) -> Symbol {
    Symbol::new(name).unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

#[test]
fn every_value_of_the_small_folder_is_read() {
    let dir = sound();
    let history = read_history(dir.path(), &options(), &calendar()).unwrap();
    let names: Vec<_> = history.symbols.iter().map(|(s, _)| s.to_string()).collect();
    assert_eq!(names, ["AAPL", "SPY"]);

    let apple = history.symbol(symbol("AAPL")).unwrap();
    assert_eq!(apple.bars.len(), 5);
    let second = apple.bars[1];
    assert_eq!(second.day, TradingDay::from_record(day("2024-06-04")));
    let prices = [second.open, second.high, second.low, second.close];
    assert_eq!(prices, ["104.64", "105.32", "103.0342", "104.35"].map(price));
    assert_eq!(second.volume, 474_000);
    let dividends: Vec<_> = apple.dividends.iter().map(|d| (d.ex_date, d.amount)).collect();
    assert_eq!(dividends, [(day("2020-05-08"), price("0.105")), (day("2024-05-10"), price("0.25"))]);
    let splits: Vec<_> = apple.splits.iter().map(|s| (s.effective, s.new_per_old)).collect();
    assert_eq!(splits, [(day("2020-08-31"), 4), (day("2024-06-05"), 2)]);
    assert_eq!(apple.earnings, Some(vec![day("2024-02-01"), day("2024-05-02")]));
    assert_eq!(apple.volatility, [(day("2024-06-03"), 34.69), (day("2024-06-04"), 35.4), (day("2024-06-07"), 33.5)]);

    let fund = history.symbol(symbol("SPY")).unwrap();
    assert_eq!((fund.earnings.as_deref(), fund.volatility.len()), (None, 0));
    assert_eq!(fund.bars[4].high, price("436.89"), "columns are found by name");

    let structure = |date, vix, vix9d, vix3m| VolatilityDay { date: day(date), vix, vix9d, vix3m, vix1d: None };
    assert_eq!(
        history.volatility,
        [
            structure("2024-05-27", 15.36, None, None),
            structure("2024-06-03", 16.11, Some(15.05), Some(17.88)),
            structure("2024-06-04", 16.16, None, Some(17.81)),
            structure("2024-06-07", 15.22, Some(14.02), Some(17.22)),
        ],
        "a row of an NYSE holiday stays, and a day without VIX has no structure"
    );
    let rates = |date, yields| RateDay { date: day(date), yields };
    assert_eq!(
        history.rates,
        [
            rates("2024-06-03", [Some(3.47), Some(3.52), Some(3.42), Some(3.16), Some(2.82)]),
            rates("2024-06-04", [Some(-0.01), Some(3.51), None, Some(3.11), Some(2.77)]),
        ]
    );
    assert_eq!(history.splits_complete_since, day("2016-01-01"));
    assert!(!history.simulated);
    assert_eq!(history.source, dir.path().file_name().unwrap().to_string_lossy());
}

#[test]
fn spreadsheet_habits_are_read_alike() {
    let plain = read_history(sound().path(), &options(), &calendar()).unwrap();
    let bent = folder::folder(|_, content| {
        let (header, rows) = content.split_once('\n').unwrap();
        let text = format!("\u{feff}{}\n{rows}\n\n", header.to_uppercase()).replace('\n', "\r\n");
        Some(text.into_bytes())
    });
    let read = read_history(bent.path(), &options(), &calendar()).unwrap();
    assert_eq!(format!("{:?}", read.symbols), format!("{:?}", plain.symbols));
    assert_eq!(read.volatility, plain.volatility);
    assert_eq!(read.rates, plain.rates);
}

#[test]
fn a_special_dividend_shares_its_day_with_a_regular_one() {
    let dir = folder::folder(|_, content| Some(content.replace("AAPL,2020-05-08", "AAPL,2024-05-10").into_bytes()));
    let history = read_history(dir.path(), &options(), &calendar()).unwrap();
    let amounts: Vec<_> = history.symbol(symbol("AAPL")).unwrap().dividends.iter().map(|d| d.amount).collect();
    assert_eq!(amounts, [price("0.25"), price("0.105")]);
}

#[test]
fn only_the_symbols_wanted_are_read() {
    let mut only = options();
    only.symbols = Some(vec![symbol("SPY"), symbol("SPY")]);
    // Nobody asks for Apple, so neither its broken bars nor the lack of its volatility index matters.
    let dir = folder::folder(|name, content| match name {
        "bars/AAPL.csv" => Some(b"broken".to_vec()),
        "volatility/indices.csv" => Some(content.replace("VXAP", "other").into_bytes()),
        _ => Some(content.as_bytes().to_vec()),
    });
    let history = read_history(dir.path(), &only, &calendar()).unwrap();
    assert_eq!(history.symbols.len(), 1);
    assert_eq!(history.symbols[0].0, symbol("SPY"));
}

#[test]
fn an_inspection_tells_what_the_folder_supports() {
    let warm_up = WarmUp { symbol_bars: 2, vix_closes: 2 };
    let found = inspect(sound().path(), &options(), warm_up, &calendar());
    assert_eq!(found.problems, []);
    let span = |first, last, count| Span { first: day(first), last: day(last), count };
    assert_eq!(found.vix, Some(span("2024-05-27", "2024-06-07", 4)));
    assert_eq!(found.vix9d, Some(span("2024-06-03", "2024-06-07", 2)));
    assert_eq!(found.bill_rates, Some(span("2024-06-03", "2024-06-04", 2)));
    let [apple, fund] = found.symbols.as_slice() else { panic!("two symbols") };
    assert_eq!(apple.bars, Some(span("2024-06-03", "2024-06-07", 5)));
    assert_eq!(apple.earnings, EarningsCoverage::Known(span("2024-02-01", "2024-05-02", 2)));
    let index_span = span("2024-06-03", "2024-06-07", 3);
    assert_eq!(apple.premiums, Premiums::OwnIndex { index: "VXAP", span: index_span });
    assert_eq!((fund.earnings, &fund.premiums), (EarningsCoverage::Fund, &Premiums::TermStructure));
    assert_eq!((apple.replay_from, apple.act_from), (Some(day("2024-06-03")), Some(day("2024-06-05"))));

    let mut late = options();
    late.splits_complete_since = day("2024-06-06");
    let found = inspect(sound().path(), &late, warm_up, &calendar());
    assert_eq!(found.symbols[0].replay_from, Some(day("2024-06-06")));
}

#[test]
fn an_inspection_tells_everything_that_is_wrong() {
    let dir = folder::folder(|name, content| match name {
        "bars/AAPL.csv" => {
            let text = content.replace("104.03", "x").replace("2024-06-05,105.4,106.9", "2024-06-05,105.4,19.69");
            Some(text.into_bytes())
        }
        "bars/SPY.csv" => Some(content.replace("308000,434.66,432.68,435.42,434.98,2024-06-06,\n", "").into_bytes()),
        "rates/treasury.csv" => None,
        "events/splits.csv" => Some(format!("{content}MSFT,2024-06-05,2\n").into_bytes()),
        "events/earnings.csv" => Some(content.replace("2024-05-02", "soon").into_bytes()),
        _ => Some(content.as_bytes().to_vec()),
    });
    let found = inspect(dir.path(), &options(), WarmUp { symbol_bars: 50, vix_closes: 252 }, &calendar());
    let places: Vec<_> = found
        .problems
        .iter()
        .map(|p| {
            let file = p.file.strip_prefix(dir.path()).unwrap().display().to_string();
            (file, p.line, p.field.as_deref().unwrap_or("").to_owned())
        })
        .collect();
    let place = |file: &str, line: u32, field: &str| (file.to_owned(), Some(line), field.to_owned());
    assert_eq!(
        places,
        [
            place("bars/AAPL.csv", 2, "close"),
            place("bars/AAPL.csv", 4, "open"),
            place("bars/SPY.csv", 5, "date"),
            place("events/splits.csv", 4, "symbol"),
            place("events/earnings.csv", 3, "report_date"),
            ("rates/treasury.csv".to_owned(), None, String::new()),
        ]
    );
    assert_eq!(found.symbols[1].holes, [day("2024-06-06")]);
    assert_eq!(found.symbols[1].replay_from, None, "without rates nothing can be replayed");
}

#[test]
fn the_shared_folder_reads_completely() {
    let Some(data) = shared("the_shared_folder_reads_completely") else { return };
    let history = read_history(&data, &options(), &calendar()).unwrap();
    let names: Vec<_> = history.symbols.iter().map(|(s, _)| s.to_string()).collect();
    assert_eq!(names, ["AAPL", "AMZN", "GOOG", "META", "MSFT", "NVDA", "QQQ", "SPX", "SPY", "TSLA"]);
    for (symbol, own) in &history.symbols {
        let (first, last) = (own.bars[0].day.date(), own.bars[own.bars.len() - 1].day.date());
        assert!(first <= day("2016-06-28") && last == day("2026-05-29"), "{symbol}: {first} to {last}");
        let sessions = calendar().sessions_between(first, last).len();
        assert_eq!(own.bars.len(), sessions, "{symbol}");
    }
    let tesla = history.symbol(symbol("TSLA")).unwrap();
    assert_eq!(tesla.factor(day("2020-08-28")), 15);
    assert_eq!(tesla.factor(day("2022-08-25")), 1);
    let at = tesla.index_of(TradingDay::from_record(day("2020-08-28"))).unwrap();
    let close = tesla.of_day(tesla.bars[at].close, day("2020-08-28"));
    // TSLA closed at $2,213.40 on the last session before its 5-for-1 split; adjusted bars are rounded to cents.
    assert!(close.distance(price("2213.40")) <= price("0.075"), "{close}");
    assert_eq!(history.symbol(symbol("AAPL")).unwrap().dividends.len(), 39);
    assert!(history.symbol(symbol("GOOG")).unwrap().volatility.len() > 2000);
    assert_eq!(history.volatility.len(), 9196);

    let found = inspect(&data, &options(), WarmUp { symbol_bars: 50, vix_closes: 252 }, &calendar());
    assert_eq!(found.problems, []);
    assert!(
        found.symbols.iter().all(|s| s.holes.is_empty() && s.act_from == Some(day("2016-09-08"))
            || ["AAPL", "MSFT"].contains(&s.symbol.as_str())),
        "{:?}",
        found.symbols
    );
    assert!(found.chains.contains(&"TSLA-2026".to_owned()));
}

#[test]
fn vix1d_is_read_where_there_is_such_a_column() {
    let dir = sound();
    let warm_up = WarmUp { symbol_bars: 2, vix_closes: 2 };
    assert_eq!(inspect(dir.path(), &options(), warm_up, &calendar()).vix1d, None);
    let file = dir.path().join("volatility/indices.csv");
    let text = std::fs::read_to_string(&file).unwrap();
    let values = ["VIX1D", "9.81", "", "11.5", "12.25"];
    let with: Vec<String> = text.lines().zip(values).map(|(line, value)| format!("{line},{value}")).collect();
    std::fs::write(&file, with.join("\n")).unwrap();
    let history = read_history(dir.path(), &options(), &calendar()).unwrap();
    let found: Vec<_> = history.volatility.iter().map(|day| day.vix1d).collect();
    assert_eq!(found, [None, Some(9.81), None, Some(12.25)], "2024-06-05 has no VIX");
    let span = inspect(dir.path(), &options(), warm_up, &calendar()).vix1d;
    assert_eq!(span, Some(Span { first: day("2024-06-03"), last: day("2024-06-07"), count: 2 }));
    std::fs::write(&file, with.join("\n").replace("9.81", "-9.81")).unwrap();
    let error = read_history(dir.path(), &options(), &calendar()).unwrap_err().to_string();
    assert!(error.contains("indices.csv, line 2, VIX1D: found \"-9.81\"; expected a volatility"), "{error}");
}
