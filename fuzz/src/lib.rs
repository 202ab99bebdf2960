//! What must hold for any bytes: no panic, no byte lost, no byte changed without a plan that says so.
//!
//! In: bytes, as a fuzzer or a seed file has them. Out: nothing; a broken promise panics. The fuzz targets look for such bytes, and
//! `tests/seeds.rs` runs the same checks over all committed seeds, those of old bugs among them.
#![allow(unreachable_pub, dead_code, reason = "a library to the fuzz targets, a module to the tests")]

pub mod codec;
#[path = "../../src/cli/config.rs"]
mod config;
pub mod formats;
pub mod records;
mod stand_in;
#[cfg(feature = "parquet")]
pub mod tables;
pub mod text;
