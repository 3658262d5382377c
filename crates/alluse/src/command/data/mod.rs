//! `alluse data`: how price history is come by, what a folder of it supports, and what is measured from it.

mod chains;
mod import;
mod inspect;
mod pull;
mod spreads;
mod supports;
mod written;

use std::path::Path;

use market::instrument::Symbol;
use market::time::Calendar;
use protocol::policy::Policy;
use simulation::generator::{Parameters, calibrate};

use crate::cli::Data;
use crate::failure::Failure;
use crate::inputs;
use crate::show;

/// Runs a data command.
pub(crate) fn run(command: &Data) -> Result<(), Failure> {
    match command {
        Data::Inspect { dir, policy, json } => inspect::run(dir, policy, *json),
        Data::Pull(arguments) => pull::run(arguments),
        Data::Import(arguments) => import::run(arguments),
        Data::Chains { dir, data, json } => chains::run(dir, data.as_deref(), *json),
        Data::Calibrate { dir } => parameters(dir),
        Data::Spreads { dir, data, leave_crossed } => spreads::run(dir, data.as_deref(), *leave_crossed),
    }
}

fn parameters(dir: &Path) -> Result<(), Failure> {
    let policy = Policy::all_use();
    let history = inputs::history(dir, &policy, &Calendar::nyse())?;
    let symbols: Vec<Symbol> = Parameters::shipped().symbols.iter().map(|s| s.tape.symbol).collect();
    let measured = calibrate(&history, policy.universe.index, &symbols)
        .map_err(|e| Failure::Data(format!("{}: {e}", dir.display())))?;
    show::print(measured.to_toml(&format!("alluse data calibrate {}", dir.display())).trim_end())
}
