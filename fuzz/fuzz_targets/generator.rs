//! Searches the target `generator`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| alluse_fuzz::run("generator", data));
