//! Whether this device records where steps are signed: off until somebody turns it on, in plain words.

use super::known;
use crate::app::Ui;
use crate::part::action::Action;
use firn_model::api::Request;
use firn_model::vault::PositionSetting;
use leptos::prelude::*;

/// The switch; nothing before there is an organisation, for the setting stands in its home.
pub(super) fn positions(ui: Ui) -> AnyView {
    let is_founded = known(ui, |snapshot| snapshot.organisation.is_some());
    let card = move || (is_founded.get() == Some(true)).then(|| card(ui));
    view! { {card} }.into_any()
}

fn card(ui: Ui) -> AnyView {
    let texts = &ui.texts.position;
    let setting = known(ui, |snapshot| snapshot.positions);
    let is_on = move || setting.get() == Some(PositionSetting::On);
    let action = Action::new();
    let change = move |event: web_sys::Event| {
        let setting = if event_target_checked(&event) { PositionSetting::On } else { PositionSetting::Off };
        action.ask(ui, Request::RecordPositions { setting }, |_| ());
    };
    view! {
        <section class="card" aria-labelledby="positions-title">
            <h2 id="positions-title">{texts.title}</h2>
            <label class="choice">
                <input
                    type="checkbox"
                    id="record-positions"
                    aria-describedby="positions-hint"
                    prop:checked=is_on
                    disabled=move || action.busy.get()
                    on:change=change
                />
                <span>{texts.record}</span>
            </label>
            <p class="hint" id="positions-hint">{texts.hint}</p>
            <p class="hint">{texts.without}</p>
            {action.outcome(ui)}
        </section>
    }
    .into_any()
}
