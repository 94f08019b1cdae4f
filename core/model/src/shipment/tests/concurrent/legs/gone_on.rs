//! What was found of a leg when it was received, and asked of it since, in what goes on from it.

use super::*;

const LEG: Id = Id([7; 16]);
const OFFICE: u8 = 4;
const WARD: u8 = 5;
const CLINIC: u8 = 6;

/// Picked up by the dock at minute 8, read every half hour, not received yet.
fn under_way() -> Scene {
    let says = Shipment { items: vec![item("A1")], ..created() };
    let mut scene =
        Scene { entries: vec![entry(DOCK, 1, SINCE, Role::Pharmacist, &says)], batches: Vec::new() };
    scene.add(DOCK, SINCE + 8, &started(SINCE + 8));
    let (sealed, batch) = readings(DOCK, scene.next(DOCK), SINCE + 25, &[5000; 2], Provenance::P3);
    scene.entries.push(SignedEntry { heads: scene.heads(DOCK), ..sealed });
    scene.batches.push(batch);
    scene
}

fn arrived(scene: &mut Scene, (log, minute): (u8, i64), seal: SealFound) -> EntryReference {
    let says = Received { at: UtcMillis((SINCE + minute) * MINUTE), ..checked(seal, &[]) };
    scene.add(log, SINCE + minute, &says)
}

fn corrected(scene: &mut Scene, received: EntryReference, minute: i64) {
    let says =
        ArrivalMoved { received, at: UtcMillis((SINCE + minute) * MINUTE), reason: "by the camera".into() };
    let approves = scene.add(OFFICE, SINCE + 140, &says);
    scene.add(WARD, SINCE + 141, &Approved { approves });
}

/// The next shipment, picked up by the clinic, who held so much of the office's log about the leg.
fn goes_on(first: &Scene, pick_up: Started, (signed, known): (i64, u64)) -> Scene {
    let says = Shipment {
        items: vec![ItemLine { legs: Some(vec![Leg { shipment: LEG, line: 0 }]), ..item("A1") }],
        ..created()
    };
    let opened = entry(CLINIC, 1, SINCE + 1, Role::Pharmacist, &says);
    let by = entry(CLINIC, 2, SINCE + signed, Role::Pharmacist, &pick_up);
    let heads = vec![Held { log: [OFFICE; 32], size: known }];
    let (sealed, batch) = readings(CLINIC, 3, SINCE + 72, &[5000; 3], Provenance::P3);
    let receipt = entry(CLINIC, 4, SINCE + 150, Role::Pharmacist, &received(SINCE + 150));
    let heads = heads.into_iter().filter(|head| head.size > 0).collect();
    let entries = vec![opened, SignedEntry { heads, ..by }, sealed, receipt];
    Scene { entries, batches: [first.batches.clone(), vec![batch]].concat() }
}

fn is_barred(first: &Scene, next: &Scene) -> bool {
    let told = |entries: Vec<SignedEntry>| {
        let held = BTreeMap::from([(LEG, tell(entries))]);
        legs_told(next, &held).1.lines[0].reasons.contains(&Reason::LegNotReleased)
    };
    let mut other = first.entries.clone();
    other.reverse();
    let barred = told(first.entries.clone());
    assert_eq!(barred, told(other), "in whatever order they came");
    barred
}

#[test]
fn a_broken_seal_bars_what_was_picked_up_in_knowledge_of_the_receipt_whatever_arrival_counts() {
    for (second, moved, known, barred) in [
        (None, None, true, true),
        (None, None, false, true),
        (Some(90), None, true, true),
        (Some(90), None, false, true),
        (None, Some(90), true, true),
        (None, Some(90), false, false),
    ] {
        let mut first = under_way();
        let unaware = first.clone();
        let receipt = arrived(&mut first, (OFFICE, 65), SealFound::Broken);
        if let Some(minute) = second {
            let mut other = unaware;
            arrived(&mut other, (WARD, minute), SealFound::Intact);
            first = first.with(&other);
        }
        if let Some(minute) = moved {
            corrected(&mut first, receipt, minute);
        }
        let next = goes_on(&first, started(SINCE + 71), (71, u64::from(known)));
        assert_eq!(is_barred(&first, &next), barred, "{second:?} {moved:?} {known}");
    }
}

