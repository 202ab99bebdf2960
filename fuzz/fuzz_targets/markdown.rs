#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| unspin_fuzz::records::markdown(bytes));
