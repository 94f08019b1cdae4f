//! Makes and opens the vault's file.

use std::io::Read;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::error::{LedgerError, StoreError};
use crate::store::Access;

use super::{counts_digest, damaged, run, vault};

/// "FirV" in ASCII: SQLite's application id of a vault.
const APPLICATION_ID: u32 = 0x4669_7256;
/// The version that this code writes.
const VERSION: u32 = 1;
/// SQLite's magic string (file format §1.3.1).
const MAGIC: &[u8] = b"SQLite format 3\0";

const TABLES: &str = "
    CREATE TABLE state (
        id INTEGER PRIMARY KEY, subjects INTEGER NOT NULL, documents INTEGER NOT NULL, digest BLOB NOT NULL
    ) STRICT;
    CREATE TABLE subjects (
        subject BLOB NOT NULL PRIMARY KEY, wrapped BLOB NOT NULL, digest BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE documents (
        commitment BLOB NOT NULL PRIMARY KEY, subject BLOB NOT NULL, sealed BLOB NOT NULL, digest BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE struck (mark BLOB NOT NULL PRIMARY KEY, done INTEGER NOT NULL) STRICT, WITHOUT ROWID;
";

pub(super) fn open(path: &Path, access: Access, busy_ms: u32) -> Result<Connection, LedgerError> {
    match (is_there(path)?, access) {
        (false, Access::ReadOnly) => Err(StoreError::Missing.into()),
        (false, Access::ReadWrite) => create(path, busy_ms),
        (true, access) => {
            let flags = match access {
                Access::ReadOnly => OpenFlags::SQLITE_OPEN_READ_ONLY,
                Access::ReadWrite => OpenFlags::SQLITE_OPEN_READ_WRITE,
            };
            let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
            configure(&conn, busy_ms)?;
            check(&conn)?;
            if access == Access::ReadWrite {
                // A power cut may have come before it was set.
                write_ahead(&conn)?;
            }
            Ok(conn)
        }
    }
}

/// Whether a vault is at `path`; an empty file was left by a power cut.
fn is_there(path: &Path) -> Result<bool, LedgerError> {
    let mut header = Vec::new();
    match std::fs::File::open(path).and_then(|file| file.take(100).read_to_end(&mut header)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StoreError::Io { what: error.to_string() }.into()),
        Ok(0) => Ok(false),
        Ok(_) if header.starts_with(MAGIC) => Ok(true),
        Ok(_) => Err(damaged("the file's first bytes")),
    }
}

fn create(path: &Path, busy_ms: u32) -> Result<Connection, LedgerError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&conn, busy_ms)?;
    let transaction = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive)?;
    run(&transaction, &format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}"))?;
    run(&transaction, TABLES)?;
    let digest = counts_digest((0, 0));
    transaction.execute("INSERT INTO state VALUES (1, 0, 0, ?1)", [digest.as_bytes()])?;
    transaction.commit()?;
    write_ahead(&conn)?;
    Ok(conn)
}

fn write_ahead(conn: &Connection) -> Result<(), LedgerError> {
    let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    match mode.as_str() {
        "wal" => Ok(()),
        _ => Err(StoreError::Io { what: "no write-ahead log on this medium".to_owned() }.into()),
    }
}

fn configure(conn: &Connection, busy_ms: u32) -> Result<(), LedgerError> {
    conn.busy_timeout(std::time::Duration::from_millis(u64::from(busy_ms)))?;
    // VACUUM works on a copy: in memory, so that nothing of it is left in a file elsewhere.
    run(conn, "PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF")?;
    run(conn, "PRAGMA temp_store = MEMORY")?;
    conn.query_row("PRAGMA secure_delete = ON", [], |_| Ok(()))?;
    Ok(())
}

fn check(conn: &Connection) -> Result<(), LedgerError> {
    let pragma = |name: &str| -> Result<i64, LedgerError> {
        conn.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).map_err(vault)
    };
    let version = u32::try_from(pragma("user_version")?).unwrap_or_default();
    match (pragma("application_id")? == i64::from(APPLICATION_ID), version) {
        (true, VERSION) => Ok(()),
        (true, found) if found > VERSION => {
            Err(StoreError::NewerVersion { found, supported: VERSION }.into())
        }
        _ => Err(damaged("the file's header")),
    }
}
