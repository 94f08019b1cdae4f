use super::*;
use proptest::prelude::*;

const NOW: UtcMillis = UtcMillis(1_795_509_005_000);

fn ess(uuid: BluetoothUuid) -> Characteristic {
    Characteristic::new(gatt::ENVIRONMENTAL_SENSING, uuid, [Access::Read])
}

fn health() -> Characteristic {
    Characteristic::new(gatt::HEALTH_THERMOMETER, gatt::TEMPERATURE_MEASUREMENT, [Access::Indicate])
}

fn asked(offered: &[Characteristic]) -> (Present, Vec<Action>) {
    let mut present = Present::new();
    present.offered(offered);
    let actions = present.start(NOW, None);
    (present, actions)
}

fn only_reading(actions: &[Action]) -> &Reading {
    match actions {
        [Action::Readings(readings), Action::Progress(_), Action::Finished(summary)] => {
            assert_eq!((readings.len(), summary.readings, summary.coverage), (1, 1, Coverage::NoLog));
            &readings[0]
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_environmental_sensing_shows_is_one_reading_told_live_and_no_log() {
    let battery = Characteristic::new(gatt::BATTERY, gatt::BATTERY_LEVEL, [Access::Read]);
    let (mut present, actions) =
        asked(&[ess(gatt::TEMPERATURE), ess(gatt::HUMIDITY), ess(gatt::PRESSURE), battery, health()]);
    assert_eq!(actions.len(), 4, "{actions:?}");
    assert!(actions.iter().all(|action| matches!(action, Action::Read { .. })));
    assert!(present.on_value(gatt::TEMPERATURE, Some(&[0x34, 0xF8]), NOW).is_empty());
    assert!(present.on_value(gatt::HUMIDITY, Some(&[0x88, 0x13]), NOW).is_empty());
    assert!(present.on_value(gatt::PRESSURE, None, NOW).is_empty());
    let later = NOW.plus_seconds(1);
    let actions = present.on_value(gatt::BATTERY_LEVEL, Some(&[87]), later);
    let reading = only_reading(&actions);
    let (measured, source) = (&reading.measurement, reading.source);
    assert_eq!(measured.temperature.map(|value| value.0), Some(-19_960));
    assert_eq!((measured.humidity.map(|value| value.0), measured.pressure_pa), (Some(500_000), None));
    assert_eq!(
        (measured.battery_pct, source, reading.clock),
        (Some(87), Source::Advert, ClockQuality::Phone)
    );
    assert_eq!((reading.time, reading.provenance), (NOW.plus_seconds(1), Provenance::P0));
    assert_eq!(present.readings(), std::slice::from_ref(reading));
    assert_eq!(present.wake_at(), None);
}

#[test]
fn the_bytes_that_are_kept_give_the_reading_again() {
    let (mut present, _) = asked(&[ess(gatt::TEMPERATURE)]);
    let actions = present.on_value(gatt::TEMPERATURE, Some(&[0x34, 0xF8]), NOW);
    let mut expected = vec![19, 0x21];
    expected.extend_from_slice(&gatt::TEMPERATURE.to_u128().to_le_bytes());
    expected.extend_from_slice(&[0x34, 0xF8]);
    assert_eq!(only_reading(&actions).raw, expected);
}

#[test]
fn where_the_ambient_value_is_not_known_the_health_thermometer_is_waited_for() {
    let (mut present, _) = asked(&[ess(gatt::TEMPERATURE), ess(gatt::HUMIDITY), health()]);
    present.on_value(gatt::TEMPERATURE, Some(&[0x00, 0x80]), NOW);
    let actions = present.on_value(gatt::HUMIDITY, Some(&[0xFF, 0xFF]), NOW);
    let service = gatt::HEALTH_THERMOMETER;
    let subscription = Action::Subscribe { service, characteristic: gatt::TEMPERATURE_MEASUREMENT };
    assert_eq!(actions, [subscription]);
    let not_a_number = [0, 0xFF, 0xFF, 0x7F, 0];
    assert!(present.on_notification(gatt::TEMPERATURE_MEASUREMENT, &not_a_number, NOW).is_empty());
    // 97.9 °F
    let value = [1, 0xD3, 0x03, 0, 0xFF];
    assert!(present.on_notification(gatt::TEMPERATURE_MEASUREMENT, &value, NOW).is_empty());
    assert_eq!(present.wake_at(), Some(UtcMillis(NOW.0 + SETTLING_MS)));
    let actions = present.on_tick(NOW.plus_seconds(2));
    let reading = only_reading(&actions);
    assert_eq!(reading.measurement.temperature.map(|value| value.0), Some(36_611));
    assert_eq!((reading.measurement.humidity, reading.time), (None, NOW), "it is of when it came");
}

#[test]
fn of_stored_measurements_and_the_present_one_the_last_is_taken_and_what_is_days_old_never() {
    let (mut present, _) = asked(&[health()]);
    let at = |day: u8, tenths: u8| [2, tenths, 0x01, 0, 0xFF, 0xEA, 0x07, 11, day, 8, 30, 5];
    for (day, tenths) in [(20, 0x10), (24, 0x60), (24, 0x6E)] {
        present.on_notification(gatt::TEMPERATURE_MEASUREMENT, &at(day, tenths), NOW);
    }
    let actions = present.on_tick(NOW.plus_seconds(2));
    let reading = only_reading(&actions);
    assert_eq!(reading.measurement.temperature.map(|value| value.0), Some(36_600));
    assert_eq!(reading.logger_time_ms, Some(NOW.0));
    let (mut present, _) = asked(&[health()]);
    present.on_notification(gatt::TEMPERATURE_MEASUREMENT, &at(20, 0x10), NOW);
    let expected = [Action::Failed(DialogError::NoPresentValue)];
    assert_eq!(present.on_tick(NOW.plus_seconds(PATIENCE_S)), expected);
}

#[test]
fn a_device_without_a_temperature_is_told_as_such_and_nothing_is_invented() {
    for offered in [vec![], vec![ess(gatt::HUMIDITY)]] {
        let (present, actions) = asked(&offered);
        assert_eq!(actions, [Action::Failed(DialogError::NoPresentValue)]);
        assert!(present.readings().is_empty());
    }
    let (mut present, _) = asked(&[ess(gatt::TEMPERATURE)]);
    let actions = present.on_value(gatt::TEMPERATURE, Some(&[0x00, 0x80]), NOW);
    assert_eq!(actions, [Action::Failed(DialogError::NoPresentValue)]);
}

#[test]
fn a_connection_that_breaks_is_begun_again() {
    let (mut present, _) = asked(&[ess(gatt::TEMPERATURE)]);
    assert!(present.wake_at().is_some());
    assert_eq!(present.resume(NOW).len(), 1);
    let actions = present.on_value(gatt::TEMPERATURE, Some(&[0, 0]), NOW);
    assert_eq!(only_reading(&actions).measurement.temperature.map(|value| value.0), Some(0));
    assert!(present.resume(NOW).is_empty());
}

/// A characteristic of these services, or another; the device may offer it in any way.
fn offered() -> impl Strategy<Value = Characteristic> {
    let services = [gatt::ENVIRONMENTAL_SENSING, gatt::HEALTH_THERMOMETER, gatt::BATTERY];
    let uuids = [
        gatt::TEMPERATURE,
        gatt::HUMIDITY,
        gatt::PRESSURE,
        gatt::BATTERY_LEVEL,
        gatt::TEMPERATURE_MEASUREMENT,
    ];
    let ways = [Access::Read, Access::Write, Access::Notify, Access::Indicate];
    let access = proptest::sample::subsequence(ways.to_vec(), 0..=ways.len());
    (proptest::sample::select(services.to_vec()), proptest::sample::select(uuids.to_vec()), access)
        .prop_map(|(service, uuid, access)| Characteristic::new(service, uuid, access))
}

proptest! {
    /// Whatever a device offers and says, there is an end, and at most one reading, with a temperature.
    #[test]
    fn any_device_is_done_with_after_one_reading_or_a_reason(
        offered in proptest::collection::vec(offered(), 0..8),
        values in proptest::collection::vec(
            proptest::option::of(proptest::collection::vec(any::<u8>(), 0..14)),
            24,
        ),
    ) {
        let (mut present, mut actions) = asked(&offered);
        let (mut at, mut given, mut ended) = (NOW, Vec::new(), 0);
        for value in &values {
            for action in std::mem::take(&mut actions) {
                match action {
                    Action::Read { characteristic, .. } => {
                        actions.extend(present.on_value(characteristic, value.as_deref(), at));
                    }
                    Action::Subscribe { characteristic, .. } => {
                        let bytes = value.as_deref().unwrap_or_default();
                        actions.extend(present.on_notification(characteristic, bytes, at));
                    }
                    Action::Readings(readings) => given.extend(readings),
                    Action::Finished(_) | Action::Failed(_) => ended += 1,
                    _ => {}
                }
            }
            at = present.wake_at().unwrap_or(at);
            actions.extend(present.on_tick(at));
        }
        prop_assert_eq!(ended, 1);
        prop_assert!(given.len() <= 1);
        prop_assert!(given.iter().all(|reading| reading.measurement.temperature.is_some()));
        prop_assert_eq!(present.readings(), given);
    }
}
