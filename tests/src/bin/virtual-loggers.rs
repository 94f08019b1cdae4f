//! Plays virtual RuuviTags for the rig's virtual radio, so that their bytes have one source.
//!
//! `virtual-loggers COUNT SAMPLES JOURNAL` answers each line of its input with one line: packets in
//! hexadecimal, with spaces between them. `address N`, `advert N` (with the scan response), `heartbeat N`,
//! and `write N BYTES`, which it also notes in the file JOURNAL with the time.
#![allow(clippy::disallowed_methods, reason = "a composition root: it reads the clock and prints")]

use data_encoding::HEXLOWER;
use firn_ble::virtual_logger::VirtualRuuviTag;
use firn_model::time::UtcMillis;
use firn_tests::kernel_bluetooth::fleet::{air_packets, tag};
use std::fs::File;
use std::io::{BufRead, Error, Write};
use std::time::{SystemTime, UNIX_EPOCH};

fn now() -> UtcMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UtcMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

struct Fleet {
    tags: Vec<VirtualRuuviTag>,
    journal: File,
}

impl Fleet {
    fn open(arguments: &[String]) -> Result<Self, Error> {
        let [count, samples, journal] = arguments else {
            return Err(Error::other("usage: virtual-loggers COUNT SAMPLES JOURNAL"));
        };
        let count: u8 = count.parse().map_err(Error::other)?;
        let samples = samples.parse().map_err(Error::other)?;
        Ok(Self {
            tags: (0..count).map(|number| tag(number, samples)).collect(),
            journal: File::create(journal)?,
        })
    }

    /// The packets that answer one question at `at`.
    fn packets(&mut self, question: &str, at: UtcMillis) -> Result<Vec<Vec<u8>>, Error> {
        let words: Vec<&str> = question.split(' ').collect();
        let number: usize = words.get(1).unwrap_or(&"").parse().map_err(Error::other)?;
        let tag = self.tags.get(number).ok_or_else(|| Error::other("there is no such logger"))?;
        match words.as_slice() {
            ["address", _] => Ok(vec![tag.address.0.to_vec()]),
            ["advert", _] => Ok(air_packets(tag, at).to_vec()),
            ["heartbeat", _] => Ok(vec![tag.heartbeat(at).to_vec()]),
            ["write", _, bytes] => {
                writeln!(self.journal, "{} {bytes}", at.0)?;
                let bytes = HEXLOWER.decode(bytes.as_bytes()).map_err(Error::other)?;
                Ok(tag.answer(&bytes, at))
            }
            _ => Err(Error::other(format!("no question: {question}"))),
        }
    }
}

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut fleet = Fleet::open(&arguments)?;
    let mut output = std::io::stdout().lock();
    for question in std::io::stdin().lock().lines() {
        let packets = fleet.packets(&question?, now())?;
        let line: Vec<String> = packets.iter().map(|packet| HEXLOWER.encode(packet)).collect();
        writeln!(output, "{}", line.join(" "))?;
        output.flush()?;
    }
    Ok(())
}
