//! The tasks of one shipment, from where its story stands.

use super::{Source, Subject, Task, TaskKind, TaskSeverity, freeze};
use crate::api::{ConflictShown, NextStep, Phase, Step};
use crate::assess::Verdict;
use crate::id::Id;
use crate::profile::Programme;
use crate::record::{Closing, EntryReference, SinglePersonRelease};
use crate::retention::{kept_until, rule_for};
use crate::shipment::{
    Conflict, Hand, HandOver, Judgement, LineStanding, Placed, StockNow, Story, conflict_shown,
    excursion_shown, named,
};

/// What people have to do about a shipment, by its story, its judgement and the organisation's rules; for
/// [`super::queue`].
pub fn of_shipment(shipment: Id, story: &Story, judgement: &Judgement) -> Vec<Task> {
    let reference = story.created.as_ref().map(|created| created.says.reference.clone());
    let about = Subject::Shipment { shipment, reference: reference.unwrap_or_default() };
    let stock = story.stock_now(judgement);
    if story.closing == Some(Closing::Cancelled) {
        return cancelled(story, judgement, &about);
    }
    let mut tasks = Vec::new();
    if story.started.is_some() || story.received.is_some() {
        tasks.extend(review(story, judgement, &stock, &about));
        tasks.extend(freeze::tasks(story, judgement, &stock, &about));
        tasks.extend(answers(story, &stock, &about));
    }
    tasks.extend(conflicts(story, &about));
    let held = stock.do_not_use();
    let grave = if held { TaskSeverity::High } else { TaskSeverity::Normal };
    let steps = story.next_steps(judgement);
    tasks.extend(only_to_reject(&steps, &about, grave));
    tasks.extend(steps.into_iter().filter_map(|step| of_step(step, story, judgement, &about, grave)));
    tasks.extend(confirmations(story, &about));
    tasks.extend(corrections(story, &about));
    tasks.extend(excursion_record(story, judgement, &about, grave));
    tasks.extend(retention(story, &about));
    tasks
}

/// Of what was cancelled nothing is to be done, but to reject what somebody held.
fn cancelled(story: &Story, judgement: &Judgement, about: &Subject) -> Vec<Task> {
    only_to_reject(&story.next_steps(judgement), about, TaskSeverity::High).into_iter().collect()
}

fn review(story: &Story, judgement: &Judgement, stock: &StockNow<'_>, about: &Subject) -> Option<Task> {
    let out = judgement.verdict == Verdict::Excursion && !stock.is_decided();
    let open = out && !story.looked_into(judgement);
    open.then(|| Task::new(TaskKind::ReviewExcursion, TaskSeverity::Critical, about.clone(), ""))
}

/// A task for each question that is not answered for all its lots of which some stock was not rejected.
fn answers(story: &Story, stock: &StockNow<'_>, about: &Subject) -> Vec<Task> {
    let mut tasks = Vec::new();
    for (review, lots) in story.stock.unanswered() {
        let Some(asked) = &review.says.asked else { continue };
        let lots: Vec<&str> = lots.into_iter().filter(|lot| is_here(story, stock, lot)).collect();
        if lots.is_empty() {
            continue;
        }
        let detail = place(&story.stock.reviews, review.reference);
        tasks.push(Task {
            due: Some(asked.due),
            manufacturer: Some(asked.manufacturer.clone()),
            lots: lots.into_iter().map(str::to_owned).collect(),
            ..Task::new(TaskKind::RecordAnswer, TaskSeverity::High, about.clone(), &detail)
        });
    }
    tasks
}

/// Whether a line of a lot was not rejected.
fn is_here(story: &Story, stock: &StockNow<'_>, lot: &str) -> bool {
    let items = story.created.iter().flat_map(|created| &created.says.items);
    let of_lot = (0_u32..).zip(items).filter(|(_, item)| item.lot.as_deref() == Some(lot));
    of_lot.into_iter().any(|(line, _)| stock.standing(line) != LineStanding::Rejected)
}

/// One for each pair of decisions, or more, that did not know of each other and differ.
fn conflicts(story: &Story, about: &Subject) -> Vec<Task> {
    let task = |conflict: Conflict| {
        let detail = conflict.decisions.first().map(|first| place(&story.stock.decisions, *first));
        let ConflictShown { lines, decisions } = conflict_shown(story, conflict);
        let detail = detail.unwrap_or_default();
        Task {
            lines,
            decisions,
            ..Task::new(TaskKind::ResolveConflict, TaskSeverity::Critical, about.clone(), &detail)
        }
    };
    story.conflicts().into_iter().map(task).collect()
}

/// The place of a statement among those of its kind, from 1: it never changes.
fn place<T>(placed: &[Placed<T>], reference: EntryReference) -> String {
    let place = placed.iter().position(|one| one.reference == reference).unwrap_or_default();
    place.saturating_add(1).to_string()
}

