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

/// Types of AD structures (Bluetooth SIG Assigned Numbers §2.3).
const SERVICE_DATA_128: u8 = 0x21;
const MANUFACTURER_DATA: u8 = 0xFF;

impl Advert {
    /// What was heard as AD structures (Bluetooth Core Specification, vol. 3, part C, §11): length, type,
    /// then service data under UUIDs of 128 bits, then manufacturer data, ascending.
    ///
    /// A radio hands payloads over by identifier, so that their order in the air is not known. One that is
    /// longer than a structure can be is left out.
    pub fn to_ad_structures(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut push = |kind: u8, head: &[u8], payload: &[u8]| {
            let length = head.len().saturating_add(payload.len()).saturating_add(1);
            if let Ok(length) = u8::try_from(length) {
                bytes.extend_from_slice(&[length, kind]);
                bytes.extend_from_slice(head);
                bytes.extend_from_slice(payload);
            }
        };
        for (uuid, payload) in &self.service_data {
            push(SERVICE_DATA_128, &uuid.to_u128().to_le_bytes(), payload);
        }
        for (company, payload) in &self.manufacturer_data {
            push(MANUFACTURER_DATA, &company.to_le_bytes(), payload);
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_advert_is_kept_as_the_structures_that_were_in_the_air() {
        let advert = Advert {
            manufacturer_data: BTreeMap::from([(0x0499, vec![5, 6]), (0x0757, vec![0; 254])]),
            service_data: BTreeMap::from([(BluetoothUuid::from_u128(0xFCD2), vec![0x40])]),
            ..Advert::default()
        };
        let mut expected = vec![18, 0x21, 0xD2, 0xFC];
        expected.extend([0; 14]);
        expected.extend([0x40, 5, 0xFF, 0x99, 0x04, 5, 6]);
        assert_eq!(advert.to_ad_structures(), expected);
    }
}
