//! The vault's file: sealed documents and the wrapped keys of their subjects, kept so that they can be erased.
//!
//! It knows no key and opens nothing: what stands in its rows was sealed before. A subject is erased with its
//! key: the rows go with `secure_delete`, the file is written anew without the copies that moved rows leave
//! behind, and the write-ahead log is emptied; until that is done the erasure stands as owed, and every writer
//! takes it up. What lies outside the file's own bytes (older backups, worn flash cells) is beyond it.

mod file;

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row};

use crate::bytes::{Hash, Id};
use crate::error::{LedgerError, VaultError};
use crate::store::Access;

/// A subject's key, wrapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Whose documents it opens.
    pub subject: Id,
    /// The key as it was wrapped.
    pub bytes: Vec<u8>,
}

/// A document, sealed under its subject's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedDocument {
    /// What stands for it in an entry.
    pub commitment: Hash,
    /// Whose it is.
    pub subject: Id,
    /// The document as it was sealed.
    pub bytes: Vec<u8>,
}

/// A subject and what stands for its documents, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The subject.
    pub subject: Id,
    /// Its documents.
    pub commitments: Vec<Hash>,
}

/// An open vault.
#[derive(Debug)]
pub struct VaultStore {
    conn: Connection,
    access: Access,
}

impl VaultStore {
    /// Opens the vault at `path`; a writer makes it where there is none.
    ///
    /// # Errors
    /// `store/missing` for a reader, `store/newer-version`, `store/io`, `store/full`, `vault/damaged`.
    pub fn open(path: &Path, access: Access, busy_ms: u32) -> Result<Self, LedgerError> {
        let conn = file::open(path, access, busy_ms).map_err(of_vault)?;
        Ok(Self { conn, access })
    }

    /// Keeps a document under its subject's key; a document that is there already stays as it is.
    ///
    /// # Errors
    /// `store/read-only`, `store/full`, `store/io`, `vault/busy`, `vault/damaged`.
    pub fn keep(&mut self, key: &WrappedKey, document: &SealedDocument) -> Result<(), LedgerError> {
        self.write(|conn| {
            let digest = row_digest(&[b"subject", key.subject.as_bytes(), &key.bytes]);
            conn.execute(
                "INSERT OR IGNORE INTO subjects (subject, wrapped, digest) VALUES (?1, ?2, ?3)",
                (key.subject.as_bytes(), &key.bytes, digest.as_bytes()),
            )?;
            conn.execute(
                "INSERT OR IGNORE INTO documents (commitment, subject, sealed, digest) VALUES (?1, ?2, ?3, ?4)",
                (
                    document.commitment.as_bytes(),
                    document.subject.as_bytes(),
                    &document.bytes,
                    document_digest(document).as_bytes(),
                ),
            )?;
            Ok(())
        })
    }

    /// A subject's wrapped key.
    ///
    /// # Errors
    /// `vault/damaged`, `store/io`.
    pub fn key(&mut self, subject: &Id) -> Result<Option<WrappedKey>, LedgerError> {
        let found = self.conn.query_row(
            "SELECT subject, wrapped, digest FROM subjects WHERE subject = ?1",
            [subject.as_bytes()],
            read_key,
        );
        self.whole_if_missing(found.optional().map_err(vault)?)?.transpose()
    }

    /// A document as it was sealed; none where it is not kept here.
    ///
    /// # Errors
    /// `vault/damaged` for this document, or where one is not found in a vault of which a row is damaged.
    pub fn document(&mut self, commitment: &Hash) -> Result<Option<SealedDocument>, LedgerError> {
        let found = self.conn.query_row(
            "SELECT commitment, subject, sealed, digest FROM documents WHERE commitment = ?1",
            [commitment.as_bytes()],
            read_document,
        );
        self.whole_if_missing(found.optional().map_err(vault)?)?.transpose()
    }

    /// Every subject with what stands for its documents, both ascending.
    ///
    /// # Errors
    /// `vault/damaged`, `store/io`.
    pub fn listed(&mut self) -> Result<Vec<Listed>, LedgerError> {
        self.whole()?;
        let mut statement = self
            .conn
            .prepare_cached("SELECT subject, commitment FROM documents ORDER BY 1, 2")
            .map_err(vault)?;
        let mut rows = statement.query([]).map_err(vault)?;
        let mut listed: Vec<Listed> = Vec::new();
        while let Some(row) = rows.next().map_err(vault)? {
            let (subject, commitment) = (Id(bytes(row, 0)?), Hash(bytes(row, 1)?));
            match listed.last_mut().filter(|last| last.subject == subject) {
                Some(last) => last.commitments.push(commitment),
                None => listed.push(Listed { subject, commitments: vec![commitment] }),
            }
        }
        Ok(listed)
    }

