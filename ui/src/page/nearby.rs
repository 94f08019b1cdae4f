//! Loggers that the radio hears, the enrolled ones first; each with what it last said and how long ago.

use super::{known, loggers};
use crate::age::{self, Age};
use crate::app::Ui;
use crate::i18n::fill;
use crate::part::action::{self, Action, field};
use crate::part::founding::Founding;
use crate::part::icon;
use crate::part::sign::Signature;
use crate::wording;
use firn_model::api::{Nearby, Request, Watching};
use firn_model::meaning::SignatureMeaning;
use firn_model::record::{Kind, Logger};
use firn_model::role::Role;
use leptos::prelude::*;

/// The screen of what is heard.
pub(crate) fn nearby(ui: Ui) -> AnyView {
    let texts = &ui.texts.nearby;
    let heard = known(ui, |snapshot| in_order(snapshot.nearby.clone(), &snapshot.loggers));
    let order = Memo::new(move |_| {
        heard.with(|heard| heard.iter().flatten().map(|one| one.0.transmitter.clone()).collect::<Vec<_>>())
    });
    let is_off = known(ui, |snapshot| matches!(snapshot.watching, Watching::NotWatching { .. }));
    let none = move || {
        order.with(Vec::is_empty).then(|| {
            let (title, hint) = match is_off.get() {
                Some(true) => (texts.off, texts.off_hint),
                _ => (texts.none, texts.none_hint),
            };
            view! {
                <div class="card nothing">
                    {icon::outline(icon::path::NEARBY)}
                    <h2>{title}</h2>
                    <p class="quiet">{hint}</p>
                </div>
            }
        })
    };
    let card = move |transmitter: String| {
        let name = transmitter.clone();
        let one = Memo::new(move |_| {
            heard.with(|heard| heard.iter().flatten().find(|one| one.0.transmitter == transmitter).cloned())
        });
        view! { <li class="card logger">{move || one.get().map(|(one, label)| told(ui, &one, label))}{enrolment(ui, name, one)}</li> }
    };
    view! {
        <div class="page-head"><h1>{texts.title}</h1></div>
        {none}
        <ul class="loggers">
            <For each=move || order.get() key=Clone::clone children=card />
        </ul>
        {loggers::loggers(ui)}
    }
    .into_any()
}

/// A logger that is heard, with the label it is enrolled under.
type Heard = (Nearby, Option<String>);

/// Enrolled loggers first, each group by name: a list that does not jump with every advert.
fn in_order(nearby: Vec<Nearby>, loggers: &[Logger]) -> Vec<Heard> {
    let label = |one: &Nearby| {
        let logger = one.logger.and_then(|id| loggers.iter().find(|logger| logger.id == id));
        logger.map(|logger| logger.label.clone())
    };
    let mut heard: Vec<Heard> = nearby
        .into_iter()
        .map(|one| {
            let label = label(&one);
            (one, label)
        })
        .collect();
    heard.sort_by(|(a, a_label), (b, b_label)| {
        let key = |one: &Nearby, label: &Option<String>| {
            (label.is_none(), label.clone().or_else(|| one.name.clone()).unwrap_or_else(|| identity(one)))
        };
        key(a, a_label).cmp(&key(b, b_label)).then_with(|| a.transmitter.cmp(&b.transmitter))
    });
    heard
}

/// What identifies a transmitter to a person: its address, or else the system's own name for it.
fn identity(one: &Nearby) -> String {
    one.address.map_or_else(|| one.transmitter.clone(), |address| address.to_string())
}

fn told(ui: Ui, one: &Nearby, label: Option<String>) -> AnyView {
    let texts = &ui.texts.nearby;
    let name = label.clone().or_else(|| one.name.clone()).unwrap_or_else(|| identity(one));
    let temperature = match (&one.refused, one.measurement.temperature) {
        (Some(refusal), _) => action::refused(ui, refusal),
        (None, Some(value)) => {
            view! { <p class="logger-degrees degrees">{ui.show.exact_degrees(value)}</p> }.into_any()
        }
        (None, None) => view! { <p class="quiet">{texts.no_temperature}</p> }.into_any(),
    };
    let (heard, rssi) = (one.heard, one.rssi_dbm);
    let is_old = Memo::new(move |_| {
        !matches!(age::age(ui.store.now.get(), heard), Age::Seconds(_) | Age::Minutes(0..5))
    });
    let signal = move || {
        let words = wording::signal_words(rssi, ui.texts);
        match rssi {
            Some(dbm) => {
                let dbm = format!("\u{2066}{dbm}\u{2069}");
                fill(texts.signal, &[("words", words), ("dbm", &dbm)])
            }
            None => words.to_owned(),
        }
    };
    let battery = one
        .measurement
        .battery_mv
        .map(|millivolts| fill(texts.battery, &[("value", &ui.show.volts(millivolts))]));
    let battery = battery.or_else(|| {
        let charge = one.measurement.battery_pct?;
        Some(fill(texts.battery, &[("value", &ui.show.percent(f64::from(charge)))]))
    });
    let humidity = one
        .measurement
        .humidity
        .map(|humidity| fill(texts.humidity, &[("value", &ui.show.percent(f64::from(humidity.0) / 1e4))]));
    view! {
        <div class="logger-head">
            <h2><bdi>{name}</bdi></h2>
            {enrolled(ui, label.is_some())}
        </div>
        <p class="quiet logger-family">
            {wording::family_words(&one.family, ui.texts).to_owned()}" · "<bdi class="mono">{identity(one)}</bdi>
        </p>
        {temperature}
        {one.counter_fell.then(|| view! {
            <p class="logger-fell">{icon::outline(icon::path::NOT_WATCHING)}<span>{texts.counter_fell}</span></p>
        })}
        <p class=move || if is_old.get() { "logger-heard logger-old" } else { "logger-heard" }>
            {icon::outline(icon::path::CLOCK)}
            {move || fill(texts.heard, &[("age", &ui.show.age(ui.store.now.get(), heard))])}
        </p>
        <p class="logger-signal">{icon::bars(wording::signal_bars(rssi))}{signal}</p>
        <p class="quiet logger-more">
            {[humidity, battery].into_iter().flatten().collect::<Vec<_>>().join(" · ")}
        </p>
    }
    .into_any()
}

