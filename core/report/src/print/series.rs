//! One series on the page: chart, statistics, excursions, alarms, budgets, gaps.

use super::chart::{Drawing, chart};
use super::section::{column, heading, note, number, wide};
use super::{Block, Column, Listing, Matter, Section, text, words};
use firn_model::api::{AssessedSeries, Counting, Graded, ShipmentDetail};
use firn_model::assess::{AlarmState, BudgetState, Excursion, KineticOutcomeView, KineticWindowView};
use firn_model::profile::{Bound, Profile, Scale};
use firn_model::reading::Channel;
use firn_model::time::UtcMillis;

const LEGEND: &str = "Line: the readings; where there are more than fit, the first, lowest, highest and last of \
    each column stand, and nothing is smoothed. Dashed: limits. Red and blue: above and below. Hatched: no data. \
    Triangle: an alarm fired. Grey: outside pick-up and receipt, not counted.";

const PROVENANCE: &str = "All readings of the series, those that a better source covers included. A signature proves \
    who recorded what and when it was sealed, and that nothing changed since; never that the sensor was right, or \
    inside the box.";

const KINETIC: &str = "The warmest window of the profile's length that holds the whole excursion (USP <1079.2>). \
    For information; it never lowers a verdict.";

pub(super) fn sections(matter: &Matter<'_>) -> Vec<Section> {
    matter.detail.series.iter().map(|series| section(matter, series)).collect()
}

/// Numbers first, then the chart that shows them, then where they came from.
fn section(matter: &Matter<'_>, series: &AssessedSeries) -> Section {
    let assessment = &series.assessment;
    let interval = text::duration(u64::from(series.interval_s) * 1000);
    let title = format!("{} · {}", series.label, channel(series.channel));
    let subtitle = format!("{} · one reading every {interval}", words::verdict(assessment.verdict));
    let mut blocks = vec![Block::Subtitle { text: subtitle }];
    blocks.extend(matter.detail.counts_in_parts(series).then(|| note(covered(matter, series))));
    let mut part = |title: &str, listing: Listing, below: Option<String>| {
        blocks.extend([heading(title), Block::Table(listing)]);
        blocks.extend(below.map(note));
    };
    let method = format!("Method: {}.", assessment.statistics.method());
    part("Statistics", statistics(matter, series), Some(method));
    part("Gaps", gaps(matter, series), Some(format!("No data for more than 1.5 × {interval}.")));
    part("Alarms", alarms(matter, series), None);
    part("Excursions", excursions(matter, series), None);
    if !assessment.budgets.is_empty() {
        part("Stability budgets", budgets(matter, series), None);
    }
    if !series.kinetic.is_empty() {
        part("Mean kinetic temperature around excursions", kinetic(matter, series), Some(KINETIC.into()));
    }
    if let Some(chart) = chart(&drawing(matter, series)) {
        blocks.extend([
            heading("Chart"),
            Block::Chart { chart, alt: alternative(matter, series) },
            note(LEGEND),
        ]);
    }
    blocks.extend([heading("Provenance"), Block::Table(provenance(matter, series)), note(PROVENANCE)]);
    Section::new(title, blocks)
}

/// The time that its verdict as one series is about.
fn covered(matter: &Matter<'_>, series: &AssessedSeries) -> String {
    let from = series.window.from.map(|from| format!(" from {}", matter.local(from))).unwrap_or_default();
    let to = series.window.to.map(|to| format!(" until {}", matter.local(to))).unwrap_or_default();
    format!(
        "Assessed as one series{from}{to}, over every placement of its logger. Lines and shipment stand by the parts \
         that counted for each, and may read otherwise."
    )
}

/// The readings that count for nothing, and why.
fn not_counted(matter: &Matter<'_>, series: &AssessedSeries) -> Option<(&'static str, String, String)> {
    let of = |counting| matter.detail.count_of(series, counting);
    let (outside, unplaced) = (of(Counting::Outside), of(Counting::Unplaced));
    let why = match (outside, unplaced) {
        (0, 0) => return None,
        (_, 0) => "outside pick-up and receipt".to_owned(),
        (0, _) => "while the logger was placed nowhere".to_owned(),
        _ => format!("{outside} outside pick-up and receipt, {unplaced} while the logger was placed nowhere"),
    };
    Some(("Not counted", outside.saturating_add(unplaced).to_string(), why))
}

