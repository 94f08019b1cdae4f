//! The `firn` command end to end: real recordings in, signed entries and verdicts out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{TestHome, json, program, refusal, repository};
use serde_json::{Value, json};
use std::process::{Command, Stdio};

const DOWNLOAD: &str = "ble/fixtures/ruuvitag-download.jsonl";

/// A journey of six hours: in range, two hours at 9 °C, a gap of three hours, in range again.
const JOURNEY: &str = "time,temperature_c\n\
    2026-03-01T08:00:00+01:00,5.0\n2026-03-01T08:30:00+01:00,8.0\n2026-03-01T09:00:00+01:00,9.0\n\
    2026-03-01T09:30:00+01:00,9.0\n2026-03-01T10:00:00+01:00,5.0\n2026-03-01T13:00:00+01:00,5.0\n\
    2026-03-01T13:30:00+01:00,2.0\n";

fn with_stdin(arguments: &[&str], input: &str) -> std::process::Output {
    use std::io::Write;
    let mut child = Command::new(program())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap_or_default();
    output
}

#[test]
fn a_real_tags_recorded_download_gives_its_1023_samples() {
    let recording = std::fs::read_to_string(repository(DOWNLOAD)).unwrap();
    let output = with_stdin(&["replay", "--device", "ruuvitag"], &recording);
    assert!(output.status.success());
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 1023);
    assert_eq!(lines[0]["time"], "2019-11-05T08:35:46Z");
    assert_eq!(lines[0]["temperature_mc"], 21_390);
    assert!(lines.iter().all(|line| line["pressure_pa"].is_u64() && line["humidity_pct"].is_f64()));
}

#[test]
fn every_line_of_adverts_is_answered_by_one_line_also_a_truncated_one() {
    let good = r#"{"manufacturer_data":{"0499":"0512fc5394c37c0004fffc040cac364200cdcbb8334c884f"}}"#;
    let short = r#"{"manufacturer_data":{"0499":"0512fc53"}}"#;
    let output = with_stdin(&["decode"], &format!("{good}\n{short}\nnot json\n"));
    assert!(output.status.success());
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["readings"][0]["temperature_mc"], 24_300);
    assert_eq!((&lines[1]["ok"], &lines[2]["ok"]), (&json!(false), &json!(false)));
    assert!(lines[1]["error"].as_str().unwrap().starts_with("ble/"));
}

#[test]
fn an_assessment_is_printed_in_the_offset_of_the_readings() {
    let output = with_stdin(&["assess", "--profile", "cdc-refrigerator"], JOURNEY);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let assessment = json(&output);
    assert_eq!(assessment["rules"], "firn-assess-1");
    assert_eq!(assessment["verdict"], "excursion");
    let excursion = &assessment["excursions"][0];
    assert_eq!(excursion["begin"], "2026-03-01T09:00:00+01:00");
    assert_eq!(excursion["end"], "2026-03-01T10:00:00+01:00");
    assert_eq!(excursion["duration_s"], 3600);
    assert_eq!(assessment["gaps"][0]["duration_s"], 10_800);
    assert_eq!(assessment["statistics"]["count"], 7);
    let seconds = |name: &str| assessment["statistics"][name].as_i64().unwrap();
    let parts = ["in_range_s", "above_s", "below_s", "no_data_s"].map(seconds).iter().sum::<i64>();
    assert_eq!(parts, seconds("span_s"));
}

