//! Decisions about stock at the real command: what they rest on, line by line, and when they differ.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken rig must stop its test"
)]

use firn_ledger::bytes::Hash;
use firn_model::time::{UtcMillis, UtcOffset};
use firn_report::evidence;
use firn_report::print::{Printing, print};
use firn_tests::command::TestHome;
use firn_tests::peering::{joined, sync};
use serde_json::{Value, json};

const START: &str = "2026-03-01T08:00:00Z";
const ARRIVAL: &str = "2026-03-01T09:00:00Z";
const IN_RANGE: [&str; 7] = ["5", "5.1", "5.2", "5.1", "5", "5", "5"];
/// 40 minutes above 8.0 °C.
const WARM: [&str; 7] = ["5", "9", "9.5", "9", "8.5", "5", "5"];
const RELEASE: [&str; 4] = ["--decision", "release", "--reason", "looked at"];
const REJECT: [&str; 4] = ["--decision", "reject", "--reason", "warm to the touch"];

/// One shipment at one home.
struct Dock<'a> {
    home: &'a TestHome,
    shipment: String,
}

impl<'a> Dock<'a> {
    fn started(home: &'a TestHome, items: &[&str]) -> Self {
        for label in ["Box 7", "Box 8"] {
            home.answer(&["logger", "add", "--label", label, "--family", "file", "--interval", "600"]);
        }
        let created = home.answer(&[&["shipment", "new", "DN-1"], items].concat());
        let dock = Self { home, shipment: created["shipment"].as_str().unwrap().to_owned() };
        dock.step("start", &["--logger", "Box 7", "--at", START, "--reason", "recorded afterwards"]);
        dock
    }

    fn received(home: &'a TestHome, items: &[&str], receipt: &[&str]) -> Self {
        let dock = Self::started(home, items);
        dock.ingest("Box 7", &IN_RANGE);
        dock.step("receive", &[&["--at", ARRIVAL, "--reason", "recorded afterwards"], receipt].concat());
        dock
    }

    fn at<'b>(&self, home: &'b TestHome) -> Dock<'b> {
        Dock { home, shipment: self.shipment.clone() }
    }

    fn ingest(&self, logger: &str, values: &[&str]) {
        let line = |(index, value): (usize, &&str)| {
            format!("2026-03-01T{:02}:{:02}:00Z,{value}\n", 8 + index / 6, index % 6 * 10)
        };
        let lines: String = values.iter().enumerate().map(line).collect();
        let file = self.home.file("readings.csv", format!("time,temperature_c\n{lines}"));
        self.home.answer(&["ingest", &self.shipment, file.to_str().unwrap(), "--logger", logger]);
    }

    fn step(&self, what: &str, arguments: &[&str]) -> Value {
        self.home.answer(&[&["shipment", what, &self.shipment], arguments].concat())
    }

    fn refused(&self, what: &str, arguments: &[&str]) -> String {
        self.home.refusal(&[&["shipment", what, &self.shipment], arguments].concat())
    }

    fn show(&self) -> Value {
        self.step("show", &[])
    }

    /// The next steps, each with what it names.
    fn next(&self) -> Vec<(String, Value)> {
        let shown = self.show();
        let step = |step: &Value| {
            let named = if step["reasons"].is_null() { &step["lines"] } else { &step["reasons"] };
            (step["step"].as_str().unwrap().to_owned(), named.clone())
        };
        shown["next"].as_array().unwrap().iter().map(step).collect()
    }

    fn explain(&self, reason: &str) {
        self.step("acknowledge", &["--reason", &format!("{reason}=seen and understood")]);
    }

    fn tasks(&self) -> Vec<Value> {
        self.home.answer(&["tasks"]).as_array().unwrap().clone()
    }

    fn kinds(&self) -> Vec<String> {
        self.tasks().iter().map(|task| task["kind"].as_str().unwrap().to_owned()).collect()
    }

    fn stocks(&self) -> Value {
        self.show()["lines"].as_array().unwrap().iter().map(|line| line["stock"].clone()).collect()
    }

    fn text(&self, arguments: &[&str]) -> String {
        let output = std::process::Command::new(firn_tests::command::program())
            .env("FIRN_HOME", self.home.path())
            .env("FIRN_PASSPHRASE_FILE", self.home.path().with_file_name("passphrase"))
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn verified(&self) -> Value {
        let file = self.home.path().with_file_name("evidence.firn");
        let file = file.to_str().unwrap();
        self.home.answer(&["export", &self.shipment, "--evidence", file]);
        let verified = self.home.answer(&["verify", file]);
        assert_eq!(verified["ok"], true, "{verified}");
        verified
    }

    /// A fact of the report about notes and decisions, as it is printed.
    fn printed(&self, name: &str) -> Option<String> {
        let file = self.home.path().with_file_name("printed.firn");
        self.home.answer(&["export", &self.shipment, "--evidence", file.to_str().unwrap()]);
        let bundle = evidence::read(&std::fs::read(file).unwrap()).unwrap();
        let assessed = bundle.assess().unwrap();
        let printing = Printing {
            created: UtcMillis(0),
            offset: UtcOffset(0),
            zone: "UTC".into(),
            log: bundle.records[0].entry.log(),
        };
        let report = print(&bundle, &assessed, Hash([0; 32]), &printing).unwrap();
        let decisions = report.section("Notes, explanations and decisions").unwrap();
        decisions.facts().find(|fact| fact.name == name).map(|fact| fact.value.clone())
    }
}

