//! Trees of thousands of structures: random forks, merges, deposits, moves and trades at any depth, against books that
//! know only how much there is and where.

use std::collections::BTreeMap;

use ledger::account::{Account, ReserveRole, Role, Side};
use ledger::entry::ShareTrade;
use ledger::id::SleeveKinds;
use ledger::receipt::Phase;
use ledger::*;
use market::time::Date;
use market::value::{Money, Price, Shares};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::desk::{GEN, ROOT, order, symbol};

const DAY: Date = Date::constant(2024, 6, 10);
const NEXT: Date = Date::constant(2024, 6, 11);
/// What a share costs and brings, always, in cents.
const SHARE: i64 = 1_000;

/// A sleeve: cents that are settled, that are owed and that an order keeps, and shares.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Plain {
    settled: i64,
    owed: i64,
    aside: i64,
    shares: i64,
}

impl Plain {
    fn free(&self) -> i64 {
        self.settled - self.owed - self.aside
    }
}

#[derive(Clone, Copy, Debug)]
struct Place {
    parent: Option<u32>,
    open: bool,
    reserve: i64,
}

/// The plain books.
#[derive(Default)]
struct Forest {
    places: BTreeMap<u32, Place>,
    sleeves: BTreeMap<SleeveId, Plain>,
    /// Orders by number.
    orders: BTreeMap<u64, SleeveId>,
    /// Open structures, in no order that matters.
    open: Vec<u32>,
    /// What came from outside, less what went there, in cents.
    outside: i64,
}

impl Forest {
    fn stand(&mut self, id: u32, parent: Option<u32>, kinds: &[SleeveKind]) {
        self.places.insert(id, Place { parent, open: true, reserve: 0 });
        self.open.push(id);
        for kind in kinds {
            self.sleeves.insert(SleeveId::new(StructureId(id), *kind), Plain::default());
        }
    }

    fn at(&mut self, sleeve: SleeveId) -> &mut Plain {
        self.sleeves.get_mut(&sleeve).unwrap()
    }

    fn of(&self, id: u32) -> Vec<SleeveId> {
        let all = SleeveKind::ALL.map(|kind| SleeveId::new(StructureId(id), kind));
        all.into_iter().filter(|s| self.sleeves.contains_key(s)).collect()
    }

    fn merge(&mut self, id: u32, into: SleeveId) {
        for sleeve in self.of(id) {
            let gone = std::mem::take(self.at(sleeve));
            let taker = self.at(into);
            taker.settled += gone.settled;
            taker.owed += gone.owed;
            taker.shares += gone.shares;
        }
        let place = self.places.get_mut(&id).unwrap();
        place.open = false;
        let (parent, reserve) = (place.parent, std::mem::take(&mut place.reserve));
        self.places.get_mut(&into.structure.0).unwrap().reserve += reserve;
        for other in self.places.values_mut().filter(|p| p.open && p.parent == Some(id)) {
            other.parent = parent;
        }
        self.open.retain(|other| *other != id);
    }
}

/// One step: what to do, where, and how much.
type Step = [u16; 4];

/// An entry, and what it does to the plain books.
type Act = (Entry, Box<dyn FnOnce(&mut Forest)>);

fn cents(n: i64) -> Money {
    Money::cents(n)
}

