//! The one gate through which an order leaves (K-4), independent of the rule that wanted it. Modelled on SEC rule
//! 15c3-5 (2010). Only [`check`] makes an [`Approved`] order, and only an approved one can be sent.

use ledger::SleeveId;
use market::instrument::{Right, Series, Symbol};
use market::order::{Action, Order, OrderId, Side, Trade};
use market::quote::Board;
use market::value::{Contracts, Money, Price};
use protocol::guard::{Guard, Intent};
use protocol::policy::Policy;
use protocol::rule::Rule;
use protocol::trust::Class;

use crate::state::State;

/// An order that passed every check. There is no other way to make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approved {
    order: Order,
    sleeve: SleeveId,
}

impl Approved {
    /// The order.
    #[must_use]
    pub const fn order(&self) -> &Order {
        &self.order
    }

    /// The sleeve that it is for.
    #[must_use]
    pub const fn sleeve(&self) -> SleeveId {
        self.sleeve
    }

    /// What a cross of `contracts` leaves of it to be sent; nothing where that is all.
    #[must_use]
    pub fn after_cross(self, contracts: Contracts) -> Option<Approved> {
        let left = self.order.trade.units() - contracts.0;
        (left > 0).then(|| Approved { order: Order { trade: self.order.trade.of(left), ..self.order }, ..self })
    }
}

/// The check that refused an order, with its figures; checks are asked in the order of this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Refusal {
    /// Quantity not above zero, or no price.
    #[error("the quantity is {quantity} at {limit}; expected both above zero")]
    Malformed {
        /// Contracts.
        quantity: Contracts,
        /// Limit.
        limit: Price,
    },
    /// The sleeve does not exist.
    #[error("sleeve {0} does not exist")]
    UnknownSleeve(SleeveId),
    /// The board knows no such symbol.
    #[error("{0} is not on the board")]
    UnknownSymbol(Symbol),
    /// The board has no quote of the contract.
    #[error("the contract has no quote")]
    UnknownContract,
    /// The option has ended.
    #[error("the contract has expired")]
    Expired,
    /// The market is closed at that day.
    #[error("the market is closed")]
    MarketClosed,
    /// The figures are not those of today.
    #[error("the quotes are not today's")]
    Stale,
    /// The limit is too far from mid.
    #[error("the limit {limit} is more than {allowed} from the middle {mid}")]
    Price {
        /// Limit.
        limit: Price,
        /// Middle of bid and ask.
        mid: Price,
        /// Furthest allowed.
        allowed: Price,
    },
    /// Too many contracts in one order.
    #[error("{quantity} contracts in one order; at most {most}")]
    Quantity {
        /// Contracts.
        quantity: Contracts,
        /// Most allowed.
        most: Contracts,
    },
    /// Too much notional in one order.
    #[error("{notional} of notional in one order; at most {most}")]
    Notional {
        /// Strike × 100 × contracts.
        notional: Money,
        /// Most allowed.
        most: Money,
    },
    /// Too much new exposure to one underlying today.
    #[error("{would} of new exposure today; at most {most}")]
    Exposure {
        /// New exposure with this order.
        would: Money,
        /// Most allowed.
        most: Money,
    },
    /// Too many orders of the sleeve today.
    #[error("{sent} orders today already; at most {most}")]
    OrdersToday {
        /// Orders approved so far.
        sent: u32,
        /// Most allowed.
        most: u32,
    },
    /// New puts are locked.
    #[error("new puts are locked")]
    Locked,
    /// Not enough free cash for the collateral.
    #[error("the collateral is {needs}, free cash {free}")]
    Collateral {
        /// Cash it needs.
        needs: Money,
        /// Free cash.
        free: Money,
    },
    /// Not enough free shares for a call.
    #[error("{needs} shares are needed as cover, {free} are free")]
    Cover {
        /// Shares it needs.
        needs: i64,
        /// Shares that are free.
        free: i64,
    },
    /// Nothing is there to buy back.
    #[error("{wanted} contracts are to be bought back, {open} are open")]
    NothingOpen {
        /// Contracts to buy.
        wanted: Contracts,
        /// Contracts open.
        open: Contracts,
    },
    /// The sequence number was used before.
    #[error("order {0} was sent before")]
    SentBefore(OrderId),
    /// Settled cash could not pay what fell due: the sleeve is frozen until it can.
    #[error("{owed} fell due that settled cash could not pay; the sleeve is frozen until it is paid")]
    Frozen {
        /// What is owed.
        owed: Money,
    },
    /// A kill switch holds (K-6).
    #[error("a kill switch holds: nothing is sent that raises risk")]
    Killed,
    /// The guard against extreme volatility is closed to it (K-3).
    #[error("the guard against extreme volatility is closed to it")]
    Guarded,
    /// The symbol is frozen until a human decides (K-5).
    #[error("{0} is frozen until a human decides")]
    SymbolFrozen(Symbol),
    /// An opposite order of our own is working in the contract.
    #[error("order {0} of our own works against it")]
    AgainstOurOwn(OrderId),
    /// People decide this class, and no approved content holds the order (K-4, H-3).
    #[error("no approved plan holds this order")]
    NotApproved,
}

