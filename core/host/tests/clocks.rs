//! Clocks that differ from a peer's: shown, signed once, and a reason to look.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Ahead, come, enrolled, under_way};
use firn_app::{
    App, Continuing, DeviceKey, Host, JoiningKeys, Meeting, Moment, NewDevice, NewShipment, Start, TookIn,
};
use firn_ledger::bytes::{Id as LedgerId, LogId, PublicKey, Salt};
use firn_ledger::entry::{Clocks, EntryDraft, Signers};
use firn_ledger::key::{SecretKey, Signer};
use firn_ledger::store::{OpenOptions, Store};
use firn_model::assess::Reason;
use firn_model::id::Id;
use firn_model::profile::preset;
use firn_model::record::{
    Body, ClockCompared, ItemLine, Leg, Observation, Observed, Placement, VialMonitorStage,
};
use firn_model::role::Role;
use firn_model::time::UtcMillis;
use std::sync::Arc;

const MINUTE_MS: i64 = 60_000;
const PEER: PublicKey = PublicKey([9; 32]);

/// A home with one more device in its organisation.
async fn with_peer(folder: &std::path::Path) -> App<Ahead> {
    let app = Ahead::found(folder);
    let device = SecretKey::from_seed(&[5; 32]).public_key();
    let (label, log) = ("Van phone".to_owned(), LogId([6; 32]));
    let new = NewDevice { log, device, endpoint: PEER, label, role: Role::Courier };
    app.enrol_device(new).await.unwrap();
    app
}

fn meeting(app: &App<Ahead>, ahead_ms: i64) -> Option<Meeting> {
    Some(Meeting { began: app.host().now().utc, ahead_ms, agreed: true })
}

/// Both have exchanged what they hold now; without a difference, in a file.
async fn met(app: &App<Ahead>, difference_ms: Option<i64>) {
    let meeting = difference_ms.and_then(|ahead| meeting(app, ahead));
    app.note_synced(PEER, meeting).await.unwrap();
}

async fn entries(app: &App<Ahead>) -> usize {
    app.log_entries(None).await.unwrap().len()
}

async fn shown(app: &App<Ahead>) -> Option<i64> {
    app.peers().await.unwrap()[0].synced.unwrap().clock_difference_s
}

async fn reasons(app: &App<Ahead>, shipment: Id) -> Vec<Reason> {
    app.shipment(shipment).await.unwrap().summary.reasons
}

#[tokio::test]
async fn a_difference_is_shown_signed_once_while_it_lasts_and_once_when_it_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_peer(folder.path()).await;
    let before = entries(&app).await;
    let expected = [
        (Some(60_000), None, 0),
        (Some(-61_000), Some(-61), 0),
        // What came in a file says nothing of a clock.
        (None, Some(-61), 0),
        (Some(20 * MINUTE_MS), Some(1200), 1),
        (Some(20 * MINUTE_MS + 30_000), Some(1230), 1),
        (Some(-20 * MINUTE_MS), Some(-1200), 2),
        (Some(0), None, 3),
        (Some(0), None, 3),
    ];
    for (difference_ms, told, signed) in expected {
        met(&app, difference_ms).await;
        assert_eq!(shown(&app).await, told, "{difference_ms:?}");
        assert_eq!(entries(&app).await, before + signed, "{difference_ms:?}");
    }
    app.note_synced(PublicKey([8; 32]), meeting(&app, 20 * MINUTE_MS)).await.unwrap();
    assert_eq!(entries(&app).await, before + 3, "nobody's endpoint");
}