/// What every shipment here asks for: its file is unsigned, and its times were recorded afterwards.
fn explain_the_rig(dock: &Dock<'_>) {
    dock.explain("provenance");
    dock.explain("late-entry");
}

#[test]
fn nobody_explains_a_reason_that_is_not_there_and_later_readings_ask_for_a_new_explanation() {
    let home = TestHome::found();
    let dock = Dock::started(&home, &["--item", "MMR,lot=A1"]);
    dock.ingest("Box 7", &IN_RANGE);
    let early = ["--reason", "out-without-alarm=the door", "--reason", "provenance=the logger's file"];
    assert_eq!(dock.refused("acknowledge", &early), "app/not-a-reason");
    dock.step("receive", &["--at", ARRIVAL, "--reason", "recorded afterwards"]);
    dock.explain("provenance");
    dock.explain("late-entry");
    assert_eq!(dock.next()[0], ("release".into(), json!([0])));
    // A second logger that nobody knew of comes late, with a file as unsigned as the first one's.
    dock.ingest("Box 8", &IN_RANGE);
    assert_eq!(dock.next()[0], ("acknowledge".into(), json!(["provenance", "late-entry"])));
    assert_eq!(dock.refused("dispose", &RELEASE), "app/not-settled");
    explain_the_rig(&dock);
    dock.step("dispose", &RELEASE);
    dock.verified();
}

#[test]
fn a_review_of_what_was_in_range_counts_for_no_excursion_that_comes_to_light_later() {
    let home = TestHome::found();
    home.answer(&["policy", "set", "single-person-release", "allowed"]);
    let dock = Dock::received(&home, &["--item", "MMR,lot=A1"], &[]);
    dock.step("review", &["--cause", "nothing to see"]);
    dock.ingest("Box 8", &WARM);
    assert_eq!(dock.show()["summary"]["verdict"], "excursion");
    for reason in dock.show()["summary"]["reasons"].as_array().unwrap() {
        dock.explain(reason.as_str().unwrap());
    }
    assert_eq!(dock.next()[0].0, "review");
    assert_eq!(dock.refused("dispose", &RELEASE), "app/not-settled");
    assert!(dock.kinds().contains(&"review-excursion".into()));
    dock.step("review", &["--cause", "door left open"]);
    dock.step("dispose", &RELEASE);
    dock.verified();
}

