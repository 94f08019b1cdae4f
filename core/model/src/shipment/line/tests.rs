//! Item lines judged by their own profile, their own loggers and every leg before.

mod barring;
mod certificates;
mod chains;
mod never_placed;
mod pauses;
mod placements;
mod queried;
mod worst;

use crate::api::{Device, QueryPack};
use crate::assess::{Reason, Verdict};
use crate::id::Id;
use crate::profile::{Budget, Profile, preset};
use crate::reading::{Channel, ClockQuality, Provenance, Quantity, Source};
use crate::record::{
    Address, AsFound, Batch, Body, BudgetKnown, Certificate, EntryReference, Fingerprint, ItemLine, Kind,
    Leg, LineBudget, Logger, Package, Placement, Readings, Received, Recognition, Shipment, Started,
};
use crate::role::Role;
use crate::shipment::{
    Fleet, ForeignLeg, Grounds, Judgement, STORIES_BEGIN, Sealed, SignedEntry, Story, judge, query_packs,
};
use crate::time::UtcMillis;
use crate::units::MilliCelsius;
use std::collections::BTreeMap;

const MINUTE: i64 = 60_000;
const PALLET: &str = "pallet";
const BOX: &str = "box";

fn at(minute: i64) -> UtcMillis {
    UtcMillis(minute * MINUTE)
}

fn placed<T>(minute: i64, says: T) -> crate::shipment::Placed<T> {
    let device = Device {
        log: "01".repeat(32),
        label: "dock".into(),
        role: Some(Role::Pharmacist),
        ..Device::default()
    };
    let reference = EntryReference { log: [1; 32], leaf: [2; 32] };
    crate::shipment::Placed { reference, at: at(minute), device, person: None, reason: None, says }
}

fn cold() -> Profile {
    preset("cdc-refrigerator").unwrap().profile.clone()
}

fn frozen() -> Profile {
    preset("cdc-freezer").unwrap().profile.clone()
}

/// 2 to 8 °C, and an hour from 8 to 25 in all.
fn with_budget() -> Profile {
    let budget =
        Budget { id: "room".into(), from: MilliCelsius(8_000), to: MilliCelsius(25_000), allowance_s: 3_600 };
    Profile { budgets: vec![budget], ..cold() }
}

fn item() -> ItemLine {
    ItemLine {
        product: "Vaccine".into(),
        gtin: None,
        lot: None,
        expiry: None,
        quantity: 1,
        package: None,
        serials: None,
        profile: None,
        legs: None,
        label: None,
    }
}

fn in_package(package: &str) -> ItemLine {
    ItemLine { package: Some(package.into()), ..item() }
}

fn after(legs: &[(u8, u32)]) -> ItemLine {
    let legs = legs.iter().map(|(shipment, line)| Leg { shipment: Id([*shipment; 16]), line: *line });
    ItemLine { legs: Some(legs.collect()), profile: Some(with_budget()), ..item() }
}

fn place(logger: u8, package: Option<&str>) -> Placement {
    Placement { logger: Id([logger; 16]), package: package.map(str::to_owned), from: None, to: None }
}

/// A shipment of 100 minutes with a reading of each logger every ten minutes.
#[derive(Default)]
struct Held {
    batches: BTreeMap<Address, Batch>,
    fleet: Fleet,
    earlier: BTreeMap<Id, Story>,
    foreign: BTreeMap<Id, ForeignLeg>,
    /// When shipments are created; by default before legs were asked whether they were watched.
    signed: UtcMillis,
    /// The minute at which the next shipment is picked up.
    begin: i64,
}

impl Held {
    fn story(
        &mut self,
        items: Vec<ItemLine>,
        placements: Vec<Placement>,
        values: &[(u8, [i32; 11])],
    ) -> Story {
        let packages = vec![
            Package { name: PALLET.into(), inside: None },
            Package { name: BOX.into(), inside: Some(PALLET.into()) },
            Package { name: "other".into(), inside: Some(PALLET.into()) },
        ];
        let created = Shipment {
            reference: "DN".into(),
            profile: cold(),
            from: None,
            to: None,
            items,
            packages: Some(packages),
        };
        let sealed = values.iter().map(|(logger, values)| self.seal(*logger, values)).collect();
        let (begin, end) = (self.begin, self.begin + 100);
        Story {
            created: Some(crate::shipment::Placed { at: self.signed, ..placed(begin, created) }),
            started: Some(placed(
                begin,
                Started { at: at(begin), placements, overrides: None, reason: None },
            )),
            received: Some(placed(end, Received { at: at(end), note: None, checklist: None, reason: None })),
            sealed,
            ..Story::default()
        }
    }

