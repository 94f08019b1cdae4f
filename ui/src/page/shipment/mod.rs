//! One shipment, in the order of the work: the verdict and its reasons, what to do, the goods line by line,
//! then the curves, the facts and the history.

mod facts;
mod head;
mod lines;
mod query;

pub(super) use facts::range;

use super::steps::{self, Ground, Live};
use crate::app::Ui;
use crate::part::action::refused;
use crate::part::series::Covered;
use crate::part::{conditions, excursion, history, icon, observe, series};
use crate::route::Route;
use crate::wording::{self, Mark};
use firn_model::api::{AssessedSeries, Phase, Refusal, Request, Response, ShipmentDetail};
use firn_model::id::Id;
use firn_model::reading::Channel;
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
    let ground = slice(shown, Ground::of);
    let live = Live {
        next: slice(shown, |detail| detail.next.clone()),
        read: slice(shown, |detail| {
            detail.series.iter().filter(|one| !one.points.is_empty()).map(|one| one.logger).collect()
        }),
    };
    let lines_of =
        slice(shown, |detail| (detail.items.clone(), detail.lines.clone(), detail.profile.clone()));
    // Without its points: the curves follow those by themselves.
    let about = slice(shown, |detail| {
        let mut summary = detail.summary.clone();
        summary.freshness = None;
        let conditions = Vec::new();
        let empty = ShipmentDetail { series: Vec::new(), conditions, history: Vec::new(), ..detail.clone() };
        ShipmentDetail { summary, lines: Vec::new(), next: Vec::new(), ..empty }
    });
    let asks = slice(shown, query::Asks::of);
    let others = slice(shown, conditions::Told::of);
    let others = move || others.get().map(|told| conditions::conditions(ui, &told));
    let seen = slice(shown, |detail| {
        let packages: Vec<String> = detail.packages.iter().map(|package| package.name.clone()).collect();
        (detail.summary.id, detail.summary.phase, packages)
    });
    let seen = move || seen.get().map(|(id, phase, packages)| observe::observe(ui, id, phase, &packages));
    let record =
        slice(shown, |detail| (detail.summary.id, detail.excursion_record.clone(), detail.items.clone()));
    let excursion = excursion::excursion(ui, record);
    let told = slice(shown, |detail| (detail.history.clone(), detail.loggers.clone(), detail.items.clone()));
    let is_over = slice(shown, |detail| detail.summary.phase == Phase::Cancelled);
    let head = move || head_of.get().map(|(summary, profile)| head::head(ui, &summary, profile.as_ref()));
    let steps = move || {
        let ground = ground.get().filter(|_| is_over.get() != Some(true))?;
        Some(steps::steps(ui, ground, live))
    };
    let lines =
        move || lines_of.get().map(|(items, lines, own)| lines::lines(ui, &items, &lines, own.as_ref()));
    let about = move || about.get().map(|detail| facts::facts(ui, &detail));
    let query = move || asks.get().map(|asks| query::query(ui, asks));
    let history =
        move || told.get().map(|(events, loggers, items)| history::history(ui, &events, &loggers, &items));
    view! {
        {head}
        <div class="columns">
            <div class="column">{lines}{curves(ui, shown)}{others}{history}</div>
            <div class="column">{steps}{seen}{excursion}{query}{about}</div>
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
            let covered = Memo::new(move |last: Option<&Covered>| {
                let now = shown.with(|shown| covered(shown, key));
                now.or_else(|| last.copied()).unwrap_or_default()
            });
            Some(series::series(ui, one, covered, &profile, index))
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

fn covered(
    shown: &Option<Result<ShipmentDetail, Refusal>>,
    (logger, channel): (Id, Channel),
) -> Option<Covered> {
    let detail = shown.as_ref()?.as_ref().ok()?;
    let series = detail.series.iter().find(|one| one.logger == logger && one.channel == channel)?;
    Some(Covered::of(detail, series))
}
