//! The premium model on a market made by hand: what it misses, what it counts, and that a fit finds it again.

use market::history::{History, RateDay, SymbolHistory, VolatilityDay};
use market::instrument::{Right, Symbol};
use market::math;
use market::quote::{Bar, Chain, OptionQuote, Origin, QuotedChains};
use market::time::{Calendar, Date, Expiration, TradingDay};
use market::value::Price;
use pricing::clock::Clock;
use pricing::curve::Skew;
use pricing::model::{Fitted, PremiumModel, RatioRule};
use simulation::evidence::fit::{CannotFit, days, fit};
use simulation::evidence::model::{Verdict, as_if_without_index, bars, by, compare, error};
use simulation::premium::{Ground, Method, NoPremium};

const PREMIUM: &str = include_str!("../../../policy/premium-model.toml");

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn symbol(name: &str) -> Symbol {
    Symbol::new(name).unwrap()
}

/// A model whose numbers are all at work.
fn model() -> PremiumModel {
    PremiumModel::parse(PREMIUM, "premium-model.toml")
        .unwrap()
        .with_clock(Clock::new(0.3, 9.0).unwrap())
        .with_ratio(RatioRule::new(126, 21, 0.8, 0.2).unwrap())
        .with_skew(Skew::new(-0.05, 0.04, 2.5).unwrap(), 0.9)
        .with_fitted(Fitted::default())
}

/// Closes that go up and down by `step` of themselves, wider or narrower with the months, and nine times the variance
/// after a report.
fn bars_of(days: &[TradingDay], step: f64, phase: usize, reports: &[Date]) -> Vec<Bar> {
    let mut close = 200.0_f64;
    let mut made = Vec::new();
    for (at, day) in days.iter().enumerate() {
        let price = Price::from_f64(close).unwrap();
        made.push(Bar { day: *day, open: price, high: price, low: price, close: price, volume: 1 });
        let worth = if reports.contains(&day.date()) { 3.0 } else { 1.0 };
        let swell = 1.0 + 0.5 * f64::from(u8::from((at + phase) / 40 % 2 == 1));
        let sign = if at % 2 == 0 { 1.0 } else { -1.0 };
        close *= math::exp(sign * step * swell * worth);
    }
    made
}

/// Two and a half years of SPY, of TSLA without an index, and of AAPL and AMZN with one.
fn history(calendar: &Calendar) -> History {
    let days = calendar.sessions_between(date("2017-01-03"), date("2019-06-28")).to_vec();
    let reports = |shift: usize| -> Vec<Date> { days.iter().skip(40 + shift).step_by(42).map(|d| d.date()).collect() };
    let of = |step: f64, phase: usize, reports: Option<Vec<Date>>| SymbolHistory {
        bars: bars_of(&days, step, phase, reports.as_deref().unwrap_or(&[])),
        earnings: reports,
        ..SymbolHistory::default()
    };
    // Up and down again over some months.
    let vix = |at: usize| 12.0 + 0.1 * f64::from((at as i32 % 240 - 120).abs());
    let volatility = days.iter().enumerate().map(|(at, day)| VolatilityDay {
        date: day.date(),
        vix: vix(at),
        vix9d: Some(vix(at) * 0.95),
        vix3m: Some(vix(at) * 1.1),
        vix1d: None,
    });
    let rates =
        days.iter().map(|day| RateDay { date: day.date(), yields: [Some(2.0), Some(2.1), None, Some(2.3), None] });
    let mut history = History {
        symbols: vec![
            (symbol("AAPL"), of(0.014, 10, Some(reports(0)))),
            (symbol("AMZN"), of(0.02, 25, Some(reports(7)))),
            (symbol("SPY"), of(0.008, 0, None)),
            (symbol("TSLA"), of(0.03, 5, Some(reports(12)))),
        ],
        volatility: volatility.collect(),
        rates: rates.collect(),
        indices: Vec::new(),
        splits_complete_since: date("2017-01-03"),
        simulated: true,
        source: "made by hand".to_owned(),
    };
    // The two indices are what the model says of their symbols.
    for name in ["AAPL", "AMZN"] {
        let listed: Vec<(Date, f64)> = {
            let ground = Ground::new(&history, calendar, symbol("SPY"), model());
            let of = |day: &TradingDay| Some((day.date(), ground.as_if_without_index(*day, symbol(name)).ok()?));
            days.iter().filter_map(of).collect()
        };
        history.symbols.iter_mut().find(|(s, _)| *s == symbol(name)).unwrap().1.volatility = listed;
    }
    history
}

