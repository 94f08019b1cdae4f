//! A home on this machine as the host of the app.

use crate::home::{Access, Home};
use crate::logger_keys::{self, LoggerKeys};
use crate::person_keys;
use crate::sealed::{KdfCost, KeyStoreSecret, Passphrase, new_seed, open_sealed, seal};
use crate::{HomeError, StoreThread, SystemClock, random, random_array};
use data_encoding::HEXLOWER;
use firn_app::{Admission, App, AppError, DeviceKey, Founding, Host, Identity, JoiningKeys, Moment, Pin};
use firn_ble::keys::BindKey;
use firn_ledger::key::{SecretKey, Signer};
use firn_ledger::store::{self, OpenOptions, Store};
use firn_model::api::Refusal;
use firn_model::id::Id;
use firn_model::record::Logger;
use firn_peer::endpoint::{EndpointSeed, PeerEndpoint};
use firn_peer::invitation::Invitation;
use firn_peer::limits::Limits;
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// The sealed file of the device's signing key and of its network endpoint's key.
const DEVICE_KEYS: &str = "device";
/// The sealed file of the organisation's root key; on the founding device alone.
const ROOT_KEY: &str = "organisation-root";
/// The open file that says who this device is.
const IDENTITY: &str = "identity";

/// A home with its store on a thread of its own.
#[derive(Debug)]
pub struct LocalHost {
    home: Home,
    clock: SystemClock,
    identity: Identity,
    keys: Option<DeviceKeys>,
    logger_keys: Mutex<LoggerKeys>,
    /// Names this opening.
    session: Id,
    store: StoreThread,
}

/// The two keys of a device.
#[derive(Clone)]
pub struct DeviceKeys {
    /// Signs the device's log.
    pub signing: Arc<SecretKey>,
    /// The seed of the network endpoint's key.
    pub endpoint: Zeroizing<[u8; 32]>,
    /// What the keys of people on this device are wrapped with beside their PINs.
    pub(crate) store: KeyStoreSecret,
    /// How much a guess at a PIN costs in keys that are made from now on: what one at the passphrase does.
    pub(crate) cost: KdfCost,
}

impl std::fmt::Debug for DeviceKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceKeys").field("signing", &self.signing).finish_non_exhaustive()
    }
}

/// The identity file: both ids in lower-case hexadecimal.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentityFile {
    organisation: String,
    log: String,
}

/// How a home's secrets are sealed.
#[derive(Clone)]
pub struct Sealing {
    /// The passphrase.
    pub passphrase: Passphrase,
    /// How much a guess costs.
    pub cost: KdfCost,
}

impl LocalHost {
    /// Founds an organisation: makes a home, its keys, its store and the first entry of its log.
    ///
    /// # Errors
    /// `home/exists`, `home/not-empty`, `home/full`, `home/io`; a folder that was begun is left without
    /// the mark that makes it a home.
    pub fn found(path: &Path, founding: &Founding, sealing: &Sealing) -> Result<Self, HomeError> {
        let home = Home::create(path)?;
        let clock = SystemClock::new(random_array()?);
        let root_seed = new_seed()?;
        seal(&home.key_file(ROOT_KEY), ROOT_KEY, root_seed.as_ref(), &sealing.passphrase, sealing.cost)?;
        let keys = DeviceKeys::make(&home, sealing)?;
        let mut store = Store::create(&home.database(), &OpenOptions::default())?;
        let identity = firn_app::found(
            &mut store,
            founding,
            &firn_app::FoundingKeys {
                root: &SecretKey::from_seed(&root_seed),
                device: keys.signing.as_ref(),
                endpoint: keys.endpoint_key(),
            },
            clock.now(),
            &random_array()?,
        )?;
        Self::complete(home, clock, identity, keys, store)
    }

