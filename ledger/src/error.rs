//! What can go wrong, each with a stable code and a next step.

use crate::bytes::LogId;
use crate::canonical::{Problem, ProblemKind};

/// Every failure of this crate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// Bytes that are not what the format says.
    #[error("{what}: {problem}")]
    Format {
        /// What was being read.
        what: &'static str,
        /// Why it was refused.
        problem: Problem,
    },
    /// An entry, or what hangs on it, is not what its log says.
    #[error("entry {} of log {}: {}", .0.sequence, .0.log, .0.fault)]
    Entry(BadEntry),
    /// A rule that no single entry of a log broke.
    #[error("{0}")]
    Rule(Fault),
    /// The key store did not sign.
    #[error("the key did not sign: {0}")]
    Signer(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The conversation with a peer.
    #[error(transparent)]
    Sync(#[from] SyncError),
}

/// The first entry of a log that is not as it was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadEntry {
    /// The log.
    pub log: LogId,
    /// The entry's place in it, from 0.
    pub sequence: u64,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What can be wrong with an entry, its body, its batches or its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Fault {
    /// Not deterministic CBOR.
    #[error("the bytes are not deterministic CBOR")]
    NotCanonical,
    /// Deterministic CBOR that is no entry, body or batch of this format.
    #[error("the bytes do not have the form that the format asks for")]
    Malformed,
    /// Of format v0, which was never frozen.
    #[error("a preview of Firn wrote it, in format v0, which was never frozen")]
    Preview,
    /// Of a later format.
    #[error("a newer release of Firn wrote it, in a format that is not known here")]
    NewerVersion,
    /// More bytes than the format allows.
    #[error("it is larger than the format allows")]
    TooLarge,
    /// Signed for another log.
    #[error("it belongs to another log")]
    WrongLog,
    /// Not the next number.
    #[error("its number is not the next one")]
    Sequence,
    /// Does not name the entry before it.
    #[error("it does not name the entry before it")]
    Backlink,
    /// Not the next of its subject.
    #[error("its number within its subject is not the next one")]
    Subject,
    /// The device's signature does not verify.
    #[error("the device's signature does not verify")]
    Signature,
    /// The person's signature does not verify.
    #[error("the person's signature does not verify")]
    PersonSignature,
    /// The body or its salt is not the one that was signed.
    #[error("the body is not the one that was signed")]
    BodyMismatch,
    /// A batch does not have the address under which it is kept.
    #[error("a batch of readings is not the one that was signed")]
    BatchMismatch,
    /// A batch that an entry names is not there.
    #[error("a batch of readings is missing")]
    BatchMissing,
    /// Entry 0 does not found this log.
    #[error("its first entry does not found this log")]
    Genesis,
    /// Of another organisation.
    #[error("it belongs to another organisation")]
    Organisation,
    /// The device has not been enrolled.
    #[error("the device has not been enrolled")]
    NotEnrolled,
    /// Two histories under one name.
    #[error("two histories exist under this log's name")]
    Fork,
    /// Of a log with two histories the one that holds is still to come.
    #[error("the history of this log that holds is not here yet")]
    HistoryAwaited,
    /// A key that may not be enrolled.
    #[error("the key is of small order or not in its canonical form")]
    Key,
    /// A log that is not here.
    #[error("the log is not here")]
    NoLog,
    /// An index entry does not say what its log says.
    #[error("it says that its log has other entries than are there")]
    Index,
    /// An entry names a head of another log that this one never had.
    #[error("it names a head that the other log never had")]
    FalseHead,
}

impl Fault {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotCanonical => "ledger/not-canonical",
            Self::Malformed => "ledger/malformed",
            Self::Preview => "ledger/preview",
            Self::NewerVersion => "ledger/newer-version",
            Self::TooLarge => "ledger/too-large",
            Self::WrongLog => "ledger/wrong-log",
            Self::Sequence => "ledger/sequence",
            Self::Backlink => "ledger/backlink",
            Self::Subject => "ledger/subject",
            Self::Signature => "ledger/signature",
            Self::PersonSignature => "ledger/person-signature",
            Self::BodyMismatch => "ledger/body-mismatch",
            Self::BatchMismatch => "ledger/batch-mismatch",
            Self::BatchMissing => "ledger/batch-missing",
            Self::Genesis => "ledger/genesis",
            Self::Organisation => "ledger/organisation",
            Self::NotEnrolled => "ledger/not-enrolled",
            Self::Fork => "ledger/fork",
            Self::HistoryAwaited => "ledger/history-awaited",
            Self::Key => "ledger/key",
            Self::NoLog => "ledger/no-log",
            Self::Index => "ledger/index",
            Self::FalseHead => "ledger/false-head",
        }
    }

    /// What a person can do.
    pub fn next_step(self) -> &'static str {
        match self {
            Self::NotEnrolled => "ask an admin to enrol the device, or sync with one first",
            Self::Organisation => "check that both devices belong to the same organisation",
            Self::Fork => "keep both copies, stop using the device, and tell an admin",
            Self::Key => "make a new key for the device",
            Self::Preview => "keep it as it is; the preview that wrote it reads it",
            Self::NewerVersion => "update Firn on this device",
            Self::TooLarge => "split it into smaller pieces",
            Self::NoLog => "sync with a device that has it",
            Self::HistoryAwaited => {
                "sync with the device on which it was decided, or with one that has synced with that"
            }
            Self::Index | Self::FalseHead => {
                "keep the file as it is, stop using the device that wrote the log, and tell an admin"
            }
            _ => "keep the file as it is, run `firn log verify --deep`, and restore from a peer or a backup",
        }
    }
}

