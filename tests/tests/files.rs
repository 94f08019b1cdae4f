//! Loggers' own files through the `firn` command: shown beside the recomputed numbers, and into a shipment.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{TestHome, json, program, refusal, repository};
use serde_json::{Value, json};
use std::process::{Command, Output};

fn file(name: &str) -> String {
    repository(&format!("ble/fixtures/files/{name}")).to_str().unwrap().to_owned()
}

fn run(arguments: &[&str]) -> Output {
    Command::new(program()).args(arguments).output().unwrap()
}

fn import(arguments: &[&str]) -> Value {
    let output = run(&[&["import", "--json"], arguments].concat());
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    json(&output)
}

fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_q_tags_file_is_shown_with_its_own_numbers_beside_the_recomputed_ones() {
    let shown = import(&[&file("q-tag.txt")]);
    for field in
        ["device", "profile", "readings", "reported", "recomputed", "signature", "differences", "days"]
    {
        assert!(shown.get(field).is_some(), "{field}");
    }
    assert_eq!(names(&shown["reported"]), names(&shown["recomputed"]));
    assert_eq!(shown["readings"][0], json!({"time": "2022-11-08T04:49:00Z", "temperature_c": 4.4}));
    assert_eq!(shown["profile"]["mkt"]["delta_h_kj_mol"], 83.0);
    for number in ["min_c", "max_c", "mean_c", "mkt_c"] {
        let of = |side: &str| shown[side][number].as_f64().unwrap();
        assert!((of("reported") - of("recomputed")).abs() <= 0.1, "{number}");
    }
    assert_eq!(shown["signature"], "present-not-verified");
    let whys = shown["differences"].to_string() + &shown["notes"].to_string();
    assert!(whys.contains("measures every minute and logs every 10 minutes"), "{whys}");
    let words = String::from_utf8(run(&["import", &file("q-tag.txt")]).stdout).unwrap();
    assert!(words.contains("device") && words.contains("why they differ") && words.contains("10.471606"));
}

#[test]
fn local_times_are_printed_in_the_zone_that_was_given_or_asked_for() {
    let shown = import(&[&file("q-tag.txt"), "--zone", "Europe/Zurich"]);
    assert_eq!(shown["readings"][0]["time"], "2022-11-08T04:49:00+01:00");
    assert_eq!(shown["reported"]["alarms"][0]["triggered_at"], "2022-11-08T07:34:00+01:00");
    let home = TestHome::unmade();
    let csv = "Timestamp,Temperature_Celsius,Relative_Humidity\n2026-03-29 02:30:00,4.5,51.2\n";
    let path = home.file("govee.csv", csv);
    let path = path.to_str().unwrap();
    let code = |arguments: &[&str]| refusal(&run(&[&["--json", "import", path], arguments].concat()));
    assert_eq!(code(&[]), "file/zone-needed");
    assert_eq!(code(&["--zone", "Europe/Paris"]), "file/time-in-gap");
    assert_eq!(code(&["--zone", "Europe/Nowhere"]), "file/zone-unknown");
    assert_eq!(import(&[path, "--zone", "-03:30"])["readings"][0]["time"], "2026-03-29T02:30:00-03:30");
}

#[test]
fn summaries_of_days_are_shown_and_judged_without_samples() {
    let shown = import(&[&file("fridge-tag-2.txt")]);
    assert_eq!((&shown["readings"], &shown["recomputed"]["min_c"]), (&json!([]), &Value::Null));
    assert_eq!(shown["days"].as_array().unwrap().len(), 3);
    assert_eq!(shown["reported"]["verdict"], "excursion");
}

