//! Answers a front end: requests into use cases, what changed into events.
//!
//! The service holds no truth of its own. Snapshots are read from the store each time; an event goes out
//! after the change is stored, so that a snapshot is never behind the events that precede it.

mod feed;
mod record;
mod register;
mod session;
mod site;
mod steps;

pub use feed::Listener;
pub use site::{Invited, Site, Tell};

use crate::session::Session;
use crate::{Acting, App, AppError, Calibrated, Ear, Host, LoggerFile, NewLogger, NewPerson, Recorder};
use feed::Feed;
use firn_model::api::{Change, Origin, Request, Response, Snapshot, Watching};
use firn_model::id::Id;
use firn_model::record::ChangeReason;
use firn_model::shipment::{OrganisationStory, OwnProfiles};
use firn_model::vault::PositionSetting;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The use cases behind one front end.
pub struct Service<S: Site> {
    site: Arc<S>,
    feed: Arc<Mutex<Feed>>,
    /// The enrolled loggers, their keys and counters as last read, so that an advert costs no query.
    ear: Mutex<Ear>,
    /// Records what is heard of shipments under way, from the first advert of an enrolled logger on.
    recorder: tokio::sync::Mutex<Option<Recorder<S::Host>>>,
    /// Held from reading a shipment to telling it: an older state never follows a newer one.
    telling: tokio::sync::Mutex<()>,
    /// Who is signed in at this front end.
    session: tokio::sync::Mutex<Session>,
}

impl<S: Site> Service<S> {
    /// The service of `site`, not watching yet for the reason in `watching`.
    pub fn new(site: Arc<S>, watching: Watching) -> Self {
        Self {
            site,
            feed: Arc::new(Mutex::new(Feed::new(watching))),
            ear: Mutex::default(),
            recorder: tokio::sync::Mutex::default(),
            telling: tokio::sync::Mutex::default(),
            session: tokio::sync::Mutex::default(),
        }
    }

    /// The composition root's side.
    pub fn site(&self) -> &S {
        &self.site
    }

    /// Sends every event to `listener` from now on, in place of an earlier one. It must not block.
    pub fn listen(&self, listener: Listener) {
        self.feed().listen(listener);
    }

    /// Answers one request; whatever goes wrong is an answer too.
    pub async fn request(&self, request: Request) -> Response {
        let homeless = self.is_homeless();
        let answer = self.answer(request).await.unwrap_or_else(|error| Response::Refused(error.refusal()));
        if homeless && !self.is_homeless() {
            // Whatever founded it: no event tells of an organisation, only a snapshot does.
            self.feed().start_anew();
        }
        answer
    }

    /// Whether this device belongs to no organisation yet.
    fn is_homeless(&self) -> bool {
        matches!(self.site.app(), Ok(None))
    }

    /// Tells the front end about one transmitter that was heard; to be called at most four times a second.
    pub fn tell_nearby(&self) {
        self.feed().tell_one();
    }

    /// Notes that watching started, stopped or changed its cause.
    pub fn watching(&self, watching: Watching) {
        let mut feed = self.feed();
        if feed.watching != watching {
            feed.send(Change::Watching(watching));
        }
    }

    /// Notes that a peer changed what is stored: the front end asks for a new snapshot.
    pub async fn changed_by_peer(&self) {
        self.look_at_session().await;
        self.feed().start_anew();
    }

    async fn answer(&self, request: Request) -> Result<Response, AppError> {
        match request {
            Request::Sign { person, pin, request } => self.sign(person, &pin, *request).await,
            Request::SignIn { person, pin } => {
                self.identify(Some(&person), &pin).await.map(|_| Response::Done)
            }
            Request::Lock => {
                self.end_session().await;
                Ok(Response::Done)
            }
            Request::ChangePin { person, old, new } => self.change_pin(person, &old, &new).await,
            Request::AcceptAccountability { person, pin, code } => self.make_key(&person, &pin, &code).await,
            request => self.carry_out(request, None).await,
        }
    }

