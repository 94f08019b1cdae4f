//! What a device remembers of whom it met, against what comes of them later: in their log, one that goes on from it, or
//! another history of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Ahead, come, received};
use firn_app::{App, Continuing, DeviceKey, Host, Identity, JoiningKeys, Meeting, Moment, NewDevice};
use firn_ledger::bytes::{Id as LedgerId, LogId, Salt};
use firn_ledger::chain::{Received, Run};
use firn_ledger::checkpoint::{Checkpoint, Cosignature};
use firn_ledger::entry::{Clocks, EntryDraft, Head, Signers};
use firn_ledger::fork::ForkProof;
use firn_ledger::key::{SecretKey, Signer};
use firn_ledger::seen::{Cosigned, Seen};
use firn_ledger::statement::{REVOKE, Revocation, RevocationReason};
use firn_ledger::store::{OpenOptions, Store};
use firn_model::record::{Body, ClockCompared, Entries};
use firn_model::role::Role;
use std::path::Path;
use std::sync::Arc;

const MINUTE_MS: i64 = 60_000;

/// What a device signs that another one shows, dated by its own clock.
#[derive(Clone, Copy)]
enum Dated {
    Now,
    Back(i64),
}

/// A peer's own store.
struct Peer {
    store: Store,
    seed: u8,
    log: LogId,
}

impl Peer {
    /// Enrolled at a home, which holds its log's first entry.
    async fn enrolled(folder: &Path, app: &App<Ahead>, seed: u8) -> Self {
        let key = SecretKey::from_seed(&[seed; 32]);
        let keys = JoiningKeys { device: &key, log_random: [6; 16] };
        let log = firn_app::log_id(&app.host().identity().organisation, &keys);
        let new = NewDevice { log, ..of(seed, format!("Phone {seed}")) };
        let admission = app.enrol_device(new).await.unwrap();
        let path = folder.join(format!("peer{seed}.db"));
        let mut store = Store::create(&path, &OpenOptions::default()).unwrap();
        firn_app::join(&mut store, &admission, &keys, app.host().now(), &[7; 48]).unwrap();
        let mut peer = Self { store, seed, log };
        peer.sends(app, 0).await;
        peer
    }

    /// What was restored elsewhere of what it holds.
    fn copied(&mut self, folder: &Path) -> Self {
        let path = folder.join("copy.db");
        let mut store = Store::create(&path, &OpenOptions::default()).unwrap();
        let run = Run::verify(self.log, None, self.received(0)).unwrap();
        store.write(|transaction| transaction.append_foreign(run)).unwrap();
        Self { store, ..*self }
    }

    /// Goes on in a new log, of which nobody has heard yet.
    fn goes_on(&mut self, app: &App<Ahead>, back_minutes: i64) {
        let (rights, now) = (Identity { log: self.log, ..app.host().identity() }, app.host().now());
        let dated = Moment { utc: now.utc.plus_seconds(-60 * back_minutes), ..now };
        let new = self.seed + 10;
        let keys = [self.seed, new].map(|seed| Arc::new(SecretKey::from_seed(&[seed; 32])) as DeviceKey);
        let [old, key] = keys;
        let keys = Continuing { old, new: key, log_random: [new; 16] };
        let log = firn_app::continue_log(&mut self.store, &rights, &keys, dated, &[new; 48]).unwrap().log;
        (self.log, self.seed) = (log, new);
    }

    /// Signs something that holds these heads.
    fn signs(&mut self, app: &App<Ahead>, dated: Dated, heads: Vec<Head>) {
        let body =
            ClockCompared { peer: app.host().identity().log.0, difference_ms: 400_000, dated_back: None };
        let back_ms = match dated {
            Dated::Now => 0,
            Dated::Back(minutes) => minutes * MINUTE_MS,
        };
        let draft = EntryDraft {
            kind: u64::from(ClockCompared::KIND.number()),
            subject: None,
            clocks: Clocks {
                wall_ms: app.host().now().utc.0 - back_ms,
                monotonic_ms: 1,
                boot: LedgerId([3; 16]),
            },
            heads,
            body: body.to_bytes(),
            salt: Salt([8; 32]),
            person: None,
            batches: Vec::new(),
        };
        let (log, key) = (self.log, SecretKey::from_seed(&[self.seed; 32]));
        let signers = Signers { device: &key, person: None };
        self.store.write(|transaction| transaction.append(log, draft, signers)).unwrap();
    }