/// Chains at the closes of some sessions, as `model` prices them, a hundredth of a cent exact.
fn quotes(history: &History, calendar: &Calendar, model: &PremiumModel, name: &str, on: &[TradingDay]) -> QuotedChains {
    let mut ground = Ground::new(history, calendar, symbol("SPY"), model.clone());
    let own = history.symbol(symbol(name)).unwrap();
    let mut chains = Vec::new();
    for day in on {
        let price = own.bars[own.index_of(*day).unwrap()].close;
        let friday = calendar.last_session(market::time::Week::of(day.date())).unwrap();
        let near = [1, 3, 4].map(|sessions| calendar.offset(*day, sessions));
        for last in near.into_iter().chain([5, 10, 20, 40].map(|sessions| calendar.offset(friday, sessions))) {
            let expiration = Expiration(last.date());
            let terms = ground.terms(*day, own, price, expiration).unwrap();
            let smile = ground.smile(*day, symbol(name), expiration).unwrap();
            let deviation = smile.at_money().get() * terms.years().get().sqrt();
            for right in [Right::Put, Right::Call] {
                let strike = |at: i32| {
                    let strike = terms.forward() * math::exp(f64::from(at) * 0.1 * deviation);
                    Price::from_f64(strike).unwrap()
                };
                let quote = |strike: Price| {
                    let mid = model.quote(&terms, &smile, right, strike.to_f64()).mid;
                    let at = Price::from_f64(mid).unwrap();
                    OptionQuote { strike, bid: at, ask: at, delta: None, open_interest: None, volume: None }
                };
                let quotes = (-20..=20).map(|at| quote(strike(at))).collect();
                let origin = Origin::Quoted;
                chains.push((*day, Chain { underlying: symbol(name), expiration, right, origin, quotes }));
            }
        }
    }
    QuotedChains::new("chains made by hand".to_owned(), chains)
}

#[test]
fn on_its_own_quotes_the_model_errs_by_nothing() {
    let calendar = Calendar::nyse();
    let (history, model) = (history(&calendar), model());
    let sessions = calendar.sessions_between(date("2019-01-02"), date("2019-01-18"));
    for (name, method) in [("TSLA", Method::Ratio), ("AAPL", Method::Own), ("SPY", Method::Index)] {
        let quoted = quotes(&history, &calendar, &model, name, sessions);
        let found = compare(&history, &calendar, symbol("SPY"), &model, &quoted).unwrap();
        assert!(found.quotes.len() > 2_000 && found.unpriced.is_empty(), "{}", found.quotes.len());
        let near = found.quotes.iter().filter(|quote| quote.delta > 5.0 && quote.delta < 95.0);
        let all = error(near).unwrap();
        assert!(all.size < 0.02 && all.premium_size < 1e-3 && all.bid_bias.abs() < 0.1, "{name}: {all:?}");
        assert!(found.quotes.iter().all(|quote| quote.method == method));
        // Another volatility is another price, everywhere the same way.
        let dearer = model.clone().at_level(model.level() * 1.1);
        let found = compare(&history, &calendar, symbol("SPY"), &dearer, &quoted).unwrap();
        assert!(found.quotes.iter().all(|quote| quote.error > 0.0 && quote.modelled.1 >= quote.quoted.1 - 1e-4));
        let judged = bars(&found.quotes);
        assert_eq!((judged.len(), judged[0].tested, judged[0].verdict()), (1, sessions.len(), Verdict::TooFew));
        let by_right = by(&found.quotes, |quote| Some(quote.right));
        assert_eq!(by_right.iter().map(|(_, e)| e.quotes).sum::<usize>(), found.quotes.len());
    }
    assert_eq!(error(&[]), None);
}

#[test]
fn a_fit_finds_the_numbers_that_made_the_market() {
    let calendar = Calendar::nyse();
    let (history, true_model) = (history(&calendar), model());
    let sessions = calendar.sessions_between(date("2019-01-02"), date("2019-04-30"));
    let quoted = quotes(&history, &calendar, &true_model, "TSLA", sessions);
    let on = days(&history, symbol("SPY"), &quoted).unwrap();
    assert_eq!(on.0, (date("2017-01-03"), date("2018-04-02")));
    assert_eq!(calendar.sessions_between(on.1.0, on.1.1).len(), sessions.len() - 60);
    let start = PremiumModel::parse(PREMIUM, "premium-model.toml").unwrap();
    let found = fit(&history, &calendar, symbol("SPY"), &quoted, &start, on).unwrap();
    let near = |found: f64, expected: f64, by: f64| assert!((found - expected).abs() < by, "{found}, not {expected}");
    let (rule, clock, skew) = (found.model.ratio_rule(), found.model.clock(), found.model.skew());
    assert_eq!(rule.sessions(), 126);
    near(rule.exponent(), 0.8, 0.03);
    near(rule.damping(), 0.2, 0.03);
    near(clock.closed_day(), 0.3, 0.011);
    near(clock.report(), 9.0, 0.5);
    near(skew.slope(), -0.05, 0.005);
    near(skew.curvature(), 0.04, 0.005);
    near(found.model.stock_level(), skew.level(0.115), 1e-12);
    near(found.report_session, 1.0, 0.3);
    assert_eq!(found.model.fitted().quotes, Some(on.1));
    assert!(
        found.model.fitted().on_history(date("2018-04-02")) && !found.model.fitted().on_history(date("2018-04-03"))
    );
    // What was fitted on is told apart from what tests it.
    let judged = as_if_without_index(&history, &calendar, symbol("SPY"), &found.model);
    let of_2018 = judged.iter().find(|bar| (bar.symbol, bar.year) == (symbol("AAPL"), 2018)).unwrap();
    assert!(of_2018.fitted > 50 && of_2018.tested > 150 && of_2018.verdict() == Verdict::Met, "{of_2018:?}");
    assert!(of_2018.size.unwrap() < 0.5, "{of_2018:?}");
}

