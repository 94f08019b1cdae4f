//! Values of the Bluetooth SIG's own characteristics, for any logger that serves them over a connection.
//!
//! Source: Bluetooth SIG, GATT Specification Supplement (Environmental Sensing, Health Thermometer,
//! Battery and Device Information); the floating point number is the 32-bit FLOAT of IEEE 11073-20601.
//! What a characteristic marks as not known is `None`, and so is what does not have its length.

use crate::address::BluetoothUuid;
use crate::bytes::{Bytes, signed_le, unsigned_le};
use firn_model::time::{LocalInstant, UtcMillis};
use firn_model::units::{MilliCelsius, RelativeHumidity};

/// The Environmental Sensing service; this number and the next are of Assigned Numbers, §3.4 and §3.8.
pub const ENVIRONMENTAL_SENSING: BluetoothUuid = BluetoothUuid::Short(0x181A);
/// The Health Thermometer service.
pub const HEALTH_THERMOMETER: BluetoothUuid = BluetoothUuid::Short(0x1809);
/// The Battery service.
pub const BATTERY: BluetoothUuid = BluetoothUuid::Short(0x180F);
/// The Device Information service.
pub const DEVICE_INFORMATION: BluetoothUuid = BluetoothUuid::Short(0x180A);

/// Temperature, of Environmental Sensing.
pub const TEMPERATURE: BluetoothUuid = BluetoothUuid::Short(0x2A6E);
/// Humidity, of Environmental Sensing.
pub const HUMIDITY: BluetoothUuid = BluetoothUuid::Short(0x2A6F);
/// Pressure, of Environmental Sensing.
pub const PRESSURE: BluetoothUuid = BluetoothUuid::Short(0x2A6D);
/// Temperature Measurement, of the Health Thermometer; it is indicated and cannot be read.
pub const TEMPERATURE_MEASUREMENT: BluetoothUuid = BluetoothUuid::Short(0x2A1C);
/// Battery Level.
pub const BATTERY_LEVEL: BluetoothUuid = BluetoothUuid::Short(0x2A19);
/// Model Number String.
pub const MODEL_NUMBER: BluetoothUuid = BluetoothUuid::Short(0x2A24);
/// Serial Number String.
pub const SERIAL_NUMBER: BluetoothUuid = BluetoothUuid::Short(0x2A25);
/// Firmware Revision String.
pub const FIRMWARE_REVISION: BluetoothUuid = BluetoothUuid::Short(0x2A26);
/// Hardware Revision String.
pub const HARDWARE_REVISION: BluetoothUuid = BluetoothUuid::Short(0x2A27);
/// Software Revision String.
pub const SOFTWARE_REVISION: BluetoothUuid = BluetoothUuid::Short(0x2A28);
/// Manufacturer Name String.
pub const MANUFACTURER_NAME: BluetoothUuid = BluetoothUuid::Short(0x2A29);

/// How many bytes of a text of Device Information are kept.
pub const LONGEST_TEXT: usize = 64;

/// Temperature (0x2A6E): hundredths of a degree; 0x8000 is "not known".
pub fn temperature(value: &[u8]) -> Option<MilliCelsius> {
    let raw = i16::from_le_bytes(value.try_into().ok()?);
    let known = (raw != i16::MIN).then_some(i64::from(raw))?;
    MilliCelsius::from_wide(known.checked_mul(10)?).ok()
}

/// Humidity (0x2A6F): hundredths of a percent; 0xFFFF is "not known", and nothing above 100 % is a humidity.
pub fn humidity(value: &[u8]) -> Option<RelativeHumidity> {
    let raw = u32::from(u16::from_le_bytes(value.try_into().ok()?));
    (raw <= 10_000).then(|| RelativeHumidity(raw.saturating_mul(100)))
}

/// Pressure (0x2A6D): tenths of a pascal, here rounded to pascals.
pub fn pressure_pa(value: &[u8]) -> Option<u32> {
    let raw = u32::from_le_bytes(value.try_into().ok()?);
    Some((raw / 10).saturating_add(u32::from(raw % 10 >= 5)))
}

/// Battery level (0x2A19) in percent.
pub fn battery_pct(value: &[u8]) -> Option<u8> {
    let [raw] = value.try_into().ok()?;
    (raw <= 100).then_some(raw)
}

