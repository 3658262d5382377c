//! `alluse completions`: what a shell needs to complete commands.

use clap::CommandFactory;

use crate::cli::{Cli, Completions};
use crate::failure::Failure;
use crate::show;

/// Prints completions.
pub(crate) fn run(arguments: &Completions) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "alluse", &mut text);
    show::print(String::from_utf8_lossy(&text).trim_end())
}
