//! org.bluez.Device1: a logger as BlueZ knows it, with its last advert.

use super::adapter::ADAPTER;
use super::air::{Air, Peripheral};
use super::error::{Refusal, failed};
use super::gatt;
use firn_ble::Advert;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, Value};
use zbus::{Connection, fdo, interface};

/// How long a connection takes to come up.
const CONNECTING: Duration = Duration::from_millis(20);
/// The strength at which every logger is heard, in dBm.
const RSSI_DBM: i16 = -57;

/// Payloads by company identifier, and by service.
type ByCompany = HashMap<u16, Value<'static>>;
type ByService = HashMap<String, Value<'static>>;

pub(super) struct Device {
    air: Arc<Air>,
    peripheral: Arc<Peripheral>,
}

fn by_company(advert: &Advert) -> ByCompany {
    let data = advert.manufacturer_data.iter();
    data.map(|(company, bytes)| (*company, Value::from(bytes.clone()))).collect()
}

fn by_service(advert: &Advert) -> ByService {
    advert.service_data.iter().map(|(uuid, bytes)| (uuid.to_string(), Value::from(bytes.clone()))).collect()
}

fn unknown(property: &str) -> fdo::Error {
    fdo::Error::UnknownProperty(property.into())
}

#[interface(name = "org.bluez.Device1")]
impl Device {
    async fn connect(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> Result<(), Refusal> {
        if !self.air.is_on() {
            return Err(failed("Input/output error"));
        }
        tokio::time::sleep(CONNECTING).await;
        if self.peripheral.gone.load(SeqCst) {
            return Err(failed("le-connection-abort-by-local"));
        }
        if !self.peripheral.is_connected() {
            self.peripheral.link_up();
            self.connected_changed(&emitter).await?;
            let (connection, peripheral) = (connection.clone(), Arc::clone(&self.peripheral));
            tokio::spawn(async move {
                if let Err(error) = resolve(&connection, &peripheral).await {
                    eprintln!("the services of {:?} do not appear: {error}", peripheral.logger);
                }
            });
        }
        Ok(())
    }

    async fn disconnect(&self, #[zbus(connection)] connection: &Connection) -> Result<(), Refusal> {
        Ok(drop_link(connection, &self.peripheral).await?)
    }

    #[zbus(property)]
    fn address(&self) -> String {
        self.peripheral.logger.address().to_string()
    }

    #[zbus(property)]
    fn address_type(&self) -> &str {
        "random"
    }

    #[zbus(property)]
    fn name(&self) -> fdo::Result<String> {
        self.peripheral.advert().name.ok_or_else(|| unknown("Name"))
    }

    #[zbus(property)]
    fn alias(&self) -> String {
        let address = || self.peripheral.logger.address().to_string().replace(':', "-");
        self.peripheral.advert().name.unwrap_or_else(address)
    }

    #[zbus(property)]
    fn adapter(&self) -> OwnedObjectPath {
        ObjectPath::from_static_str_unchecked(ADAPTER).into()
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
        self.peripheral.is_connected()
    }

    #[zbus(property)]
    fn services_resolved(&self) -> bool {
        self.peripheral.resolved.load(SeqCst)
    }

    /// BlueZ withdraws it when the device is no longer heard.
    #[zbus(property, name = "RSSI")]
    fn rssi(&self) -> fdo::Result<i16> {
        if self.air.shows_strength(&self.peripheral) { Ok(RSSI_DBM) } else { Err(unknown("RSSI")) }
    }

    #[zbus(property, name = "UUIDs")]
    fn uuids(&self) -> Vec<String> {
        let offered = self.peripheral.characteristics();
        let services: BTreeSet<_> = offered.iter().map(|offered| offered.service).collect();
        services.iter().map(ToString::to_string).collect()
    }

    #[zbus(property)]
    fn manufacturer_data(&self) -> fdo::Result<ByCompany> {
        let advert = self.peripheral.advert();
        Some(by_company(&advert)).filter(|data| !data.is_empty()).ok_or_else(|| unknown("ManufacturerData"))
    }

    #[zbus(property)]
    fn service_data(&self) -> fdo::Result<ByService> {
        let advert = self.peripheral.advert();
        Some(by_service(&advert)).filter(|data| !data.is_empty()).ok_or_else(|| unknown("ServiceData"))
    }
}

/// Puts the device on the bus, if it does not stand there; true where it was new.
pub(super) async fn appear(
    connection: &Connection,
    air: &Arc<Air>,
    peripheral: &Arc<Peripheral>,
) -> zbus::Result<bool> {
    if peripheral.appeared.swap(true, SeqCst) {
        return Ok(false);
    }
    let device = Device { air: Arc::clone(air), peripheral: Arc::clone(peripheral) };
    connection.object_server().at(peripheral.path.clone(), device).await
}

/// Tells of an advert just heard: as a new device, or as what changed of one that is known.
pub(super) async fn advertise(
    connection: &Connection,
    air: &Arc<Air>,
    peripheral: &Arc<Peripheral>,
) -> zbus::Result<()> {
    let advert = peripheral.advertised();
    if appear(connection, air, peripheral).await? {
        return Ok(());
    }
    let mut changed = BTreeMap::from([("RSSI", Value::from(RSSI_DBM))]);
    if !advert.manufacturer_data.is_empty() {
        changed.insert("ManufacturerData", Value::from(by_company(&advert)));
    }
    if !advert.service_data.is_empty() {
        changed.insert("ServiceData", Value::from(by_service(&advert)));
    }
    changes(connection, &peripheral.path, "org.bluez.Device1", changed).await
}

/// What changed of an object, in one signal, as BlueZ sends it.
pub(super) async fn changes(
    connection: &Connection,
    path: &OwnedObjectPath,
    interface: &str,
    changed: BTreeMap<&str, Value<'_>>,
) -> zbus::Result<()> {
    let body = (interface, changed, Vec::<&str>::new());
    let properties = "org.freedesktop.DBus.Properties";
    connection.emit_signal(None::<&str>, path, properties, "PropertiesChanged", &body).await
}

/// The services of a connected device appear after the connection has been confirmed.
async fn resolve(connection: &Connection, peripheral: &Arc<Peripheral>) -> zbus::Result<()> {
    gatt::appear(connection, peripheral).await?;
    peripheral.resolved.store(true, SeqCst);
    let device = connection.object_server().interface::<_, Device>(&peripheral.path).await?;
    device.get().await.services_resolved_changed(device.signal_emitter()).await
}

/// The connection is gone, by whoever's wish.
pub(super) async fn drop_link(connection: &Connection, peripheral: &Arc<Peripheral>) -> zbus::Result<()> {
    if !peripheral.is_connected() {
        return Ok(());
    }
    peripheral.link_down();
    gatt::vanish(connection, peripheral).await?;
    let device = connection.object_server().interface::<_, Device>(&peripheral.path).await?;
    let (shown, emitter) = (device.get().await, device.signal_emitter());
    shown.services_resolved_changed(emitter).await?;
    shown.connected_changed(emitter).await
}
