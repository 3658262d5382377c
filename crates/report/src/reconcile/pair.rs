//! Which of two statements' activities are one thing.

use std::collections::BTreeMap;

use ledger::account::Instrument;
use market::time::{Date, days_between};
use market::value::{Money, Price};

use crate::figure::Amount;
use crate::statement::{Activity, Kind};

/// Days within which the same thing may stand on two sides.
const DAYS_APART: i64 = 7;

/// How two lists pair.
#[derive(Debug, Default)]
pub(super) struct Paired<'a> {
    pub(super) matched: usize,
    pub(super) in_parts: usize,
    pub(super) different: Vec<(&'a Activity, &'a Activity)>,
    pub(super) ours: Vec<&'a Activity>,
    pub(super) theirs: Vec<&'a Activity>,
}

/// All that has to be the same.
type Key = (Date, Kind, Option<Instrument>, i64, Option<Price>, Money, Money);

fn key(a: &Activity) -> Key {
    // What has neither a price nor a quantity has none to differ in: some write zero there, others nothing.
    let price = a.price.filter(|price| *price != Price::ZERO);
    (a.date, a.kind, a.instrument, a.quantity, price, a.fees, a.amount)
}

/// The fields that are compared, by name and as they are shown.
pub(super) fn fields(a: &Activity) -> [(&'static str, String); 7] {
    let (date, kind, held, quantity, price, fees, amount) = key(a);
    [
        ("date", date.to_string()),
        ("kind", kind.word().to_owned()),
        ("instrument", held.map_or("none".to_owned(), |held| held.to_string())),
        ("quantity", quantity.to_string()),
        ("price", price.map_or("none".to_owned(), |price| price.to_string())),
        ("fees", Amount(fees).to_string()),
        ("amount", Amount(amount).to_string()),
    ]
}

/// Pairs two lists.
pub(super) fn pair<'a>(ours: &'a [Activity], theirs: &'a [Activity]) -> Paired<'a> {
    let mut out = Paired::default();
    let (ours, theirs) = same(ours, theirs, &mut out);
    let (ours, theirs) = sums(ours, theirs, &mut out);
    alike(ours, theirs, &mut out);
    out
}

/// Takes out what is the same on both sides, as often as it is there.
fn same<'a>(
    ours: &'a [Activity],
    theirs: &'a [Activity],
    out: &mut Paired<'a>,
) -> (Vec<&'a Activity>, Vec<&'a Activity>) {
    let mut waiting: BTreeMap<Key, Vec<&Activity>> = BTreeMap::new();
    for activity in theirs.iter().rev() {
        waiting.entry(key(activity)).or_default().push(activity);
    }
    let mut left = Vec::new();
    for activity in ours {
        match waiting.get_mut(&key(activity)).and_then(Vec::pop) {
            Some(_) => out.matched += 1,
            None => left.push(activity),
        }
    }
    let unmatched: Vec<Key> = waiting.iter().flat_map(|(key, rest)| rest.iter().map(|_| *key)).collect();
    (left, remaining(theirs, unmatched))
}

/// The last of `theirs` with these keys, in their own order.
fn remaining(theirs: &[Activity], keys: Vec<Key>) -> Vec<&Activity> {
    let mut wanted: BTreeMap<Key, usize> = BTreeMap::new();
    keys.into_iter().for_each(|key| *wanted.entry(key).or_insert(0) += 1);
    let mut out: Vec<&Activity> = Vec::new();
    for activity in theirs.iter().rev() {
        if let Some(n) = wanted.get_mut(&key(activity)).filter(|n| **n > 0) {
            *n -= 1;
            out.push(activity);
        }
    }
    out.reverse();
    out
}

