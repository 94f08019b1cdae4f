//! org.bluez.GattService1 and GattCharacteristic1: whatever services the logger offers.

use super::air::{Cached, Fate, Peripheral, now};
use super::device;
use super::error::{Refusal, failed};
use firn_ble::BluetoothUuid;
use firn_ble::radio::{Access, Characteristic};
use firn_ble::virtual_logger::Notification;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, interface};

/// Between two heartbeats of a connected logger that has one.
const HEARTBEAT: Duration = Duration::from_millis(200);

type Options = BTreeMap<String, OwnedValue>;

/// A characteristic with its place on the bus, and its service's.
struct Place {
    characteristic: Characteristic,
    service: OwnedObjectPath,
    path: OwnedObjectPath,
}

/// The places of a device's services: handles count up, as in a real table of attributes.
fn places(peripheral: &Peripheral) -> Vec<Place> {
    let mut services: Vec<BluetoothUuid> = Vec::new();
    let path = |text: String| OwnedObjectPath::from(ObjectPath::try_from(text).expect("a valid path"));
    let offered = peripheral.characteristics().into_iter().enumerate();
    offered
        .map(|(number, characteristic)| {
            let known = services.iter().position(|service| *service == characteristic.service);
            let place = known.unwrap_or_else(|| {
                services.push(characteristic.service);
                services.len() - 1
            });
            let service = format!("{}/service{:04x}", peripheral.path, (place + 1) * 0x100);
            let own = format!("{service}/char{:04x}", (place + 1) * 0x100 + 2 * number + 1);
            Place { characteristic, service: path(service), path: path(own) }
        })
        .collect()
}

struct Service {
    uuid: BluetoothUuid,
    device: OwnedObjectPath,
}

#[interface(name = "org.bluez.GattService1")]
impl Service {
    #[zbus(property, name = "UUID")]
    fn uuid(&self) -> String {
        self.uuid.to_string()
    }

    #[zbus(property)]
    fn primary(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn device(&self) -> OwnedObjectPath {
        self.device.clone()
    }
}

struct Shown {
    place: Place,
    peripheral: Arc<Peripheral>,
}

impl Shown {
    fn uuid(&self) -> BluetoothUuid {
        self.place.characteristic.uuid
    }

    fn refuse_unless(&self, allowed: bool, what: &str) -> Result<(), Refusal> {
        if !self.peripheral.is_connected() {
            return Err(failed("Not connected"));
        }
        if self.peripheral.faults.cached == Cached::OtherHandles {
            return Err(failed("Operation failed with ATT error: 0x01"));
        }
        if allowed { Ok(()) } else { Err(Refusal::NotPermitted(format!("{what} not permitted"))) }
    }
}

#[interface(name = "org.bluez.GattCharacteristic1")]
impl Shown {
    fn read_value(&self, _options: Options) -> Result<Vec<u8>, Refusal> {
        self.refuse_unless(self.place.characteristic.allows(Access::Read), "Read")?;
        let value = self.peripheral.logger.on_read(self.uuid(), now());
        value.ok_or_else(|| Refusal::NotPermitted("Read not permitted".into()))
    }

    /// A request is confirmed, a command is not; one that the characteristic does not declare is refused.
    async fn write_value(
        &self,
        value: Vec<u8>,
        options: Options,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let kind = options.get("type").and_then(|kind| <&str>::try_from(&**kind).ok());
        let allowed = match kind {
            Some("command") => self.place.characteristic.takes(false),
            _ => self.place.characteristic.takes(true),
        };
        self.refuse_unless(allowed, "Write")?;
        let answer = self.peripheral.logger.on_write(self.uuid(), &value, now());
        tokio::spawn(send_all(connection.clone(), Arc::clone(&self.peripheral), answer));
        Ok(())
    }

    async fn start_notify(&self, #[zbus(connection)] connection: &Connection) -> Result<(), Refusal> {
        self.refuse_unless(true, "Notify")?;
        if !self.place.characteristic.tells() {
            return Err(Refusal::NotSupported("Operation is not supported".into()));
        }
        let peripheral = Arc::clone(&self.peripheral);
        if !peripheral.subscribe(self.uuid()) {
            return Ok(());
        }
        if peripheral.logger.heartbeat(now()).is_some() {
            tokio::spawn(beat(connection.clone(), peripheral, self.uuid()));
        } else {
            let sent = peripheral.logger.on_subscribe(self.uuid(), now());
            tokio::spawn(send_all(connection.clone(), peripheral, sent));
        }
        Ok(())
    }

