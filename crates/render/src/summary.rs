//! What comes first: what was earned, against what, at what risk, in plain words; then the figures beside each other.

use report::comparison::{BenchmarkLine, Comparison};
use report::figure::Amount;
use report::period::{Performance, Period};
use report::weekly::Identity;

use crate::html::{self, NONE, cents, dollars, list, paragraph, ratio, share, signed, signed_cents};
use crate::page::Section;
use crate::sheet::{Sheet, ends};
use crate::table::{Row, Table, figures, prose, words};

/// Summary, comparison, sleeves and years.
pub(crate) fn sections(sheet: &Sheet) -> [Section; 3] {
    [
        Section { id: "summary", name: "Summary", body: summary(sheet) },
        Section { id: "comparison", name: "Against what else the money could have done", body: comparison(sheet) },
        Section { id: "sleeves", name: "Sleeves and years", body: sleeves(sheet) },
    ]
}

/// What stands in a section before the first weekly close.
pub(crate) const TOO_SHORT: &str = "The journal holds no weekly close yet: there is nothing to measure.";

fn summary(sheet: &Sheet) -> String {
    let Some(whole) = &sheet.whole else { return paragraph(TOO_SHORT) };
    let total = &whole.total;
    let i = &total.identity;
    let mut body = format!("<dl class=\"facts\">\n{}</dl>\n", facts(sheet, whole));
    body.push_str(&paragraph(&format!(
        "What was earned: {} came in, {} is there after {} weeks. The gain of {} is {} time-weighted{}.",
        dollars(Amount(i.start.0 + i.flows.0)),
        dollars(i.end),
        total.weeks,
        dollars(i.gains),
        signed(total.time_weighted),
        total.money_weighted.map_or_else(String::new, |m| format!(", and {} a year money-weighted", signed(m))),
    )));
    body.push_str(&paragraph(&against(sheet.compared.as_ref())));
    body.push_str(&paragraph(&format!(
        "At what risk: the deepest fall of a weekly close from the highest before was {}; weekly returns vary by {} a \
         year; the Sharpe ratio over T-bills is {}. On average {} of the equity lay idle.",
        total.drawdown,
        share(total.volatility),
        ratio(total.sharpe),
        share(total.idle_share),
    )));
    body.push_str(&list(&whole.notes));
    body
}

fn facts(sheet: &Sheet, whole: &Period) -> String {
    let total = &whole.total;
    let index = sheet.compared.as_ref().and_then(|c| c.lines.get(1));
    let own = sheet.compared.as_ref().and_then(|c| c.lines.first());
    let facts = [
        ("Equity at the end".to_owned(), cents(total.identity.end)),
        ("A year, the protocol".to_owned(), own.map_or_else(|| NONE.to_owned(), |l| signed(l.cagr))),
        (
            index.map_or_else(|| "A year, the index".to_owned(), |l| format!("A year, {}", l.name)),
            index.map_or_else(|| NONE.to_owned(), |l| signed(l.cagr)),
        ),
        ("Deepest fall".to_owned(), total.drawdown.to_string()),
        ("Modelled fills".to_owned(), modelled(sheet.compared.as_ref())),
        ("Idle, on average".to_owned(), share(total.idle_share)),
    ];
    let fact = |(name, value): &(String, String)| {
        format!("<div><dt>{}</dt><dd>{}</dd></div>\n", html::escaped(name), html::escaped(value))
    };
    facts.iter().map(fact).collect()
}

fn modelled(compared: Option<&Comparison>) -> String {
    share(compared.and_then(|c| c.origins.fills_modelled_share))
}

/// The run beside each benchmark, in a sentence.
fn against(compared: Option<&Comparison>) -> String {
    let Some(compared) = compared else {
        return "Against what: benchmarks need two weekly closes with prices, which the journal does not hold yet."
            .to_owned();
    };
    let Some((own, others)) = compared.lines.split_first() else { return String::new() };
    let beside: Vec<String> = others.iter().map(|l| format!("{} {} a year", l.name, signed(l.cagr))).collect();
    let better = others.iter().filter(|l| own.end > l.end).count();
    format!(
        "Against what: from {} to {} the protocol made {} a year; {}. It ended above {better} of these {} lines, each \
         of which received the same money on the same days.",
        compared.from,
        compared.to,
        signed(own.cagr),
        beside.join(", "),
        others.len(),
    )
}

fn comparison(sheet: &Sheet) -> String {
    let mut body = String::new();
    if let Some(compared) = &sheet.compared {
        body.push_str(&lines(sheet, compared).html());
        body.push_str(&list(compared.missing.iter().map(|m| format!("Not drawn: {m}."))));
        body.push_str(&targets(sheet, compared).html());
    } else {
        body.push_str(&paragraph(&against(None)));
    }
    body.push_str(&list([TARGETS]));
    if let Some(whole) = &sheet.whole {
        body.push_str(&identities(sheet, whole).html());
    }
    body
}

