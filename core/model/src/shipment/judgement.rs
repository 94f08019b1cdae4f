//! The verdict on a shipment, computed from its story and its batches.

use super::before::{Before, before};
use super::conditions::conditions;
use super::fleet::Fleet;
use super::gathered::gather;
use super::line::{LineJudgement, Series, judge_lines};
use super::placing::{Window, hull, placed};
use super::story::Story;
use super::taken::ForeignLeg;
use crate::api::{AssessedSeries, CalibrationStanding, ConditionShown, Freshness, Point};
use crate::assess::{self, Reason, Span, Verdict};
use crate::id::Id;
use crate::profile::Profile;
use crate::reading::{Channel, Quantity};
use crate::record::{
    Address, Batch, Coolant, FreezeIndicator, Logger, Observed, Recognition, Seal, VialMonitorStage,
};
use crate::time::{UtcMillis, UtcOffset};
use crate::units::MilliCelsius;
use std::collections::BTreeMap;

/// How a shipment stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The worst verdict of its lines, and of its series where they are judged by its own profile.
    pub verdict: Verdict,
    /// The reasons, in the order of the rules.
    pub reasons: Vec<Reason>,
    /// Each series with its points and its assessment.
    pub series: Vec<AssessedSeries>,
    /// Each item line, in their order.
    pub lines: Vec<LineJudgement>,
    /// How the calibration of each logger stood, where the organisation kept certificates.
    pub calibration: BTreeMap<Id, CalibrationStanding>,
    /// The newest reading.
    pub freshness: Option<Freshness>,
    /// What else was measured, by limits of its own: no part of anything before.
    pub conditions: Vec<ConditionShown>,
}

/// What a story is judged from.
#[derive(Clone, Copy, Debug)]
pub struct Grounds<'a> {
    /// The batches that are held, by address; one that is not has no readings here.
    pub batches: &'a BTreeMap<Address, Batch>,
    /// The organisation's loggers.
    pub fleet: &'a Fleet,
    /// The stories of the shipments that earlier legs name, never this one's.
    pub earlier: &'a BTreeMap<Id, Story>,
    /// Of those stories the ones that other organisations told.
    pub foreign: &'a BTreeMap<Id, ForeignLeg>,
}

impl Grounds<'_> {
    /// The loggers of an earlier shipment, which may be another organisation's, as they were at its pick-up.
    pub fn loggers_of(&self, shipment: Id, story: &Story) -> BTreeMap<Id, Logger> {
        self.foreign.get(&shipment).map_or(self.fleet, |foreign| &foreign.fleet).at_pick_up(story)
    }

    /// Whether an earlier shipment was told by an organisation that was not known.
    pub(super) fn is_unknown(&self, shipment: Id) -> bool {
        self.foreign.get(&shipment).is_some_and(|foreign| foreign.recognition == Recognition::Unknown)
    }

    /// Whether an earlier shipment was told by an organisation whose clock was ahead of the taker's.
    pub(super) fn is_dated_ahead(&self, shipment: Id) -> bool {
        self.foreign.get(&shipment).is_some_and(ForeignLeg::is_ahead)
    }

    /// The loggers as they were at a shipment's pick-up.
    pub fn loggers(&self, story: &Story) -> BTreeMap<Id, Logger> {
        self.fleet.at_pick_up(story)
    }
}

/// Judges a shipment from its pick-up to its receipt, each line by its own profile or the shipment's.
///
/// A series counts by the shipment's profile where it serves a line without one of its own, or none at all;
/// else by the profiles of the lines that it serves. Without a creation there is no profile, and nothing is
/// judged: the verdict is `review` for want of readings.
pub fn judge(story: &Story, grounds: &Grounds<'_>) -> Judgement {
    judge_after(story, grounds, &before(story, grounds))
}

