//! The Merkle tree of RFC 6962 §2.1 over a log's leaves: heads, inclusion and consistency proofs.

use crate::bytes::Hash;
use crate::side_by_side::hashes;

/// What stands before a leaf's bytes, and before an inner node's.
const LEAF: u8 = 0;
const NODE: u8 = 1;

/// The leaf of an entry's bytes: SHA-256(00 ‖ bytes).
pub fn leaf(bytes: &[u8]) -> Hash {
    let [leaf] = hashes(LEAF, [bytes]);
    leaf
}

/// The leaves of several entries' bytes, which take less time than one after the other.
pub(crate) fn leaves<const N: usize>(entries: [&[u8]; N]) -> [Hash; N] {
    hashes(LEAF, entries)
}

/// An inner node: SHA-256(01 ‖ left ‖ right).
pub fn node(left: &Hash, right: &Hash) -> Hash {
    let [node] = nodes([(left, right)]);
    node
}

fn nodes<const N: usize>(pairs: [(&Hash, &Hash); N]) -> [Hash; N] {
    let pairs = pairs.map(|(left, right)| {
        let mut both = [0; 2 * Hash::LENGTH];
        let (first, second) = both.split_at_mut(Hash::LENGTH);
        first.copy_from_slice(&left.0);
        second.copy_from_slice(&right.0);
        both
    });
    hashes(NODE, pairs.each_ref().map(<[u8; 64]>::as_slice))
}

/// A tree that grows at its right edge: the heads of its perfect subtrees, largest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    size: u64,
    peaks: Vec<Hash>,
}

impl Tree {
    /// A tree of a known shape: one peak for each set bit of `size`. `None` when they do not fit.
    pub fn from_parts(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        let fits = usize::try_from(size.count_ones()).is_ok_and(|count| count == peaks.len());
        fits.then_some(Self { size, peaks })
    }

    /// The tree over these leaves.
    pub fn over(leaves: &[Hash]) -> Self {
        let mut tree = Self::default();
        let (eights, rest) = leaves.as_chunks();
        eights.iter().for_each(|eight| tree.push_eight(eight));
        rest.iter().for_each(|leaf| tree.push(*leaf));
        tree
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The heads of the perfect subtrees, largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds a leaf at the right.
    pub fn push(&mut self, leaf: Hash) {
        self.push_perfect(leaf, 0);
    }

    /// Adds eight leaves at the right: where a perfect subtree of them begins, in less time than one after the other.
    pub(crate) fn push_eight(&mut self, leaves: &[Hash; 8]) {
        if !self.size.is_multiple_of(8) {
            return leaves.iter().for_each(|leaf| self.push(*leaf));
        }
        let [a, b, c, d, e, f, g, h] = leaves;
        let [a, b, c, d] = nodes([(a, b), (c, d), (e, f), (g, h)]);
        let [a, b] = nodes([(&a, &b), (&c, &d)]);
        self.push_perfect(node(&a, &b), 3);
    }

    /// Adds the head of a perfect subtree of 2^`level` leaves, where such a one begins.
    fn push_perfect(&mut self, head: Hash, level: u32) {
        let mut right = head;
        for _ in 0..(self.size >> level).trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                right = node(&left, &right);
            }
        }
        self.peaks.push(right);
        self.size = self.size.saturating_add(1 << level);
    }

    /// The tree head; of the empty tree SHA-256 of nothing.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return Hash::of(&[]) };
        peaks.fold(*last, |right, left| node(left, &right))
    }
}

/// The largest power of two below `size`; for `size` ≥ 2.
fn split_at(size: usize) -> usize {
    1 << (size - 1).ilog2()
}

/// The path that proves leaf `index` against the head over `leaves` (RFC 6962 §2.1.1), leaf first.
/// `None` when there is no such leaf.
pub fn inclusion_proof(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    let (mut leaves, mut index, mut path) = (leaves, index, Vec::new());
    if index >= leaves.len() {
        return None;
    }
    while leaves.len() > 1 {
        let (left, right) = leaves.split_at_checked(split_at(leaves.len()))?;
        if index < left.len() {
            path.push(Tree::over(right).root());
            leaves = left;
        } else {
            index -= left.len();
            path.push(Tree::over(left).root());
            leaves = right;
        }
    }
    path.reverse();
    Some(path)
}

/// Whether `leaf` stands at `index` in the tree of `size` leaves with head `root` (RFC 9162 §2.1.3.2).
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut position, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if position & 1 == 1 || position == last {
            hash = node(sibling, &hash);
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// The proof that the tree over the first `size` leaves is a prefix of the tree over all of them
/// (RFC 6962 §2.1.2). `None` for an empty or too long prefix.
pub fn consistency_proof(leaves: &[Hash], size: usize) -> Option<Vec<Hash>> {
    if size == 0 || size > leaves.len() {
        return None;
    }
    let (mut leaves, mut size, mut whole, mut path) = (leaves, size, true, Vec::new());
    while size < leaves.len() {
        let (left, right) = leaves.split_at_checked(split_at(leaves.len()))?;
        if size <= left.len() {
            path.push(Tree::over(right).root());
            leaves = left;
        } else {
            path.push(Tree::over(left).root());
            size -= left.len();
            leaves = right;
            whole = false;
        }
    }
    if !whole {
        path.push(Tree::over(leaves).root());
    }
    path.reverse();
    Some(path)
}

/// Hashes one after the other.
pub fn joined(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// What [`joined`] put together; `None` where the last is not whole.
pub fn split(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| hashes.iter().copied().map(Hash).collect())
}

/// A tree's size and head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    /// Number of leaves.
    pub size: u64,
    /// RFC 6962 tree head.
    pub root: Hash,
}

