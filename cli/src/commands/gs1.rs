//! `firn gs1`: scanned texts in, application identifiers out, a line for a line.

use crate::arguments::Gs1;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use firn_model::gs1::{Element, Fault, Meaning, Scan, ScanError, ShortGtins, read_with};
use serde::Serialize;

/// What a text that was read answers.
#[derive(Serialize)]
struct Taken {
    ok: bool,
    #[serde(flatten)]
    scan: Scan,
    meaning: Vec<Meaning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

/// What a text that was refused answers.
#[derive(Serialize)]
struct Refused {
    #[serde(flatten)]
    failure: Failure,
    /// What the letter of the standard reads, where the fault lies in how that fits together.
    #[serde(rename = "ai", skip_serializing_if = "Vec::is_empty")]
    read: Vec<Element>,
    /// The text can be read in more than one way: `ai` is the letter of the standard, and no more than that.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    ambiguous: bool,
}

/// Reads one text, or every line of a file; the answer is JSON either way.
pub fn run(output: &mut Output, arguments: &Gs1) -> Result<Exit, Failure> {
    let this_year = this_year()?;
    if let Some(path) = &arguments.file {
        let bytes = std::fs::read(path).map_err(|error| Failure::unreadable(path, &error))?;
        for line in String::from_utf8_lossy(&bytes).lines() {
            // A refused line is an answer, not the end: the others are answered too.
            answer(output, line, arguments, this_year)?;
        }
        return Ok(Exit::Success);
    }
    let text = arguments.text.as_deref().unwrap_or_default();
    Ok(match answer(output, text, arguments, this_year)? {
        None => Exit::Success,
        Some(error) => {
            eprintln!("firn: {error} [{}]\n  next: {}", error.code(), error.next_step());
            Exit::Unusable
        }
    })
}

fn answer(
    output: &mut Output,
    text: &str,
    arguments: &Gs1,
    this_year: u16,
) -> Result<Option<ScanError>, Failure> {
    let short = if arguments.short_gtins { ShortGtins::Filled } else { ShortGtins::Refused };
    match read_with(text, short) {
        Ok(scan) => {
            let meaning = scan.meanings(this_year);
            let link = arguments.link.as_ref().and_then(|stem| scan.digital_link(stem));
            output.json(&Taken { ok: true, scan, meaning, link })?;
            Ok(None)
        }
        Err(error) => {
            let ambiguous = error.fault == Fault::Ambiguous;
            output.json(&Refused { failure: error.clone().into(), read: error.read.clone(), ambiguous })?;
            Ok(Some(error))
        }
    }
}

/// The year by this device's clock, which decides the century of two-digit years.
fn this_year() -> Result<u16, Failure> {
    let now = firn_host::SystemClock::new(firn_host::random_array()?).now().utc.to_rfc3339();
    let year = now.split('-').next().and_then(|year| year.parse().ok());
    year.ok_or_else(|| {
        Failure::new("cli/clock", format!("this device's clock says {now}"), "set the clock of this device")
    })
}
