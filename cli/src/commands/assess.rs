//! `firn assess`: readings judged by a profile.

use crate::arguments::{Assess, Global};
use crate::commands::profile;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::written::instant_if;
use firn_ble::file::readings_csv::{self, Row};
use firn_model::assess::{
    AssessmentView, KineticWindowView, Milliseconds, Sample, Span, assess_series, kinetic_windows,
    near_limits,
};
use firn_model::time::{UtcMillis, UtcOffset};
use firn_model::units::MilliCelsius;
use firn_report::print::text::counted;
use serde::Serialize;
use std::io::Read;

/// Prints the assessment as JSON; its times stand in the offset of the reading in force then.
pub fn run(output: &mut Output, global: &Global, arguments: &Assess) -> Result<Exit, Failure> {
    let profile = profile::named(global, &arguments.profile)?;
    let (from, to) = (instant_if(arguments.from.as_deref())?, instant_if(arguments.to.as_deref())?);
    let span = Span::new(from, to)
        .map_err(|error| Failure::new(error.code(), error.to_string(), error.next_step()))?;
    let text = match &arguments.readings {
        Some(path) => std::fs::read(path).map_err(|error| Failure::unreadable(path, &error))?,
        None => {
            let mut text = Vec::new();
            std::io::stdin().read_to_end(&mut text).map_err(|error| Failure::stream(&error))?;
            text
        }
    };
    let rows = readings_csv::parse(&text)?;
    let finer = rows.iter().filter(|row| row.is_finer).count();
    if finer > 0 {
        eprintln!(
            "firn: finer than a thousandth of a degree: {}. Each was taken to the next thousandth, \
             none onto a hundredth that it does not have",
            counted(finer, "reading", "readings")
        );
    }
    let samples: Vec<Sample> =
        rows.iter().map(|row| Sample { time: row.time.at, value: row.temperature }).collect();
    let offsets = Offsets::of(&rows);
    let assessment = assess_series(&profile, &samples, None, span);
    let offset_at = |at| offsets.at(at);
    let windows = kinetic_windows(&profile, &samples, None, span, &assessment.excursions);
    let near = |accuracy| NearLimits {
        accuracy_c: accuracy,
        near_s: near_limits(&profile, &samples, None, span, accuracy),
    };
    output.json(&Answer {
        assessment: assessment.view(&offset_at),
        mkt_windows: windows.iter().map(|window| window.view(&offset_at)).collect(),
        near_limits: arguments.accuracy.map(near),
    })?;
    Ok(Exit::Success)
}

/// The assessment, and what is told beside it without a say in the verdict.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    assessment: AssessmentView,
    /// For each excursion, where the profile limits the mean kinetic temperature.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mkt_windows: Vec<KineticWindowView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    near_limits: Option<NearLimits>,
}

/// The time within the logger's accuracy of a limit.
#[derive(Serialize)]
struct NearLimits {
    accuracy_c: MilliCelsius,
    near_s: Milliseconds,
}

/// The offsets that readings were written with, each from the reading on at which it changed.
struct Offsets(Vec<(UtcMillis, UtcOffset)>);

impl Offsets {
    fn of(rows: &[Row]) -> Self {
        let mut changes: Vec<_> = rows.iter().map(|row| (row.time.at, row.time.offset)).collect();
        changes.sort_unstable();
        changes.dedup_by_key(|(_, offset)| *offset);
        Self(changes)
    }

    /// The offset in force at an instant; before the first reading the first one's, `Z` without any.
    fn at(&self, at: UtcMillis) -> UtcOffset {
        let after = self.0.partition_point(|(from, _)| *from <= at);
        let in_force = self.0.get(after.saturating_sub(1));
        in_force.map_or(UtcOffset(0), |(_, offset)| *offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firn_model::time::LocalInstant;

    #[test]
    fn times_are_printed_in_the_offset_in_force_also_across_a_change_of_the_clocks() {
        let text = "time,temperature_c\n2026-10-25T02:30:00+02:00,5\n2026-10-25T02:30:00+01:00,5\n";
        let offsets = Offsets::of(&readings_csv::parse(text.as_bytes()).unwrap());
        let at = |text: &str| offsets.at(LocalInstant::parse(text).unwrap().at).0;
        assert_eq!(at("2026-10-25T00:00:00Z"), 7200);
        assert_eq!(at("2026-10-25T00:45:00Z"), 7200);
        assert_eq!(at("2026-10-25T01:30:00Z"), 3600);
        assert_eq!(Offsets::of(&[]).at(UtcMillis(0)), UtcOffset(0));
    }
}
