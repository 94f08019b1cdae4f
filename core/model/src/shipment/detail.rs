//! A judged shipment as a front end shows it.

use super::clocks::add_further;
use super::custody::HandOver;
use super::excursion::excursion_shown;
use super::hand::Hand;
use super::judgement::{Judgement, gives_cause};
use super::label::label_warnings;
use super::late::is_still_to_come;
use super::line::LineJudgement;
use super::standing::Conflict;
use super::story::{Story, Told};
use crate::api::{
    ClockDifference, ConflictShown, CustodyStep, EndedLogger, HandOverShown, HistoryEvent, JudgedLine,
    JudgedLineSeries, Occurrence, PartnerNamed, ShipmentDetail, ShipmentSummary, Stock, TakenCustody,
    TimeProposed,
};
use crate::id::Id;
use crate::meaning::meaning;
use crate::record::{Closing, Did, Download, EntryReference, ItemLine, Logger, Statement};
use crate::task::DecisionTaken;
use crate::time::UtcMillis;
use crate::vault::PositionKnown;
use std::collections::{BTreeMap, BTreeSet};

/// What a list shows of a shipment.
pub fn summary(id: Id, story: &Story, judgement: &Judgement) -> ShipmentSummary {
    let created = story.created.as_ref();
    let says = created.map(|created| &created.says);
    let now = story.stock_now(judgement);
    let stock = now.state();
    let mut do_not_use_lines = now.lines_not_to_use();
    if stock == Some(Stock::Quarantine) && says.is_some_and(|says| says.items.len() == do_not_use_lines.len())
    {
        do_not_use_lines.clear();
    }
    ShipmentSummary {
        id,
        reference: says.map(|says| says.reference.clone()).unwrap_or_default(),
        from: says.and_then(|says| says.from.clone()),
        to: says.and_then(|says| says.to.clone()),
        phase: story.phase(),
        stock,
        do_not_use: now.do_not_use(),
        do_not_use_lines,
        verdict: judgement.verdict,
        reasons: judgement.reasons.clone(),
        profile: says.map(|says| says.profile.name.clone()).unwrap_or_default(),
        freshness: judgement.freshness,
        loggers: u32::try_from(story.loggers().len()).unwrap_or(u32::MAX),
        packages: packages(story),
        created: created.map_or_else(|| first_told(story), |created| created.at),
        started: story.picked_up(),
        received: story.arrival(),
    }
}

/// Every package by its name, each once: those it was created with, those of its lines, and those that
/// loggers travel in.
fn packages(story: &Story) -> Vec<String> {
    let created = || story.created.iter().map(|created| &created.says);
    let listed = created().flat_map(|says| says.packages.iter().flatten()).map(|package| &package.name);
    let of_lines = created().flat_map(|says| &says.items).filter_map(|item| item.package.as_ref());
    let placements = story.started.iter().flat_map(|started| &started.says.placements);
    let placed = placements.filter_map(|placement| placement.package.as_ref());
    let packages: BTreeSet<&String> = listed.chain(of_lines).chain(placed).collect();
    packages.into_iter().cloned().collect()
}

/// All that a front end shows of one shipment.
pub fn detail(id: Id, story: &Story, judgement: &Judgement, known: &BTreeMap<Id, Logger>) -> ShipmentDetail {
    let created = story.created.as_ref().map(|created| &created.says);
    ShipmentDetail {
        summary: summary(id, story, judgement),
        profile: created.map(|created| created.profile.clone()),
        other_profiles: Vec::new(),
        items: created.map(|created| created.items.clone()).unwrap_or_default(),
        lines: lines(story, judgement),
        loggers: story.loggers().iter().filter_map(|logger| known.get(logger).cloned()).collect(),
        placements: story.started.iter().flat_map(|started| &started.says.placements).cloned().collect(),
        ended: ended(story),
        calibration: judgement.calibration.clone(),
        series: judgement.series.clone(),
        conditions: judgement.conditions.clone(),
        started_signed: story.pick_up_otherwise_signed(),
        received_signed: story.receipt_otherwise_signed(),
        pick_up_proposed: story
            .unapproved_pick_up()
            .map(|moved| TimeProposed { at: moved.says.at, reason: moved.says.reason.clone() }),
        clock_differences: clock_differences(story, judgement),
        history: story.told.iter().map(|told| history_event(story, told)).collect(),
        custodian: story.custody.custodian.clone(),
        with_partner: story.custody.partner.map(PartnerNamed::unnamed),
        left: story.left(),
        packages: created.and_then(|created| created.packages.clone()).unwrap_or_default(),
        hand_overs: story.custody.hand_overs.iter().map(hand_over).collect(),
        received_one_sided: story.custody.received_one_sided,
        policy: story.policy().map(super::organisation::shown),
        conflicts: story.conflicts().into_iter().map(|one| conflict_shown(story, one)).collect(),
        next: story.next_steps(judgement),
        excursion_record: excursion_shown(story, judgement),
    }
}

