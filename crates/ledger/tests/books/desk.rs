//! A ledger at work: what is accepted is audited, what is refused must have changed nothing.

use ledger::account::Side;
use ledger::entry::{Assignment, Dividend, OptionTrade, ShareTrade};
use ledger::id::SleeveKinds;
use ledger::receipt::Phase;
use ledger::*;
use market::instrument::{Right, Series, Symbol};
use market::order::OrderId;
use market::time::{Date, Expiration};
use market::value::{Contracts, Money, Price, Shares};

pub(super) const ROOT: StructureId = StructureId(1);
pub(super) const GEN: SleeveId = SleeveId::new(ROOT, SleeveKind::Generation);
pub(super) const REV: SleeveId = SleeveId::new(ROOT, SleeveKind::Revenue);
pub(super) const COM: SleeveId = SleeveId::new(ROOT, SleeveKind::Compounding);

pub(super) fn usd(text: &str) -> Money {
    text.parse().unwrap()
}

pub(super) fn price(text: &str) -> Price {
    text.parse().unwrap()
}

pub(super) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub(super) fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

pub(super) fn order(sequence: u64) -> OrderId {
    OrderId { portfolio: 1, epoch: 1, sequence }
}

/// `AAPL 2024-06-14 180 put`.
pub(super) fn series(text: &str) -> Series {
    let [underlying, expiration, strike, right] = text.split(' ').collect::<Vec<_>>()[..] else { panic!("{text}") };
    Series {
        underlying: symbol(underlying),
        expiration: Expiration(date(expiration)),
        right: if right == "put" { Right::Put } else { Right::Call },
        strike: price(strike),
    }
}

/// A fill in options of the Generation sleeve, without an order, settling on its expiration's day or later as given.
pub(super) fn option(contracts: i64, what: &str, at: &str, fees: &str, settles: &str) -> OptionTrade {
    OptionTrade {
        sleeve: GEN,
        series: series(what),
        contracts: Contracts(contracts),
        price: price(at),
        fees: usd(fees),
        settles: date(settles),
        order: None,
    }
}

pub(super) fn assigned(contracts: i64, what: &str, fees: &str, settles: &str) -> Entry {
    Entry::Assign(Assignment {
        sleeve: GEN,
        series: series(what),
        contracts: Contracts(contracts),
        fees: usd(fees),
        settles: date(settles),
    })
}

pub(super) fn stock(shares: i64, what: &str, at: &str, fees: &str, settles: &str) -> ShareTrade {
    ShareTrade {
        sleeve: GEN,
        symbol: symbol(what),
        shares: Shares(shares),
        price: price(at),
        fees: usd(fees),
        settles: date(settles),
        order: None,
    }
}

pub(super) fn dividend(shares: i64, what: &str, per_share: &str, amount: &str, settles: &str) -> Entry {
    Entry::AccrueDividend(Dividend {
        sleeve: GEN,
        symbol: symbol(what),
        shares: Shares(shares),
        per_share: price(per_share),
        amount: usd(amount),
        settles: date(settles),
    })
}

pub(super) fn expired(contracts: i64, what: &str) -> Entry {
    Entry::Expire { sleeve: GEN, series: series(what), contracts: Contracts(contracts) }
}

pub(super) fn reserve(sequence: u64, amount: &str) -> Entry {
    Entry::Reserve { sleeve: GEN, order: order(sequence), amount: usd(amount) }
}

pub(super) fn settle(through: &str) -> Entry {
    Entry::Settle { through: date(through) }
}

pub(super) fn deposit(generation: &str, revenue: &str, compounding: &str) -> Entry {
    Entry::Deposit { structure: ROOT, parts: [usd(generation), usd(revenue), usd(compounding)] }
}

pub(super) struct Desk {
    pub(super) ledger: Ledger,
    pub(super) today: Date,
}

impl Desk {
    /// A root structure with the given cash in its Generation sleeve.
    pub(super) fn with(cash: &str, lots: LotOrder) -> Self {
        let mut desk = Desk { ledger: Ledger::new(PortfolioId(1), lots), today: date("2024-06-10") };
        desk.post(Entry::Found { structure: ROOT, parent: None, sleeves: SleeveKinds::ROOT });
        if usd(cash) != Money::ZERO {
            desk.post(deposit(cash, "0", "0"));
        }
        desk
    }

    pub(super) fn on(&mut self, day: &str) -> &mut Self {
        self.today = date(day);
        self
    }

    /// Books an entry, audits the books and gives the lines of the transaction.
    pub(super) fn post(&mut self, entry: Entry) -> Vec<String> {
        if let Err(error) = self.ledger.post(self.today, &entry) {
            panic!("{entry:?}: {error}");
        }
        self.ledger.audit().unwrap();
        self.ledger.last().postings.iter().map(line).collect()
    }

    /// Tries an entry that must be refused, and gives the sentence.
    pub(super) fn refuse(&mut self, entry: Entry) -> String {
        let before = self.ledger.clone();
        let error = self.ledger.post(self.today, &entry).map(|_| ()).expect_err("this entry must be refused");
        assert!(self.ledger == before, "a refused entry changed the books: {entry:?}");
        error.to_string()
    }

    /// What the last entry realised: quantity, what, how, proceeds, basis, gain.
    pub(super) fn realised(&self) -> Vec<String> {
        let realised = self.ledger.last().realised;
        realised
            .iter()
            .map(|r| {
                let (what, ending) = (r.instrument, r.ending);
                format!("{} {what} {ending:?}: {} - {} = {}", r.quantity, r.proceeds, r.basis, r.gain())
            })
            .collect()
    }

    pub(super) fn gen_balance(&self) -> SleeveBalance {
        self.ledger.balance(GEN)
    }

    pub(super) fn free(&self) -> String {
        self.ledger.free_cash(GEN).to_string()
    }

    /// Total and per share of the cash basis.
    pub(super) fn basis(&self, what: &str) -> String {
        match self.ledger.cash_basis(GEN, symbol(what)) {
            None => "none".to_owned(),
            Some((total, shares)) => format!("{total} for {shares}"),
        }
    }
}

fn line(posting: &Posting) -> String {
    let side = if posting.side == Side::Debit { "debit" } else { "credit" };
    let phase = match posting.phase {
        Phase::Posted => "",
        Phase::Pending => "pending ",
        Phase::Released => "released ",
    };
    let units = if posting.units == 0 { String::new() } else { format!(" x{}", posting.units) };
    format!("{} {phase}{side} {}{units}", posting.account, posting.money)
}
