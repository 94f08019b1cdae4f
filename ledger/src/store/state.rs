//! The one row that holds all others to account: how many there are, and the sum of their digests.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::bytes::Hash;
use crate::canonical::{Key, Problem, Reader, Writer};
use crate::error::LedgerError;

use super::failure::corrupt;
use super::rows::{digest, fixed};

/// How many rows a set has, and the sum of their digests modulo 2²⁵⁶, in whatever order they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sum {
    pub count: u64,
    pub total: [u8; 32],
}

impl Sum {
    pub fn add(&mut self, digest: &Hash) {
        self.count = self.count.saturating_add(1);
        let mut carry = 0u16;
        for (byte, other) in self.total.iter_mut().zip(digest.0) {
            let sum = u16::from(*byte) + u16::from(other) + carry;
            *byte = (sum & 0xff) as u8;
            carry = sum >> 8;
        }
    }

    pub fn remove(&mut self, digest: &Hash) {
        self.count = self.count.saturating_sub(1);
        let mut borrow = 0i16;
        for (byte, other) in self.total.iter_mut().zip(digest.0) {
            let difference = i16::from(*byte) - i16::from(other) - borrow;
            *byte = (difference & 0xff) as u8;
            borrow = i16::from(difference < 0);
        }
    }
}

/// What the store knows of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub version: u32,
    /// Counts the transactions, so that no two states are alike.
    pub revision: u64,
    pub schema: Hash,
    pub logs: Sum,
    pub subjects: Sum,
    pub batches: Sum,
    pub collections: BTreeMap<String, Sum>,
}

impl Default for State {
    fn default() -> Self {
        let (sum, collections) = (Sum::default(), BTreeMap::new());
        let schema = Hash([0; 32]);
        Self { version: 0, revision: 0, schema, logs: sum, subjects: sum, batches: sum, collections }
    }
}

impl State {
    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.map(7).uint(1).uint(u64::from(self.version)).uint(2).uint(self.revision);
        writer.uint(3).bytes(self.schema.as_bytes());
        for (key, sum) in [(4, &self.logs), (5, &self.subjects), (6, &self.batches)] {
            writer.uint(key).array(2).uint(sum.count).bytes(&sum.total);
        }
        writer.uint(7).array(self.collections.len());
        for (name, sum) in &self.collections {
            writer.array(3).text(name).uint(sum.count).bytes(&sum.total);
        }
        writer.into_bytes()
    }

    fn decode(value: &[u8]) -> Result<Self, Problem> {
        let mut reader = Reader::new(value);
        let mut map = reader.map()?;
        let mut state = Self::default();
        while let Some(key) = reader.key(&mut map)? {
            match key {
                Key::Uint(1) => state.version = u32::try_from(reader.uint()?).unwrap_or(u32::MAX),
                Key::Uint(2) => state.revision = reader.uint()?,
                Key::Uint(3) => state.schema = Hash(reader.fixed()?),
                Key::Uint(4) => state.logs = sum(&mut reader)?,
                Key::Uint(5) => state.subjects = sum(&mut reader)?,
                Key::Uint(6) => state.batches = sum(&mut reader)?,
                Key::Uint(7) => state.collections = collections(&mut reader)?,
                _ => drop(reader.skip()?),
            }
        }
        Ok(state)
    }

    /// The checked bytes of the state, with their digest.
    fn bytes(conn: &Connection) -> Result<(Vec<u8>, Hash), LedgerError> {
        let mut statement = conn.prepare_cached("SELECT value, digest FROM state WHERE id = 1")?;
        let (value, stored) =
            statement.query_row([], |row| Ok((row.get::<_, Vec<u8>>(0)?, fixed(row, 1)?)))?;
        if digest("state", &[&value]) != stored {
            return Err(corrupt("the state"));
        }
        Ok((value, stored))
    }

    /// Reads the state, and its digest, which changes with every transaction.
    pub fn load(conn: &Connection) -> Result<(Self, Hash), LedgerError> {
        let (value, digest) = Self::bytes(conn)?;
        let state = Self::decode(&value).map_err(|_| corrupt("the state"))?;
        Ok((state, digest))
    }

    /// The digest alone, when it is all that is asked.
    pub fn digest(conn: &Connection) -> Result<Hash, LedgerError> {
        Self::bytes(conn).map(|(_, digest)| digest)
    }

    /// The version alone, which also a state of a later version has under key 1.
    pub fn version(conn: &Connection) -> Result<u32, LedgerError> {
        let (value, _) = Self::bytes(conn)?;
        let mut reader = Reader::new(&value);
        let version = reader.map().and_then(|mut map| match reader.key(&mut map)? {
            Some(Key::Uint(1)) => reader.uint(),
            _ => Err(reader.refuse("no version")),
        });
        version.ok().and_then(|version| u32::try_from(version).ok()).ok_or_else(|| corrupt("the state"))
    }

    /// Writes the state and gives its digest.
    pub fn save(&self, conn: &Connection) -> Result<Hash, LedgerError> {
        let value = self.encode();
        let digest = digest("state", &[&value]);
        let sql = "INSERT INTO state (id, value, digest) VALUES (1, ?1, ?2)
                   ON CONFLICT (id) DO UPDATE SET value = ?1, digest = ?2";
        conn.prepare_cached(sql)?.execute((&value, digest.as_bytes()))?;
        Ok(digest)
    }
}

fn sum(reader: &mut Reader<'_>) -> Result<Sum, Problem> {
    reader.array_of(2)?;
    Ok(Sum { count: reader.uint()?, total: reader.fixed()? })
}

fn collections(reader: &mut Reader<'_>) -> Result<BTreeMap<String, Sum>, Problem> {
    let count = reader.array()?;
    let mut collections = BTreeMap::new();
    for _ in 0..count {
        reader.array_of(3)?;
        let name = reader.text()?.to_owned();
        collections.insert(name, Sum { count: reader.uint()?, total: reader.fixed()? });
    }
    Ok(collections)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_forgets_what_is_removed_and_the_order_of_what_is_added() {
        let digests: Vec<Hash> = (0u8..9).map(|n| Hash::of(&[&[n]])).collect();
        let mut forward = Sum::default();
        digests.iter().for_each(|digest| forward.add(digest));
        let mut backward = Sum::default();
        digests.iter().rev().for_each(|digest| backward.add(digest));
        assert_eq!(forward, backward);
        digests.iter().for_each(|digest| forward.remove(digest));
        assert_eq!(forward, Sum::default());
    }

    #[test]
    fn a_state_reads_back_as_it_was_written() {
        let mut state = State { version: 1, revision: 9, ..State::default() };
        state.logs.add(&Hash::of(&[b"a"]));
        state.collections.insert("shipments".to_owned(), state.logs);
        assert_eq!(State::decode(&state.encode()), Ok(state));
    }
}
