//! The market's week: Green, Red or Chop (M-1 to M-7), judged on figures to the previous close.

use market::quote::{Board, Climate};
use market::time::{Calendar, TradingDay, Week};
use market::value::Price;

use crate::policy::unit::Ppm;
use crate::policy::{EntryDays, Policy, WeekClass};
use crate::rule::Rule;
use ledger::SleeveKind;

/// Where the index goes (M-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trend {
    /// Above its average, and the average rises.
    Bullish,
    /// Below its average, and the average falls.
    Bearish,
    /// Anything else.
    Sideways,
}

/// Where VIX stands against its own year (M-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VixState {
    /// At or below its mean.
    Low,
    /// Above its mean.
    High,
}

/// How many symbols hold above their average (M-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Support {
    /// At least the strong share.
    Strong,
    /// Between the edges.
    Mixed,
    /// Below the broken share.
    Broken,
}

impl Trend {
    /// Every trend.
    pub const ALL: [Trend; 3] = [Trend::Bullish, Trend::Bearish, Trend::Sideways];
}

impl VixState {
    /// Every state.
    pub const ALL: [VixState; 2] = [VixState::Low, VixState::High];
}

impl Support {
    /// Every breadth, the best first.
    pub const ALL: [Support; 3] = [Support::Strong, Support::Mixed, Support::Broken];
}

/// The figures that a class rests on, all to one close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The session of that close.
    pub as_of: TradingDay,
    /// Index close.
    pub close: Price,
    /// Its moving average.
    pub average: Price,
    /// That average some sessions earlier.
    pub average_before: Price,
    /// VIX close, hundredths of a point.
    pub vix: i64,
    /// Mean of VIX over the window, hundredths of a point.
    pub vix_mean: i64,
    /// Symbols above their average.
    pub above: u32,
    /// Symbols looked at.
    pub symbols: u32,
}

/// A judged week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Classification {
    /// Green, Red or Chop.
    pub class: WeekClass,
    /// M-1.
    pub trend: Trend,
    /// M-2.
    pub vix: VixState,
    /// M-3.
    pub support: Support,
    /// M-5: 0 on the edge of another class, toward 1 far from it.
    pub confidence: Ppm,
    /// What it rests on.
    pub evidence: Evidence,
}

/// Why a week is not judged; nothing is entered then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unclassified {
    /// Too little history yet.
    WarmUp {
        /// VIX closes so far.
        vix_closes: u32,
        /// Index bars so far.
        index_bars: u32,
        /// Fewest bars of any symbol so far.
        symbol_bars: u32,
    },
    /// VIX has no value for the session.
    NoVix(TradingDay),
}

/// M-4, the complete table, as the policy fills it.
#[must_use]
pub fn table(policy: &Policy, trend: Trend, vix: VixState, support: Support) -> WeekClass {
    if policy.is_off(Rule::M4) {
        return WeekClass::Green;
    }
    let week = &policy.week;
    match (trend, vix, support) {
        (Trend::Bullish, _, Support::Strong) => week.bullish_strong,
        (Trend::Bullish, _, Support::Mixed | Support::Broken) => week.bullish_weak,
        (Trend::Bearish, VixState::Low, Support::Strong | Support::Mixed) => week.bearish_low,
        (Trend::Bearish, VixState::Low, Support::Broken) => week.bearish_low_broken,
        (Trend::Bearish, VixState::High, _) => week.bearish_high,
        (Trend::Sideways, VixState::Low, _) => week.sideways_low,
        (Trend::Sideways, VixState::High, _) => week.sideways_high,
    }
}

/// M-1: comparisons are strict; equality is sideways.
fn trend(above: bool, below: bool, rising: bool, falling: bool) -> Trend {
    match (above && rising, below && falling) {
        (true, _) => Trend::Bullish,
        (_, true) => Trend::Bearish,
        _ => Trend::Sideways,
    }
}

fn support(policy: &Policy, above: u32, symbols: u32) -> Support {
    let (part, whole) = (i64::from(above), i64::from(symbols.max(1)));
    if policy.week.strong.is_undercut_by(part, whole) {
        if policy.week.broken.is_undercut_by(part, whole) { Support::Broken } else { Support::Mixed }
    } else {
        Support::Strong
    }
}

