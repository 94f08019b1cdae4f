//! One shipment shown to an outsider: that its entries stand in their logs' histories, and that none is left out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Scene, Writer, journey};
use firn_ledger::bytes::{Hash, Id as LedgerId};
use firn_ledger::checkpoint::{Checkpoint, Cosignature};
use firn_ledger::disclosure::{History, ShownIndex};
use firn_ledger::entry::Record;
use firn_ledger::index::Index;
use firn_ledger::seen::{Cosigned, Seen};
use firn_ledger::statement::INDEX;
use firn_model::id::Id;
use firn_report::verify::{Check, CheckId, Status};
use firn_report::{Bundle, Verification, evidence, verify};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;

const OTHER: Id = Id([0x52; 16]);

/// A journey after which both devices write an index, and the dock one note more about another shipment.
struct Told {
    scene: Scene,
    /// The index entries of dock and van, with what they count.
    indexes: [(Record, Index); 2],
}

fn index(writer: &mut Writer, minute: i64) -> (Record, Index) {
    let (index, size) = (writer.index.clone(), writer.tree.size());
    let record = writer.sign(minute, INDEX, None, index.entry(size).encode(), vec![], vec![]).0;
    (record, index)
}

fn told() -> Told {
    let mut scene = journey();
    for writer in [&mut scene.dock, &mut scene.van] {
        writer.sign(620, 33, Some(OTHER), vec![0xa0], vec![], vec![]);
    }
    let indexes = [index(&mut scene.dock, 630), index(&mut scene.van, 640)];
    scene.dock.sign(650, 33, Some(OTHER), vec![0xa0], vec![], vec![]);
    Told { scene, indexes }
}

/// The log's own head as it is now, and that the other device saw all of it at half past eleven that evening.
fn seen(writer: &Writer, by: &Writer) -> Seen {
    let head = writer.head();
    let cosignature = Cosignature::sign(&head, by.log, 1_795_217_400, &by.key).unwrap();
    Seen {
        checkpoint: Some(Checkpoint::sign(head, &writer.key).unwrap()),
        cosigned: [(by.log, Cosigned { head, cosignature })].into(),
        ..Seen::nothing(writer.log)
    }
}

/// The histories of what is in a bundle, with the indexes that are given.
fn histories(scene: &Scene, bundle: &Bundle, indexes: [Option<&(Record, Index)>; 2]) -> Vec<History> {
    let writers = [(&scene.dock, &scene.van), (&scene.van, &scene.dock)];
    let histories = writers.into_iter().zip(indexes).map(|((writer, other), index)| {
        let of_log = bundle.disclosed().filter(|record| record.entry.log() == writer.log);
        let places: BTreeSet<u64> = of_log.map(|record| record.entry.payload().sequence).collect();
        let subject = LedgerId(bundle.shipment.0);
        let index =
            index.map(|(record, index)| ShownIndex { record: record.clone(), proof: index.prove(&subject) });
        History::prove(seen(writer, other), &places, index, &writer.leaves).unwrap()
    });
    histories.collect()
}

impl Told {
    /// The journey's bundle with histories of what `change` leaves in it.
    fn shown(&self, change: impl FnOnce(&mut Bundle)) -> Bundle {
        let mut bundle = self.scene.bundle.clone();
        change(&mut bundle);
        let [dock, van] = &self.indexes;
        bundle.histories = histories(&self.scene, &bundle, [Some(dock), Some(van)]);
        bundle
    }
}

fn verified(bundle: &Bundle) -> Verification {
    verify(&evidence::write(bundle), None)
}

fn check(verification: &Verification, id: CheckId) -> &Check {
    verification.checks.iter().find(|check| check.id == id).expect("it was checked")
}

/// How history and completeness come out.
fn outcomes(bundle: &Bundle) -> (Status, Status) {
    let verification = verified(bundle);
    let status = |id| check(&verification, id).status;
    (status(CheckId::History), status(CheckId::Completeness))
}

static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| evidence::write(&told().shown(|_| ())));

#[test]
fn every_entry_stands_in_its_history_and_the_shipment_is_whole_until_its_indexes() {
    let verification = verify(&WHOLE, None);
    assert!(verification.ok, "{verification:#?}");
    let why = [CheckId::History, CheckId::Completeness].map(|id| {
        let check = check(&verification, id);
        assert_eq!(check.status, Status::Proved, "{}", check.why);
        check.why.clone()
    });
    insta::assert_snapshot!(why.join("\n"));
    let read = evidence::read(&WHOLE).unwrap();
    assert_eq!(evidence::write(&read), *WHOLE, "one bundle has one encoding");
}

