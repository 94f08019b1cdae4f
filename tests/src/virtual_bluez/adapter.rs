//! org.bluez.Adapter1: switched on and off, and the discovery that makes the tag appear.

use super::air::Air;
use super::device;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{ObjectPath, OwnedValue};
use zbus::{Connection, fdo, interface};

/// The adapter's place on the bus.
pub(super) const ADAPTER: &str = "/org/bluez/hci0";

/// Between two adverts of the tag; real ones take 1.285 s.
const ADVERT_INTERVAL: Duration = Duration::from_millis(50);

pub(super) struct Adapter {
    powered: bool,
    air: Arc<Air>,
}

impl Adapter {
    pub(super) fn new(air: Arc<Air>) -> Self {
        Self { powered: !air.faults.switched_off, air }
    }
}

#[interface(name = "org.bluez.Adapter1")]
impl Adapter {
    async fn start_discovery(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> fdo::Result<()> {
        if !self.powered {
            return Err(fdo::Error::Failed("Resource Not Ready".into()));
        }
        if !self.air.discovering.swap(true, SeqCst) {
            self.discovering_changed(&emitter).await?;
            tokio::spawn(advertise(connection.clone(), Arc::clone(&self.air)));
        }
        Ok(())
    }

    async fn stop_discovery(&self, #[zbus(signal_emitter)] emitter: SignalEmitter<'_>) -> fdo::Result<()> {
        if !self.air.discovering.swap(false, SeqCst) {
            return Err(fdo::Error::Failed("No discovery started".into()));
        }
        Ok(self.discovering_changed(&emitter).await?)
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
        self.powered
    }

    #[zbus(property)]
    fn set_powered(&mut self, powered: bool) {
        self.powered = powered;
    }

    #[zbus(property)]
    fn discovering(&self) -> bool {
        self.air.discovering.load(SeqCst)
    }
}

/// Puts the tag's adverts on the bus for as long as someone listens.
async fn advertise(connection: Connection, air: Arc<Air>) {
    while air.discovering.load(SeqCst) {
        if air.is_heard() {
            let heard = async {
                device::appear(&connection, &air).await?;
                device::advertise(&connection).await
            };
            if let Err(error) = heard.await {
                // The bus was killed by its scenario, or the rig is being taken down.
                eprintln!("the virtual tag is no longer heard: {error}");
                return;
            }
        }
        tokio::time::sleep(ADVERT_INTERVAL).await;
    }
}

/// Whether the adapter is on.
pub(super) async fn is_on(connection: &Connection) -> zbus::Result<bool> {
    let adapter = connection.object_server().interface::<_, Adapter>(ADAPTER).await?;
    Ok(adapter.get().await.powered)
}

/// Switches the adapter off, which ends its connections and its discovery.
pub(super) async fn switch_off(connection: &Connection) -> zbus::Result<()> {
    let adapter = connection.object_server().interface::<_, Adapter>(ADAPTER).await?;
    let air = Arc::clone(&adapter.get().await.air);
    adapter.get_mut().await.powered = false;
    air.discovering.store(false, SeqCst);
    if air.is_connected() {
        device::drop_link(connection, &air).await?;
    }
    adapter.get().await.powered_changed(adapter.signal_emitter()).await
}
