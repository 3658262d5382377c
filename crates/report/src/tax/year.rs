//! A tax year in figures (T-4).

use market::time::Date;
use market::value::{MULTIPLIER, Money};
use serde::Serialize;

use super::books::Books;
use super::disposal::{Disposal, How};
use super::index::{is_broad_index, sixty_forty};
use super::transaction::AccountKind;
use crate::figure::{Amount, Day};

/// Disposals of one term, summed as the totals of Form 8949 are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// How many lines.
    pub lines: usize,
    /// Proceeds.
    pub proceeds: Amount,
    /// Cost or other basis.
    pub basis: Amount,
    /// Losses that are disallowed (code W).
    pub adjustment: Amount,
    /// Gain or loss.
    pub gain: Amount,
}

/// What of a year belongs to one account, or to all taxable ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The account's name; `all taxable accounts` for the sum.
    pub account: String,
    /// Whether it is a retirement account, in which nothing is taxed.
    pub retirement: bool,
    /// Held one year or less.
    pub short_term: Totals,
    /// Held for more than one year.
    pub long_term: Totals,
    /// The part of both that written options gave.
    pub written_options: Amount,
    /// Losses on calls that wait for a later year (T-5), negative: they come off the losses above.
    pub deferred: Amount,
    /// Losses on calls that had waited and count in this year.
    pub released: Amount,
    /// Losses that no basis carries: their replacement lies in a retirement account.
    pub lost: Amount,
    /// Gain or loss on section 1256 contracts, in neither term (T-7).
    pub section_1256: Amount,
    /// Its long-term part.
    pub section_1256_long: Amount,
    /// Dividends that are qualified.
    pub qualified_dividends: Amount,
    /// Dividends that are not, or not yet.
    pub other_dividends: Amount,
    /// Part of those whose window was still open.
    pub undecided_dividends: Amount,
    /// Interest: ordinary income.
    pub interest: Amount,
    /// What the trades really brought, before all of that.
    pub economic: Amount,
}

/// A tax year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Year {
    /// Which.
    pub year: i16,
    /// The last day that the books know.
    pub through: Day,
    /// Whether the books go to the year's end, and as long beyond it as a purchase could still wash a loss.
    pub complete: bool,
    /// Contracts on broad indices that were open when it ended, in taxable accounts: the law marks them to market then
    /// (IRC 1256(a)(1)); no price of them is on record, so that their gain or loss is left to the year of their close.
    pub unmarked_1256: i64,
    /// Each account.
    pub accounts: Vec<Part>,
    /// The taxable ones together.
    pub total: Part,
}

impl Totals {
    fn add(&mut self, disposal: &Disposal) {
        self.lines += 1;
        self.proceeds.0 += disposal.proceeds;
        self.basis.0 += disposal.basis();
        self.adjustment.0 += disposal.disallowed;
        self.gain.0 += disposal.gain();
    }

    fn join(&mut self, other: &Totals) {
        self.lines += other.lines;
        self.proceeds.0 += other.proceeds.0;
        self.basis.0 += other.basis.0;
        self.adjustment.0 += other.adjustment.0;
        self.gain.0 += other.gain.0;
    }
}

impl Part {
    fn add(&mut self, disposal: &Disposal) {
        self.economic.0 += disposal.economic();
        if disposal.section_1256 {
            self.section_1256.0 += disposal.gain();
            self.section_1256_long.0 += sixty_forty(disposal.gain()).0;
            return;
        }
        let totals = if disposal.long_term { &mut self.long_term } else { &mut self.short_term };
        totals.add(disposal);
        self.lost.0 += disposal.lost;
        if disposal.asset.is_short() || disposal.how == How::Received {
            self.written_options.0 += disposal.gain();
        }
    }

    fn join(&mut self, other: &Part) {
        self.short_term.join(&other.short_term);
        self.long_term.join(&other.long_term);
        for (mine, its) in [
            (&mut self.written_options, other.written_options),
            (&mut self.deferred, other.deferred),
            (&mut self.released, other.released),
            (&mut self.lost, other.lost),
            (&mut self.section_1256, other.section_1256),
            (&mut self.section_1256_long, other.section_1256_long),
            (&mut self.qualified_dividends, other.qualified_dividends),
            (&mut self.other_dividends, other.other_dividends),
            (&mut self.undecided_dividends, other.undecided_dividends),
            (&mut self.interest, other.interest),
            (&mut self.economic, other.economic),
        ] {
            mine.0 += its.0;
        }
    }

