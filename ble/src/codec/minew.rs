//! Minew S1, S3, MST01, MTB02, MSE01 and their relatives (service data 0xFFE1, company 0x0639).
//!
//! Source: the frames as reelyactive/advlib documents them (`minew` of its services and of its
//! manufacturers). Temperatures are big-endian in signed 8.8 fixed point.

use super::fields::{fixed_point, humidity_fraction};
use super::value::percent;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::{Address, BluetoothUuid};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;
use firn_model::units::RelativeHumidity;

/// Minew's sensor beacons.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Minew (S1, S3, S4, E9, MST01, MTB02, MSE01)",
    formats: &[BEACON, S3, CONNECT],
    standing: Standing::Supplementary,
    carriers: &[
        Carrier::Service(BluetoothUuid::Short(0xFFE1), decode_beacon),
        Carrier::Company(0x0639, decode),
    ],
};

const DEVICE: &str = "minew";
/// Frames in service data.
const BEACON: &str = "minew-beacon";
/// Frames of the S series and the MSE series.
const S3: &str = "minew-s-series";
/// Frames of "Connect" version 3.
const CONNECT: &str = "minew-connect-v3";

/// Decodes service data of 0xFFE1, which other makers use as well: kind, model and length must agree.
fn decode_beacon(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let mut read = Measurement::default();
    match *frame.payload {
        [0xA1, 0x01, charge, t0, t1, h0, h1, _, _, _, _, _, _] => {
            read.battery_pct = percent(charge);
            read.temperature = fixed_point(BEACON, i16::from_be_bytes([t0, t1]))?;
            read.humidity = humidity([h0, h1]);
        }
        [0xA1, 0x13, charge, t0, t1, _, _, _, _, _, _] => {
            read.battery_pct = percent(charge);
            read.temperature = fixed_point(BEACON, i16::from_be_bytes([t0, t1]))?;
        }
        // Light, acceleration, name, presence, air and so on: only the charge is recorded.
        [
            0xA1,
            0x02 | 0x03 | 0x05 | 0x08 | 0x11 | 0x12 | 0x16 | 0x18..=0x21,
            charge,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            ..,
        ] => {
            read.battery_pct = percent(charge);
        }
        _ => return Err(DecodeError::UnknownFormat),
    }
    heard(DEVICE, BEACON, None, [read])
}

/// Decodes manufacturer data of company 0x0639.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    match frame.payload {
        [0xA3 | 0xA4 | 0x51, ..] => series(frame.payload),
        [0xCA, ..] => connect(frame.payload),
        _ => Err(DecodeError::UnknownFormat),
    }
}

fn series(payload: &[u8]) -> Result<Decoded, DecodeError> {
    let mut read = Measurement::default();
    let mut address = None;
    match *payload {
        [0xA3, 0x03, charge, t0, t1, h0, h1, a, b, c, d, e, g, _, _, _] => {
            read.battery_pct = percent(charge);
            read.temperature = fixed_point(S3, i16::from_be_bytes([t0, t1]))?;
            read.humidity = humidity([h0, h1]);
            address = Some(Address::from_reversed([a, b, c, d, e, g]));
        }
        [0xA4, 0x01, charge, _, _, _, _, a, b, c, d, e, g, _, _] => {
            read.battery_pct = percent(charge);
            address = Some(Address::from_reversed([a, b, c, d, e, g]));
        }
        [0x51, 0x01 | 0x02, counter, charge, ..] if payload.len() == 23 => {
            read.sequence = Some(u32::from(counter));
            read.battery_pct = percent(charge);
        }
        [0xA3, 0x01, ..] | [0xA4, 0x00, ..] => return Err(DecodeError::NoMeasurement { format: S3 }),
        _ => return Err(DecodeError::Truncated { format: S3, have: payload.len() }),
    }
    heard(DEVICE, S3, address, [read])
}

/// All frames but the one of blocks have 24 bytes.
fn connect(payload: &[u8]) -> Result<Decoded, DecodeError> {
    let mut read = Measurement::default();
    let mut address = None;
    match *payload {
        [_, 0x00, a, b, c, d, e, g, charge, ..] if payload.len() == 24 => {
            read.battery_pct = percent(charge);
            address = Some(Address::from_reversed([a, b, c, d, e, g]));
        }
        [_, 0x03, ..] => read.battery_pct = block_charge(payload.get(2..).unwrap_or_default()),
        [_, 0x05, _, information, _, t0, t1, h0, h1, ..] if payload.len() == 24 => {
            const TEMPERATURE_ONLY: u8 = 0x02;
            read.temperature = fixed_point(CONNECT, i16::from_be_bytes([t0, t1]))?;
            if information & TEMPERATURE_ONLY == 0 {
                read.humidity = humidity([h0, h1]);
            }
        }
        [_, 0x1B, version, _, _, _, a, b, c, d, e, g, v0, v1, t0, t1, _, power, ..]
            if payload.len() == 24 =>
        {
            const ENCRYPTED: u8 = 0x80;
            if version & ENCRYPTED != 0 {
                return Err(DecodeError::NoMeasurement { format: CONNECT });
            }
            read.battery_mv = Some(u32::from(u16::from_be_bytes([v0, v1])));
            read.temperature = fixed_point(CONNECT, i16::from_be_bytes([t0, t1]))?;
            read.tx_power_dbm = Some(i8::from_le_bytes([power]));
            address = Some(Address::from_reversed([a, b, c, d, e, g]));
        }
        [_, 0x00 | 0x05 | 0x1B, ..] | [_] => {
            return Err(DecodeError::Truncated { format: CONNECT, have: payload.len() });
        }
        _ => return Err(DecodeError::NoMeasurement { format: CONNECT }),
    }
    heard(DEVICE, CONNECT, address, [read])
}

/// The charge among the blocks of acceleration (0x03), charge (0x21) and tamper (0x22); an unknown block
/// ends the search.
fn block_charge(mut blocks: &[u8]) -> Option<u8> {
    loop {
        match blocks {
            [0x03, _, _, _, _, _, _, rest @ ..] | [0x22, _, rest @ ..] => blocks = rest,
            [0x21, charge, ..] => return percent(*charge),
            _ => return None,
        }
    }
}

fn humidity(raw: [u8; 2]) -> Option<RelativeHumidity> {
    humidity_fraction(i64::from(i16::from_be_bytes(raw)), 256)
}
