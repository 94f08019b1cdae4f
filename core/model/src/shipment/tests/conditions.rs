//! Conditions stand beside the verdict: nothing that is measured or limited there changes it.

use super::*;
use crate::conditions::{ConditionAssessment, ConditionOutcome};
use crate::profile::{AlarmMode, ConditionLimit, Profile};
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

const HUMID: Quantity = Quantity::Humidity;

fn dry(high: i32) -> Profile {
    Profile { conditions: vec![humid(high, 0)], ..created().profile }
}

fn line(product: &str, package: Option<&str>, profile: Option<Profile>) -> ItemLine {
    ItemLine {
        product: product.into(),
        gtin: None,
        lot: None,
        expiry: None,
        quantity: 1,
        package: package.map(str::to_owned),
        serials: None,
        profile,
        legs: None,
        label: None,
    }
}

/// Two hours at 5 °C with these goods and these other readings, placed so.
fn told_of(
    profile: Profile,
    items: Vec<ItemLine>,
    placements: Vec<Placement>,
    others: &[(i64, Other)],
) -> Vec<ConditionAssessment> {
    let (mut entries, batch) = journey(&[5000; 5], Provenance::P3);
    let packages = ["a", "b"].map(|name| Package { name: name.into(), inside: None });
    entries[0].body = Shipment { profile, items, packages: Some(packages.to_vec()), ..created() }.to_bytes();
    entries[1].body = Started { placements, ..started(10) }.to_bytes();
    let mut batches = vec![batch];
    for (sequence, (minute, other)) in (10..).zip(others) {
        let (entry, more) = sealed(sequence, *minute, other);
        entries.push(SignedEntry { at: UtcMillis(1_000 * MINUTE), ..entry });
        batches.push(more);
    }
    let conditions = judged(entries, &batches).1.conditions;
    conditions.into_iter().map(|shown| shown.assessment).collect()
}

fn everywhere() -> Vec<Placement> {
    vec![Placement { logger: LOGGER, package: None, from: None, to: None }]
}

fn outcomes(told: &[ConditionAssessment]) -> Vec<(ConditionOutcome, Option<i32>, Option<Vec<u32>>)> {
    let one =
        |one: &ConditionAssessment| (one.outcome, one.limit.and_then(|limit| limit.high), one.lines.clone());
    told.iter().map(one).collect()
}

#[test]
fn each_line_is_judged_by_its_own_limit_whatever_the_order_of_lines_and_its_neighbours() {
    use ConditionOutcome::{NotJudged, Out, Within};
    let (plain, tight) = (created().profile, Profile { name: "tight".into(), ..created().profile });
    let x = || line("X", None, Some(dry(600_000)));
    let y = |profile: Option<Profile>| line("Y", None, profile);
    let told = |profile: &Profile, items: Vec<ItemLine>| {
        outcomes(&told_of(profile.clone(), items, everywhere(), &[(10, humidity(&[800_000; 5]))]))
    };
    let (out, high) = (|lines| (Out, Some(600_000), lines), Some(900_000));
    assert_eq!(told(&plain, vec![x()]), [out(None)]);
    let moist = || y(Some(dry(900_000)));
    assert_eq!(told(&plain, vec![x(), moist()]), [out(Some(vec![0])), (Within, high, Some(vec![1]))]);
    assert_eq!(told(&plain, vec![moist(), x()]), [(Within, high, Some(vec![0])), out(Some(vec![1]))]);
    assert_eq!(told(&plain, vec![x(), y(None)]), [out(Some(vec![0])), (NotJudged, None, Some(vec![1]))]);
    let apart = told(&dry(600_000), vec![y(Some(tight)), x(), y(None)]);
    assert_eq!(apart, [(NotJudged, None, Some(vec![0])), out(Some(vec![1, 2]))], "equal ones are told once");
}

#[test]
fn a_limit_of_a_lines_profile_that_no_logger_measured_is_told_as_not_judged() {
    let items = vec![line("X", None, Some(dry(600_000))), line("Y", None, None)];
    let told = told_of(created().profile, items, everywhere(), &[]);
    assert_eq!(outcomes(&told), [(ConditionOutcome::NotJudged, Some(600_000), Some(vec![0]))]);
    assert_eq!((told[0].logger, told[0].channel.quantity, told[0].count), (LOGGER, HUMID, 0));
}