#[test]
fn a_file_with_histories_has_had_these_bytes_since_it_was_written() {
    insta::assert_snapshot!(Hash::of(&[&WHOLE]).to_string());
}

#[test]
fn a_file_without_histories_is_checked_as_before() {
    let verification = verified(&journey().bundle);
    assert!(verification.checks.iter().all(|check| check.id != CheckId::History));
    assert_eq!(check(&verification, CheckId::Completeness).status, Status::Cannot);
}

#[test]
fn an_entry_dropped_from_the_file_leaves_a_history_that_does_not_hold() {
    let whole = told().shown(|_| ());
    for place in 0..whole.records.len() {
        let mut bundle = whole.clone();
        bundle.records.remove(place);
        assert_eq!(outcomes(&bundle), (Status::Failed, Status::Cannot), "entry {place}");
    }
}

#[test]
fn a_withheld_entry_is_missed_by_the_index_though_the_proof_is_made_without_it() {
    let told = told();
    for place in 0..told.scene.bundle.records.len() {
        let bundle = told.shown(|bundle| drop(bundle.records.remove(place)));
        assert_eq!(outcomes(&bundle), (Status::Proved, Status::Failed), "entry {place}");
    }
    let van = told.scene.van.log;
    let without = told.shown(|bundle| bundle.records.retain(|record| record.entry.log() != van));
    assert_eq!(outcomes(&without), (Status::Proved, Status::Failed), "all of one log");
    let verification = verified(&without);
    assert!(check(&verification, CheckId::Completeness).why.contains("Van phone"), "{verification:#?}");
}

#[test]
fn without_an_index_of_each_log_that_speaks_nobody_can_tell_whether_the_file_is_whole() {
    let told = told();
    let mut bundle = told.scene.bundle.clone();
    for indexes in [[None, None], [Some(&told.indexes[0]), None], [None, Some(&told.indexes[1])]] {
        bundle.histories = histories(&told.scene, &bundle, indexes);
        assert_eq!(outcomes(&bundle), (Status::Proved, Status::Cannot));
    }
    bundle.histories.remove(1);
    assert_eq!(outcomes(&bundle), (Status::Cannot, Status::Cannot), "a log without a history");
}

#[test]
fn what_a_log_tells_after_its_index_is_said_to_lie_beyond_it() {
    let mut scene = journey();
    let indexes = [index(&mut scene.dock, 630), index(&mut scene.van, 640)];
    scene.assess(true, 700);
    let told = Told { scene, indexes };
    let verification = verified(&told.shown(|_| ()));
    let check = check(&verification, CheckId::Completeness);
    assert_eq!(check.status, Status::Proved);
    assert!(check.why.contains("1 later entry stands here beyond them"), "{}", check.why);
}

#[test]
fn an_index_of_before_a_log_told_anything_of_the_shipment_shows_nothing_of_it() {
    let mut scene = Scene::new();
    let early = index(&mut scene.van, -20);
    scene.create(0, "DN-1", "Priorix");
    scene.start(10);
    scene.hand_over(12);
    let late = index(&mut scene.dock, 30);
    let mut bundle = scene.bundle.clone();
    bundle.histories = histories(&scene, &bundle, [Some(&late), Some(&early)]);
    assert_eq!(outcomes(&bundle), (Status::Proved, Status::Cannot));
}

#[test]
fn an_index_that_lies_about_its_log_proves_nothing_whole() {
    let mut scene = journey();
    // It hides the last entry about the shipment.
    let shipment = scene.bundle.shipment;
    let mut fewer = Index::default();
    let of_dock: Vec<&Record> =
        scene.bundle.records.iter().filter(|record| record.entry.log() == scene.dock.log).collect();
    of_dock[..of_dock.len() - 1].iter().for_each(|one| fewer.note(LedgerId(shipment.0), one.entry.leaf()));
    let says = fewer.entry(scene.dock.tree.size());
    let lie = (scene.dock.sign(630, INDEX, None, says.encode(), vec![], vec![]).0, fewer.clone());
    let elsewhere = fewer.entry(3);
    let other = (scene.dock.sign(631, INDEX, None, elsewhere.encode(), vec![], vec![]).0, fewer);
    let van = index(&mut scene.van, 640);
    for index in [&lie, &other] {
        let mut bundle = scene.bundle.clone();
        bundle.histories = histories(&scene, &bundle, [Some(index), Some(&van)]);
        assert_eq!(outcomes(&bundle), (Status::Proved, Status::Failed));
    }
}

