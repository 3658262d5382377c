//! What several files say of one series on one date, put together.

use std::collections::{BTreeMap, BTreeSet};

use market::instrument::{Series, Symbol};
use market::quote::{Chain, OptionQuote, Origin, QuotedChains};
use market::time::{Calendar, Date, TradingDay};
use market::value::Price;

use super::{ChainFile, ChainRow, Every, Folder, read};
use crate::fault::DataError;

/// A quote that stood this long before the close is not the close's, seconds.
const OLDEST: i64 = 15 * 60;
/// A date on which this share of quotes, per thousand, stands as on the date before is a copy of it. Of TSLA's 74
/// sessions from January to May 2026 none has more than 121; of its three holiday copies none has fewer than 967.
const COPIED: usize = 900;
/// Fewer quotes than this say nothing about copies.
const LEAST: usize = 20;

/// All that is known of one series on one date: the last row of the day, filled from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Bid and ask as they stood last, volume of the whole day.
    pub row: ChainRow,
    touch: Option<Every>,
    volume: Option<Every>,
}

impl Seen {
    fn of(row: ChainRow) -> Seen {
        Seen { row, touch: row.has_touch().then_some(row.every), volume: row.volume.map(|_| row.every) }
    }

    /// Takes a further row; whether it says again what is known.
    fn take(&mut self, row: &ChainRow) -> bool {
        let twice = self.take_touch(row) | self.take_volume(row);
        self.row.open_interest = self.row.open_interest.or(row.open_interest);
        self.row.underlying = row.underlying.or(self.row.underlying);
        self.row.last = row.last.or(self.row.last);
        twice
    }

    /// A whole session's bid and ask come before those of a minute, which come before an hour's; the later ones before
    /// the earlier ones.
    fn take_touch(&mut self, row: &ChainRow) -> bool {
        let known = self.touch.map(|every| (every, self.row.at));
        if !row.has_touch() || known > Some((row.every, row.at)) {
            return false;
        }
        if known == Some((row.every, row.at)) {
            return true;
        }
        self.touch = Some(row.every);
        let ChainRow { line, at, every, bid, ask, bid_size, ask_size, .. } = *row;
        self.row = ChainRow { line, at, every, bid, ask, bid_size, ask_size, ..self.row };
        false
    }

    fn take_volume(&mut self, row: &ChainRow) -> bool {
        let Some(volume) = row.volume else { return false };
        if self.volume > Some(row.every) {
            return false;
        }
        let same = self.volume == Some(row.every);
        if same && row.every == Every::Session {
            return !row.has_touch();
        }
        self.row.volume = Some(volume.saturating_add(self.row.volume.filter(|_| same).unwrap_or(0)));
        self.volume = Some(row.every);
        false
    }

    /// Whether bid and ask stood too long before the close of the session.
    #[must_use]
    pub fn is_stale(&self, close: i64) -> bool {
        self.touch.is_some() && self.row.at.is_some_and(|at| close - at.as_second() > OLDEST)
    }

    /// The same figures, wherever they stand.
    fn repeats(&self, other: &Seen) -> bool {
        let figures = |seen: &Seen| {
            let ChainRow { bid, ask, volume, open_interest, last, .. } = seen.row;
            (bid, ask, volume, open_interest, last)
        };
        self.touch.is_some() && figures(self) == figures(other)
    }
}

/// One symbol on one date.
#[derive(Clone, Debug, Default)]
pub struct Day {
    /// Each series, rising.
    pub series: BTreeMap<Series, Seen>,
    /// Rows read.
    pub rows: usize,
    /// Rows that say again what another said.
    pub twice: usize,
    /// The files that they stand in.
    pub files: BTreeSet<String>,
}

impl Day {
    /// Whether nearly all of its quotes stand as they did on `before`, a date before it.
    #[must_use]
    pub fn copies(&self, before: &Day) -> bool {
        let common = self.series.iter().filter(|(_, seen)| seen.touch.is_some());
        let common = common.filter_map(|(series, seen)| Some((seen, before.series.get(series)?)));
        let (all, same) =
            common.fold((0, 0), |(all, same), (seen, other)| (all + 1, same + usize::from(seen.repeats(other))));
        all >= LEAST && same * 1000 >= all * COPIED
    }
}

