//! What all virtual loggers can do, so that a radio, a demo or a test need not know which one it holds.

use crate::address::{Address, BluetoothUuid};
use crate::advert::Advert;
use crate::radio::DeviceId;
use firn_model::reading::Measurement;
use firn_model::time::UtcMillis;
use std::fmt;

pub use crate::radio::{Access, Characteristic};

/// A characteristic and the bytes it notifies.
pub type Notification = (BluetoothUuid, Vec<u8>);

/// One record as it truly is: when it was measured, and what the log can hold of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// When it was measured.
    pub time: UtcMillis,
    /// What the log holds.
    pub measurement: Measurement,
}

/// A logger that exists only in memory, byte for byte like a real one.
pub trait VirtualLogger: fmt::Debug + Send + Sync {
    /// Its address.
    fn address(&self) -> Address;
    /// The advert sent at `at`.
    fn advert(&self, at: UtcMillis) -> Advert;
    /// The characteristics that it offers once it is connected.
    fn characteristics(&self) -> Vec<Characteristic>;
    /// The value of a characteristic that can be read.
    fn on_read(&self, _characteristic: BluetoothUuid, _at: UtcMillis) -> Option<Vec<u8>> {
        None
    }
    /// What it notifies once a characteristic has been subscribed to.
    fn on_subscribe(&self, _characteristic: BluetoothUuid, _at: UtcMillis) -> Vec<Notification> {
        Vec::new()
    }
    /// What it notifies in answer to a write.
    fn on_write(&self, characteristic: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Vec<Notification>;
    /// What it notifies now and then while it is connected, unasked.
    fn heartbeat(&self, _at: UtcMillis) -> Option<Notification> {
        None
    }
    /// All records in memory at `at`, ascending by time: the truth that a download is measured against.
    fn memory(&self, at: UtcMillis) -> Vec<Truth>;

    /// The name under which a virtual radio hears it.
    fn device(&self) -> DeviceId {
        DeviceId(format!("virtual/{}", self.address()))
    }
}
