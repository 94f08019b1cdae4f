//! A button that asks the app, says that it waits, and words a refusal where it happened.

use super::icon;
use super::sign::Signature;
use crate::acting::signers;
use crate::app::Ui;
use crate::wording;
use firn_model::api::{Refusal, Request, Response};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// One thing that is asked at a time, with what came of it.
#[derive(Clone, Copy)]
pub(crate) struct Action {
    pub busy: RwSignal<bool>,
    pub refusal: RwSignal<Option<Refusal>>,
}

/// Whether the screen that asked still stands when the answer comes, and its signals with it.
enum Screen {
    Here,
    Gone,
}

impl Action {
    pub(crate) fn new() -> Self {
        Self { busy: RwSignal::new(false), refusal: RwSignal::new(None) }
    }

    /// Asks; a second press while the first is under way does nothing.
    pub(crate) fn ask(self, ui: Ui, request: Request, done: impl FnOnce(Response) + 'static) {
        self.ask_with(ui, request, move |answer| match answer {
            Ok(response) => done(response),
            Err(refusal) => self.refusal.set(Some(refusal)),
        });
    }

    /// Asks with a person's signature where people sign; where devices sign alone, at once.
    pub(crate) fn sign(
        self,
        ui: Ui,
        signature: Signature,
        request: Request,
        done: impl FnOnce(Response) + 'static,
    ) {
        let is_needed = ui.store.feed.with_untracked(|feed| {
            feed.snapshot.as_ref().is_some_and(|known| known.signing_needed || known.session.is_some())
        });
        self.refusal.set(None);
        if is_needed {
            return ui.sheet.open(signature, request, self, Box::new(done));
        }
        self.ask_with(ui, request.clone(), move |answer| match answer {
            Ok(response) => done(response),
            Err(refusal) if matches!(refusal.code.as_str(), "app/person-needed" | "app/sign-in-needed") => {
                ui.sheet.open(signature, request, self, Box::new(done));
            }
            Err(refusal) => self.refusal.set(Some(refusal)),
        });
    }

    /// Asks with a person's signature where anybody can sign it here; where nobody can, the device signs alone,
    /// which is for what may be signed either way.
    pub(crate) fn sign_if_any_can(
        self,
        ui: Ui,
        signature: Signature,
        request: Request,
        done: impl FnOnce(Response) + 'static,
    ) {
        let any_can = ui.store.feed.with_untracked(|feed| {
            let people = feed.snapshot.as_ref().map(|known| known.people.as_slice()).unwrap_or_default();
            let log = feed.snapshot.as_ref().map(crate::acting::log).unwrap_or_default();
            !signers(people, &signature.roles, &signature.except, &log).is_empty()
        });
        match any_can {
            true => self.sign(ui, signature, request, done),
            false => self.ask(ui, request, done),
        }
    }

    /// Asks, and hands on whatever the answer is.
    pub(crate) fn ask_with(
        self,
        ui: Ui,
        request: Request,
        done: impl FnOnce(Result<Response, Refusal>) + 'static,
    ) {
        self.ask_from(ui, request, move |screen, answer| match screen {
            Screen::Here => done(answer),
            Screen::Gone => {}
        });
    }

    /// Asks for what outlives the form: `kept` is told of it even where the screen that asked is gone by then,
    /// as it is when the answer follows the news of what it did.
    pub(crate) fn ask_kept(self, ui: Ui, request: Request, kept: impl FnOnce(Response) + 'static) {
        self.ask_from(ui, request, move |screen, answer| match (screen, answer) {
            (_, Ok(response)) => kept(response),
            (Screen::Here, Err(refusal)) => self.refusal.set(Some(refusal)),
            (Screen::Gone, Err(refusal)) => leptos::logging::warn!("{} reached no form", refusal.code),
        });
    }

    fn ask_from(
        self,
        ui: Ui,
        request: Request,
        told: impl FnOnce(Screen, Result<Response, Refusal>) + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.refusal.set(None);
        spawn_local(async move {
            let answer = ui.store.ask(request).await;
            let screen = match self.busy.try_set(false) {
                None => Screen::Here,
                Some(_) => Screen::Gone,
            };
            told(screen, answer);
        });
    }

    /// The refusal, if there is one, told at once to who listens.
    pub(crate) fn outcome(self, ui: Ui) -> AnyView {
        view! {
            <div class="outcome" role="alert">
                {move || self.refusal.get().map(|refusal| refused(ui, &refusal))}
            </div>
        }
        .into_any()
    }
}

/// A refusal in words: what happened, what to do, and its code.
pub(crate) fn refused(ui: Ui, refusal: &Refusal) -> AnyView {
    let words = wording::refusal_words(refusal, ui.texts);
    let language = words.as_sent.then_some("en");
    let direction = words.as_sent.then_some("ltr");
    view! {
        <div class="refusal">
            <p lang=language dir=direction>{words.cause}</p>
            <p class="refusal-next" lang=language dir=direction>
                {icon::outline(icon::path::NEXT)}
                {words.next_step}
            </p>
            <p class="code" dir="ltr">{refusal.code.clone()}</p>
        </div>
    }
    .into_any()
}

/// A labelled text field bound to a signal.
pub(crate) fn field(
    id: &'static str,
    label: impl Into<String>,
    hint: Option<&'static str>,
    value: RwSignal<String>,
) -> AnyView {
    let hint_id = hint.map(|_| format!("{id}-hint"));
    view! {
        <div class="field">
            <label for=id>{label.into()}</label>
            <input
                id=id
                type="text"
                autocomplete="off"
                aria-describedby=hint_id.clone()
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
        </div>
    }
    .into_any()
}
