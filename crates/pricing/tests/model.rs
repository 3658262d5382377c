//! The policy file, the curves it makes, and what the ratio rule would have said of symbols that do have an index.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use market::instrument::Right::{Call, Put};
use pricing::black_scholes::Terms;
use pricing::clock::{Clock, Time};
use pricing::curve::{Skew, TermStructure, VolatilityCurve};
use pricing::model::{BadModel, PremiumModel, RatioRule};
use pricing::rate::TreasuryCurve;
use pricing::spread::{CannotMeasure, Classes, Measure, Quoted, parity_forward};
use pricing::unit::{Rate, Volatility, Years};

const POLICY: &str = include_str!("../../../policy/premium-model.toml");

fn model() -> PremiumModel {
    PremiumModel::parse(POLICY, "premium-model.toml").unwrap()
}

fn days(days: f64) -> Years {
    Years::new(days / 365.0).unwrap()
}

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12, "{found}, expected {expected}");
}

#[test]
fn every_value_has_its_range_and_every_error_its_line() {
    let line = |key: &str| POLICY.lines().position(|line| line.starts_with(key)).unwrap() + 1;
    let table = [
        ("level = 0.85", "level = 85.0", "volatility.level is 85; expected a number from 0.1 to 2"),
        ("level = 0.85", "level = nan", "volatility.level is NaN; expected a number from 0.1 to 2"),
        ("sessions = 252", "sessions = 3", "ratio.sessions is 3; expected a whole number from 5 to 2520"),
        (
            "least_sessions = 21",
            "least_sessions = 253",
            "ratio.least_sessions is 253; expected a whole number from 5 to 252",
        ),
        ("exponent = 0.85", "exponent = 1.5", "ratio.exponent is 1.5; expected a number from 0 to 1"),
        ("floor = 0.005", "floor = -0.1", "spread.floor is -0.1; expected a number from 0 to 10"),
        ("days = [3.0, 7.0,", "days = [3.0, 3.0,", "expected positive numbers, rising"),
        ("days = [3.0, 7.0,", "days = [7.0,", "spread.of_mid is 8 rows; expected 7 rows"),
        ("delta_points = [2.5, ", "delta_points = [", "expected 11 numbers from 0 to 1"),
        ("sessions = 252", "sessions = \"252\"", "invalid type: string \"252\", expected i64"),
        ("exponent = 0.85", "exponent = 0.85\nskew = 1.0", "unknown field `skew`"),
        ("exponent = 0.85", "", "missing field `exponent`"),
        ("exponent = 0.85", "exponent = ", "premium-model.toml line"),
    ];
    for (from, to, expected) in table {
        let text = POLICY.replacen(&format!("\n{from}"), &format!("\n{to}"), 1);
        assert_ne!(text, POLICY, "{from}");
        let error = PremiumModel::parse(&text, "premium-model.toml").unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        if let BadModel::Range { line: found, key, .. } = &error
            && *key != "spread.of_mid"
        {
            assert_eq!(*found, line(from.split(' ').next().unwrap()), "{error}");
        }
    }
}

#[test]
fn total_variance_is_linear_between_the_indices_and_flat_outside() {
    let term = TermStructure::new(Some(30.0), 20.0, Some(25.0)).unwrap();
    for (at, points) in [(0.0, 30.0), (5.0, 30.0), (9.0, 30.0), (30.0, 20.0), (93.0, 25.0), (400.0, 25.0)] {
        near(term.volatility(days(at)).points(), points);
    }
    // Half-way: variance × days is (900 × 9 + 400 × 30) / 2 at 19.5 days, (400 × 30 + 625 × 93) / 2 at 61.5.
    near(term.volatility(days(19.5)).points(), (10_050.0_f64 / 19.5).sqrt());
    near(term.volatility(days(61.5)).points(), (35_062.5_f64 / 61.5).sqrt());
    let lone = TermStructure::new(None, 20.0, None).unwrap();
    near(lone.volatility(days(9.0)).points(), 20.0);
    near(lone.volatility(days(93.0)).points(), 20.0);
    let late = TermStructure::new(None, 20.0, Some(25.0)).unwrap();
    near(late.volatility(days(9.0)).points(), 20.0);
    near(late.volatility(days(61.5)).points(), (35_062.5_f64 / 61.5).sqrt());
    let early = TermStructure::new(Some(30.0), 20.0, None).unwrap();
    near(early.volatility(days(19.5)).points(), (10_050.0_f64 / 19.5).sqrt());
    near(early.volatility(days(93.0)).points(), 20.0);
    assert_eq!(TermStructure::new(None, 0.0, None).unwrap_err().to_string(), "VIX is 0; expected a positive number");
}

