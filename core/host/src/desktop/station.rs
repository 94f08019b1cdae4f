//! The home, radio and network that are open now, as the service's port.

use super::demo::Demo;
use super::peers::{Peers, Tidings, any_socket, refused};
use crate::home::create_private_folder;
use crate::sealed::write_new;
use crate::{HomeError, KdfCost, LocalHost, Passphrase, Sealing, SystemClock, random_array};
use data_encoding::BASE32_NOPAD;
use firn_app::radio::{Reach, find};
use firn_app::service::{Invited, Site, Tell};
use firn_app::{App, AppError, Founding, Host, Unfinished};
use firn_ble::dialog::DialogOptions;
use firn_ble::radio::Radio;
use firn_ble::radio::btleplug::{Bluetooth, Patience};
use firn_model::api::{ComparedDigits, Comparing, Origin, Refusal};
use firn_model::authority;
use firn_model::id::Id;
use firn_model::record::Logger;
use firn_model::role::Role;
use firn_model::time::UtcMillis;
use firn_peer::invitation::Invitation;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The home within the app's folder.
const HOME: &str = "home";
/// The file beside it whose passphrase seals its keys (ARCHITECTURE.md, decision 9).
const PASSPHRASE: &str = "passphrase";
/// How long a logger is listened for before a download, in milliseconds.
const PATIENCE_MS: u64 = 60_000;
/// Between two words about a download's progress, in milliseconds.
const BETWEEN_PROGRESS_MS: i64 = 250;

/// What is open.
enum Open {
    /// No home was made yet.
    Nothing,
    /// The home of this device.
    Home(App<LocalHost>),
    /// The home that is there cannot be opened.
    Refused(Refusal),
    /// The demonstration, in place of a home.
    Demo(Arc<Demo>),
}

/// One desktop's home, radio and network.
pub struct Station {
    folder: PathBuf,
    clock: SystemClock,
    open: Mutex<Open>,
    /// Counts how often another home was opened.
    changes: watch::Sender<u64>,
    /// Held while a home is made.
    making: tokio::sync::Mutex<()>,
    peers: Peers,
}

impl Station {
    /// Opens the home in `folder`, if there is one.
    pub(super) fn open(folder: &Path, clock: SystemClock, tidings: Tidings) -> Self {
        let open = match open_home(folder) {
            Ok(app) => app.map_or(Open::Nothing, Open::Home),
            Err(error) => Open::Refused(refused(error).refusal()),
        };
        Self {
            folder: folder.into(),
            clock,
            open: Mutex::new(open),
            changes: watch::Sender::new(0),
            making: tokio::sync::Mutex::default(),
            peers: Peers::new(tidings),
        }
    }

    pub(super) fn clock(&self) -> &SystemClock {
        &self.clock
    }

    /// Changes whenever another home is opened.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(super) fn demo(&self) -> Option<Arc<Demo>> {
        match &*self.opened() {
            Open::Demo(demo) => Some(demo.clone()),
            _ => None,
        }
    }

    pub(super) async fn close(&self) {
        self.peers.close().await;
        *self.opened() = Open::Nothing;
    }

    fn opened(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, open: Open) {
        *self.opened() = open;
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// The demonstration meets no real device.
    fn refuse_in_demo(&self) -> Result<(), AppError> {
        match self.origin() {
            Origin::Bluetooth => Ok(()),
            Origin::Demo => Err(AppError::Host(Refusal {
                code: "host/demo".into(),
                cause: "the demonstration stands alone".into(),
                next_step: "Close Firn and open it again; then it is your own home.".into(),
            })),
        }
    }

    /// Founds an organisation of this name; of the device's, where nobody gave one.
    async fn make(&self, organisation: Option<String>) -> Result<App<LocalHost>, HomeError> {
        let sealing = sealing(&self.folder)?;
        let device = device_name();
        let founding = Founding { organisation: organisation.unwrap_or_else(|| device.clone()), device };
        let path = self.folder.join(HOME);
        let work = move || LocalHost::found(&path, &founding, &sealing);
        let host = tokio::task::spawn_blocking(work).await.map_err(|_| HomeError::StoreClosed)??;
        Ok(App::new(Arc::new(host)))
    }

    /// The root's key, which lies beside a home that was founded here, under the same passphrase.
    async fn open_root(&self, app: &App<LocalHost>) -> Result<(), HomeError> {
        let (app, file) = (app.clone(), self.folder.join(PASSPHRASE));
        let open = move || app.host().open_root(&read_passphrase(&file)?);
        tokio::task::spawn_blocking(open).await.map_err(|_| HomeError::StoreClosed)?
    }

    async fn join_and_sync(&self, invitation: &str, label: &str) -> Result<(), HomeError> {
        let invitation: Invitation = invitation.parse()?;
        let sealing = sealing(&self.folder)?;
        let path = self.folder.join(HOME);
        let show = |digits| self.peers.show_own(label, Some(digits));
        let joined = LocalHost::join(&path, label, &sealing, &invitation, any_socket(), &show).await;
        self.peers.show_own(label, None);
        let host = joined?;
        let app = App::new(Arc::new(host));
        self.set(Open::Home(app.clone()));
        self.peers.first_sync(&app, &invitation.inviter).await
    }
}

