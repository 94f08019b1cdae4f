//! A thermometer that exists only in memory and speaks the Bluetooth SIG's services alone; and what any
//! virtual logger tells of itself by them.

use super::body::Body;
use super::logger::{Access, Characteristic, Notification, Truth, VirtualLogger};
use super::rounded;
use crate::address::{Address, BluetoothUuid};
use crate::advert::Advert;
use crate::gatt;
use crate::information::DeviceInformation;
use firn_model::reading::Measurement;
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};
use std::sync::Arc;

/// What a thermometer shows by Environmental Sensing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ambient {
    /// Temperature, humidity and pressure.
    Shown,
    /// The same, all marked as not known.
    NotKnown,
    /// It has no such service.
    Absent,
}

/// The unit of a Health Thermometer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Degrees Celsius.
    Celsius,
    /// Degrees Fahrenheit.
    Fahrenheit,
}

/// A virtual thermometer without a log, with Environmental Sensing and Health Thermometer.
#[derive(Clone, Debug)]
pub struct VirtualThermometer {
    /// What measures; it remembers nothing.
    pub body: Body,
    /// What it shows by Environmental Sensing.
    pub ambient: Ambient,
    /// The unit in which it indicates by Health Thermometer; none without that service.
    pub health: Option<Unit>,
}

/// IEEE 11073-20601: the mantissa that says "not a number".
const NOT_A_NUMBER: [u8; 3] = [0xFF, 0xFF, 0x7F];

impl VirtualThermometer {
    /// What it shows at `at`, as far as its services can say it.
    pub fn shows(&self, at: UtcMillis) -> Measurement {
        let climate = self.body.measure(at);
        let temperature = MilliCelsius(rounded(climate.temperature.0, 10).saturating_mul(10));
        match self.ambient {
            Ambient::Shown => Measurement {
                temperature: Some(temperature),
                humidity: Some(RelativeHumidity((climate.humidity.0 / 100).saturating_mul(100))),
                pressure_pa: Some(climate.pressure_pa),
                ..Measurement::default()
            },
            Ambient::NotKnown | Ambient::Absent => {
                let temperature = self.health.map(|_| temperature);
                Measurement { temperature, ..Measurement::default() }
            }
        }
    }

    /// Temperature Measurement: flags, a mantissa of hundredths, and the exponent −2.
    fn indication(&self, unit: Unit, at: UtcMillis) -> Vec<u8> {
        let hundredths = rounded(self.body.measure(at).temperature.0, 10);
        let (flags, mantissa) = match unit {
            Unit::Celsius => (0, hundredths),
            Unit::Fahrenheit => (1, rounded(hundredths.saturating_mul(9), 5).saturating_add(3200)),
        };
        let [m0, m1, m2, _] = mantissa.to_le_bytes();
        vec![flags, m0, m1, m2, 0xFE]
    }
}

impl VirtualLogger for VirtualThermometer {
    fn address(&self) -> Address {
        self.body.address
    }

    /// Its name alone: what it measures is told over a connection.
    fn advert(&self, at: UtcMillis) -> Advert {
        self.body.advert(at)
    }

    fn characteristics(&self) -> Vec<Characteristic> {
        let ambient = [gatt::TEMPERATURE, gatt::HUMIDITY, gatt::PRESSURE]
            .map(|uuid| Characteristic::new(gatt::ENVIRONMENTAL_SENSING, uuid, [Access::Read]));
        let health = self.health.map(|_| {
            let uuid = gatt::TEMPERATURE_MEASUREMENT;
            Characteristic::new(gatt::HEALTH_THERMOMETER, uuid, [Access::Indicate])
        });
        ambient.into_iter().filter(|_| self.ambient != Ambient::Absent).chain(health).collect()
    }

