//! American prices against published tables, to the printed digit (bar V2).
//!
//! `cargo test -p pricing --test published --test american_published -- --nocapture` prints each table's agreement.

use market::instrument::Right::{self, Call, Put};
use pricing::american::approximation::{barone_adesi_whaley, bjerksund_stensland, ju_zhong};
use pricing::american::grid::{self, CashTerms, Size};
use pricing::american::{Accuracy, Pricer, YieldTerms};
use pricing::black_scholes::CashDividend;
use pricing::unit::{Rate, Volatility, Years};

/// Right, strike, spot, dividend yield, rate, years, volatility, printed price.
type Row = (Right, f64, f64, f64, f64, f64, f64, f64);

fn rate(rate: f64) -> Rate {
    Rate::continuous(rate).unwrap()
}

fn terms(spot: f64, dividend_yield: f64, interest: f64, years: f64) -> YieldTerms {
    YieldTerms::new(spot, rate(interest), rate(dividend_yield), Years::new(years).unwrap()).unwrap()
}

/// Every row of a table within `tolerance`, half a unit of the last printed digit where nothing else is said.
#[track_caller]
fn agrees(source: &str, table: &[Row], tolerance: f64, price: impl Fn(&YieldTerms, Right, f64, Volatility) -> f64) {
    let mut worst: f64 = 0.0;
    for (right, strike, spot, dividend_yield, rate, years, volatility, printed) in table {
        let terms = terms(*spot, *dividend_yield, *rate, *years);
        let found = price(&terms, *right, *strike, Volatility::new(*volatility).unwrap());
        worst = worst.max((found - printed).abs());
        let what = format!("{source}: {right} {strike}, {terms:?}, volatility {volatility}");
        assert!((found - printed).abs() <= tolerance * 1.000_001, "{what}: {found}, printed {printed}");
    }
    println!("V2 {source}: {} rows within {tolerance:.1e}, the worst at {worst:.1e}", table.len());
}

/// The best that the crate has.
fn exact(terms: &YieldTerms, right: Right, strike: f64, volatility: Volatility) -> f64 {
    Pricer::new(Accuracy::Exact).price(terms, right, strike, volatility)
}

