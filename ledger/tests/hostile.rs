//! A member that floods its peers: what it can cost is bounded, what is refused says why, and honest logs go on.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Device, batch, organisation, organisation_id};
use firn_ledger::bytes::LogId;
use firn_ledger::chain::Received;
use firn_ledger::error::LedgerError;
use firn_ledger::key::{SecretKey, Signer};
use firn_ledger::statement::{Admission, Continuation, GENESIS, Genesis, Role};
use firn_ledger::store::{OpenOptions, Store};
use firn_ledger::sync::frame::encode;
use firn_ledger::sync::limits::{LOG_BYTES_A_DAY, MAX_NOTHING_NEW, MAX_PROVISIONAL, Quota};
use firn_ledger::sync::message::{Message, fingerprint};
use firn_ledger::sync::{Action, Machine, Side, Summary};

struct Home {
    _folder: tempfile::TempDir,
    store: Store,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("firn.db"), &OpenOptions::default()).unwrap();
        Self { _folder: folder, store }
    }

    fn logs(&mut self) -> Vec<LogId> {
        self.store.heads().unwrap().iter().map(|head| head.log).collect()
    }

    fn size(&mut self, log: &LogId) -> u64 {
        self.store.heads().unwrap().iter().find(|head| head.log == *log).map_or(0, |head| head.size)
    }
}

/// One end, told what it may take.
struct End<'a> {
    machine: Machine,
    home: &'a mut Home,
    done: Option<Summary>,
}

impl<'a> End<'a> {
    fn new(side: Side, home: &'a mut Home, quota: Quota) -> Self {
        Self { machine: Machine::new(side, organisation_id()).within(quota), home, done: None }
    }

    fn run(&mut self) -> Result<Vec<u8>, LedgerError> {
        let mut out = Vec::new();
        loop {
            match self.machine.poll(&mut self.home.store)? {
                None => return Ok(out),
                Some(Action::Send(bytes)) => out.extend(bytes),
                Some(Action::Store(run)) => self.home.store.write(|t| t.append_foreign(*run))?,
                Some(Action::Stage(run)) => self.home.store.write(|t| t.stage(*run))?,
                Some(Action::StoreSeen(seen)) => self.home.store.write(|t| t.take_seen(&seen)).map(drop)?,
                Some(Action::StoreFork(proof)) => self.home.store.write(|t| t.take_fork(&proof))?,
                Some(Action::Witness) => {}
                Some(Action::Done(summary)) => self.done = Some(*summary),
            }
        }
    }

    fn say(&mut self, message: &Message) -> Result<(), LedgerError> {
        self.machine.receive(&encode(&message.encode()).unwrap());
        self.run().map(drop)
    }
}

/// What `to` says of a whole conversation with `from`.
fn sync(from: &mut Home, to: &mut Home, quota: Quota) -> Summary {
    let (mut a, mut b) = (End::new(Side::Initiator, from, plenty()), End::new(Side::Responder, to, quota));
    while a.done.is_none() || b.done.is_none() {
        for piece in a.run().unwrap().chunks(60_000) {
            b.machine.receive(piece);
        }
        a.machine.receive(&b.run().unwrap());
    }
    b.done.unwrap()
}

fn plenty() -> Quota {
    Quota { day: 20_000, log_bytes: LOG_BYTES_A_DAY }
}

/// A pharmacy with a hostile member and an honest one, whose log comes after it in every order.
fn organisation_with_a_hostile_member() -> (Home, Home, Device, Device) {
    let (admin, hostile, honest) = (Device::new(1), Device::new(2), Device::new(3));
    let (mut pharmacy, mut phone) = (Home::new(), Home::new());
    admin.found_first(&mut pharmacy.store);
    let by = admin.enrol(&mut pharmacy.store, &hostile, Role::Courier);
    hostile.found_by(&mut phone.store, &by);
    let by = admin.enrol(&mut pharmacy.store, &honest, Role::Courier);
    honest.found_by(&mut phone.store, &by);
    sync(&mut pharmacy, &mut phone, plenty());
    (pharmacy, phone, hostile, honest)
}

