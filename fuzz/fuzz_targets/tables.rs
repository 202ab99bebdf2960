#![no_main]

libfuzzer_sys::fuzz_target!(init: {
    // the readers of tables panic on damaged files, and are caught: only our own panics are findings
    std::panic::set_hook(Box::new(|panic| {
        if panic.location().is_some_and(|place| place.file().contains("src/tables.rs") || place.file().contains("src/text.rs")) {
            eprintln!("{panic}");
        }
    }));
}, |bytes: &[u8]| unspin_fuzz::tables::read(bytes));
