//! Covered calls (E-8): which hundreds are covered, over a report half of them, and at which strike; every edge.

mod desk;

use desk::{Desk, FRIDAY, NEXT, c, date, ends, quote, tsla};
use ledger::SleeveKind;
use market::instrument::{Right, Symbol};
use market::quote::{Delta, Earnings};
use market::value::{Contracts, Money, Price, Shares};
use protocol::calls;
use protocol::plan::{Plan, Purpose, Skip, Untestable, Verdict};
use protocol::policy::WeekClass;
use protocol::policy::unit::Ppm;
use protocol::position::PositionType;
use protocol::rule::Rule;

/// A Gen sleeve with uncovered shares at $104 and a basis of $100; calls that end on Friday at a strike in dollars, for
/// a bid in cents, with a delta in hundredths of a point.
fn holds(shares: i64, chain: &[(i64, i64, i32)]) -> Desk {
    let mut desk = Desk::call();
    desk.view.shorts.clear();
    desk.view.holdings[0].shares = Shares(shares);
    desk.view.holdings[0].uncovered = Shares(shares);
    desk.board.chains.clear();
    let quotes = chain.iter().map(|(strike, bid, delta)| quote(*strike, *bid, bid + 1, *delta)).collect();
    desk.offer(FRIDAY, quotes);
    desk
}

fn planned(desk: &Desk) -> Option<Plan> {
    calls::plan(&desk.policy, &desk.view, &desk.board, WeekClass::Chop, |_| Some(ends(FRIDAY)))
}

/// How many calls are sold at which strike in dollars, or why none.
fn sold(desk: &Desk) -> Result<(i64, i64), Skip> {
    let plan = planned(desk).expect("there are shares to cover");
    let taken = plan.taken().map(|(_, seen, contracts, _)| (contracts.0, seen.series.strike.units() / 10_000)).next();
    match plan.candidates[0].verdict {
        Verdict::Leave(skip) => Err(skip),
        Verdict::Take { .. } => Ok(taken.expect("what is taken was seen")),
    }
}

fn strike(desk: &Desk) -> Result<i64, Skip> {
    sold(desk).map(|(_, strike)| strike)
}

/// One call in the middle of Gen's band.
const MIDDLE: &[(i64, i64, i32)] = &[(105, 80, 4_500)];

#[test]
fn every_whole_hundred_is_covered_in_every_week_and_unsized() {
    assert_eq!(planned(&holds(99, MIDDLE)), None, "an odd lot is no cover");
    assert_eq!([100, 199, 200, 350].map(|n| sold(&holds(n, MIDDLE)).unwrap().0), [1, 1, 2, 3]);
    let mut desk = holds(350, MIDDLE);
    desk.view.holdings[0].uncovered = Shares(150);
    assert_eq!(sold(&desk), Ok((1, 105)), "what a call or an order holds already is not sold twice");
    desk.off(Rule::E8);
    assert_eq!(planned(&desk), None);
}

#[test]
fn a_plan_of_calls_tells_what_it_saw() {
    let mut desk = holds(200, MIDDLE);
    desk.view.committed = Money::dollars(20_800);
    let plan = planned(&desk).unwrap();
    assert_eq!(
        (plan.purpose, plan.right(), plan.class, plan.sizing),
        (Purpose::Cover, Right::Call, WeekClass::Chop, Ppm::ONE)
    );
    assert_eq!((plan.equity, plan.free_cash), (Money::dollars(100_000), Money::dollars(95_000)));
    assert_eq!((plan.committed, plan.deployable), (Money::dollars(20_800), Money::ZERO));
    let (candidate, seen, contracts, limit) = plan.taken().next().unwrap();
    assert_eq!((candidate.symbol, candidate.price, candidate.locked_loss), (tsla(), c(10_400), Price::ZERO));
    assert_eq!((seen.bid, seen.ask, seen.delta), (c(80), c(81), Some(Delta(4_500))));
    assert_eq!((contracts, limit), (Contracts(2), c(80)));
    assert_eq!(candidate.untestable, []);
    desk.underlying().earnings = Earnings::Unknown;
    assert_eq!(planned(&desk).unwrap().candidates[0].untestable, [Untestable::Earnings]);
}

