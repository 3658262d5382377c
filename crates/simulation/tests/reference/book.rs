//! A sleeve's naive books: what is there, what is due, what is held.

use std::collections::BTreeMap;

use market::instrument::{Right, Series, Symbol};
use market::time::{Date, TradingDay};

use crate::week::Kind;
use crate::world::World;

/// Structure number and kind of sleeve.
pub(crate) type Id = (u32, Kind);

/// Options written in one fill.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    /// How many.
    pub(crate) contracts: i64,
    /// What they brought, before fees.
    pub(crate) premium: i64,
    /// Fees of their sale.
    pub(crate) fees: i64,
}

/// Written options of one series.
#[derive(Clone, Debug)]
pub(crate) struct Short {
    /// Each fill, the oldest first.
    pub(crate) fills: Vec<Written>,
    /// The underlying at the first sale.
    pub(crate) underlying: i64,
    /// Rolls behind this position.
    pub(crate) rolls: u32,
    /// First premium of the chain, a share.
    pub(crate) first_premium: i64,
    /// Net of all rolls of the chain so far, a share, credits above zero.
    pub(crate) rolled_net: i64,
    /// Its place among all positions that were ever opened.
    pub(crate) place: u64,
}

/// `amount` × `part` / `whole` to the cent, rounded down; all of it for all.
pub(crate) fn portion(amount: i64, part: i64, whole: i64) -> i64 {
    if part == whole { amount } else { (amount * part).div_euclid(whole * 100) * 100 }
}

impl Short {
    /// How many.
    pub(crate) fn contracts(&self) -> i64 {
        self.fills.iter().map(|f| f.contracts).sum()
    }

    /// What all of them brought, before fees.
    pub(crate) fn premium(&self) -> i64 {
        self.fills.iter().map(|f| f.premium).sum()
    }

    /// Fees of their sale.
    pub(crate) fn fees(&self) -> i64 {
        self.fills.iter().map(|f| f.fees).sum()
    }

    /// Mean premium a share, rounded down.
    pub(crate) fn mean(&self) -> i64 {
        self.premium().div_euclid(100 * self.contracts())
    }

    /// Takes `n` contracts out, the oldest first.
    pub(crate) fn take(&mut self, mut n: i64) -> Vec<Written> {
        let mut taken = Vec::new();
        while n > 0 {
            let oldest = &mut self.fills[0];
            let part = n.min(oldest.contracts);
            let premium = portion(oldest.premium, part, oldest.contracts);
            let fees = portion(oldest.fees, part, oldest.contracts);
            taken.push(Written { contracts: part, premium, fees });
            (oldest.contracts, oldest.premium, oldest.fees) =
                (oldest.contracts - part, oldest.premium - premium, oldest.fees - fees);
            self.fills.retain(|f| f.contracts > 0);
            n -= part;
        }
        taken
    }
}

/// Calls bought in one fill, to be held.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Long {
    /// Which.
    pub(crate) series: Series,
    /// How many.
    pub(crate) contracts: i64,
    /// When they were bought.
    pub(crate) opened: Date,
    /// What was paid, before fees.
    pub(crate) cost: i64,
    /// Fees of the purchase.
    pub(crate) fees: i64,
    /// Its place among all fills.
    pub(crate) place: u64,
}

/// LEAPS that were sold to be replaced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sold {
    /// Which symbol's.
    pub(crate) symbol: Symbol,
    /// How many.
    pub(crate) contracts: i64,
    /// What they brought, fees paid.
    pub(crate) proceeds: i64,
    /// When that settles.
    pub(crate) settles: Date,
}

/// Shares acquired together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lot {
    /// How many.
    pub(crate) shares: i64,
    /// When.
    pub(crate) acquired: Date,
    /// Its place among all fills.
    pub(crate) place: u64,
    /// What was paid for them.
    pub(crate) paid: i64,
    /// Premium of the put that brought them.
    pub(crate) premium: i64,
    /// Fees of its sale.
    pub(crate) fees: i64,
}

impl Lot {
    /// What the tax office counts as paid.
    pub(crate) fn cost(&self) -> i64 {
        self.paid - self.premium + self.fees
    }

    /// Takes `n` shares out; premium and fees go with them to the cent, rounded down.
    pub(crate) fn take(&mut self, n: i64) -> Lot {
        let cents = |amount: i64| portion(amount, n, self.shares);
        let (paid, premium, fees) = (cents(self.paid), cents(self.premium), cents(self.fees));
        let taken = Lot { shares: n, paid, premium, fees, ..*self };
        self.shares -= n;
        self.paid -= taken.paid;
        self.premium -= taken.premium;
        self.fees -= taken.fees;
        taken
    }
}

/// How a put line's week went.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PutWeek {
    /// Closed below 85% of its strike on some day.
    pub(crate) deep: bool,
    /// Rolled, or bought back at a loss.
    pub(crate) rolled: bool,
    /// Assigned.
    pub(crate) assigned: bool,
    /// The last session in which some of it was bought back.
    pub(crate) bought_back_on: Option<Date>,
}

