//! The same readings taken in by a device that did not know of them: nothing that was decided is undone.

use super::*;
use crate::record::ClockCompared;

/// A second device of the courier, and the one that heard of nothing but the pick-up.
const PHONE: u8 = 4;
const OTHER: Id = Id([9; 16]);

/// How a batch came, and what is in it.
#[derive(Clone)]
struct File {
    logger: Id,
    source: Source,
    interval_s: Option<u32>,
    clock: ClockQuality,
    readings: Vec<(i64, i32)>,
}

fn file(readings: &[(i64, i32)]) -> File {
    let clock = ClockQuality::ComputedFromPhone;
    File { logger: LOGGER, source: Source::Import, interval_s: None, clock, readings: readings.to_vec() }
}

/// Eight readings in range in the seventy minutes from the pick-up on.
fn whole() -> Vec<(i64, i32)> {
    (0..8).map(|place| ((SINCE + 10 + place * 10) * 60_000, 5000)).collect()
}

impl Scene {
    fn take_in(&mut self, (log, minute): (u8, i64), file: &File, change: impl Fn(&mut Readings)) {
        let (mut sealed, mut batch) = readings(log, self.next(log), 0, &[0], Provenance::P0);
        let Ok(Statement::Readings(mut says)) = Statement::parse(Kind::Readings, &sealed.body) else {
            panic!()
        };
        (batch.logger, batch.source, batch.interval_s) = (file.logger, file.source, file.interval_s);
        batch.clock = file.clock;
        batch.received = UtcMillis(minute * MINUTE + i64::from(log));
        batch.times = file.readings.iter().map(|(time, _)| UtcMillis(*time)).collect();
        batch.values = file.readings.iter().map(|(_, value)| *value).collect();
        (says.logger, says.source) = (file.logger, file.source);
        (says.first, says.last) = (batch.times[0], *batch.times.last().unwrap());
        change(&mut says);
        (sealed.body, sealed.heads) = (says.to_bytes(), self.heads(log));
        sealed.at = UtcMillis(minute * MINUTE);
        sealed.batches = vec![Batch::address(&batch.to_bytes().unwrap())];
        self.entries.push(sealed);
        self.batches.push(batch);
    }

    /// What the dock did with its own reading of a file, and what everybody held before.
    fn released_by(own: &[File]) -> (Self, Self) {
        let says = Shipment { items: vec![item("A1"), item("B2")], ..created() };
        let mut base =
            Self { entries: vec![entry(DOCK, 1, SINCE, Role::Pharmacist, &says)], batches: Vec::new() };
        base.add(DOCK, SINCE + 9, &started(SINCE + 9));
        let mut dock = base.clone();
        own.iter().for_each(|file| dock.take_in((DOCK, SINCE + 82), file, |_| {}));
        dock.add(DOCK, SINCE + 85, &received(SINCE + 85));
        dock.verdict(DOCK, SINCE + 86);
        dock.explain(DOCK, SINCE + 87);
        let release_of = dock.add(DOCK, SINCE + 88, &release());
        assert_eq!((dock.refusal(release_of), dock.stocks()), (None, vec![FREE; 2]));
        (dock, base)
    }
}

/// What of the stock and what to explain once the phone's reading is known, in either order and once judged anew.
fn after_meeting(dock: &Scene, phone: &Scene) -> (Vec<Option<Stock>>, Vec<Reason>, bool) {
    let told = |scene: &Scene| {
        let (story, judgement) = scene.told();
        (scene.stocks(), story.unexplained(&judgement), story.finding_due().is_some())
    };
    let (mut both, other) = (dock.with(phone), phone.with(dock));
    let before = told(&both);
    assert_eq!((&before.0, &before.1), (&told(&other).0, &told(&other).1), "in whatever order");
    both.verdict(DOCK, SINCE + 95);
    let after = told(&both);
    assert_eq!((&after.0, &after.1), (&before.0, &before.1), "what is signed tells nothing else");
    after
}

fn met(
    own: &[File],
    phones: &[File],
    change: impl Fn(&mut Readings),
) -> (Vec<Option<Stock>>, Vec<Reason>, bool) {
    let (dock, mut phone) = Scene::released_by(own);
    phones.iter().for_each(|file| phone.take_in((PHONE, SINCE + 84), file, &change));
    phone.verdict(PHONE, SINCE + 84);
    after_meeting(&dock, &phone)
}

#[test]
fn a_file_that_another_device_read_as_well_undoes_no_release_and_is_not_explained_again() {
    let nothing = (vec![FREE; 2], vec![], false);
    let all = whole();
    assert_eq!(met(&[file(&all)], &[file(&all)], |_| {}), nothing);
    assert_eq!(met(&[file(&all)], &[file(&all[..5])], |_| {}), nothing, "part of it");
    assert_eq!(met(&[file(&all[..4]), file(&all[4..])], &[file(&all)], |_| {}), nothing, "in two");
    assert_eq!(met(&[file(&all)], &[file(&all[..3]), file(&all[2..])], |_| {}), nothing, "read twice");
}