/// VIX1D of 40: 1600 × 365 / 252 in a session, whatever lies before it.
#[test]
fn the_next_session_has_a_part_below_nine_days_alone() {
    let without = TermStructure::new(Some(30.0), 20.0, Some(25.0)).unwrap();
    let session = 1600.0_f64 * 365.0 / 252.0;
    let term = without.with_session(40.0, Time::of_days(1.0)).unwrap();
    for (at, points) in [(0.5, session.sqrt()), (1.0, session.sqrt()), (9.0, 30.0), (30.0, 20.0), (93.0, 25.0)] {
        near(term.volatility(days(at)).points(), points);
    }
    // Half-way to nine days total variance is half-way too.
    near(term.volatility(days(5.0)).points(), ((session + 8_100.0_f64) / 10.0).sqrt());
    for at in [9.0, 9.5, 19.5, 61.5, 400.0] {
        assert_eq!(term.volatility(days(at)), without.volatility(days(at)), "{at} days");
    }
    // Over a weekend the same variance comes in three days; by sessions it is half a session more than one.
    let weekend = without.with_session(40.0, Time::of_days(3.0)).unwrap();
    near(weekend.volatility(days(3.0)).points(), (session / 3.0).sqrt());
    let clock = Clock::new(0.25, 1.0).unwrap();
    let timed = TermStructure::timed(Some(30.0), 20.0, None, &clock, [3, 9, 28]).unwrap();
    let timed = timed.with_session(40.0, clock.time(3.0, 2, 0)).unwrap();
    near(timed.volatility(clock.time(3.0, 2, 0)).points(), (session / 3.0).sqrt());
}

#[test]
fn an_index_of_the_next_session_stays_within_reason() {
    let without = TermStructure::new(Some(10.0), 20.0, None).unwrap();
    // 40 in one session would be more than nine days of 10: then it is those nine days'.
    let term = without.with_session(40.0, Time::of_days(1.0)).unwrap();
    near(term.volatility(days(1.0)).points(), 30.0);
    near(term.volatility(days(4.0)).points(), 15.0);
    let lone = TermStructure::new(None, 20.0, Some(25.0)).unwrap();
    assert_eq!(lone.with_session(40.0, Time::of_days(1.0)).unwrap(), lone, "without VIX9D it would reach to 30 days");
    assert_eq!(without.with_session(40.0, Time::of_days(9.0)).unwrap(), without, "a session that is no earlier");
    assert_eq!(
        without.with_session(0.0, Time::of_days(1.0)).unwrap_err().to_string(),
        "VIX1D is 0; expected a positive number"
    );
}

#[test]
fn each_kind_of_symbol_has_its_curve() {
    let (model, term) = (model(), TermStructure::new(Some(30.0), 20.0, Some(25.0)).unwrap());
    for at in [5.0, 20.0, 30.0, 200.0] {
        let index = term.volatility(days(at)).points();
        near(model.index_curve(term).unwrap().volatility(days(at)).points(), 0.85 * index);
        near(
            model.own_index_curve(term, 36.0, Time::of_days(30.0)).unwrap().volatility(days(at)).points(),
            0.85 * 1.8 * index,
        );
        near(model.ratio_curve(term, 1.8).unwrap().volatility(days(at)).points(), 0.85 * 1.8 * index);
    }
    let error = model.own_index_curve(term, f64::NAN, Time::of_days(30.0)).unwrap_err().to_string();
    assert_eq!(error, "the symbol's volatility index is NaN; expected a positive number");
}

