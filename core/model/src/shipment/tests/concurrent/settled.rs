//! What stands of acts whose signers did not see the same acts count.

use super::*;

/// The stock of the first line, whatever became of the entry with this reference.
fn stock_with(scene: &Scene, change: impl Fn(&mut SignedEntry), of: EntryReference) -> Option<Stock> {
    let mut scene = scene.clone();
    scene.entries.iter_mut().filter(|one| one.reference == of).for_each(change);
    scene.stocks()[0]
}

#[test]
fn a_rejection_stands_that_was_made_while_a_release_was_disputed_and_the_release_counts_again() {
    for released in [300, 313] {
        let mut scene = Scene::received();
        let release_of = scene.add(VAN, SINCE + released, &release());
        let part_of =
            |scene: &mut Scene| scene.add(4, SINCE + 310, &decision(Decision::ReleaseInPart, Some(&[1])));
        let mut in_part = scene.clone();
        let part = part_of(&mut in_part);
        let reject_of = scene.add(DOCK, SINCE + 310, &decision(Decision::Reject, None));
        let dispute = |entry: &mut SignedEntry| entry.beyond = Some(UtcMillis((SINCE + 200) * MINUTE));
        assert_eq!(stock_with(&scene, dispute, release_of), Some(Stock::Rejected));
        assert_eq!((scene.refusal(reject_of), scene.stocks()), (None, vec![Some(Stock::Rejected); 2]));
        assert!(!scene.steps().contains(&Step::Release));
        assert_eq!((in_part.refusal(part), in_part.stocks()), (None, vec![HELD, FREE]), "what it withheld");
    }
}

#[test]
fn what_was_open_to_a_decider_is_decided_though_a_release_in_part_counts_again_or_no_longer() {
    let dispute = |entry: &mut SignedEntry| entry.beyond = Some(UtcMillis((SINCE + 200) * MINUTE));
    let seen = |says: Disposition, open: &[u32]| Disposition { open: Some(open.to_vec()), ..says };
    for decided in [300, 313] {
        let mut scene = Scene::received();
        let part_of = scene.add(VAN, SINCE + decided, &decision(Decision::ReleaseInPart, Some(&[0])));
        let after = |says: &Disposition| {
            let mut scene = scene.clone();
            let decided = scene.add(DOCK, SINCE + 310, says);
            let upheld = (scene.refusal(decided), scene.stocks());
            scene.entries.iter_mut().filter(|one| one.reference == part_of).for_each(dispute);
            ((scene.refusal(decided), scene.stocks()), upheld)
        };
        let (rejected, reject) = (Some(Stock::Rejected), decision(Decision::Reject, None));
        // Signed while the release in part was disputed: of all lines.
        let all = (None, vec![rejected; 2]);
        assert_eq!(after(&seen(reject.clone(), &[0, 1])), (all.clone(), all));
        let other = seen(decision(Decision::ReleaseInPart, Some(&[1])), &[0, 1]);
        assert_eq!(after(&other), ((None, vec![HELD, FREE]), (None, vec![HELD, FREE])), "it withheld a line");
        // Signed while it counted: of what was left.
        let (left, upheld) = after(&seen(reject, &[1]));
        assert_eq!((left.1, upheld), (vec![HELD, rejected], (None, vec![FREE, rejected])));
        let (left, upheld) = after(&seen(release(), &[1]));
        assert_eq!((left.1, upheld), (vec![HELD, FREE], (None, vec![FREE; 2])), "released by nobody else");
        for wrong in [&[][..], &[1, 0], &[2]] {
            let refused = after(&seen(decision(Decision::Reject, None), wrong)).1.0;
            assert!(matches!(refused, Some(Refusal::MalformedBody | Refusal::UnknownName)), "{wrong:?}");
        }
    }
}

