//! Joining an organisation by invitation; wherever that is cut, the same invitation takes it up again.

use crate::device_keys::{DeviceKeys, Sealing};
use crate::home::Home;
use crate::{HomeError, LocalHost, SystemClock, random_array};
use firn_app::{Admission, App, AppError, Host, Identity, Invited, JoiningKeys};
use firn_ledger::bytes::{LogId, PublicKey};
use firn_ledger::error::LedgerError;
use firn_ledger::store::{OpenOptions, Store};
use firn_model::role::Role;
use firn_model::time::UtcMillis;
use firn_peer::endpoint::PeerEndpoint;
use firn_peer::error::PeerError;
use firn_peer::invitation::Invitation;
use firn_peer::join::digits::Digits;
use firn_peer::limits::Limits;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

impl LocalHost {
    /// Joins an organisation by invitation: makes a home, asks the inviter, and founds this device's log.
    ///
    /// The home holds no entry but its own first one until it syncs with the inviter, whom it remembers. `show` is called
    /// with the digits that the inviter's device shows as well, where a person there compares them.
    ///
    /// Where this was cut before, the same invitation goes on with the same keys: the inviter answers the same request
    /// again, and a home whose log is founded needs no answer.
    ///
    /// # Errors
    /// `home/exists`, `home/not-empty`, `app/join-unfinished` where another invitation was accepted here, those of the
    /// network (`peer/…`), and `ledger/organisation` for an answer of another organisation. A refused join leaves the
    /// place as it was; one whose answer was lost, what it takes to ask again.
    pub async fn join(
        path: &Path,
        label: &str,
        sealing: &Sealing,
        invitation: &Invitation,
        listen: SocketAddr,
        show: &(dyn Fn(Digits) + Send + Sync),
    ) -> Result<Self, HomeError> {
        if Home::is_at(path) {
            return Self::joined_before(path, sealing, invitation).await;
        }
        let clock = SystemClock::new(random_array()?);
        let (home, begun) = Home::create_to_join(path, &invitation.secret.handle().to_string())?;
        let keys = match begun_keys(&home, sealing) {
            Ok(keys) => keys,
            Err(error @ HomeError::WrongPassphrase(_)) => return Err(error),
            Err(error) => return given_up(home, error),
        };
        let joining = Joining { invitation, keys: &keys, label };
        if let Some(store) = joining.founded(&home)? {
            return Self::complete(home, clock, joining.identity(), keys, store);
        }
        let answer = joining.ask(listen, show).await;
        let admission = match answer {
            Ok(answer) => Admission::from_bytes(&answer, &invitation.organisation).map_err(HomeError::from),
            Err(error) if may_be_enrolled(&error, begun) => return Err(error),
            Err(error) => Err(joining.in_time(error, clock.now().utc)),
        };
        match admission {
            Ok(admission) => {
                let store = joining.found(&home, &admission, &clock)?;
                Self::complete(home, clock, joining.identity(), keys, store)
            }
            Err(error) => given_up(home, error),
        }
    }

    /// A home that is there already and whose first sync was cut.
    async fn joined_before(
        path: &Path,
        sealing: &Sealing,
        invitation: &Invitation,
    ) -> Result<Self, HomeError> {
        let exists = || HomeError::Exists(path.into());
        let reader = Self::open_to_read(path).map_err(|_| exists())?;
        let join = App::new(Arc::new(reader)).unfinished_join().await?.ok_or_else(exists)?;
        let host = Self::open(path, &sealing.passphrase)?;
        match host.was_joined_by(invitation) {
            true => Ok(host),
            false => Err(AppError::from(join).into()),
        }
    }

    /// Whether this device founded its log by this invitation.
    pub fn was_joined_by(&self, invitation: &Invitation) -> bool {
        let log = |keys: &DeviceKeys| Joining { invitation, keys, label: "" }.identity().log;
        self.keys().map(log) == Some(self.identity().log)
    }
}

/// The keys of a join that was begun, or new ones; those that a power cut left half written were shown to nobody.
fn begun_keys(home: &Home, sealing: &Sealing) -> Result<DeviceKeys, HomeError> {
    match DeviceKeys::open_begun(home, &sealing.passphrase) {
        Ok(Some(keys)) => Ok(keys),
        Ok(None) => DeviceKeys::make(home, sealing),
        Err(HomeError::Corrupt { path, .. }) => {
            std::fs::remove_file(&path).map_err(|error| HomeError::io(&path, error))?;
            DeviceKeys::make(home, sealing)
        }
        Err(error) => Err(error),
    }
}

