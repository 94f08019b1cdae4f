//! One shipment's evidence in memory: the one query that screen, CSV, PDF and evidence file start from.

use crate::foreign::{self, DEEPEST, Opened};
use data_encoding::HEXLOWER;
use firn_ledger::bytes::{Id as LedgerId, LogId, OrganisationId};
use firn_ledger::disclosure::History;
use firn_ledger::entry::{Batch as LedgerBatch, Record};
use firn_ledger::error::LedgerError;
use firn_ledger::fork::ForkProof;
use firn_ledger::membership::{MemberStanding, Membership, Statements};
use firn_model::api::{ClockDifference, Device, LogStanding, Occurrence, QueryPack, ShipmentDetail};
use firn_model::id::Id;
use firn_model::people::{AboutPerson, Claim, People};
use firn_model::record::{
    Address, Batch, Body, EntryReference, Fingerprint, Kind, Logger, Position, Shipment, Statement,
};
use firn_model::role::Role;
use firn_model::shipment::{
    self, Fleet, ForeignLeg, Grounds, Held, Judgement, OrganisationStory, OwnProfiles, SignedEntry, Story,
};
use firn_model::time::UtcMillis;
use firn_model::vault::{Commitment, OpenedDocument, PositionDocument, PositionKnown};
use std::collections::{BTreeMap, BTreeSet};

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
    /// The entries about no shipment: rules, clocks compared, and loggers enrolled and ended. In memory all of them;
    /// what leaves the device holds its shipments' loggers ([`Bundle::of_its_own`]).
    pub loggers: Vec<Record>,
    /// The entries about the shipment, in any order.
    pub records: Vec<Record>,
    /// The earlier shipments that its lines' legs name, as far as they are held, by id.
    pub earlier: Vec<Earlier>,
    /// The batches that those entries name.
    pub batches: Vec<LedgerBatch>,
    /// The entries about the people who signed here and their keys, and the first that enrolled anybody
    /// in each log; in what leaves the device the latter only where an entry counts otherwise without it.
    pub people: Vec<Record>,
    /// Documents of the vault that positions stand for, where they were asked for.
    pub opened: Vec<OpenedDocument>,
    /// The entries that published the organisation's own profiles of a name, where one of the shipment's profiles is not
    /// the one that counts under its name and version: all of that name.
    pub profiles: Vec<Record>,
    /// What shows that the entries stand in the histories of their logs, and how many there are: by log.
    pub histories: Vec<History>,
    /// The proofs that logs which speak here, or are named by who speaks, have two histories: by log.
    pub forks: Vec<ForkProof>,
}

/// An earlier shipment through which goods of this one went.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// Which.
    pub shipment: Id,
    /// The entries about it, in any order.
    pub records: Vec<Record>,
}

/// A story with what it is judged from.
pub(crate) struct Grounded {
    /// Whose shipment, and which.
    of: (OrganisationId, Id),
    pub story: Story,
    pub fleet: Fleet,
    /// What went before, as each choice among the histories that contradict each other tells it; one at least.
    pub pasts: Vec<Past>,
    pub batches: BTreeMap<Address, Batch>,
}

/// What went before a shipment.
#[derive(Default)]
pub(crate) struct Past {
    pub earlier: BTreeMap<Id, Story>,
    pub foreign: BTreeMap<Id, ForeignLeg>,
}

impl Grounded {
    /// Whether it is that organisation's shipment.
    pub(crate) fn is(&self, shipment: Id, organisation: Fingerprint) -> bool {
        self.of == (OrganisationId(organisation.0), shipment)
    }

    /// Whether it is about that shipment.
    pub(crate) fn is_about(&self, shipment: Id) -> bool {
        self.of.1 == shipment
    }

    /// What that organisation's own entries are dated after they were taken, as [`shipment::dated_ahead`] has it.
    pub(crate) fn dated_ahead(&self, taken: (&Device, UtcMillis)) -> Option<ClockDifference> {
        // Its own are the same in each.
        let past = self.pasts.first();
        let earlier = past.into_iter().flat_map(|past| {
            past.earlier.iter().filter(|(id, _)| !past.foreign.contains_key(id)).map(|(_, story)| story)
        });
        shipment::dated_ahead(earlier.chain([&self.story]), taken)
    }

