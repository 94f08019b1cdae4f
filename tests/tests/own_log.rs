//! A sequence number is never used twice: keys that are changed, homes that were set back, copied or cloned.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a broken rig must stop its test")]

use firn_tests::command::{TestHome, json, refusal};
use firn_tests::peering::{LOOPBACK, Serving, courier_of, joined, sync};
use serde_json::Value;

/// Puts the store of `earlier` in the place of that of `home`, as a restored disk does.
fn set_back(home: &TestHome, earlier: &TestHome) {
    for name in ["firn.db", "firn.db-wal", "firn.db-shm"] {
        let (from, to) = (earlier.path().join(name), home.path().join(name));
        std::fs::remove_file(&to).unwrap_or_default();
        if from.exists() {
            std::fs::copy(from, to).unwrap();
        }
    }
}

/// One sync in which a log may be refused.
fn meet(home: &TestHome, peer: &TestHome) {
    let (_serving, node) = Serving::start(peer, &["node", LOOPBACK[0], LOOPBACK[1]]);
    home.run(&["sync", node["address"].as_str().unwrap()]);
}

fn new_shipment(home: &TestHome) -> String {
    home.refusal(&["shipment", "new", "DN-99", "--profile", "cdc-refrigerator"])
}

/// What counts of a shipment's history.
fn counting(home: &TestHome, shipment: &str) -> Vec<String> {
    let shown = home.answer(&["shipment", "show", shipment]);
    let history = shown["history"].as_array().unwrap().iter();
    let counts = history.filter(|event| event["refused"].is_null());
    counts.map(|event| event["occurrence"]["what"].as_str().unwrap().to_owned()).collect()
}

fn size(home: &TestHome, log: &Value) -> u64 {
    let verified = home.answer(&["log", "verify", "--deep"]);
    assert_eq!(verified["ok"], true, "{verified}");
    let logs = verified["logs"].as_array().unwrap();
    logs.iter().find(|one| one["log"] == *log).map_or(0, |one| one["size"].as_u64().unwrap())
}

#[test]
fn a_rotated_phone_keeps_its_role_its_shipment_and_its_people_under_a_new_key() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    let pin = courier.file("ana.pin", "eleven herons in a row\n");
    let pin = pin.to_str().unwrap();
    let ana = ["--role", "courier", "--trained", "2026-01-15"];
    let added = pharmacy.answer(&[&["person", "add", "Ana Lima"][..], &ana].concat());
    let code = courier.file("ana.code", added["code"].as_str().unwrap());
    sync(&courier, &pharmacy);
    let key = ["person", "key", "Ana Lima", "--accept-accountability", "--pin-file", pin];
    courier.answer(&[&key[..], &["--code-file", code.to_str().unwrap()]].concat());
    let shipment = courier.shipment("DN-7", "cdc-refrigerator");
    let by_ana = ["--as", "Ana Lima", "--pin-file", pin];
    courier.answer(&[&["shipment", "start", &shipment][..], &by_ana].concat());
    sync(&courier, &pharmacy);
    let (old, before) =
        (courier.answer(&["id"])["log"].clone(), std::fs::read(courier.path().join("keys/device")).unwrap());
    let rotated = courier.answer(&["device", "rotate"]);
    assert_eq!((&rotated["from"], &rotated["standing"]), (&old, &"provisional".into()));
    assert_ne!(std::fs::read(courier.path().join("keys/device")).unwrap(), before);
    let offer = [&["shipment", "handover", &shipment][..], &by_ana].concat();
    assert_eq!(courier.refusal(&offer), "app/log-provisional");
    assert_eq!(courier.answer(&["id"])["standing"], "provisional");
    let entries = courier.answer(&["log", "show", rotated["log"].as_str().unwrap()]);
    assert!(entries.as_array().unwrap().iter().all(|entry| entry["standing"] == "provisional"));
    sync(&courier, &pharmacy);
    let waiting = pharmacy.answer(&["device", "list"]);
    let waiting: Vec<&Value> =
        waiting.as_array().unwrap().iter().filter(|peer| peer["standing"] == "provisional").collect();
    assert_eq!(waiting[0]["log"], rotated["log"]);
    assert_eq!(courier.refusal(&["device", "enrol", "Van phone"]), "app/log-provisional");
    let enrolled = pharmacy.answer(&["device", "enrol", "Van phone"]);
    assert_eq!((&enrolled["log"], &enrolled["ended"][0]["log"]), (&rotated["log"], &old));
    sync(&courier, &pharmacy);
    let who = courier.answer(&["id"]);
    assert_eq!(
        (&who["role"], &who["standing"], &who["log"]),
        (&"courier".into(), &Value::Null, &rotated["log"])
    );
    // It still has the shipment that it picked up under its old key, and Ana still signs with her PIN.
    let offered = courier.answer(&offer);
    assert_eq!(offered["ok"], true, "{offered}");
    sync(&courier, &pharmacy);
    let told = counting(&pharmacy, &shipment);
    assert!(
        ["created", "started", "custody"].iter().all(|what| told.contains(&(*what).to_owned())),
        "{told:?}"
    );
    assert_eq!(size(&pharmacy, &rotated["log"]), size(&courier, &rotated["log"]));
    assert_eq!(pharmacy.refusal(&["device", "enrol", "Van phone"]), "app/not-found");
    // Its name means the log that goes on.
    let revoked = pharmacy.answer(&["device", "revoke", "Van phone", "--reason", "left"]);
    assert_eq!(revoked["log"], rotated["log"]);
}

