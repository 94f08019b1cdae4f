//! One logger's series: verdict, chart, excursions and statistics.

use super::badge;
use crate::app::Ui;
use crate::chart;
use crate::i18n::fill;
use crate::wording::{self, Mark};
use firn_model::api::AssessedSeries;
use firn_model::assess::{Assessment, Excursion, Milliseconds, Statistics};
use firn_model::profile::{Bound, Limits, Profile, Scale};
use firn_model::units::MilliCelsius;
use leptos::prelude::*;

/// The series with everything that was computed from it; `index` tells charts of one page apart.
///
/// What the reader has opened or pointed at stays while the series grows.
pub(crate) fn series(ui: Ui, series: Memo<AssessedSeries>, profile: &Profile, index: usize) -> AnyView {
    let (limits, scale) = (profile.effective_limits(), profile.scale);
    let texts = &ui.texts.shipment;
    let title = format!("series-{index}");
    let heading = title.clone();
    let is_empty = Memo::new(move |_| series.with(|series| series.points.is_empty()));
    let judged = Memo::new(move |_| series.with(|series| series.assessment.clone()));
    let head = move || series.with(|series| head(ui, series, heading.clone()));
    let curve = move || {
        if is_empty.get() {
            return view! { <p class="quiet">{texts.nothing_read}</p> }.into_any();
        }
        chart::chart(ui, series, limits, index)
    };
    let findings = move || judged.with(|judged| findings(ui, judged, limits, scale));
    view! {
        <section class="card series" aria-labelledby=title>
            {head}
            {curve}
            {findings}
            {chart::table(ui, series, limits)}
        </section>
    }
    .into_any()
}

fn head(ui: Ui, series: &AssessedSeries, title: String) -> AnyView {
    let texts = &ui.texts.shipment;
    let interval = ui.show.duration(Milliseconds::from_seconds(u64::from(series.interval_s)));
    let probe = (series.channel.probe > 0).then(|| {
        let number = ui.show.count(u64::from(series.channel.probe).saturating_add(1));
        view! { <span class="quiet">{fill(texts.probe, &[("number", &number)])}</span> }
    });
    view! {
        <div class="card-head">
            <h2 id=title><bdi>{series.label.clone()}</bdi></h2>
            {probe}
            <span class="quiet">{fill(texts.interval, &[("interval", &interval)])}</span>
            {badge::verdict(ui, Mark::Judged(series.assessment.verdict))}
        </div>
    }
    .into_any()
}

fn findings(ui: Ui, assessment: &Assessment, limits: Limits, scale: Scale) -> AnyView {
    view! {
        {excursions(ui, &assessment.excursions, limits, scale)}
        {alarms(ui, assessment, scale)}
        {statistics(ui, &assessment.statistics, limits, scale)}
        <p class="hint">{fill(ui.texts.shipment.method, &[("rules", &assessment.rules)])}</p>
    }
    .into_any()
}

fn excursions(ui: Ui, excursions: &[Excursion], limits: Limits, scale: Scale) -> AnyView {
    if excursions.is_empty() {
        return ().into_any();
    }
    let limits = Some(limits);
    let rows: Vec<_> = excursions
        .iter()
        .map(|out| {
            let end = match out.end {
                Some(end) => ui.show.day_and_clock(end),
                None => ui.texts.shipment.open_end.to_owned(),
            };
            let value = in_scale(ui, out.extreme, limits, scale);
            view! {
                <li>
                    <span class=side_class(out.bound) aria-hidden="true"></span>
                    <strong>{wording::side_words(Some(out.bound), ui.texts)}</strong>
                    <span>{ui.show.day_and_clock(out.begin)}" – "{end}</span>
                    <span>{ui.show.duration(out.duration)}</span>
                    <span>{fill(ui.texts.shipment.extreme, &[("value", &value)])}</span>
                </li>
            }
        })
        .collect();
    view! {
        <h3>{ui.texts.shipment.excursions}</h3>
        <ul class="excursions">{rows}</ul>
    }
    .into_any()
}

/// The alarms that fired, with the rule that each states.
fn alarms(ui: Ui, assessment: &Assessment, scale: Scale) -> AnyView {
    let rows: Vec<_> = assessment
        .fired()
        .map(|alarm| {
            let rule = &alarm.rule;
            let limit = ui.show.limit(rule.limit, scale);
            let at = alarm.triggered_at.map(|at| ui.show.day_and_clock(at)).unwrap_or_default();
            view! {
                <li>
                    <span class=side_class(rule.bound) aria-hidden="true"></span>
                    <strong>{wording::side_words(Some(rule.bound), ui.texts)}" "{limit}</strong>
                    <span>{fill(ui.texts.shipment.fired, &[("time", &at)])}</span>
                    <span>{ui.show.duration(alarm.accumulated)}</span>
                </li>
            }
        })
        .collect();
    if rows.is_empty() {
        return ().into_any();
    }
    view! {
        <h3>{ui.texts.shipment.alarms}</h3>
        <ul class="excursions">{rows}</ul>
    }
    .into_any()
}

/// A reading with the decimals that decided; in °F beside it where its profile compares so.
fn in_scale(ui: Ui, value: MilliCelsius, limits: Option<Limits>, scale: Scale) -> String {
    match scale {
        Scale::Celsius => ui.show.degrees(value, limits),
        Scale::Fahrenheit => ui.show.limit(value, scale),
    }
}

fn side_class(bound: Bound) -> &'static str {
    match bound {
        Bound::Above => "side side-above",
        Bound::Below => "side side-below",
    }
}

fn statistics(ui: Ui, statistics: &Statistics, limits: Limits, scale: Scale) -> AnyView {
    let texts = &ui.texts.shipment;
    let limits = Some(limits);
    let degrees = |value: Option<_>| value.map(|value| in_scale(ui, value, limits, scale));
    let mean = |value: Option<_>| value.map(|value| ui.show.mean(value));
    let length = |value: Milliseconds| Some(ui.show.duration(value));
    let some = |value: Milliseconds| (value.0 > 0).then(|| ui.show.duration(value));
    let worse = |worst: Milliseconds, proven: Milliseconds| (worst > proven).then(|| ui.show.duration(worst));
    let rows = [
        (texts.lowest, degrees(statistics.min)),
        (texts.highest, degrees(statistics.max)),
        (texts.mean, mean(statistics.mean)),
        (texts.kinetic, mean(statistics.mkt)),
        (texts.in_range, length(statistics.in_range)),
        (texts.above, some(statistics.above)),
        (texts.below, some(statistics.below)),
        (texts.no_data, some(statistics.no_data)),
        (texts.worst_above, worse(statistics.above_max, statistics.above)),
        (texts.worst_below, worse(statistics.below_max, statistics.below)),
        (texts.span, length(statistics.span)),
        (texts.readings, Some(ui.show.count(statistics.count))),
    ];
    let rows: Vec<_> = rows
        .into_iter()
        .filter_map(|(name, value)| {
            value.map(|value| view! { <div class="figure"><dt>{name}</dt><dd>{value}</dd></div> })
        })
        .collect();
    view! {
        <h3>{texts.statistics}</h3>
        <dl class="figures">{rows}</dl>
    }
    .into_any()
}
