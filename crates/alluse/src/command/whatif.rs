//! `alluse whatif`: one moment decided again under another policy, class of week, or price, beside what was recorded.

mod page;
mod said;

use std::sync::Arc;

use engine::event::{Body, Event, Opened, World};
use ledger::SleeveId;
use market::history::History;
use market::instrument::Symbol;
use market::time::{Calendar, Date, TradingDay};
use market::value::Price;
use pricing::model::PremiumModel;
use protocol::policy::{Policy, WeekClass};
use report::{Book, words};
use simulation::whatif::{Supposed, WhatIfError, decide};

use super::vary;
use crate::cli::{WhatIf, When};
use crate::failure::Failure;
use crate::inputs;
use crate::journal::{Journal, Masthead};

use said::Pair;

/// What is supposed in place of what was.
struct Change {
    policy: Policy,
    class: Option<WeekClass>,
    prices: Vec<(Symbol, Price)>,
}

/// One session, decided again.
struct Again {
    day: TradingDay,
    /// What was so at its close, of each price that is supposed.
    closes: Vec<(Symbol, Option<Price>)>,
    pairs: Vec<Pair>,
}

/// Everything that a page shows.
struct Found<'a> {
    arguments: &'a WhatIf,
    journal: &'a Journal,
    masthead: Masthead,
    recorded: &'a Policy,
    change: &'a Change,
    days: Vec<Again>,
}

/// Decides again.
pub(crate) fn run(arguments: &WhatIf) -> Result<(), Failure> {
    let calendar = Arc::new(Calendar::nyse());
    let journal = Journal::open(arguments.of.journal.as_deref())?;
    let book = journal.book(&calendar)?;
    let opened = book.opened();
    let premium = premium(&journal, opened)?;
    let recorded = book.policy();
    let change = Change::read(arguments, recorded)?;
    let days = days(arguments, &journal, &book, &calendar)?;
    let sleeve = arguments.sleeve.as_deref().map(|name| sleeve(&book, name)).transpose()?;
    let history = inputs::history(&arguments.data, recorded, &calendar)?;
    if history.source != opened.source {
        return Err(Failure::Usage(format!(
            "{} was made from a folder named {}, and {} is one named {}; expected the folder that it was made from",
            journal.place,
            opened.source,
            arguments.data.display(),
            history.source
        )));
    }
    let mut found = Found {
        arguments,
        journal: &journal,
        masthead: Masthead::of(&book),
        recorded,
        change: &change,
        days: Vec::new(),
    };
    let moment = Moment { book: &book, history: &history, premium: &premium, calendar: &calendar };
    for day in days {
        let mut pairs = moment.pairs(day, &change, arguments)?;
        pairs.retain(|pair| pair.is_about(sleeve, arguments.symbol));
        let closes = change.prices.iter().map(|(symbol, _)| (*symbol, close(&history, *symbol, day))).collect();
        found.days.push(Again { day, closes, pairs });
    }
    if arguments.of.json { page::json(&found) } else { page::print(&found) }
}

/// The model that the journal was made with.
fn premium(journal: &Journal, opened: &Opened) -> Result<PremiumModel, Failure> {
    let file = &journal.place;
    if opened.world == World::Simulated {
        return Err(Failure::Usage(format!(
            "{file}: its market was made up ({}), and no folder holds it; expected a journal of `alluse backtest`",
            opened.source
        )));
    }
    PremiumModel::parse(&opened.premium_model, "the premium model")
        .map_err(|e| Failure::Journal(format!("{file}: the premium model that it was made with cannot be read: {e}")))
}

impl Change {
    fn read(arguments: &WhatIf, recorded: &Policy) -> Result<Change, Failure> {
        let mut policy = arguments.policy.as_deref().map_or_else(|| Ok(recorded.clone()), inputs::policy)?;
        for text in &arguments.set {
            let (key, value) = vary::pair("--set", text, "band.fallback=0")?;
            policy = vary::set(&policy, "--set", key, value)?;
        }
        let change = Change { policy, class: arguments.class.map(Into::into), prices: arguments.price.clone() };
        if change.class.is_none() && change.prices.is_empty() && change.policy.diff(recorded).is_empty() {
            let what = "nothing is supposed that was not so; expected --set KEY=VALUE, --policy with another policy, \
                        --class or --price";
            return Err(Failure::Usage(what.to_owned()));
        }
        Ok(change)
    }
}

