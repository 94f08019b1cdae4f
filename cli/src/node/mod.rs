//! `firn node`: the headless peer as a service.

mod counters;
mod health;
mod monitor;
mod refusing;
mod service;
mod telling;

use crate::arguments::Global;
use crate::commands::peers::{say_relayed, tell};
use crate::failure::{Exit, Failure};
use crate::opened;
use crate::output::Output;
use counters::Counters;
use firn_app::Host;
use firn_host::{HomeError, Network};
use firn_model::time::UtcMillis;
use firn_peer::endpoint::{Listen, PeerEndpoint};
use firn_peer::event::PeerEvent;
use firn_peer::lan::Presence;
use health::Watch;
use monitor::Monitor;
use refusing::Reason;
use serde::Serialize;
use std::net::SocketAddr;
use std::sync::Arc;
use telling::Telling;
use tokio::sync::{mpsc, watch};

/// The first line of `firn node`.
#[derive(Serialize)]
struct Started {
    id: String,
    listening: Vec<SocketAddr>,
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    monitor: Option<SocketAddr>,
}

/// Serves peers until stopped; prints its id and where it listens first. What runs then is given the time
/// that [`firn_peer::limits::Limits::grace`] says, and the store is closed before this returns.
///
/// # Errors
/// `cli/not-loopback` for a monitor that others could reach, `cli/port-taken`, and those of the home and the
/// network.
pub fn run(
    output: &mut Output,
    global: &Global,
    listen: Listen,
    monitor: Option<SocketAddr>,
    lan: bool,
) -> Result<Exit, Failure> {
    let monitor = monitor.map(monitor::on_loopback).transpose()?;
    let app = opened::to_write(global)?;
    opened::wait(async {
        let monitor = match monitor {
            Some(address) => Some(Monitor::bind(address).await?),
            None => None,
        };
        let network = Arc::new(Network::new(app.clone()));
        let endpoint = network.bind(listen).await?;
        // For as long as the service runs.
        let _found = if lan { Some(endpoint.on_lan(Presence::Told).map_err(HomeError::from)?) } else { None };
        let counters = Arc::new(Counters::new(app.host().now().utc));
        let watch = Watch::new(app.clone(), endpoint.clone(), counters.clone());
        say_relayed(&endpoint).await;
        print_started(output, &endpoint, monitor.as_ref().map(Monitor::address))?;
        let (ending, ended) = watch::channel(Ending::No);
        let stop = async {
            stopped().await;
            service::stopping();
            ending.send_replace(Ending::Asked);
        };
        let watching = watch_over(monitor, &watch, ended);
        let mut telling = Telling::default();
        let noted = |event: &PeerEvent| {
            let now = app.host().now().utc;
            counters.count(event, now);
            tell_of(event, now, &mut telling);
        };
        tokio::join!(serve(&network, &endpoint, noted, stop), watching);
        tell_untold(telling.untold());
        endpoint.close().await;
        Ok(Exit::Success)
    })?
}

/// Whether the service was asked to end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    No,
    Asked,
}

fn print_started(
    output: &mut Output,
    endpoint: &PeerEndpoint,
    monitor: Option<SocketAddr>,
) -> Result<(), Failure> {
    let address = endpoint.address().to_string();
    let (id, listening) = (endpoint.id().to_string(), endpoint.listening());
    let started = Started { id, listening, address, monitor };
    output.answer(&started, || {
        let monitor = started.monitor.map(|at| format!("\nhealth: http://{at}/health"));
        format!("{}{}\nserving until stopped (Ctrl-C)", started.address, monitor.unwrap_or_default())
    })?;
    output.flush()?;
    service::ready(&started.address);
    Ok(())
}

/// Tells of what happened, and of no more exchanges that ended than a journal can hold.
fn tell_of(event: &PeerEvent, now: UtcMillis, telling: &mut Telling) {
    if !matches!(event, PeerEvent::Ended { .. }) {
        return tell(event);
    }
    let told = telling.of(now);
    tell_untold(told.untold_before);
    match Reason::words(event) {
        _ if !told.itself => {}
        Some(words) => eprintln!("firn: {words}"),
        None => tell(event),
    }
}

/// Tells how many exchanges of a minute were not told themselves.
fn tell_untold(count: u64) {
    if count > 0 {
        eprintln!("firn: {count} more exchanges ended in a minute, and are told by number alone");
    }
}

/// Serves until `stop` resolves; what happens is noted.
async fn serve(
    network: &Arc<Network>,
    endpoint: &PeerEndpoint,
    mut note: impl FnMut(&PeerEvent),
    stop: impl Future<Output = ()>,
) {
    let (sender, mut events) = mpsc::unbounded_channel();
    // The listener lives as long as the service.
    let forward = move |event| sender.send(event).unwrap_or_default();
    let noting = async {
        while let Some(event) = events.recv().await {
            note(&event);
            if let PeerEvent::Synced { endpoint, report } = &event
                && let Err(error) = network.note_synced(endpoint, report).await
            {
                eprintln!("firn: the sync with {endpoint} cannot be noted: {error} [{}]", error.code());
            }
        }
    };
    tokio::join!(network.clone().serve(endpoint, forward, stop), noting);
}

/// Answers the monitor and tells the service manager that all is well, until the service ends.
async fn watch_over(monitor: Option<Monitor>, watch: &Watch, mut ended: watch::Receiver<Ending>) {
    let answering = async {
        match monitor {
            Some(monitor) => monitor.answer(watch).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = answering => {}
        () = service::keep_alive(watch) => {}
        // A sender that is gone is an end as well.
        _ = ended.wait_for(|ending| *ending == Ending::Asked) => {}
    }
}

/// Resolves when the user or the system asks this process to end.
pub async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    // Without a way to be told, the process is ended by the system itself.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
