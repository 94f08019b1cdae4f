//! Clocks that are found to differ once stock was released, and those of whoever decides.

use super::*;
use crate::record::ClockCompared;
use crate::task::{TaskKind, of_shipment};

/// The device that decides, which signed nothing about the shipment before, is log 4.
const OFFICE: u8 = 4;

/// Received by the dock, its verdict signed, the last of it half an hour after the rule.
fn arrived() -> Scene {
    let mut scene = Scene::received();
    scene.entries.push(SignedEntry {
        heads: scene.heads(DOCK),
        ..entry(DOCK, scene.next(DOCK), SINCE + 30, Role::Pharmacist, &note("dry"))
    });
    scene.verdict(DOCK, SINCE + 31);
    scene
}

fn note(text: &str) -> Observation {
    let observed = Observed::Seal(Seal::Intact);
    let at = UtcMillis((SINCE + 30) * MINUTE);
    Observation { observed, note: Some(text.into()), photo: None, place: None, at, reason: None }
}

/// The same with what the dock's device, or another, found about its clock when it synced.
fn told(scene: &Scene, compared: &[SignedEntry]) -> (Story, Judgement) {
    let story = tell_within(scene.entries.clone(), tell_organisation(compared.to_vec()));
    let by_address = |batch: &Batch| (Batch::address(&batch.to_bytes().unwrap()), batch.clone());
    let batches = scene.batches.iter().map(by_address).collect();
    let (fleet, earlier) = (Fleet::default(), BTreeMap::new());
    let foreign = BTreeMap::new();
    let grounds = Grounds { batches: &batches, fleet: &fleet, earlier: &earlier, foreign: &foreign };
    let judgement = judge(&story, &grounds);
    (story, judgement)
}

fn steps_of((story, judgement): &(Story, Judgement)) -> Vec<Step> {
    story.next_steps(judgement).into_iter().map(|next| next.step).collect()
}

fn stock_of((story, judgement): &(Story, Judgement)) -> Vec<Option<Stock>> {
    let stock = story.stock_now(judgement);
    (0..2).map(|line| stock.line(line)).collect()
}

#[test]
fn a_comparison_that_bears_on_a_released_shipment_holds_it_at_once_and_what_is_signed_changes_nothing() {
    let mut scene = arrived();
    let release_of = scene.add(OFFICE, SINCE + 40, &release());
    assert_eq!((scene.refusal(release_of), scene.stocks()), (None, vec![FREE; 2]));
    let compares = |log: u8, peer: u8| {
        let says = ClockCompared { peer: [peer; 32], difference_ms: 20 * MINUTE, dated_back: None };
        entry(log, 50, 100, Role::Pharmacist, &says)
    };
    let elsewhere = told(&scene, &[compares(7, 8)]);
    assert_eq!((stock_of(&elsewhere), elsewhere.1.reasons.clone()), (vec![FREE; 2], vec![]));
    let deciding = told(&scene, &[compares(OFFICE, 8)]);
    assert_eq!(
        (stock_of(&deciding), deciding.1.reasons.clone()),
        (vec![FREE; 2], vec![]),
        "no time of theirs"
    );

    let compared = [compares(DOCK, 8)];
    let held = told(&scene, &compared);
    assert_eq!((stock_of(&held), held.1.reasons.clone()), (vec![HELD; 2], vec![Reason::Clock]));
    let steps = steps_of(&held);
    assert!(steps.contains(&Step::Acknowledge) && !steps.contains(&Step::Close), "{steps:?}");
    assert!(steps.contains(&Step::Find) && !steps.contains(&Step::Release), "{steps:?}");
    // An export signs the verdict and the finding.
    scene.add(DOCK, SINCE + 50, &record_of(&held.1));
    let (story, _) = told(&scene, &compared);
    let due = story.finding_due().unwrap();
    assert_eq!(due.by, FoundBy::Reason);
    let (disposition, assessment) = (due.decision.reference, due.assessed.reference);
    let words = due.by.words().into();
    scene.add(DOCK, SINCE + 51, &Finding { disposition, assessment, lines: due.lines.clone(), words });
    let signed = told(&scene, &compared);
    assert_eq!(stock_of(&signed), stock_of(&held));
    let without = |steps: Vec<Step>| steps.into_iter().filter(|step| *step != Step::Find).collect::<Vec<_>>();
    assert_eq!(without(steps_of(&signed)), without(steps));
}

