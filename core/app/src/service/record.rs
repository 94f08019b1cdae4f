//! What is heard: told to the front end, and recorded where it belongs to a shipment under way.

use super::{Service, Site, lock};
use crate::{AppError, Noted, Recorder};
use firn_ble::radio::Heard;
use firn_model::api::{Origin, Watching};
use firn_model::id::Id;

impl<S: Site> Service<S> {
    /// Notes an advert of the radio. Where it cannot be recorded, this device is not watching, and says so.
    pub async fn heard(&self, heard: &Heard) {
        let noted = lock(&self.ear).hear(heard, self.site.now());
        let Some(noted) = noted else { return };
        match self.keep(&noted).await {
            Ok(()) if noted.readings.is_empty() => {}
            kept => self.tell_whether_kept(kept),
        }
        let mut nearby = noted.nearby;
        // Another home may have been opened meanwhile, in which it is no stranger.
        nearby.logger = nearby.logger.or_else(|| lock(&self.ear).logger_at(nearby.address));
        self.feed().hear(nearby);
    }

    /// Seals what has waited long enough; to be called every few seconds.
    pub async fn seal_when_due(&self) {
        let sealed = match self.recorder.lock().await.as_mut() {
            Some(recorder) => {
                let sealed = recorder.turn().await;
                sealed.map(|count| if count > 0 { recorder.shipments().collect() } else { Vec::new() })
            }
            None => return,
        };
        let told = match sealed {
            Ok(shipments) => self.tell_shipments(shipments).await,
            Err(error) => Err(error),
        };
        // That nothing had to be sealed does not say that anything is heard.
        if let Err(error) = told {
            self.tell_whether_kept(Err(error));
        }
    }

    /// Tells how these shipments stand now that more of them is sealed.
    async fn tell_shipments(&self, shipments: Vec<Id>) -> Result<(), AppError> {
        let Some(app) = self.site.app()? else { return Ok(()) };
        for shipment in shipments {
            self.tell_shipment(&app, shipment).await?;
        }
        Ok(())
    }

    /// Seals all that was heard, and records no more: at a clean stop.
    ///
    /// # Errors
    /// The store's; what could not be sealed stays in the journal.
    pub async fn stop_recording(&self) -> Result<(), AppError> {
        match self.recorder.lock().await.take() {
            Some(mut recorder) => recorder.seal().await.map(drop),
            None => Ok(()),
        }
    }

    async fn keep(&self, noted: &Noted) -> Result<(), AppError> {
        let Some(app) = self.site.app()? else { return Ok(()) };
        if let Some((logger, counter)) = noted.grown {
            app.keep_counter(logger, counter).await?;
        }
        // The demonstration tells its story as it was written.
        let Some(logger) = noted.nearby.logger.filter(|_| self.site.origin() == Origin::Bluetooth) else {
            return Ok(());
        };
        if noted.readings.is_empty() {
            return Ok(());
        }
        let mut recorder = self.recorder.lock().await;
        if recorder.is_none() {
            *recorder = Some(Recorder::begin(app).await?);
        }
        match recorder.as_mut() {
            Some(recorder) => recorder.hear(logger, &noted.readings).await.map(drop),
            None => Ok(()),
        }
    }

    fn tell_whether_kept(&self, kept: Result<(), AppError>) {
        let since = self.site.now();
        let before = self.feed().watching.clone();
        match (kept.map_err(|error| error.refusal()), before) {
            (Ok(()), Watching::NotWatching { .. }) => self.watching(Watching::Watching { since }),
            (Err(refusal), Watching::NotWatching { refusal: same, .. }) if refusal == same => {}
            (Err(refusal), _) => self.watching(Watching::NotWatching { since, refusal }),
            (Ok(()), Watching::Watching { .. }) => {}
        }
    }
}
