//! Two homes that act without having heard of each other: both come to one standing, the stricter.

mod again;
mod clocks;
mod custody;
mod held;
mod legs;
mod pick_ups;
mod settled;
mod unread;

use super::excursion::journey_of;
use super::*;
use crate::api::{ShipmentSummary, Step};
use std::collections::BTreeSet;

/// The dock's device is log 1, the van's log 2, the second person's log 3.
const DOCK: u8 = 1;
const VAN: u8 = 2;

fn item(lot: &str) -> ItemLine {
    ItemLine {
        product: "MMR".into(),
        gtin: None,
        lot: Some(lot.into()),
        expiry: None,
        quantity: 40,
        package: None,
        serials: None,
        profile: None,
        legs: None,
        label: None,
    }
}

/// What everybody holds, and the batches.
#[derive(Clone)]
struct Scene {
    entries: Vec<SignedEntry>,
    batches: Vec<Batch>,
}

impl Scene {
    /// Two lines, in range on the way, received by the dock, its verdict signed.
    fn received() -> Self {
        let (mut entries, batch) = journey_of(vec![item("A1"), item("B2")], &[5000, 5000, 5000]);
        entries[3] = entry(DOCK, 3, 75, Role::Pharmacist, &received(70));
        let mut scene = Self { entries, batches: vec![batch] };
        scene.entries[3].heads = scene.heads(DOCK);
        scene.verdict(DOCK, 100);
        scene
    }

    /// The heads of everybody else's logs, as somebody holds them who has heard of all.
    fn heads(&self, log: u8) -> Vec<Held> {
        let others = (1_u8..=9).filter(|other| *other != log);
        let size = |other: u8| {
            let of_log = self.entries.iter().filter(|one| one.reference.log == [other; 32]);
            Some(Held { log: [other; 32], size: of_log.map(|one| one.sequence + 1).max()? })
        };
        others.filter_map(size).collect()
    }

    fn next(&self, log: u8) -> u64 {
        let of_log = self.entries.iter().filter(|one| one.reference.log == [log; 32]);
        of_log.map(|one| one.sequence + 1).max().unwrap_or_default()
    }

    /// An entry by somebody who holds all of this.
    fn says<B: Body>(&self, log: u8, minute: i64, body: &B) -> SignedEntry {
        let role = if log == VAN { Role::Quality } else { Role::Pharmacist };
        SignedEntry { heads: self.heads(log), ..entry(log, self.next(log), minute, role, body) }
    }

    fn add<B: Body>(&mut self, log: u8, minute: i64, body: &B) -> EntryReference {
        let entry = self.says(log, minute, body);
        let reference = entry.reference;
        self.entries.push(entry);
        reference
    }

    fn verdict(&mut self, log: u8, minute: i64) {
        let (heads, next) = (self.heads(log), self.next(log));
        let signed = signed_verdict(&self.entries, &self.batches, (log, next, minute));
        self.entries.push(SignedEntry { heads, ..signed });
    }

    fn ask(&mut self, log: u8, minute: i64, (manufacturer, lots): (&str, &[&str])) -> EntryReference {
        self.add(log, minute, &asking(manufacturer, lots))
    }

    /// Warm readings, and the verdict on them.
    fn warm(&mut self, log: u8, minute: i64) {
        let (sealed, batch) = readings(log, self.next(log), 20, &[20_000], Provenance::P3);
        let sealed = SignedEntry { at: UtcMillis(minute * MINUTE), heads: self.heads(log), ..sealed };
        self.entries.push(sealed);
        self.batches.push(batch);
        self.verdict(log, minute);
    }

    /// Readings in range that were recorded late.
    fn late(&mut self, log: u8, minute: i64) {
        let (mut sealed, batch) = readings(log, self.next(log), 20, &[5000], Provenance::P3);
        let Ok(Statement::Readings(mut says)) = Statement::parse(Kind::Readings, &sealed.body) else {
            panic!()
        };
        says.lateness = Some(Lateness::RecordedLate);
        (sealed.body, sealed.heads) = (says.to_bytes(), self.heads(log));
        self.entries.push(SignedEntry { at: UtcMillis(minute * MINUTE), ..sealed });
        self.batches.push(batch);
        self.verdict(log, minute);
    }

    fn explain(&mut self, log: u8, minute: i64) -> EntryReference {
        let (story, judgement) = self.told();
        let explained = |reason| Explained { reason, explanation: "looked into".into() };
        let reasons = story.unexplained(&judgement).into_iter().map(explained).collect();
        self.add(log, minute, &Acknowledged { reasons })
    }

    fn told(&self) -> (Story, Judgement) {
        judged(self.entries.clone(), &self.batches)
    }

