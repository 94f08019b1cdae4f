//! The true time of a pick-up or an arrival: given by one person, approved by another.

use super::{Ground, Place, fields, sign};
use crate::app::Ui;
use crate::i18n::fill;
use crate::part::action::Action;
use crate::part::form::{Choices, Entry, Look, Pick, choices, field, instant_form};
use crate::show::isolated;
use firn_model::api::{Device, NextStep, Request};
use firn_model::meaning::SignatureMeaning;
use firn_model::time::UtcMillis;
use leptos::prelude::*;

/// The fields of a correction.
#[derive(Clone, Copy)]
struct Corrected {
    at: Entry,
    reason: Entry,
}

impl Corrected {
    fn new(name: &str) -> Self {
        Self { at: Entry::new(format!("{name}-at")), reason: Entry::new(format!("{name}-reason")) }
    }

    fn view(self, ui: Ui, hint: &'static str, label: &'static str) -> AnyView {
        let texts = &ui.texts.steps;
        view! {
            <p class="hint">{hint}</p>
            {field(self.at, Look::Instant, label, Some(instant_form(ui)))}
            {field(self.reason, Look::Words, texts.reason, None)}
        }
        .into_any()
    }

    fn given(self, ui: Ui) -> Option<(UtcMillis, String)> {
        Some((self.at.instant(ui)?, self.reason.needed(ui)?))
    }
}

/// Another time of arrival, which waits for a second person from then on.
pub(super) fn arrival(ui: Ui, ground: &Ground, step: &NextStep, place: Place) -> AnyView {
    let texts = &ui.texts.steps;
    let (action, shipment, step) = (Action::new(), ground.id, step.clone());
    let corrected = Corrected::new("arrival");
    let submit = move || {
        let Some((at, reason)) = corrected.given(ui) else { return };
        let request = Request::MoveArrival { shipment, at, reason };
        sign(ui, action, &step, SignatureMeaning::CorrectedArrival, request);
    };
    let inside = corrected.view(ui, texts.move_hint, texts.arrived_at);
    fields(ui, action, place, texts.move_arrival, inside, submit)
}

/// Another time of the pick-up, of several the one that is chosen; a later one waits for a second person.
pub(super) fn pick_up(ui: Ui, ground: &Ground, step: &NextStep, place: Place) -> AnyView {
    let texts = &ui.texts.steps;
    let (action, shipment, step) = (Action::new(), ground.id, step.clone());
    let corrected = Corrected::new("pick-up");
    let which = Choices::<String>::one("pick-up-device");
    let several = ground.picked_up_by.len() > 1;
    let pick = |device: &Device| Pick::named(device.log.clone(), &device.label);
    let picks: Vec<Pick<String>> = ground.picked_up_by.iter().map(pick).collect();
    let inside = view! {
        {several.then(|| choices(which, texts.which_pick_up, picks))}
        {corrected.view(ui, texts.move_pick_up_hint, texts.picked_up_at)}
    }
    .into_any();
    let submit = move || {
        let device = if several { which.needed_one(ui).map(Some) } else { Some(None) };
        let Some(device) = device else { return };
        let Some((at, reason)) = corrected.given(ui) else { return };
        let request = Request::MovePickUp { shipment, at, reason, device };
        sign(ui, action, &step, SignatureMeaning::CorrectedPickUp, request);
    };
    fields(ui, action, place, texts.move_pick_up, inside, submit)
}

/// The agreement of a second person to another arrival.
pub(super) fn approve(ui: Ui, ground: &Ground, step: &NextStep, place: Place) -> AnyView {
    let proposed = ground.moved.as_ref().map(|(at, reason)| (*at, reason.as_str()));
    let request = Request::ApproveArrival { shipment: ground.id };
    agree(ui, (proposed, ui.texts.steps.approve), step, place, request)
}

/// The agreement of a second person to a later pick-up.
pub(super) fn approve_pick_up(ui: Ui, ground: &Ground, step: &NextStep, place: Place) -> AnyView {
    let proposed = ground.pick_up.as_ref().map(|one| (one.at, one.reason.as_str()));
    let request = Request::ApprovePickUp { shipment: ground.id };
    agree(ui, (proposed, ui.texts.steps.approve_pick_up), step, place, request)
}

fn agree(
    ui: Ui,
    (proposed, label): (Option<(UtcMillis, &str)>, &'static str),
    step: &NextStep,
    place: Place,
    request: Request,
) -> AnyView {
    let texts = &ui.texts.steps;
    let (action, step) = (Action::new(), step.clone());
    let proposed = proposed.map(|(at, reason)| {
        let reason = isolated(reason);
        fill(texts.approve_hint, &[("time", &ui.show.instant(at)), ("reason", &reason)])
    });
    let inside = view! { {proposed.map(|words| view! { <p>{words}</p> })} }.into_any();
    let submit = move || sign(ui, action, &step, SignatureMeaning::Approved, request.clone());
    fields(ui, action, place, label, inside, submit)
}
