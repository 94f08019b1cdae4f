//! The desktop's composition root: one home in the user's folder, a radio, peers, and the service on top.

mod demo;
mod listen;
mod peers;
mod station;

pub use station::Station;

use crate::{HomeError, SystemClock, random_array};
use firn_app::service::{Listener, Service};
use firn_model::api::{Refusal, Request, Response, Watching};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Between two adverts told to the front end: at most four a second (design §2).
const BETWEEN_ADVERTS: Duration = Duration::from_millis(250);
/// Between two looks at what has waited to be sealed, and at the signing session.
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);

/// What a window asks; clones are the same desktop.
#[derive(Clone)]
pub struct Desktop {
    service: Arc<Service<Station>>,
    tasks: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Desktop {
    /// Opens the home in `folder`, if there is one, and starts to listen. Must be called within a tokio
    /// runtime, which must outlive it.
    ///
    /// A home that cannot be opened is no error here: every request is answered by why.
    ///
    /// # Errors
    /// `home/no-randomness`.
    pub fn open(folder: &Path) -> Result<Self, HomeError> {
        let clock = SystemClock::new(random_array()?);
        let opening = Watching::NotWatching {
            since: clock.now().utc,
            refusal: Refusal {
                code: "ble/opening".into(),
                cause: "Bluetooth is being opened".into(),
                next_step: "Wait a moment.".into(),
            },
        };
        let (tidings, news) = mpsc::unbounded_channel();
        let service = Arc::new(Service::new(Arc::new(Station::open(folder, clock, tidings)), opening));
        let tasks = vec![
            tokio::spawn(listen::keep_listening(service.clone())),
            tokio::spawn(tell_nearby(service.clone())),
            tokio::spawn(look_when_due(service.clone())),
            tokio::spawn(peers::follow(service.clone(), news)),
        ];
        Ok(Self { service, tasks: Arc::new(Mutex::new(tasks)) })
    }

    /// Answers one request; whatever goes wrong is an answer too.
    pub async fn request(&self, request: Request) -> Response {
        self.service.request(request).await
    }

    /// Sends every event to `listener` from now on, in place of an earlier one. It must not block.
    pub fn subscribe(&self, listener: Listener) {
        self.service.listen(listener);
    }

    /// Stops listening and serving, seals what was heard, and removes what the demonstration made.
    pub async fn close(&self) {
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            task.abort();
            // Until it has ended, it holds what is removed next.
            drop(task.await);
        }
        if let Err(error) = self.service.stop_recording().await {
            // It stays in the journal, and is sealed when the window opens again.
            eprintln!("firn: what was heard is not sealed yet: {error} [{}]", error.code());
        }
        self.service.site().close().await;
    }
}

async fn look_when_due(service: Arc<Service<Station>>) {
    let mut turn = tokio::time::interval(BETWEEN_LOOKS);
    loop {
        turn.tick().await;
        service.end_session_when_due().await;
        service.seal_when_due().await;
    }
}

async fn tell_nearby(service: Arc<Service<Station>>) {
    let mut turn = tokio::time::interval(BETWEEN_ADVERTS);
    loop {
        turn.tick().await;
        service.tell_nearby();
    }
}