    fn shown(&self) -> ShipmentSummary {
        let (story, judgement) = self.told();
        summary(Id([1; 16]), &story, &judgement)
    }

    fn stocks(&self) -> Vec<Option<Stock>> {
        let (story, judgement) = self.told();
        let stock = story.stock_now(&judgement);
        (0..2).map(|line| stock.line(line)).collect()
    }

    fn refusal(&self, reference: EntryReference) -> Option<Refusal> {
        self.told().0.told_as(reference).unwrap().refused
    }

    fn steps(&self) -> Vec<Step> {
        let (story, judgement) = self.told();
        story.next_steps(&judgement).into_iter().map(|next| next.step).collect()
    }

    /// Both after a sync.
    fn with(&self, other: &Scene) -> Scene {
        let mut both = self.clone();
        let new =
            other.entries.iter().filter(|one| !self.entries.iter().any(|own| own.reference == one.reference));
        both.entries.extend(new.cloned().collect::<Vec<_>>());
        both.batches.extend(other.batches.iter().filter(|batch| !self.batches.contains(batch)).cloned());
        both
    }
}

fn asking(manufacturer: &str, lots: &[&str]) -> Review {
    let asked = Asked {
        manufacturer: manufacturer.into(),
        case_number: Some("7".into()),
        asked: UtcMillis(0),
        due: UtcMillis(9000 * MINUTE),
        lots: lots.iter().map(|lot| (*lot).to_owned()).collect(),
    };
    Review { cause: "door".into(), action: None, asked: Some(asked) }
}

fn answer(review: EntryReference, lot: &str, advice: Advice) -> Reply {
    Reply { review, lots: vec![lot.into()], advice, words: "so".into() }
}

fn decision(decision: Decision, lines: Option<&[u32]>) -> Disposition {
    Disposition {
        decision,
        reason: "looked at".into(),
        lines: lines.map(<[u32]>::to_vec),
        assessment: None,
        open: None,
    }
}

fn release() -> Disposition {
    decision(Decision::Release, None)
}

fn checked(seal: SealFound, counts: &[u32]) -> Received {
    let checklist = Checklist { seal, counts: counts.to_vec(), expired: Vec::new(), unread: Vec::new() };
    Received { checklist: Some(checklist), ..received(70) }
}

const HELD: Option<Stock> = Some(Stock::Quarantine);
const FREE: Option<Stock> = Some(Stock::Released);

/// What somebody does about received stock.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Release,
    ReleaseInPart,
    Reject,
    Hold,
    SeeSealBroken,
    Ask,
    AnswerDiscard,
    AnswerMayBeUsed,
    ReadWarm,
    ReadLate,
    Close,
}

const DEEDS: [Deed; 11] = [
    Deed::Release,
    Deed::ReleaseInPart,
    Deed::Reject,
    Deed::Hold,
    Deed::SeeSealBroken,
    Deed::Ask,
    Deed::AnswerDiscard,
    Deed::AnswerMayBeUsed,
    Deed::ReadWarm,
    Deed::ReadLate,
    Deed::Close,
];

/// When decisions are made here.
const SINCE: i64 = STORIES_BEGIN.0 / MINUTE;

fn after(deed: Deed, mut scene: Scene, question: EntryReference, (log, minute): (u8, i64)) -> Scene {
    match deed {
        Deed::Release => {
            scene.add(log, minute, &release());
        }
        Deed::ReleaseInPart => {
            scene.add(log, minute, &decision(Decision::ReleaseInPart, Some(&[1])));
        }
        Deed::Reject => {
            scene.add(log, minute, &decision(Decision::Reject, None));
        }
        Deed::Hold => {
            scene.add(log, minute, &Quarantined { reason: "wet".into() });
        }
        Deed::SeeSealBroken => {
            let observed = Observed::Seal(Seal::Broken);
            let at = UtcMillis(minute * MINUTE);
            let seen = Observation { observed, note: None, photo: None, place: None, at, reason: None };
            scene.add(log, minute, &seen);
        }
        Deed::Ask => {
            scene.ask(log, minute, ("Beta", &["A1"]));
        }
        Deed::AnswerDiscard => {
            scene.add(log, minute, &answer(question, "A1", Advice::Discard));
        }
        Deed::AnswerMayBeUsed => {
            scene.add(log, minute, &answer(question, "A1", Advice::MayBeUsed));
        }
        Deed::ReadWarm => scene.warm(log, minute),
        Deed::ReadLate => scene.late(log, minute),
        Deed::Close => {
            scene.add(log, minute, &release());
            scene.add(log, minute, &Closed { closing: Closing::Ended, reason: None });
        }
    }
    scene
}

