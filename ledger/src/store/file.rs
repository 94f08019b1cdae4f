//! Makes and opens the file: what it must look like before SQLite is let near it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::error::{LedgerError, StoreError};

use super::failure::{corrupt, run};
use super::schema::{APPLICATION_ID, VERSION, fingerprint, migrate, user_version};
use super::state::State;
use super::{Access, OpenOptions};

/// SQLite's magic string (file format §1.3.1).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Bytes of the file's header.
pub(super) const HEADER: usize = 100;

/// Header bytes that never change in a store: offset and content (SQLite file format §1.3).
const CONSTANT: [(usize, &[u8]); 6] = [
    (18, &[2, 2, 0, 64, 32, 32]), // WAL both ways, no reserved space, payload fractions
    (44, &[0, 0, 0, 4]),          // schema format
    (52, &[0, 0, 0, 0]),          // no auto-vacuum
    (56, &[0, 0, 0, 1]),          // UTF-8
    (64, &[0, 0, 0, 0]),          // no incremental vacuum
    (72, &[0; 20]),               // reserved
];

pub(super) fn io(error: &std::io::Error) -> LedgerError {
    LedgerError::Store(StoreError::Io { what: error.to_string() })
}

pub(super) fn create(path: &Path, options: &OpenOptions) -> Result<Connection, LedgerError> {
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file() || found.len() > 0) {
        return Err(StoreError::Exists.into());
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    run(&conn, &format!("PRAGMA page_size = {}", options.page_size))?;
    run(&conn, "PRAGMA auto_vacuum = NONE")?;
    configure(&conn, options)?;
    run(&conn, "BEGIN EXCLUSIVE")?;
    run(&conn, &format!("PRAGMA application_id = {APPLICATION_ID}"))?;
    migrate(&conn, 0)?;
    run(&conn, "COMMIT")?;
    let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(StoreError::Io { what: "no write-ahead log on this medium".to_owned() }.into());
    }
    Ok(conn)
}

pub(super) fn open(path: &Path, options: &OpenOptions) -> Result<Connection, LedgerError> {
    let header = header(path)?;
    let foreign = recognise(&header)?;
    let access = match options.access {
        Access::ReadWrite if !foreign => OpenFlags::SQLITE_OPEN_READ_WRITE,
        _ => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let conn = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    if foreign {
        return Err(other_database(&conn));
    }
    configure(&conn, options)?;
    let version = version(&conn)?;
    if version < VERSION && options.access == Access::ReadWrite {
        run(&conn, "BEGIN IMMEDIATE")?;
        migrate(&conn, version)?;
        run(&conn, "COMMIT")?;
    }
    if State::load(&conn)?.0.schema != fingerprint(&conn)? {
        return Err(corrupt("the schema"));
    }
    if options.access == Access::ReadWrite {
        before_writing(path, &conn)?;
    }
    Ok(conn)
}

fn header(path: &Path) -> Result<Vec<u8>, LedgerError> {
    let found = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => StoreError::Missing.into(),
        _ => io(&error),
    })?;
    if !found.is_file() {
        return Err(StoreError::NotAStore.into());
    }
    let mut header = Vec::new();
    let file = File::open(path).map_err(|error| io(&error))?;
    file.take(HEADER as u64).read_to_end(&mut header).map_err(|error| io(&error))?;
    Ok(header)
}

/// Tells a store (false), another SQLite file or a store without its name (true), a damaged store and
/// something else from each other.
pub(super) fn recognise(header: &[u8]) -> Result<bool, LedgerError> {
    let holds = |offset: usize, bytes: &[u8]| header.get(offset..offset + bytes.len()) == Some(bytes);
    match (holds(0, MAGIC), holds(68, &APPLICATION_ID.to_be_bytes())) {
        (true, true) => {
            let intact = CONSTANT.iter().all(|(offset, bytes)| holds(*offset, bytes));
            if intact { Ok(false) } else { Err(corrupt("the file's header")) }
        }
        (true, false) => Ok(true),
        (false, true) => Err(corrupt("the file's first bytes")),
        (false, false) => Err(StoreError::NotAStore.into()),
    }
}

/// A database without the store's application id: a store whose id was damaged still has its state.
fn other_database(conn: &Connection) -> LedgerError {
    if State::load(conn).is_ok() { corrupt("the application id") } else { StoreError::NotAStore.into() }
}

fn configure(conn: &Connection, options: &OpenOptions) -> Result<(), LedgerError> {
    conn.busy_timeout(std::time::Duration::from_millis(u64::from(options.busy_ms)))?;
    conn.set_prepared_statement_cache_capacity(64);
    run(conn, "PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF")?;
    run(conn, "PRAGMA temp_store = MEMORY")?;
    if options.access == Access::ReadOnly {
        run(conn, "PRAGMA query_only = ON")?;
    }
    if let Some(pages) = options.max_pages {
        conn.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
    }
    Ok(())
}

/// The store's version, which the header and the checked state must agree on.
fn version(conn: &Connection) -> Result<u32, LedgerError> {
    let version = State::version(conn)?;
    if version != user_version(conn)? || version == 0 {
        return Err(corrupt("the version"));
    }
    if version > VERSION {
        return Err(StoreError::NewerVersion { found: version, supported: VERSION }.into());
    }
    Ok(version)
}

/// Makes sure that SQLite will not take a page that is in use for a free one: the page count and the list
/// of free pages are the header's word alone.
fn before_writing(path: &Path, conn: &Connection) -> Result<(), LedgerError> {
    let pragma = |name: &str| -> Result<u64, LedgerError> {
        let value: i64 = conn.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))?;
        u64::try_from(value).map_err(|_| corrupt("the file's header"))
    };
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    let bytes = std::fs::metadata(path).map_err(|error| io(&error))?.len();
    let no_wal = std::fs::metadata(&wal).map_or(0, |found| found.len()) == 0;
    if no_wal && pragma("page_count")?.checked_mul(pragma("page_size")?) != Some(bytes) {
        return Err(corrupt("the number of pages"));
    }
    if pragma("freelist_count")? > 0 {
        super::verify::integrity(conn)?;
    }
    Ok(())
}
