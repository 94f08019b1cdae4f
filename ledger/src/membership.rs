//! Who belongs to an organisation: a fold over the ledger's own statements in any order (docs/format.md §6).
//!
//! The root names admins; an admin's device admits others. Each statement is judged by what the root alone
//! says of the device that made it, so nothing depends on the order of arrival, and no admin's statement can
//! reach another admin's.

mod bearing;
mod counting;
mod partners;

pub use bearing::{bearing, ends_said};
pub(crate) use counting::{Added, MAX_REPEATED};
pub use partners::KnownPartner;

use std::collections::{BTreeMap, BTreeSet};

use crate::bytes::{Hash, LogId, OrganisationId, PublicKey};
use crate::entry::{Head, Record};
use crate::error::LedgerError;
use crate::statement::{
    Admission, ENROL, Enrolment, EntryReference, GENESIS, Genesis, PARTNER, Partner, REVOKE, ROOT,
    Revocation, Role, RootSays, RootStatement, UPHELD, Upheld,
};
use crate::tree::Tree;
use partners::Pin;

/// The statements known so far. Only those of verified entries may be added.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Statements {
    geneses: BTreeMap<LogId, Genesis>,
    stated: BTreeMap<EntryReference, Stated>,
    /// What is said of other organisations, which bears on nobody's membership.
    pins: BTreeMap<EntryReference, Pin>,
}

/// A statement with its place in its log.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stated {
    sequence: u64,
    says: Says,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Says {
    Enrols(Enrolment),
    Revokes(Revocation),
    Upholds(Upheld),
    Root(RootStatement),
}

/// A device that belongs to the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its log, key, endpoint, role, label and not-before.
    pub enrolment: Enrolment,
    /// The entry that enrolled it; none for the first device, which the root admitted in its genesis.
    pub by: Option<EntryReference>,
    /// Where its log ends, if it was revoked.
    pub cut: Option<Cut>,
    /// Whether somebody enrolled it, or it goes on from another log by that one's key alone.
    pub standing: MemberStanding,
    /// The log of the same device that it goes on from: by its genesis, or by its enrolment.
    pub predecessor: Option<LogId>,
}

/// Whether a member was enrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberStanding {
    /// The root or an admin enrolled it.
    Enrolled,
    /// It continues an enrolled log and waits for an admin: what it measures counts, what people decide on
    /// it does not.
    Provisional,
}

/// The end of a revoked log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// How many of its entries hold.
    pub size: u64,
    /// When its device was lost: what another device had seen before then still counts.
    pub lost_ms: i64,
    /// Entries below this count again by a person's word; `size` or more.
    pub upheld: u64,
    /// The tree's head at that size: which history holds, where the log has two.
    pub root: Hash,
}

/// The members of one organisation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Membership {
    members: BTreeMap<LogId, Member>,
    /// Numbers of root statements below the largest that are not held.
    missing: Vec<u64>,
}

impl Statements {
    /// Adds what a verified entry states about membership; other kinds add nothing.
    ///
    /// # Errors
    /// [`LedgerError::Format`] for a body that cannot be read.
    pub fn add(&mut self, record: &Record) -> Result<(), LedgerError> {
        let (entry, body) = (&record.entry, &record.body);
        let reference = EntryReference { log: entry.log(), leaf: entry.leaf() };
        let says = match entry.payload().kind {
            GENESIS => {
                self.geneses.insert(entry.log(), Genesis::decode(body)?);
                return Ok(());
            }
            ENROL => Says::Enrols(Enrolment::decode(body)?),
            REVOKE => Says::Revokes(Revocation::decode(body)?),
            UPHELD => Says::Upholds(Upheld::decode(body)?),
            ROOT => Says::Root(RootStatement::decode(body)?),
            PARTNER => {
                // A pin that cannot be read says nothing: membership must not hang on it.
                if let Ok(partner) = Partner::decode(body) {
                    self.pins.insert(reference, Pin::new(entry.payload(), partner));
                }
                return Ok(());
            }
            _ => return Ok(()),
        };
        self.stated.insert(reference, Stated { sequence: entry.payload().sequence, says });
        Ok(())
    }

