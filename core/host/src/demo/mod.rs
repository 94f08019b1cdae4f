//! The story that is told without Bluetooth: deliveries of Nordvik Pharmacy with virtual loggers.
//!
//! `firn demo` tells it of two homes, step by step; the window opens a home in which it has happened.

mod journey;

pub use journey::{Journey, LASTS_S};

use crate::{HomeError, LocalHost};
use firn_app::radio::{Downloaded, Reach, find};
use firn_app::{App, AppError, NewLogger, NewShipment, Start};
use firn_ble::dialog::DialogOptions;
use firn_ble::keys::Keys;
use firn_ble::radio::{Clock, Radio};
use firn_model::id::Id;
use firn_model::profile::Profile;
use firn_model::record::{ItemLine, Logger, Placement};

/// How long a virtual logger is looked for, in milliseconds; it is heard at once.
const PATIENCE_MS: u64 = 5000;

/// Why the story's pick-ups and arrivals are recorded after they happened.
pub const LATE: &str = "told afterwards by the demonstration";

/// One delivery of the story.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// The number of its delivery note.
    pub reference: &'static str,
    /// Where it goes.
    pub to: &'static str,
    /// What is written on its box, and on the logger in it.
    pub label: &'static str,
}

impl Delivery {
    /// Enrols the virtual logger of the journey.
    ///
    /// # Errors
    /// Those of [`App::enrol_logger`].
    pub async fn enrol(&self, app: &App<LocalHost>, journey: &Journey) -> Result<Logger, AppError> {
        let tag = journey.tag();
        let new = NewLogger {
            family: "ruuvitag".into(),
            label: self.label.into(),
            address: Some(tag.address),
            serial: None,
            interval_s: Some(tag.interval_s),
        };
        app.enrol_logger(new).await
    }

    /// Creates the shipment and signs its pick-up at the journey's start.
    ///
    /// # Errors
    /// Those of [`App::create_shipment`] and [`App::start_shipment`].
    pub async fn ship(
        &self,
        app: &App<LocalHost>,
        journey: &Journey,
        logger: &Logger,
    ) -> Result<Id, HomeError> {
        let new = NewShipment {
            reference: self.reference.into(),
            profile: profile()?,
            from: Some("Central store".into()),
            to: Some(self.to.into()),
            items: vec![item("MMR vaccine", "A1", 40), item("Hepatitis B vaccine", "B7", 20)],
            packages: Vec::new(),
        };
        let shipment = app.create_shipment(new).await?;
        let placements =
            vec![Placement { logger: logger.id, package: Some(self.label.into()), from: None, to: None }];
        let (at, reason) = (Some(journey.start), Some(LATE.into()));
        app.start_shipment(Start { shipment, placements, at, overrides: Vec::new(), reason }).await?;
        Ok(shipment)
    }
}

/// Reads the logger's memory over a virtual radio into the shipment.
///
/// # Errors
/// Those of [`App::download`].
pub async fn read<R: Radio, C: Clock>(
    app: &App<LocalHost>,
    (radio, clock): (&R, &C),
    shipment: Id,
    logger: &Logger,
) -> Result<Downloaded, AppError> {
    let device = find(radio, clock, logger, &Keys::default(), PATIENCE_MS).await?;
    let reach = Reach { device, logger: logger.clone(), options: DialogOptions::default() };
    app.download(radio, clock, shipment, reach, |_, _| {}).await
}

/// The demo's profile: 2 to 8 °C, an alarm after half an hour above.
fn profile() -> Result<Profile, HomeError> {
    let profile = Profile::from_json(
        r#"{"name":"Demo vaccine 2-8 °C","version":1,"limits":{"min_c":2.0,"max_c":8.0},"interval_s":300,
            "freeze":"sensitive","alarms":[
            {"id":"hot","bound":"above","limit_c":8.0,"mode":"cumulative","allowance_s":1800},
            {"id":"cold","bound":"below","limit_c":2.0,"mode":"single","allowance_s":0}]}"#,
    );
    profile.map_err(|error| HomeError::App(AppError::Record(error.to_string())))
}

fn item(product: &str, lot: &str, quantity: u32) -> ItemLine {
    ItemLine {
        product: product.into(),
        gtin: None,
        lot: Some(lot.into()),
        expiry: None,
        quantity,
        legs: None,
        label: None,
        package: None,
        profile: None,
        serials: None,
    }
}
