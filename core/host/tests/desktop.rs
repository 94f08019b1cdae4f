//! The desktop as its window uses it: requests in, answers and events out, on a folder of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_app::{App, Host, NewLogger, NewPerson, Start};
use firn_host::{Desktop, LocalHost, Passphrase};
use firn_model::api::{
    Change, ComparedDigits, Comparing, ComparingSide, Event, FileContent, FileTaken, HistoryEvent,
    Occurrence, Origin, Phase, Request, Response, Secret, ShipmentSummary, Snapshot, Stock, Watching,
};
use firn_model::assess::Verdict;
use firn_model::record::{Placement, Position};
use firn_model::role::Role;
use firn_model::vault::{PositionKnown, PositionSetting};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc;

async fn snapshot(desktop: &Desktop) -> Snapshot {
    match desktop.request(Request::Subscribe).await {
        Response::Snapshot(snapshot) => *snapshot,
        other => panic!("{other:?}"),
    }
}

async fn refused(desktop: &Desktop, request: Request) -> String {
    match desktop.request(request).await {
        Response::Refused(refusal) => {
            assert_ne!(refusal.next_step, "");
            refusal.code
        }
        other => panic!("{other:?}"),
    }
}

fn listen(desktop: &Desktop) -> mpsc::UnboundedReceiver<Event> {
    let (sender, receiver) = mpsc::unbounded_channel();
    desktop.subscribe(Box::new(move |event| sender.send(event).unwrap_or_default()));
    receiver
}

fn shipment() -> Request {
    Request::CreateShipment {
        reference: "PO 4711".into(),
        profile: "cdc-refrigerator".into(),
        from: None,
        to: None,
        packages: Vec::new(),
        items: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_shipment_founds_the_home_and_is_there_when_the_window_opens_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let desktop = Desktop::open(&data).unwrap();
    let empty = snapshot(&desktop).await;
    assert_eq!((empty.organisation, empty.shipments.len()), (None, 0));
    assert!(matches!(empty.watching, Watching::NotWatching { .. } | Watching::Watching { .. }));
    assert!(!data.exists(), "looking makes nothing");

    let made = desktop.request(shipment()).await;
    let Response::Created { id } = made else { panic!("{made:?}") };
    assert_eq!(
        refused(
            &desktop,
            Request::ReceiveShipment { shipment: id, note: None, checklist: None, at: None, reason: None }
        )
        .await,
        "app/out-of-order"
    );
    let join = Request::Join { invitation: "firn-invite:aaaa".into(), label: "Van".into() };
    assert_eq!(refused(&desktop, join).await, "home/exists");
    desktop.close().await;
    drop(desktop);

    assert_private(&data.join("passphrase"));
    let again = Desktop::open(&data).unwrap();
    let snapshot = snapshot(&again).await;
    assert_eq!(snapshot.shipments.iter().map(|summary| summary.id).collect::<Vec<_>>(), [id]);
    assert_eq!(snapshot.organisation.unwrap().role, Role::Admin);
    let other = Desktop::open(&data).unwrap();
    assert_eq!(refused(&other, Request::Subscribe).await, "home/in-use");
}

#[cfg(unix)]
fn assert_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o077, 0);
}

