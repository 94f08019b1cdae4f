//! The verdict on a shipment, computed from its story and its batches.

use super::before::{Before, before};
use super::conditions::conditions;
use super::fleet::Fleet;
use super::gathered::gather;
use super::line::{LineJudgement, Series, judge_lines, judge_unlisted};
use super::series::Matter;
use super::story::Story;
use super::taken::ForeignLeg;
use crate::api::{AssessedSeries, CalibrationStanding, ConditionShown, Freshness};
use crate::assess::{Reason, Span, Verdict};
use crate::id::Id;
use crate::reading::Quantity;
use crate::record::{
    Address, Batch, Coolant, FreezeIndicator, Logger, Observed, Recognition, Seal, VialMonitorStage,
};
use crate::time::UtcMillis;
use std::collections::BTreeMap;

/// How a shipment stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The worst verdict of its lines, and of its series while they serve none.
    pub verdict: Verdict,
    /// The reasons, in the order of the rules.
    pub reasons: Vec<Reason>,
    /// Each series with its points and its assessment.
    pub series: Vec<AssessedSeries>,
    /// Each item line, in their order.
    pub lines: Vec<LineJudgement>,
    /// How the calibration of each logger stood, where the organisation kept certificates.
    pub calibration: BTreeMap<Id, CalibrationStanding>,
    /// The newest reading of what watches the goods.
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
/// What a logger measured while it served lines counts by these alone; what it measured where it was placed and
/// served none, by the shipment's profile. Where no line is listed, all loggers are judged as those of one line.
/// Without a creation there is no profile, and nothing is judged: the verdict is `review` for want of readings.
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
    let unlisted = created.items.is_empty().then(|| judge_unlisted(story, created, &gathered, grounds));
    let matter = Matter { story, created, gathered: &gathered, loggers: &loggers };
    let series = matter.series(&lines);
    let beside = if unlisted.is_some() { Vec::new() } else { matter.beside_lines(&lines) };
    let counted = || lines.iter().chain(&unlisted);
    let verdicts = counted().map(|line| line.verdict).chain(beside.iter().map(|one| one.verdict));
    let worst = verdicts.max().unwrap_or_default();
    let inherited = counted().flat_map(|line| &line.reasons);
    let inherited = inherited.chain(beside.iter().flat_map(|one| &one.reasons)).copied();
    let watches = |one: &&AssessedSeries| !story.is_stray(one.logger);
    let nothing = (!series.iter().any(|one| watches(&one))).then_some(Reason::NoReadings);
    let calibration = calibration(story, &gathered, grounds.fleet);
    let found = findings(story, &gathered, &calibration);
    let expired = story.arrival().filter(|at| lines.iter().any(|line| line.has_expired_by_legs(*at)));
    let expired = expired.map(|_| Reason::Expired);
    let reasons = Reason::in_order(inherited.chain(found).chain(nothing).chain(expired));
    let freshness = freshness(series.iter().filter(watches));
    let conditions = conditions(story, created, grounds, &loggers);
    Judgement { verdict: worst.with(&reasons), reasons, series, lines, calibration, freshness, conditions }
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

fn freshness<'a>(series: impl Iterator<Item = &'a AssessedSeries>) -> Option<Freshness> {
    let newest = |one: &AssessedSeries| one.points.last().map(|point| (*point, one.interval_s));
    let (point, interval_s) = series.filter_map(newest).max_by_key(|(point, _)| point.time)?;
    Some(Freshness {
        time: point.time,
        temperature_c: point.value,
        stale_from: stale_from(point.time, interval_s),
    })
}