fn given_up<T>(home: Home, error: HomeError) -> Result<T, HomeError> {
    home.abandon()?;
    Err(error)
}

/// Whether the inviter may have enrolled this device although no answer came, now or when it was asked `before`.
fn may_be_enrolled(error: &HomeError, before: bool) -> bool {
    match error {
        HomeError::Peer(
            PeerError::ConnectionLost { .. } | PeerError::Timeout { .. } | PeerError::PeerFailed,
        ) => true,
        // An invitation that is used may be by this device, whose request was another: under another name, say.
        HomeError::Peer(
            PeerError::Unreachable { .. }
            | PeerError::Busy { .. }
            | PeerError::ShuttingDown
            | PeerError::InvitationUsed,
        ) => before,
        HomeError::Peer(_) => false,
        // Of this machine, such as a port that is taken.
        _ => before,
    }
}

/// A device with its keys before an inviter.
struct Joining<'a> {
    invitation: &'a Invitation,
    keys: &'a DeviceKeys,
    label: &'a str,
}

impl Joining<'_> {
    fn keys(&self) -> JoiningKeys<'_> {
        let (endpoint, device) = (self.keys.endpoint_key(), self.keys.signing_key());
        let log_random = self.invitation.log_random(&endpoint, &device);
        JoiningKeys { device: self.keys.signing.as_ref(), log_random }
    }

    fn identity(&self) -> Identity {
        let organisation = self.invitation.organisation;
        Identity { organisation, log: firn_app::log_id(&organisation, &self.keys()) }
    }

    async fn ask(
        &self,
        listen: SocketAddr,
        show: &(dyn Fn(Digits) + Send + Sync),
    ) -> Result<Vec<u8>, HomeError> {
        let limits = Limits::default();
        let endpoint = PeerEndpoint::bind(&self.keys.endpoint_seed(), &listen.into(), limits).await?;
        let (log, signing) = (self.identity().log, self.keys.signing.as_ref());
        let answer = endpoint.join(self.invitation, signing, log, self.label, show).await;
        endpoint.close().await;
        Ok(answer?)
    }

    /// Why nobody answered. The inviter's clock ends an invitation, for this one may be wrong; whoever does not answer has
    /// ended it where it says so, too.
    fn in_time(&self, error: HomeError, now: UtcMillis) -> HomeError {
        match (error, self.invitation.check(now.0)) {
            (HomeError::Peer(PeerError::Unreachable { .. }), Err(expired)) => expired.into(),
            (error, _) => error,
        }
    }

    /// The store in which the log was founded before it was cut; one without that entry goes.
    fn founded(&self, home: &Home) -> Result<Option<Store>, HomeError> {
        if !home.database().exists() {
            return Ok(None);
        }
        let log = self.identity().log;
        let found = Store::open(&home.database(), &OpenOptions::default());
        if let Ok(mut store) = found
            && holds_first(&mut store, &log).is_ok_and(|holds| holds)
        {
            return Ok(Some(store));
        }
        home.remove_database()?;
        Ok(None)
    }

    fn found(&self, home: &Home, admission: &Admission, clock: &SystemClock) -> Result<Store, HomeError> {
        let mut store = Store::create(&home.database(), &OpenOptions::default())?;
        firn_app::note_invited(&mut store, &self.identity().log, &self.invited())?;
        firn_app::join(&mut store, admission, &self.keys(), clock.now(), &random_array()?)?;
        Ok(store)
    }

    fn invited(&self) -> Invited {
        let inviter = &self.invitation.inviter;
        Invited {
            endpoint: PublicKey(*inviter.id.as_bytes()),
            address: inviter.to_string(),
            label: self.label.to_owned(),
            // The least is shown of a role that a later version knows.
            role: Role::from_number(self.invitation.role.number()).unwrap_or(Role::Courier),
        }
    }
}

fn holds_first(store: &mut Store, log: &LogId) -> Result<bool, LedgerError> {
    store.read(|view| Ok(view.entry(log, 0)?.is_some()))
}
