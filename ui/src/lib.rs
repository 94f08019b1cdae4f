//! Leptos pages and components; it draws and decides nothing.

mod acting;
mod age;
mod app;
mod backend;
mod browser;
mod chart;
mod degrees;
mod feed;
mod i18n;
mod page;
mod part;
mod place;
mod route;
mod show;
mod store;
mod wording;

/// Draws the app into the document's body, in place of the words that said it was starting.
pub fn mount() {
    leptos::mount::mount_to_body(app::app);
}