    fn seal(&mut self, logger: u8, values: &[i32]) -> Sealed {
        let channel = Channel { quantity: Quantity::Temperature, probe: 0 };
        let times: Vec<UtcMillis> =
            (0..).take(values.len()).map(|index| at(self.begin + index * 10)).collect();
        let readings = Readings {
            logger: Id([logger; 16]),
            channel,
            source: Source::Log,
            count: values.len() as u32,
            first: times[0],
            last: times[times.len() - 1],
            lateness: None,
            clock_set: None,
        };
        let batch = Batch {
            logger: readings.logger,
            channel,
            source: Source::Log,
            clock: ClockQuality::LoggerOwn,
            provenance: Provenance::P3,
            received: at(100),
            interval_s: Some(600),
            times,
            values: values.to_vec(),
            logger_times: None,
            sequences: None,
            raws: None,
            aggregation: None,
        };
        let address = Batch::address(&batch.to_bytes().unwrap());
        self.batches.insert(address, batch);
        Sealed { readings, address }
    }

    /// The next shipment is picked up when this one was received, and goes on from it as `(number, …)`.
    fn then(&mut self, number: u8, story: Story) {
        self.earlier.insert(Id([number; 16]), story);
        self.begin += 100;
    }

    fn grounds(&self) -> Grounds<'_> {
        let Self { batches, fleet, earlier, foreign, .. } = self;
        Grounds { batches, fleet, earlier, foreign }
    }

    fn judge(&self, story: &Story) -> Judgement {
        judge(story, &self.grounds())
    }

    /// What a manufacturer is told of lot A1.
    fn packs(&self, story: &Story) -> Vec<QueryPack> {
        query_packs(story, &self.judge(story), &self.grounds(), None, Some("A1"))
    }
}

/// So many minutes at 20 °C at the beginning, then 5 °C.
fn warm(minutes: usize) -> [i32; 11] {
    std::array::from_fn(|index| if index < minutes / 10 { 20_000 } else { 5_000 })
}

fn verdicts(judgement: &Judgement) -> Vec<Verdict> {
    judgement.lines.iter().map(|line| line.verdict).collect()
}

#[test]
fn each_line_is_judged_by_its_own_profile_and_the_worst_is_the_shipments() {
    let mut held = Held::default();
    let ice = ItemLine { profile: Some(frozen()), ..in_package("other") };
    let items = vec![in_package(BOX), ice];
    let placements = vec![place(1, Some(BOX)), place(2, Some("other"))];
    let fine = held.story(items.clone(), placements.clone(), &[(1, [5_000; 11]), (2, [-20_000; 11])]);
    let judgement = held.judge(&fine);
    assert_eq!(verdicts(&judgement), [Verdict::Ok, Verdict::Ok]);
    assert_eq!((judgement.verdict, judgement.reasons.as_slice()), (Verdict::Ok, &[][..]));
    assert_eq!(judgement.series[1].line, Some(1), "shown by the profile that it is judged by");
    let thawed = held.story(items, placements, &[(1, [5_000; 11]), (2, [5_000; 11])]);
    let judgement = held.judge(&thawed);
    assert_eq!(verdicts(&judgement), [Verdict::Ok, Verdict::Excursion]);
    assert_eq!(judgement.verdict, Verdict::Excursion);
}

#[test]
fn a_logger_on_the_pallet_counts_for_the_boxes_that_have_none_of_their_own() {
    let mut held = Held::default();
    let items = vec![in_package(BOX), in_package("other"), in_package(PALLET)];
    let placements = vec![place(1, Some(PALLET)), place(2, Some(BOX))];
    let story = held.story(items, placements, &[(1, [9_000; 11]), (2, [5_000; 11])]);
    let judgement = held.judge(&story);
    assert_eq!(verdicts(&judgement), [Verdict::Ok, Verdict::Excursion, Verdict::Excursion]);
    let loggers: Vec<usize> = judgement.lines.iter().map(|line| line.series.len()).collect();
    assert_eq!(loggers, [1, 1, 2], "the pallet's line is judged by what lies inside it too");
}

#[test]
fn a_manufacturer_is_told_of_the_very_readings_that_a_line_is_judged_by() {
    let mut held = Held::default();
    let item = ItemLine { lot: Some("A1".into()), ..in_package(BOX) };
    let relay = vec![place(1, Some(PALLET)), Placement { to: Some(at(50)), ..place(2, Some(BOX)) }];
    let story = held.story(vec![item], relay, &[(1, warm(80)), (2, warm(20))]);
    let judgement = held.judge(&story);
    let judged: Vec<Id> = judgement.lines[0].series.iter().map(|(series, _)| series.logger).collect();
    assert_eq!(judged, [Id([2; 16]), Id([1; 16])], "the box's own until it was taken out, then the pallet's");
    let packs = held.packs(&story);
    let told = &packs[0].lines[0].series;
    assert_eq!(told.iter().map(|series| series.logger).collect::<Vec<_>>(), judged);
    assert_eq!(told.iter().map(|series| series.readings).collect::<Vec<_>>(), [5, 6]);
}

#[test]
fn a_line_without_any_logger_has_no_readings_and_asks_for_review() {
    let mut held = Held::default();
    let story = held.story(vec![in_package(BOX)], vec![place(1, Some("other"))], &[(1, [5_000; 11])]);
    let judgement = held.judge(&story);
    assert_eq!(judgement.lines[0].reasons, [Reason::NoReadings]);
    assert_eq!((judgement.verdict, judgement.reasons), (Verdict::Review, vec![Reason::NoReadings]));
}

