//! Hand-overs between organisations: what was offered to a partner, its receipt, and evidence taken in.

use super::*;
use crate::record::{Fingerprint, Recognition, Taken, TakenUp};
use crate::time::UtcMillis;

const PARTNER: Fingerprint = Fingerprint([5; 32]);

fn offer(partner: Option<Fingerprint>) -> SignedEntry {
    let expires = UtcMillis(100 * MINUTE);
    let offered = Offered { nonce: [4; 16], expires, last_reading: None, verdict: Verdict::Ok, partner };
    entry(1, 3, 20, Role::Pharmacist, &offered)
}

fn under_way_and(last: Vec<SignedEntry>) -> Vec<SignedEntry> {
    let begun =
        [entry(1, 1, 0, Role::Pharmacist, &created()), entry(1, 2, 5, Role::Pharmacist, &started(10))];
    begun.into_iter().chain(last).collect()
}

fn taken(organisation: Fingerprint) -> Taken {
    Taken {
        organisation,
        evidence: Address([6; 32]),
        bytes: 7,
        recognition: Recognition::Pinned,
        taken_up: None,
        acceptance: None,
        told: None,
    }
}

fn receipt(organisation: Fingerprint, nonce: u8, minute: i64) -> Taken {
    let offered = offer(None).reference;
    let acceptance = Some(EntryReference { log: [9; 32], leaf: [9; 32] });
    let taken_up = Some(TakenUp { offered, nonce: [nonce; 16], at: UtcMillis(minute * MINUTE) });
    Taken { taken_up, acceptance, ..taken(organisation) }
}

fn with_parts(sequence: u64, minute: i64, taken: &Taken) -> SignedEntry {
    let batches = vec![Address([8; 32])];
    SignedEntry { batches, ..entry(1, sequence, minute, Role::Pharmacist, taken) }
}

fn last_refused(entries: Vec<SignedEntry>) -> Option<Refusal> {
    tell(entries).told.last().unwrap().refused
}

#[test]
fn what_was_offered_to_a_partner_is_one_sided_until_its_receipt_is_taken_in() {
    let offered = under_way_and(vec![offer(Some(PARTNER))]);
    let story = tell(offered.clone());
    assert_eq!(story.custody.custodian, Some(device(1, Role::Pharmacist)), "who gave it still has it");
    assert!(story.custody.open_offer().is_some());
    let taken_up = [offered, vec![with_parts(4, 60, &receipt(PARTNER, 4, 30))]].concat();
    let story = tell(taken_up.clone());
    assert_eq!((story.custody.custodian.clone(), story.custody.partner), (None, Some(PARTNER)));
    assert_eq!((story.left(), story.phase()), (Some(UtcMillis(30 * MINUTE)), Phase::InTransit));
    let shown = detail(Id([1; 16]), &story, &judged(taken_up.clone(), &[]).1, &BTreeMap::new());
    assert_eq!(shown.left, story.left());
    let again = [taken_up.clone(), vec![with_parts(5, 70, &receipt(PARTNER, 4, 30))]].concat();
    assert_eq!(last_refused(again), Some(Refusal::Repeated));
    let close = entry(1, 5, 80, Role::Pharmacist, &Closed { closing: Closing::Ended, reason: None });
    let closed = tell([taken_up, vec![close]].concat());
    assert_eq!((closed.phase(), closed.told.last().unwrap().refused), (Phase::Closed, None));
}

#[test]
fn a_receipt_counts_for_its_offer_its_organisation_and_its_time_alone() {
    let after = |offered: SignedEntry, receipt: &Taken| {
        last_refused(under_way_and(vec![offered, with_parts(4, 200, receipt)]))
    };
    let to_partner = || offer(Some(PARTNER));
    assert_eq!(after(to_partner(), &receipt(PARTNER, 4, 30)), None);
    assert_eq!(after(to_partner(), &receipt(Fingerprint([6; 32]), 4, 30)), Some(Refusal::OutOfOrder));
    assert_eq!(after(to_partner(), &receipt(PARTNER, 3, 30)), Some(Refusal::OutOfOrder));
    assert_eq!(after(to_partner(), &receipt(PARTNER, 4, 101)), Some(Refusal::Expired));
    assert_eq!(after(to_partner(), &receipt(PARTNER, 4, 300)), Some(Refusal::StillToCome));
    assert_eq!(after(offer(None), &receipt(PARTNER, 4, 30)), Some(Refusal::OutOfOrder));
}

