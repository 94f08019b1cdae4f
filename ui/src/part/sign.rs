//! The sheet on which a person signs: what the signature says, who signs, and the PIN, which stays nowhere.

use super::action::{Action, refused};
use super::icon;
use crate::acting::signers;
use crate::app::Ui;
use crate::browser;
use crate::i18n::fill;
use crate::wording;
use firn_model::api::{HandShown, PersonShown, Refusal, Request, Response, Secret, SessionShown};
use firn_model::meaning::SignatureMeaning;
use firn_model::role::Role;
use leptos::html;
use leptos::prelude::*;

/// What a signature will say, and whose it can be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Signature {
    /// What it says; nothing where the person is only named, as who did it.
    pub meaning: Option<SignatureMeaning>,
    /// What it is about, in words, where the form alone does not say it.
    pub about: Option<String>,
    pub roles: Vec<Role>,
    pub except: Vec<HandShown>,
}

impl Signature {
    /// Of anybody in one of these roles.
    pub(crate) fn of(meaning: SignatureMeaning, roles: &[Role]) -> Self {
        Self { meaning: Some(meaning), about: None, roles: roles.to_vec(), except: Vec::new() }
    }

    /// The name of anybody in one of these roles, beside what a device signs.
    pub(crate) fn named(roles: &[Role]) -> Self {
        Self { meaning: None, about: None, roles: roles.to_vec(), except: Vec::new() }
    }
}

/// What the sheet is open for.
#[derive(Clone, Debug, PartialEq)]
enum Purpose {
    /// To sign a request.
    Sign(Signature),
    /// To begin a session.
    SignIn,
}

/// What is signed, where it was asked, and what follows.
struct Waiting {
    request: Request,
    action: Action,
    done: Box<dyn FnOnce(Response)>,
}

/// The one sheet of the window.
#[derive(Clone, Copy)]
pub(crate) struct Sheet {
    purpose: RwSignal<Option<Purpose>>,
    waiting: StoredValue<Option<Waiting>, LocalStorage>,
}

impl Sheet {
    pub(crate) fn new() -> Self {
        Self { purpose: RwSignal::new(None), waiting: StoredValue::new_local(None) }
    }

    /// Asks for a person's signature under a request.
    pub(super) fn open(
        self,
        signature: Signature,
        request: Request,
        action: Action,
        done: Box<dyn FnOnce(Response)>,
    ) {
        self.waiting.set_value(Some(Waiting { request, action, done }));
        self.purpose.set(Some(Purpose::Sign(signature)));
    }

    /// Asks who begins a session.
    pub(crate) fn open_sign_in(self) {
        self.waiting.set_value(None);
        self.purpose.set(Some(Purpose::SignIn));
    }

    fn close(self) {
        self.purpose.set(None);
        self.waiting.set_value(None);
    }

    /// It is signed.
    fn finish(self, response: Response) {
        let waiting = self.waiting.try_update_value(Option::take).flatten();
        self.close();
        if let Some(waiting) = waiting {
            (waiting.done)(response);
        }
        browser::keep_focus();
    }

    /// It was refused for another reason than the signature: the form that asked says so.
    fn hand_back(self, refusal: Refusal) {
        let waiting = self.waiting.try_update_value(Option::take).flatten();
        self.close();
        if let Some(waiting) = waiting
            && waiting.action.refusal.try_set(Some(refusal)).is_some()
        {
            leptos::logging::warn!("the form that asked is gone");
        }
        browser::keep_focus();
    }
}

/// The sheet, while it is open.
pub(crate) fn sheet(ui: Ui) -> AnyView {
    view! { {move || ui.sheet.purpose.get().map(|purpose| dialog(ui, &purpose))} }.into_any()
}

fn dialog(ui: Ui, purpose: &Purpose) -> AnyView {
    let frame = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = frame.get()
            && let Err(error) = dialog.show_modal()
        {
            web_sys::console::error_1(&error);
        }
    });
    view! {
        <dialog node_ref=frame class="sheet" aria-labelledby="sheet-title" on:close=move |_| ui.sheet.close()>
            {form(ui, purpose, frame)}
        </dialog>
    }
    .into_any()
}