#[test]
fn a_shipments_readings_are_sealed_once_judged_signed_and_verified() {
    let home = TestHome::found();
    let csv = home.file("journey.csv", JOURNEY);
    let shipment = home.shipment("DN-4711", "cdc-refrigerator");
    home.answer(&[
        "shipment",
        "start",
        &shipment,
        "--at",
        "2026-03-01T08:00:00+01:00",
        "--reason",
        "recorded afterwards",
    ]);
    let taken = home.answer(&["ingest", &shipment, csv.to_str().unwrap()]);
    assert_eq!((&taken["readings"], &taken["sealed"]), (&json!(7), &json!(7)));
    let again = home.answer(&["ingest", shipment.get(..8).unwrap(), csv.to_str().unwrap()]);
    assert_eq!(again["sealed"], 0);
    let shown = home.answer(&["shipment", "show", shipment.get(..6).unwrap()]);
    assert_eq!(shown["summary"]["verdict"], "excursion");
    assert_eq!(shown["series"][0]["points"].as_array().unwrap().len(), 7);
    let listed = home.answer(&["shipment", "list"]);
    assert_eq!(listed[0], shown["summary"]);
    let verified = home.answer(&["log", "verify", "--deep"]);
    assert_eq!((&verified["ok"], &verified["first_bad"]), (&json!(true), &Value::Null));
    let entries = home.answer(&["log", "show"]);
    let what: Vec<&str> = entries.as_array().unwrap().iter().map(|e| e["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["genesis", "shipment", "started", "assessment", "logger", "readings", "assessment"]);
}

#[test]
fn a_shipment_runs_from_pick_up_to_quarantine_and_decision() {
    let home = TestHome::found();
    let csv = home.file("journey.csv", JOURNEY);
    let shipment = home.shipment("DN-1", "cdc-refrigerator");
    assert_eq!(home.refusal(&["shipment", "receive", &shipment]), "app/out-of-order");
    home.answer(&[
        "shipment",
        "start",
        &shipment,
        "--at",
        "2026-03-01T08:00:00+01:00",
        "--reason",
        "recorded afterwards",
    ]);
    home.answer(&["ingest", &shipment, csv.to_str().unwrap()]);
    let reject = ["shipment", "dispose", &shipment, "--decision", "reject", "--reason", "two hours at 9 °C"];
    assert_eq!(home.refusal(&reject), "app/out-of-order");
    home.answer(&[
        "shipment",
        "receive",
        &shipment,
        "--at",
        "2026-03-01T13:30:00+01:00",
        "--reason",
        "recorded afterwards",
    ]);
    let shown = home.answer(&["shipment", "show", &shipment]);
    assert_eq!(shown["summary"]["stock"], "quarantine");
    home.answer(&reject);
    home.answer(&["shipment", "close", &shipment]);
    let shown = home.answer(&["shipment", "show", &shipment]);
    assert_eq!(
        (&shown["summary"]["stock"], &shown["summary"]["phase"]),
        (&json!("rejected"), &json!("closed"))
    );
    // What was measured is taken in after the close as well; this is held already.
    assert_eq!(home.answer(&["ingest", &shipment, csv.to_str().unwrap()])["sealed"], 0);
}

#[test]
fn the_recorded_download_is_sealed_into_a_shipment() {
    let home = TestHome::found();
    let shipment = home.shipment("DN-2", "cdc-refrigerator");
    home.answer(&["logger", "add", "--label", "Box 7", "--interval", "6"]);
    home.answer(&[
        "shipment",
        "start",
        &shipment,
        "--logger",
        "Box 7",
        "--at",
        "2019-11-05T08:35:00Z",
        "--reason",
        "recorded afterwards",
    ]);
    let recording = repository(DOWNLOAD);
    let taken = home.answer(&["ingest", &shipment, recording.to_str().unwrap(), "--logger", "Box 7"]);
    assert_eq!((&taken["readings"], &taken["sealed"]), (&json!(1023), &json!(3 * 1023)));
    let again = home.answer(&["ingest", &shipment, recording.to_str().unwrap(), "--logger", "Box 7"]);
    assert_eq!(again["sealed"], 0);
}

#[test]
fn bad_input_gives_a_code_and_leaves_what_was_stored() {
    let home = TestHome::found();
    let shipment = home.shipment("DN-3", "cdc-refrigerator");
    let before = home.answer(&["log", "verify"]);
    let wrong_column = home.file("wrong.csv", "when,temperature_c\n2026-03-01T08:00:00Z,5\n");
    let wrong_value =
        home.file("value.csv", "time,temperature_c\n2026-03-01T08:00:00Z,5\n2026-03-01T09:00:00Z,--.-\n");
    let broken = home.file("broken.jsonl", "{\"dir\":\"notify\",\"hex\":\"3a\"}\n");
    let ingest = |path: &std::path::Path| home.refusal(&["ingest", &shipment, path.to_str().unwrap()]);
    assert_eq!(ingest(&wrong_column), "ble/csv-missing-column");
    assert_eq!(ingest(&wrong_value), "ble/csv-bad-temperature");
    assert_eq!(ingest(&broken), "ble/no-request");
    assert_eq!(home.refusal(&["shipment", "show", "zzzzzz"]), "app/not-found");
    assert_eq!(home.refusal(&["shipment", "start", &shipment, "--at", "yesterday"]), "cli/time");
    let profile = home.file("profile.json", r#"{"limits":{"min_c":8,"max_c":2},"interval_s":600}"#);
    assert!(
        home.refusal(&["shipment", "new", "x", "--profile", profile.to_str().unwrap()])
            .starts_with("profile/")
    );
    assert_eq!(home.answer(&["log", "verify"]), before);
}

#[test]
fn a_home_in_use_of_a_newer_version_or_under_another_passphrase_is_left_alone() {
    let home = TestHome::found();
    let before = home.answer(&["log", "verify"]);
    let lock = std::fs::File::options().write(true).open(home.path().join("lock")).unwrap();
    lock.try_lock().unwrap();
    assert_eq!(home.refusal(&["shipment", "new", "x"]), "home/in-use");
    assert_eq!(home.answer(&["shipment", "list"]), json!([]));
    drop(lock);
    let mut other = home.command(&["shipment", "new", "x"]);
    let wrong = home.file("wrong", "another passphrase\n");
    assert_eq!(refusal(&other.env("FIRN_PASSPHRASE_FILE", wrong).output().unwrap()), "home/wrong-passphrase");
    let format = home.path().join("format");
    let text = std::fs::read_to_string(&format).unwrap();
    std::fs::write(&format, "firn-home 999\n").unwrap();
    assert_eq!(home.refusal(&["shipment", "list"]), "home/newer-version");
    // A home of the preview opens nowhere here, whatever is asked of it, and no byte of it changes.
    std::fs::write(&format, "firn-home 0\n").unwrap();
    for arguments in [&["shipment", "list"][..], &["shipment", "new", "x"], &["log", "verify"], &["id"]] {
        assert_eq!(home.refusal(arguments), "home/preview");
    }
    assert_eq!(std::fs::read_to_string(&format).unwrap(), "firn-home 0\n");
    std::fs::write(&format, text).unwrap();
    assert_eq!(home.answer(&["log", "verify"]), before);
    assert_eq!(home.refusal(&["init"]), "home/exists");
    assert_eq!(TestHome::unmade().refusal(&["shipment", "list"]), "home/missing");
}

#[test]
#[cfg(unix)]
fn a_full_disk_is_told_and_what_was_stored_stays() {
    let home = TestHome::found();
    let shipment = home.shipment("DN-5", "cdc-refrigerator");
    let before = home.answer(&["log", "verify"]);
    let size = std::fs::metadata(home.path().join("firn.db")).unwrap().len();
    // The recording needs far more than 16 KiB; the shell counts file sizes in blocks of 512 bytes.
    let limit = (size + 16 * 1024) / 512;
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -f \"$1\"; shift; exec \"$@\"", "sh", &limit.to_string()]).arg(program());
    home.prepare(&mut shell);
    let output = shell.args(["ingest", &shipment]).arg(repository(DOWNLOAD)).output().unwrap();
    assert_eq!(refusal(&output), "store/full");
    let after = home.answer(&["log", "verify", "--deep"]);
    assert_eq!(after["ok"], true);
    // The logger of the file was enrolled before its readings found no room.
    assert!(after["logs"][0]["size"].as_u64() <= before["logs"][0]["size"].as_u64().map(|size| size + 1));
    assert_eq!(home.answer(&["shipment", "show", &shipment])["series"], json!([]));
    home.answer(&["ingest", &shipment, repository(DOWNLOAD).to_str().unwrap()]);
}

#[test]
fn a_flipped_byte_is_named_or_harmless_and_never_another_answer() {
    let home = TestHome::found();
    let csv = home.file("journey.csv", JOURNEY);
    let shipment = home.shipment("DN-4711", "cdc-refrigerator");
    home.answer(&["ingest", &shipment, csv.to_str().unwrap()]);
    let answers = |home: &TestHome| {
        [
            home.run(&["log", "verify"]),
            home.run(&["shipment", "list"]),
            home.run(&["shipment", "show", &shipment]),
        ]
    };
    let good = answers(&home);
    let database = home.path().join("firn.db");
    let bytes = std::fs::read(&database).unwrap();
    let mut found = 0;
    for position in (5..bytes.len()).step_by(bytes.len() / 61) {
        let mut bad = bytes.clone();
        bad[position] ^= 0x40;
        std::fs::write(&database, &bad).unwrap();
        for (answer, good) in answers(&home).iter().zip(&good) {
            match answer.status.code() {
                Some(0) => assert_eq!(answer.stdout, good.stdout, "byte {position}"),
                Some(1) => {
                    let told = json(answer);
                    let named = told["first_bad"]["sequence"].is_u64() || told["damaged"]["what"].is_string();
                    assert!(named, "byte {position}: {told}");
                    found += 1;
                }
                _ => {
                    let code = refusal(answer);
                    assert!(
                        code.starts_with("store/") || code.starts_with("ledger/"),
                        "byte {position}: {code}"
                    );
                    found += 1;
                }
            }
        }
    }
    std::fs::write(&database, &bytes).unwrap();
    assert!(found > 0);
    assert_eq!(home.answer(&["log", "verify", "--deep"])["ok"], true);
}

#[test]
fn arguments_that_cannot_be_read_are_told_as_json_where_that_is_asked_for() {
    let home = TestHome::unmade();
    for wrong in [
        &["root", "restore", "one", "two", "three"][..],
        &["device", "revoke", "Van phone", "--reason", "dog"],
        &["shipment"],
        &["nothing"],
    ] {
        let output = home.run(wrong);
        assert_eq!(refusal(&output), "cli/arguments", "{wrong:?}");
        let why = json(&output)["why"].as_str().unwrap().to_owned();
        assert!(!why.contains("Usage") && !why.contains("For more"), "{why}");
    }
    let plain = |arguments: &[&str]| Command::new(program()).args(arguments).output().unwrap();
    let words = plain(&["root", "restore", "one", "two", "--json-not", "three"]);
    assert_eq!((words.status.code(), words.stdout.len()), (Some(2), 0), "words for a person, as ever");
    for asked in ["--help", "--version"] {
        let output = plain(&["--json", asked]);
        assert!(
            output.status.success() && output.stdout.starts_with(b"Firn")
                || output.stdout.starts_with(b"firn")
        );
    }
}
