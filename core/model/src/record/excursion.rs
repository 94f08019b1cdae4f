//! Which fields of CDC's record of an excursion are filled in, and how later entries add to earlier ones.

use super::ExcursionRecord;
use crate::profile::{COLDEST_MEASURED, WARMEST_MEASURED};
use crate::units::MilliCelsius;
use serde::{Deserialize, Serialize};

/// A field of CDC's form, in its order; in JSON named as in the record.
///
/// Source: as [`ExcursionRecord`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExcursionField {
    /// Date and time of the event.
    At,
    /// The lowest temperature in the unit.
    UnitMinC,
    /// The highest temperature in the unit.
    UnitMaxC,
    /// The temperature of the room.
    RoomC,
    /// Who completes the record.
    Reporter,
    /// What happened.
    Description,
    /// How long the vaccines may have been out of range.
    DurationS,
    /// The inventory that is affected.
    Inventory,
    /// What else was in the unit.
    OtherItems,
    /// Problems with the unit before.
    PriorProblems,
}

impl ExcursionField {
    /// Every field, in the order of the form.
    pub const ALL: [Self; 10] = [
        Self::At,
        Self::UnitMinC,
        Self::UnitMaxC,
        Self::RoomC,
        Self::Reporter,
        Self::Description,
        Self::DurationS,
        Self::Inventory,
        Self::OtherItems,
        Self::PriorProblems,
    ];

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::At => "at",
            Self::UnitMinC => "unit_min_c",
            Self::UnitMaxC => "unit_max_c",
            Self::RoomC => "room_c",
            Self::Reporter => "reporter",
            Self::Description => "description",
            Self::DurationS => "duration_s",
            Self::Inventory => "inventory",
            Self::OtherItems => "other_items",
            Self::PriorProblems => "prior_problems",
        }
    }

    /// In English.
    pub fn words(self) -> &'static str {
        match self {
            Self::At => "date and time",
            Self::UnitMinC => "lowest in the unit",
            Self::UnitMaxC => "highest in the unit",
            Self::RoomC => "room",
            Self::Reporter => "completed by",
            Self::Description => "what happened",
            Self::DurationS => "out of range for",
            Self::Inventory => "inventory affected",
            Self::OtherItems => "other items in the unit",
            Self::PriorProblems => "problems before",
        }
    }

    /// Whether readings can contradict what a person gives.
    pub fn is_measured(self) -> bool {
        matches!(self, Self::At | Self::UnitMinC | Self::UnitMaxC | Self::DurationS)
    }
}

impl ExcursionRecord {
    /// The fields that are not filled in; the record is complete without any. Blank text fills in nothing.
    pub fn missing(&self) -> Vec<ExcursionField> {
        ExcursionField::ALL.into_iter().filter(|field| !self.holds(*field)).collect()
    }

    /// Whether a field is filled in.
    pub fn holds(&self, field: ExcursionField) -> bool {
        let written = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
        match field {
            ExcursionField::At => self.at.is_some(),
            ExcursionField::UnitMinC => self.unit_min_c.is_some(),
            ExcursionField::UnitMaxC => self.unit_max_c.is_some(),
            ExcursionField::RoomC => self.room_c.is_some(),
            ExcursionField::Reporter => written(&self.reporter),
            ExcursionField::Description => written(&self.description),
            ExcursionField::DurationS => self.duration_s.is_some(),
            ExcursionField::Inventory => written(&self.inventory),
            ExcursionField::OtherItems => written(&self.other_items),
            ExcursionField::PriorProblems => written(&self.prior_problems),
        }
    }

    /// Whether nothing is filled in.
    pub fn is_empty(&self) -> bool {
        self.missing().len() == ExcursionField::ALL.len()
    }

    /// This record with what a later entry adds: of each field the later one counts.
    pub fn with(self, later: &Self) -> Self {
        let later = later.clone();
        Self {
            at: later.at.or(self.at),
            unit_min_c: later.unit_min_c.or(self.unit_min_c),
            unit_max_c: later.unit_max_c.or(self.unit_max_c),
            room_c: later.room_c.or(self.room_c),
            reporter: later.reporter.or(self.reporter),
            description: later.description.or(self.description),
            duration_s: later.duration_s.or(self.duration_s),
            inventory: later.inventory.or(self.inventory),
            other_items: later.other_items.or(self.other_items),
            prior_problems: later.prior_problems.or(self.prior_problems),
        }
    }

    /// What this record adds to one that holds `held`.
    pub fn beyond(self, held: &Self) -> Self {
        fn new<T>(held: &Option<T>, own: Option<T>) -> Option<T> {
            own.filter(|_| held.is_none())
        }
        Self {
            at: new(&held.at, self.at),
            unit_min_c: new(&held.unit_min_c, self.unit_min_c),
            unit_max_c: new(&held.unit_max_c, self.unit_max_c),
            room_c: new(&held.room_c, self.room_c),
            reporter: new(&held.reporter, self.reporter),
            description: new(&held.description, self.description),
            duration_s: new(&held.duration_s, self.duration_s),
            inventory: new(&held.inventory, self.inventory),
            other_items: new(&held.other_items, self.other_items),
            prior_problems: new(&held.prior_problems, self.prior_problems),
        }
    }

