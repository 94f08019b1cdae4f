//! Goods that are split on the way, at the real command: what each part went through follows it wherever it is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::TestHome;
use serde_json::{Value, json};

/// 2 to 8 °C, and three quarters of an hour from 8 to 25 °C in all.
const BUDGET: &str = r#"{"name":"With budget","version":1,"limits":{"min_c":2.0,"max_c":8.0},"interval_s":600,
    "alarms":[{"id":"hot","bound":"above","limit_c":8.0,"mode":"single","allowance_s":0}],
    "budgets":[{"id":"room","from_c":8.0,"to_c":25.0,"allowance_s":2700}]}"#;
const LATE: [&str; 2] = ["--reason", "recorded afterwards"];

struct Site {
    home: TestHome,
}

impl Site {
    fn new() -> Self {
        let home = TestHome::found();
        home.answer(&["profile", "add", home.file("budget.json", BUDGET).to_str().unwrap()]);
        for label in ["One", "Two", "Three", "Four"] {
            home.answer(&["logger", "add", "--label", label, "--family", "file", "--interval", "600"]);
        }
        Self { home }
    }

    fn create(&self, profile: &[&str], item: &str) -> Value {
        self.home.answer(&[&["shipment", "new", "DN"], profile, &["--item", item]].concat())
    }

    fn start(&self, shipment: &str, at: &str, places: &[&str]) {
        let mut arguments = vec!["shipment", "start", shipment, "--at", at];
        places.iter().for_each(|place| arguments.extend(["--place", place]));
        self.home.answer(&[&arguments[..], &LATE].concat());
    }

    /// Readings of a logger every ten minutes from 8:00 to 12:00, at 20 °C in the given minutes and else at 5 °C.
    fn read(&self, shipment: &str, logger: &str, from: i64, to: i64, warm: std::ops::Range<i64>) {
        let mut text = "time,temperature_c\n".to_owned();
        for minute in (from..=to).step_by(10) {
            let value = if warm.contains(&minute) { 20 } else { 5 };
            text.push_str(&format!("2026-03-01T{:02}:{:02}:00Z,{value}\n", 8 + minute / 60, minute % 60));
        }
        let file = self.home.file("readings.csv", text);
        self.home.answer(&["ingest", shipment, file.to_str().unwrap(), "--logger", logger]);
    }

    fn receive(&self, shipment: &str, at: &str) {
        self.home.answer(&[&["shipment", "receive", shipment, "--at", at][..], &LATE].concat());
    }

    /// A shipment in range that has arrived, and a part that left it at nine and is still on its way.
    fn split(&self) -> (String, String) {
        let parent = id(&self.create(&[], "MMR,lot=A1,quantity=30"));
        self.start(&parent, "2026-03-01T08:00:00Z", &["One"]);
        self.read(&parent, "One", 0, 120, 0..0);
        let part = id(&self.create(&[], &format!("MMR,lot=A1,quantity=10,leg={parent}/1")));
        self.start(&part, "2026-03-01T09:00:00Z", &["Two"]);
        self.read(&part, "Two", 60, 120, 0..0);
        self.receive(&parent, "2026-03-01T10:00:00Z");
        (parent, part)
    }

    fn release(&self, shipment: &str) {
        let shown = self.show(shipment);
        let reasons = shown["next"][0]["reasons"].as_array().unwrap();
        let reasons: Vec<String> =
            reasons.iter().map(|reason| format!("{}=looked into", reason.as_str().unwrap())).collect();
        let mut arguments = vec!["shipment", "acknowledge", shipment];
        reasons.iter().for_each(|reason| arguments.extend(["--reason", reason]));
        self.home.answer(&arguments);
        let release = ["shipment", "dispose", shipment, "--decision", "release", "--reason", "stable"];
        self.home.answer(&release);
    }

    fn show(&self, shipment: &str) -> Value {
        self.home.answer(&["shipment", "show", shipment])
    }

    fn line(&self, shipment: &str) -> Value {
        self.show(shipment)["lines"][0].clone()
    }
}

