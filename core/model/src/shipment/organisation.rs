//! What an organisation says apart from any shipment and bears on each: its rules, ended loggers, and clocks.

use super::comparisons::Comparisons;
use super::fleet::latest;
use super::order::in_order;
use super::story::{Placed, SignedEntry, Story, judged, placed};
use crate::api::{Changed, ChangedBy, EndedLogger, PolicyShown};
use crate::id::Id;
use crate::record::{
    AsFound, Certificate, ClockCompared, Ending, Entries, EntryReference, Kind, Logger, LoggerEnded, Policy,
    SinglePersonRelease, Statement,
};
use crate::time::UtcMillis;
use std::collections::BTreeMap;

/// The organisation's statements that count, each list in the order of the story.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OrganisationStory {
    /// Its rules.
    pub policies: Vec<Placed<Policy>>,
    /// The loggers that ended.
    pub ended: Vec<Placed<LoggerEnded>>,
    /// What was recorded of loggers of which one record or another found them out of tolerance, in order.
    calibrated: BTreeMap<Id, Vec<Placed<Certificate>>>,
    /// The clocks that devices compared.
    pub(super) compared: Comparisons,
    /// The entries that say so, without their bodies: what their signers held.
    entries: BTreeMap<EntryReference, SignedEntry>,
}

/// Two devices' clocks, as one of them signed that they differ.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Compared {
    /// The entry, without its body.
    pub entry: SignedEntry,
    /// The other device's log.
    pub peer: [u8; 32],
    /// How far the other's clock was ahead, in milliseconds.
    pub difference_ms: i64,
    /// The other's entries that show it, where no meeting did.
    pub dated_back: Option<Entries>,
}

/// Tells what entries about no shipment say of rules and ended loggers; others among them are passed by.
pub fn tell_organisation(entries: Vec<SignedEntry>) -> OrganisationStory {
    let is_compared = |entry: &SignedEntry| entry.kind == u64::from(Kind::ClockCompared.number());
    let (compared, entries) = entries.into_iter().partition(is_compared);
    let mut story = OrganisationStory { compared: tell_compared(compared), ..OrganisationStory::default() };
    for told in in_order(entries).into_iter().map(judged).filter(|told| told.refused.is_none()) {
        let entry = SignedEntry { body: Vec::new(), ..told.entry.clone() };
        story.entries.insert(entry.reference, entry);
        match told.statement {
            Some(Statement::Policy(policy)) => story.policies.push(placed(&told.entry, policy)),
            Some(Statement::LoggerEnded(ended)) => story.ended.push(placed(&told.entry, ended)),
            Some(Statement::Logger(Logger { id, certificate: Some(certificate), .. })) => {
                story.calibrated.entry(id).or_default().push(placed(&told.entry, certificate));
            }
            _ => {}
        }
    }
    let is_out = |one: &Placed<Certificate>| one.says.as_found == AsFound::OutOfTolerance;
    story.calibrated.retain(|_, certificates| certificates.iter().any(is_out));
    story
}

/// What devices say of clocks that counts.
fn tell_compared(entries: Vec<SignedEntry>) -> Comparisons {
    let mut compared = Vec::new();
    for told in entries.into_iter().map(judged).filter(|told| told.refused.is_none()) {
        let Some(Statement::ClockCompared(says)) = told.statement else { continue };
        let entry = SignedEntry { body: Vec::new(), ..told.entry };
        let held = entry.heads.iter().find(|head| head.log == says.peer).map(|head| head.size);
        if entry.person.is_none() && says.may_count(&entry.reference.log, held) {
            let ClockCompared { peer, difference_ms, dated_back } = says;
            compared.push(Compared { entry, peer, difference_ms, dated_back });
        }
    }
    Comparisons::of(compared)
}

impl OrganisationStory {
    /// The rule on releasing alone as it stands now.
    pub fn single_person_release(&self) -> SinglePersonRelease {
        self.newest_policy().map_or(SinglePersonRelease::Refused, |policy| policy.says.single_person_release)
    }

    /// The rule that is in force now.
    pub fn newest_policy(&self) -> Option<&Placed<Policy>> {
        self.in_force(&|_| true)
    }

    /// The same as the signer of an entry knew it; what others had ruled by then changes no honest decision.
    pub(super) fn single_person_release_to(&self, entry: &SignedEntry) -> SinglePersonRelease {
        let known = self.policy_to(entry);
        known.map_or(SinglePersonRelease::Refused, |policy| policy.says.single_person_release)
    }

    /// The rule in force that the signer of an entry held.
    pub(super) fn policy_to(&self, entry: &SignedEntry) -> Option<&Placed<Policy>> {
        self.in_force(&|reference| self.is_held_by(entry, reference))
    }

    /// Of the rules that are known the newest; of those whose signers did not know of each other the strictest.
    fn in_force(&self, known: &dyn Fn(EntryReference) -> bool) -> Option<&Placed<Policy>> {
        let known = || self.policies.iter().filter(|policy| known(policy.reference));
        let knew = |later: &Placed<Policy>, policy: &Placed<Policy>| {
            let later = self.entries.get(&later.reference);
            later.is_some_and(|later| self.is_held_by(later, policy.reference))
        };
        let newest = || known().filter(|policy| !known().any(|later| knew(later, policy)));
        let refuses =
            |policy: &&Placed<Policy>| policy.says.single_person_release == SinglePersonRelease::Refused;
        newest().filter(refuses).last().or_else(|| newest().last())
    }

