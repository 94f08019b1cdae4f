//! The form for a new shipment: what it is called, what judges it, from where to where, and what it holds.

use super::goods::{Line, goods};
use super::known;
use super::shipment::range;
use super::shipments::open;
use crate::app::Ui;
use crate::i18n::{Texts, fill};
use crate::part::action::{Action, field};
use crate::part::founding::Founding;
use crate::part::icon;
use crate::part::sign::Signature;
use crate::route::Route;
use crate::show::isolated;
use firn_model::api::{KnownProfile, ProfileOrigin, ProfileSetAside, Request};
use firn_model::meaning::SignatureMeaning;
use firn_model::profile::builtin;
use firn_model::record::{ItemLine, Kind};
use firn_model::role::Role;
use leptos::prelude::*;

/// The form.
pub(crate) fn create(ui: Ui) -> AnyView {
    let texts = &ui.texts.create;
    let (action, founding) = (Action::new(), Founding::new("organisation-name"));
    let [reference, from, to] = [(); 3].map(|()| RwSignal::new(String::new()));
    let profile = RwSignal::new(builtin().first().map(|preset| preset.key).unwrap_or_default().to_owned());
    let lines = RwSignal::new(vec![Line::new(0)]);
    let wrong = RwSignal::new(None::<&'static str>);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let items = typed(&lines.get_untracked()).and_then(|items| {
            let given = !reference.with_untracked(|reference| reference.trim().is_empty());
            if given { Ok(items) } else { Err(Wrong::Reference) }
        });
        match items {
            Err(what) => wrong.set(Some(what.words(ui.texts))),
            Ok(items) => {
                wrong.set(None);
                let request = Request::CreateShipment {
                    reference: reference.get_untracked().trim().to_owned(),
                    profile: profile.get_untracked(),
                    from: filled(from),
                    to: filled(to),
                    items,
                    packages: Vec::new(),
                };
                let roles: Vec<Role> =
                    Role::ALL.into_iter().filter(|role| role.may_sign(Kind::Shipment)).collect();
                let signature = Signature::of(SignatureMeaning::Created, &roles);
                founding.first(ui, action, move || action.sign_if_any_can(ui, signature, request, open));
            }
        }
    };
    let optional = |label: &str| format!("{label} ({})", texts.optional);
    view! {
        <a class="back" href=Route::Shipments.href()>{icon::outline(icon::path::BACK)}{ui.texts.shell.back}</a>
        <div class="page-head"><h1>{texts.title}</h1></div>
        <form class="card form" on:submit=submit novalidate>
            {founding.field(ui)}
            {field("reference", texts.reference, Some(texts.reference_hint), reference)}
            {profiles(ui, profile)}
            <div class="pair">
                {field("from", optional(ui.texts.shipment.from), None, from)}
                {field("to", optional(ui.texts.shipment.to), None, to)}
            </div>
            {goods(ui, lines)}
            <div class="outcome" role="alert">
                {move || wrong.get().map(|words| view! { <p class="wrong">{words}</p> })}
            </div>
            {action.outcome(ui)}
            <div class="choices">
                <button type="submit" class="button button-primary" disabled=move || action.busy.get()>{texts.submit}</button>
                <a class="button" href=Route::Shipments.href()>{ui.texts.shell.cancel}</a>
            </div>
        </form>
    }
    .into_any()
}

/// What is missing in the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Reference,
    Product,
    Quantity,
}

impl Wrong {
    fn words(self, texts: &Texts) -> &'static str {
        match self {
            Self::Reference => texts.create.reference_missing,
            Self::Product => texts.create.product_missing,
            Self::Quantity => texts.create.quantity_bad,
        }
    }
}

fn filled(value: RwSignal<String>) -> Option<String> {
    Some(value.get_untracked().trim().to_owned()).filter(|value| !value.is_empty())
}

fn typed(lines: &[Line]) -> Result<Vec<ItemLine>, Wrong> {
    let untouched =
        |line: &Line| [line.product, line.gtin, line.lot, line.expiry].map(filled) == [const { None }; 4];
    let alone = lines.len() == 1;
    lines
        .iter()
        .filter(|line| !(alone && untouched(line)))
        .map(|line| {
            let item = item(filled(line.product), &line.quantity.get_untracked())?;
            Ok(ItemLine {
                gtin: filled(line.gtin),
                lot: filled(line.lot),
                expiry: filled(line.expiry),
                label: line.label.get_untracked(),
                ..item
            })
        })
        .collect()
}

