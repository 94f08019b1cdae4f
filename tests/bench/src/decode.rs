//! Adverts through the registry: plain, encrypted, and Ruuvi's own formats beside a crate of their own.
use crate::table::{Table, rate_of};
use firn_ble::{Advert, AdvertLine, BindKey, Keys, decode};
use ruuvi_sensor_protocol::{
    Acceleration, BatteryPotential, CarbonDioxide, Humidity, MacAddress, MeasurementSequenceNumber,
    MovementCounter, Pressure, SensorValues, Temperature, TransmitterPower,
};
use std::hint::black_box;
use std::path::Path;

/// Adverts of a fixture that are read without a refusal, with their keys.
struct Readable {
    advert: Advert,
    keys: Keys,
}

pub fn measure(table: &mut Table) {
    let all = readable();
    let (encrypted, plain): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.keys.fallback.is_some());
    table.at_least(&format!("decode, {} mixed plain adverts", plain.len()), "adverts", rate(&plain), 5e6);
    table.at_least(
        &format!("decode, {} encrypted adverts", encrypted.len()),
        "adverts",
        rate(&encrypted),
        5e5,
    );
    ruuvi(table, plain);
}

fn rate(adverts: &[Readable]) -> f64 {
    rate_of(adverts.len(), || {
        for one in adverts {
            black_box(&decode(black_box(&one.advert), &one.keys));
        }
    })
}

/// Those formats that both know, from the same parsed adverts to the values that both read.
fn ruuvi(table: &mut Table, plain: Vec<Readable>) {
    let shared: Vec<Readable> = plain.into_iter().filter(|one| theirs(&one.advert).is_some()).collect();
    let peer = rate_of(shared.len(), || {
        for one in &shared {
            black_box(&theirs(black_box(&one.advert)));
        }
    });
    table.against("decode, Ruuvi's formats", "adverts", rate(&shared), "ruuvi-sensor-protocol", peer);
}

/// What the peer reads of an advert: it keeps the bytes as they came until a value is asked for.
fn theirs(advert: &Advert) -> Option<impl Sized + use<>> {
    let read = |(company, payload): (&u16, &Vec<u8>)| {
        SensorValues::from_manufacturer_specific_data(*company, payload).ok()
    };
    let values = advert.manufacturer_data.iter().find_map(read)?;
    Some((
        values.temperature_as_millicelsius(),
        values.humidity_as_ppm(),
        values.pressure_as_pascals(),
        values.battery_potential_as_millivolts(),
        values.tx_power_as_dbm(),
        values.movement_counter(),
        values.measurement_sequence_number(),
        values.acceleration_vector_as_milli_g(),
        values.carbon_dioxide_as_ppm(),
        values.mac_address(),
    ))
}

fn readable() -> Vec<Readable> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ble/fixtures/adverts");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("the fixtures").map(|e| e.expect("a file").path()).collect();
    files.sort();
    let texts = files.iter().map(|path| std::fs::read_to_string(path).expect("a fixture"));
    let lines: Vec<String> =
        texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    let read = |line: &String| {
        let AdvertLine { advert, key, .. } = AdvertLine::parse(line).ok()?;
        let keys = Keys { fallback: key.map(|BindKey(bytes)| BindKey(bytes)), ..Keys::default() };
        decode(&advert, &keys).is_ok().then_some(Readable { advert, keys })
    };
    lines.iter().filter_map(read).collect()
}
