//! `firn decode`: adverts in, readings out, a line for a line.

use crate::failure::{Exit, Failure};
use crate::output::Output;
use firn_ble::{Keys, decode_line};
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Answers every line of stdin with one line; empty lines are passed over.
pub fn run(output: &mut Output, keys: Option<&Path>) -> Result<Exit, Failure> {
    let keys = match keys {
        Some(path) => {
            Keys::parse(&std::fs::read_to_string(path).map_err(|error| Failure::unreadable(path, &error))?)?
        }
        None => Keys::default(),
    };
    let mut input = BufReader::new(std::io::stdin().lock());
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(|error| Failure::stream(&error))? == 0 {
            return Ok(Exit::Success);
        }
        // What is no UTF-8 is no JSON either: the decoder says so in its answer to this line.
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if !text.is_empty() {
            output.json(&decode_line(text, &keys))?;
        }
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
}