fn id(created: &Value) -> String {
    created["shipment"].as_str().unwrap().to_owned()
}

fn has(list: &Value, one: &str) -> bool {
    list.as_array().is_some_and(|list| list.contains(&json!(one)))
}

#[test]
fn what_a_part_went_through_before_it_was_split_off_follows_it_and_what_comes_to_light_later_holds_it() {
    let site = Site::new();
    let parent = id(&site.create(&["--profile", "With budget"], "MMR,lot=A1,quantity=30"));
    // Loggers that relieve each other and overlap by ten minutes, and one beside them that is read late.
    let places = ["One,to=2026-03-01T08:40:00Z", "Two,from=2026-03-01T08:30:00Z", "Three"];
    site.start(&parent, "2026-03-01T08:00:00Z", &places);
    site.read(&parent, "One", 0, 40, 0..20);
    site.read(&parent, "Two", 30, 60, 30..40);
    assert_eq!(site.line(&parent)["budgets"][0]["used_s"], 1800, "twenty minutes and ten");

    // Ten pieces leave at nine; the shipment's profile is the usual one, the line keeps its budget.
    let part = id(&site.create(&[], &format!("MMR,lot=A1,quantity=10,leg={parent}/1")));
    assert_eq!(site.show(&part)["items"][0]["profile"]["name"], "With budget");
    site.start(&part, "2026-03-01T09:00:00Z", &["Four"]);
    site.read(&part, "Four", 60, 120, 0..0);
    // What stays behind is warm for another hour.
    site.read(&parent, "Two", 70, 120, 90..110);
    site.receive(&parent, "2026-03-01T10:00:00Z");
    site.receive(&part, "2026-03-01T10:00:00Z");
    let budget = site.line(&part)["budgets"][0].clone();
    assert_eq!((&budget["used_before_s"], &budget["used_s"]), (&json!(1800), &json!(1800)));
    assert_eq!(budget["known"], "leg-missing", "one of its loggers was not read");
    site.release(&part);
    assert_eq!(site.show(&part)["summary"]["stock"], "released");

    // The third logger tells that it was warm from the first minute on.
    site.read(&parent, "Three", 0, 120, 0..120);
    let shown = site.show(&part);
    assert_eq!(shown["summary"]["verdict"], "excursion");
    assert_eq!(shown["summary"]["stock"], "quarantine");
    assert_eq!(shown["lines"][0]["budgets"][0]["spent_at"], "2026-03-01T08:45:00Z");
    assert_eq!(shown["lines"][0]["budgets"][0]["used_s"], 3600, "an hour, up to the split");
    let history = shown["history"].as_array().unwrap();
    let last: Vec<&Value> = history.iter().rev().take(2).map(|event| &event["occurrence"]["what"]).collect();
    assert_eq!(last, ["found", "assessed"], "{history:?}");
    let tasks = site.home.answer(&["tasks"]);
    assert!(tasks.to_string().contains(&part), "{tasks}");
    let file = site.home.path().with_file_name("part.firn");
    site.home.answer(&["export", &part, "--evidence", file.to_str().unwrap()]);
    let verified = site.home.answer(&["verify", file.to_str().unwrap()]);
    assert_eq!(verified["ok"], true, "{verified}");
}

