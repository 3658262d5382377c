//! The tax view as a story: a line for each disposal, dividend and warning, and for each year (the scenarios' golden
//! lines).

use market::time::Date;
use market::value::Money;
use protocol::rule::Rule;

use super::books::Books;
use super::disposal::{Disposal, How};
use super::dividend::DividendPaid;
use super::error::TaxError;
use super::form::described;
use super::lot::portion;
use super::owner::Owner;
use super::rules::Rules;
use super::transaction::Asset;
use crate::story::{Filter, Line};
use crate::words;

/// The lines that `filter` asks for: what happened by day, then what is open, then the years.
///
/// # Errors
/// [`TaxError`] if the trades of an account cannot be.
pub fn told(owner: &Owner, rules: Rules, filter: &Filter) -> Result<Vec<String>, TaxError> {
    let books = owner.books(rules)?;
    let mut dated: Vec<(Date, Line)> = Vec::new();
    for (at, disposal) in books.disposals.iter().enumerate() {
        dated.push((disposal.closed, books.sold(at, disposal)));
    }
    dated.extend(books.dividends.iter().map(|dividend| (dividend.ex, dividend_line(dividend))));
    for warning in owner.warnings(rules)?.into_iter().chain(owner.proposed(rules, None)?) {
        let (day, place) = (warning.intent.day, warning.intent.place);
        let symbol = Some(warning.intent.trade.underlying());
        let proposal = warning.intent.proposal.map_or_else(String::new, |id| format!(" of proposal {id}"));
        let text = format!("tax warning{proposal}: {warning}");
        let cited = vec![Rule::T4, Rule::T3];
        dated.push((day, Line { when: day.to_string(), sleeve: place.sleeve, symbol, text, rules: cited }));
    }
    dated.sort_by_key(|(day, _)| *day);
    let asked = |day: &Date| filter.from.is_none_or(|from| *day >= from) && filter.to.is_none_or(|to| *day <= to);
    let days = dated.into_iter().filter(|(day, _)| asked(day)).map(|(_, line)| line);
    let lines = days.chain(books.open_lines()).chain(books.year_lines());
    Ok(lines.filter(|line| filter.takes(line)).map(|line| line.to_string()).collect())
}

const fn term(long: bool) -> &'static str {
    if long { "long-term" } else { "short-term" }
}

fn gain(amount: Money) -> String {
    let what = if amount.is_negative() { "loss" } else { "gain" };
    format!("{what} {}", words::money(amount))
}

impl Books {
    fn sold(&self, at: usize, d: &Disposal) -> Line {
        let how = match d.how {
            How::Sold => "sold",
            How::CalledAway => "called away",
            How::Delivered => "delivered by a put",
            How::BoughtBack => "bought back",
            How::Expired => "expired",
            How::Received => "premium received",
        };
        let mut cited = vec![Rule::T2];
        let mut text = format!("tax: {} of {} {how}: ", described(&d.asset, d.units), d.acquired);
        text += &format!("{} less {}, ", words::money(d.proceeds), words::money(d.basis()));
        if d.section_1256 {
            let (long, short) = super::sixty_forty(d.gain());
            let parts = format!("{} long-term, {} short-term", words::money(long), words::money(short));
            text += &format!("section 1256 {}: {parts}", gain(d.gain()));
            cited.push(Rule::T7);
        } else {
            text += &format!("{} {}", term(d.long_term), gain(d.gain()));
        }
        if matches!(d.asset, Asset::Shares(_)) {
            cited.insert(0, Rule::T1);
        }
        if d.carried.is_positive() {
            text += &format!(" ({} of an earlier loss in its basis)", words::money(d.carried));
        }
        for r in &d.replaced_by {
            let went = if r.carries { "" } else { ", lost" };
            let what = described(&r.asset, r.units);
            text += &format!("; {} disallowed by {what} of {}{went}", words::money(r.amount), r.acquired);
        }
        if d.carried.is_positive() || d.disallowed.is_positive() {
            cited.push(Rule::T3);
        }
        let waits: Vec<_> = self.deferrals.iter().filter(|deferral| deferral.disposal == at).collect();
        for deferral in &waits {
            text += &format!("; {} waits beyond {}", words::money(deferral.amount), deferral.year);
        }
        if !waits.is_empty() || d.asset.is_short() && d.long_term {
            cited.push(Rule::T5);
        }
        let (sleeve, symbol) = (d.place.sleeve, Some(d.asset.symbol()));
        Line { when: d.closed.to_string(), sleeve, symbol, text, rules: cited }
    }

