//! What a command prints: one JSON value, or words for a person.

use crate::failure::{Exit, Failure};
use crate::words::visible_lines;
use serde::Serialize;
use std::io::{BufWriter, Stdout, Write};

/// Where a command's answer goes.
pub struct Output {
    json: bool,
    stdout: BufWriter<Stdout>,
}

impl Output {
    /// Writes to stdout, as JSON or as words.
    pub fn new(json: bool) -> Self {
        Self { json, stdout: BufWriter::new(std::io::stdout()) }
    }

    /// Prints the answer: `value` as one line of JSON, or `words` for a person.
    pub fn answer(&mut self, value: &impl Serialize, words: impl FnOnce() -> String) -> Result<(), Failure> {
        if self.json {
            self.json(value)
        } else {
            let words = words();
            self.line(visible_lines(words.trim_end()).as_str())
        }
    }

    /// Prints one line of JSON whatever was asked for.
    pub fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(value).map_err(|error| {
            Failure::new("cli/output", error.to_string(), "report this as a mistake in Firn")
        })?;
        self.line(&text)
    }

    /// Prints one line.
    pub fn line(&mut self, text: &str) -> Result<(), Failure> {
        writeln!(self.stdout, "{text}").map_err(|error| Failure::stream(&error))
    }

    /// Sends on what was printed so far.
    pub fn flush(&mut self) -> Result<(), Failure> {
        self.stdout.flush().map_err(|error| Failure::stream(&error))
    }

    /// Reports how the command ended and gives its exit status.
    pub fn finish(mut self, result: Result<Exit, Failure>) -> Exit {
        let result = result.and_then(|exit| self.flush().map(|()| exit));
        match result {
            Ok(exit) => exit,
            // Whoever read our output has enough of it.
            Err(failure) if failure.code == "cli/stream" && failure.cause.contains("Broken pipe") => {
                Exit::Success
            }
            Err(failure) => {
                let told =
                    format!("firn: {} [{}]\n  next: {}", failure.cause, failure.code, failure.next_step);
                eprintln!("{}", visible_lines(&told));
                if self.json {
                    // The failure was told on stderr already; a closed stdout changes nothing about it.
                    drop(self.json(&failure).and_then(|()| self.flush()));
                }
                failure.exit
            }
        }
    }
}
