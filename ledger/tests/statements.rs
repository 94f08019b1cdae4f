//! What members state that is nobody's word, and logs that are nobody's: what they cost, and that nobody differs by them.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Device, organisation, organisation_id, root};
use firn_ledger::bytes::{Hash, LogId};
use firn_ledger::chain::Depth;
use firn_ledger::entry::{Head, Signers};
use firn_ledger::key::Signer;
use firn_ledger::membership::{MemberStanding, Membership, Statements};
use firn_ledger::statement::{
    Admission, Continuation, ENROL, Enrolment, GENESIS, Genesis, REVOKE, ROOT, Revocation, RevocationReason,
    Role, RootSays, RootStatement,
};
use firn_ledger::store::{OpenOptions, Store};
use firn_ledger::sync::{Action, Machine, Side, Summary};

struct Home {
    folder: tempfile::TempDir,
    store: Store,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("firn.db"), &OpenOptions::default()).unwrap();
        Self { folder, store }
    }

    fn reopened(self) -> Self {
        let Self { folder, store } = self;
        drop(store);
        let store = Store::open(&folder.path().join("firn.db"), &OpenOptions::default()).unwrap();
        Self { folder, store }
    }

    fn head(&mut self, log: &LogId) -> Option<Head> {
        self.store.heads().unwrap().into_iter().find(|head| head.log == *log)
    }

    fn membership(&mut self) -> Membership {
        self.store.read(|view| view.membership(&organisation_id())).unwrap()
    }

    /// By every statement that is held, whoever made it.
    fn membership_by_all(&mut self) -> Membership {
        let mut statements = Statements::default();
        for head in self.store.heads().unwrap() {
            for record in self.store.entries(&head.log, 0).unwrap() {
                statements.add(&record).unwrap();
            }
        }
        statements.fold(&organisation_id())
    }

    fn check(&mut self) {
        let all = self.membership_by_all();
        assert_eq!(self.membership(), all);
        // The records that are shown to others fold to the same.
        let mut shown = Statements::default();
        let records = self.store.read(|view| view.counting_records()).unwrap();
        assert!(records.len() < 60, "{}", records.len());
        records.iter().for_each(|record| shown.add(record).unwrap());
        assert_eq!(shown.fold(&organisation_id()), all);
        assert!(self.store.verify(Depth::Every).unwrap().ok());
    }
}

fn run(machine: &mut Machine, home: &mut Home, done: &mut Option<Summary>) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(action) = machine.poll(&mut home.store).unwrap() {
        match action {
            Action::Send(bytes) => out.extend(bytes),
            Action::Store(run) => home.store.write(|t| t.append_foreign(*run)).unwrap(),
            Action::StoreSeen(seen) => home.store.write(|t| t.take_seen(&seen)).map(drop).unwrap(),
            Action::StoreFork(_) | Action::Stage(_) => panic!("nothing forks here"),
            Action::Witness => {}
            Action::Done(summary) => *done = Some(*summary),
        }
    }
    out
}

fn sync(a: &mut Home, b: &mut Home) -> (Summary, Summary) {
    let mut ends =
        (Machine::new(Side::Initiator, organisation_id()), Machine::new(Side::Responder, organisation_id()));
    let mut done = (None, None);
    while done.0.is_none() || done.1.is_none() {
        let out = run(&mut ends.0, a, &mut done.0);
        out.chunks(60_000).for_each(|piece| ends.1.receive(piece));
        let back = run(&mut ends.1, b, &mut done.1);
        back.chunks(60_000).for_each(|piece| ends.0.receive(piece));
    }
    (done.0.unwrap(), done.1.unwrap())
}

fn agree(a: &mut Home, b: &mut Home) -> bool {
    let (one, other) = sync(a, b);
    one.agreed && other.agreed
}

fn revocation(of: &LogId, head: Option<Head>) -> Revocation {
    let (size, root) = head.map_or((0, None), |head| (head.size, Some(head.root)));
    Revocation { log: *of, size, root, lost_ms: 5, reason: RevocationReason::Rotated }
}

fn state(by: &Device, home: &mut Home, kind: u64, body: Vec<u8>) {
    let draft = by.draft(kind, body);
    home.store.write(|t| by.append(t, draft)).unwrap();
}

/// An admin's home and a courier's, who have met.
fn pharmacy_and_courier() -> (Home, Home, Device, Device) {
    let (admin, courier) = (Device::new(1), Device::new(2));
    let (mut pharmacy, mut phone) = (Home::new(), Home::new());
    admin.found_first(&mut pharmacy.store);
    let by = admin.enrol(&mut pharmacy.store, &courier, Role::Courier);
    courier.found_by(&mut phone.store, &by);
    assert!(agree(&mut phone, &mut pharmacy));
    (pharmacy, phone, admin, courier)
}

