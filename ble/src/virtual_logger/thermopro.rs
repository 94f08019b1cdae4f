//! A ThermoPro TP357S that exists only in memory.

use super::body::{Body, in_pieces, measured};
use super::logger::{Access, Characteristic, Notification, Truth, VirtualLogger};
use super::{Climate, rounded};
use crate::address::{Address, BluetoothUuid};
use crate::advert::Advert;
use crate::dialog::thermopro::{NOTIFY, SERVICE, WRITE, sum};
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};
use std::sync::atomic::{AtomicBool, Ordering};

/// A virtual TP357S; its body's interval must be 60 seconds.
#[derive(Debug)]
pub struct VirtualThermoPro {
    /// What measures and remembers.
    pub body: Body,
    /// Its clock has been set, without which it hands over nothing.
    pub clock_set: AtomicBool,
}

impl VirtualThermoPro {
    /// Tenths of a degree, and percent.
    fn value(climate: Climate) -> (i16, u8) {
        let tenths = i16::try_from(rounded(climate.temperature.0, 100)).unwrap_or(0);
        (tenths, u8::try_from(climate.humidity.0 / 10_000).unwrap_or(100))
    }

    fn answer(&self, count: u16, at: UtcMillis) -> Vec<Notification> {
        let newest_first = self.body.samples(at).into_iter().rev().take(usize::from(count));
        let mut records = Vec::new();
        for sample in newest_first {
            let (tenths, humidity) = Self::value(sample.climate);
            records.extend_from_slice(&tenths.to_le_bytes());
            records.push(humidity);
        }
        let length = u32::try_from(records.len().saturating_add(1)).unwrap_or(1);
        let [l0, l1, l2, _] = length.to_le_bytes();
        let mut inner = vec![0x01, l0, l1, l2, 0];
        inner.extend_from_slice(&records);
        inner.push(sum(&inner));
        let frame = [&[0xCC, 0xCC][..], &inner, &[0x66, 0x66]].concat();
        in_pieces(&frame).map(|piece| (NOTIFY, piece)).collect()
    }
}

impl VirtualLogger for VirtualThermoPro {
    fn address(&self) -> Address {
        self.body.address
    }

    /// The company identifier is itself measured: its high byte is the low byte of the temperature.
    fn advert(&self, at: UtcMillis) -> Advert {
        let (tenths, humidity) = Self::value(self.body.measure(at));
        let [low, high] = tenths.to_le_bytes();
        let company = u16::from_le_bytes([0xC2, low]);
        let manufacturer_data = [(company, vec![high, humidity, 0x02, 0x2C])].into();
        Advert { manufacturer_data, newest_company: Some(company), ..self.body.advert(at) }
    }

    fn characteristics(&self) -> Vec<Characteristic> {
        vec![
            Characteristic::new(SERVICE, WRITE, [Access::WriteWithoutResponse]),
            Characteristic::new(SERVICE, NOTIFY, [Access::Notify]),
        ]
    }

    fn on_write(&self, _: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Vec<Notification> {
        match bytes {
            [0xA5, rest @ .., check] if rest.len() == 7 && sum(rest).wrapping_add(0xA5) == *check => {
                self.clock_set.store(true, Ordering::Relaxed);
                Vec::new()
            }
            [0xCC, 0xCC, 0x01, 0x09, .., n0, n1, _, 0x66, 0x66] if self.clock_set.load(Ordering::Relaxed) => {
                self.answer(u16::from_le_bytes([*n0, *n1]), at)
            }
            _ => Vec::new(),
        }
    }

    fn memory(&self, at: UtcMillis) -> Vec<Truth> {
        self.body.truths(at, |climate| {
            let (tenths, humidity) = Self::value(climate);
            let humidity = RelativeHumidity(u32::from(humidity).saturating_mul(10_000));
            measured(MilliCelsius(i32::from(tenths).saturating_mul(100)), Some(humidity))
        })
    }
}
