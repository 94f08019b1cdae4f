//! A printed name that may not be erased yet: until when, and on which ground.

use crate::{App, AppError, Host};
use firn_ledger::bytes::Id as LedgerId;
use firn_ledger::store::View;
use firn_model::id::Id;
use firn_model::retention::{KeptUntil, kept_until};
use firn_model::time::UtcMillis;
use std::collections::BTreeSet;
use std::fmt;

/// Why a printed name stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKept {
    /// The records that the person signed must be kept until then.
    Until(KeptUntil),
    /// The signed records that print it are still here; with them it would go.
    WithRecords,
}

impl fmt::Display for NameKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Until(kept) => write!(
                f,
                "the records that this person signed must be kept until {} ({}: {} years, {}), and a signature \
                 shows its printed name as long (21 CFR 11.50)",
                kept.until, kept.rule.name, kept.rule.years, kept.rule.source
            ),
            Self::WithRecords => f.write_str(
                "the signed records that print this name are still kept here, and a record is never changed",
            ),
        }
    }
}

impl<H: Host> App<H> {
    /// Why a person's printed name may not be erased now.
    ///
    /// # Errors
    /// `app/not-found`, and the store's.
    pub async fn name_kept(&self, person: Id) -> Result<NameKept, AppError> {
        self.person_of(person).await?;
        let now = self.host.now().utc;
        let last = self.host.with_store(move |store| store.read(|view| last_signed(view, person))).await?;
        Ok(match last.and_then(kept_until) {
            Some(kept) if now < kept.until => NameKept::Until(kept),
            _ => NameKept::WithRecords,
        })
    }
}

/// The newest entry of any record that the person signed.
fn last_signed(view: &mut View<'_>, person: Id) -> Result<Option<UtcMillis>, AppError> {
    let (mut last, mut signed): (Option<i64>, BTreeSet<LedgerId>) = (None, BTreeSet::new());
    for head in view.heads() {
        for record in view.entries(&head.log, 0, usize::MAX)? {
            let payload = record.entry.payload();
            if payload.person == Some(LedgerId(person.0)) {
                last = last.max(Some(payload.clocks.wall_ms));
                signed.extend(payload.in_subject.map(|place| place.subject));
            }
        }
    }
    for subject in signed {
        for (log, sequence) in view.by_subject(&subject)? {
            let record = view.entry(&log, sequence)?;
            last = last.max(record.map(|record| record.entry.payload().clocks.wall_ms));
        }
    }
    Ok(last.map(UtcMillis))
}
