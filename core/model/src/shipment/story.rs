//! The story of a shipment: its entries judged, put in one order, and folded into where it stands.

use super::stock::StockStory;
use crate::api::{Device, Phase};
use crate::authority::{self, Refusal, Standing};
use crate::id::Id;
use crate::record::{
    Accepted, Address, AssessmentRecord, Closing, Did, Disposition, Download, EntryReference, Kind,
    Observation, Offered, Readings, Received, Shipment, Started, Statement,
};
use crate::role::Role;
use crate::time::UtcMillis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An entry about a shipment as the ledger verified it, with what is known of its signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedEntry {
    /// The log and the entry's leaf.
    pub reference: EntryReference,
    /// Its place in its log.
    pub sequence: u64,
    /// The signing device's wall clock.
    pub at: UtcMillis,
    /// The kind's number.
    pub kind: u64,
    /// The body, opened against its commitment.
    pub body: Vec<u8>,
    /// The batches that it brings.
    pub batches: Vec<Address>,
    /// Which device signed it.
    pub device: Device,
    /// The person who signed it too, where the signature is that person's own.
    pub person: Option<Signer>,
}

/// A person as a signature names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// The person's id.
    pub id: Id,
    /// The printed name.
    pub name: String,
    /// The title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The role that the person was enrolled in when this was signed.
    pub role: Role,
}

/// Who acted: a person, or a device that nobody signed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// This person, on whatever device.
    Person(Id),
    /// Somebody at the device with this log, in lower-case hexadecimal.
    Device(String),
}

/// An entry in the order of the story, with its standing.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The entry.
    pub entry: SignedEntry,
    /// What it says; absent for a kind unknown here or a body that is none.
    pub statement: Option<Statement>,
    /// Why it does not count, if it does not.
    pub refused: Option<Refusal>,
}

/// A statement that counts, with the entry that made it.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed<T> {
    /// The entry.
    pub reference: EntryReference,
    /// The signing device's wall clock.
    pub at: UtcMillis,
    /// Which device signed it.
    pub device: Device,
    /// The person who signed it too.
    pub person: Option<Signer>,
    /// What it says.
    pub says: T,
}

impl<T> Placed<T> {
    /// Who made the statement.
    pub fn actor(&self) -> Actor {
        match &self.person {
            Some(person) => Actor::Person(person.id),
            None => Actor::Device(self.device.log.clone()),
        }
    }
}

/// Readings that count, with their batch's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// What was sealed.
    pub readings: Readings,
    /// Where its batch lies.
    pub address: Address,
}

/// Where a shipment stands by the entries that count.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Story {
    /// Its creation; without it nothing is known of limits.
    pub created: Option<Placed<Shipment>>,
    /// The pick-up.
    pub started: Option<Placed<Started>>,
    /// The arrival.
    pub received: Option<Placed<Received>>,
    /// The decision about its stock.
    pub disposition: Option<Placed<Disposition>>,
    /// How its record ended.
    pub closing: Option<Closing>,
    /// Who has it.
    pub custodian: Option<Device>,
    /// The offer that waits for an acceptance.
    pub open_offer: Option<Placed<Offered>>,
    /// The acceptance that waits for a confirmation.
    pub unconfirmed: Option<Placed<Accepted>>,
    /// All sealed readings.
    pub sealed: Vec<Sealed>,
    /// What downloads did or kept beside readings.
    pub downloads: Vec<Placed<Download>>,
    /// What happened to its stock.
    pub stock: StockStory,
    /// What people saw, in order.
    pub observations: Vec<Placed<Observation>>,
    /// The newest signed assessment.
    pub assessed: Option<Placed<AssessmentRecord>>,
    /// Every entry, in the order of the story.
    pub told: Vec<Told>,
}

/// Tells the story of one shipment.
///
/// Each log keeps its own order; between logs the clocks of the devices decide, and equal clocks the
/// log ids: the outcome does not depend on the order of `entries`.
pub fn tell(entries: Vec<SignedEntry>) -> Story {
    let mut story = Story::default();
    for entry in in_order(entries) {
        let mut told = judged(entry);
        if let (None, Some(statement)) = (told.refused, &told.statement) {
            told.refused = story.follow(&told.entry, statement).err();
        }
        story.told.push(told);
    }
    story
}

fn judged(entry: SignedEntry) -> Told {
    let Some(kind) = Kind::from_number(entry.kind) else {
        return Told { entry, statement: None, refused: None };
    };
    let statement = Statement::parse(kind, &entry.body);
    let refused = match (authority::judge(entry.device.role, kind), &statement) {
        (Standing::Refused(refusal), _) => Some(refusal),
        (Standing::Valid, Err(_)) => Some(Refusal::MalformedBody),
        (Standing::Valid, Ok(_)) => None,
    };
    Told { entry, statement: statement.ok(), refused }
}

/// Merges the logs: the one whose next entry is oldest speaks next.
fn in_order(entries: Vec<SignedEntry>) -> Vec<SignedEntry> {
    let count = entries.len();
    let mut logs: BTreeMap<[u8; 32], Vec<SignedEntry>> = BTreeMap::new();
    for entry in entries {
        logs.entry(entry.reference.log).or_default().push(entry);
    }
    for log in logs.values_mut() {
        // Descending, so that the next entry is the last element.
        log.sort_by_key(|entry| std::cmp::Reverse(entry.sequence));
        log.dedup_by_key(|entry| entry.sequence);
    }
    let mut ordered = Vec::with_capacity(count);
    loop {
        let next = logs
            .iter()
            .filter_map(|(id, log)| log.last().map(|entry| (entry.at, *id)))
            .min()
            .and_then(|(_, id)| logs.get_mut(&id)?.pop());
        match next {
            Some(entry) => ordered.push(entry),
            None => return ordered,
        }
    }
}

