//! The ledger from outside: what each entry books, what is refused, stories to the cent, and random entries against
//! books that are written another way (bar R4).

mod desk;
mod entries;
mod forest;
mod leaps;
mod properties;
mod reference;
mod refusals;
mod stories;
mod tree;
