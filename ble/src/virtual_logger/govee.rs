//! Govee thermometers that exist only in memory: H5075 by minutes back, H5179 by minutes since 1970.

use super::body::{Body, measured};
use super::logger::{Access, Characteristic, Notification, Truth, VirtualLogger};
use super::{Climate, rounded};
use crate::address::{Address, BluetoothUuid};
use crate::advert::Advert;
use crate::dialog::govee_h5075::{RECORDS, REQUESTS, SERVICE, xor};
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};

fn characteristics() -> Vec<Characteristic> {
    vec![
        Characteristic::new(SERVICE, REQUESTS, [Access::Write, Access::Notify]),
        Characteristic::new(SERVICE, RECORDS, [Access::Notify]),
    ]
}

/// A frame of 20 bytes that ends in the exclusive or of the others.
fn frame(head: &[u8]) -> Vec<u8> {
    let mut bytes = head.to_vec();
    bytes.resize(19, 0);
    bytes.push(xor(&bytes));
    bytes
}

/// A virtual Govee H5075; its body's interval must be 60 seconds.
#[derive(Clone, Debug)]
pub struct VirtualGoveeH5075 {
    /// What measures and remembers.
    pub body: Body,
}

impl VirtualGoveeH5075 {
    /// Tenths of a degree and of a percent.
    fn tenths(climate: Climate) -> (i32, u32) {
        (rounded(climate.temperature.0, 100), (climate.humidity.0 / 1000).min(999))
    }

    fn bits(climate: Climate) -> [u8; 3] {
        let (celsius, humidity) = Self::tenths(climate);
        let magnitude = celsius.unsigned_abs().saturating_mul(1000).saturating_add(humidity);
        let [_, a, b, c] = (magnitude | if celsius < 0 { 0x80_0000 } else { 0 }).to_be_bytes();
        [a, b, c]
    }
}

impl VirtualLogger for VirtualGoveeH5075 {
    fn address(&self) -> Address {
        self.body.address
    }

    fn advert(&self, at: UtcMillis) -> Advert {
        let [a, b, c] = Self::bits(self.body.measure(at));
        let manufacturer_data = [(0xEC88, vec![0, a, b, c, 100, 0])].into();
        Advert { manufacturer_data, newest_company: Some(0xEC88), ..self.body.advert(at) }
    }

    fn characteristics(&self) -> Vec<Characteristic> {
        characteristics()
    }

    fn on_write(&self, _: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Vec<Notification> {
        let [0x33, 0x01, f0, f1, t0, t1, ..] = *bytes else { return Vec::new() };
        let (from, to) = (u16::from_be_bytes([f0, f1]), u16::from_be_bytes([t0, t1]));
        let samples = self.body.samples(at);
        let newest = samples.last().map_or(0, |sample| sample.number);
        let wanted: Vec<(u16, [u8; 3])> = samples
            .iter()
            .filter_map(|s| {
                Some((u16::try_from(newest.saturating_sub(s.number)).ok()?, Self::bits(s.climate)))
            })
            .filter(|(back, _)| (to..=from).contains(back))
            .collect();
        let mut sent = vec![(REQUESTS, frame(&[0x33, 0x01]))];
        let rows = wanted.chunks(6).map(|row| {
            let mut bytes = row.first().map_or(0, |(back, _)| *back).to_be_bytes().to_vec();
            row.iter().for_each(|(_, value)| bytes.extend_from_slice(value));
            bytes.resize(20, 0xFF);
            (RECORDS, bytes)
        });
        sent.extend(rows);
        let count = u16::try_from(sent.len().saturating_sub(1)).unwrap_or(u16::MAX);
        let [c0, c1] = count.to_be_bytes();
        sent.push((REQUESTS, frame(&[0xEE, 0x01, c0, c1])));
        sent
    }

    fn memory(&self, at: UtcMillis) -> Vec<Truth> {
        self.body.truths(at, |climate| {
            let (celsius, humidity) = Self::tenths(climate);
            let humidity = RelativeHumidity(humidity.saturating_mul(1000));
            measured(MilliCelsius(celsius.saturating_mul(100)), Some(humidity))
        })
    }
}

/// A virtual Govee H5179; its body's interval must be 60 seconds.
#[derive(Clone, Debug)]
pub struct VirtualGoveeH5179 {
    /// What measures and remembers.
    pub body: Body,
    /// How many minutes its clock is ahead of the truth; 2,661 in the published recording.
    pub minutes_ahead: i64,
}

impl VirtualGoveeH5179 {
    fn minute(&self, at: UtcMillis) -> i64 {
        (at.0 / 60_000).saturating_add(self.minutes_ahead)
    }

    fn value(climate: Climate) -> [u8; 4] {
        let celsius = i16::try_from(rounded(climate.temperature.0, 10)).unwrap_or(i16::MAX);
        let humidity = u16::try_from(climate.humidity.0 / 100).unwrap_or(u16::MAX);
        let ([c0, c1], [h0, h1]) = (celsius.to_le_bytes(), humidity.to_le_bytes());
        [c0, c1, h0, h1]
    }
}

impl VirtualLogger for VirtualGoveeH5179 {
    fn address(&self) -> Address {
        self.body.address
    }

    fn advert(&self, at: UtcMillis) -> Advert {
        let value = Self::value(self.body.measure(at));
        let payload = [&[0xEC, 0x00, 0x01, 0x01][..], &value, &[100]].concat();
        Advert {
            manufacturer_data: [(0x8801, payload)].into(),
            newest_company: Some(0x8801),
            ..self.body.advert(at)
        }
    }

    fn characteristics(&self) -> Vec<Characteristic> {
        characteristics()
    }

    fn on_write(&self, _: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Vec<Notification> {
        let [0, 0, f0, f1, f2, f3, l0, l1, l2, l3] = *bytes else { return Vec::new() };
        let first = i64::from(u32::from_le_bytes([f0, f1, f2, f3]));
        let last = i64::from(u32::from_le_bytes([l0, l1, l2, l3]));
        let mut wanted: Vec<(i64, [u8; 4])> = self
            .body
            .samples(at)
            .iter()
            .map(|sample| (self.minute(sample.time), Self::value(sample.climate)))
            .filter(|(minute, _)| (first..=last).contains(minute))
            .collect();
        wanted.reverse();
        let mut sent = vec![(REQUESTS, vec![0x00])];
        sent.extend(wanted.chunks(4).map(|row| {
            let newest = row.first().map_or(0, |(minute, _)| *minute);
            let mut bytes = u32::try_from(newest).unwrap_or(u32::MAX).to_le_bytes().to_vec();
            row.iter().for_each(|(_, value)| bytes.extend_from_slice(value));
            bytes.resize(20, 0xFF);
            (RECORDS, bytes)
        }));
        sent.push((REQUESTS, vec![0x02]));
        sent
    }

    fn memory(&self, at: UtcMillis) -> Vec<Truth> {
        self.body.truths(at, |climate| {
            let celsius = rounded(climate.temperature.0, 10).saturating_mul(10);
            let humidity = (climate.humidity.0 / 100).saturating_mul(100);
            measured(MilliCelsius(celsius), Some(RelativeHumidity(humidity)))
        })
    }
}
