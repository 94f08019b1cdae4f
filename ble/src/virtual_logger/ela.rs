//! ELA Innovation loggers that exist only in memory: `LOG_DL`, and a session of the EN 12830 model.

use super::body::{Body, Sample, in_pieces, measured};
use super::logger::{Characteristic, Notification, Truth, VirtualLogger};
use super::{Climate, rounded};
use crate::address::{Address, BluetoothUuid};
use crate::advert::Advert;
use crate::dialog::ruuvi::{NOTIFY, SERVICE, WRITE};
use firn_model::time::UtcMillis;
use firn_model::units::MilliCelsius;
use std::fmt::Write;

/// A virtual Blue PUCK T, of the EN 12830 model or not.
#[derive(Clone, Debug)]
pub struct VirtualEla {
    /// What measures and remembers.
    pub body: Body,
    /// The password it wants, if any.
    pub password: Option<String>,
    /// It is the EN 12830 model: it answers to `READ_DATA` and not to `LOG_DL`.
    pub en12830: bool,
}

fn hundredths(climate: Climate) -> i32 {
    rounded(climate.temperature.0, 10)
}

impl VirtualEla {
    fn line(&self, sample: &Sample, text: &mut String) {
        let since = sample.time.0.saturating_sub(self.body.booted.0) / 1000;
        let (days, hours, minutes) = (since / 86_400, since % 86_400 / 3600, since % 3600 / 60);
        let value = hundredths(sample.climate);
        // Writing to a string cannot fail.
        write!(text, "{days}d{hours}h{minutes}m{}s:{value}\r\n", since % 60).unwrap_or_default();
    }

    fn log(&self, at: UtcMillis) -> String {
        let samples = self.body.samples(at);
        let mut text = format!("Nb data to get : {}\r\nTemperature LOG:\r\nDATA_START\r\n", samples.len());
        samples.iter().for_each(|sample| self.line(sample, &mut text));
        text.push_str("END_OF_DATA\r\n");
        text
    }

    fn session(&self, at: UtcMillis) -> String {
        let start = self.body.booted.to_rfc3339();
        let (date, time) = start.split_once('T').unwrap_or((&start, "00:00:00Z"));
        let mut day = date.split('-').rev().collect::<Vec<_>>().join("/");
        write!(day, " {} +00:00", time.split(['.', 'Z']).next().unwrap_or_default()).unwrap_or_default();
        let mut text = format!(
            "---DOWNLOAD_START---\r\nFirmware version: 1.0.0\r\nMacAddress: {}\r\nName: {}\r\nUnit: C\r\n\
             Start date: {day}\r\n<DATA_START>\r\n",
            self.body.address, self.body.name,
        );
        self.body.samples(at).iter().for_each(|sample| self.line(sample, &mut text));
        // The rule of the real check value is not public; this one means nothing.
        text.push_str("<DATA_END>\r\nCRC16: 0000\r\n---DOWNLOAD_END---\r\n");
        text
    }
}

impl VirtualLogger for VirtualEla {
    fn address(&self) -> Address {
        self.body.address
    }

    fn advert(&self, at: UtcMillis) -> Advert {
        let celsius = i16::try_from(hundredths(self.body.measure(at))).unwrap_or(0);
        let payload = [&[0x12][..], &celsius.to_le_bytes()].concat();
        Advert {
            manufacturer_data: [(0x0757, payload)].into(),
            newest_company: Some(0x0757),
            ..self.body.advert(at)
        }
    }

    fn characteristics(&self) -> Vec<Characteristic> {
        super::nordic_uart(SERVICE, WRITE, NOTIFY)
    }

    fn on_write(&self, _: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Vec<Notification> {
        let command = if self.en12830 { "READ_DATA" } else { "LOG_DL" };
        let wanted = match &self.password {
            Some(password) => format!("{command} {password}"),
            None => command.to_owned(),
        };
        if bytes != wanted.as_bytes() {
            return Vec::new();
        }
        let text = if self.en12830 { self.session(at) } else { self.log(at) };
        in_pieces(text.as_bytes()).map(|piece| (NOTIFY, piece)).collect()
    }

    fn memory(&self, at: UtcMillis) -> Vec<Truth> {
        self.body.truths(at, |climate| measured(MilliCelsius(hundredths(climate).saturating_mul(10)), None))
    }
}
