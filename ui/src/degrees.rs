//! How many decimals of a temperature are shown: few, but always those that decided.

use firn_model::profile::Limits;
use firn_model::units::MilliCelsius;

/// One decimal where it leaves `value` on the same side of each limit, else every digit there is.
///
/// 8.005 beside a limit of 8 needs all three: 8.0 would look in range.
pub(crate) fn decimals(value: MilliCelsius, limits: Option<Limits>) -> u8 {
    let shown = MilliCelsius(to_one_decimal(value.0));
    let keeps_side = |limit: MilliCelsius| shown.cmp(&limit) == value.cmp(&limit);
    match limits {
        None => 1,
        Some(limits) if keeps_side(limits.min) && keeps_side(limits.max) => 1,
        Some(_) if value.0 % 10 == 0 => 2,
        Some(_) => 3,
    }
}

/// Half away from zero, as `Intl.NumberFormat` rounds.
fn to_one_decimal(value: i32) -> i32 {
    let half = if value < 0 { -50 } else { 50 };
    value.saturating_add(half) / 100 * 100
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRIDGE: Option<Limits> = Some(Limits { min: MilliCelsius(2000), max: MilliCelsius(8000) });

    #[test]
    fn a_reading_just_out_of_range_never_looks_in_range() {
        assert_eq!(decimals(MilliCelsius(8005), FRIDGE), 3);
        assert_eq!(decimals(MilliCelsius(8010), FRIDGE), 2);
        assert_eq!(decimals(MilliCelsius(8100), FRIDGE), 1);
        assert_eq!(decimals(MilliCelsius(1996), FRIDGE), 3);
        assert_eq!(decimals(MilliCelsius(1990), FRIDGE), 2);
    }

    #[test]
    fn a_reading_just_in_range_never_looks_like_the_limit() {
        assert_eq!(decimals(MilliCelsius(7996), FRIDGE), 3);
        assert_eq!(decimals(MilliCelsius(8000), FRIDGE), 1);
    }

    #[test]
    fn without_limits_one_decimal_is_enough() {
        assert_eq!(decimals(MilliCelsius(-18_337), None), 1);
        assert_eq!(decimals(MilliCelsius(5225), FRIDGE), 1);
    }
}
