//! A signed, append-only log per device, its store, and the machine that syncs it.
//!
//! Nothing here reads a clock, draws a random number, opens a socket or knows what a body of kind ≥ 16
//! means: clocks, salts and keys are passed in, bodies are bytes.
//!
//! | module | holds |
//! |---|---|
//! | [`canonical`] | deterministic CBOR: check, read, write |
//! | [`entry`] | one entry: draft, sign, parse |
//! | [`statement`] | genesis and enrolment, the ledger's own bodies |
//! | [`chain`] | a log's links: walk, and runs of entries that came from elsewhere |
//! | [`membership`] | who belongs to the organisation |
//! | [`tree`] | RFC 6962 heads and proofs |
//! | [`key`], [`bytes`], [`error`] | ed25519, fixed-length bytes, what can go wrong |
#![forbid(unsafe_code)]

pub mod bytes;
pub mod canonical;
pub mod chain;
pub mod entry;
pub mod error;
pub mod key;
pub mod membership;
pub mod statement;
pub mod tree;
