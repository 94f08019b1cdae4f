//! A whole log through each dialog: the download's own time, without any radio.

#[path = "../../../ble/tests/common/mod.rs"]
#[allow(dead_code, reason = "shared with the tests of the dialogs, which use more of it")]
mod common;

use crate::table::Table;
use common::{BOOT, body, logger, options};
use firn_ble::dialog::{Action, DeviceName};
use firn_model::time::UtcMillis;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How many records a logger holds, where its memory is that large.
const RECORDS: usize = 20_000;
/// How often each download is measured; the median counts.
const ROUNDS: usize = 3;

pub fn measure(table: &mut Table) {
    for device in DeviceName::ALL {
        let mut rounds: Vec<(Duration, usize)> = (0..ROUNDS).map(|_| download(device)).collect();
        rounds.sort();
        let (time, records) = rounds[ROUNDS / 2];
        table.at_most(&format!("download, {device}, {records} records"), time, Duration::from_millis(50));
    }
}

/// The time spent in the dialog alone, and how many records it gave.
fn download(device: DeviceName) -> (Duration, usize) {
    let now = UtcMillis(BOOT.0 + 20_000 * 60_000 + 5);
    let logger = logger(device, body(7, BOOT, RECORDS), 0);
    let mut dialog = device.dialog_with(&options());
    let mut arriving = VecDeque::new();
    let mut actions = dialog.start(now, None);
    let (mut spent, mut records, mut at) = (Duration::ZERO, 0, now);
    loop {
        for action in std::mem::take(&mut actions) {
            match action {
                Action::Subscribe { characteristic, .. } => {
                    arriving.extend(logger.on_subscribe(characteristic, now));
                }
                Action::Write { characteristic, bytes, .. } => {
                    arriving.extend(logger.on_write(characteristic, &bytes, now));
                }
                Action::Readings(batch) => records += batch.len(),
                Action::Finished(_) | Action::Failed(_) => return (spent, records),
                _ => {}
            }
        }
        let begin = Instant::now();
        actions = match arriving.pop_front() {
            Some((characteristic, bytes)) => dialog.on_notification(characteristic, &bytes, at),
            None => {
                at = dialog.wake_at().unwrap_or(at);
                dialog.on_tick(at)
            }
        };
        spent += begin.elapsed();
    }
}
