//! A thermometer with pvvx firmware that exists only in memory.

use super::body::{Body, measured};
use super::logger::{Access, Characteristic, Notification, Truth, VirtualLogger};
use super::{Climate, rounded};
use crate::address::{Address, BluetoothUuid};
use crate::advert::Advert;
use crate::dialog::pvvx::{COMMANDS, SERVICE};
use firn_model::reading::Measurement;
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};

/// A virtual LYWSD03MMC with pvvx firmware.
#[derive(Clone, Debug)]
pub struct VirtualPvvx {
    /// What measures and remembers.
    pub body: Body,
    /// How many seconds its clock is ahead of the truth.
    pub clock_ahead_s: i64,
    /// Its battery in millivolts.
    pub battery_mv: u16,
}

impl VirtualPvvx {
    fn clock(&self, at: UtcMillis) -> u32 {
        u32::try_from((at.0 / 1000).saturating_add(self.clock_ahead_s)).unwrap_or(0)
    }

    /// Hundredths of a degree and of a percent.
    fn hundredths(climate: Climate) -> (i16, u16) {
        let celsius = i16::try_from(rounded(climate.temperature.0, 10)).unwrap_or(i16::MAX);
        (celsius, u16::try_from(climate.humidity.0 / 100).unwrap_or(u16::MAX))
    }

    fn read(&self, climate: Climate) -> Measurement {
        let (celsius, humidity) = Self::hundredths(climate);
        Measurement {
            battery_mv: Some(u32::from(self.battery_mv)),
            aggregated: true,
            ..measured(
                MilliCelsius(i32::from(celsius).saturating_mul(10)),
                Some(RelativeHumidity(u32::from(humidity).saturating_mul(100))),
            )
        }
    }

    fn records(&self, last: u16, before: u16, at: UtcMillis) -> Vec<Notification> {
        let newest_first = self.body.samples(at).into_iter().rev();
        let mut sent = Vec::new();
        for (index, sample) in (1_u16..=last).zip(newest_first).skip(usize::from(before)) {
            let (celsius, humidity) = Self::hundredths(sample.climate);
            let mut bytes = vec![0x35];
            bytes.extend_from_slice(&index.to_le_bytes());
            bytes.extend_from_slice(&self.clock(sample.time).to_le_bytes());
            bytes.extend_from_slice(&celsius.to_le_bytes());
            bytes.extend_from_slice(&humidity.to_le_bytes());
            bytes.extend_from_slice(&self.battery_mv.to_le_bytes());
            sent.push((COMMANDS, bytes));
        }
        sent.push((COMMANDS, vec![0x35, 0, 0]));
        sent
    }
}

impl VirtualLogger for VirtualPvvx {
    fn address(&self) -> Address {
        self.body.address
    }

    /// The firmware's own format: address reversed, hundredths, millivolts, percent, counter, flags.
    fn advert(&self, at: UtcMillis) -> Advert {
        let (celsius, humidity) = Self::hundredths(self.body.measure(at));
        let mut payload: Vec<u8> = self.body.address.0.iter().rev().copied().collect();
        payload.extend_from_slice(&celsius.to_le_bytes());
        payload.extend_from_slice(&humidity.to_le_bytes());
        payload.extend_from_slice(&self.battery_mv.to_le_bytes());
        let counter = u8::try_from(at.0 / 10_000 % 256).unwrap_or(0);
        payload.extend_from_slice(&[90, counter, 4]);
        let service_data = [(BluetoothUuid::Short(0x181A), payload)].into();
        Advert { service_data, ..self.body.advert(at) }
    }

    fn characteristics(&self) -> Vec<Characteristic> {
        vec![Characteristic::new(SERVICE, COMMANDS, [Access::WriteWithoutResponse, Access::Notify])]
    }

    fn on_write(&self, _: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Vec<Notification> {
        match *bytes {
            [0x23] => vec![(COMMANDS, [&[0x23][..], &self.clock(at).to_le_bytes(), &[0; 4]].concat())],
            [0x35, 0, 0] => Vec::new(),
            [0x35, l0, l1] => self.records(u16::from_le_bytes([l0, l1]), 0, at),
            [0x35, l0, l1, b0, b1] => {
                self.records(u16::from_le_bytes([l0, l1]), u16::from_le_bytes([b0, b1]), at)
            }
            _ => Vec::new(),
        }
    }

    fn memory(&self, at: UtcMillis) -> Vec<Truth> {
        self.body.truths(at, |climate| self.read(climate))
    }
}
