//! The six digits that two people compare before a device joins that may decide or administer.

use crate::app::Ui;
use crate::i18n::fill;
use crate::part::action::Action;
use firn_model::api::{ComparedDigits, Comparing, ComparingSide, Request};
use leptos::prelude::*;

/// The digits, while this device shows any on that side.
pub(crate) fn comparing(ui: Ui, side: ComparingSide) -> impl IntoView {
    let waits = Memo::new(move |_| {
        let known =
            ui.store.feed.with(|feed| feed.snapshot.as_ref().and_then(|known| known.comparing.clone()));
        known.filter(|known| known.side == side)
    });
    view! { <div role="status" aria-live="assertive">{move || waits.get().map(|known| card(ui, &known))}</div> }
}

fn card(ui: Ui, known: &Comparing) -> AnyView {
    let texts = &ui.texts.peers;
    let words = match known.side {
        ComparingSide::Inviter => fill(texts.compare_here, &[("device", &known.label)]),
        ComparingSide::Joiner => texts.compare_there.to_owned(),
    };
    let answers = (known.side == ComparingSide::Inviter).then(|| answers(ui));
    view! {
        <div class="comparing">
            <h3>{texts.compare}</h3>
            <p class="comparing-digits" dir="ltr">{known.digits.clone()}</p>
            <p>{words}</p>
            {answers}
        </div>
    }
    .into_any()
}

fn answers(ui: Ui) -> AnyView {
    let texts = &ui.texts.peers;
    let action = Action::new();
    let say = move |outcome| move |_| action.ask(ui, Request::Compared { outcome }, |_| ());
    view! {
        <div class="comparing-answers">
            <button
                type="button"
                class="button button-primary"
                disabled=move || action.busy.get()
                on:click=say(ComparedDigits::Same)
            >
                {texts.same}
            </button>
            <button
                type="button"
                class="button"
                disabled=move || action.busy.get()
                on:click=say(ComparedDigits::Different)
            >
                {texts.different}
            </button>
        </div>
        {action.outcome(ui)}
    }
    .into_any()
}
