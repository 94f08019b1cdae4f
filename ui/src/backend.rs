//! The one seam to the shell: the only file that knows the page runs inside Tauri.
use wasm_bindgen::prelude::*;

/// Why the shell gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackendError {
    /// The page was opened in a browser, without the app around it.
    NoShell,
    /// The shell answered with a refusal, in its own words.
    Refused(String),
    /// The shell answered with something other than what was asked for.
    Unexpected,
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_namespace = window, js_name = __TAURI__)]
    static SHELL: JsValue;

    #[wasm_bindgen(catch, js_namespace = ["window", "__TAURI__", "core"], js_name = invoke)]
    async fn invoke(command: &str) -> Result<JsValue, JsValue>;
}

/// The version of the program the page runs in.
///
/// # Errors
/// [`BackendError`] when there is no shell, or it refuses.
pub async fn app_version() -> Result<String, BackendError> {
    call("app_version").await?.as_string().ok_or(BackendError::Unexpected)
}

async fn call(command: &str) -> Result<JsValue, BackendError> {
    if SHELL.with(JsValue::is_undefined) {
        return Err(BackendError::NoShell);
    }
    invoke(command).await.map_err(|refusal| BackendError::Refused(refusal.as_string().unwrap_or_default()))
}