#[test]
fn a_fit_says_what_there_is_too_little_of() {
    let calendar = Calendar::nyse();
    let (whole, model) = (history(&calendar), model());
    let sessions = calendar.sessions_between(date("2019-01-02"), date("2019-01-31"));
    let quoted = quotes(&whole, &calendar, &model, "TSLA", sessions);
    let on = days(&whole, symbol("SPY"), &quoted).unwrap();
    let said = |history: &History, quoted: &QuotedChains, on| {
        fit(history, &calendar, symbol("SPY"), quoted, &model, on).unwrap_err().to_string()
    };
    let mut silent = whole.clone();
    silent.symbols.iter_mut().for_each(|(_, own)| own.earnings = own.earnings.as_ref().map(|_| Vec::new()));
    assert!(said(&silent, &quoted, on).starts_with("events/earnings.csv: 0 reports"));
    let mut without = whole.clone();
    without.symbols.iter_mut().for_each(|(_, own)| own.volatility.clear());
    let indices = said(&without, &quoted, on);
    assert!(indices.starts_with("volatility/indices.csv: 0 closes"), "{indices}");
    let few = QuotedChains::new("few".to_owned(), quoted.iter().take(30).map(|(d, c)| (d, c.clone())).collect());
    assert!(said(&whole, &few, on).starts_with("few: 3 sessions of quotes"), "{}", said(&whole, &few, on));
    assert_eq!(
        days(&whole, symbol("SPY"), &few),
        Err(CannotFit::Quotes { source_name: "few".to_owned(), found: 3, least: 20 })
    );
    assert_eq!(days(&whole, symbol("QQQ"), &quoted), Err(CannotFit::Index(symbol("QQQ"))));
}

#[test]
fn what_is_missing_is_named_with_its_file() {
    let calendar = Calendar::nyse();
    let (whole, model) = (history(&calendar), model());
    let sessions = calendar.sessions_between(date("2019-01-02"), date("2019-01-04"));
    let quoted = quotes(&whole, &calendar, &model, "TSLA", sessions);
    /// What is taken away.
    type Loss = fn(&mut History);
    let refused = |change: Loss| {
        let mut history = whole.clone();
        change(&mut history);
        compare(&history, &calendar, symbol("SPY"), &model, &quoted).unwrap_err().to_string()
    };
    let table: [(Loss, &str); 5] = [
        (|h| h.volatility.clear(), "volatility/indices.csv: VIX is missing on 2019-01-02"),
        (|h| h.volatility.retain(|v| v.date < date("2018-12-20")), "volatility/indices.csv: VIX is missing"),
        (|h| h.rates.clear(), "rates/treasury.csv: no yield (DGS1MO to DGS2) on 2019-01-02"),
        (|h| h.symbols.retain(|(s, _)| *s != symbol("TSLA")), "bars/TSLA.csv: the file is missing"),
        (|h| h.symbols.retain(|(s, _)| *s != symbol("SPY")), "bars/SPY.csv: the file is missing"),
    ];
    for (change, expected) in table {
        let said = refused(change);
        assert!(said.starts_with(expected), "{said}");
    }
    let first = calendar.session(date("2017-01-11")).unwrap();
    let mut ground = Ground::new(&whole, &calendar, symbol("SPY"), model.clone());
    let early = ground.smile(first, symbol("TSLA"), Expiration(date("2017-01-20"))).unwrap_err();
    assert!(matches!(early, NoPremium::Past { least: 21, .. }), "{early}");
    assert!(early.to_string().contains("bars/TSLA.csv"), "{early}");
    let sunday = ground.smile(first, symbol("SPY"), Expiration(date("2017-01-22"))).unwrap_err();
    assert_eq!(sunday, NoPremium::Expiration(date("2017-01-22")));
}

