//! The same rules written a second time, share by share (V10): no lots, no pieces, no pending losses. Each share, and
//! each share that an option stands for, is followed by itself; what replaces a loss is found by looking at the whole
//! history, ahead as well as back; days under a call are a set of days. Amounts must divide to the share.

use std::collections::{BTreeMap, BTreeSet};

use ledger::LotOrder;
use market::instrument::Right;
use market::time::{Date, date_of_number, day_number};

use crate::tax::{Act, Asset, Closes, Side, Transaction};

/// One share, or one of the hundred that a contract stands for.
#[derive(Clone, Debug)]
struct One {
    purchase: usize,
    asset: Asset,
    account: usize,
    acquired: i64,
    /// Step of the purchase.
    came: usize,
    cost: i64,
    /// Step in which it leaves.
    leaves: Option<usize>,
    /// What it brings then.
    brings: i64,
    carried: i64,
    first_day: i64,
    tacked: i64,
    used: bool,
    deep: bool,
    /// Of a written call: whether it is a qualified covered call.
    qualified: bool,
    cover: Option<Over>,
    hedged: BTreeSet<i64>,
    /// Losses of calls that lay over it, by the call's share.
    straddled: Vec<(usize, i64)>,
    /// Those of qualified covered calls.
    at_year_end: Vec<Qualified>,
    dividends: Vec<(usize, i64)>,
}

/// The loss of a qualified covered call's share: the day on which it was closed, the loss, and what would wait beyond
/// which years.
type Qualified = (i64, i64, Vec<(i16, i64)>);

/// The call over a share: its purchase, since when, whether the share was held longer, whether the call is qualified.
#[derive(Clone, Copy, Debug)]
struct Over {
    call: usize,
    since: i64,
    aged: bool,
    qualified: bool,
}

/// What the model finds, summed so that it does not depend on how lots are cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Gain by day and term.
    pub(super) gains: BTreeMap<(Date, bool), i64>,
    /// Losses disallowed by day.
    pub(super) disallowed: BTreeMap<Date, i64>,
    pub(super) lost: i64,
    /// Losses that wait beyond the end of a year.
    pub(super) waits: BTreeMap<i16, i64>,
    /// Qualified part of each dividend.
    pub(super) qualified: Vec<i64>,
    /// Disallowed losses in what is still open.
    pub(super) carried: i64,
}

pub(super) struct Reference {
    ones: Vec<One>,
    order: LotOrder,
    dividends: Vec<i64>,
    /// By step of a delivery: the first of its shares, and what the option stood for.
    delivered: BTreeMap<usize, (usize, Vec<usize>)>,
    /// The day of each step.
    days: Vec<i64>,
    found: Found,
    /// Gains of calls' shares that made a loss.
    calls: Vec<(usize, bool, i64)>,
}

const RETIREMENT: usize = 2;
const WINDOW: i64 = 30;

fn date(day: i64) -> Date {
    date_of_number(day).unwrap()
}

/// More than a year, counted month by month: the first day of the thirteenth month, or the next that exists.
fn long(first_day: i64, day: i64) -> bool {
    let first = date(first_day);
    let mut anniversary = (first.year() + 1, first.month(), first.day());
    if (anniversary.1, anniversary.2) == (2, 29) {
        anniversary = (anniversary.0, 3, 1);
    }
    let today = date(day);
    (today.year(), today.month(), today.day()) >= anniversary
}

impl Reference {
    /// Follows a history of one symbol without splits.
    pub(super) fn run(order: LotOrder, transactions: &[Transaction], closes: &Closes, through: Date) -> Found {
        let days = transactions.iter().map(|t| day_number(t.day)).collect();
        let (ones, dividends, calls, found) = (Vec::new(), Vec::new(), Vec::new(), Found::default());
        let mut model = Reference { ones, order, dividends, delivered: BTreeMap::new(), days, found, calls };
        // First what comes and goes, which no tax rule changes.
        for (step, t) in transactions.iter().enumerate() {
            model.structure(step, t);
        }
        // Then the rules, step by step.
        let mut year = None;
        for (step, t) in transactions.iter().enumerate() {
            let day = day_number(t.day);
            for y in year.map_or(0..0, |y| y..t.day.year()) {
                model.year_end(y, Date::constant(y, 12, 31), closes, step);
            }
            year = Some(t.day.year());
            model.rules(step, day, t);
        }
        for y in year.map_or(0..0, |y| y..through.year()) {
            model.year_end(y, Date::constant(y, 12, 31), closes, usize::MAX);
        }
        model.year_end(through.year(), through, closes, usize::MAX);
        model.count_dividends(day_number(through));
        let open = model.ones.iter().filter(|one| one.leaves.is_none());
        model.found.carried = open.map(|one| one.carried).sum();
        model.found.waits.retain(|_, loss| *loss > 0);
        model.found
    }