    /// The grounds by which it is judged, by each past.
    fn grounds(&self) -> impl Iterator<Item = Grounds<'_>> {
        let Self { fleet, batches, .. } = self;
        self.pasts.iter().map(move |Past { earlier, foreign }| Grounds { batches, fleet, earlier, foreign })
    }

    /// How it stands by the worst of each past.
    fn judged(&self) -> Judgement {
        let judged = self.grounds().map(|grounds| shipment::judge(&self.story, &grounds));
        judged.reduce(Judgement::or_worse).unwrap_or_else(|| {
            let past = Past::default();
            let (earlier, foreign) = (&past.earlier, &past.foreign);
            let Self { fleet, batches, .. } = self;
            shipment::judge(&self.story, &Grounds { batches, fleet, earlier, foreign })
        })
    }
}

/// A shipment's story with everything computed from it.
#[derive(Clone, Debug)]
pub struct Assessed {
    /// What happened.
    pub story: Story,
    /// How it stands.
    pub judgement: Judgement,
    /// The organisation's loggers by id, as they were at the pick-up.
    pub loggers: BTreeMap<Id, Logger>,
    /// What was recorded of them over time.
    pub fleet: Fleet,
    /// The positions that were opened, by their commitments.
    pub positions: BTreeMap<Commitment, Position>,
    /// The organisation's own profiles of the names whose entries were at hand.
    pub profiles: OwnProfiles,
    /// The stories of the shipments that its lines went through before.
    pub earlier: BTreeMap<Id, Story>,
}

impl Bundle {
    /// Tells the story and judges it.
    ///
    /// # Errors
    /// A genesis or enrolment that cannot be read. Batches that are no batches of readings are left out
    /// here, and their series with them: the judgement then says that readings are missing.
    pub fn assess(&self) -> Result<Assessed, LedgerError> {
        self.assess_with(&Opened::of(self, DEEPEST))
    }

    /// The same, with the evidence of other organisations in it opened before.
    pub(crate) fn assess_with(&self, opened: &Opened) -> Result<Assessed, LedgerError> {
        let grounded = self.grounded(opened)?;
        let judgement = grounded.judged();
        let Grounded { story, fleet, pasts, .. } = grounded;
        let loggers = fleet.at_pick_up(&story);
        let earlier = pasts.into_iter().next().unwrap_or_default().earlier;
        let positions = self.opened.iter().filter_map(|opened| {
            let document = PositionDocument::from_bytes(&opened.document).ok()?;
            Some((opened.commitment(), document.position))
        });
        let positions = positions.collect();
        let profiles = self.own_profiles()?;
        Ok(Assessed { story, judgement, loggers, fleet, positions, profiles, earlier })
    }

    fn own_profiles(&self) -> Result<OwnProfiles, LedgerError> {
        if self.profiles.is_empty() {
            return Ok(OwnProfiles::default());
        }
        let membership = self.membership()?;
        let people = gather_people(&self.people, &membership);
        Ok(OwnProfiles::of(self.profiles.iter().map(|record| signed_entry(record, &membership, &people))))
    }

    /// By how many seconds what its organisation signed is dated after an instant, where that is more than 60 s.
    ///
    /// # Errors
    /// As [`Bundle::assess`].
    pub fn dated_ahead_s(&self, taken: UtcMillis) -> Result<Option<i64>, LedgerError> {
        let told = self.grounded(&Opened::of(self, DEEPEST))?;
        Ok(told.dated_ahead((&Device::default(), taken)).map(|one| one.difference_s))
    }

    /// What manufacturers are asked with, as [`shipment::query_packs`] has it; none where no lot fits. Where what went
    /// before is told in several ways, each that asks something else is told.
    ///
    /// # Errors
    /// As [`Bundle::assess`].
    pub fn query_packs(
        &self,
        manufacturer: Option<&str>,
        lot: Option<&str>,
    ) -> Result<Vec<QueryPack>, LedgerError> {
        let grounded = self.grounded(&Opened::of(self, DEEPEST))?;
        let (story, judgement) = (&grounded.story, grounded.judged());
        let mut packs = Vec::new();
        for grounds in grounded.grounds() {
            let told = shipment::query_packs(story, &judgement, &grounds, manufacturer, lot);
            packs.extend(told.into_iter().filter(|pack| !packs.contains(pack)).collect::<Vec<_>>());
        }
        Ok(packs)
    }