#[test]
fn goods_that_were_split_off_on_the_way_are_not_barred_by_what_was_found_when_the_others_came() {
    for (signed, given, barred) in [(71, 71, false), (150, 71, false), (150, 95, true)] {
        let mut first = under_way();
        arrived(&mut first, (OFFICE, 90), SealFound::Broken);
        let reason = (signed != given).then(|| "the phone was flat".into());
        let pick_up = Started { reason, ..started(SINCE + given) };
        let next = goes_on(&first, pick_up, (signed, u64::from(signed > 90)));
        assert_eq!(is_barred(&first, &next), barred, "picked up at {given}, signed at {signed}");
    }
}

#[test]
fn every_question_that_waits_about_the_lot_of_a_leg_holds_what_was_released_without_it() {
    let mut first = under_way();
    arrived(&mut first, (OFFICE, 65), SealFound::Intact);
    let asked = first.ask(OFFICE, SINCE + 66, ("MSD", &["A1"]));
    let mut next = goes_on(&first, started(SINCE + 71), (71, 1));
    let stock = |next: &Scene, first: &Scene| {
        let (story, judgement) = legs_told(next, &BTreeMap::from([(LEG, tell(first.entries.clone()))]));
        story.stock_now(&judgement).line(0)
    };
    let held = BTreeMap::from([(LEG, tell(first.entries.clone()))]);
    sign_legs(&mut next, &held, SINCE + 151);
    let explained = |reason| Explained { reason, explanation: "asked".into() };
    let reasons = legs_told(&next, &held).1.reasons.into_iter().map(explained).collect();
    next.add(DOCK, SINCE + 152, &Acknowledged { reasons });
    let released = next.add(3, SINCE + 153, &release());
    assert_eq!(
        (legs_told(&next, &held).0.told_as(released).unwrap().refused, stock(&next, &first)),
        (None, FREE)
    );
    let other = first.ask(OFFICE, SINCE + 160, ("GSK", &["A1"]));
    assert_eq!(stock(&next, &first), HELD, "beside the one that was explained");
    first.add(OFFICE, SINCE + 161, &answer(other, "A1", Advice::MayBeUsed));
    assert_eq!(stock(&next, &first), FREE, "answered");
    first.add(OFFICE, SINCE + 162, &answer(asked, "A1", Advice::MayBeUsed));
    assert_eq!(stock(&next, &first), FREE, "less than was explained");
}

#[test]
fn a_clock_that_was_wrong_lets_no_seal_be_forgotten_by_whoever_did_not_know_of_the_receipt() {
    let compared = |log: u8, peer: u8, ahead: i64| {
        let says = ClockCompared { peer: [peer; 32], difference_ms: ahead * MINUTE, dated_back: None };
        entry(log, 90, SINCE + 60, Role::Pharmacist, &says)
    };
    for (clocks, picked_up, barred) in [
        (None, 75, true),
        (None, 58, false),
        (Some(compared(OFFICE, DOCK, 25)), 75, true),
        (Some(compared(OFFICE, DOCK, -25)), 75, true),
        (Some(compared(OFFICE, CLINIC, -25)), 50, true),
        (Some(compared(OFFICE, CLINIC, -25)), 34, false),
    ] {
        let told = |scene: &Scene| {
            tell_within(scene.entries.clone(), tell_organisation(clocks.iter().cloned().collect()))
        };
        let mut first = under_way();
        arrived(&mut first, (OFFICE, 65), SealFound::Broken);
        let next = goes_on(&first, started(SINCE + picked_up), (picked_up, 0));
        let held = BTreeMap::from([(LEG, told(&first))]);
        let by_address = |batch: &Batch| (Batch::address(&batch.to_bytes().unwrap()), batch.clone());
        let batches = next.batches.iter().map(by_address).collect();
        let (fleet, foreign) = (Fleet::default(), BTreeMap::new());
        let grounds = Grounds { batches: &batches, fleet: &fleet, earlier: &held, foreign: &foreign };
        let reasons = judge(&told(&next), &grounds).lines[0].reasons.clone();
        assert_eq!(reasons.contains(&Reason::LegNotReleased), barred, "{clocks:?} at {picked_up}");
    }
}
