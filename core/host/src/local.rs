//! A home on this machine as the host of the app.

use crate::continuing;
use crate::device_keys::{DeviceKeys, Sealing};
use crate::high_water::{self, HighWater};
use crate::home::{Access, Home};
use crate::identity;
use crate::logger_keys::{self, LoggerKeys};
use crate::person_keys;
use crate::root;
use crate::sealed::Passphrase;
use crate::vault::LocalVault;
use crate::{HomeError, StoreThread, SystemClock, random, random_array};
use firn_app::{App, AppError, DeviceKey, Founding, Host, Identity, Moment, PersonKeyFile, Pin, Vault};
use firn_ble::keys::BindKey;
use firn_ledger::key::SecretKey;
use firn_ledger::store::{self, OpenOptions, Store};
use firn_model::api::{LogBarred, Refusal};
use firn_model::id::Id;
use firn_model::record::Logger;
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// A home with its store on a thread of its own.
#[derive(Debug)]
pub struct LocalHost {
    home: Home,
    clock: SystemClock,
    identity: Identity,
    keys: Option<DeviceKeys>,
    logger_keys: Mutex<LoggerKeys>,
    /// The organisation's root, while it is open.
    root: Mutex<Option<Arc<SecretKey>>>,
    /// Names this opening.
    session: Id,
    store: StoreThread,
    pub(crate) vault: Arc<Mutex<LocalVault>>,
    /// What this home remembers of its own log; none where it was opened to read.
    high_water: Option<Arc<Mutex<HighWater>>>,
    /// What that tells where the home was opened to read.
    told: Option<LogBarred>,
}

impl LocalHost {
    /// Founds an organisation: makes a home, its keys, its store and the first entry of its log.
    ///
    /// # Errors
    /// `home/exists`, `home/not-empty`, `home/full`, `home/io`; a folder that was begun is left without
    /// the mark that makes it a home.
    pub fn found(path: &Path, founding: &Founding, sealing: &Sealing) -> Result<Self, HomeError> {
        Self::found_with_root(path, founding, sealing, &sealing.passphrase)
    }

    /// As [`LocalHost::found`], with the organisation's root under a passphrase of its own.
    ///
    /// # Errors
    /// Those of [`LocalHost::found`].
    pub fn found_with_root(
        path: &Path,
        founding: &Founding,
        sealing: &Sealing,
        root: &Passphrase,
    ) -> Result<Self, HomeError> {
        let home = Home::create(path)?;
        let clock = SystemClock::new(random_array()?);
        let root = root::make(&home, root, sealing.cost)?;
        let keys = DeviceKeys::make(&home, sealing)?;
        let mut store = Store::create(&home.database(), &OpenOptions::default())?;
        let identity = firn_app::found(
            &mut store,
            founding,
            &firn_app::FoundingKeys {
                root: &root,
                device: keys.signing.as_ref(),
                endpoint: keys.endpoint_key(),
            },
            clock.now(),
            &random_array()?,
        )?;
        Self::complete(home, clock, identity, keys, store)
    }

