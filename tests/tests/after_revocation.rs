//! Evidence of what was assessed before a device was revoked at an earlier place holds, whatever of it counted then.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_app::Host;
use firn_host::{LocalHost, Passphrase};
use firn_ledger::bytes::{Id as LedgerId, LogId, Salt};
use firn_ledger::entry::{Clocks, EntryDraft, Signers};
use firn_model::id::Id;
use firn_model::record::{Body, ClockCompared, Observation, Observed, Received, VialMonitorStage};
use firn_model::time::UtcMillis;
use firn_tests::command::{TestHome, json};
use firn_tests::peering::{courier_of, joined, sync};
use serde_json::Value;

const MINUTE_MS: i64 = 60_000;
/// 2026-03-01T08:00:00Z.
const EIGHT_MS: i64 = 1_772_352_000_000;
const STOLEN: [&str; 4] = ["--reason", "stolen", "--size", "1"];

fn log_of(home: &TestHome) -> LogId {
    let log = home.answer(&["id"])["log"].as_str().unwrap().to_owned();
    LogId(data_encoding::HEXLOWER.decode(log.as_bytes()).unwrap().try_into().unwrap())
}

/// What a device signs of its own accord, so many minutes off its clock.
fn signs<B: Body>(home: &TestHome, subject: Option<Id>, minutes: i64, body: &B) {
    let passphrase = Passphrase::new("correct horse battery staple").unwrap();
    let host = LocalHost::open(&home.path(), &passphrase).unwrap();
    let (identity, key, now) = (host.identity(), host.signer().unwrap(), host.now());
    let (kind, body) = (u64::from(B::KIND.number()), body.to_bytes());
    let sign = host.with_store(move |store| {
        store.write(|transaction| {
            let mut heads = transaction.heads();
            // Who dates an entry back does not name what was signed later.
            heads.retain(|head| head.log != identity.log && minutes == 0);
            let clocks = Clocks {
                wall_ms: now.utc.0 + minutes * MINUTE_MS,
                monotonic_ms: now.monotonic_ms,
                boot: LedgerId(now.boot.0),
            };
            let (subject, salt) = (subject.map(|one| LedgerId(one.0)), Salt([8; 32]));
            let draft =
                EntryDraft { kind, subject, clocks, heads, body, salt, person: None, batches: Vec::new() };
            transaction.append(identity.log, draft, Signers { device: key.as_ref(), person: None })?;
            Ok(())
        })
    });
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(sign).unwrap();
}

fn now() -> UtcMillis {
    UtcMillis(i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap())
}

fn seen(minutes: i64) -> Observation {
    Observation {
        observed: Observed::VialMonitor(VialMonitorStage::One),
        at: now().plus_seconds(minutes * 60),
        place: None,
        note: None,
        photo: None,
        reason: None,
    }
}

/// Why the shipment asks for a review at a home.
fn reasons(home: &TestHome) -> Vec<Value> {
    home.answer(&["shipment", "show", "DN-1"])["summary"]["reasons"].as_array().unwrap().clone()
}

fn asks_of_clocks(home: &TestHome) -> bool {
    reasons(home).contains(&Value::from("clock"))
}

fn stock(home: &TestHome) -> Value {
    home.answer(&["shipment", "show", "DN-1"])["summary"]["stock"].clone()
}

/// What a home exports is evidence, and every assessment in it comes out again.
fn proved(homes: &[&TestHome], when: &str) {
    for home in homes {
        let file = home.path().with_file_name("DN-1.firn");
        std::fs::remove_file(&file).unwrap_or_default();
        let file = file.to_str().unwrap();
        home.answer(&["export", "DN-1", "--evidence", file]);
        let told = json(&home.run(&["verify", file]));
        let checks = told["checks"].as_array().unwrap();
        let assessed = checks.iter().find(|check| check["id"] == "assessment").unwrap();
        assert!(told["ok"] == true && assessed["status"] == "proved", "{when}: {told:#}");
    }
}

fn note(homes: &[&TestHome], note: &str) {
    for home in homes {
        home.answer(&["observe", "DN-1", "other", "--note", note]);
    }
}

