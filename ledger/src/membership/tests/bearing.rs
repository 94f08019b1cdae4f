//! What of the statements about membership travels with evidence.

use super::*;
use crate::entry::Head;
use proptest::sample::subsequence;

/// The story with statements that count for nothing, that ceased to count, and that say the same again.
fn crowded() -> Vec<Record> {
    let root_says = |n: u64, says: RootSays| RootStatement::sign(n, says, &root()).unwrap().encode();
    let cut_second = RootSays::Revokes(revocation(2, 20));
    let named = reference(&enrol(2, 3, Role::Courier));
    let forged = RootStatement::sign(9, RootSays::Revokes(revocation(1, 1)), &device(3)).unwrap();
    let more = vec![
        // By whoever is no admin.
        record(3, 20, REVOKE, revocation(6, 1).encode()),
        record(3, 21, REVOKE, revocation(77, 1).encode()),
        record(3, 22, ENROL, enrolment(9, Role::Courier).encode()),
        record(3, 23, UPHELD, Upheld { head: Head { log: log(6), size: 9, root: Hash([1; 32]) } }.encode()),
        record(3, 24, ROOT, forged.encode()),
        record(3, 25, 12, vec![0xa0]),
        // The root's word, carried by a courier, and again and again.
        record(3, 30, ROOT, root_says(2, cut_second.clone())),
        record(3, 31, ROOT, root_says(2, cut_second.clone())),
        record(3, 32, ROOT, root_says(1, RootSays::Admits(enrolment(2, Role::Admin)))),
        record(1, 33, ROOT, root_says(2, cut_second)),
        record(1, 34, ROOT, root_says(3, RootSays::Overrules(named))),
        // By an admin, below and beyond that cut.
        record(2, 10, REVOKE, revocation(6, 3).encode()),
        record(2, 40, REVOKE, revocation(6, 2).encode()),
        record(2, 41, REVOKE, revocation(78, 1).encode()),
        record(2, 42, ENROL, enrolment(3, Role::Quality).encode()),
        record(2, 43, UPHELD, Upheld { head: Head { log: log(6), size: 5, root: Hash([2; 32]) } }.encode()),
        record(1, 44, REVOKE, revocation(3, 4).encode()),
    ];
    [story(), more].concat()
}

fn narrows(record: &Record) -> bool {
    match record.entry.payload().kind {
        REVOKE | UPHELD => true,
        ROOT => !matches!(RootStatement::decode(&record.body).unwrap().says, RootSays::Admits(_)),
        _ => false,
    }
}

/// The members by what somebody held: statements that narrow only where they were held.
fn as_held(records: &[Record], held: &BTreeMap<LogId, u64>) -> BTreeMap<LogId, Member> {
    let was_held = |record: &&Record| {
        let payload = record.entry.payload();
        !narrows(record) || held.get(&record.entry.log()).is_some_and(|size| payload.sequence < *size)
    };
    let membership = fold(records.iter().filter(was_held));
    membership.members().map(|member| (member.enrolment.log, member.clone())).collect()
}

fn kept(records: &[Record], reach: &BTreeMap<LogId, u64>) -> Vec<Record> {
    bearing(records.to_vec(), &organisation(), reach).unwrap()
}

#[test]
fn what_a_courier_says_of_membership_travels_with_no_evidence_but_for_the_roots_word() {
    let of_courier: Vec<(u64, u64)> = kept(&crowded(), &BTreeMap::new())
        .iter()
        .filter(|record| record.entry.log() == log(3))
        .map(|record| (record.entry.payload().sequence, record.entry.payload().kind))
        .collect();
    let sequences: Vec<u64> = of_courier.iter().map(|(sequence, _)| *sequence).collect();
    assert!(sequences.contains(&0) && sequences.contains(&30) && sequences.contains(&32), "{of_courier:?}");
    assert!(of_courier.iter().all(|(_, kind)| [GENESIS, ROOT].contains(kind)), "{of_courier:?}");
    assert!(!sequences.contains(&24), "nor does what the root did not sign: {of_courier:?}");
    // However often it is said again.
    let flood = |n: u64| -> Vec<Record> {
        let says = RootSays::Revokes(revocation(2, 20));
        let again = RootStatement::sign(2, says, &root()).unwrap().encode();
        (0..n).map(|place| record(3, 200 + place, ROOT, again.clone())).collect()
    };
    let few = kept(&[story(), flood(3)].concat(), &BTreeMap::new()).len();
    assert!(kept(&[story(), flood(60)].concat(), &BTreeMap::new()).len() <= few + 1);
}

#[test]
fn what_an_admin_said_beyond_the_roots_cut_travels_where_somebody_held_it_alone() {
    let beyond = |reach: &[(LogId, u64)]| -> Vec<u64> {
        let kept = kept(&crowded(), &reach.iter().copied().collect());
        let of_second = kept.iter().filter(|record| record.entry.log() == log(2));
        of_second.map(|record| record.entry.payload().sequence).filter(|sequence| *sequence >= 20).collect()
    };
    assert_eq!(beyond(&[]), [0; 0]);
    assert_eq!(beyond(&[(log(2), 41)]), [40]);
    assert_eq!(beyond(&[(log(2), 99)]), [40, 43]);
}

proptest! {
    #[test]
    fn whoever_folds_what_travels_finds_the_same_members_in_whatever_order(
        some in subsequence(crowded(), 0..=crowded().len()).prop_shuffle(),
        held in proptest::collection::btree_map((1_u8..=6).prop_map(log), 0_u64..50, 0..5),
        more in proptest::collection::btree_map((1_u8..=6).prop_map(log), 0_u64..50, 0..5),
    ) {
        let mut reach = held.clone();
        for (log, size) in more {
            let reach = reach.entry(log).or_default();
            *reach = size.max(*reach);
        }
        let kept = kept(&some, &reach);
        prop_assert_eq!(fold(&kept), fold(&some));
        let founded: BTreeSet<LogId> =
            some.iter().filter(|one| one.entry.payload().kind == GENESIS).map(|one| one.entry.log()).collect();
        let of_founded = |mut members: BTreeMap<LogId, Member>| {
            members.retain(|log, _| founded.contains(log));
            members
        };
        prop_assert_eq!(of_founded(as_held(&kept, &held)), of_founded(as_held(&some, &held)));
    }
}