/// What K-4 needs beside the state.
#[derive(Clone, Copy, Debug)]
pub struct RiskView<'a> {
    /// Quotes and prices.
    pub board: &'a Board,
    /// The sleeve's equity.
    pub equity: Money,
    /// All equity of the owner.
    pub owner_equity: Money,
    /// Whether this is the sleeve's first contract, which E-5 lets exceed the cap.
    pub first_contract: bool,
    /// The rule that wants the order.
    pub rule: Rule,
    /// An order of our own that this one will be crossed with before either is sent (K-7).
    pub crosses: Option<OrderId>,
}

/// Cash that an order must find or free: a put's collateral, what a purchase may cost with its fees. What a buy-back or
/// a roll frees pays for it first.
#[must_use]
pub fn cash_needed(policy: &Policy, date: market::time::Date, order: &Order) -> Money {
    let secures = |series: &Series, contracts| ledger::lot::collateral(series, contracts);
    let cost = |contracts: Contracts| {
        let fees = policy.fees.option_trade(date, Side::Buy, contracts, order.limit).unwrap_or(Money::ZERO);
        order.limit.of_contracts(contracts) + fees
    };
    let needed = match order.trade {
        Trade::Option { action: Action::SellToOpen, series, contracts } => secures(&series, contracts),
        Trade::Option { action: Action::BuyToClose, series, contracts } => {
            cost(contracts) - secures(&series, contracts)
        }
        Trade::Option { action: Action::BuyToOpen, contracts, .. } => cost(contracts),
        Trade::Option { action: Action::SellToClose, .. } | Trade::SellShares { .. } => Money::ZERO,
        Trade::Roll { close, open, contracts } => {
            let debit = -(order.limit.of_contracts(contracts)).min(Money::ZERO);
            secures(&open, contracts) + debit - secures(&close, contracts)
        }
    };
    needed.max(Money::ZERO)
}

/// Dollars that the order moves if it is exercised, or that its shares are worth.
fn notional(order: &Order) -> Money {
    match order.trade {
        Trade::Option { series, contracts, .. } | Trade::Roll { open: series, contracts, .. } => {
            series.strike.of_contracts(contracts)
        }
        Trade::SellShares { shares, .. } => order.limit.of_shares(shares),
    }
}

fn is_new_put(order: &Order) -> bool {
    matches!(order.trade, Trade::Option { action: Action::SellToOpen, series, .. } if series.right == Right::Put)
}

/// Asks every check in turn.
///
/// # Errors
/// The first [`Refusal`].
pub fn check(state: &State, sleeve: SleeveId, order: Order, view: &RiskView<'_>) -> Result<Approved, Refusal> {
    let approved = Approved { order, sleeve };
    if state.policy.is_off(Rule::K4) {
        return Ok(approved);
    }
    sane(state, sleeve, &order)?;
    armed(state, sleeve, &order, view.rule)?;
    solvent(state, sleeve, view.board)?;
    known(state, &order, view.board)?;
    within_limits(state, sleeve, &order, view)?;
    backed(state, sleeve, &order, view.board)?;
    unique(state, &order, view.crosses)?;
    as_approved(state, sleeve, &order, view.rule)?;
    Ok(approved)
}

fn sane(state: &State, sleeve: SleeveId, order: &Order) -> Result<(), Refusal> {
    let is_roll = matches!(order.trade, Trade::Roll { .. });
    if order.trade.units() <= 0 || (order.limit <= Price::ZERO && !is_roll) {
        return Err(Refusal::Malformed { quantity: Contracts(order.trade.units()), limit: order.limit });
    }
    state.sleeve(sleeve).map(|_| ()).ok_or(Refusal::UnknownSleeve(sleeve))
}

