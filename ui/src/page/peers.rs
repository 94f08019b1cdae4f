//! The other devices of the organisation: when both last agreed, how to invite one, how to join.

use super::known;
use crate::app::Ui;
use crate::browser;
use crate::i18n::fill;
use crate::part::action::{Action, field};
use crate::part::comparing::comparing;
use crate::part::founding::Founding;
use crate::part::{icon, qr};
use crate::wording;
use firn_model::api::{ComparingSide, LogStanding, Peer, Request, Response};
use firn_model::assess::Milliseconds;
use firn_model::role::Role;
use leptos::prelude::*;

/// The screen of peers.
pub(crate) fn peers(ui: Ui) -> AnyView {
    let texts = &ui.texts.peers;
    let peers = known(ui, |snapshot| snapshot.peers.clone());
    let all = Action::new();
    let standing = known(ui, |snapshot| snapshot.organisation.as_ref().map(|own| own.standing));
    let standing = move || standing.get().flatten().unwrap_or_default();
    let joining = move || standing() == LogStanding::Joining;
    let has_any = move || peers.with(|peers| peers.as_ref().is_some_and(|peers| !peers.is_empty()));
    let list = move || {
        if joining() {
            return ().into_any();
        }
        if !has_any() {
            return view! {
                <div class="card nothing">
                    {icon::outline(icon::path::PEERS)}
                    <h2>{texts.none}</h2>
                    <p class="quiet">{texts.none_hint}</p>
                </div>
            }
            .into_any();
        }
        let rows: Vec<_> = peers.get().into_iter().flatten().map(|peer| row(ui, &peer)).collect();
        view! { <ul class="peers">{rows}</ul> }.into_any()
    };
    let sync = move || {
        (has_any() || joining()).then(|| {
            let ask = move |_| all.ask(ui, Request::Sync { peer: None }, |_| ());
            view! {
                <button type="button" class="button" disabled=move || all.busy.get() on:click=ask>
                    {icon::outline(icon::path::SYNC)}
                    {texts.sync_all}
                </button>
            }
        })
    };
    view! {
        <div class="page-head"><h1>{texts.title}</h1>{sync}</div>
        {all.outcome(ui)}
        {move || own_log(ui, standing())}
        {list}
        <div class="columns columns-even">{invite(ui)}{join(ui)}</div>
    }
    .into_any()
}

/// What is wrong with this device's own log, and what to do, where it cannot go on.
fn own_log(ui: Ui, standing: LogStanding) -> Option<AnyView> {
    let texts = &ui.texts.refusal;
    let (wrong, next) = match standing {
        LogStanding::Joining => (texts.join_unfinished, texts.join_unfinished_next),
        LogStanding::Revoked => (texts.device_revoked, texts.device_revoked_next),
        LogStanding::Enrolled | LogStanding::Provisional => return None,
    };
    let card = view! {
        <div class="card nothing">
            {icon::outline(icon::path::WARNING)}
            <h2>{wrong}</h2>
            <p class="quiet">{next}</p>
        </div>
    };
    Some(card.into_any())
}

fn row(ui: Ui, peer: &Peer) -> AnyView {
    let texts = &ui.texts.peers;
    let action = Action::new();
    let endpoint = StoredValue::new(peer.endpoint.clone());
    let synced = peer.synced;
    let agreed = move || match synced {
        Some(synced) => {
            let age = ui.show.age(ui.store.now.get(), synced.at);
            let entries = ui.show.counted(synced.entries, &ui.texts.entries);
            fill(texts.synced, &[("age", &age), ("entries", &entries)])
        }
        None => texts.never_synced.to_owned(),
    };
    let ask = move |_| action.ask(ui, Request::Sync { peer: Some(endpoint.get_value()) }, |_| ());
    let revoked = peer.revoked.map(|at| {
        let words = fill(texts.revoked, &[("time", &ui.show.day_and_clock(at))]);
        view! { <p class="standing standing-review">{icon::outline(icon::path::WARNING)}<span>{words}</span></p> }
    });
    let clock = synced.and_then(|synced| synced.clock_difference_s).map(|seconds| {
        let by = Milliseconds(seconds.unsigned_abs().saturating_mul(1000));
        let words = if seconds > 0 { texts.clock_ahead } else { texts.clock_behind };
        let words = fill(words, &[("time", &ui.show.duration(by))]);
        view! { <p class="standing standing-review">{icon::outline(icon::path::WARNING)}<span>{words}</span></p> }
    });
    let sync = peer.revoked.is_none().then(|| {
        view! {
            <button type="button" class="button" disabled=move || action.busy.get() on:click=ask>
                {icon::outline(icon::path::SYNC)}
                {texts.sync}
            </button>
        }
    });
    view! {
        <li class="card peer">
            {icon::outline(icon::path::PEERS)}
            <div class="peer-words">
                <h2><bdi>{peer.label.clone()}</bdi></h2>
                <p class="quiet">
                    {wording::role_words(Some(peer.role), ui.texts)}" · "
                    <bdi class="mono">{peer.log.chars().take(12).collect::<String>()}</bdi>
                </p>
                <p>{agreed}</p>
                {clock}
                {revoked}
                {action.outcome(ui)}
            </div>
            {sync}
        </li>
    }
    .into_any()
}

