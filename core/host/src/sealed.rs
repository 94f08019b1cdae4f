//! Secrets sealed in a file under a passphrase: argon2id (RFC 9106) and ChaCha20-Poly1305 (RFC 8439).

use crate::{HomeError, random, random_array};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use data_encoding::BASE64;
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::io::Write;
use std::path::Path;
use zeroize::Zeroizing;

/// A passphrase, wiped from memory when dropped.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes a passphrase without its line end; an empty one is none.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim_end_matches(['\r', '\n']);
        (!text.is_empty()).then(|| Self(Zeroizing::new(text.to_owned())))
    }
}

/// What only this device's key store knows: with it alone a PIN can be tried.
#[derive(Clone)]
pub(crate) struct KeyStoreSecret(Zeroizing<[u8; 32]>);

impl KeyStoreSecret {
    /// The one that comes with a device's signing seed, which the passphrase of the home seals.
    pub(crate) fn of(signing_seed: &[u8; 32]) -> Result<Self, HomeError> {
        let mut secret = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, signing_seed)
            .expand(STORE_SECRET, secret.as_mut())
            .map_err(|error| HomeError::NoRandomness(error.to_string()))?;
        Ok(Self(secret))
    }
}

impl KeyStoreSecret {
    /// One that was kept apart from the signing seed it came with.
    pub(crate) fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// What only this key store can have said of `text`: HKDF-Expand (RFC 5869) is HMAC-SHA-256 here.
    pub(crate) fn mac(&self, domain: &[u8], text: &str) -> Result<[u8; 32], HomeError> {
        let no_randomness = |error: hkdf::InvalidLength| HomeError::NoRandomness(error.to_string());
        let (mut key, mut mac) = (Zeroizing::new([0; 32]), [0; 32]);
        Hkdf::<Sha256>::new(None, self.0.as_ref()).expand(domain, key.as_mut()).map_err(no_randomness)?;
        Hkdf::<Sha256>::new(None, key.as_ref()).expand(text.as_bytes(), &mut mac).map_err(no_randomness)?;
        Ok(mac)
    }

    /// The key that wraps the keys of the vault's subjects, by HKDF-SHA256 (RFC 5869).
    pub(crate) fn vault_key(&self) -> Result<Zeroizing<[u8; 32]>, HomeError> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, self.0.as_ref())
            .expand(VAULT_KEY, key.as_mut())
            .map_err(|error| HomeError::NoRandomness(error.to_string()))?;
        Ok(key)
    }
}

/// HKDF's info for the key of the vault.
const VAULT_KEY: &[u8] = b"firn vault v1";
/// HKDF's info for the secret of a key store that is a sealed file.
const STORE_SECRET: &[u8] = b"firn key store secret v1";
/// HKDF's info for a key that wraps a person's.
const WRAPPING: &[u8] = b"firn person key v1";

/// How a sealed file says that its key is argon2id's.
const BY_PASSPHRASE: &str = "argon2id";
/// The same, with a key store's secret.
const BY_STORE_AND_PASSPHRASE: &str = "argon2id+hkdf-sha256";

/// The kdf that goes with a key store's secret, or without.
fn kdf(store: Option<&KeyStoreSecret>) -> &'static str {
    if store.is_some() { BY_STORE_AND_PASSPHRASE } else { BY_PASSPHRASE }
}

/// How much work a guess at a passphrase costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KdfCost {
    /// RFC 9106 §4, second recommended option: 64 MiB, 3 passes, 4 lanes.
    Standard,
    /// As little as argon2id allows; for tests only.
    Low,
}

impl KdfCost {
    fn params(self) -> (u32, u32, u32) {
        match self {
            KdfCost::Standard => (65_536, 3, 4),
            KdfCost::Low => (8, 1, 1),
        }
    }
}

/// argon2id's parameters, as a sealed file names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WorkFactor {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl From<KdfCost> for WorkFactor {
    fn from(cost: KdfCost) -> Self {
        let (memory_kib, passes, lanes) = cost.params();
        Self { memory_kib, passes, lanes }
    }
}

/// What argon2id makes of a passphrase; refused where that would cost more than any release of Firn sets.
pub(crate) fn passphrase_key(
    passphrase: &Passphrase,
    work: WorkFactor,
    salt: &[u8],
) -> Result<Zeroizing<[u8; 32]>, String> {
    if work.memory_kib > MOST_MEMORY_KIB || work.passes > 64 || work.lanes > 64 {
        return Err("it asks for more work than any release of Firn sets".into());
    }
    let params =
        Params::new(work.memory_kib, work.passes, work.lanes, Some(32)).map_err(|e| e.to_string())?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.0.as_bytes(), salt, key.as_mut())
        .map_err(|e| e.to_string())?;
    Ok(key)
}

