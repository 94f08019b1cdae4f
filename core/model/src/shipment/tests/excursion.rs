//! CDC's record of an excursion: what is known, what is asked, and when it is complete.

use super::*;
use crate::assess::Milliseconds;
use crate::units::MilliCelsius;

fn item(product: &str, lot: &str) -> ItemLine {
    ItemLine {
        product: product.into(),
        gtin: None,
        lot: Some(lot.into()),
        expiry: None,
        quantity: 40,
        package: None,
        serials: None,
        profile: None,
        legs: None,
        label: None,
    }
}

/// A journey whose readings come every thirty minutes, with these lines.
pub(super) fn journey_of(items: Vec<ItemLine>, values: &[i32]) -> (Vec<SignedEntry>, Batch) {
    let (mut entries, batch) = journey(values, Provenance::P3);
    entries[0] = entry(1, 1, 0, Role::Pharmacist, &Shipment { items, ..created() });
    (entries, batch)
}

fn warm() -> (Vec<SignedEntry>, Batch) {
    journey_of(vec![item("MMR", "A1")], &[5000, 9000, 9500, 8500, 5000])
}

fn record(sequence: u64, record: &ExcursionRecord) -> SignedEntry {
    entry(1, sequence, 300 + sequence as i64, Role::Pharmacist, record)
}

fn described(text: &str) -> ExcursionRecord {
    ExcursionRecord { description: Some(text.into()), ..ExcursionRecord::default() }
}

#[test]
fn what_the_readings_tell_of_an_excursion_is_known_and_the_rest_is_asked() {
    let (entries, batch) = warm();
    let (story, judgement) = judged(entries, &[batch]);
    let known = known(&story, &judgement);
    assert_eq!(known.at, Some(UtcMillis(40 * MINUTE)));
    assert_eq!(
        (known.unit_min_c, known.unit_max_c),
        (Some(MilliCelsius(5000)), Some(MilliCelsius(9500))),
        "of all readings that count"
    );
    assert_eq!(known.duration_s, Some(Milliseconds::from_seconds(5400)));
    assert_eq!(known.inventory.as_deref(), Some("MMR, lot A1, quantity 40"));
    let shown = excursion_shown(&story, &judgement).unwrap();
    assert_eq!(
        (shown.complete, shown.missing.len(), shown.last),
        (false, 5, None),
        "five fields are the people's"
    );
    assert_eq!(shown.readings_tell, known);
}

#[test]
fn the_lowest_in_the_unit_is_that_of_all_readings_that_count_not_of_the_excursion_alone() {
    let (entries, batch) = journey_of(vec![item("MMR", "A1")], &[3000, 5000, 9000, 9500, 8500, 5000]);
    let (story, judgement) = judged(entries, &[batch]);
    let known = known(&story, &judgement);
    assert_eq!((known.unit_min_c, known.unit_max_c), (Some(MilliCelsius(3000)), Some(MilliCelsius(9500))));
}

#[test]
fn a_shipment_in_range_asks_for_no_record_and_knows_nothing_of_an_excursion() {
    let (entries, batch) = journey_of(vec![item("MMR", "A1")], &[5000, 5000, 5000]);
    let (story, judgement) = judged(entries, &[batch]);
    assert_eq!(excursion_shown(&story, &judgement), None);
    assert!(known(&story, &judgement).is_empty());
}

#[test]
fn later_entries_of_the_record_add_to_earlier_ones_and_the_newest_of_a_field_counts() {
    let (mut entries, batch) = warm();
    let room = ExcursionRecord { room_c: Some(MilliCelsius(21_500)), ..described("door") };
    entries.extend([record(5, &room), record(6, &described("the door was left open"))]);
    let (story, judgement) = judged(entries, &[batch]);
    let shown = excursion_shown(&story, &judgement).unwrap();
    assert_eq!(shown.record.room_c, Some(MilliCelsius(21_500)));
    assert_eq!(shown.record.description.as_deref(), Some("the door was left open"));
    assert_eq!((shown.missing.len(), shown.complete), (3, false));
    assert_eq!(shown.last, Some(UtcMillis(306 * MINUTE)));
    let detail = detail(Id([1; 16]), &story, &judgement, &BTreeMap::new());
    let occurrence = &detail.history.last().unwrap().occurrence;
    assert_eq!(
        *occurrence,
        crate::api::Occurrence::ExcursionRecorded { record: described("the door was left open") }
    );
}

#[test]
fn an_entry_that_fills_in_nothing_or_blank_text_or_comes_before_the_pick_up_does_not_count() {
    let refusal = |entries: Vec<SignedEntry>| tell(entries).told.last().unwrap().refused;
    for malformed in [ExcursionRecord::default(), described(" ")] {
        let (mut entries, _) = warm();
        entries.push(record(5, &malformed));
        assert_eq!(refusal(entries), Some(Refusal::MalformedBody));
    }
    let degrees =
        |low, high| ExcursionRecord { unit_min_c: low, unit_max_c: high, ..ExcursionRecord::default() };
    let (mut entries, _) = warm();
    entries.push(record(5, &degrees(None, Some(MilliCelsius(9000)))));
    entries.push(record(6, &degrees(Some(MilliCelsius(40_000)), None)));
    assert_eq!(refusal(entries), Some(Refusal::MalformedBody), "a lowest above the highest of before");
    let entries = vec![entry(1, 1, 0, Role::Pharmacist, &created()), record(2, &described("door"))];
    assert_eq!(refusal(entries), Some(Refusal::OutOfOrder));
    let (mut entries, _) = warm();
    entries.push(entry(2, 9, 400, Role::Courier, &described("door")));
    assert_eq!(refusal(entries), Some(Refusal::RoleMayNotSign));
}
