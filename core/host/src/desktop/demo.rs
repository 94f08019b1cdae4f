//! The demonstration: a home in a temporary folder in which the story of two deliveries has happened.

use crate::demo::{Delivery, Journey, LASTS_S, LATE, read};
use crate::{HomeError, KdfCost, LocalHost, Passphrase, Sealing, SystemClock, random_array};
use data_encoding::BASE32_NOPAD;
use firn_app::{App, Founding, Receipt};
use firn_ble::radio::{Clock, Radio, TokioClock};
use firn_ble::virtual_logger::VirtualRadio;
use firn_model::id::Id;
use firn_model::time::UtcMillis;
use std::sync::Arc;

/// How long ago the first delivery arrived, in seconds.
const ARRIVED_S: i64 = 3600;
/// The journey of the delivery that stood open, and that of the other.
const SEEDS: [u64; 2] = [1, 2];
const ARRIVED: Delivery = Delivery { reference: "Delivery 2041", to: "Harbour clinic", label: "Box 7" };
const UNDER_WAY: Delivery = Delivery { reference: "Delivery 2042", to: "Hill surgery", label: "Box 12" };

/// A running demonstration; its folder goes with it.
pub(super) struct Demo {
    pub app: App<LocalHost>,
    pub radio: VirtualRadio<SystemClock>,
    /// Removed when dropped.
    _folder: tempfile::TempDir,
}

impl Demo {
    /// Founds the home and lets the story happen: one delivery arrived too warm, one is under way.
    pub async fn start(clock: SystemClock) -> Result<Self, HomeError> {
        let folder = tempfile::Builder::new().prefix("firn-demo-").tempdir();
        let folder = folder.map_err(|error| HomeError::io(std::env::temp_dir(), error))?;
        let app = found(&folder.path().join("home")).await?;
        let start = clock.now().utc.plus_seconds(-LASTS_S - ARRIVED_S);
        let [open, shut] = SEEDS.map(|seed| Journey::new(seed, start));
        let shut = shut.kept_shut();
        let radio = VirtualRadio::new([open.tag(), shut.tag()], clock.clone());
        let demo = Self { app, radio, _folder: folder };
        // Its logger was read at the door, an hour ago.
        let arrival = open.arrival();
        let then = TokioClock(move || arrival);
        let door = VirtualRadio::new([open.tag()], then.clone());
        let arrived = demo.deliver(ARRIVED, &open, (&door, &then)).await?;
        let at: Option<UtcMillis> = Some(arrival);
        let reason = Some(LATE.into());
        let receipt = Receipt { shipment: arrived, at, note: None, checklist: None, reason };
        demo.app.receive_shipment(receipt).await?;
        demo.deliver(UNDER_WAY, &shut, (&demo.radio, &clock)).await?;
        Ok(demo)
    }

    /// A delivery that was picked up and whose logger was read.
    async fn deliver<R: Radio, C: Clock>(
        &self,
        delivery: Delivery,
        journey: &Journey,
        nearby: (&R, &C),
    ) -> Result<Id, HomeError> {
        let logger = delivery.enrol(&self.app, journey).await?;
        let shipment = delivery.ship(&self.app, journey, &logger).await?;
        read(&self.app, nearby, shipment, &logger).await?;
        Ok(shipment)
    }
}

async fn found(path: &std::path::Path) -> Result<App<LocalHost>, HomeError> {
    let secret = BASE32_NOPAD.encode(&random_array::<32>()?);
    let passphrase = Passphrase::new(&secret).ok_or(HomeError::PassphraseNeeded)?;
    let founding = Founding { organisation: "Nordvik Pharmacy".into(), device: "This computer".into() };
    let path = path.to_owned();
    let work = move || LocalHost::found(&path, &founding, &Sealing { passphrase, cost: KdfCost::Standard });
    let host = tokio::task::spawn_blocking(work).await.map_err(|_| HomeError::StoreClosed)??;
    Ok(App::new(Arc::new(host)))
}
