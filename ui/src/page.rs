//! The first page: the product's name, what there is (nothing yet), and the program's version.
use leptos::prelude::*;

use crate::backend::{self, BackendError};

/// The whole window while there is nothing on this device.
#[component]
pub fn Page() -> impl IntoView {
    let version = LocalResource::new(backend::app_version);
    let foot = move || version.get().map(|answer| foot_line(&answer));
    view! {
        <header class="bar">
            <Mark />
            <h1>"Firn"</h1>
        </header>
        <main>
            <section class="empty" aria-labelledby="empty-title">
                <h2 id="empty-title">"No shipments on this device"</h2>
                <p>"Nothing has been recorded here yet: no logger, no reading, no signature."</p>
            </section>
        </main>
        <footer>
            <p role="status">{foot}</p>
        </footer>
    }
}

/// Stacked layers of snow; decoration, so nothing is read aloud.
#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
            <path class="layer-new" d="M2 12C8 8 14 10 19 12S28 13 30 10V16C28 18 24 18 19 17S8 14 2 17Z" />
            <path class="layer-mid" d="M2 19C8 16 14 17 19 19S28 20 30 18V23C28 25 24 25 19 24S8 21 2 24Z" />
            <path class="layer-old" d="M2 26C8 23 14 24 19 26S28 27 30 25V30H2Z" />
        </svg>
    }
}

/// What the foot of the window says about the program behind it.
fn foot_line(version: &Result<String, BackendError>) -> String {
    match version {
        Ok(version) => format!("Firn {version}"),
        Err(BackendError::NoShell) => {
            "This page runs outside the Firn app; it cannot record anything.".into()
        }
        Err(BackendError::Refused(why)) => format!("The app refused to give its version: {why}"),
        Err(BackendError::Unexpected) => "The app and this page are of different versions.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_foot_names_the_version_that_runs() {
        assert_eq!(foot_line(&Ok("0.1.0".into())), "Firn 0.1.0");
    }

    #[test]
    fn a_page_without_its_app_says_that_it_cannot_record() {
        assert!(foot_line(&Err(BackendError::NoShell)).contains("cannot record"));
    }

    #[test]
    fn a_refusal_is_shown_in_the_shells_own_words() {
        assert!(foot_line(&Err(BackendError::Refused("not allowed".into()))).ends_with("not allowed"));
    }
}