#[test]
fn a_logger_counts_for_a_package_only_while_it_lies_in_it() {
    let mut held = Held::default();
    let moved = vec![
        Placement { to: Some(at(50)), ..place(1, Some(BOX)) },
        Placement { from: Some(at(50)), ..place(1, Some("other")) },
    ];
    let mut values = [5_000; 11];
    values[8] = 9_000;
    let story = held.story(vec![in_package(BOX), in_package("other")], moved, &[(1, values)]);
    let judgement = held.judge(&story);
    assert_eq!(verdicts(&judgement), [Verdict::Review, Verdict::Excursion]);
    assert_eq!(judgement.lines[0].reasons, [Reason::Gap], "nothing was measured in it from then on");
}

#[test]
fn a_reading_at_the_end_of_a_placement_counts_for_the_next_package_alone() {
    let mut held = Held::default();
    let moved = vec![
        Placement { to: Some(at(50)), ..place(1, Some(BOX)) },
        Placement { from: Some(at(50)), ..place(2, Some(BOX)) },
        Placement { to: Some(at(50)), ..place(2, Some("other")) },
        Placement { from: Some(at(50)), ..place(1, Some("other")) },
    ];
    let mut values = [5_000; 11];
    values[5] = 9_000;
    let items = vec![in_package(BOX), in_package("other")];
    let story = held.story(items, moved, &[(1, values), (2, [5_000; 11])]);
    let judgement = held.judge(&story);
    assert_eq!(verdicts(&judgement), [Verdict::Ok, Verdict::Excursion]);
    let spans: Vec<u64> =
        judgement.lines.iter().map(|line| line.series[0].1.statistics.span.0 / 60_000).collect();
    assert_eq!(spans, [50, 50], "what it measured last holds to the end");
}

#[test]
fn a_logger_is_in_one_place_at_a_time() {
    let windows = |windows: &[(Option<i64>, Option<i64>)]| -> bool {
        let placed = |(from, to): &(Option<i64>, Option<i64>)| Placement {
            from: from.map(at),
            to: to.map(at),
            ..place(1, Some(BOX))
        };
        crate::shipment::in_two_places(&windows.iter().map(placed).collect::<Vec<_>>())
    };
    assert!(!windows(&[(None, Some(50)), (Some(50), None)]));
    assert!(!windows(&[(Some(50), None), (None, Some(20)), (Some(20), Some(50))]));
    assert!(windows(&[(None, Some(50)), (Some(40), None)]));
    assert!(windows(&[(None, None), (None, None)]));
    assert!(windows(&[(Some(10), Some(20)), (None, Some(11))]));
    assert!(!crate::shipment::in_two_places(&[place(1, Some(BOX)), place(2, Some(BOX))]));
}

#[test]
fn packages_that_lie_in_each_other_end_the_search() {
    let mut held = Held::default();
    let mut story = held.story(vec![in_package(BOX)], vec![place(1, None)], &[(1, [5_000; 11])]);
    let packages = vec![
        Package { name: BOX.into(), inside: Some(PALLET.into()) },
        Package { name: PALLET.into(), inside: Some(BOX.into()) },
    ];
    story.created.as_mut().unwrap().says.packages = Some(packages);
    assert_eq!(verdicts(&held.judge(&story)), [Verdict::Ok]);
}

fn budget(judgement: &Judgement) -> &LineBudget {
    &judgement.lines[0].budgets[0]
}

#[test]
fn time_inside_a_lines_budget_is_a_review_and_its_limit_alarm_does_not_decide() {
    let mut held = Held::default();
    let story = held.story(vec![after(&[])], vec![place(1, None)], &[(1, warm(60))]);
    let judgement = held.judge(&story);
    assert_eq!(
        (judgement.verdict, judgement.reasons.as_slice()),
        (Verdict::Review, &[Reason::BudgetUsed][..])
    );
    assert_eq!((budget(&judgement).used.0, budget(&judgement).left().0), (3_600_000, 0));
}

#[test]
fn a_budget_goes_on_from_earlier_legs_and_is_spent_at_its_minute() {
    let mut held = Held::default();
    let first = held.story(vec![after(&[])], vec![place(1, None)], &[(1, warm(30))]);
    held.then(7, first);
    let second = held.story(vec![after(&[(7, 0)])], vec![place(2, None)], &[(2, warm(20))]);
    held.then(8, second);
    let within = held.story(vec![after(&[(8, 0)])], vec![place(3, None)], &[(3, warm(10))]);
    let judgement = held.judge(&within);
    assert_eq!(judgement.reasons, [Reason::BudgetUsed]);
    let told = budget(&judgement);
    assert_eq!((told.used.0, told.used_before.0), (60 * 60_000, 50 * 60_000));
    assert_eq!(told.known, BudgetKnown::Complete);
    let beyond = held.story(vec![after(&[(8, 0)])], vec![place(3, None)], &[(3, warm(20))]);
    let judgement = held.judge(&beyond);
    assert_eq!(judgement.verdict, Verdict::Excursion);
    assert_eq!(budget(&judgement).spent_at, Some(at(210)));
}

