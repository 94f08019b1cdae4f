//! Which clocks the legs before a line show to differ, and what others than those that were explained do.

use super::*;
use crate::assess::Milliseconds;
use crate::record::{BarringLeg, LegClocks};

const LEG: Id = Id([7; 16]);
const OFFICE: u8 = 4;
const WARD: u8 = 5;
const CLINIC: u8 = 6;

fn seen(minute: i64) -> Observation {
    let observed = Observed::Seal(Seal::Intact);
    let at = UtcMillis((SINCE + minute) * MINUTE);
    Observation { observed, note: None, photo: None, place: None, at, reason: None }
}

/// Received by the office at minute 65; the ward looked at it in minute 66, and the office again in minute 95.
fn leg() -> Scene {
    let says = Shipment { items: vec![item("A1")], ..created() };
    let mut scene =
        Scene { entries: vec![entry(DOCK, 1, SINCE, Role::Pharmacist, &says)], batches: Vec::new() };
    scene.add(DOCK, SINCE + 8, &started(SINCE + 8));
    let (sealed, batch) = readings(DOCK, scene.next(DOCK), SINCE + 10, &[5000; 2], Provenance::P3);
    scene.entries.push(SignedEntry { heads: scene.heads(DOCK), ..sealed });
    scene.batches.push(batch);
    scene.add(OFFICE, SINCE + 65, &received(SINCE + 65));
    scene.add(WARD, SINCE + 66, &seen(66));
    scene.add(OFFICE, SINCE + 95, &seen(95));
    scene
}

fn held() -> BTreeMap<Id, Story> {
    BTreeMap::from([(LEG, tell(leg().entries))])
}

/// A pick-up by a device that holds so much of the leg and what its own shipment began with.
fn picks_up(log: u8, sequence: u64, minute: i64, of_leg: &[(u8, u64)]) -> SignedEntry {
    let opened = (log != CLINIC).then_some((CLINIC, 1));
    let heads = opened.into_iter().chain(of_leg.iter().copied());
    let heads = heads.map(|(log, size)| Held { log: [log; 32], size }).collect();
    SignedEntry { heads, ..entry(log, sequence, SINCE + minute, Role::Pharmacist, &started(SINCE + minute)) }
}

/// What goes on from it, picked up by the clinic by a clock that is 45 minutes behind the office's, explained and
/// released.
fn released(signed: impl FnOnce(&mut AssessmentRecord)) -> Scene {
    let legs = Some(vec![Leg { shipment: LEG, line: 0 }]);
    let says = Shipment { items: vec![ItemLine { legs, ..item("A1") }], ..created() };
    let opened = entry(CLINIC, 1, SINCE + 1, Role::Pharmacist, &says);
    let by = picks_up(CLINIC, 2, 20, &[(OFFICE, 1)]);
    let (sealed, batch) = readings(CLINIC, 3, SINCE + 22, &[5000; 5], Provenance::P3);
    let receipt = entry(CLINIC, 4, SINCE + 150, Role::Pharmacist, &received(SINCE + 150));
    let mut next =
        Scene { entries: vec![opened, by, sealed, receipt], batches: [leg().batches, vec![batch]].concat() };
    let mut record = record_of(&legs_told(&next, &held()).1);
    assert!(record.reasons.contains(&Reason::Clock), "{:?}", record.reasons);
    signed(&mut record);
    next.add(CLINIC, SINCE + 160, &record);
    explain(&mut next, SINCE + 161);
    next.add(3, SINCE + 162, &release());
    assert_eq!(stock(&next), FREE);
    next
}

/// The same by a clinic that knew nothing of the leg, so that nothing is to be explained but what went before.
fn unexplained() -> Scene {
    let mut next = released(|_| {});
    next.entries.truncate(next.entries.len() - 3);
    next.entries[1].heads.clear();
    let record = record_of(&legs_told(&next, &held()).1);
    assert!(!record.reasons.contains(&Reason::Clock), "{:?}", record.reasons);
    next.add(CLINIC, SINCE + 160, &record);
    next
}

fn explain(next: &mut Scene, minute: i64) {
    let (story, judgement) = legs_told(next, &held());
    let explained = |reason| Explained { reason, explanation: "the tablet's clock".into() };
    let reasons = story.unexplained(&judgement).into_iter().map(explained).collect();
    next.add(DOCK, minute, &Acknowledged { reasons });
}

