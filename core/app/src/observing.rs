//! What a person saw on a shipment, signed as it was seen.

use crate::append::Happened;
use crate::{App, AppError, Appended, Host};
use firn_model::gs1;
use firn_model::id::Id;
use firn_model::record::{Observation, Observed};

impl<H: Host> App<H> {
    /// Records what somebody saw, then or later; the verdict is signed anew where it gives cause for a review.
    ///
    /// # Errors
    /// `app/still-to-come`, `app/late-reason-needed` where it was seen more than 5 min ago and nothing says why
    /// it is recorded now, `app/incomplete` for something else without a note, `app/unknown-name` for a package that is not in the shipment, those of [`gs1::Fault`] for
    /// one that is no SSCC after all, and the ledger's.
    pub async fn observe(&self, shipment: Id, observed: Observation) -> Result<Vec<Appended>, AppError> {
        self.is_recorded(observed.at, observed.reason.as_deref())?;
        let place = observed.place.map(|text| gs1::package(&text)).transpose()?;
        if let Some(place) = &place
            && !self.story(shipment).await?.has_package(place)
        {
            return Err(AppError::NotInShipment { what: "package", name: place.clone() });
        }
        let has_note = observed.note.as_ref().is_some_and(|note| !note.trim().is_empty());
        if observed.observed == Observed::Other && !has_note {
            return Err(AppError::Incomplete("something else was seen, and no note says what: `--note`"));
        }
        let body = Observation { place, ..observed };
        self.step(shipment, Happened::new(Some(shipment), &body), |_| Ok(())).await
    }
}
