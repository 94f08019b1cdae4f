//! Frozen bytes and round trips of every body.

mod legs;

use super::*;
use crate::gs1::{LabelLimit, LabelLimits};
use crate::id::{DeviceAddress, Id};
use crate::profile::{Profile, Scale, preset};
use crate::reading::{Channel, ClockQuality, Provenance, Quantity, Source};
use crate::time::{UtcMillis, UtcOffset};
use crate::units::MilliCelsius;
use data_encoding::HEXLOWER;
use proptest::prelude::*;

const AT: UtcMillis = UtcMillis(1_790_000_000_000);

fn reference() -> EntryReference {
    EntryReference { log: [0x11; 32], leaf: [0x22; 32] }
}

fn channel() -> Channel {
    Channel { quantity: Quantity::Temperature, probe: 0 }
}

fn batch() -> Batch {
    Batch {
        logger: Id([3; 16]),
        channel: channel(),
        source: Source::Log,
        clock: ClockQuality::ComputedFromPhone,
        provenance: Provenance::P0,
        received: UtcMillis(AT.0 + 700_000),
        interval_s: Some(300),
        times: vec![AT, UtcMillis(AT.0 + 300_000), UtcMillis(AT.0 + 600_000)],
        values: vec![5000, -200, 8005],
        logger_times: Some(vec![10_000, 310_000, 5_000]),
        sequences: Some(vec![7, 8, 9]),
        raws: Some(vec![vec![0x3a, 0x30], vec![], vec![0xff]]),
        aggregation: None,
    }
}

fn clock_set() -> ClockSet {
    ClockSet { at: UtcMillis(AT.0 + 450), to: AT, offset: UtcOffset(3600), before: None }
}

/// Encodes, compares with the frozen bytes, and reads back.
fn frozen<B: Body + PartialEq + std::fmt::Debug>(body: &B, expected: &str) {
    let bytes = body.to_bytes();
    assert_eq!(HEXLOWER.encode(&bytes), expected.replace(char::is_whitespace, ""));
    assert_eq!(&B::from_bytes(&bytes).unwrap(), body);
}

#[test]
fn a_loggers_bytes_are_frozen_and_absent_fields_are_left_out() {
    let logger = Logger {
        id: Id([3; 16]),
        family: "ruuvitag".into(),
        label: "Box 7".into(),
        address: Some(DeviceAddress([0xcb, 0xb8, 0x33, 0x4c, 0x88, 0x4f])),
        serial: None,
        interval_s: Some(300),
        accuracy_mc: None,
        certificate: None,
        offset_mc: None,
    };
    frozen(
        &logger,
        "a5 01 50 03030303030303030303030303030303 02 68 7275757669746167 03 65 426f782037
         04 46 cbb8334c884f 06 19 012c",
    );
}

#[test]
fn the_bytes_of_a_steps_position_are_frozen_and_tell_no_place() {
    let commitment = crate::vault::Commitment([0x33; 32]);
    frozen(
        &Located { step: reference(), commitment, subject: Id([4; 16]) },
        &format!(
            "a3 01 82 5820 {} 5820 {} 02 5820 {} 03 50 {}",
            "11".repeat(32),
            "22".repeat(32),
            "33".repeat(32),
            "04".repeat(16)
        ),
    );
}

#[test]
fn the_bytes_of_a_shipments_steps_are_frozen() {
    let placements = vec![Placement { logger: Id([3; 16]), package: None, from: None, to: None }];
    frozen(
        &Started { at: AT, placements, overrides: None, reason: None },
        "a2 01 1b 000001a0c4506c00 02 81 a1 01 50 03030303030303030303030303030303",
    );
    let readings = Readings {
        logger: Id([3; 16]),
        channel: channel(),
        source: Source::Log,
        count: 3,
        first: AT,
        last: UtcMillis(AT.0 + 600_000),
        lateness: None,
        clock_set: None,
    };
    frozen(
        &readings,
        "a6 01 50 03030303030303030303030303030303 02 82 01 00 03 02 04 03
         05 1b 000001a0c4506c00 06 1b 000001a0c45993c0",
    );
    let after_setting = Readings { clock_set: Some(clock_set()), ..readings };
    frozen(
        &after_setting,
        "a7 01 50 03030303030303030303030303030303 02 82 01 00 03 02 04 03
         05 1b 000001a0c4506c00 06 1b 000001a0c45993c0
         08 a3 01 1b 000001a0c4506dc2 02 1b 000001a0c4506c00 03 19 0e10",
    );
    frozen(
        &Received { at: AT, note: Some("seal 4".into()), checklist: None, reason: None },
        "a2 01 1b 000001a0c4506c00 02 66 7365616c2034",
    );
    frozen(
        &Disposition {
            decision: Decision::Reject,
            reason: "froze".into(),
            assessment: None,
            lines: None,
            open: None,
        },
        "a2 01 03 02 65 66726f7a65",
    );
    frozen(&Closed { closing: Closing::Ended, reason: None }, "a1 01 01");
}

