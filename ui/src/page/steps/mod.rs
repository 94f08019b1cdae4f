//! What to do next: the steps that the app tells, each as a form of its own, and nothing else.
//!
//! The first that who acts can take stands open; the others follow, closed. What waits for somebody else
//! is told with whom it waits for.

mod corrected;
mod earlier;
mod excursion;
mod reading;
mod receipt;
mod stock;
mod way;

use crate::acting::{self, Acting};
use crate::app::Ui;
use crate::browser::NEXT_STEPS;
use crate::i18n::fill;
use crate::part::action::Action;
use crate::part::sign::Signature;
use crate::show::isolated;
use crate::wording;
use firn_model::api::{
    Device, NextStep, Occurrence, Phase, PolicyShown, Request, ShipmentDetail, Step, Stock, TimeProposed,
};
use firn_model::id::Id;
use firn_model::meaning::SignatureMeaning;
use firn_model::record::{ItemLine, Logger};
use firn_model::time::UtcMillis;
use leptos::prelude::*;

/// What the forms need to know of a shipment; readings that arrive change nothing in it.
#[derive(Clone, PartialEq)]
pub(crate) struct Ground {
    pub id: Id,
    phase: Phase,
    stock: Option<Stock>,
    do_not_use: bool,
    items: Vec<ItemLine>,
    loggers: Vec<Logger>,
    policy: Option<PolicyShown>,
    /// The newest correction of the arrival, with its reason.
    moved: Option<(UtcMillis, String)>,
    /// The later pick-up that waits for a second person.
    pick_up: Option<TimeProposed>,
    /// The devices that signed a pick-up.
    picked_up_by: Vec<Device>,
}

impl Ground {
    pub(crate) fn of(detail: &ShipmentDetail) -> Self {
        let moved =
            detail.history.iter().rev().filter(|event| event.refused.is_none()).find_map(
                |event| match &event.occurrence {
                    Occurrence::ArrivalMoved { at, reason }
                    | Occurrence::Received { at, reason: Some(reason), .. } => Some((*at, reason.clone())),
                    _ => None,
                },
            );
        Self {
            id: detail.summary.id,
            phase: detail.summary.phase,
            stock: detail.summary.stock,
            do_not_use: detail.summary.do_not_use,
            items: detail.items.clone(),
            loggers: detail.loggers.clone(),
            policy: detail.policy.clone(),
            moved,
            pick_up: detail.pick_up_proposed.clone(),
            picked_up_by: picked_up_by(detail),
        }
    }

    /// The lots that the lines name, each once.
    fn lots(&self) -> Vec<String> {
        let lots: std::collections::BTreeSet<&String> =
            self.items.iter().filter_map(|item| item.lot.as_ref()).collect();
        lots.into_iter().cloned().collect()
    }
}

/// The devices that signed a pick-up that counts, each once.
fn picked_up_by(detail: &ShipmentDetail) -> Vec<Device> {
    let mut devices: Vec<Device> = Vec::new();
    for event in &detail.history {
        let starts = matches!(event.occurrence, Occurrence::Started { .. }) && event.refused.is_none();
        if starts && devices.iter().all(|known| known.log != event.device.log) {
            devices.push(event.device.clone());
        }
    }
    devices
}

/// What changes while a person fills a form in.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    /// What may be done next.
    pub next: Memo<Option<Vec<NextStep>>>,
    /// The loggers that something was read of.
    pub read: Memo<Option<Vec<Id>>>,
}

/// A step that waits for somebody else, and for whom.
#[derive(Clone, PartialEq)]
struct Waiting {
    step: NextStep,
    /// The one device that it waits for.
    device: Option<String>,
}

