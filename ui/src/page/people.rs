//! People on the device's screen: who they are, their keys here, their PIN, and the rule on releasing alone.

use super::{known, register};
use crate::acting;
use crate::app::Ui;
use crate::i18n::{Language, fill};
use crate::part::action::Action;
use crate::part::form::{Choices, Entry, Look, Pick, choices, field};
use crate::part::icon;
use crate::part::sign::{Signature, taken};
use crate::show::isolated;
use crate::wording;
use firn_model::api::{PersonShown, Request};
use firn_model::id::Id;
use firn_model::meaning::SignatureMeaning;
use firn_model::people::ACCOUNTABILITY;
use firn_model::record::{Kind, PersonStanding, SinglePersonRelease};
use firn_model::role::Role;
use leptos::html;
use leptos::prelude::*;

/// Everybody, each with their role, training and standing.
pub(super) fn people(ui: Ui) -> AnyView {
    let texts = &ui.texts.people;
    let everybody = known(ui, |snapshot| snapshot.people.clone());
    let ids = Memo::new(move |_| {
        everybody.with(|all| all.iter().flatten().map(|person| person.id).collect::<Vec<Id>>())
    });
    let row = move |id: Id| {
        let one = Memo::new(move |_| {
            everybody.with(|all| all.iter().flatten().find(|person| person.id == id).cloned())
        });
        view! { <li class="person">{move || one.get().map(|person| told(ui, &person))}{key(ui, one)}{register::person(ui, one)}</li> }
    };
    let none = move || ids.with(Vec::is_empty).then(|| view! { <p class="quiet">{texts.none}</p> });
    let signed_in = known(ui, |snapshot| snapshot.session.as_ref().map(|session| session.person.id));
    let own_pin = move || signed_in.get().flatten().map(|_| change_pin(ui));
    view! {
        <section class="card people" aria-labelledby="people-title">
            <h2 id="people-title">{texts.title}</h2>
            {none}
            <ul class="plain">
                <For each=move || ids.get() key=|id| *id children=row />
            </ul>
            {own_pin}
            {register::enrol(ui)}
        </section>
    }
    .into_any()
}

fn told(ui: Ui, person: &PersonShown) -> AnyView {
    let texts = &ui.texts.people;
    let role = wording::role_words(Some(person.role), ui.texts);
    let title = person
        .title
        .clone()
        .map_or_else(|| role.to_owned(), |title| format!("{} · {role}", isolated(&title)));
    let trained = match person.trained {
        Some(at) => fill(texts.trained, &[("time", &ui.show.date(at))]),
        None => texts.not_trained.to_owned(),
    };
    let signs = person.standing == PersonStanding::Active;
    let keyed = if person.has_key { texts.has_key } else { texts.no_key };
    let facts = if signs { format!("{trained} · {keyed}") } else { texts.ended.to_owned() };
    let until = person.locked_until.map(|until| {
        let words = fill(ui.texts.sign.locked, &[("time", &ui.show.time(until, ui.store.now.get_untracked()))]);
        view! {
            <span class="standing standing-review">{icon::outline(icon::path::LOCK)}<span>{words}</span></span>
        }
    });
    view! {
        <strong><bdi>{person.name.clone()}</bdi></strong>
        <span>{title}</span>
        <span class="quiet">{facts}</span>
        {until}
    }
    .into_any()
}

/// The way to a first key on this device, past what the person accepts to be accountable for.
fn key(ui: Ui, one: Memo<Option<PersonShown>>) -> AnyView {
    let due = Memo::new(move |_| {
        one.with(|person| {
            let person = person.as_ref()?;
            let signs = person.standing == PersonStanding::Active && person.trained.is_some();
            (signs && !person.has_key).then(|| (person.id, person.name.clone()))
        })
    });
    let form = move || due.get().map(|(id, name)| make_key(ui, id, &name));
    view! { {form} }.into_any()
}

fn make_key(ui: Ui, person: Id, name: &str) -> AnyView {
    let texts = &ui.texts.people;
    let named = isolated(name);
    let accepts = Choices::<bool>::many(format!("accept-{person}"));
    let accept = fill(texts.accept, &[("name", &named)]);
    let pins = NewPin::new(format!("new-pin-{person}"));
    let (code, action) = (NodeRef::new(), Action::new());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if accepts.needed(ui).is_none() {
            return;
        }
        let code = taken(code);
        if let Some(pin) = pins.taken(ui) {
            let request = Request::AcceptAccountability { person: person.to_string(), pin, code };
            action.ask(ui, request, |_| ());
        }
    };
    view! {
        <details class="step">
            <summary>{fill(texts.make_key, &[("name", &named)])}</summary>
            <form class="step-form" novalidate on:submit=submit>
                <p class="hint">{texts.accountability}</p>
                {translated(ui)}
                <blockquote class="accountability" lang="en" dir="ltr">{ACCOUNTABILITY}</blockquote>
                {choices(accepts, texts.accountability_title, vec![Pick::new(true, accept)])}
                <p class="hint">{texts.code_hint}</p>
                {secret(format!("code-{person}"), texts.code, code)}
                {pins.fields(ui)}
                {action.outcome(ui)}
                <button type="submit" class="button" disabled=move || action.busy.get()>{ui.texts.people.make}</button>
            </form>
        </details>
    }
    .into_any()
}

/// What the person accepts in the language of the screen, above the English text that is kept.
fn translated(ui: Ui) -> Option<AnyView> {
    let texts = &ui.texts.people;
    (ui.show.0 != Language::English).then(|| {
        view! {
            <p class="accountability">{texts.accountability_text}</p>
            <p class="hint">{texts.accountability_binds}</p>
        }
        .into_any()
    })
}

