//! The verdict on a shipment, computed from its story and its batches.

use super::graded::Origins;
use super::story::Story;
use crate::api::{AssessedSeries, Freshness, Point};
use crate::assess::{self, Reason, Sample, Series, Span, Verdict, merge_sources};
use crate::id::Id;
use crate::reading::{Channel, ClockQuality, Quantity, Source};
use crate::record::{Address, Batch, Logger};
use crate::time::UtcMillis;
use crate::units::MilliCelsius;
use std::collections::BTreeMap;

/// How a shipment stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The worst verdict of its series.
    pub verdict: Verdict,
    /// The reasons, in the order of the rules.
    pub reasons: Vec<Reason>,
    /// Each series with its points and its assessment.
    pub series: Vec<AssessedSeries>,
    /// The newest reading.
    pub freshness: Option<Freshness>,
}

/// One series' samples by the way they came, with what is known of them.
#[derive(Default)]
struct Gathered {
    log: Vec<Sample>,
    import: Vec<Sample>,
    advert: Vec<Sample>,
    interval_s: Option<u32>,
    origins: Origins,
    clock_never_set: bool,
}

/// Judges a shipment by the profile of its creation, from its pick-up to its receipt.
///
/// Without a creation there is no profile, and nothing is judged: the verdict is `review` for want of
/// readings. A batch that is not among `batches` has no readings here.
pub fn judge(story: &Story, batches: &BTreeMap<Address, Batch>, loggers: &BTreeMap<Id, Logger>) -> Judgement {
    let Some(profile) = story.created.as_ref().map(|created| &created.says.profile) else {
        return Judgement {
            verdict: Verdict::Review,
            reasons: vec![Reason::NoReadings],
            series: Vec::new(),
            freshness: None,
        };
    };
    let gathered = gather(story, batches, loggers, profile.interval_s);
    let series: Vec<Series<'_, (Id, Channel)>> = gathered.iter().map(|(key, one)| one.series(*key)).collect();
    let judged = assess::assess(profile, &series, span(story), &findings(story, &gathered));
    let assessed = judged.series.into_iter().zip(&series).map(|(((logger, channel), assessment), one)| {
        let interval_s = one.interval_s.unwrap_or(profile.interval_s);
        let samples = merge_sources(one.log, one.import, one.advert, interval_s);
        let point = |sample: &Sample| Point { time: sample.time, value: sample.value };
        let mut points: Vec<Point> = samples.iter().map(point).collect();
        points.sort_unstable_by_key(|point| (point.time, point.value));
        let label = loggers.get(&logger).map_or_else(|| logger.to_string(), |known| known.label.clone());
        let provenance = gathered.get(&(logger, channel)).map(|one| one.origins.told()).unwrap_or_default();
        AssessedSeries { logger, channel, label, interval_s, points, provenance, assessment }
    });
    let series: Vec<AssessedSeries> = assessed.collect();
    Judgement { verdict: judged.verdict, reasons: judged.reasons, freshness: freshness(&series), series }
}

/// The instant from which a reading is older than 1.5 logging intervals.
pub fn stale_from(time: UtcMillis, interval_s: u32) -> UtcMillis {
    UtcMillis(time.0.saturating_add(i64::from(interval_s).saturating_mul(1500)))
}

/// From the pick-up signature to the receipt signature.
fn span(story: &Story) -> Span {
    Span { from: story.started.as_ref().map(|started| started.says.at), to: story.arrival() }
}

fn gather(
    story: &Story,
    batches: &BTreeMap<Address, Batch>,
    loggers: &BTreeMap<Id, Logger>,
    interval_s: u32,
) -> BTreeMap<(Id, Channel), Gathered> {
    let mut gathered: BTreeMap<(Id, Channel), Gathered> = BTreeMap::new();
    for sealed in &story.sealed {
        let Some(batch) = batches.get(&sealed.address) else { continue };
        let says = &sealed.readings;
        let agrees = (says.logger, says.channel, says.source) == (batch.logger, batch.channel, batch.source);
        if !agrees || batch.channel.quantity != Quantity::Temperature {
            continue;
        }
        let enrolled = loggers.get(&batch.logger).and_then(|logger| logger.interval_s);
        gathered.entry((batch.logger, batch.channel)).or_default().take(batch, enrolled);
    }
    for one in gathered.values_mut() {
        one.origins.compare(&one.log, one.interval_s.unwrap_or(interval_s));
    }
    gathered
}

impl Gathered {
    fn take(&mut self, batch: &Batch, enrolled_interval_s: Option<u32>) {
        let samples = batch.times.iter().zip(&batch.values);
        let samples = samples.map(|(time, value)| Sample { time: *time, value: MilliCelsius(*value) });
        match batch.source {
            Source::Log => self.log.extend(samples),
            Source::Import => self.import.extend(samples),
            Source::Advert => self.advert.extend(samples),
        }
        self.interval_s = enrolled_interval_s.or(self.interval_s.max(batch.interval_s));
        self.origins.take(batch);
        self.clock_never_set |= batch.clock == ClockQuality::NeverSet;
    }

    fn series(&self, key: (Id, Channel)) -> Series<'_, (Id, Channel)> {
        Series {
            key,
            interval_s: self.interval_s,
            log: &self.log,
            import: &self.import,
            advert: &self.advert,
        }
    }
}

/// The reasons that are not in the numbers: where the readings came from, by whose clock, how late.
fn findings(story: &Story, gathered: &BTreeMap<(Id, Channel), Gathered>) -> Vec<Reason> {
    let mut findings = Vec::new();
    if gathered.values().any(|one| one.origins.only_heard() || !one.import.is_empty()) {
        findings.push(Reason::Provenance);
    }
    if gathered.values().any(|one| one.clock_never_set) {
        findings.push(Reason::Clock);
    }
    let has_readings = |logger: &Id| gathered.keys().any(|(has, _)| has == logger);
    let placed = story.started.iter().flat_map(|started| &started.says.placements);
    if placed.into_iter().any(|placement| !has_readings(&placement.logger)) {
        findings.push(Reason::LoggerMissing);
    }
    if story.sealed.iter().any(|sealed| sealed.readings.lateness.is_some()) {
        findings.push(Reason::LateEntry);
    }
    findings
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
