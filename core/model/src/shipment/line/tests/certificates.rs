//! Certificates and offsets as they bear on a line.

use super::*;

fn enrolled(minute: i64, logger: Logger) -> SignedEntry {
    SignedEntry {
        reference: EntryReference { log: [1; 32], leaf: [minute as u8; 32] },
        sequence: (minute + 1_000) as u64,
        at: at(minute),
        kind: u64::from(Kind::Logger.number()),
        body: logger.to_bytes(),
        batches: Vec::new(),
        heads: Vec::new(),
        device: placed(0, ()).device,
        person: None,
        beyond: None,
        person_refused: None,
    }
}

fn logger(number: u8, certificate: Option<Certificate>) -> Logger {
    Logger {
        id: Id([number; 16]),
        family: "file".into(),
        label: format!("Logger {number}"),
        address: None,
        serial: None,
        interval_s: Some(600),
        accuracy_mc: Some(500),
        certificate,
        offset_mc: Some(300),
    }
}

fn certificate(calibrated: i64, due: i64, as_found: AsFound) -> Option<Certificate> {
    Some(Certificate {
        number: "C-1".into(),
        laboratory: "Lab".into(),
        calibrated: at(calibrated),
        due: at(due),
        uncertainty_mc: None,
        points: Vec::new(),
        as_found,
    })
}

fn reasons_with(entries: Vec<SignedEntry>) -> Vec<Reason> {
    let mut held = Held { fleet: Fleet::of(entries.into_iter()), ..Held::default() };
    let story = held.story(Vec::new(), vec![place(1, None)], &[(1, [5_000; 11])]);
    held.judge(&story).reasons
}

#[test]
fn a_certificate_that_is_missing_expired_or_was_found_wanting_later_is_a_reason() {
    use AsFound::{OutOfTolerance, WithinTolerance};
    let uncertified = || enrolled(-500, logger(1, None));
    let other = |minute| enrolled(minute, logger(2, certificate(-900, 900, WithinTolerance)));
    let own =
        |minute, calibrated, due, found| enrolled(minute, logger(1, certificate(calibrated, due, found)));
    assert_eq!(reasons_with(vec![uncertified()]), [], "an organisation that keeps no certificates");
    assert_eq!(reasons_with(vec![uncertified(), other(50)]), [], "one that began to keep them later");
    assert_eq!(reasons_with(vec![uncertified(), other(-400)]), [Reason::Calibration]);
    assert_eq!(reasons_with(vec![own(-500, -600, 101, WithinTolerance)]), []);
    assert_eq!(reasons_with(vec![own(-500, -600, 100, WithinTolerance)]), [Reason::Calibration]);
    let valid = || own(-500, -600, 900, WithinTolerance);
    assert_eq!(reasons_with(vec![valid(), own(300, 200, 900, WithinTolerance)]), []);
    assert_eq!(reasons_with(vec![valid(), own(300, 200, 900, OutOfTolerance)]), [Reason::Calibration]);
}

#[test]
fn of_two_records_of_one_calibration_the_one_out_of_tolerance_counts_whichever_came_first() {
    use AsFound::{OutOfTolerance, WithinTolerance};
    let since = STORIES_BEGIN.0 / MINUTE;
    let own = |sequence: u64, minute, calibrated, found| SignedEntry {
        sequence,
        reference: EntryReference { log: [9; 32], leaf: [u8::try_from(sequence).unwrap(); 32] },
        ..enrolled(minute, logger(1, certificate(calibrated, 900, found)))
    };
    let reasons = |one, other, recorded| {
        let valid = own(0, -500, -600, WithinTolerance);
        reasons_with(vec![valid, own(1, recorded, 200, one), own(2, recorded + 1, 200, other)])
    };
    assert_eq!(reasons(OutOfTolerance, WithinTolerance, since), [Reason::Calibration]);
    assert_eq!(reasons(WithinTolerance, OutOfTolerance, since), [Reason::Calibration], "a slip put right");
}

