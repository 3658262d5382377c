//! The market's week: what it is judged on, how far it lies from another class, and the days and sizes that follow.

use ledger::SleeveKind;
use market::quote::{Board, Climate, Earnings, Underlying};
use market::time::{Calendar, Date, TradingDay, Week};
use market::value::Price;
use protocol::entry::put_band;
use protocol::policy::unit::Ppm;
use protocol::policy::{EntryDays, Policy, WeekClass};
use protocol::rule::Rule;
use protocol::week::{
    Evidence, Support, Trend, Unclassified, VixState, classify, entry_days, is_entry_day, judge, sizing, with_vix_of,
};

fn day(text: &str) -> TradingDay {
    TradingDay::from_record(text.parse::<Date>().unwrap())
}

fn without(rule: Rule) -> Policy {
    let mut policy = Policy::all_use();
    policy.rules.off = policy.rules.off.with(rule);
    policy
}

/// Just enough history: three of the five symbols above their average, one on it, one below.
fn board() -> Board {
    let policy = Policy::all_use();
    let underlying = |(symbol, cents): (_, i64)| Underlying {
        symbol,
        price: Price::dollars(100),
        previous_close: Price::cents(cents),
        atr: None,
        sma50: Some(Price::dollars(100)),
        earnings: Earnings::None,
        iv_rank: None,
        dividend: None,
    };
    let closes = [10_001, 9_999, 10_000, 12_000, 10_100];
    Board {
        day: day("2024-06-10"),
        climate: Climate {
            as_of: day("2024-06-07"),
            index_close: Price::dollars(510),
            index_sma20: Some(Price::dollars(500)),
            index_sma20_before: Some(Price::dollars(495)),
            vix: Some(1_400),
            vix_mean: Some(1_500),
            vix_closes: 252,
            index_bars: 25,
            symbol_bars: 50,
        },
        underlyings: policy.universe.all().into_iter().zip(closes).map(underlying).collect(),
        chains: Vec::new(),
        bill_rate: None,
    }
}

#[test]
fn a_week_is_judged_on_252_vix_closes_25_index_bars_and_50_of_every_symbol() {
    let policy = Policy::all_use();
    let judged = classify(&policy, &board()).unwrap();
    assert_eq!((judged.class, judged.support), (WeekClass::Green, Support::Strong));
    let expected = Evidence {
        as_of: day("2024-06-07"),
        close: Price::dollars(510),
        average: Price::dollars(500),
        average_before: Price::dollars(495),
        vix: 1_400,
        vix_mean: 1_500,
        above: 3,
        symbols: 5,
    };
    assert_eq!(judged.evidence, expected, "equality is not above");

    let refused = |change: &dyn Fn(&mut Board)| {
        let mut board = board();
        change(&mut board);
        let climate = board.climate;
        (classify(&policy, &board).unwrap_err(), climate)
    };
    let warm_up = |change: &dyn Fn(&mut Board)| {
        let (error, Climate { vix_closes, index_bars, symbol_bars, .. }) = refused(change);
        assert_eq!(error, Unclassified::WarmUp { vix_closes, index_bars, symbol_bars });
    };
    warm_up(&|b| b.climate.vix_closes = 251);
    warm_up(&|b| b.climate.index_bars = 24);
    warm_up(&|b| b.climate.symbol_bars = 49);
    warm_up(&|b| b.climate.index_sma20 = None);
    warm_up(&|b| b.climate.index_sma20_before = None);
    warm_up(&|b| b.underlyings[4].sma50 = None);
    warm_up(&|b| b.underlyings.truncate(4));
    let no_vix = Unclassified::NoVix(day("2024-06-07"));
    assert_eq!(refused(&|b| b.climate.vix = None).0, no_vix);
    assert_eq!(refused(&|b| b.climate.vix_mean = None).0, no_vix);
}

/// 15 bars for ATR are asked for too, where the average of the symbols needs fewer.
#[test]
fn the_average_true_range_has_its_own_warm_up() {
    let shorter = Policy::all_use().with("week.support_average", "10").unwrap();
    let policy = shorter.with("data.warmup_symbol_bars", "10").unwrap();
    let with = |symbol_bars| {
        let mut board = board();
        board.climate.symbol_bars = symbol_bars;
        classify(&policy, &board).is_ok()
    };
    assert_eq!([14, 15].map(with), [false, true]);
}

/// Bullish, calm and strong: Green.
fn green() -> Evidence {
    classify(&Policy::all_use(), &board()).unwrap().evidence
}

/// Bearish, calm and broken: Red.
fn red() -> Evidence {
    Evidence { close: Price::dollars(490), average_before: Price::dollars(510), above: 0, ..green() }
}

#[test]
fn m1_equality_is_sideways_where_the_average_falls_too() {
    let policy = Policy::all_use();
    assert_eq!(judge(&policy, red()).trend, Trend::Bearish);
    assert_eq!(judge(&policy, Evidence { close: red().average, ..red() }).trend, Trend::Sideways);
    assert_eq!(judge(&policy, Evidence { average_before: red().average, ..red() }).trend, Trend::Sideways);
}

