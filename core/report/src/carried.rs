//! What evidence of other organisations carries of shipments before its own: which they are, and what it tells of them
//! where other evidence of them is at hand as well.

use crate::bundle::earlier_shipments;
use crate::evidence;
use crate::foreign::{DEEPEST, Theirs, joined_parts, taken};
use firn_ledger::entry::{Batch, Record};
use firn_model::id::Id;
use firn_model::record::Address;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// By shipment, each with the evidence that carries it.
pub(crate) type Carried = BTreeMap<Id, Vec<(Address, Arc<Theirs>)>>;

/// What these pieces carry of some shipments.
pub(crate) fn carried(pieces: &BTreeMap<Address, Theirs>, sought: &BTreeSet<Id>) -> Carried {
    let mut carried = Carried::new();
    for (carrier, theirs) in pieces {
        for shipment in sought {
            for one in theirs.carries(*shipment) {
                carried.entry(*shipment).or_default().push((*carrier, one));
            }
        }
    }
    carried
}

impl Theirs {
    /// What is told within of a shipment before this one: by its own organisation, or by those that it had goods from.
    fn carries(&self, shipment: Id) -> Vec<Arc<Theirs>> {
        let by_others = self.within.pieces.values().filter(|one| one.told.is_about(shipment)).cloned();
        let deeper = self.within.carried.get(&shipment).into_iter().flatten();
        let deeper = deeper.map(|(_, one)| Arc::clone(one));
        by_others.chain(deeper).chain(self.own_leg(shipment).map(Arc::new)).collect()
    }

    fn own_leg(&self, shipment: Id) -> Option<Theirs> {
        let bundle = self.bundle.as_ref()?;
        let leg = bundle.earlier.iter().find(|earlier| earlier.shipment == shipment)?;
        if self.told.pasts.iter().any(|past| past.foreign.contains_key(&shipment)) {
            return None;
        }
        let bundle = bundle.of_earlier(leg);
        let told = bundle.grounded(&self.within).ok()?;
        told.story.created.as_ref()?;
        let (within, files) = (self.within.clone(), self.files.clone());
        Some(Theirs { bundle: Some(bundle), within, told, files })
    }
}

/// The shipments that goods went through before, as evidence names them that these entries say was taken in, out of the
/// batches that hold it.
pub fn earlier_by_evidence<'a>(records: impl Iterator<Item = &'a Record>, batches: &[Batch]) -> BTreeSet<Id> {
    named(records, batches, DEEPEST)
}

fn named<'a>(records: impl Iterator<Item = &'a Record>, batches: &[Batch], deep: u8) -> BTreeSet<Id> {
    let mut all = BTreeSet::new();
    let Some(deeper) = deep.checked_sub(1) else { return all };
    for (says, parts) in records.filter_map(taken).filter(|(says, _)| says.acceptance.is_none()) {
        let bytes = joined_parts(batches, &says, &parts).ok();
        // What cannot be read tells of no leg.
        let Some(file) = bytes.and_then(|bytes| evidence::read(&bytes).ok()) else { continue };
        all.extend(earlier_shipments(file.all_records()));
        all.extend(named(file.all_records(), &file.batches, deeper));
    }
    all
}