/// Decisions that differ, as a front end shows them.
pub fn conflict_shown(story: &Story, conflict: Conflict) -> ConflictShown {
    let taken = |reference: &EntryReference| {
        let decision = story.stock.decisions.iter().find(|one| one.reference == *reference)?;
        Some(DecisionTaken {
            decision: decision.says.decision,
            by: Hand::of(decision).name().to_owned(),
            at: decision.at,
            reason: decision.says.reason.clone(),
        })
    };
    let decisions = conflict.decisions.iter().filter_map(taken).collect();
    ConflictShown { lines: conflict.lines, decisions }
}

/// The clocks that differ by what its own entries show, alone or beside those of its legs, and those of organisations
/// that its goods came from.
fn clock_differences(story: &Story, judgement: &Judgement) -> Vec<ClockDifference> {
    let mut differences = story.clock_differences();
    let legs = judgement.lines.iter().flat_map(|line| &line.foreign_legs);
    for one in legs.filter_map(|leg| leg.clock_difference.as_ref()) {
        if is_still_to_come(one.ahead_at, one.behind_at) {
            add_further(&mut differences, one.clone());
        }
    }
    for one in judgement.lines.iter().flat_map(|line| &line.behind_legs) {
        add_further(&mut differences, one.clone());
    }
    differences
}

/// The ended ones among its loggers.
fn ended(story: &Story) -> BTreeMap<Id, EndedLogger> {
    let ended = |logger: Id| Some((logger, story.organisation.ending_shown(logger, UtcMillis(i64::MAX))?));
    story.loggers().into_iter().filter_map(ended).collect()
}

fn lines(story: &Story, judgement: &Judgement) -> Vec<JudgedLine> {
    let Some(created) = story.created.as_ref().map(|created| &created.says) else { return Vec::new() };
    let warnings = label_warnings(created);
    let now = story.stock_now(judgement);
    let told = |(place, (item, line)): (u32, (&ItemLine, &LineJudgement))| {
        let profile = item.profile.as_ref().unwrap_or(&created.profile);
        let series = line.series.iter().map(|(series, assessment)| JudgedLineSeries {
            series: series.clone(),
            assessment: assessment.clone(),
        });
        JudgedLine {
            verdict: line.verdict,
            reasons: line.reasons.clone(),
            found: story.found_of_line(place, item, line),
            stock: now.line(place),
            profile: format!("{} v{}", profile.name, profile.version),
            budgets: line.budgets.clone(),
            series: series.collect(),
            warnings: warnings.iter().filter(|warning| warning.line == place).cloned().collect(),
            leg_warnings: line.leg_warnings.clone(),
            foreign_legs: line.foreign_legs.clone(),
        }
    };
    (0_u32..).zip(created.items.iter().zip(&judgement.lines)).map(told).collect()
}

fn hand_over(one: &HandOver) -> HandOverShown {
    let taken_up = one.taken.as_ref().and_then(|taken| taken.says.taken_up);
    HandOverShown {
        from: one.offered.device.clone(),
        to: one.accepted.as_ref().map(|accepted| accepted.device.clone()),
        to_partner: one.offered.says.partner.map(PartnerNamed::unnamed),
        offered: one.offered.at,
        accepted: one.accepted.as_ref().map(|accepted| accepted.says.at).or(taken_up.map(|taken| taken.at)),
        confirmed: one.confirmed.as_ref().map(|confirmed| confirmed.at),
        one_sided: one.confirmed.is_none() && one.taken.is_none(),
    }
}

