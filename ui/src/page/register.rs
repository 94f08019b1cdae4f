//! What an admin does to the register of people: enrols them with a code, records training, withdraws keys.

use super::known;
use crate::acting;
use crate::app::Ui;
use crate::i18n::fill;
use crate::part::action::Action;
use crate::part::form::{Choices, Entry, Look, Pick, choices, field};
use crate::part::sign::Signature;
use crate::show::isolated;
use crate::wording;
use firn_model::api::{PersonShown, Request, Response, Secret};
use firn_model::id::Id;
use firn_model::record::{Kind, PersonStanding};
use firn_model::role::Role;
use leptos::prelude::*;

/// Whether the register is changed here: at an admin's device, by an admin where people sign.
fn is_kept_here(ui: Ui) -> Memo<bool> {
    let acting = acting::acting(ui);
    let is_admins = known(ui, |snapshot| {
        snapshot.organisation.as_ref().is_some_and(|own| own.role.may_sign(Kind::Person))
    });
    Memo::new(move |_| is_admins.get() == Some(true) && acting::may_be(&roles(), &[], acting.get().as_ref()))
}

fn roles() -> Vec<Role> {
    Role::ALL.into_iter().filter(|role| role.may_sign(Kind::Person)).collect()
}

/// The form that enrols a person, and the code that it ends with.
pub(super) fn enrol(ui: Ui) -> AnyView {
    let is_kept_here = is_kept_here(ui);
    let body = move || {
        is_kept_here.get().then(|| {
            view! {
                <details class="step enrol-person">
                    <summary>{ui.texts.register.enrol}</summary>
                    {enrol_form(ui)}
                </details>
            }
        })
    };
    view! { {body} }.into_any()
}

fn enrol_form(ui: Ui) -> AnyView {
    let texts = &ui.texts.register;
    let [name, title, trained] = ["name", "title", "trained"].map(|id| Entry::new(format!("person-{id}")));
    let role = Choices::<Role>::one("person-role");
    let (action, code) = (Action::new(), RwSignal::new(None::<Code>));
    let picks = Role::ALL.map(|role| Pick::new(role, wording::role_words(Some(role), ui.texts)));
    let optional = |label: &str| format!("{label} ({})", ui.texts.create.optional);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(who) = name.needed(ui) else { return };
        let Some(role) = role.needed_one(ui) else { return };
        let trained = match trained.given() {
            Some(_) => match trained.day(ui) {
                None => return,
                day => day,
            },
            None => None,
        };
        let request = Request::EnrolPerson { name: who.clone(), title: title.given(), role, trained };
        action.sign_if_any_can(ui, Signature::named(&roles()), request, move |response| {
            [name, title].into_iter().for_each(|entry| entry.value.set(String::new()));
            code.set(Code::of(who, response));
        });
    };
    view! {
        <form class="step-form" novalidate on:submit=submit>
            {field(name, Look::Line, texts.name, Some(texts.name_hint.to_owned()))}
            {field(title, Look::Line, optional(texts.title), None)}
            {choices(role, ui.texts.peers.role, picks.to_vec())}
            {field(trained, Look::Day, optional(texts.trained), Some(texts.trained_hint.to_owned()))}
            {action.outcome(ui)}
            <button type="submit" class="button" disabled=move || action.busy.get()>{texts.submit}</button>
        </form>
        {handed_over(ui, code)}
    }
    .into_any()
}

/// A code with whose it is: kept as long as it is on the screen, and nowhere else.
#[derive(Clone, PartialEq)]
struct Code {
    name: String,
    code: Secret,
}

impl Code {
    fn of(name: String, response: Response) -> Option<Self> {
        match response {
            Response::EnrolmentCode { code, .. } => Some(Self { name, code }),
            _ => None,
        }
    }
}

/// The code, until it is handed over.
fn handed_over(ui: Ui, code: RwSignal<Option<Code>>) -> AnyView {
    let texts = &ui.texts.register;
    let body = move || {
        code.get().map(|shown| {
            let title = fill(texts.code_of, &[("name", &isolated(&shown.name))]);
            view! {
                <div class="question enrolment-code">
                    <p><strong>{title}</strong></p>
                    <p class="code-text mono" dir="ltr">{shown.code.text().to_owned()}</p>
                    <p>{texts.code_once}</p>
                    <button type="button" class="button" on:click=move |_| code.set(None)>{texts.code_done}</button>
                </div>
            }
        })
    };
    view! { <div role="status">{body}</div> }.into_any()
}

