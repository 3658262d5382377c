//! Worlds to run the engine in.
//!
//! [`generator`] makes markets that never existed, [`chain`] models the premiums of any history, [`feed`] brings one
//! session after the other, [`broker`] fills and exercises, and [`replay`] runs the whole protocol through the same loop
//! that runs live.

pub mod broker;
pub mod chain;
pub mod feed;
pub mod generator;
pub mod replay;
pub mod rng;