fn stock(next: &Scene) -> Option<Stock> {
    let (story, judgement) = legs_told(next, &held());
    story.stock_now(&judgement).line(0)
}

fn open(next: &Scene) -> Vec<Reason> {
    let (story, judgement) = legs_told(next, &held());
    story.unexplained(&judgement)
}

#[test]
fn a_verdict_tells_which_clocks_differ_by_the_legs_before_a_line() {
    let clocks = |minutes: u64, behind: u8, ahead: u8| LegClocks {
        behind: [behind; 32],
        ahead: [ahead; 32],
        difference: Milliseconds(minutes * 60_000),
    };
    let mut next = released(|record| {
        let told = record.lines.as_ref().unwrap()[0].clocks.clone();
        assert_eq!(told, Some(vec![clocks(45, CLINIC, OFFICE)]));
    });
    next.entries.push(picks_up(VAN, 0, 21, &[(OFFICE, 2), (WARD, 1)]));
    let told = record_of(&legs_told(&next, &held()).1).lines.unwrap()[0].clocks.clone();
    let all = [clocks(74, VAN, OFFICE), clocks(45, VAN, WARD), clocks(45, CLINIC, OFFICE)];
    assert_eq!(told, Some(all.to_vec()));
}

#[test]
fn another_clock_that_the_legs_show_holds_what_was_released_on_the_explanation_of_one() {
    for (name, of_leg, wanted) in [
        ("it holds nothing of the leg", &[][..], FREE),
        ("the office's clock, no further off, may be the wrong one", &[(OFFICE, 1)], FREE),
        ("the office's, further off", &[(OFFICE, 2)], HELD),
        ("two others", &[(WARD, 1)], HELD),
    ] {
        let mut next = released(|_| {});
        next.entries.push(picks_up(VAN, 0, 21, of_leg));
        assert_eq!(stock(&next), wanted, "{name}");
        let asked = if wanted == HELD { vec![Reason::Clock] } else { vec![] };
        assert_eq!(open(&next), asked, "{name}");
        let (story, judgement) = legs_told(&next, &held());
        assert_eq!(story.evidence_unsigned(&judgement), wanted == HELD, "{name}");
        sign_legs(&mut next, &held(), SINCE + 200);
        assert!(wanted == FREE || legs_told(&next, &held()).0.finding_due().is_some(), "{name}");
        assert_eq!(open(&next), asked, "{name}: a verdict explains nothing");
        explain(&mut next, SINCE + 201);
        assert_eq!((open(&next), stock(&next)), (vec![], wanted), "{name}: an explanation releases nothing");
        if wanted == HELD {
            let anew = next.add(3, SINCE + 202, &release());
            let refused = legs_told(&next, &held()).0.told_as(anew).unwrap().refused;
            assert_eq!((refused, stock(&next)), (None, FREE), "{name}: by a decision that knew of it");
        }
    }
}

#[test]
fn a_release_that_knew_of_another_clock_needs_it_explained() {
    let mut next = released(|_| {});
    next.entries.truncate(next.entries.len() - 1);
    next.entries.push(picks_up(VAN, 0, 21, &[(WARD, 1)]));
    sign_legs(&mut next, &held(), SINCE + 200);
    let early = next.add(3, SINCE + 201, &release());
    let refused = |next: &Scene, one| legs_told(next, &held()).0.told_as(one).unwrap().refused;
    assert_eq!(refused(&next, early), Some(Refusal::NotSettled));
    explain(&mut next, SINCE + 202);
    let settled = next.add(3, SINCE + 203, &release());
    assert_eq!((refused(&next, settled), stock(&next)), (None, FREE));
}

#[test]
fn a_verdict_of_an_earlier_release_told_no_clocks_and_is_compared_by_its_reason() {
    let mut next = released(|record| {
        record.lines.iter_mut().flatten().for_each(|line| line.clocks = None);
    });
    next.entries.push(picks_up(VAN, 0, 21, &[(WARD, 1)]));
    assert_eq!((open(&next), stock(&next)), (vec![], FREE));
}