/// A PIN that is chosen, typed twice.
#[derive(Clone, Copy)]
struct NewPin {
    id: StoredValue<String>,
    first: NodeRef<html::Input>,
    again: NodeRef<html::Input>,
    wrong: RwSignal<Option<&'static str>>,
}

impl NewPin {
    fn new(id: String) -> Self {
        let (first, again) = (NodeRef::new(), NodeRef::new());
        Self { id: StoredValue::new(id), first, again, wrong: RwSignal::new(None) }
    }

    /// Takes both out of their fields.
    fn taken(self, ui: Ui) -> Option<firn_model::api::Secret> {
        let (first, again) = (taken(self.first), taken(self.again));
        let same = first == again;
        self.wrong.set((!same).then_some(ui.texts.people.differ));
        same.then_some(first)
    }

    fn fields(self, ui: Ui) -> AnyView {
        let texts = &ui.texts.people;
        let id = self.id.get_value();
        view! {
            {secret(id.clone(), texts.new_pin, self.first)}
            {secret(format!("{id}-again"), texts.again, self.again)}
            <div role="alert">
                {move || self.wrong.get().map(|words| view! { <p class="field-wrong">{words}</p> })}
            </div>
        }
        .into_any()
    }
}

fn secret(id: String, label: &'static str, input: NodeRef<html::Input>) -> AnyView {
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input id=id node_ref=input type="password" autocomplete="off" />
        </div>
    }
    .into_any()
}

/// Another PIN for the person who is signed in.
fn change_pin(ui: Ui) -> AnyView {
    let texts = &ui.texts.people;
    let (old, pins, action) = (NodeRef::new(), NewPin::new("changed-pin".into()), Action::new());
    let done = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        done.set(false);
        let before = taken(old);
        if let Some(new) = pins.taken(ui) {
            let request = Request::ChangePin { person: None, old: before, new };
            action.ask(ui, request, move |_| done.set(true));
        }
    };
    view! {
        <details class="step">
            <summary>{texts.change_pin}</summary>
            <form class="step-form" novalidate on:submit=submit>
                {secret("old-pin".into(), texts.old_pin, old)}
                {pins.fields(ui)}
                {action.outcome(ui)}
                <p role="status">{move || done.get().then_some(texts.changed)}</p>
                <button type="submit" class="button" disabled=move || action.busy.get()>{texts.change}</button>
            </form>
        </details>
    }
    .into_any()
}

/// The rule on releasing alone, with a form for who may set it.
pub(super) fn policy(ui: Ui) -> AnyView {
    let texts = &ui.texts.people;
    let rule = known(ui, |snapshot| snapshot.policy.clone());
    let acting = acting::acting(ui);
    let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| role.may_sign(Kind::Policy)).collect();
    let may = roles.clone();
    let is_mine = Memo::new(move |_| acting::may_be(&may, &[], acting.get().as_ref()));
    let now = move || {
        let rule = rule.get().flatten();
        let of_now = rule.as_ref().map(|rule| rule.single_person_release).unwrap_or_default();
        let words = wording::policy_words(of_now, ui.texts);
        let since = rule.as_ref().map(|rule| format!(" · {}", ui.show.date(rule.since)));
        let reason = rule.and_then(|rule| rule.reason).map(|reason| format!(" · {}", isolated(&reason)));
        view! { <p><strong>{words}</strong><span class="quiet">{since}{reason}</span></p> }
    };
    let form = move || is_mine.get().then(|| set_policy(ui, &roles));
    // Before there is an organisation there is no rule, and a signature would found one.
    let is_founded = known(ui, |snapshot| snapshot.organisation.is_some());
    let card = move || {
        (is_founded.get() == Some(true)).then(|| {
            view! {
                <section class="card" aria-labelledby="policy-title">
                    <h2 id="policy-title">{texts.policy}</h2>
                    {now}
                    <p class="hint">{texts.policy_hint}</p>
                    {form.clone()}
                </section>
            }
        })
    };
    view! { {card} }.into_any()
}

fn set_policy(ui: Ui, roles: &[Role]) -> AnyView {
    let texts = &ui.texts.people;
    let rule = Choices::<SinglePersonRelease>::one("policy");
    let picks = [SinglePersonRelease::Refused, SinglePersonRelease::Allowed]
        .map(|rule| Pick::new(rule, wording::policy_words(rule, ui.texts)));
    let (action, roles, reason) = (Action::new(), roles.to_vec(), Entry::new("policy-reason"));
    let in_force = known(ui, |snapshot| snapshot.policy.as_ref().map(|policy| policy.single_person_release));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(single_person_release) = rule.needed_one(ui) else { return };
        let changes = in_force.get_untracked().flatten().is_some_and(|rule| rule != single_person_release);
        let why = if changes { reason.needed(ui).map(Some) } else { Some(reason.given()) };
        if let Some(reason) = why {
            let signature = Signature::of(SignatureMeaning::SetPolicy, &roles);
            action.sign(ui, signature, Request::SetPolicy { single_person_release, reason }, |_| ());
        }
    };
    view! {
        <details class="step">
            <summary>{texts.set_policy}</summary>
            <form class="step-form" novalidate on:submit=submit>
                {choices(rule, texts.policy, picks.to_vec())}
                {field(reason, Look::Words, texts.change_reason, Some(texts.change_reason_hint.to_owned()))}
                {action.outcome(ui)}
                <button type="submit" class="button" disabled=move || action.busy.get()>{texts.set_policy}</button>
            </form>
        </details>
    }
    .into_any()
}
