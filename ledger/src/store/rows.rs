//! Rows and their digests.

use rusqlite::types::{FromSqlError, Type, ValueRef};
use rusqlite::{Connection, Row};
use sha2::{Digest, Sha256};

use crate::bytes::{Hash, LogId, OrganisationId, PublicKey, Salt};
use crate::chain::LogState;
use crate::error::LedgerError;
use crate::tree::Tree;

use super::failure::corrupt;

/// Bits of a sequence number in an entry's SQLite key; above them stands the log's number.
const SEQUENCE_BITS: u32 = 40;

/// SHA-256 over a row's table and fields, each with its length before it.
pub(super) fn digest(table: &str, fields: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new().chain_update(b"firn row v1\0").chain_update(table).chain_update(b"\0");
    for field in fields {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field);
    }
    Hash(hasher.finalize().into())
}

/// A blob of a known length.
pub(super) fn fixed<T: for<'a> TryFrom<&'a [u8]>>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let bytes = blob(row, column)?;
    T::try_from(bytes).map_err(|_| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, Box::new(FromSqlError::InvalidType))
    })
}

/// A blob.
pub(super) fn blob<'r>(row: &'r Row<'_>, column: usize) -> rusqlite::Result<&'r [u8]> {
    match row.get_ref(column)? {
        ValueRef::Blob(bytes) => Ok(bytes),
        other => Err(rusqlite::Error::InvalidColumnType(column, "blob".to_owned(), other.data_type())),
    }
}

/// A number that is not negative.
pub(super) fn uint(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// A number as SQLite keeps it; all of ours are far below 2⁶³.
pub(super) fn int(number: u64) -> Result<i64, LedgerError> {
    i64::try_from(number).map_err(|_| corrupt("a number beyond 63 bits"))
}

/// An entry's SQLite key.
pub(super) fn entry_id(log: u64, sequence: u64) -> Result<i64, LedgerError> {
    if sequence >> SEQUENCE_BITS != 0 || log >> (63 - SEQUENCE_BITS) != 0 {
        return Err(crate::error::Fault::TooLarge.into());
    }
    int((log << SEQUENCE_BITS) | sequence)
}

/// A log, as the table keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogRow {
    pub number: u64,
    pub state: LogState,
}

impl LogRow {
    /// Reads a row and its digest, and compares them.
    pub fn read(row: &Row<'_>) -> Result<(Self, Hash), LedgerError> {
        let (number, size) = (uint(row, 0)?, uint(row, 4)?);
        let peaks = blob(row, 6)?.as_chunks::<32>();
        if !peaks.1.is_empty() {
            return Err(corrupt("a log's tree"));
        }
        let tree = Tree::from_parts(size, peaks.0.iter().map(|peak| Hash(*peak)).collect())
            .ok_or_else(|| corrupt("a log's tree"))?;
        let state = LogState {
            log: fixed::<LogId>(row, 1)?,
            organisation: fixed::<OrganisationId>(row, 2)?,
            device: fixed::<PublicKey>(row, 3)?,
            last: fixed(row, 5)?,
            tree,
        };
        let (log, stored) = (Self { number, state }, fixed::<Hash>(row, 7)?);
        if log.digest() == stored {
            Ok((log, stored))
        } else {
            Err(corrupt(format!("the row of log {}", log.state.log)))
        }
    }

    fn peaks(&self) -> Vec<u8> {
        self.state.tree.peaks().iter().flat_map(|peak| peak.0).collect()
    }

    pub fn digest(&self) -> Hash {
        let LogState { log, organisation, device, last, tree } = &self.state;
        let (number, size) = (self.number.to_be_bytes(), tree.size().to_be_bytes());
        let fields: [&[u8]; 7] = [
            &number,
            log.as_bytes(),
            organisation.as_bytes(),
            device.as_bytes(),
            &size,
            last.as_bytes(),
            &self.peaks(),
        ];
        digest("logs", &fields)
    }

    pub fn save(&self, conn: &Connection) -> Result<Hash, LedgerError> {
        let LogState { log, organisation, device, last, tree } = &self.state;
        let sql = "INSERT INTO logs (number, log, organisation, device, size, last, peaks, digest)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                   ON CONFLICT (log) DO UPDATE SET size = ?5, last = ?6, peaks = ?7, digest = ?8";
        let digest = self.digest();
        conn.prepare_cached(sql)?.execute((
            int(self.number)?,
            log.as_bytes(),
            organisation.as_bytes(),
            device.as_bytes(),
            int(tree.size())?,
            last.as_bytes(),
            self.peaks(),
            digest.as_bytes(),
        ))?;
        Ok(digest)
    }
}

/// An entry's row: raw, so that a changed one can be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EntryRow {
    pub bytes: Vec<u8>,
    pub body: Vec<u8>,
    /// If it has its length.
    pub salt: Option<Salt>,
    pub root: Hash,
    /// Whether the row's digest is right.
    pub intact: bool,
}

impl EntryRow {
    /// Columns as in `SELECT id, bytes, body, salt, root, digest`.
    pub fn read(row: &Row<'_>) -> rusqlite::Result<(i64, Self)> {
        let id: i64 = row.get(0)?;
        let (bytes, body, salt) = (blob(row, 1)?, blob(row, 2)?, blob(row, 3)?);
        let root: Hash = fixed(row, 4)?;
        let intact = Self::digest(id, bytes, body, salt, &root) == fixed::<Hash>(row, 5)?;
        Ok((
            id,
            Self {
                bytes: bytes.to_vec(),
                body: body.to_vec(),
                salt: Salt::try_from(salt).ok(),
                root,
                intact,
            },
        ))
    }

    pub fn digest(id: i64, bytes: &[u8], body: &[u8], salt: &[u8], root: &Hash) -> Hash {
        digest("entries", &[&id.to_be_bytes(), bytes, body, salt, root.as_bytes()])
    }
}

/// The last entry of a subject within a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SubjectHead {
    pub count: u64,
    pub last: Hash,
}

impl SubjectHead {
    pub fn digest(&self, subject: &[u8], log: u64) -> Hash {
        let fields: [&[u8]; 4] =
            [subject, &log.to_be_bytes(), &self.count.to_be_bytes(), self.last.as_bytes()];
        digest("subjects", &fields)
    }
}

/// The digest of one entry's place within its subject.
pub(super) fn subject_entry_digest(subject: &[u8], log: u64, number: u64, sequence: u64) -> Hash {
    let fields: [&[u8]; 4] = [subject, &log.to_be_bytes(), &number.to_be_bytes(), &sequence.to_be_bytes()];
    digest("subject_entries", &fields)
}

/// The digest of a document's row.
pub(super) fn document_digest(collection: &[u8], key: &[u8], value: &[u8]) -> Hash {
    digest("documents", &[collection, key, value])
}

/// The digest of a batch's presence; its bytes answer for themselves by the address.
pub(super) fn batch_digest(address: &Hash) -> Hash {
    digest("batches", &[address.as_bytes()])
}
