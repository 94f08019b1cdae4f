//! `firn download`: the memory of one logger, or of several at once.

use crate::arguments::{Download, Global};
use crate::commands::replay::ReadingLine;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::{opened, words};
use firn_app::radio::{Downloaded, Reach, dialog_of, find, serial_meant};
use firn_app::{App, Outcome, Several};
use firn_ble::DeviceInformation;
use firn_ble::dialog::{ClockWrite, Coverage, DialogOptions};
use firn_ble::file::Zone;
use firn_ble::keys::Keys;
use firn_ble::radio::btleplug::{Bluetooth, Patience};
use firn_ble::radio::{Clock, DownloadEvent, DownloadOptions, TokioClock};
use firn_ble::replay::DeviceName;
use firn_host::{LocalHost, SystemClock};
use firn_model::id::{DeviceAddress, Id};
use firn_model::reading::Reading;
use firn_model::record::{ClockSet, Logger, Session};
use firn_report::print::text::counted;
use serde::Serialize;
use std::io::Write;

/// The machine's Bluetooth and the clock that goes with it.
pub async fn open() -> Result<(Bluetooth<impl Clock>, impl Clock), Failure> {
    let system = SystemClock::new(firn_host::random_array()?);
    let clock = TokioClock(move || system.now().utc);
    Ok((Bluetooth::open(clock.clone(), Patience::default()).await?, clock))
}

/// The enrolled logger of this name; never one of several.
fn enrolled(global: &Global, name: &str) -> Result<Logger, Failure> {
    match LocalHost::open_to_read(&opened::folder(global)?) {
        Ok(host) => Ok(opened::wait(App::new(std::sync::Arc::new(host)).logger(name))??),
        Err(error) if error.code() == "home/missing" => Err(Failure::new(
            "app/not-found",
            format!("no logger is called `{name}`, for there is no home"),
            "give the logger's Bluetooth address, or enrol it: `firn init`, then `firn logger add`",
        )),
        Err(error) => Err(error.into()),
    }
}

/// What `firn download` into a shipment answers.
#[derive(Serialize)]
struct Taken {
    ok: bool,
    shipment: Id,
    logger: Id,
    readings: usize,
    sealed: usize,
    /// What the download set the logger's clock to; that is signed.
    clock_set: Option<ClockSet>,
    /// The raw session that was kept and signed.
    session: Option<Session>,
    /// Whether the reading is the value that the device shows now, for want of a log.
    present: bool,
    /// What the device told of itself.
    #[serde(skip_serializing_if = "DeviceInformation::is_empty")]
    device: DeviceInformation,
    /// The serial number that it told is not the one by which the logger is enrolled.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    serial_differs: bool,
}

impl Taken {
    fn of(shipment: Id, logger: &Logger, done: &Downloaded) -> Self {
        let Downloaded { sealed, summary, clock_set, session, device } = done;
        Self {
            ok: true,
            shipment,
            logger: logger.id,
            readings: summary.readings,
            sealed: *sealed,
            clock_set: *clock_set,
            session: *session,
            present: summary.coverage == Coverage::NoLog,
            serial_differs: logger.serial.as_deref().is_some_and(|known| device.is_another_than(known)),
            device: device.clone(),
        }
    }

    fn words(&self, label: &str) -> String {
        let read = match self.present {
            true => format!("{} its present value, for it has no log", self.readings),
            false => counted(self.readings, "reading", "readings"),
        };
        let mut words =
            format!("{label}: {read}, {} sealed", counted(self.sealed, "new value", "new values"));
        if !self.device.is_empty() {
            words.push_str(&format!("\n  {}", self.device));
        }
        if self.serial_differs {
            words.push_str("\n  this is not the serial number by which it is enrolled");
        }
        if let Some(set) = &self.clock_set {
            words.push_str(&format!("\n{label}: its clock was set {}", words::clock_set(set)));
        }
        if let Some(session) = &self.session {
            words.push_str(&format!("\n{label}: raw session kept, {}", words::session(session)));
        }
        words
    }
}

