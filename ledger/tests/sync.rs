//! Two and more homes that sync in memory, frame by frame and byte by byte.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Device, batch, organisation_id};
use firn_ledger::bytes::{Id, LogId, OrganisationId};
use firn_ledger::chain::Depth;
use firn_ledger::checkpoint::Cosignature;
use firn_ledger::entry::{Head, Record};
use firn_ledger::error::LedgerError;
use firn_ledger::fork::ForkProof;
use firn_ledger::key::Signer;
use firn_ledger::seen::{Cosigned, Seen};
use firn_ledger::statement::{REVOKE, Revocation, RevocationReason, Role, UPHELD, Upheld};
use firn_ledger::store::{OpenOptions, Store};
use firn_ledger::sync::frame::encode;
use firn_ledger::sync::message::{Held, Message, fingerprint};
use firn_ledger::sync::{Action, Machine, Side, Summary};
use proptest::prelude::*;

const NOW_S: u64 = 1_793_491_200;

struct Home {
    _folder: tempfile::TempDir,
    store: Store,
    /// Whose home it is, by number; nobody's signs nothing.
    of: Option<u8>,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("firn.db"), &OpenOptions::default()).unwrap();
        Self { _folder: folder, store, of: None }
    }

    fn of(device: &Device) -> Self {
        Self { of: Some(device.number), ..Self::new() }
    }

    fn witness(&mut self) {
        if let Some(device) = self.of.map(Device::new) {
            self.store.write(|t| t.witness(&device.log, &device.key, NOW_S)).unwrap();
        }
    }

    fn seen(&mut self, log: &LogId) -> Seen {
        self.store.read(|view| view.seen(log)).unwrap()
    }

    fn fork(&mut self, log: &LogId) -> Option<ForkProof> {
        self.store.read(|view| view.fork(log)).unwrap()
    }

    fn heads(&mut self) -> Vec<Head> {
        self.store.heads().unwrap()
    }

    fn all(&mut self) -> Vec<Record> {
        let heads = self.heads();
        heads.iter().flat_map(|head| self.store.entries(&head.log, 0).unwrap()).collect()
    }

    fn check(&mut self) {
        assert!(self.store.verify(Depth::Every).unwrap().ok());
    }
}

/// One end of a conversation.
struct End<'a> {
    machine: Machine,
    home: &'a mut Home,
    done: Option<Summary>,
}

impl<'a> End<'a> {
    fn new(side: Side, home: &'a mut Home) -> Self {
        let machine = Machine::new(side, organisation_id());
        let machine = match home.of.map(Device::new) {
            Some(own) => machine.of(own.log),
            None => machine,
        };
        Self { machine, home, done: None }
    }

    /// Hears one message, and does all there is to do.
    fn say(&mut self, message: &Message) -> Result<Vec<u8>, (Vec<u8>, LedgerError)> {
        self.machine.receive(&encode(&message.encode()).unwrap());
        self.run()
    }

    /// Hears the hello of a peer that holds this.
    fn greet(&mut self, held: &[Held]) {
        let (versions, organisation, fingerprint) = (vec![1], organisation_id(), fingerprint(held));
        self.say(&Message::Hello { versions, organisation, fingerprint, frontier: None }).unwrap();
        self.say(&Message::Frontier(held.to_vec())).unwrap();
    }

    /// Does all there is to do, and gives the bytes for the other end.
    fn run(&mut self) -> Result<Vec<u8>, (Vec<u8>, LedgerError)> {
        let mut out = Vec::new();
        loop {
            match self.machine.poll(&mut self.home.store) {
                Ok(None) => return Ok(out),
                Ok(Some(Action::Send(bytes))) => out.extend(bytes),
                Ok(Some(Action::Store(run))) => {
                    self.home.store.write(|t| t.append_foreign(*run)).unwrap();
                }
                Ok(Some(Action::Stage(run))) => {
                    self.home.store.write(|t| t.stage(*run)).unwrap();
                }
                Ok(Some(Action::StoreSeen(seen))) => {
                    self.home.store.write(|t| t.take_seen(&seen)).unwrap();
                }
                Ok(Some(Action::StoreFork(proof))) => {
                    self.home.store.write(|t| t.take_fork(&proof)).unwrap();
                }
                Ok(Some(Action::Witness)) => self.home.witness(),
                Ok(Some(Action::Done(summary))) => self.done = Some(*summary),
                Err(error) => return Err((out, error)),
            }
            // As a home does with everything that it takes in.
            if let Some(of) = self.home.of {
                self.home.store.write(|t| t.settle(&Device::new(of).log)).unwrap();
            }
        }
    }
}

