//! The true time of an arrival: proposed by one person, approved by another.

use super::{Ground, Place, fields, sign};
use crate::app::Ui;
use crate::i18n::fill;
use crate::part::action::Action;
use crate::part::form::{Entry, Look, field, instant_form};
use firn_model::api::{NextStep, Request};
use firn_model::meaning::SignatureMeaning;
use leptos::prelude::*;

/// Another time of arrival, which waits for a second person from then on.
pub(super) fn correct(ui: Ui, ground: &Ground, step: &NextStep, place: Place) -> AnyView {
    let texts = &ui.texts.steps;
    let (action, shipment, step) = (Action::new(), ground.id, step.clone());
    let (at, reason) = (Entry::new("arrival-at"), Entry::new("arrival-reason"));
    let inside = view! {
        <p class="hint">{texts.move_hint}</p>
        {field(at, Look::Instant, texts.arrived_at, Some(instant_form(ui)))}
        {field(reason, Look::Words, texts.reason, None)}
    }
    .into_any();
    let submit = move || {
        let Some(at) = at.instant(ui) else { return };
        let Some(reason) = reason.needed(ui) else { return };
        let request = Request::MoveArrival { shipment, at, reason };
        sign(ui, action, &step, SignatureMeaning::CorrectedArrival, request);
    };
    fields(ui, action, place, texts.move_arrival, inside, submit)
}

/// The agreement of a second person.
pub(super) fn approve(ui: Ui, ground: &Ground, step: &NextStep, place: Place) -> AnyView {
    let texts = &ui.texts.steps;
    let (action, shipment, step) = (Action::new(), ground.id, step.clone());
    let proposed = ground.moved.as_ref().map(|(at, reason)| {
        let reason = format!("\u{2068}{reason}\u{2069}");
        fill(texts.approve_hint, &[("time", &ui.show.instant(*at)), ("reason", &reason)])
    });
    let inside = view! { {proposed.map(|words| view! { <p>{words}</p> })} }.into_any();
    let request = Request::ApproveArrival { shipment };
    let submit = move || sign(ui, action, &step, SignatureMeaning::Approved, request.clone());
    fields(ui, action, place, texts.approve, inside, submit)
}
