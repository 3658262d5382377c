//! The journal as a story: one short line for each decision, trade, assignment, classification, lock and weekly close.
//!
//! Lines are stable: they depend on the events alone, and are the golden output of `scenarios/`. An event that only
//! carries figures for others (marks, settlements, approvals of orders) has no line here; `explain` shows those too.

pub(crate) mod growth;
pub(crate) mod people;
pub mod review;

use std::fmt;

use engine::event::{Body, Crossing, Scope, SleeveWeek, TypedPosition, Variant};
use ledger::SleeveId;
use ledger::entry::Dividend;
use market::instrument::{Right, Series, Symbol};
use market::order::{Fill, OrderId, Trade};
use market::quote::Origin;
use market::time::{Date, Week};
use market::value::{Money, Price};
use protocol::plan::{Candidate, Plan, Purpose, Skip, Verdict};
use protocol::policy::unit::Ppm;
use protocol::rule::Rule;
use protocol::week::Classification;

use crate::book::Book;
use crate::words;

/// One line of the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The day, or the week for what a weekly close decides.
    pub when: String,
    /// The sleeve it is about, if it is about one.
    pub sleeve: Option<SleeveId>,
    /// The symbol it is about, if it is about one.
    pub symbol: Option<Symbol>,
    /// What happened.
    pub text: String,
    /// The rules that decided it.
    pub rules: Vec<Rule>,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.when, self.text)?;
        match rule_list(&self.rules) {
            rules if rules.is_empty() => Ok(()),
            rules => write!(f, " [{rules}]"),
        }
    }
}

/// Rule ids with spaces between.
pub(crate) fn rule_list(rules: &[Rule]) -> String {
    rules.iter().map(|r| r.id()).collect::<Vec<_>>().join(" ")
}

/// Which part of the story is told. What concerns no sleeve, or no symbol, is told whichever of them is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// From this day on.
    pub from: Option<Date>,
    /// To this day, included.
    pub to: Option<Date>,
    /// This sleeve alone.
    pub sleeve: Option<SleeveId>,
    /// This symbol alone.
    pub symbol: Option<Symbol>,
}

impl Filter {
    /// Everything.
    pub const ALL: Filter = Filter { from: None, to: None, sleeve: None, symbol: None };

    fn takes_day(&self, day: Date) -> bool {
        self.from.is_none_or(|from| day >= from) && self.to.is_none_or(|to| day <= to)
    }

    /// Whether a line is told.
    #[must_use]
    pub fn takes(&self, line: &Line) -> bool {
        fn agree<T: PartialEq>(asked: Option<T>, about: Option<T>) -> bool {
            asked.is_none() || about.is_none() || asked == about
        }
        agree(self.sleeve, line.sleeve) && agree(self.symbol, line.symbol)
    }
}

/// The story that `filter` asks for, one line for each thing that happened.
#[must_use]
pub fn story(book: &Book<'_>, filter: &Filter) -> Vec<String> {
    let places = (0..book.events.len()).filter(|place| filter.takes_day(book.day(*place)));
    places.flat_map(|place| lines(book, place)).filter(|line| filter.takes(line)).map(|line| line.to_string()).collect()
}

/// The lines of the event at `place`; none if it has no part in the story.
#[must_use]
pub fn lines(book: &Book<'_>, place: usize) -> Vec<Line> {
    let day = book.day(place);
    let teller = Teller { book, place, day, week: Week::of(day) };
    teller.lines(&book.events[place].body)
}

struct Teller<'b, 'a> {
    book: &'b Book<'a>,
    place: usize,
    day: Date,
    week: Week,
}