impl Story {
    /// How far the shipment is.
    pub fn phase(&self) -> Phase {
        match (self.closing, &self.received, &self.started) {
            (Some(Closing::Cancelled), _, _) => Phase::Cancelled,
            (Some(Closing::Ended), _, _) => Phase::Closed,
            (None, Some(_), _) => Phase::Received,
            (None, None, Some(_)) => Phase::InTransit,
            (None, None, None) => Phase::Created,
        }
    }

    /// Which loggers travel in it: those of the pick-up and those whose readings were sealed.
    pub fn loggers(&self) -> Vec<Id> {
        let placed = self
            .started
            .iter()
            .flat_map(|started| &started.says.placements)
            .map(|placement| placement.logger);
        let heard = self.sealed.iter().map(|sealed| sealed.readings.logger);
        let mut loggers = Vec::new();
        for logger in placed.chain(heard) {
            if !loggers.contains(&logger) {
                loggers.push(logger);
            }
        }
        loggers
    }

    /// Takes in one statement, or says why it does not count.
    fn follow(&mut self, entry: &SignedEntry, statement: &Statement) -> Result<(), Refusal> {
        match statement {
            Statement::Shipment(shipment) => once(&mut self.created, entry, shipment.clone()),
            Statement::Started(started) => {
                once(&mut self.started, entry, started.clone())?;
                self.custodian.get_or_insert_with(|| entry.device.clone());
                Ok(())
            }
            Statement::Readings(readings) => {
                let [address] = entry.batches[..] else { return Err(Refusal::MalformedBody) };
                self.sealed.push(Sealed { readings: readings.clone(), address });
                Ok(())
            }
            Statement::Download(download) => {
                // A session's bytes are batches of its entry; a clock that was set brings none.
                if matches!(download.did, Did::KeptSession(_)) == entry.batches.is_empty() {
                    return Err(Refusal::MalformedBody);
                }
                self.downloads.push(placed(entry, download.clone()));
                Ok(())
            }
            Statement::Assessment(assessment) => {
                self.assessed = Some(placed(entry, (**assessment).clone()));
                Ok(())
            }
            Statement::Offered(_) | Statement::Accepted(_) | Statement::Confirmed(_) => {
                self.follow_custody(entry, statement)
            }
            Statement::Received(received) => once(&mut self.received, entry, received.clone()),
            Statement::Disposition(disposition) => {
                if self.received.is_none() {
                    return Err(Refusal::OutOfOrder);
                }
                once(&mut self.disposition, entry, disposition.clone())
            }
            Statement::Closed(closed) => match self.closing {
                Some(_) => Err(Refusal::Repeated),
                None => {
                    self.closing = Some(closed.closing);
                    Ok(())
                }
            },
            Statement::Observation(observation) => {
                self.observations.push(placed(entry, observation.clone()));
                Ok(())
            }
            Statement::Review(_)
            | Statement::Acknowledged(_)
            | Statement::Reply(_)
            | Statement::Quarantined(_)
            | Statement::ArrivalMoved(_)
            | Statement::Approved(_)
            | Statement::Finding(_)
            | Statement::ExcursionRecord(_) => self.stock.follow(entry, statement),
            Statement::Logger(_)
            | Statement::LoggerEnded(_)
            | Statement::Profile(_)
            | Statement::Person(_)
            | Statement::PersonKey(_)
            | Statement::SigningFailed(_)
            | Statement::Policy(_) => Ok(()),
        }
    }

    /// Takes in a step of a hand-over; custody passes at `accepted`.
    fn follow_custody(&mut self, entry: &SignedEntry, statement: &Statement) -> Result<(), Refusal> {
        match statement {
            Statement::Offered(offered) => {
                if self.custodian.as_ref().is_some_and(|custodian| custodian.log != entry.device.log) {
                    return Err(Refusal::NotTheCustodian);
                }
                self.open_offer = Some(placed(entry, offered.clone()));
                Ok(())
            }
            Statement::Accepted(accepted) => {
                let offer = self.open_offer.as_ref().ok_or(Refusal::OutOfOrder)?;
                if offer.reference != accepted.offered || offer.says.nonce != accepted.nonce {
                    return Err(Refusal::OutOfOrder);
                }
                if accepted.at > offer.says.expires {
                    return Err(Refusal::Expired);
                }
                self.open_offer = None;
                self.custodian = Some(entry.device.clone());
                self.unconfirmed = Some(placed(entry, accepted.clone()));
                Ok(())
            }
            Statement::Confirmed(confirmed) => {
                let accepted = self.unconfirmed.as_ref().ok_or(Refusal::OutOfOrder)?;
                if accepted.reference != confirmed.accepted {
                    return Err(Refusal::OutOfOrder);
                }
                self.unconfirmed = None;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

pub(super) fn placed<T>(entry: &SignedEntry, says: T) -> Placed<T> {
    Placed {
        reference: entry.reference,
        at: entry.at,
        device: entry.device.clone(),
        person: entry.person.clone(),
        says,
    }
}

/// The first statement of its kind counts; a later one is shown as repeated.
pub(super) fn once<T>(slot: &mut Option<Placed<T>>, entry: &SignedEntry, says: T) -> Result<(), Refusal> {
    match slot {
        Some(_) => Err(Refusal::Repeated),
        None => {
            *slot = Some(placed(entry, says));
            Ok(())
        }
    }
}
