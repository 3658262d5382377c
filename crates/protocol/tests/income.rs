//! Tax reserve, income, growth, withdrawals and reinvestment (A-6, I-1, I-2, Q-1), to the cent.

use std::sync::LazyLock;

use ledger::SleeveKind::{self, Compounding, Generation, Revenue};
use market::time::{Calendar, Date, Week};
use market::value::Money;
use proptest::prelude::*;
use protocol::income::{
    Bound, NoWithdrawal, ProfitAccount, Purse, Withdrawable, YearProfit, check_withdrawal, close, is_reinvestment_week,
    payout, reinvest, reserve_target, withdrawable,
};
use protocol::policy::Policy;
use protocol::rule::Rule;

const YEAR: i16 = 2024;

static ALL_USE: LazyLock<Policy> = LazyLock::new(Policy::all_use);

fn without(rule: Rule) -> Policy {
    let mut policy = ALL_USE.clone();
    policy.rules.off = policy.rules.off.with(rule);
    policy
}

fn set(keys: &[(&str, &str)]) -> Policy {
    keys.iter().fold(ALL_USE.clone(), |policy, (key, value)| policy.with(key, value).unwrap())
}

fn year(realised: Money) -> YearProfit {
    YearProfit { year: YEAR, realised }
}

/// One line for each week of realised profit in cents: reserve, made up, income, growth, and the deficit after it.
fn weeks(policy: &Policy, kind: SleeveKind, cents: &[i64]) -> Vec<[i64; 5]> {
    let mut account = ProfitAccount { year: YEAR, ..ProfitAccount::default() };
    let line = |profit: &i64| {
        let week = close(policy, kind, &account, &[year(Money::cents(*profit))]);
        account = week.account;
        [week.reserve, week.made_up, week.income, week.growth, week.account.deficit].map(|m| m.units() / 100)
    };
    cents.iter().map(line).collect()
}

#[test]
fn a_profit_is_reserved_then_income_then_growth() {
    let policy = ALL_USE.clone();
    // $1,000: $300 reserve; of $700 $560 income, $140 growth.
    assert_eq!(weeks(&policy, Revenue, &[100_000]), [[30_000, 0, 56_000, 14_000, 0]]);
    assert_eq!(weeks(&policy, Generation, &[100_000]), [[30_000, 0, 56_000, 14_000, 0]]);
    assert_eq!(weeks(&policy, Compounding, &[100_000]), [[30_000, 0, 0, 70_000, 0]]);
    // 30% of $123.45 is $37.035: $37.03; 80% of $86.42 is $69.136: $69.13.
    assert_eq!(weeks(&policy, Revenue, &[12_345]), [[3_703, 0, 6_913, 1_729, 0]]);
    assert_eq!(weeks(&policy, Revenue, &[0]), [[0; 5]]);
    assert_eq!(weeks(&without(Rule::I1), Revenue, &[100_000]), [[30_000, 0, 0, 70_000, 0]]);
    assert_eq!(weeks(&without(Rule::Q1), Revenue, &[100_000]), [[0, 0, 80_000, 20_000, 0]]);
    assert_eq!(weeks(&Policy::as_written(), Revenue, &[100_000]), [[0, 0, 80_000, 20_000, 0]]);
    assert_eq!(weeks(&set(&[("tax.account", "retirement")]), Revenue, &[100_000]), [[0, 0, 80_000, 20_000, 0]]);
}

#[test]
fn a_loss_takes_back_what_it_frees_and_is_made_up_first() {
    let policy = ALL_USE.clone();
    let expected = [
        [30_000, 0, 56_000, 14_000, 0],
        // $400 lost free $120: $280 are to be made up.
        [-12_000, 0, 0, 0, 28_000],
        // $100: $30 reserve, $70 make up a part.
        [3_000, 7_000, 0, 0, 21_000],
        // $500: $150 reserve; $350 make up $210, and $140 are $112 and $28.
        [15_000, 21_000, 11_200, 2_800, 0],
    ];
    assert_eq!(weeks(&policy, Revenue, &[100_000, -40_000, 10_000, 50_000]), expected);
    // A year in the red has no reserve, and a loss beyond the year's profit frees no more than there is.
    let expected = [[30_000, 0, 56_000, 14_000, 0], [-30_000, 0, 0, 0, 120_000], [0, 50_000, 0, 0, 70_000]];
    assert_eq!(weeks(&policy, Revenue, &[100_000, -150_000, 50_000]), expected);
}

