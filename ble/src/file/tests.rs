//! What a person says of a file, held against what the file says.

use super::*;
use TemperatureUnit::{Celsius, Fahrenheit, Kelvin};
use firn_model::units::MilliCelsius;

const Q_TAG: &[u8] = include_bytes!("../../fixtures/files/q-tag.txt");

fn said(unit: TemperatureUnit) -> Options {
    Options { zone: Some(Zone::parse("Z").unwrap()), unit: Some(unit), ..Options::default() }
}

#[test]
fn a_unit_that_a_known_file_contradicts_refuses_it_and_one_that_agrees_does_not() {
    let row = "2026-11-22 09:30:00,40.1,51.2";
    let zoned = "2026-11-22T09:30:00Z,4.5";
    for (text, unit) in [
        (format!("time,temperature_c\n{zoned}\n"), Celsius),
        ("time;temperature_c\n2026-11-22 09:30:00;4,5\n".to_owned(), Celsius),
        (format!("Date,Temperature (°C),Humidity (%),RSSI (dBm)\n{row},-60\n"), Celsius),
        (format!("Date,Temperature (°F),Humidity (%),RSSI (dBm)\n{row},-60\n"), Fahrenheit),
        (format!("Timestamp,Temperature_Fahrenheit,Relative_Humidity\n{row}\n"), Fahrenheit),
        (format!("Datetime,Temperature_Celsius,Relative_Humidity(%)\n{row}\n"), Celsius),
        (String::from_utf8(Q_TAG.to_vec()).unwrap(), Celsius),
    ] {
        let first = text.lines().next().unwrap().to_owned();
        for given in [Celsius, Fahrenheit, Kelvin] {
            let read = read(text.as_bytes(), &said(given));
            let code = read.as_ref().map(|_| ()).map_err(FileError::code);
            let wanted = if given == unit { Ok(()) } else { Err("file/unit-contradicted") };
            assert_eq!(code, wanted, "{first}: {given:?}");
        }
    }
    let zoned = format!("time,temperature_c\n{zoned}\n");
    let by_offset = Options { zone: None, ..said(Fahrenheit) };
    assert_eq!(read(zoned.as_bytes(), &by_offset).unwrap_err().code(), "file/unit-contradicted");
}

#[test]
fn a_column_of_units_or_a_line_above_the_header_says_the_unit() {
    let mapping = Mapping { time: vec!["Time".into()], temperature: "Temp".into(), ..Mapping::default() };
    let first = |text: &str, unit| {
        let options = Options { zone: None, mapping: Some(mapping.clone()), unit, ..Options::default() };
        read(text.as_bytes(), &options).map(|file| file.rows[0].temperature).map_err(|error| error.code())
    };
    let at = "2026-11-22T09:30:00Z";
    let fahrenheit = Ok(MilliCelsius(4500));
    for text in [
        format!("Time,Temp,Unit\n{at},40.1,F\n{at},40.1,°F\n"),
        format!("Temperature unit: °F\nTime,Temp\n{at},40.1\n"),
    ] {
        assert_eq!(first(&text, None), fahrenheit, "{text}");
        assert_eq!(first(&text, Some(Fahrenheit)), fahrenheit, "{text}");
        assert_eq!(first(&text, Some(Celsius)), Err("file/unit-contradicted"), "{text}");
    }
    for text in [
        format!("Time,Temp,Unit\n{at},40.1,F\n{at},4.5,C\n"),
        format!("High alarm 46.4 °F\nTime,Temp\n{at},40.1\n"),
    ] {
        assert_eq!(first(&text, None), Err("file/unit-unknown"), "{text}");
        assert_eq!(first(&text, Some(Fahrenheit)), fahrenheit, "{text}");
    }
    assert_eq!(first(&format!("Time,Temp,Unit\n{at},4.5,Fridge\n"), None), Ok(MilliCelsius(4500)));
    let own = format!("time,temperature_c,unit\n{at},40.1,F\n");
    let own = read(own.as_bytes(), &Options::default()).unwrap_err();
    assert_eq!(own.code(), "file/unit-unknown");
}

#[test]
fn decimals_behind_a_comma_between_commas_refuse_every_known_export() {
    for (head, rows) in [
        (
            "Timestamp for sample frequency every 10 min min,Temperature_Celsius,Relative_Humidity",
            ["2026-11-22 08:00:00,5,0,50,0", "2026-11-22 08:10:00,8,9,50,1"],
        ),
        (
            "Date,Time,Temperature_Celsius,Relative_Humidity(%),",
            ["2026/11/22,08:00,5,0,50,", "2026/11/22,08:10,8,9,50,"],
        ),
        (
            "Date,Temperature (°C),Relative humidity (%),RSSI (dBm)",
            ["2026-11-22 08:00:00,5,0,40,-70", "2026-11-22 08:10:00,8,9,40,-70"],
        ),
        ("time,temperature_c", ["2026-11-22 08:00:00,5,0", "2026-11-22 08:10:00,-0,4"]),
    ] {
        let options = Options { zone: Some(Zone::parse("Z").unwrap()), ..Options::default() };
        let error = read(format!("{head}\n{}\n", rows.join("\n")).as_bytes(), &options).unwrap_err();
        assert_eq!(error.code(), "ble/csv-malformed-row", "{head}");
        assert!(
            error.to_string().starts_with("line 2: ") && error.next_step().contains("decimal points"),
            "{error}"
        );
    }
}

#[test]
fn decimals_behind_a_comma_are_refused_too_where_a_whole_number_has_none_and_each_line_ends_in_a_comma() {
    let options = Options { zone: Some(Zone::parse("Z").unwrap()), ..Options::default() };
    let code = |rows: &[&str]| {
        let text = format!("Date,Temperature (°C),Relative humidity (%),RSSI (dBm)\n{}\n", rows.join("\n"));
        read(text.as_bytes(), &options).map(|file| file.rows.len()).map_err(|error| error.code())
    };
    let (whole, split) = ("2026-11-22 08:00:00,5,,", "2026-11-22 08:10:00,8,9,,");
    assert_eq!(code(&[whole, split, "2026-11-22 08:20:00,8,4,,"]), Err("ble/csv-malformed-row"));
    assert_eq!(code(&[whole, "2026-11-22 08:10:00,8.9,,"]), Ok(2));
    assert_eq!(code(&["2026-11-22 08:00:00,5.5,40,-70,", "2026-11-22 08:10:00,8.9,40,-70,"]), Ok(2));
}

#[test]
fn an_export_whose_lines_end_in_cr_alone_is_read() {
    let options = Options { zone: Some(Zone::parse("Z").unwrap()), ..Options::default() };
    let text = "Timestamp,Temperature_Celsius,Relative_Humidity\r2026-11-22 08:00:00,5.0,50\r";
    let file = read(text.as_bytes(), &options).unwrap();
    assert_eq!((file.rows.len(), file.rows[0].raw.as_slice()), (1, &b"2026-11-22 08:00:00,5.0,50"[..]));
    let own = read(b"time,temperature_c\r2026-11-22T08:00:00Z,5\r", &Options::default()).unwrap();
    assert_eq!((own.rows[0].line, own.rows[0].raw.as_slice()), (2, &b"2026-11-22T08:00:00Z,5"[..]));
}
