//! Forks and merges (F-1 to F-4, J-1): the specification's own example, every boundary, every reason to wait, and what
//! each rule is worth when it is off.

use ledger::{SleeveId, SleeveKind, StructureId};
use market::instrument::{Right, Series, Symbol};
use market::quote::{Board, Chain, Climate, Delta, Earnings, OptionQuote, Origin, Underlying};
use market::time::{Date, Expiration, TradingDay};
use market::value::{Contracts, Money, Price, Shares};
use proptest::prelude::*;
use protocol::growth::{
    ContractCosts, Division, ForkState, ForkVerdict, ForkWait, Member, MergeStep, StructureTotal, cheapest_contract,
    divide, fork, fork_order, merge_order, merge_steps, merges, rebased,
};
use protocol::leaps::LongLine;
use protocol::policy::Policy;
use protocol::rule::Rule;
use protocol::view::{Holding, Short, SleeveView};

fn without(rule: Rule) -> Policy {
    let mut policy = Policy::all_use();
    policy.rules.off = policy.rules.off.with(rule);
    policy
}

/// $120,000 put in; `surplus` cents more now; all but the buffer is free; contracts at $10,000 and $5,000.
fn gen_sleeve(surplus: i64) -> ForkState {
    let equity = Money::dollars(120_000) + Money::cents(surplus);
    ForkState {
        equity,
        base: Money::dollars(120_000),
        free_cash: equity.fraction(95, 100),
        unreserved: equity,
        locked: false,
        preserving: false,
        merging: false,
        contract: costs(10_000, 5_000),
    }
}

fn costs(generation: i64, compounding: i64) -> ContractCosts {
    ContractCosts { generation: Some(Money::dollars(generation)), compounding: Some(Money::dollars(compounding)) }
}

fn parts(d: Division) -> [Money; 4] {
    [d.stays, d.moves, d.generation, d.compounding]
}

fn waits(policy: &Policy, state: &ForkState) -> Vec<ForkWait> {
    match fork(policy, state) {
        ForkVerdict::Due { waits, .. } => waits,
        other => panic!("{other:?} does not wait"),
    }
}

fn executes(policy: &Policy, state: &ForkState) -> bool {
    matches!(fork(policy, state), ForkVerdict::Execute { .. })
}

#[test]
fn f2_divides_as_the_specification_says() {
    let policy = Policy::all_use();
    for (surplus, expected) in [
        (5_200_000, [2_600_000, 2_600_000, 1_300_000, 1_300_000]),
        (5_000_000, [2_500_000, 2_500_000, 1_250_000, 1_250_000]),
        (5_000_001, [2_500_001, 2_500_000, 1_250_000, 1_250_000]),
        (5_000_002, [2_500_001, 2_500_001, 1_250_001, 1_250_000]),
        (5_000_003, [2_500_002, 2_500_001, 1_250_001, 1_250_000]),
        (9_999_999, [5_000_000, 4_999_999, 2_500_000, 2_499_999]),
    ] {
        assert_eq!(parts(divide(&policy, Money::cents(surplus))), expected.map(Money::cents), "{surplus} cents");
    }
    // Marks have parts of a cent; they stay.
    let odd = divide(&policy, Money::from_units(520_000_199));
    assert_eq!(parts(odd), [260_000_199, 260_000_000, 130_000_000, 130_000_000].map(Money::from_units));
    let other = policy.with("fork.keep", "20").unwrap().with("fork.to_gen", "75").unwrap();
    let expected = [1_040_000, 4_160_000, 3_120_000, 1_040_000].map(Money::cents);
    assert_eq!(parts(divide(&other, Money::dollars(52_000))), expected);
    let all = divide(&without(Rule::F2), Money::dollars(52_000));
    assert_eq!(parts(all), [0, 52_000, 26_000, 26_000].map(Money::dollars));
}

