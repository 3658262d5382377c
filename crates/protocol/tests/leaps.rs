//! The LEAPS ladder: what is bought, what is left and why, and when a line is rolled.

use ledger::{SleeveId, SleeveKind, StructureId};
use market::instrument::{Right, Series, Symbol};
use market::quote::{Board, Chain, Climate, Delta, OptionQuote, Origin};
use market::time::{Calendar, Date, Expiration, TradingDay};
use market::value::{Contracts, Money, Price};
use protocol::leaps::{LeapsAnswer, LeapsPlan, LeapsSkip, LeapsView, LongLine, expirations, plan, roll, window};
use protocol::plan::{Gate, Untestable};
use protocol::policy::Policy;
use protocol::rule::Rule;

const TODAY: Date = Date::constant(2024, 7, 1);
const JANUARY: Date = Date::constant(2026, 1, 16);
const NEXT_JUNE: Date = Date::constant(2026, 6, 18);

fn without(rule: Rule) -> Policy {
    let mut policy = Policy::all_use();
    policy.rules.off = policy.rules.off.with(rule);
    policy
}

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

fn day(date: Date) -> TradingDay {
    TradingDay::from_record(date)
}

/// A call at `strike` dollars, bid and ask in cents, delta in points.
fn call(strike: i64, bid: i64, ask: i64, delta: i32) -> OptionQuote {
    OptionQuote {
        strike: Price::dollars(strike),
        bid: Price::cents(bid),
        ask: Price::cents(ask),
        delta: Some(Delta::points(delta)),
        open_interest: Some(100),
        volume: Some(0),
    }
}

/// Mid $50, half a dollar to each side, delta 70.
fn sound() -> OptionQuote {
    call(180, 4_950, 5_050, 70)
}

fn chain(name: &str, expiration: Date, quotes: Vec<OptionQuote>) -> Chain {
    let (underlying, expiration) = (symbol(name), Expiration(expiration));
    Chain { underlying, expiration, right: Right::Call, origin: Origin::Quoted, quotes }
}

fn board(chains: Vec<Chain>) -> Board {
    let climate = Climate {
        as_of: day(TODAY),
        index_close: Price::dollars(500),
        index_sma20: None,
        index_sma20_before: None,
        vix: None,
        vix_mean: None,
        vix_closes: 0,
        index_bars: 0,
        symbol_bars: 0,
    };
    Board { day: day(TODAY), climate, underlyings: Vec::new(), chains, bill_rate: None }
}

fn line(name: &str, expiration: Date, dollars: i64) -> LongLine {
    let series = Series {
        underlying: symbol(name),
        expiration: Expiration(expiration),
        right: Right::Call,
        strike: Price::dollars(180),
    };
    let opened = day(Date::constant(2024, 4, 1));
    LongLine { series, contracts: Contracts(1), opened, value: Money::dollars(dollars) }
}

/// A Com sleeve of $200,000 with these LEAPS and this much set aside.
fn view(lines: &[LongLine], budget: i64) -> LeapsView<'_> {
    LeapsView {
        id: SleeveId::new(StructureId(1), SleeveKind::Compounding),
        lines,
        budget: Money::dollars(budget),
        equity: Money::dollars(200_000),
        exposure: &[],
        most: None,
    }
}

fn bought(policy: &Policy, view: &LeapsView<'_>, chains: Vec<Chain>) -> LeapsPlan {
    let symbols = policy.universe.of(SleeveKind::Compounding).0.clone();
    plan(policy, view, &symbols, &board(chains), |_| Some(Money::cents(75)))
}

/// Each candidate in the order in which it was asked: bought, or the name of what refused it.
fn told(plan: &LeapsPlan) -> String {
    let word = |verdict: &Result<_, LeapsSkip>| match verdict {
        Ok(_) => "bought".to_owned(),
        Err(LeapsSkip::Gate(gate)) => format!("{gate:?}").split(' ').next().unwrap_or("").to_owned(),
        Err(skip) => format!("{skip:?}").split([' ', '(']).next().unwrap_or("").to_owned(),
    };
    let said = plan.candidates.iter().map(|c| format!("{} {}", c.symbol, word(&c.verdict)));
    said.collect::<Vec<_>>().join(", ")
}

fn everywhere(quote: OptionQuote) -> Vec<Chain> {
    let symbols = ["AAPL", "AMZN", "MSFT"];
    symbols.iter().flat_map(|s| [JANUARY, NEXT_JUNE].map(|e| chain(s, e, vec![quote]))).collect()
}

