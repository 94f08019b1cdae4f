//! The store as the sync machine reads it.

use crate::bytes::{Hash, LogId};
use crate::chain::LogState;
use crate::entry::Head;
use crate::error::LedgerError;
use crate::fork::{ForkProof, Histories};
use crate::membership::Statements;
use crate::seen::Seen;
use crate::sync::limits::Used;
use crate::sync::{LogSource, Stored};

use super::Store;

impl LogSource for Store {
    fn frontier(&mut self) -> Result<Vec<Head>, LedgerError> {
        self.heads()
    }

    fn log(&mut self, log: &LogId) -> Result<Option<LogState>, LedgerError> {
        self.read(|view| Ok(view.log(log)))
    }

    fn root_at(&mut self, log: &LogId, size: u64) -> Result<Option<Hash>, LedgerError> {
        self.read(|view| view.root_at(log, size))
    }

    fn entries(&mut self, log: &LogId, from: u64, most: usize) -> Result<Vec<Stored>, LedgerError> {
        self.read(|view| view.stored(log, from, most))
    }

    fn batch(&mut self, address: &Hash) -> Result<Option<Vec<u8>>, LedgerError> {
        Self::batch(self, address)
    }

    fn seen(&mut self, log: &LogId) -> Result<Seen, LedgerError> {
        self.read(|view| view.seen(log))
    }

    fn fork(&mut self, log: &LogId) -> Result<Option<ForkProof>, LedgerError> {
        self.read(|view| view.fork(log))
    }

    fn histories(&mut self, log: &LogId) -> Result<Histories, LedgerError> {
        self.read(|view| view.histories(log))
    }

    fn branch_leaf(&mut self, log: &LogId, sequence: u64) -> Result<Option<Hash>, LedgerError> {
        self.read(|view| view.branch_leaf(log, sequence))
    }

    fn leaves(&mut self, log: &LogId, size: u64) -> Result<Vec<Hash>, LedgerError> {
        self.read(|view| view.leaves(log, size))
    }

    fn used(&mut self, log: &LogId) -> Result<Used, LedgerError> {
        self.read(|view| view.used(log))
    }

    fn statements(&mut self) -> Result<Statements, LedgerError> {
        self.read(|view| view.statements())
    }
}