impl Teller<'_, '_> {
    fn lines(&self, body: &Body) -> Vec<Line> {
        match body {
            Body::Opened(_) | Body::Founded { .. } | Body::Deposited { .. } => self.beginnings(body),
            Body::SplitApplied { symbol, new_per_old: n } => {
                let text = format!("{symbol} splits {n} for 1: shares and contracts × {n}, strikes and prices ÷ {n}");
                vec![self.about(None, Some(*symbol), text, &[Rule::C1])]
            }
            Body::DividendAccrued(dividend) => vec![self.dividend(dividend)],
            Body::WeekClassified { week, classification, replaces } => {
                let turn = replaces.map_or("is".to_owned(), |old| format!("turns from {old} to"));
                vec![self.classified(*week, &turn, classification)]
            }
            Body::WeekUnclassified { week, why } => {
                let why = words::unclassified(self.book.policy(), why);
                vec![self.about(None, None, format!("{week} is not judged: {why}; nothing is entered"), &[Rule::M4])]
            }
            Body::GuardChanged { from, to, vix } => {
                let text = format!(
                    "VIX is {}: the guard goes from {} to {}",
                    words::hundredths(*vix),
                    review::guard(*from),
                    review::guard(*to)
                );
                vec![self.about(None, None, text, &[Rule::K3])]
            }
            Body::Reviewed { sleeve, review } => {
                let (text, rules) = (review::told(review), review::cited(review));
                vec![self.of(*sleeve, review.series.underlying, text, &rules)]
            }
            Body::KillSwitch { .. } | Body::Frozen { .. } | Body::Thawed { .. } => self.stops(body),
            Body::EpochBegan { epoch, why, who, reason } => {
                let text =
                    format!("{who} {}: {reason}; order ids begin anew with epoch {epoch}", words::new_epoch(*why));
                vec![self.about(None, None, text, &[])]
            }
            Body::Withdrawn { .. }
            | Body::WithdrawalRefused { .. }
            | Body::IncomeBooked { .. }
            | Body::ReserveInterest { .. }
            | Body::Reinvested { .. }
            | Body::LeapsPlanned { .. }
            | Body::LeapsReviewed { .. }
            | Body::ForkDue { .. }
            | Body::ForkLapsed { .. }
            | Body::Forked { .. }
            | Body::MergeStarted { .. }
            | Body::Merged { .. } => {
                growth::told(self.book, self.place).into_iter().map(|said| self.grown(said)).collect()
            }
            Body::Planned(plan) => self.planned(plan),
            Body::OrderRefused { sleeve, order, refusal } => {
                let text = format!(
                    "order {} to {} {} {} is refused: {refusal}",
                    order.id,
                    words::verb(&order.trade),
                    words::traded(&order.trade),
                    words::limit(order)
                );
                vec![self.of(*sleeve, order.trade.underlying(), text, &[Rule::K4])]
            }
            Body::Crossed(crossing) => self.crossed(crossing),
            Body::Filled { sleeve, trade, fill, .. } => vec![self.filled(*sleeve, trade, fill)],
            Body::OrderEnded { order, status } => self.order_ended(*order, *status).into_iter().collect(),
            Body::Expired { sleeve, series, contracts, close } => {
                let verb = words::plural(contracts.0, "expires", "expire");
                let text =
                    format!("{} {verb} at close {}", words::lots_today(*contracts, series), words::price(*close));
                vec![self.of(*sleeve, series.underlying, text, &[Rule::C1])]
            }
            Body::Assigned { .. } => self.assigned(body).into_iter().collect(),
            Body::LongEnded { .. } => self.long_ended(body).into_iter().collect(),
            Body::DayEnded { deep, .. } => deep.iter().map(|(sleeve, series)| self.deep(*sleeve, series)).collect(),
            Body::InterestCredited { amount, .. } if *amount == Money::ZERO => Vec::new(),
            Body::InterestCredited { sleeve, rate, dollar_days, amount } => {
                let text = format!(
                    "{}: {} interest at {} a year on {} dollar-days",
                    words::sleeve(*sleeve),
                    words::money(*amount),
                    words::ppm(*rate),
                    words::count(*dollar_days)
                );
                vec![self.about(Some(*sleeve), None, text, &[Rule::E9])]
            }
            Body::PositionTyped(typed) => vec![self.typed(typed)],
            Body::LockChanged { sleeve, locked, why, drawdown } => {
                vec![self.lock(*sleeve, *locked, *why, *drawdown)]
            }
            Body::SleeveClosed(week) => vec![closed(week)],
            Body::Observed { .. }
            | Body::Proposed(_)
            | Body::Answered { .. }
            | Body::NotDone { .. }
            | Body::ActRefused { .. }
            | Body::WeekOverridden { .. }
            | Body::LevelChanged { .. }
            | Body::DecisionJudged(_)
            | Body::TrustSuggested { .. } => {
                people::told(&self.book.events[..=self.place]).into_iter().map(|said| self.grown(said)).collect()
            }
            Body::Commanded { .. } | Body::Resumed { .. } => self.kept(body),
            Body::Compared(variants) => variants.iter().map(|v| self.variant(v)).collect(),
            Body::ReserveClosed { .. }
            | Body::Settled { .. }
            | Body::OrderApproved { .. }
            | Body::Marked(_)
            | Body::WeekEnded { .. } => Vec::new(),
        }
    }

