//! One shipment proved to an outsider without the rest, through the real command: two homes, and a file that is cut.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_ledger::bytes::{Hash, LogId};
use firn_ledger::disclosure::History;
use firn_ledger::store::{Access, OpenOptions, Store};
use firn_report::{Bundle, evidence};
use firn_tests::command::{TestHome, json};
use firn_tests::peering::{courier_of, sync};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// Two homes that both told of a shipment, which the pharmacy has closed.
struct Story {
    pharmacy: TestHome,
    van: TestHome,
    shipment: String,
}

fn closed() -> Story {
    let pharmacy = TestHome::found();
    let van = courier_of(&pharmacy);
    pharmacy.shipment("SECRET-OTHER-GOODS", "cdc-refrigerator");
    let shipment = van.shipment("DN-1", "cdc-refrigerator");
    van.answer(&["shipment", "start", &shipment]);
    sync(&van, &pharmacy);
    pharmacy.answer(&["shipment", "receive", &shipment]);
    let reject = ["--decision", "reject", "--reason", "no logger was in it"];
    pharmacy.answer(&[&["shipment", "dispose", &shipment], &reject[..]].concat());
    pharmacy.answer(&["shipment", "close", &shipment]);
    Story { pharmacy, van, shipment }
}

impl Story {
    /// The van hears of the close, records something, and tells.
    fn van_tells(&self) {
        sync(&self.van, &self.pharmacy);
        self.van.shipment("DN-2", "cdc-refrigerator");
        sync(&self.van, &self.pharmacy);
    }

    fn export(&self, home: &TestHome) -> Vec<u8> {
        let file = home.file("shipment.firn", "");
        home.answer(&["export", &self.shipment, "--evidence", file.to_str().unwrap()]);
        std::fs::read(file).unwrap()
    }

    /// What an outsider, who has no home, is told of a check.
    fn told(&self, bytes: &[u8], id: &str) -> (String, String) {
        let outsider = TestHome::unmade();
        let file = outsider.file("shipment.firn", bytes);
        let answer: Value = json(&outsider.run(&["verify", file.to_str().unwrap()]));
        let checks = answer["checks"].as_array().unwrap();
        let check =
            checks.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("{id} in {answer}"));
        let text = |field: &str| check[field].as_str().unwrap().to_owned();
        (text("status"), text("why"))
    }

    fn status(&self, bytes: &[u8], id: &str) -> String {
        self.told(bytes, id).0
    }
}

/// The histories of a bundle, made anew by somebody who holds the logs and leaves something out.
fn proved_again(home: &Path, mut bundle: Bundle) -> Bundle {
    let options = OpenOptions { access: Access::ReadOnly, ..OpenOptions::default() };
    let mut store = Store::open(&home.join("firn.db"), &options).unwrap();
    let again = bundle.histories.iter().map(|history| {
        let log = history.log();
        let of_log = bundle.disclosed().filter(|record| record.entry.log() == log);
        let places: BTreeSet<u64> = of_log.map(|record| record.entry.payload().sequence).collect();
        let size = history.seen.heads().map(|head| head.size).max().unwrap();
        let leaves: Vec<Hash> = store.read(|view| view.leaves(&log, size)).unwrap();
        History::prove(history.seen.clone(), &places, history.index.clone(), &leaves).unwrap()
    });
    bundle.histories = again.collect();
    bundle
}

#[test]
fn a_closed_shipment_is_shown_to_be_whole_to_somebody_who_holds_nothing_else() {
    let story = closed();
    let half = story.export(&story.pharmacy);
    let (status, why) = story.told(&half, "completeness");
    assert_eq!(status, "cannot");
    assert!(why.contains("Van phone (log "), "{why}");
    assert_eq!(story.status(&half, "history"), "proved");

    story.van_tells();
    for home in [&story.pharmacy, &story.van] {
        let whole = story.export(home);
        let (status, why) = story.told(&whole, "completeness");
        assert_eq!(status, "proved", "{why}");
        assert!(why.contains("until 20"), "it says until when: {why}");
        let (status, why) = story.told(&whole, "history");
        assert_eq!(status, "proved", "{why}");
        assert!(why.contains("existed by 20") && why.contains("had seen the last of them"), "{why}");
    }
    for home in [&story.pharmacy, &story.van] {
        assert_eq!(home.answer(&["log", "verify", "--deep"])["ok"], true);
        let entries = home.answer(&["log", "show"]);
        let indexes = entries.as_array().unwrap().iter().filter(|entry| entry["what"] == "index");
        assert_eq!(indexes.count(), 2, "one in the log of each device");
    }
}

