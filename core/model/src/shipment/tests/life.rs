//! The rules of a shipment's life, one by one, and that no order of statements breaks them.

use super::*;

fn release(assessment: Option<EntryReference>) -> Disposition {
    Disposition {
        decision: Decision::Release,
        reason: "looked at".into(),
        lines: None,
        assessment,
        open: None,
    }
}

fn assessed(verdict: Verdict, reasons: &[Reason]) -> AssessmentRecord {
    AssessmentRecord {
        rules: crate::assess::RULES.into(),
        profile: created().profile,
        verdict,
        reasons: reasons.to_vec(),
        series: Vec::new(),
        batches: Vec::new(),
        replaces: None,
        lines: None,
        conditions: None,
    }
}

fn review() -> Review {
    Review { cause: "door left open".into(), action: None, asked: None }
}

/// Started and received by device 1, measured, with a verdict signed by device 1.
fn received_with(verdict: Verdict, reasons: &[Reason]) -> Vec<SignedEntry> {
    let (sealed, _) = readings(1, 0, 10, &[5000, 5000], Provenance::P3);
    vec![
        entry(1, 1, 0, Role::Pharmacist, &created()),
        entry(1, 2, 5, Role::Pharmacist, &started(10)),
        sealed,
        entry(1, 3, 50, Role::Pharmacist, &received(45)),
        entry(1, 4, 51, Role::Pharmacist, &assessed(verdict, reasons)),
    ]
}

/// The refusal of one more entry, after these.
fn refusal_of(mut entries: Vec<SignedEntry>, last: SignedEntry) -> Option<Refusal> {
    let reference = last.reference;
    entries.push(last);
    tell(entries).told.iter().find(|told| told.entry.reference == reference).unwrap().refused
}

#[test]
fn after_ok_the_receiver_releases_alone() {
    let release = entry(1, 5, 60, Role::Pharmacist, &release(None));
    assert_eq!(refusal_of(received_with(Verdict::Ok, &[]), release), None);
}

#[test]
fn after_review_every_reason_is_explained_first() {
    let mut entries = received_with(Verdict::Review, &[Reason::Gap, Reason::Warning]);
    let explain = |reason| Acknowledged { reasons: vec![Explained { reason, explanation: "door".into() }] };
    entries.push(entry(1, 5, 60, Role::Pharmacist, &explain(Reason::Gap)));
    let decide = entry(1, 7, 70, Role::Pharmacist, &release(None));
    assert_eq!(refusal_of(entries.clone(), decide.clone()), Some(Refusal::NotSettled));
    entries.push(entry(1, 6, 65, Role::Pharmacist, &explain(Reason::Warning)));
    assert_eq!(refusal_of(entries, decide), None);
}

#[test]
fn after_an_excursion_it_takes_a_review_and_somebody_who_had_no_part_in_it() {
    let mut entries = received_with(Verdict::Excursion, &[]);
    let heads = vec![Held { log: [1; 32], size: 5 }];
    let review = SignedEntry { heads, ..entry(4, 1, 60, Role::Quality, &review()) };
    let mut other = entry(3, 1, 80, Role::Quality, &release(None));
    other.heads = [1, 4].map(|log| Held { log: [log; 32], size: 100 }).to_vec();
    assert_eq!(refusal_of(entries.clone(), other.clone()), Some(Refusal::NotSettled));
    entries.push(review);
    let heads = vec![Held { log: [4; 32], size: 2 }];
    let receiver = SignedEntry { heads, ..entry(1, 5, 70, Role::Pharmacist, &release(None)) };
    assert_eq!(refusal_of(entries.clone(), receiver), Some(Refusal::SecondPersonNeeded));
    let mut reviewer = entry(4, 2, 80, Role::Quality, &release(None));
    reviewer.heads = vec![Held { log: [1; 32], size: 100 }];
    assert_eq!(refusal_of(entries.clone(), reviewer), Some(Refusal::SecondPersonNeeded));
    assert_eq!(refusal_of(entries, other), None);
}