/// Whether `old` is a prefix of `new` (RFC 9162 §2.1.4.2). There is no proof from the empty tree, which
/// says nothing.
pub fn verify_consistency(old: &TreeHead, new: &TreeHead, proof: &[Hash]) -> bool {
    if old.size == 0 || old.size > new.size {
        return false;
    }
    if old.size == new.size {
        return proof.is_empty() && old.root == new.root;
    }
    // For a perfect old tree its own head begins the path (RFC 9162 §2.1.4.2, step 2).
    let own = old.size.is_power_of_two().then_some(&old.root);
    let mut path = own.into_iter().chain(proof);
    let Some(first) = path.next() else { return false };
    let shift = (old.size - 1).trailing_ones();
    let (mut position, mut last) = ((old.size - 1) >> shift, (new.size - 1) >> shift);
    let (mut old_root, mut new_root) = (*first, *first);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if position & 1 == 1 || position == last {
            old_root = node(sibling, &old_root);
            new_root = node(sibling, &new_root);
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            new_root = node(&new_root, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    last == 0 && old_root == old.root && new_root == new.root
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn leaves(count: usize) -> Vec<Hash> {
        (0..count).map(|n| leaf(&n.to_be_bytes())).collect()
    }

    /// RFC 6962 §2.1, word for word.
    fn merkle_tree_hash(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Hash::of(&[]),
            [one] => *one,
            many => {
                let (left, right) = many.split_at(split_at(many.len()));
                node(&merkle_tree_hash(left), &merkle_tree_hash(right))
            }
        }
    }

    #[test]
    fn the_empty_tree_has_the_head_that_the_standard_gives() {
        assert_eq!(
            Tree::default().root().to_string(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(leaf(b"").to_string(), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    }

    #[test]
    fn every_leaf_of_small_trees_is_proved_and_no_other_is() {
        for size in 1..=33 {
            let leaves = leaves(size);
            let root = Tree::over(&leaves).root();
            assert_eq!(root, merkle_tree_hash(&leaves));
            for index in 0..size {
                let proof = inclusion_proof(&leaves, index).unwrap();
                for claimed in 0..size + 2 {
                    let proved = verify_inclusion(&leaves[index], claimed as u64, size as u64, &proof, &root);
                    assert_eq!(proved, claimed == index, "{index} of {size} as {claimed}");
                }
            }
        }
    }

    #[test]
    fn every_prefix_of_small_trees_is_proved() {
        for size in 1..=33 {
            let leaves = leaves(size);
            let new = TreeHead { size: size as u64, root: Tree::over(&leaves).root() };
            for prefix in 1..=size {
                let old = TreeHead { size: prefix as u64, root: Tree::over(&leaves[..prefix]).root() };
                let proof = consistency_proof(&leaves, prefix).unwrap();
                assert!(verify_consistency(&old, &new, &proof), "{prefix} of {size}");
                let other = TreeHead { root: leaf(b"other"), ..old };
                assert!(!verify_consistency(&other, &new, &proof));
                assert!(!verify_consistency(&old, &TreeHead { root: leaf(b"other"), ..new }, &proof));
            }
        }
    }

    #[test]
    fn there_is_no_proof_for_what_is_not_there() {
        assert_eq!(inclusion_proof(&leaves(3), 3), None);
        assert_eq!(consistency_proof(&leaves(3), 0), None);
        assert_eq!(consistency_proof(&leaves(3), 4), None);
        assert_eq!(Tree::from_parts(3, vec![leaf(b"")]), None);
    }

    #[test]
    fn eight_leaves_at_once_make_the_tree_that_they_make_one_after_the_other() {
        let all = leaves(64);
        for before in 0..40 {
            let (mut tree, mut one_by_one) = (Tree::default(), Tree::default());
            all[..before].iter().for_each(|leaf| tree.push(*leaf));
            all[..before + 8].iter().for_each(|leaf| one_by_one.push(*leaf));
            tree.push_eight(all[before..].first_chunk().unwrap());
            assert_eq!(tree, one_by_one);
            assert_eq!(tree, Tree::over(&all[..before + 8]));
        }
    }

    proptest! {
        #[test]
        fn a_changed_proof_proves_nothing(size in 2usize..200, index in any::<prop::sample::Index>(), bit in 0usize..256) {
            let leaves = leaves(size);
            let index = index.index(size);
            let root = Tree::over(&leaves).root();
            let mut proof = inclusion_proof(&leaves, index).unwrap();
            let at = bit % proof.len();
            proof[at].0[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!verify_inclusion(&leaves[index], index as u64, size as u64, &proof, &root));
        }
    }
}