fn invite(ui: Ui) -> AnyView {
    let texts = &ui.texts.peers;
    let (action, founding) = (Action::new(), Founding::new("invite-organisation"));
    let role = RwSignal::new(Role::Pharmacist);
    let shown = RwSignal::new(None::<Response>);
    let choices: Vec<_> = Role::ALL
        .into_iter()
        .map(|one| {
            view! {
                <label class="choice">
                    <input
                        type="radio"
                        name="role"
                        prop:checked=move || role.get() == one
                        on:change=move |_| role.set(one)
                    />
                    <span>{wording::role_words(Some(one), ui.texts)}</span>
                </label>
            }
        })
        .collect();
    let ask = move |_| {
        let request = Request::Invite { role: role.get_untracked() };
        founding.first(ui, action, move || action.ask(ui, request, move |answer| shown.set(Some(answer))));
    };
    view! {
        <section class="card" aria-labelledby="invite-title">
            <h2 id="invite-title">{texts.invite}</h2>
            <p class="quiet">{texts.invite_hint}</p>
            {founding.field(ui)}
            <fieldset class="choice-list choice-row"><legend>{texts.role}</legend>{choices}</fieldset>
            <button type="button" class="button button-primary" disabled=move || action.busy.get() on:click=ask>
                {texts.make}
            </button>
            {action.outcome(ui)}
            {comparing(ui, ComparingSide::Inviter)}
            <div role="status">{move || shown.get().map(|answer| invitation(ui, answer))}</div>
        </section>
    }
    .into_any()
}

fn invitation(ui: Ui, answer: Response) -> AnyView {
    let Response::Invitation { text, modules, expires } = answer else { return ().into_any() };
    let texts = &ui.texts.peers;
    let copied = RwSignal::new(false);
    let until = ui.show.time(expires, ui.store.now.get_untracked());
    let kept = StoredValue::new(text.clone());
    let copy = move |_| browser::copy(&kept.get_value(), copied);
    view! {
        <div class="invitation">
            {qr::qr(&modules, texts.code)}
            <p>{fill(texts.expires, &[("time", &until)])}</p>
            <p class="mono invitation-text" dir="ltr">{text}</p>
            <button type="button" class="button" on:click=copy>
                {move || if copied.get() { texts.copied } else { texts.copy }}
            </button>
        </div>
    }
    .into_any()
}

fn join(ui: Ui) -> AnyView {
    let texts = &ui.texts.peers;
    let action = Action::new();
    let done = RwSignal::new(false);
    let invitation = RwSignal::new(String::new());
    let label = RwSignal::new(String::new());
    let incomplete =
        move || invitation.with(|text| text.trim().is_empty()) || label.with(|text| text.trim().is_empty());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let request = Request::Join {
            invitation: invitation.get_untracked().trim().to_owned(),
            label: label.get_untracked().trim().to_owned(),
        };
        done.set(false);
        action.ask(ui, request, move |_| done.set(true));
    };
    view! {
        <section class="card" aria-labelledby="join-title">
            <h2 id="join-title">{texts.join}</h2>
            <p class="quiet">{texts.join_hint}</p>
            <form on:submit=submit>
                <div class="field">
                    <label for="invitation">{texts.invitation}</label>
                    <textarea
                        id="invitation"
                        class="mono"
                        dir="ltr"
                        rows="4"
                        spellcheck="false"
                        autocomplete="off"
                        prop:value=move || invitation.get()
                        on:input=move |event| invitation.set(event_target_value(&event))
                    ></textarea>
                </div>
                {field("own-label", texts.own_label, None, label)}
                <button type="submit" class="button button-primary" disabled=move || action.busy.get() || incomplete()>
                    {texts.submit}
                </button>
                {comparing(ui, ComparingSide::Joiner)}
                {action.outcome(ui)}
                <p role="status">{move || done.get().then_some(texts.done)}</p>
            </form>
        </section>
    }
    .into_any()
}
