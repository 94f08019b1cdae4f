//! Which words, shape and next step belong to what the app tells: no wording is decided elsewhere.

mod codes;
mod life;
pub(crate) mod task;

pub(crate) use life::{
    advice_words, calibration_words, ending_words, meaning_words, partner_words, policy_words, seal_words,
    step_words,
};

use crate::i18n::{Texts, fill};
use crate::show::isolated;
use firn_model::api::{CustodyStep, Device, Phase, Refusal, ShipmentSummary, Stock};
use firn_model::assess::{Reason, Verdict};
use firn_model::profile::{Bound, Limits};
use firn_model::reading::Quantity;
use firn_model::record::Decision;
use firn_model::role::Role;
use firn_model::units::{ABSOLUTE_ZERO, MilliCelsius};

/// What a shipment's mark shows: the verdict, once readings can count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Before the pick-up no reading counts, so that no verdict is due.
    Pending,
    Judged(Verdict),
}

impl Mark {
    pub(crate) fn of(summary: &ShipmentSummary) -> Self {
        match (summary.phase, summary.verdict, summary.started) {
            (Phase::Created | Phase::Cancelled, Verdict::Review, None)
                if summary.reasons.iter().all(|reason| is_due_to_absence(*reason)) =>
            {
                Self::Pending
            }
            _ => Self::Judged(summary.verdict),
        }
    }

    /// The suffix of its classes in the style sheet.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Judged(Verdict::Ok) => "ok",
            Self::Judged(Verdict::Review) => "review",
            Self::Judged(Verdict::Excursion) => "excursion",
        }
    }

    pub(crate) fn words(self, texts: &Texts) -> &'static str {
        match self {
            Self::Pending => texts.verdict.pending,
            Self::Judged(verdict) => verdict_words(verdict, texts),
        }
    }

    pub(crate) fn meaning(self, texts: &Texts) -> &'static str {
        match self {
            Self::Pending => texts.verdict.pending_means,
            Self::Judged(Verdict::Ok) => texts.verdict.ok_means,
            Self::Judged(Verdict::Review) => texts.verdict.review_means,
            Self::Judged(Verdict::Excursion) => texts.verdict.excursion_means,
        }
    }
}

/// Whether a reason says no more than that nothing has been measured.
fn is_due_to_absence(reason: Reason) -> bool {
    matches!(reason, Reason::NoReadings | Reason::LoggerMissing)
}

pub(crate) fn verdict_words(verdict: Verdict, texts: &Texts) -> &'static str {
    match verdict {
        Verdict::Ok => texts.verdict.ok,
        Verdict::Review => texts.verdict.review,
        Verdict::Excursion => texts.verdict.excursion,
    }
}

pub(crate) fn reason_words(reason: Reason, texts: &Texts) -> &'static str {
    let texts = &texts.reason;
    match reason {
        Reason::NoReadings => texts.no_readings,
        Reason::Gap => texts.gap,
        Reason::GapWorstCase => texts.gap_worst_case,
        Reason::OutWithoutAlarm => texts.out_without_alarm,
        Reason::Warning => texts.warning,
        Reason::Freeze => texts.freeze,
        Reason::BudgetUsed => texts.budget_used,
        Reason::LegMissing => texts.leg_missing,
        Reason::LegNotReleased => texts.leg_not_released,
        Reason::Provenance => texts.provenance,
        Reason::Calibration => texts.calibration,
        Reason::Clock => texts.clock,
        Reason::LoggerMissing => texts.logger_missing,
        Reason::CustodyConflict => texts.custody_conflict,
        Reason::PartnerUnknown => texts.partner_unknown,
        Reason::LateEntry => texts.late_entry,
        Reason::MembershipStale => texts.membership_stale,
        Reason::Observation => texts.observation,
        Reason::Count => texts.count,
        Reason::Expired => texts.expired,
    }
}

pub(crate) fn phase_words(phase: Phase, texts: &Texts) -> &'static str {
    match phase {
        Phase::Created => texts.phase.created,
        Phase::InTransit => texts.phase.in_transit,
        Phase::Received => texts.phase.received,
        Phase::Closed => texts.phase.closed,
        Phase::Cancelled => texts.phase.cancelled,
    }
}