#[test]
fn nobody_hands_over_before_the_pick_up_nor_after_the_receipt() {
    let offer = |minute| {
        let expires = UtcMillis(1000 * MINUTE);
        let offered =
            Offered { nonce: [4; 16], expires, last_reading: None, verdict: Verdict::Ok, partner: None };
        entry(1, if minute < 50 { 2 } else { 9 }, minute, Role::Pharmacist, &offered)
    };
    let created = vec![entry(1, 1, 0, Role::Pharmacist, &created())];
    assert_eq!(refusal_of(created, offer(3)), Some(Refusal::OutOfOrder));
    assert_eq!(refusal_of(received_with(Verdict::Ok, &[]), offer(60)), Some(Refusal::OutOfOrder));
}

#[test]
fn an_offer_is_taken_up_while_it_stands_and_made_anew_by_who_has_the_goods_once_it_has_expired() {
    use crate::api::{Step, Turn};
    let expires = UtcMillis(60 * MINUTE);
    for partner in [None, Some(Fingerprint([5; 32]))] {
        let offered = Offered { nonce: [4; 16], expires, last_reading: None, verdict: Verdict::Ok, partner };
        let entries = vec![
            entry(1, 1, 0, Role::Pharmacist, &created()),
            entry(1, 2, 5, Role::Pharmacist, &started(10)),
            entry(1, 3, 20, Role::Pharmacist, &offered),
        ];
        let (story, judgement) = judged(entries, &[]);
        let next = |minute: i64| {
            let looking = Looking { log: [2; 32], at: UtcMillis(minute * MINUTE) };
            let steps = story.next_steps_at(&judgement, looking).into_iter();
            steps.map(|next| (next.step, next.turn)).filter(|(step, _)| *step != Step::Quarantine)
        };
        let giver = device(1, Role::Pharmacist);
        let accept = partner.is_none().then(|| (Step::Accept, Some(Turn::OtherThan(giver.clone()))));
        let receive = (Step::Receive, None);
        let standing: Vec<_> = accept.into_iter().chain([receive.clone()]).collect();
        assert_eq!(next(60).collect::<Vec<_>>(), standing);
        assert_eq!(next(61).collect::<Vec<_>>(), [(Step::Offer, Some(Turn::Of(giver))), receive]);
    }
}

#[test]
fn no_stock_is_released_before_every_placed_logger_was_read_whatever_was_explained() {
    let mut entries = received_with(Verdict::Review, &[Reason::LoggerMissing]);
    let mut both = started(10);
    both.placements.push(Placement { logger: Id([8; 16]), package: None, from: None, to: None });
    entries[1] = entry(1, 2, 5, Role::Pharmacist, &both);
    let reasons = vec![Explained { reason: Reason::LoggerMissing, explanation: "it lies in the van".into() }];
    entries.push(entry(1, 5, 60, Role::Pharmacist, &Acknowledged { reasons }));
    let decide = entry(1, 7, 70, Role::Pharmacist, &release(None));
    assert_eq!(refusal_of(entries.clone(), decide.clone()), Some(Refusal::NotSettled));
    entries[1] = entry(1, 2, 5, Role::Pharmacist, &started(10));
    assert_eq!(refusal_of(entries, decide), None, "with the one logger that was read");
}

#[test]
fn an_explanation_says_something_names_its_signer_and_time_and_overwrites_none_before() {
    let mut entries = received_with(Verdict::Review, &[Reason::Gap]);
    let explain = |sequence, minute, words: &str| {
        let reasons = vec![Explained { reason: Reason::Gap, explanation: words.into() }];
        entry(1, sequence, minute, Role::Pharmacist, &Acknowledged { reasons })
    };
    for silent in ["", " ", "\n\t"] {
        assert_eq!(refusal_of(entries.clone(), explain(5, 60, silent)), Some(Refusal::MalformedBody));
    }
    entries.extend([explain(5, 60, "door"), explain(6, 70, "a flat battery")]);
    let story = tell(entries);
    let told: Vec<_> = story
        .stock
        .acknowledged
        .iter()
        .map(|one| (one.says.reasons[0].explanation.as_str(), one.at.0 / MINUTE, one.device.label.as_str()))
        .collect();
    assert_eq!(told, [("door", 60, "device 1"), ("a flat battery", 70, "device 1")]);
}