#[test]
fn the_bytes_of_a_hand_over_are_frozen() {
    let last_reading = Some(LastReading { time: AT, value: MilliCelsius(4500) });
    frozen(
        &Offered {
            nonce: [9; 16],
            expires: AT,
            last_reading,
            verdict: crate::assess::Verdict::Review,
            partner: None,
        },
        "a4 01 50 09090909090909090909090909090909 02 1b 000001a0c4506c00
         03 82 1b 000001a0c4506c00 19 1194 04 02",
    );
    let reference_bytes = format!("82 58 20 {} 58 20 {}", "11".repeat(32), "22".repeat(32));
    frozen(
        &Accepted { offered: reference(), nonce: [9; 16], at: AT },
        &format!("a3 01 {reference_bytes} 02 50 09090909090909090909090909090909 03 1b 000001a0c4506c00"),
    );
    frozen(&Confirmed { accepted: reference() }, &format!("a1 01 {reference_bytes}"));
    let partner = Some(Fingerprint([3; 32]));
    let verdict = crate::assess::Verdict::Ok;
    frozen(
        &Offered { nonce: [9; 16], expires: AT, last_reading: None, verdict, partner },
        &format!(
            "a4 01 50 09090909090909090909090909090909 02 1b 000001a0c4506c00 04 01 05 58 20 {}",
            "03".repeat(32)
        ),
    );
}

#[test]
fn the_bytes_of_evidence_taken_from_another_organisation_are_frozen() {
    let taken = Taken {
        organisation: Fingerprint([3; 32]),
        evidence: Address([4; 32]),
        bytes: 70_000,
        recognition: Recognition::Pinned,
        taken_up: None,
        acceptance: None,
        told: None,
    };
    let begin = format!("01 58 20 {} 02 58 20 {} 03 1a 00011170 04", "03".repeat(32), "04".repeat(32));
    frozen(&Taken { recognition: Recognition::Unknown, ..taken.clone() }, &format!("a4 {begin} 02"));
    let reference_bytes = format!("82 58 20 {} 58 20 {}", "11".repeat(32), "22".repeat(32));
    let taken_up = Some(TakenUp { offered: reference(), nonce: [9; 16], at: AT });
    let up =
        format!("05 a3 01 {reference_bytes} 02 50 09090909090909090909090909090909 03 1b 000001a0c4506c00");
    frozen(&Taken { taken_up, ..taken.clone() }, &format!("a5 {begin} 01 {up}"));
    let acceptance = Some(reference());
    let whole = Taken { taken_up, acceptance, ..taken.clone() };
    frozen(&whole, &format!("a6 {begin} 01 {up} 06 {reference_bytes}"));
    let told = Some(vec![LogTold { log: [0x11; 32], size: 300 }]);
    let beyond = Taken { told: told.clone(), ..whole };
    let log = format!("07 81 82 58 20 {} 19 012c", "11".repeat(32));
    frozen(&beyond, &format!("a7 {begin} 01 {up} 06 {reference_bytes} {log}"));
    let to_nobody = Taken { acceptance: None, ..beyond };
    assert!(Taken::from_bytes(&to_nobody.to_bytes()).is_err(), "told to who took nothing over");
    let of_nothing = Taken { acceptance, ..taken };
    assert!(Taken::from_bytes(&of_nothing.to_bytes()).is_err(), "an acceptance of no offer");
}

#[test]
fn the_bytes_of_a_part_of_evidence_are_frozen() {
    let part = EvidencePart { evidence: Address([4; 32]), place: 1, parts: 3, bytes: vec![1, 2, 3] };
    let expected = format!("a401010258 20{}0382010304 43010203", "04".repeat(32)).replace(' ', "");
    assert_eq!(HEXLOWER.encode(&part.to_bytes()), expected);
    for odd in [EvidencePart { place: 3, ..part.clone() }, EvidencePart { bytes: Vec::new(), ..part }] {
        assert!(EvidencePart::from_bytes(&odd.to_bytes()).is_err());
    }
}

