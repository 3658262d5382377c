//! Progress of long work, on the terminal of standard error; elsewhere nothing is shown.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that goes when it is dropped.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// A bar of `length` steps.
    pub(crate) fn new(what: &'static str, length: u64) -> Progress {
        let bar = ProgressBar::new(length);
        let style = ProgressStyle::with_template("{msg:>12} {bar:40} {pos}/{len} {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(what);
        Progress(bar)
    }

    /// One step is done.
    pub(crate) fn step(&self) {
        self.0.inc(1);
    }

    /// `done` of `all` steps are done.
    pub(crate) fn at(&self, done: usize, all: usize) {
        if self.0.length() != Some(all as u64) {
            self.0.set_length(all as u64);
        }
        self.0.set_position(done as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
