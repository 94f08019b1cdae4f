//! An item line held against the earlier legs that it names.

use super::journey::Journey;
use super::judgement::Grounds;
use super::standing::LineStanding;
use super::story::Story;
use crate::api::{ForeignLegShown, LegDifference, LegWarning, PartnerNamed};
use crate::assess::{Verdict, is_charged_alike};
use crate::gs1::Expiry;
use crate::id::Id;
use crate::profile::{Budget, Profile};
use crate::record::{Closing, ItemLine, Leg};
use std::collections::{BTreeMap, BTreeSet};

/// A year by which two dates are read alike, whichever it is.
const SOME_YEAR: u16 = 2026;

/// The line of a shipment that a leg names.
pub(super) fn line_of(story: &Story, leg: Leg) -> Option<&ItemLine> {
    story.created.as_ref()?.says.items.get(usize::try_from(leg.line).ok()?)
}

/// The profile that the goods of a leg were judged by there.
pub fn profile_of_leg(story: &Story, leg: Leg) -> Option<&Profile> {
    let of_shipment = story.created.as_ref().map(|created| &created.says.profile);
    line_of(story, leg)?.profile.as_ref().or(of_shipment)
}

/// The legs of a line, judged by `profile`, that are not of the same goods, as far as their shipments are held
/// here; `items` are all lines of its shipment.
pub(super) fn warnings(
    place: u32,
    line: &ItemLine,
    items: &[ItemLine],
    profile: &Profile,
    earlier: &BTreeMap<Id, Story>,
    journey: &Journey<'_>,
) -> Vec<LegWarning> {
    let more = is_more(line, items, earlier);
    let legs = line.legs.iter().flatten();
    let held = legs.filter_map(|leg| {
        let story = earlier.get(&leg.shipment)?;
        Some((*leg, story, line_of(story, *leg)?))
    });
    let warned = held.map(|(leg, story, before)| LegWarning {
        code: LegWarning::CODE.into(),
        line: place,
        shipment: leg.shipment,
        leg_line: leg.line,
        differs: differences(line, before)
            .into_iter()
            .chain(is_dated_otherwise(line, leg, earlier).then_some(LegDifference::Expiry))
            .chain(more.then_some(LegDifference::Quantity))
            .chain((!has_budgets_of(profile, story, leg)).then_some(LegDifference::Budget))
            .chain(
                journey
                    .barring
                    .iter()
                    .any(|one| (one.shipment, one.line) == (leg.shipment, leg.line))
                    .then_some(LegDifference::Stock),
            )
            .collect(),
    });
    warned.filter(|warning| !warning.differs.is_empty()).collect()
}

/// The legs of a line that other organisations told of.
pub(super) fn foreign(line: &ItemLine, grounds: &Grounds<'_>) -> Vec<ForeignLegShown> {
    let told = |leg: &Leg| {
        let foreign = grounds.foreign.get(&leg.shipment)?;
        Some(ForeignLegShown {
            shipment: leg.shipment,
            leg_line: leg.line,
            partner: PartnerNamed::unnamed(foreign.organisation),
            recognition: foreign.recognition,
            clock_difference: foreign.clock_difference.clone(),
            histories: foreign.histories,
        })
    };
    line.legs.iter().flatten().filter_map(told).collect()
}

/// Whether a line names another date than a leg of its own has.
fn is_dated_otherwise(line: &ItemLine, leg: Leg, earlier: &BTreeMap<Id, Story>) -> bool {
    let days = last_days(leg, earlier);
    line.expiry.as_deref().is_some_and(|own| days.iter().any(|day| !is_one_day(own, day)))
}

/// Whether two dates end with one day: one may name the last of its month, and the other the month alone.
fn is_one_day(one: &str, other: &str) -> bool {
    let day = |text: &str| Expiry::parse(text).ok()?.last_day(SOME_YEAR);
    match day(one).zip(day(other)) {
        Some((one, other)) => one == other,
        None => one == other,
    }
}

/// The last days, as `YYMMDD`, that a line which names none has from its legs.
pub(super) fn last_days_of(line: &ItemLine, earlier: &BTreeMap<Id, Story>) -> Vec<String> {
    let undated = line.legs.iter().flatten().filter(|_| line.expiry.is_none());
    undated.flat_map(|leg| last_days(*leg, earlier)).collect()
}

/// The last days, as `YYMMDD`, of the goods of a leg: the date is the goods' own, and a leg that names none has it
/// from the legs before.
pub(super) fn last_days(leg: Leg, earlier: &BTreeMap<Id, Story>) -> Vec<String> {
    let (mut sought, mut seen, mut days) = (vec![leg], BTreeSet::new(), BTreeSet::new());
    while let Some(leg) = sought.pop() {
        let story = earlier.get(&leg.shipment).filter(|_| seen.insert(leg));
        let Some(line) = story.and_then(|story| line_of(story, leg)) else { continue };
        match &line.expiry {
            Some(expiry) => days.extend([expiry.clone()]),
            None => sought.extend(line.legs.iter().flatten()),
        }
    }
    days.into_iter().collect()
}