#[test]
fn a_manufacturer_is_told_of_all_that_a_part_went_through_and_of_nothing_that_came_after_it_had_left() {
    let site = Site::new();
    let parent = id(&site.create(&["--profile", "With budget"], "MMR,lot=A1,quantity=30"));
    site.start(&parent, "2026-03-01T08:00:00Z", &["One"]);
    site.read(&parent, "One", 0, 120, 0..20);
    let part = id(&site.create(&[], &format!("MMR,lot=A1,quantity=10,leg={parent}/1")));
    site.start(&part, "2026-03-01T09:00:00Z", &["Two"]);
    // What stays behind, in the parent, is warm again when the part has left.
    site.read(&parent, "Three", 0, 120, 80..120);
    site.read(&part, "Two", 60, 120, 70..80);
    site.receive(&part, "2026-03-01T10:00:00Z");
    let packs = site.home.answer(&["shipment", "query-pack", &part, "--lot", "A1"]);
    let line = &packs[0]["lines"][0];
    let told = |band: &str| {
        let bands = line["bands"].as_array().unwrap().iter();
        let band = bands.clone().find(|one| one["id"] == band).unwrap();
        (band["proven_s"].clone(), band["worst_case_s"].clone())
    };
    let budget = site.line(&part)["budgets"][0].clone();
    assert_eq!(told("room"), (budget["used_s"].clone(), budget["used_max_s"].clone()), "{packs} {budget}");
    assert_eq!(told("above").0, 1800, "twenty minutes and ten");
    assert_eq!(line["max_c"], 20.0);
    let series = line["series"].as_array().unwrap();
    let told = |one: &Value| {
        (one["label"].clone(), one["leg"]["shipment"].clone(), one["bands"][0]["proven_s"].clone())
    };
    let mut by_leg: Vec<_> = series.iter().map(told).collect();
    by_leg.sort_by_key(|(label, ..)| label.to_string());
    let expected = [("One", json!(parent), 1200), ("Three", json!(parent), 0), ("Two", Value::Null, 600)];
    assert_eq!(by_leg, expected.map(|(label, leg, proven)| (json!(label), leg, json!(proven))), "{packs}");
}

#[test]
fn goods_whose_budget_was_spent_or_that_were_rejected_stay_so_under_another_profile() {
    let site = Site::new();
    let parent = id(&site.create(&["--profile", "With budget"], "MMR,lot=A1,quantity=3"));
    site.start(&parent, "2026-03-01T08:00:00Z", &["One"]);
    site.read(&parent, "One", 0, 120, 0..60);
    site.receive(&parent, "2026-03-01T10:00:00Z");
    assert_eq!(site.show(&parent)["summary"]["verdict"], "excursion");
    site.home.answer(&["shipment", "dispose", &parent, "--decision", "reject", "--reason", "spent"]);
    let item = format!("MMR,lot=A1,quantity=3,profile=cdc-refrigerator,leg={parent}/1");
    let created = site.create(&[], &item);
    assert_eq!(created["warnings"][0]["differs"], json!(["budget", "stock"]));
    let next = id(&created);
    site.start(&next, "2026-03-01T10:00:00Z", &["Two"]);
    site.read(&next, "Two", 120, 180, 0..0);
    site.receive(&next, "2026-03-01T11:00:00Z");
    let line = site.line(&next);
    assert_eq!(line["verdict"], "excursion");
    assert!(has(&line["reasons"], "budget-used") && has(&line["reasons"], "leg-not-released"), "{line}");
    assert_eq!(line["budgets"][0]["id"], "room (With budget v1)");
    assert_eq!(line["budgets"][0]["spent_at"], "2026-03-01T08:45:00Z");
    let release = ["shipment", "dispose", &next, "--decision", "release", "--reason", "cold now"];
    assert_eq!(site.home.refusal(&release), "app/not-settled");
}

#[test]
fn a_box_whose_logger_came_late_is_judged_by_the_pallets_until_then_and_unwatched_hours_are_a_gap() {
    let site = Site::new();
    let create = |packages: &[&str], item: &str| {
        let mut arguments = vec!["shipment", "new", "DN", "--profile", "cdc-refrigerator"];
        packages.iter().for_each(|package| arguments.extend(["--package", package]));
        arguments.extend(["--item", item]);
        id(&site.home.answer(&arguments))
    };
    let nested = create(&["pallet", "box,inside=pallet"], "MMR,package=box,profile=cdc-refrigerator");
    let places = ["One@pallet,to=2026-03-01T09:00:00Z", "One@box,from=2026-03-01T09:00:00Z"];
    site.start(&nested, "2026-03-01T08:00:00Z", &places);
    site.read(&nested, "One", 0, 120, 0..60);
    site.receive(&nested, "2026-03-01T10:00:00Z");
    assert_eq!(site.line(&nested)["verdict"], "excursion");
    assert_eq!(site.line(&nested)["series"].as_array().unwrap().len(), 2);

    let late = create(&[], "MMR");
    site.start(&late, "2026-03-01T08:00:00Z", &["Two,from=2026-03-01T09:30:00Z"]);
    site.read(&late, "Two", 90, 120, 0..0);
    site.receive(&late, "2026-03-01T10:00:00Z");
    assert!(has(&site.line(&late)["reasons"], "gap"), "{}", site.line(&late));
}

