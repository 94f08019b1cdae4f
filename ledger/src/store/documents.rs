//! The app's read models: ordered documents, written in the transaction of the entries they come from.

use std::ops::RangeInclusive;

use rusqlite::OptionalExtension;

use crate::error::LedgerError;

use super::failure::corrupt;
use super::rows::{blob, document_digest, fixed};
use super::state::Sum;
use super::{Document, Transaction, View};

impl View<'_> {
    /// One document; `None` when there is none under that key.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn document(&mut self, collection: &str, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        if !self.cache.state.collections.contains_key(collection) {
            return Ok(None);
        }
        self.cache.documents(self.conn)?;
        let sql = "SELECT value, digest FROM documents WHERE collection = ?1 AND key = ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        let found = statement
            .query_row((collection.as_bytes(), key), |row| Ok((blob(row, 0)?.to_vec(), fixed(row, 1)?)))
            .optional()?;
        match found {
            Some((value, digest)) if document_digest(collection.as_bytes(), key, &value) != digest => {
                Err(corrupt(document_named(collection.as_bytes(), key)))
            }
            found => Ok(found.map(|(value, _)| value)),
        }
    }

    /// A collection's documents, in the order of their keys' bytes.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn documents(&mut self, collection: &str) -> Result<Vec<Document>, LedgerError> {
        let expected = self.cache.state.collections.get(collection).copied().unwrap_or_default();
        let sql = "SELECT key, value, digest FROM documents WHERE collection = ?1 ORDER BY key";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([collection.as_bytes()])?;
        let (mut sum, mut documents) = (Sum::default(), Vec::<Document>::new());
        while let Some(row) = rows.next()? {
            let document = Document { key: blob(row, 0)?.to_vec(), value: blob(row, 1)?.to_vec() };
            let digest = document_digest(collection.as_bytes(), &document.key, &document.value);
            let ascends = documents.last().is_none_or(|last| last.key < document.key);
            if !ascends || digest != fixed(row, 2)? {
                return Err(corrupt(document_named(collection.as_bytes(), &document.key)));
            }
            sum.add(&digest);
            documents.push(document);
        }
        if sum == expected { Ok(documents) } else { Err(corrupt("a collection of documents")) }
    }

    /// The documents of a collection between two keys, in the order of their keys' bytes, as many as come to `most`
    /// bytes and at least one.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub(super) fn documents_between(
        &mut self,
        collection: &str,
        keys: RangeInclusive<Vec<u8>>,
        most: usize,
    ) -> Result<Vec<Document>, LedgerError> {
        self.cache.documents(self.conn)?;
        let sql = "SELECT key, value, digest FROM documents
                   WHERE collection = ?1 AND key >= ?2 AND key <= ?3 ORDER BY key";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query((collection.as_bytes(), keys.start(), keys.end()))?;
        let (mut documents, mut bytes) = (Vec::new(), 0usize);
        while let Some(row) = rows.next()? {
            let document = Document { key: blob(row, 0)?.to_vec(), value: blob(row, 1)?.to_vec() };
            if document_digest(collection.as_bytes(), &document.key, &document.value) != fixed(row, 2)? {
                return Err(corrupt(document_named(collection.as_bytes(), &document.key)));
            }
            bytes = bytes.saturating_add(document.value.len());
            if bytes > most && !documents.is_empty() {
                break;
            }
            documents.push(document);
        }
        Ok(documents)
    }

    /// The first documents of a collection between two keys, `most` at most, in the order of their keys' bytes.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn first_documents(
        &mut self,
        collection: &str,
        keys: RangeInclusive<Vec<u8>>,
        most: u32,
    ) -> Result<Vec<Document>, LedgerError> {
        let sql = "SELECT key, value, digest FROM documents
                   WHERE collection = ?1 AND key >= ?2 AND key <= ?3 ORDER BY key LIMIT ?4";
        self.limited(sql, collection, &keys, most)
    }

    /// The last ones, in the order of their keys' bytes as well.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn last_documents(
        &mut self,
        collection: &str,
        keys: RangeInclusive<Vec<u8>>,
        most: u32,
    ) -> Result<Vec<Document>, LedgerError> {
        let sql = "SELECT key, value, digest FROM documents
                   WHERE collection = ?1 AND key >= ?2 AND key <= ?3 ORDER BY key DESC LIMIT ?4";
        let mut documents = self.limited(sql, collection, &keys, most)?;
        documents.reverse();
        Ok(documents)
    }

    fn limited(
        &mut self,
        sql: &str,
        collection: &str,
        keys: &RangeInclusive<Vec<u8>>,
        most: u32,
    ) -> Result<Vec<Document>, LedgerError> {
        if !self.cache.state.collections.contains_key(collection) {
            return Ok(Vec::new());
        }
        self.cache.documents(self.conn)?;
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query((collection.as_bytes(), keys.start(), keys.end(), most))?;
        let mut documents = Vec::new();
        while let Some(row) = rows.next()? {
            let document = Document { key: blob(row, 0)?.to_vec(), value: blob(row, 1)?.to_vec() };
            if document_digest(collection.as_bytes(), &document.key, &document.value) != fixed(row, 2)? {
                return Err(corrupt(document_named(collection.as_bytes(), &document.key)));
            }
            documents.push(document);
        }
        Ok(documents)
    }

    /// The first key of a collection from `from` on.
    pub(super) fn key_from(&mut self, collection: &str, from: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        let sql = "SELECT key FROM documents WHERE collection = ?1 AND key >= ?2 ORDER BY key LIMIT 1";
        self.key(collection, from, sql)
    }

    /// The last key of a collection up to `to`.
    pub(super) fn key_to(&mut self, collection: &str, to: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        let sql = "SELECT key FROM documents WHERE collection = ?1 AND key <= ?2 ORDER BY key DESC LIMIT 1";
        self.key(collection, to, sql)
    }

    fn key(&mut self, collection: &str, bound: &[u8], sql: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        if !self.cache.state.collections.contains_key(collection) {
            return Ok(None);
        }
        self.cache.documents(self.conn)?;
        let mut statement = self.conn.prepare_cached(sql)?;
        let found = statement.query_row((collection.as_bytes(), bound), |row| Ok(blob(row, 0)?.to_vec()));
        Ok(found.optional()?)
    }

    /// The names of the collections that hold documents, ascending.
    pub fn collections(&self) -> Vec<String> {
        self.cache.state.collections.keys().cloned().collect()
    }
}