#[test]
fn the_bytes_of_what_a_download_did_or_kept_are_frozen() {
    let logger = Id([3; 16]);
    let before = Some(UtcMillis(AT.0 - 90_000));
    let set = ClockSet { before, offset: UtcOffset(-12_600), ..clock_set() };
    frozen(
        &Download { logger, did: Did::SetClock(set) },
        "a2 01 50 03030303030303030303030303030303
         02 a4 01 1b 000001a0c4506dc2 02 1b 000001a0c4506c00 03 39 3137 04 1b 000001a0c44f0c70",
    );
    let (session, parts) = Session::divide(logger, AT, b"---DOWNLOAD_START---").unwrap();
    frozen(
        &Download { logger, did: Did::KeptSession(session) },
        &format!(
            "a2 01 50 03030303030303030303030303030303 03 a4 01 1b 000001a0c4506c00 02 14 03 58 20 {} 04 01",
            HEXLOWER.encode(&session.digest.0)
        ),
    );
    let [part] = &parts[..] else { panic!("{parts:?}") };
    let expected = "a5 01 01 02 50 03030303030303030303030303030303 03 1b 000001a0c4506c00 04 82 00 01
         05 54 2d2d2d444f574e4c4f41445f53544152542d2d2d";
    assert_eq!(HEXLOWER.encode(&part.to_bytes()), expected.replace(char::is_whitespace, ""));
    insta::assert_json_snapshot!((set, session));
}

#[test]
fn the_bytes_of_a_certified_logger_and_of_packed_goods_are_frozen() {
    let certificate = Certificate {
        number: "C1".into(),
        laboratory: "Lab".into(),
        calibrated: UtcMillis(1),
        due: UtcMillis(2),
        uncertainty_mc: Some(100),
        points: vec![CalibrationPoint { reference: MilliCelsius(5000), correction_mc: -30 }],
        as_found: AsFound::OutOfTolerance,
    };
    frozen(
        &Logger {
            id: Id([3; 16]),
            family: "f".into(),
            label: "l".into(),
            address: None,
            serial: None,
            interval_s: None,
            accuracy_mc: Some(500),
            certificate: Some(certificate),
            offset_mc: Some(-30),
        },
        "a6 01 50 03030303030303030303030303030303 02 61 66 03 61 6c 07 19 01f4
         08 a7 01 62 4331 02 63 4c6162 03 01 04 02 05 18 64 06 81 82 19 1388 38 1d 07 02 09 38 1d",
    );
    let outer = Package { name: "pallet".into(), inside: None };
    let inner = Package { name: "box".into(), inside: Some("pallet".into()) };
    assert_eq!(
        HEXLOWER.encode(&encode(&vec![outer, inner])),
        "82a1016670616c6c6574a20163626f78026670616c6c6574"
    );
    let item = ItemLine {
        product: "v".into(),
        gtin: None,
        lot: None,
        expiry: None,
        quantity: 2,
        package: Some("box".into()),
        serials: Some(vec!["7".into()]),
        profile: None,
        legs: Some(vec![Leg { shipment: Id([4; 16]), line: 1 }]),
        label: None,
    };
    assert_eq!(
        HEXLOWER.encode(&encode(&item)),
        format!("a501617605020663626f780781613709818250{}01", "04".repeat(16))
    );
    let label = LabelLimits {
        lowest: Some(LabelLimit { scale: Scale::Celsius, hundredths: 200 }),
        highest: Some(LabelLimit { scale: Scale::Fahrenheit, hundredths: 4640 }),
    };
    let labelled = ItemLine { package: None, serials: None, legs: None, label: Some(label), ..item };
    let bytes = encode(&labelled);
    assert_eq!(HEXLOWER.encode(&bytes), "a301617605020aa201820118c8028202191220");
    assert_eq!(decode::<ItemLine>(&bytes), Ok(labelled));
    let started = Started {
        at: UtcMillis(1),
        placements: vec![Placement {
            logger: Id([3; 16]),
            package: Some("box".into()),
            from: Some(UtcMillis(2)),
            to: Some(UtcMillis(3)),
        }],
        overrides: Some(vec![LoggerReason { logger: Id([3; 16]), reason: "r".into() }]),
        reason: None,
    };
    let id = "50 03030303030303030303030303030303";
    frozen(&started, &format!("a3 01 01 02 81 a4 01 {id} 02 63 626f78 03 02 04 03 03 81 82 {id} 61 72"));
}