#[test]
fn time_passes_by_sessions_and_reports() {
    let clock = Clock::new(0.25, 9.0).unwrap();
    // Friday to Monday: three days, two of them closed.
    let weekend = clock.time(3.0, 2, 0);
    assert_eq!((weekend.days(), weekend.index(), weekend.own()), (3.0, 1.5, 1.5));
    near(clock.time(3.0, 2, 1).own(), 9.5);
    assert_eq!(Clock::CALENDAR.time(3.0, 2, 1), Time::of_days(3.0));
    for (closed, report) in [(-0.1, 1.0), (f64::NAN, 1.0), (0.2, 0.9), (0.2, f64::INFINITY)] {
        assert_eq!(Clock::new(closed, report), None);
    }
    // VIX9D is kept at nine days, three of which are closed; by sessions there is the same variance before a weekend
    // and after it.
    let term = TermStructure::timed(Some(30.0), 20.0, None, &clock, [3, 9, 28]).unwrap();
    near(term.volatility(clock.time(9.0, 3, 0)).points(), 30.0);
    near(term.volatility(clock.time(30.0, 9, 0)).points(), 20.0);
    let total = |days: f64, closed| {
        let volatility = term.volatility(clock.time(days, closed, 0)).get();
        volatility * volatility * days
    };
    near(total(3.0, 2) - total(1.0, 0), total(1.0, 0) * 0.5);
}

#[test]
fn a_report_in_its_month_is_part_of_a_symbols_own_index() {
    let clock = Clock::new(1.0, 11.0).unwrap();
    let term = TermStructure::new(None, 20.0, None).unwrap();
    let curve = VolatilityCurve::with_own_index(term, 40.0, clock.time(30.0, 0, 1), 1.0).unwrap();
    near(curve.volatility(clock.time(30.0, 0, 1)).points(), 40.0);
    // A quarter of the month's variance is the report's: forty days' worth, ten of them its own.
    near(curve.volatility(clock.time(7.0, 0, 0)).points(), 40.0 * 0.75_f64.sqrt());
    assert!(curve.volatility(clock.time(7.0, 0, 1)) > curve.volatility(clock.time(30.0, 0, 1)));
}

#[test]
fn a_smile_bends_and_an_index_of_it_weighs_its_wings() {
    let skew = Skew::new(-0.05, 0.04, 2.0).unwrap();
    let terms = Terms::new(100.0, Rate::continuous(0.03).unwrap(), days(30.0)).unwrap();
    let term = TermStructure::new(None, 40.0, None).unwrap();
    let smile = VolatilityCurve::by_ratio(term, 1.0, 1.0).unwrap().skewed(skew).smile(days(30.0));
    let deviation = 0.4 * (30.0_f64 / 365.0).sqrt();
    let at = |z: f64| smile.volatility(&terms, terms.forward() * market::math::exp(z * deviation)).points();
    for (z, factor) in [(0.0, 1.0), (-1.0, 1.09), (1.0, 0.99), (-2.0, 1.26), (2.0, 1.06), (-5.0, 1.26), (9.0, 1.06)] {
        near(at(z), 40.0 * factor);
    }
    near(smile.at_money().points(), 40.0);
    // A flat smile is its own index; wings that are dear make the index higher than the money, a lean alone hardly.
    assert!((Skew::FLAT.level(0.1) - 1.0).abs() < 1e-3, "{}", Skew::FLAT.level(0.1));
    assert!(skew.level(0.1) < 0.97 && skew.level(0.1) > 0.9, "{}", skew.level(0.1));
    assert!((Skew::new(-0.05, 0.0, 2.0).unwrap().level(0.1) - 1.0).abs() < 0.02);
    for (slope, curvature, reach) in [(0.5, 0.0, 2.0), (0.6, 0.05, 8.0), (f64::NAN, 0.0, 1.0), (0.0, 0.0, -1.0)] {
        assert_eq!(Skew::new(slope, curvature, reach), None, "{slope} {curvature} {reach}");
    }
}

#[test]
fn dearness_of_the_index_is_passed_on_in_part() {
    let rule = RatioRule::new(21, 5, 1.0, 0.5).unwrap();
    let one_percent = [0.0001; 30];
    // One percent a day is 15.87 points a year: at a VIX of four times that, half the power of a quarter.
    let realised = 100.0 * (252.0 * 0.0001_f64).sqrt();
    near(rule.damped(&one_percent, 4.0 * realised), 0.5);
    near(rule.damped(&one_percent, realised), 1.0);
    near(RatioRule::new(21, 5, 1.0, 0.0).unwrap().damped(&one_percent, 99.0), 1.0);
    near(rule.damped(&[], 20.0), 1.0);
    near(rule.damped(&[0.0; 30], 20.0), 1.0);
    assert_eq!(RatioRule::new(21, 22, 1.0, 0.5), None);
    assert_eq!(RatioRule::new(21, 5, 1.0, 1.5), None);
}

