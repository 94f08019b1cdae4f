//! What virtual loggers have in common: where they stand, since when, and how much they hold.

use super::{Climate, Curve, mixed};
use crate::address::Address;
use crate::advert::Advert;
use crate::virtual_logger::logger::Truth;
use firn_model::reading::Measurement;
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};
use std::fmt;

/// The part of a logger that measures and remembers.
#[derive(Clone)]
pub struct Body {
    /// The name it advertises.
    pub name: String,
    /// Its address.
    pub address: Address,
    /// When it was switched on: its log begins one interval later.
    pub booted: UtcMillis,
    /// Seconds between two records.
    pub interval_s: u32,
    /// How many records it holds; older ones are written over.
    pub capacity: usize,
    /// Where it stands.
    pub climate: Curve,
    /// Makes its sensor's noise, of at most 0.02 °C.
    pub seed: u64,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.address)
    }
}

/// One measurement of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Counted from one since it was switched on.
    pub number: i64,
    /// When it was taken.
    pub time: UtcMillis,
    /// What was measured.
    pub climate: Climate,
}

impl Body {
    /// What the sensor shows at `at`.
    pub fn measure(&self, at: UtcMillis) -> Climate {
        let climate = (self.climate)(at);
        let noise = i32::try_from(mixed(self.seed ^ at.0.cast_unsigned()) % 41).unwrap_or(20);
        let temperature = climate.temperature.0.saturating_add(noise).saturating_sub(20);
        Climate { temperature: MilliCelsius(temperature), ..climate }
    }

    /// The samples in memory at `at`, ascending by time.
    pub fn samples(&self, at: UtcMillis) -> Vec<Sample> {
        let step_ms = i64::from(self.interval_s.max(1)).saturating_mul(1000);
        let newest = at.0.saturating_sub(self.booted.0).max(0) / step_ms;
        let held = i64::try_from(self.capacity).unwrap_or(i64::MAX);
        let oldest = newest.saturating_sub(held).saturating_add(1).max(1);
        (oldest..=newest)
            .map(|number| {
                let time = UtcMillis(self.booted.0.saturating_add(number.saturating_mul(step_ms)));
                Sample { number, time, climate: self.measure(time) }
            })
            .collect()
    }

    /// An advert of this body with nothing measured in it.
    pub(super) fn advert(&self, at: UtcMillis) -> Advert {
        Advert {
            name: Some(self.name.clone()),
            address: Some(self.address),
            time: Some(at),
            ..Advert::default()
        }
    }

    /// The memory as truths of a log that holds what `read` makes of a climate.
    pub(super) fn truths(&self, at: UtcMillis, read: impl Fn(Climate) -> Measurement) -> Vec<Truth> {
        let truth = |sample: Sample| Truth { time: sample.time, measurement: read(sample.climate) };
        self.samples(at).into_iter().map(truth).collect()
    }
}

/// Temperature and humidity as a log of these units holds them.
pub(super) fn measured(celsius: MilliCelsius, humidity: Option<RelativeHumidity>) -> Measurement {
    Measurement { temperature: Some(celsius), humidity, ..Measurement::default() }
}

/// Bytes as notifications of at most 20 bytes, as many as an unnegotiated connection carries.
pub(super) fn in_pieces(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    bytes.chunks(20).map(<[u8]>::to_vec)
}
