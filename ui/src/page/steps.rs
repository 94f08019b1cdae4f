//! The steps of a shipment's life that this device may sign now.

use crate::app::Ui;
use crate::i18n::fill;
use crate::part::action::{Action, field, refused};
use crate::part::icon;
use crate::show;
use crate::wording;
use firn_model::api::{Phase, Request, Stock};
use firn_model::id::Id;
use firn_model::record::{Decision, Kind, Logger};
use leptos::prelude::*;

/// What can be done with a shipment in its phase.
pub(crate) fn steps(ui: Ui, id: Id, phase: Phase, stock: Option<Stock>, loggers: &[Logger]) -> AnyView {
    let undecided = matches!(stock, Some(Stock::Quarantine | Stock::Received));
    let body = match phase {
        Phase::Created => may(ui, Kind::Started).then(|| start(ui, id)),
        Phase::InTransit => Some(
            view! {
                {download(ui, id, loggers)}
                {may(ui, Kind::Received).then(|| receive(ui, id))}
            }
            .into_any(),
        ),
        Phase::Received if undecided && !may(ui, Kind::Disposition) => {
            Some(view! { <p class="quiet">{ui.texts.steps.role_may_not}</p> }.into_any())
        }
        Phase::Received if undecided => Some(decide(ui, id)),
        Phase::Received | Phase::Closed | Phase::Cancelled => None,
    };
    let Some(body) = body else { return ().into_any() };
    view! {
        <section class="card steps" aria-labelledby="steps-title">
            <h2 id="steps-title">{ui.texts.steps.title}</h2>
            {body}
        </section>
    }
    .into_any()
}

/// Whether this device's role may sign a record of this kind; the app decides again when it is asked.
fn may(ui: Ui, kind: Kind) -> bool {
    let role = ui.store.feed.with_untracked(|feed| {
        feed.snapshot.as_ref().and_then(|snapshot| snapshot.organisation.as_ref()).map(|own| own.role)
    });
    role.is_none_or(|role| role.may_sign(kind))
}

fn start(ui: Ui, shipment: Id) -> AnyView {
    let texts = &ui.texts.steps;
    let action = Action::new();
    let chosen = RwSignal::new(Vec::<Id>::new());
    let loggers = Memo::new(move |_| {
        ui.store
            .feed
            .with(|feed| feed.snapshot.as_ref().map(|known| known.loggers.clone()).unwrap_or_default())
    });
    let choices = move || {
        let all = loggers.get();
        if all.is_empty() {
            return view! { <p class="quiet">{texts.no_loggers}</p> }.into_any();
        }
        all.into_iter().map(|logger| choice(logger, chosen)).collect::<Vec<_>>().into_any()
    };
    let submit = move |_| {
        let request =
            Request::StartShipment { shipment, loggers: chosen.get_untracked(), overrides: Vec::new() };
        action.ask(ui, request, |_| ());
    };
    view! {
        <fieldset class="choice-list">
            <legend>{texts.start_hint}</legend>
            {choices}
        </fieldset>
        <button
            type="button"
            class="button button-primary"
            disabled=move || action.busy.get() || chosen.with(Vec::is_empty)
            on:click=submit
        >
            {texts.start}
        </button>
        {action.outcome(ui)}
    }
    .into_any()
}

fn choice(logger: Logger, chosen: RwSignal<Vec<Id>>) -> AnyView {
    let id = logger.id;
    view! {
        <label class="choice">
            <input
                type="checkbox"
                prop:checked=move || chosen.with(|chosen| chosen.contains(&id))
                on:change=move |event| {
                    chosen.update(|chosen| {
                        chosen.retain(|known| *known != id);
                        if event_target_checked(&event) {
                            chosen.push(id);
                        }
                    })
                }
            />
            <span><strong><bdi>{logger.label.clone()}</bdi></strong><span class="quiet">{wording::family_words(&logger.family).to_owned()}</span></span>
        </label>
    }
    .into_any()
}

fn download(ui: Ui, shipment: Id, loggers: &[Logger]) -> AnyView {
    let buttons: Vec<_> = loggers.iter().map(|logger| read_logger(ui, shipment, logger)).collect();
    view! { <div class="downloads">{buttons}</div> }.into_any()
}

fn read_logger(ui: Ui, shipment: Id, logger: &Logger) -> AnyView {
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
        <div class="download">
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
    let (name, place) = (format!("\u{2068}{label}\u{2069}"), format!("\u{2068}{zone}\u{2069}"));
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

fn receive(ui: Ui, shipment: Id) -> AnyView {
    let texts = &ui.texts.steps;
    let action = Action::new();
    let note = RwSignal::new(String::new());
    let submit = move |_| {
        let note = Some(note.get_untracked().trim().to_owned()).filter(|note| !note.is_empty());
        action.ask(ui, Request::ReceiveShipment { shipment, note, checklist: None }, |_| ());
    };
    view! {
        <div class="step">
            {field("receive-note", texts.note, Some(texts.receive_hint), note)}
            <button type="button" class="button button-primary" disabled=move || action.busy.get() on:click=submit>
                {texts.receive}
            </button>
            {action.outcome(ui)}
        </div>
    }
    .into_any()
}

fn decide(ui: Ui, shipment: Id) -> AnyView {
    let texts = &ui.texts.steps;
    let action = Action::new();
    let decision = RwSignal::new(None::<Decision>);
    let reason = RwSignal::new(String::new());
    let choices: Vec<_> = [Decision::Release, Decision::Reject]
        .into_iter()
        .map(|one| {
            view! {
                <label class="choice">
                    <input
                        type="radio"
                        name="decision"
                        prop:checked=move || decision.get() == Some(one)
                        on:change=move |_| decision.set(Some(one))
                    />
                    <span>{wording::decision_words(one, ui.texts)}</span>
                </label>
            }
        })
        .collect();
    let incomplete = move || decision.get().is_none() || reason.with(|reason| reason.trim().is_empty());
    let submit = move |_| {
        if let Some(decision) = decision.get_untracked() {
            let reason = reason.get_untracked().trim().to_owned();
            action.ask(ui, Request::DisposeShipment { shipment, decision, reason, lines: None }, |_| ());
        }
    };
    view! {
        <fieldset class="choice-list">
            <legend>{texts.decision}</legend>
            {choices}
        </fieldset>
        {field("decision-reason", texts.reason, None, reason)}
        <button
            type="button"
            class="button button-primary"
            disabled=move || action.busy.get() || incomplete()
            on:click=submit
        >
            {texts.decide}
        </button>
        {action.outcome(ui)}
    }
    .into_any()
}