    /// Tells the story and gathers what it is judged from.
    ///
    /// # Errors
    /// As [`Bundle::assess`].
    pub(crate) fn grounded(&self, opened: &Opened) -> Result<Grounded, LedgerError> {
        let membership = self.membership()?;
        let people = gather_people(&self.people, &membership);
        let told = |record: &Record| signed_entry(record, &membership, &people);
        let organisation = organisation_story(&self.loggers, &membership, &people);
        let batches = self
            .batches
            .iter()
            .filter_map(|batch| Some((Address(batch.address().0), Batch::from_bytes(batch.bytes()).ok()?)));
        let mut batches: BTreeMap<Address, Batch> = batches.collect();
        let tell = |records: &[Record]| {
            shipment::tell_with(records.iter().map(told).collect(), organisation.clone(), &batches)
        };
        let story = tell(&self.records);
        let fleet = Fleet::of(self.loggers.iter().map(told));
        // One of which nothing was held then is told by whatever else tells of it.
        let is_held = |one: &&Earlier| one.shipment != self.shipment && !one.records.is_empty();
        let earlier = self.earlier.iter().filter(is_held);
        let own: BTreeMap<Id, Story> =
            earlier.map(|earlier| (earlier.shipment, tell(&earlier.records))).collect();
        let mut pasts = Vec::new();
        for told in foreign::gather(opened, &own) {
            batches.extend(told.batches);
            let mut past = Past { earlier: own.clone(), foreign: BTreeMap::new() };
            for (id, leg) in told.legs {
                // A shipment of one's own is told by one's own entries alone.
                let is_own = own.get(&id).is_some_and(|story| story.foreign().is_none());
                let Some(story) = told.stories.get(&id).filter(|_| !is_own && id != self.shipment) else {
                    continue;
                };
                past.earlier.insert(id, story.clone());
                past.foreign.insert(id, leg);
            }
            pasts.push(past);
        }
        let of = (self.organisation, self.shipment);
        Ok(Grounded { of, story, fleet, pasts, batches })
    }

    /// The entries about the shipment and about the earlier ones that its lines went through.
    pub fn all_records(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().chain(self.earlier.iter().flat_map(|earlier| &earlier.records))
    }

    /// Every entry in the bundle but the index entries of its histories; one that stands in two lists comes twice.
    pub fn disclosed(&self) -> impl Iterator<Item = &Record> {
        let about = self.loggers.iter().chain(self.all_records());
        self.statements.iter().chain(about).chain(&self.people).chain(&self.profiles)
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
        let mut detail = shipment::detail(shipment, &self.story, &self.judgement, &self.loggers);
        let created = self.story.created.as_ref();
        detail.other_profiles =
            created.map(|created| self.profiles.others_than(&created.says)).unwrap_or_default();
        for event in &mut detail.history {
            if let Occurrence::Position { commitment, known } = &mut event.occurrence
                && let Some(position) = self.positions.get(commitment)
            {
                *known = PositionKnown::Opened { position: *position };
            }
        }
        detail
    }
}

/// An entry as the model's story takes it.
pub fn signed_entry(record: &Record, membership: &Membership, people: &People) -> SignedEntry {
    let (person, counts) = people.signer(&claim(record));
    SignedEntry { person, person_refused: counts.err(), ..unsigned_entry(record, membership) }
}

/// An entry with nothing said of a person.
fn unsigned_entry(record: &Record, membership: &Membership) -> SignedEntry {
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
        beyond: beyond(entry.log(), payload.sequence, membership),
        person: None,
        person_refused: None,
    }
}

/// When its device was lost, where the entry lies beyond its log's end and nobody upholds it.
fn beyond(log: LogId, sequence: u64, membership: &Membership) -> Option<UtcMillis> {
    let cut = membership.member(&log)?.cut?;
    (sequence >= cut.upheld).then_some(UtcMillis(cut.lost_ms))
}

/// Where an entry stands, and whose it says it is.
fn claim(record: &Record) -> Claim {
    let payload = record.entry.payload();
    Claim {
        log: record.entry.log().0,
        sequence: payload.sequence,
        at: UtcMillis(payload.clocks.wall_ms),
        kind: payload.kind,
        person: payload.person.map(|person| Id(person.0)),
        key: payload.person_signature.map(|signature| signature.key.0),
        heads: payload.heads.iter().map(|head| (head.log.0, head.size)).collect(),
    }
}

/// The people whom these entries tell of.
pub fn gather_people(records: &[Record], membership: &Membership) -> People {
    let about = |record| AboutPerson { entry: unsigned_entry(record, membership), claim: claim(record) };
    People::gather(records.iter().map(about))
}

