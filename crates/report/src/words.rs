//! The trader's words: every variant of every reason, as the end of a sentence, with its figures.
//!
//! Minus signs are typographic (`−`), so that a story never shows a range where a loss is meant.

use engine::event::{Body, LockReason, NewEpoch, World};
use ledger::{SleeveId, SleeveKind};
use market::instrument::{Right, Series};
use market::order::{Action, Order, OrderStatus, Trade};
use market::quote::Origin;
use market::value::{Contracts, Money, Price};
use protocol::plan::{Gate, Purpose, Skip, Untestable};
use protocol::policy::Policy;
use protocol::policy::unit::Ppm;
use protocol::position::PositionType;
use protocol::week::{Classification, Support, Trend, Unclassified, VixState};

/// The text with typographic minus signs.
#[must_use]
pub fn minus(text: &str) -> String {
    text.replace('-', "−")
}

/// An amount: `−$1,234.50`.
#[must_use]
pub fn money(money: Money) -> String {
    minus(&money.to_string())
}

/// A price: `$180.00`.
#[must_use]
pub fn price(price: Price) -> String {
    minus(&price.to_string())
}

/// `part / whole` in percent with two decimals, halves away from zero; `n/a` unless the whole is above zero.
#[must_use]
pub fn percent(part: i64, whole: i64) -> String {
    if whole <= 0 {
        return "n/a".to_owned();
    }
    let scaled = i128::from(part).abs() * 20_000 + i128::from(whole);
    let hundredths = scaled / (2 * i128::from(whole));
    let sign = if part < 0 && hundredths > 0 { "−" } else { "" };
    format!("{sign}{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// A share in millionths as percent.
#[must_use]
pub fn ppm(share: Ppm) -> String {
    percent(share.0, Ppm::WHOLE)
}

/// A share as the policy writes it, without trailing zeros: `50%`, `−0.5%`.
#[must_use]
pub fn rate(share: Ppm) -> String {
    minus(&share.to_string())
}

/// A level of VIX from hundredths of a point.
#[must_use]
pub fn vix(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// A whole number with commas.
#[must_use]
pub fn count(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::from(if n < 0 { "−" } else { "" });
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `one` or `many`, as the number asks.
#[must_use]
pub const fn plural(n: i64, one: &'static str, many: &'static str) -> &'static str {
    if n == 1 { one } else { many }
}

/// Put or call, in the plural if there are several.
#[must_use]
pub const fn rights(right: Right, contracts: Contracts) -> &'static str {
    match right {
        Right::Put => plural(contracts.0, "put", "puts"),
        Right::Call => plural(contracts.0, "call", "calls"),
    }
}

/// `5 TSLA 2024-06-14 $180.00 puts`.
#[must_use]
pub fn lots(contracts: Contracts, series: &Series) -> String {
    let Series { underlying, expiration, right, strike } = series;
    format!("{} {underlying} {expiration} {strike} {}", count(contracts.0), rights(*right, contracts))
}

/// `5 TSLA $180.00 puts`, where the expiration is plain.
#[must_use]
pub fn lots_today(contracts: Contracts, series: &Series) -> String {
    let Series { underlying, right, strike, .. } = series;
    format!("{} {underlying} {strike} {}", count(contracts.0), rights(*right, contracts))
}

/// A sleeve as a trader names it: `Gen` in the root structure, `4.Gen` in another.
#[must_use]
pub fn sleeve(id: SleeveId) -> String {
    if id.structure == engine::decide::ROOT { id.kind.to_string() } else { id.to_string() }
}

/// The sleeves of a structure: `Gen, Rev, Com`.
#[must_use]
pub fn kinds(sleeves: ledger::id::SleeveKinds) -> String {
    let held: Vec<String> = SleeveKind::ALL.iter().filter(|k| sleeves.contains(**k)).map(ToString::to_string).collect();
    held.join(", ")
}

/// What a premium model calls itself: the first line of its text, without the sign of a comment.
#[must_use]
pub fn model(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim_start_matches('#').trim()
}

/// In which world a run took place; made-up prices are called SIMULATED on every page.
#[must_use]
pub const fn world(world: World) -> &'static str {
    match world {
        World::History => "history",
        World::Simulated => "SIMULATED",
    }
}

/// Quoted or modelled.
#[must_use]
pub const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Quoted => "quoted",
        Origin::Modelled => "modelled",
    }
}

