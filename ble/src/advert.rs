//! One advertisement as plain data, wherever it was heard or read from.

use crate::address::{Address, BluetoothUuid};
use firn_model::time::UtcMillis;
use std::collections::BTreeMap;

/// What one advertisement and its scan response carried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advert {
    /// Manufacturer data by company identifier (Bluetooth SIG Assigned Numbers §7), without the identifier.
    pub manufacturer_data: BTreeMap<u16, Vec<u8>>,
    /// The company identifier heard last, where a scanner has gathered several and knows.
    ///
    /// Some loggers put measured bits into the identifier, so that only the newest is current.
    pub newest_company: Option<u16>,
    /// Service data by service UUID, without the UUID.
    pub service_data: BTreeMap<BluetoothUuid, Vec<u8>>,
    /// The local name.
    pub name: Option<String>,
    /// The transmitter's address, where the platform shows it.
    pub address: Option<Address>,
    /// When it was heard.
    pub time: Option<UtcMillis>,
}
