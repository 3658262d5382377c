//! Searches the target `weekly_returns`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| alluse_fuzz::run("weekly_returns", data));
