//! `firn shipment excursion-record`: CDC's record of an excursion, field by field.

use crate::arguments::{Excursion, Global};
use crate::commands::shipment::EntryLine;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::written::instant_if;
use crate::{opened, words};
use firn_model::api::ExcursionShown;
use firn_model::assess::Milliseconds;
use firn_model::id::Id;
use firn_model::record::ExcursionRecord;
use serde::Serialize;

/// What the command answers.
#[derive(Serialize)]
struct Recorded {
    ok: bool,
    shipment: Id,
    entries: Vec<EntryLine>,
    /// Absent where nothing was recorded and nothing asks for a record.
    #[serde(flatten)]
    shown: Option<ExcursionShown>,
}

/// Adds to the record, and tells what it lacks.
pub fn run(output: &mut Output, global: &Global, given: &Excursion) -> Result<Exit, Failure> {
    let record = ExcursionRecord {
        at: instant_if(given.at.as_deref())?,
        unit_min_c: given.lowest_c,
        unit_max_c: given.highest_c,
        room_c: given.room_c,
        reporter: given.reporter.clone(),
        description: given.what.clone(),
        duration_s: given.minutes.map(|minutes| Milliseconds::from_seconds(u64::from(minutes) * 60)),
        inventory: given.inventory.clone(),
        other_items: given.other_items.clone(),
        prior_problems: given.before.clone(),
    };
    let app = opened::to_write(global)?;
    let shipment = opened::wait(app.shipment_named(&given.shipment))??;
    let entries = opened::wait(app.record_excursion(shipment, record))??;
    let shown = opened::wait(app.shipment(shipment))??.excursion_record;
    let words = match &shown {
        Some(shown) => words::excursion_record(&words::seen(shown)),
        None => "no reading was out of range, and nothing was given to record".to_owned(),
    };
    let entries = entries.iter().map(EntryLine::from).collect();
    output.answer(&Recorded { ok: true, shipment, entries, shown }, || format!("{shipment}  {words}"))?;
    Ok(Exit::Success)
}
