//! Who counts as a signer, as of any entry.

use super::*;
use crate::api::Device;
use crate::record::{Body, Disposition, EntryReference, Started, WithdrawnKey};
use data_encoding::HEXLOWER;
use proptest::prelude::*;

const ADMIN: [u8; 32] = [1; 32];
const DOCK: [u8; 32] = [2; 32];
const ANA: Id = Id([7; 16]);
const KEY: [u8; 32] = [9; 32];
/// What Ana's code stands for.
const CODE: [u8; 32] = [5; 32];

fn entry<B: Body>(log: [u8; 32], sequence: u64, at: i64, role: Option<Role>, body: &B) -> SignedEntry {
    SignedEntry {
        reference: EntryReference { log, leaf: [sequence as u8; 32] },
        sequence,
        at: UtcMillis(at),
        kind: u64::from(B::KIND.number()),
        body: body.to_bytes(),
        batches: vec![],
        heads: vec![],
        device: Device { log: HEXLOWER.encode(&log), label: "Dock".into(), role, ..Device::default() },
        person: None,
        beyond: None,
        person_refused: None,
    }
}

/// An entry as it stands, signed as well with this key in Ana's name.
fn about(entry: SignedEntry, key: Option<[u8; 32]>) -> AboutPerson {
    let mut about = AboutPerson::alone(entry);
    (about.claim.person, about.claim.key) = (key.map(|_| ANA), key);
    about
}

fn ana() -> Person {
    Person {
        id: ANA,
        name: "Ana Lima".into(),
        title: Some("Head pharmacist".into()),
        role: Role::Pharmacist,
        trained: Some(UtcMillis(50)),
        standing: PersonStanding::Active,
        withdrawn: None,
        enrolment_key: Some(CODE),
    }
}

/// Ana, after an admin withdrew her first key.
fn without_key() -> Person {
    Person { withdrawn: Some(vec![WithdrawnKey { key: KEY, reason: "PIN lost".into() }]), ..ana() }
}

fn enrolled(sequence: u64, at: i64, person: &Person) -> AboutPerson {
    about(entry(ADMIN, sequence, at, Some(Role::Admin), person), None)
}

fn bound(sequence: u64, key: [u8; 32]) -> AboutPerson {
    bound_with(sequence, key, Some(CODE))
}

fn bound_with(sequence: u64, key: [u8; 32], code: Option<[u8; 32]>) -> AboutPerson {
    let body = PersonKey { person: ANA, key, accountability: accountability() };
    about(entry(DOCK, sequence, 110, Some(Role::Pharmacist), &body), code)
}

/// A disposition in the dock's log, tenth entry, at 200, by Ana with her key.
fn claim() -> Claim {
    Claim {
        log: DOCK,
        sequence: 10,
        at: UtcMillis(200),
        kind: u64::from(Disposition::KIND.number()),
        person: Some(ANA),
        key: Some(KEY),
        heads: vec![(ADMIN, 5)],
    }
}

fn people() -> People {
    People::gather([enrolled(3, 100, &ana()), bound(4, KEY)])
}

#[test]
fn an_enrolled_trained_person_signs_with_the_key_that_the_device_bound() {
    let (signer, counts) = people().signer(&claim());
    assert_eq!(counts, Ok(()));
    let signer = signer.unwrap();
    assert_eq!((signer.name.as_str(), signer.role), ("Ana Lima", Role::Pharmacist));
    assert_eq!(signer.title.as_deref(), Some("Head pharmacist"));
}

#[test]
fn another_key_a_key_bound_elsewhere_or_later_and_a_missing_signature_do_not_count() {
    let refused = |claim: Claim| people().signer(&claim);
    let not_hers = (None, Err(Refusal::KeyNotOfPerson));
    assert_eq!(refused(Claim { key: Some([8; 32]), ..claim() }), not_hers);
    assert_eq!(refused(Claim { log: [3; 32], ..claim() }), not_hers);
    assert_eq!(refused(Claim { sequence: 4, ..claim() }), not_hers);
    assert_eq!(refused(Claim { key: None, ..claim() }), (None, Err(Refusal::PersonMissing)));
    assert_eq!(
        refused(Claim { person: Some(Id([6; 16])), ..claim() }),
        (None, Err(Refusal::PersonNotEnrolled))
    );
}

#[test]
fn a_key_that_a_device_binds_without_the_persons_code_is_nobodys() {
    for code in [None, Some([6; 32])] {
        let people = People::gather([enrolled(3, 100, &ana()), bound_with(4, KEY, code)]);
        assert_eq!(people.signer(&claim()), (None, Err(Refusal::KeyNotOfPerson)));
        assert_eq!((people.key(&DOCK, &ANA), people.logs_with_key(&ANA)), (None, vec![]));
    }
    let nameless = Person { enrolment_key: None, ..ana() };
    let people = People::gather([enrolled(3, 100, &nameless), bound_with(4, KEY, None)]);
    assert_eq!(people.key(&DOCK, &ANA), None, "whom no admin gave a code has no key");
    let mut of_another = bound(4, KEY);
    of_another.claim.person = Some(Id([6; 16]));
    assert_eq!(People::gather([enrolled(3, 100, &ana()), of_another]).key(&DOCK, &ANA), None);
}

