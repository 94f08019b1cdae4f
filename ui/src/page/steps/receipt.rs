//! The receipt with its checklist: seal, count of each line, expired lines, and loggers that cannot be read.

use super::earlier::{Earlier, Happened};
use super::{Ground, Place, fields, optional, sign};
use crate::app::Ui;
use crate::i18n::fill;
use crate::part::action::Action;
use crate::part::form::{Choices, Entry, Look, Pick, choices, field};
use crate::show;
use crate::show::isolated;
use crate::wording;
use firn_model::api::{NextStep, Request};
use firn_model::id::Id;
use firn_model::meaning::SignatureMeaning;
use firn_model::record::{Checklist, ItemLine, Logger, LoggerReason, SealFound};
use leptos::prelude::*;

/// The fields of the receipt.
#[derive(Clone)]
struct Checked {
    seal: Choices<SealFound>,
    counts: Vec<Entry>,
    expired: Choices<u32>,
    unread: Vec<(Id, Entry)>,
    note: Entry,
}

impl Checked {
    fn new(ground: &Ground) -> Self {
        let count = |line: usize| Entry::new(format!("count-{line}"));
        let unread = |logger: &Logger| (logger.id, Entry::new(format!("unread-{}", logger.id)));
        Self {
            seal: Choices::one("seal"),
            counts: (0..ground.items.len()).map(count).collect(),
            expired: Choices::many("expired"),
            unread: ground.loggers.iter().map(unread).collect(),
            note: Entry::new("receive-note"),
        }
    }

    /// What was checked, once everything that is asked for is there.
    fn list(&self, ui: Ui, read: &[Id]) -> Option<Checklist> {
        let seal = self.seal.needed_one(ui)?;
        let counts = self.counts.iter().map(|count| count.number(ui)).collect::<Option<Vec<u32>>>()?;
        let mut expired = self.expired.chosen.get_untracked();
        expired.sort_unstable();
        let unread = self.unread.iter().filter(|(logger, _)| !read.contains(logger));
        let unread = unread
            .filter_map(|(logger, reason)| Some(LoggerReason { logger: *logger, reason: reason.given()? }));
        Some(Checklist { seal, counts, expired, unread: unread.collect() })
    }
}

/// The receipt.
pub(super) fn receive(
    ui: Ui,
    ground: &Ground,
    read: Memo<Option<Vec<Id>>>,
    step: &NextStep,
    place: Place,
) -> AnyView {
    let texts = &ui.texts.steps;
    let (action, shipment, step) = (Action::new(), ground.id, step.clone());
    let (checked, earlier) = (Checked::new(ground), Earlier::new("receive", texts.earlier_hint));
    let seals = [SealFound::Intact, SealFound::Broken, SealFound::None]
        .map(|seal| Pick::new(seal, wording::seal_words(seal, ui.texts)));
    let inside = view! {
        <p class="hint">{texts.receive_hint}</p>
        {choices(checked.seal, texts.seal, seals.to_vec())}
        {lines(ui, &ground.items, &checked)}
        {unread(ui, &ground.loggers, &checked, read)}
        {field(checked.note, Look::Words, texts.note, None)}
        {earlier.fields(ui)}
    }
    .into_any();
    let submit = move || {
        let known = read.get_untracked().unwrap_or_default();
        let Some(list) = checked.list(ui, &known) else { return };
        let Some(Happened { at, reason }) = earlier.given(ui) else { return };
        let note = checked.note.given();
        let request = Request::ReceiveShipment { shipment, note, checklist: Some(list), at, reason };
        sign(ui, action, &step, SignatureMeaning::Received, request);
    };
    fields(ui, action, place, texts.receive, inside, submit)
}

fn lines(ui: Ui, items: &[ItemLine], checked: &Checked) -> AnyView {
    let texts = &ui.texts.steps;
    if items.is_empty() {
        return ().into_any();
    }
    let counts: Vec<_> = items
        .iter()
        .zip(&checked.counts)
        .map(|(item, count)| {
            let listed = fill(texts.counted, &[("count", &ui.show.count(u64::from(item.quantity)))]);
            field(*count, Look::Number, line_name(ui, item), Some(listed))
        })
        .collect();
    let picks = items.iter().zip(0_u32..).map(|(item, line)| Pick::new(line, line_name(ui, item)));
    view! {
        <fieldset class="counts">
            <legend>{texts.counts}</legend>
            {counts}
        </fieldset>
        {choices(checked.expired, optional(ui, texts.expired), picks.collect())}
    }
    .into_any()
}

/// A line as its forms name it: the product and its lot.
pub(super) fn line_name(ui: Ui, item: &ItemLine) -> String {
    let lot = item.lot.as_ref().map(|lot| {
        let lot = show::unbroken(lot);
        format!(" · {}\u{a0}{}", ui.texts.shipment.lot, isolated(&lot))
    });
    format!("{}{}", isolated(&item.product), lot.unwrap_or_default())
}

/// A reason for each logger of which nothing was read so far.
fn unread(ui: Ui, loggers: &[Logger], checked: &Checked, read: Memo<Option<Vec<Id>>>) -> AnyView {
    let texts = &ui.texts.steps;
    let rows: Vec<_> = loggers
        .iter()
        .zip(&checked.unread)
        .map(|(logger, (id, reason))| {
            let (id, reason) = (*id, *reason);
            let label = isolated(&logger.label);
            let words = optional(ui, &fill(texts.unread_reason, &[("logger", &label)]));
            let open = Memo::new(move |_| !read.with(|read| read.iter().flatten().any(|known| *known == id)));
            move || {
                open.get().then(|| field(reason, Look::Line, words.clone(), Some(texts.unread.to_owned())))
            }
        })
        .collect();
    view! { {rows} }.into_any()
}