    /// Whether what is filled in can be meant: no blank text, and a lowest that is not above the highest.
    pub fn is_sound(&self) -> bool {
        let texts =
            [&self.reporter, &self.description, &self.inventory, &self.other_items, &self.prior_problems];
        let blank = texts.into_iter().flatten().any(|text| text.trim().is_empty());
        !blank && !self.is_reversed()
    }

    /// The first temperature that a person gives and nobody has met, with its bounds: asked of what people write, while
    /// what was signed is read as it is.
    ///
    /// A unit lies within what loggers measure; a room is no colder than the coldest air (−89.2 °C at Vostok, WMO
    /// Weather and Climate Extremes Archive) and colder than boiling water.
    pub fn implausible(&self) -> Option<(ExcursionField, MilliCelsius, &'static str)> {
        let unit = (COLDEST_MEASURED, WARMEST_MEASURED, "loggers measure from -200 to 200 °C");
        let room = (
            MilliCelsius(-90_000),
            MilliCelsius(100_000),
            "a room is between -90 and 100 °C, whatever happens",
        );
        let given = [
            (ExcursionField::UnitMinC, self.unit_min_c, unit),
            (ExcursionField::UnitMaxC, self.unit_max_c, unit),
            (ExcursionField::RoomC, self.room_c, room),
        ];
        given.into_iter().find_map(|(field, value, (coldest, warmest, bounds))| {
            let value = value.filter(|value| !(coldest..=warmest).contains(value))?;
            Some((field, value, bounds))
        })
    }

    /// Whether the lowest temperature is above the highest.
    pub fn is_reversed(&self) -> bool {
        self.unit_min_c.zip(self.unit_max_c).is_some_and(|(lowest, highest)| lowest > highest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::Milliseconds;
    use crate::time::UtcMillis;
    use crate::units::MilliCelsius;
    use proptest::prelude::*;

    fn whole() -> ExcursionRecord {
        let text = |text: &str| Some(text.to_owned());
        ExcursionRecord {
            at: Some(UtcMillis(0)),
            unit_min_c: Some(MilliCelsius(2000)),
            unit_max_c: Some(MilliCelsius(9500)),
            room_c: Some(MilliCelsius(21_500)),
            reporter: text("Ana"),
            description: text("door left open"),
            duration_s: Some(Milliseconds(60_000)),
            inventory: text("MMR, 40"),
            other_items: text("none"),
            prior_problems: text("none"),
        }
    }

    /// The whole record with one field taken out.
    fn without(field: ExcursionField) -> ExcursionRecord {
        let mut json = serde_json::to_value(whole()).unwrap();
        json[field.name()] = serde_json::Value::Null;
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_record_is_complete_only_with_every_field_of_the_form_and_names_the_one_that_is_missing() {
        assert_eq!(whole().missing(), []);
        for field in ExcursionField::ALL {
            assert_eq!(without(field).missing(), [field]);
            assert_eq!(serde_json::to_value(field).unwrap(), field.name());
        }
        assert_eq!(ExcursionRecord::default().missing(), ExcursionField::ALL);
        assert!(ExcursionRecord::default().is_empty());
    }

    #[test]
    fn blank_text_fills_in_nothing_and_a_lowest_above_the_highest_is_not_meant() {
        let blank = ExcursionRecord { reporter: Some("  ".into()), ..whole() };
        assert_eq!(blank.missing(), [ExcursionField::Reporter]);
        assert!(!blank.is_sound());
        assert!(!ExcursionRecord { unit_min_c: Some(MilliCelsius(9501)), ..whole() }.is_sound());
        assert!(whole().is_sound() && ExcursionRecord::default().is_sound());
    }

    fn any_record() -> impl Strategy<Value = ExcursionRecord> {
        let text = || prop::option::of("[a-z]{1,3}");
        let number = || prop::option::of(0..100_i32);
        (number(), number(), number(), text(), text(), text()).prop_map(
            |(at, unit_min, room, reporter, description, inventory)| ExcursionRecord {
                at: at.map(|at| UtcMillis(i64::from(at))),
                unit_min_c: unit_min.map(MilliCelsius),
                room_c: room.map(MilliCelsius),
                reporter,
                description,
                inventory,
                ..ExcursionRecord::default()
            },
        )
    }

    proptest! {
        #[test]
        fn later_entries_add_and_lose_nothing(
            first in any_record(), second in any_record(), third in any_record()
        ) {
            let left = first.clone().with(&second).with(&third);
            let right = first.clone().with(&second.clone().with(&third));
            prop_assert_eq!(&left, &right);
            for field in ExcursionField::ALL {
                let held = [&first, &second, &third].iter().any(|record| record.holds(field));
                prop_assert_eq!(left.holds(field), held);
            }
            // What is beyond a record changes nothing that the record holds.
            let added = first.clone().with(&second.clone().beyond(&first));
            prop_assert_eq!(added, second.with(&first));
        }
    }
}
