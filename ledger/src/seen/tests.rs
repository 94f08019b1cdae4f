use proptest::prelude::*;

use super::*;
use crate::key::{SecretKey, Signer};
use crate::tree::leaf;

const LOG: LogId = LogId([1; 32]);

fn device(n: u8) -> SecretKey {
    SecretKey::from_seed(&[n; 32])
}

fn head(size: u64) -> Head {
    Head { log: LOG, size, root: leaf(&size.to_be_bytes()) }
}

fn cosigned(witness: u8, size: u64, time_s: u64) -> Cosigned {
    let log = LogId([witness; 32]);
    let cosignature = Cosignature::sign(&head(size), log, time_s, &device(witness)).unwrap();
    Cosigned { head: head(size), cosignature }
}

fn seen(own: Option<u64>, witnesses: &[(u8, u64, u64)]) -> Seen {
    let of =
        |(witness, size, time): &(u8, u64, u64)| (LogId([*witness; 32]), cosigned(*witness, *size, *time));
    Seen {
        log: LOG,
        checkpoint: own.map(|size| Checkpoint::sign(head(size), &device(1)).unwrap()),
        cosigned: witnesses.iter().map(of).collect(),
    }
}

#[test]
fn what_is_known_of_witnesses_has_these_bytes_for_ever() {
    insta::assert_snapshot!(
        data_encoding::HEXLOWER.encode(&seen(Some(7), &[(2, 5, 100), (3, 7, 200)]).encode())
    );
}

#[test]
fn nothing_known_has_no_mark_and_the_smallest_change_another_one() {
    assert_eq!(Seen::nothing(LOG).mark(), [0; 8]);
    let marks = [
        seen(Some(7), &[]),
        seen(Some(8), &[]),
        seen(Some(7), &[(2, 5, 100)]),
        seen(Some(7), &[(2, 5, 101)]),
    ]
    .map(|one| one.mark());
    for (place, mark) in marks.iter().enumerate() {
        assert!(*mark != [0; 8] && !marks[..place].contains(mark));
    }
}

#[test]
fn the_larger_head_stays_and_of_equal_ones_the_earlier_word() {
    let mut known = seen(Some(7), &[(2, 5, 100), (3, 7, 200)]);
    assert!(!known.take(&seen(Some(6), &[(2, 4, 1), (3, 7, 201)])), "older and later words add nothing");
    assert!(known.take(&seen(Some(9), &[(2, 5, 99), (4, 1, 1)])));
    assert_eq!(known, seen(Some(9), &[(2, 5, 99), (3, 7, 200), (4, 1, 1)]));
}

#[test]
fn a_witness_who_is_no_member_and_a_signature_by_another_key_are_refused() {
    let nobody = Membership::default();
    assert_eq!(seen(Some(7), &[]).verify(&device(1).public_key(), &nobody), Ok(()));
    assert_eq!(seen(Some(7), &[]).verify(&device(2).public_key(), &nobody), Err(Fault::Signature));
    assert_eq!(seen(None, &[(2, 5, 1)]).verify(&device(1).public_key(), &nobody), Err(Fault::NotEnrolled));
}

#[test]
fn witnesses_out_of_order_and_a_checkpoint_of_another_log_are_refused() {
    let mut other = seen(Some(7), &[]);
    other.log = LogId([9; 32]);
    assert!(Seen::decode(&other.encode()).is_err());
    let bytes = seen(None, &[(2, 5, 1), (3, 5, 1)]).encode();
    let (first, second) = (cosigned(2, 5, 1), cosigned(3, 5, 1));
    let part = |one: &Cosigned| {
        let mut writer = Writer::new();
        writer.array(3).uint(one.head.size).bytes(one.head.root.as_bytes());
        one.cosignature.write(&mut writer);
        writer.into_bytes()
    };
    let start = bytes.len() - part(&first).len() - part(&second).len();
    let swapped = [&bytes[..start], &part(&second), &part(&first)].concat();
    assert!(Seen::decode(&bytes).is_ok() && Seen::decode(&swapped).is_err());
}

proptest! {
    #[test]
    fn what_is_known_in_the_end_does_not_depend_on_the_order_in_which_it_came(
        parts in prop::collection::vec(
            (prop::option::of(0u64..4), prop::collection::btree_map(2u8..5, (0u64..4, 0u64..4), 0..3)), 1..5),
        order in any::<prop::sample::Index>(),
    ) {
        let parts: Vec<Seen> = parts
            .iter()
            .map(|(own, witnesses)| {
                let witnesses: Vec<_> = witnesses.iter().map(|(one, (size, time))| (*one, *size, *time)).collect();
                seen(*own, &witnesses)
            })
            .collect();
        let gather = |parts: &[Seen]| {
            let mut known = Seen::nothing(LOG);
            parts.iter().for_each(|part| { known.take(part); });
            known
        };
        let mut turned = parts.clone();
        turned.rotate_left(order.index(parts.len()));
        turned.reverse();
        prop_assert_eq!(gather(&parts), gather(&turned));
        prop_assert_eq!(Seen::decode(&gather(&parts).encode()), Ok(gather(&parts)));
    }

    #[test]
    fn hostile_bytes_never_panic_and_read_as_themselves(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Seen::decode(&bytes).map_or(true, |seen| seen.encode() == bytes));
    }
}
