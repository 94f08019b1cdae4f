//! What adverts say, layout by layout: published examples, cold values, sentinels and damage.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_ble::{Advert, BluetoothUuid, DecodeError, Decoded, Keys, decode, decode_line};
use firn_model::reading::{Measurement, Provenance};
use firn_model::units::{MilliCelsius, RelativeHumidity};

fn bytes(hex: &str) -> Vec<u8> {
    data_encoding::HEXLOWER_PERMISSIVE.decode(hex.replace(' ', "").as_bytes()).unwrap()
}

fn manufacturer(company: u16, payload: Vec<u8>) -> Advert {
    Advert { manufacturer_data: [(company, payload)].into(), ..Advert::default() }
}

fn service(uuid: u16, payload: Vec<u8>) -> Advert {
    Advert { service_data: [(BluetoothUuid::Short(uuid), payload)].into(), ..Advert::default() }
}

fn ruuvi(hex: &str) -> Result<Decoded, DecodeError> {
    decode(&manufacturer(0x0499, bytes(hex)), &Keys::default())
}

fn bthome(hex: &str) -> Result<Decoded, DecodeError> {
    decode(&service(0xFCD2, bytes(hex)), &Keys::default())
}

fn only(decoded: Result<Decoded, DecodeError>) -> Measurement {
    let decoded = decoded.unwrap();
    assert_eq!((decoded.readings.len(), decoded.provenance), (1, Provenance::P0));
    decoded.readings[0].clone()
}

const DF5: &str = "0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F";

#[test]
fn the_example_of_ruuvis_format_5_gives_every_value() {
    let decoded = ruuvi(DF5).unwrap();
    assert_eq!((decoded.device, decoded.format), ("ruuvitag", "ruuvi-df5"));
    assert_eq!(decoded.address.unwrap().to_string(), "CB:B8:33:4C:88:4F");
    let expected = Measurement {
        temperature: Some(MilliCelsius(24_300)),
        humidity: Some(RelativeHumidity(534_900)),
        pressure_pa: Some(100_044),
        acceleration_mg: Some([4, -4, 1036]),
        battery_mv: Some(2977),
        tx_power_dbm: Some(4),
        movement: Some(66),
        sequence: Some(205),
        ..Measurement::default()
    };
    assert_eq!(decoded.readings[..], [expected]);
}

#[test]
fn a_ruuvitag_below_zero_is_below_zero() {
    assert_eq!(only(ruuvi(&DF5.replace("12FC", "FFFF"))).temperature, Some(MilliCelsius(-5)));
    assert_eq!(only(ruuvi(&DF5.replace("12FC", "8001"))).temperature, Some(MilliCelsius(-163_835)));
    let format_3 = "03 29 9A 1E CE1E FC18 F942 02CA 0B53";
    assert_eq!(only(ruuvi(format_3)).temperature, Some(MilliCelsius(-26_300)));
    assert_eq!(only(ruuvi(&format_3.replace("9A 1E", "80 01"))).temperature, Some(MilliCelsius(-10)));
}

#[test]
fn what_a_ruuvitag_marks_as_not_available_is_absent_and_never_a_number() {
    let none = "05 8000 FFFF FFFF 8000 8000 8000 FFFF FF FFFF FFFFFFFFFFFF";
    assert_eq!(ruuvi(none).unwrap_err().code(), "ble/no-measurement");
    for (at, field) in [(1, "8000"), (3, "FFFF"), (5, "FFFF"), (13, "FFFF"), (15, "FF"), (16, "FFFF")] {
        let mut payload = bytes(DF5);
        payload.splice(at..at + field.len() / 2, bytes(field));
        let decoded = decode(&manufacturer(0x0499, payload), &Keys::default()).unwrap();
        let json = serde_json::to_value(&decoded.readings[0]).unwrap();
        let absent = ["temperature_mc", "humidity_pct", "pressure_pa", "battery_mv", "movement", "sequence"];
        let missing = absent.iter().filter(|name| json.get(**name).is_none()).count();
        assert_eq!(missing, 1, "{field} at {at}: {json}");
    }
    assert_eq!(ruuvi(&DF5.replace("CBB8334C884F", "FFFFFFFFFFFF")).unwrap().address, None);
}

#[test]
fn one_axis_that_is_not_available_leaves_the_acceleration_out() {
    assert_eq!(only(ruuvi(&DF5.replace("FFFC", "8000"))).acceleration_mg, None);
}

#[test]
fn a_padded_format_3_is_read_like_a_short_one() {
    let short = "03 29 1A 1E CE1E FC18 F942 02CA 0B53";
    assert_eq!(ruuvi(short), ruuvi(&format!("{short} 00000000")));
    assert_eq!(ruuvi("03 29 1A 64 CE1E FC18 F942 02CA 0B53").unwrap_err().code(), "ble/out-of-range");
}

