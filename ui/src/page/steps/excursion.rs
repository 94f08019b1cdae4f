//! What is explained and looked into before a decision: reasons, the excursion, and a manufacturer's answer.

use super::{Ground, Place, fields, optional, sign};
use crate::app::Ui;
use crate::part::action::Action;
use crate::part::form::{Choices, Entry, Look, Pick, choices, field, instant_form};
use crate::show;
use crate::wording;
use firn_model::api::{NextStep, Request};
use firn_model::meaning::SignatureMeaning;
use firn_model::record::{Advice, Asked, Explained, Review};
use leptos::prelude::*;

/// An explanation for each reason of the verdict.
pub(super) fn acknowledge(ui: Ui, ground: &Ground, step: &NextStep, place: Place) -> AnyView {
    let texts = &ui.texts.steps;
    let (action, shipment) = (Action::new(), ground.id);
    let entries: Vec<_> = step
        .reasons
        .iter()
        .map(|reason| (*reason, Entry::new(format!("explain-{}", reason.code()))))
        .collect();
    let rows: Vec<_> = entries
        .iter()
        .map(|(reason, entry)| field(*entry, Look::Words, wording::reason_words(*reason, ui.texts), None))
        .collect();
    let inside = view! { <p class="hint">{texts.acknowledge_hint}</p>{rows} }.into_any();
    let step = step.clone();
    let submit = move || {
        let explained =
            |(reason, entry): &(_, Entry)| Some(Explained { reason: *reason, explanation: entry.given()? });
        let reasons: Vec<Explained> = entries.iter().filter_map(explained).collect();
        match (reasons.is_empty(), entries.first()) {
            (true, Some((_, first))) => first.refuse(texts.missing),
            _ => {
                let request = Request::AcknowledgeShipment { shipment, reasons };
                sign(ui, action, &step, SignatureMeaning::Acknowledged, request);
            }
        }
    };
    fields(ui, action, place, texts.acknowledge, inside, submit)
}

/// What is asked of a manufacturer.
#[derive(Clone, Copy)]
struct Question {
    manufacturer: Entry,
    case_number: Entry,
    due: Entry,
    lots: Choices<String>,
}

impl Question {
    /// `step` is unique on the page.
    fn new(step: &str) -> Self {
        let entry = |field: &str| Entry::new(format!("{step}-{field}"));
        let (manufacturer, case_number, due) = (entry("manufacturer"), entry("case"), entry("due"));
        Self { manufacturer, case_number, due, lots: Choices::many(format!("{step}-lots")) }
    }

    fn fields(self, ui: Ui, lots: &[String]) -> AnyView {
        let texts = &ui.texts.steps;
        let picks: Vec<_> = lots.iter().map(|lot| Pick::named(lot.clone(), lot)).collect();
        view! {
            {field(self.manufacturer, Look::Line, texts.manufacturer, None)}
            {field(self.case_number, Look::Line, texts.case_number, None)}
            {field(self.due, Look::Instant, texts.due, Some(instant_form(ui)))}
            {choices(self.lots, texts.lots, picks)}
        }
        .into_any()
    }

    fn asked(self, ui: Ui) -> Option<Asked> {
        Some(Asked {
            manufacturer: self.manufacturer.needed(ui)?,
            case_number: Some(self.case_number.needed(ui)?),
            asked: show::now(),
            due: self.due.instant(ui)?,
            lots: self.lots.needed(ui)?,
        })
    }
}

