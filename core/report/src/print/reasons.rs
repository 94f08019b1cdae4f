//! Why the verdict is what it is: alarms, excursions, then the reasons of the rules.

use super::series::{profile_of, scale_of};
use super::{Block, Matter, Section, text, words};
use firn_model::api::AssessedSeries;
use firn_model::assess::{AlarmState, Excursion};

/// The most excursions that are told one by one.
const MOST_TOLD: usize = 5;

pub(super) fn sections(matter: &Matter<'_>) -> Vec<Section> {
    let series = &matter.detail.series;
    let mut rows: Vec<String> = series.iter().flat_map(|series| alarms(matter, series)).collect();
    let excursions: Vec<String> = series.iter().flat_map(|series| excursions(matter, series)).collect();
    let untold = excursions.len().saturating_sub(MOST_TOLD);
    rows.extend(excursions.into_iter().take(MOST_TOLD));
    if untold > 0 {
        rows.push(format!("{untold} more excursions stand in the tables below."));
    }
    rows.extend(matter.detail.summary.reasons.iter().map(|reason| words::reason(*reason).to_owned()));
    vec![Section::new("Reasons", vec![Block::Sentences { rows, none: "None." }])]
}

fn alarms(matter: &Matter<'_>, series: &AssessedSeries) -> Vec<String> {
    let profile = profile_of(matter.detail, series);
    let told = |alarm: &AlarmState| {
        let at = alarm.triggered_at.map(|at| matter.instant(at)).unwrap_or_default();
        let (limit, allowance) = (words::limit(&alarm.rule, profile), words::allowance(&alarm.rule));
        format!("Alarm “{}” ({limit}, {allowance}) fired on {} at {at}.", alarm.rule.id, series.label)
    };
    series.assessment.fired().map(told).collect()
}

fn excursions(matter: &Matter<'_>, series: &AssessedSeries) -> Vec<String> {
    let scale = scale_of(matter.detail, series);
    let told = |excursion: &Excursion| {
        let (side, extreme) = (words::bound(excursion.bound), text::at_scale(excursion.extreme, scale));
        let (begin, time) = (matter.instant(excursion.begin), text::duration(excursion.duration.0));
        format!("{} was {side} the limits for {time} from {begin}, at the furthest {extreme}.", series.label)
    };
    series.assessment.excursions.iter().map(told).collect()
}
