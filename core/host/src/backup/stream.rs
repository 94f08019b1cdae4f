//! A backup's bytes as they flow: sealed under a passphrase, in chunks that nobody can change, move or cut off
//! unnoticed ([`firn_peer::chunks`]).

use super::BackupError;
use crate::sealed::{KdfCost, Passphrase, WorkFactor, passphrase_key};
use crate::{HomeError, random_array};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use firn_peer::chunks::{ChunkError, ChunkOpener, ChunkSealer, TAG};
use hkdf::Hkdf;
use sha2::Sha256;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

pub(super) use firn_peer::chunks::CHUNK;

/// What a backup begins with; the number is the layout's.
pub(super) const MAGIC: &[u8; 15] = b"firn backup v1\n";
/// How the beginning of any layout reads.
const ANY_MAGIC: &[u8] = b"firn backup v";
/// Bytes of the salt.
const SALT: usize = 16;
/// Magic, work factor (three numbers of four bytes, most significant first) and salt.
const BEGINNING: usize = MAGIC.len() + 12 + SALT;
/// The same, and a tag that tells a wrong passphrase from damage.
const HEADER: usize = BEGINNING + TAG;
/// The nonce of that tag, which no chunk has.
const CHECK: [u8; 12] = [0xff; 12];

/// Seals what is written into it.
pub(super) struct Sealer<W> {
    chunks: ChunkSealer<W>,
    path: PathBuf,
}

/// Opens what was sealed.
pub(super) struct Opener<R> {
    chunks: ChunkOpener<R>,
    path: PathBuf,
    /// The open chunk, and how much of it was handed on.
    open: Zeroizing<Vec<u8>>,
    taken: usize,
}

fn key(passphrase: &Passphrase, work: WorkFactor, salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, String> {
    let key = passphrase_key(passphrase, work, salt)?;
    let mut own = Zeroizing::new([0; 32]);
    let expanded = Hkdf::<Sha256>::new(Some(salt), key.as_ref()).expand(b"firn backup v1", own.as_mut());
    expanded.map_err(|error| error.to_string())?;
    Ok(own)
}

impl<W: Write> Sealer<W> {
    /// Writes the header.
    pub(super) fn begin(
        mut to: W,
        path: &Path,
        passphrase: &Passphrase,
        cost: KdfCost,
    ) -> Result<Self, HomeError> {
        let (work, salt): (WorkFactor, [u8; SALT]) = (cost.into(), random_array()?);
        let corrupt = |cause| HomeError::Corrupt { path: path.into(), cause };
        let key = key(passphrase, work, &salt).map_err(corrupt)?;
        let numbers = [work.memory_kib, work.passes, work.lanes].map(u32::to_be_bytes).concat();
        let mut header = [MAGIC.as_slice(), &numbers, &salt].concat();
        let payload = Payload { msg: &[], aad: &header };
        let tag = ChaCha20Poly1305::new(&Key::from(*key)).encrypt(&Nonce::from(CHECK), payload);
        header.extend(tag.map_err(|error| corrupt(error.to_string()))?);
        to.write_all(&header).map_err(|error| HomeError::io(path, error))?;
        Ok(Self { chunks: ChunkSealer::new(to, &key, header), path: path.into() })
    }

    /// Takes bytes in.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), HomeError> {
        self.chunks.write(bytes).map_err(|error| HomeError::io(&self.path, error))
    }

    /// Seals the last chunk.
    pub(super) fn end(self) -> Result<W, HomeError> {
        let path = self.path;
        self.chunks.end().map_err(|error| HomeError::io(path, error))
    }
}

impl<R: Read> Opener<R> {
    /// Reads the header.
    pub(super) fn begin(mut from: R, path: &Path, passphrase: &Passphrase) -> Result<Self, HomeError> {
        let mut header = Vec::new();
        let mut first = from.by_ref().take(HEADER as u64);
        first.read_to_end(&mut header).map_err(|error| HomeError::io(path, error))?;
        if !header.starts_with(MAGIC) {
            return Err(match header.strip_prefix(ANY_MAGIC) {
                Some([b'0', b'\n', ..]) => BackupError::Preview.into(),
                Some(_) => BackupError::NewerVersion.into(),
                None => BackupError::NotOne.into(),
            });
        }
        let whole = <[u8; HEADER]>::try_from(header.as_slice()).map_err(|_| BackupError::Truncated)?;
        let (beginning, tag) = whole.split_at(BEGINNING);
        let (_, rest) = beginning.split_at(MAGIC.len());
        let (numbers, salt) = rest.split_at(12);
        let mut numbers = numbers.as_chunks::<4>().0.iter().map(|bytes| u32::from_be_bytes(*bytes));
        let mut number = || numbers.next().unwrap_or_default();
        let work = WorkFactor { memory_kib: number(), passes: number(), lanes: number() };
        let key = key(passphrase, work, salt).map_err(|_| BackupError::Damaged)?;
        let cipher = ChaCha20Poly1305::new(&Key::from(*key));
        let checked = cipher.decrypt(&Nonce::from(CHECK), Payload { msg: tag, aad: beginning });
        checked.map_err(|_| BackupError::Passphrase)?;
        let (chunks, open) = (ChunkOpener::new(from, &key, header), Zeroizing::new(Vec::new()));
        Ok(Self { chunks, path: path.into(), open, taken: 0 })
    }

