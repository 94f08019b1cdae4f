//! Qingping (ClearGrass) thermometers that send their own service data (0xFDCD).
//!
//! Source: the public decoders qingping-ble, ble_monitor and Theengs. A head of two bytes and the
//! address, then objects of an identifier, a length and a value, least significant byte first. The same
//! makers' devices in Xiaomi's system send MiBeacon instead.

use super::value::{celsius, humidity};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::{Address, BluetoothUuid};
use crate::bytes::{Bytes, unsigned_le};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// Qingping's thermometers, clocks and air monitors.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Qingping (CGG1, CGDK2, CGD1, CGP1W, CGP22C, CGP23W, CGDN1 and others)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Service(BluetoothUuid::Short(0xFDCD), decode)],
};

const DEVICE: &str = "qingping";
const FORMAT: &str = "qingping";

/// The door sensor CGH1 and the motion sensor CGPR1 measure none of what is recorded.
const WITHOUT_THERMOMETER: [u8; 2] = [0x04, 0x12];
/// The air monitor CGDN1 states another address than it uses.
const WITH_OTHER_ADDRESS: [u8; 2] = [0x0E, 0x24];

fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let truncated = DecodeError::Truncated { format: FORMAT, have: frame.payload.len() };
    let mut bytes = Bytes(frame.payload);
    let [_kind, model] = bytes.array().ok_or(truncated.clone())?;
    let address = Address::from_reversed(bytes.array().ok_or(truncated.clone())?);
    if WITHOUT_THERMOMETER.contains(&model) {
        return Err(DecodeError::UnknownFormat);
    }
    let mut measurement = Measurement::default();
    let mut sequence = None;
    while let Some([id, length]) = bytes.array() {
        // A second packet may be cut; what stands before it counts.
        let Some(value) = bytes.slice(usize::from(length)) else { break };
        match (id, value) {
            (0x01, &[t0, t1, h0, h1]) => {
                measurement.temperature = Some(celsius(FORMAT, i16::from_le_bytes([t0, t1]), 100)?);
                measurement.humidity = Some(humidity(FORMAT, u16::from_le_bytes([h0, h1]), 1000)?);
            }
            (0x02, &[charge]) => measurement.battery_pct = battery(charge),
            (0x07, &[_, _]) => measurement.pressure_pa = Some(unsigned_le(value).saturating_mul(10)),
            (0x13, &[_, _]) => measurement.co2_ppm = Some(unsigned_le(value)),
            (0x0F, &[counter]) => sequence = Some(u32::from(counter)),
            _ => {}
        }
    }
    // A counter alone is no reading.
    if measurement != Measurement::default() {
        measurement.sequence = sequence;
    }
    let address = (!WITH_OTHER_ADDRESS.contains(&model)).then_some(address);
    heard(DEVICE, FORMAT, address, [measurement])
}

/// A charge in percent beside a bit for charging; all ones where the device has no battery.
fn battery(raw: u8) -> Option<u8> {
    super::value::percent(raw & 0x7F)
}
