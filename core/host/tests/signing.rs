//! Signing at a window: sessions, PINs and keys of people, on a home whose clock a test puts forward.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Ahead, enrolled, under_way};
use firn_app::service::{Invited, Service, Site, Tell};
use firn_app::{App, AppError, Host, NewPerson, Pin};
use firn_model::api::{
    Change, ComparedDigits, Comparing, Event, Origin, Refusal, Request, Response, Secret, SessionShown,
    Snapshot, Watching,
};
use firn_model::id::Id;
use firn_model::meaning::SignatureMeaning;
use firn_model::record::{ChangeReason, Kind, Logger, Person};
use firn_model::role::Role;
use firn_model::time::UtcMillis;
use firn_model::vault::PositionSetting;
use std::path::Path;
use std::sync::{Arc, Mutex};

const ANAS: &str = "eleven grey herons";
const ANAS_NEXT: &str = "twelve white swans";
const ADAMS: &str = "thirteen black rooks";
const MINUTE: i64 = 60;

/// A window on one home, far from radios and networks.
struct Window(App<Ahead>);

fn elsewhere<T>() -> Result<T, AppError> {
    Err(AppError::OutOfOrder("not at this window"))
}

impl Site for Window {
    type Host = Ahead;

    fn now(&self) -> UtcMillis {
        self.0.host().now().utc
    }

    fn origin(&self) -> Origin {
        Origin::Bluetooth
    }

    fn app(&self) -> Result<Option<App<Ahead>>, AppError> {
        Ok(Some(self.0.clone()))
    }

    async fn app_or_found(&self) -> Result<App<Ahead>, AppError> {
        Ok(self.0.clone())
    }

    async fn found(&self, _: String) -> Result<(), AppError> {
        elsewhere()
    }

    async fn download(&self, _: Id, _: Logger, _: Tell) -> Result<(), AppError> {
        elsewhere()
    }

    async fn start_demo(&self) -> Result<(), AppError> {
        elsewhere()
    }

    async fn invite(&self, _: Role) -> Result<Invited, AppError> {
        elsewhere()
    }

    fn comparing(&self) -> Option<Comparing> {
        None
    }

    async fn compared(&self, _: ComparedDigits) -> Result<(), AppError> {
        elsewhere()
    }

    async fn join(&self, _: String, _: String) -> Result<(), AppError> {
        elsewhere()
    }

    async fn sync(&self, _: Option<String>) -> Result<(), AppError> {
        elsewhere()
    }
}

/// A pharmacy's window with two people, a shipment under way, and all that the window was sent.
struct Dock {
    service: Service<Window>,
    app: App<Ahead>,
    ana: Id,
    shipment: Id,
    events: Arc<Mutex<Vec<Event>>>,
}

async fn person(app: &App<Ahead>, name: &str, role: Role, pin: &str) -> Person {
    let trained = Some(app.host().now().utc.plus_seconds(-86_400));
    let new = NewPerson { id: None, name: name.into(), title: None, role, trained };
    let (person, code) = app.enrol_person(new).await.unwrap();
    app.make_person_key(person.id, Pin::new(pin), &code).await.unwrap();
    person
}

impl Dock {
    async fn open(folder: &Path) -> Self {
        let app = Ahead::found(folder);
        let logger = enrolled(&app, "ruuvitag", None).await;
        let shipment = under_way(&app, &logger, app.host().now().utc.plus_seconds(-7200)).await;
        let ana = person(&app, "Ana Lima", Role::Pharmacist, ANAS).await.id;
        person(&app, "Adam Roy", Role::Admin, ADAMS).await;
        Self::over(app, ana, shipment)
    }

    fn over(app: App<Ahead>, ana: Id, shipment: Id) -> Self {
        let watching = Watching::Watching { since: UtcMillis(0) };
        let service = Service::new(Arc::new(Window(app.clone())), watching);
        let events: Arc<Mutex<Vec<Event>>> = Arc::default();
        let sink = events.clone();
        service.listen(Box::new(move |event| sink.lock().unwrap().push(event)));
        Self { service, app, ana, shipment, events }
    }

