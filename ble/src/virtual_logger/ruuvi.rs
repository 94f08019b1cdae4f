//! Ruuvi's loggers as virtual loggers: RuuviTag, and a Ruuvi Air that exists only in memory.

use super::body::Body;
use super::logger::{Characteristic, Notification, Truth, VirtualLogger};
use super::{Climate, VirtualRuuviTag, rounded};
use crate::address::{Address, BluetoothUuid};
use crate::advert::Advert;
use crate::bytes::Bytes;
use crate::codec::ruuvi::{PRESSURE_OFFSET_PA, e1_record};
use crate::dialog::ruuvi::{NOTIFY, SERVICE, WRITE};
use firn_model::reading::Measurement;
use firn_model::time::UtcMillis;

impl VirtualLogger for VirtualRuuviTag {
    fn address(&self) -> Address {
        self.address
    }

    fn advert(&self, at: UtcMillis) -> Advert {
        Self::advert(self, at)
    }

    fn characteristics(&self) -> Vec<Characteristic> {
        super::nordic_uart(SERVICE, WRITE, NOTIFY)
    }

    fn on_subscribe(&self, _: BluetoothUuid, at: UtcMillis) -> Vec<Notification> {
        VirtualLogger::heartbeat(self, at).into_iter().collect()
    }

    fn on_write(&self, _: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Vec<Notification> {
        self.answer(bytes, at).into_iter().map(|packet| (NOTIFY, packet)).collect()
    }

    fn heartbeat(&self, at: UtcMillis) -> Option<Notification> {
        Some((NOTIFY, Self::heartbeat(self, at).to_vec()))
    }

    fn memory(&self, at: UtcMillis) -> Vec<Truth> {
        let truth = |record: super::Record| Truth {
            time: self.booted.plus_seconds(i64::from(record.uptime_s)),
            measurement: Measurement {
                temperature: Some(record.climate.temperature),
                humidity: Some(record.climate.humidity),
                pressure_pa: Some(record.climate.pressure_pa),
                ..Measurement::default()
            },
        };
        Self::memory(self, at).into_iter().map(truth).collect()
    }
}

/// A virtual Ruuvi Air.
#[derive(Clone, Debug)]
pub struct VirtualRuuviAir {
    /// What measures and remembers.
    pub body: Body,
}

impl VirtualRuuviAir {
    /// Data format E1 without the address; what is not measured is marked as not available.
    fn format_e1(climate: Climate, number: i64) -> [u8; 34] {
        let mut bytes = [0xFF; 34];
        let temperature = i16::try_from(rounded(climate.temperature.0, 5)).unwrap_or(i16::MIN);
        let humidity = u16::try_from(climate.humidity.0 / 25).unwrap_or(u16::MAX);
        let pressure =
            u16::try_from(climate.pressure_pa.saturating_sub(PRESSURE_OFFSET_PA)).unwrap_or(u16::MAX);
        let sequence = u32::try_from(number).unwrap_or(0).to_be_bytes();
        let measured =
            [[0xE1].as_slice(), &temperature.to_be_bytes(), &humidity.to_be_bytes(), &pressure.to_be_bytes()];
        for (place, byte) in bytes.iter_mut().zip(measured.into_iter().flatten()) {
            *place = *byte;
        }
        for (place, byte) in bytes.iter_mut().skip(25).zip(sequence.iter().skip(1)) {
            *place = *byte;
        }
        bytes
    }
}

impl VirtualLogger for VirtualRuuviAir {
    fn address(&self) -> Address {
        self.body.address
    }

    fn advert(&self, at: UtcMillis) -> Advert {
        let mut payload = Self::format_e1(self.body.measure(at), at.0 / 2500 % 0xFF_FFFF).to_vec();
        payload.extend_from_slice(&self.body.address.0);
        Advert {
            manufacturer_data: [(0x0499, payload)].into(),
            newest_company: Some(0x0499),
            ..self.body.advert(at)
        }
    }

    fn characteristics(&self) -> Vec<Characteristic> {
        super::nordic_uart(SERVICE, WRITE, NOTIFY)
    }

    fn on_write(&self, _: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Vec<Notification> {
        let mut request = Bytes(bytes);
        let head = request.array::<3>();
        let (Some([0x3B, 0x3B, 0x21]), Some(now), Some(from)) = (head, request.u32_be(), request.u32_be())
        else {
            return Vec::new();
        };
        // Its clock counts whole seconds; the difference to the phone's is added to every record.
        let difference = i64::from(now).saturating_sub(at.0 / 1000);
        let mut records = Vec::new();
        for sample in self.body.samples(at) {
            let time = u32::try_from((sample.time.0 / 1000).saturating_add(difference)).unwrap_or(0);
            if time >= from {
                records.push(
                    [&time.to_be_bytes()[..], &Self::format_e1(sample.climate, sample.number)].concat(),
                );
            }
        }
        let packet = |rows: &[Vec<u8>]| {
            let count = u8::try_from(rows.len()).unwrap_or(0);
            (NOTIFY, [&[0x3B, 0x3B, 0x20, count, 38][..], &rows.concat()].concat())
        };
        records.chunks(6).map(packet).chain([packet(&[])]).collect()
    }

    fn memory(&self, at: UtcMillis) -> Vec<Truth> {
        let truth = |sample: super::body::Sample| {
            let measurement = e1_record(&Self::format_e1(sample.climate, sample.number)).unwrap_or_default();
            Truth { time: sample.time, measurement }
        };
        self.body.samples(at).into_iter().map(truth).collect()
    }
}
