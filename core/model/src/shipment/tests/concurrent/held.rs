//! What somebody signed is judged by what they held: what others signed meanwhile undoes none of it.

use super::*;

/// Two offices, and a ward that knows the courier alone.
const OFFICE: u8 = 4;
const BACK_OFFICE: u8 = 5;
const WARD: u8 = 6;

/// Picked up by the van at minute 8, read by the dock.
fn under_way(provenance: Provenance) -> Scene {
    let says = Shipment { items: vec![item("A1"), item("B2")], ..created() };
    let mut scene =
        Scene { entries: vec![entry(DOCK, 1, SINCE, Role::Pharmacist, &says)], batches: Vec::new() };
    scene.add(VAN, SINCE + 8, &started(SINCE + 8));
    read(&mut scene, (DOCK, SINCE + 60), SINCE + 10, provenance);
    scene
}

/// The same, received by the office at minute 80, its verdict signed.
fn arrived() -> Scene {
    let mut scene = under_way(Provenance::P3);
    scene.add(OFFICE, SINCE + 80, &received(SINCE + 80));
    scene.verdict(OFFICE, SINCE + 81);
    scene
}

fn read(scene: &mut Scene, (log, minute): (u8, i64), from: i64, provenance: Provenance) {
    let (sealed, batch) = readings(log, scene.next(log), from, &[5000; 2], provenance);
    let heads = scene.heads(log);
    scene.entries.push(SignedEntry { heads, at: UtcMillis(minute * MINUTE), ..sealed });
    scene.batches.push(batch);
}

fn moved(scene: &Scene, minute: i64) -> PickUpMoved {
    let at = UtcMillis((SINCE + minute) * MINUTE);
    PickUpMoved { started: scene.entries[1].reference, at, reason: "by the gate's camera".into() }
}

fn in_part() -> Disposition {
    decision(Decision::ReleaseInPart, Some(&[0]))
}

#[test]
fn a_release_in_part_stands_beside_a_correction_by_which_older_readings_count_whichever_clock_is_ahead() {
    for (part_at, whole_at) in [(95, 100), (105, 97)] {
        let mut base = under_way(Provenance::P0);
        base.add(OFFICE, SINCE + 80, &received(SINCE + 80));
        base.verdict(OFFICE, SINCE + 81);
        base.explain(OFFICE, SINCE + 82);
        // From before the pick-up: of no account, though nothing proves them either.
        read(&mut base, (BACK_OFFICE, SINCE + 85), SINCE - 120, Provenance::P0);
        let (mut office, mut dock) = (base.clone(), base);
        let part_of = office.add(OFFICE, SINCE + part_at, &in_part());
        assert_eq!((office.refusal(part_of), office.stocks()), (None, vec![FREE, HELD]));
        let says = moved(&dock, -115);
        dock.add(DOCK, SINCE + 90, &says);
        dock.verdict(DOCK, SINCE + 91);
        dock.explain(DOCK, SINCE + 92);
        let whole_of = dock.add(DOCK, SINCE + whole_at, &release());
        assert_eq!((dock.refusal(whole_of), dock.stocks()), (None, vec![FREE; 2]));
        let both = office.with(&dock);
        assert_eq!((both.refusal(part_of), both.refusal(whole_of)), (None, None), "{part_at} {whole_at}");
        assert_eq!(both.stocks()[1], HELD, "{part_at} {whole_at}");
        let conflicts = both.told().0.conflicts();
        assert_eq!(conflicts.iter().map(|one| one.lines.clone()).collect::<Vec<_>>(), [vec![1]]);
    }
}

#[test]
fn a_receipt_and_the_rejection_after_it_stand_beside_a_later_pick_up_that_their_signers_had_not_heard_of() {
    for (approved_at, received_at) in [(64, 70), (74, 66)] {
        let base = under_way(Provenance::P3);
        let (mut office, mut ward) = (base.clone(), base);
        let says = moved(&office, 55);
        let proposed = office.add(OFFICE, SINCE + 62, &says);
        office.add(BACK_OFFICE, SINCE + approved_at, &Approved { approves: proposed });
        let late = Received { reason: Some("the dock was busy".into()), ..received(SINCE + 45) };
        let receipt = ward.add(WARD, SINCE + received_at, &late);
        ward.verdict(WARD, SINCE + received_at + 1);
        let reject_of = ward.add(WARD, SINCE + received_at + 2, &decision(Decision::Reject, None));
        let both = office.with(&ward);
        let refused = [receipt, reject_of].map(|one| both.refusal(one));
        assert_eq!(refused, [None, None], "{approved_at} {received_at}");
        assert_eq!((both.shown().phase, both.stocks()), (Phase::Received, vec![Some(Stock::Rejected); 2]));
        let from = both.told().0.picked_up();
        assert_eq!(from, Some(UtcMillis((SINCE + 8) * MINUTE)), "nobody picks up what has arrived");
    }
}

