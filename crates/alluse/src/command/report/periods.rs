//! Months and years (L-2, L-4): all of them in lines, or one in full.

use report::period::{Adherence, Count, Performance, Period, TypeCount};
use report::weekly::Identity;
use report::{Book, comparison, whole};

use crate::command::summary;
use crate::failure::Failure;
use crate::journal::{self, Journal, Masthead};
use crate::show::{self, figures, plain, prose, share, signed, words};

/// What was asked for.
pub(super) struct Asked<'a> {
    pub(super) opened: &'a Journal,
    pub(super) book: &'a Book<'a>,
    pub(super) masthead: Masthead,
    /// One period by its name.
    pub(super) one: Option<&'a str>,
    pub(super) csv: bool,
    pub(super) json: bool,
}

impl Asked<'_> {
    /// Prints the periods, or the one that was asked for.
    pub(super) fn answer(&self, mut periods: Vec<Period>) -> Result<(), Failure> {
        let file = &self.opened.place;
        let (Some(first), Some(last)) = (periods.first(), periods.last()) else {
            return Err(Failure::Usage(format!("{file}: the journal holds no weekly close yet")));
        };
        if let Some(one) = self.one {
            let span = format!("{} to {}", first.name, last.name);
            periods.retain(|p| p.name == one);
            if periods.is_empty() {
                return Err(Failure::Usage(format!(
                    "{file}: the journal holds no weekly close of {one}; it has {span}"
                )));
            }
        }
        if self.json {
            return self.as_json(&periods);
        }
        if self.csv {
            return csv(&periods, self.masthead);
        }
        self.masthead.print()?;
        match (self.one, periods.as_slice()) {
            (Some(_), [period]) => self.full(period),
            _ => self.all(&periods),
        }
    }

    fn as_json(&self, periods: &[Period]) -> Result<(), Failure> {
        let compared = comparison(self.book);
        match self.one {
            Some(_) => journal::json(self.opened, self.masthead, &periods),
            None => {
                let report =
                    serde_json::json!({ "periods": periods, "whole": whole(self.book), "comparison": compared });
                journal::json(self.opened, self.masthead, &report)
            }
        }
    }

    fn all(&self, periods: &[Period]) -> Result<(), Failure> {
        let whole = whole(self.book);
        // The root's: forked ones come and go, and stand in the tables below.
        let sleeves = whole.iter().flat_map(|w| &w.sleeves).map(|s| s.name.as_str());
        let sleeves = sleeves.filter(|name| name.starts_with("1.")).collect::<Vec<_>>();
        let columns: Vec<_> = [words(""), figures("end"), figures("return")]
            .into_iter()
            .chain(sleeves.iter().map(|name| figures(*name)))
            .chain([figures("drawdown"), figures("G/R/C")])
            .collect();
        let rows = periods.iter().map(|period| {
            let of = |name: &&str| period.sleeves.iter().find(|s| s.name == *name).map(|s| s.time_weighted);
            let end = [period.name.clone(), period.total.identity.end.to_string(), signed(period.total.time_weighted)];
            let returns = sleeves.iter().map(|name| signed(of(name)));
            let tail = [period.total.drawdown.to_string(), classes(&period.market_weeks)];
            end.into_iter().chain(returns).chain(tail).collect::<Vec<_>>()
        });
        show::table(
            "Equity, time-weighted returns of the whole and of the root's sleeves, and green/red/chop weeks",
            columns,
            rows,
        )?;
        if let Some(whole) = &whole {
            summary::sleeves(whole)?;
            decisions(whole)?;
        }
        match comparison(self.book) {
            Some(compared) => summary::beside(&compared, &self.book.policy().name),
            None => Ok(()),
        }
    }

    fn full(&self, period: &Period) -> Result<(), Failure> {
        summary::sleeves(period)?;
        decisions(period)?;
        if let Some(compared) = comparison(self.book) {
            summary::benchmarks(&compared)?;
        }
        show::print("")?;
        period.notes.iter().try_for_each(|note| show::paragraph(note))?;
        summary::assumptions(&report::assumptions(self.book))
    }
}

/// `3/1/0`: weeks by class; those that were not judged behind a plus sign.
fn classes(weeks: &[Count]) -> String {
    let of = |name: &str| weeks.iter().find(|c| c.name.eq_ignore_ascii_case(name)).map_or(0, |c| c.count);
    let judged = format!("{}/{}/{}", of("green"), of("red"), of("chop"));
    let all: u64 = weeks.iter().map(|c| c.count).sum();
    match all - of("green") - of("red") - of("chop") {
        0 => judged,
        other => format!("{judged}+{other}"),
    }
}

