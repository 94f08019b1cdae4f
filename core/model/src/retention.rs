//! How long a signed record must be kept, and with it the printed names of those who signed it.

use crate::profile::Programme;
use crate::record::Shipment;
use crate::time::UtcMillis;
use chrono::{DateTime, Months, Utc};
use serde::Serialize;

/// A rule that asks for records to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RetentionRule {
    /// What it is called.
    pub name: &'static str,
    /// The programme that it belongs to.
    pub programme: Programme,
    /// For how many years of the calendar from the record's last entry.
    pub years: u32,
    /// Where it says so.
    pub source: &'static str,
    /// Whether that was read in the rule itself; otherwise it is widely said and has to be confirmed.
    pub confirmed: bool,
}

/// Every rule known. Of WHO's programme, and where none is known, no source gives a time.
pub const RETENTION: [RetentionRule; 2] = [
    RetentionRule {
        name: "EU GDP",
        programme: Programme::EuGdp,
        years: 5,
        source: "Guidelines 2013/C 343/01 on good distribution practice, chapter 4.2",
        confirmed: false,
    },
    RetentionRule {
        name: "US VFC",
        programme: Programme::MarylandVfc,
        years: 3,
        source: "Maryland Vaccines for Children programme, records of storage and handling",
        confirmed: true,
    },
];

/// The rule for a shipment's record: the longest of those of the programmes that its profiles name.
pub fn rule_for(shipment: &Shipment) -> Option<RetentionRule> {
    let of_lines = shipment.items.iter().filter_map(|item| item.profile.as_ref());
    let profiles = std::iter::once(&shipment.profile).chain(of_lines);
    let programmes: Vec<Programme> = profiles.filter_map(|profile| profile.programme).collect();
    RETENTION.into_iter().filter(|rule| programmes.contains(&rule.programme)).max_by_key(|rule| rule.years)
}

/// The longest rule known, for a record of which no programme is known: it may fall under any.
pub fn longest() -> Option<RetentionRule> {
    RETENTION.into_iter().max_by_key(|rule| rule.years)
}

/// Until when a printed name stays, and by which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct KeptUntil {
    /// The first instant at which it need no longer be kept.
    pub until: UtcMillis,
    /// By which rule.
    pub rule: RetentionRule,
}

/// Until when the record whose last entry is of `last` must be kept by a rule; none for an instant beyond the
/// calendar.
pub fn kept_until(last: UtcMillis, rule: RetentionRule) -> Option<KeptUntil> {
    let day: DateTime<Utc> = DateTime::from_timestamp_millis(last.0)?;
    let until = day.checked_add_months(Months::new(rule.years.checked_mul(12)?))?;
    Some(KeptUntil { until: UtcMillis(until.timestamp_millis()), rule })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::preset;
    use crate::time::LocalInstant;

    fn at(text: &str) -> UtcMillis {
        LocalInstant::parse(text).unwrap().at
    }

    #[test]
    fn a_record_is_kept_for_whole_years_of_the_calendar_by_the_longest_rule_where_no_programme_is_known() {
        let longest = longest().unwrap();
        let kept = kept_until(at("2026-11-22T09:30:00Z"), longest).unwrap();
        assert_eq!((kept.until, kept.rule.name), (at("2031-11-22T09:30:00Z"), "EU GDP"));
        let leap = kept_until(at("2028-02-29T00:00:00Z"), longest).unwrap();
        assert_eq!(leap.until, at("2033-02-28T00:00:00Z"));
        assert_eq!(kept_until(UtcMillis(i64::MAX), longest), None);
    }

    #[test]
    fn a_record_is_kept_by_the_rule_of_its_own_programme() {
        let shipment = |key: &str| Shipment {
            reference: "DN-1".into(),
            profile: preset(key).unwrap().profile.clone(),
            from: None,
            to: None,
            items: Vec::new(),
            packages: None,
        };
        assert_eq!(rule_for(&shipment("maryland-vfc")).map(|rule| rule.years), Some(3));
        assert_eq!(rule_for(&shipment("cdc-refrigerator")), None);
    }

    #[test]
    fn every_rule_names_its_source() {
        assert!(RETENTION.iter().all(|rule| rule.years > 0 && !rule.source.is_empty()));
    }
}