#[test]
fn a_rejection_that_a_release_knew_of_stays_though_it_was_disputed_when_that_was_signed() {
    let mut scene = Scene::received();
    scene.add(VAN, SINCE + 300, &decision(Decision::Reject, None));
    let again = Disposition { open: Some(vec![0, 1]), ..release() };
    let again = scene.add(DOCK, SINCE + 310, &again);
    assert_eq!(
        (scene.refusal(again), scene.stocks()),
        (Some(Refusal::Repeated), vec![Some(Stock::Rejected); 2])
    );
}

#[test]
fn nobody_signs_a_decision_about_what_they_know_to_be_settled() {
    let mut scene = Scene::received();
    scene.add(VAN, SINCE + 300, &release());
    for again in [release(), decision(Decision::Reject, None), decision(Decision::ReleaseInPart, Some(&[0]))]
    {
        let again = scene.says(DOCK, SINCE + 310, &again);
        assert_eq!(scene.told().0.would_count(again), Err(Refusal::Repeated));
    }
}

#[test]
fn a_rejection_stands_whether_or_not_the_hold_before_it_counts() {
    for released in [&[0, 1][..], &[0]] {
        let mut scene = Scene::received();
        scene.add(VAN, SINCE + 300, &decision(Decision::ReleaseInPart, Some(released)));
        let hold = scene.add(4, SINCE + 310, &Quarantined { reason: "cracked".into() });
        let reject_of = scene.add(DOCK, SINCE + 320, &decision(Decision::Reject, None));
        assert_eq!(scene.stocks(), [Some(Stock::Rejected); 2]);
        let end = |entry: &mut SignedEntry| entry.person_refused = Some(Refusal::PersonEnded);
        scene.entries.iter_mut().filter(|one| one.reference == hold).for_each(end);
        assert_eq!((scene.refusal(hold), scene.refusal(reject_of)), (Some(Refusal::PersonEnded), None));
        let first = if released.len() == 2 { Some(Stock::Rejected) } else { HELD };
        assert_eq!(scene.stocks(), [first, Some(Stock::Rejected)], "of {released:?}");
    }
}

#[test]
fn a_finding_and_the_rejection_after_it_stand_beside_a_release_anew_in_both_clock_orders() {
    for (found, again) in [(400, 500), (500, 400)] {
        let mut base = Scene::received();
        let release_of = base.add(VAN, SINCE + 300, &release());
        let (mut dock, mut van) = (base.clone(), base);
        van.add(VAN, SINCE + again, &Quarantined { reason: "a look".into() });
        van.add(VAN, SINCE + again + 1, &release());
        dock.warm(DOCK, SINCE + found);
        let assessment = dock.told().0.verdicts.last().unwrap().reference;
        let words = "warm".into();
        let finding = Finding { disposition: release_of, assessment, lines: vec![0, 1], words };
        let finding = dock.add(DOCK, SINCE + found + 1, &finding);
        let reject_of = dock.add(DOCK, SINCE + found + 2, &decision(Decision::Reject, None));
        assert_eq!((dock.stocks(), van.stocks()), (vec![Some(Stock::Rejected); 2], vec![FREE; 2]));
        let both = dock.with(&van);
        assert_eq!((both.refusal(finding), both.refusal(reject_of)), (None, None));
        assert_eq!(both.stocks(), [HELD; 2]);
        let (story, judgement) = both.told();
        let tasks = crate::task::of_shipment(Id([1; 16]), &story, &judgement);
        let resolve = tasks.iter().find(|task| task.kind == crate::task::TaskKind::ResolveConflict);
        assert_eq!(resolve.map(|task| task.decisions.len()), Some(2), "{tasks:?}");
    }
}

