//! What the naive books do when the tree grows and shrinks, when LEAPS are held, and when options cross.

use ledger::account::Instrument;
use ledger::entry::{Cross, Exercise, Leg, OptionTrade};
use ledger::receipt::Ending;
use ledger::*;
use market::instrument::Series;
use market::order::OrderId;
use market::time::Date;
use market::value::{Contracts, Money, Shares};

use super::{Book, Booked, Books, Hold, add, check_days, check_leg, check_long, demand, part, product, small};

impl Book {
    /// What it owns at book value less what it owes.
    fn worth(&self) -> Money {
        let held = self.lots.iter().map(|l| l.paid - l.premium).chain(self.longs.iter().map(|l| l.cost)).sum::<Money>();
        let due = self.sum_due(0) + self.sum_due(1) - self.sum_due(2);
        self.balance.settled + held + Money::from_units(due)
    }

    /// Takes `n` long contracts out, by the standing order of lots.
    fn take_longs(&mut self, series: &Series, n: i64, order: LotOrder) -> Vec<Long> {
        let cost = |l: &Long| (l.cost.units() + l.fees.units()) as i128;
        let mut queue: Vec<Long> = self.longs.iter().copied().filter(|l| l.series == *series).collect();
        queue.sort_by(|x, y| {
            let dearer = (cost(y) * i128::from(x.contracts.0)).cmp(&(cost(x) * i128::from(y.contracts.0)));
            let age = (x.opened, x.id).cmp(&(y.opened, y.id));
            if order == LotOrder::Fifo { age } else { dearer.then(age) }
        });
        let (mut left, mut taken) = (n, Vec::new());
        for lot in queue {
            let k = left.min(lot.contracts.0);
            if k == 0 {
                break;
            }
            left -= k;
            let split = |amount: Money| Money::from_units(part(amount.units(), k, lot.contracts.0));
            let out = Long { contracts: Contracts(k), cost: split(lot.cost), fees: split(lot.fees), ..lot };
            taken.push(out);
            let kept = self.longs.iter_mut().find(|l| l.id == lot.id).unwrap();
            (kept.contracts, kept.cost, kept.fees) =
                (Contracts(lot.contracts.0 - k), lot.cost - out.cost, lot.fees - out.fees);
        }
        assert_eq!(left, 0);
        self.longs.retain(|l| l.contracts.0 > 0);
        taken
    }
}

impl Books {
    pub(super) fn found(&mut self, structure: StructureId, parent: Option<StructureId>, kinds: &[bool; 3]) {
        self.tree.insert(structure.0, (parent.map(|p| p.0), None));
        self.reserves.insert(structure.0, TaxReserve::default());
        for (kind, _) in SleeveKind::ALL.into_iter().zip(kinds).filter(|(_, has)| **has) {
            self.sleeves.insert(SleeveId { structure, kind }, Book::default());
        }
    }

    pub(super) fn give(&mut self, from: SleeveId, to: SleeveId, amount: Money) {
        self.sleeve(from).balance.settled -= amount;
        self.sleeve(from).balance.moved_out += amount;
        self.sleeve(to).balance.settled += amount;
        self.sleeve(to).balance.moved_in += amount;
    }

    pub(super) fn judge_reserve(&mut self, structure: StructureId) -> Booked {
        let reserve = self.reserve(structure);
        reserve.cash = reserve.moved_in - reserve.moved_out + reserve.interest - reserve.taxes;
        demand(!reserve.cash.is_negative(), "NotEnoughReserve")
    }

    pub(super) fn order_cash(&self, order: Option<OrderId>) -> i64 {
        match order.and_then(|order| self.orders.get(&order)) {
            Some((_, Hold::Cash(cash))) => *cash,
            _ => 0,
        }
    }

    pub(super) fn fork(&mut self, from: SleeveId, structure: StructureId, parts: [Money; 2]) -> Booked {
        demand(!self.tree.contains_key(&structure.0), "StructureExists")?;
        self.exists(from)?;
        demand(parts != [Money::ZERO; 2], "AmountNotPositive")?;
        demand(parts.iter().all(|p| !p.is_negative()), "AmountNegative")?;
        small(&parts.map(|p| p.units().into()))?;
        small(&[parts.iter().map(|p| i128::from(p.units())).sum()])?;
        self.found(structure, Some(from.structure), &[true, false, true]);
        for (kind, part) in [SleeveKind::Generation, SleeveKind::Compounding].into_iter().zip(parts) {
            self.give(from, SleeveId { structure, kind }, part);
        }
        self.sleeve(from).aside[1] = 0;
        self.judge_paid(from)
    }