/// Carries bytes to and fro in pieces of `cut` bytes; stops dead after `limit` bytes.
fn converse(a: &mut Home, b: &mut Home, cut: usize, limit: usize) -> Option<(Summary, Summary)> {
    let (mut a, mut b) = (End::new(Side::Initiator, a), End::new(Side::Responder, b));
    let mut left = limit;
    loop {
        let mut moved = false;
        for turn in 0..2 {
            let (from, to) = if turn == 0 { (&mut a, &mut b) } else { (&mut b, &mut a) };
            let bytes = from.run().map_err(|(_, error)| error).unwrap();
            for piece in bytes.chunks(cut) {
                let piece = &piece[..piece.len().min(left)];
                left -= piece.len();
                to.machine.receive(piece);
                // Answers are kept for the next turn: `run` polls again, and what it sends is not lost.
                moved |= !piece.is_empty();
                if left == 0 {
                    to.run().map_err(|(_, error)| error).unwrap();
                    return None;
                }
            }
        }
        if let (Some(a), Some(b)) = (&a.done, &b.done) {
            return Some((a.clone(), b.clone()));
        }
        assert!(moved, "both wait for each other");
    }
}

/// How many bytes a conversation takes in both directions, and how often the initiator waits for an answer.
fn traffic(a: &mut Home, b: &mut Home) -> (usize, usize) {
    let (mut a, mut b) = (End::new(Side::Initiator, a), End::new(Side::Responder, b));
    let (mut bytes, mut round_trips) = (0, 0);
    while a.done.is_none() || b.done.is_none() {
        let there = a.run().map_err(|(_, error)| error).unwrap();
        b.machine.receive(&there);
        let back = b.run().map_err(|(_, error)| error).unwrap();
        a.machine.receive(&back);
        bytes += there.len() + back.len();
        round_trips += usize::from(!back.is_empty());
        a.run().map_or_else(
            |(_, error)| panic!("{error}"),
            |rest| {
                bytes += rest.len();
                b.machine.receive(&rest);
            },
        );
    }
    (bytes, round_trips)
}

fn sync(a: &mut Home, b: &mut Home) -> (Summary, Summary) {
    converse(a, b, 60_000, usize::MAX).unwrap()
}

/// A pharmacy with a courier enrolled, whose phone has been founded but has not synced.
fn pharmacy_and_courier() -> (Home, Home, Device, Device) {
    let (admin, courier) = (Device::new(1), Device::new(2));
    let (mut pharmacy, mut phone) = (Home::of(&admin), Home::of(&courier));
    admin.found_first(&mut pharmacy.store);
    let by = admin.enrol(&mut pharmacy.store, &courier, Role::Courier);
    courier.found_by(&mut phone.store, &by);
    (pharmacy, phone, admin, courier)
}

#[test]
fn a_phone_that_joins_and_the_pharmacy_come_to_hold_the_same() {
    let (mut pharmacy, mut phone, admin, courier) = pharmacy_and_courier();
    let shipment = Some(Id([3; 16]));
    courier.note(&mut phone.store, shipment, "picked up", vec![batch(1, 5000), batch(2, 100)]);
    admin.note(&mut pharmacy.store, shipment, "expected", vec![batch(3, 200_000)]);
    let (ours, theirs) = sync(&mut phone, &mut pharmacy);
    assert!(ours.agreed && theirs.agreed);
    assert_eq!(ours.stored[&admin.log], 3);
    assert_eq!(theirs.stored[&courier.log], 2);
    assert!(ours.refused.is_empty() && theirs.refused.is_empty());
    assert_eq!(phone.all(), pharmacy.all());
    phone.check();
    pharmacy.check();
    let (again, _) = sync(&mut pharmacy, &mut phone);
    assert!(again.agreed && again.stored.is_empty() && again.sent.is_empty());
}