pub(crate) fn stock_words(stock: Stock, texts: &Texts) -> &'static str {
    match stock {
        Stock::Received => texts.stock.received,
        Stock::Quarantine => texts.stock.quarantine,
        Stock::Released => texts.stock.released,
        Stock::ReleasedInPart => texts.stock.released_in_part,
        Stock::Rejected => texts.stock.rejected,
    }
}

/// The one thing to do next with a shipment.
pub(crate) fn next_step(summary: &ShipmentSummary, texts: &Texts) -> &'static str {
    let texts = &texts.next;
    match (summary.phase, summary.stock, summary.verdict) {
        (Phase::Closed | Phase::Cancelled, ..) => texts.closed,
        (_, Some(Stock::Quarantine), _) => texts.decide,
        (_, Some(_), _) if summary.do_not_use => texts.decide,
        (_, Some(Stock::Received), _) => texts.release,
        (_, Some(Stock::Released | Stock::ReleasedInPart), _) => texts.kept,
        (_, Some(Stock::Rejected), _) => texts.rejected,
        (Phase::Created, None, _) => texts.start,
        (_, None, Verdict::Ok) => texts.carry,
        (_, None, Verdict::Review | Verdict::Excursion) => texts.act_now,
    }
}

pub(crate) fn decision_words(decision: Decision, texts: &Texts) -> &'static str {
    match decision {
        Decision::Release => texts.steps.release,
        Decision::ReleaseInPart => texts.steps.release_in_part,
        Decision::Reject => texts.steps.reject,
    }
}

pub(crate) fn quantity_words(quantity: Quantity, texts: &Texts) -> &'static str {
    let texts = &texts.condition;
    match quantity {
        Quantity::Temperature => texts.temperature,
        Quantity::Humidity => texts.humidity,
        Quantity::Pressure => texts.pressure,
        Quantity::Movement => texts.movement,
        Quantity::Acceleration => texts.acceleration,
        Quantity::BatteryVoltage => texts.battery_voltage,
        Quantity::BatteryCharge => texts.battery_charge,
    }
}

pub(crate) fn custody_words(step: CustodyStep, texts: &Texts) -> &'static str {
    match step {
        CustodyStep::Offered => texts.history.offered,
        CustodyStep::Accepted => texts.history.accepted,
        CustodyStep::Confirmed => texts.history.confirmed,
    }
}

/// A device by its label and role; one that no admission names has neither.
pub(crate) fn device_words(device: &Device, texts: &Texts) -> String {
    if device.role.is_none() && device.label.is_empty() {
        return texts.history.unknown_device.to_owned();
    }
    let role = role_words(device.role, texts);
    fill(texts.history.signed_by, &[("device", &isolated(&device.label)), ("role", role)])
}

pub(crate) fn role_words(role: Option<Role>, texts: &Texts) -> &'static str {
    match role {
        Some(Role::Courier) => texts.device.courier,
        Some(Role::Pharmacist) => texts.device.pharmacist,
        Some(Role::Quality) => texts.device.quality,
        Some(Role::Admin) => texts.device.admin,
        None => texts.device.unknown_role,
    }
}

/// On which side of the limits a reading lies; both limits are in range.
pub(crate) fn side(value: MilliCelsius, limits: Limits) -> Option<Bound> {
    if value > limits.max {
        Some(Bound::Above)
    } else if value < limits.min {
        Some(Bound::Below)
    } else {
        None
    }
}

pub(crate) fn side_words(side: Option<Bound>, texts: &Texts) -> &'static str {
    match side {
        None => texts.chart.in_range,
        Some(Bound::Above) => texts.chart.above,
        Some(Bound::Below) => texts.chart.below,
    }
}

/// Whether a profile has no lower limit: then its lower end is absolute zero.
pub(crate) fn has_no_lower_limit(limits: Limits) -> bool {
    limits.min <= ABSOLUTE_ZERO
}

