//! A home between peers that it never meets: what they lack goes into a file, and comes out of theirs.

use crate::network::{Network, PeerReport};
use crate::{HomeError, random_array};
use firn_app::Host;
use firn_ledger::bytes::LogId;
use firn_model::time::UtcMillis;
use firn_peer::carry::{self, Addressee, CarryError, Extent, Letter, Taken};
use firn_peer::endpoint::EndpointSeed;
use firn_peer::error::{PeerError, Whose};
use firn_peer::sync::SyncHome;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// How the files of a folder end that devices carry to each other.
const EXTENSION: &str = "firn-carried";
/// How any carried file begins.
const BEGINNING: &[u8] = b"firn carried v";
/// The most files that are taken in from one folder.
const MOST_FILES: usize = 256;

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Where it lies.
    pub file: PathBuf,
    /// The labels of the devices that can open it.
    pub addressees: Vec<String>,
    /// How many entries it brings.
    pub entries: u64,
    /// Its length in bytes.
    pub bytes: u64,
}

/// A file that was taken in, as far as it could be.
#[derive(Debug)]
pub struct Incoming {
    /// Where it lies.
    pub file: PathBuf,
    /// Who wrote it, once that was proved: its label, and when by its own clock.
    pub writer: Option<(String, UtcMillis)>,
    /// What it brought.
    pub report: PeerReport,
    /// Why it was not taken in, or not to its end.
    pub failure: Option<HomeError>,
}

impl Network {
    /// Writes what the devices of these names, or all others of the organisation, may lack: into the file `to`, or
    /// into this device's own file in the folder `to`. An earlier carried file there is replaced as a whole.
    ///
    /// # Errors
    /// `peer/file-exists` where something else lies there; `app/not-found`, `app/ambiguous` and `peer/revoked` for a
    /// name; `peer/file-nobody`, `peer/file-full`, `peer/file-io`, and those of the ledger and the store.
    pub async fn carry_out(
        &self,
        to: &Path,
        names: &[String],
        extent: Extent,
    ) -> Result<Outgoing, HomeError> {
        let file = match to.is_dir() {
            true => to.join(own_name(&self.app.host().identity().log)),
            false => to.to_path_buf(),
        };
        must_be_replaceable(&file)?;
        let host = self.app.host();
        let signer = host.signer()?;
        let letter = Letter {
            log: host.identity().log,
            signer: signer.as_ref(),
            written_ms: host.now().utc.0,
            addressees: self.addressees(names).await?,
            extent,
            entropy: Zeroizing::new(random_array()?),
        };
        host.remember_own_head().await?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let begun = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        let (begun, carried) = carry::write(self, &letter, begun).await?;
        let bytes = put_in_place(begun, &file).map_err(failed)?;
        let addressees = letter.addressees.into_iter().map(|one| one.label).collect();
        Ok(Outgoing { file, addressees, entries: carried.report.summary.sent.values().sum(), bytes })
    }

    /// Takes in a file, or every carried file of a folder but this device's own: what verifies is stored, and the
    /// rest is told.
    ///
    /// # Errors
    /// `peer/file-io` where nothing can be read, and those of the store. What is wrong with a file stands in
    /// [`Incoming::failure`].
    pub async fn carry_in(&self, from: &Path) -> Result<Vec<Incoming>, HomeError> {
        if !from.is_dir() {
            return Ok(vec![self.take_file(from).await?]);
        }
        let own = own_name(&self.app.host().identity().log);
        let mut taken = Vec::new();
        for file in carried_files(from, &own)? {
            taken.push(self.take_file(&file).await?);
        }
        Ok(taken)
    }

    async fn addressees(&self, names: &[String]) -> Result<Vec<Addressee>, HomeError> {
        let (organisation, own) = (SyncHome::organisation(self), self.seed()?.id());
        let own = firn_ledger::bytes::PublicKey(*own.as_bytes());
        let all = self.on_store(move |store| carry::addressees(store, &organisation, &own)).await??;
        if names.is_empty() {
            return Ok(all);
        }
        let mut chosen: Vec<Addressee> = Vec::new();
        for name in names {
            let log = self.app.device_named(name).await?;
            let revoked = PeerError::Revoked { whose: Whose::Theirs };
            let endpoint = all.iter().find(|one| one.log == log).ok_or(revoked)?.endpoint;
            let more = all.iter().filter(|one| one.endpoint == endpoint && !chosen.contains(one)).cloned();
            chosen.extend(more.collect::<Vec<_>>());
        }
        Ok(chosen)
    }

    async fn take_file(&self, file: &Path) -> Result<Incoming, HomeError> {
        let opened = File::open(file).map_err(failed)?;
        match carry::take_in(self, &self.seed()?, opened).await {
            Ok(taken) => self.taken(file, taken).await,
            Err(error) => Ok(Incoming {
                file: file.into(),
                writer: None,
                report: PeerReport::default(),
                failure: Some(error.into()),
            }),
        }
    }

    /// What follows a file as it follows a conversation, wherever it ended.
    async fn taken(&self, file: &Path, taken: Taken) -> Result<Incoming, HomeError> {
        let host = self.app.host();
        host.after_sync().await?;
        let (organisation, log) = (SyncHome::organisation(self), taken.writer.log);
        let writer = self.on_store(move |store| {
            let membership = store.source().statements()?.fold(&organisation);
            Ok::<_, firn_ledger::error::LedgerError>(membership.member(&log).map(|one| one.enrolment.clone()))
        });
        let writer = writer.await??;
        if let Some(writer) = writer.as_ref().filter(|_| taken.report.summary.agreed) {
            self.app.note_synced(writer.endpoint, None).await?;
        }
        self.app.judge_waiting().await?;
        self.app.settle_vault().await?;
        let written = UtcMillis(taken.writer.written_ms);
        Ok(Incoming {
            file: file.into(),
            writer: writer.map(|writer| (writer.label, written)),
            report: PeerReport { undecided: self.undecided().await?, ..taken.report.into() },
            failure: taken.failure.map(HomeError::from),
        })
    }

    fn seed(&self) -> Result<EndpointSeed, HomeError> {
        Ok(self.app.host().keys().ok_or(HomeError::PassphraseNeeded)?.endpoint_seed())
    }
}

/// The name of a device's own file in a folder.
fn own_name(log: &LogId) -> String {
    let log: String = log.to_string().chars().take(12).collect();
    format!("{log}.{EXTENSION}")
}

fn carried_files(folder: &Path, own: &str) -> Result<Vec<PathBuf>, HomeError> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let carried = path.extension().is_some_and(|extension| extension == EXTENSION);
        if carried && path.file_name().is_some_and(|name| name != own) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    files.truncate(MOST_FILES);
    Ok(files)
}

/// A medium that is pulled out holds the old file, or the new one whole; gives its length.
fn put_in_place(begun: tempfile::NamedTempFile, file: &Path) -> std::io::Result<u64> {
    begun.as_file().sync_all()?;
    let bytes = begun.as_file().metadata()?.len();
    begun.persist(file)?;
    Ok(bytes)
}

/// Only a carried file gives way to another.
fn must_be_replaceable(file: &Path) -> Result<(), HomeError> {
    let mut beginning = Vec::new();
    match File::open(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
        Ok(file) => file.take(BEGINNING.len() as u64).read_to_end(&mut beginning).map_err(failed)?,
    };
    if beginning == BEGINNING { Ok(()) } else { Err(PeerError::from(CarryError::Exists).into()) }
}

fn failed(error: std::io::Error) -> HomeError {
    PeerError::from(CarryError::from(error)).into()
}
