//! What a manufacturer is asked with: a pack for each lot, shown on demand, with nobody else's data.

use crate::app::Ui;
use crate::browser;
use crate::part::action::Action;
use crate::part::icon;
use crate::show::isolated;
use firn_model::api::{
    Band, Occurrence, Phase, QueriedLine, QueriedSeries, QueryPack, Request, Response, ShipmentDetail,
};
use firn_model::assess::Verdict;
use firn_model::id::Id;
use firn_model::record::{BudgetKnown, Logger};
use firn_model::units::MilliCelsius;
use leptos::prelude::*;

/// Whether there is anything to ask, and about what.
#[derive(Clone, PartialEq)]
pub(super) struct Asks {
    shipment: Id,
    loggers: Vec<Logger>,
    /// The manufacturers that were asked, each once.
    manufacturers: Vec<String>,
    is_due: bool,
}

impl Asks {
    pub(super) fn of(detail: &ShipmentDetail) -> Self {
        let asked = detail.history.iter().filter_map(|event| match &event.occurrence {
            Occurrence::Reviewed { review } => Some(review.asked.as_ref()?.manufacturer.clone()),
            _ => None,
        });
        let manufacturers: std::collections::BTreeSet<String> = asked.collect();
        let is_out = detail.summary.verdict == Verdict::Excursion && detail.summary.phase != Phase::Created;
        let has_lots = detail.items.iter().any(|item| item.lot.is_some());
        Self {
            shipment: detail.summary.id,
            loggers: detail.loggers.clone(),
            is_due: has_lots && (is_out || !manufacturers.is_empty()),
            manufacturers: manufacturers.into_iter().collect(),
        }
    }
}

/// The card with the packs; nothing where there is nothing to ask.
pub(super) fn query(ui: Ui, asks: Asks) -> AnyView {
    if !asks.is_due {
        return ().into_any();
    }
    let texts = &ui.texts.query;
    let action = Action::new();
    let packs = RwSignal::new(Vec::<QueryPack>::new());
    let Asks { shipment, loggers, manufacturers, .. } = asks;
    let show = move |manufacturer: Option<String>| {
        let request = Request::QueryPacks { shipment, manufacturer, lot: None };
        action.ask(ui, request, move |response| {
            if let Response::QueryPacks { packs: told } = response {
                packs.set(told);
            }
        });
    };
    let button = |manufacturer: Option<String>| {
        let of = manufacturer.clone().map(|name| format!(": {}", isolated(&name))).unwrap_or_default();
        view! {
            <button type="button" class="button" disabled=move || action.busy.get() on:click=move |_| show(manufacturer.clone())>
                {texts.show}{of}
            </button>
        }
    };
    let buttons: Vec<_> = match manufacturers.is_empty() {
        true => vec![button(None)],
        false => manufacturers.into_iter().map(|name| button(Some(name))).collect(),
    };
    let told = move || packs.get().iter().map(|one| pack(ui, one, &loggers)).collect::<Vec<_>>();
    view! {
        <section class="card query" aria-labelledby="query-title">
            <h2 id="query-title">{texts.title}</h2>
            <p class="hint">{texts.hint}</p>
            <div class="choices">{buttons}</div>
            {action.outcome(ui)}
            <div aria-live="polite">{told}</div>
        </section>
    }
    .into_any()
}

fn pack(ui: Ui, pack: &QueryPack, loggers: &[Logger]) -> AnyView {
    let (texts, facts, steps) = (&ui.texts.query, &ui.texts.shipment, &ui.texts.steps);
    let instant = |at: Option<_>| at.map(|at| ui.show.instant(at));
    let rows: Vec<_> = [
        (steps.manufacturer, pack.manufacturer.as_deref().map(isolated)),
        (steps.case_number, pack.case_number.as_deref().map(isolated)),
        (steps.due, instant(pack.due)),
        (facts.started, instant(pack.from)),
        (facts.received, instant(pack.to)),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.map(|value| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }))
    .collect();
    let lines: Vec<_> = pack.lines.iter().map(|one| line(ui, one, loggers)).collect();
    // As the command prints it: what a manufacturer's own program can read.
    let whole = serde_json::to_string_pretty(pack).unwrap_or_default();
    let copied = RwSignal::new(false);
    view! {
        <article class="pack">
            <h3>{facts.lot}" "<bdi>{pack.lot.clone()}</bdi></h3>
            <dl class="facts">{rows}</dl>
            {lines}
            <button
                type="button"
                class="button"
                on:click=move |_| browser::copy(&whole, copied)
            >
                {icon::outline(icon::path::COPY)}
                {move || if copied.get() { ui.texts.peers.copied } else { texts.copy }}
            </button>
        </article>
    }
    .into_any()
}

