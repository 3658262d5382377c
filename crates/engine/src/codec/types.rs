//! The numbered fields of every type that an event holds. A number once given is never given to anything else.

use jiff::Timestamp;
use ledger::entry::Dividend;
use ledger::id::SleeveKinds;
use ledger::{PortfolioId, SleeveId, SleeveKind, StructureId};
use market::instrument::{Right, Series, Symbol};
use market::order::{Action, Fill, Order, OrderId, OrderStatus, Side, Sold, Trade};
use market::quote::{Delta, Origin};
use market::value::{Contracts, Money, Price, Shares};
use protocol::expiry::ExpiryAnswer;
use protocol::growth::{Division, ForkWait};
use protocol::guard::Guard;
use protocol::income::{Bound, NoWithdrawal, ProfitAccount, Reinvested, WeekIncome};
use protocol::leaps::{Bought, LeapsAnswer, LeapsCandidate, LeapsPlan, LeapsSkip};
use protocol::manage::{Answer, CloseReason, Note, Review};
use protocol::plan::{Candidate, Gate, Plan, Purpose, Seen, Skip, Untestable, Verdict};
use protocol::policy::unit::{Multiple, Ppm};
use protocol::policy::{Level, WeekClass};
use protocol::position::PositionType;
use protocol::roll::{Barred, NoDebit, Refusal as NoRoll, Roll, RollKind, RollSearch};
use protocol::rule::Rule;
use protocol::trust::{Class, Trust};
use protocol::week::{Classification, Evidence, Support, Trend, Unclassified, VixState};

use super::wire::{Reader, Wire, Writer, around, choice, fields, record, sure, variants};
use super::{CodecError, Fault};
use crate::command::{Command, Key};
use crate::event::{
    BenchmarkMark, Crossing, Gains, LockReason, Marks, NewEpoch, Opened, OptionMark, ReserveWeek, Scope, SleeveWeek,
    TypedPosition, Variant, World,
};
use crate::people::{
    Act, Alternative, Content, Digest, Judged, LevelWhy, NoAct, Proposal, Reply, Undone, Wanted, Word,
};
use crate::risk::Refusal;

around! {
    Money: i64 = |v| v.units(), |n| Money::from_units(n);
    Price: i64 = |v| v.units(), |n| Price::from_units(n);
    Shares: i64 = |v| v.0, |n| Shares(n);
    Contracts: i64 = |v| v.0, |n| Contracts(n);
    Delta: i32 = |v| v.0, |n| Delta(n);
    Ppm: i64 = |v| v.0, |n| Ppm(n);
    Multiple: i64 = |v| v.0, |n| Multiple(n);
    PortfolioId: u32 = |v| v.0, |n| PortfolioId(n);
    StructureId: u32 = |v| v.0, |n| StructureId(n);
    Rule: u16 = |v| v.number(),
        |n| Rule::from_number(n).ok_or(CodecError::Value { what: "a rule", found: i64::from(n) })?;
}

impl Wire for Symbol {
    #[inline]
    fn put(&self, w: &mut Writer<'_>) {
        sure(w.str(self.as_str()));
    }
    #[inline]
    fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
        match r.letters(Symbol::of_letters) {
            Some(symbol) => Ok(symbol),
            None => Symbol::new(r.str()?).map_err(|e| CodecError::Text(e.to_string()).into()),
        }
    }
}

impl Wire for Timestamp {
    fn put(&self, w: &mut Writer<'_>) {
        self.as_second().put(w);
    }
    fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let found = i64::get(r)?;
        Timestamp::from_second(found).map_err(|_| CodecError::Value { what: "an instant", found }.into())
    }
}

impl Wire for Digest {
    fn put(&self, w: &mut Writer<'_>) {
        sure(w.bytes(&self.0));
    }
    fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let bytes = r.bytes()?;
        let found = bytes.len() as i64;
        bytes.try_into().map(Digest).map_err(|_| CodecError::Value { what: "the length of a digest", found }.into())
    }
}

impl Wire for Key {
    fn put(&self, w: &mut Writer<'_>) {
        sure(w.str(self.as_str()));
    }
    fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
        Key::new(r.str()?).map_err(|e| CodecError::Text(e.to_string()).into())
    }
}

