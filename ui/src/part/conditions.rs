//! What else was measured: one row for each channel, on the time line of the temperatures, beside the verdict.

use super::history::names_of_lines;
use super::icon;
use crate::app::Ui;
use crate::i18n::fill;
use crate::wording;
use firn_model::api::{ConditionPoint, ConditionShown, ShipmentDetail};
use firn_model::conditions::ConditionOutcome;
use firn_model::profile::ConditionLimit;
use firn_model::reading::Quantity;
use firn_model::record::ItemLine;
use firn_model::time::UtcMillis;
use leptos::prelude::*;

/// How wide a row's curve is, in columns: of more readings the lowest and highest of each column are drawn.
const COLUMNS: i64 = 120;
/// How high it is.
const HEIGHT: i64 = 24;

/// What the rows show: the channels, the goods that they may be judged for, and the time line of the shipment's temperatures.
#[derive(Clone, PartialEq)]
pub(crate) struct Told {
    shown: Vec<ConditionShown>,
    items: Vec<ItemLine>,
    line: Option<(UtcMillis, UtcMillis)>,
}

impl Told {
    /// The conditions of a shipment.
    pub(crate) fn of(detail: &ShipmentDetail) -> Self {
        let temperatures = detail.series.iter().flat_map(|one| one.points.iter().map(|point| point.time));
        let others = detail.conditions.iter().flat_map(|one| one.points.iter().map(|point| point.time));
        let times = || temperatures.clone().chain(others.clone());
        Self {
            shown: detail.conditions.clone(),
            items: detail.items.clone(),
            line: times().min().zip(times().max()),
        }
    }
}

/// A card with a row for each condition; nothing where nothing else was measured or limited.
pub(crate) fn conditions(ui: Ui, told: &Told) -> AnyView {
    if told.shown.is_empty() {
        return ().into_any();
    }
    let texts = &ui.texts.condition;
    let rows: Vec<_> = told.shown.iter().map(|shown| row(ui, shown, told)).collect();
    view! {
        <section class="card conditions" aria-labelledby="conditions-title">
            <div class="card-head"><h2 id="conditions-title">{texts.title}</h2></div>
            <p class="hint">{texts.note}</p>
            <ul class="condition-rows">{rows}</ul>
        </section>
    }
    .into_any()
}

fn row(ui: Ui, shown: &ConditionShown, told: &Told) -> AnyView {
    let texts = &ui.texts.condition;
    let judged = &shown.assessment;
    let name = wording::quantity_words(judged.channel.quantity, ui.texts);
    let average = judged.aggregation.map(|_| view! { <span class="quiet">{texts.average}</span> });
    let limit = judged.limit.as_ref().map(|limit| limit_words(ui, limit));
    // That nothing was judged says that there is no limit.
    let limit =
        limit.or_else(|| (judged.outcome != ConditionOutcome::NotJudged).then(|| texts.no_limit.to_owned()));
    let lines = judged.lines.as_deref().filter(|lines| !lines.is_empty());
    let lines = lines.map(|lines| names_of_lines(&told.items, lines));
    let lines = lines.map(|names| fill(ui.texts.history.lines, &[("lines", &names)]));
    view! {
        <li class="condition">
            <div class="condition-what">
                <strong>{name}</strong>
                <span class="quiet"><bdi>{shown.label.clone()}</bdi></span>
                {average}
                {lines.map(|lines| view! { <span class="quiet">{lines}</span> })}
            </div>
            <div class="condition-value">{measured(ui, shown)}</div>
            {curve(shown, told.line)}
            <div class="condition-stands">
                {outcome(ui, shown)}
                {limit.map(|limit| view! { <span class="quiet">{limit}</span> })}
            </div>
        </li>
    }
    .into_any()
}

fn measured(ui: Ui, shown: &ConditionShown) -> String {
    let judged = &shown.assessment;
    let quantity = judged.channel.quantity;
    match (judged.movements, judged.lowest, judged.highest) {
        (Some(counted), ..) => fill(ui.texts.condition.counted, &[("count", &ui.show.count(counted))]),
        (None, Some(low), Some(high)) => {
            let coarse = |value| if judged.limit.is_none() { coarse(quantity, value) } else { value };
            match (coarse(low), coarse(high)) {
                (low, high) if low == high => ui.show.quantity(quantity, low),
                (low, high) => ui.show.quantities(quantity, low, high),
            }
        }
        _ => ui.texts.condition.no_readings.to_owned(),
    }
}

/// Humidity and pressure to one decimal: more decide nothing where there is no limit.
fn coarse(quantity: Quantity, value: i32) -> i32 {
    let tenth = match quantity {
        Quantity::Humidity | Quantity::Pressure => 10_i32.saturating_pow(quantity.unit().1.saturating_sub(1)),
        _ => 1,
    };
    value.saturating_add(tenth / 2).div_euclid(tenth).saturating_mul(tenth)
}