#[test]
fn no_device_of_ones_own_takes_what_was_offered_to_a_partner() {
    let offered = offer(Some(PARTNER));
    let accepted = Accepted { offered: offered.reference, nonce: [4; 16], at: UtcMillis(30 * MINUTE) };
    let accepted = entry(2, 0, 30, Role::Courier, &accepted);
    assert_eq!(last_refused(under_way_and(vec![offered, accepted])), Some(Refusal::OutOfOrder));
}

#[test]
fn nothing_is_handed_over_that_a_partner_has() {
    let begun = vec![offer(Some(PARTNER)), with_parts(4, 60, &receipt(PARTNER, 4, 30))];
    let again = Offered {
        nonce: [7; 16],
        expires: UtcMillis(500 * MINUTE),
        last_reading: None,
        verdict: Verdict::Ok,
        partner: None,
    };
    let again = entry(1, 5, 70, Role::Pharmacist, &again);
    assert_eq!(last_refused(under_way_and([begun, vec![again]].concat())), Some(Refusal::NotTheCustodian));
}

#[test]
fn evidence_of_another_organisation_never_speaks_of_a_shipment_of_ones_own() {
    let own = under_way_and(vec![with_parts(3, 30, &taken(PARTNER))]);
    assert_eq!(last_refused(own.clone()), Some(Refusal::OutOfOrder));
    assert_eq!(tell(own).foreign(), None);
}

#[test]
fn of_one_shipment_the_first_organisation_is_heard_and_its_last_evidence_says_whether_it_is_known() {
    let newer = Taken { evidence: Address([7; 32]), ..taken(PARTNER) };
    let entries = vec![
        with_parts(1, 10, &taken(PARTNER)),
        with_parts(2, 20, &taken(Fingerprint([6; 32]))),
        with_parts(3, 30, &newer),
    ];
    let story = tell(entries);
    let refused: Vec<_> = story.told.iter().map(|told| told.refused).collect();
    assert_eq!(refused, [None, Some(Refusal::Repeated), None]);
    assert_eq!(story.foreign().map(|one| one.placed.says.evidence), Some(Address([7; 32])));
}

#[test]
fn evidence_without_its_bytes_does_not_count() {
    let bare = entry(1, 1, 10, Role::Pharmacist, &taken(PARTNER));
    assert_eq!(last_refused(vec![bare]), Some(Refusal::MalformedBody));
}

fn item(legs: Option<Vec<Leg>>) -> ItemLine {
    ItemLine {
        product: "MMR".into(),
        gtin: None,
        lot: Some("A1".into()),
        expiry: None,
        quantity: 40,
        package: None,
        serials: None,
        profile: None,
        legs,
        label: None,
    }
}

/// Offered to the partner, warm and only heard on the way, with the verdict on that as it was known here.
fn warm_and(last: Vec<SignedEntry>) -> (Vec<SignedEntry>, Batch) {
    let (sealed, batch) = readings(2, 0, 10, &[20_000, 5000, 5000], Provenance::P0);
    let mut entries = under_way_and([vec![offer(Some(PARTNER)), sealed], last].concat());
    entries[0] = entry(1, 1, 0, Role::Pharmacist, &Shipment { items: vec![item(None)], ..created() });
    (entries, batch)
}

#[test]
fn of_goods_that_a_partner_has_what_happened_here_is_explained_and_looked_into_and_nothing_is_decided() {
    use crate::api::Step::{Acknowledge, Close, Quarantine, Reject, Release, Review};
    let hold = entry(3, 0, 25, Role::Courier, &Quarantined { reason: "warm".into() });
    let close = entry(1, 5, 80, Role::Pharmacist, &Closed { closing: Closing::Ended, reason: None });
    let given = vec![with_parts(4, 60, &receipt(PARTNER, 4, 30))];
    for (last, wanted) in [
        (given.clone(), vec![Acknowledge, Review, Close, Quarantine]),
        ([given.clone(), vec![hold.clone()]].concat(), vec![Acknowledge, Review, Close]),
        ([given, vec![hold, close]].concat(), vec![Acknowledge, Review]),
    ] {
        let (entries, batch) = warm_and(last);
        let (story, judgement) = judged(entries, &[batch]);
        let steps: Vec<_> = story.next_steps(&judgement).into_iter().map(|next| next.step).collect();
        assert_eq!(steps, wanted);
        assert!(!steps.contains(&Release) && !steps.contains(&Reject));
        let tasks = crate::task::of_shipment(Id([1; 16]), &story, &judgement);
        use crate::task::TaskKind::{Decide, SecondPersonRelease};
        assert!(!tasks.iter().any(|task| matches!(task.kind, Decide | SecondPersonRelease)), "{tasks:?}");
    }
}