#[test]
fn an_admins_device_with_the_root_enrols_its_new_log_itself() {
    let pharmacy = TestHome::found();
    let old = pharmacy.answer(&["id"])["log"].clone();
    let courier = courier_of(&pharmacy);
    let rotated = pharmacy.answer(&["device", "rotate"]);
    assert_eq!((&rotated["standing"], &rotated["ended"][0]["log"]), (&"enrolled".into(), &old));
    assert_eq!(pharmacy.answer(&["id"])["role"], "admin");
    sync(&courier, &pharmacy);
    let second = joined(&pharmacy, "pharmacist", "Second dock");
    assert_eq!(second.answer(&["id"])["role"], "pharmacist");
    pharmacy.answer(&["device", "revoke", "Van phone", "--reason", "left"]);
    sync(&second, &pharmacy);
    let devices = second.answer(&["device", "list"]);
    let van = devices.as_array().unwrap().iter().find(|one| one["label"] == "Van phone").unwrap();
    assert!(van["revoked"].is_string(), "{devices}");
}

#[test]
fn a_home_that_was_set_back_signs_no_more_and_goes_on_in_a_new_log() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    let earlier = courier.copied();
    let shipment = courier.shipment("DN-7", "cdc-refrigerator");
    sync(&courier, &pharmacy);
    let old = courier.answer(&["id"])["log"].clone();
    let held = size(&courier, &old);
    set_back(&courier, &earlier);
    assert_eq!(courier.answer(&["id"])["barred"], "behind", "who reads is told before anything is written");
    assert_eq!(new_shipment(&courier), "app/log-behind");
    assert_eq!(courier.answer(&["id"])["barred"], "behind");
    assert_eq!(size(&courier, &old), held - 1, "nothing was added in the place of what was lost");
    // What peers hold of it comes back; the bar stays, for there may be more elsewhere.
    sync(&courier, &pharmacy);
    assert_eq!(counting(&courier, &shipment), ["created"]);
    assert_eq!(new_shipment(&courier), "app/log-behind");
    let went_on = courier.answer(&["home", "continue"]);
    assert_eq!(courier.answer(&["id"])["barred"], Value::Null);
    assert_eq!(new_shipment(&courier), "app/log-provisional");
    sync(&courier, &pharmacy);
    pharmacy.answer(&["device", "enrol", went_on["log"].as_str().unwrap()]);
    sync(&courier, &pharmacy);
    courier.answer(&["shipment", "start", &shipment]);
    sync(&courier, &pharmacy);
    assert!(counting(&pharmacy, &shipment).contains(&"started".into()));
    assert_eq!(courier.refusal(&["home", "continue"]), "cli/nothing-to-continue");
}

