//! An item line held against the earlier legs that it names.

use super::judgement::Grounds;
use super::line::line_of;
use super::story::Story;
use crate::api::{ForeignLegShown, LegDifference, LegWarning, PartnerNamed};
use crate::id::Id;
use crate::record::ItemLine;
use std::collections::BTreeMap;

/// The legs of a line that are not of the same goods, as far as their shipments are held here.
pub(super) fn warnings(place: u32, line: &ItemLine, earlier: &BTreeMap<Id, Story>) -> Vec<LegWarning> {
    let legs = line.legs.iter().flatten();
    let held = legs.filter_map(|leg| Some((*leg, line_of(earlier.get(&leg.shipment)?, *leg)?)));
    let warned = held.map(|(leg, before)| LegWarning {
        code: LegWarning::CODE.into(),
        line: place,
        shipment: leg.shipment,
        leg_line: leg.line,
        differs: differences(line, before),
    });
    warned.filter(|warning| !warning.differs.is_empty()).collect()
}

/// The legs of a line that other organisations told of.
pub(super) fn foreign(line: &ItemLine, grounds: &Grounds<'_>) -> Vec<ForeignLegShown> {
    let told = |leg: &crate::record::Leg| {
        let foreign = grounds.foreign.get(&leg.shipment)?;
        Some(ForeignLegShown {
            shipment: leg.shipment,
            leg_line: leg.line,
            partner: PartnerNamed::unnamed(foreign.organisation),
            recognition: foreign.recognition,
        })
    };
    line.legs.iter().flatten().filter_map(told).collect()
}

/// What two lines do not have in common; what only one of them tells is no difference.
fn differences(line: &ItemLine, before: &ItemLine) -> Vec<LegDifference> {
    let other = |own: &Option<String>, before: &Option<String>| {
        own.as_ref().zip(before.as_ref()).is_some_and(|(own, before)| own != before)
    };
    let by_gtin = line.gtin.is_some() && before.gtin.is_some();
    let called = |item: &ItemLine| item.product.trim().to_lowercase();
    let found = [
        (!by_gtin && called(line) != called(before), LegDifference::Product),
        (other(&line.gtin, &before.gtin), LegDifference::Gtin),
        (other(&line.lot, &before.lot), LegDifference::Lot),
        (line.quantity > before.quantity, LegDifference::Quantity),
    ];
    found.into_iter().filter_map(|(differs, what)| differs.then_some(what)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(product: &str, gtin: Option<&str>, lot: Option<&str>, quantity: u32) -> ItemLine {
        ItemLine {
            product: product.into(),
            gtin: gtin.map(str::to_owned),
            lot: lot.map(str::to_owned),
            expiry: None,
            quantity,
            package: None,
            serials: None,
            profile: None,
            legs: None,
            label: None,
        }
    }

    #[test]
    fn an_earlier_leg_of_another_product_lot_or_of_fewer_pieces_is_told() {
        use LegDifference::{Gtin, Lot, Product, Quantity};
        let before = item("HPV vaccine", Some("09521234543213"), Some("B2"), 100);
        let differs = |line: ItemLine| differences(&line, &before);
        assert_eq!(differs(item("MMR", Some("09506000134352"), Some("ZZ"), 5000)), [Gtin, Lot, Quantity]);
        assert_eq!(differs(item("HPV, as we call it", Some("09521234543213"), Some("B2"), 100)), []);
        assert_eq!(differs(item("MMR", None, None, 1)), [Product]);
        assert_eq!(differs(item("hpv vaccine ", None, None, 1)), []);
    }
}
