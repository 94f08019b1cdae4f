//! What a node tells systemd, where that runs it: ready, alive, stopping (sd_notify(3)).

use super::health::Watch;
use std::time::Duration;

/// What the service manager is told.
#[cfg_attr(not(unix), expect(dead_code))]
enum News<'a> {
    Ready { address: &'a str },
    Alive,
    Stopping,
}

/// The node serves at `address`.
pub fn ready(address: &str) {
    tell(&News::Ready { address });
}

/// The node takes nothing new any more.
pub fn stopping() {
    tell(&News::Stopping);
}

/// Tells that the node is alive twice within the time that the service manager waits for it, as long as its
/// store answers; without such a manager this never ends.
pub async fn keep_alive(watch: &Watch) {
    let Some(patience) = patience() else { return std::future::pending().await };
    loop {
        tokio::time::sleep(patience / 2).await;
        if watch.health().await.ok {
            tell(&News::Alive);
        }
    }
}

#[cfg(unix)]
fn patience() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}

#[cfg(not(unix))]
fn patience() -> Option<Duration> {
    None
}

/// A manager that does not listen loses nothing but the news.
#[cfg(unix)]
fn tell(news: &News<'_>) {
    use sd_notify::{NotifyState, notify};
    let told = match news {
        News::Ready { address } => {
            notify(&[NotifyState::Ready, NotifyState::Status(&format!("serving at {address}"))])
        }
        News::Alive => notify(&[NotifyState::Watchdog]),
        News::Stopping => notify(&[NotifyState::Stopping, NotifyState::Status("ending what runs")]),
    };
    if let Err(error) = told {
        eprintln!("firn: the service manager cannot be told: {error}");
    }
}

#[cfg(not(unix))]
fn tell(_: &News<'_>) {}