fn limit_words(ui: Ui, limit: &ConditionLimit) -> String {
    let texts = &ui.texts.condition;
    let value = |value: i32| ui.show.quantity(limit.quantity, value);
    match (limit.low, limit.high) {
        (Some(low), Some(high)) => {
            fill(texts.between, &[("range", &ui.show.quantities(limit.quantity, low, high))])
        }
        (Some(low), None) => fill(texts.at_least, &[("low", &value(low))]),
        (None, Some(high)) => fill(texts.at_most, &[("high", &value(high))]),
        (None, None) => texts.no_limit.to_owned(),
    }
}

/// In words and with a sign of its own, never that of a verdict.
fn outcome(ui: Ui, shown: &ConditionShown) -> AnyView {
    let texts = &ui.texts.condition;
    let judged = &shown.assessment;
    match (judged.outcome, judged.out_since) {
        (ConditionOutcome::Out, since) => {
            let since = since.map(|since| ui.show.day_and_clock(since)).unwrap_or_default();
            let words = fill(texts.out, &[("time", &since)]);
            view! { <span class="condition-out">{icon::outline(icon::path::NOT_WATCHING)}{words}</span> }
                .into_any()
        }
        (ConditionOutcome::Within, _) => view! { <span>{texts.within}</span> }.into_any(),
        (ConditionOutcome::NotJudged, _) => {
            view! { <span class="quiet">{texts.not_judged}</span> }.into_any()
        }
    }
}

/// The readings as a small curve over the shipment's time line; the words beside it say what it shows.
fn curve(shown: &ConditionShown, line: Option<(UtcMillis, UtcMillis)>) -> AnyView {
    let path = line.map(|line| path(&shown.points, line)).filter(|path| !path.is_empty());
    let Some(path) = path else { return ().into_any() };
    let view_box = format!("0 -1 {COLUMNS} {}", HEIGHT + 2);
    view! {
        <svg class="condition-curve" viewBox=view_box preserveAspectRatio="none" aria-hidden="true">
            <path d=path fill="none" vector-effect="non-scaling-stroke" />
        </svg>
    }
    .into_any()
}

/// A path through the lowest and highest reading of each column, the highest value on top.
fn path(points: &[ConditionPoint], (from, to): (UtcMillis, UtcMillis)) -> String {
    let values = || points.iter().map(|point| i64::from(point.value));
    let (Some(low), Some(high)) = (values().min(), values().max()) else { return String::new() };
    let length = to.0.saturating_sub(from.0).max(1);
    let across = |time: UtcMillis| time.0.saturating_sub(from.0).saturating_mul(COLUMNS) / length;
    let down = |value: i64| match high.saturating_sub(low) {
        0 => HEIGHT / 2,
        span => HEIGHT.saturating_sub(value.saturating_sub(low).saturating_mul(HEIGHT) / span),
    };
    let mut path = String::new();
    for column in points.chunk_by(|a, b| across(a.time) == across(b.time)) {
        let of = || column.iter().map(|point| i64::from(point.value));
        let (Some(first), Some(least), Some(most)) = (column.first(), of().min(), of().max()) else {
            continue;
        };
        let x = across(first.time);
        let start = if path.is_empty() { 'M' } else { 'L' };
        path.push_str(&format!("{start}{x} {}", down(least)));
        if most > least {
            path.push_str(&format!("L{x} {}", down(most)));
        }
    }
    // A single reading is a dot: a line to itself, with round ends.
    if points.len() == 1 { path + "h0" } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: &[(i64, i32)]) -> Vec<ConditionPoint> {
        let point = |(time, value): &(i64, i32)| ConditionPoint { time: UtcMillis(*time), value: *value };
        values.iter().map(point).collect()
    }

    #[test]
    fn what_no_limit_judges_is_told_to_one_decimal_and_batteries_whole() {
        let tenth = 10_i32.pow(Quantity::Humidity.unit().1 - 1);
        assert_eq!(coarse(Quantity::Humidity, 445 * tenth + 1), 445 * tenth);
        assert_eq!(coarse(Quantity::BatteryVoltage, 2977), 2977);
    }

    #[test]
    fn a_curve_runs_over_the_time_line_of_the_temperatures_with_the_highest_value_on_top() {
        let line = (UtcMillis(0), UtcMillis(1200));
        assert_eq!(path(&points(&[(0, 10), (600, 30), (1200, 20)]), line), "M0 24L60 0L120 12");
        assert_eq!(path(&points(&[(600, 10), (601, 30)]), line), "M60 24L60 0");
        assert_eq!(path(&points(&[(600, 10)]), line), "M60 12h0");
        assert_eq!(path(&[], line), "");
    }
}
