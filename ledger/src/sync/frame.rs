//! Frames on a stream: four bytes of length, most significant first, and so many bytes.

use crate::error::SyncError;

/// The most bytes of a frame's content.
pub const MAX_FRAME: usize = 1024 * 1024;

/// A frame of this content.
///
/// # Errors
/// [`SyncError::TooLarge`].
pub fn encode(content: &[u8]) -> Result<Vec<u8>, SyncError> {
    Ok([length(content.len())?.as_slice(), content].concat())
}

/// What stands before so many bytes of content.
pub(super) fn length(content: usize) -> Result<[u8; 4], SyncError> {
    let length = u32::try_from(content).ok().filter(|_| content <= MAX_FRAME);
    Ok(length.ok_or(SyncError::TooLarge)?.to_be_bytes())
}

/// Takes frames out of a stream that comes in pieces of any size. Holds what it has been given and no
/// more: feed it less than a frame at a time.
#[derive(Debug, Clone, Default)]
pub struct Decoder {
    bytes: Vec<u8>,
    read: usize,
}

impl Decoder {
    /// Adds what has arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.read.min(self.bytes.len()));
        self.read = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next frame's content, once all of it has arrived.
    ///
    /// # Errors
    /// [`SyncError::TooLarge`] as soon as the length says so.
    pub fn next_frame(&mut self) -> Result<Option<&[u8]>, SyncError> {
        let rest = self.bytes.get(self.read..).unwrap_or_default();
        let Some((length, rest)) = rest.split_first_chunk::<4>() else { return Ok(None) };
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if length > MAX_FRAME {
            return Err(SyncError::TooLarge);
        }
        let Some(content) = rest.get(..length) else { return Ok(None) };
        self.read += 4 + length;
        Ok(Some(content))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_frame_beyond_the_limit_is_refused_by_its_length_alone() {
        assert_eq!(encode(&vec![0; MAX_FRAME + 1]), Err(SyncError::TooLarge));
        let mut decoder = Decoder::default();
        decoder.push(&[0x00, 0x10, 0x00, 0x01]);
        assert_eq!(decoder.next_frame(), Err(SyncError::TooLarge));
    }

    proptest! {
        #[test]
        fn frames_come_out_as_they_went_in_however_they_are_cut(
            contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6),
            cut in 1usize..17,
        ) {
            let stream: Vec<u8> = contents.iter().flat_map(|content| encode(content).unwrap()).collect();
            let (mut decoder, mut found) = (Decoder::default(), Vec::new());
            for piece in stream.chunks(cut) {
                decoder.push(piece);
                while let Some(content) = decoder.next_frame().unwrap() {
                    found.push(content.to_vec());
                }
            }
            prop_assert_eq!(found, contents);
        }
    }
}