    async fn done(&self, request: Request) {
        let response = self.service.request(request).await;
        assert_eq!(response, Response::Done);
    }

    async fn refused(&self, request: Request) -> Refusal {
        match self.service.request(request).await {
            Response::Refused(refusal) => refusal,
            other => panic!("{other:?}"),
        }
    }

    async fn code(&self, request: Request) -> String {
        self.refused(request).await.code
    }

    async fn snapshot(&self) -> Snapshot {
        match self.service.request(Request::Subscribe).await {
            Response::Snapshot(snapshot) => *snapshot,
            other => panic!("{other:?}"),
        }
    }

    /// Holds the stock of the shipment for a reason, which anybody may do any number of times.
    fn hold(&self, person: Option<&str>, pin: &str) -> Request {
        let request = Request::QuarantineShipment { shipment: self.shipment, reason: "a look".into() };
        sign(person, pin, request)
    }

    fn receive(&self) -> Request {
        Request::ReceiveShipment {
            shipment: self.shipment,
            note: None,
            checklist: None,
            at: None,
            reason: None,
        }
    }

    /// What people said by signing about the shipment, who, and whether it counts.
    async fn signed(&self) -> Vec<(Option<SignatureMeaning>, Option<String>, bool)> {
        let history = self.app.shipment(self.shipment).await.unwrap().history;
        let of_people = history.into_iter().filter(|event| event.person.is_some() || event.refused.is_some());
        of_people
            .map(|event| (event.meaning, event.person.map(|person| person.name), event.refused.is_none()))
            .collect()
    }

    async fn entries(&self, kind: Kind) -> usize {
        let entries = self.app.log_entries(None).await.unwrap();
        entries.iter().filter(|entry| entry.kind == u64::from(kind.number())).count()
    }

    fn sessions(&self) -> Vec<Option<SessionShown>> {
        let events = self.events.lock().unwrap();
        let session = |event: &Event| match &event.change {
            Change::Session { session } => Some(session.clone()),
            _ => None,
        };
        events.iter().filter_map(session).collect()
    }

    fn pass(&self, seconds: i64) {
        self.app.host().pass(seconds);
    }
}

fn sign(person: Option<&str>, pin: &str, request: Request) -> Request {
    Request::Sign { person: person.map(Into::into), pin: Secret::new(pin), request: Box::new(request) }
}

fn sign_in(person: &str, pin: &str) -> Request {
    Request::SignIn { person: person.into(), pin: Secret::new(pin) }
}

#[tokio::test]
async fn a_window_signs_with_id_and_pin_first_then_with_the_pin_alone_and_after_a_quarter_of_an_hour_with_both()
 {
    let folder = tempfile::tempdir().unwrap();
    let dock = Dock::open(folder.path()).await;
    let before = dock.snapshot().await;
    assert!(before.signing_needed && before.session.is_none());
    let shown: Vec<_> = before.people.iter().map(|p| (p.name.as_str(), p.role, p.has_key)).collect();
    assert_eq!(shown.len(), 2);
    assert!(shown.contains(&("Ana Lima", Role::Pharmacist, true)), "{shown:?}");

    assert_eq!(dock.code(dock.receive()).await, "app/person-needed");
    assert_eq!(dock.code(sign(None, ANAS, dock.receive())).await, "app/sign-in-needed");
    dock.done(sign(Some("Ana Lima"), ANAS, dock.receive())).await;
    let session = dock.snapshot().await.session.unwrap();
    assert_eq!(session.person.name, "Ana Lima");
    assert_eq!(session.ends.0 - session.since.0, 15 * MINUTE * 1000);

    dock.pass(14 * MINUTE);
    dock.done(dock.hold(None, ANAS)).await;
    let longer = dock.snapshot().await.session.unwrap();
    assert_eq!(longer.since, session.since);
    assert!(longer.ends.0 - session.ends.0 >= 14 * MINUTE * 1000);
    dock.pass(14 * MINUTE);
    dock.service.end_session_when_due().await;
    assert!(dock.snapshot().await.session.is_some());

    dock.pass(MINUTE);
    dock.service.end_session_when_due().await;
    assert_eq!(dock.sessions().last(), Some(&None));
    assert_eq!(dock.code(dock.hold(None, ANAS)).await, "app/sign-in-needed");
    dock.done(dock.hold(Some(&dock.ana.to_string()), ANAS)).await;
    let expected = [SignatureMeaning::Received, SignatureMeaning::Quarantined, SignatureMeaning::Quarantined]
        .map(|meaning| (Some(meaning), Some("Ana Lima".to_owned()), true));
    assert_eq!(dock.signed().await, expected);
    let told = dock.sessions();
    let open: Vec<bool> = told.iter().map(Option::is_some).collect();
    assert_eq!(open, [true, true, false, true], "opened, prolonged, timed out, opened: {told:#?}");
}