/// A date and time as the device's own clock shows it; a field of zero is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceTime {
    /// From 1582 to 9999.
    pub year: u16,
    /// From 1.
    pub month: u8,
    /// From 1.
    pub day: u8,
    /// From 0.
    pub hour: u8,
    /// From 0.
    pub minute: u8,
    /// From 0.
    pub second: u8,
}

/// What a Temperature Measurement (0x2A1C) says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthTemperature {
    /// The temperature; absent where the thermometer says "not a number", "not at this resolution" or infinity.
    pub temperature: Option<MilliCelsius>,
    /// When it was measured, where the thermometer has a clock.
    pub time: Option<DeviceTime>,
}

/// Temperature Measurement (0x2A1C) of the Health Thermometer service.
pub fn health_temperature(value: &[u8]) -> Option<HealthTemperature> {
    const FAHRENHEIT: u8 = 0x01;
    const WITH_TIME: u8 = 0x02;
    let mut bytes = Bytes(value);
    let flags = bytes.u8()?;
    let number = float(bytes.array()?);
    let temperature = number.and_then(|number| milli_celsius(number, flags & FAHRENHEIT != 0));
    let time = match flags & WITH_TIME {
        0 => None,
        _ => Some(device_time(bytes.array()?)),
    };
    Some(HealthTemperature { temperature, time })
}

impl DeviceTime {
    /// The same in milliseconds since 1970, as if its clock ran by UTC, which nothing says; none where the
    /// date is not known.
    pub fn as_if_utc(self) -> Option<UtcMillis> {
        let Self { year, month, day, hour, minute, second } = self;
        let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
        LocalInstant::parse(&text).ok().map(|instant| instant.at)
    }
}

/// Date Time (0x2A08).
fn device_time([y0, y1, month, day, hour, minute, second]: [u8; 7]) -> DeviceTime {
    DeviceTime { year: u16::from_le_bytes([y0, y1]), month, day, hour, minute, second }
}

/// A decimal number: `mantissa × 10^exponent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Float {
    mantissa: i32,
    exponent: i8,
}

/// Three bytes of mantissa, least significant first, and one of exponent; `None` for the values that are
/// no numbers: NaN, NRes, both infinities and the reserved one.
fn float([m0, m1, m2, exponent]: [u8; 4]) -> Option<Float> {
    match unsigned_le(&[m0, m1, m2]) {
        0x7F_FFFE..=0x80_0002 => None,
        _ => Some(Float { mantissa: signed_le(&[m0, m1, m2]), exponent: i8::from_le_bytes([exponent]) }),
    }
}

/// Exactly rounded, half away from zero.
fn milli_celsius(number: Float, fahrenheit: bool) -> Option<MilliCelsius> {
    // Thousandths: mantissa × 10^(exponent + 3), as a fraction of whole numbers.
    let scale = i32::from(number.exponent).checked_add(3)?;
    let power = 10_i128.checked_pow(scale.unsigned_abs())?;
    let mantissa = i128::from(number.mantissa);
    let (numerator, denominator) =
        if scale >= 0 { (mantissa.checked_mul(power)?, 1) } else { (mantissa, power) };
    let (numerator, denominator) = match fahrenheit {
        true => {
            let above_freezing = numerator.checked_sub(32_000_i128.checked_mul(denominator)?)?;
            (above_freezing.checked_mul(5)?, denominator.checked_mul(9)?)
        }
        false => (numerator, denominator),
    };
    let twice = numerator.unsigned_abs().checked_mul(2)?.checked_add(denominator.unsigned_abs())?;
    let magnitude = i64::try_from(twice.checked_div(denominator.unsigned_abs().checked_mul(2)?)?).ok()?;
    MilliCelsius::from_wide(if numerator < 0 { magnitude.checked_neg()? } else { magnitude }).ok()
}

