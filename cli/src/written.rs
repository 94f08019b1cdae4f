//! Times as people write them at a command.

use crate::failure::Failure;
use firn_model::time::{LocalInstant, UtcMillis};

/// An instant with its offset: `2026-11-22T09:30:00+01:00`.
///
/// # Errors
///
/// `cli/time` for anything else.
pub fn instant(text: &str) -> Result<UtcMillis, Failure> {
    LocalInstant::parse(text)
        .map(|instant| instant.at)
        .map_err(|error| Failure::new("cli/time", error.to_string(), "write it as 2026-11-22T09:30:00+01:00"))
}

/// An instant, where one was written.
///
/// # Errors
///
/// Those of [`instant`].
pub fn instant_if(text: Option<&str>) -> Result<Option<UtcMillis>, Failure> {
    text.map(instant).transpose()
}

/// A day, from its beginning in UTC, or an instant.
///
/// # Errors
///
/// `cli/time` for anything else.
pub fn day(text: &str) -> Result<UtcMillis, Failure> {
    let whole = if text.contains('T') { text.to_owned() } else { format!("{text}T00:00:00Z") };
    LocalInstant::parse(&whole).map(|instant| instant.at).map_err(|error| {
        Failure::new("cli/time", error.to_string(), "write it as 2026-11-22 or 2026-11-22T09:30:00+01:00")
    })
}
