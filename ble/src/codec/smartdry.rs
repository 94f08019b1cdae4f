//! SmartDry laundry sensors (company 0x01AE).
//!
//! Source: the layouts in theengs/decoder (`SmartDry`) and custom-components/ble_monitor (`smartdry.py`).
//! Temperature and humidity are IEEE 754 numbers, least significant byte first.

use super::fields::{exactly, humidity_fraction};
use super::value::celsius;
use super::{Carrier, Family, Frame, Standing, float, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// SmartDry.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "SmartDry (laundry)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x01AE, decode)],
};

const DEVICE: &str = "smartdry";
const FORMAT: &str = "smartdry";

/// Decodes manufacturer data of company 0x01AE.
///
/// Decoders disagree on the voltage; here it is a byte of millivolts above 2,847, as the other reading gives
/// voltages at which the sensor does not run.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [t0, t1, t2, t3, h0, h1, h2, h3, _, _, voltage, _wake] = *exactly::<12>(FORMAT, frame.payload)?;
    let out_of_range = DecodeError::OutOfRange { format: FORMAT, quantity: "temperature" };
    let temperature = float::scaled(u32::from_le_bytes([t0, t1, t2, t3]), 1000).ok_or(out_of_range)?;
    let humidity = float::scaled(u32::from_le_bytes([h0, h1, h2, h3]), 10_000);
    let measurement = Measurement {
        temperature: Some(celsius(FORMAT, temperature, 1)?),
        humidity: humidity.and_then(|value| humidity_fraction(value, 10_000)),
        battery_mv: Some(u32::from(voltage).saturating_add(2847)),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, None, [measurement])
}
