//! Bytes sealed under a passphrase as they flow: chunks of ChaCha20-Poly1305, each numbered, the last one marked
//! (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár 2015), so that nothing can be changed, moved
//! or cut off unnoticed, and no more than a chunk is held.

use super::BackupError;
use crate::sealed::{KdfCost, Passphrase, WorkFactor, passphrase_key};
use crate::{HomeError, random_array};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use hkdf::Hkdf;
use sha2::Sha256;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// What a backup begins with; the number is the layout's.
pub(super) const MAGIC: &[u8; 15] = b"firn backup v0\n";
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
/// Bytes of a chunk before it is sealed; the last one may be shorter.
pub(super) const CHUNK: usize = 65_536;
/// Bytes of a tag (RFC 8439).
const TAG: usize = 16;

/// Seals what is written into it.
pub(super) struct Sealer<W> {
    to: W,
    path: PathBuf,
    cipher: ChaCha20Poly1305,
    header: [u8; HEADER],
    number: u64,
    waiting: Zeroizing<Vec<u8>>,
}

/// Opens what was sealed.
pub(super) struct Opener<R> {
    from: R,
    path: PathBuf,
    cipher: ChaCha20Poly1305,
    header: [u8; HEADER],
    number: u64,
    /// What was read beyond the chunk that is open.
    ahead: Vec<u8>,
    /// The open chunk, and how much of it was handed on.
    open: Zeroizing<Vec<u8>>,
    taken: usize,
    ended: bool,
}

/// Whether a chunk is the last one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Within,
    Last,
}

fn nonce(number: u64, place: Place) -> Nonce {
    let mut nonce = [0; 12];
    let (counter, last) = nonce.split_at_mut(11);
    counter.iter_mut().skip(3).zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
    last.fill(u8::from(place == Place::Last));
    Nonce::from(nonce)
}

