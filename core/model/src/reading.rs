//! What a logger measured, when, by whose clock, and what is known of where the bytes came from.

use crate::time::UtcMillis;
use crate::units::{MilliCelsius, RelativeHumidity, integer_milli_celsius};
use serde::{Deserialize, Serialize};

/// The values of one advert, log record or file row; what a logger marks as not available is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Measurement {
    /// Which probe of the logger, counted from zero in the order of its format.
    #[serde(skip_serializing_if = "is_first_probe")]
    pub probe: u8,
    /// Temperature, in JSON as an integer of milli-degrees Celsius.
    #[serde(
        rename = "temperature_mc",
        with = "integer_milli_celsius",
        skip_serializing_if = "Option::is_none"
    )]
    pub temperature: Option<MilliCelsius>,
    /// Relative humidity, in JSON as percent.
    #[serde(rename = "humidity_pct", skip_serializing_if = "Option::is_none")]
    pub humidity: Option<RelativeHumidity>,
    /// Air pressure in pascals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pressure_pa: Option<u32>,
    /// Dew point, in JSON as an integer of milli-degrees Celsius; never a temperature of the goods.
    #[serde(
        rename = "dew_point_mc",
        with = "integer_milli_celsius",
        skip_serializing_if = "Option::is_none"
    )]
    pub dew_point: Option<MilliCelsius>,
    /// Battery voltage in millivolts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub battery_mv: Option<u32>,
    /// Battery charge in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub battery_pct: Option<u8>,
    /// The logger's own counter of measurements or packets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u32>,
    /// The logger's own counter of movements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub movement: Option<u32>,
    /// Seconds since the logger was switched on, by its own count: a fall shows a reset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uptime_s: Option<u32>,
    /// The logger's own logging interval in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_s: Option<u32>,
    /// How many records the logger says it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_count: Option<u32>,
    /// Carbon dioxide in parts per million.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub co2_ppm: Option<u32>,
    /// Acceleration along x, y and z in thousandths of standard gravity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acceleration_mg: Option<[i16; 3]>,
    /// Transmission power in dBm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tx_power_dbm: Option<i8>,
    /// The value is an average over the logging step and no sample (pvvx, SHT43).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub aggregated: bool,
}

impl Measurement {
    /// Its values by quantity, in the units of [`Quantity`]; what fits no 32-bit integer is absent.
    pub fn values(&self) -> impl Iterator<Item = (Quantity, i32)> {
        let narrow = |value: u32| i32::try_from(value).ok();
        [
            (Quantity::Temperature, self.temperature.map(|value| value.0)),
            (Quantity::Humidity, self.humidity.and_then(|value| narrow(value.0))),
            (Quantity::Pressure, self.pressure_pa.and_then(narrow)),
            (Quantity::Movement, self.movement.and_then(narrow)),
            (Quantity::Acceleration, self.acceleration_mg.and_then(|axes| narrow(length(axes)))),
            (Quantity::BatteryVoltage, self.battery_mv.and_then(narrow)),
            (Quantity::BatteryCharge, self.battery_pct.map(i32::from)),
        ]
        .into_iter()
        .filter_map(|(quantity, value)| Some((quantity, value?)))
    }

    /// Whether it holds no value; the number of its probe is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        let Self {
            probe: _,
            temperature,
            humidity,
            pressure_pa,
            dew_point,
            battery_mv,
            battery_pct,
            sequence,
            movement,
            uptime_s,
            interval_s,
            log_count,
            co2_ppm,
            acceleration_mg,
            tx_power_dbm,
            aggregated,
        } = self;
        temperature.is_none()
            && humidity.is_none()
            && pressure_pa.is_none()
            && dew_point.is_none()
            && battery_mv.is_none()
            && battery_pct.is_none()
            && sequence.is_none()
            && movement.is_none()
            && uptime_s.is_none()
            && interval_s.is_none()
            && log_count.is_none()
            && co2_ppm.is_none()
            && acceleration_mg.is_none()
            && tx_power_dbm.is_none()
            && !aggregated
    }
}

/// The length of a vector, rounded down.
fn length(axes: [i16; 3]) -> u32 {
    axes.iter().map(|axis| u32::from(axis.unsigned_abs()).pow(2)).sum::<u32>().isqrt()
}

fn is_first_probe(probe: &u8) -> bool {
    *probe == 0
}

