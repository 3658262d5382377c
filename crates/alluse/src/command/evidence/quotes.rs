//! `alluse evidence quotes`: a run on quotes beside the same run on modelled premiums.

use std::path::Path;

use engine::event::Gains;
use market::order::{Action, Side};
use market::quote::OptionQuote;
use market::value::Money;
use report::figure::{Amount, Day};
use serde_json::{Value, json};
use simulation::evidence::quotes::{Beside, Pair, Parts, Traded, beside};
use simulation::replay::Run;

use super::{Inputs, modelled};
use crate::cli::OverHistory;
use crate::failure::Failure;
use crate::inputs;
use crate::journal::Masthead;
use crate::show::{self, cents, figures, prose, words};

/// How the parts are named, and what each is.
const PARTS: [(&str, &str); 5] = [
    ("volatility", "middle of the quote less the model's middle of the same option"),
    ("spread", "how much further from its middle each was filled"),
    ("choice", "the model's price of this option less that of the other run's: strike, expiration, day"),
    ("size", "contracts more than in the other run, at its price"),
    ("alone", "traded in one of the two runs only, at the model's price"),
];

pub(super) fn run(asked: &OverHistory, quotes: &Path, json: bool) -> Result<(), Failure> {
    let inputs = Inputs::of(asked, inputs::policy(&asked.policy)?)?;
    let quotes = inputs::quotes(quotes, &inputs.calendar)?;
    let run = Run { quotes: Some(&quotes), ..inputs.run(asked) };
    let beside = beside(&run, &inputs.calendar)?;
    if json { as_json(&inputs, &beside) } else { print(&inputs, &beside) }
}

fn print(inputs: &Inputs, beside: &Beside) -> Result<(), Failure> {
    Masthead::from(beside.quoted.masthead).print()?;
    let parts = beside.parts();
    let different = beside.pairs.iter().filter(|pair| !pair.is_same()).count();
    let at_quotes = beside.pairs.iter().filter(|pair| pair.quote.is_some()).count();
    show::paragraph(&format!(
        "The run on quotes traded options {} times, {at_quotes} of them at a quote; the run on modelled premiums {} \
         times. Beside each other, week by week, {different} of {} differ.",
        beside.quoted.traded.len(),
        beside.modelled.traded.len(),
        beside.pairs.len()
    ))?;
    show::print("")?;
    let sides = [Side::Sell, Side::Buy].map(|side| sum(beside, side));
    let rows = PARTS.iter().zip(dollars(&parts)).enumerate().map(|(at, ((name, what), whole))| {
        let [sold, bought] = sides.map(|side| signed(dollars(&side)[at]));
        [(*name).to_owned(), (*what).to_owned(), sold, bought, signed(whole)]
    });
    let totals = [sides[0].total(), sides[1].total(), parts.total()].map(signed);
    let [sold, bought, whole] = totals;
    let total = ["together".to_owned(), "on quotes less modelled".to_owned(), sold, bought, whole];
    let columns = [words(""), prose("what it is"), figures("sold"), figures("bought"), figures("together")];
    show::table("What options brought, before fees: on quotes less modelled", columns, rows.chain([total]))?;
    gains(beside)?;
    pairs(beside)?;
    show::print("")?;
    show::paragraph(
        "Premium that was got is not yet kept: what expires is, what is assigned or bought back is paid for elsewhere. \
         That is why the two tables differ. A symbol without quotes differs only because another order came before it.",
    )?;
    show::paragraph(&modelled(&inputs.premium))
}

/// Where the difference at the end comes from.
fn gains(beside: &Beside) -> Result<(), Failure> {
    let (quoted, modelled) = (named(&beside.quoted.gains), named(&beside.modelled.gains));
    let row = |name: &str, quoted: Money, modelled: Money| {
        [name.to_owned(), cents(quoted.into()), cents(modelled.into()), signed(quoted - modelled)]
    };
    let rows = quoted.iter().zip(&modelled).map(|((name, mine), (_, other))| row(name, *mine, *other));
    let total = row("all gains", beside.quoted.gains.total(), beside.modelled.gains.total());
    let end = row("at the end", beside.quoted.end, beside.modelled.end);
    let columns = [words(""), figures("on quotes"), figures("modelled"), figures("difference")];
    show::table("Where the difference at the end comes from", columns, rows.chain([total, end]))
}