#[test]
fn a_logger_that_moves_counts_for_each_package_while_it_is_in_it_and_on_the_way_for_none() {
    use ConditionOutcome::{Out, Within};
    let placed = |package: &str, from: Option<i64>, to: Option<i64>| {
        let at = |minute: Option<i64>| minute.map(|minute| UtcMillis(minute * MINUTE));
        Placement { logger: LOGGER, package: Some(package.into()), from: at(from), to: at(to) }
    };
    let placements = vec![placed("a", None, Some(70)), placed("b", Some(100), None)];
    let items = || vec![line("X", Some("a"), None), line("Y", Some("b"), None)];
    // Minutes 10, 40, 70, 100, 130: wet between the two alone.
    let between = humidity(&[500_000, 500_000, 900_000, 500_000, 500_000]);
    let told = told_of(dry(600_000), items(), placements.clone(), &[(10, between)]);
    let limit = Some(600_000);
    assert_eq!(outcomes(&told), [(Within, limit, Some(vec![0])), (Within, limit, Some(vec![1]))]);
    let without_lines = humidity(&[500_000, 500_000, 900_000, 500_000, 500_000]);
    let told = told_of(dry(600_000), Vec::new(), placements.clone(), &[(10, without_lines)]);
    assert_eq!(outcomes(&told), [(Within, limit, None)]);
    let later = humidity(&[500_000, 500_000, 500_000, 500_000, 900_000]);
    let told = told_of(dry(600_000), items(), placements, &[(10, later)]);
    assert_eq!(outcomes(&told), [(Within, limit, Some(vec![0])), (Out, limit, Some(vec![1]))]);
}

fn held(quantity: Quantity, values: &[i32]) -> Other {
    Other { quantity, ..humidity(values) }
}

#[test]
fn what_a_logger_told_before_the_pick_up_holds_there_where_it_was_read_afterwards() {
    let limit = |quantity, low, high| {
        let mode = AlarmMode::Single;
        ConditionLimit { quantity, low, high, allowance_s: 0, mode }
    };
    let conditions =
        vec![limit(Quantity::Movement, None, Some(20)), limit(Quantity::BatteryVoltage, Some(2400), None)];
    let profile = Profile { conditions, ..created().profile };
    let others = [
        (-20, held(Quantity::Movement, &[0])),
        (40, held(Quantity::Movement, &[30])),
        (-20, held(Quantity::BatteryVoltage, &[2300])),
    ];
    for order in [[0, 1, 2], [2, 1, 0]] {
        let others = order.map(|index: usize| {
            let (minute, other) = &others[index];
            (*minute, held(other.quantity, &other.values))
        });
        let told = told_of(profile.clone(), Vec::new(), everywhere(), &others);
        let stands: Vec<_> = told.iter().map(|one| (one.outcome, one.movements, one.lowest)).collect();
        let out = ConditionOutcome::Out;
        assert_eq!(stands, [(out, Some(30), None), (out, None, Some(2300))]);
        // The other logger was placed and brought nothing from the pick-up on.
        let unread = others.map(|(minute, other)| (minute.min(-20), Other { logger: OTHER, ..other }));
        let told = told_of(profile.clone(), Vec::new(), everywhere(), &unread);
        assert!(told.iter().all(|one| one.outcome == ConditionOutcome::NotJudged), "{told:?}");
    }
}

#[test]
fn what_a_logger_read_that_nobody_placed_measures_no_limit_and_is_told_where_it_is_out() {
    use ConditionOutcome::{NotJudged, Out, Within};
    for items in [vec![line("X", None, None)], Vec::new()] {
        for (wet, outcome) in [(500_000, Within), (900_000, Out)] {
            let stray = Other { logger: OTHER, ..humidity(&[wet; 5]) };
            let told = told_of(dry(600_000), items.clone(), everywhere(), &[(10, stray)]);
            let stands: Vec<_> = told.iter().map(|one| (one.logger, one.outcome)).collect();
            assert_eq!(stands, [(LOGGER, NotJudged), (OTHER, outcome)]);
            // Where nothing is placed, what was read is what measured it.
            let stray = Other { logger: OTHER, ..humidity(&[wet; 5]) };
            let told = told_of(dry(600_000), items.clone(), Vec::new(), &[(10, stray)]);
            assert_eq!(told.iter().map(|one| one.outcome).collect::<Vec<_>>(), [outcome]);
        }
    }
}
