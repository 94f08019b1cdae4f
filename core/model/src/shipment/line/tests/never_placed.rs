//! What a logger reads that nobody placed, while others are placed, is shown and counts for nothing.

use super::*;
use crate::api::Counting::{Counts, Outside, Unplaced};
use crate::api::ShipmentDetail;
use crate::shipment::NeverPlaced;

const STRANGER: Id = Id([9; 16]);

/// As it stands without the file of a stranger and with it, and how the second is shown.
fn judged(
    items: &[ItemLine],
    placements: &[Placement],
    values: &[(u8, [i32; 11])],
    stranger: i32,
) -> (Judgement, Judgement, ShipmentDetail) {
    let mut held = Held::default();
    let without = held.story(items.to_vec(), placements.to_vec(), values);
    let values = [values, &[(9, [stranger; 11])]].concat();
    let with = held.story(items.to_vec(), placements.to_vec(), &values);
    let judgement = held.judge(&with);
    let detail = crate::shipment::detail(Id([8; 16]), &with, &judgement, &BTreeMap::new());
    (held.judge(&without), judgement, detail)
}

#[test]
fn the_file_of_a_logger_that_nobody_placed_neither_saves_nor_spoils_a_line() {
    let until = |package: Option<&str>| Placement { to: Some(at(30)), ..place(1, package) };
    let read = (1, [5_000; 11]);
    let (loose, in_box) = (vec![item()], vec![in_package(BOX)]);
    for (items, placements, values) in [
        // A logger that was lost, one that was taken out, and one that was there throughout.
        (&loose, place(1, None), vec![]),
        (&in_box, place(1, Some(BOX)), vec![]),
        (&in_box, until(Some(BOX)), vec![read]),
        (&loose, until(None), vec![read]),
        (&in_box, place(1, Some(BOX)), vec![read]),
        (&loose, place(1, None), vec![read]),
        (&in_box, place(1, Some("other")), vec![read]),
        (&vec![], until(None), vec![read]),
        (&vec![], place(1, None), vec![]),
    ] {
        for stranger in [5_000, 30_000, -20_000] {
            let (without, with, detail) = judged(items, std::slice::from_ref(&placements), &values, stranger);
            assert_eq!((with.verdict, &with.reasons), (without.verdict, &without.reasons), "{placements:?}");
            assert_eq!(with.lines, without.lines);
            assert_eq!((&with.freshness, &with.calibration), (&without.freshness, &without.calibration));
            let of_placed: Vec<_> = with.series.iter().filter(|one| one.logger != STRANGER).collect();
            assert_eq!(of_placed, without.series.iter().collect::<Vec<_>>());
            let shown = with.series.iter().find(|one| one.logger == STRANGER).unwrap();
            assert_eq!((shown.points.len(), shown.assessment.statistics.count), (11, 0));
            assert!(shown.assessment.excursions.is_empty() && shown.assessment.fired().next().is_none());
            let counts = [Counts, Unplaced, Outside].map(|wanted| detail.count_of(shown, wanted));
            assert_eq!(counts, [0, 11, 0]);
        }
    }
}

#[test]
fn where_nothing_is_placed_every_logger_that_was_read_counts() {
    for (value, verdict) in [(5_000, Verdict::Ok), (30_000, Verdict::Excursion)] {
        let (_, with, detail) = judged(&[in_package(BOX)], &[], &[], value);
        assert_eq!((with.verdict, verdicts(&with)), (verdict, vec![verdict]));
        assert_eq!(detail.count_of(&with.series[0], Counts), 11);
    }
}

#[test]
fn a_logger_in_no_package_counts_for_the_lines_around_it() {
    let placements = [Placement { to: Some(at(30)), ..place(1, Some(BOX)) }, place(2, None)];
    let read = [(1, [5_000; 11]), (2, [5_000; 11])];
    let (_, with, _) = judged(&[in_package(BOX)], &placements, &read, 30_000);
    assert_eq!((with.verdict, with.reasons), (Verdict::Ok, vec![]));
}

#[test]
fn an_earlier_release_let_a_logger_that_nobody_placed_fill_the_gap() {
    let mut held = Held::default();
    let placed = Placement { to: Some(at(30)), ..place(1, Some(BOX)) };
    let story = held.story(vec![in_package(BOX)], vec![placed], &[(1, [5_000; 11]), (9, [5_000; 11])]);
    let by = |never_placed| verdicts(&held.judge(&Story { never_placed, ..story.clone() }));
    assert_eq!(by(NeverPlaced::CountsAsLoose), [Verdict::Ok]);
    assert_eq!(by(NeverPlaced::CountsForNothing), [Verdict::Review]);
}