/// The sessions that are asked for, all of them in the journal.
fn days(
    arguments: &WhatIf,
    journal: &Journal,
    book: &Book<'_>,
    calendar: &Calendar,
) -> Result<Vec<TradingDay>, Failure> {
    let ended = |event: &Event| match event.body {
        Body::DayEnded { day, .. } => Some(day),
        _ => None,
    };
    let known: Vec<TradingDay> = book.events.iter().filter_map(ended).collect();
    let end = |day: Option<&TradingDay>| day.map_or(Date::ZERO, |d| d.date());
    let (name, asked) = match arguments.when {
        When::Day(date) => (date.to_string(), calendar.session(date).into_iter().collect()),
        When::Week(week) => (week.to_string(), calendar.sessions(week).to_vec()),
    };
    if asked.is_empty() {
        return Err(Failure::Usage(format!("{name}: the exchange was closed; expected a session")));
    }
    let found: Vec<TradingDay> = asked.into_iter().filter(|day| known.binary_search(day).is_ok()).collect();
    if found.is_empty() {
        return Err(Failure::Usage(format!(
            "{name} is not in {}, which runs from {} to {}",
            journal.place,
            end(known.first()),
            end(known.last())
        )));
    }
    Ok(found)
}

/// A sleeve that the journal ever had, by `1.Gen`, or `Gen` of the root.
fn sleeve(book: &Book<'_>, name: &str) -> Result<SleeveId, Failure> {
    let sleeves: Vec<SleeveId> = book.state.ledger.sleeves().collect();
    let is_named =
        |id: &&SleeveId| id.to_string().eq_ignore_ascii_case(name) || words::sleeve(**id).eq_ignore_ascii_case(name);
    sleeves.iter().find(is_named).copied().ok_or_else(|| {
        let names: Vec<String> = sleeves.iter().map(ToString::to_string).collect();
        Failure::Usage(format!("{name} is no sleeve of the journal; expected one of {}", names.join(", ")))
    })
}

/// A close in prices of its day.
fn close(history: &History, symbol: Symbol, day: TradingDay) -> Option<Price> {
    let own = history.symbol(symbol)?;
    Some(own.of_day(own.bars[own.index_of(day)?].close, day.date()))
}

/// What moments are decided from.
struct Moment<'m, 'a> {
    book: &'m Book<'a>,
    history: &'m History,
    premium: &'m PremiumModel,
    calendar: &'m Arc<Calendar>,
}

impl Moment<'_, '_> {
    /// Every decision of the session's close, as recorded and as supposed.
    fn pairs(&self, day: TradingDay, change: &Change, arguments: &WhatIf) -> Result<Vec<Pair>, Failure> {
        let close = self.calendar.closes_at(day);
        let events = self.book.events;
        let from = events.partition_point(|event| event.at < close);
        let to = events.partition_point(|event| event.at <= close);
        let (before, recorded) = (&events[..from], &events[from..to]);
        let state = self.book.state_before(from);
        let decide = |policy: &Policy, class, prices: &[(Symbol, Price)]| {
            let supposed = Supposed { history: self.history, policy, premium: self.premium, class, prices };
            decide(&supposed, self.calendar, state.clone(), day).map_err(refused)
        };
        let again = decide(self.book.policy(), None, &[])?;
        if let Some(at) = differs(recorded, &again) {
            return Err(Failure::Data(format!(
                "what was decided at the close of {day} does not come out again from {}: event #{} is {}, and would \
                 be {}; expected the prices that the journal was made from, and the program that made it",
                arguments.data.display(),
                from + at + 1,
                named(recorded.get(at)),
                named(again.get(at))
            )));
        }
        let supposed = decide(&change.policy, change.class, &change.prices)?;
        let tell = |after: &[Event]| -> Result<_, Failure> {
            let events = [before, after].concat();
            let book = Book::fold(&events, self.calendar).map_err(|e| Failure::Journal(e.to_string()))?;
            Ok((from..events.len()).flat_map(|place| said::said(&book, place)).collect::<Vec<_>>())
        };
        Ok(said::pairs(tell(recorded)?, tell(&supposed)?, &state, day))
    }
}

/// The first place at which two records differ.
fn differs(a: &[Event], b: &[Event]) -> Option<usize> {
    let longest = a.len().max(b.len());
    (0..longest).find(|at| a.get(*at) != b.get(*at))
}

fn named(event: Option<&Event>) -> String {
    event.map_or_else(|| "nothing".to_owned(), |event| format!("a record of {:?}", words::event(&event.body)))
}

/// Symbols and days are asked for on the command line; the rest is the data's.
fn refused(error: WhatIfError) -> Failure {
    let text = error.to_string();
    match error {
        WhatIfError::NotAtHand { .. } | WhatIfError::Unclassified { .. } => Failure::Usage(text),
        WhatIfError::MissingSymbol(..) | WhatIfError::NoSession { .. } | WhatIfError::FeesUnknown { .. } => {
            Failure::Data(text)
        }
    }
}