#[test]
fn f1_begins_at_exactly_fifty_thousand() {
    let policy = Policy::all_use();
    assert!(executes(&policy, &gen_sleeve(5_000_000)));
    let just_below = ForkVerdict::NotDue { surplus: Money::cents(4_999_999), short: Money::cents(1) };
    assert_eq!(fork(&policy, &gen_sleeve(4_999_999)), just_below);
    let lost = ForkVerdict::NotDue { surplus: Money::dollars(-1_000), short: Money::dollars(51_000) };
    assert_eq!(fork(&policy, &gen_sleeve(-100_000)), lost);
    let never = fork(&without(Rule::F1), &gen_sleeve(9_000_000));
    assert_eq!(never, ForkVerdict::NotDue { surplus: Money::dollars(90_000), short: Money::ZERO });
}

#[test]
fn a_fork_starts_the_next_surplus_from_nothing_only_if_it_rebases() {
    let state = gen_sleeve(5_200_000);
    let base = |policy: &Policy| match fork(policy, &state) {
        ForkVerdict::Execute { division, base } => (base, (state.equity - division.moves) - base),
        other => panic!("{other:?}"),
    };
    assert_eq!(base(&Policy::all_use()), (Money::dollars(146_000), Money::ZERO));
    assert_eq!(base(&Policy::as_written()), (Money::dollars(120_000), Money::dollars(26_000)));
}