#[test]
fn of_a_later_pick_up_and_an_earlier_arrival_that_did_not_know_of_each_other_neither_leaves_anything_out() {
    for (pick_up_at, arrival_at) in [(90, 94), (94, 90)] {
        let base = arrived();
        let receipt = base.entries[3].reference;
        let (mut dock, mut office) = (base.clone(), base);
        let says = moved(&dock, 60);
        let proposed = dock.add(DOCK, SINCE + pick_up_at, &says);
        let agreed = dock.add(WARD, SINCE + pick_up_at + 1, &Approved { approves: proposed });
        let (at, reason) = (UtcMillis((SINCE + 50) * MINUTE), "the dock was busy".to_owned());
        let earlier = office.add(OFFICE, SINCE + arrival_at, &ArrivalMoved { received: receipt, at, reason });
        let also = office.add(BACK_OFFICE, SINCE + arrival_at + 1, &Approved { approves: earlier });
        let both = dock.with(&office);
        assert_eq!([proposed, agreed, earlier, also].map(|one| both.refusal(one)), [None; 4]);
        let (story, _) = both.told();
        let minute = |minute: i64| Some(UtcMillis((SINCE + minute) * MINUTE));
        assert_eq!(
            (story.picked_up(), story.arrival()),
            (minute(8), minute(80)),
            "{pick_up_at} {arrival_at}"
        );
    }
}

#[test]
fn what_was_rejected_stays_so_though_the_device_that_received_is_revoked() {
    let mut scene = under_way(Provenance::P3);
    let receipt = scene.add(WARD, SINCE + 80, &received(SINCE + 80));
    scene.verdict(OFFICE, SINCE + 81);
    let reject_of = scene.add(OFFICE, SINCE + 82, &decision(Decision::Reject, None));
    dispute(&mut scene, receipt);
    assert_eq!(scene.refusal(reject_of), None);
    assert_eq!(scene.stocks(), vec![Some(Stock::Rejected); 2]);
    let again = scene.add(BACK_OFFICE, SINCE + 90, &received(SINCE + 90));
    scene.verdict(BACK_OFFICE, SINCE + 91);
    assert_eq!((scene.refusal(again), scene.stocks()), (None, vec![Some(Stock::Rejected); 2]));
    let freed = scene.says(BACK_OFFICE, SINCE + 92, &release());
    assert_eq!(scene.told().0.would_count(freed), Err(Refusal::Repeated));
}

#[test]
fn what_a_decision_withheld_is_held_though_what_the_decision_rested_on_is_disputed() {
    let mut base = arrived();
    let read_of = base.entries[2].reference;
    // The back office has readings of its own, of which the office had not heard.
    let mut office = base.clone();
    read(&mut base, (BACK_OFFICE, SINCE + 82), SINCE + 10, Provenance::P3);
    let part_of = office.add(OFFICE, SINCE + 90, &in_part());
    base.verdict(BACK_OFFICE, SINCE + 84);
    let whole_of = base.add(BACK_OFFICE, SINCE + 91, &release());
    let mut both = office.with(&base);
    assert_eq!((both.refusal(part_of), both.refusal(whole_of)), (None, None));
    assert_eq!(both.stocks()[1], HELD);
    dispute(&mut both, read_of);
    assert_eq!((both.refusal(part_of), both.refusal(whole_of)), (Some(Refusal::NotSettled), None));
    assert_eq!(both.stocks()[1], HELD, "somebody left it out, and nobody who knows that let it go");
    both.verdict(WARD, SINCE + 95);
    both.explain(WARD, SINCE + 96);
    let anew = both.add(WARD, SINCE + 97, &release());
    assert_eq!((both.refusal(anew), both.stocks()), (None, vec![FREE; 2]));
}

#[test]
fn a_journey_that_was_recorded_afterwards_is_one_whatever_becomes_known_of_its_pick_up_later() {
    let journey = |correction: bool, van: bool| {
        let says = Shipment { items: vec![item("A1"), item("B2")], ..created() };
        let mut scene =
            Scene { entries: vec![entry(DOCK, 1, SINCE, Role::Pharmacist, &says)], batches: Vec::new() };
        let mut other = scene.clone();
        let late = Started { reason: Some("the phone was flat".into()), ..started(SINCE + 8) };
        scene.add(DOCK, SINCE + 120, &late);
        read(&mut scene, (DOCK, SINCE + 121), SINCE + 10, Provenance::P3);
        scene.add(DOCK, SINCE + 122, &custody::offered(1));
        if correction {
            let says = moved(&scene, 3);
            scene.add(DOCK, SINCE + 123, &says);
        }
        let reason = Some("recorded afterwards".into());
        scene.add(OFFICE, SINCE + 130, &Received { reason, ..received(SINCE + 61) });
        if van {
            other.add(VAN, SINCE + 8, &started(SINCE + 8));
        }
        scene.with(&other).told().0.arrival()
    };
    for (correction, van) in [(false, false), (true, false), (false, true)] {
        assert_eq!(journey(correction, van), Some(UtcMillis((SINCE + 61) * MINUTE)), "{correction} {van}");
    }
}

fn dispute(scene: &mut Scene, of: EntryReference) {
    let lost = Some(UtcMillis(SINCE * MINUTE));
    scene.entries.iter_mut().filter(|one| one.reference == of).for_each(|one| one.beyond = lost);
}
