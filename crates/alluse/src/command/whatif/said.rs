//! Decisions in words, each under what it is about, so that two of them can stand beside each other.

use std::collections::BTreeMap;

use engine::State;
use engine::event::Body;
use ledger::SleeveId;
use market::instrument::Symbol;
use market::time::{TradingDay, Week};
use market::value::Money;
use protocol::plan::{Candidate, Plan, Purpose, Verdict};
use protocol::rule::Rule;
use report::story::review::{cited, told};
use report::{Book, story, words};

/// The order in which a close is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Week,
    Guard,
    Position,
    Calls,
    Leaps,
    Puts,
    Refused,
    Cash,
}

/// What a decision is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    stage: Stage,
    pub(super) sleeve: Option<SleeveId>,
    pub(super) symbol: Option<Symbol>,
    /// The option, where it is about one.
    series: String,
}

/// A decision in words, with the rules that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) rules: Vec<Rule>,
}

/// One decision as it was recorded, and as it would have been.
pub(super) struct Pair {
    pub(super) key: Key,
    pub(super) recorded: Said,
    pub(super) supposed: Said,
}

/// One thing that is said; cash is added up.
pub(super) enum Part {
    Words(Said),
    Cash(Money),
}

impl Key {
    fn of(stage: Stage, sleeve: impl Into<Option<SleeveId>>, symbol: impl Into<Option<Symbol>>) -> Key {
        Key { stage, sleeve: sleeve.into(), symbol: symbol.into(), series: String::new() }
    }

    /// As a heading.
    pub(super) fn title(&self) -> String {
        let sleeve = self.sleeve.map_or_else(String::new, words::sleeve);
        let symbol = self.symbol.map_or_else(String::new, |s| format!(": {s}"));
        match self.stage {
            Stage::Week => "The market's week".to_owned(),
            Stage::Guard => "The guard".to_owned(),
            Stage::Position => format!("{sleeve} holds {}", self.series),
            Stage::Calls => format!("{sleeve} calls{symbol}"),
            Stage::Leaps => format!("{sleeve} LEAPS{symbol}"),
            Stage::Puts => format!("{sleeve} puts{symbol}"),
            Stage::Refused => format!("{sleeve} orders refused{symbol}"),
            Stage::Cash => format!("{sleeve}, cash of all its trades"),
        }
    }

    /// What is said where nothing was recorded.
    fn nothing(&self, state: &State, day: TradingDay) -> String {
        match self.stage {
            Stage::Week => match state.week.filter(|current| current.week == Week::of(day.date())) {
                Some(current) => format!("{} is {}, as judged before", current.week, current.now.class),
                None => "not judged".to_owned(),
            },
            Stage::Guard => format!("stays {}", story::review::guard(state.guard)),
            Stage::Position => "nothing is asked for".to_owned(),
            Stage::Calls => "no calls are planned".to_owned(),
            Stage::Leaps => "none are planned".to_owned(),
            Stage::Puts => "no puts are planned: it does not enter on this day".to_owned(),
            Stage::Refused => "none".to_owned(),
            Stage::Cash => words::money(Money::ZERO),
        }
    }
}

impl Pair {
    pub(super) fn differs(&self) -> bool {
        self.recorded.text != self.supposed.text
    }

    /// Whether it is about `sleeve` and `symbol`, where they are asked for; what concerns none is about all.
    pub(super) fn is_about(&self, sleeve: Option<SleeveId>, symbol: Option<Symbol>) -> bool {
        let Key { sleeve: own, symbol: of, .. } = self.key;
        let of_sleeve = sleeve.is_none() || own.is_none() || sleeve == own;
        of_sleeve && (symbol.is_none() || of.is_none() || symbol == of)
    }
}

/// Puts the two beside each other, in the order in which a close is decided.
pub(super) fn pairs(
    recorded: Vec<(Key, Part)>,
    supposed: Vec<(Key, Part)>,
    state: &State,
    day: TradingDay,
) -> Vec<Pair> {
    let (mut recorded, mut supposed) = (together(recorded), together(supposed));
    let mut keys: Vec<Key> = recorded.keys().chain(supposed.keys()).cloned().collect();
    keys.sort_unstable();
    keys.dedup();
    let pair = |key: Key| {
        let nothing = Said { text: key.nothing(state, day), rules: Vec::new() };
        let recorded = recorded.remove(&key).unwrap_or_else(|| nothing.clone());
        let supposed = supposed.remove(&key).unwrap_or(nothing);
        Pair { key, recorded, supposed }
    };
    keys.into_iter().map(pair).collect()
}

