//! What stands after what people said and decided, line by line and by what each of them knew.

use super::excursion::journey_of;
use super::*;
use crate::api::{NextStep, Step};
use crate::task::{Task, TaskKind, of_shipment};

fn pharmacist<B: Body>(sequence: u64, body: &B) -> SignedEntry {
    knowing(entry(1, sequence, 200 + sequence as i64, Role::Pharmacist, body), &[2, 3, 4])
}

/// The pharmacist's fourth entry, by somebody who knows of nobody else's decision.
fn alone(body: &Disposition) -> SignedEntry {
    knowing(entry(1, 4, 204, Role::Pharmacist, body), &[2])
}

fn item(lot: &str, expiry: Option<&str>) -> ItemLine {
    ItemLine {
        product: "MMR".into(),
        gtin: None,
        lot: Some(lot.into()),
        expiry: expiry.map(str::to_owned),
        quantity: 40,
        package: None,
        serials: None,
        profile: None,
        legs: None,
        label: None,
    }
}

fn decide(decision: Decision, lines: Option<&[u32]>) -> Disposition {
    Disposition {
        decision,
        reason: "looked at".into(),
        lines: lines.map(<[u32]>::to_vec),
        assessment: None,
        open: None,
    }
}

fn explain(reason: Reason) -> Acknowledged {
    Acknowledged { reasons: vec![Explained { reason, explanation: "seen".into() }] }
}

fn review() -> Review {
    Review { cause: "door left open".into(), action: None, asked: None }
}

fn seen(observed: Observed) -> Observation {
    Observation {
        observed,
        note: Some("seen".into()),
        photo: None,
        place: None,
        at: UtcMillis(100 * MINUTE),
        reason: None,
    }
}

/// Received in range with these lines, and the verdict signed as the pharmacist's third entry.
fn dock(items: Vec<ItemLine>) -> (Vec<SignedEntry>, Batch) {
    let (mut entries, batch) = journey_of(items, &[5000, 5000, 5000]);
    let verdict = signed_verdict(&entries, std::slice::from_ref(&batch), (1, 3, 203));
    entries.push(verdict);
    (entries, batch)
}

fn refusal_of(entries: &[SignedEntry], last: &SignedEntry) -> Option<Refusal> {
    let story = tell([entries, std::slice::from_ref(last)].concat());
    story.told.iter().find(|told| told.entry.reference == last.reference).unwrap().refused
}

fn tasks(entries: &[SignedEntry], batch: &Batch) -> Vec<Task> {
    let (story, judgement) = judged(entries.to_vec(), std::slice::from_ref(batch));
    of_shipment(Id([1; 16]), &story, &judgement)
}

fn steps(entries: &[SignedEntry], batch: &Batch) -> Vec<(crate::api::Step, Vec<u32>)> {
    let (story, judgement) = judged(entries.to_vec(), std::slice::from_ref(batch));
    story.next_steps(&judgement).into_iter().map(|next| (next.step, next.lines)).collect()
}

fn stocks(entries: &[SignedEntry], lines: u32) -> Vec<Option<Stock>> {
    let story = tell(entries.to_vec());
    let stock = StockNow::of(&story, Verdict::Ok, &[]);
    (0..lines).map(|line| stock.line(line)).collect()
}

/// Readings sealed by the courier's device after the receipt, unknown to who signed before.
fn later(values: &[i32]) -> (SignedEntry, Batch) {
    let (mut sealed, batch) = readings(2, 7, 10, values, Provenance::P3);
    sealed.at = UtcMillis(300 * MINUTE);
    (sealed, batch)
}

#[test]
fn what_is_no_reason_of_the_verdict_that_its_signer_held_cannot_be_explained() {
    let (entries, _) = dock(vec![item("A1", None)]);
    let before = pharmacist(4, &explain(Reason::OutWithoutAlarm));
    assert_eq!(refusal_of(&entries, &before), Some(Refusal::NotAReason));
    let unsigned = entries.split_last().unwrap().1;
    assert_eq!(refusal_of(unsigned, &before), Some(Refusal::NotAReason));
}