#[test]
fn a_part_that_was_released_is_do_not_use_at_once_when_its_leg_is_rejected_until_somebody_decides_anew() {
    let site = Site::new();
    let (parent, part) = site.split();
    site.receive(&part, "2026-03-01T10:00:00Z");
    site.release(&part);
    assert_eq!(site.show(&part)["summary"]["stock"], "released");
    let verdict = site.show(&part)["summary"]["verdict"].clone();

    let reject = ["shipment", "dispose", &parent, "--decision", "reject", "--reason", "wet cartons"];
    site.home.answer(&reject);
    let shown = site.show(&part);
    assert_eq!(shown["summary"]["verdict"], verdict, "no worse a verdict");
    assert_eq!(
        (&shown["summary"]["do_not_use"], &shown["summary"]["stock"]),
        (&json!(true), &json!("quarantine"))
    );
    let history = shown["history"].as_array().unwrap();
    assert_eq!(history.last().unwrap()["occurrence"]["what"], "found", "{history:?}");
    let steps: Vec<&Value> = shown["next"].as_array().unwrap().iter().map(|one| &one["step"]).collect();
    assert_eq!(steps[..2], ["acknowledge", "reject"], "{steps:?}");
    assert_eq!(shown["next"][0]["reasons"], json!(["leg-not-released"]));
    let tasks = site.home.answer(&["tasks"]);
    let of_part = |task: &&Value| task["kind"] == "explain-reasons" && task.to_string().contains(&part);
    assert!(tasks.as_array().unwrap().iter().any(|task| of_part(&task)), "{tasks}");

    site.release(&part);
    let shown = site.show(&part);
    assert_eq!(
        (&shown["summary"]["stock"], &shown["summary"]["do_not_use"]),
        (&json!("released"), &Value::Null)
    );
    site.home.answer(&["shipment", "close", &part]);
    let file = site.home.path().with_file_name("part.firn");
    site.home.answer(&["export", &part, "--evidence", file.to_str().unwrap()]);
    assert_eq!(site.home.answer(&["verify", file.to_str().unwrap()])["ok"], true);
}

#[test]
fn what_is_worse_of_a_leg_than_what_was_explained_of_it_holds_what_went_on_from_it() {
    for worse in ["rejected", "warm"] {
        let site = Site::new();
        let (parent, part) = site.split();
        site.home.answer(&["shipment", "quarantine", &parent, "--reason", "the label is smeared"]);
        site.receive(&part, "2026-03-01T10:00:00Z");
        assert!(has(&site.line(&part)["reasons"], "leg-not-released"));
        site.release(&part);
        let shown = site.show(&part);
        assert_eq!(shown["summary"]["stock"], "released", "what was explained holds nothing: {shown}");

        match worse {
            "rejected" => {
                let reject = ["shipment", "dispose", &parent, "--decision", "reject", "--reason", "wet"];
                drop(site.home.answer(&reject));
            }
            _ => site.read(&parent, "One", 5, 125, 20..40),
        }
        let shown = site.show(&part);
        let summary = &shown["summary"];
        assert_eq!(
            (&summary["stock"], &summary["do_not_use"]),
            (&json!("quarantine"), &json!(true)),
            "{worse}: {summary}"
        );
        assert_eq!(shown["next"][0]["reasons"], json!(["leg-not-released"]), "{worse}");
        site.release(&part);
        assert_eq!(site.show(&part)["summary"]["stock"], "released", "{worse}");
        let file = site.home.path().with_file_name("part.firn");
        site.home.answer(&["export", &part, "--evidence", file.to_str().unwrap()]);
        assert_eq!(site.home.answer(&["verify", file.to_str().unwrap()])["ok"], true);
    }
}

