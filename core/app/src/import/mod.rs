//! A logger's file: the device's own numbers beside what its readings give by Firn's rules.
//!
//! Needs no home and no host: a pure function of the file and of a profile. The device's own alarm setting
//! is the profile, unless another is given; where both numbers differ, the reason is said.

mod compare;
mod days;
mod figures;
mod reach;

pub use compare::{Difference, Shown};
pub use days::{DayView, RecomputedDay};
pub use figures::{AlarmFigure, Figures};

use firn_ble::file::{LoggerFile, Offsets, Signature};
use firn_model::assess::{Assessment, AssessmentView, Sample, Span, Stamp, assess_series};
use firn_model::profile::{Limits, Profile, ProfileError, Scale};
use firn_model::reading::Measurement;
use firn_model::time::{LocalInstant, UtcMillis};
use firn_model::units::{ABSOLUTE_ZERO, MilliCelsius, RelativeHumidity};
use serde::Serialize;
use std::collections::BTreeMap;

/// The warmest temperature that a profile may name.
const WARMEST: MilliCelsius = MilliCelsius(1_000_000);

/// A logger's file as it is shown; the fields of `firn import`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ImportView {
    /// Whose format it is.
    pub format: &'static str,
    /// What the file says of the device.
    pub device: DeviceView,
    /// The zone that local times were read in; absent where each row names its offset.
    pub zone: Option<String>,
    /// What the readings were judged by; absent where neither file nor caller names any.
    pub profile: Option<Profile>,
    /// The readings in the order of the file.
    pub readings: Vec<ReadingView>,
    /// The device's own numbers.
    pub reported: Figures,
    /// The same from the readings, by Firn's rules.
    pub recomputed: Figures,
    /// Whether the file carries a signature.
    pub signature: &'static str,
    /// Where both differ, and why.
    pub differences: Vec<Difference>,
    /// The device's own numbers of each day, oldest first.
    pub days: Vec<DayView>,
    /// What stands in the file and is no reading.
    pub skipped: Vec<SkippedView>,
    /// What else a reader has to know.
    pub notes: Vec<String>,
    /// The whole assessment of the readings; absent without a profile or without readings.
    pub assessment: Option<AssessmentView>,
}

/// What a file says of the device.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(missing_docs, reason = "each field is the one of the same name in DeviceFacts or LoggerFile")]
pub struct DeviceView {
    pub maker: Option<String>,
    pub model: Option<String>,
    pub serial: Option<String>,
    pub firmware: Option<String>,
    pub interval_s: Option<u32>,
    pub measures_every_s: Option<u32>,
    pub temperature_offset_c: Option<MilliCelsius>,
    pub settings: BTreeMap<String, String>,
}

/// One reading.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(missing_docs, reason = "each field is the one of the same name in Row")]
pub struct ReadingView {
    pub time: Stamp,
    pub temperature_c: MilliCelsius,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub humidity_pct: Option<RelativeHumidity>,
    #[serde(flatten)]
    pub beside: Measurement,
}

/// A line that gives no reading.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(missing_docs, reason = "each field is the one of the same name in Skipped")]
pub struct SkippedView {
    pub line: u32,
    pub text: String,
    pub why: String,
}

/// What the parts of the view are made from.
struct Judged<'f> {
    file: &'f LoggerFile,
    offsets: Offsets,
    /// The profile, or one without limits where there is none.
    profile: Profile,
    /// By time.
    samples: Vec<Sample>,
    assessment: Assessment,
}

impl Judged<'_> {
    fn stamp(&self, at: UtcMillis) -> Stamp {
        Stamp(LocalInstant { at, offset: self.offsets.at(at) })
    }
}

/// Shows a file's own numbers beside the recomputed ones, judged by `profile` or else by its own setting.
///
/// # Errors
/// Where the device's alarm setting is no sound profile.
pub fn import(file: &LoggerFile, profile: Option<Profile>) -> Result<ImportView, ProfileError> {
    let given = profile.is_some();
    let profile = match profile {
        Some(profile) => Some(profile),
        None => file.profile()?,
    };
    let judged = judge(file, profile.clone());
    let reported = Figures::reported(file, profile.as_ref());
    let recomputed = Figures::recomputed(&judged, profile.is_some());
    let days = days::views(&judged, profile.is_some());
    let has_assessment = profile.is_some() && !file.rows.is_empty();
    Ok(ImportView {
        format: file.format.as_str(),
        device: device(file),
        zone: file.zone.as_ref().map(|zone| zone.name()),
        readings: readings(file),
        signature: file.signature.as_str(),
        differences: compare::differences(&judged, &reported, &recomputed, &days),
        notes: notes(&judged, given),
        skipped: file.skipped.iter().map(|one| SkippedView::of(one.line, &one.text, &one.why)).collect(),
        assessment: has_assessment.then(|| judged.assessment.view(&|at| judged.offsets.at(at))),
        profile,
        reported,
        recomputed,
        days,
    })
}

