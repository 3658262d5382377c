//! `alluse backtest`: the protocol over a folder of price history, twice.

use std::sync::Arc;

use engine::journal::hex;
use market::time::Calendar;
use report::{comparison, whole};
use serde_json::json;
use simulation::replay::Run;

use super::{demo, summary, vary};
use crate::cli::Backtest;
use crate::failure::Failure;
use crate::home;
use crate::inputs::{self, Premium, Stopwatch};
use crate::journal::{Draft, Masthead};
use crate::run::make;
use crate::show::{self, seconds};

/// Runs the backtest.
pub(crate) fn run(arguments: &Backtest) -> Result<(), Failure> {
    let watch = Stopwatch::start();
    let calendar = Arc::new(Calendar::nyse());
    let policy = inputs::policy(&arguments.run.policy)?;
    let choices = vary::choices(&policy, &arguments.vary, arguments.grid)?;
    let premium = Premium::shipped();
    let file = arguments.out.clone().map_or_else(|| home::file("backtest.journal"), Ok)?;
    let draft = Draft::begin(&file)?;
    let parsing = Stopwatch::start();
    let history = inputs::history(&arguments.run.data, &policy, &calendar)?;
    let quotes = arguments.quotes.as_deref().map(|dir| inputs::quotes(dir, &calendar)).transpose()?;
    let parsed = parsing.elapsed();
    let after = Stopwatch::start();
    let run = Run {
        history: &history,
        policy: &policy,
        premium: &premium.model,
        premium_text: &premium.text,
        from: arguments.run.from,
        to: arguments.run.to,
        deposit: arguments.run.deposit,
        script: &[],
        liquidity: &[],
        quotes: quotes.as_ref(),
    };
    let made = make(&run, &calendar)?;
    let opened = draft.finish(&made.rows)?;
    let book = opened.book(&calendar)?;
    let digest = hex(&made.digest);
    let varied = vary::run(&run, &calendar, &arguments.run.data, choices, &made.outcome, comparison(&book).as_ref())?;
    if arguments.csv {
        return varied.csv();
    }
    if arguments.json {
        return show::json(&json!({
            "world": Masthead::of(&book).world(),
            "premiums": Masthead::of(&book).premiums(),
            "policy": policy.name,
            "journal": opened.place.to_string(),
            "digest": opened.digest(),
            "digest_of_both_replays": digest,
            "seconds": {
                "parsing": parsed.as_secs_f64(),
                "one_replay": made.replayed.as_secs_f64(),
                "all_replays": made.whole.as_secs_f64(),
                "after_parsing": after.elapsed().as_secs_f64(),
                "end_to_end": watch.elapsed().as_secs_f64(),
            },
            "left_out": made.left_out,
            "vary": varied.as_json(),
            "whole": whole(&book),
            "comparison": comparison(&book),
        }));
    }
    Masthead::of(&book).print()?;
    show::paragraph(&format!(
        "The protocol over {}, {} to {}; policy {}, {} paid in. Replayed twice, one digest: {digest}",
        arguments.run.data.display(),
        made.outcome.first,
        made.outcome.last,
        policy.name,
        arguments.run.deposit
    ))?;
    if varied.is_empty() {
        summary::print(&book)?;
    } else {
        varied.print()?;
    }
    show::list(made.left_out.iter().map(|why| format!("not compared: {why}")))?;
    show::heading("Time")?;
    show::paragraph(&format!(
        "Reading {}; one replay {}; both replays and the runs under other assumptions {}; all after reading {}; end \
         to end {}.",
        seconds(parsed),
        seconds(made.replayed),
        seconds(made.whole),
        seconds(after.elapsed()),
        seconds(watch.elapsed())
    ))?;
    demo::closing(&opened, book.closed().next_back().map(|w| w.week.to_string()))
}