    /// Joins an organisation by invitation: makes a home, asks the inviter, and founds this device's log.
    ///
    /// The home holds no entry but its own first one until it syncs with the inviter.
    ///
    /// # Errors
    /// `home/exists`, `home/not-empty`, those of the network (`peer/…`), and `ledger/organisation` for an
    /// answer of another organisation. A refused join leaves no home.
    pub async fn join(
        path: &Path,
        label: &str,
        sealing: &Sealing,
        invitation: &Invitation,
        listen: SocketAddr,
    ) -> Result<Self, HomeError> {
        let clock = SystemClock::new(random_array()?);
        invitation.check(clock.now().utc.0)?;
        let home = Home::create(path)?;
        match Self::admitted(&home, label, sealing, invitation, listen, &clock).await {
            Ok((identity, keys, store)) => Self::complete(home, clock, identity, keys, store),
            Err(error) => {
                home.abandon()?;
                Err(error)
            }
        }
    }

    async fn admitted(
        home: &Home,
        label: &str,
        sealing: &Sealing,
        invitation: &Invitation,
        listen: SocketAddr,
        clock: &SystemClock,
    ) -> Result<(Identity, DeviceKeys, Store), HomeError> {
        let keys = DeviceKeys::make(home, sealing)?;
        let log_random = random_array()?;
        let joining = || JoiningKeys { device: keys.signing.as_ref(), log_random };
        let log = firn_app::log_id(&invitation.organisation, &joining());
        let endpoint = PeerEndpoint::bind(&keys.endpoint_seed(), &[listen], Limits::default()).await?;
        let answer = endpoint.join(invitation, keys.signing.public_key(), log, label).await;
        endpoint.close().await;
        let admission = Admission::from_bytes(&answer?, &invitation.organisation)?;
        let mut store = Store::create(&home.database(), &OpenOptions::default())?;
        let identity = firn_app::join(&mut store, &admission, &joining(), clock.now(), &random_array()?)?;
        Ok((identity, keys, store))
    }

    /// Opens a home to read and write with its keys.
    ///
    /// # Errors
    /// `home/missing`, `home/in-use`, `home/newer-version`, `home/wrong-passphrase`, `home/corrupt`,
    /// `home/io`, and the store's.
    pub fn open(path: &Path, passphrase: &Passphrase) -> Result<Self, HomeError> {
        let home = Home::open(path, Access::Write)?;
        let keys = DeviceKeys::open(&home, passphrase)?;
        let logger_keys = logger_keys::open(&home, passphrase)?;
        Self::assemble(home, Some(keys), logger_keys)
    }

    /// Opens a home to read, without its keys; any number of processes may.
    ///
    /// # Errors
    /// `home/missing`, `home/newer-version`, `home/corrupt`, `home/io`, and the store's.
    pub fn open_to_read(path: &Path) -> Result<Self, HomeError> {
        Self::assemble(Home::open(path, Access::Read)?, None, LoggerKeys::new())
    }

    /// Opens a home to read, with the keys of its loggers but not those of the device; `ask` is asked for
    /// the passphrase only where such keys were entered.
    ///
    /// # Errors
    /// Those of [`LocalHost::open_to_read`], `home/wrong-passphrase`, and those of `ask`.
    pub fn open_to_listen<E: From<HomeError>>(
        path: &Path,
        ask: impl FnOnce() -> Result<Passphrase, E>,
    ) -> Result<Self, E> {
        let home = Home::open(path, Access::Read)?;
        let keys = match logger_keys::are_there(&home) {
            true => logger_keys::open(&home, &ask()?)?,
            false => LoggerKeys::new(),
        };
        Ok(Self::assemble(home, None, keys)?)
    }

    /// Keeps the key that opens a logger's adverts, in place of an earlier one, and forgets how far its
    /// counter had come: a person who enters the key anew vouches for a changed battery.
    ///
    /// # Errors
    /// `home/logger-without-address`, `home/full`, `home/io`, and the store's.
    pub async fn keep_logger_key(
        self: &Arc<Self>,
        logger: &Logger,
        key: BindKey,
        sealing: &Sealing,
    ) -> Result<(), HomeError> {
        if logger.address.is_none() {
            return Err(HomeError::LoggerWithoutAddress(logger.label.clone()));
        }
        let mut keys = self.logger_keys().clone();
        keys.insert(logger.id, key);
        logger_keys::keep(&self.home, &keys, sealing)?;
        *self.logger_keys() = keys;
        Ok(App::new(self.clone()).forget_counter(logger.id).await?)
    }

