//! org.bluez.Adapter1: switched on and off, and the discovery that makes the loggers appear.

use super::air::{Air, Peripheral};
use super::device;
use super::error::{Refusal, failed};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{ObjectPath, OwnedValue};
use zbus::{Connection, interface};

/// The adapter's place on the bus.
pub(super) const ADAPTER: &str = "/org/bluez/hci0";

pub(super) struct Adapter {
    air: Arc<Air>,
}

impl Adapter {
    pub(super) fn new(air: Arc<Air>) -> Self {
        Self { air }
    }
}

fn sender<'a>(header: &'a Header<'_>) -> &'a str {
    header.sender().map_or("", |name| name.as_str())
}

#[interface(name = "org.bluez.Adapter1")]
impl Adapter {
    async fn start_discovery(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> Result<(), Refusal> {
        if !self.air.is_on() {
            return Err(Refusal::NotReady("Resource Not Ready".into()));
        }
        let before = self.air.is_listened_to();
        if self.air.listen(sender(&header)) && !before {
            self.discovering_changed(&emitter).await?;
        }
        Ok(())
    }

    async fn stop_discovery(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> Result<(), Refusal> {
        if !self.air.stop_listening(sender(&header)) {
            return Err(failed("No discovery started"));
        }
        if !self.air.is_listened_to() {
            self.discovering_changed(&emitter).await?;
        }
        Ok(())
    }

    fn set_discovery_filter(&self, _filter: BTreeMap<String, OwnedValue>) {}

    fn remove_device(&self, _device: ObjectPath<'_>) {}

    #[zbus(property)]
    fn address(&self) -> &str {
        "02:00:00:00:00:01"
    }

    #[zbus(property)]
    fn address_type(&self) -> &str {
        "public"
    }

    #[zbus(property)]
    fn name(&self) -> &str {
        "virtual"
    }

    #[zbus(property)]
    fn alias(&self) -> &str {
        "virtual"
    }

    #[zbus(property)]
    fn modalias(&self) -> &str {
        "usb:v1D6Bp0246d0542"
    }

    #[zbus(property)]
    fn powered(&self) -> bool {
        self.air.is_on()
    }

    #[zbus(property)]
    fn set_powered(&mut self, powered: bool) {
        self.air.powered.store(powered, SeqCst);
    }

    #[zbus(property)]
    fn discovering(&self) -> bool {
        self.air.is_listened_to()
    }
}

/// Puts a logger's adverts on the bus whenever someone listens, the first after `offset`.
pub(super) async fn advertise(
    connection: Connection,
    air: Arc<Air>,
    peripheral: Arc<Peripheral>,
    offset: Duration,
) {
    tokio::time::sleep(offset).await;
    let mut ticks = tokio::time::interval(peripheral.advert_interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if !air.hears(&peripheral) {
            continue;
        }
        if let Err(error) = device::advertise(&connection, &air, &peripheral).await {
            // The bus was killed by its scenario, or the rig is being taken down.
            eprintln!("{:?} is no longer heard: {error}", peripheral.logger);
            return;
        }
    }
}

/// Switches the adapter off, which ends its connections and its discovery.
pub(super) async fn switch_off(connection: &Connection, air: &Arc<Air>) -> zbus::Result<()> {
    air.powered.store(false, SeqCst);
    air.stop_all_listening();
    for peripheral in &air.loggers {
        device::drop_link(connection, peripheral).await?;
    }
    let adapter = connection.object_server().interface::<_, Adapter>(ADAPTER).await?;
    adapter.get().await.powered_changed(adapter.signal_emitter()).await
}
