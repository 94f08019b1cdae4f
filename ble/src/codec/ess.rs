//! The Bluetooth SIG's Environmental Sensing values in service data (0x2A6E, 0x2A6F, 0x2A6D).
//!
//! Source: Bluetooth SIG, GATT Specification Supplement; the adverts carry the characteristics' values
//! under the characteristics' own numbers.

use super::fields::exactly;
use super::{Carrier, Family, Frame, Standing, ela, heard};
use crate::decode::{DecodeError, Decoded};
use crate::gatt::{self, BATTERY_LEVEL, HUMIDITY, PRESSURE, TEMPERATURE};
use firn_model::reading::Measurement;

/// Any logger that advertises the assigned numbers.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Bluetooth Environmental Sensing, Health Thermometer (any maker)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[
        Carrier::Service(TEMPERATURE, decode),
        Carrier::Service(HUMIDITY, decode),
        Carrier::Service(PRESSURE, decode),
    ],
};

const DEVICE: &str = "environmental-sensing";
const FORMAT: &str = "ess-service-data";

/// Gathers what the advert holds under any of the assigned numbers.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    if ela::sends(frame) {
        return Err(DecodeError::UnknownFormat);
    }
    let of = |uuid| frame.advert.service_data.get(&uuid).map(Vec::as_slice);
    if let Some(bytes) = of(TEMPERATURE) {
        exactly::<2>(FORMAT, bytes)?;
    }
    let measurement = Measurement {
        // An ELA logger may be heard without its name; its mark for "none" is the highest value.
        temperature: of(TEMPERATURE).filter(|bytes| **bytes != [0xFF, 0x7F]).and_then(gatt::temperature),
        humidity: of(HUMIDITY).and_then(gatt::humidity),
        pressure_pa: of(PRESSURE).and_then(gatt::pressure_pa),
        battery_pct: of(BATTERY_LEVEL).and_then(gatt::battery_pct),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, None, [measurement])
}
