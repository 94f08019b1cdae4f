//! Whether bytes are one item of deterministic CBOR (RFC 8949 §4.2.1), as every body is (docs/format.md).

use minicbor::Decoder;
use minicbor::data::Type;

/// Levels of arrays and maps that a body may have; what Firn writes has seven at most.
const DEEPEST: usize = 16;

/// An array or a map under way.
struct Level<'b> {
    /// Items still to come; a pair of a map is two.
    left: u64,
    /// Of a map the newest key.
    key: Option<&'b [u8]>,
    shape: Shape,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Array,
    Map,
}

/// What one step has read.
enum Read {
    Scalar,
    Opened(Shape, u64),
}

/// Whether `bytes` are one item, with integers and lengths in their shortest form, lengths definite, keys of maps
/// scalars in ascending bytewise order, and no number with a fraction.
pub(super) fn is_canonical(bytes: &[u8]) -> bool {
    let mut decoder = Decoder::new(bytes);
    let mut levels: Vec<Level<'_>> = Vec::new();
    loop {
        let start = decoder.position();
        let Some(read) = step(&mut decoder) else { return false };
        let is_key = levels.last().is_some_and(|level| level.shape == Shape::Map && level.left % 2 == 0);
        if let Read::Opened(shape, left) = read {
            if is_key || levels.len() == DEEPEST {
                return false;
            }
            levels.push(Level { left, key: None, shape });
        } else if let Some(level) = levels.last_mut() {
            level.left = level.left.saturating_sub(1);
            let key = bytes.get(start..decoder.position());
            if is_key {
                if level.key >= key {
                    return false;
                }
                level.key = key;
            }
        }
        close(&mut levels);
        if levels.is_empty() {
            return decoder.position() == bytes.len();
        }
    }
}

/// Ends every level that has all its items; each is an item of the one around it.
fn close(levels: &mut Vec<Level<'_>>) {
    while levels.pop_if(|level| level.left == 0).is_some() {
        if let Some(around) = levels.last_mut() {
            around.left = around.left.saturating_sub(1);
        }
    }
}

fn step(decoder: &mut Decoder<'_>) -> Option<Read> {
    let start = decoder.position();
    let (read, length) = match decoder.datatype().ok()? {
        Type::Bool => (Read::Scalar, decoder.bool().ok().map(|_| 1)?),
        Type::Null => (Read::Scalar, decoder.null().ok().map(|()| 1)?),
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => (Read::Scalar, head_length(decoder.u64().ok()?)),
        Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => {
            let below = -1_i128 - i128::from(decoder.int().ok()?);
            (Read::Scalar, head_length(u64::try_from(below).ok()?))
        }
        Type::Bytes => (Read::Scalar, whole_length(decoder.bytes().ok()?.len())?),
        Type::String => (Read::Scalar, whole_length(decoder.str().ok()?.len())?),
        Type::Array => {
            let items = decoder.array().ok()??;
            (Read::Opened(Shape::Array, items), head_length(items))
        }
        Type::Map => {
            let pairs = decoder.map().ok()??;
            (Read::Opened(Shape::Map, pairs.checked_mul(2)?), head_length(pairs))
        }
        _ => return None,
    };
    (decoder.position().checked_sub(start)? == length).then_some(read)
}

/// Bytes of the shortest head with this argument (RFC 8949 §4.2.1).
fn head_length(argument: u64) -> usize {
    match argument {
        0..=23 => 1,
        24..=0xff => 2,
        0x100..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        _ => 9,
    }
}

fn whole_length(content: usize) -> Option<usize> {
    head_length(u64::try_from(content).ok()?).checked_add(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(hex: &str) -> bool {
        is_canonical(&data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap())
    }

    #[test]
    fn what_is_written_in_its_one_form_is_canonical() {
        for hex in ["00", "17", "1818", "20", "3818", "40", "6161", "f5", "f6", "80", "a0", "a2006161018100"]
        {
            assert!(canonical(hex), "{hex}");
        }
        for hex in ["a2008201a10203182040", "8282000181a0", "1b0000000100000000", "3903e7", "a10080"] {
            assert!(canonical(hex), "{hex}");
        }
    }

    #[test]
    fn every_other_form_is_none() {
        let longer = ["1800", "190017", "1a0000ffff", "3800", "5800", "780161", "9800", "b80100"];
        let order = ["a201000000", "a2000000f5", "a2182000181800"];
        let others = ["9fff", "bfff", "5f40ff", "f90000", "fb0000000000000000", "f7", "c000", "a18000", "f0"];
        let cut = ["", "a1", "a100", "81", "4101ff", "0000", "6261"];
        for hex in longer.iter().chain(&order).chain(&others).chain(&cut) {
            assert!(!canonical(hex), "{hex}");
        }
    }

    #[test]
    fn levels_have_an_end() {
        assert!(canonical(&format!("{}80", "81".repeat(15))));
        assert!(!canonical(&format!("{}80", "81".repeat(16))));
        assert!(!canonical(&"9b7fffffffffffffff".repeat(40)));
    }
}
