//! CDC's record of a shipment's excursion: as signed so far, and what the readings themselves tell of it.

use super::judgement::Judgement;
use super::line::LineJudgement;
use super::story::{SignedEntry, Story, placed};
use crate::api::ExcursionShown;
use crate::assess::{Assessment, Milliseconds, Verdict};
use crate::authority::Refusal;
use crate::gs1::expiry_date;
use crate::reading::Quantity;
use crate::record::{ExcursionRecord, ItemLine};

impl Story {
    /// All that was recorded of the excursion; of each field the newest entry counts.
    pub fn excursion_record(&self) -> Option<ExcursionRecord> {
        let records = self.stock.excursion_records.iter().map(|placed| &placed.says);
        records.cloned().reduce(|held, later| held.with(&later))
    }

    /// An addition to the record, once the shipment is under way.
    pub(super) fn follow_excursion(
        &mut self,
        entry: &SignedEntry,
        says: &ExcursionRecord,
    ) -> Result<(), Refusal> {
        self.under_way()?;
        let whole = self.excursion_record().unwrap_or_default().with(says);
        if says.is_empty() || !whole.is_sound() {
            return Err(Refusal::MalformedBody);
        }
        self.stock.excursion_records.push(placed(entry, says.clone()));
        Ok(())
    }
}

/// The record as a front end shows it, where one was begun or an excursion asks for one.
pub fn excursion_shown(story: &Story, judgement: &Judgement) -> Option<ExcursionShown> {
    let recorded = story.excursion_record();
    let asked_for = judgement.verdict == Verdict::Excursion && story.under_way().is_ok();
    if recorded.is_none() && !asked_for {
        return None;
    }
    let record = recorded.unwrap_or_default();
    let readings_tell = known(story, judgement);
    let missing = readings_tell.clone().with(&record).missing();
    Some(ExcursionShown {
        complete: missing.is_empty(),
        missing,
        inventory_lines: match readings_tell.inventory {
            Some(_) => affected(story, judgement).into_iter().map(|(line, _)| line).collect(),
            None => Vec::new(),
        },
        record,
        readings_tell,
        last: story.stock.excursion_records.last().map(|placed| placed.at),
    })
}

/// What Firn itself knows of an excursion, which began with the first reading out of range.
///
/// Lowest and highest are those of the unit: of all readings that count, of all loggers. The duration is the longest that the goods may
/// have been out of range at one logger, gaps beside readings out of range included. The inventory is every
/// line that was out of its own range, or every line where none was.
pub fn known(story: &Story, judgement: &Judgement) -> ExcursionRecord {
    let assessments: Vec<&Assessment> = assessments(judgement).collect();
    let excursions = || assessments.iter().flat_map(|one| &one.excursions);
    let Some(begin) = excursions().map(|excursion| excursion.begin).min() else {
        return ExcursionRecord::default();
    };
    let temperatures =
        || judgement.series.iter().filter(|series| series.channel.quantity == Quantity::Temperature);
    let numbers = || temperatures().map(|series| &series.assessment.statistics);
    let inventory = inventory(story, judgement);
    ExcursionRecord {
        at: Some(begin),
        unit_min_c: numbers().filter_map(|one| one.min).min(),
        unit_max_c: numbers().filter_map(|one| one.max).max(),
        duration_s: assessments.iter().map(|one| out_of_range(one)).max(),
        inventory: Some(inventory).filter(|text| !text.is_empty()),
        ..ExcursionRecord::default()
    }
}

/// Every assessment that counts: of the series and of the lines by their own profiles.
fn assessments(judgement: &Judgement) -> impl Iterator<Item = &Assessment> {
    let of_series = judgement.series.iter().map(|series| &series.assessment);
    let of_lines = judgement.lines.iter().flat_map(|line| &line.series).map(|(_, assessment)| assessment);
    of_series.chain(of_lines)
}

fn out_of_range(assessment: &Assessment) -> Milliseconds {
    let statistics = &assessment.statistics;
    Milliseconds(statistics.above_max.0.saturating_add(statistics.below_max.0))
}

fn inventory(story: &Story, judgement: &Judgement) -> String {
    affected(story, judgement).into_iter().map(|(_, item)| worded(item)).collect::<Vec<_>>().join("; ")
}

/// Every line that was out of its own range, or every line where none was; each with its place, from 0.
fn affected<'a>(story: &'a Story, judgement: &Judgement) -> Vec<(u32, &'a ItemLine)> {
    let items = story.created.iter().flat_map(|created| &created.says.items);
    let lines: Vec<((u32, &ItemLine), Option<&LineJudgement>)> =
        (0_u32..).zip(items).enumerate().map(|(index, item)| (item, judgement.lines.get(index))).collect();
    let out = |line: &LineJudgement| line.series.iter().any(|(_, one)| !one.excursions.is_empty());
    let affected: Vec<(u32, &ItemLine)> =
        lines.iter().filter(|(_, line)| line.is_some_and(out)).map(|(item, _)| *item).collect();
    if affected.is_empty() { lines.into_iter().map(|(item, _)| item).collect() } else { affected }
}

/// `MMR, lot A1, expiry 2027-03-31, GTIN 09506000134352, quantity 40`.
fn worded(item: &ItemLine) -> String {
    let named = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} {value}"));
    let parts = [
        Some(item.product.clone()),
        named("lot", &item.lot),
        named("expiry", &item.expiry.as_deref().map(expiry_date)),
        named("GTIN", &item.gtin),
        Some(format!("quantity {}", item.quantity)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