#[test]
fn what_was_held_of_a_cancelled_shipment_is_rejected_and_stays_so_when_the_cancellation_is_void() {
    for (cancelled, held) in [(10, 12), (12, 10)] {
        let made = entry(DOCK, 1, 0, Role::Pharmacist, &created());
        let base = Scene { entries: vec![made], batches: Vec::new() };
        let (mut dock, mut van) = (base.clone(), base.clone());
        dock.add(DOCK, cancelled, &Closed { closing: Closing::Cancelled, reason: Some("no need".into()) });
        assert_eq!(dock.steps(), [], "nothing was held");
        van.add(VAN, held, &Quarantined { reason: "wet".into() });
        let mut both = dock.with(&van);
        assert_eq!((both.shown().stock, both.steps()), (HELD, vec![Step::Reject]));
        let (story, judgement) = both.told();
        let tasks = crate::task::of_shipment(Id([1; 16]), &story, &judgement);
        assert_eq!(tasks.iter().map(|task| task.kind).collect::<Vec<_>>(), [crate::task::TaskKind::Decide]);
        let release_of = both.says(DOCK, 20, &release());
        assert_eq!(story.would_count(release_of), Err(Refusal::OutOfOrder));
        let reject_of = both.add(DOCK, 20, &decision(Decision::Reject, None));
        assert_eq!((both.refusal(reject_of), both.shown().stock), (None, Some(Stock::Rejected)));
        assert!(!both.shown().do_not_use && both.steps().is_empty(), "{:?}", both.steps());
        for started_at in [5, 30] {
            let mut elsewhere = base.clone();
            elsewhere.add(4, started_at, &started(started_at));
            let all = both.with(&elsewhere);
            assert_eq!((all.shown().phase, all.refusal(reject_of)), (Phase::InTransit, None));
            assert_eq!(all.shown().stock, Some(Stock::Rejected));
        }
    }
}

#[test]
fn a_pick_up_that_counts_no_longer_is_signed_again_before_stock_that_was_received_is_released() {
    for closes in [false, true] {
        let mut scene = Scene::received();
        if closes {
            scene.add(VAN, SINCE + 290, &decision(Decision::Reject, None));
            scene.add(VAN, SINCE + 291, &Closed { closing: Closing::Ended, reason: None });
            scene.add(VAN, SINCE + 292, &Quarantined { reason: "a look".into() });
        }
        let is_start = |one: &&mut SignedEntry| one.kind == u64::from(Kind::Started.number());
        let first = scene.entries.iter_mut().find(is_start).unwrap();
        first.beyond = Some(UtcMillis(0));
        let lost = first.reference;
        assert_eq!(scene.refusal(lost), Some(Refusal::Disputed));
        if !closes {
            let steps = scene.steps();
            assert!(steps.contains(&Step::Start) && !steps.contains(&Step::Release), "{steps:?}");
        }
        let again = Started { reason: Some("signed on a device that was stolen".into()), ..started(10) };
        let again = scene.add(VAN, SINCE + 300, &again);
        assert_eq!(scene.refusal(again), None);
        scene.verdict(VAN, SINCE + 301);
        if !closes {
            let steps = scene.steps();
            assert!(!steps.contains(&Step::Start), "{steps:?}");
            scene.explain(VAN, SINCE + 302);
            let release_of = scene.add(VAN, SINCE + 303, &release());
            assert_eq!((scene.refusal(release_of), scene.stocks()), (None, vec![FREE; 2]));
        }
        let twice = Started { reason: Some("once more".into()), ..started(10) };
        let twice = scene.add(VAN, SINCE + 310, &twice);
        assert!(scene.refusal(twice).is_some());
    }
}

