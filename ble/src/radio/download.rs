//! Runs a log dialog over a radio: connects, waits, reconnects, and disconnects cleanly.

use super::{Clock, DeviceId, Link, LinkEvent, Radio, RadioError};
use crate::dialog::{Action, ClockSet, Dialog, DialogError, Progress, Summary};
use firn_model::reading::{Measurement, Reading};
use firn_model::time::UtcMillis;

/// How patient a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DownloadOptions {
    /// The time from which records are asked for; the whole log without it.
    pub from: Option<UtcMillis>,
    /// How many connections in a row may bring no new record before the download is given up.
    pub fruitless_connections: u8,
    /// How long to wait before connecting again, in milliseconds; doubled after each fruitless connection.
    pub pause_ms: u64,
}

impl Default for DownloadOptions {
    /// The whole log; three fruitless connections, after pauses of one and two seconds.
    fn default() -> Self {
        Self { from: None, fruitless_connections: 3, pause_ms: 1000 }
    }
}

/// What a download tells while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownloadEvent {
    /// A connection is being made, counted from one.
    Connecting(u32),
    /// The logger is connected.
    Connected,
    /// Further readings of the log; each is told exactly once, and is best stored at once.
    Readings(Vec<Reading>),
    /// A value measured now: no log record.
    Live(Measurement),
    /// What the logger sent in a form that is not public: to be kept as it came.
    Raw(Vec<u8>),
    /// The logger's clock was set: to be recorded at once.
    ClockSet(ClockSet),
    /// How far the download is.
    Progress(Progress),
    /// The connection was lost or not made; the download goes on with another.
    Interrupted(RadioError),
}

/// Why a download ended early; the readings told until then hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DownloadError {
    /// The radio failed.
    #[error(transparent)]
    Radio(#[from] RadioError),
    /// The logger failed.
    #[error(transparent)]
    Dialog(#[from] DialogError),
}

impl DownloadError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Radio(error) => error.code(),
            Self::Dialog(error) => error.code(),
        }
    }

    /// What to do about it.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Radio(error) => error.next_step(),
            Self::Dialog(error) => error.next_step(),
        }
    }
}

/// How one connection ended.
enum Ended {
    Finished(Summary),
    Failed(DialogError),
    Interrupted(RadioError),
}

/// Downloads the log of `device`, over as many connections as it takes while each brings new records.
///
/// Cancelling it disconnects; what was told through `tell` holds, and a later download from the last
/// stored reading brings the rest.
pub async fn download<R: Radio, C: Clock>(
    radio: &R,
    clock: &C,
    device: &DeviceId,
    dialog: &mut (dyn Dialog + Send),
    options: DownloadOptions,
    mut tell: impl FnMut(DownloadEvent) + Send,
) -> Result<Summary, DownloadError> {
    let mut connection = 0_u32;
    let mut fruitless = 0_u8;
    loop {
        connection = connection.saturating_add(1);
        tell(DownloadEvent::Connecting(connection));
        let known = dialog.readings().len();
        let error = match one_connection(radio, clock, device, dialog, options.from, &mut tell).await {
            Ended::Finished(summary) => return Ok(summary),
            Ended::Failed(error) => return Err(error.into()),
            Ended::Interrupted(error) => error,
        };
        fruitless = if dialog.readings().len() > known { 0 } else { fruitless.saturating_add(1) };
        if !error.is_passing() || fruitless >= options.fruitless_connections {
            give_up(dialog, &mut tell);
            return Err(error.into());
        }
        tell(DownloadEvent::Interrupted(error));
        clock.sleep(options.pause_ms.saturating_mul(1 << fruitless.saturating_sub(1).min(6))).await;
    }
}

/// Tells what the dialog still holds back.
fn give_up(dialog: &mut (dyn Dialog + Send), tell: &mut (impl FnMut(DownloadEvent) + Send)) {
    for action in dialog.abandon(DialogError::Disconnected) {
        match action {
            Action::Readings(batch) => tell(DownloadEvent::Readings(batch)),
            Action::Raw(bytes) => tell(DownloadEvent::Raw(bytes)),
            _ => {}
        }
    }
}

async fn one_connection<R: Radio, C: Clock>(
    radio: &R,
    clock: &C,
    device: &DeviceId,
    dialog: &mut (dyn Dialog + Send),
    from: Option<UtcMillis>,
    tell: &mut (impl FnMut(DownloadEvent) + Send),
) -> Ended {
    let mut link = match radio.connect(device).await {
        Ok(link) => link,
        Err(error) => return Ended::Interrupted(error),
    };
    tell(DownloadEvent::Connected);
    let ended = converse(&mut link, clock, dialog, from, tell).await;
    // The log is safe by now: a link that cannot be closed in order is closed by being dropped.
    match (ended, link.disconnect().await) {
        (Ended::Interrupted(_), Err(error @ RadioError::AdapterSilent)) => Ended::Interrupted(error),
        (ended, _) => ended,
    }
}

async fn converse<C: Clock>(
    link: &mut impl Link,
    clock: &C,
    dialog: &mut (dyn Dialog + Send),
    from: Option<UtcMillis>,
    tell: &mut (impl FnMut(DownloadEvent) + Send),
) -> Ended {
    let mut actions = match dialog.wake_at() {
        None => dialog.start(clock.now(), from),
        Some(_) => dialog.resume(clock.now()),
    };
    loop {
        for action in actions {
            match carry_out(link, action, tell).await {
                Ok(None) => {}
                Ok(Some(ended)) => return ended,
                Err(error) => return Ended::Interrupted(error),
            }
        }
        let now = clock.now();
        let due = dialog.wake_at().map_or(i64::MAX, |at| at.0.saturating_sub(now.0));
        actions = tokio::select! {
            event = link.next() => match event {
                LinkEvent::Notification { characteristic, bytes } => {
                    dialog.on_notification(characteristic, &bytes, clock.now())
                }
                LinkEvent::Lost(error) => return Ended::Interrupted(error),
            },
            () = clock.sleep(u64::try_from(due).unwrap_or(0)) => dialog.on_tick(clock.now()),
        };
    }
}

async fn carry_out(
    link: &mut impl Link,
    action: Action,
    tell: &mut (impl FnMut(DownloadEvent) + Send),
) -> Result<Option<Ended>, RadioError> {
    match action {
        Action::Subscribe { service, characteristic } => link.subscribe(service, characteristic).await?,
        Action::Write { service, characteristic, bytes, with_response } => {
            link.write(service, characteristic, &bytes, with_response).await?;
        }
        Action::Readings(batch) => tell(DownloadEvent::Readings(batch)),
        Action::Live(measurement) => tell(DownloadEvent::Live(measurement)),
        Action::Raw(bytes) => tell(DownloadEvent::Raw(bytes)),
        Action::ClockSet(set) => tell(DownloadEvent::ClockSet(set)),
        Action::Reconnect => return Ok(Some(Ended::Interrupted(RadioError::Disconnected))),
        Action::Progress(progress) => tell(DownloadEvent::Progress(progress)),
        Action::Finished(summary) => return Ok(Some(Ended::Finished(summary))),
        Action::Failed(error) => return Ok(Some(Ended::Failed(error))),
    }
    Ok(None)
}