    fn add(&mut self, step: usize, t: &Transaction, asset: Asset, n: i64, cost: i64) {
        let acquired = day_number(t.day);
        for _ in 0..n {
            self.ones.push(One {
                purchase: step,
                asset,
                account: t.place.account,
                acquired,
                came: step,
                cost,
                leaves: None,
                brings: 0,
                carried: 0,
                first_day: acquired + 1,
                tacked: 0,
                used: false,
                deep: false,
                qualified: false,
                cover: None,
                hedged: BTreeSet::new(),
                straddled: Vec::new(),
                at_year_end: Vec::new(),
                dividends: Vec::new(),
            });
        }
    }

    /// Marks the shares that leave, and gives them.
    fn go(&mut self, step: usize, account: usize, asset: Asset, n: i64, brings: i64) -> Vec<usize> {
        let there = |one: &One| one.leaves.is_none() && one.account == account && one.asset == asset;
        let mut mine: Vec<usize> = (0..self.ones.len()).filter(|i| there(&self.ones[*i])).collect();
        let (ones, order) = (&self.ones, self.order);
        let rank = |i: &usize| {
            let one = &ones[*i];
            let dear = if asset.is_short() || order == LotOrder::Fifo { 0 } else { -one.cost };
            let old = if asset.is_short() { 0 } else { one.acquired };
            (dear, old, one.purchase, *i)
        };
        mine.sort_by_key(rank);
        mine.truncate(usize::try_from(n).unwrap());
        for i in &mine {
            self.ones[*i].leaves = Some(step);
            self.ones[*i].brings = brings;
        }
        mine
    }

    fn structure(&mut self, step: usize, t: &Transaction) {
        let account = t.place.account;
        match &t.act {
            Act::Buy { symbol, shares, paid, fees } => {
                self.add(step, t, Asset::Shares(*symbol), *shares, (*paid + *fees).units() / shares);
            }
            Act::Sell { symbol, shares, income, fees } => {
                self.go(step, account, Asset::Shares(*symbol), *shares, (*income - *fees).units() / shares);
            }
            Act::Open { series, side, contracts, amount, fees, delta, spot } => {
                let n = contracts * 100;
                let from = self.ones.len();
                let net = if *side == Side::Short { *amount - *fees } else { *amount + *fees };
                self.add(step, t, Asset::Option(*series, *side), n, net.units() / n);
                let deep = *side == Side::Short && series.right == Right::Put && delta.is_some_and(|d| d.0 >= 9_000);
                // Calls in these histories lie at or above the price, or $14 and more below it: far too deep.
                let term = day_number(series.expiration.0) - day_number(t.day);
                let qualified = term > 30 && spot.is_some_and(|spot| series.strike >= spot);
                self.ones[from..].iter_mut().for_each(|one| (one.deep, one.qualified) = (deep, qualified));
            }
            Act::Close { series, side, contracts, amount, fees } => {
                let n = contracts * 100;
                let net = if *side == Side::Short { *amount + *fees } else { *amount - *fees };
                self.go(step, account, Asset::Option(*series, *side), n, net.units() / n);
            }
            Act::Expire { series, side, contracts } => {
                self.go(step, account, Asset::Option(*series, *side), contracts * 100, 0);
            }
            Act::Assign { series, contracts, fees } | Act::Exercise { series, contracts, fees } => {
                let side = if matches!(t.act, Act::Assign { .. }) { Side::Short } else { Side::Long };
                let n = contracts * 100;
                let gone = self.go(step, account, Asset::Option(*series, side), n, 0);
                let arrives = (side == Side::Short) == (series.right == Right::Put);
                if arrives {
                    self.delivered.insert(step, (self.ones.len(), gone.clone()));
                }
                let (strike, shares) = (series.strike.units(), Asset::Shares(series.underlying));
                let premium: i64 = gone.iter().map(|i| self.ones[*i].cost).sum::<i64>() / n;
                let fee = fees.units() / n;
                match (side, series.right) {
                    (Side::Short, Right::Put) => self.add(step, t, shares, n, strike - premium + fee),
                    (Side::Long, Right::Call) => self.add(step, t, shares, n, strike + premium + fee),
                    (Side::Short, Right::Call) => drop(self.go(step, account, shares, n, strike + premium - fee)),
                    (Side::Long, Right::Put) => drop(self.go(step, account, shares, n, strike - premium - fee)),
                }
            }
            _ => {}
        }
    }