    /// Erases a subject: its key and all its documents, and notes that this erasure is done. A repeated one
    /// does nothing.
    ///
    /// # Errors
    /// `vault/busy` where another process reads the vault: nobody gets the documents any more, and the bytes
    /// go when the next writer has it alone. `store/read-only`, `store/full`, `store/io`, `vault/damaged`.
    pub fn erase(&mut self, subject: &Id, erasure: &Hash) -> Result<(), LedgerError> {
        self.strike(subject, erasure)?;
        self.finish()
    }

    /// The first half of it: the rows go, and the rest is owed.
    fn strike(&mut self, subject: &Id, erasure: &Hash) -> Result<(), LedgerError> {
        if self.is_erased(erasure)? {
            return Ok(());
        }
        self.write(|conn| {
            // Another process may have been here since; what was kept after that is not the erasure's.
            let noted = "INSERT OR IGNORE INTO struck (mark, done) VALUES (?1, 0)";
            if conn.execute(noted, [erasure.as_bytes()])? == 1 {
                conn.execute("DELETE FROM documents WHERE subject = ?1", [subject.as_bytes()])?;
                conn.execute("DELETE FROM subjects WHERE subject = ?1", [subject.as_bytes()])?;
            }
            Ok(())
        })
    }

    /// Takes one document out that no entry names, such as after a crash; its subject's key goes with the last.
    ///
    /// # Errors
    /// As [`VaultStore::erase`].
    pub fn forget(&mut self, commitment: &Hash) -> Result<(), LedgerError> {
        self.write(|conn| {
            conn.execute("DELETE FROM documents WHERE commitment = ?1", [commitment.as_bytes()])?;
            let left = "DELETE FROM subjects WHERE subject NOT IN (SELECT subject FROM documents)";
            conn.execute(left, [])?;
            conn.execute(
                "INSERT OR IGNORE INTO struck (mark, done) VALUES (?1, 0)",
                [commitment.as_bytes()],
            )?;
            Ok(())
        })?;
        self.finish()
    }

    /// Whether this erasure was carried out here, as far as anybody can read.
    ///
    /// # Errors
    /// `vault/damaged`, `store/io`.
    pub fn is_erased(&mut self, erasure: &Hash) -> Result<bool, LedgerError> {
        let found =
            self.conn.query_row("SELECT 1 FROM struck WHERE mark = ?1", [erasure.as_bytes()], |_| Ok(()));
        Ok(found.optional().map_err(vault)?.is_some())
    }

    /// Takes up what erasures still owe: the file anew without residue, the write-ahead log empty.
    ///
    /// # Errors
    /// `vault/busy` while another process reads the vault, `store/full`, `store/io`.
    pub fn finish(&mut self) -> Result<(), LedgerError> {
        let owed = self.conn.query_row("SELECT count(*) FROM struck WHERE done = 0", [], |row| row.get(0));
        let owed: i64 = owed.map_err(vault)?;
        if owed == 0 {
            return Ok(());
        }
        // Rows that moved between pages leave copies that `secure_delete` does not reach.
        run(&self.conn, "VACUUM")?;
        self.empty_log()?;
        run(&self.conn, "UPDATE struck SET done = 1 WHERE done = 0")?;
        self.empty_log()
    }

    /// Brings all that was kept into the file itself, so that its bytes are all there is.
    ///
    /// # Errors
    /// `vault/busy` while another process reads.
    pub fn settle(&mut self) -> Result<(), LedgerError> {
        self.empty_log()
    }

    fn empty_log(&self) -> Result<(), LedgerError> {
        let busy: i64 =
            self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(vault)?;
        if busy == 0 { Ok(()) } else { Err(VaultError::Busy.into()) }
    }

    /// Changes rows and the count of them in one transaction.
    fn write(&mut self, change: impl FnOnce(&Connection) -> rusqlite::Result<()>) -> Result<(), LedgerError> {
        if self.access == Access::ReadOnly {
            return Err(crate::error::StoreError::ReadOnly.into());
        }
        let transaction =
            self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(vault)?;
        change(&transaction).map_err(vault)?;
        let counts = counted(&transaction)?;
        let digest = counts_digest(counts);
        transaction
            .execute(
                "UPDATE state SET subjects = ?1, documents = ?2, digest = ?3 WHERE id = 1",
                (counts.0, counts.1, digest.as_bytes()),
            )
            .map_err(vault)?;
        transaction.commit().map_err(vault)
    }

    /// That nothing is found says something only where no row was lost.
    fn whole_if_missing<T>(&self, found: Option<T>) -> Result<Option<T>, LedgerError> {
        if found.is_none() {
            self.whole()?;
        }
        Ok(found)
    }