/// Every trade at a quote.
fn pairs(beside: &Beside) -> Result<(), Failure> {
    let names = ["day", "", "on quotes", "quoted", "model", "the other run"].map(words);
    let parts = ["volatility", "spread", "other option"].map(figures);
    let rows =
        beside.pairs.iter().filter_map(|pair| pair.quoted.zip(pair.quote).map(|(mine, quote)| (pair, mine, quote)));
    let rows = rows.map(|(pair, mine, quote)| {
        let Parts { volatility, spread, choice, size, alone } = pair.parts;
        [
            Day(mine.day.date()).to_string(),
            action(mine.action).to_owned(),
            format!("{} {}", mine.contracts, mine.series),
            touch(&quote),
            pair.model.as_ref().map_or_else(String::new, touch),
            other(&mine, pair.modelled.as_ref()),
            signed(volatility),
            signed(spread),
            signed(choice + size + alone),
        ]
    });
    show::table("Trades at a quote, each beside the other run's", [&names[..], &parts[..]].concat(), rows)
}

/// What the run on modelled premiums did instead, as far as it is another thing.
fn other(mine: &Traded, other: Option<&Traded>) -> String {
    let Some(other) = other else { return "nothing".to_owned() };
    let same = (mine.day, mine.series, mine.contracts) == (other.day, other.series, other.contracts);
    if same {
        format!("the same at {}", other.price)
    } else {
        format!("{} {} at {}", other.contracts, other.series, other.price)
    }
}

fn sum(beside: &Beside, side: Side) -> Parts {
    let on_side = |pair: &&Pair| pair.quoted.or(pair.modelled).is_some_and(|t| t.action.side() == side);
    beside.pairs.iter().filter(on_side).fold(Parts::default(), |sum, pair| sum + pair.parts)
}

/// The parts in the order of their names.
fn dollars(parts: &Parts) -> [Money; 5] {
    [parts.volatility, parts.spread, parts.choice, parts.size, parts.alone]
}

fn named(gains: &Gains) -> [(&'static str, Money); 7] {
    [
        ("premium", gains.premium),
        ("shares", gains.shares),
        ("LEAPS", gains.longs),
        ("dividends", gains.dividends),
        ("interest", gains.interest),
        ("fees", gains.fees),
        ("unrealised", gains.unrealised),
    ]
}

fn signed(money: Money) -> String {
    let sign = if money.is_positive() { "+" } else { "" };
    format!("{sign}{}", cents(Amount(money)))
}

fn touch(quote: &OptionQuote) -> String {
    format!("{}/{}", quote.bid, quote.ask)
}

const fn action(action: Action) -> &'static str {
    match action {
        Action::SellToOpen => "written",
        Action::BuyToClose => "bought back",
        Action::BuyToOpen => "bought",
        Action::SellToClose => "sold",
    }
}

fn as_json(inputs: &Inputs, beside: &Beside) -> Result<(), Failure> {
    let pairs: Vec<Value> = beside
        .pairs
        .iter()
        .filter(|pair| pair.quote.is_some() || !pair.is_same())
        .map(|pair| {
            json!({
                "on_quotes": pair.quoted.as_ref().map(traded),
                "quote": pair.quote.as_ref().map(quote),
                "model": pair.model.as_ref().map(quote),
                "modelled": pair.modelled.as_ref().map(traded),
                "parts": parts(&pair.parts),
                "difference": Amount(pair.difference()),
            })
        })
        .collect();
    show::json(&json!({
        "premiums": Masthead::from(beside.quoted.masthead).premiums(),
        "options": { "parts": parts(&beside.parts()), "difference": Amount(beside.parts().total()) },
        "gains": {
            "on_quotes": gains_as_json(&beside.quoted.gains),
            "modelled": gains_as_json(&beside.modelled.gains),
        },
        "end": { "on_quotes": Amount(beside.quoted.end), "modelled": Amount(beside.modelled.end) },
        "pairs": pairs,
        "notes": [modelled(&inputs.premium)],
    }))
}

fn parts(parts: &Parts) -> Value {
    PARTS.iter().zip(dollars(parts)).map(|((name, _), money)| ((*name).to_owned(), json!(Amount(money)))).collect()
}

fn gains_as_json(gains: &Gains) -> Value {
    let all = named(gains).into_iter().chain([("all", gains.total())]);
    all.map(|(name, money)| (name.to_lowercase(), json!(Amount(money)))).collect()
}

fn traded(traded: &Traded) -> Value {
    json!({
        "day": Day(traded.day.date()),
        "sleeve": traded.sleeve.to_string(),
        "action": action(traded.action),
        "series": traded.series.to_string(),
        "contracts": traded.contracts.0,
        "price": Amount::from(traded.price),
    })
}

fn quote(quote: &OptionQuote) -> Value {
    json!({ "bid": Amount::from(quote.bid), "ask": Amount::from(quote.ask) })
}
