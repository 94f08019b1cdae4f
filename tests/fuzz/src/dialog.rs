//! Bytes as a conversation: which logger, then notifications, silences and broken connections.
//!
//! Layout: the device, then steps until the end: what (0 to 5 a notification, 6 silence, 7 a new
//! connection), which characteristic, length, bytes.

use crate::advert::sized;
use firn_ble::BluetoothUuid;
use firn_ble::dialog::{Action, ClockWrite, DialogError, DialogOptions};
use firn_ble::replay::DeviceName;
use firn_model::time::{UtcMillis, UtcOffset};

const NOW: UtcMillis = UtcMillis(1_700_000_200_000);

/// Holds the conversation; every reading must be given exactly once.
pub(crate) fn feed(bytes: &[u8]) {
    let Some((device, mut rest)) = bytes.split_first() else { return };
    let device = DeviceName::ALL[usize::from(*device) % DeviceName::ALL.len()];
    let options = DialogOptions {
        clock_write: ClockWrite::Allowed { offset: UtcOffset(3600) },
        password: Some("123456".into()),
        interval_s: Some(600),
    };
    let mut dialog = device.dialog_with(&options);
    let mut heard = characteristics(&dialog.start(NOW, None));
    let mut given = 0;
    let mut at = NOW;
    while let [what, which, tail @ ..] = rest {
        rest = tail;
        let bytes = sized(&mut rest);
        at = at.plus_seconds(1);
        let actions = match what % 8 {
            6 => {
                at = at.plus_seconds(i64::from(*which) + 30);
                dialog.on_tick(at)
            }
            7 => dialog.resume(at),
            _ => match heard.get(usize::from(*which) % heard.len().max(1)) {
                Some(characteristic) => dialog.on_notification(*characteristic, bytes, at),
                None => return,
            },
        };
        heard.extend(characteristics(&actions));
        given += readings(&actions);
        if actions.iter().any(|action| matches!(action, Action::Finished(_) | Action::Failed(_))) {
            break;
        }
    }
    given += readings(&dialog.abandon(DialogError::Disconnected));
    assert_eq!(given, dialog.readings().len(), "{device}");
}

fn characteristics(actions: &[Action]) -> Vec<BluetoothUuid> {
    let subscribed = |action: &Action| match action {
        Action::Subscribe { characteristic, .. } => Some(*characteristic),
        _ => None,
    };
    actions.iter().filter_map(subscribed).collect()
}

fn readings(actions: &[Action]) -> usize {
    let batch = |action: &Action| if let Action::Readings(batch) = action { batch.len() } else { 0 };
    actions.iter().map(batch).sum()
}