#[test]
fn a_third_device_learns_of_a_new_one_and_takes_its_log_in_the_same_conversation() {
    let (mut pharmacy, mut phone, admin, _) = pharmacy_and_courier();
    let (quality, mut desk) = (Device::new(3), Home::new());
    let by = admin.enrol(&mut pharmacy.store, &quality, Role::Quality);
    quality.found_by(&mut desk.store, &by);
    sync(&mut desk, &mut pharmacy);
    sync(&mut phone, &mut pharmacy);
    // The desk does not know the courier yet; the phone brings the proof with its log.
    let newcomer = Device::new(4);
    let by = admin.enrol(&mut pharmacy.store, &newcomer, Role::Courier);
    let mut tablet = Home::new();
    newcomer.found_by(&mut tablet.store, &by);
    sync(&mut tablet, &mut pharmacy);
    for (a, b) in [(&mut desk, &mut tablet), (&mut phone, &mut pharmacy)] {
        let (ours, theirs) = sync(a, b);
        assert!(ours.agreed && theirs.agreed, "{ours:?} {theirs:?}");
    }
    assert_eq!(desk.heads().len(), 4);
    assert_eq!(desk.all(), phone.all());
}

#[test]
fn a_log_whose_device_is_not_enrolled_is_refused_and_the_others_are_taken() {
    let (mut pharmacy, mut phone, admin, courier) = pharmacy_and_courier();
    // A courier is no admin: whom he enrols is not enrolled.
    let stranger = Device::new(5);
    let by = courier.enrol(&mut phone.store, &stranger, Role::Admin);
    stranger.found_by(&mut phone.store, &by);
    // The others hear of it by its own home alone.
    phone.of = Some(stranger.number);
    let (ours, theirs) = sync(&mut phone, &mut pharmacy);
    assert_eq!(theirs.refused[&stranger.log], "ledger/not-enrolled");
    assert_eq!(ours.refused_by_peer[&stranger.log], "ledger/not-enrolled");
    assert!(!ours.agreed && !theirs.agreed);
    let held: Vec<LogId> = pharmacy.heads().iter().map(|head| head.log).collect();
    let mut expected = vec![admin.log, courier.log];
    expected.sort();
    assert_eq!(held, expected);
}

#[test]
fn each_side_signs_what_it_holds_and_both_know_who_has_seen_what() {
    let (mut pharmacy, mut phone, admin, courier) = pharmacy_and_courier();
    admin.note(&mut pharmacy.store, None, "expected", vec![]);
    sync(&mut phone, &mut pharmacy);
    for (log, witness) in [(admin.log, courier.log), (courier.log, admin.log)] {
        let (here, there) = (pharmacy.seen(&log), phone.seen(&log));
        assert_eq!(here, there);
        let head = pharmacy.heads().into_iter().find(|head| head.log == log).unwrap();
        assert_eq!(here.checkpoint.unwrap().head, head);
        assert_eq!(here.cosigned[&witness].head, head);
    }
    // A third device hears of it from either, and nobody says it twice.
    let (quality, mut desk) = (Device::new(3), Home::of(&Device::new(3)));
    let by = admin.enrol(&mut pharmacy.store, &quality, Role::Quality);
    quality.found_by(&mut desk.store, &by);
    sync(&mut desk, &mut pharmacy);
    assert!(desk.seen(&courier.log).cosigned.contains_key(&admin.log));
    let (bytes, round_trips) = traffic(&mut desk, &mut pharmacy);
    assert!(bytes <= 100 && round_trips == 1, "{bytes} bytes for three logs that both hold");
}

#[test]
fn equal_peers_say_a_hundred_bytes_in_one_round_trip_whether_they_hold_one_log_or_a_hundred() {
    let (admin, courier) = (Device::new(1), Device::new(2));
    let (mut pharmacy, mut phone) = (Home::of(&admin), Home::of(&courier));
    admin.found_first(&mut pharmacy.store);
    admin.enrol(&mut pharmacy.store, &courier, Role::Courier);
    for logs in [1, 100] {
        for number in 3..=logs + 1 {
            let device = Device::new(number);
            let by = admin.enrol(&mut pharmacy.store, &device, Role::Courier);
            device.found_by(&mut pharmacy.store, &by);
        }
        sync(&mut phone, &mut pharmacy);
        assert_eq!(phone.heads().len(), usize::from(logs));
        let before = (phone.seen(&admin.log), pharmacy.seen(&admin.log));
        assert_eq!(traffic(&mut phone, &mut pharmacy), (82, 1), "{logs} logs");
        assert_eq!(traffic(&mut pharmacy, &mut phone), (82, 1), "{logs} logs");
        let head = phone.heads().into_iter().find(|head| head.log == admin.log).unwrap();
        assert_eq!(before.1.cosigned[&courier.log].head, head);
        assert_eq!((phone.seen(&admin.log), pharmacy.seen(&admin.log)), before);
    }
}