    fn about(&self, sleeve: Option<SleeveId>, symbol: Option<Symbol>, text: String, rules: &[Rule]) -> Line {
        Line { when: self.day.to_string(), sleeve, symbol, text, rules: rules.to_vec() }
    }

    /// A line that begins with the sleeve's name and a colon.
    fn of(&self, sleeve: SleeveId, symbol: Symbol, text: String, rules: &[Rule]) -> Line {
        self.about(Some(sleeve), Some(symbol), format!("{}: {text}", words::sleeve(sleeve)), rules)
    }

    /// A line of the weekly close.
    fn weekly(&self, sleeve: SleeveId, symbol: Option<Symbol>, text: String, rules: &[Rule]) -> Line {
        let text = format!("{} {text}", words::sleeve(sleeve));
        Line { when: self.week.to_string(), sleeve: Some(sleeve), symbol, text, rules: rules.to_vec() }
    }

    fn beginnings(&self, body: &Body) -> Vec<Line> {
        let (text, rules): (String, &[Rule]) = match body {
            Body::Opened(opened) => {
                let world = words::world(opened.world);
                let policy = &self.book.policy().name;
                let premiums = match opened.premium_model.as_str() {
                    "" => "premiums quoted".to_owned(),
                    text => format!("premiums modelled: {}", words::model(text)),
                };
                let portfolio = opened.portfolio;
                (format!("portfolio {portfolio} opens: {world}, policy {policy}, {}, {premiums}", opened.source), &[])
            }
            Body::Founded { structure, parent, sleeves } => {
                let under = parent.map_or(String::new(), |p| format!(" under structure {p}"));
                (format!("structure {structure} is founded{under}: {}", words::kinds(*sleeves)), &[Rule::A1])
            }
            Body::Deposited { structure, parts } => {
                let total: Money = parts.iter().copied().sum();
                let named = ledger::SleeveKind::ALL.into_iter().zip(parts);
                let named: Vec<String> = named
                    .map(|(k, p)| format!("{} {}", words::sleeve(SleeveId::new(*structure, k)), words::money(*p)))
                    .collect();
                (format!("{} is paid in: {}", words::money(total), named.join(", ")), &[Rule::A2])
            }
            _ => return Vec::new(),
        };
        vec![self.about(None, None, text, rules)]
    }

    /// What a journal says of itself.
    fn kept(&self, body: &Body) -> Vec<Line> {
        let text = match body {
            Body::Commanded { key, content, events } => {
                let came = words::plural(i64::from(*events), "the event", "the events");
                format!("key {key} stands for content {content}: it came to {came} just before ({events})")
            }
            Body::Resumed { program, schema } => {
                format!("version {program} goes on with the journal (schema {schema})")
            }
            _ => return Vec::new(),
        };
        vec![self.about(None, None, text, &[])]
    }

    fn grown(&self, said: growth::Said) -> Line {
        self.about(said.sleeve, said.symbol, said.text, &said.rules)
    }

