//! Where the outside is met: price history and option chains read from files, pulled from public sources and imported,
//! journals kept in SQLite or PostgreSQL, their heads kept elsewhere, their backups, books written for other programs,
//! brokers' statements, and the machine itself.
//!
//! Everything here translates between bytes that others wrote and the project's own vocabulary, and refuses what it
//! cannot read whole: an error names the file, the line, the column, the text found and what was expected.

pub mod backup;
pub mod books;
pub mod chains;
pub mod clock;
mod fault;
pub mod files;
pub mod folder;
pub mod head;
pub mod history;
pub mod machine;
pub mod opening;
pub mod pull;
pub mod statement;
pub mod store;
mod table;
mod text;
pub mod trades;
