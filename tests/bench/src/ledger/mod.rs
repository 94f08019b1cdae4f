//! The ledger: verifying, appending, syncing; against flat hashing, SQLite itself and other signed logs.

pub mod append;
mod disclose;
mod log;
mod panda;
pub mod peers;
pub mod sync;
pub mod verify;

/// Entries of a large log: a million, unless `FIRN_BENCH_ENTRIES` says otherwise.
fn many() -> u64 {
    std::env::var("FIRN_BENCH_ENTRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000)
}
