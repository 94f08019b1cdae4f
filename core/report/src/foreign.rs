//! Evidence of other organisations inside a bundle: read out of its parts, verified, and told as earlier legs.

use crate::bundle::{Bundle, Grounded};
use crate::{evidence, verify};
use firn_ledger::bytes::Hash;
use firn_model::id::Id;
use firn_model::record::{Address, Batch, Body, EvidencePart, Fingerprint, Kind, Recognition, Taken};
use firn_model::shipment::{ForeignLeg, Story};
use std::collections::BTreeMap;

/// How many organisations deep evidence is followed: what lies behind is missing. Each lies wholly within the one
/// before, so that no more could be told of without reading the same bytes over and over.
pub(crate) const DEEPEST: u8 = 8;

/// What other organisations told of earlier shipments.
#[derive(Debug, Default)]
pub(crate) struct Foreign {
    /// Their stories, by shipment.
    pub stories: BTreeMap<Id, Story>,
    /// By what they are judged.
    pub legs: BTreeMap<Id, ForeignLeg>,
    /// Their readings.
    pub batches: BTreeMap<Address, Batch>,
}

/// The bytes of evidence that an entry says were taken in, out of the batches that it names.
///
/// # Errors
/// Why they cannot be put together, in a sentence without its end.
pub(crate) fn bytes_of(bundle: &Bundle, says: &Taken, parts: &[Address]) -> Result<Vec<u8>, String> {
    let held: BTreeMap<Hash, &[u8]> =
        bundle.batches.iter().map(|batch| (batch.address(), batch.bytes())).collect();
    let parts = parts.iter().map(|address| {
        let bytes = held.get(&Hash(address.0)).ok_or("a part of the evidence is missing")?;
        EvidencePart::from_bytes(bytes).map_err(|error| error.to_string())
    });
    says.join(parts.collect::<Result<_, String>>()?).map_err(|error| error.to_string())
}

/// The evidence that was taken in, read and held against what its entry says of it.
///
/// # Errors
/// As [`bytes_of`]; and where it is of another organisation or shipment, or of one's own.
fn bundle_of(bundle: &Bundle, shipment: Id, says: &Taken, parts: &[Address]) -> Result<Bundle, String> {
    let theirs = evidence::read(&bytes_of(bundle, says, parts)?).map_err(|error| error.to_string())?;
    match theirs {
        theirs if theirs.organisation.0 != says.organisation.0 => Err("it is by another organisation".into()),
        theirs if theirs.organisation == bundle.organisation => Err("it is by no other organisation".into()),
        theirs if theirs.shipment != shipment => Err("it is about another shipment".into()),
        theirs => Ok(theirs),
    }
}

/// The evidence of other organisations in a bundle that holds, by its hash: opened once, however often the bundle
/// is told.
#[derive(Default)]
pub(crate) struct Opened(BTreeMap<Address, Grounded>);

impl Opened {
    /// Opens what stands for earlier shipments. What does not hold is left out, so that the leg counts as missing.
    /// `deep` is how many organisations more are followed.
    pub(crate) fn of(bundle: &Bundle, deep: u8) -> Self {
        let mut opened = Self::default();
        let Some(deeper) = deep.checked_sub(1) else { return opened };
        for earlier in &bundle.earlier {
            for record in &earlier.records {
                let payload = record.entry.payload();
                if payload.kind != u64::from(Kind::Taken.number()) {
                    continue;
                }
                let Ok(says) = Taken::from_bytes(&record.body) else { continue };
                if opened.0.contains_key(&says.evidence) {
                    continue;
                }
                let parts: Vec<Address> = payload.batches.iter().map(|address| Address(address.0)).collect();
                if let Some(told) = told(bundle, earlier.shipment, &says, &parts, deeper) {
                    opened.0.insert(says.evidence, told);
                }
            }
        }
        opened
    }
}

/// Tells the earlier shipments of which a bundle holds evidence by others alone.
pub(crate) fn gather(opened: &Opened, earlier: &BTreeMap<Id, Story>) -> Foreign {
    let mut foreign = Foreign::default();
    let mut behind = Vec::new();
    for (shipment, story) in earlier {
        let Some(taken) = story.foreign() else { continue };
        let says = &taken.placed.says;
        let told = opened.0.get(&says.evidence).filter(|told| told.is(*shipment, says.organisation));
        let Some(told) = told else { continue };
        foreign.legs.insert(*shipment, leg(told, says.organisation, says.recognition));
        foreign.batches.extend(told.batches.clone());
        foreign.stories.insert(*shipment, told.story.clone());
        behind.push((says, told));
    }
    // What they had from elsewhere, or carried before, stands behind what was handed over here.
    for (says, told) in behind {
        for (shipment, story) in &told.earlier {
            let inner = told.foreign.get(shipment).cloned();
            let leg = inner.unwrap_or_else(|| leg(told, says.organisation, says.recognition));
            foreign.stories.entry(*shipment).or_insert_with(|| story.clone());
            foreign.legs.entry(*shipment).or_insert(leg);
        }
    }
    foreign
}

fn told(bundle: &Bundle, shipment: Id, says: &Taken, parts: &[Address], deeper: u8) -> Option<Grounded> {
    let theirs = bundle_of(bundle, shipment, says, parts).ok()?;
    if !verify::stands(&theirs) {
        return None;
    }
    theirs.grounded(&Opened::of(&theirs, deeper)).ok()
}

/// Unknown where it is itself, or where it had goods from whom it did not know.
fn leg(told: &Grounded, organisation: Fingerprint, recognition: Recognition) -> ForeignLeg {
    let unknown = told.foreign.values().any(|leg| leg.recognition == Recognition::Unknown);
    let recognition = if unknown { Recognition::Unknown } else { recognition };
    ForeignLeg { organisation, fleet: told.fleet.clone(), recognition }
}