#[test]
fn an_explanation_lapses_when_readings_sealed_after_it_add_to_what_it_explained_and_only_then() {
    // 30 minutes without a reading at the end, of an interval of ten: a gap.
    let (mut entries, batch) = journey(&[5000, 5000], Provenance::P3);
    // Where nothing is placed, every logger that is read watches the goods.
    entries[1].body = Started { placements: Vec::new(), ..started(10) }.to_bytes();
    entries[3] = entry(2, 1, 100, Role::Courier, &received(100));
    let batches = [batch];
    let judgement = judged(entries.clone(), &batches).1;
    assert_eq!(judgement.reasons, [Reason::Gap]);
    entries.push(signed_verdict(&entries, &batches, (1, 3, 203)));
    entries.push(pharmacist(4, &explain(Reason::Gap)));
    let open = |entries: &[SignedEntry], batches: &[Batch]| {
        let (story, judgement) = judged(entries.to_vec(), batches);
        story.unexplained(&judgement)
    };
    assert_eq!(open(&entries, &batches), []);
    // One logger's later reading inside the gap makes it two smaller ones.
    let (inside, smaller) = later(&[5000, 5000, 5000]);
    let both = [batches[0].clone(), smaller];
    assert_eq!(open(&[&entries[..], &[inside]].concat(), &both), []);
    // Another logger that was never explained brings a gap of its own.
    let (mut other, mut of_other) = readings(2, 7, 10, &[5000], Provenance::P3);
    of_other.logger = Id([8; 16]);
    other.at = UtcMillis(300 * MINUTE);
    other.body = Readings {
        logger: Id([8; 16]),
        channel: of_other.channel,
        source: Source::Log,
        count: 1,
        first: UtcMillis(10 * MINUTE),
        last: UtcMillis(10 * MINUTE),
        lateness: None,
        clock_set: None,
    }
    .to_bytes();
    other.batches = vec![Batch::address(&of_other.to_bytes().unwrap())];
    let both = [batches[0].clone(), of_other];
    let all = [&entries[..], &[other]].concat();
    assert_eq!(open(&all, &both), [Reason::Gap]);
    // Nobody relied on one that was placed nowhere while the first was placed.
    let mut placed = all;
    placed[1].body = started(10).to_bytes();
    assert_eq!(open(&placed, &both), []);
}

#[test]
fn a_review_counts_only_for_an_excursion_that_stood_and_lapses_when_it_grows() {
    let looked_into = |entries: &[SignedEntry], batches: &[Batch]| {
        let (story, judgement) = judged(entries.to_vec(), batches);
        assert_eq!(judgement.verdict, Verdict::Excursion);
        story.looked_into(&judgement)
    };
    // A review of what was in range, and warm readings afterwards.
    let (mut entries, batch) = dock(vec![item("A1", None)]);
    entries.push(pharmacist(4, &review()));
    let (warm, of_warm) = later(&[5000, 9000, 9000]);
    entries.push(warm);
    let batches = [batch, of_warm];
    assert!(!looked_into(&entries, &batches));
    // Once the excursion is signed it can be looked into.
    let verdict = signed_verdict(&entries, &batches, (1, 5, 310));
    entries.push(verdict);
    let mut reviewed = pharmacist(6, &review());
    reviewed.at = UtcMillis(320 * MINUTE);
    entries.push(reviewed);
    assert!(looked_into(&entries, &batches));
    let (mut warmer, of_warmer) = readings(2, 8, 40, &[9500], Provenance::P3);
    warmer.at = UtcMillis(400 * MINUTE);
    entries.push(warmer);
    assert!(!looked_into(&entries, &[&batches[..], &[of_warmer]].concat()), "it is warmer than was known");
}

#[test]
fn what_somebody_sees_after_an_explanation_or_a_release_is_to_be_explained_anew() {
    let (mut entries, batch) = dock(vec![item("A1", None)]);
    let seen = |minute, observed| Observation { at: UtcMillis(minute * MINUTE), ..seen(observed) };
    entries.push(entry(2, 8, 204, Role::Courier, &seen(204, Observed::Seal(Seal::Broken))));
    entries.push(signed_verdict(&entries, std::slice::from_ref(&batch), (1, 5, 210)));
    let mut explained = pharmacist(6, &explain(Reason::Observation));
    explained.at = UtcMillis(215 * MINUTE);
    explained.heads = vec![Held { log: [2; 32], size: 9 }];
    entries.push(explained);
    let open = |entries: &[SignedEntry]| {
        let (story, judgement) = judged(entries.to_vec(), std::slice::from_ref(&batch));
        story.unexplained(&judgement)
    };
    assert_eq!(open(&entries), []);
    let mut release = pharmacist(7, &decide(Decision::Release, None));
    release.at = UtcMillis(220 * MINUTE);
    release.heads = vec![Held { log: [2; 32], size: 9 }];
    entries.push(release);
    assert_eq!(stocks(&entries, 1), [Some(Stock::Released)]);
    let stage = Observed::VialMonitor(VialMonitorStage::Four);
    entries.push(entry(2, 9, 230, Role::Courier, &seen(230, stage)));
    assert_eq!(open(&entries), [Reason::Observation]);
    assert_eq!(stocks(&entries, 1), [Some(Stock::Quarantine)], "the release did not know of it");
    let kinds: Vec<TaskKind> = tasks(&entries, &batch).iter().map(|task| task.kind).collect();
    assert!(kinds.contains(&TaskKind::ExplainReasons), "{kinds:?}");
}