#[test]
fn two_parts_of_a_line_that_was_split_both_inherit_what_it_had_used() {
    let mut held = Held::default();
    let whole = held.story(vec![after(&[])], vec![place(1, None)], &[(1, warm(40))]);
    held.then(7, whole);
    let story =
        held.story(vec![after(&[(7, 0)]), after(&[(7, 0)])], vec![place(2, None)], &[(2, [5_000; 11])]);
    let judgement = held.judge(&story);
    let used: Vec<u64> = judgement.lines.iter().map(|line| line.budgets[0].used.0 / 60_000).collect();
    assert_eq!(used, [40, 40]);
    assert_eq!(judgement.reasons, [Reason::BudgetUsed]);
}

/// The minutes used before of a line that is picked up at `begin` and goes on from these legs.
fn used_before(held: &mut Held, begin: i64, legs: &[(u8, u32)]) -> u64 {
    used_before_of(held, begin, legs, 1)
}

/// The same of a line of so many pieces.
fn used_before_of(held: &mut Held, begin: i64, legs: &[(u8, u32)], quantity: u32) -> u64 {
    held.begin = begin;
    let line = ItemLine { quantity, ..after(legs) };
    let story = held.story(vec![line], vec![place(9, None)], &[(9, [5_000; 11])]);
    budget(&held.judge(&story)).used_before.0 / 60_000
}

#[test]
fn lines_that_were_put_together_and_legs_side_by_side_do_not_add_up() {
    let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
    let lines = held.story(vec![after(&[]), after(&[])], vec![place(1, None)], &[(1, warm(40))]);
    held.then(7, lines);
    assert_eq!(used_before(&mut held, 100, &[(7, 0), (7, 1)]), 40, "two lines of one shipment");
    held.begin = 50;
    let overlapping = held.story(vec![after(&[])], vec![place(2, None)], &[(2, warm(30))]);
    held.earlier.insert(Id([8; 16]), overlapping);
    for legs in [[(7, 0), (8, 0)], [(8, 0), (7, 0)]] {
        assert_eq!(used_before_of(&mut held, 150, &legs, 2), 40, "two shipments that overlap");
        assert_eq!(
            used_before_of(&mut held, 150, &legs, 1),
            70,
            "one vial went through both, the first ended late"
        );
    }
    held.begin = 100;
    let later = held.story(vec![after(&[])], vec![place(3, None)], &[(3, warm(30))]);
    held.earlier.insert(Id([6; 16]), later);
    assert_eq!(used_before(&mut held, 200, &[(7, 0), (6, 0)]), 70, "one after another");
    assert_eq!(used_before(&mut held, 200, &[(6, 0), (7, 0)]), 70, "in whatever order they are named");
}

#[test]
fn goods_that_were_parted_and_put_together_again_have_used_what_the_worst_way_had() {
    let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
    let whole = held.story(vec![after(&[])], vec![place(1, None)], &[(1, warm(10))]);
    held.then(7, whole);
    for (number, minutes) in [(5, 20), (6, 30)] {
        let part = held.story(vec![after(&[(7, 0)])], vec![place(2, None)], &[(2, warm(minutes))]);
        held.earlier.insert(Id([number; 16]), part);
    }
    assert_eq!(used_before(&mut held, 200, &[(5, 0), (6, 0)]), 40, "10 together, then 20 or 30");
    assert_eq!(used_before(&mut held, 200, &[(7, 0), (5, 0), (6, 0)]), 40, "however many it names");
    held.begin = 200;
    let after_both = held.story(vec![after(&[(5, 0), (6, 0)])], vec![place(3, None)], &[(3, warm(10))]);
    held.earlier.insert(Id([4; 16]), after_both);
    assert_eq!(used_before(&mut held, 300, &[(4, 0)]), 50);
}

#[test]
fn a_leg_that_is_not_held_leaves_at_most_so_much_and_asks_for_review() {
    let mut held = Held::default();
    let story = held.story(vec![after(&[(9, 0)])], vec![place(1, None)], &[(1, [5_000; 11])]);
    let judgement = held.judge(&story);
    assert_eq!(
        (judgement.verdict, judgement.reasons.as_slice()),
        (Verdict::Review, &[Reason::LegMissing][..])
    );
    assert_eq!(budget(&judgement).known, BudgetKnown::LegMissing);
    assert_eq!(budget(&judgement).left().0, 3_600_000, "at most");
}

#[test]
fn a_leg_of_another_organisation_counts_and_asks_for_review_where_nobody_knows_that_organisation() {
    let mut held = Held::default();
    let theirs = held.story(vec![after(&[])], vec![place(1, None)], &[(1, warm(30))]);
    held.then(7, theirs);
    let story = held.story(vec![after(&[(7, 0)])], vec![place(2, None)], &[(2, warm(10))]);
    let mut told_by = |recognition| {
        let organisation = Fingerprint([5; 32]);
        let (fleet, clock_difference, takings) = (Fleet::default(), None, Vec::new());
        let leg = ForeignLeg { organisation, fleet, recognition, clock_difference, histories: None, takings };
        held.foreign.insert(Id([7; 16]), leg);
        held.judge(&story)
    };
    let known = told_by(Recognition::Pinned);
    assert_eq!(known.reasons, [Reason::BudgetUsed]);
    let told = budget(&known);
    assert_eq!(
        (told.used.0, told.used_before.0, told.known),
        (40 * 60_000, 30 * 60_000, BudgetKnown::Complete)
    );
    assert_eq!(known.lines[0].foreign_legs[0].partner.organisation, Fingerprint([5; 32]));
    let unknown = told_by(Recognition::Unknown);
    assert_eq!(unknown.reasons, [Reason::BudgetUsed, Reason::PartnerUnknown]);
    assert_eq!((unknown.verdict, budget(&unknown)), (Verdict::Review, budget(&known)));
}