#[test]
fn peers_of_equal_entries_tell_each_other_first_what_only_one_of_them_has_signed() {
    let (admin, courier) = (Device::new(1), Device::new(2));
    let (mut pharmacy, mut phone) = (Home::of(&admin), Home::new());
    admin.found_first(&mut pharmacy.store);
    admin.enrol(&mut pharmacy.store, &courier, Role::Courier);
    sync(&mut phone, &mut pharmacy);
    assert_eq!(traffic(&mut phone, &mut pharmacy), (82, 1));
    phone.of = Some(courier.number);
    let (bytes, _) = traffic(&mut phone, &mut pharmacy);
    assert!(bytes > 100, "the phone's word on the pharmacy's log has not been said");
    assert!(pharmacy.seen(&admin.log).cosigned.contains_key(&courier.log));
    assert_eq!(traffic(&mut phone, &mut pharmacy), (82, 1));
}

#[test]
fn that_both_hold_the_same_is_heard_only_by_who_asked() {
    let (mut pharmacy, _, _, _) = pharmacy_and_courier();
    for side in [Side::Responder, Side::Reader] {
        let error = End::new(side, &mut pharmacy).say(&Message::Same).unwrap_err().1;
        assert_eq!(error.code(), "sync/protocol");
    }
    let mut asked = End::new(Side::Initiator, &mut pharmacy);
    asked.run().unwrap();
    asked.say(&Message::Same).unwrap();
    assert!(asked.done.as_ref().is_some_and(|summary| summary.agreed));
    let (versions, organisation, fingerprint) = (vec![1], organisation_id(), fingerprint(&[]));
    let bare = Message::Hello { versions, organisation, fingerprint, frontier: None };
    let mut asked = End::new(Side::Initiator, &mut pharmacy);
    asked.run().unwrap();
    assert_eq!(asked.say(&bare).unwrap_err().1.code(), "sync/protocol");
}

#[test]
fn a_new_entry_with_all_that_is_signed_over_it_takes_two_kilobytes() {
    let (mut pharmacy, mut phone, _, courier) = pharmacy_and_courier();
    sync(&mut phone, &mut pharmacy);
    courier.note(&mut phone.store, Some(Id([7; 16])), "picked up", vec![]);
    let (bytes, round_trips) = traffic(&mut phone, &mut pharmacy);
    assert!(bytes <= 2048 && round_trips <= 3, "{bytes} bytes, {round_trips} round trips");
    assert_eq!(phone.seen(&courier.log).cosigned.len(), 1);
}

#[test]
fn of_two_histories_under_one_name_there_is_a_proof_that_every_device_checks_and_neither_goes_on() {
    let (mut pharmacy, mut phone, admin, courier) = pharmacy_and_courier();
    sync(&mut phone, &mut pharmacy);
    // A copy of the phone, restored and used again: same key, same log, another story.
    let mut copy = Home::of(&courier);
    sync(&mut copy, &mut pharmacy);
    courier.note(&mut phone.store, None, "the one story", vec![]);
    courier.note(&mut copy.store, None, "the other story", vec![]);
    sync(&mut phone, &mut pharmacy);
    let before = (copy.all(), pharmacy.all());
    let (ours, theirs) = sync(&mut copy, &mut pharmacy);
    assert_eq!(
        (ours.refused[&courier.log].as_str(), theirs.refused[&courier.log].as_str()),
        ("ledger/fork", "ledger/fork")
    );
    assert!(ours.forked == [courier.log] && theirs.forked == [courier.log]);
    assert_eq!((copy.all(), pharmacy.all()), before, "both branches stay as they are");
    for home in [&mut copy, &mut pharmacy] {
        let proof = home.fork(&courier.log).unwrap();
        assert_eq!(proof.check(&courier.key.public_key()), Ok(()));
        assert!(proof.encode().len() <= 1024);
    }
    // The news goes before anything else, to whoever holds either branch or neither.
    let (quality, mut desk) = (Device::new(3), Home::of(&Device::new(3)));
    let by = admin.enrol(&mut pharmacy.store, &quality, Role::Quality);
    quality.found_by(&mut desk.store, &by);
    sync(&mut phone, &mut pharmacy);
    sync(&mut desk, &mut pharmacy);
    assert!(phone.fork(&courier.log).is_some() && desk.fork(&courier.log).is_some());
    courier.note(&mut phone.store, None, "and on", vec![]);
    let (ours, _) = sync(&mut phone, &mut pharmacy);
    assert!(!ours.sent.contains_key(&courier.log), "a log with two histories takes no more entries");
    pharmacy.check();
    desk.check();
}

