//! Govee thermometers and hygrometers: H5051, H507x, H510x, H5112, H5140, H517x.
//!
//! Source: the public decoders govee-ble, ble_monitor and Theengs, and Heckie75's description of the
//! H5075. Two models may send the same bytes with another meaning (H5101 and H5106), so that under the
//! identifier 0x0001, which is not Govee's own, the model is taken from the device's name.

use super::value::{celsius, humidity, percent};
use super::{Carrier, Family, Frame, Standing, govee_probes, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;
use firn_model::units::{MilliCelsius, RelativeHumidity};

/// Govee's thermometers, hygrometers and probe thermometers.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Govee (H5051 to H5075, H5100 to H5112, H5140, H5174 to H5198)",
    formats: &[
        H5074,
        H5075,
        H5101,
        H5106,
        H5112,
        H5140,
        H5178,
        H5179,
        govee_probes::H5055,
        govee_probes::H5181,
    ],
    standing: Standing::Supplementary,
    carriers: &[
        Carrier::Company(0xEC88, decode_own),
        Carrier::Company(0x0001, decode_borrowed),
        Carrier::Company(0x8801, decode_h5179),
        Carrier::AnyCompany(decode_by_model),
        Carrier::AnyCompany(govee_probes::decode),
    ],
};

/// The stable name of the family.
pub(super) const DEVICE: &str = "govee";
const H5074: &str = "govee-h5074";
const H5075: &str = "govee-h5075";
const H5101: &str = "govee-h5101";
const H5106: &str = "govee-h5106";
const H5112: &str = "govee-h5112";
const H5140: &str = "govee-h5140";
const H5178: &str = "govee-h5178";
const H5179: &str = "govee-h5179";

/// What lies outside is how the loggers say that their sensor failed, as the public decoders take it.
const RANGE: std::ops::RangeInclusive<i32> = -40_000..=100_000;

/// Decodes manufacturer data of company 0xEC88.
fn decode_own(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    match *without_beacon(frame.payload) {
        [0, a, b, c, battery, _] => one(H5075, packed([a, b, c], battery)),
        // H5074 has seven bytes; H5051, H5052 and H5071 have nine.
        [0, t0, t1, h0, h1, battery, _] | [0, t0, t1, h0, h1, battery, _, _, _] => {
            plain(H5074, [t0, t1], [h0, h1], battery)
        }
        _ => Err(DecodeError::UnknownFormat),
    }
}

/// Decodes manufacturer data of company 0x0001.
fn decode_borrowed(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [0x01, 0x01, rest @ ..] = without_beacon(frame.payload) else {
        return Err(DecodeError::UnknownFormat);
    };
    match (model(frame), rest) {
        (Some(5106), &[a, b, c, d]) => one(H5106, with_particles([a, b, c, d])),
        (Some(5112), &[a, b, c, battery, _, 0x41]) => one(H5112, packed([a, b, c], battery)),
        // The second probe has no hygrometer.
        (Some(5112), &[a, b, c, battery, _, 0x82]) => {
            one(H5112, Measurement { probe: 1, humidity: None, ..packed([a, b, c], battery) })
        }
        (Some(5140), &[a, b, c, p0, p1, 0]) => {
            let co2_ppm = Some(u32::from(u16::from_be_bytes([p0, p1])));
            let (temperature, humidity) = unpacked([a, b, c]).ok_or(NO_MEASUREMENT)?;
            let (temperature, humidity) = (Some(temperature), Some(humidity));
            one(H5140, Measurement { temperature, humidity, co2_ppm, ..Measurement::default() })
        }
        (Some(5140), &[_, _, _, _, _, _error]) => Err(NO_MEASUREMENT),
        (
            Some(5100..=5105 | 5108 | 5110 | 5174 | 5177 | 5179),
            &[a, b, c, battery] | &[a, b, c, battery, _, _],
        ) => one(H5101, packed([a, b, c], battery)),
        // One address, two sensors: the one inside and the remote one outside.
        (Some(5178) | None, &[probe @ (0 | 1), a, b, c, battery, 0, _]) => {
            one(H5178, Measurement { probe, ..packed([a, b, c], battery) })
        }
        _ => Err(DecodeError::UnknownFormat),
    }
}

