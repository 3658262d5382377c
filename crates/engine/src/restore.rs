//! An engine made from a journal, and which versions wrote that.

use std::sync::Arc;

use market::time::Calendar;
use protocol::policy::{Policy, PolicyError};

use crate::codec;
use crate::decide::Engine;
use crate::event::{Body, Event};
use crate::state::{Impossible, State};

/// Who wrote a journal, or went on with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writer<'a> {
    /// Version of the program.
    pub program: &'a str,
    /// Version of the schema of its events.
    pub schema: u32,
}

impl<'a> Writer<'a> {
    /// The writer that an event names, if it is one that names one.
    #[must_use]
    pub fn of(event: &'a Event) -> Option<Writer<'a>> {
        match &event.body {
            Body::Opened(opened) => Some(Writer { program: &opened.program, schema: opened.schema }),
            Body::Resumed { program, schema, .. } => Some(Writer { program, schema: *schema }),
            _ => None,
        }
    }

    /// Whether this program knows all that such a writer may have written.
    #[must_use]
    pub const fn is_known(self) -> bool {
        self.schema <= codec::SCHEMA
    }
}

/// Why a journal does not become an engine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// No events, or a first one that is not the opening.
    #[error("the journal does not begin with its opening; expected its first event to be the opening")]
    NotOpened,
    /// A newer program wrote it, or went on with it.
    #[error("a newer program wrote it (version {program}, schema {schema}); this one knows schemas up to {known}")]
    Newer {
        /// That program's version.
        program: String,
        /// Its schema.
        schema: u32,
        /// The newest schema known here.
        known: u32,
    },
    /// The policy in the opening cannot be read: its version is another, or it has keys that are retired or unknown.
    #[error("the journal's policy cannot be read: {0}")]
    Policy(PolicyError),
    /// An event that cannot follow what came before it.
    #[error("the journal does not fold: {0}")]
    Impossible(#[from] Impossible),
}

impl Engine {
    /// The engine that a journal amounts to, under the policy that its opening holds.
    ///
    /// # Errors
    /// [`RestoreError`] if it has no opening, a newer program wrote it, its policy cannot be read, or it does not fold.
    pub fn restore(calendar: Arc<Calendar>, events: &[Event]) -> Result<Engine, RestoreError> {
        let Some(Event { body: Body::Opened(opened), .. }) = events.first() else {
            return Err(RestoreError::NotOpened);
        };
        if let Some(Writer { program, schema }) = events.iter().filter_map(Writer::of).find(|w| !w.is_known()) {
            return Err(RestoreError::Newer { program: program.to_owned(), schema, known: codec::SCHEMA });
        }
        let policy = Policy::parse("the journal's policy", &opened.policy, Policy::shipped);
        let policy = policy.map_err(RestoreError::Policy)?;
        let mut state = State::new(Arc::clone(&calendar), policy.clone());
        for event in events {
            state.apply(event)?;
        }
        Ok(Engine::resume(calendar, policy, state))
    }
}
