//! Which tasks a shipment's story leaves open, and what ends each.

use super::excursion::journey_of;
use super::*;
use crate::api::Step;
use crate::profile::{Adjuvant, Profile};
use crate::task::{QueuedTask, TaskKind, TaskSeverity, Urgency, of_shipment, queue};

const NOW: UtcMillis = UtcMillis(1000 * MINUTE);

fn item(lot: Option<&str>, profile: Option<Profile>) -> ItemLine {
    ItemLine {
        product: "HepB".into(),
        gtin: None,
        lot: lot.map(str::to_owned),
        expiry: None,
        quantity: 20,
        package: None,
        serials: None,
        profile,
        legs: None,
        label: None,
    }
}

fn queued_at(entries: Vec<SignedEntry>, batch: &Batch, now: UtcMillis) -> Vec<QueuedTask> {
    let (story, judgement) = judged(entries, std::slice::from_ref(batch));
    queue(of_shipment(Id([1; 16]), &story, &judgement), now)
}

fn kinds(entries: &[SignedEntry], batch: &Batch) -> Vec<TaskKind> {
    queued_at(entries.to_vec(), batch, NOW).into_iter().map(|queued| queued.task.kind).collect()
}

/// Sixty minutes below 0.0 °C, received; with these lines.
fn frozen(items: Vec<ItemLine>) -> (Vec<SignedEntry>, Batch) {
    journey_of(items, &[5000, -1000, -1000, 5000])
}

fn pharmacist<B: Body>(sequence: u64, body: &B) -> SignedEntry {
    knowing(entry(1, sequence, 200 + sequence as i64, Role::Pharmacist, body), &[2, 4])
}

/// The verdict, signed by the pharmacist's device as its third entry.
fn with_verdict(entries: &mut Vec<SignedEntry>, batch: &Batch) {
    entries.push(signed_verdict(entries, std::slice::from_ref(batch), (1, 3, 203)));
}

fn asking(lot: &str, due: UtcMillis) -> Review {
    let asked = Asked {
        manufacturer: "Acme".into(),
        case_number: None,
        asked: UtcMillis(200 * MINUTE),
        due,
        lots: vec![lot.into()],
    };
    Review { cause: "ice packs".into(), action: None, asked: Some(asked) }
}

fn explained(reasons: &[Reason]) -> Acknowledged {
    let explain = |reason: &Reason| Explained { reason: *reason, explanation: "seen".into() };
    Acknowledged { reasons: reasons.iter().map(explain).collect() }
}

fn who(adjuvant: Option<Adjuvant>) -> Profile {
    Profile { adjuvant, ..preset("who-30-day").unwrap().profile.clone() }
}

#[test]
fn frost_on_a_sensitive_product_asks_for_the_manufacturer_until_it_has_answered_for_the_lot() {
    let (mut entries, batch) = frozen(vec![item(Some("B7"), None)]);
    let ask = queued_at(entries.clone(), &batch, NOW).into_iter().next().unwrap();
    assert_eq!(
        (ask.task.kind, ask.task.severity, ask.urgency),
        (TaskKind::AskManufacturer, TaskSeverity::Critical, Urgency::Open)
    );
    assert_eq!((ask.task.lots, ask.task.lines, ask.task.due), (vec!["B7".to_owned()], vec![0], None));
    let question = pharmacist(3, &asking("B7", UtcMillis(2000 * MINUTE)));
    let reference = question.reference;
    entries.push(question);
    let asked = kinds(&entries, &batch);
    assert!(!asked.contains(&TaskKind::AskManufacturer) && asked.contains(&TaskKind::RecordAnswer));
    let reply = Reply {
        review: reference,
        lots: vec!["B7".into()],
        advice: Advice::MayBeUsed,
        words: "stable".into(),
    };
    entries.push(pharmacist(4, &reply));
    let answered = kinds(&entries, &batch);
    assert!(!answered.contains(&TaskKind::AskManufacturer) && !answered.contains(&TaskKind::RecordAnswer));
}

