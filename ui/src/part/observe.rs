//! What a person saw: a form that signs it, and its words.

use super::action::{Action, field};
use super::photo::Photo;
use super::sign::Signature;
use crate::app::Ui;
use crate::browser;
use crate::i18n::{Texts, fill};
use crate::show;
use crate::show::isolated;
use firn_model::api::{Phase, Request};
use firn_model::id::Id;
use firn_model::meaning::SignatureMeaning;
use firn_model::record::{Coolant, FreezeIndicator, Kind, Observation, Observed, Seal, VialMonitorStage};
use firn_model::role::Role;
use leptos::prelude::*;

/// Everything that can be seen, in the order to offer it.
const ALL: [Observed; 12] = [
    Observed::VialMonitor(VialMonitorStage::One),
    Observed::VialMonitor(VialMonitorStage::Two),
    Observed::VialMonitor(VialMonitorStage::Three),
    Observed::VialMonitor(VialMonitorStage::Four),
    Observed::FreezeIndicator(FreezeIndicator::Intact),
    Observed::FreezeIndicator(FreezeIndicator::Activated),
    Observed::Coolant(Coolant::Frozen),
    Observed::Coolant(Coolant::PartlyMelted),
    Observed::Coolant(Coolant::Melted),
    Observed::Seal(Seal::Intact),
    Observed::Seal(Seal::Broken),
    Observed::Other,
];

/// What was seen, in words.
pub(crate) fn seen_words(observed: Observed, texts: &Texts) -> String {
    let texts = &texts.observation;
    let (what, state) = match observed {
        Observed::VialMonitor(stage) => {
            let stage = fill(texts.stage, &[("stage", &u8::from(stage).to_string())]);
            return format!("{}: {stage}", texts.vvm);
        }
        Observed::FreezeIndicator(FreezeIndicator::Intact) => (texts.freeze, texts.intact),
        Observed::FreezeIndicator(FreezeIndicator::Activated) => (texts.freeze, texts.activated),
        Observed::Coolant(Coolant::Frozen) => (texts.coolant, texts.frozen),
        Observed::Coolant(Coolant::PartlyMelted) => (texts.coolant, texts.partly_melted),
        Observed::Coolant(Coolant::Melted) => (texts.coolant, texts.melted),
        Observed::Seal(Seal::Intact) => (texts.seal, texts.intact),
        Observed::Seal(Seal::Broken) => (texts.seal, texts.broken),
        Observed::Other => return texts.other.to_owned(),
    };
    format!("{what}: {state}")
}

/// The list of what can be seen.
const WHAT: &str = "observe-what";

/// What of the list was chosen.
fn seen(chosen: Option<usize>) -> Option<Observed> {
    ALL.get(chosen?).copied()
}

/// What the sheet says is signed: the thing seen, on which package, and the note.
fn about(ui: Ui, observed: Observed, place: Option<String>, note: &str) -> String {
    let place = place.map(|package| fill(ui.texts.shipment.package, &[("name", &isolated(&package))]));
    let note = (!note.is_empty()).then(|| isolated(note));
    [Some(seen_words(observed, ui.texts)), place, note].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The form, folded until somebody opens it; nothing for a shipment that never took place.
pub(crate) fn observe(ui: Ui, shipment: Id, phase: Phase, packages: &[String]) -> AnyView {
    if phase == Phase::Cancelled {
        return ().into_any();
    }
    let texts = &ui.texts.observation;
    let action = Action::new();
    // Nothing is signed that nobody chose.
    let (chosen, note) = (RwSignal::new(None::<usize>), RwSignal::new(String::new()));
    let wrong = RwSignal::new(None::<&'static str>);
    let (place, photo) = (RwSignal::new(None::<String>), Photo::new());
    let lacks_note =
        move || seen(chosen.get()) == Some(Observed::Other) && note.with(|note| note.trim().is_empty());
    let submit = move |_| {
        let Some(observed) = seen(chosen.get_untracked()) else {
            wrong.set(Some(ui.texts.steps.choose_one));
            return browser::focus(WHAT);
        };
        let words = note.with_untracked(|note| note.trim().to_owned());
        let about = about(ui, observed, place.get_untracked(), &words);
        let observation = Observation {
            observed,
            at: show::now(),
            place: place.get_untracked(),
            note: (!words.is_empty()).then_some(words),
            photo: photo.digest(),
            reason: None,
        };
        let roles: Vec<Role> =
            Role::ALL.into_iter().filter(|role| role.may_sign(Kind::Observation)).collect();
        let signature = Signature { about: Some(about), ..Signature::of(SignatureMeaning::Observed, &roles) };
        action.sign_if_any_can(ui, signature, Request::Observe { shipment, observation }, move |_| {
            chosen.set(None);
            note.set(String::new());
            photo.clear();
        });
    };
    let options: Vec<_> = (0_usize..)
        .zip(ALL)
        .map(|(place, one)| {
            view! { <option value=place.to_string()>{seen_words(one, ui.texts)}</option> }
        })
        .collect();
    view! {
        <details class="card observe">
            <summary>{texts.title}</summary>
            <div class="field">
                <label for=WHAT>{texts.what}</label>
                <select
                    id=WHAT
                    aria-describedby=move || wrong.get().map(|_| "observe-what-wrong")
                    aria-invalid=move || wrong.get().map(|_| "true")
                    on:change=move |event| {
                        wrong.set(None);
                        chosen.set(event_target_value(&event).parse().ok());
                    }
                >
                    <option value="" prop:selected=move || chosen.with(Option::is_none)>"–"</option>
                    {options}
                </select>
                {move || wrong.get().map(|words| view! { <p class="field-wrong" id="observe-what-wrong">{words}</p> })}
            </div>
            {on_package(ui, packages, place)}
            {field("observe-note", texts.note, None, note)}
            {photo.field(ui, "observe-photo")}
            {move || lacks_note().then(|| view! { <p class="quiet">{texts.note_missing}</p> })}
            <button
                type="button"
                class="button"
                disabled=move || action.busy.get() || lacks_note() || photo.waits()
                on:click=submit
            >
                {texts.submit}
            </button>
            {action.outcome(ui)}
        </details>
    }
    .into_any()
}

/// On which package it was seen, where the shipment has any.
fn on_package(ui: Ui, packages: &[String], place: RwSignal<Option<String>>) -> AnyView {
    if packages.is_empty() {
        return ().into_any();
    }
    let texts = &ui.texts.observation;
    let options: Vec<_> =
        packages.iter().map(|name| view! { <option value=name.clone()>{name.clone()}</option> }).collect();
    let choose = move |event| place.set(Some(event_target_value(&event)).filter(|name| !name.is_empty()));
    view! {
        <div class="field">
            <label for="observe-package">{texts.package}</label>
            <select id="observe-package" on:change=choose>
                <option value="">{texts.whole}</option>
                {options}
            </select>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;
    use std::collections::BTreeSet;

    #[test]
    fn everything_that_can_be_seen_has_words_of_its_own_in_every_language() {
        for language in Language::ALL {
            let words: BTreeSet<String> = ALL.iter().map(|one| seen_words(*one, language.texts())).collect();
            assert_eq!(words.len(), ALL.len(), "{}", language.tag());
        }
    }
}
