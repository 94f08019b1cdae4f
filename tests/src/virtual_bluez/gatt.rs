//! org.bluez.GattService1 and GattCharacteristic1: the Nordic UART Service of the tag.

use super::air::{Air, Fate, now};
use super::device::{self, DEVICE, object_path};
use firn_ble::dialog::ruuvi;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, fdo, interface};

const SERVICE: &str = "/org/bluez/hci0/dev_CB_B8_33_4C_88_4F/service0010";
const WRITE: &str = "/org/bluez/hci0/dev_CB_B8_33_4C_88_4F/service0010/char0011";
const NOTIFY: &str = "/org/bluez/hci0/dev_CB_B8_33_4C_88_4F/service0010/char0013";

/// Between two heartbeats of a connected tag.
const HEARTBEAT: Duration = Duration::from_millis(200);

type Options = BTreeMap<String, OwnedValue>;

struct Service;

#[interface(name = "org.bluez.GattService1")]
impl Service {
    #[zbus(property, name = "UUID")]
    fn uuid(&self) -> String {
        ruuvi::SERVICE.to_string()
    }

    #[zbus(property)]
    fn primary(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn device(&self) -> OwnedObjectPath {
        object_path(DEVICE)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Write,
    Notify,
}

struct Characteristic {
    role: Role,
    air: Arc<Air>,
}

#[interface(name = "org.bluez.GattCharacteristic1")]
impl Characteristic {
    fn read_value(&self, _options: Options) -> fdo::Result<Vec<u8>> {
        Err(fdo::Error::NotSupported("Read not permitted".into()))
    }

    async fn write_value(
        &self,
        value: Vec<u8>,
        _options: Options,
        #[zbus(connection)] connection: &Connection,
    ) -> fdo::Result<()> {
        if self.role != Role::Write || !self.air.is_connected() {
            return Err(fdo::Error::Failed("Not connected".into()));
        }
        let packets = self.air.tag.answer(&value, now());
        let (connection, air) = (connection.clone(), Arc::clone(&self.air));
        tokio::spawn(async move {
            for packet in packets {
                if !notify(&connection, &air, packet).await {
                    return;
                }
            }
        });
        Ok(())
    }

    async fn start_notify(&self, #[zbus(connection)] connection: &Connection) -> fdo::Result<()> {
        if self.role != Role::Notify || !self.air.is_connected() {
            return Err(fdo::Error::Failed("Not connected".into()));
        }
        if !self.air.notifying.swap(true, SeqCst) {
            let (connection, air) = (connection.clone(), Arc::clone(&self.air));
            tokio::spawn(async move {
                while air.notifying.load(SeqCst) {
                    let heartbeat = air.tag.heartbeat(now());
                    if !send(&connection, heartbeat.to_vec()).await {
                        return;
                    }
                    tokio::time::sleep(HEARTBEAT).await;
                }
            });
        }
        Ok(())
    }

    fn stop_notify(&self) -> fdo::Result<()> {
        self.air.notifying.store(false, SeqCst);
        Ok(())
    }

    #[zbus(property, name = "UUID")]
    fn uuid(&self) -> String {
        match self.role {
            Role::Write => ruuvi::WRITE.to_string(),
            Role::Notify => ruuvi::NOTIFY.to_string(),
        }
    }

    #[zbus(property)]
    fn service(&self) -> OwnedObjectPath {
        object_path(SERVICE)
    }

    #[zbus(property)]
    fn flags(&self) -> Vec<String> {
        match self.role {
            Role::Write => vec!["write".into(), "write-without-response".into()],
            Role::Notify => vec!["notify".into()],
        }
    }

    #[zbus(property, name = "MTU")]
    fn mtu(&self) -> u16 {
        247
    }
}

/// Sends one packet of an answer as the scenario will have it; false once the link is gone.
async fn notify(connection: &Connection, air: &Arc<Air>, packet: Vec<u8>) -> bool {
    if !air.notifying.load(SeqCst) {
        return false;
    }
    match air.next_fate() {
        Fate::Arrives => send(connection, packet).await,
        Fate::GetsLost => true,
        Fate::BreaksTheLink => {
            if let Err(error) = device::drop_link(connection, air).await {
                eprintln!("the virtual link does not break: {error}");
            }
            false
        }
    }
}

/// A notification, as BlueZ puts it on the bus.
async fn send(connection: &Connection, bytes: Vec<u8>) -> bool {
    let changed = BTreeMap::from([("Value", Value::from(bytes))]);
    let body = ("org.bluez.GattCharacteristic1", changed, Vec::<&str>::new());
    let interface = "org.freedesktop.DBus.Properties";
    connection.emit_signal(None::<&str>, NOTIFY, interface, "PropertiesChanged", &body).await.is_ok()
}

/// Puts the service and its characteristics on the bus.
pub(super) async fn appear(connection: &Connection, air: &Arc<Air>) -> zbus::Result<()> {
    let server = connection.object_server();
    server.at(SERVICE, Service).await?;
    server.at(WRITE, Characteristic { role: Role::Write, air: Arc::clone(air) }).await?;
    server.at(NOTIFY, Characteristic { role: Role::Notify, air: Arc::clone(air) }).await?;
    Ok(())
}

/// Takes them off again.
pub(super) async fn vanish(connection: &Connection) -> zbus::Result<()> {
    let server = connection.object_server();
    server.remove::<Characteristic, _>(WRITE).await?;
    server.remove::<Characteristic, _>(NOTIFY).await?;
    server.remove::<Service, _>(SERVICE).await?;
    Ok(())
}
