//! `alluse evidence benchmarks`: the protocol beside simpler things.

use std::path::Path;

use adapters::history::{Fault, read_index};
use report::figure::Share;
use serde_json::{Value, json};
use simulation::evidence::weekly::EvidenceError;
use simulation::evidence::{Draws, Interval, Line, Measures, Protocol, beside};

use super::buywrite::PUBLISHED;
use super::{Head, Inputs, bounds, bounds_as_json, difference, resampling};
use crate::cli::Evidenced;
use crate::failure::Failure;
use crate::journal::Masthead;
use crate::show::{self, figures, ratio, share, signed, words};

/// A line with what it came to, and the protocol's difference to it.
struct Measured {
    line: Line,
    measures: Measures,
    /// Annual return of the protocol over the same weeks less this line's, with its bounds; absent for the protocol.
    difference: Option<(Option<f64>, Option<Interval>)>,
}

/// Everything that is compared.
struct Compared {
    lines: Vec<Measured>,
    /// What could not be made, and why.
    missing: Vec<String>,
}

pub(super) fn run(asked: &Evidenced) -> Result<(), Failure> {
    let inputs = Inputs::read(asked)?;
    let protocol = inputs.protocol(asked)?;
    let compared = compare(asked, &inputs, &protocol)?;
    if asked.json { json(asked, &inputs, &protocol, &compared) } else { print(asked, &inputs, &protocol, &compared) }
}

fn compare(asked: &Evidenced, inputs: &Inputs, protocol: &Protocol) -> Result<Compared, Failure> {
    let run = inputs.run(&asked.run);
    let mut missing = Vec::new();
    let mut lines = protocol.lines.clone();
    lines.extend(beside::wheels(&run, &inputs.calendar, protocol)?);
    match beside::written(&run, &inputs.calendar, protocol) {
        Ok(written) => lines.extend(written),
        Err(why @ EvidenceError::Missing { .. }) => missing.push(format!("buy-write and put-write: {why}")),
        Err(why) => return Err(why.into()),
    }
    match published(&asked.run.data, protocol)? {
        Ok(line) => lines.push(line),
        Err(why) => missing.push(format!("{PUBLISHED} as published: {why}")),
    }
    let own = protocol.own().clone();
    let measured = lines.into_iter().map(|line| {
        let weeks = line.returns.len();
        let measures = protocol.measures(&line.returns, weeks);
        let difference = (line != own).then(|| {
            let same_weeks = protocol.measures(&own.returns, weeks);
            let draws = Draws::new(weeks, &resampling(asked));
            let bounds = draws.growth_difference(&own.returns[..weeks], &line.returns, protocol.years(weeks));
            (same_weeks.annual.zip(measures.annual).map(|(own, other)| own - other), bounds)
        });
        Measured { line, measures, difference }
    });
    Ok(Compared { lines: measured.collect(), missing })
}

/// The published index, as far as it goes; or why there is none.
fn published(data: &Path, protocol: &Protocol) -> Result<Result<Line, String>, Failure> {
    match read_index(data, PUBLISHED) {
        Ok(values) => {
            let how = "as Cboe computed it from options that were traded";
            let line = beside::dated(&format!("{PUBLISHED} as published"), how, false, &values, protocol);
            Ok(line.ok_or_else(|| "it has no closes for the first week that is compared".to_owned()))
        }
        Err(why) if matches!(why.fault, Fault::NoFile { .. }) => Ok(Err(why.to_string())),
        Err(why) => Err(Failure::Data(why.to_string())),
    }
}

fn print(asked: &Evidenced, inputs: &Inputs, protocol: &Protocol, compared: &Compared) -> Result<(), Failure> {
    Masthead::from(protocol.masthead).print()?;
    let head = Head::of(inputs, protocol);
    let title = format!("What {} came to, {} to {}, {} weeks", head.start, head.from, head.to, head.weeks);
    let columns = [
        words(""),
        figures("a year"),
        figures("vol./yr"),
        figures("drawdown"),
        words("worst year"),
        figures("Sharpe"),
        figures("weeks"),
    ];
    let row = |m: &Measured| {
        let worst = m.measures.worst.map(|(year, by)| format!("{year} {}", signed(Share(by))));
        [
            m.line.name.clone(),
            signed(m.measures.annual.map(Share)),
            share(m.measures.volatility.map(Share)),
            Share(m.measures.drawdown).to_string(),
            worst.unwrap_or_else(|| show::NONE.to_owned()),
            ratio(m.measures.sharpe),
            m.measures.weeks.to_string(),
        ]
    };
    show::table(&title, columns, compared.lines.iter().map(row))?;
    show::paragraph(
        "A year: compound growth at 365 days. Worst year: of a calendar; the first and the last are not whole. Sharpe: \
         weekly excess over T-bills.",
    )?;
    let columns = [words("the protocol less"), figures("a year"), figures("from"), figures("to"), words("zero")];
    let rows = compared.lines.iter().filter_map(|m| {
        let (value, bounds) = m.difference?;
        let zero = bounds.map_or(show::NONE, |b| if b.excludes_zero() { "outside" } else { "inside" });
        let [value, low, high] = difference(value, bounds);
        Some([m.line.name.clone(), value, low, high, zero.to_owned()])
    });
    show::table("What the protocol earned more or less than each", columns, rows)?;
    show::paragraph(&bounds(&resampling(asked)))?;
    show::print("")?;
    show::list(compared.lines.iter().skip(1).map(|m| {
        let label = if m.line.modelled { " (premiums modelled)" } else { "" };
        format!("{}: {}{label}", m.line.name, m.line.how)
    }))?;
    show::list(compared.missing.iter().map(|why| format!("not shown: {why}")))?;
    show::print("")?;
    inputs.notes().iter().try_for_each(|note| show::paragraph(note))
}

fn json(asked: &Evidenced, inputs: &Inputs, protocol: &Protocol, compared: &Compared) -> Result<(), Failure> {
    let line = |m: &Measured| -> Value {
        let difference = m.difference.map(|(value, bounds)| {
            json!({
                "annual": value,
                "low": bounds.map(|b| b.low),
                "high": bounds.map(|b| b.high),
                "excludes_zero": bounds.map(|b| b.excludes_zero()),
            })
        });
        json!({
            "name": m.line.name,
            "how": m.line.how,
            "premiums_modelled": m.line.modelled,
            "weeks": m.measures.weeks,
            "annual": m.measures.annual,
            "volatility": m.measures.volatility,
            "drawdown": m.measures.drawdown,
            "worst_year": m.measures.worst.map(|(year, by)| json!({"year": year, "return": by})),
            "sharpe": m.measures.sharpe,
            "protocol_less_this": difference,
        })
    };
    show::json(&json!({
        "run": Head::of(inputs, protocol),
        "bounds": bounds_as_json(&resampling(asked)),
        "lines": compared.lines.iter().map(line).collect::<Vec<_>>(),
        "missing": compared.missing,
        "notes": inputs.notes(),
    }))
}
