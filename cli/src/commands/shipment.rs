//! `firn shipment` and `firn ingest`: a shipment's life and its readings.

use crate::arguments::{DecisionArgument, Global, Ingest, Shipment};
use crate::commands::{import, profile};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::{item, opened, words};
use firn_app::{App, AppError, Appended, Incoming, NewLogger, NewShipment, Receipt, Start};
use firn_ble::dialog::DialogOptions;
use firn_ble::file::Skipped;
use firn_ble::replay::Replayed;
use firn_host::LocalHost;
use firn_model::id::Id;
use firn_model::reading::Reading;
use firn_model::record::{Decision, Logger, Placement, Session};
use firn_model::time::{LocalInstant, UtcMillis};
use serde::Serialize;
use std::path::Path;

/// What a step of a shipment's life answers.
#[derive(Serialize)]
struct Step {
    ok: bool,
    shipment: Id,
    entries: Vec<EntryLine>,
}

#[derive(Serialize)]
struct EntryLine {
    log: String,
    sequence: u64,
    leaf: String,
}

impl From<&Appended> for EntryLine {
    fn from(entry: &Appended) -> Self {
        let hexadecimal = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
        Self {
            log: hexadecimal(&entry.reference.log),
            sequence: entry.sequence,
            leaf: hexadecimal(&entry.reference.leaf),
        }
    }
}

/// One step of a shipment's life, a list, or one shipment.
pub fn run(output: &mut Output, global: &Global, command: &Shipment) -> Result<Exit, Failure> {
    match command {
        Shipment::New { reference, profile, from, to, items } => {
            let new = NewShipment {
                reference: reference.clone(),
                profile: profile::named(profile)?,
                from: from.clone(),
                to: to.clone(),
                items: items.iter().map(|text| item::parse(text)).collect::<Result<_, _>>()?,
            };
            let app = opened::to_write(global)?;
            let id = opened::wait(app.create_shipment(new))??;
            output.answer(&serde_json::json!({ "ok": true, "shipment": id }), || id.to_string())?;
        }
        Shipment::List => list(output, global)?,
        Shipment::Show { shipment } => show(output, global, shipment)?,
        Shipment::Start { shipment, loggers, packages, at } => {
            let at = instant(at.as_deref())?;
            let app = opened::to_write(global)?;
            let id = opened::wait(app.shipment_named(shipment))??;
            let placements = placements(&app, loggers, packages)?;
            let entries = opened::wait(app.start_shipment(Start { shipment: id, placements, at }))??;
            told(output, id, &entries, "picked up: readings count from here on")?;
        }
        Shipment::Receive { shipment, at, note } => {
            let at = instant(at.as_deref())?;
            let app = opened::to_write(global)?;
            let id = opened::wait(app.shipment_named(shipment))??;
            let receipt = Receipt { shipment: id, at, note: note.clone() };
            let entries = opened::wait(app.receive_shipment(receipt))??;
            told(output, id, &entries, "received: readings no longer count")?;
        }
        Shipment::Handover { shipment } => {
            let app = opened::to_write(global)?;
            let id = opened::wait(app.shipment_named(shipment))??;
            let (step, entries) = opened::wait(app.hand_over(id))??;
            told(output, id, &entries, words::custody(step))?;
        }
        Shipment::Dispose { shipment, decision, reason } => {
            let app = opened::to_write(global)?;
            let id = opened::wait(app.shipment_named(shipment))??;
            let decision = match decision {
                DecisionArgument::Release => Decision::Release,
                DecisionArgument::ReleaseInPart => Decision::ReleaseInPart,
                DecisionArgument::Reject => Decision::Reject,
            };
            let entries = opened::wait(app.dispose_shipment(id, decision, reason.clone()))??;
            told(output, id, &entries, "decided")?;
        }
        Shipment::Close { shipment, reason } => {
            let app = opened::to_write(global)?;
            let id = opened::wait(app.shipment_named(shipment))??;
            let entries = opened::wait(app.close_shipment(id, reason.clone()))??;
            told(output, id, &entries, "record closed")?;
        }
    }
    Ok(Exit::Success)
}

fn told(output: &mut Output, shipment: Id, entries: &[Appended], words: &str) -> Result<(), Failure> {
    let step = Step { ok: true, shipment, entries: entries.iter().map(EntryLine::from).collect() };
    output.answer(&step, || format!("{shipment}  {words}"))
}

fn list(output: &mut Output, global: &Global) -> Result<(), Failure> {
    let app = opened::to_read(global)?;
    let shipments = opened::wait(app.shipments())??;
    output.answer(&shipments, || match shipments.is_empty() {
        true => "no shipments yet; create one with `firn shipment new REFERENCE`".into(),
        false => shipments.iter().map(words::shipment_line).collect(),
    })
}

fn show(output: &mut Output, global: &Global, shipment: &str) -> Result<(), Failure> {
    let app = opened::to_read(global)?;
    let id = opened::wait(app.shipment_named(shipment))??;
    let detail = opened::wait(app.shipment(id))??;
    output.answer(&detail, || words::shipment(&detail))
}

fn instant(text: Option<&str>) -> Result<Option<UtcMillis>, Failure> {
    text.map(|text| LocalInstant::parse(text).map(|instant| instant.at))
        .transpose()
        .map_err(|error| Failure::new("cli/time", error.to_string(), "write it as 2026-11-22T09:30:00+01:00"))
}