    /// Opens a home to read and write with its keys.
    ///
    /// # Errors
    /// `home/missing`, `home/in-use`, `home/newer-version`, `home/wrong-passphrase`, `home/corrupt`,
    /// `home/io`, and the store's.
    pub fn open(path: &Path, passphrase: &Passphrase) -> Result<Self, HomeError> {
        let home = Home::open(path, Access::Write)?;
        continuing::finish(&home, passphrase)?;
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

    /// Opens a home to read, with the key of its vault but no right to sign.
    ///
    /// # Errors
    /// Those of [`LocalHost::open_to_read`], and `home/wrong-passphrase`.
    pub fn open_to_look(path: &Path, passphrase: &Passphrase) -> Result<Self, HomeError> {
        let home = Home::open(path, Access::Read)?;
        let keys = DeviceKeys::open(&home, passphrase)?;
        let host = Self::assemble(home, None, LoggerKeys::new())?;
        host.vault.lock().unwrap_or_else(PoisonError::into_inner).unlock(&keys)?;
        Ok(host)
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

    /// Whether the organisation's root lies in this home, open or not.
    pub fn has_root(&self) -> bool {
        root::is_in(&self.home)
    }

    /// Opens the organisation's root, for as long as the home is open.
    ///
    /// # Errors
    /// `home/root-away`, `home/wrong-passphrase`, `home/corrupt`.
    pub fn open_root(&self, passphrase: &Passphrase) -> Result<(), HomeError> {
        let key = Arc::new(root::open(&self.home, passphrase)?);
        *self.root.lock().unwrap_or_else(PoisonError::into_inner) = Some(key);
        Ok(())
    }

    /// Writes the high-water mark, and bars the own log where its key has signed two histories: the proof of that
    /// counts, and no peer's word.
    ///
    /// # Errors
    /// `home/full`, `home/io`, and the store's.
    pub async fn after_sync(&self) -> Result<(), HomeError> {
        let (high_water, now, log) = (self.high_water.clone(), self.clock.now().utc, self.identity.log);
        let work = move |store: &mut Store| {
            if store.read(|view| view.fork(&log))?.is_some() {
                store.write(|transaction| firn_app::bar(transaction, &log, LogBarred::Forked))?;
            }
            high_water.map_or(Ok(()), |high_water| lock(&high_water).write(store, now))
        };
        self.store.run(work).await?
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
        let identity = identity::read(&home)?;
        let access = match home.access() {
            Access::Read => store::Access::ReadOnly,
            Access::Write => store::Access::ReadWrite,
        };
        let mut store = Store::open(&home.database(), &OpenOptions { access, ..OpenOptions::default() })?;
        let high_water = match (&keys, home.access()) {
            (Some(keys), Access::Write) => Some(marked(&home, keys, &mut store, &identity, clock.now())?),
            _ => None,
        };
        let told = match home.access() {
            Access::Read => high_water::told(&home, &mut store, &identity.log)?,
            Access::Write => None,
        };
        let vault = LocalVault::open(&home, keys.as_ref(), &mut store, &identity)?;
        let (session, store) = (Id(random_array()?), StoreThread::start(store)?);
        let (logger_keys, root, vault) =
            (Mutex::new(logger_keys), Mutex::default(), Arc::new(Mutex::new(vault)));
        Ok(Self { home, clock, identity, keys, logger_keys, root, session, store, vault, high_water, told })
    }

    pub(crate) fn complete(
        home: Home,
        clock: SystemClock,
        identity: Identity,
        keys: DeviceKeys,
        mut store: Store,
    ) -> Result<Self, HomeError> {
        identity::write(&home, &identity)?;
        home.complete()?;
        let high_water = Some(marked(&home, &keys, &mut store, &identity, clock.now())?);
        let vault = LocalVault::open(&home, Some(&keys), &mut store, &identity)?;
        let (session, store) = (Id(random_array()?), StoreThread::start(store)?);
        let (keys, logger_keys, root) = (Some(keys), Mutex::default(), Mutex::default());
        let vault = Arc::new(Mutex::new(vault));
        let told = None;
        Ok(Self { home, clock, identity, keys, logger_keys, root, session, store, vault, high_water, told })
    }
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

    fn set_back(&self) -> Option<LogBarred> {
        self.told
    }

    fn signer(&self) -> Result<DeviceKey, AppError> {
        let keys = self.keys.as_ref().ok_or(HomeError::PassphraseNeeded).map_err(into_app)?;
        Ok(keys.signing.clone())
    }

    fn root(&self) -> Result<DeviceKey, AppError> {
        let root = self.root.lock().unwrap_or_else(PoisonError::into_inner);
        root.clone().map(|root| root as DeviceKey).ok_or(AppError::RootNeeded)
    }

    fn logger_key(&self, logger: &Id) -> Option<BindKey> {
        self.logger_keys().get(logger).copied()
    }

    fn make_person_key(
        &self,
        file: PersonKeyFile,
        pin: Pin,
    ) -> impl Future<Output = Result<DeviceKey, AppError>> + Send {
        let (paths, keys) = (person_keys::paths(&self.home, file), self.keys.clone());
        in_the_background(move || person_keys::make(&paths, &keys.ok_or(HomeError::PassphraseNeeded)?, &pin))
    }

    fn open_person_key(
        &self,
        file: PersonKeyFile,
        pin: Pin,
    ) -> impl Future<Output = Result<Option<DeviceKey>, AppError>> + Send {
        let (path, keys) = (person_keys::path(&self.home, file), self.keys.clone());
        in_the_background(move || person_keys::open(&path, &keys.ok_or(HomeError::PassphraseNeeded)?, &pin))
    }

    fn rewrap_person_key(
        &self,
        file: PersonKeyFile,
        old: Pin,
        new: Pin,
    ) -> impl Future<Output = Result<bool, AppError>> + Send {
        let (path, keys) = (person_keys::path(&self.home, file), self.keys.clone());
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
        let (high_water, now) = (self.high_water.clone(), self.clock.now().utc);
        let answer = self.store.run(move |store| {
            let done = work(store);
            if let Some(high_water) = high_water {
                // It is written again in a minute, and for certain at the next sync, where a failure is told.
                lock(&high_water).keep_up(store, now).unwrap_or_default();
            }
            done
        });
        async move { answer.await.map_err(into_app)? }
    }

    async fn remember_own_head(&self) -> Result<(), AppError> {
        let (high_water, now) = (self.high_water.clone(), self.clock.now().utc);
        let work = move |store: &mut Store| {
            high_water.map_or(Ok(()), |high_water| lock(&high_water).write(store, now))
        };
        self.store.run(work).await.map_err(into_app)?.map_err(into_app)
    }

    fn with_vault<T, W>(&self, work: W) -> impl Future<Output = Result<T, AppError>> + Send
    where
        T: Send + 'static,
        W: FnOnce(&mut dyn Vault) -> Result<T, AppError> + Send + 'static,
    {
        let vault = self.vault.clone();
        async move {
            let work = move || {
                // Each document is one transaction of its own, so that a panic elsewhere does no harm.
                let mut vault = vault.lock().unwrap_or_else(PoisonError::into_inner);
                work(&mut *vault)
            };
            tokio::task::spawn_blocking(work).await.map_err(|_| into_app(HomeError::StoreClosed))?
        }
    }
}

/// What a home remembers of its own log; where the store was set back, nothing is added to it any more.
fn marked(
    home: &Home,
    keys: &DeviceKeys,
    store: &mut Store,
    identity: &Identity,
    now: Moment,
) -> Result<Arc<Mutex<HighWater>>, HomeError> {
    let mut high_water = HighWater::open(home, keys, identity.log)?;
    match store.read(|view| high_water.check(view))? {
        Some(why) => store.write(|transaction| firn_app::bar(transaction, &identity.log, why))?,
        None => high_water.keep_up(store, now.utc)?,
    }
    Ok(Arc::new(Mutex::new(high_water)))
}

/// It is whole after every statement, so that a panic elsewhere does no harm.
fn lock(high_water: &Mutex<HighWater>) -> std::sync::MutexGuard<'_, HighWater> {
    high_water.lock().unwrap_or_else(PoisonError::into_inner)
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
