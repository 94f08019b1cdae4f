//! Trees with every proof of theirs, and proofs that are wrong in one way each.

use super::suite::{Suite, flipped, hex};
use firn_ledger::bytes::Hash;
use firn_ledger::tree::{
    Tree, TreeHead, consistency_proof, inclusion_proof, verify_consistency, verify_inclusion,
};
use serde_json::{Value, json};

fn leaves(size: u64) -> Vec<Hash> {
    (0..size).map(|n| Hash::of(&[b"leaf", &n.to_be_bytes()])).collect()
}

fn root(size: u64) -> Hash {
    Tree::over(&leaves(size)).root()
}

fn hexes(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| hex(hash.as_bytes())).collect()
}

/// Roots and proofs of trees of up to 33 leaves.
pub fn trees() -> Suite {
    let mut suite = Suite::new("trees", "tree");
    for size in (0..=9).chain([15, 16, 17, 33]) {
        let leaves = leaves(size);
        let inclusion: Vec<_> =
            (0..leaves.len()).map(|n| hexes(&inclusion_proof(&leaves, n).unwrap())).collect();
        let consistency: Vec<_> =
            (1..=leaves.len()).map(|n| hexes(&consistency_proof(&leaves, n).unwrap())).collect();
        let root = hex(Tree::over(&leaves).root().as_bytes());
        let says = json!({"root": root, "inclusion": inclusion, "consistency": consistency});
        suite.cases.push(json!({"name": format!("{size} leaves"), "leaves": hexes(&leaves), "says": says}));
    }
    suite
}

/// A proof as it is, and changed.
fn changes(proof: &[Hash], root: &Hash) -> Vec<(String, Vec<Hash>)> {
    let mut changes = vec![("as it is".to_owned(), proof.to_vec())];
    for place in 0..proof.len() {
        let mut changed = proof.to_vec();
        changed[place] = Hash(flipped(changed[place].as_bytes(), 7, 3).try_into().unwrap());
        changes.push((format!("with another hash {place}"), changed));
        let without = [&proof[..place], &proof[place + 1..]].concat();
        changes.push((format!("without hash {place}"), without));
    }
    changes.push(("with a hash behind it".to_owned(), [proof, &[*root]].concat()));
    changes.push(("with a hash before it".to_owned(), [&[*root][..], proof].concat()));
    changes
}

/// Whether a leaf stands in a tree.
pub fn inclusion() -> Suite {
    let mut suite = Suite::new("inclusion", "inclusion");
    for (index, size) in [(0, 1), (0, 2), (1, 2), (2, 3), (3, 7), (6, 7), (4, 8), (7, 8), (8, 9), (12, 13)] {
        let (leaf, root) = (leaves(size)[usize::try_from(index).unwrap()], root(size));
        let proof = inclusion_proof(&leaves(size), usize::try_from(index).unwrap()).unwrap();
        let mut asked: Vec<(String, u64, u64, Hash, Vec<Hash>)> = changes(&proof, &root)
            .into_iter()
            .map(|(name, proof)| (name, index, size, leaf, proof))
            .collect();
        for (index, size) in
            [(index + 1, size), (index, size + 1), (index, size - 1), (size, size), (index, 0)]
        {
            asked.push((format!("as of leaf {index} of {size}"), index, size, leaf, proof.clone()));
        }
        asked.push(("as of another leaf".to_owned(), index, size, root, proof));
        suite.cases.extend(asked.into_iter().map(|(name, at, of, leaf, proof)| {
            let says = verify_inclusion(&leaf, at, of, &proof, &root);
            let [leaf, root] = [&leaf, &root].map(|hash| hex(hash.as_bytes()));
            json!({"name": format!("leaf {index} of {size}, {name}"), "leaf": leaf, "index": at, "size": of,
                "proof": hexes(&proof), "root": root, "says": says})
        }));
    }
    suite
}

/// Whether a tree begins with another.
pub fn consistency() -> Suite {
    let mut suite = Suite::new("consistency", "consistency");
    let pairs =
        [(1, 1), (1, 2), (2, 3), (3, 4), (4, 4), (4, 7), (6, 8), (7, 8), (8, 9), (5, 13), (8, 16), (12, 13)];
    for (old, new) in pairs {
        let head = |size| TreeHead { size, root: root(size) };
        let proof = consistency_proof(&leaves(new), usize::try_from(old).unwrap()).unwrap();
        let mut asked: Vec<(String, TreeHead, TreeHead, Vec<Hash>)> = changes(&proof, &root(new))
            .into_iter()
            .map(|(name, proof)| (name, head(old), head(new), proof))
            .collect();
        let mut ask = |name: &str, old: TreeHead, new: TreeHead| {
            asked.push((name.to_owned(), old, new, proof.clone()));
        };
        ask("the other way round", head(new), head(old));
        ask("of another old root", TreeHead { size: old, root: root(40) }, head(new));
        ask("of another new root", head(old), TreeHead { size: new, root: root(40) });
        ask("of another old size", TreeHead { size: old + 1, ..head(old) }, head(new));
        ask("of another new size", head(old), TreeHead { size: new + 1, ..head(new) });
        ask("from nothing", head(0), head(new));
        suite.cases.extend(asked.into_iter().map(|(name, from, to, proof)| {
            let head = |one: &TreeHead| -> Value { json!([one.size, hex(one.root.as_bytes())]) };
            json!({"name": format!("{old} to {new}, {name}"), "old": head(&from), "new": head(&to),
                "proof": hexes(&proof), "says": verify_consistency(&from, &to, &proof)})
        }));
    }
    let nothing = TreeHead { size: 0, root: Tree::default().root() };
    let says = verify_consistency(&nothing, &nothing, &[]);
    let head = json!([0, hex(nothing.root.as_bytes())]);
    suite
        .cases
        .push(json!({"name": "nothing to nothing", "old": head, "new": head, "proof": [], "says": says}));
    suite
}
