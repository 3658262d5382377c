//! `alluse export`: the books for other programs.

mod export;

pub(crate) use export::run as export;