#[test]
fn whatever_two_homes_do_unknown_to_each_other_no_clock_decides_and_the_stricter_stands() {
    let mut base = Scene::received();
    let question = base.ask(DOCK, 110, ("Acme", &["A1"]));
    base.add(DOCK, 111, &answer(question, "A1", Advice::MayBeUsed));
    let strict = |stock: &Option<Stock>| matches!(stock, Some(Stock::Quarantine | Stock::Rejected));
    for (one, other) in DEEDS.iter().flat_map(|one| DEEDS.iter().map(move |other| (*one, *other))) {
        let homes = |dock, van| {
            let dock = after(one, base.clone(), question, (DOCK, dock));
            (dock, after(other, base.clone(), question, (VAN, van)))
        };
        let (dock, van) = homes(SINCE + 300, SINCE + 310);
        let (slow, fast) = homes(SINCE + 310, SINCE + 300);
        let both = dock.with(&van);
        assert_eq!(both.told(), van.with(&dock).told(), "{one:?} and {other:?}: the homes differ");
        assert_eq!(both.stocks(), slow.with(&fast).stocks(), "{one:?} and {other:?}: a clock decides");
        for (line, stock) in both.stocks().iter().enumerate() {
            // In range, what nobody has decided about is no quarantine: each quarantine here is somebody's deed.
            let alone = strict(&dock.stocks()[line]) || strict(&van.stocks()[line]);
            assert!(!alone || strict(stock), "{one:?} and {other:?}: line {line} is {stock:?}");
        }
    }
}

#[test]
fn after_an_excursion_no_clock_decides_either() {
    let (entries, batch) = journey_of(vec![item("A1"), item("B2")], &[5000, 20_000, 5000]);
    let mut base = Scene { entries: entries[..3].to_vec(), batches: vec![batch] };
    base.add(DOCK, 75, &received(70));
    base.verdict(DOCK, 80);
    let question = base.ask(DOCK, 110, ("Acme", &["A1"]));
    base.add(DOCK, 111, &answer(question, "A1", Advice::MayBeUsed));
    let released = after(Deed::Release, base.clone(), question, (4, SINCE + 300));
    assert_eq!(released.stocks(), [FREE; 2], "by somebody who had no part in it");
    for (one, other) in DEEDS.iter().flat_map(|one| DEEDS.iter().map(move |other| (*one, *other))) {
        let homes = |first, second| {
            let one = after(one, base.clone(), question, (4, first));
            one.with(&after(other, base.clone(), question, (5, second)))
        };
        let (one_first, other_first) = (homes(SINCE + 300, SINCE + 310), homes(SINCE + 310, SINCE + 300));
        assert_eq!(one_first.stocks(), other_first.stocks(), "{one:?} and {other:?}");
    }
}

#[test]
fn an_excursion_that_who_released_did_not_hold_makes_a_finding_and_holds_the_stock_in_both_clock_orders() {
    for (read, decided) in [(300, 310), (310, 300)] {
        let base = Scene::received();
        let (mut van, mut dock) = (base.clone(), base);
        van.warm(VAN, read);
        dock.add(DOCK, decided, &release());
        assert_eq!(dock.stocks(), [FREE; 2]);
        let mut both = dock.with(&van);
        assert_eq!(both.stocks(), [HELD; 2], "before anything is signed of it");
        assert!(both.shown().do_not_use);
        let steps = both.steps();
        assert!(steps.contains(&Step::Find) && !steps.contains(&Step::Close), "{steps:?}");
        let (story, judgement) = both.told();
        let kinds: Vec<_> = crate::task::of_shipment(Id([1; 16]), &story, &judgement);
        assert!(kinds.iter().any(|task| task.kind == crate::task::TaskKind::RecordFinding));
        let due = story.finding_due().unwrap();
        assert_eq!((due.by, due.lines.as_slice()), (FoundBy::Readings, &[0, 1][..]));
        let finding = Finding {
            disposition: due.decision.reference,
            assessment: due.assessed.reference,
            lines: due.lines.clone(),
            words: "warm".into(),
        };
        let finding = both.add(DOCK, 400, &finding);
        assert_eq!(both.refusal(finding), None);
        assert_eq!((both.stocks(), both.told().0.finding_due()), (vec![HELD; 2], None));
        assert!(!both.steps().contains(&Step::Find));
        // The record cannot be closed over it, and a decision that knows of it ends it.
        let close = both.clone().add(DOCK, 410, &Closed { closing: Closing::Ended, reason: None });
        let mut closed = both.clone();
        assert_eq!(closed.add(DOCK, 410, &Closed { closing: Closing::Ended, reason: None }), close);
        assert_eq!(closed.refusal(close), Some(Refusal::OutOfOrder));
        both.add(DOCK, 410, &decision(Decision::Reject, None));
        assert_eq!(both.stocks(), [Some(Stock::Rejected); 2]);
    }
}

