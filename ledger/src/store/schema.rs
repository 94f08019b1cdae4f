//! The tables, and the steps from one version of them to the next.

use rusqlite::Connection;

use crate::bytes::Hash;
use crate::error::LedgerError;

use super::failure::{corrupt, run};
use super::state::State;

/// "Firn" in ASCII: SQLite's application id of a store.
pub(super) const APPLICATION_ID: u32 = 0x4669_726e;
/// The version that this code writes.
pub(super) const VERSION: u32 = 1;

/// The step to each version; a released one is never changed. `state` keeps its form in all versions, so
/// that an older program can tell a newer store from a damaged one.
const MIGRATIONS: [&str; VERSION as usize] = ["
    CREATE TABLE state (id INTEGER PRIMARY KEY, value BLOB NOT NULL, digest BLOB NOT NULL) STRICT;
    CREATE TABLE logs (
        log BLOB NOT NULL PRIMARY KEY, number INTEGER NOT NULL, organisation BLOB NOT NULL,
        device BLOB NOT NULL, size INTEGER NOT NULL, last BLOB NOT NULL, peaks BLOB NOT NULL,
        digest BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE entries (
        id INTEGER PRIMARY KEY, bytes BLOB NOT NULL, body BLOB NOT NULL, salt BLOB NOT NULL,
        root BLOB NOT NULL, digest BLOB NOT NULL
    ) STRICT;
    CREATE TABLE subjects (
        subject BLOB NOT NULL, log INTEGER NOT NULL, count INTEGER NOT NULL, last BLOB NOT NULL,
        digest BLOB NOT NULL, PRIMARY KEY (subject, log)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE subject_entries (
        subject BLOB NOT NULL, log INTEGER NOT NULL, number INTEGER NOT NULL, sequence INTEGER NOT NULL,
        digest BLOB NOT NULL, PRIMARY KEY (subject, log, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE batches (
        address BLOB NOT NULL PRIMARY KEY, bytes BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE documents (
        collection BLOB NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, digest BLOB NOT NULL,
        PRIMARY KEY (collection, key)
    ) STRICT, WITHOUT ROWID;
"];

/// Takes the tables of version `from` (0: an empty file) to [`VERSION`], in the caller's transaction.
pub(super) fn migrate(conn: &Connection, from: u32) -> Result<(), LedgerError> {
    let done = usize::try_from(from).unwrap_or(usize::MAX);
    for step in MIGRATIONS.iter().skip(done) {
        run(conn, step)?;
    }
    run(conn, &format!("PRAGMA user_version = {VERSION}"))?;
    let mut state = if from == 0 { State::default() } else { State::load(conn)?.0 };
    state.version = VERSION;
    state.schema = fingerprint(conn)?;
    state.save(conn)?;
    Ok(())
}

/// A digest of the schema as the file has it, with the tables' root pages.
pub(super) fn fingerprint(conn: &Connection) -> Result<Hash, LedgerError> {
    let mut statement =
        conn.prepare_cached("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema ORDER BY name")?;
    let mut rows = statement.query([])?;
    let mut text = String::new();
    while let Some(row) = rows.next()? {
        for column in 0..5 {
            match row.get_ref(column)? {
                rusqlite::types::ValueRef::Text(bytes) => text.push_str(&String::from_utf8_lossy(bytes)),
                rusqlite::types::ValueRef::Integer(number) => text.push_str(&number.to_string()),
                _ => return Err(corrupt("the schema")),
            }
            text.push('\0');
        }
    }
    Ok(Hash::of(&[text.as_bytes()]))
}

/// The version in SQLite's header.
pub(super) fn user_version(conn: &Connection) -> Result<u32, LedgerError> {
    let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    u32::try_from(version).map_err(|_| corrupt("the version"))
}
