//! Secrets sealed in a file under a passphrase: argon2id (RFC 9106) and ChaCha20-Poly1305 (RFC 8439).

use crate::{HomeError, random, random_array};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
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

/// The most memory a key file may ask for, in KiB: a damaged one must not exhaust the machine.
const MOST_MEMORY_KIB: u32 = 1 << 20;

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
    format!("firn sealed v0\n{purpose}\n{} {} {} {}", file.kdf, file.memory_kib, file.passes, file.lanes)
}

fn derive(passphrase: &Passphrase, file: &SealedFile, salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, String> {
    if file.memory_kib > MOST_MEMORY_KIB || file.passes > 64 || file.lanes > 64 {
        return Err("it asks for more work than any release of Firn sets".into());
    }
    let params =
        Params::new(file.memory_kib, file.passes, file.lanes, Some(32)).map_err(|e| e.to_string())?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.0.as_bytes(), salt, key.as_mut())
        .map_err(|e| e.to_string())?;
    Ok(key)
}

/// Writes `secret` into a new file that only its owner may read; `purpose` names what it is for.
pub fn seal(
    path: &Path,
    purpose: &str,
    secret: &[u8],
    passphrase: &Passphrase,
    cost: KdfCost,
) -> Result<(), HomeError> {
    let (salt, nonce): ([u8; 16], [u8; 12]) = (random_array()?, random_array()?);
    let (memory_kib, passes, lanes) = cost.params();
    let mut file = SealedFile {
        firn_sealed: 0,
        kdf: "argon2id".into(),
        memory_kib,
        passes,
        lanes,
        salt: BASE64.encode(&salt),
        nonce: BASE64.encode(&nonce),
        ciphertext: String::new(),
    };
    let corrupt = |cause: String| HomeError::Corrupt { path: path.into(), cause };
    let key = derive(passphrase, &file, &salt).map_err(corrupt)?;
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
    let beside = path.with_extension("new");
    match std::fs::remove_file(&beside) {
        // Left there by a power cut.
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(HomeError::io(&beside, error));
        }
        _ => {}
    }
    seal(&beside, purpose, secret, passphrase, cost)?;
    std::fs::rename(&beside, path).map_err(|error| HomeError::io(path, error))
}

/// Opens a sealed file.
pub fn open_sealed(
    path: &Path,
    purpose: &str,
    passphrase: &Passphrase,
) -> Result<Zeroizing<Vec<u8>>, HomeError> {
    let corrupt = |cause: String| HomeError::Corrupt { path: path.into(), cause };
    let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidData => corrupt("not text".into()),
        _ => HomeError::io(path, error),
    })?;
    let file: SealedFile = serde_json::from_str(&text).map_err(|error| corrupt(error.to_string()))?;
    if file.firn_sealed != 0 || file.kdf != "argon2id" {
        return Err(corrupt("an unknown kind of sealed file".into()));
    }
    let bytes = |text: &str| BASE64.decode(text.as_bytes()).map_err(|error| corrupt(error.to_string()));
    let nonce: [u8; 12] =
        bytes(&file.nonce)?.try_into().map_err(|_| corrupt("a nonce of another length".into()))?;
    let key = derive(passphrase, &file, &bytes(&file.salt)?).map_err(corrupt)?;
    let aad = associated_data(purpose, &file);
    ChaCha20Poly1305::new(&Key::from(*key))
        .decrypt(&Nonce::from(nonce), Payload { msg: &bytes(&file.ciphertext)?, aad: aad.as_bytes() })
        .map(Zeroizing::new)
        .map_err(|_| HomeError::WrongPassphrase(path.into()))
}

/// Writes a file that must not exist yet, readable by its owner alone, and waits until it is on disk.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), HomeError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|error| HomeError::io(path, error))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| HomeError::io(path, error))
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
                    ["home/corrupt", "home/wrong-passphrase"].contains(&error.code()),
                    "byte {position}: {}",
                    error.code()
                ),
            }
        }
    }
}