/// One sleeve.
#[derive(Clone, Debug)]
pub(crate) struct Sleeve {
    /// Settled cash.
    pub(crate) settled: i64,
    /// What settles later.
    pub(crate) pending: Vec<(Date, i64)>,
    /// Dividends that are due, with the day of payment.
    pub(crate) dividends: Vec<(Date, i64)>,
    /// Written options.
    pub(crate) shorts: BTreeMap<Series, Short>,
    /// Shares.
    pub(crate) lots: BTreeMap<Symbol, Vec<Lot>>,
    /// Strikes paid for the shares held, pooled.
    pub(crate) paid: BTreeMap<Symbol, i64>,
    /// Net option premium since the position in the symbol began.
    pub(crate) premium: BTreeMap<Symbol, i64>,
    /// Cash × days of this week.
    pub(crate) cash_days: i128,
    /// F-1.
    pub(crate) base: i64,
    /// Locked, under capital preservation, since the weekly close of this day.
    pub(crate) locked: Option<TradingDay>,
    /// When the owner was last asked, after 26 weeks.
    pub(crate) asked: Option<TradingDay>,
    /// K-1, in 10⁻⁹.
    pub(crate) unit: i64,
    /// Highest weekly close since the mark restarted.
    pub(crate) mark: i64,
    /// Equity at the last weekly close.
    pub(crate) start: i64,
    /// Money in and out since then.
    pub(crate) flows: i64,
    /// Put lines of this week.
    pub(crate) puts: BTreeMap<Series, PutWeek>,
    /// Symbols of which the first shares came this week.
    pub(crate) began: Vec<Symbol>,
    /// Shares held at the week's start.
    pub(crate) held_at_start: BTreeMap<Symbol, i64>,
    /// Strike and basis of shares that were called away this week.
    pub(crate) called: BTreeMap<Symbol, (i64, i64)>,
    /// Symbols in which X-5 closed a put this week.
    pub(crate) taken: Vec<Symbol>,
    /// Tax view: realised this week, by tax year.
    pub(crate) realised: BTreeMap<i16, i64>,
    /// The tax year of the next two.
    pub(crate) year: i16,
    /// Tax view: realised this tax year, to the last weekly close.
    pub(crate) realised_year: i64,
    /// What this sleeve has put into the tax reserve this year.
    pub(crate) reserved: i64,
    /// What it still owes the reserve.
    pub(crate) owed: i64,
    /// Income bucket.
    pub(crate) income: i64,
    /// Losses not yet made up.
    pub(crate) losses: i64,
    /// Profit after reserve, not yet reinvested.
    pub(crate) unspent: i64,
    /// A fork that waits for cash reserves this.
    pub(crate) fork: i64,
    /// Calls that are held.
    pub(crate) longs: Vec<Long>,
    /// Money set aside for them.
    pub(crate) aside: i64,
    /// Whether the next window buys with it.
    pub(crate) buys: bool,
    /// Calls that were sold to be replaced.
    pub(crate) sold: Vec<Sold>,
    /// The last day on which each symbol brought a loss.
    pub(crate) losses_on: BTreeMap<Symbol, Date>,
    /// Orders of this session.
    pub(crate) orders_today: u32,
    /// Cash that orders on their way have spoken for.
    pub(crate) working: Vec<(Symbol, i64)>,
}

impl Sleeve {
    /// An empty sleeve.
    pub(crate) fn new() -> Self {
        Sleeve {
            settled: 0,
            pending: Vec::new(),
            dividends: Vec::new(),
            shorts: BTreeMap::new(),
            lots: BTreeMap::new(),
            paid: BTreeMap::new(),
            premium: BTreeMap::new(),
            cash_days: 0,
            base: 0,
            locked: None,
            asked: None,
            unit: 1_000_000_000,
            mark: 1_000_000_000,
            start: 0,
            flows: 0,
            puts: BTreeMap::new(),
            began: Vec::new(),
            held_at_start: BTreeMap::new(),
            called: BTreeMap::new(),
            taken: Vec::new(),
            realised: BTreeMap::new(),
            year: 0,
            owed: 0,
            realised_year: 0,
            reserved: 0,
            income: 0,
            losses: 0,
            unspent: 0,
            fork: 0,
            longs: Vec::new(),
            aside: 0,
            buys: false,
            sold: Vec::new(),
            losses_on: BTreeMap::new(),
            orders_today: 0,
            working: Vec::new(),
        }
    }

    /// Profit or loss realised on `day`.
    pub(crate) fn realise(&mut self, day: TradingDay, amount: i64) {
        *self.realised.entry(day.date().year()).or_default() += amount;
    }

    /// Realises `amount` of `symbol`; a loss is remembered for Q-2.
    pub(crate) fn gain(&mut self, day: TradingDay, symbol: Symbol, amount: i64) {
        self.realise(day, amount);
        if amount < 0 {
            self.losses_on.insert(symbol, day.date());
        }
    }

