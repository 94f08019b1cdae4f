//! Loggers that exist only in memory, byte for byte like real ones: for tests, `firn demo` and the demo mode.
//!
//! They know no time of their own: whoever asks says what time it is, and passes in the climate they
//! stand in. The same seed, climate and questions give the same bytes.

pub mod blue_maestro;
pub mod body;
pub mod ela;
pub mod faults;
pub mod govee;
pub mod logger;
pub mod pvvx;
pub mod radio;
pub mod ruuvi;
pub mod sensirion;
pub mod thermometer;
pub mod thermopro;

use crate::address::{Address, BluetoothUuid};
use crate::advert::Advert;
use crate::bytes::Bytes;
use crate::codec::ruuvi::{DATA_FORMAT_5, PRESSURE_OFFSET_PA};
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};
use std::fmt;
use std::sync::Arc;

pub use body::Body;
pub use logger::{Access, Characteristic, Notification, Truth, VirtualLogger};
pub use radio::VirtualRadio;

/// What surrounds a logger at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Climate {
    /// The temperature.
    pub temperature: MilliCelsius,
    /// The relative humidity.
    pub humidity: RelativeHumidity,
    /// The air pressure in pascals.
    pub pressure_pa: u32,
}

/// The climate over time.
pub type Curve = Arc<dyn Fn(UtcMillis) -> Climate + Send + Sync>;

/// Samples of one block of the log: 4,096 bytes less a head of 96, at 16 bytes each (Ruuvi firmware).
const BLOCK: u64 = 250;
/// Blocks kept in flash; the samples of the block under way are in memory only.
const FLASH_BLOCKS: u64 = 14;
/// Milliseconds between two measurements, and so between two sequence numbers (Ruuvi firmware, default).
const MEASUREMENT_MS: i64 = 1285;

/// A RuuviTag that exists only in memory.
#[derive(Clone)]
pub struct VirtualRuuviTag {
    /// The name it advertises.
    pub name: String,
    /// Its address.
    pub address: Address,
    /// When it was switched on: its log begins there.
    pub booted: UtcMillis,
    /// Seconds between two log records; 300 in real tags.
    pub interval_s: u32,
    /// Where it stands.
    pub climate: Curve,
    /// Makes its sensor's noise, of at most 0.02 °C.
    pub seed: u64,
    /// The battery's voltage in millivolts.
    pub battery_mv: u16,
}

impl fmt::Debug for VirtualRuuviTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VirtualRuuviTag({} {})", self.name, self.address)
    }
}

/// One record of a tag's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Seconds since the tag was switched on.
    pub uptime_s: u32,
    /// What was measured, rounded to what the log can hold.
    pub climate: Climate,
}

impl VirtualRuuviTag {
    /// What the sensor shows at `at`.
    pub fn measure(&self, at: UtcMillis) -> Climate {
        let climate = (self.climate)(at);
        let noise = i32::try_from(mixed(self.seed ^ at.0.cast_unsigned()) % 41).unwrap_or(20);
        let temperature = climate.temperature.0.saturating_add(noise).saturating_sub(20);
        Climate { temperature: MilliCelsius(temperature), ..climate }
    }

    /// Whole seconds since the tag was switched on.
    fn uptime_s(&self, at: UtcMillis) -> u32 {
        u32::try_from(at.0.saturating_sub(self.booted.0) / 1000).unwrap_or(0)
    }

    /// The advert sent at `at`: data format 5, with the service of its log in the scan response.
    pub fn advert(&self, at: UtcMillis) -> Advert {
        let mut payload = self.format_5(at).to_vec();
        payload.extend_from_slice(&self.address.0);
        Advert {
            manufacturer_data: [(0x0499, payload)].into(),
            newest_company: Some(0x0499),
            name: Some(self.name.clone()),
            address: Some(self.address),
            time: Some(at),
            ..Advert::default()
        }
    }

    /// What a connected tag notifies between its answers: data format 5 without the address.
    pub fn heartbeat(&self, at: UtcMillis) -> [u8; 18] {
        self.format_5(at)
    }

