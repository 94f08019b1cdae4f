//! The commands the page may call; each is one line onto the app.

use firn_host::Desktop;
use firn_model::api::{Event, Request, Response};
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager, Runtime, State};

/// The version of the running program, as in its manifest (semantic versioning 2.0).
#[tauri::command]
pub fn app_version<R: Runtime>(app: AppHandle<R>) -> String {
    app.package_info().version.to_string()
}

/// Answers one request; a refusal is an answer, so that this never fails.
#[tauri::command]
pub async fn request<R: Runtime>(app: AppHandle<R>, request: Request) -> Response {
    app.state::<Desktop>().request(request).await
}

/// Sends every event to `channel` from now on; a page that has gone takes none.
#[tauri::command]
pub fn subscribe(desktop: State<'_, Desktop>, channel: Channel<Event>) {
    desktop.subscribe(Box::new(move |event| channel.send(event).unwrap_or_default()));
}
