//! One virtual logger of each kind, and a driver that runs a dialog against it without waiting.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing)]

use firn_ble::Address;
use firn_ble::dialog::{
    Action, ClockSet, ClockWrite, DeviceName, Dialog, DialogError, DialogOptions, Summary,
};
use firn_ble::virtual_logger::blue_maestro::VirtualBlueMaestro;
use firn_ble::virtual_logger::ela::VirtualEla;
use firn_ble::virtual_logger::faults::{Faults, Faulty};
use firn_ble::virtual_logger::govee::{VirtualGoveeH5075, VirtualGoveeH5179};
use firn_ble::virtual_logger::pvvx::VirtualPvvx;
use firn_ble::virtual_logger::ruuvi::VirtualRuuviAir;
use firn_ble::virtual_logger::sensirion::VirtualSensirion;
use firn_ble::virtual_logger::thermopro::VirtualThermoPro;
use firn_ble::virtual_logger::{Body, Climate, VirtualLogger, VirtualRuuviTag};
use firn_model::reading::Reading;
use firn_model::time::{UtcMillis, UtcOffset};
use firn_model::units::{MilliCelsius, RelativeHumidity};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub const BOOT: UtcMillis = UtcMillis(1_760_000_000_000);

pub fn options() -> DialogOptions {
    DialogOptions {
        clock_write: ClockWrite::Allowed { offset: UtcOffset(3600) },
        password: Some("secret12".into()),
        interval_s: Some(60),
    }
}

pub fn climate(at: UtcMillis) -> Climate {
    // A fridge that drifts: values differ from record to record, below zero too.
    let minutes = (at.0 - BOOT.0) / 60_000;
    let swing = i32::try_from(minutes * 37 % 4001).unwrap() - 1500;
    Climate {
        temperature: MilliCelsius(swing + i32::try_from(minutes % 13).unwrap() * 100),
        humidity: RelativeHumidity(400_000 + u32::try_from(minutes * 7 % 50).unwrap() * 10_000),
        pressure_pa: 100_044,
    }
}

pub fn body(seed: u64, booted: UtcMillis, capacity: usize) -> Body {
    Body {
        name: "virtual".into(),
        address: Address([0xCB, 0xB8, 0x33, 0x4C, 0x88, 0x4F]),
        booted,
        interval_s: 60,
        capacity,
        climate: Arc::new(climate),
        seed,
    }
}

/// A logger of a kind; the clock of one that has its own is `ahead_s` seconds ahead.
pub fn logger(device: DeviceName, body: Body, ahead_s: i64) -> Arc<dyn VirtualLogger> {
    match device {
        DeviceName::RuuviTag => Arc::new(VirtualRuuviTag {
            name: body.name,
            address: body.address,
            booted: body.booted,
            interval_s: body.interval_s,
            climate: body.climate,
            seed: body.seed,
            battery_mv: 2977,
        }),
        DeviceName::RuuviAir => Arc::new(VirtualRuuviAir { body }),
        DeviceName::Pvvx => Arc::new(VirtualPvvx { body, clock_ahead_s: ahead_s, battery_mv: 2900 }),
        DeviceName::Ela => Arc::new(VirtualEla { body, password: Some("secret12".into()), en12830: false }),
        DeviceName::ElaEn12830 => {
            Arc::new(VirtualEla { body, password: Some("secret12".into()), en12830: true })
        }
        DeviceName::BlueMaestro => Arc::new(VirtualBlueMaestro { body }),
        DeviceName::Sensirion => Arc::new(VirtualSensirion { body }),
        DeviceName::GoveeH5075 => Arc::new(VirtualGoveeH5075 { body }),
        DeviceName::GoveeH5179 => Arc::new(VirtualGoveeH5179 { body, minutes_ahead: ahead_s / 60 }),
        DeviceName::ThermoPro => Arc::new(VirtualThermoPro { body, clock_set: AtomicBool::new(false) }),
    }
}

#[derive(Debug)]
pub struct Outcome {
    pub given: Vec<Reading>,
    pub ended: Result<Summary, DialogError>,
    pub raw: Vec<u8>,
    pub dialog_readings: usize,
    pub ended_at: UtcMillis,
}

/// Runs a download over as many connections as it takes, a millisecond for each notification.
pub fn run(
    device: DeviceName,
    options: &DialogOptions,
    logger: &Faulty,
    from: Option<UtcMillis>,
    start: UtcMillis,
) -> Outcome {
    let mut dialog = device.dialog_with(options);
    let (mut at, mut given, mut raw) = (start, Vec::new(), Vec::new());
    let mut clock_set = None::<ClockSet>;
    for connection in 0..40 {
        let mut left = logger.connect();
        let mut subscribed = Vec::new();
        let mut arriving = VecDeque::new();
        dialog.offered(&logger.characteristics());
        let actions = if connection == 0 { dialog.start(at, from) } else { dialog.resume(at) };
        let mut actions = VecDeque::from(actions);
        'connected: loop {
            while let Some(action) = actions.pop_front() {
                match action {
                    Action::Subscribe { characteristic, .. } => {
                        subscribed.push(characteristic);
                        arriving.extend(logger.on_subscribe(characteristic, at));
                    }
                    Action::Read { characteristic, .. } => {
                        let value = logger.on_read(characteristic, at);
                        actions.extend(dialog.on_value(characteristic, value.as_deref(), at));
                    }
                    Action::Write { characteristic, bytes, .. } => {
                        let answer = logger.on_write(characteristic, &bytes, at);
                        arriving.extend(answer.into_iter().filter(|(from, _)| subscribed.contains(from)));
                    }
                    Action::Readings(batch) => {
                        assert!(batch.is_sorted_by_key(|reading| reading.time), "{device}");
                        given.extend(batch);
                    }
                    Action::Raw(bytes) => raw = bytes,
                    Action::Reconnect => break 'connected,
                    Action::Finished(summary) => return end(Ok(summary), given, raw, dialog.as_ref(), at),
                    Action::Failed(error) => return end(Err(error), given, raw, dialog.as_ref(), at),
                    Action::ClockSet(set) => {
                        assert!(clock_set.replace(set).is_none(), "told once");
                    }
                    Action::Live(_) | Action::Progress(_) => {}
                }
            }
            if left == Some(0) {
                break;
            }
            if let Some((characteristic, bytes)) = arriving.pop_front() {
                left = left.map(|left| left - 1);
                at = UtcMillis(at.0 + 1);
                actions.extend(dialog.on_notification(characteristic, &bytes, at));
            } else if let Some(due) = dialog.wake_at() {
                at = UtcMillis(at.0.max(due.0));
                actions.extend(dialog.on_tick(at));
            } else {
                break;
            }
        }
        at = at.plus_seconds(2);
    }
    let rest = dialog.abandon(DialogError::Disconnected);
    for action in rest {
        if let Action::Readings(batch) = action {
            given.extend(batch);
        }
    }
    end(Err(DialogError::Disconnected), given, raw, dialog.as_ref(), at)
}

fn end(
    ended: Result<Summary, DialogError>,
    mut given: Vec<Reading>,
    raw: Vec<u8>,
    dialog: &dyn Dialog,
    ended_at: UtcMillis,
) -> Outcome {
    given.sort_by_key(|reading| reading.time);
    Outcome { given, ended, raw, dialog_readings: dialog.readings().len(), ended_at }
}

pub fn quiet(logger: Arc<dyn VirtualLogger>) -> Faulty {
    Faulty::new(logger, Faults::default())
}