#[test]
fn a_leg_without_readings_or_without_that_line_is_missing_too() {
    let mut held = Held::default();
    let silent = held.story(vec![after(&[])], vec![place(1, None)], &[]);
    held.then(7, silent);
    for leg in [(7, 0), (7, 3)] {
        let story = held.story(vec![after(&[leg])], vec![place(2, None)], &[(2, [5_000; 11])]);
        assert_eq!(held.judge(&story).reasons, [Reason::LegMissing], "{leg:?}");
    }
}

#[test]
fn legs_that_lead_back_to_themselves_are_refused_and_each_counts_once() {
    let mut held = Held::default();
    let one = held.story(vec![after(&[(8, 0)])], vec![place(1, None)], &[(1, warm(10))]);
    held.then(7, one);
    let other = held.story(vec![after(&[(7, 0)])], vec![place(2, None)], &[(2, warm(10))]);
    held.then(8, other);
    let story = held.story(vec![after(&[(7, 0), (8, 0)])], vec![place(3, None)], &[(3, [5_000; 11])]);
    let judgement = held.judge(&story);
    assert_eq!(judgement.reasons, [Reason::BudgetUsed, Reason::LegMissing]);
    assert_eq!(budget(&judgement).used.0, 10 * 60_000, "on either way");
}

#[test]
fn loggers_side_by_side_do_not_add_up_and_loggers_one_after_another_do() {
    let mut held = Held::default();
    let beside =
        held.story(vec![after(&[])], vec![place(1, None), place(2, None)], &[(1, warm(30)), (2, warm(30))]);
    assert_eq!(budget(&held.judge(&beside)).used.0, 30 * 60_000);
    let relay = vec![
        Placement { to: Some(at(50)), ..place(1, None) },
        Placement { from: Some(at(50)), ..place(2, None) },
    ];
    let mut late = [5_000; 11];
    late[6] = 20_000;
    let relayed = held.story(vec![after(&[])], relay, &[(1, warm(30)), (2, late)]);
    assert_eq!(budget(&held.judge(&relayed)).used.0, 40 * 60_000);
}

#[test]
fn lines_of_more_pieces_than_their_leg_had_are_told_together_and_each() {
    use crate::api::LegDifference::Quantity;
    let pieces = |quantity, item: ItemLine| ItemLine { quantity, ..item };
    let mut held = Held::default();
    let whole = vec![pieces(3, after(&[])), pieces(3, after(&[]))];
    let whole = held.story(whole, vec![place(1, None)], &[(1, [5_000; 11])]);
    held.then(7, whole);
    let mut told = |items: Vec<ItemLine>| -> Vec<bool> {
        let story = held.story(items, vec![place(2, None)], &[(2, [5_000; 11])]);
        let lines = held.judge(&story).lines;
        lines.iter().map(|line| line.leg_warnings.iter().any(|one| one.differs == [Quantity])).collect()
    };
    assert_eq!(told(vec![pieces(2, after(&[(7, 0)])), pieces(1, after(&[(7, 0)]))]), [false, false]);
    assert_eq!(told(vec![pieces(3, after(&[(7, 0)])), pieces(3, after(&[(7, 0)]))]), [true, true]);
    assert_eq!(told(vec![pieces(6, after(&[(7, 0), (7, 1)]))]), [false], "two lines that were put together");
    assert_eq!(told(vec![pieces(7, after(&[(7, 0), (7, 1)]))]), [true]);
}

#[test]
fn shipments_that_go_on_from_one_leg_are_told_where_they_are_more_pieces_together() {
    use crate::record::Closing;
    const NONE: [u32; 0] = [];
    let pieces = |quantity, legs: &[(u8, u32)]| ItemLine { quantity, ..after(legs) };
    let mut held = Held::default();
    let whole = held.story(vec![pieces(3, &[]), pieces(3, &[])], vec![], &[]);
    held.then(7, whole);
    let mut told = |own: &[ItemLine], other: ItemLine, closing: Option<Closing>| -> Vec<u32> {
        let other = Story { closing, ..held.story(vec![other], vec![], &[]) };
        let warnings = crate::shipment::more_together(own, &[other], &held.earlier);
        warnings.into_iter().map(|warning| warning.leg_line).collect()
    };
    let own = [pieces(2, &[(7, 0)])];
    assert_eq!(told(&own, pieces(1, &[(7, 0)]), None), NONE);
    assert_eq!(told(&own, pieces(2, &[(7, 0)]), None), [0]);
    assert_eq!(told(&own, pieces(2, &[(7, 1)]), None), NONE);
    assert_eq!(told(&own, pieces(2, &[(7, 0)]), Some(Closing::Cancelled)), NONE, "it never took place");
    assert_eq!(told(&own, pieces(4, &[(7, 0), (7, 1)]), None), NONE, "the other leg may have given three");
    assert_eq!(told(&own, pieces(5, &[(7, 0), (7, 1)]), None), [0]);
    assert_eq!(told(&own, pieces(2, &[(9, 0)]), None), NONE, "nobody knows what is not held here");
}