#[test]
fn the_bytes_of_a_receipt_with_its_checklist_are_frozen() {
    let checklist = Checklist {
        seal: SealFound::Broken,
        counts: vec![10, 9],
        expired: vec![1],
        unread: vec![LoggerReason { logger: Id([3; 16]), reason: "r".into() }],
    };
    frozen(
        &Received { at: UtcMillis(1), note: None, checklist: Some(checklist), reason: None },
        "a2 01 01 03 a4 01 02 02 82 0a 09 03 81 01 04 81 82 50 03030303030303030303030303030303 61 72",
    );
}

#[test]
fn the_bytes_about_stock_are_frozen() {
    let to = format!("82 58 20 {} 58 20 {}", "11".repeat(32), "22".repeat(32));
    let asked = Asked {
        manufacturer: "m".into(),
        case_number: Some("c".into()),
        asked: UtcMillis(1),
        due: UtcMillis(2),
        lots: vec!["A".into()],
    };
    frozen(
        &Review { cause: "door".into(), action: None, asked: Some(asked) },
        "a2 01 64 646f6f72 03 a5 01 61 6d 02 61 63 03 01 04 02 05 81 61 41",
    );
    frozen(
        &Reply { review: reference(), lots: vec!["A".into()], advice: Advice::Discard, words: "no".into() },
        &format!("a4 01 {to} 02 81 61 41 03 02 04 62 6e6f"),
    );
    let explained = Explained { reason: crate::assess::Reason::Gap, explanation: "e".into() };
    frozen(&Acknowledged { reasons: vec![explained] }, "a1 01 81 82 63 676170 61 65");
    frozen(&Quarantined { reason: "r".into() }, "a1 01 61 72");
    frozen(
        &Disposition {
            decision: Decision::ReleaseInPart,
            reason: "r".into(),
            lines: Some(vec![0, 2]),
            assessment: Some(reference()),
            open: None,
        },
        &format!("a4 01 02 02 61 72 03 82 00 02 04 {to}"),
    );
    frozen(
        &Disposition {
            decision: Decision::Reject,
            reason: "r".into(),
            lines: None,
            assessment: None,
            open: Some(vec![0, 2]),
        },
        "a3 01 03 02 61 72 05 82 00 02",
    );
    frozen(
        &ArrivalMoved { received: reference(), at: UtcMillis(1), reason: "r".into() },
        &format!("a3 01 {to} 02 01 03 61 72"),
    );
    frozen(
        &PickUpMoved { started: reference(), at: UtcMillis(1), reason: "r".into() },
        &format!("a3 01 {to} 02 01 03 61 72"),
    );
    frozen(&Approved { approves: reference() }, &format!("a1 01 {to}"));
    frozen(&Policy { single_person_release: SinglePersonRelease::Allowed }, "a1 01 02");
    let peer = "0707070707070707070707070707070707070707070707070707070707070707";
    frozen(
        &ClockCompared { peer: [7; 32], difference_ms: -300_001, dated_back: None },
        &format!("a2 01 5820{peer} 02 3a 000493e0"),
    );
    frozen(
        &ClockCompared {
            peer: [7; 32],
            difference_ms: -300_001,
            dated_back: Some(Entries { first: 3, last: 24 }),
        },
        &format!("a3 01 5820{peer} 02 3a 000493e0 03 82 03 1818"),
    );
    frozen(
        &Finding { disposition: reference(), assessment: reference(), lines: vec![1], words: "w".into() },
        &format!("a4 01 {to} 02 {to} 03 81 01 04 61 77"),
    );
}

#[test]
fn the_bytes_of_what_people_see_are_frozen() {
    let observation = Observation {
        observed: Observed::VialMonitor(VialMonitorStage::Three),
        at: UtcMillis(1),
        place: Some("box".into()),
        note: None,
        photo: Some(Address([5; 32])),
        reason: None,
    };
    frozen(&observation, &format!("a4 01 82 01 03 02 01 03 63 626f78 05 58 20 {}", "05".repeat(32)));
    let all = [
        (Observed::VialMonitor(VialMonitorStage::One), "820101"),
        (Observed::FreezeIndicator(FreezeIndicator::Activated), "820202"),
        (Observed::Coolant(Coolant::PartlyMelted), "820302"),
        (Observed::Seal(Seal::Intact), "820401"),
        (Observed::Other, "820500"),
    ];
    for (observed, bytes) in all {
        assert_eq!(HEXLOWER.encode(&encode(&observed)), bytes);
        assert_eq!(decode::<Observed>(&encode(&observed)), Ok(observed));
    }
    for bytes in [[0x82, 1, 0], [0x82, 1, 5], [0x82, 2, 3], [0x82, 5, 1], [0x82, 6, 0]] {
        assert!(decode::<Observed>(&bytes).is_err(), "{bytes:?}");
    }
    frozen(&ExcursionRecord::default(), "a0");
    let record = ExcursionRecord {
        at: Some(UtcMillis(1)),
        unit_min_c: Some(MilliCelsius(-2)),
        duration_s: Some(crate::assess::Milliseconds(3)),
        prior_problems: Some("none".into()),
        ..ExcursionRecord::default()
    };
    frozen(&record, "a4 01 01 02 21 07 03 0a 64 6e6f6e65");
}

