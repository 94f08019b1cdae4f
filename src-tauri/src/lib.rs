//! The Tauri shell: one-line command adapters, key store, notifications, mobile entry.

mod commands;
mod error;

pub use error::ShellError;

/// Opens the app's window and returns when the last window is closed.
///
/// # Errors
/// [`ShellError::NoDisplay`] on a Linux machine without a graphical session,
/// [`ShellError::Window`] when the platform's web view cannot be started.
pub fn open() -> Result<(), ShellError> {
    error::require_display()?;
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![commands::app_version])
        .run(context())
        .map_err(ShellError::Window)
}

/// The configuration, the page and the permissions, as the build embedded them.
#[expect(
    clippy::disallowed_types,
    reason = "the macro writes its own map; nothing of it is printed or signed"
)]
fn context() -> tauri::Context {
    tauri::generate_context!("../tauri.conf.json")
}

/// The entry that Android's activity and iOS's main call.
#[cfg(mobile)]
#[tauri::mobile_entry_point]
pub fn run() {
    if let Err(error) = open() {
        eprintln!("{}: {error}", error.code());
    }
}
