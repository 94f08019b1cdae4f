//! The present value of a thermometer without a log: Environmental Sensing, else Health Thermometer.
//!
//! What comes of it is one reading, told by the device as of now and marked as told live
//! ([`Source::Advert`]), never as a record of a log.
//!
//! Source: Bluetooth SIG, Environmental Sensing Service 1.0 and Health Thermometer Service 1.0; the values
//! are those of [`crate::gatt`].

use super::{Action, Coverage, Dialog, DialogError, Progress, Summary};
use crate::address::BluetoothUuid;
use crate::advert::Advert;
use crate::gatt;
use crate::radio::{Access, Characteristic};
use firn_model::reading::{ClockQuality, Measurement, Provenance, Reading, Source};
use firn_model::time::UtcMillis;
use std::collections::{BTreeMap, BTreeSet};

/// How long a value is waited for, in seconds: a Health Thermometer indicates when it has measured.
const PATIENCE_S: i64 = 30;
/// How long a Health Thermometer's last indication stays the last one, in milliseconds: one that has stored
/// measurements sends those first.
const SETTLING_MS: i64 = 1500;
/// How far a measurement's own time may be from the phone's, in milliseconds: its clock may stand in any
/// time zone, but what was measured days ago is no present value.
const MOST_AGE_MS: i64 = 26 * 3_600_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    /// Values are being read.
    Reading,
    /// The thermometer will indicate.
    Waiting,
    Ended,
}

/// One question to a thermometer: what do you show now?
#[derive(Debug)]
pub struct Present {
    phase: Phase,
    offered: Vec<Characteristic>,
    /// Values that have been asked for and not answered.
    asked: BTreeSet<BluetoothUuid>,
    /// The values as they came.
    values: BTreeMap<BluetoothUuid, Vec<u8>>,
    /// Values that are malformed, or not of now.
    refused: usize,
    due: UtcMillis,
    /// When the newest value came.
    heard: UtcMillis,
    reading: Option<Reading>,
}

impl Default for Present {
    fn default() -> Self {
        Self::new()
    }
}

impl Present {
    /// A question that has not been asked.
    pub fn new() -> Self {
        Self {
            phase: Phase::Idle,
            offered: Vec::new(),
            asked: BTreeSet::new(),
            values: BTreeMap::new(),
            refused: 0,
            due: UtcMillis(0),
            heard: UtcMillis(0),
            reading: None,
        }
    }

    fn offers(
        &self,
        uuid: BluetoothUuid,
        usable: impl Fn(&Characteristic) -> bool,
    ) -> Option<&Characteristic> {
        self.offered.iter().find(|offered| offered.uuid == uuid && usable(offered))
    }

    fn ask(&mut self, now: UtcMillis) -> Vec<Action> {
        self.phase = Phase::Reading;
        self.due = now.plus_seconds(PATIENCE_S);
        self.values.clear();
        self.asked.clear();
        let wanted = [gatt::TEMPERATURE, gatt::HUMIDITY, gatt::PRESSURE, gatt::BATTERY_LEVEL];
        let mut actions = Vec::new();
        for uuid in wanted {
            let Some(offered) = self.offers(uuid, |offered| offered.allows(Access::Read)) else { continue };
            actions.push(Action::Read { service: offered.service, characteristic: uuid });
            self.asked.insert(uuid);
        }
        if self.asked.is_empty() { self.wait(now) } else { actions }
    }

    /// Goes on to what is not read but told.
    fn wait(&mut self, at: UtcMillis) -> Vec<Action> {
        let told = [gatt::TEMPERATURE, gatt::TEMPERATURE_MEASUREMENT];
        let subscriptions: Vec<Action> = told
            .into_iter()
            .filter_map(|uuid| self.offers(uuid, Characteristic::tells))
            .map(|offered| Action::Subscribe { service: offered.service, characteristic: offered.uuid })
            .collect();
        if subscriptions.is_empty() {
            return self.abandon(DialogError::NoPresentValue);
        }
        self.phase = Phase::Waiting;
        self.due = at.plus_seconds(PATIENCE_S);
        subscriptions
    }

    fn of<T>(&self, uuid: BluetoothUuid, read: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
        self.values.get(&uuid).and_then(|value| read(value))
    }

    /// What is shown now, once a temperature is known; the ambient one before the thermometer's.
    fn measurement(&self) -> Option<Measurement> {
        let health = || self.of(gatt::TEMPERATURE_MEASUREMENT, gatt::health_temperature)?.temperature;
        let temperature = self.of(gatt::TEMPERATURE, gatt::temperature).or_else(health)?;
        Some(Measurement {
            temperature: Some(temperature),
            humidity: self.of(gatt::HUMIDITY, gatt::humidity),
            pressure_pa: self.of(gatt::PRESSURE, gatt::pressure_pa),
            battery_pct: self.of(gatt::BATTERY_LEVEL, gatt::battery_pct),
            ..Measurement::default()
        })
    }

