//! The tasks of one shipment, from where its story stands.

use super::rule::Retention;
use super::{Subject, Task, TaskKind, TaskSeverity, freeze};
use crate::api::{NextStep, Phase, Step, Stock};
use crate::assess::Verdict;
use crate::id::Id;
use crate::record::{ArrivalMoved, Closing, EntryReference, SinglePersonRelease, Statement};
use crate::shipment::{Hand, HandOver, Judgement, Placed, Story, Told, excursion_shown};
use crate::time::UtcMillis;

/// What people have to do about a shipment, by its story, its judgement and the organisation's rules; for
/// [`super::queue`].
pub fn of_shipment(shipment: Id, story: &Story, judgement: &Judgement) -> Vec<Task> {
    if story.closing == Some(Closing::Cancelled) {
        return Vec::new();
    }
    let reference = story.created.as_ref().map(|created| created.says.reference.clone());
    let about = Subject::Shipment { shipment, reference: reference.unwrap_or_default() };
    let mut tasks = Vec::new();
    if (story.started.is_some() || story.received.is_some()) && !story.decided() {
        tasks.extend(review(story, judgement, &about));
        tasks.extend(freeze::tasks(story, judgement, &about));
        tasks.extend(answers(story, &about));
    }
    let held = story.stock_state(judgement.verdict) == Some(Stock::Quarantine);
    let grave = if held { TaskSeverity::High } else { TaskSeverity::Normal };
    let steps = story.next_steps(judgement);
    tasks.extend(steps.into_iter().filter_map(|step| of_step(step, story, judgement, &about, grave)));
    tasks.extend(confirmations(story, &about));
    tasks.extend(corrections(story, &about));
    tasks.extend(excursion_record(story, judgement, &about, grave));
    tasks.extend(retention(story, &about));
    tasks
}

fn review(story: &Story, judgement: &Judgement, about: &Subject) -> Option<Task> {
    let open = judgement.verdict == Verdict::Excursion && story.stock.reviews.is_empty();
    open.then(|| Task::new(TaskKind::ReviewExcursion, TaskSeverity::Critical, about.clone(), ""))
}

/// A task for each question that is not answered for all its lots.
fn answers(story: &Story, about: &Subject) -> Vec<Task> {
    let mut tasks = Vec::new();
    for (review, lots) in story.stock.unanswered() {
        let Some(asked) = &review.says.asked else { continue };
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
    let alone = story.organisation.single_person_release(UtcMillis(i64::MAX));
    let second = judgement.verdict == Verdict::Excursion && alone == SinglePersonRelease::Refused;
    let (kind, severity) = match step.step {
        Step::Read => (TaskKind::ReadLoggers, severity),
        Step::Acknowledge => (TaskKind::ExplainReasons, severity),
        Step::Release if second => (TaskKind::SecondPersonRelease, severity),
        Step::Release => (TaskKind::Decide, severity),
        Step::Find => (TaskKind::RecordFinding, TaskSeverity::Critical),
        Step::Start
        | Step::Cancel
        | Step::Offer
        | Step::Accept
        | Step::Confirm
        | Step::Receive
        | Step::Review
        | Step::Reply
        | Step::Approve
        | Step::Reject
        | Step::Quarantine
        | Step::Close => return None,
    };
    let NextStep { roles, except, reasons, loggers, .. } = step;
    Some(Task { roles, except, reasons, loggers, ..Task::new(kind, severity, about.clone(), "") })
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

/// One for each correction of the arrival that waits for a second person.
fn corrections(story: &Story, about: &Subject) -> Vec<Task> {
    let task = |moved: &Placed<ArrivalMoved>| {
        let detail = place(&story.stock.arrivals, moved.reference);
        Task {
            except: vec![Hand::of(moved).name().to_owned()],
            ..Task::new(TaskKind::ApproveArrival, TaskSeverity::High, about.clone(), &detail)
        }
    };
    story.unapproved().map(task).into_iter().collect()
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
    let retention = Retention::of(created.profile.programme).filter(|_| story.phase() == Phase::Closed)?;
    let closing =
        |told: &&Told| matches!((&told.statement, told.refused), (Some(Statement::Closed(_)), None));
    let closed = story.told.iter().find(closing)?.entry.at;
    Some(Task {
        due: Some(closed.plus_seconds(retention.seconds())),
        source: retention.source,
        ..Task::new(TaskKind::EndRetention, TaskSeverity::Normal, about.clone(), "")
    })
}
