mod bearing;
mod partners;

use proptest::prelude::*;

use super::*;
use crate::bytes::{Hash, Id, Salt};
use crate::entry::{Clocks, EntryDraft, Position, Signers, sign};
use crate::key::{SecretKey, Signer};
use crate::statement::{Continuation, Organisation, RevocationReason};

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
    Enrolment { log: log(n), device, endpoint, role, label: format!("{n}"), not_before_ms: 0, replaces: None }
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

/// The root speaks in a log.
fn says(by: u8, number: u64, says: RootSays) -> Record {
    record(by, 100 + number, ROOT, RootStatement::sign(number, says, &root()).unwrap().encode())
}

fn revocation(n: u8, size: u64) -> Revocation {
    let root = (size > 0).then_some(Hash([n; 32]));
    Revocation { log: log(n), size, root, lost_ms: 1000, reason: RevocationReason::Lost }
}

fn revoke(by: u8, n: u8, size: u64) -> Record {
    record(by, 50, REVOKE, revocation(n, size).encode())
}

fn reference(record: &Record) -> EntryReference {
    EntryReference { log: record.entry.log(), leaf: record.entry.leaf() }
}

fn cut(membership: &Membership, n: u8) -> Option<(u64, u64)> {
    membership.member(&log(n))?.cut.map(|cut| (cut.size, cut.upheld))
}

