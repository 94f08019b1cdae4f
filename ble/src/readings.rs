//! The measurements of one advert: nearly always one, and then without an allocation.

use firn_model::reading::Measurement;
use serde::{Serialize, Serializer};
use std::ops::Deref;

/// The measurements of one advert, in the order of its format; in JSON a list.
#[derive(Clone, Debug)]
pub enum Readings {
    /// Of a logger with one probe.
    One(Measurement),
    /// Of a logger with several.
    Several(Vec<Measurement>),
}

impl Readings {
    /// Those that hold a value.
    // Inlined, so that a measurement is built where it is wanted: moving it costs more than decoding it.
    #[inline(always)]
    pub(crate) fn measured(self) -> Option<Self> {
        match self {
            Self::One(measurement) => (!measurement.is_empty()).then_some(Self::One(measurement)),
            Self::Several(mut all) => {
                all.retain(|measurement| !measurement.is_empty());
                (!all.is_empty()).then_some(Self::Several(all))
            }
        }
    }
}

impl Deref for Readings {
    type Target = [Measurement];

    fn deref(&self) -> &[Measurement] {
        match self {
            Self::One(measurement) => std::slice::from_ref(measurement),
            Self::Several(all) => all,
        }
    }
}

impl PartialEq for Readings {
    fn eq(&self, other: &Self) -> bool {
        self[..] == other[..]
    }
}

impl Eq for Readings {}

impl From<[Measurement; 1]> for Readings {
    #[inline(always)]
    fn from([measurement]: [Measurement; 1]) -> Self {
        Self::One(measurement)
    }
}

impl From<Vec<Measurement>> for Readings {
    fn from(all: Vec<Measurement>) -> Self {
        Self::Several(all)
    }
}

impl FromIterator<Measurement> for Readings {
    fn from_iter<I: IntoIterator<Item = Measurement>>(all: I) -> Self {
        Self::Several(all.into_iter().collect())
    }
}

impl IntoIterator for Readings {
    type Item = Measurement;
    type IntoIter = std::vec::IntoIter<Measurement>;

    fn into_iter(self) -> Self::IntoIter {
        match self {
            Self::One(measurement) => vec![measurement],
            Self::Several(all) => all,
        }
        .into_iter()
    }
}

impl<'a> IntoIterator for &'a Readings {
    type Item = &'a Measurement;
    type IntoIter = std::slice::Iter<'a, Measurement>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Serialize for Readings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(probe: u8, battery_mv: Option<u32>) -> Measurement {
        Measurement { probe, battery_mv, ..Measurement::default() }
    }

    #[test]
    fn probes_without_a_value_are_left_out_and_none_at_all_is_no_answer() {
        let several = Readings::from(vec![at(0, None), at(1, Some(2900))]);
        assert_eq!(several.measured(), Some(Readings::from([at(1, Some(2900))])));
        assert_eq!(Readings::from(vec![at(0, None)]).measured(), None);
        assert_eq!(Readings::from([at(0, None)]).measured(), None);
        assert_eq!(Readings::from([at(2, Some(1))]).measured(), Some(Readings::from(vec![at(2, Some(1))])));
    }

    #[test]
    fn readings_are_a_list_in_json_however_many_they_are() {
        let json = |readings: Readings| serde_json::to_string(&readings).unwrap();
        assert_eq!(json(Readings::from([at(0, Some(3000))])), r#"[{"battery_mv":3000}]"#);
        let two = Readings::from(vec![at(0, Some(3000)), at(1, Some(3000))]);
        assert_eq!(json(two), r#"[{"battery_mv":3000},{"probe":1,"battery_mv":3000}]"#);
    }
}