    fn rules(&mut self, step: usize, day: i64, t: &Transaction) {
        if let Act::Dividend { amount, shares, .. } = &t.act {
            let a_share = amount.units() / shares;
            let entitled = |one: &One| {
                one.account == t.place.account
                    && matches!(one.asset, Asset::Shares(_))
                    && one.came < step
                    && one.leaves.is_none_or(|leaves| leaves > step)
            };
            let number = self.dividends.len();
            self.dividends.push(day);
            self.ones.iter_mut().filter(|o| entitled(o)).for_each(|one| one.dividends.push((number, a_share)));
        }
        let mut leaving: Vec<usize> = (0..self.ones.len()).filter(|i| self.ones[*i].leaves == Some(step)).collect();
        leaving.sort_by_key(|i| (self.ones[*i].acquired, self.ones[*i].purchase, *i));
        let delivered = matches!(t.act, Act::Assign { .. } | Act::Exercise { .. });
        let mut calls: Vec<usize> = Vec::new();
        for i in &leaving {
            let option = matches!(self.ones[*i].asset, Asset::Option(..));
            if !(option && delivered) {
                self.dispose(*i, step, day);
            }
            if self.ones[*i].asset.is_short_call() {
                calls.push(*i);
            }
        }
        if delivered {
            self.pass_on(step, &leaving);
        }
        self.uncover(step, day, &calls, delivered);
        self.cover(step, day, t.place.account);
    }

    /// What a delivered option's shares bring with them.
    fn pass_on(&mut self, step: usize, leaving: &[usize]) {
        let options = leaving.iter().filter(|i| matches!(self.ones[**i].asset, Asset::Option(..)));
        let (mut used, plain): (Vec<usize>, Vec<usize>) = options.copied().partition(|i| self.ones[*i].used);
        used.extend(plain);
        let arrived: Vec<usize> = (0..self.ones.len()).filter(|i| self.ones[*i].came == step).collect();
        for (to, from) in arrived.into_iter().zip(used) {
            if self.ones[from].used {
                let (carried, tacked) = (self.ones[from].carried, self.ones[from].tacked);
                let share = &mut self.ones[to];
                (share.used, share.carried, share.tacked) = (true, carried, tacked);
                share.first_day -= tacked;
            }
        }
    }

    fn suspended(&self, i: usize) -> bool {
        self.ones[i].cover.is_some_and(|over| !over.aged && !over.qualified)
    }

    fn dispose(&mut self, i: usize, step: usize, day: i64) {
        let one = self.ones[i].clone();
        let short = one.asset.is_short();
        let result = if short { one.cost - one.brings - one.carried } else { one.brings - one.cost - one.carried };
        let mut long_term = !short && !self.suspended(i) && long(one.first_day, day);
        if one.asset.is_short_call() && result < 0 {
            // The k-th of its shares lies over the k-th that it uncovers, those held longer first.
            long_term = self.over_aged(i, step);
            self.calls.push((i, long_term, -result));
        }
        if result > 0 {
            for (closed, _, years) in &one.at_year_end {
                let follows = self.days_at_risk(&one, closed + 1, day) < 30;
                years.iter().filter(|_| follows).for_each(|(y, loss)| *self.found.waits.entry(*y).or_default() += loss);
            }
        }
        if one.account == RETIREMENT {
            *self.found.gains.entry((date(day), long_term)).or_default() += result;
            return;
        }
        let mut allowed = result;
        if result < 0
            && let Some(r) = self.replacement(&one, step, day)
        {
            let held = if self.suspended(i) { 0 } else { (day - one.first_day + 1).max(0) };
            *self.found.disallowed.entry(date(day)).or_default() += -result;
            allowed = 0;
            let replacement = &mut self.ones[r];
            replacement.used = true;
            if replacement.account == RETIREMENT {
                self.found.lost += -result;
            } else {
                replacement.carried += -result;
                replacement.tacked += held;
                replacement.first_day -= held;
            }
        }
        *self.found.gains.entry((date(day), long_term)).or_default() += allowed;
    }

