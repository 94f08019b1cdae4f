//! The frame around every screen: navigation, whether anybody watches, and what the reader must know.

use crate::backend::Backend;
use crate::browser;
use crate::i18n::{Language, Texts, fill};
use crate::page;
use crate::part::action::refused;
use crate::part::icon;
use crate::part::logger_file;
use crate::part::sign::{self, Sheet};
use crate::route::Route;
use crate::show::Show;
use crate::store::{Link, Place, Store};
use crate::wording;
use firn_model::api::{Origin, Snapshot, Watching};
use firn_model::vault::PositionSetting;
use leptos::ev;
use leptos::prelude::*;

/// What every part of a screen is given.
#[derive(Clone, Copy)]
pub(crate) struct Ui {
    pub texts: &'static Texts,
    pub show: Show,
    pub store: Store,
    pub language: RwSignal<Language>,
    /// On which people sign.
    pub sheet: Sheet,
}

/// The whole window.
pub(crate) fn app() -> impl IntoView {
    let (host, query) = browser::host_and_query();
    let store = Store::open(Backend::find(&host, &query));
    let language = RwSignal::new(browser::language());
    let sheet = Sheet::new();
    let route = RwSignal::new(browser::route());
    let moved = window_event_listener(ev::hashchange, move |_| route.set(browser::route()));
    on_cleanup(move || moved.remove());
    Effect::new(move |_| browser::speak(language.get()));
    move || {
        let language_now = language.get();
        frame(Ui { texts: language_now.texts(), show: Show(language_now), store, language, sheet }, route)
    }
}

fn frame(ui: Ui, route: RwSignal<Route>) -> AnyView {
    let here = Memo::new(move |_| route.get());
    Effect::new(move |before: Option<()>| {
        browser::arrive(page::title(ui, here.get()), before.is_some());
        ui.store.file.set(None);
    });
    view! {
        <div class="app">
            <button type="button" class="skip" on:click=|_| browser::focus_main()>{ui.texts.shell.skip}</button>
            <div class="rail">
                <header class="top">
                    <a class="brand" href=Route::Shipments.href()>{icon::brand()}<span>"Firn"</span></a>
                    {watching(ui)}
                    {sign::signed_in(ui)}
                </header>
                {navigation(ui, here)}
                {icon::strata()}
            </div>
            <div class="canvas">
                {notices(ui)}
                <main id="content" tabindex="-1">{move || page::page(ui, here.get())}</main>
            </div>
            {sign::sheet(ui)}
        </div>
    }
    .into_any()
}

fn navigation(ui: Ui, here: Memo<Route>) -> AnyView {
    let texts = &ui.texts.shell;
    let entries = [
        (Route::Shipments, texts.shipments, icon::path::SHIPMENTS),
        (Route::Tasks, ui.texts.task.title, icon::path::TASKS),
        (Route::Nearby, texts.nearby, icon::path::NEARBY),
        (Route::Peers, texts.peers, icon::path::PEERS),
        (Route::Device, texts.device, icon::path::DEVICE),
    ];
    let links: Vec<_> = entries
        .into_iter()
        .map(|(target, label, path)| {
            let current = move || (here.get().section() == target).then_some("page");
            view! {
                <li>
                    <a href=target.href() aria-current=current>
                        {icon::outline(path)}
                        <span>{label}</span>
                    </a>
                </li>
            }
        })
        .collect();
    view! {
        <nav class="navigation" aria-label=texts.navigation>
            <ul>{links}</ul>
        </nav>
    }
    .into_any()
}

/// The standing answer to "is anybody watching?".
fn watching(ui: Ui) -> AnyView {
    let texts = &ui.texts.shell;
    let state = Memo::new(move |_| {
        let live = ui.store.link.get() == Link::Live;
        ui.store.feed.with(|feed| feed.snapshot.as_ref().filter(|_| live).map(|known| known.watching.clone()))
    });
    let body = move || {
        let now = ui.store.now.get();
        match state.get() {
            Some(Watching::Watching { since }) => pill(
                "watch watch-on",
                icon::path::WATCHING,
                fill(texts.watching, &[("time", &ui.show.time(since, now))]),
            ),
            Some(Watching::NotWatching { since, .. }) => pill(
                "watch watch-off",
                icon::path::NOT_WATCHING,
                fill(texts.not_watching, &[("time", &ui.show.time(since, now))]),
            ),
            None => pill("watch watch-unknown", icon::path::NOT_WATCHING, texts.unknown.to_owned()),
        }
    };
    view! { <div class="watch-place" role="status">{body}</div> }.into_any()
}

fn pill(class: &'static str, path: &'static str, words: String) -> AnyView {
    view! { <p class=class>{icon::outline(path)}<span>{words}</span></p> }.into_any()
}

/// What stands above every screen while it is so: demonstration, not watching, connection lost.
fn notices(ui: Ui) -> AnyView {
    let texts = &ui.texts.shell;
    let is_demo = Memo::new(move |_| {
        ui.store.feed.with(|feed| feed.snapshot.as_ref().is_some_and(|known| known.origin == Origin::Demo))
    });
    let not_watching = Memo::new(move |_| {
        ui.store.feed.with(|feed| match feed.snapshot.as_ref().map(|known| &known.watching) {
            Some(Watching::NotWatching { refusal, .. }) => Some(refusal.clone()),
            _ => None,
        })
    });
    let demo = move || {
        is_demo.get().then(|| {
            view! { <div class="notice notice-demo" role="note">{icon::outline(icon::path::DEMO)}<p>{texts.demo}</p></div> }
        })
    };
    let off = move || {
        not_watching.get().map(|refusal| {
            view! {
                <div class="notice notice-off">{icon::outline(icon::path::NOT_WATCHING)}{refused(ui, &refusal)}</div>
            }
        })
    };
    let is_placed = Memo::new(move |_| {
        let on = |known: &Snapshot| known.positions == PositionSetting::On;
        ui.store.feed.with(|feed| feed.snapshot.as_ref().is_some_and(on))
    });
    let unplaced = move || {
        (is_placed.get() && ui.store.place.get() == Place::NotFound).then(|| {
            let words = ui.texts.position.not_found;
            view! { <div class="notice notice-off">{icon::outline(icon::path::WARNING)}<p>{words}</p></div> }
        })
    };
    let file = move || {
        ui.store.file.get().map(|last| {
            view! { <div class="notice notice-file">{icon::outline(icon::path::DONE)}{logger_file::told(ui, &last)}</div> }
        })
    };
    view! {
        <aside class="notices">
            {demo}
            <div role="status">{off}</div>
            <div role="status">{unplaced}</div>
            <div role="status">{file}</div>
            <div role="alert">{move || lost(ui)}</div>
        </aside>
    }
    .into_any()
}

fn lost(ui: Ui) -> Option<AnyView> {
    let Link::Lost { since, refusal } = ui.store.link.get() else { return None };
    let texts = &ui.texts.shell;
    let known = ui.store.feed.with_untracked(|feed| feed.snapshot.is_some());
    let words = if known {
        let since = ui.show.time(since, since);
        view! { <p>{fill(texts.lost, &[("time", &since)])}</p> }.into_any()
    } else {
        refused(ui, &refusal)
    };
    let retry = (refusal.code != wording::NO_SHELL).then(|| {
        view! { <button type="button" class="button" on:click=move |_| ui.store.retry()>{texts.retry}</button> }
    });
    Some(
        view! { <div class="notice notice-lost">{icon::outline(icon::path::LOST)}<div>{words}</div>{retry}</div> }
            .into_any(),
    )
}