    pub(super) fn buy_to_open(&mut self, day: Date, trade: &OptionTrade, before: &Books) -> Booked {
        let OptionTrade { sleeve, series, contracts, fees, settles, order, .. } = *trade;
        self.exists(sleeve)?;
        let cost = check_long(day, trade)?;
        self.draw(sleeve, order, cost + fees.units(), None)?;
        let drawn = before.order_cash(order) - self.order_cash(order);
        self.last_lot += 1;
        let id = LotId(self.last_lot);
        let book = self.sleeve(sleeve);
        book.aside[0] -= book.aside[0].min(cost + fees.units() - drawn);
        book.longs.push(Long { id, series, contracts, opened: day, settles, cost: Money::from_units(cost), fees });
        book.flow(settles, -(cost + fees.units()), 0);
        add(&mut book.balance.fees, fees.units());
        self.judge(before, sleeve)
    }

    pub(super) fn merge(&mut self, day: Date, structure: StructureId, into: SleeveId, before: &Books) -> Booked {
        self.stands(structure)?;
        let parent = self.tree[&structure.0].0.ok_or("RootMerges")?;
        demand(into.structure.0 == parent, "NotItsParent")?;
        self.exists(into)?;
        let leaving: Vec<SleeveId> = self.sleeves.keys().copied().filter(|s| s.structure == structure).collect();
        demand(leaving.iter().all(|s| self.sleeves[s].written.is_empty()), "MergeWhileWritten")?;
        demand(self.orders.values().all(|(s, _)| !leaving.contains(s)), "MergeWhileReserved")?;
        for id in leaving {
            let history = self.sleeves[&id].balance;
            let value = self.sleeves[&id].worth();
            let kept = SleeveBalance { settled: Money::ZERO, ..history };
            let gone = std::mem::replace(self.sleeve(id), Book { balance: kept, ..Book::default() });
            let book = &mut self.sleeve(id).balance;
            let (to, from) = if value.is_negative() { (value.abs(), Money::ZERO) } else { (Money::ZERO, value) };
            book.moved_in += to;
            book.moved_out += from;
            let taker = self.sleeve(into);
            taker.balance.moved_in += from;
            taker.balance.moved_out += to;
            taker.balance.settled += gone.balance.settled;
            for ((date, kind), amount) in &gone.due {
                *taker.due.entry((*date, *kind)).or_default() += amount;
            }
            for (symbol, (paid, premium, _)) in &gone.chain {
                if gone.held(*symbol) > 0 {
                    taker.begin_anew(day, *symbol);
                    let chain = taker.chain.get_mut(symbol).unwrap();
                    *chain = (chain.0 + paid, chain.1 + premium, None);
                }
            }
            taker.aside[0] += gone.aside[0];
            taker.lots.extend(gone.lots);
            taker.lots.sort_by_key(|l| l.id);
            taker.longs.extend(gone.longs);
            taker.longs.sort_by_key(|l| l.id);
        }
        let reserved = self.reserves[&structure.0].cash;
        self.reserve(structure).moved_out += reserved;
        self.reserve(StructureId(parent)).moved_in += reserved;
        self.judge_reserve(structure)?;
        self.judge_reserve(StructureId(parent))?;
        self.tree.get_mut(&structure.0).unwrap().1 = Some(day);
        for (above, closed) in self.tree.values_mut() {
            if *above == Some(structure.0) && closed.is_none() {
                *above = Some(parent);
            }
        }
        self.judge(before, into)
    }