/// The shipment is under way for an hour, the last twenty minutes of it too warm.
fn read(home: &TestHome) {
    let late = ["--at", "2026-03-01T08:00:00Z", "--reason", "recorded afterwards"];
    let excused = ["--logger", "Box", "--override", "Box=no certificate"];
    home.answer(&[&["shipment", "start", "DN-1"][..], &excused[..], &late[..]].concat());
    let value = |ten: usize| if ten < 5 { 5 } else { 20 };
    let rows =
        (0..7).map(|ten| format!("2026-03-01T{:02}:{:02}:00Z,{}\n", 8 + ten / 6, ten % 6 * 10, value(ten)));
    let file = home.file("readings.csv", format!("time,temperature_c\n{}", rows.collect::<String>()));
    home.answer(&["ingest", "DN-1", file.to_str().unwrap(), "--logger", "Box"]);
}

/// Another organisation takes the shipment over.
fn partner_takes(home: &TestHome) {
    let south = TestHome::unmade();
    south.answer(&["init", "--organisation", "South Clinic", "--device", "Ward tablet"]);
    let card =
        south.answer(&["partner", "card", "--gln", "4012345000009"])["card"].as_str().unwrap().to_owned();
    let fingerprint = south.answer(&["id"])["fingerprint"].as_str().unwrap().to_owned();
    home.answer(&["partner", "accept", &card, "--fingerprint", &fingerprint]);
    let file = home.path().with_file_name("for-south.firn");
    let file = file.to_str().unwrap();
    home.answer(&["shipment", "handover", "DN-1", "--partner", "South Clinic", "--bundle", file]);
    south.answer(&["partner", "take", file]);
}

/// Why entries about the shipment do not count at a home.
fn refused(home: &TestHome) -> Vec<Value> {
    let history = home.answer(&["shipment", "show", "DN-1"])["history"].clone();
    let refused = history.as_array().unwrap().iter().map(|event| event["refused"].clone());
    refused.filter(Value::is_string).collect()
}

/// A device is revoked at its first entry; evidence holds before, then, and when everybody goes on.
fn holds_through(pharmacy: &TestHome, dock: &TestHome, revoked: &str) {
    proved(&[pharmacy, dock], "nobody is revoked");
    pharmacy.answer(&[&["device", "revoke", revoked][..], &STOLEN[..]].concat());
    proved(&[pharmacy, dock], "it is revoked");
    sync(dock, pharmacy);
    proved(&[pharmacy, dock], "both know of it");
}

#[test]
fn what_a_device_said_of_clocks_travels_where_it_counted_though_it_was_revoked_before_it_said_so() {
    let pharmacy = TestHome::found();
    let van = courier_of(&pharmacy);
    let dock = joined(&pharmacy, "pharmacist", "Second dock");
    pharmacy.shipment("DN-1", "cdc-refrigerator");
    pharmacy.answer(&["logger", "add", "--label", "Box", "--family", "file", "--interval", "600"]);
    pharmacy.answer(&["shipment", "start", "DN-1", "--logger", "Box"]);
    let says = ClockCompared { peer: log_of(&pharmacy).0, difference_ms: 160 * MINUTE_MS, dated_back: None };
    sync(&van, &pharmacy);
    signs(&van, None, 0, &says);
    sync(&van, &pharmacy);
    sync(&dock, &pharmacy);
    note(&[&pharmacy, &dock], "nothing to tell");
    assert!(asks_of_clocks(&pharmacy) && asks_of_clocks(&dock));
    holds_through(&pharmacy, &dock, "Van phone");
    assert!(!asks_of_clocks(&pharmacy) && !asks_of_clocks(&dock), "it counts no more");
    note(&[&pharmacy, &dock], "nothing to add");
    sync(&dock, &pharmacy);
    proved(&[&pharmacy, &dock], "they go on");
    partner_takes(&pharmacy);
}

