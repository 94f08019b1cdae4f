//! A stand-in for BlueZ on a private D-Bus: one adapter, and any number of virtual loggers in the air.
//!
//! Programs started with [`Rig::address`] as their system bus run the real btleplug against it. It speaks
//! the part of BlueZ's D-Bus interface that bluez-async asks for (BlueZ, `doc/org.bluez.*.rst`), and
//! behaves as the real service was seen to: signal strength vanishes when discovery stops, a connected
//! logger does not advertise, services appear after the connection, notifications can get lost, and what
//! BlueZ remembers of a device may not be true any more.
#![allow(clippy::disallowed_types, reason = "zbus's interface macro writes HashMap into the code it makes")]

mod adapter;
mod air;
mod bus;
mod device;
mod error;
mod gatt;

use adapter::{ADAPTER, Adapter};
use air::Air;
use bus::PrivateBus;
use firn_ble::Address;
use firn_ble::virtual_logger::VirtualLogger;
use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use zbus::Connection;

pub use air::{Cached, InAir, Peripheral, Presence, now};
pub(crate) use bus::bus_configuration;

/// What befalls a logger in a scenario; nothing by default.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// After how many notifications each of the first connections is lost.
    pub break_off_after: Vec<usize>,
    /// Which notifications of the first connection get lost without a sign, counted from zero.
    pub lost: BTreeSet<usize>,
    /// Notifications to each connection stop for good after so many, while it stays up.
    pub silent_after: Option<usize>,
    /// After so many notifications the logger leaves the air for good, in mid-connection.
    pub gone_after: Option<usize>,
    /// Whether it is in the air at all.
    pub presence: Presence,
    /// What BlueZ remembers of its services.
    pub cached: Cached,
}

/// The adapter as the scenario begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AdapterState {
    /// It works.
    #[default]
    On,
    /// It is switched off.
    Off,
    /// There is none.
    Absent,
}

/// A private bus with the stand-in on it; both end with it.
pub struct Rig {
    bus: PrivateBus,
    air: Arc<Air>,
    connection: Connection,
    // Last, so that the connection closes while it still runs.
    runtime: Runtime,
}

impl Rig {
    /// Starts the bus and the stand-in with one logger in reach; ready when it returns.
    pub fn start(logger: impl VirtualLogger + 'static, faults: Faults) -> Self {
        Self::of([InAir::new(logger).with(faults)], AdapterState::On)
    }

    /// Starts the bus and the stand-in with these loggers in reach; ready when it returns.
    pub fn of(loggers: impl IntoIterator<Item = InAir>, adapter: AdapterState) -> Self {
        let bus = PrivateBus::start();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a tokio runtime");
        let air = Arc::new(Air::new(loggers, adapter == AdapterState::On));
        let serving = serve(bus.address(), &air, adapter);
        let connection = runtime.block_on(serving).expect("the stand-in on its bus");
        Self { bus, air, connection, runtime }
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

    /// The logger of this address.
    ///
    /// # Panics
    /// When none was put into the air.
    pub fn logger(&self, address: Address) -> &Peripheral {
        self.air.at(address).expect("a logger of this address")
    }

    /// Kills the bus: BlueZ and everything else on it are gone without a word.
    pub fn kill_bus(&mut self) {
        self.bus.kill();
    }

    /// Switches the adapter off while it is in use.
    pub fn switch_off(&self) {
        let off = adapter::switch_off(&self.connection, &self.air);
        self.runtime.block_on(off).expect("the adapter on its bus");
    }
}

async fn serve(address: &str, air: &Arc<Air>, state: AdapterState) -> zbus::Result<Connection> {
    let connection =
        zbus::connection::Builder::address(address)?.serve_at("/", zbus::fdo::ObjectManager)?.build().await?;
    if state != AdapterState::Absent {
        connection.object_server().at(ADAPTER, Adapter::new(Arc::clone(air))).await?;
    }
    let mut offset = Duration::ZERO;
    for peripheral in &air.loggers {
        if peripheral.faults.presence != Presence::InTheAir {
            device::appear(&connection, air, peripheral).await?;
        }
        let own = (connection.clone(), Arc::clone(air), Arc::clone(peripheral));
        tokio::spawn(adapter::advertise(own.0, own.1, own.2, offset));
        // Real loggers do not advertise in step.
        offset = offset.saturating_add(peripheral.advert_interval / SPREAD);
    }
    connection.request_name("org.bluez").await?;
    Ok(connection)
}

/// Into how many parts an interval is cut to spread the loggers' adverts over it.
const SPREAD: u32 = 200;