/// A phone that was cloned; the pharmacy holds the one story, the desk the other, and the yard what both share.
struct Forked {
    pharmacy: Home,
    desk: Home,
    yard: Home,
    admin: Device,
    courier: Device,
    /// What the pharmacy holds of the courier's log.
    one: Vec<Record>,
}

fn forked() -> Forked {
    let (mut pharmacy, mut phone, admin, courier) = pharmacy_and_courier();
    let (quality, porter) = (Device::new(3), Device::new(4));
    let (mut desk, mut yard) = (Home::of(&quality), Home::of(&porter));
    for (device, home, role) in [(&quality, &mut desk, Role::Quality), (&porter, &mut yard, Role::Pharmacist)]
    {
        let by = admin.enrol(&mut pharmacy.store, device, role);
        device.found_by(&mut home.store, &by);
    }
    let mut copy = Home::of(&courier);
    for home in [&mut phone, &mut copy, &mut desk, &mut yard] {
        sync(home, &mut pharmacy);
    }
    let shipment = Some(Id([3; 16]));
    courier.note(&mut phone.store, shipment, "in range", vec![batch(1, 900)]);
    courier.note(&mut phone.store, None, "arrived", vec![]);
    courier.note(&mut phone.store, None, "and left", vec![batch(4, 100)]);
    courier.note(&mut copy.store, shipment, "too warm", vec![batch(2, 900)]);
    courier.note(&mut copy.store, shipment, "arrived late", vec![batch(3, 50)]);
    sync(&mut phone, &mut pharmacy);
    sync(&mut copy, &mut desk);
    sync(&mut desk, &mut pharmacy);
    sync(&mut yard, &mut pharmacy);
    assert!(desk.fork(&courier.log).is_some() && yard.fork(&courier.log).is_some());
    let one = pharmacy.store.entries(&courier.log, 0).unwrap();
    assert_eq!((one.len(), desk.store.entries(&courier.log, 0).unwrap().len()), (4, 3));
    Forked { pharmacy, desk, yard, admin, courier, one }
}

impl Forked {
    /// The admin says that the pharmacy's history holds, up to a size.
    fn decide(&mut self, size: u64) {
        let log = self.courier.log;
        let root = self.pharmacy.store.read(|view| view.root_at(&log, size)).unwrap();
        let reason = RevocationReason::Forked;
        let revocation = Revocation { log, size, root, lost_ms: common::START_MS, reason };
        let draft = self.admin.draft(REVOKE, revocation.encode());
        self.pharmacy.store.write(|t| self.admin.append(t, draft)).unwrap();
        self.pharmacy.store.write(|t| t.settle(&self.admin.log)).unwrap();
    }

    fn held(&mut self) -> [Vec<Record>; 3] {
        [&mut self.pharmacy, &mut self.desk, &mut self.yard]
            .map(|home| home.store.entries(&self.courier.log, 0).unwrap())
    }
}

#[test]
fn once_it_is_decided_which_history_holds_every_device_has_that_one_and_keeps_the_other_aside() {
    for size in 1..=4 {
        let mut world = forked();
        world.decide(size);
        let (other, holds) =
            (world.desk.store.entries(&world.courier.log, 0).unwrap(), world.one[..size as usize].to_vec());
        let (ours, _) = sync(&mut world.desk, &mut world.pharmacy);
        assert!(ours.refused.is_empty(), "{ours:?}");
        sync(&mut world.yard, &mut world.desk);
        sync(&mut world.yard, &mut world.desk);
        assert_eq!(world.held(), [holds.clone(), holds.clone(), holds], "{size}");
        let (again, _) = sync(&mut world.desk, &mut world.pharmacy);
        assert!(again.agreed && again.stored.is_empty() && again.refused.is_empty(), "{again:?}");
        let aside = world.desk.store.read(|view| view.aside(&world.courier.log)).unwrap();
        assert_eq!(aside[0].records, other[1..], "nothing that was stored is lost");
        for home in [&mut world.pharmacy, &mut world.desk, &mut world.yard] {
            home.check();
            // Every place of an index is there as well.
            let places = home.store.by_subject(&Id([3; 16])).unwrap();
            assert_eq!(places.len(), usize::from(size > 1), "{size}");
        }
    }
}