/// What can go wrong with the store's file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Something is there already.
    #[error("a file is already there")]
    Exists,
    /// Nothing is there.
    #[error("there is no store")]
    Missing,
    /// The file is something else.
    #[error("the file is not a store of Firn's")]
    NotAStore,
    /// Written by a later version.
    #[error("the store has version {found}; this program reads up to {supported}")]
    NewerVersion {
        /// The store's version.
        found: u32,
        /// The latest that is understood.
        supported: u32,
    },
    /// Bytes have changed that the store did not change.
    #[error("the store is damaged: {what}")]
    Corrupt {
        /// Where it was noticed.
        what: String,
    },
    /// No room.
    #[error("the disk or the quota is full")]
    Full,
    /// Another process is writing.
    #[error("another process is writing to the store")]
    Busy,
    /// Opened for reading, or on a medium that cannot be written.
    #[error("the store cannot be written")]
    ReadOnly,
    /// The operating system failed.
    #[error("the store cannot be read or written: {what}")]
    Io {
        /// What it said.
        what: String,
    },
}

impl StoreError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Exists => "store/exists",
            Self::Missing => "store/missing",
            Self::NotAStore => "store/not-a-store",
            Self::NewerVersion { .. } => "store/newer-version",
            Self::Corrupt { .. } => "store/corrupt",
            Self::Full => "store/full",
            Self::Busy => "store/busy",
            Self::ReadOnly => "store/read-only",
            Self::Io { .. } => "store/io",
        }
    }

    /// What a person can do.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Exists => "open the store that is there, or choose another folder",
            Self::Missing => "check the folder, or make a new store with `firn init`",
            Self::NotAStore => "choose another folder; this file has not been touched",
            Self::NewerVersion { .. } => "update Firn; the store has not been touched",
            Self::Corrupt { .. } => {
                "keep a copy of the file; `firn log verify` names what is damaged; restore a backup, or join anew and sync"
            }
            Self::Full => "free some space and try again; nothing was changed",
            Self::Busy => "wait for the other process or close it, then try again",
            Self::ReadOnly => "open the store for writing, on a medium that can be written",
            Self::Io { .. } => "check the disk, the folder and its permissions, then try again",
        }
    }
}

/// What can go wrong with the vault beyond what can with any file of a store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Bytes have changed that the vault did not change.
    #[error("the vault is damaged: {what}")]
    Damaged {
        /// Where it was noticed.
        what: String,
    },
    /// A key that is not this vault's.
    #[error("the vault was sealed under another home's key")]
    WrongKey,
    /// Another process reads it, so that erased bytes cannot leave its journal yet.
    #[error(
        "another process uses the vault: what is erased is not shown, but its bytes may still be on disk"
    )]
    Busy,
    /// The home was restored from a backup, and what was erased since may lie in it.
    #[error(
        "the vault of a restored home stays shut until the home goes on: what was erased since may lie in it"
    )]
    Restored,
}

