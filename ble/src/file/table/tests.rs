use super::super::text::Text;
use super::*;
use proptest::prelude::*;

fn mapping() -> Mapping {
    Mapping {
        time: vec!["Datum".into(), "Zeit".into()],
        temperature: "Temp".into(),
        humidity: Some("Feuchte".into()),
        ..Mapping::default()
    }
}

fn table(text: &str, mapping: &Mapping, zone: Option<&str>) -> Result<Table, FileError> {
    let zone = zone.map(|zone| Zone::parse(zone).unwrap());
    read(&Text::new(text.as_bytes())?.lines()?, mapping, Clocks { zone: zone.as_ref(), now: None })
}

#[test]
fn a_table_in_another_convention_is_read_by_its_mapping() {
    let text = "Schrank 3\n\nDatum;Zeit;Temp;Feuchte\n22.11.2026;09:30;4,5;51,2\n22.11.2026;09:40;--.-;\n";
    let read = table(text, &mapping(), Some("Europe/Berlin")).unwrap();
    assert_eq!(read.rows.len(), 1);
    let row = &read.rows[0];
    assert_eq!((row.line, row.temperature), (4, MilliCelsius(4500)));
    assert_eq!(row.humidity, Some(RelativeHumidity(512_000)));
    assert_eq!(row.time.at.to_rfc3339_at(row.time.offset), "2026-11-22T09:30:00+01:00");
    assert_eq!(row.raw, b"22.11.2026;09:30;4,5;51,2");
    let skipped: Vec<_> = read.skipped.iter().map(|one| (one.line, one.why.as_str())).collect();
    assert_eq!(skipped, [(1, "before the header"), (5, "no reading")]);
}

#[test]
fn what_exports_write_for_no_reading_costs_that_row_and_not_the_file() {
    for none in ["", "-", "---", "--.-", "N/A", "null", "NaN", "Error", "ERR", "\u{2014}"] {
        let text = format!("Datum;Zeit;Temp;Feuchte\n22.11.2026;09:30;4,5;51,2\n22.11.2026;09:40;{none};\n");
        let read = table(&text, &mapping(), Some("Z")).unwrap();
        assert_eq!((read.rows.len(), read.skipped.len()), (1, 1), "{none:?}");
    }
    let odd = "Datum;Zeit;Temp;Feuchte\n22.11.2026;09:30;4,5;51,2\n22.11.2026;09:40;warm;\n";
    assert_eq!(table(odd, &mapping(), Some("Z")).unwrap_err().code(), "file/bad-value");
}

#[test]
fn fahrenheit_and_kelvin_become_celsius_to_the_milli_degree() {
    for (text, unit, milli) in [
        ("46.4", TemperatureUnit::Fahrenheit, 8000),
        ("35.6", TemperatureUnit::Fahrenheit, 2000),
        ("-40", TemperatureUnit::Fahrenheit, -40_000),
        ("31.1", TemperatureUnit::Fahrenheit, -500),
        ("46.41", TemperatureUnit::Fahrenheit, 8006),
        ("281.15", TemperatureUnit::Kelvin, 8000),
    ] {
        assert_eq!(celsius(text, unit, false), Some(MilliCelsius(milli)), "{text}");
    }
}

#[test]
fn a_cell_that_cannot_be_read_refuses_the_table_by_its_line() {
    let head = "Datum,Zeit,Temp,Feuchte\n2026-11-22,09:30,4.5,50\n";
    for (row, code) in [
        ("2026-11-22,09:40,warm,50", "file/bad-value"),
        ("2026-11-22,09:40,5,wet", "file/bad-value"),
        ("2026-11-22,09:40,-300,50", "file/bad-value"),
        ("2026-11-22,25:40,5,50", "file/bad-time"),
        ("2026-11-22,09:40,5", "file/malformed-line"),
        ("2026-11-22,09:40,\"5,50", "file/malformed-line"),
        ("2026-11-22,09:40Z,5,50", "file/malformed-line"),
    ] {
        let error = table(&format!("{head}{row}\n"), &mapping(), Some("Z")).unwrap_err();
        assert_eq!(error.code(), code, "{row}: {error}");
        assert!(error.to_string().contains("line 3") || row.contains('Z'), "{row}: {error}");
    }
    let without = table("Datum,Zeit,Temp\n", &mapping(), Some("Z")).unwrap_err();
    assert_eq!(without.code(), "file/missing-column");
    assert_eq!(table(head, &mapping(), None).unwrap_err().code(), "file/zone-needed");
}

