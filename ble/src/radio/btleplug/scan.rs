//! Listening: from the system's events to adverts with their time of hearing.
//!
//! An event brings what was heard with it. The system is asked for the rest (name, address, strength) once
//! for each device, and now and then while its name is not known: on Linux each question goes over D-Bus
//! and costs more than all else that is done with an advert. Where changes of strength are no events it is
//! asked each time, which is cheap there.

use super::{Patience, failure_of, within};
use crate::address::{Address, BluetoothUuid};
use crate::advert::Advert;
use crate::radio::{Clock, DeviceId, Heard, Hearing, RadioError};
use ::btleplug::api::{Central, CentralEvent, CentralState, Peripheral, PeripheralProperties, ScanFilter};
use ::btleplug::platform::{Adapter, PeripheralId};
use futures::{Stream, StreamExt};
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

/// Whether a change of strength is an event of its own: not by btleplug on macOS, iOS and Android.
const STRENGTH_IS_TOLD: bool = cfg!(any(target_os = "linux", windows));

/// How many devices are kept track of; when there are more, as where many change their addresses for
/// privacy, they are all asked for anew.
const MOST_DEVICES: usize = 4096;

type Listener = Sender<Result<Heard, RadioError>>;

/// Starts a scan that lasts until the listener is dropped or the adapter fails.
pub(super) async fn start<C: Clock>(
    adapter: Adapter,
    clock: C,
    patience: Patience,
) -> Result<Hearing, RadioError> {
    let known = within(patience.answer, adapter.peripherals()).await?;
    let remembered = known.iter().filter(|_| cfg!(target_os = "linux")).map(Peripheral::id).collect();
    let events = within(patience.answer, adapter.events()).await?;
    within(patience.answer, adapter.start_scan(ScanFilter::default())).await?;
    let (sender, hearing) = Hearing::channel();
    tokio::spawn(async move {
        let mut scan =
            Scan { adapter: adapter.clone(), clock, patience, remembered, devices: BTreeMap::new() };
        let failure = tokio::select! {
            failure = scan.listen(events, &sender) => failure,
            failure = failure_of(&adapter, patience) => Some(failure),
            () = sender.closed() => None,
        };
        // The scan is over either way; an adapter that is gone has nothing to stop.
        drop(within(patience.answer, adapter.stop_scan()).await);
        if let Some(failure) = failure {
            drop(sender.send(Err(failure)).await);
        }
    });
    Ok(hearing)
}

struct Scan<C> {
    adapter: Adapter,
    clock: C,
    patience: Patience,
    /// Devices that BlueZ knew before the scan began. Each of them is told once as if it had just been
    /// heard, with the strength of then where another program listens.
    remembered: BTreeSet<PeripheralId>,
    devices: BTreeMap<PeripheralId, Known>,
}

/// What is known of a device that is in the air.
struct Known {
    device: DeviceId,
    rssi_dbm: Option<i16>,
    advert: Advert,
    /// How many adverts it has sent since the scan began.
    adverts: u32,
}

/// What one event brought.
enum Brought {
    /// A device that is new to the system.
    Device,
    /// A device has been heard again.
    Sign,
    Strength(i16),
    Manufacturer(BTreeMap<u16, Vec<u8>>),
    Service(BTreeMap<BluetoothUuid, Vec<u8>>),
}

impl<C: Clock> Scan<C> {
    /// Passes adverts on until the events end or the adapter is switched off.
    async fn listen(
        &mut self,
        mut events: impl Stream<Item = CentralEvent> + Unpin,
        listener: &Listener,
    ) -> Option<RadioError> {
        while let Some(event) = events.next().await {
            let (id, brought) = match event {
                CentralEvent::DeviceDiscovered(id) => (id, Brought::Device),
                CentralEvent::DeviceUpdated(id) => (id, Brought::Sign),
                CentralEvent::RssiUpdate { id, rssi } => (id, Brought::Strength(rssi)),
                CentralEvent::ManufacturerDataAdvertisement { id, manufacturer_data } => {
                    (id, Brought::Manufacturer(manufacturer_data.into_iter().collect()))
                }
                CentralEvent::ServiceDataAdvertisement { id, service_data } => {
                    (id, Brought::Service(by_uuid(service_data)))
                }
                CentralEvent::StateUpdate(CentralState::PoweredOff) => return Some(RadioError::AdapterOff),
                _ => continue,
            };
            let Some(heard) = self.heard(id, brought).await else { continue };
            match listener.try_send(Ok(heard)) {
                // A listener that is too slow loses adverts; the next ones come by themselves.
                Ok(()) | Err(TrySendError::Full(_)) => {}
                Err(TrySendError::Closed(_)) => return None,
            }
        }
        Some(RadioError::AdapterSilent)
    }

