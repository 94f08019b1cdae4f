//! What was found of a leg when it was received, and asked of it since, in what goes on from it.

use super::*;

const LEG: Id = Id([7; 16]);
const OFFICE: u8 = 4;
const WARD: u8 = 5;
const CLINIC: u8 = 6;
const DEPOT: u8 = 8;

/// Picked up by the dock at minute 8, read every half hour, not received yet.
fn under_way() -> Scene {
    under_way_read(Source::Log)
}

/// Readings by a device or from a file.
fn read(source: Source, (mut sealed, mut batch): (SignedEntry, Batch)) -> (SignedEntry, Batch) {
    batch.source = source;
    sealed.body = Readings { source, ..Readings::from_bytes(&sealed.body).unwrap() }.to_bytes();
    sealed.batches = vec![Batch::address(&batch.to_bytes().unwrap())];
    (sealed, batch)
}

fn under_way_read(source: Source) -> Scene {
    let says = Shipment { items: vec![item("A1")], ..created() };
    let mut scene =
        Scene { entries: vec![entry(DOCK, 1, SINCE, Role::Pharmacist, &says)], batches: Vec::new() };
    scene.add(DOCK, SINCE + 8, &started(SINCE + 8));
    let measured = readings(DOCK, scene.next(DOCK), SINCE + 25, &[5000; 2], Provenance::P3);
    let (sealed, batch) = read(source, measured);
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

fn compared(log: u8, peer: u8, ahead: i64) -> SignedEntry {
    let says = ClockCompared { peer: [peer; 32], difference_ms: ahead * MINUTE, dated_back: None };
    entry(log, 90 + u64::from(peer), SINCE + 60, Role::Pharmacist, &says)
}

/// The same as [`is_barred`], where devices compared their clocks.
fn is_barred_by(clocks: &[SignedEntry], first: &Scene, next: &Scene) -> bool {
    let told = |scene: &Scene| tell_within(scene.entries.clone(), tell_organisation(clocks.to_vec()));
    let held = BTreeMap::from([(LEG, told(first))]);
    let by_address = |batch: &Batch| (Batch::address(&batch.to_bytes().unwrap()), batch.clone());
    let batches = next.batches.iter().map(by_address).collect();
    let (fleet, foreign) = (Fleet::default(), BTreeMap::new());
    let grounds = Grounds { batches: &batches, fleet: &fleet, earlier: &held, foreign: &foreign };
    judge(&told(next), &grounds).lines[0].reasons.contains(&Reason::LegNotReleased)
}

fn seal(seal: Seal, minute: i64) -> Observation {
    let at = UtcMillis((SINCE + minute) * MINUTE);
    Observation { observed: Observed::Seal(seal), note: None, photo: None, place: None, at, reason: None }
}

#[test]
fn a_clock_that_was_wrong_lets_no_seal_be_forgotten_by_whoever_did_not_know_of_it() {
    let third = |office: i64, clinic: i64| {
        let told = [(office, OFFICE), (clinic, CLINIC)].into_iter().filter(|(ahead, _)| *ahead != 0);
        told.map(|(ahead, log)| compared(DEPOT, log, ahead)).collect::<Vec<_>>()
    };
    // By when the seal is dated, when the pick-up is, and who compared clocks.
    for (sealed, picked_up, clocks, barred) in [
        (65, 75, vec![], true),
        (65, 58, vec![], false),
        (65, 75, vec![compared(OFFICE, DOCK, 25)], true),
        (65, 75, vec![compared(OFFICE, DOCK, -25)], true),
        (65, 50, vec![compared(OFFICE, CLINIC, -25)], true),
        (65, 34, vec![compared(OFFICE, CLINIC, -25)], false),
        (90, 75, third(25, 0), true),
        (65, 50, third(0, -25), true),
        (90, 50, third(25, -25), true),
        (90, 34, third(25, -25), false),
        (90, 100, third(25, 25), true),
        (65, 15, third(0, -25), false),
    ] {
        let next = |first: &Scene| goes_on(first, started(SINCE + picked_up), (picked_up, 0));
        let mut received = under_way();
        arrived(&mut received, (OFFICE, sealed), SealFound::Broken);
        let mut observed = under_way();
        observed.add(OFFICE, SINCE + sealed, &seal(Seal::Broken, sealed));
        for first in [received, observed] {
            let by = is_barred_by(&clocks, &first, &next(&first));
            assert_eq!(by, barred, "sealed {sealed}, picked up {picked_up}, {clocks:?}");
        }
    }
}

#[test]
fn a_clock_that_entries_show_to_be_wrong_lets_no_seal_be_forgotten() {
    // What the depot signed by a right clock, and whether the clinic held it, who picked up at minute 75 by that one
    // and is 25 minutes behind.
    for (depot, known, barred) in
        [(None, 0, false), (Some(74), 0, false), (Some(74), 1, true), (Some(52), 1, false)]
    {
        let mut first = under_way();
        arrived(&mut first, (OFFICE, 65), SealFound::Broken);
        let mut next = goes_on(&first, started(SINCE + 50), (50, 0));
        let told = depot
            .map(|minute| entry(DEPOT, 1, SINCE + minute, Role::Pharmacist, &seal(Seal::Intact, minute)));
        next.entries.extend(told);
        if known > 0 {
            next.entries[1].heads = vec![Held { log: [DEPOT; 32], size: known + 1 }];
        }
        assert_eq!(is_barred(&first, &next), barred, "{depot:?} {known}");
    }
    // The clinic signed something of the leg by its own clock in knowledge of the receipt, which was dated ahead.
    for (known, barred) in [(0, false), (9, true)] {
        let mut first = under_way();
        arrived(&mut first, (OFFICE, 90), SealFound::Broken);
        let mut later = entry(CLINIC, 9, SINCE + 78, Role::Pharmacist, &seal(Seal::Intact, 78));
        later.heads = vec![Held { log: [OFFICE; 32], size: known }];
        first.entries.push(later);
        let next = goes_on(&first, started(SINCE + 75), (75, 0));
        assert_eq!(is_barred(&first, &next), barred, "{known}");
    }
}

/// Readings at this minute and half an hour later, the first at 20 °C.
fn hot(source: Source, (log, sequence): (u8, u64), minute: i64) -> (SignedEntry, Batch) {
    read(source, readings(log, sequence, SINCE + minute, &[20_000, 5000], Provenance::P3))
}

#[test]
fn heat_before_goods_may_have_left_bars_them_whichever_clock_was_wrong() {
    let both = vec![compared(DEPOT, DOCK, 25), compared(DEPOT, CLINIC, -25)];
    // Who told of it, when the leg was hot, when the pick-up is dated, and who compared clocks.
    for (source, heated, picked_up, clocks, barred) in [
        (Source::Log, 65, 75, vec![], true),
        (Source::Log, 65, 50, vec![], false),
        (Source::Log, 65, 50, vec![compared(CLINIC, DOCK, 25)], true),
        (Source::Log, 65, 50, vec![compared(DEPOT, CLINIC, -25)], true),
        (Source::Log, 85, 50, vec![compared(DEPOT, CLINIC, -25)], false),
        (Source::Log, 90, 75, vec![compared(DEPOT, DOCK, 25)], true),
        (Source::Log, 105, 75, vec![compared(DEPOT, DOCK, 25)], false),
        (Source::Log, 90, 50, both.clone(), true),
        (Source::Log, 105, 50, both, false),
        (Source::Log, 105, 100, vec![compared(DEPOT, DOCK, 25), compared(DEPOT, CLINIC, 25)], false),
        (Source::Import, 65, 75, vec![], true),
        (Source::Import, 65, 50, vec![], false),
        (Source::Import, 65, 50, vec![compared(DEPOT, CLINIC, -25)], true),
        (Source::Import, 85, 50, vec![compared(DEPOT, CLINIC, -25)], false),
        (Source::Import, 90, 75, vec![compared(DEPOT, DOCK, 25)], false),
    ] {
        let mut first = under_way_read(source);
        let (sealed, batch) = hot(source, (DOCK, first.next(DOCK)), heated);
        first.entries.push(SignedEntry { heads: first.heads(DOCK), ..sealed });
        first.batches.push(batch);
        arrived(&mut first, (OFFICE, 140), SealFound::Intact);
        let next = goes_on(&first, started(SINCE + picked_up), (picked_up, 0));
        let by = is_barred_by(&clocks, &first, &next);
        assert_eq!(by, barred, "{source:?} hot {heated}, picked up {picked_up}, {clocks:?}");
    }
}

#[test]
fn heat_that_whoever_picked_up_held_came_before_whatever_their_clock_said() {
    for (by, known, agreed, barred) in
        [(WARD, 0, false, false), (WARD, 9, false, true), (CLINIC, 0, false, true), (WARD, 9, true, false)]
    {
        let mut first = under_way();
        let (sealed, batch) = hot(Source::Import, (by, 1), 65);
        first.entries.push(sealed);
        first.batches.push(batch);
        let mut next = goes_on(&first, started(SINCE + 50), (50, 0));
        next.entries[1].heads = vec![Held { log: [WARD; 32], size: known }];
        if agreed {
            let (started, at) = (next.entries[1].reference, UtcMillis((SINCE + 45) * MINUTE));
            let says = PickUpMoved { started, at, reason: "by the camera".into() };
            let approves = next.add(OFFICE, SINCE + 100, &says);
            next.add(WARD, SINCE + 101, &Approved { approves });
        }
        assert_eq!(is_barred(&first, &next), barred, "{by} {known} {agreed}");
    }
}

#[test]
fn a_pick_up_that_was_corrected_to_a_later_time_is_still_told_by_the_clock_that_dated_the_heat() {
    for (clocks, barred) in [(vec![], false), (vec![compared(DEPOT, DOCK, 25)], true)] {
        let mut first = under_way();
        let (sealed, batch) = hot(Source::Log, (DOCK, first.next(DOCK)), 95);
        first.entries.push(SignedEntry { heads: first.heads(DOCK), ..sealed });
        first.batches.push(batch);
        let mut next = goes_on(&first, started(SINCE + 75), (75, 0));
        let (started, at) = (next.entries[1].reference, UtcMillis((SINCE + 80) * MINUTE));
        let approves = next.add(OFFICE, SINCE + 100, &PickUpMoved { started, at, reason: "late".into() });
        next.add(WARD, SINCE + 101, &Approved { approves });
        assert_eq!(is_barred_by(&clocks, &first, &next), barred, "{clocks:?}");
    }
}

#[test]
fn a_clock_that_was_set_right_leaves_what_it_dated_before_in_question() {
    let over = |peer: u8| {
        let says = ClockCompared { peer: [peer; 32], difference_ms: 0, dated_back: None };
        entry(DEPOT, 95 + u64::from(peer), SINCE + 100, Role::Pharmacist, &says)
    };
    let mut first = under_way();
    let (early, batch) = hot(Source::Log, (DOCK, first.next(DOCK)), 90);
    first.entries.push(SignedEntry { heads: first.heads(DOCK), ..early });
    first.batches.push(batch);
    let (later, batch) = readings(DOCK, first.next(DOCK), SINCE + 125, &[5000, 5000], Provenance::P3);
    let heads = [first.heads(DOCK), vec![Held { log: [DEPOT; 32], size: 99 }]].concat();
    first.entries.push(SignedEntry { heads, ..later });
    first.batches.push(batch);
    let next = goes_on(&first, started(SINCE + 75), (75, 0));
    assert!(!is_barred_by(&[], &first, &next));
    assert!(is_barred_by(&[compared(DEPOT, DOCK, 25), over(DOCK)], &first, &next));
}

#[test]
fn a_clock_that_entries_alone_show_to_be_ahead_hides_no_heat() {
    for (known, barred) in [(0, false), (99, true)] {
        let mut first = under_way();
        let (sealed, batch) = hot(Source::Log, (DOCK, first.next(DOCK)), 90);
        first.entries.push(SignedEntry { heads: first.heads(DOCK), ..sealed });
        first.batches.push(batch);
        let mut saw = entry(WARD, 1, SINCE + 92, Role::Pharmacist, &seal(Seal::Intact, 92));
        saw.heads = vec![Held { log: [DOCK; 32], size: known }];
        first.entries.push(saw);
        let next = goes_on(&first, started(SINCE + 75), (75, 0));
        assert_eq!(is_barred(&first, &next), barred, "{known}");
    }
}

/// Whose device takes the partner's evidence in.
const TAKER: u8 = 9;

/// Barred where the leg is a partner's, whose evidence was taken at a minute by the taker's clock.
fn is_barred_once_taken(first: &Scene, next: &Scene, minute: i64) -> bool {
    let organisation = Fingerprint([5; 32]);
    let says = Taken {
        organisation,
        evidence: Address([6; 32]),
        bytes: 7,
        recognition: Recognition::Pinned,
        taken_up: None,
        acceptance: None,
        told: None,
    };
    let entry = entry(TAKER, 1, SINCE + minute, Role::Pharmacist, &says);
    let own = tell(vec![SignedEntry { batches: vec![Address([8; 32])], ..entry }]);
    // Its taker holds all of it.
    let takings = own.takings(|evidence| (evidence == says.evidence).then(|| first.heads(TAKER)));
    let (fleet, recognition) = (Fleet::default(), Recognition::Pinned);
    let (clock_difference, histories) = (None, None);
    let leg = ForeignLeg { organisation, fleet, recognition, clock_difference, histories, takings };
    let by_address = |batch: &Batch| (Batch::address(&batch.to_bytes().unwrap()), batch.clone());
    let batches = next.batches.iter().map(by_address).collect();
    let earlier = BTreeMap::from([(LEG, tell(first.entries.clone()))]);
    let (fleet, foreign) = (Fleet::default(), BTreeMap::from([(LEG, leg)]));
    let grounds = Grounds { batches: &batches, fleet: &fleet, earlier: &earlier, foreign: &foreign };
    judge(&tell(next.entries.clone()), &grounds).lines[0].reasons.contains(&Reason::LegNotReleased)
}

/// Whether who picked up by a clock that is behind held that the partner's evidence was taken.
fn picks_up(first: &Scene, is_held: bool, recorded_late: bool) -> Scene {
    let pick_up = match recorded_late {
        true => Started { reason: Some("the phone was flat".into()), ..started(SINCE + 20) },
        false => started(SINCE + 30),
    };
    let mut next = goes_on(first, pick_up, (30, 0));
    next.entries[1].heads = vec![Held { log: [TAKER; 32], size: if is_held { 2 } else { 1 } }];
    next
}

#[test]
fn what_a_partners_file_tells_came_before_a_pick_up_whose_signer_held_that_it_was_taken() {
    let mut found = under_way();
    arrived(&mut found, (OFFICE, 65), SealFound::Broken);
    let mut moved = under_way();
    let receipt = arrived(&mut moved, (OFFICE, 65), SealFound::Broken);
    corrected(&mut moved, receipt, 90);
    let mut seen = under_way();
    seen.add(OFFICE, SINCE + 65, &seal(Seal::Broken, 65));
    let [read, imported] = [Source::Log, Source::Import].map(|source| {
        let mut heated = under_way_read(source);
        let (sealed, batch) = hot(source, (DOCK, heated.next(DOCK)), 65);
        heated.entries.push(SignedEntry { heads: heated.heads(DOCK), ..sealed });
        heated.batches.push(batch);
        heated
    });
    for (name, first) in
        [("found", found), ("moved", moved), ("seen", seen), ("read", read), ("imported", imported)]
    {
        for is_held in [true, false] {
            let next = picks_up(&first, is_held, false);
            assert_eq!(is_barred_once_taken(&first, &next, 100), is_held, "{name}");
        }
    }
}

#[test]
fn whoever_records_a_pick_up_late_may_hold_what_a_partner_told_after_it() {
    let mut first = under_way();
    arrived(&mut first, (OFFICE, 65), SealFound::Broken);
    assert!(!is_barred_once_taken(&first, &picks_up(&first, true, true), 100));
}

#[test]
fn what_a_partner_dated_after_its_file_was_taken_came_before_that_by_the_takers_clock() {
    // The partner's clock is ahead; who picked up never held that the file was taken.
    for (taken, barred) in [(40, false), (28, true)] {
        let mut first = under_way();
        first.add(OFFICE, SINCE + 65, &seal(Seal::Broken, 65));
        assert_eq!(is_barred_once_taken(&first, &picks_up(&first, false, false), taken), barred, "{taken}");
    }
}

/// What a line's legs show of the clocks of who picked it up and received it: by how many seconds they differ.
fn behind(first: &Scene, next: &Scene) -> (bool, Vec<i64>) {
    let held = BTreeMap::from([(LEG, tell(first.entries.clone()))]);
    let line = legs_told(next, &held).1.lines.remove(0);
    let seconds = line.behind_legs.iter().map(|one| one.difference_s).collect();
    (line.reasons.contains(&Reason::Clock), seconds)
}

#[test]
fn a_pick_up_dated_before_what_its_signer_held_of_a_leg_shows_that_one_of_two_clocks_is_wrong() {
    let mut first = under_way();
    arrived(&mut first, (OFFICE, 65), SealFound::Intact);
    for (signed, known, shown) in
        [(20, 1, vec![45 * 60]), (59, 1, vec![6 * 60]), (60, 1, vec![]), (71, 1, vec![]), (20, 0, vec![])]
    {
        let next = goes_on(&first, started(SINCE + signed), (signed, known));
        assert_eq!(behind(&first, &next), (!shown.is_empty(), shown), "{signed} {known}");
    }
    // Who decides by a clock that is behind dates nothing of the shipment.
    let mut next = goes_on(&first, started(SINCE + 71), (71, 1));
    let heads = vec![Held { log: [OFFICE; 32], size: 1 }, Held { log: [CLINIC; 32], size: 5 }];
    let decided = entry(WARD, 1, SINCE + 20, Role::Pharmacist, &release());
    next.entries.push(SignedEntry { heads, ..decided });
    assert_eq!(behind(&first, &next), (false, vec![]));
}