#[test]
fn a_history_that_holds_comes_however_often_the_line_breaks_and_on_a_stick() {
    for limit in (300..6000).step_by(300) {
        let mut world = forked();
        world.decide(4);
        for _ in 0..3 {
            converse(&mut world.desk, &mut world.pharmacy, 70, limit);
            world.desk.check();
        }
        sync(&mut world.desk, &mut world.pharmacy);
        sync(&mut world.desk, &mut world.pharmacy);
        assert_eq!(world.desk.store.entries(&world.courier.log, 0).unwrap(), world.one, "{limit}");
    }
    let mut world = forked();
    world.decide(4);
    carry(&mut world.pharmacy, &mut world.yard, vec![]);
    assert_eq!(world.yard.store.entries(&world.courier.log, 0).unwrap(), world.one);
}

impl Forked {
    /// The admin vouches for the pharmacy's history, of which the end was set aside.
    fn uphold(&mut self, size: u64) {
        let (log, admin) = (self.courier.log, &self.admin);
        let root =
            self.pharmacy.store.read(|view| view.roots_aside(&log, size)).unwrap().pop_first().unwrap();
        let draft = admin.draft(UPHELD, Upheld { head: Head { log, size, root } }.encode());
        self.pharmacy.store.write(|t| admin.append(t, draft)).unwrap();
        self.pharmacy.store.write(|t| t.settle(&admin.log)).unwrap();
    }

    /// All of them meet.
    fn meet(&mut self) {
        for _ in 0..2 {
            sync(&mut self.desk, &mut self.pharmacy);
            sync(&mut self.yard, &mut self.desk);
        }
    }
}

#[test]
fn what_was_set_aside_holds_again_when_somebody_vouches_for_it_in_one_step_or_in_several() {
    for [cuts, upheld] in
        [[&[1][..], &[4][..]], [&[1], &[2, 4]], [&[1], &[2, 3, 4]], [&[3, 2], &[4]], [&[3, 1], &[2, 4]]]
    {
        let mut world = forked();
        for (number, size) in cuts.iter().enumerate() {
            world.decide(*size);
            if number == 0 {
                world.meet();
            }
        }
        world.meet();
        for size in upheld {
            world.uphold(*size);
            world.meet();
            let holds = world.one[..*size as usize].to_vec();
            assert_eq!(world.held(), [holds.clone(), holds.clone(), holds], "{cuts:?} {upheld:?} {size}");
            // What lies beyond it is kept wherever it was.
            let aside = world.pharmacy.store.read(|view| view.aside(&world.courier.log)).unwrap();
            let beyond: Vec<Vec<Record>> = aside.into_iter().map(|one| one.records).collect();
            let rest = world.one[*size as usize..].to_vec();
            assert_eq!(
                beyond,
                if rest.is_empty() { vec![] } else { vec![rest] },
                "{cuts:?} {upheld:?} {size}"
            );
        }
        let other = world.desk.store.read(|view| view.aside(&world.courier.log)).unwrap();
        assert_eq!(other.iter().map(|one| one.records.len()).collect::<Vec<_>>(), [2], "the desk's own");
        for home in [&mut world.pharmacy, &mut world.desk, &mut world.yard] {
            home.check();
        }
    }
}

/// Carries everything that `from` holds, or what those at `held` lack, to somebody who cannot answer.
fn carry(from: &mut Home, to: &mut Home, held: Vec<Held>) -> Summary {
    let mut writer = End::new(Side::Writer, from);
    writer.machine = Machine::new(Side::Writer, organisation_id()).knowing(held);
    let bytes = writer.run().map_err(|(_, error)| error).unwrap();
    let mut reader = End::new(Side::Reader, to);
    reader.machine.receive(&bytes);
    reader.run().map_err(|(_, error)| error).unwrap();
    reader.done.unwrap()
}

