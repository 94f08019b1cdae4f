//! CDC's record of an excursion: what the readings tell is filled in, the rest is what a person gives.

use crate::append::{Appended, Happened};
use crate::bundle::bundle;
use crate::{App, AppError, Host};
use firn_model::id::Id;
use firn_model::record::ExcursionRecord;
use firn_model::shipment::known;

impl<H: Host> App<H> {
    /// Adds what is given to the record of a shipment's excursion, and what Firn knows of the fields that
    /// nobody has filled in: times and temperatures by the readings, the inventory by the lines, the reporter
    /// by the signature. Nothing is signed where that adds nothing.
    ///
    /// # Errors
    /// `app/incomplete` for blank text, `app/contradiction` for a lowest above the highest,
    /// `app/temperature-impossible` for one that nobody has met, `app/time-impossible` for a time that is still to
    /// come, `app/out-of-order` before the pick-up, `app/role-may-not`, and the
    /// ledger's.
    pub async fn record_excursion(
        &self,
        shipment: Id,
        given: ExcursionRecord,
    ) -> Result<Vec<Appended>, AppError> {
        let organisation = self.host.identity().organisation;
        let read = move |view: &mut firn_ledger::store::View<'_>| -> Result<_, AppError> {
            let assessed = bundle(view, &organisation, shipment)?.assess()?;
            if !assessed.story.is_under_way() {
                return Err(AppError::OutOfOrder(
                    "no excursion can be recorded of a shipment that was not picked up, or was cancelled",
                ));
            }
            let held = assessed.story.excursion_record().unwrap_or_default();
            Ok((held, known(&assessed.story, &assessed.judgement)))
        };
        let (held, by_readings) = self.host.with_store(move |store| store.read(read)).await?;
        if given.at.is_some_and(|at| at > self.host.now().utc) {
            return Err(AppError::TimeImpossible("an excursion that is still to come is not recorded"));
        }
        if let Some((field, degrees, bounds)) = given.implausible() {
            return Err(AppError::TemperatureImpossible { what: field.words(), degrees, bounds });
        }
        if held.clone().with(&given).is_reversed() {
            return Err(AppError::Contradiction("the lowest temperature is above the highest"));
        }
        let by_firn = ExcursionRecord { reporter: self.signing_name().await?, ..by_readings };
        let body = by_firn.beyond(&held).with(&given);
        if held.with(&body).is_reversed() {
            return Err(AppError::Contradiction(
                "the lowest temperature is above the highest that the readings give",
            ));
        }
        if body == ExcursionRecord::default() {
            return Ok(Vec::new());
        }
        self.step(shipment, Happened::new(Some(shipment), &body), |_| Ok(())).await
    }

    /// The printed name of the person who signs, if one does.
    async fn signing_name(&self) -> Result<Option<String>, AppError> {
        match &self.acting {
            Some(acting) => Ok(Some(self.person_of(acting.person).await?.name)),
            None => Ok(None),
        }
    }
}
