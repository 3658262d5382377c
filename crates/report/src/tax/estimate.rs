//! What a year may be taxed at the reader's rates: trade by trade, account by account, in all. An estimate.
//!
//! Each disposal is taxed at the rate of its own term; a loss is taxed below zero. Lines add up to accounts, accounts
//! and the netting of both terms to the total, each to the cent: a line's tax is what the running total of its class,
//! rounded to the nearest cent, grows by. So no line of one class is a cent or more from its gain times its rate.

use market::time::Date;
use market::value::Money;
use protocol::policy::unit::Ppm;
use serde::Serialize;

use super::books::Books;
use super::disposal::Disposal;
use super::form::described;
use super::index::sixty_forty;
use super::netting::{Carried, Netting, Rates, tax};
use crate::figure::{Amount, Day};

/// Dollars by the way in which they are taxed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Taxed {
    /// Gain or loss held for a year or less, and 40% of one on section 1256 contracts.
    pub short_term: Amount,
    /// Gain or loss held for longer, and 60% of one on section 1256 contracts.
    pub long_term: Amount,
    /// Interest, and dividends that are not qualified, or not yet.
    pub ordinary: Amount,
    /// Qualified dividends.
    pub qualified: Amount,
}

impl Taxed {
    fn plus(self, other: Taxed) -> Taxed {
        let sum = |a: Amount, b: Amount| Amount(a.0 + b.0);
        Taxed {
            short_term: sum(self.short_term, other.short_term),
            long_term: sum(self.long_term, other.long_term),
            ordinary: sum(self.ordinary, other.ordinary),
            qualified: sum(self.qualified, other.qualified),
        }
    }

    /// All of it.
    #[must_use]
    pub fn whole(&self) -> Money {
        self.short_term.0 + self.long_term.0 + self.ordinary.0 + self.qualified.0
    }

    /// The tax on each class by itself, each rounded to the cent.
    fn tax(&self, rates: &Rates) -> Money {
        let at = |amount: Amount, rate: Ppm| tax(amount.0, rate);
        let ordinary = at(self.short_term, rates.ordinary) + at(self.ordinary, rates.ordinary);
        ordinary + at(self.long_term, rates.long_term) + at(self.qualified, rates.long_term)
    }
}

/// One disposal, dividend or credit of interest, and what it may be taxed by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The account.
    pub account: String,
    /// When it was closed, paid or credited.
    pub day: Day,
    /// What it was.
    pub what: String,
    /// What is taxed.
    #[serde(flatten)]
    pub taxed: Taxed,
    /// At its own rate; below zero for a loss.
    pub tax: Amount,
}

/// The lines of one account together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Subtotal {
    /// The account.
    pub account: String,
    /// What is taxed.
    #[serde(flatten)]
    pub taxed: Taxed,
    /// The tax on its lines.
    pub tax: Amount,
}

/// A year's estimate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// Which year.
    pub year: i16,
    /// Whether its figures are final.
    pub complete: bool,
    /// Each disposal, dividend and credit of interest in taxable accounts, account by account.
    pub lines: Vec<Line>,
    /// Each taxable account.
    pub accounts: Vec<Subtotal>,
    /// Both terms against each other and against other years.
    pub netting: Netting,
    /// What that changes: the tax on what is netted, less that on each term by itself.
    pub netting_tax: Amount,
    /// The accounts and the netting. Below zero where a loss takes tax off other income.
    pub total: Amount,
}

impl Books {
    /// Estimates of every year from the first to the last that the books know, losses carried from each into the next.
    #[must_use]
    pub fn estimates(&self, rates: &Rates) -> Vec<Estimate> {
        let years = self.years();
        let (Some(first), Some(last)) = (years.first(), years.last()) else { return Vec::new() };
        let mut brought = rates.carried;
        let each = (*first..=*last).map(|year| {
            let estimate = self.estimate(year, rates, brought);
            brought = estimate.netting.carried;
            estimate
        });
        each.collect()
    }

    fn estimate(&self, year: i16, rates: &Rates, brought: Carried) -> Estimate {
        let (mut lines, mut accounts, mut all) = (Vec::new(), Vec::new(), Taxed::default());
        for account in (0..self.accounts.len()).filter(|a| !self.is_retirement_account(*a)) {
            let name = &self.accounts[account].name;
            let (before, mut of_account) = (all, Taxed::default());
            for (day, what, taxed) in self.taxed(year, account) {
                let after = all.plus(taxed);
                let tax = Amount(after.tax(rates) - all.tax(rates));
                lines.push(Line { account: name.clone(), day: Day(day), what, taxed, tax });
                (all, of_account) = (after, of_account.plus(taxed));
            }
            let tax = Amount(all.tax(rates) - before.tax(rates));
            accounts.push(Subtotal { account: name.clone(), taxed: of_account, tax });
        }
        let netting = Netting::of(all.short_term.0, all.long_term.0, brought, rates.loss_limit);
        let apart = Taxed { ordinary: Amount::default(), qualified: Amount::default(), ..all }.tax(rates);
        let netting_tax = Amount(netting.tax(rates) - apart);
        let total = Amount(all.tax(rates) + netting_tax.0);
        let complete = self.is_complete(year);
        Estimate { year, complete, lines, accounts, netting, netting_tax, total }
    }

