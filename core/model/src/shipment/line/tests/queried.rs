//! What a manufacturer is told of goods that went through earlier shipments.

use super::*;
use crate::api::{Band, QueriedLine};

fn lot(legs: &[(u8, u32)]) -> ItemLine {
    ItemLine { lot: Some("A1".into()), ..after(legs) }
}

/// Minutes proven and at worst in each band.
fn minutes(bands: &[Band]) -> Vec<(&str, u64, u64)> {
    let minutes = |band: &Band| (band.proven_s.0 / 60_000, band.worst_case_s.0 / 60_000);
    bands.iter().map(|band| (band.id.as_str(), minutes(band).0, minutes(band).1)).collect()
}

/// Of each series the earlier shipment, the logger and its minutes above.
fn series(line: &QueriedLine) -> Vec<(Option<Id>, Id, u64)> {
    let above = |bands: &[Band]| bands[0].proven_s.0 / 60_000;
    let told = line.series.iter();
    told.map(|one| (one.leg.as_ref().map(|leg| leg.shipment), one.logger, above(&one.bands))).collect()
}

#[test]
fn a_manufacturer_is_told_of_earlier_legs_up_to_the_moment_the_goods_left_them_and_of_nobody_elses() {
    let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
    let mut cold_later = warm(30);
    cold_later[9] = -5_000;
    cold_later[0] = 12_000;
    let items = vec![ItemLine { package: Some(BOX.into()), ..lot(&[]) }, in_package("other")];
    let places = vec![place(1, Some(BOX)), place(3, Some("other"))];
    let whole = held.story(items, places, &[(1, cold_later), (3, [30_000; 11])]);
    held.then(7, whole);
    // The part leaves at minute 60; the frost of minute 90 is the rest's.
    held.begin = 60;
    let part = held.story(vec![lot(&[(7, 0)])], vec![place(2, None)], &[(2, warm(20))]);
    let (judgement, packs) = (held.judge(&part), held.packs(&part));
    let line = &packs[0].lines[0];
    assert_eq!(series(line), [(Some(Id([7; 16])), Id([1; 16]), 30), (None, Id([2; 16]), 20)]);
    let leg = line.series[0].leg.as_ref().unwrap();
    assert_eq!((leg.reference.as_str(), leg.line), ("DN", 0));
    assert_eq!((line.series[0].from, line.series[0].to), (Some(at(0)), Some(at(60))));
    assert_eq!(line.min_c.zip(line.max_c), Some((MilliCelsius(5_000), MilliCelsius(20_000))));
    assert_eq!(line.known, Some(BudgetKnown::Complete));
    let told = minutes(&line.bands);
    assert_eq!(told, [("above", 50, 50), ("below", 0, 0), ("frozen", 0, 0), ("room", 50, 50)]);
    let budget = budget(&judgement);
    assert_eq!((line.bands[3].proven_s, line.bands[3].worst_case_s), (budget.used, budget.used_max));
}

#[test]
fn a_manufacturer_is_told_what_the_lines_budgets_count_between_legs_and_side_by_side() {
    let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
    let first = held.story(vec![lot(&[]), lot(&[])], vec![place(1, None)], &[(1, [20_000; 11])]);
    held.then(7, first);
    // For sixteen minutes no reading holds.
    held.begin += 16;
    let legs = [(7, 0), (7, 1), (9, 0)];
    let story = held.story(vec![lot(&legs)], vec![place(2, None)], &[(2, warm(10))]);
    let (judgement, packs) = (held.judge(&story), held.packs(&story));
    let line = &packs[0].lines[0];
    assert_eq!(line.known, Some(BudgetKnown::LegMissing), "the third is not held");
    let own = budget(&judgement);
    let expected = (own.used.0 / 60_000, own.used_max.0 / 60_000);
    assert_eq!(expected, (110, 126));
    assert_eq!(minutes(&line.bands)[0], ("above", expected.0, expected.1));
    assert_eq!(minutes(&line.bands)[3], ("room", expected.0, expected.1));
}

#[test]
fn a_manufacturer_is_told_of_a_budget_of_an_earlier_legs_profile_by_its_name() {
    let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
    let first = held.story(vec![lot(&[])], vec![place(1, None)], &[(1, warm(30))]);
    held.then(7, first);
    let item = ItemLine { profile: None, ..lot(&[(7, 0)]) };
    let story = held.story(vec![item], vec![place(2, None)], &[(2, warm(10))]);
    let (judgement, packs) = (held.judge(&story), held.packs(&story));
    let told = budget(&judgement);
    let last = packs[0].lines[0].bands.last().unwrap().clone();
    let expected = Band {
        id: told.id.clone(),
        from_c: Some(MilliCelsius(8_000)),
        to_c: Some(MilliCelsius(25_000)),
        proven_s: told.used,
        worst_case_s: told.used_max,
    };
    assert_eq!(last, expected);
    assert!(last.id.starts_with("room (") && last.proven_s.0 == 40 * 60_000, "{last:?}");
}
