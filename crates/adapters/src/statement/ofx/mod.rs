//! OFX: Open Financial Exchange, versions 1.x (SGML) and 2.x (XML), investment and bank statements.
//!
//! Source: OFX 2.2 specification (Intuit, Microsoft, CheckFree), chapters 2, 11 and 13. One reader takes both: an
//! element that is not closed ends where the next one begins, as 1.x allows.

mod read;
mod scan;
mod write;

pub use read::read;
pub use write::write;

/// What kind of identifier an option's is, in `UNIQUEIDTYPE`.
const OCC: &str = "OCC";
/// The same of a share's.
const TICKER: &str = "TICKER";

/// Whether bytes begin as OFX does.
#[must_use]
pub fn is_ofx(bytes: &[u8]) -> bool {
    let begin = &bytes[..bytes.len().min(4_096)];
    let text = String::from_utf8_lossy(begin).to_ascii_uppercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with("OFXHEADER") || ((text.starts_with('<')) && (text.contains("<OFX>") || text.contains("<?OFX")))
}
