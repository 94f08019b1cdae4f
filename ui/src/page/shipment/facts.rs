//! The facts of a shipment: its profile, times and custody, its loggers with their calibration, hand-overs.

use crate::app::Ui;
use crate::i18n::fill;
use crate::part::icon;
use crate::show::isolated;
use crate::wording;
use firn_model::api::{
    CalibrationStanding, ClockDifference, Device, HandOverShown, OtherProfile, Phase, ShipmentDetail,
};
use firn_model::assess::Milliseconds;
use firn_model::profile::Profile;
use firn_model::record::{Logger, SinglePersonRelease};
use firn_model::time::UtcMillis;
use leptos::prelude::*;

/// Two devices whose clocks differ, and by how much at least.
fn clocks(ui: Ui, one: &ClockDifference) -> String {
    let minutes = ui.show.count(u64::try_from(one.difference_s / 60).unwrap_or_default());
    let (behind, ahead) = (isolated(&one.behind.label), isolated(&one.ahead.label));
    fill(ui.texts.shipment.clocks_differ, &[("behind", &behind), ("ahead", &ahead), ("minutes", &minutes)])
}

/// Profile, custody and times; loggers with their calibration; hand-overs.
pub(super) fn facts(ui: Ui, detail: &ShipmentDetail) -> AnyView {
    let texts = &ui.texts.shipment;
    let summary = &detail.summary;
    let profile = detail.profile.as_ref();
    let instant = |at: Option<UtcMillis>| at.map(|at| ui.show.instant(at));
    let signed = |at: Option<UtcMillis>, signed: Option<UtcMillis>| match signed {
        Some(signed) => instant(at)
            .map(|time| fill(texts.as_signed, &[("time", &time), ("signed", &ui.show.instant(signed))])),
        None => instant(at),
    };
    let custodian = detail.custodian.as_ref().map(|device| wording::device_words(device, ui.texts));
    let partner = detail.with_partner.as_ref();
    let has_it = if summary.do_not_use { texts.partner_decides } else { texts.partner_has_it };
    let partner = partner.map(|one| fill(has_it, &[("partner", &wording::partner_words(one))]));
    let custodian = custodian.or(partner);
    let rows = [
        (texts.profile, profile.map(|profile| format!("{} · {}", isolated(&profile.name), profile.version))),
        (texts.limits, profile.map(|profile| range(ui, profile))),
        (texts.custodian, custodian.filter(|_| summary.phase != Phase::Closed)),
        (texts.created, instant(Some(summary.created))),
        (texts.started, signed(summary.started, detail.started_signed)),
        (texts.received, signed(summary.received, detail.received_signed)),
    ];
    let clocks = detail.clock_differences.iter().map(|one| (texts.clocks, Some(clocks(ui, one))));
    let others =
        detail.other_profiles.iter().map(|one| (texts.profile, Some(other_profile(ui, one, profile))));
    let rows: Vec<_> = rows
        .into_iter()
        .chain(others)
        .chain(clocks)
        .filter_map(|(name, value)| value.map(|value| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }))
        .collect();
    let loggers: Vec<_> =
        detail.loggers.iter().map(|one| logger(ui, one, detail.calibration.get(&one.id).copied())).collect();
    let policy =
        detail.policy.as_ref().filter(|one| one.single_person_release == SinglePersonRelease::Allowed);
    view! {
        <section class="card" aria-labelledby="facts-title">
            <h2 id="facts-title">{texts.facts}</h2>
            <dl class="facts">{rows}</dl>
            {policy.map(|policy| view! {
                <p class="standing standing-review">
                    {icon::outline(icon::path::PERSON)}
                    <span>{fill(texts.single_person, &[("time", &ui.show.date(policy.since))])}</span>
                </p>
            })}
            {(!loggers.is_empty()).then(|| view! {
                <h3>{texts.loggers}</h3>
                <ul class="plain">{loggers}</ul>
            })}
            {hand_overs(ui, detail)}
        </section>
    }
    .into_any()
}

