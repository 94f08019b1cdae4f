//! Two pick-ups whose signers did not know of each other: what either knew or owes counts, and no clock chooses.

use super::*;
use crate::record::{AsFound, Certificate, Logger};

const BOX_8: Id = Id([8; 16]);

/// The device that records loggers is log 9.
fn recorded(sequence: u64, id: Id, offset_mc: Option<i32>) -> SignedEntry {
    let certificate = offset_mc.map(|_| Certificate {
        number: format!("C-{sequence}"),
        laboratory: "Lab".into(),
        calibrated: UtcMillis(0),
        due: UtcMillis((SINCE + 90_000) * MINUTE),
        uncertainty_mc: None,
        points: Vec::new(),
        as_found: AsFound::WithinTolerance,
    });
    let (family, label) = ("file".into(), format!("B{sequence}"));
    let logger = Logger {
        id,
        family,
        label,
        address: None,
        serial: None,
        interval_s: Some(1800),
        accuracy_mc: None,
        certificate,
        offset_mc,
    };
    entry(9, sequence, 0, Role::Admin, &logger)
}

fn told(scene: &Scene, recorded: &[SignedEntry]) -> (Story, Judgement) {
    let story = tell(scene.entries.clone());
    let by_address = |batch: &Batch| (Batch::address(&batch.to_bytes().unwrap()), batch.clone());
    let batches = scene.batches.iter().map(by_address).collect();
    let (fleet, earlier) = (Fleet::of(recorded.iter().cloned()), BTreeMap::new());
    let foreign = BTreeMap::new();
    let grounds = Grounds { batches: &batches, fleet: &fleet, earlier: &earlier, foreign: &foreign };
    let judgement = judge(&story, &grounds);
    (story, judgement)
}

/// A pick-up of this logger by somebody who held so many of the records of loggers.
fn picks_up(scene: &mut Scene, (log, minute): (u8, i64), logger: Id, held: u64) {
    let placements = vec![Placement { logger, package: None, from: None, to: None }];
    scene.add(log, minute, &Started { placements, ..started(minute) });
    scene.entries.last_mut().unwrap().heads.push(Held { log: [9; 32], size: held });
}

fn created_alone() -> Scene {
    let says = Shipment { items: vec![item("A1")], ..created() };
    Scene { entries: vec![entry(DOCK, 1, SINCE, Role::Pharmacist, &says)], batches: Vec::new() }
}

fn read(scene: &mut Scene, log: u8, values: &[i32]) {
    let (sealed, batch) = readings(log, scene.next(log), SINCE + 20, values, Provenance::P3);
    scene.entries.push(SignedEntry { heads: scene.heads(log), ..sealed });
    scene.batches.push(batch);
}

#[test]
fn of_two_pick_ups_a_certificate_and_its_offset_count_that_either_signer_knew_whatever_the_clocks_say() {
    for (knowing, unaware) in [(5, 6), (6, 5)] {
        let base = created_alone();
        let (mut dock, mut van) = (base.clone(), base);
        picks_up(&mut dock, (DOCK, SINCE + knowing), LOGGER, 2);
        picks_up(&mut van, (VAN, SINCE + unaware), LOGGER, 1);
        let mut both = dock.with(&van);
        read(&mut both, VAN, &[5000, 7900, 5000]);
        let records = [recorded(0, LOGGER, None), recorded(1, LOGGER, Some(200))];
        let (_, judgement) = told(&both, &records);
        let stood: Vec<_> = judgement.calibration.values().copied().collect();
        assert_eq!(stood, [crate::api::CalibrationStanding::Valid], "{knowing} {unaware}");
        assert_eq!(judgement.verdict, Verdict::Excursion, "7.9 and 0.2 are out of range");
    }
}

#[test]
fn of_two_pick_ups_one_that_was_recorded_late_is_told_whatever_the_clocks_say() {
    for (late, in_time) in [(18, 20), (22, 20)] {
        let base = created_alone();
        let (mut dock, mut van) = (base.clone(), base);
        let on_paper = Started { reason: Some("on paper first".into()), ..started(SINCE) };
        let on_paper = dock.add(DOCK, SINCE + late, &on_paper);
        let signed = van.add(VAN, SINCE + in_time, &started(SINCE + in_time));
        let both = dock.with(&van);
        assert_eq!((both.refusal(on_paper), both.refusal(signed)), (None, None));
        assert!(both.told().1.reasons.contains(&Reason::LateEntry), "{late} {in_time}");
    }
}

