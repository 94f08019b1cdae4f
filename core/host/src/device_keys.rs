//! The keys of a device, sealed in its home.

use crate::HomeError;
use crate::home::Home;
use crate::sealed::{KdfCost, KeyStoreSecret, Passphrase, new_seed, open_sealed, seal};
use firn_ledger::key::{SecretKey, Signer};
use firn_peer::endpoint::EndpointSeed;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The sealed file of the device's signing key and of its network endpoint's key.
const DEVICE_KEYS: &str = "device";

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
        let path = home.key_file(DEVICE_KEYS);
        let both = open_sealed(&path, DEVICE_KEYS, passphrase)?;
        let seeds = both.split_first_chunk::<32>().and_then(|(signing, rest)| {
            Some((Zeroizing::new(*signing), Zeroizing::new(<[u8; 32]>::try_from(rest).ok()?)))
        });
        let Some((signing, endpoint)) = seeds else {
            return Err(HomeError::Corrupt { path, cause: "not two keys".into() });
        };
        let (store, cost) = (KeyStoreSecret::of(&signing)?, crate::sealed::cost_of(&path)?);
        Ok(Self { signing: Arc::new(SecretKey::from_seed(&signing)), endpoint, store, cost })
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
