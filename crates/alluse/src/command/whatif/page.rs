//! How a moment that was decided again looks.

use market::value::Price;
use report::words;
use serde_json::{Value, json};

use super::said::{Pair, Said};
use super::{Again, Found};
use crate::cli::When;
use crate::failure::Failure;
use crate::journal;
use crate::show::{self, Screen};

/// Prints what differs, or with `--all` everything.
pub(super) fn print(found: &Found<'_>) -> Result<(), Failure> {
    found.masthead.print()?;
    let when = match found.arguments.when {
        When::Day(day) => day.to_string(),
        When::Week(week) => format!("{week}, each session on the books as they were recorded before it"),
    };
    show::paragraph(&format!("What if, at the close of {when}:"))?;
    show::list(changes(found))?;
    show::paragraph("Nothing is written: the journal stays as it is.")?;
    found.days.iter().try_for_each(|again| day(found, again))
}

/// What is supposed, in sentences.
fn changes(found: &Found<'_>) -> Vec<String> {
    let change = found.change;
    let mut all: Vec<String> = found.recorded.diff(&change.policy).iter().map(ToString::to_string).collect();
    all.extend(change.class.map(|class| {
        format!("the week is {class}, whatever its evidence says (M-5: a human may say so, with a reason)")
    }));
    all.extend(change.prices.iter().map(|(symbol, price)| {
        let was = found.days.iter().filter_map(|again| {
            let (_, close) = again.closes.iter().find(|(s, _)| s == symbol)?;
            Some(close.map_or_else(|| show::NONE.to_owned(), words::price))
        });
        let was: Vec<String> = was.collect();
        format!("{symbol} is at {}; it closed at {}; volatility as it was", words::price(*price), was.join(", "))
    }));
    all
}

fn day(found: &Found<'_>, again: &Again) -> Result<(), Failure> {
    let differ = again.pairs.iter().filter(|p| p.differs()).count() as i64;
    let alike = again.pairs.len() as i64 - differ;
    let counted = |n: i64| format!("{n} {}", words::plural(n, "decision", "decisions"));
    show::heading(&format!("{}: {} of {} would differ", again.day, differ, counted(again.pairs.len() as i64)))?;
    let shown = again.pairs.iter().filter(|p| found.arguments.all || p.differs());
    shown.into_iter().try_for_each(pair)?;
    if alike > 0 && !found.arguments.all {
        let are = words::plural(alike, "is", "are");
        show::print("")?;
        show::paragraph(&format!("{} {are} the same; --all shows them.", counted(alike)))?;
    }
    Ok(())
}

fn pair(pair: &Pair) -> Result<(), Failure> {
    let screen = Screen::stdout();
    show::print(&format!("\n{}", screen.bold(&screen.wrap(&pair.key.title(), 2))))?;
    let line = |name: &str, said: &Said| show::print(&screen.wrap(&format!("  {name} {}", cited(said)), 10));
    if !pair.differs() {
        return line("both:", &pair.recorded);
    }
    line("recorded:", &pair.recorded)?;
    line("supposed:", &pair.supposed)
}

fn cited(said: &Said) -> String {
    let ids: Vec<&str> = said.rules.iter().map(|r| r.id()).collect();
    if ids.is_empty() { said.text.clone() } else { format!("{} [{}]", said.text, ids.join(" ")) }
}

/// Everything as data.
pub(super) fn json(found: &Found<'_>) -> Result<(), Failure> {
    let differences = found.recorded.diff(&found.change.policy);
    let policy = differences.iter().map(|d| json!({ "key": d.path, "recorded": d.here, "what_if": d.there }));
    let prices = found
        .change
        .prices
        .iter()
        .map(|(symbol, price)| json!({ "symbol": symbol.to_string(), "what_if": dollars(*price) }));
    let report = json!({
        "supposed": {
            "policy": policy.collect::<Vec<_>>(),
            "class": found.change.class.map(|c| c.word()),
            "prices": prices.collect::<Vec<_>>(),
        },
        "sessions": found.days.iter().map(session).collect::<Vec<_>>(),
    });
    journal::json(found.journal, found.masthead, &report)
}

fn dollars(price: Price) -> Value {
    serde_json::to_value(report::figure::Amount::from(price)).unwrap_or(Value::Null)
}

fn session(again: &Again) -> Value {
    let closes =
        again.closes.iter().map(|(symbol, close)| json!({ "symbol": symbol.to_string(), "close": close.map(dollars) }));
    let side = |said: &Said| {
        let rules: Vec<&str> = said.rules.iter().map(|r| r.id()).collect();
        json!({ "text": said.text, "rules": rules })
    };
    let decision = |pair: &Pair| {
        json!({
            "about": pair.key.title(),
            "sleeve": pair.key.sleeve.map(|s| s.to_string()),
            "symbol": pair.key.symbol.map(|s| s.to_string()),
            "differs": pair.differs(),
            "recorded": side(&pair.recorded),
            "what_if": side(&pair.supposed),
        })
    };
    json!({
        "day": again.day.to_string(),
        "closes": closes.collect::<Vec<_>>(),
        "decisions": again.pairs.iter().map(decision).collect::<Vec<_>>(),
    })
}
