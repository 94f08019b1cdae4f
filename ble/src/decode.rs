//! From one advert to its readings: dispatch to the codecs, and what can go wrong.

use crate::address::Address;
use crate::advert::Advert;
use crate::codec;
use crate::keys::Keys;
use crate::readings::Readings;
use firn_model::reading::Provenance;

/// What one advert says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The family of loggers, a stable name such as `ruuvitag`.
    pub device: &'static str,
    /// The format of the bytes, a stable name such as `ruuvi-df5`.
    pub format: &'static str,
    /// The device address that the payload itself carries.
    pub address: Option<Address>,
    /// Whether the advert was encrypted, and its authentication code valid.
    pub encrypted: bool,
    /// The replay counter of an encrypted advert.
    pub counter: Option<u32>,
    /// What this one advert shows of its origin; see [`Decoded::provenance_after`].
    pub provenance: Provenance,
    /// One measurement per probe; never empty, and none is without a value.
    pub readings: Readings,
}

impl Decoded {
    /// The provenance given the highest counter accepted so far from the same device.
    ///
    /// A keyed advert whose counter has not grown may be a replay: it counts as merely heard.
    pub fn provenance_after(&self, highest_counter: Option<u32>) -> Provenance {
        match (self.counter, highest_counter) {
            (Some(counter), Some(highest)) if counter <= highest => Provenance::P0,
            _ => self.provenance,
        }
    }
}

/// Why an advert gives no reading.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// No codec knows the format.
    #[error("no known logger advertises in this format")]
    UnknownFormat,
    /// The format is known, this version of it is not.
    #[error("{format}: version {version} is not known")]
    UnknownVersion {
        /// The format.
        format: &'static str,
        /// The version the advert states.
        version: u8,
    },
    /// The payload ends before the format does.
    #[error("{format}: the payload ends early, after {have} bytes")]
    Truncated {
        /// The format.
        format: &'static str,
        /// How many bytes there are.
        have: usize,
    },
    /// The payload is longer than the format allows.
    #[error("{format}: a payload of {have} bytes is none of the format's lengths")]
    WrongLength {
        /// The format.
        format: &'static str,
        /// How many bytes there are.
        have: usize,
    },
    /// The advert is in order and holds none of the values that are recorded.
    #[error("{format}: the advert holds no measured value")]
    NoMeasurement {
        /// The format.
        format: &'static str,
    },
    /// A value lies outside what its quantity or its format allows.
    #[error("{format}: {quantity} is out of range")]
    OutOfRange {
        /// The format.
        format: &'static str,
        /// Which value.
        quantity: &'static str,
    },
    /// The advert is encrypted and there is no key for this device.
    #[error("{format}: the advert of {address} is encrypted and no key is known")]
    KeyMissing {
        /// The format.
        format: &'static str,
        /// The device.
        address: Address,
    },
    /// The advert is encrypted and the address that its nonce needs is not known.
    #[error("{format}: the advert is encrypted and the device address is not known")]
    AddressMissing {
        /// The format.
        format: &'static str,
    },
    /// The advert is plain although a key is enrolled for its device.
    #[error("{format}: the advert is not encrypted although a key is enrolled for this device")]
    NotEncrypted {
        /// The format.
        format: &'static str,
    },
    /// The authentication code does not match the key.
    #[error("{format}: the authentication code does not match the key")]
    AuthenticationFailed {
        /// The format.
        format: &'static str,
    },
}

impl DecodeError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownFormat => "ble/unknown-format",
            Self::UnknownVersion { .. } => "ble/unknown-version",
            Self::Truncated { .. } => "ble/truncated",
            Self::WrongLength { .. } => "ble/wrong-length",
            Self::NoMeasurement { .. } => "ble/no-measurement",
            Self::OutOfRange { .. } => "ble/out-of-range",
            Self::KeyMissing { .. } => "ble/key-missing",
            Self::AddressMissing { .. } => "ble/address-missing",
            Self::NotEncrypted { .. } => "ble/not-encrypted",
            Self::AuthenticationFailed { .. } => "ble/authentication-failed",
        }
    }

    /// What to do about it.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::UnknownFormat => "Check that the logger is one of the supported models.",
            Self::UnknownVersion { .. } => "Update Firn; the logger's firmware may be newer.",
            Self::Truncated { .. } | Self::WrongLength { .. } => {
                "Wait for the next advert; if it stays, the receiver may not hear extended adverts."
            }
            Self::NoMeasurement { .. } => "Wait for the next advert, which may carry the values.",
            Self::OutOfRange { .. } => "Check the sensor of the logger; it may be broken.",
            Self::KeyMissing { .. } => "Enrol the logger with the bind key from its own app.",
            Self::AddressMissing { .. } => {
                "Let the logger include its address in the advert, or receive it on a platform that shows addresses."
            }
            Self::NotEncrypted { .. } => {
                "Switch encryption on in the logger, or remove its key; until then the advert may be forged."
            }
            Self::AuthenticationFailed { .. } => {
                "Check the bind key; if it is right, the advert is damaged or forged."
            }
        }
    }
}

/// Decodes one advert; pure, and without any memory of earlier ones.
///
/// Where an advert carries several formats the first that gives readings counts: those told by the
/// device's name, then those of service data, then those of manufacturer data, last those known by their
/// shape alone. Where none does, the error is that of the first codec that knew the format.
#[inline]
pub fn decode(advert: &Advert, keys: &Keys) -> Result<Decoded, DecodeError> {
    codec::decode(advert, keys)
}
