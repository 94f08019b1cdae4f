//! Opening the home that the command line names, with its secrets.

use crate::arguments::{Cost, Global};
use crate::failure::Failure;
use firn_app::{App, AppError, EnrolmentCode, Pin};
use firn_host::{HomeError, KdfCost, LocalHost, Passphrase, Sealing};
use std::future::Future;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The app on the home that `global` names, to read and write with its keys; with the person of `--as`
/// signing as well.
pub fn to_write(global: &Global) -> Result<App<LocalHost>, Failure> {
    to_write_and_seal(global).map(|(app, _)| app)
}

/// The same, with how its secrets are sealed, for one more.
pub fn to_write_and_seal(global: &Global) -> Result<(App<LocalHost>, Sealing), Failure> {
    let (app, sealing) = by_device(global)?;
    Ok((signed_in(global, app)?, sealing))
}

/// The same, with nobody signing: for a person's key here, of whose PIN `--pin-file` tells then.
pub fn by_device(global: &Global) -> Result<(App<LocalHost>, Sealing), Failure> {
    let path = folder(global)?;
    // A missing home is told before a passphrase is asked for.
    drop(LocalHost::open_to_read(&path)?);
    let sealing = Sealing { passphrase: passphrase_of_home(global)?, cost: cost(global) };
    let host = LocalHost::open(&path, &sealing.passphrase)?;
    Ok((App::new(Arc::new(host)), sealing))
}

/// The command line always gives both, person and PIN (21 CFR 11.200(a)(1)).
fn signed_in(global: &Global, app: App<LocalHost>) -> Result<App<LocalHost>, Failure> {
    let Some(name) = &global.person else { return Ok(app) };
    let person = wait(app.person(name))??;
    let acting = wait(app.sign_in(person.id, pin(global)?))??;
    Ok(app.acting(acting))
}

/// The PIN: its file, else a prompt where somebody can answer it.
pub fn pin(global: &Global) -> Result<Pin, Failure> {
    pin_of(global.pin_file.as_deref(), "PIN: ", "give --pin-file or FIRN_PIN_FILE")
}

/// The PIN of a new key: its file; else that of `--pin-file`, unless it is that of who signs; else a prompt.
pub fn new_pin(global: &Global, file: Option<&Path>) -> Result<Pin, Failure> {
    let file = match (file, &global.person) {
        (None, None) => global.pin_file.as_deref(),
        (file, _) => file,
    };
    let pin = pin_of(file, "New PIN: ", "give --new-pin-file")?;
    pin.check()?;
    Ok(pin)
}

/// The code by which an admin enrolled a person: its file, else a prompt.
pub fn code(file: Option<&Path>) -> Result<EnrolmentCode, Failure> {
    let typed = secret_of(file, "Code: ", || {
        Failure::new(
            "cli/code-needed",
            "the code by which an admin enrolled the person is needed",
            "give --code-file",
        )
    })?;
    Ok(EnrolmentCode::parse(typed.text())?)
}

/// The PIN that takes the place of that of `--pin-file`.
pub fn changed_pin(file: Option<&Path>) -> Result<Pin, Failure> {
    let pin = pin_of(file, "New PIN: ", "give --new-pin-file")?;
    pin.check()?;
    Ok(pin)
}

fn pin_of(file: Option<&Path>, prompt: &str, needed: &str) -> Result<Pin, Failure> {
    secret_of(file, prompt, || Failure::new("cli/pin-needed", "a PIN is needed to sign as a person", needed))
}

/// The first line of a file, else what is typed at a prompt.
fn secret_of(file: Option<&Path>, prompt: &str, needed: impl FnOnce() -> Failure) -> Result<Pin, Failure> {
    match file {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| Failure::unreadable(path, &error))?;
            Ok(Pin::new(text.lines().next().unwrap_or_default()))
        }
        None if std::io::stdin().is_terminal() => {
            let text = rpassword::prompt_password(prompt).map_err(|error| Failure::stream(&error))?;
            Ok(Pin::new(&text))
        }
        None => Err(needed()),
    }
}

/// The app on the home that `global` names, to read.
pub fn to_read(global: &Global) -> Result<App<LocalHost>, Failure> {
    Ok(App::new(Arc::new(LocalHost::open_to_read(&folder(global)?)?)))
}