#[tokio::test]
async fn a_shipment_signed_near_to_a_difference_asks_about_the_clock_until_that_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_peer(folder.path()).await;
    let logger = enrolled(&app, "thermopro", Some(60)).await;
    let shipment = under_way(&app, &logger, app.host().now().utc.plus_seconds(-7200)).await;
    assert!(!reasons(&app, shipment).await.contains(&Reason::Clock));
    met(&app, Some(20 * MINUTE_MS)).await;
    assert!(reasons(&app, shipment).await.contains(&Reason::Clock));
    let listed = app.shipments().await.unwrap();
    assert!(listed[0].reasons.contains(&Reason::Clock), "the list follows");
    app.rebuild_lists().await.unwrap();
    assert_eq!(app.shipments().await.unwrap(), listed);

    let detail = app.shipment(shipment).await.unwrap();
    assert_eq!(detail.clock_differences[0].difference_s, 1200);
    assert_eq!(detail.clock_differences[0].behind.label, "Dock");

    met(&app, Some(0)).await;
    assert!(reasons(&app, shipment).await.contains(&Reason::Clock), "it was wrong when that was signed");
    app.host().pass(3600);
    let next = under_way(&app, &logger, app.host().now().utc.plus_seconds(-600)).await;
    assert!(!reasons(&app, next).await.contains(&Reason::Clock), "it was over before");
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
        let key = SecretKey::from_seed(&[5; 32]);
        let keys = JoiningKeys { device: &key, log_random: [6; 16] };
        let log = firn_app::log_id(&app.host().identity().organisation, &keys);
        let (label, role) = ("Van phone".to_owned(), Role::Courier);
        let new = NewDevice { log, device: key.public_key(), endpoint: PEER, label, role };
        let admission = app.enrol_device(new).await.unwrap();
        let mut store = Store::create(&folder.join("peer.db"), &OpenOptions::default()).unwrap();
        firn_app::join(&mut store, &admission, &keys, app.host().now(), &[7; 48]).unwrap();
        let mut peer = Self { store, key, log };
        peer.sends(app, 0).await;
        peer
    }

    /// Signs something dated by its own clock.
    fn signs<B: Body>(&mut self, subject: Option<Id>, wall_ms: i64, body: &B) {
        let draft = EntryDraft {
            kind: u64::from(B::KIND.number()),
            subject: subject.map(|one| LedgerId(one.0)),
            clocks: Clocks { wall_ms, monotonic_ms: 1, boot: LedgerId([3; 16]) },
            heads: Vec::new(),
            body: body.to_bytes(),
            salt: Salt([8; 32]),
            person: None,
            batches: Vec::new(),
        };
        let signers = Signers { device: &self.key, person: None };
        let log = self.log;
        self.store.write(|transaction| transaction.append(log, draft, signers)).unwrap();
    }

    /// What it holds from that entry on comes to a home, whoever brings it.
    async fn sends(&mut self, app: &App<Ahead>, from: u64) {
        let log = self.log;
        let records = self.store.read(|view| view.entries(&log, from, usize::MAX)).unwrap();
        come(app, log, records).await;
    }
}

/// A home that holds the log of a peer whose clock was twenty minutes ahead, and which signed that.
async fn with_peer_ahead(folder: &std::path::Path) -> App<Ahead> {
    let app = Ahead::found(folder);
    let mut peer = Peer::enrolled(folder, &app).await;
    let own = app.host().identity().log.0;
    let compared = ClockCompared { peer: own, difference_ms: -20 * MINUTE_MS, dated_back: None };
    peer.signs(None, app.host().now().utc.0 + 20 * MINUTE_MS, &compared);
    peer.sends(&app, 1).await;
    app
}

