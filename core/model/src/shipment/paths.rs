//! Which earlier legs of a line came one after another, and which side by side.

use super::late::CLOCK_TOLERANCE_MS;
use super::story::Story;
use crate::assess::Span;
use crate::record::{ItemLine, Leg};
use crate::time::UtcMillis;
use std::collections::BTreeSet;

/// One leg as its place among the others needs it.
pub(super) struct Node<'a> {
    pub leg: Leg,
    /// The legs that it names as its own earlier ones.
    pub before: &'a [Leg],
    /// How many pieces it had.
    pub quantity: u32,
    /// How many they were together with those of its shipment's other lines that name the same earlier ones.
    pub together: u64,
    /// From its pick-up to its arrival, or to the moment at which the goods left it before.
    pub span: Span,
}

/// What a leg goes on from.
pub(super) struct Path {
    /// Which of the nodes it is.
    pub node: usize,
    /// The nodes right before it: of those on one way the last alone.
    pub after: Vec<usize>,
}

/// The line that all of them lead to.
#[derive(Clone, Copy)]
pub(super) struct Last<'a> {
    /// The legs that it names.
    pub legs: &'a [Leg],
    /// How many pieces it is, together with its shipment's other lines that name the same legs.
    pub together: u64,
}

/// All legs, each after those that it goes on from, and the nodes right before the last line.
///
/// A leg goes on from those that it names. One that names none of another's branch goes on from that other one
/// where that had ended when it began, for two signatures of one hand-over may differ by as much as clocks do. Legs
/// that overlap by more are side by side where what goes on from them has the pieces of all of them; where it has
/// not, some went through both, and what took longer to be signed is no reason to forget the first: the goods may
/// have gone on to the later one at its pick-up, or have stayed. What was parted and put together again went one way
/// or another: the legs that go on from one which had pieces enough for all of them are its parts, whenever they went.
/// `nodes` have each leg after those that it names, but for circles.
pub(super) fn paths(nodes: &[Node<'_>], last: Last<'_>) -> (Vec<Path>, Vec<usize>) {
    let named = named(nodes);
    let mut before: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); nodes.len()];
    let mut paths: Vec<Path> = Vec::new();
    for node in in_order(nodes, &named) {
        let Some((this, own)) = nodes.get(node).zip(named.get(node)) else { continue };
        let of_one_branch = |other: &usize| {
            let other_named = named.get(*other);
            own.iter().all(|one| other_named.is_some_and(|all| all.contains(one)))
        };
        let others = paths.iter().map(|path| path.node).filter(of_one_branch);
        let others = others.filter(|other| !are_parts(nodes, &named, (node, *other)));
        let has_ended = |other: &usize| nodes.get(*other).is_some_and(|other| other.has_ended_before(this));
        let (in_time, overlapping): (Vec<usize>, Vec<usize>) = others.partition(has_ended);
        let sources: BTreeSet<usize> = in_time.into_iter().chain(own.iter().copied()).collect();
        let mut all = sources.clone();
        all.extend(sources.iter().filter_map(|source| before.get(*source)).flatten().copied());
        let may_go_on = |other: &usize| {
            let elsewhere = nodes.get(*other).is_some_and(|other| other.leg.shipment != this.leg.shipment);
            elsewhere && !all.contains(other) && !are_joined(nodes, &named, last, (node, *other))
        };
        let also = overlapping.into_iter().filter(may_go_on);
        paths.push(Path { node, after: last_of(&sources, &before).into_iter().chain(also).collect() });
        if let Some(place) = before.get_mut(node) {
            *place = all;
        }
    }
    let named_last =
        (0..nodes.len()).filter(|node| nodes.get(*node).is_some_and(|one| last.legs.contains(&one.leg)));
    let ends = last_of(&named_last.collect(), &before);
    (paths, ends)
}

/// How many pieces a line is together with those of its shipment that go on from the same legs.
pub(super) fn together(story: &Story, line: &ItemLine) -> u64 {
    let items = story.created.iter().flat_map(|created| &created.says.items);
    items.filter(|other| other.legs == line.legs).map(|other| u64::from(other.quantity)).sum()
}

/// Notes for some legs when goods went on from them.
pub(super) fn note(gone_on: &mut [Vec<Option<UtcMillis>>], legs: &[usize], left: Option<UtcMillis>) {
    for leg in legs {
        if let Some(moments) = gone_on.get_mut(*leg) {
            moments.push(left);
        }
    }
}

