//! Searches the target `event`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| alluse_fuzz::run("event", data));
