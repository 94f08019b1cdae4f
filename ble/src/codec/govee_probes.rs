//! Govee's thermometers with plugged-in probes: H5055, H5181 to H5185, H5191, H5198.
//!
//! Source: the public decoders govee-ble, ble_monitor and Theengs. These put the end of their address
//! into the company identifier and the first byte, so that they are known by the shape of the rest.
//! The limits that the user has set for the meat are sent beside the temperatures and are not read. A
//! negative number means that no probe is plugged in; the public decoders make 0 °C of it.

use super::govee::{DEVICE, is_beacon, model, without_beacon};
use super::value::{celsius, percent};
use super::{Frame, heard};
use crate::decode::{DecodeError, Decoded};
use crate::readings::Readings;
use firn_model::reading::Measurement;

/// Two of six probes an advert, whole degrees.
pub(super) const H5055: &str = "govee-h5055";
/// One probe or two of four an advert, hundredths of a degree.
pub(super) const H5181: &str = "govee-h5181";

/// Apple's identifier, under which the devices send an iBeacon as well.
const APPLE: u16 = 0x004C;
/// The identifier of the only H5191 that was published without a model in its name.
const H5191: [u8; 2] = [0x63, 0xAC];

/// Decodes manufacturer data of any company.
pub(super) fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let model = model(frame);
    match *without_beacon(frame.payload) {
        [i0, i1, _, 1, 0, 1, 1, _, selector, _, ref values @ ..] => {
            let model = if [i0, i1] == H5191 { Some(5191) } else { model };
            hundredths(model, selector, values)
        }
        [i0, i1, i2, 0, battery, selector, _, ref values @ ..]
            if model == Some(5055) || is_govee(frame, [i0, i1, i2]) =>
        {
            whole_degrees(battery, selector, values)
        }
        _ => Err(DecodeError::UnknownFormat),
    }
}

/// Whether the device's address ends in these bytes, or it sends Govee's iBeacon.
fn is_govee(frame: &Frame<'_>, end: [u8; 3]) -> bool {
    let address = frame.advert.address.is_some_and(|address| address.0.ends_with(&end));
    address || frame.advert.manufacturer_data.get(&APPLE).is_some_and(|payload| is_beacon(payload))
}

/// The models with one probe, with two, and with four of which `selector` names the pair.
fn hundredths(model: Option<u16>, selector: u8, values: &[u8]) -> Result<Decoded, DecodeError> {
    let pair = match selector & 0x3F {
        1 => Some(0),
        2 => Some(2),
        _ => None,
    };
    let (first, probes) = match (model, values) {
        (Some(5181 | 5183), &[t0, t1, _, _, _, _]) | (None, &[t0, t1, _, _, 0, 0]) => (0, vec![[t0, t1]]),
        (Some(5182), &[t0, t1, _, _, _, u0, u1, _, _]) => (0, vec![[t0, t1], [u0, u1]]),
        (Some(5184) | None, &[t0, t1, _, _, _, u0, u1, _, _]) => {
            (pair.ok_or(DecodeError::UnknownFormat)?, vec![[t0, t1], [u0, u1]])
        }
        // The second of an H5191 is the air around the probe.
        (Some(5185 | 5191), &[t0, t1, _, _, _, _, u0, u1, _, _, _, _]) => (0, vec![[t0, t1], [u0, u1]]),
        (Some(5198) | None, &[t0, t1, _, _, _, _, u0, u1, _, _, _, _]) => {
            (pair.ok_or(DecodeError::UnknownFormat)?, vec![[t0, t1], [u0, u1]])
        }
        _ => return Err(DecodeError::UnknownFormat),
    };
    let readings = (first..).zip(probes);
    let readings = readings.map(|(probe, bytes)| reading(H5181, probe, i16::from_be_bytes(bytes), 10));
    heard(DEVICE, H5181, None, readings.collect::<Result<Readings, _>>()?)
}

/// The upper two bits of `selector` name the pair, the lower six say which probes are plugged in.
fn whole_degrees(battery: u8, selector: u8, values: &[u8]) -> Result<Decoded, DecodeError> {
    let &[t0, t1, _, _, _, _, _, u0, u1, _, _, _, _, 0, 0] = values else {
        return Err(DecodeError::UnknownFormat);
    };
    let first: u8 = match selector >> 6 {
        0 => 0,
        1 => 2,
        2 => 4,
        _ => return Err(DecodeError::UnknownFormat),
    };
    let mut readings = Vec::new();
    for (probe, bytes) in [(first, [t0, t1]), (first.saturating_add(1), [u0, u1])] {
        if selector & (1 << probe) != 0 {
            readings.push(reading(H5055, probe, i16::from_le_bytes(bytes), 1000)?);
        }
    }
    readings.retain(|reading| reading.temperature.is_some());
    if let Some(first) = readings.first_mut() {
        first.battery_pct = percent(battery & 0x7F);
    }
    heard(DEVICE, H5055, None, readings)
}

fn reading(format: &'static str, probe: u8, raw: i16, step: i64) -> Result<Measurement, DecodeError> {
    let temperature = if raw < 0 { None } else { Some(celsius(format, raw, step)?) };
    Ok(Measurement { probe, temperature, ..Measurement::default() })
}
