//! One shipment: verdict and next step first, then the curves, the facts and the history.

use super::{shipments::way, steps};
use crate::app::Ui;
use crate::i18n::fill;
use crate::part::action::refused;
use crate::part::{badge, conditions, excursion, history, icon, observe, series};
use crate::route::Route;
use crate::wording::{self, Mark};
use firn_model::api::{
    AssessedSeries, LabelWarning, Phase, Refusal, Request, Response, ShipmentDetail, ShipmentSummary, Stock,
};
use firn_model::assess::Milliseconds;
use firn_model::id::Id;
use firn_model::profile::{Limits, Profile};
use firn_model::reading::Channel;
use firn_model::time::UtcMillis;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The screen of a shipment, asked for anew whenever the app says that it changed.
pub(crate) fn shipment(ui: Ui, id: Id) -> AnyView {
    let touched = Memo::new(move |_| ui.store.feed.with(|feed| feed.touched(id)));
    // The last answer stays on the page while the next is on its way.
    let shown = RwSignal::new(None::<Result<ShipmentDetail, Refusal>>);
    Effect::new(move |_| {
        // Read, for a memo that nobody has read follows nothing.
        touched.get();
        spawn_local(async move {
            let answer = detail(ui, id).await;
            // Nobody is left to read it once the screen has gone.
            drop(shown.try_set(Some(answer)));
        });
    });
    let summary = slice(shown, |detail| detail.summary.clone());
    let known =
        Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|answer| answer.clone().map(|_| ()))));
    let body = move || match known.get() {
        None => view! { <p class="opening" role="status">{ui.texts.shipment.loading}</p> }.into_any(),
        Some(Err(refusal)) => view! { <div class="card">{refused(ui, &refusal)}</div> }.into_any(),
        Some(Ok(())) => whole(ui, shown),
    };
    view! {
        <a class="back" href=Route::Shipments.href()>{icon::outline(icon::path::BACK)}{ui.texts.shell.back}</a>
        <p class="unseen" role="status">
            {move || summary.get().map(|summary| Mark::of(&summary).words(ui.texts))}
        </p>
        {body}
    }
    .into_any()
}

/// The last answer about the shipment.
type Shown = RwSignal<Option<Result<ShipmentDetail, Refusal>>>;

/// A part of the shipment, told anew only when it differs: what a person types stays as readings arrive.
fn slice<T: Clone + PartialEq + Send + Sync + 'static>(
    shown: Shown,
    read: fn(&ShipmentDetail) -> T,
) -> Memo<Option<T>> {
    Memo::new(move |_| shown.with(|shown| shown.as_ref()?.as_ref().ok().map(read)))
}

async fn detail(ui: Ui, id: Id) -> Result<ShipmentDetail, Refusal> {
    match ui.store.ask(Request::Shipment { shipment: id.to_string() }).await? {
        Response::Shipment(detail) => Ok(*detail),
        _ => Err(Refusal {
            code: wording::UNREADABLE.into(),
            cause: "the answer is no shipment".into(),
            next_step: "close Firn and open it again".into(),
        }),
    }
}

fn whole(ui: Ui, shown: Shown) -> AnyView {
    let head_of = slice(shown, |detail| (detail.summary.clone(), detail.profile.clone()));
    let due = slice(shown, |detail| {
        (detail.summary.id, detail.summary.phase, detail.summary.stock, detail.loggers.clone())
    });
    // Without its points: the curves follow those by themselves.
    let about = slice(shown, |detail| {
        let mut summary = detail.summary.clone();
        summary.freshness = None;
        let conditions = Vec::new();
        ShipmentDetail { summary, series: Vec::new(), conditions, history: Vec::new(), ..detail.clone() }
    });
    let told = slice(shown, |detail| (detail.history.clone(), detail.loggers.clone()));
    let others = slice(shown, conditions::Told::of);
    let others = move || others.get().map(|told| conditions::conditions(ui, &told));
    let seen = slice(shown, |detail| (detail.summary.id, detail.summary.phase));
    let seen = move || seen.get().map(|(id, phase)| observe::observe(ui, id, phase));
    let head = move || head_of.get().map(|(summary, profile)| head(ui, &summary, profile.as_ref()));
    let steps =
        move || due.get().map(|(id, phase, stock, loggers)| steps::steps(ui, id, phase, stock, &loggers));
    let about = move || about.get().map(|detail| view! { {facts(ui, &detail)}{items(ui, &detail)} });
    let record = slice(shown, |detail| (detail.summary.id, detail.excursion_record.clone()));
    let excursion = excursion::excursion(ui, record);
    let history = move || told.get().map(|(events, loggers)| history::history(ui, &events, &loggers));
    view! {
        {head}
        <div class="columns">
            <div class="column">{curves(ui, shown)}{others}{history}</div>
            <div class="column">{steps}{seen}{excursion}{about}</div>
        </div>
    }
    .into_any()
}

