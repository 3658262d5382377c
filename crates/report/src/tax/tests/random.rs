//! Random histories: the books against the model that follows each share, and what must hold of any.

use std::collections::BTreeMap;

use ledger::LotOrder;
use market::instrument::{Right, Series};
use market::quote::Delta;
use market::time::{Date, Expiration, date_of_number, day_number};
use market::value::{Money, Price};
use proptest::prelude::*;

use super::reference::{Found, Reference};
use super::words::{accounts, rules, symbol};
use crate::tax::{Act, Books, Closes, Place, Side, Transaction};

/// What a step of a random history does, how many days after the last, at what price, and where.
type Step = (u8, u8, u16, u8);

/// Positions that a history has open in one account.
#[derive(Default)]
struct Open {
    shares: i64,
    puts: Vec<(Series, i64)>,
    calls: Vec<(Series, i64)>,
    longs: Vec<(Series, i64)>,
}

fn series(expires: i64, right: Right, strike: i64) -> Series {
    let expiration = Expiration(date_of_number(expires).unwrap());
    Series { underlying: symbol("X"), expiration, right, strike: Price::cents(strike) }
}

/// A history of one symbol in three accounts that could have happened. No two written options are of one series.
fn history(steps: &[Step]) -> (Vec<Transaction>, Closes) {
    let mut day = day_number(Date::constant(2022, 1, 3));
    let mut open: BTreeMap<usize, Open> = BTreeMap::new();
    let (mut out, mut closes) = (Vec::new(), Vec::new());
    for (i, (what, gap, price, bits)) in steps.iter().enumerate() {
        day += i64::from(gap % 24);
        let account = usize::from(bits % 8).saturating_sub(5).min(2);
        let (cents, n) = (i64::from(5_000 + price % 5_000), i64::from(1 + bits % 2));
        closes.push((date_of_number(day).unwrap(), Price::cents(cents)));
        let mine = open.entry(account).or_default();
        if let Some(act) = act(*what, mine, day, cents, n, *bits, i64::try_from(i).unwrap()) {
            let place = Place { account, sleeve: None };
            out.push(Transaction { day: date_of_number(day).unwrap(), place, act });
        }
    }
    closes.dedup_by_key(|(day, _)| *day);
    (out, Closes::from([(symbol("X"), closes)]))
}

fn act(what: u8, mine: &mut Open, day: i64, cents: i64, n: i64, bits: u8, i: i64) -> Option<Act> {
    let (stock, fees, x) = (Money::cents(cents), Money::ZERO, symbol("X"));
    let premium = |n: i64| Money::cents((cents % 700 + 50) * 100 * n);
    let covered: i64 = mine.calls.iter().map(|(_, n)| n * 100).sum();
    let spot = Some(Price::cents(cents));
    match what % 11 {
        0 | 1 => {
            let shares = 20 * n;
            mine.shares += shares;
            Some(Act::Buy { symbol: x, shares, paid: stock.times(shares), fees })
        }
        2 | 3 => {
            let shares = (10 * n * i64::from(bits % 7)).min(mine.shares);
            mine.shares -= shares;
            (shares > 0).then(|| Act::Sell { symbol: x, shares, income: stock.times(shares), fees })
        }
        4 => {
            let series = series(day + 14, Right::Put, cents / 100 * 100 + i % 100);
            mine.puts.push((series, n));
            let (side, delta) = (Side::Short, Some(Delta::points(if bits & 16 > 0 { 95 } else { 30 })));
            Some(Act::Open { series, side, contracts: n, amount: premium(n), fees, delta, spot })
        }
        5 => {
            let (series, contracts) = mine.puts.pop()?;
            Some(match bits / 8 % 4 {
                0 => Act::Expire { series, side: Side::Short, contracts },
                1 => Act::Close { series, side: Side::Short, contracts, amount: premium(contracts), fees },
                _ => {
                    mine.shares += 100 * contracts;
                    Act::Assign { series, contracts, fees }
                }
            })
        }
        6 => {
            let n = ((mine.shares - covered) / 100).min(n);
            let days = if bits & 32 > 0 { 45 } else { 7 };
            let strike = (cents + 500) / 500 * 500 + i % 100;
            let series = series(day + days, Right::Call, if bits & 64 > 0 { strike } else { strike - 2_000 });
            (n > 0).then(|| {
                mine.calls.push((series, n));
                let (side, delta) = (Side::Short, None);
                Act::Open { series, side, contracts: n, amount: premium(n), fees, delta, spot }
            })
        }
        7 => {
            let (series, contracts) = mine.calls.pop()?;
            Some(match bits / 8 % 4 {
                0 => Act::Expire { series, side: Side::Short, contracts },
                1 if mine.shares >= contracts * 100 => {
                    mine.shares -= 100 * contracts;
                    Act::Assign { series, contracts, fees }
                }
                _ => Act::Close { series, side: Side::Short, contracts, amount: premium(contracts).times(3), fees },
            })
        }
        8 => {
            let series = series(21_900, Right::Call, 6_000 + 1_000 * i64::from(bits % 2));
            mine.longs.push((series, n));
            let (side, delta) = (Side::Long, None);
            // Always at one price, so that what an exercise takes out of several lots divides to the share.
            let amount = Money::cents(400 * 100 * n);
            Some(Act::Open { series, side, contracts: n, amount, fees, delta, spot })
        }
        9 => {
            let (series, contracts) = mine.longs.pop()?;
            if bits & 8 > 0 {
                mine.shares += 100 * contracts;
                return Some(Act::Exercise { series, contracts, fees });
            }
            Some(Act::Close { series, side: Side::Long, contracts, amount: premium(contracts), fees })
        }
        _ => {
            let (shares, paid) = (mine.shares, date_of_number(day + 14)?);
            (shares > 0).then(|| Act::Dividend { symbol: x, shares, amount: Money::cents(25 * shares), paid })
        }
    }
}

