//! Tests on two weeks of one wheel, written down by hand: puts sold, assigned, the shares called away.

mod audit;
mod comparing;
mod explaining;
mod forest;
mod growing;
mod sample;
mod speaking;
mod stating;
mod telling;
