//! Generated markets have the moments of the history that was measured: a table over many seeds.

use std::collections::BTreeMap;

use market::history::History;
use market::instrument::Symbol;
use market::time::{Calendar, Date};
use simulation::generator::{Parameters, SESSIONS_PER_YEAR, WARM_UP, generate, moments};

const SEEDS: u64 = 40;
/// As many sessions as were measured, so that short samples err alike.
const SESSIONS: usize = 2494 - WARM_UP;

/// How far the mean over seeds may lie from what was observed: a share of it, or a distance.
enum Band {
    Share(f64),
    Within(f64),
}

/// By the moment's name. Kurtosis is asked for within a factor only: one week of March 2020 is half of SPY's.
fn band(name: &str) -> Band {
    use Band::{Share, Within};
    match name {
        _ if name.ends_with("kurtosis") => Share(0.5),
        "own returns highest correlation" | "own returns mean correlation" => Share(0.15),
        "VIX3M autocorrelation at 63" => Within(0.18),
        _ if name.contains("autocorrelation") => Within(0.08),
        _ if name.contains("changes with returns") => Within(0.1),
        _ if name.contains("deviation of logs") => Share(0.2),
        _ if name.contains("deviation of daily changes") => Share(0.12),
        _ if name.ends_with("with VIX") => Within(0.12),
        _ if name.starts_with("VIX") && name.ends_with("mean") => Share(0.06),
        _ if name.ends_with("implied mean") => Share(0.06),
        _ if name.contains("realised over") => Share(0.08),
        _ if name.ends_with("volatility") => Share(0.15),
        _ if name.ends_with("beta") => Share(0.06),
        _ if name.ends_with("correlation") => Within(0.08),
        _ => Share(0.06),
    }
}

fn markets() -> Vec<History> {
    let parameters = Parameters::shipped();
    let calendar = Calendar::nyse();
    let first = calendar.on_or_after(Date::constant(2016, 6, 28)).unwrap();
    (0..SEEDS).map(|seed| generate(&parameters, seed, first, SESSIONS, &calendar)).collect()
}

#[test]
fn generated_moments_are_those_observed() {
    let shipped = Parameters::shipped();
    let (index, symbols) = (shipped.index.symbol, shipped.symbols.iter().map(|s| s.tape.symbol).collect::<Vec<_>>());
    let observed: BTreeMap<String, f64> = shipped.observed.into_iter().collect();
    let mut found: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for market in markets() {
        for (name, value) in moments(&market, index, &symbols).unwrap() {
            found.entry(name).or_default().push(value);
        }
    }
    assert!(observed.len() > 90 && found.len() == observed.len(), "the file lists every moment");
    println!("{:34} {:>9} {:>9} {:>8} {:>12}", "moment", "observed", "generated", "± seeds", "band");
    let mut outside = Vec::new();
    for (name, values) in &found {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let spread = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / values.len() as f64;
        let wanted = observed[name];
        let (distance, text) = match band(name) {
            Band::Share(share) => (share * wanted.abs(), format!("{:.0}%", 100.0 * share)),
            Band::Within(distance) => (distance, format!("± {distance}")),
        };
        println!("{name:34} {wanted:9.4} {mean:9.4} {:8.4} {text:>12}", spread.sqrt());
        if (mean - wanted).abs() > distance {
            outside.push(format!("{name}: {mean:.4} instead of {wanted} ({text})"));
        }
    }
    assert!(outside.is_empty(), "{outside:#?}");
}

/// No symbol is expected to earn more than the bill and β times the premium: within three standard errors.
#[test]
fn the_expected_return_is_the_bill_and_beta_times_the_premium() {
    let parameters = Parameters::shipped();
    let betas: BTreeMap<Symbol, f64> = parameters.symbols.iter().map(|s| (s.tape.symbol, s.beta)).collect();
    let markets = markets();
    println!("{:6} {:>9} {:>9} {:>9}", "symbol", "earned", "expected", "error");
    for (row, (name, _)) in markets[0].symbols.iter().enumerate() {
        let beta = betas.get(name).copied().unwrap_or(1.0);
        let excess: Vec<f64> = markets.iter().flat_map(|m| excess_returns(m, row)).collect();
        let mean = excess.iter().sum::<f64>() / excess.len() as f64;
        let variance = excess.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / excess.len() as f64;
        let earned = mean * SESSIONS_PER_YEAR;
        let error = (variance / excess.len() as f64).sqrt() * SESSIONS_PER_YEAR;
        let expected = beta * parameters.equity_premium;
        println!("{name:6} {earned:9.4} {expected:9.4} {error:9.4}");
        assert!((earned - expected).abs() < 3.0 * error, "{name}");
    }
}

/// Simple returns with dividends, less the bill's of the session before.
fn excess_returns(market: &History, row: usize) -> Vec<f64> {
    let history = &market.symbols[row].1;
    let excess = |i: usize| {
        let (before, bar) = (&history.bars[i - 1], &history.bars[i]);
        let paid: f64 = history
            .dividends
            .iter()
            .filter(|d| d.ex_date > before.day.date() && d.ex_date <= bar.day.date())
            .map(|d| d.amount.to_f64())
            .sum();
        let bill = market.rates[i - 1].yields[0].unwrap() / 100.0 / SESSIONS_PER_YEAR;
        (bar.close.to_f64() + paid) / before.close.to_f64() - 1.0 - bill
    };
    (1..history.bars.len()).map(excess).collect()
}