    /// What stops trading, and what lets it go on.
    fn stops(&self, body: &Body) -> Vec<Line> {
        let line = match body {
            Body::KillSwitch { scope, on, who, reason } => {
                let does = if *on { "throws" } else { "releases" };
                let (sleeve, what) = match scope {
                    Scope::Sleeve(id) => (Some(*id), words::sleeve(*id)),
                    Scope::Portfolio => (None, "the portfolio".to_owned()),
                    Scope::System => (None, "the system".to_owned()),
                };
                self.about(sleeve, None, format!("{who} {does} the kill switch of {what}: {reason}"), &[Rule::K6])
            }
            Body::Frozen { symbol, why } => {
                self.about(None, Some(*symbol), format!("{symbol} is frozen until a human decides: {why}"), &[Rule::K5])
            }
            Body::Thawed { symbol, who, reason } => {
                self.about(None, Some(*symbol), format!("{who} lets {symbol} trade again: {reason}"), &[Rule::K5])
            }
            _ => return Vec::new(),
        };
        vec![line]
    }

    fn dividend(&self, dividend: &Dividend) -> Line {
        let Dividend { sleeve, symbol, shares, per_share, amount, settles } = *dividend;
        let text = format!(
            "{symbol} dividend of {} on {} shares: {}, paid {settles}",
            words::price(per_share),
            words::count(shares.0),
            words::money(amount)
        );
        self.of(sleeve, symbol, text, &[Rule::C1])
    }

    fn classified(&self, week: Week, turn: &str, class: &Classification) -> Line {
        let evidence = words::evidence(self.book.policy(), class);
        let text = format!("{week} {turn} {}: {evidence}", class.class);
        self.about(None, None, text, &[Rule::M1, Rule::M2, Rule::M3, Rule::M4, Rule::M5])
    }

    /// The plan's figures, and every candidate that was left with its reason. What was taken is told by its fill.
    fn planned(&self, plan: &Plan) -> Vec<Line> {
        let name = words::sleeve(plan.sleeve);
        let mut lines = Vec::with_capacity(1 + plan.candidates.len());
        if plan.purpose == Purpose::Entry {
            let text = format!(
                "{name} plans puts: {} week, sizing {}, equity {}, free cash {}, committed {}, deployable {}",
                plan.class,
                words::ppm(plan.sizing),
                words::money(plan.equity.floor_cents()),
                words::money(plan.free_cash.floor_cents()),
                words::money(plan.committed.floor_cents()),
                words::money(plan.deployable.floor_cents())
            );
            lines.push(self.about(Some(plan.sleeve), None, text, &[Rule::A3, Rule::M6, Rule::M7, Rule::E5]));
        }
        lines.extend(plan.candidates.iter().filter_map(|candidate| {
            let Verdict::Leave(skip) = candidate.verdict else { return None };
            let text = format!("{name} leaves {}", left(plan.purpose, candidate, &skip));
            Some(self.about(Some(plan.sleeve), Some(candidate.symbol), text, &candidate.rules))
        }));
        lines
    }

    /// The candidate that became an order, with the |delta| it was sold at.
    fn wanted(&self, order: OrderId, trade: &Trade) -> Option<&Candidate> {
        let series = trade.writes()?;
        let plan = self.book.plan(self.book.order(order)?.plan?)?;
        plan.candidates.iter().find(|c| c.seen.is_some_and(|s| s.series == series))
    }

    fn filled(&self, sleeve: SleeveId, trade: &Trade, fill: &Fill) -> Line {
        let candidate = self.wanted(fill.order, trade);
        let cash = fill.proceeds(trade) - fill.all_fees();
        let what = if cash.is_negative() { "with fees" } else { "after fees" };
        let at = match fill.sold {
            Some(sold) => words::net(sold.price - fill.price),
            None => format!("at {}", words::price(fill.price)),
        };
        let mut marks: Vec<String> = Vec::new();
        marks.extend(candidate.and_then(|c| c.seen?.delta).map(|d| format!("delta {d}")));
        marks.extend((fill.origin == Origin::Modelled).then(|| "modelled".to_owned()));
        let marks = if marks.is_empty() { String::new() } else { format!(" ({})", marks.join(", ")) };
        let text = format!(
            "{} {} {} {at}{marks}, {} {what}",
            words::sleeve(sleeve),
            words::does(trade),
            words::traded(trade),
            words::money(cash.abs())
        );
        let asked = self.asked(fill.order);
        let rules = candidate.map_or(asked.as_slice(), |c| &c.rules);
        self.about(Some(sleeve), Some(trade.underlying()), text, rules)
    }