#[test]
fn a_new_tax_year_begins_its_own_reserve() {
    let policy = ALL_USE.clone();
    let before = ProfitAccount {
        year: YEAR,
        realised: Money::dollars(-5_000),
        reserved: Money::ZERO,
        deficit: Money::dollars(100),
        ..ProfitAccount::default()
    };
    // The week of 2024-12-30 realises $1,000 in the old year, still in the red, and $200 in the new one.
    let parts = [year(Money::dollars(1_000)), YearProfit { year: YEAR + 1, realised: Money::dollars(200) }];
    let week = close(&policy, Revenue, &before, &parts);
    assert_eq!(
        (week.realised, week.reserve, week.made_up),
        (Money::dollars(1_200), Money::dollars(60), before.deficit)
    );
    assert_eq!((week.income, week.growth), (Money::dollars(832), Money::dollars(208)));
    let after = week.account;
    assert_eq!((after.year, after.realised, after.reserved), (YEAR + 1, Money::dollars(200), Money::dollars(60)));
    // The old year's reserve is owed: the new year's first loss frees nothing of it.
    let owing = ProfitAccount { realised: Money::dollars(10_000), reserved: Money::dollars(3_000), ..before };
    let loss = close(&policy, Revenue, &owing, &[YearProfit { year: YEAR + 1, realised: Money::dollars(-500) }]);
    assert_eq!((loss.reserve, loss.account.deficit), (Money::ZERO, Money::dollars(600)));
}

/// A Rev sleeve with $1,000 income, $2,000 above its base and $3,000 of free cash.
fn purse() -> Purse {
    Purse {
        kind: Revenue,
        income: Money::dollars(1_000),
        equity: Money::dollars(92_000),
        base: Money::dollars(90_000),
        free_cash: Money::dollars(3_000),
        locked: false,
    }
}

#[test]
fn a_withdrawal_is_bounded_by_bucket_surplus_and_free_cash() {
    let policy = ALL_USE.clone();
    let most = |purse: Purse| withdrawable(&policy, &purse).map(|w| (w.most.units() / 100, w.bound));
    assert_eq!(most(purse()), Ok((100_000, Bound::Income)));
    assert_eq!(most(Purse { kind: Generation, ..purse() }), Ok((100_000, Bound::Income)));
    assert_eq!(most(Purse { equity: Money::cents(9_099_999), ..purse() }), Ok((99_999, Bound::Surplus)));
    assert_eq!(most(Purse { free_cash: Money::from_units(5_000_099), ..purse() }), Ok((50_000, Bound::FreeCash)));
    assert_eq!(most(Purse { kind: Compounding, ..purse() }), Err(NoWithdrawal::Compounding));
    assert_eq!(most(Purse { locked: true, ..purse() }), Err(NoWithdrawal::Locked));
    assert_eq!(most(Purse { income: Money::ZERO, ..purse() }), Err(NoWithdrawal::NoIncome));
    let (equity, base) = (Money::dollars(90_000), Money::dollars(90_000));
    assert_eq!(most(Purse { equity, ..purse() }), Err(NoWithdrawal::NotAboveBase { equity, base }));
    let free = Money::from_units(99);
    assert_eq!(most(Purse { free_cash: free, ..purse() }), Err(NoWithdrawal::NoFreeCash { free }));
}

#[test]
fn an_amount_is_refused_with_its_bound() {
    let policy = ALL_USE.clone();
    let ask = |cents| check_withdrawal(&policy, &purse(), Money::cents(cents));
    assert_eq!(ask(100_000), Ok(()));
    assert_eq!(
        ask(100_001).unwrap_err().to_string(),
        "$1,000.01 was asked for; at most $1,000.00 may be withdrawn now, bounded by the income bucket (A-6)"
    );
    for asked in [Money::ZERO, Money::cents(-1), Money::from_units(1)] {
        assert_eq!(check_withdrawal(&policy, &purse(), asked), Err(NoWithdrawal::NotAnAmount { asked }));
    }
    let com = Purse { kind: Compounding, ..purse() };
    assert_eq!(check_withdrawal(&policy, &com, Money::dollars(1)), Err(NoWithdrawal::Compounding));
}

#[test]
fn without_a6_only_free_cash_bounds_and_without_i1_equity_may_fall_below_base() {
    let locked = Purse { kind: Compounding, locked: true, income: Money::ZERO, ..purse() };
    let free = Withdrawable { most: Money::dollars(3_000), bound: Bound::FreeCash };
    assert_eq!(withdrawable(&without(Rule::A6), &locked), Ok(free));
    let under = Purse { equity: Money::dollars(80_000), ..purse() };
    let income = Withdrawable { most: Money::dollars(1_000), bound: Bound::Income };
    assert_eq!(withdrawable(&without(Rule::I1), &under), Ok(income));
}

