//! The figures that the questions compare, exact: moves in ATRs, premium captured, time value.

use std::cmp::Ordering;

use market::instrument::{Right, Series};
use market::time::Expiration;
use market::value::Price;

use super::{ManageContext, NextDividend};
use crate::expiry::{self, ExpiryAnswer};
use crate::plan::Seen;
use crate::policy::unit::{Multiple, Ppm};
use crate::rule::Rule;
use crate::view::Short;

/// (underlying at the sale − price now) / ATR in thousandths, rounded down; `None` without a positive ATR.
#[must_use]
pub fn adverse(at_sale: Price, now: Price, atr: Price) -> Option<Multiple> {
    Some(Multiple(ratio(at_sale - now, atr, Multiple::WHOLE)?))
}

/// (premium − ask) / premium in millionths, rounded down; `None` without a premium.
#[must_use]
pub fn captured(premium: Price, ask: Price) -> Option<Ppm> {
    Some(Ppm(ratio(premium - ask, premium, Ppm::WHOLE)?))
}

fn ratio(part: Price, whole: Price, scale: i64) -> Option<i64> {
    let (part, whole) = (i128::from(part.units()) * i128::from(scale), i128::from(whole.units()));
    (whole > 0).then(|| i64::try_from(part.div_euclid(whole)).unwrap_or(i64::MAX))
}

/// One short option in today's prices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight {
    pub(super) price: Option<Price>,
    pub(super) seen: Option<Seen>,
    /// The adverse move and the ATR that measures it.
    pub(super) range: Option<(Price, Price)>,
    pub(super) sessions_left: i64,
    pub(super) last_day: bool,
    pub(super) expiry: Option<ExpiryAnswer>,
}

impl Sight {
    pub(super) fn of(context: &ManageContext<'_>, short: &Short) -> Self {
        let (board, series) = (context.board, &short.series);
        let underlying = board.underlying(series.underlying);
        let price = underlying.map(|u| u.price);
        let atr = underlying.and_then(|u| u.atr).filter(|atr| *atr > Price::ZERO);
        let last_day = series.expiration == Expiration(board.day.date());
        let last = context.calendar.on_or_before(series.expiration.0);
        let asked = !context.policy.is_off(Rule::X6);
        Sight {
            price,
            // An option that nobody offers cannot be bought back.
            seen: board.quote(series).filter(|(q, _)| q.ask > Price::ZERO).map(|(q, origin)| Seen {
                series: *series,
                bid: q.bid,
                ask: q.ask,
                delta: q.delta,
                origin,
            }),
            range: price.zip(atr).filter(|_| !context.policy.is_off(Rule::X1)).map(|(p, a)| (short.underlying - p, a)),
            sessions_left: last.map_or(0, |last| context.calendar.count(board.day, last)),
            last_day,
            expiry: price.filter(|_| last_day && asked).map(|p| expiry::answer(context.policy, series, p)),
        }
    }

    /// How the adverse move compares with `edge` ATRs, exactly.
    pub(super) fn adverse_against(&self, edge: Multiple) -> Option<Ordering> {
        self.range.map(|(by, atr)| edge.cmp_ratio(by.units(), atr.units()))
    }

    /// Whether the adverse move is at least `edge` ATRs.
    pub(super) fn is_adverse(&self, edge: Multiple) -> bool {
        self.adverse_against(edge).is_some_and(Ordering::is_ge)
    }

    /// Whether the move in favour of a put is at least `edge` ATRs.
    pub(super) fn is_favourable(&self, edge: Multiple) -> bool {
        self.range.is_some_and(|(by, atr)| edge.cmp_ratio(-by.units(), atr.units()).is_ge())
    }
}

/// How far the option is in the money, negative out of it.
pub(super) fn in_the_money(series: &Series, price: Price) -> Price {
    match series.right {
        Right::Put => series.strike - price,
        Right::Call => price - series.strike,
    }
}

/// What the ask holds above the value of exercising now.
pub(super) fn time_value(series: &Series, price: Price, ask: Price) -> Price {
    ask - in_the_money(series, price).max(Price::ZERO)
}

/// The next dividend whose ex-date a holder of the option may still exercise before.
pub(super) fn dividend_before_end<'a>(context: &ManageContext<'a>, series: &Series) -> Option<&'a NextDividend> {
    let today = context.board.day.date();
    let due = |d: &&NextDividend| d.symbol == series.underlying && d.ex > today && d.ex <= series.expiration.0;
    context.dividends.iter().filter(due).min_by_key(|d| d.ex)
}