/// Whose entry it is, of the kinds about people.
pub fn about_person(record: &Record) -> Option<Id> {
    let kind = Kind::from_number(record.entry.payload().kind)?;
    match Statement::parse(kind, &record.body).ok()? {
        Statement::Person(person) => Some(person.id),
        Statement::PersonKey(key) => Some(key.person),
        _ => None,
    }
}

/// Of the entries about people those about the persons who signed `records`.
pub fn signers_of<'a>(people: Vec<Record>, records: impl Iterator<Item = &'a Record>) -> Vec<Record> {
    let signers: BTreeSet<Id> =
        records.filter_map(|record| record.entry.payload().person).map(|person| Id(person.0)).collect();
    let bears = |record: &Record| about_person(record).is_some_and(|person| signers.contains(&person));
    people.into_iter().filter(bears).collect()
}

/// Of the entries about people those that bear on who signed `records`: all about the persons named there,
/// and the first of each log that enrolled anybody, which says from when on a person was asked for, by each of
/// `memberships`. Nobody else is told of.
pub fn people_of<'a>(
    people: Vec<Record>,
    records: impl Iterator<Item = &'a Record>,
    memberships: [&Membership; 2],
) -> Vec<Record> {
    let signers: BTreeSet<Id> =
        records.filter_map(|record| record.entry.payload().person).map(|person| Id(person.0)).collect();
    let first = memberships.map(|membership| first_enrolments(&people, membership));
    let bears = |record: &Record| {
        about_person(record).is_some_and(|person| signers.contains(&person))
            || first
                .iter()
                .any(|first| first.get(&record.entry.log()) == Some(&record.entry.payload().sequence))
    };
    people.into_iter().filter(bears).collect()
}

/// Where each log first enrolled anybody, by an entry that counts.
fn first_enrolments(people: &[Record], membership: &Membership) -> BTreeMap<LogId, u64> {
    let mut first: BTreeMap<LogId, u64> = BTreeMap::new();
    for record in people {
        if !gather_people(std::slice::from_ref(record), membership).logs().is_empty() {
            let sequence = record.entry.payload().sequence;
            let known = first.entry(record.entry.log()).or_insert(sequence);
            *known = sequence.min(*known);
        }
    }
    first
}

/// A log's device as history names it.
pub fn device(log: LogId, membership: &Membership) -> Device {
    let member = membership.member(&log);
    Device {
        log: HEXLOWER.encode(&log.0),
        label: member.map_or_else(|| "unknown device".into(), |member| member.enrolment.label.clone()),
        role: member.and_then(|member| Role::from_number(member.enrolment.role.number())),
        first_log: Some(membership.first_log(&log))
            .filter(|first| *first != log)
            .map(|first| first.to_string()),
        standing: match member.map(|member| member.standing) {
            Some(MemberStanding::Provisional) => LogStanding::Provisional,
            Some(MemberStanding::Enrolled) | None => LogStanding::Enrolled,
        },
    }
}

/// The loggers that entries which count have enrolled, by id, as they stand now.
pub fn enrolled_loggers(entries: impl Iterator<Item = SignedEntry>) -> BTreeMap<Id, Logger> {
    Fleet::of(entries).now()
}

/// The shipments that the legs of a shipment's lines name, as its creation tells.
pub fn earlier_shipments<'a>(records: impl Iterator<Item = &'a Record>) -> BTreeSet<Id> {
    let created = records.filter(|record| record.entry.payload().kind == u64::from(Kind::Shipment.number()));
    let items =
        created.filter_map(|record| Shipment::from_bytes(&record.body).ok()).flat_map(|says| says.items);
    items.flat_map(|item| item.legs.unwrap_or_default()).map(|leg| leg.shipment).collect()
}

/// The kinds of entries that enrol people and bind their keys.
pub const PEOPLE_KINDS: [u64; 2] = [Kind::Person as u64, Kind::PersonKey as u64];

/// The kinds of entries about no shipment that travel with each: loggers enrolled and ended, rules, clocks compared.
pub const ORGANISATION_KINDS: [u64; 4] =
    [Kind::Logger as u64, Kind::LoggerEnded as u64, Kind::Policy as u64, Kind::ClockCompared as u64];

/// What entries about no shipment say of rules and ended loggers.
pub fn organisation_story(records: &[Record], membership: &Membership, people: &People) -> OrganisationStory {
    let told = |record| signed_entry(record, membership, people);
    shipment::tell_organisation(records.iter().map(told).collect())
}

/// The model's id as the ledger's subject.
pub fn subject(shipment: Id) -> LedgerId {
    LedgerId(shipment.0)
}