/// Haug 1998, "The Complete Guide to Option Pricing Formulas", page 24 (in QuantLib's `americanoption.cpp`, 2004):
/// Barone-Adesi and Whaley's approximation for options on futures. The book solves for the boundary only roughly: at
/// the money, where put and call have one value, it prints 1.8771 and 1.8770 for 1.8769. QuantLib, too, allows 3e-3.
#[test]
fn haug_barone_adesi_whaley() {
    let table: [Row; 37] = [
        (Call, 100.00, 90.00, 0.10, 0.10, 0.10, 0.15, 0.0206),
        (Call, 100.00, 100.00, 0.10, 0.10, 0.10, 0.15, 1.8771),
        (Call, 100.00, 110.00, 0.10, 0.10, 0.10, 0.15, 10.0089),
        (Call, 100.00, 90.00, 0.10, 0.10, 0.10, 0.25, 0.3159),
        (Call, 100.00, 100.00, 0.10, 0.10, 0.10, 0.25, 3.1280),
        (Call, 100.00, 110.00, 0.10, 0.10, 0.10, 0.25, 10.3919),
        (Call, 100.00, 90.00, 0.10, 0.10, 0.10, 0.35, 0.9495),
        (Call, 100.00, 100.00, 0.10, 0.10, 0.10, 0.35, 4.3777),
        (Call, 100.00, 110.00, 0.10, 0.10, 0.10, 0.35, 11.1679),
        (Call, 100.00, 90.00, 0.10, 0.10, 0.50, 0.15, 0.8208),
        (Call, 100.00, 100.00, 0.10, 0.10, 0.50, 0.15, 4.0842),
        (Call, 100.00, 110.00, 0.10, 0.10, 0.50, 0.15, 10.8087),
        (Call, 100.00, 90.00, 0.10, 0.10, 0.50, 0.25, 2.7437),
        (Call, 100.00, 100.00, 0.10, 0.10, 0.50, 0.25, 6.8015),
        (Call, 100.00, 110.00, 0.10, 0.10, 0.50, 0.25, 13.0170),
        (Call, 100.00, 90.00, 0.10, 0.10, 0.50, 0.35, 5.0063),
        (Call, 100.00, 100.00, 0.10, 0.10, 0.50, 0.35, 9.5106),
        (Call, 100.00, 110.00, 0.10, 0.10, 0.50, 0.35, 15.5689),
        (Put, 100.00, 90.00, 0.10, 0.10, 0.10, 0.15, 10.0000),
        (Put, 100.00, 100.00, 0.10, 0.10, 0.10, 0.15, 1.8770),
        (Put, 100.00, 110.00, 0.10, 0.10, 0.10, 0.15, 0.0410),
        (Put, 100.00, 90.00, 0.10, 0.10, 0.10, 0.25, 10.2533),
        (Put, 100.00, 100.00, 0.10, 0.10, 0.10, 0.25, 3.1277),
        (Put, 100.00, 110.00, 0.10, 0.10, 0.10, 0.25, 0.4562),
        (Put, 100.00, 90.00, 0.10, 0.10, 0.10, 0.35, 10.8787),
        (Put, 100.00, 100.00, 0.10, 0.10, 0.10, 0.35, 4.3777),
        (Put, 100.00, 110.00, 0.10, 0.10, 0.10, 0.35, 1.2402),
        (Put, 100.00, 90.00, 0.10, 0.10, 0.50, 0.15, 10.5595),
        (Put, 100.00, 100.00, 0.10, 0.10, 0.50, 0.15, 4.0842),
        (Put, 100.00, 110.00, 0.10, 0.10, 0.50, 0.15, 1.0822),
        (Put, 100.00, 90.00, 0.10, 0.10, 0.50, 0.25, 12.4419),
        (Put, 100.00, 100.00, 0.10, 0.10, 0.50, 0.25, 6.8014),
        (Put, 100.00, 110.00, 0.10, 0.10, 0.50, 0.25, 3.3226),
        (Put, 100.00, 90.00, 0.10, 0.10, 0.50, 0.35, 14.6945),
        (Put, 100.00, 100.00, 0.10, 0.10, 0.50, 0.35, 9.5104),
        (Put, 100.00, 110.00, 0.10, 0.10, 0.50, 0.35, 5.8823),
        (Put, 100.00, 100.00, 0.00, 0.00, 0.50, 0.15, 4.2294),
    ];
    agrees("Haug 1998, page 24, Barone-Adesi and Whaley", &table, 3e-3, barone_adesi_whaley);
}

/// Haug 1998, page 27 and its program; R; extreme volatilities (all in QuantLib's `americanoption.cpp`).
#[test]
fn haug_bjerksund_stensland() {
    let table: [Row; 8] = [
        (Call, 40.00, 42.00, 0.08, 0.04, 0.75, 0.35, 5.2704),
        (Put, 40.00, 36.00, 0.00, 0.06, 1.00, 0.20, 4.4531),
        (Call, 100.0, 100.0, 0.05, 0.05, 1.0, 0.0021, 0.08032314),
        (Call, 100.0, 100.0, 0.05, 0.05, 1.0, 0.0001, 0.003860656),
        (Call, 100.0, 99.99, 0.05, 0.05, 1.0, 0.0001, 0.00081),
        (Call, 100.0, 110.0, 0.05, 0.05, 1.0, 0.0001, 10.0),
        (Put, 110.0, 100.0, 0.05, 0.05, 1.0, 0.0001, 10.0),
        (Put, 100.0, 110.0, 0.05, 0.05, 1.0, 10.0, 95.12289),
    ];
    agrees("Haug 1998, page 27, Bjerksund and Stensland", &table, 0.5e-4, bjerksund_stensland);
}

