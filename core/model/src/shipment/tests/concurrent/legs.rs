//! What another shipment, or a logger found out of tolerance, does to stock that was released.

mod clocks;
mod gone_on;
mod wanting;

use super::*;

/// A shipment whose lines go on from earlier legs, judged with what is held of these.
fn legs_told(scene: &Scene, held: &BTreeMap<Id, Story>) -> (Story, Judgement) {
    let story = tell(scene.entries.clone());
    let by_address = |batch: &Batch| (Batch::address(&batch.to_bytes().unwrap()), batch.clone());
    let batches = scene.batches.iter().map(by_address).collect();
    let (fleet, foreign) = (Fleet::default(), BTreeMap::new());
    let grounds = Grounds { batches: &batches, fleet: &fleet, earlier: held, foreign: &foreign };
    let judgement = judge(&story, &grounds);
    (story, judgement)
}

/// Signs the verdict on a shipment with earlier legs.
fn sign_legs(scene: &mut Scene, held: &BTreeMap<Id, Story>, minute: i64) {
    let judgement = legs_told(scene, held).1;
    let record = record_of(&judgement);
    scene.add(DOCK, minute, &record);
}

#[test]
fn that_a_leg_of_one_line_is_not_released_was_explained_of_that_line_and_of_no_other() {
    let leg = |number: u8, decided: Decision| {
        let mut scene = Scene::received();
        scene.add(3, SINCE + 110, &decision(decided, None));
        (Id([number; 16]), tell(scene.entries))
    };
    let (rejected, fine) = (leg(7, Decision::Reject), leg(8, Decision::Release));
    let recalled = leg(8, Decision::Reject);
    let goes_on =
        |lot: &str, shipment: Id| ItemLine { legs: Some(vec![Leg { shipment, line: 0 }]), ..item(lot) };
    let items = vec![goes_on("A1", rejected.0), goes_on("B2", fine.0)];
    let (mut entries, batch) = journey_of(items, &[5000, 5000, 5000]);
    entries[3] = entry(DOCK, 3, 75, Role::Pharmacist, &received(70));
    let mut scene = Scene { entries, batches: vec![batch] };
    scene.entries[3].heads = scene.heads(DOCK);
    let held = BTreeMap::from([rejected.clone(), fine]);
    sign_legs(&mut scene, &held, SINCE + 100);
    let (story, judgement) = legs_told(&scene, &held);
    let explained = |reason| Explained { reason, explanation: "looked into".into() };
    let reasons = story.unexplained(&judgement).into_iter().map(explained).collect();
    scene.add(DOCK, SINCE + 105, &Acknowledged { reasons });
    let released = scene.add(DOCK, SINCE + 110, &decision(Decision::ReleaseInPart, Some(&[1])));
    assert_eq!(scene.refusal(released), None);
    let stock = |scene: &Scene, held: &BTreeMap<Id, Story>| {
        let (story, judgement) = legs_told(scene, held);
        (story.stock_now(&judgement).line(1), story.unexplained(&judgement).contains(&Reason::LegNotReleased))
    };
    assert_eq!(stock(&scene, &held), (FREE, false));
    let held = BTreeMap::from([rejected, recalled]);
    assert_eq!(stock(&scene, &held), (HELD, true), "the other line's leg was rejected");
    sign_legs(&mut scene, &held, SINCE + 120);
    assert_eq!(legs_told(&scene, &held).0.finding_due().map(|due| due.lines), Some(vec![1]));
}