/// The same where it is known how the shipments before it stand.
pub(super) fn judge_after(story: &Story, grounds: &Grounds<'_>, before: &Before) -> Judgement {
    let Some(created) = story.created.as_ref().map(|created| &created.says) else {
        return Judgement {
            verdict: Verdict::Review,
            reasons: vec![Reason::NoReadings],
            series: Vec::new(),
            lines: Vec::new(),
            calibration: BTreeMap::new(),
            freshness: None,
            conditions: Vec::new(),
        };
    };
    let loggers = grounds.loggers(story);
    let gathered = gather(story, grounds.batches, &loggers, created.profile.interval_s);
    let lines = judge_lines(story, created, &gathered, grounds, before);
    let series: Vec<AssessedSeries> = gathered
        .keys()
        .map(|key| {
            let line = own_line(&lines, &created.items, *key, story);
            let profile = line.and_then(|line| created.items.get(line)?.profile.as_ref());
            let judged = assessed(story, &gathered, *key, profile.unwrap_or(&created.profile), &loggers);
            AssessedSeries { line: line.and_then(|line| u32::try_from(line).ok()), ..judged }
        })
        .collect();
    let of_series = series.iter().filter(|one| one.line.is_none());
    let verdicts = of_series.clone().map(|one| one.assessment.verdict);
    let worst = verdicts.chain(lines.iter().map(|line| line.verdict)).max().unwrap_or_default();
    let inherited = of_series.flat_map(|one| &one.assessment.reasons);
    let inherited = inherited.chain(lines.iter().flat_map(|line| &line.reasons)).copied();
    let nothing = series.is_empty().then_some(Reason::NoReadings);
    let calibration = calibration(story, &gathered, grounds.fleet);
    let found = findings(story, &gathered, &calibration);
    let expired = story.arrival().filter(|at| lines.iter().any(|line| line.has_expired_by_legs(*at)));
    let expired = expired.map(|_| Reason::Expired);
    let reasons = Reason::in_order(inherited.chain(found).chain(nothing).chain(expired));
    let freshness = freshness(&series);
    let conditions = conditions(story, created, &series, grounds, &loggers);
    Judgement { verdict: worst.with(&reasons), reasons, series, lines, calibration, freshness, conditions }
}

/// The line by whose own profile a series is judged: the first that it serves, unless it serves a line
/// without a profile of its own, or none, or there is time in its placements in which it serves no line.
fn own_line(
    lines: &[LineJudgement],
    items: &[crate::record::ItemLine],
    key: (Id, Channel),
    story: &Story,
) -> Option<usize> {
    let all = lines.iter().flat_map(|line| &line.series).map(|(series, _)| series);
    let windows: Vec<Window> =
        all.filter(|series| (series.logger, series.channel) == key).map(|series| series.window).collect();
    let idle = |placed: Window| placed.without(&windows).into_iter().any(|part| part.lasts_in(span(story)));
    if placed(story, key.0).into_iter().any(idle) {
        return None;
    }
    let served = lines.iter().zip(items).enumerate().filter(|(_, (line, _))| {
        line.series.iter().any(|(series, _)| (series.logger, series.channel) == key)
    });
    let mut served: Vec<(usize, bool)> =
        served.map(|(index, (_, item))| (index, item.profile.is_some())).collect();
    served.sort_by_key(|(_, own)| *own);
    served.first().filter(|(_, own)| *own).map(|(index, _)| *index)
}

fn assessed(
    story: &Story,
    gathered: &Series,
    key: (Id, Channel),
    profile: &Profile,
    loggers: &BTreeMap<Id, Logger>,
) -> AssessedSeries {
    let (logger, channel) = key;
    let known = loggers.get(&logger);
    let one = gathered.get(&key);
    let interval_s = one.and_then(|one| one.interval_s);
    let samples = one.map(|one| one.samples(profile.interval_s)).unwrap_or_default();
    let window = hull(story, logger);
    let span = window.within(span(story));
    let readings = window.readings(&samples);
    let assessment = assess::assess_series(profile, &readings, interval_s, span);
    let kinetic = assess::kinetic_windows(profile, &readings, interval_s, span, &assessment.excursions);
    let accuracy_mc = known.and_then(|known| known.accuracy_mc);
    let accuracy = accuracy_mc.and_then(|accuracy| i32::try_from(accuracy).ok()).map(MilliCelsius);
    let near = |accuracy| assess::near_limits(profile, &readings, interval_s, span, accuracy);
    let mut points: Vec<Point> =
        samples.iter().map(|sample| Point { time: sample.time, value: sample.value }).collect();
    points.sort_unstable_by_key(|point| (point.time, point.value));
    AssessedSeries {
        logger,
        channel,
        serial: known.and_then(|known| known.serial.clone()),
        label: known.map_or_else(|| logger.to_string(), |known| known.label.clone()),
        interval_s: one.map_or(profile.interval_s, |one| one.interval_or(profile.interval_s)),
        line: None,
        offset_mc: known.and_then(|known| known.offset_mc).filter(|offset| *offset != 0),
        accuracy_mc,
        near_limits: accuracy.map(near),
        kinetic: kinetic.iter().map(|window| window.view(&|_| UtcOffset(0))).collect(),
        points,
        provenance: one.map(|one| one.origins.told()).unwrap_or_default(),
        assessment,
    }
}

