//! American prices: properties, several methods that must agree, and Greeks as derivatives.

use market::instrument::Right::{self, Call, Put};
use market::math;
use pricing::american::grid::{self, CashTerms, Size};
use pricing::american::{Accuracy, Pricer, YieldTerms, lattice, monte_carlo};
use pricing::black_scholes::{BadTerms, CashDividend};
use pricing::unit::{Rate, Volatility, Years};
use proptest::prelude::*;

fn vol(volatility: f64) -> Volatility {
    Volatility::new(volatility).unwrap()
}

fn rate(rate: f64) -> Rate {
    Rate::continuous(rate).unwrap()
}

fn years(years: f64) -> Years {
    Years::new(years).unwrap()
}

fn terms(spot: f64, interest: f64, dividend_yield: f64, time: f64) -> YieldTerms {
    YieldTerms::new(spot, rate(interest), rate(dividend_yield), years(time)).unwrap()
}

fn cash(time: f64, amount: f64) -> CashDividend {
    CashDividend { years: years(time), amount }
}

fn right() -> impl Strategy<Value = Right> {
    prop_oneof![Just(Put), Just(Call)]
}

/// SplitMix64 (Steele, Lea and Flood 2014).
fn words(mut state: u64) -> impl FnMut() -> u64 {
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Every seventh option of Andersen, Lake and Offengenden 2016, section 6, if its price is above $0.50 at a strike of
/// 100, as the finest scheme has it. The bench `american` takes them all.
fn options_of_the_paper() -> Vec<(YieldTerms, Volatility, f64)> {
    let exact = Pricer::new(Accuracy::Exact);
    let (mut out, mut count) = (Vec::new(), 0);
    for interest in [0.02, 0.04, 0.06, 0.08, 0.10] {
        for dividend_yield in [0.0, 0.04, 0.08, 0.12] {
            for spot in [25.0, 50.0, 80.0, 90.0, 100.0, 110.0, 120.0, 150.0, 175.0, 200.0] {
                for time in [1.0 / 12.0, 0.25, 0.5, 0.75, 1.0] {
                    for volatility in [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] {
                        count += 1;
                        if count % 7 != 0 {
                            continue;
                        }
                        let terms = terms(spot, interest, dividend_yield, time);
                        let price = exact.price(&terms, Put, 100.0, vol(volatility));
                        if price > 0.5 {
                            out.push((terms, vol(volatility), price));
                        }
                    }
                }
            }
        }
    }
    out
}

#[test]
fn each_accuracy_is_as_good_as_it_says() {
    let options = options_of_the_paper();
    assert!(options.len() > 600);
    for (accuracy, relative, dollars) in [(Accuracy::Fast, 1e-5, 5e-5), (Accuracy::Accurate, 2e-6, 5e-6)] {
        let pricer = Pricer::new(accuracy);
        let errors = options.iter().map(|(terms, volatility, exact)| {
            let error = pricer.price(terms, Put, 100.0, *volatility) - exact;
            (error * error, error * error / (exact * exact))
        });
        let sum = errors.fold((0.0, 0.0), |sum, e| (sum.0 + e.0, sum.1 + e.1));
        let count = options.len() as f64;
        let rms = ((sum.0 / count).sqrt(), (sum.1 / count).sqrt());
        println!("{accuracy:?}: root mean square error ${:.1e}, relative {:.1e}", rms.0, rms.1);
        assert!(rms.1 <= relative && rms.0 <= dollars, "{accuracy:?}: {rms:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Finite, at least the European option and exercise, at most the strike or the spot; for any input of the domain.
    #[test]
    fn bounds(
        right in right(), spot in 1.0..1000.0f64, interest in -0.05..0.3f64, dividend_yield in -0.05..0.3f64,
        time in 0.0..30.0f64, volatility in prop_oneof![0.0..4.0f64, (-9.0..1.0f64).prop_map(|e| math::pow(10.0, e))],
    ) {
        prop_assume!(interest >= 0.0 || dividend_yield >= 0.0);
        let terms = terms(spot, interest, dividend_yield, time);
        for accuracy in [Accuracy::Fast, Accuracy::Accurate] {
            let price = Pricer::new(accuracy).price(&terms, right, 100.0, vol(volatility));
            let european = terms.european().unwrap().price(right, 100.0, vol(volatility));
            let exercised = if right == Call { spot - 100.0 } else { 100.0 - spot };
            prop_assert!(price >= exercised.max(0.0) && price >= european - 1e-12 * (spot + 100.0));
            let grown = math::exp((-interest.min(dividend_yield) * time).max(0.0));
            let most = grown * if right == Call { spot } else { 100.0 };
            prop_assert!(price <= most * (1.0 + 1e-12), "{price} above {most}");
        }
    }

    /// Exercise before expiration gains nothing where there are no dividends (calls) or no interest (puts).
    #[test]
    fn no_premium_without_a_reason(
        spot in 50.0..200.0f64, gain in 0.0..0.2f64, time in 0.01..3.0f64, volatility in 0.05..1.0f64,
    ) {
        for (right, terms) in [(Call, terms(spot, gain, 0.0, time)), (Put, terms(spot, 0.0, gain, time))] {
            let european = terms.european().unwrap().price(right, 100.0, vol(volatility));
            let price = Pricer::new(Accuracy::Accurate).price(&terms, right, 100.0, vol(volatility));
            prop_assert!((price - european).abs() < 1e-12 * (spot + 100.0));
        }
    }

    /// Rising in volatility and time, ordered and convex in the strike.
    #[test]
    fn order_and_convexity(
        right in right(), strike in 70.0..140.0f64, interest in 0.0..0.12f64, dividend_yield in 0.0..0.12f64,
        time in 0.05..2.0f64, volatility in 0.1..0.8f64,
    ) {
        let pricer = Pricer::new(Accuracy::Accurate);
        let price = |strike, time, volatility| {
            pricer.price(&terms(100.0, interest, dividend_yield, time), right, strike, vol(volatility))
        };
        let middle = price(strike, time, volatility);
        let allowed = 1e-3;
        prop_assert!(price(strike, time, volatility + 0.05) >= middle - allowed);
        prop_assert!(price(strike, 1.2 * time, volatility) >= middle - allowed);
        let (below, above) = (price(strike - 2.0, time, volatility), price(strike + 2.0, time, volatility));
        let (dear, cheap) = if right == Call { (below, above) } else { (above, below) };
        prop_assert!(dear >= middle - allowed && middle >= cheap - allowed);
        prop_assert!(below + above >= 2.0 * middle - allowed);
    }

    /// C(S, K, r, q) = P(K, S, q, r) (McDonald and Schroder 1998), and scale.
    #[test]
    fn symmetry_and_scale(
        spot in 50.0..200.0f64, interest in 0.0..0.12f64, dividend_yield in 0.0..0.12f64, time in 0.05..2.0f64,
        volatility in 0.1..0.8f64,
    ) {
        let pricer = Pricer::new(Accuracy::Fast);
        let call = pricer.price(&terms(spot, interest, dividend_yield, time), Call, 100.0, vol(volatility));
        let put = pricer.price(&terms(100.0, dividend_yield, interest, time), Put, spot, vol(volatility));
        prop_assert!((call - put).abs() < 1e-12 * spot);
        let larger = pricer.price(&terms(4.0 * spot, interest, dividend_yield, time), Call, 400.0, vol(volatility));
        prop_assert!((larger - 4.0 * call).abs() < 1e-12 * spot);
    }

}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

    /// Greeks are the derivatives of the price, and theta satisfies Black and Scholes' equation.
    #[test]
    fn greeks_are_the_derivatives(
        right in right(), strike in 80.0..125.0f64, interest in 0.01..0.10f64, dividend_yield in 0.01..0.10f64,
        time in 0.2..2.0f64, volatility in 0.15..0.6f64,
    ) {
        let pricer = Pricer::new(Accuracy::Exact);
        let at = |spot: f64, interest: f64, time: f64, volatility: f64| {
            pricer.price(&terms(spot, interest, dividend_yield, time), right, strike, vol(volatility))
        };
        let found = pricer.greeks(&terms(100.0, interest, dividend_yield, time), right, strike, vol(volatility));
        prop_assume!(found.gamma > 0.0);
        // Not where a step of the spot meets the boundary, at which gamma jumps.
        for spot in [98.0, 102.0] {
            let exercised = if right == Call { spot - strike } else { strike - spot };
            prop_assume!(at(spot, interest, time, volatility) > exercised + 1e-3);
        }
        let slope = |f: &dyn Fn(f64) -> f64, step: f64| (f(step) - f(-step)) / (2.0 * step);
        let delta = slope(&|h| at(100.0 + h, interest, time, volatility), 1e-2);
        prop_assert!((found.delta - delta).abs() < 1e-5, "delta {} {delta}", found.delta);
        let h = 0.1;
        let bend = at(100.0 + h, interest, time, volatility) + at(100.0 - h, interest, time, volatility);
        let gamma = (bend - 2.0 * found.price) / (h * h);
        prop_assert!((found.gamma - gamma).abs() < 2e-4, "gamma {} {gamma}", found.gamma);
        let vega = slope(&|h| at(100.0, interest, time, volatility + h), 1e-3);
        prop_assert!((found.vega - vega).abs() < 5e-3, "vega {} {vega}", found.vega);
        // A short step: where interest is near the yield, the price bends with it.
        let rho = slope(&|h| at(100.0, interest + h, time, volatility), 3e-5);
        prop_assert!((found.rho - rho).abs() < 2e-2 + 1e-3 * rho.abs(), "rho {} {rho}", found.rho);
        let theta = -slope(&|h| at(100.0, interest, time + h, volatility), 1e-3) / 365.0;
        prop_assert!((found.theta - theta).abs() < 1e-4, "theta {} {theta}", found.theta);
    }
}

/// Integral equation, lattice, grid and simulation, each within its own error of the first.
#[test]
fn independent_methods_agree() {
    let exact = Pricer::new(Accuracy::Exact);
    let mut draw = words(20_161_129);
    for (right, spot, interest, dividend_yield, time, volatility) in [
        (Put, 100.0, 0.05, 0.0, 1.0, 0.2),
        (Put, 90.0, 0.08, 0.04, 0.5, 0.3),
        (Put, 110.0, 0.03, 0.07, 2.0, 0.4),
        (Call, 100.0, 0.03, 0.07, 1.0, 0.25),
        (Call, 115.0, 0.05, 0.05, 0.25, 0.35),
        (Call, 95.0, 0.02, 0.04, 3.0, 0.15),
    ] {
        let terms = terms(spot, interest, dividend_yield, time);
        let price = exact.price(&terms, right, 100.0, vol(volatility));
        let tree = lattice::price(&terms, right, 100.0, vol(volatility), 1001);
        let differences = grid::price_with_yield(&terms, right, 100.0, vol(volatility), Size::USUAL);
        let simulated = monte_carlo::price(&terms, right, 100.0, vol(volatility), (10_000, 50), &mut draw);
        println!("{right} {spot}: {price:.5}, lattice {tree:.5}, grid {differences:.5}, simulated {simulated:?}");
        assert!((tree - price).abs() < 3e-3, "lattice {tree}, integral {price}");
        assert!((differences - price).abs() < 1e-3, "grid {differences}, integral {price}");
        // Fifty moments of exercise are worth a little less than all.
        let short = price - simulated.price;
        assert!(
            short.abs() < 4.0 * simulated.standard_error + 0.01 * price,
            "simulated {simulated:?}, integral {price}"
        );
    }
}

/// With a dividend of nothing the grid gives the American option without dividends; with real ones a call is worth
/// exercise just before an ex-date at least, and more than the European one.
#[test]
fn cash_dividends() {
    let exact = Pricer::new(Accuracy::Exact);
    for (right, strike) in [(Put, 90.0), (Put, 110.0), (Call, 90.0), (Call, 110.0)] {
        let none = CashTerms::new(100.0, rate(0.05), years(1.0), &[cash(0.5, 0.0)]).unwrap();
        let plain = exact.price(&terms(100.0, 0.05, 0.0, 1.0), right, strike, vol(0.3));
        let found = grid::price(&none, right, strike, vol(0.3), Size::USUAL);
        assert!((found - plain).abs() < 1e-3, "{right} {strike}: {found}, without dividends {plain}");

        let paying = CashTerms::new(100.0, rate(0.05), years(1.0), &[cash(0.75, 3.0), cash(0.25, 3.0)]).unwrap();
        let found = grid::price(&paying, right, strike, vol(0.3), Size::USUAL);
        let european = paying.european().price(right, strike, vol(0.3));
        assert!(found > european + 1e-3, "{right} {strike}: {found}, European {european}");
    }
    // Today goes ex: a call deep in the money is exercised for the whole spot.
    let today = CashTerms::new(100.0, rate(0.05), years(0.1), &[cash(0.0, 5.0)]).unwrap();
    let found = grid::price(&today, Call, 50.0, vol(0.2), Size::USUAL);
    assert!((found - 50.0).abs() < 1e-9, "{found}");
}

/// Greeks of the grid are derivatives of its price.
#[test]
fn cash_greeks_are_the_derivatives() {
    let at = |spot: f64, interest: f64, later: f64, volatility: f64| {
        let paid = [cash(0.25 - later, 2.0), cash(0.75 - later, 2.0)];
        let terms = CashTerms::new(spot, rate(interest), years(1.0 - later), &paid).unwrap();
        grid::greeks(&terms, Put, 105.0, vol(volatility), Size { intervals: 1600, steps: 800 })
    };
    let found = at(100.0, 0.05, 0.0, 0.3);
    let delta = (at(100.5, 0.05, 0.0, 0.3).price - at(99.5, 0.05, 0.0, 0.3).price) / 1.0;
    assert!((found.delta - delta).abs() < 1e-4, "delta {} {delta}", found.delta);
    let gamma = (at(100.5, 0.05, 0.0, 0.3).delta - at(99.5, 0.05, 0.0, 0.3).delta) / 1.0;
    assert!((found.gamma - gamma).abs() < 1e-4, "gamma {} {gamma}", found.gamma);
    let vega = (at(100.0, 0.05, 0.0, 0.31).price - at(100.0, 0.05, 0.0, 0.29).price) / 0.02;
    assert!((found.vega - vega).abs() < 5e-2, "vega {} {vega}", found.vega);
    let rho = (at(100.0, 0.055, 0.0, 0.3).price - at(100.0, 0.045, 0.0, 0.3).price) / 0.01;
    assert!((found.rho - rho).abs() < 0.1, "rho {} {rho}", found.rho);
    let theta = (at(100.0, 0.05, 0.01, 0.3).price - found.price) / 3.65;
    assert!((found.theta - theta).abs() < 2e-4, "theta {} {theta}", found.theta);
}

#[test]
fn terms_refuse_what_has_two_boundaries() {
    let bad = YieldTerms::new(100.0, rate(-0.01), rate(-0.02), years(1.0)).unwrap_err();
    assert_eq!(bad, BadTerms::BothNegative { rate: -0.01, dividend_yield: -0.02 });
    assert_eq!(bad.to_string(), "rate is -0.01 and dividend yield -0.02; expected one of them not below zero");
    assert!(matches!(YieldTerms::new(0.0, rate(0.0), rate(0.0), years(1.0)), Err(BadTerms::Spot { .. })));
}
