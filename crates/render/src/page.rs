//! The whole page: what it opens with, its contents, its sections in their order.

use std::fmt::Write as _;

use crate::exhibit::badges;
use crate::html::{escaped, list, paragraph};
use crate::sheet::Sheet;
use crate::{chart, honesty, summary};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A part of the page, with its id and its name in the contents.
pub(crate) struct Section {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) body: String,
}

/// The page.
pub(crate) fn html(sheet: &Sheet) -> String {
    let labels = sheet.masthead.labels();
    let sections: Vec<Section> =
        summary::sections(sheet).into_iter().chain(chart::sections(sheet)).chain(honesty::sections(sheet)).collect();
    let title = escaped(&title(sheet));
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light \
         dark\"/>\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}{}</h1>\n",
        badges(&labels)
    );
    html.push_str(&masthead(sheet));
    html.push_str("</header>\n<nav aria-label=\"Contents\">\n<ol>\n");
    for Section { id, name, .. } in &sections {
        let _ = writeln!(html, "<li><a href=\"#{id}\">{}</a></li>", escaped(name));
    }
    html.push_str("</ol>\n</nav>\n<main>\n");
    for Section { id, name, body } in &sections {
        let _ =
            write!(html, "<section id=\"{id}\">\n<h2>{}{}</h2>\n{body}</section>\n", escaped(name), badges(&labels));
    }
    let _ = write!(
        html,
        "</main>\n<div id=\"tip\" aria-live=\"polite\"></div>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n"
    );
    html
}

fn title(sheet: &Sheet) -> String {
    let span = sheet.whole.as_ref().map_or_else(|| "no weekly close yet".to_owned(), |w| w.name.clone());
    format!("Weekly option selling by rule: {span}")
}

/// What must be said before any figure, and where the figures come from.
fn masthead(sheet: &Sheet) -> String {
    let from = &sheet.provenance;
    let warnings: String =
        sheet.masthead.warnings().iter().map(|w| format!("<p class=\"warning\">{}</p>\n", escaped(w))).collect();
    let model = if from.premium_model.is_empty() { "none".to_owned() } else { from.premium_model.clone() };
    let facts = [
        format!("Policy: {}", from.policy),
        format!("Prices: {}", from.source),
        format!("Premium model: {model}"),
        format!("Journal: {} events of portfolio {}, digest {}", from.events, from.portfolio, sheet.digest),
        format!("Written by version {}, schema {}", from.program, from.schema),
    ];
    let how = "Every figure comes from the journal alone. Hover over a mark, or touch it, for its value and the \
               numbers of the events behind it; the tables below each chart hold all of them. alluse explain '#NUMBER' \
               tells what an event decided and why.";
    format!(
        "{warnings}{}<details class=\"from\"><summary>Where this comes from</summary>\n{}</details>\n",
        paragraph(how),
        list(facts)
    )
}
