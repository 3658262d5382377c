//! The moments by which a generated market is compared with the one that was measured.

use market::history::History;
use market::instrument::Symbol;

use super::calibrate::realised_after;
use super::panel::{CalibrationError, Column, Panel};
use super::parameters::SESSIONS_PER_YEAR;
use super::statistics::{
    autocorrelation, changes, correlation, covariance, deviation, kurtosis, line, logs, mean, mean_square, median,
};
use super::variance::HORIZONS;

/// Names and values of all moments of a history, rising by name: of an index, of symbols beside it, and of the
/// volatility indices.
///
/// # Errors
/// [`CalibrationError`] if a symbol, a bar or a day of the volatility indices is missing.
pub fn moments(history: &History, index: Symbol, symbols: &[Symbol]) -> Result<Vec<(String, f64)>, CalibrationError> {
    Panel::new(history, index, symbols).map(|panel| moments_of(&panel))
}

pub(crate) fn moments_of(panel: &Panel) -> Vec<(String, f64)> {
    let mut rows = Vec::with_capacity(8 * panel.symbols.len() + 32);
    let mut add = |of: &str, what: &str, value: f64| rows.push((format!("{of} {what}"), value));
    tape(&panel.index, &mut add);
    volatility(panel, &mut add);
    for column in &panel.symbols {
        tape(column, &mut add);
        beside(panel, column, &mut add);
    }
    let pairs = pairs(panel);
    add("own returns", "mean correlation", mean(&pairs));
    add("own returns", "highest correlation", pairs.iter().copied().fold(-1.0, f64::max));
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows
}

fn per_year(variance: f64) -> f64 {
    (variance * SESSIONS_PER_YEAR).sqrt()
}

fn tape(column: &Column, add: &mut impl FnMut(&str, &str, f64)) {
    let name = column.symbol.as_str();
    let (between, within) =
        (covariance(&column.overnight[1..], &column.overnight[1..]), covariance(&column.intraday, &column.intraday));
    add(name, "volatility", per_year(mean_square(&column.returns[1..])));
    add(name, "kurtosis", kurtosis(&column.returns[1..]));
    add(name, "overnight share", between / (between + within));
    add(name, "range ratio", mean(&column.range) / (4.0 * std::f64::consts::LN_2) / within);
    add(name, "volume persistence", autocorrelation(&around_trend(&column.volume), 1));
}

/// A column less its straight trend.
pub(crate) fn around_trend(x: &[f64]) -> Vec<f64> {
    let time: Vec<f64> = (0..x.len()).map(|i| i as f64).collect();
    let (constant, slope) = line(&time, x);
    x.iter().zip(&time).map(|(v, t)| v - constant - slope * t).collect()
}

fn volatility(panel: &Panel, add: &mut impl FnMut(&str, &str, f64)) {
    let returns = &panel.index.returns;
    for (horizon, name) in ["VIX9D", "VIX", "VIX3M"].into_iter().enumerate() {
        let level: Vec<f64> = panel.volatility.iter().map(|v| 100.0 * v[horizon]).collect();
        let logs = logs(&level);
        let changes = changes(&logs);
        add(name, "mean", mean(&level));
        add(name, "deviation of logs", deviation(&logs));
        add(name, "deviation of daily changes", deviation(&changes));
        add(name, "autocorrelation at 1", autocorrelation(&logs, 1));
        add(name, "autocorrelation at 21", autocorrelation(&logs, 21));
        add(name, "autocorrelation at 63", autocorrelation(&logs, 63));
        add(name, "changes with returns", correlation(&changes, &returns[1..]));
    }
    let realised = realised_after(returns, HORIZONS[1]);
    let ratios: Vec<f64> = realised.iter().zip(&panel.volatility).map(|(r, v)| r.sqrt() / v[1]).collect();
    add("realised over VIX", "mean", mean(&ratios));
    add("realised over VIX", "median", median(&ratios));
}

/// The symbol's return less β × the index's, and β.
fn own(panel: &Panel, column: &Column) -> (Vec<f64>, f64) {
    let (x, y) = (&panel.index.returns[1..], &column.returns[1..]);
    let beta = covariance(x, y) / covariance(x, x);
    (x.iter().zip(y).map(|(x, y)| y - beta * x).collect(), beta)
}

fn beside(panel: &Panel, column: &Column, add: &mut impl FnMut(&str, &str, f64)) {
    let name = column.symbol.as_str();
    let (own, beta) = own(panel, column);
    add(name, "beta", beta);
    add(name, "correlation", correlation(&panel.index.returns[1..], &column.returns[1..]));
    let after: Vec<f64> = own.iter().zip(&column.earnings[1..]).filter(|(_, e)| **e).map(|(r, _)| *r).collect();
    if !after.is_empty() {
        add(name, "move after earnings", mean_square(&after).sqrt());
    }
    let (mut implied, mut market) = (Vec::new(), Vec::new());
    for (value, index) in column.implied.iter().zip(&panel.volatility) {
        if let Some(value) = value {
            implied.push(100.0 * value);
            market.push(index[1]);
        }
    }
    if !implied.is_empty() {
        add(name, "implied mean", mean(&implied));
        add(name, "implied deviation of logs", deviation(&logs(&implied)));
        add(name, "implied with VIX", correlation(&logs(&implied), &logs(&market)));
        let realised = realised_after(&column.returns, HORIZONS[1]);
        let ratios: Vec<f64> =
            realised.iter().zip(&column.implied).filter_map(|(r, v)| v.map(|v| r.sqrt() / v)).collect();
        add(name, "realised over implied", mean(&ratios));
    }
}

/// Correlation of the own returns of every pair of symbols.
fn pairs(panel: &Panel) -> Vec<f64> {
    let all: Vec<Vec<f64>> = panel.symbols.iter().map(|c| own(panel, c).0).collect();
    let mut found = Vec::new();
    for (i, a) in all.iter().enumerate() {
        found.extend(all[..i].iter().map(|b| correlation(a, b)));
    }
    found
}