/// Only heard on the way, explained by the dock.
fn explained() -> Scene {
    let (mut entries, batch) = journey(&[5000, 5000, 5000], Provenance::P0);
    entries[0] = entry(DOCK, 1, 0, Role::Pharmacist, &Shipment { items: vec![item("A1")], ..created() });
    let mut scene = Scene { entries: entries[..3].to_vec(), batches: vec![batch] };
    scene.add(DOCK, SINCE + 75, &Received { reason: Some("no signal".into()), ..received(70) });
    scene.verdict(DOCK, SINCE + 80);
    scene.explain(DOCK, SINCE + 90);
    scene
}

#[test]
fn a_reason_that_who_released_was_not_asked_to_explain_holds_the_stock_until_it_is_and_somebody_decides_anew()
{
    for (read, decided) in [(300, 310), (310, 300)] {
        let base = explained();
        let (mut van, mut dock) = (base.clone(), base);
        van.late(VAN, SINCE + read);
        let release_of = dock.add(DOCK, SINCE + decided, &release());
        assert_eq!(
            (dock.refusal(release_of), dock.shown().do_not_use),
            (None, false),
            "by its own explanation"
        );
        assert_eq!(dock.shown().verdict, van.shown().verdict, "no worse verdict");
        let mut both = dock.with(&van);
        assert!(both.shown().do_not_use, "before anything is signed of it");
        let steps = both.steps();
        let wanted = [Step::Acknowledge, Step::Reject, Step::Find];
        assert!(wanted.iter().all(|step| steps.contains(step)) && !steps.contains(&Step::Close), "{steps:?}");
        let (story, judgement) = both.told();
        let tasks = crate::task::of_shipment(Id([1; 16]), &story, &judgement);
        let explain = tasks.iter().find(|task| task.kind == crate::task::TaskKind::ExplainReasons);
        assert!(explain.is_some_and(|task| task.reasons.contains(&Reason::LateEntry)), "{tasks:?}");

        let due = story.finding_due().unwrap();
        let (disposition, assessment) = (due.decision.reference, due.assessed.reference);
        let finding = Finding { disposition, assessment, lines: vec![0], words: "late".into() };
        let finding = both.add(VAN, SINCE + 400, &finding);
        assert_eq!((both.refusal(finding), both.told().0.finding_due()), (None, None));
        assert!(both.shown().do_not_use);
        let close = both.clone().add(DOCK, SINCE + 410, &Closed { closing: Closing::Ended, reason: None });
        let mut closed = both.clone();
        closed.add(DOCK, SINCE + 410, &Closed { closing: Closing::Ended, reason: None });
        assert_eq!(closed.refusal(close), Some(Refusal::OutOfOrder));
        both.explain(VAN, SINCE + 420);
        assert!(both.shown().do_not_use, "a person decides, not the explanation");
        let again = both.add(DOCK, SINCE + 430, &release());
        assert_eq!((both.refusal(again), both.shown().do_not_use), (None, false));
        assert_eq!((both.told().0.finding_due(), both.steps()[0]), (None, Step::Close));
    }
}

#[test]
fn less_of_a_reason_that_was_explained_puts_no_release_in_question() {
    let (mut entries, batch) = journey(&[5000, 5000], Provenance::P3);
    entries[0] = entry(DOCK, 1, 0, Role::Pharmacist, &Shipment { items: vec![item("A1")], ..created() });
    // Where nothing is placed, every logger that is read watches the goods.
    let Ok(Statement::Started(begun)) = Statement::parse(Kind::Started, &entries[1].body) else { panic!() };
    entries[1].body = Started { placements: Vec::new(), ..begun }.to_bytes();
    let mut base = Scene { entries: entries[..3].to_vec(), batches: vec![batch] };
    base.add(DOCK, 135, &received(130));
    base.verdict(DOCK, 140);
    assert_eq!(base.shown().reasons, [Reason::Gap], "an hour and a half without a reading at the end");
    base.explain(DOCK, 145);
    let read = |scene: &Scene, logger: Id, minute: i64, value: i32| {
        let mut van = scene.clone();
        let (mut sealed, mut batch) = readings(VAN, van.next(VAN), minute, &[value], Provenance::P3);
        let Ok(Statement::Readings(mut says)) = Statement::parse(Kind::Readings, &sealed.body) else {
            panic!()
        };
        (says.logger, batch.logger) = (logger, logger);
        (sealed.body, sealed.heads) = (says.to_bytes(), van.heads(VAN));
        sealed.batches = vec![Batch::address(&batch.to_bytes().unwrap())];
        van.entries.push(SignedEntry { at: UtcMillis((SINCE + 300) * MINUTE), ..sealed });
        van.batches.push(batch);
        van
    };
    let mut dock = base.clone();
    dock.add(DOCK, SINCE + 310, &release());
    let smaller = dock.with(&read(&base, LOGGER, 70, 5000));
    assert_eq!((smaller.shown().reasons, smaller.shown().do_not_use), (vec![Reason::Gap], false));
    let wider = dock.with(&read(&base, Id([8; 16]), 70, 5000));
    assert_eq!(
        (wider.shown().reasons, wider.shown().do_not_use),
        (vec![Reason::Gap], true),
        "another logger's"
    );
}