/// A channel in words.
pub(super) fn channel(channel: Channel) -> String {
    match channel.probe {
        0 => "temperature".into(),
        probe => format!("temperature, probe {probe}"),
    }
}

fn drawing<'a>(matter: &Matter<'a>, series: &'a AssessedSeries) -> Drawing<'a> {
    let summary = &matter.detail.summary;
    let assessment = &series.assessment;
    let last = series.points.last().map(|point| point.time).unwrap_or_default();
    let excursion = |excursion: &Excursion| {
        (excursion.begin, excursion.end.unwrap_or(last), excursion.bound == Bound::Above)
    };
    let fired = |alarm: &AlarmState| alarm.triggered_at.map(|at| (at, alarm.rule.id.clone()));
    let marks = [(summary.started, "picked up"), (summary.received, "received")];
    Drawing {
        points: &series.points,
        interval_s: series.interval_s,
        counted: (summary.started, summary.received),
        limits: profile_of(matter.detail, series).map(limits).unwrap_or_default(),
        excursions: assessment.excursions.iter().map(excursion).collect(),
        gaps: assessment.gaps.iter().map(|gap| (gap.from, gap.to)).collect(),
        triggers: assessment.alarms.iter().filter_map(fired).collect(),
        marks: marks.into_iter().filter_map(|(at, label)| Some((at?, label.to_owned()))).collect(),
        offset: matter.printing.offset,
    }
}

fn limits(profile: &Profile) -> Vec<(firn_model::units::MilliCelsius, bool, String)> {
    let limits = profile.effective_limits();
    [(limits.min, false), (limits.max, true)]
        .into_iter()
        .map(|(limit, above)| (limit, above, in_scale(limit, profile.scale)))
        .collect()
}

/// As the profile states it, short enough for the edge of a chart.
fn in_scale(limit: firn_model::units::MilliCelsius, scale: Scale) -> String {
    scale.fahrenheit(limit).map_or_else(|| text::celsius(limit), |limit| format!("{limit} °F"))
}

/// The scale that a series is judged in.
pub(super) fn scale_of(detail: &ShipmentDetail, series: &AssessedSeries) -> Scale {
    profile_of(detail, series).map(|profile| profile.scale).unwrap_or_default()
}

fn alternative(matter: &Matter<'_>, series: &AssessedSeries) -> String {
    let numbers = &series.assessment.statistics;
    let (Some(first), Some(last)) = (series.points.first(), series.points.last()) else {
        return format!("No chart: {} has no readings.", series.label);
    };
    let scale = scale_of(matter.detail, series);
    let value = |value: Option<_>| value.map_or_else(|| "none".into(), |value| text::at_scale(value, scale));
    format!(
        "Chart of {} of {} from {} to {}: lowest counted {}, highest counted {}, {}, {}.",
        text::counted(series.points.len(), "reading", "readings"),
        series.label,
        matter.instant(first.time),
        matter.instant(last.time),
        value(numbers.min),
        value(numbers.max),
        text::counted(series.assessment.excursions.len(), "excursion", "excursions"),
        text::counted(series.assessment.gaps.len(), "gap", "gaps"),
    )
}

