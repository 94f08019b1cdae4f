//! Bytes as an advert: a name, a key or none, then carriers with their payloads.
//!
//! Layout: flags (bit 0: a key is enrolled, bit 1: an address is known), length of the name, name; then
//! carriers until the end: kind (0 company, 1 service), identifier (2, big-endian), length, payload.

use firn_ble::{Address, Advert, BindKey, BluetoothUuid, Keys, decode};

/// The address of every advert, where one is known.
const ADDRESS: Address = Address([0xA4, 0xC1, 0x38, 0x8D, 0x18, 0xB2]);

/// Decodes the advert and checks the answer.
pub(crate) fn feed(bytes: &[u8]) {
    let (advert, keys) = advert(bytes);
    if let Ok(decoded) = decode(&advert, &keys) {
        assert!(!decoded.readings.is_empty());
        for measurement in &decoded.readings {
            assert!(measurement.temperature.is_none_or(|t| t >= firn_model::units::ABSOLUTE_ZERO));
            assert!(measurement.battery_pct.is_none_or(|percent| percent <= 100));
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        serde_json::to_string(&firn_ble::decode_line(text, &keys)).expect("an answer is JSON");
    }
}

fn advert(bytes: &[u8]) -> (Advert, Keys) {
    let mut rest = bytes;
    let flags = take(&mut rest, 1).first().copied().unwrap_or_default();
    let name = sized(&mut rest);
    let mut advert = Advert {
        name: Some(String::from_utf8_lossy(name).into_owned()).filter(|name| !name.is_empty()),
        address: (flags & 2 != 0).then_some(ADDRESS),
        ..Advert::default()
    };
    while let [kind, high, low, tail @ ..] = rest {
        rest = tail;
        let id = u16::from_be_bytes([*high, *low]);
        let payload = sized(&mut rest).to_vec();
        match kind & 1 {
            0 => drop(advert.manufacturer_data.insert(id, payload)),
            _ => drop(advert.service_data.insert(BluetoothUuid::Short(id), payload)),
        }
    }
    let fallback = (flags & 1 != 0).then_some(BindKey([0x23; 16]));
    (advert, Keys { fallback, ..Keys::default() })
}

/// The layout of an advert, for seeds; identifiers that are no 16-bit numbers are left out.
pub(crate) fn written(name: &str, companies: &[(u16, Vec<u8>)], services: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = vec![2];
    put(&mut bytes, name.as_bytes());
    let carriers = companies.iter().map(|one| (0, one)).chain(services.iter().map(|one| (1, one)));
    for (kind, (id, payload)) in carriers {
        bytes.push(kind);
        bytes.extend(id.to_be_bytes());
        put(&mut bytes, payload);
    }
    bytes
}

fn put(bytes: &mut Vec<u8>, part: &[u8]) {
    let part = &part[..part.len().min(255)];
    bytes.push(u8::try_from(part.len()).unwrap_or(u8::MAX));
    bytes.extend_from_slice(part);
}

/// The next bytes, their number in the byte before them.
pub(crate) fn sized<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let length = take(rest, 1).first().copied().unwrap_or_default();
    take(rest, usize::from(length))
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (head, tail) = rest.split_at(count.min(rest.len()));
    *rest = tail;
    head
}
