//! The Tauri shell: one-line command adapters, key store, notifications, mobile entry.
