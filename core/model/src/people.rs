//! Who the organisation's people are, by the entries that enrol them and bind their keys.
//!
//! What counts at a signature is what its device knew: its own log before the entry, the logs below the
//! heads that the entry names, and what the clocks say lies before it. So the outcome does not depend on
//! the order in which logs arrive, and nothing that arrives later changes what an honest device computed.

use crate::api::Device;
use crate::authority::{Refusal, Standing, judge, judge_signed};
use crate::id::Id;
use crate::permission::{SignedBy, signed_by};
use crate::record::{Kind, Person, PersonKey, PersonStanding, Statement, change_reason};
use crate::role::Role;
use crate::shipment::{SignedEntry, Signer};
use crate::time::UtcMillis;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// What a person accepts before a key is made (21 CFR 11.10(j)); its SHA-256 stands in the person's key.
pub const ACCOUNTABILITY: &str = "\
Firn accountability, version 1.
My signature in Firn is the legally binding equivalent of my handwritten signature.
I am accountable for everything that is signed with it.
My PIN is mine alone: I give it to nobody, and nobody gives me theirs.
If somebody else may know it, I tell an admin at once.
I sign only what I have done, seen or decided myself.
";

/// The SHA-256 of [`ACCOUNTABILITY`].
pub fn accountability() -> [u8; 32] {
    Sha256::digest(ACCOUNTABILITY).into()
}

/// The people whom entries that count have enrolled, with their keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct People {
    /// Each person as enrolled and changed, ascending by clock, log and place.
    versions: BTreeMap<Id, Vec<Version>>,
    /// The keys that each log has bound to each person, ascending by place.
    keys: BTreeMap<([u8; 32], Id), Vec<Bound>>,
    /// The first entry of each log that tells of a person.
    told: BTreeMap<[u8; 32], u64>,
}

/// A person as one entry says.
#[derive(Clone, Debug, PartialEq)]
struct Version {
    at: UtcMillis,
    log: [u8; 32],
    sequence: u64,
    person: Person,
    /// Why it changes what stood before.
    reason: Option<String>,
    /// The device that says so.
    device: Device,
    /// Who signed it as well, by what it claims.
    claim: Claim,
}

/// A key as one entry binds it.
#[derive(Clone, Debug, PartialEq)]
struct Bound {
    sequence: u64,
    key: [u8; 32],
    /// The device whose log it stands in.
    device: Device,
    /// Where the entry stands and what signed it as well: the person's enrolment key, if it is to count.
    claim: Claim,
}

/// An entry about a person, and what it claims.
#[derive(Clone, Debug, PartialEq)]
pub struct AboutPerson {
    /// The entry, with nothing said of who signed it as well.
    pub entry: SignedEntry,
    /// Where it stands, and the key of its second signature.
    pub claim: Claim,
}

/// Where and when an entry stands, and whose it says it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The log.
    pub log: [u8; 32],
    /// Its place in it.
    pub sequence: u64,
    /// The device's clock.
    pub at: UtcMillis,
    /// The kind's number.
    pub kind: u64,
    /// The person that it names.
    pub person: Option<Id>,
    /// The key of the person's signature, which holds.
    pub key: Option<[u8; 32]>,
    /// The other logs that the device held, each with how many of its entries.
    pub heads: Vec<([u8; 32], u64)>,
}

impl AboutPerson {
    /// An entry that one key signed alone.
    pub fn alone(entry: SignedEntry) -> Self {
        let claim = Claim {
            log: entry.reference.log,
            sequence: entry.sequence,
            at: entry.at,
            kind: entry.kind,
            person: None,
            key: None,
            heads: entry.heads.iter().map(|held| (held.log, held.size)).collect(),
        };
        Self { entry, claim }
    }
}

impl Claim {
    /// Whether the device knew that entry when it signed.
    fn knew(&self, log: &[u8; 32], sequence: u64) -> bool {
        match *log == self.log {
            true => sequence < self.sequence,
            false => self.heads.iter().any(|(held, size)| held == log && sequence < *size),
        }
    }
}

