//! What people have to do and CDC's record of an excursion, through the real command.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{self, TestHome, refusal};
use serde_json::{Value, json};

const START: &str = "2026-03-01T08:00:00Z";
const ARRIVAL: &str = "2026-03-01T09:00:00Z";
/// 40 minutes above 8.0 °C, every ten minutes from 08:00 UTC on.
const WARM: [&str; 7] = ["5", "9", "9.5", "9", "8.5", "5", "5"];
/// 40 minutes below 0.0 °C.
const FROZEN: [&str; 7] = ["5", "-1", "-2", "-2", "-1", "5", "5"];
const IN_RANGE: [&str; 7] = ["5", "5", "5", "5", "5", "5", "5"];

/// A home with one shipment of these lines that was received with these readings.
struct Dock {
    home: TestHome,
    shipment: String,
}

impl Dock {
    fn received(items: &[&str], values: &[&str]) -> Self {
        let home = TestHome::found();
        home.answer(&["logger", "add", "--label", "Box 7", "--family", "file", "--interval", "600"]);
        let created = home.answer(&[&["shipment", "new", "DN-1"], items].concat());
        let dock = Self { shipment: created["shipment"].as_str().unwrap().to_owned(), home };
        dock.step("start", &["--logger", "Box 7", "--at", START, "--reason", "recorded afterwards"]);
        let mut text = "time,temperature_c\n".to_owned();
        for (index, value) in values.iter().enumerate() {
            text.push_str(&format!("2026-03-01T{:02}:{:02}:00Z,{value}\n", 8 + index / 6, index % 6 * 10));
        }
        let file = dock.home.file("readings.csv", text);
        dock.home.answer(&["ingest", &dock.shipment, file.to_str().unwrap(), "--logger", "Box 7"]);
        dock.step("receive", &["--at", ARRIVAL, "--reason", "recorded afterwards"]);
        dock
    }

    fn step(&self, what: &str, arguments: &[&str]) -> Value {
        self.home.answer(&[&["shipment", what, &self.shipment], arguments].concat())
    }

    fn tasks_at(&self, at: &str) -> Vec<Value> {
        self.home.answer(&["tasks", "--at", at]).as_array().unwrap().clone()
    }

    fn kinds(&self) -> Vec<String> {
        let tasks = self.home.answer(&["tasks"]);
        tasks.as_array().unwrap().iter().map(|task| task["kind"].as_str().unwrap().to_owned()).collect()
    }

