//! Five whole stories through the real command, with two homes and four people: whoever acts signs.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken rig must stop its test"
)]

use firn_tests::command::TestHome;
use firn_tests::peering::{courier_of, sync};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const START: &str = "2026-03-01T08:00:00Z";
const ARRIVAL: &str = "2026-03-01T09:00:00Z";
const RELEASE: [&str; 4] = ["--decision", "release", "--reason", "reviewed and in order"];
const IN_RANGE: [&str; 7] = ["5", "5.1", "5.2", "5.1", "5", "5", "5"];
/// 40 minutes above 8.0 °C.
const WARM: [&str; 7] = ["5", "9", "9.5", "9", "8.5", "5", "5"];
/// 40 minutes below 0.0 °C.
const FROZEN: [&str; 7] = ["5", "-1", "-2", "-2", "-1", "5", "5"];

/// The pharmacist at the dock, the courier, and who investigates and administers.
const ANA: &str = "Ana Lima";
const CARL: &str = "Carl Berg";
const UNA: &str = "Una Novak";
const ADAM: &str = "Adam Roy";

/// Two homes, and the people who sign on them.
struct Cast {
    pharmacy: TestHome,
    van: TestHome,
}

/// One shipment of theirs.
struct Story {
    cast: Cast,
    shipment: String,
}

/// Readings every ten minutes from eight o'clock on.
fn csv(home: &TestHome, values: &[&str]) -> String {
    let line = |(index, value): (usize, &&str)| {
        format!("2026-03-01T{:02}:{:02}:00Z,{value}\n", 8 + index / 6, index % 6 * 10)
    };
    let lines: String = values.iter().enumerate().map(line).collect();
    home.file("readings.csv", format!("time,temperature_c\n{lines}")).to_str().unwrap().to_owned()
}

fn pin(home: &TestHome, name: &str) -> String {
    home.file(name, format!("{name} has a long secret\n")).to_str().unwrap().to_owned()
}

/// The arguments with who signs them, and where the PIN stands.
fn by<'a>(arguments: &[&'a str], person: &'a str, pin: &'a str) -> Vec<&'a str> {
    [arguments, &["--as", person, "--pin-file", pin]].concat()
}

impl Cast {
    fn gathered() -> Self {
        let pharmacy = TestHome::found();
        let van = courier_of(&pharmacy);
        pharmacy.answer(&["logger", "add", "--label", "Box 7", "--family", "file", "--interval", "600"]);
        for (name, role) in [(ANA, "pharmacist"), (UNA, "quality"), (ADAM, "admin")] {
            let add = ["person", "add", name, "--role", role, "--trained", "2026-01-15"];
            let key = ["--accept-accountability", "--pin-file", &pin(&pharmacy, name)];
            pharmacy.answer(&[&add[..], &key].concat());
        }
        let carl = pharmacy.answer(&["person", "add", CARL, "--role", "courier", "--trained", "2026-01-15"]);
        let code = van.file("code", carl["code"].as_str().unwrap()).to_str().unwrap().to_owned();
        sync(&van, &pharmacy);
        let key = ["person", "key", CARL, "--accept-accountability", "--pin-file", &pin(&van, CARL)];
        let key = [&key[..], &["--code-file", &code]].concat();
        assert!(van.run(&key).status.success());
        sync(&van, &pharmacy);
        Self { pharmacy, van }
    }

    /// The home that the person signs on.
    fn home(&self, person: &str) -> &TestHome {
        if person == CARL { &self.van } else { &self.pharmacy }
    }

    fn signs(&self, person: &str, arguments: &[&str]) -> Value {
        let home = self.home(person);
        home.answer(&by(arguments, person, &pin(home, person)))
    }
}

impl Story {
    /// Created by Ana, picked up by Carl.
    fn under_way(items: &[&str]) -> Self {
        Self::picked_up_at(START, items)
    }

    /// The same at another time.
    fn picked_up_at(time: &str, items: &[&str]) -> Self {
        let cast = Cast::gathered();
        let new = [&["shipment", "new", "DN-1"], items].concat();
        let shipment = cast.signs(ANA, &new)["shipment"].as_str().unwrap().to_owned();
        sync(&cast.van, &cast.pharmacy);
        let story = Self { cast, shipment };
        story.step(CARL, "start", &["--logger", "Box 7", "--at", time, "--reason", "recorded afterwards"]);
        story
    }

    /// Carl reads the logger and hands over to Ana, who takes the goods in.
    fn delivered(&self, values: &[&str], receipt: &[&str]) {
        let (van, pharmacy) = (&self.cast.van, &self.cast.pharmacy);
        if !values.is_empty() {
            van.answer(&["ingest", &self.shipment, &csv(van, values), "--logger", "Box 7"]);
        }
        for person in [CARL, ANA, CARL] {
            self.step(person, "handover", &[]);
            sync(van, pharmacy);
        }
        self.step(ANA, "receive", receipt);
    }

