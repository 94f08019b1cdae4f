use super::super::{FileFormat, LoggerFile, Options, Signature, Zone, read};
use super::*;
use firn_model::profile::{ActivationEnergy, AlarmMode, Bound};
use proptest::prelude::*;

const Q_TAG: &[u8] = include_bytes!("../../../fixtures/files/q-tag.txt");
const FRIDGE_TAG: &[u8] = include_bytes!("../../../fixtures/files/fridge-tag-2.txt");
const FRIDGE_TAG_L: &[u8] = include_bytes!("../../../fixtures/files/fridge-tag-2-l.txt");

fn file(bytes: &[u8]) -> LoggerFile {
    read(bytes, &Options::default()).unwrap()
}

/// A fixture with one text put for another.
fn changed(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1).into_bytes()
}

fn zone(name: &str) -> Options {
    Options { zone: Some(Zone::parse(name).unwrap()), ..Options::default() }
}

#[test]
fn a_q_tags_file_gives_its_samples_its_alarms_and_its_own_numbers() {
    let file = file(Q_TAG);
    assert_eq!((file.format, file.rows.len(), file.interval_s), (FileFormat::QTag, 124, Some(600)));
    assert_eq!(file.device.serial.as_deref(), Some("RCTEST001"));
    assert_eq!(file.device.temperature_offset, Some(MilliCelsius(100)));
    assert_eq!(file.signature, Signature::PresentNotVerified);
    let reported = &file.reported;
    let milli = |value: Option<MilliCelsius>| value.unwrap().0;
    assert_eq!((milli(reported.min), milli(reported.max)), (900, 24_300));
    assert_eq!((milli(reported.mean), milli(reported.mkt)), (5400, 10_500));
    let first = &reported.alarms[0];
    assert_eq!((first.id.as_str(), first.accumulated_s, first.end), ("1", Some(219 * 60), None));
    assert_eq!(first.triggered_at.at.to_rfc3339(), "2022-11-08T22:20:00Z");
    assert_eq!(reported.alarms.len(), 6);
    assert_eq!(file.rows[0].raw, b"\t2022-11-08 04:49\t4.4\t");
    assert_eq!(file.rows.iter().filter(|row| row.flagged == Some(true)).count(), 79);
    assert_eq!(file.device.settings["Conf/Start Delay"], "30");
}

#[test]
fn the_profile_of_a_q_tag_is_its_own_alarm_setting() {
    let profile = file(Q_TAG).profile().unwrap().unwrap();
    assert_eq!((profile.limits.min, profile.limits.max), (MilliCelsius(2000), MilliCelsius(8000)));
    assert_eq!(profile.interval_s, 600);
    assert_eq!(profile.activation_energy(), ActivationEnergy(83_000_000));
    let alarms: Vec<_> =
        profile.alarms.iter().map(|a| (a.id.as_str(), a.bound, a.mode, a.allowance_s)).collect();
    assert_eq!(
        alarms,
        [
            ("1", Bound::Above, AlarmMode::Single, 1800),
            ("2", Bound::Above, AlarmMode::Cumulative, 3600),
            ("4", Bound::Below, AlarmMode::Cumulative, 3600),
            ("5", Bound::Below, AlarmMode::Single, 1800),
        ]
    );
}

#[test]
fn a_fridge_tags_file_gives_its_days_oldest_first() {
    let file = file(FRIDGE_TAG);
    assert_eq!((file.format, file.rows.len(), file.days.len()), (FileFormat::FridgeTag, 0, 3));
    let day = &file.days[0];
    assert_eq!(day.date, "2023-02-12");
    assert_eq!(day.max.unwrap().0, MilliCelsius(18_000));
    assert_eq!(day.min.unwrap().1.unwrap().at.to_rfc3339(), "2023-02-12T21:56:00Z");
    assert_eq!(day.alarms[1].accumulated_s, 1440 * 60);
    assert_eq!(file.reported.alarms.len(), 1, "an alarm over three days is one alarm");
    assert_eq!(file.reported.alarms[0].accumulated_s, Some((366 + 1440 + 1440) * 60));
    let profile = file.profile().unwrap().unwrap();
    assert_eq!((profile.limits.min, profile.limits.max), (MilliCelsius(-500), MilliCelsius(8000)));
}