/// What a plan is about.
#[must_use]
pub const fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Entry => "puts",
        Purpose::Cover => "calls on its shares",
    }
}

/// What a trade does: `sell`, `buy back`, `roll` …
#[must_use]
pub const fn verb(trade: &Trade) -> &'static str {
    match trade {
        Trade::Option { action: Action::SellToOpen | Action::SellToClose, .. } | Trade::SellShares { .. } => "sell",
        Trade::Option { action: Action::BuyToClose, .. } => "buy back",
        Trade::Option { action: Action::BuyToOpen, .. } => "buy",
        Trade::Roll { .. } => "roll",
    }
}

/// The same of somebody who did it: `sells`, `buys back`, `rolls` …
#[must_use]
pub const fn does(trade: &Trade) -> &'static str {
    match trade {
        Trade::Option { action: Action::SellToOpen | Action::SellToClose, .. } | Trade::SellShares { .. } => "sells",
        Trade::Option { action: Action::BuyToClose, .. } => "buys back",
        Trade::Option { action: Action::BuyToOpen, .. } => "buys",
        Trade::Roll { .. } => "rolls",
    }
}

/// What is traded: `5 TSLA 2024-06-14 $180.00 puts`, `… to 2024-06-21 $175.00` of a roll, `100 TSLA shares`.
#[must_use]
pub fn traded(trade: &Trade) -> String {
    match trade {
        Trade::Option { series, contracts, .. } => lots(*contracts, series),
        Trade::Roll { close, open, contracts } => {
            format!("{} to {} {}", lots(*contracts, close), open.expiration, open.strike)
        }
        Trade::SellShares { symbol, shares } => format!("{} {symbol} shares", count(shares.0)),
    }
}

/// The worst price of an order: `at $1.23`, of a roll `for a credit of $0.10` or `for a debit of $0.20`.
#[must_use]
pub fn limit(order: &Order) -> String {
    match order.trade {
        Trade::Roll { .. } => net(order.limit),
        _ => format!("at {}", price(order.limit)),
    }
}

/// A roll's net price: `for a credit of $0.10`, `for a debit of $0.20`.
#[must_use]
pub fn net(credit: Price) -> String {
    let way = if credit < Price::ZERO { "debit" } else { "credit" };
    format!("for a {way} of {}", price(credit.distance(Price::ZERO)))
}

/// Where an order stands.
#[must_use]
pub const fn status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Intended => "decided",
        OrderStatus::Working => "working",
        OrderStatus::Partial => "filled in part",
        OrderStatus::Filled => "filled",
        OrderStatus::Cancelled => "cancelled",
        OrderStatus::Rejected => "rejected by the broker",
    }
}

/// Where the index goes.
#[must_use]
pub const fn trend(trend: Trend) -> &'static str {
    match trend {
        Trend::Bullish => "bullish",
        Trend::Bearish => "bearish",
        Trend::Sideways => "sideways",
    }
}

/// Where VIX stands.
#[must_use]
pub const fn volatility(vix: VixState) -> &'static str {
    match vix {
        VixState::Low => "low",
        VixState::High => "high",
    }
}

/// How broad the market's support is.
#[must_use]
pub const fn support(support: Support) -> &'static str {
    match support {
        Support::Strong => "strong",
        Support::Mixed => "mixed",
        Support::Broken => "broken",
    }
}

