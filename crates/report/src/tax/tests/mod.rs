//! The tax view against published examples, against an independent model, and against what must hold of any history.

mod cases;
mod published;
mod random;
mod reference;
pub(super) mod words;