#[test]
fn a_device_that_goes_on_in_a_new_log_binds_its_peoples_keys_there_without_their_codes() {
    let next_log = [4; 32];
    let again = |first_log: Option<[u8; 32]>, key| {
        let body = PersonKey { person: ANA, key, accountability: accountability() };
        let mut entry = entry(next_log, 1, 120, Some(Role::Pharmacist), &body);
        entry.device.first_log = first_log.map(|log| HEXLOWER.encode(&log));
        AboutPerson::alone(entry)
    };
    let bound_there =
        |again| People::gather([enrolled(3, 100, &ana()), bound(4, KEY), again]).key(&next_log, &ANA);
    assert_eq!(bound_there(again(Some(DOCK), KEY)), Some(KEY));
    assert_eq!(bound_there(again(Some(DOCK), [8; 32])), None, "another key takes her code");
    assert_eq!(bound_there(again(None, KEY)), None, "and so does another device");
}

#[test]
fn a_new_code_voids_the_one_before_and_the_keys_that_were_made_with_it_stay() {
    let renewed = Person { enrolment_key: Some([6; 32]), ..ana() };
    let before = [enrolled(3, 100, &ana()), bound(4, KEY)];
    let people = People::gather(before.clone().into_iter().chain([enrolled(7, 105, &renewed)]));
    assert_eq!(people.key(&DOCK, &ANA), None, "bound at 110, when the device's clock says it was void");
    let people = People::gather(before.into_iter().chain([enrolled(7, 115, &renewed)]));
    assert_eq!(people.key(&DOCK, &ANA), Some(KEY));
    let late = People::gather([enrolled(3, 100, &ana()), enrolled(7, 105, &renewed), bound(8, [8; 32])]);
    assert_eq!(late.key(&DOCK, &ANA), None);
}

#[test]
fn a_new_key_takes_the_place_of_the_old_one_from_its_own_entry_on() {
    let people = People::gather([enrolled(3, 100, &ana()), bound(4, KEY), bound(8, [8; 32])]);
    assert_eq!(people.signer(&claim()).1, Err(Refusal::KeyNotOfPerson));
    assert_eq!(people.signer(&Claim { sequence: 7, ..claim() }).1, Ok(()));
    assert_eq!(people.key(&DOCK, &ANA), Some([8; 32]));
}

#[test]
fn a_withdrawn_key_no_longer_counts_what_it_signed_before_stands_and_a_new_one_takes_its_place() {
    let lost = [enrolled(3, 100, &ana()), bound(4, KEY), enrolled(7, 190, &without_key())];
    let people = People::gather(lost.clone());
    assert_eq!(people.signer(&claim()), (None, Err(Refusal::KeyWithdrawn)));
    assert_eq!(people.signer(&Claim { at: UtcMillis(180), ..claim() }).1, Ok(()));
    // The clock is behind, but the device held the entry that withdrew it.
    let knew = Claim { at: UtcMillis(180), heads: vec![(ADMIN, 8)], ..claim() };
    assert_eq!(people.signer(&knew).1, Err(Refusal::KeyWithdrawn));
    assert_eq!((people.key(&DOCK, &ANA), people.keys_bound(&DOCK, &ANA)), (None, 1));
    assert_eq!(people.logs_with_key(&ANA), [] as [[u8; 32]; 0]);

    let people = People::gather(lost.into_iter().chain([bound(9, [8; 32])]));
    assert_eq!(people.signer(&Claim { key: Some([8; 32]), ..claim() }).1, Ok(()));
    assert_eq!(people.signer(&claim()).1, Err(Refusal::KeyNotOfPerson));
    assert_eq!(people.signer(&Claim { at: UtcMillis(180), sequence: 8, ..claim() }).1, Ok(()));
    assert_eq!((people.key(&DOCK, &ANA), people.keys_bound(&DOCK, &ANA)), (Some([8; 32]), 2));
    assert_eq!(people.logs_with_key(&ANA), [DOCK]);
}