impl Wire for SleeveKinds {
    fn put(&self, w: &mut Writer<'_>) {
        let kinds: Vec<SleeveKind> = SleeveKind::ALL.into_iter().filter(|k| self.contains(*k)).collect();
        kinds.put(w);
    }
    fn get(r: &mut Reader<'_>) -> Result<Self, Fault> {
        Vec::<SleeveKind>::get(r).map(|kinds| SleeveKinds::of(&kinds))
    }
}

choice! {
    SleeveKind { 0 Generation, 1 Revenue, 2 Compounding }
    Right { 0 Put, 1 Call }
    Side { 0 Buy, 1 Sell }
    Action { 0 SellToOpen, 1 BuyToClose, 2 BuyToOpen, 3 SellToClose }
    Origin { 0 Quoted, 1 Modelled }
    OrderStatus { 0 Intended, 1 Working, 2 Partial, 3 Filled, 4 Cancelled, 5 Rejected }
    WeekClass { 0 Green, 1 Red, 2 Chop }
    Trend { 0 Bullish, 1 Bearish, 2 Sideways }
    VixState { 0 Low, 1 High }
    Support { 0 Strong, 1 Mixed, 2 Broken }
    ExpiryAnswer { 0 LetExpire, 1 PrepareAssignment, 2 RollOrAssign, 3 DeepDrawdown, 4 PrepareDelivery }
    Purpose { 0 Entry, 1 Cover }
    Untestable { 0 OpenInterest, 1 Volume, 2 Earnings, 3 IvRank }
    PositionType {
        0 PutDeep, 1 CallRecovery, 2 CallRolled, 3 PutOverLimit, 4 PutRolled, 5 PutWithinLimit, 6 CallPremium,
        7 CallAppreciation, 8 CallStrong, 9 PutExpired, 10 Idle,
    }
    LockReason { 0 Drawdown, 1 Recovered, 2 Empty, 3 Reset, 4 DeepPut, 5 Sell }
    Guard { 0 Calm, 1 Reduce, 2 Defend, 3 Stop }
    CloseReason { 0 Dividend, 1 Cheap, 2 Preservation, 3 Profit, 4 ProfitEarly, 5 NeverAssigned }
    RollKind { 0 Credit, 1 Debit }
    Bound { 0 Income, 1 Surplus, 2 FreeCash }
    World { 0 History, 1 Simulated }
    Level { 0 Observe, 1 Propose, 2 ByException, 3 Automatic }
    Class { 0 Entry, 1 Adjustment, 2 Roll, 3 Fork, 4 Merge, 5 Reinvest, 6 Parameter, 7 Emergency }
    Undone { 0 Changed, 1 SessionOver }
}