#[test]
fn a_table_in_another_convention_is_read_by_its_columns_and_judged_by_a_profile() {
    let home = TestHome::unmade();
    let path = home
        .file("fridge.csv", b"Datum;Zeit;Temp (\xB0C)\r\n22.11.2026;09:30;4,5\r\n22.11.2026;09:40;--.-\r\n");
    let columns = ["--time-column", "Datum", "--time-column", "Zeit", "--temperature-column", "Temp (°C)"];
    let rest = ["--zone", "Europe/Berlin", "--profile", "cdc-refrigerator"];
    let shown = import(&[&[path.to_str().unwrap()][..], &columns, &rest].concat());
    assert_eq!(shown["readings"], json!([{"time": "2026-11-22T09:30:00+01:00", "temperature_c": 4.5}]));
    assert_eq!(shown["skipped"][0]["line"], 3);
    assert_eq!(shown["recomputed"]["verdict"], "ok");
}

#[test]
fn decimals_behind_commas_between_commas_are_refused_wherever_a_file_is_read() {
    let home = TestHome::found();
    let shipment = home.shipment("DN-1", "cdc-refrigerator");
    let govee = "Timestamp,Temperature_Celsius,Relative_Humidity\n2026-11-22 08:00:00,8,9,50,1\n";
    let named = "When,Temp\n2026-11-22 08:00:00,-0,4\n";
    let columns = ["--time-column", "When", "--temperature-column", "Temp"];
    for (text, more) in
        [(govee, vec![]), (named, columns.to_vec()), (named, [&columns[..], &["--decimal-comma"]].concat())]
    {
        let path = home.file("commas.csv", text);
        let path = path.to_str().unwrap();
        for command in [vec!["import", path], vec!["ingest", &shipment, path, "--logger", "Box 7"]] {
            let output = home.run(&[&command[..], &["--zone", "Z"], &more].concat());
            assert_eq!(refusal(&output), "ble/csv-malformed-row", "{command:?}");
            let refused = json(&output);
            assert!(refused["why"].as_str().unwrap().contains("line 2"), "{refused}");
            assert!(refused["next_step"].as_str().unwrap().contains("decimal points"), "{refused}");
        }
    }
    assert_eq!(home.answer(&["shipment", "show", &shipment])["series"], json!([]), "nothing was taken");
}

#[test]
fn what_may_be_read_in_two_ways_is_asked_about() {
    let home = TestHome::found();
    let read = |text: &str, more: &[&str]| {
        let path = home.file("named.csv", text);
        let columns = ["--time-column", "When", "--temperature-column", "Temp", "--zone", "Z"];
        home.run(&[&["import", path.to_str().unwrap()], &columns[..], more].concat())
    };
    let twelve = "When,Temp\n11/22/2026 12:50,5\n11/22/2026 01:00,5\n";
    let code = refusal(&read(twelve, &["--time-format", "%m/%d/%Y %I:%M"]));
    assert_eq!(code, "file/am-pm");
    assert_eq!(refusal(&read("When,Temp,Temp\n2026-11-22 08:00,5,6\n", &[])), "file/ambiguous-column");
    let years = "When,Temp\n26/02/13 08:00,5\n26/02/14 08:00,5\n26/03/01 08:00,5\n";
    assert_eq!(refusal(&read(years, &[])), "file/date-order");
    let lines = json(&read("When,Temp\r2026-11-22 08:00,5\r2026-11-22 08:10,6\r", &[]));
    assert_eq!(lines["readings"].as_array().unwrap().len(), 2, "a CR alone ends a line");
    let split = read("When,Temp,Note\n2026-11-22 08:00,8,9\n", &["--decimal-comma"]);
    let notes = json(&split)["notes"].to_string();
    assert!(notes.contains("1 temperature was read as whole"), "{notes}");
}