    /// Fills `bytes` whole.
    pub(super) fn read(&mut self, bytes: &mut [u8]) -> Result<(), HomeError> {
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let left = self.open.get(self.taken..).unwrap_or_default();
            if left.is_empty() {
                self.open = self.next()?.ok_or(BackupError::Damaged)?;
                self.taken = 0;
                continue;
            }
            let count = rest.len().min(left.len());
            rest.iter_mut().zip(left).for_each(|(to, from)| *to = *from);
            (filled, self.taken) = (filled + count, self.taken + count);
        }
        Ok(())
    }

    /// Makes sure that nothing follows.
    pub(super) fn end(mut self) -> Result<(), HomeError> {
        while self.taken == self.open.len() {
            let Some(next) = self.next()? else { return Ok(()) };
            (self.open, self.taken) = (next, 0);
        }
        Err(BackupError::Damaged.into())
    }

    fn next(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, HomeError> {
        self.chunks.open_next().map_err(|error| match error {
            ChunkError::Damaged => BackupError::Damaged.into(),
            ChunkError::Truncated => BackupError::Truncated.into(),
            ChunkError::Io(error) => HomeError::io(&self.path, error),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn passphrase() -> Passphrase {
        Passphrase::new("correct horse").unwrap()
    }

    fn sealed(bytes: &[u8]) -> Vec<u8> {
        let mut sealer = Sealer::begin(Vec::new(), Path::new("b"), &passphrase(), KdfCost::Low).unwrap();
        bytes.chunks(1000).for_each(|some| sealer.write(some).unwrap());
        sealer.end().unwrap()
    }

    fn opened(sealed: &[u8], length: usize) -> Result<Vec<u8>, String> {
        let open = || {
            let mut opener = Opener::begin(sealed, Path::new("b"), &passphrase())?;
            let mut bytes = vec![0; length];
            opener.read(&mut bytes)?;
            opener.end()?;
            Ok::<_, HomeError>(bytes)
        };
        open().map_err(|error| error.code().to_owned())
    }

    fn bytes(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at / 7) as u8).collect()
    }

    #[test]
    fn what_was_sealed_comes_back_at_every_length_around_a_chunk() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5] {
            let sealed = sealed(&bytes(length));
            assert_eq!(opened(&sealed, length).unwrap(), bytes(length), "{length}");
            assert!(
                opened(&sealed, length + 1).is_err() && (length == 0 || opened(&sealed, length - 1).is_err())
            );
        }
    }

    /// Made by another program, from docs/format.md alone.
    #[test]
    fn a_backup_of_format_v1_opens_for_ever() {
        let kept =
            "6669726e206261636b75702076310a 00000008 00000001 00000001 07070707070707070707070707070707
            1377dd315b79930e928c78c4eea495fd bfc87f521c04d195e61460513b0804b08c2ab8";
        let kept = kept.replace(char::is_whitespace, "");
        let kept = data_encoding::HEXLOWER.decode(kept.as_bytes()).unwrap();
        assert_eq!(opened(&kept, 3), Ok(b"abc".to_vec()));
        let made = sealed(b"abc");
        assert_eq!((made.len(), &made[..27]), (kept.len(), &kept[..27]));
    }

    #[test]
    fn a_stream_that_was_cut_grew_or_had_chunks_changed_round_is_refused() {
        let whole = sealed(&bytes(2 * CHUNK + 100));
        let chunk = CHUNK + TAG;
        for end in [HEADER + chunk, HEADER + 2 * chunk, whole.len() - 1, HEADER + 5, HEADER, 20] {
            let code = opened(&whole[..end], 2 * CHUNK + 100).unwrap_err();
            assert_eq!(code, "home/backup-truncated", "{end}");
        }
        assert!(opened(&[&whole[..], b"more"].concat(), 2 * CHUNK + 100).is_err());
        let mut swapped = whole.clone();
        swapped.copy_within(HEADER + chunk..HEADER + 2 * chunk, HEADER);
        assert!(opened(&swapped, 2 * CHUNK + 100).is_err());
    }

    #[test]
    fn another_file_and_a_newer_backup_are_told_apart() {
        assert_eq!(
            opened(b"PK\x03\x04 something else that is long enough to be read", 1).unwrap_err(),
            "home/backup-not-one"
        );
        assert_eq!(
            opened(b"firn backup v2\n and then something new", 1).unwrap_err(),
            "home/backup-newer-version"
        );
        assert_eq!(
            opened(b"firn backup v0\n and then what the preview sealed", 1).unwrap_err(),
            "home/backup-preview"
        );
        let other = Passphrase::new("wrong").unwrap();
        let whole = sealed(b"abc");
        let refused = Opener::begin(&whole[..], Path::new("b"), &other).err().unwrap();
        assert_eq!(refused.code(), "home/backup-passphrase");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn no_changed_byte_passes(at in 0_usize..70_000, bit in 0_u8..8) {
            let mut changed = sealed(&bytes(69_000));
            let at = at % changed.len();
            // A work factor may ask for much memory before it is found wrong.
            prop_assume!(!(MAGIC.len()..MAGIC.len() + 12).contains(&at));
            changed[at] ^= 1 << bit;
            prop_assert!(opened(&changed, 69_000).is_err());
        }
    }
}
