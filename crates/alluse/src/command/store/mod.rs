//! `alluse store`: where journals lie, and how they come from one store to another.

mod copy;

use std::path::Path;

use crate::cli::Store;
use crate::command::check;
use crate::failure::Failure;
use crate::journal::{location, reader};
use crate::show;

/// Runs what was typed after `alluse store`.
pub(crate) fn run(command: &Store) -> Result<(), Failure> {
    match command {
        Store::Init { place } => init(place),
        Store::Verify(arguments) => verify(&arguments.place, arguments.json),
        Store::Copy { from, to, json } => copy::run(from, to, *json),
        Store::Migrate { place } => migrate(place),
    }
}

fn init(place: &Path) -> Result<(), Failure> {
    let store = location(place)?.create()?;
    let (place, version) = (store.place(), store.version());
    store.finish()?;
    show::print(&format!("{place}: an empty store, tables of version {version}"))
}

fn verify(place: &Path, json: bool) -> Result<(), Failure> {
    let store = reader(&location(place)?)?;
    let (place, version) = (store.place(), store.version());
    let standing = store.standing()?.to_string();
    if store.portfolios()?.is_empty() {
        store.check_structure()?;
        return show::print(&format!("{place}: tables of version {version} are sound, and hold no journal yet"));
    }
    let proofs = check::proofs(store.as_ref())?;
    if json {
        return show::json(&serde_json::json!({
            "store": place.to_string(), "version": version, "standing": standing, "holds": true, "portfolios": proofs,
        }));
    }
    show::print(&format!("{place}: tables of version {version} are sound; {standing}\n"))?;
    proofs.iter().try_for_each(|proof| check::print(&place, proof))
}

fn migrate(place: &Path) -> Result<(), Failure> {
    let location = location(place)?;
    let from = location.migrate()?;
    let to = location.open_read_only()?.version();
    show::print(&match from == to {
        true => format!("{}: tables of version {to} already", location.place()),
        false => format!("{}: tables of version {from} are now of version {to}", location.place()),
    })
}