#[test]
fn readings_of_another_year_than_the_shipment_are_told_where_they_are_taken_in() {
    let home = TestHome::found();
    let shipment = home.shipment("DN-1", "cdc-refrigerator");
    let at = ["--at", "2026-11-13T08:00:00Z", "--reason", "recorded afterwards"];
    home.answer(&[&["shipment", "start", &shipment][..], &at].concat());
    let path = home.file("day.csv", "When,Temp\n13/11/26 08:05,5\n13/11/26 08:15,6\n");
    let columns = ["--time-column", "When", "--temperature-column", "Temp", "--zone", "Z", "--time-format"];
    let taken = |format: &str| {
        let file = ["ingest", &shipment, path.to_str().unwrap(), "--logger", "Box 7"];
        home.answer(&[&file[..], &columns, &[format]].concat())
    };
    home.answer(&["logger", "add", "--label", "Box 7", "--family", "file"]);
    let wrong = taken("%y/%m/%d %H:%M");
    assert_eq!(wrong["far_from_pick_up"], 2);
    assert!(wrong["notes"][0].as_str().unwrap().contains("more than a year from"), "{wrong}");
    let right = taken("%d/%m/%y %H:%M");
    assert!(right["far_from_pick_up"].is_null() && right["notes"].is_null(), "{right}");
}

/// The formats that a refusal's next step names.
fn formats_of(refused: &Value) -> Vec<String> {
    let next_step = refused["next_step"].as_str().unwrap();
    let ways = next_step.split("--time-format \"").skip(1);
    ways.map(|way| way.split('"').next().unwrap().to_owned()).collect()
}

#[test]
fn what_a_refusal_says_of_the_order_of_dates_works_as_it_is_typed_for_every_kind_of_file() {
    let home = TestHome::found();
    let shipment = home.shipment("DN-1", "cdc-refrigerator");
    let columns = ["--time-column", "When", "--temperature-column", "Temp"];
    let two = ["--time-column", "Day", "--time-column", "Clock", "--temperature-column", "Temp"];
    for (place, (text, more)) in [
        ("When,Temp\n13/12/26 08:05,5\n13/12/26 08:15,6\n", &columns[..]),
        ("Day;Clock;Temp\n13.12.26;08:05;5,0\n13.12.26;08:15;6,0\n", &two[..]),
        ("Timestamp,Temperature_Celsius,Relative_Humidity\n13/12/26 08:05,5,50\n13/12/26 08:15,6,50\n", &[]),
        ("Date,Time,Temperature_Celsius,Relative_Humidity(%)\n13/12/26,8:05,5,5\n13/12/26,8:15,6,5\n", &[]),
        ("time,temperature_c\n13/12/26 08:05,5\n13/12/26 08:15,6\n", &[]),
    ]
    .into_iter()
    .enumerate()
    {
        let path = home.file(&format!("short{place}.csv"), text);
        let path = path.to_str().unwrap();
        for command in [vec!["import", path], vec!["ingest", &shipment, path]] {
            let told = [&command[..], &["--zone", "Z"], more].concat();
            let refused = home.run(&told);
            assert_eq!(refusal(&refused), "file/date-order", "{text}");
            let formats = formats_of(&json(&refused));
            assert_eq!(formats.len(), 2, "{formats:?}");
            for (format, year) in formats.iter().zip(["2026-12-13T08:", "2013-12-26T08:"]) {
                let read = home.answer(&[&told[..], &["--time-format", format]].concat());
                let times = read["readings"].as_array().map_or(2, Vec::len);
                assert_eq!(times, 2, "{read}");
                let first = read["readings"][0]["time"].as_str();
                assert!(first.is_none_or(|first| first.starts_with(year)), "{format}: {read}");
            }
        }
    }
    let berlinger = refusal(&home.run(&["import", &file("q-tag.txt"), "--time-format", "%Y"]));
    assert_eq!(berlinger, "file/bad-time", "its form is known");
}