/// Judges the week on the board's figures to the previous close.
///
/// # Errors
/// [`Unclassified`] while history is too short or VIX is missing.
pub fn classify(policy: &Policy, board: &Board) -> Result<Classification, Unclassified> {
    let climate = &board.climate;
    let data = &policy.data;
    let warm_up = Unclassified::WarmUp {
        vix_closes: climate.vix_closes,
        index_bars: climate.index_bars,
        symbol_bars: climate.symbol_bars,
    };
    let symbols = policy.universe.all();
    let short = climate.vix_closes < data.warmup_vix_closes
        || climate.index_bars < data.warmup_index_bars
        || climate.symbol_bars < data.warmup_symbol_bars.max(data.warmup_atr_bars);
    let (Some(average), Some(average_before)) = (climate.index_sma20, climate.index_sma20_before) else {
        return Err(warm_up);
    };
    if short {
        return Err(warm_up);
    }
    let (Some(vix), Some(vix_mean)) = (climate.vix, climate.vix_mean) else {
        return Err(Unclassified::NoVix(climate.as_of));
    };
    let mut above = 0;
    for symbol in &symbols {
        let known = board.underlying(*symbol).and_then(|u| u.sma50.map(|sma| u.previous_close > sma));
        above += u32::from(known.ok_or(warm_up)?);
    }
    let evidence = Evidence {
        as_of: climate.as_of,
        close: climate.index_close,
        average,
        average_before,
        vix,
        vix_mean,
        above,
        symbols: symbols.len() as u32,
    };
    Ok(judge(policy, evidence))
}

/// The class that the evidence gives, with its confidence.
#[must_use]
pub fn judge(policy: &Policy, evidence: Evidence) -> Classification {
    let e = &evidence;
    let (over, under) = (e.close > e.average, e.close < e.average);
    let (rising, falling) = (e.average > e.average_before, e.average < e.average_before);
    let trend_now = if policy.is_off(Rule::M1) { Trend::Bullish } else { trend(over, under, rising, falling) };
    let high = e.vix > e.vix_mean;
    let vix = if high && !policy.is_off(Rule::M2) { VixState::High } else { VixState::Low };
    let support_now = if policy.is_off(Rule::M3) { Support::Strong } else { support(policy, e.above, e.symbols) };
    let class = table(policy, trend_now, vix, support_now);
    let differs = |t, v, s| table(policy, t, v, s) != class;

    let mut nearest: Option<i64> = None;
    let mut consider = |changes: bool, distance: i64, unit: Ppm| {
        if changes {
            let d = i128::from(distance) * i128::from(Ppm::WHOLE) / i128::from(unit.0.max(1));
            let d = i64::try_from(d).unwrap_or(i64::MAX);
            nearest = Some(nearest.map_or(d, |n| n.min(d)));
        }
    };
    let rules = &policy.week;
    let price_crossed = trend(!over, !under, rising, falling);
    consider(differs(price_crossed, vix, support_now), gap(e.close, e.average), rules.confidence_price);
    let slope_crossed = trend(over, under, !rising, !falling);
    consider(differs(slope_crossed, vix, support_now), gap(e.average, e.average_before), rules.confidence_slope);
    let vix_crossed = if vix == VixState::High { VixState::Low } else { VixState::High };
    consider(differs(trend_now, vix_crossed, support_now), parts_apart(e.vix, e.vix_mean), rules.confidence_vix);
    let share = i64::from(e.above) * Ppm::WHOLE / i64::from(e.symbols.max(1));
    for (edge, across) in
        [(rules.strong, [Support::Strong, Support::Mixed]), (rules.broken, [Support::Mixed, Support::Broken])]
    {
        let other = if support_now == across[0] { across[1] } else { across[0] };
        let adjacent = across.contains(&support_now);
        consider(adjacent && differs(trend_now, vix, other), (share - edge.0).abs(), rules.confidence_support);
    }
    let confidence = nearest.map_or(Ppm::ONE, |d| {
        let (d, one) = (i128::from(d), i128::from(Ppm::WHOLE));
        Ppm(i64::try_from(d * one / (one + d)).unwrap_or(Ppm::WHOLE))
    });
    Classification { class, trend: trend_now, vix, support: support_now, confidence, evidence }
}

