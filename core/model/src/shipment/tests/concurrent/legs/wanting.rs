//! What is wanting of a leg, and what more of that does to stock that was released.

use super::*;
use crate::record::{LoggerReason, WantingLeg};

const LEG: Id = Id([7; 16]);
const BOX_8: Id = Id([8; 16]);
const OFFICE: u8 = 4;

fn placing(logger: Id, minute: i64) -> Started {
    let placements = vec![Placement { logger, package: None, from: None, to: None }];
    Started { placements, ..started(minute) }
}

/// A leg that the office received, none of whose loggers could be read.
fn unread_leg() -> Scene {
    let says = Shipment { items: vec![item("A1")], ..created() };
    let mut scene =
        Scene { entries: vec![entry(DOCK, 1, SINCE, Role::Pharmacist, &says)], batches: Vec::new() };
    scene.add(DOCK, SINCE + 8, &placing(LOGGER, SINCE + 8));
    let unread = vec![LoggerReason { logger: LOGGER, reason: "lost".into() }];
    let checklist = Checklist { seal: SealFound::Intact, counts: Vec::new(), expired: Vec::new(), unread };
    scene.add(OFFICE, SINCE + 65, &Received { checklist: Some(checklist), ..received(SINCE + 65) });
    scene
}

fn held(first: &Scene) -> BTreeMap<Id, Story> {
    BTreeMap::from([(LEG, tell(first.entries.clone()))])
}

fn stock(next: &Scene, first: &Scene) -> Option<Stock> {
    let (story, judgement) = legs_told(next, &held(first));
    story.stock_now(&judgement).line(0)
}

fn explain(next: &mut Scene, first: &Scene, minute: i64) {
    let (story, judgement) = legs_told(next, &held(first));
    let explained = |reason| Explained { reason, explanation: "the pharmacist knows".into() };
    let reasons = story.unexplained(&judgement).into_iter().map(explained).collect();
    next.add(DOCK, minute, &Acknowledged { reasons });
}

/// What goes on from it, released after that its leg is missing had been explained.
fn released(first: &Scene, signed: impl FnOnce(&mut AssessmentRecord)) -> Scene {
    let legs = Some(vec![Leg { shipment: LEG, line: 0 }]);
    let says = Shipment { items: vec![ItemLine { legs, ..item("A1") }], ..created() };
    let mut next =
        Scene { entries: vec![entry(DOCK, 10, SINCE + 66, Role::Pharmacist, &says)], batches: Vec::new() };
    next.add(DOCK, SINCE + 70, &placing(Id([9; 16]), SINCE + 70));
    let (sealed, batch) = reading_of(Id([9; 16]), (DOCK, next.next(DOCK)), SINCE + 70);
    next.entries.push(sealed);
    next.batches.push(batch);
    next.add(DOCK, SINCE + 131, &received(SINCE + 130));
    let mut record = record_of(&legs_told(&next, &held(first)).1);
    assert_eq!(record.reasons, [Reason::LegMissing]);
    signed(&mut record);
    next.add(DOCK, SINCE + 132, &record);
    explain(&mut next, first, SINCE + 133);
    next.add(3, SINCE + 134, &release());
    next
}

fn reading_of(logger: Id, (log, sequence): (u8, u64), minute: i64) -> (SignedEntry, Batch) {
    let (sealed, mut batch) = readings(log, sequence, minute, &[5000; 3], Provenance::P3);
    let Ok(Statement::Readings(mut says)) = Statement::parse(Kind::Readings, &sealed.body) else { panic!() };
    (says.logger, batch.logger) = (logger, logger);
    let batches = vec![Batch::address(&batch.to_bytes().unwrap())];
    (SignedEntry { body: says.to_bytes(), batches, ..sealed }, batch)
}