#[test]
fn a_shake_test_is_asked_for_only_under_whos_programme_and_only_of_what_is_adsorbed_to_aluminium() {
    let tasks = |profile: Option<Profile>| {
        let (entries, batch) = frozen(vec![item(Some("B7"), profile)]);
        let kinds = kinds(&entries, &batch);
        (kinds.contains(&TaskKind::ShakeTest), kinds.contains(&TaskKind::AskManufacturer))
    };
    assert_eq!(tasks(Some(who(Some(Adjuvant::Aluminium)))), (true, false));
    assert_eq!(tasks(Some(who(None))), (false, true));
    let cdc = preset("cdc-refrigerator").unwrap().profile.clone();
    let adsorbed = Profile { adjuvant: Some(Adjuvant::Aluminium), ..cdc };
    assert_eq!(tasks(Some(adsorbed)), (false, true), "a shake test clears nothing under US and EU rules");
    assert_eq!(tasks(Some(preset("priorix").unwrap().profile.clone())), (false, false));
}

#[test]
fn the_result_of_a_shake_test_ends_its_task_and_a_person_still_decides() {
    let (mut entries, batch) = frozen(vec![item(Some("B7"), Some(who(Some(Adjuvant::Aluminium))))]);
    let reasons = judged(entries.clone(), std::slice::from_ref(&batch)).1.reasons;
    assert!(reasons.contains(&Reason::Freeze), "{reasons:?}");
    with_verdict(&mut entries, &batch);
    entries.push(pharmacist(4, &explained(&reasons)));
    let left = kinds(&entries, &batch);
    assert!(!left.contains(&TaskKind::ShakeTest), "{left:?}");
    assert!(
        left.iter().any(|kind| matches!(kind, TaskKind::Decide | TaskKind::SecondPersonRelease))
            || left.contains(&TaskKind::ReviewExcursion),
        "{left:?}"
    );
}

#[test]
fn goods_without_a_lot_wait_for_the_decision_and_a_shipment_without_lines_does_too() {
    for items in [vec![item(None, None)], Vec::new()] {
        let (mut entries, batch) = frozen(items);
        assert_eq!(kinds(&entries, &batch)[0], TaskKind::AskManufacturer);
        let reject = Disposition {
            decision: Decision::Reject,
            reason: "frozen".into(),
            lines: None,
            assessment: None,
            open: None,
        };
        entries.push(pharmacist(3, &reject));
        assert_eq!(kinds(&entries, &batch), [TaskKind::CompleteExcursionRecord]);
    }
}

#[test]
fn an_answer_is_due_when_its_question_says_and_is_followed_up_from_then_on() {
    let (mut entries, batch) = frozen(vec![item(Some("B7"), None)]);
    let due = UtcMillis(5000 * MINUTE);
    entries.push(pharmacist(3, &asking("B7", due)));
    let at = |now: UtcMillis| {
        let queued = queued_at(entries.clone(), &batch, now).into_iter();
        let mut of_question = queued.filter(|one| one.task.manufacturer.is_some());
        let found = of_question.next().unwrap();
        (found.task.kind, found.urgency, found.task.severity, found.task.id)
    };
    let day = 24 * 3600;
    let (kind, urgency, severity, id) = at(due.plus_seconds(-day - 1));
    assert_eq!((kind, urgency, severity), (TaskKind::RecordAnswer, Urgency::Open, TaskSeverity::High));
    assert_eq!(at(due.plus_seconds(-day)).1, Urgency::Due);
    let late = at(due);
    assert_eq!(
        late,
        (TaskKind::FollowUpManufacturer, Urgency::Overdue, TaskSeverity::Critical, id),
        "the same task under the same id"
    );
}