#[test]
fn a_loggers_file_is_sealed_into_a_shipment_once_and_what_it_skips_is_told() {
    let home = TestHome::found();
    let shipment = home.shipment("DN-6", "cdc-refrigerator");
    home.answer(&[
        "shipment",
        "start",
        &shipment,
        "--at",
        "2022-06-07T00:00:00Z",
        "--reason",
        "recorded afterwards",
    ]);
    let taken = home.answer(&["ingest", &shipment, &file("fridge-tag-2-l.txt")]);
    assert_eq!((&taken["readings"], &taken["sealed"]), (&json!(410), &json!(410)));
    assert_eq!(taken["skipped"].as_array().unwrap().len(), 1);
    let again = home.answer(&["ingest", &shipment, &file("fridge-tag-2-l.txt")]);
    assert_eq!(again["sealed"], 0);
    let loggers = home.answer(&["logger", "list"]);
    assert_eq!(loggers.as_array().unwrap().len(), 1);
    assert!(loggers.to_string().contains("130500000001"), "{loggers}");
    let days = json(&home.run(&["ingest", &shipment, &file("fridge-tag-2.txt")]));
    assert_eq!(days["error"], "app/no-readings");
    assert!(days["next_step"].as_str().unwrap().contains("firn shipment quarantine"), "{days}");
    assert_eq!(home.answer(&["logger", "list"]), loggers);
    let shown = home.answer(&["shipment", "show", &shipment]);
    assert_eq!(shown["summary"]["verdict"], "excursion");
}

#[test]
fn a_table_of_firns_own_names_with_local_times_is_read_in_the_zone_that_was_given() {
    let home = TestHome::unmade();
    let path = |rows: &str| home.file("own.csv", format!("time,temperature_c\n{rows}\n"));
    let file = path("2026-01-29 02:30:00,4.5");
    let shown = import(&[file.to_str().unwrap(), "--zone", "Europe/Paris"]);
    assert_eq!(shown["readings"][0]["time"], "2026-01-29T02:30:00+01:00");
    let gap = path("2026-03-29 02:30:00,4.5");
    let refused = run(&["--json", "import", gap.to_str().unwrap(), "--zone", "Europe/Paris"]);
    assert_eq!(refusal(&refused), "file/time-in-gap");
    let other = home.file("other.csv", "time;temp\n2026-03-29T02:30:00Z;4.5\n");
    let refused = json(&run(&["--json", "import", other.to_str().unwrap()]));
    assert!(refused["next_step"].as_str().unwrap().contains("--temperature-column"), "{refused}");
    assert!(refused["next_step"].as_str().unwrap().contains("--unit f"), "{refused}");
}