#[test]
fn i2_keeps_or_pays_and_a_fork_takes_from_the_bucket() {
    let withdraw = set(&[("income.policy", "withdraw")]);
    assert_eq!(payout(&ALL_USE.clone(), &purse()), Money::ZERO);
    assert_eq!(payout(&withdraw, &purse()), Money::dollars(1_000));
    assert_eq!(payout(&withdraw, &Purse { locked: true, ..purse() }), Money::ZERO);
    let mut off = withdraw.clone();
    off.rules.off = off.rules.off.with(Rule::I2);
    assert_eq!(payout(&off, &purse()), Money::ZERO, "without I-2 income is kept");

    let account = ProfitAccount { income: Money::dollars(30_000), ..ProfitAccount::default() };
    let after = |policy: &Policy, dollars| account.forked(policy, Money::dollars(dollars)).income;
    assert_eq!(after(&withdraw, 26_000), Money::dollars(4_000));
    assert_eq!(after(&withdraw, 31_000), Money::ZERO);
    assert_eq!(after(&off, 26_000), Money::dollars(30_000));
    assert_eq!(account.withdrawn(Money::dollars(10_000)).income, Money::dollars(20_000));
}

fn earned(income: i64, growth: i64, deficit: i64) -> ProfitAccount {
    ProfitAccount {
        income: Money::cents(income),
        growth: Money::cents(growth),
        deficit: Money::cents(deficit),
        ..ProfitAccount::default()
    }
}

/// Amount, to contracts, to LEAPS, and the income and growth that are left, in cents.
fn quarter(policy: &Policy, kind: SleeveKind, account: ProfitAccount) -> Option<[i64; 5]> {
    let r = reinvest(policy, kind, &account)?;
    Some([r.amount, r.contracts, r.leaps, r.account.income, r.account.growth].map(|m| m.units() / 100))
}

#[test]
fn a_quarter_reinvests_what_was_not_withdrawn() {
    let policy = ALL_USE.clone();
    let account = earned(56_000, 14_000, 0);
    assert_eq!(quarter(&policy, Revenue, account), Some([70_000, 52_500, 17_500, 0, 0]));
    assert_eq!(quarter(&policy, Compounding, earned(0, 70_000, 0)), Some([70_000, 52_500, 17_500, 0, 0]));
    assert_eq!(quarter(&policy, Generation, account), None);
    // Odd cents: 75% of $700.01 is $525.0075, 25% $175.0025.
    assert_eq!(quarter(&policy, Revenue, earned(56_001, 14_000, 0)), Some([70_001, 52_501, 17_500, 0, 0]));
    // A loss not yet made up stays behind: income falls first, growth keeps what the loss will need.
    assert_eq!(quarter(&policy, Revenue, earned(56_000, 14_000, 10_000)), Some([60_000, 45_000, 15_000, 0, 10_000]));
    assert_eq!(quarter(&policy, Revenue, earned(56_000, 14_000, 70_000)), None);
    assert_eq!(quarter(&policy, Revenue, earned(56_000, 14_000, 90_000)), None);

    let withdraw = set(&[("income.policy", "withdraw")]);
    assert_eq!(quarter(&withdraw, Revenue, account), Some([14_000, 10_500, 3_500, 56_000, 0]));
    assert_eq!(quarter(&withdraw, Revenue, earned(0, 14_000, 4_000)), Some([10_000, 7_500, 2_500, 0, 4_000]));

    assert_eq!(quarter(&without(Rule::Q1), Revenue, account), None);
    assert_eq!(quarter(&without(Rule::Q2), Revenue, account), Some([70_000, 70_000, 0, 0, 0]));
    assert_eq!(quarter(&set(&[("reinvest.every", "never")]), Revenue, account), None);
    assert_eq!(quarter(&set(&[("reinvest.split", "50/50")]), Revenue, account), Some([70_000, 35_000, 35_000, 0, 0]));
}

#[test]
fn a_reinvestment_week_holds_the_last_session_of_a_quarter() {
    let calendar = Calendar::nyse();
    let monday = |text: &str| Week::of(text.parse::<Date>().unwrap());
    let reinvests = |policy: &Policy, week: &str| is_reinvestment_week(policy, &calendar, monday(week));
    let policy = ALL_USE.clone();
    for (week, expected) in [
        // 2024-03-29 was Good Friday: the quarter's last session is Thursday.
        ("2024-03-25", true),
        ("2024-04-01", false),
        ("2024-06-24", true),
        // 2024-09-30 is a Monday.
        ("2024-09-23", false),
        ("2024-09-30", true),
        ("2024-12-23", false),
        ("2024-12-30", true),
        ("2024-05-27", false),
        // 2022-12-30 is the last session of 2022.
        ("2022-12-26", true),
        ("2023-01-02", false),
    ] {
        assert_eq!(reinvests(&policy, week), expected, "{week}");
    }
    let yearly = set(&[("reinvest.every", "yearly")]);
    assert_eq!(["2024-03-25", "2024-12-30"].map(|w| reinvests(&yearly, w)), [false, true]);
    assert!(
        !reinvests(&set(&[("reinvest.every", "never")]), "2024-12-30") && !reinvests(&without(Rule::Q1), "2024-12-30")
    );
    let mut week = monday("2016-01-04");
    let mut found = 0;
    while week != monday("2026-01-05") {
        found += u32::from(is_reinvestment_week(&policy, &calendar, week));
        week = week.after();
    }
    assert_eq!(found, 40, "ten years have forty quarters");
}

