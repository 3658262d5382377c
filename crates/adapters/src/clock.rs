//! The machine's clock, where a request has to say when it was made and to wait its turn.

use std::time::Duration;

use jiff::Timestamp;

/// What time it is, and how to let some pass.
pub trait Clock {
    /// The time.
    fn now(&self) -> Timestamp;

    /// Comes back when that much time has passed.
    fn wait(&mut self, how_long: Duration);
}

/// The machine's own.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "when something was fetched is the machine's to say")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    #[expect(clippy::disallowed_methods, reason = "a polite request waits; no decision depends on it")]
    fn wait(&mut self, how_long: Duration) {
        std::thread::sleep(how_long);
    }
}
