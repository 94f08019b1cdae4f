//! What is carried to somebody who cannot answer: what they are known to hold, by their own signed words.

use crate::bytes::LogId;
use crate::entry::Head;
use crate::error::LedgerError;
use crate::seen::{Mark, Seen};

use super::machine::Machine;
use super::message::Held;
use super::{LogSource, Summary};

/// What all of these devices are known to hold, each named by its log: of every log the largest head that the
/// device itself signed or cosigned, and of these the smallest. A log of which one has said nothing is left out.
///
/// A device that was set back since may hold less than it once said.
///
/// # Errors
/// Those of the storage.
pub fn held_by_all(source: &mut dyn LogSource, devices: &[LogId]) -> Result<Vec<Held>, LedgerError> {
    let mut held = Vec::new();
    for head in source.frontier()? {
        let seen = source.seen(&head.log)?;
        held.extend(least(&seen, devices).map(|head| Held { head, mark: Mark::default() }));
    }
    Ok(held)
}

fn least(seen: &Seen, devices: &[LogId]) -> Option<Head> {
    let word = |device: &LogId| match *device == seen.log {
        true => seen.checkpoint.map(|checkpoint| checkpoint.head),
        false => seen.cosigned.get(device).map(|one| one.head),
    };
    let words: Option<Vec<Head>> = devices.iter().map(word).collect();
    words?.into_iter().min_by_key(|head| head.size)
}

impl Machine {
    /// Leaves out what the readers hold already: for [`super::Side::Writer`], before it is asked the first time.
    #[must_use]
    pub fn knowing(mut self, held: Vec<Held>) -> Self {
        self.theirs = held.into_iter().map(|held| (held.head.log, held)).collect();
        self
    }

    /// What has come of the conversation so far; empty once it is done.
    pub fn so_far(&self) -> &Summary {
        &self.summary
    }
}
