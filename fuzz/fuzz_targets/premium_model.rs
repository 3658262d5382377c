//! Searches the target `premium_model`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| alluse_fuzz::run("premium_model", data));
