use super::*;
use crate::people::{AboutPerson, People};
use crate::record::{Body, Certificate, Ending, EntryReference, Logger, LoggerEnded, Person, PersonStanding};
use crate::shipment::{Fleet, OrganisationStory, SignedEntry, tell_organisation};
use proptest::prelude::*;

const DAY: i64 = 86_400;

#[test]
fn the_table_has_one_row_for_each_kind_and_every_row_names_its_source() {
    let kinds: Vec<TaskKind> = RULES.iter().map(|rule| rule.kind).collect();
    assert_eq!(kinds, TaskKind::ALL);
    for rule in &RULES {
        assert!(!rule.says.is_empty(), "{:?}", rule.kind);
        // That a record may go is information: nobody has to do it.
        assert_eq!(rule.roles().is_empty(), rule.kind == TaskKind::EndRetention, "{:?}", rule.kind);
        assert_eq!(rule_of(rule.kind), rule);
    }
}

fn any_task() -> impl Strategy<Value = Task> {
    let severity =
        prop::sample::select(vec![TaskSeverity::Critical, TaskSeverity::High, TaskSeverity::Normal]);
    let kind = prop::sample::select(TaskKind::ALL.to_vec());
    (kind, severity, prop::option::of(0..100_i64), 0..4_u8).prop_map(|(kind, severity, due, number)| {
        let about = Subject::Shipment { shipment: Id([number; 16]), reference: "DN".into() };
        Task { due: due.map(UtcMillis), ..Task::new(kind, severity, about, "") }
    })
}

proptest! {
    #[test]
    fn the_queue_is_the_same_whatever_order_tasks_come_in_and_puts_the_gravest_and_soonest_first(
        tasks in prop::collection::vec(any_task(), 0..12), now in 0..100_i64, turn in 0..12_usize
    ) {
        let mut turned = tasks.clone();
        let length = turned.len().max(1);
        turned.rotate_left(turn % length);
        let queued = queue(tasks.clone(), UtcMillis(now));
        let other = queue(turned, UtcMillis(now));
        // Equal tasks may stand in either order: they cannot be told apart.
        let key = |one: &QueuedTask| (one.task.severity, one.task.due, one.task.kind, one.task.id.clone());
        prop_assert_eq!(queued.iter().map(key).collect::<Vec<_>>(), other.iter().map(key).collect::<Vec<_>>());
        for pair in queued.windows(2) {
            let [one, next] = pair else { continue };
            prop_assert!(one.task.severity <= next.task.severity);
            if one.task.severity == next.task.severity {
                let in_order = match (one.task.due, next.task.due) {
                    (Some(one), Some(next)) => one <= next,
                    (None, Some(_)) => false,
                    (_, None) => true,
                };
                prop_assert!(in_order);
            }
        }
        for one in &queued {
            let due = one.task.due.filter(|_| one.task.kind != TaskKind::EndRetention);
            let overdue = due.is_some_and(|due| due <= UtcMillis(now));
            prop_assert_eq!(one.urgency == Urgency::Overdue, overdue);
        }
        prop_assert!(queued.len() <= tasks.len());
    }
}

fn entry<B: Body>(sequence: u64, body: &B) -> SignedEntry {
    SignedEntry {
        reference: EntryReference { log: [1; 32], leaf: [u8::try_from(sequence).unwrap(); 32] },
        sequence,
        at: UtcMillis(i64::try_from(sequence).unwrap()),
        kind: u64::from(B::KIND.number()),
        body: body.to_bytes(),
        batches: Vec::new(),
        heads: Vec::new(),
        device: crate::api::Device {
            log: "01".repeat(32),
            label: "dock".into(),
            role: Some(Role::Admin),
            ..crate::api::Device::default()
        },
        person: None,
        beyond: None,
        person_refused: None,
    }
}