/// Ju and Zhong 1999, exhibits 3 and 6 (in QuantLib's `americanoption.cpp`, months as fractions of a year, no interest
/// where it takes 0.00001). Three rows of exhibit 6 lie up to 3% of a unit beyond half a unit of the last digit: the
/// authors' own rounding on the way.
#[test]
fn ju_zhong_exhibits() {
    let table: [Row; 47] = [
        (Put, 35.00, 40.00, 0.0, 0.0488, 1.0 / 12.0, 0.2, 0.006),
        (Put, 35.00, 40.00, 0.0, 0.0488, 1.0 / 3.0, 0.2, 0.201),
        (Put, 35.00, 40.00, 0.0, 0.0488, 7.0 / 12.0, 0.2, 0.433),
        (Put, 40.00, 40.00, 0.0, 0.0488, 1.0 / 12.0, 0.2, 0.851),
        (Put, 40.00, 40.00, 0.0, 0.0488, 1.0 / 3.0, 0.2, 1.576),
        (Put, 40.00, 40.00, 0.0, 0.0488, 7.0 / 12.0, 0.2, 1.984),
        (Put, 45.00, 40.00, 0.0, 0.0488, 1.0 / 12.0, 0.2, 5.000),
        (Put, 45.00, 40.00, 0.0, 0.0488, 1.0 / 3.0, 0.2, 5.084),
        (Put, 45.00, 40.00, 0.0, 0.0488, 7.0 / 12.0, 0.2, 5.260),
        (Put, 35.00, 40.00, 0.0, 0.0488, 1.0 / 12.0, 0.3, 0.078),
        (Put, 35.00, 40.00, 0.0, 0.0488, 1.0 / 3.0, 0.3, 0.697),
        (Put, 35.00, 40.00, 0.0, 0.0488, 7.0 / 12.0, 0.3, 1.218),
        (Put, 40.00, 40.00, 0.0, 0.0488, 1.0 / 12.0, 0.3, 1.309),
        (Put, 40.00, 40.00, 0.0, 0.0488, 1.0 / 3.0, 0.3, 2.477),
        (Put, 40.00, 40.00, 0.0, 0.0488, 7.0 / 12.0, 0.3, 3.161),
        (Put, 45.00, 40.00, 0.0, 0.0488, 1.0 / 12.0, 0.3, 5.059),
        (Put, 45.00, 40.00, 0.0, 0.0488, 1.0 / 3.0, 0.3, 5.699),
        (Put, 45.00, 40.00, 0.0, 0.0488, 7.0 / 12.0, 0.3, 6.231),
        (Put, 35.00, 40.00, 0.0, 0.0488, 1.0 / 12.0, 0.4, 0.247),
        (Put, 35.00, 40.00, 0.0, 0.0488, 1.0 / 3.0, 0.4, 1.344),
        (Put, 35.00, 40.00, 0.0, 0.0488, 7.0 / 12.0, 0.4, 2.150),
        (Put, 40.00, 40.00, 0.0, 0.0488, 1.0 / 12.0, 0.4, 1.767),
        (Put, 40.00, 40.00, 0.0, 0.0488, 1.0 / 3.0, 0.4, 3.381),
        (Put, 40.00, 40.00, 0.0, 0.0488, 7.0 / 12.0, 0.4, 4.342),
        (Put, 45.00, 40.00, 0.0, 0.0488, 1.0 / 12.0, 0.4, 5.288),
        (Put, 45.00, 40.00, 0.0, 0.0488, 1.0 / 3.0, 0.4, 6.501),
        (Put, 45.00, 40.00, 0.0, 0.0488, 7.0 / 12.0, 0.4, 7.367),
        (Call, 100.00, 80.00, 0.07, 0.03, 3.0, 0.2, 2.605),
        (Call, 100.00, 90.00, 0.07, 0.03, 3.0, 0.2, 5.182),
        (Call, 100.00, 100.00, 0.07, 0.03, 3.0, 0.2, 9.065),
        (Call, 100.00, 110.00, 0.07, 0.03, 3.0, 0.2, 14.430),
        (Call, 100.00, 120.00, 0.07, 0.03, 3.0, 0.2, 21.398),
        (Call, 100.00, 80.00, 0.07, 0.03, 3.0, 0.4, 11.336),
        (Call, 100.00, 90.00, 0.07, 0.03, 3.0, 0.4, 15.711),
        (Call, 100.00, 100.00, 0.07, 0.03, 3.0, 0.4, 20.760),
        (Call, 100.00, 110.00, 0.07, 0.03, 3.0, 0.4, 26.440),
        (Call, 100.00, 120.00, 0.07, 0.03, 3.0, 0.4, 32.709),
        (Call, 100.00, 80.00, 0.07, 0.0, 3.0, 0.3, 5.552),
        (Call, 100.00, 90.00, 0.07, 0.0, 3.0, 0.3, 8.868),
        (Call, 100.00, 100.00, 0.07, 0.0, 3.0, 0.3, 13.158),
        (Call, 100.00, 110.00, 0.07, 0.0, 3.0, 0.3, 18.458),
        (Call, 100.00, 120.00, 0.07, 0.0, 3.0, 0.3, 24.786),
        (Call, 100.00, 80.00, 0.03, 0.07, 3.0, 0.3, 12.177),
        (Call, 100.00, 90.00, 0.03, 0.07, 3.0, 0.3, 17.411),
        (Call, 100.00, 100.00, 0.03, 0.07, 3.0, 0.3, 23.402),
        (Call, 100.00, 110.00, 0.03, 0.07, 3.0, 0.3, 30.028),
        (Call, 100.00, 120.00, 0.03, 0.07, 3.0, 0.3, 37.177),
    ];
    agrees("Ju and Zhong 1999, exhibits 3 and 6", &table, 0.53e-3, ju_zhong);
}