#[test]
fn readings_that_change_nothing_for_the_worse_hold_no_release() {
    let base = Scene::received();
    let (mut van, mut dock) = (base.clone(), base);
    let (sealed, batch) = readings(VAN, van.next(VAN), 20, &[5000], Provenance::P3);
    van.entries.push(SignedEntry { heads: van.heads(VAN), at: UtcMillis(300 * MINUTE), ..sealed });
    van.batches.push(batch);
    dock.add(DOCK, 310, &release());
    assert_eq!(dock.with(&van).stocks(), [FREE; 2]);
}

#[test]
fn a_finding_lists_the_lines_of_those_decisions_alone_that_did_not_hold_the_evidence() {
    let base = Scene::received();
    let (mut van, mut dock) = (base.clone(), base);
    van.warm(VAN, 300);
    dock.add(DOCK, 310, &decision(Decision::ReleaseInPart, Some(&[1])));
    let mut both = dock.with(&van);
    both.add(DOCK, 320, &review_of("door"));
    let other = both.add(3, 330, &decision(Decision::ReleaseInPart, Some(&[0])));
    assert_eq!(both.refusal(other), None);
    assert_eq!(both.stocks(), [FREE, HELD], "who released the first line knew");
    assert_eq!(both.told().0.finding_due().unwrap().lines, [1]);
}

fn review_of(cause: &str) -> Review {
    Review { cause: cause.into(), action: None, asked: None }
}

#[test]
fn a_second_receipt_by_somebody_who_did_not_know_of_the_first_tells_what_it_found_as_well() {
    for (dock_at, van_at) in [(72, 76), (74, 72)] {
        let (entries, batch) = journey_of(vec![item("A1"), item("B2")], &[5000, 5000, 5000]);
        let base = Scene { entries: entries[..3].to_vec(), batches: vec![batch] };
        let (mut dock, mut van) = (base.clone(), base);
        dock.add(DOCK, dock_at, &checked(SealFound::Intact, &[40, 40]));
        dock.verdict(DOCK, dock_at);
        dock.add(DOCK, dock_at + 1, &release());
        let broken = Received { at: UtcMillis(75 * MINUTE), ..checked(SealFound::Broken, &[10, 40]) };
        let second = van.add(VAN, van_at, &broken);
        assert_eq!(dock.stocks(), [FREE; 2]);
        let mut both = dock.with(&van);
        assert_eq!(both.refusal(second), None);
        assert_eq!(both.shown().reasons, [Reason::Observation, Reason::Count]);
        assert_eq!(both.shown().received, Some(UtcMillis(75 * MINUTE)), "the later leaves out least");
        assert_eq!(both.told().0.counts().count(), 2);
        assert_eq!(both.stocks(), [HELD; 2]);
        both.verdict(DOCK, 200);
        let again = both.add(DOCK, 210, &release());
        assert_eq!(both.refusal(again), Some(Refusal::NotSettled), "its reasons are to be explained");
        let third = Received { reason: Some("no signal".into()), ..checked(SealFound::Intact, &[40, 40]) };
        let third = both.add(VAN, 220, &third);
        assert_eq!(both.refusal(third), Some(Refusal::Repeated), "its signer knew of the others");
    }
}

