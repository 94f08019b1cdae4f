//! The readings themselves as a table, or where they are.

use super::{Column, Listing, Matter, Part, column, number, series::channel, text};
use crate::pdf::CSV_NAME;
use firn_model::api::{AssessedSeries, Point};

/// The most readings of a series that are printed; beyond them the attached CSV serves better.
const MOST_PRINTED: usize = 2_000;

/// How many pairs of time and temperature stand beside each other.
const PAIRS: usize = 4;

/// One part for each series.
pub(super) fn parts(matter: &Matter<'_>) -> Vec<Part> {
    matter.detail.series.iter().map(|series| part(matter, series)).collect()
}

fn part(matter: &Matter<'_>, series: &AssessedSeries) -> Part {
    let offset = text::offset(matter.printing.offset);
    let count = series.points.len();
    let heading = format!("Readings of {} · {}", series.label, channel(series.channel));
    if count > MOST_PRINTED {
        let note =
            format!("{count} readings: in the attached {CSV_NAME}, with UTC and local time and flags.");
        return Part { heading, listing: None, note: Some(note) };
    }
    let note = format!(
        "{count} readings, downwards, times in {offset}, in °C. The attached {CSV_NAME} holds them with UTC and \
         flags."
    );
    Part { heading, listing: Some(listing(matter, &series.points)), note: Some(note) }
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