#[test]
fn a_column_that_a_person_names_is_read_in_the_unit_that_its_header_says() {
    let home = TestHome::unmade();
    let rows = "2026-03-01T01:30:00Z,4.4\n2026-03-01T01:40:00Z,4.5\n";
    let path = home.file("f.csv", format!("Time,Temperature (°F)\n{rows}"));
    let columns = ["--time-column", "Time", "--temperature-column", "Temperature (°F)"];
    let named =
        |rest: &[&'static str]| [&["--json", "import", path.to_str().unwrap()][..], &columns, rest].concat();
    for unit in [&[][..], &["--unit", "f"]] {
        let shown = json(&run(&named(&[&["--profile", "cdc-refrigerator"], unit].concat())));
        assert_eq!(shown["readings"][0]["temperature_c"], -15.333, "{shown}");
        assert_eq!(shown["recomputed"]["verdict"], "excursion");
    }
    assert_eq!(refusal(&run(&named(&["--unit", "c"]))), "file/unit-contradicted");
}

#[test]
fn what_beside_a_column_says_its_unit_is_taken_and_named_as_such() {
    let home = TestHome::unmade();
    let rows = "Temperature Scale: F\nTime,Temp,Temp Scale,Door\n2026-03-01T01:00:00Z,4.4,Fahrenheit,shut\n";
    let path = home.file("u.csv", rows);
    let columns = ["--time-column", "Time", "--temperature-column", "Temp", "--profile", "cdc-refrigerator"];
    let shown = import(&[&[path.to_str().unwrap()][..], &columns].concat());
    assert_eq!(shown["readings"][0]["temperature_c"], -15.333, "{shown}");
    assert_eq!(shown["skipped"], json!([]), "a line that says the unit was taken");
    assert!(shown["notes"].to_string().contains("nothing is taken from these columns: Door\""), "{shown}");
}

#[test]
fn a_fahrenheit_beside_the_readings_that_is_not_said_to_be_theirs_is_asked_about() {
    let home = TestHome::unmade();
    let columns = ["--time-column", "Time", "--temperature-column", "Temp", "--profile", "cdc-refrigerator"];
    for head in [
        "Time,Temp,Temp max (°F)",
        "Time,Temp,High Alarm(°F)",
        "High Alarm: 46.4F, Low Alarm: 35.6F\nTime,Temp,Door",
        "Units: Imperial\nTime,Temp,Door",
    ] {
        let path = home.file("u.csv", format!("{head}\n2026-03-01T01:00:00Z,4.4,\n"));
        let named = [&[path.to_str().unwrap()][..], &columns].concat();
        let refused = run(&[&["--json", "import"][..], &named].concat());
        assert_eq!(refusal(&refused), "file/unit-unknown", "{head}");
        let shown = import(&[&named[..], &["--unit", "c"]].concat());
        assert_eq!(shown["readings"][0]["temperature_c"], 4.4, "{head}");
    }
}

#[test]
fn what_a_ruuvi_file_measured_beside_the_temperature_is_sealed_and_judged() {
    let home = TestHome::found();
    let profile = home.file(
        "profile.json",
        r#"{"name":"Box 2-8","limits":{"min_c":2.0,"max_c":8.0},"interval_s":600,
            "conditions":[{"quantity":"acceleration","max_mg":2000},{"quantity":"battery-voltage","min_mv":2400}]}"#,
    );
    let shipment = home.shipment("DN-1", profile.to_str().unwrap());
    let header = "Date,Temperature (°C),Relative humidity (%),Air pressure (Pa),RSSI (dBm),Acceleration X (g),\
                  Acceleration Y (g),Acceleration Z (g),Voltage (V),Movement counter";
    let file = home.file(
        "ruuvi.csv",
        format!("{header}\n2026-11-28 08:00:00,5.00,45,101325,-70,0,0,1,3.0,0\n2026-11-28 08:05:00,5.00,45,65000,-70,3.5,0,0,2.3,4\n"),
    );
    let taken = home.answer(&["ingest", &shipment, file.to_str().unwrap(), "--zone", "Z"]);
    assert!(taken["notes"][0].as_str().unwrap().contains("RSSI (dBm)"), "{taken}");
    let shown = home.answer(&["shipment", "show", &shipment]);
    let outcome = |quantity: &str| {
        let conditions = shown["conditions"].as_array().unwrap();
        let one = conditions.iter().find(|one| one["assessment"]["channel"]["quantity"] == quantity);
        one.unwrap_or_else(|| panic!("no {quantity}"))["assessment"]["outcome"].clone()
    };
    assert_eq!((outcome("acceleration"), outcome("battery-voltage")), (json!("out"), json!("out")));
    assert!(!outcome("pressure").is_null() && !outcome("movement").is_null());
}

/// A shipment that travelled from midnight to the minute `end` with this logger, whose export Govee's app wrote.
fn judged_by_export(every: u32, rows: &[(u32, f64)], end: u32, profile: &str, interval: &[&str]) -> Value {
    let home = TestHome::found();
    let shipment = home.shipment("DN-8", profile);
    home.answer(&[&["logger", "add", "--label", "Box 7", "--family", "file"], interval].concat());
    let at = |minute: u32| format!("2026-01-29T{:02}:{:02}:00Z", minute / 60, minute % 60);
    let late = ["--reason", "recorded afterwards"];
    let start = ["shipment", "start", &shipment, "--at", &at(0), "--logger", "Box 7"];
    home.answer(&[&start[..], &late[..]].concat());
    let header = format!(
        "Timestamp for sample frequency every {every} min min,Temperature_Celsius,Relative_Humidity\n"
    );
    let row = |(minute, value): &(u32, f64)| {
        format!("{},{value},50\n", at(*minute).replace('T', " ").replace('Z', ""))
    };
    let file = home.file("govee.csv", header + &rows.iter().map(row).collect::<String>());
    let file = file.to_str().unwrap();
    let taken = home.answer(&["ingest", &shipment, file, "--zone", "Z", "--logger", "Box 7"]);
    let receive = ["shipment", "receive", &shipment, "--at", &at(end)];
    home.answer(&[&receive[..], &late[..]].concat());
    let mut shown = home.answer(&["shipment", "show", &shipment]);
    shown["taken"] = taken;
    shown
}

