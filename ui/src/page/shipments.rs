//! The list of shipments, and the honest empty page before the first one.

use super::known;
use crate::app::Ui;
use crate::browser;
use crate::i18n::fill;
use crate::part::action::Action;
use crate::part::{badge, icon};
use crate::route::Route;
use crate::wording::{self, Mark};
use firn_model::api::{Request, ShipmentSummary};
use firn_model::profile::{Limits, builtin};
use leptos::prelude::*;

/// All shipments, the newest first.
pub(crate) fn shipments(ui: Ui) -> AnyView {
    let empty = known(ui, |snapshot| snapshot.shipments.is_empty());
    let view = move || if empty.get() == Some(false) { list(ui) } else { first_run(ui) };
    view! { {view} }.into_any()
}

fn first_run(ui: Ui) -> AnyView {
    let texts = &ui.texts.list;
    let demo = Action::new();
    let start = move |_| demo.ask(ui, Request::StartDemo, |_| ());
    view! {
        <section class="empty" aria-labelledby="empty-title">
            <div class="empty-words">
                <h1 id="empty-title">{texts.empty_title}</h1>
                <p class="lead">{texts.empty_body}</p>
                <div class="choices">
                    <a class="button button-primary" href=Route::NewShipment.href()>
                        {icon::outline(icon::path::ADD)}
                        {texts.create}
                    </a>
                    <a class="button" href=Route::Peers.href()>{icon::outline(icon::path::PEERS)}{texts.join}</a>
                </div>
                <div class="demo-offer">
                    <button type="button" class="button" disabled=move || demo.busy.get() on:click=start>
                        {icon::outline(icon::path::DEMO)}
                        {texts.demo_start}
                    </button>
                    <p class="hint">{texts.demo_note}</p>
                    {demo.outcome(ui)}
                </div>
            </div>
            {icon::strata()}
        </section>
    }
    .into_any()
}

fn list(ui: Ui) -> AnyView {
    let texts = &ui.texts.list;
    let filter = RwSignal::new(String::new());
    let shown = Memo::new(move |_| {
        let wanted = filter.get();
        ui.store.feed.with(|feed| {
            let all = feed.snapshot.iter().flat_map(|snapshot| &snapshot.shipments);
            all.filter(|summary| matches(summary, &wanted)).cloned().collect::<Vec<_>>()
        })
    });
    let none = move || {
        shown.with(Vec::is_empty).then(|| {
            view! { <p class="quiet" role="status">{fill(texts.none_match, &[("text", &filter.get())])}</p> }
        })
    };
    view! {
        <div class="page-head">
            <h1>{texts.title}</h1>
            <a class="button button-primary" href=Route::NewShipment.href()>
                {icon::outline(icon::path::ADD)}
                {texts.new}
            </a>
        </div>
        <div class="search">
            {icon::outline(icon::path::SEARCH)}
            <input
                type="search"
                aria-label=texts.filter
                placeholder=texts.filter
                prop:value=move || filter.get()
                on:input=move |event| filter.set(event_target_value(&event))
            />
        </div>
        {none}
        <ul class="shipments">
            <For each=move || shown.get() key=key children=move |summary| row(ui, &summary) />
        </ul>
    }
    .into_any()
}

/// A row is drawn anew when anything in it differs.
fn key(summary: &ShipmentSummary) -> String {
    serde_json::to_string(summary).unwrap_or_else(|_| summary.id.to_string())
}

/// Whether a shipment's reference, places or profile hold the text, in any case.
fn matches(summary: &ShipmentSummary, wanted: &str) -> bool {
    let wanted = wanted.trim().to_lowercase();
    [Some(&summary.reference), summary.from.as_ref(), summary.to.as_ref(), Some(&summary.profile)]
        .into_iter()
        .flatten()
        .any(|text| text.to_lowercase().contains(&wanted))
}

/// The limits of a built-in profile, for the decimals that its readings are shown with.
fn limits_of(profile: &str) -> Option<Limits> {
    let known = builtin().iter().find(|preset| preset.profile.name == profile || preset.key == profile);
    known.map(|preset| preset.profile.effective_limits())
}

fn row(ui: Ui, summary: &ShipmentSummary) -> AnyView {
    let mark = Mark::of(summary);
    let href = Route::Shipment(summary.id).href();
    view! {
        <li>
            <a class=format!("shipment shipment-{}", mark.class()) href=href>
                <span class="shipment-mark">{icon::verdict(mark)}</span>
                <span class="shipment-name">
                    <strong><bdi>{summary.reference.clone()}</bdi></strong>
                    {way(ui, summary)}
                </span>
                <span class="shipment-state">
                    <span class=format!("verdict-words verdict-words-{}", mark.class())>{mark.words(ui.texts)}</span>
                    <span class="quiet">{wording::phase_words(summary.phase, ui.texts)}</span>
                </span>
                <span class="shipment-stock">{badge::stock_of(ui, summary)}</span>
                <span class="shipment-fresh">
                    {badge::freshness(ui, summary, limits_of(&summary.profile))}
                </span>
            </a>
        </li>
    }
    .into_any()
}

/// From where to where.
pub(super) fn way(ui: Ui, summary: &ShipmentSummary) -> AnyView {
    let place = |name: &String| view! { <bdi>{name.clone()}</bdi> };
    match (&summary.from, &summary.to) {
        (None, None) => view! { <span class="way">{summary.profile.clone()}</span> }.into_any(),
        (from, to) => view! {
            <span class="way">
                {from.as_ref().map(place)}
                <span class="way-to">
                    {icon::outline(icon::path::NEXT)}
                    <span class="unseen">{ui.texts.list.to}</span>
                </span>
                {to.as_ref().map(place)}
            </span>
        }
        .into_any(),
    }
}

/// Opens the shipment that was made.
pub(super) fn open(response: firn_model::api::Response) {
    if let firn_model::api::Response::Created { id } = response {
        browser::go(Route::Shipment(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decimals_of_a_list_follow_the_limits_of_the_shipments_profile() {
        assert_eq!(limits_of("WHO 30-day").map(|limits| limits.max.0), Some(8000));
        assert_eq!(limits_of("an own profile"), None);
    }
}