fn first_told(story: &Story) -> UtcMillis {
    story.told.first().map(|told| told.entry.at).unwrap_or_default()
}

fn history_event(story: &Story, told: &Told) -> HistoryEvent {
    HistoryEvent {
        at: told.entry.at,
        device: told.entry.device.clone(),
        sequence: told.entry.sequence,
        occurrence: occurrence(story, told),
        person: told.entry.person.clone(),
        meaning: told.statement.as_ref().and_then(meaning).filter(|_| told.entry.person.is_some()),
        refused: told.refused.map(|refusal| refusal.code().to_owned()),
    }
}

fn occurrence(story: &Story, told: &Told) -> Occurrence {
    let Some(statement) = &told.statement else { return Occurrence::Other { kind: told.entry.kind } };
    match statement {
        Statement::Shipment(_) => Occurrence::Created,
        Statement::Started(started) => {
            let loggers: BTreeSet<Id> = started.placements.iter().map(|placement| placement.logger).collect();
            Occurrence::Started {
                loggers: u32::try_from(loggers.len()).unwrap_or(u32::MAX),
                overrides: started.overrides.clone().unwrap_or_default(),
                at: started.at,
                reason: started.reason.clone(),
            }
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
        Statement::Received(received) => Occurrence::Received {
            note: received.note.clone(),
            checklist: received.checklist.clone(),
            at: received.at,
            reason: received.reason.clone(),
        },
        Statement::Disposition(disposition) => Occurrence::Disposition {
            decision: disposition.decision,
            reason: disposition.reason.clone(),
            lines: disposition.lines.clone(),
        },
        Statement::Closed(closed) => match closed.closing {
            Closing::Ended => Occurrence::Closed,
            Closing::Cancelled => Occurrence::Cancelled { reason: closed.reason.clone().unwrap_or_default() },
        },
        Statement::Taken(taken) => Occurrence::Taken {
            partner: PartnerNamed::unnamed(taken.organisation),
            evidence: taken.evidence,
            recognition: taken.recognition,
            custody: match (taken.taken_up, taken.acceptance) {
                (Some(_), Some(_)) => TakenCustody::Given,
                (Some(_), None) => TakenCustody::Taken,
                (None, _) => TakenCustody::None,
            },
        },
        Statement::Position(located) => {
            Occurrence::Position { commitment: located.commitment, known: PositionKnown::HeldElsewhere }
        }
        other => of_stock(story, other).unwrap_or(Occurrence::Other { kind: told.entry.kind }),
    }
}

fn of_stock(story: &Story, statement: &Statement) -> Option<Occurrence> {
    Some(match statement {
        Statement::Quarantined(says) => Occurrence::Quarantined { reason: says.reason.clone() },
        Statement::Review(review) => Occurrence::Reviewed { review: review.clone() },
        Statement::Acknowledged(says) => Occurrence::Acknowledged { reasons: says.reasons.clone() },
        Statement::Reply(reply) => {
            Occurrence::Replied { lots: reply.lots.clone(), advice: reply.advice, words: reply.words.clone() }
        }
        Statement::ArrivalMoved(moved) => {
            Occurrence::ArrivalMoved { at: moved.at, reason: moved.reason.clone() }
        }
        Statement::PickUpMoved(moved) => {
            Occurrence::PickUpMoved { at: moved.at, reason: moved.reason.clone() }
        }
        Statement::Approved(says) if story.is_move_of_pick_up(says.approves) => Occurrence::PickUpApproved,
        Statement::Approved(_) => Occurrence::Approved,
        Statement::Observation(says) => {
            Occurrence::Observed { observation: says.clone(), gives_cause: gives_cause(says.observed) }
        }
        Statement::Finding(finding) => {
            Occurrence::Found { lines: finding.lines.clone(), words: finding.words.clone() }
        }
        Statement::ExcursionRecord(record) => Occurrence::ExcursionRecorded { record: record.clone() },
        _ => return None,
    })
}