/// The most memory a key file may ask for, in KiB: a damaged one must not exhaust the machine.
const MOST_MEMORY_KIB: u32 = 1 << 20;

/// The layout of a key file.
const LAYOUT: u32 = 1;
/// That of the preview, which was never frozen.
const PREVIEW_LAYOUT: u32 = 0;

/// What a key file holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SealedFile {
    /// The layout.
    firn_sealed: u32,
    kdf: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    nonce: String,
    ciphertext: String,
}

/// Binds a secret to the file's purpose and parameters.
fn associated_data(purpose: &str, file: &SealedFile) -> String {
    format!("firn sealed v1\n{purpose}\n{} {} {} {}", file.kdf, file.memory_kib, file.passes, file.lanes)
}

/// Derives the key; with a key store's secret by HKDF-SHA256 (RFC 5869) over that secret and what argon2id
/// made of the passphrase, so that neither opens the file alone.
fn derive(
    passphrase: &Passphrase,
    file: &SealedFile,
    salt: &[u8],
    store: Option<&KeyStoreSecret>,
) -> Result<Zeroizing<[u8; 32]>, String> {
    let work = WorkFactor { memory_kib: file.memory_kib, passes: file.passes, lanes: file.lanes };
    let key = passphrase_key(passphrase, work, salt)?;
    let Some(store) = store else { return Ok(key) };
    let both = Zeroizing::new([store.0.as_slice(), key.as_slice()].concat());
    let mut wrapping = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(salt), &both).expand(WRAPPING, wrapping.as_mut()).map_err(|e| e.to_string())?;
    Ok(wrapping)
}

/// Writes `secret` into a new file that only its owner may read; `purpose` names what it is for.
pub fn seal(
    path: &Path,
    purpose: &str,
    secret: &[u8],
    passphrase: &Passphrase,
    cost: KdfCost,
) -> Result<(), HomeError> {
    seal_with(path, purpose, secret, (passphrase, None), cost)
}

/// The same, under a key store's secret as well where one is given.
pub(crate) fn seal_with(
    path: &Path,
    purpose: &str,
    secret: &[u8],
    (passphrase, store): (&Passphrase, Option<&KeyStoreSecret>),
    cost: KdfCost,
) -> Result<(), HomeError> {
    let (salt, nonce): ([u8; 16], [u8; 12]) = (random_array()?, random_array()?);
    let (memory_kib, passes, lanes) = cost.params();
    let mut file = SealedFile {
        firn_sealed: LAYOUT,
        kdf: kdf(store).into(),
        memory_kib,
        passes,
        lanes,
        salt: BASE64.encode(&salt),
        nonce: BASE64.encode(&nonce),
        ciphertext: String::new(),
    };
    let corrupt = |cause: String| HomeError::Corrupt { path: path.into(), cause };
    let key = derive(passphrase, &file, &salt, store).map_err(corrupt)?;
    let aad = associated_data(purpose, &file);
    let ciphertext = ChaCha20Poly1305::new(&Key::from(*key))
        .encrypt(&Nonce::from(nonce), Payload { msg: secret, aad: aad.as_bytes() })
        .map_err(|error| corrupt(error.to_string()))?;
    file.ciphertext = BASE64.encode(&ciphertext);
    let text = serde_json::to_string_pretty(&file).map_err(|error| corrupt(error.to_string()))?;
    write_new(path, text.as_bytes())
}

/// Writes `secret` in place of the sealed file at `path`, which stands whole, old or new, at any moment.
pub(crate) fn seal_anew(
    path: &Path,
    purpose: &str,
    secret: &[u8],
    passphrase: &Passphrase,
    cost: KdfCost,
) -> Result<(), HomeError> {
    seal_anew_with(path, purpose, secret, (passphrase, None), cost)
}

/// The same, under a key store's secret as well where one is given.
pub(crate) fn seal_anew_with(
    path: &Path,
    purpose: &str,
    secret: &[u8],
    by: (&Passphrase, Option<&KeyStoreSecret>),
    cost: KdfCost,
) -> Result<(), HomeError> {
    let beside = path.with_extension("new");
    match std::fs::remove_file(&beside) {
        // Left there by a power cut.
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(HomeError::io(&beside, error));
        }
        _ => {}
    }
    seal_with(&beside, purpose, secret, by, cost)?;
    std::fs::rename(&beside, path).map_err(|error| HomeError::io(path, error))
}

