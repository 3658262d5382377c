//! Lots as a ledger holds them, and what a transaction changed of them.

use std::collections::BTreeMap;

use ledger::account::{Account, Instrument, Role};
use ledger::{Ledger, LotId, SleeveId};
use market::time::Date;
use market::value::Money;

use super::{Line, LotChange, Stake};

/// Where a lot lies.
type Place = (SleeveId, Role, Instrument);

/// Every lot of every account, as it stood after the last transaction.
#[derive(Clone, Debug, Default)]
pub(super) struct Lots(BTreeMap<(Place, LotId), (Stake, Date)>);

impl Lots {
    /// Compares what `ledger` holds at `place` with what it held, and remembers it; one line for each lot that changed,
    /// rising by number.
    pub(super) fn moved(&mut self, ledger: &Ledger, place: Place) -> Vec<Line> {
        let now = held(ledger, place);
        let old = self.0.range((place, LotId(0))..=(place, LotId(u64::MAX)));
        let old: BTreeMap<LotId, (Stake, Date)> = old.map(|((_, lot), held)| (*lot, *held)).collect();
        let mut lines = Vec::new();
        for (lot, (before, since)) in &old {
            if !now.contains_key(lot) {
                self.0.remove(&(place, *lot));
                lines.push(line(place, *lot, *since, *before, Stake::default()));
            }
        }
        for (lot, (after, since)) in now {
            let before = old.get(&lot).map_or(Stake::default(), |(stake, _)| *stake);
            if before != after {
                self.0.insert((place, lot), (after, since));
                lines.push(line(place, lot, since, before, after));
            }
        }
        lines
    }

    /// Each lot that is held, as a line that brings it in.
    pub(super) fn all(&self) -> impl Iterator<Item = Line> + '_ {
        self.0.iter().map(|((place, lot), (held, since))| line(*place, *lot, *since, Stake::default(), *held))
    }
}

fn line(place: Place, lot: LotId, since: Date, before: Stake, after: Stake) -> Line {
    let (sleeve, role, instrument) = place;
    let money = after.cost - before.cost;
    let lot = Some(LotChange { instrument, lot, since, before, after });
    Line { account: Account::Holding(sleeve, role, instrument), money, lot }
}

/// The lots at one place; parts of one lot are counted together.
fn held(ledger: &Ledger, (sleeve, role, instrument): Place) -> BTreeMap<LotId, (Stake, Date)> {
    let mut out: BTreeMap<LotId, (Stake, Date)> = BTreeMap::new();
    let mut add = |lot, units, cost: Money, since| {
        let (stake, first) = out.entry(lot).or_insert((Stake::default(), since));
        stake.units += units;
        stake.cost += cost;
        *first = since.min(*first);
    };
    match (role, instrument) {
        (Role::Shares, Instrument::Shares(symbol)) => {
            let lots = ledger.lots(sleeve).iter().filter(|l| l.symbol == symbol);
            lots.for_each(|l| add(l.id, l.shares.0, l.carried(), l.acquired));
        }
        (Role::Long, Instrument::Option(series)) => {
            let longs = ledger.longs(sleeve).iter().filter(|l| l.series == series);
            longs.for_each(|l| add(l.id, l.contracts.0, l.cost, l.opened));
        }
        (Role::Written, Instrument::Option(series)) => {
            let written = ledger.written(sleeve).iter().filter(|w| w.series == series);
            written.for_each(|w| add(w.id, -w.contracts.0, -w.premium, w.opened));
        }
        _ => {}
    }
    out
}

/// What a holding comes to.
pub(super) fn total(ledger: &Ledger, place: Place) -> Stake {
    held(ledger, place)
        .into_values()
        .fold(Stake::default(), |sum, (stake, _)| Stake { units: sum.units + stake.units, cost: sum.cost + stake.cost })
}
