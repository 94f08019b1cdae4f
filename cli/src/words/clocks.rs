//! Words about clocks that differ, and times that count otherwise than they were signed.

use firn_model::api::{ClockDifference, ShipmentDetail};
use firn_model::time::UtcMillis;

/// A line for each two clocks that differ, and for each time that was signed otherwise than it counts.
pub fn differing(detail: &ShipmentDetail) -> Vec<String> {
    let mut lines: Vec<String> = detail.clock_differences.iter().map(difference).collect();
    let summary = &detail.summary;
    lines.extend(otherwise("picked up", summary.started, detail.started_signed));
    lines.extend(otherwise("received", summary.received, detail.received_signed));
    lines
}

fn difference(one: &ClockDifference) -> String {
    let (behind, ahead) = (&one.behind.label, &one.ahead.label);
    let minutes = one.difference_s / 60;
    format!("clocks: {behind} is behind {ahead} by {minutes} min or more")
}

fn otherwise(what: &str, counts: Option<UtcMillis>, signed: Option<UtcMillis>) -> Option<String> {
    let (counts, signed) = counts.zip(signed).filter(|(counts, signed)| counts != signed)?;
    Some(format!("{what} at {counts} as readings count, {signed} as signed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_counts_as_it_was_signed_is_not_told_twice() {
        assert_eq!(otherwise("received", Some(UtcMillis(0)), None), None);
        assert_eq!(otherwise("received", Some(UtcMillis(0)), Some(UtcMillis(0))), None);
        assert_eq!(
            otherwise("received", Some(UtcMillis(60_000)), Some(UtcMillis(0))).as_deref(),
            Some("received at 1970-01-01T00:01:00Z as readings count, 1970-01-01T00:00:00Z as signed")
        );
    }
}
