//! The keys of a device, sealed in its home.

use crate::HomeError;
use crate::home::Home;
use crate::sealed::{KdfCost, KeyStoreSecret, Passphrase, new_seed, open_sealed, seal, seal_anew};
use firn_ledger::key::{SecretKey, Signer};
use firn_peer::endpoint::EndpointSeed;
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The sealed file of the device's signing key and of its network endpoint's key.
const DEVICE_KEYS: &str = "device";

/// The same of the keys with which the device goes on, until its new log is founded. Its purpose is theirs.
const NEXT_KEYS: &str = "device-next";

/// How a home's secrets are sealed.
#[derive(Clone)]
pub struct Sealing {
    /// The passphrase.
    pub passphrase: Passphrase,
    /// How much a guess costs.
    pub cost: KdfCost,
}

/// The two keys of a device.
#[derive(Clone)]
pub struct DeviceKeys {
    /// Signs the device's log.
    pub signing: Arc<SecretKey>,
    /// The seed of the network endpoint's key.
    pub endpoint: Zeroizing<[u8; 32]>,
    /// What the keys of people on this device are wrapped with beside their PINs.
    pub(crate) store: KeyStoreSecret,
    /// How much a guess at a PIN costs in keys that are made from now on: what one at the passphrase does.
    pub(crate) cost: KdfCost,
}

impl std::fmt::Debug for DeviceKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceKeys").field("signing", &self.signing).finish_non_exhaustive()
    }
}

impl DeviceKeys {
    /// Makes both and seals them in a new home.
    pub(crate) fn make(home: &Home, sealing: &Sealing) -> Result<Self, HomeError> {
        let (signing, endpoint) = (new_seed()?, new_seed()?);
        let both = Zeroizing::new([signing.as_slice(), endpoint.as_slice()].concat());
        seal(&home.key_file(DEVICE_KEYS), DEVICE_KEYS, &both, &sealing.passphrase, sealing.cost)?;
        let store = KeyStoreSecret::of(&signing)?;
        Ok(Self { signing: Arc::new(SecretKey::from_seed(&signing)), endpoint, store, cost: sealing.cost })
    }

    /// Opens those of a home.
    pub(crate) fn open(home: &Home, passphrase: &Passphrase) -> Result<Self, HomeError> {
        Self::open_file(&home.key_file(DEVICE_KEYS), passphrase)
    }

    /// Opens those of a home that was begun, where it came so far.
    pub(crate) fn open_begun(home: &Home, passphrase: &Passphrase) -> Result<Option<Self>, HomeError> {
        let path = home.key_file(DEVICE_KEYS);
        if path.exists() { Self::open_file(&path, passphrase).map(Some) } else { Ok(None) }
    }

    /// Seals another signing key, with all else as it is, in the file of the keys to come.
    pub(crate) fn renew(&self, home: &Home, sealing: &Sealing) -> Result<Self, HomeError> {
        let signing = new_seed()?;
        let all = [signing.as_slice(), self.endpoint.as_slice(), self.store.bytes()];
        let path = home.key_file(NEXT_KEYS);
        seal_anew(&path, DEVICE_KEYS, &Zeroizing::new(all.concat()), &sealing.passphrase, sealing.cost)?;
        let (endpoint, store) = (self.endpoint.clone(), self.store.clone());
        Ok(Self { signing: Arc::new(SecretKey::from_seed(&signing)), endpoint, store, cost: sealing.cost })
    }

    /// Opens the keys to come, where there are any.
    pub(crate) fn open_next(home: &Home, passphrase: &Passphrase) -> Result<Option<Self>, HomeError> {
        let path = home.key_file(NEXT_KEYS);
        if path.exists() { Self::open_file(&path, passphrase).map(Some) } else { Ok(None) }
    }

    /// Puts the keys to come in the place of those of before, which are gone then.
    pub(crate) fn take_next(home: &Home) -> Result<(), HomeError> {
        let path = home.key_file(DEVICE_KEYS);
        std::fs::rename(home.key_file(NEXT_KEYS), &path).map_err(|error| HomeError::io(path, error))
    }

    /// Gives the keys to come up.
    pub(crate) fn drop_next(home: &Home) -> Result<(), HomeError> {
        let path = home.key_file(NEXT_KEYS);
        std::fs::remove_file(&path).map_err(|error| HomeError::io(path, error))
    }

    fn open_file(path: &Path, passphrase: &Passphrase) -> Result<Self, HomeError> {
        let all = open_sealed(path, DEVICE_KEYS, passphrase)?;
        let mut seeds = all.chunks(32).map(|one| <[u8; 32]>::try_from(one).map(Zeroizing::new).ok());
        let (signing, endpoint, store) = (seeds.next().flatten(), seeds.next().flatten(), seeds.next());
        let (Some(signing), Some(endpoint), None) = (signing, endpoint, seeds.next()) else {
            return Err(HomeError::Corrupt { path: path.into(), cause: "not two or three keys".into() });
        };
        let store = match store {
            // The first key's own: what it has wrapped since stays wrapped when the key is renewed.
            None => KeyStoreSecret::of(&signing)?,
            Some(Some(secret)) => KeyStoreSecret::from_bytes(secret),
            Some(None) => {
                return Err(HomeError::Corrupt {
                    path: path.into(),
                    cause: "a key of another length".into(),
                });
            }
        };
        let cost = crate::sealed::cost_of(path)?;
        Ok(Self { signing: Arc::new(SecretKey::from_seed(&signing)), endpoint, store, cost })
    }

    /// The public key of the device's log.
    pub(crate) fn signing_key(&self) -> firn_ledger::bytes::PublicKey {
        self.signing.public_key()
    }

    /// The seed of the network endpoint, as the network takes it.
    pub fn endpoint_seed(&self) -> EndpointSeed {
        EndpointSeed::new(*self.endpoint)
    }

    /// The network endpoint's public key.
    pub fn endpoint_key(&self) -> firn_ledger::bytes::PublicKey {
        SecretKey::from_seed(&self.endpoint).public_key()
    }
}
