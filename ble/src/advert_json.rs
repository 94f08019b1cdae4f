//! One advert as a line of JSON, and the answer to it as another: the contract of `firn decode`.

use crate::address::{Address, BluetoothUuid};
use crate::advert::Advert;
use crate::decode::{DecodeError, Decoded, decode};
use crate::keys::{BindKey, Keys};
use crate::readings::Readings;
use data_encoding::HEXLOWER_PERMISSIVE;
use firn_model::reading::Provenance;
use firn_model::time::LocalInstant;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// An advert read from one line, with the key the line brought along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdvertLine {
    /// The advert.
    pub advert: Advert,
    /// The time of the advert with the offset it was written with.
    pub time: Option<LocalInstant>,
    /// The key under `bindkey`.
    pub key: Option<BindKey>,
}

/// Why a line is no advert.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdvertLineError {
    /// The line is not a JSON object of the right shape.
    #[error("not an advert in JSON: {0}")]
    Json(String),
    /// One field has the wrong form.
    #[error("field {field}: {text:?} is not {expected}")]
    Field {
        /// Which field.
        field: &'static str,
        /// What stood there.
        text: String,
        /// What should have.
        expected: &'static str,
    },
}

impl AdvertLineError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Json(_) => "ble/not-json",
            Self::Field { .. } => "ble/bad-field",
        }
    }

    /// What to do about it.
    pub fn next_step(&self) -> &'static str {
        "Give one JSON object a line: manufacturer_data and service_data map identifiers to hexadecimal bytes."
    }
}

/// A JSON object of texts in the order in which it was written.
#[derive(Default)]
struct OrderedTexts(Vec<(String, String)>);

impl<'de> Deserialize<'de> for OrderedTexts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = OrderedTexts;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object that maps identifiers to hexadecimal bytes")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<OrderedTexts, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(OrderedTexts(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

#[derive(Deserialize)]
#[serde(rename = "advert")]
struct Fields {
    #[serde(default)]
    manufacturer_data: OrderedTexts,
    #[serde(default)]
    service_data: OrderedTexts,
    name: Option<String>,
    address: Option<String>,
    time: Option<String>,
    bindkey: Option<String>,
}

impl AdvertLine {
    /// Reads one line. Fields that are unknown do not count; an empty name or address is absent, and so
    /// is the identifier that macOS and iOS give in an address's place.
    pub fn parse(line: &str) -> Result<Self, AdvertLineError> {
        let fields: Fields = serde_json::from_str(line).map_err(|e| AdvertLineError::Json(e.to_string()))?;
        let time = fields
            .time
            .map(|text| field("time", "an RFC 3339 time with an offset", &text, LocalInstant::parse))
            .transpose()?;
        let mut advert = Advert {
            name: present(fields.name),
            address: present(fields.address)
                .filter(|text| !is_platform_identifier(text))
                .map(|text| field("address", "a device address", &text, Address::parse))
                .transpose()?,
            time: time.map(|time| time.at),
            ..Advert::default()
        };
        for (id, bytes) in fields.manufacturer_data.0 {
            let company = field("manufacturer_data", "a company identifier of 4 digits", &id, company_id)?;
            advert.manufacturer_data.insert(company, payload("manufacturer_data", &bytes)?);
        }
        for (id, bytes) in fields.service_data.0 {
            let uuid = field("service_data", "a service UUID", &id, BluetoothUuid::parse)?;
            advert.service_data.insert(uuid, payload("service_data", &bytes)?);
        }
        let key = present(fields.bindkey).map(|text| BindKey::parse(&text)).transpose().map_err(|_| {
            AdvertLineError::Field {
                field: "bindkey",
                text: "…".into(),
                expected: "a key of 32 hexadecimal digits",
            }
        })?;
        Ok(Self { advert, time, key })
    }
}

fn present(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// macOS and iOS hide the address and number devices by UUIDs of their own.
fn is_platform_identifier(text: &str) -> bool {
    text.len() == 36 && BluetoothUuid::parse(text).is_ok()
}

fn field<T, E>(
    field: &'static str,
    expected: &'static str,
    text: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<T, AdvertLineError> {
    parse(text).map_err(|_| AdvertLineError::Field { field, text: text.to_owned(), expected })
}

fn company_id(text: &str) -> Result<u16, ()> {
    match text.len() {
        4 => u16::from_str_radix(text, 16).map_err(|_| ()),
        _ => Err(()),
    }
}

fn payload(name: &'static str, text: &str) -> Result<Vec<u8>, AdvertLineError> {
    field(name, "an even number of hexadecimal digits", text, |text| {
        HEXLOWER_PERMISSIVE.decode(text.as_bytes())
    })
}

/// The answer to one line.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum DecodedLine {
    /// The advert gave readings.
    Readings {
        /// Always true.
        ok: bool,
        /// The family of loggers.
        device: &'static str,
        /// The format of the bytes.
        format: &'static str,
        /// The address that the payload carries.
        #[serde(skip_serializing_if = "Option::is_none")]
        address: Option<Address>,
        /// The time the line gave, as RFC 3339 in the line's own offset.
        #[serde(skip_serializing_if = "Option::is_none")]
        time: Option<String>,
        /// Whether the advert was encrypted and its authentication code valid.
        encrypted: bool,
        /// The replay counter of an encrypted advert.
        #[serde(skip_serializing_if = "Option::is_none")]
        counter: Option<u32>,
        /// What this one advert shows of its origin.
        provenance: Provenance,
        /// One measurement per probe.
        readings: Readings,
    },
    /// The advert gave none.
    Refused {
        /// Always false.
        ok: bool,
        /// The stable code.
        error: &'static str,
        /// The cause.
        why: String,
        /// What to do about it.
        next_step: &'static str,
    },
}

impl DecodedLine {
    fn readings(decoded: Decoded, time: Option<LocalInstant>) -> Self {
        Self::Readings {
            ok: true,
            device: decoded.device,
            format: decoded.format,
            address: decoded.address,
            time: time.map(|time| time.at.to_rfc3339_at(time.offset)),
            encrypted: decoded.encrypted,
            counter: decoded.counter,
            provenance: decoded.provenance,
            readings: decoded.readings,
        }
    }
}

impl From<AdvertLineError> for DecodedLine {
    fn from(error: AdvertLineError) -> Self {
        Self::Refused { ok: false, error: error.code(), why: error.to_string(), next_step: error.next_step() }
    }
}

impl From<DecodeError> for DecodedLine {
    fn from(error: DecodeError) -> Self {
        Self::Refused { ok: false, error: error.code(), why: error.to_string(), next_step: error.next_step() }
    }
}

/// Answers one line; the line's own key is used before those of `keys`.
pub fn decode_line(line: &str, keys: &Keys) -> DecodedLine {
    let AdvertLine { advert, time, key } = match AdvertLine::parse(line) {
        Ok(read) => read,
        Err(error) => return error.into(),
    };
    let decoded = match key {
        Some(_) => decode(&advert, &Keys { fallback: key, ..Keys::default() }),
        None => decode(&advert, keys),
    };
    match decoded {
        Ok(decoded) => DecodedLine::readings(decoded, time),
        Err(error) => error.into(),
    }
}