fn statistics(matter: &Matter<'_>, series: &AssessedSeries) -> Listing {
    let numbers = &series.assessment.statistics;
    let profile = profile_of(matter.detail, series);
    let scale = scale_of(matter.detail, series);
    let degrees = |value: Option<_>| value.map_or_else(|| "–".into(), |value| text::at_scale(value, scale));
    let micro = |value: Option<firn_model::assess::MicroCelsius>| {
        value.map_or_else(|| "–".into(), |value| text::celsius_of_micro(value.0))
    };
    let limit = profile.and_then(|profile| profile.mkt.and_then(|mkt| mkt.limit));
    let mkt_note = limit.map_or_else(
        || "for information; never lowers a verdict".into(),
        |limit| format!("shown against {}; never lowers a verdict", text::celsius(limit)),
    );
    let as_judged = match series.offset_mc {
        Some(offset) if offset != 0 => "as judged, the offset added; unrounded",
        _ => "as measured, unrounded",
    };
    let rows = [
        ("Readings", numbers.count.to_string(), "that count".into()),
        ("Lowest", degrees(numbers.min), as_judged.into()),
        ("Highest", degrees(numbers.max), as_judged.into()),
        ("Mean", micro(numbers.mean), "see below".into()),
        ("Mean kinetic temperature", micro(numbers.mkt), mkt_note),
        ("Time in range", text::duration(numbers.in_range.0), "proven".into()),
        ("Time above", text::duration(numbers.above.0), worst(numbers.above_max.0)),
        ("Time below", text::duration(numbers.below.0), worst(numbers.below_max.0)),
        ("No data", text::duration(numbers.no_data.0), "neither in nor out of range".into()),
        ("Whole span", text::duration(numbers.span.0), "the sum of the four".into()),
    ];
    let known = [
        not_counted(matter, series),
        series.near_limits.map(|near| {
            let note = "within the logger's accuracy of a limit; for information";
            ("Time near a limit", text::duration(near.0), note.to_owned())
        }),
        series.offset_mc.map(|offset| {
            let offset = text::celsius(firn_model::units::MilliCelsius(offset));
            ("Offset", offset, "added to each value as measured; the CSV holds both".to_owned())
        }),
    ];
    let rows = rows.into_iter().chain(known.into_iter().flatten());
    let rows = rows.map(|(name, value, note)| vec![name.to_owned(), value, note]).collect();
    let columns = vec![column("Statistic"), number("Value"), wide("Remark", 1)];
    Listing { columns, rows, none: "–" }
}

fn worst(milliseconds: u64) -> String {
    format!("proven; with the gaps beside it at most {}", text::duration(milliseconds))
}

fn alarms(matter: &Matter<'_>, series: &AssessedSeries) -> Listing {
    let profile = profile_of(matter.detail, series);
    let columns = vec![
        wide("Rule", 3),
        wide("Limit", 3),
        wide("Allowance", 3),
        wide("Status", 2),
        wide("Begin", 3),
        wide("Trigger", 3),
        wide("End", 3),
        Column { name: "Duration".into(), share: 2, number: true },
        number("Min/max"),
    ];
    let rows = series.assessment.alarms.iter().map(|alarm| alarm_row(matter, alarm, profile)).collect();
    Listing { columns, rows, none: "The profile has no alarm." }
}

fn alarm_row(matter: &Matter<'_>, alarm: &AlarmState, profile: Option<&Profile>) -> Vec<String> {
    let scale = profile.map(|profile| profile.scale).unwrap_or_default();
    let status = if alarm.triggered_at.is_some() { "fired" } else { "not fired" };
    let end = match (alarm.begin, alarm.end) {
        (Some(_), None) => "open".into(),
        (_, end) => matter.local_or_dash(end),
    };
    vec![
        format!("{} ({})", alarm.rule.id, words::severity(alarm.rule.severity)),
        words::limit(&alarm.rule, profile),
        words::allowance(&alarm.rule),
        status.into(),
        matter.local_or_dash(alarm.begin),
        matter.local_or_dash(alarm.triggered_at),
        end,
        text::duration(alarm.accumulated.0),
        alarm.extreme.map_or_else(|| "–".into(), |value| text::at_scale(value, scale)),
    ]
}

