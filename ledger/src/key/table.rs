//! The signatures of one key, many at a time, each with exactly the verdict of [`PublicKey::verify`].

use std::cmp::Ordering;
use std::sync::LazyLock;

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use sha2::{Digest, Sha512};

use crate::bytes::{PublicKey, Signature};
use crate::error::Fault;

/// Bits of a digit.
const BITS: usize = 7;
/// Digits of a scalar, which is below 2²⁵³.
const DIGITS: usize = 37;
/// The digits' base.
const BASE: u16 = 1 << BITS;
/// Half of it: digits go from −64 to 63.
const HALF: usize = 1 << (BITS - 1);

/// Multiples of the base point (RFC 8032 §5.1).
static OF_BASE: LazyLock<Multiples> = LazyLock::new(|| Multiples::of(ED25519_BASEPOINT_POINT));

/// The encodings of the points of small order: equal points have equal encodings.
static SMALL: LazyLock<[CompressedEdwardsY; 8]> =
    LazyLock::new(|| EIGHT_TORSION.map(|point| point.compress()));

/// A message and what is said to be its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What was signed.
    pub message: Vec<u8>,
    /// By the table's key.
    pub signature: Signature,
}

/// Multiples of a key, made once: then a signature costs additions alone.
///
/// No batch equation decides: such a one accepts what strict verification refuses. For each signature the R that
/// it must have (RFC 8032 §5.1.7, without the cofactor) is computed and its bytes are compared; the one inversion
/// of each encoding is shared.
pub struct KeyTable {
    key: PublicKey,
    /// Multiples of −A.
    negative: Multiples,
}

impl KeyTable {
    /// The table of a key: 2,368 points of 160 bytes.
    ///
    /// # Errors
    /// [`Fault::Key`] for a key that could not have been enrolled.
    pub fn new(key: PublicKey) -> Result<Self, Fault> {
        let point = key.point()?.to_edwards();
        Ok(Self { key, negative: Multiples::of(-point) })
    }

    /// The verdict on each, in their order.
    pub fn verify(&self, signed: &[Signed]) -> Vec<Result<(), Fault>> {
        // Where S is not canonical nothing is computed, and no R is right.
        let expected: Vec<Option<EdwardsPoint>> = signed.iter().map(|one| self.expected(one)).collect();
        let points: Vec<EdwardsPoint> = expected.iter().map(|point| point.unwrap_or_default()).collect();
        let encoded = EdwardsPoint::compress_batch_alloc(&points);
        let is_right = |((one, point), encoded): ((&Signed, Option<EdwardsPoint>), &CompressedEdwardsY)| {
            let given = one.signature.0.first_chunk::<32>();
            let right = point.is_some() && given == Some(encoded.as_bytes()) && !SMALL.contains(encoded);
            if right { Ok(()) } else { Err(Fault::Signature) }
        };
        signed.iter().zip(expected).zip(&encoded).map(is_right).collect()
    }

    /// S·B − H(R ‖ A ‖ M)·A.
    fn expected(&self, one: &Signed) -> Option<EdwardsPoint> {
        let (r, s) = one.signature.0.split_first_chunk::<32>()?;
        let s = Option::<Scalar>::from(Scalar::from_canonical_bytes(s.try_into().ok()?))?;
        let hash = Sha512::new().chain_update(r).chain_update(self.key.0).chain_update(&one.message);
        let challenge = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
        Some(self.negative.add_times(&challenge, OF_BASE.add_times(&s, EdwardsPoint::identity())))
    }
}

/// For each place of a digit the multiples of 128ⁿ times a point, from 1 to 64 times. What is looked up depends on
/// the scalar: for public ones alone.
struct Multiples(Vec<EdwardsPoint>);

impl Multiples {
    fn of(point: EdwardsPoint) -> Self {
        let (mut multiples, mut unit) = (Vec::with_capacity(DIGITS * HALF), point);
        for _ in 0..DIGITS {
            let mut multiple = unit;
            for _ in 1..HALF {
                multiples.push(multiple);
                multiple += unit;
            }
            multiples.push(multiple);
            unit = multiple + multiple;
        }
        Self(multiples)
    }

    /// `sum`, and `scalar` times the point.
    fn add_times(&self, scalar: &Scalar, mut sum: EdwardsPoint) -> EdwardsPoint {
        for (multiples, digit) in self.0.chunks_exact(HALF).zip(digits(scalar)) {
            let multiple = || multiples.get(usize::from(digit.unsigned_abs()).saturating_sub(1));
            match (digit.cmp(&0), multiple()) {
                (Ordering::Greater, Some(multiple)) => sum += multiple,
                (Ordering::Less, Some(multiple)) => sum -= multiple,
                _ => {}
            }
        }
        sum
    }
}

/// A scalar in base 128, the smallest first, each digit from −64 to 63.
fn digits(scalar: &Scalar) -> [i8; DIGITS] {
    let bytes = scalar.as_bytes();
    let mut carry = 0;
    std::array::from_fn(|n| {
        let bit = n * BITS;
        let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
        let pair = u16::from_le_bytes([byte(bit / 8), byte(bit / 8 + 1)]);
        let digit = ((pair >> (bit % 8)) % BASE) as i16 + carry;
        carry = i16::from(digit >= HALF as i16);
        (digit - carry * BASE as i16) as i8
    })
}

