//! Searches the target `rule_worth`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| alluse_fuzz::run("rule_worth", data));