#[test]
fn a_file_brings_the_rest_where_a_part_of_its_chunk_is_held_already() {
    for readings_come in [[true, true], [true, false], [false, true]] {
        let (mut pharmacy, mut phone, _, courier) = pharmacy_and_courier();
        sync(&mut phone, &mut pharmacy);
        let note = |phone: &mut Home, n: u8, readings: bool| {
            let batches = if readings { vec![batch(n, 300)] } else { vec![] };
            courier.note(&mut phone.store, None, &format!("part {n}"), batches);
        };
        note(&mut phone, 1, readings_come[0]);
        sync(&mut phone, &mut pharmacy);
        note(&mut phone, 2, readings_come[1]);
        note(&mut phone, 3, false);
        for _ in 0..2 {
            let summary = carry(&mut phone, &mut pharmacy, vec![]);
            assert!(summary.refused.is_empty(), "{summary:?}");
        }
        assert_eq!(pharmacy.all(), phone.all(), "{readings_come:?}");
        pharmacy.check();
    }
}

#[test]
fn a_history_that_was_rewritten_after_a_sync_is_caught_by_who_saw_the_earlier_state() {
    let (mut pharmacy, mut phone, admin, courier) = pharmacy_and_courier();
    courier.note(&mut phone.store, None, "out of range", vec![]);
    sync(&mut phone, &mut pharmacy);
    // The same key writes the log anew from its beginning, longer than before and without the excursion.
    let mut rewritten = Home::of(&courier);
    let by = pharmacy.store.entry(&admin.log, 1).unwrap().unwrap();
    let again = Device::new(2);
    again.found_by(&mut rewritten.store, &by);
    for n in 0..5 {
        again.note(&mut rewritten.store, None, &format!("in range {n}"), vec![]);
    }
    let (ours, theirs) = sync(&mut rewritten, &mut pharmacy);
    assert!(ours.forked == [courier.log] && theirs.forked == [courier.log], "{ours:?} {theirs:?}");
}

#[test]
fn words_of_strangers_forged_words_words_on_oneself_and_proofs_that_prove_nothing_are_kept_by_nobody() {
    let (mut pharmacy, mut phone, admin, courier) = pharmacy_and_courier();
    sync(&mut phone, &mut pharmacy);
    let head = pharmacy.heads().into_iter().find(|head| head.log == admin.log).unwrap();
    let forged = |seed: u8, witness: LogId| Seen {
        cosigned: [(
            witness,
            Cosigned {
                head,
                cosignature: Cosignature::sign(&head, witness, 1, &Device::new(seed).key).unwrap(),
            },
        )]
        .into(),
        ..Seen::nothing(admin.log)
    };
    let before = pharmacy.seen(&admin.log);
    for seen in [forged(9, courier.log), forged(9, Device::new(9).log), forged(1, admin.log)] {
        let mut end = End::new(Side::Responder, &mut pharmacy);
        end.greet(&[]);
        end.say(&Message::Seen(Box::new(seen))).unwrap();
        assert_eq!(pharmacy.seen(&admin.log), before);
    }
    let mut end = End::new(Side::Responder, &mut pharmacy);
    end.greet(&[]);
    let (_, error) = end.say(&Message::Fork(vec![0xa0])).unwrap_err();
    assert!(error.code().starts_with("ledger/"), "{error}");
    assert_eq!(pharmacy.fork(&courier.log), None);
}

#[test]
fn another_organisation_is_refused_before_anything_is_said() {
    let (mut pharmacy, _, _, _) = pharmacy_and_courier();
    let mut machine = Machine::new(Side::Responder, organisation_id());
    let (versions, organisation, fingerprint) = (vec![1], OrganisationId([9; 32]), fingerprint(&[]));
    let hello = Message::Hello { versions, organisation, fingerprint, frontier: None };
    machine.receive(&encode(&hello.encode()).unwrap());
    let abort = encode(&Message::Abort { code: "sync/organisation".to_owned() }.encode()).unwrap();
    assert_eq!(machine.poll(&mut pharmacy.store).unwrap(), Some(Action::Send(abort)));
    assert_eq!(machine.poll(&mut pharmacy.store).unwrap_err().code(), "sync/organisation");
}

#[test]
fn another_version_is_refused() {
    let (mut pharmacy, _, _, _) = pharmacy_and_courier();
    let mut end = End::new(Side::Responder, &mut pharmacy);
    let (versions, organisation, fingerprint) = (vec![0, 2], organisation_id(), fingerprint(&[]));
    let error =
        end.say(&Message::Hello { versions, organisation, fingerprint, frontier: None }).unwrap_err().1;
    assert_eq!(error.code(), "sync/version");
}

