//! A connection: notifications in, writes out, and an end that is noticed.

use super::{Patience, failure_of, sign_of, translated, within};
use crate::address::BluetoothUuid;
use crate::radio::{Access, Characteristic, Link, LinkEvent, RadioError};
use ::btleplug::api::{
    self, Central, CentralEvent, CentralState, CharPropFlags, Peripheral as _, ValueNotification, WriteType,
};
use ::btleplug::platform::{Adapter, Peripheral, PeripheralId};
use futures::{Stream, StreamExt};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long a disconnection may take: BlueZ needs two to three seconds.
const DISCONNECTION: Duration = Duration::from_secs(10);

/// A connection through btleplug.
#[derive(Debug)]
pub struct BluetoothLink {
    peripheral: Peripheral,
    patience: Patience,
    events: UnboundedReceiver<LinkEvent>,
    /// Why the connection ended.
    lost: Option<RadioError>,
    open: bool,
}

impl BluetoothLink {
    pub(super) async fn open(
        adapter: Adapter,
        peripheral: Peripheral,
        patience: Patience,
    ) -> Result<Self, RadioError> {
        let central = within(patience.answer, adapter.events()).await?;
        let (sender, events) = unbounded_channel();
        // From here on dropping the link disconnects, also half-way through.
        let link = Self { peripheral, patience, events, lost: None, open: true };
        let peripheral = &link.peripheral;
        let connected = async {
            peripheral.connect().await?;
            peripheral.discover_services().await
        };
        match tokio::time::timeout(patience.connection, connected).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(not_connected(&adapter, patience, error).await),
            Err(_) => return Err(RadioError::NotConnected("no answer in time".into())),
        }
        let notifications = within(patience.answer, peripheral.notifications()).await?;
        let id = peripheral.id();
        tokio::spawn(async move {
            let lost = tokio::select! {
                lost = pass_on(notifications, &sender) => lost,
                lost = disconnection(central, &id) => lost,
                lost = failure_of(&adapter, patience) => lost,
                () = sender.closed() => return,
            };
            // Without a receiver nobody waits for the reason.
            drop(sender.send(LinkEvent::Lost(lost)));
        });
        Ok(link)
    }

    fn characteristic(
        &self,
        service: BluetoothUuid,
        characteristic: BluetoothUuid,
    ) -> Result<api::Characteristic, RadioError> {
        let wanted = (service.to_u128(), characteristic.to_u128());
        let known = self.peripheral.characteristics().into_iter();
        known
            .into_iter()
            .find(|known| (known.service_uuid.as_u128(), known.uuid.as_u128()) == wanted)
            .ok_or(RadioError::NoCharacteristic(characteristic))
    }
}

/// Tells a logger that does not answer from an adapter that does not, or that is off.
///
/// An adapter that is switched off first ends its connections, so that a download tries again at once.
async fn not_connected(adapter: &Adapter, patience: Patience, error: ::btleplug::Error) -> RadioError {
    match sign_of(adapter, patience).await {
        Err(failure) => failure,
        Ok(()) => RadioError::NotConnected(error.to_string()),
    }
}

async fn pass_on(
    mut notifications: impl Stream<Item = ValueNotification> + Unpin,
    sender: &UnboundedSender<LinkEvent>,
) -> RadioError {
    while let Some(notification) = notifications.next().await {
        let characteristic = BluetoothUuid::from_u128(notification.uuid.as_u128());
        let event = LinkEvent::Notification { characteristic, bytes: notification.value };
        if sender.send(event).is_err() {
            break;
        }
    }
    RadioError::Disconnected
}

async fn disconnection(
    mut events: impl Stream<Item = CentralEvent> + Unpin,
    id: &PeripheralId,
) -> RadioError {
    while let Some(event) = events.next().await {
        match event {
            CentralEvent::DeviceDisconnected(gone) if gone == *id => return RadioError::Disconnected,
            CentralEvent::StateUpdate(CentralState::PoweredOff) => return RadioError::AdapterOff,
            _ => {}
        }
    }
    RadioError::AdapterSilent
}

