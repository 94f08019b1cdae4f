//! Every entry about the shipment as it stands in the logs, those that do not count with their reason.

use super::section::{column, note, number, wide};
use super::{Block, Listing, Matter, Section, text, words};
use firn_model::api::{HistoryEvent, ShipmentDetail};
use firn_model::shipment::Told;
use firn_model::time::UtcOffset;

pub(super) fn sections(matter: &Matter<'_>) -> Vec<Section> {
    let columns = vec![
        column("Time"),
        wide("Device", 3),
        number("No."),
        wide("Signed by", 3),
        wide("What happened", 7),
    ];
    let rows = told(matter).map(|(told, event)| row(matter, told, event)).collect();
    let listing = Listing { columns, rows, none: "Nothing is recorded." };
    let below = note(format!(
        "In the order of the story; times are those of the signing device's clock, printed in {}. No. is the \
         entry's place in that device's log.",
        text::offset(matter.printing.offset)
    ));
    vec![Section::new("Every entry", vec![Block::Table(listing), below])]
}

/// Every entry with what a front end shows of it, in the order of the story.
pub(super) fn told<'a>(matter: &Matter<'a>) -> impl Iterator<Item = (&'a Told, &'a HistoryEvent)> + use<'a> {
    matter.assessed.story.told.iter().zip(&matter.detail.history)
}

fn row(matter: &Matter<'_>, told: &Told, event: &HistoryEvent) -> Vec<String> {
    let mut what = words(matter, event);
    if let Some(refusal) = told.refused {
        what = format!("Does not count ({}: {}): {what}", refusal.code(), refusal.words());
    }
    vec![
        matter.local(event.at),
        words::device(&event.device),
        event.sequence.to_string(),
        words::person(event.person.as_ref()),
        what,
    ]
}

/// What an entry says, whether it counts or not.
pub(super) fn words(matter: &Matter<'_>, event: &HistoryEvent) -> String {
    words::occurrence(&event.occurrence, &|id| matter.logger(id), &|at| matter.local(at))
}

/// What an entry says by what a front end shows of it, with instants that name their offset.
pub(crate) fn happened(detail: &ShipmentDetail, event: &HistoryEvent, offset: UtcOffset) -> String {
    let logger = |id| super::logger(detail, id);
    words::occurrence(&event.occurrence, &logger, &|at| text::instant(at, offset))
}