#[test]
fn what_a_release_in_part_leaves_out_stays_in_quarantine_and_is_decided_about_later() {
    let (mut entries, batch) = dock(vec![item("A1", None), item("B2", None), item("C3", None)]);
    let asked = Asked {
        manufacturer: "Acme".into(),
        case_number: None,
        asked: UtcMillis(200 * MINUTE),
        due: UtcMillis(900 * MINUTE),
        lots: vec!["A1".into()],
    };
    let question = pharmacist(4, &Review { asked: Some(asked), ..review() });
    entries.push(question.clone());
    assert_eq!(steps(&entries, &batch)[1], (crate::api::Step::ReleaseInPart, vec![1, 2]));
    entries.push(pharmacist(5, &decide(Decision::ReleaseInPart, Some(&[1]))));
    let (story, judgement) = judged(entries.clone(), std::slice::from_ref(&batch));
    let shown = summary(Id([1; 16]), &story, &judgement);
    assert_eq!((shown.stock, shown.do_not_use), (Some(Stock::ReleasedInPart), true));
    assert_eq!(shown.do_not_use_lines, [0, 2]);
    let held = Some(Stock::Quarantine);
    assert_eq!(stocks(&entries, 3), [held, Some(Stock::Released), held]);
    let kinds: Vec<TaskKind> = tasks(&entries, &batch).iter().map(|task| task.kind).collect();
    assert_eq!(kinds, [TaskKind::RecordAnswer, TaskKind::Decide]);
    let close = pharmacist(6, &Closed { closing: Closing::Ended, reason: None });
    assert_eq!(refusal_of(&entries, &close), Some(Refusal::OutOfOrder), "lines wait for a decision");
    let again = pharmacist(6, &decide(Decision::ReleaseInPart, Some(&[1, 2])));
    assert_eq!(tell(entries.clone()).would_count(again), Err(Refusal::Repeated));
    let barred = pharmacist(6, &decide(Decision::Release, None));
    assert_eq!(refusal_of(&entries, &barred), Some(Refusal::LinesBarred));
    entries.push(pharmacist(6, &decide(Decision::ReleaseInPart, Some(&[2]))));
    entries.push(pharmacist(7, &decide(Decision::Reject, None)));
    assert_eq!(stocks(&entries, 3), [Some(Stock::Rejected), Some(Stock::Released), Some(Stock::Released)]);
    assert_eq!(refusal_of(&entries, &pharmacist(8, &Closed { closing: Closing::Ended, reason: None })), None);
    assert_eq!(tasks(&entries, &batch), [], "nothing waits for an answer about what was rejected");
    let story = tell(entries);
    let last = &story.told.last().unwrap().entry;
    assert_eq!(story.released_to(last), [1, 2]);
}

#[test]
fn a_hold_reopens_what_was_released_and_nothing_that_was_rejected() {
    let (mut entries, batch) = dock(vec![item("A1", None), item("B2", None)]);
    entries.push(pharmacist(4, &decide(Decision::ReleaseInPart, Some(&[0]))));
    entries.push(pharmacist(5, &decide(Decision::Reject, None)));
    let mut hold = knowing(entry(2, 9, 240, Role::Courier, &Quarantined { reason: "wet".into() }), &[1]);
    hold.at = UtcMillis(240 * MINUTE);
    entries.push(hold);
    assert_eq!(stocks(&entries, 2), [Some(Stock::Quarantine), Some(Stock::Rejected)]);
    let reject = steps(&entries, &batch).into_iter().find(|(step, _)| *step == crate::api::Step::Reject);
    assert_eq!(reject.unwrap().1, [0]);
    let (mut rejected, batch) = dock(Vec::new());
    rejected.push(pharmacist(4, &decide(Decision::Reject, None)));
    let names = |entries: &[SignedEntry]| {
        steps(entries, &batch).into_iter().map(|(step, _)| step).collect::<Vec<_>>()
    };
    assert_eq!(
        names(&rejected),
        [Step::Close, Step::MoveArrival, Step::MovePickUp],
        "there is nothing to hold"
    );
    rejected.push(entry(2, 9, 240, Role::Courier, &Quarantined { reason: "wet".into() }));
    assert_eq!(StockNow::of(&tell(rejected.clone()), Verdict::Ok, &[]).state(), Some(Stock::Rejected));
    assert_eq!(names(&rejected), [Step::Close, Step::MoveArrival, Step::MovePickUp]);
}

