//! Tables: a heading, a line below it, figures to the right.

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, TableComponent, presets};

use super::{Screen, heading, print};
use crate::failure::Failure;

/// A column: its heading, where its text stands, and whether it may be broken into lines.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    name: String,
    align: CellAlignment,
    breaks: bool,
}

/// A column of names, to the left.
pub(crate) fn words(name: impl Into<String>) -> Column {
    Column { name: name.into(), align: CellAlignment::Left, breaks: false }
}

/// A column of figures, to the right.
pub(crate) fn figures(name: impl Into<String>) -> Column {
    Column { name: name.into(), align: CellAlignment::Right, breaks: false }
}

/// A column of sentences, to the left, which give way where the screen is too narrow.
pub(crate) fn prose(name: impl Into<String>) -> Column {
    Column { name: name.into(), align: CellAlignment::Left, breaks: true }
}

/// Prints a heading that says what the table is, and the table. Prose wraps where the screen is too narrow; names and
/// figures are never broken.
pub(crate) fn table<R: AsRef<[String]>>(
    title: &str,
    columns: impl AsRef<[Column]>,
    rows: impl IntoIterator<Item = R>,
) -> Result<(), Failure> {
    heading(title)?;
    print(&lines(Screen::stdout(), columns.as_ref(), rows))
}

fn lines<R: AsRef<[String]>>(screen: Screen, columns: &[Column], rows: impl IntoIterator<Item = R>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_style(TableComponent::HeaderLines, '─');
    table.set_style(TableComponent::MiddleHeaderIntersections, '─');
    match screen.width() {
        None => table.set_content_arrangement(ContentArrangement::Disabled),
        Some(width) => {
            let width = u16::try_from(width).unwrap_or(u16::MAX);
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width)
        }
    };
    table.set_header(columns.iter().map(|column| Cell::new(&column.name)));
    for row in rows {
        table.add_row(row.as_ref().iter().map(Cell::new));
    }
    for (i, (drawn, column)) in table.column_iter_mut().zip(columns).enumerate() {
        drawn.set_padding((0, if i + 1 == columns.len() { 0 } else { 1 })).set_cell_alignment(column.align);
        if !column.breaks {
            drawn.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_to_the_right() {
        let rows = [["1.Gen", "$1.00"], ["total", "$1,000.00"]].map(|row| row.map(str::to_owned));
        let drawn = lines(Screen::pipe(), &[words("sleeve"), figures("equity")], rows);
        assert_eq!(drawn, "sleeve     equity\n─────────────────\n1.Gen       $1.00\ntotal   $1,000.00");
    }
}
