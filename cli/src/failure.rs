//! How a command fails: a stable code, a cause, a next step, and the exit status.

use clap::error::ErrorKind;
use serde::Serialize;

/// Why a command did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Always false, as in every refusal that `firn` prints as JSON.
    pub ok: bool,
    /// The stable code `room/what-happened`.
    #[serde(rename = "error")]
    pub code: String,
    /// What happened.
    #[serde(rename = "why")]
    pub cause: String,
    /// What to do next.
    pub next_step: String,
    /// Whether something was checked and found wanting, or could not be done at all.
    #[serde(skip)]
    pub exit: Exit,
}

/// The exit statuses of `firn`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Success = 0,
    /// Checked and found wanting.
    Wanting = 1,
    /// Bad usage or input.
    Unusable = 2,
}

impl Failure {
    /// A failure with exit status 2.
    pub fn new(code: &str, cause: impl Into<String>, next_step: &str) -> Self {
        Self {
            ok: false,
            code: code.into(),
            cause: cause.into(),
            next_step: next_step.into(),
            exit: Exit::Unusable,
        }
    }

    /// A file that cannot be read.
    pub fn unreadable(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::new(
            "cli/unreadable-file",
            format!("{}: {error}", path.display()),
            "check the path and that the file may be read",
        )
    }

    /// Arguments that cannot be read.
    pub fn arguments(error: &clap::Error) -> Self {
        let cause = match error.kind() {
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
                "a command is missing".into()
            }
            _ => {
                let told = error.render().to_string();
                // Without how it is used, and where to read of that: the next step says so.
                let told = ["\n\nUsage:", "\n\nFor more"]
                    .iter()
                    .fold(told.as_str(), |told, rest| told.split(rest).next().unwrap_or_default());
                let words: Vec<&str> = told.trim_start_matches("error: ").split_whitespace().collect();
                words.join(" ")
            }
        };
        Self::new("cli/arguments", cause, "look at what the command takes: the same with `--help`")
    }

    /// Standard input or output failed.
    pub fn stream(error: &std::io::Error) -> Self {
        Self::new("cli/stream", error.to_string(), "check where the input comes from and the output goes to")
    }
}

/// Makes a [`Failure`] of every error that has a code and a next step.
macro_rules! failures {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(error.code(), error.to_string(), error.next_step())
            }
        }
    )+};
}

failures! {
    firn_app::AppError,
    firn_ble::file::FileError,
    firn_ble::file::readings_csv::ReadingsCsvError,
    firn_ble::keys::KeyError,
    firn_ble::radio::DownloadError,
    firn_ble::radio::RadioError,
    firn_ble::replay::ReplayError,
    firn_host::HomeError,
    firn_ledger::error::LedgerError,
    firn_model::gs1::ScanError,
    firn_model::profile::ProfileError,
    firn_peer::error::PeerError,
    firn_report::ReportError,
}
