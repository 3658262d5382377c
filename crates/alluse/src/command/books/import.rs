//! Statements of others in our own layout.

use std::io::{self, Write};
use std::path::Path;

use adapters::statement::{Mapping, plain, read};
use report::Statement;

use super::replaceable;
use crate::cli::ImportStatement;
use crate::failure::Failure;
use crate::home;
use crate::show;

/// Runs the command.
pub(crate) fn run(asked: &ImportStatement) -> Result<(), Failure> {
    let mapping = mapping(asked.mapping.as_deref())?;
    let mut all = Vec::new();
    for path in &asked.statements {
        all.extend(statements(path, &mapping)?);
    }
    let Some(out) = &asked.out else {
        return all.iter().try_for_each(|s| Ok(io::stdout().lock().write_all(plain::write(s).as_bytes())?));
    };
    let [statement] = all.as_slice() else {
        return Err(Failure::Usage(format!("--out takes one statement; {} were read", all.len())));
    };
    let text = plain::write(statement);
    replaceable(out, &text)?;
    home::write_whole(out, &text)?;
    show::print(&format!("{}: {} activities, {} bytes", out.display(), statement.activities.len(), text.len()))
}

/// The mapping that was named, else our own layout.
pub(super) fn mapping(path: Option<&Path>) -> Result<Mapping, Failure> {
    path.map_or_else(|| Ok(Mapping::default()), |path| Mapping::read(path).map_err(|e| Failure::Data(e.to_string())))
}

/// The statements of one file.
pub(super) fn statements(path: &Path, mapping: &Mapping) -> Result<Vec<Statement>, Failure> {
    read(path, mapping).map_err(|e| Failure::Data(e.to_string()))
}