    fn format_5(&self, at: UtcMillis) -> [u8; 18] {
        let climate = self.measure(at);
        let temperature = rounded(climate.temperature.0, 5);
        let [t0, t1] = i16::try_from(temperature).unwrap_or(i16::MIN).to_be_bytes();
        let [h0, h1] = u16::try_from(climate.humidity.0 / 25).unwrap_or(u16::MAX).to_be_bytes();
        let pressure = climate.pressure_pa.saturating_sub(PRESSURE_OFFSET_PA);
        let [p0, p1] = u16::try_from(pressure).unwrap_or(u16::MAX).to_be_bytes();
        // Eleven bits of voltage, and five that say +4 dBm.
        let [w0, w1] = ((self.battery_mv.saturating_sub(1600).min(0x7FE) << 5) | 22).to_be_bytes();
        let sequence = at.0.saturating_sub(self.booted.0).max(0) / MEASUREMENT_MS % 0xFFFF;
        let [s0, s1] = u16::try_from(sequence).unwrap_or(0).to_be_bytes();
        // It lies still: 1 g along z, no movement counted.
        [DATA_FORMAT_5, t0, t1, h0, h1, p0, p1, 0, 0, 0, 0, 0x03, 0xE8, w0, w1, 0, s0, s1]
    }

    /// All records in memory at `at`, ascending by time.
    pub fn memory(&self, at: UtcMillis) -> Vec<Record> {
        let newest = u64::from(self.uptime_s(at) / self.interval_s.max(1));
        let block_under_way = newest / BLOCK;
        let oldest = block_under_way.saturating_sub(FLASH_BLOCKS).saturating_mul(BLOCK).max(1);
        (oldest..=newest).filter_map(|number| self.record(number)).collect()
    }

    fn record(&self, number: u64) -> Option<Record> {
        let uptime_s = u32::try_from(number.checked_mul(u64::from(self.interval_s))?).ok()?;
        let climate = self.measure(self.booted.plus_seconds(i64::from(uptime_s)));
        let climate = Climate {
            temperature: MilliCelsius(rounded(climate.temperature.0, 10).saturating_mul(10)),
            humidity: RelativeHumidity((climate.humidity.0 / 100).saturating_mul(100)),
            ..climate
        };
        Some(Record { uptime_s, climate })
    }

    /// The notifications that answer a write at `at`; none if the bytes are no request for the log.
    ///
    /// Flash blocks come by their place in the ring and not by age, as the firmware reads them.
    pub fn answer(&self, request: &[u8], at: UtcMillis) -> Vec<Vec<u8>> {
        let mut bytes = Bytes(request);
        let header = bytes.array::<3>();
        let (Some([0x3A, 0x3A, 0x11]), Some(now), Some(from)) = (header, bytes.u32_be(), bytes.u32_be())
        else {
            return Vec::new();
        };
        let base = now.wrapping_sub(self.uptime_s(at));
        let mut records: Vec<(u64, Record)> =
            self.memory(at).into_iter().map(|r| (self.place(at, r), r)).collect();
        records.sort_by_key(|(place, record)| (*place, record.uptime_s));
        let mut packets = Vec::with_capacity(records.len().saturating_mul(3).saturating_add(1));
        for (_, record) in records {
            let time = base.wrapping_add(record.uptime_s);
            if time >= from {
                packets.extend(record_packets(time, record.climate));
            }
        }
        packets.push([&[0x3A, 0x3A, 0x10][..], &[0xFF; 8]].concat());
        packets
    }

    /// The place of a record's block in the order of reading: the ring of flash first, then memory.
    fn place(&self, at: UtcMillis, record: Record) -> u64 {
        let block = |uptime_s: u32| u64::from(uptime_s / self.interval_s.max(1)) / BLOCK;
        if block(record.uptime_s) == block(self.uptime_s(at)) {
            FLASH_BLOCKS
        } else {
            block(record.uptime_s) % FLASH_BLOCKS
        }
    }
}

/// The three packets of one record.
fn record_packets(time: u32, climate: Climate) -> [Vec<u8>; 3] {
    let packet =
        |source: u8, value: [u8; 4]| [&[0x3A, source, 0x10][..], &time.to_be_bytes(), &value].concat();
    [
        packet(0x30, (climate.temperature.0 / 10).to_be_bytes()),
        packet(0x31, (climate.humidity.0 / 100).to_be_bytes()),
        packet(0x32, climate.pressure_pa.to_be_bytes()),
    ]
}

/// `value` in units of `unit`, rounded half away from zero.
fn rounded(value: i32, unit: i32) -> i32 {
    value.saturating_add(value.signum().saturating_mul(unit / 2)) / unit.max(1)
}

/// The two characteristics of a Nordic UART Service.
fn nordic_uart(service: BluetoothUuid, write: BluetoothUuid, notify: BluetoothUuid) -> Vec<Characteristic> {
    vec![
        Characteristic::new(service, write, [Access::Write, Access::WriteWithoutResponse]),
        Characteristic::new(service, notify, [Access::Notify]),
    ]
}

/// One step of SplitMix64 (Steele, Lea, Flood 2014): well mixed bits from any number.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests;