/// The entry of a step; nothing where the plain books say that it cannot be.
fn act(forest: &Forest, [what, place, which, size]: Step) -> Option<Act> {
    let id = forest.open[usize::from(place) * forest.open.len() / 65_536];
    let sleeves = forest.of(id);
    let sleeve = sleeves[usize::from(which) % sleeves.len()];
    let free = forest.sleeves[&sleeve].free();
    let some = (free * i64::from(size) / 65_536).max(1);
    let enough = |needed: i64| (needed <= free).then_some(());
    let act: Act = match what % 32 {
        0..=14 => {
            let new = new_id(forest, which)?;
            let (generation, compounding) = (some - some / 2, some / 2);
            enough(some)?;
            let entry = Entry::Fork {
                from: sleeve,
                structure: StructureId(new),
                parts: [cents(generation), cents(compounding)],
            };
            (
                entry,
                Box::new(move |f| {
                    f.stand(new, Some(sleeve.structure.0), &[SleeveKind::Generation, SleeveKind::Compounding]);
                    f.at(sleeve).settled -= some;
                    f.at(SleeveId::new(StructureId(new), SleeveKind::Generation)).settled += generation;
                    f.at(SleeveId::new(StructureId(new), SleeveKind::Compounding)).settled += compounding;
                }),
            )
        }
        15..=18 => {
            let into = SleeveId::new(StructureId(forest.places[&id].parent?), SleeveKind::Compounding);
            if forest.orders.values().any(|s| s.structure.0 == id) {
                return None;
            }
            (Entry::Merge { structure: StructureId(id), into }, Box::new(move |f| f.merge(id, into)))
        }
        19 | 20 => {
            let n = 1 + i64::from(size) * 100;
            let mut parts = [Money::ZERO; 3];
            parts[sleeve.kind as usize] = cents(n);
            (
                Entry::Deposit { structure: sleeve.structure, parts },
                Box::new(move |f| {
                    f.at(sleeve).settled += n;
                    f.outside += n;
                }),
            )
        }
        21..=23 => {
            let other = forest.open[usize::from(size) * forest.open.len() / 65_536];
            let to = forest.of(other)[0];
            enough(some)?;
            (to != sleeve).then_some(())?;
            (
                Entry::Move { from: sleeve, to, amount: cents(some) },
                Box::new(move |f| {
                    f.at(sleeve).settled -= some;
                    f.at(to).settled += some;
                }),
            )
        }
        24 => {
            enough(some)?;
            (
                Entry::Withdraw { sleeve, amount: cents(some) },
                Box::new(move |f| {
                    f.at(sleeve).settled -= some;
                    f.outside -= some;
                }),
            )
        }
        25 => {
            enough(some)?;
            (
                Entry::ToTaxReserve { sleeve, amount: cents(some) },
                Box::new(move |f| {
                    f.at(sleeve).settled -= some;
                    f.places.get_mut(&id).unwrap().reserve += some;
                }),
            )
        }
        26 => {
            let all = forest.places[&id].reserve;
            (all > 0).then_some(())?;
            (
                Entry::PayTax { structure: StructureId(id), amount: cents(all) },
                Box::new(move |f| {
                    f.places.get_mut(&id).unwrap().reserve = 0;
                    f.outside -= all;
                }),
            )
        }
        27 | 28 => {
            let shares = free / SHARE * i64::from(size) / 65_536;
            (shares > 0).then_some(())?;
            (
                Entry::BuyShares(trade(sleeve, shares)),
                Box::new(move |f| {
                    f.at(sleeve).owed += shares * SHARE;
                    f.at(sleeve).shares += shares;
                }),
            )
        }
        29 => {
            let settle = |f: &mut Forest| f.sleeves.values_mut().for_each(|s| s.settled -= std::mem::take(&mut s.owed));
            (Entry::Settle { through: NEXT }, Box::new(settle))
        }
        30 => {
            enough(some)?;
            let n = u64::from(which);
            (!forest.orders.contains_key(&n)).then_some(())?;
            (
                Entry::Reserve { sleeve, order: order(n), amount: cents(some) },
                Box::new(move |f| {
                    f.at(sleeve).aside += some;
                    f.orders.insert(n, sleeve);
                }),
            )
        }
        _ => {
            let (n, owner) = forest.orders.iter().next().map(|(n, s)| (*n, *s))?;
            let release = move |f: &mut Forest| {
                f.orders.remove(&n);
                f.at(owner).aside = 0;
            };
            // Only where it is the sleeve's one order, so that all it keeps is this one's.
            (forest.orders.values().filter(|s| **s == owner).count() == 1).then_some(())?;
            (Entry::Release { order: order(n) }, Box::new(release))
        }
    };
    Some(act)
}

/// Mostly rising by two; one in sixteen goes back into a gap.
fn new_id(forest: &Forest, die: u16) -> Option<u32> {
    let last = *forest.places.keys().next_back()?;
    let gap = u32::from(die) * 2 % (last + 2);
    let id = if die.is_multiple_of(16) { gap } else { last + 2 - last % 2 + 1 };
    (!forest.places.contains_key(&id)).then_some(id)
}

fn trade(sleeve: SleeveId, shares: i64) -> ShareTrade {
    let (shares, price) = (Shares(shares), Price::cents(SHARE));
    ShareTrade { sleeve, symbol: symbol("AAPL"), shares, price, fees: Money::ZERO, settles: NEXT, order: None }
}

/// What an entry's postings add to what the portfolio owns less what it owes, and what they take from outside.
fn conserved(receipt: &Receipt<'_>) -> (Money, Money, Money) {
    let (mut owned, mut outside, mut pending) = (Money::ZERO, Money::ZERO, Money::ZERO);
    for posting in receipt.postings {
        let debit = if posting.side == Side::Debit { posting.money } else { -posting.money };
        match posting.phase {
            Phase::Pending => pending += debit,
            Phase::Released => pending -= debit,
            Phase::Posted => match posting.account {
                Account::Sleeve(_, Role::Transfers | Role::Crosses) | Account::Reserve(_, ReserveRole::Transfers) => {}
                Account::Sleeve(_, role) if Role::EXTERNAL.contains(&role) => outside -= debit,
                Account::Reserve(_, role) if ReserveRole::EXTERNAL.contains(&role) => outside -= debit,
                _ => owned += debit,
            },
        }
    }
    (owned, outside, pending)
}

