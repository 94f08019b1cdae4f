//! Whether rows with an empty cell too many hold one number in two cells: decimals behind a comma, between commas.

use super::super::readings_csv::ReadingsCsvError;
use super::{Cells, Mapping};

/// How often whole degrees have to change beside the same digits for these not to be their decimals: in a log of a few
/// rows tenths may stand still by chance.
const CHANGES: usize = 12;

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

/// Whether the digits behind the temperature are certainly of a column of their own, or do not matter: they are the same
/// in all rows and nothing is taken from them. Behind a comma zeros change no temperature; and decimals do not stand still
/// while the degrees go up and down, but for a logger that measures in halves.
fn is_own_column(rows: &[Cells<'_>], mapping: &Mapping) -> bool {
    let doubts: Vec<&Doubt> = rows.iter().filter_map(|cells| cells.in_doubt.as_ref()).collect();
    let Some(first) = doubts.first() else { return false };
    let is_same = doubts.iter().all(|doubt| doubt.digits == first.digits && !doubt.is_taken);
    let changes =
        rows.windows(2).filter(|pair| matches!(pair, [one, next] if one.temperature != next.temperature));
    let decimals = first.digits.trim_end_matches('0');
    let stands_still = || !mapping.decimal_comma && decimals != "5" && changes.count() >= CHANGES;
    is_same && (decimals.is_empty() || stands_still())
}