#[test]
fn an_excursion_asks_for_explanations_a_review_and_a_second_person_one_after_another() {
    let (mut entries, batch) = journey_of(vec![item(Some("B7"), None)], &[5000, 9000, 9000, 5000]);
    let first = kinds(&entries, &batch);
    assert_eq!(first, [TaskKind::ReviewExcursion, TaskKind::CompleteExcursionRecord]);
    with_verdict(&mut entries, &batch);
    let review = Review { cause: "door".into(), action: None, asked: None };
    entries.push(knowing(entry(4, 1, 210, Role::Quality, &review), &[1, 2]));
    let queued = queued_at(entries, &batch, NOW);
    let release = queued.iter().find(|one| one.task.kind == TaskKind::SecondPersonRelease).unwrap();
    assert_eq!(release.task.except, ["device 1", "device 2", "device 4"]);
    assert_eq!(release.task.roles, [Role::Pharmacist, Role::Quality, Role::Admin]);
    assert_eq!(release.task.severity, TaskSeverity::High);
}

#[test]
fn stock_that_stayed_in_range_waits_for_one_decision_and_nothing_else() {
    let (entries, batch) = journey_of(vec![item(Some("B7"), None)], &[5000, 5000]);
    let queued = queued_at(entries, &batch, NOW);
    let told: Vec<_> = queued.iter().map(|one| (one.task.kind, one.task.severity)).collect();
    assert_eq!(told, [(TaskKind::Decide, TaskSeverity::Normal)]);
}

#[test]
fn a_logger_that_was_placed_and_not_read_is_to_be_read() {
    let (mut entries, batch) = journey_of(vec![item(Some("B7"), None)], &[5000, 5000]);
    entries.remove(2);
    let queued = queued_at(entries, &batch, NOW);
    let read = queued.iter().find(|one| one.task.kind == TaskKind::ReadLoggers).unwrap();
    assert_eq!(read.task.loggers, [LOGGER]);
}

#[test]
fn a_record_of_marylands_programme_may_go_three_years_after_its_close_and_others_have_no_time() {
    let closed = |key: &str| {
        let (mut entries, batch) = journey(&[5000, 5000], Provenance::P3);
        let profile = preset(key).unwrap().profile.clone();
        entries[0] = entry(1, 1, 0, Role::Pharmacist, &Shipment { profile, ..created() });
        let reject = Disposition {
            decision: Decision::Reject,
            reason: "damp".into(),
            lines: None,
            assessment: None,
            open: None,
        };
        entries.push(pharmacist(3, &reject));
        entries.push(pharmacist(4, &Closed { closing: Closing::Ended, reason: None }));
        (entries, batch)
    };
    let (entries, batch) = closed("maryland-vfc");
    let day = 24 * 3600;
    // Three years of the calendar from 1970, of which 1972 is a leap year.
    let end = UtcMillis(204 * MINUTE).plus_seconds((3 * 365 + 1) * day);
    let at = |now| queued_at(entries.clone(), &batch, now);
    assert_eq!(at(end.plus_seconds(-30 * day - 1)), []);
    let near = at(end.plus_seconds(-30 * day));
    assert_eq!((near[0].task.kind, near[0].urgency), (TaskKind::EndRetention, Urgency::Due));
    assert_eq!((near[0].task.due, near[0].task.roles.as_slice()), (Some(end), &[][..]));
    assert_eq!(at(end.plus_seconds(day))[0].urgency, Urgency::Due, "information is never overdue");
    assert_eq!(at(end.plus_seconds(30 * day + 1)), []);
    let (entries, batch) = closed("cdc-refrigerator");
    assert_eq!(queued_at(entries, &batch, UtcMillis(i64::MAX)), []);
}

#[test]
fn a_one_sided_hand_over_waits_for_its_giver_and_a_moved_arrival_for_a_second_person() {
    let nonce = [4; 16];
    let offered = Offered {
        nonce,
        expires: UtcMillis(100 * MINUTE),
        last_reading: None,
        verdict: Verdict::Ok,
        partner: None,
    };
    let (mut entries, batch) = journey(&[5000, 5000], Provenance::P3);
    let offer = entry(1, 3, 12, Role::Pharmacist, &offered);
    let accept = Accepted { offered: offer.reference, nonce, at: UtcMillis(15 * MINUTE) };
    entries.extend([offer, entry(2, 2, 15, Role::Courier, &accept)]);
    let received = entries[3].reference;
    let moved = ArrivalMoved { received, at: UtcMillis(39 * MINUTE), reason: "clock".into() };
    entries.push(pharmacist(4, &moved));
    let queued = queued_at(entries, &batch, NOW);
    let of = |kind| queued.iter().find(|one| one.task.kind == kind).map(|one| one.task.clone()).unwrap();
    let confirm = of(TaskKind::ConfirmCustody);
    assert_eq!((confirm.device.as_deref(), confirm.roles), (Some("device 1"), vec![Role::Pharmacist]));
    assert_eq!(of(TaskKind::ApproveArrival).except, ["device 1"]);
}