#[test]
fn a_batch_that_is_not_the_one_named_ends_it_and_its_entries_are_not_stored() {
    let (mut pharmacy, mut phone, _, courier) = pharmacy_and_courier();
    sync(&mut phone, &mut pharmacy);
    let record = courier.note(&mut phone.store, None, "with readings", vec![batch(1, 50)]);
    let mut end = End::new(Side::Responder, &mut pharmacy);
    let held: Vec<Held> = phone.heads().into_iter().map(|head| Held { head, mark: [0; 8] }).collect();
    end.greet(&held);
    let entry = firn_ledger::chain::Received {
        bytes: record.entry.bytes().to_vec(),
        body: record.body.clone(),
        salt: record.salt,
    };
    end.say(&Message::Entries { log: courier.log, from: 1, entries: vec![entry] }).unwrap();
    let (_, error) = end.say(&Message::Batch(batch(2, 50))).unwrap_err();
    assert_eq!(error.code(), "ledger/batch-mismatch");
    assert_eq!(
        pharmacy.store.read(|view| Ok::<_, LedgerError>(view.log(&courier.log))).unwrap().unwrap().size(),
        1
    );
    pharmacy.check();
}

/// A story told by three devices in two homes, as a list of (home, device, batch size).
fn told(story: &[(bool, u8, usize)]) -> (Home, Home) {
    let (mut pharmacy, mut phone, admin, courier) = pharmacy_and_courier();
    for (n, (subject, who, size)) in story.iter().enumerate() {
        let subject = subject.then_some(Id([*who; 16]));
        let batches = if *size > 0 { vec![batch(n as u8, *size)] } else { vec![] };
        let text = format!("part {n}");
        if who % 2 == 0 {
            admin.note(&mut pharmacy.store, subject, &text, batches);
        } else {
            courier.note(&mut phone.store, subject, &text, batches);
        }
    }
    (pharmacy, phone)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn however_it_is_cut_and_interrupted_both_end_with_the_union(
        story in prop::collection::vec((any::<bool>(), 0u8..4, prop_oneof![Just(0usize), 1usize..3000]), 0..8),
        cut in prop_oneof![1usize..8, 50usize..5000],
        limits in prop::collection::vec(1usize..12_000, 0..3),
        phone_begins in any::<bool>(),
    ) {
        let (mut pharmacy, mut phone) = told(&story);
        let mut union = pharmacy.all();
        union.extend(phone.all());
        union.sort_by_key(|record| (record.entry.log(), record.entry.payload().sequence));
        for limit in limits {
            let (a, b) = if phone_begins { (&mut phone, &mut pharmacy) } else { (&mut pharmacy, &mut phone) };
            converse(a, b, cut, limit);
            phone.check();
            pharmacy.check();
        }
        // A joining phone begins, or learns at its second conversation who the courier is.
        converse(&mut phone, &mut pharmacy, cut, usize::MAX);
        prop_assert_eq!(phone.all(), union.clone());
        prop_assert_eq!(pharmacy.all(), union);
        phone.check();
        pharmacy.check();
    }

    #[test]
    fn a_damaged_stream_never_panics_and_never_stores_what_was_not_signed(
        at in any::<prop::sample::Index>(),
        bit in 0u8..8,
        noise in prop::collection::vec(any::<u8>(), 0..30),
    ) {
        let (mut pharmacy, mut phone) = told(&[(true, 1, 500), (false, 1, 0), (true, 0, 50)]);
        let signed: Vec<Record> = [pharmacy.all(), phone.all()].concat();
        let (mut a, mut b) = (End::new(Side::Initiator, &mut phone), End::new(Side::Responder, &mut pharmacy));
        'conversation: for round in 0..4 {
            for turn in 0..2 {
                let (from, to) = if turn == 0 { (&mut a, &mut b) } else { (&mut b, &mut a) };
                let mut bytes = match from.run() {
                    Ok(bytes) => bytes,
                    Err((_, error)) => {
                        prop_assert!(!error.code().starts_with("store/"), "{}", error);
                        break 'conversation;
                    }
                };
                if round * 2 + turn == usize::from(bit) % 4 && !bytes.is_empty() {
                    let at = at.index(bytes.len());
                    bytes[at] ^= 1 << bit;
                    bytes.splice(at..at, noise.iter().copied().skip(usize::from(bit)));
                }
                to.machine.receive(&bytes);
            }
        }
        for home in [&mut phone, &mut pharmacy] {
            prop_assert!(home.all().iter().all(|record| signed.contains(record)));
            home.check();
        }
    }
}