#[test]
fn limits_that_are_changed_after_the_fact_change_no_verdict_on_what_was_shipped_before() {
    let (mut entries, batch) = journey(&[5000, 8005, 5000], Provenance::P3);
    let before = judged(entries.clone(), std::slice::from_ref(&batch)).1;
    let mut wider = created();
    wider.profile.limits.max = crate::units::MilliCelsius(9000);
    let change = entry(1, 9, 300, Role::Admin, &wider);
    assert_eq!(refusal_of(entries.clone(), change.clone()), Some(Refusal::Repeated));
    entries.push(change);
    let (story, judgement) = judged(entries, &[batch]);
    assert_eq!(story.created.unwrap().says.profile, created().profile);
    assert_eq!((judgement.verdict, &judgement), (Verdict::Excursion, &before));
}

#[test]
fn nobody_becomes_a_second_person_by_leaving_the_own_signature_away() {
    let hand = |log, person: Option<u8>| Hand {
        device: device(log, Role::Pharmacist),
        person: person.map(|id| Signer {
            id: Id([id; 16]),
            name: format!("person {id}"),
            title: None,
            role: Role::Pharmacist,
        }),
    };
    assert!(hand(1, Some(1)).may_be(&hand(2, Some(1))));
    assert!(!hand(1, Some(1)).may_be(&hand(1, Some(2))));
    assert!(hand(1, Some(1)).may_be(&hand(1, None)));
    assert!(!hand(1, Some(1)).may_be(&hand(2, None)));
}

#[test]
fn an_older_assessment_than_the_one_its_signer_held_is_none_to_decide_on() {
    let mut entries = received_with(Verdict::Ok, &[]);
    let old = entries.last().unwrap().reference;
    entries.push(entry(1, 5, 55, Role::Pharmacist, &assessed(Verdict::Excursion, &[])));
    let decide = entry(1, 6, 60, Role::Pharmacist, &release(Some(old)));
    assert_eq!(refusal_of(entries, decide), Some(Refusal::OutOfOrder));
}

#[test]
fn an_admins_rule_holds_for_who_knew_it_whatever_the_clocks_say() {
    let mut entries = received_with(Verdict::Excursion, &[]);
    entries.push(entry(1, 5, 60, Role::Pharmacist, &review()));
    entries.push(entry(1, 6, 70, Role::Pharmacist, &release(None)));
    let rules =
        [(1, SinglePersonRelease::Allowed), (2, SinglePersonRelease::Refused)].map(|(place, rule)| {
            // Whatever the admin's clock says.
            entry(9, place, 500 - place as i64, Role::Admin, &Policy { single_person_release: rule })
        });
    let told = |held: u64| {
        let mut entries = entries.clone();
        entries.last_mut().unwrap().heads = vec![Held { log: [9; 32], size: held }];
        let story = tell_within(entries, tell_organisation(rules.to_vec()));
        let shown = story.policy().map(|policy| policy.says.single_person_release);
        (story.told.last().unwrap().refused, shown)
    };
    assert_eq!(told(1), (Some(Refusal::SecondPersonNeeded), Some(SinglePersonRelease::Refused)));
    assert_eq!(told(2), (None, Some(SinglePersonRelease::Allowed)), "the refusal was not heard of yet");
    let refused = Some(SinglePersonRelease::Refused);
    assert_eq!(told(3), (Some(Refusal::SecondPersonNeeded), refused));
}

#[test]
fn of_two_rules_whose_admins_did_not_know_of_each_other_the_stricter_holds_for_who_knows_both() {
    let rule =
        |log, minute, rule| entry(log, 1, minute, Role::Admin, &Policy { single_person_release: rule });
    for (allowed, refused) in [(100, 110), (110, 100)] {
        let rules = vec![
            rule(8, allowed, SinglePersonRelease::Allowed),
            rule(9, refused, SinglePersonRelease::Refused),
        ];
        let organisation = tell_organisation(rules);
        assert_eq!(organisation.single_person_release(), SinglePersonRelease::Refused);
        let mut entries = received_with(Verdict::Excursion, &[]);
        entries.push(entry(1, 5, 120, Role::Pharmacist, &review()));
        let heads = [8, 9].map(|log| Held { log: [log; 32], size: 2 }).to_vec();
        entries.push(SignedEntry { heads, ..entry(1, 6, 130, Role::Pharmacist, &release(None)) });
        let story = tell_within(entries, organisation);
        assert_eq!(story.told.last().unwrap().refused, Some(Refusal::SecondPersonNeeded));
    }
}