/// What somebody does about a leg.
type Deed = fn(&Site, &str);

fn see(site: &Site, parent: &str, seen: &[&str]) {
    let at = ["--at", "2026-03-01T08:30:00Z"];
    site.home.answer(&[&["observe", parent][..], seen, &at, &LATE].concat());
}

#[test]
fn more_of_what_was_explained_of_a_leg_holds_what_went_on_from_it_and_nothing_more_does_not() {
    let warm: Deed = |site, parent| site.read(parent, "One", 3, 123, 10..20);
    let warm_again: Deed = |site, parent| site.read(parent, "One", 6, 126, 30..50);
    let wet: Deed = |site, parent| see(site, parent, &["other", "--note", "wet carton"]);
    let frozen: Deed = |site, parent| see(site, parent, &["freeze-indicator", "activated"]);
    let ask: Deed = |site, parent| question(site, parent, ["MSD", "7"]);
    let discard: Deed = |site, parent| {
        let reply = ["shipment", "reply", parent, "--lot", "A1", "--advice", "discard", "--words", "no"];
        site.home.answer(&reply);
    };
    let found_out: Deed = |site, _| {
        let calibrated = ["logger", "calibrated", "One", "--certificate", "C9", "--laboratory", "L"];
        let when = ["--date", "2026-03-02T10:00:00Z", "--due", "2027-03-02", "--found", "out"];
        site.home.answer(&[&calibrated[..], &when].concat());
    };
    let after_it_left: Deed = |site, parent| site.read(parent, "One", 66, 116, 60..120);
    for (name, first, then, stock) in [
        ("out of range once more", warm, warm_again, "quarantine"),
        ("something else seen", wet, frozen, "quarantine"),
        ("the maker says discard", ask, discard, "quarantine"),
        ("its logger found out of tolerance", wet, found_out, "quarantine"),
        ("the same file again", warm, warm, "released"),
        ("warm after the part had left", warm, after_it_left, "released"),
    ] {
        let site = Site::new();
        let (parent, part) = site.split();
        first(&site, &parent);
        site.receive(&part, "2026-03-01T10:00:00Z");
        assert!(has(&site.line(&part)["reasons"], "leg-not-released"), "{name}");
        site.release(&part);
        assert_eq!(site.show(&part)["summary"]["stock"], "released", "{name}");
        then(&site, &parent);
        let shown = site.show(&part);
        assert_eq!(shown["summary"]["stock"], stock, "{name}: {shown}");
        if stock == "quarantine" {
            assert_eq!(shown["next"][0]["reasons"], json!(["leg-not-released"]), "{name}");
            site.release(&part);
            assert_eq!(site.show(&part)["summary"]["stock"], "released", "{name}");
        }
        let file = site.home.path().with_file_name("part.firn");
        site.home.answer(&["export", &part, "--evidence", file.to_str().unwrap()]);
        assert_eq!(site.home.answer(&["verify", file.to_str().unwrap()])["ok"], true, "{name}");
    }
}

