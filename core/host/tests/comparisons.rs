//! What devices say of clocks, however often: what it costs others, and what of it counts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Ahead, come, created, enrolled, under_way};
use firn_app::{App, Host, JoiningKeys, Meeting, NewDevice, Revoking};
use firn_ledger::bytes::{Id as LedgerId, LogId, Salt};
use firn_ledger::entry::{Clocks, EntryDraft, Head, Signers};
use firn_ledger::error::LedgerError;
use firn_ledger::key::{SecretKey, Signer};
use firn_ledger::statement::RevocationReason;
use firn_ledger::store::{OpenOptions, Store};
use firn_model::api::ShipmentSummary;
use firn_model::assess::Reason;
use firn_model::id::Id;
use firn_model::record::{
    Body, ClockCompared, Entries, Kind, Observation, Observed, Policy, SinglePersonRelease, VialMonitorStage,
};
use firn_model::role::Role;
use firn_model::time::UtcMillis;

const MINUTE_MS: i64 = 60_000;

/// A home and the device of seed 5 have exchanged what they hold.
async fn met(app: &App<Ahead>, ahead_ms: Option<i64>) {
    let began = app.host().now().utc;
    let meeting = ahead_ms.map(|ahead_ms| Meeting { began, ahead_ms, agreed: true });
    let endpoint = SecretKey::from_seed(&[9; 32]).public_key();
    app.note_synced(endpoint, meeting).await.unwrap();
}

/// A peer's own store, which signs what it is told to at any time.
struct Peer {
    store: Store,
    key: SecretKey,
    log: LogId,
}

impl Peer {
    /// Enrolled at a home, which holds its log's first entry.
    async fn enrolled(folder: &std::path::Path, app: &App<Ahead>) -> Self {
        Self::enrolled_as(folder, app, 5, "Van phone").await
    }

    /// One of several.
    async fn enrolled_as(folder: &std::path::Path, app: &App<Ahead>, seed: u8, label: &str) -> Self {
        Self::enrolled_in(folder, app, seed, label, Role::Courier).await
    }

    /// The same in a role.
    async fn enrolled_in(
        folder: &std::path::Path,
        app: &App<Ahead>,
        seed: u8,
        label: &str,
        role: Role,
    ) -> Self {
        let key = SecretKey::from_seed(&[seed; 32]);
        let keys = JoiningKeys { device: &key, log_random: [6; 16] };
        let log = firn_app::log_id(&app.host().identity().organisation, &keys);
        let (label, endpoint) = (label.to_owned(), SecretKey::from_seed(&[seed + 4; 32]).public_key());
        let new = NewDevice { log, device: key.public_key(), endpoint, label, role };
        let admission = app.enrol_device(new).await.unwrap();
        let mut store =
            Store::create(&folder.join(format!("peer{seed}.db")), &OpenOptions::default()).unwrap();
        firn_app::join(&mut store, &admission, &keys, app.host().now(), &[7; 48]).unwrap();
        let mut peer = Self { store, key, log };
        peer.sends(app, 0).await;
        peer
    }

    /// Signs something dated by its own clock.
    fn signs<B: Body>(&mut self, subject: Option<Id>, wall_ms: i64, body: &B) {
        self.signs_all(subject, [(wall_ms, body.to_bytes(), Vec::new())], B::KIND);
    }

    /// Signs clocks compared, each at a time and holding so many entries of others.
    fn compares(&mut self, all: impl IntoIterator<Item = (i64, ClockCompared, Vec<Head>)>) {
        let all = all.into_iter().map(|(wall_ms, body, heads)| (wall_ms, body.to_bytes(), heads));
        self.signs_all(None, all, ClockCompared::KIND);
    }

    fn signs_all(
        &mut self,
        subject: Option<Id>,
        all: impl IntoIterator<Item = (i64, Vec<u8>, Vec<Head>)>,
        kind: Kind,
    ) {
        let (log, key) = (self.log, &self.key);
        let signed = self.store.write(|transaction| {
            for (wall_ms, body, heads) in all {
                let heads = heads.into_iter().filter(|head: &Head| head.log != log).collect();
                let draft = EntryDraft {
                    kind: u64::from(kind.number()),
                    subject: subject.map(|one| LedgerId(one.0)),
                    clocks: Clocks { wall_ms, monotonic_ms: 1, boot: LedgerId([3; 16]) },
                    heads,
                    body,
                    salt: Salt([8; 32]),
                    person: None,
                    batches: Vec::new(),
                };
                transaction.append(log, draft, Signers { device: key, person: None })?;
            }
            Ok::<_, LedgerError>(())
        });
        signed.unwrap();
    }