/// What a class rests on, as the end of a sentence.
#[must_use]
pub fn evidence(policy: &Policy, class: &Classification) -> String {
    let e = &class.evidence;
    format!(
        "{} {} ({}, average {}, before {}), VIX {} {} (mean {}), support {} ({} of {}), at the close of {}; \
         confidence {}",
        policy.universe.index,
        trend(class.trend),
        price(e.close),
        price(e.average),
        price(e.average_before),
        vix(e.vix),
        volatility(class.vix),
        vix(e.vix_mean),
        support(class.support),
        e.above,
        e.symbols,
        e.as_of,
        confidence(class.confidence),
    )
}

/// A confidence between 0 and 1 with two decimals, rounded down.
#[must_use]
pub fn confidence(share: Ppm) -> String {
    format!("{}.{:02}", share.0 / Ppm::WHOLE, share.0 % Ppm::WHOLE / 10_000)
}

/// Why a week was not judged.
#[must_use]
pub fn unclassified(policy: &Policy, why: &Unclassified) -> String {
    match why {
        Unclassified::WarmUp { vix_closes, index_bars, symbol_bars } => {
            let data = &policy.data;
            let bars = data.warmup_symbol_bars.max(data.warmup_atr_bars);
            format!(
                "warm-up, with {vix_closes} of {} VIX closes, {index_bars} of {} index bars and {symbol_bars} of \
                 {bars} bars of every symbol",
                data.warmup_vix_closes, data.warmup_index_bars
            )
        }
        Unclassified::NoVix(day) => format!("VIX has no value for {day}"),
    }
}

/// Why a gate refused.
#[must_use]
pub fn gate(gate: &Gate) -> String {
    match gate {
        Gate::NoBid => "nobody bids".to_owned(),
        Gate::Spread { spread, limit } => {
            format!("ask less bid is {}, at most {} allowed", price(*spread), price(*limit))
        }
        Gate::IvRank { found, least } => format!("its IV rank is {}, at least {} asked for", ppm(*found), ppm(*least)),
        Gate::OpenInterest { found, least } => format!("{found} contracts are open, at least {least} asked for"),
        Gate::Volume { found, least } => format!("{found} contracts traded, at least {least} asked for"),
        Gate::Earnings { on } => format!("an earnings report may come on {on}, not after the expiration"),
        Gate::Premium { bid, least } => {
            format!("the bid {} is below the least premium {}", price(*bid), price(*least))
        }
    }
}

/// Why a candidate was left.
#[must_use]
pub fn skip(skip: &Skip) -> String {
    match skip {
        Skip::HoldsShares => "the sleeve holds shares of it and sells calls on them instead".to_owned(),
        Skip::Locked => "new puts are locked".to_owned(),
        Skip::Guarded => "the guard against extreme volatility is closed to new puts".to_owned(),
        Skip::ProfitTaken => "the profit of a put on it was taken this week".to_owned(),
        Skip::FeesUnknown => "the fees of this day are not in the policy's table".to_owned(),
        Skip::NoExpiration => "no expiration in the week nor soon after".to_owned(),
        Skip::NoQuotes(expiration) => format!("no quotes for {expiration}"),
        Skip::NoStrike { band: (low, high), best } => {
            let below = best.map_or("none quoted below".to_owned(), |b| format!("highest below: {b}"));
            format!("no strike with a delta of {low} to {high} ({below})")
        }
        Skip::Gate(refused) => gate(refused),
        Skip::DoesNotFit { needs, deployable } => {
            format!("one contract needs {}, {} may be deployed", money(*needs), money(deployable.floor_cents()))
        }
        Skip::Cap { would, cap } => {
            format!("one contract would bind {} in it, the cap is {}", money(*would), money(cap.floor_cents()))
        }
        Skip::Outbid => "other candidates took the cash".to_owned(),
        Skip::NothingAboveBasis { basis } => format!("no call at or above the basis {} pays enough", price(*basis)),
        Skip::EarningsCoverage { on } => format!("enough shares are covered over the earnings report of {on}"),
        Skip::NoMark(series) => format!("{series} has no quote, so that the sleeve's equity is not known"),
        Skip::VolumeShare { volume } => {
            format!("one contract would be too much of a volume of {volume}")
        }
    }
}