    /// A cross, told of both sleeves.
    fn crossed(&self, crossing: &Crossing) -> Vec<Line> {
        let Crossing { from, to, series, contracts, price, origin, .. } = *crossing;
        let lots = words::lots(contracts, &series);
        let modelled = if origin == Origin::Modelled { ", modelled" } else { "" };
        let (price, paid) = (words::price(price), words::money(crossing.paid()));
        let (giver, taker) = (words::sleeve(from), words::sleeve(to));
        let gives = format!("{giver} passes {lots} to {taker} at {price} (the middle{modelled}), pays {paid}, no fees");
        let takes =
            format!("{taker} takes {lots} from {giver} at {price} (the middle{modelled}), gets {paid}, no fees");
        [(from, gives), (to, takes)]
            .map(|(of, text)| self.about(Some(of), Some(series.underlying), text, &[Rule::K7]))
            .into()
    }

    /// The rule that wanted an order.
    fn asked(&self, id: OrderId) -> Vec<Rule> {
        let decided = self.book.order(id).map(|order| &self.book.events[order.decided].body);
        match decided {
            Some(Body::OrderApproved { rule, .. }) => vec![*rule],
            _ => Vec::new(),
        }
    }

    fn order_ended(&self, id: OrderId, status: market::order::OrderStatus) -> Option<Line> {
        let Body::OrderApproved { sleeve, order, .. } = &self.book.events[self.book.order(id)?.decided].body else {
            return None;
        };
        let before = &self.book.events[..self.place];
        let filled: i64 =
            before.iter().rev().take_while(|e| !is_approval(&e.body, id)).filter_map(|e| fill_of(&e.body, id)).sum();
        let seen = self.wanted(id, &order.trade).and_then(|c| c.seen).filter(|s| s.bid < order.limit);
        let why = seen.map_or_else(String::new, |seen| {
            let (bid, mid) = (words::price(seen.bid), words::price(seen.bid.middle(seen.ask)));
            let walk = self.book.policy().order.walk;
            let limit = words::price(order.limit);
            format!(": the bid of {bid} lies more than {walk} below the middle {mid}, the last limit was {limit}")
        });
        let text = format!(
            "order {id} to {} {} is {}, {} of {} filled{why}",
            words::verb(&order.trade),
            words::traded(&order.trade),
            words::status(status),
            filled,
            order.trade.units()
        );
        Some(self.of(*sleeve, order.trade.underlying(), text, &[Rule::E7]))
    }

    fn assigned(&self, body: &Body) -> Option<Line> {
        let Body::Assigned { sleeve, series, contracts, close, fees, basis, .. } = body else { return None };
        let value = words::money(series.strike.of_contracts(*contracts));
        let lots = words::lots_today(*contracts, series);
        let shares = words::count(contracts.shares().0);
        let fees = if fees.is_positive() { format!(", {} fees", words::money(*fees)) } else { String::new() };
        let text = match series.right {
            Right::Put => {
                format!("{lots} assigned at close {}: {shares} shares for {value}{fees}", words::price(*close))
            }
            Right::Call => format!(
                "{lots} assigned at close {}: {shares} shares called away for {value}{fees}, basis {}",
                words::price(*close),
                words::price(*basis)
            ),
        };
        Some(self.of(*sleeve, series.underlying, text, &[Rule::X8, Rule::C1]))
    }

    fn long_ended(&self, body: &Body) -> Option<Line> {
        let Body::LongEnded { sleeve, series, contracts, close, settles, .. } = body else { return None };
        let (lots, close) = (words::lots_today(*contracts, series), words::price(*close));
        let text = if settles.is_some() {
            let value = words::money(series.strike.of_contracts(*contracts));
            format!("{lots} held and exercised at close {close}: {} shares for {value}", contracts.shares().0)
        } else {
            format!("{lots} held {} at close {close}", words::plural(contracts.0, "expires", "expire"))
        };
        Some(self.of(*sleeve, series.underlying, text, &[Rule::Q2, Rule::X8, Rule::C1]))
    }

