//! What must stand beside every figure and cannot be left out: other assumptions, the share of modelled premium, gaps
//! of the data, hindsight, restarted marks, idle capital, assumptions.

use report::comparison::{Comparison, VariantLine};
use report::figure::Share;

use crate::html::{NONE, cents, count, ids, list, paragraph, share, signed};
use crate::page::Section;
use crate::sheet::Sheet;
use crate::summary::TOO_SHORT;
use crate::table::{Row, Table, figures, prose, words};

/// All of them, always.
pub(crate) fn sections(sheet: &Sheet) -> [Section; 7] {
    [
        Section { id: "other-assumptions", name: "The same run under other assumptions", body: variants(sheet) },
        Section { id: "modelled", name: "Quoted and modelled premium", body: origins(sheet) },
        Section { id: "gaps", name: "Gaps in the data", body: gaps(sheet) },
        Section { id: "hindsight", name: "Hindsight", body: hindsight(sheet) },
        Section { id: "resets", name: "Locks and restarted marks", body: resets(sheet) },
        Section { id: "idle", name: "Idle capital", body: idle(sheet) },
        Section { id: "assumptions", name: "Assumptions", body: list(&sheet.assumptions) },
    ]
}

fn variants(sheet: &Sheet) -> String {
    let Some(compared) = &sheet.compared else { return paragraph(TOO_SHORT) };
    if compared.variants.is_empty() {
        return paragraph(
            "The journal holds no run under other assumptions: the totals at mid, and at −20% and +20% of modelled \
             premiums (E-9), are not known. alluse backtest records them.",
        );
    }
    let own = compared.lines.first().map(|own| VariantLine {
        name: "this run: at the touch, premiums as they are".to_owned(),
        end: own.end,
        time_weighted: own.time_weighted,
        cagr: own.cagr,
        drawdown: own.drawdown,
    });
    let row = |v: &VariantLine| {
        let cells = [v.name.clone(), cents(v.end), signed(v.time_weighted), signed(v.cagr), v.drawdown.to_string()];
        Row::new(cells, String::new())
    };
    let heads = [words("assumption"), figures("end"), figures("return"), figures("a year"), figures("deepest fall")];
    let table = Table::new(heads)
        .named("The total at the touch, at mid, and at other premiums (E-9); then other choices")
        .with(own.iter().chain(&compared.variants).map(row));
    table.html()
}

fn origins(sheet: &Sheet) -> String {
    let Some(compared) = &sheet.compared else { return paragraph(TOO_SHORT) };
    let o = &compared.origins;
    let sold = o.premium_quoted.0 + o.premium_modelled.0;
    let rows = [
        [
            "fills".to_owned(),
            count(o.fills_quoted as usize),
            count(o.fills_modelled as usize),
            share(o.fills_modelled_share),
        ],
        [
            "premium sold, before fees".to_owned(),
            cents(o.premium_quoted),
            cents(o.premium_modelled),
            share(Share::of(o.premium_modelled.0, sold)),
        ],
        [
            "options marked at weekly closes".to_owned(),
            count(o.marks_quoted as usize),
            count(o.marks_modelled as usize),
            share(o.marks_modelled_share),
        ],
    ];
    let heads = [words(""), figures("quoted"), figures("modelled"), figures("share modelled")];
    let table =
        Table::new(heads).named("Where option prices came from").with(rows.map(|r| Row::new(r, sheet.span("total"))));
    format!(
        "{}{}",
        table.html(),
        paragraph(
            "A quoted price was bid or offered by somebody; a modelled one is an answer of the premium model. The two \
             are never added up into one figure without this share beside it."
        )
    )
}

/// How many events a row of gaps names; the rest are counted.
const NAMED: usize = 12;

