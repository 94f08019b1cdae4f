//! A photo beside what a person saw: its hash is computed here and signed; the photo stays where it is.

use crate::app::Ui;
use crate::browser;
use crate::i18n::fill;
use firn_model::record::Address;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The largest photo that is read whole, in bytes; a phone's largest are a third of it.
const LARGEST: f64 = 64.0 * 1024.0 * 1024.0;

/// How far a photo is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    None,
    Reading,
    Read(Address),
    /// It could not be read, or is larger than any photo.
    Unread,
}

/// The field of one photo.
#[derive(Clone, Copy)]
pub(crate) struct Photo {
    input: NodeRef<html::Input>,
    state: RwSignal<State>,
    /// Counts the photos that were chosen, so that the last one chosen is the one that counts.
    turn: StoredValue<u32>,
}

impl Photo {
    pub(crate) fn new() -> Self {
        Self { input: NodeRef::new(), state: RwSignal::new(State::None), turn: StoredValue::new(0) }
    }

    /// The hash of the photo that was chosen.
    pub(crate) fn digest(self) -> Option<Address> {
        match self.state.get_untracked() {
            State::Read(digest) => Some(digest),
            State::None | State::Reading | State::Unread => None,
        }
    }

    /// Whether one was chosen whose hash is not there.
    pub(crate) fn waits(self) -> bool {
        matches!(self.state.get(), State::Reading | State::Unread)
    }

    /// Forgets the photo.
    pub(crate) fn clear(self) {
        self.turn.update_value(|turn| *turn = turn.wrapping_add(1));
        self.state.set(State::None);
        if let Some(input) = self.input.get_untracked() {
            input.set_value("");
        }
    }

    fn chosen(self) {
        self.turn.update_value(|turn| *turn = turn.wrapping_add(1));
        let turn = self.turn.get_value();
        let files = self.input.get_untracked().and_then(|input| input.files());
        let Some(file) = files.and_then(|files| files.get(0)) else { return self.state.set(State::None) };
        if file.size() > LARGEST {
            return self.state.set(State::Unread);
        }
        self.state.set(State::Reading);
        spawn_local(async move {
            let read = browser::bytes_of(&file).await;
            let state = read.map_or(State::Unread, |bytes| State::Read(Address::of(&bytes)));
            // The form may be gone by now, or another photo chosen.
            if self.turn.try_get_value() == Some(turn) {
                self.state.set(state);
            }
        });
    }

    /// The field; `id` is unique on the page.
    pub(crate) fn field(self, ui: Ui, id: &'static str) -> AnyView {
        let texts = &ui.texts.observation;
        let words = move || match self.state.get() {
            State::None => String::new(),
            State::Reading => texts.photo_reading.to_owned(),
            State::Read(digest) => fill(texts.photo, &[("digest", &short(&digest))]),
            State::Unread => texts.photo_unread.to_owned(),
        };
        view! {
            <div class="field">
                <label for=id>{format!("{} ({})", texts.photo_label, ui.texts.create.optional)}</label>
                <input
                    id=id
                    node_ref=self.input
                    type="file"
                    accept="image/*"
                    aria-describedby=format!("{id}-hint")
                    on:change=move |_| self.chosen()
                />
                <p class="hint" id=format!("{id}-hint")>{texts.photo_hint}</p>
                <p class="hint photo-state" role="status">{words}</p>
            </div>
        }
        .into_any()
    }
}

/// The first bytes of a digest, enough to compare by eye.
pub(crate) fn short(digest: &Address) -> String {
    let start: Vec<String> = digest.0.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("\u{2066}{}…\u{2069}", start.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_photo_is_the_sha_256_of_its_bytes_as_the_command_signs_it() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(short(&Address::of(b"abc")), "\u{2066}ba7816bf8f01cfea…\u{2069}");
    }
}