fn cipher(passphrase: &Passphrase, work: WorkFactor, salt: &[u8]) -> Result<ChaCha20Poly1305, String> {
    let key = passphrase_key(passphrase, work, salt)?;
    let mut own = Zeroizing::new([0; 32]);
    let expanded = Hkdf::<Sha256>::new(Some(salt), key.as_ref()).expand(b"firn backup v0", own.as_mut());
    expanded.map_err(|error| error.to_string())?;
    Ok(ChaCha20Poly1305::new(&Key::from(*own)))
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
        let cipher = cipher(passphrase, work, &salt).map_err(corrupt)?;
        let numbers = [work.memory_kib, work.passes, work.lanes].map(u32::to_be_bytes).concat();
        let beginning = [MAGIC.as_slice(), &numbers, &salt].concat();
        let payload = Payload { msg: &[], aad: &beginning };
        let tag = cipher.encrypt(&Nonce::from(CHECK), payload).map_err(|error| corrupt(error.to_string()))?;
        let mut header = [0; HEADER];
        header.iter_mut().zip(beginning.iter().chain(&tag)).for_each(|(to, from)| *to = *from);
        to.write_all(&header).map_err(|error| HomeError::io(path, error))?;
        let waiting = Zeroizing::new(Vec::with_capacity(CHUNK));
        Ok(Self { to, path: path.into(), cipher, header, number: 0, waiting })
    }

    /// Takes bytes in.
    pub(super) fn write(&mut self, mut bytes: &[u8]) -> Result<(), HomeError> {
        while !bytes.is_empty() {
            // A full chunk waits for more: the last one is marked.
            if self.waiting.len() == CHUNK {
                self.seal(Place::Within)?;
            }
            let room = CHUNK.saturating_sub(self.waiting.len()).min(bytes.len());
            let (now, later) = bytes.split_at(room);
            self.waiting.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// Seals the last chunk.
    pub(super) fn end(mut self) -> Result<W, HomeError> {
        self.seal(Place::Last)?;
        Ok(self.to)
    }

    fn seal(&mut self, place: Place) -> Result<(), HomeError> {
        let payload = Payload { msg: &self.waiting, aad: &self.header };
        let sealed = self.cipher.encrypt(&nonce(self.number, place), payload);
        let corrupt = |cause| HomeError::Corrupt { path: self.path.clone(), cause };
        let sealed = sealed.map_err(|error| corrupt(error.to_string()))?;
        self.to.write_all(&sealed).map_err(|error| HomeError::io(&self.path, error))?;
        self.number = self.number.saturating_add(1);
        self.waiting.clear();
        Ok(())
    }
}

impl<R: Read> Opener<R> {
    /// Reads the header.
    pub(super) fn begin(mut from: R, path: &Path, passphrase: &Passphrase) -> Result<Self, HomeError> {
        let mut beginning = Vec::new();
        from.by_ref()
            .take(HEADER as u64)
            .read_to_end(&mut beginning)
            .map_err(|error| HomeError::io(path, error))?;
        if !beginning.starts_with(MAGIC) {
            let newer = beginning.starts_with(ANY_MAGIC);
            return Err(if newer { BackupError::NewerVersion } else { BackupError::NotOne }.into());
        }
        let header = <[u8; HEADER]>::try_from(beginning).map_err(|_| BackupError::Truncated)?;
        let (beginning, tag) = header.split_at(BEGINNING);
        let (_, rest) = beginning.split_at(MAGIC.len());
        let (numbers, salt) = rest.split_at(12);
        let mut numbers = numbers.as_chunks::<4>().0.iter().map(|bytes| u32::from_be_bytes(*bytes));
        let mut number = || numbers.next().unwrap_or_default();
        let work = WorkFactor { memory_kib: number(), passes: number(), lanes: number() };
        let cipher = cipher(passphrase, work, salt).map_err(|_| BackupError::Damaged)?;
        let checked = cipher.decrypt(&Nonce::from(CHECK), Payload { msg: tag, aad: beginning });
        checked.map_err(|_| BackupError::Passphrase)?;
        let (ahead, open, path) = (Vec::new(), Zeroizing::new(Vec::new()), path.into());
        Ok(Self { from, path, cipher, header, number: 0, ahead, open, taken: 0, ended: false })
    }

    /// Fills `bytes` whole.
    pub(super) fn read(&mut self, bytes: &mut [u8]) -> Result<(), HomeError> {
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let left = self.open.get(self.taken..).unwrap_or_default();
            if left.is_empty() {
                self.next()?;
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
        while !self.ended && self.taken == self.open.len() {
            self.next()?;
        }
        match self.taken == self.open.len() {
            true => Ok(()),
            false => Err(BackupError::Damaged.into()),
        }
    }

    fn next(&mut self) -> Result<(), HomeError> {
        if self.ended {
            return Err(BackupError::Damaged.into());
        }
        // One byte more than a chunk tells whether another follows.
        let wanted = (CHUNK + TAG + 1).saturating_sub(self.ahead.len());
        self.from
            .by_ref()
            .take(wanted as u64)
            .read_to_end(&mut self.ahead)
            .map_err(|error| HomeError::io(&self.path, error))?;
        let place = if self.ahead.len() > CHUNK + TAG { Place::Within } else { Place::Last };
        let rest = self.ahead.split_off(self.ahead.len().min(CHUNK + TAG));
        let sealed = std::mem::replace(&mut self.ahead, rest);
        let opened = self.unseal(&sealed, place);
        self.open = match (opened, place) {
            (Some(opened), _) => opened,
            // Whole as a chunk that another follows: what follows is gone.
            (None, Place::Last) if self.unseal(&sealed, Place::Within).is_some() => {
                return Err(BackupError::Truncated.into());
            }
            (None, Place::Last) => return Err(BackupError::Truncated.into()),
            (None, Place::Within) => return Err(BackupError::Damaged.into()),
        };
        (self.taken, self.number) = (0, self.number.saturating_add(1));
        self.ended = place == Place::Last;
        Ok(())
    }

    fn unseal(&self, sealed: &[u8], place: Place) -> Option<Zeroizing<Vec<u8>>> {
        let payload = Payload { msg: sealed, aad: &self.header };
        self.cipher.decrypt(&nonce(self.number, place), payload).ok().map(Zeroizing::new)
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
            opened(b"firn backup v1\n and then something new", 1).unwrap_err(),
            "home/backup-newer-version"
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