#[test]
fn the_times_of_a_memory_shift_with_the_clock_of_who_reads_it_and_those_of_a_file_do_not() {
    let log = |shift: i64, interval_s| File {
        source: Source::Log,
        interval_s,
        ..file(&whole().iter().map(|(time, value)| (time + shift, *value)).collect::<Vec<_>>())
    };
    let file = |shift| File { source: Source::Import, ..log(shift, Some(600)) };
    let held = |own: File, other: File| met(&[own], &[other], |_| {}).0 == [HELD; 2];
    assert!(!held(log(0, Some(600)), log(200_000, Some(600))), "less than half an interval");
    assert!(held(log(0, Some(600)), log(400_000, Some(600))));
    assert!(!held(log(0, None), log(1400, None)));
    assert!(held(log(0, None), log(1600, None)));
    assert!(!held(file(0), file(0)));
    assert!(held(file(0), file(1)));
}

#[test]
fn whatever_is_new_or_other_in_a_file_that_another_device_read_holds_what_was_released_at_once() {
    let all = whole();
    let one_more = |time: i64, value: i32| {
        let mut more = all.clone();
        more.push((time * 60_000, value));
        more.sort_unstable();
        more
    };
    let mut other = all.clone();
    other[3].1 = 5100;
    for (name, read) in [
        ("a value", file(&other)),
        ("between two", file(&one_more(SINCE + 33, 5000))),
        ("the last minute", file(&one_more(SINCE + 83, 5000))),
        ("another logger", File { logger: OTHER, ..file(&all) }),
        ("an interval", File { interval_s: Some(600), ..file(&all) }),
        ("no clock", File { clock: ClockQuality::NeverSet, ..file(&all) }),
    ] {
        let (stocks, reasons, due) = met(&[file(&all)], &[read], |_| {});
        assert_eq!((stocks, due), (vec![HELD; 2], true), "{name}");
        assert!(reasons.contains(&Reason::Provenance), "{name}: {reasons:?}");
    }
    let set = ClockSet { at: UtcMillis(0), to: UtcMillis(0), offset: UtcOffset(0), before: None };
    let set = |says: &mut Readings| says.clock_set = Some(set);
    assert_eq!(met(&[file(&all)], &[file(&all)], set).0, [HELD; 2], "the logger's clock was set");
}

#[test]
fn readings_that_a_clock_had_not_come_to_show_that_it_is_wrong_unless_that_was_known() {
    let (dock, mut phone) = Scene::released_by(&[file(&whole())]);
    phone.take_in((PHONE, SINCE + 60), &file(&whole()), |_| {});
    let both = dock.with(&phone);
    assert_eq!(both.stocks(), [HELD; 2]);
    let compared = |behind: i64| {
        let says = ClockCompared { peer: [PHONE; 32], difference_ms: -behind * MINUTE, dated_back: None };
        entry(DOCK, 0, SINCE + 5, Role::Pharmacist, &says)
    };
    let by_address = |batch: &Batch| (Batch::address(&batch.to_bytes().unwrap()), batch.clone());
    let batches = both.batches.iter().map(by_address).collect();
    let adds_nothing = |known: Vec<SignedEntry>| {
        let story = tell_with(both.entries.clone(), tell_organisation(known), &batches);
        let last = |of: &[u8; 32]| story.told.iter().rfind(|told| told.entry.reference.log == *of).unwrap();
        story.adds_nothing(last(&[PHONE; 32]), &last(&[DOCK; 32]).entry)
    };
    assert!(!adds_nothing(vec![]) && adds_nothing(vec![compared(25)]));
    assert!(!adds_nothing(vec![compared(10)]) && !adds_nothing(vec![compared(-25)]), "less, or ahead");
}

#[test]
fn readings_of_which_a_batch_is_not_held_count_as_new() {
    let (dock, mut phone) = Scene::released_by(&[file(&whole())]);
    phone.take_in((PHONE, SINCE + 84), &file(&whole()), |_| {});
    let mut both = dock.with(&phone);
    assert_eq!(both.stocks(), [FREE; 2]);
    both.batches.pop();
    assert_eq!(both.stocks(), [HELD; 2]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_release_stands_where_and_only_where_each_reading_of_another_device_was_known(
        own in proptest::collection::btree_set(0_usize..8, 1..8),
        read in proptest::collection::vec((0_usize..8, 0_usize..8), 1..4),
        warmer in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let all = whole();
        let own: Vec<(i64, i32)> = own.iter().map(|place| all[*place]).collect();
        let mut files: Vec<File> =
            read.iter().map(|(one, other)| file(&all[*one.min(other)..=*one.max(other)])).collect();
        if warmer {
            files[0].readings[0].1 = 5500;
        }
        let (dock, mut phone) = Scene::released_by(&[file(&own)]);
        files.iter().for_each(|file| phone.take_in((PHONE, SINCE + 84), file, |_| {}));
        let mut both = dock.with(&phone);
        let known = files.iter().flat_map(|file| &file.readings).all(|reading| own.contains(reading));
        let wanted = if known { FREE } else { HELD };
        prop_assert_eq!(both.stocks(), vec![wanted; 2]);
        // In whatever order the entries arrive.
        let places = both.entries.len();
        both.entries.rotate_left((seed as usize) % places);
        prop_assert_eq!(both.stocks(), vec![wanted; 2]);
    }
}
