//! MikroTik TG-BT5-IN and TG-BT5-OUT tags (company 0x094F).
//!
//! Source: help.mikrotik.com, "MikroTik Tag advertisement packet structure". Little-endian; temperature and
//! acceleration are signed 8.8 fixed point.

use super::fields::{exactly, fixed_point};
use super::value::{percent, rounded};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// MikroTik's tags; the indoor tag has no thermometer and sends −128 °C for "none".
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "MikroTik (TG-BT5-OUT, TG-BT5-IN)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x094F, decode)],
};

const DEVICE: &str = "mikrotik";
const FORMAT: &str = "mikrotik-tag";

/// Decodes manufacturer data of company 0x094F.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    const ENCRYPTED: u8 = 0x01;
    let [version, user, _, _, x0, x1, y0, y1, z0, z1, t0, t1, u0, u1, u2, u3, _flags, charge] =
        *exactly::<18>(FORMAT, frame.payload)?;
    if version != 1 {
        return Err(DecodeError::UnknownVersion { format: FORMAT, version });
    }
    if user & ENCRYPTED != 0 {
        return Err(DecodeError::NoMeasurement { format: FORMAT });
    }
    let axis = |low, high| milli_g(i16::from_le_bytes([low, high]));
    let acceleration = axis(x0, x1).zip(axis(y0, y1)).zip(axis(z0, z1));
    let measurement = Measurement {
        temperature: fixed_point(FORMAT, i16::from_le_bytes([t0, t1]))?,
        battery_pct: percent(charge),
        uptime_s: Some(u32::from_le_bytes([u0, u1, u2, u3])),
        acceleration_mg: acceleration.map(|((x, y), z)| [x, y, z]),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, None, [measurement])
}

fn milli_g(raw: i16) -> Option<i16> {
    rounded(i64::from(raw).saturating_mul(1000), 256).and_then(|value| i16::try_from(value).ok())
}