proptest! {
    #[test]
    fn tasks_do_not_depend_on_the_order_of_arrival(order in Just((0..5).collect::<Vec<usize>>()).prop_shuffle()) {
        let (mut entries, batch) = frozen(vec![item(Some("B7"), None)]);
        entries.push(pharmacist(3, &asking("B7", UtcMillis(500 * MINUTE))));
        let shuffled = order.iter().map(|index| entries[*index].clone()).collect();
        prop_assert_eq!(queued_at(shuffled, &batch, NOW), queued_at(entries, &batch, NOW));
    }
}

/// The lots of the step that asks a manufacturer, where it is offered.
fn to_ask(entries: &[SignedEntry], batch: &Batch) -> Option<Vec<String>> {
    let (story, judgement) = judged(entries.to_vec(), std::slice::from_ref(batch));
    let steps = story.next_steps(&judgement);
    steps.into_iter().find(|one| one.step == Step::Ask).map(|one| one.lots)
}

#[test]
fn asking_the_manufacturer_is_a_step_as_long_as_any_lot_that_may_have_frozen_was_not_asked_about() {
    let (mut entries, batch) = frozen(vec![item(Some("A1"), None), item(Some("B7"), None)]);
    with_verdict(&mut entries, &batch);
    let (story, judgement) = judged(entries.clone(), std::slice::from_ref(&batch));
    let steps: Vec<Step> = story.next_steps(&judgement).into_iter().map(|one| one.step).collect();
    let place = |step: Step| steps.iter().position(|one| *one == step);
    assert!(place(Step::Review).is_some() && place(Step::Review) < place(Step::Ask), "{steps:?}");
    assert_eq!(
        to_ask(&entries, &batch),
        Some(vec!["A1".into(), "B7".into()]),
        "as soon as the task is there"
    );
    let cause = |asked: Option<Asked>| Review { cause: "ice packs".into(), action: None, asked };
    entries.push(pharmacist(4, &cause(None)));
    assert_eq!(to_ask(&entries, &batch), Some(vec!["A1".into(), "B7".into()]));
    entries.push(pharmacist(5, &asking("A1", UtcMillis(2000 * MINUTE))));
    assert_eq!(to_ask(&entries, &batch), Some(vec!["B7".into()]));
    entries.push(pharmacist(6, &asking("B7", UtcMillis(2000 * MINUTE))));
    assert_eq!(to_ask(&entries, &batch), None);
}

#[test]
fn frost_that_only_asks_for_a_review_lets_the_manufacturer_be_asked_too() {
    let (mut entries, batch) = journey_of(vec![item(Some("A1"), None)], &[5000, -300, -300, 5000]);
    let shipment = Shipment { items: vec![item(Some("A1"), None)], profile: who(None), ..created() };
    entries[0] = entry(1, 1, 0, Role::Pharmacist, &shipment);
    let (story, judgement) = judged(entries.clone(), std::slice::from_ref(&batch));
    assert_eq!(judgement.verdict, Verdict::Review);
    assert!(story.next_steps(&judgement).iter().all(|one| one.step != Step::Review));
    assert_eq!(to_ask(&entries, &batch), Some(vec!["A1".into()]));
    let question = pharmacist(3, &asking("A1", UtcMillis(2000 * MINUTE)));
    entries.push(question);
    assert_eq!(to_ask(&entries, &batch), None);
}