#[test]
fn without_expiration_or_quotes_nothing_is_sold() {
    let desk = holds(100, MIDDLE);
    let plan = |expiration| {
        calls::plan(&desk.policy, &desk.view, &desk.board, WeekClass::Green, |_| expiration).unwrap().candidates[0]
            .verdict
    };
    assert_eq!(plan(None), Verdict::Leave(Skip::NoExpiration));
    assert_eq!(plan(Some(ends(NEXT))), Verdict::Leave(Skip::NoQuotes(ends(NEXT))));
}

#[test]
fn before_a_report_at_most_half_of_all_hundreds_is_covered() {
    let on = date(FRIDAY);
    let before = |shares: i64, covered: i64| {
        let mut desk = holds(shares, MIDDLE);
        desk.underlying().earnings = Earnings::On(on);
        desk.view.holdings[0].uncovered = Shares(shares - 100 * covered);
        let mut call = Desk::call().short;
        call.contracts = Contracts(covered);
        // A put on the same symbol and a call on another one cover none of its shares.
        let put = Desk::put().short;
        let mut other = call;
        other.series.underlying = Symbol::new("NVDA").unwrap();
        other.contracts = Contracts(7);
        desk.view.shorts = vec![put, other, call];
        assert_eq!(desk.view.calls_on(tsla()), Contracts(covered));
        sold(&desk).map(|(contracts, _)| contracts)
    };
    assert_eq!([before(400, 0), before(400, 1), before(500, 0)], [Ok(2), Ok(1), Ok(2)]);
    let enough = Err(Skip::EarningsCoverage { on });
    assert_eq!([before(400, 2), before(400, 3), before(100, 0)], [enough; 3]);
    // One session after the expiration a report is nothing to the call.
    let mut desk = holds(400, MIDDLE);
    desk.underlying().earnings = Earnings::On(date("2024-06-17"));
    assert_eq!(sold(&desk), Ok((4, 105)));
}

#[test]
fn the_strike_is_the_bands_middle_and_on_a_tie_the_higher() {
    // Gen 40 to 50: 48 is three points from the middle and 41 four; 42 three and 49 four; 44 and 46 as near.
    assert_eq!(strike(&holds(100, &[(105, 90, 4_800), (106, 70, 4_100)])), Ok(105));
    assert_eq!(strike(&holds(100, &[(105, 90, 4_900), (106, 70, 4_200)])), Ok(106));
    assert_eq!(strike(&holds(100, &[(105, 90, 4_600), (106, 70, 4_400)])), Ok(106));
    // Com 20 to 30, whatever the week: calls are not shifted.
    let mut desk = holds(100, &[(105, 90, 4_500), (108, 40, 2_500), (109, 30, 2_000)]);
    desk.view.id.kind = SleeveKind::Compounding;
    assert_eq!(strike(&desk), Ok(108));
}

#[test]
fn none_in_the_band_is_replaced_by_the_highest_delta_at_most_ten_points_under_it() {
    // The first strike above the basis is over the band, so that the band lies above the basis.
    let under = |quotes: &[(i64, i64, i32)]| strike(&holds(100, &[&[(101, 300, 6_000)], quotes].concat()));
    assert_eq!(under(&[(106, 60, 3_500), (107, 50, 3_200)]), Ok(106));
    assert_eq!(under(&[(106, 60, 3_000)]), Ok(106), "ten points under the band are allowed");
    let band = (Delta(4_000), Delta(5_000));
    assert_eq!(under(&[(106, 60, 2_999)]), Err(Skip::NoStrike { band, best: Some(Delta(2_999)) }));
    assert_eq!(under(&[]), Err(Skip::NoStrike { band, best: None }));
    // A first strike that stands on the band's edge but pays too little is still within the band's reach.
    assert_eq!(strike(&holds(100, &[(105, 4, 4_000), (106, 60, 2_999), (107, 50, 3_500)])), Ok(107));
}