impl std::fmt::Debug for KeyTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyTable(of {})", self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{SecretKey, Signer};
    use proptest::prelude::*;

    /// What a hostile signer makes of an honest signature.
    #[derive(Debug, Clone, Copy)]
    enum Mischief {
        None,
        /// A bit of R, S or the message turned.
        Flip(usize),
        /// S + L: another encoding of the same scalar.
        LargeS,
        /// R, and a point of small order added; signed anew for that R, so that a check with cofactor accepts.
        TorsionInR(usize),
        /// R of small order, and an S that answers for the neutral point.
        SmallR(usize),
        /// R in an encoding that is not canonical.
        OddR(u8),
    }

    fn mischief() -> impl Strategy<Value = Mischief> {
        prop_oneof![
            3 => Just(Mischief::None),
            1 => (0..64usize * 8 + 24).prop_map(Mischief::Flip),
            1 => Just(Mischief::LargeS),
            1 => (1..8usize).prop_map(Mischief::TorsionInR),
            1 => (0..8usize).prop_map(Mischief::SmallR),
            1 => any::<u8>().prop_map(Mischief::OddR),
        ]
    }

    fn flip(bytes: &mut [u8], bit: usize) {
        if let Some(byte) = bytes.get_mut(bit / 8) {
            *byte ^= 1 << (bit % 8);
        }
    }

    /// A signature whose S answers for whatever R is given, made with the secret scalar.
    fn answered(scalar: Scalar, nonce: Scalar, key: &PublicKey, r: [u8; 32], message: &[u8]) -> Signature {
        let hash = Sha512::new().chain_update(r).chain_update(key.0).chain_update(message);
        let challenge = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
        let s = nonce + challenge * scalar;
        Signature([r, s.to_bytes()].concat().try_into().unwrap())
    }

    fn made(seed: [u8; 32], message: Vec<u8>, mischief: Mischief) -> Signed {
        let secret = SecretKey::from_seed(&seed);
        let key = secret.public_key();
        let signature = secret.sign(&message).unwrap();
        let mut signed = Signed { message, signature };
        let scalar = ed25519_dalek::SigningKey::from_bytes(&seed).to_scalar();
        let nonce = Scalar::from_bytes_mod_order([7; 32]);
        let answer_with = |nonce, r, message: &[u8]| answered(scalar, nonce, &key, r, message);
        let answer = |r: [u8; 32], message: &[u8]| answer_with(nonce, r, message);
        match mischief {
            Mischief::None => {}
            Mischief::Flip(bit) if bit < 512 => flip(&mut signed.signature.0, bit),
            Mischief::Flip(bit) => flip(&mut signed.message, bit - 512),
            Mischief::LargeS => {
                let order = (Scalar::ZERO - Scalar::ONE).to_bytes();
                let mut carry = 1u16;
                for (byte, of_order) in signed.signature.0[32..].iter_mut().zip(order) {
                    let sum = u16::from(*byte) + u16::from(of_order) + carry;
                    *byte = (sum & 0xff) as u8;
                    carry = sum >> 8;
                }
            }
            Mischief::TorsionInR(which) => {
                let r = EdwardsPoint::mul_base(&nonce) + EIGHT_TORSION[which];
                signed.signature = answer(r.compress().to_bytes(), &signed.message);
            }
            Mischief::SmallR(which) => {
                let r = EIGHT_TORSION[which].compress().to_bytes();
                signed.signature = answer_with(Scalar::ZERO, r, &signed.message);
            }
            Mischief::OddR(low) => {
                let mut r = [0xff; 32];
                r[0] = 0xed_u8.wrapping_add(low % 19);
                r[31] = 0x7f | (low & 0x80);
                signed.signature = answer(CompressedEdwardsY(r).to_bytes(), &signed.message);
            }
        }
        signed
    }

    proptest! {
        #[test]
        fn a_scalar_is_the_sum_of_its_digits(bytes: [u8; 32]) {
            let scalar = Scalar::from_bytes_mod_order(bytes);
            let mut sum = Scalar::ZERO;
            for digit in digits(&scalar).into_iter().rev() {
                let magnitude = Scalar::from(digit.unsigned_abs());
                sum = sum * Scalar::from(BASE) + if digit < 0 { -magnitude } else { magnitude };
                prop_assert!((-64..64).contains(&digit));
            }
            prop_assert_eq!(sum, scalar);
            let twice = OF_BASE.add_times(&scalar, EdwardsPoint::mul_base(&scalar));
            prop_assert_eq!(twice, EdwardsPoint::mul_base(&(scalar + scalar)));
        }

        #[test]
        fn a_table_judges_each_signature_as_strict_verification_does(
            seed: [u8; 32],
            signed in prop::collection::vec((prop::collection::vec(any::<u8>(), 3..40), mischief()), 1..12),
        ) {
            let key = SecretKey::from_seed(&seed).public_key();
            let signed: Vec<Signed> =
                signed.into_iter().map(|(message, mischief)| made(seed, message, mischief)).collect();
            let one_by_one: Vec<_> = signed.iter().map(|one| key.verify(&one.message, &one.signature)).collect();
            prop_assert_eq!(KeyTable::new(key).unwrap().verify(&signed), one_by_one);
        }
    }

    #[test]
    fn a_signature_with_a_point_of_small_order_in_r_is_refused_by_both() {
        for which in 1..8 {
            let seed = [3; 32];
            let key = SecretKey::from_seed(&seed).public_key();
            let signed = made(seed, b"dose".to_vec(), Mischief::TorsionInR(which));
            assert_eq!(key.verify(&signed.message, &signed.signature), Err(Fault::Signature));
            assert_eq!(KeyTable::new(key).unwrap().verify(&[signed]), [Err(Fault::Signature)]);
        }
    }

    #[test]
    fn a_key_of_small_order_has_no_table() {
        for point in EIGHT_TORSION {
            assert_eq!(KeyTable::new(PublicKey(point.compress().to_bytes())).err(), Some(Fault::Key));
        }
    }
}
