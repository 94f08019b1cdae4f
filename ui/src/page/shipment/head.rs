//! The head of a shipment's screen: what it is, DO NOT USE, the verdict with its reasons, and the next step.

use crate::app::Ui;
use crate::i18n::fill;
use crate::page::shipments::way;
use crate::part::{badge, icon};
use crate::wording::{self, Mark};
use firn_model::api::{ShipmentSummary, Stock};
use firn_model::profile::Profile;
use leptos::prelude::*;

/// Reference, way, phase and freshness; then DO NOT USE where it holds, and the verdict.
pub(super) fn head(ui: Ui, summary: &ShipmentSummary, profile: Option<&Profile>) -> AnyView {
    let limits = profile.map(Profile::effective_limits);
    view! {
        <div class="page-head">
            <div>
                <h1><bdi>{summary.reference.clone()}</bdi></h1>
                {way(ui, summary)}
            </div>
            <div class="page-head-state">
                <span class="phase">{wording::phase_words(summary.phase, ui.texts)}</span>
                {badge::freshness(ui, summary, limits)}
            </div>
        </div>
        {do_not_use(ui, summary)}
        {banner(ui, summary)}
    }
    .into_any()
}

fn do_not_use(ui: Ui, summary: &ShipmentSummary) -> AnyView {
    if !summary.do_not_use {
        return ().into_any();
    }
    let texts = &ui.texts.stock;
    let lines: Vec<String> = summary
        .do_not_use_lines
        .iter()
        .map(|line| ui.show.count(u64::from(*line).saturating_add(1)))
        .collect();
    let lines = (!lines.is_empty())
        .then(|| view! { <span>{fill(texts.quarantine_lines, &[("lines", &lines.join(", "))])}</span> });
    view! {
        <div class="quarantine">
            {icon::stock(Stock::Quarantine)}
            <p><strong>{texts.quarantine}</strong>{lines}<span>{texts.quarantine_means}</span></p>
        </div>
    }
    .into_any()
}

fn banner(ui: Ui, summary: &ShipmentSummary) -> AnyView {
    let mark = Mark::of(summary);
    let due = if mark == Mark::Pending { &[][..] } else { &summary.reasons[..] };
    let reasons: Vec<_> =
        due.iter().map(|reason| view! { <li>{wording::reason_words(*reason, ui.texts)}</li> }).collect();
    let settled = summary.stock.filter(|stock| *stock != Stock::Quarantine);
    view! {
        <section class=format!("banner banner-{}", mark.class()) aria-labelledby="verdict">
            {icon::verdict(mark)}
            <div class="banner-words">
                <h2 id="verdict">{mark.words(ui.texts)}</h2>
                <p>{mark.meaning(ui.texts)}</p>
                {(!reasons.is_empty()).then(|| view! { <ul class="reasons">{reasons}</ul> })}
            </div>
            <p class="banner-next">
                {badge::stock(ui, settled)}
                <span class="next-label">{ui.texts.shell.next}</span>
                <span>{wording::next_step(summary, ui.texts)}</span>
            </p>
        </section>
    }
    .into_any()
}