/// What an order does, as the guard asks (K-3).
fn intent(order: &Order) -> Intent {
    match order.trade {
        Trade::Option { action: Action::BuyToClose, .. } => Intent::BuyToClose,
        Trade::Option { action: Action::SellToOpen, series, .. } if series.right == Right::Call => Intent::CoverShares,
        Trade::Option { action: Action::SellToOpen, .. } => Intent::NewPut,
        Trade::Option { action: Action::BuyToOpen, .. } => Intent::NewLeaps,
        Trade::Option { action: Action::SellToClose, .. } | Trade::SellShares { .. } => Intent::SellShares,
        Trade::Roll { .. } if order.limit > Price::ZERO => Intent::CreditRoll,
        Trade::Roll { .. } => Intent::DebitRoll,
    }
}

/// Kill switches (K-6) stop all but buy-backs and sales of what is held; the guard (K-3) and a frozen symbol (K-5) stop
/// what they name.
fn armed(state: &State, sleeve: SleeveId, order: &Order, rule: Rule) -> Result<(), Refusal> {
    let intent = intent(order);
    let lowers_risk = matches!(intent, Intent::BuyToClose | Intent::SellShares);
    if state.is_killed(sleeve) && !lowers_risk && !state.policy.is_off(Rule::K6) {
        return Err(Refusal::Killed);
    }
    let symbol = order.trade.underlying();
    if state.frozen.binary_search(&symbol).is_ok() && !state.policy.is_off(Rule::K5) {
        return Err(Refusal::SymbolFrozen(symbol));
    }
    // At its last step nothing is sent without a human; with one, what the step before lets through.
    let by_hand = state.people.granted(sleeve, order, rule).is_some_and(|granted| granted.by_human);
    let guard = if by_hand { state.guard.min(Guard::Defend) } else { state.guard };
    if guard.allows(intent) || state.policy.is_off(Rule::K3) { Ok(()) } else { Err(Refusal::Guarded) }
}

/// a debit at settlement freezes the sleeve; it sends nothing, buy-backs included, since it has no cash for them.
fn solvent(state: &State, sleeve: SleeveId, board: &Board) -> Result<(), Refusal> {
    let owed = state.ledger.overdue(sleeve, board.day.date());
    if owed.is_positive() && !state.policy.is_off(Rule::A7) { Err(Refusal::Frozen { owed }) } else { Ok(()) }
}

fn known(state: &State, order: &Order, board: &Board) -> Result<(), Refusal> {
    let symbol = order.trade.underlying();
    let underlying = board.underlying(symbol).ok_or(Refusal::UnknownSymbol(symbol))?;
    let middle = |series: &Series| -> Result<Price, Refusal> {
        let (quote, _) = board.quote(series).ok_or(Refusal::UnknownContract)?;
        if series.expiration.0 < board.day.date() { Err(Refusal::Expired) } else { Ok(quote.mid()) }
    };
    let risk = &state.policy.risk;
    let band = |mid: Price| risk.price.of_price(mid).max(risk.price_min);
    let (mid, allowed) = match &order.trade {
        Trade::Option { series, .. } => middle(series).map(|mid| (mid, band(mid)))?,
        Trade::Roll { close, open, .. } => {
            let (bought, sold) = (middle(close)?, middle(open)?);
            (sold - bought, band(bought) + band(sold))
        }
        Trade::SellShares { .. } => (underlying.price, band(underlying.price)),
    };
    if state.calendar.session(board.day.date()).is_none() {
        return Err(Refusal::MarketClosed);
    }
    if state.last_day.is_some_and(|last| board.day <= last) {
        return Err(Refusal::Stale);
    }
    let limit = order.limit;
    if limit.distance(mid) > allowed { Err(Refusal::Price { limit, mid, allowed }) } else { Ok(()) }
}

/// The most new exposure to one underlying a day: what the sleeve may take, and, for a large sleeve, what all sleeves
/// of the owner may take together (K-7).
fn exposure_limits(policy: &Policy, view: &RiskView<'_>) -> impl Iterator<Item = (bool, Money)> {
    let cap = policy.cap.underlying.of(view.equity);
    let owners = policy.risk.exposure.of(view.owner_equity);
    let large = view.equity > policy.risk.large_sleeve;
    [(false, cap)].into_iter().chain(large.then_some((true, owners)))
}

