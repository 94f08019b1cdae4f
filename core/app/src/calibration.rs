//! Calibrations of loggers: recorded with their certificates, shown with what they put in question.

use crate::append::{Happened, standing};
use crate::{App, AppError, Host, read_model};
use firn_ledger::store::View;
use firn_model::api::{InQuestion, LoggerDetail};
use firn_model::authority::Refusal;
use firn_model::id::Id;
use firn_model::record::{AsFound, Certificate, ChangeReason, Logger};
use firn_model::shipment::{Fleet, questioned};
use firn_model::time::UtcMillis;

/// A calibration to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calibrated {
    /// Of which logger.
    pub logger: Id,
    /// Its certificate.
    pub certificate: Certificate,
    /// What is added to each of its temperatures from now on, in milli-degrees; absent: as before.
    pub offset_mc: Option<i32>,
    /// Its largest permissible error in milli-degrees; absent: as before.
    pub accuracy_mc: Option<u32>,
    /// Why; asked for where the offset changes.
    pub reason: Option<ChangeReason>,
}

impl<H: Host> App<H> {
    /// Records a calibration: its certificate, offset and accuracy hold for pick-ups from now on. Every
    /// verdict that rests on the logger is computed anew.
    ///
    /// # Errors
    /// `app/not-found`, `app/incomplete` without a number or a laboratory, `app/time-impossible` for a
    /// certificate that is due before the calibration or a calibration yet to come, `app/out-of-order` for one
    /// that is recorded already, `app/reason-needed` for another offset than before without a reason,
    /// `app/role-may-not`, and the ledger's.
    pub async fn record_certificate(&self, calibrated: Calibrated) -> Result<LoggerDetail, AppError> {
        let Calibrated { logger: id, certificate, offset_mc, accuracy_mc, reason } = calibrated;
        let now = self.host.now().utc;
        check(&certificate, now)?;
        let organisation = self.host.identity().organisation;
        let mut pen = self.pen().await?;
        let record = move |transaction: &mut firn_ledger::store::Transaction<'_>| {
            let fleet = read_model::fleet(transaction, &organisation)?;
            let before = known(&fleet, id)?;
            if fleet.certificates(id).contains(&certificate) {
                return Err(AppError::OutOfOrder("this calibration is recorded already"));
            }
            let changes = offset_mc.is_some_and(|offset| offset != before.offset_mc.unwrap_or(0));
            if changes && reason.is_none() {
                return Err(AppError::ReasonNeeded("what is added to the logger's temperatures"));
            }
            let logger = Logger {
                certificate: Some(certificate),
                offset_mc: offset_mc.or(before.offset_mc),
                accuracy_mc: accuracy_mc.or(before.accuracy_mc),
                ..before
            };
            let happened = Happened::because(&logger, reason.as_ref())?;
            pen.permit(transaction, std::slice::from_ref(&happened))?;
            let record = pen.append(transaction, happened)?;
            pen.follow(transaction, std::slice::from_ref(&record))
        };
        self.host.with_store(move |store| store.write(record)).await?;
        self.logger_detail(id).await
    }

    /// One logger with its certificates, and what its calibration puts in question.
    ///
    /// # Errors
    /// `app/not-found`, and the store's.
    pub async fn logger_detail(&self, id: Id) -> Result<LoggerDetail, AppError> {
        let (identity, now) = (self.host.identity(), self.host.now().utc);
        let read = move |view: &mut View<'_>| {
            let fleet = read_model::fleet(view, &identity.organisation)?;
            let logger = known(&fleet, id)?;
            let certificates = fleet.certificates(id);
            let in_question = in_question(view, &identity, id, &certificates)?;
            let organisation = read_model::organisation(view, &identity.organisation)?;
            let ended = organisation.ending_shown(id, now);
            let calibration = fleet.calibration(id, now, now).map(|stood| stood.told());
            let changes = fleet.changes(id);
            Ok(LoggerDetail { logger, certificates, calibration, in_question, ended, changes })
        };
        self.host.with_store(move |store| store.read(read)).await
    }
}

fn check(certificate: &Certificate, now: UtcMillis) -> Result<(), AppError> {
    if certificate.number.trim().is_empty() || certificate.laboratory.trim().is_empty() {
        return Err(AppError::Refused(Refusal::MalformedBody));
    }
    if certificate.due <= certificate.calibrated {
        return Err(AppError::TimeImpossible("a certificate cannot be due before the calibration"));
    }
    if certificate.calibrated > now {
        return Err(AppError::TimeImpossible("the calibration has yet to come"));
    }
    Ok(())
}

fn known(fleet: &Fleet, id: Id) -> Result<Logger, AppError> {
    fleet.now().remove(&id).ok_or_else(|| AppError::NotFound { what: "logger", name: id.to_string() })
}

fn in_question(
    view: &mut View<'_>,
    identity: &crate::Identity,
    logger: Id,
    certificates: &[Certificate],
) -> Result<Vec<InQuestion>, AppError> {
    // Without such a finding no story has to be told.
    if !certificates.iter().any(|certificate| certificate.as_found == AsFound::OutOfTolerance) {
        return Ok(Vec::new());
    }
    let mut shipments = Vec::new();
    for summary in read_model::shipments(view, &identity.organisation)? {
        let story = standing(view, identity, summary.id)?;
        shipments.push((summary, story));
    }
    Ok(questioned(logger, certificates, &shipments))
}
