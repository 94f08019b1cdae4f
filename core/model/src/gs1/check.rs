//! Check digits and check characters of GS1 keys.

use super::dictionary::SET_82;

/// The check digit that belongs behind `digits` (GS1 General Specifications, 7.9.1); none for other characters.
pub(super) fn digit(digits: &str) -> Option<u8> {
    let mut sum = 0_u32;
    for (place, byte) in digits.bytes().rev().enumerate() {
        let value = u32::from(byte.checked_sub(b'0').filter(|value| *value < 10)?);
        sum = sum.checked_add(if place % 2 == 0 { value * 3 } else { value })?;
    }
    u8::try_from((10 - sum % 10) % 10).ok().map(|check| b'0' + check)
}

/// Whether the last digit of `key` is the check digit of those before it.
pub(super) fn digit_holds(key: &str) -> bool {
    let split = key.len().checked_sub(1).and_then(|at| key.split_at_checked(at));
    split.is_some_and(|(digits, last)| digit(digits).is_some_and(|check| last.as_bytes() == [check]))
}

/// The characters of a check pair, in the order of their values.
const SET_32: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// The weights from the right: the first primes, as many as a GMN has characters.
const PRIMES: [u32; 23] =
    [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83];

/// Whether the last two characters of `key` check those before them (GS1 General Specifications, 7.9.5).
pub(super) fn pair_holds(key: &str) -> bool {
    let split = key.len().checked_sub(2).and_then(|at| key.split_at_checked(at));
    split.is_some_and(|(body, last)| pair(body).is_some_and(|pair| last.as_bytes() == pair))
}

fn pair(body: &str) -> Option<[u8; 2]> {
    if body.len() > PRIMES.len() {
        return None;
    }
    let mut sum = 0_u32;
    for (byte, weight) in body.bytes().rev().zip(PRIMES) {
        let value = SET_82.bytes().position(|one| one == byte)?;
        sum = sum.checked_add(u32::try_from(value).ok()?.checked_mul(weight)?)?;
    }
    let sum = usize::try_from(sum % 1021).ok()?;
    Some([*SET_32.get(sum >> 5)?, *SET_32.get(sum & 31)?])
}
