//! The rules: a view of the market and the books in, a plan with reasons out.
//!
//! [`week`] judges the market, [`entry`] sells puts and [`calls`] covers shares, [`manage`] looks after open options
//! ([`roll`] moves them, [`expiry`] is their last day, [`guard`] holds orders back in extreme volatility), [`position`]
//! names what a week was and [`life`] tables what may become of positions, locks and structures. [`income`] is what a
//! week earned, [`growth`] splits structures off and folds them back, [`leaps`] builds the ladder of long calls, and
//! [`trust`] says how far each class of decisions may go without a human. A [`plan`] is what they come to, [`view`]
//! what they may see, [`rule`] the identifiers that every decision cites, and [`policy`] every number. Orders in
//! flight, brokers and clocks are unknown here.

pub mod calls;
pub mod entry;
pub mod expiry;
pub mod fees;
pub mod growth;
pub mod guard;
pub mod income;
pub mod leaps;
pub mod life;
pub mod manage;
pub mod plan;
pub mod policy;
pub mod position;
pub mod roll;
pub mod rule;
pub mod trust;
pub mod view;
pub mod walk;
pub mod week;
