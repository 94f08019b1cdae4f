//! The form for a logger's certificate of calibration.

use crate::acting;
use crate::app::Ui;
use crate::part::action::Action;
use crate::part::form::{Choices, Entry, Look, Pick, choices, field};
use crate::part::sign::Signature;
use firn_model::api::Request;
use firn_model::id::Id;
use firn_model::meaning::SignatureMeaning;
use firn_model::record::{AsFound, Certificate, Kind, Logger};
use firn_model::role::Role;
use leptos::prelude::*;

/// The fields.
#[derive(Clone, Copy)]
struct Fields {
    number: Entry,
    laboratory: Entry,
    calibrated: Entry,
    due: Entry,
    as_found: Choices<AsFound>,
    uncertainty: Entry,
    offset: Entry,
    accuracy: Entry,
    reason: Entry,
}

impl Fields {
    fn new(logger: Id) -> Self {
        let entry = |name: &str| Entry::new(format!("certificate-{name}-{logger}"));
        Self {
            number: entry("number"),
            laboratory: entry("laboratory"),
            calibrated: entry("calibrated"),
            due: entry("due"),
            as_found: Choices::one(format!("certificate-found-{logger}")),
            uncertainty: entry("uncertainty"),
            offset: entry("offset"),
            accuracy: entry("accuracy"),
            reason: entry("reason"),
        }
    }

    /// What was typed, once everything that is asked for is there: with another offset than before, why.
    fn request(self, ui: Ui, before: &Logger) -> Option<Request> {
        let number = self.number.needed(ui)?;
        let laboratory = self.laboratory.needed(ui)?;
        let calibrated = self.calibrated.day(ui)?;
        let due = self.due.day(ui)?;
        if due <= calibrated {
            self.due.refuse(ui.texts.certificate.due_early);
            return None;
        }
        let as_found = self.as_found.needed_one(ui)?;
        // What travelled on the day of such a finding is in question.
        let calibrated = match as_found {
            AsFound::OutOfTolerance => self.calibrated.day_over(ui)?,
            AsFound::WithinTolerance => calibrated,
        };
        let size = |value: Option<i32>| value.map(i32::unsigned_abs);
        let uncertainty_mc = size(self.uncertainty.degrees(ui)?);
        let offset_mc = self.offset.degrees(ui)?;
        let accuracy_mc = size(self.accuracy.degrees(ui)?);
        let changes = offset_mc.is_some_and(|offset| offset != before.offset_mc.unwrap_or(0));
        let reason = if changes { Some(self.reason.needed(ui)?) } else { self.reason.given() };
        let certificate =
            Certificate { number, laboratory, calibrated, due, uncertainty_mc, points: Vec::new(), as_found };
        Some(Request::RecordCertificate { logger: before.id, certificate, offset_mc, accuracy_mc, reason })
    }
}

/// The form, for who may record it.
pub(super) fn certificate(ui: Ui, logger: &Logger) -> AnyView {
    let texts = &ui.texts.certificate;
    let acting = acting::acting(ui);
    let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| role.may_sign(Kind::Logger)).collect();
    let may = roles.clone();
    let is_mine = Memo::new(move |_| acting::may_be(&may, &[], acting.get().as_ref()));
    let logger = logger.clone();
    let body = move || {
        is_mine.get().then(|| {
            view! {
                <details class="step record-certificate">
                    <summary>{texts.title}</summary>
                    {form(ui, &logger, &roles)}
                </details>
            }
        })
    };
    view! { {body} }.into_any()
}

fn form(ui: Ui, logger: &Logger, roles: &[Role]) -> AnyView {
    let texts = &ui.texts.certificate;
    let (fields, action, roles) = (Fields::new(logger.id), Action::new(), roles.to_vec());
    let logger = logger.clone();
    let optional = |label: &str| format!("{label} ({})", ui.texts.create.optional);
    let degrees = |label: &str| optional(&format!("{label} · \u{2066}°C\u{2069}"));
    let picks =
        [Pick::new(AsFound::WithinTolerance, texts.within), Pick::new(AsFound::OutOfTolerance, texts.out_of)];
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(request) = fields.request(ui, &logger) {
            let signature = Signature::of(SignatureMeaning::EnrolledLogger, &roles);
            action.sign_if_any_can(ui, signature, request, |_| ());
        }
    };
    view! {
        <form class="step-form" novalidate on:submit=submit>
            <p class="hint">{texts.hint}</p>
            {field(fields.number, Look::Line, texts.number, None)}
            {field(fields.laboratory, Look::Line, texts.laboratory, None)}
            {field(fields.calibrated, Look::Day, texts.calibrated, None)}
            {field(fields.due, Look::Day, texts.due, Some(texts.due_hint.to_owned()))}
            {choices(fields.as_found, texts.as_found, picks.to_vec())}
            {field(fields.uncertainty, Look::Line, degrees(texts.uncertainty), None)}
            {field(fields.offset, Look::Line, degrees(texts.offset), Some(texts.offset_hint.to_owned()))}
            {field(fields.accuracy, Look::Line, degrees(texts.accuracy), None)}
            {field(fields.reason, Look::Words, ui.texts.people.change_reason, Some(texts.reason_hint.to_owned()))}
            {action.outcome(ui)}
            <button type="submit" class="button" disabled=move || action.busy.get()>{texts.record}</button>
        </form>
    }
    .into_any()
}