#[test]
fn who_received_in_an_entry_that_does_not_count_is_no_second_person() {
    let (entries, batch) = journey_of(vec![item("A1")], &[5000, 20_000, 5000]);
    let mut scene = Scene { entries: entries[..3].to_vec(), batches: vec![batch] };
    scene.add(DOCK, 72, &received(70));
    let repeated = scene.add(3, 74, &received(70));
    assert_eq!(scene.refusal(repeated), Some(Refusal::Repeated));
    scene.verdict(DOCK, 110);
    scene.add(DOCK, 120, &review_of("door"));
    let alone = scene.add(3, 130, &release());
    assert_eq!(scene.refusal(alone), Some(Refusal::SecondPersonNeeded));
    let names: Vec<String> = scene.told().0.involved().iter().map(|hand| hand.name().to_owned()).collect();
    assert_eq!(names, ["device 1", "device 3"]);
    let other = scene.add(4, 140, &release());
    assert_eq!(scene.refusal(other), None);
}

#[test]
fn whoever_carried_is_no_second_person_whichever_of_the_two_entries_has_the_earlier_clock() {
    for (carried, released) in [(105, 130), (130, 105)] {
        let (entries, batch) = journey_of(vec![item("A1")], &[5000, 20_000, 5000]);
        let base = Scene { entries: entries[..3].to_vec(), batches: vec![batch] };
        let mut dock = base.clone();
        dock.add(DOCK, 75, &received(70));
        dock.verdict(DOCK, 90);
        dock.add(DOCK, 95, &review_of("door"));
        let una = |scene: &Scene, log, minute, disposition: bool| {
            let signer = Signer { id: Id([9; 16]), name: "Una".into(), title: None, role: Role::Quality };
            let said = match disposition {
                true => scene.says(log, minute, &release()),
                false => {
                    let late = Received { reason: Some("no signal".into()), ..received(70) };
                    scene.says(log, minute, &late)
                }
            };
            SignedEntry { person: Some(signer), ..said }
        };
        let decided = una(&dock, 3, released, true);
        assert_eq!(dock.told().0.would_count(decided.clone()), Ok(()));
        let also = una(&base, VAN, carried, false);
        dock.entries.extend([decided.clone(), also]);
        assert_eq!(dock.refusal(decided.reference), Some(Refusal::SecondPersonNeeded));
    }
}

#[test]
fn a_pick_up_that_did_not_know_of_the_cancellation_holds_in_both_clock_orders() {
    for (cancelled, started_at) in [(10, 12), (12, 10)] {
        let made = entry(DOCK, 1, 0, Role::Pharmacist, &created());
        let base = Scene { entries: vec![made], batches: Vec::new() };
        let (mut dock, mut van) = (base.clone(), base);
        let cancel = Closed { closing: Closing::Cancelled, reason: Some("mistyped".into()) };
        let cancel = dock.add(DOCK, cancelled, &cancel);
        assert_eq!(dock.shown().phase, Phase::Cancelled);
        let start = van.add(VAN, started_at, &started(started_at));
        let mut both = dock.with(&van);
        assert_eq!(both.shown().phase, Phase::InTransit);
        assert_eq!((both.refusal(start), both.refusal(cancel)), (None, Some(Refusal::OutOfOrder)));
        let arrived = both.add(VAN, 30, &received(30));
        assert_eq!(both.refusal(arrived), None);
        let knowing = dock.add(VAN, 40, &started(40));
        assert_eq!(dock.refusal(knowing), Some(Refusal::OutOfOrder), "it knew of the cancellation");
    }
}

#[test]
fn what_is_seen_or_held_of_a_cancelled_shipment_is_recorded_all_the_same() {
    let made = entry(DOCK, 1, 0, Role::Pharmacist, &created());
    let mut scene = Scene { entries: vec![made], batches: Vec::new() };
    scene.add(DOCK, 10, &Closed { closing: Closing::Cancelled, reason: Some("mistyped".into()) });
    let observed = Observed::Seal(Seal::Broken);
    let at = UtcMillis(20 * MINUTE);
    let seen = Observation { observed, note: None, photo: None, place: None, at, reason: None };
    let seen = scene.add(VAN, 20, &seen);
    let hold = scene.add(VAN, 21, &Quarantined { reason: "it is here".into() });
    assert_eq!((scene.refusal(seen), scene.refusal(hold)), (None, None));
    assert_eq!((scene.shown().phase, scene.shown().stock), (Phase::Cancelled, HELD));
}

#[test]
fn a_shipment_is_cancelled_with_a_reason_by_whichever_step() {
    let scene = |minute: i64, reason: Option<&str>| {
        let made = entry(DOCK, 1, 0, Role::Pharmacist, &created());
        let mut scene = Scene { entries: vec![made], batches: Vec::new() };
        let closed = Closed { closing: Closing::Cancelled, reason: reason.map(str::to_owned) };
        let closed = scene.add(DOCK, minute, &closed);
        scene.refusal(closed)
    };
    let since = STORIES_BEGIN.0 / MINUTE;
    assert_eq!(scene(since, None), Some(Refusal::MalformedBody));
    assert_eq!(scene(since, Some(" ")), Some(Refusal::MalformedBody));
    assert_eq!(scene(since, Some("mistyped")), None);
}