fn judge(file: &LoggerFile, profile: Option<Profile>) -> Judged<'_> {
    let row = |row: &firn_ble::file::Row| Sample { time: row.time.at, value: row.temperature };
    let mut samples: Vec<Sample> = file.rows.iter().map(row).collect();
    samples.sort_unstable();
    let interval_s = file.interval_s.or_else(|| usual_interval(&samples));
    let profile = profile.unwrap_or_else(|| Profile {
        name: String::new(),
        version: 1,
        limits: Limits { min: ABSOLUTE_ZERO, max: WARMEST },
        interval_s: interval_s.unwrap_or(60),
        alarms: Vec::new(),
        budgets: Vec::new(),
        freeze: None,
        mkt: None,
        guard_band: MilliCelsius(0),
        scale: Scale::Celsius,
        programme: None,
        adjuvant: None,
        conditions: Vec::new(),
    });
    let assessment = assess_series(&profile, &samples, interval_s, Span::WHOLE);
    Judged { file, offsets: file.offsets(), profile, samples, assessment }
}

/// The spacing in seconds that most neighbours have, where the file does not tell its interval.
fn usual_interval(samples: &[Sample]) -> Option<u32> {
    let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
    for pair in samples.windows(2) {
        let [a, b] = pair else { continue };
        let seconds = u32::try_from(b.time.0.abs_diff(a.time.0) / 1000).unwrap_or(u32::MAX);
        if (1..=86_400).contains(&seconds) {
            let count = counts.entry(seconds).or_default();
            *count = count.saturating_add(1);
        }
    }
    counts.into_iter().max_by_key(|(seconds, count)| (*count, std::cmp::Reverse(*seconds))).map(|(s, _)| s)
}

fn device(file: &LoggerFile) -> DeviceView {
    let facts = file.device.clone();
    DeviceView {
        maker: facts.maker,
        model: facts.model,
        serial: facts.serial,
        firmware: facts.firmware,
        interval_s: file.interval_s,
        measures_every_s: file.measures_every_s,
        temperature_offset_c: facts.temperature_offset,
        settings: facts.settings,
    }
}

fn readings(file: &LoggerFile) -> Vec<ReadingView> {
    let reading = |row: &firn_ble::file::Row| ReadingView {
        time: Stamp(row.time),
        temperature_c: row.temperature,
        humidity_pct: row.humidity,
        beside: row.beside.clone(),
    };
    file.rows.iter().map(reading).collect()
}

fn notes(judged: &Judged<'_>, given: bool) -> Vec<String> {
    let file = judged.file;
    let mut notes = Vec::new();
    if let Some(zone) = &file.zone {
        let own = file.device.settings.get("Conf/Zone").map(|zone| format!("; the device says {zone}"));
        notes.push(format!("local times were read in zone {}{}", zone.name(), own.unwrap_or_default()));
    }
    if file.rows.is_empty() && !file.days.is_empty() {
        notes.push(
            "the file holds a summary of each day and no samples: what the device reports is judged".into(),
        );
    }
    if let Some(cadence) = compare::cadence(file) {
        notes.push(cadence);
    }
    if let Some(offset) = file.device.temperature_offset.filter(|offset| offset.0 != 0) {
        notes.push(format!(
            "the device is set to correct its temperature by {offset} °C; the logged values are taken as they stand"
        ));
    }
    if given && !file.alarms.is_empty() {
        notes.push(
            "the readings are judged by the profile that was given, the device judged by its own".into(),
        );
    }
    if let (false, Some((flagged, out))) = (given, marks(judged)) {
        notes.push(format!(
            "the device marks {flagged} samples as out of its limits; by those limits {out} are"
        ));
    }
    notes.extend(file.reservations());
    if file.signature == Signature::PresentNotVerified {
        notes.push("a signature is present and was not verified".into());
    }
    notes
}

/// How many samples the device marked, and how many are out of its limits.
fn marks(judged: &Judged<'_>) -> Option<(usize, usize)> {
    let rows = &judged.file.rows;
    rows.iter().any(|row| row.flagged.is_some()).then_some(())?;
    let limits = judged.profile.limits;
    let out = |row: &&firn_ble::file::Row| row.temperature < limits.min || row.temperature > limits.max;
    Some((rows.iter().filter(|row| row.flagged == Some(true)).count(), rows.iter().filter(out).count()))
}

impl SkippedView {
    fn of(line: u32, text: &str, why: &str) -> Self {
        Self { line, text: text.to_owned(), why: why.to_owned() }
    }
}

#[cfg(test)]
mod tests;
