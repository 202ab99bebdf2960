//! Repairs stored beside the articles, to be checked against what the program makes now.
//!
//! In: restorations and a folder of snapshots. Out: what is the same, what differs and how, and new snapshots beside the old ones
//! until a person accepts them. Nothing here overwrites a stored repair but accepting.

mod compare;
mod difference;
mod escape;
mod format;
mod record;
mod store;

pub use compare::{Comparison, State, WordChange, compare};
pub use difference::difference;
pub use format::SnapshotError;
pub use record::{Note, Piece, Setup, Snapshot};
pub use store::{Store, StoreError};
