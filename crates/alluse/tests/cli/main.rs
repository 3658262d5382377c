//! The program as its users meet it: the real binary, in a folder of its own, judged by what it prints, leaves on disk,
//! and returns.

mod bad_input;
mod books;
mod data;
mod demo;
mod doctor;
mod evidence;
mod faults;
mod growth;
mod help;
mod history;
mod journals;
mod kill;
mod oracles;
mod policies;
#[path = "../../../adapters/tests/stores/server.rs"]
#[expect(dead_code, reason = "the stores' own tests need more of a server")]
mod postgres_server;
mod premium;
mod project;
mod safety;
#[path = "../../../adapters/tests/pull/server.rs"]
mod server;
mod stores;
mod support;
mod tax;
mod vary;
mod whatif;
