//! Loggers that nobody could read, where the pick-ups that placed them are disputed later or were not known to all.

use super::*;
use crate::record::LoggerReason;

const BOX_8: Id = Id([8; 16]);

/// The device that decides is log 4, that of a second office log 5.
const OFFICE: u8 = 4;
const WARD: u8 = 5;

fn placing(loggers: &[Id], minute: i64) -> Started {
    let place = |logger: &Id| Placement { logger: *logger, package: None, from: None, to: None };
    Started { placements: loggers.iter().map(place).collect(), ..started(minute) }
}

fn created_with_two_lines() -> Scene {
    let says = Shipment { items: vec![item("A1"), item("B2")], ..created() };
    Scene { entries: vec![entry(DOCK, 1, SINCE, Role::Pharmacist, &says)], batches: Vec::new() }
}

fn read(scene: &mut Scene, (log, minute): (u8, i64), logger: Id) {
    let (mut sealed, mut batch) = readings(log, scene.next(log), SINCE + 10, &[5000; 3], Provenance::P3);
    let Ok(Statement::Readings(mut says)) = Statement::parse(Kind::Readings, &sealed.body) else { panic!() };
    (says.logger, batch.logger) = (logger, logger);
    let heads = scene.heads(log);
    sealed.batches = vec![Batch::address(&batch.to_bytes().unwrap())];
    let at = UtcMillis(minute * MINUTE);
    scene.entries.push(SignedEntry { body: says.to_bytes(), heads, at, ..sealed });
    scene.batches.push(batch);
}

fn arrived(minute: i64, unread: &[Id]) -> Received {
    let unread = unread.iter().map(|logger| LoggerReason { logger: *logger, reason: "lost".into() });
    let (seal, unread) = (SealFound::Intact, unread.collect());
    let checklist = Checklist { seal, counts: Vec::new(), expired: Vec::new(), unread };
    Received { checklist: Some(checklist), ..received(minute) }
}

fn dispute(scene: &mut Scene, of: EntryReference) {
    let lost = Some(UtcMillis(SINCE * MINUTE));
    scene.entries.iter_mut().filter(|one| one.reference == of).for_each(|one| one.beyond = lost);
}

fn would_cancel(scene: &Scene) -> Result<(), Refusal> {
    let cancelled = Closed { closing: Closing::Cancelled, reason: Some("never picked up".into()) };
    scene.told().0.would_count(scene.says(OFFICE, SINCE + 200, &cancelled))
}

#[test]
fn a_receipt_and_the_rejection_after_it_stand_though_the_pick_up_that_placed_an_unread_logger_is_disputed() {
    for own_pick_up in [false, true] {
        let mut scene = created_with_two_lines();
        let mut lost = scene.add(DOCK, SINCE + 8, &placing(&[LOGGER, BOX_8], SINCE + 8));
        if own_pick_up {
            scene.entries.pop();
            let mut van = scene.clone();
            scene.add(DOCK, SINCE + 8, &placing(&[LOGGER], SINCE + 8));
            lost = van.add(VAN, SINCE + 9, &placing(&[BOX_8], SINCE + 9));
            scene = scene.with(&van);
        }
        read(&mut scene, (OFFICE, SINCE + 71), LOGGER);
        let receipt = scene.add(OFFICE, SINCE + 80, &arrived(SINCE + 80, &[BOX_8]));
        scene.verdict(OFFICE, SINCE + 81);
        let reject_of = scene.add(OFFICE, SINCE + 82, &decision(Decision::Reject, None));
        dispute(&mut scene, lost);
        let refused = [lost, receipt, reject_of].map(|one| scene.refusal(one));
        assert_eq!(refused, [Some(Refusal::Disputed), None, None], "{own_pick_up}");
        assert_eq!((scene.shown().phase, scene.stocks()), (Phase::Received, vec![Some(Stock::Rejected); 2]));
        assert_eq!(would_cancel(&scene), Err(Refusal::OutOfOrder));
        let again = scene.says(WARD, SINCE + 90, &arrived(SINCE + 90, &[]));
        assert_eq!(scene.told().0.would_count(again), Err(Refusal::Repeated));
    }
}

#[test]
fn a_receipt_counts_whatever_loggers_a_pick_up_names_that_is_signed_anew() {
    for anew in [&[LOGGER][..], &[LOGGER, BOX_8]] {
        let mut scene = created_with_two_lines();
        let lost = scene.add(DOCK, SINCE + 8, &placing(&[LOGGER, BOX_8], SINCE + 8));
        read(&mut scene, (OFFICE, SINCE + 71), LOGGER);
        let receipt = scene.add(OFFICE, SINCE + 80, &arrived(SINCE + 80, &[BOX_8]));
        dispute(&mut scene, lost);
        let steps = scene.steps();
        assert!(steps.contains(&Step::Start) && !steps.contains(&Step::Receive), "{steps:?}");
        let says = Started { reason: Some("on camera".into()), ..placing(anew, SINCE + 8) };
        let says = scene.add(OFFICE, SINCE + 100, &says);
        assert_eq!((scene.refusal(receipt), scene.refusal(says)), (None, None));
        let (story, _) = scene.told();
        assert_eq!((story.phase(), story.unread()), (Phase::Received, vec![]), "told as unreadable");
        scene.verdict(OFFICE, SINCE + 101);
        scene.explain(OFFICE, SINCE + 102);
        let release_of = scene.add(OFFICE, SINCE + 103, &release());
        assert_eq!((scene.refusal(release_of), scene.stocks()), (None, vec![FREE; 2]));
    }
}

