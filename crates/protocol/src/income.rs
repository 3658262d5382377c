//! Income and growth: what of a sleeve's realised profit is set aside for tax, may be withdrawn, or is put back to work
//! (A-6, I-1, I-2, Q-1).
//!
//! [`close`] is the weekly step C-4, [`reinvest`] the quarterly step C-6. Each takes what is known of a sleeve and
//! gives what becomes of it; amounts that move are whole cents.

use ledger::SleeveKind;
use market::time::{Calendar, Week};
use market::value::Money;

use crate::policy::unit::Ppm;
use crate::policy::{Account, IncomePolicy, Policy, Reinvest};
use crate::rule::Rule;

/// Months whose last session ends a quarter.
const QUARTER_ENDS: [i8; 4] = [3, 6, 9, 12];
/// The month whose last session ends the year.
const YEAR_END: i8 = 12;

/// What is kept of one sleeve's profit. Nothing in it is ever below zero but `realised`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProfitAccount {
    /// The tax year that `realised` and `reserved` belong to.
    pub year: i16,
    /// Net profit realised in that year so far, in the tax view before wash sales and straddles.
    pub realised: Money,
    /// What is set aside of it for tax.
    pub reserved: Money,
    /// Losses after reserve that no profit has made up yet.
    pub deficit: Money,
    /// The income bucket: available for withdrawal.
    pub income: Money,
    /// Profit that is growth and has not been reinvested yet.
    pub growth: Money,
}

/// Profit that a week realised in one tax year; below zero for a loss. A week has two at a turn of the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearProfit {
    /// The tax year.
    pub year: i16,
    /// What was realised in it this week.
    pub realised: Money,
}

/// What C-4 does with one sleeve's week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekIncome {
    /// Profit realised this week, a loss below zero.
    pub realised: Money,
    /// What moves from the sleeve to the tax reserve; below zero where a loss takes back what it frees.
    pub reserve: Money,
    /// What of it makes up earlier losses.
    pub made_up: Money,
    /// What of the rest becomes income.
    pub income: Money,
    /// What of the rest becomes growth.
    pub growth: Money,
    /// The account after the close.
    pub account: ProfitAccount,
}

impl WeekIncome {
    /// Profit after reserve: made up + income + growth, or the loss that adds to the deficit.
    #[must_use]
    pub fn after_reserve(&self) -> Money {
        self.realised - self.reserve
    }
}

/// Share of realised net profit that is set aside for tax.
#[must_use]
pub fn reserve_share(policy: &Policy) -> Ppm {
    match policy.tax.account {
        _ if policy.is_off(Rule::Q1) => Ppm::ZERO,
        Account::Taxable => policy.tax.reserve,
        Account::Retirement => policy.tax.reserve_retirement,
    }
}

/// what the reserve is brought to: its share of the tax year's net profit, rounded down to the cent, never below
/// zero.
#[must_use]
pub fn reserve_target(policy: &Policy, realised: Money) -> Money {
    reserve_share(policy).of(realised.max(Money::ZERO)).floor_cents()
}

/// C-4 of one sleeve: brings the reserve to its target for each tax year; what is left of a profit first makes up
/// earlier losses, then 80% is income and the rest growth (I-1), in Com all of it growth. Income is rounded down to the
/// cent. Without I-1 nothing is income. `week` has the profit of each tax year that the week touched, rising by year.
#[must_use]
pub fn close(policy: &Policy, kind: SleeveKind, account: &ProfitAccount, week: &[YearProfit]) -> WeekIncome {
    let mut account = *account;
    let (mut realised, mut reserve) = (Money::ZERO, Money::ZERO);
    for part in week {
        if part.year != account.year {
            (account.year, account.realised, account.reserved) = (part.year, Money::ZERO, Money::ZERO);
        }
        account.realised += part.realised;
        let target = reserve_target(policy, account.realised);
        realised += part.realised;
        reserve += target - account.reserved;
        account.reserved = target;
    }
    let after_reserve = realised - reserve;
    let profit = after_reserve.max(Money::ZERO);
    let made_up = profit.min(account.deficit);
    account.deficit += (profit - after_reserve) - made_up;
    let rest = profit - made_up;
    let income = income_share(policy, kind).of(rest).floor_cents();
    let growth = rest - income;
    account.income += income;
    account.growth += growth;
    WeekIncome { realised, reserve, made_up, income, growth, account }
}

