use super::*;

fn all_use() -> Policy {
    Policy::parse("policy/all-use.toml", ALL_USE, Policy::shipped).unwrap_or_else(|error| panic!("{error}"))
}

/// With `ALLUSE_BLESS=1` the file is rewritten from its own values and the table of keys.
#[test]
fn the_shipped_file_is_its_own_manual() {
    let manual = all_use().manual();
    if std::env::var_os("ALLUSE_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy/all-use.toml");
        std::fs::write(path, &manual).unwrap();
    } else {
        assert!(manual == ALL_USE, "policy/all-use.toml is not in its canonical form; run with ALLUSE_BLESS=1");
    }
}