/// The same, with the key of its vault.
pub fn to_look(global: &Global) -> Result<App<LocalHost>, Failure> {
    let passphrase = passphrase_of_home(global)?;
    Ok(App::new(Arc::new(LocalHost::open_to_look(&folder(global)?, &passphrase)?)))
}

/// Runs a use case to its end.
pub fn wait<F: Future>(future: F) -> Result<F::Output, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::stream(&error))?;
    Ok(runtime.block_on(future))
}

/// The data folder: `--home`, else `FIRN_HOME`, else this user's.
pub fn folder(global: &Global) -> Result<PathBuf, Failure> {
    if let Some(home) = &global.home {
        return Ok(home.clone());
    }
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = if cfg!(windows) {
        variable("APPDATA")
    } else if cfg!(target_os = "macos") {
        variable("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        variable("XDG_DATA_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/share")))
    };
    base.map(|base| base.join("firn")).ok_or_else(|| {
        Failure::new("cli/no-home", "this user has no data folder", "name a folder with --home or FIRN_HOME")
    })
}

/// How a new home's secrets are sealed.
pub fn sealing(global: &Global) -> Result<Sealing, Failure> {
    Ok(Sealing { passphrase: passphrase(global, "New passphrase: ")?, cost: cost(global) })
}

/// How a backup is sealed: under a passphrase of its own, else under that of the home.
pub fn sealing_of_backup(global: &Global, file: Option<&Path>) -> Result<Sealing, Failure> {
    let passphrase = match file {
        Some(_) => read_passphrase(file, "Passphrase of the backup: ")?,
        None => passphrase_of_home(global)?,
    };
    Ok(Sealing { passphrase, cost: cost(global) })
}

/// How the organisation's root is sealed: under a passphrase of its own, else under that of the home.
pub fn sealing_of_root(global: &Global, file: Option<&Path>) -> Result<Sealing, Failure> {
    Ok(Sealing { passphrase: passphrase_of_root(global, file)?, cost: cost(global) })
}

/// How much a guess costs.
pub fn cost(global: &Global) -> KdfCost {
    match global.kdf_cost {
        Cost::Standard => KdfCost::Standard,
        Cost::Low => KdfCost::Low,
    }
}

/// The passphrase of a home that is there.
pub fn passphrase_of_home(global: &Global) -> Result<Passphrase, Failure> {
    passphrase(global, "Passphrase: ")
}

/// The passphrase of the organisation's root: its own file, else that of the home.
pub fn passphrase_of_root(global: &Global, file: Option<&Path>) -> Result<Passphrase, Failure> {
    match file {
        Some(_) => read_passphrase(file, "Passphrase of the root: "),
        None => passphrase_of_home(global),
    }
}

fn passphrase(global: &Global, prompt: &str) -> Result<Passphrase, Failure> {
    read_passphrase(global.passphrase_file.as_deref(), prompt)
}

/// Says it as an admin does, and where that asks for the root's key, again with it open.
pub async fn with_root_if_needed<T>(
    app: &App<LocalHost>,
    global: &Global,
    root_passphrase: Option<&Path>,
    say: impl AsyncFn() -> Result<T, AppError>,
) -> Result<T, Failure> {
    match say().await {
        // What no role gives may be said in the root's name, wherever its key lies.
        Err(error @ (AppError::RootNeeded | AppError::RoleMayNot)) => {
            if matches!(error, AppError::RoleMayNot) && !app.host().has_root() {
                return Err(error.into());
            }
            app.host().open_root(&passphrase_of_root(global, root_passphrase)?)?;
            Ok(say().await?)
        }
        said => Ok(said?),
    }
}

/// A passphrase: from its file, else at a prompt where somebody can answer it.
fn read_passphrase(file: Option<&Path>, prompt: &str) -> Result<Passphrase, Failure> {
    let text = match file {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| Failure::unreadable(path, &error))?;
            text.lines().next().unwrap_or_default().to_owned()
        }
        None if std::io::stdin().is_terminal() => {
            rpassword::prompt_password(prompt).map_err(|error| Failure::stream(&error))?
        }
        None => return Err(HomeError::PassphraseNeeded.into()),
    };
    Passphrase::new(&text).ok_or_else(|| {
        Failure::new(
            "cli/empty-passphrase",
            "the passphrase is empty",
            "give a passphrase of at least one character",
        )
    })
}