#[test]
fn a_fridge_tag_l_gives_days_and_samples_and_counts_a_row_without_a_reading() {
    let file = file(FRIDGE_TAG_L);
    assert_eq!((file.days.len(), file.rows.len(), file.interval_s), (2, 410, Some(300)));
    let [skipped] = file.skipped.as_slice() else { panic!("{:?}", file.skipped) };
    assert!(skipped.text.contains("--.-") && skipped.why == "no reading");
    assert_eq!(file.reported.alarms[0].triggered_at.at.to_rfc3339(), "2022-06-07T14:55:00Z");
}

#[test]
fn the_zone_that_is_given_stands_in_for_the_devices_own() {
    let file = read(Q_TAG, &zone("Europe/Zurich")).unwrap();
    assert_eq!(file.rows[0].time.at.to_rfc3339(), "2022-11-08T03:49:00Z");
    let east = self::file(&changed(Q_TAG, "Zone: 0.00", "Zone: 5.50"));
    assert_eq!(east.rows[0].time.offset, UtcOffset(19_800));
    let unset = changed(Q_TAG, "Zone: 0.00", "Zone: ?");
    assert_eq!(read(&unset, &Options::default()).unwrap_err().code(), "file/zone-needed");
}

#[test]
fn a_sample_in_an_hour_that_the_clocks_skipped_names_its_line() {
    let skipped = changed(Q_TAG, "\t2022-11-08 04:49\t", "\t2026-03-29 02:30\t");
    let error = read(&skipped, &zone("Europe/Paris")).unwrap_err();
    assert_eq!(error.code(), "file/time-in-gap");
    assert!(error.to_string().starts_with("line 72:"), "{error}");
    let twice = changed(Q_TAG, "\t2022-11-08 04:49\t", "\t2026-10-25 02:30\t");
    let error = read(&twice, &zone("Europe/Paris")).unwrap_err();
    assert_eq!(error.code(), "file/time-ambiguous");
}

#[test]
fn a_line_that_cannot_be_read_refuses_the_file_with_its_number() {
    for (from, to, code, line) in [
        ("\t4.4\t", "\tx\t", "file/bad-value", "line 72:"),
        ("\t2022-11-08 04:49", "\t2022-11-38 04:49", "file/bad-time", "line 72:"),
        ("Type: 2", "Type: 9", "file/malformed-line", "line 34:"),
        ("t AL: 30", "t AL: soon", "file/malformed-line", "line 34:"),
        ("MKT Energy: 83.0", "MKT Energy: much", "file/malformed-line", "line 15:"),
        ("Min T: 0.9", "Min T: cold", "file/bad-value", "line 52:"),
        ("Marker:", "Marker", "file/malformed-line", "line 68:"),
    ] {
        let error = read(&changed(Q_TAG, from, to), &Options::default()).unwrap_err();
        assert_eq!(error.code(), code, "{to}");
        assert!(error.to_string().starts_with(line), "{to}: {error}");
    }
    let reversed = file(&changed(FRIDGE_TAG_L, "T AL: +8.0", "T AL: +1.0"));
    assert_eq!(reversed.profile().unwrap_err().code(), "profile/limits-reversed");
}

#[test]
fn degrees_fahrenheit_are_read_as_the_head_says() {
    let file = file(&changed(FRIDGE_TAG, "Temp unit: C", "Temp unit: F"));
    assert_eq!(file.reported.max, Some(MilliCelsius(-7333)));
    let kelvin = changed(FRIDGE_TAG, "Temp unit: C", "Temp unit: K");
    assert_eq!(read(&kelvin, &Options::default()).unwrap_err().code(), "file/unit-unknown");
}

proptest! {
    #[test]
    fn a_file_with_bytes_changed_or_cut_never_makes_it_panic(
        which in 0_usize..3, cut in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8)
    ) {
        let mut bytes = [Q_TAG, FRIDGE_TAG, FRIDGE_TAG_L][which].to_vec();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let length = cut.index(bytes.len()) + 1;
        for bytes in [&bytes[..], &bytes[..length]] {
            for options in [Options::default(), zone("Europe/Paris")] {
                if let Ok(file) = read(bytes, &options) {
                    drop(file.profile());
                    prop_assert!(file.rows.len() <= 411);
                }
            }
        }
    }
}