/// The instant from which a reading is older than 1.5 logging intervals.
pub fn stale_from(time: UtcMillis, interval_s: u32) -> UtcMillis {
    UtcMillis(time.0.saturating_add(i64::from(interval_s).saturating_mul(1500)))
}

/// From the pick-up signature to the receipt signature, or until another organisation took the shipment over.
pub(super) fn span(story: &Story) -> Span {
    Span { from: story.picked_up(), to: story.arrival().or_else(|| story.left()) }
}

/// The reasons that are not in the numbers: where the readings came from, by whose clock, how late, by which
/// calibration, and what people saw.
fn findings(
    story: &Story,
    gathered: &Series,
    calibration: &BTreeMap<Id, CalibrationStanding>,
) -> Vec<Reason> {
    let mut findings = Vec::new();
    if gathered.values().any(|one| one.origins.only_heard() || one.is_imported()) {
        findings.push(Reason::Provenance);
    }
    if calibration.values().any(|stood| *stood != CalibrationStanding::Valid) {
        findings.push(Reason::Calibration);
    }
    let never_set = gathered.values().any(|one| one.clock_never_set);
    if never_set || story.has_readings_to_come() || story.has_differing_clocks() {
        findings.push(Reason::Clock);
    }
    let has_readings = |logger: &Id| gathered.keys().any(|(has, _)| has == logger);
    let placed = story.started.iter().flat_map(|started| &started.says.placements);
    if placed.into_iter().any(|placement| !has_readings(&placement.logger)) {
        findings.push(Reason::LoggerMissing);
    }
    let temperatures =
        story.sealed.iter().filter(|sealed| sealed.readings.channel.quantity == Quantity::Temperature);
    let sealed_late = temperatures.into_iter().any(|sealed| sealed.readings.lateness.is_some());
    if sealed_late || story.has_late_facts() {
        findings.push(Reason::LateEntry);
    }
    if story.observations.iter().any(|placed| gives_cause(placed.says.observed)) {
        findings.push(Reason::Observation);
    }
    findings.extend(story.found_at_receipt());
    if story.has_two_custodians() {
        findings.push(Reason::CustodyConflict);
    }
    findings
}

/// How each logger's calibration stood from the pick-up to the receipt, or to the last reading; before the
/// pick-up nothing is asked.
fn calibration(story: &Story, gathered: &Series, fleet: &Fleet) -> BTreeMap<Id, CalibrationStanding> {
    let Span { from: Some(from), to } = span(story) else { return BTreeMap::new() };
    let last =
        gathered.values().filter_map(|one| one.samples(0).iter().map(|sample| sample.time).max()).max();
    let to = to.or(last).unwrap_or(from).max(from);
    let stood = |logger| Some((logger, fleet.calibration_in(story, logger, from, to)?.told()));
    // A logger that brought no temperature bears on none.
    let placed = story.started.iter().flat_map(|started| &started.says.placements);
    let placed = placed.map(|placement| placement.logger);
    placed.chain(gathered.keys().map(|(logger, _)| *logger)).filter_map(stood).collect()
}

/// Whether what a person saw asks for a review: a vial monitor at its discard point (WHO: stage 3 and 4), a
/// freeze indicator that has met frost, coolant that has melted, a broken seal, or what a note alone tells.
pub fn gives_cause(observed: Observed) -> bool {
    match observed {
        Observed::VialMonitor(stage) => stage >= VialMonitorStage::Three,
        Observed::FreezeIndicator(state) => state == FreezeIndicator::Activated,
        Observed::Coolant(state) => state == Coolant::Melted,
        Observed::Seal(state) => state == Seal::Broken,
        Observed::Other => true,
    }
}

fn freshness(series: &[AssessedSeries]) -> Option<Freshness> {
    let newest = |one: &AssessedSeries| one.points.last().map(|point| (*point, one.interval_s));
    let (point, interval_s) = series.iter().filter_map(newest).max_by_key(|(point, _)| point.time)?;
    Some(Freshness {
        time: point.time,
        temperature_c: point.value,
        stale_from: stale_from(point.time, interval_s),
    })
}
