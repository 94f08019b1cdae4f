//! The readings themselves as a table, or where they are.

use super::section::{column, number};
use super::{Block, Column, Listing, Matter, Section, series::channel, text};
use crate::pdf::CSV_NAME;
use firn_model::api::{AssessedSeries, Point};

/// The most readings of a series that are printed; beyond them the attached CSV serves better.
const MOST_PRINTED: usize = 2_000;

/// How many pairs of time and temperature stand beside each other.
const PAIRS: usize = 4;

pub(super) fn sections(matter: &Matter<'_>) -> Vec<Section> {
    matter.detail.series.iter().map(|series| section(matter, series)).collect()
}

fn section(matter: &Matter<'_>, series: &AssessedSeries) -> Section {
    let offset = text::offset(matter.printing.offset);
    let (length, count) = (series.points.len(), text::counted(series.points.len(), "reading", "readings"));
    let heading = format!("Readings of {} · {}", series.label, channel(series.channel));
    if length > MOST_PRINTED {
        let text = format!("{count}: in the attached {CSV_NAME}, with UTC and local time and flags.");
        return Section::new(heading, vec![Block::Subtitle { text }]);
    }
    let text = format!(
        "{count}, downwards, times in {offset}, in °C. The attached {CSV_NAME} holds them with UTC and \
         flags."
    );
    let listing = listing(matter, &series.points);
    Section::new(heading, vec![Block::Subtitle { text }, Block::Numbers(listing)])
}

/// Columns that are read downwards, one after the other.
fn listing(matter: &Matter<'_>, points: &[Point]) -> Listing {
    let height = points.len().div_ceil(PAIRS);
    let columns: Vec<Column> = (0..PAIRS).flat_map(|_| [column("Time"), number("°C")]).collect();
    let digits = text::digits(points.iter().map(|point| point.value));
    let cell = |row: usize, pair: usize| match points.get(pair * height + row) {
        Some(point) => [matter.local(point.time), text::degrees_to(point.value, digits)],
        None => [String::new(), String::new()],
    };
    let rows = (0..height).map(|row| (0..PAIRS).flat_map(|pair| cell(row, pair)).collect()).collect();
    Listing { columns, rows, none: "There are no readings." }
}