#[test]
fn another_clock_by_which_an_undecided_leg_bars_is_asked_about_anew() {
    const MIDDLE: Id = Id([8; 16]);
    let middle = |also: Option<SignedEntry>| {
        let mut middle = released(|_| {});
        middle.entries.truncate(4);
        middle.entries.extend(also);
        BTreeMap::from([(LEG, tell(leg().entries)), (MIDDLE, tell(middle.entries))])
    };
    let goes_on = |signed: &dyn Fn(&mut AssessmentRecord)| {
        let legs = Some(vec![Leg { shipment: MIDDLE, line: 0 }]);
        let says = Shipment { items: vec![ItemLine { legs, ..item("A1") }], ..created() };
        let entries = vec![
            entry(9, 1, SINCE + 170, Role::Pharmacist, &says),
            entry(9, 2, SINCE + 171, Role::Pharmacist, &started(SINCE + 171)),
            entry(9, 3, SINCE + 180, Role::Pharmacist, &received(SINCE + 180)),
        ];
        let mut last = Scene { entries, batches: released(|_| {}).batches };
        let held = middle(None);
        let mut record = record_of(&legs_told(&last, &held).1);
        let barring = record.lines.as_ref().unwrap()[0].barring.as_ref().unwrap();
        let difference = Milliseconds(45 * 60_000);
        let told = LegClocks { behind: [CLINIC; 32], ahead: [OFFICE; 32], difference };
        assert_eq!(barring[0].clocks, Some(vec![told]));
        assert!(barring[0].reasons.contains(&Reason::Clock), "{:?}", barring[0]);
        signed(&mut record);
        last.add(9, SINCE + 190, &record);
        let explained = |reason: &Reason| Explained { reason: *reason, explanation: "the tablet's".into() };
        last.add(
            DOCK,
            SINCE + 191,
            &Acknowledged { reasons: record.reasons.iter().map(explained).collect() },
        );
        last
    };
    let without =
        |record: &mut AssessmentRecord| for_each_leg(record, |leg: &mut BarringLeg| leg.clocks = None);
    let is_open = |last: &Scene, held: &BTreeMap<Id, Story>| {
        let (story, judgement) = legs_told(last, held);
        story.unexplained(&judgement).contains(&Reason::LegNotReleased)
    };
    let last = goes_on(&|_| {});
    for (name, of_leg, asked) in [
        ("it holds nothing of the leg", &[][..], false),
        ("the office's clock, no further off", &[(OFFICE, 1)], false),
        ("two others", &[(WARD, 1)], true),
    ] {
        let held = middle(Some(picks_up(VAN, 0, 21, of_leg)));
        assert_eq!(is_open(&last, &held), asked, "{name}");
    }
    let held = middle(Some(picks_up(VAN, 0, 21, &[(WARD, 1)])));
    assert!(!is_open(&goes_on(&without), &held), "an earlier release told no clocks of legs that bar");
}

fn for_each_leg(record: &mut AssessmentRecord, change: impl Fn(&mut BarringLeg)) {
    record.lines.iter_mut().flatten().flat_map(|line| line.barring.iter_mut().flatten()).for_each(change);
}

#[test]
fn who_explains_their_own_clock_speaks_of_none_that_the_legs_show() {
    let mut next = unexplained();
    // The second person's device is two hours behind what it holds.
    let (story, judgement) = legs_told(&next, &held());
    let reasons = story.unexplained(&judgement).into_iter().chain([Reason::Clock]);
    let explained = |reason| Explained { reason, explanation: "my phone".into() };
    next.add(3, SINCE + 40, &Acknowledged { reasons: reasons.map(explained).collect() });
    assert_eq!(open(&next), []);
    let mut van = next.clone();
    van.entries.push(picks_up(VAN, 0, 21, &[(WARD, 1)]));
    assert_eq!(open(&van), [Reason::Clock]);
    sign_legs(&mut van, &held(), SINCE + 200);
    assert_eq!(open(&van), [Reason::Clock]);
    let early = van.add(3, SINCE + 201, &release());
    assert_eq!(legs_told(&van, &held()).0.told_as(early).unwrap().refused, Some(Refusal::NotSettled));
    explain(&mut van, SINCE + 202);
    van.add(3, SINCE + 203, &release());
    assert_eq!((open(&van), stock(&van)), (vec![], FREE));
    // Released by that explanation, the same clock holds the stock and is asked about.
    sign_legs(&mut next, &held(), SINCE + 165);
    let released = next.add(3, SINCE + 170, &release());
    let refused = legs_told(&next, &held()).0.told_as(released).unwrap().refused;
    assert_eq!((refused, stock(&next)), (None, FREE));
    next.entries.push(picks_up(VAN, 0, 21, &[(WARD, 1)]));
    assert_eq!((open(&next), stock(&next)), (vec![Reason::Clock], HELD));
}
