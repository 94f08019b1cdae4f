//! Frozen bytes and round trips of every body.

use super::*;
use crate::id::{DeviceAddress, Id};
use crate::profile::preset;
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
    };
    frozen(
        &logger,
        "a5 01 50 03030303030303030303030303030303 02 68 7275757669746167 03 65 426f782037
         04 46 cbb8334c884f 06 19 012c",
    );
}

#[test]
fn the_bytes_of_a_shipments_steps_are_frozen() {
    let placements = vec![Placement { logger: Id([3; 16]), package: None }];
    frozen(
        &Started { at: AT, placements },
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
    frozen(&Received { at: AT, note: Some("seal 4".into()) }, "a2 01 1b 000001a0c4506c00 02 66 7365616c2034");
    frozen(&Disposition { decision: Decision::Reject, reason: "froze".into() }, "a2 01 03 02 65 66726f7a65");
    frozen(&Closed { closing: Closing::Ended, reason: None }, "a1 01 01");
}

#[test]
fn the_bytes_of_a_hand_over_are_frozen() {
    let last_reading = Some(LastReading { time: AT, value: MilliCelsius(4500) });
    frozen(
        &Offered { nonce: [9; 16], expires: AT, last_reading, verdict: crate::assess::Verdict::Review },
        "a4 01 50 09090909090909090909090909090909 02 1b 000001a0c4506c00
         03 82 1b 000001a0c4506c00 19 1194 04 02",
    );
    let reference_bytes = format!("82 58 20 {} 58 20 {}", "11".repeat(32), "22".repeat(32));
    frozen(
        &Accepted { offered: reference(), nonce: [9; 16], at: AT },
        &format!("a3 01 {reference_bytes} 02 50 09090909090909090909090909090909 03 1b 000001a0c4506c00"),
    );
    frozen(&Confirmed { accepted: reference() }, &format!("a1 01 {reference_bytes}"));
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
    let expected = "a5 01 00 02 50 03030303030303030303030303030303 03 1b 000001a0c4506c00 04 82 00 01
         05 54 2d2d2d444f574e4c4f41445f53544152542d2d2d";
    assert_eq!(HEXLOWER.encode(&part.to_bytes()), expected.replace(char::is_whitespace, ""));
    insta::assert_json_snapshot!((set, session));
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
    };
    let shipment = Shipment {
        reference: "DN-4711".into(),
        profile: preset("cdc-refrigerator").unwrap().profile.clone(),
        from: Some("Central store".into()),
        to: None,
        items: vec![item],
    };
    let bytes = shipment.to_bytes();
    assert_eq!(Shipment::from_bytes(&bytes), Ok(shipment));
    insta::assert_snapshot!(HEXLOWER.encode(&bytes));
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
            ..batch()
        };
        prop_assert_eq!(Batch::from_bytes(&batch.to_bytes().unwrap()), Ok(batch));
    }
}
