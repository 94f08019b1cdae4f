//! The commands the page may call; each is one line onto the app.
use tauri::{AppHandle, Runtime};

/// The version of the running program, as in its manifest (semantic versioning 2.0).
#[tauri::command]
pub fn app_version<R: Runtime>(app: AppHandle<R>) -> String {
    app.package_info().version.to_string()
}
