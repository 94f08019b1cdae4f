//! The steps on the way: the pick-up with its loggers, hand-overs, and the end of the record.

use super::earlier::{Earlier, Happened};
use super::{Ground, Place, fields, optional, sign};
use crate::app::Ui;
use crate::i18n::fill;
use crate::page::known;
use crate::part::action::Action;
use crate::part::form::{Choices, Entry, Look, Pick, choices, field};
use crate::part::icon;
use crate::route::Route;
use crate::show::isolated;
use crate::wording;
use firn_model::api::{CustodyStep, NextStep, Request};
use firn_model::id::Id;
use firn_model::meaning::SignatureMeaning;
use firn_model::record::{Logger, LoggerReason};
use firn_model::time::UtcMillis;
use leptos::prelude::*;

/// A logger without a certificate in force, with its label and when one ended, if it had any.
type Ended = (Id, (String, Option<UtcMillis>));

/// The loggers among `taken` that need a reason to travel: where any logger of `all` has a certificate, each
/// without one in force (`app/certificate-expired`).
fn without(all: &[Logger], taken: &[Id], now: UtcMillis) -> Vec<Ended> {
    if all.iter().all(|logger| logger.certificate.is_none()) {
        return Vec::new();
    }
    let due = |logger: &Logger| logger.certificate.as_ref().map(|certificate| certificate.due);
    let lacks = |logger: &&Logger| taken.contains(&logger.id) && due(logger).is_none_or(|due| due <= now);
    all.iter().filter(lacks).map(|logger| (logger.id, (logger.label.clone(), due(logger)))).collect()
}

/// The pick-up: which loggers travel, and why one whose certificate ended travels all the same.
pub(super) fn start(ui: Ui, ground: &Ground, step: &NextStep, place: Place) -> AnyView {
    let (shipment, step) = (ground.id, step.clone());
    let loggers = known(ui, |snapshot| {
        let serves = |logger: &&Logger| !snapshot.endings.contains_key(&logger.id);
        snapshot.loggers.iter().filter(serves).cloned().collect::<Vec<_>>()
    });
    // A form that could only say what is missing says it, and the way there, in its place.
    let has_any = Memo::new(move |_| loggers.with(|all| all.as_ref().is_some_and(|all| !all.is_empty())));
    let body = move || match has_any.get() {
        true => start_form(ui, shipment, &step, place, loggers),
        false => no_loggers(ui),
    };
    view! { {body} }.into_any()
}

fn start_form(
    ui: Ui,
    shipment: Id,
    step: &NextStep,
    place: Place,
    loggers: Memo<Option<Vec<Logger>>>,
) -> AnyView {
    let texts = &ui.texts.steps;
    let (action, step) = (Action::new(), step.clone());
    let chosen = Choices::<Id>::many("start-loggers");
    let overrides = RwSignal::new(Vec::<(Id, Entry)>::new());
    let earlier = Earlier::new("start", texts.earlier_start_hint);
    let every = known(ui, |snapshot| snapshot.loggers.clone());
    let list = move || {
        let all = loggers.get().unwrap_or_default();
        choices(chosen, texts.start_hint, all.iter().map(|logger| pick(ui, logger)).collect())
    };
    let ended: Memo<Vec<Ended>> = Memo::new(move |_| {
        without(&every.get().unwrap_or_default(), &chosen.chosen.get(), ui.store.now.get())
    });
    let reason = move |(id, (label, due)): Ended| {
        let entry = Entry::new(format!("override-{id}"));
        overrides.update(|all| {
            all.retain(|(known, _)| *known != id);
            all.push((id, entry));
        });
        let label = isolated(&label);
        let words = match due {
            Some(due) => {
                fill(texts.certificate, &[("logger", &label), ("time", &ui.show.day_and_clock(due))])
            }
            None => fill(texts.certificate_none, &[("logger", &label)]),
        };
        field(entry, Look::Line, words, None)
    };
    let inside = view! {
        {list}
        <For each=move || ended.get() key=|one: &Ended| one.0 children=reason />
        {earlier.fields(ui)}
    }
    .into_any();
    let submit = move || {
        let Some(loggers) = chosen.needed(ui) else { return };
        let now: Vec<Id> = ended.with_untracked(|ended| ended.iter().map(|(id, _)| *id).collect());
        let mut reasons = Vec::new();
        for (logger, entry) in overrides.get_untracked().into_iter().filter(|(id, _)| now.contains(id)) {
            let Some(reason) = entry.needed(ui) else { return };
            reasons.push(LoggerReason { logger, reason });
        }
        let Some(Happened { at, reason }) = earlier.given(ui) else { return };
        let request = Request::StartShipment { shipment, loggers, overrides: reasons, at, reason };
        sign(ui, action, &step, SignatureMeaning::PickedUp, request);
    };
    fields(ui, action, place, texts.start, inside, submit)
}

