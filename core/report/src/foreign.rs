//! Evidence of other organisations inside a bundle: read out of its parts, verified, and told as earlier legs.

use crate::bundle::{Bundle, Grounded};
use crate::{evidence, verify};
use firn_ledger::bytes::Hash;
use firn_ledger::entry::Record;
use firn_model::api::ClockDifference;
use firn_model::id::Id;
use firn_model::record::{Address, Batch, Body, EvidencePart, Fingerprint, Kind, Recognition, Taken};
use firn_model::shipment::{ForeignLeg, Story, TakenIn};
use std::collections::BTreeMap;
use std::sync::Arc;

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
pub(crate) fn bundle_of(
    bundle: &Bundle,
    shipment: Id,
    says: &Taken,
    parts: &[Address],
) -> Result<Bundle, String> {
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
#[derive(Clone, Default)]
pub(crate) struct Opened(BTreeMap<Address, Arc<Theirs>>);

/// One piece of evidence, opened.
struct Theirs {
    /// What it holds, where another piece about the same shipment is told together with it.
    bundle: Option<Bundle>,
    /// The evidence of others within it.
    within: Opened,
    told: Grounded,
}

impl Opened {
    /// Opens what stands for earlier shipments. What does not hold is left out, so that the leg counts as missing.
    /// `deep` is how many organisations more are followed.
    pub(crate) fn of(bundle: &Bundle, deep: u8) -> Self {
        let mut opened = Self::default();
        let Some(deeper) = deep.checked_sub(1) else { return opened };
        for earlier in &bundle.earlier {
            let taken = earlier.records.iter().filter_map(taken);
            let taken: BTreeMap<Address, (Taken, Vec<Address>)> =
                taken.map(|(says, parts)| (says.evidence, (says, parts))).collect();
            for (evidence, (says, parts)) in &taken {
                if opened.0.contains_key(evidence) {
                    continue;
                }
                if let Some(mut theirs) = open(bundle, earlier.shipment, says, parts, deeper) {
                    theirs.bundle = theirs.bundle.filter(|_| taken.len() > 1);
                    opened.0.insert(*evidence, Arc::new(theirs));
                }
            }
        }
        opened
    }

    /// What the evidence that counts for a shipment tells together; nothing where any of it does not hold.
    fn together(&self, shipment: Id, taken: &[&TakenIn]) -> Option<Arc<Theirs>> {
        let mut pieces: BTreeMap<Address, &Arc<Theirs>> = BTreeMap::new();
        for one in taken {
            let says = &one.placed.says;
            let theirs = self.0.get(&says.evidence).filter(|one| one.told.is(shipment, says.organisation));
            pieces.insert(says.evidence, theirs?);
        }
        let mut pieces = pieces.into_values();
        let (first, others) = (pieces.next()?, pieces.collect::<Vec<_>>());
        if others.is_empty() {
            return Some(Arc::clone(first));
        }
        let mut within = first.within.clone();
        within.0.extend(others.iter().flat_map(|one| one.within.0.clone()));
        let others: Option<Vec<&Bundle>> = others.iter().map(|one| one.bundle.as_ref()).collect();
        let bundle = first.bundle.as_ref()?.together_with(&others?)?;
        let told = bundle.grounded(&within).ok()?;
        Some(Arc::new(Theirs { bundle: None, within, told }))
    }
}

impl Opened {
    /// What differs most of the pieces of evidence that count for a shipment, each as it was taken.
    fn dated_ahead(&self, story: &Story) -> Option<ClockDifference> {
        let ahead = |one: &TakenIn| {
            let theirs = self.0.get(&one.placed.says.evidence)?;
            theirs.told.dated_ahead((&one.placed.device, one.placed.at))
        };
        story.told_by_partner().into_iter().filter_map(ahead).max_by_key(|one| one.difference_s)
    }
}

/// What an entry says of evidence that was taken in, and the batches that hold it.
fn taken(record: &Record) -> Option<(Taken, Vec<Address>)> {
    let payload = record.entry.payload();
    if payload.kind != u64::from(Kind::Taken.number()) {
        return None;
    }
    let parts = payload.batches.iter().map(|address| Address(address.0)).collect();
    Some((Taken::from_bytes(&record.body).ok()?, parts))
}

/// Tells the earlier shipments of which a bundle holds evidence by others alone.
pub(crate) fn gather(opened: &Opened, earlier: &BTreeMap<Id, Story>) -> Foreign {
    let mut foreign = Foreign::default();
    let mut behind = Vec::new();
    for (shipment, story) in earlier {
        let Some(taken) = story.foreign() else { continue };
        let says = &taken.placed.says;
        let Some(theirs) = opened.together(*shipment, &story.told_by_partner()) else { continue };
        let told = &theirs.told;
        let clock_difference = opened.dated_ahead(story);
        let leg = ForeignLeg { clock_difference, ..leg(told, says.organisation, says.recognition) };
        foreign.legs.insert(*shipment, leg);
        foreign.batches.extend(told.batches.clone());
        foreign.stories.insert(*shipment, told.story.clone());
        behind.push((says, theirs));
    }
    // What they had from elsewhere, or carried before, stands behind what was handed over here.
    for (says, theirs) in behind {
        let told = &theirs.told;
        for (shipment, story) in &told.earlier {
            let inner = told.foreign.get(shipment).cloned();
            let leg = inner.unwrap_or_else(|| leg(told, says.organisation, says.recognition));
            foreign.stories.entry(*shipment).or_insert_with(|| story.clone());
            foreign.legs.entry(*shipment).or_insert(leg);
        }
    }
    foreign
}

fn open(bundle: &Bundle, shipment: Id, says: &Taken, parts: &[Address], deeper: u8) -> Option<Theirs> {
    let theirs = bundle_of(bundle, shipment, says, parts).ok()?;
    if !verify::stands(&theirs) {
        return None;
    }
    let within = Opened::of(&theirs, deeper);
    let told = theirs.grounded(&within).ok()?;
    Some(Theirs { bundle: Some(theirs), within, told })
}

/// Unknown where it is itself, or where it had goods from whom it did not know.
fn leg(told: &Grounded, organisation: Fingerprint, recognition: Recognition) -> ForeignLeg {
    let unknown = told.foreign.values().any(|leg| leg.recognition == Recognition::Unknown);
    let recognition = if unknown { Recognition::Unknown } else { recognition };
    ForeignLeg { organisation, fleet: told.fleet.clone(), recognition, clock_difference: None }
}
