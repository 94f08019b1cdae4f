//! `firn listen` and `firn download`: loggers nearby, and one logger's memory.

use crate::arguments::{Download, Global};
use crate::commands::replay::ReadingLine;
use crate::failure::{Exit, Failure};
use crate::opened;
use crate::output::Output;
use firn_app::App;
use firn_app::radio::{Reach, find, nearby};
use firn_ble::keys::Keys;
use firn_ble::radio::btleplug::{Bluetooth, Patience};
use firn_ble::radio::{Clock, DownloadEvent, DownloadOptions, Radio, TokioClock};
use firn_ble::replay::DeviceName;
use firn_host::{LocalHost, SystemClock};
use firn_model::api::Nearby;
use firn_model::id::{DeviceAddress, Id};
use firn_model::reading::Reading;
use firn_model::record::Logger;
use serde::Serialize;
use std::io::Write;

/// The machine's Bluetooth and the clock that goes with it.
pub async fn open() -> Result<(Bluetooth<impl Clock>, impl Clock), Failure> {
    let system = SystemClock::new(firn_host::random_array()?);
    let clock = TokioClock(move || system.now().utc);
    Ok((Bluetooth::open(clock.clone(), Patience::default()).await?, clock))
}

/// Prints each advert that a codec reads, until stopped or for so many seconds.
pub fn listen(output: &mut Output, global: &Global, seconds: Option<u64>) -> Result<Exit, Failure> {
    let loggers = known_loggers(global)?;
    opened::wait(async {
        let (radio, clock) = open().await?;
        let mut hearing = radio.scan().await?;
        let keys = Keys::default();
        let mut end = std::pin::pin!(clock.sleep(seconds.map_or(u64::MAX / 2, |s| s.saturating_mul(1000))));
        loop {
            let heard = tokio::select! {
                heard = hearing.next() => heard,
                () = &mut end => return Ok(Exit::Success),
            };
            let Some(heard) = heard else { return Ok(Exit::Success) };
            if let Some(nearby) = nearby(&heard?, &loggers, &keys, clock.now()) {
                output.answer(&nearby, || nearby_line(&nearby, &loggers))?;
                output.flush()?;
            }
        }
    })?
}

fn nearby_line(nearby: &Nearby, loggers: &[Logger]) -> String {
    let enrolled = nearby.logger.and_then(|id| loggers.iter().find(|logger| logger.id == id));
    let name = enrolled.map(|logger| logger.label.as_str()).or(nearby.name.as_deref()).unwrap_or("");
    let temperature = nearby.measurement.temperature.map_or_else(|| "-".into(), |t| format!("{t} °C"));
    let strength = nearby.rssi_dbm.map_or_else(|| "-".into(), |rssi| format!("{rssi} dBm"));
    let identity = nearby.address.map_or_else(|| nearby.transmitter.clone(), |address| address.to_string());
    format!("{}  {}  {temperature}  {strength}  {identity}  {name}", nearby.heard, nearby.family)
}

/// The organisation's loggers, where there is a home.
fn known_loggers(global: &Global) -> Result<Vec<Logger>, Failure> {
    match LocalHost::open_to_read(&opened::folder(global)?) {
        Ok(host) => Ok(opened::wait(App::new(std::sync::Arc::new(host)).loggers())??),
        Err(error) if error.code() == "home/missing" => Ok(Vec::new()),
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
}

/// Reads a logger's memory into a shipment, or prints it.
pub fn download(output: &mut Output, global: &Global, download: &Download) -> Result<Exit, Failure> {
    match &download.shipment {
        Some(shipment) => into_shipment(output, global, download, shipment),
        None => to_stdout(output, global, download),
    }
}

fn into_shipment(
    output: &mut Output,
    global: &Global,
    download: &Download,
    shipment: &str,
) -> Result<Exit, Failure> {
    let app = opened::to_write(global)?;
    opened::wait(async {
        let shipment = app.shipment_named(shipment).await?;
        let logger = app.logger(&download.logger).await?;
        let (radio, clock) = open().await?;
        let device = find(&radio, &clock, &logger, download.patience.saturating_mul(1000)).await?;
        let reach = Reach { device, logger: logger.clone() };
        let done = app.download(&radio, &clock, shipment, reach, tell_progress).await?;
        eprintln!();
        let (readings, sealed) = (done.summary.readings, done.sealed);
        let taken = Taken { ok: true, shipment, logger: logger.id, readings, sealed };
        output.answer(&taken, || {
            format!("{}: {readings} readings, {sealed} new values sealed", logger.label)
        })?;
        Ok(Exit::Success)
    })?
}

fn to_stdout(output: &mut Output, global: &Global, download: &Download) -> Result<Exit, Failure> {
    let logger = match DeviceAddress::parse(&download.logger) {
        Ok(address) => unknown_logger(address, &download.device),
        Err(_) => named(&download.logger, known_loggers(global)?)?,
    };
    let mut dialog = logger.family.parse::<DeviceName>()?.dialog();
    opened::wait(async {
        let (radio, clock) = open().await?;
        let device = find(&radio, &clock, &logger, download.patience.saturating_mul(1000)).await?;
        let mut readings: Vec<Reading> = Vec::new();
        let tell = |event| match event {
            DownloadEvent::Readings(batch) => readings.extend(batch),
            DownloadEvent::Progress(reached) => tell_progress(reached.done, reached.total),
            _ => {}
        };
        let options = DownloadOptions::default();
        let done = firn_ble::radio::download(&radio, &clock, &device, dialog.as_mut(), options, tell).await;
        eprintln!();
        readings.sort_by_key(|reading| reading.time);
        for reading in &readings {
            output.json(&ReadingLine::from(reading))?;
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
    }
}

fn named(name: &str, loggers: Vec<Logger>) -> Result<Logger, Failure> {
    let is = |logger: &Logger| {
        logger.label == name || logger.id.has_prefix(name) || logger.serial.as_deref() == Some(name)
    };
    loggers.into_iter().find(is).ok_or_else(|| {
        Failure::new(
            "app/not-found",
            format!("no logger is called `{name}`"),
            "name an enrolled logger by its label, or give its Bluetooth address",
        )
    })
}

/// One line on stderr that is written over.
fn tell_progress(done: usize, total: Option<usize>) {
    let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
    let mut stderr = std::io::stderr();
    // Progress that cannot be shown is no reason to stop.
    write!(stderr, "\r{done}{of} records").and_then(|()| stderr.flush()).unwrap_or_default();
}
