//! Bid-ask spreads out of quoted chains, for the premium model.

use std::collections::BTreeSet;
use std::path::Path;

use market::time::{Calendar, Date, days_between};
use pricing::spread::{Measure, Quoted};
use pricing::unit::{Rate, Years};

use super::{ChainFile, ChainRow, Layout, Source, find, read};
use crate::fault::{DataError, Fault};

/// The files of a folder that have a row for each option at the close.
fn at_the_close(folder: &Path) -> Result<Vec<Source>, DataError> {
    let mut sources = find(folder)?.sources;
    sources.retain(|source| source.layout == Layout::Expirations);
    if sources.is_empty() {
        let expected = "chains with a file for each expiration: YYYY/MM/DD/EXPIRATION.csv, or *.tar.xz of them".into();
        return Err(DataError::of_file(
            folder,
            Fault::Empty { what: "there are no chains at the close in it", expected },
        ));
    }
    Ok(sources)
}

/// Refuses a folder in which a bid is above its ask: it was never a market, its file is at fault, or two moments were
/// mixed.
///
/// # Errors
/// [`DataError`] at the first such quote; or as [`read`].
pub fn refuse_crossed(folder: &Path, calendar: &Calendar) -> Result<(), DataError> {
    let check = |file: ChainFile| match file.rows.iter().find(|row| row.is_crossed()) {
        None => Ok(()),
        Some(row) => {
            let (bid, ask) = row.touch().unwrap_or_default();
            let problem =
                format!("{} is quoted at {bid} by {ask}, crossed; expected a bid not above the ask", row.series);
            Err(DataError::new(&file.name, Some(row.line), Some("bid".into()), Fault::Unsound { problem }))
        }
    };
    at_the_close(folder)?.iter().try_for_each(|source| read(source, calendar, check))
}

/// Shows `measure` every quote of a folder's chains taken on a session, expiration by expiration; options that expire
/// that day have no time left and are passed over. `rate` is asked for the rate from a date to an expiration. Returns
/// the number of dates seen.
///
/// # Errors
/// [`DataError`] naming file, line and column; or no rate for a date.
pub fn observe_spreads(
    folder: &Path,
    calendar: &Calendar,
    rate: impl Fn(Date, Years) -> Option<Rate>,
    measure: &mut Measure,
) -> Result<usize, DataError> {
    let mut dates = BTreeSet::new();
    for source in at_the_close(folder)? {
        read(&source, calendar, |file| {
            let Some(first) = file.rows.first() else { return Ok(()) };
            let (date, expiration) = (first.date, first.series.expiration.0);
            let days = u32::try_from(days_between(date, expiration)).unwrap_or(0);
            if days == 0 || calendar.session(date).is_none() {
                return Ok(());
            }
            let rate = rate(date, Years::from_days(days)).ok_or_else(|| {
                let problem = format!("there is no interest rate for {date}; expected one on or before it");
                DataError::of_file(&file.name, Fault::Unsound { problem })
            })?;
            let quotes: Vec<Quoted> = file.rows.iter().filter_map(quoted).collect();
            measure.observe_chain(days, rate, &quotes);
            dates.insert(date);
            Ok::<(), DataError>(())
        })?;
    }
    Ok(dates.len())
}

/// Bid and ask as analytics take them; absent unless both are there.
pub(super) fn quoted(row: &ChainRow) -> Option<Quoted> {
    let (bid, ask) = row.touch()?;
    let (right, strike) = (row.series.right, row.series.strike.to_f64());
    Some(Quoted { right, strike, bid: bid.to_f64(), ask: ask.to_f64() })
}
