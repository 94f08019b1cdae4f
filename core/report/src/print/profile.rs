//! By which limits: the shipment's profile, and that of each line that has one of its own.

use super::section::fact;
use super::{Block, Fact, Matter, Section, text, words};
use firn_model::api::{CountingProfile, OtherProfile};
use firn_model::profile::{Budget, Profile, Scale};
use firn_model::units::CentiFahrenheit;

pub(super) fn sections(matter: &Matter<'_>) -> Vec<Section> {
    let section = |heading: String, line: Option<u32>, judges: &Profile| {
        let mut facts = profile(judges);
        let others = matter.detail.other_profiles.iter().filter(|one| one.line == line);
        facts.extend(others.map(|one| fact("Not the one that counts", another(matter, one, judges.scale))));
        Section::new(heading, vec![Block::Facts { rows: facts }])
    };
    let of_shipment = matter.detail.profile.iter().map(|one| section("Profile".into(), None, one));
    let own = (0_u32..).zip(&matter.detail.items);
    let own = own.filter_map(|(line, item)| {
        let heading = format!("Profile of line {}", line.saturating_add(1));
        Some(section(heading, Some(line), item.profile.as_ref()?))
    });
    of_shipment.chain(own).collect()
}

/// What counts under the name and version of a profile that two people published without knowing of each other.
fn another(matter: &Matter<'_>, other: &OtherProfile, scale: Scale) -> String {
    let CountingProfile { limits, published, by } = &other.counts;
    let shown = |value| text::at_scale(value, scale);
    let more = if *limits == other.limits { "; they differ in other rules" } else { "" };
    format!(
        "{}, version {}, is now the profile that {by} published at {}, with limits from {} to {}{more}",
        other.name,
        other.version,
        matter.instant(*published),
        shown(limits.min),
        shown(limits.max)
    )
}

fn profile(profile: &Profile) -> Vec<Fact> {
    let limits = profile.limits;
    let shown = |value| text::at_scale(value, profile.scale);
    let mut facts = vec![
        fact("Name and version", format!("{}, version {}", profile.name, profile.version)),
        fact("Limits", format!("{} to {}, both in range", shown(limits.min), shown(limits.max))),
    ];
    if profile.guard_band.0 != 0 {
        facts.push(fact("Guard band", guard_band(profile)));
    }
    facts.push(fact("Logging interval", text::duration(u64::from(profile.interval_s) * 1000)));
    facts.extend(
        profile.freeze.map(|freeze| fact("Freezing", format!("the product {}", words::freeze(freeze)))),
    );
    let budget = |budget: &Budget| {
        let from = match profile.scale {
            Scale::Celsius => text::degrees(budget.from),
            Scale::Fahrenheit => shown(budget.from),
        };
        let to = shown(budget.to);
        let allowed = text::duration(u64::from(budget.allowance_s).saturating_mul(1000));
        fact(
            "Stability budget",
            format!("{}: {from} to {to} where out of the limits, {allowed} in all", budget.id),
        )
    };
    facts.extend(profile.budgets.iter().map(budget));
    facts
}

/// A difference of temperatures, by which each limit is drawn in.
fn guard_band(profile: &Profile) -> String {
    let celsius = text::celsius(profile.guard_band);
    match profile.scale {
        Scale::Celsius => format!("{celsius} on each limit"),
        Scale::Fahrenheit => {
            format!("{} °F ({celsius}) on each limit", CentiFahrenheit::of_difference(profile.guard_band))
        }
    }
}
