//! Relsib EClerk Eco (service data 0xAA20 to 0xAA22) and WT51 (0x1809 with 0xAAA2).
//!
//! Source: the layouts in custom-components/ble_monitor (`relsib.py`). The EClerk's numbers are
//! little-endian, 0x8000 where a sensor is not ready; the WT51 sends its temperature as text.

use super::fields::{exactly, humidity_hundredths, hundredths};
use super::value::percent;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::BluetoothUuid;
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;
use firn_model::units::MilliCelsius;

/// Relsib's loggers.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Relsib (EClerk Eco, WT51)",
    formats: &[ECLERK, WT51],
    standing: Standing::Supplementary,
    carriers: &[
        Carrier::Service(BluetoothUuid::Short(0xAA20), decode_with_charge),
        Carrier::Service(BluetoothUuid::Short(0xAA21), decode_values),
        Carrier::Service(BluetoothUuid::Short(0xAA22), decode_values),
        Carrier::Service(BluetoothUuid::Short(0x1809), decode_text),
    ],
};

const DEVICE: &str = "relsib";
const ECLERK: &str = "relsib-eclerk";
const WT51: &str = "relsib-wt51";

/// Decodes service data of 0xAA20, which alone has the charge; its highest bit is the mains adapter.
fn decode_with_charge(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [_, _, _, _, t0, t1, h0, h1, c0, c1, _, _, _, charge, ..] = *exactly::<22>(ECLERK, frame.payload)?;
    let mut read = measurement([t0, t1], [h0, h1], [c0, c1])?;
    read.battery_pct = if charge & 0x80 == 0 { percent(charge) } else { Some(100) };
    heard(DEVICE, ECLERK, None, [read])
}

/// Decodes service data of 0xAA21 and 0xAA22.
fn decode_values(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [t0, t1, h0, h1, c0, c1, ..] = *exactly::<22>(ECLERK, frame.payload)?;
    heard(DEVICE, ECLERK, None, [measurement([t0, t1], [h0, h1], [c0, c1])?])
}

fn measurement(temperature: [u8; 2], humidity: [u8; 2], co2: [u8; 2]) -> Result<Measurement, DecodeError> {
    let co2 = u16::from_le_bytes(co2);
    Ok(Measurement {
        temperature: hundredths(ECLERK, i16::from_le_bytes(temperature))?,
        humidity: humidity_hundredths(u16::from_le_bytes(humidity)),
        co2_ppm: (co2 != 0x8000).then_some(u32::from(co2)),
        ..Measurement::default()
    })
}

/// Decodes the text of a WT51, such as `+023.5`: always a sign and six characters.
fn decode_text(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [b'+' | b'-', ..] = frame.payload else { return Err(DecodeError::UnknownFormat) };
    let text = std::str::from_utf8(exactly::<6>(WT51, frame.payload)?);
    let text = text.map_err(|_| DecodeError::UnknownFormat)?;
    let temperature = MilliCelsius::parse(text).map_err(|_| DecodeError::UnknownFormat)?;
    heard(DEVICE, WT51, None, [Measurement { temperature: Some(temperature), ..Measurement::default() }])
}