#[tokio::test]
async fn a_lock_a_restart_another_signer_and_the_persons_end_close_the_session() {
    let folder = tempfile::tempdir().unwrap();
    let dock = Dock::open(folder.path()).await;
    dock.done(sign_in("Ana Lima", ANAS)).await;
    assert_eq!(dock.entries(Kind::Quarantined).await, 0, "signing in signs nothing");
    dock.done(dock.hold(None, ANAS)).await;
    dock.done(Request::Lock).await;
    assert_eq!(dock.code(dock.hold(None, ANAS)).await, "app/sign-in-needed");

    dock.done(sign_in("Ana Lima", ANAS)).await;
    let again = Dock::over(dock.app.clone(), dock.ana, dock.shipment);
    assert_eq!(again.code(again.hold(None, ANAS)).await, "app/sign-in-needed");

    // Somebody else gives id and PIN: from now on the PIN alone is theirs.
    dock.done(dock.hold(Some("Adam Roy"), ADAMS)).await;
    assert_eq!(dock.snapshot().await.session.unwrap().person.name, "Adam Roy");
    assert_eq!(dock.code(dock.hold(None, ANAS)).await, "app/pin-wrong");
    dock.done(dock.hold(None, ADAMS)).await;

    dock.done(sign_in("Ana Lima", ANAS)).await;
    dock.app.change_person(dock.ana, firn_app::Change::Ended, ChangeReason::parse("left")).await.unwrap();
    dock.service.changed_by_peer().await;
    assert_eq!(dock.sessions().last(), Some(&None));
    assert_eq!(dock.code(dock.hold(None, ANAS)).await, "app/sign-in-needed");
    assert_eq!(dock.code(dock.hold(Some("Ana Lima"), ANAS)).await, "authority/person-ended");
}

#[tokio::test]
async fn five_wrong_pins_lock_for_a_quarter_of_an_hour_are_recorded_and_then_the_right_one_signs() {
    let folder = tempfile::tempdir().unwrap();
    let dock = Dock::open(folder.path()).await;
    dock.done(sign_in("Ana Lima", ANAS)).await;
    for left in (1..=4).rev() {
        let refusal = dock.refused(dock.hold(None, "somebody else's")).await;
        assert_eq!(refusal.code, "app/pin-wrong");
        assert!(refusal.cause.contains(&format!("{left} more tr")), "{}", refusal.cause);
    }
    assert_eq!(dock.entries(Kind::SigningFailed).await, 0);
    assert_eq!(dock.code(dock.hold(None, "somebody else's")).await, "app/signing-locked");
    assert_eq!(dock.entries(Kind::SigningFailed).await, 1);
    assert_eq!(dock.sessions().last(), Some(&None), "the session is over as well");
    let locked = dock.snapshot().await.people.into_iter().find(|person| person.id == dock.ana).unwrap();
    let until = locked.locked_until.unwrap();
    assert!((until.0 - dock.app.host().now().utc.0 - 15 * MINUTE * 1000).abs() < 30_000, "{until}");
    let told_last = dock.events.lock().unwrap().last().cloned().unwrap().change;
    let Change::People { people } = told_last else { panic!("{told_last:?}") };
    assert!(people.iter().any(|person| person.locked_until.is_some()));

    // Adam is not locked out with her.
    dock.done(dock.hold(Some("Adam Roy"), ADAMS)).await;
    dock.pass(14 * MINUTE);
    assert_eq!(dock.code(dock.hold(Some("Ana Lima"), ANAS)).await, "app/signing-locked");
    assert_eq!(dock.entries(Kind::SigningFailed).await, 1, "a refused try records nothing more");
    dock.pass(MINUTE);
    dock.done(dock.hold(Some("Ana Lima"), ANAS)).await;
    let ana = dock.snapshot().await.people.into_iter().find(|person| person.id == dock.ana).unwrap();
    assert_eq!(ana.locked_until, None);
    assert_eq!(dock.signed().await.len(), 2);
}