#[test]
fn a_row_with_more_cells_than_the_header_is_refused_and_empty_ones_at_its_end_are_not() {
    let codes = |head: &str, row: &str, more: &Mapping| {
        let read = table(&format!("{head}\n{row}\n"), more, Some("Z"));
        read.map(|table| table.rows[0].temperature.0)
            .map_err(|error| (error.code(), error.next_step().contains("decimal points"), error.to_string()))
    };
    let head = "Datum,Zeit,Temp,Feuchte";
    let comma = Mapping { decimal_comma: true, ..mapping() };
    for mapping in [&mapping(), &comma] {
        for (head, row, looks) in [
            (head, "5,0,50,0", true),
            (head, "8,9,50", true),
            (head, "-0,4,50,1,", true),
            ("Datum,Zeit,Temp,Feuchte,", "8,9,50", true),
            ("Datum,Zeit,Temp,Feuchte,", "8,9,N/A", true),
            ("Datum,Zeit,Temp,Feuchte,", "8,9,--", true),
            (head, "8,9,,", true),
            (head, "5,50,", true),
            (head, "5.0,50,open", false),
            (head, "--,50,open", false),
        ] {
            let refused = codes(head, &format!("2026-11-22,09:40,{row}"), mapping).unwrap_err();
            assert_eq!((refused.0, refused.1), ("ble/csv-malformed-row", looks), "{row}");
            assert!(refused.2.starts_with("line 2: "), "{}", refused.2);
        }
    }
    for (head, row) in [
        (head, "5.0,50,"),
        (head, "5.0,50,,, ,"),
        ("Datum,Zeit,Temp,Feuchte,", "5.0,50"),
        ("Datum,Zeit,Temp,Feuchte,", "5.0,50,°C"),
        (head, "\"5.0\",50"),
    ] {
        assert_eq!(codes(head, &format!("2026-11-22,09:40,{row}"), &mapping()), Ok(5000), "{row}");
    }
    assert_eq!(codes(head, "2026-11-22,09:40,\"8,9\",50", &comma), Ok(8900));
    let refused = codes("Datum;Zeit;Temp;Feuchte", "2026-11-22;09:40;8,9;50;0", &mapping()).unwrap_err();
    assert_eq!((refused.0, refused.1), ("ble/csv-malformed-row", false));
    assert_eq!(codes("Datum;Zeit;Temp;Feuchte;", "2026-11-22;09:40;8,9;50;0", &mapping()), Ok(8900));
}

