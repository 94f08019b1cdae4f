//! IEEE 754 numbers of 32 bits into small units by integers only, exactly rounded.

/// The number with these bits times `units` (up to 10,000), rounded half away from zero; `None` for what is
/// no finite number and for magnitudes that no sensor answers (2^32 and more).
pub(super) fn scaled(bits: u32, units: u16) -> Option<i64> {
    let exponent = bits >> 23 & 0xFF;
    let fraction = i64::from(bits & 0x7F_FFFF);
    // value = significand × 2^(power - 150); a subnormal has no hidden bit and the power of 1.
    let (significand, power) = match exponent {
        0xFF => return None,
        0 => (fraction, 1),
        _ => (fraction | 0x80_0000, exponent),
    };
    let scaled = significand.checked_mul(i64::from(units))?;
    let magnitude = match power.checked_sub(150) {
        Some(up @ 0..=8) => scaled.checked_shl(up)?,
        Some(_) => return None,
        None => {
            let down = 150_u32.checked_sub(power)?;
            // The scaled significand has at most 40 bits: further down nothing is left to round up.
            if down > 40 { 0 } else { scaled.checked_add(1_i64.checked_shl(down.checked_sub(1)?)?)? >> down }
        }
    };
    Some(if bits >> 31 == 1 { magnitude.checked_neg()? } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_rounded_half_away_from_zero() {
        // 21.0, 29.3625431…, −2.5, 0.0005 (just above), −0.0004, the smallest subnormal, 2^30.
        let cases = [
            (0x41A8_0000, Some(21_000)),
            (0x41EA_E67D, Some(29_363)),
            (0xC020_0000, Some(-2500)),
            (0x3A03_126F, Some(1)),
            (0xB9D1_B717, Some(0)),
            (1, Some(0)),
            (0x4E80_0000, Some(1_073_741_824_000)),
        ];
        for (bits, expected) in cases {
            assert_eq!(scaled(bits, 1000), expected, "{bits:08x}");
        }
    }

    #[test]
    fn what_is_not_finite_or_too_great_is_none() {
        for bits in [0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0x7F7F_FFFF, 0x5000_0000] {
            assert_eq!(scaled(bits, 1000), None, "{bits:08x}");
        }
    }
}