#[test]
fn what_a_couriers_device_states_is_relayed_and_neither_kept_in_memory_nor_folded() {
    let (mut pharmacy, mut phone, _, courier) = pharmacy_and_courier();
    let before = pharmacy.store.read(|view| view.statements()).unwrap();
    let drafts: Vec<_> = (0..2000_u64)
        .map(|n| courier.draft(REVOKE, revocation(&LogId(Hash::of(&[&n.to_be_bytes()]).0), None).encode()))
        .collect();
    phone
        .store
        .write(|t| drafts.into_iter().try_for_each(|draft| courier.append(t, draft).map(drop)))
        .unwrap();
    assert!(agree(&mut phone, &mut pharmacy));
    assert_eq!(pharmacy.head(&courier.log), phone.head(&courier.log));
    // Two thousand revocations later the statements are those of before.
    assert_eq!(pharmacy.store.read(|view| view.statements()).unwrap(), before);
    pharmacy.check();
    let mut third = Home::new();
    assert!(agree(&mut third, &mut pharmacy));
    assert_eq!(third.store.read(|view| view.statements()).unwrap(), before);
}

#[test]
fn what_the_root_says_counts_in_any_log_and_what_it_did_not_say_in_none() {
    let (mut pharmacy, mut phone, _, courier) = pharmacy_and_courier();
    let says = RootSays::Revokes(revocation(&Device::new(1).log, pharmacy.head(&Device::new(1).log)));
    let forged = RootStatement::sign(1, says.clone(), &courier.key).unwrap();
    let genuine = RootStatement::sign(1, says, &root()).unwrap();
    for _ in 0..40 {
        state(&courier, &mut phone, ROOT, forged.encode());
        state(&courier, &mut phone, ROOT, genuine.encode());
    }
    sync(&mut phone, &mut pharmacy);
    for home in [&mut pharmacy, &mut phone] {
        assert!(home.membership().member(&Device::new(1).log).unwrap().cut.is_some());
        home.check();
    }
}

#[test]
fn what_an_admins_new_log_stated_counts_once_the_root_has_named_it() {
    let (mut pharmacy, mut phone, admin, courier) = pharmacy_and_courier();
    let (second, third) = (Device::new(4), Device::new(5));
    let head = pharmacy.head(&admin.log).unwrap();
    found(&second, &mut pharmacy, head, &admin);
    state(&second, &mut pharmacy, ENROL, third.enrolment(Role::Courier).encode());
    assert!(agree(&mut phone, &mut pharmacy));
    assert_eq!(phone.membership().member(&third.log), None);
    // The root speaks in the courier's log, so that the pharmacy hears of what it holds.
    let says = RootSays::Admits(Enrolment { replaces: Some(admin.log), ..second.enrolment(Role::Admin) });
    state(&courier, &mut phone, ROOT, RootStatement::sign(1, says, &root()).unwrap().encode());
    assert!(agree(&mut phone, &mut pharmacy));
    for home in [&mut pharmacy, &mut phone] {
        assert!(home.membership().member(&third.log).is_some());
        home.check();
    }
}

#[test]
fn a_home_of_an_earlier_build_notes_what_its_logs_state_and_says_the_same() {
    let (mut pharmacy, _, admin, courier) = pharmacy_and_courier();
    let cut = revocation(&courier.log, pharmacy.head(&courier.log));
    state(&admin, &mut pharmacy, REVOKE, cut.encode());
    pharmacy.store.write(|t| t.replace_documents("ledger.noted", Vec::new())).unwrap();
    let mut pharmacy = pharmacy.reopened();
    assert!(pharmacy.membership().member(&courier.log).unwrap().cut.is_some());
    pharmacy.check();
    admin.note(&mut pharmacy.store, None, "later", vec![]);
    let mut pharmacy = pharmacy.reopened();
    let noted = pharmacy.store.documents("ledger.noted").unwrap().len();
    assert_eq!(noted, 2);
    pharmacy.check();
}

/// `device` goes on from `old`'s log in one of its own.
fn found(device: &Device, home: &mut Home, head: Head, old: &Device) {
    let continuation = Continuation::sign(&device.log, head, &old.key).unwrap();
    let genesis = Genesis {
        organisation: organisation(),
        device: device.key.public_key(),
        random: [device.number; 16],
        admission: Admission::Continues(continuation),
    };
    let draft = device.draft(GENESIS, genesis.encode());
    let signers = Signers { device: &device.key, person: None };
    home.store.write(|t| t.append(device.log, draft, signers)).unwrap();
}

