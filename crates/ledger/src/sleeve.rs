//! The books of one sleeve.

use market::instrument::{Series, Symbol};
use market::time::Date;
use market::value::{Contracts, Money, Shares};

use crate::account::{Role, Turnover};
use crate::id::SleeveId;
use crate::lot::{Lot, LotOrder, Written};

/// A sleeve's accounts, the lots under them, and what is to settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sleeve {
    pub id: SleeveId,
    pub roles: [Turnover; Role::ALL.len()],
    /// Rising by symbol; one that was ever traded stays.
    pub stocks: Vec<Stock>,
    /// In the order in which they were bought.
    pub lots: Vec<Lot>,
    /// In the order in which they were sold.
    pub written: Vec<Written>,
    /// Rising by date, then kind.
    pub dues: Vec<Due>,
    /// Sum of all gains realised so far in the tax view.
    pub realised: Money,
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
            stocks: Vec::with_capacity(4),
            lots: Vec::with_capacity(8),
            written: Vec::with_capacity(8),
            dues: Vec::with_capacity(8),
            realised: Money::ZERO,
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

    /// Premium of the contracts on `symbol` that are open.
    pub(crate) fn open_premium(&self, symbol: Symbol) -> Money {
        self.written.iter().filter(|w| w.series.underlying == symbol).map(|w| w.premium).sum()
    }

    /// Takes up to `wanted` contracts of `series` out of the lot that was written first.
    pub(crate) fn take_written(&mut self, series: &Series, wanted: Contracts) -> Written {
        let at =
            self.written.iter().position(|w| w.series == *series).expect("validated: enough contracts are written");
        if self.written[at].contracts <= wanted { self.written.remove(at) } else { self.written[at].take(wanted) }
    }

    /// Takes up to `wanted` shares of `symbol` out of the lot that leaves next.
    pub(crate) fn take_lot(&mut self, symbol: Symbol, wanted: Shares, order: LotOrder) -> Lot {
        let mut chosen: Option<usize> = None;
        for (i, lot) in self.lots.iter().enumerate().filter(|(_, lot)| lot.symbol == symbol) {
            if chosen.is_none_or(|c| lot.leaves_before(&self.lots[c], order)) {
                chosen = Some(i);
            }
        }
        let at = chosen.expect("validated: enough shares are held");
        if self.lots[at].shares <= wanted { self.lots.remove(at) } else { self.lots[at].take(wanted) }
    }

    pub(crate) fn add_due(&mut self, date: Date, flow: Flow, amount: Money) {
        let at = self.dues.partition_point(|d| (d.date, d.flow) < (date, flow));
        match self.dues.get_mut(at) {
            Some(due) if (due.date, due.flow) == (date, flow) => due.amount += amount,
            _ => self.dues.insert(at, Due { date, flow, amount }),
        }
    }
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