/// The last line of a download that is printed, where it did more than bring readings.
#[derive(Serialize)]
struct Beside {
    #[serde(skip_serializing_if = "Option::is_none")]
    clock_set: Option<ClockSet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<Session>,
}

/// One of several downloads that failed.
#[derive(Serialize)]
struct NotTaken {
    shipment: Id,
    logger: Id,
    #[serde(flatten)]
    failure: Failure,
}

/// Reads the memory of loggers into a shipment, or prints that of one.
pub fn download(output: &mut Output, global: &Global, download: &Download) -> Result<Exit, Failure> {
    match (&download.shipment, &download.loggers[..]) {
        (Some(shipment), [logger]) => into_shipment(output, global, download, shipment, logger),
        (Some(shipment), loggers) => several(output, global, download, shipment, loggers),
        (None, [logger]) => to_stdout(output, global, download, logger),
        (None, _) => Err(Failure::new(
            "cli/one-logger",
            "the readings of several loggers are sealed, not printed",
            "name a shipment with --shipment, or one logger",
        )),
    }
}

fn into_shipment(
    output: &mut Output,
    global: &Global,
    download: &Download,
    shipment: &str,
    logger: &str,
) -> Result<Exit, Failure> {
    let app = opened::to_write(global)?;
    opened::wait(async {
        let shipment = app.shipment_named(shipment).await?;
        let logger = app.logger(logger).await?;
        remember_leave(&app, download, std::slice::from_ref(&logger)).await?;
        // Before it is looked for: a leave that is missing is told at once.
        let options = app.with_leave(&logger, dialog_options(download)?).await?;
        let (radio, clock) = open().await?;
        let device = find(&radio, &clock, &logger, &app.keys().await?, patience_ms(download)).await?;
        let reach = Reach { device, logger: logger.clone(), options };
        let done = app.download(&radio, &clock, shipment, reach, tell_progress).await?;
        eprintln!();
        let taken = Taken::of(shipment, &logger, &done);
        output.answer(&taken, || taken.words(&logger.label))?;
        Ok(Exit::Success)
    })?
}

/// Several loggers at once; none named means all that travel in the shipment.
fn several(
    output: &mut Output,
    global: &Global,
    download: &Download,
    shipment: &str,
    names: &[String],
) -> Result<Exit, Failure> {
    let app = opened::to_write(global)?;
    let options = dialog_options(download)?;
    opened::wait(async {
        let shipment = app.shipment_named(shipment).await?;
        let mut loggers = Vec::new();
        for name in names {
            loggers.push(app.logger(name).await?);
        }
        if names.is_empty() {
            loggers = app.shipment(shipment).await?.loggers;
        }
        remember_leave(&app, download, &loggers).await?;
        let several = Several { shipment, loggers, patience_ms: patience_ms(download), options };
        let (radio, clock) = open().await?;
        let mut printed = Ok(());
        let told = |outcome: &Outcome| {
            let line = tell_outcome(output, shipment, outcome);
            printed = std::mem::replace(&mut printed, Ok(())).and(line);
        };
        let outcomes = app.download_all((&radio, &clock), several, tell_progress_of, told).await?;
        printed?;
        match outcomes.iter().all(|outcome| outcome.result.is_ok()) {
            true => Ok(Exit::Success),
            false => Ok(Exit::Wanting),
        }
    })?
}

/// Remembers the leave that was given with the command for each logger that needs one.
async fn remember_leave(
    app: &App<LocalHost>,
    download: &Download,
    loggers: &[Logger],
) -> Result<(), Failure> {
    let Some(zone) = download.zone.as_deref().filter(|_| download.allow_clock_write) else { return Ok(()) };
    let needs = |logger: &&Logger| {
        DeviceName::of_logger(&logger.family, &logger.label).is_some_and(DeviceName::needs_clock_write)
    };
    for logger in loggers.iter().filter(needs) {
        app.allow_clock_write(logger.id, zone).await?;
        eprintln!(
            "{}: its clock may be set from now on; `firn logger clock` shows and forgets that",
            logger.label
        );
    }
    Ok(())
}

