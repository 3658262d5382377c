//! An exhibit: a chart with its title, what can be seen in it, what its colours mean, and the table behind it.

use std::fmt::Write as _;

use crate::html::{count, escaped};
use crate::plot::Plot;
use crate::table::Table;

/// What a colour or a form means.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    class: String,
    text: String,
}

/// A key: the class of the marks, and what they are.
pub(crate) fn key(class: impl Into<String>, text: impl Into<String>) -> Key {
    Key { class: class.into(), text: text.into() }
}

/// One drawing with its table.
#[derive(Clone, Debug)]
pub(crate) struct Panel {
    /// What it is, where an exhibit has several.
    pub(crate) name: Option<String>,
    /// The drawing.
    pub(crate) plot: Plot,
    /// Its figures.
    pub(crate) table: Table,
}

/// A chart.
#[derive(Clone, Debug)]
pub(crate) struct Exhibit {
    /// Its id in the page.
    pub(crate) id: &'static str,
    /// Its title.
    pub(crate) title: String,
    /// What can be seen in it, in a sentence or two.
    pub(crate) lead: String,
    /// What its marks mean.
    pub(crate) keys: Vec<Key>,
    /// Its drawings; none where there is nothing to draw, of which the lead then tells.
    pub(crate) panels: Vec<Panel>,
    /// How it was made, below it.
    pub(crate) notes: Vec<String>,
}

impl Exhibit {
    /// A place for a chart that cannot be drawn, which says why.
    pub(crate) fn absent(id: &'static str, title: &str, why: impl Into<String>) -> Exhibit {
        Exhibit {
            id,
            title: title.to_owned(),
            lead: why.into(),
            keys: Vec::new(),
            panels: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The exhibit as HTML, with the page's labels beside its title.
    pub(crate) fn html(&self, labels: &[&str]) -> String {
        let (id, title, lead) = (self.id, escaped(&self.title), escaped(&self.lead));
        let badges = badges(labels);
        let mut html = format!(
            "<figure class=\"exhibit\" id=\"{id}\">\n<figcaption><h3>{title}{badges}</h3><p>{lead}</p></figcaption>\n"
        );
        if !self.keys.is_empty() {
            let keys = self.keys.iter().map(|k| {
                let (class, text) = (escaped(&k.class), escaped(&k.text));
                format!(
                    "<li><svg class=\"key\" width=\"22\" height=\"12\" aria-hidden=\"true\"><path class=\"{class}\" \
                     d=\"M0 6H22\"/><rect class=\"{class}\" x=\"4\" width=\"14\" height=\"12\"/></svg>{text}</li>"
                )
            });
            let _ = writeln!(html, "<ul class=\"keys\">{}</ul>", keys.collect::<String>());
        }
        for panel in &self.panels {
            html.push_str("<div class=\"panel\">\n");
            if let Some(name) = &panel.name {
                let _ = writeln!(html, "<h4>{}</h4>", escaped(name));
            }
            html.push_str(&panel.plot.svg(labels));
            let rows = count(panel.table.rows.len());
            let _ = write!(
                html,
                "<details><summary>The figures and their events: {rows} rows</summary>\n{}</details>\n</div>\n",
                panel.table.html()
            );
        }
        for note in &self.notes {
            let _ = writeln!(html, "<p class=\"note\">{}</p>", escaped(note));
        }
        html.push_str("</figure>\n");
        html
    }
}

/// The labels as they stand beside a title.
pub(crate) fn badges(labels: &[&str]) -> String {
    labels.iter().map(|label| format!(" <span class=\"label\">{}</span>", escaped(label))).collect()
}
