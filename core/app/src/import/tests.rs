use super::*;
use firn_ble::file::{Options, read};
use firn_model::assess::Verdict;

const Q_TAG: &[u8] = include_bytes!("../../../../ble/fixtures/files/q-tag.txt");
const FRIDGE_TAG: &[u8] = include_bytes!("../../../../ble/fixtures/files/fridge-tag-2.txt");
const FRIDGE_TAG_L: &[u8] = include_bytes!("../../../../ble/fixtures/files/fridge-tag-2-l.txt");

fn shown(bytes: &[u8]) -> ImportView {
    import(&read(bytes, &Options::default()).unwrap(), None).unwrap()
}

fn near(
    told: Option<firn_model::assess::MicroCelsius>,
    computed: Option<firn_model::assess::MicroCelsius>,
) -> bool {
    told.unwrap().0.abs_diff(computed.unwrap().0) <= 100_000
}

#[test]
fn a_q_tags_own_numbers_stand_within_a_tenth_of_a_degree_beside_the_recomputed_ones() {
    let view = shown(Q_TAG);
    let (told, computed) = (&view.reported, &view.recomputed);
    assert_eq!((told.min_c, told.max_c), (computed.min_c, computed.max_c));
    assert!(near(told.mean_c, computed.mean_c) && near(told.mkt_c, computed.mkt_c));
    assert_eq!(computed.mkt_c.unwrap().0, 10_471_606);
    assert_eq!((told.verdict, computed.verdict), (Some(Verdict::Excursion), Some(Verdict::Excursion)));
    assert!(view.notes.iter().any(|note| note.contains("measures every minute and logs every 10 minutes")));
    assert!(view.notes.iter().any(|note| note.contains("0.1 °C")));
    assert!(view.notes.iter().any(|note| note.contains("marks 79 samples") && note.contains("79 are")));
}

#[test]
fn a_q_tags_alarms_go_off_within_one_logging_interval_of_its_own() {
    let view = shown(Q_TAG);
    for id in ["1", "2", "4", "5"] {
        let first = |figures: &Figures| {
            figures.alarms.iter().find(|alarm| alarm.id == id).map(|alarm| alarm.triggered_at.0.at.0)
        };
        let (told, computed) = (first(&view.reported).unwrap(), first(&view.recomputed).unwrap());
        assert!(told.abs_diff(computed) <= 600_000, "{id}: {told} {computed}");
    }
    let why = |what: &str| view.differences.iter().find(|one| one.what == what).unwrap().why.clone();
    assert!(why("mkt_c").contains("tenths"));
    assert!(why("alarm 1 triggered_at").contains("every 10 minutes"));
    assert!(
        view.differences.iter().all(|one| !one.why.contains("nothing in the file")),
        "{:#?}",
        view.differences
    );
}

#[test]
fn an_alarm_that_only_the_devices_minutes_show_is_said_to_be_so() {
    let view = shown(Q_TAG);
    let below = |figures: &Figures| figures.alarms.iter().filter(|alarm| alarm.id == "5").count();
    assert_eq!((below(&view.reported), below(&view.recomputed)), (3, 3));
    let unreported = view.differences.iter().find(|one| one.reported == Shown::Nothing).unwrap();
    assert!(unreported.why.contains("count again"), "{}", unreported.why);
    let missed = view.differences.iter().find(|one| one.recomputed == Shown::Nothing).unwrap();
    assert_eq!(missed.what, "alarm 5 triggered_at");
    assert!(missed.why.contains("less than one interval"), "{}", missed.why);
}

/// What nothing in the file explains once `from` stands as `to` in the Q-tag's file.
fn unexplained(from: &str, to: &str) -> Vec<String> {
    let text = String::from_utf8(Q_TAG.to_vec()).unwrap();
    assert!(text.contains(from), "{from}");
    let view = shown(text.replace(from, to).as_bytes());
    let open = view.differences.into_iter().filter(|one| one.why == "nothing in the file explains it");
    open.map(|one| one.what).collect()
}