#[test]
fn a_band_below_the_basis_gives_the_first_strike_above_it_that_pays() {
    let with_basis = |quotes: &[(i64, i64, i32)]| {
        let mut desk = holds(100, quotes);
        desk.view.holdings[0].basis = c(11_000);
        strike(&desk)
    };
    let near = (105, 80, 4_500);
    assert_eq!(with_basis(&[near, (110, 20, 1_500), (112, 10, 900)]), Ok(110), "the basis itself is not below it");
    assert_eq!(with_basis(&[near, (110, 5, 1_500), (112, 5, 900)]), Ok(110), "five cents are enough");
    assert_eq!(with_basis(&[near, (110, 4, 1_500), (112, 5, 900)]), Ok(112));
    let none = Err(Skip::NothingAboveBasis { basis: c(11_000) });
    assert_eq!(with_basis(&[near, (110, 4, 1_500)]), none);
    assert_eq!(with_basis(&[near]), none);
    // No call as good as the shares themselves: up to a delta of 90 points.
    let steep = |delta| {
        let mut desk = holds(100, &[(100, 450, delta)]);
        desk.set("calls.strike", "\"at the money\"");
        strike(&desk)
    };
    assert_eq!((steep(9_000), steep(9_001)), (Ok(100), Err(Skip::NothingAboveBasis { basis: c(10_000) })));
}

#[test]
fn the_authors_sell_at_the_money() {
    let mut desk = holds(100, &[(102, 300, 6_200), (103, 200, 5_600), (105, 90, 4_500)]);
    assert_eq!(strike(&desk), Ok(105), "the founding document's band");
    desk.set("calls.strike", "\"at the money\"");
    assert_eq!(strike(&desk), Ok(105), "$103 and $105 are as near to $104: the higher");
    desk.price(10_390);
    assert_eq!(strike(&desk), Ok(103));
}

#[test]
fn a_locked_sleeve_sells_further_out() {
    let mut desk = holds(100, &[(105, 90, 4_500), (108, 40, 2_500)]);
    desk.view.locked = true;
    assert_eq!(strike(&desk), Ok(108), "20 to 30 points");
    desk.off(Rule::G1);
    assert_eq!(strike(&desk), Ok(105));
}

#[test]
fn below_the_basis_only_where_the_policy_says_so_and_at_most_five_percent() {
    use PositionType::{CallRecovery, CallRolled};
    // A basis of $110; 5% below it lies $104.50. At the money $104 is nearest, then $105.
    let chain = [(104, 150, 5_000), (105, 100, 2_600), (106, 90, 2_300), (110, 20, 1_000)];
    let typed = |kind, below: &str, earnings| {
        let mut desk = holds(200, &chain);
        desk.set("calls.below_basis", below);
        desk.view.holdings[0].basis = c(11_000);
        desk.view.holdings[0].kind = kind;
        desk.underlying().earnings = earnings;
        let lost = planned(&desk).unwrap().candidates[0].locked_loss;
        (strike(&desk), lost)
    };
    let above = (Ok(110), Price::ZERO);
    for kind in [None, Some(CallRolled), Some(CallRecovery)] {
        assert_eq!(typed(kind, "false", Earnings::None), above, "{kind:?}");
        // Over a report none below the basis.
        assert_eq!(typed(kind, "true", Earnings::On(date(FRIDAY))), above, "{kind:?}");
    }
    assert_eq!(typed(None, "true", Earnings::None), above, "milder types stay above");
    assert_eq!(typed(Some(CallRolled), "true", Earnings::None), (Ok(105), c(500)), "at the money");
    assert_eq!(
        typed(Some(CallRecovery), "true", Earnings::None),
        (Ok(105), c(500)),
        "26 points are nearer to 25 than 23"
    );
}
