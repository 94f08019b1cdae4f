//! Words about what else was measured, and what people saw.

use super::name;
use firn_model::api::ConditionShown;
use firn_model::conditions::{ConditionAssessment, ConditionOutcome};
use firn_model::reading::Quantity;
use firn_model::record::Observation;
use firn_model::units::Decimal;

/// One line for a condition: `Box 7 humidity: 45 to 71 %, OUT since …`.
pub fn condition(shown: &ConditionShown) -> String {
    let judged = &shown.assessment;
    let quantity = judged.channel.quantity;
    let measured = match (judged.movements, judged.lowest, judged.highest) {
        (Some(counted), ..) => format!("{counted} counted"),
        (None, Some(low), Some(high)) => format!("{} to {}", number(quantity, low), value(quantity, high)),
        _ => "no readings".into(),
    };
    let stands = match (judged.outcome, judged.out_since) {
        (ConditionOutcome::Out, Some(since)) => format!("OUT since {since}"),
        (outcome, _) => name(&outcome),
    };
    let average = if judged.aggregation.is_some() { ", averages" } else { "" };
    let probe = if judged.channel.probe > 0 { format!(" {}", judged.channel.probe) } else { String::new() };
    let lines = of_lines(judged);
    format!("{} {}{probe}{lines}: {measured}{average}, {stands}", shown.label, quantity.name())
}

/// The lines that it is judged for, and by which limit, where it is not for all.
fn of_lines(judged: &ConditionAssessment) -> String {
    let Some(lines) = &judged.lines else { return String::new() };
    let of = |value| self::value(judged.channel.quantity, value);
    let limit = judged.limit.map(|limit| match (limit.low, limit.high) {
        (Some(low), Some(high)) => format!(", {} to {}", number(limit.quantity, low), of(high)),
        (Some(low), None) => format!(", at least {}", of(low)),
        (None, Some(high)) => format!(", at most {}", of(high)),
        (None, None) => String::new(),
    });
    format!(" ({}{})", super::life::lines(lines), limit.unwrap_or_default())
}

fn number(quantity: Quantity, value: i32) -> String {
    Decimal { mantissa: i64::from(value), scale: quantity.unit().1 }.to_string()
}

fn value(quantity: Quantity, value: i32) -> String {
    format!("{} {}", number(quantity, value), quantity.unit().0).trim_end().to_owned()
}

/// What a person saw, in the history.
pub fn observation(seen: &Observation, gives_cause: bool) -> String {
    let place = seen.place.as_ref().map(|place| format!(" on {place}")).unwrap_or_default();
    let note = seen.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
    let photo =
        seen.photo.map(|photo| format!(", photo SHA-256 {}", data_encoding::HEXLOWER.encode(&photo.0)));
    let cause = if gives_cause { " (a reason for review)" } else { "" };
    let late = super::late(seen.reason.as_ref());
    let photo = photo.unwrap_or_default();
    format!("saw {}{place} at {}{note}{photo}{cause}{late}", seen.observed.words(), seen.at)
}
