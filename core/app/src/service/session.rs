//! Signing at the front end: who is signed in, and requests that a person signs.

use super::{Service, Site};
use crate::session::Session;
use crate::{Acting, App, AppError, EnrolmentCode, Host, Pin};
use firn_model::api::{Change, Request, Response, Secret, SessionShown};
use firn_model::record::Person;

impl<S: Site> Service<S> {
    /// Carries out a request with a person signing, and lets the session go on from there.
    pub(super) async fn sign(
        &self,
        person: Option<String>,
        pin: &Secret,
        request: Request,
    ) -> Result<Response, AppError> {
        let acting = self.identify(person.as_deref(), pin).await?;
        let signer = acting.person;
        let response = self.carry_out(request, Some(acting)).await?;
        // With both given, the session has just begun.
        if let (None, Some(app)) = (person, self.site.app()?) {
            self.session.lock().await.signed(signer, app.host().now());
            self.look_at_session().await;
        }
        Ok(response)
    }

    /// Opens a person's key: with id and PIN, which begins a session, or with the PIN alone within one.
    ///
    /// A failure that locks signing as the person ends a session of theirs.
    pub(super) async fn identify(&self, name: Option<&str>, pin: &Secret) -> Result<Acting, AppError> {
        let (app, person) = self.person_here(name).await?;
        match app.sign_in(person.id, Pin::new(pin.text())).await {
            Ok(acting) => {
                if name.is_some() {
                    self.session.lock().await.sign_in(&person, app.host().now());
                    self.look_at_session().await;
                }
                Ok(acting)
            }
            Err(error) => {
                self.after_failure(&app, &person, &error).await?;
                Err(error)
            }
        }
    }

    /// Puts a person's key here under another PIN; the session, if there is one, goes on.
    pub(super) async fn change_pin(
        &self,
        name: Option<String>,
        old: &Secret,
        new: &Secret,
    ) -> Result<Response, AppError> {
        let (app, person) = self.person_here(name.as_deref()).await?;
        match app.change_pin(person.id, Pin::new(old.text()), Pin::new(new.text())).await {
            Ok(()) => Ok(Response::Done),
            Err(error) => {
                self.after_failure(&app, &person, &error).await?;
                Err(error)
            }
        }
    }

    /// Makes the key of a person who accepts to be accountable for what is signed with it.
    pub(super) async fn make_key(
        &self,
        name: &str,
        pin: &Secret,
        code: &Secret,
    ) -> Result<Response, AppError> {
        let (app, person) = self.person_here(Some(name)).await?;
        let code = EnrolmentCode::parse(code.text())?;
        app.make_person_key(person.id, Pin::new(pin.text()), &code).await?;
        self.tell_people(&app).await?;
        Ok(Response::Done)
    }

    /// Withdraws a person's key on this device, or on the one of this name.
    pub(super) async fn withdraw_key(
        &self,
        name: &str,
        device: Option<&str>,
        reason: String,
        by: Option<Acting>,
    ) -> Result<Response, AppError> {
        let app = self.opened(by, "person", &name)?;
        let person = app.person(name).await?;
        let log = match device {
            Some(device) => app.device_with_key(person.id, device).await?,
            None => app.host().identity().log,
        };
        app.change_person(person.id, crate::Change::KeyWithdrawn(log, reason), None).await?;
        self.look_at_session().await;
        self.tell_people(&app).await?;
        Ok(Response::Done)
    }

    /// Ends the session: at a lock, and where another home is opened.
    pub(super) async fn end_session(&self) {
        let mut session = self.session.lock().await;
        session.lock();
        self.feed().tell_session(None);
    }

    /// Ends a session that has gone without a signature for too long; to be called every few seconds.
    pub async fn end_session_when_due(&self) {
        let mut session = self.session.lock().await;
        let who = match self.site.app() {
            Ok(Some(app)) => session.who(app.host().now()),
            Ok(None) | Err(_) => None,
        };
        if who.is_none() {
            session.lock();
            self.feed().tell_session(None);
        }
    }

    /// How the session stands, with its person as they stand now; what changed about it is told. One whose
    /// person cannot be read ends.
    pub(super) async fn look_at_session(&self) -> Option<SessionShown> {
        let mut session = self.session.lock().await;
        let shown = match self.signed_in(&session).await {
            Ok((app, person)) => session.shown(&person, app.host().now()),
            Err(_) => None,
        };
        if shown.is_none() {
            session.lock();
        }
        self.feed().tell_session(shown.clone());
        shown
    }

    /// The person of this name, or who is signed in.
    async fn person_here(&self, name: Option<&str>) -> Result<(App<S::Host>, Person), AppError> {
        let Some(name) = name else {
            let shown = self.look_at_session().await.ok_or(AppError::SignInNeeded)?;
            let app = self.site.app()?.ok_or(AppError::SignInNeeded)?;
            let person = app.person_of(shown.person.id).await?;
            return Ok((app, person));
        };
        let app = self.opened(None, "person", &name)?;
        let person = app.person(name).await?;
        Ok((app, person))
    }

    /// Who is signed in, by the clock, and signs with a key here.
    async fn signed_in(&self, session: &Session) -> Result<(App<S::Host>, Person), AppError> {
        let app = self.site.app()?.ok_or(AppError::SignInNeeded)?;
        let who = session.who(app.host().now()).ok_or(AppError::SignInNeeded)?;
        let person = app.person_of(who).await?;
        match app.has_person_key(who).await? {
            true => Ok((app, person)),
            false => Err(AppError::NoPersonKey),
        }
    }

    async fn after_failure(
        &self,
        app: &App<S::Host>,
        person: &Person,
        error: &AppError,
    ) -> Result<(), AppError> {
        let locked = match error {
            AppError::SigningLocked(_) => true,
            AppError::PinWrong { .. } => false,
            _ => return Ok(()),
        };
        let who = self.session.lock().await.who(app.host().now());
        if locked && who == Some(person.id) {
            self.end_session().await;
        }
        self.tell_people(app).await
    }

    pub(super) async fn tell_people(&self, app: &App<S::Host>) -> Result<(), AppError> {
        let people = app.people_shown().await?;
        self.feed().send(Change::People { people });
        Ok(())
    }
}