/// Share of profit that is income in a sleeve of this kind (I-1).
#[must_use]
pub fn income_share(policy: &Policy, kind: SleeveKind) -> Ppm {
    match kind {
        SleeveKind::Compounding => Ppm::ZERO,
        _ if policy.is_off(Rule::I1) => Ppm::ZERO,
        SleeveKind::Generation | SleeveKind::Revenue => policy.income.share,
    }
}

/// What a withdrawal is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purse {
    /// What the sleeve is for.
    pub kind: SleeveKind,
    /// The income bucket.
    pub income: Money,
    /// Cash + shares + options at mid.
    pub equity: Money,
    /// What the owner put in.
    pub base: Money,
    /// Settled cash less collateral, order reservations and buffer.
    pub free_cash: Money,
    /// Whether new puts are locked (K-2).
    pub locked: bool,
}

/// What bounds a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bound {
    /// The income bucket.
    Income,
    /// Equity less base (I-1).
    Surplus,
    /// Settled free cash.
    FreeCash,
}

/// The most that may be withdrawn now, and what bounds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawable {
    /// Whole cents, above zero.
    pub most: Money,
    /// The smallest of the bounds, the first if several are equal.
    pub bound: Bound,
}

/// Why a withdrawal is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoWithdrawal {
    /// Com only grows.
    #[error("nothing is ever withdrawn from a Com sleeve, except to close the portfolio (A-6)")]
    Compounding,
    /// A-6, K-2: the sleeve is locked.
    #[error("the sleeve is locked by its drawdown limit (K-2): no withdrawal until the lock ends (A-6)")]
    Locked,
    /// I-1: nothing was earned that is not withdrawn, reinvested or forked.
    #[error("the income bucket is empty (I-1)")]
    NoIncome,
    /// I-1: income is paid only out of what stands above base.
    #[error("equity of {equity} is not above the base of {base}: income waits until it is (I-1)")]
    NotAboveBase {
        /// The sleeve's equity.
        equity: Money,
        /// What the owner put in.
        base: Money,
    },
    /// no settled cash is free.
    #[error("no settled cash is free (free cash is {free}): income waits until some is (A-6)")]
    NoFreeCash {
        /// Free cash.
        free: Money,
    },
    /// More was asked for than may be withdrawn.
    #[error("{asked} was asked for; at most {most} may be withdrawn now, bounded by {}", .bound.words())]
    TooMuch {
        /// What was asked for.
        asked: Money,
        /// What may be withdrawn.
        most: Money,
        /// What bounds it.
        bound: Bound,
    },
    /// Nothing, a negative amount, or a fraction of a cent was asked for.
    #[error("{asked} cannot be withdrawn; expected a positive amount in whole cents")]
    NotAnAmount {
        /// What was asked for.
        asked: Money,
    },
}

impl Bound {
    const fn words(self) -> &'static str {
        match self {
            Bound::Income => "the income bucket (A-6)",
            Bound::Surplus => "equity less base (I-1)",
            Bound::FreeCash => "settled free cash (A-6)",
        }
    }
}

/// A-6, I-1: what may be withdrawn from a sleeve now. Without A-6 only free cash bounds it, in Com and under a lock
/// too; without I-1 equity may fall below base.
///
/// # Errors
/// [`NoWithdrawal`] with the first reason why it is nothing.
pub fn withdrawable(policy: &Policy, purse: &Purse) -> Result<Withdrawable, NoWithdrawal> {
    let limited = !policy.is_off(Rule::A6);
    if limited && purse.kind == SleeveKind::Compounding {
        return Err(NoWithdrawal::Compounding);
    }
    if limited && purse.locked {
        return Err(NoWithdrawal::Locked);
    }
    let surplus = purse.equity - purse.base;
    let bounds = [
        (limited, purse.income, Bound::Income),
        (limited && !policy.is_off(Rule::I1), surplus, Bound::Surplus),
        (true, purse.free_cash, Bound::FreeCash),
    ];
    let asked = bounds.into_iter().filter(|(asked, ..)| *asked).map(|(_, most, bound)| (most.floor_cents(), bound));
    let (most, bound) = asked.min_by_key(|(most, _)| *most).unwrap_or((Money::ZERO, Bound::FreeCash));
    match bound {
        _ if most.is_positive() => Ok(Withdrawable { most, bound }),
        Bound::Income => Err(NoWithdrawal::NoIncome),
        Bound::Surplus => Err(NoWithdrawal::NotAboveBase { equity: purse.equity, base: purse.base }),
        Bound::FreeCash => Err(NoWithdrawal::NoFreeCash { free: purse.free_cash }),
    }
}