fn excursions(matter: &Matter<'_>, series: &AssessedSeries) -> Listing {
    let columns = vec![
        column("Side"),
        column("Begin"),
        column("End"),
        wide("Ended by", 1),
        number("Duration"),
        number("Min/max"),
        number("°C·min"),
    ];
    let scale = scale_of(matter.detail, series);
    let row = |excursion: &Excursion| {
        let area = firn_model::units::Decimal {
            mantissa: i64::try_from(excursion.degree_minutes.0).unwrap_or(i64::MAX),
            scale: 3,
        };
        vec![
            words::bound(excursion.bound).to_owned(),
            matter.local(excursion.begin),
            excursion.end.map_or_else(|| "open".into(), |end| matter.local(end)),
            words::ended_by(excursion.ended_by).to_owned(),
            text::duration(excursion.duration.0),
            text::at_scale(excursion.extreme, scale),
            area.to_string(),
        ]
    };
    let rows = series.assessment.excursions.iter().map(row).collect();
    Listing { columns, rows, none: "No reading lay outside the limits." }
}

fn budgets(matter: &Matter<'_>, series: &AssessedSeries) -> Listing {
    let columns = vec![
        wide("Budget", 1),
        number("Allowed"),
        number("Used"),
        number("At most, with gaps"),
        column("Spent at"),
    ];
    let row = |budget: &BudgetState| {
        vec![
            budget.id.clone(),
            text::duration(u64::from(budget.allowance_s) * 1000),
            text::duration(budget.used.0),
            text::duration(budget.used_max.0),
            matter.local_or_dash(budget.spent_at),
        ]
    };
    let rows = series.assessment.budgets.iter().map(row).collect();
    Listing { columns, rows, none: "–" }
}

fn kinetic(matter: &Matter<'_>, series: &AssessedSeries) -> Listing {
    let columns = vec![column("Excursion"), number("Window"), number("Limit"), wide("Outcome", 1)];
    let row = |window: &KineticWindowView| {
        let outcome = match &window.outcome {
            KineticOutcomeView::Measured { from, to, mkt_c, exceeds } => format!(
                "{}, {} to {}, {}",
                text::celsius_of_micro(mkt_c.0),
                matter.local(from.0.at),
                matter.local(to.0.at),
                if *exceeds { "above the limit" } else { "not above the limit" }
            ),
            KineticOutcomeView::Refused { why, .. } => format!("none: {why}"),
        };
        let window_ms = u64::from(window.window_h).saturating_mul(3_600_000);
        vec![
            matter.local(window.excursion.0.at),
            text::duration(window_ms),
            text::celsius(window.limit_c),
            outcome,
        ]
    };
    Listing { columns, rows: series.kinetic.iter().map(row).collect(), none: "–" }
}

/// The profile that a series is judged by: its line's own, else the shipment's.
pub(crate) fn profile_of<'a>(detail: &'a ShipmentDetail, series: &AssessedSeries) -> Option<&'a Profile> {
    let line = series.line.and_then(|line| detail.items.get(usize::try_from(line).ok()?));
    line.and_then(|line| line.profile.as_ref()).or(detail.profile.as_ref())
}

fn gaps(matter: &Matter<'_>, series: &AssessedSeries) -> Listing {
    let local = |at: UtcMillis| matter.local(at);
    let rows = series.assessment.gaps.iter();
    let rows =
        rows.map(|gap| vec![local(gap.from), local(gap.to), text::duration(gap.duration().0)]).collect();
    Listing { columns: vec![column("From"), column("To"), number("Duration")], rows, none: "No gap." }
}

/// Where the readings came from, and what that proves.
fn provenance(matter: &Matter<'_>, series: &AssessedSeries) -> Listing {
    let columns = vec![
        column("Way"),
        column("Grade"),
        number("Readings"),
        column("First"),
        column("Last"),
        wide("What it proves", 1),
    ];
    let row = |graded: &Graded| {
        vec![
            words::source(graded.source).to_owned(),
            graded.grade.name(graded.source).to_owned(),
            graded.readings.to_string(),
            matter.local(graded.first),
            matter.local(graded.last),
            graded.proves.clone(),
        ]
    };
    let rows = series.provenance.iter().map(row).collect();
    Listing { columns, rows, none: "There are no readings." }
}