/// A text of Device Information: manufacturer (0x2A29), model (0x2A24), serial number (0x2A25), or the
/// revision of firmware (0x2A26), hardware (0x2A27) or software (0x2A28).
///
/// Ends at the first NUL, loses what stands behind [`LONGEST_TEXT`] bytes, control characters and the space
/// around it; `None` if it is no UTF-8 or nothing is left.
pub fn device_text(value: &[u8]) -> Option<String> {
    let value = value.split(|byte| *byte == 0).next()?;
    let text = std::str::from_utf8(value).ok()?;
    let kept: String = text
        .char_indices()
        .take_while(|(at, c)| at.saturating_add(c.len_utf8()) <= LONGEST_TEXT)
        .map(|(_, c)| c)
        .filter(|c| !c.is_control())
        .collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(value: &[u8]) -> Option<MilliCelsius> {
        health_temperature(value).and_then(|read| read.temperature)
    }

    #[test]
    fn environmental_values_keep_their_sign_and_what_is_not_known_is_absent() {
        assert_eq!(temperature(&[0x34, 0xF8]), Some(MilliCelsius(-19_960)));
        assert_eq!(temperature(&[0x00, 0x80]), None);
        assert_eq!((temperature(&[0x34]), temperature(&[0, 0, 0])), (None, None));
        assert_eq!(humidity(&[0x88, 0x13]), Some(RelativeHumidity(500_000)));
        assert_eq!((humidity(&[0xFF, 0xFF]), humidity(&[0x11, 0x27])), (None, None));
        assert_eq!(pressure_pa(&1_013_255_u32.to_le_bytes()), Some(101_326));
        assert_eq!((battery_pct(&[100]), battery_pct(&[101]), battery_pct(&[])), (Some(100), None, None));
    }

    #[test]
    fn a_health_thermometer_is_read_in_either_unit() {
        assert_eq!(health(&[0, 0x6E, 0x01, 0, 0xFF]), Some(MilliCelsius(36_600)));
        assert_eq!(health(&[0, 0xFB, 0xFF, 0xFF, 0xFF]), Some(MilliCelsius(-500)));
        // 97.9 °F is 36.611… °C, and 31.1 °F is −0.5 °C.
        assert_eq!(health(&[1, 0xD3, 0x03, 0, 0xFF]), Some(MilliCelsius(36_611)));
        assert_eq!(health(&[1, 0x37, 0x01, 0, 0xFF]), Some(MilliCelsius(-500)));
        assert_eq!(health(&[0, 4, 0, 0, 1]), Some(MilliCelsius(40_000)));
        // 0.0005 °C rounds away from zero on both sides.
        assert_eq!(health(&[0, 5, 0, 0, 0xFC]), Some(MilliCelsius(1)));
        assert_eq!(health(&[0, 0xFB, 0xFF, 0xFF, 0xFC]), Some(MilliCelsius(-1)));
    }

    #[test]
    fn what_is_no_number_or_no_temperature_is_absent() {
        for special in [0x7F_FFFF_u32, 0x80_0000, 0x7F_FFFE, 0x80_0002, 0x80_0001] {
            let [a, b, c, _] = special.to_le_bytes();
            assert_eq!(
                health_temperature(&[0, a, b, c, 0]),
                Some(HealthTemperature { temperature: None, time: None }),
                "{special:x}"
            );
        }
        assert_eq!(health(&[0, 1, 0, 0, 0x7F]), None);
        assert_eq!(health(&[0, 0xFF, 0xFF, 0x7E, 0]), None);
        assert_eq!(health(&[0, 1, 0, 0, 0x80]), None);
        assert_eq!(health_temperature(&[0, 1, 2, 3]), None);
    }

    #[test]
    fn the_time_of_a_health_thermometer_is_its_own() {
        let value = [2, 0x6E, 0x01, 0, 0xFF, 0xEA, 0x07, 11, 24, 8, 30, 5];
        let time = DeviceTime { year: 2026, month: 11, day: 24, hour: 8, minute: 30, second: 5 };
        let read = HealthTemperature { temperature: Some(MilliCelsius(36_600)), time: Some(time) };
        assert_eq!(health_temperature(&value), Some(read));
        assert_eq!(health_temperature(value.get(..11).unwrap()), None);
        assert_eq!(time.as_if_utc(), Some(UtcMillis(1_795_509_005_000)));
        assert_eq!(DeviceTime { month: 0, ..time }.as_if_utc(), None);
    }

    #[test]
    fn a_text_of_the_device_is_bounded_and_printable() {
        assert_eq!(device_text(b" Ruuvi Innovations \0\0"), Some("Ruuvi Innovations".to_owned()));
        assert_eq!(device_text(b"a\x1b[2Jb"), Some("a[2Jb".to_owned()));
        assert_eq!((device_text(b"\xFF\xFE"), device_text(b""), device_text(b"\0x")), (None, None, None));
        assert_eq!(device_text("ü".repeat(100).as_bytes()).map(|text| text.len()), Some(LONGEST_TEXT));
    }
}