#[test]
fn what_a_device_signed_of_entries_that_were_dated_back_travels_where_it_counted_likewise() {
    let pharmacy = TestHome::found();
    let van = courier_of(&pharmacy);
    let office = joined(&pharmacy, "admin", "Office");
    let dock = joined(&pharmacy, "pharmacist", "Second dock");
    // Whoever else had met it would say so as well.
    let bike = joined(&office, "courier", "Bike");
    sync(&office, &pharmacy);
    let shipment = Id::parse(&pharmacy.shipment("DN-1", "cdc-refrigerator")).unwrap();
    pharmacy.answer(&["shipment", "start", "DN-1"]);
    sync(&van, &pharmacy);
    sync(&van, &bike);
    signs(&bike, Some(shipment), -68, &seen(-68));
    sync(&van, &bike);
    sync(&van, &pharmacy);
    sync(&dock, &pharmacy);
    note(&[&pharmacy, &dock], "nothing to tell");
    assert!(asks_of_clocks(&pharmacy) && asks_of_clocks(&dock));
    holds_through(&pharmacy, &dock, "Van phone");
    partner_takes(&pharmacy);
}

#[test]
fn what_an_admin_ruled_and_recorded_of_loggers_travels_where_it_counted_likewise() {
    let pharmacy = TestHome::found();
    let office = joined(&pharmacy, "admin", "Office");
    let dock = joined(&pharmacy, "pharmacist", "Second dock");
    office.answer(&["policy", "set", "single-person-release", "allowed"]);
    for label in ["Box", "Other"] {
        office.answer(&["logger", "add", "--label", label, "--family", "file", "--interval", "600"]);
    }
    let certificate =
        ["--certificate", "C-1", "--laboratory", "Lab", "--date", "2026-01-05", "--due", "2099-01-05"];
    let found = ["--found", "within"];
    office.answer(&[&["logger", "calibrated", "Other"][..], &certificate[..], &found[..]].concat());
    sync(&office, &pharmacy);
    pharmacy.shipment("DN-1", "cdc-refrigerator");
    read(&pharmacy);
    let arrival = ["--at", "2026-03-01T09:00:00Z", "--reason", "recorded afterwards"];
    pharmacy.answer(&[&["shipment", "receive", "DN-1"][..], &arrival[..]].concat());
    for reason in reasons(&pharmacy) {
        let explained = format!("{}=known", reason.as_str().unwrap());
        pharmacy.answer(&["shipment", "acknowledge", "DN-1", "--reason", &explained]);
    }
    pharmacy.answer(&["shipment", "review", "DN-1", "--cause", "door left open"]);
    let release = ["--decision", "release", "--reason", "reviewed and in order"];
    pharmacy.answer(&[&["shipment", "dispose", "DN-1"][..], &release[..]].concat());
    office.answer(&["logger", "end", "Other", "--ended", "lost", "--reason", "not in the box"]);
    sync(&office, &pharmacy);
    sync(&dock, &pharmacy);
    assert_eq!(stock(&dock), "released");
    note(&[&pharmacy, &dock], "nothing to tell");
    assert_eq!(refused(&dock), Vec::<Value>::new());
    holds_through(&pharmacy, &dock, "Office");
    note(&[&pharmacy, &dock], "nothing to add");
    proved(&[&pharmacy, &dock], "they go on");
    assert_ne!(refused(&dock), Vec::<Value>::new(), "the rule counts no more");
}

#[test]
fn that_an_admin_enrolled_people_travels_where_a_signature_was_asked_for_because_of_it_likewise() {
    let pharmacy = TestHome::found();
    let office = joined(&pharmacy, "admin", "Office");
    let dock = joined(&pharmacy, "pharmacist", "Second dock");
    let shipment = Id::parse(&pharmacy.shipment("DN-1", "cdc-refrigerator")).unwrap();
    pharmacy.answer(&["logger", "add", "--label", "Box", "--family", "file", "--interval", "600"]);
    read(&pharmacy);
    office.answer(&["person", "add", "Zelda", "--role", "pharmacist", "--trained", "2026-01-15"]);
    sync(&office, &pharmacy);
    // A device that asks for nobody.
    let (at, reason) = (UtcMillis(EIGHT_MS + 40 * MINUTE_MS), Some("recorded afterwards".to_owned()));
    signs(&pharmacy, Some(shipment), 0, &Received { at, note: None, checklist: None, reason });
    sync(&dock, &pharmacy);
    assert_eq!(refused(&dock), ["authority/person-missing"]);
    sync(&dock, &pharmacy);
    holds_through(&pharmacy, &dock, "Office");
    assert_eq!(refused(&dock), Vec::<Value>::new(), "nobody was asked for");
}
