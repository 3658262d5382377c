//! The second route: cash, shares and contracts counted by hand.

use std::collections::BTreeMap;

use engine::event::{Body, Crossing, Event, Marks, SleeveWeek};
use ledger::{Ledger, SleeveId, SleeveKind, StructureId};
use market::instrument::{Right, Series, Symbol};
use market::order::{Action, Trade};
use market::time::Date;
use market::value::{Money, Price};

use super::{CheckError, Tally, invariant as is};
use crate::words;

/// Money that settles on a day, in or out as a negative amount.
#[derive(Clone, Copy)]
struct Due {
    on: Date,
    amount: Money,
}

/// One sleeve, counted by hand.
#[derive(Clone, Default)]
struct Purse {
    /// Settled cash.
    settled: Money,
    /// What is to settle.
    dues: Vec<Due>,
    shares: BTreeMap<Symbol, i64>,
    shorts: BTreeMap<Series, i64>,
    longs: BTreeMap<Series, i64>,
    /// Equity at the last weekly close.
    start: Money,
    flows: Money,
    fees: Money,
    dividends: Money,
    interest: Money,
}

impl Purse {
    fn cash(&self) -> Money {
        self.settled + self.dues.iter().map(|d| d.amount).sum::<Money>()
    }

    fn owed(&self) -> Money {
        self.dues.iter().map(|d| d.amount).filter(|a| a.is_negative()).sum()
    }

    fn collateral(&self) -> Money {
        let puts = self.shorts.iter().filter(|(series, _)| series.right == Right::Put);
        puts.map(|(series, n)| series.strike.times(n * 100)).sum()
    }

    fn calls(&self, symbol: Symbol) -> i64 {
        let calls = self.shorts.iter().filter(|(s, _)| s.right == Right::Call && s.underlying == symbol);
        calls.map(|(_, n)| n * 100).sum()
    }

    fn held(&self, symbol: Symbol) -> i64 {
        self.shares.get(&symbol).copied().unwrap_or(0)
    }

    /// Equity at the marks: cash, shares at the close, short options at mid.
    fn equity(&self, marks: &Marks) -> Option<Money> {
        let mut equity = self.cash();
        for (symbol, shares) in self.shares.iter().filter(|(_, n)| **n != 0) {
            equity += marks.close(*symbol)?.times(*shares);
        }
        for (series, contracts) in &self.shorts {
            equity -= marks.mid(series)?.times(contracts * 100);
        }
        for (series, contracts) in &self.longs {
            equity += marks.mid(series)?.times(contracts * 100);
        }
        Some(equity)
    }

    fn settle(&mut self, through: Date) {
        let (due, later): (Vec<Due>, Vec<Due>) = self.dues.iter().copied().partition(|d| d.on <= through);
        self.settled += due.iter().map(|d| d.amount).sum::<Money>();
        self.dues = later;
    }

    fn split(&mut self, symbol: Symbol, n: i64) {
        if let Some(shares) = self.shares.get_mut(&symbol) {
            *shares *= n;
        }
        for options in [&mut self.shorts, &mut self.longs] {
            let of_symbol: Vec<(Series, i64)> =
                options.iter().filter(|(s, _)| s.underlying == symbol).map(|(s, c)| (*s, *c)).collect();
            for (series, contracts) in of_symbol {
                options.remove(&series);
                // To the nearest cent, halves up: 100 units are a cent.
                let cents = (2 * series.strike.units() + 100 * n).div_euclid(200 * n);
                *options.entry(Series { strike: Price::cents(cents), ..series }).or_default() += contracts * n;
            }
        }
    }

    /// All that another purse holds, as a merge moves it.
    fn swallow(&mut self, other: Purse) {
        self.settled += other.settled;
        self.dues.extend(other.dues);
        for (symbol, shares) in other.shares {
            *self.shares.entry(symbol).or_default() += shares;
        }
        for (series, contracts) in other.longs {
            *self.longs.entry(series).or_default() += contracts;
        }
    }
}