    /// The genesis of a log, if its first entry is known.
    pub fn genesis(&self, log: &LogId) -> Option<&Genesis> {
        self.geneses.get(log)
    }

    /// The largest number that a statement of the organisation's root carries; 0 where there is none.
    pub fn last_root_number(&self, organisation: &OrganisationId) -> u64 {
        let root = Fold::new(self, organisation).root;
        root.values().map(|root| root.number).max().unwrap_or_default()
    }

    /// Who belongs to `organisation`, by these statements.
    pub fn fold(&self, organisation: &OrganisationId) -> Membership {
        Fold::new(self, organisation).membership()
    }
}

/// Whose word ended a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RevokedBy {
    Root,
    Admin,
}

/// Where the root ended admins' logs, and which of their statements it overruled.
struct Bounds {
    cuts: BTreeMap<LogId, u64>,
    overruled: BTreeSet<EntryReference>,
}

/// What counts, found once for a fold.
struct Fold<'a> {
    statements: &'a Statements,
    geneses: BTreeMap<LogId, &'a Genesis>,
    /// The root's own statements that verify, by the entries that carry them.
    root: BTreeMap<EntryReference, &'a RootStatement>,
    admins: BTreeSet<LogId>,
    enrolments: BTreeMap<EntryReference, &'a Enrolment>,
    cuts: BTreeMap<LogId, Cut>,
}

impl<'a> Fold<'a> {
    fn new(statements: &'a Statements, organisation: &OrganisationId) -> Self {
        let mut fold = Self::of_root(statements, organisation);
        let of_admins = fold.of_admins();
        fold.enrolments = fold.enrolments(&of_admins);
        fold.cuts = fold.cuts(&of_admins);
        fold
    }

    /// What the root alone says, and who is an admin by that.
    fn of_root(statements: &'a Statements, organisation: &OrganisationId) -> Self {
        let ours = |genesis: &&Genesis| genesis.organisation.id == *organisation && genesis.check().is_ok();
        let geneses: BTreeMap<_, _> =
            statements.geneses.values().filter(ours).map(|genesis| (genesis.log(), genesis)).collect();
        let key = geneses.values().next().map(|genesis| genesis.organisation.root);
        let verified = |(entry, stated): (&EntryReference, &'a Stated)| match &stated.says {
            Says::Root(root) if key.is_some_and(|key| root.verify(&key).is_ok()) => Some((*entry, root)),
            _ => None,
        };
        let root = statements.stated.iter().filter_map(verified).collect();
        let (admins, enrolments, cuts) = Default::default();
        let mut fold = Self { statements, geneses, root, admins, enrolments, cuts };
        fold.admins = fold.admins();
        fold
    }