/// M-5: d / (1 + d) of the nearest boundary that another class lies behind; one distance at a time is the least.
#[test]
fn m5_confidence_is_the_nearest_boundary_that_changes_the_class() {
    let policy = Policy::all_use();
    let confidence = |class, evidence| {
        let judged = judge(&policy, evidence);
        assert_eq!(judged.class, class);
        judged.confidence
    };
    use WeekClass::{Chop, Green, Red};
    let dollars = Price::dollars;
    // All five symbols above (40 points from the edge): 2% over the average, which rose by 1.0101% in five sessions.
    let far = Evidence { above: 5, ..green() };
    // Close 0.4% over the average: d = 0.4.
    assert_eq!(confidence(Green, Evidence { close: dollars(502), ..far }), Ppm(285_714));
    // Average 1/499 = 0.2004% over the one before: d = 0.4008.
    assert_eq!(confidence(Green, Evidence { average_before: dollars(499), ..far }), Ppm(286_122));
    // Four symbols stand 20 points over the edge: d = 2; nothing nearer (2% is d = 2 as well).
    assert_eq!(confidence(Green, Evidence { above: 4, ..far }), Ppm(666_666));
    // The same below: 0.4% under the average; the average 1/501 = 0.1996% under the one before.
    assert_eq!(confidence(Red, Evidence { close: dollars(498), ..red() }), Ppm(285_714));
    assert_eq!(confidence(Red, Evidence { average_before: dollars(501), ..red() }), Ppm(285_305));
    // Sideways (over a falling average): VIX decides, from either side. 50 of 1500 are 3.3333%: d = 0.33333.
    let sideways = Evidence { average_before: dollars(510), ..far };
    assert_eq!(confidence(Chop, Evidence { vix: 1_450, ..sideways }), Ppm(249_998));
    assert_eq!(confidence(Red, Evidence { vix: 1_550, ..sideways }), Ppm(249_998));
    // Bearish with high VIX is Red whatever the support: its edge, on which 60% stands, is no other class's. VIX 10%
    // over its mean is the only boundary: d = 1.
    assert_eq!(confidence(Red, Evidence { vix: 1_650, above: 3, ..red() }), Ppm(500_000));
}

#[test]
fn m7_is_asked_with_the_vix_of_the_day() {
    let policy = Policy::all_use();
    let week = judge(&policy, green());
    let mut climate = board().climate;
    (climate.vix, climate.vix_mean) = (Some(2_300), Some(1_510));
    let later = with_vix_of(&week, &climate);
    assert_eq!((later.evidence.vix, later.evidence.vix_mean), (2_300, 1_510));
    let unchanged = Evidence { vix: week.evidence.vix, vix_mean: week.evidence.vix_mean, ..later.evidence };
    assert_eq!((later.class, later.vix, unchanged), (WeekClass::Green, VixState::Low, week.evidence));
    assert_eq!((sizing(&policy, &week), sizing(&policy, &later)), (Ppm::ONE, Ppm::percent(50)));
    climate.vix = None;
    assert_eq!(with_vix_of(&week, &climate), week);
}

#[test]
fn without_m6_a_red_week_shifts_no_band() {
    let of = |policy: &Policy| {
        let band = put_band(policy, SleeveKind::Generation, &judge(policy, red()));
        (band.low.0 / 100, band.high.0 / 100)
    };
    assert_eq!((of(&Policy::all_use()), of(&without(Rule::M6))), ((35, 45), (40, 50)));
}

#[test]
fn a_short_week_has_one_entry_day() {
    let calendar = Calendar::nyse();
    let days = |policy: &Policy, choice, monday: &str| -> String {
        let sessions = calendar.sessions(Week::of(monday.parse().unwrap()));
        let marks = sessions.iter().map(|d| is_entry_day(policy, &calendar, choice, *d));
        marks.map(|is| if is { 'x' } else { '.' }).collect()
    };
    // A week shorter than five sessions counts as short here: four are, five are not.
    let policy = Policy::all_use().with("entry.short_week", "5").unwrap();
    let choices = [EntryDays::None, EntryDays::Monday, EntryDays::MondayToWednesday, EntryDays::Thursday];
    assert_eq!(choices.map(|c| days(&policy, c, "2024-03-25")), ["....", "x...", "x...", "x..."]);
    assert_eq!(choices.map(|c| days(&policy, c, "2024-06-10")), [".....", "x....", "xxx..", "...x."]);
    // Without E-2 every day is one, unless the week has none.
    let any = without(Rule::E2);
    assert_eq!(choices.map(|c| days(&any, c, "2024-03-25")), ["....", "xxxx", "xxxx", "xxxx"]);
}

#[test]
fn without_m6_every_week_has_the_days_of_a_green_one() {
    use WeekClass::{Chop, Green, Red};
    let of = |now| entry_days(&without(Rule::M6), SleeveKind::Generation, now, now);
    assert_eq!([Green, Red, Chop].map(of), [EntryDays::Thursday; 3]);
}
