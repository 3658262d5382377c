//! The rules: a view of the market and the books in, a plan with reasons out.
//!
//! [`week`] judges the market, [`entry`] sells puts and [`calls`] covers shares, [`expiry`] looks at an option's last
//! day, [`position`] names what a week was. A [`plan`] is what they come to, [`view`] what they may see, [`rule`] the
//! identifiers that every decision cites, and [`policy`] every number. Orders in flight, brokers and clocks are unknown
//! here.

pub mod calls;
pub mod entry;
pub mod expiry;
pub mod fees;
pub mod plan;
pub mod policy;
pub mod position;
pub mod rule;
pub mod view;
pub mod week;
