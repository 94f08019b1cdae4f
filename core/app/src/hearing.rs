//! From an advert to what this device makes of it: whose it is, what it shows of its origin, or why not.

use crate::counters::Counters;
use crate::{App, AppError, Host, counters, read_model};
use firn_ble::Decoded;
use firn_ble::decode::DecodeError;
use firn_ble::keys::Keys;
use firn_ble::radio::Heard;
use firn_model::api::{Nearby, Refusal};
use firn_model::id::{DeviceAddress, Id};
use firn_model::reading::{ClockQuality, Measurement, Reading, Source};
use firn_model::record::Logger;
use firn_model::time::UtcMillis;

/// The loggers, keys and counters that adverts are held against.
#[derive(Clone, Debug, Default)]
pub struct Ear {
    loggers: Vec<Logger>,
    keys: Keys,
    counters: Counters,
}

/// What one advert said.
#[derive(Clone, Debug, PartialEq)]
pub struct Noted {
    /// The same for a front end.
    pub nearby: Nearby,
    /// Its values as readings; empty for a transmitter that is not enrolled, or where it was refused.
    pub readings: Vec<Reading>,
    /// The enrolled logger's counter, where it grew: to be kept before anything is told.
    pub grown: Option<(Id, u32)>,
}

impl Ear {
    /// Hears with these loggers, keys and highest counters.
    pub fn new(loggers: Vec<Logger>, keys: Keys, counters: Counters) -> Self {
        Self { loggers, keys, counters }
    }

    /// The loggers that are known here.
    pub fn loggers(&self) -> &[Logger] {
        &self.loggers
    }

    /// The keys that adverts are opened with.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The enrolled logger of an address.
    pub(crate) fn logger_at(&self, address: Option<DeviceAddress>) -> Option<Id> {
        let of = |logger: &&Logger| address.is_some() && logger.address == address;
        self.loggers.iter().find(of).map(|logger| logger.id)
    }

    /// What an advert says; none for one that no codec reads, unless it is of an enrolled logger.
    pub fn hear(&mut self, heard: &Heard, now: UtcMillis) -> Option<Noted> {
        match firn_ble::decode(&heard.advert, &self.keys) {
            // Also in a format that knows no encryption: who imitates a keyed logger may choose one.
            Ok(decoded) if !decoded.encrypted && self.is_keyed(&decoded, heard) => {
                self.refused(heard, &DecodeError::NotEncrypted { format: decoded.format }, now)
            }
            Ok(decoded) => self.decoded(heard, decoded, now),
            Err(error) => self.refused(heard, &error, now),
        }
    }

    /// Whether a key was entered for whom this advert claims to be of, by its payload or its transmitter.
    fn is_keyed(&self, decoded: &Decoded, heard: &Heard) -> bool {
        let claimed = decoded.address.into_iter().chain(heard.advert.address);
        claimed.into_iter().any(|address| self.keys.by_address.contains_key(&address))
    }

    fn decoded(&mut self, heard: &Heard, decoded: Decoded, now: UtcMillis) -> Option<Noted> {
        let address = decoded.address.or(heard.advert.address);
        let logger = self.logger_at(address);
        let judged = logger.map(|logger| self.counters.judge(logger, &decoded));
        let time = heard.advert.time.unwrap_or(now);
        let provenance = judged.map_or(decoded.provenance, |judged| judged.provenance);
        let reading = |measurement: &Measurement| Reading {
            time,
            clock: ClockQuality::Phone,
            logger_time_ms: None,
            received: time,
            source: Source::Advert,
            provenance,
            measurement: measurement.clone(),
            raw: heard.advert.to_ad_structures(),
        };
        let readings = match logger {
            Some(_) => decoded.readings.iter().map(reading).collect(),
            None => Vec::new(),
        };
        let nearby = Nearby {
            transmitter: heard.device.0.clone(),
            address,
            family: decoded.device.to_owned(),
            name: heard.advert.name.clone(),
            logger,
            rssi_dbm: heard.rssi_dbm,
            measurement: decoded.readings.into_iter().next()?,
            heard: time,
            provenance,
            counter_fell: judged.is_some_and(|judged| judged.fell),
            ..Nearby::default()
        };
        let grown = logger.zip(judged.and_then(|judged| judged.grown));
        Some(Noted { nearby, readings, grown })
    }

    /// An enrolled logger that cannot be believed is told; a stranger that cannot be read is not.
    fn refused(&self, heard: &Heard, error: &DecodeError, now: UtcMillis) -> Option<Noted> {
        let claimed = firn_ble::decode(&heard.advert, &Keys::default()).ok().and_then(|plain| plain.address);
        let of = |address| self.loggers.iter().find(|logger| logger.address == Some(address));
        let (address, logger) = heard
            .advert
            .address
            .into_iter()
            .chain(claimed)
            .find_map(|address| Some((address, of(address)?)))?;
        let doubtful = matches!(
            error,
            DecodeError::NotEncrypted { .. }
                | DecodeError::AuthenticationFailed { .. }
                | DecodeError::KeyMissing { .. }
        );
        if !doubtful {
            return None;
        }
        let nearby = Nearby {
            transmitter: heard.device.0.clone(),
            address: Some(address),
            family: logger.family.clone(),
            name: heard.advert.name.clone(),
            logger: Some(logger.id),
            rssi_dbm: heard.rssi_dbm,
            heard: heard.advert.time.unwrap_or(now),
            refused: Some(Refusal {
                code: error.code().into(),
                cause: error.to_string(),
                next_step: error.next_step().into(),
            }),
            ..Nearby::default()
        };
        Some(Noted { nearby, readings: Vec::new(), grown: None })
    }
}

impl<H: Host> App<H> {
    /// The keys of the enrolled loggers, by their addresses.
    ///
    /// # Errors
    /// The store's.
    pub async fn keys(&self) -> Result<Keys, AppError> {
        Ok(self.keys_of(&self.loggers().await?))
    }

    /// All that adverts are held against, as of now.
    ///
    /// # Errors
    /// The store's.
    pub async fn ear(&self) -> Result<Ear, AppError> {
        let organisation = self.host.identity().organisation;
        let (loggers, counters) = self
            .host
            .with_store(move |store| {
                store.read(|view| Ok((read_model::loggers(view, &organisation)?, counters::read(view)?)))
            })
            .await?;
        let keys = self.keys_of(&loggers);
        Ok(Ear::new(loggers, keys, counters))
    }

    fn keys_of(&self, loggers: &[Logger]) -> Keys {
        let of = |logger: &Logger| Some((logger.address?, self.host.logger_key(&logger.id)?));
        Keys { by_address: loggers.iter().filter_map(of).collect(), fallback: None }
    }
}

#[cfg(test)]
#[path = "hearing/tests.rs"]
mod tests;