    fn head(&mut self) -> Head {
        let heads = self.store.heads().unwrap();
        *heads.iter().find(|head| head.log == self.log).unwrap()
    }

    fn checkpoint(&mut self) -> Checkpoint {
        Checkpoint::sign(self.head(), &SecretKey::from_seed(&[self.seed; 32])).unwrap()
    }

    fn received(&mut self, from: u64) -> Vec<Received> {
        let records = self.store.entries(&self.log, from).unwrap();
        received(records)
    }

    /// What it holds of its log from that entry on comes to a home, whoever brings it.
    async fn sends(&mut self, app: &App<Ahead>, from: u64) {
        let records = self.store.entries(&self.log, from).unwrap();
        come(app, self.log, records).await;
    }
}

fn of(seed: u8, label: String) -> NewDevice {
    let [device, endpoint] = [seed, seed + 100].map(|seed| SecretKey::from_seed(&[seed; 32]).public_key());
    NewDevice { log: LogId([0; 32]), device, endpoint, label, role: Role::Courier }
}

/// A home and the device of seed 5 have exchanged what they hold: they met, or in a file.
async fn met(app: &App<Ahead>, ahead_ms: Option<i64>) {
    let began = app.host().now().utc;
    let meeting = ahead_ms.map(|ahead_ms| Meeting { began, ahead_ms, agreed: true });
    app.note_synced(of(5, String::new()).endpoint, meeting).await.unwrap();
}

/// The same where the device was sent entries of a log.
async fn met_and_sent(app: &App<Ahead>, log: LogId) {
    let meeting = Meeting { began: app.host().now().utc, ahead_ms: 0, agreed: true };
    app.note_exchanged(of(5, String::new()).endpoint, Some(meeting), [log].into()).await.unwrap();
}

/// The entries that a home has named as dated back, of any log.
async fn named(app: &App<Ahead>) -> Vec<(LogId, Entries)> {
    let own = app.host().identity().log;
    let reading = app.host().with_store(move |store| {
        let compared = store
            .entries(&own, 0)?
            .into_iter()
            .filter(|record| record.entry.payload().kind == u64::from(ClockCompared::KIND.number()));
        let says = compared.map(|record| ClockCompared::from_bytes(&record.body).unwrap());
        Ok(says.filter_map(|says| Some((LogId(says.peer), says.dated_back?))).collect())
    });
    reading.await.unwrap()
}

#[tokio::test]
async fn a_meeting_by_a_wrong_clock_forgets_no_meeting_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let mut peer = Peer::enrolled(folder.path(), &app, 5).await;
    met(&app, Some(0)).await;
    met(&app, Some(-30 * 24 * 60 * MINUTE_MS)).await;
    peer.signs(&app, Dated::Back(70), Vec::new());
    peer.sends(&app, 1).await;
    met(&app, None).await;
    assert_eq!(named(&app).await, [(peer.log, Entries { first: 1, last: 1 })]);
}

#[tokio::test]
async fn what_was_remembered_of_a_time_that_is_still_to_come_is_forgotten_at_the_next_meeting() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let mut peer = Peer::enrolled(folder.path(), &app, 5).await;
    app.host().pass(3600);
    met(&app, Some(0)).await;
    app.host().pass(-3600);
    met(&app, Some(0)).await;
    peer.signs(&app, Dated::Now, Vec::new());
    app.host().pass(3660);
    peer.sends(&app, 1).await;
    met(&app, None).await;
    assert_eq!(named(&app).await, []);
}

#[tokio::test]
async fn clocks_that_were_ahead_together_accuse_nobody_though_what_came_is_looked_at_long_after() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let mut peer = Peer::enrolled(folder.path(), &app, 5).await;
    app.host().pass(3600);
    met(&app, Some(0)).await;
    app.host().pass(-3600);
    peer.signs(&app, Dated::Now, Vec::new());
    peer.sends(&app, 1).await;
    app.host().pass(7200);
    met(&app, None).await;
    assert_eq!(named(&app).await, []);
}

