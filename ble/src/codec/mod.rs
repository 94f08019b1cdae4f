//! The registry of codecs: which one reads which company's or service's data.

mod bthome;
mod bthome_v1;
pub(crate) mod ruuvi;

use crate::advert::Advert;
use crate::decode::{DecodeError, Decoded};
use crate::keys::Keys;
use firn_model::reading::{Measurement, Provenance};

/// What a codec is given: the payload it asked for, and the advert around it.
pub(crate) struct Frame<'a> {
    /// The whole advert.
    pub(crate) advert: &'a Advert,
    /// The bytes behind the company identifier or service UUID.
    pub(crate) payload: &'a [u8],
    /// The keys of enrolled loggers.
    pub(crate) keys: &'a Keys,
}

/// One format on one carrier; `UnknownFormat` from `decode` means that the bytes are another's.
pub(crate) struct Codec {
    /// The assigned number under which the payload stands.
    id: u16,
    /// Turns a payload into readings.
    pub(crate) decode: fn(&Frame<'_>) -> Result<Decoded, DecodeError>,
}

/// Codecs of service data, ascending by assigned number (Bluetooth SIG Assigned Numbers §3).
const SERVICES: &[Codec] = &[
    Codec { id: 0x181C, decode: bthome_v1::decode_plain },
    Codec { id: 0x181E, decode: bthome_v1::decode_encrypted },
    Codec { id: 0xFCD2, decode: bthome::decode },
    Codec { id: 0xFEAA, decode: ruuvi::decode_url },
];

/// Codecs of manufacturer data, ascending by company identifier (Bluetooth SIG Assigned Numbers §7).
const COMPANIES: &[Codec] = &[Codec { id: 0x0499, decode: ruuvi::decode }];

/// The codecs of one service's data.
pub(crate) fn by_service(uuid: u16) -> &'static [Codec] {
    with_id(SERVICES, uuid)
}

/// The codecs of one company's data.
pub(crate) fn by_company(company: u16) -> &'static [Codec] {
    with_id(COMPANIES, company)
}

fn with_id(codecs: &'static [Codec], id: u16) -> &'static [Codec] {
    let from = codecs.partition_point(|codec| codec.id < id);
    let to = codecs.partition_point(|codec| codec.id <= id);
    codecs.get(from..to).unwrap_or_default()
}

/// The readings of an unauthenticated advert; an error if no measurement holds a value.
pub(crate) fn heard(
    device: &'static str,
    format: &'static str,
    address: Option<crate::address::Address>,
    mut readings: Vec<Measurement>,
) -> Result<Decoded, DecodeError> {
    readings.retain(|measurement| {
        *measurement != Measurement { probe: measurement.probe, ..Measurement::default() }
    });
    if readings.is_empty() {
        return Err(DecodeError::NoMeasurement { format });
    }
    Ok(Decoded {
        device,
        format,
        address,
        encrypted: false,
        counter: None,
        provenance: Provenance::P0,
        readings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_in_order_so_that_every_codec_is_found() {
        for codecs in [SERVICES, COMPANIES] {
            assert!(codecs.is_sorted_by_key(|codec| codec.id));
        }
        assert_eq!((by_service(0xFCD2).len(), by_company(0x0499).len(), by_company(0x004C).len()), (1, 1, 0));
    }
}
