//! The same readings as the chart's, as a table, page by page.

use crate::app::Ui;
use crate::i18n::fill;
use crate::wording;
use firn_model::api::{AssessedSeries, Point};
use firn_model::profile::{Bound, Limits};
use leptos::prelude::*;

/// How many rows stand on one page.
const ROWS: usize = 50;

/// Every reading, drawn once the reader opens it.
pub(crate) fn table(ui: Ui, series: Memo<AssessedSeries>, limits: Limits) -> AnyView {
    let open = RwSignal::new(false);
    let toggled = move |event: web_sys::Event| {
        open.set(event_target::<web_sys::HtmlDetailsElement>(&event).open());
    };
    view! {
        <details class="table" on:toggle=toggled>
            <summary>{ui.texts.chart.table}</summary>
            {move || open.get().then(|| pages(ui, series, limits))}
        </details>
    }
    .into_any()
}

fn pages(ui: Ui, series: Memo<AssessedSeries>, limits: Limits) -> AnyView {
    let count = move || series.with(|series| series.points.len());
    let first = RwSignal::new(0_usize);
    let texts = &ui.texts.chart;
    let rows = move || {
        let page: Vec<Point> =
            series.with(|series| series.points.iter().skip(first.get()).take(ROWS).copied().collect());
        page.into_iter().map(|point| row(ui, point, limits)).collect::<Vec<_>>()
    };
    let place = move || {
        let last = first.get().saturating_add(ROWS).min(count());
        let number = |value: usize| ui.show.count(value as u64);
        let (from, to, count) = (number(first.get().saturating_add(1)), number(last), number(count()));
        fill(texts.page, &[("from", &from), ("to", &to), ("count", &count)])
    };
    // A comparison within the tag would end it at its sign.
    let is_last = move || first.get().saturating_add(ROWS) >= count();
    view! {
        <table>
            <thead>
                <tr>
                    <th scope="col">{texts.time}</th>
                    <th scope="col">{texts.temperature}</th>
                    <th scope="col">{texts.state}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <div class="pager">
            <button
                type="button"
                class="button"
                disabled=move || first.get() == 0
                on:click=move |_| first.update(|first| *first = first.saturating_sub(ROWS))
            >
                {texts.earlier}
            </button>
            <span role="status">{place}</span>
            <button
                type="button"
                class="button"
                disabled=is_last
                on:click=move |_| first.update(|first| *first = first.saturating_add(ROWS))
            >
                {texts.later}
            </button>
        </div>
    }
    .into_any()
}

fn row(ui: Ui, point: Point, limits: Limits) -> AnyView {
    let side = wording::side(point.value, limits);
    let class = match side {
        None => "",
        Some(Bound::Above | Bound::Below) => "row-out",
    };
    view! {
        <tr class=class>
            <td>{ui.show.instant(point.time)}</td>
            <td class="degrees">{ui.show.exact_degrees(point.value)}</td>
            <td>{wording::side_words(side, ui.texts)}</td>
        </tr>
    }
    .into_any()
}
