//! The demonstration: a home in a temporary folder, two virtual loggers and the story of two shipments.

use crate::{HomeError, KdfCost, LocalHost, Passphrase, Sealing, SystemClock, random_array};
use data_encoding::BASE32_NOPAD;
use firn_app::radio::{Reach, find};
use firn_app::{App, AppError, Founding, NewLogger, NewShipment, Receipt, Start};
use firn_ble::address::Address;
use firn_ble::dialog::DialogOptions;
use firn_ble::keys::Keys;
use firn_ble::virtual_logger::{Climate, VirtualRadio, VirtualRuuviTag};
use firn_model::id::Id;
use firn_model::profile::preset;
use firn_model::record::{ItemLine, Logger, Placement};
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};
use std::sync::Arc;

/// Seconds between two log records of a RuuviTag (Ruuvi firmware, default).
const INTERVAL_S: u32 = 300;
const HOUR_S: i64 = 3600;
/// How long a virtual logger is looked for, in milliseconds; it is heard at once.
const PATIENCE_MS: u64 = 5000;
const PROFILE: &str = "cdc-refrigerator";

/// A running demonstration; its folder goes with it.
pub(super) struct Demo {
    pub app: App<LocalHost>,
    pub radio: VirtualRadio<SystemClock>,
    /// Removed when dropped.
    _folder: tempfile::TempDir,
}

impl Demo {
    /// Founds the home and lets the story happen: one shipment arrived too warm, one is under way.
    pub async fn start(clock: SystemClock) -> Result<Self, HomeError> {
        let folder = tempfile::Builder::new().prefix("firn-demo-").tempdir();
        let folder = folder.map_err(|error| HomeError::io(std::env::temp_dir(), error))?;
        let app = found(&folder.path().join("home")).await?;
        let now = clock.now().utc;
        let tags = [tag("Ruuvi D1A7", 0xA7, now, spoiled), tag("Ruuvi D1C2", 0xC2, now, cold)];
        let radio = VirtualRadio::new(tags.clone(), clock.clone());
        let demo = Self { app, radio, _folder: folder };
        let [warm, steady] = &tags;
        let arrived = demo.ship("Delivery 2041", "Harbour clinic", "Box 7", warm, now).await?;
        demo.read(arrived, "Box 7", &clock).await?;
        let at = Some(now.plus_seconds(-HOUR_S));
        demo.app.receive_shipment(Receipt { shipment: arrived, at, note: None }).await?;
        let under_way = demo.ship("Delivery 2042", "Hill surgery", "Box 12", steady, now).await?;
        demo.read(under_way, "Box 12", &clock).await?;
        Ok(demo)
    }

    /// A shipment picked up 24 hours ago with one logger.
    async fn ship(
        &self,
        reference: &str,
        to: &str,
        label: &str,
        tag: &VirtualRuuviTag,
        now: UtcMillis,
    ) -> Result<Id, AppError> {
        let logger = self.enrol(label, tag).await?;
        let known =
            preset(PROFILE).ok_or_else(|| AppError::NotFound { what: "profile", name: PROFILE.into() })?;
        let new = NewShipment {
            reference: reference.into(),
            profile: known.profile.clone(),
            from: Some("Nordvik Pharmacy".into()),
            to: Some(to.into()),
            items: vec![vaccine()],
        };
        let shipment = self.app.create_shipment(new).await?;
        let placements = vec![Placement { logger: logger.id, package: Some(label.into()) }];
        let at = Some(now.plus_seconds(-24 * HOUR_S));
        self.app.start_shipment(Start { shipment, placements, at }).await?;
        Ok(shipment)
    }

    async fn enrol(&self, label: &str, tag: &VirtualRuuviTag) -> Result<Logger, AppError> {
        let new = NewLogger {
            family: "ruuvitag".into(),
            label: label.into(),
            address: Some(tag.address),
            serial: None,
            interval_s: Some(INTERVAL_S),
        };
        self.app.enrol_logger(new).await
    }

    async fn read(&self, shipment: Id, label: &str, clock: &SystemClock) -> Result<(), AppError> {
        let logger = self.app.logger(label).await?;
        let device = find(&self.radio, clock, &logger, &Keys::default(), PATIENCE_MS).await?;
        self.app
            .download(
                &self.radio,
                clock,
                shipment,
                Reach { device, logger, options: DialogOptions::default() },
                |_, _| {},
            )
            .await?;
        Ok(())
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

fn vaccine() -> ItemLine {
    ItemLine {
        product: "Influenza vaccine".into(),
        gtin: None,
        lot: Some("DEMO-01".into()),
        expiry: None,
        quantity: 120,
    }
}

fn tag(name: &str, last: u8, now: UtcMillis, curve: fn(i64) -> i32) -> VirtualRuuviTag {
    let booted = now.plus_seconds(-26 * HOUR_S);
    VirtualRuuviTag {
        name: name.into(),
        address: Address([0xDE, 0x70, 0x00, 0x00, 0xD1, last]),
        booted,
        interval_s: INTERVAL_S,
        climate: Arc::new(move |at| Climate {
            temperature: MilliCelsius(curve(at.0.saturating_sub(booted.0) / 1000)),
            humidity: RelativeHumidity(450_000),
            pressure_pa: 101_325,
        }),
        seed: u64::from(last),
        battery_mv: 2950,
    }
}

/// A cold box in order: the compressor's swing of an hour and a half, 4.2 to 5.7 °C; in milli-°C.
fn cold(seconds: i64) -> i32 {
    let phase = i32::try_from(seconds.rem_euclid(5400)).unwrap_or(0);
    4200 + (if phase < 2700 { phase } else { 5400 - phase }) * 1500 / 2700
}

/// The same, left on a warm ramp from the 14th hour on for two hours and a half: up to 12.9 °C.
fn spoiled(seconds: i64) -> i32 {
    let since = i32::try_from(seconds.saturating_sub(14 * HOUR_S).clamp(0, 9000)).unwrap_or(0);
    let warmed = if since < 4500 { since } else { 9000 - since };
    cold(seconds) + warmed * 1600 / 1000
}