#[test]
fn the_certificate_that_the_pick_ups_signer_held_and_that_was_in_force_then_judges_whatever_any_clock_says() {
    use AsFound::WithinTolerance;
    let calibrated = |sequence: u64, minute, logger: Logger| SignedEntry {
        sequence,
        reference: EntryReference { log: [9; 32], leaf: [u8::try_from(sequence).unwrap(); 32] },
        ..enrolled(minute, logger)
    };
    let with = |offset_mc, calibrated, due| Logger {
        offset_mc: Some(offset_mc),
        ..logger(1, certificate(calibrated, due, WithinTolerance))
    };
    // Recorded after the time of the pick-up, which itself is signed later still.
    let entries = vec![
        calibrated(0, -900, Logger { offset_mc: None, ..logger(1, None) }),
        calibrated(1, 20, with(-300, -600, 900)),
        calibrated(2, 21, with(500, 50, 900)),
        calibrated(3, 30, with(900, -10, 900)),
    ];
    let mut held = Held { fleet: Fleet::of(entries.into_iter()), ..Held::default() };
    let mut story = held.story(Vec::new(), vec![place(1, None)], &[(1, [8_200; 11])]);
    let started = story.started.clone().unwrap();
    let signed = |size: u64| SignedEntry {
        reference: started.reference,
        heads: vec![crate::shipment::Held { log: [9; 32], size }],
        ..enrolled(40, logger(1, None))
    };
    let statement = || Some(crate::record::Statement::Started(started.says.clone()));
    let told = |size| crate::shipment::Told { entry: signed(size), statement: statement(), refused: None };
    story.told = vec![told(3)];
    let judgement = held.judge(&story);
    assert_eq!((judgement.series[0].offset_mc, judgement.verdict), (Some(-300), Verdict::Ok));
    assert_eq!(judgement.calibration[&Id([1; 16])], crate::api::CalibrationStanding::Valid);
    let printed = held.fleet.at_pick_up(&story)[&Id([1; 16])].certificate.clone().unwrap();
    assert_eq!(printed.calibrated, at(-600), "one calibrated after the pick-up was not in force");
    story.told = vec![told(1)];
    let judgement = held.judge(&story);
    assert_eq!((judgement.series[0].offset_mc, judgement.verdict), (None, Verdict::Excursion));
    assert_eq!(judgement.calibration.get(&Id([1; 16])), None, "the signer knew of no certificate at all");
    story.told = vec![told(4)];
    assert_eq!(held.judge(&story).series[0].offset_mc, Some(900));
}

#[test]
fn an_offset_is_added_before_judging_and_the_time_near_a_limit_is_told() {
    let mut held =
        Held { fleet: Fleet::of([enrolled(-500, logger(1, None))].into_iter()), ..Held::default() };
    let story = held.story(Vec::new(), vec![place(1, None)], &[(1, [7_800; 11])]);
    let judgement = held.judge(&story);
    assert_eq!(judgement.verdict, Verdict::Excursion, "7.8 as measured, 8.1 as judged");
    let series = &judgement.series[0];
    assert_eq!((series.points[0].value, series.offset_mc), (MilliCelsius(8_100), Some(300)));
    assert_eq!(series.near_limits.map(|near| near.0), Some(100 * 60_000));
    assert_eq!(held.batches.values().next().unwrap().values[0], 7_800, "kept as it came");
}

#[test]
fn a_finding_of_a_day_counts_for_all_that_may_have_begun_before_it_on_that_day_wherever_on_earth() {
    use AsFound::{OutOfTolerance, WithinTolerance};
    let since = STORIES_BEGIN.0 / MINUTE;
    let recorded = |sequence: u64, minute, calibrated, found| SignedEntry {
        sequence,
        reference: EntryReference { log: [9; 32], leaf: [u8::try_from(sequence).unwrap(); 32] },
        ..enrolled(minute, logger(1, certificate(calibrated, since + 900_000, found)))
    };
    // What is asked: whether the pick-up at `begun`, signed at `signed` in the knowledge of so many, is in question.
    let is_found_out = |found: i64, at_minute: i64, begun: i64, (signed, held): (i64, u64)| {
        let records = [
            recorded(0, since - 9000, since - 9000, WithinTolerance),
            recorded(1, at_minute, found, OutOfTolerance),
        ];
        let signer = SignedEntry {
            heads: vec![crate::shipment::Held { log: [9; 32], size: held }],
            ..enrolled(signed, logger(1, None))
        };
        let mut story = Held::default().story(Vec::new(), vec![place(1, None)], &[]);
        let started = story.started.as_mut().unwrap();
        (started.says.at, started.reference) = (at(begun), signer.reference);
        let statement = Some(crate::record::Statement::Started(started.says.clone()));
        story.told = vec![crate::shipment::Told { entry: signer, statement, refused: None }];
        story.organisation = crate::shipment::tell_organisation(records.to_vec());
        let fleet = Fleet::of(records.into_iter());
        let stood = fleet.calibration_in(&story, Id([1; 16]), at(begun), at(begun + 60));
        let in_force = fleet.at_pick_up(&story)[&Id([1; 16])].certificate.clone().unwrap().calibrated;
        let found_out = matches!(stood, Some(crate::shipment::Calibration::FoundOut(_)));
        let told = story.found_out(Id([1; 16]), at(begun), &|_| true);
        assert_eq!(!told.is_empty(), found_out, "{found} {begun}");
        (found_out, in_force == at(found))
    };
    let day = since + 7 * 1440;
    let (later, eight) = (day + 9000, day + 480);
    assert_eq!(is_found_out(day, later, eight, (eight, 1)), (true, false));
    assert_eq!(
        is_found_out(day, later, day + 2159, (day + 2159, 1)),
        (true, false),
        "the day ends in the west"
    );
    assert_eq!(is_found_out(day, later, day + 2160, (day + 2160, 1)), (false, false));
    assert_eq!(is_found_out(day + 470, later, eight, (eight, 1)), (false, false), "a time of day was told");
    assert_eq!(is_found_out(day, day + 400, eight, (eight, 2)), (false, true), "known to who picked it up");
    assert_eq!(is_found_out(day, day + 400, eight, (eight + 90, 2)), (true, false), "signed afterwards");
}
