//! Tests on two weeks of one wheel, written down by hand: puts sold, assigned, the shares called away.

mod audit;
mod booking;
mod comparing;
mod explaining;
mod forest;
mod growing;
mod reconciling;
mod sample;
mod speaking;
mod stating;
mod telling;