    /// Carries out a request that is not about signing itself, with the person of `by` signing.
    async fn carry_out(&self, request: Request, by: Option<Acting>) -> Result<Response, AppError> {
        match request {
            Request::Subscribe => {
                self.snapshot().await.map(|snapshot| Response::Snapshot(Box::new(snapshot)))
            }
            Request::Shipment { shipment } => {
                let app = self.opened(by, "shipment", &shipment)?;
                let id = app.shipment_named(&shipment).await?;
                Ok(Response::Shipment(Box::new(app.shipment(id).await?)))
            }
            Request::At { position, step } => self.shipment_step(*step, by, Some(position)).await,
            Request::RecordPositions { setting } => {
                let app = self.site.app_or_found().await?;
                app.set_position_setting(setting).await?;
                self.feed().start_anew();
                Ok(Response::Done)
            }
            Request::Tasks => {
                let tasks = match self.site.app()? {
                    Some(app) => app.tasks(None).await?,
                    None => Vec::new(),
                };
                Ok(Response::Tasks { tasks })
            }
            Request::QueryPacks { shipment, manufacturer, lot } => {
                let app = self.opened(by, "shipment", &shipment)?;
                let packs = app.query_packs(shipment, manufacturer, lot).await?;
                Ok(Response::QueryPacks { packs })
            }
            Request::EndLogger { logger, ending, reason } => {
                let app = self.opened(by, "logger", &logger)?;
                let logger = app.logger(&logger.to_string()).await?;
                app.end_logger(logger.id, ending, reason).await?;
                self.anew().await
            }
            Request::Logger { logger } => {
                let app = self.opened(by, "logger", &logger)?;
                let id = app.logger(&logger).await?.id;
                Ok(Response::Logger(Box::new(app.logger_detail(id).await?)))
            }
            Request::RecordCertificate { logger, certificate, offset_mc, accuracy_mc, reason } => {
                let reason = reason.as_deref().and_then(ChangeReason::parse);
                let app = self.opened(by, "logger", &logger)?;
                let calibrated = Calibrated { logger, certificate, offset_mc, accuracy_mc, reason };
                let detail = app.record_certificate(calibrated).await?;
                self.anew().await?;
                Ok(Response::Logger(Box::new(detail)))
            }
            Request::SetPolicy { single_person_release, reason } => {
                let reason = reason.as_deref().and_then(ChangeReason::parse);
                let app = by_person(self.site.app_or_found().await?, by);
                app.set_single_person_release(single_person_release, reason).await?;
                self.anew().await
            }
            Request::EnrolPerson { name, title, role, trained } => {
                let new = NewPerson { id: None, name, title, role, trained };
                self.enrol_person(new, by).await
            }
            Request::RecordTraining { .. } | Request::NewEnrolmentCode { .. } => {
                self.change_person(request, by).await
            }
            Request::WithdrawKey { person, device, reason } => {
                self.withdraw_key(&person, device.as_deref(), reason, by).await
            }
            Request::FoundOrganisation { name } => {
                self.site.found(name).await?;
                self.anew().await
            }
            Request::ReadFile { shipment, logger, name, content, zone } => {
                let app = self.opened(by, "shipment", &shipment)?;
                let logger = app.logger(&logger.to_string()).await?;
                let file = LoggerFile { name, bytes: content.0, zone };
                let taken = app.ingest_file(shipment, logger, file).await?;
                self.tell_shipment(&app, shipment).await?;
                Ok(Response::FileTaken(taken))
            }
            Request::Download { shipment, logger } => self.download(shipment, logger, by).await,
            Request::AllowClockWrite { logger, zone } => {
                let app = self.opened(by, "logger", &logger)?;
                let logger = app.logger(&logger.to_string()).await?;
                app.allow_clock_write(logger.id, &zone).await.map(|_| Response::Done)
            }
            Request::EnrolLogger { transmitter, label } => self.enrol(&transmitter, label, by).await,
            Request::StartDemo => self.start_demo().await,
            Request::Invite { role } => {
                let Invited { text, modules, expires } = self.site.invite(role).await?;
                Ok(Response::Invitation { text, modules, expires })
            }
            Request::Compared { outcome } => {
                self.site.compared(outcome).await?;
                self.feed().start_anew();
                Ok(Response::Done)
            }
            Request::Join { invitation, label } => {
                self.site.join(invitation, label).await?;
                self.end_session().await;
                self.anew().await
            }
            Request::Sync { peer } => {
                let synced = self.site.sync(peer).await;
                // What came before a failure is stored, too.
                self.look_at_session().await;
                self.feed().start_anew();
                synced.map(|()| Response::Done)
            }
            Request::Sign { .. }
            | Request::SignIn { .. }
            | Request::Lock
            | Request::ChangePin { .. }
            | Request::AcceptAccountability { .. } => {
                Err(AppError::OutOfOrder("this is nothing that a person signs"))
            }
            step => self.shipment_step(step, by, None).await,
        }
    }

    async fn download(&self, shipment: Id, logger: Id, by: Option<Acting>) -> Result<Response, AppError> {
        let app = self.opened(by, "shipment", &shipment)?;
        let logger = app.logger(&logger.to_string()).await?;
        let (id, feed) = (logger.id, self.feed.clone());
        let tell: Tell = Box::new(move |done, total| {
            // The last record is told as the end, below, once it is sealed.
            if total != Some(done) {
                lock(&feed).send(Change::Progress { logger: id, done, total });
            }
        });
        let outcome = self.site.download(shipment, logger, tell).await;
        self.feed().send(Change::Progress { logger: id, done: 0, total: Some(0) });
        self.tell_shipment(&app, shipment).await?;
        outcome.map(|()| Response::Done)
    }

