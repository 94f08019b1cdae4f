//! Handing a shipment to an outsider: evidence, CSV and PDF from one query.

use crate::append::SignVerdict;
use crate::bundle::bundle;
use crate::disclosing::histories;
use crate::{App, AppError, Host};
use firn_model::api::{Occurrence, Phase, ShipmentDetail};
use firn_model::id::Id;
use firn_model::vault::PositionKnown;
use firn_report::Bundle;

/// One shipment as it leaves the device.
#[derive(Clone, Debug)]
pub struct Exported {
    /// What everything below is made from.
    pub bundle: Bundle,
    /// What the screen shows of it.
    pub detail: ShipmentDetail,
}

impl Exported {
    /// The evidence file: self-contained, verifiable by anyone.
    pub fn evidence(&self) -> Vec<u8> {
        firn_report::evidence::write(&self.bundle)
    }

    /// The readings as CSV, local times in `offset`.
    pub fn csv(&self, offset: firn_model::time::UtcOffset) -> String {
        firn_report::csv::write(&self.detail, offset)
    }

    /// The report as a sealed PDF/A-3.
    ///
    /// # Errors
    /// `report/…` where the report cannot be set.
    #[cfg(feature = "pdf")]
    pub fn pdf(
        &self,
        printing: &firn_report::Printing,
        signer: &dyn firn_ledger::key::Signer,
    ) -> Result<Vec<u8>, AppError> {
        Ok(firn_report::pdf::write(&self.bundle, printing, signer)?)
    }
}

impl<H: Host> App<H> {
    /// The same as [`App::export`], with the positions opened that this device keeps.
    ///
    /// # Errors
    /// Those of [`App::export`], and `vault/…`.
    pub async fn export_with_positions(&self, shipment: Id) -> Result<Exported, AppError> {
        let Exported { mut bundle, .. } = self.export(shipment).await?;
        let detail = self.shipment(shipment).await?;
        let held = detail.history.iter().filter_map(|event| match &event.occurrence {
            Occurrence::Position { commitment, known: PositionKnown::Opened { .. } } => Some(*commitment),
            _ => None,
        });
        bundle.opened = self.opened_documents(held.collect()).await?;
        let detail = bundle.assess()?.detail(shipment);
        Ok(Exported { bundle, detail })
    }

    /// Signs the verdict where its evidence has changed since, and gathers the shipment.
    ///
    /// # Errors
    /// `app/not-found` for a shipment of which nothing is held, and the ledger's.
    pub async fn export(&self, shipment: Id) -> Result<Exported, AppError> {
        let mut pen = self.pen().await?;
        let exported = self
            .host
            .with_store(move |store| {
                store.write(|transaction| {
                    let organisation = pen.identity.organisation;
                    let held = bundle(transaction, &organisation, shipment)?;
                    if held.records.is_empty() {
                        return Err(AppError::NotFound { what: "shipment", name: shipment.to_string() });
                    }
                    let when = match held.assess()?.story.phase() {
                        Phase::Cancelled => SignVerdict::Never,
                        Phase::Closed => SignVerdict::OnChange,
                        _ => SignVerdict::OnEvidence,
                    };
                    let signed = pen.sign_verdict(transaction, shipment, when)?;
                    let found = pen.sign_finding(transaction, shipment)?;
                    let signed: Vec<_> = signed.into_iter().chain(found).collect();
                    pen.follow(transaction, &signed)?;
                    // What leaves the device stands below heads that it has signed.
                    let seconds = u64::try_from(pen.now.utc.0.div_euclid(1000)).unwrap_or_default();
                    transaction.witness(&pen.identity.log, pen.key.as_ref(), seconds)?;
                    let mut bundle = bundle(transaction, &organisation, shipment)?.of_its_own()?;
                    bundle.histories = histories(transaction, &bundle)?;
                    let detail = bundle.assess()?.detail(shipment);
                    Ok(Exported { bundle, detail })
                })
            })
            .await?;
        self.host.remember_own_head().await?;
        Ok(exported)
    }
}