#[test]
fn the_interval_that_a_file_tells_judges_its_gaps_whatever_its_logger_was_enrolled_with() {
    // Half-hourly readings of twelve hours in the heat are no gaps, though the profile's own interval is shorter.
    let hot: Vec<(u32, f64)> =
        (0..27).map(|place| (place * 30, if place == 0 { 4.0 } else { 9.0 })).collect();
    let shown = judged_by_export(30, &hot, 780, "who-30-day", &[]);
    assert_eq!(shown["summary"]["verdict"], "excursion", "{}", shown["summary"]);
    // Forty minutes of a five-minute logger without a reading are one, though the profile's own is longer.
    let hole: Vec<(u32, f64)> = (0..7).chain(14..19).map(|place| (place * 5, 4.0)).collect();
    for interval in [&[][..], &["--interval", "1800"], &["--interval", "300"]] {
        let shown = judged_by_export(5, &hole, 90, "cdc-refrigerator", interval);
        let reasons = shown["summary"]["reasons"].to_string();
        assert!(reasons.contains("\"gap\""), "{interval:?}: {reasons}");
        assert_eq!(shown["series"][0]["interval_s"], 300, "{interval:?}");
        let told = shown["taken"]["notes"].to_string().contains("gaps are judged by what the file says");
        assert_eq!(told, interval.contains(&"1800"), "{interval:?}: {}", shown["taken"]);
    }
}

/// A shipment of this profile whose logger's files are read in one after another: by Govee's app with an interval in
/// minutes, or a table that tells none. Each is read in twice, and the second time seals nothing.
fn judged_by_files(profile: &str, files: &[(Option<u32>, &[u32])]) -> Value {
    let home = TestHome::found();
    let profile = home.file("profile.json", profile);
    let shipment = home.shipment("DN-8", profile.to_str().unwrap());
    home.answer(&["logger", "add", "--label", "Box 7", "--family", "file"]);
    let late = ["--reason", "recorded afterwards"];
    let start = ["shipment", "start", &shipment, "--at", "2026-01-29T00:00:00Z", "--logger", "Box 7"];
    home.answer(&[&start[..], &late[..]].concat());
    for (every, minutes) in files {
        let header = match every {
            Some(every) => {
                format!("Timestamp for sample frequency every {every} min min,Temperature_Celsius")
            }
            None => "time,temperature_c".to_owned(),
        };
        let row = |minute: &u32| format!("\n2026-01-29 {:02}:{:02}:00,4.0", minute / 60, minute % 60);
        let file = home.file("read.csv", header + &minutes.iter().map(row).collect::<String>());
        let read = ["ingest", &shipment, file.to_str().unwrap(), "--zone", "Z", "--logger", "Box 7"];
        home.answer(&read);
        let again = home.answer(&read);
        assert_eq!((&again["sealed"], &again["entries"]), (&json!(0), &json!([])), "{again}");
    }
    let receive = ["shipment", "receive", &shipment, "--at", "2026-01-29T01:30:00Z"];
    home.answer(&[&receive[..], &late[..]].concat());
    home.answer(&["shipment", "show", &shipment])
}