fn used_minutes(judgement: &Judgement) -> u64 {
    budget(judgement).used.0 / 60_000
}

/// A logger, from when to when it counts.
type Counted = (u8, Option<i64>, Option<i64>);

fn from_to(logger: u8, package: Option<&str>, from: Option<i64>, to: Option<i64>) -> Placement {
    Placement { from: from.map(at), to: to.map(at), ..place(logger, package) }
}

#[test]
fn loggers_that_relieve_each_other_add_up_however_long_both_were_there() {
    for overlap in [0, 1, 10, 30] {
        let mut held = Held::default();
        let relay = vec![from_to(1, None, None, Some(50 + overlap)), from_to(2, None, Some(50), None)];
        let story = held.story(vec![after(&[])], relay, &[(1, [20_000; 11]), (2, [20_000; 11])]);
        let judgement = held.judge(&story);
        assert_eq!(used_minutes(&judgement), 100, "{overlap}");
        assert_eq!(budget(&judgement).spent_at, Some(at(60)), "{overlap}");
        held.then(7, story);
        let next = held.story(vec![after(&[(7, 0)])], vec![place(3, None)], &[(3, [5_000; 11])]);
        assert_eq!(budget(&held.judge(&next)).used_before.0, 100 * 60_000, "an earlier leg alike, {overlap}");
    }
}

#[test]
fn time_in_which_no_logger_counts_for_a_line_is_a_gap_and_budgets_at_their_worst() {
    let windows: [&[Counted]; 3] =
        [&[(1, None, Some(40)), (2, Some(70), None)], &[(1, Some(30), None)], &[(1, None, Some(60))]];
    for placed in windows {
        let mut held = Held::default();
        let placements = placed.iter().map(|(logger, from, to)| from_to(*logger, None, *from, *to)).collect();
        let cold: Vec<_> = placed.iter().map(|(logger, ..)| (*logger, [5_000; 11])).collect();
        let story = held.story(vec![after(&[])], placements, &cold);
        let judgement = held.judge(&story);
        assert_eq!(judgement.lines[0].reasons, [Reason::Gap], "{placed:?}");
        assert_eq!(judgement.verdict, Verdict::Review);
    }
    for (first, second, most) in
        [([20_000; 11], [5_000; 11], 80), ([5_000; 11], [20_000; 11], 70), ([20_000; 11], [20_000; 11], 110)]
    {
        let mut held = Held::default();
        let relay = vec![from_to(1, None, None, Some(40)), from_to(2, None, Some(70), None)];
        let story = held.story(vec![after(&[])], relay, &[(1, first), (2, second)]);
        let judgement = held.judge(&story);
        let told = budget(&judgement).used_max.0 / 60_000;
        assert!(told.abs_diff(most) <= 10, "{told} of {most}: the time is counted once");
        assert!(judgement.lines[0].reasons.contains(&Reason::Gap));
    }
}

#[test]
fn a_change_of_loggers_shorter_than_one_and_a_half_intervals_is_no_gap() {
    let mut held = Held::default();
    let relay = vec![from_to(1, None, None, Some(35)), from_to(2, None, Some(39), None)];
    let story = held.story(vec![after(&[])], relay, &[(1, [5_000; 11]), (2, [5_000; 11])]);
    assert_eq!(held.judge(&story).reasons, []);
}

#[test]
fn a_reading_at_the_one_instant_of_a_span_or_at_its_end_counts_for_its_line() {
    let mut held = Held::default();
    let mut at_once = held.story(vec![item()], vec![place(1, None)], &[(1, [22_000; 11])]);
    at_once.received.as_mut().unwrap().says.at = at(0);
    let judgement = held.judge(&at_once);
    assert_eq!((verdicts(&judgement), &judgement.lines[0].reasons[..]), (vec![Verdict::Excursion], &[][..]));
    assert_eq!(judgement.lines[0].series[0].1.statistics.count, 1);
    let mut last = [5_000; 11];
    last[10] = 22_000;
    let at_the_end = vec![from_to(1, None, None, Some(100)), from_to(2, None, Some(100), None)];
    let relieved = held.story(vec![item()], at_the_end.clone(), &[(1, [5_000; 11]), (2, last)]);
    assert_eq!(verdicts(&held.judge(&relieved)), [Verdict::Excursion]);
    let silent = held.story(vec![item()], at_the_end, &[(1, [5_000; 11])]);
    assert_eq!(held.judge(&silent).lines[0].reasons, [], "who brought no reading leaves none out");
    let boxed = vec![from_to(1, Some(BOX), None, Some(100)), place(2, Some(PALLET))];
    let unpacked = held.story(vec![in_package(BOX)], boxed, &[(1, [5_000; 11]), (2, last)]);
    assert_eq!(verdicts(&held.judge(&unpacked)), [Verdict::Excursion], "the pallet's is the nearest then");
}

