//! Treasury yields as slow paths.

use market::history::History;
use market::time::Date;

use crate::generator::panel::CalibrationError;
use crate::generator::parameters::{Rates, SESSIONS_PER_YEAR, Slow};
use crate::generator::statistics::{autocorrelation, deviation, mean, significant};

/// Mean, deviation, and the lag from the autocorrelation one year apart: two equal lags in a row have the
/// autocorrelation (1 + t / lag) exp(−t / lag), solved for t / lag by bisection.
fn slow(x: &[f64]) -> Slow {
    let wanted = autocorrelation(x, SESSIONS_PER_YEAR as usize).clamp(0.05, 0.95);
    let (mut low, mut high) = (0.0, 10.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if (1.0 + middle) * market::math::exp(-middle) > wanted { low = middle } else { high = middle }
    }
    Slow {
        mean: significant(mean(x), 3),
        deviation: significant(deviation(x), 3),
        lag: significant(SESSIONS_PER_YEAR / low, 3),
    }
}

/// Measures the yields published between two days.
pub(crate) fn measure(history: &History, first: Date, last: Date) -> Result<Rates, CalibrationError> {
    let all = |yields: [Option<f64>; 5]| Some([yields[0]?, yields[1]?, yields[2]?, yields[3]?, yields[4]?]);
    let rows: Vec<[f64; 5]> =
        history.rates.iter().filter(|r| (first..=last).contains(&r.date)).filter_map(|r| all(r.yields)).collect();
    let needed = 2 * SESSIONS_PER_YEAR as usize;
    if rows.len() < needed {
        return Err(CalibrationError::TooShort { what: "Treasury yields".to_owned(), found: rows.len(), needed });
    }
    let bill: Vec<f64> = rows.iter().map(|y| y[0]).collect();
    let spread: Vec<f64> = rows.iter().map(|y| y[4] - y[0]).collect();
    let squares: f64 = spread.iter().map(|s| s * s).sum();
    let share = |tenor: usize| {
        let products: f64 = rows.iter().zip(&spread).map(|(y, s)| (y[tenor] - y[0]) * s).sum();
        significant(products / squares, 3)
    };
    Ok(Rates { bill: slow(&bill), spread: slow(&spread), shares: [share(1), share(2), share(3)] })
}
