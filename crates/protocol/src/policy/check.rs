//! What must hold between the keys of a policy.

use super::Policy;
use super::problem::Problem;
use super::unit::RollDelta;

/// Every pair of keys that contradict each other.
pub(super) fn contradictions(policy: &Policy) -> Vec<Problem> {
    rules(policy)
        .into_iter()
        .filter(|(holds, ..)| !holds)
        .map(|(_, key, other, rule)| {
            let value = |path: &str| policy.value(path).unwrap_or_default();
            let (value, other_value) = (value(key), value(other));
            Problem::Contradiction { key: key.to_owned(), value, other: other.to_owned(), other_value, rule }
        })
        .collect()
}

#[cfg(test)]
pub(super) fn count(policy: &Policy) -> usize {
    rules(policy).len()
}

type Demand = (bool, &'static str, &'static str, &'static str);

#[rustfmt::skip]
fn rules(p: &Policy) -> Vec<Demand> {
    let long_enough = |bars: u32, average: u32, lag: u32| bars >= average + lag;
    let roll_reaches = match p.roll.max_delta {
        RollDelta::Band => true,
        RollDelta::Points(delta) => delta > p.band.floor,
    };
    vec![
        (p.week.broken <= p.week.strong, "week.broken", "week.strong", "broken support lies below strong support"),
        (long_enough(p.data.warmup_index_bars, p.week.trend_average, p.week.trend_lag),
            "data.warmup_index_bars", "week.trend_average", "the warm-up must hold the average and its lag"),
        (p.data.warmup_symbol_bars >= p.week.support_average,
            "data.warmup_symbol_bars", "week.support_average", "the warm-up must hold the average"),
        (p.data.warmup_vix_closes >= p.week.vix_window,
            "data.warmup_vix_closes", "week.vix_window", "the warm-up must hold the window"),
        (p.data.warmup_atr_bars > p.exit.atr, "data.warmup_atr_bars", "exit.atr", "the warm-up must hold one bar more"),
        (p.sizing.red <= p.sizing.green, "sizing.red", "sizing.green", "a Red week is not larger than a Green one"),
        (p.sizing.chop <= p.sizing.red, "sizing.chop", "sizing.red", "a Chop week is not larger than a Red one"),
        (p.sizing.vix_high <= p.sizing.vix_calm,
            "sizing.vix_high", "sizing.vix_calm", "size does not rise with VIX"),
        (p.sizing.vix_far <= p.sizing.vix_high, "sizing.vix_far", "sizing.vix_high", "size does not rise with VIX"),
        (p.gbr4.buffer >= p.buffer.share, "gbr4.buffer", "buffer.share", "capital preservation keeps more cash"),
        (p.entry.window_opens < p.entry.window_closes,
            "entry.window_opens", "entry.window_closes", "the window opens before it closes"),
        (p.exit.watch <= p.exit.propose, "exit.watch", "exit.propose", "the steps rise"),
        (p.exit.propose <= p.exit.act, "exit.propose", "exit.act", "the steps rise"),
        (p.exit.profit_early <= p.exit.profit_put,
            "exit.profit_early", "exit.profit_put", "early comes before always"),
        (p.exit.first_check <= p.exit.second_check,
            "exit.first_check", "exit.second_check", "the first look comes before the second"),
        (p.exit.second_check <= p.exit.roll_before,
            "exit.second_check", "exit.roll_before", "a roll follows the second look"),
        (p.types.put_deep <= p.exit.roll_below, "types.put_deep", "exit.roll_below", "deep lies below rolling"),
        (p.types.put_deep <= p.types.put_limit, "types.put_deep", "types.put_limit", "deep lies below the limit"),
        (p.types.call_recovery <= p.types.call_roll,
            "types.call_recovery", "types.call_roll", "recovery lies below rolling"),
        (p.vix.reduce <= p.vix.defend, "vix.reduce", "vix.defend", "the guard's levels rise"),
        (p.vix.defend <= p.vix.stop, "vix.defend", "vix.stop", "the guard's levels rise"),
        (roll_reaches, "roll.max_delta", "band.floor", "a rolled put has some delta left"),
        (p.order.tick_below <= p.order.tick_above,
            "order.tick_below", "order.tick_above", "steps do not shrink with the price"),
        (p.leaps.roll_months < p.leaps.months.low,
            "leaps.roll_months", "leaps.months", "a call is not rolled as soon as it is bought"),
        (p.projection.poor <= p.projection.expected,
            "projection.poor", "projection.expected", "a poor year is not better than an expected one"),
        (p.projection.expected <= p.projection.good,
            "projection.expected", "projection.good", "an expected year is not better than a good one"),
        (p.tax.dividend_held < p.tax.dividend_window,
            "tax.dividend_held", "tax.dividend_window", "the holding lies inside the window"),
        (!p.universe.generation.0.is_empty(), "universe.gen", "universe.rev", "every sleeve has a symbol"),
        (!p.universe.revenue.0.is_empty(), "universe.rev", "universe.gen", "every sleeve has a symbol"),
        (!p.universe.compounding.0.is_empty(), "universe.com", "universe.gen", "every sleeve has a symbol"),
    ]
}
