//! What the rules see of a sleeve: its books and open lines at today's prices.

use ledger::SleeveId;
use market::instrument::{Right, Series, Symbol};
use market::quote::Board;
use market::value::{Money, Price};
use protocol::view::{Holding, Short, SleeveView};

use super::growth::buffer;
use crate::sleeve::Line;
use crate::state::State;

/// What it would cost at mid to be rid of the sleeve's open options: short ones less long ones.
///
/// # Errors
/// The series without a quote.
pub fn option_value(state: &State, board: &Board, sleeve: SleeveId) -> Result<Money, Series> {
    let mut value = Money::ZERO;
    for written in state.ledger.written(sleeve) {
        let (quote, _) = board.quote(&written.series).ok_or(written.series)?;
        value += quote.mid().of_contracts(written.contracts);
    }
    for long in state.ledger.longs(sleeve) {
        let (quote, _) = board.quote(&long.series).ok_or(long.series)?;
        value -= quote.mid().of_contracts(long.contracts);
    }
    Ok(value)
}

/// Price of a symbol on the board; zero for one that is not there, which the risk gate refuses to trade.
fn price(board: &Board, symbol: Symbol) -> Price {
    board.underlying(symbol).map_or(Price::ZERO, |u| u.price)
}

/// Cash + shares + options at mid, short ones negative.
///
/// # Errors
/// The first open series without a quote.
pub fn equity(state: &State, board: &Board, sleeve: SleeveId) -> Result<Money, Series> {
    let books = state.ledger.balance(sleeve);
    let shares: Money = state.ledger.holdings(sleeve).map(|(s, n)| price(board, s).of_shares(n)).sum();
    let cash = books.settled + books.receivable + books.dividends_receivable - books.payable;
    Ok(cash + shares - option_value(state, board, sleeve)?)
}

/// The sleeve as the rules see it.
///
/// # Errors
/// The first open series without a quote.
pub fn sleeve_view(state: &State, board: &Board, sleeve: SleeveId) -> Result<SleeveView, Series> {
    Ok(view_of(state, board, sleeve, equity(state, board, sleeve)?))
}

/// The sleeve as the rules see it, with the equity that the caller knows.
pub(super) fn view_of(state: &State, board: &Board, sleeve: SleeveId, equity: Money) -> SleeveView {
    let beside = state.sleeve(sleeve);
    let locked = beside.is_some_and(|s| s.lock.is_some());
    let pending = beside.and_then(|s| s.fork.as_ref()).map_or(Money::ZERO, |f| f.reserves);
    let mut exposure: Vec<(Symbol, Money)> = Vec::new();
    let mut add = |symbol: Symbol, amount: Money| match exposure.binary_search_by_key(&symbol, |(s, _)| *s) {
        Ok(i) => exposure[i].1 += amount,
        Err(i) => exposure.insert(i, (symbol, amount)),
    };
    for (symbol, shares) in state.ledger.holdings(sleeve) {
        add(symbol, price(board, symbol).of_shares(shares));
    }
    for written in state.ledger.written(sleeve).iter().filter(|w| w.series.right == Right::Put) {
        add(written.series.underlying, written.collateral());
    }
    for long in state.ledger.longs(sleeve) {
        let mid = board.quote(&long.series).map_or(Price::ZERO, |(quote, _)| quote.mid());
        add(long.series.underlying, mid.of_contracts(long.contracts));
    }
    for working in state.working.iter().filter(|w| w.sleeve == sleeve) {
        if let Some(cash) = state.ledger.reservation(working.order.id) {
            add(working.order.trade.underlying(), cash);
        }
    }
    let holdings = state.ledger.holdings(sleeve).map(|(symbol, shares)| Holding {
        symbol,
        shares,
        uncovered: state.ledger.uncovered_shares(sleeve, symbol),
        basis: basis(state, sleeve, symbol),
        kind: beside.and_then(|s| s.shares_type(symbol)),
    });
    SleeveView {
        id: sleeve,
        equity,
        unreserved: state.ledger.free_cash(sleeve) - pending,
        buffer: buffer(state, sleeve, equity),
        committed: exposure.iter().map(|(_, m)| *m).sum::<Money>() + pending,
        holdings: holdings.collect(),
        shorts: shorts(beside.map_or(&[][..], |s| &s.lines)),
        exposure,
        locked,
        profit_taken: beside.map_or_else(Vec::new, |s| s.profit_taken.clone()),
    }
}

/// Open lines as positions, one for each series, in the order of the first sale: contracts of later sales count at the
/// mean premium, rounded down, and with the first one's price of the underlying and rolls.
fn shorts(lines: &[Line]) -> Vec<Short> {
    let mut shorts: Vec<(Short, Money)> = Vec::new();
    for line in lines.iter().filter(|l| l.ended < l.contracts) {
        let contracts = line.contracts - line.ended;
        let brought = line.price.of_contracts(contracts);
        if let Some((short, premium)) = shorts.iter_mut().find(|(s, _)| s.series == line.series) {
            *premium += brought;
            short.contracts += contracts;
            short.price = Price::from_units(premium.units().div_euclid(short.contracts.shares().0));
        } else {
            let short = Short {
                series: line.series,
                contracts,
                opened: line.opened,
                price: line.price,
                underlying: line.underlying,
                first_premium: line.chain.first_premium,
                rolls: line.chain.rolls,
                chain_credit: line.chain.credit,
            };
            shorts.push((short, brought));
        }
    }
    shorts.into_iter().map(|(short, _)| short).collect()
}

/// Cash basis a share, rounded up to the ten-thousandth; zero without shares.
pub(super) fn basis(state: &State, sleeve: SleeveId, symbol: Symbol) -> Price {
    state.ledger.cash_basis(sleeve, symbol).map_or(Price::ZERO, |(total, shares)| {
        let n = shares.0.max(1);
        Price::from_units(-((-total.units()).div_euclid(n)))
    })
}

#[cfg(test)]
mod tests {
    use market::time::{Date, Expiration, TradingDay};
    use market::value::Contracts;
    use protocol::position::PutEnd;

    use super::*;
    use crate::sleeve::RollChain;

    /// The mean of 29 at $0.74 and 29 at $0.76 is $0.75, in however many orders they were sold.
    #[test]
    fn the_mean_premium_is_rounded_once() {
        let day = Date::constant(2017, 1, 31);
        let line = |(contracts, cents)| Line {
            series: Series {
                underlying: Symbol::new("AAPL").unwrap(),
                expiration: Expiration(Date::constant(2017, 2, 3)),
                right: Right::Call,
                strike: Price::cents(27_750),
            },
            opened: TradingDay::from_record(day),
            contracts: Contracts(contracts),
            price: Price::cents(cents),
            underlying: Price::cents(27_000),
            atr: None,
            deep: false,
            end: PutEnd::Open,
            ended: Contracts(0),
            assigned: Contracts(0),
            ended_on: None,
            chain: RollChain::begun_at(Price::cents(cents)),
        };
        let shorts = shorts(&[(18, 74), (11, 74), (18, 76), (11, 76)].map(line));
        assert_eq!(
            shorts.iter().map(|s| (s.contracts, s.price)).collect::<Vec<_>>(),
            [(Contracts(58), Price::cents(75))]
        );
    }
}
