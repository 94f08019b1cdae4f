//! Fields of a form: each with a label, and with its own words where something is missing.

use crate::app::Ui;
use crate::browser;
use crate::i18n::fill;
use crate::show;
use crate::show::isolated;
use firn_model::time::UtcMillis;
use firn_model::units::MilliCelsius;
use leptos::prelude::*;

/// What a person types into one field.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    id: StoredValue<String>,
    pub value: RwSignal<String>,
    /// What is wrong with it, in words.
    pub wrong: RwSignal<Option<&'static str>>,
}

impl Entry {
    /// An empty field; `id` is unique on the page.
    pub(crate) fn new(id: impl Into<String>) -> Self {
        let id = StoredValue::new(id.into());
        Self { id, value: RwSignal::new(String::new()), wrong: RwSignal::new(None) }
    }

    /// What was typed, without blanks around it; nothing for an empty field.
    pub(crate) fn given(self) -> Option<String> {
        self.wrong.set(None);
        Some(self.value.get_untracked().trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// What was typed; an empty field says so and takes the focus.
    pub(crate) fn needed(self, ui: Ui) -> Option<String> {
        let given = self.given();
        if given.is_none() {
            self.refuse(ui.texts.steps.missing);
        }
        given
    }

    /// Says what is wrong and brings the person there.
    pub(crate) fn refuse(self, words: &'static str) {
        self.wrong.set(Some(words));
        browser::focus(&self.id.get_value());
    }

    /// A local date and time that was typed.
    pub(crate) fn instant(self, ui: Ui) -> Option<UtcMillis> {
        let instant = self.given().and_then(|text| show::local_instant(&text));
        if instant.is_none() {
            self.refuse(ui.texts.steps.date_time);
        }
        instant
    }

    /// A day that was typed; its beginning, in local time.
    pub(crate) fn day(self, ui: Ui) -> Option<UtcMillis> {
        let day = self.given().and_then(|text| show::local_instant(&format!("{text}T00:00")));
        if day.is_none() {
            self.refuse(ui.texts.steps.day_missing);
        }
        day
    }

    /// The end of the day that was given, or now where it is today.
    pub(crate) fn day_over(self, ui: Ui) -> Option<UtcMillis> {
        self.day(ui)?;
        let end = self.given().and_then(|text| show::local_instant(&format!("{text}T23:59:59.999")));
        end.map(|end| end.min(show::now()))
    }

    /// Degrees Celsius in milli-degrees; nothing inside for an empty field, and nothing for what is no number.
    pub(crate) fn degrees(self, ui: Ui) -> Option<Option<i32>> {
        let Some(text) = self.given() else { return Some(None) };
        let value = degrees(&text);
        if value.is_none() {
            self.refuse(ui.texts.certificate.degrees_bad);
        }
        value.map(|value| Some(value.0))
    }

    /// A whole number that was typed.
    pub(crate) fn number(self, ui: Ui) -> Option<u32> {
        let number = self.given().and_then(|text| text.parse().ok());
        if number.is_none() {
            self.refuse(ui.texts.steps.whole_number);
        }
        number
    }
}

/// How a date and time is typed, in words.
pub(crate) fn instant_form(ui: Ui) -> String {
    fill(ui.texts.steps.instant_form, &[("form", &format!("\u{2066}{}\u{2069}", show::INSTANT_FORM))])
}

/// Degrees as people type them, with a point or a comma.
pub(crate) fn degrees(text: &str) -> Option<MilliCelsius> {
    MilliCelsius::parse(&text.replace(',', ".")).ok()
}

/// How a field looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// One line.
    Line,
    /// Several lines.
    Words,
    /// A whole number.
    Number,
    /// A local date and time.
    Instant,
    /// A local day.
    Day,
}

/// A field with its label, a hint, and what is wrong with it.
pub(crate) fn field(entry: Entry, look: Look, label: impl Into<String>, hint: Option<String>) -> AnyView {
    let id = entry.id.get_value();
    let (hint_id, wrong_id) = (format!("{id}-hint"), format!("{id}-wrong"));
    let is_hinted = hint.is_some();
    let described = {
        let (hint_id, wrong_id) = (hint_id.clone(), wrong_id.clone());
        move || match (is_hinted, entry.wrong.get().is_some()) {
            (false, false) => None,
            (true, false) => Some(hint_id.clone()),
            (false, true) => Some(wrong_id.clone()),
            (true, true) => Some(format!("{wrong_id} {hint_id}")),
        }
    };
    let invalid = move || entry.wrong.get().map(|_| "true");
    let typed = move |event| {
        entry.value.set(event_target_value(&event));
        entry.wrong.set(None);
    };
    let value = move || entry.value.get();
    let input = match look {
        Look::Words => view! {
            <textarea id=id.clone() rows="2" dir="auto" aria-describedby=described aria-invalid=invalid prop:value=value on:input=typed></textarea>
        }
        .into_any(),
        Look::Line => view! {
            <input id=id.clone() type="text" dir="auto" autocomplete="off" aria-describedby=described aria-invalid=invalid prop:value=value on:input=typed />
        }
        .into_any(),
        Look::Number => view! {
            <input id=id.clone() type="text" inputmode="numeric" autocomplete="off" aria-describedby=described aria-invalid=invalid prop:value=value on:input=typed />
        }
        .into_any(),
        Look::Day => view! {
            <input id=id.clone() type="date" dir="ltr" aria-describedby=described aria-invalid=invalid prop:value=value on:input=typed />
        }
        .into_any(),
        Look::Instant => view! {
            <input id=id.clone() type="datetime-local" dir="ltr" aria-describedby=described aria-invalid=invalid prop:value=value on:input=typed />
        }
        .into_any(),
    };
    view! {
        <div class="field">
            <label for=id>{label.into()}</label>
            {input}
            {hint.map(|hint| view! { <p class="hint" id=hint_id dir="auto">{hint}</p> })}
            {move || entry.wrong.get().map(|words| view! { <p class="field-wrong" id=wrong_id.clone()>{words}</p> })}
        </div>
    }
    .into_any()
}

/// One thing of a list that can be chosen.
#[derive(Clone)]
pub(crate) struct Pick<T> {
    pub value: T,
    pub label: String,
    /// Said beside it, more quietly.
    pub about: Option<String>,
    /// It is shown and cannot be chosen.
    pub barred: bool,
}

impl<T> Pick<T> {
    pub(crate) fn new(value: T, label: impl Into<String>) -> Self {
        Self { value, label: label.into(), about: None, barred: false }
    }