#[tokio::test]
async fn who_dates_every_second_entry_back_makes_nobody_sign_as_often() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let mut peer = Peer::enrolled(folder.path(), &app, 5).await;
    met(&app, Some(0)).await;
    for _ in 0..100 {
        peer.signs(&app, Dated::Back(70), Vec::new());
        peer.signs(&app, Dated::Now, Vec::new());
    }
    peer.sends(&app, 1).await;
    met(&app, None).await;
    let told = named(&app).await;
    let ends = |one: &(LogId, Entries)| (one.1.first, one.1.last);
    assert_eq!((told.len(), ends(&told[0]), ends(&told[15])), (16, (1, 1), (31, 199)));
    peer.signs(&app, Dated::Back(70), Vec::new());
    peer.sends(&app, 201).await;
    met(&app, None).await;
    assert_eq!(named(&app).await, told, "it waits");
    app.host().pass(12 * 3600 + 1);
    met(&app, None).await;
    let later = named(&app).await;
    assert_eq!((later.len(), ends(&later[16])), (17, (201, 201)), "and is told");
}

#[tokio::test]
async fn a_device_that_goes_on_twice_dates_nothing_back_to_before_its_first_log_was_whole_here() {
    for later_first in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let app = Ahead::found(folder.path());
        let mut peer = Peer::enrolled(folder.path(), &app, 5).await;
        met(&app, Some(0)).await;
        peer.goes_on(&app, 70);
        let second = (peer.log, peer.seed);
        peer.goes_on(&app, 69);
        let third = (peer.log, peer.seed);
        peer.signs(&app, Dated::Back(68), Vec::new());
        for (log, seed) in if later_first { [third, second] } else { [second, third] } {
            (peer.log, peer.seed) = (log, seed);
            peer.sends(&app, 0).await;
        }
        met(&app, None).await;
        let mut told = named(&app).await;
        let mut all =
            vec![(second.0, Entries { first: 0, last: 0 }), (third.0, Entries { first: 0, last: 1 })];
        told.sort_by_key(|one| one.0);
        all.sort_by_key(|one| one.0);
        assert_eq!(told, all, "{later_first}");
    }
}

#[tokio::test]
async fn who_has_to_be_sent_entries_of_a_log_is_not_the_device_that_shows_it() {
    for is_sent in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let app = Ahead::found(folder.path());
        let mut peer = Peer::enrolled(folder.path(), &app, 5).await;
        peer.signs(&app, Dated::Now, Vec::new());
        app.host().pass(3600);
        if is_sent {
            met_and_sent(&app, peer.log).await
        } else {
            met(&app, Some(0)).await
        }
        peer.sends(&app, 1).await;
        met(&app, None).await;
        assert_eq!(named(&app).await.is_empty(), is_sent);
    }
}

/// How it is known here that a new log was there before its device's old one was met again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Not,
    Enrolled,
    Witnessed,
    Named,
    Held,
    /// Not; but the old one had more entries by then than where the new one goes on from it.
    Shorter,
}

