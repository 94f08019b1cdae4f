//! One logger's series: verdict, chart, excursions and statistics.

use super::badge;
use crate::app::Ui;
use crate::chart;
use crate::i18n::{ShipmentTexts, fill};
use crate::wording::{self, Mark};
use firn_model::api::{AssessedSeries, Counting, ShipmentDetail};
use firn_model::assess::{Assessment, Excursion, Milliseconds, Statistics};
use firn_model::profile::{Bound, Limits, Profile, Scale};
use firn_model::shipment::Window;
use firn_model::time::UtcMillis;
use firn_model::units::MilliCelsius;
use leptos::prelude::*;

/// What a series' own verdict is about where lines and shipment may read otherwise, and how many of its readings count
/// for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Covered {
    /// From the first to the last placement of its logger.
    as_one: Option<Window>,
    /// Outside pick-up and receipt.
    outside: usize,
    /// While the logger was placed nowhere.
    unplaced: usize,
}

impl Covered {
    /// Of one series of a shipment.
    pub(crate) fn of(detail: &ShipmentDetail, series: &AssessedSeries) -> Self {
        Self {
            as_one: detail.counts_in_parts(series).then_some(series.window),
            outside: detail.count_of(series, Counting::Outside),
            unplaced: detail.count_of(series, Counting::Unplaced),
        }
    }

    /// In words, each a sentence; `at` says when, `count` how many.
    fn words(
        self,
        texts: &ShipmentTexts,
        at: impl Fn(UtcMillis) -> String,
        count: impl Fn(usize) -> String,
    ) -> Vec<String> {
        let open = |time: Option<UtcMillis>| time.map_or_else(|| "…".to_owned(), &at);
        let as_one = self
            .as_one
            .map(|window| fill(texts.as_one, &[("from", &open(window.from)), ("to", &open(window.to))]));
        let told = |text: &str, of: usize| (of > 0).then(|| fill(text, &[("count", &count(of))]));
        let outside = told(texts.not_counted_outside, self.outside);
        let unplaced = told(texts.not_counted_unplaced, self.unplaced);
        as_one.into_iter().chain(outside).chain(unplaced).collect()
    }
}

/// The series with everything that was computed from it; `index` tells charts of one page apart.
///
/// What the reader has opened or pointed at stays while the series grows.
pub(crate) fn series(
    ui: Ui,
    series: Memo<AssessedSeries>,
    covered: Memo<Covered>,
    profile: &Profile,
    index: usize,
) -> AnyView {
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
    let covered = move || {
        let count = |of: usize| ui.show.count(u64::try_from(of).unwrap_or(u64::MAX));
        let words = covered.get().words(texts, |at| ui.show.day_and_clock(at), count);
        words.into_iter().map(|words| view! { <p class="hint">{words}</p> }).collect::<Vec<_>>()
    };
    let findings = move || judged.with(|judged| findings(ui, judged, limits, scale));
    view! {
        <section class="card series" aria-labelledby=title>
            {head}
            {covered}
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    #[test]
    fn what_a_series_covers_and_which_of_its_readings_count_for_nothing_is_said_in_every_language() {
        let window = Window { from: Some(UtcMillis(60_000)), to: None };
        let covered = Covered { as_one: Some(window), outside: 3, unplaced: 2 };
        let said = |covered: Covered, language: Language| {
            covered.words(&language.texts().shipment, |at| at.to_rfc3339(), |of| of.to_string())
        };
        for language in Language::ALL {
            let words = said(covered, language);
            assert_eq!(words.len(), 3, "{}", language.tag());
            assert!(words[0].contains("1970-01-01T00:01:00Z") && words[0].contains('…'), "{}", words[0]);
            assert!(words[1].contains('3') && words[2].contains('2') && words[1] != words[2]);
            assert_eq!(said(Covered::default(), language), Vec::<String>::new());
            let unplaced = Covered { as_one: None, outside: 0, ..covered };
            assert_eq!(said(unplaced, language), words[2..]);
        }
    }
}