fn form(ui: Ui, purpose: &Purpose, frame: NodeRef<html::Dialog>) -> AnyView {
    let texts = &ui.texts.sign;
    let action = Action::new();
    let pin = NodeRef::<html::Input>::new();
    let who = Who::new(ui, purpose);
    let signs = matches!(purpose, Purpose::Sign(_));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let secret = taken(pin);
        let person = who.person();
        if let Some(request) = request(ui, signs, person, secret) {
            action.ask_with(ui, request, move |answer| answered(ui, action, who, pin, answer));
        }
    };
    let says = match purpose {
        Purpose::Sign(Signature { meaning: Some(meaning), about, .. }) => {
            let words = wording::meaning_words(*meaning, ui.texts);
            let about = about.clone();
            view! {
                <p>{texts.says}</p>
                <p class="sheet-meaning">"“"{words}"”"</p>
                {about.map(|about| view! { <p class="sheet-about" dir="auto">{about}</p> })}
                <p class="hint">{texts.binding}</p>
            }
            .into_any()
        }
        Purpose::Sign(_) => view! { <p>{ui.texts.register.named}</p> }.into_any(),
        Purpose::SignIn => view! { <p class="hint">{texts.sign_in_hint}</p> }.into_any(),
    };
    // The web view gives the focus back to where it was.
    let cancel = move |_| {
        if let Some(dialog) = frame.get_untracked() {
            dialog.close();
        }
    };
    let title = if signs { texts.title } else { texts.sign_in };
    let nobody = move || who.people.with(Vec::is_empty) && !who.within.get();
    view! {
        <form class="sheet-form" on:submit=submit novalidate>
            <h2 id="sheet-title">{title}</h2>
            {says}
            {move || chooser(ui, who, action, pin)}
            <div class="field">
                <label for="sheet-pin">{texts.pin}</label>
                <input
                    id="sheet-pin"
                    node_ref=pin
                    type="password"
                    autocomplete="off"
                    autofocus
                    aria-describedby="sheet-pin-hint"
                />
                <p class="hint" id="sheet-pin-hint">{texts.pin_hint}</p>
            </div>
            {move || locked(ui, who)}
            {move || tries(ui, action, who)}
            {action.outcome(ui)}
            <div class="choices">
                <button type="submit" class="button button-primary" disabled=move || action.busy.get() || nobody()>
                    {title}
                </button>
                <button type="button" class="button" on:click=cancel>{ui.texts.shell.cancel}</button>
            </div>
        </form>
    }
    .into_any()
}

/// Takes the PIN out of its field, which is empty from then on.
pub(crate) fn taken(pin: NodeRef<html::Input>) -> Secret {
    let Some(input) = pin.get_untracked() else { return Secret::default() };
    let secret = Secret::new(input.value());
    input.set_value("");
    secret
}

fn request(ui: Ui, signs: bool, person: Option<String>, pin: Secret) -> Option<Request> {
    if !signs {
        return Some(Request::SignIn { person: person?, pin });
    }
    let request = ui.sheet.waiting.with_value(|waiting| waiting.as_ref().map(|one| one.request.clone()))?;
    Some(Request::Sign { person, pin, request: Box::new(request) })
}

fn answered(ui: Ui, action: Action, who: Who, pin: NodeRef<html::Input>, answer: Result<Response, Refusal>) {
    match answer {
        Ok(response) => ui.sheet.finish(response),
        Err(refusal) if is_about_signing(&refusal.code) => {
            if matches!(refusal.code.as_str(), "app/sign-in-needed" | "app/person-needed") {
                who.within.set(false);
            }
            action.refusal.set(Some(refusal));
            if let Some(Err(error)) = pin.get_untracked().map(|input| input.focus()) {
                web_sys::console::error_1(&error);
            }
        }
        Err(refusal) => ui.sheet.hand_back(refusal),
    }
}

/// Refusals that the person can mend on the sheet.
fn is_about_signing(code: &str) -> bool {
    matches!(
        code,
        "app/pin-wrong"
            | "app/signing-locked"
            | "app/no-person-key"
            | "app/sign-in-needed"
            | "app/person-needed"
    ) || code == wording::LOST
}

/// Who signs: within a session the person who is signed in, else one who is chosen.
#[derive(Clone, Copy)]
struct Who {
    session: Memo<Option<SessionShown>>,
    people: Memo<Vec<PersonShown>>,
    chosen: RwSignal<String>,
    /// The session's person signs, with the PIN alone.
    within: RwSignal<bool>,
}

impl Who {
    fn new(ui: Ui, purpose: &Purpose) -> Self {
        let (roles, except) = match purpose {
            Purpose::Sign(signature) => (signature.roles.clone(), signature.except.clone()),
            Purpose::SignIn => (Role::ALL.to_vec(), Vec::new()),
        };
        let session = Memo::new(move |_| {
            ui.store.feed.with(|feed| feed.snapshot.as_ref().and_then(|known| known.session.clone()))
        });
        let people = Memo::new(move |_| {
            ui.store.feed.with(|feed| {
                let people = feed.snapshot.as_ref().map(|known| known.people.as_slice()).unwrap_or_default();
                let log = feed.snapshot.as_ref().map(crate::acting::log).unwrap_or_default();
                signers(people, &roles, &except, &log)
            })
        });
        let signs = matches!(purpose, Purpose::Sign(_));
        let own = session.get_untracked().map(|session| session.person.id);
        let is_among = people.with_untracked(|people| people.iter().any(|one| Some(one.id) == own));
        let only = people.with_untracked(|people| match people.as_slice() {
            [one] => one.id.to_string(),
            _ => String::new(),
        });
        Self { session, people, chosen: RwSignal::new(only), within: RwSignal::new(signs && is_among) }
    }