/// The profile that counts under the name and version of the one that judges.
fn other_profile(ui: Ui, other: &OtherProfile, profile: Option<&Profile>) -> String {
    let name = format!("{} v{}", other.name, other.version);
    let limits = profile.map(|profile| Profile { limits: other.counts.limits, ..profile.clone() });
    let limits = limits.map(|profile| range(ui, &profile)).unwrap_or_default();
    fill(
        ui.texts.shipment.other_profile,
        &[
            ("profile", &isolated(&name)),
            ("limits", &limits),
            ("time", &ui.show.instant(other.counts.published)),
            ("who", &isolated(&other.counts.by)),
        ],
    )
}

fn logger(ui: Ui, logger: &Logger, calibration: Option<CalibrationStanding>) -> AnyView {
    let texts = &ui.texts.shipment;
    let serial = logger.serial.as_ref().map(|serial| fill(texts.serial, &[("serial", serial)]));
    let interval = logger.interval_s.map(|seconds| {
        let interval = ui.show.duration(Milliseconds::from_seconds(u64::from(seconds)));
        fill(texts.interval, &[("interval", &interval)])
    });
    let family = wording::family_words(&logger.family, ui.texts).to_owned();
    let facts: Vec<String> = [Some(family), serial, interval].into_iter().flatten().collect();
    let standing = calibration.map(|standing| {
        let (class, path) = match standing {
            CalibrationStanding::Valid => ("standing", icon::path::DONE),
            _ => ("standing standing-review", icon::path::WARNING),
        };
        view! {
            <span class=class>{icon::outline(path)}<span>{wording::calibration_words(standing, ui.texts)}</span></span>
        }
    });
    view! {
        <li>
            <strong><bdi>{logger.label.clone()}</bdi></strong>
            <span class="quiet">{facts.join(" · ")}</span>
            {standing}
        </li>
    }
    .into_any()
}

/// Every hand-over; what one side alone has signed is marked.
fn hand_overs(ui: Ui, detail: &ShipmentDetail) -> AnyView {
    let texts = &ui.texts.shipment;
    if detail.hand_overs.is_empty() && !detail.received_one_sided {
        return ().into_any();
    }
    let rows: Vec<_> = detail.hand_overs.iter().map(|one| hand_over(ui, one)).collect();
    view! {
        <h3>{texts.hand_overs}</h3>
        <ul class="plain hand-overs">{rows}</ul>
        {detail.received_one_sided.then(|| marked(texts.received_one_sided))}
    }
    .into_any()
}

fn hand_over(ui: Ui, one: &HandOverShown) -> AnyView {
    let texts = &ui.texts.shipment;
    let name = |device: &Device| device.label.clone();
    let partner = one.to_partner.as_ref().map(wording::partner_words);
    let to = one.to.as_ref().map(name).or(partner).unwrap_or_else(|| texts.nobody_yet.to_owned());
    let steps: Vec<String> = [
        (texts.offered_at, Some(one.offered)),
        (texts.accepted_at, one.accepted),
        (texts.confirmed_at, one.confirmed),
    ]
    .into_iter()
    .filter_map(|(words, at)| Some(fill(words, &[("time", &ui.show.day_and_clock(at?))])))
    .collect();
    view! {
        <li>
            <span class="way">
                <bdi>{name(&one.from)}</bdi>
                <span class="way-to">{icon::outline(icon::path::NEXT)}<span class="unseen">{ui.texts.list.to}</span></span>
                <bdi>{to}</bdi>
            </span>
            <span class="quiet">{steps.join(" · ")}</span>
            {one.one_sided.then(|| marked(texts.one_sided))}
        </li>
    }
    .into_any()
}

fn marked(words: &'static str) -> AnyView {
    view! { <span class="standing standing-review">{icon::outline(icon::path::WARNING)}<span>{words}</span></span> }
        .into_any()
}

/// A profile's limits; one side alone where there is no lower one.
pub(in crate::page) fn range(ui: Ui, profile: &Profile) -> String {
    let (limits, scale) = (profile.limits, profile.scale);
    let max = ui.show.limit(limits.max, scale);
    if wording::has_no_lower_limit(limits) {
        fill(ui.texts.shipment.no_lower_limit, &[("max", &max)])
    } else {
        ui.show.limits(limits.min, limits.max, scale)
    }
}