impl Station {
    /// Takes up the first sync of a join that was cut; another invitation changes nothing of it.
    async fn join_again(
        &self,
        app: &App<LocalHost>,
        join: Unfinished,
        invitation: &str,
    ) -> Result<(), HomeError> {
        let invitation: Invitation = invitation.parse()?;
        match app.host().was_joined_by(&invitation) {
            true => self.peers.first_sync(app, &invitation.inviter).await,
            false => Err(AppError::from(join).into()),
        }
    }
}

impl Site for Station {
    type Host = LocalHost;

    fn now(&self) -> UtcMillis {
        self.clock.now().utc
    }

    fn origin(&self) -> Origin {
        if self.demo().is_some() { Origin::Demo } else { Origin::Bluetooth }
    }

    fn app(&self) -> Result<Option<App<LocalHost>>, AppError> {
        match &*self.opened() {
            Open::Nothing => Ok(None),
            Open::Home(app) => Ok(Some(app.clone())),
            Open::Demo(demo) => Ok(Some(demo.app.clone())),
            Open::Refused(refusal) => Err(AppError::Host(refusal.clone())),
        }
    }

    async fn app_or_found(&self) -> Result<App<LocalHost>, AppError> {
        let _turn = self.making.lock().await;
        if let Some(app) = self.app()? {
            return Ok(app);
        }
        let app = self.make(None).await.map_err(refused)?;
        self.set(Open::Home(app.clone()));
        Ok(app)
    }

    async fn found(&self, organisation: String) -> Result<(), AppError> {
        let name = organisation.trim().to_owned();
        if name.is_empty() {
            return Err(AppError::Refused(authority::Refusal::MalformedBody));
        }
        let _turn = self.making.lock().await;
        if self.app()?.is_some() {
            return Err(AppError::Host(Refusal {
                code: "home/exists".into(),
                cause: "this device belongs to an organisation already".into(),
                next_step: "Go on: its name stands on this device's page.".into(),
            }));
        }
        let app = self.make(Some(name)).await.map_err(refused)?;
        self.set(Open::Home(app));
        Ok(())
    }

    async fn download(&self, shipment: Id, logger: Logger, tell: Tell) -> Result<(), AppError> {
        let app = self.app_or_found().await?;
        // Before any radio is opened: a leave that is missing is asked for at once.
        let options = app.with_leave(&logger, DialogOptions::default()).await?;
        let wanted = Wanted { shipment, logger, options };
        match self.demo() {
            Some(demo) => fetch(&app, &demo.radio, &self.clock, wanted, tell).await,
            None => {
                let radio = Bluetooth::open(self.clock.clone(), Patience::default()).await?;
                fetch(&app, &radio, &self.clock, wanted, tell).await
            }
        }
    }

    async fn start_demo(&self) -> Result<(), AppError> {
        let _turn = self.making.lock().await;
        let demo = Demo::start(self.clock.clone()).await.map_err(refused)?;
        self.peers.close().await;
        self.set(Open::Demo(Arc::new(demo)));
        Ok(())
    }