/// The look into an excursion: its cause, what is done about it, and what its manufacturer was asked.
pub(super) fn review(ui: Ui, ground: &Ground, step: &NextStep, place: Place) -> AnyView {
    let texts = &ui.texts.steps;
    let (action, shipment, step, lots) = (Action::new(), ground.id, step.clone(), ground.lots());
    let (cause, done) = (Entry::new("review-cause"), Entry::new("review-action"));
    let (question, asks) = (Question::new("review"), RwSignal::new(false));
    let has_lots = !lots.is_empty();
    let inside = view! {
        {field(cause, Look::Words, texts.cause, None)}
        {field(done, Look::Words, optional(ui, texts.action), None)}
        {has_lots.then(|| view! {
            <label class="choice">
                <input
                    type="checkbox"
                    id="review-asks"
                    prop:checked=move || asks.get()
                    on:change=move |event| asks.set(event_target_checked(&event))
                />
                <span>{texts.asked}</span>
            </label>
        })}
        <div class="asked">{move || asks.get().then(|| question.fields(ui, &lots))}</div>
    }
    .into_any();
    let submit = move || {
        let Some(cause) = cause.needed(ui) else { return };
        let asked = match asks.get_untracked().then(|| question.asked(ui)) {
            Some(None) => return,
            asked => asked.flatten(),
        };
        let review = Review { cause, action: done.given(), asked };
        sign(ui, action, &step, SignatureMeaning::Reviewed, Request::ReviewShipment { shipment, review });
    };
    fields(ui, action, place, texts.review, inside, submit)
}

/// The question to a manufacturer about lots that may have frozen, where no look into an excursion asks it.
pub(super) fn ask(ui: Ui, ground: &Ground, step: &NextStep, place: Place) -> AnyView {
    let texts = &ui.texts.steps;
    let (action, shipment, step) = (Action::new(), ground.id, step.clone());
    let (cause, question) = (Entry::new("ask-cause"), Question::new("ask"));
    question.lots.chosen.set(step.lots.clone());
    let inside = view! {
        <p class="hint">{texts.ask_hint}</p>
        {field(cause, Look::Words, texts.cause, None)}
        {question.fields(ui, &step.lots)}
    }
    .into_any();
    let submit = move || {
        let Some(cause) = cause.needed(ui) else { return };
        let Some(asked) = question.asked(ui) else { return };
        let review = Review { cause, action: None, asked: Some(asked) };
        sign(ui, action, &step, SignatureMeaning::Reviewed, Request::ReviewShipment { shipment, review });
    };
    fields(ui, action, place, texts.ask, inside, submit)
}

/// A manufacturer's answer about the lots that wait for it.
pub(super) fn reply(ui: Ui, ground: &Ground, step: &NextStep, place: Place) -> AnyView {
    let texts = &ui.texts.steps;
    let (action, shipment, step) = (Action::new(), ground.id, step.clone());
    // Several questions may be open, about one lot too: whom they were put to tells their forms apart.
    let question: Vec<String> = step.manufacturer.iter().chain(&step.case_number).cloned().collect();
    let name: String = question.iter().chain(&step.lots).flat_map(|part| [part.as_str(), "-"]).collect();
    let name = name.replace(|letter: char| !letter.is_alphanumeric(), "-");
    let lots = Choices::<String>::many(format!("reply-lots-{name}"));
    let advice = Choices::<Advice>::one(format!("reply-advice-{name}"));
    let words = Entry::new(format!("reply-words-{name}"));
    let picks: Vec<_> = step.lots.iter().map(|lot| Pick::named(lot.clone(), lot)).collect();
    let advices = [Advice::MayBeUsed, Advice::Discard]
        .map(|advice| Pick::new(advice, wording::advice_words(advice, ui.texts)));
    let inside = view! {
        <p class="hint"><bdi>{question.join(" · ")}</bdi></p>
        {choices(lots, texts.answered, picks)}
        {choices(advice, texts.advice, advices.to_vec())}
        {field(words, Look::Words, texts.its_words, None)}
    }
    .into_any();
    let submit = move || {
        let Some(lots) = lots.needed(ui) else { return };
        let Some(advice) = advice.needed_one(ui) else { return };
        let Some(words) = words.needed(ui) else { return };
        let (manufacturer, case_number) = (step.manufacturer.clone(), step.case_number.clone());
        let request = Request::RecordReply { shipment, lots, advice, words, manufacturer, case_number };
        sign(ui, action, &step, SignatureMeaning::RecordedReply, request);
    };
    fields(ui, action, place, texts.reply, inside, submit)
}