/// One line of goods with its product and quantity, if it has both.
fn item(product: Option<String>, quantity: &str) -> Result<ItemLine, Wrong> {
    let product = product.ok_or(Wrong::Product)?;
    let quantity = quantity.trim().parse().ok().filter(|quantity| *quantity > 0).ok_or(Wrong::Quantity)?;
    Ok(ItemLine {
        product,
        gtin: None,
        lot: None,
        expiry: None,
        quantity,
        legs: None,
        label: None,
        package: None,
        profile: None,
        serials: None,
    })
}

fn profiles(ui: Ui, chosen: RwSignal<String>) -> AnyView {
    let texts = &ui.texts.create;
    let known = known(ui, |snapshot| snapshot.profiles.clone());
    let options = move || {
        let option = |one: KnownProfile| {
            let (key, name) = (one.key.clone(), name_of(&one));
            view! {
                <option value=one.key.clone() prop:selected=move || chosen.with(|chosen| *chosen == key)>
                    <bdi>{name}</bdi>" · "{range(ui, &one.profile)}
                </option>
            }
        };
        known.get().unwrap_or_default().into_iter().map(option).collect::<Vec<_>>()
    };
    let about = move || {
        let known = known.get().unwrap_or_default();
        let chosen = known.into_iter().find(|one| chosen.with(|chosen| *chosen == one.key));
        chosen.map(|one| about(ui, one))
    };
    view! {
        <div class="field">
            <label for="profile">{texts.profile}</label>
            <select id="profile" aria-describedby="profile-about" on:change=move |event| chosen.set(event_target_value(&event))>
                {options}
            </select>
            <div id="profile-about">{about}</div>
        </div>
    }
    .into_any()
}

/// A profile's name; with the version where the organisation counts them.
fn name_of(known: &KnownProfile) -> String {
    match known.origin {
        ProfileOrigin::Preset => known.profile.name.clone(),
        ProfileOrigin::Own => format!("{} v{}", known.profile.name, known.profile.version),
    }
}

/// What must be known before a profile is used: of a built-in one its source, of one's own who published it.
fn about(ui: Ui, known: KnownProfile) -> AnyView {
    let texts = &ui.texts.create;
    let of = |text: Option<String>| text.unwrap_or_default();
    match (known.origin, known.published) {
        (ProfileOrigin::Own, Some(published)) => {
            let (time, who) = (ui.show.instant(published), of(known.by));
            let version = known.profile.version.to_string();
            let words = fill(texts.own, &[("version", &version), ("time", &time), ("who", &who)]);
            let aside: Vec<_> = known.set_aside.iter().map(|one| set_aside(ui, one)).collect();
            view! { <p class="hint">{words}</p>{aside} }.into_any()
        }
        _ => {
            // The source and what it notes are told in the language that they were published in.
            let (before, after) = texts.source.split_once("{source}").unwrap_or((texts.source, ""));
            let note = known.note.map(|note| view! { <p class="hint" lang="en" dir="ltr">{note}</p> });
            view! {
                <p class="hint">{texts.confirm}</p>
                {note}
                <p class="hint">{before}<bdi lang="en">{of(known.source)}</bdi>{after}</p>
            }
            .into_any()
        }
    }
}

/// What was published under the same version, and does not count.
fn set_aside(ui: Ui, one: &ProfileSetAside) -> AnyView {
    let words = fill(
        ui.texts.create.set_aside,
        &[
            ("version", &one.version.to_string()),
            ("time", &ui.show.instant(one.published)),
            ("who", &isolated(&one.by)),
            ("limits", &range(ui, &one.profile)),
        ],
    );
    view! { <p class="hint" role="note">{words}</p> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_a_product_or_a_whole_quantity_is_sent_back() {
        assert_eq!(item(None, "1"), Err(Wrong::Product));
        for quantity in ["", "0", "-1", "1.5", "many"] {
            assert_eq!(item(Some("MMR".into()), quantity), Err(Wrong::Quantity), "{quantity}");
        }
        assert_eq!(item(Some("MMR".into()), " 12 ").map(|item| item.quantity), Ok(12));
    }
}