    /// The advert that an event brought; none where it merely brought news of one, or a memory.
    async fn heard(&mut self, id: PeripheralId, brought: Brought) -> Option<Heard> {
        if matches!(brought, Brought::Device) && self.remembered.remove(&id) {
            return None;
        }
        let at = self.clock.now();
        if self.devices.len() > MOST_DEVICES {
            self.devices.clear();
        }
        if self.devices.get(&id).is_none_or(Known::is_to_be_asked) {
            let asked = self.ask(&id).await?;
            self.devices.entry(id.clone()).and_modify(|known| known.learn(&asked)).or_insert(asked);
        }
        let known = self.devices.get_mut(&id)?;
        let newest = known.take(brought)?;
        known.adverts = known.adverts.saturating_add(1);
        let advert = Advert { time: Some(at), newest_company: newest, ..known.advert.clone() };
        Some(Heard { device: known.device.clone(), rssi_dbm: known.rssi_dbm, advert })
    }

    /// What the system knows of a device in the air: one without signal strength is a memory of BlueZ.
    async fn ask(&self, id: &PeripheralId) -> Option<Known> {
        let peripheral = within(self.patience.answer, self.adapter.peripheral(id)).await.ok()?;
        let properties = within(self.patience.answer, peripheral.properties()).await.ok()??;
        let rssi_dbm = Some(properties.rssi?);
        Some(Known { device: DeviceId(id.to_string()), rssi_dbm, advert: advert(properties), adverts: 0 })
    }
}

impl Known {
    /// Whether the system may know more by now: a name may have come with a scan response.
    fn is_to_be_asked(&self) -> bool {
        !STRENGTH_IS_TOLD || (self.advert.name.is_none() && self.adverts.is_power_of_two())
    }

    /// Whether its adverts carry no data.
    fn is_bare(&self) -> bool {
        self.advert.manufacturer_data.is_empty() && self.advert.service_data.is_empty()
    }

    fn learn(&mut self, asked: &Self) {
        self.rssi_dbm = asked.rssi_dbm;
        self.advert.name.clone_from(&asked.advert.name);
    }

    /// Takes what an event brought; gives the company identifier that is new, within an advert.
    ///
    /// A change of strength alone is an advert only of a device whose adverts carry no data: of others it
    /// comes beside the data, and what is known of those may be old.
    fn take(&mut self, brought: Brought) -> Option<Option<u16>> {
        let first = self.adverts == 0;
        match brought {
            Brought::Device => Some(newest(&self.advert.manufacturer_data, None)),
            Brought::Sign => self.is_bare().then_some(None),
            Brought::Strength(rssi) => {
                self.rssi_dbm = Some(rssi);
                self.is_bare().then_some(None)
            }
            Brought::Manufacturer(data) => {
                let before = std::mem::replace(&mut self.advert.manufacturer_data, data);
                Some(newest(&self.advert.manufacturer_data, Some(&before).filter(|_| !first)))
            }
            Brought::Service(data) => {
                self.advert.service_data = data;
                Some(None)
            }
        }
    }
}

fn by_uuid(data: impl IntoIterator<Item = (uuid::Uuid, Vec<u8>)>) -> BTreeMap<BluetoothUuid, Vec<u8>> {
    data.into_iter().map(|(uuid, bytes)| (BluetoothUuid::from_u128(uuid.as_u128()), bytes)).collect()
}

fn advert(properties: PeripheralProperties) -> Advert {
    let address = properties.address.into_inner();
    Advert {
        manufacturer_data: properties.manufacturer_data.into_iter().collect(),
        newest_company: None,
        service_data: by_uuid(properties.service_data),
        name: properties.advertisement_name,
        // macOS and iOS give zeros: they never show it.
        address: (address != [0; 6]).then_some(Address(address)),
        time: None,
    }
}

/// The one identifier whose data changed, if it is one.
fn newest(now: &BTreeMap<u16, Vec<u8>>, before: Option<&BTreeMap<u16, Vec<u8>>>) -> Option<u16> {
    let changed = |(id, bytes): &(&u16, &Vec<u8>)| before.and_then(|before| before.get(id)) != Some(bytes);
    let mut changed = now.iter().filter(changed).map(|(id, _)| *id);
    changed.next().filter(|_| changed.next().is_none())
}
