//! What the logs tell of the vault's documents: recorded, erased, and by whom.

use super::Owed;
use super::devices::Devices;
use crate::{AppError, Identity, read_model};
use firn_ledger::bytes::{Hash, Id as LedgerId, LogId};
use firn_ledger::membership::MemberStanding;
use firn_ledger::statement::{ERASURE, Erasure, Role as LedgerRole};
use firn_ledger::store::View;
use firn_model::id::Id;
use firn_model::record::{Body, Located};
use firn_model::time::UtcMillis;
use firn_model::vault::{Commitment, Ground, PositionKnown};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A position as its entry tells of it.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub log: LogId,
    pub sequence: u64,
    pub located: Located,
}

/// An erasure with the entry that signed it.
struct Signed {
    log: LogId,
    sequence: u64,
    leaf: Hash,
    erasure: Erasure,
}

/// A subject of the vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VaultSubject {
    /// A person's id, or what stands for a device.
    pub subject: Id,
    /// The person's printed name, or what the device is called.
    pub name: Option<String>,
    /// Of a device's log that ended: what stands for the log with which it goes on, under the same name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continued_by: Option<Id>,
    /// How many documents this device keeps of it.
    pub kept: usize,
    /// How many the logs tell of.
    pub recorded: usize,
    /// How many of those were erased.
    pub erased: usize,
}

pub(super) fn owed(view: &mut View<'_>, identity: &Identity) -> Result<Owed, AppError> {
    let signed = erasures(view)?;
    if signed.is_empty() {
        return Ok(Owed::default());
    }
    let devices = Devices::read(view, identity)?;
    let counting = signed.into_iter().filter(|one| one.counts_for(&identity.log, &devices));
    let erasures = counting.map(|one| (one.leaf, Id(one.erasure.subject.0))).collect();
    Ok(Owed { erasures, named: None })
}

impl Signed {
    /// An admin's device erases everywhere, every other what its own logs recorded, a copy's that stays out among
    /// them; neither does beyond the end of a revoked log, nor in one that nobody enrolled.
    fn counts_for(&self, log: &LogId, devices: &Devices) -> bool {
        let Some(member) = devices.membership.member(&self.log) else { return false };
        let ended = member.cut.is_some_and(|cut| self.sequence >= cut.upheld);
        let enrolled = member.standing == MemberStanding::Enrolled;
        let admin = member.enrolment.role == LedgerRole::Admin;
        enrolled && !ended && (admin || devices.first_log(&self.log) == devices.first_log(log))
    }

    /// Whether it took, with the key of its subject, what this home had recorded.
    fn strikes(&self, one: &Recorded, devices: &Devices) -> bool {
        let before = self.log == one.log && self.sequence < one.sequence;
        devices.is_of_this_home(&one.log)
            && self.erasure.subject.0 == one.located.subject.0
            && !before
            && self.counts_for(&one.log, devices)
    }

    fn names(&self, commitment: &Commitment) -> bool {
        self.erasure.commitments.binary_search(&Hash(commitment.0)).is_ok()
    }

    fn known(&self) -> PositionKnown {
        let ground = Ground::from_number(self.erasure.ground).unwrap_or(Ground::NotNeeded);
        PositionKnown::Erased { at: UtcMillis(self.erasure.at_ms), ground }
    }
}

/// Every erasure in the logs; a body that is none says nothing.
fn erasures(view: &mut View<'_>) -> Result<Vec<Signed>, AppError> {
    let mut found = Vec::new();
    for log in view.logs_with(|kind| kind == ERASURE)? {
        for record in view.own_kinds_of(&log)? {
            let payload = record.entry.payload();
            if let (ERASURE, Ok(erasure)) = (payload.kind, Erasure::decode(&record.body)) {
                found.push(Signed { log, sequence: payload.sequence, leaf: record.entry.leaf(), erasure });
            }
        }
    }
    Ok(found)
}

/// Every position that the logs tell of.
pub(super) fn recorded(view: &mut View<'_>) -> Result<Vec<Recorded>, AppError> {
    let records = read_model::position_records(view)?;
    let recorded = records.iter().filter_map(|record| {
        let located = Located::from_bytes(&record.body).ok()?;
        Some(Recorded { log: record.entry.log(), sequence: record.entry.payload().sequence, located })
    });
    Ok(recorded.collect())
}

/// What stands for a device as a subject: the first half of its log's id.
pub(super) fn device_subject(log: &LogId) -> Id {
    Id(log.0.first_chunk::<16>().copied().unwrap_or_default())
}

