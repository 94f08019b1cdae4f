//! What the report is about: the shipment, its packages and what it holds.

use super::section::{fact, number, wide};
use super::{Block, Fact, Listing, Matter, Section};
use firn_model::gs1::expiry_date;
use firn_model::record::{ItemLine, Package};

pub(super) fn sections(matter: &Matter<'_>) -> Vec<Section> {
    let summary = &matter.detail.summary;
    let mut facts = vec![fact("Reference", &summary.reference), fact("Identifier", summary.id.to_string())];
    let known = |name, value: &Option<String>| value.as_ref().map(|value| fact(name, value));
    facts.extend([known("From", &summary.from), known("To", &summary.to)].into_iter().flatten());
    let instant = |name, at| fact(name, matter.instant(at));
    facts.push(instant("Created", summary.created));
    facts.extend(summary.started.map(|at| instant("Picked up", at)));
    facts.extend(matter.detail.started_signed.map(|at| instant("Picked up, as signed", at)));
    facts.extend(summary.received.map(|at| instant("Received", at)));
    facts.extend(matter.detail.received_signed.map(|at| instant("Received, as signed", at)));
    facts.extend(matter.detail.packages.iter().map(package));
    let counts: Vec<&[u32]> = matter.assessed.story.counts().collect();
    let mut columns =
        vec![wide("Product", 5), wide("GTIN", 3), wide("Lot", 3), wide("Expiry", 2), number("Quantity")];
    columns.extend(counts.iter().map(|_| number("Counted")));
    let row = |(place, line): (usize, &ItemLine)| {
        let counted = counts.iter().map(|counts| counts.get(place).map_or("–".into(), u32::to_string));
        item(line).into_iter().chain(counted).collect()
    };
    let rows = matter.detail.items.iter().enumerate().map(row).collect();
    let items = Listing { columns, rows, none: "No products were entered." };
    vec![Section::new("Shipment", vec![Block::Facts { rows: facts }, Block::Table(items)])]
}

/// A package by its name, an SSCC or free text, with the one around it.
fn package(package: &Package) -> Fact {
    let inside = package.inside.as_ref().map(|around| format!(", inside {around}")).unwrap_or_default();
    fact("Package", format!("{}{inside}", package.name))
}

fn item(item: &ItemLine) -> Vec<String> {
    let known = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".into());
    let expiry = item.expiry.as_deref().map_or_else(|| "–".into(), expiry_date);
    vec![item.product.clone(), known(&item.gtin), known(&item.lot), expiry, item.quantity.to_string()]
}