/// Types of weeks and decisions, counted.
fn decisions(period: &Period) -> Result<(), Failure> {
    let columns = [
        words("type"),
        prose("meaning"),
        figures("weeks"),
        figures("share"),
        figures("authors'"),
        figures("weeks a year"),
    ];
    let kind = |t: &TypeCount| {
        let reference = t.reference.map_or_else(|| show::NONE.to_owned(), |(low, high)| format!("{low}–{high}"));
        let row = [t.kind.clone(), t.meaning.clone(), t.count.to_string(), share(t.share)];
        row.into_iter().chain([share(t.reference_share), reference]).collect::<Vec<_>>()
    };
    let title = format!("Weeks of positions by type, {}, beside the authors' frequencies", period.name);
    show::table(&title, columns, period.types.iter().map(kind))?;
    let Adherence { plans, taken, approved, fills, .. } = &period.adherence;
    show::heading(&format!("Decisions, {}", period.name))?;
    show::list([
        format!("{plans} plans took {taken} candidates; {approved} orders passed the risk gate; {fills} fills"),
        format!("candidates left: {}", counts(&period.adherence.left)),
        format!("gates that could not be asked: {}", counts(&period.adherence.not_testable)),
        format!("orders refused by the risk gate: {}", counts(&period.adherence.refused)),
        format!("orders that ended unfilled: {}", counts(&period.adherence.unfilled)),
        format!("market weeks: {}", counts(&period.market_weeks)),
    ])?;
    let columns = [words("rule"), figures("decisions"), prose("about")];
    let rows = period.adherence.rules.iter().map(|r| [r.rule.clone(), r.count.to_string(), r.title.clone()]);
    show::table("Decisions by the rules that they cite", columns, rows)
}

fn counts(all: &[Count]) -> String {
    let counted: Vec<String> = all.iter().filter(|c| c.count > 0).map(|c| format!("{} {}", c.count, c.name)).collect();
    if counted.is_empty() { "none".to_owned() } else { counted.join(", ") }
}

fn csv(periods: &[Period], masthead: Masthead) -> Result<(), Failure> {
    let columns = [
        "period",
        "sleeve",
        "weeks",
        "start",
        "flows",
        "premium",
        "shares",
        "longs",
        "dividends",
        "interest",
        "fees",
        "unrealised",
        "gains",
        "end",
        "time_weighted",
        "effective_annual",
        "money_weighted",
        "target_weekly",
        "target_annual",
        "premium_on_offer_weekly",
        "drawdown",
        "volatility",
        "sharpe",
        "sortino",
        "idle_share",
        "world",
        "premiums",
    ];
    let rows = periods.iter().flat_map(|p| {
        let sleeves = p.sleeves.iter().map(|s| row(p, s, masthead));
        sleeves.chain(reserve(p, masthead)).chain([row(p, &p.total, masthead)])
    });
    show::csv(columns, rows)
}

/// The tax reserves' row: an identity without a performance.
fn reserve(period: &Period, masthead: Masthead) -> Option<[String; 27]> {
    if period.reserve == Identity::default() {
        return None;
    }
    let whole = row(period, &Performance { identity: period.reserve, ..period.total.clone() }, masthead);
    let mut row: [String; 27] =
        std::array::from_fn(|i| if (14..25).contains(&i) { String::new() } else { whole[i].clone() });
    summary::RESERVE.clone_into(&mut row[1]);
    Some(row)
}

fn row(period: &Period, s: &Performance, masthead: Masthead) -> [String; 27] {
    let i = &s.identity;
    [
        period.name.clone(),
        s.name.clone(),
        period.weeks.to_string(),
        plain(&i.start),
        plain(&i.flows),
        plain(&i.premium),
        plain(&i.shares),
        plain(&i.longs),
        plain(&i.dividends),
        plain(&i.interest),
        plain(&i.fees),
        plain(&i.unrealised),
        plain(&i.gains),
        plain(&i.end),
        plain(&s.time_weighted),
        plain(&s.effective_annual),
        plain(&s.money_weighted),
        plain(&s.target_weekly),
        plain(&s.target_annual),
        plain(&s.on_offer),
        plain(&s.drawdown),
        plain(&s.volatility),
        plain(&s.sharpe),
        plain(&s.sortino),
        plain(&s.idle_share),
        masthead.world().to_owned(),
        masthead.premiums().to_owned(),
    ]
}