    /// Checks that every row is as it was written, and that none is missing.
    fn whole(&self) -> Result<(), LedgerError> {
        let state =
            self.conn.query_row("SELECT subjects, documents, digest FROM state WHERE id = 1", [], |row| {
                Ok(((row.get(0)?, row.get(1)?), row.get::<_, Vec<u8>>(2)?))
            });
        let (counts, digest): ((i64, i64), Vec<u8>) = state.map_err(vault)?;
        if counts_digest(counts).as_bytes() != digest || counted(&self.conn)? != counts {
            return Err(damaged("the number of rows"));
        }
        self.every("SELECT subject, wrapped, digest FROM subjects", |row| Ok(read_key(row)?.map(drop)))?;
        self.every("SELECT commitment, subject, sealed, digest FROM documents", |row| {
            Ok(read_document(row)?.map(drop))
        })
    }

    fn every(
        &self,
        sql: &str,
        check: impl Fn(&Row<'_>) -> rusqlite::Result<Result<(), LedgerError>>,
    ) -> Result<(), LedgerError> {
        let mut statement = self.conn.prepare_cached(sql).map_err(vault)?;
        let mut rows = statement.query([]).map_err(vault)?;
        while let Some(row) = rows.next().map_err(vault)? {
            check(row).map_err(vault)??;
        }
        Ok(())
    }
}

fn counted(conn: &Connection) -> Result<(i64, i64), LedgerError> {
    let sql = "SELECT (SELECT count(*) FROM subjects), (SELECT count(*) FROM documents)";
    conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).map_err(vault)
}

fn counts_digest((subjects, documents): (i64, i64)) -> Hash {
    row_digest(&[b"state", &subjects.to_be_bytes(), &documents.to_be_bytes()])
}

fn document_digest(document: &SealedDocument) -> Hash {
    row_digest(&[b"document", document.commitment.as_bytes(), document.subject.as_bytes(), &document.bytes])
}

/// SHA-256 over a row's fields, each with its length before it.
fn row_digest(fields: &[&[u8]]) -> Hash {
    let lengths: Vec<[u8; 8]> = fields.iter().map(|field| (field.len() as u64).to_be_bytes()).collect();
    let mut parts: Vec<&[u8]> = vec![b"firn vault row v1\0"];
    for (length, field) in lengths.iter().zip(fields) {
        parts.push(length);
        parts.push(field);
    }
    Hash::of(&parts)
}

fn read_key(row: &Row<'_>) -> rusqlite::Result<Result<WrappedKey, LedgerError>> {
    let wrapped: Vec<u8> = row.get(1)?;
    let digest: Vec<u8> = row.get(2)?;
    Ok(bytes(row, 0).and_then(|subject| {
        let key = WrappedKey { subject: Id(subject), bytes: wrapped };
        let intact = row_digest(&[b"subject", key.subject.as_bytes(), &key.bytes]).as_bytes() == digest;
        if intact { Ok(key) } else { Err(damaged("a key")) }
    }))
}

fn read_document(row: &Row<'_>) -> rusqlite::Result<Result<SealedDocument, LedgerError>> {
    let (sealed, digest): (Vec<u8>, Vec<u8>) = (row.get(2)?, row.get(3)?);
    Ok(bytes(row, 0).and_then(|commitment| {
        let document =
            SealedDocument { commitment: Hash(commitment), subject: Id(bytes(row, 1)?), bytes: sealed };
        let intact = document_digest(&document).as_bytes() == digest;
        if intact { Ok(document) } else { Err(damaged("a document")) }
    }))
}

fn bytes<const N: usize>(row: &Row<'_>, column: usize) -> Result<[u8; N], LedgerError> {
    let bytes: Vec<u8> = row.get(column).map_err(vault)?;
    bytes.try_into().map_err(|_| damaged("a row"))
}

fn damaged(what: impl Into<String>) -> LedgerError {
    VaultError::Damaged { what: what.into() }.into()
}

fn run(conn: &Connection, sql: &str) -> Result<(), LedgerError> {
    conn.execute_batch(sql).map_err(vault)
}

/// What SQLite's errors mean for a vault.
fn vault(error: rusqlite::Error) -> LedgerError {
    of_vault(error.into())
}

fn of_vault(error: LedgerError) -> LedgerError {
    use crate::error::StoreError;
    match error {
        LedgerError::Store(StoreError::Corrupt { what }) => damaged(what),
        LedgerError::Store(StoreError::Busy) => VaultError::Busy.into(),
        error => error,
    }
}

#[cfg(test)]
mod tests;