/// Takes contracts off; what is left, below nothing where more go than there were.
fn take(options: &mut BTreeMap<Series, i64>, series: &Series, contracts: i64) -> i64 {
    let left = options.remove(series).unwrap_or_default() - contracts;
    if left != 0 {
        options.insert(*series, left);
    }
    left
}

/// The whole portfolio, counted by hand.
#[derive(Default)]
pub(super) struct Plain<'a> {
    purses: BTreeMap<SleeveId, Purse>,
    /// Cash of each structure's tax reserve.
    reserves: BTreeMap<StructureId, Money>,
    parents: BTreeMap<StructureId, Option<StructureId>>,
    marks: Option<&'a Marks>,
    ends: Money,
    counted: Money,
}

impl<'a> Plain<'a> {
    fn purse(&mut self, sleeve: SleeveId) -> &mut Purse {
        self.purses.entry(sleeve).or_default()
    }

    pub(super) fn take(&mut self, event: &'a Event, tally: &mut Tally) -> Result<(), CheckError> {
        match &event.body {
            Body::Founded { structure, sleeves, parent } => {
                self.parents.insert(*structure, *parent);
                for kind in SleeveKind::ALL.into_iter().filter(|k| sleeves.contains(*k)) {
                    self.purse(SleeveId::new(*structure, kind));
                }
                Ok(())
            }
            Body::Deposited { structure, parts } => {
                for (kind, part) in SleeveKind::ALL.into_iter().zip(parts).filter(|(_, p)| **p != Money::ZERO) {
                    let purse = self.purse(SleeveId::new(*structure, kind));
                    purse.settled += *part;
                    purse.flows += *part;
                }
                Ok(())
            }
            Body::SplitApplied { symbol, new_per_old } => {
                self.purses.values_mut().for_each(|p| p.split(*symbol, *new_per_old));
                Ok(())
            }
            Body::DividendAccrued(dividend) => {
                let purse = self.purse(dividend.sleeve);
                purse.dividends += dividend.amount;
                purse.dues.push(Due { on: dividend.settles, amount: dividend.amount });
                Ok(())
            }
            Body::InterestCredited { sleeve, amount, .. } => {
                let purse = self.purse(*sleeve);
                purse.interest += *amount;
                purse.settled += *amount;
                Ok(())
            }
            Body::Withdrawn { sleeve, amount } => {
                let purse = self.purse(*sleeve);
                purse.settled -= *amount;
                purse.flows -= *amount;
                Ok(())
            }
            Body::IncomeBooked { sleeve, moved, .. } => {
                let purse = self.purse(*sleeve);
                purse.settled -= *moved;
                purse.flows -= *moved;
                self.reserve(sleeve.structure, *moved, tally)
            }
            Body::ReserveInterest { structure, amount, .. } => self.reserve(*structure, *amount, tally),
            Body::ReserveClosed { structure, week } => {
                let (sum, cash) = (
                    week.start + week.flows + week.interest,
                    self.reserves.get(structure).copied().unwrap_or_default(),
                );
                self.ends += week.end;
                self.counted += cash;
                tally.must(is::IDENTITY, sum == week.end && cash == week.end, || {
                    format!("the tax reserve of structure {structure} ends with {}, counted by hand {cash}", week.end)
                })
            }
            Body::Forked { .. } => self.forked(&event.body, tally),
            Body::Merged { .. } => self.merged(&event.body, tally),
            Body::Settled { through } => self.settled(*through, tally),
            Body::Filled { .. } => self.filled(&event.body, tally),
            Body::Expired { sleeve, series, contracts, .. } => self.ended(*sleeve, series, contracts.0, tally),
            Body::Assigned { .. } => self.assigned(&event.body, tally),
            Body::Crossed(crossing) => self.crossed(crossing, tally),
            Body::LongEnded { .. } => self.long_ended(&event.body, tally),
            Body::DayEnded { day, .. } => self.outlived(day.date(), tally),
            Body::Marked(marks) => {
                self.marks = Some(marks);
                (self.ends, self.counted) = (Money::ZERO, Money::ZERO);
                Ok(())
            }
            Body::SleeveClosed(week) => self.closed(week, tally),
            Body::WeekEnded { week } => {
                let (ends, counted) = (self.ends, self.counted);
                tally.must(is::TOTAL, ends == counted, || {
                    format!("week {week}: the sleeves end with {ends}, counted by hand {counted}")
                })
            }
            _ => Ok(()),
        }
    }