#[tokio::test]
async fn what_a_device_dates_back_to_before_its_log_was_whole_here_is_signed_once_and_asks_about_the_clock() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let mut peer = Peer::enrolled(folder.path(), &app).await;
    let logger = enrolled(&app, "thermopro", Some(60)).await;
    let now = || app.host().now().utc;
    let shipment = under_way(&app, &logger, now().plus_seconds(-600)).await;
    let seen = |at: UtcMillis| Observation {
        observed: Observed::VialMonitor(VialMonitorStage::One),
        at,
        place: None,
        note: None,
        photo: None,
        reason: None,
    };
    let own = app.host().identity().log.to_string();
    let own = async || app.log_entries(Some(&own)).await.unwrap().len();
    let signed = own().await;
    for (back_minutes, since_met, asks) in [(4, 0, false), (6, 7, false), (6, 0, true), (6, 0, true)] {
        met(&app, Some(0)).await;
        app.host().pass(60 * since_met);
        let dated = now().plus_seconds(-60 * back_minutes);
        let held = app.log_entries(Some(&peer.log.to_string())).await.unwrap().len();
        peer.signs(Some(shipment), dated.0, &seen(dated));
        peer.sends(&app, held as u64).await;
        met(&app, None).await;
        assert_eq!(
            reasons(&app, shipment).await.contains(&Reason::Clock),
            asks,
            "{back_minutes} {since_met}"
        );
        app.host().pass(3600);
    }
    met(&app, Some(0)).await;
    assert_eq!(own().await, signed + 2, "each once");
    let detail = app.shipment(shipment).await.unwrap();
    let difference = &detail.clock_differences[0];
    // What is dated lies a moment after the meeting.
    assert!((330..=360).contains(&difference.difference_s), "{difference:?}");
    assert_eq!(difference.behind.label, "Van phone");
}

#[tokio::test]
async fn a_peers_clock_that_was_ahead_asks_nothing_of_what_is_signed_after_it_was_set_right() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_peer_ahead(folder.path()).await;
    let logger = enrolled(&app, "thermopro", Some(60)).await;
    met(&app, Some(20 * MINUTE_MS)).await;
    let wrong = under_way(&app, &logger, app.host().now().utc.plus_seconds(-600)).await;
    assert!(reasons(&app, wrong).await.contains(&Reason::Clock));
    app.host().pass(60);
    met(&app, Some(0)).await;
    let next = under_way(&app, &logger, app.host().now().utc.plus_seconds(-600)).await;
    assert!(!reasons(&app, next).await.contains(&Reason::Clock), "whatever the peer's own entry is dated");
}

#[tokio::test]
async fn a_device_that_goes_on_in_a_new_log_dates_nothing_back_to_before_its_old_one_was_whole_here() {
    for (back_minutes, told) in [(0, 0), (70, 1)] {
        let folder = tempfile::tempdir().unwrap();
        let app = Ahead::found(folder.path());
        let mut peer = Peer::enrolled(folder.path(), &app).await;
        let rights = firn_app::Identity { log: peer.log, ..app.host().identity() };
        met(&app, Some(0)).await;
        let before = entries(&app).await;
        let now = app.host().now();
        let dated = Moment { utc: now.utc.plus_seconds(-60 * back_minutes), ..now };
        let [old, new] = [5, 9].map(|seed| Arc::new(SecretKey::from_seed(&[seed; 32])) as DeviceKey);
        let keys = Continuing { old, new, log_random: [4; 16] };
        let goes_on = firn_app::continue_log(&mut peer.store, &rights, &keys, dated, &[7; 48]).unwrap();
        peer.log = goes_on.log;
        peer.sends(&app, 0).await;
        met(&app, None).await;
        assert_eq!(entries(&app).await, before + 1 + told, "the new log's first entry {back_minutes}");
    }
}

#[tokio::test]
async fn what_is_rightly_dated_between_two_entries_that_are_not_asks_about_no_clock() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let mut peer = Peer::enrolled(folder.path(), &app).await;
    let logger = enrolled(&app, "thermopro", Some(60)).await;
    let now = || app.host().now().utc;
    let mut shipments = Vec::new();
    for _ in 0..3 {
        shipments.push(under_way(&app, &logger, now().plus_seconds(-600)).await);
    }
    met(&app, Some(0)).await;
    for (shipment, back_minutes) in shipments.iter().zip([120, 0, 120]) {
        let dated = now().plus_seconds(-60 * back_minutes);
        let says = Observation {
            observed: Observed::VialMonitor(VialMonitorStage::One),
            at: dated,
            place: None,
            note: None,
            photo: None,
            reason: None,
        };
        peer.signs(Some(*shipment), dated.0, &says);
    }
    peer.sends(&app, 1).await;
    met(&app, None).await;
    let mut asked = Vec::new();
    for shipment in shipments {
        asked.push(reasons(&app, shipment).await.contains(&Reason::Clock));
    }
    assert_eq!(asked, [true, false, true]);
}

