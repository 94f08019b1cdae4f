//! Built-in profiles of products: what a label allows beyond its range, as budgets.
//!
//! Source of the numbers: the makers' storage pages and immunize.org as cited with each. Labels change;
//! what was not confirmed from a label is said in the note.

use super::presets::{HOUR, base};
use super::{Budget, CONFIRM_LABEL, Freeze, Preset, Profile};
use crate::units::MilliCelsius;

const DAY: u32 = 24 * HOUR;

const PFIZER: &str = "pfizermedical.com: Comirnaty, storage and handling (US)";
const MODERNA: &str = "products.modernatx.com: Spikevax 2024-25, storage and handling (US)";
const IMMUNIZE: &str = "immunize.org: storage of varicella-containing vaccines kept frozen";
const GARDASIL: &str = "Gardasil 9 prescribing information (US), as widely quoted";
const SPS: &str = "NHS Specialist Pharmacy Service: refrigerated vaccines, excursion data from the makers";

/// The products, in the order of their names.
pub(super) fn products() -> Vec<Preset> {
    [comirnaty(), vec![gardasil(), menveo(), priorix(), spikevax(), varicella()]].concat()
}

fn comirnaty() -> Vec<Preset> {
    let frozen = product("Comirnaty single-dose vial", (-90_000, -60_000), Freeze::FrozenProduct).with(band(
        "refrigerated",
        2000,
        8000,
        70 * DAY,
    ));
    let syringe = product("Comirnaty syringe", (2000, 8000), Freeze::Sensitive).with(band(
        "room",
        8000,
        25_000,
        12 * HOUR,
    ));
    vec![
        preset(
            "comirnaty-vial",
            PFIZER,
            "Ten weeks at 2 to 8 °C, never −25 to −15 °C, never frozen again. The thaw itself lies outside \
             both: begin the watch when the vials are at their place.",
            frozen.0,
        ),
        preset(
            "comirnaty-syringe",
            PFIZER,
            "8 to 25 °C for at most 12 hours in all; do not freeze.",
            syringe.0,
        ),
    ]
}

fn gardasil() -> Preset {
    let profile =
        product("Gardasil 9", (2000, 8000), Freeze::Sensitive).with(band("room", 8000, 25_000, 72 * HOUR));
    let note =
        "Do not freeze. That 72 hours in all at 8 to 25 °C are allowed was not confirmed from the label.";
    preset("gardasil-9", GARDASIL, note, profile.0)
}

fn menveo() -> Preset {
    let profile =
        product("Menveo", (0, 8000), Freeze::Sensitive).with(band("room", 8000, 25_000, 120 * HOUR));
    let note = "0 to 2 °C does no harm; up to 25 °C for at most 120 hours in all.";
    preset("menveo", SPS, note, profile.0)
}

fn priorix() -> Preset {
    let profile =
        product("Priorix", (-20_000, 8000), Freeze::Tolerant).with(band("room", 8000, 25_000, 72 * HOUR));
    let note = "Down to −20 °C does no harm; up to 25 °C for at most 72 hours in all.";
    preset("priorix", SPS, note, profile.0)
}

fn spikevax() -> Preset {
    let profile = product("Spikevax syringe 2024-25", (-50_000, -15_000), Freeze::FrozenProduct)
        .with(band("refrigerated", 2000, 8000, 60 * DAY))
        .with(band("room", 8000, 25_000, 12 * HOUR));
    let note = "60 days at 2 to 8 °C and 12 hours at 8 to 25 °C, each in all. The thaw itself lies outside \
                both: begin the watch when the syringes are at their place.";
    preset("spikevax-syringe-2024-25", MODERNA, note, profile.0)
}

fn varicella() -> Preset {
    let profile = product("Varicella or MMRV, frozen", (-50_000, -15_000), Freeze::FrozenProduct).with(band(
        "refrigerated",
        2000,
        8000,
        72 * HOUR,
    ));
    let note = "72 hours at 2 to 8 °C in all, then discard.";
    preset("varicella-mmrv-frozen", IMMUNIZE, note, profile.0)
}

fn preset(key: &'static str, source: &'static str, note: &'static str, profile: Profile) -> Preset {
    Preset { key, source, note, confirm: CONFIRM_LABEL, profile }
}

/// A profile under construction.
struct Product(Profile);

/// Without alarms: what lies outside the range and outside every budget's band is an excursion.
fn product(name: &str, limits: (i32, i32), freeze: Freeze) -> Product {
    Product(Profile { freeze: Some(freeze), ..base(name, limits, 900) })
}

impl Product {
    fn with(mut self, budget: Budget) -> Self {
        self.0.budgets.push(budget);
        self
    }
}

fn band(id: &str, from: i32, to: i32, allowance_s: u32) -> Budget {
    Budget { id: id.to_owned(), from: MilliCelsius(from), to: MilliCelsius(to), allowance_s }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::{Reason, Sample, Span, Verdict, assess_series};
    use crate::profile::preset;
    use crate::time::UtcMillis;

    fn judged(key: &str, readings: &[(i64, i32)]) -> (Verdict, Vec<Reason>) {
        let sample = |(hour, value): &(i64, i32)| Sample {
            time: UtcMillis(hour * 3_600_000),
            value: MilliCelsius(*value),
        };
        let samples: Vec<Sample> = readings.iter().map(sample).collect();
        let profile = &preset(key).unwrap().profile;
        let assessment = assess_series(profile, &samples, Some(3600), Span::WHOLE);
        (assessment.verdict, assessment.reasons)
    }

    fn hours(from: i64, to: i64, value: i32) -> Vec<(i64, i32)> {
        (from..=to).map(|hour| (hour, value)).collect()
    }

    #[test]
    fn twelve_hours_at_room_temperature_are_used_and_a_thirteenth_spends_them() {
        let used = (Verdict::Review, vec![Reason::BudgetUsed]);
        let spell = |to: i64| [hours(0, to, 20_000), hours(to, to + 1, 5000)[1..].to_vec()].concat();
        assert_eq!(judged("comirnaty-syringe", &spell(11)), used);
        assert_eq!(judged("comirnaty-syringe", &spell(12)).0, Verdict::Excursion);
        assert_eq!(judged("comirnaty-syringe", &[(0, 5000), (1, 25_001), (2, 5000)]).0, Verdict::Excursion);
    }

    #[test]
    fn a_freezer_at_minus_twenty_is_no_place_for_a_vial_of_comirnaty() {
        assert_eq!(judged("comirnaty-vial", &hours(0, 3, -75_000)), (Verdict::Ok, vec![]));
        assert_eq!(judged("comirnaty-vial", &hours(0, 3, 4000)).0, Verdict::Review);
        assert_eq!(judged("comirnaty-vial", &hours(0, 3, -20_000)).0, Verdict::Excursion);
    }

    #[test]
    fn what_one_vaccine_bears_another_does_not() {
        let frost = hours(0, 3, -1000);
        assert_eq!(judged("priorix", &frost), (Verdict::Ok, vec![]));
        assert_eq!(judged("menveo", &frost).0, Verdict::Excursion);
        assert_eq!(judged("menveo", &hours(0, 3, 1000)), (Verdict::Ok, vec![]));
        assert_eq!(judged("gardasil-9", &hours(0, 3, 1000)).0, Verdict::Excursion);
        let thawed = [hours(0, 73, 4000), hours(74, 74, -20_000)].concat();
        assert_eq!(judged("varicella-mmrv-frozen", &thawed).0, Verdict::Excursion);
        assert_eq!(judged("spikevax-syringe-2024-25", &thawed).0, Verdict::Review);
    }
}