    /// Shares and options that are open, piece by piece.
    fn open_lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for lot in &self.lots {
            let (net, units) = (lot.cost.net(&lot.asset), lot.units());
            for piece in &lot.pieces {
                let amount = portion(net, piece.units, units);
                let what = described(&lot.asset, piece.units);
                let mut cited = vec![Rule::T2];
                let mut text = match lot.asset.is_short() {
                    true => format!("tax: {what} of {} open: {} not counted yet", lot.acquired, words::money(amount)),
                    false => {
                        let basis = words::money(amount + piece.carried);
                        format!("tax: {what} of {} open: basis {basis}", lot.acquired)
                    }
                };
                if piece.carried.is_positive() {
                    text += &format!(" ({} of an earlier loss in it)", words::money(piece.carried));
                    cited.push(Rule::T3);
                }
                if piece.is_suspended() && self.rules.straddles {
                    text += ", no holding period under its call";
                    cited.push(Rule::T5);
                } else if !lot.asset.is_short() {
                    text += &format!(", held from {}", piece.begins);
                    let plain = super::term::begins(lot.acquired);
                    cited.extend((piece.begins > plain).then_some(Rule::T5));
                }
                let (sleeve, symbol) = (lot.place.sleeve, Some(lot.asset.symbol()));
                lines.push(Line { when: self.day.to_string(), sleeve, symbol, text, rules: cited });
            }
        }
        lines
    }

    fn year_lines(&self) -> Vec<Line> {
        if !self.rules.warnings {
            return Vec::new();
        }
        let line = |year: i16| {
            let total = self.year(year).total;
            let disallowed = total.short_term.adjustment.0 + total.long_term.adjustment.0;
            let mut text = format!(
                "tax: short-term {}, long-term {}, disallowed {}",
                total.short_term.gain,
                total.long_term.gain,
                words::money(disallowed)
            );
            for (name, amount) in [
                ("losses on calls that wait", total.deferred),
                ("losses that had waited", total.released),
                ("section 1256", total.section_1256),
                ("qualified dividends", total.qualified_dividends),
                ("other dividends", total.other_dividends),
                ("interest", total.interest),
            ] {
                if amount.0 != Money::ZERO {
                    text += &format!(", {name} {amount}");
                }
            }
            let lines = self.form_8949(year, |_| super::Reported::Not).len();
            text += &format!("; {lines} lines of Form 8949; lots leave by {}", self.rules.instruction());
            Line { when: year.to_string(), sleeve: None, symbol: None, text, rules: vec![Rule::T4, Rule::T1] }
        };
        self.years().into_iter().map(line).collect()
    }
}

fn dividend_line(d: &DividendPaid) -> Line {
    let qualified = d.qualified();
    let days: Vec<String> = d.parts.iter().map(|part| part.days.to_string()).collect();
    let mut text = format!("tax: {} dividend of {} paid {}: ", d.symbol, words::money(d.amount), d.paid);
    text += &format!("{} qualified, {} not", words::money(qualified), words::money(d.amount - qualified));
    text += &format!("; days held that count: {}", days.join(", "));
    if d.parts.iter().any(|part| !part.known) {
        text += " so far";
    }
    let (sleeve, symbol) = (d.place.sleeve, Some(d.symbol));
    Line { when: d.ex.to_string(), sleeve, symbol, text, rules: vec![Rule::T6] }
}
