//! Drawings in a terminal of 80 columns.

use protocol::rule::Rule;

use super::{Drawing, Machine, Part, Table};
use crate::failure::Failure;
use crate::show::{self, Screen, prose, words};

/// Prints the whole drawing.
pub(super) fn print(drawing: &Drawing) -> Result<(), Failure> {
    let screen = Screen::stdout();
    show::print(&screen.bold(&drawing.title))?;
    show::paragraph(&drawing.intro)?;
    drawing.parts.iter().try_for_each(|part| match part {
        Part::Table(table) => tabled(table),
        Part::Machine(machine) => {
            show::heading(&machine.title)?;
            show::print(&lines(machine).join("\n"))
        }
    })
}

/// A title with the rules that it cites.
pub(super) fn cited(title: &str, rules: &[Rule]) -> String {
    if rules.is_empty() { title.to_owned() } else { format!("{title} [{}]", ids(rules)) }
}

/// Rule ids with spaces between.
pub(super) fn ids(rules: &[Rule]) -> String {
    rules.iter().map(|r| r.id()).collect::<Vec<_>>().join(" ")
}

fn tabled(table: &Table) -> Result<(), Failure> {
    let last = table.heads.len() - 1;
    let column = |(i, head): (usize, &String)| if i == last { prose(head.as_str()) } else { words(head.as_str()) };
    let columns: Vec<_> = table.heads.iter().enumerate().map(column).collect();
    let rows = table.rows.iter().map(|row| row.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>());
    show::table(&cited(&table.title, &table.rules), columns, rows)
}

/// Each state as a box, with its ways out below it.
pub(super) fn lines(machine: &Machine) -> Vec<String> {
    let widest = |of: &dyn Fn(&super::Edge) -> usize| machine.edges.iter().map(of).max().unwrap_or(0);
    let event = widest(&|e| e.event.chars().count());
    let state = widest(&|e| machine.states[e.to].chars().count());
    let mut lines = Vec::new();
    for (i, name) in machine.states.iter().enumerate() {
        let ways: Vec<_> = machine.edges.iter().filter(|e| e.from == i).collect();
        let rule = "─".repeat(name.chars().count() + 2);
        lines.push(format!("┌{rule}┐"));
        lines.push(format!("│ {name} │{}", if ways.iter().all(|e| e.to == i) { " the end" } else { "" }));
        let foot = if ways.is_empty() { format!("└{rule}┘") } else { format!("└┬{}┘", &rule[3..]) };
        lines.push(foot);
        for (n, edge) in ways.iter().enumerate() {
            let corner = if n + 1 == ways.len() { '└' } else { '├' };
            let line = "─".repeat(event - edge.event.chars().count() + 1);
            let to = machine.states[edge.to];
            let way = format!(" {corner}─ {} {line}▶ {to:state$}  {}", edge.event, ids(&edge.rules));
            lines.push(way.trim_end().to_owned());
        }
    }
    lines
}
