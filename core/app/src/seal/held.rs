//! Counters and batteries: a value holds until the logger tells another, so that only changes are sealed.
//!
//! Of movement every change of the counter is kept. Of a battery the first value, each new lowest one, and a rise
//! that tells of a new battery: a voltage that flickers by some millivolts would else fill the log.

use super::{Cell, Known};
use firn_model::reading::{Channel, Quantity};
use firn_model::time::UtcMillis;

/// A rise by so many millivolts tells of a new battery: a lithium cell recovers by less when it warms up.
const RISE_MV: i32 = 200;
/// A rise by so many percent does.
const RISE_PCT: i32 = 20;

/// Leaves of a held quantity what changed since the one kept before; `cells` ascend by time.
pub(super) fn retain_changes(channel: Channel, known: &Known, cells: &mut Vec<Cell<'_>>) {
    if !channel.quantity.is_held() {
        return;
    }
    let of_channel = known.iter().filter(|((of, _), _)| *of == channel);
    let mut sealed: Vec<(UtcMillis, i32)> = of_channel.flat_map(|(_, samples)| samples).copied().collect();
    sealed.sort_unstable();
    let mut sealed = sealed.into_iter().peekable();
    let mut last = None;
    cells.retain(|cell| {
        while let Some((_, value)) = sealed.next_if(|(time, _)| *time <= cell.reading.time) {
            last = Some(value);
        }
        let keeps = last.is_none_or(|last| is_change(channel.quantity, last, cell.value));
        if keeps {
            last = Some(cell.value);
        }
        keeps
    });
}

fn is_change(quantity: Quantity, last: i32, value: i32) -> bool {
    let rise = |by: i32| value < last || value.saturating_sub(last) >= by;
    match quantity {
        Quantity::BatteryVoltage => rise(RISE_MV),
        Quantity::BatteryCharge => rise(RISE_PCT),
        _ => value != last,
    }
}
