//! The Tauri shell: one-line command adapters, key store, notifications, mobile entry.

mod commands;
mod error;

pub use error::ShellError;

use firn_host::Desktop;
use tauri::Manager;
use tauri::async_runtime::block_on;

/// Opens the app's window and returns when the last window is closed.
///
/// # Errors
/// [`ShellError::NoDisplay`] on a Linux machine without a graphical session,
/// [`ShellError::Window`] when the platform's web view cannot be started, [`ShellError::Home`] where the
/// system gives no random numbers. A home that cannot be opened shows in the window.
pub fn open() -> Result<(), ShellError> {
    error::require_display()?;
    let app = tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![
            commands::app_version,
            commands::request,
            commands::subscribe
        ])
        .build(context())
        .map_err(ShellError::Window)?;
    let folder = app.path().app_data_dir().map_err(ShellError::Window)?;
    let desktop = block_on(async { Desktop::open(&folder) }).map_err(ShellError::Home)?;
    // Before the window's page can ask: windows are made when the app runs.
    app.manage(desktop.clone());
    app.run(move |_, event| {
        if matches!(event, tauri::RunEvent::Exit) {
            block_on(desktop.close());
        }
    });
    Ok(())
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