    /// The earliest purchase within the window that is still held after this step, or that is made later.
    fn replacement(&self, sold: &One, step: usize, day: i64) -> Option<usize> {
        let replaces = |one: &One| match (sold.asset, one.asset) {
            (Asset::Shares(symbol), Asset::Option(series, Side::Long)) => {
                series.right == Right::Call && series.underlying == symbol
            }
            (Asset::Shares(symbol), Asset::Option(series, Side::Short)) => one.deep && series.underlying == symbol,
            (sold, other) => sold == other,
        };
        let free = |one: &One| {
            // Shares that an option delivered and that had replaced something before never do so again.
            let there = one.came > step || one.leaves.is_none_or(|leaves| leaves > step);
            !one.used && there && one.purchase != sold.purchase && (one.acquired - day).abs() <= WINDOW && replaces(one)
        };
        let found = (0..self.ones.len()).filter(|i| free(&self.ones[*i]) && !self.will_be_used(*i));
        found.min_by_key(|i| (self.ones[*i].acquired, self.ones[*i].purchase, *i))
    }

    /// Whether a share that is not there yet comes from an option that has replaced something.
    fn will_be_used(&self, i: usize) -> bool {
        let Some((first, sources)) = self.delivered.get(&self.ones[i].came) else { return false };
        i - first < sources.iter().filter(|source| self.ones[**source].used).count()
    }

    fn over_aged(&self, call: usize, step: usize) -> bool {
        let released = self.released(step, call);
        let aged =
            released.iter().filter(|s| self.ones[**s].cover.is_some_and(|over| over.aged && !over.qualified)).count();
        let rank = (0..call).filter(|i| self.ones[*i].purchase == self.ones[call].purchase);
        rank.filter(|i| self.ones[*i].leaves == Some(step)).count() < aged
    }

    /// The shares that the lot of `call` uncovers in this step.
    fn released(&self, step: usize, call: usize) -> Vec<usize> {
        let purchase = self.ones[call].purchase;
        let covered: Vec<usize> = (0..self.ones.len())
            .filter(|i| {
                let one = &self.ones[*i];
                one.cover.is_some_and(|over| over.call == purchase) && one.leaves.is_none_or(|leaves| leaves > step)
            })
            .collect();
        let left = self.ones.iter().filter(|o| o.purchase == purchase && o.leaves.is_none_or(|l| l > step)).count();
        let free = covered.len().saturating_sub(left);
        covered[..free].to_vec()
    }

    fn uncover(&mut self, step: usize, day: i64, calls: &[usize], delivered: bool) {
        let lots: BTreeSet<usize> = calls.iter().map(|i| self.ones[*i].purchase).collect();
        for lot in lots {
            let call = *calls.iter().find(|i| self.ones[**i].purchase == lot).unwrap();
            let released = self.released(step, call);
            for wants_aged in [true, false] {
                let mut losses = self
                    .calls
                    .iter()
                    .filter(|(i, aged, _)| {
                        *aged == wants_aged && self.ones[*i].purchase == lot && self.ones[*i].leaves == Some(step)
                    })
                    .map(|(i, _, loss)| (*i, *loss))
                    .collect::<Vec<_>>()
                    .into_iter();
                for share in &released {
                    let sorted = |over: &Over| (over.aged && !over.qualified) == wants_aged;
                    let Some(over) = self.ones[*share].cover.filter(sorted) else { continue };
                    let one = &mut self.ones[*share];
                    one.cover = None;
                    if over.qualified {
                        let loss = if delivered { None } else { losses.next() };
                        one.at_year_end.extend(loss.map(|(_, loss)| (day, loss, Vec::new())));
                        continue;
                    }
                    one.hedged.extend(over.since..=day);
                    if !delivered {
                        one.straddled.extend(losses.next());
                    }
                    if !over.aged {
                        (one.first_day, one.tacked) = (day + 1, 0);
                    }
                }
            }
        }
    }

