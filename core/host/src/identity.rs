//! The open file of a home that says who its device is.

use crate::HomeError;
use crate::home::Home;
use data_encoding::HEXLOWER;
use firn_app::Identity;
use serde::{Deserialize, Serialize};

/// The file.
const IDENTITY: &str = "identity";

/// The identity file: both ids in lower-case hexadecimal.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentityFile {
    organisation: String,
    log: String,
}

/// Writes it, in place of an earlier one.
pub(crate) fn write(home: &Home, identity: &Identity) -> Result<(), HomeError> {
    let path = home.key_file(IDENTITY);
    let file = IdentityFile {
        organisation: HEXLOWER.encode(&identity.organisation.0),
        log: HEXLOWER.encode(&identity.log.0),
    };
    let text = serde_json::to_string_pretty(&file)
        .map_err(|error| HomeError::Corrupt { path: path.clone(), cause: error.to_string() })?;
    crate::sealed::write_anew(&path, text.as_bytes())
}

/// Reads it.
pub(crate) fn read(home: &Home) -> Result<Identity, HomeError> {
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