#[test]
fn a_box_is_judged_at_each_moment_by_the_nearest_logger_that_was_there() {
    let mut held = Held::default();
    let own = ItemLine { profile: Some(cold()), ..in_package(BOX) };
    let moved = vec![from_to(1, Some(PALLET), None, Some(45)), from_to(1, Some(BOX), Some(45), None)];
    for item in [in_package(BOX), own] {
        let story = held.story(vec![item], moved.clone(), &[(1, warm(40))]);
        let judgement = held.judge(&story);
        assert_eq!(verdicts(&judgement), [Verdict::Excursion]);
        assert_eq!(judgement.lines[0].series.len(), 2);
        assert_eq!(judgement.verdict, Verdict::Excursion);
    }
}

#[test]
fn what_a_logger_measured_where_no_line_lay_counts_by_the_shipments_profile() {
    let mut held = Held::default();
    let ice = ItemLine { profile: Some(frozen()), ..in_package(BOX) };
    let moved = vec![from_to(1, Some("other"), None, Some(50)), from_to(1, Some(BOX), Some(50), None)];
    let values = std::array::from_fn(|index| if index < 5 { 20_000 } else { -20_000 });
    let story = held.story(vec![ice], moved, &[(1, values)]);
    let judgement = held.judge(&story);
    assert_eq!((judgement.series[0].line, judgement.verdict), (None, Verdict::Excursion));
}

#[test]
fn a_part_that_left_on_the_way_inherits_nothing_of_what_came_after() {
    let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
    let parent = held.story(vec![after(&[])], vec![place(1, None)], &[(1, [20_000; 11])]);
    held.earlier.insert(Id([7; 16]), parent);
    held.begin = 30;
    let child = held.story(vec![after(&[(7, 0)])], vec![place(2, None)], &[(2, warm(20))]);
    let judgement = held.judge(&child);
    assert_eq!((used_minutes(&judgement), budget(&judgement).used_before.0 / 60_000), (50, 30));
    assert_eq!(budget(&judgement).known, BudgetKnown::Complete);
    assert_eq!(judgement.verdict, Verdict::Review);
    held.earlier.get_mut(&Id([7; 16])).unwrap().received = None;
    assert_eq!(budget(&held.judge(&child)).known, BudgetKnown::Complete, "under way, and read to the split");
    held.begin = 130;
    let later = held.story(vec![after(&[(7, 0)])], vec![place(2, None)], &[(2, [5_000; 11])]);
    assert_eq!(budget(&held.judge(&later)).known, BudgetKnown::LegMissing, "half an hour was not read");
}

#[test]
fn a_part_that_left_before_the_legs_next_logger_came_inherits_up_to_its_own_pick_up() {
    let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
    let first = Placement { to: Some(at(60)), ..place(1, None) };
    let relief = Placement { from: Some(at(60)), ..place(2, None) };
    let parent = held.story(vec![after(&[])], vec![first, relief], &[(1, [20_000; 11]), (2, [20_000; 11])]);
    held.earlier.insert(Id([7; 16]), parent);
    held.begin = 30;
    let child = held.story(vec![after(&[(7, 0)])], vec![place(3, None)], &[(3, [5_000; 11])]);
    let judgement = held.judge(&child);
    assert_eq!(budget(&judgement).used_before.0 / 60_000, 30);
    assert_eq!(budget(&judgement).known, BudgetKnown::Complete);
}

#[test]
fn the_last_reading_of_a_leg_under_way_holds_until_the_goods_left_it_as_in_one_that_was_received() {
    for received in [true, false] {
        for (left, used, most) in [(114, 114, 114), (120, 100, 120)] {
            let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
            let mut leg = held.story(vec![after(&[])], vec![place(1, None)], &[(1, [20_000; 11])]);
            leg.received.as_mut().unwrap().says.at = at(left);
            leg.received = leg.received.filter(|_| received);
            held.then(7, leg);
            held.begin = left;
            let next = held.story(vec![after(&[(7, 0)])], vec![place(2, None)], &[(2, [5_000; 11])]);
            let judgement = held.judge(&next);
            let told = budget(&judgement);
            let minutes = (told.used_before.0 / 60_000, told.used_max.0 / 60_000);
            assert_eq!(minutes, (used, most), "received: {received}, left at {left}");
        }
    }
}

#[test]
fn a_leg_of_which_a_logger_was_not_read_or_after_which_nobody_watched_is_not_wholly_known() {
    let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
    let half_read = held.story(vec![after(&[])], vec![place(1, None), place(2, None)], &[(1, [5_000; 11])]);
    held.then(7, half_read);
    let next = held.story(vec![after(&[(7, 0)])], vec![place(3, None)], &[(3, [5_000; 11])]);
    let judgement = held.judge(&next);
    assert_eq!(
        (budget(&judgement).known, judgement.reasons),
        (BudgetKnown::LegMissing, vec![Reason::LegMissing])
    );
    for (pause, known) in [(15, BudgetKnown::Complete), (16, BudgetKnown::LegMissing)] {
        let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
        let first = held.story(vec![after(&[])], vec![place(1, None)], &[(1, [5_000; 11])]);
        held.then(7, first);
        held.begin += pause;
        let next = held.story(vec![after(&[(7, 0)])], vec![place(2, None)], &[(2, [5_000; 11])]);
        assert_eq!(budget(&held.judge(&next)).known, known, "{pause} minutes between the two");
    }
}

