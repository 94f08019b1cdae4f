//! Who can open a carried file: its key, wrapped once for each addressee, so that nobody else learns even who
//! they are (docs/format.md §14).

use std::io::Read;

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::montgomery::MontgomeryPoint;
use firn_ledger::bytes::PublicKey;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::CarryError;
use crate::endpoint::EndpointSeed;

/// What a carried file begins with; the number is the layout's.
pub(super) const MAGIC: &[u8; 16] = b"firn carried v1\n";
/// How the beginning of any layout reads.
const ANY_MAGIC: &[u8] = b"firn carried v";
/// Bytes of a wrapped key.
const STANZA: usize = 48;
/// Stanzas come in so many: what is left over is filled with bytes that nobody opens.
const STANZAS_AT_ONCE: usize = 16;
/// The most stanzas of a file.
pub(super) const MAX_STANZAS: usize = 4096;
/// Magic, ephemeral key and the number of stanzas.
const FIXED: usize = MAGIC.len() + 32 + 2;

/// The random bytes of one file: an ephemeral X25519 key and the file's own; never used twice.
pub type Entropy = Zeroizing<[u8; 64]>;

/// What stands before the chunks, and the key that seals these.
pub(super) struct Header {
    pub bytes: Vec<u8>,
    pub key: Zeroizing<[u8; 32]>,
}

impl Header {
    /// A header that the devices behind these endpoints can open.
    pub fn seal(endpoints: &[PublicKey], entropy: &Entropy) -> Result<Self, CarryError> {
        let (ephemeral, file_key) = entropy.split_at(32);
        let secret = Zeroizing::new(<[u8; 32]>::try_from(ephemeral).map_err(|_| CarryError::Damaged)?);
        let public = MontgomeryPoint::mul_base_clamped(*secret).0;
        let wrap = |endpoint: &PublicKey| {
            let theirs = CompressedEdwardsY(endpoint.0).decompress()?.to_montgomery();
            let wrapping = wrapping_key(&theirs.mul_clamped(*secret), &public, &theirs.0)?;
            ChaCha20Poly1305::new(&Key::from(*wrapping)).encrypt(&Nonce::default(), file_key).ok()
        };
        // A key that is no point can be nobody's.
        let mut stanzas: Vec<Vec<u8>> = endpoints.iter().filter_map(wrap).collect();
        if stanzas.is_empty() {
            return Err(CarryError::Nobody);
        }
        fill_up(&mut stanzas, file_key)?;
        let count = stanzas.len();
        let count = u16::try_from(count).ok().filter(|_| count <= MAX_STANZAS).ok_or(CarryError::TooMany)?;
        let bytes = [MAGIC.as_slice(), &public, &count.to_be_bytes(), &stanzas.concat()].concat();
        Ok(Self { bytes, key: chunk_key(file_key)? })
    }

    /// Reads a header and opens it as the device behind this endpoint.
    pub fn open(from: &mut impl Read, seed: &EndpointSeed) -> Result<Self, CarryError> {
        let mut bytes = read_up_to(from, FIXED)?;
        let (public, count) = beginning(&bytes)?;
        let stanzas = read_up_to(from, count * STANZA)?;
        if stanzas.len() < count * STANZA {
            return Err(CarryError::Truncated);
        }
        let shared = seed.exchange(&MontgomeryPoint(public));
        let wrapping = wrapping_key(&shared, &public, &seed.exchange_key()).ok_or(CarryError::NotForUs)?;
        let cipher = ChaCha20Poly1305::new(&Key::from(*wrapping));
        let open = |one: &[u8; STANZA]| cipher.decrypt(&Nonce::default(), one.as_slice()).ok();
        let opened = stanzas.as_chunks::<STANZA>().0.iter().find_map(open);
        let file_key = Zeroizing::new(opened.ok_or(CarryError::NotForUs)?);
        bytes.extend(stanzas);
        let key = chunk_key(&file_key)?;
        Ok(Self { bytes, key })
    }
}

/// The ephemeral key, and how many stanzas follow.
fn beginning(bytes: &[u8]) -> Result<([u8; 32], usize), CarryError> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        return Err(match bytes.strip_prefix(ANY_MAGIC) {
            Some([b'0', b'\n', ..]) => CarryError::Preview,
            Some(_) => CarryError::NewerVersion,
            None => CarryError::NotOne,
        });
    };
    let (public, count) = rest.split_first_chunk::<32>().ok_or(CarryError::Truncated)?;
    let count = <[u8; 2]>::try_from(count).map_err(|_| CarryError::Truncated)?;
    let count = usize::from(u16::from_be_bytes(count));
    match count {
        1..=MAX_STANZAS if count % STANZAS_AT_ONCE == 0 => Ok((*public, count)),
        _ => Err(CarryError::Damaged),
    }
}

/// Adds stanzas that nobody opens, so that their number tells little, and puts all into an order that tells nothing.
fn fill_up(stanzas: &mut Vec<Vec<u8>>, file_key: &[u8]) -> Result<(), CarryError> {
    for number in stanzas.len()..stanzas.len().next_multiple_of(STANZAS_AT_ONCE) {
        let mut filling = vec![0; STANZA];
        expand(file_key, &[b"firn carried v1 filling", number.to_be_bytes().as_slice()], &mut filling)?;
        stanzas.push(filling);
    }
    stanzas.sort();
    Ok(())
}

fn read_up_to(from: &mut impl Read, most: usize) -> Result<Vec<u8>, CarryError> {
    let mut bytes = Vec::new();
    from.by_ref().take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The key that wraps the file's for one addressee; `None` for a point of small order, whose secret all know.
fn wrapping_key(
    shared: &MontgomeryPoint,
    ephemeral: &[u8; 32],
    addressee: &[u8; 32],
) -> Option<Zeroizing<[u8; 32]>> {
    if shared.0 == [0; 32] {
        return None;
    }
    let mut key = Zeroizing::new([0; 32]);
    let salt = [ephemeral.as_slice(), addressee].concat();
    let secret = Zeroizing::new(shared.0);
    Hkdf::<Sha256>::new(Some(&salt), secret.as_ref()).expand(b"firn carried v1 key", key.as_mut()).ok()?;
    Some(key)
}

fn chunk_key(file_key: &[u8]) -> Result<Zeroizing<[u8; 32]>, CarryError> {
    let mut key = Zeroizing::new([0; 32]);
    expand(file_key, &[b"firn carried v1 content"], key.as_mut())?;
    Ok(key)
}

fn expand(secret: &[u8], info: &[&[u8]], to: &mut [u8]) -> Result<(), CarryError> {
    Hkdf::<Sha256>::new(None, secret).expand(&info.concat(), to).map_err(|_| CarryError::Damaged)
}