    fn finish(&mut self, measurement: Measurement) -> Vec<Action> {
        self.phase = Phase::Ended;
        let own_time = self
            .of(gatt::TEMPERATURE_MEASUREMENT, gatt::health_temperature)
            .and_then(|told| told.time?.as_if_utc());
        let advert = Advert { service_data: std::mem::take(&mut self.values), ..Advert::default() };
        let reading = Reading {
            time: self.heard,
            clock: ClockQuality::Phone,
            logger_time_ms: own_time.map(|time| time.0),
            received: self.heard,
            source: Source::Advert,
            provenance: Provenance::P0,
            measurement,
            // Each value under its characteristic's number, in the form of an advert.
            raw: advert.to_ad_structures(),
        };
        self.reading = Some(reading.clone());
        let summary =
            Summary { readings: 1, refused: self.refused, coverage: Coverage::NoLog, ..Summary::default() };
        let progress = Progress { done: 1, total: Some(1) };
        vec![Action::Readings(vec![reading]), Action::Progress(progress), Action::Finished(summary)]
    }

    /// Whether a Health Thermometer's measurement is a number, and of now.
    fn is_current(value: &[u8], at: UtcMillis) -> bool {
        gatt::health_temperature(value).is_some_and(|told| {
            let own = told.time.and_then(gatt::DeviceTime::as_if_utc);
            let age = own.map_or(0, |own| at.0.saturating_sub(own.0));
            told.temperature.is_some() && age.saturating_abs() <= MOST_AGE_MS
        })
    }
}

impl Dialog for Present {
    fn offered(&mut self, offered: &[Characteristic]) {
        let of = |one: &&Characteristic| match one.service {
            gatt::ENVIRONMENTAL_SENSING => {
                [gatt::TEMPERATURE, gatt::HUMIDITY, gatt::PRESSURE].contains(&one.uuid)
            }
            gatt::HEALTH_THERMOMETER => one.uuid == gatt::TEMPERATURE_MEASUREMENT,
            gatt::BATTERY => one.uuid == gatt::BATTERY_LEVEL,
            _ => false,
        };
        self.offered = offered.iter().filter(of).cloned().collect();
    }

    fn start(&mut self, now: UtcMillis, _from: Option<UtcMillis>) -> Vec<Action> {
        let is_thermometer = self.offers(gatt::TEMPERATURE, |_| true).is_some()
            || self.offers(gatt::TEMPERATURE_MEASUREMENT, |_| true).is_some();
        if is_thermometer { self.ask(now) } else { self.abandon(DialogError::NoPresentValue) }
    }

    fn resume(&mut self, now: UtcMillis) -> Vec<Action> {
        if self.phase == Phase::Ended { Vec::new() } else { self.start(now, None) }
    }

    fn on_value(
        &mut self,
        characteristic: BluetoothUuid,
        value: Option<&[u8]>,
        at: UtcMillis,
    ) -> Vec<Action> {
        if self.phase != Phase::Reading || !self.asked.remove(&characteristic) {
            return Vec::new();
        }
        if let Some(value) = value {
            self.heard = at;
            self.values.insert(characteristic, value.to_vec());
        }
        if !self.asked.is_empty() {
            return Vec::new();
        }
        match self.measurement() {
            Some(measurement) => self.finish(measurement),
            None => self.wait(at),
        }
    }

    fn on_notification(&mut self, characteristic: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Vec<Action> {
        if self.phase != Phase::Waiting {
            return Vec::new();
        }
        let kept = match characteristic {
            gatt::TEMPERATURE => gatt::temperature(bytes).is_some(),
            gatt::TEMPERATURE_MEASUREMENT => Self::is_current(bytes, at),
            _ => return Vec::new(),
        };
        if !kept {
            self.refused = self.refused.saturating_add(1);
            return Vec::new();
        }
        self.values.insert(characteristic, bytes.to_vec());
        self.heard = at;
        self.due = UtcMillis(at.0.saturating_add(SETTLING_MS));
        Vec::new()
    }

    fn on_tick(&mut self, at: UtcMillis) -> Vec<Action> {
        if !matches!(self.phase, Phase::Reading | Phase::Waiting) || at < self.due {
            return Vec::new();
        }
        match self.measurement() {
            Some(measurement) => self.finish(measurement),
            None => self.abandon(DialogError::NoPresentValue),
        }
    }

    fn wake_at(&self) -> Option<UtcMillis> {
        matches!(self.phase, Phase::Reading | Phase::Waiting).then_some(self.due)
    }

    fn abandon(&mut self, reason: DialogError) -> Vec<Action> {
        if self.phase == Phase::Ended {
            return Vec::new();
        }
        self.phase = Phase::Ended;
        vec![Action::Failed(reason)]
    }

    fn readings(&self) -> Vec<Reading> {
        self.reading.iter().cloned().collect()
    }

    /// Nothing is ever written.
    fn recorded_clock(&self, _bytes: &[u8]) -> Option<UtcMillis> {
        None
    }

    fn on_recorded_write(&mut self, _bytes: &[u8], _at: UtcMillis) {}
}

#[cfg(test)]
mod tests;