#[test]
fn an_explanation_of_the_calibration_speaks_of_no_logger_that_another_pick_up_placed() {
    for (dock_signs, van_signs) in [(5, 6), (6, 5)] {
        let base = created_alone();
        let (mut dock, mut van) = (base.clone(), base);
        let records =
            [recorded(0, LOGGER, None), recorded(1, BOX_8, None), recorded(2, Id([9; 16]), Some(0))];
        picks_up(&mut dock, (DOCK, SINCE + dock_signs), LOGGER, 3);
        read(&mut dock, DOCK, &[5000, 5000]);
        let (_, judgement) = told(&dock, &records);
        assert_eq!(judgement.reasons, [Reason::Calibration]);
        dock.add(DOCK, SINCE + 100, &record_of(&judgement));
        let explained = Explained { reason: Reason::Calibration, explanation: "new".into() };
        dock.add(DOCK, SINCE + 101, &Acknowledged { reasons: vec![explained] });
        let (story, judgement) = told(&dock, &records);
        assert_eq!(story.unexplained(&judgement), []);
        picks_up(&mut van, (VAN, SINCE + van_signs), BOX_8, 3);
        let (story, judgement) = told(&dock.with(&van), &records);
        assert!(story.unexplained(&judgement).contains(&Reason::Calibration), "{dock_signs} {van_signs}");
    }
}

/// Picked up by a third device with the known logger, and received by the dock at 40, which then releases. The van
/// picked up with box 8 at 10 as well, and has heard of none of it; its clock was so many minutes ahead.
fn received_without_the_van(ahead: i64) -> (Scene, EntryReference, EntryReference) {
    let base = created_alone();
    let (mut dock, mut van) = (base.clone(), base);
    picks_up(&mut dock, (3, SINCE + 5), LOGGER, 0);
    picks_up(&mut van, (VAN, SINCE + 10 + ahead), BOX_8, 0);
    let in_van = van.entries.last().unwrap().reference;
    let (sealed, batch) = readings(DOCK, dock.next(DOCK), SINCE + 5, &[5000, 5000], Provenance::P3);
    dock.entries.push(SignedEntry { heads: dock.heads(DOCK), ..sealed });
    dock.batches.push(batch);
    dock.add(DOCK, SINCE + 40, &received(SINCE + 40));
    dock.verdict(DOCK, SINCE + 41);
    let released = dock.add(DOCK, SINCE + 42, &release());
    (dock.with(&van), in_van, released)
}

#[test]
fn a_logger_is_asked_for_whatever_the_clock_of_its_pick_up_says_that_did_not_know_of_the_receipt() {
    for ahead in [0, 60, 24 * 60] {
        let (mut both, in_van, released) = received_without_the_van(ahead);
        assert_eq!(both.refusal(in_van), None, "{ahead}");
        if ahead > 0 {
            assert_eq!(both.refusal(released), None, "{ahead}");
            assert_eq!(both.stocks()[0], Some(Stock::Quarantine), "it did not know of the logger {ahead}");
        }
        let (story, judgement) = both.told();
        assert_eq!(story.unread(), [BOX_8], "{ahead}");
        assert!(judgement.reasons.contains(&Reason::LoggerMissing), "{ahead}");
        both.verdict(DOCK, SINCE + 50);
        both.explain(DOCK, SINCE + 51);
        let again = both.add(DOCK, SINCE + 52, &release());
        assert_eq!(both.refusal(again), Some(Refusal::NotSettled), "{ahead}");
        assert_eq!(both.told().1.reasons.contains(&Reason::Clock), ahead > 0, "{ahead}");
    }
}

#[test]
fn the_only_pick_up_leaves_nothing_out_that_a_receipt_came_before_unaware() {
    for given in [false, true] {
        let base = created_alone();
        let (mut dock, mut van) = (base.clone(), base);
        dock.add(DOCK, SINCE + 40, &received(SINCE + 40));
        let reason = given.then(|| "from the book".to_owned());
        let says = Started { reason, ..started(SINCE + 70) };
        let signed = van.add(VAN, SINCE + if given { 90 } else { 70 }, &says);
        let mut both = dock.with(&van);
        read(&mut both, VAN, &[9000, 5000]);
        assert_eq!(both.refusal(signed), None);
        let (story, judgement) = both.told();
        assert_eq!(story.picked_up(), Some(UtcMillis(SINCE * MINUTE)), "what the van held");
        assert_eq!(judgement.series[0].assessment.statistics.count, 1, "up to the receipt");
        assert_eq!(story.pick_up_otherwise_signed(), Some(UtcMillis((SINCE + 70) * MINUTE)));
    }
}

#[test]
fn a_pick_up_that_knew_of_an_earlier_receipt_is_refused_and_shows_its_clock_all_the_same() {
    let mut scene = created_alone();
    scene.add(DOCK, SINCE + 40, &received(SINCE + 40));
    let knowing = scene.add(VAN, SINCE + 70, &started(SINCE + 70));
    assert_eq!(scene.refusal(knowing), Some(Refusal::OutOfOrder));
    assert!(!scene.told().1.reasons.contains(&Reason::Clock));
    scene.add(DOCK, SINCE + 50, &Quarantined { reason: "a dent".into() });
    let (story, judgement) = scene.told();
    assert!(judgement.reasons.contains(&Reason::Clock));
    assert_eq!(story.clock_differences()[0].difference_s, 20 * 60);
    assert!(story.unexplained(&judgement).contains(&Reason::Clock));
    let disputed = |one: &mut SignedEntry| one.beyond = Some(UtcMillis(0));
    scene.entries.iter_mut().filter(|one| one.reference == knowing).for_each(disputed);
    assert!(!scene.told().1.reasons.contains(&Reason::Clock), "a stolen device shows nothing");
}
