//! The shipped parameters are what real history says, and what is measured on a generated market is what made it.

mod shared;

use market::history::History;
use market::instrument::Symbol;
use market::time::{Calendar, Date};
use simulation::generator::{CalibrationError, Jumps, Parameters, SESSIONS_PER_YEAR, SHIPPED, calibrate, generate};

/// The command that prints the shipped file.
const COMMAND: &str = "alluse data calibrate ../shared/data";

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

/// The index and all symbols of the shipped file.
fn all_symbols() -> Vec<Symbol> {
    let shipped = Parameters::shipped();
    shipped.symbols.iter().map(|s| s.tape.symbol).chain([shipped.index.symbol]).collect()
}

/// Measures the symbols of the shipped file, in its order.
fn measure(history: &History) -> Result<Parameters, CalibrationError> {
    let shipped = Parameters::shipped();
    let symbols: Vec<Symbol> = shipped.symbols.iter().map(|s| s.tape.symbol).collect();
    calibrate(history, shipped.index.symbol, &symbols)
}

#[test]
fn the_shipped_file_is_what_ten_years_of_history_say() {
    let Some(data) = shared::folder("the_shipped_file_is_what_ten_years_of_history_say") else { return };
    let measured = measure(&shared::read(&data, &all_symbols())).unwrap().to_toml(COMMAND);
    if measured != SHIPPED {
        let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/generator.toml");
        std::fs::write(path, &measured).unwrap();
        let differs = measured.lines().zip(SHIPPED.lines()).find(|(a, b)| a != b);
        panic!("policy/generator.toml is not what is measured (now in {path}): {differs:?}");
    }
}

/// Third moment of an innovation of variance one.
fn skewness(j: &Jumps) -> f64 {
    j.per_year / SESSIONS_PER_YEAR * j.mean * (j.mean * j.mean + 3.0 * j.deviation * j.deviation)
}

/// Estimators that are applied to markets of known parameters find them, in the mean of a few.
#[test]
fn what_is_measured_on_generated_markets_made_them() {
    let truth = Parameters::shipped();
    let calendar = Calendar::nyse();
    let first = calendar.on_or_after(Date::constant(2016, 6, 28)).unwrap();
    const MARKETS: u32 = 8;
    let found: Vec<Parameters> =
        (0..u64::from(MARKETS)).map(|seed| measure(&generate(&truth, seed, first, 2230, &calendar)).unwrap()).collect();
    println!("{:32} {:>9} {:>9} {:>6}", "parameter", "made with", "measured", "band");
    let check = |name: &str, band: f64, of: &dyn Fn(&Parameters) -> f64| {
        let mean = found.iter().map(of).sum::<f64>() / f64::from(MARKETS);
        let wanted = of(&truth);
        println!("{name:32} {wanted:9.4} {mean:9.4} {:5.0}%", 100.0 * band);
        assert!((mean / wanted - 1.0).abs() <= band, "{name} is measured as {mean}; made with {wanted}");
    };
    check("median volatility", 0.1, &|p| p.variance.volatility);
    check("fast half-life", 0.4, &|p| p.variance.half_life[0]);
    check("slow half-life", 0.4, &|p| p.variance.half_life[1]);
    check("fast shock", 0.15, &|p| p.variance.shock[0]);
    check("slow shock", 0.15, &|p| p.variance.shock[1]);
    check("leverage", 0.05, &|p| p.variance.leverage);
    check("tail of the shock", 0.25, &|p| p.variance.tail);
    check("skewness by jumps", 0.25, &|p| skewness(&p.variance.jumps));
    check("VIX9D premium", 0.08, &|p| p.premiums[0]);
    check("VIX premium", 0.08, &|p| p.premiums[1]);
    check("VIX3M premium", 0.08, &|p| p.premiums[2]);
    check("own half-life", 0.5, &|p| p.symbols[0].own.half_life);
    for (i, symbol) in truth.symbols.iter().enumerate() {
        let name = symbol.tape.symbol;
        check(&format!("{name} beta"), 0.04, &|p| p.symbols[i].beta);
        check(&format!("{name} own volatility"), 0.1, &|p| p.symbols[i].own.volatility);
        check(&format!("{name} own variance deviation"), 0.25, &|p| p.symbols[i].own.deviation);
        check(&format!("{name} own variance with market"), 0.25, &|p| p.symbols[i].own.market);
        check(&format!("{name} overnight"), 0.05, &|p| p.symbols[i].tape.overnight);
        check(&format!("{name} range"), 0.06, &|p| p.symbols[i].tape.range);
        if truth.symbols[i].earnings.is_some() {
            check(&format!("{name} earnings jump"), 0.1, &|p| p.symbols[i].earnings.unwrap().jump);
        }
        if truth.symbols[i].premium.is_some() {
            check(&format!("{name} premium"), 0.08, &|p| p.symbols[i].premium.unwrap());
        }
    }
    let correlations = |p: &Parameters| p.symbols.iter().flat_map(|s| s.correlations.clone()).sum::<f64>();
    check("sum of own correlations", 0.08, &correlations);
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let calendar = Calendar::nyse();
    let first = calendar.on_or_after(Date::constant(2016, 6, 28)).unwrap();
    let whole = generate(&Parameters::shipped(), 1, first, 900, &calendar);
    let refused = |history: &History| measure(history).unwrap_err();
    assert!(measure(&whole).is_ok());

    let short = generate(&Parameters::shipped(), 1, first, 500, &calendar);
    let message = refused(&short).to_string();
    assert_eq!(message, "SPY has 765 rows; expected at least 1008");

    let mut none = whole.clone();
    none.symbols.retain(|(s, _)| *s != symbol("META"));
    assert_eq!(refused(&none), CalibrationError::NoSymbol(symbol("META")));

    let mut hole = whole.clone();
    let day = hole.symbols[0].1.bars.remove(700).day.date();
    assert_eq!(refused(&hole), CalibrationError::NoBar { symbol: hole.symbols[0].0, day });

    let mut dark = whole.clone();
    dark.volatility[500].vix3m = None;
    assert_eq!(refused(&dark), CalibrationError::NoVolatility(dark.volatility[500].date));

    let mut free = whole;
    free.rates.truncate(100);
    assert_eq!(refused(&free).to_string(), "Treasury yields has 100 rows; expected at least 504");
}
