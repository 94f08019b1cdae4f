//! Conditions stand beside the verdict: nothing that is measured or limited there changes it.

use super::*;
use crate::conditions::ConditionOutcome;
use crate::profile::{AlarmMode, ConditionLimit};
use crate::reading::Aggregation;

const OTHER: Id = Id([8; 16]);

/// One more batch of an entry of device 2, of whatever quantity.
#[derive(Debug)]
struct Other {
    logger: Id,
    quantity: Quantity,
    source: Source,
    clock: ClockQuality,
    late: bool,
    values: Vec<i32>,
}

fn sealed(sequence: u64, minute: i64, other: &Other) -> (SignedEntry, Batch) {
    let (mut entry, batch) = readings(2, sequence, minute, &vec![0; other.values.len()], Provenance::P0);
    let channel = Channel { quantity: other.quantity, probe: 0 };
    let Other { logger, source, clock, .. } = *other;
    let aggregation = other.late.then_some(Aggregation::Average);
    let values = other.values.clone();
    let batch = Batch { logger, channel, source, clock, aggregation, values, ..batch };
    let body = Readings::from_bytes(&entry.body).unwrap();
    let lateness = other.late.then_some(Lateness::SealedAfterCrash);
    entry.body = Readings { logger, channel, source, lateness, ..body }.to_bytes();
    entry.batches = vec![Batch::address(&batch.to_bytes().unwrap())];
    (entry, batch)
}

/// A journey whose profile has these limits.
fn limited(values: &[i32], conditions: Vec<ConditionLimit>) -> (Vec<SignedEntry>, Batch) {
    let (mut entries, batch) = journey(values, Provenance::P3);
    let mut shipment = created();
    shipment.profile.conditions = conditions;
    entries[0].body = shipment.to_bytes();
    (entries, batch)
}

fn humid(high: i32, allowance_s: u32) -> ConditionLimit {
    let mode = AlarmMode::Single;
    ConditionLimit { quantity: Quantity::Humidity, low: None, high: Some(high), allowance_s, mode }
}

fn humidity(values: &[i32]) -> Other {
    Other {
        logger: LOGGER,
        quantity: Quantity::Humidity,
        source: Source::Log,
        clock: ClockQuality::ComputedFromPhone,
        late: false,
        values: values.to_vec(),
    }
}

#[test]
fn humidity_out_of_its_limit_is_told_beside_a_verdict_of_ok() {
    let (mut entries, batch) = limited(&[5000, 5000, 5000], vec![humid(600_000, 0)]);
    let (wet, wet_batch) = sealed(5, 10, &humidity(&[500_000, 700_000, 500_000]));
    entries.push(wet);
    let (story, judgement) = judged(entries, &[batch, wet_batch]);
    assert_eq!((judgement.verdict, judgement.reasons.as_slice()), (Verdict::Ok, &[][..]));
    let [told] = &judgement.conditions[..] else { panic!("one channel") };
    assert_eq!((told.assessment.outcome, told.points.len()), (ConditionOutcome::Out, 3));
    assert_eq!(told.assessment.highest, Some(700_000));
    assert_eq!(summary(Id([1; 16]), &story, &judgement).stock, Some(Stock::Received));
}

#[test]
fn a_quantity_that_is_limited_and_that_no_logger_measured_is_told_as_not_judged() {
    let (entries, batch) = limited(&[5000, 5000], vec![humid(600_000, 0)]);
    let (_, judgement) = judged(entries, &[batch]);
    let [told] = &judgement.conditions[..] else { panic!("one channel") };
    assert_eq!((told.assessment.outcome, told.assessment.count), (ConditionOutcome::NotJudged, 0));
    assert_eq!(judgement.verdict, Verdict::Ok);
}

#[test]
fn an_observation_that_gives_cause_is_told_as_such_and_asks_for_a_review() {
    let (mut entries, batch) = journey(&[5000, 5000], Provenance::P3);
    let observed = Observed::FreezeIndicator(FreezeIndicator::Activated);
    let says = Observation {
        observed,
        at: UtcMillis(40 * MINUTE),
        place: None,
        note: None,
        photo: Some(Address([1; 32])),
        reason: None,
    };
    entries.push(entry(2, 9, 45, Role::Courier, &says));
    let (story, judgement) = judged(entries, &[batch]);
    assert_eq!((judgement.verdict, &judgement.reasons[..]), (Verdict::Review, &[Reason::Observation][..]));
    let history = detail(Id([1; 16]), &story, &judgement, &BTreeMap::new()).history;
    let told = history.iter().find_map(|event| match &event.occurrence {
        crate::api::Occurrence::Observed { observation, gives_cause } => Some((observation, *gives_cause)),
        _ => None,
    });
    assert_eq!(told, Some((&says, true)));
}

fn quantities() -> impl Strategy<Value = Quantity> {
    prop::sample::select(vec![
        Quantity::Humidity,
        Quantity::Pressure,
        Quantity::Movement,
        Quantity::Acceleration,
        Quantity::BatteryVoltage,
        Quantity::BatteryCharge,
    ])
}

fn others() -> impl Strategy<Value = Vec<Other>> {
    let other = (
        prop::sample::select(vec![LOGGER, OTHER]),
        quantities(),
        prop::sample::select(vec![Source::Log, Source::Import, Source::Advert]),
        prop::sample::select(vec![ClockQuality::NeverSet, ClockQuality::Phone]),
        any::<bool>(),
        prop::collection::vec(0_i32..1_200_000, 1..6),
    );
    let other = other.prop_map(|(logger, quantity, source, clock, late, values)| Other {
        logger,
        quantity,
        source,
        clock,
        late,
        values,
    });
    prop::collection::vec(other, 0..6)
}

proptest! {
    #[test]
    fn no_reading_and_no_limit_of_a_condition_changes_the_verdict_on_temperatures(
        temperatures in prop::collection::vec(-2000_i32..12_000, 1..8),
        others in others(),
        wet in 0_i32..1_000_000,
        rotate in 0_usize..8,
    ) {
        let (entries, batch) = journey(&temperatures, Provenance::P3);
        let (_, alone) = judged(entries, std::slice::from_ref(&batch));
        let (mut entries, _) = limited(&temperatures, vec![humid(wet, 600)]);
        let mut batches = vec![batch];
        for (sequence, other) in (10..).zip(&others) {
            let (entry, more) = sealed(sequence, 15, other);
            entries.push(SignedEntry { at: UtcMillis(1_000 * MINUTE), ..entry });
            batches.push(more);
        }
        let (_, in_order) = judged(entries.clone(), &batches);
        let count = entries.len();
        entries.rotate_left(rotate % count);
        let (_, beside) = judged(entries, &batches);
        let bytes = |judgement: &Judgement| -> Vec<Vec<u8>> {
            judgement.series.iter().map(|one| crate::record::encode(&one.to_record())).collect()
        };
        prop_assert_eq!(bytes(&alone), bytes(&beside));
        prop_assert_eq!((alone.verdict, &alone.reasons), (beside.verdict, &beside.reasons));
        prop_assert_eq!((&alone.lines, alone.freshness), (&beside.lines, beside.freshness));
        prop_assert_eq!(&alone.calibration, &beside.calibration);
        prop_assert_eq!(in_order.conditions, beside.conditions);
    }
}