#[test]
fn a_leg_that_was_held_or_out_of_range_when_it_was_given_away_is_not_released_for_who_goes_on_from_it() {
    let legs = vec![Leg { shipment: Id([7; 16]), line: 0 }];
    let reasons = |earlier: Story, created_at: i64| {
        let shipment = Shipment { items: vec![item(Some(legs.clone()))], ..created() };
        let story = tell(vec![entry(1, 1, created_at, Role::Pharmacist, &shipment)]);
        let (batches, fleet) = (BTreeMap::new(), Fleet::default());
        let earlier = BTreeMap::from([(Id([7; 16]), earlier)]);
        let foreign = BTreeMap::new();
        let grounds = Grounds { batches: &batches, fleet: &fleet, earlier: &earlier, foreign: &foreign };
        judge(&story, &grounds).reasons.contains(&Reason::LegNotReleased)
    };
    let since = STORIES_BEGIN.0 / MINUTE;
    let (entries, batch) = warm_and(Vec::new());
    let verdict = signed_verdict(&entries, &[batch], (1, 4, 90));
    let warm = tell([entries, vec![verdict]].concat());
    assert!(reasons(warm, since), "offered, as the receiver's file ends");
    let (mut entries, _) = warm_and(Vec::new());
    entries.retain(|one| one.reference.log != [2; 32]);
    assert!(!reasons(tell(entries.clone()), since), "in range, as far as was signed");
    entries.push(entry(3, 0, 25, Role::Courier, &Quarantined { reason: "wet".into() }));
    assert!(reasons(tell(entries), since), "held, and nobody has decided");
}

#[test]
fn a_partners_receipt_and_ones_own_that_did_not_know_of_it_are_to_be_explained_whatever_the_clocks_say() {
    let since = STORIES_BEGIN.0 / MINUTE;
    let (sealed, batch) = readings(2, 0, 10, &[5000; 4], Provenance::P3);
    let begun = under_way_and(vec![offer(Some(PARTNER)), sealed]);
    let knowing_of = |entry: SignedEntry, logs: &[(u8, u64)]| {
        let heads = logs.iter().map(|(log, size)| Held { log: [*log; 32], size: *size }).collect();
        SignedEntry { heads, ..entry }
    };
    let conflict = vec![Reason::LateEntry, Reason::CustodyConflict];
    for (took, received_at) in [(100, 110), (110, 100)] {
        // The dock takes the partner's receipt in and closes; the depot receives what came back, and releases it.
        let given = with_parts(4, since + took, &receipt(PARTNER, 4, 30));
        let close = Closed { closing: Closing::Ended, reason: None };
        let close = entry(1, 5, since + took + 20, Role::Pharmacist, &close);
        let dock = [begun.clone(), vec![given, close.clone()]].concat();
        assert_eq!(tell(dock.clone()).phase(), Phase::Closed);
        let back = Received { reason: Some("no signal".into()), ..received(100) };
        let back = entry(3, 0, since + received_at, Role::Quality, &back);
        let mut depot = [begun.clone(), vec![knowing_of(back, &[(1, 4), (2, 7)])]].concat();
        let verdict = signed_verdict(&depot, std::slice::from_ref(&batch), (3, 1, since + 120));
        depot.push(knowing_of(verdict, &[(1, 4), (2, 7)]));
        let explained = Explained { reason: Reason::LateEntry, explanation: "no signal".into() };
        let explained = Acknowledged { reasons: vec![explained] };
        depot.push(knowing_of(entry(3, 2, since + 121, Role::Quality, &explained), &[(1, 4), (2, 7)]));
        let release = Disposition {
            decision: Decision::Release,
            reason: "fine".into(),
            lines: None,
            assessment: None,
            open: None,
        };
        depot.push(knowing_of(entry(3, 3, since + 122, Role::Quality, &release), &[(1, 4), (2, 7)]));
        let (story, judgement) = judged(depot.clone(), std::slice::from_ref(&batch));
        assert_eq!(story.stock_now(&judgement).state(), Some(Stock::Released), "{:?}", story.told.last());

        let both: Vec<_> = depot.into_iter().chain(dock.into_iter().skip(begun.len())).collect();
        let (story, judgement) = judged(both.clone(), std::slice::from_ref(&batch));
        assert_eq!(judgement.reasons, conflict);
        assert!(story.told.iter().all(|told| told.refused.is_none()), "{:?}", story.told);
        assert_eq!((story.custody.partner, story.left()), (None, None));
        assert_eq!((story.phase(), story.custody.received_one_sided), (Phase::Closed, true));
        assert_eq!(story.stock_now(&judgement).state(), Some(Stock::Quarantine));
        assert_eq!(story.unexplained(&judgement), [Reason::CustodyConflict]);
        let verdict = signed_verdict(&both, std::slice::from_ref(&batch), (3, 4, since + 200));
        let story = tell([both, vec![knowing_of(verdict, &[(1, 6), (2, 7)])]].concat());
        assert_eq!(story.finding_due().unwrap().by, FoundBy::Receipt);
    }
    // Who receives in the knowledge of the partner's receipt has the goods back.
    let given = with_parts(4, since + 100, &receipt(PARTNER, 4, 30));
    let back = Received { reason: Some("sent back".into()), ..received(100) };
    let back = knowing_of(entry(3, 0, since + 110, Role::Quality, &back), &[(1, 5), (2, 7)]);
    let (_, judgement) = judged([begun, vec![given, back]].concat(), &[batch]);
    assert_eq!(judgement.reasons, [Reason::LateEntry]);
}