#[test]
fn whoever_decides_by_a_slow_clock_is_asked_about_it_first_and_decides_by_what_they_explained() {
    let mut scene = arrived();
    let looking = |minute: i64| Looking { log: [OFFICE; 32], at: UtcMillis((SINCE + minute) * MINUTE) };
    let next = |scene: &Scene, minute| {
        let (story, judgement) = scene.told();
        let steps = story.next_steps_at(&judgement, looking(minute)).into_iter();
        steps.map(|next| (next.step, next.reasons)).collect::<Vec<_>>()
    };
    assert!(next(&scene, 40).contains(&(Step::Release, vec![])));
    assert!(next(&scene, 26).contains(&(Step::Release, vec![])), "clocks differ by up to five minutes");
    let asked = next(&scene, 15);
    assert!(asked.contains(&(Step::Acknowledge, vec![Reason::Clock])), "{asked:?}");
    assert!(!asked.iter().any(|(step, _)| *step == Step::Release), "{asked:?}");
    let at = |scene: &Scene, minute, says: &Disposition| {
        scene.told().0.would_count(scene.says(OFFICE, SINCE + minute, says))
    };
    assert_eq!(at(&scene, 15, &release()), Err(Refusal::NotSettled));
    assert_eq!(at(&scene, 15, &decision(Decision::Reject, None)), Ok(()), "it lets nothing go");
    assert_eq!(at(&scene, 40, &release()), Ok(()));

    let because = |reason| Acknowledged { reasons: vec![Explained { reason, explanation: "slow".into() }] };
    let clock = because(Reason::Clock);
    assert_eq!(scene.told().0.would_count(scene.says(OFFICE, SINCE + 40, &clock)), Err(Refusal::NotAReason));
    let other = because(Reason::Gap);
    assert_eq!(scene.told().0.would_count(scene.says(OFFICE, SINCE + 16, &other)), Err(Refusal::NotAReason));
    scene.add(OFFICE, SINCE + 16, &clock);
    let (story, judgement) = scene.told();
    assert_eq!((judgement.reasons.as_slice(), story.unexplained(&judgement)), (&[Reason::Clock][..], vec![]));
    scene.verdict(OFFICE, SINCE + 17);
    assert!(next(&scene, 18).contains(&(Step::Release, vec![])));
    let release_of = scene.add(OFFICE, SINCE + 18, &release());
    assert_eq!((scene.refusal(release_of), scene.stocks()), (None, vec![FREE; 2]));
    assert!(scene.steps().contains(&Step::Close));
}

#[test]
fn a_release_by_a_slow_clock_that_nobody_was_asked_about_holds_nothing_free() {
    for also in [false, true] {
        let mut scene = arrived();
        if also {
            // Of another device's clock somebody was asked, which says nothing of this one.
            scene.add(VAN, SINCE + 20, &note("wet"));
            scene.verdict(DOCK, SINCE + 33);
            let reasons = vec![Explained { reason: Reason::Clock, explanation: "the van".into() }];
            scene.add(DOCK, SINCE + 34, &Acknowledged { reasons });
            scene.verdict(DOCK, SINCE + 35);
        }
        let slow = scene.says(OFFICE, SINCE + if also { 5 } else { 15 }, &release());
        scene.entries.push(slow.clone());
        assert_eq!((scene.refusal(slow.reference), scene.stocks()), (None, vec![HELD; 2]), "{also}");
        let steps = scene.steps();
        assert!(steps.contains(&Step::Acknowledge) && !steps.contains(&Step::Close), "{steps:?}");
        let (story, judgement) = scene.told();
        let tasks = of_shipment(Id([1; 16]), &story, &judgement);
        assert!(tasks.iter().any(|task| task.kind == TaskKind::RecordFinding), "{tasks:?}");
    }
}

#[test]
fn a_line_that_expired_since_it_arrived_is_listed_as_barred_where_somebody_looks_afterwards() {
    let mut scene = Scene::received();
    let items = vec![ItemLine { expiry: Some("700102".into()), ..item("A1") }, item("B2")];
    scene.entries[0] = entry(1, 1, 0, Role::Pharmacist, &Shipment { items, ..created() });
    let (story, judgement) = scene.told();
    let next = |days: i64| {
        let looking = Looking { log: [OFFICE; 32], at: UtcMillis(days * 24 * 60 * MINUTE) };
        let steps = story.next_steps_at(&judgement, looking).into_iter();
        let release = |step: Step| matches!(step, Step::Release | Step::ReleaseInPart);
        steps.filter(|next| release(next.step)).map(|next| (next.step, next.barred)).collect::<Vec<_>>()
    };
    assert_eq!(next(1), [(Step::Release, vec![])], "its last day");
    assert_eq!(next(2), [(Step::ReleaseInPart, vec![0])]);
}
