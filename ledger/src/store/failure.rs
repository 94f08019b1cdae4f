//! What SQLite's errors mean here. Whatever is not a matter of the outside world is damage.

use rusqlite::{Connection, ErrorCode, ffi};

use crate::error::{LedgerError, StoreError};

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(meaning(&error))
    }
}

fn meaning(error: &rusqlite::Error) -> StoreError {
    let what = error.to_string();
    let Some(failure) = error.sqlite_error() else { return StoreError::Corrupt { what } };
    match (failure.code, failure.extended_code) {
        (ErrorCode::DiskFull, _) => StoreError::Full,
        // A write that the system cuts short (EFBIG, EDQUOT) is no ENOSPC to SQLite, but the same to people.
        (
            ErrorCode::SystemIoFailure,
            ffi::SQLITE_IOERR_WRITE
            | ffi::SQLITE_IOERR_FSYNC
            | ffi::SQLITE_IOERR_TRUNCATE
            | ffi::SQLITE_IOERR_SHMSIZE,
        ) => StoreError::Full,
        (ErrorCode::SystemIoFailure, ffi::SQLITE_IOERR_SHORT_READ | ffi::SQLITE_IOERR_CORRUPTFS) => {
            StoreError::Corrupt { what }
        }
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => StoreError::Busy,
        (ErrorCode::ReadOnly, _) => StoreError::ReadOnly,
        (
            ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted,
            _,
        ) => StoreError::Io { what },
        _ => StoreError::Corrupt { what },
    }
}

/// Damage that the store noticed itself.
pub(super) fn corrupt(what: impl Into<String>) -> LedgerError {
    LedgerError::Store(StoreError::Corrupt { what: what.into() })
}

/// Runs statements that give no rows.
pub(super) fn run(conn: &Connection, sql: &str) -> Result<(), LedgerError> {
    Ok(conn.execute_batch(sql)?)
}