    /// How many entries it has signed.
    fn size(&mut self) -> u64 {
        let log = self.log;
        self.store.read(|view| Ok::<_, LedgerError>(view.log(&log))).unwrap().unwrap().size()
    }

    /// What it holds from that entry on comes to a home, whoever brings it.
    async fn sends(&mut self, app: &App<Ahead>, from: u64) {
        self.sends_some(app, from, usize::MAX).await;
    }

    /// The same in chunks of so many entries.
    async fn sends_in(&mut self, app: &App<Ahead>, from: u64, each: usize) {
        for from in (from..self.size()).step_by(each) {
            self.sends_some(app, from, each).await;
        }
    }

    async fn sends_some(&mut self, app: &App<Ahead>, from: u64, most: usize) {
        let log = self.log;
        let mut records = self.store.read(|view| view.entries(&log, from, usize::MAX)).unwrap();
        records.truncate(most);
        come(app, log, records).await;
    }
}

/// How many entries a home has read until now.
async fn entries_read(app: &App<Ahead>) -> u64 {
    let read = |store: &mut Store| store.read(|view| Ok(view.entries_read()));
    app.host().with_store(read).await.unwrap()
}

/// How many documents a list has.
async fn listed(app: &App<Ahead>, list: &'static str) -> usize {
    let read = move |store: &mut Store| store.read(|view| Ok(view.documents(list)?.len()));
    app.host().with_store(read).await.unwrap()
}

/// A difference that a peer tells of another's clock.
fn ahead(peer: LogId, minutes: i64) -> ClockCompared {
    ClockCompared { peer: peer.0, difference_ms: minutes * MINUTE_MS, dated_back: None }
}

#[tokio::test]
async fn thousands_of_comparisons_by_one_courier_cost_a_shipment_no_more_to_read_than_a_few() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let logger = enrolled(&app, "thermopro", Some(60)).await;
    let mut peer = Peer::enrolled(folder.path(), &app).await;
    let shipment = under_way(&app, &logger, app.host().now().utc.plus_seconds(-600)).await;
    let (own, now) = (app.host().identity().log, app.host().now().utc.0);
    let mut costs = Vec::new();
    let mut told = Vec::new();
    for (from, count) in [(1, 64), (65, 1500)] {
        peer.compares((0..count).map(|_| (now, ahead(own, 20), Vec::new())));
        peer.sends(&app, from).await;
        app.judge_waiting().await.unwrap();
        let before = entries_read(&app).await;
        told.push(app.shipment(shipment).await.unwrap());
        costs.push(entries_read(&app).await - before);
    }
    assert!(told[0].summary.reasons.contains(&Reason::Clock));
    assert_eq!(told[0], told[1]);
    assert_eq!(costs[0], costs[1], "of so many as count");
    assert_eq!(app.list_faults().await.unwrap(), []);
}

#[tokio::test]
async fn what_comes_in_many_chunks_is_judged_once_and_what_bears_on_no_shipment_never() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let logger = enrolled(&app, "thermopro", Some(60)).await;
    let shipment = under_way(&app, &logger, app.host().now().utc.plus_seconds(-600)).await;
    let (own, now) = (app.host().identity().log, app.host().now().utc.0);
    let mut costs = Vec::new();
    for (seed, each, of) in [(20, 400, own), (21, 5, own), (22, 5, LogId([77; 32]))] {
        let mut peer = Peer::enrolled_as(folder.path(), &app, seed, &format!("Van {seed}")).await;
        app.judge_waiting().await.unwrap();
        peer.compares((0..400).map(|_| (now, ahead(of, 20), Vec::new())));
        let before = entries_read(&app).await;
        peer.sends_in(&app, 1, each).await;
        let taken = entries_read(&app).await;
        app.judge_waiting().await.unwrap();
        let judged = entries_read(&app).await;
        app.judge_waiting().await.unwrap();
        assert_eq!(entries_read(&app).await, judged, "once");
        costs.push((taken - before, judged - taken));
    }
    assert!(app.shipment(shipment).await.unwrap().summary.reasons.contains(&Reason::Clock));
    let [(whole, once), (chunks, after_chunks), (_, of_nobody)] = costs[..] else { panic!() };
    assert!(chunks <= whole + 4 * 80, "a few for each chunk: {costs:?}");
    assert!(after_chunks <= once + 40, "{costs:?}");
    assert!(once > 0 && of_nobody == 0, "{costs:?}");
}

