//! Arithmetic in GF(2⁸) modulo x⁸ + x⁴ + x³ + x + 1, the field of FIPS 197 §4, in time that does not depend on
//! the values: no branch and no table look-up on them.

/// The field's polynomial without its highest term.
const POLYNOMIAL: u8 = 0x1b;

/// All ones where `bit` is 1, none where it is 0.
fn mask(bit: u8) -> u8 {
    0_u8.wrapping_sub(bit & 1)
}

/// The product (FIPS 197 §4.2).
pub(super) fn times(left: u8, right: u8) -> u8 {
    let (mut product, mut power) = (0, left);
    for bit in 0..8 {
        product ^= power & mask(right >> bit);
        power = (power << 1) ^ (POLYNOMIAL & mask(power >> 7));
    }
    product
}

/// The inverse, by Fermat: `value` to the power of 254; of 0 it is 0.
pub(super) fn inverse(value: u8) -> u8 {
    let (mut result, mut square) = (1, value);
    // 254 = 2 + 4 + … + 128.
    for _ in 0..7 {
        square = times(square, square);
        result = times(result, square);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_the_standard() {
        // FIPS 197 §4.2 and §4.2.1.
        for (left, right, product) in [
            (0x57, 0x83, 0xc1),
            (0x57, 0x02, 0xae),
            (0x57, 0x04, 0x47),
            (0x57, 0x08, 0x8e),
            (0x57, 0x13, 0xfe),
        ] {
            assert_eq!(times(left, right), product);
            assert_eq!(times(right, left), product);
        }
    }

    #[test]
    fn every_value_but_zero_has_its_inverse() {
        assert_eq!(inverse(0), 0);
        assert_eq!(inverse(0x53), 0xca);
        for value in 1..=u8::MAX {
            assert_eq!(times(value, inverse(value)), 1, "{value}");
        }
    }

    #[test]
    fn multiplication_is_that_of_a_field() {
        for a in (0..=u8::MAX).step_by(7) {
            for b in 0..=u8::MAX {
                assert_eq!(times(a, b), times(b, a));
                for c in [1, 2, 3, 0x80, 0xff] {
                    assert_eq!(times(times(a, b), c), times(a, times(b, c)));
                    assert_eq!(times(a, b ^ c), times(a, b) ^ times(a, c));
                }
            }
        }
    }
}