/// Takes out what was done in parts: of one day, kind, instrument and price, with one sum of units, fees and cash.
fn sums<'a>(
    ours: Vec<&'a Activity>,
    theirs: Vec<&'a Activity>,
    out: &mut Paired<'a>,
) -> (Vec<&'a Activity>, Vec<&'a Activity>) {
    type Group = (Date, Kind, Option<Instrument>, Option<Price>);
    type Sum = (i64, Money, Money);
    let group = |a: &Activity| -> Group { (a.date, a.kind, a.instrument, a.price) };
    let summed = |side: &[&Activity]| {
        let mut sums: BTreeMap<Group, Sum> = BTreeMap::new();
        for a in side.iter().filter(|a| a.instrument.is_some()) {
            let (units, fees, cash) = sums.entry(group(a)).or_default();
            (*units, *fees, *cash) = (*units + a.quantity, *fees + a.fees, *cash + a.amount);
        }
        sums
    };
    let (mine, its) = (summed(&ours), summed(&theirs));
    let equal = |a: &Activity| match (mine.get(&group(a)), its.get(&group(a))) {
        (Some(mine), Some(its)) => mine == its,
        _ => false,
    };
    let keep = |side: Vec<&'a Activity>| side.into_iter().partition::<Vec<_>, _>(|a| !equal(a));
    let ((ours, summed), (theirs, parts)) = (keep(ours), keep(theirs));
    let parts = summed.len().max(parts.len());
    out.matched += parts;
    out.in_parts += parts;
    (ours, theirs)
}

/// Pairs what is alike, the most alike first; what is left is missing on one side.
fn alike<'a>(ours: Vec<&'a Activity>, theirs: Vec<&'a Activity>, out: &mut Paired<'a>) {
    let mut by_day: BTreeMap<Date, Vec<usize>> = BTreeMap::new();
    theirs.iter().enumerate().for_each(|(j, a)| by_day.entry(a.date).or_default().push(j));
    let mut candidates: Vec<(usize, usize, usize)> = Vec::new();
    for (i, a) in ours.iter().enumerate() {
        let near = |days: i64| a.date.checked_add(jiff::Span::new().days(days)).unwrap_or(a.date);
        for j in by_day.range(near(-DAYS_APART)..=near(DAYS_APART)).flat_map(|(_, all)| all) {
            if let Some(score) = likeness(a, theirs[*j]) {
                candidates.push((score, i, *j));
            }
        }
    }
    candidates.sort_unstable_by_key(|(score, i, j)| (std::cmp::Reverse(*score), *i, *j));
    let (mut used, mut taken) = (vec![false; ours.len()], vec![false; theirs.len()]);
    let mut pairs = Vec::new();
    for (_, i, j) in candidates {
        if !used[i] && !taken[j] {
            (used[i], taken[j]) = (true, true);
            pairs.push((i, j));
        }
    }
    pairs.sort_unstable();
    out.different = pairs.into_iter().map(|(i, j)| (ours[i], theirs[j])).collect();
    out.ours = ours.into_iter().zip(used).filter(|(_, used)| !used).map(|(a, _)| a).collect();
    out.theirs = theirs.into_iter().zip(taken).filter(|(_, taken)| !taken).map(|(a, _)| a).collect();
}

/// How much alike two are; none where they are different things.
///
/// A trade counts as the same with four of its seven fields, one of them the instrument or the day with its size; money
/// that moved, with its kind and either its day or its size.
fn likeness(a: &Activity, b: &Activity) -> Option<usize> {
    let equal: usize = fields(a).iter().zip(&fields(b)).filter(|(x, y)| x == y).count();
    let size = a.amount.abs() == b.amount.abs() && a.quantity.abs() == b.quantity.abs();
    let alike = if a.instrument.is_none() && b.instrument.is_none() {
        a.kind == b.kind && (a.date == b.date || size)
    } else {
        equal >= 4 && (a.instrument == b.instrument || (a.date == b.date && size))
    };
    let named = usize::from(!a.id.is_empty() && a.id == b.id);
    let apart = usize::try_from(days_between(a.date, b.date).abs()).unwrap_or(usize::MAX);
    // The day decides among equals.
    alike.then(|| (equal + named + usize::from(size)) * 10 + 9 - apart.min(9))
}