/// Opens a sealed file.
pub fn open_sealed(
    path: &Path,
    purpose: &str,
    passphrase: &Passphrase,
) -> Result<Zeroizing<Vec<u8>>, HomeError> {
    open_with(path, purpose, (passphrase, None))
}

/// The same, of a file that a key store's secret seals as well where one is given.
pub(crate) fn open_with(
    path: &Path,
    purpose: &str,
    (passphrase, store): (&Passphrase, Option<&KeyStoreSecret>),
) -> Result<Zeroizing<Vec<u8>>, HomeError> {
    let corrupt = |cause: String| HomeError::Corrupt { path: path.into(), cause };
    let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidData => corrupt("not text".into()),
        _ => HomeError::io(path, error),
    })?;
    let file: SealedFile = serde_json::from_str(&text).map_err(|error| corrupt(error.to_string()))?;
    if file.firn_sealed == PREVIEW_LAYOUT {
        return Err(HomeError::Preview(path.into()));
    }
    if file.firn_sealed != LAYOUT || file.kdf != kdf(store) {
        return Err(corrupt("an unknown kind of sealed file".into()));
    }
    let bytes = |text: &str| BASE64.decode(text.as_bytes()).map_err(|error| corrupt(error.to_string()));
    let nonce: [u8; 12] =
        bytes(&file.nonce)?.try_into().map_err(|_| corrupt("a nonce of another length".into()))?;
    let key = derive(passphrase, &file, &bytes(&file.salt)?, store).map_err(corrupt)?;
    let aad = associated_data(purpose, &file);
    ChaCha20Poly1305::new(&Key::from(*key))
        .decrypt(&Nonce::from(nonce), Payload { msg: &bytes(&file.ciphertext)?, aad: aad.as_bytes() })
        .map(Zeroizing::new)
        .map_err(|_| HomeError::WrongPassphrase(path.into()))
}

/// How much a guess at the passphrase of this file costs.
pub(crate) fn cost_of(path: &Path) -> Result<KdfCost, HomeError> {
    let corrupt = |cause: String| HomeError::Corrupt { path: path.into(), cause };
    let text = std::fs::read_to_string(path).map_err(|error| HomeError::io(path, error))?;
    let file: SealedFile = serde_json::from_str(&text).map_err(|error| corrupt(error.to_string()))?;
    let low = (file.memory_kib, file.passes, file.lanes) == KdfCost::Low.params();
    Ok(if low { KdfCost::Low } else { KdfCost::Standard })
}

/// Writes a file that must not exist yet, readable by its owner alone, and waits until it is on disk.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), HomeError> {
    let mut file = create_private_file(path)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| HomeError::io(path, error))
}

/// Makes a file that must not exist yet, readable by its owner alone.
pub(crate) fn create_private_file(path: &Path) -> Result<std::fs::File, HomeError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| HomeError::io(path, error))
}

/// Writes a file that stands whole, old or new, at any moment.
pub(crate) fn write_anew(path: &Path, bytes: &[u8]) -> Result<(), HomeError> {
    let beside = path.with_extension("new");
    match std::fs::remove_file(&beside) {
        // Left there by a power cut.
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(HomeError::io(&beside, error));
        }
        _ => {}
    }
    write_new(&beside, bytes)?;
    std::fs::rename(&beside, path).map_err(|error| HomeError::io(path, error))
}

