//! Which other organisations are known: a fold over the admins' pins in any order (docs/format.md §10).

use std::collections::BTreeMap;

use super::{Fold, Statements};
use crate::bytes::OrganisationId;
use crate::entry::{Head, Payload};
use crate::statement::{EntryReference, Partner, PartnerCard, PartnerStanding};

/// What an entry says of a partner, and what its signer held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pin {
    sequence: u64,
    heads: Vec<Head>,
    at_ms: i64,
    partner: Partner,
}

/// Another organisation as the admins' statements that count leave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPartner {
    /// Who it is: its name and numbers by the last word about it.
    pub card: PartnerCard,
    /// Whether it is still known.
    pub standing: PartnerStanding,
    /// The entry that says so.
    pub by: EntryReference,
    /// When, by its signer's clock: milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
}

impl Pin {
    pub(super) fn new(payload: &Payload, partner: Partner) -> Self {
        let heads = payload.heads.clone();
        Self { sequence: payload.sequence, heads, at_ms: payload.clocks.wall_ms, partner }
    }
}

/// A pin that counts, with its entry.
type Placed<'a> = (EntryReference, &'a Pin);

/// Whether the signer of `one` held `other`.
fn knew(one: &Placed<'_>, other: &Placed<'_>) -> bool {
    match one.0.log == other.0.log {
        true => other.1.sequence < one.1.sequence,
        false => one.1.heads.iter().any(|head| head.log == other.0.log && other.1.sequence < head.size),
    }
}

impl Statements {
    /// The organisations that the admins of `organisation` pinned or revoked, by id.
    ///
    /// A statement counts as any of an admin's about membership does. It holds until one that knew of it; of
    /// several that knew nothing of each other a revocation holds.
    pub fn partners(&self, organisation: &OrganisationId) -> Vec<KnownPartner> {
        let fold = Fold::new(self, organisation);
        let bounds = fold.bounds();
        let counting = self.pins.iter().filter(|(entry, pin)| fold.is_admins(&bounds, entry, pin.sequence));
        let mut said: BTreeMap<OrganisationId, Vec<Placed<'_>>> = BTreeMap::new();
        for (entry, pin) in counting {
            said.entry(pin.partner.card.organisation()).or_default().push((*entry, pin));
        }
        // One's own organisation is no other.
        said.remove(organisation);
        said.values().filter_map(|pins| last_word(pins)).collect()
    }
}

fn last_word(pins: &[Placed<'_>]) -> Option<KnownPartner> {
    let is_last = |one: &&Placed<'_>| !pins.iter().any(|other| other.0 != one.0 && knew(other, one));
    let newest = |one: &&Placed<'_>| (one.1.partner.standing == PartnerStanding::Revoked, one.1.at_ms, one.0);
    // Where each knew of another, somebody told of what cannot be: all of them are asked.
    let last = pins.iter().filter(is_last).max_by_key(newest).or_else(|| pins.iter().max_by_key(newest));
    last.map(|(by, pin)| KnownPartner {
        card: pin.partner.card.clone(),
        standing: pin.partner.standing,
        by: *by,
        at_ms: pin.at_ms,
    })
}