#[test]
fn a_ruuvi_advert_cut_anywhere_gives_no_value() {
    let full = [DF5, "C512FC5394C37CAC364200CDCBB8334C884F", "03291A1ECE1EFC18F94202CA0B53"].map(bytes);
    for payload in full {
        for length in 0..payload.len() {
            let error =
                decode(&manufacturer(0x0499, payload[..length].to_vec()), &Keys::default()).unwrap_err();
            let expected = if length == 0 { "ble/unknown-format" } else { "ble/truncated" };
            assert_eq!(error.code(), expected, "{length} bytes of {payload:02X?}");
        }
    }
    assert_eq!(ruuvi(&format!("{DF5}00")).unwrap_err().code(), "ble/wrong-length");
}

#[test]
fn bthome_below_zero_is_below_zero_at_every_width() {
    for (hex, milli) in
        [("40 02 FFFF", -10), ("40 45 FEFF", -200), ("40 57 EA", -22_000), ("40 58 EA", -7_700)]
    {
        assert_eq!(only(bthome(hex)).temperature, Some(MilliCelsius(milli)), "{hex}");
    }
}

#[test]
fn a_bthome_quantity_that_comes_again_is_the_next_probe() {
    let readings = bthome("40 02CA09 02CF09 45E100 03B718 03B717 015D").unwrap().readings;
    let temperatures: Vec<_> = readings.iter().map(|m| (m.probe, m.temperature.unwrap().0)).collect();
    assert_eq!(temperatures, [(0, 25_060), (1, 25_110), (2, 22_500)]);
    assert_eq!(
        readings.iter().filter_map(|m| m.humidity).map(|h| h.0).collect::<Vec<_>>(),
        [632_700, 607_100]
    );
    assert_eq!(readings.iter().map(|m| m.battery_pct).collect::<Vec<_>>(), [Some(93), None, None]);
}

#[test]
fn bthome_objects_that_are_not_recorded_are_stepped_over() {
    let around = only(bthome("40 00A7 05138A14 0C780B 53 03 616263 02CA09 5B02FBFFFF 2E23"));
    let expected = Measurement {
        sequence: Some(0xA7),
        battery_mv: Some(2936),
        temperature: Some(MilliCelsius(25_060)),
        humidity: Some(RelativeHumidity(350_000)),
        ..Measurement::default()
    };
    assert_eq!(around, expected);
}

#[test]
fn an_unknown_bthome_object_ends_the_advert_and_keeps_what_came_before() {
    let before = only(bthome("40 015D FE5D09 02CA09"));
    assert_eq!(before, Measurement { battery_pct: Some(93), ..Measurement::default() });
    assert_eq!(bthome("40 FE 02CA09").unwrap_err().code(), "ble/no-measurement");
}

#[test]
fn a_bthome_advert_cut_inside_an_object_gives_no_value() {
    let payload = bytes("40 02CA09 03BF13 0C780B 53 03 616263");
    for length in 0..payload.len() {
        let decoded = decode(&service(0xFCD2, payload[..length].to_vec()), &Keys::default());
        match length {
            1 => assert_eq!(decoded.unwrap_err().code(), "ble/no-measurement"),
            4 | 7 | 10 => assert!(decoded.is_ok(), "{length}"),
            _ => assert_eq!(decoded.unwrap_err().code(), "ble/truncated", "{length}"),
        }
    }
}

#[test]
fn other_versions_of_bthome_are_refused() {
    for version in [0_u8, 1, 3, 7] {
        let payload = vec![version << 5, 0x02, 0xCA, 0x09];
        let error = decode(&service(0xFCD2, payload), &Keys::default()).unwrap_err();
        assert_eq!(error, DecodeError::UnknownVersion { format: "bthome-v2", version });
    }
}

const ENCRYPTED: &str = "41a47266c95f730011223378237214";
const KEY: &str = "231d39c1d7cc1ab1aee224cd096db932";

fn encrypted(payload: &str, address: &str, key: &str) -> Result<Decoded, DecodeError> {
    let advert =
        Advert { address: firn_ble::Address::parse(address).ok(), ..service(0xFCD2, bytes(payload)) };
    decode(&advert, &Keys::parse(&format!("54:48:E6:8F:80:A5 {key}")).unwrap())
}

#[test]
fn the_published_encrypted_bthome_advert_opens_with_its_key() {
    let decoded = encrypted(ENCRYPTED, "54:48:E6:8F:80:A5", KEY).unwrap();
    assert_eq!(
        (decoded.encrypted, decoded.provenance, decoded.counter),
        (true, Provenance::P2, Some(0x33221100))
    );
    assert_eq!(decoded.readings[0].temperature, Some(MilliCelsius(25_060)));
    assert_eq!(decoded.readings[0].humidity, Some(RelativeHumidity(505_500)));
    let with_address = encrypted("43a5808fe64854f196c06ffb4900112233f08ecbde", "", KEY).unwrap();
    assert_eq!(with_address.readings, decoded.readings);
    assert_eq!(with_address.address.unwrap().to_string(), "54:48:E6:8F:80:A5");
}

