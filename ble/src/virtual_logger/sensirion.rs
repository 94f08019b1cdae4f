//! A Sensirion SHT4x gadget that exists only in memory.

use super::Climate;
use super::body::{Body, measured};
use super::logger::{Access, Characteristic, Notification, Truth, VirtualLogger};
use crate::address::{Address, BluetoothUuid};
use crate::advert::Advert;
use crate::dialog::sensirion::{DATA, SERVICE};
use firn_model::reading::Measurement;
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};

/// A virtual SHT4x gadget.
#[derive(Clone, Debug)]
pub struct VirtualSensirion {
    /// What measures and remembers.
    pub body: Body,
}

impl VirtualSensirion {
    /// The sensor's own numbers: −45 to 130 °C and −6 to 119 % over 16 bits.
    fn raw(climate: Climate) -> (u16, u16) {
        let part = |value: i64, span: i64| {
            u16::try_from((value.saturating_mul(65_535).saturating_add(span / 2) / span).clamp(0, 65_534))
                .unwrap_or(0)
        };
        let celsius = i64::from(climate.temperature.0).saturating_add(45_000);
        let humidity = i64::from(climate.humidity.0).saturating_add(60_000);
        (part(celsius, 175_000), part(humidity, 1_250_000))
    }

    fn read(climate: Climate) -> Measurement {
        let (celsius, humidity) = Self::raw(climate);
        let share = |span: i64, raw: u16| span.saturating_mul(i64::from(raw)).saturating_add(32_767) / 65_535;
        let celsius = i32::try_from(share(175_000, celsius).saturating_sub(45_000)).unwrap_or(0);
        let humidity = share(1_250_000, humidity).saturating_sub(60_000).clamp(0, 1_000_000);
        let humidity = RelativeHumidity(u32::try_from(humidity).unwrap_or(0));
        Measurement { aggregated: true, ..measured(MilliCelsius(celsius), Some(humidity)) }
    }
}

impl VirtualLogger for VirtualSensirion {
    fn address(&self) -> Address {
        self.body.address
    }

    fn advert(&self, at: UtcMillis) -> Advert {
        let (celsius, humidity) = Self::raw(self.body.measure(at));
        let mut payload = vec![0, 6, 0x12, 0x34];
        payload.extend_from_slice(&celsius.to_le_bytes());
        payload.extend_from_slice(&humidity.to_le_bytes());
        Advert {
            manufacturer_data: [(0x06D5, payload)].into(),
            newest_company: Some(0x06D5),
            ..self.body.advert(at)
        }
    }

    fn characteristics(&self) -> Vec<Characteristic> {
        vec![Characteristic::new(SERVICE, DATA, [Access::Notify])]
    }

    fn on_subscribe(&self, _: BluetoothUuid, at: UtcMillis) -> Vec<Notification> {
        let samples = self.body.samples(at);
        let newest = samples.last().map_or(at, |sample| sample.time);
        let age = u32::try_from(at.0.saturating_sub(newest.0)).unwrap_or(0);
        let mut head = vec![0, 0, 0, 0, 5, 0];
        head.extend_from_slice(&self.body.interval_s.saturating_mul(1000).to_le_bytes());
        head.extend_from_slice(&age.to_le_bytes());
        head.extend_from_slice(&u16::try_from(samples.len()).unwrap_or(u16::MAX).to_le_bytes());
        head.resize(20, 0);
        let mut sent = vec![(DATA, head)];
        for (number, row) in (1_u16..).zip(samples.chunks(4)) {
            let mut bytes = number.to_le_bytes().to_vec();
            for sample in row {
                let (celsius, humidity) = Self::raw(sample.climate);
                bytes.extend_from_slice(&celsius.to_le_bytes());
                bytes.extend_from_slice(&humidity.to_le_bytes());
            }
            bytes.resize(20, 0);
            sent.push((DATA, bytes));
        }
        sent
    }

    fn on_write(&self, _: BluetoothUuid, _: &[u8], _: UtcMillis) -> Vec<Notification> {
        Vec::new()
    }

    fn memory(&self, at: UtcMillis) -> Vec<Truth> {
        self.body.truths(at, Self::read)
    }
}
