//! A home whose clock a test puts forward, its logger and its shipment.
#![allow(dead_code, clippy::unwrap_used)]

use firn_app::{
    App, AppError, DeviceKey, Founding, Host, Identity, Moment, NewLogger, NewShipment, PersonKeyFile, Pin,
    Start, Vault,
};
use firn_ble::Address;
use firn_ble::keys::BindKey;
use firn_host::{KdfCost, LocalHost, Passphrase, Sealing};
use firn_ledger::bytes::LogId;
use firn_ledger::chain::{Received, Run};
use firn_ledger::entry::Record;
use firn_ledger::error::LedgerError;
use firn_ledger::store::Store;
use firn_model::id::Id;
use firn_model::profile::preset;
use firn_model::record::{Logger, Placement};
use firn_model::time::UtcMillis;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

pub const ADDRESS: Address = Address([0xCB, 0xB8, 0x33, 0x4C, 0x88, 0x4F]);

pub fn sealing() -> Sealing {
    Sealing { passphrase: Passphrase::new("correct horse battery staple").unwrap(), cost: KdfCost::Low }
}

/// A home of this machine whose clock goes ahead by as much as it is told.
#[derive(Debug)]
pub struct Ahead {
    home: LocalHost,
    ahead_s: AtomicI64,
    turns: AtomicUsize,
}

impl Ahead {
    pub fn found(folder: &Path) -> App<Ahead> {
        let founding = Founding { organisation: "Nordvik".into(), device: "Dock".into() };
        Self::over(LocalHost::found(&folder.join("home"), &founding, &sealing()).unwrap())
    }

    pub fn opened(folder: &Path) -> App<Ahead> {
        Self::over(LocalHost::open(&folder.join("home"), &sealing().passphrase).unwrap())
    }

    fn over(home: LocalHost) -> App<Ahead> {
        App::new(Arc::new(Self { home, ahead_s: AtomicI64::new(0), turns: AtomicUsize::new(0) }))
    }

    pub fn pass(&self, seconds: i64) {
        self.ahead_s.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Opens the organisation's root, which names admins.
    pub fn open_root(&self) {
        self.home.open_root(&sealing().passphrase).unwrap();
    }

    /// How often the store was asked for until now; others may use it between two times.
    pub fn turns(&self) -> usize {
        self.turns.load(Ordering::SeqCst)
    }
}

impl Host for Ahead {
    fn now(&self) -> Moment {
        let (now, ahead_s) = (self.home.now(), self.ahead_s.load(Ordering::SeqCst));
        let monotonic_ms = now.monotonic_ms + u64::try_from(ahead_s * 1000).unwrap();
        Moment { utc: now.utc.plus_seconds(ahead_s), monotonic_ms, ..now }
    }

    fn random(&self, bytes: &mut [u8]) -> Result<(), AppError> {
        self.home.random(bytes)
    }

    fn identity(&self) -> Identity {
        self.home.identity()
    }

    fn signer(&self) -> Result<DeviceKey, AppError> {
        self.home.signer()
    }

    fn root(&self) -> Result<DeviceKey, AppError> {
        self.home.root()
    }

    fn logger_key(&self, logger: &Id) -> Option<BindKey> {
        self.home.logger_key(logger)
    }

    fn make_person_key(
        &self,
        file: PersonKeyFile,
        pin: Pin,
    ) -> impl Future<Output = Result<DeviceKey, AppError>> + Send {
        self.home.make_person_key(file, pin)
    }

    fn open_person_key(
        &self,
        file: PersonKeyFile,
        pin: Pin,
    ) -> impl Future<Output = Result<Option<DeviceKey>, AppError>> + Send {
        self.home.open_person_key(file, pin)
    }

    fn rewrap_person_key(
        &self,
        file: PersonKeyFile,
        old: Pin,
        new: Pin,
    ) -> impl Future<Output = Result<bool, AppError>> + Send {
        self.home.rewrap_person_key(file, old, new)
    }

    fn session(&self) -> Id {
        self.home.session()
    }

    fn remember_own_head(&self) -> impl Future<Output = Result<(), AppError>> + Send {
        self.home.remember_own_head()
    }

    fn with_store<T, W>(&self, work: W) -> impl Future<Output = Result<T, AppError>> + Send
    where
        T: Send + 'static,
        W: FnOnce(&mut Store) -> Result<T, AppError> + Send + 'static,
    {
        self.turns.fetch_add(1, Ordering::SeqCst);
        self.home.with_store(work)
    }

    fn with_vault<T, W>(&self, work: W) -> impl Future<Output = Result<T, AppError>> + Send
    where
        T: Send + 'static,
        W: FnOnce(&mut dyn Vault) -> Result<T, AppError> + Send + 'static,
    {
        self.home.with_vault(work)
    }
}

pub async fn enrolled<H: Host>(app: &App<H>, family: &str, interval_s: Option<u32>) -> Logger {
    let new = NewLogger {
        family: family.into(),
        label: "Box 7".into(),
        address: Some(ADDRESS),
        serial: None,
        interval_s,
    };
    app.enrol_logger(new).await.unwrap()
}

/// A shipment of nothing that is named.
pub async fn created<H: Host>(app: &App<H>, reference: &str) -> Id {
    let profile = preset("cdc-refrigerator").unwrap().profile.clone();
    let new = NewShipment {
        reference: reference.into(),
        profile,
        from: None,
        to: None,
        items: Vec::new(),
        packages: Vec::new(),
    };
    app.create_shipment(new).await.unwrap()
}

/// A shipment picked up at that time with one logger; it asks for a reading in ten minutes.
pub async fn under_way<H: Host>(app: &App<H>, logger: &Logger, since: UtcMillis) -> Id {
    let shipment = created(app, "DN-1").await;
    let placements = vec![Placement { logger: logger.id, package: None, from: None, to: None }];
    app.start_shipment(Start {
        shipment,
        placements,
        at: Some(since),
        overrides: Vec::new(),
        reason: Some("recorded afterwards".into()),
    })
    .await
    .unwrap();
    shipment
}

/// A peer's entries as they come.
pub fn received(records: Vec<Record>) -> Vec<Received> {
    let received =
        |one: Record| Received { bytes: one.entry.bytes().to_vec(), body: one.body, salt: one.salt };
    records.into_iter().map(received).collect()
}

/// Entries of a log come to a home, whoever brings them.
pub async fn come(app: &App<Ahead>, log: LogId, records: Vec<Record>) {
    let (received, own, now) = (received(records), app.host().identity(), app.host().now().utc);
    let taking = app.host().with_store(move |store| {
        let state = store.read(|view| Ok::<_, LedgerError>(view.log(&log)))?;
        let run = Run::verify(log, state, received).map_err(LedgerError::from)?;
        firn_app::take_in(store, &own, run, now)
    });
    taking.await.unwrap();
}
