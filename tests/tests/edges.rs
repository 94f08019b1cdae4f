//! The edges of what a file can hold, as `firn assess` and `firn ingest` answer them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{TestHome, json, program, refusal};
use serde_json::{Value, json};
use std::io::{BufWriter, Write};
use std::process::{Command, Output, Stdio};

const HEAD: &str = "time,temperature_c\n";

/// `firn assess` by CDC's refrigerator of what `write` writes, without a home.
fn assess(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send + 'static) -> Output {
    let mut child = Command::new(program())
        .args(["assess", "--json", "--profile", "cdc-refrigerator"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = BufWriter::new(child.stdin.take().unwrap());
    let writer = std::thread::spawn(move || write(&mut stdin).and_then(|()| stdin.flush()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    output
}

fn assess_text(text: &str) -> Output {
    let text = text.to_owned();
    assess(move |stdin| stdin.write_all(text.as_bytes()))
}

fn judged(text: &str) -> Value {
    let output = assess_text(text);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    json(&output)
}

#[test]
fn a_value_that_is_no_finite_temperature_is_refused_by_its_line_and_column() {
    let long = "9".repeat(400);
    for value in
        ["NaN", "inf", "-Infinity", "", "1e400", "1000.001", "-273.151", "\"5,2\"", "٥", long.as_str()]
    {
        let output = assess_text(&format!("{HEAD}2026-07-01T00:00:00Z,5\n2026-07-01T00:10:00Z,{value}\n"));
        assert_eq!(refusal(&output), "ble/csv-bad-temperature", "{value:?}");
        let why = json(&output)["why"].as_str().unwrap().to_owned();
        assert!(why.contains("line 3") && why.contains("column `temperature_c`"), "{why}");
    }
}

#[test]
fn a_time_that_is_none_is_refused_by_its_line_and_column() {
    for time in ["", "NaN", "yesterday", "2026-07-01", "2026-07-01T00:10:00", "2026-02-30T00:00:00Z", "1e400"]
    {
        let output = assess_text(&format!("{HEAD}2026-07-01T00:00:00Z,5\n{time},5\n"));
        assert_eq!(refusal(&output), "ble/csv-bad-time", "{time:?}");
        let why = json(&output)["why"].as_str().unwrap().to_owned();
        assert!(why.contains("line 3") && why.contains("column `time`"), "{why}");
    }
}

#[test]
fn a_file_with_one_bad_value_takes_nothing_in_and_loses_nothing_that_was_there() {
    let home = TestHome::found();
    let shipment = home.shipment("DN-1", "cdc-refrigerator");
    home.answer(&[
        "shipment",
        "start",
        &shipment,
        "--at",
        "2026-07-01T00:00:00Z",
        "--reason",
        "recorded afterwards",
    ]);
    let good = home.file("good.csv", format!("{HEAD}2026-07-01T00:00:00Z,5\n2026-07-01T00:10:00Z,5\n"));
    home.answer(&["ingest", &shipment, good.to_str().unwrap()]);
    let (log, shown) =
        (home.answer(&["log", "verify", "--deep"]), home.answer(&["shipment", "show", &shipment]));
    for value in ["NaN", "inf", "", "1e400"] {
        let bad =
            home.file("bad.csv", format!("{HEAD}2026-07-01T00:20:00Z,5\n2026-07-01T00:30:00Z,{value}\n"));
        assert_eq!(home.refusal(&["ingest", &shipment, bad.to_str().unwrap()]), "ble/csv-bad-temperature");
    }
    assert_eq!(home.answer(&["log", "verify", "--deep"]), log);
    assert_eq!(home.answer(&["shipment", "show", &shipment]), shown);
}

#[test]
fn a_file_without_a_row_is_a_review_for_want_of_readings_and_one_row_is_judged_by_itself() {
    let nothing = judged(HEAD);
    assert_eq!((&nothing["verdict"], &nothing["reasons"]), (&json!("review"), &json!(["no-readings"])));
    assert_eq!((&nothing["statistics"]["count"], &nothing["statistics"]["span_s"]), (&json!(0), &json!(0)));
    assert_eq!(refusal(&assess_text("")), "ble/csv-missing-column", "not even a header");
    let one = judged(&format!("{HEAD}2026-07-01T00:00:00Z,8.0\n"));
    assert_eq!((&one["verdict"], &one["statistics"]["count"]), (&json!("ok"), &json!(1)));
    assert_eq!((&one["statistics"]["span_s"], &one["statistics"]["mkt_c"]), (&json!(0), &json!(8.0)));
    let hot = judged(&format!("{HEAD}2026-07-01T00:00:00Z,8.1\n"));
    assert_eq!((&hot["verdict"], &hot["excursions"][0]["duration_s"]), (&json!("excursion"), &json!(0)));
}

#[test]
fn rows_in_any_order_are_judged_as_the_sorted_ones_and_of_equal_times_the_worse_decides() {
    let rows = ["00:00:00Z,5", "00:10:00Z,9", "00:10:00Z,4", "00:20:00Z,5", "00:30:00Z,1.9", "00:40:00Z,5"];
    let table = |order: [usize; 6]| {
        let rows: Vec<String> = order.iter().map(|row| format!("2026-07-01T{}\n", rows[*row])).collect();
        judged(&format!("{HEAD}{}", rows.concat()))
    };
    let sorted = table([0, 1, 2, 3, 4, 5]);
    assert_eq!(sorted["statistics"]["count"], 6);
    assert_eq!(
        (&sorted["statistics"]["above_s"], &sorted["statistics"]["below_s"]),
        (&json!(600), &json!(600))
    );
    for order in [[5, 4, 3, 2, 1, 0], [3, 0, 5, 1, 4, 2], [2, 1, 0, 5, 4, 3]] {
        assert_eq!(table(order), sorted);
    }
}

#[test]
fn years_from_0_through_1970_and_2106_to_9999_are_judged_and_printed_as_they_were_written() {
    for (from, to) in [
        ("0000-01-01T00:00:00Z", "0000-01-01T00:10:00Z"),
        ("1969-12-31T23:55:00Z", "1970-01-01T00:05:00Z"),
        ("1970-01-01T00:00:00+01:00", "1970-01-01T00:10:00+01:00"),
        ("2038-01-19T03:10:00Z", "2038-01-19T03:20:00Z"),
        ("2106-02-07T06:25:00Z", "2106-02-07T06:35:00Z"),
        ("9999-12-31T23:49:59Z", "9999-12-31T23:59:59Z"),
    ] {
        let assessment = judged(&format!("{HEAD}{from},9\n{to},5\n"));
        let excursion = &assessment["excursions"][0];
        assert_eq!((&excursion["begin"], &excursion["end"]), (&json!(from), &json!(to)));
        assert_eq!((&excursion["duration_s"], &assessment["gaps"]), (&json!(600), &json!([])));
    }
    let year = assess_text(&format!("{HEAD}10000-01-01T00:00:00Z,5\n"));
    assert_eq!(refusal(&year), "ble/csv-bad-time", "RFC 3339 ends with the year 9999");
}

/// So many minutes from 2000 on, 9 °C in the last but one, and what `firn assess` makes of them.
fn minutes(count: u64) -> Value {
    let output = assess(move |stdin| {
        stdin.write_all(HEAD.as_bytes())?;
        for number in 0..count {
            let (day, minute) = (number / 1440, number % 1440);
            // Months of 28 days leave out days, which are gaps, and need no calendar.
            let (year, month, day) = (2000 + day / 336, day / 28 % 12 + 1, day % 28 + 1);
            let value = if number + 2 == count { "9" } else { "5" };
            let (hour, minute) = (minute / 60, minute % 60);
            writeln!(stdin, "{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:00Z,{value}")?;
        }
        Ok(())
    });
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    json(&output)
}

fn assert_all_counted(assessment: &Value, count: u64) {
    assert_eq!(assessment["statistics"]["count"], count);
    let excursions = assessment["excursions"].as_array().unwrap();
    assert_eq!((excursions.len(), &excursions[0]["duration_s"]), (1, &json!(60)));
}

#[test]
fn a_hundred_thousand_rows_are_judged_and_the_one_that_is_out_is_found() {
    assert_all_counted(&minutes(100_000), 100_000);
}

#[test]
#[ignore = "long: ten million rows through an unoptimised program"]
fn ten_million_rows_are_judged_and_the_one_that_is_out_is_found() {
    assert_all_counted(&minutes(10_000_000), 10_000_000);
}