#[test]
fn an_encrypted_advert_without_its_key_or_address_gives_nothing() {
    let code = |payload, address, key| encrypted(payload, address, key).unwrap_err().code();
    assert_eq!(code(ENCRYPTED, "54:48:E6:8F:80:A6", KEY), "ble/key-missing");
    assert_eq!(code(ENCRYPTED, "", KEY), "ble/address-missing");
    let wrong = "00000000000000000000000000000000";
    assert_eq!(code(ENCRYPTED, "54:48:E6:8F:80:A5", wrong), "ble/authentication-failed");
}

#[test]
fn a_plain_advert_of_a_device_whose_key_is_enrolled_is_refused() {
    let plain = |address| encrypted("40 02CA09", address, KEY);
    assert_eq!(plain("54:48:E6:8F:80:A5").unwrap_err().code(), "ble/not-encrypted");
    assert!(plain("54:48:E6:8F:80:A6").is_ok());
}

#[test]
fn every_flipped_bit_of_an_encrypted_advert_is_noticed() {
    for bit in 0..bytes(ENCRYPTED).len() * 8 {
        let mut payload = bytes(ENCRYPTED);
        payload[bit / 8] ^= 1 << (bit % 8);
        let advert =
            Advert { address: firn_ble::Address::parse("5448E68F80A5").ok(), ..service(0xFCD2, payload) };
        let keys = Keys { fallback: firn_ble::BindKey::parse(KEY).ok(), ..Keys::default() };
        let decoded = decode(&advert, &keys);
        assert!(decoded.is_err(), "bit {bit}: {decoded:?}");
    }
}

/// Synthesised from the layout: −10.0 °C of A4:C1:38:8D:18:B2, whose counter stands in two places.
const MIBEACON: &str = "58585b0507b2188d38c1a40c59db5eb110000055064384";

#[test]
fn an_encrypted_mibeacon_advert_is_keyed_and_its_counter_is_whole() {
    let keys = Keys::parse(&format!("A4:C1:38:8D:18:B2 {KEY}")).unwrap();
    let decoded = decode(&service(0xFE95, bytes(MIBEACON)), &keys).unwrap();
    assert_eq!(
        (decoded.encrypted, decoded.provenance, decoded.counter),
        (true, Provenance::P2, Some(0x1007))
    );
    assert_eq!(decoded.readings[0].temperature, Some(MilliCelsius(-10_000)));
    // The head's flags are not under the code: a flipped one may be refused, but changes no value.
    for bit in 0..bytes(MIBEACON).len() * 8 {
        let mut payload = bytes(MIBEACON);
        payload[bit / 8] ^= 1 << (bit % 8);
        let keys = Keys { fallback: firn_ble::BindKey::parse(KEY).ok(), ..Keys::default() };
        if let Ok(flipped) = decode(&service(0xFE95, payload), &keys) {
            assert!(bit < 16 && flipped == decoded, "bit {bit}: {flipped:?}");
        }
    }
}

#[test]
fn a_replayed_counter_counts_as_merely_heard() {
    let decoded = encrypted(ENCRYPTED, "54:48:E6:8F:80:A5", KEY).unwrap();
    assert_eq!(decoded.provenance_after(None), Provenance::P2);
    assert_eq!(decoded.provenance_after(Some(0x33221100)), Provenance::P0);
    assert_eq!(decoded.provenance_after(Some(0x332210FF)), Provenance::P2);
}

#[test]
fn the_answer_to_a_line_keeps_its_shape() {
    let line = |fields: &str| serde_json::to_value(decode_line(fields, &Keys::default())).unwrap();
    insta::assert_json_snapshot!([
        line(&format!(r#"{{"manufacturer_data":{{"0499":"{DF5}"}},"time":"2026-11-22T09:30:00+01:00"}}"#)),
        line(&format!(
            r#"{{"address":"54:48:E6:8F:80:A5","service_data":{{"fcd2":"{ENCRYPTED}"}},"bindkey":"{KEY}"}}"#
        )),
        line(r#"{"service_data":{"fcd2":"4002ca0902cf09"},"name":"","expect":{}}"#),
        line(r#"{"manufacturer_data":{"004c":"0215"}}"#),
        line(r#"{"manufacturer_data":{"0499":"0512"}}"#),
        line(r#"{"manufacturer_data":{"499":"0512"}}"#),
        line(r#"{"bindkey":"231d"}"#),
        line("[]"),
    ]);
}

#[test]
fn an_advert_that_carries_several_formats_gives_the_one_that_is_known() {
    let line = r#"{"service_data":{"181a":"c4248138c1a456088318bf","fcd2":"40015d025d0903b718"}}"#;
    let answer = serde_json::to_value(decode_line(line, &Keys::default())).unwrap();
    assert_eq!(answer["readings"][0]["temperature_mc"], 23_970);
}
