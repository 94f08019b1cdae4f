//! Random identifiers of 16 bytes and their base32 text.

use data_encoding::{BASE32_NOPAD, Encoding, HEXLOWER_PERMISSIVE};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// An identifier: 16 random bytes, never reused; RFC 4648 base32 in lower case on screen (26 characters).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode,
)]
#[cbor(transparent)]
pub struct Id(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub [u8; 16],
);

/// A Bluetooth device address, most significant byte first; `AA:BB:CC:DD:EE:FF` on screen.
///
/// macOS and iOS never show it; there, identity comes from the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode)]
#[cbor(transparent)]
pub struct DeviceAddress(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub [u8; 6],
);

/// The text is no device address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a device address such as AA:BB:CC:DD:EE:FF")]
pub struct DeviceAddressError;

/// The text is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of 26 base32 characters (a-z, 2-7)")]
pub struct IdError;

/// The fewest characters by which an identifier may be named.
pub const SHORTEST_PREFIX: usize = 6;

/// Base32 of RFC 4648 §6 without padding.
fn base32() -> Encoding {
    BASE32_NOPAD
}

impl Id {
    /// Reads all 26 characters, in either case.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let bytes = base32().decode(text.to_ascii_uppercase().as_bytes()).map_err(|_| IdError)?;
        Ok(Self(bytes.try_into().map_err(|_| IdError)?))
    }

    /// Whether `prefix`, of at least six characters in either case, names this identifier.
    pub fn has_prefix(&self, prefix: &str) -> bool {
        prefix.len() >= SHORTEST_PREFIX && self.to_string().starts_with(&prefix.to_ascii_lowercase())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base32().encode(&self.0).to_ascii_lowercase())
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Id::parse(&std::borrow::Cow::<'de, str>::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl DeviceAddress {
    /// Reads `A4:C1:38:8D:18:B2`, with colons, hyphens or nothing between the bytes, in either case.
    pub fn parse(text: &str) -> Result<Self, DeviceAddressError> {
        let digits: String = text.chars().filter(|c| !matches!(c, ':' | '-')).collect();
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map_err(|_| DeviceAddressError)?;
        bytes.try_into().map(Self).map_err(|_| DeviceAddressError)
    }

    /// The address whose bytes stand in `bytes` least significant first, as in most payloads.
    pub fn from_reversed(mut bytes: [u8; 6]) -> Self {
        bytes.reverse();
        Self(bytes)
    }
}

impl fmt::Display for DeviceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02X}:{b:02X}:{c:02X}:{d:02X}:{e:02X}:{g:02X}")
    }
}

impl Serialize for DeviceAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DeviceAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&std::borrow::Cow::<'de, str>::deserialize(deserializer)?)
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_comes_back_from_its_text_in_either_case() {
        let id = Id([7; 16]);
        assert_eq!(Id::parse(&id.to_string()), Ok(id));
        assert_eq!(Id::parse(&id.to_string().to_uppercase()), Ok(id));
        assert_eq!(Id::parse("abc"), Err(IdError));
    }

    #[test]
    fn an_address_is_read_with_any_separator_and_printed_with_colons() {
        for text in ["a4:c1:38:8d:18:b2", "A4-C1-38-8D-18-B2", "A4C1388D18B2"] {
            assert_eq!(DeviceAddress::parse(text).unwrap().to_string(), "A4:C1:38:8D:18:B2");
        }
        for text in [
            "",
            "A4:C1",
            "A4:C1:38:8D:18:B2:00",
            "G4:C1:38:8D:18:B2",
            "ä4:C1:38:8D:18:B2",
            "A4:C1:38:8D:18:+2",
        ] {
            assert_eq!(DeviceAddress::parse(text), Err(DeviceAddressError), "{text:?}");
        }
    }

    #[test]
    fn a_prefix_of_fewer_than_six_characters_names_nothing() {
        let id = Id([7; 16]);
        let text = id.to_string();
        let prefix = |length| text.get(..length).unwrap();
        assert!(id.has_prefix(prefix(6)) && id.has_prefix(&text.to_uppercase()));
        assert!(!id.has_prefix(prefix(5)));
    }
}
