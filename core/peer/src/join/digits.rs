//! Six digits that two people compare before a device is enrolled that may decide or administer.
//!
//! An invitation's text can be photographed. Whoever holds it could join first, as somebody else; the digits show
//! that the device which asks is the one in the invited person's hand. They follow from the request, which fixes the
//! device's key, and from random bytes that the inviter draws after it has the request: nobody can choose a key whose
//! digits fit.

use std::fmt;

/// What the digits' code is made for.
pub(super) const DIGITS_DOMAIN: &[u8] = b"firn join digits v1";

/// One in so many guesses fits.
const COUNT: u64 = 1_000_000;

/// The inviter's random bytes, drawn when a request is first seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nonce(pub [u8; 16]);

/// Six decimal digits, shown as `042 917`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digits(u32);

impl Digits {
    /// Of a code: its first eight bytes, big-endian, modulo a million.
    pub(super) fn of(code: &[u8; 32]) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = *code;
        let number = u64::from_be_bytes([a, b, c, d, e, f, g, h]) % COUNT;
        Self(u32::try_from(number).unwrap_or_default())
    }

    /// The six digits without a space.
    pub fn compact(&self) -> String {
        format!("{:06}", self.0)
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03} {:03}", self.0 / 1000, self.0 % 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_six_with_their_leading_zeros() {
        let code = |number: u64| {
            let mut code = [0xff; 32];
            code[..8].copy_from_slice(&number.to_be_bytes());
            Digits::of(&code)
        };
        assert_eq!((code(7).to_string(), code(7).compact()), ("000 007".into(), "000007".into()));
        assert_eq!(code(3_000_000 + 123_456).to_string(), "123 456");
    }
}
