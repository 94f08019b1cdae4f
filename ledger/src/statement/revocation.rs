//! The end of a device's log, and what counts beyond it all the same: the bodies of kinds 3 and 9.

use super::pairs;
use crate::bytes::{Hash, LogId};
use crate::canonical::{Problem, Reader, Writer};
use crate::entry::Head;
use crate::error::LedgerError;

/// How many entries of a log hold: the body of kind 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revocation {
    /// The log.
    pub log: LogId,
    /// How many of its entries hold.
    pub size: u64,
    /// The head of its tree at that size; none for no entries.
    pub root: Option<Hash>,
    /// When its device was lost, milliseconds since 1970-01-01T00:00:00Z.
    pub lost_ms: i64,
    /// Why.
    pub reason: RevocationReason,
}

/// Why a log ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RevocationReason {
    /// Its device is lost.
    Lost,
    /// Its device was stolen.
    Stolen,
    /// Another log takes its place.
    Rotated,
    /// Its device is no longer used here.
    Left,
    /// It has two histories.
    Forked,
}

impl RevocationReason {
    /// Every reason.
    pub const ALL: [Self; 5] = [Self::Lost, Self::Stolen, Self::Rotated, Self::Left, Self::Forked];

    fn number(self) -> u64 {
        match self {
            Self::Lost => 1,
            Self::Stolen => 2,
            Self::Rotated => 3,
            Self::Left => 4,
            Self::Forked => 5,
        }
    }
}

impl Revocation {
    /// Its deterministic CBOR.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.into_bytes()
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.map(if self.root.is_some() { 5 } else { 4 });
        writer.uint(1).bytes(self.log.as_bytes()).uint(2).uint(self.size);
        if let Some(root) = &self.root {
            writer.uint(3).bytes(root.as_bytes());
        }
        writer.uint(4).int(self.lost_ms).uint(5).uint(self.reason.number());
    }

    /// Reads a body of kind 3.
    ///
    /// # Errors
    /// [`LedgerError::Format`].
    pub fn decode(body: &[u8]) -> Result<Self, LedgerError> {
        let mut reader = Reader::new(body);
        let read = |reader: &mut Reader<'_>| {
            let revocation = Self::read(reader)?;
            reader.end().map(|()| revocation)
        };
        read(&mut reader).map_err(LedgerError::format("revocation"))
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let (mut log, mut size, mut root, mut lost_ms, mut reason) = (None, None, None, None, None);
        pairs(reader, |key, reader| {
            match key {
                1 => log = Some(LogId(reader.fixed()?)),
                2 => size = Some(reader.uint()?),
                3 => root = Some(Hash(reader.fixed()?)),
                4 => lost_ms = Some(reader.int()?),
                5 => {
                    let number = reader.uint()?;
                    reason = RevocationReason::ALL.into_iter().find(|reason| reason.number() == number);
                }
                _ => drop(reader.skip()?),
            }
            Ok(())
        })?;
        match (log, size, lost_ms, reason) {
            (Some(log), Some(size), Some(lost_ms), Some(reason)) if root.is_some() == (size > 0) => {
                Ok(Self { log, size, root, lost_ms, reason })
            }
            _ => {
                Err(reader.refuse("a revocation with a field missing, or a root that does not fit its size"))
            }
        }
    }
}

/// A person's word that what lies below a head counts again: the body of kind 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Upheld {
    /// The log at a size.
    pub head: Head,
}

impl Upheld {
    /// Its deterministic CBOR.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.into_bytes()
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.map(3).uint(1).bytes(self.head.log.as_bytes()).uint(2).uint(self.head.size);
        writer.uint(3).bytes(self.head.root.as_bytes());
    }

    /// Reads a body of kind 9.
    ///
    /// # Errors
    /// [`LedgerError::Format`].
    pub fn decode(body: &[u8]) -> Result<Self, LedgerError> {
        let mut reader = Reader::new(body);
        let read = |reader: &mut Reader<'_>| {
            let upheld = Self::read(reader)?;
            reader.end().map(|()| upheld)
        };
        read(&mut reader).map_err(LedgerError::format("what is upheld"))
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let (mut log, mut size, mut root) = (None, None, None);
        pairs(reader, |key, reader| {
            match key {
                1 => log = Some(LogId(reader.fixed()?)),
                2 => size = Some(reader.uint()?),
                3 => root = Some(Hash(reader.fixed()?)),
                _ => drop(reader.skip()?),
            }
            Ok(())
        })?;
        match (log, size, root) {
            (Some(log), Some(size), Some(root)) => Ok(Self { head: Head { log, size, root } }),
            _ => Err(reader.refuse("an upheld head with a field missing")),
        }
    }
}