const TARGETS: &str = "Targets are the authors' least expectation. They decide nothing and enter no valuation (A-4).";

fn lines(sheet: &Sheet, compared: &Comparison) -> Table {
    let heads = [
        words("line"),
        figures("end"),
        figures("return"),
        figures("a year"),
        figures("money-weighted"),
        figures("deepest fall"),
        figures("volatility"),
        figures("Sharpe"),
        figures("Sortino"),
        prose("how it is made"),
    ];
    let events = sheet.paths.as_ref().map_or_else(String::new, |p| html::ids(ends(&p.events)));
    let row = |l: &BenchmarkLine| {
        let figures = [
            l.name.clone(),
            cents(l.end),
            signed(l.time_weighted),
            signed(l.cagr),
            signed(l.money_weighted),
            l.drawdown.to_string(),
            share(l.volatility),
            ratio(l.sharpe),
            ratio(l.sortino),
            l.how.clone(),
        ];
        Row::new(figures, events.clone())
    };
    let caption = format!(
        "From {} to {}: every line starts with {} and receives {} more",
        compared.from,
        compared.to,
        cents(compared.start),
        cents(compared.flows)
    );
    Table::new(heads).named(caption).with(compared.lines.iter().map(row))
}

fn targets(sheet: &Sheet, compared: &Comparison) -> Table {
    let heads = [words("sleeves"), figures("weekly target"), figures("target a year"), figures("earned a year")];
    let rows = compared.targets.iter().map(|t| {
        Row::new([t.sleeve.clone(), t.weekly.to_string(), signed(t.annual), signed(t.earned)], sheet.span("total"))
    });
    Table::new(heads).named("Targets beside what was earned (A-4)").with(rows)
}

fn identities(sheet: &Sheet, whole: &Period) -> Table {
    let heads = [
        words("sleeve"),
        figures("start"),
        figures("+ flows"),
        figures("+ premium"),
        figures("+ shares"),
        figures("+ LEAPS"),
        figures("+ dividends"),
        figures("+ interest"),
        figures("+ fees"),
        figures("+ unrealised"),
        figures("= end"),
    ];
    let row = |name: &str, i: &Identity, events: String| {
        let gains = [i.premium, i.shares, i.longs, i.dividends, i.interest, i.fees, i.unrealised].map(signed_cents);
        let cells =
            [name.to_owned(), cents(i.start), signed_cents(i.flows)].into_iter().chain(gains).chain([cents(i.end)]);
        Row::new(cells, events)
    };
    let mut rows: Vec<Row> = whole.sleeves.iter().map(|s| row(&s.name, &s.identity, sheet.span(&s.name))).collect();
    if whole.reserve != Identity::default() {
        rows.push(row("tax reserves", &whole.reserve, sheet.span("reserve")));
    }
    rows.push(row("total", &whole.total.identity, sheet.span("total")).total());
    Table::new(heads).named("start + flows + gains = end, for each sleeve and the whole").with(rows)
}

fn sleeves(sheet: &Sheet) -> String {
    let Some(whole) = &sheet.whole else { return paragraph(TOO_SHORT) };
    let of_whole = whole.sleeves.iter().map(|s| performance(&s.name, s, sheet.span(&s.name)));
    let structures = whole.structures.iter().map(|s| performance(&s.name, s, sheet.span(&s.name)));
    let total = performance("total", &whole.total, sheet.span("total")).total();
    let first = Table::new(heads("sleeve"))
        .named("Over its whole life, each sleeve and each forked structure")
        .with(of_whole.chain(structures).chain([total]));
    let years = sheet.years.iter().map(|y| performance(&y.name, &y.total, year_events(sheet, y)));
    let second = Table::new(heads("year")).named("The whole, year by year").with(years);
    format!("{}{}", first.html(), second.html())
}

fn year_events(sheet: &Sheet, year: &Period) -> String {
    let within = sheet.course.weeks.iter().filter(|w| w.week >= year.first_week && w.week <= year.last_week);
    html::ids(ends(&within.map(|w| w.event).collect::<Vec<_>>()))
}

fn heads(first: &str) -> Vec<crate::table::Head> {
    let others = [
        "weeks",
        "return",
        "a year",
        "target a year",
        "money-weighted",
        "deepest fall",
        "from the mark",
        "marks restarted",
        "volatility",
        "Sharpe",
        "premium",
        "on offer a week",
        "idle",
    ];
    [words(first)].into_iter().chain(others.map(figures)).collect()
}

fn performance(name: &str, p: &Performance, events: String) -> Row {
    let cells = [
        name.to_owned(),
        p.weeks.to_string(),
        signed(p.time_weighted),
        signed(p.effective_annual),
        signed(p.target_annual),
        signed(p.money_weighted),
        p.drawdown.to_string(),
        share(p.mark_drawdown),
        p.resets.to_string(),
        share(p.volatility),
        ratio(p.sharpe),
        cents(p.premium),
        share(p.on_offer),
        share(p.idle_share),
    ];
    Row::new(cells, events)
}
