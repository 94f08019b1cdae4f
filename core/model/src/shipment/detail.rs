//! A judged shipment as a front end shows it.

use super::judgement::Judgement;
use super::story::{Story, Told};
use crate::api::{CustodyStep, HistoryEvent, Occurrence, Phase, ShipmentDetail, ShipmentSummary, Stock};
use crate::assess::Verdict;
use crate::id::Id;
use crate::record::{Closing, Decision, Did, Download, Logger, Statement};
use crate::time::UtcMillis;
use std::collections::{BTreeMap, BTreeSet};

/// What a list shows of a shipment.
pub fn summary(id: Id, story: &Story, judgement: &Judgement) -> ShipmentSummary {
    let created = story.created.as_ref();
    let says = created.map(|created| &created.says);
    ShipmentSummary {
        id,
        reference: says.map(|says| says.reference.clone()).unwrap_or_default(),
        from: says.and_then(|says| says.from.clone()),
        to: says.and_then(|says| says.to.clone()),
        phase: story.phase(),
        stock: stock(story, judgement.verdict),
        verdict: judgement.verdict,
        reasons: judgement.reasons.clone(),
        profile: says.map(|says| says.profile.name.clone()).unwrap_or_default(),
        freshness: judgement.freshness,
        loggers: u32::try_from(story.loggers().len()).unwrap_or(u32::MAX),
        packages: packages(story),
        created: created.map_or_else(|| first_told(story), |created| created.at),
        started: story.started.as_ref().map(|started| started.says.at),
        received: story.received.as_ref().map(|received| received.says.at),
    }
}

/// The packages that loggers travel in, each once.
fn packages(story: &Story) -> Vec<String> {
    let placements = story.started.iter().flat_map(|started| &started.says.placements);
    let packages: BTreeSet<&String> = placements.filter_map(|placement| placement.package.as_ref()).collect();
    packages.into_iter().cloned().collect()
}

/// All that a front end shows of one shipment.
pub fn detail(id: Id, story: &Story, judgement: &Judgement, known: &BTreeMap<Id, Logger>) -> ShipmentDetail {
    let created = story.created.as_ref().map(|created| &created.says);
    ShipmentDetail {
        summary: summary(id, story, judgement),
        profile: created.map(|created| created.profile.clone()),
        items: created.map(|created| created.items.clone()).unwrap_or_default(),
        loggers: story.loggers().iter().filter_map(|logger| known.get(logger).cloned()).collect(),
        series: judgement.series.clone(),
        history: story.told.iter().map(history_event).collect(),
        custodian: story.custodian.clone(),
    }
}

/// How the stock stands: receipt with a verdict other than `ok` is quarantine until a person decides.
fn stock(story: &Story, verdict: Verdict) -> Option<Stock> {
    if let Some(disposition) = &story.disposition {
        return Some(match disposition.says.decision {
            Decision::Release => Stock::Released,
            Decision::ReleaseInPart => Stock::ReleasedInPart,
            Decision::Reject => Stock::Rejected,
        });
    }
    let received = matches!(story.phase(), Phase::Received | Phase::Closed) && story.received.is_some();
    received.then_some(if verdict == Verdict::Ok { Stock::Received } else { Stock::Quarantine })
}

fn first_told(story: &Story) -> UtcMillis {
    story.told.first().map(|told| told.entry.at).unwrap_or_default()
}

fn history_event(told: &Told) -> HistoryEvent {
    HistoryEvent {
        at: told.entry.at,
        device: told.entry.device.clone(),
        sequence: told.entry.sequence,
        occurrence: occurrence(told),
        refused: told.refused.map(|refusal| refusal.code().to_owned()),
    }
}

fn occurrence(told: &Told) -> Occurrence {
    let Some(statement) = &told.statement else { return Occurrence::Other { kind: told.entry.kind } };
    match statement {
        Statement::Shipment(_) => Occurrence::Created,
        Statement::Started(started) => {
            Occurrence::Started { loggers: u32::try_from(started.placements.len()).unwrap_or(u32::MAX) }
        }
        Statement::Readings(readings) => Occurrence::Readings {
            logger: readings.logger,
            count: readings.count,
            first: readings.first,
            last: readings.last,
            clock_set: readings.clock_set,
        },
        Statement::Download(Download { logger, did: Did::SetClock(clock_set) }) => {
            Occurrence::ClockSet { logger: *logger, clock_set: *clock_set }
        }
        Statement::Download(Download { logger, did: Did::KeptSession(session) }) => {
            Occurrence::Session { logger: *logger, session: *session }
        }
        Statement::Assessment(assessed) => {
            Occurrence::Assessed { verdict: assessed.verdict, reasons: assessed.reasons.clone() }
        }
        Statement::Offered(_) => Occurrence::Custody { step: CustodyStep::Offered },
        Statement::Accepted(_) => Occurrence::Custody { step: CustodyStep::Accepted },
        Statement::Confirmed(_) => Occurrence::Custody { step: CustodyStep::Confirmed },
        Statement::Received(received) => Occurrence::Received { note: received.note.clone() },
        Statement::Disposition(disposition) => {
            Occurrence::Disposition { decision: disposition.decision, reason: disposition.reason.clone() }
        }
        Statement::Closed(closed) => match closed.closing {
            Closing::Ended => Occurrence::Closed,
            Closing::Cancelled => Occurrence::Cancelled,
        },
        _ => Occurrence::Other { kind: told.entry.kind },
    }
}
