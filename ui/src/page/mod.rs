//! The screens.

mod certificate;
mod create;
mod device;
mod goods;
mod loggers;
mod nearby;
mod partners;
mod peers;
mod people;
mod positions;
mod register;
mod shipment;
mod shipments;
mod steps;
mod tasks;

use crate::app::Ui;
use crate::route::Route;
use crate::store::Link;
use firn_model::api::Snapshot;
use leptos::prelude::*;

/// The screen of a route.
pub(crate) fn page(ui: Ui, route: Route) -> AnyView {
    match route {
        Route::Shipments => once_known(ui, shipments::shipments),
        Route::NewShipment => create::create(ui),
        Route::Shipment(id) => shipment::shipment(ui, id),
        Route::Tasks => once_known(ui, tasks::tasks),
        Route::Nearby => once_known(ui, nearby::nearby),
        Route::Peers => once_known(ui, peers::peers),
        Route::Device => device::device(ui),
    }
}

/// The name of a route's screen.
pub(crate) fn title(ui: Ui, route: Route) -> &'static str {
    match route {
        Route::Shipments | Route::Shipment(_) => ui.texts.list.title,
        Route::NewShipment => ui.texts.create.title,
        Route::Tasks => ui.texts.task.title,
        Route::Nearby => ui.texts.nearby.title,
        Route::Peers => ui.texts.peers.title,
        Route::Device => ui.texts.device.title,
    }
}

/// Draws a screen once the first snapshot is here; before that says that it is on its way.
fn once_known(ui: Ui, screen: fn(Ui) -> AnyView) -> AnyView {
    let known = Memo::new(move |_| ui.store.feed.with(|feed| feed.snapshot.is_some()));
    let opening = Memo::new(move |_| ui.store.link.get() == Link::Opening);
    let view = move || match (known.get(), opening.get()) {
        (true, _) => screen(ui),
        (false, true) => {
            view! { <p class="opening" role="status">{ui.texts.shell.connecting}</p> }.into_any()
        }
        (false, false) => view! { <h1 class="unseen">"Firn"</h1> }.into_any(),
    };
    view! { {view} }.into_any()
}

/// Reads from the last snapshot, and again when what was read differs.
fn known<T: Clone + PartialEq + Send + Sync + 'static>(
    ui: Ui,
    read: impl Fn(&Snapshot) -> T + Send + Sync + 'static,
) -> Memo<Option<T>> {
    Memo::new(move |_| ui.store.feed.with(|feed| feed.snapshot.as_ref().map(&read)))
}