/// What [`Story::next_steps`] says may be done and has to be; the other tasks are told elsewhere.
fn of_step(
    step: NextStep,
    story: &Story,
    judgement: &Judgement,
    about: &Subject,
    severity: TaskSeverity,
) -> Option<Task> {
    let alone = story.organisation.single_person_release();
    let second = judgement.verdict == Verdict::Excursion && alone == SinglePersonRelease::Refused;
    let (kind, severity) = match step.step {
        Step::Read => (TaskKind::ReadLoggers, severity),
        Step::Acknowledge => (TaskKind::ExplainReasons, severity),
        Step::Release | Step::ReleaseInPart if second => (TaskKind::SecondPersonRelease, severity),
        Step::Release | Step::ReleaseInPart => (TaskKind::Decide, severity),
        Step::Find => (TaskKind::RecordFinding, TaskSeverity::Critical),
        Step::Start
        | Step::Cancel
        | Step::Offer
        | Step::Accept
        | Step::Confirm
        | Step::Receive
        | Step::Review
        | Step::Ask
        | Step::Reply
        | Step::MoveArrival
        | Step::MovePickUp
        | Step::Approve
        | Step::ApprovePickUp
        | Step::Reject
        | Step::Quarantine
        | Step::Close => return None,
    };
    let NextStep { roles, except, except_hands, reasons, loggers, lines, .. } = step;
    Some(Task {
        roles,
        except,
        except_hands,
        reasons,
        loggers,
        lines,
        ..Task::new(kind, severity, about.clone(), "")
    })
}

/// The decision where all that waits for it is barred and nothing else is open: it can only be rejected.
fn only_to_reject(steps: &[NextStep], about: &Subject, severity: TaskSeverity) -> Option<Task> {
    let before =
        [Step::Read, Step::Acknowledge, Step::Review, Step::Reply, Step::Release, Step::ReleaseInPart];
    let reject = steps.iter().find(|one| one.step == Step::Reject)?;
    let open = steps.iter().any(|one| before.contains(&one.step));
    let task = Task::new(TaskKind::Decide, severity, about.clone(), "");
    (!open).then(|| Task { roles: reject.roles.clone(), lines: reject.lines.clone(), ..task })
}

/// One for each acceptance that its giver has not confirmed, on the giver's device alone.
fn confirmations(story: &Story, about: &Subject) -> Vec<Task> {
    let hand_overs = (1_u32..).zip(&story.custody.hand_overs);
    let waiting = hand_overs.filter(|(_, one)| one.accepted.is_some() && one.confirmed.is_none());
    let task = |(place, one): (u32, &HandOver)| {
        let device = &one.offered.device;
        Task {
            roles: device.role.into_iter().collect(),
            device: Some(device.label.clone()),
            ..Task::new(TaskKind::ConfirmCustody, TaskSeverity::Normal, about.clone(), &place.to_string())
        }
    };
    waiting.map(task).collect()
}

/// One for the correction of each time that waits for a second person.
fn corrections(story: &Story, about: &Subject) -> Vec<Task> {
    let task = |kind, detail: String, not_by: &[Hand]| {
        let (except, except_hands) = named(not_by);
        Task { except, except_hands, ..Task::new(kind, TaskSeverity::High, about.clone(), &detail) }
    };
    let arrival = story.unapproved().map(|moved| {
        let detail = place(&story.stock.arrivals, moved.reference);
        task(TaskKind::ApproveArrival, detail, &[Hand::of(moved)])
    });
    let pick_up = story.unapproved_pick_up().map(|moved| {
        let detail = place(&story.stock.pick_ups, moved.reference);
        task(TaskKind::ApprovePickUp, detail, &story.not_to_approve_pick_up(moved))
    });
    arrival.into_iter().chain(pick_up).collect()
}

fn excursion_record(
    story: &Story,
    judgement: &Judgement,
    about: &Subject,
    severity: TaskSeverity,
) -> Option<Task> {
    let shown = excursion_shown(story, judgement)?;
    let task = Task::new(TaskKind::CompleteExcursionRecord, severity, about.clone(), "");
    (!shown.complete).then_some(Task { missing: shown.missing, ..task })
}

/// When a closed record need no longer be kept, where the shipment's programme says for how long.
fn retention(story: &Story, about: &Subject) -> Option<Task> {
    let created = &story.created.as_ref()?.says;
    let rule = rule_for(created).filter(|_| story.phase() == Phase::Closed)?;
    let last = story.told.iter().map(|told| told.entry.at).max()?;
    Some(Task {
        due: Some(kept_until(last, rule)?.until),
        source: match rule.programme {
            Programme::MarylandVfc => Source::MarylandVfc,
            Programme::EuGdp => Source::EuGdp,
            Programme::Who => Source::Who,
        },
        ..Task::new(TaskKind::EndRetention, TaskSeverity::Normal, about.clone(), "")
    })
}