#[cfg(not(unix))]
fn assert_private(path: &Path) {
    assert!(path.is_file());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_of_a_home_with_people_signs_as_one_of_them_and_begins_without_a_session() {
    let folder = tempfile::tempdir().unwrap();
    let desktop = Desktop::open(folder.path()).unwrap();
    let made = desktop.request(shipment()).await;
    let Response::Created { id } = made else { panic!("{made:?}") };
    assert!(!snapshot(&desktop).await.signing_needed);
    desktop.close().await;
    drop(desktop);
    // Enrolled at the command, on the same home.
    let secret = std::fs::read_to_string(folder.path().join("passphrase")).unwrap();
    let host = LocalHost::open(&folder.path().join("home"), &Passphrase::new(&secret).unwrap()).unwrap();
    let app = App::new(Arc::new(host));
    let trained = Some(app.host().now().utc.plus_seconds(-86_400));
    let name = "Ana Lima".to_owned();
    let new = NewPerson { id: None, name: name.clone(), title: None, role: Role::Pharmacist, trained };
    let (_, code) = app.enrol_person(new).await.unwrap();
    drop(app);

    let desktop = Desktop::open(folder.path()).unwrap();
    let mut events = listen(&desktop);
    let cancel = || Request::CloseShipment { shipment: id, reason: Some("ordered twice".into()) };
    let sign = |person: Option<&str>| Request::Sign {
        person: person.map(Into::into),
        pin: Secret::new("eleven grey herons"),
        request: Box::new(cancel()),
    };
    assert_eq!(refused(&desktop, cancel()).await, "app/person-needed");
    assert_eq!(refused(&desktop, sign(None)).await, "app/sign-in-needed");
    assert_eq!(refused(&desktop, sign(Some(&name))).await, "app/no-person-key");
    let accept = Request::AcceptAccountability {
        person: name.clone(),
        pin: Secret::new("eleven grey herons"),
        code: Secret::new(code.text()),
    };
    assert_eq!(desktop.request(accept).await, Response::Done);
    assert_eq!(desktop.request(sign(Some(&name))).await, Response::Done);
    let after = snapshot(&desktop).await;
    assert_eq!(after.session.unwrap().person.name, name);
    assert!(after.signing_needed && after.people[0].has_key);
    assert_eq!(desktop.request(Request::Lock).await, Response::Done);
    desktop.close().await;
    drop(desktop);
    let mut told = Vec::new();
    while let Some(event) = events.recv().await {
        match event.change {
            Change::People { people } => told.push(format!("{} {}", people[0].name, people[0].has_key)),
            Change::Session { session } => told.push(format!("session {}", session.is_some())),
            _ => {}
        }
    }
    assert_eq!(told, ["Ana Lima true", "session true", "session false"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_comes_with_its_position_only_where_recording_positions_was_turned_on() {
    let folder = tempfile::tempdir().unwrap();
    let desktop = Desktop::open(&folder.path().join("data")).unwrap();
    let Response::Created { id } = desktop.request(shipment()).await else { panic!("no shipment") };
    let held = || {
        let step = Box::new(Request::QuarantineShipment { shipment: id, reason: "seal broken".into() });
        Request::At { position: Position::new(48_856_613, 2_352_222, 12).unwrap(), step }
    };
    assert_eq!(refused(&desktop, held()).await, "app/position-off");
    let on = Request::RecordPositions { setting: PositionSetting::On };
    assert_eq!(desktop.request(on).await, Response::Done);
    assert_eq!(desktop.request(held()).await, Response::Done);
    let shown = desktop.request(Request::Shipment { shipment: id.to_string() }).await;
    let Response::Shipment(detail) = shown else { panic!("{shown:?}") };
    let opened = |event: &HistoryEvent| match &event.occurrence {
        Occurrence::Position { known: PositionKnown::Opened { position }, .. } => Some(position.to_string()),
        _ => None,
    };
    assert_eq!(detail.history.iter().filter_map(opened).collect::<Vec<_>>(), ["48.856613, 2.352222 ± 12 m"]);
    desktop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_shows_one_spoiled_shipment_and_hears_its_loggers() {
    let folder = tempfile::tempdir().unwrap();
    let desktop = Desktop::open(folder.path()).unwrap();
    let before = snapshot(&desktop).await;
    let mut events = listen(&desktop);
    assert_eq!(desktop.request(Request::StartDemo).await, Response::Done);
    assert!(events.recv().await.unwrap().revision > before.revision);

    let snapshot = snapshot(&desktop).await;
    assert_eq!(snapshot.origin, Origin::Demo);
    let of = |reference: &str| -> ShipmentSummary {
        snapshot.shipments.iter().find(|summary| summary.reference == reference).unwrap().clone()
    };
    let (spoiled, steady) = (of("Delivery 2041"), of("Delivery 2042"));
    assert_eq!((spoiled.verdict, spoiled.stock), (Verdict::Excursion, Some(Stock::Quarantine)));
    assert_eq!(steady.phase, Phase::InTransit);
    assert_ne!(steady.verdict, Verdict::Excursion);
    assert_eq!(refused(&desktop, Request::StartDemo).await, "app/out-of-order");
    assert_eq!(refused(&desktop, Request::Invite { role: Role::Courier }).await, "host/demo");

    let mut revision = snapshot.revision;
    while let Some(event) = events.recv().await {
        if event.revision <= revision {
            continue;
        }
        assert_eq!(event.revision, revision + 1);
        revision = event.revision;
        if let Change::Nearby(nearby) = event.change {
            assert!(snapshot.loggers.iter().any(|logger| Some(logger.id) == nearby.logger));
            break;
        }
    }
    desktop.close().await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing of it stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_desktop_joins_by_invitation_and_its_shipment_arrives_at_the_first() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let pharmacy = Desktop::open(folders[0].path()).unwrap();
    let courier = Desktop::open(folders[1].path()).unwrap();
    let invited = pharmacy.request(Request::Invite { role: Role::Courier }).await;
    let Response::Invitation { text, modules, .. } = invited else { panic!("{invited:?}") };
    assert!(modules.len() > 20 && modules.iter().all(|row| row.len() == modules.len()));

    let join = Request::Join { invitation: text, label: "Van 3".into() };
    assert_eq!(courier.request(join).await, Response::Done);
    let own = snapshot(&courier).await.organisation.unwrap();
    let theirs = snapshot(&pharmacy).await;
    assert_eq!((own.role, own.device.as_str()), (Role::Courier, "Van 3"));
    assert_eq!(own.fingerprint, theirs.organisation.unwrap().fingerprint);
    assert_eq!(theirs.peers.iter().map(|peer| peer.label.as_str()).collect::<Vec<_>>(), ["Van 3"]);

    let made = courier.request(shipment()).await;
    let Response::Created { id } = made else { panic!("{made:?}") };
    let peer = snapshot(&courier).await.peers.into_iter().next().unwrap();
    assert_eq!(courier.request(Request::Sync { peer: Some(peer.endpoint) }).await, Response::Done);
    assert!(snapshot(&pharmacy).await.shipments.iter().any(|summary| summary.id == id));
    courier.close().await;
    pharmacy.close().await;
}

/// Whether a revision was left out, so that the window asks for a new snapshot.
fn starts_anew(events: &mut mpsc::UnboundedReceiver<Event>, from: u64) -> bool {
    let mut last = from;
    while let Ok(event) = events.try_recv() {
        if event.revision != last + 1 {
            return true;
        }
        last = event.revision;
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_founds_the_organisation_the_window_learns_of_it_without_being_opened_again() {
    let named = || Request::FoundOrganisation { name: " Nordvik Pharmacy ".into() };
    for founds in [shipment(), named(), Request::RecordPositions { setting: PositionSetting::Off }] {
        let folder = tempfile::tempdir().unwrap();
        let desktop = Desktop::open(folder.path()).unwrap();
        let before = snapshot(&desktop).await;
        assert_eq!(before.organisation, None);
        let mut events = listen(&desktop);
        let answer = desktop.request(founds.clone()).await;
        assert!(!matches!(answer, Response::Refused(_)), "{answer:?}");
        assert!(starts_anew(&mut events, before.revision), "{founds:?}");
        let organisation = snapshot(&desktop).await.organisation.unwrap();
        assert_eq!(organisation.name == "Nordvik Pharmacy", founds == named());
        assert_eq!(refused(&desktop, named()).await, "home/exists", "its name never changes");
        desktop.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_without_a_name_is_not_founded() {
    let folder = tempfile::tempdir().unwrap();
    let desktop = Desktop::open(folder.path()).unwrap();
    let nameless = Request::FoundOrganisation { name: "  ".into() };
    assert_eq!(refused(&desktop, nameless).await, "app/incomplete");
    assert_eq!(snapshot(&desktop).await.organisation, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loggers_own_file_is_read_in_at_the_window_once_and_a_foreign_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let desktop = Desktop::open(folder.path()).unwrap();
    let Response::Created { id } = desktop.request(shipment()).await else { panic!() };
    desktop.close().await;
    drop(desktop);
    // Enrolled and placed at the command, on the same home.
    let secret = std::fs::read_to_string(folder.path().join("passphrase")).unwrap();
    let host = LocalHost::open(&folder.path().join("home"), &Passphrase::new(&secret).unwrap()).unwrap();
    let app = App::new(Arc::new(host));
    let (family, label) = ("file".to_owned(), "Box 7".to_owned());
    let new = NewLogger { family, label, address: None, serial: None, interval_s: Some(600) };
    let logger = app.enrol_logger(new).await.unwrap().id;
    let placements = vec![Placement { logger, package: None, from: None, to: None }];
    let start = Start { shipment: id, placements, at: None, overrides: Vec::new(), reason: None };
    app.start_shipment(start).await.unwrap();
    let begun = app.host().now().utc;
    drop(app);

    let desktop = Desktop::open(folder.path()).unwrap();
    let read = |text: &str, zone: Option<&str>| Request::ReadFile {
        shipment: id,
        logger,
        name: "box7.csv".into(),
        content: FileContent(text.as_bytes().to_vec()),
        zone: zone.map(Into::into),
    };
    let rows = [0, 600, 1200].map(|after| format!("{},5.0", begun.plus_seconds(after)));
    let file = format!("time,temperature_c\n{}\n", rows.join("\n"));
    let taken = |sealed| {
        Response::FileTaken(FileTaken { readings: 3, sealed, skipped: Vec::new(), notes: Vec::new() })
    };
    assert_eq!(desktop.request(read(&file, None)).await, taken(3));
    assert_eq!(desktop.request(read(&file, Some("Europe/Oslo"))).await, taken(0), "all held already");
    assert_eq!(refused(&desktop, read(&file, Some("Europe/Nowhere"))).await, "file/zone-unknown");
    assert_eq!(refused(&desktop, read("\u{0}PNG", None)).await, "file/not-text");
    desktop.close().await;
}

/// The digits that a desktop shows, once it shows any.
async fn digits(desktop: &Desktop) -> Comparing {
    for _ in 0..600 {
        if let Some(comparing) = snapshot(desktop).await.comparing {
            return comparing;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no digits were shown")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_that_decides_or_administers_joins_when_a_person_at_the_other_has_compared_the_digits() {
    for (role, outcome, joins) in [
        (Role::Quality, ComparedDigits::Different, false),
        (Role::Quality, ComparedDigits::Same, true),
        (Role::Admin, ComparedDigits::Same, true),
    ] {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let pharmacy = Desktop::open(folders[0].path()).unwrap();
        let quality = Desktop::open(folders[1].path()).unwrap();
        let invited = pharmacy.request(Request::Invite { role }).await;
        let Response::Invitation { text, .. } = invited else { panic!("{invited:?}") };
        let joining = tokio::spawn({
            let (quality, join) =
                (quality.clone(), Request::Join { invitation: text, label: "QA desk".into() });
            async move { quality.request(join).await }
        });
        let (here, there) = (digits(&pharmacy).await, digits(&quality).await);
        assert_eq!((here.digits.as_str(), here.label.as_str()), (there.digits.as_str(), "QA desk"));
        assert_eq!((here.side, there.side), (ComparingSide::Inviter, ComparingSide::Joiner));
        assert!(snapshot(&pharmacy).await.peers.is_empty(), "nothing is enrolled before a person has looked");

        assert_eq!(pharmacy.request(Request::Compared { outcome }).await, Response::Done);
        let answer = joining.await.unwrap();
        match joins {
            true => assert_eq!(answer, Response::Done),
            false => {
                let Response::Refused(refusal) = answer else { panic!("{answer:?}") };
                assert_eq!(refusal.code, "peer/digits-differ");
            }
        }
        for desktop in [&pharmacy, &quality] {
            assert_eq!(snapshot(desktop).await.comparing, None);
        }
        let joined = snapshot(&quality).await.organisation;
        assert_eq!(joined.map(|own| own.role), joins.then_some(role));
        quality.close().await;
        pharmacy.close().await;
    }
}
