//! Loggers that are read into a shipment, with the question whether a clock may be set.

use super::Ground;
use crate::app::Ui;
use crate::i18n::fill;
use crate::part::action::{Action, refused};
use crate::part::icon;
use crate::part::logger_file::logger_file;
use crate::show;
use crate::show::isolated;
use crate::wording;
use firn_model::api::{NextStep, Request};
use firn_model::id::Id;
use firn_model::record::Logger;
use leptos::prelude::*;

/// The loggers that wait to be read.
pub(super) fn due(ui: Ui, ground: &Ground, step: &NextStep) -> AnyView {
    let waiting: Vec<Logger> =
        ground.loggers.iter().filter(|logger| step.loggers.contains(&logger.id)).cloned().collect();
    view! {
        <p class="hint">{ui.texts.steps.read_hint}</p>
        {loggers(ui, ground.id, &waiting)}
    }
    .into_any()
}

/// A way to read each of these loggers.
pub(super) fn loggers(ui: Ui, shipment: Id, loggers: &[Logger]) -> AnyView {
    let ways: Vec<_> = loggers.iter().map(|logger| read_logger(ui, shipment, logger)).collect();
    view! { <div class="downloads">{ways}</div> }.into_any()
}

/// By its file alone, where no Bluetooth hears it; else by Bluetooth, or by its file.
fn read_logger(ui: Ui, shipment: Id, logger: &Logger) -> AnyView {
    let label = isolated(&logger.label);
    let by_file = fill(ui.texts.file.read, &[("logger", &label)]);
    let id = logger.id;
    if logger.family == wording::FILE {
        return view! {
            <div class="download">
                <h4>{by_file}</h4>
                {logger_file(ui, shipment, id)}
            </div>
        }
        .into_any();
    }
    let opened = RwSignal::new(false);
    view! {
        <div class="download">
            {by_radio(ui, shipment, logger)}
            <details class="by-file" on:toggle=move |_| opened.set(true)>
                <summary>{by_file}</summary>
                {move || opened.get().then(|| logger_file(ui, shipment, id))}
            </details>
        </div>
    }
    .into_any()
}

fn by_radio(ui: Ui, shipment: Id, logger: &Logger) -> AnyView {
    let texts = &ui.texts.steps;
    let id = logger.id;
    let action = Action::new();
    let progress = Memo::new(move |_| ui.store.feed.with(|feed| feed.progress.get(&id).copied()));
    let words = move || {
        progress.get().map(|progress| {
            let done = ui.show.count(u64::from(progress.done));
            match progress.total {
                Some(total) => {
                    let total = ui.show.count(u64::from(total));
                    fill(texts.downloading_of, &[("done", &done), ("total", &total)])
                }
                None => fill(texts.downloading, &[("done", &done)]),
            }
        })
    };
    let bar = move || {
        progress.get().map(
            |progress| view! { <progress max=progress.total value=progress.total.map(|_| progress.done) /> },
        )
    };
    let label = logger.label.clone();
    let outcome = move || {
        let refusal = action.refusal.get()?;
        Some(match refusal.code.as_str() {
            wording::CLOCK_CONSENT => clock_question(ui, shipment, id, &label, action),
            _ => refused(ui, &refusal),
        })
    };
    view! {
        <div class="by-radio">
            <button
                type="button"
                class="button"
                disabled=move || action.busy.get()
                on:click=move |_| action.ask(ui, Request::Download { shipment, logger: id }, |_| ())
            >
                {icon::outline(icon::path::SYNC)}
                {fill(texts.download, &[("logger", &logger.label)])}
            </button>
            {bar}
            <p class="hint" role="status">{words}</p>
            <div class="outcome" role="alert">{outcome}</div>
        </div>
    }
    .into_any()
}

/// The question whether a logger's clock may be set: asked where the reading stopped for it, once.
fn clock_question(ui: Ui, shipment: Id, logger: Id, label: &str, reading: Action) -> AnyView {
    let texts = &ui.texts.steps;
    let allowing = Action::new();
    let (zone, time) = (show::zone(), ui.show.instant(show::now()));
    let (name, place) = (isolated(label), isolated(&zone));
    let question = fill(texts.clock_question, &[("logger", &name), ("zone", &place), ("time", &time)]);
    let allow = move |_| {
        let request = Request::AllowClockWrite { logger, zone: zone.clone() };
        allowing.ask(ui, request, move |_| reading.ask(ui, Request::Download { shipment, logger }, |_| ()));
    };
    view! {
        <div class="question">
            <p><strong>{texts.clock_title}</strong></p>
            <p>{question}</p>
            <p class="quiet">{texts.clock_once}</p>
            <div class="question-answers">
                <button type="button" class="button button-primary" disabled=move || allowing.busy.get() on:click=allow>
                    {texts.clock_allow}
                </button>
                <button type="button" class="button" on:click=move |_| reading.refusal.set(None)>
                    {ui.texts.shell.cancel}
                </button>
            </div>
            {allowing.outcome(ui)}
        </div>
    }
    .into_any()
}