/// One chart for each logger and channel; without the shipment's creation nothing was judged.
fn curves(ui: Ui, shown: Shown) -> AnyView {
    let keys = slice(shown, |detail| {
        let series: Vec<_> = detail.series.iter().map(|one| (one.logger, one.channel)).collect();
        (detail.profile.clone(), series)
    });
    let view = move || {
        let (profile, series) = keys.get()?;
        let profile = profile?;
        let curve = |(index, key): (usize, (Id, Channel))| {
            let first = shown.with_untracked(|shown| find(shown, key))?;
            // The last known series stays while its chart is being taken down.
            let one = Memo::new(move |last: Option<&AssessedSeries>| {
                shown
                    .with(|shown| find(shown, key))
                    .or_else(|| last.cloned())
                    .unwrap_or_else(|| first.clone())
            });
            Some(series::series(ui, one, &profile, index))
        };
        Some(series.into_iter().enumerate().filter_map(curve).collect::<Vec<_>>())
    };
    view! { {view} }.into_any()
}

fn find(
    shown: &Option<Result<ShipmentDetail, Refusal>>,
    (logger, channel): (Id, Channel),
) -> Option<AssessedSeries> {
    let detail = shown.as_ref()?.as_ref().ok()?;
    detail.series.iter().find(|one| one.logger == logger && one.channel == channel).cloned()
}

fn head(ui: Ui, summary: &ShipmentSummary, profile: Option<&Profile>) -> AnyView {
    let limits = profile.map(Profile::effective_limits);
    view! {
        <div class="page-head">
            <div>
                <h1><bdi>{summary.reference.clone()}</bdi></h1>
                {way(ui, summary)}
            </div>
            <div class="page-head-state">
                <span class="phase">{wording::phase_words(summary.phase, ui.texts)}</span>
                {badge::freshness(ui, summary, limits)}
            </div>
        </div>
        {do_not_use(ui, summary)}
        {banner(ui, summary)}
    }
    .into_any()
}

fn do_not_use(ui: Ui, summary: &ShipmentSummary) -> AnyView {
    if summary.stock != Some(Stock::Quarantine) {
        return ().into_any();
    }
    let texts = &ui.texts.stock;
    view! {
        <div class="quarantine">
            {icon::stock(Stock::Quarantine)}
            <p><strong>{texts.quarantine}</strong><span>{texts.quarantine_means}</span></p>
        </div>
    }
    .into_any()
}

fn banner(ui: Ui, summary: &ShipmentSummary) -> AnyView {
    let mark = Mark::of(summary);
    let due = if mark == Mark::Pending { &[][..] } else { &summary.reasons[..] };
    let reasons: Vec<_> =
        due.iter().map(|reason| view! { <li>{wording::reason_words(*reason, ui.texts)}</li> }).collect();
    let settled = summary.stock.filter(|stock| *stock != Stock::Quarantine);
    view! {
        <section class=format!("banner banner-{}", mark.class()) aria-labelledby="verdict">
            {icon::verdict(mark)}
            <div class="banner-words">
                <h2 id="verdict">{mark.words(ui.texts)}</h2>
                <p>{mark.meaning(ui.texts)}</p>
                {(!reasons.is_empty()).then(|| view! { <ul class="reasons">{reasons}</ul> })}
            </div>
            <p class="banner-next">
                {badge::stock(ui, settled)}
                <span class="next-label">{ui.texts.shell.next}</span>
                <span>{wording::next_step(summary, ui.texts)}</span>
            </p>
        </section>
    }
    .into_any()
}