#[test]
fn lines_that_a_release_in_part_leaves_out_say_do_not_use_everywhere_until_somebody_decides_about_them() {
    let home = TestHome::found();
    let dock = Dock::received(&home, &["--item", "MMR,lot=A1", "--item", "OPV,lot=B2"], &[]);
    explain_the_rig(&dock);
    let due = "2036-03-03T12:00:00Z";
    dock.step(
        "review",
        &["--cause", "stored beside ice", "--asked", "Acme", "--case", "7", "--lot", "A1", "--due", due],
    );
    assert_eq!(dock.next()[1], ("release-in-part".into(), json!([1])));
    let part = ["--decision", "release-in-part", "--line", "2", "--reason", "not asked about"];
    dock.step("dispose", &part);
    let summary = dock.show()["summary"].clone();
    assert_eq!(
        (&summary["stock"], &summary["do_not_use"], &summary["do_not_use_lines"]),
        (&json!("released-in-part"), &json!(true), &json!([0]))
    );
    assert_eq!(dock.stocks(), json!(["quarantine", "released"]));
    let told = "released in part, DO NOT USE line 1";
    assert!(dock.text(&["shipment", "list"]).contains(told));
    assert!(dock.text(&["shipment", "show", &dock.shipment]).contains("quarantine: DO NOT USE"));
    let (csv, pdf) = (home.path().with_file_name("out.csv"), home.path().with_file_name("out.pdf"));
    let (csv, pdf) = (csv.to_str().unwrap(), pdf.to_str().unwrap());
    let exported = home.answer(&["export", &dock.shipment, "--csv", csv, "--pdf", pdf]);
    assert_eq!(exported["do_not_use"], true);
    let csv = std::fs::read_to_string(csv).unwrap();
    assert!(csv.lines().next().unwrap().ends_with(",DO NOT USE"), "{csv}");
    assert!(csv.lines().skip(1).all(|line| line.ends_with(",quarantine of 1")), "{csv}");
    let verified = home.answer(&["verify", pdf]);
    assert_eq!((&verified["do_not_use"], &verified["do_not_use_lines"]), (&json!(true), &json!([0])));
    assert!(dock.text(&["verify", pdf]).contains(told));
    assert_eq!(dock.kinds(), ["record-answer"]);
    assert_eq!(dock.refused("close", &[]), "app/out-of-order");
    dock.step("reply", &["--lot", "A1", "--advice", "discard", "--words", "do not use it"]);
    let only = ["--decision", "release-in-part", "--line", "1", "--reason", "all the same"];
    assert_eq!(dock.refused("dispose", &only), "app/lines-barred");
    dock.step("dispose", &REJECT);
    assert_eq!(dock.stocks(), json!(["rejected", "released"]));
    assert!(dock.show()["summary"]["do_not_use"].is_null());
    // A hold reopens what was released, and nothing that was rejected.
    dock.step("quarantine", &["--reason", "the carton is wet"]);
    assert_eq!(dock.stocks(), json!(["rejected", "quarantine"]));
    dock.step("dispose", &RELEASE);
    dock.step("close", &[]);
    assert_eq!((dock.stocks(), dock.kinds().len()), (json!(["rejected", "released"]), 0));
    dock.verified();
}

#[test]
fn what_the_receiver_counts_is_a_reason_and_an_expired_line_is_barred_by_its_own_date() {
    let home = TestHome::found();
    let items = ["--item", "MMR,lot=A1,quantity=40", "--item", "OPV,lot=B2,quantity=5,expiry=260200"];
    let dock = Dock::received(&home, &items, &["--seal", "broken", "--count", "3", "--count", "5"]);
    let reasons = json!(["provenance", "late-entry", "observation", "count", "expired"]);
    assert_eq!(dock.show()["summary"]["reasons"], reasons);
    assert_eq!(dock.next()[0], ("acknowledge".into(), reasons.clone()));
    for reason in reasons.as_array().unwrap() {
        dock.explain(reason.as_str().unwrap());
    }
    assert_eq!(dock.next()[0], ("release-in-part".into(), json!([0])));
    assert_eq!(dock.refused("dispose", &RELEASE), "app/lines-barred");
    dock.step("dispose", &["--decision", "release-in-part", "--line", "1", "--reason", "three are there"]);
    // Nothing but a rejection is left for the other.
    assert_eq!(dock.next()[0], ("reject".into(), json!([1])));
    assert_eq!(dock.kinds(), ["decide"]);
    dock.verified();
}

#[test]
fn of_a_release_and_a_rejection_that_did_not_know_of_each_other_neither_is_a_release() {
    let pharmacy = TestHome::found();
    let quality = joined(&pharmacy, "quality", "Quality desk");
    let dock = Dock::received(&pharmacy, &["--item", "MMR,lot=A1"], &[]);
    explain_the_rig(&dock);
    sync(&quality, &pharmacy);
    let desk = dock.at(&quality);
    dock.step("dispose", &RELEASE);
    desk.step("dispose", &REJECT);
    sync(&quality, &pharmacy);
    for one in [&dock, &desk] {
        assert_eq!(
            (one.stocks(), &one.show()["summary"]["do_not_use"]),
            (json!(["quarantine"]), &json!(true))
        );
        let tasks = one.tasks();
        let conflict = tasks.iter().find(|task| task["kind"] == "resolve-conflict").unwrap();
        let decisions = conflict["decisions"].as_array().unwrap();
        let named: Vec<&Value> = decisions.iter().map(|taken| &taken["decision"]).collect();
        assert_eq!(named, [&json!("release"), &json!("reject")]);
        assert!(decisions.iter().any(|taken| taken["by"] == "Quality desk"), "{conflict}");
        assert_eq!(one.show()["conflicts"], json!([{ "lines": [0], "decisions": decisions }]));
        one.verified();
        let printed = one.printed("Decisions that differ").unwrap();
        assert!(printed.starts_with("About line 1. Released, by "), "{printed}");
        assert!(printed.contains("; Rejected, by Quality desk at "), "{printed}");
    }
    // Who knows both decides.
    desk.step("dispose", &REJECT);
    sync(&quality, &pharmacy);
    assert_eq!((dock.stocks(), dock.show()), (json!(["rejected"]), desk.show()));
    assert_eq!((dock.show().get("conflicts"), dock.printed("Decisions that differ")), (None, None));
    assert!(!dock.kinds().contains(&"resolve-conflict".into()));
    dock.verified();
}