#[test]
fn whole_degrees_before_a_column_of_one_digit_are_read_and_tenths_behind_a_comma_are_not() {
    let read = |head: &str, rows: &[&str], decimal_comma: bool| {
        let mapping = Mapping {
            time: vec!["Time".into()],
            temperature: "Temp".into(),
            decimal_comma,
            ..Mapping::default()
        };
        let row = |(minute, row): (usize, &&str)| format!("2026-11-22 08:{minute:02},{row}\n");
        let text = format!("{head}\n{}", rows.iter().enumerate().map(row).collect::<String>());
        let read = table(&text, &mapping, Some("Z"));
        read.map(|table| table.rows.iter().map(|row| row.temperature.0 / 1000).collect::<Vec<_>>()).ok()
    };
    let (note, events, alarm) = ("Time,Temp,Note", "Time,Temp,Events", "Time,Temp,Alarm,Mark");
    let up_and_down: Vec<&str> = ["5,1,,", "6,1,,"].into_iter().cycle().take(13).collect();
    let degrees: Vec<i32> = [5, 6].into_iter().cycle().take(13).collect();
    for (head, rows, whole) in [
        (events, &["5,0,", "6,0,", "5,0,"][..], &[5, 6, 5][..]),
        (events, &["5,0,"], &[5]),
        (alarm, &up_and_down, &degrees),
        ("Time,Temp,Pressure", &["5,10132,", "6,10094,"], &[5, 6]),
        (events, &["5.1,50,", "6,50,", "5.2,51,"], &[5, 6, 5]),
    ] {
        assert_eq!(read(head, rows, false), Some(whole.to_vec()), "{head} {rows:?}");
    }
    assert_eq!(read(events, &["5,0,", "6,0,"], true), Some(vec![5, 6]), "5.0 is 5");
    for (head, rows) in [
        (note, &["5,", "8,9,", "8,4,", "5,"][..]),
        (note, &["5,0,", "8,9,", "8,4,", "5,0,"]),
        (note, &["8,9,", "8,9,", "8,9,"]),
        (note, &["7,5,", "8,5,", "7,5,"]),
        (note, &["8,9,", "7,9,", "8,9,"]),
        (alarm, &up_and_down[..12]),
        (note, &["5,", "8,95,", "8,44,", "5,"]),
        (note, &["5,12,", "8,95,", "8,44,", "5,03,"]),
        (note, &["5,", "-0,44,", "-0,95,", "5,"]),
        (note, &["7,50,", "8,50,", "7,50,"]),
        (note, &["5,125,", "8,5,", "8,44,"]),
        (note, &["5,0,", "8,95,", "8,44,", "5,0,"]),
        (note, &["5,5,", "8,9375,", "8,4375,", "5,25,"]),
        (note, &["5,0625,", "8,9375,"]),
        (note, &["5,12 °C,", "8,95 °C,", "8,44 °C,", "5,03 °C,"]),
        (note, &["5,12,", "8,95C,"]),
        (events, &["5,0,", "6,12,", "5,0,"]),
        ("Time,Temp,Pressure", &["5,1013,", "6,1009,"]),
        (note, &["5,", "-0,4,", "-0,9,", "5,"]),
        (alarm, &["5,0,,", "5,1,,", "6,0,,"]),
        ("Time,Temp", &["5", "8,9", "8,4", "5"]),
    ] {
        assert_eq!(read(head, rows, false), None, "{head} {rows:?}");
        assert_eq!(read(head, rows, true), None, "{head} {rows:?}");
    }
    assert_eq!(read(alarm, &up_and_down, true), None, "who wrote it says that commas are decimal");
    let taken =
        |rows: &str| table(&format!("Datum,Zeit,Temp,Feuchte\n{rows}"), &mapping(), Some("Z")).is_ok();
    assert!(!taken("2026-11-22,09:40,5,0,\n"), "humidity is no 0 %");
    assert!(!taken("2026-11-22,09:40,5,12,\n2026-11-22,09:50,8,95,\n"), "nor are hundredths");
}

#[test]
fn where_decimal_commas_stand_between_commas_and_each_count_fits_a_note_says_what_was_read_as_whole() {
    let mapping = Mapping {
        time: vec!["Time".into()],
        temperature: "Temp".into(),
        decimal_comma: true,
        ..Mapping::default()
    };
    let split = |text: &str, mapping: &Mapping| table(text, mapping, Some("Z")).unwrap().maybe_split;
    let text = "Time,Temp,Note\n2026-11-22 08:00,8,9\n2026-11-22 08:10,8,door\n2026-11-22 08:20,\"8,4\",2\n";
    assert_eq!(split(text, &mapping), 1);
    assert_eq!(
        split(text.split("2026-11-22 08:20").next().unwrap(), &Mapping { decimal_comma: false, ..mapping }),
        0
    );
}

#[test]
fn two_columns_of_a_name_that_is_asked_for_are_refused() {
    let row = "2026-11-22,09:40,5,50,6\n";
    for (head, column) in [
        ("Datum,Zeit,Temp,Feuchte,Temp", "`Temp`"),
        ("Datum,Zeit,Temp,Feuchte,Zeit", "`Zeit`"),
        ("Datum,Zeit,Temp,Feuchte,Feuchte", "`Feuchte`"),
    ] {
        let error = table(&format!("{head}\n{row}"), &mapping(), Some("Z")).unwrap_err();
        assert_eq!((error.code(), error.to_string().contains(column)), ("file/ambiguous-column", true));
    }
    let other = table(&format!("Datum,Zeit,Temp,Feuchte,Alarm\n{row}"), &mapping(), Some("Z"));
    assert_eq!(other.unwrap().rows.len(), 1);
}