#[test]
fn a_number_that_left_in_a_file_is_not_used_again_by_a_home_that_was_set_back() {
    let pharmacy = TestHome::found();
    let out = |home: &TestHome, name: &str| home.path().join(name).to_str().unwrap().to_owned();
    for way in ["stick", "evidence", "backup"] {
        let courier = courier_of(&pharmacy);
        sync(&courier, &pharmacy);
        let earlier = courier.copied();
        let shipment = courier.shipment("DN-7", "cdc-refrigerator");
        match way {
            "stick" => courier.answer(&["sync", "--out", &out(&pharmacy, "out.firn-sync")]),
            "evidence" => courier.answer(&["export", &shipment, "--evidence", &out(&pharmacy, "out.firn")]),
            _ => courier.answer(&["backup", &out(&pharmacy, "out.backup")]),
        };
        set_back(&courier, &earlier);
        assert_eq!(new_shipment(&courier), "app/log-behind", "{way}");
    }
}

#[test]
fn a_home_that_may_sign_nothing_invites_nobody() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    let earlier = pharmacy.copied();
    pharmacy.shipment("DN-7", "cdc-refrigerator");
    sync(&courier, &pharmacy);
    set_back(&pharmacy, &earlier);
    meet(&pharmacy, &courier);
    assert_eq!(pharmacy.answer(&["id"])["barred"], "behind");
    let invite = ["invite", "--role", "courier", "--minutes", "1", LOOPBACK[0], LOOPBACK[1]];
    assert_eq!(pharmacy.refusal(&invite), "app/log-behind");
}

#[test]
fn a_second_copy_that_went_on_is_told_that_it_stays_out_and_keeps_nobody_from_agreeing() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    let shipment = courier.shipment("DN-7", "cdc-refrigerator");
    sync(&courier, &pharmacy);
    let copied = courier.copied();
    let first = courier.answer(&["device", "rotate"])["log"].clone();
    copied.answer(&["device", "rotate"]);
    // The pharmacy has met both when the admin enrols one.
    sync(&copied, &pharmacy);
    sync(&courier, &pharmacy);
    pharmacy.answer(&["device", "enrol", first.as_str().unwrap()]);
    meet(&copied, &pharmacy);
    let observe = ["observe", shipment.as_str(), "other", "--note", "still here"];
    assert_eq!(copied.refusal(&observe), "app/device-revoked");
    assert_eq!(copied.refusal(&["id"]), "app/device-revoked");
    sync(&courier, &pharmacy);
    // Whoever joins now never gets the second copy's log, and agrees with all the same.
    let ward = courier_of(&pharmacy);
    sync(&ward, &pharmacy);
    sync(&courier, &pharmacy);
    sync(&courier, &ward);
}

/// How the positions of a shipment's steps are known at a home.
fn positions(home: &TestHome, shipment: &str) -> Vec<Value> {
    let history = home.answer(&["shipment", "show", shipment])["history"].clone();
    let told = history.as_array().unwrap().iter().map(|event| &event["occurrence"]);
    told.filter(|told| told["what"] == "position").map(|told| told["known"]["standing"].clone()).collect()
}