#[test]
fn what_is_seen_after_a_release_holds_the_stock_until_it_is_explained_and_decided_about() {
    let home = TestHome::found();
    let dock = Dock::received(&home, &["--item", "MMR,lot=A1"], &[]);
    home.answer(&["observe", &dock.shipment, "vvm", "3"]);
    explain_the_rig(&dock);
    dock.explain("observation");
    dock.step("dispose", &RELEASE);
    home.answer(&["observe", &dock.shipment, "vvm", "4"]);
    assert_eq!(dock.stocks(), json!(["quarantine"]));
    assert_eq!(dock.next()[0], ("acknowledge".into(), json!(["observation"])));
    assert_eq!(dock.kinds(), ["explain-reasons"]);
    dock.step("dispose", &REJECT);
    assert_eq!(dock.stocks(), json!(["rejected"]));
    dock.verified();
}

/// The rest of the receipt at a pharmacy, a quality desk and a courier, each with a home that has heard of all.
fn everywhere<'a>(pharmacy: &'a TestHome, others: &[&'a TestHome]) -> Dock<'a> {
    let dock = Dock::received(pharmacy, &["--item", "MMR,lot=A1", "--item", "HepB,lot=B2"], &[]);
    explain_the_rig(&dock);
    for other in others {
        sync(other, pharmacy);
    }
    dock
}

#[test]
fn an_excursion_that_the_courier_has_holds_what_was_released_without_it_at_once_and_on_the_couriers_device() {
    let pharmacy = TestHome::found();
    let courier = joined(&pharmacy, "courier", "Van");
    let dock = everywhere(&pharmacy, &[&courier]);
    let van = dock.at(&courier);
    // The van reads first; by its clock the release comes after it.
    van.ingest("Box 8", &WARM);
    dock.step("dispose", &RELEASE);
    assert_eq!(dock.stocks(), json!(["released", "released"]));
    sync(&courier, &pharmacy);
    for one in [&van, &dock] {
        assert_eq!(one.stocks(), json!(["quarantine", "quarantine"]));
        let next: Vec<String> = one.next().into_iter().map(|(step, _)| step).collect();
        assert!(next.contains(&"find".into()) && !next.contains(&"close".into()), "{next:?}");
        assert!(one.home.answer(&["shipment", "list"])[0]["do_not_use"] == true);
    }
    assert!(van.kinds().contains(&"record-finding".into()));
    assert_eq!(van.verified()["stock"], "quarantine", "a courier signs no finding");
    assert_eq!(dock.refused("close", &[]), "app/out-of-order");
    assert_eq!(dock.verified()["do_not_use"], true);
    let found = dock.show();
    let occurrences = found["history"].as_array().unwrap().iter().map(|event| &event["occurrence"]);
    let found: Vec<&Value> = occurrences.filter(|occurrence| occurrence["what"] == "found").collect();
    assert_eq!(found[0]["lines"], json!([0, 1]));
    assert!(!dock.next().iter().any(|(step, _)| step == "find"));
}

#[test]
fn a_discard_that_who_released_had_not_heard_of_holds_its_lot_alone_and_the_record_stays_open() {
    let pharmacy = TestHome::found();
    let quality = joined(&pharmacy, "quality", "Quality desk");
    let dock = Dock::received(&pharmacy, &["--item", "MMR,lot=A1", "--item", "HepB,lot=B2"], &[]);
    explain_the_rig(&dock);
    let asked = ["--asked", "Acme", "--case", "7", "--lot", "A1", "--due", "2036-01-01T00:00:00Z"];
    dock.step("review", &[&["--cause", "door"][..], &asked].concat());
    dock.step("reply", &["--lot", "A1", "--advice", "may-be-used", "--words", "stable"]);
    sync(&quality, &pharmacy);
    let desk = dock.at(&quality);
    desk.step("dispose", &RELEASE);
    dock.step("reply", &["--lot", "A1", "--advice", "discard", "--words", "discard it"]);
    sync(&quality, &pharmacy);
    for one in [&dock, &desk] {
        assert_eq!(one.stocks(), json!(["quarantine", "released"]));
        assert_eq!(one.verified()["do_not_use_lines"], json!([0]));
        assert!(one.kinds().contains(&"decide".into()), "{:?}", one.kinds());
        assert_eq!(one.refused("close", &[]), "app/out-of-order");
    }
    let answer =
        dock.home.run(&["shipment", "dispose", &dock.shipment, "--decision", "release", "--reason", "x"]);
    let told: Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!(told["why"], "line 1: Acme says that its lot is to be discarded");
    dock.step("dispose", &REJECT);
    assert_eq!(dock.stocks(), json!(["rejected", "released"]));
}

#[test]
fn each_of_two_questions_about_a_lot_is_answered_by_name_and_the_lot_waits_for_both() {
    let home = TestHome::found();
    let dock = Dock::received(&home, &["--item", "MMR,lot=A1"], &[]);
    explain_the_rig(&dock);
    for (manufacturer, case) in [("Acme", "1"), ("Beta", "2")] {
        let asked = ["--asked", manufacturer, "--case", case, "--lot", "A1", "--due", "2036-01-01T00:00:00Z"];
        dock.step("review", &[&["--cause", "door"][..], &asked].concat());
    }
    let packs = home.answer(&["shipment", "query-pack", &dock.shipment]);
    let named: Vec<&Value> = packs.as_array().unwrap().iter().map(|pack| &pack["manufacturer"]).collect();
    assert_eq!(named, ["Acme", "Beta"]);
    let answer = ["--lot", "A1", "--advice", "may-be-used", "--words", "stable"];
    assert_eq!(dock.refused("reply", &answer), "app/ambiguous");
    dock.step("reply", &[&answer[..], &["--asked", "Beta"]].concat());
    assert_eq!(dock.refused("dispose", &RELEASE), "app/lines-barred");
    // The other is the only one that waits now.
    dock.step("reply", &answer);
    dock.step("dispose", &RELEASE);
    assert_eq!(dock.stocks(), json!(["released"]));
    dock.verified();
}

#[test]
fn a_pick_up_that_did_not_know_of_the_cancellation_holds_and_readings_are_taken_in() {
    let pharmacy = TestHome::found();
    let courier = joined(&pharmacy, "courier", "Van");
    pharmacy.answer(&["logger", "add", "--label", "Box 7", "--family", "file", "--interval", "600"]);
    let created = pharmacy.answer(&["shipment", "new", "DN-1", "--item", "MMR,lot=A1"]);
    let dock = Dock { home: &pharmacy, shipment: created["shipment"].as_str().unwrap().to_owned() };
    sync(&courier, &pharmacy);
    let van = dock.at(&courier);
    assert_eq!(dock.refused("close", &[]), "app/incomplete");
    dock.step("cancel", &["--reason", "mistyped"]);
    dock.ingest("Box 7", &WARM);
    van.step("start", &["--logger", "Box 7"]);
    sync(&courier, &pharmacy);
    assert_eq!(dock.show()["summary"]["phase"], "in-transit");
    van.step("receive", &[]);
    sync(&courier, &pharmacy);
    assert_eq!((dock.show(), dock.show()["summary"]["phase"].clone()), (van.show(), json!("received")));
    dock.verified();
}

#[test]
fn a_receipt_says_the_verdict_and_how_the_stock_stands() {
    let home = TestHome::found();
    let dock = Dock::started(&home, &["--item", "MMR,lot=A1"]);
    dock.ingest("Box 7", &WARM);
    let words =
        dock.text(&["shipment", "receive", &dock.shipment, "--at", ARRIVAL, "--reason", "afterwards"]);
    assert!(
        words.contains("OUT OF RANGE (provenance, late-entry); stock: quarantine: DO NOT USE"),
        "{words}"
    );
    let refused =
        home.run(&["shipment", "dispose", &dock.shipment, "--decision", "release", "--reason", "x"]);
    let told: Value = serde_json::from_slice(&refused.stdout).unwrap();
    let open = "unexplained: provenance, late-entry; nobody has looked into the excursion as it stands now";
    assert_eq!(told["why"], open);
}
