//! Closed approximations of American prices with a continuous yield, as the literature tabulates them. They are exact
//! to one in a hundred or a thousand only; [`super::Pricer`] is better and faster. They stand here because published
//! tables print *their* values.

use market::instrument::Right;
use market::math;

use super::YieldTerms;
use crate::black_scholes::{Terms, sign};
use crate::normal::{cdf, density};
use crate::unit::Volatility;

/// Barone-Adesi and Whaley 1987, "Efficient analytic approximation of American option values": price, dollars.
#[must_use]
pub fn barone_adesi_whaley(terms: &YieldTerms, right: Right, strike: f64, volatility: Volatility) -> f64 {
    quadratic(terms, right, strike, volatility, |_, _| 0.0)
}

/// Ju and Zhong 1999, "An approximate formula for pricing American options", Journal of Derivatives 7(2): price,
/// dollars. Written in α/h, so that no interest is a limit and not a division by zero.
#[must_use]
pub fn ju_zhong(terms: &YieldTerms, right: Right, strike: f64, volatility: Volatility) -> f64 {
    let (rate, dividend_yield) = (terms.rate().get(), terms.dividend_yield().get());
    let (sign, years, sigma) = (sign(right), terms.years().get(), volatility.get());
    quadratic(terms, right, strike, volatility, |at, log| {
        let Quadratic { ratio, discount, inner } = at.shape;
        // α times the derivative of λ by h.
        let slope = -ratio * ratio / inner;
        let growth = math::exp((rate - dividend_yield) * years);
        // α times the derivative of the European price at the boundary by h.
        let decay = density(at.d1) * sigma * growth / (2.0 * years.sqrt());
        let dividends = sign * dividend_yield * cdf(sign * at.d1) * growth;
        let interest = sign * rate * strike * cdf(sign * (at.d1 - sigma * years.sqrt()));
        let by_h = 2.0 / (sigma * sigma) * (at.stock * (decay - dividends) + interest);
        let b = 0.5 * discount * slope / inner;
        let c = -discount / inner * (by_h / at.premium + ratio + slope / inner);
        log * (b * log + c)
    })
}

/// The constants of the quadratic equation for the premium's power of the stock.
#[derive(Clone, Copy)]
struct Quadratic {
    /// α/h = 2r / σ²(1 − e^(−rT)).
    ratio: f64,
    /// 1 − h.
    discount: f64,
    /// 2λ + β − 1, above zero for calls and below for puts.
    inner: f64,
}

/// The stock at which exercise is due.
struct Boundary {
    shape: Quadratic,
    stock: f64,
    d1: f64,
    /// Exercise value less the European price there.
    premium: f64,
}

/// European price plus premium × (S/S*)^λ / (1 − χ); `chi` of the boundary and ln(S/S*).
fn quadratic(
    terms: &YieldTerms,
    right: Right,
    strike: f64,
    volatility: Volatility,
    chi: impl Fn(&Boundary, f64) -> f64,
) -> f64 {
    let (rate, dividend_yield) = (terms.rate().get(), terms.dividend_yield().get());
    let (sign, years, sigma) = (sign(right), terms.years().get(), volatility.get());
    let european = |stock: f64| {
        let net = stock * math::exp(-dividend_yield * years);
        Terms::new(net, terms.rate(), terms.years()).map(|terms| terms.price_and_delta(right, strike, volatility))
    };
    let exercised = sign * (terms.spot() - strike);
    let Ok((held, _)) = european(terms.spot()) else { return exercised.max(0.0) };
    if right == Right::Call && dividend_yield <= 0.0 {
        return held;
    }
    let variance = sigma * sigma;
    let h = 1.0 - math::exp(-rate * years);
    // α/h, of which the limit without interest is 2/σ²T.
    let ratio = if h.abs() > 1e-12 { 2.0 * rate / (variance * h) } else { 2.0 / (variance * years) };
    let beta = 2.0 * (rate - dividend_yield) / variance;
    let inner = sign * ((beta - 1.0) * (beta - 1.0) + 4.0 * ratio).sqrt();
    let power = 0.5 * (inner - (beta - 1.0));
    let shape = Quadratic { ratio, discount: 1.0 - h, inner };
    let carried = math::exp(-dividend_yield * years);
    let d1 = |stock: f64| {
        (math::ln(stock / strike) + (rate - dividend_yield + 0.5 * variance) * years) / (sigma * years.sqrt())
    };
    // Value matching and smooth pasting: f rises through zero at the boundary, away from the strike.
    let f = |stock: f64| {
        let (price, _) = european(stock).unwrap_or((0.0, 0.0));
        sign * (stock - strike) - price - sign * stock / power * (1.0 - carried * cdf(sign * d1(stock)))
    };
    let stock = boundary(strike, sign, f);
    if sign * (terms.spot() - stock) >= 0.0 {
        return exercised;
    }
    let premium = sign * (stock - strike) - european(stock).map_or(0.0, |found| found.0);
    let at = Boundary { shape, stock, d1: d1(stock), premium };
    let log = math::ln(terms.spot() / stock);
    held + premium * math::exp(power * log) / (1.0 - chi(&at, log))
}

