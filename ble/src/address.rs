//! Service UUIDs as plain values, beside the device addresses of the model.

use data_encoding::HEXLOWER_PERMISSIVE;
use std::fmt;

pub use firn_model::id::DeviceAddress as Address;

/// A UUID of Bluetooth: a number the Bluetooth SIG assigned, or 128 bits of the maker's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BluetoothUuid {
    /// Sixteen bits within the Bluetooth Base UUID (Core Specification 5.4, vol 3, part B, §2.5.1).
    Short(u16),
    /// Any other.
    Long(u128),
}

/// The text is no UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID of 4 or 32 hexadecimal digits")]
pub struct UuidError;

/// 00000000-0000-1000-8000-00805F9B34FB (Core Specification 5.4, vol 3, part B, §2.5.1).
const BASE_UUID: u128 = 0x0000_0000_0000_1000_8000_0080_5F9B_34FB;

impl BluetoothUuid {
    /// The UUID of these 128 bits, in its short form where it has one.
    pub const fn from_u128(bits: u128) -> Self {
        let short = bits.wrapping_sub(BASE_UUID);
        if short & ((1 << 96) - 1) == 0 && short >> 112 == 0 {
            Self::Short((short >> 96) as u16)
        } else {
            Self::Long(bits)
        }
    }

    /// All 128 bits.
    pub const fn to_u128(self) -> u128 {
        match self {
            Self::Short(short) => BASE_UUID | (short as u128) << 96,
            Self::Long(bits) => bits,
        }
    }

    /// Reads 4 hexadecimal digits, or 32 with or without hyphens, in either case.
    pub fn parse(text: &str) -> Result<Self, UuidError> {
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map_err(|_| UuidError)?;
        if let Ok(short) = <[u8; 2]>::try_from(bytes.as_slice()) {
            return Ok(Self::Short(u16::from_be_bytes(short)));
        }
        let bits = <[u8; 16]>::try_from(bytes.as_slice()).map_err(|_| UuidError)?;
        Ok(Self::from_u128(u128::from_be_bytes(bits)))
    }
}

impl fmt::Display for BluetoothUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.to_u128();
        let group = |shift: u32, width: u32| (bits >> shift) & ((1 << width) - 1);
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            group(96, 32),
            group(80, 16),
            group(64, 16),
            group(48, 16),
            group(0, 48)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assigned_number_is_the_same_uuid_in_either_form() {
        let long = BluetoothUuid::parse("0000FCD2-0000-1000-8000-00805F9B34FB").unwrap();
        assert_eq!(long, BluetoothUuid::Short(0xFCD2));
        assert_eq!(long, BluetoothUuid::parse("fcd2").unwrap());
        assert_eq!(long.to_string(), "0000fcd2-0000-1000-8000-00805f9b34fb");
        let own = BluetoothUuid::parse("6e400001-b5a3-f393-e0a9-e50e24dcca9e").unwrap();
        assert_eq!(own, BluetoothUuid::from_u128(own.to_u128()));
        assert_eq!(BluetoothUuid::parse("fcd"), Err(UuidError));
    }
}