#[test]
fn a_hold_lasts_until_a_decision_after_it() {
    let mut entries = received_with(Verdict::Ok, &[]);
    let hold = Quarantined { reason: "the box fell".into() };
    let state = |entries: &[SignedEntry]| StockNow::of(&tell(entries.to_vec()), Verdict::Ok, &[]).state();
    entries.push(entry(2, 1, 55, Role::Courier, &hold));
    assert_eq!(state(&entries), Some(Stock::Quarantine));
    let unknowing = entry(1, 5, 60, Role::Pharmacist, &release(None));
    let without = [&entries[..], &[unknowing]].concat();
    assert_eq!(state(&without), Some(Stock::Quarantine), "who released did not know of the hold");
    let heads = vec![Held { log: [2; 32], size: 2 }];
    entries.push(SignedEntry { heads, ..entry(1, 5, 60, Role::Pharmacist, &release(None)) });
    assert_eq!(state(&entries), Some(Stock::Released));
    entries.push(entry(2, 2, 65, Role::Courier, &hold));
    assert_eq!(state(&entries), Some(Stock::Quarantine));
}

#[test]
fn a_moved_arrival_counts_once_another_approves_it() {
    let mut entries = received_with(Verdict::Ok, &[]);
    let received = entries[3].reference;
    let moved = ArrivalMoved { received, at: UtcMillis(30 * MINUTE), reason: "wrong clock".into() };
    let moved = entry(1, 5, 60, Role::Pharmacist, &moved);
    let approves = Approved { approves: moved.reference };
    entries.push(moved);
    let own = entry(1, 6, 70, Role::Pharmacist, &approves);
    assert_eq!(refusal_of(entries.clone(), own), Some(Refusal::SecondPersonNeeded));
    assert_eq!(tell(entries.clone()).arrival(), Some(UtcMillis(45 * MINUTE)));
    entries.push(entry(3, 1, 70, Role::Quality, &approves));
    assert_eq!(tell(entries).arrival(), Some(UtcMillis(30 * MINUTE)));
}

#[test]
fn what_a_signer_held_comes_before_what_it_signed_whatever_the_clocks_say() {
    let offered = Offered {
        nonce: [4; 16],
        expires: UtcMillis(900 * MINUTE),
        last_reading: None,
        verdict: Verdict::Ok,
        partner: None,
    };
    let offer = entry(1, 3, 20, Role::Pharmacist, &offered);
    let accept = Accepted { offered: offer.reference, nonce: [4; 16], at: UtcMillis(-60 * MINUTE) };
    // The courier's clock is more than an hour behind.
    let mut accepted = entry(2, 0, -60, Role::Courier, &accept);
    accepted.heads = vec![Held { log: [1; 32], size: 4 }];
    let entries = vec![
        accepted,
        entry(1, 1, 0, Role::Pharmacist, &created()),
        entry(1, 2, 5, Role::Pharmacist, &started(10)),
        offer,
    ];
    let story = tell(entries);
    assert!(story.told.iter().all(|told| told.refused.is_none()), "{:?}", story.told);
    assert_eq!(story.custody.custodian, Some(device(2, Role::Courier)));
}

#[test]
fn an_answer_holds_for_the_lots_that_it_names_alone() {
    let item = |lot: &str| ItemLine {
        product: "MMR".into(),
        gtin: None,
        lot: Some(lot.into()),
        expiry: None,
        quantity: 1,
        package: None,
        serials: None,
        profile: None,
        legs: None,
        label: None,
    };
    let mut entries = received_with(Verdict::Ok, &[]);
    entries[0] =
        entry(1, 1, 0, Role::Pharmacist, &Shipment { items: vec![item("A"), item("B")], ..created() });
    let asked = Asked {
        manufacturer: "Acme".into(),
        case_number: None,
        asked: UtcMillis(0),
        due: UtcMillis(1),
        lots: vec!["A".into(), "B".into()],
    };
    let asking = entry(1, 5, 55, Role::Pharmacist, &Review { asked: Some(asked), ..review() });
    let reply = |lot: &str, advice| Reply {
        review: asking.reference,
        lots: vec![lot.into()],
        advice,
        words: "so".into(),
    };
    entries.push(asking.clone());
    assert_eq!(barred(&entries), [0, 1]);
    entries.push(entry(1, 6, 56, Role::Pharmacist, &reply("A", Advice::MayBeUsed)));
    assert_eq!(barred(&entries), [1]);
    let whole = entry(1, 8, 70, Role::Pharmacist, &release(None));
    assert_eq!(refusal_of(entries.clone(), whole), Some(Refusal::LinesBarred));
    let stranger = entry(1, 7, 57, Role::Pharmacist, &reply("C", Advice::MayBeUsed));
    assert_eq!(refusal_of(entries, stranger), Some(Refusal::UnknownName));
}