/// Every logger that was named, by itself or with its package.
fn placements(
    app: &App<LocalHost>,
    loggers: &[String],
    packages: &[String],
) -> Result<Vec<Placement>, Failure> {
    let mut placements: Vec<Placement> = Vec::new();
    let alone = loggers.iter().map(|name| Ok((name.as_str(), None)));
    for named in alone.chain(packages.iter().map(|text| packed(text))) {
        let (name, package) = named?;
        let logger = opened::wait(app.logger(name))??.id;
        match placements.iter_mut().find(|placement| placement.logger == logger) {
            Some(known) => known.package = package.or_else(|| known.package.take()),
            None => placements.push(Placement { logger, package, from: None, to: None }),
        }
    }
    Ok(placements)
}

fn packed(text: &str) -> Result<(&str, Option<String>), Failure> {
    let (logger, package) = text.split_once('=').ok_or_else(|| {
        Failure::new("cli/package", format!("`{text}` is no LOGGER=PACKAGE"), "write LOGGER=PACKAGE")
    })?;
    Ok((logger.trim(), Some(package.to_owned())))
}

/// What `firn ingest` answers for one file.
#[derive(Serialize)]
struct FileTaken {
    ok: bool,
    shipment: Id,
    file: String,
    logger: Id,
    readings: usize,
    sealed: usize,
    skipped: Vec<SkippedLine>,
    entries: Vec<EntryLine>,
    /// The raw session of a recorded download, where it was kept now.
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<Session>,
}

/// A line of a file that gives no reading.
#[derive(Serialize)]
struct SkippedLine {
    line: u32,
    text: String,
    why: String,
}

impl From<&Skipped> for SkippedLine {
    fn from(skipped: &Skipped) -> Self {
        Self { line: skipped.line, text: skipped.text.clone(), why: skipped.why.clone() }
    }
}

/// Takes every file's readings into a shipment; the first file that cannot be read ends it.
pub fn ingest(output: &mut Output, global: &Global, ingest: &Ingest) -> Result<Exit, Failure> {
    let app = opened::to_write(global)?;
    let shipment = opened::wait(app.shipment_named(&ingest.shipment))??;
    let mut read = Vec::new();
    for file in &ingest.files {
        read.push((file, readings(file, ingest, app_now(&app))?));
    }
    for (file, taken) in read {
        let origin = file.display().to_string();
        if taken.readings.is_empty() {
            // Before a logger is enrolled for it.
            return Err(AppError::NoReadings(origin).into());
        }
        let logger = logger_of(&app, file, ingest, &taken)?;
        let Taken { readings, skipped, session, .. } = taken;
        let (count, id) = (readings.len(), logger.id);
        let incoming = Incoming { shipment, logger, readings, origin: origin.clone(), clock_set: None };
        let taken = opened::wait(app.ingest(incoming))??;
        let session = match session {
            Some(bytes) => opened::wait(app.keep_session(shipment, id, &bytes))??,
            None => None,
        };
        let answer = FileTaken {
            ok: true,
            shipment,
            file: origin,
            logger: id,
            readings: count,
            sealed: taken.sealed,
            skipped: skipped.iter().map(SkippedLine::from).collect(),
            entries: taken.entries.iter().map(EntryLine::from).collect(),
            session,
        };
        for one in &answer.skipped {
            eprintln!("firn: {}: line {} skipped, {}: {}", answer.file, one.line, one.why, one.text);
        }
        output.answer(&answer, || match answer.sealed {
            0 => format!("{}: {count} readings, all held already", answer.file),
            sealed => format!("{}: {count} readings, {sealed} new values sealed", answer.file),
        })?;
    }
    Ok(Exit::Success)
}

fn app_now(app: &App<LocalHost>) -> UtcMillis {
    firn_app::Host::now(app.host()).utc
}

/// What a file gives for a shipment.
struct Taken {
    readings: Vec<Reading>,
    /// The lines that give no reading.
    skipped: Vec<Skipped>,
    /// What the file says of its logger; absent for a recorded download.
    file: Option<(Option<String>, Option<u32>)>,
    /// What the logger sent in a form that is not public.
    session: Option<Vec<u8>>,
}

/// The readings of a recorded download (JSON lines) or of a logger's file.
fn readings(path: &Path, ingest: &Ingest, now: UtcMillis) -> Result<Taken, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::unreadable(path, &error))?;
    let first = bytes.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(b'{') {
        let text = String::from_utf8_lossy(&bytes);
        let options = DialogOptions::default();
        let Replayed { readings, session, .. } =
            firn_ble::replay::replay_with(ingest.device.parse()?, &options, text.lines())?;
        return Ok(Taken { readings, skipped: Vec::new(), file: None, session });
    }
    let file = firn_ble::file::read(&bytes, &import::options(&ingest.written)?)?;
    let readings = file.readings(now);
    let facts = (file.device.serial, file.interval_s);
    Ok(Taken { readings, skipped: file.skipped, file: Some(facts), session: None })
}

/// The logger that was named; else the one labelled like the file, enrolled now if there is none.
fn logger_of(app: &App<LocalHost>, file: &Path, ingest: &Ingest, taken: &Taken) -> Result<Logger, Failure> {
    if let Some(name) = &ingest.logger {
        return Ok(opened::wait(app.logger(name))??);
    }
    let label = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    if let Some(known) = opened::wait(app.loggers())??.into_iter().find(|logger| logger.label == label) {
        return Ok(known);
    }
    let family = if taken.file.is_some() { "file".to_owned() } else { ingest.device.clone() };
    let (serial, interval_s) = taken.file.clone().unwrap_or_default();
    let new = NewLogger { family, label, address: None, serial, interval_s };
    Ok(opened::wait(app.enrol_logger(new))??)
}
