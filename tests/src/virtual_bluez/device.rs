//! org.bluez.Device1: the tag as BlueZ knows it, with its last advert.

use super::adapter::{self, ADAPTER};
use super::air::{Air, now};
use super::gatt;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, Value};
use zbus::{Connection, fdo, interface};

/// The tag's place on the bus.
pub(super) const DEVICE: &str = "/org/bluez/hci0/dev_CB_B8_33_4C_88_4F";

/// How long a connection takes to come up.
const CONNECTING: Duration = Duration::from_millis(20);

/// Payloads by company identifier.
type ByCompany = std::collections::HashMap<u16, Value<'static>>;

pub(super) struct Device {
    air: Arc<Air>,
}

/// The path as an object of its own.
pub(super) fn object_path(path: &'static str) -> OwnedObjectPath {
    ObjectPath::from_static_str(path).expect("a valid path").into()
}

#[interface(name = "org.bluez.Device1")]
impl Device {
    async fn connect(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> fdo::Result<()> {
        if self.air.faults.only_remembered {
            return Err(fdo::Error::Failed("le-connection-abort-by-local".into()));
        }
        if !adapter::is_on(connection).await? {
            return Err(fdo::Error::Failed("Input/output error".into()));
        }
        tokio::time::sleep(CONNECTING).await;
        if !self.air.is_connected() {
            self.air.link_up();
            self.connected_changed(&emitter).await?;
            let (connection, air) = (connection.clone(), Arc::clone(&self.air));
            tokio::spawn(async move {
                if let Err(error) = resolve(&connection, &air).await {
                    eprintln!("the virtual tag's services do not appear: {error}");
                }
            });
        }
        Ok(())
    }

    async fn disconnect(&self, #[zbus(connection)] connection: &Connection) -> fdo::Result<()> {
        Ok(drop_link(connection, &self.air).await?)
    }

    #[zbus(property)]
    fn address(&self) -> String {
        self.air.tag.address.to_string()
    }

    #[zbus(property)]
    fn address_type(&self) -> &str {
        "random"
    }

    #[zbus(property)]
    fn name(&self) -> &str {
        &self.air.tag.name
    }

    #[zbus(property)]
    fn alias(&self) -> &str {
        &self.air.tag.name
    }

    #[zbus(property)]
    fn adapter(&self) -> OwnedObjectPath {
        object_path(ADAPTER)
    }

    #[zbus(property)]
    fn paired(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn trusted(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn blocked(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn legacy_pairing(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn connected(&self) -> bool {
        self.air.is_connected()
    }

    #[zbus(property)]
    fn services_resolved(&self) -> bool {
        self.air.resolved.load(SeqCst)
    }

    /// BlueZ withdraws it when the device is no longer heard.
    #[zbus(property, name = "RSSI")]
    fn rssi(&self) -> fdo::Result<i16> {
        if self.air.is_heard() { Ok(-57) } else { Err(fdo::Error::UnknownProperty("RSSI".into())) }
    }

    #[zbus(property, name = "UUIDs")]
    fn uuids(&self) -> Vec<String> {
        vec![firn_ble::dialog::ruuvi::SERVICE.to_string()]
    }

    #[zbus(property)]
    fn manufacturer_data(&self) -> ByCompany {
        let advert = self.air.tag.advert(now());
        advert.manufacturer_data.into_iter().map(|(id, bytes)| (id, Value::from(bytes))).collect()
    }
}

/// Puts the device on the bus, if it does not stand there.
pub(super) async fn appear(connection: &Connection, air: &Arc<Air>) -> zbus::Result<()> {
    if !air.appeared.swap(true, SeqCst) {
        connection.object_server().at(DEVICE, Device { air: Arc::clone(air) }).await?;
    }
    Ok(())
}

/// Tells of an advert just heard.
pub(super) async fn advertise(connection: &Connection) -> zbus::Result<()> {
    let device = connection.object_server().interface::<_, Device>(DEVICE).await?;
    let (shown, emitter) = (device.get().await, device.signal_emitter());
    shown.r_s_s_i_changed(emitter).await?;
    shown.manufacturer_data_changed(emitter).await
}

/// The services of a connected device appear after the connection has been confirmed.
async fn resolve(connection: &Connection, air: &Arc<Air>) -> zbus::Result<()> {
    gatt::appear(connection, air).await?;
    air.resolved.store(true, SeqCst);
    let device = connection.object_server().interface::<_, Device>(DEVICE).await?;
    device.get().await.services_resolved_changed(device.signal_emitter()).await
}

/// The connection is gone, by whoever's wish.
pub(super) async fn drop_link(connection: &Connection, air: &Arc<Air>) -> zbus::Result<()> {
    if !air.is_connected() {
        return Ok(());
    }
    air.link_down();
    gatt::vanish(connection).await?;
    let device = connection.object_server().interface::<_, Device>(DEVICE).await?;
    let (shown, emitter) = (device.get().await, device.signal_emitter());
    shown.services_resolved_changed(emitter).await?;
    shown.connected_changed(emitter).await
}
