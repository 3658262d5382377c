//! The program as its users meet it: the real binary, in a folder of its own, judged by what it prints, leaves on disk,
//! and returns.

mod bad_input;
mod books;
mod data;
mod demo;
mod evidence;
mod growth;
mod help;
mod history;
mod journals;
mod oracles;
mod policies;
mod premium;
mod project;
#[path = "../../../adapters/tests/pull/server.rs"]
mod server;
mod support;
mod vary;
mod whatif;