/// What is said under each key, in one piece.
fn together(parts: Vec<(Key, Part)>) -> BTreeMap<Key, Said> {
    let mut all: BTreeMap<Key, Said> = BTreeMap::new();
    let mut cash: BTreeMap<Key, Money> = BTreeMap::new();
    for (key, part) in parts {
        match part {
            Part::Cash(more) => *cash.entry(key).or_default() += more,
            Part::Words(said) => match all.get_mut(&key) {
                None => {
                    all.insert(key, said);
                }
                Some(before) => {
                    before.text += &format!("; {}", said.text);
                    before
                        .rules
                        .extend(said.rules.iter().filter(|r| !before.rules.contains(r)).copied().collect::<Vec<_>>());
                }
            },
        }
    }
    let sums = cash.into_iter().map(|(key, sum)| (key, Said { text: words::money(sum), rules: Vec::new() }));
    all.extend(sums);
    all
}

/// What the event at `place` decides.
pub(super) fn said(book: &Book<'_>, place: usize) -> Vec<(Key, Part)> {
    let one = |key, text, rules: &[Rule]| vec![(key, Part::Words(Said { text, rules: rules.to_vec() }))];
    match &book.events[place].body {
        Body::WeekClassified { .. } | Body::WeekUnclassified { .. } => lines(book, place, Stage::Week),
        Body::GuardChanged { .. } => lines(book, place, Stage::Guard),
        Body::LeapsPlanned { .. } | Body::LeapsReviewed { .. } => lines(book, place, Stage::Leaps),
        Body::Reviewed { sleeve, review } => {
            let mut key = Key::of(Stage::Position, *sleeve, review.series.underlying);
            key.series = words::lots(review.contracts, &review.series);
            one(key, told(review), &cited(review))
        }
        Body::Planned(plan) => planned(plan),
        Body::OrderRefused { sleeve, order, refusal } => {
            let trade = &order.trade;
            let text = format!("{} {} {}: {refusal}", words::verb(trade), words::traded(trade), words::limit(order));
            one(Key::of(Stage::Refused, *sleeve, trade.underlying()), text, &[Rule::K4])
        }
        Body::Filled { sleeve, trade, fill, .. } => {
            let cash = fill.proceeds(trade) - fill.all_fees();
            vec![(Key::of(Stage::Cash, *sleeve, None), Part::Cash(cash))]
        }
        Body::Crossed(crossing) => [(crossing.from, -crossing.paid()), (crossing.to, crossing.paid())]
            .map(|(sleeve, cash)| (Key::of(Stage::Cash, sleeve, None), Part::Cash(cash)))
            .into(),
        _ => Vec::new(),
    }
}

/// The lines of the story, without the day.
fn lines(book: &Book<'_>, place: usize, stage: Stage) -> Vec<(Key, Part)> {
    let line = |line: story::Line| {
        let said = Said { text: line.text, rules: line.rules };
        (Key::of(stage, line.sleeve, line.symbol), Part::Words(said))
    };
    story::lines(book, place).into_iter().map(line).collect()
}

/// The plan's figures, and every candidate.
fn planned(plan: &Plan) -> Vec<(Key, Part)> {
    let stage = match plan.purpose {
        Purpose::Entry => Stage::Puts,
        Purpose::Cover => Stage::Calls,
    };
    let figures = || Said {
        text: format!(
            "{} week, sizing {}, equity {}, free cash {}, committed {}, deployable {}",
            plan.class,
            words::ppm(plan.sizing),
            words::money(plan.equity.floor_cents()),
            words::money(plan.free_cash.floor_cents()),
            words::money(plan.committed.floor_cents()),
            words::money(plan.deployable.floor_cents())
        ),
        rules: vec![Rule::A3, Rule::M6, Rule::M7, Rule::E5],
    };
    let figures = (stage == Stage::Puts).then(|| (Key::of(stage, plan.sleeve, None), Part::Words(figures())));
    let candidate = |c: &Candidate| {
        let said = Said { text: judged(c), rules: c.rules.clone() };
        (Key::of(stage, plan.sleeve, c.symbol), Part::Words(said))
    };
    figures.into_iter().chain(plan.candidates.iter().map(candidate)).collect()
}

/// What was decided of a candidate, on which quote.
fn judged(candidate: &Candidate) -> String {
    let quote = candidate.seen.map(|seen| {
        let delta = seen.delta.map_or_else(|| "no delta".to_owned(), |d| format!("delta {d}"));
        let (bid, ask) = (words::price(seen.bid), words::price(seen.ask));
        format!("{delta}, bid {bid}, ask {ask}, {}", words::origin(seen.origin))
    });
    match (candidate.verdict, candidate.seen) {
        (Verdict::Take { contracts, limit, .. }, Some(seen)) => format!(
            "sell {} at {} or more ({})",
            words::lots(contracts, &seen.series),
            words::price(limit),
            quote.unwrap_or_default()
        ),
        (Verdict::Take { contracts, limit, .. }, None) => format!("sell {contracts} at {}", words::price(limit)),
        (Verdict::Leave(skip), Some(seen)) => {
            format!("leave {} ({}): {}", seen.series, quote.unwrap_or_default(), words::skip(&skip))
        }
        (Verdict::Leave(skip), None) => format!("leave it: {}", words::skip(&skip)),
    }
}