#[test]
fn heads_of_another_history_and_witnesses_whom_nobody_admitted_fail() {
    let told = told();
    let whole = told.shown(|_| ());
    // Another history of the dock's log: one that its device signed, in which an entry is another.
    let mut bundle = whole.clone();
    let dock = bundle.histories.iter_mut().find(|history| history.log() == told.scene.dock.log).unwrap();
    let mut leaves = told.scene.dock.leaves.clone();
    leaves[4] = Hash([4; 32]);
    let mut head = told.scene.dock.head();
    head.root = firn_ledger::tree::Tree::over(&leaves).root();
    dock.seen.cosigned.clear();
    dock.seen.checkpoint = Some(Checkpoint::sign(head, &told.scene.dock.key).unwrap());
    assert_eq!(outcomes(&bundle), (Status::Failed, Status::Cannot));
    // A word by a key that no statement names.
    let mut bundle = whole;
    for history in &mut bundle.histories {
        let stranger = firn_ledger::bytes::LogId([0x77; 32]);
        let one = *history.seen.cosigned.values().next().unwrap();
        let cosignature = Cosignature { witness: stranger, ..one.cosignature };
        history.seen.cosigned = [(stranger, Cosigned { cosignature, ..one })].into();
    }
    assert_eq!(outcomes(&bundle), (Status::Failed, Status::Cannot));
}

/// The journey's bundle with words that dock and van said of each other's logs at these times.
fn worded(told: &Told, [of_dock, of_van]: [u64; 2]) -> Bundle {
    let mut bundle = told.shown(|_| ());
    let (dock, van) = (&told.scene.dock, &told.scene.van);
    for history in &mut bundle.histories {
        let (witness, time_s) = if history.log() == dock.log { (van, of_dock) } else { (dock, of_van) };
        let one = history.seen.cosigned.get_mut(&witness.log).unwrap();
        one.cosignature = Cosignature::sign(&one.head, witness.log, time_s, &witness.key).unwrap();
    }
    bundle
}

fn why(bundle: &Bundle, id: CheckId) -> String {
    let verification = verified(bundle);
    assert_eq!(check(&verification, id).status, Status::Proved, "{verification:#?}");
    check(&verification, id).why.clone()
}

#[test]
fn a_word_from_before_what_it_saw_shows_no_time_and_the_file_says_whose_clock_stood_there() {
    let told = told();
    let none = why(&worded(&told, [5, 5]), CheckId::History);
    assert!(none.contains("Nothing here shows when those about the shipment existed; "), "{none}");
    assert!(none.contains("seen by Van phone, whose clock then stood before the entry's own date"), "{none}");
    assert!(!none.contains("1970") && !none.contains("existed by"), "{none}");
    let half = why(&worded(&told, [1_795_217_400, 5]), CheckId::History);
    assert!(half.contains("existed by 2026-11-20T23:30:00Z by the clock of Van phone"), "{half}");
    assert!(half.contains("of them were seen by Dock phone, whose clock then stood before"), "{half}");
}

#[test]
fn a_time_that_no_calendar_has_is_said_to_be_none_of_it() {
    let mut told = told();
    let far = why(&worded(&told, [u64::MAX, u64::MAX]), CheckId::History);
    assert!(far.contains("existed by a time outside the calendar by the clock of"), "{far}");
    // Two hundred million years ago, in minutes.
    told.indexes[1] = index(&mut told.scene.van, -100_000_000_000_000);
    let until = why(&worded(&told, [1_795_217_400; 2]), CheckId::Completeness);
    assert!(until.contains("until a time outside the calendar is left out"), "{until}");
}

/// A journey whose dock signs once more, after something that is not in its log; before it so many entries about
/// something else.
fn broken_off(others: usize) -> Bundle {
    let mut scene = journey();
    for _ in 0..others {
        scene.dock.sign(620, 33, Some(OTHER), vec![0xa0], vec![], vec![]);
    }
    scene.dock.last = Hash([1; 32]);
    scene.assess(true, 700);
    let indexes = [index(&mut scene.dock, 730), index(&mut scene.van, 740)];
    Told { scene, indexes }.shown(|_| ())
}

