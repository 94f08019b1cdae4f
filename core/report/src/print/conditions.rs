//! What else was measured, and what people saw: beside the temperatures, on the same time line.

use super::section::{column, fact, number, wide};
use super::{Block, Fact, Listing, Matter, Section, decisions, text, words};
use firn_model::api::{ConditionShown, HistoryEvent, Occurrence};
use firn_model::conditions::{ConditionAssessment, ConditionExcursion, ConditionOutcome};
use firn_model::profile::{AlarmMode, ConditionLimit};
use firn_model::reading::Quantity;
use firn_model::record::Observation;
use firn_model::units::Decimal;

const NOTE: &str = "By limits of their own; no part of the verdict on temperatures. Values between two readings are \
    not known; acceleration is a sample, and a blow between two samples is not seen.";

const AVERAGES: &str = "Values marked so are averages over the logging step: a short peak is not seen.";

/// Conditions, their stretches out of limits, and observations; nothing where there is none.
pub(super) fn sections(matter: &Matter<'_>) -> Vec<Section> {
    let conditions = &matter.detail.conditions;
    let out = || {
        conditions.iter().flat_map(|shown| shown.assessment.excursions.iter().map(move |one| (shown, one)))
    };
    let mut sections = Vec::new();
    if !conditions.is_empty() {
        let averages = conditions.iter().any(|shown| shown.assessment.aggregation.is_some());
        let averages = averages.then(|| fact("average", AVERAGES));
        let facts: Vec<Fact> = [Some(fact("Judged", NOTE)), averages].into_iter().flatten().collect();
        let rows = conditions.iter().map(|shown| row(matter, shown)).collect();
        let blocks = vec![Block::Facts { rows: facts }, Block::Table(overview(rows))];
        sections.push(Section::new("Conditions", blocks));
    }
    if out().next().is_some() {
        let rows = out().map(|(shown, one)| stretch(matter, shown, one)).collect();
        sections.push(Section::new("Conditions out of limits", vec![Block::Table(stretches(rows))]));
    }
    sections.extend(observations(matter));
    sections
}

fn overview(rows: Vec<Vec<String>>) -> Listing {
    let columns = vec![
        wide("Logger", 3),
        wide("Quantity", 3),
        wide("Limits", 4),
        number("Readings"),
        number("Lowest"),
        number("Highest"),
        wide("Stands", 4),
    ];
    Listing { columns, rows, none: "Nothing else was measured." }
}

fn row(matter: &Matter<'_>, shown: &ConditionShown) -> Vec<String> {
    let judged = &shown.assessment;
    let quantity = judged.channel.quantity;
    let average = if judged.aggregation.is_some() { " (average)" } else { "" };
    let value = |value: Option<i32>| value.map_or_else(|| "–".into(), |value| self::value(quantity, value));
    let (lowest, highest) = match judged.movements {
        Some(counted) => ("–".to_owned(), format!("{counted} counted")),
        None => (value(judged.lowest), value(judged.highest)),
    };
    vec![
        shown.label.clone(),
        format!("{}{average}", name(judged)),
        limits(judged),
        judged.count.to_string(),
        lowest,
        highest,
        outcome(matter, judged),
    ]
}

/// A channel's quantity, with its probe where it is not the first.
fn name(judged: &ConditionAssessment) -> String {
    match judged.channel.probe {
        0 => judged.channel.quantity.name().into(),
        probe => format!("{}, probe {probe}", judged.channel.quantity.name()),
    }
}

fn outcome(matter: &Matter<'_>, judged: &ConditionAssessment) -> String {
    match (judged.outcome, judged.out_since) {
        (ConditionOutcome::Out, Some(since)) => format!("OUT since {}", matter.local(since)),
        (ConditionOutcome::Out, None) => "OUT".into(),
        (ConditionOutcome::Within, _) => "within limits".into(),
        (ConditionOutcome::NotJudged, _) if judged.count == 0 => "not judged: no readings".into(),
        (ConditionOutcome::NotJudged, _) => "not judged: no limit".into(),
    }
}

/// What a channel is judged by, and for which lines where it is not for all.
fn limits(judged: &ConditionAssessment) -> String {
    let limit = judged.limit.as_ref().map_or_else(|| "none".into(), limit);
    match &judged.lines {
        Some(lines) => format!("{limit} ({})", decisions::lines(lines)),
        None => limit,
    }
}

