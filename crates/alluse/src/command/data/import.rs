//! `alluse data import`: a table of the user's own, in the folder's form.

use std::fs;

use adapters::clock::{Clock, SystemClock};
use adapters::folder::{DateForm, Kind, Mapping, Origin, Piece, translate};
use market::instrument::Symbol;
use market::time::Calendar;
use serde_json::json;

use super::written;
use crate::cli::{Holds, Import};
use crate::failure::Failure;
use crate::show;

/// Imports a table.
pub(crate) fn run(arguments: &Import) -> Result<(), Failure> {
    let calendar = Calendar::nyse();
    let (kind, symbol) = kind(arguments)?;
    if let Some((ours, _)) = arguments.column.iter().find(|(ours, _)| !kind.columns().any(|name| name == ours)) {
        let expected = kind.columns().collect::<Vec<_>>().join(", ");
        return Err(Failure::Usage(format!("--column {ours}=…: there is no such column of ours; expected {expected}")));
    }
    let bytes = fs::read(&arguments.from).map_err(|error| Failure::file(&arguments.from, &error))?;
    let mapping = Mapping {
        dates: DateForm::named(&arguments.dates).unwrap_or_default(),
        columns: arguments.column.clone(),
        missing: arguments.missing.clone(),
        index: None,
        symbol,
    };
    let whole = fs::canonicalize(&arguments.from).unwrap_or_else(|_| arguments.from.clone());
    let origin = Origin::imported(whole.display().to_string(), &bytes, SystemClock.now());
    let sheet = translate(arguments.from.clone(), bytes, kind, &mapping)?;
    if sheet.is_empty() {
        let problem = "there is no row in it; expected at least one";
        return Err(Failure::Data(format!("{}: {problem}", arguments.from.display())));
    }
    let piece = Piece { kind, sheet, origin: Some(origin) };
    let files = written::write(&arguments.into, vec![piece], arguments.accept_revisions, &calendar)?;
    if arguments.json {
        return show::json(&json!({ "files": written::as_json(&files) }));
    }
    written::print(&arguments.into, &files)
}

/// What the table holds, and the symbol that each of its rows is of where it does not say.
fn kind(arguments: &Import) -> Result<(Kind, Option<Symbol>), Failure> {
    let given = arguments.symbol.as_deref();
    let symbol = || {
        let read = |text| Symbol::new(text).map_err(|_| Failure::Usage(format!("--symbol {text}: expected a ticker")));
        given.map(read).transpose()
    };
    match arguments.kind {
        Holds::Bars => {
            let needed = || Failure::Usage("bars are of one symbol: say --symbol".to_owned());
            Ok((Kind::Bars(symbol()?.ok_or_else(needed)?), None))
        }
        Holds::Index => {
            let needed = || {
                let expected = Kind::INDICES.join(", ");
                Failure::Usage(format!("an index has a name: say --symbol with one of {expected}"))
            };
            Ok((given.and_then(Kind::index).ok_or_else(needed)?, None))
        }
        Holds::Rates => Ok((Kind::Rates, None)),
        Holds::Dividends => Ok((Kind::Dividends, symbol()?)),
        Holds::Splits => Ok((Kind::Splits, symbol()?)),
        Holds::Earnings => Ok((Kind::Earnings, symbol()?)),
        Holds::Chains => Ok((Kind::Chains, symbol()?)),
    }
}
