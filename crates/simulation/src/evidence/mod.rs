//! What the protocol was worth: beside simpler things that the same money could have done, rule by rule, and how much
//! of a difference may be chance.
//!
//! [`weekly`] has returns by the week, the protocol's own as its journal tells them. [`wheel`] sells puts and calls
//! without the protocol's rules, [`writing`] is the published method of two option-writing indices and [`roll`] its
//! hours, [`modelled`] the market that both are written in, [`beside`] makes lines of both, [`agreement`] holds such an
//! index against what was published, [`rules`] are the runs without one rule each, and [`bootstrap`] says between which
//! bounds a difference may lie. Nothing of these is fitted to the history that it measures. [`model`] holds the premium
//! model against quotes, [`quotes`] a run on quotes against the same run on modelled premiums, and [`fit`] fits the
//! model's numbers on days that are named.

pub mod agreement;
pub mod beside;
pub mod bootstrap;
pub mod fit;
pub mod model;
pub mod modelled;
pub mod quotes;
pub mod roll;
pub mod rules;
pub mod weekly;
pub mod wheel;
pub mod writing;

pub use bootstrap::{Draws, Interval, Resampling};
pub use weekly::{Line, Measures, Protocol, protocol};