record! {
    SleeveId, 2 { 0 structure, 1 kind }
    OrderId, 3 { 0 portfolio, 1 epoch, 2 sequence }
    Series, 4 { 0 underlying, 1 expiration, 2 right, 3 strike }
    Order, 3 { 0 id, 1 trade, 2 limit }
    Sold, 2 { 0 price, 1 fees }
    Fill, 6 { 0 order, 1 units, 2 price, 3 fees, 4 sold, 5 origin }
    Dividend, 6 { 0 sleeve, 1 symbol, 2 shares, 3 per_share, 4 amount, 5 settles }
    Evidence, 8 {
        0 as_of, 1 close, 2 average, 3 average_before, 4 vix, 5 vix_mean, 6 above, 7 symbols,
    }
    Classification, 6 { 0 class, 1 trend, 2 vix, 3 support, 4 confidence, 5 evidence }
    Seen, 5 { 0 series, 1 bid, 2 ask, 3 delta, 4 origin }
    Candidate, 7 { 0 symbol, 1 price, 2 seen, 3 verdict, 4 untestable, 5 rules, 6 locked_loss }
    Plan, 10 {
        0 sleeve, 1 day, 2 purpose, 3 class, 4 sizing, 5 equity, 6 free_cash, 7 committed, 8 deployable, 9 candidates,
    }
    Opened, 8 { 0 portfolio, 1 program, 2 schema, 3 world, 4 source, 5 policy, 6 premium_model, 7 people }
    OptionMark, 4 { 0 series, 1 mid, 2 ask, 3 origin }
    BenchmarkMark, 4 { 0 symbol, 1 close, 2 dividends, 3 split }
    Marks, 6 { 0 week, 1 day, 2 closes, 3 options, 4 benchmarks, 5 bill_rate }
    TypedPosition, 9 {
        0 sleeve, 1 symbol, 2 right, 3 kind, 4 price, 5 reference, 6 change, 7 gain, 8 capital,
    }
    Gains, 7 { 0 premium, 1 shares, 2 longs, 3 dividends, 4 interest, 5 fees, 6 unrealised }
    SleeveWeek, 12 {
        0 week, 1 sleeve, 2 kind, 3 start, 4 flows, 5 gains, 6 end, 7 idle, 8 unit, 9 mark, 10 peak, 11 drawdown,
    }
    Division, 5 { 0 surplus, 1 stays, 2 moves, 3 generation, 4 compounding }
    ProfitAccount, 6 { 0 year, 1 realised, 2 reserved, 3 deficit, 4 income, 5 growth }
    WeekIncome, 6 { 0 realised, 1 reserve, 2 made_up, 3 income, 4 growth, 5 account }
    Reinvested, 5 { 0 amount, 1 contracts, 2 leaps, 3 from_income, 4 account }
    Bought, 3 { 0 contracts, 1 limit, 2 cost }
    LeapsCandidate, 5 { 0 symbol, 1 value, 2 seen, 3 verdict, 4 untestable }
    LeapsPlan, 5 { 0 sleeve, 1 day, 2 budget, 3 left, 4 candidates }
    Review, 14 {
        0 series, 1 contracts, 2 price, 3 seen, 4 adverse, 5 captured, 6 sessions_left, 7 expiry, 8 answer, 9 decided,
        10 notes, 11 rules, 12 roll, 13 atr,
    }
    Roll, 7 { 0 to, 1 buy, 2 sell, 3 fees, 4 net, 5 kind, 6 combined }
    RollSearch, 4 { 0 barred, 1 tried, 2 earnings_unknown, 3 best }
    Crossing, 8 { 0 series, 1 contracts, 2 from, 3 to, 4 price, 5 origin, 6 close, 7 open }
    ReserveWeek, 4 { 0 start, 1 flows, 2 interest, 3 end }
    Variant, 4 { 0 name, 1 equity, 2 twr, 3 drawdown }
    Wanted, 5 { 0 sleeve, 1 trade, 2 limit, 3 rule, 4 delta }
    Proposal, 10 {
        0 id, 1 class, 2 level, 3 content, 4 digest, 5 rules, 6 evidence, 7 alternatives, 8 expires, 9 parent,
    }
    Judged, 8 { 0 class, 1 sleeve, 2 series, 3 contracts, 4 taken, 5 gain, 6 expected, 7 worst }
    Trust, 5 { 0 agreement, 1 outcomes, 2 consistency, 3 weeks, 4 value }
}

