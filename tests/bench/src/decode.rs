//! Adverts through the registry: plain, encrypted, and Ruuvi's own formats beside a crate of their own.
use crate::table::{Table, rate_of};
use firn_ble::{Advert, AdvertLine, BindKey, Keys, decode};
use ruuvi_sensor_protocol::SensorValues;
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
            drop(black_box(decode(black_box(&one.advert), &one.keys)));
        }
    })
}

/// Those formats that both know.
fn ruuvi(table: &mut Table, plain: Vec<Readable>) {
    let payload = |one: &Readable| one.advert.manufacturer_data.get(&0x0499).cloned();
    let shared: Vec<(Readable, Vec<u8>)> = plain
        .into_iter()
        .filter_map(|one| payload(&one).map(|payload| (one, payload)))
        .filter(|(_, payload)| SensorValues::from_manufacturer_specific_data(0x0499, payload).is_ok())
        .collect();
    let theirs = rate_of(shared.len(), || {
        for (_, payload) in &shared {
            drop(black_box(SensorValues::from_manufacturer_specific_data(0x0499, black_box(payload))));
        }
    });
    let ours: Vec<Readable> = shared.into_iter().map(|(one, _)| one).collect();
    table.against("decode, Ruuvi's formats", "adverts", rate(&ours), "ruuvi-sensor-protocol", theirs);
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