#[test]
fn whichever_file_of_a_logger_is_read_first_the_shortest_interval_judges_its_gaps() {
    let profile = r#"{"name":"Box 2-8","version":1,"limits":{"min_c":2.0,"max_c":8.0},"interval_s":300}"#;
    let patient = profile.replace("300", "1800");
    // Nothing for forty minutes; and what a logger of thirty minutes measured meanwhile.
    let hole: Vec<u32> = (0..7).chain(14..19).map(|place| place * 5).collect();
    let slow = [0, 30, 60, 90];
    let app = (Some(5), &hole[..]);
    let table = (None, &hole[..]);
    let half_hourly = (Some(30), &slow[..]);
    let same = (None, &slow[..]);
    for (profile, files, interval_s) in [
        // A table is read first, then the app's own file of the same readings.
        (patient.as_str(), vec![table, app], 300),
        (patient.as_str(), vec![app, table], 300),
        // The interval of one file is not given to the readings of another.
        (profile, vec![half_hourly, table], 300),
        (profile, vec![table, half_hourly], 300),
        (patient.as_str(), vec![half_hourly, app], 300),
        (patient.as_str(), vec![app, half_hourly], 300),
        // What the app's own file holds as well has its interval, though a table told none.
        (profile, vec![half_hourly, same], 1800),
        (profile, vec![same, half_hourly], 1800),
    ] {
        let shown = judged_by_files(profile, &files);
        let series = &shown["series"][0];
        assert_eq!(series["interval_s"], interval_s, "{files:?}");
        let reasons = shown["summary"]["reasons"].to_string();
        assert_eq!(reasons.contains("\"gap\""), interval_s == 300, "{files:?}: {reasons}");
        let times: std::collections::BTreeSet<u32> =
            files.iter().flat_map(|(_, minutes)| *minutes).copied().collect();
        assert_eq!(series["points"].as_array().unwrap().len(), times.len(), "{files:?}: each once");
        assert_eq!(series["provenance"][0]["readings"], times.len(), "{files:?}: each once");
        let told = reasons.contains("conflict");
        assert!(!told, "{files:?}: {reasons}");
    }
}

#[test]
fn a_file_that_names_another_serial_number_than_its_loggers_is_refused_and_unnamed_goes_to_its_own_logger() {
    let home = TestHome::found();
    let add = |label: &str, serial: &[&str]| {
        let add = ["logger", "add", "--label", label, "--family", "file", "--interval", "600"];
        home.answer(&[&add[..], serial].concat());
    };
    add("Box 7", &["--serial", "rctest-001"]);
    add("Box 8", &["--serial", "RCTEST999"]);
    add("Box 9", &[]);
    let shipment = home.shipment("DN-9", "cdc-refrigerator");
    let start = ["shipment", "start", &shipment, "--at", "2022-11-08T04:49:00Z", "--reason", "recorded late"];
    home.answer(&[&start[..], &["--logger", "Box 7", "--logger", "Box 8", "--logger", "Box 9"]].concat());
    let file = file("q-tag.txt");
    let refused = json(&home.run(&["ingest", &shipment, &file, "--logger", "Box 8"]));
    assert_eq!(refused["error"], "app/other-logger", "{refused}");
    for part in ["RCTEST001", "Box 8", "RCTEST999"] {
        assert!(refused.to_string().contains(part), "{refused}");
    }
    let loggers = home.answer(&["logger", "list"]);
    let named = |label: &str| {
        let of = |logger: &&Value| logger["label"] == label;
        loggers.as_array().unwrap().iter().find(of).unwrap()["id"].clone()
    };
    let unnamed = home.answer(&["ingest", &shipment, &file]);
    assert_eq!(unnamed["logger"], named("Box 7"), "{unnamed}");
    assert!(unnamed["notes"].to_string().contains("Box 7"), "{unnamed}");
    assert_eq!(home.answer(&["logger", "list"]), loggers, "no second logger of that serial number");
    // Of one that is enrolled without a serial number nothing contradicts the file; it is told.
    let taken = home.answer(&["ingest", &shipment, &file, "--logger", "Box 9"]);
    assert!(taken["notes"].to_string().contains("enrolled without one"), "{taken}");
}
