//! The history of a shipment: every signed entry, the newest layer on top; what does not count is struck.

use super::{badge, icon, observe};
use crate::app::Ui;
use crate::i18n::fill;
use crate::wording::{self, Mark};
use firn_model::api::{HistoryEvent, Occurrence};
use firn_model::id::Id;
use firn_model::record::{Address, Logger};
use firn_model::time::{UtcMillis, UtcOffset};
use firn_model::vault::PositionKnown;
use leptos::prelude::*;

/// All entries, the newest first.
pub(crate) fn history(ui: Ui, events: &[HistoryEvent], loggers: &[Logger]) -> AnyView {
    let entries: Vec<_> = events.iter().rev().map(|event| entry(ui, event, loggers)).collect();
    view! {
        <section class="card history" aria-labelledby="history-title">
            <h2 id="history-title">{ui.texts.shipment.history}</h2>
            <ol class="layers" reversed>{entries}</ol>
        </section>
    }
    .into_any()
}

fn entry(ui: Ui, event: &HistoryEvent, loggers: &[Logger]) -> AnyView {
    let texts = ui.texts;
    let device = if event.device.role.is_none() && event.device.label.is_empty() {
        texts.history.unknown_device.to_owned()
    } else {
        let role = wording::role_words(event.device.role, texts);
        fill(texts.history.signed_by, &[("device", &event.device.label), ("role", role)])
    };
    let number = fill(texts.history.entry, &[("number", &ui.show.count(event.sequence))]);
    let title = title(ui, &event.occurrence, loggers);
    let refused = event.refused.as_ref().map(|code| {
        let why = wording::refused_words(code, texts)
            .map_or_else(|| fill(texts.refused.other, &[("code", code)]), str::to_owned);
        view! {
            <p class="refused-why">
                {icon::outline(icon::path::NOT_WATCHING)}
                <span><strong>{texts.refused.title}</strong>": "{why}</span>
            </p>
        }
    });
    let class = if event.refused.is_some() { "layer layer-refused" } else { "layer" };
    let title = if event.refused.is_some() {
        view! { <p class="layer-title"><s>{title}</s></p> }.into_any()
    } else {
        view! { <p class="layer-title">{title}</p> }.into_any()
    };
    view! {
        <li class=class>
            <time class="layer-time" datetime=event.at.to_rfc3339()>{ui.show.instant(event.at)}</time>
            {title}
            {detail(ui, &event.occurrence)}
            {refused}
            <p class="layer-by">{device}" · "{number}</p>
        </li>
    }
    .into_any()
}

fn title(ui: Ui, occurrence: &Occurrence, loggers: &[Logger]) -> String {
    let texts = &ui.texts.history;
    match occurrence {
        Occurrence::Created => texts.created.into(),
        Occurrence::Started { loggers, .. } => {
            fill(texts.started, &[("loggers", &ui.show.counted(u64::from(*loggers), &ui.texts.loggers))])
        }
        Occurrence::Readings { logger, count, .. } => {
            let readings = ui.show.counted(u64::from(*count), &ui.texts.readings);
            fill(texts.readings, &[("readings", &readings), ("logger", &logger_label(*logger, loggers))])
        }
        Occurrence::ClockSet { logger, clock_set } => {
            let time = local(clock_set.to, clock_set.offset);
            fill(texts.clock_set, &[("logger", &logger_label(*logger, loggers)), ("time", &time)])
        }
        Occurrence::Session { logger, .. } => {
            fill(texts.session, &[("logger", &logger_label(*logger, loggers))])
        }
        Occurrence::Assessed { verdict, .. } => {
            fill(texts.assessed, &[("verdict", wording::verdict_words(*verdict, ui.texts))])
        }
        Occurrence::Custody { step } => wording::custody_words(*step, ui.texts).into(),
        Occurrence::Received { .. } => texts.received.into(),
        Occurrence::Disposition { decision, .. } => {
            fill(texts.disposition, &[("decision", wording::decision_words(*decision, ui.texts))])
        }
        Occurrence::Quarantined { .. } => texts.quarantined.into(),
        Occurrence::Reviewed { review } => fill(texts.reviewed, &[("cause", &review.cause)]),
        Occurrence::Acknowledged { reasons } => {
            let words: Vec<_> =
                reasons.iter().map(|one| wording::reason_words(one.reason, ui.texts).to_owned()).collect();
            fill(texts.acknowledged, &[("reasons", &words.join(", "))])
        }
        Occurrence::Replied { lots, .. } => fill(texts.replied, &[("lots", &lots.join(", "))]),
        Occurrence::ArrivalMoved { at, .. } => {
            fill(texts.arrival_moved, &[("time", &ui.show.day_and_clock(*at))])
        }
        Occurrence::Observed { observation, .. } => {
            let what = observe::seen_words(observation.observed, ui.texts);
            fill(ui.texts.observation.seen, &[("what", &what)])
        }
        Occurrence::Approved => texts.approved.into(),
        Occurrence::Found { .. } => texts.found.into(),
        Occurrence::ExcursionRecorded { record } => super::excursion::recorded(ui, record),
        Occurrence::Position { known, .. } => position(ui, known),
        Occurrence::Closed => texts.closed.into(),
        Occurrence::Cancelled => texts.cancelled.into(),
        Occurrence::Other { kind } => fill(texts.other, &[("kind", &kind.to_string())]),
    }
}

