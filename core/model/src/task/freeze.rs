//! What a programme asks for after goods that freezing harms may have frozen.

use super::{Source, Subject, Task, TaskKind, TaskSeverity};
use crate::assess::Reason;
use crate::profile::{Adjuvant, Profile, Programme};
use crate::record::ItemLine;
use crate::shipment::{Judgement, LineStanding, StockNow, Story};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FreezeCheck {
    /// The manufacturer is asked; a shake test clears nothing.
    AskManufacturer,
    /// A shake test beside a control that was frozen.
    ShakeTest,
}

impl FreezeCheck {
    /// By a profile: a shake test only in WHO's programme and only of what is adsorbed to aluminium; in every
    /// other programme, and where none is known, the manufacturer.
    pub fn of(profile: &Profile) -> Self {
        match (profile.programme, profile.adjuvant) {
            (Some(Programme::Who), Some(Adjuvant::Aluminium)) => Self::ShakeTest,
            _ => Self::AskManufacturer,
        }
    }
}

/// One line that may have frozen; of a shipment without lines, all of it.
struct Frozen<'a> {
    line: Option<u32>,
    lot: Option<&'a str>,
    check: FreezeCheck,
    source: Source,
}

/// At most one task for each check, with the lines that wait for it.
pub(super) fn tasks(
    story: &Story,
    judgement: &Judgement,
    stock: &StockNow<'_>,
    about: &Subject,
) -> Vec<Task> {
    let frozen = frozen(story, judgement).into_iter();
    let open: Vec<Frozen<'_>> = frozen.filter(|one| is_open(story, judgement, stock, one)).collect();
    let checks = [
        (FreezeCheck::AskManufacturer, TaskKind::AskManufacturer),
        (FreezeCheck::ShakeTest, TaskKind::ShakeTest),
    ];
    let task = |(check, kind)| {
        let waiting: Vec<&Frozen<'_>> = open.iter().filter(|one| one.check == check).collect();
        let mut lots: Vec<String> = Vec::new();
        for lot in waiting.iter().filter_map(|one| one.lot) {
            if !lots.iter().any(|known| known == lot) {
                lots.push(lot.to_owned());
            }
        }
        let lines = waiting.iter().filter_map(|one| one.line).collect();
        let source = waiting.first()?.source;
        let task = Task::new(kind, TaskSeverity::Critical, about.clone(), "");
        Some(Task { lots, lines, source, reasons: vec![Reason::Freeze], ..task })
    };
    checks.into_iter().filter_map(task).collect()
}

/// The lots that a manufacturer still has to be asked about, each once; what has no lot cannot be asked about.
pub fn lots_to_ask(story: &Story, judgement: &Judgement) -> Vec<String> {
    if story.under_way().is_err() {
        return Vec::new();
    }
    let stock = story.stock_now(judgement);
    let frozen = frozen(story, judgement).into_iter();
    let open = frozen
        .filter(|one| one.check == FreezeCheck::AskManufacturer && is_open(story, judgement, &stock, one));
    let mut lots: Vec<String> = Vec::new();
    for lot in open.filter_map(|one| one.lot) {
        if !lots.iter().any(|known| known == lot) {
            lots.push(lot.to_owned());
        }
    }
    lots
}

fn frozen<'a>(story: &'a Story, judgement: &'a Judgement) -> Vec<Frozen<'a>> {
    let Some(created) = story.created.as_ref().map(|created| &created.says) else { return Vec::new() };
    if created.items.is_empty() {
        let frost = judgement.reasons.contains(&Reason::Freeze);
        return frost.then(|| Frozen::by(&created.profile, None, None)).into_iter().collect();
    }
    let lines = (0_u32..).zip(created.items.iter().zip(&judgement.lines));
    let frost = lines.filter(|(_, (_, line))| line.reasons.contains(&Reason::Freeze));
    frost.map(|(index, (item, _))| of_line(index, item, &created.profile)).collect()
}

fn of_line<'a>(index: u32, item: &'a ItemLine, profile: &Profile) -> Frozen<'a> {
    let profile = item.profile.as_ref().unwrap_or(profile);
    Frozen::by(profile, Some(index), item.lot.as_deref())
}

impl<'a> Frozen<'a> {
    /// Asked by the profile's programme; where none is known, as CDC asks.
    fn by(profile: &Profile, line: Option<u32>, lot: Option<&'a str>) -> Self {
        let source = match profile.programme {
            Some(Programme::Who) => Source::Who,
            Some(Programme::EuGdp) => Source::EuGdp,
            Some(Programme::MarylandVfc) | None => Source::Cdc,
        };
        Self { line, lot, check: FreezeCheck::of(profile), source }
    }
}

/// A question about the lot, or the explanation that a test gives, is what is waited for, whatever was released
/// meanwhile; of what was rejected nothing is asked. Goods without a lot cannot be asked about: they wait for the
/// decision.
fn is_open(story: &Story, judgement: &Judgement, stock: &StockNow<'_>, frozen: &Frozen<'_>) -> bool {
    let asked = frozen.lot.is_some_and(|lot| {
        let asked = story.stock.reviews.iter().filter_map(|review| review.says.asked.as_ref());
        asked.flat_map(|asked| &asked.lots).any(|one| one == lot)
    });
    let waits = match stock.standing(frozen.line.unwrap_or_default()) {
        LineStanding::Rejected => false,
        LineStanding::Released => frozen.lot.is_some(),
        LineStanding::Undecided | LineStanding::Held | LineStanding::Conflict => true,
    };
    waits
        && match frozen.check {
            FreezeCheck::AskManufacturer => !asked,
            FreezeCheck::ShakeTest => !asked && story.unexplained(judgement).contains(&Reason::Freeze),
        }
}