/// Decodes what a named model sends under an identifier of another batch.
fn decode_by_model(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let payload = frame.payload.get(2..).unwrap_or_default();
    let frame = &Frame { payload, ..*frame };
    match model(frame) {
        Some(5051 | 5052 | 5071 | 5072 | 5074 | 5075 | 5129) => decode_own(frame),
        Some(5179) if payload.len() == 9 => decode_h5179(frame),
        Some(_) => decode_borrowed(frame),
        None => Err(DecodeError::UnknownFormat),
    }
}

/// What an H5140 says while its error flag is set.
const NO_MEASUREMENT: DecodeError = DecodeError::NoMeasurement { format: H5140 };

/// Decodes manufacturer data of company 0x8801.
fn decode_h5179(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    match *without_beacon(frame.payload) {
        [0xEC, 0, 1, 1, t0, t1, h0, h1, battery] => plain(H5179, [t0, t1], [h0, h1], battery),
        _ => Err(DecodeError::UnknownFormat),
    }
}

/// Some firmware leaves the 25 bytes of its iBeacon behind its own data.
pub(super) fn without_beacon(payload: &[u8]) -> &[u8] {
    match payload.split_last_chunk::<25>() {
        Some((own, beacon)) if beacon.strip_prefix(&[0x4C, 0]).is_some_and(is_beacon) => own,
        _ => payload,
    }
}

/// Whether this is the iBeacon that Govee's devices send: its UUID is a text.
pub(super) fn is_beacon(payload: &[u8]) -> bool {
    payload.starts_with(b"\x02\x15INTELLI_ROCKS_HW")
}

/// The number of the model in names such as `GVH5075_2762`, `GV5140303A`, `Govee_H5074_5FF4`, `B51782BC8`.
pub(super) fn model(frame: &Frame<'_>) -> Option<u16> {
    let name = frame.advert.name.as_deref()?;
    let digits = ["GVH", "GV", "Govee_H", "H", "B"].iter().find_map(|prefix| name.strip_prefix(prefix))?;
    digits.get(..4)?.parse().ok()
}

fn one(format: &'static str, measurement: Measurement) -> Result<Decoded, DecodeError> {
    heard(DEVICE, format, None, [measurement])
}

/// Hundredths of a degree and of a percent, least significant byte first.
fn plain(
    format: &'static str,
    temperature: [u8; 2],
    moisture: [u8; 2],
    battery: u8,
) -> Result<Decoded, DecodeError> {
    let temperature = celsius(format, i16::from_le_bytes(temperature), 10)?;
    if !RANGE.contains(&temperature.0) {
        return Err(DecodeError::OutOfRange { format, quantity: "temperature" });
    }
    one(
        format,
        Measurement {
            temperature: Some(temperature),
            humidity: Some(humidity(format, u16::from_le_bytes(moisture), 100)?),
            battery_pct: percent(battery),
            ..Measurement::default()
        },
    )
}

/// Three bytes of both values and the battery, whose highest bit says that the values are none.
fn packed(values: [u8; 3], battery: u8) -> Measurement {
    let values = if battery & 0x80 == 0 { unpacked(values) } else { None };
    Measurement {
        temperature: values.map(|(temperature, _)| temperature),
        humidity: values.map(|(_, humidity)| humidity),
        battery_pct: percent(battery & 0x7F),
        ..Measurement::default()
    }
}

/// A sign, then tenths of a degree times a thousand plus tenths of a percent.
fn unpacked([a, b, c]: [u8; 3]) -> Option<(MilliCelsius, RelativeHumidity)> {
    let magnitude = u32::from_be_bytes([0, a & 0x7F, b, c]);
    signed(a, magnitude.checked_div(1000)?, magnitude.checked_rem(1000)?)
}

/// As [`unpacked`] with three more digits, of the particles in the air.
fn with_particles([a, b, c, d]: [u8; 4]) -> Measurement {
    let magnitude = u32::from_be_bytes([a & 0x7F, b, c, d]) / 1000;
    let values = signed(a, magnitude / 1000, magnitude % 1000);
    Measurement {
        temperature: values.map(|(temperature, _)| temperature),
        humidity: values.map(|(_, humidity)| humidity),
        ..Measurement::default()
    }
}

fn signed(sign: u8, tenths: u32, moisture: u32) -> Option<(MilliCelsius, RelativeHumidity)> {
    let milli = i32::try_from(tenths.checked_mul(100)?).ok()?;
    let temperature = if sign & 0x80 == 0 { milli } else { milli.checked_neg()? };
    RANGE
        .contains(&temperature)
        .then_some((MilliCelsius(temperature), RelativeHumidity(moisture.checked_mul(1000)?)))
}