#[tokio::test]
async fn a_changed_pin_takes_the_place_of_the_old_one_for_the_same_key() {
    let folder = tempfile::tempdir().unwrap();
    let dock = Dock::open(folder.path()).await;
    let change = |person: Option<&str>, old: &str, new: &str| Request::ChangePin {
        person: person.map(Into::into),
        old: Secret::new(old),
        new: Secret::new(new),
    };
    assert_eq!(dock.code(change(None, ANAS, ANAS_NEXT)).await, "app/sign-in-needed");
    dock.done(dock.hold(Some("Ana Lima"), ANAS)).await;
    assert_eq!(dock.code(change(None, ANAS, "eleven char")).await, "app/pin-too-short");
    assert_eq!(dock.code(change(None, "somebody else's", ANAS_NEXT)).await, "app/pin-wrong");
    dock.done(change(None, ANAS, ANAS_NEXT)).await;
    assert_eq!(dock.code(dock.hold(None, ANAS)).await, "app/pin-wrong");
    dock.done(dock.hold(None, ANAS_NEXT)).await;
    dock.done(change(Some("Ana Lima"), ANAS_NEXT, ANAS)).await;
    dock.done(dock.hold(Some("Ana Lima"), ANAS)).await;
    assert_eq!(dock.entries(Kind::PersonKey).await, 2, "one each; none was made anew");
    assert!(
        dock.signed().await.iter().all(|(_, name, counts)| name.as_deref() == Some("Ana Lima") && *counts)
    );
}

#[tokio::test]
async fn a_lost_pin_is_replaced_by_a_new_key_what_the_old_one_signed_stands_and_the_log_names_the_admin() {
    let folder = tempfile::tempdir().unwrap();
    let dock = Dock::open(folder.path()).await;
    dock.done(dock.hold(Some("Ana Lima"), ANAS)).await;
    let code = dock.app.new_code(dock.ana).await.unwrap().text();
    let with = |code: &str| Request::AcceptAccountability {
        person: "Ana Lima".into(),
        pin: Secret::new(ANAS_NEXT),
        code: Secret::new(code),
    };
    let accept = || with(&code);
    assert_eq!(dock.code(accept()).await, "app/person-key-exists");
    let withdraw = |reason: &str| Request::WithdrawKey {
        person: "Ana Lima".into(),
        device: None,
        reason: reason.into(),
    };
    assert_eq!(dock.code(sign(Some("Ana Lima"), ANAS, withdraw("PIN lost"))).await, "app/role-may-not");
    assert_eq!(dock.code(sign(Some("Adam Roy"), ADAMS, withdraw(" "))).await, "app/incomplete");
    dock.done(sign_in("Ana Lima", ANAS)).await;
    dock.pass(1);
    dock.done(sign(Some("Adam Roy"), ADAMS, withdraw("PIN lost"))).await;

    let shown =
        |snapshot: Snapshot| snapshot.people.into_iter().find(|person| person.id == dock.ana).unwrap();
    assert!(!shown(dock.snapshot().await).has_key);
    assert_eq!(dock.code(dock.hold(Some("Ana Lima"), ANAS)).await, "app/no-person-key");
    assert_eq!(dock.code(sign(Some("Adam Roy"), ADAMS, withdraw("again"))).await, "app/no-person-key");
    assert_eq!(dock.code(with("A4DQ-OBYH-A4DQ-OBYH")).await, "app/enrolment-code", "somebody else's code");
    dock.done(accept()).await;
    assert!(shown(dock.snapshot().await).has_key);
    assert_eq!(dock.code(dock.hold(Some("Ana Lima"), ANAS)).await, "app/pin-wrong");
    dock.done(dock.hold(Some("Ana Lima"), ANAS_NEXT)).await;
    let expected = (Some(SignatureMeaning::Quarantined), Some("Ana Lima".to_owned()), true);
    assert_eq!(dock.signed().await, [expected.clone(), expected]);
    let keys = std::fs::read_dir(folder.path().join("home/keys")).unwrap();
    let of_ana = keys
        .filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().contains(&dock.ana.to_string()));
    assert_eq!(of_ana.count(), 1, "the withdrawn key is destroyed");

    // Who withdrew it stands in the log, signed with their key.
    let named = dock
        .app
        .host()
        .with_store(|store| {
            store.read(|view| {
                let log = view.heads()[0].log;
                let records = view.entries(&log, 0, usize::MAX)?;
                let of_kind = |kind: Kind| {
                    let with_person = |payload: &firn_ledger::entry::Payload| {
                        payload.kind == u64::from(kind.number()) && payload.person_signature.is_some()
                    };
                    records.iter().filter(|record| with_person(record.entry.payload())).count()
                };
                Ok([of_kind(Kind::Person), of_kind(Kind::PersonKey)])
            })
        })
        .await
        .unwrap();
    assert_eq!(named, [1, 3], "each key is bound with its person's code");
    assert!(dock.app.verify_logs(true).await.unwrap().ok());
}

