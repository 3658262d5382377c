//! `alluse tax estimate`: what years may be taxed at the reader's rates.

use adapters::trades::read_rates;
use report::figure::Amount;
use report::tax::Rates;
use report::tax::estimate::{Estimate, Taxed};
use report::words;
use serde::Serialize;

use super::{Declared, year};
use crate::cli::AtRates;
use crate::failure::Failure;
use crate::show::{self, Column, figures, words as text};

const RULES: [&str; 6] = ["T-2", "T-3", "T-4", "T-5", "T-6", "T-7"];

#[derive(Serialize)]
struct Answer<'a> {
    /// In percent, on short-term gains and other ordinary income.
    ordinary_rate: String,
    /// In percent, on long-term gains and qualified dividends.
    long_term_rate: String,
    /// What a loss may take off other income in a year.
    loss_limit: Amount,
    years: Vec<&'a Estimate>,
}

/// Prints one year by account, or a line for each.
pub(super) fn run(declared: &Declared, year: Option<i16>, rates: &AtRates, by_trade: bool) -> Result<(), Failure> {
    let rates = at(rates)?;
    let books = declared.books()?;
    let asked = year::asked(&books, year)?;
    let estimates = books.estimates(&rates);
    let years: Vec<&Estimate> = estimates.iter().filter(|e| year.is_none() || asked.contains(&e.year)).collect();
    if declared.json {
        let (ordinary_rate, long_term_rate) = (rates.ordinary.to_string(), rates.long_term.to_string());
        return declared.print_json(&Answer {
            ordinary_rate,
            long_term_rate,
            loss_limit: rates.loss_limit.into(),
            years,
        });
    }
    declared.begin()?;
    match (year, &years[..]) {
        (Some(_), [one]) => full(one, by_trade)?,
        _ => lines(&years)?,
    }
    if let Some(open) = years.iter().find(|e| !e.complete) {
        show::paragraph(&year::unfinished(&books.year(open.year)))?;
    }
    show::print("")?;
    show::list([
        format!(
            "At the rates given: {} on short-term gains, interest and other dividends, {} on long-term gains and \
             qualified dividends. No other income, bracket, surtax or state is known here.",
            words::rate(rates.ordinary),
            words::rate(rates.long_term)
        ),
        format!(
            "Losses come off gains of their own term, then of the other; what is left takes at most {} a year off \
             other income, short-term first, and the rest is carried on (Schedule D; IRC 1211(b), 1212(b)).",
            words::money(rates.loss_limit)
        ),
        "Each line is what the running total of its class, rounded to the nearest cent, grows by: lines add up to the \
         cent."
            .to_owned(),
    ])?;
    declared.end(&RULES)
}

fn at(rates: &AtRates) -> Result<Rates, Failure> {
    match (rates.rates, &rates.rates_file) {
        (_, Some(file)) => read_rates(file).map_err(|e| Failure::Data(e.to_string())),
        (Some(rates), None) => Ok(rates),
        (None, None) => Err(Failure::Usage("expected --rates or --rates-file".to_owned())),
    }
}

fn lines(years: &[&Estimate]) -> Result<(), Failure> {
    let columns = [
        text("year"),
        figures("short-term"),
        figures("long-term"),
        figures("ordinary"),
        figures("qualified"),
        figures("off other income"),
        figures("carried on"),
        figures("estimated tax"),
    ];
    let row = |e: &&Estimate| {
        let all = |of: fn(&Taxed) -> Amount| Amount(e.accounts.iter().map(|a| of(&a.taxed).0).sum());
        [
            format!("{}{}", e.year, if e.complete { "" } else { " *" }),
            e.netting.short_term.to_string(),
            e.netting.long_term.to_string(),
            all(|t| t.ordinary).to_string(),
            all(|t| t.qualified).to_string(),
            e.netting.deducted.to_string(),
            Amount(e.netting.carried.short_term.0 + e.netting.carried.long_term.0).to_string(),
            e.total.to_string(),
        ]
    };
    show::table("Estimated tax, all taxable accounts", columns, years.iter().map(row))
}

const CLASSES: [&str; 4] = ["short-term", "long-term", "ordinary", "qualified"];

fn classes(taxed: &Taxed) -> [String; 4] {
    [taxed.short_term, taxed.long_term, taxed.ordinary, taxed.qualified].map(|amount| amount.to_string())
}

fn full(estimate: &Estimate, by_trade: bool) -> Result<(), Failure> {
    let [short, long, ordinary, qualified] = CLASSES.map(figures);
    if by_trade {
        let columns: [Column; 8] =
            [text("account"), text("closed or paid"), text("what"), short, long, ordinary, qualified, figures("tax")];
        let rows = estimate.lines.iter().map(|line| {
            let [short, long, ordinary, qualified] = classes(&line.taxed);
            let (account, what) = (line.account.clone(), line.what.clone());
            [account, line.day.to_string(), what, short, long, ordinary, qualified, line.tax.to_string()]
        });
        show::table(&format!("{}, trade by trade", estimate.year), columns, rows)?;
    }
    let [short, long, ordinary, qualified] = CLASSES.map(figures);
    let none = || String::new();
    let rows = estimate.accounts.iter().map(|account| {
        let [short, long, ordinary, qualified] = classes(&account.taxed);
        [account.account.clone(), short, long, ordinary, qualified, account.tax.to_string()]
    });
    let last = |name: &str, tax: Amount| [name.to_owned(), none(), none(), none(), none(), tax.to_string()];
    let rows = rows
        .chain([last("terms netted, with other years", estimate.netting_tax), last("estimated tax", estimate.total)]);
    let columns = [text("account"), short, long, ordinary, qualified, figures("tax")];
    show::table(&format!("{}, account by account", estimate.year), columns, rows)?;
    netted(estimate)
}

fn netted(estimate: &Estimate) -> Result<(), Failure> {
    let n = &estimate.netting;
    let rows = [
        ("losses brought in", n.brought.short_term, n.brought.long_term),
        ("gain or loss after them", n.short_term, n.long_term),
        ("taxed", n.taxed_short, n.taxed_long),
        ("losses carried on", n.carried.short_term, n.carried.long_term),
    ];
    let rows = rows.map(|(name, short, long)| [name.to_owned(), short.to_string(), long.to_string()]);
    let columns = [text("netted"), figures("short-term"), figures("long-term")];
    show::table("as Schedule D nets them", columns, rows)?;
    show::paragraph(&format!("Off other income: {}.", n.deducted))
}