#[test]
fn more_that_nobody_read_of_a_leg_holds_what_was_released_on_it_until_it_is_explained() {
    let first = unread_leg();
    let next = released(&first, |_| {});
    assert_eq!(stock(&next, &first), FREE);
    let base = Scene { entries: first.entries[..1].to_vec(), ..first.clone() };
    for (placed, from, wanted) in
        [(LOGGER, 8, FREE), (LOGGER, 30, FREE), (BOX_8, 30, HELD), (LOGGER, 2, HELD)]
    {
        let mut van = base.clone();
        van.add(VAN, SINCE + from, &placing(placed, SINCE + from));
        let first = first.with(&van);
        assert_eq!(stock(&next, &first), wanted, "{placed:?} {from}");
        let mut next = next.clone();
        sign_legs(&mut next, &held(&first), SINCE + 200);
        let due = legs_told(&next, &held(&first)).0.finding_due().map(|due| due.by);
        assert_eq!(due, (wanted == HELD).then_some(crate::shipment::FoundBy::Leg), "{placed:?} {from}");
        explain(&mut next, &first, SINCE + 201);
        assert_eq!(stock(&next, &first), wanted, "an explanation releases nothing");
        if wanted == HELD {
            let anew = next.add(3, SINCE + 202, &release());
            let refused = legs_told(&next, &held(&first)).0.told_as(anew).unwrap().refused;
            assert_eq!((refused, stock(&next, &first)), (None, FREE), "by a decision that knew all of it");
        }
    }
}

#[test]
fn a_leg_that_was_read_after_all_holds_nothing_and_one_of_which_nothing_was_told_is_compared_by_its_reason() {
    let first = unread_leg();
    let mut read = first.clone();
    let (sealed, batch) = reading_of(LOGGER, (VAN, 0), SINCE + 10);
    read.entries.push(sealed);
    let mut next = released(&first, |_| {});
    next.batches.push(batch);
    assert_eq!(stock(&next, &read), FREE);
    let older = released(&first, |record| {
        record.lines.iter_mut().flatten().for_each(|line| line.wanting = None);
    });
    let mut van = Scene { entries: first.entries[..1].to_vec(), ..first.clone() };
    van.add(VAN, SINCE + 2, &placing(LOGGER, SINCE + 2));
    assert_eq!(stock(&older, &first.with(&van)), FREE, "an earlier release signed the reason alone");
}

#[test]
fn what_is_wanting_of_a_leg_is_told_with_its_time_its_loggers_and_the_legs_that_lead_to_it() {
    let wanting = |scene: &Scene, held: &BTreeMap<Id, Story>| -> Vec<WantingLeg> {
        record_of(&legs_told(scene, held).1).lines.unwrap()[0].wanting.clone().unwrap_or_default()
    };
    let first = unread_leg();
    let next = released(&first, |_| {});
    let minutes = |minutes: u64| Some(crate::assess::Milliseconds(minutes * 60_000));
    let unread = WantingLeg {
        shipment: LEG,
        line: 0,
        unread: Some(vec![LOGGER]),
        unwatched: minutes(62),
        after: vec![],
    };
    assert_eq!(wanting(&next, &held(&first)), std::slice::from_ref(&unread));
    let not_held = WantingLeg { unread: None, unwatched: None, ..unread.clone() };
    assert_eq!(wanting(&next, &BTreeMap::new()), [not_held]);
    // One more in between, which was watched.
    let goes_on = |shipment: Id| ItemLine { legs: Some(vec![Leg { shipment, line: 0 }]), ..item("A1") };
    let second = Id([6; 16]);
    let says = Shipment { items: vec![goes_on(second)], ..created() };
    let mut last =
        Scene { entries: vec![entry(DOCK, 20, SINCE + 131, Role::Pharmacist, &says)], ..next.clone() };
    last.add(DOCK, SINCE + 135, &placing(BOX_8, SINCE + 135));
    let mut all = held(&first);
    all.insert(second, tell(next.entries.clone()));
    let through = WantingLeg { after: vec![Leg { shipment: second, line: 0 }], ..unread };
    assert_eq!(wanting(&last, &all), [through]);
}
