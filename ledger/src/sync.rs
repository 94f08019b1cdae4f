//! Two homes of one organisation bring each other's logs up to date: a machine without I/O.
//!
//! Protocol version 1, in frames ([`frame`]) of deterministic CBOR ([`message`]):
//!
//! ```text
//! initiator                                  responder
//! Hello(fingerprint)             →
//!                                ←           Same, and both are done; or Hello(fingerprint, frontier)
//! Frontier, what the responder
//! lacks, End(fingerprint)        →
//!                                ←           what the initiator lacks, End(fingerprint)
//! its word on that, End          →
//! ```
//!
//! One side speaks at a time, so a driver may write all of its output before it reads. What a side lacks
//! comes in this order: proofs of forks; chunks of one log's consecutive entries, each followed by the batches
//! that they bring, verified and stored whole or not at all; what is known of each log's witnesses, after this
//! side has signed its own word ([`Action::Witness`]). Logs are sent with every admitting log before those that
//! it admits, so that membership is known when it is asked for. A log that is refused does not stop the others.
//!
//! Where two homes never meet, one writes what the other may lack and the other takes it in later: the writer's
//! hello with its frontier, then all of one turn ([`carried`]).

mod agreement;
mod branch;
pub mod carried;
pub mod frame;
pub mod limits;
mod machine;
pub mod message;
mod receive;
mod send;
mod witness;

use std::collections::BTreeMap;

use crate::bytes::{Hash, LogId};
use crate::chain::{LogState, Received, Run};
use crate::entry::Head;
use crate::error::LedgerError;
use crate::fork::{ForkProof, Histories};
use crate::membership::Statements;
use crate::seen::Seen;

pub use machine::Machine;

use limits::Used;

/// The versions of the protocol that are spoken here.
pub const VERSIONS: [u64; 1] = [1];
/// How many bytes of entries, bodies and salts a chunk aims at.
pub const CHUNK: usize = 256 * 1024;
/// How many batches a chunk of more than one entry may bring.
pub const CHUNK_BATCHES: usize = 8;

/// Which part one plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one that opened the connection.
    Initiator,
    /// The one that accepted it.
    Responder,
    /// The one that writes for somebody who cannot answer.
    Writer,
    /// The one that takes in what was written; what it would answer is heard by nobody.
    Reader,
}

/// What the driver has to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Send these bytes: one whole frame.
    Send(Vec<u8>),
    /// Store these verified entries, before the machine is asked again.
    Store(Box<Run>),
    /// Put these verified entries beside their log, of which another history is held here, and see whether all
    /// of the one that holds is here now ([`crate::store::Transaction::settle`]), before the machine is asked again.
    Stage(Box<Run>),
    /// Keep these verified words of a log's witnesses.
    StoreSeen(Box<Seen>),
    /// Keep this checked proof that a log has two histories.
    StoreFork(Box<ForkProof>),
    /// Sign what is held now ([`crate::store::Transaction::witness`]), before the machine is asked again.
    Witness,
    /// Both sides are done.
    Done(Box<Summary>),
}

/// What came of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Entries stored here, by log.
    pub stored: BTreeMap<LogId, u64>,
    /// Entries sent, by log.
    pub sent: BTreeMap<LogId, u64>,
    /// Logs that were not taken or not sent, each with the code of the reason.
    pub refused: BTreeMap<LogId, String>,
    /// Logs of ours that the peer refused, each with the peer's code.
    pub refused_by_peer: BTreeMap<LogId, String>,
    /// Logs with two histories, of which a proof was found or told.
    pub forked: Vec<LogId>,
    /// What the peer holds at the end, as far as it can be told here.
    pub peer: Vec<Head>,
    /// Whether both hold the same logs at the same heads.
    pub agreed: bool,
}

/// An entry as it is held and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its bytes, body and salt.
    pub received: Received,
    /// The addresses of the batches that it names.
    pub batches: Vec<Hash>,
}

/// Where the machine reads what is held; it is written to by the driver, on [`Action::Store`].
pub trait LogSource {
    /// Every log's size and tree head, by log id.
    ///
    /// # Errors
    /// Those of the storage; so in the other methods.
    fn frontier(&mut self) -> Result<Vec<Head>, LedgerError>;

    /// One log's state, if it is held.
    ///
    /// # Errors
    /// Those of the storage.
    fn log(&mut self, log: &LogId) -> Result<Option<LogState>, LedgerError>;

    /// A log's tree head at an earlier size; `None` beyond its end.
    ///
    /// # Errors
    /// Those of the storage.
    fn root_at(&mut self, log: &LogId, size: u64) -> Result<Option<Hash>, LedgerError>;

    /// Consecutive entries from `from` on: at least one, if there is one, and about `most` bytes.
    ///
    /// # Errors
    /// Those of the storage.
    fn entries(&mut self, log: &LogId, from: u64, most: usize) -> Result<Vec<Stored>, LedgerError>;

    /// A batch's bytes, if it is held.
    ///
    /// # Errors
    /// Those of the storage.
    fn batch(&mut self, address: &Hash) -> Result<Option<Vec<u8>>, LedgerError>;

    /// What is known of a log's witnesses.
    ///
    /// # Errors
    /// Those of the storage.
    fn seen(&mut self, log: &LogId) -> Result<Seen, LedgerError>;

    /// The proof that a log has two histories, if one was found.
    ///
    /// # Errors
    /// Those of the storage.
    fn fork(&mut self, log: &LogId) -> Result<Option<ForkProof>, LedgerError>;

    /// What is known of a log's histories.
    ///
    /// # Errors
    /// Those of the storage.
    fn histories(&mut self, log: &LogId) -> Result<Histories, LedgerError>;

    /// The leaf of an entry of the history that holds, of a log of which another is held, as far as it has come.
    ///
    /// # Errors
    /// Those of the storage.
    fn branch_leaf(&mut self, log: &LogId, sequence: u64) -> Result<Option<Hash>, LedgerError>;

    /// The leaves of a log's first entries, `size` of them or all there are.
    ///
    /// # Errors
    /// Those of the storage.
    fn leaves(&mut self, log: &LogId, size: u64) -> Result<Vec<Hash>, LedgerError>;

    /// How much of a log was taken in on the day when it last was.
    ///
    /// # Errors
    /// Those of the storage.
    fn used(&mut self, log: &LogId) -> Result<Used, LedgerError>;

    /// What the held logs state about membership.
    ///
    /// # Errors
    /// Those of the storage.
    fn statements(&mut self) -> Result<Statements, LedgerError>;
}
