//! Inkbird thermometers: IBS-TH, IBS-P0xB, ITH, IAM-T2, and the iBBQ and xBBQ meat probes.
//!
//! Source: the public decoders inkbird-ble, ble_monitor and Theengs. The oldest models measure into the
//! company identifier and are known by their name; the others put the beginning of their address there.
//! An impossible humidity or charge is how a damaged advert shows, and refuses all of it.

use super::value::{celsius, celsius_fraction, humidity, percent};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::Address;
use crate::bytes::Bytes;
use crate::decode::{DecodeError, Decoded};
use crate::readings::Readings;
use firn_model::reading::Measurement;
use firn_model::units::RelativeHumidity;

/// Inkbird's thermometers and meat probes.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Inkbird (IBS-TH, IBS-P01B, IBS-P02B, ITH, IAM-T2, iBBQ, xBBQ)",
    formats: &[TH, ITH, IAM_T2, BBQ],
    standing: Standing::Supplementary,
    carriers: &[
        Carrier::Name(|name| is_one_of(name, &["sps", "tps"]), decode_th),
        Carrier::Name(|name| is_one_of(name, &ITH_NAMES), decode_ith),
        Carrier::Name(is_bbq, decode_bbq_named),
        Carrier::Company(0x2449, decode_ith_unnamed),
        Carrier::Company(0x3254, decode_iam_t2),
        Carrier::Company(0x0000, decode_bbq),
        Carrier::Company(0x0001, decode_bbq_reversed),
    ],
};

const DEVICE: &str = "inkbird";
const TH: &str = "inkbird-th";
const ITH: &str = "inkbird-ith";
const IAM_T2: &str = "inkbird-iam-t2";
const BBQ: &str = "inkbird-bbq";

const ITH_NAMES: [&str; 4] = ["ith-11-b", "ith-13-b", "ith-21-b", "ibs-p02b"];

fn is_one_of(name: &str, known: &[&str]) -> bool {
    known.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Decodes the nine bytes of the IBS-TH, which says "sps", and of the IBS-TH2 and IBS-P01B ("tps").
fn decode_th(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let &[t0, t1, h0, h1, _probe, _, _, charge, _] = frame.payload else {
        return Err(DecodeError::UnknownFormat);
    };
    let without_hygrometer = frame.advert.name.as_deref().is_some_and(|name| is_one_of(name, &["tps"]));
    let moisture = match u16::from_le_bytes([h0, h1]) {
        0 => None,
        u16::MAX if without_hygrometer => None,
        raw => Some(humidity(TH, raw, 100)?),
    };
    let measurement = Measurement {
        temperature: Some(celsius(TH, i16::from_le_bytes([t0, t1]), 10)?),
        humidity: moisture,
        battery_pct: Some(battery(TH, charge)?),
        ..Measurement::default()
    };
    heard(DEVICE, TH, None, [measurement])
}

/// Decodes the eighteen bytes of the newer thermometers, whose name is known.
fn decode_ith(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    ith(frame.payload)
}

/// As [`decode_ith`] where the name is not known: all of them begin their address with 49:24.
fn decode_ith_unnamed(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    match frame.payload {
        [.., 0, 0, 0] => ith(&[&[0x49, 0x24], frame.payload].concat()),
        _ => Err(DecodeError::UnknownFormat),
    }
}

fn ith(payload: &[u8]) -> Result<Decoded, DecodeError> {
    let &[a, b, c, d, e, f, t0, t1, h0, h1, charge, _, _, _, _, _, _, _] = payload else {
        return Err(DecodeError::UnknownFormat);
    };
    let measurement = Measurement {
        temperature: Some(celsius(ITH, i16::from_le_bytes([t0, t1]), 100)?),
        humidity: fitted(humidity(ITH, u16::from_le_bytes([h0, h1]), 1000)?),
        battery_pct: Some(battery(ITH, charge)?),
        ..Measurement::default()
    };
    heard(DEVICE, ITH, Some(Address([a, b, c, d, e, f])), [measurement])
}

/// Decodes an IAM-T2, most significant byte first. Its charge has a scale that is not known.
fn decode_iam_t2(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let &[0, a @ 0x62, b, c, d, e, f, state, t0, t1, h0, h1, p0, p1, _charge] = frame.payload else {
        return Err(DecodeError::UnknownFormat);
    };
    let raw = i64::from(i16::from_be_bytes([t0, t1]));
    // It sends the unit that its screen shows.
    let temperature = match state & 2 {
        0 => celsius_fraction(IAM_T2, raw, 10)?,
        _ => celsius_fraction(IAM_T2, raw.saturating_sub(320), 18)?,
    };
    let measurement = Measurement {
        temperature: Some(temperature),
        humidity: Some(humidity(IAM_T2, u16::from_be_bytes([h0, h1]), 1000)?),
        co2_ppm: Some(u32::from(u16::from_be_bytes([p0, p1]))).filter(|co2| *co2 <= 40_000),
        ..Measurement::default()
    };
    heard(DEVICE, IAM_T2, Some(Address([a, b, c, d, e, f])), [measurement])
}

/// Decodes meat probes that are known by their name; the lower byte of the identifier tells how they
/// state their address.
fn decode_bbq_named(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    match frame.payload {
        [1, 0, payload @ ..] => bbq(&Frame { payload, ..*frame }, Address::from_reversed),
        [_, _, payload @ ..] => bbq(&Frame { payload, ..*frame }, Address),
        _ => Err(DecodeError::UnknownFormat),
    }
}

fn is_bbq(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("ibbq") || name.contains("xbbq")
}

/// Decodes meat probes that state their address as it is printed.
fn decode_bbq(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    bbq(frame, Address)
}

/// Decodes meat probes that state their address backwards.
fn decode_bbq_reversed(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    bbq(frame, Address::from_reversed)
}

fn bbq(frame: &Frame<'_>, address: fn([u8; 6]) -> Address) -> Result<Decoded, DecodeError> {
    let mut bytes = Bytes(frame.payload);
    let (Some([0, 0]), Some(stated)) = (bytes.array(), bytes.array()) else {
        return Err(DecodeError::UnknownFormat);
    };
    let named = frame.advert.name.as_deref().is_some_and(is_bbq);
    let own = [Some(Address(stated)), Some(Address::from_reversed(stated))].contains(&frame.advert.address);
    let (probes, []) = bytes.0.as_chunks::<2>() else {
        return Err(DecodeError::UnknownFormat);
    };
    if !(named || own) || ![1, 2, 4, 6].contains(&probes.len()) {
        return Err(DecodeError::UnknownFormat);
    }
    let readings = (0_u8..).zip(probes).map(|(probe, bytes)| {
        let temperature = match i16::from_le_bytes(*bytes) {
            // What stands where no probe is plugged in.
            -1 | -10 => None,
            raw => Some(celsius(BBQ, raw, 100)?),
        };
        Ok(Measurement { probe, temperature, ..Measurement::default() })
    });
    heard(DEVICE, BBQ, Some(address(stated)), readings.collect::<Result<Readings, DecodeError>>()?)
}

/// Zero stands where there is no hygrometer.
fn fitted(moisture: RelativeHumidity) -> Option<RelativeHumidity> {
    (moisture.0 != 0).then_some(moisture)
}

fn battery(format: &'static str, charge: u8) -> Result<u8, DecodeError> {
    percent(charge).ok_or(DecodeError::OutOfRange { format, quantity: "battery" })
}