#[test]
fn a_receipt_that_two_devices_took_in_counts_for_whoever_knew_of_either_in_both_clock_orders() {
    let since = STORIES_BEGIN.0 / MINUTE;
    let begun = under_way_and(vec![offer(Some(PARTNER))]);
    let known = |entry: SignedEntry| SignedEntry { heads: vec![Held { log: [1; 32], size: 4 }], ..entry };
    for (dock, depot) in [(100, 110), (110, 100)] {
        let by_dock = with_parts(4, since + dock, &receipt(PARTNER, 4, 30));
        let by_depot = entry(3, 0, since + depot, Role::Quality, &receipt(PARTNER, 4, 30));
        let by_depot = known(SignedEntry { batches: vec![Address([8; 32])], ..by_depot });
        let both = [begun.clone(), vec![by_dock, by_depot]].concat();
        let close = Closed { closing: Closing::Ended, reason: None };
        let close = known(entry(3, 1, since + 120, Role::Quality, &close));
        let closed = tell([both.clone(), vec![close]].concat());
        assert!(closed.told.iter().all(|told| told.refused.is_none()), "{:?}", closed.told);
        assert_eq!((closed.phase(), closed.left()), (Phase::Closed, Some(UtcMillis(30 * MINUTE))));
        let back = Received { reason: Some("sent back".into()), ..received(100) };
        let back = known(entry(3, 1, since + 120, Role::Quality, &back));
        let story = tell([both.clone(), vec![back]].concat());
        assert!(!story.has_two_custodians(), "it knew that the partner had taken it over");
        let unaware = Received { reason: Some("sent back".into()), ..received(100) };
        let unaware = known(entry(4, 0, since + 120, Role::Quality, &unaware));
        assert!(tell([both.clone(), vec![unaware]].concat()).has_two_custodians());
        let again = entry(3, 1, since + 130, Role::Quality, &receipt(PARTNER, 4, 30));
        let again = known(SignedEntry { batches: vec![Address([8; 32])], ..again });
        assert_eq!(last_refused([both, vec![again]].concat()), Some(Refusal::Repeated));
    }
}

#[test]
fn of_evidence_that_two_devices_took_in_unknown_to_each_other_the_fuller_holds_in_both_clock_orders() {
    let older = taken(PARTNER);
    let newer = Taken { evidence: Address([5; 32]), bytes: 9, ..taken(PARTNER) };
    let by = |log: u8, minute: i64, says: &Taken| SignedEntry {
        batches: vec![Address([8; 32])],
        ..entry(log, 0, minute, Role::Pharmacist, says)
    };
    for (first, second) in [(10, 20), (20, 10)] {
        let mut entries = vec![by(1, first, &newer), by(2, second, &older)];
        let evidence =
            |entries: &[SignedEntry]| tell(entries.to_vec()).foreign().map(|one| one.placed.says.evidence);
        assert_eq!(evidence(&entries), Some(Address([5; 32])));
        let heads = [1, 2].map(|log| Held { log: [log; 32], size: 1 }).to_vec();
        entries
            .push(SignedEntry { heads, ..by(3, 30, &Taken { evidence: Address([4; 32]), ..older.clone() }) });
        assert_eq!(evidence(&entries), Some(Address([4; 32])), "taken in the knowledge of both");
    }
}

