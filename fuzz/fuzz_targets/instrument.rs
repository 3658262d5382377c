//! Searches the target `instrument`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| alluse_fuzz::run("instrument", data));
