//! `firn sync`: with a peer, or by files that somebody carries.

use crate::arguments::{Global, Sync};
use crate::commands::{peers, profile};
use crate::failure::{Exit, Failure};
use crate::opened;
use crate::output::Output;
use crate::words::counted;
use firn_host::{Incoming, Network, Outgoing};
use firn_model::time::UtcMillis;
use firn_peer::carry::Extent;
use serde::Serialize;
use std::time::Duration;

/// What `firn sync` answers where it was asked for files.
#[derive(Serialize)]
struct Answer<'a> {
    ok: bool,
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    taken: Option<Vec<TakenIn<'a>>>,
    #[serde(rename = "out", skip_serializing_if = "Option::is_none")]
    written: Option<Written<'a>>,
}

/// A file that was taken in, or was not.
#[derive(Serialize)]
struct TakenIn<'a> {
    ok: bool,
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<UtcMillis>,
    received: u64,
    agreed: bool,
    refused: &'a [(String, String)],
    /// The logs with two histories that wait for a person to say which one holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    undecided: Vec<&'a str>,
    #[serde(flatten)]
    failure: Option<Refused>,
}

/// Why.
#[derive(Serialize)]
struct Refused {
    error: String,
    why: String,
    next_step: String,
}

/// A file that was written, or was not.
#[derive(Serialize)]
#[serde(untagged)]
enum Written<'a> {
    Done { file: String, to: &'a [String], entries: u64, bytes: u64 },
    Failed(&'a Failure),
}

/// Exchanges logs; exit status 1 where a log or a file was refused, or a file was not whole. Says of profiles that were
/// published twice.
pub fn sync(output: &mut Output, global: &Global, sync: &Sync) -> Result<Exit, Failure> {
    let exit = exchange(output, global, sync)?;
    profile::tell_set_aside(global)?;
    Ok(exit)
}

fn exchange(output: &mut Output, global: &Global, sync: &Sync) -> Result<Exit, Failure> {
    if let Some(peer) = &sync.peer {
        return peers::sync(output, global, peer);
    }
    if sync.lan {
        return peers::sync_around(output, global, Duration::from_secs(sync.seconds));
    }
    let network = Network::new(opened::to_write(global)?);
    let extent = if sync.whole { Extent::Whole } else { Extent::Lacking };
    let (taken, written) = opened::wait(async {
        let taken = match &sync.taken {
            Some(from) => Some(network.carry_in(from).await?),
            None => None,
        };
        let written = match &sync.written {
            Some(to) => Some(network.carry_out(to, &sync.addressees, extent).await),
            None => None,
        };
        Ok::<_, Failure>((taken, written))
    })??;
    let taken = taken.as_deref();
    let written = written.map(|written| written.map_err(Failure::from));
    match (taken, &written) {
        (None, Some(Err(failure))) => return Err(failure.clone()),
        _ => answer(output, taken, written.as_ref())?,
    }
    Ok(match &written {
        Some(Err(failure)) => failure.exit,
        _ if taken.unwrap_or_default().iter().all(is_whole) => Exit::Success,
        _ => Exit::Wanting,
    })
}

fn is_whole(incoming: &Incoming) -> bool {
    incoming.failure.is_none() && incoming.report.refused.is_empty()
}

fn answer(
    output: &mut Output,
    taken: Option<&[Incoming]>,
    written: Option<&Result<Outgoing, Failure>>,
) -> Result<(), Failure> {
    let whole = taken.unwrap_or_default().iter().all(is_whole);
    let answer = Answer {
        ok: whole && written.is_none_or(Result::is_ok),
        taken: taken.map(|files| files.iter().map(taken_in).collect()),
        written: written.map(|written| written.as_ref().map_or_else(Written::Failed, done)),
    };
    output.answer(&answer, || {
        let mut words: Vec<String> = taken.unwrap_or_default().iter().map(words_in).collect();
        if taken.is_some_and(<[Incoming]>::is_empty) {
            words.push("no file of another device lies there".into());
        }
        words.extend(written.map(words_out));
        words.join("\n")
    })
}

fn done(outgoing: &Outgoing) -> Written<'_> {
    let (file, to) = (outgoing.file.display().to_string(), outgoing.addressees.as_slice());
    Written::Done { file, to, entries: outgoing.entries, bytes: outgoing.bytes }
}

fn taken_in(incoming: &Incoming) -> TakenIn<'_> {
    let report = &incoming.report;
    TakenIn {
        ok: is_whole(incoming),
        file: incoming.file.display().to_string(),
        from: incoming.writer.as_ref().map(|(label, _)| label.as_str()),
        written: incoming.writer.as_ref().map(|(_, written)| *written),
        received: report.received,
        agreed: report.agreed,
        refused: &report.refused,
        undecided: peers::undecided(report),
        failure: incoming.failure.as_ref().map(|error| Refused {
            error: error.code().into(),
            why: error.to_string(),
            next_step: error.next_step().into(),
        }),
    }
}

fn words_in(incoming: &Incoming) -> String {
    let report = &incoming.report;
    let mut words = incoming.file.display().to_string();
    if let Some((label, written)) = &incoming.writer {
        words.push_str(&format!(
            ": written by {label} at {written}; {} received",
            counted(report.received, "entry", "entries")
        ));
        let both = "; both hold the same";
        words.push_str(if report.agreed { both } else { "; it lacked some of what is here" });
    }
    for (log, code) in &report.refused {
        words.push_str(&peers::refused(log, code));
        if code == "sync/hole" {
            words.push_str(": it begins beyond what is held here; ask for a file written with --whole");
        }
    }
    words.push_str(&peers::waiting(&peers::undecided(report), &report.refused));
    if let Some(error) = &incoming.failure {
        words.push('\n');
        words.push_str(&told(&error.to_string(), error.code(), error.next_step()));
    }
    words
}

fn words_out(written: &Result<Outgoing, Failure>) -> String {
    match written {
        Ok(outgoing) => {
            let entries = counted(outgoing.entries, "entry", "entries");
            let (file, bytes, to) = (outgoing.file.display(), outgoing.bytes, outgoing.addressees.join(", "));
            format!("{file}: {entries} in {bytes} bytes, sealed for {to}")
        }
        Err(failure) => told(&failure.cause, &failure.code, &failure.next_step),
    }
}

fn told(cause: &str, code: &str, next_step: &str) -> String {
    format!("{cause} [{code}]\n  next: {next_step}")
}