impl People {
    /// Gathers them from entries of the kinds `person` and `person's key`, in any order; entries that do
    /// not count and other kinds add nothing.
    pub fn gather(entries: impl IntoIterator<Item = AboutPerson>) -> Self {
        let mut people = Self::default();
        for AboutPerson { entry, claim } in entries {
            let (log, sequence) = (entry.reference.log, entry.sequence);
            let counts = |kind| {
                let valid = judge(entry.device.role, kind) == Standing::Valid;
                valid && entry.beyond.is_none() && !entry.device.waits_with(kind)
            };
            let kind = Kind::from_number(entry.kind).filter(|kind| counts(*kind));
            match kind.map(|kind| Statement::parse(kind, &entry.body)) {
                Some(Ok(Statement::Person(person))) => {
                    let reason = change_reason(entry.kind, &entry.body);
                    let (at, device) = (entry.at, entry.device);
                    let version = Version { at, log, sequence, person, reason, device, claim };
                    people.versions.entry(version.person.id).or_default().push(version);
                    let first = people.told.entry(log).or_insert(sequence);
                    *first = sequence.min(*first);
                }
                Some(Ok(Statement::PersonKey(PersonKey { person, key, .. }))) => {
                    people.keys.entry((log, person)).or_default().push(Bound {
                        sequence,
                        key,
                        device: entry.device,
                        claim,
                    });
                }
                _ => {}
            }
        }
        for versions in people.versions.values_mut() {
            versions.sort_by_key(|version| (version.at, version.log, version.sequence));
        }
        people.keys.values_mut().for_each(|bound| bound.sort_by_key(|bound| bound.sequence));
        people
    }

    /// Every person as they stand now, by id.
    pub fn all(&self) -> Vec<Person> {
        self.versions.values().filter_map(|versions| newest(versions.iter())).collect()
    }

    /// The person of this id as they stand now.
    pub fn person(&self, id: &Id) -> Option<Person> {
        newest(self.versions.get(id)?.iter())
    }

    /// The key that a person signs with in this log: the newest bound there, unless it was withdrawn.
    pub fn key(&self, log: &[u8; 32], person: &Id) -> Option<[u8; 32]> {
        let key = self.admitted(log, person).last().map(|bound| bound.key)?;
        let mut versions = self.versions.get(person).into_iter().flatten();
        (!versions.any(|version| version.person.has_withdrawn(&key))).then_some(key)
    }