#[test]
fn a_row_with_its_own_offset_needs_no_zone() {
    let mapping = Mapping { time: vec!["when".into()], temperature: "t".into(), ..Mapping::default() };
    let read = table("when\tt\n2026-11-22T09:30:00+0100\t\"4,5\"\n", &mapping, None).unwrap();
    assert_eq!(read.rows[0].time.at.to_rfc3339(), "2026-11-22T08:30:00Z");
    assert_eq!(read.rows[0].temperature, MilliCelsius(4500));
}

#[test]
fn a_row_is_placed_by_the_zone_that_it_names_whatever_zone_is_given() {
    let mapping = Mapping {
        time: vec!["when".into()],
        temperature: "t".into(),
        time_format: Some("%d/%m/%Y %H:%M %Q".into()),
        ..Mapping::default()
    };
    let read = |rows: &[&str], zone: Option<&str>| {
        let text: String = rows.iter().map(|row| format!("{row};5\n")).collect();
        let read = table(&format!("when;t\n{text}"), &mapping, zone);
        let at = |row: &Row| row.time.at.to_rfc3339_at(row.time.offset);
        read.map(|table| (table.rows.iter().map(at).collect::<Vec<_>>(), table.is_local))
            .map_err(|error| error.code())
    };
    let rows =
        ["01/07/2026 08:05 Europe/Paris", "01/12/2026 08:15 Europe/Paris", "01/12/2026 08:25 Asia/Kolkata"];
    let at = ["2026-07-01T08:05:00+02:00", "2026-12-01T08:15:00+01:00", "2026-12-01T08:25:00+05:30"];
    for zone in [None, Some("Z"), Some("America/New_York")] {
        assert_eq!(read(&rows, zone), Ok((at.map(str::to_owned).to_vec(), false)), "{zone:?}");
    }
    let twice =
        ["01:50", "02:10", "02:50", "02:10", "03:10"].map(|time| format!("25/10/2026 {time} Europe/Paris"));
    let twice: Vec<&str> = twice.iter().map(String::as_str).collect();
    assert_eq!(read(&twice, None).unwrap().0[3], "2026-10-25T02:10:00+01:00");
    assert_eq!(read(&twice[1..2], Some("Z")), Err("file/time-ambiguous"));
    assert_eq!(read(&["29/03/2026 02:30 Europe/Paris"], Some("Z")), Err("file/time-in-gap"));
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        rows in proptest::collection::vec((0_i64..2_000_000_000, -40_000_i32..60_000, 0_u32..1_000_000), 1..20)
    ) {
        let mut rows = rows;
        rows.sort_unstable();
        let mut text = "Datum;Zeit;Temp;Feuchte\n".to_owned();
        for (seconds, milli, humidity) in &rows {
            let time = UtcMillis(seconds * 1000).to_rfc3339().replace('T', ";").replace('Z', "");
            let value = MilliCelsius(*milli).to_string().replace('.', ",");
            text += &format!("{time};{value};{}\n", *humidity as f64 / 1e4);
        }
        let read = table(&text, &mapping(), Some("Z")).unwrap();
        let back: Vec<_> = read
            .rows
            .iter()
            .map(|row| (row.time.at.0 / 1000, row.temperature.0, row.humidity.unwrap().0))
            .collect();
        prop_assert_eq!(back, rows);
    }

    #[test]
    fn no_text_makes_it_panic(rows in proptest::collection::vec("[0-9a-z;,.:\"/ \t-]{0,30}", 0..8)) {
        let text = format!("Datum;Zeit;Temp;Feuchte\n{}", rows.join("\n"));
        if let Ok(read) = table(&text, &mapping(), Some("Europe/Paris")) {
            prop_assert!(read.rows.len() + read.skipped.len() <= rows.len());
        }
    }
}
