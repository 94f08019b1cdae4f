//! CDC's record of an excursion: what is filled in, what the readings tell, and a form for the rest.

use super::action::{Action, field};
use super::form::degrees;
use super::sign::Signature;
use crate::acting;
use crate::app::Ui;
use crate::i18n::{Texts, fill};
use crate::show::isolated;
use firn_model::api::{ExcursionShown, Request};
use firn_model::gs1::expiry_date;
use firn_model::id::Id;
use firn_model::meaning::SignatureMeaning;
use firn_model::record::{ExcursionField, ExcursionRecord, ItemLine, Kind};
use firn_model::role::Role;
use leptos::prelude::*;

/// What a person has typed, kept while the record is drawn anew.
#[derive(Clone, Copy)]
struct Typed {
    room: RwSignal<String>,
    reporter: RwSignal<String>,
    description: RwSignal<String>,
    other_items: RwSignal<String>,
    prior_problems: RwSignal<String>,
    degrees_bad: RwSignal<bool>,
}

/// A shipment, its record where one is asked for, and its lines.
pub(crate) type Recorded = (Id, Option<ExcursionShown>, Vec<ItemLine>);

/// The record of a shipment; nothing where none is asked for.
pub(crate) fn excursion(ui: Ui, record: Memo<Option<Recorded>>) -> AnyView {
    let empty = || RwSignal::new(String::new());
    let typed = Typed {
        room: empty(),
        reporter: empty(),
        description: empty(),
        other_items: empty(),
        prior_problems: empty(),
        degrees_bad: RwSignal::new(false),
    };
    let (action, acting) = (Action::new(), acting::acting(ui));
    let may = Memo::new(move |_| acting::may_be(&roles(), &[], acting.get().as_ref()));
    let view = move || {
        let (shipment, shown, items) = record.get()?;
        Some(card(ui, shipment, &translated(ui, shown?, &items), may.get(), typed, action))
    };
    view! { {view} }.into_any()
}

/// The record with the inventory in the reader's language, where it is what the readings tell.
fn translated(ui: Ui, shown: ExcursionShown, items: &[ItemLine]) -> ExcursionShown {
    let line = |line: &u32| items.get(usize::try_from(*line).ok()?).map(|item| inventory_line(ui, item));
    let words: Vec<String> = shown.inventory_lines.iter().filter_map(line).collect();
    let ExcursionShown { mut record, mut readings_tell, .. } = shown.clone();
    if words.is_empty() {
        return shown;
    }
    if record.inventory == readings_tell.inventory {
        record.inventory = Some(words.join(" · "));
    }
    readings_tell.inventory = Some(words.join(" · "));
    ExcursionShown { record, readings_tell, ..shown }
}

/// One line of goods: product, lot, expiry, GTIN, quantity.
fn inventory_line(ui: Ui, item: &ItemLine) -> String {
    let texts = &ui.texts.shipment;
    let named = |name: &str, value: &Option<String>| {
        value.as_ref().map(|value| format!("{name}\u{a0}{}", isolated(value)))
    };
    let quantity = format!("{} {}", texts.quantity, ui.show.count(u64::from(item.quantity)));
    let parts = [
        Some(isolated(&item.product)),
        named(texts.lot, &item.lot),
        named(texts.expiry, &item.expiry.as_deref().map(expiry_date)),
        named(texts.gtin, &item.gtin),
        Some(quantity),
    ];
    ui.show.list(&parts.into_iter().flatten().collect::<Vec<_>>())
}

fn card(
    ui: Ui,
    shipment: Id,
    shown: &ExcursionShown,
    may_sign: bool,
    typed: Typed,
    action: Action,
) -> AnyView {
    let texts = &ui.texts.excursion;
    // What the readings tell stands below and is filled in with the signature: only people know the rest.
    let told = |field: &&ExcursionField| value(ui, &shown.readings_tell, **field).is_none();
    let unknown: Vec<ExcursionField> = shown.missing.iter().filter(told).copied().collect();
    let standing = match (shown.complete, unknown.is_empty()) {
        (true, _) => view! { <strong>{texts.complete}</strong> }.into_any(),
        (false, true) => view! { <strong>{texts.unsigned}</strong> }.into_any(),
        (false, false) => fill(texts.incomplete, &[("fields", &names(ui, &unknown))]).into_any(),
    };
    let rows: Vec<_> = ExcursionField::ALL.into_iter().filter_map(|field| row(ui, shown, field)).collect();
    let form = (!shown.complete && may_sign).then(|| form(ui, shipment, &shown.missing, typed, action));
    view! {
        <section class="card" aria-labelledby="excursion-title">
            <h2 id="excursion-title">{texts.title}</h2>
            <p>{standing}</p>
            <dl class="facts">{rows}</dl>
            {form}
        </section>
    }
    .into_any()
}

/// A field as recorded, or as the readings tell it; nothing where neither does.
fn row(ui: Ui, shown: &ExcursionShown, field: ExcursionField) -> Option<AnyView> {
    let texts = &ui.texts.excursion;
    let words = match (value(ui, &shown.record, field), value(ui, &shown.readings_tell, field)) {
        (Some(recorded), Some(known)) if field.is_measured() && recorded != known => {
            format!("{recorded} · {}", fill(texts.by_readings, &[("value", &known)]))
        }
        (Some(recorded), _) => recorded,
        (None, Some(known)) => fill(texts.by_readings, &[("value", &known)]),
        (None, None) => return None,
    };
    Some(view! { <div><dt>{name(field, ui.texts)}</dt><dd dir="auto">{words}</dd></div> }.into_any())
}

