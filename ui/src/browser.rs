//! What the page reads from and tells the web view: address, preferred languages, title, direction.

use crate::i18n::Language;
use crate::route::Route;
use wasm_bindgen::JsCast;

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

/// Moves the focus to the content.
pub(crate) fn focus_main() {
    let main = leptos::prelude::document().get_element_by_id("content");
    if let Some(Err(error)) =
        main.and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok()).map(|main| main.focus())
    {
        web_sys::console::error_1(&error);
    }
}