/// A short name for a reason, for counting.
#[must_use]
pub const fn skip_name(skip: &Skip) -> &'static str {
    match skip {
        Skip::HoldsShares => "holds shares",
        Skip::Guarded => "VIX guard",
        Skip::ProfitTaken => "profit taken",
        Skip::Locked => "locked",
        Skip::FeesUnknown => "fees not known",
        Skip::NoExpiration => "no expiration",
        Skip::NoQuotes(_) => "no quotes",
        Skip::NoStrike { .. } => "no strike in the band",
        Skip::Gate(gate) => gate_name(gate),
        Skip::DoesNotFit { .. } => "does not fit the cash",
        Skip::Cap { .. } => "above the cap",
        Skip::Outbid => "outbid",
        Skip::NothingAboveBasis { .. } => "nothing above the basis",
        Skip::EarningsCoverage { .. } => "covered enough over earnings",
        Skip::NoMark(_) => "an open option without a quote",
        Skip::VolumeShare { .. } => "too much of the volume",
    }
}

/// A short name for a gate, for counting.
#[must_use]
pub const fn gate_name(gate: &Gate) -> &'static str {
    match gate {
        Gate::NoBid => "no bid",
        Gate::Spread { .. } => "spread",
        Gate::IvRank { .. } => "IV rank",
        Gate::OpenInterest { .. } => "open interest",
        Gate::Volume { .. } => "volume",
        Gate::Earnings { .. } => "earnings",
        Gate::Premium { .. } => "premium",
    }
}

/// A short name for the check that refused an order, for counting.
#[must_use]
pub const fn refusal_name(refusal: &engine::risk::Refusal) -> &'static str {
    use engine::risk::Refusal as R;
    match refusal {
        R::Malformed { .. } => "malformed",
        R::UnknownSleeve(_) => "unknown sleeve",
        R::UnknownSymbol(_) => "unknown symbol",
        R::UnknownContract => "no quote of the contract",
        R::Expired => "expired",
        R::MarketClosed => "market closed",
        R::Stale => "stale quotes",
        R::Price { .. } => "price",
        R::Quantity { .. } => "quantity",
        R::Notional { .. } => "notional",
        R::Exposure { .. } => "exposure",
        R::OrdersToday { .. } => "orders a day",
        R::Locked => "locked",
        R::Collateral { .. } => "collateral",
        R::Cover { .. } => "cover",
        R::NothingOpen { .. } => "nothing open",
        R::SentBefore(_) => "sent before",
        R::AgainstOurOwn(_) => "against an order of our own",
        R::Frozen { .. } => "sleeve frozen",
        R::Killed => "kill switch",
        R::Guarded => "VIX guard",
        R::SymbolFrozen(_) => "symbol frozen",
        R::NotApproved => "not approved",
    }
}

/// A gate that could not be asked.
#[must_use]
pub const fn untestable(gate: Untestable) -> &'static str {
    match gate {
        Untestable::OpenInterest => "open interest",
        Untestable::IvRank => "IV rank",
        Untestable::Volume => "volume",
        Untestable::Earnings => "earnings",
    }
}

/// A figure in hundredths: `53.21`.
#[must_use]
pub fn hundredths(n: i64) -> String {
    format!("{}.{:02}", n / 100, n % 100)
}

/// Why puts were locked or unlocked.
#[must_use]
pub const fn lock(why: LockReason) -> &'static str {
    match why {
        LockReason::Drawdown => "the drawdown is above its limit",
        LockReason::DeepPut => "a put closed the week in deep drawdown",
        LockReason::Recovered => "ten quiet sessions and the drawdown below half its limit",
        LockReason::Empty => "ten quiet sessions and nothing left to hold; the mark restarts",
        LockReason::Sell => "it has lasted half a year; the shares are sold",
        LockReason::Reset => "it has lasted half a year; the mark restarts",
    }
}