#[test]
fn the_bytes_about_people_are_frozen() {
    let person = Person {
        id: Id([6; 16]),
        name: "Ana".into(),
        title: None,
        role: crate::role::Role::Quality,
        trained: Some(UtcMillis(1)),
        standing: PersonStanding::Active,
        withdrawn: None,
        enrolment_key: Some([5; 32]),
    };
    let id = "50 06060606060606060606060606060606";
    let code = format!("08 58 20 {}", "05".repeat(32));
    frozen(&person, &format!("a6 01 {id} 02 63 416e61 04 03 05 01 06 01 {code}"));
    let withdrawn = Some(vec![WithdrawnKey { key: [7; 32], reason: "lost".into() }]);
    let lost = Person { withdrawn, ..person };
    let key = "07".repeat(32);
    frozen(
        &lost,
        &format!("a7 01 {id} 02 63 416e61 04 03 05 01 06 01 07 81 a2 01 58 20 {key} 02 64 6c6f7374 {code}"),
    );
    let json = serde_json::to_string(&lost).unwrap();
    let code = "05".repeat(32);
    let expected = format!(r#""withdrawn":[{{"key":"{key}","reason":"lost"}}],"enrolment_key":"{code}"}}"#);
    assert!(json.ends_with(&expected), "{json}");
    assert_eq!(serde_json::from_str::<Person>(&json).unwrap(), lost);
    frozen(
        &PersonKey { person: Id([6; 16]), key: [7; 32], accountability: [8; 32] },
        &format!("a3 01 {id} 02 58 20 {} 03 58 20 {}", "07".repeat(32), "08".repeat(32)),
    );
    frozen(
        &SigningFailed { person: Id([6; 16]), failures: 5, locked_until: Some(UtcMillis(9)) },
        &format!("a3 01 {id} 02 05 03 09"),
    );
}

#[test]
fn a_download_that_tells_of_nothing_or_of_two_things_is_refused() {
    let logger = "01 50 03030303030303030303030303030303";
    let set = "02 a3 01 00 02 00 03 00";
    let session = format!("03 a4 01 00 02 01 03 58 20 {} 04 01", "11".repeat(32));
    for (head, tail) in [("a1", String::new()), ("a3", format!("{set} {session}"))] {
        let bytes = format!("{head} {logger} {tail}").replace(' ', "");
        assert!(Download::from_bytes(&HEXLOWER.decode(bytes.as_bytes()).unwrap()).is_err(), "{head}");
    }
}

#[test]
fn a_session_longer_than_a_batch_comes_back_out_of_its_parts_and_no_other_does() {
    let logger = Id([3; 16]);
    let bytes: Vec<u8> = (0..2_500_000_u32).map(|index| (index % 251) as u8).collect();
    let (session, mut parts) = Session::divide(logger, AT, &bytes).unwrap();
    assert_eq!(
        parts.iter().map(|part| part.bytes.len()).collect::<Vec<_>>(),
        [1_000_000, 1_000_000, 500_000]
    );
    parts.reverse();
    let read = |part: &SessionPart| SessionPart::from_bytes(&part.to_bytes()).unwrap();
    assert_eq!(session.join(logger, parts.iter().map(read).collect()), Ok(bytes));
    let refused = |change: &dyn Fn(&mut Vec<SessionPart>)| {
        let mut parts = parts.clone();
        change(&mut parts);
        session.join(logger, parts).unwrap_err()
    };
    assert_eq!(refused(&|parts| drop(parts.pop())), SessionError::Parts);
    assert_eq!(refused(&|parts| parts[1] = parts[0].clone()), SessionError::Parts);
    assert_eq!(refused(&|parts| parts[0].logger = Id([4; 16])), SessionError::Parts);
    assert_eq!(refused(&|parts| parts[0].received = UtcMillis(0)), SessionError::Parts);
    assert_eq!(refused(&|parts| parts[0].bytes[7] ^= 1), SessionError::Other);
    assert_eq!(refused(&Vec::clear), SessionError::Parts);
    assert_eq!(Session::divide(logger, AT, &[]), Err(SessionError::Length(0)));
}

#[test]
fn a_part_of_a_session_is_no_batch_of_readings_and_a_batch_is_no_part() {
    let (_, parts) = Session::divide(Id([3; 16]), AT, b"x").unwrap();
    assert!(Batch::from_bytes(&parts[0].to_bytes()).is_err());
    assert!(SessionPart::from_bytes(&batch().to_bytes().unwrap()).is_err());
    for (place, count) in [(1, 1), (0, 0), (0, 65)] {
        let part = SessionPart { place, parts: count, ..parts[0].clone() };
        assert_eq!(SessionPart::from_bytes(&part.to_bytes()), Err(SessionError::Parts));
    }
}

#[test]
fn a_shipment_carries_its_profile_and_comes_back_whole() {
    let item = ItemLine {
        product: "MMR".into(),
        gtin: Some("09506000134352".into()),
        lot: Some("A1".into()),
        expiry: None,
        quantity: 40,
        legs: None,
        label: None,
        package: None,
        profile: None,
        serials: None,
    };
    let shipment = Shipment {
        reference: "DN-4711".into(),
        profile: preset("cdc-refrigerator").unwrap().profile.clone(),
        from: Some("Central store".into()),
        to: None,
        items: vec![item],
        packages: None,
    };
    let bytes = shipment.to_bytes();
    assert_eq!(Shipment::from_bytes(&bytes), Ok(shipment));
    insta::assert_snapshot!(HEXLOWER.encode(&bytes));
}

#[test]
fn an_own_profiles_bytes_are_frozen_and_are_those_that_a_shipment_carries() {
    let own =
        Profile { name: "Own".into(), version: 2, ..preset("cdc-refrigerator").unwrap().profile.clone() };
    frozen(&own, "a8 01 63 4f776e 02 02 03 a2 01 19 07d0 02 19 1f40 04 19 0708 05 80 06 80 07 01 09 00");
    assert_eq!(<Profile as Body>::KIND, Kind::Profile);
}

#[test]
fn a_batchs_bytes_and_address_are_frozen() {
    let bytes = batch().to_bytes().unwrap();
    insta::assert_snapshot!(HEXLOWER.encode(&bytes));
    insta::assert_snapshot!(HEXLOWER.encode(&Batch::address(&bytes).0));
    assert_eq!(Batch::from_bytes(&bytes), Ok(batch()));
}

#[test]
fn a_batch_with_columns_that_do_not_belong_together_is_refused() {
    let refused = |change: fn(&mut Batch)| {
        let mut batch = batch();
        change(&mut batch);
        batch.to_bytes().unwrap_err()
    };
    assert_eq!(refused(|batch| batch.values.truncate(2)), BatchError::Columns);
    assert_eq!(refused(|batch| batch.raws = Some(Vec::new())), BatchError::Columns);
    assert_eq!(refused(|batch| batch.times.reverse()), BatchError::Times);
    assert_eq!(refused(|batch| batch.values = vec![0, 0, -273_151]), BatchError::Value);
    assert_eq!(refused(|batch| batch.times.clear()), BatchError::Columns);
}

#[test]
fn a_body_with_bytes_behind_its_end_or_of_another_kind_is_refused() {
    let mut bytes = Confirmed { accepted: reference() }.to_bytes();
    assert!(Started::from_bytes(&bytes).is_err());
    bytes.push(0);
    assert!(Confirmed::from_bytes(&bytes).is_err());
}

#[test]
fn an_extra_key_of_a_newer_version_is_skipped() {
    let newer = HEXLOWER.decode(b"a3010118632a07f5").unwrap();
    let also = HEXLOWER.decode(b"a2010118632a").unwrap();
    assert_eq!(Closed::from_bytes(&also), Ok(Closed { closing: Closing::Ended, reason: None }));
    assert_eq!(Closed::from_bytes(&newer), Ok(Closed { closing: Closing::Ended, reason: None }));
}

#[test]
fn a_kinds_number_names_it_and_no_other() {
    for kind in Kind::ALL {
        assert_eq!(Kind::from_number(u64::from(kind.number())), Some(kind));
    }
    assert_eq!(Kind::from_number(1), None);
    assert_eq!(Kind::from_number(19), None);
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for kind in Kind::ALL {
            if let Ok(statement) = Statement::parse(kind, &bytes) {
                let words = format!("{:?}", statement);
                prop_assert!(!words.is_empty());
            }
        }
        if let Ok(batch) = Batch::from_bytes(&bytes) {
            prop_assert!(!batch.times.is_empty());
        }
        if let Ok(part) = SessionPart::from_bytes(&bytes) {
            prop_assert!(part.place < part.parts);
        }
        if let Ok(part) = EvidencePart::from_bytes(&bytes) {
            prop_assert!(part.place < part.parts);
        }
    }

    #[test]
    fn a_batch_comes_back_whole(
        mut times in proptest::collection::vec(-1_000_000_000_000_i64..4_000_000_000_000, 1..40), seed in any::<i32>()
    ) {
        times.sort_unstable();
        let values = (0..times.len()).map(|index| (seed.wrapping_add(index as i32) % 50_000).abs()).collect();
        let batch = Batch {
            times: times.into_iter().map(UtcMillis).collect(),
            values,
            logger_times: None,
            sequences: None,
            raws: None,
            aggregation: None,
            ..batch()
        };
        prop_assert_eq!(Batch::from_bytes(&batch.to_bytes().unwrap()), Ok(batch));
    }
}

