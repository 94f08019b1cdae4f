//! The name of the organisation that a first step founds: asked for while this device belongs to none.

use super::action::Action;
use super::form::{Entry, Look, field};
use crate::app::Ui;
use firn_model::api::{Request, Snapshot};
use leptos::prelude::*;

/// The field, and what founds before anything else is asked.
#[derive(Clone, Copy)]
pub(crate) struct Founding {
    name: Entry,
}

fn is_due(snapshot: &Snapshot) -> bool {
    snapshot.organisation.is_none()
}

impl Founding {
    /// `id` is unique on the page.
    pub(crate) fn new(id: &'static str) -> Self {
        Self { name: Entry::new(id) }
    }

    /// The field; nothing where there is an organisation.
    pub(crate) fn field(self, ui: Ui) -> AnyView {
        let texts = &ui.texts.founding;
        let due = Memo::new(move |_| ui.store.feed.with(|feed| feed.snapshot.as_ref().is_some_and(is_due)));
        let shown =
            move || due.get().then(|| field(self.name, Look::Line, texts.name, Some(texts.hint.to_owned())));
        view! { {shown} }.into_any()
    }

    /// Goes on, once this device has an organisation; a name that is missing says so.
    pub(crate) fn first(self, ui: Ui, action: Action, then: impl FnOnce() + 'static) {
        let due = ui.store.feed.with_untracked(|feed| feed.snapshot.as_ref().is_some_and(is_due));
        if !due {
            return then();
        }
        if let Some(name) = self.name.needed(ui) {
            action.ask(ui, Request::FoundOrganisation { name }, move |_| then());
        }
    }
}