fn enrolled(ui: Ui, enrolled: bool) -> AnyView {
    let texts = &ui.texts.nearby;
    if enrolled {
        view! { <span class="tag tag-enrolled">{icon::outline("M5 12.5l4.5 4.5L19 7.5")}{texts.enrolled}</span> }.into_any()
    } else {
        view! { <span class="tag">{texts.not_enrolled}</span> }.into_any()
    }
}

/// The way into the organisation, while a logger is not in it.
fn enrolment(ui: Ui, transmitter: String, one: Memo<Option<Heard>>) -> AnyView {
    let stranger = Memo::new(move |_| one.with(|one| one.as_ref().is_some_and(|(_, label)| label.is_none())));
    let open = RwSignal::new(false);
    let (action, founding) = (Action::new(), Founding::new("enrol-organisation"));
    let label = RwSignal::new(String::new());
    let texts = &ui.texts.nearby;
    let transmitter = StoredValue::new(transmitter);
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let request = Request::EnrolLogger {
            transmitter: transmitter.get_value(),
            label: label.get_untracked().trim().to_owned(),
        };
        let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| role.may_sign(Kind::Logger)).collect();
        let signature = Signature::of(SignatureMeaning::EnrolledLogger, &roles);
        let enrol = move || action.sign_if_any_can(ui, signature, request, move |_| open.set(false));
        founding.first(ui, action, enrol);
    };
    let form = move || {
        view! {
            <form class="enrol" on:submit=save>
                {founding.field(ui)}
                {field("logger-label", texts.label, Some(texts.label_hint), label)}
                <button type="submit" class="button button-primary" disabled=move || action.busy.get() || label.with(|label| label.trim().is_empty())>
                    {texts.save}
                </button>
                {action.outcome(ui)}
            </form>
        }
        .into_any()
    };
    let body = move || match (stranger.get(), open.get()) {
        (false, _) => ().into_any(),
        (true, true) => form(),
        (true, false) => view! {
            <button type="button" class="button" on:click=move |_| open.set(true)>
                {icon::outline(icon::path::ADD)}
                {texts.enrol}
            </button>
        }
        .into_any(),
    };
    view! { {body} }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use firn_model::id::Id;
    use firn_model::reading::Measurement;
    use firn_model::time::UtcMillis;

    fn heard(transmitter: &str, logger: Option<Id>) -> Nearby {
        Nearby {
            transmitter: transmitter.into(),
            address: None,
            family: "ruuvitag".into(),
            name: None,
            logger,
            rssi_dbm: Some(-70),
            measurement: Measurement::default(),
            heard: UtcMillis(0),
            ..Nearby::default()
        }
    }

    #[test]
    fn enrolled_loggers_come_first_and_the_order_does_not_depend_on_who_spoke_last() {
        let id = Id([3; 16]);
        let logger = Logger {
            id,
            family: "ruuvitag".into(),
            label: "Box 7".into(),
            address: None,
            serial: None,
            interval_s: None,
            accuracy_mc: None,
            certificate: None,
            offset_mc: None,
        };
        let order = |nearby: Vec<Nearby>| -> Vec<String> {
            in_order(nearby, std::slice::from_ref(&logger)).into_iter().map(|one| one.0.transmitter).collect()
        };
        let expected = ["Z", "A", "B"];
        assert_eq!(order(vec![heard("B", None), heard("A", None), heard("Z", Some(id))]), expected);
        assert_eq!(order(vec![heard("Z", Some(id)), heard("A", None), heard("B", None)]), expected);
    }
}
