//! What a connected device offers: characteristics, and how each may be used.

use crate::address::BluetoothUuid;

/// One way to use a characteristic (Core Specification 5.4, vol 3, part G, §3.3.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Its value can be read.
    Read,
    /// It takes writes that it confirms.
    Write,
    /// It takes writes that it does not confirm.
    WriteWithoutResponse,
    /// It notifies.
    Notify,
    /// It notifies, and wants each notification confirmed.
    Indicate,
}

/// One characteristic of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Characteristic {
    /// The service that holds it.
    pub service: BluetoothUuid,
    /// The characteristic.
    pub uuid: BluetoothUuid,
    /// The ways to use it.
    pub access: Vec<Access>,
}

impl Characteristic {
    /// A characteristic that is used in these ways.
    pub fn new(service: BluetoothUuid, uuid: BluetoothUuid, access: impl Into<Vec<Access>>) -> Self {
        Self { service, uuid, access: access.into() }
    }

    /// Whether it may be used so.
    pub fn allows(&self, access: Access) -> bool {
        self.access.contains(&access)
    }

    /// Whether it can be subscribed to.
    pub fn tells(&self) -> bool {
        self.allows(Access::Notify) || self.allows(Access::Indicate)
    }

    /// Whether it takes a write of that kind.
    pub fn takes(&self, with_response: bool) -> bool {
        self.allows(if with_response { Access::Write } else { Access::WriteWithoutResponse })
    }
}
