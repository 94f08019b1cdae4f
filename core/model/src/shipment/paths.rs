//! Which earlier legs of a line came one after another, and which side by side.

use crate::assess::Span;
use crate::record::Leg;
use crate::time::UtcMillis;
use std::collections::BTreeSet;

/// One leg as its place among the others needs it.
pub(super) struct Node<'a> {
    pub leg: Leg,
    /// The legs that it names as its own earlier ones.
    pub before: &'a [Leg],
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

/// All legs, each after those that it goes on from, and the nodes right before a line that names `last`.
///
/// A leg goes on from those that it names. One that names none of another's branch goes on from that other one
/// where that had ended when it began; legs that overlap are side by side, and what was parted and put together
/// again went one way or another. `nodes` have each leg after those that it names, but for circles.
pub(super) fn paths(nodes: &[Node<'_>], last: &[Leg]) -> (Vec<Path>, Vec<usize>) {
    let named = named(nodes);
    let mut before: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); nodes.len()];
    let mut paths: Vec<Path> = Vec::new();
    for node in in_order(nodes, &named) {
        let Some((this, own)) = nodes.get(node).zip(named.get(node)) else { continue };
        let in_time = paths.iter().map(|path| path.node).filter(|other| {
            let other_named = named.get(*other);
            let of_one_branch = own.iter().all(|one| other_named.is_some_and(|all| all.contains(one)));
            of_one_branch && nodes.get(*other).is_some_and(|other| other.has_ended_before(this))
        });
        let sources: BTreeSet<usize> = in_time.chain(own.iter().copied()).collect();
        let mut all = sources.clone();
        all.extend(sources.iter().filter_map(|source| before.get(*source)).flatten().copied());
        paths.push(Path { node, after: last_of(&sources, &before) });
        if let Some(place) = before.get_mut(node) {
            *place = all;
        }
    }
    let named_last =
        (0..nodes.len()).filter(|node| nodes.get(*node).is_some_and(|one| last.contains(&one.leg)));
    let ends = last_of(&named_last.collect(), &before);
    (paths, ends)
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
        let ended = |end: UtcMillis| other.span.from.is_none_or(|begin| end <= begin);
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

    /// Legs `(number, earlier ones, from, to)`; those right before each, and before the line that names `last`.
    fn sources(legs: &[(u8, &[u8], i64, i64)], last: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let named: Vec<Vec<Leg>> =
            legs.iter().map(|(_, before, ..)| before.iter().copied().map(leg).collect()).collect();
        let nodes: Vec<Node<'_>> = legs
            .iter()
            .zip(&named)
            .map(|((number, _, from, to), before)| Node {
                leg: leg(*number),
                before,
                span: Span { from: Some(UtcMillis(*from)), to: Some(UtcMillis(*to)) },
            })
            .collect();
        let numbers = |places: &[usize]| places.iter().map(|place| legs[*place].0).collect::<Vec<u8>>();
        let (paths, ends) = paths(&nodes, &last.iter().copied().map(leg).collect::<Vec<_>>());
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
    fn what_was_parted_and_put_together_went_one_way_or_another() {
        let diamond: &[(u8, &[u8], i64, i64)] =
            &[(1, &[], 0, 10), (2, &[1], 10, 40), (3, &[1], 10, 20), (4, &[3], 40, 50)];
        let expected = vec![(1, vec![]), (2, vec![1]), (3, vec![1]), (4, vec![3]), (0, vec![2, 4])];
        assert_eq!(sources(diamond, &[2, 4]), expected);
    }
}