#[tokio::test]
async fn what_was_noted_by_two_clocks_that_were_ahead_together_accuses_nobody_once_they_are_right() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let mut peer = Peer::enrolled(folder.path(), &app).await;
    app.host().pass(3600);
    met(&app, Some(0)).await;
    app.host().pass(-3600);
    let dated = app.host().now().utc;
    let own = app.host().identity().log;
    peer.signs(None, dated.0, &ClockCompared { peer: own.0, difference_ms: 400_000, dated_back: None });
    peer.sends(&app, 1).await;
    let before = entries(&app).await;
    met(&app, Some(0)).await;
    assert_eq!(entries(&app).await, before);
}

fn forty(legs: Option<Vec<Leg>>) -> NewShipment {
    let item = ItemLine {
        product: "MMR".into(),
        gtin: None,
        lot: Some("A1".into()),
        expiry: None,
        quantity: 40,
        package: None,
        serials: None,
        profile: None,
        legs,
        label: None,
    };
    NewShipment {
        reference: "DN-1".into(),
        profile: preset("cdc-refrigerator").unwrap().profile.clone(),
        from: None,
        to: None,
        items: vec![item],
        packages: Vec::new(),
    }
}

/// What a home takes in of a partner whose clock is so many seconds ahead, and the shipment that goes on from it.
async fn taken_from(folder: &std::path::Path, ahead_s: i64) -> (App<Ahead>, TookIn, Id) {
    let [own, partner] = ["own", "partner"].map(|name| {
        let folder = folder.join(format!("{name}-{ahead_s}"));
        std::fs::create_dir(&folder).unwrap();
        Ahead::found(&folder)
    });
    partner.host().pass(ahead_s);
    for (at, of) in [(&own, &partner), (&partner, &own)] {
        let card = of.partner_card(None).await.unwrap();
        at.pin_partner(&card.text(), &card.organisation()).await.unwrap();
    }
    let organisation = own.host().identity().organisation.to_string();
    let theirs = partner.create_shipment(forty(None)).await.unwrap();
    let logger = enrolled(&partner, "thermopro", Some(60)).await;
    let placement = Placement { logger: logger.id, package: None, from: None, to: None };
    let start = Start {
        shipment: theirs,
        placements: vec![placement],
        at: None,
        overrides: Vec::new(),
        reason: None,
    };
    partner.start_shipment(start).await.unwrap();
    let handed = partner.hand_over_to_partner(theirs, &organisation).await.unwrap();
    let took = own.take_in_evidence(handed.evidence).await.unwrap();
    let onward = own.create_shipment(forty(Some(vec![Leg { shipment: theirs, line: 0 }]))).await.unwrap();
    (own, took, onward)
}

#[tokio::test]
async fn what_a_partner_signed_by_a_clock_that_is_ahead_is_shown_as_it_is_taken_and_with_what_goes_on_from_it()
 {
    let folder = tempfile::tempdir().unwrap();
    for (ahead_s, is_shown, asks) in [(0, false, false), (200, true, false), (1200, true, true)] {
        let (own, took, onward) = taken_from(folder.path(), ahead_s).await;
        let near = |seconds: Option<i64>| seconds.is_some_and(|one| (ahead_s - 60..=ahead_s).contains(&one));
        assert_eq!(near(took.clock_difference_s), is_shown, "{ahead_s}: {:?}", took.clock_difference_s);
        let detail = own.shipment(onward).await.unwrap();
        let leg = detail.lines[0].foreign_legs[0].clock_difference.as_ref().map(|one| one.difference_s);
        assert_eq!(near(leg), is_shown, "{ahead_s}: {leg:?}");
        assert_eq!(detail.summary.reasons.contains(&Reason::Clock), asks, "{ahead_s}");
        let assessed = own.export(onward).await.unwrap().bundle.assess().unwrap();
        assert_eq!(
            assessed.judgement.reasons.contains(&Reason::Clock),
            asks,
            "as a verifier tells it {ahead_s}"
        );
    }
}