#[test]
fn the_bytes_of_a_judged_line_are_frozen() {
    use crate::assess::{Milliseconds, Reason, Verdict};
    use crate::shipment::Window;
    let window = Window { from: Some(AT), to: None };
    let line = LineAssessment {
        line: 1,
        verdict: Verdict::Review,
        reasons: vec![Reason::BudgetUsed, Reason::LegMissing],
        series: vec![LineSeries {
            logger: Id([3; 16]),
            channel: channel(),
            window,
            verdict: Verdict::Review,
        }],
        assessments: None,
        budgets: vec![LineBudget {
            id: "room".into(),
            allowance_s: 3600,
            used: Milliseconds(60_000),
            used_max: Milliseconds(120_000),
            used_before: Milliseconds(30_000),
            spent_at: None,
            known: BudgetKnown::LegMissing,
        }],
        barring: None,
        wanting: None,
        clocks: None,
    };
    let bytes = minicbor::to_vec(&line).unwrap();
    let expected = "a5 01 01 02 02 03 82 6b 6275646765742d75736564 6b 6c65672d6d697373696e67
         04 81 84 50 03030303030303030303030303030303 82 01 00 a1 01 1b 000001a0c4506c00 02
         06 81 a6 01 64 726f6f6d 02 19 0e10 03 19 ea60 04 1a 0001d4c0 05 19 7530 07 02";
    assert_eq!(HEXLOWER.encode(&bytes), expected.replace(char::is_whitespace, ""));
    assert_eq!(minicbor::decode::<LineAssessment>(&bytes).unwrap(), line);
}

