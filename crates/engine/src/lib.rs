//! One pure engine for replay, paper and live.
//!
//! Read in this order: [`input`] is all that can happen to it, [`event`] all that it can record, [`state`] what the
//! record amounts to, [`decide`] how an input becomes events. [`people`] is what humans are asked and answer, [`risk`]
//! the one gate through which an order leaves, [`codec`] the one place where events become bytes, [`journal`] chains
//! those bytes, and [`proof`] makes heads and proofs of them that can be kept elsewhere. [`command`] gives what people
//! say a key, so that saying it twice is saying it once, and [`restore`] makes an engine from a journal.
//!
//! [`Engine::handle`] repeats decide → apply until nothing is left to decide. Deciding reads and never changes;
//! applying changes and decides nothing. There is no clock, thread, file or randomness here.

pub mod codec;
pub mod command;
pub mod decide;
pub mod event;
pub mod input;
pub mod journal;
pub mod people;
pub mod proof;
pub mod restore;
pub mod risk;
pub mod sleeve;
pub mod state;

pub use decide::Engine;
pub use event::{Body, Event};
pub use input::{Input, Output, Step};
pub use journal::{Chain, JournalError, Row};
pub use state::State;
