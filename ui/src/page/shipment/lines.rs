//! The goods line by line: each with its own verdict, reasons and stability budgets.

use crate::app::Ui;
use crate::i18n::fill;
use crate::part::badge;
use crate::show;
use crate::show::isolated;
use crate::wording::{self, Mark};
use firn_model::api::{JudgedLine, LabelWarning};
use firn_model::assess::Milliseconds;
use firn_model::gs1::expiry_date;
use firn_model::profile::Profile;
use firn_model::record::{BudgetKnown, ItemLine, LineBudget};
use leptos::prelude::*;

/// Every line, as it was listed and as it is judged; by `profile` where it has none of its own.
pub(super) fn lines(ui: Ui, items: &[ItemLine], judged: &[JudgedLine], profile: Option<&Profile>) -> AnyView {
    if items.is_empty() {
        return ().into_any();
    }
    let mut judged = judged.iter();
    let numbered = items.len() > 1;
    let row =
        |(place, item): (u64, &ItemLine)| line(ui, numbered.then_some(place), item, judged.next(), profile);
    let rows: Vec<_> = (1..).zip(items).map(row).collect();
    view! {
        <section class="card goods-card" aria-labelledby="items-title">
            <h2 id="items-title">{ui.texts.shipment.items}</h2>
            <ol class="plain items">{rows}</ol>
        </section>
    }
    .into_any()
}

/// One line; with its number where there are several, by which the others speak of it.
fn line(
    ui: Ui,
    place: Option<u64>,
    item: &ItemLine,
    judged: Option<&JudgedLine>,
    profile: Option<&Profile>,
) -> AnyView {
    let texts = &ui.texts.shipment;
    let named = |name: &str, value: &Option<String>| {
        value.as_ref().map(|value| format!("{name}\u{a0}{}", isolated(&show::unbroken(value))))
    };
    let expiry = item.expiry.as_deref().map(expiry_date);
    let package = item.package.as_ref().map(|name| fill(texts.package, &[("name", name)]));
    let codes: Vec<String> =
        [named(texts.lot, &item.lot), named(texts.expiry, &expiry), named(texts.gtin, &item.gtin), package]
            .into_iter()
            .flatten()
            .collect();
    let amount = ui.show.count(u64::from(item.quantity));
    let own_profile = judged.filter(|_| item.profile.is_some()).map(|judged| {
        let words = fill(texts.judged_by, &[("profile", &isolated(&judged.profile))]);
        view! { <span class="quiet">{words}</span> }
    });
    let warnings: Vec<_> =
        judged.iter().flat_map(|line| &line.warnings).map(|warning| looser(ui, warning)).collect();
    let legs = judged.filter(|judged| !judged.leg_warnings.is_empty());
    let legs = legs.map(|_| view! { <p class="hint" role="note">{texts.leg_differs}</p> });
    let came: Vec<_> = judged
        .iter()
        .flat_map(|line| &line.foreign_legs)
        .flat_map(|leg| {
            let apart = leg.histories.map(|_| texts.partner_histories);
            let partner = wording::partner_words(&leg.partner);
            [Some(texts.partner_leg), apart]
                .into_iter()
                .flatten()
                .map(move |text| fill(text, &[("partner", &partner)]))
        })
        .map(|words| view! { <span class="quiet">{words}</span> })
        .collect();
    view! {
        <li>
            <strong>
                {place.map(|place| view! { <span class="line-number">{ui.show.count(place)}". "</span> })}
                <bdi>{item.product.clone()}</bdi>
            </strong>
            <span class="amount"><span class="unseen">{texts.quantity}" "</span>{amount}</span>
            <span class="quiet">{codes.join(" · ")}</span>
            {own_profile}
            {came}
            {warnings}
            {legs}
            {judged.map(|judged| standing(ui, judged, item.profile.as_ref().or(profile)))}
        </li>
    }
    .into_any()
}

/// That a line's profile allows more than its label.
fn looser(ui: Ui, warning: &LabelWarning) -> AnyView {
    let label = ui.show.label_limit(warning.label);
    let profile = ui.show.exact_degrees(warning.profile_c);
    let words = fill(ui.texts.shipment.looser, &[("profile", &profile), ("label", &label)]);
    view! { <p class="hint" role="note">{words}</p> }.into_any()
}

fn standing(ui: Ui, judged: &JudgedLine, profile: Option<&Profile>) -> AnyView {
    let reasons: Vec<_> = judged
        .reasons
        .iter()
        .chain(&judged.found)
        .map(|reason| view! { <li>{wording::reason_words(*reason, ui.texts)}</li> })
        .collect();
    let budgets: Vec<_> = judged.budgets.iter().map(|one| budget(ui, one, profile)).collect();
    view! {
        <div class="line-standing">
            {badge::verdict(ui, Mark::Judged(judged.verdict))}
            {badge::stock(ui, judged.stock)}
            {(!reasons.is_empty()).then(|| view! { <ul class="reasons">{reasons}</ul> })}
            {(!budgets.is_empty()).then(|| view! {
                <h3>{ui.texts.shipment.budgets}</h3>
                <ul class="budgets">{budgets}</ul>
            })}
        </div>
    }
    .into_any()
}

/// What is left of a budget: as a bar for the eye and in words for everybody.
fn budget(ui: Ui, one: &LineBudget, profile: Option<&Profile>) -> AnyView {
    let texts = &ui.texts.shipment;
    let allowance = Milliseconds::from_seconds(u64::from(one.allowance_s));
    let (left, whole) = (ui.show.duration(one.left()), ui.show.duration(allowance));
    let words = match one.known {
        BudgetKnown::Complete => texts.left,
        BudgetKnown::LegMissing => texts.at_most,
    };
    let words = fill(words, &[("left", &left), ("allowance", &whole)]);
    let spent = one.spent_at.map(|at| {
        let words = fill(texts.spent, &[("time", &ui.show.day_and_clock(at))]);
        view! { <strong class="budget-spent">{words}</strong> }
    });
    // What people know it by is its band, not its identifier.
    let known = profile.and_then(|profile| profile.budgets.iter().find(|budget| budget.id == one.id));
    let scale = profile.map(|profile| profile.scale).unwrap_or_default();
    let band = known.map_or_else(|| one.id.clone(), |budget| ui.show.limits(budget.from, budget.to, scale));
    let class = if one.spent_at.is_some() { "budget budget-out" } else { "budget" };
    view! {
        <li class=class>
            <span class="quiet">{band}</span>
            <meter aria-hidden="true" min="0" max=allowance.0.to_string() value=one.left().0.to_string()></meter>
            <span>{words}</span>
            {spent}
        </li>
    }
    .into_any()
}
