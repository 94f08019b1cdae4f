//! In which zone times are printed, by which rules they were judged, and which clocks were set.

use super::section::fact;
use super::{Block, Fact, Matter, Section, text, words};
use firn_model::api::ClockDifference;
use firn_model::record::{Did, Download};
use firn_model::shipment::Placed;

pub(super) fn sections(matter: &Matter<'_>) -> Vec<Section> {
    let printing = matter.printing;
    let zone = if printing.zone.is_empty() { "not named" } else { &printing.zone };
    let mut facts = vec![
        fact(
            "Time zone",
            match text::offset(printing.offset) {
                offset if offset == *zone => offset,
                offset => format!("{zone}, {offset}"),
            },
        ),
        fact("Written", matter.instant(printing.created)),
        fact("Rules", firn_model::assess::RULES),
    ];
    facts.extend(clocks(matter));
    facts.extend(matter.detail.clock_differences.iter().map(|one| difference(matter, one)));
    vec![Section::new("Time", vec![Block::Facts { rows: facts }])]
}

/// The clocks of loggers that downloads set.
fn clocks(matter: &Matter<'_>) -> Vec<Fact> {
    let told = |placed: &Placed<Download>| match placed.says.did {
        Did::SetClock(set) => {
            let label = matter.logger(placed.says.logger);
            let (at, by) = (matter.instant(set.at), words::device(&placed.device));
            Some(fact("Clock set", format!("{label}, at {at} by {by}: to {}", words::clock_set(&set))))
        }
        Did::KeptSession(_) => None,
    };
    matter.assessed.story.downloads.iter().filter_map(told).collect()
}

/// Two devices whose clocks differ, by the entries that show it.
fn difference(matter: &Matter<'_>, one: &ClockDifference) -> Fact {
    let minutes = one.difference_s / 60;
    let told = format!(
        "{minutes} min or more: {} signed at {} by its clock, and held what {} had signed at {} by its own",
        words::device(&one.behind),
        matter.instant(one.behind_at),
        words::device(&one.ahead),
        matter.instant(one.ahead_at)
    );
    fact("Clocks differ", told)
}
