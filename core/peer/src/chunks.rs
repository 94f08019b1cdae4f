//! Bytes sealed as they flow: chunks of ChaCha20-Poly1305 (RFC 8439), each numbered, the last one marked (the
//! STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár 2015), so that nothing can be changed, moved or
//! cut off unnoticed, and no more than a chunk is held.

use std::io::{self, Read, Write};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use zeroize::Zeroizing;

/// Bytes of a chunk before it is sealed; the last one may be shorter.
pub const CHUNK: usize = 65_536;
/// Bytes of a tag (RFC 8439).
pub const TAG: usize = 16;

/// Why sealed bytes cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ChunkError {
    /// Bytes have changed.
    #[error("it is damaged")]
    Damaged,
    /// The end is missing, or its last bytes have changed.
    #[error("its end is missing or damaged")]
    Truncated,
    /// They cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Seals what is written into it.
pub struct ChunkSealer<W> {
    to: W,
    cipher: ChaCha20Poly1305,
    beginning: Vec<u8>,
    number: u64,
    waiting: Zeroizing<Vec<u8>>,
}

/// Opens what was sealed, chunk by chunk.
pub struct ChunkOpener<R> {
    from: R,
    cipher: ChaCha20Poly1305,
    beginning: Vec<u8>,
    number: u64,
    /// What was read beyond the chunk that is open.
    ahead: Vec<u8>,
    state: State,
}

/// How far an opener has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// The last chunk was given.
    Ended,
    /// A whole chunk was given that another should follow.
    Cut,
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

impl<W: Write> ChunkSealer<W> {
    /// Seals under `key` for `to`; `beginning` is what stands before the chunks, which vouch for it.
    pub fn new(to: W, key: &[u8; 32], beginning: Vec<u8>) -> Self {
        let waiting = Zeroizing::new(Vec::with_capacity(CHUNK));
        Self { to, cipher: ChaCha20Poly1305::new(&Key::from(*key)), beginning, number: 0, waiting }
    }

    /// Takes bytes in.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
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
    ///
    /// # Errors
    /// Those of the writer.
    pub fn end(mut self) -> io::Result<W> {
        self.seal(Place::Last)?;
        Ok(self.to)
    }

    fn seal(&mut self, place: Place) -> io::Result<()> {
        let payload = Payload { msg: &self.waiting, aad: &self.beginning };
        let sealed = self.cipher.encrypt(&nonce(self.number, place), payload);
        self.to.write_all(&sealed.map_err(|error| io::Error::other(error.to_string()))?)?;
        self.number = self.number.saturating_add(1);
        self.waiting.clear();
        Ok(())
    }
}

impl<R: Read> ChunkOpener<R> {
    /// Opens what [`ChunkSealer`] sealed under the same key with the same beginning.
    pub fn new(from: R, key: &[u8; 32], beginning: Vec<u8>) -> Self {
        let cipher = ChaCha20Poly1305::new(&Key::from(*key));
        Self { from, cipher, beginning, number: 0, ahead: Vec::new(), state: State::Open }
    }

    /// The next chunk's content; `None` after the last one.
    ///
    /// # Errors
    /// [`ChunkError`]; what was given before is as it was sealed.
    pub fn open_next(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, ChunkError> {
        match self.state {
            State::Open => {}
            State::Ended => return Ok(None),
            State::Cut => return Err(ChunkError::Truncated),
        }
        // One byte more than a chunk tells whether another follows.
        let wanted = (CHUNK + TAG + 1).saturating_sub(self.ahead.len());
        self.from.by_ref().take(wanted as u64).read_to_end(&mut self.ahead)?;
        let place = if self.ahead.len() > CHUNK + TAG { Place::Within } else { Place::Last };
        let rest = self.ahead.split_off(self.ahead.len().min(CHUNK + TAG));
        let sealed = std::mem::replace(&mut self.ahead, rest);
        let opened = match (self.unseal(&sealed, place), place) {
            (Some(opened), _) => opened,
            (None, Place::Within) => return Err(ChunkError::Damaged),
            (None, Place::Last) => {
                self.state = State::Cut;
                // Whole as a chunk that another follows: only what follows is gone.
                return self.unseal(&sealed, Place::Within).map(Some).ok_or(ChunkError::Truncated);
            }
        };
        if place == Place::Last {
            self.state = State::Ended;
        }
        self.number = self.number.saturating_add(1);
        Ok(Some(opened))
    }

    fn unseal(&self, sealed: &[u8], place: Place) -> Option<Zeroizing<Vec<u8>>> {
        let payload = Payload { msg: sealed, aad: &self.beginning };
        self.cipher.decrypt(&nonce(self.number, place), payload).ok().map(Zeroizing::new)
    }
}