    /// Forgets the key of a logger; from then on its adverts count as merely heard.
    ///
    /// # Errors
    /// `home/full`, `home/io`.
    pub fn forget_logger_key(&self, logger: &Id, sealing: &Sealing) -> Result<(), HomeError> {
        let mut keys = self.logger_keys().clone();
        keys.remove(logger);
        logger_keys::keep(&self.home, &keys, sealing)?;
        *self.logger_keys() = keys;
        Ok(())
    }

    fn logger_keys(&self) -> std::sync::MutexGuard<'_, LoggerKeys> {
        // It is whole after every statement, so that a panic elsewhere does no harm.
        self.logger_keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.home.path
    }

    /// The device's keys; absent where the home was opened to read.
    pub fn keys(&self) -> Option<&DeviceKeys> {
        self.keys.as_ref()
    }

    fn assemble(home: Home, keys: Option<DeviceKeys>, logger_keys: LoggerKeys) -> Result<Self, HomeError> {
        let clock = SystemClock::new(random_array()?);
        let identity = read_identity(&home)?;
        let access = match home.access() {
            Access::Read => store::Access::ReadOnly,
            Access::Write => store::Access::ReadWrite,
        };
        let store = Store::open(&home.database(), &OpenOptions { access, ..OpenOptions::default() })?;
        let (session, store) = (Id(random_array()?), StoreThread::start(store)?);
        Ok(Self { home, clock, identity, keys, logger_keys: Mutex::new(logger_keys), session, store })
    }

    fn complete(
        home: Home,
        clock: SystemClock,
        identity: Identity,
        keys: DeviceKeys,
        store: Store,
    ) -> Result<Self, HomeError> {
        write_identity(&home, &identity)?;
        home.complete()?;
        let (session, store) = (Id(random_array()?), StoreThread::start(store)?);
        let (keys, logger_keys) = (Some(keys), Mutex::default());
        Ok(Self { home, clock, identity, keys, logger_keys, session, store })
    }
}

impl DeviceKeys {
    fn make(home: &Home, sealing: &Sealing) -> Result<Self, HomeError> {
        let (signing, endpoint) = (new_seed()?, new_seed()?);
        let both = Zeroizing::new([signing.as_slice(), endpoint.as_slice()].concat());
        seal(&home.key_file(DEVICE_KEYS), DEVICE_KEYS, &both, &sealing.passphrase, sealing.cost)?;
        let store = KeyStoreSecret::of(&signing)?;
        Ok(Self { signing: Arc::new(SecretKey::from_seed(&signing)), endpoint, store, cost: sealing.cost })
    }

    fn open(home: &Home, passphrase: &Passphrase) -> Result<Self, HomeError> {
        let path = home.key_file(DEVICE_KEYS);
        let both = open_sealed(&path, DEVICE_KEYS, passphrase)?;
        let seeds = both.split_first_chunk::<32>().and_then(|(signing, rest)| {
            Some((Zeroizing::new(*signing), Zeroizing::new(<[u8; 32]>::try_from(rest).ok()?)))
        });
        let Some((signing, endpoint)) = seeds else {
            return Err(HomeError::Corrupt { path, cause: "not two keys".into() });
        };
        let (store, cost) = (KeyStoreSecret::of(&signing)?, crate::sealed::cost_of(&path)?);
        Ok(Self { signing: Arc::new(SecretKey::from_seed(&signing)), endpoint, store, cost })
    }

    /// The seed of the network endpoint, as the network takes it.
    pub fn endpoint_seed(&self) -> EndpointSeed {
        EndpointSeed::new(*self.endpoint)
    }

    /// The network endpoint's public key.
    pub fn endpoint_key(&self) -> firn_ledger::bytes::PublicKey {
        SecretKey::from_seed(&self.endpoint).public_key()
    }
}