/// The card of what to do.
pub(crate) fn steps(ui: Ui, ground: Ground, live: Live) -> AnyView {
    let acting = acting::acting(ui);
    let own = super::known(ui, |snapshot| snapshot.organisation.as_ref().map(|own| own.log.clone()));
    let sorted = Memo::new(move |_| sorted(live, acting.get().as_ref(), own.get().flatten().as_deref()));
    let held = ground.stock == Some(Stock::Quarantine);
    let mine = Memo::new(move |_| sorted.with(|(mine, _)| offered(mine, held)));
    let first = move || mine.with(|(first, _)| first.iter().cloned().collect::<Vec<_>>());
    let rest = move || mine.with(|(_, rest)| rest.clone());
    let has_rest = Memo::new(move |_| mine.with(|(_, rest)| !rest.is_empty()));
    let waiting = Memo::new(move |_| sorted.with(|(_, waiting)| waiting.clone()));
    let texts = &ui.texts.steps;
    let ground = StoredValue::new(ground);
    let primary = move |step: NextStep| {
        view! {
            <section class="step step-first">
                <h3>{wording::step_words(step.step, ui.texts)}</h3>
                {ground.with_value(|ground| form(ui, ground, live, &step, Place::First))}
            </section>
        }
    };
    let other = move |step: NextStep| {
        closed(wording::step_words(step.step, ui.texts), move || {
            ground.with_value(|ground| form(ui, ground, live, &step, Place::Other))
        })
    };
    let under_way = ground.with_value(|ground| ground.phase == Phase::InTransit);
    let late = ground.with_value(|ground| {
        matches!(ground.phase, Phase::Received | Phase::Closed) && !ground.loggers.is_empty()
    });
    view! {
        <section class="card steps" aria-labelledby="steps-title">
            <h2 id=NEXT_STEPS tabindex="-1">{texts.title}</h2>
            {under_way.then(|| ground.with_value(|ground| reading::loggers(ui, ground.id, &ground.loggers)))}
            <For each=first key=key children=primary />
            {move || has_rest.get().then(|| view! { <h3 class="steps-also">{texts.also}</h3> })}
            <For each=rest key=key children=other />
            {late.then(|| closed(texts.read_again, move || {
                ground.with_value(|ground| reading::loggers(ui, ground.id, &ground.loggers))
            }))}
            {move || waits(ui, &waiting.get())}
        </section>
    }
    .into_any()
}

/// What stands open, and what follows it: nothing that rejects, cancels or holds is put first, and what is in
/// quarantine is not offered to be put there.
fn offered(mine: &[NextStep], held: bool) -> (Option<NextStep>, Vec<NextStep>) {
    let steps = mine.iter().filter(|step| !(held && step.step == Step::Quarantine));
    let steps: Vec<NextStep> = steps.cloned().collect();
    let leads = |step: &NextStep| {
        !matches!(
            step.step,
            Step::Reject | Step::Cancel | Step::Quarantine | Step::MoveArrival | Step::MovePickUp
        )
    };
    match steps.split_first() {
        Some((first, rest)) if leads(first) => (Some(first.clone()), rest.to_vec()),
        _ => (None, steps),
    }
}

/// A form is drawn anew when anything that is told of its step differs, and only then.
fn key(step: &NextStep) -> String {
    serde_json::to_string(step).unwrap_or_default()
}

fn sorted(live: Live, acting: Option<&Acting>, own: Option<&str>) -> (Vec<NextStep>, Vec<Waiting>) {
    let steps = live.next.get().unwrap_or_default();
    let device = |step: &NextStep| acting::waits_for(step.turn.as_ref(), own?);
    let (mine, others) = acting::sort(&steps, acting);
    let (elsewhere, mine): (Vec<_>, Vec<_>) = mine.into_iter().partition(|step| device(step).is_some());
    let waiting = others.into_iter().map(|step| Waiting { step, device: None });
    let elsewhere = elsewhere.into_iter().map(|step| Waiting { device: device(&step).flatten(), step });
    (mine, waiting.chain(elsewhere).collect())
}

/// A form that opens when it is asked for.
fn closed(title: &'static str, inside: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    let opened = RwSignal::new(false);
    view! {
        <details class="step" on:toggle=move |_| opened.set(true)>
            <summary>{title}</summary>
            <div class="step-body">{move || opened.get().then(&inside)}</div>
        </details>
    }
    .into_any()
}

fn waits(ui: Ui, waiting: &[Waiting]) -> Option<AnyView> {
    let texts = &ui.texts.steps;
    if waiting.is_empty() {
        return None;
    }
    let rows: Vec<_> = waiting
        .iter()
        .map(|one| {
            let roles: Vec<_> =
                one.step.roles.iter().map(|role| wording::role_words(Some(*role), ui.texts)).collect();
            let whom = match &one.device {
                Some(device) => isolated(device),
                None => ui.show.list(&roles),
            };
            let except = (!one.step.except.is_empty()).then(|| {
                let names: Vec<String> = one.step.except.iter().map(|name| isolated(name)).collect();
                view! { <span class="quiet">{fill(texts.except, &[("names", &ui.show.list(&names))])}</span> }
            });
            view! {
                <li>
                    <strong>{wording::step_words(one.step.step, ui.texts)}</strong>
                    <span class="quiet">{fill(texts.roles, &[("roles", &whom)])}</span>
                    {except}
                </li>
            }
        })
        .collect();
    Some(
        view! {
            <h3>{texts.waits}</h3>
            <ul class="plain waits">{rows}</ul>
        }
        .into_any(),
    )
}

