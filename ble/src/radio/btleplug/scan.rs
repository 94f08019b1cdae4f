//! Listening: from the system's events to adverts with their time of hearing.

use super::{Patience, failure_of, within};
use crate::address::{Address, BluetoothUuid};
use crate::advert::Advert;
use crate::radio::{Clock, DeviceId, Heard, Hearing, RadioError};
use ::btleplug::api::{
    Central, CentralEvent, CentralState, Peripheral as _, PeripheralProperties, ScanFilter,
};
use ::btleplug::platform::{Adapter, PeripheralId};
use futures::{Stream, StreamExt};
use std::collections::BTreeMap;
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

type Listener = Sender<Result<Heard, RadioError>>;

/// Starts a scan that lasts until the listener is dropped or the adapter fails.
pub(super) async fn start<C: Clock>(
    adapter: Adapter,
    clock: C,
    patience: Patience,
) -> Result<Hearing, RadioError> {
    let events = within(patience.answer, adapter.events()).await?;
    within(patience.answer, adapter.start_scan(ScanFilter::default())).await?;
    let (sender, hearing) = Hearing::channel();
    tokio::spawn(async move {
        let mut scan = Scan { adapter: adapter.clone(), clock, patience, payloads: BTreeMap::new() };
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
    /// Manufacturer data as last seen, to tell which identifier is new.
    payloads: BTreeMap<DeviceId, BTreeMap<u16, Vec<u8>>>,
}

impl<C: Clock> Scan<C> {
    /// Passes adverts on until the events end or the adapter is switched off.
    async fn listen(
        &mut self,
        mut events: impl Stream<Item = CentralEvent> + Unpin,
        listener: &Listener,
    ) -> Option<RadioError> {
        while let Some(event) = events.next().await {
            let id = match event {
                CentralEvent::DeviceDiscovered(id)
                | CentralEvent::ManufacturerDataAdvertisement { id, .. }
                | CentralEvent::ServiceDataAdvertisement { id, .. } => id,
                CentralEvent::StateUpdate(CentralState::PoweredOff) => return Some(RadioError::AdapterOff),
                _ => continue,
            };
            let Some(heard) = self.heard(&id).await else { continue };
            match listener.try_send(Ok(heard)) {
                // A listener that is too slow loses adverts; the next ones come by themselves.
                Ok(()) | Err(TrySendError::Full(_)) => {}
                Err(TrySendError::Closed(_)) => return None,
            }
        }
        Some(RadioError::AdapterSilent)
    }

    /// The advert of a device that is in the air now: one without signal strength is a memory of BlueZ.
    async fn heard(&mut self, id: &PeripheralId) -> Option<Heard> {
        let peripheral = within(self.patience.answer, self.adapter.peripheral(id)).await.ok()?;
        let properties = within(self.patience.answer, peripheral.properties()).await.ok()??;
        let rssi_dbm = properties.rssi?;
        let device = DeviceId(id.to_string());
        let mut advert = advert(properties);
        advert.time = Some(self.clock.now());
        let before = self.payloads.insert(device.clone(), advert.manufacturer_data.clone());
        advert.newest_company = newest(&advert.manufacturer_data, before.as_ref());
        Some(Heard { device, rssi_dbm: Some(rssi_dbm), advert })
    }
}

fn advert(properties: PeripheralProperties) -> Advert {
    let address = properties.address.into_inner();
    Advert {
        manufacturer_data: properties.manufacturer_data.into_iter().collect(),
        newest_company: None,
        service_data: properties
            .service_data
            .into_iter()
            .map(|(uuid, bytes)| (BluetoothUuid::from_u128(uuid.as_u128()), bytes))
            .collect(),
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
