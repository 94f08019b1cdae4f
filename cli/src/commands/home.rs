//! `firn init`, `firn id`, `firn logger`: a home, who it is, and its loggers.

use crate::arguments::{EndingArgument, Global, Init, Logger};
use crate::commands::calibration;
use crate::failure::{Exit, Failure};
use crate::opened;
use crate::output::Output;
use crate::words::visible;
use firn_app::{App, ClockLeave, Founding, NewLogger};
use firn_ble::keys::BindKey;
use firn_host::LocalHost;
use firn_model::api::EndedLogger;
use firn_model::id::{DeviceAddress, Id};
use firn_model::logger_warning::LoggerWarningView;
use firn_model::record::{Ending, Logger as Enrolled};
use firn_model::time::UtcMillis;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;

/// Makes a home and prints who it is.
pub fn init(output: &mut Output, global: &Global, init: &Init) -> Result<Exit, Failure> {
    let founding = Founding { organisation: init.organisation.clone(), device: init.device.clone() };
    let path = opened::folder(global)?;
    if path.join("format").exists() {
        return Err(firn_host::HomeError::Exists(path).into());
    }
    let sealing = opened::sealing(global)?;
    let host = match init.root_passphrase_file.as_deref() {
        None => LocalHost::found(&path, &founding, &sealing)?,
        file => {
            let root = opened::passphrase_of_root(global, file)?;
            LocalHost::found_with_root(&path, &founding, &sealing, &root)?
        }
    };
    say_who(output, &App::new(Arc::new(host)))
}

/// Prints who this home is.
pub fn id(output: &mut Output, global: &Global) -> Result<Exit, Failure> {
    say_who(output, &opened::to_read(global)?)
}

pub fn say_who(output: &mut Output, app: &App<LocalHost>) -> Result<Exit, Failure> {
    let who = opened::wait(app.organisation())??;
    output.answer(&who, || {
        format!(
            "organisation  {}\nfingerprint   {}\ndevice        {} ({})\nlog           {}{}\nhome          {}",
            who.name,
            who.fingerprint,
            who.device,
            crate::words::role(who.role),
            who.log,
            crate::words::own_log(&who),
            app.host().path().display()
        )
    })?;
    Ok(Exit::Success)
}

/// A logger that was enrolled, with what it is warned of.
#[derive(Serialize)]
struct Added {
    #[serde(flatten)]
    logger: Enrolled,
    warnings: Vec<LoggerWarningView>,
}

/// Enrols a logger, or lists them.
pub fn logger(output: &mut Output, global: &Global, command: &Logger) -> Result<Exit, Failure> {
    match command {
        Logger::Add { label, family, address, serial, interval, bind_key_file } => {
            let new = NewLogger {
                family: family.clone(),
                label: label.clone(),
                address: address.as_deref().map(parse_address).transpose()?,
                serial: serial.clone(),
                interval_s: *interval,
            };
            // A key that cannot be read enrols nothing.
            let key = bind_key_file.as_deref().map(bind_key).transpose()?;
            let (app, sealing) = opened::to_write_and_seal(global)?;
            let logger = opened::wait(async {
                let logger = app.enrol_logger(new).await?;
                if let Some(key) = key {
                    app.shared_host().keep_logger_key(&logger, key, &sealing).await?;
                }
                Ok::<_, Failure>(logger)
            })??;
            let added = Added { warnings: calibration::warn(&logger), logger };
            let Enrolled { id, family, label, .. } = &added.logger;
            output.answer(&added, || format!("{id}  {family}  {label}"))?;
        }
        Logger::Key { logger, bind_key_file, .. } => {
            enter_key(output, global, logger, bind_key_file.as_deref())?;
        }
        Logger::Clock { logger, zone, forget } => {
            let leave = clock_leave(global, logger, zone.as_deref(), *forget)?;
            output.answer(&leave, || leave.words())?;
        }
        Logger::End { logger, ending, reason } => {
            let ending = match ending {
                EndingArgument::Lost => Ending::Lost,
                EndingArgument::Faulty => Ending::Faulty,
                EndingArgument::Retired => Ending::Retired,
            };
            let app = opened::to_write(global)?;
            let logger = opened::wait(app.logger(logger))??;
            opened::wait(app.end_logger(logger.id, ending, reason.clone()))??;
            let answer = serde_json::json!({ "ok": true, "logger": logger.id, "ending": ending });
            output.answer(&answer, || format!("{}: ended; it travels no more", logger.label))?;
        }
        Logger::Calibrated(arguments) => calibration::record(output, global, arguments)?,
        Logger::Show { logger } => calibration::show(output, global, logger)?,
        Logger::List => {
            let app = opened::to_read(global)?;
            let loggers = listed(&app)?;
            output.answer(&loggers, || {
                let line = |one: &Listed| {
                    let Enrolled { id, family, label, .. } = &one.logger;
                    let ended = one.ended.as_ref().map(|ended| {
                        format!("  ended as {} at {}: {}", ended.ending.words(), ended.at, ended.reason)
                    });
                    format!("{id}  {family}  {}{}\n", visible(label), visible(&ended.unwrap_or_default()))
                };
                match loggers.is_empty() {
                    true => "no loggers yet; enrol one with `firn logger add --label …`".into(),
                    false => loggers.iter().map(line).collect(),
                }
            })?;
        }
    }
    Ok(Exit::Success)
}

