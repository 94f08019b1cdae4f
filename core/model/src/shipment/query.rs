//! What a manufacturer is asked with: one lot's lines, and how long they were in which band on all their way.

use super::before::before;
use super::gathered::gather;
use super::journey::{Journey, Step, journey_of};
use super::judgement::{Grounds, Judgement, span};
use super::line::{Series, along, foreign};
use super::story::Story;
use super::watch::{Next, Stay, judge_leg};
use crate::api::{Band, QueriedLeg, QueriedLine, QueriedSeries, QueryPack};
use crate::assess::{Assessment, Milliseconds, RULES, Span};
use crate::id::Id;
use crate::profile::{Budget, Freeze, Profile};
use crate::record::{Asked, ItemLine, LineSeries, Logger, Shipment};
use crate::units::MilliCelsius;
use std::collections::BTreeMap;

/// A pack for each question about each lot, lot by lot in the order of the lines; with `manufacturer` or `lot`
/// for those alone, and where nobody was asked yet for every lot of the shipment.
///
/// `judgement` is the story's on the same grounds. Each line is told with all that its goods went through, also before
/// this shipment.
pub fn query_packs(
    story: &Story,
    judgement: &Judgement,
    grounds: &Grounds<'_>,
    manufacturer: Option<&str>,
    lot: Option<&str>,
) -> Vec<QueryPack> {
    let Some(created) = story.created.as_ref().map(|created| &created.says) else { return Vec::new() };
    let asking = Asking { story, judgement, created, grounds, gathered: gathered(story, created, grounds) };
    let mut lots: Vec<&str> = Vec::new();
    for name in created.items.iter().filter_map(|item| item.lot.as_deref()) {
        if !lots.contains(&name) && lot.is_none_or(|only| only == name) {
            lots.push(name);
        }
    }
    let mut packs = Vec::new();
    for lot in &lots {
        let wanted = |asked: &&Asked| manufacturer.is_none_or(|wanted| wanted == asked.manufacturer);
        for asked in questions(story, lot).into_iter().filter(wanted) {
            packs.push(asking.pack(lot, Some(asked), Some(&asked.manufacturer)));
        }
    }
    if lots.iter().any(|lot| !questions(story, lot).is_empty()) {
        return packs;
    }
    lots.into_iter().map(|lot| asking.pack(lot, None, manufacturer)).collect()
}

/// The questions about a lot, of those to one manufacturer under one case number the newest alone.
fn questions<'a>(story: &'a Story, lot: &str) -> Vec<&'a Asked> {
    let asked = story.stock.reviews.iter().filter_map(|review| review.says.asked.as_ref());
    let mut questions: Vec<&Asked> = Vec::new();
    for asked in asked.filter(|asked| asked.lots.iter().any(|one| one == lot)) {
        let same =
            |one: &Asked| (&one.manufacturer, &one.case_number) == (&asked.manufacturer, &asked.case_number);
        match questions.iter_mut().find(|one| same(one)) {
            Some(one) => *one = asked,
            None => questions.push(asked),
        }
    }
    questions
}

fn gathered(story: &Story, created: &Shipment, grounds: &Grounds<'_>) -> Series {
    gather(story, grounds.batches, &grounds.loggers(story), created.profile.interval_s)
}

/// What packs are made of.
struct Asking<'a> {
    story: &'a Story,
    judgement: &'a Judgement,
    created: &'a Shipment,
    grounds: &'a Grounds<'a>,
    gathered: Series,
}

