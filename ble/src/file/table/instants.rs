//! The instants of a table's rows: each by the offset or zone that it names itself, else by where the logger's clock stood.

use super::super::zone::{LocalTime, Zone};
use super::super::{FileError, written};
use super::{Clocks, Placed};
use written::Written;

/// The instants of the rows, each with its line, and whether a zone was needed; a row with its own needs none.
pub(super) fn instants(
    times: &[(u32, String)],
    format: Option<&str>,
    clocks: Clocks<'_>,
) -> Result<(Vec<Placed>, bool), FileError> {
    let written = written::times(times, format, clocks.now)?;
    let rows: Vec<(u32, Written)> = times.iter().map(|(line, _)| *line).zip(written).collect();
    let is_local = |(_, written): &(u32, Written)| written.zone.is_none();
    let Some(first_local) = rows.iter().position(is_local) else {
        return Ok((by_their_own(&rows)?, false));
    };
    if let (Some((line, text)), false) = (times.get(first_local), rows.iter().all(is_local)) {
        let cause = format!("`{text}` has no offset or zone, and other rows have one");
        return Err(FileError::Line { line: *line, cause });
    }
    let line = times.first().map_or(1, |(line, _)| *line);
    let zone = clocks.zone.ok_or(FileError::ZoneNeeded { line })?;
    Ok((placed(zone, &rows)?, true))
}

/// Rows that follow each other in one zone decide together which of two equal hours each is.
fn by_their_own(rows: &[(u32, Written)]) -> Result<Vec<Placed>, FileError> {
    let mut all = Vec::with_capacity(rows.len());
    for alike in rows.chunk_by(|(_, one), (_, next)| one.zone == next.zone) {
        if let Some((_, Written { zone: Some(zone), .. })) = alike.first() {
            all.extend(placed(zone, alike)?);
        }
    }
    Ok(all)
}

fn placed(zone: &Zone, rows: &[(u32, Written)]) -> Result<Vec<Placed>, FileError> {
    let local: Vec<(u32, LocalTime)> = rows.iter().map(|(line, written)| (*line, written.local)).collect();
    let instants = zone.place(&local)?;
    Ok(instants.into_iter().zip(local).map(|(at, (_, local))| (at, local.wall_ms())).collect())
}