fn position(ui: Ui, known: &PositionKnown) -> String {
    let texts = &ui.texts.history;
    match known {
        PositionKnown::HeldElsewhere => texts.position_elsewhere.into(),
        PositionKnown::Sealed => texts.position_sealed.into(),
        PositionKnown::Opened { position } => fill(texts.position, &[("place", &position.to_string())]),
        PositionKnown::Erased { at, .. } => {
            fill(texts.position_erased, &[("time", &ui.show.day_and_clock(*at))])
        }
        PositionKnown::Unreadable { .. } => texts.position_unreadable.into(),
    }
}

fn detail(ui: Ui, occurrence: &Occurrence) -> AnyView {
    match occurrence {
        Occurrence::Readings { first, last, clock_set, .. } => view! {
            <p class="layer-detail">{ui.show.day_and_clock(*first)}" – "{ui.show.day_and_clock(*last)}</p>
            {clock_set.map(|_| view! { <p class="layer-detail">{ui.texts.history.after_clock_set}</p> })}
        }
        .into_any(),
        Occurrence::ClockSet { clock_set, .. } => {
            let before = clock_set.before.map_or_else(
                || ui.texts.history.clock_before_unknown.to_owned(),
                |before| fill(ui.texts.history.clock_before, &[("time", &local(before, clock_set.offset))]),
            );
            view! { <p class="layer-detail">{before}</p> }.into_any()
        }
        Occurrence::Session { session, .. } => {
            let (count, digest) = (ui.show.count(session.bytes), short(&session.digest));
            let words = fill(ui.texts.history.session_bytes, &[("count", &count), ("digest", &digest)]);
            view! { <p class="layer-detail mono">{words}</p> }.into_any()
        }
        Occurrence::Assessed { verdict, reasons } => {
            let reasons: Vec<_> = reasons
                .iter()
                .map(|reason| view! { <li>{wording::reason_words(*reason, ui.texts)}</li> })
                .collect();
            view! {
                <div class="layer-detail">
                    {badge::verdict(ui, Mark::Judged(*verdict))}
                    {(!reasons.is_empty()).then(|| view! { <ul class="reasons">{reasons}</ul> })}
                </div>
            }
            .into_any()
        }
        Occurrence::Observed { observation, gives_cause } => {
            let texts = &ui.texts.observation;
            let at = fill(texts.at, &[("time", &ui.show.day_and_clock(observation.at))]);
            let photo = observation.photo.map(|photo| fill(texts.photo, &[("digest", &short(&photo))]));
            view! {
                <p class="layer-detail">{at}{gives_cause.then(|| format!(" · {}", texts.cause))}</p>
                {observation.place.clone().map(|place| view! { <p class="layer-detail" dir="auto">{place}</p> })}
                {observation.note.clone().map(|note| view! { <p class="layer-detail" dir="auto">{note}</p> })}
                {photo.map(|photo| view! { <p class="layer-detail mono">{photo}</p> })}
            }
            .into_any()
        }
        Occurrence::Received { note: Some(note), .. } => view! {
            <p class="layer-detail" dir="auto">{fill(ui.texts.history.note, &[("note", note)])}</p>
        }
        .into_any(),
        Occurrence::Acknowledged { reasons } => reasons
            .iter()
            .map(|one| view! { <p class="layer-detail" dir="auto">{one.explanation.clone()}</p> })
            .collect::<Vec<_>>()
            .into_any(),
        Occurrence::Disposition { reason, .. }
        | Occurrence::Quarantined { reason }
        | Occurrence::ArrivalMoved { reason, .. }
        | Occurrence::Replied { words: reason, .. }
        | Occurrence::Found { words: reason, .. } => {
            view! { <p class="layer-detail" dir="auto">{reason.clone()}</p> }.into_any()
        }
        _ => ().into_any(),
    }
}

/// Local time as it was written into a logger, with its offset: not the reader's own.
fn local(at: UtcMillis, offset: UtcOffset) -> String {
    format!("\u{2066}{}\u{2069}", at.to_rfc3339_at(offset).replace('T', " "))
}

/// The first bytes of a digest, enough to compare by eye.
fn short(digest: &Address) -> String {
    let start: Vec<String> = digest.0.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("\u{2066}{}…\u{2069}", start.concat())
}

/// What is written on a logger, or the begin of its id where it is not known here.
pub(crate) fn logger_label(id: Id, loggers: &[Logger]) -> String {
    loggers
        .iter()
        .find(|logger| logger.id == id)
        .map_or_else(|| id.to_string().chars().take(8).collect(), |logger| logger.label.clone())
}