#[tokio::test]
async fn a_device_that_is_met_beside_the_one_that_goes_on_in_a_new_log_shows_nothing_of_that() {
    for (known, told) in [
        (Known::Not, true),
        (Known::Enrolled, false),
        (Known::Witnessed, false),
        (Known::Named, false),
        (Known::Held, false),
        (Known::Shorter, false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let app = Ahead::found(folder.path());
        let mut old = Peer::enrolled(folder.path(), &app, 5).await;
        let mut other = Peer::enrolled(folder.path(), &app, 6).await;
        let mut new = old.copied(folder.path());
        new.goes_on(&app, 0);
        let head = new.head();
        match known {
            Known::Not => {}
            Known::Enrolled => {
                let enrolled = NewDevice { log: new.log, ..of(new.seed, "Phone 5".to_owned()) };
                app.enrol_device(enrolled).await.unwrap();
            }
            Known::Witnessed => witnessed(&app, head, &other).await,
            Known::Named => other.signs(&app, Dated::Now, vec![head]),
            Known::Held => new.sends(&app, 0).await,
            Known::Shorter => {
                old.signs(&app, Dated::Now, Vec::new());
                old.sends(&app, 1).await;
            }
        }
        new.signs(&app, Dated::Now, Vec::new());
        app.host().pass(3600);
        met(&app, Some(0)).await;
        // What tells of it comes after it.
        let held = app.log_entries(Some(&new.log.to_string())).await.map_or(0, |all| all.len());
        new.sends(&app, held as u64).await;
        if known == Known::Named {
            other.sends(&app, 1).await;
        }
        met(&app, None).await;
        assert_eq!(!named(&app).await.is_empty(), told, "{known:?}");
    }
}

/// Another device's word that it holds a log at a head.
async fn witnessed(app: &App<Ahead>, head: Head, other: &Peer) {
    let (key, witness) = (SecretKey::from_seed(&[other.seed; 32]), other.log);
    let second = u64::try_from(app.host().now().utc.0 / 1000).unwrap();
    let cosignature = Cosignature::sign(&head, witness, second, &key).unwrap();
    let cosigned = [(witness, Cosigned { head, cosignature })].into();
    let seen = Seen { cosigned, ..Seen::nothing(head.log) };
    let taking = app
        .host()
        .with_store(move |store| Ok(store.write(|transaction| transaction.take_seen(&seen).map(drop))?));
    taking.await.unwrap();
}

/// An admin's word that the history holds that leads to a head.
async fn decided(app: &App<Ahead>, head: Head) {
    let (own, now, key) = (app.host().identity().log, app.host().now().utc, app.host().signer().unwrap());
    let revocation = Revocation {
        log: head.log,
        size: head.size,
        root: Some(head.root),
        lost_ms: now.0,
        reason: RevocationReason::Forked,
    };
    let draft = EntryDraft {
        kind: REVOKE,
        subject: None,
        clocks: Clocks { wall_ms: now.0, monotonic_ms: 1, boot: LedgerId([3; 16]) },
        heads: Vec::new(),
        body: revocation.encode(),
        salt: Salt([9; 32]),
        person: None,
        batches: Vec::new(),
    };
    let signing = app.host().with_store(move |store| {
        let signers = Signers { device: key.as_ref(), person: None };
        Ok(store.write(|transaction| transaction.append(own, draft, signers).map(drop))?)
    });
    signing.await.unwrap();
}

#[tokio::test]
async fn what_comes_by_the_decision_of_a_fork_is_held_against_the_meetings_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let mut peer = Peer::enrolled(folder.path(), &app, 5).await;
    let mut copy = peer.copied(folder.path());
    met(&app, Some(0)).await;
    peer.signs(&app, Dated::Now, Vec::new());
    peer.signs(&app, Dated::Now, Vec::new());
    peer.sends(&app, 1).await;
    // Of what this one shows nothing is said of the other history.
    app.host().pass(3600);
    met(&app, Some(0)).await;
    copy.signs(&app, Dated::Back(60), Vec::new());
    copy.signs(&app, Dated::Back(130), Vec::new());
    let (log, own) = (peer.log, app.host().identity());
    let leaves = copy.store.read(|view| view.leaves(&log, 9)).unwrap();
    let proof = ForkProof::between(peer.checkpoint(), copy.checkpoint(), &leaves).unwrap();
    decided(&app, copy.head()).await;
    let (received, shared) = (copy.received(1), copy.received(0));
    let staging = app.host().with_store(move |store| {
        firn_app::take_fork(store, &own, &proof)?;
        let state = Run::verify(log, None, shared.into_iter().take(1).collect()).unwrap().end().clone();
        firn_app::stage(store, &own, Run::verify(log, Some(state), received).unwrap())
    });
    staging.await.unwrap();
    let held = app.host().with_store(move |store| Ok(store.heads()?)).await.unwrap();
    assert!(held.contains(&copy.head()), "the other history holds");
    met(&app, None).await;
    assert_eq!(named(&app).await, [(log, Entries { first: 2, last: 2 })]);
}

#[tokio::test]
async fn no_number_of_meetings_forgets_the_first_or_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let mut peer = Peer::enrolled(folder.path(), &app, 5).await;
    let mut new = peer.copied(folder.path());
    met(&app, Some(0)).await;
    let first = app.host().now().utc;
    for sequence in 1..40 {
        app.host().pass(60);
        peer.signs(&app, Dated::Now, Vec::new());
        peer.sends(&app, sequence).await;
        met(&app, Some(0)).await;
    }
    let since = (app.host().now().utc.0 - first.0) / MINUTE_MS;
    new.goes_on(&app, since + 10);
    new.sends(&app, 0).await;
    peer.signs(&app, Dated::Back(6), Vec::new());
    peer.sends(&app, 40).await;
    met(&app, None).await;
    let mut told = named(&app).await;
    told.sort_by_key(|one| one.1.first);
    assert_eq!(told, [(new.log, Entries { first: 0, last: 0 }), (peer.log, Entries { first: 40, last: 40 })]);
}