#[test]
fn an_entry_that_does_not_follow_the_one_before_it_in_the_file_fails_the_chain() {
    let verification = verified(&broken_off(0));
    let chain = check(&verification, CheckId::Chain);
    assert_eq!(chain.status, Status::Failed, "{verification:#?}");
    assert!(chain.why.contains("does not follow the entry before it in its log"), "{}", chain.why);
    // Of one that is not in the file the proof shows the leaf where both have one parent, and else nothing.
    let status = |others| check(&verified(&broken_off(others)), CheckId::Chain).status;
    let statuses = [2, 3].map(status);
    assert_eq!(statuses, [Status::Failed, Status::Proved]);
    assert!(
        [2, 3]
            .iter()
            .all(|others| check(&verified(&broken_off(*others)), CheckId::History).status == Status::Proved)
    );
}

#[test]
fn an_index_entry_is_held_against_what_stands_before_it() {
    let mut scene = journey();
    scene.dock.last = Hash([1; 32]);
    let indexes = [index(&mut scene.dock, 630), index(&mut scene.van, 640)];
    let verification = verified(&Told { scene, indexes }.shown(|_| ()));
    assert_eq!(check(&verification, CheckId::Chain).status, Status::Failed, "{verification:#?}");
}

/// Written by `FIRN_WRITE_FIXTURES=1 cargo test -p firn-report --test disclosure`: what the second reader
/// (tests/python) must say the same of.
#[test]
fn files_with_impossible_words_and_with_a_broken_backlink_are_the_ones_that_both_readers_read() {
    let told = told();
    let mut dated_back = journey();
    let (kind, shipment) =
        (u64::from(firn_model::record::Kind::Observation.number()), dated_back.bundle.shipment);
    let heads = vec![dated_back.dock.head()];
    let record = dated_back.van.sign(-2000, kind, Some(shipment), vec![0xa0], vec![], heads).0;
    dated_back.bundle.records.push(record);
    let indexes = [index(&mut dated_back.dock, 730), index(&mut dated_back.van, 740)];
    let dated_back = Told { scene: dated_back, indexes };
    let files = [
        ("clocks-behind", worded(&told, [5, 5])),
        ("clock-behind", worded(&told, [1_795_217_400, 5])),
        ("clocks-ahead", worded(&told, [u64::MAX, 1_795_217_400])),
        ("dated-back", worded(&dated_back, [1_795_217_400, 1_795_060_000])),
        ("backlink", broken_off(0)),
        ("backlink-in-proof", broken_off(2)),
        ("backlink-hidden", broken_off(3)),
    ];
    for (name, bundle) in files {
        let path = format!("{}/fixtures/{name}.firn", env!("CARGO_MANIFEST_DIR"));
        let bytes = evidence::write(&bundle);
        if std::env::var_os("FIRN_WRITE_FIXTURES").is_some() {
            std::fs::write(&path, &bytes).unwrap();
        }
        assert!(std::fs::read(&path).unwrap() == bytes, "{name}");
    }
}

#[test]
fn nothing_of_another_shipment_stands_in_the_file_but_the_ids_beside_a_place() {
    let bytes = &*WHOLE;
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(holds(&told().scene.bundle.shipment.0));
    assert!(!holds(&OTHER.0), "the shipment is in each index, so that no neighbour is shown");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn no_changed_bit_leaves_a_file_that_is_proved_throughout(place in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut bytes = WHOLE.clone();
        let at = place.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(!verify(&bytes, None).ok, "bit {bit} of byte {at}");
    }

    #[test]
    fn no_changed_bit_of_the_histories_is_taken_for_a_proof(place in any::<prop::sample::Index>(), bit in 0u8..8) {
        let without = evidence::write(&told().scene.bundle).len();
        let mut bytes = WHOLE.clone();
        let at = without + place.index(bytes.len() - without);
        bytes[at] ^= 1 << bit;
        let verification = verify(&bytes, None);
        let proved = |id| verification.checks.iter().any(|one| one.id == id && one.status == Status::Proved);
        prop_assert!(!(proved(CheckId::History) && proved(CheckId::Completeness)), "bit {bit} of byte {at}");
    }
}