/// What files say of each symbol on each date.
#[derive(Clone, Debug, Default)]
pub struct Collected {
    /// Rising by symbol and date.
    pub days: BTreeMap<(Symbol, Date), Day>,
}

impl Collected {
    /// Reads all files of a folder.
    ///
    /// # Errors
    /// [`DataError`] at the first row that cannot be read.
    pub fn read(folder: &Folder, calendar: &Calendar) -> Result<Collected, DataError> {
        let mut all = Collected::default();
        for source in &folder.sources {
            let name = source.path.display().to_string();
            read(source, calendar, |file| {
                all.take(&name, &file);
                Ok::<(), DataError>(())
            })?;
        }
        Ok(all)
    }

    /// Takes the rows of one file that stands in `source`.
    pub fn take(&mut self, source: &str, file: &ChainFile) {
        for row in &file.rows {
            let day = self.days.entry((row.series.underlying, row.date)).or_default();
            if !day.files.contains(source) {
                day.files.insert(source.to_owned());
            }
            day.rows += 1;
            match day.series.get_mut(&row.series) {
                None => {
                    day.series.insert(row.series, Seen::of(*row));
                }
                Some(seen) => day.twice += usize::from(seen.take(row)),
            }
        }
    }

    /// The date of which this one is a copy.
    #[must_use]
    pub fn copy_of(&self, symbol: Symbol, date: Date) -> Option<Date> {
        let ((_, before), earlier) = self.days.range((symbol, Date::MIN)..(symbol, date)).next_back()?;
        self.days.get(&(symbol, date))?.copies(earlier).then_some(*before)
    }

    /// The quotes that a session's close can be filled from: on a session, no copy of another date, a bid that was
    /// recorded (zero where nobody bids), somebody who asks, not crossed, not stale. The volume is the larger of the
    /// day's and the session's before. `source` names where they come from.
    #[must_use]
    pub fn quoted(&self, calendar: &Calendar, source: &str) -> QuotedChains {
        let mut chains = Vec::new();
        for ((symbol, date), day) in &self.days {
            let Some(session) = calendar.session(*date) else { continue };
            if self.copy_of(*symbol, *date).is_none() {
                let before = self.days.get(&(*symbol, calendar.previous(session).date()));
                day.chains(session, calendar, before, &mut chains);
            }
        }
        QuotedChains::new(source.to_owned(), chains)
    }
}

impl Day {
    fn chains(
        &self,
        session: TradingDay,
        calendar: &Calendar,
        before: Option<&Day>,
        out: &mut Vec<(TradingDay, Chain)>,
    ) {
        let close = calendar.closes_at(session).as_second();
        let begins = out.len();
        for (series, seen) in &self.series {
            let Some(quote) = seen.quote(close) else { continue };
            let earlier = before.and_then(|day| day.series.get(series)).and_then(|seen| seen.row.volume);
            let quote = OptionQuote { volume: quote.volume.max(earlier), ..quote };
            let Series { underlying, expiration, right, .. } = *series;
            let key = |chain: &Chain| (chain.expiration, chain.right) == (expiration, right);
            match out[begins..].last_mut().filter(|(_, chain)| key(chain)) {
                Some((_, chain)) => chain.quotes.push(quote),
                None => {
                    let origin = Origin::Quoted;
                    out.push((session, Chain { underlying, expiration, right, origin, quotes: vec![quote] }));
                }
            }
        }
    }
}

impl Seen {
    /// Bid and ask at the close, if there is such a quote; its delta is not known yet.
    pub(super) fn quote(&self, close: i64) -> Option<OptionQuote> {
        let ChainRow { series, bid, ask, open_interest, volume, .. } = self.row;
        let (bid, ask) = bid.zip(ask).filter(|(bid, ask)| *ask > Price::ZERO && bid <= ask)?;
        let stale = self.is_stale(close);
        (!stale).then_some(OptionQuote { strike: series.strike, bid, ask, delta: None, open_interest, volume })
    }
}
