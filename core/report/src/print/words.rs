//! English words for verdicts, reasons, roles and what happened. Never "safe" or "usable".

use super::{Banner, decisions, text};
use data_encoding::HEXLOWER;
use firn_model::api::{CalibrationStanding, CustodyStep, Device, Occurrence, Phase, ShipmentSummary, Stock};
use firn_model::assess::{EndedBy, Reason, Verdict};
use firn_model::profile::{AlarmMode, AlarmRule, Bound, Freeze, Profile, Severity};
use firn_model::reading::Source;
use firn_model::record::{ClockSet, Decision};
use firn_model::role::Role;
use firn_model::shipment::Signer;
use firn_model::units::MilliCelsius;
use firn_model::vault::{Commitment, PositionKnown};

/// The verdict as the banner shows it.
pub(super) fn banner(summary: &ShipmentSummary) -> Banner {
    let (kind, sentence) = match summary.verdict {
        _ if summary.phase == Phase::Cancelled => {
            let sentence = "The shipment was cancelled: it never took place, and there is nothing to judge.";
            return Banner { kind: "review", words: "Cancelled", sentence, stock: None, barred: false };
        }
        Verdict::Ok => ("ok", "No alarm fired, and nothing asks for a person's review."),
        // An alarm may have fired all the same: a warning, or within the band of a stability budget.
        Verdict::Review => {
            ("review", "No alarm puts the goods out of range, but a person has to look at the reasons below.")
        }
        Verdict::Excursion => (
            "excursion",
            "An alarm fired, or a reading lies outside a limit. A person decides about the stock.",
        ),
    };
    let lines = (!summary.do_not_use_lines.is_empty())
        .then(|| format!(", DO NOT USE {}", decisions::lines(&summary.do_not_use_lines)));
    let held = lines.filter(|_| summary.stock != Some(Stock::Quarantine)).unwrap_or_default();
    let stock = summary.stock.map(|standing| format!("{}{held}", stock(standing)));
    let barred = summary.do_not_use || summary.stock == Some(Stock::Rejected);
    Banner { kind, words: verdict(summary.verdict), sentence, stock, barred }
}

/// A verdict.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "In range",
        Verdict::Review => "Needs review",
        Verdict::Excursion => "Out of range",
    }
}

/// How stock stands.
pub(super) fn stock(stock: Stock) -> &'static str {
    match stock {
        Stock::Received => "Received",
        Stock::Quarantine => "DO NOT USE",
        Stock::Released => "Released",
        Stock::ReleasedInPart => "Released in part",
        Stock::Rejected => "REJECTED",
    }
}

/// Which way readings came.
pub(super) fn source(source: Source) -> &'static str {
    match source {
        Source::Advert => "advert",
        Source::Log => "download",
        Source::Import => "file",
    }
}

/// A reason as a sentence.
pub(super) fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::NoReadings => "There are no readings to judge.",
        Reason::Gap => "Data are missing for longer than one and a half logging intervals.",
        Reason::GapWorstCase => "Were the time without data all out of range, an alarm would have fired.",
        Reason::OutWithoutAlarm => "Readings lie outside the limits, and at most a warning fired for them.",
        Reason::Warning => "A warning fired.",
        Reason::Freeze => "A reading below 0.0 °C: the product is sensitive to freezing.",
        Reason::BudgetUsed => "Part of a stability budget is used.",
        Reason::LegMissing => {
            "An earlier leg is not held here, or was not watched until the goods went on: of a budget, at most what is shown may be left."
        }
        Reason::LegNotReleased => {
            "An earlier leg was rejected, is held, or was out of range and nobody released it."
        }
        Reason::Provenance => {
            "Who sent the readings was not checked: they were heard, downloaded over an open connection, or come from an unsigned file."
        }
        Reason::Calibration => {
            "A logger's calibration is missing, has expired, or was found out of tolerance later."
        }
        Reason::Clock => "The clocks of the devices disagree.",
        Reason::LoggerMissing => "A logger of this shipment has delivered no readings.",
        Reason::CustodyConflict => {
            "Another organisation took the shipment over, and it was received here without knowing of that."
        }
        Reason::PartnerUnknown => "An entry comes from an organisation that is not known here.",
        Reason::LateEntry => "An entry was recorded later than what it tells of.",
        Reason::MembershipStale => {
            "The list of the organisation's devices has not been refreshed for too long."
        }
        Reason::Observation => "A person or an indicator reports something.",
        Reason::Count => "The receiver counted another quantity than was sent.",
        Reason::Expired => "A line had expired when it arrived, or was too near to it.",
    }
}