fn gaps(sheet: &Sheet) -> String {
    if sheet.gaps.is_empty() {
        return paragraph(
            "The journal tells of none: every week was judged, every gate could be asked, no quote was missing.",
        );
    }
    let rows = sheet.gaps.iter().map(|gap| {
        let named = gap.events.iter().copied().take(NAMED);
        let more = gap.events.len().saturating_sub(NAMED);
        let shown = match (gap.events.is_empty(), more) {
            (true, _) => NONE.to_owned(),
            (_, 0) => ids(named),
            _ => format!("{} and {} more", ids(named), count(more)),
        };
        let events = ids(gap.events.iter().copied().take(NAMED));
        Row::new([gap.what.clone(), count(gap.count), shown], events)
    });
    let heads = [words("what could not be done or known"), figures("times"), prose("events")];
    Table::new(heads).with(rows).html()
}

fn hindsight(sheet: &Sheet) -> String {
    let mut body = match (&sheet.whole, &sheet.compared) {
        (Some(whole), _) => list(&whole.notes),
        (None, Some(compared)) => list(&compared.notes),
        (None, None) => paragraph(TOO_SHORT),
    };
    body.push_str(&paragraph(&control(sheet.compared.as_ref())));
    body
}

/// The run on the universe that was not chosen with hindsight.
fn control(compared: Option<&Comparison>) -> String {
    let found = compared.and_then(|c| c.variants.iter().find(|v| v.name.contains("control universe")));
    match found {
        Some(v) => {
            format!("{}: {} at the end, {} a year, deepest fall {}.", v.name, cents(v.end), signed(v.cagr), v.drawdown)
        }
        None => {
            "The journal holds no run on another universe: how much of the result is hindsight is not known. alluse \
                 backtest on real history records one."
                .to_owned()
        }
    }
}

fn resets(sheet: &Sheet) -> String {
    let locks = &sheet.course.locks;
    if locks.is_empty() {
        return paragraph("No sleeve was locked for new puts, and no mark was restarted (K-2, G-2, G-3).");
    }
    let restarted: u32 = sheet.whole.iter().flat_map(|w| &w.sleeves).map(|s| s.resets).sum();
    let lead = format!(
        "Sleeves were locked {} times; the mark from which K-2 measures was restarted {restarted} times. After a \
         restart the fall from the mark is smaller than the fall from the highest close ever: both stand in \
         the tables.",
        locks.len()
    );
    let rows = locks.iter().map(|l| {
        let cells = [
            l.sleeve.clone(),
            l.from.to_string(),
            l.to.map_or_else(|| "still locked".to_owned(), |d| d.to_string()),
            l.drawdown.to_string(),
            if l.restarted { "yes" } else { "no" }.to_owned(),
            l.why.join("; "),
        ];
        Row::new(cells, ids(l.events.iter().copied()))
    });
    let heads =
        [words("sleeve"), words("from"), words("to"), figures("drawdown"), words("mark restarted"), prose("why")];
    format!("{}{}", paragraph(&lead), Table::new(heads).with(rows).html())
}

fn idle(sheet: &Sheet) -> String {
    let Some(whole) = &sheet.whole else { return paragraph(TOO_SHORT) };
    let all = whole.sleeves.iter().chain([&whole.total]);
    let rows = all.map(|s| {
        let cells = [
            s.name.clone(),
            share(s.idle_share),
            cents(s.idle_dollar_weeks),
            cents(s.waiting_dollar_weeks),
            count(usize::try_from(s.uncovered_share_weeks).unwrap_or(0)),
        ];
        let row = Row::new(cells, sheet.span(&s.name));
        if s.name == whole.total.name { row.total() } else { row }
    });
    let heads = [
        words("sleeve"),
        figures("idle, of equity"),
        figures("dollars × weeks idle"),
        figures("of which forks waited for"),
        figures("shares × weeks uncovered"),
    ];
    let lead = "Idle is settled cash that was neither reserved nor buffer at a weekly close. Capital that lies idle \
                earns interest and no premium.";
    format!("{}{}", paragraph(lead), Table::new(heads).with(rows).html())
}
