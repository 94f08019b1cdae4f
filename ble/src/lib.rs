//! Bluetooth Low Energy temperature loggers: bytes in, readings out.
//!
//! Adverts go through [`decode()`], recorded and live log downloads through [`dialog`]: pure functions and
//! state machines. [`radio`] is the port to the air, and the only place that waits; clock, keys and radio
//! are passed in.
#![forbid(unsafe_code)]

pub mod address;
pub mod advert;
pub mod advert_json;
mod bytes;
mod codec;
pub mod decode;
pub mod dialog;
pub mod families;
pub mod file;
pub mod gatt;
pub mod information;
pub mod keys;
pub mod radio;
pub mod readings;
pub mod replay;
pub mod virtual_logger;

pub use address::{Address, BluetoothUuid};
pub use advert::Advert;
pub use advert_json::{AdvertLine, DecodedLine, decode_line};
pub use codec::Standing;
pub use decode::{DecodeError, Decoded, decode};
pub use families::{FamilyInfo, families};
pub use information::DeviceInformation;
pub use keys::{BindKey, Keys};
pub use readings::Readings;
pub use replay::replay;