/// How a logger's calibration stood over the shipment.
pub(super) fn calibration(stood: Option<CalibrationStanding>) -> &'static str {
    match stood {
        None => "no certificates were kept",
        Some(CalibrationStanding::Valid) => "valid throughout",
        Some(CalibrationStanding::Expired) => "EXPIRED before the end",
        Some(CalibrationStanding::Missing) => "MISSING",
        Some(CalibrationStanding::FoundOut) => "FOUND OUT OF TOLERANCE by the calibration after",
    }
}

/// A device with its role.
pub(super) fn device(device: &Device) -> String {
    match device.role {
        Some(role) => format!("{} ({})", device.label, self::role(role)),
        None => format!("{} (not enrolled)", device.label),
    }
}

/// A person by printed name and role, or a dash where none signed.
pub(super) fn person(person: Option<&Signer>) -> String {
    person.map_or_else(|| "–".into(), |person| format!("{} ({})", person.name, role(person.role)))
}

/// Whose hand it was: the person's, or the device's where none signed.
pub(super) fn hand(person: Option<&Signer>, device: &Device) -> String {
    match person {
        Some(_) => self::person(person),
        None => self::device(device),
    }
}

/// A person's title with the role, or the role alone.
pub(super) fn title(person: &Signer) -> String {
    match &person.title {
        Some(title) => format!("{title} ({})", role(person.role)),
        None => role(person.role).into(),
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Courier => "courier",
        Role::Pharmacist => "pharmacist",
        Role::Quality => "quality",
        Role::Admin => "admin",
    }
}

/// A side of a range.
pub(super) fn bound(bound: Bound) -> &'static str {
    match bound {
        Bound::Above => "above",
        Bound::Below => "below",
    }
}

/// An alarm's limit: `above 8.0 °C`, `at or above 45.0 °C`, `above 8.0 °C, by the guard band 7.5 °C`.
pub(super) fn limit(rule: &AlarmRule, profile: Option<&Profile>) -> String {
    let scale = profile.map(|profile| profile.scale).unwrap_or_default();
    let at = if rule.inclusive { "at or " } else { "" };
    let limit = format!("{at}{} {}", bound(rule.bound), text::at_scale(rule.limit, scale));
    let Some(band) = profile.map(|profile| profile.guard_band.0).filter(|band| *band != 0) else {
        return limit;
    };
    let narrowed = match rule.bound {
        Bound::Above => rule.limit.0.saturating_sub(band),
        Bound::Below => rule.limit.0.saturating_add(band),
    };
    format!("{limit}, by the guard band {}", text::at_scale(MilliCelsius(narrowed), scale))
}

/// An alarm's allowance: `30 min in one stretch`, `10 h in all`, `at once`.
pub(super) fn allowance(rule: &AlarmRule) -> String {
    if rule.allowance_s == 0 {
        return "at once".into();
    }
    let time = text::duration(u64::from(rule.allowance_s) * 1000);
    match rule.mode {
        AlarmMode::Single => format!("{time} in one stretch"),
        AlarmMode::Cumulative => format!("{time} in all"),
    }
}

/// How grave an alarm is.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "warning",
        Severity::Alarm => "alarm",
        Severity::Critical => "critical",
    }
}

/// What ended an excursion.
pub(super) fn ended_by(ended_by: EndedBy) -> &'static str {
    match ended_by {
        EndedBy::Reading => "a reading in range",
        EndedBy::Gap => "a gap",
        EndedBy::Crossed => "a reading out on the other side",
        EndedBy::Open => "still open at the last reading",
    }
}

/// What freezing does to the goods.
pub(super) fn freeze(freeze: Freeze) -> &'static str {
    match freeze {
        Freeze::Sensitive => "must not freeze",
        Freeze::Tolerant => "tolerates freezing",
        Freeze::FrozenProduct => "is stored frozen",
    }
}

