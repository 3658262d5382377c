//! The command line of ALL-USE.
//!
//! [`cli`] says what can be typed, [`command`] holds one module for each command. What they share: [`inputs`] is what a
//! run is made from, [`run`] makes it, [`journal`] keeps and opens what it recorded, [`home`] is the program's own
//! folder, [`parallel`] spreads work over cores, [`show`] is how things look, and [`failure`] the exit codes. This is
//! the only crate that knows all others, and none may use it.

mod cli;
mod command;
mod failure;
mod home;
mod inputs;
mod journal;
mod parallel;
mod run;
mod show;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match command::run(cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // A reader that left early (`| head`) is no error.
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            let colour = std::io::stderr().is_terminal() && show::wants_colour();
            let name = if colour { "\x1b[1;31malluse:\x1b[0m" } else { "alluse:" };
            eprintln!("{name} {failure}");
            ExitCode::from(failure.code())
        }
    }
}
