//! The story of a shipment: its entries judged, put in one order, and folded into where it stands.

use super::again::Again;
use super::custody::Custody;
use super::order::in_order;
use super::organisation::OrganisationStory;
use super::packages;
use super::placing::{Presence, presence};
use super::release::SignedVerdict;
use super::stock::StockStory;
use super::taken::TakenIn;
use crate::api::{Device, Phase};
use crate::authority::Refusal;
use crate::id::Id;
use crate::record::{
    Address, AssessmentRecord, Batch, Closing, Did, Disposition, Download, EntryReference, Kind, Located,
    Observation, Readings, Received, Shipment, Started, Statement, change_reason,
};
use crate::role::Role;
use crate::time::UtcMillis;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    /// How many entries of the other logs that speak of the shipment its signer held.
    pub heads: Vec<Held>,
    /// Which device signed it.
    pub device: Device,
    /// When that device was lost, where its log was revoked before this entry: it is disputed.
    pub beyond: Option<UtcMillis>,
    /// The person who signed it too, where the signature is that person's own.
    pub person: Option<Signer>,
    /// Why the person's signature, or its absence, keeps the entry from counting
    /// ([`crate::people::People::signer`]).
    pub person_refused: Option<Refusal>,
}

impl SignedEntry {
    /// Whether its signer held an entry: one of the same log before it, or of another below what it names.
    pub fn knew(&self, other: EntryReference, sequence: u64) -> bool {
        knew(self.reference.log, self.sequence, &self.heads, other, sequence)
    }
}

pub(super) fn knew(log: [u8; 32], before: u64, heads: &[Held], other: EntryReference, sequence: u64) -> bool {
    match other.log == log {
        true => sequence < before,
        false => heads.iter().any(|head| head.log == other.log && sequence < head.size),
    }
}

/// How much of another log somebody held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The log's id.
    pub log: [u8; 32],
    /// How many of its entries, from the first on.
    pub size: u64,
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
    /// Somebody at the device with this first log, in lower-case hexadecimal.
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

impl Told {
    /// Whether it counts, or others may have seen it count who did not know why it does not.
    pub(super) fn may_have_counted(&self) -> bool {
        !matches!(self.refused, Some(Refusal::RoleMayNotSign | Refusal::MalformedBody))
    }
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
    /// Why it changes what stood before, where it says so.
    pub reason: Option<String>,
    /// What it says.
    pub says: T,
}