/// What an entry says; `logger` names a logger, `time` prints an instant.
pub(super) fn occurrence(
    occurrence: &Occurrence,
    logger: &dyn Fn(firn_model::id::Id) -> String,
    time: &dyn Fn(firn_model::time::UtcMillis) -> String,
) -> String {
    match occurrence {
        Occurrence::Created => "Shipment created".into(),
        Occurrence::Started { loggers, overrides, at, reason } => {
            let counted = if *loggers == 1 { "1 logger".to_owned() } else { format!("{loggers} loggers") };
            let told = |one: &firn_model::record::LoggerReason| {
                format!("; {} without a certificate that holds: {}", logger(one.logger), one.reason)
            };
            let told: String = overrides.iter().map(told).collect();
            format!("Picked up at {} with {counted}{told}{}", time(*at), late(reason.as_ref()))
        }
        Occurrence::Readings { logger: of, count, first, last, clock_set } => {
            let after = if clock_set.is_some() { ", read after its clock was set" } else { "" };
            let counted = text::counted(*count as usize, "reading", "readings");
            format!("Sealed {counted} of {}, {} to {}{after}", logger(*of), time(*first), time(*last))
        }
        Occurrence::ClockSet { logger: of, clock_set: set } => {
            format!("Set the clock of {} to {}", logger(*of), self::clock_set(set))
        }
        Occurrence::Session { logger: of, session } => {
            let digest = text::grouped_hex(&session.digest.0);
            format!(
                "Kept the raw session of {}, not checked: {} bytes, SHA-256 {digest}",
                logger(*of),
                session.bytes
            )
        }
        Occurrence::Assessed { verdict: found, reasons } => {
            let codes: Vec<&str> = reasons.iter().map(|reason| reason.code()).collect();
            let because = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) };
            format!("Signed the verdict: {}{because}", verdict(*found).to_lowercase())
        }
        Occurrence::Custody { step } => custody(*step).into(),
        Occurrence::Received { note, checklist, at, reason } => {
            let note = note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
            let checked = checklist.as_ref().map(|one| decisions::checklist(one, logger)).unwrap_or_default();
            format!("Received at {}{note}{checked}{}", time(*at), late(reason.as_ref()))
        }
        Occurrence::Disposition { decision: made, reason, lines } => {
            let lines =
                lines.as_ref().map(|lines| format!(" ({})", decisions::lines(lines))).unwrap_or_default();
            format!("{}{lines}: {reason}", decision(*made))
        }
        Occurrence::Position { commitment, known } => position(commitment, known),
        Occurrence::Taken { partner, evidence, recognition, custody } => {
            super::custody::taken(partner, evidence, *recognition, *custody)
        }
        Occurrence::Closed => "Record closed".into(),
        Occurrence::Cancelled { reason } => {
            format!("Record closed, for the shipment never took place: {reason}")
        }
        Occurrence::Other { kind } => format!("An entry of kind {kind}, which this release does not show"),
        other => decisions::occurrence(other, time),
    }
}

/// Why something was recorded late, where it was.
pub(super) fn late(reason: Option<&String>) -> String {
    reason.map(|reason| format!("; recorded late: {reason}")).unwrap_or_default()
}

/// A position where it was opened for this report, else what stands for it.
fn position(commitment: &Commitment, known: &PositionKnown) -> String {
    match known {
        PositionKnown::Opened { position } => format!("Recorded the position of the step before: {position}"),
        _ => {
            let digits: String = HEXLOWER.encode(&commitment.0).chars().take(16).collect();
            format!("Recorded the position of the step before; not in this report (commitment {digits}…)")
        }
    }
}

/// What a clock was set to as it was written, and what it showed before.
pub(super) fn clock_set(set: &ClockSet) -> String {
    let before = match set.before {
        Some(before) => format!("it showed {}", before.to_rfc3339_at(set.offset)),
        None => "what it showed before is not known".into(),
    };
    format!("{} as local time; {before}", set.to.to_rfc3339_at(set.offset))
}

fn custody(step: CustodyStep) -> &'static str {
    match step {
        CustodyStep::Offered => "Offered custody",
        CustodyStep::Accepted => "Took custody",
        CustodyStep::Confirmed => "Confirmed that custody passed",
    }
}

pub(super) fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Release => "Released",
        Decision::ReleaseInPart => "Released in part",
        Decision::Reject => "Rejected",
    }
}

/// What a device's signature proves and what it does not.
pub(super) const SIGNATURE: &str = "A signature proves which device recorded what, when it was sealed, and that \
    nothing has changed since. It does not prove that a sensor was right, that it was calibrated, or that it \
    lay inside the package. From this report alone nobody can tell that no later entry exists.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_of_the_report_promises_that_stock_may_be_used() {
        let mut words: Vec<String> = Reason::ALL.into_iter().map(|one| reason(one).to_lowercase()).collect();
        words.extend(
            [Verdict::Ok, Verdict::Review, Verdict::Excursion].map(|one| verdict(one).to_lowercase()),
        );
        words.push(SIGNATURE.to_lowercase());
        for word in words {
            assert!(!word.contains("safe") && !word.contains("usable"), "{word}");
        }
    }
}
