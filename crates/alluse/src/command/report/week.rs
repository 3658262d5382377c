//! One week's statement (L-1).

use report::figure::Amount;
use report::weekly::{Balances, Identity, SleeveStatement, Weekly};
use report::words::minus;

use crate::command::summary;
use crate::failure::Failure;
use crate::journal::Masthead;
use crate::show::{self, Screen, cents, figures, plain, prose, share, signed, words};

/// The week's trades as CSV.
pub(super) fn csv(w: &Weekly, masthead: Masthead) -> Result<(), Failure> {
    let columns = [
        "week",
        "day",
        "sleeve",
        "what",
        "series",
        "contracts",
        "price",
        "cash",
        "fees",
        "origin",
        "order",
        "rules",
        "event",
        "world",
        "premiums",
    ];
    let rows = w.trades.iter().map(|t| {
        [
            w.week.clone(),
            t.day.clone(),
            t.sleeve.clone(),
            t.what.clone(),
            t.series.replace(['$', ','], ""),
            t.contracts.to_string(),
            plain(&t.price),
            plain(&t.cash),
            plain(&t.fees),
            plain(&t.origin),
            plain(&t.order),
            t.rules.join(" "),
            t.event.to_string(),
            masthead.world().to_owned(),
            masthead.premiums().to_owned(),
        ]
    });
    show::csv(columns, rows)
}

/// The whole statement.
pub(super) fn print(w: &Weekly) -> Result<(), Failure> {
    let class = w.market.class.as_deref().map_or("not judged".to_owned(), str::to_uppercase);
    show::print(&Screen::stdout().bold(&format!("Week {} to {}: {class}", w.week, w.day)))?;
    w.market.sentences.iter().try_for_each(|s| show::paragraph(s))?;
    sleeves(w)?;
    balances(&w.sleeves)?;
    section("Trades, expirations and assignments", w.trades.iter().map(|t| format!("{} #{}", t.sentence, t.event)))?;
    section("Left, and why", &w.left)?;
    positions(w)?;
    section("Locks on new puts", &w.locks)?;
    section("What comes next", &w.next)?;
    show::print("")?;
    w.notes.iter().try_for_each(|note| show::paragraph(note))
}

fn section<T: AsRef<str>>(title: &str, lines: impl IntoIterator<Item = T>) -> Result<(), Failure> {
    let mut lines = lines.into_iter().peekable();
    show::heading(title)?;
    if lines.peek().is_none() { show::print("none") } else { show::list(lines) }
}

fn sleeves(w: &Weekly) -> Result<(), Failure> {
    let columns = [words("sleeve"), figures("start"), figures("flows"), figures("gains"), figures("end")];
    let reserve = (w.reserve != Identity::default()).then_some((summary::RESERVE, &w.reserve));
    let rows = w.sleeves.iter().map(|s| (s.sleeve.as_str(), &s.identity)).chain(reserve).chain([("total", &w.total)]);
    show::table("start + flows + gains = end", columns, rows.map(|(name, i)| summary::identity(name, i)))?;
    let columns = [
        words("sleeve"),
        words("type"),
        figures("return"),
        figures("target"),
        figures("on offer"),
        figures("drawdown"),
        words("new puts"),
        prose("meaning"),
    ];
    let rows = w.sleeves.iter().map(|s| {
        [
            s.sleeve.clone(),
            s.kind.clone(),
            signed(s.identity.earned),
            signed(s.target),
            share(s.on_offer),
            s.drawdown.to_string(),
            if s.locked { "locked" } else { "allowed" }.to_owned(),
            s.meaning.clone(),
        ]
    });
    show::table("Each sleeve's week, its return beside its target and the premium on offer", columns, rows)
}

/// A balance: its name, and its amount.
type Balance = (&'static str, fn(&Balances) -> Amount);

/// In two tables, so that a terminal of 80 columns holds them; the second, with what the first has of cash, adds up to
/// equity.
const BALANCES: [(&str, &[Balance]); 2] = [
    (
        "Cash at the close",
        &[
            ("settled", |b| b.settled),
            ("reserved", |b| b.reserved),
            ("idle", |b| b.idle),
            ("to receive", |b| b.receivable),
            ("to pay", |b| b.payable),
        ],
    ),
    (
        "Positions, options and LEAPS at mid, and equity once the close has moved what it moves",
        &[
            ("cash", |b| b.cash),
            ("shares", |b| b.shares),
            ("options", |b| b.options),
            ("LEAPS", |b| b.leaps),
            ("equity", |b| b.equity),
        ],
    ),
];

fn balances(sleeves: &[SleeveStatement]) -> Result<(), Failure> {
    for (title, balances) in BALANCES {
        let columns: Vec<_> =
            [words("sleeve")].into_iter().chain(balances.iter().map(|(name, _)| figures(*name))).collect();
        let row = |s: &SleeveStatement| -> Vec<String> {
            [s.sleeve.clone()].into_iter().chain(balances.iter().map(|(_, of)| cents(of(&s.balances)))).collect()
        };
        show::table(title, columns, sleeves.iter().map(row))?;
    }
    section("Held at the close", sleeves.iter().flat_map(held))
}

/// Shares, short options and LEAPS of one sleeve, in words.
fn held(s: &SleeveStatement) -> Vec<String> {
    let shares = s.balances.holdings.iter().map(|h| {
        let basis = h.basis.map_or_else(String::new, |b| format!(", basis {} a share", cents(b)));
        format!("{}: {} {} shares{basis}, {} of them uncovered", s.sleeve, h.shares, h.symbol, h.uncovered)
    });
    let shorts = s.balances.shorts.iter();
    let shorts = shorts
        .map(|o| format!("{}: short {} {}, sold on {} for {}", s.sleeve, o.contracts, o.series, o.opened, o.premium));
    let leaps = s.balances.longs.iter().map(|l| {
        let value = l.value.map_or_else(String::new, |v| format!(", worth {v}"));
        format!("{}: LEAPS {} {}, bought on {} for {}{value}", s.sleeve, l.contracts, l.series, l.opened, l.cost)
    });
    shares.chain(shorts).chain(leaps).collect()
}

fn positions(w: &Weekly) -> Result<(), Failure> {
    if w.positions.is_empty() {
        return section("Positions", [""; 0]);
    }
    let columns = [
        words("position"),
        words("type"),
        figures("reference"),
        figures("change"),
        figures("gain"),
        figures("return"),
        figures("authors'"),
    ];
    let rows = w.positions.iter().map(|p| {
        let (low, high) = p.reference_range;
        [
            format!("{} {} {}", p.sleeve, p.symbol, p.what),
            p.kind.clone(),
            cents(p.reference),
            signed(p.change),
            p.gain.to_string(),
            signed(p.earned),
            minus(&format!("{:.1}–{:.1}%", low.0 * 100.0, high.0 * 100.0)),
        ]
    });
    show::table("Positions: change from strike or basis, and the return beside the authors' range", columns, rows)
}