#[test]
fn nobody_tells_of_an_unread_logger_that_never_travelled_as_they_held_it() {
    let mut scene = created_with_two_lines();
    scene.add(DOCK, SINCE + 8, &placing(&[LOGGER], SINCE + 8));
    let (mut unaware, mut van) = (scene.clone(), scene);
    let refused = unaware.add(OFFICE, SINCE + 80, &arrived(SINCE + 80, &[BOX_8]));
    assert_eq!(unaware.refusal(refused), Some(Refusal::UnknownName));
    let lost = van.add(VAN, SINCE + 9, &placing(&[BOX_8], SINCE + 9));
    dispute(&mut van, lost);
    let both = van.with(&unaware);
    assert_eq!(both.refusal(refused), Some(Refusal::UnknownName), "a pick-up that they had not heard of");
}

#[test]
fn a_release_in_part_stands_beside_a_pick_up_that_its_signer_had_not_heard_of_and_what_it_withheld_is_held() {
    for (in_part, whole) in [(90, 95), (95, 90)] {
        let base = created_with_two_lines();
        let (mut office, mut van) = (base.clone(), base);
        office.add(DOCK, SINCE + 8, &placing(&[LOGGER], SINCE + 8));
        read(&mut office, (DOCK, SINCE + 71), LOGGER);
        office.add(OFFICE, SINCE + 80, &arrived(SINCE + 80, &[]));
        office.verdict(OFFICE, SINCE + 81);
        van.add(VAN, SINCE + 9, &placing(&[BOX_8], SINCE + 9));
        let mut dock = office.with(&van);
        let part_of = office.add(OFFICE, SINCE + in_part, &decision(Decision::ReleaseInPart, Some(&[0])));
        assert_eq!((office.refusal(part_of), office.stocks()), (None, vec![FREE, HELD]));
        let unread = office.with(&van);
        assert_eq!((unread.refusal(part_of), unread.stocks()), (None, vec![HELD; 2]), "Box 8 is not read");
        assert!(unread.steps().contains(&Step::Read) && !unread.steps().contains(&Step::Close));

        read(&mut dock, (VAN, SINCE + 84), BOX_8);
        dock.verdict(DOCK, SINCE + 85);
        let release_of = dock.add(DOCK, SINCE + whole, &release());
        assert_eq!((dock.refusal(release_of), dock.stocks()), (None, vec![FREE; 2]));
        let both = office.with(&dock);
        assert_eq!((both.refusal(part_of), both.refusal(release_of)), (None, None), "{in_part} {whole}");
        let (story, judgement) = both.told();
        let conflicts = story.conflicts();
        assert_eq!(conflicts.iter().map(|one| one.lines.clone()).collect::<Vec<_>>(), [vec![1]]);
        assert_eq!(both.stocks()[1], HELD);
        let tasks = crate::task::of_shipment(Id([1; 16]), &story, &judgement);
        assert!(tasks.iter().any(|task| task.kind == crate::task::TaskKind::ResolveConflict), "{tasks:?}");
    }
}

#[test]
fn nobody_releases_what_they_have_heard_of_no_pick_up_of() {
    let base = created_with_two_lines();
    let (mut office, mut dock) = (base.clone(), base);
    dock.add(DOCK, SINCE + 8, &placing(&[BOX_8], SINCE + 8));
    office.add(OFFICE, SINCE + 80, &arrived(SINCE + 80, &[]));
    office.verdict(OFFICE, SINCE + 81);
    office.explain(OFFICE, SINCE + 82);
    let release_of = office.add(OFFICE, SINCE + 83, &release());
    for scene in [&office, &office.with(&dock)] {
        assert_eq!(scene.refusal(release_of), Some(Refusal::OutOfOrder));
    }
}

/// Everything was lost with its logger, which was explained and decided by.
fn released_unread() -> Scene {
    let mut scene = created_with_two_lines();
    scene.add(DOCK, SINCE + 8, &placing(&[LOGGER], SINCE + 8));
    scene.add(OFFICE, SINCE + 80, &arrived(SINCE + 80, &[LOGGER]));
    scene.verdict(OFFICE, SINCE + 81);
    scene.explain(OFFICE, SINCE + 82);
    scene.add(OFFICE, SINCE + 84, &release());
    scene
}

#[test]
fn another_logger_that_nobody_read_or_a_longer_time_without_any_holds_what_was_released_by_less() {
    let scene = released_unread();
    assert_eq!(scene.stocks(), vec![FREE; 2]);
    let base = Scene { entries: scene.entries[..1].to_vec(), ..scene.clone() };
    for (placed, from, held) in [
        (LOGGER, 8, None),
        (LOGGER, 30, None),
        (BOX_8, 30, Some(Reason::LoggerMissing)),
        (LOGGER, 2, Some(Reason::NoReadings)),
    ] {
        let mut van = base.clone();
        van.add(VAN, SINCE + from, &placing(&[placed], SINCE + from));
        let mut both = scene.with(&van);
        let (story, judgement) = both.told();
        let open: Vec<Reason> = story.unexplained(&judgement);
        assert_eq!(
            held.is_some(),
            held.is_some_and(|reason| open.contains(&reason)),
            "{placed:?} {from}: {open:?}"
        );
        assert_eq!(held.is_none(), both.stocks() == vec![FREE; 2], "{placed:?} {from}");
        assert_eq!(story.evidence_unsigned(&judgement), held.is_some(), "{placed:?} {from}");
        both.verdict(OFFICE, SINCE + 100);
        assert_eq!(held.is_none(), both.stocks() == vec![FREE; 2], "as it is signed {placed:?} {from}");
    }
}