variants! {
    Trade {
        0 Option { action, series, contracts }, 1 Roll { close, open, contracts }, 2 SellShares { symbol, shares },
    }
    Scope { 0 Sleeve(sleeve), 1 Portfolio, 2 System }
    NewEpoch { 0 Restored, 1 Branched { left, from }, 2 TakenOver }
    Answer {
        0 Halt, 1 NoQuote, 2 Hold, 3 Watch, 4 LetExpire, 5 PrepareAssignment, 6 PrepareDelivery, 7 KeepForAssignment,
        8 Close { limit, why }, 9 Roll(roll), 10 ProposeRoll(roll),
    }
    Note {
        0 AssignmentAnyNight { time_value, least }, 1 Dividend { ex, amount, time_value, cost, last_session },
        2 CheapNotExercised, 3 NoRange,
    }
    NoDebit { 0 NotAsked, 1 OutsideBand { band }, 2 TooMuch { spent, most } }
    NoRoll {
        0 NoQuotes, 1 Earnings { on }, 2 NoStrike { most, below, lowest }, 3 FeesUnknown, 4 Call(skip),
        5 TooLittle { strike, net, least, debit },
    }
    ForkWait {
        0 Locked, 1 Preserving, 2 Merging, 3 FreeCash { free, short }, 4 Contract { kind, cost, covers },
        5 ContractUnknown { kind },
    }
    NoWithdrawal {
        0 Compounding, 1 Locked, 2 NoIncome, 3 NotAboveBase { equity, base }, 4 NoFreeCash { free },
        5 TooMuch { asked, most, bound }, 6 NotAnAmount { asked },
    }
    LeapsSkip {
        0 NoExpiration { window }, 1 Concentrated { expiration, holds, of }, 2 NoStrike { expiration, band, nearest },
        3 Gate(gate), 4 FeesUnknown, 5 DoesNotFit { needs, left }, 6 Cap { would, cap }, 7 Enough,
    }
    LeapsAnswer { 0 Hold, 1 WaitLongTerm { until }, 2 WaitLoss { until }, 3 Roll }
    Barred { 0 RuleOff, 1 TooMany { rolls, most }, 2 FeesUnknown, 3 NoShares }
    Unclassified { 0 WarmUp { vix_closes, index_bars, symbol_bars }, 1 NoVix(day) }
    Gate {
        0 NoBid, 1 Spread { spread, limit }, 2 OpenInterest { found, least }, 3 Volume { found, least },
        4 Earnings { on }, 5 Premium { bid, least }, 6 IvRank { found, least },
    }
    Skip {
        0 HoldsShares, 1 Locked, 2 NoExpiration, 3 NoQuotes(expiration), 4 NoStrike { band, best }, 5 Gate(gate),
        6 DoesNotFit { needs, deployable }, 7 Cap { would, cap }, 8 Outbid, 9 NothingAboveBasis { basis },
        10 EarningsCoverage { on }, 11 NoMark(series), 12 VolumeShare { volume }, 13 FeesUnknown,
        14 Guarded, 15 ProfitTaken,
    }
    Verdict { 0 Take { side, contracts, limit }, 1 Leave(skip) }
    Refusal {
        0 Malformed { quantity, limit }, 1 UnknownSleeve(sleeve), 2 UnknownSymbol(symbol), 3 UnknownContract,
        4 Expired, 5 MarketClosed, 6 Stale, 7 Price { limit, mid, allowed }, 8 Quantity { quantity, most },
        9 Notional { notional, most }, 10 Exposure { would, most }, 11 OrdersToday { sent, most }, 12 Locked,
        13 Collateral { needs, free }, 14 Cover { needs, free }, 15 NothingOpen { wanted, open },
        16 SentBefore(order), 17 AgainstOurOwn(order), 18 Frozen { owed }, 19 Killed, 20 Guarded,
        21 SymbolFrozen(symbol), 22 NotApproved,
    }
    Content {
        0 Orders(wanted), 1 Fork { from, division, base }, 2 Merge { structure, total },
        3 Reinvest { sleeve, reinvested, set_aside },
    }
    Alternative {
        0 Candidate { seen, skip, brings }, 1 Hold { costs }, 2 Close { costs }, 3 Assignment { strike, worth },
        4 Roll { to, net },
    }
    Reply { 0 Approved, 1 Rejected, 2 Amended { by }, 3 SilentYes, 4 SilentNo }
    Act {
        0 Approve { proposal }, 1 Reject { proposal }, 2 Amend { proposal }, 3 Override { class },
        4 Grant { class, level },
    }
    NoAct {
        0 Unnamed, 1 NoReason, 2 Unknown, 3 OtherContent { named, held }, 4 Answered(reply), 5 NotAmendable,
        6 OtherOrders, 7 TooLate { week }, 8 RuleOff(rule), 9 DecidesAlone, 10 AlreadySo,
    }
    LevelWhy { 0 Granted { who }, 1 Loss { gain, worst }, 2 Override { gain } }
    Word { 0 Approve, 1 Reject, 2 Amend(content) }
    Command {
        0 Deposit { structure, amount, parts }, 1 Withdraw { sleeve, amount }, 2 KillSwitch { scope, on, who, reason },
        3 Thaw { symbol, who, reason }, 4 Answer { proposal, digest, word, who, reason },
        5 OverrideWeek { class, who, reason }, 6 GrantLevel { class, level, who },
    }
}