    /// What of a year is taxed in an account, by day.
    fn taxed(&self, year: i16, account: usize) -> Vec<(Date, String, Taxed)> {
        let mut found: Vec<(Date, String, Taxed)> = Vec::new();
        for (at, d) in self.disposals.iter().enumerate().filter(|(_, d)| d.place.account == account) {
            let (now, before) = (self.waits(at, year), self.waits(at, year - 1));
            if d.closed.year() == year {
                found.push((d.closed, described(&d.asset, d.units), gain(d, d.gain() + now)));
            } else if now != before {
                let what = format!("{}: loss that had waited", described(&d.asset, d.units));
                found.push((d.closed, what, gain(d, now - before)));
            }
        }
        let amount = Amount;
        for d in self.dividends.iter().filter(|d| d.place.account == account && d.paid.year() == year) {
            let (qualified, rest) = (amount(d.qualified()), amount(d.amount - d.qualified()));
            let taxed = Taxed { ordinary: rest, qualified, ..Taxed::default() };
            found.push((d.paid, format!("dividend of {}", d.symbol), taxed));
        }
        for i in self.interest.iter().filter(|i| i.place.account == account && i.day.year() == year) {
            found.push((i.day, "interest".to_owned(), Taxed { ordinary: amount(i.amount), ..Taxed::default() }));
        }
        found.sort_by_key(|(day, ..)| *day);
        found
    }

    /// What of a disposal's loss waits beyond the end of a year (T-5).
    fn waits(&self, disposal: usize, year: i16) -> Money {
        self.deferrals.iter().filter(|d| d.disposal == disposal && d.year == year).map(|d| d.amount).sum()
    }
}

/// A gain or loss by its term; that on section 1256 contracts is divided (T-7).
fn gain(disposal: &Disposal, gain: Money) -> Taxed {
    let (long, short) = match (disposal.section_1256, disposal.long_term) {
        (true, _) => sixty_forty(gain),
        (false, true) => (gain, Money::ZERO),
        (false, false) => (Money::ZERO, gain),
    };
    Taxed { short_term: Amount(short), long_term: Amount(long), ..Taxed::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tax::Closes;
    use crate::tax::tests::words::{books, rules};
    use ledger::LotOrder;

    const RATES: (i64, i64) = (325_000, 150_000);

    fn estimates(lines: &[&str], last: &str) -> Vec<Estimate> {
        let books = books(rules(LotOrder::Fifo), lines, Closes::new(), last);
        books.estimates(&Rates::of(Ppm(RATES.0), Ppm(RATES.1)))
    }

    fn told(estimate: &Estimate) -> Vec<String> {
        let line = |l: &Line| format!("{} {} {} {}", l.account, l.day, l.what, l.tax);
        let accounts = estimate.accounts.iter().map(|a| format!("{} {}", a.account, a.tax));
        let end = [format!("netting {}", estimate.netting_tax), format!("total {}", estimate.total)];
        estimate.lines.iter().map(line).chain(accounts).chain(end).collect()
    }

    /// By hand, at 32.5% and 15%.
    #[test]
    fn each_trade_each_account_and_all_of_it() {
        let lines = [
            "2022-01-03 buy 10 X 1000",
            "2023-02-01 sell 10 X 1500",                   // long, 500: 75.00
            "2023-02-01 write 1 X:2023-02-17:C200 100.01", // short, 100.01: 32.50, and 0.00325 over
            "2023-02-17 expire 1 X:2023-02-17:C200",
            "2023-03-01 write 1 X:2023-03-17:C200 100.01", // 65.0065 in all: 32.51
            "2023-03-17 expire 1 X:2023-03-17:C200",
            "other 2023-04-03 buy 10 Y 1000",
            "other 2023-05-01 sell 10 Y 400", // short, −600: −195.00, in all −129.9935
            "other 2023-06-01 interest 10",   // 3.25
            "ira 2023-04-03 buy 10 Z 1000",
            "ira 2023-05-01 sell 10 Z 9000",
        ];
        let found = estimates(&lines, "2023-12-31");
        assert_eq!(
            told(&found[0]),
            [
                "mine 2023-02-01 10 sh. X $75.00",
                "mine 2023-02-17 1 X 2023-02-17 $200.00 call, written $32.50",
                "mine 2023-03-17 1 X 2023-03-17 $200.00 call, written $32.51",
                "other 2023-05-01 10 sh. Y −$195.00",
                "other 2023-06-01 interest $3.25",
                "mine $140.01",
                "other −$191.75",
                // −399.98 short against 500 long: 100.02 at 15% is 15.00 instead of −129.99 + 75.00.
                "netting $69.99",
                "total $18.25",
            ]
        );
    }

    /// A loss of $10,000 takes $3,000 off other income in each year until it is used up, years without a trade too.
    #[test]
    fn a_loss_is_carried_until_it_is_used_up() {
        let lines = [
            "2020-01-02 buy 100 X 20000",
            "2020-03-02 sell 100 X 10000",
            "2023-03-01 buy 100 Y 1000",
            "2023-06-01 sell 100 Y 1500",
        ];
        let found = estimates(&lines, "2023-12-31");
        let told: Vec<String> = found
            .iter()
            .map(|e| format!("{} {} {} {}", e.year, e.netting.deducted, e.netting.carried.short_term, e.total))
            .collect();
        assert_eq!(
            told,
            [
                "2020 $3,000.00 $7,000.00 −$975.00",
                "2021 $3,000.00 $4,000.00 −$975.00",
                "2022 $3,000.00 $1,000.00 −$975.00",
                "2023 $500.00 $0.00 −$162.50",
            ]
        );
    }

    /// Options on an index: 60% of $1,000.01 is long-term.
    #[test]
    fn section_1256_contracts_are_divided() {
        let lines = ["2024-04-08 write 1 XSP:2024-12-20:C50 1000.01", "2024-12-20 expire 1 XSP:2024-12-20:C50"];
        let taxed = estimates(&lines, "2024-12-31")[0].lines[0].taxed;
        let parts = (taxed.long_term.0, taxed.short_term.0);
        assert_eq!(parts, (Money::cents(60_001), Money::cents(40_000)));
    }
}
