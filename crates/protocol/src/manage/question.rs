//! The questions in their order. Each gives an answer or leaves it to the next.

use market::instrument::Right;
use market::order::Side;
use market::value::{MULTIPLIER, Price};

use super::sight::{Sight, adverse, captured, dividend_before_end, in_the_money, time_value};
use super::{Answer, CloseReason, ManageContext, Note, Review};
use crate::entry::put_band;
use crate::expiry::ExpiryAnswer;
use crate::guard::{Guard, Intent};
use crate::policy::unit::Ppm;
use crate::policy::{Assignment, Policy};
use crate::position::PositionType;
use crate::roll::{self, CallTarget, FeeOf, Roll, RollTerms};
use crate::rule::Rule;
use crate::view::{Short, SleeveView};

/// The order in which the rules are asked: the first answer wins (PROTOCOL section 5). G-1 stands where X-4 refers to
/// it; X-2, whose answer is only to watch, comes last.
pub const ORDER: [Rule; 10] =
    [Rule::K6, Rule::K3, Rule::X7, Rule::X8, Rule::X6, Rule::G1, Rule::X4, Rule::X3, Rule::X5, Rule::X2];

/// One review on its way.
struct Asking<'a> {
    context: &'a ManageContext<'a>,
    view: &'a SleeveView,
    short: &'a Short,
    fees: FeeOf<'a>,
    sight: Sight,
    review: Review,
    /// A rule that searched a roll and found none, where later rules are still asked.
    unanswered: Option<Rule>,
}

pub(super) fn ask(context: &ManageContext<'_>, view: &SleeveView, short: &Short, fees: FeeOf<'_>) -> Review {
    let sight = Sight::of(context, short);
    let mut asking = Asking { context, view, short, fees, sight, review: blank(short, &sight), unanswered: None };
    if sight.range.is_some() {
        asking.review.rules.push(Rule::X1);
    } else if !context.policy.is_off(Rule::X1) {
        asking.review.notes.push(Note::NoRange);
    }
    asking.all();
    asking.review
}

fn blank(short: &Short, sight: &Sight) -> Review {
    let adverse_of = |(by, atr)| adverse(by, Price::ZERO, atr);
    Review {
        series: short.series,
        contracts: short.contracts,
        price: sight.price,
        seen: sight.seen,
        atr: sight.range.map(|(_, atr)| atr),
        adverse: sight.range.and_then(adverse_of),
        captured: sight.seen.and_then(|seen| captured(short.price, seen.ask)),
        sessions_left: sight.sessions_left,
        expiry: sight.expiry,
        answer: Answer::Hold,
        decided: None,
        notes: Vec::new(),
        rules: Vec::new(),
        roll: None,
    }
}