    fn on_read(&self, characteristic: BluetoothUuid, at: UtcMillis) -> Option<Vec<u8>> {
        let climate = self.body.measure(at);
        let known = self.ambient == Ambient::Shown;
        let hundredths = i16::try_from(rounded(climate.temperature.0, 10)).unwrap_or(i16::MIN);
        let humidity = u16::try_from(climate.humidity.0 / 100).unwrap_or(u16::MAX);
        match characteristic {
            gatt::TEMPERATURE => Some(if known { hundredths } else { i16::MIN }.to_le_bytes().to_vec()),
            gatt::HUMIDITY => Some(if known { humidity } else { u16::MAX }.to_le_bytes().to_vec()),
            gatt::PRESSURE => Some(climate.pressure_pa.saturating_mul(10).to_le_bytes().to_vec()),
            _ => None,
        }
    }

    /// It has no number yet, and then it has.
    fn on_subscribe(&self, characteristic: BluetoothUuid, at: UtcMillis) -> Vec<Notification> {
        match self.health {
            Some(unit) if characteristic == gatt::TEMPERATURE_MEASUREMENT => {
                let not_yet = [&[0][..], &NOT_A_NUMBER, &[0]].concat();
                vec![(characteristic, not_yet), (characteristic, self.indication(unit, at))]
            }
            _ => Vec::new(),
        }
    }

    fn on_write(&self, _: BluetoothUuid, _: &[u8], _: UtcMillis) -> Vec<Notification> {
        Vec::new()
    }

    fn memory(&self, _: UtcMillis) -> Vec<Truth> {
        Vec::new()
    }
}

/// A virtual logger of any kind that also tells of itself by Device Information and Battery.
#[derive(Clone, Debug)]
pub struct Telling {
    /// The logger.
    pub logger: Arc<dyn VirtualLogger>,
    /// What it tells.
    pub information: DeviceInformation,
}

impl Telling {
    fn told(&self) -> Vec<(Characteristic, Vec<u8>)> {
        let information = &self.information;
        let texts = [
            (gatt::MANUFACTURER_NAME, &information.manufacturer),
            (gatt::MODEL_NUMBER, &information.model),
            (gatt::SERIAL_NUMBER, &information.serial),
            (gatt::FIRMWARE_REVISION, &information.firmware),
            (gatt::HARDWARE_REVISION, &information.hardware),
            (gatt::SOFTWARE_REVISION, &information.software),
        ];
        let of = |service, uuid, value| (Characteristic::new(service, uuid, [Access::Read]), value);
        let texts = texts.into_iter().filter_map(|(uuid, text)| {
            Some(of(gatt::DEVICE_INFORMATION, uuid, text.as_ref()?.as_bytes().to_vec()))
        });
        let battery = information.battery_pct.map(|pct| of(gatt::BATTERY, gatt::BATTERY_LEVEL, vec![pct]));
        texts.chain(battery).collect()
    }
}

impl VirtualLogger for Telling {
    fn address(&self) -> Address {
        self.logger.address()
    }

    fn advert(&self, at: UtcMillis) -> Advert {
        self.logger.advert(at)
    }

    fn characteristics(&self) -> Vec<Characteristic> {
        let told = self.told().into_iter().map(|(characteristic, _)| characteristic);
        self.logger.characteristics().into_iter().chain(told).collect()
    }

    fn on_read(&self, characteristic: BluetoothUuid, at: UtcMillis) -> Option<Vec<u8>> {
        let told = self.told().into_iter().find(|(told, _)| told.uuid == characteristic);
        told.map(|(_, value)| value).or_else(|| self.logger.on_read(characteristic, at))
    }

    fn on_subscribe(&self, characteristic: BluetoothUuid, at: UtcMillis) -> Vec<Notification> {
        self.logger.on_subscribe(characteristic, at)
    }

    fn on_write(&self, characteristic: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Vec<Notification> {
        self.logger.on_write(characteristic, bytes, at)
    }

    fn heartbeat(&self, at: UtcMillis) -> Option<Notification> {
        self.logger.heartbeat(at)
    }

    fn memory(&self, at: UtcMillis) -> Vec<Truth> {
        self.logger.memory(at)
    }
}
