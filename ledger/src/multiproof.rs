//! One proof that several leaves stand in the trees of several sizes of one log (docs/format.md §9).

use std::collections::BTreeMap;

use crate::bytes::Hash;
use crate::tree::{self, Tree};

/// A perfect subtree: the leaves from `index` · 2^`level`, 2^`level` of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Subtree {
    level: u32,
    index: u64,
}

impl Subtree {
    fn begin(self) -> Option<u64> {
        self.index.checked_shl(self.level)
    }

    /// Its last leaf.
    fn last(self) -> Option<u64> {
        self.begin()?.checked_add(1u64.checked_shl(self.level)?.checked_sub(1)?)
    }

    fn halves(self) -> Option<[Self; 2]> {
        let (level, left) = (self.level.checked_sub(1)?, self.index.checked_mul(2)?);
        Some([Self { level, index: left }, Self { level, index: left.checked_add(1)? }])
    }
}

/// The perfect subtrees whose heads make up the head of a tree, largest first.
fn peaks(size: u64) -> impl Iterator<Item = Subtree> {
    let set = (0..u64::BITS).rev().filter(move |level| (size >> level) & 1 == 1);
    // What stands before the peak is the bits above its own.
    set.map(move |level| Subtree { level, index: (size >> level) & !1 })
}

/// Walks the trees of some sizes down to the disclosed leaves.
struct Walk<'a> {
    /// The places of the disclosed leaves, with their hashes.
    leaves: &'a BTreeMap<u64, Hash>,
    /// The sizes, ascending.
    sizes: &'a [u64],
    /// Gives the head of a subtree that holds nothing disclosed and that no size cuts.
    closed: &'a mut dyn FnMut(Subtree) -> Option<Hash>,
    heads: BTreeMap<Subtree, Hash>,
}

impl Walk<'_> {
    /// Whether something disclosed stands in it, or a size ends within it.
    fn is_open(&self, subtree: Subtree) -> Option<bool> {
        let (begin, last) = (subtree.begin()?, subtree.last()?);
        let disclosed = self.leaves.range(begin..=last).next().is_some();
        let next = self.sizes.get(self.sizes.partition_point(|size| *size <= begin));
        Some(disclosed || next.is_some_and(|size| *size <= last))
    }

    fn head(&mut self, subtree: Subtree) -> Option<Hash> {
        let head = match (self.is_open(subtree)?, subtree.level) {
            (false, _) => (self.closed)(subtree)?,
            (true, 0) => *self.leaves.get(&subtree.index)?,
            (true, _) => {
                let [left, right] = subtree.halves()?;
                tree::node(&self.head(left)?, &self.head(right)?)
            }
        };
        self.heads.insert(subtree, head);
        Some(head)
    }

    /// The roots at all sizes; none where a leaf stands beyond the largest.
    fn roots(mut self) -> Option<Vec<Hash>> {
        let largest = *self.sizes.last()?;
        if self.leaves.last_key_value().is_some_and(|(last, _)| *last >= largest) {
            return None;
        }
        for peak in peaks(largest) {
            self.head(peak)?;
        }
        let roots = self.sizes.iter().map(|size| {
            let heads: Option<Vec<Hash>> = peaks(*size).map(|peak| self.heads.get(&peak).copied()).collect();
            Some(Tree::from_parts(*size, heads?)?.root())
        });
        roots.collect()
    }
}

/// The heads that prove the leaves at `places` in the trees of these sizes, ascending: of all subtrees that hold none
/// of them and that no size cuts, the largest, from left to right.
///
/// `leaves` are all that the largest tree has. `None` for a place or a size beyond them, for no size, and for sizes
/// that do not ascend.
pub fn prove(leaves: &[Hash], places: &[u64], sizes: &[u64]) -> Option<Vec<Hash>> {
    if !sizes.is_sorted_by(|one, next| one < next) {
        return None;
    }
    let at = |place: &u64| Some((*place, *leaves.get(usize::try_from(*place).ok()?)?));
    let disclosed = places.iter().map(at).collect::<Option<BTreeMap<u64, Hash>>>()?;
    let mut nodes = Vec::new();
    let mut closed = |subtree: Subtree| {
        let (begin, last) = (usize::try_from(subtree.begin()?).ok()?, usize::try_from(subtree.last()?).ok()?);
        let head = Tree::over(leaves.get(begin..=last)?).root();
        nodes.push(head);
        Some(head)
    };
    Walk { leaves: &disclosed, sizes, closed: &mut closed, heads: BTreeMap::new() }.roots()?;
    Some(nodes)
}

/// The roots at these sizes, ascending, of trees in which the leaves stand at these places; `None` where the nodes are
/// not as many as [`prove`] gives.
pub fn roots(leaves: &BTreeMap<u64, Hash>, sizes: &[u64], nodes: &[Hash]) -> Option<Vec<Hash>> {
    walked(leaves, sizes, nodes).map(|(roots, _)| roots)
}

