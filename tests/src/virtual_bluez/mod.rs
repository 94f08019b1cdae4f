//! A stand-in for BlueZ on a private D-Bus: one adapter, one virtual RuuviTag in the air.
//!
//! Programs started with [`Rig::address`] as their system bus run the real btleplug against it. It speaks
//! the part of BlueZ's D-Bus interface that bluez-async asks for (BlueZ, `doc/org.bluez.*.rst`), and
//! behaves as the real service was seen to: signal strength vanishes when discovery stops, a connected
//! logger does not advertise, services appear after the connection, notifications can get lost.
#![allow(clippy::disallowed_types, reason = "zbus's interface macro writes HashMap into the code it makes")]

mod adapter;
mod air;
mod bus;
mod device;
mod gatt;

use adapter::{ADAPTER, Adapter};
use air::Air;
use bus::PrivateBus;
use firn_ble::virtual_logger::VirtualRuuviTag;
use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;
use tokio::runtime::Runtime;
use zbus::Connection;

pub use air::now;
pub(crate) use bus::bus_configuration;

/// What goes wrong in a scenario; nothing by default.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// After how many notifications each of the first connections is lost.
    pub break_off_after: Vec<usize>,
    /// Which notifications of the first connection get lost without a sign, counted from zero.
    pub lost: BTreeSet<usize>,
    /// Notifications to each connection stop for good after so many, while it stays up.
    pub silent_after: Option<usize>,
    /// The adapter is switched off.
    pub switched_off: bool,
    /// There is no adapter.
    pub no_adapter: bool,
    /// The tag is remembered from an earlier time and not in the air now.
    pub only_remembered: bool,
}

/// A private bus with the stand-in on it; both end with it.
pub struct Rig {
    bus: PrivateBus,
    air: Arc<Air>,
    _connection: Connection,
    // Last, so that the connection closes while it still runs.
    runtime: Runtime,
}

impl Rig {
    /// Starts the bus and the stand-in; ready when it returns.
    pub fn start(tag: VirtualRuuviTag, faults: Faults) -> Self {
        let bus = PrivateBus::start();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a tokio runtime");
        let air = Arc::new(Air::new(tag, faults));
        let connection = runtime.block_on(serve(bus.address(), &air)).expect("the stand-in on its bus");
        Self { bus, air, _connection: connection, runtime }
    }

    /// The bus's address: the value of `DBUS_SYSTEM_BUS_ADDRESS` for programs that shall see this Bluetooth.
    pub fn address(&self) -> &str {
        self.bus.address()
    }

    /// `program`, to be run on this rig's Bluetooth.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("DBUS_SYSTEM_BUS_ADDRESS", self.address());
        command
    }

    /// The tag in the air.
    pub fn tag(&self) -> &VirtualRuuviTag {
        &self.air.tag
    }

    /// How often the tag was connected.
    pub fn connections(&self) -> usize {
        self.air.connections()
    }

    /// Whether the tag is connected now, and so silent for all others.
    pub fn is_connected(&self) -> bool {
        self.air.is_connected()
    }

    /// Kills the bus: BlueZ and everything else on it are gone without a word.
    pub fn kill_bus(&mut self) {
        self.bus.kill();
    }

    /// Switches the adapter off while it is in use.
    pub fn switch_off(&self) {
        self.runtime.block_on(adapter::switch_off(&self._connection)).expect("the adapter on its bus");
    }
}

async fn serve(address: &str, air: &Arc<Air>) -> zbus::Result<Connection> {
    let connection =
        zbus::connection::Builder::address(address)?.serve_at("/", zbus::fdo::ObjectManager)?.build().await?;
    if !air.faults.no_adapter {
        connection.object_server().at(ADAPTER, Adapter::new(Arc::clone(air))).await?;
    }
    if air.faults.only_remembered {
        device::appear(&connection, air).await?;
    }
    connection.request_name("org.bluez").await?;
    Ok(connection)
}