/// Whether a form is the first thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    First,
    Other,
}

/// The form of a step.
fn form(ui: Ui, ground: &Ground, live: Live, step: &NextStep, place: Place) -> AnyView {
    match step.step {
        Step::Start => way::start(ui, ground, step, place),
        Step::Cancel => way::close(ui, ground, step, place, SignatureMeaning::Cancelled),
        Step::Close => way::close(ui, ground, step, place, SignatureMeaning::Closed),
        Step::Offer => way::hand_over(ui, ground, step, place, SignatureMeaning::OfferedCustody),
        Step::Accept => way::hand_over(ui, ground, step, place, SignatureMeaning::AcceptedCustody),
        Step::Confirm => way::hand_over(ui, ground, step, place, SignatureMeaning::ConfirmedCustody),
        Step::Receive => receipt::receive(ui, ground, live.read, step, place),
        Step::Read => reading::due(ui, ground, step),
        Step::Acknowledge => excursion::acknowledge(ui, ground, step, place),
        Step::Review => excursion::review(ui, ground, step, place),
        Step::Ask => excursion::ask(ui, ground, step, place),
        Step::Reply => excursion::reply(ui, ground, step, place),
        Step::MoveArrival => corrected::arrival(ui, ground, step, place),
        Step::MovePickUp => corrected::pick_up(ui, ground, step, place),
        Step::Approve => corrected::approve(ui, ground, step, place),
        Step::ApprovePickUp => corrected::approve_pick_up(ui, ground, step, place),
        Step::Release | Step::ReleaseInPart => stock::release(ui, ground, step, place),
        Step::Reject => stock::reject(ui, ground, step, place),
        Step::Quarantine => stock::quarantine(ui, ground, step, place),
        Step::Find => view! { <p class="hint">{ui.texts.steps.find_hint}</p> }.into_any(),
    }
}

/// Signs a step; who it is for stands in the step.
fn sign(ui: Ui, action: Action, step: &NextStep, meaning: SignatureMeaning, request: Request) {
    let signature = Signature { except: step.except_hands.clone(), ..Signature::of(meaning, &step.roles) };
    action.sign(ui, signature, request, |_| ());
}

/// The fields of a step with its button; what was refused stands between them.
fn fields(
    ui: Ui,
    action: Action,
    place: Place,
    label: &'static str,
    inside: AnyView,
    submit: impl Fn() + 'static,
) -> AnyView {
    // Compiled once, whatever is submitted.
    let submit: Box<dyn Fn()> = Box::new(submit);
    fields_of(ui, action, place, label, inside, submit)
}

fn fields_of(
    ui: Ui,
    action: Action,
    place: Place,
    label: &'static str,
    inside: AnyView,
    submit: Box<dyn Fn()>,
) -> AnyView {
    let class = if place == Place::First { "button button-primary" } else { "button" };
    view! {
        <form
            class="step-form"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                submit();
            }
        >
            {inside}
            {action.outcome(ui)}
            <button type="submit" class=class disabled=move || action.busy.get()>{label}</button>
        </form>
    }
    .into_any()
}

/// A label that says that the field may stay empty.
fn optional(ui: Ui, label: &str) -> String {
    format!("{label} ({})", ui.texts.create.optional)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(step: Step) -> NextStep {
        NextStep {
            step,
            roles: vec![],
            except: vec![],
            except_hands: vec![],
            reasons: vec![],
            loggers: vec![],
            lots: vec![],
            manufacturer: None,
            case_number: None,
            barred: vec![],
            lines: vec![],
            turn: None,
        }
    }

    fn names(steps: &[NextStep]) -> Vec<Step> {
        steps.iter().map(|one| one.step).collect()
    }

    #[test]
    fn nothing_that_rejects_or_holds_stands_first_and_what_is_held_is_not_offered_to_be_held() {
        let (first, rest) = offered(&[step(Step::Reject), step(Step::Quarantine)], true);
        assert_eq!((first, names(&rest)), (None, vec![Step::Reject]));
        let (first, rest) =
            offered(&[step(Step::Release), step(Step::Reject), step(Step::Quarantine)], false);
        assert_eq!(first.map(|one| one.step), Some(Step::Release));
        assert_eq!(names(&rest), [Step::Reject, Step::Quarantine]);
        for correction in [Step::MoveArrival, Step::MovePickUp] {
            assert_eq!(offered(&[step(correction)], false).0, None, "what waits for nobody leads nowhere");
        }
        assert_eq!(offered(&[], false), (None, vec![]));
    }
}