/// 1 is the root's, 2 an admin by the root's word in 1's log, 3 a courier by 2; 4 is by the courier 3, 5 is
/// its own admin; 6 was enrolled twice; 7 is enrolled and has not been heard of.
fn story() -> Vec<Record> {
    let second = says(1, 1, RootSays::Admits(enrolment(2, Role::Admin)));
    let third = enrol(2, 3, Role::Courier);
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
fn the_root_names_admins_and_admins_enrol_the_others() {
    let membership = fold(&story());
    let roles: Vec<_> = (1..=8).map(|n| membership.member(&log(n)).map(|one| one.enrolment.role)).collect();
    let (admin, courier) = (Some(Role::Admin), Some(Role::Courier));
    let (quality, pharmacist) = (Some(Role::Quality), Some(Role::Pharmacist));
    assert_eq!(roles, [admin, admin, courier, None, None, quality, pharmacist, None]);
    let endpoint = enrolment(7, Role::Pharmacist).endpoint;
    assert_eq!(membership.by_endpoint(&endpoint).unwrap().enrolment.log, log(7));
}

#[test]
fn nobody_is_taken_away_by_revoking_a_device_that_was_enrolled_with_their_key() {
    // Enrolled by an admin with the founder's key or the courier's, and never heard of.
    for victim in [1, 3] {
        let ghost =
            Enrolment { log: log(9), device: device(victim).public_key(), ..enrolment(9, Role::Courier) };
        let records = [story(), vec![record(2, 40, ENROL, ghost.encode()), revoke(2, 9, 0)]].concat();
        let membership = fold(&records);
        assert!(membership.member(&log(victim)).is_some_and(|member| member.cut.is_none()), "{victim}");
    }
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

#[test]
fn an_admin_names_no_admin() {
    let second = enrol(1, 2, Role::Admin);
    assert_eq!(fold(&[first(1), founded(2, &second), second]).member(&log(2)), None);
    let pretended = RootStatement::sign(1, RootSays::Admits(enrolment(3, Role::Admin)), &device(1)).unwrap();
    let pretended = record(1, 9, ROOT, pretended.encode());
    assert_eq!(fold(&[first(1), founded(3, &pretended), pretended]).member(&log(3)), None);
}

#[test]
fn an_admin_revokes_couriers_and_the_root_alone_revokes_admins() {
    let mut records = story();
    records.extend([revoke(2, 3, 7), revoke(1, 3, 5), revoke(2, 1, 1), revoke(6, 7, 1)]);
    let membership = fold(&records);
    assert_eq!(cut(&membership, 3), Some((5, 5)));
    assert_eq!((cut(&membership, 1), cut(&membership, 7)), (None, None));
    records.push(says(1, 2, RootSays::Revokes(revocation(2, 60))));
    assert_eq!(cut(&fold(&records), 2), Some((60, 60)));
}

#[test]
fn what_an_admin_states_beyond_the_roots_cut_or_is_overruled_by_it_does_not_count() {
    let mut records = story();
    let revoked = revoke(2, 3, 5);
    records.extend([revoked.clone(), says(1, 2, RootSays::Revokes(revocation(2, 50)))]);
    assert_eq!(cut(&fold(&records), 3), None);
    let mut records = story();
    records.extend([revoked.clone(), says(1, 2, RootSays::Overrules(reference(&revoked)))]);
    assert_eq!(cut(&fold(&records), 3), None);
}

#[test]
fn a_revoked_key_does_not_come_back_under_another_log() {
    let again = Enrolment { device: device(3).public_key(), ..enrolment(8, Role::Courier) };
    let by = record(1, 70, ENROL, again.encode());
    let mut records = story();
    records.push(by);
    assert!(fold(&records).member(&log(8)).is_some());
    records.push(revoke(1, 3, 5));
    let membership = fold(&records);
    assert!(membership.member(&log(8)).is_none() && membership.member(&log(3)).is_some());
}

#[test]
fn what_an_admin_upholds_counts_again_up_to_there() {
    let mut records = story();
    let upheld = Upheld { head: crate::entry::Head { log: log(3), size: 9, root: Hash([1; 32]) } };
    records.extend([revoke(1, 3, 5), record(2, 51, UPHELD, upheld.encode())]);
    assert_eq!(cut(&fold(&records), 3), Some((5, 9)));
}

/// `n`'s log begins where `old`'s ends, by the key of `signer`.
fn continued(n: u8, old: u8, signer: u8) -> Record {
    let head = crate::entry::Head { log: log(old), size: 3, root: Hash([old; 32]) };
    let organisation = Organisation::new(root().public_key(), "City Pharmacy".to_owned());
    let continuation = Continuation::sign(&log(n), head, &device(signer)).unwrap();
    let (device, admission) = (device(n).public_key(), Admission::Continues(continuation));
    record(n, 0, GENESIS, Genesis { organisation, device, random: [n; 16], admission }.encode())
}

fn standing(membership: &Membership, n: u8) -> Option<(MemberStanding, Role)> {
    membership.member(&log(n)).map(|member| (member.standing, member.enrolment.role))
}

#[test]
fn logs_that_are_said_to_replace_each_other_in_a_circle_are_one_device_however_many_members_there_are() {
    let replaces = |n: u8, old: u8| {
        let enrolment = Enrolment { replaces: Some(log(old)), ..enrolment(n, Role::Courier) };
        record(1, 60 + u64::from(n), ENROL, enrolment.encode())
    };
    let mut records = story();
    records.extend([replaces(20, 21), replaces(21, 20), replaces(22, 20)]);
    for more in 23..26 {
        let membership = fold(&records);
        let first = membership.first_log(&log(20));
        assert!([20, 21, 22].iter().all(|n| membership.first_log(&log(*n)) == first), "{more}");
        assert_eq!(first, log(20).min(log(21)));
        records.push(record(1, 60 + u64::from(more), ENROL, enrolment(more, Role::Courier).encode()));
    }
}

#[test]
fn a_log_that_continues_a_members_is_provisional_until_an_admin_enrols_it() {
    let mut records = story();
    records.push(continued(10, 3, 3));
    records.push(continued(11, 10, 10));
    let membership = fold(&records);
    for n in [10, 11] {
        assert_eq!(standing(&membership, n), Some((MemberStanding::Provisional, Role::Courier)));
        assert_eq!(membership.first_log(&log(n)), log(3));
    }
    let order = membership.in_order_of_admission();
    let place = |n: u8| order.iter().position(|one| *one == log(n)).unwrap();
    assert!(place(3) < place(10) && place(10) < place(11));
    let anew = Enrolment { replaces: Some(log(3)), ..enrolment(10, Role::Courier) };
    records.push(record(1, 90, ENROL, anew.encode()));
    assert_eq!(standing(&fold(&records), 10), Some((MemberStanding::Enrolled, Role::Courier)));
    // The old log's end takes nothing from the new one, which is enrolled; what goes on from it by its key
    // alone comes to nothing with a revocation.
    records.push(revoke(1, 3, 5));
    assert_eq!(standing(&fold(&records), 10), Some((MemberStanding::Enrolled, Role::Courier)));
    records.push(revoke(1, 10, 1));
    assert_eq!(standing(&fold(&records), 11), None);
}

#[test]
fn a_continuation_by_another_key_or_of_a_revoked_log_is_no_members() {
    let mut records = story();
    records.extend([continued(10, 3, 2), continued(11, 3, 3), continued(12, 5, 5), continued(13, 7, 7)]);
    let membership = fold(&records);
    assert_eq!([10, 12, 13].map(|n| standing(&membership, n)), [None; 3]);
    assert!(standing(&membership, 11).is_some());
    records.push(revoke(1, 3, 5));
    assert_eq!(standing(&fold(&records), 11), None);
}

#[test]
fn an_admins_continuation_names_nobody_until_the_root_has_spoken() {
    let mut records = story();
    records.extend([continued(10, 2, 2), enrol(10, 12, Role::Courier)]);
    let membership = fold(&records);
    assert_eq!(standing(&membership, 10), Some((MemberStanding::Provisional, Role::Admin)));
    assert_eq!(standing(&membership, 12), None);
    // Another admin cannot make it less than it is.
    records.push(enrol(1, 10, Role::Courier));
    assert_eq!(standing(&fold(&records), 10), Some((MemberStanding::Enrolled, Role::Courier)));
    records.push(says(10, 2, RootSays::Admits(enrolment(10, Role::Admin))));
    let membership = fold(&records);
    assert_eq!(standing(&membership, 10), Some((MemberStanding::Enrolled, Role::Admin)));
    assert_eq!(standing(&membership, 12), Some((MemberStanding::Enrolled, Role::Courier)));
}

#[test]
fn an_endpoint_that_two_logs_of_a_device_share_is_that_of_the_log_that_goes_on() {
    let mut records = story();
    let anew = Enrolment { endpoint: enrolment(3, Role::Courier).endpoint, ..enrolment(10, Role::Courier) };
    records.extend([continued(10, 3, 3), record(1, 90, ENROL, anew.encode()), revoke(1, 3, 5)]);
    let membership = fold(&records);
    let member = membership.by_endpoint(&anew.endpoint).unwrap();
    assert_eq!((member.enrolment.log, member.cut), (log(10), None));
}

#[test]
fn a_root_statement_that_is_not_held_shows_by_its_number() {
    let mut records = story();
    records.push(says(6, 4, RootSays::Revokes(revocation(3, 2))));
    assert_eq!(fold(&records).missing_root_statements(), [2, 3]);
    assert_eq!(fold(&story()).missing_root_statements(), [0; 0]);
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
