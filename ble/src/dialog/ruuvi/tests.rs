//! The dialog step by step, against a tag that answers as the tests say.

use super::*;
use crate::dialog::Summary;
use firn_model::units::{MilliCelsius, RelativeHumidity};

const NOW: UtcMillis = UtcMillis(1_700_100_000_000);
const T0: u32 = 1_700_000_000;

fn value(source: u8, time: u32, value: u32) -> Vec<u8> {
    [&[0x3A, source, 0x10][..], &time.to_be_bytes(), &value.to_be_bytes()].concat()
}

fn sample(time: u32, centi_celsius: i32) -> [Vec<u8>; 3] {
    [value(0x30, time, centi_celsius.cast_unsigned()), value(0x31, time, 4259), value(0x32, time, 99_465)]
}

/// A distinct temperature for each of the tag's samples.
fn nth(n: u32) -> [Vec<u8>; 3] {
    sample(T0 + n * 300, n as i32 - 500)
}

const END: [u8; 11] = [0x3A, 0x3A, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

fn started(from: Option<UtcMillis>) -> RuuviTag {
    let mut dialog = RuuviTag::new();
    dialog.start(NOW, from);
    dialog
}

fn feed(dialog: &mut RuuviTag, packets: impl IntoIterator<Item = Vec<u8>>) -> Vec<Action> {
    packets.into_iter().flat_map(|packet| dialog.on_notification(NOTIFY, &packet, NOW)).collect()
}

fn asked_from(actions: &[Action]) -> Option<u32> {
    actions.iter().find_map(|action| match action {
        Action::Write { bytes, .. } => RuuviTag::parse_request(bytes).map(|(_, from)| from),
        _ => None,
    })
}

fn summary(actions: &[Action]) -> Summary {
    let finished = actions.iter().find_map(|action| match action {
        Action::Finished(summary) => Some(summary.clone()),
        _ => None,
    });
    finished.unwrap_or_else(|| panic!("not finished: {actions:?}"))
}

fn temperatures(dialog: &RuuviTag) -> Vec<i32> {
    dialog.readings().iter().filter_map(|r| r.measurement.temperature).map(|t| t.0).collect()
}

#[test]
fn a_download_subscribes_and_then_asks_from_the_given_time() {
    let actions = RuuviTag::new().start(NOW, Some(UtcMillis(i64::from(T0) * 1000)));
    let request = [&[0x3A, 0x3A, 0x11][..], &1_700_100_000_u32.to_be_bytes(), &T0.to_be_bytes()].concat();
    assert_eq!(
        actions,
        [
            Action::Subscribe { service: SERVICE, characteristic: NOTIFY },
            Action::Write { service: SERVICE, characteristic: WRITE, bytes: request, with_response: true },
        ]
    );
    assert_eq!(asked_from(&RuuviTag::new().start(NOW, None)), Some(0));
}

#[test]
fn a_logged_temperature_below_zero_is_below_zero() {
    let mut dialog = started(None);
    let actions = feed(&mut dialog, sample(T0, -1876).into_iter().chain([END.to_vec()]));
    assert_eq!(summary(&actions).readings, 1);
    let readings = dialog.readings();
    assert_eq!(readings[0].measurement.temperature, Some(MilliCelsius(-18_760)));
    assert_eq!(readings[0].measurement.humidity, Some(RelativeHumidity(425_900)));
    assert_eq!(readings[0].measurement.pressure_pa, Some(99_465));
}

#[test]
fn complete_samples_are_given_while_the_transfer_runs() {
    let mut dialog = started(None);
    let actions = feed(&mut dialog, (0..100).flat_map(nth));
    let batches: Vec<usize> = actions
        .iter()
        .filter_map(|a| if let Action::Readings(r) = a { Some(r.len()) } else { None })
        .collect();
    assert_eq!(batches, [BATCH]);
    assert!(actions.contains(&Action::Progress(Progress { done: BATCH, total: None })));
    let rest = feed(&mut dialog, [END.to_vec()]);
    assert!(matches!(&rest[0], Action::Readings(batch) if batch.len() == 36), "{rest:?}");
    assert_eq!((summary(&rest).readings, summary(&rest).interval_s), (100, Some(300)));
}

#[test]
fn a_sample_that_lacks_a_value_is_asked_for_again_and_kept_with_what_it_has() {
    let mut dialog = started(None);
    let packets = (0..10).flat_map(nth).enumerate().filter(|(n, _)| *n != 13).map(|(_, packet)| packet);
    let actions = feed(&mut dialog, packets.chain([END.to_vec()]));
    assert_eq!(asked_from(&actions), Some(T0 + 3 * 300 - 1));
    let again = feed(&mut dialog, [END.to_vec()]);
    assert_eq!((summary(&again).readings, summary(&again).incomplete), (10, 1));
    assert_eq!(dialog.readings()[4].measurement.humidity, None);
    assert_eq!((dialog.readings()[4].raw.len(), temperatures(&dialog).len()), (22, 10));
}

#[test]
fn a_hole_in_the_log_is_asked_for_once_more_and_filled() {
    let mut dialog = started(None);
    let without = (0..10).filter(|n| *n != 6).flat_map(nth);
    let actions = feed(&mut dialog, without.chain([END.to_vec()]));
    assert_eq!(asked_from(&actions), Some(T0 + 5 * 300 - 1));
    let actions = feed(&mut dialog, (5..10).flat_map(nth).chain([END.to_vec()]));
    assert_eq!((summary(&actions).readings, summary(&actions).repeated), (10, 4));
}

#[test]
fn a_hole_that_the_tag_itself_has_does_not_delay_for_ever() {
    let mut dialog = started(None);
    let without = || (0..10).filter(|n| *n != 6).flat_map(nth).chain([END.to_vec()]);
    assert!(asked_from(&feed(&mut dialog, without())).is_some());
    assert_eq!(summary(&feed(&mut dialog, without())).readings, 9);
}

#[test]
fn a_sample_that_comes_again_up_to_two_seconds_off_is_the_same_sample() {
    for off in [-2, -1, 0, 1, 2] {
        let mut dialog = started(Some(UtcMillis(i64::from(T0) * 1000)));
        feed(&mut dialog, (0..6).flat_map(nth));
        let actions = dialog.resume(NOW);
        assert_eq!(asked_from(&actions), Some(T0 + 5 * 300));
        let shifted =
            (5..10).flat_map(|n: u32| sample((T0 + n * 300).saturating_add_signed(off), n as i32 - 500));
        let actions = feed(&mut dialog, shifted.chain([END.to_vec()]));
        assert_eq!((summary(&actions).readings, summary(&actions).repeated), (10, 1), "{off}");
        assert_eq!(summary(&actions).coverage, Coverage::Whole);
    }
}

#[test]
fn in_a_log_of_one_second_steps_a_neighbour_is_not_taken_for_a_repetition() {
    let mut dialog = started(Some(UtcMillis(i64::from(T0) * 1000)));
    feed(&mut dialog, (0..6).flat_map(|n| sample(T0 + n, 500)));
    dialog.resume(NOW);
    let actions = feed(&mut dialog, (5..10).flat_map(|n| sample(T0 + n, 500)).chain([END.to_vec()]));
    assert_eq!((summary(&actions).readings, summary(&actions).repeated), (10, 1));
}

#[test]
fn two_different_values_in_one_second_are_both_kept() {
    let mut dialog = started(None);
    let packets = nth(0).into_iter().chain(sample(T0, 900)).chain([END.to_vec()]);
    assert_eq!(summary(&feed(&mut dialog, packets)).readings, 2);
    assert_eq!(temperatures(&dialog), [-5000, 9000]);
}

#[test]
fn after_a_broken_transfer_that_may_have_begun_with_the_newest_everything_is_asked_for_again() {
    let mut dialog = started(None);
    feed(&mut dialog, (6..9).flat_map(nth));
    assert_eq!(asked_from(&dialog.resume(NOW)), Some(T0 + 8 * 300));
    let actions = feed(&mut dialog, (8..10).flat_map(nth).chain([END.to_vec()]));
    assert_eq!(asked_from(&actions), Some(0));
    let actions = feed(&mut dialog, (0..10).flat_map(nth).chain([END.to_vec()]));
    assert_eq!((summary(&actions).readings, summary(&actions).coverage), (10, Coverage::Whole));
    assert!(temperatures(&dialog).is_sorted());
}

#[test]
fn a_stalled_transfer_is_resumed_three_times_and_then_given_up_with_what_there_is() {
    let mut dialog = started(None);
    feed(&mut dialog, (0..3).flat_map(nth));
    assert_eq!(dialog.on_tick(NOW.plus_seconds(29)), []);
    let mut at = NOW;
    for _ in 0..3 {
        at = at.plus_seconds(30);
        // Heartbeats show that the tag is there; they are no log records.
        dialog.on_notification(NOTIFY, &[5; 18], at);
        assert_eq!(asked_from(&dialog.on_tick(at)), Some(T0 + 2 * 300));
    }
    let actions = dialog.on_tick(at.plus_seconds(30));
    assert_eq!(actions, [Action::Failed(DialogError::Stalled { seconds: 120 })]);
    assert_eq!((dialog.readings().len(), dialog.wake_at()), (3, None));
}

#[test]
fn an_error_of_the_tag_keeps_what_was_received() {
    for (kind, error) in [
        (0xF0, DialogError::LoggerTimedOut),
        (0xE0, DialogError::LoggerTimedOut),
        (0xEA, DialogError::LoggerUnauthorised),
        (0xEE, DialogError::LoggerFailed),
    ] {
        let mut dialog = started(None);
        feed(&mut dialog, nth(0).into_iter().chain(nth(1).into_iter().take(1)));
        let mut packet = END.to_vec();
        packet[2] = kind;
        let actions = feed(&mut dialog, [packet]);
        assert!(matches!(&actions[0], Action::Readings(batch) if batch.len() == 2), "{actions:?}");
        assert_eq!(actions[1], Action::Failed(error));
    }
}

#[test]
fn values_that_cannot_be_are_refused_and_not_recorded() {
    let mut dialog = started(None);
    let impossible = [
        value(0x30, T0, 65_535),
        value(0x30, T0, i32::MIN.cast_unsigned()),
        value(0x31, T0, 10_001),
        value(0x32, T0, 0),
        value(0x33, T0, 1),
        value(0x30, 0, 500),
        value(0x30, 1_700_100_061, 500),
        vec![0x3A, 0x30],
    ];
    let count = impossible.len();
    let actions = feed(&mut dialog, impossible.into_iter().chain([END.to_vec()]));
    assert_eq!((summary(&actions).readings, summary(&actions).refused), (0, count));
}

#[test]
fn a_heartbeat_is_a_live_value_and_no_record() {
    let mut dialog = started(None);
    let heartbeat = [5, 0x10, 0xA6, 0x3F, 0x61, 0xC0, 0xEF, 0, 12, 0xFF, 0xD8, 4, 48, 0x8A, 0x76, 0, 38, 28];
    let actions = dialog.on_notification(NOTIFY, &heartbeat, NOW);
    let [Action::Live(live)] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!((live.temperature, live.sequence), (Some(MilliCelsius(21_310)), Some(9756)));
    assert_eq!(dialog.readings(), []);
}

#[test]
fn nothing_follows_the_end() {
    let mut dialog = started(None);
    feed(&mut dialog, [END.to_vec()]);
    assert_eq!(feed(&mut dialog, nth(0).into_iter().chain([END.to_vec()])), []);
    assert_eq!(dialog.on_tick(NOW.plus_seconds(1000)), []);
    assert_eq!((dialog.resume(NOW), dialog.abandon(DialogError::Disconnected)), (vec![], vec![]));
}
