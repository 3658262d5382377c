//! From a session's move to its open, high, low, close and volume.

use market::history::Dividend;
use market::math;
use market::quote::Bar;
use market::time::Date;
use market::value::Price;

use super::World;
use super::events::{quarters, session_after};
use super::parameters::{DividendParameters, Tape, Volume};
use crate::rng::Rng;

/// One session's move in logs, before it is split into night and day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Session {
    /// What comes in small steps through night and day.
    pub(crate) smooth: f64,
    /// What comes at once, before the open.
    pub(crate) jump: f64,
    /// Variance of `smooth`, a fraction squared.
    pub(crate) variance: f64,
    /// Correlation of the symbol with the market.
    pub(crate) market: f64,
}

/// A price in whole cents, at least one.
fn cents(dollars: f64) -> Price {
    Price::cents((dollars * 100.0).round().clamp(1.0, 1e12) as i64)
}

/// How far a Brownian bridge that ends `close` above its start, with this variance, rises above its start: the inverse
/// of its distribution at a uniform (Karatzas and Shreve, 1991, equation 4.3.40).
#[inline]
fn reach(close: f64, variance: f64, uniform: f64) -> f64 {
    0.5 * (close + (close * close - 2.0 * variance * math::ln(uniform)).sqrt())
}

/// E[rise given the close × fall given the close] of a Brownian motion of variance one, by quadrature over the close.
const RISE_TIMES_FALL: f64 = 0.423_272;

/// The variance of the bridge over that from open to close with which high and low show `ratio` (Parkinson's variance
/// over that from open to close): drawn independently, with a bridge of k times the variance, E (high − low)² is
/// 1 + k + 2 k × [`RISE_TIMES_FALL`], nearly linear in k.
pub(crate) fn range_parameter(ratio: f64) -> f64 {
    (ratio * 4.0 * std::f64::consts::LN_2 - 1.0) / (1.0 + 2.0 * RISE_TIMES_FALL)
}

/// Bars and dividends. The night's share of a move is drawn given the whole move, as the middle of a Brownian bridge;
/// high and low have the bridge's distribution each, and are drawn as if they were independent given open and close.
pub(crate) fn bars(
    tape: &Tape,
    sessions: &[Session],
    world: &World<'_>,
    stream: &impl Fn(&str) -> Rng,
) -> (Vec<Bar>, Vec<Dividend>) {
    let dividends = tape.dividend.map_or_else(Vec::new, |d| dividends(tape.price, &d, world));
    let mut paying = dividends.iter().peekable();
    let (mut gap, mut span, mut volume) = (stream("gap"), stream("span"), stream("volume"));
    let mut activity = Activity::new(&tape.volume, &mut volume);
    let night = tape.overnight;
    let mut close_before = tape.price;
    let bar = |(row, s): (usize, &Session)| {
        let day = world.days[row];
        let paid = paying.next_if(|d| d.ex_date <= day.date()).map_or(0.0, |d| d.amount.to_f64());
        let before = (close_before - paid).max(0.01);
        let own = (1.0 - s.market * s.market).max(0.0).sqrt() * gap.normal();
        let bridge = (night * (1.0 - night) * s.variance).sqrt() * (s.market * world.market.gaps[row] + own);
        let to_open = s.jump + night * s.smooth + bridge;
        let to_close = s.smooth + s.jump - to_open;
        let width = (1.0 - night) * s.variance * tape.range;
        let up = reach(to_close, width, span.uniform());
        let down = reach(-to_close, width, span.uniform());
        let open_at = before * math::exp(to_open);
        close_before = open_at * math::exp(to_close);
        let (open, close) = (cents(open_at), cents(close_before));
        let size = (s.smooth + s.jump).abs() / s.variance.sqrt();
        Bar {
            day,
            open,
            high: cents(open_at * math::exp(up)).max(open).max(close),
            low: cents(open_at * math::exp(-down)).min(open).min(close),
            close,
            volume: activity.session(size, &mut volume),
        }
    };
    (sessions.iter().enumerate().map(bar).collect(), dividends)
}

/// Log volume around its median.
struct Activity<'p> {
    law: &'p Volume,
    around: f64,
}

impl<'p> Activity<'p> {
    fn new(law: &'p Volume, stream: &mut Rng) -> Self {
        let left = (1.0 - law.persistence * law.persistence).max(1e-6).sqrt();
        Activity { law, around: law.deviation / left * stream.normal() }
    }

    /// Shares traded in a session whose move had this size in standard deviations.
    fn session(&mut self, size: f64, stream: &mut Rng) -> u64 {
        // The mean size of a standard normal is sqrt(2 / π).
        let news = self.law.response * (size - 0.797_884_560_802_865_4) + self.law.deviation * stream.normal();
        self.around = self.law.persistence * self.around + news;
        (self.law.median * math::exp(self.around)).round().clamp(1.0, 1e15) as u64
    }
}

/// One dividend a quarter, growing from the first, from the first session to a quarter beyond the last.
fn dividends(price: f64, p: &DividendParameters, world: &World<'_>) -> Vec<Dividend> {
    let (first, last) = (world.days[0].date(), world.horizon);
    let ex_dates = quarters(first, last).filter_map(|quarter| session_after(quarter, p.day, world.calendar));
    let amount = |date: Date| {
        let years = market::time::days_between(first, date) as f64 / 365.25;
        cents(price * p.yearly / 4.0 * math::exp(math::ln(1.0 + p.growth) * years))
    };
    ex_dates
        .map(|day| day.date())
        .filter(|d| (first..=last).contains(d))
        .map(|ex_date| Dividend { ex_date, amount: amount(ex_date) })
        .collect()
}
