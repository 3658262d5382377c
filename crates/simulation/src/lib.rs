//! Worlds to run the engine in.
//!
//! [`generator`] makes markets that never existed, [`chain`] models the premiums of any history on what [`premium`]
//! finds in it, [`feed`] brings one session after the other, [`broker`] fills and exercises, [`people`] answers what is
//! proposed, [`replay`] runs the whole protocol through the same loop that runs live, [`vary`] measures a run of
//! another choice, [`whatif`] decides one moment again, [`evidence`] asks what all of it was worth, and [`story`] makes
//! up the markets of scenarios. [`projection`] alone has no market: it says what would be if the targets were met.
//! [`disk`] stands under a journal when a test pulls the plug.

pub mod broker;
pub mod chain;
pub mod disk;
pub mod evidence;
pub mod feed;
pub mod generator;
pub mod people;
pub mod premium;
pub mod projection;
pub mod replay;
pub mod rng;
pub mod story;
pub mod vary;
pub mod whatif;