/// |a / b − 1| in parts per million.
fn gap(a: Price, b: Price) -> i64 {
    parts_apart(a.units(), b.units())
}

fn parts_apart(a: i64, b: i64) -> i64 {
    let apart = i128::from((a - b).abs()) * i128::from(Ppm::WHOLE) / i128::from(b.max(1));
    i64::try_from(apart).unwrap_or(i64::MAX)
}

/// Whether `later` is worse than `earlier` and so replaces it within the week (M-5).
#[must_use]
pub fn is_worse(later: WeekClass, earlier: WeekClass) -> bool {
    later > earlier
}

/// The judged week with VIX and its mean as the board has them: M-7 is asked at each window, whenever the week was
/// judged. Where the board has none, the week's own stand.
#[must_use]
pub fn with_vix_of(week: &Classification, climate: &Climate) -> Classification {
    let (Some(vix), Some(vix_mean)) = (climate.vix, climate.vix_mean) else { return *week };
    Classification { evidence: Evidence { vix, vix_mean, ..week.evidence }, ..*week }
}

/// Size of new entries: the smaller of the week's answer (M-6) and VIX's (M-7).
#[must_use]
pub fn sizing(policy: &Policy, week: &Classification) -> Ppm {
    let s = &policy.sizing;
    let by_class = if policy.is_off(Rule::M6) {
        s.green
    } else {
        match week.class {
            WeekClass::Green => s.green,
            WeekClass::Red => s.red,
            WeekClass::Chop => s.chop,
        }
    };
    let (vix, mean) = (week.evidence.vix, week.evidence.vix_mean.max(1));
    let by_vix = if policy.is_off(Rule::M7) || vix <= mean {
        s.vix_calm
    } else if s.vix_far_from.is_exceeded_by(vix, mean) {
        s.vix_far
    } else {
        s.vix_high
    };
    by_class.min(by_vix)
}

/// The days on which `kind` enters, in a week first judged `first` and now `now` (M-5, M-6).
#[must_use]
pub fn entry_days(policy: &Policy, kind: SleeveKind, first: WeekClass, now: WeekClass) -> EntryDays {
    let class = match (first, now) {
        (WeekClass::Green, WeekClass::Red) => WeekClass::Green,
        _ => now,
    };
    let class = if policy.is_off(Rule::M6) { WeekClass::Green } else { class };
    let e = &policy.entry;
    match (kind, class) {
        (SleeveKind::Generation, WeekClass::Green) => e.gen_green,
        (SleeveKind::Generation, WeekClass::Red) => e.gen_red,
        (SleeveKind::Generation, WeekClass::Chop) => e.gen_chop,
        (_, WeekClass::Green) => e.others_green,
        (_, WeekClass::Red) => e.others_red,
        (_, WeekClass::Chop) => e.others_chop,
    }
}

/// Whether `day` is one of `days` in its week (E-2): weekday names follow the calendar.
#[must_use]
pub fn is_entry_day(policy: &Policy, calendar: &Calendar, days: EntryDays, day: TradingDay) -> bool {
    let sessions = calendar.sessions(Week::of(day.date()));
    let Some(first) = sessions.first().copied() else { return false };
    if days == EntryDays::None || policy.is_off(Rule::E2) {
        return days != EntryDays::None;
    }
    if (sessions.len() as u32) < policy.entry.short_week {
        return day == first;
    }
    let wednesday = wednesday(sessions);
    match days {
        EntryDays::None => false,
        EntryDays::Monday => day == first,
        EntryDays::MondayRetry | EntryDays::MondayToWednesday => day <= wednesday,
        EntryDays::Wednesday => day == wednesday,
        EntryDays::Thursday => sessions.len() >= 2 && day == sessions[sessions.len() - 2],
    }
}

/// The week's Wednesday or, if it is closed, the session before; its first session if there is none before.
fn wednesday(sessions: &[TradingDay]) -> TradingDay {
    let is_by_wednesday = |d: &&TradingDay| d.date().weekday().to_monday_zero_offset() <= 2;
    sessions.iter().rev().find(is_by_wednesday).copied().unwrap_or(sessions[0])
}