#[test]
fn f3_takes_free_cash_alone() {
    let policy = Policy::all_use();
    let with = |free: i64| ForkState { free_cash: Money::cents(free), ..gen_sleeve(5_200_000) };
    assert!(executes(&policy, &with(2_600_000)));
    let verdict = fork(&policy, &with(2_599_999));
    let ForkVerdict::Due { ref waits, reserves, needs, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(*waits, [ForkWait::FreeCash { free: Money::cents(2_599_999), short: Money::cents(1) }]);
    assert_eq!((reserves, needs), (Money::dollars(26_000), Money::ZERO));
    assert_eq!((verdict.reserves(), verdict.rules()), (reserves, vec![Rule::F1, Rule::F2, Rule::F3]));
    // Without F-3 it takes the buffer too, but never what is reserved.
    assert!(executes(&without(Rule::F3), &with(2_599_999)));
    let poor = ForkState { unreserved: Money::ZERO, ..with(0) };
    let verdict = fork(&without(Rule::F3), &poor);
    assert_eq!(verdict.reserves(), Money::ZERO, "nor does it shrink entries meanwhile");
    assert!(matches!(verdict, ForkVerdict::Due { .. }));
}

#[test]
fn f3_waits_until_each_new_sleeve_can_trade() {
    let policy = Policy::all_use();
    let state =
        |generation, compounding| ForkState { contract: costs(generation, compounding), ..gen_sleeve(5_200_000) };
    // 95% of $13,000 is $12,350.
    assert!(executes(&policy, &state(12_350, 12_350)));
    let dear = ForkState {
        contract: ContractCosts { generation: Some(Money::cents(1_235_001)), ..costs(0, 12_350) },
        ..gen_sleeve(5_200_000)
    };
    let verdict = fork(&policy, &dear);
    let ForkVerdict::Due { waits, reserves, needs, .. } = &verdict else { panic!("{verdict:?}") };
    let covers = Money::dollars(12_350);
    let kind = SleeveKind::Generation;
    assert_eq!(*waits, [ForkWait::Contract { kind, cost: Money::cents(1_235_001), covers }]);
    assert_eq!(*reserves, Money::ZERO, "while it waits for this alone");
    // $12,350.01 / 95% is $13,000.02 to the cent; Gen has it when $26,000.03 leave (its odd cent): $52,000.06 surplus.
    assert_eq!(*needs, Money::cents(6));
    assert!(executes(&policy, &ForkState { equity: dear.equity + *needs, ..dear }));
    assert!(!executes(&policy, &ForkState { equity: dear.equity + *needs - Money::from_units(1), ..dear }));
    // Com's part is the smaller one by the odd cent: $13,000.02 for it take $26,000.04.
    let com = ForkState { contract: ContractCosts { compounding: dear.contract.generation, ..costs(10, 0) }, ..dear };
    let ForkVerdict::Due { needs, .. } = fork(&policy, &com) else { panic!("it waits for Com") };
    assert_eq!(needs, Money::cents(8));
    for at_once in [Policy::as_written(), without(Rule::F3)] {
        assert!(executes(&at_once, &state(90_000, 90_000)));
    }
    let unknown = ForkState { contract: ContractCosts::default(), ..gen_sleeve(5_200_000) };
    let kinds = [SleeveKind::Generation, SleeveKind::Compounding].map(|kind| ForkWait::ContractUnknown { kind });
    assert_eq!(self::waits(&policy, &unknown), kinds);
}

#[test]
fn f4_never_forks_a_sleeve_that_is_barred() {
    let policy = Policy::all_use();
    let sound = ForkState { free_cash: Money::ZERO, ..gen_sleeve(5_200_000) };
    for (state, wait) in [
        (ForkState { locked: true, ..sound }, ForkWait::Locked),
        (ForkState { preserving: true, ..sound }, ForkWait::Preserving),
        (ForkState { merging: true, ..sound }, ForkWait::Merging),
    ] {
        let verdict = fork(&policy, &state);
        assert_eq!(verdict.reserves(), Money::ZERO, "nothing is reserved while barred");
        assert_eq!(verdict.rules(), [Rule::F1, Rule::F2, Rule::F3, Rule::F4]);
        assert_eq!(waits(&policy, &state)[0], wait);
        let rich = ForkState { free_cash: state.equity, ..state };
        assert_eq!(waits(&policy, &rich), [wait]);
        assert!(executes(&without(Rule::F4), &rich));
    }
}

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

fn friday() -> Expiration {
    Expiration(Date::constant(2024, 6, 14))
}

fn series(text: &str, right: Right) -> Series {
    Series { underlying: symbol(text), expiration: friday(), right, strike: Price::dollars(180) }
}

fn board(chains: &[(&str, &[(i64, i32)])], closes: &[(&str, i64)]) -> Board {
    let day = TradingDay::from_record(Date::constant(2024, 6, 10));
    let quote = |(strike, delta): &(i64, i32)| OptionQuote {
        strike: Price::dollars(*strike),
        bid: Price::dollars(1),
        ask: Price::cents(102),
        delta: Some(Delta::points(*delta)),
        open_interest: None,
        volume: None,
    };
    let chain = |(name, quotes): &(&str, &[(i64, i32)])| Chain {
        underlying: symbol(name),
        expiration: friday(),
        right: Right::Put,
        origin: Origin::Quoted,
        quotes: quotes.iter().map(quote).collect(),
    };
    let underlying = |(name, close): &(&str, i64)| Underlying {
        symbol: symbol(name),
        price: Price::dollars(*close),
        previous_close: Price::dollars(*close),
        atr: None,
        sma50: None,
        earnings: Earnings::None,
        iv_rank: None,
        dividend: None,
    };
    let climate = Climate {
        as_of: day,
        index_close: Price::dollars(500),
        index_sma20: None,
        index_sma20_before: None,
        vix: None,
        vix_mean: None,
        vix_closes: 0,
        index_bars: 0,
        symbol_bars: 0,
    };
    let (chains, underlyings) = (chains.iter().map(chain).collect(), closes.iter().map(underlying).collect());
    Board { day, climate, underlyings, chains, bill_rate: None }
}

#[test]
fn the_cheapest_contract_is_the_lowest_strike_of_a_green_week_or_the_lowest_close() {
    let policy = Policy::all_use();
    let closes = [("NVDA", 121), ("TSLA", 178)];
    let cost = |policy: &Policy, chains: &[(&str, &[(i64, i32)])], closes: &[(&str, i64)]| {
        cheapest_contract(policy, SleeveKind::Generation, &board(chains, closes), |_| Some(friday()))
    };
    let nvda: (&str, &[(i64, i32)]) = ("NVDA", &[(110, 20), (115, 38), (120, 46), (125, 60)]);
    let tsla: (&str, &[(i64, i32)]) = ("TSLA", &[(170, 30), (175, 45)]);
    assert_eq!(cost(&policy, &[nvda, tsla], &closes), Some(Money::dollars(12_000)));
    assert_eq!(cost(&policy, &[tsla], &closes), Some(Money::dollars(17_500)));
    // Far from the band no strike is chosen: the lowest close.
    assert_eq!(cost(&policy, &[("TSLA", &[(120, 5)])], &closes), Some(Money::dollars(12_100)));
    assert_eq!(cost(&policy, &[], &closes), Some(Money::dollars(12_100)));
    assert_eq!(cost(&policy, &[], &[]), None);
    let shifted = policy.with("band.shift_green", "-10").unwrap();
    assert_eq!(cost(&shifted, &[nvda], &closes), Some(Money::dollars(11_500)));
}

#[test]
fn j1_begins_at_exactly_half_a_million() {
    let policy = Policy::all_use();
    let structure = |parent: Option<u32>, cents| StructureTotal {
        id: StructureId(2),
        parent: parent.map(StructureId),
        total: Money::cents(cents),
    };
    let cases = [(Some(1), 50_000_000), (Some(1), 49_999_999), (None, 90_000_000)];
    assert_eq!(cases.map(|(parent, cents)| merges(&policy, &structure(parent, cents))), [true, false, false]);
    assert!(!merges(&without(Rule::J1), &structure(Some(1), 90_000_000)));
}

fn view(kind: SleeveKind, holdings: &[(&str, i64)], shorts: &[(&str, Right)]) -> SleeveView {
    let holding = |(name, shares): &(&str, i64)| Holding {
        symbol: symbol(name),
        shares: Shares(*shares),
        uncovered: Shares(*shares),
        basis: Price::dollars(180),
        kind: None,
    };
    let short = |(name, right): &(&str, Right)| Short {
        series: series(name, *right),
        contracts: Contracts(2),
        opened: TradingDay::from_record(Date::constant(2024, 6, 10)),
        price: Price::dollars(1),
        underlying: Price::dollars(180),
        first_premium: Price::dollars(1),
        rolls: 0,
        chain_credit: Price::ZERO,
    };
    SleeveView {
        id: SleeveId::new(StructureId(3), kind),
        equity: Money::dollars(250_000),
        unreserved: Money::ZERO,
        buffer: Money::ZERO,
        committed: Money::ZERO,
        exposure: Vec::new(),
        holdings: holdings.iter().map(holding).collect(),
        shorts: shorts.iter().map(short).collect(),
        locked: false,
        profit_taken: Vec::new(),
    }
}

#[test]
fn a_merge_closes_options_sells_what_com_does_not_trade_and_moves_the_rest() {
    let policy = Policy::all_use();
    let generation =
        view(SleeveKind::Generation, &[("AAPL", 100), ("NVDA", 0), ("TSLA", 250)], &[("TSLA", Right::Call)]);
    let compounding = view(SleeveKind::Compounding, &[("MSFT", 100)], &[("AAPL", Right::Put)]);
    let long = |name| LongLine {
        series: series(name, Right::Call),
        contracts: Contracts(1),
        opened: TradingDay::from_record(Date::constant(2024, 4, 1)),
        value: Money::dollars(6_000),
    };
    let leaps = [long("MSFT"), long("QQQ")];
    let steps = |generation: &SleeveView, compounding: &SleeveView, leaps: &[LongLine]| {
        let members = [Member { view: generation, leaps: &[] }, Member { view: compounding, leaps }];
        merge_steps(&policy, StructureId(3), StructureId(1), &members)
    };
    let (from_gen, from_com) = (generation.id, compounding.id);
    let into = SleeveId::new(StructureId(1), SleeveKind::Compounding);
    let last = MergeStep::Move { from: StructureId(3), into };
    let contracts = Contracts(2);
    assert_eq!(
        steps(&generation, &compounding, &leaps),
        [
            MergeStep::BuyBack { sleeve: from_gen, series: series("TSLA", Right::Call), contracts },
            MergeStep::BuyBack { sleeve: from_com, series: series("AAPL", Right::Put), contracts },
            MergeStep::SellShares { sleeve: from_gen, symbol: symbol("TSLA"), shares: Shares(250) },
            MergeStep::SellLeaps { sleeve: from_com, series: series("QQQ", Right::Call), contracts: Contracts(1) },
            last,
        ]
    );
    let ready = (view(SleeveKind::Generation, &[("AAPL", 100)], &[]), view(SleeveKind::Compounding, &[], &[]));
    assert_eq!(steps(&ready.0, &ready.1, &leaps[..1]), [last]);
}

#[test]
fn merges_go_from_the_leaves_and_forks_from_the_root() {
    let tree = [(1, None), (2, Some(1)), (3, Some(1)), (4, Some(2)), (5, Some(4)), (6, Some(1)), (7, Some(2))];
    let tree = tree.map(|(id, parent): (u32, Option<u32>)| (StructureId(id), parent.map(StructureId)));
    let ids = |order: Vec<StructureId>| order.into_iter().map(|id| id.0).collect::<Vec<_>>();
    assert_eq!(ids(merge_order(&tree)), [5, 4, 7, 2, 3, 6, 1]);
    let mut reversed = tree;
    reversed.reverse();
    assert_eq!(ids(fork_order(&reversed)), [1, 2, 3, 4, 5, 6, 7]);
    let root_last = [(StructureId(1), Some(StructureId(9))), (StructureId(9), None)];
    assert_eq!((ids(fork_order(&root_last)), ids(merge_order(&root_last))), (vec![9, 1], vec![1, 9]));
}

proptest! {
    /// The parts of a surplus sum to it to the ten-thousandth, what leaves is whole cents, and the halves differ by a
    /// cent at most, Gen having it.
    #[test]
    fn parts_sum_to_the_whole(units in 0i64..1_000_000_000_000, keep in 0u32..100, to_gen in 0u32..=100) {
        let policy = Policy::all_use();
        let half = divide(&policy, Money::from_units(units));
        let odd = half.generation - half.compounding;
        prop_assert!(odd == Money::ZERO || odd == Money::cents(1));
        let policy = policy.with("fork.keep", &keep.to_string()).unwrap();
        let policy = policy.with("fork.to_gen", &to_gen.to_string()).unwrap();
        let d = divide(&policy, Money::from_units(units));
        prop_assert_eq!((d.stays + d.moves, d.generation + d.compounding), (d.surplus, d.moves));
        prop_assert_eq!((d.moves.floor_cents(), d.compounding.floor_cents()), (d.moves, d.compounding));
        prop_assert!([d.stays, d.generation, d.compounding].iter().all(|part| !part.is_negative()));
    }

    /// A base never falls by a fork, and never passes what is left in the sleeve.
    #[test]
    fn a_base_only_rises(surplus in 500_000_000i64..1_000_000_000_000, rebase: bool) {
        let policy = Policy::all_use().with("fork.rebase", &rebase.to_string()).unwrap();
        let (base, surplus) = (Money::dollars(120_000), Money::from_units(surplus));
        let division = divide(&policy, surplus);
        let after = rebased(&policy, base, &division);
        prop_assert!(base <= after && after <= base + surplus - division.moves);
    }

    /// What a waiting fork says it needs is enough, and a ten-thousandth of a dollar less is not.
    #[test]
    fn needs_are_exact(
        surplus in 500_000_000i64..2_000_000_000, generation in 1i64..10_000_000, compounding in 1i64..10_000_000,
        to_gen in 1u32..100,
    ) {
        let policy = Policy::all_use().with("fork.to_gen", &to_gen.to_string()).unwrap();
        let contract = ContractCosts {
            generation: Some(Money::cents(generation)),
            compounding: Some(Money::cents(compounding)),
        };
        let base = Money::dollars(120_000);
        let state = |surplus: i64| {
            let equity = base + Money::from_units(surplus);
            ForkState { equity, free_cash: equity, unreserved: equity, contract, ..gen_sleeve(0) }
        };
        if let ForkVerdict::Due { needs, .. } = fork(&policy, &state(surplus)) {
            prop_assert!(needs.is_positive());
            prop_assert!(executes(&policy, &state(surplus + needs.units())));
            prop_assert!(!executes(&policy, &state(surplus + needs.units() - 1)));
        }
    }
}