#[test]
fn what_is_measured_between_samples_explains_no_more_than_it_can() {
    let none: [&str; 0] = [];
    assert_eq!(unexplained("Avrg T: 5.4", "Avrg T: 5.5"), none);
    for mean in ["20.0", "6.0", "2.0", "-3.0"] {
        assert_eq!(unexplained("Avrg T: 5.4", &format!("Avrg T: {mean}")), ["mean_c"], "{mean}");
    }
    assert_eq!(unexplained("MKT: 10.5", "MKT: 10.6"), none);
    assert_eq!(unexplained("MKT: 10.5", "MKT: 8.0"), ["mkt_c"]);
    // In total one interval for each crossing; 580 minutes are logged.
    assert_eq!(unexplained("t A: 598", "t A: 98"), ["alarm 4 accumulated_s"]);
    assert_eq!(unexplained("t A: 598", "t A: 640"), none);
    // Of one stretch, of which 150 minutes are logged.
    assert_eq!(unexplained("t A: 145", "t A: 165"), none);
    assert_eq!(unexplained("t A: 145", "t A: 175"), ["alarm 5 accumulated_s"]);
    assert_eq!(unexplained("T M: 24.5", "T M: 23.5"), ["alarm 1 extreme_c"], "milder than what is logged");
}

#[test]
fn an_extreme_lies_between_samples_only_where_none_is_logged_and_no_further_than_it_moves() {
    let none: [&str; 0] = [];
    assert_eq!(unexplained("Max T: 24.3", "Max T: 30.3"), ["max_c"], "00:19 is logged");
    assert_eq!(unexplained("Min T: 0.9", "Min T: -5.0"), ["min_c"], "12:49 is logged");
    assert_eq!(unexplained("Max T: 24.3", "Max T: 23.0"), ["max_c"], "a sample is warmer");
    let between = "Max T: 24.3, TS Max T: 2022-11-09 00:19";
    assert_eq!(unexplained(between, "Max T: 25.3, TS Max T: 2022-11-09 00:14"), none);
    assert_eq!(unexplained(between, "Max T: 60.3, TS Max T: 2022-11-09 00:14"), ["max_c"]);
    assert_eq!(
        unexplained(between, "Max T: 24.9, TS Max T: 2022-11-08 12:14"),
        ["max_c"],
        "it was cold then"
    );
    assert_eq!(unexplained(between, "Max T: 25.3, TS Max T: "), none, "no time is told");
}

#[test]
fn summaries_of_days_are_judged_as_what_the_device_reports() {
    let view = shown(FRIDGE_TAG);
    assert!(view.readings.is_empty() && view.assessment.is_none());
    assert_eq!((view.reported.verdict, view.recomputed.verdict), (Some(Verdict::Excursion), None));
    assert_eq!(view.recomputed, Figures::default());
    assert!(view.days.iter().all(|day| day.verdict == Some(Verdict::Excursion) && day.recomputed.is_none()));
    assert!(view.differences.iter().all(|one| one.why == "the file holds no samples to compute it from"));
}

#[test]
fn a_day_with_samples_stands_beside_its_summary() {
    let view = shown(FRIDGE_TAG_L);
    let day = &view.days[0];
    let computed = day.recomputed.as_ref().unwrap();
    assert_eq!((day.date.as_str(), computed.count), ("2022-06-07", 287));
    assert_eq!((day.min_c, computed.min_c), (Some(MilliCelsius(4100)), Some(MilliCelsius(4100))));
    assert_eq!((day.max_c, computed.max_c), (Some(MilliCelsius(30_300)), Some(MilliCelsius(30_200))));
    let above = computed.alarms.iter().find(|alarm| alarm.id == "1").unwrap();
    assert!(above.accumulated_s.abs_diff(day.alarms[1].accumulated_s) <= 300);
    assert_eq!(view.days[1].verdict, Some(Verdict::Ok));
}

#[test]
fn a_table_without_a_profile_gives_numbers_and_no_verdict() {
    let csv = b"time,temperature_c\n2026-11-22T09:30:00+01:00,4\n2026-11-22T09:40:00+01:00,6\n";
    let view = shown(csv);
    assert_eq!(view.profile, None);
    assert_eq!((view.recomputed.mean_c.unwrap().0, view.recomputed.verdict), (5_000_000, None));
    let profile = firn_model::profile::preset("cdc-refrigerator").unwrap().profile.clone();
    let judged = import(&read(csv, &Options::default()).unwrap(), Some(profile)).unwrap();
    assert_eq!(judged.recomputed.verdict, Some(Verdict::Ok));
    let json = serde_json::to_value(&judged).unwrap();
    assert_eq!(json["readings"][0]["time"], "2026-11-22T09:30:00+01:00");
}
