//! The history of a shipment: every signed entry, the newest layer on top; what does not count is struck.

use super::photo::short;
use super::{badge, icon, observe};
use crate::app::Ui;
use crate::i18n::fill;
use crate::show::isolated;
use crate::wording::{self, Mark};
use firn_model::api::{HistoryEvent, Occurrence, TakenCustody};
use firn_model::id::Id;
use firn_model::record::{Checklist, ItemLine, Logger, Recognition, Review};
use firn_model::time::{UtcMillis, UtcOffset};
use firn_model::vault::PositionKnown;
use leptos::prelude::*;

/// What entries name by id or place.
#[derive(Clone, Copy)]
struct Named<'a> {
    loggers: &'a [Logger],
    items: &'a [ItemLine],
}

/// All entries, the newest first.
pub(crate) fn history(ui: Ui, events: &[HistoryEvent], loggers: &[Logger], items: &[ItemLine]) -> AnyView {
    let named = Named { loggers, items };
    let entries: Vec<_> = events.iter().rev().map(|event| entry(ui, event, named)).collect();
    view! {
        <section class="card history" aria-labelledby="history-title">
            <h2 id="history-title">{ui.texts.shipment.history}</h2>
            <ol class="layers" reversed>{entries}</ol>
        </section>
    }
    .into_any()
}

fn entry(ui: Ui, event: &HistoryEvent, named: Named<'_>) -> AnyView {
    let texts = ui.texts;
    let title = title(ui, &event.occurrence, named.loggers);
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
            {detail(ui, &event.occurrence, named)}
            {refused}
            {signers(ui, event)}
        </li>
    }
    .into_any()
}

/// Who signed: the person by printed name and title, with what the signature says; and the device.
fn signers(ui: Ui, event: &HistoryEvent) -> AnyView {
    let texts = ui.texts;
    let device = wording::device_words(&event.device, texts);
    let number = ui.show.count(event.sequence);
    let Some(person) = &event.person else {
        let number = fill(texts.history.entry, &[("number", &number)]);
        return view! { <p class="layer-by">{device}" · "{number}</p> }.into_any();
    };
    let role = wording::role_words(Some(person.role), texts);
    let role = person.title.as_ref().map_or_else(|| role.to_owned(), |title| format!("{title} ({role})"));
    let who = fill(texts.history.by_person, &[("name", &person.name), ("role", &role)]);
    let says = event.meaning.map(|meaning| {
        view! { <span class="layer-says">" “"{wording::meaning_words(meaning, texts)}"”"</span> }
    });
    view! {
        <p class="layer-person">{icon::outline(icon::path::PERSON)}<span><strong>{who}</strong>{says}</span></p>
        <p class="layer-by">{fill(texts.history.on_device, &[("device", &device), ("number", &number)])}</p>
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
            fill(texts.acknowledged, &[("reasons", &ui.show.list(&words))])
        }
        Occurrence::Replied { lots, .. } => fill(texts.replied, &[("lots", &ui.show.list(lots))]),
        Occurrence::ArrivalMoved { at, .. } => {
            fill(texts.arrival_moved, &[("time", &ui.show.day_and_clock(*at))])
        }
        Occurrence::PickUpMoved { at, .. } => {
            fill(texts.pick_up_moved, &[("time", &ui.show.day_and_clock(*at))])
        }
        Occurrence::Observed { observation, .. } => {
            let what = observe::seen_words(observation.observed, ui.texts);
            fill(ui.texts.observation.seen, &[("what", &what)])
        }
        Occurrence::Approved => texts.approved.into(),
        Occurrence::PickUpApproved => texts.pick_up_approved.into(),
        Occurrence::Found { .. } => texts.found.into(),
        Occurrence::ExcursionRecorded { record } => super::excursion::recorded(ui, record),
        Occurrence::Position { known, .. } => position(ui, known),
        Occurrence::Taken { partner, custody, .. } => {
            let words = match custody {
                TakenCustody::None => texts.evidence_taken,
                TakenCustody::Taken => texts.taken_over,
                TakenCustody::Given => texts.receipt_taken,
            };
            fill(words, &[("partner", &wording::partner_words(partner))])
        }
        Occurrence::Closed => texts.closed.into(),
        Occurrence::Cancelled { .. } => texts.cancelled.into(),
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

fn detail(ui: Ui, occurrence: &Occurrence, named: Named<'_>) -> AnyView {
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
                {paragraphs(late(ui, observation.reason.as_ref()))}
            }
            .into_any()
        }
        Occurrence::Started { at, reason, .. } => paragraphs(happened(ui, *at, reason.as_ref())),
        Occurrence::Received { note, checklist, at, reason } => view! {
            {paragraphs(happened(ui, *at, reason.as_ref()))}
            {received(ui, note.as_ref(), checklist.as_ref(), named)}
        }
        .into_any(),
        Occurrence::Reviewed { review } => reviewed(ui, review),
        Occurrence::Acknowledged { reasons } => paragraphs(
            reasons
                .iter()
                .map(|one| format!("{} – {}", wording::reason_words(one.reason, ui.texts), one.explanation)),
        ),
        Occurrence::Disposition { reason, lines, .. } => {
            let names = lines.as_ref().map(|lines| named.lines(lines));
            let lines = names.map(|names| fill(ui.texts.history.lines, &[("lines", &names)]));
            paragraphs([Some(reason.clone()), lines].into_iter().flatten())
        }
        Occurrence::Replied { advice, words, .. } => {
            paragraphs([wording::advice_words(*advice, ui.texts).to_owned(), words.clone()])
        }
        Occurrence::Found { lines, words } => {
            let names = fill(ui.texts.history.lines, &[("lines", &named.lines(lines))]);
            paragraphs([words.clone(), names])
        }
        Occurrence::Taken { partner, evidence, recognition, .. } => {
            let unknown = (*recognition == Recognition::Unknown).then_some(ui.texts.history.partner_unpinned);
            let digests = [partner.organisation.to_string(), short(evidence)];
            view! {
                {unknown.map(|words| view! { <p class="layer-detail">{words}</p> })}
                <p class="layer-detail mono" dir="ltr">{digests.join(" · ")}</p>
            }
            .into_any()
        }
        Occurrence::Quarantined { reason }
        | Occurrence::ArrivalMoved { reason, .. }
        | Occurrence::PickUpMoved { reason, .. } => paragraphs([reason.clone()]),
        Occurrence::Cancelled { reason } => paragraphs([reason.clone()]),
        _ => ().into_any(),
    }
}