    /// Every written call here lies over the shares that it would deliver.
    fn cover(&mut self, step: usize, day: i64, account: usize) {
        let here = |one: &One| one.account == account && one.came <= step && one.leaves.is_none_or(|l| l > step);
        let calls: BTreeSet<usize> =
            self.ones.iter().filter(|o| here(o) && o.asset.is_short_call()).map(|o| o.purchase).collect();
        for lot in calls {
            let qualified = self.ones.iter().any(|o| o.purchase == lot && o.qualified);
            let size = self.ones.iter().filter(|o| here(o) && o.purchase == lot).count();
            let covered = self.ones.iter().filter(|o| here(o) && o.cover.is_some_and(|over| over.call == lot)).count();
            let mut shares: Vec<usize> = (0..self.ones.len())
                .filter(|i| {
                    let one = &self.ones[*i];
                    here(one) && matches!(one.asset, Asset::Shares(_)) && one.cover.is_none()
                })
                .collect();
            let (ones, order) = (&self.ones, self.order);
            shares.sort_by_key(|i| {
                let one = &ones[*i];
                (if order == LotOrder::Fifo { 0 } else { -one.cost }, one.acquired, one.purchase, *i)
            });
            for i in shares.into_iter().take(size - covered.min(size)) {
                let aged = long(self.ones[i].first_day, day);
                self.ones[i].cover = Some(Over { call: lot, since: day, aged, qualified });
            }
        }
    }

    /// Days on which no call that is no qualified covered call lay over a share.
    fn days_at_risk(&self, one: &One, first: i64, last: i64) -> usize {
        let open = |day: &i64| one.cover.is_some_and(|over| !over.qualified && *day >= over.since);
        (first..=last).filter(|day| !one.hedged.contains(day) && !open(day)).count()
    }

    fn year_end(&mut self, year: i16, at: Date, closes: &Closes, step: usize) {
        let mut waits = 0;
        for one in &mut self.ones {
            let Asset::Shares(symbol) = one.asset else { continue };
            if one.came >= step || one.leaves.is_some_and(|leaves| leaves < step) {
                continue;
            }
            let close = closes.get(&symbol).and_then(|c| c.iter().rev().find(|(day, _)| *day <= at)).map(|c| c.1);
            let mut room = close.map_or(i64::MAX, |close| (close.units() - one.cost - one.carried).max(0));
            for (_, amount) in &mut one.straddled {
                *amount = (*amount).min(room);
                room -= *amount;
                waits += *amount;
            }
            for (closed, loss, years) in &mut one.at_year_end {
                let open = |day: &i64| one.cover.is_some_and(|over| !over.qualified && *day >= over.since);
                let risked = |day: &i64| !one.hedged.contains(day) && !open(day);
                let kept = (*closed + 1..=day_number(at)).filter(risked).count() >= 30;
                *loss = if kept { 0 } else { (*loss).min(room) };
                room -= *loss;
                years.push((year, *loss));
            }
        }
        if waits > 0 {
            *self.found.waits.entry(year).or_default() += waits;
        }
    }

    fn count_dividends(&mut self, through: i64) {
        let mut qualified = vec![0; self.dividends.len()];
        for one in &self.ones {
            for (number, amount) in &one.dividends {
                let ex = self.dividends[*number];
                let last = one.leaves.map_or(through, |step| self.days[step]);
                let under = |day: &i64| {
                    one.hedged.contains(day)
                        || one.cover.is_some_and(|over| !over.qualified && *day >= over.since && *day <= last)
                };
                let held = (ex - 60..=ex + 60).filter(|d| *d > one.acquired && *d <= last && !under(d)).count();
                if held > 60 {
                    qualified[*number] += amount;
                }
            }
        }
        self.found.qualified = qualified;
    }
}