    /// The keys that this log has bound to a person with the enrolment key that the device knew of then, and
    /// those that the same device had so bound in a log before.
    fn admitted<'a>(&'a self, log: &[u8; 32], person: &'a Id) -> impl Iterator<Item = &'a Bound> {
        let admitted = move |bound: &&'a Bound| {
            let before = |of: &&Bound| of.key == bound.key && of.device.is(&bound.device);
            self.with_code(person, bound)
                || self.bound_to(person).filter(before).any(|of| self.with_code(person, of))
        };
        self.keys.get(&(*log, *person)).into_iter().flatten().filter(admitted)
    }

    fn with_code(&self, person: &Id, bound: &Bound) -> bool {
        let claim = &bound.claim;
        let code = self.as_of(person, claim).and_then(|person| person.enrolment_key);
        claim.key.is_some() && claim.person == Some(*person) && code == claim.key
    }

    /// Every key that any log binds to a person.
    fn bound_to(&self, person: &Id) -> impl Iterator<Item = &Bound> {
        self.keys.iter().filter(move |((_, of), _)| of == person).flat_map(|(_, bound)| bound)
    }

    /// How many keys this log has bound to a person so far, those that were withdrawn among them.
    pub fn keys_bound(&self, log: &[u8; 32], person: &Id) -> usize {
        self.keys.get(&(*log, *person)).map_or(0, Vec::len)
    }

    /// The logs in which a person signs with a key.
    pub fn logs_with_key(&self, person: &Id) -> Vec<[u8; 32]> {
        let logs = self.keys.keys().filter(|(_, of)| of == person).map(|(log, _)| *log);
        logs.filter(|log| self.key(log, person).is_some()).collect()
    }

    /// The logs that tell of people.
    pub fn logs(&self) -> BTreeSet<[u8; 32]> {
        self.told.keys().copied().collect()
    }

    /// Who signed an entry, and whether that counts.
    ///
    /// The signer is told wherever the signature is that person's own, also of an entry that does not count.
    pub fn signer(&self, claim: &Claim) -> (Option<Signer>, Result<(), Refusal>) {
        if Kind::from_number(claim.kind).is_some_and(|kind| signed_by(kind) == SignedBy::Code) {
            // Whether the code is the person's is asked wherever the new key is used.
            return (None, Ok(()));
        }
        let Some(id) = claim.person else {
            let asked = Kind::from_number(claim.kind).is_some_and(|kind| signed_by(kind) == SignedBy::Person);
            let missing = asked && self.told.iter().any(|(log, sequence)| claim.knew(log, *sequence));
            return (None, if missing { Err(Refusal::PersonMissing) } else { Ok(()) });
        };
        let Some(key) = claim.key else { return (None, Err(Refusal::PersonMissing)) };
        let Some(person) = self.as_of(&id, claim) else { return (None, Err(Refusal::PersonNotEnrolled)) };
        let earlier = |bound: &&Bound| bound.sequence < claim.sequence;
        let bound = self.admitted(&claim.log, &id).filter(earlier).last();
        if bound.is_none_or(|bound| bound.key != key) {
            return (None, Err(Refusal::KeyNotOfPerson));
        }
        if self.known(&id, claim).any(|version| version.person.has_withdrawn(&key)) {
            // Somebody else may have signed.
            return (None, Err(Refusal::KeyWithdrawn));
        }
        let counts = match (person.standing, person.trained) {
            (PersonStanding::Ended, _) => Err(Refusal::PersonEnded),
            (PersonStanding::Active, Some(trained)) if trained <= claim.at => Ok(()),
            (PersonStanding::Active, _) => Err(Refusal::PersonNotTrained),
        };
        let Person { name, title, role, .. } = person;
        (Some(Signer { id, name, title, role }), counts)
    }

    /// A person as the device knew them, or as the clocks say they stood; the first enrolment where both
    /// lie before it.
    fn as_of(&self, id: &Id, claim: &Claim) -> Option<Person> {
        newest(self.known(id, claim)).or_else(|| newest(self.versions.get(id)?.iter().take(1)))
    }

    /// What the device knew of a person, or the clocks say lay before.
    fn known<'a>(&'a self, id: &Id, claim: &'a Claim) -> impl Iterator<Item = &'a Version> {
        let own = |version: &&Version| match version.log == claim.log {
            true => version.sequence < claim.sequence,
            false => version.at <= claim.at || claim.knew(&version.log, version.sequence),
        };
        self.versions.get(id).into_iter().flatten().filter(own)
    }
}

/// The role that a signature speaks for, as [`crate::authority::judge_signed`] takes it.
pub fn standing_of(entry: &SignedEntry) -> Result<Option<Role>, Refusal> {
    match entry.person_refused {
        Some(refusal) => Err(refusal),
        None => Ok(entry.person.as_ref().map(|person| person.role)),
    }
}

/// Whether those who signed an entry may say what it says: the one rule for every kind, wherever it is read or
/// about to be signed.
///
/// # Errors
/// Why it does not count, whatever else was said.
pub fn may_say(entry: &SignedEntry, kind: Kind) -> Result<(), Refusal> {
    match judge_signed(entry.device.role, standing_of(entry), kind) {
        Standing::Refused(refusal) => Err(refusal),
        Standing::Valid if entry.beyond.is_some() => Err(Refusal::Disputed),
        Standing::Valid if entry.device.waits_with(kind) => Err(Refusal::Provisional),
        Standing::Valid => Ok(()),
    }
}

/// The last version; whoever has ended stays so, and the id is never given to anybody else
/// (21 CFR 11.100(a)).
fn newest<'a>(versions: impl Iterator<Item = &'a Version>) -> Option<Person> {
    let mut newest: Option<Person> = None;
    for version in versions {
        match &newest {
            Some(before) if before.standing == PersonStanding::Ended => break,
            _ => newest = Some(version.person.clone()),
        }
    }
    newest
}

mod changes;
#[cfg(test)]
mod tests;
