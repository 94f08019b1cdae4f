//! A program that uses the machine's Bluetooth as Firn does, for tests to run on a rig of their own.
//!
//! `radio-client listen MILLISECONDS` prints each advert it hears as a line of JSON;
//! `radio-client download ADDRESS [KIND]` prints the readings of that logger's log (a RuuviTag's unless its
//! kind is named), then a summary; a logger that wants one is told the password `secret12`, and its clock may
//! be set. An error is the last line, `{"error":CODE}`, with exit code 1. `FIRN_PATIENCE_MS` shortens all waits for the system.
#![allow(clippy::disallowed_methods, reason = "a composition root: it reads the clock and prints")]

use data_encoding::HEXLOWER;
use firn_ble::dialog::{ClockWrite, DeviceName, Dialog, DialogOptions};
use firn_ble::radio::btleplug::{Bluetooth, Patience};
use firn_ble::radio::{
    Clock, DeviceId, DownloadError, DownloadEvent, DownloadOptions, Radio, RadioError, TokioClock, download,
};
use firn_ble::{Keys, decode};
use firn_model::time::{UtcMillis, UtcOffset};
use serde_json::{Value, json};
use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn now() -> UtcMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UtcMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Prints a line at once: whoever reads it may wait for it.
fn say(line: &Value) {
    let mut output = std::io::stdout().lock();
    if writeln!(output, "{line}").and_then(|()| output.flush()).is_err() {
        std::process::exit(2);
    }
}

fn patience() -> Patience {
    let set = std::env::var("FIRN_PATIENCE_MS").ok().and_then(|text| text.parse().ok());
    match set.map(Duration::from_millis) {
        Some(limit) => Patience { answer: limit, connection: limit.saturating_mul(4), between_signs: limit },
        None => Patience::default(),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["listen", milliseconds] => listen(milliseconds.parse().unwrap_or(0)).await,
        ["download", address] => fetch(address, DeviceName::RuuviTag).await,
        ["download", address, kind] if kind.parse::<DeviceName>().is_ok() => {
            fetch(address, kind.parse().unwrap_or(DeviceName::RuuviTag)).await
        }
        _ => {
            eprintln!("usage: radio-client listen MILLISECONDS | download ADDRESS [KIND]");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&json!({ "error": error.code(), "why": error.to_string(), "next_step": error.next_step() }));
            ExitCode::from(1)
        }
    }
}

async fn listen(milliseconds: u64) -> Result<(), DownloadError> {
    let clock = TokioClock(now);
    let radio = Bluetooth::open(clock.clone(), patience()).await?;
    let mut hearing = radio.scan().await?;
    let until = clock.sleep(milliseconds);
    tokio::pin!(until);
    loop {
        let heard = tokio::select! {
            heard = hearing.next() => heard,
            () = &mut until => return Ok(()),
        };
        let Some(heard) = heard else { return Ok(()) };
        let heard = heard?;
        let readings = decode(&heard.advert, &Keys::default()).map(|decoded| decoded.readings).ok();
        say(&json!({
            "device": heard.device.to_string(),
            "address": heard.advert.address,
            "name": heard.advert.name,
            "rssi_dbm": heard.rssi_dbm,
            "time_ms": heard.advert.time.map(|time| time.0),
            "readings": readings,
        }));
    }
}

/// Listens until `address` is heard, and stops listening: a scan slows a transfer down.
async fn find(radio: &impl Radio, address: &str) -> Result<DeviceId, RadioError> {
    let mut hearing = radio.scan().await?;
    while let Some(heard) = hearing.next().await {
        let heard = heard?;
        if heard.advert.address.is_some_and(|known| known.to_string() == address) {
            return Ok(heard.device);
        }
    }
    Err(RadioError::AdapterSilent)
}

/// A download of a logger that records once a minute, by a person who has allowed all it may want.
fn dialog(kind: DeviceName) -> Box<dyn Dialog + Send> {
    kind.dialog_with(&DialogOptions {
        clock_write: ClockWrite::Allowed { offset: UtcOffset(3600) },
        password: Some("secret12".into()),
        interval_s: Some(60),
    })
}

async fn fetch(address: &str, kind: DeviceName) -> Result<(), DownloadError> {
    let clock = TokioClock(now);
    let radio = Bluetooth::open(clock.clone(), patience()).await?;
    let device = find(&radio, address).await?;
    let mut dialog = dialog(kind);
    let (mut live, mut interruptions) = (0_u32, 0_u32);
    let options = DownloadOptions { pause_ms: 50, ..DownloadOptions::default() };
    let tell = |event| match event {
        DownloadEvent::Readings(batch) => {
            for reading in batch {
                say(&json!({
                    "time_ms": reading.time.0,
                    "measurement": reading.measurement,
                    "raw": HEXLOWER.encode(&reading.raw),
                }));
            }
        }
        DownloadEvent::Live(_) => live = live.saturating_add(1),
        DownloadEvent::Interrupted(error) => {
            interruptions = interruptions.saturating_add(1);
            eprintln!("interrupted: {error}");
        }
        _ => {}
    };
    let summary = download(&radio, &clock, &device, dialog.as_mut(), options, tell).await?;
    say(&json!({
        "readings": summary.readings,
        "repeated": summary.repeated,
        "incomplete": summary.incomplete,
        "whole": summary.coverage == firn_ble::dialog::Coverage::Whole,
        "requests": summary.requests.len(),
        "live": live,
        "interruptions": interruptions,
    }));
    Ok(())
}
