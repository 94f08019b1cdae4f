//! A host on this machine behind a WebSocket: the same JSON as the shell's, for tests in a browser.

use super::{Incoming, refusal};
use crate::wording::{LOST, UNREADABLE};
use firn_model::api::{Event, Refusal, Request, Response};
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, WebSocket};

/// The host's address in the page's query, if the page and the host are both on this machine.
pub(super) fn address(host: &str, query: &str) -> Option<String> {
    let page_is_local = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
    let address = query.trim_start_matches('?').split('&').find_map(|pair| pair.strip_prefix("backend="))?;
    let target =
        address.strip_prefix("ws://127.0.0.1:").or_else(|| address.strip_prefix("ws://localhost:"))?;
    let port = target.split('/').next()?;
    (page_is_local && port.parse::<u16>().is_ok()).then(|| address.to_owned())
}

#[derive(Serialize)]
struct Asked<'a> {
    id: u32,
    request: &'a Request,
}

/// An answer with the id of its question, or an event.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    id: u32,
    response: Option<Box<Response>>,
    event: Option<Box<Event>>,
}

/// What events are handed to.
type Listener = Rc<dyn Fn(Incoming)>;

/// A connection that is opened when it is first needed, and again after it was lost.
#[derive(Clone)]
pub(crate) struct Loopback(Rc<Inner>);

struct Inner {
    address: String,
    /// The socket, and what resolves once it is open.
    connection: RefCell<Option<(WebSocket, js_sys::Promise)>>,
    /// The resolving functions of the requests under way.
    waiting: RefCell<BTreeMap<u32, js_sys::Function>>,
    answers: RefCell<BTreeMap<u32, Response>>,
    next: Cell<u32>,
    listener: RefCell<Option<Listener>>,
}

impl Loopback {
    pub(super) fn new(address: String) -> Self {
        Self(Rc::new(Inner {
            address,
            connection: RefCell::default(),
            waiting: RefCell::default(),
            answers: RefCell::default(),
            next: Cell::new(1),
            listener: RefCell::default(),
        }))
    }

    pub(super) fn listen(&self, listener: impl Fn(Incoming) + 'static) {
        self.0.listener.replace(Some(Rc::new(listener)));
    }

    pub(super) async fn request(&self, request: &Request) -> Result<Response, Refusal> {
        let socket = self.open().await?;
        let id = self.0.next.get();
        self.0.next.set(id.wrapping_add(1));
        let text = serde_json::to_string(&Asked { id, request })
            .map_err(|error| refusal(UNREADABLE, &error.to_string()))?;
        let answered = js_sys::Promise::new(&mut |resolve, _| {
            self.0.waiting.borrow_mut().insert(id, resolve);
        });
        socket.send_with_str(&text).map_err(|_| refusal(LOST, "the connection is closed"))?;
        JsFuture::from(answered).await.map_err(|_| refusal(LOST, "the connection is closed"))?;
        let answer = self.0.answers.borrow_mut().remove(&id);
        answer.ok_or_else(|| refusal(LOST, "the connection was closed before the answer"))
    }

    /// The open connection, or a new one; requests that come while it opens share it.
    async fn open(&self) -> Result<WebSocket, Refusal> {
        let lost = |_| refusal(LOST, "the loopback host does not answer");
        let is_alive = |(socket, _): &(WebSocket, _)| socket.ready_state() <= WebSocket::OPEN;
        let known = self.0.connection.borrow().clone().filter(is_alive);
        let (socket, opened) = match known {
            Some(connection) => connection,
            None => {
                let socket = WebSocket::new(&self.0.address).map_err(lost)?;
                let opened = js_sys::Promise::new(&mut |resolve, reject| {
                    socket.set_onopen(Some(&resolve));
                    socket.set_onerror(Some(&reject));
                });
                self.attend(&socket);
                self.0.connection.replace(Some((socket.clone(), opened.clone())));
                (socket, opened)
            }
        };
        JsFuture::from(opened).await.map_err(lost)?;
        Ok(socket)
    }

    /// Hands on what arrives; the closures live as long as the page, which is a test's.
    fn attend(&self, socket: &WebSocket) {
        let this = self.clone();
        let message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                this.take(&text);
            }
        });
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        message.forget();
        let this = self.clone();
        let closed = Closure::<dyn Fn()>::new(move || this.lose());
        socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
        closed.forget();
    }

    fn take(&self, text: &str) {
        match serde_json::from_str(text) {
            Ok(Told { id, response: Some(response), .. }) => {
                self.0.answers.borrow_mut().insert(id, *response);
                self.settle(id);
            }
            Ok(Told { event: Some(event), .. }) => self.tell(Incoming::Event(event)),
            Ok(Told { .. }) => web_sys::console::error_1(&text.into()),
            Err(error) => web_sys::console::error_2(&error.to_string().into(), &text.into()),
        }
    }

    fn settle(&self, id: u32) {
        let resolve = self.0.waiting.borrow_mut().remove(&id);
        if let Some(Err(error)) = resolve.map(|resolve| resolve.call0(&JsValue::NULL)) {
            web_sys::console::error_1(&error);
        }
    }

    fn lose(&self) {
        let waiting: Vec<u32> = self.0.waiting.borrow().keys().copied().collect();
        waiting.into_iter().for_each(|id| self.settle(id));
        self.tell(Incoming::Lost);
    }

    fn tell(&self, incoming: Incoming) {
        let listener = self.0.listener.borrow().clone();
        if let Some(listener) = listener {
            listener(incoming);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loopback_host_is_accepted_from_this_machine_alone() {
        let query = "?backend=ws://127.0.0.1:7000/story";
        assert_eq!(address("127.0.0.1", query).as_deref(), Some("ws://127.0.0.1:7000/story"));
        assert_eq!(address("localhost", query).as_deref(), Some("ws://127.0.0.1:7000/story"));
        assert_eq!(address("firn.example", query), None);
    }

    #[test]
    fn a_host_elsewhere_is_refused() {
        for target in
            ["ws://10.0.0.1:7000", "wss://127.0.0.1:7000", "ws://127.0.0.1.example:7000", "ws://127.0.0.1:x"]
        {
            assert_eq!(address("127.0.0.1", &format!("?backend={target}")), None, "{target}");
        }
        assert_eq!(address("127.0.0.1", ""), None);
    }

    #[test]
    fn answers_and_events_are_told_apart() {
        let answer: Told = serde_json::from_str(r#"{"id":3,"response":{"response":"done"}}"#).unwrap();
        assert!(answer.id == 3 && answer.response.is_some() && answer.event.is_none());
    }
}