#[test]
fn the_window_is_fifteen_to_twenty_four_months() {
    let policy = Policy::all_use();
    let date = |text: &str| text.parse::<Date>().unwrap();
    for (today, from, to) in [
        ("2024-07-01", "2025-10-01", "2026-07-01"),
        ("2024-11-30", "2026-02-28", "2026-11-30"),
        ("2024-02-29", "2025-05-29", "2026-02-28"),
        ("2024-10-31", "2026-01-31", "2026-10-31"),
    ] {
        assert_eq!(window(&policy, date(today)), (date(from), date(to)), "{today}");
    }
    let calendar = Calendar::nyse();
    let listed = |today: &str| {
        let found = expirations(&policy, &calendar, day(date(today)));
        found.iter().map(Expiration::to_string).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(listed("2024-07-01"), "2026-01-16 2026-06-18", "Juneteenth 2026 is a Friday");
    assert_eq!(listed("2024-04-01"), "2026-01-16");
    assert_eq!(listed("2025-01-02"), "2026-06-18");
}

#[test]
fn the_ladder_grows_where_it_holds_least_and_never_past_half_in_one_expiration() {
    let policy = Policy::all_use();
    let plan = bought(&policy, &view(&[], 16_000), everywhere(sound()));
    // $5,050.75 each: AAPL first, at the latest expiration; that then holds all, so AMZN takes January; then MSFT, both
    // holding half, finds nothing.
    let purchases: Vec<(String, i64)> =
        plan.purchases().into_iter().map(|(series, b)| (series.to_string(), b.contracts.0)).collect();
    let expected = ["AAPL 2026-06-18 $180.00 call", "AMZN 2026-01-16 $180.00 call"].map(|s| (s.to_owned(), 1));
    assert_eq!(purchases, expected);
    assert_eq!(plan.left, Money::dollars(16_000) - Money::cents(2 * 505_075));
    assert_eq!(told(&plan), "AAPL bought, AMZN bought, MSFT Concentrated, AAPL Concentrated, AMZN Concentrated");
    assert_eq!(
        plan.candidates[2].verdict,
        Err(LeapsSkip::Concentrated {
            expiration: Expiration(NEXT_JUNE),
            holds: Money::dollars(5_000),
            of: Money::dollars(10_000),
        })
    );
    // With an older rung the others hold less than half.
    let old = [line("MSFT", Date::constant(2025, 6, 20), 6_000), line("AAPL", JANUARY, 4_000)];
    let plan = bought(&policy, &view(&old, 16_000), everywhere(sound()));
    assert_eq!(told(&plan), "AMZN bought, AAPL bought, AMZN bought, MSFT DoesNotFit, AAPL DoesNotFit, AMZN DoesNotFit");
    let expirations: Vec<Date> = plan.purchases().iter().map(|(series, _)| series.expiration.0).collect();
    assert_eq!(expirations, [NEXT_JUNE, NEXT_JUNE, JANUARY]);
}

#[test]
fn nothing_is_bought_without_q2_and_the_next_symbol_if_one_does_not_fit() {
    assert_eq!(bought(&without(Rule::Q2), &view(&[], 16_000), everywhere(sound())).candidates, []);
    let policy = Policy::all_use();
    let dear = call(180, 9_950, 10_050, 70);
    let chains = vec![
        chain("AAPL", JANUARY, vec![dear]),
        chain("AMZN", JANUARY, vec![sound()]),
        chain("MSFT", JANUARY, vec![sound()]),
    ];
    let exact = LeapsView { budget: Money::cents(505_075), ..view(&[], 0) };
    let plan = bought(&policy, &exact, chains.clone());
    assert_eq!(plan.left, Money::ZERO);
    assert_eq!(told(&plan), "AAPL DoesNotFit, AMZN bought, AAPL Concentrated, MSFT Concentrated, AMZN Concentrated");
    let short = LeapsView { budget: Money::cents(505_074), ..view(&[], 0) };
    let refused = bought(&policy, &short, chains);
    let needs = |cents| LeapsSkip::DoesNotFit { needs: Money::cents(cents), left: Money::cents(505_074) };
    let verdicts: Vec<_> = refused.candidates.iter().map(|c| c.verdict).collect();
    assert_eq!(verdicts, [Err(needs(1_005_075)), Err(needs(505_075)), Err(needs(505_075))]);
}

#[test]
fn the_strike_is_the_delta_nearest_seventy_within_five() {
    let policy = Policy::all_use();
    let chosen = |quotes: Vec<OptionQuote>| {
        let plan = bought(&policy, &view(&[], 9_000), vec![chain("AAPL", JANUARY, quotes)]);
        let first = &plan.candidates[0];
        (first.seen.map(|s| s.series.strike.units() / 10_000), first.verdict.err())
    };
    let at = |strike, delta| call(strike, 4_950, 5_050, delta);
    assert_eq!(chosen(vec![at(170, 75), at(180, 71), at(190, 66)]), (Some(180), None));
    assert_eq!(chosen(vec![at(170, 72), at(180, 68)]), (Some(170), None), "as near: the lower strike");
    assert_eq!(chosen(vec![at(170, 75), at(180, 50)]), (Some(170), None), "the edge belongs to the band");
    let band = (Delta::points(65), Delta::points(75));
    let refused = |nearest| Some(LeapsSkip::NoStrike { expiration: Expiration(JANUARY), band, nearest });
    assert_eq!(chosen(vec![at(170, 76), at(180, 60)]), (None, refused(Some(Delta::points(76)))));
    let unknown = OptionQuote { delta: None, ..at(170, 70) };
    assert_eq!(chosen(vec![unknown]), (None, refused(None)));
}

#[test]
fn gates_ask_for_interest_and_spread_alone() {
    let policy = Policy::all_use();
    let first = |quote: OptionQuote| {
        let plan = bought(&policy, &view(&[], 9_000), vec![chain("AAPL", JANUARY, vec![quote])]);
        let candidate = plan.candidates[0].clone();
        (candidate.verdict.err(), candidate.untestable)
    };
    assert_eq!(first(sound()), (None, vec![]), "a volume of nought is no reason");
    let thin = OptionQuote { open_interest: Some(99), ..sound() };
    assert_eq!(first(thin), (Some(LeapsSkip::Gate(Gate::OpenInterest { found: 99, least: 100 })), vec![]));
    let unknown = OptionQuote { open_interest: None, ..sound() };
    assert_eq!(first(unknown), (None, vec![Untestable::OpenInterest]));
    // Mid $50: $2.50 is 5% of it.
    assert_eq!(first(call(180, 4_875, 5_125, 70)).0, None);
    let (spread, limit) = (Price::cents(252), Price::from_units(25_000));
    assert_eq!(first(call(180, 4_874, 5_126, 70)).0, Some(LeapsSkip::Gate(Gate::Spread { spread, limit })));
    assert_eq!(first(call(180, 0, 1, 70)).0, Some(LeapsSkip::Gate(Gate::NoBid)));
}

#[test]
fn a_symbol_without_chain_fees_or_room_is_left_with_its_figures() {
    let policy = Policy::all_use();
    let window = window(&policy, TODAY);
    let early = chain("AAPL", Date::constant(2025, 9, 19), vec![sound()]);
    let late = chain("AAPL", Date::constant(2026, 7, 17), vec![sound()]);
    let put = Chain { right: Right::Put, ..chain("AAPL", JANUARY, vec![sound()]) };
    let plan_of = |chains| bought(&policy, &view(&[], 9_000), chains);
    let plan = plan_of(vec![early, late, put]);
    assert!(plan.candidates.iter().all(|c| c.verdict == Err(LeapsSkip::NoExpiration { window })));

    let symbols = [symbol("AAPL")];
    let blind = board(vec![chain("AAPL", JANUARY, vec![sound()])]);
    let plan = protocol::leaps::plan(&policy, &view(&[], 9_000), &symbols, &blind, |_| None);
    assert_eq!(plan.candidates[0].verdict, Err(LeapsSkip::FeesUnknown));

    // $200,000: half may stand in AAPL. $95,000 do, $6,000 of them LEAPS; $5,000 more just fit, and a cent more not.
    let held = [line("AAPL", Date::constant(2025, 6, 20), 6_000)];
    let asked = |policy: &Policy, cents: i64| {
        let exposure = [(symbol("AAPL"), Money::cents(cents))];
        let view = LeapsView { exposure: &exposure, most: Some(Contracts(1)), ..view(&held, 9_000) };
        protocol::leaps::plan(policy, &view, &symbols, &blind, |_| Some(Money::ZERO)).candidates[0].verdict
    };
    assert!(asked(&policy, 9_500_000).is_ok());
    let (would, cap) = (Money::cents(10_000_001), Money::dollars(100_000));
    assert_eq!(asked(&policy, 9_500_001), Err(LeapsSkip::Cap { would, cap }));
    assert!(asked(&without(Rule::E5), 9_500_001).is_ok());
}

/// What this plan buys counts towards the cap of its symbol, together with what the books show already.
#[test]
fn each_purchase_leaves_less_of_the_cap() {
    let policy = Policy::all_use();
    let exposure = [(symbol("AAPL"), Money::dollars(92_000))];
    let view = LeapsView { exposure: &exposure, ..view(&[], 16_000) };
    let chains = [JANUARY, NEXT_JUNE].map(|e| chain("AAPL", e, vec![sound()])).to_vec();
    let symbols = [symbol("AAPL")];
    let plan = plan(&policy, &view, &symbols, &board(chains), |_| Some(Money::ZERO));
    let (would, cap) = (Money::dollars(102_000), Money::dollars(100_000));
    assert_eq!(
        (told(&plan).as_str(), plan.candidates[1].verdict),
        ("AAPL bought, AAPL Cap", Err(LeapsSkip::Cap { would, cap }))
    );
}

#[test]
fn purchases_of_one_series_are_one_order() {
    let policy = Policy::all_use();
    let old = [line("AAPL", Date::constant(2025, 6, 20), 20_000)];
    let chains = vec![chain("AAPL", NEXT_JUNE, vec![sound()])];
    let symbols = [symbol("AAPL")];
    let plan = plan(&policy, &view(&old, 11_000), &symbols, &board(chains), |_| Some(Money::cents(75)));
    let bought: Vec<_> = plan.purchases().into_iter().map(|(_, b)| (b.contracts, b.limit, b.cost)).collect();
    assert_eq!(bought, [(Contracts(2), Price::cents(5_050), Money::cents(1_010_150))]);
}

#[test]
fn a_roll_buys_no_more_than_it_sold() {
    let policy = Policy::all_use();
    let symbols = [symbol("AAPL")];
    let board = board([JANUARY, NEXT_JUNE].map(|e| chain("AAPL", e, vec![sound()])).to_vec());
    let view = LeapsView { most: Some(Contracts(2)), ..view(&[], 90_000) };
    let plan = plan(&policy, &view, &symbols, &board, |_| Some(Money::ZERO));
    assert_eq!(told(&plan), "AAPL bought, AAPL bought, AAPL Enough");
}

#[test]
fn a_line_is_rolled_in_its_last_three_months_once_it_is_long_term_and_no_loss_is_near() {
    let date = |text: &str| text.parse::<Date>().unwrap();
    let answer = |policy: &Policy, opened: &str, today: &str, loss: Option<&str>| {
        let line = LongLine { opened: day(date(opened)), ..line("AAPL", Date::constant(2025, 6, 20), 6_000) };
        roll(policy, day(date(today)), &line, loss.map(date))
    };
    let policy = Policy::all_use();
    let of = |opened, today, loss| answer(&policy, opened, today, loss);
    use LeapsAnswer::{Hold, Roll, WaitLongTerm, WaitLoss};
    // Exactly three months remain on 2025-03-20.
    assert_eq!(["2025-03-20", "2025-03-21"].map(|today| of("2023-09-01", today, None)), [Hold, Roll]);
    // Bought on 2024-05-20: long-term from 2025-05-21, which lies 61 and 60 days ahead.
    let long = WaitLongTerm { until: date("2025-05-21") };
    assert_eq!(["2025-03-21", "2025-03-22", "2025-05-20"].map(|t| of("2024-05-20", t, None)), [Roll, long, long]);
    assert_eq!(of("2024-05-20", "2025-05-21", None), Roll);
    // A wait past the expiration is no wait.
    assert_eq!(of("2024-06-19", "2025-05-20", None), Roll);
    assert_eq!(of("2024-06-18", "2025-05-20", None), WaitLongTerm { until: date("2025-06-19") });
    // Thirty days after a loss are too early, the thirty-first is not.
    let until = WaitLoss { until: date("2025-04-30") };
    assert_eq!(["2025-04-29", "2025-04-30"].map(|t| of("2023-09-01", t, Some("2025-03-30"))), [until, Roll]);
    assert_eq!(of("2023-09-01", "2025-06-02", Some("2025-06-02")), Roll, "it would expire first");
    assert_eq!(answer(&without(Rule::Q2), "2023-09-01", "2025-06-02", None), Hold);
}