impl<T> Placed<T> {
    /// Who made the statement.
    pub fn actor(&self) -> Actor {
        match &self.person {
            Some(person) => Actor::Person(person.id),
            None => Actor::Device(self.device.first_log.clone().unwrap_or_else(|| self.device.log.clone())),
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
    /// Receipts by people who did not know of that one, in order: what they found counts as well.
    pub also_received: Vec<Placed<Received>>,
    /// The decision about its stock, the last one; a hold may have come after it.
    pub disposition: Option<Placed<Disposition>>,
    /// How its record ended.
    pub closing: Option<Closing>,
    /// Who has it, and how it passed.
    pub custody: Custody,
    /// All sealed readings.
    pub sealed: Vec<Sealed>,
    /// What downloads did or kept beside readings.
    pub downloads: Vec<Placed<Download>>,
    /// What happened to its stock.
    pub stock: StockStory,
    /// What people saw, in order.
    pub observations: Vec<Placed<Observation>>,
    /// Evidence of another organisation about it that was taken in, in order.
    pub taken: Vec<TakenIn>,
    /// Where steps were signed, as commitments, in order.
    pub positions: Vec<Placed<Located>>,
    /// Every signed verdict, in order.
    pub verdicts: Vec<SignedVerdict>,
    /// What the organisation says that bears on it.
    pub organisation: OrganisationStory,
    /// The newest signed assessment.
    pub assessed: Option<Placed<AssessmentRecord>>,
    /// Every entry, in the order of the story.
    pub told: Vec<Told>,
    /// Who had a part in its way or looked into it, by every entry that says so, counted or not.
    pub(super) parts_taken: Vec<SignedEntry>,
    /// Which of its readings several devices took in.
    pub(super) again: Again,
    /// Whose logs tell of it.
    pub(super) speaking: BTreeSet<[u8; 32]>,
}

/// Tells the story of one shipment.
///
/// Each log keeps its own order, and an entry follows what its signer held of the others; between the rest
/// the clocks of the devices decide: the outcome does not depend on the order of `entries`.
pub fn tell(entries: Vec<SignedEntry>) -> Story {
    tell_within(entries, OrganisationStory::default())
}

/// Tells the story of one shipment of an organisation with rules of its own.
pub fn tell_within(entries: Vec<SignedEntry>, organisation: OrganisationStory) -> Story {
    tell_with(entries, organisation, &BTreeMap::new())
}

/// The same with the batches of [`super::read_again`]: of one that is not held, its readings count as new to
/// everybody whose own entry they are not.
pub fn tell_with(
    entries: Vec<SignedEntry>,
    organisation: OrganisationStory,
    batches: &BTreeMap<Address, Batch>,
) -> Story {
    let again = Again::of(&entries, batches);
    let told: Vec<Told> = in_order(vouched(entries)).into_iter().map(judged).collect();
    let parts_taken = told.iter().filter_map(super::hand::part_taken).collect();
    let speaking = told.iter().map(|told| told.entry.reference.log).collect();
    let mut story = Story { organisation, parts_taken, again, speaking, ..Story::default() };
    for mut told in told {
        if let (None, Some(statement)) = (told.refused, &told.statement) {
            told.refused = story.follow(&told.entry, statement).err();
            story.note_withheld(&told);
        } else {
            story.note_void(&told);
        }
        story.told.push(told);
    }
    story.custody.settle();
    story
}

/// The entries, with what other devices had seen of a revoked log before its device was lost no longer in
/// dispute (docs/format.md §6).
pub fn vouched(mut entries: Vec<SignedEntry>) -> Vec<SignedEntry> {
    let witnesses = entries.iter().filter(|witness| witness.beyond.is_none() && witness.device.vouches());
    let seen: Vec<(UtcMillis, [u8; 32], Held)> = witnesses
        .flat_map(|witness| witness.heads.iter().map(|held| (witness.at, witness.reference.log, *held)))
        .collect();
    for entry in &mut entries {
        let EntryReference { log, .. } = entry.reference;
        let vouches = |lost: &UtcMillis| {
            let sees = |(at, witness, held): &(UtcMillis, [u8; 32], Held)| {
                at < lost && *witness != log && held.log == log && held.size > entry.sequence
            };
            seen.iter().any(sees)
        };
        entry.beyond = entry.beyond.filter(|lost| !vouches(lost));
    }
    entries
}

/// An entry with what it says, and why it does not count whatever else was said: its signers may not say it, or
/// its body is none of its kind.
pub fn judged(entry: SignedEntry) -> Told {
    let Some(kind) = Kind::from_number(entry.kind) else {
        return Told { entry, statement: None, refused: None };
    };
    let statement = Statement::parse(kind, &entry.body);
    let malformed = statement.is_err().then_some(Refusal::MalformedBody);
    let refused = crate::people::may_say(&entry, kind).err().or(malformed);
    Told { entry, statement: statement.ok(), refused }
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

    /// Whether nobody placed a logger, though others are placed: what it reads may only make it worse, and fills no gap.
    pub fn is_stray(&self, logger: Id) -> bool {
        presence(self, logger) == Presence::Stray
    }

    /// Whether an entry would count if it were the next one told, and why not.
    pub fn would_count(&self, entry: SignedEntry) -> Result<(), Refusal> {
        let told = judged(entry);
        match (told.refused, &told.statement) {
            (Some(refusal), _) => Err(refusal),
            (None, Some(statement)) => {
                match statement {
                    Statement::Disposition(says) => {
                        self.decides_open(&told.entry, says)?;
                        if !self.decides_by_asked_clock(&told.entry, says) {
                            return Err(Refusal::NotSettled);
                        }
                    }
                    Statement::Started(_) => self.starts_open(&told.entry)?,
                    _ => {}
                }
                self.clone().follow(&told.entry, statement)
            }
            (None, None) => Ok(()),
        }
    }

    /// Takes in one statement, or says why it does not count.
    fn follow(&mut self, entry: &SignedEntry, statement: &Statement) -> Result<(), Refusal> {
        match statement {
            Statement::Shipment(shipment) => {
                if shipment.reference.trim().is_empty() {
                    return Err(Refusal::MalformedBody);
                }
                packages::check(shipment)?;
                once(&mut self.created, entry, shipment.clone())
            }
            Statement::Started(started) => self.follow_start(entry, started),
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
                self.verdicts.push(SignedVerdict::new(entry, assessment));
                self.assessed = Some(placed(entry, (**assessment).clone()));
                Ok(())
            }
            Statement::Offered(offered) => self.follow_offer(entry, offered),
            Statement::Accepted(accepted) => self.follow_acceptance(entry, accepted),
            Statement::Confirmed(confirmed) => self.follow_confirmation(entry, confirmed),
            Statement::Received(received) => self.follow_receipt(entry, received),
            Statement::Disposition(disposition) => self.follow_disposition(entry, disposition),
            Statement::Closed(closed) => self.follow_closing(entry, closed),
            Statement::Observation(observation) => self.follow_observation(entry, observation),
            Statement::Position(located) => self.follow_position(entry, located),
            Statement::Taken(taken) => self.follow_taken(entry, taken),
            Statement::Review(review) => self.follow_review(entry, review),
            Statement::Acknowledged(acknowledged) => self.follow_explanation(entry, acknowledged),
            Statement::Reply(reply) => self.follow_answer(entry, reply),
            Statement::Quarantined(quarantined) => self.follow_hold(entry, quarantined),
            Statement::ArrivalMoved(moved) => self.follow_move(entry, moved),
            Statement::PickUpMoved(moved) => self.follow_pick_up_move(entry, moved),
            Statement::Approved(approved) => self.follow_approval(entry, approved),
            Statement::Finding(finding) => self.follow_finding(entry, finding),
            Statement::ExcursionRecord(record) => self.follow_excursion(entry, record),
            Statement::Logger(_)
            | Statement::LoggerEnded(_)
            | Statement::Profile(_)
            | Statement::Person(_)
            | Statement::PersonKey(_)
            | Statement::SigningFailed(_)
            | Statement::ClockCompared(_)
            | Statement::Policy(_) => Ok(()),
        }
    }

    /// A position: of a step told before, by the device that signed it, once.
    fn follow_position(&mut self, entry: &SignedEntry, located: &Located) -> Result<(), Refusal> {
        let told = self.told.iter().any(|told| told.entry.reference == located.step);
        if !told || located.step.log != entry.reference.log {
            return Err(Refusal::OutOfOrder);
        }
        if self.positions.iter().any(|known| known.says.step == located.step) {
            return Err(Refusal::Repeated);
        }
        self.positions.push(placed(entry, *located));
        Ok(())
    }
}

pub(super) fn placed<T>(entry: &SignedEntry, says: T) -> Placed<T> {
    Placed {
        reference: entry.reference,
        at: entry.at,
        device: entry.device.clone(),
        person: entry.person.clone(),
        reason: change_reason(entry.kind, &entry.body),
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