/// A logger of the list.
#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    logger: Enrolled,
    /// How it ended, where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<EndedLogger>,
}

fn listed(app: &App<LocalHost>) -> Result<Vec<Listed>, Failure> {
    let organisation = opened::wait(app.organisation_story())??;
    let ever = UtcMillis(i64::MAX);
    let listed = |logger: Enrolled| {
        let ended = organisation.ending_shown(logger.id, ever);
        Listed { logger, ended }
    };
    Ok(opened::wait(app.loggers())??.into_iter().map(listed).collect())
}

/// What `firn logger clock` answers.
#[derive(Serialize)]
struct ClockAnswer {
    ok: bool,
    logger: Id,
    #[serde(skip)]
    label: String,
    /// The leave to set its clock on this device; null without one.
    clock_leave: Option<ClockLeave>,
}

impl ClockAnswer {
    fn words(&self) -> String {
        match &self.clock_leave {
            Some(ClockLeave { zone, given }) => format!(
                "{}: this device may set its clock to the local time of {zone}, where it hands over nothing \
                 before that; allowed at {given}",
                self.label
            ),
            None => format!("{}: this device may not set its clock", self.label),
        }
    }
}

/// Gives, forgets or looks up the leave to set a logger's clock.
fn clock_leave(
    global: &Global,
    name: &str,
    zone: Option<&str>,
    forget: bool,
) -> Result<ClockAnswer, Failure> {
    let app = if zone.is_some() || forget { opened::to_write(global)? } else { opened::to_read(global)? };
    opened::wait(async {
        let logger = app.logger(name).await?;
        if let Some(zone) = zone {
            app.allow_clock_write(logger.id, zone).await?;
        }
        if forget {
            app.forget_clock_leave(logger.id).await?;
        }
        let clock_leave = app.clock_leave(logger.id).await?;
        Ok(ClockAnswer { ok: true, logger: logger.id, label: logger.label, clock_leave })
    })?
}

fn parse_address(text: &str) -> Result<DeviceAddress, Failure> {
    DeviceAddress::parse(text).map_err(|error| {
        Failure::new("cli/address", format!("`{text}`: {error}"), "write it as AA:BB:CC:DD:EE:FF")
    })
}

/// Keeps the key in the file, or forgets it without one.
fn enter_key(output: &mut Output, global: &Global, name: &str, file: Option<&Path>) -> Result<(), Failure> {
    let key = file.map(bind_key).transpose()?;
    let (app, sealing) = opened::to_write_and_seal(global)?;
    let logger = opened::wait(app.logger(name))??;
    match key {
        Some(key) => opened::wait(app.shared_host().keep_logger_key(&logger, key, &sealing))??,
        None => app.host().forget_logger_key(&logger.id, &sealing)?,
    }
    let what = if key.is_some() { "kept on" } else { "forgotten by" };
    let answer = serde_json::json!({ "ok": true, "logger": logger.id, "key": key.is_some() });
    output.answer(&answer, || format!("{}: its key is {what} this device", logger.label))
}

/// The one key in a file; what stands there is never printed.
fn bind_key(path: &Path) -> Result<BindKey, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::unreadable(path, &error))?;
    BindKey::parse(text.trim()).map_err(|error| {
        Failure::new(
            error.code(),
            format!("{}: {error}", path.display()),
            "copy it from the logger's own app",
        )
    })
}