fn line(ui: Ui, line: &QueriedLine, loggers: &[Logger]) -> AnyView {
    let texts = &ui.texts.query;
    let series: Vec<_> = line.series.iter().map(|one| series(ui, one, loggers)).collect();
    // Of one series alone the whole is what it measured.
    let whole = (line.series.len() != 1).then(|| {
        let extremes = extremes(ui, line.min_c, line.max_c);
        view! { <p class="quiet">{texts.all_legs}" · "{extremes}</p> {table(ui, &line.bands)} }
    });
    let missing = (line.known == Some(BudgetKnown::LegMissing))
        .then(|| view! { <p class="hint">{texts.legs_missing}</p> });
    view! {
        <p>
            <strong><bdi>{line.product.clone()}</bdi></strong>" "
            <span class="quiet" dir="auto">{ui.show.count(u64::from(line.quantity))}" · "{line.profile.clone()}</span>
        </p>
        {missing}
        {whole}
        {series}
    }
    .into_any()
}

fn series(ui: Ui, series: &QueriedSeries, loggers: &[Logger]) -> AnyView {
    let facts = &ui.texts.shipment;
    let label = match loggers.iter().find(|logger| logger.id == series.logger) {
        Some(logger) => logger.label.clone(),
        // Of an earlier leg, perhaps another organisation's.
        None => series.label.clone(),
    };
    let extremes = extremes(ui, series.min_c, series.max_c);
    let no_data = format!("{} {}", facts.no_data, ui.show.duration(series.no_data_s));
    let leg = series.leg.as_ref().map(|leg| {
        view! { {ui.texts.query.earlier_leg}" "<bdi>{leg.reference.clone()}</bdi>" · " }
    });
    view! {
        <p class="quiet">{leg}<bdi>{label}</bdi>" · "{extremes}" · "{no_data}</p>
        {table(ui, &series.bands)}
    }
    .into_any()
}

fn extremes(ui: Ui, min: Option<MilliCelsius>, max: Option<MilliCelsius>) -> String {
    let facts = &ui.texts.shipment;
    let degrees = |value: Option<_>| value.map(|value| ui.show.exact_degrees(value)).unwrap_or_default();
    format!("{} {} · {} {}", facts.lowest, degrees(min), facts.highest, degrees(max))
}

fn table(ui: Ui, bands: &[Band]) -> AnyView {
    let texts = &ui.texts.query;
    let row = |one: &Band| {
        view! {
            <tr>
                <th scope="row">{band(ui, one)}</th>
                <td>{ui.show.duration(one.proven_s)}</td>
                <td>{ui.show.duration(one.worst_case_s)}</td>
            </tr>
        }
    };
    let rows: Vec<_> = bands.iter().map(row).collect();
    (!rows.is_empty())
        .then(|| view! {
            <table>
                <thead>
                    <tr><th scope="col">{texts.band}</th><th scope="col">{texts.proven}</th><th scope="col">{texts.worst}</th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        })
        .into_any()
}

fn band(ui: Ui, band: &Band) -> String {
    let name = match band.id.as_str() {
        "above" => ui.texts.shipment.above,
        "below" => ui.texts.shipment.below,
        "frozen" => ui.texts.query.frozen,
        own => own,
    };
    match (band.from_c, band.to_c) {
        (Some(from), Some(to)) => {
            format!("{name} {} – {}", ui.show.exact_degrees(from), ui.show.exact_degrees(to))
        }
        (Some(from), None) => format!("{name} ≥ {}", ui.show.exact_degrees(from)),
        (None, Some(to)) => format!("{name} ≤ {}", ui.show.exact_degrees(to)),
        (None, None) => name.to_owned(),
    }
}