fn facts(ui: Ui, detail: &ShipmentDetail) -> AnyView {
    let texts = &ui.texts.shipment;
    let summary = &detail.summary;
    let profile = detail.profile.as_ref();
    let instant = |at: Option<UtcMillis>| at.map(|at| ui.show.instant(at));
    let custodian = detail.custodian.as_ref().map(|device| {
        let role = wording::role_words(device.role, ui.texts);
        fill(ui.texts.history.signed_by, &[("device", &device.label), ("role", role)])
    });
    let rows = [
        (texts.profile, profile.map(|profile| format!("{} · {}", profile.name, profile.version))),
        (texts.limits, profile.map(|profile| range(ui, profile.limits))),
        (texts.custodian, custodian.filter(|_| summary.phase != Phase::Closed)),
        (texts.created, instant(Some(summary.created))),
        (texts.started, instant(summary.started)),
        (texts.received, instant(summary.received)),
    ];
    let rows: Vec<_> = rows
        .into_iter()
        .filter_map(|(name, value)| {
            value.map(|value| view! { <div><dt>{name}</dt><dd dir="auto">{value}</dd></div> })
        })
        .collect();
    let loggers: Vec<_> = detail
        .loggers
        .iter()
        .map(|logger| {
            let serial = logger.serial.as_ref().map(|serial| fill(texts.serial, &[("serial", serial)]));
            let interval = logger.interval_s.map(|seconds| {
                let interval = ui.show.duration(Milliseconds::from_seconds(u64::from(seconds)));
                fill(texts.interval, &[("interval", &interval)])
            });
            let facts: Vec<String> = [Some(wording::family_words(&logger.family).to_owned()), serial, interval]
                .into_iter()
                .flatten()
                .collect();
            view! { <li><strong><bdi>{logger.label.clone()}</bdi></strong><span class="quiet">{facts.join(" · ")}</span></li> }
        })
        .collect();
    view! {
        <section class="card" aria-labelledby="facts-title">
            <h2 id="facts-title">{texts.facts}</h2>
            <dl class="facts">{rows}</dl>
            {(!loggers.is_empty()).then(|| view! {
                <h3>{texts.loggers}</h3>
                <ul class="plain">{loggers}</ul>
            })}
        </section>
    }
    .into_any()
}

/// A profile's limits; one side alone where there is no lower one.
pub(super) fn range(ui: Ui, limits: Limits) -> String {
    let max = ui.show.exact_degrees(limits.max);
    if wording::has_no_lower_limit(limits) {
        fill(ui.texts.shipment.no_lower_limit, &[("max", &max)])
    } else {
        format!("{} – {max}", ui.show.exact_degrees(limits.min))
    }
}

fn items(ui: Ui, detail: &ShipmentDetail) -> AnyView {
    if detail.items.is_empty() {
        return ().into_any();
    }
    let texts = &ui.texts.shipment;
    let judged = detail.lines.iter().map(Some).chain(std::iter::repeat(None));
    let lines: Vec<_> = detail
        .items
        .iter()
        .zip(judged)
        .map(|(item, judged)| {
            let warnings: Vec<_> =
                judged.iter().flat_map(|line| &line.warnings).map(|warning| looser(ui, warning)).collect();
            let named = |name: &str, value: &Option<String>| {
                value.as_ref().map(|value| format!("{name}\u{a0}\u{2068}{value}\u{2069}"))
            };
            let expiry = item.expiry.as_deref().map(expiry_date);
            let codes: Vec<String> =
                [named(texts.lot, &item.lot), named(texts.expiry, &expiry), named(texts.gtin, &item.gtin)]
                    .into_iter()
                    .flatten()
                    .collect();
            view! {
                <li>
                    <strong><bdi>{item.product.clone()}</bdi></strong>
                    <span class="amount">{ui.show.count(u64::from(item.quantity))}</span>
                    <span class="quiet">{codes.join(" · ")}</span>
                    {warnings}
                </li>
            }
        })
        .collect();
    view! {
        <section class="card" aria-labelledby="items-title">
            <h2 id="items-title">{texts.items}</h2>
            <ul class="plain items">{lines}</ul>
        </section>
    }
    .into_any()
}

/// That a line's profile allows more than its label.
fn looser(ui: Ui, warning: &LabelWarning) -> AnyView {
    let label = format!("\u{2066}{}\u{2069}", warning.label);
    let profile = ui.show.exact_degrees(warning.profile_c);
    let words = fill(ui.texts.shipment.looser, &[("profile", &profile), ("label", &label)]);
    view! { <p class="hint" role="note">{words}</p> }.into_any()
}

/// `YYMMDD` of GS1 AI 17 as `20YY-MM-DD`; day 00 names the month alone (GS1 General Specifications §3.4.7).
fn expiry_date(yymmdd: &str) -> String {
    match (yymmdd.get(0..2), yymmdd.get(2..4), yymmdd.get(4..6)) {
        (Some(year), Some(month), Some("00")) if yymmdd.len() == 6 => format!("20{year}-{month}"),
        (Some(year), Some(month), Some(day)) if yymmdd.len() == 6 => format!("20{year}-{month}-{day}"),
        _ => yymmdd.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_without_a_day_names_the_month() {
        assert_eq!(expiry_date("270331"), "2027-03-31");
        assert_eq!(expiry_date("270300"), "2027-03");
        assert_eq!(expiry_date("soon"), "soon");
    }
}
