//! Opens a journal on all cores: its rows are decoded side by side, checked and shown in their order.
//!
//! What comes out, and every refusal, is that of [`engine::journal`]; only the time differs.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::ops::Range;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use engine::journal::{self, JournalError};
use engine::{Chain, Event, Row};

/// Bytes of rows that one core decodes at a time: small enough to stay in its cache, large enough that handing them
/// over costs nothing beside.
const CHUNK: usize = 16 << 10;
/// Chunks that may lie decoded before they are shown, for each core.
const AHEAD: usize = 8;

/// As [`journal::walk`], for a visitor that keeps nothing.
///
/// # Errors
/// [`JournalError`], the first.
pub fn walk(portfolio: u32, rows: &[Row], mut visit: impl FnMut(&Event)) -> Result<Chain, JournalError> {
    show_on(cores(), portfolio, rows, |events| events.iter().for_each(&mut visit))
}

/// As [`journal::read`].
///
/// # Errors
/// [`JournalError`], the first.
pub fn read(portfolio: u32, rows: &[Row]) -> Result<(Vec<Event>, Chain), JournalError> {
    let mut all = Vec::new();
    let chain = show_on(cores(), portfolio, rows, |events| all.append(events))?;
    Ok((all, chain))
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Shows the events of a chunk after the other; what the visitor leaves of them is dropped where it was made, since
/// memory that one core takes and another gives back makes both wait.
fn show_on(
    cores: usize,
    portfolio: u32,
    rows: &[Row],
    mut show: impl FnMut(&mut Vec<Event>),
) -> Result<Chain, JournalError> {
    if rows.is_empty() {
        return Err(JournalError::Empty(portfolio));
    }
    let chunks = chunks(rows);
    let helpers = cores.min(chunks.len()).saturating_sub(1);
    let claims = Claims::new(chunks.len(), cores * AHEAD);
    let mut chain = Chain::new(portfolio);
    thread::scope(|scope| {
        let (sender, decoded) = channel();
        for _ in 0..helpers {
            let sender = sender.clone();
            scope.spawn(|| decode_claimed(rows, &chunks, &claims, sender));
        }
        drop(sender);
        // Whatever ends this, the helpers end with it.
        let _end = End(&claims);
        let (back, spent) = channel();
        let mut waiting = BTreeMap::new();
        for (at, chunk) in chunks.iter().enumerate() {
            let Decoded { mut events, failed, back } = loop {
                waiting.extend(decoded.try_iter());
                if let Some(found) = waiting.remove(&at) {
                    break found;
                }
                // Rather than wait for another core, take the next chunk that none has.
                let (at, found) = match claims.try_claim() {
                    Some(claimed) => (claimed, decode(&rows[chunks[claimed].clone()], &spent, &back)),
                    None => decoded.recv().expect("a chunk that was claimed is decoded"),
                };
                waiting.insert(at, found);
            };
            for row in &rows[chunk.clone()] {
                chain.follow(row)?;
                if let Some((_, why)) = failed.as_ref().filter(|(number, _)| *number == row.row) {
                    return Err(why.clone());
                }
            }
            claims.shown(at);
            show(&mut events);
            // A helper that has ended needs no more room.
            let _ = back.send(events);
        }
        Ok(chain)
    })
}

/// The rows in pieces of [`CHUNK`] bytes, or a row more.
fn chunks(rows: &[Row]) -> Vec<Range<usize>> {
    let (mut chunks, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (at, row) in rows.iter().enumerate() {
        bytes += row.bytes.len();
        if bytes >= CHUNK || at + 1 == rows.len() {
            chunks.push(start..at + 1);
            (start, bytes) = (at + 1, 0);
        }
    }
    chunks
}

/// The events of a chunk, up to the first row that does not decode and the reason why; where what is left of them goes.
struct Decoded {
    events: Vec<Event>,
    failed: Option<(u64, JournalError)>,
    back: Sender<Vec<Event>>,
}

fn decode(rows: &[Row], spent: &Receiver<Vec<Event>>, back: &Sender<Vec<Event>>) -> Decoded {
    let mut events = spent.try_recv().unwrap_or_default();
    events.clear();
    let each = |row: &Row| journal::for_each(row, &mut |event| events.push(event)).err().map(|why| (row.row, why));
    let failed = rows.iter().find_map(each);
    Decoded { events, failed, back: back.clone() }
}

fn decode_claimed(rows: &[Row], chunks: &[Range<usize>], claims: &Claims, sender: Sender<(usize, Decoded)>) {
    let (back, spent) = channel();
    while let Some(at) = claims.claim() {
        if sender.send((at, decode(&rows[chunks[at].clone()], &spent, &back))).is_err() {
            return;
        }
    }
}

/// Which chunk is decoded next, and how far ahead of what was shown.
struct Claims {
    state: Mutex<Claimed>,
    moved: Condvar,
    chunks: usize,
    ahead: usize,
}

struct Claimed {
    next: usize,
    shown: usize,
    ended: bool,
}

impl Claims {
    fn new(chunks: usize, ahead: usize) -> Self {
        let state = Mutex::new(Claimed { next: 0, shown: 0, ended: false });
        Claims { state, moved: Condvar::new(), chunks, ahead }
    }

    /// The state is three numbers, sound whoever panicked meanwhile.
    fn state(&self) -> MutexGuard<'_, Claimed> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next chunk, if one is left and not too far ahead.
    fn try_claim(&self) -> Option<usize> {
        self.take(&mut self.state())
    }

    fn take(&self, state: &mut Claimed) -> Option<usize> {
        let free = !state.ended && state.next < self.chunks.min(state.shown + self.ahead);
        free.then(|| {
            state.next += 1;
            state.next - 1
        })
    }

    /// The next chunk, when its time has come; none at the end.
    fn claim(&self) -> Option<usize> {
        let mut state = self.state();
        loop {
            if state.ended || state.next == self.chunks {
                return None;
            }
            if let Some(claimed) = self.take(&mut state) {
                return Some(claimed);
            }
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Who waits is woken for many chunks, not for one.
    fn shown(&self, at: usize) {
        let mut state = self.state();
        state.shown = at + 1;
        if state.next <= state.shown + self.ahead / 2 {
            self.moved.notify_all();
        }
    }
}

/// Ends the claims when it goes.
struct End<'c>(&'c Claims);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.state().ended = true;
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use engine::event::Body;
    use jiff::Timestamp;
    use market::time::Week;
    use proptest::prelude::*;

    use super::*;

    /// Rows of `events` events each, of which many make a chunk and some are one alone.
    fn rows(events: &[usize]) -> Vec<Row> {
        let mut chain = Chain::new(7);
        let seal = |(n, count): (usize, &usize)| {
            let body = Body::WeekEnded { week: Week { year: 2020, number: (n % 52) as i8 + 1 } };
            let at = Timestamp::from_second(1_600_000_000 + n as i64).expect("an instant of 2020");
            chain.seal(&vec![Event { at, body }; *count])
        };
        events.iter().enumerate().filter_map(seal).collect()
    }

    type Opened = Result<(Vec<Event>, [u8; 32]), JournalError>;

    fn on(cores: usize, rows: &[Row]) -> Opened {
        let mut all = Vec::new();
        let chain = show_on(cores, 7, rows, |events| all.append(events))?;
        Ok((all, chain.head()))
    }

    fn alone(rows: &[Row]) -> Opened {
        journal::read(7, rows).map(|(events, chain)| (events, chain.head()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// Whatever was altered, dropped, moved or miscounted, the cores say what one of them says.
        #[test]
        fn cores_open_what_one_opens(
            counts in proptest::collection::vec(1usize..1_500, 1..60),
            cores in 1usize..5,
            harm in proptest::option::of((0usize..60, 0u8..4, any::<u16>())),
        ) {
            let mut rows = rows(&counts);
            if let Some((at, kind, where_)) = harm {
                let at = at % rows.len();
                match kind {
                    0 => { let i = usize::from(where_) % rows[at].bytes.len(); rows[at].bytes[i] ^= 1; }
                    1 => { rows.remove(at); }
                    2 => rows[at].events += 1,
                    _ => rows[at].chain[0] ^= 1,
                }
            }
            prop_assert_eq!(on(cores, &rows), alone(&rows));
        }
    }

    /// Bytes that do not decode under a digest that holds: a newer program's, or a fault of ours.
    #[test]
    fn a_row_that_does_not_decode_is_named() {
        let mut rows = rows(&[1_000; 40]);
        let mut hasher = blake3::Hasher::new();
        let mut before = [0; 32];
        for row in &mut rows {
            if row.row == 33 {
                row.bytes[1] = 0;
            }
            hasher.update(&row.bytes);
            row.digest = *hasher.finalize().as_bytes();
            let mut link = blake3::Hasher::new();
            link.update(&before).update(&row.portfolio.to_le_bytes()).update(&row.row.to_le_bytes());
            link.update(&row.first_event.to_le_bytes()).update(&row.events.to_le_bytes()).update(&row.digest);
            row.chain = *link.finalize().as_bytes();
            before = row.chain;
        }
        assert_eq!(on(3, &rows), alone(&rows));
        assert!(matches!(on(3, &rows), Err(JournalError::Codec { row: 33, event: 32_001, .. })));
    }

    /// A fold that stops with a panic leaves no core waiting.
    #[test]
    #[should_panic(expected = "the fold gave up")]
    fn a_panic_ends_the_others_too() {
        let _ = show_on(3, 7, &rows(&[2_000; 200]), |_| panic!("the fold gave up"));
    }
}