#[test]
fn the_bytes_of_a_judged_line_with_a_leg_that_bars_are_frozen() {
    use crate::assess::{Reason, Verdict};
    let barring = BarringLeg {
        shipment: Id([4; 16]),
        line: 2,
        stood: LegStood::Held,
        verdict: Verdict::Review,
        reasons: vec![Reason::Freeze],
        measured: None,
        said: None,
        clocks: None,
    };
    let line = LineAssessment {
        line: 1,
        verdict: Verdict::Review,
        reasons: vec![Reason::LegNotReleased],
        series: vec![],
        assessments: None,
        budgets: vec![],
        barring: Some(vec![barring]),
        wanting: None,
        clocks: None,
    };
    let bytes = minicbor::to_vec(&line).unwrap();
    let expected = "a6 01 01 02 02 03 81 70 6c65672d6e6f742d72656c6561736564 04 80 06 80
         07 81 a5 01 50 04040404040404040404040404040404 02 02 03 03 04 02 05 81 66 667265657a65";
    assert_eq!(HEXLOWER.encode(&bytes), expected.replace(char::is_whitespace, ""));
    assert_eq!(minicbor::decode::<LineAssessment>(&bytes).unwrap(), line);
}

#[test]
fn the_bytes_of_what_stands_against_a_leg_that_bars_are_frozen() {
    use crate::assess::Verdict;
    let series = LegSeries {
        shipment: Id([4; 16]),
        logger: Id([3; 16]),
        channel: channel(),
        excursions: vec![],
        gaps: crate::assess::Milliseconds(600_000),
    };
    let barring = BarringLeg {
        shipment: Id([4; 16]),
        line: 0,
        stood: LegStood::Undecided,
        verdict: Verdict::Ok,
        reasons: vec![],
        measured: Some(vec![series]),
        said: Some(vec![EntryReference { log: [6; 32], leaf: [7; 32] }]),
        clocks: None,
    };
    let bytes = minicbor::to_vec(&barring).unwrap();
    let expected = "a7 01 50 04040404040404040404040404040404 02 00 03 02 04 01 05 80
         06 81 a5 01 50 04040404040404040404040404040404 02 50 03030303030303030303030303030303
         03 82 01 00 04 80 05 1a 000927c0
         07 81 82 5820 0606060606060606060606060606060606060606060606060606060606060606
         5820 0707070707070707070707070707070707070707070707070707070707070707";
    assert_eq!(HEXLOWER.encode(&bytes), expected.replace(char::is_whitespace, ""));
    assert_eq!(minicbor::decode::<BarringLeg>(&bytes).unwrap(), barring);
    let difference = crate::assess::Milliseconds(3_600_000);
    let clocks = Some(vec![LegClocks { behind: [8; 32], ahead: [9; 32], difference }]);
    let by_clocks = BarringLeg { clocks, ..barring };
    let bytes = minicbor::to_vec(&by_clocks).unwrap();
    let (before, beside) = (expected.strip_prefix("a7").unwrap(), ["08".repeat(32), "09".repeat(32)]);
    let [behind, ahead] = beside;
    let expected = format!("a8 {before} 08 81 a3 01 5820 {behind} 02 5820 {ahead} 03 1a 0036ee80");
    assert_eq!(HEXLOWER.encode(&bytes), expected.replace(char::is_whitespace, ""));
    assert_eq!(minicbor::decode::<BarringLeg>(&bytes).unwrap(), by_clocks);
}

