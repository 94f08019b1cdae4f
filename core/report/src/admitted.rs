//! Who was ever admitted: what they told stays in a file, and does not count once their admission does not.

use crate::bundle::{Bundle, Earlier};
use firn_ledger::bytes::{Hash, LogId, OrganisationId};
use firn_ledger::entry::Record;
use firn_ledger::error::LedgerError;
use firn_ledger::membership::{Membership, Statements};
use firn_ledger::statement::{REVOKE, ROOT, RootSays, RootStatement, UPHELD};
use std::collections::BTreeSet;

/// Whether a statement about membership bears on what counts of a device that belongs: it held for an assessment
/// only where its signer knew of it. That a device was enrolled bears on nothing before its first entry.
pub(crate) fn narrows(record: &Record) -> bool {
    match record.entry.payload().kind {
        REVOKE | UPHELD => true,
        ROOT => !RootStatement::decode(&record.body)
            .is_ok_and(|statement| matches!(statement.says, RootSays::Admits(_))),
        _ => false,
    }
}

/// Who belongs or ever did, by these statements without those that revoke, overrule and uphold.
///
/// # Errors
/// A genesis or enrolment that cannot be read.
pub fn ever_admitted(
    statements: &[Record],
    organisation: &OrganisationId,
) -> Result<Membership, LedgerError> {
    let mut widening = Statements::default();
    let mut wide = statements.iter().filter(|record| !narrows(record));
    wide.try_for_each(|record| widening.add(record))?;
    Ok(widening.fold(organisation))
}

impl Bundle {
    /// Who belongs or ever did: by the statements in the bundle without those that revoke, overrule and uphold.
    ///
    /// # Errors
    /// As [`Bundle::membership`].
    pub(crate) fn ever_admitted(&self) -> Result<Membership, LedgerError> {
        ever_admitted(&self.statements, &self.organisation)
    }

    /// The same without what those told whom nobody ever admitted.
    ///
    /// # Errors
    /// As [`Bundle::membership`].
    pub(crate) fn of_the_admitted(mut self) -> Result<Self, LedgerError> {
        let ever = self.ever_admitted()?;
        let is_known = |log: LogId| ever.member(&log).is_some();
        if self.all_records().chain(&self.loggers).chain(&self.people).all(|one| is_known(one.entry.log())) {
            return Ok(self);
        }
        for records in [&mut self.records, &mut self.loggers, &mut self.people] {
            records.retain(|record| is_known(record.entry.log()));
        }
        for Earlier { records, .. } in &mut self.earlier {
            records.retain(|record| is_known(record.entry.log()));
        }
        self.earlier.retain(|earlier| !earlier.records.is_empty());
        let named: BTreeSet<Hash> =
            self.all_records().flat_map(|record| record.entry.payload().batches.iter().copied()).collect();
        self.batches.retain(|batch| named.contains(&batch.address()));
        Ok(self)
    }
}