impl Asking<'_> {
    fn pack(&self, lot: &str, asked: Option<&Asked>, manufacturer: Option<&str>) -> QueryPack {
        let span = span(self.story);
        let of_lot = |(_, item): &(usize, &ItemLine)| item.lot.as_deref() == Some(lot);
        let of_lot = self.created.items.iter().enumerate().filter(of_lot);
        QueryPack {
            manufacturer: manufacturer.map(str::to_owned),
            case_number: asked.and_then(|asked| asked.case_number.clone()),
            due: asked.map(|asked| asked.due),
            lot: lot.to_owned(),
            rules: RULES.into(),
            from: span.from,
            to: span.to,
            lines: of_lot.map(|(place, item)| self.line(place, item)).collect(),
        }
    }

    /// By the rules that the line itself is judged by: the manufacturer is told of no other readings.
    fn line(&self, place: usize, item: &ItemLine) -> QueriedLine {
        let profile = item.profile.as_ref().unwrap_or(&self.created.profile);
        let journey =
            journey_of(self.story, item, self.grounds, &before(self.story, self.grounds), &self.gathered);
        let mut series: Vec<QueriedSeries> =
            journey.steps.iter().flat_map(|step| self.of_leg(step, profile)).collect();
        series.extend(self.own(item, profile));
        QueriedLine {
            product: item.product.clone(),
            gtin: item.gtin.clone(),
            expiry: item.expiry.clone(),
            quantity: item.quantity,
            profile: profile.name.clone(),
            known: item.legs.as_ref().map(|_| journey.known),
            min_c: series.iter().filter_map(|one| one.min_c).min(),
            max_c: series.iter().filter_map(|one| one.max_c).max(),
            bands: self.all_the_way(place, item, profile, &journey),
            series,
        }
    }

    /// The time in each band over all legs: of budgets what the line's judgement counts.
    fn all_the_way(
        &self,
        place: usize,
        item: &ItemLine,
        profile: &Profile,
        journey: &Journey<'_>,
    ) -> Vec<Band> {
        let outside = outside(profile);
        let beyond = Profile { budgets: outside.clone(), ..profile.clone() };
        let after = along(self.story, item, (&beyond, &self.gathered), journey, self.grounds).1.after();
        let counted = outside.iter().zip(after);
        let counted = counted.map(|(band, state)| told(band, &band.id, state.used, state.used_max));
        let judged = self.judgement.lines.get(place).map(|line| line.budgets.as_slice()).unwrap_or_default();
        let inherited = foreign(self.story, item, (profile, &self.gathered), journey, self.grounds);
        let budgets = profile.budgets.iter().chain(inherited.iter().map(|(budget, _)| budget));
        let budgets = budgets.zip(judged).map(|(band, line)| told(band, &line.id, line.used, line.used_max));
        counted.chain(budgets).collect()
    }

    /// The series of an earlier leg, up to the moment at which the goods left it.
    fn of_leg(&self, step: &Step<'_>, profile: &Profile) -> Vec<QueriedSeries> {
        let loggers = self.grounds.loggers_of(step.leg.shipment, step.story);
        let of = |profile: &Profile| step.measured(profile, self.grounds);
        let reference = step.story.created.as_ref().map(|created| created.says.reference.clone());
        let leg = QueriedLeg {
            shipment: step.leg.shipment,
            reference: reference.unwrap_or_default(),
            line: step.leg.line,
        };
        let named = |series| QueriedSeries { leg: Some(leg.clone()), ..series };
        series(profile, of, &loggers).into_iter().map(named).collect()
    }

    fn own(&self, item: &ItemLine, profile: &Profile) -> Vec<QueriedSeries> {
        let span = span(self.story);
        let stay = Stay { span, until: None, next: Next::End };
        let of = |profile: &Profile| {
            (span, judge_leg(self.story, item, profile, &self.gathered, &[], stay).into_series())
        };
        series(profile, of, &self.grounds.loggers(self.story))
    }
}

/// Each series by itself: as it is judged by the profile, which `judged` tells, with the time outside its limits.
fn series(
    profile: &Profile,
    judged: impl Fn(&Profile) -> (Span, Vec<(LineSeries, Assessment)>),
    loggers: &BTreeMap<Id, Logger>,
) -> Vec<QueriedSeries> {
    let outside = outside(profile);
    let beyond = Profile { budgets: outside.clone(), ..profile.clone() };
    let ((span, by_profile), (_, by_outside)) = (judged(profile), judged(&beyond));
    let bands: Vec<&Budget> = outside.iter().chain(&profile.budgets).collect();
    let told = |((one, assessment), (_, beyond)): ((LineSeries, Assessment), (LineSeries, Assessment))| {
        let states = beyond.budgets.iter().chain(&assessment.budgets);
        let states = bands.iter().zip(states);
        let spent = states.map(|(band, state)| told(band, &band.id, state.used, state.used_max));
        measured(&one, &assessment, (span, spent.collect()), loggers.get(&one.logger))
    };
    by_profile.into_iter().zip(by_outside).map(told).collect()
}

fn measured(
    one: &LineSeries,
    assessment: &Assessment,
    (span, bands): (Span, Vec<Band>),
    logger: Option<&Logger>,
) -> QueriedSeries {
    let Span { from, to } = one.window.within(span);
    QueriedSeries {
        leg: None,
        from,
        to,
        logger: one.logger,
        label: logger.map_or_else(|| one.logger.to_string(), |logger| logger.label.clone()),
        serial: logger.and_then(|logger| logger.serial.clone()),
        interval_s: assessment.statistics.interval_s,
        readings: assessment.statistics.count,
        min_c: assessment.statistics.min,
        max_c: assessment.statistics.max,
        no_data_s: assessment.statistics.no_data,
        bands,
        excursions: assessment.excursions.iter().map(Into::into).collect(),
    }
}

fn told(band: &Budget, id: &str, proven_s: Milliseconds, worst_case_s: Milliseconds) -> Band {
    let end = |value: MilliCelsius, none: i32| (value.0 != none).then_some(value);
    Band {
        id: id.to_owned(),
        from_c: end(band.from, i32::MIN),
        to_c: end(band.to, i32::MAX),
        proven_s,
        worst_case_s,
    }
}

/// The bands outside the limits as budgets, which the rules count time in: above, below and frozen.
fn outside(profile: &Profile) -> Vec<Budget> {
    let band = |id: &str, from: i32, to: i32| Budget {
        id: id.into(),
        from: MilliCelsius(from),
        to: MilliCelsius(to),
        allowance_s: u32::MAX,
    };
    let mut bands = vec![
        band("above", profile.limits.max.0.saturating_add(1), i32::MAX),
        band("below", i32::MIN, profile.limits.min.0.saturating_sub(1)),
    ];
    if profile.freeze == Some(Freeze::Sensitive) {
        bands.push(band("frozen", i32::MIN, -1));
    }
    bands
}
