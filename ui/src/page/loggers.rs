//! The organisation's loggers, heard or not: their certificates, and how one ends.

use super::{certificate, known};
use crate::acting;
use crate::app::Ui;
use crate::i18n::fill;
use crate::part::action::Action;
use crate::part::form::{Choices, Entry, Look, Pick, choices, field};
use crate::part::icon;
use crate::part::sign::Signature;
use crate::wording;
use firn_model::api::Request;
use firn_model::id::Id;
use firn_model::meaning::SignatureMeaning;
use firn_model::record::{Ending, Kind, Logger};
use firn_model::role::Role;
use leptos::prelude::*;

/// Every enrolled logger, those that ended last.
pub(super) fn loggers(ui: Ui) -> AnyView {
    let texts = &ui.texts.nearby;
    let all = known(ui, |snapshot| {
        let ending = |logger: &Logger| snapshot.endings.get(&logger.id).copied();
        let mut all: Vec<_> = snapshot.loggers.iter().map(|one| (one.clone(), ending(one))).collect();
        all.sort_by_key(|(logger, ending)| (ending.is_some(), logger.label.clone()));
        all
    });
    let list = move || {
        let rows: Vec<_> = all.get()?.iter().map(|(logger, ending)| row(ui, logger, *ending)).collect();
        (!rows.is_empty()).then(|| {
            view! {
                <section class="card enrolled" aria-labelledby="enrolled-title">
                    <h2 id="enrolled-title">{texts.all}</h2>
                    <ul class="plain">{rows}</ul>
                </section>
            }
        })
    };
    view! { {list} }.into_any()
}

fn row(ui: Ui, logger: &Logger, ending: Option<Ending>) -> AnyView {
    let texts = &ui.texts.nearby;
    let certificate = match &logger.certificate {
        Some(certificate) => fill(texts.certificate, &[("time", &ui.show.date(certificate.due))]),
        None => texts.no_certificate.to_owned(),
    };
    let facts = format!("{} · {certificate}", wording::family_words(&logger.family, ui.texts));
    let standing = ending.map(|ending| {
        let words = wording::ending_words(ending, ui.texts);
        view! {
            <span class="standing standing-review">{icon::outline(icon::path::WARNING)}<span>{words}</span></span>
            <span class="quiet">{texts.ended}</span>
        }
    });
    view! {
        <li>
            <strong><bdi>{logger.label.clone()}</bdi></strong>
            <span class="quiet">{facts}</span>
            {standing}
            {ending.is_none().then(|| view! {
                {certificate::certificate(ui, logger)}
                {end(ui, logger.id)}
            })}
        </li>
    }
    .into_any()
}

/// The end of a logger, for who may sign it.
fn end(ui: Ui, logger: Id) -> AnyView {
    let texts = &ui.texts.nearby;
    let acting = acting::acting(ui);
    let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| role.may_sign(Kind::LoggerEnded)).collect();
    let may = roles.clone();
    let is_mine = Memo::new(move |_| acting::may_be(&may, &[], acting.get().as_ref()));
    let form = move || {
        is_mine.get().then(|| {
            view! {
                <details class="step">
                    <summary>{texts.end}</summary>
                    {end_form(ui, logger, &roles)}
                </details>
            }
        })
    };
    view! { {form} }.into_any()
}

fn end_form(ui: Ui, logger: Id, roles: &[Role]) -> AnyView {
    let texts = &ui.texts.nearby;
    let ending = Choices::<Ending>::one(format!("ending-{logger}"));
    let reason = Entry::new(format!("ending-reason-{logger}"));
    let (action, roles) = (Action::new(), roles.to_vec());
    let picks = [Ending::Lost, Ending::Faulty, Ending::Retired]
        .map(|ending| Pick::new(ending, wording::ending_words(ending, ui.texts)));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(ending) = ending.needed_one(ui) else { return };
        let Some(reason) = reason.needed(ui) else { return };
        let signature = Signature::of(SignatureMeaning::EndedLogger, &roles);
        action.sign(ui, signature, Request::EndLogger { logger, ending, reason }, |_| ());
    };
    view! {
        <form class="step-form" novalidate on:submit=submit>
            {choices(ending, texts.ending, picks.to_vec())}
            {field(reason, Look::Line, ui.texts.steps.reason, None)}
            {action.outcome(ui)}
            <button type="submit" class="button" disabled=move || action.busy.get()>{texts.end}</button>
        </form>
    }
    .into_any()
}