/// A limit in words: `at most 60 %, for 1 h in one stretch`.
fn limit(limit: &ConditionLimit) -> String {
    let value = |value| self::value(limit.quantity, value);
    let range = match (limit.low, limit.high) {
        (Some(low), Some(high)) => format!("{} to {}", value(low), value(high)),
        (Some(low), None) => format!("at least {}", value(low)),
        (None, Some(high)) => format!("at most {}", value(high)),
        (None, None) => "none".into(),
    };
    if limit.allowance_s == 0 {
        return range;
    }
    let time = text::duration(u64::from(limit.allowance_s) * 1000);
    let mode = if limit.mode == AlarmMode::Single { "in one stretch" } else { "in all" };
    format!("{range}, for {time} {mode}")
}

/// A value with its unit: `45.34 %`, `1013.25 hPa`, `2.977 V`.
pub(super) fn value(quantity: Quantity, value: i32) -> String {
    let (unit, scale) = quantity.unit();
    format!("{} {unit}", Decimal { mantissa: i64::from(value), scale }).trim_end().to_owned()
}

fn stretches(rows: Vec<Vec<String>>) -> Listing {
    let columns = vec![
        wide("Logger", 2),
        wide("Quantity", 2),
        column("Side"),
        column("From"),
        column("To"),
        number("Furthest"),
        wide("Ended by", 3),
    ];
    Listing { columns, rows, none: "None." }
}

/// A channel's quantity, with the lines that it is judged for where it is not for all.
fn of_lines(judged: &ConditionAssessment) -> String {
    match &judged.lines {
        Some(lines) => format!("{} ({})", name(judged), decisions::lines(lines)),
        None => name(judged),
    }
}

fn stretch(matter: &Matter<'_>, shown: &ConditionShown, one: &ConditionExcursion) -> Vec<String> {
    vec![
        shown.label.clone(),
        of_lines(&shown.assessment),
        words::bound(one.bound).into(),
        matter.local(one.begin),
        matter.local_or_dash(one.end),
        value(shown.assessment.channel.quantity, one.extreme),
        words::ended_by(one.ended_by).into(),
    ]
}

fn observations(matter: &Matter<'_>) -> Option<Section> {
    let seen = |event: &HistoryEvent| match &event.occurrence {
        Occurrence::Observed { observation, gives_cause } if event.refused.is_none() => {
            Some(observed(matter, event, observation, *gives_cause))
        }
        _ => None,
    };
    let rows: Vec<Vec<String>> = matter.detail.history.iter().filter_map(seen).collect();
    if rows.is_empty() {
        return None;
    }
    let columns = vec![
        column("Seen at"),
        wide("What", 4),
        wide("Where", 2),
        wide("Note", 3),
        wide("Photo, SHA-256", 5),
        wide("By", 3),
    ];
    let listing = Listing { columns, rows, none: "None." };
    Some(Section::new("Observations", vec![Block::Table(listing)]))
}

fn observed(
    matter: &Matter<'_>,
    event: &HistoryEvent,
    observation: &Observation,
    gives_cause: bool,
) -> Vec<String> {
    let cause = if gives_cause { " – for review" } else { "" };
    let dash = |text: Option<String>| text.unwrap_or_else(|| "–".into());
    vec![
        matter.local(observation.at),
        format!("{}{cause}", decisions::observed(observation.observed)),
        dash(observation.place.clone()),
        dash(observation.note.clone()),
        dash(observation.photo.map(|photo| text::grouped_hex(&photo.0))),
        words::hand(event.person.as_ref(), &event.device),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_and_a_limit_are_told_in_the_unit_that_people_read() {
        assert_eq!(value(Quantity::Humidity, 453_400), "45.34 %");
        assert_eq!(value(Quantity::Pressure, 101_325), "1013.25 hPa");
        assert_eq!(value(Quantity::BatteryVoltage, 2977), "2.977 V");
        assert_eq!(value(Quantity::Movement, 12), "12");
        let humid = ConditionLimit {
            quantity: Quantity::Humidity,
            low: None,
            high: Some(600_000),
            allowance_s: 3600,
            mode: AlarmMode::Single,
        };
        assert_eq!(limit(&humid), "at most 60 %, for 1 h in one stretch");
    }
}
