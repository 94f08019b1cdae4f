//! What the page reads from and tells the web view: address, preferred languages, title, direction.

use crate::i18n::Language;
use crate::route::Route;
use leptos::prelude::{RwSignal, Set};
use leptos::task::spawn_local;
use std::time::Duration;
use wasm_bindgen::JsCast;

/// The heading above what to do next with a shipment.
pub(crate) const NEXT_STEPS: &str = "steps-title";

/// How long after a signature its form may still be on the page: the app tells the change at most 250 ms later.
const SETTLED: Duration = Duration::from_millis(400);

/// Where a chosen language is kept.
const LANGUAGE: &str = "firn-language";

/// The host of the page's address and its query.
pub(crate) fn host_and_query() -> (String, String) {
    let location = leptos::prelude::window().location();
    (location.hostname().unwrap_or_default(), location.search().unwrap_or_default())
}

/// The screen that the address names.
pub(crate) fn route() -> Route {
    Route::parse(&leptos::prelude::window().location().hash().unwrap_or_default())
}

/// Goes to a screen, as a link would.
pub(crate) fn go(route: Route) {
    if let Err(error) = leptos::prelude::window().location().set_hash(&route.href()) {
        web_sys::console::error_1(&error);
    }
}

/// The language that was chosen here, else the first that the system prefers.
pub(crate) fn language() -> Language {
    let window = leptos::prelude::window();
    let kept = window.local_storage().ok().flatten().and_then(|kept| kept.get_item(LANGUAGE).ok().flatten());
    if let Some(language) = kept.as_deref().and_then(Language::from_tag) {
        return language;
    }
    let preferred: Vec<String> =
        window.navigator().languages().iter().filter_map(|tag| tag.as_string()).collect();
    Language::preferred(preferred.iter().map(String::as_str))
}

/// Keeps the language that was chosen; where nothing can be kept it holds until the window closes.
pub(crate) fn keep_language(language: Language) {
    if let Ok(Some(kept)) = leptos::prelude::window().local_storage()
        && let Err(error) = kept.set_item(LANGUAGE, language.tag())
    {
        web_sys::console::error_1(&error);
    }
}

/// Tells the document its language and direction.
pub(crate) fn speak(language: Language) {
    if let Some(root) = leptos::prelude::document().document_element() {
        for (name, value) in [("lang", language.tag()), ("dir", language.direction())] {
            if let Err(error) = root.set_attribute(name, value) {
                web_sys::console::error_1(&error);
            }
        }
    }
}

/// Names the window, and moves the focus and the top of the page to the new screen.
pub(crate) fn arrive(title: &str, focus: bool) {
    let document = leptos::prelude::document();
    document.set_title(&format!("{title} – Firn"));
    if !focus {
        return;
    }
    leptos::prelude::window().scroll_to_with_x_and_y(0.0, 0.0);
    focus_main();
}

/// Copies a text, and tells whether the web view let it.
pub(crate) fn copy(text: &str, copied: RwSignal<bool>) {
    let written = leptos::prelude::window().navigator().clipboard().write_text(text);
    spawn_local(async move {
        let done = wasm_bindgen_futures::JsFuture::from(written).await.is_ok();
        if copied.try_set(done).is_some() {
            web_sys::console::warn_1(&"the screen that copied is gone".into());
        }
    });
}

/// Gives the focus to what to do next, once the next picture is drawn, where what had it has gone (WCAG 2.4.3).
pub(crate) fn keep_focus() {
    leptos::prelude::request_animation_frame(|| {
        leptos::prelude::set_timeout(
            || {
                let document = leptos::prelude::document();
                let is_lost =
                    document.active_element().is_none_or(|held| held.tag_name().eq_ignore_ascii_case("body"));
                if is_lost {
                    let target =
                        if document.get_element_by_id(NEXT_STEPS).is_some() { NEXT_STEPS } else { "content" };
                    focus(target);
                }
            },
            SETTLED,
        );
    });
}

/// Reads a file that a person chose.
pub(crate) async fn bytes_of(file: &web_sys::File) -> Option<Vec<u8>> {
    let buffer = wasm_bindgen_futures::JsFuture::from(file.array_buffer()).await.ok()?;
    Some(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// Moves the focus to the content.
pub(crate) fn focus_main() {
    focus("content");
}

/// Moves the focus to the element of this id; in a group of choices to the first of them.
pub(crate) fn focus(id: &str) {
    let Some(element) = leptos::prelude::document().get_element_by_id(id) else { return };
    let inner = element.tag_name().eq_ignore_ascii_case("fieldset").then(|| element.query_selector("input"));
    let target = inner.and_then(Result::ok).flatten().unwrap_or(element);
    if let Ok(target) = target.dyn_into::<web_sys::HtmlElement>()
        && let Err(error) = target.focus()
    {
        web_sys::console::error_1(&error);
    }
}
