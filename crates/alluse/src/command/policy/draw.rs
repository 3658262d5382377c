//! `alluse policy draw`: the decision tables and state machines, drawn from the tables in the code.

mod interval;
mod machine;
mod svg;
mod table;
mod text;

use std::path::Path;

use protocol::policy::Policy;
use protocol::rule::Rule;

use crate::cli::Picture;
use crate::failure::Failure;
use crate::home;
use crate::inputs;
use crate::show;

/// All that one page shows.
struct Drawing {
    title: String,
    /// What it is about, in a sentence or two.
    intro: String,
    parts: Vec<Part>,
}

enum Part {
    Table(Table),
    Machine(Machine),
}

/// A decision table: each row's labels, then what is answered.
struct Table {
    title: String,
    rules: Vec<Rule>,
    heads: Vec<String>,
    /// How many columns at the left are questions, not answers.
    labels: usize,
    rows: Vec<Vec<Cell>>,
}

/// One answer, or the label of a row.
struct Cell {
    text: String,
    tone: Tone,
}

/// How a cell is tinted where there are colours; the text says the same without.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tone {
    Plain,
    Good,
    Wary,
    Bad,
}

/// A state machine.
struct Machine {
    title: String,
    states: Vec<&'static str>,
    edges: Vec<Edge>,
}

/// One row of a machine's table, with places in its states.
struct Edge {
    from: usize,
    event: &'static str,
    to: usize,
    rules: Vec<Rule>,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell { text: text.to_owned(), tone: Tone::Plain }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell { text, tone: Tone::Plain }
    }
}

/// Draws as text, and as SVG where a file is named.
pub(super) fn run(picture: Picture, policy: &str, file: Option<&Path>) -> Result<(), Failure> {
    let policy = inputs::policy(policy)?;
    let drawing = drawn(picture, &policy);
    let Some(file) = file else { return text::print(&drawing) };
    home::write_whole(file, svg::draw(&drawing))?;
    show::print(&format!("{}: {}", file.display(), drawing.title))
}

fn drawn(picture: Picture, policy: &Policy) -> Drawing {
    match picture {
        Picture::Week => table::week(policy),
        Picture::Position => table::position(policy),
        Picture::Lock => machine::lock(),
        Picture::Structure => machine::structure(),
        Picture::Order => table::order(policy),
    }
}

#[cfg(test)]
mod tests;