impl Asking<'_> {
    fn all(&mut self) {
        // What follows X-6 needs the option's quote.
        let needs_quote = ORDER.iter().position(|r| *r == Rule::X6).map_or(0, |i| i + 1);
        for (i, rule) in ORDER.into_iter().enumerate() {
            if i == needs_quote && (self.sight.seen.is_none() || self.sight.price.is_none()) {
                self.review.answer = Answer::NoQuote;
                return;
            }
            if self.is_on(rule) {
                self.review.rules.push(rule);
                if let Some(answer) = self.question(rule) {
                    (self.review.answer, self.review.decided) = (answer, Some(rule));
                    return;
                }
            }
        }
        if let Some(rule) = self.unanswered {
            (self.review.answer, self.review.decided) = (Answer::Watch, Some(rule));
        }
    }

    /// What a rule of [`ORDER`] says.
    fn question(&mut self, rule: Rule) -> Option<Answer> {
        match rule {
            Rule::K6 => self.kill_switch(),
            Rule::K3 => self.guard(),
            Rule::X7 => self.early_assignment(),
            Rule::X8 => self.cheap(),
            Rule::X6 => self.expiration_day(),
            Rule::G1 => self.preserve(),
            Rule::X4 => self.act(),
            Rule::X3 => self.propose(),
            Rule::X5 => self.profit(),
            _ => self.watch(),
        }
    }

    const fn is_on(&self, rule: Rule) -> bool {
        !self.context.policy.is_off(rule)
    }

    fn is_put(&self) -> bool {
        self.short.series.right == Right::Put
    }

    fn kill_switch(&mut self) -> Option<Answer> {
        self.context.killed.then_some(Answer::Halt)
    }

    fn guard(&mut self) -> Option<Answer> {
        (self.context.guard == Guard::Stop).then_some(Answer::Halt)
    }

    /// a put is only flagged; a call goes the session before the ex-date.
    fn early_assignment(&mut self) -> Option<Answer> {
        let (seen, price) = (self.sight.seen?, self.sight.price?);
        if in_the_money(&self.short.series, price) <= Price::ZERO {
            return None;
        }
        let time_value = time_value(&self.short.series, price, seen.ask);
        if self.is_put() {
            let least = any_night_below(self.context, self.short);
            if time_value < least {
                self.review.notes.push(Note::AssignmentAnyNight { time_value, least });
            }
            return None;
        }
        let dividend = dividend_before_end(self.context, &self.short.series).filter(|d| time_value < d.amount)?;
        let last_session = is_last_before(self.context, dividend.ex);
        let fees = (self.fees)(Side::Buy, seen.ask);
        let cost = fees.map(|fees| (seen.ask - seen.bid).times(MULTIPLIER) + fees);
        let (ex, amount) = (dividend.ex, dividend.amount);
        self.review.notes.push(Note::Dividend { ex, amount, time_value, cost, last_session });
        if !last_session {
            return None;
        }
        if let Some(roll) = self.search(CallTarget::NotBelowOld) {
            return Some(Answer::Roll(roll));
        }
        let saved = (amount - time_value).times(MULTIPLIER);
        let closes = cost.is_some_and(|cost| cost < saved);
        Some(if closes { self.close(CloseReason::Dividend)? } else { Answer::PrepareDelivery })
    }

    /// what costs next to nothing is bought back, unless it ends today anyway.
    fn cheap(&mut self) -> Option<Answer> {
        let exit = &self.context.policy.exit;
        let (seen, price, series) = (self.sight.seen?, self.sight.price?, &self.short.series);
        let premium = self.short.price;
        let cheap = premium > Price::ZERO
            && seen.ask <= exit.cheap
            && !exit.cheap_share.is_exceeded_by(seen.ask.units(), premium.units());
        let out = -in_the_money(series, price);
        let ends_anyway =
            self.sight.last_day && exit.cheap_unless.is_exceeded_by(out.units(), series.strike.units().max(1));
        if !cheap || ends_anyway {
            return None;
        }
        if !self.context.intraday {
            self.review.notes.push(Note::CheapNotExercised);
            return None;
        }
        self.close(CloseReason::Cheap)
    }

    /// X-6, on expiration day.
    fn expiration_day(&mut self) -> Option<Answer> {
        Some(match self.sight.expiry? {
            ExpiryAnswer::LetExpire => Answer::LetExpire,
            ExpiryAnswer::PrepareDelivery => Answer::PrepareDelivery,
            ExpiryAnswer::PrepareAssignment => self.assignment(Answer::PrepareAssignment),
            ExpiryAnswer::RollOrAssign => self.roll_or_assignment(Answer::PrepareAssignment),
            ExpiryAnswer::DeepDrawdown if !self.is_on(Rule::G1) => self.roll_or_assignment(Answer::PrepareAssignment),
            ExpiryAnswer::DeepDrawdown => {
                self.review.rules.push(Rule::G1);
                let far = self.sight.is_adverse(self.context.policy.gbr4.close_from);
                let preserved = if far { self.roll_or_close() } else { None };
                preserved.unwrap_or_else(|| self.assignment(Answer::PrepareAssignment))
            }
        })
    }

    /// G-1, step 2: under capital preservation a put far against us is rolled or closed.
    fn preserve(&mut self) -> Option<Answer> {
        let far = self.sight.is_adverse(self.context.policy.gbr4.close_from);
        if self.is_put() && self.view.locked && far { self.roll_or_close() } else { None }
    }

    /// act this session.
    fn act(&mut self) -> Option<Answer> {
        if !self.is_managed_by_move() || !self.sight.is_adverse(self.context.policy.exit.act) {
            return None;
        }
        if !self.is_put() {
            return self.search_or_leave(Rule::X4).map(Answer::Roll);
        }
        if self.view.locked && self.is_on(Rule::G1) {
            return self.roll_or_close();
        }
        Some(self.roll_or_assignment(Answer::KeepForAssignment))
    }

    /// propose a roll to a lower delta.
    fn propose(&mut self) -> Option<Answer> {
        let exit = &self.context.policy.exit;
        let asked = self.sight.is_adverse(exit.propose) && !self.sight.is_adverse(exit.act);
        if !asked || !self.is_managed_by_move() {
            return None;
        }
        self.search_or_leave(Rule::X3).map(Answer::ProposeRoll)
    }

    /// take profit early.
    fn profit(&mut self) -> Option<Answer> {
        let exit = &self.context.policy.exit;
        let (seen, premium) = (self.sight.seen?, self.short.price);
        if premium <= Price::ZERO {
            return None;
        }
        let gained = (premium - seen.ask).units();
        let reaches = |share: Ppm| !share.is_undercut_by(gained, premium.units());
        if reaches(if self.is_put() { exit.profit_put } else { exit.profit_call }) {
            return self.close(CloseReason::Profit);
        }
        let time_left = self.sight.sessions_left > i64::from(exit.profit_early_sessions);
        let early = reaches(exit.profit_early) && time_left && self.sight.is_favourable(exit.profit_early_move);
        if self.is_put() && early { self.close(CloseReason::ProfitEarly) } else { None }
    }

    /// watch closely.
    fn watch(&mut self) -> Option<Answer> {
        let exit = &self.context.policy.exit;
        let near = self.sight.is_adverse(exit.watch) && !self.sight.is_adverse(exit.propose);
        (near && self.is_managed_by_move()).then_some(Answer::Watch)
    }

    /// puts always; calls only in C-RO, where calls may lie below the basis.
    fn is_managed_by_move(&self) -> bool {
        self.is_put() || is_rolled_down(self.context, self.view, self.short)
    }

    fn close(&self, why: CloseReason) -> Option<Answer> {
        self.sight.seen.map(|seen| Answer::Close { limit: seen.ask, why })
    }

    fn roll_or_close(&mut self) -> Option<Answer> {
        self.search(CallTarget::AsCovered).map(Answer::Roll).or_else(|| self.close(CloseReason::Preservation))
    }

    fn roll_or_assignment(&mut self, keep: Answer) -> Answer {
        match self.search(CallTarget::AsCovered) {
            Some(roll) => Answer::Roll(roll),
            None if self.shares_are() == Assignment::Never => {
                self.review.rules.push(Rule::E10);
                self.close(CloseReason::NeverAssigned).unwrap_or(keep)
            }
            None => keep,
        }
    }

    /// `keep`, unless the owner would rather not take these shares (E-10).
    fn assignment(&mut self, keep: Answer) -> Answer {
        if self.shares_are() == Assignment::Accept { keep } else { self.roll_or_assignment(keep) }
    }

    fn shares_are(&self) -> Assignment {
        shares_are(self.context.policy, self.short)
    }

    /// Looks for a roll; without one the later rules are asked, and the answer is at least to watch.
    fn search_or_leave(&mut self, rule: Rule) -> Option<Roll> {
        let found = self.search(CallTarget::AsCovered);
        self.unanswered = Some(rule).filter(|_| found.is_none());
        found
    }

    /// The best roll that R-2 allows.
    fn search(&mut self, target: CallTarget) -> Option<Roll> {
        let context = self.context;
        let seen = self.sight.seen?;
        let kind = self.view.id.kind;
        let band = match context.week {
            Some(week) if self.is_put() => put_band(context.policy, kind, week),
            _ => context.policy.band.of(kind),
        };
        let terms = RollTerms {
            policy: context.policy,
            board: context.board,
            calendar: context.calendar,
            view: self.view,
            band,
            debit: target == CallTarget::AsCovered && context.guard.allows(Intent::DebitRoll),
            target,
        };
        let found = roll::search(&terms, self.short, &seen, self.fees);
        let policy = context.policy;
        self.review.rules.extend([Rule::R2, Rule::R3].into_iter().filter(|r| !policy.is_off(*r)));
        let best = found.best;
        self.review.roll = Some(found);
        best
    }
}

