//! By which interval the gaps of a logger are judged whose readings came from several files.

use super::*;

/// A file's readings of 5 °C at these minutes.
fn file(sequence: u64, interval_s: Option<u32>, minutes: &[i64]) -> (SignedEntry, Batch) {
    of(Source::Import, sequence, interval_s, minutes)
}

fn of(source: Source, sequence: u64, interval_s: Option<u32>, minutes: &[i64]) -> (SignedEntry, Batch) {
    let (mut entry, batch) = readings(2, sequence, 10, &vec![5000; minutes.len()], Provenance::P3);
    let times: Vec<UtcMillis> = minutes.iter().map(|minute| UtcMillis(minute * MINUTE)).collect();
    let says = Readings::from_bytes(&entry.body).unwrap();
    entry.body = Readings { source, first: times[0], last: *times.last().unwrap(), ..says }.to_bytes();
    let batch = Batch { source, interval_s, times, ..batch };
    entry.batches = vec![Batch::address(&batch.to_bytes().unwrap())];
    (entry, batch)
}

/// The interval by which these are judged and how many readings count, whichever of them comes first, under a
/// profile of thirty minutes.
fn interval(sealed: &[(SignedEntry, Batch)]) -> (u32, usize) {
    let told = |sealed: &[(SignedEntry, Batch)]| {
        let (entries, batches): (Vec<SignedEntry>, Vec<Batch>) = sealed.iter().cloned().unzip();
        let around = [
            entry(1, 1, 0, Role::Pharmacist, &created()),
            entry(1, 2, 5, Role::Pharmacist, &started(10)),
            entry(2, 90, 105, Role::Courier, &received(100)),
        ];
        let (_, judgement) = judged(around.into_iter().chain(entries).collect(), &batches);
        let series = &judgement.series[0];
        assert_eq!(series.assessment.statistics.interval_s, series.interval_s);
        assert_eq!(series.provenance[0].readings as usize, series.points.len(), "each counts once");
        (series.interval_s, series.points.len())
    };
    let mut turned = sealed.to_vec();
    let first = told(&turned);
    for _ in sealed {
        turned.rotate_left(1);
        assert_eq!(told(&turned), first, "whichever came first");
    }
    first
}

#[test]
fn the_shortest_interval_of_any_file_judges_the_gaps_and_no_files_hides_those_of_another() {
    let hole: Vec<i64> = (2..6).chain(14..20).map(|place| place * 5).collect();
    let slow = [10, 40, 70, 100];
    assert_eq!(
        interval(&[file(3, None, &hole)]),
        (1800, 10),
        "the profile's stands for a file that tells none"
    );
    assert_eq!(interval(&[file(3, Some(300), &hole), file(4, Some(1800), &slow)]), (300, 12));
    // What a file that tells none holds as well was read with that file's interval.
    assert_eq!(interval(&[file(3, None, &hole), file(4, Some(300), &hole)]), (300, 10));
    assert_eq!(interval(&[file(3, None, &slow), file(4, Some(3600), &slow)]), (3600, 4));
    // For what it alone holds the profile's interval stands.
    assert_eq!(interval(&[file(3, None, &hole), file(4, Some(3600), &slow)]), (1800, 12));
    let memory = of(Source::Log, 3, None, &hole);
    assert_eq!(interval(&[memory, file(4, Some(3600), &hole)]), (3600, 10));
}