#[test]
fn a_logger_found_out_of_tolerance_holds_what_was_released_by_an_explanation_of_another_certificate() {
    use crate::record::{AsFound, Certificate, Logger};
    use crate::shipment::tell_within;
    let logger = |calibrated: i64, due: i64, as_found| Logger {
        id: LOGGER,
        family: "file".into(),
        label: "B7".into(),
        address: None,
        serial: None,
        interval_s: Some(1800),
        accuracy_mc: None,
        certificate: Some(Certificate {
            number: format!("C-{calibrated}"),
            laboratory: "Lab".into(),
            calibrated: UtcMillis(calibrated * MINUTE),
            due: UtcMillis(due * MINUTE),
            uncertainty_mc: None,
            points: Vec::new(),
            as_found,
        }),
        offset_mc: None,
    };
    let expired = entry(9, 0, -90, Role::Admin, &logger(-100, 20, AsFound::WithinTolerance));
    let found = entry(9, 1, SINCE + 107, Role::Admin, &logger(200, 900, AsFound::OutOfTolerance));
    let told = |scene: &Scene, recorded: &[SignedEntry]| {
        let story = tell_within(scene.entries.clone(), tell_organisation(recorded.to_vec()));
        let by_address = |batch: &Batch| (Batch::address(&batch.to_bytes().unwrap()), batch.clone());
        let batches = scene.batches.iter().map(by_address).collect();
        let (fleet, earlier) = (Fleet::of(recorded.iter().cloned()), BTreeMap::new());
        let foreign = BTreeMap::new();
        let grounds = Grounds { batches: &batches, fleet: &fleet, earlier: &earlier, foreign: &foreign };
        let judgement = judge(&story, &grounds);
        (story, judgement)
    };
    let knowing = |mut scene: Scene, size: u64| {
        for entry in &mut scene.entries {
            entry.heads.retain(|head| head.log != [9; 32]);
            entry.heads.push(Held { log: [9; 32], size });
        }
        scene
    };
    let explain = Acknowledged {
        reasons: vec![Explained { reason: Reason::Calibration, explanation: "a month over".into() }],
    };
    let (mut entries, batch) = journey(&[5000, 5000, 5000], Provenance::P3);
    entries[0] = entry(DOCK, 1, 0, Role::Pharmacist, &Shipment { items: vec![item("A1")], ..created() });
    let mut scene = Scene { entries: entries[..3].to_vec(), batches: vec![batch] };
    scene.add(DOCK, 75, &received(70));
    let mut scene = knowing(scene, 1);
    let own = std::slice::from_ref(&expired);
    let (_, judgement) = told(&scene, own);
    assert_eq!(judgement.reasons, [Reason::Calibration]);
    scene.add(DOCK, SINCE + 100, &record_of(&judgement));
    scene.add(DOCK, SINCE + 105, &explain);
    let mut scene = knowing(scene, 1);
    let all = [expired.clone(), found];

    // Found out before the release, by somebody who explained the expired certificate alone.
    let mut aware = scene.clone();
    aware.add(DOCK, SINCE + 110, &release());
    aware.entries.last_mut().unwrap().heads.push(Held { log: [9; 32], size: 2 });
    let refused = told(&aware, &all).0.told.last().unwrap().refused;
    assert_eq!(refused, Some(Refusal::NotSettled), "explained before it was found");

    // Found out after the release.
    scene.add(DOCK, SINCE + 106, &release());
    let mut scene = knowing(scene, 1);
    let (story, judgement) = told(&scene, own);
    assert_eq!(story.stock_now(&judgement).state(), FREE);
    let (story, judgement) = told(&scene, &all);
    assert_eq!(judgement.reasons, [Reason::Calibration], "no other reason than before");
    assert_eq!(story.stock_now(&judgement).state(), HELD);
    assert_eq!(story.unexplained(&judgement), [Reason::Calibration]);
    assert!(story.evidence_unsigned(&judgement));
    // Once a verdict is signed that knows of it, the finding is due; explained anew, it is released anew.
    let verdict = record_of(&judgement);
    let knows = |scene: &mut Scene| {
        scene.entries.last_mut().unwrap().heads.push(Held { log: [9; 32], size: 2 });
    };
    scene.add(DOCK, SINCE + 120, &verdict);
    knows(&mut scene);
    let (story, judgement) = told(&scene, &all);
    assert!(!story.evidence_unsigned(&judgement));
    let due = story.finding_due().unwrap();
    let finding = Finding {
        disposition: due.decision.reference,
        assessment: due.assessed.reference,
        lines: due.lines,
        words: "out of tolerance".into(),
    };
    scene.add(DOCK, SINCE + 125, &finding);
    knows(&mut scene);
    scene.add(DOCK, SINCE + 130, &explain);
    knows(&mut scene);
    scene.add(DOCK, SINCE + 140, &release());
    knows(&mut scene);
    let (story, judgement) = told(&scene, &all);
    assert_eq!((story.told.last().unwrap().refused, story.stock_now(&judgement).state()), (None, FREE));
}

#[test]
fn what_went_on_from_a_leg_is_held_as_soon_as_the_evidence_puts_that_leg_in_question_unsigned() {
    let leg = Id([7; 16]);
    let mut first = Scene::received();
    let mut van = first.clone();
    let released = first.add(3, SINCE + 110, &release());
    assert_eq!((first.refusal(released), first.stocks()), (None, vec![FREE; 2]));
    let goes_on = ItemLine { legs: Some(vec![Leg { shipment: leg, line: 0 }]), ..item("A1") };
    let (mut entries, batch) = journey_of(vec![goes_on], &[5000, 5000, 5000]);
    // Created under the rule that asks for legs, by a device whose log nobody held who signed before it.
    entries[0] = entry(77, 1, SINCE, Role::Pharmacist, &opened(&entries[0]));
    entries[1] = entry(DOCK, 2, 40, Role::Pharmacist, &started(40));
    entries[3] = entry(DOCK, 3, 75, Role::Pharmacist, &received(70));
    let mut next = Scene { entries, batches: [first.batches.clone(), vec![batch]].concat() };
    next.entries[3].heads = next.heads(DOCK).into_iter().filter(|head| head.log != [77; 32]).collect();
    let held = BTreeMap::from([(leg, tell(first.entries.clone()))]);
    sign_legs(&mut next, &held, SINCE + 111);
    let released = next.add(3, SINCE + 112, &release());
    assert_eq!(next.refusal(released), None);
    let stands = |next: &Scene, held: &BTreeMap<Id, Story>| {
        let (story, judgement) = legs_told(next, held);
        (story.stock_now(&judgement).line(0), judgement.lines[0].reasons.clone())
    };
    assert_eq!(stands(&next, &held), (FREE, vec![]));
    // A courier reads the rest of the first leg's logger, and signs nothing about either.
    let (sealed, batch) = readings(VAN, van.next(VAN), 20, &[20_000], Provenance::P3);
    van.entries.push(SignedEntry { heads: van.heads(VAN), at: UtcMillis((SINCE + 109) * MINUTE), ..sealed });
    van.batches.push(batch.clone());
    next.batches.push(batch);
    let both = first.with(&van);
    assert_eq!(both.stocks(), [HELD; 2]);
    let held = BTreeMap::from([(leg, tell(both.entries))]);
    assert_eq!(stands(&next, &held), (HELD, vec![Reason::LegNotReleased]));
}

fn opened(created: &SignedEntry) -> Shipment {
    Shipment::from_bytes(&created.body).unwrap()
}