#[test]
fn more_that_nobody_read_of_a_leg_holds_what_went_on_from_it_and_a_question_beside_another_does() {
    let earlier: Deed = |site, parent| {
        let at = ["--at", "2026-03-01T06:00:00Z", "--reason", "the gate's camera"];
        site.home.answer(&[&["shipment", "move-pick-up", parent][..], &at].concat());
    };
    let ask: Deed = |site, parent| question(site, parent, ["MSD", "7"]);
    let ask_another: Deed = |site, parent| question(site, parent, ["GSK", "8"]);
    for (name, first, then, reason) in [
        ("unread for longer", None, earlier, "leg-missing"),
        ("another question", Some(ask), ask_another, "leg-not-released"),
    ] {
        let site = Site::new();
        let parent = id(&site.create(&[], "MMR,lot=A1,quantity=30"));
        site.start(&parent, "2026-03-01T08:00:00Z", &["One"]);
        let unread: &[&str] =
            if first.is_some() { &[] } else { &["--seal", "intact", "--unread", "One=lost"] };
        if let Some(first) = first {
            site.read(&parent, "One", 0, 120, 0..0);
            first(&site, &parent);
        }
        let at = ["--at", "2026-03-01T10:00:00Z"];
        site.home.answer(&[&["shipment", "receive", &parent][..], &at, unread, &LATE].concat());
        let part = id(&site.create(&[], &format!("MMR,lot=A1,quantity=10,leg={parent}/1")));
        site.start(&part, "2026-03-01T10:00:00Z", &["Two"]);
        site.read(&part, "Two", 120, 180, 0..0);
        site.receive(&part, "2026-03-01T11:00:00Z");
        assert!(has(&site.line(&part)["reasons"], reason), "{name}");
        site.release(&part);
        assert_eq!(site.show(&part)["summary"]["stock"], "released", "{name}");
        then(&site, &parent);
        let shown = site.show(&part);
        assert_eq!(shown["summary"]["stock"], "quarantine", "{name}: {shown}");
        assert_eq!(shown["next"][0]["reasons"], json!([reason]), "{name}");
        let file = site.home.path().with_file_name("part.firn");
        site.home.answer(&["export", &part, "--evidence", file.to_str().unwrap()]);
        let verified = site.home.answer(&["verify", file.to_str().unwrap()]);
        assert_eq!((&verified["ok"], &verified["do_not_use"]), (&json!(true), &json!(true)), "{name}");
        site.release(&part);
        assert_eq!(site.show(&part)["summary"]["stock"], "released", "{name}");
    }
}

fn question(site: &Site, parent: &str, [manufacturer, case]: [&str; 2]) {
    let asked = ["--asked", manufacturer, "--case", case, "--due", "2099-01-01T00:00:00Z", "--lot", "A1"];
    site.home.answer(&[&["shipment", "review", parent, "--cause", "door"][..], &asked].concat());
}

#[test]
fn what_is_worse_of_a_leg_before_a_leg_holds_what_went_on_from_both() {
    let site = Site::new();
    let (first, second) = site.split();
    site.read(&first, "One", 3, 123, 10..20);
    site.receive(&second, "2026-03-01T10:00:00Z");
    let last = id(&site.create(&[], &format!("MMR,lot=A1,quantity=10,leg={second}/1")));
    site.start(&last, "2026-03-01T10:00:00Z", &["Three"]);
    site.read(&last, "Three", 120, 180, 0..0);
    site.receive(&last, "2026-03-01T11:00:00Z");
    site.release(&last);
    assert_eq!(site.show(&last)["summary"]["stock"], "released");
    site.read(&first, "One", 6, 126, 30..50);
    assert_eq!(site.show(&last)["summary"]["stock"], "quarantine");
    assert_eq!(site.show(&last)["next"][0]["reasons"], json!(["leg-not-released"]));
}

#[test]
fn two_shipments_that_go_on_with_more_pieces_together_than_their_leg_had_are_warned_of() {
    let site = Site::new();
    let parent = id(&site.create(&[], "MMR,lot=A1,quantity=30"));
    let part = |quantity: u32| site.create(&[], &format!("MMR,lot=A1,quantity={quantity},leg={parent}/1"));
    let first = part(20);
    assert_eq!(first["warnings"], json!([]));
    assert_eq!(part(10)["warnings"], json!([]), "thirty together");
    let more = part(1);
    assert_eq!(more["warnings"][0]["differs"], json!(["quantity"]));
    let warned = &site.line(&id(&first))["leg_warnings"];
    assert_eq!(warned[0]["differs"], json!(["quantity"]), "where both are known, either tells");
    let cancel = ["shipment", "cancel", &id(&more), "--reason", "mistyped"];
    site.home.answer(&cancel);
    assert_eq!(site.line(&id(&first))["leg_warnings"], Value::Null);
}