/// The books' answer in the model's form.
pub(super) fn found(books: &Books) -> Found {
    let mut found = Found::default();
    for d in books.disposals() {
        *found.gains.entry((d.closed, d.long_term)).or_default() += d.gain().units();
        if d.disallowed.is_positive() {
            *found.disallowed.entry(d.closed).or_default() += d.disallowed.units();
        }
        found.lost += d.lost.units();
    }
    for deferral in books.deferrals() {
        *found.waits.entry(deferral.year).or_default() += deferral.amount.units();
    }
    found.qualified = books.dividends().iter().map(|d| d.qualified().units()).collect();
    found.carried = books.lots.iter().map(|lot| lot.carried().units()).sum();
    found
}

fn posted(order: LotOrder, transactions: &[Transaction], closes: Closes, through: Date) -> Books {
    let mut books = Books::new(rules(order), accounts(), closes);
    books.post_all(transactions).unwrap_or_else(|e| panic!("{e}: {transactions:#?}"));
    books.finish(through);
    books
}

pub(super) fn no_zero(mut found: Found) -> Found {
    found.gains.retain(|_, gain| *gain != 0);
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn lots_and_shares_agree(
        steps in proptest::collection::vec(any::<Step>(), 1..45),
        fifo: bool,
    ) {
        let (transactions, closes) = history(&steps);
        let through = transactions.last().map_or(Date::constant(2022, 1, 3), |t| t.day);
        let order = if fifo { LotOrder::Fifo } else { LotOrder::HighestCost };
        let books = posted(order, &transactions, closes.clone(), through);
        let model = Reference::run(order, &transactions, &closes, through);
        prop_assert_eq!(no_zero(found(&books)), no_zero(model));
    }

    /// What the trades brought is what is reported, less the losses that were put off, plus those taken up again: gains
    /// as reported = economic gains + losses still in open bases + losses that a retirement account swallowed.
    #[test]
    fn no_dollar_is_made_or_lost(steps in proptest::collection::vec(any::<Step>(), 1..90)) {
        let (transactions, closes) = history(&steps);
        let through = transactions.last().map_or(Date::constant(2022, 1, 3), |t| t.day);
        let books = posted(LotOrder::HighestCost, &transactions, closes, through);
        let reported: Money = books.disposals().iter().map(|d| d.gain()).sum();
        let economic: Money = books.disposals().iter().map(|d| d.economic()).sum();
        let open: Money = books.lots.iter().map(|lot| lot.carried()).sum();
        let lost: Money = books.disposals().iter().map(|d| d.lost).sum();
        // An assigned put's or an exercised call's own burden passes into the shares it delivers.
        prop_assert_eq!(reported, economic + open + lost);
        for lot in &books.lots {
            prop_assert!(lot.pieces.iter().all(|piece| piece.units > 0 && !piece.carried.is_negative()));
        }
        for d in books.disposals() {
            prop_assert!(d.disallowed <= (-d.result()).max(Money::ZERO) && d.lost <= d.disallowed);
        }
    }

    /// A switch that is off leaves the economic result alone.
    #[test]
    fn rules_move_no_money(steps in proptest::collection::vec(any::<Step>(), 1..60)) {
        let (transactions, closes) = history(&steps);
        let through = transactions.last().map_or(Date::constant(2022, 1, 3), |t| t.day);
        let with = posted(LotOrder::Fifo, &transactions, closes.clone(), through);
        let mut off = Books::new(
            crate::tax::Rules { wash: None, straddles: false, dividend: None, ..rules(LotOrder::Fifo) },
            accounts(),
            closes,
        );
        off.post_all(&transactions).unwrap();
        let sum = |books: &Books| books.disposals().iter().map(|d| d.economic()).sum::<Money>();
        prop_assert_eq!(sum(&with), sum(&off));
        prop_assert!(off.disposals().iter().all(|d| d.disallowed == Money::ZERO && d.gain() == d.economic()));
    }
}
