//! What people saw on a shipment, as it joins its story.

use super::judgement::gives_cause;
use super::late::{is_late, recorded};
use super::packages;
use super::story::{SignedEntry, Story, placed};
use crate::authority::Refusal;
use crate::record::{Observation, Observed};

impl Story {
    /// Something that was seen, at whatever point of the story: facts are recorded late. What no state tells
    /// takes words, and a package is one of the shipment's. What asks for a review, or was recorded late,
    /// puts a release in question that did not know of it.
    pub(super) fn follow_observation(
        &mut self,
        entry: &SignedEntry,
        observation: &Observation,
    ) -> Result<(), Refusal> {
        let words = observation.note.as_deref().map(str::trim).unwrap_or_default();
        if observation.observed == Observed::Other && words.is_empty() {
            return Err(Refusal::MalformedBody);
        }
        recorded(observation.at, entry.at, observation.reason.as_deref())?;
        if let (Some(created), Some(place)) = (&self.created, &observation.place) {
            packages::has(&created.says, place)?;
        }
        // What was recorded late asks as well.
        let late = is_late(observation.at, entry.at);
        if gives_cause(observation.observed) || late {
            self.note_seen(entry);
        }
        self.observations.push(placed(entry, observation.clone()));
        Ok(())
    }

    /// Whether a package of this name is listed, holds a line, or has a logger in it.
    pub fn has_package(&self, name: &str) -> bool {
        let started = self.started.as_ref().map(|started| &started.says);
        self.created.as_ref().is_some_and(|created| packages::names(&created.says, started, name))
    }
}
