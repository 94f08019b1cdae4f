//! Who has a shipment that several took over: what a giver confirmed stands, and no clock undoes it.

use super::*;

/// Further devices.
const DEPOT: u8 = 3;
const WARD: u8 = 4;

pub(super) fn offered(nonce: u8) -> Offered {
    let expires = UtcMillis((SINCE + 900) * MINUTE);
    Offered { nonce: [nonce; 16], expires, last_reading: None, verdict: Verdict::Ok, partner: None }
}

fn accepts(offered: EntryReference, nonce: u8, minute: i64) -> Accepted {
    Accepted { offered, nonce: [nonce; 16], at: UtcMillis((SINCE + minute) * MINUTE) }
}

fn custodian(scene: &Scene) -> Option<Device> {
    scene.told().0.custody.custodian
}

fn is_device(number: u8) -> Option<Device> {
    Some(device(number, if number == VAN { Role::Quality } else { Role::Pharmacist }))
}

/// Picked up and offered by the dock.
fn offered_once() -> (Scene, EntryReference) {
    let made = entry(DOCK, 1, SINCE, Role::Pharmacist, &created());
    let mut scene = Scene { entries: vec![made], batches: Vec::new() };
    scene.add(DOCK, SINCE + 5, &started(SINCE + 5));
    let offer = scene.add(DOCK, SINCE + 20, &offered(1));
    (scene, offer)
}

fn refused(scene: &Scene) -> Vec<Refusal> {
    scene.told().0.told.iter().filter_map(|told| told.refused).collect()
}

#[test]
fn a_late_acceptance_undoes_no_confirmed_chain_and_the_conflict_is_told_whatever_the_clocks_say() {
    for late in [29, 31, 90] {
        let (base, offer) = offered_once();
        let (mut chain, mut ward) = (base.clone(), base);
        let accepted = chain.add(VAN, SINCE + 30, &accepts(offer, 1, 30));
        chain.add(DOCK, SINCE + 35, &Confirmed { accepted });
        let onward = chain.add(VAN, SINCE + 40, &offered(2));
        chain.add(DEPOT, SINCE + 45, &accepts(onward, 2, 45));
        assert!(!chain.told().1.reasons.contains(&Reason::CustodyConflict));
        ward.add(WARD, SINCE + late, &accepts(offer, 1, late));
        let mut both = chain.with(&ward);
        assert_eq!((refused(&both), custodian(&both)), (vec![], is_device(DEPOT)), "{late}");
        let (story, judgement) = both.told();
        assert!(judgement.reasons.contains(&Reason::CustodyConflict), "{late}");
        assert_eq!(story.custody.hand_overs[0].accepted.as_ref().unwrap().reference, accepted);
        // Who knows of the confirmed chain offers nothing that the ward accepted in vain.
        let in_vain = both.add(WARD, SINCE + 100, &offered(3));
        assert_eq!(both.refusal(in_vain), Some(Refusal::NotTheCustodian));
        let again = both.add(5, SINCE + 101, &accepts(offer, 1, 101));
        assert_eq!(both.refusal(again), Some(Refusal::Repeated));
    }
}

#[test]
fn of_two_acceptances_the_one_that_confirmed_hand_overs_go_on_from_stands_and_else_no_clock_chooses() {
    for (van_at, ward_at) in [(30, 31), (31, 30)] {
        for [first, other] in [[VAN, WARD], [WARD, VAN]] {
            let (base, offer) = offered_once();
            let (mut one, mut two) = (base.clone(), base);
            one.add(first, SINCE + van_at, &accepts(offer, 1, van_at));
            two.add(other, SINCE + ward_at, &accepts(offer, 1, ward_at));
            let both = one.with(&two);
            assert_eq!((refused(&both), custodian(&both)), (vec![], is_device(VAN)), "{van_at} {first}");
            let onward = one.add(first, SINCE + 40, &offered(2));
            let accepted = one.add(DEPOT, SINCE + 45, &accepts(onward, 2, 45));
            one.add(first, SINCE + 50, &Confirmed { accepted });
            let both = one.with(&two);
            assert_eq!((refused(&both), custodian(&both)), (vec![], is_device(DEPOT)), "{van_at} {first}");
            assert!(both.told().1.reasons.contains(&Reason::CustodyConflict));
        }
    }
}