/// What a position's type means.
#[must_use]
pub const fn position(kind: PositionType) -> &'static str {
    match kind {
        PositionType::PutDeep => "puts in deep drawdown",
        PositionType::CallRecovery => "calls in recovery mode",
        PositionType::CallRolled => "calls rolled over",
        PositionType::PutOverLimit => "puts assigned over limit",
        PositionType::PutRolled => "puts rolled over",
        PositionType::PutWithinLimit => "puts assigned within limit",
        PositionType::CallPremium => "calls, premium only",
        PositionType::CallAppreciation => "calls with appreciation profit",
        PositionType::CallStrong => "calls with strong appreciation profit",
        PositionType::PutExpired => "puts expired worthless",
        PositionType::Idle => "week idle",
    }
}

/// Why order ids begin anew, as what somebody does.
#[must_use]
pub fn new_epoch(why: NewEpoch) -> String {
    match why {
        NewEpoch::Restored => "restores the journal from a backup".to_owned(),
        NewEpoch::Branched { left, .. } => {
            format!(
                "goes on from here and leaves {} later events behind",
                count(i64::try_from(left).unwrap_or(i64::MAX))
            )
        }
        NewEpoch::TakenOver => "takes over".to_owned(),
    }
}

/// What kind of event it is, in a word or two.
#[must_use]
pub const fn event(body: &Body) -> &'static str {
    match body {
        Body::Opened(_) => "opening",
        Body::Founded { .. } => "founding",
        Body::Deposited { .. } => "deposit",
        Body::SplitApplied { .. } => "split",
        Body::DividendAccrued(_) => "dividend",
        Body::Settled { .. } => "settlement",
        Body::WeekClassified { .. } | Body::WeekUnclassified { .. } => "market week",
        Body::Withdrawn { .. } | Body::WithdrawalRefused { .. } => "withdrawal",
        Body::IncomeBooked { .. } => "income",
        Body::ReserveInterest { .. } => "interest",
        Body::ReserveClosed { .. } => "tax reserve's week",
        Body::Reinvested { .. } => "reinvestment",
        Body::LeapsPlanned { .. } | Body::LeapsReviewed { .. } => "LEAPS",
        Body::ForkDue { .. } | Body::ForkLapsed { .. } | Body::Forked { .. } => "fork",
        Body::MergeStarted { .. } | Body::Merged { .. } => "merge",
        Body::GuardChanged { .. } => "VIX guard",
        Body::Reviewed { .. } => "position looked at",
        Body::KillSwitch { .. } => "kill switch",
        Body::EpochBegan { .. } => "new epoch",
        Body::Frozen { .. } | Body::Thawed { .. } => "freeze",
        Body::Planned(_) => "plan",
        Body::OrderApproved { .. } => "order approved",
        Body::OrderRefused { .. } => "order refused",
        Body::Filled { .. } => "fill",
        Body::Crossed(_) => "cross",
        Body::OrderEnded { .. } => "order ended",
        Body::Expired { .. } => "expiration",
        Body::LongEnded { settles: None, .. } => "expiration",
        Body::LongEnded { .. } => "exercise",
        Body::Assigned { .. } => "assignment",
        Body::DayEnded { .. } => "end of session",
        Body::InterestCredited { .. } => "interest",
        Body::Marked(_) => "marks",
        Body::PositionTyped(_) => "position's week",
        Body::LockChanged { .. } => "lock",
        Body::SleeveClosed(_) => "sleeve's week",
        Body::WeekEnded { .. } => "weekly close",
        Body::Compared(_) => "comparison",
        Body::Commanded { .. } => "key of a command",
        Body::Resumed { .. } => "restart",
        Body::Observed { .. }
        | Body::Proposed(_)
        | Body::Answered { .. }
        | Body::NotDone { .. }
        | Body::ActRefused { .. }
        | Body::WeekOverridden { .. }
        | Body::LevelChanged { .. }
        | Body::DecisionJudged(_)
        | Body::TrustSuggested { .. } => crate::story::people::kind(body),
    }
}
