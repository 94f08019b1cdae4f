//! A whole log through its dialog: the download's own time, without any radio.
use crate::table::{Table, time_of};
use firn_ble::dialog::{Action, Dialog, ruuvi};
use firn_model::time::UtcMillis;
use std::hint::black_box;
use std::time::Duration;

const NOW: UtcMillis = UtcMillis(1_760_000_000_000);
const RECORDS: u32 = 20_000;

pub fn measure(table: &mut Table) {
    let packets = ruuvi_log();
    let time = time_of(|| {
        let mut dialog = ruuvi::RuuviTag::new();
        dialog.start(NOW, None);
        let mut readings = 0;
        for packet in &packets {
            for action in dialog.on_notification(ruuvi::NOTIFY, packet, NOW) {
                readings += if let Action::Readings(batch) = action { batch.len() } else { 0 };
            }
        }
        assert_eq!(black_box(readings), RECORDS as usize);
    });
    table.at_most("download, RuuviTag, 20 000 records", time, Duration::from_millis(50));
}

fn ruuvi_log() -> Vec<Vec<u8>> {
    let base = 1_760_000_000 - RECORDS * 300;
    let mut packets: Vec<Vec<u8>> = Vec::new();
    for record in 0..RECORDS {
        let time = (base + record * 300).to_be_bytes();
        let value =
            |source: u8, value: u32| [&[0x3A, source, 0x10][..], &time, &value.to_be_bytes()].concat();
        packets.extend([value(0x30, 400 + record % 300), value(0x31, 4500), value(0x32, 101_325)]);
    }
    packets.push([&[0x3A, 0x3A, 0x10][..], &[0xFF; 8]].concat());
    packets
}