fn write_identity(home: &Home, identity: &Identity) -> Result<(), HomeError> {
    let path = home.key_file(IDENTITY);
    let file = IdentityFile {
        organisation: HEXLOWER.encode(&identity.organisation.0),
        log: HEXLOWER.encode(&identity.log.0),
    };
    let text = serde_json::to_string_pretty(&file)
        .map_err(|error| HomeError::Corrupt { path: path.clone(), cause: error.to_string() })?;
    crate::sealed::write_new(&path, text.as_bytes())
}

fn read_identity(home: &Home) -> Result<Identity, HomeError> {
    let path = home.key_file(IDENTITY);
    let corrupt = |cause: String| HomeError::Corrupt { path: path.clone(), cause };
    let text = std::fs::read_to_string(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidData => corrupt("not text".into()),
        _ => HomeError::io(&path, error),
    })?;
    let file: IdentityFile = serde_json::from_str(&text).map_err(|error| corrupt(error.to_string()))?;
    let bytes = |text: &str| -> Result<[u8; 32], HomeError> {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|error| corrupt(error.to_string()))?;
        bytes.try_into().map_err(|_| corrupt("an id of another length".into()))
    };
    Ok(Identity {
        organisation: firn_ledger::bytes::OrganisationId(bytes(&file.organisation)?),
        log: firn_ledger::bytes::LogId(bytes(&file.log)?),
    })
}

impl Host for LocalHost {
    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn random(&self, bytes: &mut [u8]) -> Result<(), AppError> {
        random(bytes).map_err(into_app)
    }

    fn identity(&self) -> Identity {
        self.identity
    }

    fn signer(&self) -> Result<DeviceKey, AppError> {
        let keys = self.keys.as_ref().ok_or(HomeError::PassphraseNeeded).map_err(into_app)?;
        Ok(keys.signing.clone())
    }

    fn logger_key(&self, logger: &Id) -> Option<BindKey> {
        self.logger_keys().get(logger).copied()
    }

    fn make_person_key(
        &self,
        person: Id,
        pin: Pin,
    ) -> impl Future<Output = Result<DeviceKey, AppError>> + Send {
        let (path, keys) = (person_keys::file(&self.home, &person), self.keys.clone());
        in_the_background(move || person_keys::make(&path, &keys.ok_or(HomeError::PassphraseNeeded)?, &pin))
    }

    fn open_person_key(
        &self,
        person: Id,
        pin: Pin,
    ) -> impl Future<Output = Result<Option<DeviceKey>, AppError>> + Send {
        let (path, keys) = (person_keys::file(&self.home, &person), self.keys.clone());
        in_the_background(move || person_keys::open(&path, &keys.ok_or(HomeError::PassphraseNeeded)?, &pin))
    }

    fn rewrap_person_key(
        &self,
        person: Id,
        old: Pin,
        new: Pin,
    ) -> impl Future<Output = Result<bool, AppError>> + Send {
        let (path, keys) = (person_keys::file(&self.home, &person), self.keys.clone());
        in_the_background(move || {
            person_keys::rewrap(&path, &keys.ok_or(HomeError::PassphraseNeeded)?, &old, &new)
        })
    }

    fn session(&self) -> Id {
        self.session
    }

    fn with_store<T, W>(&self, work: W) -> impl Future<Output = Result<T, AppError>> + Send
    where
        T: Send + 'static,
        W: FnOnce(&mut Store) -> Result<T, AppError> + Send + 'static,
    {
        let answer = self.store.run(work);
        async move { answer.await.map_err(into_app)? }
    }
}

/// A key is derived slowly, on purpose: not on a thread that others wait for.
async fn in_the_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HomeError> + Send + 'static,
) -> Result<T, AppError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| into_app(HomeError::StoreClosed))?.map_err(into_app)
}

/// A home's error as the app passes it on.
pub(crate) fn into_app(error: HomeError) -> AppError {
    match error {
        HomeError::Store(error) => AppError::Ledger(error),
        HomeError::App(error) => error,
        error => AppError::Host(Refusal {
            code: error.code().into(),
            cause: error.to_string(),
            next_step: error.next_step().into(),
        }),
    }
}
