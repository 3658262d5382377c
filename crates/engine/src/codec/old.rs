//! What earlier versions wrote, read as today's types. Nothing here is ever written.

use ledger::PortfolioId;
use market::instrument::{Right, Series};
use market::order::{Action, Fill, Order, OrderId, Side, Trade};
use market::quote::Origin;
use market::value::{Contracts, Money, Price};
use protocol::expiry::ExpiryAnswer;
use protocol::manage::{Answer, Review};
use protocol::plan::Purpose;
use protocol::rule::Rule;

use super::wire::{Reader, Wire, Writer, fields, record, sure};
use super::{CodecError, Fault};
use crate::event::{Body, Gains, Opened, SleeveWeek, World};

/// An opening when every run decided by itself.
struct OpenedV1 {
    portfolio: PortfolioId,
    program: String,
    schema: u32,
    world: World,
    source: String,
    policy: String,
    premium_model: String,
}

/// An order when the only trades were selling options to open and buying them back.
struct OrderV1 {
    id: OrderId,
    series: Series,
    side: Side,
    quantity: Contracts,
    limit: Price,
}

/// A fill of such an order.
struct FillV1 {
    order: OrderId,
    quantity: Contracts,
    price: Price,
    fees: Money,
    origin: Origin,
}

/// Gains when no option was held long.
struct GainsV1 {
    premium: Money,
    shares: Money,
    dividends: Money,
    interest: Money,
    fees: Money,
    unrealised: Money,
}

record! {
    OpenedV1, 7 { 0 portfolio, 1 program, 2 schema, 3 world, 4 source, 5 policy, 6 premium_model }
    GainsV1, 6 { 0 premium, 1 shares, 2 dividends, 3 interest, 4 fees, 5 unrealised }
    OrderV1, 5 { 0 id, 1 series, 2 side, 3 quantity, 4 limit }
    FillV1, 5 { 0 order, 1 quantity, 2 price, 3 fees, 4 origin }
}

impl OpenedV1 {
    fn today(self) -> Opened {
        let OpenedV1 { portfolio, program, schema, world, source, policy, premium_model } = self;
        Opened { portfolio, program, schema, world, source, policy, premium_model, people: false }
    }
}

impl GainsV1 {
    fn today(self) -> Gains {
        let GainsV1 { premium, shares, dividends, interest, fees, unrealised } = self;
        Gains { premium, shares, longs: Money::ZERO, dividends, interest, fees, unrealised }
    }
}

fn trade(series: Series, side: Side, contracts: Contracts) -> Trade {
    let action = if side == Side::Sell { Action::SellToOpen } else { Action::BuyToClose };
    Trade::Option { action, series, contracts }
}

impl OrderV1 {
    fn today(self) -> Order {
        Order { id: self.id, trade: trade(self.series, self.side, self.quantity), limit: self.limit }
    }
}

/// A look at an option on its last day, when nothing was done about it yet.
fn viewed(series: Series, contracts: Contracts, price: Price, expiry: ExpiryAnswer) -> Review {
    let answer = match expiry {
        ExpiryAnswer::LetExpire => Answer::LetExpire,
        ExpiryAnswer::PrepareAssignment | ExpiryAnswer::RollOrAssign | ExpiryAnswer::DeepDrawdown => {
            Answer::PrepareAssignment
        }
        ExpiryAnswer::PrepareDelivery => Answer::PrepareDelivery,
    };
    Review {
        series,
        contracts,
        price: Some(price),
        seen: None,
        atr: None,
        adverse: None,
        captured: None,
        sessions_left: 0,
        expiry: Some(expiry),
        answer,
        decided: Some(Rule::X6),
        notes: Vec::new(),
        rules: vec![Rule::X6],
        roll: None,
    }
}

/// The body of an event of an earlier version.
pub(super) fn get(kind: u16, version: u16, held: u64, r: &mut Reader<'_>) -> Result<Body, Fault> {
    let expect = |what, expected| match held {
        found if found == expected => Ok(()),
        found => Err(Fault::from(CodecError::Fields { what, found: Some(found), expected })),
    };
    match (kind, version) {
        (1, 1) => {
            expect("Opened", 1)?;
            Ok(Body::Opened(OpenedV1::get(r)?.today()))
        }
        (9, 1) => {
            expect("ExpiryViewed", 5)?;
            let (sleeve, series) = (Wire::get(r)?, Wire::get(r)?);
            let (contracts, price) = (Wire::get(r)?, Wire::get(r)?);
            Ok(Body::Reviewed { sleeve, review: Box::new(viewed(series, contracts, price, Wire::get(r)?)) })
        }
        (9, 2) => {
            expect("Reviewed", 2)?;
            let sleeve = Wire::get(r)?;
            fields(r, 13, "a review")?;
            Ok(Body::Reviewed {
                sleeve,
                review: Box::new(Review {
                    series: Wire::get(r)?,
                    contracts: Wire::get(r)?,
                    price: Wire::get(r)?,
                    seen: Wire::get(r)?,
                    adverse: Wire::get(r)?,
                    captured: Wire::get(r)?,
                    sessions_left: Wire::get(r)?,
                    expiry: Wire::get(r)?,
                    answer: Wire::get(r)?,
                    decided: Wire::get(r)?,
                    notes: Wire::get(r)?,
                    rules: Wire::get(r)?,
                    roll: Wire::get(r)?,
                    atr: None,
                }),
            })
        }
        (11, 1) => {
            expect("OrderApproved", 7)?;
            let (sleeve, order) = (Wire::get(r)?, OrderV1::get(r)?.today());
            let rule = if Purpose::get(r)? == Purpose::Entry { Rule::E5 } else { Rule::E8 };
            let reserve = Wire::get(r)?;
            let (underlying, atr, delta) = (Wire::get(r)?, Wire::get(r)?, Wire::get(r)?);
            // A call reserved shares, whatever the amount beside it said.
            let call = matches!(order.trade, Trade::Option { series, .. } if series.right == Right::Call);
            let reserve = if call { Money::ZERO } else { reserve };
            Ok(Body::OrderApproved { sleeve, order, rule, reserve, underlying, atr, delta })
        }
        (12, 1) => {
            expect("OrderRefused", 3)?;
            let (sleeve, order) = (Wire::get(r)?, OrderV1::get(r)?.today());
            Ok(Body::OrderRefused { sleeve, order, refusal: Wire::get(r)? })
        }
        (13, 1) => {
            expect("Filled", 5)?;
            let (sleeve, series, side) = (Wire::get(r)?, Wire::get(r)?, Wire::get(r)?);
            let FillV1 { order, quantity, price, fees, origin } = Wire::get(r)?;
            let fill = Fill { order, units: quantity.0, price, fees, sold: None, origin };
            Ok(Body::Filled { sleeve, trade: trade(series, side, quantity), fill, settles: Wire::get(r)? })
        }
        (22, 1) => {
            expect("SleeveClosed", 1)?;
            fields(r, 12, "a sleeve's week")?;
            Ok(Body::SleeveClosed(SleeveWeek {
                week: Wire::get(r)?,
                sleeve: Wire::get(r)?,
                kind: Wire::get(r)?,
                start: Wire::get(r)?,
                flows: Wire::get(r)?,
                gains: GainsV1::get(r)?.today(),
                end: Wire::get(r)?,
                idle: Wire::get(r)?,
                unit: Wire::get(r)?,
                mark: Wire::get(r)?,
                peak: Wire::get(r)?,
                drawdown: Wire::get(r)?,
            }))
        }
        _ => Err(CodecError::Unknown { kind, version }.into()),
    }
}
