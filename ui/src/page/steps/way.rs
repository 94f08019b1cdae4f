//! The steps on the way: the pick-up with its loggers, hand-overs, and the end of the record.

use super::earlier::{Earlier, Happened};
use super::{Ground, Place, fields, optional, sign};
use crate::app::Ui;
use crate::i18n::fill;
use crate::page::known;
use crate::part::action::Action;
use crate::part::form::{Choices, Entry, Look, Pick, choices, field};
use crate::wording;
use firn_model::api::{CustodyStep, NextStep, Request};
use firn_model::id::Id;
use firn_model::meaning::SignatureMeaning;
use firn_model::record::{Logger, LoggerReason};
use firn_model::time::UtcMillis;
use leptos::prelude::*;

/// A logger whose certificate has ended, with its label and when that was.
type Ended = (Id, (String, UtcMillis));

/// The pick-up: which loggers travel, and why one whose certificate ended travels all the same.
pub(super) fn start(ui: Ui, ground: &Ground, step: &NextStep, place: Place) -> AnyView {
    let texts = &ui.texts.steps;
    let (action, shipment, step) = (Action::new(), ground.id, step.clone());
    let chosen = Choices::<Id>::many("start-loggers");
    let overrides = RwSignal::new(Vec::<(Id, Entry)>::new());
    let earlier = Earlier::new("start");
    let loggers = known(ui, |snapshot| {
        let serves = |logger: &&Logger| !snapshot.endings.contains_key(&logger.id);
        snapshot.loggers.iter().filter(serves).cloned().collect::<Vec<_>>()
    });
    let list = move || {
        let all = loggers.get().unwrap_or_default();
        if all.is_empty() {
            return view! { <p class="quiet">{texts.no_loggers}</p> }.into_any();
        }
        choices(chosen, texts.start_hint, all.iter().map(|logger| pick(ui, logger)).collect())
    };
    // Certificates that have ended, among the loggers that are chosen.
    let ended: Memo<Vec<Ended>> = Memo::new(move |_| {
        let chosen = chosen.chosen.get();
        let due = |logger: &Logger| Some((logger.label.clone(), logger.certificate.as_ref()?.due));
        let all = loggers.get().unwrap_or_default();
        let taken = all.iter().filter(|logger| chosen.contains(&logger.id));
        let now = ui.store.now.get();
        taken
            .filter_map(|logger| Some((logger.id, due(logger)?)))
            .filter(|(_, (_, due))| *due <= now)
            .collect()
    });
    let reason = move |(id, (label, due)): Ended| {
        let entry = Entry::new(format!("override-{id}"));
        overrides.update(|all| {
            all.retain(|(known, _)| *known != id);
            all.push((id, entry));
        });
        let words = fill(texts.certificate, &[("logger", &label), ("time", &ui.show.day_and_clock(due))]);
        field(entry, Look::Line, words, None)
    };
    let inside = view! {
        {list}
        <For each=move || ended.get() key=|one: &Ended| one.0 children=reason />
        {earlier.fields(ui)}
    }
    .into_any();
    let submit = move || {
        let Some(loggers) = chosen.needed(ui) else { return };
        let now: Vec<Id> = ended.with_untracked(|ended| ended.iter().map(|(id, _)| *id).collect());
        let mut reasons = Vec::new();
        for (logger, entry) in overrides.get_untracked().into_iter().filter(|(id, _)| now.contains(id)) {
            let Some(reason) = entry.needed(ui) else { return };
            reasons.push(LoggerReason { logger, reason });
        }
        let Some(Happened { at, reason }) = earlier.given(ui) else { return };
        let request = Request::StartShipment { shipment, loggers, overrides: reasons, at, reason };
        sign(ui, action, &step, SignatureMeaning::PickedUp, request);
    };
    fields(ui, action, place, texts.start, inside, submit)
}

fn pick(ui: Ui, logger: &Logger) -> Pick<Id> {
    let certificate = logger
        .certificate
        .as_ref()
        .map(|certificate| fill(ui.texts.nearby.certificate, &[("time", &ui.show.date(certificate.due))]));
    let about: Vec<String> =
        [Some(wording::family_words(&logger.family).to_owned()), certificate].into_iter().flatten().collect();
    Pick { about: Some(about.join(" · ")), ..Pick::new(logger.id, logger.label.clone()) }
}

/// This device's step of a hand-over.
pub(super) fn hand_over(
    ui: Ui,
    ground: &Ground,
    step: &NextStep,
    place: Place,
    meaning: SignatureMeaning,
) -> AnyView {
    let texts = &ui.texts.steps;
    let (action, shipment, step) = (Action::new(), ground.id, step.clone());
    let hint = match meaning {
        SignatureMeaning::OfferedCustody => texts.offer_hint,
        SignatureMeaning::AcceptedCustody => texts.accept_hint,
        _ => texts.confirm_hint,
    };
    let label = wording::step_words(step.step, ui.texts);
    let taken = match meaning {
        SignatureMeaning::OfferedCustody => CustodyStep::Offered,
        SignatureMeaning::AcceptedCustody => CustodyStep::Accepted,
        _ => CustodyStep::Confirmed,
    };
    let request = Request::HandOver { shipment, step: Some(taken) };
    let submit = move || sign(ui, action, &step, meaning, request.clone());
    fields(ui, action, place, label, view! { <p class="hint">{hint}</p> }.into_any(), submit)
}

/// The end of the record: of a shipment that is done with, or of one that never took place.
pub(super) fn close(
    ui: Ui,
    ground: &Ground,
    step: &NextStep,
    place: Place,
    meaning: SignatureMeaning,
) -> AnyView {
    let texts = &ui.texts.steps;
    let (action, shipment, step) = (Action::new(), ground.id, step.clone());
    let cancels = meaning == SignatureMeaning::Cancelled;
    let reason = Entry::new(if cancels { "cancel-reason" } else { "close-reason" });
    let (hint, label) = match cancels {
        true => (texts.cancel_hint, texts.reason.to_owned()),
        false => (texts.close_hint, optional(ui, texts.reason)),
    };
    let inside = view! { <p class="hint">{hint}</p>{field(reason, Look::Line, label, None)} }.into_any();
    let name = wording::step_words(step.step, ui.texts);
    let submit = move || {
        let reason = if cancels { reason.needed(ui) } else { reason.given() };
        if !cancels || reason.is_some() {
            sign(ui, action, &step, meaning, Request::CloseShipment { shipment, reason });
        }
    };
    fields(ui, action, place, name, inside, submit)
}