#[test]
fn whatever_a_partners_files_hold_counts_whoever_took_which_first_and_knew_of_what() {
    let since = STORIES_BEGIN.0 / MINUTE;
    let older = taken(PARTNER);
    let newer = Taken { evidence: Address([7; 32]), bytes: 9, ..taken(PARTNER) };
    let held = |first: &Taken, then: &Taken, signed: i64| {
        let story = tell(vec![with_parts(1, signed, first), with_parts(2, signed + 10, then)]);
        let mut held: Vec<_> =
            story.told_by_partner().iter().map(|one| one.placed.says.evidence.0[0]).collect();
        held.sort_unstable();
        held
    };
    assert_eq!((held(&older, &newer, since), held(&newer, &older, since)), (vec![6, 7], vec![6, 7]));
    let own = under_way_and(vec![with_parts(3, since, &newer)]);
    assert!(tell(own).told_by_partner().is_empty());
}

/// A shipment that goes on from what a partner signed up to minute 25, taken when this device's clock said `taken`.
fn onward(taken: i64) -> (Story, Judgement) {
    let theirs =
        tell(under_way_and(vec![offer(Some(PARTNER)), entry(3, 1, 25, Role::Courier, &started(25))]));
    let since = STORIES_BEGIN.0;
    let mut theirs = theirs;
    theirs.told.iter_mut().for_each(|told| told.entry.at.0 += since);
    let taker = device(7, Role::Pharmacist);
    let clock_difference = dated_ahead([&theirs].into_iter(), (&taker, UtcMillis(since + taken * MINUTE)));
    let leg = ForeignLeg {
        organisation: PARTNER,
        fleet: Fleet::default(),
        recognition: Recognition::Pinned,
        clock_difference,
        histories: None,
        takings: Vec::new(),
    };
    let legs = vec![Leg { shipment: Id([7; 16]), line: 0 }];
    let shipment = Shipment { items: vec![item(Some(legs)), item(None)], ..created() };
    let story = tell(vec![entry(1, 1, since / MINUTE + taken, Role::Pharmacist, &shipment)]);
    let (batches, fleet) = (BTreeMap::new(), Fleet::default());
    let earlier = BTreeMap::from([(Id([7; 16]), theirs)]);
    let foreign = BTreeMap::from([(Id([7; 16]), leg)]);
    let grounds = Grounds { batches: &batches, fleet: &fleet, earlier: &earlier, foreign: &foreign };
    let judgement = judge(&story, &grounds);
    (story, judgement)
}

#[test]
fn what_a_partner_dated_after_it_was_taken_is_shown_and_more_than_five_minutes_are_a_reason_to_look() {
    for (taken, shown, asked) in [
        (40, None, false),
        (24, None, false),
        (22, Some(180), false),
        (20, Some(300), false),
        (7, Some(1080), true),
    ] {
        let (story, judgement) = onward(taken);
        assert_eq!(judgement.reasons.contains(&Reason::Clock), asked, "{taken}");
        let lines = judgement.lines.iter().map(|line| line.reasons.contains(&Reason::Clock));
        assert_eq!(lines.collect::<Vec<_>>(), [asked, false], "of the line that goes on from it {taken}");
        let told = detail(Id([1; 16]), &story, &judgement, &BTreeMap::new());
        let of_leg = told.lines[0].foreign_legs[0].clock_difference.as_ref().map(|one| one.difference_s);
        assert_eq!((of_leg, told.clock_differences.len()), (shown, usize::from(asked)), "{taken}");
    }
    let (story, judgement) = onward(7);
    let told = detail(Id([1; 16]), &story, &judgement, &BTreeMap::new());
    let names = |one: &crate::api::ClockDifference| (one.behind.label.clone(), one.ahead.label.clone());
    assert_eq!(names(&told.clock_differences[0]), ("device 7".into(), "device 3".into()));
}

#[test]
fn a_partners_clock_that_was_explained_for_one_line_is_asked_about_again_for_another() {
    let (_, known) = onward(7);
    let mut both = known.clone();
    both.lines[1].reasons.push(Reason::Clock);
    let (before, now) = (Evidence::of_judgement(&known), Evidence::of_judgement(&both));
    assert!(before.within(&now, Reason::Clock) && !now.within(&before, Reason::Clock));
}

