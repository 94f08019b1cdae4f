//! HolyIOT beacons (service data 0x5242).
//!
//! Source: the layout in custom-components/ble_monitor (`holyiot.py`). One value a frame, told by a byte
//! behind the address, which is in printed order.

use super::fields::{exactly, humidity_percent, sent_by};
use super::value::{celsius, percent};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::{Address, BluetoothUuid};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// HolyIOT's sensor beacons.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "HolyIOT",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Service(BluetoothUuid::Short(0x5242), decode)],
};

const DEVICE: &str = "holyiot";
const FORMAT: &str = "holyiot";

/// Decodes service data of 0x5242.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [0x41, charge, a, b, c, d, e, g, _, _, kind, first, second] = *exactly::<13>(FORMAT, frame.payload)?
    else {
        return Err(DecodeError::UnknownFormat);
    };
    let address = Address([a, b, c, d, e, g]);
    sent_by(frame, address)?;
    let mut read = Measurement { battery_pct: percent(charge), ..Measurement::default() };
    match kind {
        1 => {
            // Whole degrees with the sign, then hundredths away from zero.
            let (whole, hundredths) = (i32::from(i8::from_le_bytes([first])), i32::from(second));
            if hundredths > 99 {
                return Err(DecodeError::OutOfRange { format: FORMAT, quantity: "temperature" });
            }
            let signed = if whole < 0 { hundredths.saturating_neg() } else { hundredths };
            read.temperature = Some(celsius(FORMAT, whole.saturating_mul(100).saturating_add(signed), 10)?);
        }
        2 => {
            let above = i32::from(i16::from_be_bytes([first, second]));
            read.pressure_pa = u32::try_from(above.saturating_add(80_000)).ok();
        }
        3 => read.humidity = humidity_percent(first),
        _ => {}
    }
    heard(DEVICE, FORMAT, Some(address), [read])
}