/// Makes a new ed25519 seed.
pub(crate) fn new_seed() -> Result<Zeroizing<[u8; 32]>, HomeError> {
    let mut seed = Zeroizing::new([0; 32]);
    random(seed.as_mut())?;
    Ok(seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(text).unwrap()
    }

    #[test]
    fn a_sealed_secret_opens_with_its_passphrase_and_purpose_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("device");
        seal(&path, "device", b"secret", &passphrase("right\n"), KdfCost::Low).unwrap();
        assert_eq!(&open_sealed(&path, "device", &passphrase("right")).unwrap()[..], b"secret");
        for (purpose, text) in [("device", "wrong"), ("root", "right")] {
            let refused = open_sealed(&path, purpose, &passphrase(text)).unwrap_err();
            assert_eq!(refused.code(), "home/wrong-passphrase");
        }
        assert!(!std::fs::read(&path).unwrap().windows(6).any(|window| window == b"secret"));
    }

    #[test]
    fn a_persons_key_opens_with_both_the_pin_and_this_devices_key_store() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("person");
        let (here, elsewhere) =
            (KeyStoreSecret::of(&[1; 32]).unwrap(), KeyStoreSecret::of(&[2; 32]).unwrap());
        let pin = passphrase("eleven herons");
        seal_with(&path, "person", b"secret", (&pin, Some(&here)), KdfCost::Low).unwrap();
        assert_eq!(&open_with(&path, "person", (&pin, Some(&here))).unwrap()[..], b"secret");
        let code =
            |pin: &Passphrase, store| open_with(&path, "person", (pin, store)).unwrap_err().code().to_owned();
        assert_eq!(code(&pin, Some(&elsewhere)), "home/wrong-passphrase");
        assert_eq!(code(&passphrase("twelve herons"), Some(&here)), "home/wrong-passphrase");
        assert_eq!(code(&pin, None), "home/corrupt");
    }

    #[test]
    fn what_wraps_a_persons_key_is_frozen() {
        let hex = data_encoding::HEXLOWER;
        let store = KeyStoreSecret::of(&[1; 32]).unwrap();
        let file = SealedFile {
            firn_sealed: LAYOUT,
            kdf: BY_STORE_AND_PASSPHRASE.into(),
            memory_kib: 8,
            passes: 1,
            lanes: 1,
            salt: String::new(),
            nonce: String::new(),
            ciphertext: String::new(),
        };
        let key = derive(&passphrase("eleven herons"), &file, &[7; 16], Some(&store)).unwrap();
        assert_eq!(
            [hex.encode(store.0.as_ref()), hex.encode(key.as_ref())],
            [
                "0b48140350dab79c870c8822883810c2fcbe0a74168ebc42425dcab0dc6ced2a",
                "308568c3fa7af08419c4e00ec34ff8f4dafdea278c7d6d5e15bb6308393e2000"
            ]
        );
    }

    /// Ciphertexts of another program.
    #[test]
    fn key_files_of_layout_1_open_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let store = KeyStoreSecret::of(&[1; 32]).unwrap();
        for (purpose, by, sealed) in [
            ("device", None, "4abf46a740f3dad902a418c2d27fc46e4916790daf88"),
            ("person", Some(&store), "19cf7115aea681c9650ef682d4f640be3bc62fee2b43"),
        ] {
            let base64 = |hex: &str| BASE64.encode(&data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap());
            let text = format!(
                r#"{{"firn_sealed":1,"kdf":"{}","memory_kib":8,"passes":1,"lanes":1,"salt":"{}","nonce":"{}","ciphertext":"{}"}}"#,
                kdf(by),
                base64("07070707070707070707070707070707"),
                base64("080808080808080808080808"),
                base64(sealed)
            );
            let path = folder.path().join(purpose);
            std::fs::write(&path, text).unwrap();
            assert_eq!(&open_with(&path, purpose, (&passphrase("right"), by)).unwrap()[..], b"secret");
        }
    }

    #[test]
    fn a_key_file_of_the_preview_is_told_as_one_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("organisation-root");
        seal(&path, "root", b"secret", &passphrase("right"), KdfCost::Low).unwrap();
        let text =
            std::fs::read_to_string(&path).unwrap().replace("\"firn_sealed\": 1", "\"firn_sealed\": 0");
        std::fs::write(&path, &text).unwrap();
        let refused = open_sealed(&path, "root", &passphrase("right")).unwrap_err();
        assert_eq!(refused.code(), "home/preview");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn an_existing_key_file_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("device");
        std::fs::write(&path, "kept").unwrap();
        assert_eq!(
            seal(&path, "device", b"x", &passphrase("p"), KdfCost::Low).unwrap_err().code(),
            "home/io"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "kept");
    }

    #[test]
    fn a_secret_sealed_anew_takes_the_place_of_the_old_one_also_after_a_power_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("loggers");
        std::fs::write(folder.path().join("loggers.new"), "half").unwrap();
        for secret in [b"first", b"other"] {
            seal_anew(&path, "loggers", secret, &passphrase("p"), KdfCost::Low).unwrap();
            assert_eq!(&open_sealed(&path, "loggers", &passphrase("p")).unwrap()[..], secret);
        }
        assert!(!folder.path().join("loggers.new").exists());
    }

    #[test]
    fn any_changed_byte_of_a_key_file_is_refused_with_a_code() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("device");
        seal(&path, "device", b"secret", &passphrase("right"), KdfCost::Low).unwrap();
        let good = std::fs::read(&path).unwrap();
        for position in 0..good.len() {
            let mut bad = good.clone();
            bad[position] ^= 1;
            std::fs::write(&path, &bad).unwrap();
            match open_sealed(&path, "device", &passphrase("right")) {
                // White space between the fields carries nothing.
                Ok(secret) => assert_eq!(&secret[..], b"secret", "byte {position}"),
                Err(error) => assert!(
                    ["home/corrupt", "home/preview", "home/wrong-passphrase"].contains(&error.code()),
                    "byte {position}: {}",
                    error.code()
                ),
            }
        }
    }
}