#[test]
fn the_ratio_is_that_of_realised_volatilities_shrunk() {
    let rule = *model().ratio_rule();
    let wobble = |step: f64, n: usize| -> Vec<f64> {
        (0..n).map(|i| if i % 2 == 0 { 100.0 } else { 100.0 * (1.0 + step) }).collect()
    };
    let (stock, index) = (wobble(0.03, 300), wobble(0.01, 300));
    let realised = market::math::ln(1.03) / market::math::ln(1.01);
    near(rule.ratio(&stock, &index).unwrap(), market::math::pow(realised, 0.85));
    // What lies before the window does not count; the window shortens to what is at hand, down to 21 returns.
    let mut crashed = stock.clone();
    crashed[46] = 10.0;
    assert_eq!(rule.ratio(&crashed, &index), rule.ratio(&stock, &index));
    crashed[47] = 10.0;
    assert_ne!(rule.ratio(&crashed, &index), rule.ratio(&stock, &index));
    assert!(rule.ratio(&stock[..22], &index[..22]).is_some());
    assert_eq!(rule.ratio(&stock[..21], &index[..21]), None);
    assert_eq!(rule.ratio(&stock[..50], &index[..49]), None);
    assert_eq!(rule.ratio(&[100.0; 50], &index[..50]), None);
    assert_eq!(rule.ratio(&stock[..50], &[100.0; 50]), None);
    assert_eq!(rule.ratio(&[], &[]), None);
}

#[test]
fn a_modelled_quote_stands_around_the_formulas_price() {
    let model = model();
    let terms = Terms::new(400.0, Rate::continuous(0.04).unwrap(), days(7.0)).unwrap();
    let curve = model.ratio_curve(TermStructure::new(None, 20.0, None).unwrap(), 2.2).unwrap();
    let quote = model.quote(&terms, &curve.smile(days(7.0)), Put, 390.0);
    let (mid, delta) = terms.price_and_delta(Put, 390.0, curve.volatility(days(7.0)));
    assert_eq!((quote.mid, quote.delta), (mid, delta));
    // |delta| 0.29 at 7 days: the table's second row, fifth column.
    assert!((0.28..0.30).contains(&-delta));
    near(quote.ask - quote.mid, 0.0102 * mid);
    near(quote.mid - quote.bid, 0.0102 * mid);
    let cheap = model.quote(&terms, &curve.smile(days(7.0)), Call, 800.0);
    assert_eq!((cheap.bid, cheap.ask), (0.0, cheap.mid + 0.005));
}

#[test]
fn spreads_are_medians_by_class() {
    let classes = Classes::new(vec![20.0, 50.0], vec![7.0]).unwrap();
    let mut measure = Measure::new(classes.clone());
    for (bid, ask) in [(0.9, 1.1), (0.8, 1.2), (1.0, 3.0)] {
        for delta in [-0.20, 0.500, -0.51] {
            for days in [7.0, 7.5] {
                assert!(measure.observe(delta, days, bid, ask));
            }
        }
    }
    for (bid, ask) in [(0.0, 1.0), (1.0, 0.9), (1.0, f64::NAN), (f64::NAN, 1.0)] {
        assert!(!measure.observe(0.1, 7.0, bid, ask));
    }
    assert_eq!(measure.seen(), 18);
    let table = measure.clone().table(0.01, 3).unwrap();
    near(table.half_width(-0.30, 3.0, 2.0), 0.2 * 2.0);
    near(table.half_width(0.9, 300.0, 0.001), 0.01);
    let thin = measure.table(0.01, 4).unwrap_err();
    assert_eq!(thin, CannotMeasure::Thin { row: 1, column: 1, seen: 3, least: 4 });
    assert_eq!(Classes::new(vec![], vec![1.0]), None);
    assert_eq!(Classes::new(vec![5.0, 5.0], vec![1.0]), None);
}

