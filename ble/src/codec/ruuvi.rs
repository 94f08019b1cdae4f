//! RuuviTag and Ruuvi Air: data formats 2, 3, 4, 5, 6, C5 and E1.
//!
//! Source: Ruuvi's documentation of its Bluetooth advertisements (docs.ruuvi.com, "Bluetooth
//! advertisements"). All numbers are big-endian. A humidity above 100 % is passed on as the tag sent it:
//! the vendor defines it as the sign of a faulty sensor, and its own test vectors expect the number.

use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::{Address, BluetoothUuid};
use crate::bytes::Bytes;
use crate::decode::{DecodeError, Decoded};
use data_encoding::BASE64URL_NOPAD;
use firn_model::reading::Measurement;
use firn_model::units::{MilliCelsius, RelativeHumidity};

/// RuuviTag, RuuviTag Pro and Ruuvi Air.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Ruuvi (RuuviTag, RuuviTag Pro, Ruuvi Air)",
    formats: &["ruuvi-df3", "ruuvi-df5", "ruuvi-df6", "ruuvi-c5", "ruuvi-e1", "ruuvi-url"],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x0499, decode), Carrier::Service(BluetoothUuid::Short(0xFEAA), decode_url)],
};

/// The stable name of the family.
pub(crate) const DEVICE: &str = "ruuvitag";
/// The family that measures air quality.
const DEVICE_AIR: &str = "ruuvi-air";
/// What the formats add to the pressure they send, in pascals.
pub(crate) const PRESSURE_OFFSET_PA: u32 = 50_000;

/// The first byte of data format 5.
pub(crate) const DATA_FORMAT_5: u8 = 5;

/// Decodes manufacturer data of company 0x0499.
#[inline]
pub(crate) fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let payload = frame.payload;
    match payload.first() {
        Some(3) => format_3(payload),
        Some(&DATA_FORMAT_5) => format_5(payload),
        Some(6) => format_6(payload),
        Some(0xC5) => format_c5(payload),
        Some(0xE1) => format_e1(payload),
        _ => Err(DecodeError::UnknownFormat),
    }
}

/// Decodes Eddystone-URL frames (service 0xFEAA) whose URL is `ruu.vi/#` and a reading in base64url.
pub(crate) fn decode_url(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [0x10, _power, 0x03, b'r', b'u', b'u', b'.', b'v', b'i', b'/', b'#', text @ ..] = frame.payload
    else {
        return Err(DecodeError::UnknownFormat);
    };
    const FORMAT: &str = "ruuvi-url";
    let too_short = DecodeError::Truncated { format: FORMAT, have: frame.payload.len() };
    let text = text.first_chunk::<8>().ok_or(too_short)?;
    let mut reading = [0_u8; 6];
    BASE64URL_NOPAD.decode_mut(text, &mut reading).map_err(|_| DecodeError::UnknownFormat)?;
    let [2 | 4, humidity, degrees, hundredths, pressure @ ..] = reading else {
        return Err(DecodeError::UnknownFormat);
    };
    let measurement = Measurement {
        temperature: Some(sign_and_magnitude(FORMAT, degrees, hundredths)?),
        humidity: Some(half_percent(humidity)),
        pressure_pa: Some(u32::from(u16::from_be_bytes(pressure)).saturating_add(PRESSURE_OFFSET_PA)),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, None, [measurement])
}

/// Format 3 ("RAWv1"): 14 bytes, which tags send padded to 18.
fn format_3(payload: &[u8]) -> Result<Decoded, DecodeError> {
    const FORMAT: &str = "ruuvi-df3";
    let Some([_, humidity, degrees, hundredths, p0, p1, x0, x1, y0, y1, z0, z1, v0, v1]) =
        payload.first_chunk::<14>()
    else {
        return Err(DecodeError::Truncated { format: FORMAT, have: payload.len() });
    };
    let axis = |high: &u8, low: &u8| i16::from_be_bytes([*high, *low]);
    let measurement = Measurement {
        temperature: Some(sign_and_magnitude(FORMAT, *degrees, *hundredths)?),
        humidity: Some(half_percent(*humidity)),
        pressure_pa: Some(u32::from(u16::from_be_bytes([*p0, *p1])).saturating_add(PRESSURE_OFFSET_PA)),
        acceleration_mg: Some([axis(x0, x1), axis(y0, y1), axis(z0, z1)]),
        battery_mv: Some(u32::from(u16::from_be_bytes([*v0, *v1]))),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, None, [measurement])
}

