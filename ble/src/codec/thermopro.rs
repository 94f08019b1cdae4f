//! ThermoPro thermometers: TP35x and TP39x hygrometers, TP96x and TP97x meat probes.
//!
//! Source: the public decoders thermopro-ble, Theengs and ble_monitor. The measured bits begin inside
//! the company identifier, so that a device is known by its name alone. The charge of the meat probes
//! is sent as a voltage of unknown scale and is not read.

use super::float::scaled;
use super::value::{celsius, celsius_fraction, humidity};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::bytes::Bytes;
use crate::decode::{DecodeError, Decoded};
use crate::readings::Readings;
use firn_model::reading::Measurement;
use firn_model::units::MilliCelsius;

/// ThermoPro's hygrometers and meat probes.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "ThermoPro (TP35x, TP39x, TP96x, TP97x)",
    formats: &[TP35, TP96, TP972],
    standing: Standing::Supplementary,
    carriers: &[
        Carrier::Name(|name| name.starts_with("TP35") || name.starts_with("TP39"), decode_hygrometer),
        Carrier::Name(|name| name.starts_with("TP96") || name.starts_with("TP97"), decode_spike),
    ],
};

const DEVICE: &str = "thermopro";
const TP35: &str = "thermopro-tp35x";
const TP96: &str = "thermopro-tp96x";
const TP972: &str = "thermopro-tp972";

/// A spike has up to four sensors: tip, air around it, middle, end.
const SENSORS: u8 = 4;

/// Decodes what a TP35x or TP39x sends.
fn decode_hygrometer(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let &[_, t0, t1, moisture, state, _, ..] = frame.payload else {
        return Err(DecodeError::Truncated { format: TP35, have: frame.payload.len() });
    };
    let mut measurement = Measurement {
        battery_pct: match state & 3 {
            0 => Some(1),
            1 => Some(50),
            2 => Some(100),
            _ => None,
        },
        ..Measurement::default()
    };
    // All ones is how a TP357S says that it has no reading.
    if [t0, t1, moisture] != [0xFF; 3] {
        measurement.temperature = Some(celsius(TP35, i16::from_le_bytes([t0, t1]), 100)?);
        measurement.humidity = Some(humidity(TP35, moisture, 10_000)?);
    }
    heard(DEVICE, TP35, None, [measurement])
}

/// Decodes what a TP96x or TP97x sends.
fn decode_spike(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    match *frame.payload {
        // Some add the address of their charging station.
        [spike, t0, t1, _, _, a0, a1] | [spike, t0, t1, _, _, a0, a1, _, _, _, _, _, _] => {
            spike_readings(TP96, spike, [Some(whole([t0, t1])?), Some(whole([a0, a1])?), None, None])
        }
        [spike, a0, a1, _, _, ref rest @ ..] if rest.len() == 18 => {
            let air = u16::from_le_bytes([a0, a1]);
            let mut rest = Bytes(rest);
            let [tip, middle, end] =
                [rest.array(), rest.array(), rest.array()].map(|bytes: Option<[u8; 4]>| {
                    fahrenheit(bytes.and_then(|bytes| scaled(u32::from_le_bytes(bytes), 1000)))
                });
            let air = fahrenheit(Some(i64::from(air).saturating_mul(1000)))?;
            spike_readings(TP972, spike, [Some(tip?), Some(air), Some(middle?), Some(end?)])
        }
        _ => Err(DecodeError::UnknownFormat),
    }
}

fn spike_readings(
    format: &'static str,
    spike: u8,
    temperatures: [Option<MilliCelsius>; 4],
) -> Result<Decoded, DecodeError> {
    let first = spike.checked_mul(SENSORS).ok_or(DecodeError::UnknownFormat)?;
    let readings = (first..=u8::MAX).zip(temperatures).map(|(probe, temperature)| Measurement {
        probe,
        temperature,
        ..Measurement::default()
    });
    heard(DEVICE, format, None, readings.collect::<Readings>())
}

/// Whole degrees Celsius above −30, which no spike measures: the bytes are then of another format.
fn whole(bytes: [u8; 2]) -> Result<MilliCelsius, DecodeError> {
    if bytes == [0; 2] {
        return Err(DecodeError::UnknownFormat);
    }
    celsius(TP96, i32::from(u16::from_le_bytes(bytes)).saturating_sub(30), 1000)
}

/// Thousandths of a degree Fahrenheit above −54; the melting point of ice stands at 86.
fn fahrenheit(milli: Option<i64>) -> Result<MilliCelsius, DecodeError> {
    let milli = milli.ok_or(DecodeError::OutOfRange { format: TP972, quantity: "temperature" })?;
    celsius_fraction(TP972, milli.saturating_sub(86_000), 1800)
}