    /// Whom the request names; nobody within a session.
    fn person(self) -> Option<String> {
        let chosen = self.chosen.get_untracked();
        (!self.within.get_untracked() && !chosen.is_empty()).then_some(chosen)
    }

    /// The person as the app tells them.
    fn shown(self) -> Option<PersonShown> {
        let own =
            self.session.get().filter(|_| self.within.get()).map(|session| session.person.id.to_string());
        let id = own.unwrap_or_else(|| self.chosen.get());
        self.people.with(|people| people.iter().find(|one| one.id.to_string() == id).cloned())
    }
}

fn chooser(ui: Ui, who: Who, action: Action, pin: NodeRef<html::Input>) -> AnyView {
    let texts = &ui.texts.sign;
    // What one person was refused, and what they typed, says nothing of the next.
    let afresh = move || {
        action.refusal.set(None);
        drop(taken(pin));
    };
    let named = |person: &PersonShown| {
        let role =
            person.title.clone().unwrap_or_else(|| wording::role_words(Some(person.role), ui.texts).into());
        fill(ui.texts.history.by_person, &[("name", &person.name), ("role", &role)])
    };
    if let Some(session) = who.session.get().filter(|_| who.within.get()) {
        return view! {
            <p class="sheet-person"><strong>{fill(texts.as_person, &[("name", &session.person.name)])}</strong></p>
            <button type="button" class="button button-quiet" on:click=move |_| {
                afresh();
                who.within.set(false);
            }>
                {texts.somebody_else}
            </button>
        }
        .into_any();
    }
    let people = who.people.get();
    if people.is_empty() {
        return view! { <p class="wrong">{texts.nobody}</p> }.into_any();
    }
    let options: Vec<_> = people
        .iter()
        .map(|person| {
            let id = person.id.to_string();
            let own = id.clone();
            view! { <option value=id prop:selected=move || who.chosen.with(|chosen| *chosen == own)>{named(person)}</option> }
        })
        .collect();
    view! {
        <div class="field">
            <label for="sheet-person">{texts.person}</label>
            <select
                id="sheet-person"
                on:change=move |event| {
                    afresh();
                    who.chosen.set(event_target_value(&event));
                }
            >
                <option value="" prop:selected=move || who.chosen.with(String::is_empty)>"–"</option>
                {options}
            </select>
        </div>
    }
    .into_any()
}

fn locked(ui: Ui, who: Who) -> Option<AnyView> {
    let until = who.shown()?.locked_until?;
    let now = ui.store.now.get();
    (until > now).then(|| {
        let words = fill(ui.texts.sign.locked, &[("time", &ui.show.time(until, now))]);
        view! { <p class="wrong" role="status">{icon::outline(icon::path::LOCK)}{words}</p> }.into_any()
    })
}

/// How many tries are left, where the PIN was wrong just now.
fn tries(ui: Ui, action: Action, who: Who) -> Option<AnyView> {
    let wrong =
        action.refusal.with(|refusal| refusal.as_ref().is_some_and(|one| one.code == "app/pin-wrong"));
    let left = who.shown().filter(|_| wrong)?.tries_left?;
    let words = fill(ui.texts.sign.tries_left, &[("count", &ui.show.count(u64::from(left)))]);
    Some(view! { <p class="wrong" role="status">{words}</p> }.into_any())
}

/// Who is signed in, with a way out; or a way in. Nothing where devices sign alone.
pub(crate) fn signed_in(ui: Ui) -> AnyView {
    let texts = &ui.texts.sign;
    let state = Memo::new(move |_| {
        ui.store.feed.with(|feed| {
            feed.snapshot.as_ref().filter(|known| known.signing_needed).map(|known| known.session.clone())
        })
    });
    let action = Action::new();
    let body = move || {
        match state.get() {
        None => ().into_any(),
        Some(None) => view! {
            <button type="button" class="button session-button session-in" on:click=move |_| ui.sheet.open_sign_in()>
                {icon::outline(icon::path::PERSON)}
                <span>{texts.sign_in}</span>
            </button>
        }
        .into_any(),
        Some(Some(session)) => {
            let role = wording::role_words(Some(session.person.role), ui.texts);
            let words = fill(texts.signed_in, &[("name", &session.person.name), ("role", role)]);
            let shown = fill(ui.texts.history.by_person, &[("name", &session.person.name), ("role", role)]);
            view! {
                <p class="session-who" role="status">
                    {icon::outline(icon::path::PERSON)}
                    <span class="unseen">{words}</span>
                    <span aria-hidden="true">{shown}</span>
                </p>
                <button
                    type="button"
                    class="button session-button"
                    disabled=move || action.busy.get()
                    on:click=move |_| action.ask(ui, Request::Lock, |_| ())
                >
                    {icon::outline(icon::path::LOCK)}
                    {texts.lock}
                </button>
            }
            .into_any()
        }
    }
    };
    let outcome = move || action.refusal.get().map(|refusal| refused(ui, &refusal));
    view! { <div class="session">{body}{outcome}</div> }.into_any()
}
