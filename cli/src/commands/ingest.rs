//! `firn ingest`: readings from files and recorded downloads into a shipment.

use crate::arguments::{Global, Ingest};
use crate::commands::import;
use crate::commands::shipment::EntryLine;
use crate::failure::{Exit, Failure};
use crate::opened;
use crate::output::Output;
use firn_app::{App, AppError, Incoming, LoggerTold, NewLogger};
use firn_ble::dialog::DialogOptions;
use firn_ble::file::Skipped;
use firn_ble::replay::Replayed;
use firn_host::LocalHost;
use firn_model::id::Id;
use firn_model::reading::Reading;
use firn_model::record::{Logger, Session};
use firn_model::time::UtcMillis;
use firn_report::print::text::counted;
use serde::Serialize;
use std::path::Path;

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
    /// How many readings lie more than a year from the shipment's pick-up.
    #[serde(skip_serializing_if = "is_none")]
    far_from_pick_up: usize,
    /// How many readings are of a logger that nobody placed in the shipment, though others are.
    #[serde(skip_serializing_if = "is_none")]
    placed_nowhere: usize,
    /// What was not taken as it stands in the file, and what cannot be right.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    entries: Vec<EntryLine>,
    /// The raw session of a recorded download, where it was kept now.
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<Session>,
}

fn is_none(count: &usize) -> bool {
    *count == 0
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
pub fn run(output: &mut Output, global: &Global, ingest: &Ingest) -> Result<Exit, Failure> {
    let app = opened::to_write(global)?;
    let shipment = opened::wait(app.shipment_named(&ingest.shipment))??;
    let mut read = Vec::new();
    for file in &ingest.files {
        read.push((file, readings(file, ingest, app_now(&app))?));
    }
    for (file, mut taken) in read {
        let origin = file.display().to_string();
        if taken.readings.is_empty() {
            // Before a logger is enrolled for it.
            return Err(AppError::NoReadings(origin).into());
        }
        let logger = logger_of(&app, shipment, file, ingest, &mut taken)?;
        let Taken { readings, skipped, mut notes, session, told, .. } = taken;
        let (count, id) = (readings.len(), logger.id);
        let incoming = Incoming { shipment, logger, readings, origin: origin.clone(), clock_set: None, told };
        let taken = opened::wait(app.ingest(incoming))??;
        notes.extend(taken.notes);
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
            far_from_pick_up: taken.far,
            placed_nowhere: taken.unplaced,
            notes,
            entries: taken.entries.iter().map(EntryLine::from).collect(),
            session,
        };
        for one in &answer.skipped {
            eprintln!("firn: {}: line {} skipped, {}: {}", answer.file, one.line, one.why, one.text);
        }
        for note in &answer.notes {
            eprintln!("firn: {}: {note}", answer.file);
        }
        output.answer(&answer, || match answer.sealed {
            0 => format!("{}: {}, all held already", answer.file, counted(count, "reading", "readings")),
            sealed => {
                let (readings, values) =
                    (counted(count, "reading", "readings"), counted(sealed, "new value", "new values"));
                format!("{}: {readings}, {values} sealed", answer.file)
            }
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
    notes: Vec<String>,
    /// Whether it is a logger's file, and no recorded download.
    is_file: bool,
    /// What the file says of its logger.
    told: LoggerTold,
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
        let (skipped, notes, told) = (Vec::new(), Vec::new(), LoggerTold::default());
        return Ok(Taken { readings, skipped, notes, is_file: false, told, session });
    }
    let file = firn_ble::file::read(&bytes, &import::options(&ingest.written, now)?)?;
    if file.is_only_days() {
        return Err(AppError::OnlyDays(path.display().to_string()).into());
    }
    let readings = file.readings(now);
    let notes = file.reservations();
    let told = LoggerTold { serial: file.device.serial, interval_s: file.interval_s };
    Ok(Taken { readings, skipped: file.skipped, notes, is_file: true, told, session: None })
}

/// The logger that was named; else the one with the file's serial number; else the one labelled like the file,
/// enrolled now if there is none. What was not named is told.
fn logger_of(
    app: &App<LocalHost>,
    shipment: Id,
    file: &Path,
    ingest: &Ingest,
    taken: &mut Taken,
) -> Result<Logger, Failure> {
    if let Some(name) = &ingest.logger {
        return Ok(opened::wait(app.logger(name))??);
    }
    let serial = taken.told.serial.clone();
    if let Some(serial) = &serial
        && let Some(known) = opened::wait(app.logger_of_serial(shipment, serial))??
    {
        taken.notes.push(format!("taken for logger `{}`, which has its serial number {serial}", known.label));
        return Ok(known);
    }
    let label = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    if let Some(known) = opened::wait(app.loggers())??.into_iter().find(|logger| logger.label == label) {
        return Ok(known);
    }
    let of_serial = serial.as_ref().map(|serial| format!(" with serial number {serial}")).unwrap_or_default();
    taken.notes.push(format!("a new logger `{label}`{of_serial} was enrolled for it"));
    let family = if taken.is_file { "file".to_owned() } else { ingest.device.clone() };
    // What this file tells of its interval stands in its readings, and says nothing of another file's.
    let new = NewLogger { family, label, address: None, serial, interval_s: None };
    Ok(opened::wait(app.enrol_logger(new))??)
}