#[test]
fn of_two_corrections_the_one_that_leaves_out_least_waits_for_approval_whatever_the_clocks_say() {
    let at = |minute: i64| Some(UtcMillis(minute * MINUTE));
    for (early, late) in [(110, 112), (112, 110)] {
        let base = Scene::received();
        let received = base.entries[3].reference;
        let moved =
            |minute| ArrivalMoved { received, at: UtcMillis(minute * MINUTE), reason: "clock".into() };
        let (mut dock, mut van) = (base.clone(), base);
        let earlier = dock.add(DOCK, early, &moved(55));
        let later = van.add(VAN, late, &moved(60));
        let mut both = dock.with(&van);
        assert_eq!(both.told().0.unapproved().map(|one| one.reference), Some(later));
        let approved = both.add(4, 120, &Approved { approves: later });
        assert_eq!((both.refusal(approved), both.told().0.arrival()), (None, at(60)));
        assert_eq!(both.told().0.unapproved(), None);
        // Who knows of both may agree to the other one, and later corrections supersede both.
        let other = both.add(5, 125, &Approved { approves: earlier });
        assert_eq!((both.refusal(other), both.told().0.arrival()), (None, at(55)));
        let again = both.add(DOCK, 130, &moved(50));
        assert_eq!(both.told().0.unapproved().map(|one| one.reference), Some(again));
        let stale = both.add(6, 131, &Approved { approves: later });
        assert!(matches!(both.refusal(stale), Some(Refusal::OutOfOrder | Refusal::Repeated)));
    }
}

#[test]
fn of_two_approvals_of_one_correction_no_clock_says_which_a_later_one_superseded() {
    for (one, other) in [(120, 122), (122, 120)] {
        let mut base = Scene::received();
        let received = base.entries[3].reference;
        let moved =
            |minute| ArrivalMoved { received, at: UtcMillis(minute * MINUTE), reason: "clock".into() };
        let approves = base.add(DOCK, 110, &moved(69));
        let (mut night, mut ward) = (base.clone(), base);
        let first = night.add(7, one, &Approved { approves });
        let second = ward.add(8, other, &Approved { approves });
        let approves = ward.add(DOCK, 130, &moved(45));
        let anew = ward.add(8, 131, &Approved { approves });
        assert_eq!(ward.told().0.arrival(), Some(UtcMillis(45 * MINUTE)));
        let mut both = ward.with(&night);
        assert!([first, second, anew].iter().all(|one| both.refusal(*one).is_none()));
        assert_eq!(both.told().0.arrival(), Some(UtcMillis(69 * MINUTE)), "it leaves out least");
        let again = both.add(7, 140, &Approved { approves });
        assert_eq!(both.refusal(again), Some(Refusal::Repeated));
    }
}

#[test]
fn a_finding_about_what_a_release_anew_was_decided_by_does_not_hold_it_in_either_clock_order() {
    for (found, again) in [(400, 500), (500, 400)] {
        for knew in [true, false] {
            let mut base = Scene::received();
            let release_of = base.add(VAN, SINCE + 300, &release());
            if knew {
                base.late(4, SINCE + 310);
            }
            let (mut dock, mut van) = (base.clone(), base);
            if !knew {
                dock.late(4, SINCE + 310);
                van.add(VAN, SINCE + again - 1, &Quarantined { reason: "a look".into() });
            }
            let find = |scene: &mut Scene, log, minute| {
                let assessment = scene.told().0.verdicts.last().unwrap().reference;
                let words = "late".into();
                let says = Finding { disposition: release_of, assessment, lines: vec![0, 1], words };
                scene.add(log, minute, &says)
            };
            // The dock's device signs what was found, as the one of who decides anew does.
            dock.verdict(DOCK, SINCE + found);
            let finding = find(&mut dock, DOCK, SINCE + found + 1);
            assert_eq!(dock.stocks(), [HELD; 2]);
            if knew {
                van.verdict(VAN, SINCE + again);
                find(&mut van, VAN, SINCE + again + 1);
                van.explain(VAN, SINCE + again + 2);
            }
            let anew = van.add(VAN, SINCE + again + 3, &release());
            let both = dock.with(&van);
            assert_eq!((both.refusal(finding), both.refusal(anew)), (None, None));
            assert_eq!(both.stocks(), [if knew { FREE } else { HELD }; 2], "{found} {again} {knew}");
        }
    }
}
