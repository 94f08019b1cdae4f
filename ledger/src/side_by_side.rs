//! SHA-256 of several texts, block by block in turn: a block waits for the one before it, and meanwhile a processor
//! works on another text's.

use sha2::block_api::compress256;

use crate::bytes::Hash;

type Block = [u8; 64];

/// What hashing begins from (FIPS 180-4 §5.3.3).
const BEGIN: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// SHA-256(first ‖ text) of each text.
#[inline]
pub(crate) fn hashes<const N: usize>(first: u8, texts: [&[u8]; N]) -> [Hash; N] {
    let mut states = [BEGIN; N];
    let texts = texts.map(|text| Blocks::of(first, text));
    let most = texts.iter().map(Blocks::count).max().unwrap_or_default();
    for n in 0..most {
        for (state, text) in states.iter_mut().zip(&texts) {
            if let Some(block) = text.get(n) {
                compress256(state, std::slice::from_ref(block));
            }
        }
    }
    states.map(|state| {
        let mut hash = [0; Hash::LENGTH];
        for (bytes, word) in hash.as_chunks_mut().0.iter_mut().zip(state) {
            *bytes = word.to_be_bytes();
        }
        Hash(hash)
    })
}

/// A text in padded blocks (FIPS 180-4 §5.1.1); those in its midst stay where they are.
struct Blocks<'a> {
    /// Absent where the text ends within it.
    begin: Option<Block>,
    middle: &'a [Block],
    end: [Block; 2],
    /// How many of `end` there are.
    ends: usize,
}

impl<'a> Blocks<'a> {
    #[inline]
    fn of(first: u8, text: &'a [u8]) -> Self {
        let bits = (text.len() as u64).saturating_add(1).saturating_mul(8);
        let Some((begin, rest)) = text.split_first_chunk::<63>() else {
            let (end, ends) = padded([&[first], text], bits);
            return Self { begin: None, middle: &[], end, ends };
        };
        let mut block = [first; 64];
        block.split_at_mut(1).1.copy_from_slice(begin);
        let (middle, rest) = rest.as_chunks();
        let (end, ends) = padded([&[], rest], bits);
        Self { begin: Some(block), middle, end, ends }
    }

    fn count(&self) -> usize {
        self.begin.iter().len() + self.middle.len() + self.ends
    }

    #[inline]
    fn get(&self, n: usize) -> Option<&Block> {
        let Some(begin) = &self.begin else { return self.end.get(..self.ends)?.get(n) };
        let Some(n) = n.checked_sub(1) else { return Some(begin) };
        match n.checked_sub(self.middle.len()) {
            None => self.middle.get(n),
            Some(n) => self.end.get(..self.ends)?.get(n),
        }
    }
}

/// The end of a text of so many bits, less than a block, with its padding: one block or two.
#[inline]
fn padded(parts: [&[u8]; 2], bits: u64) -> ([Block; 2], usize) {
    let mut blocks = [[0; 64]; 2];
    let bytes = blocks.as_flattened_mut();
    let mut length = 0;
    for part in parts {
        let end = length + part.len();
        if let Some(place) = bytes.get_mut(length..end) {
            place.copy_from_slice(part);
        }
        length = end;
    }
    if let Some(end) = bytes.get_mut(length) {
        *end = 0x80;
    }
    let ends = if length < 56 { 1 } else { 2 };
    if let Some(place) = bytes.get_mut(ends * 64 - 8..ends * 64) {
        place.copy_from_slice(&bits.to_be_bytes());
    }
    (blocks, ends)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_of_any_length_has_the_hash_that_it_has_by_itself() {
        let text: Vec<u8> = (0..300u16).map(|n| n as u8).collect();
        for length in 0..text.len() {
            let texts = [&text[..length], &text[length..], &text[..], &text[..0]];
            assert_eq!(hashes(7, texts), texts.map(|text| Hash::of(&[&[7], text])));
        }
    }

    proptest! {
        #[test]
        fn texts_side_by_side_have_the_hashes_that_they_have_by_themselves(
            first: u8,
            texts: [Vec<u8>; 3],
        ) {
            let texts = texts.each_ref().map(Vec::as_slice);
            prop_assert_eq!(hashes(first, texts), texts.map(|text| Hash::of(&[&[first], text])));
        }
    }
}