impl Named<'_> {
    fn lines(&self, lines: &[u32]) -> String {
        names_of_lines(self.items, lines)
    }
}

/// The lines of these places, by product and lot.
pub(crate) fn names_of_lines(items: &[ItemLine], lines: &[u32]) -> String {
    let item = |line: &u32| items.get(usize::try_from(*line).ok()?);
    let name = |item: &ItemLine| match &item.lot {
        Some(lot) => isolated(&format!("{} {lot}", item.product)),
        None => isolated(&item.product),
    };
    lines.iter().filter_map(item).map(name).collect::<Vec<_>>().join(", ")
}

/// When it happened, beside the time of its signature, and why it was recorded late.
fn happened(ui: Ui, at: UtcMillis, reason: Option<&String>) -> Vec<String> {
    let told = fill(ui.texts.history.happened, &[("time", &ui.show.day_and_clock(at))]);
    std::iter::once(told).chain(late(ui, reason)).collect()
}

fn late(ui: Ui, reason: Option<&String>) -> Option<String> {
    reason.map(|reason| fill(ui.texts.history.recorded_late, &[("reason", reason)]))
}

fn paragraphs(texts: impl IntoIterator<Item = String>) -> AnyView {
    texts
        .into_iter()
        .map(|text| view! { <p class="layer-detail" dir="auto">{text}</p> })
        .collect::<Vec<_>>()
        .into_any()
}

fn received(ui: Ui, note: Option<&String>, checklist: Option<&Checklist>, named: Named<'_>) -> AnyView {
    let texts = &ui.texts.history;
    let mut told: Vec<String> = Vec::new();
    if let Some(list) = checklist {
        told.push(fill(texts.seal, &[("seal", wording::seal_words(list.seal, ui.texts))]));
        if !list.counts.is_empty() {
            let counted = list.counts.iter().zip(named.items).map(|(count, item)| {
                let (count, listed) = (u64::from(*count), u64::from(item.quantity));
                let product = isolated(&item.product);
                let (count, listed) = (ui.show.count(count), ui.show.count(listed));
                fill(texts.counted_of, &[("product", &product), ("count", &count), ("listed", &listed)])
            });
            told.push(fill(texts.counted, &[("counts", &ui.show.list(&counted.collect::<Vec<_>>()))]));
        }
        if !list.expired.is_empty() {
            told.push(fill(texts.expired_lines, &[("lines", &named.lines(&list.expired))]));
        }
        told.extend(list.unread.iter().map(|one| {
            let label = logger_label(one.logger, named.loggers);
            fill(texts.not_read, &[("logger", &label), ("reason", &one.reason)])
        }));
    }
    told.extend(note.map(|note| fill(texts.note, &[("note", note)])));
    paragraphs(told)
}

fn reviewed(ui: Ui, review: &Review) -> AnyView {
    let texts = &ui.texts.history;
    let mut told: Vec<String> = Vec::new();
    told.extend(review.action.as_ref().map(|action| fill(texts.action, &[("action", action)])));
    if let Some(asked) = &review.asked {
        let (lots, due) = (ui.show.list(&asked.lots), ui.show.day_and_clock(asked.due));
        let values = [("manufacturer", asked.manufacturer.as_str()), ("lots", &lots), ("time", &due)];
        told.push(fill(texts.asked, &values));
        told.extend(asked.case_number.as_ref().map(|number| fill(texts.case, &[("number", number)])));
    }
    paragraphs(told)
}

/// Local time as it was written into a logger, with its offset: not the reader's own.
fn local(at: UtcMillis, offset: UtcOffset) -> String {
    format!("\u{2066}{}\u{2069}", at.to_rfc3339_at(offset).replace('T', " "))
}

/// What is written on a logger, or the begin of its id where it is not known here.
pub(crate) fn logger_label(id: Id, loggers: &[Logger]) -> String {
    loggers
        .iter()
        .find(|logger| logger.id == id)
        .map_or_else(|| id.to_string().chars().take(8).collect(), |logger| logger.label.clone())
}