#[test]
fn a_chain_finds_its_own_spot_and_deltas() {
    let (rate, years) = (Rate::continuous(0.05).unwrap(), Years::from_days(30));
    let terms = Terms::new(100.0, rate, years).unwrap();
    let volatility = Volatility::new(0.4).unwrap();
    let quoted = |right, strike| {
        let mid = terms.price(right, strike, volatility);
        Quoted { right, strike, bid: 0.99 * mid, ask: 1.01 * mid }
    };
    let chain: Vec<Quoted> =
        [90.0, 95.0, 100.0, 105.0, 110.0].iter().flat_map(|k| [quoted(Put, *k), quoted(Call, *k)]).collect();
    near(parity_forward(&chain, rate.discount(years)).unwrap(), terms.forward());
    let mut measure = Measure::new(Classes::new(vec![50.0], vec![30.0]).unwrap());
    assert_eq!(measure.observe_chain(30, rate, &chain), 10);
    assert_eq!(measure.observe_chain(31, rate, &chain), 10);
    // Puts at 90, 95 and 100, calls at 105 and 110 have |delta| up to 50, five of ten; all were quoted 1% either way.
    let table = measure.clone().table(0.0, 5).unwrap();
    near(table.half_width(0.3, 30.0, 4.0), 0.04);
    near(table.half_width(0.7, 31.0, 4.0), 0.04);
    assert!(measure.clone().table(0.0, 6).is_err());
    assert_eq!(parity_forward(&chain[..1], 1.0), None);
    assert_eq!(measure.observe_chain(30, rate, &chain[..1]), 0);
}

#[test]
fn the_treasury_rate_is_interpolated_to_the_expiration() {
    let curve = TreasuryCurve::new([Some(4.0), Some(5.0), None, Some(3.0), None]);
    let at = |count: f64| curve.rate(days(count)).unwrap().get();
    let continuous = |percent: f64| Rate::from_bond_yield(percent / 100.0).unwrap().get();
    near(at(7.0), continuous(4.0));
    near(at(365.0 / 12.0), continuous(4.0));
    near(at((365.0 / 12.0 + 91.25) / 2.0), continuous(4.5));
    near(at((91.25 + 365.0) / 2.0), continuous(4.0));
    near(at(900.0), continuous(3.0));
    assert_eq!(TreasuryCurve::new([None, Some(f64::NAN), None, None, None]).rate(days(30.0)), None);
}

/// Shared history, or `None` with a word about it.
fn shared(test: &str) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "where the shared data lies is the environment's to say")]
    let named = std::env::var_os("ALLUSE_SHARED").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared")).join("data");
    if !folder.is_dir() {
        println!("SKIPPED {test}: ../shared is absent");
        return None;
    }
    Some(folder)
}

/// Date and one column of a table, lines without a value left out.
fn column(file: &Path, name: &str) -> Vec<(String, f64)> {
    let text = std::fs::read_to_string(file).unwrap();
    let place = text.lines().next().unwrap().split(',').position(|title| title == name).unwrap();
    let fields = text.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    fields.filter_map(|f| Some((f[0].to_owned(), f[place].parse().ok()?))).collect()
}

/// Truth: the ratio rule on Apple, Amazon and Google as if they had no index, against the index they have. The bar is a
/// mean bias within ten volatility points in each year.
#[test]
fn without_their_index_the_three_would_be_within_ten_points_each_year() {
    let Some(data) = shared("without_their_index_the_three_would_be_within_ten_points_each_year") else { return };
    let rule = *model().ratio_rule();
    let spy = column(&data.join("bars/SPY.csv"), "close");
    let indices = data.join("volatility/indices.csv");
    let vix = column(&indices, "VIX");
    for (symbol, index) in [("AAPL", "VXAP"), ("AMZN", "VXAZ"), ("GOOG", "VXGO")] {
        let stock = column(&data.join(format!("bars/{symbol}.csv")), "close");
        let both = spy.iter().filter_map(|(day, close)| {
            let at = stock.binary_search_by(|(other, _)| other.cmp(day)).ok()?;
            Some((stock[at].1, *close))
        });
        let (stock, closes): (Vec<f64>, Vec<f64>) = both.unzip();
        assert_eq!(stock.len(), spy.len());
        let mut years: BTreeMap<String, (f64, f64)> = BTreeMap::new();
        for (date, own) in column(&indices, index) {
            let Ok(today) = spy.binary_search_by(|(day, _)| day.cmp(&date)) else { continue };
            let Some(ratio) = rule.ratio(&stock[..today], &closes[..today]) else { continue };
            let Ok(at) = vix.binary_search_by(|(day, _)| day.cmp(&date)) else { continue };
            let (bias, count) = years.entry(date[..4].to_owned()).or_default();
            *bias += ratio * vix[at].1 - own;
            *count += 1.0;
        }
        assert_eq!(years.len(), 11);
        for (year, (bias, count)) in years {
            println!("{symbol} {year}: {:+.1} points in the mean of {count} days", bias / count);
            assert!((bias / count).abs() < 10.0, "{symbol} {year}: {:+.1}", bias / count);
        }
    }
}