    fn reserve(&mut self, structure: StructureId, amount: Money, tally: &mut Tally) -> Result<(), CheckError> {
        let cash = self.reserves.entry(structure).or_default();
        *cash += amount;
        let cash = *cash;
        tally.must(is::CASH, !cash.is_negative(), || {
            format!("the tax reserve of structure {structure} has {}", words::money(cash))
        })
    }

    /// What leaves the founding sleeve is what the new ones get, to the cent.
    fn forked(&mut self, body: &Body, tally: &mut Tally) -> Result<(), CheckError> {
        let Body::Forked { from, structure, division, .. } = body else { return Ok(()) };
        self.parents.insert(*structure, Some(from.structure));
        let purse = self.purse(*from);
        purse.settled -= division.moves;
        purse.flows -= division.moves;
        let (parts, left) = (division.generation + division.compounding, purse.settled);
        for (kind, part) in
            [(SleeveKind::Generation, division.generation), (SleeveKind::Compounding, division.compounding)]
        {
            let purse = self.purse(SleeveId::new(*structure, kind));
            (purse.settled, purse.flows) = (part, part);
        }
        tally.must(is::CASH, !left.is_negative(), || format!("{from} forks and has {} left", words::money(left)))?;
        tally.must(is::MOVES, parts == division.moves, || {
            format!("structure {structure} gets {parts}, {} leaves {from}", division.moves)
        })
    }

    /// What a structure was worth is what its parent's sleeve gets, to the cent.
    fn merged(&mut self, body: &Body, tally: &mut Tally) -> Result<(), CheckError> {
        let Body::Merged { structure, into, values } = body else { return Ok(()) };
        let marks = self.marks;
        for (sleeve, value) in values {
            let purse = self.purses.remove(sleeve).unwrap_or_default();
            let counted = marks.and_then(|m| purse.equity(m));
            tally.must(is::MOVES, counted == Some(*value) && purse.shorts.is_empty(), || {
                format!("{sleeve} merges with {value}, counted by hand {counted:?}")
            })?;
            let taker = self.purse(*into);
            taker.flows += *value;
            taker.swallow(purse);
        }
        let left = self.purses.keys().any(|s| s.structure == *structure);
        tally.must(is::MOVES, !left, || format!("a sleeve of structure {structure} did not merge"))?;
        let parent = self.parents.remove(structure).flatten();
        for up in self.parents.values_mut().filter(|up| **up == Some(*structure)) {
            *up = parent;
        }
        let reserve = self.reserves.remove(structure).unwrap_or_default();
        self.reserve(into.structure, reserve, tally)
    }

    fn settled(&mut self, through: Date, tally: &mut Tally) -> Result<(), CheckError> {
        for (sleeve, purse) in &mut self.purses {
            purse.settle(through);
            let settled = purse.settled;
            tally.must(is::CASH, !settled.is_negative(), || {
                format!("{sleeve} has {} settled on {through}", words::money(settled))
            })?;
        }
        Ok(())
    }

    fn filled(&mut self, body: &Body, tally: &mut Tally) -> Result<(), CheckError> {
        let Body::Filled { sleeve, trade, fill, settles } = body else { return Ok(()) };
        let (on, n) = (*settles, fill.units);
        let purse = self.purse(*sleeve);
        let fees = fill.fees + fill.sold.map_or(Money::ZERO, |s| s.fees);
        purse.fees += fees;
        match *trade {
            Trade::Option { action, series, .. } => {
                let premium = fill.price.times(n * 100);
                let sells = matches!(action, Action::SellToOpen | Action::SellToClose);
                purse.dues.push(Due { on, amount: if sells { premium - fees } else { -(premium + fees) } });
                match action {
                    Action::SellToOpen => self.wrote(*sleeve, &series, n, tally),
                    Action::BuyToClose => self.ended(*sleeve, &series, n, tally),
                    Action::BuyToOpen => {
                        *purse.longs.entry(series).or_default() += n;
                        Ok(())
                    }
                    Action::SellToClose => {
                        let left = take(&mut purse.longs, &series, n);
                        tally.must(is::SHORT, left >= 0, || format!("{sleeve} sells {n} {series}, {} held", left + n))
                    }
                }
            }
            Trade::Roll { close, open, .. } => {
                let sold = fill.sold.map_or(Price::ZERO, |s| s.price);
                purse.dues.push(Due { on, amount: sold.times(n * 100) - fill.price.times(n * 100) - fees });
                self.ended(*sleeve, &close, n, tally)?;
                self.wrote(*sleeve, &open, n, tally)
            }
            Trade::SellShares { symbol, .. } => {
                purse.dues.push(Due { on, amount: fill.price.times(n) - fees });
                *purse.shares.entry(symbol).or_default() -= n;
                self.covered(*sleeve, symbol, tally)
            }
        }
    }