    fn text(&self, arguments: &[&str]) -> String {
        let mut command = std::process::Command::new(firn_tests::command::program());
        command.env("FIRN_HOME", self.home.path()).args(arguments);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

#[test]
fn frost_on_a_sensitive_product_gives_the_task_to_ask_and_the_manufacturers_answer_ends_it() {
    let dock = Dock::received(&["--item", "HepB,lot=B7,quantity=20", "--item", "MMR,lot=A1"], &FROZEN);
    let tasks = dock.tasks_at("2026-03-01T10:00:00Z");
    let ask = tasks.iter().find(|task| task["kind"] == "ask-manufacturer").unwrap();
    assert_eq!((&ask["severity"], &ask["lots"]), (&json!("critical"), &json!(["B7", "A1"])));
    assert_eq!((&ask["due"], &ask["source"]), (&Value::Null, &json!("cdc")));
    assert_eq!(ask["roles"], json!(["pharmacist", "quality", "admin"]));
    assert!(!tasks.iter().any(|task| task["kind"] == "shake-test"), "a shake test clears nothing here");

    let due = "2036-03-03T12:00:00Z";
    let question = [
        "--cause",
        "ice packs",
        "--asked",
        "Acme",
        "--case",
        "Q-1",
        "--lot",
        "B7",
        "--lot",
        "A1",
        "--due",
        due,
    ];
    dock.step("review", &question);
    let asked = dock.kinds();
    assert!(!asked.contains(&"ask-manufacturer".into()) && asked.contains(&"record-answer".into()));

    // Ten years on nobody has answered.
    let late = dock.tasks_at("2036-03-03T12:00:00Z");
    let follow_up = late.iter().find(|task| task["kind"] == "follow-up-manufacturer").unwrap();
    assert_eq!((&follow_up["urgency"], &follow_up["due"]), (&json!("overdue"), &json!(due)));
    assert_eq!((&late[0]["kind"], &late[0]["manufacturer"]), (&follow_up["kind"], &json!("Acme")));
    let text = dock.text(&["tasks", "--at", "2036-03-04T12:00:00Z"]);
    assert!(text.starts_with("CRITICAL  ask again") && text.contains("OVERDUE since"), "{text}");

    dock.step("reply", &["--lot", "B7", "--advice", "may-be-used", "--words", "stable"]);
    let half = dock.tasks_at("2026-03-01T10:00:00Z");
    let open = half.iter().find(|task| task["kind"] == "record-answer").unwrap();
    assert_eq!(open["lots"], json!(["A1"]), "the answer holds for the named lot alone");
    dock.step("reply", &["--lot", "A1", "--advice", "discard", "--words", "frozen"]);
    let answered = dock.kinds();
    assert!(
        !answered.iter().any(|kind| kind == "record-answer" || kind == "ask-manufacturer"),
        "{answered:?}"
    );
}

#[test]
fn a_shake_test_is_a_task_only_where_a_profile_of_whos_programme_says_that_the_goods_are_adsorbed() {
    let home = TestHome::unmade();
    let shown = home.answer(&["profile", "show", "who-30-day"]);
    let mut profile = shown.get("profile").cloned().unwrap_or(shown);
    assert_eq!(profile["programme"], "who");
    profile["name"] = json!("Pentavalent");
    profile["adjuvant"] = json!("aluminium");
    let file = home.file("pentavalent.json", profile.to_string());
    let item = format!("Pentavalent,lot=P1,profile={}", file.display());
    let dock = Dock::received(&["--item", &item, "--item", "HepB,lot=B7"], &FROZEN);
    let tasks = dock.tasks_at("2026-03-01T10:00:00Z");
    let lots = |kind: &str| tasks.iter().find(|task| task["kind"] == kind).unwrap()["lots"].clone();
    assert_eq!((lots("shake-test"), lots("ask-manufacturer")), (json!(["P1"]), json!(["B7"])));
    let words = "freeze=shake test beside a frozen control: passed";
    dock.step("acknowledge", &["--reason", words]);
    let after = dock.kinds();
    assert!(!after.contains(&"shake-test".into()) && after.contains(&"ask-manufacturer".into()));
    let stock = dock.step("show", &[])["summary"]["stock"].clone();
    assert_eq!(stock, "quarantine", "no test releases");
}

#[test]
fn the_record_of_an_excursion_fills_in_what_the_readings_tell_and_is_complete_only_with_every_field() {
    let dock = Dock::received(&["--item", "MMR,lot=A1,quantity=40"], &WARM);
    assert!(dock.kinds().contains(&"complete-excursion-record".into()));
    let first = dock.step("excursion-record", &["--room-c", "21.5", "--what", "door left open"]);
    assert_eq!(first["complete"], false);
    assert!(!first["entries"].as_array().unwrap().is_empty());
    assert_eq!(first["missing"], json!(["reporter", "other_items", "prior_problems"]));
    let record = &first["record"];
    assert_eq!(
        (&record["at"], &record["unit_max_c"], &record["duration_s"], &record["inventory"]),
        (&json!("2026-03-01T08:10:00Z"), &json!(9.5), &json!(2400), &json!("MMR, lot A1, quantity 40"))
    );
    let waiting = dock.home.shipment("DN-9", "cdc-refrigerator");
    let early = dock.home.run(&["shipment", "excursion-record", &waiting, "--room-c", "21.5"]);
    assert_eq!(refusal(&early), "app/out-of-order");
    let why = command::json(&early)["why"].as_str().unwrap().to_owned();
    assert!(why.contains("not picked up"), "{why}");
    let blank = ["shipment", "excursion-record", &dock.shipment, "--reporter", " "];
    assert_eq!(dock.home.refusal(&blank), "app/incomplete");
    for (field, degrees) in
        [("--room-c", "500"), ("--room-c", "-91"), ("--highest-c", "201"), ("--lowest-c", "-201")]
    {
        let absurd = ["shipment", "excursion-record", &dock.shipment, field, degrees];
        assert_eq!(dock.home.refusal(&absurd), "app/temperature-impossible", "{field} {degrees}");
    }
    let second = dock.step(
        "excursion-record",
        &["--reporter", "Ana Lund", "--other-items", "none", "--before", "none", "--what", "ramp at noon"],
    );
    assert_eq!((&second["complete"], &second["missing"]), (&json!(true), &json!([])));
    assert_eq!(
        (&second["record"]["description"], &second["record"]["room_c"]),
        (&json!("ramp at noon"), &json!(21.5))
    );
    assert!(!dock.kinds().contains(&"complete-excursion-record".into()));
    // Nothing new, nothing signed.
    assert_eq!(dock.step("excursion-record", &[])["entries"], json!([]));
    let shown = dock.step("show", &[]);
    assert_eq!(shown["excursion_record"]["complete"], true);
    let told = shown["history"].as_array().unwrap().iter();
    let recorded = told.filter(|event| event["occurrence"]["what"] == "excursion-recorded");
    assert_eq!(recorded.count(), 2);
    let file = dock.home.path().with_file_name("record.pdf");
    let file = file.to_str().unwrap();
    dock.home.answer(&["export", &dock.shipment, "--pdf", file]);
    assert_eq!(dock.home.answer(&["verify", file])["ok"], true);
}

#[test]
fn every_output_about_stock_in_quarantine_says_do_not_use_until_a_decision() {
    let dock = Dock::received(&["--item", "MMR,lot=A1"], &WARM);
    let outputs = || {
        let csv = dock.home.path().with_file_name("out.csv");
        let evidence = dock.home.path().with_file_name("out.firn");
        let (csv, evidence) = (csv.to_str().unwrap(), evidence.to_str().unwrap());
        let exported = dock.home.answer(&["export", &dock.shipment, "--csv", csv, "--evidence", evidence]);
        let listed = dock.home.answer(&["shipment", "list"]);
        let says = |value: &Value| value["do_not_use"] == json!(true);
        let json = [
            says(&listed[0]),
            says(&dock.step("show", &[])["summary"]),
            says(&exported),
            says(&dock.home.answer(&["verify", evidence])),
        ];
        let csv = std::fs::read_to_string(csv).unwrap();
        let text = [
            dock.text(&["shipment", "list"]),
            dock.text(&["shipment", "show", &dock.shipment]).lines().next().unwrap().to_owned(),
            dock.text(&["verify", evidence]),
            csv.lines().next().unwrap().to_owned(),
        ];
        (json, text.map(|text| text.contains("DO NOT USE")), csv)
    };
    let (json, text, csv) = outputs();
    assert_eq!((json, text), ([true; 4], [true; 4]));
    assert!(csv.lines().skip(1).all(|line| line.ends_with(",quarantine")), "{csv}");
    dock.step("dispose", &["--decision", "reject", "--reason", "too warm"]);
    let (json, text, csv) = outputs();
    assert_eq!((json, text), ([false; 4], [false; 4]));
    assert!(!csv.contains("quarantine"), "{csv}");
}

#[test]
fn clean_stock_waits_for_one_decision_and_an_empty_home_for_nothing() {
    let empty = TestHome::found();
    assert_eq!(empty.answer(&["tasks"]), json!([]));
    let dock = Dock::received(&["--item", "MMR,lot=A1"], &IN_RANGE);
    // An unsigned file is a reason to explain; then somebody decides.
    assert_eq!(dock.kinds(), ["explain-reasons"]);
    for reason in dock.step("show", &[])["summary"]["reasons"].as_array().unwrap() {
        let text = format!("{}=the logger's own file", reason.as_str().unwrap());
        dock.step("acknowledge", &["--reason", &text]);
    }
    assert_eq!(dock.kinds(), ["decide"]);
    dock.step("dispose", &["--decision", "release", "--reason", "looked at"]);
    assert_eq!(dock.kinds(), Vec::<String>::new());
}

#[test]
fn a_person_without_a_date_of_training_is_a_task_of_the_home() {
    let home = TestHome::found();
    home.answer(&["person", "add", "Kim Haugen", "--role", "pharmacist"]);
    let tasks = home.answer(&["tasks"]);
    let task = &tasks[0];
    assert_eq!(
        (&task["kind"], &task["about"], &task["name"], &task["source"]),
        (&json!("train-person"), &json!("person"), &json!("Kim Haugen"), &json!("us-fda"))
    );
}
