//! `firn backup` and `firn restore`: a home as one sealed file, and back.

use crate::arguments::Global;
use crate::failure::{Exit, Failure};
use crate::opened;
use crate::output::Output;
use firn_host::LocalHost;
use serde_json::json;
use std::path::Path;

/// Writes a backup of the home.
pub fn backup(
    output: &mut Output,
    global: &Global,
    file: &Path,
    backup_passphrase: Option<&Path>,
) -> Result<Exit, Failure> {
    let path = opened::folder(global)?;
    // A missing home is told before a passphrase is asked for.
    drop(LocalHost::open_to_read(&path)?);
    let passphrase = opened::passphrase_of_home(global)?;
    let sealing = match backup_passphrase {
        None => firn_host::Sealing { passphrase: passphrase.clone(), cost: opened::cost(global) },
        file => opened::sealing_of_backup(global, file)?,
    };
    let made = firn_host::backup(&path, &passphrase, &sealing, file)?;
    let log = made.identity.log.to_string();
    let answer = json!({ "ok": true, "file": file.display().to_string(), "log": log, "size": made.size });
    output.answer(&answer, || {
        format!(
            "{}: this home up to entry {} of its log, with its vault and its sealed keys\nwhat is erased later stays in \
             this file: make a new one then, and destroy this",
            file.display(),
            made.size
        )
    })?;
    Ok(Exit::Success)
}

/// Makes a new home from a backup.
pub fn restore(
    output: &mut Output,
    global: &Global,
    file: &Path,
    backup_passphrase: Option<&Path>,
) -> Result<Exit, Failure> {
    let path = opened::folder(global)?;
    if path.join("format").exists() {
        return Err(firn_host::HomeError::Exists(path).into());
    }
    let passphrase = opened::passphrase_of_home(global)?;
    let of_backup = match backup_passphrase {
        None => passphrase.clone(),
        file => opened::sealing_of_backup(global, file)?.passphrase,
    };
    let restored = firn_host::restore(file, &of_backup, &path, &passphrase)?;
    let log = restored.identity.log.to_string();
    let home = path.display().to_string();
    let answer = json!({ "ok": true, "home": home, "log": log, "size": restored.size, "barred": "restored" });
    output.answer(&answer, || {
        format!(
            "{home}: restored and verified, {} entries of its own log\nnow sync with every peer, so that what was signed \
             and erased since comes in; then `firn home continue`",
            restored.size
        )
    })?;
    Ok(Exit::Success)
}