/// The same, and by place the leaves that stand among the nodes: neighbours of those that were disclosed.
pub fn walked(
    leaves: &BTreeMap<u64, Hash>,
    sizes: &[u64],
    nodes: &[Hash],
) -> Option<(Vec<Hash>, BTreeMap<u64, Hash>)> {
    if !sizes.is_sorted_by(|one, next| one < next) {
        return None;
    }
    let (mut given, mut beside) = (nodes.iter().copied(), BTreeMap::new());
    let mut closed = |subtree: Subtree| {
        let head = given.next()?;
        if subtree.level == 0 {
            beside.insert(subtree.index, head);
        }
        Some(head)
    };
    let roots = Walk { leaves, sizes, closed: &mut closed, heads: BTreeMap::new() }.roots()?;
    given.next().is_none().then_some((roots, beside))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|n| tree::leaf(&n.to_be_bytes())).collect()
    }

    fn at(leaves: &[Hash], places: &[u64]) -> BTreeMap<u64, Hash> {
        places.iter().map(|place| (*place, leaves[*place as usize])).collect()
    }

    fn heads(leaves: &[Hash], sizes: &[u64]) -> Vec<Hash> {
        sizes.iter().map(|size| Tree::over(&leaves[..*size as usize]).root()).collect()
    }

    #[test]
    fn every_pair_of_leaves_and_sizes_of_small_trees_is_proved() {
        for size in 1..=12u64 {
            let all = leaves(size);
            for (one, other) in (0..size).flat_map(|one| (one..size).map(move |other| (one, other))) {
                for cut in 1..=size {
                    let places: Vec<u64> = [one, other]
                        .into_iter()
                        .collect::<std::collections::BTreeSet<_>>()
                        .into_iter()
                        .collect();
                    let sizes: Vec<u64> = if cut == size { vec![size] } else { vec![cut, size] };
                    let nodes = prove(&all, &places, &sizes).unwrap();
                    assert_eq!(roots(&at(&all, &places), &sizes, &nodes), Some(heads(&all, &sizes)));
                }
            }
        }
    }

    #[test]
    fn one_leaf_in_one_tree_takes_a_hash_for_each_level_and_each_perfect_subtree_at_most() {
        for (size, place) in [(1u64, 0u64), (7, 6), (8, 3), (1000, 999), (1000, 0)] {
            let all = leaves(size);
            let path = tree::inclusion_proof(&all, place as usize).unwrap();
            let nodes = prove(&all, &[place], &[size]).unwrap().len();
            assert!(nodes >= path.len() && nodes < path.len() + size.count_ones() as usize, "{nodes}");
        }
    }

    #[test]
    fn nothing_is_proved_of_no_tree_of_sizes_that_do_not_ascend_or_beyond_the_end() {
        let all = leaves(5);
        assert_eq!(prove(&all, &[1], &[]), None);
        assert_eq!(prove(&all, &[1], &[5, 3]), None);
        assert_eq!(prove(&all, &[5], &[5]), None);
        assert_eq!(prove(&all, &[1], &[6]), None);
        assert_eq!(roots(&at(&all, &[4]), &[4], &[]), None);
        assert_eq!(roots(&at(&all, &[4]), &[u64::MAX], &[]), None);
    }

    proptest! {
        #[test]
        fn any_tampering_with_nodes_places_or_leaves_gives_other_roots_or_none(
            size in 2u64..300,
            places in prop::collection::vec(any::<prop::sample::Index>(), 1..9),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
            turn in any::<prop::sample::Index>(),
            bit in 0usize..256,
        ) {
            let all = leaves(size);
            let places: std::collections::BTreeSet<u64> = places.iter().map(|one| one.index(size as usize) as u64).collect();
            let places: Vec<u64> = places.into_iter().collect();
            let mut sizes: std::collections::BTreeSet<u64> = cuts.iter().map(|one| one.index(size as usize) as u64 + 1).collect();
            sizes.insert(size);
            let sizes: Vec<u64> = sizes.into_iter().collect();
            let nodes = prove(&all, &places, &sizes).unwrap();
            let (disclosed, proved) = (at(&all, &places), heads(&all, &sizes));
            prop_assert_eq!(roots(&disclosed, &sizes, &nodes), Some(proved.clone()));

            let flip = |hash: &mut Hash| hash.0[bit / 8] ^= 1 << (bit % 8);
            if !nodes.is_empty() {
                let at = turn.index(nodes.len());
                let mut changed = nodes.clone();
                flip(&mut changed[at]);
                prop_assert_ne!(roots(&disclosed, &sizes, &changed), Some(proved.clone()));
                let without = [&nodes[..at], &nodes[at + 1..]].concat();
                prop_assert_eq!(roots(&disclosed, &sizes, &without), None);
            }
            prop_assert_eq!(roots(&disclosed, &sizes, &[&nodes[..], &[all[0]]].concat()), None);
            let place = places[turn.index(places.len())];
            let mut other = disclosed.clone();
            other.entry(place).and_modify(flip);
            prop_assert_ne!(roots(&other, &sizes, &nodes), Some(proved.clone()));
            // At another place, and left out: not by the same nodes.
            let mut moved = disclosed.clone();
            let leaf = moved.remove(&place).unwrap();
            prop_assert_ne!(roots(&moved, &sizes, &nodes), Some(proved.clone()));
            if let Some(free) = (0..size).find(|free| !disclosed.contains_key(free)) {
                moved.insert(free, leaf);
                prop_assert_ne!(roots(&moved, &sizes, &nodes), Some(proved.clone()));
            }
        }
    }
}