/// The latest of some moments; absent where one of them is, and by default where there are none.
pub(super) fn latest(moments: &[Option<UtcMillis>], default: Option<UtcMillis>) -> Option<UtcMillis> {
    if moments.is_empty() {
        return default;
    }
    let known: Option<Vec<UtcMillis>> = moments.iter().copied().collect();
    known.and_then(|known| known.into_iter().max())
}

/// Of each node all that it goes on from by name, however far back.
fn named(nodes: &[Node<'_>]) -> Vec<BTreeSet<usize>> {
    let mut named: Vec<BTreeSet<usize>> = Vec::new();
    for node in nodes {
        let mut all = BTreeSet::new();
        for (place, further) in named.iter().enumerate() {
            if nodes.get(place).is_some_and(|one| node.before.contains(&one.leg)) {
                all.insert(place);
                all.extend(further);
            }
        }
        named.push(all);
    }
    named
}

/// Whether two legs come of different parts of one: of all that go on from it neither way has one that the other
/// has, and it had pieces enough for all of them.
fn are_parts(nodes: &[Node<'_>], named: &[BTreeSet<usize>], (one, other): (usize, usize)) -> bool {
    let way = |end: usize, parts: &BTreeSet<usize>| -> BTreeSet<usize> {
        let all = named.get(end).into_iter().flatten().copied().chain([end]);
        all.filter(|node| parts.contains(node)).collect()
    };
    named.get(one).into_iter().flatten().filter_map(|whole| nodes.get(*whole)).any(|whole| {
        let goes_on = |node: &&Node<'_>| node.before.contains(&whole.leg);
        let pieces: u64 = nodes.iter().filter(goes_on).map(|node| u64::from(node.quantity)).sum();
        let places = (0..nodes.len()).filter(|place| nodes.get(*place).as_ref().is_some_and(goes_on));
        let parts: BTreeSet<usize> = places.collect();
        let (one, other) = (way(one, &parts), way(other, &parts));
        pieces <= u64::from(whole.quantity) && !other.is_empty() && one.is_disjoint(&other)
    })
}

/// Whether two legs were put together: whatever goes on from both by ways of which neither has a leg of the other
/// is of the pieces of all its legs.
fn are_joined(
    nodes: &[Node<'_>],
    named: &[BTreeSet<usize>],
    last: Last<'_>,
    (one, other): (usize, usize),
) -> bool {
    let place = |leg: &Leg| nodes.iter().position(|node| node.leg == *leg);
    let has_both = |(legs, together): (&[Leg], u64)| {
        let parts: BTreeSet<usize> = legs.iter().filter_map(place).collect();
        let way = |begin: usize| -> BTreeSet<usize> {
            let comes_of = |part: usize| named.get(part).is_some_and(|all| all.contains(&begin));
            parts.iter().copied().filter(|part| *part == begin || comes_of(*part)).collect()
        };
        let (one, other) = (way(one), way(other));
        let joins = !one.is_empty() && !other.is_empty() && one.is_disjoint(&other);
        let pieces = parts.iter().filter_map(|part| nodes.get(*part)).map(|part| u64::from(part.quantity));
        joins.then(|| pieces.sum::<u64>() <= together)
    };
    let all = nodes.iter().map(|node| (node.before, node.together)).chain([(last.legs, last.together)]);
    let joints: Vec<bool> = all.filter_map(has_both).collect();
    !joints.is_empty() && joints.into_iter().all(|has_both| has_both)
}

/// The nodes by their begin, but each after those that it names.
fn in_order(nodes: &[Node<'_>], named: &[BTreeSet<usize>]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::new();
    let mut left: BTreeSet<usize> = (0..nodes.len()).collect();
    loop {
        let is_ready = |node: &&usize| named.get(**node).is_none_or(|all| all.is_disjoint(&left));
        let begin = |node: &&usize| (nodes.get(**node).and_then(|one| one.span.from), **node);
        let Some(next) = left.iter().filter(is_ready).min_by_key(begin).copied() else { return order };
        left.remove(&next);
        order.push(next);
    }
}

/// Those that none of the others goes on from.
fn last_of(sources: &BTreeSet<usize>, before: &[BTreeSet<usize>]) -> Vec<usize> {
    let goes_on = |one: &usize| {
        let mut others = sources.iter().filter_map(|source| before.get(*source));
        others.any(|all| all.contains(one))
    };
    sources.iter().filter(|one| !goes_on(one)).copied().collect()
}

impl Node<'_> {
    /// Where nobody knows when a leg began, what came before it is taken to have ended.
    fn has_ended_before(&self, other: &Self) -> bool {
        let by_begin = |end: UtcMillis, begin: UtcMillis| end.0 <= begin.0.saturating_add(CLOCK_TOLERANCE_MS);
        let ended = |end: UtcMillis| other.span.from.is_none_or(|begin| by_begin(end, begin));
        self.span.to.map_or(other.span.from.is_none(), ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id;

    fn leg(shipment: u8) -> Leg {
        Leg { shipment: Id([shipment; 16]), line: 0 }
    }

    fn minute(minute: i64) -> UtcMillis {
        UtcMillis(minute * 60_000)
    }

    /// Legs of ten pieces `(number, earlier ones, from, to)`, in minutes; those right before each, and before the
    /// line that names `last`.
    fn sources(legs: &[(u8, &[u8], i64, i64)], last: &[u8]) -> Vec<(u8, Vec<u8>)> {
        sources_of(legs, &|_| 10, last)
    }

    fn sources_of(
        legs: &[(u8, &[u8], i64, i64)],
        quantity: &dyn Fn(u8) -> u32,
        last: &[u8],
    ) -> Vec<(u8, Vec<u8>)> {
        sources_into(legs, quantity, last, last.iter().map(|one| u64::from(quantity(*one))).sum())
    }

    /// The same where the last line is of so many pieces.
    fn sources_into(
        legs: &[(u8, &[u8], i64, i64)],
        quantity: &dyn Fn(u8) -> u32,
        last: &[u8],
        together: u64,
    ) -> Vec<(u8, Vec<u8>)> {
        let named: Vec<Vec<Leg>> =
            legs.iter().map(|(_, before, ..)| before.iter().copied().map(leg).collect()).collect();
        let nodes: Vec<Node<'_>> = legs
            .iter()
            .zip(&named)
            .map(|((number, _, from, to), before)| Node {
                leg: leg(*number),
                before,
                quantity: quantity(*number),
                together: u64::from(quantity(*number)),
                span: Span { from: Some(minute(*from)), to: Some(minute(*to)) },
            })
            .collect();
        let numbers = |places: &[usize]| places.iter().map(|place| legs[*place].0).collect::<Vec<u8>>();
        let last: Vec<Leg> = last.iter().copied().map(leg).collect();
        let (paths, ends) = paths(&nodes, Last { legs: &last, together });
        let each = paths.iter().map(|path| (legs[path.node].0, numbers(&path.after)));
        each.chain([(0, numbers(&ends))]).collect()
    }

    #[test]
    fn a_chain_is_one_way_also_where_a_line_names_all_of_it() {
        let chain: &[(u8, &[u8], i64, i64)] = &[(1, &[], 0, 10), (2, &[1], 10, 20), (3, &[2, 1], 20, 30)];
        let expected = vec![(1, vec![]), (2, vec![1]), (3, vec![2]), (0, vec![3])];
        assert_eq!(sources(chain, &[3]), expected);
        assert_eq!(sources(chain, &[1, 2, 3]), expected);
    }

    #[test]
    fn legs_that_overlap_are_side_by_side_and_legs_one_after_another_are_not_however_they_are_listed() {
        let overlap: &[(u8, &[u8], i64, i64)] = &[(1, &[], 0, 20), (2, &[], 10, 30)];
        assert_eq!(sources(overlap, &[1, 2]), vec![(1, vec![]), (2, vec![]), (0, vec![1, 2])]);
        let relay: &[(u8, &[u8], i64, i64)] = &[(2, &[], 10, 30), (1, &[], 0, 10)];
        assert_eq!(sources(relay, &[2, 1]), vec![(1, vec![]), (2, vec![1]), (0, vec![2])]);
    }

    #[test]
    fn legs_that_overlap_are_one_after_the_other_as_well_where_what_goes_on_has_not_the_pieces_of_both() {
        for (to, second) in [(15, vec![1]), (16, vec![1]), (60, vec![1])] {
            let relay: &[(u8, &[u8], i64, i64)] = &[(1, &[], 0, to), (2, &[], 10, 30)];
            assert_eq!(sources_into(relay, &|_| 10, &[1, 2], 10)[1], (2, second), "ten pieces of twenty");
            assert_eq!(sources_into(relay, &|_| 10, &[1, 2], 19)[1].1, [1], "one piece went through both");
            let all = sources_into(relay, &|_| 10, &[1, 2], 20);
            assert_eq!(all[1].1.is_empty(), to > 15, "all of them were put together");
            // Where they stayed in the first beyond the pick-up of the second, that counts too.
            let ends = sources_into(relay, &|_| 10, &[1, 2], 10).pop().unwrap().1;
            assert_eq!(ends, if to > 15 { vec![1, 2] } else { vec![2] });
        }
        // Where one of two that go on from both has not the pieces, some went through both.
        let twice: &[(u8, &[u8], i64, i64)] = &[(1, &[], 0, 30), (2, &[], 10, 30), (3, &[1, 2], 30, 40)];
        let of = |number: u8| if number == 3 { 20 } else { 10 };
        assert_eq!(sources_into(twice, &of, &[1, 2], 10)[1], (2, vec![1]));
        // Put together before the last line, by a leg that is of the pieces of both, or is not.
        for (quantity, after) in [(20, vec![]), (10, vec![1])] {
            let of = |number: u8| if number == 3 { quantity } else { 10 };
            assert_eq!(sources_into(twice, &of, &[3], 5)[1], (2, after), "{quantity}");
        }
    }

    #[test]
    fn two_lines_of_one_shipment_are_side_by_side_however_many_pieces_go_on() {
        let leg = |line: u32| Leg { shipment: Id([1; 16]), line };
        let span = Span { from: Some(minute(0)), to: Some(minute(30)) };
        let node = |line| Node { leg: leg(line), before: &[], quantity: 10, together: 10, span };
        let (paths, ends) = paths(&[node(0), node(1)], Last { legs: &[leg(0), leg(1)], together: 10 });
        assert!(paths.iter().all(|path| path.after.is_empty()));
        assert_eq!(ends, [0, 1]);
    }

    #[test]
    fn what_was_parted_and_put_together_went_one_way_or_another() {
        let diamond: &[(u8, &[u8], i64, i64)] =
            &[(1, &[], 0, 10), (2, &[1], 10, 40), (3, &[1], 10, 20), (4, &[3], 40, 50)];
        let expected = vec![(1, vec![]), (2, vec![1]), (3, vec![1]), (4, vec![3]), (0, vec![2, 4])];
        assert_eq!(sources(diamond, &[2, 4]), expected);
    }

    #[test]
    fn a_hand_over_whose_two_signatures_differ_by_no_more_than_clocks_do_is_one_after_the_other() {
        for (received, before) in [(10, vec![1]), (13, vec![1]), (15, vec![1]), (16, vec![])] {
            let relay: &[(u8, &[u8], i64, i64)] = &[(1, &[], 0, received), (2, &[], 10, 30)];
            assert_eq!(sources(relay, &[1, 2])[1], (2, before), "received at {received}");
        }
    }

    #[test]
    fn two_parts_for_which_their_leg_had_pieces_enough_are_side_by_side_whenever_they_went() {
        let tours: &[(u8, &[u8], i64, i64)] =
            &[(1, &[], 0, 130), (2, &[1], 60, 120), (4, &[2], 120, 125), (3, &[1], 126, 180)];
        let of = |whole: u32| {
            let quantity = move |number: u8| if number == 1 { whole } else { 10 };
            sources_of(tours, &quantity, &[3, 4]).last().cloned().unwrap().1
        };
        assert_eq!(of(20), vec![4, 3]);
        assert_eq!(of(19), vec![3], "one of them went twice");
        let three: &[(u8, &[u8], i64, i64)] =
            &[(1, &[], 0, 130), (2, &[1], 10, 20), (3, &[1], 30, 40), (4, &[1], 50, 60)];
        let of = |whole: u32| {
            let quantity = move |number: u8| if number == 1 { whole } else { 10 };
            sources_of(three, &quantity, &[2, 3, 4]).last().cloned().unwrap().1
        };
        assert_eq!(of(30), vec![2, 3, 4]);
        assert_eq!(of(29), vec![4], "any two would fit, and all three do not");
    }
}