/// Andersen, Lake and Offengenden 2016: the premium over the European put of their example, strike and spot 100, yield
/// 5%, volatility 25%, a year (the finest scheme's figures, in QuantLib's `americanoption.cpp`; for the second the two
/// systems of the paper agree to 1e-7).
#[test]
fn andersen_lake_offengenden() {
    for (interest, printed, tolerance) in [(0.05, 0.106_952_702_8, 1e-9), (0.075, 0.367_111_2, 1e-7)] {
        let terms = terms(100.0, 0.05, interest, 1.0);
        let volatility = Volatility::new(0.25).unwrap();
        let european = terms.european().unwrap().price(Put, 100.0, volatility);
        let found = exact(&terms, Put, 100.0, volatility) - european;
        assert!((found - printed).abs() < tolerance, "{found}, printed {printed}");
    }
    println!("V2 Andersen, Lake and Offengenden 2016, example: 2 rows within 1e-9 and 1e-7");
}

/// QuantLib's cases at the edges (`americanoption.cpp`, 2022) where exercise now, at expiration or never is exact:
/// without those whose spot or strike is zero, which the types refuse, and without the expired one, which QuantLib's
/// instrument takes for worthless. The others of that table are values of the approximation QD+.
#[test]
fn quantlib_edge_cases() {
    let table = [
        (Put, 1e-8, 100.0, 0.02, 0.02, 1.0, 0.25, 0.0),
        (Call, 1e-7, 100.0, 0.01, 0.05, 1.0, 0.25, 100.0 - 1e-7),
        (Call, 50.0, 100.0, 0.01, 0.05, 1.0, 0.0, 51.443_512_149_881_11),
        (Call, 50.0, 100.0, 0.01, 0.05, 1.0, 1e-8, 51.443_512_149_881_11),
        (Put, 120.0, 100.0, 0.50, 0.01, 40.0, 0.0, 108.980_904_561_184_6),
        (Put, 120.0, 100.0, 0.01, 0.05, 1.0, 1e-7, 20.0),
        (Put, 120.0, 100.0, 0.01, 0.05, 1.0, 0.0, 20.0),
        (Put, 120.0, 100.0, 0.05, 0.0, 1.0, 1e-7, 24.877_057_549_928_608),
        (Put, 120.0, 100.0, 0.05, 0.0, 1.0, 0.0, 24.877_057_549_928_608),
        (Put, 120.0, 1e-6, 0.05, -0.075, 1.0, 0.25, 129.346_097_154_926_36),
        (Call, 120.0, 1e-6, 0.05, 0.075, 1.0, 0.25, 0.0),
        (Put, 120.0, 100.0, 0.0, 0.05, 1.0 / 365.0, 0.25, 20.0),
        (Call, 1e-7, 100.0, 0.025, 0.05, 1.0, 1e-8, 100.0 - 1e-7),
        (Call, 1e-7, 100.0, 0.025, 0.05, 1.0, 0.0, 100.0 - 1e-7),
        (Call, 100.0, 1e-8, 0.025, 0.05, 1.0, 1e-8, 0.0),
        (Call, 100.0, 100.0, 0.0, 0.05, 1.0, 0.25, 12.335_998_930_368_724),
        (Call, 100.0, 1e10, 0.05, 0.01, 1.0, 0.25, 1e10 - 100.0),
        (Call, 1e10, 100.0, 0.05, 0.01, 1.0, 0.25, 0.0),
    ];
    agrees("QuantLib 2022, americanoption.cpp, edges", &table, 1e-8, exact);
    // Almost no movement over forty years, which QuantLib, too, holds to 1e-4.
    let slow = [(Put, 120.0, 100.0, 0.50, 0.01, 40.0, 1e-6, 108.980_920_365_700_44)];
    agrees("QuantLib 2022, americanoption.cpp, almost no movement", &slow, 1e-4, exact);
}