fn logger(number: u8, due: Option<UtcMillis>) -> Logger {
    let certificate = due.map(|due| Certificate {
        number: "C-1".into(),
        laboratory: "Lab".into(),
        calibrated: UtcMillis(0),
        due,
        uncertainty_mc: None,
        points: Vec::new(),
        as_found: crate::record::AsFound::WithinTolerance,
    });
    Logger {
        id: Id([number; 16]),
        family: "file".into(),
        label: format!("Box {number}"),
        address: None,
        serial: None,
        interval_s: None,
        accuracy_mc: None,
        certificate,
        offset_mc: None,
    }
}

#[test]
fn a_calibration_is_a_task_from_thirty_days_before_its_certificate_runs_out() {
    let due = UtcMillis(0).plus_seconds(100 * DAY);
    let fleet = Fleet::of([entry(1, &logger(7, Some(due)))].into_iter());
    let at = |now: UtcMillis| {
        let queued = queue(of_loggers(&fleet, &OrganisationStory::default()), now);
        queued.first().map(|one| (one.urgency, one.task.severity, one.task.due))
    };
    assert_eq!(at(due.plus_seconds(-30 * DAY - 1)), None);
    assert_eq!(at(due.plus_seconds(-30 * DAY)), Some((Urgency::Due, TaskSeverity::Normal, Some(due))));
    assert_eq!(at(due), Some((Urgency::Overdue, TaskSeverity::High, Some(due))));
}

#[test]
fn a_logger_without_a_certificate_is_a_task_where_others_have_one_and_an_ended_one_is_none() {
    let far = UtcMillis(0).plus_seconds(1000 * DAY);
    let none = Fleet::of([entry(1, &logger(7, None))].into_iter());
    assert_eq!(of_loggers(&none, &OrganisationStory::default()), []);
    let some = Fleet::of([entry(1, &logger(7, None)), entry(2, &logger(8, Some(far)))].into_iter());
    let told = |organisation: &OrganisationStory| {
        let queued = queue(of_loggers(&some, organisation), UtcMillis(0));
        queued.into_iter().map(|one| (one.task.about, one.task.due)).collect::<Vec<_>>()
    };
    let about = Subject::Logger { logger: Id([7; 16]), label: "Box 7".into() };
    assert_eq!(told(&OrganisationStory::default()), [(about, None)]);
    let ended = LoggerEnded { logger: Id([7; 16]), ending: Ending::Lost, reason: "gone".into() };
    assert_eq!(told(&tell_organisation(vec![entry(3, &ended)])), []);
}

#[test]
fn a_person_without_a_date_of_training_is_to_be_trained_and_one_who_has_left_is_not() {
    let person = |number: u8, trained: Option<i64>, standing| Person {
        id: Id([number; 16]),
        name: format!("Person {number}"),
        title: None,
        role: Role::Pharmacist,
        trained: trained.map(UtcMillis),
        standing,
        withdrawn: None,
        enrolment_key: None,
    };
    let people = People::gather([
        AboutPerson::alone(entry(1, &person(1, None, PersonStanding::Active))),
        AboutPerson::alone(entry(2, &person(2, Some(0), PersonStanding::Active))),
        AboutPerson::alone(entry(3, &person(3, None, PersonStanding::Ended))),
    ]);
    let tasks = of_people(&people);
    let about = Subject::Person { person: Id([1; 16]), name: "Person 1".into() };
    assert_eq!(tasks.iter().map(|task| &task.about).collect::<Vec<_>>(), [&about]);
    assert_eq!((tasks[0].source, tasks[0].roles.as_slice()), (Source::UsFda, &[Role::Admin][..]));
}

#[test]
fn the_shape_of_a_queued_task_is_stable() {
    let about = Subject::Shipment { shipment: Id([1; 16]), reference: "DN-1".into() };
    let task = Task {
        lots: vec!["B7".into()],
        lines: vec![0],
        reasons: vec![Reason::Freeze],
        ..Task::new(TaskKind::AskManufacturer, TaskSeverity::Critical, about, "")
    };
    let queued = queue(vec![task], UtcMillis(0));
    insta::assert_json_snapshot!(queued);
    let json = serde_json::to_string(&queued).unwrap();
    assert_eq!(serde_json::from_str::<Vec<QueuedTask>>(&json).unwrap(), queued);
}