    fn deep(&self, sleeve: SleeveId, series: &Series) -> Line {
        let limit = words::ppm(Ppm(self.book.policy().types.put_deep.0.abs()));
        let text = format!("{series} closes more than {limit} below its strike");
        self.of(sleeve, series.underlying, text, &[Rule::W5])
    }

    fn typed(&self, typed: &TypedPosition) -> Line {
        let TypedPosition { sleeve, symbol, right, kind, price, reference, gain, .. } = *typed;
        let (what, against) = match right {
            Right::Put => ("puts", "strike"),
            Right::Call => ("shares", "basis"),
        };
        let text = format!(
            "{symbol} {what} {kind}: {} against {against} {} ({}), gain {}",
            words::price(price),
            words::price(reference),
            away(price, reference),
            words::money(gain)
        );
        self.weekly(sleeve, Some(symbol), text, &[kind.rule(), Rule::C3])
    }

    fn lock(&self, sleeve: SleeveId, locked: bool, why: engine::event::LockReason, drawdown: Ppm) -> Line {
        use engine::event::LockReason as L;
        let limit = words::ppm(self.book.policy().drawdown.of(sleeve.kind));
        let state = match (locked, why) {
            (true, L::Reset | L::Sell) => "stays locked",
            (true, _) => "is locked",
            (false, _) => "is unlocked",
        };
        let rules: &[Rule] = match why {
            L::Drawdown => &[Rule::K1, Rule::K2, Rule::G1],
            L::DeepPut => &[Rule::W5, Rule::G1],
            L::Recovered | L::Empty => &[Rule::G2],
            L::Reset | L::Sell => &[Rule::G3],
        };
        let text =
            format!("{state} for new puts: {} (drawdown {}, limit {limit})", words::lock(why), words::ppm(drawdown));
        self.weekly(sleeve, None, text, rules)
    }

    fn variant(&self, variant: &Variant) -> Line {
        let text = format!(
            "compared with {:?}: equity {}, return {}, deepest fall {}",
            variant.name,
            words::money(variant.equity),
            words::ppm(Ppm(variant.twr)),
            words::ppm(variant.drawdown)
        );
        self.about(None, None, text, &[Rule::L6])
    }
}

/// `2024-W24 Gen closes P-AWL: $120,000.00 + $0.00 flows − $1,234.00 = $118,766.00 (−1.03%)`.
fn closed(week: &SleeveWeek) -> Line {
    let signed = |m: Money| format!("{} {}", if m.is_negative() { "−" } else { "+" }, words::money(m.abs()));
    let gain = week.gains.total();
    let text = format!(
        "{} closes {}: {} {} flows {} = {} ({})",
        words::sleeve(week.sleeve),
        week.kind,
        words::money(week.start),
        signed(week.flows),
        signed(gain),
        words::money(week.end),
        words::percent(gain.units(), (week.start + week.flows).units())
    );
    Line { when: week.week.to_string(), sleeve: Some(week.sleeve), symbol: None, text, rules: Vec::new() }
}

/// Why one candidate was left, with what was seen of it.
fn left(purpose: Purpose, candidate: &Candidate, skip: &Skip) -> String {
    let what = match purpose {
        Purpose::Entry => "",
        Purpose::Cover => " uncovered",
    };
    let seen = candidate.seen.map_or(String::new(), |s| {
        format!(" ({} {} at {} by {})", s.series.strike, s.series.right, words::price(s.bid), words::price(s.ask))
    });
    format!("{}{what} at {}: {}{seen}", candidate.symbol, words::price(candidate.price), words::skip(skip))
}

/// How far a price lies from a reference, in percent.
pub(crate) fn away(price: Price, reference: Price) -> String {
    words::percent(price.units() - reference.units(), reference.units())
}

fn is_approval(body: &Body, id: OrderId) -> bool {
    matches!(body, Body::OrderApproved { order, .. } if order.id == id)
}

fn fill_of(body: &Body, id: OrderId) -> Option<i64> {
    match body {
        Body::Filled { fill, .. } if fill.order == id => Some(fill.units),
        _ => None,
    }
}
