//! What a manufacturer is asked with: one lot's lines, and how long they were in which band.

use super::judgement::{Judgement, span};
use super::placing::{Window, serving};
use super::story::Story;
use crate::api::{AssessedSeries, Band, QueriedLine, QueriedSeries, QueryPack};
use crate::assess::{RULES, Sample, Span, assess_series};
use crate::profile::{Budget, Freeze, Profile};
use crate::record::{Asked, ItemLine, Shipment};
use crate::units::MilliCelsius;

/// A pack for each question about each lot, lot by lot in the order of the lines; with `manufacturer` or `lot`
/// for those alone, and where nobody was asked yet for every lot of the shipment.
pub fn query_packs(
    story: &Story,
    judgement: &Judgement,
    manufacturer: Option<&str>,
    lot: Option<&str>,
) -> Vec<QueryPack> {
    let Some(created) = story.created.as_ref().map(|created| &created.says) else { return Vec::new() };
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
            packs.push(pack(story, judgement, created, lot, Some(asked), Some(&asked.manufacturer)));
        }
    }
    if lots.iter().any(|lot| !questions(story, lot).is_empty()) {
        return packs;
    }
    lots.into_iter().map(|lot| pack(story, judgement, created, lot, None, manufacturer)).collect()
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

fn pack(
    story: &Story,
    judgement: &Judgement,
    created: &Shipment,
    lot: &str,
    asked: Option<&Asked>,
    manufacturer: Option<&str>,
) -> QueryPack {
    let span = span(story);
    let of_lot = created.items.iter().filter(|item| item.lot.as_deref() == Some(lot));
    QueryPack {
        manufacturer: manufacturer.map(str::to_owned),
        case_number: asked.and_then(|asked| asked.case_number.clone()),
        due: asked.map(|asked| asked.due),
        lot: lot.to_owned(),
        rules: RULES.into(),
        from: span.from,
        to: span.to,
        lines: of_lot.map(|item| line(story, judgement, created, item, span)).collect(),
    }
}

fn line(
    story: &Story,
    judgement: &Judgement,
    created: &Shipment,
    item: &ItemLine,
    span: Span,
) -> QueriedLine {
    let profile = item.profile.as_ref().unwrap_or(&created.profile);
    // By the rule that the line itself is judged by: the manufacturer is told of no other readings.
    let counted = serving(story, item).into_iter().flat_map(|(logger, window)| {
        let of_logger = judgement.series.iter().filter(move |series| series.logger == logger);
        of_logger.map(move |one| series(profile, one, window, window.within(span)))
    });
    QueriedLine {
        product: item.product.clone(),
        gtin: item.gtin.clone(),
        expiry: item.expiry.clone(),
        quantity: item.quantity,
        profile: profile.name.clone(),
        series: counted.collect(),
    }
}

fn series(profile: &Profile, series: &AssessedSeries, window: Window, span: Span) -> QueriedSeries {
    let samples: Vec<Sample> =
        series.points.iter().map(|point| Sample { time: point.time, value: point.value }).collect();
    let bands = bands(profile);
    let by_bands = Profile { budgets: bands.clone(), ..profile.clone() };
    let counted = assess_series(&by_bands, &window.readings(&samples), Some(series.interval_s), span);
    let end = |value: MilliCelsius, none: i32| (value.0 != none).then_some(value);
    let spent = bands.into_iter().zip(&counted.budgets).map(|(band, state)| Band {
        id: band.id,
        from_c: end(band.from, i32::MIN),
        to_c: end(band.to, i32::MAX),
        proven_s: state.used,
        worst_case_s: state.used_max,
    });
    QueriedSeries {
        logger: series.logger,
        label: series.label.clone(),
        serial: series.serial.clone(),
        interval_s: series.interval_s,
        readings: counted.statistics.count,
        min_c: counted.statistics.min,
        max_c: counted.statistics.max,
        no_data_s: counted.statistics.no_data,
        bands: spent.collect(),
        excursions: counted.excursions.iter().map(Into::into).collect(),
    }
}

/// The bands as budgets, which the rules count time in: above, below, frozen, and the profile's own.
fn bands(profile: &Profile) -> Vec<Budget> {
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
    bands.extend(profile.budgets.iter().cloned());
    bands
}
