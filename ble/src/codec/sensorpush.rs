//! SensorPush HT1, HT.w, HTP.xw and TC.x.
//!
//! Source: the public decoders sensorpush-ble, ble_monitor and Theengs. All bytes from the company
//! identifier on are measured bits, so that a device is known by its name alone. The newer models number
//! every possible combination of values and send that number: each value is a digit of it, in a base
//! that is the count of the steps of its sensor.

use super::value::celsius_fraction;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;
use firn_model::units::RelativeHumidity;

/// SensorPush's sensors.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "SensorPush (HT1, HT.w, HTP.xw, TC.x)",
    formats: &[HT1, PACKED],
    standing: Standing::Supplementary,
    carriers: &[
        Carrier::Name(|name| name == "s", decode_ht1),
        Carrier::Name(|name| MODELS.iter().any(|model| name.contains(model)), decode_packed),
    ],
};

const DEVICE: &str = "sensorpush";
const HT1: &str = "sensorpush-ht1";
const PACKED: &str = "sensorpush-packed";
const MODELS: [&str; 4] = ["SensorPush", "HT.w", "HTP.xw", "TC.x"];

/// Steps of 0.0025 °C from −40 to 140 (HTP.xw) or to 125 °C (HT.w), both ends included.
const HTP_TEMPERATURES: u64 = 72_001;
const HT_TEMPERATURES: u64 = 66_001;
/// Steps of 0.0625 °C from −200 to 1800 °C.
const TC_TEMPERATURES: u64 = 32_001;
/// Steps of 0.0025 % from 0 to 100 %.
const HUMIDITIES: u64 = 40_001;
/// Pascals from 30,000 to 125,000.
const PRESSURES: u64 = 95_001;

/// Decodes the four bytes of an HT1: twelve bits of humidity, fourteen of temperature, five of type.
fn decode_ht1(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let bits = <[u8; 4]>::try_from(frame.payload).map(u32::from_le_bytes);
    let bits = bits.map_err(|_| DecodeError::UnknownFormat)?;
    if (bits >> 26) & 0x1F != 1 {
        return Err(DecodeError::UnknownFormat);
    }
    // The formulas of the sensor's maker for the SHT2x.
    let (moisture, heat) = (i64::from(bits & 0xFFF), i64::from((bits >> 12) & 0x3FFF));
    let temperature = heat.saturating_mul(17_572).saturating_sub(4_685 << 14);
    let moisture = moisture.saturating_mul(1_250_000).checked_div(1 << 12).unwrap_or_default();
    let moisture = moisture.saturating_sub(60_000).clamp(0, 1_000_000);
    let measurement = Measurement {
        temperature: Some(celsius_fraction(HT1, temperature, 100 << 14)?),
        humidity: u32::try_from(moisture).ok().map(RelativeHumidity),
        ..Measurement::default()
    };
    heard(DEVICE, HT1, None, [measurement])
}

/// Decodes the other models: two bits of page, six of model, then the number.
fn decode_packed(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let Some((&head, number)) = frame.payload.split_first() else {
        return Err(DecodeError::UnknownFormat);
    };
    let mut number = Number(number.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)));
    // Other pages hold the battery and settings.
    let (model, length) = (head >> 2, frame.payload.len());
    if head & 3 != 0 {
        return Err(DecodeError::UnknownFormat);
    }
    let measurement = match (model, length) {
        (0, 7) => Measurement {
            temperature: Some(number.temperature(HTP_TEMPERATURES, 25, -400_000)?),
            humidity: Some(number.humidity()),
            pressure_pa: Some(number.digit(PRESSURES).saturating_add(30_000)),
            ..Measurement::default()
        },
        (1, 5) => Measurement {
            temperature: Some(number.temperature(HT_TEMPERATURES, 25, -400_000)?),
            humidity: Some(number.humidity()),
            ..Measurement::default()
        },
        (2, 4 | 5) => Measurement {
            temperature: Some(number.temperature(TC_TEMPERATURES, 625, -2_000_000)?),
            ..Measurement::default()
        },
        _ => return Err(DecodeError::UnknownFormat),
    };
    heard(DEVICE, PACKED, None, [measurement])
}

/// What is left of the number; of up to eight bytes, of which the longest advert has six.
struct Number(u64);

impl Number {
    /// The next digit in this base, the last one first.
    fn digit(&mut self, base: u64) -> u32 {
        let digit = self.0.checked_rem(base).unwrap_or_default();
        self.0 = self.0.checked_div(base).unwrap_or_default();
        u32::try_from(digit).unwrap_or_default()
    }

    /// A digit that counts steps of `step` ten-thousandths of a degree from `least`.
    fn temperature(
        &mut self,
        base: u64,
        step: i64,
        least: i64,
    ) -> Result<firn_model::units::MilliCelsius, DecodeError> {
        let steps = i64::from(self.digit(base));
        celsius_fraction(PACKED, steps.saturating_mul(step).saturating_add(least), 10_000)
    }

    fn humidity(&mut self) -> RelativeHumidity {
        RelativeHumidity(self.digit(HUMIDITIES).saturating_mul(25))
    }
}
