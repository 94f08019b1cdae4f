//! HHCC HHCCJCY10 plant sensors, also sold as VegTrug (service data 0xFD50).
//!
//! Source: the layout in custom-components/ble_monitor (`hhcc.py`) and theengs/decoder (`HHCCJCY10`).
//! Big-endian. The UUID is also that of Tuya, whose frames have other lengths.

use super::value::celsius;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::BluetoothUuid;
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// The newer plant sensor, which sends no MiBeacon.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "HHCC plant sensor (HHCCJCY10)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Service(BluetoothUuid::Short(0xFD50), decode)],
};

const DEVICE: &str = "hhcc";
const FORMAT: &str = "hhcc-jcy10";

/// Decodes service data of 0xFD50: moisture of the soil, temperature, light, charge, conductivity.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [0..=100, t0, t1, _, _, _, charge @ 0..=100, _, _] = *frame.payload else {
        return Err(DecodeError::UnknownFormat);
    };
    let measurement = Measurement {
        temperature: Some(celsius(FORMAT, i16::from_be_bytes([t0, t1]), 100)?),
        battery_pct: Some(charge),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, None, vec![measurement])
}
