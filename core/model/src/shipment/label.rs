//! The profile that judges an item line held against the limits on its label.

use crate::api::LabelWarning;
use crate::gs1::LabelLimits;
use crate::profile::{Bound, Profile};
use crate::record::{ItemLine, Shipment};

/// What to think over about the lines of a shipment, in their order.
pub fn label_warnings(shipment: &Shipment) -> Vec<LabelWarning> {
    let of_line = |(line, item): (u32, &ItemLine)| {
        let profile = item.profile.as_ref().unwrap_or(&shipment.profile);
        item.label.map(|label| looser(line, label, profile)).unwrap_or_default()
    };
    (0_u32..).zip(&shipment.items).flat_map(of_line).collect()
}

/// Where the profile's range, guard band included, reaches beyond the label's; a narrower one is no matter.
fn looser(line: u32, label: LabelLimits, profile: &Profile) -> Vec<LabelWarning> {
    let range = profile.effective_limits();
    let above = label.highest.filter(|highest| range.max > highest.warmest(profile.scale));
    let below = label.lowest.filter(|lowest| range.min < lowest.coldest(profile.scale));
    let warning = |bound, label, profile_c| LabelWarning {
        code: LabelWarning::CODE.into(),
        line,
        bound,
        label,
        profile: format!("{} v{}", profile.name, profile.version),
        profile_c,
    };
    let above = above.map(|label| warning(Bound::Above, label, range.max));
    let below = below.map(|label| warning(Bound::Below, label, range.min));
    above.into_iter().chain(below).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gs1::read;

    fn warned(limits: &str, label: &str) -> Vec<Bound> {
        let profile = format!(r#"{{"name":"Own","version":3,"limits":{{{limits}}},"interval_s":600}}"#);
        let label = LabelLimits::of(&read(&format!("(00)095212345432100010{label}")).unwrap());
        let profile = Profile::from_json(&profile).unwrap();
        label
            .map(|label| looser(0, label, &profile))
            .unwrap_or_default()
            .iter()
            .map(|one| one.bound)
            .collect()
    }

    const COLD: &str = r#""min_c":2.0,"max_c":8.0"#;
    const COLD_F: &str = r#""min_f":35.6,"max_f":46.4"#;

    #[test]
    fn a_profile_looser_than_the_label_is_told_on_its_side_and_an_equal_or_narrower_one_is_not() {
        assert_eq!(warned(COLD, "(4331)000800(4333)000200"), []);
        assert_eq!(warned(COLD, "(4331)000799(4333)000200"), [Bound::Above]);
        assert_eq!(warned(COLD, "(4331)000800(4333)000201"), [Bound::Below]);
        assert_eq!(warned(COLD, "(4331)000700(4333)000300"), [Bound::Above, Bound::Below]);
        assert_eq!(warned(COLD, "(4331)002500(4333)002500-"), []);
        assert_eq!(warned(COLD, "(4331)000700"), [Bound::Above]);
        assert_eq!(warned(COLD, "(4333)000300"), [Bound::Below]);
        assert_eq!(warned(COLD, ""), []);
    }

    #[test]
    fn a_label_in_fahrenheit_is_held_against_either_scale() {
        for profile in [COLD, COLD_F] {
            assert_eq!(warned(profile, "(4330)004640(4332)003560"), [], "{profile}");
            assert_eq!(warned(profile, "(4331)000800(4333)000200"), [], "{profile}");
            assert_eq!(
                warned(profile, "(4330)004639(4332)003561"),
                [Bound::Above, Bound::Below],
                "{profile}"
            );
            assert_eq!(
                warned(profile, "(4331)000799(4333)000201"),
                [Bound::Above, Bound::Below],
                "{profile}"
            );
        }
        assert_eq!(warned(r#""min_f":36.0,"max_f":46.0"#, "(4330)004600(4332)003600"), []);
    }

    #[test]
    fn a_guard_band_narrows_the_profile_before_it_is_held_against_the_label() {
        let limits = r#""limits":{"min_c":1.5,"max_c":8.5},"guard_band_c":0.5"#;
        let json = format!(r#"{{"name":"Own","interval_s":600,{limits}}}"#);
        let profile = Profile::from_json(&json).unwrap();
        let label =
            LabelLimits::of(&read("(00)095212345432100010(4331)000800(4333)000200").unwrap()).unwrap();
        assert_eq!(looser(0, label, &profile), []);
    }
}
