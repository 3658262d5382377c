//! What is behind a figure, measured against what no one here wrote.
//!
//! [`model`] holds the premium model against quotes, and [`fit`] fits its numbers on days that are named.

pub mod fit;
pub mod model;