fn within_limits(state: &State, sleeve: SleeveId, order: &Order, view: &RiskView<'_>) -> Result<(), Refusal> {
    let risk = &state.policy.risk;
    let most = Contracts(i64::from(risk.contracts));
    let quantity = Contracts(order.trade.units());
    if quantity > most && !matches!(order.trade, Trade::SellShares { .. }) {
        return Err(Refusal::Quantity { quantity, most });
    }
    let notional = notional(order);
    if notional > risk.notional {
        return Err(Refusal::Notional { notional, most: risk.notional });
    }
    let opens_put = is_new_put(order);
    if opens_put && !view.first_contract {
        let symbol = order.trade.underlying();
        let today = |all: bool| -> Money {
            let of_symbol = state.exposure_today.iter().filter(|e| e.symbol == symbol && (all || e.sleeve == sleeve));
            of_symbol.map(|e| e.amount).sum::<Money>() + notional
        };
        let sum = !state.policy.is_off(Rule::K7);
        for (would, most) in exposure_limits(&state.policy, view).map(|(owners, most)| (today(owners && sum), most)) {
            if would > most {
                return Err(Refusal::Exposure { would, most });
            }
        }
    }
    let sent = state.orders_today.iter().find(|(s, _)| *s == sleeve).map_or(0, |(_, n)| *n);
    if sent >= risk.orders_a_day {
        return Err(Refusal::OrdersToday { sent, most: risk.orders_a_day });
    }
    let locked = state.sleeve(sleeve).is_some_and(|s| s.lock.is_some());
    if opens_put && locked { Err(Refusal::Locked) } else { Ok(()) }
}

fn backed(state: &State, sleeve: SleeveId, order: &Order, board: &Board) -> Result<(), Refusal> {
    let cash = || {
        let needs = cash_needed(&state.policy, board.day.date(), order);
        let free = state.ledger.free_cash(sleeve);
        if needs.is_positive() && needs > free { Err(Refusal::Collateral { needs, free }) } else { Ok(()) }
    };
    let cover = |symbol, needs: i64| {
        let free = state.ledger.uncovered_shares(sleeve, symbol).0;
        if needs > free { Err(Refusal::Cover { needs, free }) } else { Ok(()) }
    };
    let written = |series: &Series, wanted| {
        let all = state.ledger.short(sleeve, series).map_or(Contracts(0), |s| s.contracts);
        let ours = state.working.iter().filter(|w| w.sleeve == sleeve && w.order.trade.buys_back() == Some(*series));
        let open = all - ours.map(|w| Contracts(w.order.trade.units()) - w.filled).sum();
        if wanted > open { Err(Refusal::NothingOpen { wanted, open }) } else { Ok(()) }
    };
    match order.trade {
        Trade::Option { action: Action::SellToOpen, series, contracts } if series.right == Right::Call => {
            cover(series.underlying, contracts.shares().0)
        }
        Trade::Option { action: Action::SellToOpen | Action::BuyToOpen, .. } => cash(),
        Trade::Option { action: Action::BuyToClose, series, contracts }
        | Trade::Roll { close: series, contracts, .. } => {
            written(&series, contracts)?;
            cash()
        }
        Trade::Option { action: Action::SellToClose, .. } => Ok(()),
        Trade::SellShares { symbol, shares } => cover(symbol, shares.0),
    }
}

fn unique(state: &State, order: &Order, crosses: Option<OrderId>) -> Result<(), Refusal> {
    if (order.id.epoch, order.id.sequence) < (state.epoch, state.next_order) {
        return Err(Refusal::SentBefore(order.id));
    }
    let others = state.working.iter().filter(|w| Some(w.order.id) != crosses);
    let against = others.into_iter().find(|w| w.order.trade.opposes(&order.trade));
    against.map_or(Ok(()), |w| Err(Refusal::AgainstOurOwn(w.order.id)))
}

/// The last check: where people decide, an order is what some approved content still holds (H-3).
fn as_approved(state: &State, sleeve: SleeveId, order: &Order, rule: Rule) -> Result<(), Refusal> {
    let class = Class::of(&state.policy, &order.trade, rule);
    let free = state.decides(class, sleeve) || state.people.granted(sleeve, order, rule).is_some();
    if free { Ok(()) } else { Err(Refusal::NotApproved) }
}