impl VaultError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Damaged { .. } => "vault/damaged",
            Self::WrongKey => "vault/wrong-key",
            Self::Busy => "vault/busy",
            Self::Restored => "vault/restored",
        }
    }

    /// What a person can do.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Damaged { .. } => {
                "keep the file; no record and no proof needs it, and what else it holds still opens"
            }
            Self::WrongKey => "put the vault.db of this home back; nothing was changed",
            Self::Busy => {
                "close the other process and do it again, or open this home again: erasing goes on then"
            }
            Self::Restored => "sync with every peer, so that erasures arrive, then `firn home continue`",
        }
    }
}

/// What can go wrong between two peers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SyncError {
    /// No common version of the protocol.
    #[error("the peer speaks no version of the protocol that is known here")]
    Version,
    /// Another organisation.
    #[error("the peer belongs to another organisation")]
    Organisation,
    /// A message that does not follow the protocol.
    #[error("the peer does not follow the protocol: {what}")]
    Protocol {
        /// Which rule was broken.
        what: &'static str,
    },
    /// A frame or a chunk beyond its limit.
    #[error("the peer sent more than the protocol allows")]
    TooLarge,
    /// The peer ended it, with its code.
    #[error("the peer refused: {code}")]
    Refused {
        /// The code that the peer gave.
        code: String,
    },
    /// More logs than this device takes: of all, or of one device that nobody enrolled.
    #[error("there are more logs than are taken here")]
    TooManyLogs,
    /// More of one log in one day than this device takes.
    #[error("more of the log came in today than is taken in one day")]
    TooFast,
    /// The peer goes on sending what is held here, or was refused.
    #[error("the peer sent nothing new for too long")]
    NothingNew,
    /// What was carried here begins beyond the end of what is held.
    #[error("it begins beyond what is held here")]
    Hole,
}

impl SyncError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Version => "sync/version",
            Self::Organisation => "sync/organisation",
            Self::Protocol { .. } => "sync/protocol",
            Self::TooLarge => "sync/too-large",
            Self::Refused { .. } => "sync/refused",
            Self::TooManyLogs => "sync/too-many-logs",
            Self::TooFast => "sync/too-fast",
            Self::NothingNew => "sync/nothing-new",
            Self::Hole => "sync/hole",
        }
    }

    /// What a person can do.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Version => "update Firn on both devices",
            Self::Organisation => "check that both devices belong to the same organisation",
            Self::Protocol { .. } | Self::TooLarge => "update Firn on both devices, then sync again",
            Self::Refused { .. } => "look at the other device for the reason",
            Self::TooManyLogs => "have an admin enrol the log, or revoke the device",
            Self::TooFast => {
                "sync again tomorrow; if nobody knows why its log grows so, have the device revoked"
            }
            Self::NothingNew => "sync again; if it goes on, have the other device revoked",
            Self::Hole => "have the other device write all it holds: `firn sync --out FILE --whole`",
        }
    }
}

impl LedgerError {
    /// The stable code: `ledger/…`, `store/…`, `vault/…` or `sync/…`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Format { problem, .. } => Fault::from(*problem).code(),
            Self::Entry(bad) => bad.fault.code(),
            Self::Rule(fault) => fault.code(),
            Self::Signer(_) => "ledger/signer",
            Self::Store(error) => error.code(),
            Self::Vault(error) => error.code(),
            Self::Sync(error) => error.code(),
        }
    }

    /// What a person can do.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Format { problem, .. } => Fault::from(*problem).next_step(),
            Self::Entry(bad) => bad.fault.next_step(),
            Self::Rule(fault) => fault.next_step(),
            Self::Signer(_) => "unlock the key store and try again",
            Self::Store(error) => error.next_step(),
            Self::Vault(error) => error.next_step(),
            Self::Sync(error) => error.next_step(),
        }
    }

    pub(crate) fn format(what: &'static str) -> impl Fn(Problem) -> Self {
        move |problem| Self::Format { what, problem }
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        match problem.kind {
            ProblemKind::NotCanonical => Self::NotCanonical,
            ProblemKind::Unexpected => Self::Malformed,
            ProblemKind::Preview => Self::Preview,
            ProblemKind::Newer => Self::NewerVersion,
        }
    }
}

impl From<Fault> for LedgerError {
    fn from(fault: Fault) -> Self {
        Self::Rule(fault)
    }
}

impl From<BadEntry> for LedgerError {
    fn from(bad: BadEntry) -> Self {
        Self::Entry(bad)
    }
}
