//! Searches the target `backup_note`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| alluse_fuzz::run("backup_note", data));
