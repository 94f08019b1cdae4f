//! The loggers of the rig, known alike to the program that plays them and to the test that checks them.

use firn_ble::Address;
use firn_ble::dialog::ruuvi::SERVICE;
use firn_ble::virtual_logger::{Climate, VirtualRuuviTag};
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};
use std::sync::Arc;

/// The guest's clock when it starts, 2026-03-01T00:00:00Z: the same run gives the same bytes.
pub const START: UtcMillis = UtcMillis(1_772_323_200_000);

/// The tag of this number, which has recorded so many samples at [`START`].
///
/// Each tag stands a little colder than the one before, and all fall below zero while they record.
pub fn tag(number: u8, samples: u32) -> VirtualRuuviTag {
    let booted = START.plus_seconds(-i64::from(samples) * 300 - 17);
    VirtualRuuviTag {
        name: format!("Ruuvi {number:04X}"),
        address: Address([0xCB, 0xB8, 0x33, 0x4C, 0x88, number]),
        booted,
        interval_s: 300,
        climate: Arc::new(move |at: UtcMillis| Climate {
            temperature: MilliCelsius(6000 - i32::from(number) * 10 - fallen(booted, at)),
            humidity: RelativeHumidity(453_400),
            pressure_pa: 100_044,
        }),
        seed: u64::from(number),
        battery_mv: 2977,
    }
}

/// A quarter of a degree in ten thousand seconds.
fn fallen(booted: UtcMillis, at: UtcMillis) -> i32 {
    i32::try_from((at.0 - booted.0) / 40_000).unwrap_or(0)
}

/// A tag's advert and scan response at `at`, as they are sent (Core Specification, Supplement, part A).
pub fn air_packets(tag: &VirtualRuuviTag, at: UtcMillis) -> [Vec<u8>; 2] {
    const FLAGS: u8 = 0x01;
    const ALL_SERVICES_128: u8 = 0x07;
    const WHOLE_NAME: u8 = 0x09;
    const MANUFACTURER: u8 = 0xFF;
    let mut advert = structure(FLAGS, &[0x06]);
    for (company, payload) in tag.advert(at).manufacturer_data {
        advert.extend(structure(MANUFACTURER, &[&company.to_le_bytes()[..], &payload].concat()));
    }
    let mut response = structure(WHOLE_NAME, tag.name.as_bytes());
    response.extend(structure(ALL_SERVICES_128, &SERVICE.to_u128().to_le_bytes()));
    [advert, response]
}

fn structure(kind: u8, data: &[u8]) -> Vec<u8> {
    let length = u8::try_from(data.len() + 1).expect("advertising data of at most 31 bytes");
    [&[length, kind][..], data].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_fits_into_one_advert_and_one_scan_response() {
        let [advert, response] = air_packets(&tag(7, 10), START);
        assert_eq!((advert.len(), response.len()), (31, 30));
        assert_eq!(advert[..7], [2, 1, 6, 27, 0xFF, 0x99, 0x04]);
    }
}
