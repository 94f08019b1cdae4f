//! Keys of loggers that encrypt their adverts, by device address.

use crate::address::Address;
use crate::decode::DecodeError;
use data_encoding::HEXLOWER_PERMISSIVE;
use std::collections::BTreeMap;
use std::fmt;

/// An AES-128 key as it is printed in a logger's app ("bind key").
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BindKey(pub [u8; 16]);

/// Which key opens which device's adverts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Keys of enrolled devices.
    pub by_address: BTreeMap<Address, BindKey>,
    /// A key for every device that has none of its own.
    pub fallback: Option<BindKey>,
}

/// Why a text is not a key or not a list of keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A key has another form.
    #[error("a key has 32 hexadecimal digits")]
    Malformed,
    /// A line of the list has another form.
    #[error("line {line}: expected a device address and a key of 32 hexadecimal digits")]
    Line {
        /// Counted from one.
        line: usize,
    },
}

impl KeyError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "ble/bad-key",
            Self::Line { .. } => "ble/bad-key-file",
        }
    }

    /// What to do about it.
    pub fn next_step(&self) -> &'static str {
        "Copy the bind key from the logger's own app; write one line per device: ADDRESS KEY."
    }
}

impl BindKey {
    /// Reads 32 hexadecimal digits in either case.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| KeyError::Malformed)?;
        bytes.try_into().map(Self).map_err(|_| KeyError::Malformed)
    }
}

/// Never shows the key.
impl fmt::Debug for BindKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BindKey(…)")
    }
}

impl Keys {
    /// Reads a key file: one `ADDRESS KEY` a line; empty lines and lines that begin with `#` do not count.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut by_address = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let refused = KeyError::Line { line: index.saturating_add(1) };
            let mut words = line.split_whitespace();
            let (Some(address), Some(key), None) = (words.next(), words.next(), words.next()) else {
                return Err(refused);
            };
            match (Address::parse(address), BindKey::parse(key)) {
                (Ok(address), Ok(key)) => by_address.insert(address, key),
                _ => return Err(refused),
            };
        }
        Ok(Self { by_address, fallback: None })
    }

    /// Refuses a plain advert of a device whose key is known: encryption is not given up silently.
    pub(crate) fn allow_plain(
        &self,
        format: &'static str,
        address: Option<Address>,
    ) -> Result<(), DecodeError> {
        match address.map_or(self.fallback, |address| self.get(address)) {
            Some(_) => Err(DecodeError::NotEncrypted { format }),
            None => Ok(()),
        }
    }

    /// The key for `address`.
    pub fn get(&self, address: Address) -> Option<BindKey> {
        self.by_address.get(&address).copied().or(self.fallback)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_names_one_device_a_line() {
        let text = "# fridge 2\n\nA4:C1:38:8D:18:B2  231d39c1d7cc1ab1aee224cd096db932\n";
        let keys = Keys::parse(text).unwrap();
        let address = Address::parse("a4c1388d18b2").unwrap();
        assert_eq!(keys.get(address), Some(BindKey::parse("231D39C1D7CC1AB1AEE224CD096DB932").unwrap()));
        assert_eq!(keys.get(Address([0; 6])), None);
    }

    #[test]
    fn a_bad_line_of_a_key_file_is_named_and_its_key_is_not_shown() {
        let text = "A4:C1:38:8D:18:B2 231d39c1d7cc1ab1aee224cd096db932\nA4:C1:38:8D:18:B3 231d39\n";
        let error = Keys::parse(text).unwrap_err();
        assert_eq!((error.code(), error.to_string().contains("line 2")), ("ble/bad-key-file", true));
        assert_eq!(format!("{:?}", BindKey([7; 16])), "BindKey(…)");
    }
}
