//! Bluetooth Low Energy temperature loggers: bytes in, readings out.
//!
#![forbid(unsafe_code)]

pub mod address;
pub mod advert;
pub mod advert_json;
mod bytes;
mod codec;
pub mod decode;
pub mod keys;

pub use address::{Address, BluetoothUuid};
pub use advert::Advert;
pub use advert_json::{AdvertLine, DecodedLine, decode_line};
pub use decode::{DecodeError, Decoded, decode};
pub use keys::{BindKey, Keys};
