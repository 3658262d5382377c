//! The books of one sleeve.

use market::instrument::{Series, Symbol};
use market::time::Date;
use market::value::{Contracts, Money, Shares};

use crate::account::{Role, Turnover};
use crate::entry::Purpose;
use crate::id::SleeveId;
use crate::lot::{Long, Lot, LotOrder, Rank, Written};

/// A sleeve's accounts, the lots under them, and what is to settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sleeve {
    pub id: SleeveId,
    pub roles: [Turnover; Role::ALL.len()],
    /// Rising by symbol; one that was ever traded stays.
    pub stocks: Vec<Stock>,
    /// Rising by number, that is in the order in which they were bought.
    pub lots: Vec<Lot>,
    /// Rising by number, that is in the order in which they were sold; a lot that crossed in parts stands in parts.
    pub written: Vec<Written>,
    /// Rising by number, that is in the order in which they were bought.
    pub longs: Vec<Long>,
    /// Rising by date, then kind.
    pub dues: Vec<Due>,
    /// Cash set aside for each [`Purpose`].
    pub earmarks: [Money; Purpose::ALL.len()],
    /// Sum of all gains realised so far in the tax view.
    pub realised: Money,
    /// Opening fees of lots that came from other sleeves, less those of lots that went there: the fees stay booked
    /// where they were paid, and count for tax where the lot ends.
    pub lot_fees_in: Money,
    /// Its structure has merged.
    pub closed: bool,
}

/// What a sleeve holds of one symbol, and the cash view of its cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stock {
    pub symbol: Symbol,
    pub held: Shares,
    /// Shares that short calls may take.
    pub covering: Shares,
    /// Shares that working orders reserve.
    pub ordered: Shares,
    /// Open contracts, puts and calls.
    pub contracts: Contracts,
    /// Strike assigned or price paid for the shares that are held.
    pub paid: Money,
    /// Net option premium received since the position began; negative if buying back cost more.
    pub premium: Money,
    /// The day on which a buy-back left the position flat: a sale on the same day continues it.
    pub rolling: Option<Date>,
}

/// What kind of amount falls due; on one day receipts come before payments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flow {
    Receivable,
    Dividend,
    Payable,
}

/// An amount that settles on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub date: Date,
    pub flow: Flow,
    pub amount: Money,
}

impl Stock {
    pub(crate) fn uncovered(&self) -> Shares {
        self.held - self.covering - self.ordered
    }

    fn is_flat(&self) -> bool {
        self.held == Shares(0) && self.contracts == Contracts(0)
    }

    /// Begins a new position, unless one is open or was bought back this very day.
    pub(crate) fn begin(&mut self, day: Date) {
        if self.is_flat() && self.rolling != Some(day) {
            (self.paid, self.premium) = (Money::ZERO, Money::ZERO);
        }
        self.rolling = None;
    }

    /// Begins a new position with shares that no roll brings, unless one is open.
    pub(crate) fn begin_anew(&mut self, day: Date) {
        self.end(None);
        self.begin(day);
    }

    /// Ends the position if nothing is left of it.
    pub(crate) fn end(&mut self, rolling: Option<Date>) {
        if self.is_flat() {
            self.rolling = rolling;
        }
    }

    /// Takes the cost of `shares` out, so that the cash basis a share of the rest stays as it was.
    pub(crate) fn leave(&mut self, shares: Shares, premium_still_open: Money) {
        if shares == self.held {
            (self.paid, self.premium) = (Money::ZERO, premium_still_open);
        } else {
            self.paid -= self.paid.fraction(shares.0, self.held.0);
            self.premium -= self.premium.fraction(shares.0, self.held.0);
        }
        self.held -= shares;
    }
}

impl Sleeve {
    pub(crate) fn new(id: SleeveId) -> Self {
        Sleeve {
            id,
            roles: [Turnover::default(); Role::ALL.len()],
            stocks: Vec::new(),
            lots: Vec::new(),
            written: Vec::new(),
            longs: Vec::new(),
            dues: Vec::new(),
            earmarks: [Money::ZERO; Purpose::ALL.len()],
            realised: Money::ZERO,
            lot_fees_in: Money::ZERO,
            closed: false,
        }
    }

    pub(crate) fn role(&self, role: Role) -> &Turnover {
        &self.roles[role as usize]
    }

    pub(crate) fn role_mut(&mut self, role: Role) -> &mut Turnover {
        &mut self.roles[role as usize]
    }

    pub(crate) fn settled(&self) -> Money {
        self.role(Role::Cash).debit_balance()
    }