/// Those of which an erasure that counts is signed: they are never opened again.
pub(super) fn told(
    view: &mut View<'_>,
    identity: &Identity,
    asked: &BTreeSet<Commitment>,
) -> Result<BTreeMap<Commitment, PositionKnown>, AppError> {
    let devices = Devices::read(view, identity)?;
    let erasures = erasures(view)?;
    let recorded = recorded(view)?.into_iter().filter(|one| asked.contains(&one.located.commitment));
    let gone = recorded.filter_map(|one| {
        let commitment = one.located.commitment;
        let mut counting = erasures.iter().filter(|erasure| erasure.counts_for(&one.log, &devices));
        counting.find(|erasure| erasure.names(&commitment)).map(|erasure| (commitment, erasure.known()))
    });
    Ok(gone.collect())
}

/// Those that this home recorded of a subject that was erased since, without a word on them: the subject's key
/// went, and with it what no erasure names, for its signer had not heard of it.
pub(super) fn struck(
    view: &mut View<'_>,
    identity: &Identity,
    asked: &BTreeSet<Commitment>,
) -> Result<BTreeMap<Commitment, PositionKnown>, AppError> {
    let devices = Devices::read(view, identity)?;
    let erasures = erasures(view)?;
    let recorded = recorded(view)?.into_iter().filter(|one| asked.contains(&one.located.commitment));
    let gone = recorded.filter_map(|one| {
        let struck = erasures.iter().find(|erasure| erasure.strikes(&one, &devices));
        struck.map(|erasure| (one.located.commitment, erasure.known()))
    });
    Ok(gone.collect())
}

/// What an erasure of a subject names: all that the logs tell of and this vault keeps.
pub(super) fn commitments(
    view: &mut View<'_>,
    identity: &Identity,
    subject: Id,
    here: &[Commitment],
) -> Result<BTreeSet<Commitment>, AppError> {
    let devices = Devices::read(view, identity)?;
    match devices.membership.member(&identity.log) {
        Some(member) if member.cut.is_some() => return Err(AppError::DeviceRevoked),
        Some(member) if member.standing == MemberStanding::Enrolled => {}
        // What it signs counts for nothing, not even here.
        Some(_) | None => return Err(AppError::LogProvisional),
    }
    let recorded: Vec<Recorded> =
        recorded(view)?.into_iter().filter(|one| one.located.subject == subject).collect();
    if recorded.is_empty() && here.is_empty() {
        return Err(AppError::NotFound { what: "subject of the vault", name: subject.to_string() });
    }
    let own = Signed {
        log: identity.log,
        sequence: 0,
        leaf: Hash([0; 32]),
        erasure: Erasure { subject: LedgerId(subject.0), commitments: Vec::new(), ground: 1, at_ms: 0 },
    };
    let counting = recorded.iter().filter(|one| own.counts_for(&one.log, &devices));
    let named: BTreeSet<Commitment> =
        counting.map(|one| one.located.commitment).chain(here.iter().copied()).collect();
    if named.is_empty() { Err(AppError::RoleMayNot) } else { Ok(named) }
}

pub(super) fn subjects(
    view: &mut View<'_>,
    identity: &Identity,
    listed: &BTreeMap<Id, Vec<Commitment>>,
) -> Result<Vec<VaultSubject>, AppError> {
    let devices = Devices::read(view, identity)?;
    let people = read_model::people(view, &identity.organisation)?;
    let (erasures, recorded) = (erasures(view)?, recorded(view)?);
    let mut subjects: BTreeMap<Id, Vec<&Recorded>> = listed.keys().map(|id| (*id, Vec::new())).collect();
    for one in &recorded {
        subjects.entry(one.located.subject).or_default().push(one);
    }
    let device = |subject: &Id| {
        let member = devices.membership.members().find(|one| device_subject(&one.enrolment.log) == *subject);
        member.map(|member| member.enrolment.label.clone())
    };
    let continued_by = |subject: &Id| {
        let mut members = devices.membership.members();
        let goes_on = |before: &LogId| device_subject(before) == *subject;
        let next = members.find(|one| one.predecessor.as_ref().is_some_and(goes_on));
        next.map(|member| device_subject(&member.enrolment.log))
    };
    let gone = |one: &&&Recorded| {
        let commitment = &one.located.commitment;
        let kept = listed.get(&one.located.subject).is_some_and(|kept| kept.contains(commitment));
        erasures.iter().any(|erasure| {
            let named = erasure.names(commitment) && erasure.counts_for(&one.log, &devices);
            named || !kept && erasure.strikes(one, &devices)
        })
    };
    let told = subjects.into_iter().map(|(subject, recorded)| VaultSubject {
        subject,
        name: people.person(&subject).map(|person| person.name).or_else(|| device(&subject)),
        continued_by: continued_by(&subject),
        kept: listed.get(&subject).map_or(0, Vec::len),
        recorded: recorded.len(),
        erased: recorded.iter().filter(gone).count(),
    });
    Ok(told.collect())
}