    fn stop_notify(&self) -> Result<(), Refusal> {
        let stopped = self.peripheral.unsubscribe(self.uuid());
        if stopped { Ok(()) } else { Err(failed("No notify session started")) }
    }

    #[zbus(property, name = "UUID")]
    fn uuid_shown(&self) -> String {
        self.uuid().to_string()
    }

    #[zbus(property)]
    fn service(&self) -> OwnedObjectPath {
        self.place.service.clone()
    }

    #[zbus(property)]
    fn flags(&self) -> Vec<String> {
        let flag = |access: &Access| match access {
            Access::Read => "read",
            Access::Write => "write",
            Access::WriteWithoutResponse => "write-without-response",
            Access::Notify => "notify",
            Access::Indicate => "indicate",
        };
        self.place.characteristic.access.iter().map(|access| flag(access).to_owned()).collect()
    }

    #[zbus(property, name = "MTU")]
    fn mtu(&self) -> u16 {
        247
    }
}

/// The heartbeats of a connected logger, for as long as they are wanted.
async fn beat(connection: Connection, peripheral: Arc<Peripheral>, on: BluetoothUuid) {
    while peripheral.is_subscribed(on) {
        let heartbeat = peripheral.logger.heartbeat(now()).into_iter();
        for notification in heartbeat.filter(|(from, _)| *from == on) {
            if !send(&connection, &peripheral, notification).await {
                return;
            }
        }
        tokio::time::sleep(HEARTBEAT).await;
    }
}

/// Sends an answer as the scenario will have it, until the link is gone.
async fn send_all(connection: Connection, peripheral: Arc<Peripheral>, answer: Vec<Notification>) {
    for notification in answer {
        if !peripheral.is_connected() {
            return;
        }
        if !peripheral.is_subscribed(notification.0) {
            continue;
        }
        let fate = peripheral.next_fate();
        match fate {
            Fate::Arrives => {
                if !send(&connection, &peripheral, notification).await {
                    return;
                }
            }
            Fate::GetsLost => {}
            Fate::BreaksTheLink | Fate::EndsAllAdverts => {
                peripheral.gone.fetch_or(fate == Fate::EndsAllAdverts, SeqCst);
                if let Err(error) = device::drop_link(&connection, &peripheral).await {
                    eprintln!("the virtual link does not break: {error}");
                }
                return;
            }
        }
    }
}

/// A notification, as BlueZ puts it on the bus; false where nobody can hear it any more.
async fn send(connection: &Connection, peripheral: &Peripheral, (from, bytes): Notification) -> bool {
    let places = places(peripheral);
    let Some(place) = places.iter().find(|place| place.characteristic.uuid == from) else { return true };
    let changed = BTreeMap::from([("Value", Value::from(bytes))]);
    device::changes(connection, &place.path, "org.bluez.GattCharacteristic1", changed).await.is_ok()
}

/// Puts the services and their characteristics on the bus.
pub(super) async fn appear(connection: &Connection, peripheral: &Arc<Peripheral>) -> zbus::Result<()> {
    let server = connection.object_server();
    for place in places(peripheral) {
        let service = Service { uuid: place.characteristic.service, device: peripheral.path.clone() };
        // False where it stands there already, by another of its characteristics.
        server.at(place.service.clone(), service).await?;
        let path = place.path.clone();
        server.at(path, Shown { place, peripheral: Arc::clone(peripheral) }).await?;
    }
    Ok(())
}

/// Takes them off again.
pub(super) async fn vanish(connection: &Connection, peripheral: &Peripheral) -> zbus::Result<()> {
    let server = connection.object_server();
    let places = places(peripheral);
    for place in &places {
        server.remove::<Shown, _>(&place.path).await?;
    }
    let mut services: Vec<_> = places.iter().map(|place| &place.service).collect();
    services.dedup();
    for service in services {
        server.remove::<Service, _>(service).await?;
    }
    Ok(())
}
