//! Where tests find the shared market history.

use std::path::PathBuf;

/// The folder of shared history, or nothing with a line that says what was skipped.
#[expect(clippy::disallowed_methods, reason = "a test may be told where the shared folder is")]
pub(crate) fn shared(test: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ALLUSE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let data = root.join("data");
    if data.is_dir() {
        return Some(data);
    }
    println!("SKIPPED {test}: ../shared is absent");
    None
}