fn shares_are(policy: &Policy, short: &Short) -> Assignment {
    if policy.is_off(Rule::E10) { Assignment::Accept } else { policy.assignment.of(short.series.underlying) }
}

/// Whether the shares under a call were typed C-RO at the last weekly close and calls may lie below the basis.
fn is_rolled_down(context: &ManageContext<'_>, view: &SleeveView, short: &Short) -> bool {
    let kind = view.holding(short.series.underlying).and_then(|h| h.kind);
    context.policy.calls.below_basis && kind == Some(PositionType::CallRolled)
}

/// Whether today's is the last session before `ex`.
fn is_last_before(context: &ManageContext<'_>, ex: market::time::Date) -> bool {
    context.calendar.next(context.board.day).date() >= ex
}

/// The time value below which a put may be assigned any night: a fixed amount, or the interest on its strike until
/// expiration where that is more. Rounded up, so that a whole number below it lies below the exact figure too.
fn any_night_below(context: &ManageContext<'_>, short: &Short) -> Price {
    let (policy, board, series) = (context.policy, context.board, &short.series);
    let days = i128::from(series.expiration.days_from(board.day.date()).max(0));
    let rate = i128::from(board.bill_rate.unwrap_or(0).max(0));
    let whole = i128::from(Ppm::WHOLE) * i128::from(policy.interest.day_count);
    let interest = (i128::from(series.strike.units()) * rate * days + whole - 1).div_euclid(whole);
    policy.exit.flag_below.max(Price::from_units(i64::try_from(interest).unwrap_or(i64::MAX)))
}

