//! Frozen bytes and round trips of every body.

use super::*;
use crate::id::{DeviceAddress, Id};
use crate::profile::preset;
use crate::reading::{Channel, ClockQuality, Provenance, Quantity, Source};
use crate::time::UtcMillis;
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
    };
    frozen(
        &readings,
        "a6 01 50 03030303030303030303030303030303 02 82 01 00 03 02 04 03
         05 1b 000001a0c4506c00 06 1b 000001a0c45993c0",
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