/// What can be done about one person: record their training, give a new code, withdraw a key.
pub(super) fn person(ui: Ui, one: Memo<Option<PersonShown>>) -> AnyView {
    let is_kept_here = is_kept_here(ui);
    let about = Memo::new(move |_| {
        let person = one.get().filter(|person| person.standing == PersonStanding::Active)?;
        is_kept_here.get().then_some((person.id, person.name))
    });
    // Drawn once for a person, so that what is typed stays while their tries or locks change.
    let body = move || {
        about.get().map(|(id, name)| {
            view! { {train(ui, id, &name)}{new_code(ui, id, &name)}{withdraw(ui, id, &name)} }
        })
    };
    view! { {body} }.into_any()
}

fn folded(words: &'static str, name: &str, inside: AnyView) -> AnyView {
    let title = fill(words, &[("name", &isolated(name))]);
    view! { <details class="step"><summary>{title}</summary>{inside}</details> }.into_any()
}

fn form(action: Action, label: &'static str, inside: AnyView, submit: Box<dyn Fn()>) -> AnyView {
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        submit();
    };
    view! {
        <form class="step-form" novalidate on:submit=submit>
            {inside}
            <button type="submit" class="button" disabled=move || action.busy.get()>{label}</button>
        </form>
    }
    .into_any()
}

fn train(ui: Ui, person: Id, name: &str) -> AnyView {
    let texts = &ui.texts.register;
    let (action, day) = (Action::new(), Entry::new(format!("train-{person}")));
    let inside = view! { {field(day, Look::Day, texts.trained, None)}{action.outcome(ui)} }.into_any();
    let submit = move || {
        let Some(trained) = day.day(ui) else { return };
        let request = Request::RecordTraining { person: person.to_string(), trained };
        action.sign_if_any_can(ui, Signature::named(&roles()), request, |_| ());
    };
    folded(texts.train, name, form(action, texts.train_submit, inside, Box::new(submit)))
}

fn new_code(ui: Ui, person: Id, name: &str) -> AnyView {
    let texts = &ui.texts.register;
    let (action, code) = (Action::new(), RwSignal::new(None::<Code>));
    let inside = view! { <p class="hint">{texts.new_code_hint}</p>{action.outcome(ui)} }.into_any();
    let whose = name.to_owned();
    let submit = move || {
        let whose = whose.clone();
        let request = Request::NewEnrolmentCode { person: person.to_string() };
        action.sign_if_any_can(ui, Signature::named(&roles()), request, move |response| {
            code.set(Code::of(whose, response));
        });
    };
    let form = form(action, texts.new_code_submit, inside, Box::new(submit));
    folded(texts.new_code, name, view! { {form}{handed_over(ui, code)} }.into_any())
}

fn withdraw(ui: Ui, person: Id, name: &str) -> AnyView {
    let texts = &ui.texts.register;
    let (action, reason) = (Action::new(), Entry::new(format!("withdraw-reason-{person}")));
    let device = RwSignal::new(None::<String>);
    let devices = known(ui, |snapshot| {
        snapshot.peers.iter().map(|peer| (peer.log.clone(), peer.label.clone())).collect::<Vec<_>>()
    });
    let options = move || {
        let option = |(log, label): (String, String)| view! { <option value=log>{label}</option> };
        devices.get().unwrap_or_default().into_iter().map(option).collect::<Vec<_>>()
    };
    let choose = move |event| device.set(Some(event_target_value(&event)).filter(|log| !log.is_empty()));
    let id = format!("withdraw-device-{person}");
    let inside = view! {
        <p class="hint">{texts.withdraw_hint}</p>
        <div class="field">
            <label for=id.clone()>{texts.withdraw_device}</label>
            <select id=id on:change=choose>
                <option value="">{ui.texts.device.title}</option>
                {options}
            </select>
        </div>
        {field(reason, Look::Words, ui.texts.steps.reason, None)}
        {action.outcome(ui)}
    }
    .into_any();
    let submit = move || {
        let Some(reason) = reason.needed(ui) else { return };
        let (person, device) = (person.to_string(), device.get_untracked());
        let request = Request::WithdrawKey { person, device, reason };
        action.sign_if_any_can(ui, Signature::named(&roles()), request, |_| ());
    };
    folded(texts.withdraw, name, form(action, texts.withdraw_submit, inside, Box::new(submit)))
}
