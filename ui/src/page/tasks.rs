//! What people have to do, the gravest first: asked for anew as shipments change and minutes pass.

use super::known;
use crate::app::Ui;
use crate::i18n::fill;
use crate::part::action::refused;
use crate::part::icon;
use crate::route::Route;
use crate::show::isolated;
use crate::wording::{self, task};
use firn_model::api::{Refusal, Request, Response};
use firn_model::record::Decision;
use firn_model::task::{QueuedTask, Subject, TaskSeverity, Urgency};
use leptos::prelude::*;
use leptos::task::spawn_local;

const MINUTE_MS: i64 = 60_000;

/// The queue.
pub(crate) fn tasks(ui: Ui) -> AnyView {
    let changed = known(ui, |snapshot| (snapshot.shipments.clone(), snapshot.loggers.clone()));
    let minute = Memo::new(move |_| ui.store.now.get().0.div_euclid(MINUTE_MS));
    // The last answer stays on the page while the next is on its way.
    let shown = RwSignal::new(None::<Result<Vec<QueuedTask>, Refusal>>);
    Effect::new(move |_| {
        // Read, for a memo that nobody has read follows nothing.
        changed.get();
        minute.get();
        spawn_local(async move {
            let answer = asked(ui).await;
            // Nobody is left to read it once the screen has gone.
            drop(shown.try_set(Some(answer)));
        });
    });
    let body = move || match shown.get() {
        None => view! { <p class="opening" role="status">{ui.texts.shell.connecting}</p> }.into_any(),
        Some(Err(refusal)) => view! { <div class="card">{refused(ui, &refusal)}</div> }.into_any(),
        Some(Ok(tasks)) if tasks.is_empty() => none(ui),
        Some(Ok(tasks)) => {
            let rows: Vec<_> = tasks.iter().map(|queued| row(ui, queued)).collect();
            view! { <ol class="tasks">{rows}</ol> }.into_any()
        }
    };
    view! {
        <div class="page-head"><h1>{ui.texts.task.title}</h1></div>
        {body}
    }
    .into_any()
}

async fn asked(ui: Ui) -> Result<Vec<QueuedTask>, Refusal> {
    match ui.store.ask(Request::Tasks).await? {
        Response::Tasks { tasks } => Ok(tasks),
        _ => Err(Refusal {
            code: wording::UNREADABLE.into(),
            cause: "the answer is no list of tasks".into(),
            next_step: "close Firn and open it again".into(),
        }),
    }
}

fn none(ui: Ui) -> AnyView {
    view! {
        <div class="card" role="status">
            <p><strong>{ui.texts.task.none}</strong></p>
            <p class="quiet">{ui.texts.task.none_hint}</p>
        </div>
    }
    .into_any()
}

fn row(ui: Ui, queued: &QueuedTask) -> AnyView {
    let (severity, shape) = match queued.task.severity {
        TaskSeverity::Critical => ("task task-critical", icon::path::ALARM),
        TaskSeverity::High => ("task task-high", icon::path::CLOCK),
        TaskSeverity::Normal => ("task task-normal", icon::path::TASKS),
    };
    let details: Vec<_> = details(ui, queued).into_iter().map(|text| view! { <li>{text}</li> }).collect();
    view! {
        <li class=severity>
            <p class="task-severity">
                {icon::outline(shape)}
                <span>{task::severity_words(queued.task.severity, ui.texts)}</span>
            </p>
            <div class="task-words">
                <h2>{task::task_words(queued.task.kind, ui.texts)}</h2>
                {subject(ui, &queued.task.about)}
                <ul class="task-details">{details}</ul>
            </div>
            {due(ui, queued)}
        </li>
    }
    .into_any()
}

fn subject(ui: Ui, about: &Subject) -> AnyView {
    let texts = &ui.texts.task;
    match about {
        Subject::Shipment { shipment, reference } => {
            let href = Route::Shipment(*shipment).href();
            view! { <a class="task-subject" href=href><bdi>{reference.clone()}</bdi></a> }.into_any()
        }
        Subject::Logger { label, .. } => {
            view! { <p class="task-subject">{fill(texts.logger, &[("label", &isolated(label))])}</p> }
                .into_any()
        }
        Subject::Profile { name, version } => {
            let words = fill(texts.profile, &[("name", &isolated(name)), ("version", &version.to_string())]);
            view! { <p class="task-subject">{words}</p> }.into_any()
        }
        Subject::Person { name, .. } => {
            view! { <p class="task-subject">{fill(texts.person, &[("name", &isolated(name))])}</p> }
                .into_any()
        }
    }
}

fn due(ui: Ui, queued: &QueuedTask) -> AnyView {
    let texts = &ui.texts.task;
    let Some(at) = queued.task.due else {
        return view! { <p class="task-due quiet">{texts.no_time}</p> }.into_any();
    };
    let time = ui.show.instant(at);
    let (class, words) = match queued.urgency {
        Urgency::Overdue => ("task-due task-overdue", texts.overdue),
        Urgency::Due => ("task-due task-near", texts.due),
        Urgency::Open => ("task-due", texts.due),
    };
    view! { <p class=class><time datetime=at.to_rfc3339()>{fill(words, &[("time", &time)])}</time></p> }
        .into_any()
}

/// Who may do it, what it is about in detail, and whose rule it is.
fn details(ui: Ui, queued: &QueuedTask) -> Vec<String> {
    let (texts, task) = (&ui.texts.task, &queued.task);
    let roles: Vec<&str> = task.roles.iter().map(|role| wording::role_words(Some(*role), ui.texts)).collect();
    let by = (!roles.is_empty()).then(|| fill(texts.by, &[("roles", &ui.show.list(&roles))]));
    let mut details: Vec<String> = by.into_iter().collect();
    if !task.except.is_empty() {
        let names: Vec<String> = task.except.iter().map(|name| isolated(name)).collect();
        details.push(fill(texts.not_by, &[("names", &ui.show.list(&names))]));
    }
    details.extend(task.device.iter().map(|device| fill(texts.device, &[("device", &isolated(device))])));
    details
        .extend(task.manufacturer.iter().map(|name| fill(texts.manufacturer, &[("name", &isolated(name))])));
    if !task.lots.is_empty() {
        let lots: Vec<String> = task.lots.iter().map(|lot| isolated(lot)).collect();
        details.push(fill(texts.lots, &[("lots", &ui.show.list(&lots))]));
    }
    details.extend(task.decisions.iter().map(|one| {
        let decision = match one.decision {
            Decision::Release => ui.texts.stock.released,
            Decision::ReleaseInPart => ui.texts.stock.released_in_part,
            Decision::Reject => ui.texts.stock.rejected,
        };
        format!("{decision}: {} · {}", isolated(&one.by), ui.show.instant(one.at))
    }));
    details.extend(task.reasons.iter().map(|reason| wording::reason_words(*reason, ui.texts).to_owned()));
    if !task.missing.is_empty() {
        let fields = crate::part::excursion::names(ui, &task.missing);
        details.push(fill(ui.texts.excursion.incomplete, &[("fields", &fields)]));
    }
    details.push(task::source_words(task.source, ui.texts));
    details
}