#[test]
fn an_entry_dropped_from_the_file_is_missed_and_a_withheld_tail_is_counted() {
    let story = closed();
    story.van_tells();
    let whole = evidence::read(&story.export(&story.pharmacy)).unwrap();
    let home = story.pharmacy.path();
    let of = |log: LogId| whole.records.iter().filter(move |record| record.entry.log() == log).count();
    let logs: BTreeSet<LogId> = whole.records.iter().map(|record| record.entry.log()).collect();
    assert_eq!((logs.len(), whole.histories.len()), (2, 2));
    for log in logs {
        let last = whole.records.iter().rposition(|record| record.entry.log() == log).unwrap();
        let mut bundle = whole.clone();
        bundle.records.remove(last);
        // By whoever has the file alone: the proof is of other entries.
        let dropped = evidence::write(&bundle);
        assert_eq!(story.status(&dropped, "history"), "failed");
        assert_eq!(story.status(&dropped, "completeness"), "cannot");
        // By whoever holds the log: the tail of what the log tells is withheld, and its index counts it.
        let withheld = evidence::write(&proved_again(&home, bundle));
        assert_eq!(story.status(&withheld, "history"), "proved");
        let (status, why) = story.told(&withheld, "completeness");
        assert_eq!(status, "failed", "{why}");
        assert!(why.contains(&format!("the file holds {}", of(log) - 1)), "{why}");
        // With the index withheld too nobody can tell, and it says so.
        let mut bundle = whole.clone();
        bundle.records.remove(last);
        for history in bundle.histories.iter_mut().filter(|history| history.log() == log) {
            history.index = None;
        }
        let silent = evidence::write(&proved_again(&home, bundle));
        assert_eq!(story.status(&silent, "completeness"), "cannot");
    }
    let mut bundle = whole;
    bundle.histories.clear();
    let before = evidence::write(&bundle);
    assert_eq!(story.status(&before, "completeness"), "cannot", "as of a file of an earlier release");
}

#[test]
fn nothing_of_another_shipment_is_in_the_file() {
    let story = closed();
    story.van_tells();
    let listed = story.pharmacy.answer(&["shipment", "list"]);
    let secret =
        listed.as_array().unwrap().iter().find(|one| one["reference"] == "SECRET-OTHER-GOODS").unwrap();
    let bytes = story.export(&story.pharmacy);
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"DN-1") && !holds(b"SECRET") && !holds(b"DN-2"));
    let about = |bundle: &Bundle| {
        let entries = bundle.disclosed().filter_map(|record| record.entry.payload().in_subject);
        entries.map(|place| place.subject.0).collect::<BTreeSet<_>>()
    };
    let bundle = evidence::read(&bytes).unwrap();
    assert_eq!(about(&bundle), [bundle.shipment.0].into());
    assert_ne!(secret["id"], json!(story.shipment));
}

#[test]
fn a_logger_and_a_person_that_have_nothing_to_do_with_a_shipment_do_not_leave_with_it() {
    let home = TestHome::found();
    let logger = ["logger", "add", "--family", "file", "--interval", "1800", "--label"];
    home.answer(&[&logger[..], &["BoxUSED"]].concat());
    home.answer(&[&logger[..], &["BoxOTHER", "--address", "CB:B8:33:4C:88:4F"]].concat());
    let shipment = home.shipment("DN-1", "cdc-refrigerator");
    home.answer(&["shipment", "start", &shipment, "--logger", "BoxUSED"]);
    home.answer(&["logger", "end", "BoxOTHER", "--ended", "lost", "--reason", "SECRETREASON"]);
    home.answer(&["logger", "end", "BoxUSED", "--ended", "faulty", "--reason", "OWNREASON"]);
    let pin = home.file("pin", "a long secret 1");
    let person = ["person", "add", "Zelda UNRELATED", "--role", "pharmacist", "--title", "Secret Title"];
    let trained = ["--trained", "2026-01-15", "--accept-accountability", "--pin-file", pin.to_str().unwrap()];
    home.answer(&[&person[..], &trained[..]].concat());
    let file = home.file("shipment.firn", "");
    home.answer(&["export", &shipment, "--evidence", file.to_str().unwrap()]);
    let bytes = std::fs::read(&file).unwrap();
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(holds(b"BoxUSED") && holds(b"OWNREASON"), "what is its own stays");
    for foreign in ["BoxOTHER", "SECRETREASON", "Zelda", "Secret Title"] {
        assert!(!holds(foreign.as_bytes()), "{foreign}");
    }
    assert!(!holds(&[0xcb, 0xb8, 0x33, 0x4c, 0x88, 0x4f]), "the address of another logger");
    assert_eq!(home.answer(&["verify", file.to_str().unwrap()])["ok"], true);
}
