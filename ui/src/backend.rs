//! The one seam to what answers: the only file that knows the page runs inside Tauri.
//!
//! What it asks of the shell:
//! - command `request`, argument `request` (a `model::api::Request`), result a `model::api::Response`;
//! - command `subscribe`, argument `channel` (an `ipc::Channel`), which from then on carries every
//!   `model::api::Event`; its result is not looked at, a later channel replaces the earlier one. The
//!   snapshot itself is asked for by `request` afterwards: events up to its revision are left out, so
//!   that none is lost or counted twice between the two calls;
//! - command `app_version`, result a text.
//!
//! A command that fails may reject with a `Refusal`; any other rejection reads as a lost connection.
//!
//! In a plain browser on this machine `?backend=ws://127.0.0.1:PORT` names a loopback host instead, for
//! tests: JSON text frames `{"id":n,"request":…}` there, `{"id":n,"response":…}` and `{"event":…}` back.

mod loopback;

use crate::wording::{LOST, NO_SHELL, UNREADABLE};
use firn_model::api::{Event, Refusal, Request, Response};
use loopback::Loopback;
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_namespace = window, js_name = __TAURI__)]
    static SHELL: JsValue;

    #[wasm_bindgen(catch, js_namespace = ["window", "__TAURI__", "core"], js_name = invoke)]
    async fn invoke(command: &str, arguments: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["window", "__TAURI__", "core"])]
    type Channel;
    #[wasm_bindgen(constructor, js_namespace = ["window", "__TAURI__", "core"])]
    fn new() -> Channel;
    #[wasm_bindgen(method, setter)]
    fn set_onmessage(this: &Channel, listener: &js_sys::Function);
}

/// What comes without being asked for.
pub(crate) enum Incoming {
    Event(Box<Event>),
    /// The other side has gone.
    Lost,
}

/// Who answers.
#[derive(Clone)]
pub(crate) enum Backend {
    /// The Tauri shell around the page.
    Shell,
    /// A host on this machine, for tests.
    Loopback(Loopback),
    /// Nobody: the page was opened by itself.
    Absent,
}

impl Backend {
    /// The shell where there is one; else the loopback host of the page's address, if it is allowed.
    pub(crate) fn find(host: &str, query: &str) -> Self {
        if !SHELL.with(JsValue::is_undefined) {
            return Self::Shell;
        }
        loopback::address(host, query).map_or(Self::Absent, |address| Self::Loopback(Loopback::new(address)))
    }

    /// Asks, and waits for the answer.
    pub(crate) async fn request(&self, request: &Request) -> Result<Response, Refusal> {
        match self {
            Self::Shell => {
                let answer = call("request", "request", &to_js(request)?).await?;
                from_js(&answer)
            }
            Self::Loopback(host) => host.request(request).await,
            Self::Absent => Err(refusal(NO_SHELL, "no shell around this page")),
        }
    }

    /// Hands every event to `listener` from now on.
    pub(crate) async fn listen(&self, listener: impl Fn(Incoming) + 'static) -> Result<(), Refusal> {
        match self {
            Self::Shell => listen_to_shell(listener).await,
            Self::Loopback(host) => {
                host.listen(listener);
                Ok(())
            }
            Self::Absent => Err(refusal(NO_SHELL, "no shell around this page")),
        }
    }

    /// The version of the program around the page.
    pub(crate) async fn version(&self) -> Option<String> {
        match self {
            Self::Shell => invoke("app_version", &JsValue::UNDEFINED).await.ok()?.as_string(),
            Self::Loopback(_) | Self::Absent => None,
        }
    }
}

async fn listen_to_shell(listener: impl Fn(Incoming) + 'static) -> Result<(), Refusal> {
    let receive = Closure::<dyn Fn(JsValue)>::new(move |message: JsValue| {
        // An event that cannot be read shows as a missed revision, which asks for a snapshot.
        if let Ok(event) = from_js::<Event>(&message) {
            listener(Incoming::Event(Box::new(event)));
        }
    });
    let channel = Channel::new();
    channel.set_onmessage(receive.as_ref().unchecked_ref());
    // The channel lives as long as the page.
    receive.forget();
    call("subscribe", "channel", &channel).await.map(|_| ())
}

async fn call(command: &str, name: &str, value: &JsValue) -> Result<JsValue, Refusal> {
    let arguments = js_sys::Object::new();
    js_sys::Reflect::set(&arguments, &name.into(), value)
        .map_err(|_| refusal(UNREADABLE, "frozen object"))?;
    invoke(command, &arguments).await.map_err(|rejection| {
        from_js::<Refusal>(&rejection).unwrap_or_else(|_| {
            refusal(LOST, &rejection.as_string().unwrap_or_else(|| format!("`{command}` failed")))
        })
    })
}

fn to_js(value: &impl Serialize) -> Result<JsValue, Refusal> {
    let text = serde_json::to_string(value).map_err(|error| refusal(UNREADABLE, &error.to_string()))?;
    js_sys::JSON::parse(&text).map_err(|_| refusal(UNREADABLE, "not JSON"))
}

fn from_js<T: DeserializeOwned>(value: &JsValue) -> Result<T, Refusal> {
    let text = js_sys::JSON::stringify(value).map_err(|_| refusal(UNREADABLE, "not JSON"))?;
    let text = text.as_string().unwrap_or_default();
    serde_json::from_str(&text).map_err(|error| refusal(UNREADABLE, &error.to_string()))
}

fn refusal(code: &str, cause: &str) -> Refusal {
    Refusal { code: code.into(), cause: cause.into(), next_step: "close Firn and open it again".into() }
}
