//! Packages that lie in each other.

use crate::authority::Refusal;
use crate::record::{Shipment, Started};

/// Whether packages nest as they should: each named once, after the one around it, and every line in one
/// of them; where no packages are listed, a line's package is free text.
pub(super) fn check(shipment: &Shipment) -> Result<(), Refusal> {
    let packages = shipment.packages.as_deref().unwrap_or_default();
    for (index, package) in packages.iter().enumerate() {
        let before = packages.get(..index).unwrap_or_default();
        let is_before = |name: &String| before.iter().any(|one| one.name == *name);
        if package.name.trim().is_empty() || is_before(&package.name) {
            return Err(Refusal::MalformedBody);
        }
        if package.inside.as_ref().is_some_and(|outer| !is_before(outer)) {
            return Err(Refusal::UnknownName);
        }
    }
    let lines = shipment.items.iter().filter_map(|item| item.package.as_deref());
    lines.into_iter().try_for_each(|name| has(shipment, name))
}

/// Whether something was seen on a package of the shipment: a listed one, one that a line lies in, or one
/// that a logger travels in.
pub(super) fn names(shipment: &Shipment, started: Option<&Started>, name: &str) -> bool {
    let listed = shipment.packages.iter().flatten().any(|package| package.name == name);
    let of_line = shipment.items.iter().any(|item| item.package.as_deref() == Some(name));
    let placements = started.iter().flat_map(|started| &started.placements);
    let placed = placements.into_iter().any(|placement| placement.package.as_deref() == Some(name));
    listed || of_line || placed
}

/// Whether a placement lies in a package of the shipment, where packages are listed.
pub(super) fn has(shipment: &Shipment, name: &str) -> Result<(), Refusal> {
    let packages = shipment.packages.as_deref().unwrap_or_default();
    let found = packages.is_empty() || packages.iter().any(|package| package.name == name);
    if found { Ok(()) } else { Err(Refusal::UnknownName) }
}
