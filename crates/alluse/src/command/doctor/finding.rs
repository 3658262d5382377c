//! One finding: what was seen, what is expected, how to mend it.

use serde::Serialize;

/// How a thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// As it should be.
    Fit,
    /// Somebody should look, or it is not known.
    Look,
    /// Not for real money.
    Unfit,
}

impl State {
    /// As it is printed.
    pub(super) const fn word(self) -> &'static str {
        match self {
            State::Fit => "fit",
            State::Look => "look",
            State::Unfit => "unfit",
        }
    }
}

/// One finding.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    /// What it is about.
    pub(super) what: &'static str,
    /// How it stands.
    pub(super) state: State,
    /// What was seen, or that it is not known.
    pub(super) seen: String,
    /// What is expected.
    pub(super) expected: &'static str,
    /// How to mend it; nothing where it is fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mend: Option<String>,
}

/// What is asked of a thing, before it is known how it stands.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    what: &'static str,
    expected: &'static str,
}

/// Asks something of a thing.
pub(super) const fn asked(what: &'static str, expected: &'static str) -> Asked {
    Asked { what, expected }
}

impl Asked {
    pub(super) fn fit(self, seen: impl Into<String>) -> Finding {
        self.found(State::Fit, seen.into(), None)
    }

    pub(super) fn look(self, seen: impl Into<String>, mend: impl Into<String>) -> Finding {
        self.found(State::Look, seen.into(), Some(mend.into()))
    }

    pub(super) fn unfit(self, seen: impl Into<String>, mend: impl Into<String>) -> Finding {
        self.found(State::Unfit, seen.into(), Some(mend.into()))
    }

    /// What nobody here can say.
    pub(super) fn unknown(self, why: &str, mend: impl Into<String>) -> Finding {
        self.look(format!("not known: {why}"), mend)
    }

    fn found(self, state: State, seen: String, mend: Option<String>) -> Finding {
        let Asked { what, expected } = self;
        Finding { what, state, seen, expected, mend }
    }
}

/// What belongs together.
#[derive(Debug, Serialize)]
pub(super) struct Section {
    /// Its heading.
    pub(super) about: &'static str,
    /// What was found.
    pub(super) findings: Vec<Finding>,
}
