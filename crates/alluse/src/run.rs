//! A run of the protocol: replayed twice, compared with the same run under other assumptions, and kept.

use std::sync::Arc;
use std::time::Duration;

use engine::event::Variant;
use engine::{Engine, Input, Row, journal};
use jiff::Timestamp;
use market::time::Calendar;
use runtime::MemoryStore;
use simulation::replay::{Outcome, ReplayError, Run, replay, variants};

use crate::failure::Failure;
use crate::inputs::Stopwatch;
use crate::show::Progress;

/// Seconds after the last close at which the comparison with other assumptions is recorded.
const COMPARED_AFTER: i64 = 2 * 3600;

/// A run that was made.
pub(crate) struct Made {
    /// What it came to.
    pub(crate) outcome: Outcome,
    /// Its journal, the comparison at the end included.
    pub(crate) rows: Vec<Row>,
    /// Digest of both replays, before the comparison.
    pub(crate) digest: [u8; 32],
    /// Assumptions that could not be compared, and why.
    pub(crate) left_out: Vec<String>,
    /// How long one replay took.
    pub(crate) replayed: Duration,
    /// How long everything took.
    pub(crate) whole: Duration,
}

/// Makes a run: two replays, whose digests must be equal, and the variants.
///
/// # Errors
/// [`Failure::Check`] if the two replays differ; else why the run cannot be made.
pub(crate) fn make(run: &Run<'_>, calendar: &Arc<Calendar>) -> Result<Made, Failure> {
    let whole = Stopwatch::start();
    // The variants run beside the two replays: none of them knows of the others.
    let (first, again, replayed, compared) = std::thread::scope(|threads| {
        let compared = threads.spawn(|| variants(run, calendar));
        let bar = Progress::new("sessions", 0);
        let watch = Stopwatch::start();
        let first = replay(run, calendar, MemoryStore::default(), |done, all| bar.at(done, 2 * all));
        let replayed = watch.elapsed();
        let again = replay(run, calendar, MemoryStore::default(), |done, all| bar.at(all + done, 2 * all));
        (first, again, replayed, compared.join().expect("a replay does not panic"))
    });
    let (outcome, store) = first?;
    let digest = outcome.chain.digest();
    let again = again?.0.chain.digest();
    if again != digest {
        let (one, two) = (journal::hex(&digest), journal::hex(&again));
        return Err(Failure::Check(format!("two replays of the same run have different digests: {one} and {two}")));
    }
    let mut left_out = Vec::new();
    let mut kept = Vec::new();
    for (name, variant) in compared {
        match variant {
            Ok(variant) => kept.push(variant),
            Err(why) => left_out.push(format!("{name}: {why}")),
        }
    }
    let rows = closed(run, calendar, &outcome, store.rows, kept);
    Ok(Made { outcome, rows, digest, left_out, replayed, whole: whole.elapsed() })
}

/// The journal with the variants recorded at its end.
fn closed(
    run: &Run<'_>,
    calendar: &Arc<Calendar>,
    outcome: &Outcome,
    mut rows: Vec<Row>,
    variants: Vec<Variant>,
) -> Vec<Row> {
    let mut engine = Engine::resume(Arc::clone(calendar), run.policy.clone(), outcome.state.clone());
    let at = calendar.closes_at(outcome.last).as_second() + COMPARED_AFTER;
    let at = Timestamp::from_second(at).expect("hours after a session lie in range");
    let step = engine.handle(at, &Input::Compared(variants));
    let mut chain = outcome.chain.clone();
    rows.extend(chain.seal(&step.events));
    rows
}

impl From<ReplayError> for Failure {
    /// Dates and deposit are asked for on the command line; the rest is the data's or the policy's.
    fn from(error: ReplayError) -> Failure {
        let text = error.to_string();
        match error {
            ReplayError::NoSessions { .. } | ReplayError::Deposit(_) => Failure::Usage(text),
            ReplayError::Store(_) => Failure::System(text),
            _ => Failure::Data(text),
        }
    }
}
