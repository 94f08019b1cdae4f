//! Item lines at the real command: budgets over legs, labels beside profiles, loggers that change packages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{TestHome, json};
use firn_tests::peering::{joined, sync};
use serde_json::{Value, json};

/// 2 to 8 °C with an alarm at once above 8, and an hour from 8 to 25 °C in all.
const BUDGET: &str = r#"{"name":"With budget","version":1,"limits":{"min_c":2.0,"max_c":8.0},"interval_s":600,
    "alarms":[{"id":"hot","bound":"above","limit_c":8.0,"mode":"single","allowance_s":0}],
    "budgets":[{"id":"room","from_c":8.0,"to_c":25.0,"allowance_s":3600}]}"#;

/// A home with that profile and two loggers.
fn home() -> TestHome {
    let home = TestHome::found();
    home.answer(&["profile", "add", home.file("budget.json", BUDGET).to_str().unwrap()]);
    for label in ["Box 7", "Box 8"] {
        home.answer(&["logger", "add", "--label", label, "--family", "file", "--interval", "600"]);
    }
    home
}

/// Two hours from `hour` o'clock with a reading every ten minutes, the first `warm` minutes at 20 °C.
fn csv(home: &TestHome, hour: usize, warm: usize) -> String {
    let mut text = "time,temperature_c\n".to_owned();
    for minute in (0..=120).step_by(10) {
        let value = if minute < warm { 20 } else { 5 };
        text.push_str(&format!("2026-03-01T{:02}:{:02}:00Z,{value}\n", hour + minute / 60, minute % 60));
    }
    home.file("leg.csv", text).to_str().unwrap().to_owned()
}

/// A shipment of two hours with these lines; its first minutes are warm.
fn leg(home: &TestHome, items: &[&str], hour: usize, warm: usize) -> String {
    let mut arguments = vec!["shipment", "new", "DN", "--profile", "With budget"];
    items.iter().for_each(|item| arguments.extend(["--item", item]));
    let created = home.answer(&arguments);
    let shipment = created["shipment"].as_str().unwrap().to_owned();
    let at = |hour: usize| format!("2026-03-01T{hour:02}:00:00Z");
    home.answer(&[
        "shipment",
        "start",
        &shipment,
        "--logger",
        "Box 7",
        "--at",
        &at(hour),
        "--reason",
        "recorded afterwards",
    ]);
    home.answer(&["ingest", &shipment, &csv(home, hour, warm), "--logger", "Box 7"]);
    home.answer(&[
        "shipment",
        "receive",
        &shipment,
        "--at",
        &at(hour + 2),
        "--reason",
        "recorded afterwards",
    ]);
    shipment
}

#[test]
fn a_package_is_found_by_its_sscc_before_a_logger_lies_in_it() {
    let home = home();
    let sscc = "095212345432100010";
    let nested = format!("{sscc},inside=Pallet 2");
    let new =
        ["shipment", "new", "DN", "--profile", "With budget", "--package", "Pallet 2", "--package", &nested];
    let listed = home.answer(&new)["shipment"].clone();
    assert_eq!(show(&home, sscc)["summary"]["id"], listed);
    assert_eq!(show(&home, &format!("(00){sscc}"))["summary"]["id"], listed);
    assert_eq!(show(&home, "Pallet 2")["summary"]["id"], listed);
    let of_line =
        home.answer(&["shipment", "new", "DN", "--profile", "With budget", "--item", "MMR,package=Crate 9"]);
    assert_eq!(show(&home, "Crate 9")["summary"]["id"], of_line["shipment"]);
}

#[test]
fn a_logger_in_two_packages_at_once_is_refused() {
    let home = home();
    let item =
        ["--item", "MMR,package=In1", "--item", "HPV,package=In2", "--package", "In1", "--package", "In2"];
    let new = [&["shipment", "new", "DN", "--profile", "With budget"][..], &item].concat();
    let created = home.answer(&new)["shipment"].clone();
    let start = |first: &str, second: &str| {
        let id = created.as_str().unwrap();
        home.run(&["shipment", "start", id, "--place", first, "--place", second])
    };
    let both = start("Box 7@In1,to=2026-03-01T06:40:00Z", "Box 7@In2,from=2026-03-01T06:30:00Z");
    assert_eq!(firn_tests::command::refusal(&both), "app/contradiction");
    assert_eq!(firn_tests::command::refusal(&start("Box 7", "Box 7")), "app/contradiction");
    let after = start("Box 7@In1,to=2026-03-01T06:30:00Z", "Box 7@In2,from=2026-03-01T06:30:00Z");
    assert!(after.status.success());
}

