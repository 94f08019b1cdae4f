//! A Blue Maestro Tempo Disc (version 23) that exists only in memory.

use super::body::{Body, in_pieces, measured};
use super::logger::{Characteristic, Notification, Truth, VirtualLogger};
use super::{Climate, rounded};
use crate::address::{Address, BluetoothUuid};
use crate::advert::Advert;
use crate::dialog::ruuvi::{NOTIFY, SERVICE, WRITE};
use firn_model::reading::Measurement;
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};

/// A virtual Tempo Disc THD.
#[derive(Clone, Debug)]
pub struct VirtualBlueMaestro {
    /// What measures and remembers.
    pub body: Body,
}

impl VirtualBlueMaestro {
    /// Temperature, humidity and dew point in tenths; the dew point by one degree for each five percent.
    fn tenths(climate: Climate) -> [i16; 3] {
        let narrow = |value: i32| i16::try_from(value).unwrap_or(0);
        let celsius = rounded(climate.temperature.0, 100);
        let humidity = i32::try_from(climate.humidity.0 / 1000).unwrap_or(1000);
        [celsius, humidity, celsius.saturating_sub(1000_i32.saturating_sub(humidity) / 5)].map(narrow)
    }

    fn answer(&self, at: UtcMillis) -> Vec<Notification> {
        let samples = self.body.samples(at);
        let [n0, n1] = u16::try_from(samples.len()).unwrap_or(u16::MAX).to_be_bytes();
        let mut sent = vec![(NOTIFY, vec![0, 0, n0, n1, n0, n1, 0, 2, 1, 0, 0, 0, 0, 0, 0x3A])];
        for quantity in 0..3 {
            let values = samples.iter().filter_map(|s| Self::tenths(s.climate).get(quantity).copied());
            let column: Vec<u8> = values.flat_map(i16::to_be_bytes).collect();
            sent.extend(in_pieces(&column).map(|piece| (NOTIFY, piece)));
            sent.push((NOTIFY, vec![0x2C, 0x2C]));
        }
        sent
    }
}

impl VirtualLogger for VirtualBlueMaestro {
    fn address(&self) -> Address {
        self.body.address
    }

    fn advert(&self, at: UtcMillis) -> Advert {
        let count = u16::try_from(self.body.samples(at).len()).unwrap_or(u16::MAX);
        let interval = u16::try_from(self.body.interval_s).unwrap_or(u16::MAX);
        let mut payload = vec![0x17, 100];
        payload.extend_from_slice(&interval.to_be_bytes());
        payload.extend_from_slice(&count.to_be_bytes());
        payload.extend(Self::tenths(self.body.measure(at)).into_iter().flat_map(i16::to_be_bytes));
        payload.extend_from_slice(&[1, 0]);
        Advert {
            manufacturer_data: [(0x0133, payload)].into(),
            newest_company: Some(0x0133),
            ..self.body.advert(at)
        }
    }

    fn characteristics(&self) -> Vec<Characteristic> {
        super::nordic_uart(SERVICE, WRITE, NOTIFY)
    }

    fn on_write(&self, _: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Vec<Notification> {
        if bytes == b"*logall" { self.answer(at) } else { Vec::new() }
    }

    fn memory(&self, at: UtcMillis) -> Vec<Truth> {
        self.body.truths(at, |climate| {
            let [celsius, humidity, dew_point] = Self::tenths(climate).map(i32::from);
            let humidity = u32::try_from(humidity.saturating_mul(1000)).ok().map(RelativeHumidity);
            let milli = |tenths: i32| MilliCelsius(tenths.saturating_mul(100));
            Measurement { dew_point: Some(milli(dew_point)), ..measured(milli(celsius), humidity) }
        })
    }
}