#[tokio::test]
async fn lists_made_anew_from_the_entries_are_those_that_were_kept_with_people_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let dock = Dock::open(folder.path()).await;
    dock.done(sign(Some("Ana Lima"), ANAS, dock.receive())).await;
    dock.app.change_person(dock.ana, firn_app::Change::Ended, ChangeReason::parse("left")).await.unwrap();
    let lists = async || {
        dock.app
            .host()
            .with_store(|store| {
                store.read(|view| {
                    let mut lists = Vec::new();
                    for collection in
                        ["shipments", "loggers", "people", "followed", "legs", "tasks", "signers"]
                    {
                        for document in view.documents(collection)? {
                            lists.push((collection, document.key, document.value));
                        }
                    }
                    Ok(lists)
                })
            })
            .await
            .unwrap()
    };
    let (kept, people) = (lists().await, dock.app.people_shown().await.unwrap());
    assert_eq!(kept.iter().filter(|(collection, ..)| *collection == "people").count(), 5);
    dock.app.rebuild_lists().await.unwrap();
    assert_eq!(lists().await, kept);
    assert_eq!(dock.app.people_shown().await.unwrap(), people);
}

#[tokio::test]
async fn only_shipments_that_a_person_signed_are_assessed_anew_when_something_changes_about_them() {
    let folder = tempfile::tempdir().unwrap();
    let dock = Dock::open(folder.path()).await;
    dock.done(sign(Some("Ana Lima"), ANAS, dock.receive())).await;
    let shipment = dock.shipment;
    let tasks = async || {
        let read = move |view: &mut firn_ledger::store::View<'_>| Ok(view.document("tasks", &shipment.0)?);
        let read = dock.app.host().with_store(move |store| store.read(read)).await;
        let read: Result<_, firn_app::AppError> = read;
        read.unwrap()
    };
    let kept = tasks().await;
    let mark = move |transaction: &mut firn_ledger::store::Transaction<'_>| {
        transaction.put_document("tasks", &shipment.0, b"[]")?;
        Ok::<_, firn_app::AppError>(())
    };
    dock.app.host().with_store(move |store| store.write(mark)).await.unwrap();
    person(&dock.app, "Una Novak", Role::Quality, "another long one").await;
    assert_eq!(tasks().await, Some(b"[]".to_vec()), "nothing that she signed is there");
    dock.app.change_person(dock.ana, firn_app::Change::Ended, ChangeReason::parse("left")).await.unwrap();
    assert_eq!(tasks().await, kept);
}

