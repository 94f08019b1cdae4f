//! How long a signed record must be kept, and with it the printed names of those who signed it.

use crate::time::UtcMillis;
use chrono::{DateTime, Months, Utc};
use serde::Serialize;

/// A rule that asks for records to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RetentionRule {
    /// What it is called.
    pub name: &'static str,
    /// For how many years from the record's last entry.
    pub years: u32,
    /// Where it says so.
    pub source: &'static str,
    /// Whether that was read in the rule itself; otherwise it is widely said and has to be confirmed.
    pub confirmed: bool,
}

/// Every rule known; the longest one holds, for a record may fall under several.
pub const RETENTION: [RetentionRule; 2] = [
    RetentionRule {
        name: "EU GDP",
        years: 5,
        source: "Guidelines 2013/C 343/01 on good distribution practice, chapter 4.2",
        confirmed: false,
    },
    RetentionRule {
        name: "US VFC",
        years: 3,
        source: "Maryland Vaccines for Children programme, records of storage and handling",
        confirmed: true,
    },
];

/// Until when a printed name stays, and by which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct KeptUntil {
    /// The first instant at which it need no longer be kept.
    pub until: UtcMillis,
    /// By which rule.
    pub rule: RetentionRule,
}

/// Until when the record whose last entry is of `last` must be kept; none for an instant beyond the calendar.
pub fn kept_until(last: UtcMillis) -> Option<KeptUntil> {
    let rule = RETENTION.into_iter().max_by_key(|rule| rule.years)?;
    let day: DateTime<Utc> = DateTime::from_timestamp_millis(last.0)?;
    let until = day.checked_add_months(Months::new(rule.years.checked_mul(12)?))?;
    Some(KeptUntil { until: UtcMillis(until.timestamp_millis()), rule })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::LocalInstant;

    fn at(text: &str) -> UtcMillis {
        LocalInstant::parse(text).unwrap().at
    }

    #[test]
    fn a_record_is_kept_by_the_longest_rule_and_for_whole_years_of_the_calendar() {
        let kept = kept_until(at("2026-11-22T09:30:00Z")).unwrap();
        assert_eq!((kept.until, kept.rule.name), (at("2031-11-22T09:30:00Z"), "EU GDP"));
        assert_eq!(kept_until(at("2028-02-29T00:00:00Z")).unwrap().until, at("2033-02-28T00:00:00Z"));
        assert_eq!(kept_until(UtcMillis(i64::MAX)), None);
    }

    #[test]
    fn every_rule_names_its_source() {
        assert!(RETENTION.iter().all(|rule| rule.years > 0 && !rule.source.is_empty()));
    }
}
