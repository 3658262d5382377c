//! One module for each command.

mod backtest;
mod backup;
mod books;
mod check;
mod completions;
mod data;
mod demo;
mod doctor;
mod evidence;
mod explain;
mod head;
mod policy;
mod project;
mod ranks;
mod report;
mod store;
mod summary;
mod tax;
mod tree;
mod vary;
mod whatif;

use crate::cli::{Cli, Command};
use crate::failure::Failure;

/// Runs what was typed.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Backtest(arguments) => backtest::run(&arguments),
        Command::Evidence(command) => evidence::run(&command),
        Command::Project(arguments) => project::run(&arguments),
        Command::Report(command) => report::run(&command),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Whatif(arguments) => whatif::run(&arguments),
        Command::Tree(arguments) => tree::run(&arguments.of),
        Command::Tax(command) => tax::run(&command),
        Command::Check(arguments) => check::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Head(command) => head::run(&command),
        Command::Prove(arguments) => head::prove(&arguments),
        Command::VerifyProof(arguments) => head::verify(&arguments),
        Command::Backup(command) => backup::run(&command),
        Command::Restore(arguments) => backup::restore(&arguments),
        Command::Store(command) => store::run(&command),
        Command::Export(arguments) => books::export(&arguments),
        Command::Import(arguments) => books::import(&arguments),
        Command::Reconcile(arguments) => books::reconcile(&arguments),
        Command::Data(command) => data::run(&command),
        Command::Policy(command) => policy::run(&command),
        Command::Completions(arguments) => completions::run(&arguments),
    }
}
