//! A change of documents that is tried out beside the store and never made: in a table of memory, by a reader, too.

use crate::error::LedgerError;

use super::check::Cache;
use super::failure::run;
use super::{Access, Store, Transaction, View};

/// Every document in a table that stands before the store's own in each statement, until the end of the transaction.
const COPY: &str = "
    CREATE TEMP TABLE documents (
        collection BLOB NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, digest BLOB NOT NULL,
        PRIMARY KEY (collection, key)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO temp.documents SELECT collection, key, value, digest FROM main.documents;
";

impl Store {
    /// Lets `body` change documents, tells what it returns, and forgets what it did. It may read all else and must
    /// change nothing but documents. The file is not written to.
    ///
    /// # Errors
    /// What `body` returns; `store/corrupt`, `store/busy`, `store/io`.
    pub fn rehearse<T, E: From<LedgerError>>(
        &mut self,
        body: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        // Who opened the file to read it cannot write it either way.
        run(&self.conn, "PRAGMA query_only = OFF")?;
        let rehearsed = self.in_a_copy(body);
        if self.access == Access::ReadOnly {
            run(&self.conn, "PRAGMA query_only = ON")?;
        }
        rehearsed
    }

    fn in_a_copy<T, E: From<LedgerError>>(
        &mut self,
        body: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        run(&self.conn, "BEGIN DEFERRED")?;
        let known = self.cache.take();
        let rehearsed = Cache::current(&self.conn, known).map_err(E::from).and_then(|cache| {
            let mut tried = cache.clone();
            self.cache = Some(cache);
            run(&self.conn, COPY)?;
            body(&mut Transaction::new(View::new(&self.conn, &mut tried)))
        });
        let ended = run(&self.conn, "ROLLBACK");
        let value = rehearsed?;
        ended?;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Document, OpenOptions};

    fn document(key: &[u8], value: &[u8]) -> Document {
        Document { key: key.to_vec(), value: value.to_vec() }
    }

    #[test]
    fn what_is_rehearsed_is_seen_within_and_nowhere_else_by_writer_and_reader() -> Result<(), LedgerError> {
        let folder =
            tempfile::tempdir().map_err(|error| super::super::failure::corrupt(error.to_string()))?;
        let path = folder.path().join("firn.db");
        let mut writer = Store::create(&path, &OpenOptions::default())?;
        writer.write(|transaction| transaction.put_document("list", b"a", b"kept"))?;
        let reading = OpenOptions { access: Access::ReadOnly, ..OpenOptions::default() };
        for mut store in [Store::open(&path, &reading)?, writer] {
            let kept = vec![document(b"a", b"kept")];
            assert_eq!(store.documents("list")?, kept);
            let within = store.rehearse(|transaction| {
                transaction.replace_documents("list", vec![document(b"b", b"tried")])?;
                transaction.documents("list")
            })?;
            assert_eq!(within, [document(b"b", b"tried")]);
            assert_eq!(store.documents("list")?, kept);
            let failed = store.rehearse(|transaction| {
                transaction.replace_documents("list", [])?;
                Err::<(), _>(super::super::failure::corrupt("a rehearsal"))
            });
            assert!(failed.is_err());
            assert_eq!(store.documents("list")?, kept);
            assert!(store.verify(crate::chain::Depth::Every)?.ok());
            let is_reader = store.access == Access::ReadOnly;
            let written = store.write(|transaction| transaction.put_document("list", b"a", b"kept"));
            assert_eq!(written.is_err(), is_reader);
        }
        Ok(())
    }
}