#[test]
fn an_offer_made_anew_without_knowing_of_an_acceptance_undoes_neither_whatever_the_clocks_say() {
    for (accepted_at, anew) in [(30, 32), (32, 30)] {
        let (base, offer) = offered_once();
        let (mut dock, mut van) = (base.clone(), base);
        van.add(VAN, SINCE + accepted_at, &accepts(offer, 1, accepted_at));
        let second = dock.add(DOCK, SINCE + anew, &offered(2));
        let both = van.with(&dock);
        assert_eq!((refused(&both), custodian(&both)), (vec![], is_device(VAN)));
        assert_eq!(both.told().0.custody.open_offer(), None, "of who has it no more");
        assert!(!both.told().1.reasons.contains(&Reason::CustodyConflict));
        let mut knowing = both.clone();
        let late = knowing.add(WARD, SINCE + 50, &accepts(second, 2, 50));
        assert_eq!(knowing.refusal(late), Some(Refusal::OutOfOrder), "it knew that the van has it");
        let accepted = dock.add(WARD, SINCE + 50, &accepts(second, 2, 50));
        dock.add(DOCK, SINCE + 51, &Confirmed { accepted });
        let both = van.with(&dock);
        assert_eq!((refused(&both), custodian(&both)), (vec![], is_device(WARD)));
        assert!(both.told().1.reasons.contains(&Reason::CustodyConflict));
    }
}

#[test]
fn a_hand_over_by_who_knew_of_no_receipt_counts_beside_it_whatever_the_clocks_say() {
    for (received_at, handed) in [(30, 32), (34, 30)] {
        let (base, offer) = offered_once();
        let (mut ward, mut van) = (base.clone(), base);
        let arrived = received(SINCE + received_at);
        let arrived = ward.add(WARD, SINCE + received_at, &arrived);
        van.add(VAN, SINCE + handed, &accepts(offer, 1, handed));
        let onward = van.add(VAN, SINCE + handed + 1, &offered(2));
        van.add(DEPOT, SINCE + handed + 2, &accepts(onward, 2, handed + 2));
        let mut both = ward.with(&van);
        assert_eq!((refused(&both), both.refusal(arrived)), (vec![], None));
        let custody = both.told().0.custody;
        assert_eq!((custody.custodian, custody.received_one_sided), (is_device(WARD), true));
        let knowing = both.add(DEPOT, SINCE + 60, &offered(3));
        assert_eq!(both.refusal(knowing), Some(Refusal::OutOfOrder));
    }
}

#[test]
fn an_explanation_of_a_custody_conflict_speaks_of_no_acceptance_that_came_after_it() {
    let (base, offer) = offered_once();
    let (mut van, mut ward, mut depot) = (base.clone(), base.clone(), base);
    van.add(VAN, SINCE + 30, &accepts(offer, 1, 30));
    ward.add(WARD, SINCE + 31, &accepts(offer, 1, 31));
    depot.add(DEPOT, SINCE + 29, &accepts(offer, 1, 29));
    let mut both = van.with(&ward);
    both.verdict(VAN, SINCE + 40);
    let (story, judgement) = both.told();
    assert!(story.unexplained(&judgement).contains(&Reason::CustodyConflict));
    both.explain(VAN, SINCE + 41);
    let (story, judgement) = both.told();
    assert!(!story.unexplained(&judgement).contains(&Reason::CustodyConflict));
    let (story, judgement) = both.with(&depot).told();
    assert!(story.unexplained(&judgement).contains(&Reason::CustodyConflict));
}