#[test]
fn a_copy_that_stays_out_keeps_nobody_from_agreeing_whoever_met_it_before() {
    let (mut pharmacy, mut phone, admin, courier) = pharmacy_and_courier();
    let (first, second) = (Device::new(4), Device::new(5));
    let head = pharmacy.head(&courier.log).unwrap();
    let mut ward = Home::new();
    assert!(agree(&mut ward, &mut pharmacy));
    let mut copy = Home::new();
    assert!(agree(&mut copy, &mut pharmacy));
    found(&first, &mut phone, head, &courier);
    found(&second, &mut copy, head, &courier);
    // The pharmacy meets both copies; the ward the second one alone, the first phone neither of the others.
    assert!(agree(&mut phone, &mut pharmacy));
    assert!(agree(&mut copy, &mut pharmacy));
    assert!(agree(&mut copy, &mut ward));
    let anew = Enrolment { replaces: Some(courier.log), ..first.enrolment(Role::Courier) };
    state(&admin, &mut pharmacy, ENROL, anew.encode());
    state(&admin, &mut pharmacy, REVOKE, revocation(&courier.log, Some(head)).encode());
    assert!(pharmacy.head(&second.log).is_some() && phone.head(&second.log).is_none());
    // Whoever comes later never gets it; a round tells all of the decision.
    let mut late = Home::new();
    for home in [&mut phone, &mut ward, &mut late] {
        sync(home, &mut pharmacy);
    }
    let mut homes = [pharmacy, phone, ward, late];
    let holds: Vec<bool> = homes.iter_mut().map(|home| home.head(&second.log).is_some()).collect();
    assert_eq!(holds, [true, false, true, false]);
    for (a, b) in [(0, 1), (1, 0), (2, 1), (1, 2), (3, 0), (0, 3), (2, 3), (3, 2), (0, 2), (2, 0)] {
        let [one, other] = homes.get_disjoint_mut([a, b]).unwrap();
        let (mine, theirs) = sync(one, other);
        assert!(mine.agreed && theirs.agreed && mine.refused.is_empty(), "{a} {b}");
        assert!(mine.stored.is_empty() && mine.sent.is_empty(), "{a} {b}");
        assert!(mine.peer.iter().all(|head| head.log != second.log));
    }
    // What the copy wrote is kept by whom it came to, and its own home is told that it stays out.
    assert!(homes[0].head(&second.log).is_some());
    for _ in 0..2 {
        let mut end = (
            Machine::new(Side::Initiator, organisation_id()).of(second.log),
            Machine::new(Side::Responder, organisation_id()),
        );
        let mut done = (None, None);
        while done.0.is_none() || done.1.is_none() {
            let out = run(&mut end.0, &mut copy, &mut done.0);
            end.1.receive(&out);
            let back = run(&mut end.1, &mut homes[3], &mut done.1);
            end.0.receive(&back);
        }
        let told = done.0.unwrap();
        assert!(!told.agreed);
        assert_eq!(told.refused_by_peer[&second.log], "ledger/not-enrolled");
    }
}

#[test]
fn of_more_copies_than_may_wait_each_home_has_those_that_came_first_and_nobody_differs_by_them() {
    let (mut pharmacy, mut phone, _, courier) = pharmacy_and_courier();
    let mut ward = Home::new();
    assert!(agree(&mut ward, &mut pharmacy));
    let head = pharmacy.head(&courier.log).unwrap();
    for number in 10..18 {
        found(&Device::new(number), &mut pharmacy, head, &courier);
    }
    for number in 14..22 {
        found(&Device::new(number), &mut ward, head, &courier);
    }
    courier.note(&mut phone.store, None, "delivered", vec![]);
    for _ in 0..2 {
        assert!(agree(&mut pharmacy, &mut ward));
        assert!(agree(&mut ward, &mut pharmacy));
        assert!(agree(&mut phone, &mut ward));
        assert!(agree(&mut phone, &mut pharmacy));
    }
    assert_eq!(ward.head(&courier.log), phone.head(&courier.log));
    assert_eq!(ward.store.heads().unwrap().len(), 10);
    let waits = |home: &mut Home| {
        home.membership().members().filter(|one| one.standing == MemberStanding::Provisional).count()
    };
    assert_eq!([waits(&mut pharmacy), waits(&mut phone), waits(&mut ward)], [8; 3]);
}