    /// Whether the signer of an entry knew that a logger had ended.
    pub(super) fn has_ended_to(&self, entry: &SignedEntry, logger: Id) -> bool {
        let mut of_it = self.ended.iter().filter(|ended| ended.says.logger == logger);
        of_it.any(|ended| self.is_held_by(entry, ended.reference))
    }

    /// The entries, of those that are known, by which the calibration after an instant found a logger out of
    /// tolerance; `before` are those that somebody held who signed at that instant.
    pub(super) fn found_out(
        &self,
        logger: Id,
        from: UtcMillis,
        known: &dyn Fn(&SignedEntry) -> bool,
        before: &dyn Fn(&SignedEntry) -> bool,
    ) -> Vec<&SignedEntry> {
        let is_out = |certificate: &Certificate| certificate.as_found == AsFound::OutOfTolerance;
        let may_be_later = |certificate: &Certificate, entry: &SignedEntry| {
            let by_day = || is_out(certificate) && !before(entry) && latest(certificate) > from;
            certificate.calibrated > from || by_day()
        };
        let recorded = self.calibrated.get(&logger).into_iter().flatten();
        let told = recorded.filter_map(|one| Some((&one.says, self.entries.get(&one.reference)?)));
        let later = told.filter(|(certificate, entry)| may_be_later(certificate, entry));
        let told: Vec<(&Certificate, &SignedEntry)> = later.filter(|(_, entry)| known(entry)).collect();
        let first = told.iter().map(|(certificate, _)| certificate.calibrated).min();
        let found = told.into_iter().filter(|(one, _)| Some(one.calibrated) == first && is_out(one));
        found.map(|(_, entry)| entry).collect()
    }

    fn is_held_by(&self, entry: &SignedEntry, reference: EntryReference) -> bool {
        self.entries.get(&reference).is_some_and(|held| entry.holds(held))
    }

    /// The rule that held at an instant; absent where no admin had signed one.
    pub fn policy(&self, at: UtcMillis) -> Option<&Placed<Policy>> {
        self.policies.iter().rev().find(|policy| policy.at <= at)
    }

    /// The same as a front end shows it.
    pub fn policy_shown(&self, at: UtcMillis) -> Option<PolicyShown> {
        self.policy(at).map(shown)
    }

    /// Every rule that was signed, in the order of the story, each with the one before it.
    pub fn policy_changes(&self) -> Vec<Changed<Policy>> {
        Changed::each(self.policies.iter().map(|policy| (ChangedBy::from(policy), policy.says)))
    }

    /// The loggers that had ended by an instant, each as what.
    pub fn endings(&self, at: UtcMillis) -> BTreeMap<Id, Ending> {
        let ended = |logger| Some((logger, self.ending(logger, at)?.says.ending));
        self.ended.iter().filter_map(|one| ended(one.says.logger)).collect()
    }

    /// How a logger had ended by an instant.
    pub fn ending(&self, logger: Id, at: UtcMillis) -> Option<&Placed<LoggerEnded>> {
        let of_it = self.ended.iter().filter(|ended| ended.says.logger == logger && ended.at <= at);
        of_it.max_by_key(|ended| (ended.at, ended.reference))
    }

    /// The same as a front end shows it, with how it had ended before.
    pub fn ending_shown(&self, logger: Id, at: UtcMillis) -> Option<EndedLogger> {
        let of_it = self.ended.iter().filter(|ended| ended.says.logger == logger && ended.at <= at);
        let mut of_it: Vec<&Placed<LoggerEnded>> = of_it.collect();
        of_it.sort_by_key(|ended| (ended.at, ended.reference));
        let mut shown: Vec<EndedLogger> = of_it.into_iter().map(ended_shown).collect();
        let last = shown.pop()?;
        Some(EndedLogger { before: shown, ..last })
    }
}

fn ended_shown(ended: &Placed<LoggerEnded>) -> EndedLogger {
    EndedLogger {
        ending: ended.says.ending,
        reason: ended.says.reason.clone(),
        at: ended.at,
        person: ended.person.clone(),
        device: Some(ended.device.clone()),
        before: Vec::new(),
    }
}

impl Story {
    /// The rule under which the stock was decided about, as who decided knew it; before that the newest one.
    pub fn policy(&self) -> Option<&Placed<Policy>> {
        let decided = self.disposition.as_ref().and_then(|decision| self.told_as(decision.reference));
        match decided {
            Some(decided) => self.organisation.policy_to(&decided.entry),
            None => self.organisation.newest_policy(),
        }
    }
}

/// A rule as a front end shows it.
pub(super) fn shown(policy: &Placed<Policy>) -> PolicyShown {
    PolicyShown {
        single_person_release: policy.says.single_person_release,
        since: policy.at,
        person: policy.person.clone(),
        device: Some(policy.device.clone()),
        reason: policy.reason.clone(),
    }
}