#[tokio::test]
async fn what_waits_to_be_judged_when_the_power_goes_is_told_and_judged_when_the_home_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let logger = enrolled(&app, "thermopro", Some(60)).await;
    let shipment = under_way(&app, &logger, app.host().now().utc.plus_seconds(-600)).await;
    let mut peer = Peer::enrolled(folder.path(), &app).await;
    app.judge_waiting().await.unwrap();
    peer.compares([(app.host().now().utc.0, ahead(app.host().identity().log, 20), Vec::new())]);
    peer.sends(&app, 1).await;
    drop(app);
    let app = Ahead::opened(folder.path());
    assert_eq!(listed(&app, "waiting").await, 2, "whose clocks they are");
    let asked = |all: &[ShipmentSummary]| all[0].reasons.contains(&Reason::Clock);
    assert!(asked(&app.shipments().await.unwrap()));
    assert_eq!(app.list_faults().await.unwrap(), []);
    assert_eq!(listed(&app, "waiting").await, 2, "reading writes nothing");
    met(&app, None).await;
    assert_eq!(listed(&app, "waiting").await, 0);
    assert!(asked(&app.shipments().await.unwrap()));
    assert_eq!(app.shipments().await.unwrap()[0].id, shipment);
}

#[tokio::test]
async fn what_waits_is_judged_in_portions_before_this_device_signs_and_after_it_met_somebody() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let logger = enrolled(&app, "thermopro", Some(60)).await;
    let since = app.host().now().utc.plus_seconds(-600);
    let first = under_way(&app, &logger, since).await;
    for _ in 0..70 {
        created(&app, "DN-2").await;
    }
    let (own, now) = (app.host().identity().log, app.host().now().utc.0);
    let mut peer = Peer::enrolled(folder.path(), &app).await;
    app.judge_waiting().await.unwrap();
    let mut turns = Vec::new();
    for waits in [false, true] {
        if waits {
            peer.compares([(now, ahead(own, 20), Vec::new())]);
            peer.sends(&app, 1).await;
        }
        let before = app.host().turns();
        app.observe(first, seen(now)).await.unwrap();
        turns.push(app.host().turns() - before);
        assert_eq!(listed(&app, "waiting").await, 0);
    }
    assert!(turns[1] >= turns[0] + 2, "71 shipments, of which 32 at a time: {turns:?}");
    let (before, judged) = (app.host().turns(), entries_read(&app).await);
    met(&app, Some(20 * MINUTE_MS)).await;
    assert!(app.host().turns() - before >= 4, "what it signed itself bears on all of them");
    assert!(entries_read(&app).await > judged && listed(&app, "waiting").await == 0);
    assert_eq!(app.list_faults().await.unwrap(), []);
}

#[tokio::test]
async fn a_rule_that_does_not_count_has_no_shipment_judged() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let logger = enrolled(&app, "thermopro", Some(60)).await;
    under_way(&app, &logger, app.host().now().utc.plus_seconds(-600)).await;
    let mut judged = Vec::new();
    let now = app.host().now().utc.0;
    app.host().open_root();
    for (seed, role) in [(20, Role::Courier), (21, Role::Admin)] {
        let mut peer = Peer::enrolled_in(folder.path(), &app, seed, "Van phone", role).await;
        app.judge_waiting().await.unwrap();
        peer.signs(None, now, &Policy { single_person_release: SinglePersonRelease::Allowed });
        peer.sends(&app, 1).await;
        let before = entries_read(&app).await;
        app.judge_waiting().await.unwrap();
        judged.push(entries_read(&app).await - before);
    }
    assert!(judged[0] == 0 && judged[1] > 0, "{judged:?}");
    assert_eq!(app.list_faults().await.unwrap(), []);
}

/// Puts the places of comparisons back where an earlier release kept them, by which all of them are read.
async fn kept_as_before(app: &App<Ahead>) {
    let put = |store: &mut Store| {
        store.write(|transaction| {
            transaction.replace_documents("clocks", Vec::new())?;
            for head in transaction.heads() {
                for record in transaction.entries(&head.log, 0, usize::MAX)? {
                    if record.entry.payload().kind == u64::from(Kind::ClockCompared.number()) {
                        let sequence = record.entry.payload().sequence.to_be_bytes();
                        let place = [&head.log.0[..], &sequence].concat();
                        transaction.put_document("loggers", &place, &[])?;
                    }
                }
            }
            Ok(())
        })
    };
    app.host().with_store(put).await.unwrap();
}

