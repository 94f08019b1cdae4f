//! Packages that lie in each other, and which loggers speak for a line.

use crate::authority::Refusal;
use crate::record::{ItemLine, Placement, Shipment};

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

/// Whether a placement lies in a package of the shipment, where packages are listed.
pub(super) fn has(shipment: &Shipment, name: &str) -> Result<(), Refusal> {
    let packages = shipment.packages.as_deref().unwrap_or_default();
    let found = packages.is_empty() || packages.iter().any(|package| package.name == name);
    if found { Ok(()) } else { Err(Refusal::UnknownName) }
}

/// Whether a logger so placed speaks for a line: it lies in the line's package, around it or inside it;
/// without a package on either side it speaks for all.
pub fn speaks_for(shipment: &Shipment, placement: &Placement, line: &ItemLine) -> bool {
    match (placement.package.as_deref(), line.package.as_deref()) {
        (Some(logger), Some(line)) => {
            around(shipment, logger).any(|name| name == line)
                || around(shipment, line).any(|name| name == logger)
        }
        _ => true,
    }
}

/// A package and those around it, from the inside out.
fn around<'a>(shipment: &'a Shipment, name: &'a str) -> impl Iterator<Item = &'a str> {
    let packages = shipment.packages.as_deref().unwrap_or_default();
    let outer = |name: &&'a str| {
        let package = packages.iter().find(|package| package.name == **name)?;
        package.inside.as_deref()
    };
    // A nesting that counts is shorter than its list.
    std::iter::successors(Some(name), outer).take(packages.len().saturating_add(1))
}
