//! Where each group begins: the fixtures of the repository, in the group's own layout.

use crate::{Group, advert, carried};
use data_encoding::HEXLOWER_PERMISSIVE;
use firn_ble::replay::DeviceName;
use firn_ledger::sync::message::Message;
use firn_model::profile::builtin;
use firn_model::record::Kind;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// How many lines of a recording make a seed: a fuzzer learns more from many short ones.
const LINES: usize = 40;

/// The seeds of a group; each is taken without a fault.
///
/// # Panics
/// When a fixture of the repository is missing or damaged.
pub fn seeds(group: Group) -> Vec<Vec<u8>> {
    match group {
        Group::Adverts => adverts(),
        Group::Dialogs => dialogs(),
        Group::Files => files(),
        Group::Ledger => ledger(),
        Group::Documents => documents(),
        Group::Carried => carried::seeds(),
    }
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn read(path: &str) -> String {
    let path = repository(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file of a folder, in the order of their names.
fn all_of(folder: &str) -> Vec<Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(repository(folder)) else { return Vec::new() };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    paths.iter().filter_map(|path| std::fs::read(path).ok()).collect()
}

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).expect("hexadecimal digits")
}

fn adverts() -> Vec<Vec<u8>> {
    let lines = all_of("ble/fixtures/adverts");
    let texts = lines.iter().map(|bytes| String::from_utf8_lossy(bytes));
    let lines: Vec<String> =
        texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    lines.iter().flat_map(|line| [advert_of(line), line.clone().into_bytes()]).collect()
}

fn advert_of(line: &str) -> Vec<u8> {
    let fixture: Value = serde_json::from_str(line).expect("a fixture");
    let carriers = |key: &str| -> Vec<(u16, Vec<u8>)> {
        let entries = fixture[key].as_object().into_iter().flatten();
        entries
            .filter_map(|(id, payload)| Some((u16::from_str_radix(id, 16).ok()?, hex(payload.as_str()?))))
            .collect()
    };
    let name = fixture["name"].as_str().unwrap_or_default();
    advert::written(name, &carriers("manufacturer_data"), &carriers("service_data"))
}

fn dialogs() -> Vec<Vec<u8>> {
    let recording = read("ble/fixtures/ruuvitag-download.jsonl");
    let mut packets: Vec<Vec<u8>> = Vec::new();
    for line in recording.lines().take(LINES) {
        let line: Value = serde_json::from_str(line).expect("a line of the recording");
        if line["dir"] == "notify" {
            packets.push(hex(line["hex"].as_str().unwrap_or_default()));
        }
    }
    let seed = |device: usize| {
        let mut seed = vec![u8::try_from(device).unwrap_or_default()];
        for packet in &packets {
            seed.extend([0, 0, u8::try_from(packet.len()).unwrap_or_default()]);
            seed.extend(packet);
        }
        seed
    };
    let silent = vec![0, 6, 200, 0, 7, 0, 0, 6, 200, 0];
    (0..DeviceName::ALL.len()).map(seed).chain([silent, vec![0], Vec::new()]).collect()
}

fn files() -> Vec<Vec<u8>> {
    let recording: Vec<String> =
        read("ble/fixtures/ruuvitag-download.jsonl").lines().take(LINES).map(str::to_owned).collect();
    let profiles =
        builtin().iter().map(|preset| serde_json::to_vec(&preset.profile).expect("a profile is JSON"));
    let mut seeds = vec![
        recording.join("\n").into_bytes(),
        b"time,temperature_c\n2026-11-24T08:00:00+01:00,4.5\n2026-11-24T08:10:00+01:00,-0.5\n".to_vec(),
    ];
    seeds.extend(profiles);
    seeds.extend(all_of("ble/fixtures/files"));
    seeds
}

/// The frozen bytes that the snapshots of ledger and model hold in hexadecimal.
fn ledger() -> Vec<Vec<u8>> {
    let folders = [
        "ledger/src/entry/snapshots",
        "ledger/src/fork/snapshots",
        "ledger/src/seen/snapshots",
        "ledger/src/snapshots",
        "ledger/src/statement/snapshots",
        "ledger/src/sync/snapshots",
        "core/model/src/record/snapshots",
        "core/model/src/assess/snapshots",
    ];
    let snapshots = folders.iter().flat_map(|folder| all_of(folder));
    let mut seeds: Vec<Vec<u8>> =
        snapshots.flat_map(|bytes| frozen(&String::from_utf8_lossy(&bytes))).collect();
    seeds.extend(Kind::ALL.iter().map(|kind| vec![0xA1, 1, u8::try_from(kind.number()).unwrap_or_default()]));
    seeds
}

/// The messages of a sync that are frozen.
pub(crate) fn messages() -> Vec<Vec<u8>> {
    let snapshots = all_of("ledger/src/sync/snapshots");
    let frozen = snapshots.iter().flat_map(|bytes| frozen(&String::from_utf8_lossy(bytes)));
    frozen.chain([Message::Same.encode()]).collect()
}

/// Every run of at least 16 hexadecimal digits.
fn frozen(text: &str) -> Vec<Vec<u8>> {
    let words = text.split(|c: char| !c.is_ascii_hexdigit());
    words.filter(|word| word.len() >= 16 && word.len() % 2 == 0).map(hex).collect()
}

fn documents() -> Vec<Vec<u8>> {
    let mut seeds = all_of("tests/fuzz/seeds");
    seeds.extend([
        b"%PDF-1.7\n".to_vec(),
        vec![0xA1, 0x01, 0x00],
        b"firn-invite:AAAA".to_vec(),
        b"FIRN-INVITE:MFRGGZDFMZTWQ2LK".to_vec(),
    ]);
    seeds.extend(read("core/model/fixtures/gs1/scans.jsonl").lines().map(text_of));
    seeds
}

/// The text that a fixture has a scanner send.
fn text_of(line: &str) -> Vec<u8> {
    let fixture: Value = serde_json::from_str(line).expect("a fixture");
    fixture["text"].as_str().expect("a text").as_bytes().to_vec()
}