/// A document by its collection and key: text where both are plain, else hexadecimal.
pub(super) fn document_named(collection: &[u8], key: &[u8]) -> String {
    let shown = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) if text.bytes().all(|byte| byte.is_ascii_graphic()) => text.to_owned(),
        _ => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    format!("the document {} of the collection {}", shown(key), shown(collection))
}

impl Transaction<'_> {
    /// Writes a document, in place of the one under the same key.
    ///
    /// # Errors
    /// `store/full`, `store/corrupt`, `store/io`.
    pub fn put_document(&mut self, collection: &str, key: &[u8], value: &[u8]) -> Result<(), LedgerError> {
        self.forget_document(collection, key)?;
        let sql = "INSERT INTO documents (collection, key, value, digest) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (collection, key) DO UPDATE SET value = ?3, digest = ?4";
        let digest = document_digest(collection.as_bytes(), key, value);
        self.conn.prepare_cached(sql)?.execute((collection.as_bytes(), key, value, digest.as_bytes()))?;
        self.cache.state.collections.entry(collection.to_owned()).or_default().add(&digest);
        self.changed = true;
        Ok(())
    }

    /// Removes a document, if it is there.
    ///
    /// # Errors
    /// `store/full`, `store/corrupt`, `store/io`.
    pub fn remove_document(&mut self, collection: &str, key: &[u8]) -> Result<(), LedgerError> {
        if !self.forget_document(collection, key)? {
            return Ok(());
        }
        let sql = "DELETE FROM documents WHERE collection = ?1 AND key = ?2";
        self.conn.prepare_cached(sql)?.execute((collection.as_bytes(), key))?;
        if self.cache.state.collections.get(collection).is_some_and(|sum| sum.count == 0) {
            self.cache.state.collections.remove(collection);
        }
        Ok(())
    }

    /// Writes a whole collection anew: a read model rebuilt from the entries. Damage in the old one is gone
    /// with it.
    ///
    /// # Errors
    /// `store/full`, `store/corrupt`, `store/io`.
    pub fn replace_documents(
        &mut self,
        collection: &str,
        documents: impl IntoIterator<Item = Document>,
    ) -> Result<(), LedgerError> {
        let sql = "DELETE FROM documents WHERE collection = ?1";
        self.conn.prepare_cached(sql)?.execute([collection.as_bytes()])?;
        self.cache.state.collections.remove(collection);
        self.changed = true;
        for document in documents {
            self.put_document(collection, &document.key, &document.value)?;
        }
        Ok(())
    }

    /// Takes a document out of its collection's sum; true if there is one.
    fn forget_document(&mut self, collection: &str, key: &[u8]) -> Result<bool, LedgerError> {
        let Some(old) = self.document(collection, key)? else { return Ok(false) };
        let digest = document_digest(collection.as_bytes(), key, &old);
        if let Some(sum) = self.cache.state.collections.get_mut(collection) {
            sum.remove(&digest);
        }
        self.changed = true;
        Ok(true)
    }
}