fn no_loggers(ui: Ui) -> AnyView {
    let texts = &ui.texts.steps;
    view! {
        <p>{texts.no_loggers}" "<a href=Route::Nearby.href()>{ui.texts.shell.nearby}</a></p>
        <p class="hint">{texts.no_loggers_next}</p>
    }
    .into_any()
}

fn pick(ui: Ui, logger: &Logger) -> Pick<Id> {
    let certificate = logger
        .certificate
        .as_ref()
        .map(|certificate| fill(ui.texts.nearby.certificate, &[("time", &ui.show.date(certificate.due))]));
    let about: Vec<String> = [Some(wording::family_words(&logger.family, ui.texts).to_owned()), certificate]
        .into_iter()
        .flatten()
        .collect();
    Pick { about: Some(about.join(" · ")), ..Pick::named(logger.id, &logger.label) }
}

/// This device's step of a hand-over.
pub(super) fn hand_over(
    ui: Ui,
    ground: &Ground,
    step: &NextStep,
    place: Place,
    meaning: SignatureMeaning,
) -> AnyView {
    let texts = &ui.texts.steps;
    let (action, shipment, step) = (Action::new(), ground.id, step.clone());
    let hint = match meaning {
        SignatureMeaning::OfferedCustody => texts.offer_hint,
        SignatureMeaning::AcceptedCustody => texts.accept_hint,
        _ => texts.confirm_hint,
    };
    let label = wording::step_words(step.step, ui.texts);
    let taken = match meaning {
        SignatureMeaning::OfferedCustody => CustodyStep::Offered,
        SignatureMeaning::AcceptedCustody => CustodyStep::Accepted,
        _ => CustodyStep::Confirmed,
    };
    let held = ground.do_not_use.then(|| {
        view! {
            <p class="standing standing-review">
                {icon::outline(icon::path::WARNING)}
                <span>{texts.hand_over_held}</span>
            </p>
        }
    });
    let inside = view! { {held}<p class="hint">{hint}</p> }.into_any();
    let request = Request::HandOver { shipment, step: Some(taken) };
    let submit = move || sign(ui, action, &step, meaning, request.clone());
    fields(ui, action, place, label, inside, submit)
}

/// The end of the record: of a shipment that is done with, or of one that never took place.
pub(super) fn close(
    ui: Ui,
    ground: &Ground,
    step: &NextStep,
    place: Place,
    meaning: SignatureMeaning,
) -> AnyView {
    let texts = &ui.texts.steps;
    let (action, shipment, step) = (Action::new(), ground.id, step.clone());
    let cancels = meaning == SignatureMeaning::Cancelled;
    let reason = Entry::new(if cancels { "cancel-reason" } else { "close-reason" });
    let (hint, label) = match cancels {
        true => (texts.cancel_hint, texts.reason.to_owned()),
        false => (texts.close_hint, optional(ui, texts.reason)),
    };
    let inside = view! { <p class="hint">{hint}</p>{field(reason, Look::Line, label, None)} }.into_any();
    let name = wording::step_words(step.step, ui.texts);
    let submit = move || {
        let reason = if cancels { reason.needed(ui) } else { reason.given() };
        if !cancels || reason.is_some() {
            sign(ui, action, &step, meaning, Request::CloseShipment { shipment, reason });
        }
    };
    fields(ui, action, place, name, inside, submit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use firn_model::record::{AsFound, Certificate};

    fn logger(byte: u8, due: Option<i64>) -> Logger {
        let certificate = due.map(|due| Certificate {
            number: "K-1".into(),
            laboratory: "Justervesenet".into(),
            calibrated: UtcMillis(0),
            due: UtcMillis(due),
            uncertainty_mc: None,
            points: Vec::new(),
            as_found: AsFound::WithinTolerance,
        });
        Logger {
            id: Id([byte; 16]),
            family: "file".into(),
            label: format!("Box {byte}"),
            address: None,
            serial: None,
            interval_s: None,
            accuracy_mc: None,
            certificate,
            offset_mc: None,
        }
    }

    #[test]
    fn a_logger_without_a_certificate_asks_for_a_reason_once_any_logger_has_one() {
        let ids = [Id([1; 16]), Id([2; 16]), Id([3; 16])];
        let asked = |all: &[Logger]| {
            without(all, &ids, UtcMillis(100))
                .into_iter()
                .map(|(id, (_, due))| (id.0[0], due))
                .collect::<Vec<_>>()
        };
        assert_eq!(asked(&[logger(1, None), logger(2, None)]), []);
        let all = [logger(1, None), logger(2, Some(100)), logger(3, Some(101))];
        assert_eq!(asked(&all), [(1, None), (2, Some(UtcMillis(100)))]);
        assert_eq!(without(&all, &[], UtcMillis(100)), [], "those that stay behind need none");
    }
}