#[test]
fn of_decisions_that_did_not_know_of_each_other_the_stricter_stands_until_somebody_knows_both() {
    let (mut entries, batch) = dock(vec![item("A1", None), item("B2", None)]);
    entries.push(alone(&decide(Decision::Release, None)));
    let reject = knowing(entry(4, 0, 205, Role::Quality, &decide(Decision::Reject, None)), &[]);
    let reject =
        SignedEntry { heads: vec![Held { log: [1; 32], size: 4 }, Held { log: [2; 32], size: 9 }], ..reject };
    let same = entry(3, 0, 206, Role::Quality, &decide(Decision::Release, None));
    let same = SignedEntry { heads: reject.heads.clone(), ..same };
    let twice = [&entries[..], &[same]].concat();
    assert_eq!(stocks(&twice, 2), [Some(Stock::Released); 2], "they agree");
    entries.push(reject);
    assert_eq!(stocks(&entries, 2), [Some(Stock::Quarantine); 2]);
    let told = tasks(&entries, &batch);
    let conflict = told.iter().find(|task| task.kind == TaskKind::ResolveConflict).unwrap();
    let named: Vec<_> = conflict.decisions.iter().map(|one| (one.decision, one.by.as_str())).collect();
    assert_eq!(named, [(Decision::Release, "device 1"), (Decision::Reject, "device 4")]);
    assert_eq!(conflict.lines, [0, 1]);
    let mut turned = entries.clone();
    turned.reverse();
    assert_eq!(tell(turned), tell(entries.clone()));
    entries.push(pharmacist(5, &decide(Decision::ReleaseInPart, Some(&[1]))));
    assert_eq!(stocks(&entries, 2), [Some(Stock::Quarantine), Some(Stock::Released)]);
    assert!(tell(entries).conflicts().is_empty());
}

#[test]
fn a_release_in_part_and_a_release_of_everything_that_did_not_know_of_each_other_agree_on_their_lines_alone()
{
    let (mut entries, _) = dock(vec![item("A1", None), item("B2", None)]);
    entries.push(alone(&decide(Decision::ReleaseInPart, Some(&[1]))));
    let whole = entry(4, 0, 205, Role::Quality, &decide(Decision::Release, None));
    let heads = vec![Held { log: [1; 32], size: 4 }, Held { log: [2; 32], size: 9 }];
    entries.push(SignedEntry { heads, ..whole });
    assert_eq!(stocks(&entries, 2), [Some(Stock::Quarantine), Some(Stock::Released)]);
}

#[test]
fn a_receipt_that_finds_something_wanting_gives_its_reasons_and_an_expired_line_is_barred_by_its_own_date() {
    // The journey ends on 1 January 1970.
    let items = vec![item("A1", Some("700101")), item("B2", Some("691200"))];
    let receipt = |seal, counts: &[u32]| {
        let (mut entries, batch) = journey_of(items.clone(), &[5000, 5000]);
        let checklist = Checklist { seal, counts: counts.to_vec(), expired: Vec::new(), unread: Vec::new() };
        let place = entries.iter().position(|one| one.kind == u64::from(Kind::Received.number())).unwrap();
        let old = Received::from_bytes(&entries[place].body).unwrap();
        entries[place].body = Received { checklist: Some(checklist), ..old }.to_bytes();
        (entries, batch)
    };
    let reasons = |seal, counts: &[u32]| {
        let (entries, batch) = receipt(seal, counts);
        judged(entries, &[batch]).1.reasons
    };
    assert_eq!(reasons(SealFound::Intact, &[40, 40]), [Reason::Expired]);
    assert_eq!(reasons(SealFound::Broken, &[40, 40]), [Reason::Observation, Reason::Expired]);
    assert_eq!(reasons(SealFound::Broken, &[3, 40]), [Reason::Observation, Reason::Count, Reason::Expired]);
    let (entries, batch) = receipt(SealFound::Broken, &[3, 40]);
    let (story, judgement) = judged(entries, &[batch]);
    let lines = detail(Id([1; 16]), &story, &judgement, &BTreeMap::new()).lines;
    let found: Vec<&[Reason]> = lines.iter().map(|line| line.found.as_slice()).collect();
    assert_eq!(found, [&[Reason::Count][..], &[Reason::Expired]], "of each line what was found of it alone");
    let (mut entries, batch) = receipt(SealFound::Intact, &[40, 40]);
    entries.push(signed_verdict(&entries, std::slice::from_ref(&batch), (1, 3, 203)));
    entries.push(pharmacist(4, &explain(Reason::Expired)));
    assert_eq!(steps(&entries, &batch)[0], (crate::api::Step::ReleaseInPart, vec![0]));
    assert_eq!(barred(&entries), [1]);
    let mut tomorrow = pharmacist(5, &decide(Decision::ReleaseInPart, Some(&[0])));
    tomorrow.at = UtcMillis(24 * 60 * MINUTE);
    assert_eq!(refusal_of(&entries, &tomorrow), Some(Refusal::LinesBarred), "it has expired meanwhile");
    entries.push(pharmacist(5, &decide(Decision::ReleaseInPart, Some(&[0]))));
    let left = tasks(&entries, &batch);
    assert_eq!(
        left.iter().map(|task| (task.kind, task.lines.clone())).collect::<Vec<_>>(),
        [(TaskKind::Decide, vec![1])]
    );
}