    fn root_says(&self) -> impl Iterator<Item = &'a RootSays> {
        self.root.values().map(|root| &root.says)
    }

    /// The logs whose device the root itself admitted as an admin's.
    fn admins(&self) -> BTreeSet<LogId> {
        let admitted = |genesis: &&&'a Genesis| {
            let enrolment = match &genesis.admission {
                Admission::Root { enrolment, .. } => Some(enrolment),
                Admission::Enrolled(by) => match self.root.get(by).map(|root| &root.says) {
                    Some(RootSays::Admits(enrolment)) => Some(enrolment),
                    _ => None,
                },
                Admission::Continues(_) => least(self.admitted_by_root(), genesis).map(|(one, _)| one),
            };
            enrolment.is_some_and(|one| one.role == Role::Admin && fits(one, genesis))
        };
        self.geneses.values().filter(admitted).map(|genesis| genesis.log()).collect()
    }

    /// The statements of admins that count: below the cut that the root sets, and not overruled by it.
    fn of_admins(&self) -> BTreeMap<EntryReference, &'a Says> {
        let bounds = self.bounds();
        let counts =
            |(entry, stated): &(&EntryReference, &Stated)| self.is_admins(&bounds, entry, stated.sequence);
        self.statements.stated.iter().filter(counts).map(|(entry, stated)| (*entry, &stated.says)).collect()
    }

    /// What the root alone says of admins' statements.
    fn bounds(&self) -> Bounds {
        let mut cuts: BTreeMap<LogId, u64> = BTreeMap::new();
        let mut overruled = BTreeSet::new();
        for says in self.root_says() {
            match says {
                RootSays::Revokes(one) => {
                    let size = cuts.entry(one.log).or_insert(one.size);
                    *size = one.size.min(*size);
                }
                RootSays::Overrules(entry) => drop(overruled.insert(*entry)),
                RootSays::Admits(_) | RootSays::Upholds(_) => {}
            }
        }
        Bounds { cuts, overruled }
    }

    /// Whether a statement is an admin's that counts.
    fn is_admins(&self, bounds: &Bounds, entry: &EntryReference, sequence: u64) -> bool {
        self.admins.contains(&entry.log)
            && bounds.cuts.get(&entry.log).is_none_or(|size| sequence < *size)
            && !bounds.overruled.contains(entry)
    }

    /// The enrolments that count: the root's, and admins' of those who are none.
    fn enrolments(
        &self,
        of_admins: &BTreeMap<EntryReference, &'a Says>,
    ) -> BTreeMap<EntryReference, &'a Enrolment> {
        let by_admins = of_admins.iter().filter_map(|(entry, says)| match says {
            Says::Enrols(enrolment) if enrolment.role != Role::Admin => Some((*entry, enrolment)),
            _ => None,
        });
        by_admins.chain(self.admitted_by_root()).collect()
    }

    fn admitted_by_root(&self) -> impl Iterator<Item = (EntryReference, &'a Enrolment)> {
        self.root.iter().filter_map(|(entry, root)| match &root.says {
            RootSays::Admits(enrolment) => Some((*entry, enrolment)),
            _ => None,
        })
    }

    /// The enrolment of a log that continues another: the root's word goes before the admins', and of
    /// several the least role holds.
    fn enrolled_anew(&self, genesis: &Genesis) -> Option<(&'a Enrolment, EntryReference)> {
        let all = self.enrolments.iter().map(|(by, one)| (*by, *one));
        least(self.admitted_by_root(), genesis).or_else(|| least(all, genesis))
    }

    /// Where logs end: the smallest size, with the earliest loss among those of that size, and the smallest root
    /// among those of one loss.
    fn cuts(&self, of_admins: &BTreeMap<EntryReference, &'a Says>) -> BTreeMap<LogId, Cut> {
        let by_admins = of_admins.values().filter_map(|says| match says {
            Says::Revokes(one) if !self.admins.contains(&one.log) => Some(one),
            _ => None,
        });
        let by_root = self.root_says().filter_map(|says| match says {
            RootSays::Revokes(one) => Some(one),
            _ => None,
        });
        let mut cuts: BTreeMap<LogId, Cut> = BTreeMap::new();
        for one in by_admins.chain(by_root) {
            let root = one.root.unwrap_or_else(|| Tree::default().root());
            let new = Cut { size: one.size, lost_ms: one.lost_ms, upheld: one.size, root };
            let cut = cuts.entry(one.log).or_insert(new);
            if (new.size, new.lost_ms, new.root) < (cut.size, cut.lost_ms, cut.root) {
                *cut = new;
            }
        }
        let by_admins = of_admins.values().filter_map(|says| match says {
            Says::Upholds(one) => Some(one),
            _ => None,
        });
        let by_root = self.root_says().filter_map(|says| match says {
            RootSays::Upholds(one) => Some(one),
            _ => None,
        });
        for upheld in by_admins.chain(by_root) {
            let Head { log, size, root } = upheld.head;
            let Some(cut) = cuts.get_mut(&log).filter(|cut| size > cut.size) else { continue };
            if size > cut.upheld || (size == cut.upheld && root < cut.root) {
                (cut.upheld, cut.root) = (size, root);
            }
        }
        cuts
    }

    fn membership(&self) -> Membership {
        let mut members: BTreeMap<LogId, Member> = BTreeMap::new();
        for genesis in self.geneses.values() {
            let admitted = match &genesis.admission {
                Admission::Root { enrolment, .. } => Some((enrolment, None)),
                Admission::Enrolled(by) => self.enrolments.get(by).map(|one| (*one, Some(*by))),
                Admission::Continues(_) => self.enrolled_anew(genesis).map(|(one, by)| (one, Some(by))),
            };
            if let Some((enrolment, by)) = admitted.filter(|(enrolment, _)| fits(enrolment, genesis)) {
                members.insert(genesis.log(), self.member(enrolment, by));
            }
        }
        // Devices that are enrolled but whose logs have not arrived; of several enrolments the one with the
        // smallest reference stands in until the genesis says which.
        for (by, enrolment) in self.coming() {
            members.entry(enrolment.log).or_insert_with(|| self.member(enrolment, Some(by)));
        }
        let revoked = self.revoked_logs();
        members.retain(|log, member| {
            // A revoked key does not return, in whichever order the two came.
            !self.returns(&revoked, log, &member.enrolment.device)
        });
        while let Some(member) = self.provisional(&members, &revoked) {
            members.insert(member.enrolment.log, member);
        }
        Membership { members, missing: self.missing() }
    }

    /// A log that is no member's yet and goes on from a member's, which nobody has revoked.
    fn provisional(
        &self,
        members: &BTreeMap<LogId, Member>,
        revoked: &BTreeMap<PublicKey, Vec<(LogId, RevokedBy)>>,
    ) -> Option<Member> {
        self.geneses.iter().find_map(|(log, genesis)| {
            let Admission::Continues(continuation) = &genesis.admission else { return None };
            let old = members.get(&continuation.head.log)?;
            let founded = self.geneses.contains_key(&old.enrolment.log);
            let waits = !members.contains_key(log) && founded && old.cut.is_none();
            if !waits || self.returns(revoked, log, &genesis.device) {
                return None;
            }
            continuation.verify(log, &old.enrolment.device).ok()?;
            let enrolment = Enrolment { log: *log, device: genesis.device, ..old.enrolment.clone() };
            let standing = MemberStanding::Provisional;
            Some(Member { standing, by: None, ..self.member(&enrolment, None) })
        })
    }

    fn coming(&self) -> impl Iterator<Item = (EntryReference, &'a Enrolment)> {
        let known = |log: &LogId| self.statements.geneses.contains_key(log);
        self.enrolments.iter().filter(move |(_, one)| !known(&one.log)).map(|(by, one)| (*by, *one))
    }

    /// The revoked logs of each key, and whether the root revoked them. Only a log's genesis shows whose key
    /// it is: an enrolment alone can name anybody's.
    fn revoked_logs(&self) -> BTreeMap<PublicKey, Vec<(LogId, RevokedBy)>> {
        let of_root: BTreeSet<LogId> = self
            .root_says()
            .filter_map(|says| match says {
                RootSays::Revokes(one) => Some(one.log),
                _ => None,
            })
            .collect();
        let mut logs: BTreeMap<PublicKey, Vec<(LogId, RevokedBy)>> = BTreeMap::new();
        for (log, genesis) in self.geneses.iter().filter(|(log, _)| self.cuts.contains_key(*log)) {
            let by = if of_root.contains(log) { RevokedBy::Root } else { RevokedBy::Admin };
            logs.entry(genesis.device).or_default().push((*log, by));
        }
        logs
    }

    /// Whether a revoked key comes back in this log. One that was revoked itself is cut, not gone; and an admin's
    /// word reaches no admin.
    fn returns(
        &self,
        revoked: &BTreeMap<PublicKey, Vec<(LogId, RevokedBy)>>,
        log: &LogId,
        key: &PublicKey,
    ) -> bool {
        let logs = revoked.get(key).map(Vec::as_slice).unwrap_or_default();
        let bars = |by: RevokedBy| by == RevokedBy::Root || !self.admins.contains(log);
        !logs.iter().any(|(revoked, _)| revoked == log) && logs.iter().any(|(_, by)| bars(*by))
    }

    fn member(&self, enrolment: &Enrolment, by: Option<EntryReference>) -> Member {
        let continues = match self.geneses.get(&enrolment.log).map(|genesis| &genesis.admission) {
            Some(Admission::Continues(continuation)) => Some(continuation.head.log),
            _ => None,
        };
        Member {
            enrolment: enrolment.clone(),
            by,
            cut: self.cuts.get(&enrolment.log).copied(),
            standing: MemberStanding::Enrolled,
            predecessor: continues.or(enrolment.replaces),
        }
    }

    /// Numbers below the largest that no statement has.
    fn missing(&self) -> Vec<u64> {
        let held: BTreeSet<u64> = self.root.values().map(|root| root.number).collect();
        let last = held.last().copied().unwrap_or_default();
        // A number out of all proportion must not fill the memory.
        (1..last).filter(|number| !held.contains(number)).take(100).collect()
    }
}