fn same_sleeve(ledger: &Ledger, sleeve: SleeveId, plain: &Plain) {
    let book = ledger.balance(sleeve);
    let booked = Plain {
        settled: book.settled.units() / 100,
        owed: book.payable.units() / 100,
        aside: (book.reserved - book.payable).units() / 100,
        shares: ledger.shares(sleeve, symbol("AAPL")).0,
    };
    assert_eq!(booked, *plain, "{sleeve}");
}

fn same_forest(ledger: &Ledger, forest: &Forest) {
    ledger.audit().unwrap();
    let places = ledger.structures().map(|s| (s.id.0, s.parent.map(|p| p.0), s.closed.is_none()));
    assert!(places.eq(forest.places.iter().map(|(id, p)| (*id, p.parent, p.open))));
    assert!(ledger.sleeves().eq(forest.sleeves.keys().copied()));
    let mut worth = 0;
    for (sleeve, plain) in &forest.sleeves {
        same_sleeve(ledger, *sleeve, plain);
        worth += plain.settled - plain.owed + plain.shares * SHARE;
    }
    for (id, place) in &forest.places {
        assert_eq!(ledger.tax_reserve(StructureId(*id)).cash, cents(place.reserve), "{id}");
        worth += place.reserve;
    }
    assert_eq!(worth, forest.outside, "what is there is what came in");
}

/// Sleeves that a step may have changed.
fn touched(receipt: &Receipt<'_>) -> Vec<SleeveId> {
    let mut all: Vec<SleeveId> = receipt.postings.iter().filter_map(|p| p.account.sleeve()).collect();
    all.sort();
    all.dedup();
    all
}

/// Plays the steps; gives how many structures there were, how many merged, and how deep the tree was.
fn grow(steps: Vec<Step>) -> [usize; 3] {
    let mut ledger = Ledger::new(PortfolioId(1), LotOrder::HighestCost);
    let mut forest = Forest::default();
    forest.stand(ROOT.0, None, &SleeveKind::ALL);
    forest.at(GEN).settled = 1_000_000_000;
    forest.outside = 1_000_000_000;
    let (parent, sleeves) = (None, SleeveKinds::ROOT);
    for entry in [
        Entry::Found { structure: ROOT, parent, sleeves },
        Entry::Deposit { structure: ROOT, parts: [cents(1_000_000_000), Money::ZERO, Money::ZERO] },
    ] {
        ledger.post(DAY, &entry).unwrap();
    }
    for (i, step) in steps.into_iter().enumerate() {
        let Some((entry, change)) = act(&forest, step) else { continue };
        let receipt = ledger.post(DAY, &entry).unwrap_or_else(|error| panic!("{entry:?}: {error}"));
        let (owned, outside, pending) = conserved(&receipt);
        assert_eq!((owned, pending), (outside, Money::ZERO), "{entry:?}");
        let touched = touched(&receipt);
        let total = ledger.total();
        assert_eq!((total.debits_posted, total.debits_pending), (total.credits_posted, total.credits_pending));
        change(&mut forest);
        for sleeve in touched {
            same_sleeve(&ledger, sleeve, &forest.sleeves[&sleeve]);
        }
        if i % 500 == 0 {
            same_forest(&ledger, &forest);
        }
    }
    same_forest(&ledger, &forest);
    let above = |id: &u32| forest.places[id].parent;
    let depth = forest.open.iter().map(|id| std::iter::successors(Some(*id), above).count()).max().unwrap();
    [forest.places.len(), forest.places.len() - forest.open.len(), depth]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.div_ceil(32),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn trees_of_thousands_of_structures_are_conserved(
        steps in proptest::collection::vec(any::<Step>(), 1..6_000),
    ) {
        grow(steps);
    }
}

/// The property above would prove little on small trees.
#[test]
fn the_trees_are_large_and_deep_and_merge() {
    let steps = proptest::collection::vec(any::<Step>(), 12_000);
    let steps = steps.new_tree(&mut TestRunner::deterministic()).unwrap().current();
    let [structures, merged, depth] = grow(steps);
    assert!(
        structures > 3_000 && merged > 1_000 && depth > 8,
        "{structures} structures, {merged} merged, {depth} deep"
    );
}