#[test]
fn a_key_that_founds_logs_without_end_gets_a_few_in_and_the_honest_log_comes() {
    let (mut pharmacy, mut phone, hostile, honest) = organisation_with_a_hostile_member();
    let head = phone.store.heads().unwrap().into_iter().find(|head| head.log == hostile.log).unwrap();
    for number in 0..40_u8 {
        let key = SecretKey::from_seed(&[100 + number; 32]);
        let log = LogId::of(&organisation_id(), &key.public_key(), &[number; 16]);
        let continuation = Continuation::sign(&log, head, &hostile.key).unwrap();
        let genesis = Genesis {
            organisation: organisation(),
            device: key.public_key(),
            random: [number; 16],
            admission: Admission::Continues(continuation),
        };
        let signers = firn_ledger::entry::Signers { device: &key, person: None };
        let draft = hostile.draft(GENESIS, genesis.encode());
        phone.store.write(|t| t.append(log, draft, signers)).unwrap();
    }
    honest.note(&mut phone.store, None, "delivered", vec![]);
    let summary = sync(&mut phone, &mut pharmacy, plenty());
    let refused: Vec<&str> = summary.refused.values().map(String::as_str).collect();
    assert_eq!(refused, vec!["sync/too-many-logs"; 40 - MAX_PROVISIONAL]);
    assert_eq!(pharmacy.logs().len(), 3 + MAX_PROVISIONAL);
    assert_eq!(pharmacy.size(&honest.log), 2);
    // Nor does asking again bring more of them in.
    sync(&mut phone, &mut pharmacy, plenty());
    assert_eq!(pharmacy.logs().len(), 3 + MAX_PROVISIONAL);
}

#[test]
fn a_log_that_grows_too_fast_waits_for_the_next_day_and_the_others_do_not() {
    let (mut pharmacy, mut phone, hostile, honest) = organisation_with_a_hostile_member();
    for number in 0..20 {
        hostile.note(&mut phone.store, None, &format!("flood {number}"), vec![batch(number, 200_000)]);
    }
    honest.note(&mut phone.store, None, "delivered", vec![]);
    let quota = Quota { day: 20_000, log_bytes: 1_000_000 };
    let summary = sync(&mut phone, &mut pharmacy, quota);
    assert_eq!(summary.refused[&hostile.log], "sync/too-fast");
    let taken = pharmacy.size(&hostile.log);
    assert!((5..21).contains(&taken), "{taken}: about a megabyte, and one chunk more");
    assert_eq!(pharmacy.size(&honest.log), 2);
    // The same day gives no more, and the honest log still comes.
    honest.note(&mut phone.store, None, "signed for", vec![]);
    sync(&mut phone, &mut pharmacy, quota);
    assert_eq!((pharmacy.size(&hostile.log), pharmacy.size(&honest.log)), (taken, 3));
    let mut days = 20_001;
    while pharmacy.size(&hostile.log) < 21 {
        sync(&mut phone, &mut pharmacy, Quota { day: days, ..quota });
        days += 1;
    }
    assert!(days < 20_020);
    assert_eq!(pharmacy.store.entries(&hostile.log, 0), phone.store.entries(&hostile.log, 0));
}

#[test]
fn a_stream_without_end_and_without_news_is_cut_off_and_holds_no_memory() {
    let (mut pharmacy, mut phone, hostile, _) = organisation_with_a_hostile_member();
    let records = phone.store.entries(&hostile.log, 0).unwrap();
    let entries: Vec<Received> = records
        .into_iter()
        .map(|one| Received { bytes: one.entry.bytes().to_vec(), body: one.body, salt: one.salt })
        .collect();
    let held = Message::Entries { log: hostile.log, from: 0, entries };
    let noise = Message::Batch(vec![0; 1_000_000]);
    let before = pharmacy.store.heads().unwrap();
    let mut end = End::new(Side::Responder, &mut pharmacy, plenty());
    let (versions, organisation) = (vec![1], organisation_id());
    let hello = Message::Hello { versions, organisation, fingerprint: fingerprint(&[]), frontier: None };
    end.say(&hello).unwrap();
    let mut sent = 0;
    let error = loop {
        if let Err(error) = end.say(&held).and_then(|()| end.say(&noise)) {
            break error;
        }
        sent += 1_000_000;
        assert!(sent < 2 * MAX_NOTHING_NEW, "it goes on for ever");
    };
    assert_eq!(error.code(), "sync/nothing-new");
    assert_eq!(pharmacy.store.heads().unwrap(), before);
}
