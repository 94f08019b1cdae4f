//! This device: its organisation, name, role and log, the language of the screen and the version.

use super::{known, partners, people, positions};
use crate::app::Ui;
use crate::browser;
use crate::i18n::Language;
use crate::wording;
use firn_model::api::Organisation;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The screen about this device.
pub(crate) fn device(ui: Ui) -> AnyView {
    let texts = &ui.texts.device;
    let organisation = known(ui, |snapshot| snapshot.organisation.clone());
    let version = RwSignal::new(String::new());
    spawn_local(async move {
        let told = ui.store.version().await.unwrap_or_default();
        // Nobody is left to read it once the screen has gone.
        drop(version.try_set(told));
    });
    let about = move || match organisation.get().flatten() {
        Some(own) => facts(ui, &own),
        None => view! { <p class="quiet">{texts.none}</p> }.into_any(),
    };
    view! {
        <div class="page-head"><h1>{texts.title}</h1></div>
        <section class="card" aria-labelledby="organisation-title">
            <h2 id="organisation-title">{texts.organisation}</h2>
            {about}
        </section>
        {partners::partners(ui)}
        {people::people(ui)}
        {people::policy(ui)}
        {positions::positions(ui)}
        <section class="card" aria-labelledby="language-title">
            <h2 id="language-title">{texts.language}</h2>
            {languages(ui)}
        </section>
        <p class="quiet version" dir="ltr">
            "Firn "{move || version.get()}
        </p>
    }
    .into_any()
}

fn facts(ui: Ui, own: &Organisation) -> AnyView {
    let texts = &ui.texts.device;
    view! {
        <p class="organisation" dir="auto">{own.name.clone()}</p>
        <dl class="facts">
            <div><dt>{texts.label}</dt><dd dir="auto">{own.device.clone()}</dd></div>
            <div><dt>{texts.role}</dt><dd>{wording::role_words(Some(own.role), ui.texts)}</dd></div>
            <div><dt>{texts.fingerprint}</dt><dd class="mono" dir="ltr">{grouped(&own.fingerprint)}</dd></div>
            <div><dt>{texts.log}</dt><dd class="mono" dir="ltr">{grouped(&own.log)}</dd></div>
        </dl>
    }
    .into_any()
}

fn languages(ui: Ui) -> AnyView {
    let choices: Vec<_> = Language::ALL
        .into_iter()
        .map(|language| {
            let choose = move |_| {
                browser::keep_language(language);
                ui.language.set(language);
            };
            view! {
                <label class="choice">
                    <input
                        type="radio"
                        name="language"
                        prop:checked=move || ui.language.get() == language
                        on:change=choose
                    />
                    <span lang=language.tag() dir=language.direction()>{language.name()}</span>
                </label>
            }
        })
        .collect();
    view! {
        <div class="choice-list choice-row" role="radiogroup" aria-labelledby="language-title">{choices}</div>
    }
    .into_any()
}

/// Long hexadecimal in groups of four, so that two people can compare it aloud.
pub(super) fn grouped(hexadecimal: &str) -> String {
    let characters: Vec<char> = hexadecimal.chars().collect();
    characters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_aloud_in_groups_of_four() {
        assert_eq!(grouped("0011aabbcc"), "0011 aabb cc");
    }
}
