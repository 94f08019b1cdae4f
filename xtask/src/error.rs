//! What can go wrong in a task, each with a stable code and a next step.
use std::{fmt, io, path::PathBuf, time::Duration};

/// Why a task stopped.
#[derive(Debug)]
pub enum Error {
    /// The command line is not one of ours.
    Usage(String),
    /// A program could not be started.
    NotStarted {
        /// Its name.
        program: String,
        /// What the system said.
        cause: io::Error,
    },
    /// A program ended with a failure.
    Failed {
        /// The command as one could type it.
        command: String,
        /// How it ended.
        status: String,
    },
    /// A program was still running when its time was over, and was stopped.
    TooSlow {
        /// The command as one could type it.
        command: String,
        /// How long it was given.
        given: Duration,
    },
    /// A file or folder could not be read or written.
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The machine lacks something and it was not installed.
    Missing {
        /// What is missing, for a person.
        what: String,
        /// The command or the words that put it right.
        remedy: String,
    },
    /// A task found what it looks for: something to put right in the tree.
    Unclean(String),
}

impl Error {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Usage(_) => "xtask/usage",
            Self::NotStarted { .. } => "xtask/not-started",
            Self::Failed { .. } => "xtask/failed",
            Self::TooSlow { .. } => "xtask/too-slow",
            Self::File { .. } => "xtask/file",
            Self::Missing { .. } => "xtask/missing",
            Self::Unclean(_) => "xtask/unclean",
        }
    }

    /// What to do about it.
    pub fn next_step(&self) -> String {
        match self {
            Self::Usage(_) => "`cargo xtask` alone lists the commands.".into(),
            Self::NotStarted { .. } => "`cargo xtask setup --check` says what this machine lacks.".into(),
            Self::Failed { .. } | Self::TooSlow { .. } => "What it printed above says why.".into(),
            Self::File { .. } => "Check that the folder is yours and that the disk is not full.".into(),
            Self::Missing { remedy, .. } => remedy.clone(),
            Self::Unclean(_) => "The lines above name each place.".into(),
        }
    }

    /// Names the file that an I/O error is about.
    pub fn at(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |cause| Self::File { path, cause }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(what) | Self::Unclean(what) => f.write_str(what),
            Self::NotStarted { program, cause } => write!(f, "`{program}` could not be started: {cause}"),
            Self::Failed { command, status } => write!(f, "`{command}` ended with {status}"),
            Self::TooSlow { command, given } => {
                write!(f, "`{command}` was stopped after {} s", given.as_secs())
            }
            Self::File { path, cause } => write!(f, "{}: {cause}", path.display()),
            Self::Missing { what, .. } => write!(f, "missing on this machine: {what}"),
        }
    }
}
