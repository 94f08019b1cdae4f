//! Which shipments go on from which, as the lists tell it.

use crate::AppError;
use crate::read_model::LEGS;
use firn_ledger::store::View;
use firn_model::id::Id;
use std::collections::BTreeSet;

/// Which shipments go on from which: the earlier one and the later one.
fn legs(view: &mut View<'_>) -> Result<Vec<(Id, Id)>, AppError> {
    let mut legs = Vec::new();
    for document in view.documents(LEGS)? {
        let key = document.key.split_first_chunk::<16>();
        legs.extend(key.and_then(|(earlier, later)| Some((Id(*earlier), Id(later.try_into().ok()?)))));
    }
    Ok(legs)
}

/// The other shipments that go on, without another between, from a shipment that `shipment` goes on from.
pub(crate) fn beside(view: &mut View<'_>, shipment: Id) -> Result<BTreeSet<Id>, AppError> {
    let legs = legs(view)?;
    let before: BTreeSet<Id> =
        legs.iter().filter(|(_, later)| *later == shipment).map(|(earlier, _)| *earlier).collect();
    let beside = legs.iter().filter(|(earlier, later)| before.contains(earlier) && *later != shipment);
    Ok(beside.map(|(_, later)| *later).collect())
}

/// The shipments that go on from these, at however many removes, each after those that it goes on from.
pub(crate) fn later(view: &mut View<'_>, shipments: &BTreeSet<Id>) -> Result<Vec<Id>, AppError> {
    let legs = legs(view)?;
    let mut waiting = with_later(view, shipments.clone())?;
    waiting.retain(|shipment| !shipments.contains(shipment));
    let mut in_order = Vec::new();
    while !waiting.is_empty() {
        let is_next = |shipment: &&Id| {
            let mut before = legs.iter().filter(|(_, later)| later == *shipment);
            !before.any(|(earlier, _)| waiting.contains(earlier))
        };
        // Legs that lead back to themselves have no first: any of them is as good.
        let next = waiting.iter().find(is_next).or(waiting.first()).copied();
        in_order.extend(next);
        waiting.retain(|shipment| Some(*shipment) != next);
    }
    Ok(in_order)
}

/// These shipments and all that go on from them.
pub(crate) fn with_later(view: &mut View<'_>, shipments: BTreeSet<Id>) -> Result<BTreeSet<Id>, AppError> {
    let legs = legs(view)?;
    let mut all = shipments;
    loop {
        let later: Vec<Id> = legs
            .iter()
            .filter(|(earlier, later)| all.contains(earlier) && !all.contains(later))
            .map(|(_, later)| *later)
            .collect();
        if later.is_empty() {
            return Ok(all);
        }
        all.extend(later);
    }
}
