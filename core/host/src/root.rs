//! The organisation's root key: sealed in a file of its own, under a passphrase of its own if so wished, so
//! that it can be kept elsewhere.

use crate::HomeError;
use crate::home::Home;
use crate::sealed::{KdfCost, Passphrase, new_seed, open_sealed, seal};
use firn_ledger::key::SecretKey;
use zeroize::Zeroizing;

/// The sealed file; on the founding device until somebody takes it away.
const ROOT_KEY: &str = "organisation-root";

/// Draws the root's key and seals it.
pub(crate) fn make(home: &Home, passphrase: &Passphrase, cost: KdfCost) -> Result<SecretKey, HomeError> {
    let seed = new_seed()?;
    seal(&home.key_file(ROOT_KEY), ROOT_KEY, seed.as_ref(), passphrase, cost)?;
    Ok(SecretKey::from_seed(&seed))
}

/// Opens the root's key.
///
/// # Errors
/// `home/root-away` where the file is not here, `home/wrong-passphrase`, `home/corrupt`.
pub(crate) fn open(home: &Home, passphrase: &Passphrase) -> Result<SecretKey, HomeError> {
    let path = home.key_file(ROOT_KEY);
    if !path.exists() {
        return Err(HomeError::RootAway);
    }
    let seed = open_sealed(&path, ROOT_KEY, passphrase)?;
    let seed = <[u8; 32]>::try_from(seed.as_slice()).map(Zeroizing::new);
    let seed = seed.map_err(|_| HomeError::Corrupt { path, cause: "not a key".into() })?;
    Ok(SecretKey::from_seed(&seed))
}
