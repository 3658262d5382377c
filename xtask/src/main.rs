//! The project's own commands, run as `cargo xtask COMMAND`.
mod tidy;
fn main() {}