#[tokio::test]
async fn a_home_of_before_tells_the_same_and_its_comparisons_are_listed_with_what_comes_next() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let logger = enrolled(&app, "thermopro", Some(60)).await;
    let mut peer = Peer::enrolled(folder.path(), &app).await;
    let shipment = under_way(&app, &logger, app.host().now().utc.plus_seconds(-600)).await;
    met(&app, Some(20 * MINUTE_MS)).await;
    peer.compares([(app.host().now().utc.0, ahead(app.host().identity().log, -20), Vec::new())]);
    peer.sends(&app, 1).await;
    app.judge_waiting().await.unwrap();
    let told = app.shipment(shipment).await.unwrap();
    kept_as_before(&app).await;
    assert_eq!(app.shipment(shipment).await.unwrap(), told);
    met(&app, Some(20 * MINUTE_MS)).await;
    assert_eq!(listed(&app, "clocks").await, 0, "it was signed before");
    met(&app, Some(0)).await;
    assert!(listed(&app, "clocks").await > 0);
    assert_eq!(app.list_faults().await.unwrap(), []);
    let listed = app.shipment(shipment).await.unwrap();
    kept_as_before(&app).await;
    assert_eq!(app.shipment(shipment).await.unwrap(), listed);
}

/// Numbers that look random, the same each time.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    /// So many minutes either way, in milliseconds.
    fn about(&mut self, minutes: i64) -> i64 {
        let drawn = self.below(u64::try_from(2 * minutes).unwrap());
        (i64::try_from(drawn).unwrap() - minutes) * MINUTE_MS
    }

    /// Anything of one of these logs' clocks, signed about this time.
    fn comparison(&mut self, logs: &[LogId], start: i64) -> (i64, ClockCompared, Vec<Head>) {
        let of = logs[usize::try_from(self.below(logs.len() as u64)).unwrap()];
        let (first, back) = (self.below(8), self.below(4) == 0);
        let dated_back = back.then_some(Entries { first, last: first + self.below(4) });
        let says = ClockCompared { peer: of.0, difference_ms: self.about(45), dated_back };
        let head = Head { log: of, size: 1 + self.below(12), root: firn_ledger::bytes::Hash([1; 32]) };
        (start + self.about(4 * 24 * 60), says, vec![head])
    }
}

fn seen(at: i64) -> Observation {
    Observation {
        observed: Observed::VialMonitor(VialMonitorStage::One),
        at: UtcMillis(at),
        place: None,
        note: None,
        photo: None,
        reason: None,
    }
}

/// Every check of what leaves the device holds, so that it is refused for whose it is alone.
async fn comes_out(app: &App<Ahead>, shipment: Id, round: u64) {
    let evidence = app.export(shipment).await.unwrap().evidence();
    let refused = app.take_in_evidence(evidence).await.unwrap_err();
    assert_eq!(refused.code(), "app/partner-own", "{round}: {refused}");
}

#[tokio::test]
async fn whatever_devices_say_of_clocks_reading_what_can_bear_tells_what_reading_all_of_it_tells() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let logger = enrolled(&app, "thermopro", Some(60)).await;
    let mut peers = Vec::new();
    for seed in [5, 21, 22] {
        peers.push(Peer::enrolled_as(folder.path(), &app, seed, &format!("Van {seed}")).await);
    }
    let shipment = under_way(&app, &logger, app.host().now().utc.plus_seconds(-600)).await;
    let start = app.host().now().utc.0;
    let strangers = [app.host().identity().log, LogId([77; 32]), LogId([78; 32])];
    let logs: Vec<LogId> = peers.iter().map(|one| one.log).chain(strangers).collect();
    let (mut draw, mut asked, mut differences) = (Draw(7), 0, 0);
    for round in 0..12_u64 {
        for peer in &mut peers {
            let from = peer.size();
            let count = draw.below(60);
            let said: Vec<_> = (0..count).map(|_| draw.comparison(&logs, start)).collect();
            peer.compares(said);
            if draw.below(2) == 0 {
                let at = start + draw.about(1000);
                peer.signs(Some(shipment), at, &seen(at));
            }
            peer.sends(&app, from).await;
        }
        met(&app, Some(draw.about(15))).await;
        let narrow = app.shipment(shipment).await.unwrap();
        assert_eq!(app.list_faults().await.unwrap(), [], "{round}");
        asked += usize::from(narrow.summary.reasons.contains(&Reason::Clock));
        differences += narrow.clock_differences.len();
        kept_as_before(&app).await;
        let whole = app.shipment(shipment).await.unwrap();
        assert_eq!(narrow, whole, "{round}");
        app.rebuild_lists().await.unwrap();
        comes_out(&app, shipment, round).await;
        let revoked = [(5, "Van 21"), (7, "Van 5"), (9, "Van 21")].iter().find(|(at, _)| *at == round);
        if let Some((at, device)) = revoked {
            let size = Some(1 + draw.below(300 / at));
            let (device, reason) = ((*device).to_owned(), RevocationReason::Stolen);
            app.revoke_device(Revoking { device, size, lost: None, reason }).await.unwrap();
            comes_out(&app, shipment, round).await;
        }
    }
    assert!(asked > 5 && differences > 10, "{asked} {differences}");
}