    /// Shares of `symbol`.
    pub(crate) fn shares(&self, symbol: Symbol) -> i64 {
        self.lots.get(&symbol).map_or(0, |lots| lots.iter().map(|l| l.shares).sum())
    }

    /// Contracts of calls written on `symbol`.
    pub(crate) fn covered(&self, symbol: Symbol) -> i64 {
        let calls = self.shorts.iter().filter(|(s, _)| s.underlying == symbol && s.right == Right::Call);
        calls.map(|(_, short)| short.contracts()).sum()
    }

    /// Cash basis a share: strikes paid less net option premium (E-8), rounded up.
    pub(crate) fn basis(&self, symbol: Symbol) -> i64 {
        let paid = self.paid[&symbol];
        let premium = self.premium.get(&symbol).copied().unwrap_or(0);
        let shares = self.shares(symbol);
        -(premium - paid).div_euclid(shares)
    }

    /// Strike × 100 of all written puts.
    pub(crate) fn collateral(&self) -> i64 {
        let puts = self.shorts.iter().filter(|(s, _)| s.right == Right::Put);
        puts.map(|(s, short)| s.strike.units() * 100 * short.contracts()).sum()
    }

    /// Everything at its price at the close of `day`, options at mid.
    pub(crate) fn equity(&self, world: &World<'_>, day: TradingDay) -> i64 {
        let cash: i64 = self.settled + self.pending.iter().chain(&self.dividends).map(|(_, m)| m).sum::<i64>();
        let shares: i64 = self.lots.keys().map(|s| self.shares(*s) * world.close(*s, day)).sum();
        let mid = |series: &Series| world.quote(day, series).mid();
        let shorts: i64 = self.shorts.iter().map(|(s, short)| mid(s) * 100 * short.contracts()).sum();
        let longs: i64 = self.longs.iter().map(|l| mid(&l.series) * 100 * l.contracts).sum();
        cash + shares + longs - shorts
    }

    /// A-3, and G-1 while it lasts: 5% or 20%.
    pub(crate) fn buffer(&self, equity: i64) -> i64 {
        let percent = if self.locked.is_some() { 20 } else { 5 };
        -(-equity * percent).div_euclid(100)
    }

    /// Settled cash less what is owed and whatever speaks for it, the buffer left out.
    pub(crate) fn unreserved(&self) -> i64 {
        let owed: i64 = self.pending.iter().map(|(_, m)| *m).filter(|m| *m < 0).sum();
        let working: i64 = self.working.iter().map(|(_, cash)| *cash).sum();
        self.settled + owed - self.collateral() - self.aside - working
    }

    /// The same less the buffer.
    pub(crate) fn free(&self, equity: i64) -> i64 {
        self.unreserved() - self.buffer(equity)
    }

    /// What LEAPS on `symbol` are worth at mid.
    pub(crate) fn longs_in(&self, world: &World<'_>, day: TradingDay, symbol: Symbol) -> i64 {
        let longs = self.longs.iter().filter(|l| l.series.underlying == symbol);
        longs.map(|l| world.quote(day, &l.series).mid() * 100 * l.contracts).sum()
    }

    /// What is bound in `symbol`: puts, shares, LEAPS and orders on their way.
    pub(crate) fn committed_in(&self, world: &World<'_>, day: TradingDay, symbol: Symbol) -> i64 {
        let puts = self.shorts.keys().filter(|s| s.underlying == symbol && s.right == Right::Put);
        let puts: i64 = puts.map(|s| s.strike.units() * 100 * self.shorts[s].contracts()).sum();
        let working: i64 = self.working.iter().filter(|(s, _)| *s == symbol).map(|(_, cash)| *cash).sum();
        puts + self.shares(symbol) * world.close(symbol, day) + self.longs_in(world, day, symbol) + working
    }

    /// What is bound in all symbols.
    pub(crate) fn committed(&self, world: &World<'_>, day: TradingDay) -> i64 {
        let mut symbols: Vec<Symbol> = self.lots.keys().copied().collect();
        symbols.extend(self.shorts.keys().map(|s| s.underlying));
        symbols.extend(self.longs.iter().map(|l| l.series.underlying));
        symbols.extend(self.working.iter().map(|(s, _)| *s));
        symbols.sort_unstable();
        symbols.dedup();
        symbols.iter().map(|s| self.committed_in(world, day, *s)).sum()
    }

    /// Takes in what settles by `day`.
    pub(crate) fn settle(&mut self, day: Date) {
        for list in [&mut self.pending, &mut self.dividends] {
            self.settled += list.iter().filter(|(due, _)| *due <= day).map(|(_, m)| m).sum::<i64>();
            list.retain(|(due, _)| *due > day);
        }
    }

    /// Forgets the premium of a symbol in which nothing is left.
    pub(crate) fn forget(&mut self, symbol: Symbol) {
        let open = self.shorts.keys().any(|s| s.underlying == symbol) || self.shares(symbol) > 0;
        if !open {
            self.premium.remove(&symbol);
        }
        if self.shares(symbol) == 0 {
            self.lots.remove(&symbol);
            self.paid.remove(&symbol);
        }
    }
}