#[test]
fn of_two_corrections_of_the_arrival_that_did_not_know_of_each_other_the_later_arrival_counts() {
    const NIGHT: u8 = 7;
    const WARD: u8 = 8;
    let at = |minute: i64| Some(UtcMillis(minute * MINUTE));
    for (one_approved, other_approved) in [(120, 125), (125, 120)] {
        let base = Scene::received();
        let receipt = base.entries[3].reference;
        let moved = |minute| ArrivalMoved {
            received: receipt,
            at: UtcMillis(minute * MINUTE),
            reason: "clock".into(),
        };
        let (mut one, mut other) = (base.clone(), base);
        let approves = one.add(DOCK, 110, &moved(60));
        one.add(NIGHT, one_approved, &Approved { approves });
        let approves = other.add(VAN, 110, &moved(40));
        other.add(WARD, other_approved, &Approved { approves });
        assert_eq!((one.told().0.arrival(), other.told().0.arrival()), (at(60), at(40)));
        let mut both = one.with(&other);
        assert_eq!(both.told().0.arrival(), at(60));
        // Who knows of both may correct further.
        let approves = both.add(DOCK, 130, &moved(50));
        both.add(NIGHT, 131, &Approved { approves });
        assert_eq!(both.told().0.arrival(), at(50));
    }
}

#[test]
fn of_two_pick_ups_that_did_not_know_of_each_other_the_earlier_counts_with_the_loggers_of_both() {
    for (dock_signs, van_signs) in [(22, 20), (20, 22)] {
        let made = entry(DOCK, 1, 0, Role::Pharmacist, &created());
        let base = Scene { entries: vec![made], batches: Vec::new() };
        let (mut dock, mut van) = (base.clone(), base);
        let with = |minute: i64, logger: u8| {
            let placement = Placement { logger: Id([logger; 16]), package: None, from: None, to: None };
            Started { placements: vec![placement], ..started(minute) }
        };
        let at_dock = dock.add(DOCK, dock_signs, &with(19, 0x51));
        let in_van = van.add(VAN, van_signs, &with(17, 0x52));
        let mut both = dock.with(&van);
        assert_eq!((both.refusal(at_dock), both.refusal(in_van)), (None, None));
        let one = both.told().0.started.unwrap().says;
        let loggers: BTreeSet<Id> = one.placements.iter().map(|placement| placement.logger).collect();
        assert_eq!((one.at, loggers), (UtcMillis(17 * MINUTE), [Id([0x51; 16]), Id([0x52; 16])].into()));
        assert_eq!(both.told().0.unread().len(), 2, "the receiver reads both, or says why not");
        let knowing = both.add(DOCK, 30, &with(27, 0x53));
        assert_eq!(both.refusal(knowing), Some(Refusal::Repeated));
    }
}

#[test]
fn a_pick_up_signed_anew_while_the_first_was_disputed_counts_beside_it_once_that_is_upheld() {
    for late_at in [17, 25] {
        let made = entry(DOCK, 1, 0, Role::Pharmacist, &created());
        let mut scene = Scene { entries: vec![made], batches: Vec::new() };
        let with = |minute: i64, loggers: &[u8]| {
            let place =
                |logger: &u8| Placement { logger: Id([*logger; 16]), package: None, from: None, to: None };
            Started { placements: loggers.iter().map(place).collect(), ..started(minute) }
        };
        let first = scene.add(VAN, 22, &with(22, &[0x51]));
        scene.add(DOCK, 60, &received(50));
        scene.add(DOCK, 70, &Closed { closing: Closing::Ended, reason: None });
        let dispute = |scene: &mut Scene, lost: Option<i64>| {
            let of_it = scene.entries.iter_mut().filter(|one| one.reference == first);
            of_it.for_each(|one| one.beyond = lost.map(|minute| UtcMillis(minute * MINUTE)));
        };
        dispute(&mut scene, Some(1));
        let anew = Started { reason: Some("the first was disputed".into()), ..with(late_at, &[0x51, 0x52]) };
        let says = scene.says(DOCK, 85, &anew);
        assert_eq!(scene.told().0.would_count(says.clone()), Ok(()), "the pick-up is wanting");
        scene.entries.push(says.clone());
        assert_eq!(scene.told().0.started.unwrap().reference, says.reference);
        dispute(&mut scene, None);
        let story = scene.told().0;
        assert_eq!((scene.refusal(first), scene.refusal(says.reference)), (None, None));
        let one = story.started.clone().unwrap().says;
        let loggers: BTreeSet<Id> = one.placements.iter().map(|placement| placement.logger).collect();
        assert_eq!((one.at.0 / MINUTE, loggers.len()), (late_at.min(22), 2));
        for log in [DOCK, 3] {
            let again = scene.says(log, 95, &with(30, &[0x51]));
            assert!(matches!(story.would_count(again), Err(Refusal::Repeated | Refusal::OutOfOrder)));
        }
    }
}

