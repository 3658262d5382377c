//! Tables, whose rows carry the events behind them.

use std::fmt::Write as _;

use crate::html::escaped;

/// A column's heading.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    name: String,
    holds: Holds,
}

/// Figures stand to the right, words to the left; only sentences are broken into lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Figures,
    Words,
    Sentences,
}

/// A column of figures.
pub(crate) fn figures(name: impl Into<String>) -> Head {
    Head { name: name.into(), holds: Holds::Figures }
}

/// A column of words.
pub(crate) fn words(name: impl Into<String>) -> Head {
    Head { name: name.into(), holds: Holds::Words }
}

/// A column of sentences.
pub(crate) fn prose(name: impl Into<String>) -> Head {
    Head { name: name.into(), holds: Holds::Sentences }
}

/// One row.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    cells: Vec<String>,
    events: String,
    at: Option<f64>,
    total: bool,
}

impl Row {
    /// Cells from left to right, and the ids of the events behind them, with spaces between.
    pub(crate) fn new<T: Into<String>>(cells: impl IntoIterator<Item = T>, events: impl Into<String>) -> Row {
        Row { cells: cells.into_iter().map(Into::into).collect(), events: events.into(), at: None, total: false }
    }

    /// The row stands for this share of the drawing's width.
    pub(crate) fn at(self, share: f64) -> Row {
        Row { at: Some(share), ..self }
    }

    /// The row sums up the others.
    pub(crate) fn total(self) -> Row {
        Row { total: true, ..self }
    }
}

/// A table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// What it is; absent where what stands around it says so.
    pub(crate) caption: Option<String>,
    /// Its columns, that of the rows' names first.
    pub(crate) heads: Vec<Head>,
    /// Its rows.
    pub(crate) rows: Vec<Row>,
}

impl Table {
    /// A table without rows.
    pub(crate) fn new(heads: impl IntoIterator<Item = Head>) -> Table {
        Table { caption: None, heads: heads.into_iter().collect(), rows: Vec::new() }
    }

    /// The same below a caption.
    pub(crate) fn named(self, caption: impl Into<String>) -> Table {
        Table { caption: Some(caption.into()), ..self }
    }

    /// The same with these rows.
    pub(crate) fn with(self, rows: impl IntoIterator<Item = Row>) -> Table {
        Table { rows: rows.into_iter().collect(), ..self }
    }

    /// The table as HTML; wide ones scroll by themselves.
    pub(crate) fn html(&self) -> String {
        // Which columns hold words is said once, not in each cell.
        let words = self.heads.iter().enumerate().filter_map(|(n, head)| match head.holds {
            Holds::Figures => None,
            Holds::Words => Some(format!("w{}", n + 1)),
            Holds::Sentences => Some(format!("w{} p{}", n + 1, n + 1)),
        });
        let class = words.collect::<Vec<_>>().join(" ");
        let mut html = format!("<div class=\"scroll\" tabindex=\"0\">\n<table class=\"{class}\">\n");
        if let Some(caption) = &self.caption {
            let _ = writeln!(html, "<caption>{}</caption>", escaped(caption));
        }
        html.push_str("<thead><tr>");
        for head in &self.heads {
            let _ = write!(html, "<th scope=\"col\">{}</th>", escaped(&head.name));
        }
        html.push_str("</tr></thead>\n<tbody>\n");
        self.rows.iter().for_each(|row| self.row(row, &mut html));
        html.push_str("</tbody>\n</table>\n</div>\n");
        html
    }

    fn row(&self, row: &Row, html: &mut String) {
        html.push_str(if row.total { "<tr class=\"sum\"" } else { "<tr" });
        if !row.events.is_empty() {
            let _ = write!(html, " data-events=\"{}\"", escaped(&row.events));
        }
        if let Some(at) = row.at {
            let _ = write!(html, " data-x=\"{}\"", (at * 1000.0).round());
        }
        html.push('>');
        for (n, cell) in row.cells.iter().enumerate() {
            let cell = escaped(cell);
            let _ = if n == 0 { write!(html, "<th>{cell}</th>") } else { write!(html, "<td>{cell}</td>") };
        }
        html.push_str("</tr>\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_carry_their_events() {
        let row = Row::new(["2020-W12", "a<b"], "#1 #2").at(0.25);
        let html = Table::new([words("week"), figures("x")]).with([row, Row::new(["all", "3"], "").total()]).html();
        assert!(html.contains("<table class=\"w1\">"), "the first column holds words, the second figures");
        assert!(html.contains("<tr data-events=\"#1 #2\" data-x=\"250\"><th>2020-W12</th><td>a&lt;b</td></tr>"));
        assert!(html.contains("<tr class=\"sum\"><th>all</th><td>3</td></tr>"));
    }
}
