//! The organisation's root key: sealed in a file of its own, under a passphrase of its own if so wished, so
//! that it can be kept elsewhere; and its recovery sheet.

use crate::home::{Access, Home};
use crate::recovery::{self, RecoverySheet, Seed, ShareError};
use crate::sealed::{KdfCost, Passphrase, new_seed, open_sealed, seal, seal_anew};
use crate::{HomeError, identity, random_array};
use firn_ledger::bytes::OrganisationId;
use firn_ledger::key::{SecretKey, Signer};
use std::path::Path;
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
    Ok(SecretKey::from_seed(&*open_seed(home, passphrase)?))
}

/// Whether the root's key lies in a home.
pub(crate) fn is_in(home: &Home) -> bool {
    home.key_file(ROOT_KEY).exists()
}

fn open_seed(home: &Home, passphrase: &Passphrase) -> Result<Seed, HomeError> {
    let path = home.key_file(ROOT_KEY);
    if !is_in(home) {
        return Err(HomeError::RootAway);
    }
    let seed = open_sealed(&path, ROOT_KEY, passphrase)?;
    let seed = <[u8; 32]>::try_from(seed.as_slice()).map(Zeroizing::new);
    seed.map_err(|_| HomeError::Corrupt { path, cause: "not a key".into() })
}

/// Whether the seed is that of the organisation's root: the organisation's id is the hash of its public key.
fn is_root_of(seed: &Seed, organisation: &OrganisationId) -> bool {
    OrganisationId::of(&SecretKey::from_seed(seed).public_key()) == *organisation
}

/// Makes a new recovery sheet of the root's key in the home at `path`; earlier sheets stay good.
///
/// # Errors
/// `home/root-away`, `home/wrong-passphrase`, `home/corrupt`, `home/no-randomness`, and those of opening a home
/// to read.
pub fn recovery_sheet(path: &Path, passphrase: &Passphrase) -> Result<RecoverySheet, HomeError> {
    let home = Home::open(path, Access::Read)?;
    let organisation = identity::read(&home)?.organisation;
    let seed = open_seed(&home, passphrase)?;
    if !is_root_of(&seed, &organisation) {
        let path = home.key_file(ROOT_KEY);
        return Err(HomeError::Corrupt { path, cause: "not the root of this home's organisation".into() });
    }
    Ok(recovery::split(&seed, organisation, random_array()?, &new_seed()?))
}

/// Restores the root's key from two typed shares into the home at `path`, sealed under `passphrase`, in place
/// of a file that may be there. Whatever is refused changes nothing.
///
/// # Errors
/// `home/share-…`, which says what is wrong with which of the two; those of opening a home to write,
/// `home/full`, `home/io`.
pub fn restore_root(
    path: &Path,
    shares: [&str; 2],
    passphrase: &Passphrase,
    cost: KdfCost,
) -> Result<(), HomeError> {
    let home = Home::open(path, Access::Write)?;
    let organisation = identity::read(&home)?.organisation;
    let seed = recovery::join(shares, &organisation)?;
    if !is_root_of(&seed, &organisation) {
        return Err(ShareError::Wrong.into());
    }
    seal_anew(&home.key_file(ROOT_KEY), ROOT_KEY, seed.as_ref(), passphrase, cost)
}
