//! Decisions about stock: released whole or in part, rejected, held.

use super::receipt::line_name;
use super::{Ground, Place, fields, sign};
use crate::app::Ui;
use crate::i18n::fill;
use crate::part::action::Action;
use crate::part::form::{Choices, Entry, Look, Pick, choices, field};
use crate::wording;
use firn_model::api::{NextStep, Request};
use firn_model::meaning::SignatureMeaning;
use firn_model::record::{Decision, SinglePersonRelease};
use leptos::prelude::*;

/// The release: of everything, where no line is barred, or of the lines that are chosen.
pub(super) fn release(ui: Ui, ground: &Ground, step: &NextStep, place: Place) -> AnyView {
    let texts = &ui.texts.steps;
    let (action, shipment, step) = (Action::new(), ground.id, step.clone());
    let what = Choices::<Decision>::one("release-what");
    let lines = Choices::<u32>::many("release-lines");
    let reason = Entry::new("release-reason");
    let has_parts = step.lines.len() > 1 || !step.barred.is_empty();
    if !has_parts {
        what.chosen.set(vec![Decision::Release]);
    } else if !step.barred.is_empty() {
        what.chosen.set(vec![Decision::ReleaseInPart]);
    }
    let whole = Pick { barred: !step.barred.is_empty(), ..Pick::new(Decision::Release, texts.release_all) };
    let decisions = vec![whole, Pick::new(Decision::ReleaseInPart, texts.release_lines)];
    let picks: Vec<Pick<u32>> = ground
        .items
        .iter()
        .zip(0_u32..)
        .filter(|(_, line)| step.lines.contains(line) || step.barred.contains(line))
        .map(|(item, line)| {
            let barred = step.barred.contains(&line);
            let about = barred.then(|| texts.barred.to_owned());
            Pick { barred, about, ..Pick::new(line, line_name(ui, item)) }
        })
        .collect();
    let in_part = Memo::new(move |_| what.chosen.with(|chosen| chosen.contains(&Decision::ReleaseInPart)));
    let alone =
        ground.policy.as_ref().filter(|policy| policy.single_person_release == SinglePersonRelease::Allowed);
    let inside = view! {
        {alone.map(|policy| view! {
            <p class="hint">{fill(texts.alone, &[("time", &ui.show.date(policy.since))])}</p>
        })}
        {has_parts.then(|| choices(what, texts.release_what, decisions))}
        {move || in_part.get().then(|| choices(lines, texts.release_lines, picks.clone()))}
        {field(reason, Look::Words, texts.reason, None)}
    }
    .into_any();
    let submit = move || {
        let Some(decision) = what.needed_one(ui) else { return };
        let lines = match decision {
            Decision::ReleaseInPart => match lines.needed(ui) {
                Some(mut lines) => {
                    lines.sort_unstable();
                    Some(lines)
                }
                None => return,
            },
            _ => None,
        };
        let Some(reason) = reason.needed(ui) else { return };
        let meaning = match decision {
            Decision::ReleaseInPart => SignatureMeaning::ReleasedInPart,
            _ => SignatureMeaning::Released,
        };
        sign(ui, action, &step, meaning, Request::DisposeShipment { shipment, decision, reason, lines });
    };
    fields(ui, action, place, texts.release, inside, submit)
}

/// The rejection of all of it.
pub(super) fn reject(ui: Ui, ground: &Ground, step: &NextStep, place: Place) -> AnyView {
    let shipment = ground.id;
    let request =
        move |reason| Request::DisposeShipment { shipment, decision: Decision::Reject, reason, lines: None };
    with_reason(ui, step, place, "reject-reason", None, SignatureMeaning::Rejected, request)
}

/// The hold: DO NOT USE.
pub(super) fn quarantine(ui: Ui, ground: &Ground, step: &NextStep, place: Place) -> AnyView {
    let shipment = ground.id;
    let hint = Some(ui.texts.steps.quarantine_hint);
    let request = move |reason| Request::QuarantineShipment { shipment, reason };
    with_reason(ui, step, place, "quarantine-reason", hint, SignatureMeaning::Quarantined, request)
}

fn with_reason(
    ui: Ui,
    step: &NextStep,
    place: Place,
    id: &str,
    hint: Option<&'static str>,
    meaning: SignatureMeaning,
    request: impl Fn(String) -> Request + 'static,
) -> AnyView {
    let (action, step) = (Action::new(), step.clone());
    let reason = Entry::new(id);
    let label = wording::step_words(step.step, ui.texts);
    let inside = view! {
        {hint.map(|hint| view! { <p class="hint">{hint}</p> })}
        {field(reason, Look::Words, ui.texts.steps.reason, None)}
    }
    .into_any();
    let submit = move || {
        if let Some(reason) = reason.needed(ui) {
            sign(ui, action, &step, meaning, request(reason));
        }
    };
    fields(ui, action, place, label, inside, submit)
}
