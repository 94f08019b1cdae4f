//! When a step happened, where that was not just now, and why it is recorded only then.

use super::optional;
use crate::app::Ui;
use crate::part::form::{Entry, Look, field, instant_form};
use crate::show;
use firn_model::shipment::is_late;
use firn_model::time::UtcMillis;
use leptos::prelude::*;

/// Two fields: the time, empty for now, and the reason, asked for once the time lies back.
#[derive(Clone, Copy)]
pub(super) struct Earlier {
    at: Entry,
    reason: Entry,
    hint: &'static str,
}

/// What was given in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Happened {
    pub at: Option<UtcMillis>,
    pub reason: Option<String>,
}

impl Earlier {
    /// `step` is unique on the page; `hint` says what an earlier time means for it.
    pub fn new(step: &str, hint: &'static str) -> Self {
        let entry = |field: &str| Entry::new(format!("{step}-{field}"));
        Self { at: entry("happened-at"), reason: entry("late-reason"), hint }
    }

    /// The fields, the second while the time lies further back than clocks differ.
    pub fn fields(self, ui: Ui) -> AnyView {
        let texts = &ui.texts.steps;
        let lies_back = Memo::new(move |_| {
            let at = show::local_instant(self.at.value.read().trim());
            at.is_some_and(|at| is_late(at, ui.store.now.get()))
        });
        let hint = format!("{} {}", self.hint, instant_form(ui));
        view! {
            {field(self.at, Look::Instant, optional(ui, texts.earlier), Some(hint))}
            {move || lies_back.get().then(|| field(self.reason, Look::Words, texts.late_reason, None))}
        }
        .into_any()
    }

    /// What was given; nothing where it is wrong, which the field then says.
    pub fn given(self, ui: Ui) -> Option<Happened> {
        if self.at.given().is_none() {
            return Some(Happened::default());
        }
        let at = self.at.instant(ui)?;
        let reason = match is_late(at, ui.store.now.get_untracked()) {
            true => Some(self.reason.needed(ui)?),
            false => None,
        };
        Some(Happened { at: Some(at), reason })
    }
}