/// Format 5 ("RAWv2"): 24 bytes, the last six of them the address.
#[inline]
fn format_5(payload: &[u8]) -> Result<Decoded, DecodeError> {
    const FORMAT: &str = "ruuvi-df5";
    let mut bytes = exactly::<24>(FORMAT, payload)?;
    let body = bytes.array().and_then(|head: [u8; 18]| format_5_body(&head));
    let body = body.ok_or(DecodeError::UnknownFormat)?;
    heard(DEVICE, FORMAT, bytes.array().and_then(address), [body])
}

/// The first 18 bytes of format 5, which are also what a connected tag sends as its heartbeat.
// Inlined, so that the measurement is built where the answer stands.
#[inline(always)]
pub(crate) fn format_5_body(head: &[u8; 18]) -> Option<Measurement> {
    let [DATA_FORMAT_5, t0, t1, h0, h1, p0, p1, x0, x1, y0, y1, z0, z1, w0, w1, movement, s0, s1] = *head
    else {
        return None;
    };
    let axes = [[x0, x1], [y0, y1], [z0, z1]].map(i16::from_be_bytes);
    let (battery_mv, tx_power_dbm) = power([w0, w1]);
    Some(Measurement {
        temperature: temperature([t0, t1]),
        humidity: humidity([h0, h1]),
        pressure_pa: pressure([p0, p1]),
        acceleration_mg: (!axes.contains(&i16::MIN)).then_some(axes),
        battery_mv,
        tx_power_dbm,
        movement: present_u8(movement),
        sequence: present_u16([s0, s1]),
        ..Measurement::default()
    })
}

/// Format C5: format 5 without acceleration, 18 bytes.
fn format_c5(payload: &[u8]) -> Result<Decoded, DecodeError> {
    const FORMAT: &str = "ruuvi-c5";
    let mut bytes = exactly::<18>(FORMAT, payload)?;
    let Some([_, t0, t1, h0, h1, p0, p1, w0, w1, movement, s0, s1]) = bytes.array() else {
        return Err(DecodeError::UnknownFormat);
    };
    let (battery_mv, tx_power_dbm) = power([w0, w1]);
    let measurement = Measurement {
        temperature: temperature([t0, t1]),
        humidity: humidity([h0, h1]),
        pressure_pa: pressure([p0, p1]),
        battery_mv,
        tx_power_dbm,
        movement: present_u8(movement),
        sequence: present_u16([s0, s1]),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, bytes.array().and_then(address), [measurement])
}

/// Format 6: 20 bytes; its sequence is the low byte only and has no "not available".
fn format_6(payload: &[u8]) -> Result<Decoded, DecodeError> {
    const FORMAT: &str = "ruuvi-df6";
    let mut bytes = exactly::<20>(FORMAT, payload)?;
    let Some([_, t0, t1, h0, h1, p0, p1, _, _, c0, c1, _, _, _, _, sequence]) = bytes.array() else {
        return Err(DecodeError::UnknownFormat);
    };
    let measurement = Measurement {
        temperature: temperature([t0, t1]),
        humidity: humidity([h0, h1]),
        pressure_pa: pressure([p0, p1]),
        sequence: Some(u32::from(sequence)),
        co2_ppm: present_u16([c0, c1]),
        ..Measurement::default()
    };
    heard(DEVICE_AIR, FORMAT, None, [measurement])
}

/// Format E1: 40 bytes in an extended advert; the sequence has 24 bits.
fn format_e1(payload: &[u8]) -> Result<Decoded, DecodeError> {
    const FORMAT: &str = "ruuvi-e1";
    let mut bytes = exactly::<40>(FORMAT, payload)?;
    let measurement = bytes.array().and_then(|body| e1_record(&body)).ok_or(DecodeError::UnknownFormat)?;
    heard(DEVICE_AIR, FORMAT, bytes.array().and_then(address), [measurement])
}