    pub(crate) fn reserved(&self) -> Money {
        self.role(Role::Cash).credits_pending
    }

    pub(crate) fn free(&self) -> Money {
        self.settled() - self.reserved()
    }

    pub(crate) fn stock(&self, symbol: Symbol) -> Option<&Stock> {
        self.stocks.iter().find(|s| s.symbol == symbol)
    }

    /// The record of `symbol`, new if it was never traded here.
    pub(crate) fn stock_mut(&mut self, symbol: Symbol) -> &mut Stock {
        let at = self.stocks.iter().position(|s| s.symbol == symbol).unwrap_or_else(|| {
            let at = self.stocks.partition_point(|s| s.symbol < symbol);
            self.stocks.insert(at, Stock::new(symbol));
            at
        });
        &mut self.stocks[at]
    }

    pub(crate) fn contracts(&self, series: &Series) -> Contracts {
        self.written.iter().filter(|w| w.series == *series).map(|w| w.contracts).sum()
    }

    pub(crate) fn long_contracts(&self, series: &Series) -> Contracts {
        self.longs.iter().filter(|l| l.series == *series).map(|l| l.contracts).sum()
    }

    /// What was received for the contracts on `symbol` that are open.
    pub(crate) fn open_premium(&self, symbol: Symbol) -> Money {
        self.written.iter().filter(|w| w.series.underlying == symbol).map(|w| w.received).sum()
    }

    pub(crate) fn earmark(&self, purpose: Purpose) -> Money {
        self.earmarks[purpose as usize]
    }

    pub(crate) fn earmark_mut(&mut self, purpose: Purpose) -> &mut Money {
        &mut self.earmarks[purpose as usize]
    }

    /// Takes up to `wanted` contracts of `series` out of the lot that was written first.
    pub(crate) fn take_written(&mut self, series: &Series, wanted: Contracts) -> Written {
        let at =
            self.written.iter().position(|w| w.series == *series).expect("validated: enough contracts are written");
        if self.written[at].contracts <= wanted { self.written.remove(at) } else { self.written[at].take(wanted) }
    }

    /// Takes up to `wanted` shares of `symbol` out of the lot that leaves next.
    pub(crate) fn take_lot(&mut self, symbol: Symbol, wanted: Shares, order: LotOrder) -> Lot {
        let of_symbol = self.lots.iter().enumerate().filter(|(_, lot)| lot.symbol == symbol);
        let at = next_to_leave(of_symbol.map(|(i, lot)| (i, lot.rank())), order);
        let at = at.expect("validated: enough shares are held");
        if self.lots[at].shares <= wanted { self.lots.remove(at) } else { self.lots[at].take(wanted) }
    }

    /// Takes up to `wanted` contracts of `series` out of the long lot that leaves next.
    pub(crate) fn take_long(&mut self, series: &Series, wanted: Contracts, order: LotOrder) -> Long {
        let of_series = self.longs.iter().enumerate().filter(|(_, lot)| lot.series == *series);
        let at = next_to_leave(of_series.map(|(i, lot)| (i, lot.rank())), order);
        let at = at.expect("validated: enough contracts are held");
        if self.longs[at].contracts <= wanted { self.longs.remove(at) } else { self.longs[at].take(wanted) }
    }

    /// Puts in a lot that another sleeve wrote.
    pub(crate) fn take_in(&mut self, written: Written) {
        let at = self.written.partition_point(|w| w.id <= written.id);
        self.written.insert(at, written);
    }

    pub(crate) fn add_due(&mut self, date: Date, flow: Flow, amount: Money) {
        let at = self.dues.partition_point(|d| (d.date, d.flow) < (date, flow));
        match self.dues.get_mut(at) {
            Some(due) if (due.date, due.flow) == (date, flow) => due.amount += amount,
            _ => self.dues.insert(at, Due { date, flow, amount }),
        }
    }
}

/// The place of the lot that leaves next, of lots in the order in which they were booked.
fn next_to_leave(lots: impl Iterator<Item = (usize, Rank)>, order: LotOrder) -> Option<usize> {
    let first = |best: (usize, Rank), lot: (usize, Rank)| if lot.1.leaves_before(&best.1, order) { lot } else { best };
    lots.reduce(first).map(|(at, _)| at)
}

impl Stock {
    const fn new(symbol: Symbol) -> Self {
        Stock {
            symbol,
            held: Shares(0),
            covering: Shares(0),
            ordered: Shares(0),
            contracts: Contracts(0),
            paid: Money::ZERO,
            premium: Money::ZERO,
            rolling: None,
        }
    }
}
