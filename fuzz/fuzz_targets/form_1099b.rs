//! Searches the target `form_1099b`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| alluse_fuzz::run("form_1099b", data));
