//! Verdict, stock and freshness as they stand beside a shipment.

use super::icon;
use crate::age;
use crate::app::Ui;
use crate::i18n::fill;
use crate::wording::{self, Mark};
use firn_model::api::{Phase, ShipmentSummary, Stock};
use firn_model::profile::Limits;
use leptos::prelude::*;

/// A verdict in words with its shape.
pub(crate) fn verdict(ui: Ui, mark: Mark) -> AnyView {
    view! {
        <span class=format!("verdict verdict-{}", mark.class())>
            {icon::verdict(mark)}
            <span>{mark.words(ui.texts)}</span>
        </span>
    }
    .into_any()
}

/// How the stock stands; quarantine cannot be overlooked.
pub(crate) fn stock(ui: Ui, stock: Option<Stock>) -> AnyView {
    let Some(stock) = stock else { return ().into_any() };
    let class = match stock {
        Stock::Quarantine => "stock stock-quarantine",
        Stock::Rejected => "stock stock-rejected",
        Stock::Released | Stock::ReleasedInPart => "stock stock-released",
        Stock::Received => "stock",
    };
    view! {
        <span class=class>
            {icon::stock(stock)}
            <span>{wording::stock_words(stock, ui.texts)}</span>
        </span>
    }
    .into_any()
}

/// How a shipment's stock stands; where some of it is in quarantine that stands beside it.
pub(crate) fn stock_of(ui: Ui, summary: &ShipmentSummary) -> AnyView {
    let held = summary.do_not_use && summary.stock != Some(Stock::Quarantine);
    view! {
        {stock(ui, summary.stock)}
        {held.then(|| stock(ui, Some(Stock::Quarantine)))}
    }
    .into_any()
}

/// The newest reading and how old it is; on the way also since when it is stale.
///
/// After the receipt no reading is awaited, so that an old one is no warning.
pub(crate) fn freshness(ui: Ui, summary: &ShipmentSummary, limits: Option<Limits>) -> AnyView {
    let Some(fresh) = summary.freshness else {
        return view! { <span class="fresh fresh-none">{ui.texts.list.no_reading}</span> }.into_any();
    };
    let texts = &ui.texts.list;
    let awaited = matches!(summary.phase, Phase::Created | Phase::InTransit);
    let stale = Memo::new(move |_| awaited && age::is_stale(ui.store.now.get(), fresh.stale_from));
    let words = move || {
        let now = ui.store.now.get();
        if stale.get() {
            fill(texts.stale, &[("time", &ui.show.time(fresh.stale_from, now))])
        } else {
            fill(texts.read, &[("age", &ui.show.age(now, fresh.time))])
        }
    };
    let degrees = match limits {
        Some(_) => ui.show.degrees(fresh.temperature_c, limits),
        None => ui.show.exact_degrees(fresh.temperature_c),
    };
    view! {
        <span class=move || if stale.get() { "fresh fresh-stale" } else { "fresh" }>
            <span class="degrees">{degrees}</span>
            <time class="fresh-age" datetime=fresh.time.to_rfc3339() title=ui.show.instant(fresh.time)>
                {move || stale.get().then(|| icon::outline(icon::path::CLOCK))}
                {words}
            </time>
        </span>
    }
    .into_any()
}