    fn step(&self, person: &str, what: &str, arguments: &[&str]) -> Value {
        self.cast.signs(person, &[&["shipment", what, &self.shipment], arguments].concat())
    }

    fn refused(&self, person: &str, what: &str, arguments: &[&str]) -> String {
        let home = self.cast.home(person);
        let arguments = [&["shipment", what, &self.shipment], arguments].concat();
        home.refusal(&by(&arguments, person, &pin(home, person)))
    }

    fn show(&self) -> Value {
        self.cast.pharmacy.answer(&["shipment", "show", &self.shipment])
    }

    fn stands(&self) -> (Value, Value) {
        let summary = &self.show()["summary"];
        (summary["verdict"].clone(), summary["stock"].clone())
    }

    fn explained_by(&self, person: &str) {
        let shown = self.show();
        for reason in shown["summary"]["reasons"].as_array().unwrap() {
            let text = format!("{}=seen and understood", reason.as_str().unwrap());
            self.step(person, "acknowledge", &["--reason", &text]);
        }
    }

    /// Both homes tell the same, every entry counts, and the evidence proves who signed; gives the signers.
    fn proved(&self) -> BTreeSet<String> {
        sync(&self.cast.van, &self.cast.pharmacy);
        let shown = self.show();
        assert_eq!(self.cast.van.answer(&["shipment", "show", &self.shipment]), shown);
        let history = shown["history"].as_array().unwrap();
        assert!(history.iter().all(|event| event["refused"].is_null()), "{shown}");
        let file = self.cast.pharmacy.file("evidence.firn", "");
        let file = file.to_str().unwrap();
        self.cast.pharmacy.answer(&["export", &self.shipment, "--evidence", file]);
        let verified = self.cast.pharmacy.answer(&["verify", file]);
        let people = |check: &&Value| check["id"] == "people";
        let people = verified["checks"].as_array().unwrap().iter().find(people).unwrap();
        assert_eq!((&verified["ok"], &people["status"]), (&json!(true), &json!("proved")));
        history.iter().filter_map(|event| event["person"]["name"].as_str()).map(str::to_owned).collect()
    }
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn at_a_clean_dock_the_pharmacist_who_received_releases_alone() {
    let story = Story::under_way(&["--item", "MMR,lot=A1,quantity=40"]);
    story.delivered(
        &IN_RANGE,
        &["--at", ARRIVAL, "--reason", "recorded afterwards", "--seal", "intact", "--count", "40"],
    );
    assert_eq!(story.refused(ANA, "dispose", &RELEASE), "app/not-settled");
    story.explained_by(ANA);
    story.step(ANA, "dispose", &RELEASE);
    story.step(ANA, "close", &[]);
    assert_eq!(story.stands(), (json!("review"), json!("released")));
    assert_eq!(story.proved(), names(&[ANA, CARL]));
}

#[test]
fn after_an_alarm_neither_who_carried_nor_who_received_releases_and_quality_does() {
    let story = Story::under_way(&["--item", "MMR,lot=A1,quantity=40"]);
    story.delivered(&WARM, &["--at", ARRIVAL, "--reason", "recorded afterwards"]);
    assert_eq!(story.stands(), (json!("excursion"), json!("quarantine")));
    story.explained_by(ANA);
    story.step(ANA, "review", &["--cause", "the van's door stood open", "--action", "door alarm"]);
    assert_eq!(story.refused(ANA, "dispose", &RELEASE), "app/second-person-needed");
    sync(&story.cast.van, &story.cast.pharmacy);
    assert_eq!(story.refused(CARL, "dispose", &RELEASE), "app/role-may-not");
    story.step(UNA, "dispose", &RELEASE);
    assert_eq!(story.stands(), (json!("excursion"), json!("released")));
    assert_eq!(story.proved(), names(&[ANA, CARL, UNA]));
}

#[test]
fn a_lost_logger_that_is_found_after_the_release_holds_the_stock_again() {
    let story = Story::under_way(&["--item", "MMR,lot=A1"]);
    let pharmacy = &story.cast.pharmacy;
    sync(&story.cast.van, pharmacy);
    pharmacy.answer(&["ingest", &story.shipment, &csv(pharmacy, &IN_RANGE)]);
    story.delivered(
        &[],
        &[
            "--at",
            ARRIVAL,
            "--reason",
            "recorded afterwards",
            "--seal",
            "intact",
            "--unread",
            "Box 7=not in the box",
        ],
    );
    let ended = ["logger", "end", "Box 7", "--ended", "lost", "--reason", "not in the box"];
    story.cast.signs(ADAM, &ended);
    story.explained_by(ANA);
    story.step(ANA, "dispose", &RELEASE);
    assert_eq!(story.stands(), (json!("review"), json!("released")));
    pharmacy.answer(&["ingest", &story.shipment, &csv(pharmacy, &WARM), "--logger", "Box 7"]);
    assert_eq!(story.stands(), (json!("excursion"), json!("quarantine")));
    let shown = story.show();
    let found = |event: &&Value| event["occurrence"]["what"] == "found";
    assert!(shown["history"].as_array().unwrap().iter().any(|event| found(&event)), "{shown}");
    assert_eq!(story.proved(), names(&[ANA, CARL]));
}

#[test]
fn of_a_mixed_box_that_froze_quality_releases_the_line_that_is_stored_frozen() {
    let hepatitis = "HepB,lot=B7,quantity=20,package=Box";
    let varicella = "MMRV,lot=P2,quantity=5,package=Box,profile=varicella-mmrv-frozen";
    let story = Story::under_way(&["--package", "Box", "--item", hepatitis, "--item", varicella]);
    story.delivered(
        &FROZEN,
        &[
            "--at",
            ARRIVAL,
            "--reason",
            "recorded afterwards",
            "--seal",
            "intact",
            "--count",
            "20",
            "--count",
            "5",
            "--expired",
            "1",
        ],
    );
    story.explained_by(ANA);
    story.step(ANA, "review", &["--cause", "ice packs not conditioned"]);
    assert_eq!(story.refused(UNA, "dispose", &RELEASE), "app/lines-barred");
    let part = ["--decision", "release-in-part", "--reason", "stored frozen", "--line", "2"];
    assert_eq!(story.refused(ANA, "dispose", &part), "app/second-person-needed");
    story.step(UNA, "dispose", &part);
    assert_eq!(story.stands().1, json!("released-in-part"));
    assert_eq!(story.proved(), names(&[ANA, CARL, UNA]));
}

#[test]
fn an_arrival_signed_by_a_wrong_clock_is_corrected_by_one_person_and_approved_by_another() {
    let story = Story::under_way(&["--item", "MMR,lot=A1"]);
    // Warm readings in the store count as the journey's, for the clock at the ramp ran an hour ahead.
    let long = [&["5"; 7][..], &["9"; 6]].concat();
    story.delivered(&long, &["--at", "2026-03-01T10:00:00Z", "--reason", "recorded afterwards"]);
    assert_eq!(story.stands().0, json!("excursion"));
    story.step(ANA, "move-arrival", &["--at", ARRIVAL, "--reason", "the clock was an hour ahead"]);
    assert_eq!(story.refused(ANA, "approve", &[]), "app/second-person-needed");
    story.step(UNA, "approve", &[]);
    assert_eq!(story.stands().0, json!("review"));
    assert_eq!(story.show()["summary"]["received"], ARRIVAL);
    assert_eq!(story.proved(), names(&[ANA, CARL, UNA]));
}

#[test]
fn a_pick_up_signed_by_a_phone_that_was_ahead_is_corrected_and_the_warm_minutes_before_it_count() {
    // Carl's phone is twenty minutes ahead, and it was warm while he loaded.
    let story = Story::picked_up_at("2026-03-01T08:20:00Z", &["--item", "MMR,lot=A1"]);
    let warm = ["9.5", "9.5", "5", "5", "5", "5", "5"];
    story.delivered(&warm, &["--at", ARRIVAL, "--reason", "recorded afterwards"]);
    assert_eq!(story.stands().0, json!("review"), "what was warm lies before the pick-up as it was signed");
    let because = ["--reason", "Carl's phone was twenty minutes ahead"];
    let moved = |time: &'static str| [&["--at", time], &because[..]].concat();
    assert_eq!(story.refused(ANA, "move-pick-up", &moved("2026-03-01T09:10:00Z")), "app/time-impossible");
    assert_eq!(story.refused(CARL, "move-pick-up", &moved(START)), "app/role-may-not");
    story.step(ANA, "move-pick-up", &moved(START));
    assert_eq!(story.stands(), (json!("excursion"), json!("quarantine")), "one person's word counts at once");
    let shown = story.show();
    assert_eq!((&shown["summary"]["started"], &shown["pick_up_proposed"]), (&json!(START), &Value::Null));
    assert_eq!(shown["started_signed"], "2026-03-01T08:20:00Z", "the time as signed stays");
    assert_eq!(story.refused(UNA, "approve-pick-up", &[]), "app/out-of-order", "nothing waits");

    // A later time leaves readings out: it takes somebody who neither proposed it nor carried.
    let later = "2026-03-01T08:15:00Z";
    story.step(UNA, "move-pick-up", &moved(later));
    assert_eq!(story.stands().0, json!("excursion"));
    assert_eq!(story.show()["pick_up_proposed"]["at"], later);
    assert_eq!(story.refused(UNA, "approve-pick-up", &[]), "app/second-person-needed");
    assert_eq!(story.refused(ANA, "approve-pick-up", &[]), "app/second-person-needed", "she took it over");
    story.step(ADAM, "approve-pick-up", &[]);
    assert_eq!((story.stands().0, &story.show()["summary"]["started"]), (json!("review"), &json!(later)));
    assert_eq!(story.proved(), names(&[ADAM, ANA, CARL, UNA]));
}