    /// Options pass from one sleeve to another; the price passes the same way, at once.
    fn crossed(&mut self, crossing: &Crossing, tally: &mut Tally) -> Result<(), CheckError> {
        let Crossing { series, contracts, from, to, price, .. } = *crossing;
        let paid = price.times(contracts.0 * 100);
        self.purse(from).settled -= paid;
        self.purse(to).settled += paid;
        self.ended(from, &series, contracts.0, tally)?;
        self.wrote(to, &series, contracts.0, tally)
    }

    fn wrote(&mut self, sleeve: SleeveId, series: &Series, n: i64, tally: &mut Tally) -> Result<(), CheckError> {
        let purse = self.purse(sleeve);
        *purse.shorts.entry(*series).or_default() += n;
        match series.right {
            Right::Put => {
                let free = purse.settled + purse.owed() - purse.collateral();
                tally.must(is::SECURED, !free.is_negative(), || {
                    format!("{sleeve} sold {series} with {} of cash missing", words::money(free.abs()))
                })
            }
            Right::Call => self.covered(sleeve, series.underlying, tally),
        }
    }

    fn covered(&mut self, sleeve: SleeveId, symbol: Symbol, tally: &mut Tally) -> Result<(), CheckError> {
        let purse = self.purse(sleeve);
        let (held, promised) = (purse.held(symbol), purse.calls(symbol));
        tally.must(is::COVERED, promised <= held, || {
            format!("{sleeve} promises {promised} shares of {symbol} and holds {held}")
        })
    }

    fn ended(
        &mut self,
        sleeve: SleeveId,
        series: &Series,
        contracts: i64,
        tally: &mut Tally,
    ) -> Result<(), CheckError> {
        let left = take(&mut self.purse(sleeve).shorts, series, contracts);
        tally.must(is::SHORT, left >= 0, || {
            format!("{sleeve}: {contracts} {series} end, {} were open", left + contracts)
        })
    }

    fn assigned(&mut self, body: &Body, tally: &mut Tally) -> Result<(), CheckError> {
        let Body::Assigned { sleeve, series, contracts, fees, settles, .. } = body else { return Ok(()) };
        let (shares, symbol) = (contracts.0 * 100, series.underlying);
        let value = series.strike.times(shares);
        self.ended(*sleeve, series, contracts.0, tally)?;
        let purse = self.purse(*sleeve);
        purse.fees += *fees;
        let (amount, change) = match series.right {
            Right::Put => (-(value + *fees), shares),
            Right::Call => (value - *fees, -shares),
        };
        purse.dues.push(Due { on: *settles, amount });
        *purse.shares.entry(symbol).or_default() += change;
        self.covered(*sleeve, symbol, tally)
    }

    /// Calls that were held end; an exercise pays the strike and brings shares.
    fn long_ended(&mut self, body: &Body, tally: &mut Tally) -> Result<(), CheckError> {
        let Body::LongEnded { sleeve, series, contracts, fees, settles, .. } = body else { return Ok(()) };
        let (n, purse) = (contracts.0, self.purse(*sleeve));
        let left = take(&mut purse.longs, series, n);
        if let Some(on) = *settles {
            purse.fees += *fees;
            purse.dues.push(Due { on, amount: -(series.strike.times(n * 100) + *fees) });
            *purse.shares.entry(series.underlying).or_default() += n * 100;
        }
        tally.must(is::SHORT, left >= 0, || format!("{sleeve}: {n} {series} end, {} were held", left + n))
    }

