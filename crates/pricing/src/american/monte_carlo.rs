//! American options by least-squares Monte Carlo (Longstaff and Schwartz 2001, "Valuing American options by
//! simulation: a simple least-squares approach").

use market::instrument::Right;
use market::math;

use super::YieldTerms;
use crate::black_scholes::sign;
use crate::unit::Volatility;

/// Terms of the polynomial in stock over strike that is fitted to the value of waiting.
const TERMS: usize = 4;

/// What a simulation found, dollars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The price when exercise is possible at the simulated moments only.
    pub price: f64,
    /// Its standard error. Beside it stands a bias of the rule found from the same paths, small where they are many.
    pub standard_error: f64,
}

/// Simulates `pairs` of mirrored paths with `moments` equally spaced times of exercise, the last at expiration. `draw`
/// returns words of 64 random bits. The money a path needs is in memory at once: 16 bytes × pairs × moments.
#[must_use]
pub fn price(
    terms: &YieldTerms,
    right: Right,
    strike: f64,
    volatility: Volatility,
    (pairs, moments): (usize, usize),
    mut draw: impl FnMut() -> u64,
) -> Estimate {
    let (rate, sigma) = (terms.rate().get(), volatility.get());
    let step = terms.years().get() / moments as f64;
    let drift = (rate - terms.dividend_yield().get() - 0.5 * sigma * sigma) * step;
    let deviation = sigma * step.sqrt();
    let start = math::ln(terms.spot() / strike);
    // Logarithms of stock over strike, moment by moment; the two of a pair are neighbours.
    let mut now: Vec<f64> = vec![start; 2 * pairs];
    let mut moves = Vec::with_capacity(moments);
    for _ in 0..moments {
        let mut draws: Vec<f64> = Vec::with_capacity(pairs + 1);
        while draws.len() < pairs {
            draws.extend(normals(draw(), draw()));
        }
        for (pair, normal) in now.chunks_exact_mut(2).zip(&draws) {
            pair[0] += drift + deviation * normal;
            pair[1] += drift - deviation * normal;
        }
        moves.push(now.clone());
    }
    let worth = |log: f64| (sign(right) * (math::exp(log) - 1.0)).max(0.0);
    let discount = math::exp(-rate * step);
    let mut gains: Vec<f64> = moves.pop().unwrap_or_default().iter().map(|log| worth(*log)).collect();
    for logs in moves.iter().rev() {
        gains.iter_mut().for_each(|gain| *gain *= discount);
        let stocks: Vec<f64> = logs.iter().map(|log| math::exp(*log)).collect();
        let inside = |stock: f64| sign(right) * (stock - 1.0) > 0.0;
        let Some(fit) = fitted(stocks.iter().zip(&gains).filter(|(stock, _)| inside(**stock))) else { continue };
        for (stock, gain) in stocks.iter().zip(&mut gains) {
            let exercised = sign(right) * (stock - 1.0);
            if inside(*stock) && exercised > polynomial(&fit, *stock) {
                *gain = exercised;
            }
        }
    }
    let means: Vec<f64> = gains.chunks_exact(2).map(|pair| 0.5 * strike * discount * (pair[0] + pair[1])).collect();
    let count = means.len() as f64;
    let mean = means.iter().sum::<f64>() / count;
    let variance = means.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (count - 1.0);
    let exercised = (sign(right) * (terms.spot() - strike)).max(0.0);
    Estimate { price: mean.max(exercised), standard_error: (variance / count).sqrt() }
}

/// Two independent normal numbers of two words (Box and Muller 1958).
fn normals(a: u64, b: u64) -> [f64; 2] {
    const UNIT: f64 = 1.0 / (1_u64 << 53) as f64;
    let (u, v) = (((a >> 11) as f64 + 0.5) * UNIT, (b >> 11) as f64 * UNIT);
    let (radius, angle) = ((-2.0 * math::ln(u)).sqrt(), 2.0 * std::f64::consts::PI * v);
    [radius * math::cos(angle), radius * math::sin(angle)]
}

/// The polynomial of least squares through points; `None` if they do not fix one.
fn fitted<'a>(points: impl Iterator<Item = (&'a f64, &'a f64)>) -> Option<[f64; TERMS]> {
    let mut rows = [[0.0; TERMS + 1]; TERMS];
    for (x, y) in points {
        let mut powers = [1.0; TERMS];
        for i in 1..TERMS {
            powers[i] = powers[i - 1] * x;
        }
        for (row, left) in rows.iter_mut().zip(powers) {
            for (cell, power) in row.iter_mut().zip(powers) {
                *cell += left * power;
            }
            row[TERMS] += left * y;
        }
    }
    // Elimination needs no exchange of rows: the matrix is symmetric and positive.
    for pivot in 0..TERMS {
        let upper = rows[pivot];
        if upper[pivot] < 1e-10 {
            return None;
        }
        for row in rows.iter_mut().skip(pivot + 1) {
            let factor = row[pivot] / upper[pivot];
            for (cell, above) in row.iter_mut().zip(upper) {
                *cell -= factor * above;
            }
        }
    }
    let mut fit = [0.0; TERMS];
    for i in (0..TERMS).rev() {
        let known: f64 = (i + 1..TERMS).map(|j| rows[i][j] * fit[j]).sum();
        fit[i] = (rows[i][TERMS] - known) / rows[i][i];
    }
    Some(fit)
}

fn polynomial(fit: &[f64; TERMS], x: f64) -> f64 {
    fit.iter().rev().fold(0.0, |sum, c| sum * x + c)
}