#[test]
fn a_report_adds_variance_only_to_options_that_outlive_it() {
    let calendar = Calendar::nyse();
    let mut history = history(&calendar);
    let report = date("2019-01-23");
    let place = history.symbols.iter().position(|(s, _)| *s == symbol("TSLA")).unwrap();
    let mut variance = |reports: Vec<Date>, last: &str| {
        history.symbols[place].1.earnings = Some(reports);
        let mut ground = Ground::new(&history, &calendar, symbol("SPY"), model());
        let day = calendar.session(date("2019-01-15")).unwrap();
        let expiration = Expiration(date(last));
        let at_money = ground.smile(day, symbol("TSLA"), expiration).unwrap().at_money().get();
        at_money * at_money * ground.years(day, expiration).unwrap().get()
    };
    // A report long after is no report; the past stays the same.
    let far = date("2019-05-20");
    let mut added = Vec::new();
    for (last, is_later) in [("2019-01-18", false), ("2019-01-23", false), ("2019-01-24", true), ("2019-02-15", true)] {
        let gain = variance(vec![report, far], last) - variance(vec![far], last);
        assert!(if is_later { gain > 0.0 } else { gain == 0.0 }, "{last}: {gain}");
        added.extend(is_later.then_some(gain));
    }
    // It adds the same variance to every option that outlives it, as far as the term structure is flat.
    assert!((added[1] / added[0] - 1.0).abs() < 0.2, "{added:?}");
}

#[test]
fn beyond_its_table_a_symbol_reports_every_quarter_and_without_one_never() {
    let calendar = Calendar::nyse();
    let mut history = history(&calendar);
    let place = history.symbols.iter().position(|(s, _)| *s == symbol("TSLA")).unwrap();
    let mut count = |reports: Option<Vec<Date>>, from: &str, to: &str| {
        history.symbols[place].1.earnings = reports;
        let ground = Ground::new(&history, &calendar, symbol("SPY"), model());
        ground.reports(symbol("TSLA"), date(from), date(to))
    };
    let table = || Some(vec![date("2019-01-23"), date("2019-04-24")]);
    for (from, to, expected) in [
        ("2019-01-22", "2019-01-23", 0),
        ("2019-01-23", "2019-01-24", 1),
        ("2019-01-24", "2019-04-24", 0),
        ("2019-01-23", "2019-04-25", 2),
        ("2019-04-25", "2019-07-23", 0),
        ("2019-04-25", "2019-07-24", 1),
        ("2019-04-24", "2020-04-24", 5),
        ("2026-06-01", "2026-06-05", 0),
        ("2026-06-01", "2027-06-01", 4),
    ] {
        assert_eq!(count(table(), from, to), expected, "{from} to {to}");
        assert_eq!(count(Some(Vec::new()), from, to), 0);
        assert_eq!(count(None, from, to), 0);
    }
}

/// Friday 2019-01-18 is followed by a Tuesday; VIX1D speaks of that session alone.
#[test]
fn the_index_of_the_next_session_prices_it_and_nothing_from_nine_days_on() {
    let calendar = Calendar::nyse();
    let plain = history(&calendar);
    let friday = calendar.session(date("2019-01-18")).unwrap();
    let mut with = plain.clone();
    let place = with.volatility.iter().position(|v| v.date == friday.date()).unwrap();
    with.volatility[place].vix1d = Some(30.0);
    let at_money = |history: &History, day: &str, last: &str| {
        let mut ground = Ground::new(history, &calendar, symbol("SPY"), model());
        let day = calendar.session(date(day)).unwrap();
        ground.smile(day, symbol("SPY"), Expiration(date(last))).unwrap().at_money().points()
    };
    let level = model().level();
    let found = at_money(&with, "2019-01-18", "2019-01-22") / level;
    assert!((found * found - 900.0 * 365.0 / 252.0 / 4.0).abs() < 1e-9, "one session's variance in four days: {found}");
    let (alone, between) = (at_money(&plain, "2019-01-18", "2019-01-25"), at_money(&with, "2019-01-18", "2019-01-25"));
    assert!((alone - between).abs() > 0.01, "{alone} {between}");
    for (day, last) in [("2019-01-18", "2019-01-28"), ("2019-01-22", "2019-01-23"), ("2019-01-17", "2019-01-18")] {
        let same = at_money(&plain, day, last).total_cmp(&at_money(&with, day, last));
        assert!(same.is_eq(), "{day} to {last}: a session of another day, or nine days and more");
    }
}