    /// No option is open after its last day.
    fn outlived(&self, day: Date, tally: &mut Tally) -> Result<(), CheckError> {
        for (sleeve, purse) in &self.purses {
            for (series, contracts) in purse.shorts.iter().chain(&purse.longs) {
                tally.must(is::SHORT, series.expiration.0 > day, || {
                    format!("{sleeve}: {contracts} {series} are still open after {day}")
                })?;
            }
        }
        Ok(())
    }

    fn closed(&mut self, week: &SleeveWeek, tally: &mut Tally) -> Result<(), CheckError> {
        let marks = self.marks;
        let name = format_args!("week {}, {}", week.week, week.sleeve).to_string();
        let purse = self.purses.entry(week.sleeve).or_default();
        let gains = &week.gains;
        let sum = week.start + week.flows + gains.total();
        tally.must(is::IDENTITY, sum == week.end, || {
            format!("{name}: {} + {} + {} is not {}", week.start, week.flows, gains.total(), week.end)
        })?;
        differ(tally, is::START, &name, "start", week.start, purse.start)?;
        differ(tally, is::FLOWS, &name, "flows", week.flows, purse.flows)?;
        let equity = marks.filter(|m| m.week == week.week).and_then(|m| purse.equity(m));
        let Some(equity) = equity else {
            return tally.must(is::EQUITY, false, || format!("{name}: a position has no mark"));
        };
        differ(tally, is::EQUITY, &name, "end", week.end, equity)?;
        differ(tally, is::PARTS, &name, "fees", gains.fees, -purse.fees)?;
        differ(tally, is::PARTS, &name, "dividends", gains.dividends, purse.dividends)?;
        differ(tally, is::PARTS, &name, "interest", gains.interest, purse.interest)?;
        purse.start = equity;
        (purse.flows, purse.fees, purse.dividends, purse.interest) = Default::default();
        self.ends += week.end;
        self.counted += equity;
        Ok(())
    }

    /// Settled cash, shares and contracts of the double-entry books are those counted by hand.
    pub(super) fn agrees(&self, ledger: &Ledger, tally: &mut Tally) -> Result<(), CheckError> {
        for (sleeve, purse) in &self.purses {
            let name = format!("{sleeve}");
            differ(tally, is::BOOKS, &name, "settled cash", ledger.settled_cash(*sleeve), purse.settled)?;
            for (symbol, shares) in &purse.shares {
                let booked = ledger.shares(*sleeve, *symbol).0;
                tally.must(is::BOOKS, booked == *shares, || {
                    format!("{name}: the books hold {booked} {symbol}, counted by hand {shares}")
                })?;
            }
            for (series, contracts) in &purse.longs {
                let booked = ledger.long_contracts(*sleeve, series).0;
                tally.must(is::BOOKS, booked == *contracts, || {
                    format!("{name}: the books hold {booked} {series}, counted by hand {contracts}")
                })?;
            }
            for (series, contracts) in &purse.shorts {
                let booked = ledger.short(*sleeve, series).map_or(0, |s| s.contracts.0);
                tally.must(is::BOOKS, booked == *contracts, || {
                    format!("{name}: the books have written {booked} {series}, counted by hand {contracts}")
                })?;
            }
        }
        for (structure, cash) in &self.reserves {
            let booked = ledger.tax_reserve(*structure).cash;
            differ(tally, is::BOOKS, &format!("structure {structure}"), "tax reserve", booked, *cash)?;
        }
        Ok(())
    }
}

/// Two routes to one amount.
fn differ(
    tally: &mut Tally,
    invariant: &'static str,
    name: &str,
    what: &str,
    written: Money,
    counted: Money,
) -> Result<(), CheckError> {
    tally.must(invariant, written == counted, || {
        format!("{name}: {what} is written as {}, counted by hand {}", words::money(written), words::money(counted))
    })
}