fn kinds() -> impl Strategy<Value = SleeveKind> {
    prop_oneof![Just(Generation), Just(Revenue), Just(Compounding)]
}

#[test]
fn what_is_left_after_the_reserve_is_made_up_or_paid() {
    let week = close(
        &ALL_USE,
        Revenue,
        &ProfitAccount { year: YEAR, ..ProfitAccount::default() },
        &[year(Money::dollars(1_000))],
    );
    assert_eq!((week.reserve, week.after_reserve()), (Money::dollars(300), Money::dollars(700)));
    assert_eq!(week.made_up + week.income + week.growth, week.after_reserve());
    let loss = close(&ALL_USE, Revenue, &week.account, &[year(Money::dollars(-400))]);
    assert_eq!((loss.reserve, loss.after_reserve()), (Money::dollars(-120), Money::dollars(-280)));
    assert_eq!(loss.account.deficit, Money::dollars(280));
}

proptest! {
    /// Every week's profit is in exactly one place; the reserve is its share of the year's profit, never below zero;
    /// nothing is earned while a loss is not made up.
    #[test]
    fn profit_is_conserved(
        kind in kinds(), weeks in prop::collection::vec((-10_000_000i64..10_000_000, 0i16..3), 1..60),
    ) {
        let policy = ALL_USE.clone();
        let mut account = ProfitAccount { year: YEAR, ..ProfitAccount::default() };
        let (mut realised, mut reserved, mut now) = (Money::ZERO, Money::ZERO, YEAR);
        for (units, later) in weeks {
            let mut parts = vec![YearProfit { year: now, realised: Money::from_units(units) }];
            if later == 2 {
                now += 1;
                parts.push(YearProfit { year: now, realised: Money::from_units(-units / 3) });
            }
            let week = close(&policy, kind, &account, &parts);
            account = week.account;
            realised += week.realised;
            reserved += week.reserve;
            prop_assert_eq!(account.reserved, reserve_target(&policy, account.realised));
            prop_assert!(!account.reserved.is_negative() && !reserved.is_negative());
            prop_assert_eq!(account.unspent(), realised - reserved);
            prop_assert!(week.income == Money::ZERO || account.deficit == Money::ZERO);
            prop_assert!([week.made_up, week.income, week.growth, account.deficit].iter().all(|m| !m.is_negative()));
            prop_assert!(kind != Compounding || week.income == Money::ZERO);
        }
    }

    /// What is reinvested leaves the account by exactly its amount, in whole cents, and a second reinvestment finds
    /// less than a cent.
    #[test]
    fn reinvestment_is_conserved(
        income in 0i64..1_000_000_000, growth in 0i64..1_000_000_000, deficit in 0i64..1_000_000_000, withdraw: bool,
    ) {
        let policy = set(&[("income.policy", if withdraw { "withdraw" } else { "keep" })]);
        let units = Money::from_units;
        let account =
            ProfitAccount { income: units(income), growth: units(growth), deficit: units(deficit), ..earned(0, 0, 0) };
        if let Some(r) = reinvest(&policy, Revenue, &account) {
            prop_assert_eq!(r.contracts + r.leaps, r.amount);
            prop_assert_eq!(r.amount, r.amount.floor_cents());
            prop_assert_eq!(account.unspent() - r.account.unspent(), r.amount);
            prop_assert!(!r.account.income.is_negative() && !r.account.growth.is_negative());
            prop_assert_eq!(reinvest(&policy, Revenue, &r.account), None);
        }
    }

    /// A withdrawal never takes more than bucket, surplus and free cash allow, and is whole cents.
    #[test]
    fn withdrawals_keep_their_bounds(
        income in -100i64..10_000_000, surplus in -10_000i64..10_000_000, free in -10_000i64..10_000_000, locked: bool,
    ) {
        let units = Money::from_units;
        let asked = Purse {
            income: units(income), equity: purse().base + units(surplus), free_cash: units(free), locked, ..purse()
        };
        match withdrawable(&ALL_USE.clone(), &asked) {
            Err(_) => prop_assert!(locked || income.min(surplus).min(free) < 100),
            Ok(w) => prop_assert_eq!((w.most.units(), locked), (income.min(surplus).min(free) / 100 * 100, false)),
        }
    }
}