#[test]
fn an_explanation_by_somebody_who_did_not_know_of_a_second_receipt_covers_no_wider_gap_whatever_the_clocks_say()
 {
    for (explained, received_again) in [(120, 105), (120, 115), (120, 130), (120, 103)] {
        let (mut entries, batch) = journey(&[5000, 5000], Provenance::P3);
        entries[0] = entry(DOCK, 1, 0, Role::Pharmacist, &Shipment { items: vec![item("A1")], ..created() });
        let base = Scene { entries: entries[..3].to_vec(), batches: vec![batch] };
        let (mut dock, mut van) = (base.clone(), base);
        dock.add(DOCK, 104, &received(100));
        dock.verdict(DOCK, 110);
        let explanation = dock.explain(DOCK, explained);
        assert_eq!((dock.refusal(explanation), dock.steps()[0]), (None, Step::Release));
        let second = Received { reason: Some("no signal".into()), ..received(103) };
        let second = van.add(VAN, received_again, &Received { at: UtcMillis(103 * MINUTE), ..second });
        let mut both = dock.with(&van);
        assert_eq!(both.refusal(second), None);
        assert_eq!(both.told().0.arrival(), Some(UtcMillis(103 * MINUTE)));
        let (story, judgement) = both.told();
        assert!(story.unexplained(&judgement).contains(&Reason::Gap), "{explained} {received_again}");
        both.verdict(DOCK, 140);
        let release = both.add(DOCK, 150, &release());
        assert_eq!(both.refusal(release), Some(Refusal::NotSettled), "{explained} {received_again}");
    }
}

#[test]
fn of_two_verdicts_that_did_not_know_of_each_other_the_wider_gap_is_explained_whichever_clock_is_ahead() {
    for (dock_at, van_at) in [(100, 104), (104, 100)] {
        let (mut entries, batch) = journey(&[5000, 5000], Provenance::P3);
        entries[0] = entry(DOCK, 1, 0, Role::Pharmacist, &Shipment { items: vec![item("A1")], ..created() });
        let base = Scene { entries: entries[..3].to_vec(), batches: vec![batch] };
        let (mut dock, mut van) = (base.clone(), base);
        // The clocks differ within what is tolerated, so that neither is late.
        let (dock_at, van_at) = (SINCE + dock_at, SINCE + van_at);
        dock.add(DOCK, dock_at, &received(SINCE + 100));
        dock.verdict(DOCK, dock_at + 1);
        dock.explain(DOCK, dock_at + 2);
        van.add(VAN, van_at, &received(SINCE + 104));
        van.verdict(VAN, van_at + 1);
        let mut both = dock.with(&van);
        assert!(both.told().0.verdicts_differ(), "one that joins them is due");
        let release_by_knowing = both.clone().add(3, SINCE + 200, &release());
        let mut released = both.clone();
        assert_eq!(released.add(3, SINCE + 200, &release()), release_by_knowing);
        assert_eq!(released.refusal(release_by_knowing), Some(Refusal::NotSettled), "{dock_at}");
        both.verdict(3, SINCE + 210);
        assert!(!both.told().0.verdicts_differ());
        both.explain(3, SINCE + 211);
        let settled = both.add(3, SINCE + 212, &release());
        assert_eq!((both.refusal(settled), both.shown().do_not_use), (None, false));
    }
}

#[test]
fn something_seen_and_recorded_late_by_somebody_of_whom_the_decider_had_not_heard_holds_the_stock() {
    for (seen, decided) in [(300, 310), (310, 300)] {
        let base = explained();
        let (mut dock, mut van) = (base.clone(), base);
        let released = dock.add(DOCK, SINCE + decided, &release());
        assert_eq!((dock.refusal(released), dock.shown().do_not_use), (None, false));
        let observed = Observed::VialMonitor(VialMonitorStage::One);
        let (at, reason) = (UtcMillis(50 * MINUTE), Some("no signal".into()));
        let seen = van.add(
            VAN,
            SINCE + seen,
            &Observation { observed, note: None, photo: None, place: None, at, reason },
        );
        let both = dock.with(&van);
        assert_eq!((both.refusal(seen), both.shown().do_not_use), (None, true));
    }
}