    async fn enrol(
        &self,
        transmitter: &str,
        label: String,
        by: Option<Acting>,
    ) -> Result<Response, AppError> {
        let seen = self.feed().seen(transmitter).cloned();
        let not_heard = || AppError::NotFound { what: "transmitter", name: transmitter.into() };
        let nearby = seen.ok_or_else(not_heard)?;
        let app = by_person(self.site.app_or_found().await?, by);
        let new = NewLogger {
            family: nearby.family.clone(),
            label,
            address: nearby.address,
            serial: None,
            interval_s: None,
        };
        let logger = app.enrol_logger(new).await?;
        *lock(&self.ear) = app.ear().await?;
        let id = logger.id;
        let mut feed = self.feed();
        feed.send(Change::Logger(logger));
        let nearby = firn_model::api::Nearby { logger: Some(id), ..nearby };
        feed.hear(nearby.clone());
        feed.send(Change::Nearby(nearby));
        Ok(Response::Created { id })
    }

    async fn start_demo(&self) -> Result<Response, AppError> {
        if self.site.origin() == Origin::Demo {
            return Err(AppError::OutOfOrder("the demonstration is running already"));
        }
        if let Some(app) = self.site.app()?
            && !app.shipments().await?.is_empty()
        {
            return Err(AppError::OutOfOrder("this device watches real shipments"));
        }
        self.site.start_demo().await?;
        self.end_session().await;
        self.anew().await
    }

    /// Everything may be different: the front end asks for a new snapshot, and adverts are of other loggers.
    async fn anew(&self) -> Result<Response, AppError> {
        if let Some(app) = self.site.app()? {
            *lock(&self.ear) = app.ear().await?;
        }
        *self.recorder.lock().await = None;
        let mut feed = self.feed();
        feed.forget_all();
        feed.start_anew();
        Ok(Response::Done)
    }

    async fn snapshot(&self) -> Result<Snapshot, AppError> {
        // Taken first: what is stored meanwhile shows in the snapshot and once more as an event.
        let revision = self.feed().revision;
        let (mut organisation, mut shipments, mut peers) = (None, Vec::new(), Vec::new());
        let mut profiles = OwnProfiles::default().known();
        let (mut people, mut rules) = (Vec::new(), OrganisationStory::default());
        let (mut positions, mut partners) = (PositionSetting::default(), Vec::new());
        if let Some(app) = self.site.app()? {
            organisation = Some(app.organisation().await?);
            shipments = app.shipments().await?;
            peers = app.peers().await?;
            profiles = app.known_profiles().await?;
            people = app.people_shown().await?;
            rules = app.organisation_story().await?;
            positions = app.position_setting().await?;
            partners = app.partners().await?;
            *lock(&self.ear) = app.ear().await?;
        }
        let loggers = lock(&self.ear).loggers().to_vec();
        let now = self.site.now();
        let session = self.look_at_session().await;
        let mut feed = self.feed();
        Ok(Snapshot {
            revision,
            organisation,
            origin: self.site.origin(),
            shipments,
            loggers,
            nearby: feed.nearby(now),
            watching: feed.watching.clone(),
            peers,
            profiles,
            session,
            signing_needed: !people.is_empty(),
            people,
            policy: rules.policy_shown(now),
            endings: rules.endings(now),
            comparing: self.site.comparing(),
            positions,
            partners,
        })
    }

    /// The open home, in which `name` is looked for; without one nothing of that name is there.
    fn opened(
        &self,
        by: Option<Acting>,
        what: &'static str,
        name: &impl ToString,
    ) -> Result<App<S::Host>, AppError> {
        let app = self.site.app()?.ok_or_else(|| AppError::NotFound { what, name: name.to_string() })?;
        Ok(by_person(app, by))
    }

    async fn tell_shipment<H: Host>(&self, app: &App<H>, shipment: Id) -> Result<(), AppError> {
        let _turn = self.telling.lock().await;
        let found = app.shipments().await?.into_iter().find(|summary| summary.id == shipment);
        if let Some(summary) = found {
            self.feed().send(Change::Shipment(Box::new(summary)));
        }
        Ok(())
    }

    fn feed(&self) -> MutexGuard<'_, Feed> {
        lock(&self.feed)
    }
}

/// The use cases with this person signing as well.
fn by_person<H: Host>(app: App<H>, by: Option<Acting>) -> App<H> {
    match by {
        Some(acting) => app.acting(acting),
        None => app,
    }
}

/// What is behind these locks is whole after every statement, so that a panic elsewhere does no harm.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
