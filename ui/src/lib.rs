//! Leptos pages and components; it draws and decides nothing.
