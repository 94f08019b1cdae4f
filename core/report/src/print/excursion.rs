//! CDC's record of the excursion on the report: each field of the form in its order, filled in or not.

use super::section::fact;
use super::{Block, Fact, Matter, Section, text};
use firn_model::api::ExcursionShown;
use firn_model::record::{ExcursionField, ExcursionRecord};

/// The record, once one was begun or an excursion asks for one.
pub(super) fn sections(matter: &Matter<'_>) -> Vec<Section> {
    matter.detail.excursion_record.iter().map(|shown| section(matter, shown)).collect()
}

fn section(matter: &Matter<'_>, shown: &ExcursionShown) -> Section {
    let standing = match shown.missing.len() {
        _ if shown.last.is_none() => "Incomplete: not begun. Nobody has filled in any field.".to_owned(),
        0 => "Complete: every field of the form is filled in.".to_owned(),
        1 => "Incomplete: 1 field is not filled in.".to_owned(),
        missing => format!("Incomplete: {missing} fields are not filled in."),
    };
    let mut facts = vec![fact("Standing", standing)];
    facts.extend(ExcursionField::ALL.into_iter().map(|field| filled_in(matter, shown, field)));
    Section::new("Excursion record (CDC)", vec![Block::Facts { rows: facts }])
}

/// A field as a person filled it in, with what the readings tell where that is something else; or else as
/// they tell it.
fn filled_in(matter: &Matter<'_>, shown: &ExcursionShown, field: ExcursionField) -> Fact {
    let given = value(matter, &shown.record, field);
    let told = value(matter, &shown.readings_tell, field);
    let words = match (given, told) {
        (Some(given), Some(told)) if field.is_measured() && given != told => {
            format!("{given}; by the readings {told}")
        }
        (Some(given), _) => given,
        (None, Some(told)) => format!("{told}, by the readings"),
        (None, None) => "not filled in".into(),
    };
    fact(name(field), words)
}

fn name(field: ExcursionField) -> &'static str {
    match field {
        ExcursionField::At => "Date and time",
        ExcursionField::UnitMinC => "Lowest in the unit",
        ExcursionField::UnitMaxC => "Highest in the unit",
        ExcursionField::RoomC => "Room",
        ExcursionField::Reporter => "Completed by",
        ExcursionField::Description => "What happened",
        ExcursionField::DurationS => "Out of range for",
        ExcursionField::Inventory => "Inventory affected",
        ExcursionField::OtherItems => "Other items in the unit",
        ExcursionField::PriorProblems => "Problems before",
    }
}

fn value(matter: &Matter<'_>, record: &ExcursionRecord, field: ExcursionField) -> Option<String> {
    match field {
        ExcursionField::At => record.at.map(|at| matter.instant(at)),
        ExcursionField::UnitMinC => record.unit_min_c.map(text::celsius),
        ExcursionField::UnitMaxC => record.unit_max_c.map(text::celsius),
        ExcursionField::RoomC => record.room_c.map(text::celsius),
        ExcursionField::Reporter => record.reporter.clone(),
        ExcursionField::Description => record.description.clone(),
        ExcursionField::DurationS => record.duration_s.map(|time| text::duration(time.0)),
        ExcursionField::Inventory => record.inventory.clone(),
        ExcursionField::OtherItems => record.other_items.clone(),
        ExcursionField::PriorProblems => record.prior_problems.clone(),
    }
}

/// What an entry filled in, as the history tells it.
pub(super) fn occurrence(record: &ExcursionRecord) -> String {
    let fields = ExcursionField::ALL.into_iter().filter(|field| record.holds(*field));
    let names: Vec<String> = fields.map(|field| field.words().to_owned()).collect();
    format!("Recorded of the excursion: {}", names.join(", "))
}