    async fn invite(&self, role: Role) -> Result<Invited, AppError> {
        self.refuse_in_demo()?;
        let app = self.app_or_found().await?;
        if role == Role::Admin && app.host().root().is_err() {
            self.open_root(&app).await.map_err(refused)?;
        }
        self.peers.invite(&app, role).await.map_err(refused)
    }

    fn comparing(&self) -> Option<Comparing> {
        self.peers.comparing()
    }

    async fn compared(&self, outcome: ComparedDigits) -> Result<(), AppError> {
        self.peers.compared(outcome).await;
        Ok(())
    }

    async fn join(&self, invitation: String, label: String) -> Result<(), AppError> {
        self.refuse_in_demo()?;
        let _turn = self.making.lock().await;
        if let Some(app) = self.app()? {
            if let Some(join) = app.unfinished_join().await? {
                return self.join_again(&app, join, &invitation).await.map_err(refused);
            }
            return Err(AppError::Host(Refusal {
                code: "home/exists".into(),
                cause: "this device belongs to an organisation already".into(),
                next_step: "Join on a device without shipments, or with `firn --home` in a new folder."
                    .into(),
            }));
        }
        self.join_and_sync(&invitation, &label).await.map_err(refused)
    }

    async fn sync(&self, peer: Option<String>) -> Result<(), AppError> {
        self.refuse_in_demo()?;
        let app = self.app_or_found().await?;
        self.peers.sync(&app, peer.as_deref()).await.map_err(refused)
    }
}

/// A download that a window asks for.
struct Wanted {
    shipment: Id,
    logger: Logger,
    options: DialogOptions,
}

async fn fetch<R: Radio>(
    app: &App<LocalHost>,
    radio: &R,
    clock: &SystemClock,
    Wanted { shipment, logger, options }: Wanted,
    mut tell: Tell,
) -> Result<(), AppError> {
    let device = find(radio, clock, &logger, &app.keys().await?, PATIENCE_MS).await?;
    let narrow = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let mut due = UtcMillis(i64::MIN);
    let told = |done: usize, total: Option<usize>| {
        let now = clock.now().utc;
        if now >= due {
            due = UtcMillis(now.0.saturating_add(BETWEEN_PROGRESS_MS));
            tell(narrow(done), total.map(narrow));
        }
    };
    app.download(radio, clock, shipment, Reach { device, logger, options }, told).await?;
    Ok(())
}

fn open_home(folder: &Path) -> Result<Option<App<LocalHost>>, HomeError> {
    let path = folder.join(HOME);
    let file = folder.join(PASSPHRASE);
    if !path.exists() || !file.exists() {
        return Ok(None);
    }
    match LocalHost::open(&path, &read_passphrase(&file)?) {
        Ok(host) => Ok(Some(App::new(Arc::new(host)))),
        Err(HomeError::Missing(_) | HomeError::JoinBegun(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn read_passphrase(file: &Path) -> Result<Passphrase, HomeError> {
    let text = std::fs::read_to_string(file).map_err(|error| HomeError::io(file, error))?;
    Passphrase::new(&text)
        .ok_or_else(|| HomeError::Corrupt { path: file.into(), cause: "it is empty".into() })
}

/// The passphrase of this desktop, made at random the first time and on disk before it seals anything.
fn sealing(folder: &Path) -> Result<Sealing, HomeError> {
    create_private_folder(folder)?;
    let file = folder.join(PASSPHRASE);
    if !file.exists() {
        write_new(&file, BASE32_NOPAD.encode(&random_array::<32>()?).as_bytes())?;
    }
    Ok(Sealing { passphrase: read_passphrase(&file)?, cost: KdfCost::Standard })
}

/// What this machine calls itself.
fn device_name() -> String {
    let named = std::fs::read_to_string("/etc/hostname").ok();
    let named = named.or_else(|| std::env::var("COMPUTERNAME").ok());
    let name = named.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    name.unwrap_or_else(|| "This computer".into())
}