/// Whether the lines that go on from the same legs are of more pieces than those legs were; where one of them is
/// not held, nobody knows.
fn is_more(line: &ItemLine, items: &[ItemLine], earlier: &BTreeMap<Id, Story>) -> bool {
    let quantity = |leg: &Leg| Some(u64::from(line_of(earlier.get(&leg.shipment)?, *leg)?.quantity));
    let held: Option<u64> = line.legs.iter().flatten().map(quantity).sum();
    let beside = items.iter().filter(|other| other.legs == line.legs);
    let wanted: u64 = beside.map(|other| u64::from(other.quantity)).sum();
    held.is_some_and(|held| wanted > held)
}

/// The legs from which a shipment of these lines and those `beside` it go on together with more pieces than the leg
/// had, as far as is held here; of a line that was put together only what its other legs cannot have given counts.
///
/// Each of two shipments may be right by itself, so that this is a warning and no reason: it is told where both are
/// known, and enters no signed verdict.
pub fn more_together(items: &[ItemLine], beside: &[Story], earlier: &BTreeMap<Id, Story>) -> Vec<LegWarning> {
    let had = |leg: &Leg| Some(u64::from(line_of(earlier.get(&leg.shipment)?, *leg)?.quantity));
    let at_least = |line: &ItemLine, leg: &Leg| {
        let legs: BTreeSet<&Leg> = line.legs.iter().flatten().collect();
        let by_others: Option<u64> = legs.iter().filter(|other| **other != leg).map(|other| had(other)).sum();
        match legs.contains(leg) {
            true => by_others.map_or(0, |others| u64::from(line.quantity).saturating_sub(others)),
            false => 0,
        }
    };
    let took_place = beside.iter().filter(|story| story.closing != Some(Closing::Cancelled));
    let others: Vec<&ItemLine> =
        took_place.flat_map(|story| &story.created).flat_map(|created| &created.says.items).collect();
    let is_more = |leg: &Leg| {
        let of = |lines: &mut dyn Iterator<Item = &ItemLine>| -> u64 {
            lines.map(|line| at_least(line, leg)).sum()
        };
        let (own, other) = (of(&mut items.iter()), of(&mut others.iter().copied()));
        other > 0 && had(leg).is_some_and(|had| own.saturating_add(other) > had)
    };
    let of_line = |(place, line): (u32, &ItemLine)| {
        let legs: Vec<Leg> = line.legs.iter().flatten().filter(|leg| is_more(leg)).copied().collect();
        legs.into_iter().map(move |leg| LegWarning {
            code: LegWarning::CODE.into(),
            line: place,
            shipment: leg.shipment,
            leg_line: leg.line,
            differs: vec![LegDifference::Quantity],
        })
    };
    (0_u32..).zip(items).flat_map(of_line).collect()
}

/// Whether a profile has each budget that an earlier leg was judged by.
fn has_budgets_of(profile: &Profile, story: &Story, leg: Leg) -> bool {
    let has_all = |of_leg: &Profile| of_leg.budgets.iter().all(|budget| has_budget(profile, of_leg, budget));
    profile_of_leg(story, leg).is_none_or(has_all)
}

/// Whether a profile has a budget of another one and charges it alike: what it covers depends on the limits, the
/// guard band and the interval as well.
pub(super) fn has_budget(profile: &Profile, other: &Profile, budget: &Budget) -> bool {
    profile.budgets.contains(budget) && is_charged_alike(budget, profile, other)
}

/// Whether a line of a shipment was rejected, is held, or was out of range by its newest signed verdict and is not
/// released, once it was received or given to another organisation.
pub(super) fn bars(story: &Story, line: u32) -> bool {
    let given = story.is_given_away();
    let out = story.verdicts.last().is_some_and(|signed| signed.verdict == Verdict::Excursion);
    match story.standing_by_acts(line) {
        LineStanding::Rejected | LineStanding::Held | LineStanding::Conflict => true,
        LineStanding::Released => false,
        LineStanding::Undecided => {
            story.disposition.is_some() || ((story.received.is_some() || given) && out)
        }
    }
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
    fn an_earlier_leg_of_another_product_or_lot_is_told() {
        use LegDifference::{Gtin, Lot, Product};
        let before = item("HPV vaccine", Some("09521234543213"), Some("B2"), 100);
        let differs = |line: ItemLine| differences(&line, &before);
        assert_eq!(differs(item("MMR", Some("09506000134352"), Some("ZZ"), 5000)), [Gtin, Lot]);
        assert_eq!(differs(item("HPV, as we call it", Some("09521234543213"), Some("B2"), 100)), []);
        assert_eq!(differs(item("MMR", None, None, 1)), [Product]);
        assert_eq!(differs(item("hpv vaccine ", None, None, 1)), []);
    }
}