    /// One that is called by a name, which keeps its own direction (UAX 9).
    pub(crate) fn named(value: T, name: &str) -> Self {
        Self::new(value, isolated(name))
    }
}

/// What is chosen of a list.
pub(crate) struct Choices<T: Send + Sync + 'static> {
    id: StoredValue<String>,
    pub chosen: RwSignal<Vec<T>>,
    wrong: RwSignal<Option<&'static str>>,
    many: bool,
}

// Derived, these would ask the same of `T`.
impl<T: Send + Sync + 'static> Copy for Choices<T> {}

impl<T: Send + Sync + 'static> Clone for Choices<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Clone + PartialEq + Send + Sync + 'static> Choices<T> {
    /// Exactly one can be chosen; `id` is unique on the page.
    pub(crate) fn one(id: impl Into<String>) -> Self {
        Self::new(id, false)
    }

    /// Any number can be chosen.
    pub(crate) fn many(id: impl Into<String>) -> Self {
        Self::new(id, true)
    }

    fn new(id: impl Into<String>, many: bool) -> Self {
        let (chosen, wrong) = (RwSignal::new(Vec::new()), RwSignal::new(None));
        Self { id: StoredValue::new(id.into()), chosen, wrong, many }
    }

    /// What is chosen; where that is nothing, says so and takes the focus.
    pub(crate) fn needed(self, ui: Ui) -> Option<Vec<T>> {
        let chosen = self.chosen.get_untracked();
        if chosen.is_empty() {
            let texts = &ui.texts.steps;
            self.wrong.set(Some(if self.many { texts.choose_some } else { texts.choose_one }));
            browser::focus(&self.id.get_value());
            return None;
        }
        Some(chosen)
    }

    /// The one that is chosen.
    pub(crate) fn needed_one(self, ui: Ui) -> Option<T> {
        self.needed(ui)?.into_iter().next()
    }

    fn set(self, value: &T, on: bool) {
        self.wrong.set(None);
        self.chosen.update(|chosen| {
            if !self.many {
                chosen.clear();
            }
            chosen.retain(|known| known != value);
            if on {
                chosen.push(value.clone());
            }
        });
    }
}

/// A list to choose from, under its legend.
pub(crate) fn choices<T: Clone + PartialEq + Send + Sync + 'static>(
    choices: Choices<T>,
    legend: impl Into<String>,
    picks: Vec<Pick<T>>,
) -> AnyView {
    let id = choices.id.get_value();
    let row = |pick: Pick<T>| {
        let Pick { value, label, about, barred } = pick;
        let kept = value.clone();
        let row = Row {
            label,
            about,
            barred,
            checked: Box::new(move || choices.chosen.with(|chosen| chosen.contains(&kept))),
            change: Box::new(move |on| choices.set(&value, on)),
        };
        choice(row, choices.many, id.clone())
    };
    let rows = picks.into_iter().map(row).collect();
    group(id.clone(), legend.into(), choices.wrong, rows)
}

fn group(id: String, legend: String, wrong: RwSignal<Option<&'static str>>, rows: Vec<AnyView>) -> AnyView {
    let wrong_id = format!("{id}-wrong");
    let described = wrong_id.clone();
    let describes = move || wrong.get().map(|_| described.clone());
    view! {
        <fieldset class="choice-list" id=id aria-describedby=describes>
            <legend>{legend}</legend>
            {rows}
            {move || wrong.get().map(|words| view! { <p class="field-wrong" id=wrong_id.clone()>{words}</p> })}
        </fieldset>
    }
    .into_any()
}

/// A choice without the type of its value, so that its view is compiled once.
struct Row {
    label: String,
    about: Option<String>,
    barred: bool,
    checked: Box<dyn Fn() -> bool + Send + Sync>,
    change: Box<dyn Fn(bool)>,
}

fn choice(row: Row, many: bool, name: String) -> AnyView {
    let Row { label, about, barred, checked, change } = row;
    let class = if barred { "choice choice-barred" } else { "choice" };
    view! {
        <label class=class>
            <input
                type=if many { "checkbox" } else { "radio" }
                name=name
                disabled=barred
                prop:checked=checked
                on:change=move |event| change(event_target_checked(&event))
            />
            <span><span>{label}</span>{about.map(|about| view! { <span class="quiet">{about}</span> })}</span>
        </label>
    }
    .into_any()
}