#[test]
fn an_earlier_leg_of_other_goods_is_told_at_the_creation_and_with_the_line() {
    let home = home();
    let first = leg(&home, &["HPV,lot=B2,quantity=100"], 8, 0);
    let item = format!("MMR,lot=ZZ,quantity=5000,leg={first}/1");
    let created = home.answer(&["shipment", "new", "DN-2", "--profile", "With budget", "--item", &item]);
    let warning = &created["warnings"][0];
    assert_eq!((&warning["code"], &warning["line"]), (&json!("shipment/leg-differs"), &json!(0)));
    assert_eq!(warning["differs"], json!(["product", "lot", "quantity"]));
    let shipment = created["shipment"].as_str().unwrap();
    assert_eq!(line(&home, shipment)["leg_warnings"], created["warnings"]);
    assert!(words(&home, shipment).contains("is of another product and another lot and a smaller quantity"));
}

fn show(home: &TestHome, shipment: &str) -> Value {
    home.answer(&["shipment", "show", shipment])
}

fn line(home: &TestHome, shipment: &str) -> Value {
    show(home, shipment)["lines"][0].clone()
}

fn words(home: &TestHome, shipment: &str) -> String {
    let mut command = std::process::Command::new(firn_tests::command::program());
    let output = command.env("FIRN_HOME", home.path()).args(["shipment", "show", shipment]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn verified(home: &TestHome, shipment: &str) {
    let file = home.path().with_file_name("evidence.firn");
    home.answer(&["export", shipment, "--evidence", file.to_str().unwrap()]);
    let verified = home.answer(&["verify", file.to_str().unwrap()]);
    assert_eq!(verified["ok"], true, "{verified}");
}

#[test]
fn inside_its_budget_a_line_is_a_review_and_the_alarm_inside_the_band_does_not_decide() {
    let home = home();
    let first = leg(&home, &["MMR,lot=A1"], 8, 30);
    let judged = line(&home, &first);
    assert_eq!((&judged["verdict"], &judged["reasons"]), (&json!("review"), &json!(["budget-used"])));
    let budget = &judged["budgets"][0];
    assert_eq!((&budget["used_s"], &budget["used_before_s"]), (&json!(1800), &json!(0)));
    let alarms = &judged["series"][0]["assessment"]["alarms"];
    assert_eq!(alarms[0]["triggered_at"], "2026-03-01T08:00:00Z", "the alarm is told all the same");
    assert_eq!(show(&home, &first)["summary"]["verdict"], "review");
    verified(&home, &first);
}

#[test]
fn a_budget_goes_on_from_the_leg_before_and_is_spent_at_its_minute() {
    let home = home();
    let first = leg(&home, &["MMR,lot=A1"], 8, 30);
    let item = format!("MMR,lot=A1,leg={}/1", first.get(..8).unwrap());
    let second = leg(&home, &[&item], 10, 20);
    let judged = line(&home, &second);
    assert_eq!((&judged["verdict"], &judged["reasons"]), (&json!("review"), &json!(["budget-used"])));
    let budget = &judged["budgets"][0];
    assert_eq!((&budget["used_s"], &budget["used_before_s"]), (&json!(3000), &json!(1800)));
    let item = format!("MMR,lot=A1,leg={second}/1");
    let third = leg(&home, &[&item], 12, 30);
    let judged = line(&home, &third);
    assert_eq!(judged["verdict"], "excursion");
    let budget = &judged["budgets"][0];
    assert_eq!((&budget["used_before_s"], &budget["used_s"]), (&json!(3000), &json!(4800)));
    // Ten minutes were left at noon, and it was still warm when they had passed.
    assert_eq!(budget["spent_at"], "2026-03-01T12:10:00Z");
    assert!(words(&home, &third).contains("spent at 2026-03-01T12:10:00Z"));
    verified(&home, &third);
}

#[test]
fn a_line_that_is_split_passes_the_time_that_it_had_used_on_to_both_parts() {
    let home = home();
    let whole = leg(&home, &["HepB,lot=B7", "MMR,lot=A1,quantity=40"], 8, 40);
    let part = |quantity: u32| format!("MMR,lot=A1,quantity={quantity},leg={whole}/2");
    let (one, other) = (leg(&home, &[&part(30)], 10, 0), leg(&home, &[&part(10)], 10, 20));
    let used = |shipment: &str| line(&home, shipment)["budgets"][0].clone();
    let (one_used, other_used) = (used(&one), used(&other));
    assert_eq!((&one_used["used_before_s"], &one_used["used_s"]), (&json!(2400), &json!(2400)));
    assert_eq!((&other_used["used_before_s"], &other_used["used_s"]), (&json!(2400), &json!(3600)));
    assert_eq!(line(&home, &one)["reasons"], json!(["budget-used"]), "although it was cold all the way");
}

#[test]
fn a_leg_that_is_not_held_here_leaves_at_most_so_much_and_asks_for_a_review() {
    let pharmacy = home();
    let elsewhere = "aeaqcaibaeaqcaibaeaqcaibae";
    let shipment = leg(&pharmacy, &[&format!("MMR,lot=A1,leg={elsewhere}/1")], 8, 10);
    let judged = line(&pharmacy, &shipment);
    assert_eq!(judged["verdict"], "review");
    assert_eq!(judged["reasons"], json!(["budget-used", "leg-missing"]));
    assert_eq!(judged["budgets"][0]["known"], "leg-missing");
    assert!(words(&pharmacy, &shipment).contains("at most 50 min left"), "{}", words(&pharmacy, &shipment));
    assert_eq!(pharmacy.refusal(&["shipment", "new", "x", "--item", "MMR,leg=abcdef/1"]), "app/not-found");
    assert_eq!(pharmacy.refusal(&["shipment", "new", "x", "--item", "MMR,leg=abcdef"]), "cli/item");
    let beyond = format!("MMR,leg={shipment}/2");
    assert_eq!(pharmacy.refusal(&["shipment", "new", "x", "--item", &beyond]), "app/unknown-name");
}

#[test]
fn another_device_that_holds_both_legs_judges_the_line_alike() {
    let pharmacy = home();
    let desk = joined(&pharmacy, "quality", "Quality desk");
    let first = leg(&pharmacy, &["MMR,lot=A1"], 8, 40);
    let second = leg(&pharmacy, &[&format!("MMR,lot=A1,leg={first}/1")], 10, 30);
    assert_eq!(line(&pharmacy, &second)["verdict"], "excursion");
    sync(&desk, &pharmacy);
    assert_eq!(show(&desk, &second)["lines"], show(&pharmacy, &second)["lines"]);
}

const LABEL: &str = "(00)095212345432100010(02)09521234543213(37)24";

fn labelled(home: &TestHome, profile: &str, label: &str) -> Value {
    let item = format!("MMR,scan={LABEL}{label}");
    home.answer(&["shipment", "new", "DN-1", "--profile", profile, "--item", "HepB,lot=B7", "--item", &item])
}

#[test]
fn a_profile_looser_than_the_label_is_warned_of_and_the_label_is_signed() {
    let home = home();
    let looser = labelled(&home, "With budget", "(4331)000700(4333)000300");
    let warnings = looser["warnings"].as_array().unwrap();
    let told: Vec<_> = warnings.iter().map(|one| (&one["code"], &one["line"], &one["bound"])).collect();
    let code = json!("profile/looser-than-label");
    assert_eq!(told, [(&code, &json!(1), &json!("above")), (&code, &json!(1), &json!("below"))]);
    let shipment = looser["shipment"].as_str().unwrap();
    let shown = show(&home, shipment);
    assert_eq!(shown["lines"][1]["warnings"], looser["warnings"]);
    assert_eq!(shown["lines"][0].get("warnings"), None);
    assert_eq!(shown["items"][1]["label"]["highest"], json!({ "scale": "celsius", "hundredths": 700 }));
    assert_eq!(
        (&shown["items"][1]["gtin"], &shown["items"][1]["quantity"]),
        (&json!("09521234543213"), &json!(24))
    );
    let words = words(&home, shipment);
    assert!(
        words.contains("the profile With budget v1 allows up to 8 °C; the label's highest is 7.00 °C"),
        "{words}"
    );
    let output = home.run(&["shipment", "new", "DN-2", "--item", &format!("MMR,scan={LABEL}(4331)000700")]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success()
            && said.contains("line 1: the profile")
            && said.contains(code.as_str().unwrap())
    );
    assert_eq!(json(&output)["warnings"].as_array().unwrap().len(), 1);
}

#[test]
fn a_label_that_is_equal_wider_or_silent_gives_no_warning_in_either_scale() {
    let home = home();
    let none = json!([]);
    for label in ["(4331)000800(4333)000200", "(4331)002500(4333)000000", "(4330)004640(4332)003560", ""] {
        assert_eq!(labelled(&home, "With budget", label)["warnings"], none, "{label}");
    }
    let bounds = |label: &str| {
        let warnings = labelled(&home, "With budget", label)["warnings"].clone();
        warnings
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["bound"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(bounds("(4330)004639"), ["above"]);
    assert_eq!(bounds("(4332)003561"), ["below"]);
    let shown = labelled(&home, "varicella-mmrv-frozen", "(4330)000500(4332)005800-");
    assert_eq!(shown["warnings"], none, "a line of its own would be judged by its own profile");
    let item = format!("MMR,profile=varicella-mmrv-frozen,scan={LABEL}(4331)002000-");
    let own = home.answer(&["shipment", "new", "DN-3", "--profile", "With budget", "--item", &item]);
    assert_eq!(own["warnings"][0]["label"], json!({ "scale": "celsius", "hundredths": -2000 }));
}

#[test]
fn a_logger_counts_for_a_package_from_when_to_when_it_lay_in_it() {
    let home = home();
    let boxes = ["--package", "one", "--package", "two"];
    let items = ["--item", "MMR,lot=A1,package=one", "--item", "HepB,lot=B7,package=two"];
    let new = [&["shipment", "new", "DN-1", "--profile", "cdc-refrigerator"], &boxes[..], &items].concat();
    let shipment = home.answer(&new)["shipment"].as_str().unwrap().to_owned();
    let start =
        ["shipment", "start", &shipment, "--at", "2026-03-01T08:00:00Z", "--reason", "recorded afterwards"];
    let backwards = "Box 7@one,from=2026-03-01T09:00:00Z,to=2026-03-01T08:30:00Z";
    assert_eq!(home.refusal(&[&start[..], &["--place", backwards]].concat()), "app/time-impossible");
    assert_eq!(home.refusal(&[&start[..], &["--place", "Box 7@three"]].concat()), "app/unknown-name");
    assert_eq!(home.refusal(&[&start[..], &["--place", "Box 7@one,until=noon"]].concat()), "cli/place");
    let places = [
        "--place",
        "Box 7@one,to=2026-03-01T09:00:00Z",
        "--place",
        "Box 7@two,from=2026-03-01T09:00:00Z",
        "--place",
        "Box 8@one,from=2026-03-01T09:00:00Z",
    ];
    home.answer(&[&start[..], &places].concat());
    // Warm until half past eight alone: the second box had no part in it.
    home.answer(&["ingest", &shipment, &csv(&home, 8, 30), "--logger", "Box 7"]);
    home.answer(&["ingest", &shipment, &csv(&home, 8, 90), "--logger", "Box 8"]);
    home.answer(&[
        "shipment",
        "receive",
        &shipment,
        "--at",
        "2026-03-01T10:00:00Z",
        "--reason",
        "recorded afterwards",
    ]);
    let shown = show(&home, &shipment);
    let lines = shown["lines"].as_array().unwrap();
    let counted = |line: &Value| -> Vec<(Value, Value)> {
        let series = line["series"].as_array().unwrap().iter();
        series.map(|one| (one["window"].clone(), one["verdict"].clone())).collect()
    };
    let (until, from) = (json!({ "to": "2026-03-01T09:00:00Z" }), json!({ "from": "2026-03-01T09:00:00Z" }));
    assert_eq!(
        counted(&lines[0]),
        [(until, json!("excursion")), (from.clone(), json!("excursion"))],
        "Box 7 until nine, then Box 8"
    );
    assert_eq!(counted(&lines[1]), [(from, json!("review"))], "nothing was in it before nine");
    assert_eq!((&lines[0]["verdict"], &lines[1]["verdict"]), (&json!("excursion"), &json!("review")));
    assert_eq!(lines[1]["reasons"], json!(["gap"]));
    let started =
        shown["history"].as_array().unwrap().iter().find(|one| one["occurrence"]["what"] == "started");
    assert_eq!(started.unwrap()["occurrence"]["loggers"], 2, "one that moves is one");
    verified(&home, &shipment);
}

#[test]
fn an_hour_that_the_logger_spent_on_a_desk_is_a_gap_with_and_without_a_line_and_verifies() {
    let late = ["--reason", "recorded afterwards"];
    for items in [&["--item", "MMR,lot=A1"][..], &[]] {
        let home = home();
        let new = [&["shipment", "new", "DN-1", "--profile", "cdc-refrigerator"], items].concat();
        let shipment = home.answer(&new)["shipment"].as_str().unwrap().to_owned();
        let start = ["shipment", "start", &shipment, "--at", "2026-03-01T07:00:00Z"];
        let places =
            ["--place", "Box 7,to=2026-03-01T08:00:00Z", "--place", "Box 7,from=2026-03-01T09:00:00Z"];
        home.answer(&[&start[..], &late, &places].concat());
        // Two hours from seven in the box would be in range; from eight to nine, on the desk, it was warm.
        home.answer(&["ingest", &shipment, &csv(&home, 6, 0), "--logger", "Box 7"]);
        home.answer(&["ingest", &shipment, &csv(&home, 8, 60), "--logger", "Box 7"]);
        let received = ["shipment", "receive", &shipment, "--at", "2026-03-01T10:00:00Z"];
        home.answer(&[&received[..], &late].concat());
        let shown = show(&home, &shipment);
        assert_eq!(shown["summary"]["verdict"], "review");
        assert!(shown["summary"]["reasons"].as_array().unwrap().contains(&json!("gap")));
        let assessment = &shown["series"][0]["assessment"];
        assert_eq!(assessment["statistics"]["count"], 13, "six of the first hour and seven of the last");
        assert_eq!(assessment["excursions"], json!([]));
        verified(&home, &shipment);
    }
}

#[test]
fn show_tells_which_readings_lay_outside_every_placement_and_what_was_found_of_each_line() {
    let home = home();
    let items = ["MMR,lot=A1,package=In1,quantity=5", "HPV,lot=B2,package=In2,quantity=5"];
    let new = ["shipment", "new", "DN", "--profile", "With budget", "--package", "In1", "--package", "In2"];
    let created = home.answer(&[&new[..], &["--item", items[0], "--item", items[1]]].concat());
    let id = created["shipment"].as_str().unwrap();
    let late = ["--reason", "recorded afterwards"];
    let (first, second) = ("Box 7@In1,to=2026-03-01T08:30:00Z", "Box 7@In2,from=2026-03-01T08:50:00Z");
    let start =
        ["shipment", "start", id, "--place", first, "--place", second, "--at", "2026-03-01T08:00:00Z"];
    home.answer(&[&start[..], &late].concat());
    let receive = ["shipment", "receive", id, "--at", "2026-03-01T09:45:00Z", "--seal", "intact"];
    let found = ["--count", "4", "--count", "5", "--expired", "2"];
    home.answer(&[&receive[..], &found, &late].concat());
    home.answer(&["ingest", id, &csv(&home, 8, 0), "--logger", "Box 7"]);
    let words = words(&home, id);
    for told in [
        "as one series from 2026-03-01T08:00:00Z until 2026-03-01T09:45:00Z; lines and shipment stand by the parts",
        "2 readings count for nothing: outside pick-up and receipt",
        "2 readings count for nothing: the logger was placed nowhere",
        "line 1 MMR: needs review (gap, count)",
        "line 2 HPV: needs review (gap, expired)",
    ] {
        assert!(words.contains(told), "{told}: {words}");
    }
    let lines = show(&home, id)["lines"].clone();
    assert_eq!((&lines[0]["found"], &lines[1]["found"]), (&json!(["count"]), &json!(["expired"])));
}

/// Two hours from `hour` o'clock in a file of that name, whose logger is placed nowhere; what `ingest` answers.
fn stranger(home: &TestHome, shipment: &str, name: &str, (hour, warm): (usize, usize)) -> Value {
    let text = std::fs::read_to_string(csv(home, hour, warm)).unwrap();
    let file = home.file(&format!("{name}.csv"), text);
    home.answer(&["ingest", shipment, file.to_str().unwrap()])
}

/// A shipment of one line from eight to ten o'clock, with this placed in it.
fn placed(home: &TestHome, item: &str, place: &str) -> String {
    let new = ["shipment", "new", "DN", "--profile", "cdc-refrigerator", "--package", "box", "--item", item];
    let shipment = home.answer(&new)["shipment"].as_str().unwrap().to_owned();
    let late = ["--reason", "recorded afterwards"];
    let start = ["shipment", "start", &shipment, "--place", place, "--at", "2026-03-01T08:00:00Z"];
    home.answer(&[&start[..], &late].concat());
    let receive = ["shipment", "receive", &shipment, "--at", "2026-03-01T10:00:00Z"];
    home.answer(&[&receive[..], &late].concat());
    shipment
}

#[test]
fn the_file_of_a_logger_that_never_travelled_makes_no_lost_loggers_line_in_range_and_its_heat_counts() {
    let home = home();
    let shipment = placed(&home, "MMR,lot=A1", "Box 7");
    home.answer(&["logger", "end", "Box 7", "--ended", "lost", "--reason", "fell off the lorry"]);
    assert_eq!(line(&home, &shipment)["reasons"], json!(["no-readings"]));
    let taken = stranger(&home, &shipment, "cool two", (8, 0));
    assert_eq!((&taken["placed_nowhere"], &taken["sealed"]), (&json!(13), &json!(13)));
    let note = taken["notes"].as_array().unwrap().last().unwrap().as_str().unwrap();
    for told in ["logger `cool two` is placed nowhere in this shipment", "fills no gap", "--logger NAME"] {
        assert!(note.contains(told), "{note}");
    }
    let shown = show(&home, &shipment);
    assert_eq!(shown["lines"][0]["reasons"], json!(["no-readings"]));
    assert_eq!(shown["lines"][0]["verdict"], "review");
    let reasons = shown["summary"]["reasons"].as_array().unwrap().clone();
    for reason in ["no-readings", "logger-missing", "provenance", "late-entry"] {
        assert!(reasons.contains(&json!(reason)), "{reasons:?}");
    }
    assert_eq!(shown["series"][0]["assessment"]["statistics"]["count"], 13, "it is shown");
    verified(&home, &shipment);

    stranger(&home, &shipment, "hot one", (8, 120));
    let shown = show(&home, &shipment);
    assert_eq!(
        (&shown["lines"][0]["verdict"], &shown["summary"]["verdict"]),
        (&json!("excursion"), &json!("excursion"))
    );
    assert!(shown["lines"][0]["reasons"].as_array().unwrap().contains(&json!("no-readings")));
    verified(&home, &shipment);
}

#[test]
fn the_file_of_a_logger_that_never_travelled_fills_no_gap_of_a_logger_that_was_taken_out_and_its_heat_counts()
{
    for (item, place) in [("MMR,lot=A1,package=box", "Box 7@box"), ("MMR,lot=A1", "Box 7")] {
        let home = home();
        let shipment = placed(&home, item, &format!("{place},to=2026-03-01T09:00:00Z"));
        let taken = home.answer(&["ingest", &shipment, &csv(&home, 8, 0), "--logger", "Box 7"]);
        assert!(taken["placed_nowhere"].is_null(), "{taken}");
        let before = show(&home, &shipment);
        assert_eq!(before["lines"][0]["reasons"], json!(["gap"]));
        stranger(&home, &shipment, "fridge", (9, 0));
        let shown = show(&home, &shipment);
        assert_eq!(shown["lines"][0]["reasons"], json!(["gap"]));
        assert_eq!(shown["summary"]["reasons"], before["summary"]["reasons"]);
        verified(&home, &shipment);
        stranger(&home, &shipment, "desk", (9, 120));
        let line = line(&home, &shipment);
        assert_eq!((&line["verdict"], &line["reasons"]), (&json!("excursion"), &json!(["gap"])), "{line}");
        verified(&home, &shipment);
    }
}

#[test]
fn where_nobody_placed_anything_a_file_that_is_taken_in_counts() {
    let home = home();
    let new = ["shipment", "new", "DN", "--profile", "cdc-refrigerator", "--item", "MMR,lot=A1"];
    let shipment = home.answer(&new)["shipment"].as_str().unwrap().to_owned();
    let late = ["--at", "2026-03-01T08:00:00Z", "--reason", "recorded afterwards"];
    home.answer(&[&["shipment", "start", &shipment][..], &late].concat());
    let taken = stranger(&home, &shipment, "cool", (8, 0));
    assert!(taken["placed_nowhere"].is_null(), "{taken}");
    assert_eq!(line(&home, &shipment)["verdict"], "ok");
}
