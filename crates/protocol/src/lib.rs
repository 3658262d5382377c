//! The rules: a view of the market and the books in, a plan with reasons out.

pub mod fees;
pub mod policy;
pub mod rule;