/// Received signal strength in words; the classes are those that phone makers draw as bars.
pub(crate) fn signal_words(rssi_dbm: Option<i16>, texts: &Texts) -> &'static str {
    match rssi_dbm {
        None => texts.nearby.not_live,
        Some(-60..) => texts.nearby.strong,
        Some(-75..=-61) => texts.nearby.good,
        Some(-90..=-76) => texts.nearby.weak,
        Some(..=-91) => texts.nearby.very_weak,
    }
}

/// How many of four bars are full.
pub(crate) fn signal_bars(rssi_dbm: Option<i16>) -> u8 {
    match rssi_dbm {
        None => 0,
        Some(-60..) => 4,
        Some(-75..=-61) => 3,
        Some(-90..=-76) => 2,
        Some(..=-91) => 1,
    }
}

/// The family of loggers that no radio hears.
pub(crate) const FILE: &str = "file";

/// The family's own name of a logger's make; in words where it is none.
pub(crate) fn family_words<'a>(family: &'a str, texts: &Texts) -> &'a str {
    match family {
        FILE => texts.file.family,
        "ruuvitag" => "RuuviTag",
        "bthome" => "BTHome",
        other => other,
    }
}

/// Why an entry does not count, by the code of `model::authority`, in either of its spellings.
pub(crate) fn refused_words(code: &str, texts: &Texts) -> Option<&'static str> {
    let texts = &texts.refused;
    Some(match code.trim_start_matches("authority/") {
        "device-not-enrolled" => texts.device_not_enrolled,
        "disputed" => texts.disputed,
        "provisional" => texts.provisional,
        "role-may-not-sign" => texts.role_may_not_sign,
        "malformed-body" => texts.malformed_body,
        "repeated" => texts.repeated,
        "out-of-order" => texts.out_of_order,
        "not-the-custodian" => texts.not_the_custodian,
        "expired" => texts.expired,
        "second-person-needed" => texts.second_person_needed,
        "not-settled" => texts.not_settled,
        "lines-barred" => texts.lines_barred,
        "not-a-reason" => texts.not_a_reason,
        "unknown-name" => texts.unknown_name,
        "person-missing" => texts.person_missing,
        "person-not-enrolled" => texts.person_not_enrolled,
        "person-ended" => texts.person_ended,
        "person-not-trained" => texts.person_not_trained,
        "key-not-of-the-person" | "key-not-of-person" => texts.key_not_of_person,
        "still-to-come" => texts.still_to_come,
        "late-without-reason" => texts.late_without_reason,
        "key-withdrawn" => texts.key_withdrawn,
        _ => return None,
    })
}

/// A refusal in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Worded {
    pub cause: String,
    pub next_step: String,
    /// Whether the words are those of the app, in English, because the code is not worded here.
    pub as_sent: bool,
}

/// Words a refusal by its code; an unknown code keeps the words that came with it.
pub(crate) fn refusal_words(refusal: &Refusal, texts: &Texts) -> Worded {
    match codes::by_code(&refusal.code, texts) {
        Some((cause, next_step)) => {
            Worded { cause: cause.into(), next_step: next_step.into(), as_sent: false }
        }
        None => {
            Worded { cause: sentence(&refusal.cause), next_step: sentence(&refusal.next_step), as_sent: true }
        }
    }
}

/// A logger wants its clock set, and nobody has allowed that: a question, rather than a failure.
pub(crate) const CLOCK_CONSENT: &str = "ble/clock-consent-needed";
/// A scan that names no goods, refused by the page itself.
pub(crate) const NO_GOODS: &str = "ui/no-goods";
/// The page runs without the app around it.
pub(crate) const NO_SHELL: &str = "ui/no-shell";
/// The app stopped answering.
pub(crate) const LOST: &str = "ui/connection-lost";
/// The answer is not of this version's shape.
pub(crate) const UNREADABLE: &str = "ui/unreadable-answer";

/// With a capital letter and a full stop, as the sentences of the screen have them.
fn sentence(text: &str) -> String {
    let mut characters = text.trim().chars();
    let Some(first) = characters.next() else { return String::new() };
    let mut sentence: String = first.to_uppercase().chain(characters).collect();
    if !sentence.ends_with(['.', '!', '?', '…']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests;