#[test]
fn a_receipt_dated_before_its_offer_shows_a_wrong_clock_and_ends_no_reading_before_the_offer() {
    // The offer was signed in minute 20, what it holds before that.
    let (sealed, batch) = readings(2, 0, 12, &[5000; 5], Provenance::P3);
    let told = |taken: i64| {
        let given = under_way_and(vec![sealed.clone(), offer(Some(PARTNER))]);
        let entries = [given, vec![with_parts(4, 60, &receipt(PARTNER, 4, taken))]].concat();
        judged(entries, std::slice::from_ref(&batch))
    };
    for (taken, left, behind_s) in
        [(30, 30, None), (16, 16, None), (14, 20, Some(6 * 60)), (-40, 20, Some(60 * 60))]
    {
        let (story, judgement) = told(taken);
        assert_eq!(story.left(), Some(UtcMillis(left * MINUTE)), "{taken}");
        assert_eq!(judgement.reasons.contains(&Reason::Clock), behind_s.is_some(), "{taken}");
        let shown = detail(Id([1; 16]), &story, &judgement, &BTreeMap::new()).clock_differences;
        let named: Vec<_> = shown.iter().map(|one| (one.behind.label.as_str(), one.difference_s)).collect();
        assert_eq!(named, behind_s.map(|seconds| ("05050505", seconds)).into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn a_partners_clock_that_was_explained_is_asked_about_once_and_another_one_anew() {
    let given = under_way_and(vec![offer(Some(PARTNER))]);
    let mut entries = [given, vec![with_parts(4, 60, &receipt(PARTNER, 4, -10))]].concat();
    let (_, judgement) = judged(entries.clone(), &[]);
    entries.push(signed_verdict(&entries, &[], (1, 5, 61)));
    let reasons = judgement.reasons.iter().copied();
    let reasons = reasons.map(|reason| Explained { reason, explanation: "their tablet".into() }).collect();
    entries.push(entry(1, 6, 62, Role::Pharmacist, &Acknowledged { reasons }));
    let open = |entries: &[SignedEntry]| {
        let (story, judgement) = judged(entries.to_vec(), &[]);
        story.unexplained(&judgement).contains(&Reason::Clock)
    };
    assert!(judgement.reasons.contains(&Reason::Clock) && !open(&entries));
    // Another device took in a receipt of the same clock, or of another one, without knowing of the first.
    let by = |log: u8, minute: i64| {
        let says = receipt(PARTNER, 4, minute);
        let acceptance = Some(EntryReference { log: [log; 32], leaf: [9; 32] });
        let one = entry(3, 0, 90, Role::Quality, &Taken { acceptance, ..says });
        let heads = vec![Held { log: [1; 32], size: 4 }];
        SignedEntry { heads, batches: vec![Address([8; 32])], ..one }
    };
    for (log, minute, asked) in [(9, -11, false), (9, -30, true), (8, -9, false), (8, -30, true)] {
        assert_eq!(open(&[entries.clone(), vec![by(log, minute)]].concat()), asked, "{log} {minute}");
    }
}

#[test]
fn a_receipt_dated_before_what_a_bundle_told_that_was_written_again_after_the_offer_shows_a_wrong_clock() {
    // Offered in minute 20; readings up to minute 42 were sealed in minute 45, and the bundle was written again.
    let (sealed, batch) = readings(2, 0, 12, &[5000; 2], Provenance::P3);
    let sealed = SignedEntry { at: UtcMillis(45 * MINUTE), ..sealed };
    let told = |taken: i64, size: u64| {
        let told = (size > 0).then(|| vec![crate::record::LogTold { log: [2; 32], size }]);
        let says = Taken { told, ..receipt(PARTNER, 4, taken) };
        let given = under_way_and(vec![offer(Some(PARTNER)), sealed.clone()]);
        let (story, judgement) =
            judged([given, vec![with_parts(4, 60, &says)]].concat(), std::slice::from_ref(&batch));
        (story.left().map(|left| left.0 / MINUTE), judgement.reasons.contains(&Reason::Clock))
    };
    for (taken, size, left) in
        [(50, 1, (50, false)), (41, 1, (41, false)), (30, 1, (45, true)), (30, 0, (30, false))]
    {
        assert_eq!(told(taken, size), (Some(left.0), left.1), "{taken} {size}");
    }
}
