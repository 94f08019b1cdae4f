//! Rules of the organisation that an admin signs, and the ends of loggers.

use crate::append::{Appended, Happened, SignVerdict};
use crate::{App, AppError, Host, read_model};
use firn_model::authority::Refusal;
use firn_model::id::Id;
use firn_model::record::{
    ChangeReason, Ending, LoggerEnded, LoggerReason, Placement, Policy, SinglePersonRelease,
};
use firn_model::shipment::{Calibration, OrganisationStory};
use firn_model::time::UtcMillis;

impl<H: Host> App<H> {
    /// Sets whether one person alone may release after an excursion; it holds for decisions from now on.
    ///
    /// # Errors
    /// `app/reason-needed` where another rule is in force and no reason is given, `app/role-may-not` for all but
    /// admins, and the ledger's.
    pub async fn set_single_person_release(
        &self,
        single_person_release: SinglePersonRelease,
        reason: Option<ChangeReason>,
    ) -> Result<Vec<Appended>, AppError> {
        let policy = Policy { single_person_release };
        let organisation = self.host.identity().organisation;
        let happened = Happened::because(&policy, reason.as_ref())?;
        self.sign(vec![happened], SignVerdict::Never, move |view| {
            let rules = read_model::organisation(view, &organisation)?;
            let changes = rules.newest_policy().is_some_and(|in_force| in_force.says != policy);
            match (changes, &reason) {
                (true, None) => Err(AppError::ReasonNeeded("a rule that is in force")),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Ends a logger as lost, faulty or retired.
    ///
    /// # Errors
    /// `app/incomplete` without a reason, `app/out-of-order` where it ended so before, `app/role-may-not`, and the
    /// ledger's.
    pub async fn end_logger(
        &self,
        logger: Id,
        ending: Ending,
        reason: String,
    ) -> Result<Vec<Appended>, AppError> {
        if reason.trim().is_empty() {
            return Err(AppError::Refused(Refusal::MalformedBody));
        }
        let now = self.host.now().utc;
        let before = self.organisation_story().await?;
        if before.ending(logger, now).is_some_and(|ended| ended.says.ending == ending) {
            return Err(AppError::OutOfOrder("the logger has ended so before"));
        }
        let ended = LoggerEnded { logger, ending, reason };
        self.sign(vec![Happened::new(None, &ended)], SignVerdict::Never, |_| Ok(())).await
    }

    /// The organisation's rules and ended loggers, as this device holds them.
    ///
    /// # Errors
    /// The store's.
    pub async fn organisation_story(&self) -> Result<OrganisationStory, AppError> {
        let organisation = self.host.identity().organisation;
        let read =
            move |view: &mut firn_ledger::store::View<'_>| read_model::organisation(view, &organisation);
        self.host.with_store(move |store| store.read(read)).await
    }

    /// Whether these loggers may travel at `at`, and no reason is given without need: none ended, and where the organisation keeps certificates each
    /// with one that holds then, or with a reason why it travels all the same.
    pub(crate) async fn check_loggers(
        &self,
        placements: &[Placement],
        overrides: &[LoggerReason],
        at: UtcMillis,
    ) -> Result<(), AppError> {
        let organisation = self.organisation_story().await?;
        let fleet = self.fleet().await?;
        let known = fleet.now();
        let label = |id: Id| known.get(&id).map_or_else(|| id.to_string(), |logger| logger.label.clone());
        for one in overrides {
            if !placements.iter().any(|placement| placement.logger == one.logger) {
                return Err(AppError::NotInShipment { what: "logger", name: label(one.logger) });
            }
            if one.reason.trim().is_empty() {
                return Err(AppError::Refused(Refusal::MalformedBody));
            }
        }
        for placement in placements {
            if organisation.ending(placement.logger, at).is_some() {
                return Err(AppError::OutOfOrder(
                    "a logger that ended as lost, faulty or retired cannot travel",
                ));
            }
            let stood = fleet.calibration(placement.logger, at, at);
            let held = !matches!(stood, Some(Calibration::Expired(_) | Calibration::Missing));
            let reason = overrides.iter().any(|one| one.logger == placement.logger);
            if reason && matches!(stood, Some(Calibration::Valid(_))) {
                return Err(AppError::Contradiction(
                    "the certificate of a logger with a reason to travel without one holds at the pick-up",
                ));
            }
            if !held && !reason {
                return Err(lapsed(&label(placement.logger), stood.as_ref()));
            }
        }
        Ok(())
    }
}

/// The refusal of a logger without a certificate that holds: which one ran out when, or that there is none.
fn lapsed(label: &str, stood: Option<&Calibration>) -> AppError {
    AppError::CertificateExpired(match stood {
        Some(Calibration::Expired(certificate)) => format!(
            "the certificate {} of logger `{label}` held until {} and has expired at the pick-up",
            certificate.number, certificate.due
        ),
        _ => format!("logger `{label}` has no certificate that was in force at the pick-up"),
    })
}