/// Format E1 without its address, which is also what a log record of Ruuvi Air holds.
#[inline(always)]
pub(crate) fn e1_record(body: &[u8; 34]) -> Option<Measurement> {
    let mut bytes = Bytes(body);
    let [0xE1, t0, t1, h0, h1, p0, p1] = bytes.array()? else { return None };
    // Four numbers of particles, then carbon dioxide.
    let [_, _, _, _, _, _, _, _, c0, c1, ..] = bytes.array::<18>()?;
    let [s0, s1, s2] = bytes.array()?;
    let sequence = u32::from_be_bytes([0, s0, s1, s2]);
    Some(Measurement {
        temperature: temperature([t0, t1]),
        humidity: humidity([h0, h1]),
        pressure_pa: pressure([p0, p1]),
        sequence: (sequence != 0xFF_FFFF).then_some(sequence),
        co2_ppm: present_u16([c0, c1]),
        ..Measurement::default()
    })
}

fn exactly<'a, const N: usize>(format: &'static str, payload: &'a [u8]) -> Result<Bytes<'a>, DecodeError> {
    match payload.len() {
        have if have < N => Err(DecodeError::Truncated { format, have }),
        have if have > N => Err(DecodeError::WrongLength { format, have }),
        _ => Ok(Bytes(payload)),
    }
}

/// Units of 0.005 °C; 0x8000 is "not available".
fn temperature(bytes: [u8; 2]) -> Option<MilliCelsius> {
    let raw = i16::from_be_bytes(bytes);
    (raw != i16::MIN).then(|| MilliCelsius(i32::from(raw).saturating_mul(5)))
}

/// Units of 0.0025 %; 0xFFFF is "not available".
fn humidity(bytes: [u8; 2]) -> Option<RelativeHumidity> {
    present_u16(bytes).map(|raw| RelativeHumidity(raw.saturating_mul(25)))
}

/// Pascals above 50,000; 0xFFFF is "not available".
fn pressure(bytes: [u8; 2]) -> Option<u32> {
    present_u16(bytes).map(|raw| raw.saturating_add(PRESSURE_OFFSET_PA))
}

/// Eleven bits of millivolts above 1,600 and five bits of 2 dBm above −40; all ones are "not available".
fn power(bytes: [u8; 2]) -> (Option<u32>, Option<i8>) {
    let raw = u16::from_be_bytes(bytes);
    let (voltage, transmission) = (u32::from(raw >> 5), i8::try_from(raw & 0x1F).unwrap_or(0x1F));
    (
        (voltage != 0x7FF).then(|| voltage.saturating_add(1600)),
        (transmission != 0x1F).then(|| transmission.saturating_mul(2).saturating_sub(40)),
    )
}

fn present_u8(raw: u8) -> Option<u32> {
    (raw != u8::MAX).then_some(u32::from(raw))
}

fn present_u16(bytes: [u8; 2]) -> Option<u32> {
    let raw = u16::from_be_bytes(bytes);
    (raw != u16::MAX).then_some(u32::from(raw))
}

fn address(bytes: [u8; 6]) -> Option<Address> {
    (bytes != [0xFF; 6]).then_some(Address(bytes))
}

/// Bit 7 is the sign, the rest whole degrees; then hundredths from 0 to 99.
fn sign_and_magnitude(
    format: &'static str,
    degrees: u8,
    hundredths: u8,
) -> Result<MilliCelsius, DecodeError> {
    if hundredths > 99 {
        return Err(DecodeError::OutOfRange { format, quantity: "temperature" });
    }
    let whole = i32::from(degrees & 0x7F).saturating_mul(1000);
    let magnitude = whole.saturating_add(i32::from(hundredths).saturating_mul(10));
    Ok(MilliCelsius(if degrees & 0x80 == 0 { magnitude } else { magnitude.saturating_neg() }))
}

fn half_percent(raw: u8) -> RelativeHumidity {
    RelativeHumidity(u32::from(raw).saturating_mul(5000))
}
