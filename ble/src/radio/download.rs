//! Runs a log dialog over a radio: connects, waits, reconnects, and disconnects cleanly.

use super::{Clock, DeviceId, Link, LinkEvent, Radio, RadioError};
use crate::address::BluetoothUuid;
use crate::dialog::{Action, ClockSet, Dialog, DialogError, Progress, Summary};
use crate::information::DeviceInformation;
use firn_model::reading::{Measurement, Reading};
use firn_model::time::UtcMillis;
use std::collections::VecDeque;

/// How patient a download is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadOptions {
    /// The time from which records are asked for; the whole log without it.
    pub from: Option<UtcMillis>,
    /// How many connections in a row may bring no new record before the download is given up.
    pub fruitless_connections: u8,
    /// How long to wait before connecting again, in milliseconds; doubled after each fruitless connection.
    pub pause_ms: u64,
    /// The serial number of the logger that is meant, where nothing else tells it from others of its name:
    /// a device that tells another is not read.
    pub serial: Option<String>,
}

impl Default for DownloadOptions {
    /// The whole log; three fruitless connections, after pauses of one and two seconds.
    fn default() -> Self {
        Self { from: None, fruitless_connections: 3, pause_ms: 1000, serial: None }
    }
}

/// What a download tells while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownloadEvent {
    /// A connection is being made, counted from one.
    Connecting(u32),
    /// The logger is connected.
    Connected,
    /// What the device tells of itself; told once, and only where it tells anything.
    Device(DeviceInformation),
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
    /// The device is another than the one that is meant.
    #[error("the device tells the serial number {told}, not {meant}")]
    AnotherLogger {
        /// What it tells.
        told: String,
        /// The serial number of the logger that is meant.
        meant: String,
    },
}

impl DownloadError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Radio(error) => error.code(),
            Self::Dialog(error) => error.code(),
            Self::AnotherLogger { .. } => "ble/another-logger",
        }
    }

    /// What to do about it.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Radio(error) => error.next_step(),
            Self::Dialog(error) => error.next_step(),
            Self::AnotherLogger { .. } => {
                "Find the logger by what is written on its case; enrol loggers by address to tell them apart."
            }
        }
    }
}

/// How one connection ended.
enum Ended {
    Finished(Summary),
    Failed(DownloadError),
    Interrupted(RadioError),
}

/// What one action led to.
enum Led {
    Nowhere,
    To(Vec<Action>),
    ToEnd(Ended),
}

