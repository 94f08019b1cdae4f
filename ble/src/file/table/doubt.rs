//! Whether rows with an empty cell too many hold one number in two cells: decimals behind a comma, between commas.

use super::super::readings_csv::ReadingsCsvError;
use super::{Cells, Mapping};

/// How often whole degrees have to change beside one and the same digit for it not to be their tenths: in a log of a few
/// rows tenths may stand still by chance.
const CHANGES: usize = 12;

/// A row whose temperature and one digit in the cell behind may be one number, and that has nothing but empty cells too
/// many.
pub(super) struct Doubt {
    /// How it is refused.
    pub error: ReadingsCsvError,
    /// The cell behind the temperature.
    pub digit: String,
    /// Something is taken from that cell.
    pub is_taken: bool,
}

/// The first row in doubt, where all are and the digit is no column's own, or where the rows have not all as many cells:
/// a whole number has no comma.
pub(super) fn split_by_decimal_commas(rows: &[Cells<'_>], mapping: &Mapping) -> Option<ReadingsCsvError> {
    let first = rows.iter().find_map(|cells| cells.in_doubt.as_ref())?;
    let all = || rows.iter().all(|cells| cells.in_doubt.is_some()) && !is_own_column(rows, mapping);
    let uneven = || rows.windows(2).any(|pair| matches!(pair, [one, next] if one.count != next.count));
    (all() || uneven()).then(|| first.error.clone())
}

/// Whether the digit behind the temperature is certainly of a column of its own, or does not matter: it is the same in
/// all rows and nothing is taken from it. Behind a comma a 0 changes no temperature; and tenths do not stand still while
/// the degrees go up and down, but for a logger that measures in halves.
fn is_own_column(rows: &[Cells<'_>], mapping: &Mapping) -> bool {
    let doubts: Vec<&Doubt> = rows.iter().filter_map(|cells| cells.in_doubt.as_ref()).collect();
    let Some(first) = doubts.first() else { return false };
    let is_same = doubts.iter().all(|doubt| doubt.digit == first.digit && !doubt.is_taken);
    let changes =
        rows.windows(2).filter(|pair| matches!(pair, [one, next] if one.temperature != next.temperature));
    let stands_still = || !mapping.decimal_comma && first.digit != "5" && changes.count() >= CHANGES;
    is_same && (first.digit == "0" || stands_still())
}
