//! What can go wrong with a home, each with a stable code and a next step.

use std::path::PathBuf;

/// Why a home cannot be opened, made or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HomeError {
    /// There is no home in this folder.
    #[error("there is no Firn home in {0}")]
    Missing(PathBuf),
    /// A device began to join in this folder, and has no answer yet.
    #[error("a device began to join in {0}, and was cut off before it had its answer")]
    JoinBegun(PathBuf),
    /// The folder already holds a home.
    #[error("{0} already holds a Firn home")]
    Exists(PathBuf),
    /// The folder holds something else.
    #[error("{0} is not empty and holds no Firn home")]
    NotEmpty(PathBuf),
    /// Another process writes to this home.
    #[error("another process is writing to {0}")]
    InUse(PathBuf),
    /// A preview of Firn wrote this home or file, whose format was never frozen.
    #[error("a preview of Firn wrote {0}, in format v0")]
    Preview(PathBuf),
    /// A newer version of Firn wrote this home.
    #[error("the home in {path} has layout {found}; this version knows layouts up to {known}")]
    NewerVersion {
        /// The home.
        path: PathBuf,
        /// Its layout.
        found: u32,
        /// The newest layout known here.
        known: u32,
    },
    /// A file of the home is not what it should be.
    #[error("{path} is damaged: {cause}")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// The passphrase does not open the key file.
    #[error("the passphrase does not open {0}")]
    WrongPassphrase(PathBuf),
    /// The file of the organisation's root key is not in this home.
    #[error("the organisation's root key is not in this home")]
    RootAway,
    /// A backup that cannot be made or taken.
    #[error(transparent)]
    Backup(crate::backup::BackupError),
    /// Shares of a recovery sheet that do not restore the root.
    #[error(transparent)]
    Share(crate::recovery::ShareError),
    /// No passphrase was given.
    #[error("a passphrase is needed to use the keys of this home")]
    PassphraseNeeded,
    /// A key was given for a logger of which no address is known.
    #[error("no Bluetooth address of the logger `{0}` is known, and its adverts are told by it")]
    LoggerWithoutAddress(String),
    /// The disk is full or a limit on file sizes was reached.
    #[error("there is no space left for {0}")]
    Full(PathBuf),
    /// The operating system refused.
    #[error("{path}: {cause}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    NoRandomness(String),
    /// The thread that owns the store has ended.
    #[error("the store's thread has ended")]
    StoreClosed,
    /// The store itself.
    #[error(transparent)]
    Store(#[from] firn_ledger::error::LedgerError),
    /// A use case of the app.
    #[error(transparent)]
    App(#[from] firn_app::AppError),
    /// The network between peers.
    #[error(transparent)]
    Peer(#[from] firn_peer::error::PeerError),
}

impl HomeError {
    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            HomeError::Missing(_) => "home/missing",
            HomeError::JoinBegun(_) => "home/join-begun",
            HomeError::Exists(_) => "home/exists",
            HomeError::NotEmpty(_) => "home/not-empty",
            HomeError::InUse(_) => "home/in-use",
            HomeError::Preview(_) => "home/preview",
            HomeError::NewerVersion { .. } => "home/newer-version",
            HomeError::Corrupt { .. } => "home/corrupt",
            HomeError::WrongPassphrase(_) => "home/wrong-passphrase",
            HomeError::RootAway => "home/root-away",
            HomeError::Backup(error) => error.code(),
            HomeError::Share(error) => error.code(),
            HomeError::PassphraseNeeded => "home/passphrase-needed",
            HomeError::LoggerWithoutAddress(_) => "home/logger-without-address",
            HomeError::Full(_) => "home/full",
            HomeError::Io { .. } => "home/io",
            HomeError::NoRandomness(_) => "home/no-randomness",
            HomeError::StoreClosed => "home/store-closed",
            HomeError::Store(error) => error.code(),
            HomeError::App(error) => error.code(),
            HomeError::Peer(error) => error.code(),
        }
    }

    /// What a person can do about it.
    pub fn next_step(&self) -> &str {
        match self {
            HomeError::Missing(_) => "name another folder with --home, or make a home with `firn init`",
            HomeError::JoinBegun(_) => {
                "repeat the same `firn join` while the other device still invites, else join there with a new invitation; \
                 then an admin looks whether `firn device list` names the device twice, and revokes the one that never came"
            }
            HomeError::Exists(_) => "use it as it is, or name another folder with --home",
            HomeError::NotEmpty(_) => "name an empty or new folder with --home",
            HomeError::InUse(_) => "wait for the other command, or close the app that uses this home",
            HomeError::Preview(_) => {
                "keep it: nothing was changed, and the preview that wrote it still reads and exports it; for this release \
                 name another folder with --home"
            }
            HomeError::NewerVersion { .. } => "update Firn on this device; nothing was changed",
            HomeError::Corrupt { .. } => "keep the folder as it is and restore it from a backup or a peer",
            HomeError::WrongPassphrase(_) => "check the passphrase and try again; nothing was changed",
            HomeError::RootAway => {
                "use the device that founded the organisation, put its file `organisation-root` back into `keys`, or \
                 restore it from two shares with `firn root restore`"
            }
            HomeError::Backup(error) => error.next_step(),
            HomeError::Share(error) => error.next_step(),
            HomeError::PassphraseNeeded => "give --passphrase-file or FIRN_PASSPHRASE_FILE",
            HomeError::LoggerWithoutAddress(_) => "enrol the logger with --address",
            HomeError::Full(_) => "free some space and try again; what was stored is unchanged",
            HomeError::Io { .. } => "check that the folder exists and may be read and written",
            HomeError::NoRandomness(_) => "restart the system; keys cannot be made without random numbers",
            HomeError::StoreClosed => "close the app and open it again",
            HomeError::Store(error) => error.next_step(),
            HomeError::App(error) => error.next_step(),
            HomeError::Peer(error) => error.next_step(),
        }
    }

    /// An error of the operating system about `path`.
    pub(crate) fn io(path: impl Into<PathBuf>, cause: std::io::Error) -> Self {
        match cause.kind() {
            std::io::ErrorKind::StorageFull
            | std::io::ErrorKind::FileTooLarge
            | std::io::ErrorKind::QuotaExceeded => Self::Full(path.into()),
            _ => Self::Io { path: path.into(), cause },
        }
    }
}
