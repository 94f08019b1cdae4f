//! The state of the page: one feed of what the app tells, the link to it, and the clock.

use crate::backend::{Backend, Incoming};
use crate::feed::{Feed, Taken};
use crate::part::logger_file::LastFile;
use crate::place;
use crate::show;
use firn_model::api::{Refusal, Request, Response};
use firn_model::time::UtcMillis;
use firn_model::vault::PositionSetting;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// How often ages on the screen are computed anew.
const TICK: Duration = Duration::from_secs(5);

/// How long to wait before a lost link is tried again.
const RETRY: Duration = Duration::from_secs(3);

/// How the page stands with the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// The first snapshot is on its way.
    Opening,
    /// What is shown is carried on by events.
    Live,
    /// It stopped at that time.
    Lost { since: UtcMillis, refusal: Refusal },
}

/// Whether the last step has the place that it was to have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    /// It has, or none was to be recorded.
    #[default]
    AsWished,
    /// The web view did not tell it.
    NotFound,
}

/// Everything that screens read from and ask through.
#[derive(Clone, Copy)]
pub(crate) struct Store {
    pub feed: RwSignal<Feed>,
    pub link: RwSignal<Link>,
    pub now: RwSignal<UtcMillis>,
    /// How the last step stands with the place that was to be recorded.
    pub place: RwSignal<Place>,
    /// The last file that was read here, until another screen is shown.
    pub file: RwSignal<Option<LastFile>>,
    backend: StoredValue<Backend, LocalStorage>,
    subscribing: StoredValue<bool>,
}

impl Store {
    /// Starts listening and asks for the first snapshot.
    pub(crate) fn open(backend: Backend) -> Self {
        let store = Self {
            feed: RwSignal::default(),
            link: RwSignal::new(Link::Opening),
            now: RwSignal::new(show::now()),
            place: RwSignal::default(),
            file: RwSignal::default(),
            backend: StoredValue::new_local(backend),
            subscribing: StoredValue::new(false),
        };
        set_interval(move || store.now.set(show::now()), TICK);
        spawn_local(async move {
            let backend = store.backend.get_value();
            match backend.listen(move |incoming| store.take(incoming)).await {
                Ok(()) => store.subscribe().await,
                Err(refusal) => store.lose(refusal),
            }
        });
        store
    }

    /// Asks the app; a refusal is an error here.
    pub(crate) async fn ask(self, request: Request) -> Result<Response, Refusal> {
        let request = self.located(request).await;
        let backend = self.backend.get_value();
        match backend.request(&request).await? {
            Response::Refused(refusal) => Err(refusal),
            response => Ok(response),
        }
    }

    /// A step with where it is signed, while that is recorded; one for which no place could be had is marked, until the next
    /// step.
    async fn located(self, request: Request) -> Request {
        let setting = self.feed.with_untracked(|feed| feed.snapshot.as_ref().map(|known| known.positions));
        if setting != Some(PositionSetting::On) || !place::belongs(&request) {
            return request;
        }
        let (request, place) = match place::located(request).await {
            Ok(request) => (request, Place::AsWished),
            Err(request) => (request, Place::NotFound),
        };
        self.place.set(place);
        request
    }

    /// The version of the program around the page.
    pub(crate) async fn version(self) -> Option<String> {
        let backend = self.backend.get_value();
        backend.version().await
    }

    /// Tries a lost link again.
    pub(crate) fn retry(self) {
        spawn_local(self.subscribe());
    }

    async fn subscribe(self) {
        if self.subscribing.get_value() {
            return;
        }
        self.subscribing.set_value(true);
        let answer = self.ask(Request::Subscribe).await;
        self.subscribing.set_value(false);
        match answer {
            Ok(Response::Snapshot(snapshot)) => {
                self.link.set(Link::Live);
                self.now.set(show::now());
                if self.feed.try_update(|feed| feed.take_snapshot(*snapshot)) == Some(Taken::Missed) {
                    self.retry();
                }
            }
            Ok(_) => self.lose(unreadable()),
            Err(refusal) => self.lose(refusal),
        }
    }

    fn take(self, incoming: Incoming) {
        match incoming {
            Incoming::Event(event) => {
                if self.feed.try_update(|feed| feed.take_event(*event)) == Some(Taken::Missed) {
                    self.retry();
                }
            }
            Incoming::Lost => self.lose(lost()),
        }
    }

    fn lose(self, refusal: Refusal) {
        let since = match self.link.get_untracked() {
            Link::Lost { since, .. } => since,
            Link::Opening | Link::Live => show::now(),
        };
        let hopeless = refusal.code == crate::wording::NO_SHELL;
        self.link.set(Link::Lost { since, refusal });
        if !hopeless {
            set_timeout(move || self.retry(), RETRY);
        }
    }
}

fn lost() -> Refusal {
    Refusal {
        code: crate::wording::LOST.into(),
        cause: "the connection was closed".into(),
        next_step: "try again".into(),
    }
}

fn unreadable() -> Refusal {
    Refusal {
        code: crate::wording::UNREADABLE.into(),
        cause: "the answer is none to this question".into(),
        next_step: "close Firn and open it again".into(),
    }
}
