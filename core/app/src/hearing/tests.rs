use super::*;
use firn_ble::keys::BindKey;
use firn_ble::radio::DeviceId;
use firn_ble::{Address, Advert, BluetoothUuid};
use firn_model::reading::Provenance;
use firn_model::units::MilliCelsius;

const ADDRESS: Address = Address([0x54, 0x48, 0xE6, 0x8F, 0x80, 0xA5]);
const LOGGER: Id = Id([7; 16]);
/// Published example of BTHome v2: 25.06 °C and 50.55 %, encrypted under [`KEY`].
const ENCRYPTED: &str = "41a47266c95f730011223378237214";
const KEY: &str = "231d39c1d7cc1ab1aee224cd096db932";

fn ear(key: &str) -> Ear {
    let logger = Logger {
        id: LOGGER,
        family: "bthome".into(),
        label: "Fridge 2".into(),
        address: Some(ADDRESS),
        serial: None,
        interval_s: None,
        accuracy_mc: None,
        certificate: None,
        offset_mc: None,
    };
    let by_address = BindKey::parse(key).ok().map(|key| (ADDRESS, key)).into_iter().collect();
    Ear::new(vec![logger], Keys { by_address, fallback: None }, Counters::default())
}

fn heard(hex: &str, address: Address) -> Heard {
    let payload = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
    let advert = Advert {
        service_data: [(BluetoothUuid::Short(0xFCD2), payload)].into(),
        address: Some(address),
        time: Some(UtcMillis(5000)),
        ..Advert::default()
    };
    Heard { device: DeviceId("hci0/dev".into()), rssi_dbm: Some(-60), advert }
}

#[test]
fn an_enrolled_keyed_logger_is_heard_as_keyed_with_its_bytes_kept() {
    let heard = heard(ENCRYPTED, ADDRESS);
    let noted = ear(KEY).hear(&heard, UtcMillis(0)).unwrap();
    assert_eq!((noted.nearby.provenance, noted.nearby.logger), (Provenance::P2, Some(LOGGER)));
    assert_eq!(noted.grown, Some((LOGGER, 0x33221100)));
    let [reading] = &noted.readings[..] else { panic!("{noted:?}") };
    assert_eq!(reading.measurement.temperature, Some(MilliCelsius(25_060)));
    assert_eq!((reading.time, reading.source), (UtcMillis(5000), Source::Advert));
    assert_eq!(reading.raw, heard.advert.to_ad_structures());
}

#[test]
fn the_same_keyed_advert_sent_again_is_merely_heard_and_raises_nothing() {
    let mut ear = ear(KEY);
    let once = heard(ENCRYPTED, ADDRESS);
    ear.hear(&once, UtcMillis(0)).unwrap();
    let again = ear.hear(&once, UtcMillis(0)).unwrap();
    assert_eq!((again.nearby.provenance, again.grown), (Provenance::P0, None));
    assert_eq!(again.readings[0].provenance, Provenance::P0);
}

#[test]
fn a_plain_advert_of_a_logger_whose_key_is_enrolled_is_told_as_refused() {
    let noted = ear(KEY).hear(&heard("4002ca09", ADDRESS), UtcMillis(0)).unwrap();
    assert_eq!(noted.nearby.refused.map(|refusal| refusal.code), Some("ble/not-encrypted".into()));
    assert_eq!((noted.nearby.measurement, noted.readings), (Measurement::default(), vec![]));
}

#[test]
fn a_wrong_key_and_a_missing_key_of_an_enrolled_logger_are_told_by_their_codes() {
    let code =
        |key| ear(key).hear(&heard(ENCRYPTED, ADDRESS), UtcMillis(0)).unwrap().nearby.refused.unwrap().code;
    assert_eq!(code("00000000000000000000000000000000"), "ble/authentication-failed");
    assert_eq!(code("none"), "ble/key-missing");
}

#[test]
fn a_stranger_is_shown_when_it_can_be_read_and_never_recorded() {
    let stranger = Address([1, 2, 3, 4, 5, 6]);
    let noted = ear(KEY).hear(&heard("4002ca09", stranger), UtcMillis(0)).unwrap();
    assert_eq!((noted.nearby.logger, noted.readings.len(), noted.grown), (None, 0, None));
    assert_eq!(ear(KEY).hear(&heard(ENCRYPTED, stranger), UtcMillis(0)), None);
}

#[test]
fn an_imitator_of_a_keyed_logger_is_refused_in_a_format_without_encryption_too() {
    /// Ruuvi's format 5, with the keyed logger's address in its payload.
    const PLAIN: &str = "0512fc5394c37c0004fffc040cac364200cd5448e68f80a5";
    for transmitter in [ADDRESS, Address([1, 2, 3, 4, 5, 6])] {
        let mut heard = heard("", transmitter);
        heard.advert.service_data.clear();
        let payload = data_encoding::HEXLOWER.decode(PLAIN.as_bytes()).unwrap();
        heard.advert.manufacturer_data = [(0x0499, payload)].into();
        let noted = ear(KEY).hear(&heard, UtcMillis(0)).unwrap();
        assert_eq!(noted.nearby.refused.map(|refusal| refusal.code), Some("ble/not-encrypted".into()));
        assert_eq!((noted.nearby.logger, noted.readings.len()), (Some(LOGGER), 0));
    }
}