/// One of the statements that a life is made of, at some minute of some device.
fn any_entry(log: u8, sequence: u64, what: u8, minute: i64) -> SignedEntry {
    let role = [Role::Courier, Role::Pharmacist, Role::Quality][usize::from(log - 1)];
    let of = |index: u64| EntryReference { log: [1; 32], leaf: [31_u8.wrapping_add(index as u8); 32] };
    match what {
        0 => entry(log, sequence, minute, role, &created()),
        1 => entry(log, sequence, minute, role, &started(minute)),
        2 => entry(log, sequence, minute, role, &received(minute)),
        3 => entry(log, sequence, minute, role, &assessed(Verdict::Ok, &[])),
        4 => entry(log, sequence, minute, role, &assessed(Verdict::Excursion, &[Reason::Gap])),
        5 => entry(log, sequence, minute, role, &release(None)),
        6 => entry(log, sequence, minute, role, &review()),
        7 => entry(log, sequence, minute, role, &Quarantined { reason: "fell".into() }),
        8 => entry(log, sequence, minute, role, &Closed { closing: Closing::Ended, reason: None }),
        9 => entry(log, sequence, minute, role, &Closed { closing: Closing::Cancelled, reason: None }),
        10 => {
            let at = UtcMillis((minute - 5) * MINUTE);
            let moved = ArrivalMoved { received: of(sequence % 7), at, reason: "clock".into() };
            entry(log, sequence, minute, role, &moved)
        }
        11 => {
            let at = UtcMillis((minute - 5) * MINUTE);
            let moved = PickUpMoved { started: of(sequence % 7), at, reason: "clock".into() };
            entry(log, sequence, minute, role, &moved)
        }
        12 => entry(log, sequence, minute, role, &Approved { approves: of(sequence % 7) }),
        _ => readings(log, sequence, minute, &[5000], Provenance::P3).0,
    }
}

proptest! {
    #[test]
    fn no_order_of_statements_reaches_an_impossible_state_and_no_order_of_arrival_another(
        drawn in proptest::collection::vec((1_u8..=3, 0_u8..=13, 0_i64..200), 1..40),
        seed in any::<u64>(),
    ) {
        let sequences = 0_u64..;
        let entries: Vec<SignedEntry> =
            drawn.iter().zip(sequences).map(|((log, what, at), n)| any_entry(*log, n, *what, *at)).collect();
        let mut shuffled = entries.clone();
        shuffled.sort_by_key(|one| one.sequence.wrapping_mul(seed | 1).rotate_left(17));
        let story = tell(entries);
        prop_assert_eq!(&tell(shuffled), &story);
        let released = matches!(StockNow::of(&story, Verdict::Ok, &[]).state(), Some(Stock::Released | Stock::ReleasedInPart));
        prop_assert!(!released || (story.received.is_some() && story.started.is_some()));
        prop_assert!(story.phase() != Phase::Closed || story.received.is_some());
        let rejects = |decision: &Placed<Disposition>| decision.says.decision == Decision::Reject;
        let only_rejected = story.disposition.as_ref().is_none_or(rejects);
        prop_assert!(story.phase() != Phase::Cancelled || (story.started.is_none() && only_rejected));
        // As it is corrected: what was signed may be later.
        if let (Some(_), Some(arrival)) = (&story.started, story.arrival()) {
            prop_assert!(story.picked_up() <= Some(arrival));
        }
        if let Some(decision) = &story.disposition {
            prop_assert_ne!(decision.device.role, Some(Role::Courier));
        }
    }
}