    pub(super) fn cross(&mut self, day: Date, cross: &Cross, before: &Books) -> Booked {
        let Cross { series, contracts, from, to, price, close, open } = *cross;
        self.exists(from).and_then(|()| self.exists(to))?;
        demand(from != to, "SameSleeve")?;
        let leg = Leg { series, contracts, price, fees: Money::ZERO };
        check_leg(&leg, true)?;
        demand(day <= series.expiration.0, "Expired")?;
        let paid = price.units() * contracts.0 * 100;
        let others =
            |order: Option<OrderId>, sleeve| order.and_then(|o| self.orders.get(&o)).is_some_and(|o| o.0 != sleeve);
        demand(!others(close, from) && !others(open, to), "WrongReservation")?;
        self.draw(from, close, paid, None)?;
        self.draw_for(to, open, &leg, 0)?;
        demand(self.sleeves[&from].contracts(&series) >= contracts.0, "NotWritten")?;
        let (symbol, now) = (series.underlying, Money::from_units(paid));
        self.sleeve(to).begin(day, symbol);
        for part in self.sleeve(from).take_written(&series, contracts.0) {
            let worth = Money::from_units(price.units() * part.contracts.0 * 100);
            self.sleeve(from).balance.crosses += part.premium - worth;
            self.sleeve(to).balance.crosses += worth - part.premium;
            self.sleeve(to).written.push(Written { received: worth, ..part });
        }
        self.sleeve(to).written.sort_by_key(|w| w.id);
        self.sleeve(from).chain.get_mut(&symbol).unwrap().1 -= paid;
        self.sleeve(to).chain.get_mut(&symbol).unwrap().1 += paid;
        self.sleeve(from).end(symbol, Some(day));
        self.sleeve(from).balance.settled -= now;
        self.sleeve(to).balance.settled += now;
        demand(self.uncovered(to, symbol) >= 0, "NotEnoughShares")?;
        self.judge_paid(from)?;
        self.judge(before, to)
    }

    #[expect(clippy::too_many_arguments)]
    pub(super) fn end_long(
        &mut self,
        day: Date,
        sleeve: SleeveId,
        series: &Series,
        n: i64,
        income: i64,
        fees: i64,
        ending: Ending,
    ) -> Booked {
        demand(self.sleeves[&sleeve].long(series) >= n, "NotHeld")?;
        let order = self.lot_order;
        add(&mut self.sleeve(sleeve).balance.fees, fees);
        let (mut income, mut fees, mut left) = (income, fees, n);
        for lot in self.sleeve(sleeve).take_longs(series, n, order) {
            let (gross, fee) = (part(income, lot.contracts.0, left), part(fees, lot.contracts.0, left));
            add(&mut self.sleeve(sleeve).balance.long_gains, gross - lot.cost.units());
            self.realise(Realised {
                sleeve,
                lot: lot.id,
                instrument: Instrument::Option(*series),
                ending,
                quantity: lot.contracts.0,
                opened: lot.opened,
                closed: day,
                proceeds: Money::from_units(gross - fee),
                basis: lot.cost + lot.fees,
                fees: lot.fees + Money::from_units(fee),
            });
            (income, fees, left) = (income - gross, fees - fee, left - lot.contracts.0);
        }
        Ok(())
    }

    pub(super) fn exercise(&mut self, day: Date, exercise: &Exercise, before: &Books) -> Booked {
        let Exercise { sleeve, series, contracts, fees, settles } = *exercise;
        self.exists(sleeve)?;
        demand(!fees.is_negative(), "AmountNegative")?;
        demand((1..=1_000_000_000).contains(&contracts.0), "Quantity")?;
        small(&[fees.units().into(), product(series.strike, contracts.0 * 100)])?;
        check_days(day, settles, &series)?;
        demand(self.sleeves[&sleeve].long(&series) >= contracts.0, "NotHeld")?;
        let (order, strikes) = (self.lot_order, series.strike.times(contracts.0 * 100));
        self.last_lot += 1;
        let id = LotId(self.last_lot);
        let book = self.sleeve(sleeve);
        book.begin_anew(day, series.underlying);
        let gone = book.take_longs(&series, contracts.0, order);
        let paid = strikes + gone.iter().map(|l| l.cost).sum();
        book.chain.get_mut(&series.underlying).unwrap().0 += paid.units();
        book.lots.push(Lot {
            id,
            symbol: series.underlying,
            shares: Shares(contracts.0 * 100),
            acquired: day,
            settles,
            paid,
            premium: Money::ZERO,
            fees: fees + gone.iter().map(|l| l.fees).sum(),
        });
        book.flow(settles, -(strikes + fees).units(), 0);
        book.balance.fees += fees;
        self.judge(before, sleeve)
    }
}