/// Whether the owner may withdraw `asked` now.
///
/// # Errors
/// [`NoWithdrawal`] with the first reason why not.
pub fn check_withdrawal(policy: &Policy, purse: &Purse, asked: Money) -> Result<(), NoWithdrawal> {
    if !asked.is_positive() || asked != asked.floor_cents() {
        return Err(NoWithdrawal::NotAnAmount { asked });
    }
    let Withdrawable { most, bound } = withdrawable(policy, purse)?;
    if asked > most { Err(NoWithdrawal::TooMuch { asked, most, bound }) } else { Ok(()) }
}

/// I-2: what a weekly close pays out by itself: with `income.policy = withdraw` all that may be withdrawn, else
/// nothing.
#[must_use]
pub fn payout(policy: &Policy, purse: &Purse) -> Money {
    if income_policy(policy) == IncomePolicy::Keep {
        return Money::ZERO;
    }
    withdrawable(policy, purse).map_or(Money::ZERO, |w| w.most)
}

/// What becomes of income (I-2); without I-2 it is kept.
#[must_use]
pub fn income_policy(policy: &Policy) -> IncomePolicy {
    if policy.is_off(Rule::I2) { IncomePolicy::Keep } else { policy.income.policy }
}

impl ProfitAccount {
    /// After `amount` was withdrawn.
    #[must_use]
    pub fn withdrawn(self, amount: Money) -> Self {
        ProfitAccount { income: (self.income - amount).max(Money::ZERO), ..self }
    }

    /// I-2: after a fork moved `amount` out of the sleeve: the bucket falls by it, not below zero. Without I-2 it
    /// stays.
    #[must_use]
    pub fn forked(self, policy: &Policy, amount: Money) -> Self {
        if policy.is_off(Rule::I2) { self } else { self.withdrawn(amount) }
    }

    /// Net profit that was neither withdrawn nor reinvested, below zero while losses are not made up.
    #[must_use]
    pub fn unspent(&self) -> Money {
        self.income + self.growth - self.deficit
    }
}

/// What Q-1 does with one sleeve's quarter. `contracts` and `leaps` sum to `amount`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reinvested {
    /// All that is reinvested.
    pub amount: Money,
    /// What becomes growth and stays deployable for contracts.
    pub contracts: Money,
    /// What is set aside for LEAPS.
    pub leaps: Money,
    /// By how much the income bucket falls.
    pub from_income: Money,
    /// The account after it.
    pub account: ProfitAccount,
}

/// Q-1 of one sleeve, in a week of [`is_reinvestment_week`] after C-4: all net profit that was neither withdrawn nor
/// reinvested, with `income.policy = withdraw` the growth share alone, divided 75% / 25% between contracts and LEAPS to
/// the cent. `None` in Gen, where there is nothing to reinvest, or without Q-1. Without Q-2 contracts get all.
#[must_use]
pub fn reinvest(policy: &Policy, kind: SleeveKind, account: &ProfitAccount) -> Option<Reinvested> {
    let reinvests = kind != SleeveKind::Generation && policy.reinvest.every != Reinvest::Never;
    let keeps = income_policy(policy) == IncomePolicy::Keep;
    let most = if keeps { account.unspent() } else { account.unspent().min(account.growth) };
    let amount = most.floor_cents();
    if !reinvests || policy.is_off(Rule::Q1) || !amount.is_positive() {
        return None;
    }
    let from_income = if keeps { amount.min(account.income) } else { Money::ZERO };
    let parts = amount.split(&policy.reinvest.split.weights());
    let leaps = if policy.is_off(Rule::Q2) { Money::ZERO } else { parts[1] };
    let account = ProfitAccount {
        income: account.income - from_income,
        growth: account.growth - (amount - from_income),
        ..*account
    };
    Some(Reinvested { amount, contracts: amount - leaps, leaps, from_income, account })
}

/// whether `week` holds the last session of March, June, September or December; of December alone with
/// `reinvest.every = yearly`. The owner is told at the close of the week before.
#[must_use]
pub fn is_reinvestment_week(policy: &Policy, calendar: &Calendar, week: Week) -> bool {
    let ends = |month: i8| match policy.reinvest.every {
        Reinvest::Quarterly => QUARTER_ENDS.contains(&month),
        Reinvest::Yearly => month == YEAR_END,
        Reinvest::Never => false,
    };
    let last_of_its_month = |month: i8, next: i8| ends(month) && next != month;
    let mut sessions = calendar.sessions(week).iter();
    !policy.is_off(Rule::Q1)
        && sessions.any(|day| last_of_its_month(day.date().month(), calendar.next(*day).date().month()))
}