/// Which quantity a series of readings holds; the numbers are those of `docs/firn.cddl`.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    minicbor::Encode,
    minicbor::Decode,
)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum Quantity {
    /// Thousandths of a degree Celsius.
    #[n(1)]
    Temperature,
    /// Ten-thousandths of a percent of relative humidity.
    #[n(2)]
    Humidity,
    /// Pascals.
    #[n(3)]
    Pressure,
    /// The logger's own counter of movements.
    #[n(4)]
    Movement,
    /// The length of the vector of acceleration in thousandths of standard gravity, rounded down: 1000 at rest.
    #[n(5)]
    Acceleration,
    /// Millivolts.
    #[n(6)]
    BatteryVoltage,
    /// Percent.
    #[n(7)]
    BatteryCharge,
}

impl Quantity {
    /// Its name in English, such as `battery voltage`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Temperature => "temperature",
            Self::Humidity => "humidity",
            Self::Pressure => "pressure",
            Self::Movement => "movement",
            Self::Acceleration => "acceleration",
            Self::BatteryVoltage => "battery voltage",
            Self::BatteryCharge => "battery charge",
        }
    }

    /// Its unit, and how many digits of its integers stand behind the point in that unit.
    pub fn unit(self) -> (&'static str, u32) {
        match self {
            Self::Temperature => ("°C", 3),
            Self::Humidity => ("%", 4),
            Self::Pressure => ("hPa", 2),
            Self::Movement => ("", 0),
            Self::Acceleration => ("g", 3),
            Self::BatteryVoltage => ("V", 3),
            Self::BatteryCharge => ("%", 0),
        }
    }

    /// Whether its values are told at a pace and stand for the time up to the next: temperature, humidity and
    /// pressure, which a logger may average.
    pub fn is_sampled(self) -> bool {
        matches!(self, Self::Temperature | Self::Humidity | Self::Pressure)
    }

    /// Whether a value holds until the logger tells another, so that only changes are sealed and no time
    /// between two readings is a gap.
    pub fn is_held(self) -> bool {
        matches!(self, Self::Movement | Self::BatteryVoltage | Self::BatteryCharge)
    }
}

/// What each value of a batch is, where it is no sample.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    minicbor::Encode,
    minicbor::Decode,
)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum Aggregation {
    /// An average over the logging step.
    #[n(1)]
    Average,
}

/// One probe's one quantity: what is assessed as a series of its own.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    minicbor::Encode,
    minicbor::Decode,
)]
pub struct Channel {
    /// What is measured.
    #[n(0)]
    pub quantity: Quantity,
    /// Which probe, counted from zero.
    #[n(1)]
    pub probe: u8,
}

/// Which way a reading came.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    minicbor::Encode,
    minicbor::Decode,
)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum Source {
    /// Told live: heard in an advert, or shown by a connected device as its present value.
    #[n(1)]
    Advert,
    /// Downloaded from the logger's memory.
    #[n(2)]
    Log,
    /// Read from a file.
    #[n(3)]
    Import,
}

/// What the time of a reading rests on.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    minicbor::Encode,
    minicbor::Decode,
)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum ClockQuality {
    /// A clock disciplined by the network.
    #[n(1)]
    Network,
    /// The phone's clock at the moment of hearing.
    #[n(2)]
    Phone,
    /// Counted back from the phone's clock by the logger's own counter.
    #[n(3)]
    ComputedFromPhone,
    /// The logger's own wall clock.
    #[n(4)]
    LoggerOwn,
    /// A clock that nobody has set.
    #[n(5)]
    NeverSet,
}

/// What is known of where the bytes of a reading came from; [`Provenance::proves`] says what that is worth.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    minicbor::Encode,
    minicbor::Decode,
)]
#[cbor(index_only)]
pub enum Provenance {
    /// Heard: at that time this device received these bytes from a transmitter using that address.
    #[default]
    #[n(0)]
    P0,
    /// Continuous: heard, and the sequence agrees with the downloaded log.
    #[n(1)]
    P1,
    /// Keyed: a valid authentication code by an enrolled key, with a fresh counter.
    #[n(2)]
    P2,
    /// Logged over a link that the operating system paired and encrypted.
    #[n(3)]
    P3,
}

/// One reading with both its times and its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// When it was measured, as well as is known.
    pub time: UtcMillis,
    /// What `time` rests on.
    pub clock: ClockQuality,
    /// The logger's own time in milliseconds of its own epoch, where it has one.
    pub logger_time_ms: Option<i64>,
    /// The phone's clock when the bytes arrived.
    pub received: UtcMillis,
    /// Which way it came.
    pub source: Source,
    /// What is known of its origin.
    pub provenance: Provenance,
    /// The values.
    pub measurement: Measurement,
    /// The logger's bytes, unchanged, so that a mistake in a codec can be put right later.
    pub raw: Vec<u8>,
}