#[test]
fn a_budget_that_was_used_or_spent_is_told_under_whatever_profile_the_goods_go_on() {
    for (minutes, verdict, spent) in [(40, Verdict::Review, None), (90, Verdict::Excursion, Some(at(60)))] {
        let mut held = Held::default();
        let first = held.story(vec![after(&[])], vec![place(1, None)], &[(1, warm(minutes))]);
        held.then(7, first);
        let generous = Budget { allowance_s: 86_400, ..with_budget().budgets[0].clone() };
        let other = Profile { budgets: vec![generous], ..cold() };
        for profile in [cold(), other] {
            let item = ItemLine { profile: Some(profile), ..after(&[(7, 0)]) };
            let story = held.story(vec![item], vec![place(2, None)], &[(2, [5_000; 11])]);
            let judgement = held.judge(&story);
            let barred = spent.map(|_| Reason::LegNotReleased);
            let wanted: Vec<Reason> = [Some(Reason::BudgetUsed), barred].into_iter().flatten().collect();
            assert_eq!((judgement.verdict, judgement.reasons.clone()), (verdict, wanted));
            let told = judgement.lines[0].budgets.last().unwrap();
            assert_eq!((told.used.0, told.spent_at), (minutes as u64 * 60_000, spent));
            assert!(judgement.lines[0].leg_warnings[0].differs.contains(&crate::api::LegDifference::Budget));
        }
    }
}

#[test]
fn a_legs_budget_is_not_the_same_under_other_limits_or_another_guard_band_or_interval() {
    use crate::profile::Limits;
    let wide = Limits { max: MilliCelsius(12_000), ..with_budget().limits };
    let others = [
        Profile { limits: wide, ..with_budget() },
        Profile { guard_band: MilliCelsius(500), ..with_budget() },
        Profile { interval_s: 60, ..with_budget() },
    ];
    for profile in others {
        let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
        let values = std::array::from_fn(|index| if index < 9 { 10_000 } else { 5_000 });
        let first = held.story(vec![after(&[])], vec![place(1, None)], &[(1, values)]);
        held.then(7, first);
        let item = ItemLine { profile: Some(profile), ..after(&[(7, 0)]) };
        let story = held.story(vec![item], vec![place(2, None)], &[(2, [5_000; 11])]);
        let line = &held.judge(&story).lines[0];
        let told = line.budgets.last().unwrap();
        assert!(told.id.starts_with("room ("), "told by the leg's name: {}", told.id);
        assert_eq!((told.used.0, told.spent_at), (90 * 60_000, Some(at(60))));
        assert_eq!(line.verdict, Verdict::Excursion);
        assert_eq!(
            line.leg_warnings[0].differs,
            [crate::api::LegDifference::Budget, crate::api::LegDifference::Stock]
        );
    }
    let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
    let first = held.story(vec![after(&[])], vec![place(1, None)], &[(1, warm(40))]);
    held.then(7, first);
    let renamed = Profile { name: "Another".into(), ..with_budget() };
    let item = ItemLine { profile: Some(renamed), ..after(&[(7, 0)]) };
    let story = held.story(vec![item], vec![place(2, None)], &[(2, [5_000; 11])]);
    assert_eq!(held.judge(&story).lines[0].budgets.len(), 1, "told once where it is the same");
}

#[test]
fn a_legs_budget_goes_on_under_another_profile_until_it_is_spent() {
    let mut held = Held::default();
    let first = held.story(vec![after(&[])], vec![place(1, None)], &[(1, warm(40))]);
    held.then(7, first);
    let item = ItemLine { profile: Some(cold()), ..after(&[(7, 0)]) };
    let story = held.story(vec![item], vec![place(2, None)], &[(2, warm(30))]);
    let judgement = held.judge(&story);
    let told = judgement.lines[0].budgets.last().unwrap();
    assert_eq!((told.used_before.0, told.used.0), (40 * 60_000, 70 * 60_000));
    assert_eq!((judgement.verdict, told.spent_at.is_some()), (Verdict::Excursion, true));
}

#[test]
fn a_line_is_signed_with_what_is_needed_to_compute_it_again() {
    let mut held = Held::default();
    let story = held.story(vec![item(), after(&[])], vec![place(1, None)], &[(1, warm(20))]);
    let records: Vec<_> =
        (0..).zip(&held.judge(&story).lines).map(|(place, line)| line.to_record(place)).collect();
    assert_eq!(records[0].assessments, None, "the shipment's own series say the same");
    assert_eq!(records[1].assessments.as_ref().map(Vec::len), Some(1));
    assert_eq!((records[1].line, records[1].budgets.len()), (1, 1));
}