#[test]
fn a_batch_of_averages_says_so_and_one_of_samples_has_the_bytes_it_always_had() {
    let averages = Batch { aggregation: Some(crate::reading::Aggregation::Average), ..batch() };
    let bytes = averages.to_bytes().unwrap();
    assert_eq!(Batch::from_bytes(&bytes).unwrap(), averages);
    let samples = HEXLOWER.encode(&batch().to_bytes().unwrap());
    let said = HEXLOWER.encode(&bytes);
    assert_eq!(said, format!("ae{}0e01", samples.strip_prefix("ad").unwrap()));
    let movement = Channel { quantity: Quantity::Movement, probe: 0 };
    let negative = Batch { channel: movement, values: vec![1, -1, 2], ..batch() };
    assert_eq!(negative.to_bytes().unwrap_err().code(), "model/malformed-batch");
}

#[test]
fn the_bytes_of_readings_and_of_the_end_of_a_logger_are_frozen() {
    let logger = Id([3; 16]);
    let readings = Readings {
        logger,
        channel: channel(),
        source: Source::Log,
        count: 2,
        first: UtcMillis(1),
        last: UtcMillis(2),
        lateness: Some(Lateness::RecordedLate),
        clock_set: None,
    };
    let id = "03030303030303030303030303030303";
    frozen(&readings, &format!("a7 01 50 {id} 02 82 01 00 03 02 04 02 05 01 06 02 07 02"));
    let ended = LoggerEnded { logger, ending: Ending::Faulty, reason: "r".into() };
    frozen(&ended, &format!("a3 01 50 {id} 02 02 03 61 72"));
}

#[test]
fn the_bytes_of_a_signed_verdict_are_frozen() {
    use crate::assess::{RULES, Sample, Span, Verdict, assess_series};
    let profile = preset("cdc-refrigerator").unwrap().profile.clone();
    let samples = [(0, 5_000), (600_000, 9_000), (1_200_000, 4_000)];
    let samples = samples.map(|(time, value)| Sample { time: UtcMillis(time), value: MilliCelsius(value) });
    let assessment = assess_series(&profile, &samples, None, Span::default());
    let record = AssessmentRecord {
        rules: RULES.into(),
        verdict: Verdict::Excursion,
        reasons: assessment.reasons.clone(),
        series: vec![SeriesAssessment { logger: Id([3; 16]), channel: channel(), assessment }],
        profile,
        batches: vec![Address([4; 32])],
        replaces: Some(reference()),
        lines: None,
        conditions: None,
    };
    let bytes = record.to_bytes();
    assert_eq!(AssessmentRecord::from_bytes(&bytes), Ok(record));
    insta::assert_snapshot!(HEXLOWER.encode(&bytes));
}
