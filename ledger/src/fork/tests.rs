use proptest::prelude::*;

use super::*;
use crate::key::{SecretKey, Signer};

fn device() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

/// A history that is another's up to `same`, then its own.
fn history(size: u64, same: u64, branch: u8) -> Vec<Hash> {
    let leaf = |n: u64| Hash::of(&[&n.to_be_bytes(), &[if n < same { 0 } else { branch }]]);
    (0..size).map(leaf).collect()
}

fn checkpoint(leaves: &[Hash]) -> Checkpoint {
    let head = Head { log: LogId([9; 32]), size: leaves.len() as u64, root: Tree::over(leaves).root() };
    Checkpoint::sign(head, &device()).unwrap()
}

fn proof(one: &[Hash], other: &[Hash]) -> Option<ForkProof> {
    let longer = if one.len() > other.len() { one } else { other };
    ForkProof::between(checkpoint(one), checkpoint(other), longer)
}

#[test]
fn a_proof_of_a_fork_has_these_bytes_for_ever() {
    let hex = |proof: ForkProof| data_encoding::HEXLOWER.encode(&proof.encode());
    let equal = proof(&history(3, 2, 1), &history(3, 2, 2)).unwrap();
    let apart = proof(&history(3, 2, 1), &history(7, 2, 2)).unwrap();
    insta::assert_snapshot!([equal, apart].map(hex).join("\n"));
}

#[test]
fn at_a_million_entries_a_proof_still_fits_in_a_kilobyte() {
    let ours = history(999_999, 500_000, 1);
    let proof = proof(&ours[..699_051], &history(999_999, 500_000, 2)).unwrap();
    assert!(proof.encode().len() <= MAX_PROOF, "{}", proof.encode().len());
    assert_eq!(ForkProof::decode(&proof.encode()), Ok(proof));
}

#[test]
fn two_heads_of_one_history_and_heads_of_two_logs_prove_nothing() {
    let whole = history(9, 9, 1);
    assert_eq!(proof(&whole[..4], &whole), None);
    assert_eq!(proof(&whole, &whole), None);
    let mut foreign = checkpoint(&history(9, 2, 2));
    foreign.head.log = LogId([8; 32]);
    assert_eq!(ForkProof::between(checkpoint(&whole), foreign, &whole), None);
}

#[test]
fn a_proof_with_a_head_that_the_device_did_not_sign_is_refused() {
    let proof = proof(&history(3, 1, 1), &history(5, 1, 2)).unwrap();
    assert_eq!(proof.check(&device().public_key()), Ok(()));
    let other = SecretKey::from_seed(&[2; 32]).public_key();
    assert_eq!(proof.check(&other), Err(Fault::Signature));
}

proptest! {
    #[test]
    fn any_two_branches_are_proved_and_no_changed_proof_is(one in 1u64..60, other in 1u64..60, same in 0u64..60, at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let (ours, theirs) = (history(one, same, 1), history(other, same, 2));
        // Below `same` both tell one history.
        let forked = one.min(other) > same;
        let proof = proof(&ours, &theirs);
        prop_assert_eq!(proof.is_some(), forked);
        if let Some(proof) = proof {
            let key = device().public_key();
            let mut bytes = proof.encode();
            prop_assert_eq!(ForkProof::decode(&bytes), Ok(proof.clone()));
            prop_assert_eq!(proof.check(&key), Ok(()));
            let place = at.index(bytes.len());
            bytes[place] ^= 1 << bit;
            if let Ok(changed) = ForkProof::decode(&bytes) {
                prop_assert!(changed.check(&key).is_err());
            }
        }
    }
}
