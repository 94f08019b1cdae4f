//! BlueZ's own errors, by the names under which it puts them on the bus.

/// A method that BlueZ refuses (BlueZ, `src/error.c` and `src/gatt-client.c`).
#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.bluez.Error")]
pub(super) enum Refusal {
    /// The bus failed.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// Anything that has no name of its own.
    Failed(String),
    /// The adapter is off.
    NotReady(String),
    /// The characteristic does not allow it, or wants a paired link.
    NotPermitted(String),
    /// The characteristic cannot do it.
    NotSupported(String),
}

pub(super) fn failed(what: &str) -> Refusal {
    Refusal::Failed(what.into())
}