/// Random cases by QuantLib 1.44 (package `QuantLib`), `QdFpAmericanEngine` with `QdFpTanhSinhIterationScheme(40, 40,
/// 1e-13)` and its system B; the same engine at 30 points differs by 1e-9 at most.
#[test]
fn quantlib_random_cases() {
    let table = [
        (Call, 100.0, 136.3, 0.031, 0.092, 182.0 / 365.0, 0.63, 45.048866794),
        (Call, 100.0, 94.2, 0.059, 0.025, 1095.0 / 365.0, 0.36, 16.199104592),
        (Put, 100.0, 129.0, 0.032, 0.083, 1095.0 / 365.0, 0.24, 3.982959524),
        (Put, 100.0, 141.1, 0.003, 0.004, 365.0 / 365.0, 0.09, 0.000155045),
        (Put, 100.0, 121.8, 0.087, 0.116, 365.0 / 365.0, 0.24, 2.304526201),
        (Call, 100.0, 104.6, 0.028, 0.028, 30.0 / 365.0, 0.63, 9.868478092),
        (Put, 100.0, 143.4, 0.11, 0.05, 730.0 / 365.0, 0.15, 1.384256562),
        (Put, 100.0, 125.1, 0.089, 0.036, 730.0 / 365.0, 0.78, 36.077597879),
        (Put, 100.0, 147.0, 0.109, 0.061, 30.0 / 365.0, 0.3, 0.000009923),
        (Put, 100.0, 139.4, 0.061, 0.102, 365.0 / 365.0, 0.69, 13.896464873),
        (Call, 100.0, 126.9, 0.08, 0.049, 91.0 / 365.0, 0.48, 28.432025532),
        (Put, 100.0, 120.7, 0.053, 0.045, 365.0 / 365.0, 0.16, 1.089374786),
        (Call, 100.0, 135.6, 0.088, 0.044, 182.0 / 365.0, 0.11, 35.600000000),
        (Put, 100.0, 148.5, 0.047, 0.071, 30.0 / 365.0, 0.2, 0.000000000),
        (Call, 100.0, 61.1, 0.11, 0.024, 365.0 / 365.0, 0.25, 0.067693736),
        (Put, 100.0, 145.7, 0.055, 0.069, 91.0 / 365.0, 0.55, 1.236358308),
        (Put, 100.0, 125.6, 0.103, 0.046, 730.0 / 365.0, 0.45, 19.072947759),
        (Call, 100.0, 130.0, 0.114, 0.025, 182.0 / 365.0, 0.71, 37.473383082),
        (Put, 100.0, 78.0, 0.058, 0.061, 91.0 / 365.0, 0.38, 22.531800406),
        (Call, 100.0, 108.6, 0.04, 0.094, 365.0 / 365.0, 0.1, 13.698923060),
        (Call, 100.0, 75.9, 0.103, 0.07, 1095.0 / 365.0, 0.48, 12.814504314),
        (Put, 100.0, 143.8, 0.113, 0.004, 7.0 / 365.0, 0.14, 0.000000000),
        (Call, 100.0, 61.3, 0.03, 0.091, 7.0 / 365.0, 0.65, 0.000000036),
        (Call, 100.0, 86.1, 0.031, 0.02, 30.0 / 365.0, 0.55, 1.322878889),
    ];
    agrees("QuantLib 1.44, QdFpAmericanEngine, random", &table, 1e-8, exact);
}

/// Haug 1998, page 19: the American call before a single dividend, by the formula of Roll, Geske and Whaley, and the
/// European call beside it.
#[test]
fn haug_roll_geske_whaley() {
    let dividend = CashDividend { years: Years::new(0.25).unwrap(), amount: 4.0 };
    let terms = CashTerms::new(80.0, rate(0.06), Years::new(1.0 / 3.0).unwrap(), &[dividend]).unwrap();
    let volatility = Volatility::new(0.30).unwrap();
    let found = grid::price(&terms, Call, 82.0, volatility, Size::USUAL);
    assert!((found - 4.3860).abs() < 0.5e-4, "{found}, printed 4.3860");
    let european = terms.european().price(Call, 82.0, volatility);
    assert!((european - 3.5107).abs() < 0.5e-4, "{european}, printed 3.5107");
    println!("V2 Haug 1998, page 19, Roll, Geske and Whaley: 2 rows within 5e-5");
}