/// The ways that a characteristic declares, of those that Firn uses.
fn access(properties: CharPropFlags) -> Vec<Access> {
    let ways = [
        (CharPropFlags::READ, Access::Read),
        (CharPropFlags::WRITE, Access::Write),
        (CharPropFlags::WRITE_WITHOUT_RESPONSE, Access::WriteWithoutResponse),
        (CharPropFlags::NOTIFY, Access::Notify),
        (CharPropFlags::INDICATE, Access::Indicate),
    ];
    ways.into_iter().filter(|(flag, _)| properties.contains(*flag)).map(|(_, way)| way).collect()
}

/// The kind of write that was asked for, or the only one that the characteristic declares: models of one
/// family differ in it.
fn write_type(properties: CharPropFlags, with_response: bool) -> WriteType {
    let confirmed = properties.contains(CharPropFlags::WRITE);
    let unconfirmed = properties.contains(CharPropFlags::WRITE_WITHOUT_RESPONSE);
    match (with_response, confirmed, unconfirmed) {
        (true, false, true) => WriteType::WithoutResponse,
        (false, true, false) | (true, ..) => WriteType::WithResponse,
        (false, ..) => WriteType::WithoutResponse,
    }
}

impl Link for BluetoothLink {
    fn characteristics(&self) -> Vec<Characteristic> {
        let uuid = |uuid: uuid::Uuid| BluetoothUuid::from_u128(uuid.as_u128());
        let known = self.peripheral.characteristics().into_iter();
        known
            .map(|known| {
                Characteristic::new(uuid(known.service_uuid), uuid(known.uuid), access(known.properties))
            })
            .collect()
    }

    async fn read(
        &mut self,
        service: BluetoothUuid,
        characteristic: BluetoothUuid,
    ) -> Result<Vec<u8>, RadioError> {
        let characteristic = self.characteristic(service, characteristic)?;
        within(self.patience.answer, self.peripheral.read(&characteristic)).await
    }

    async fn subscribe(
        &mut self,
        service: BluetoothUuid,
        characteristic: BluetoothUuid,
    ) -> Result<(), RadioError> {
        let characteristic = self.characteristic(service, characteristic)?;
        within(self.patience.answer, self.peripheral.subscribe(&characteristic)).await
    }

    async fn write(
        &mut self,
        service: BluetoothUuid,
        characteristic: BluetoothUuid,
        bytes: &[u8],
        with_response: bool,
    ) -> Result<(), RadioError> {
        let characteristic = self.characteristic(service, characteristic)?;
        let kind = write_type(characteristic.properties, with_response);
        within(self.patience.answer, self.peripheral.write(&characteristic, bytes, kind)).await
    }

    async fn next(&mut self) -> LinkEvent {
        if let Some(lost) = &self.lost {
            return LinkEvent::Lost(lost.clone());
        }
        let event = self.events.recv().await.unwrap_or(LinkEvent::Lost(RadioError::Disconnected));
        if let LinkEvent::Lost(lost) = &event {
            self.lost = Some(lost.clone());
        }
        event
    }

    async fn disconnect(mut self) -> Result<(), RadioError> {
        self.open = false;
        let disconnected = tokio::time::timeout(DISCONNECTION, self.peripheral.disconnect()).await;
        disconnected.map_err(|_| RadioError::AdapterSilent)?.map_err(translated)
    }
}

/// A process that ends without disconnecting keeps the logger connected, and so silent.
impl Drop for BluetoothLink {
    fn drop(&mut self) {
        if let (true, Ok(runtime)) = (self.open, tokio::runtime::Handle::try_current()) {
            let peripheral = self.peripheral.clone();
            runtime.spawn(async move {
                drop(tokio::time::timeout(DISCONNECTION, peripheral.disconnect()).await);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_of_the_kind_asked_for_or_of_the_only_one_declared() {
        let (with, without) = (CharPropFlags::WRITE, CharPropFlags::WRITE_WITHOUT_RESPONSE);
        assert_eq!(write_type(with | without, true), WriteType::WithResponse);
        assert_eq!(write_type(with | without, false), WriteType::WithoutResponse);
        assert_eq!(write_type(with, false), WriteType::WithResponse);
        assert_eq!(write_type(without, true), WriteType::WithoutResponse);
        assert_eq!(write_type(CharPropFlags::NOTIFY, true), WriteType::WithResponse);
    }

    #[test]
    fn the_ways_that_a_characteristic_declares_are_told() {
        let declared = CharPropFlags::READ | CharPropFlags::INDICATE | CharPropFlags::BROADCAST;
        assert_eq!(access(declared), [Access::Read, Access::Indicate]);
    }
}