fn tell_outcome(output: &mut Output, shipment: Id, outcome: &Outcome) -> Result<(), Failure> {
    let Logger { id, label, .. } = &outcome.logger;
    match &outcome.result {
        Ok(done) => {
            let taken = Taken::of(shipment, &outcome.logger, done);
            output.answer(&taken, || taken.words(label))?;
        }
        Err(error) => {
            let failure = Failure::new(error.code(), error.to_string(), error.next_step());
            eprintln!("firn: {label}: {} [{}]\n  next: {}", failure.cause, failure.code, failure.next_step);
            let words = format!("{label}: not read [{}]", failure.code);
            output.answer(&NotTaken { shipment, logger: *id, failure }, || words)?;
        }
    }
    output.flush()
}

/// What a person says beside the logger's name: its password, and that its clock may be set.
fn dialog_options(download: &Download) -> Result<DialogOptions, Failure> {
    let password = match &download.password_file {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| Failure::unreadable(path, &error))?;
            Some(text.lines().next().unwrap_or_default().to_owned())
        }
        None => None,
    };
    let clock_write = match (&download.zone, download.allow_clock_write) {
        (Some(zone), true) => {
            let now = SystemClock::new(firn_host::random_array()?).now().utc;
            ClockWrite::Allowed { offset: Zone::parse(zone)?.offset_at(now) }
        }
        _ => ClockWrite::Forbidden,
    };
    Ok(DialogOptions { clock_write, password, interval_s: None })
}

fn patience_ms(download: &Download) -> u64 {
    download.patience.saturating_mul(1000)
}

fn to_stdout(output: &mut Output, global: &Global, download: &Download, name: &str) -> Result<Exit, Failure> {
    let logger = match DeviceAddress::parse(name) {
        Ok(address) => unknown_logger(address, &download.device),
        Err(_) => enrolled(global, name)?,
    };
    let mut dialog = dialog_of(&logger, &dialog_options(download)?)?;
    opened::wait(async {
        let (radio, clock) = open().await?;
        let device = find(&radio, &clock, &logger, &Keys::default(), patience_ms(download)).await?;
        let mut readings: Vec<Reading> = Vec::new();
        let (mut clock_set, mut session) = (None, None);
        let tell = |event| match event {
            DownloadEvent::Readings(batch) => readings.extend(batch),
            DownloadEvent::ClockSet(set) => clock_set = Some(set),
            DownloadEvent::Raw(bytes) => session = Some(bytes),
            DownloadEvent::Progress(reached) => tell_progress(reached.done, reached.total),
            DownloadEvent::Device(told) => eprintln!("\n{told}"),
            _ => {}
        };
        let options = DownloadOptions { serial: serial_meant(&logger), ..DownloadOptions::default() };
        let done = firn_ble::radio::download(&radio, &clock, &device, dialog.as_mut(), options, tell).await;
        eprintln!();
        readings.sort_by_key(|reading| reading.time);
        for reading in &readings {
            output.json(&ReadingLine::from(reading))?;
        }
        let session = session.map(|bytes| Session::of(clock.now(), &bytes));
        if clock_set.is_some() || session.is_some() {
            output.json(&Beside { clock_set, session })?;
        }
        done.map(|_| Exit::Success).map_err(Failure::from)
    })?
}

fn unknown_logger(address: DeviceAddress, family: &str) -> Logger {
    Logger {
        id: Id::default(),
        family: family.into(),
        label: address.to_string(),
        address: Some(address),
        serial: None,
        interval_s: None,
        accuracy_mc: None,
        certificate: None,
        offset_mc: None,
    }
}

/// One line on stderr that is written over.
fn tell_progress(done: usize, total: Option<usize>) {
    let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
    let mut stderr = std::io::stderr();
    // Progress that cannot be shown is no reason to stop.
    write!(stderr, "\r{done}{of} records").and_then(|()| stderr.flush()).unwrap_or_default();
}

/// A line of its own for each logger, now and then: several cannot write over one.
fn tell_progress_of(logger: &Logger, done: usize, total: Option<usize>) {
    const BETWEEN_LINES: usize = 250;
    if total == Some(done) || done.checked_rem(BETWEEN_LINES) == Some(0) {
        let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
        eprintln!("{}: {done}{of} records", logger.label);
    }
}