/// Of the enrolments that fit a genesis the one in the least role, by the smallest reference among equals.
fn least<'a>(
    enrolments: impl Iterator<Item = (EntryReference, &'a Enrolment)>,
    genesis: &Genesis,
) -> Option<(&'a Enrolment, EntryReference)> {
    let fitting = enrolments.filter(|(_, one)| fits(one, genesis));
    fitting.min_by_key(|(by, one)| (one.role, *by)).map(|(by, one)| (one, by))
}

fn fits(enrolment: &Enrolment, genesis: &Genesis) -> bool {
    enrolment.log == genesis.log() && enrolment.device == genesis.device
}

impl Membership {
    /// The device that writes `log`.
    pub fn member(&self, log: &LogId) -> Option<&Member> {
        self.members.get(log)
    }

    /// The device behind a network endpoint: of its logs one that is not revoked, by log id.
    pub fn by_endpoint(&self, endpoint: &PublicKey) -> Option<&Member> {
        let there = |member: &&Member| member.enrolment.endpoint == *endpoint;
        let mut logs = self.members.values().filter(there);
        logs.clone().find(|member| member.cut.is_none()).or_else(|| logs.next())
    }

    /// The first log of the device that writes `log`: itself, unless it took another's place. An enrolment may name
    /// anything: of logs that go on from each other in a circle it is the smallest.
    pub fn first_log(&self, log: &LogId) -> LogId {
        let before = |log: &LogId| {
            let before = self.members.get(log).and_then(|member| member.predecessor);
            before.filter(|before| self.members.contains_key(before))
        };
        let (mut first, mut passed) = (*log, BTreeSet::from([*log]));
        while let Some(next) = before(&first) {
            if !passed.insert(next) {
                let circle = std::iter::successors(Some(next), |at| before(at).filter(|at| *at != next));
                return circle.min().unwrap_or(next);
            }
            first = next;
        }
        first
    }

    /// Whether two logs are one device's, which is no witness of itself.
    pub fn same_device(&self, one: &LogId, other: &LogId) -> bool {
        self.first_log(one) == self.first_log(other)
    }

    /// All, by log id.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// Numbers of root statements that are not held here, though later ones are; at most 100.
    pub fn missing_root_statements(&self) -> &[u64] {
        &self.missing
    }

    /// Log ids with every admitting log before those that it admits: the order in which to send them.
    pub fn in_order_of_admission(&self) -> Vec<LogId> {
        let mut order: Vec<LogId> = Vec::new();
        let mut waiting: Vec<&Member> = self.members().collect();
        while !waiting.is_empty() {
            let sent = |log: &LogId| order.contains(log) || !self.members.contains_key(log);
            let ready = |member: &&Member| {
                member.by.is_none_or(|by| order.contains(&by.log))
                    && member.predecessor.is_none_or(|log| sent(&log))
            };
            let (now, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(ready);
            if now.is_empty() {
                break;
            }
            order.extend(now.iter().map(|member| member.enrolment.log));
            waiting = later;
        }
        order
    }
}

#[cfg(test)]
mod tests;