#[test]
fn a_question_that_frost_asks_for_stays_when_somebody_releases_without_it() {
    let (mut entries, batch) =
        journey_of(vec![item("B7", None), item("B7", None), item("C8", None)], &[5000, -1000, 5000]);
    entries.push(signed_verdict(&entries, std::slice::from_ref(&batch), (1, 3, 203)));
    let reasons = judged(entries.clone(), std::slice::from_ref(&batch)).1.reasons;
    let all = reasons.into_iter().map(|reason| Explained { reason, explanation: "seen".into() }).collect();
    entries.push(pharmacist(4, &Acknowledged { reasons: all }));
    entries.push(knowing(entry(4, 1, 205, Role::Quality, &review()), &[1, 2]));
    let release = knowing(entry(3, 1, 210, Role::Quality, &decide(Decision::Release, None)), &[1, 2, 4]);
    assert_eq!(refusal_of(&entries, &release), None);
    entries.push(release);
    let told = tasks(&entries, &batch);
    let ask = told.iter().find(|task| task.kind == TaskKind::AskManufacturer).unwrap();
    assert_eq!(
        (ask.lots.as_slice(), ask.lines.as_slice()),
        (&["B7".to_owned(), "C8".into()][..], &[0, 1, 2][..])
    );
}

#[test]
fn a_release_after_the_last_day_of_a_leg_that_its_signer_did_not_hold_releases_nothing() {
    const DAY: i64 = 24 * 60;
    let leg = Leg { shipment: Id([7; 16]), line: 0 };
    for (minute, wanted) in [(DAY - 1, LineStanding::Released), (DAY, LineStanding::Held)] {
        let undated = ItemLine { legs: Some(vec![leg]), ..item("A1", None) };
        let (mut entries, batch) = dock(vec![undated, item("B1", None)]);
        // The leg is not held here.
        let reasons =
            vec![Explained { reason: Reason::LegMissing, explanation: "its paper came along".into() }];
        entries.push(knowing(entry(1, 4, 206, Role::Pharmacist, &Acknowledged { reasons }), &[2]));
        let release = decide(Decision::Release, None);
        entries.push(knowing(entry(1, 5, minute, Role::Pharmacist, &release), &[2]));
        let story = tell(entries);
        let mut before = journey_of(vec![item("A1", Some("700101"))], &[5000, 5000, 5000]).0;
        before[1] = entry(1, 2, 1, Role::Pharmacist, &started(1));
        let address = Batch::address(&batch.to_bytes().unwrap());
        let (batches, fleet) = (BTreeMap::from([(address, batch)]), Fleet::default());
        let (earlier, foreign) = (BTreeMap::from([(leg.shipment, tell(before))]), BTreeMap::new());
        let grounds = Grounds { batches: &batches, fleet: &fleet, earlier: &earlier, foreign: &foreign };
        let judgement = judge(&story, &grounds);
        assert_eq!(judgement.reasons, [], "it arrived in time");
        let stock = story.stock_now(&judgement);
        assert_eq!((stock.standing(0), stock.standing(1)), (wanted, LineStanding::Released), "{minute}");
        let next = story.next_steps_at(&judgement, Looking { log: [1; 32], at: UtcMillis(minute * MINUTE) });
        let decides = |step: &NextStep| matches!(step.step, Step::Release | Step::Reject);
        let steps: Vec<Step> = next.iter().filter(|step| decides(step)).map(|step| step.step).collect();
        let held = wanted == LineStanding::Held;
        assert_eq!(steps, if held { vec![Step::Reject] } else { vec![] });
    }
}