#[test]
fn a_home_whose_log_ended_while_it_lay_aside_says_so_and_how_its_person_comes_back() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    courier.answer(&["position", "on"]);
    let shipment = courier.shipment("DN-7", "cdc-refrigerator");
    courier.answer(&["shipment", "start", &shipment, "--position", "48856613,-2352222,12"]);
    let backup = courier.path().with_file_name("van.backup");
    courier.answer(&["backup", backup.to_str().unwrap()]);
    let copied = courier.copied();
    let next = courier.answer(&["device", "rotate"])["log"].clone();
    sync(&courier, &pharmacy);
    pharmacy.answer(&["device", "enrol", next.as_str().unwrap()]);
    let restored = TestHome::unmade();
    restored.answer(&["restore", backup.to_str().unwrap()]);
    assert_eq!(positions(&restored, &shipment), ["unreadable"], "its vault opens once it has synced");
    for home in [&restored, &copied] {
        sync(home, &pharmacy);
        assert_eq!(home.answer(&["id"])["standing"], "revoked");
    }
    let opened = restored.answer(&["home", "continue"]);
    assert_eq!(opened["standing"], "revoked");
    assert_eq!(positions(&restored, &shipment), ["opened"]);
    for home in [&restored, &copied] {
        let refused = home.run(&["home", "continue"]);
        assert_eq!(refusal(&refused), "app/device-revoked");
        let next_step = json(&refused)["next_step"].as_str().unwrap().to_owned();
        assert!(next_step.contains("invitation") && next_step.contains("new home"), "{next_step}");
        assert_eq!(home.refusal(&["device", "rotate"]), "app/device-revoked");
    }
    assert_eq!(courier.answer(&["id"])["standing"], "provisional", "it has not heard of its enrolment yet");
    sync(&courier, &pharmacy);
    assert_eq!(courier.answer(&["id"])["standing"], Value::Null);
}

#[test]
fn what_one_copy_of_a_home_erases_goes_in_a_copy_that_stays_out_too() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    courier.answer(&["position", "on"]);
    let shipment = courier.shipment("DN-7", "cdc-refrigerator");
    courier.answer(&["shipment", "start", &shipment, "--position", "48856613,-2352222,12"]);
    sync(&courier, &pharmacy);
    let (waiting, copied) = (courier.copied(), courier.copied());
    let went_on = courier.answer(&["device", "rotate"])["log"].clone();
    copied.answer(&["device", "rotate"]);
    for waits in [&courier, &copied] {
        assert_eq!(
            waits.refusal(&["vault", "erase", "Van phone"]),
            "app/log-provisional",
            "nobody enrolled it"
        );
    }
    sync(&courier, &pharmacy);
    pharmacy.answer(&["device", "enrol", went_on.as_str().unwrap()]);
    sync(&courier, &pharmacy);
    courier.answer(&["vault", "erase", "Van phone"]);
    sync(&courier, &pharmacy);
    // One copy went on in a log that nobody enrols; the other still lies in the log that both had.
    for copy in [&copied, &waiting] {
        meet(copy, &pharmacy);
        let listed = copy.answer(&["vault", "list"]);
        let numbers = ["kept", "recorded", "erased"].map(|number| listed[0][number].as_u64());
        assert_eq!(numbers, [Some(0), Some(1), Some(1)], "{listed}");
        let history = copy.answer(&["shipment", "show", &shipment])["history"].clone();
        assert!(
            history.to_string().contains(r#""known":{"#) && history.to_string().contains("erased"),
            "{history}"
        );
        assert!(!history.to_string().contains("latitude"), "{history}");
    }
}

#[test]
fn a_copied_disk_learns_from_the_first_peer_that_its_log_went_on_elsewhere() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    sync(&courier, &pharmacy);
    let copied = courier.copied();
    courier.shipment("DN-7", "cdc-refrigerator");
    sync(&courier, &pharmacy);
    assert_eq!(copied.answer(&["id"])["barred"], Value::Null, "by itself it cannot know");
    meet(&copied, &pharmacy);
    assert_eq!(copied.answer(&["id"])["barred"], "behind");
    assert_eq!(new_shipment(&copied), "app/log-behind");
    // The home that went on is not held up.
    courier.shipment("DN-8", "cdc-refrigerator");
    sync(&courier, &pharmacy);
}

