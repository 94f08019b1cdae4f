//! Leptos pages and components; it draws and decides nothing.

mod backend;
mod page;

/// Draws the app into the document's body, in place of the words that said it was starting.
pub fn mount() {
    leptos::mount::mount_to_body(page::Page);
}