fn value(ui: Ui, record: &ExcursionRecord, field: ExcursionField) -> Option<String> {
    match field {
        ExcursionField::At => record.at.map(|at| ui.show.instant(at)),
        ExcursionField::UnitMinC => record.unit_min_c.map(|value| ui.show.exact_degrees(value)),
        ExcursionField::UnitMaxC => record.unit_max_c.map(|value| ui.show.exact_degrees(value)),
        ExcursionField::RoomC => record.room_c.map(|value| ui.show.exact_degrees(value)),
        ExcursionField::Reporter => record.reporter.clone(),
        ExcursionField::Description => record.description.clone(),
        ExcursionField::DurationS => record.duration_s.map(|time| ui.show.duration(time)),
        ExcursionField::Inventory => record.inventory.clone(),
        ExcursionField::OtherItems => record.other_items.clone(),
        ExcursionField::PriorProblems => record.prior_problems.clone(),
    }
}

/// Asks for what is missing and only a person knows.
fn form(ui: Ui, shipment: Id, missing: &[ExcursionField], typed: Typed, action: Action) -> AnyView {
    let texts = &ui.texts.excursion;
    let asked = [
        (ExcursionField::RoomC, "excursion-room", typed.room),
        (ExcursionField::Reporter, "excursion-reporter", typed.reporter),
        (ExcursionField::Description, "excursion-description", typed.description),
        (ExcursionField::OtherItems, "excursion-other-items", typed.other_items),
        (ExcursionField::PriorProblems, "excursion-prior-problems", typed.prior_problems),
    ];
    let fields: Vec<_> = asked
        .into_iter()
        .filter(|(one, ..)| missing.contains(one))
        .map(|(one, id, signal)| {
            let unit = if one == ExcursionField::RoomC { " (\u{2066}°C\u{2069})" } else { "" };
            field(id, format!("{}{unit}", name(one, ui.texts)), None, signal)
        })
        .collect();
    let submit = move |_| match given(typed) {
        Some(record) => {
            typed.degrees_bad.set(false);
            let signature = Signature::of(SignatureMeaning::RecordedExcursion, &roles());
            action.sign(ui, signature, Request::RecordExcursion { shipment, record }, |_| ());
        }
        None => typed.degrees_bad.set(true),
    };
    view! {
        <div class="step-form">
            {fields}
            <p class="hint">{texts.hint}</p>
            <p class="hint" role="alert">{move || typed.degrees_bad.get().then_some(texts.degrees_bad)}</p>
            <button type="button" class="button button-primary" disabled=move || action.busy.get() on:click=submit>
                {texts.sign}
            </button>
            {action.outcome(ui)}
        </div>
    }
    .into_any()
}

/// What was typed, without what was left empty; nothing where the room's temperature is none.
fn given(typed: Typed) -> Option<ExcursionRecord> {
    let text = |signal: RwSignal<String>| {
        Some(signal.get_untracked().trim().to_owned()).filter(|text| !text.is_empty())
    };
    let room_c = match text(typed.room) {
        Some(text) => Some(degrees(&text)?),
        None => None,
    };
    Some(ExcursionRecord {
        room_c,
        reporter: text(typed.reporter),
        description: text(typed.description),
        other_items: text(typed.other_items),
        prior_problems: text(typed.prior_problems),
        ..ExcursionRecord::default()
    })
}

/// Whose role may sign the record; the app decides again when it is asked.
fn roles() -> Vec<Role> {
    Role::ALL.into_iter().filter(|role| role.may_sign(Kind::ExcursionRecord)).collect()
}

/// The names of fields in a row.
pub(crate) fn names(ui: Ui, fields: &[ExcursionField]) -> String {
    let names: Vec<&str> = fields.iter().map(|field| name(*field, ui.texts)).collect();
    ui.show.list(&names)
}

/// What an entry filled in.
pub(crate) fn recorded(ui: Ui, record: &ExcursionRecord) -> String {
    let filled: Vec<ExcursionField> =
        ExcursionField::ALL.into_iter().filter(|field| record.holds(*field)).collect();
    fill(ui.texts.excursion.recorded, &[("fields", &names(ui, &filled))])
}

fn name(field: ExcursionField, texts: &Texts) -> &'static str {
    let texts = &texts.excursion;
    match field {
        ExcursionField::At => texts.at,
        ExcursionField::UnitMinC => texts.unit_min,
        ExcursionField::UnitMaxC => texts.unit_max,
        ExcursionField::RoomC => texts.room,
        ExcursionField::Reporter => texts.reporter,
        ExcursionField::Description => texts.description,
        ExcursionField::DurationS => texts.duration,
        ExcursionField::Inventory => texts.inventory,
        ExcursionField::OtherItems => texts.other_items,
        ExcursionField::PriorProblems => texts.prior_problems,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firn_model::units::MilliCelsius;

    #[test]
    fn the_rooms_temperature_is_read_with_a_point_or_a_comma_and_nothing_else_is_guessed() {
        assert_eq!(degrees("21.5"), Some(MilliCelsius(21_500)));
        assert_eq!(degrees("21,5"), Some(MilliCelsius(21_500)));
        assert_eq!(degrees("warm"), None);
    }
}