/// The stock beyond the strike at which `f`, negative at the strike, becomes zero: by bisection of its logarithm.
fn boundary(strike: f64, sign: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut inside, mut outside) = (0.0, 1e-3);
    while f(strike * math::exp(sign * outside)) < 0.0 && outside < 500.0 {
        (inside, outside) = (outside, 2.0 * outside);
    }
    for _ in 0..100 {
        let middle = 0.5 * (inside + outside);
        if f(strike * math::exp(sign * middle)) < 0.0 { inside = middle } else { outside = middle }
    }
    strike * math::exp(sign * 0.5 * (inside + outside))
}

/// Bjerksund and Stensland 1993, "Closed-form approximation of American options": price, dollars. A call exercised at a
/// flat boundary, at least the European price; a put is the call with spot and strike, rate and yield exchanged.
#[must_use]
pub fn bjerksund_stensland(terms: &YieldTerms, right: Right, strike: f64, volatility: Volatility) -> f64 {
    let (rate, dividend_yield) = (terms.rate().get(), terms.dividend_yield().get());
    let european = terms.european().map_or(0.0, |terms| terms.price(right, strike, volatility));
    let call = match right {
        Right::Call => Call { spot: terms.spot(), strike, rate, drift: rate - dividend_yield },
        Right::Put => Call { spot: strike, strike: terms.spot(), rate: dividend_yield, drift: dividend_yield - rate },
    };
    // Without dividends nothing is gained by exercise.
    if call.drift >= call.rate { european } else { call.price(terms.years().get(), volatility.get()).max(european) }
}

struct Call {
    spot: f64,
    strike: f64,
    rate: f64,
    drift: f64,
}

impl Call {
    fn price(&self, years: f64, sigma: f64) -> f64 {
        let Call { spot, strike, rate, drift } = *self;
        let variance = sigma * sigma;
        let half = drift / variance - 0.5;
        let power = -half + (half * half + 2.0 * rate / variance).sqrt();
        let perpetual = power / (power - 1.0) * strike;
        let start = strike.max(rate / (rate - drift) * strike);
        let deviation = sigma * years.sqrt();
        let toward = -(drift * years + 2.0 * deviation) * start / (perpetual - start);
        let trigger = start + (perpetual - start) * (1.0 - math::exp(toward));
        if spot >= trigger {
            return spot - strike;
        }
        // Value of spot^γ at expiration, if the stock stays below the trigger and ends below `end`, in units of
        // today's spot^γ.
        let away = math::ln(trigger / spot);
        let knocked = |gamma: f64, end: f64| {
            let growth = (gamma * drift - rate + 0.5 * gamma * (gamma - 1.0) * variance) * years;
            let d = -(math::ln(spot / end) + (drift + (gamma - 0.5) * variance) * years) / deviation;
            let mirrored = math::exp((2.0 * drift / variance + 2.0 * gamma - 1.0) * away);
            math::exp(growth) * (cdf(d) - mirrored * cdf(d - 2.0 * away / deviation))
        };
        let rebate = (trigger - strike) * math::exp(-power * away);
        rebate * (1.0 - knocked(power, trigger)) + spot * (knocked(1.0, trigger) - knocked(1.0, strike))
            - strike * (knocked(0.0, trigger) - knocked(0.0, strike))
    }
}