pub(super) fn may_roll(context: &ManageContext<'_>, view: &SleeveView, short: &Short) -> bool {
    let (policy, sight) = (context.policy, Sight::of(context, short));
    let on = |rule| !policy.is_off(rule);
    let spent = short.rolls >= policy.roll.max_rolls && on(Rule::R3);
    if spent || !on(Rule::R2) || context.guard == Guard::Stop || context.killed && on(Rule::K6) {
        return false;
    }
    if let Some(expiry) = sight.expiry {
        let unwanted = shares_are(policy, short) != Assignment::Accept;
        return matches!(expiry, ExpiryAnswer::RollOrAssign | ExpiryAnswer::DeepDrawdown)
            || expiry == ExpiryAnswer::PrepareAssignment && unwanted;
    }
    let is_put = short.series.right == Right::Put;
    let proposes = on(Rule::X3) && sight.is_adverse(policy.exit.propose) && !sight.is_adverse(policy.exit.act);
    let acts = on(Rule::X4) && sight.is_adverse(policy.exit.act);
    let preserves = is_put && view.locked && on(Rule::G1) && sight.is_adverse(policy.gbr4.close_from);
    let by_move = (is_put || is_rolled_down(context, view, short)) && (proposes || acts) || preserves;
    let exercised = |price| in_the_money(&short.series, price) > Price::ZERO;
    let pays = dividend_before_end(context, &short.series).is_some_and(|d| is_last_before(context, d.ex));
    by_move || !is_put && on(Rule::X7) && pays && sight.price.is_some_and(exercised)
}
