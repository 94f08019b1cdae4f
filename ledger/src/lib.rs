//! A signed, append-only log per device, its store, and the machine that syncs it.
//!
//! Nothing here reads a clock, draws a random number, opens a socket or knows what a body of kind ≥ 16
//! means: clocks, salts and keys are passed in, bodies are bytes.
//!
//! A home in a few lines:
//!
//! ```
//! use firn_ledger::bytes::{Id, LogId, OrganisationId, Salt};
//! use firn_ledger::chain::Depth;
//! use firn_ledger::entry::{Clocks, EntryDraft, Signers};
//! use firn_ledger::key::{SecretKey, Signer};
//! use firn_ledger::statement::{Enrolment, GENESIS, Genesis, Role};
//! use firn_ledger::store::{OpenOptions, Store};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("firn.db");
//! // 32 random bytes each, in earnest.
//! let (root, device, endpoint) = ([1; 32], [2; 32], [3; 32]);
//! let (root, device) = (SecretKey::from_seed(&root), SecretKey::from_seed(&device));
//! let random = [4; 16];
//! let log = LogId::of(&OrganisationId::of(&root.public_key()), &device.public_key(), &random);
//! let enrolment = Enrolment {
//!     log,
//!     device: device.public_key(),
//!     endpoint: SecretKey::from_seed(&endpoint).public_key(),
//!     role: Role::Admin,
//!     label: "Dispensary".to_owned(),
//!     not_before_ms: 1_793_000_000_000,
//!     replaces: None,
//! };
//! let genesis = Genesis::of_first_device("City Pharmacy".to_owned(), &root, random, enrolment)?;
//! let clocks = Clocks { wall_ms: 1_793_000_000_000, monotonic_ms: 5_000, boot: Id([5; 16]) };
//! let draft = |kind, body: Vec<u8>, subject| EntryDraft {
//!     kind, subject, clocks, body, heads: vec![], salt: Salt([6; 32]), person: None, batches: vec![],
//! };
//! let signers = Signers { device: &device, person: None };
//!
//! let mut store = Store::create(&path, &OpenOptions::default())?;
//! store.write(|t| t.append(log, draft(GENESIS, genesis.encode(), None), signers))?;
//! // Entries, batches and read models change in one transaction.
//! let shipment = Id([7; 16]);
//! store.write(|t| {
//!     t.append(log, draft(20, vec![0xa0], Some(shipment)), signers)?;
//!     t.put_document("shipments", shipment.as_bytes(), b"in transit")
//! })?;
//! assert_eq!(store.by_subject(&shipment)?, vec![(log, 1)]);
//! assert!(store.verify(Depth::Every)?.ok());
//! # Ok(()) }
//! ```
//!
//! | module | holds |
//! |---|---|
//! | [`canonical`] | deterministic CBOR: check, read, write |
//! | [`entry`] | one entry: draft, sign, parse |
//! | [`statement`] | genesis and enrolment, the ledger's own bodies |
//! | [`chain`] | a log's links: walk, and runs of entries that came from elsewhere |
//! | [`membership`] | who belongs to the organisation |
//! | [`tree`] | RFC 6962 heads and proofs |
//! | [`checkpoint`], [`seen`] | signed heads, witnesses' cosignatures, and what is known of them |
//! | [`fork`], [`index`] | proof of two histories; how many entries each subject has |
//! | [`disclosure`], [`multiproof`] | entries shown to somebody who does not hold the log |
//! | [`sync`] | the machine that two homes talk by |
//! | `store` | the SQLite file (feature `sqlite`) |
//! | `vault` | sealed documents that can be erased, in a file of their own (feature `sqlite`) |
//! | [`key`], [`bytes`], [`error`] | ed25519, fixed-length bytes, what can go wrong |
#![forbid(unsafe_code)]

pub mod bytes;
pub mod canonical;
pub mod chain;
pub mod checkpoint;
pub mod disclosure;
pub mod entry;
pub mod error;
pub mod fork;
pub mod index;
pub mod key;
pub mod membership;
pub mod multiproof;
pub mod seen;
mod side_by_side;
pub mod statement;
#[cfg(feature = "sqlite")]
pub mod store;
pub mod sync;
pub mod tree;
#[cfg(feature = "sqlite")]
pub mod vault;