    /// Gain or loss of the year: both terms and section 1256 contracts, what waits left out.
    #[must_use]
    pub fn capital_gain(&self) -> Money {
        self.short_term.gain.0 + self.long_term.gain.0 + self.section_1256.0 - self.deferred.0 + self.released.0
    }
}

impl Books {
    /// The years in which something was disposed of or paid, rising.
    #[must_use]
    pub fn years(&self) -> Vec<i16> {
        let closed = self.disposals.iter().map(|d| d.closed);
        let paid = self.dividends.iter().map(|d| d.paid).chain(self.interest.iter().map(|i| i.day));
        let mut years: Vec<i16> = closed.chain(paid).map(Date::year).filter(|y| *y <= self.day.year()).collect();
        years.sort_unstable();
        years.dedup();
        years
    }

    /// A year's figures. Books that were not finished leave dividends on shares still held uncounted.
    #[must_use]
    pub fn year(&self, year: i16) -> Year {
        let name = |(_, account): (usize, &super::Account)| Part {
            account: account.name.clone(),
            retirement: account.kind == AccountKind::Retirement,
            ..Part::default()
        };
        let mut accounts: Vec<Part> = self.accounts.iter().enumerate().map(name).collect();
        for disposal in self.disposals.iter().filter(|d| d.closed.year() == year) {
            accounts[disposal.place.account].add(disposal);
        }
        for deferral in &self.deferrals {
            let account = &mut accounts[self.disposals[deferral.disposal].place.account];
            if deferral.year == year {
                account.deferred.0 -= deferral.amount;
            } else if deferral.year == year - 1 {
                account.released.0 -= deferral.amount;
            }
        }
        for dividend in self.dividends.iter().filter(|d| d.paid.year() == year) {
            let (account, qualified) = (&mut accounts[dividend.place.account], dividend.qualified());
            let open = dividend.parts.iter().filter(|part| !part.known).map(|part| part.amount);
            account.qualified_dividends.0 += qualified;
            account.other_dividends.0 += dividend.amount - qualified;
            account.undecided_dividends.0 += open.sum();
        }
        for interest in self.interest.iter().filter(|i| i.day.year() == year) {
            accounts[interest.place.account].interest.0 += interest.amount;
        }
        let mut total = Part { account: "all taxable accounts".to_owned(), ..Part::default() };
        accounts.iter().filter(|part| !part.retirement).for_each(|part| total.join(part));
        Year {
            year,
            through: Day(self.day),
            complete: self.is_complete(year),
            unmarked_1256: self.unmarked(year),
            accounts,
            total,
        }
    }

    fn unmarked(&self, year: i16) -> i64 {
        let end = Date::constant(year, 12, 31);
        if self.day < end || !self.rules.index_options {
            return 0;
        }
        let closed = self.disposals.iter().filter(|d| d.section_1256 && d.closed > end);
        let closed = closed.map(|d| (d.place, d.acquired, d.units));
        let open = self.lots.iter().filter(|lot| is_broad_index(&lot.asset));
        let open = open.map(|lot| (lot.place, lot.acquired, lot.units()));
        let then = closed.chain(open).filter(|(place, acquired, _)| *acquired <= end && !self.is_retirement(*place));
        then.map(|(.., units)| units).sum::<i64>() / MULTIPLIER
    }

    /// Whether the books go so far beyond a year's end that no purchase can wash a loss of it any more, and no shares
    /// can follow too soon after a qualified covered call that was closed at a loss in it.
    pub(super) fn is_complete(&self, year: i16) -> bool {
        let wash_days = self.rules.wash.map_or(0, |(days, _)| days);
        self.day >= super::term::after(Date::constant(year, 12, 31), wash_days) && !self.may_follow(year)
    }
}
