//! Reading of fixed-width integers from the front of a byte slice, without indexing.

/// What is left to read of a payload; every read is `None` once the bytes run out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl<'a> Bytes<'a> {
    /// The next `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    /// The next `count` bytes.
    pub(crate) fn slice(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    /// The next byte.
    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    /// The next four bytes, most significant first.
    pub(crate) fn u32_be(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }
}

/// The unsigned value of up to four bytes, least significant first; further bytes are not read.
pub(crate) fn unsigned_le(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).rev().fold(0, |value, byte| value << 8 | u32::from(*byte))
}

/// The signed value of up to four bytes in two's complement, least significant first.
pub(crate) fn signed_le(bytes: &[u8]) -> i32 {
    let unused_bits = 32_usize.saturating_sub(bytes.len().saturating_mul(8));
    match u32::try_from(unused_bits) {
        Ok(unused @ 0..=31) => (unsigned_le(bytes) << unused).cast_signed() >> unused,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_kept_at_every_width() {
        for bytes in [&[0xFE_u8][..], &[0xFE, 0xFF], &[0xFE, 0xFF, 0xFF], &[0xFE, 0xFF, 0xFF, 0xFF]] {
            assert_eq!(signed_le(bytes), -2, "{bytes:?}");
        }
        assert_eq!((signed_le(&[]), signed_le(&[0x7F]), unsigned_le(&[1, 2, 3])), (0, 127, 0x03_0201));
    }

    #[test]
    fn reading_past_the_end_takes_nothing() {
        let mut bytes = Bytes(&[1, 2]);
        assert_eq!(bytes.u32_be(), None);
        assert_eq!(bytes.array::<2>(), Some([1, 2]));
        assert_eq!((bytes.u8(), bytes.slice(1), bytes.slice(0)), (None, None, Some(&[][..])));
    }
}