#[tokio::test]
async fn a_pin_stands_in_no_event_no_refusal_and_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let dock = Dock::open(folder.path()).await;
    let wrong = "a wrong one, indeed";
    dock.done(dock.hold(Some("Ana Lima"), ANAS)).await;
    let mut told = format!("{:?}", dock.refused(dock.hold(None, wrong)).await);
    told.push_str(&format!("{:?}", dock.hold(None, ANAS)));
    told.push_str(&serde_json::to_string(&*dock.events.lock().unwrap()).unwrap());
    told.push_str(&serde_json::to_string(&dock.snapshot().await).unwrap());
    let mut files = vec![folder.path().join("home")];
    while let Some(path) = files.pop() {
        match path.is_dir() {
            true => files.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path())),
            false => told.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap())),
        }
    }
    assert!(told.len() > 10_000);
    for pin in [ANAS, ADAMS, wrong] {
        assert!(!told.contains(pin), "{pin}");
    }
}

#[tokio::test]
async fn without_people_all_goes_on_as_the_device_signs_and_nothing_signs_itself() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let logger = enrolled(&app, "ruuvitag", None).await;
    let shipment = under_way(&app, &logger, app.host().now().utc.plus_seconds(-7200)).await;
    let dock = Dock::over(app, Id([0; 16]), shipment);
    let snapshot = dock.snapshot().await;
    assert_eq!((snapshot.signing_needed, snapshot.people.len()), (false, 0));
    dock.done(dock.receive()).await;
    assert_eq!(dock.code(dock.hold(Some("Ana Lima"), ANAS)).await, "app/not-found");

    person(&dock.app, "Ana Lima", Role::Pharmacist, ANAS).await;
    let nested = sign(None, ANAS, Request::Lock);
    assert_eq!(dock.code(sign(Some("Ana Lima"), ANAS, nested)).await, "app/out-of-order");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_enrols_a_person_at_the_window_who_makes_a_key_with_the_code_and_signs() {
    let folder = tempfile::tempdir().unwrap();
    let dock = Dock::open(folder.path()).await;
    let enrol =
        Request::EnrolPerson { name: "Pia Holm".into(), title: None, role: Role::Pharmacist, trained: None };
    assert_eq!(dock.code(sign(Some("Ana Lima"), ANAS, enrol.clone())).await, "app/role-may-not");
    let told = dock.service.request(sign(Some("Adam Roy"), ADAMS, enrol)).await;
    let Response::EnrolmentCode { person, code } = told else { panic!("{told:?}") };
    let shown = |snapshot: Snapshot| snapshot.people.into_iter().find(|one| one.id == person).unwrap();
    assert!(!shown(dock.snapshot().await).has_key);

    // A newer code takes the place of the first.
    let again = Request::NewEnrolmentCode { person: "Pia Holm".into() };
    let told = dock.service.request(sign(None, ADAMS, again)).await;
    let Response::EnrolmentCode { code: newer, .. } = told else { panic!("{told:?}") };
    let accept = |code: Secret| Request::AcceptAccountability {
        person: person.to_string(),
        pin: Secret::new("fourteen brown owls"),
        code,
    };
    assert_eq!(dock.code(accept(code)).await, "app/enrolment-code");
    dock.done(accept(newer)).await;
    assert!(shown(dock.snapshot().await).has_key);

    // Nobody signs without training; it counts from when it is recorded.
    let hold = || dock.hold(Some("Pia Holm"), "fourteen brown owls");
    assert_eq!(dock.code(hold()).await, "authority/person-not-trained");
    let trained = dock.app.host().now().utc.plus_seconds(-MINUTE);
    let train = Request::RecordTraining { person: "Pia Holm".into(), trained };
    dock.done(sign(Some("Adam Roy"), ADAMS, train)).await;
    assert_eq!(shown(dock.snapshot().await).trained, Some(trained));
    dock.done(hold()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_is_told_whether_positions_are_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let dock = Dock::open(folder.path()).await;
    assert_eq!(dock.snapshot().await.positions, PositionSetting::Off);
    dock.done(Request::RecordPositions { setting: PositionSetting::On }).await;
    assert_eq!(dock.snapshot().await.positions, PositionSetting::On);
}
