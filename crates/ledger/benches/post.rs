//! How many entries the books take a second.
fn main() {}
