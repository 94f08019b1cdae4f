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