/// Whether the device has told of itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    NotYet,
    Told,
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
    let mut known = Known::NotYet;
    loop {
        connection = connection.saturating_add(1);
        tell(DownloadEvent::Connecting(connection));
        let before = dialog.readings().len();
        let ended = match radio.connect(device).await {
            Ok(link) => one_connection(link, clock, dialog, (&options, &mut known), &mut tell).await,
            Err(error) => Ended::Interrupted(error),
        };
        let error = match ended {
            Ended::Finished(summary) => return Ok(summary),
            Ended::Failed(error) => return Err(error),
            Ended::Interrupted(error) => error,
        };
        fruitless = if dialog.readings().len() > before { 0 } else { fruitless.saturating_add(1) };
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

async fn one_connection<C: Clock>(
    mut link: impl Link,
    clock: &C,
    dialog: &mut (dyn Dialog + Send),
    (options, known): (&DownloadOptions, &mut Known),
    tell: &mut (impl FnMut(DownloadEvent) + Send),
) -> Ended {
    tell(DownloadEvent::Connected);
    // Who the device is comes first only where it decides: the log is the more urgent.
    let another = match &options.serial {
        Some(meant) => another_than(meant, introduced(&mut link, known, tell).await),
        None => None,
    };
    let ended = match another {
        Some(another) => Ended::Failed(another),
        None => converse(&mut link, clock, dialog, options.from, tell).await,
    };
    if !matches!(ended, Ended::Interrupted(_)) {
        introduced(&mut link, known, tell).await;
    }
    // The log is safe by now: a link that cannot be closed in order is closed by being dropped.
    match (ended, link.disconnect().await) {
        (Ended::Interrupted(_), Err(error @ RadioError::AdapterSilent)) => Ended::Interrupted(error),
        (ended, _) => ended,
    }
}

/// Has the device tell of itself, once; what it does not answer is left out.
async fn introduced(
    link: &mut impl Link,
    known: &mut Known,
    tell: &mut (impl FnMut(DownloadEvent) + Send),
) -> DeviceInformation {
    let mut information = DeviceInformation::default();
    if std::mem::replace(known, Known::Told) == Known::Told {
        return information;
    }
    for asked in DeviceInformation::asked_of(&link.characteristics()) {
        match link.read(asked.service, asked.uuid).await {
            Ok(value) => information.note(asked.uuid, &value),
            // The link has ended, or will not answer: whoever uses it next is told why.
            Err(RadioError::Disconnected | RadioError::AdapterSilent | RadioError::AdapterOff) => break,
            Err(_) => {}
        }
    }
    if !information.is_empty() {
        tell(DownloadEvent::Device(information.clone()));
    }
    information
}

fn another_than(meant: &str, information: DeviceInformation) -> Option<DownloadError> {
    let another = information.is_another_than(meant);
    let told = information.serial.filter(|_| another)?;
    Some(DownloadError::AnotherLogger { told, meant: meant.to_owned() })
}

async fn converse<C: Clock>(
    link: &mut impl Link,
    clock: &C,
    dialog: &mut (dyn Dialog + Send),
    from: Option<UtcMillis>,
    tell: &mut (impl FnMut(DownloadEvent) + Send),
) -> Ended {
    dialog.offered(&link.characteristics());
    let mut actions = VecDeque::from(match dialog.wake_at() {
        None => dialog.start(clock.now(), from),
        Some(_) => dialog.resume(clock.now()),
    });
    loop {
        while let Some(action) = actions.pop_front() {
            match carry_out(link, clock, dialog, action, tell).await {
                Ok(Led::Nowhere) => {}
                Ok(Led::To(more)) => actions.extend(more),
                Ok(Led::ToEnd(ended)) => return ended,
                Err(error) => return Ended::Interrupted(error),
            }
        }
        let now = clock.now();
        let due = dialog.wake_at().map_or(i64::MAX, |at| at.0.saturating_sub(now.0));
        actions.extend(tokio::select! {
            event = link.next() => match event {
                LinkEvent::Notification { characteristic, bytes } => {
                    dialog.on_notification(characteristic, &bytes, clock.now())
                }
                LinkEvent::Lost(error) => return Ended::Interrupted(error),
            },
            () = clock.sleep(u64::try_from(due).unwrap_or(0)) => dialog.on_tick(clock.now()),
        });
    }
}

async fn carry_out<C: Clock>(
    link: &mut impl Link,
    clock: &C,
    dialog: &mut (dyn Dialog + Send),
    action: Action,
    tell: &mut (impl FnMut(DownloadEvent) + Send),
) -> Result<Led, RadioError> {
    match action {
        Action::Subscribe { service, characteristic } => link.subscribe(service, characteristic).await?,
        Action::Read { service, characteristic } => {
            let value = read(link, service, characteristic).await?;
            return Ok(Led::To(dialog.on_value(characteristic, value.as_deref(), clock.now())));
        }
        Action::Write { service, characteristic, bytes, with_response } => {
            link.write(service, characteristic, &bytes, with_response).await?;
        }
        Action::Readings(batch) => tell(DownloadEvent::Readings(batch)),
        Action::Live(measurement) => tell(DownloadEvent::Live(measurement)),
        Action::Raw(bytes) => tell(DownloadEvent::Raw(bytes)),
        Action::ClockSet(set) => tell(DownloadEvent::ClockSet(set)),
        Action::Reconnect => return Ok(Led::ToEnd(Ended::Interrupted(RadioError::Disconnected))),
        Action::Progress(progress) => tell(DownloadEvent::Progress(progress)),
        Action::Finished(summary) => return Ok(Led::ToEnd(Ended::Finished(summary))),
        Action::Failed(error) => return Ok(Led::ToEnd(Ended::Failed(error.into()))),
    }
    Ok(Led::Nowhere)
}

/// The value of a characteristic; none where the device refuses this one alone.
async fn read(
    link: &mut impl Link,
    service: BluetoothUuid,
    characteristic: BluetoothUuid,
) -> Result<Option<Vec<u8>>, RadioError> {
    match link.read(service, characteristic).await {
        Ok(value) => Ok(Some(value)),
        Err(RadioError::NoCharacteristic(_) | RadioError::Other(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