#[test]
fn a_key_stays_withdrawn_when_another_admin_who_had_not_heard_of_it_changes_the_person() {
    let promoted = Person { role: Role::Quality, ..ana() };
    let people = People::gather([
        enrolled(3, 100, &ana()),
        bound(4, KEY),
        enrolled(7, 190, &without_key()),
        about(entry([5; 32], 2, 195, Some(Role::Admin), &promoted), None),
    ]);
    assert_eq!(people.person(&ANA).unwrap().role, Role::Quality);
    assert_eq!(people.key(&DOCK, &ANA), None);
    assert_eq!(people.signer(&claim()).1, Err(Refusal::KeyWithdrawn));
}

#[test]
fn nobody_signs_before_their_training_nor_without_one() {
    for trained in [None, Some(UtcMillis(201))] {
        let people = People::gather([enrolled(3, 100, &Person { trained, ..ana() }), bound(4, KEY)]);
        let (signer, counts) = people.signer(&claim());
        assert_eq!(counts, Err(Refusal::PersonNotTrained));
        assert_eq!(signer.unwrap().name, "Ana Lima");
    }
}

#[test]
fn who_has_ended_no_longer_signs_stays_ended_and_what_was_signed_before_stands() {
    let ended = Person { standing: PersonStanding::Ended, ..ana() };
    let people = People::gather([
        enrolled(3, 100, &ana()),
        bound(4, KEY),
        enrolled(7, 190, &ended),
        enrolled(9, 195, &ana()),
    ]);
    assert_eq!(people.signer(&claim()).1, Err(Refusal::PersonEnded));
    assert_eq!(people.signer(&Claim { at: UtcMillis(180), ..claim() }).1, Ok(()));
    // The clock is behind, but the device held the entry that ended her.
    let knew = Claim { at: UtcMillis(180), heads: vec![(ADMIN, 8)], ..claim() };
    assert_eq!(people.signer(&knew).1, Err(Refusal::PersonEnded));
    assert_eq!(people.person(&ANA).unwrap().standing, PersonStanding::Ended);
}

#[test]
fn a_signer_is_named_with_the_role_of_then() {
    let promoted = Person { role: Role::Quality, title: Some("QA lead".into()), ..ana() };
    let people = People::gather([enrolled(3, 100, &ana()), bound(4, KEY), enrolled(9, 300, &promoted)]);
    assert_eq!(people.signer(&claim()).0.unwrap().role, Role::Pharmacist);
    assert_eq!(people.signer(&Claim { at: UtcMillis(301), ..claim() }).0.unwrap().role, Role::Quality);
}

#[test]
fn a_person_is_asked_for_once_the_device_knew_of_one_and_only_for_what_people_answer_for() {
    let nobody = Claim { person: None, key: None, ..claim() };
    let missing = (None, Err(Refusal::PersonMissing));
    assert_eq!(people().signer(&nobody), missing);
    // It held the admin's log only up to the entry before.
    assert_eq!(people().signer(&Claim { heads: vec![(ADMIN, 3)], ..nobody.clone() }), (None, Ok(())));
    assert_eq!(People::default().signer(&nobody), (None, Ok(())));
    let readings = Claim { kind: u64::from(Kind::Readings.number()), ..nobody.clone() };
    assert_eq!(people().signer(&readings), (None, Ok(())));
    let started = Claim { kind: u64::from(Started::KIND.number()), ..nobody };
    assert_eq!(people().signer(&started), missing);
}

#[test]
fn only_an_admins_device_enrols_people_and_only_an_enrolled_device_binds_keys() {
    let by = |role| People::gather([about(entry(ADMIN, 3, 100, role, &ana()), None), bound(4, KEY)]);
    assert_eq!(by(Some(Role::Pharmacist)).all(), []);
    assert_eq!(by(None).signer(&claim()).1, Err(Refusal::PersonNotEnrolled));
    let mut stranger = bound(4, KEY);
    stranger.entry.device.role = None;
    let people = People::gather([enrolled(3, 100, &ana()), stranger]);
    assert_eq!(people.signer(&claim()).1, Err(Refusal::KeyNotOfPerson));
}

#[test]
fn the_accountability_text_and_its_hash_are_frozen() {
    insta::assert_snapshot!(ACCOUNTABILITY);
    assert_eq!(
        HEXLOWER.encode(&accountability()),
        "53f150f574a409799a1a600117c9677716fb74b80cfc0247c36f9c7bd5ccb7b2"
    );
}

proptest! {
    #[test]
    fn who_counts_does_not_depend_on_the_order_of_arrival(order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle()) {
        let ended = Person { standing: PersonStanding::Ended, ..ana() };
        let entries = [
            enrolled(3, 100, &ana()),
            bound(4, KEY),
            bound(12, [8; 32]),
            enrolled(7, 190, &ended),
            enrolled(5, 190, &Person { title: None, ..ana() }),
            enrolled(6, 190, &without_key()),
        ];
        let shuffled = order.iter().map(|index| entries[*index].clone());
        prop_assert_eq!(People::gather(shuffled), People::gather(entries.clone()));
    }
}