#[test]
fn two_homes_that_sign_with_one_key_are_told_at_the_first_peer_and_sign_no_more() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    sync(&courier, &pharmacy);
    let clone = courier.copied();
    courier.shipment("DN-7", "cdc-refrigerator");
    let other = clone.shipment("DN-8", "cdc-refrigerator");
    clone.shipment("DN-9", "cdc-refrigerator");
    sync(&courier, &pharmacy);
    meet(&clone, &pharmacy);
    assert_eq!(clone.answer(&["id"])["barred"], "forked");
    assert_eq!(new_shipment(&clone), "app/log-forked");
    // Nothing of what it recorded is lost here.
    assert_eq!(counting(&clone, &other), ["created"]);
}

#[test]
fn a_high_water_mark_that_was_changed_or_is_another_homes_opens_nothing() {
    let (one, other) = (TestHome::found(), TestHome::found());
    let mark = one.path().join("keys").join("high-water");
    let good = std::fs::read_to_string(&mark).unwrap();
    std::fs::write(&mark, good.replace("\"size\": 1", "\"size\": 0")).unwrap();
    assert_eq!(new_shipment(&one), "home/corrupt");
    std::fs::copy(other.path().join("keys").join("high-water"), &mark).unwrap();
    assert_eq!(new_shipment(&one), "home/corrupt");
    std::fs::write(&mark, good).unwrap();
    one.shipment("DN-1", "cdc-refrigerator");
}

#[test]
fn of_two_copies_that_both_went_on_an_admin_enrols_one_by_its_log_and_is_told_so() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    sync(&courier, &pharmacy);
    let copied = courier.copied();
    courier.shipment("DN-7", "cdc-refrigerator");
    copied.shipment("DN-8", "cdc-refrigerator");
    sync(&courier, &pharmacy);
    let mut went_on = Vec::new();
    for home in [&copied, &courier] {
        meet(home, &pharmacy);
        let told = home.answer(&["home", "continue"]);
        assert!(told["next_step"].as_str().unwrap().contains("does not revoke the old log before"), "{told}");
        went_on.push(told["log"].as_str().unwrap().to_owned());
        meet(home, &pharmacy);
    }
    let by_label = json(&pharmacy.run(&["device", "enrol", "Van phone"]));
    assert_eq!(by_label["error"], "app/ambiguous");
    assert!(by_label["next_step"].as_str().unwrap().contains("log's id"), "{by_label}");
    // The copy goes on from a history that the pharmacy has not.
    let other = json(&pharmacy.run(&["device", "enrol", &went_on[0]]));
    assert_eq!(other["error"], "app/out-of-order");
    assert!(!other["next_step"].as_str().unwrap().contains("shipment"), "{other}");
    assert_eq!(pharmacy.answer(&["device", "enrol", &went_on[1]])["ended"].as_array().unwrap().len(), 1);
}

#[test]
fn a_new_log_that_was_revoked_while_it_waited_is_not_enrolled_and_the_old_one_does_not_end_for_it() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    sync(&courier, &pharmacy);
    let went_on = courier.answer(&["device", "rotate"])["log"].as_str().unwrap().to_owned();
    sync(&courier, &pharmacy);
    pharmacy.answer(&["device", "revoke", &went_on, "--reason", "lost"]);
    let refused = json(&pharmacy.run(&["device", "enrol", &went_on]));
    assert_eq!(refused["error"], "app/out-of-order");
    assert!(refused["next_step"].as_str().unwrap().contains("invite"), "{refused}");
    let listed = pharmacy.answer(&["device", "list"]);
    let ended = listed.as_array().unwrap().iter().filter(|one| one["revoked"].is_string());
    assert_eq!(ended.map(|one| one["log"].clone()).collect::<Vec<_>>(), [went_on]);
}
