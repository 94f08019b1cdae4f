//! Whether rows with an empty cell too many hold one number in two cells: decimals behind a comma, between commas.

use super::super::readings_csv::ReadingsCsvError;
use super::{Cells, Mapping};

/// How often whole degrees have to change beside the same digits for these not to be their decimals: in a log of a few
/// rows tenths may stand still by chance.
const CHANGES: usize = 12;

/// How many decimals a temperature may be written with at most: loggers measure hundredths, and programs add a digit.
pub(super) const DECIMALS: usize = 3;

/// A row whose temperature and the digits in the cell behind may be one number, and that has nothing but empty cells too
/// many.
pub(super) struct Doubt {
    /// How it is refused.
    pub error: ReadingsCsvError,
    /// The cell behind the temperature.
    pub digits: String,
    /// Something is taken from that cell.
    pub is_taken: bool,
}

/// The first row in doubt, where all are and the digits are no column's own, or where the rows have not all as many cells:
/// a whole number has no comma.
pub(super) fn split_by_decimal_commas(rows: &[Cells<'_>], mapping: &Mapping) -> Option<ReadingsCsvError> {
    let first = rows.iter().find_map(|cells| cells.in_doubt.as_ref())?;
    let all = || rows.iter().all(|cells| cells.in_doubt.is_some()) && !is_own_column(rows, mapping);
    let uneven = || rows.windows(2).any(|pair| matches!(pair, [one, next] if one.count != next.count));
    (all() || uneven()).then(|| first.error.clone())
}

/// Whether the digits behind the temperature are certainly of a column of their own, or do not matter. Decimals of one
/// file are written to one length, or without zeros at their end; behind a comma zeros change no temperature; and the
/// same decimals do not stay while the degrees go up and down, but for a logger that measures in halves. Where something
/// is taken from the column nothing but the length tells.
fn is_own_column(rows: &[Cells<'_>], mapping: &Mapping) -> bool {
    let doubts: Vec<&Doubt> = rows.iter().filter_map(|cells| cells.in_doubt.as_ref()).collect();
    let Some(first) = doubts.first() else { return false };
    let longest = doubts.iter().map(|doubt| doubt.digits.len()).max().unwrap_or_default();
    if doubts.iter().any(|doubt| doubt.digits.ends_with('0') && doubt.digits.len() < longest) {
        return true;
    }
    let is_same = doubts.iter().all(|doubt| doubt.digits == first.digits && !doubt.is_taken);
    let changes =
        rows.windows(2).filter(|pair| matches!(pair, [one, next] if one.temperature != next.temperature));
    let decimals = first.digits.trim_end_matches('0');
    let stands_still = || !mapping.decimal_comma && decimals != "5" && changes.count() >= CHANGES;
    is_same && (decimals.is_empty() || stands_still())
}
