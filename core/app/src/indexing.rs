//! Index entries in this device's own log, so that what it tells of a shipment can be shown to be whole
//! (docs/format.md §8).

use crate::append::{Pen, clocks};
use crate::{AppError, own_log, read_model};
use firn_ledger::entry::{EntryDraft, Record, Signers};
use firn_ledger::index::IndexEntry;
use firn_ledger::statement::INDEX;
use firn_ledger::store::{Transaction, View};
use firn_model::api::Phase;
use firn_model::id::Id;
use std::collections::BTreeSet;

/// How old the newest index may be when something is added to the log, in milliseconds: a day.
const OLDEST_MS: u64 = 24 * 60 * 60 * 1000;

impl Pen {
    /// Brings the lists up to date with what this device has just signed, and signs an index where one is due: where
    /// the log tells of a shipment whose record has closed and no index counts that yet, and where the newest is a day
    /// old.
    pub(crate) fn follow(
        &mut self,
        transaction: &mut Transaction<'_>,
        records: &[Record],
    ) -> Result<(), AppError> {
        read_model::follow(transaction, &self.identity.organisation, records)?;
        if records.is_empty() { Ok(()) } else { self.follow_index(transaction) }
    }

    /// Signs an index where one is due.
    pub(crate) fn follow_index(&mut self, transaction: &mut Transaction<'_>) -> Result<(), AppError> {
        match self.index(transaction)? {
            Some(record) => {
                read_model::follow(transaction, &self.identity.organisation, std::slice::from_ref(&record))
            }
            None => Ok(()),
        }
    }

    /// Signs an index where one is due and something is new in it.
    fn index(&mut self, transaction: &mut Transaction<'_>) -> Result<Option<Record>, AppError> {
        let own = self.identity.log;
        let size = transaction.log(&own).map_or(0, |state| state.size());
        let newest = transaction.newest_index(&own, size)?;
        let since = newest.as_ref().map_or(0, |newest| newest.entry.payload().sequence.saturating_add(1));
        if !self.is_old(transaction, newest.as_ref())? && !self.tells_of_closed(transaction, since)? {
            return Ok(None);
        }
        let says = transaction.index(&own, size)?.entry(size);
        let before = newest.and_then(|newest| IndexEntry::decode(&newest.body).ok());
        if before.map_or(says.subjects == 0, |before| before.root == says.root) {
            return Ok(None);
        }
        own_log::may_append(transaction, &own)?;
        let draft = EntryDraft {
            kind: INDEX,
            subject: None,
            clocks: clocks(self.now),
            heads: Vec::new(),
            body: says.encode(),
            salt: self.salt(),
            person: None,
            batches: Vec::new(),
        };
        let signers = Signers { device: self.key.as_ref(), person: None };
        Ok(Some(transaction.append(own, draft, signers)?))
    }

    /// Whether the newest index, or else the log, is a day old; one of a day ahead is a clock's fault, and as old.
    fn is_old(&self, view: &mut View<'_>, newest: Option<&Record>) -> Result<bool, AppError> {
        let founded = match newest {
            Some(_) => None,
            None => view.entry(&self.identity.log, 0)?,
        };
        let last = newest.or(founded.as_ref()).map(|record| record.entry.payload().clocks.wall_ms);
        Ok(last.is_some_and(|last| self.now.utc.0.abs_diff(last) >= OLDEST_MS))
    }

    /// Whether an entry of this device's from `since` on is about a shipment whose record has closed.
    fn tells_of_closed(&self, view: &mut View<'_>, since: u64) -> Result<bool, AppError> {
        let records = view.entries(&self.identity.log, since, usize::MAX)?;
        let about = |record: &Record| record.entry.payload().in_subject.map(|place| Id(place.subject.0));
        let subjects: BTreeSet<Id> = records.iter().filter_map(about).collect();
        for subject in subjects {
            let phase =
                read_model::summary(view, &self.identity.organisation, subject)?.map(|summary| summary.phase);
            if matches!(phase, Some(Phase::Closed | Phase::Cancelled)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
