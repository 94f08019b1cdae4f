//! A printed name that may not be erased yet: until when, and on which ground.

use crate::{App, AppError, Host};
use firn_ledger::bytes::Id as LedgerId;
use firn_ledger::store::View;
use firn_model::id::Id;
use firn_model::record::{Body, Kind, Shipment};
use firn_model::retention::{KeptUntil, RetentionRule, kept_until, longest, rule_for};
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
        let kept = self.host.with_store(move |store| store.read(|view| kept_for(view, person))).await?;
        Ok(match kept {
            Some(kept) if now < kept.until => NameKept::Until(kept),
            _ => NameKept::WithRecords,
        })
    }
}

/// Until when the records that the person signed must be kept, the one that must be kept longest: each
/// shipment's from its last entry by the rule of its programmes, anything else from its signature.
fn kept_for(view: &mut View<'_>, person: Id) -> Result<Option<KeptUntil>, AppError> {
    let (mut kept, mut signed): (Vec<KeptUntil>, BTreeSet<LedgerId>) = (Vec::new(), BTreeSet::new());
    for head in view.heads() {
        for record in view.entries(&head.log, 0, usize::MAX)? {
            let payload = record.entry.payload();
            // That a key was bound to a person is no signature of that person's.
            let binds = payload.kind == u64::from(Kind::PersonKey.number());
            if payload.person != Some(LedgerId(person.0)) || binds {
                continue;
            }
            match payload.in_subject {
                Some(place) => signed.extend([place.subject]),
                None => kept.extend(until(payload.clocks.wall_ms, longest())),
            }
        }
    }
    for subject in signed {
        let (mut last, mut rule) = (i64::MIN, None);
        for (log, sequence) in view.by_subject(&subject)? {
            let Some(record) = view.entry(&log, sequence)? else { continue };
            last = last.max(record.entry.payload().clocks.wall_ms);
            if record.entry.payload().kind == u64::from(Kind::Shipment.number()) {
                rule = rule.or(Shipment::from_bytes(&record.body).ok().as_ref().and_then(rule_for));
            }
        }
        kept.extend(until(last, rule.or_else(longest)));
    }
    Ok(kept.into_iter().max_by_key(|kept| kept.until))
}

fn until(last: i64, rule: Option<RetentionRule>) -> Option<KeptUntil> {
    kept_until(UtcMillis(last), rule?)
}
