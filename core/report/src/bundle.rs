//! One shipment's evidence in memory: the one query that screen, CSV, PDF and evidence file start from.

use data_encoding::HEXLOWER;
use firn_ledger::bytes::{Id as LedgerId, LogId, OrganisationId};
use firn_ledger::entry::{Batch as LedgerBatch, Record};
use firn_ledger::error::LedgerError;
use firn_ledger::membership::{Membership, Statements};
use firn_model::api::{Device, ShipmentDetail};
use firn_model::id::Id;
use firn_model::record::{Address, Batch, EntryReference, Kind, Logger, Statement};
use firn_model::role::Role;
use firn_model::shipment::{self, Held, Judgement, OrganisationStory, SignedEntry, Story};
use firn_model::time::UtcMillis;
use std::collections::BTreeMap;

/// What is known of one shipment: verified entries with their bodies, and their batches.
///
/// Whoever fills it has checked chains, signatures, commitments and addresses: the store on receipt, the
/// verifier on an evidence file.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// Whose.
    pub organisation: OrganisationId,
    /// Which shipment.
    pub shipment: Id,
    /// The genesis and enrolment entries of every log that speaks here.
    pub statements: Vec<Record>,
    /// The entries about no shipment that bear on every one: loggers enrolled and ended, rules.
    pub loggers: Vec<Record>,
    /// The entries about the shipment, in any order.
    pub records: Vec<Record>,
    /// The batches that those entries name.
    pub batches: Vec<LedgerBatch>,
}

/// A shipment's story with everything computed from it.
#[derive(Clone, Debug)]
pub struct Assessed {
    /// What happened.
    pub story: Story,
    /// How it stands.
    pub judgement: Judgement,
    /// The organisation's loggers by id.
    pub loggers: BTreeMap<Id, Logger>,
}

impl Bundle {
    /// Tells the story and judges it.
    ///
    /// # Errors
    /// A genesis or enrolment that cannot be read. Batches that are no batches of readings are left out
    /// here, and their series with them: the judgement then says that readings are missing.
    pub fn assess(&self) -> Result<Assessed, LedgerError> {
        let membership = self.membership()?;
        let told = |record: &Record| signed_entry(record, &membership);
        let organisation = organisation_story(&self.loggers, &membership);
        let story = shipment::tell_within(self.records.iter().map(told).collect(), organisation);
        let loggers = enrolled_loggers(self.loggers.iter().map(told));
        let batches = self
            .batches
            .iter()
            .filter_map(|batch| Some((Address(batch.address().0), Batch::from_bytes(batch.bytes()).ok()?)));
        let judgement = shipment::judge(&story, &batches.collect(), &loggers);
        Ok(Assessed { story, judgement, loggers })
    }

    /// Who belongs to the organisation, by the statements in the bundle.
    ///
    /// # Errors
    /// A genesis or enrolment that cannot be read.
    pub fn membership(&self) -> Result<Membership, LedgerError> {
        let mut statements = Statements::default();
        self.statements.iter().try_for_each(|record| statements.add(record))?;
        Ok(statements.fold(&self.organisation))
    }
}

impl Assessed {
    /// What a front end shows of the shipment.
    pub fn detail(&self, shipment: Id) -> ShipmentDetail {
        shipment::detail(shipment, &self.story, &self.judgement, &self.loggers)
    }
}

/// An entry as the model's story takes it.
pub fn signed_entry(record: &Record, membership: &Membership) -> SignedEntry {
    let (entry, payload) = (&record.entry, record.entry.payload());
    SignedEntry {
        reference: EntryReference { log: entry.log().0, leaf: entry.leaf().0 },
        sequence: payload.sequence,
        at: UtcMillis(payload.clocks.wall_ms),
        kind: payload.kind,
        body: record.body.clone(),
        batches: payload.batches.iter().map(|address| Address(address.0)).collect(),
        heads: payload.heads.iter().map(|head| Held { log: head.log.0, size: head.size }).collect(),
        device: device(entry.log(), membership),
        person: None,
    }
}

/// A log's device as history names it.
pub fn device(log: LogId, membership: &Membership) -> Device {
    let member = membership.member(&log);
    Device {
        log: HEXLOWER.encode(&log.0),
        label: member.map_or_else(|| "unknown device".into(), |member| member.enrolment.label.clone()),
        role: member.and_then(|member| Role::from_number(member.enrolment.role.number())),
    }
}

/// The loggers that entries which count have enrolled, by id; the first enrolment of an id stands.
pub fn enrolled_loggers(entries: impl Iterator<Item = SignedEntry>) -> BTreeMap<Id, Logger> {
    let mut loggers = BTreeMap::new();
    for told in shipment::tell(entries.collect()).told {
        if let (Some(Statement::Logger(logger)), None) = (told.statement, told.refused) {
            loggers.entry(logger.id).or_insert(logger);
        }
    }
    loggers
}

/// The kinds of entries about no shipment that travel with each: loggers enrolled and ended, rules.
pub const ORGANISATION_KINDS: [u64; 3] = [Kind::Logger as u64, Kind::LoggerEnded as u64, Kind::Policy as u64];

/// What entries about no shipment say of rules and ended loggers.
pub fn organisation_story(records: &[Record], membership: &Membership) -> OrganisationStory {
    shipment::tell_organisation(records.iter().map(|record| signed_entry(record, membership)).collect())
}

/// The model's id as the ledger's subject.
pub fn subject(shipment: Id) -> LedgerId {
    LedgerId(shipment.0)
}
