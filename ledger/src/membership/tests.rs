use proptest::prelude::*;

use super::*;
use crate::bytes::{Hash, Id, Salt};
use crate::entry::{Clocks, EntryDraft, Position, Signers, sign};
use crate::key::{SecretKey, Signer};
use crate::statement::Organisation;

fn root() -> SecretKey {
    SecretKey::from_seed(&[0xff; 32])
}

fn organisation() -> OrganisationId {
    OrganisationId::of(&root().public_key())
}

fn device(n: u8) -> SecretKey {
    SecretKey::from_seed(&[n; 32])
}

fn log(n: u8) -> LogId {
    LogId::of(&organisation(), &device(n).public_key(), &[n; 16])
}

fn enrolment(n: u8, role: Role) -> Enrolment {
    let (device, endpoint) = (device(n).public_key(), SecretKey::from_seed(&[n | 0x80; 32]).public_key());
    Enrolment { log: log(n), device, endpoint, role, label: format!("{n}"), not_before_ms: 0 }
}

fn record(n: u8, sequence: u64, kind: u64, body: Vec<u8>) -> Record {
    let clocks = Clocks { wall_ms: 0, monotonic_ms: 0, boot: Id([0; 16]) };
    let draft = EntryDraft {
        kind,
        subject: None,
        clocks,
        heads: vec![],
        body,
        salt: Salt([0; 32]),
        person: None,
        batches: vec![],
    };
    let position = Position { log: log(n), sequence, previous: Hash([0; 32]), in_subject: None };
    sign(draft, &position, Signers { device: &device(n), person: None }).unwrap().0
}

fn first(n: u8) -> Record {
    let name = "City Pharmacy".to_owned();
    let genesis = Genesis::of_first_device(name, &root(), [n; 16], enrolment(n, Role::Admin)).unwrap();
    record(n, 0, GENESIS, genesis.encode())
}

fn enrol(by: u8, n: u8, role: Role) -> Record {
    record(by, u64::from(n), ENROL, enrolment(n, role).encode())
}

fn founded(n: u8, by: &Record) -> Record {
    let by = EntryReference { log: by.entry.log(), leaf: by.entry.leaf() };
    let organisation = Organisation::new(root().public_key(), "City Pharmacy".to_owned());
    let (device, admission) = (device(n).public_key(), Admission::Enrolled(by));
    record(n, 0, GENESIS, Genesis { organisation, device, random: [n; 16], admission }.encode())
}

fn fold<'a>(records: impl IntoIterator<Item = &'a Record>) -> Membership {
    let mut statements = Statements::default();
    records.into_iter().for_each(|record| statements.add(record).unwrap());
    statements.fold(&organisation())
}

/// 1 is the root's, 2 an admin by 1, 3 a courier by 2; 4 is by the courier 3, 5 is its own admin; 6 was
/// enrolled twice; 7 is enrolled and has not been heard of.
fn story() -> Vec<Record> {
    let (second, third) = (enrol(1, 2, Role::Admin), enrol(2, 3, Role::Courier));
    let (fourth, fifth) = (enrol(3, 4, Role::Admin), enrol(5, 5, Role::Admin));
    let (sixth, sixth_again) = (enrol(1, 6, Role::Quality), enrol(2, 6, Role::Admin));
    vec![
        first(1),
        founded(2, &second),
        founded(3, &third),
        founded(4, &fourth),
        founded(5, &fifth),
        founded(6, &sixth),
        second,
        third,
        fourth,
        fifth,
        sixth,
        sixth_again,
        enrol(2, 7, Role::Pharmacist),
        enrol(6, 8, Role::Courier),
    ]
}

#[test]
fn admins_enrol_and_nobody_else() {
    let membership = fold(&story());
    let roles: Vec<_> = (1..=8).map(|n| membership.member(&log(n)).map(|one| one.enrolment.role)).collect();
    let (admin, courier) = (Some(Role::Admin), Some(Role::Courier));
    let (quality, pharmacist) = (Some(Role::Quality), Some(Role::Pharmacist));
    assert_eq!(roles, [admin, admin, courier, None, None, quality, pharmacist, None]);
    let endpoint = enrolment(7, Role::Pharmacist).endpoint;
    assert_eq!(membership.by_endpoint(&endpoint).unwrap().enrolment.log, log(7));
}

#[test]
fn an_admitting_log_comes_before_those_that_it_admits() {
    let order = fold(&story()).in_order_of_admission();
    let place = |n: u8| order.iter().position(|one| *one == log(n)).unwrap();
    assert_eq!(order.len(), 5);
    assert!(place(1) < place(2) && place(2) < place(3) && place(1) < place(6) && place(2) < place(7));
}

#[test]
fn another_organisations_statements_admit_nobody() {
    let mut statements = Statements::default();
    story().iter().for_each(|record| statements.add(record).unwrap());
    assert_eq!(statements.fold(&OrganisationId([0; 32])), Membership::default());
}

#[test]
fn a_genesis_with_another_key_than_the_enrolled_one_is_not_admitted() {
    let other = Enrolment { device: device(9).public_key(), ..enrolment(2, Role::Admin) };
    let by = record(1, 2, ENROL, other.encode());
    let membership = fold(&[first(1), founded(2, &by), by]);
    assert_eq!(membership.member(&log(2)), None);
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter(order in Just(story()).prop_shuffle(), known in 0usize..15) {
        prop_assert_eq!(fold(&order), fold(&story()));
        // Nor does what has been folded on the way: the statements are the same set.
        let mut statements = Statements::default();
        for (n, record) in order.iter().enumerate() {
            statements.add(record).unwrap();
            if n == known {
                statements.fold(&organisation());
            }
        }
        prop_assert_eq!(statements.fold(&organisation()), fold(&story()));
    }

    #[test]
    fn what_arrives_later_takes_no_founded_member_away(order in Just(story()).prop_shuffle(), known in 0usize..15) {
        let early = fold(order.iter().take(known));
        let all = fold(&order);
        for member in early.members() {
            prop_assert!(all.member(&member.enrolment.log).is_some());
        }
    }
}
