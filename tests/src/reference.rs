//! Membership, revocation and hand-over said as shortly as they can be: what the real rules must agree with.
//!
//! A world is a set of entries without bytes or signatures. Every question is answered by looking at all of
//! them, so that nothing can depend on the order in which they came. The sections are docs/format.md's.

use std::collections::{BTreeMap, BTreeSet};

/// A log, and the device that writes it.
pub type Log = u8;

/// The place of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Its log.
    pub log: Log,
    /// Its sequence.
    pub sequence: u64,
}

/// An entry without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The signer's clock.
    pub at: i64,
    /// The sizes of other logs that the signer held.
    pub heads: Vec<(Log, u64)>,
    /// What it says.
    pub says: Says,
}

/// What entries say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// Sequence 0: the device's key, and who admitted it.
    Genesis {
        /// The device's key.
        key: u8,
        /// Who admitted it.
        by: By,
    },
    /// An admin's device enrols another.
    Enrol(Enrolment),
    /// An admin's device revokes another.
    Revoke(Revocation),
    /// An admin upholds what lies below a size.
    Uphold {
        /// The log.
        log: Log,
        /// The size.
        size: u64,
    },
    /// The root speaks.
    Root(Root),
    /// Who has the shipment offers it; the first offer begins with whoever makes it.
    Offer,
    /// Another device takes an offer up.
    Accept {
        /// The offer.
        offer: Place,
    },
    /// Something else that people answer for.
    Other,
    /// What a device measured.
    Measured,
}

/// Who admitted a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The root, as an admin.
    Root,
    /// The entry that enrolled it.
    Entry(Place),
    /// Nobody: it goes on from another log, by the old key's word or by that of another.
    Continues {
        /// The old log.
        log: Log,
        /// Whether the old key signed.
        signed: bool,
    },
}

/// An enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// The new log.
    pub log: Log,
    /// Its device's key.
    pub key: u8,
    /// Whether as an admin.
    pub admin: bool,
}

/// A revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The log.
    pub log: Log,
    /// How many of its entries hold.
    pub size: u64,
    /// When its device was lost.
    pub lost: i64,
}

/// What the root says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// Admits a device.
    Admit(Enrolment),
    /// Revokes any device.
    Revoke(Revocation),
    /// Overrules an admin's statement.
    Overrule(Place),
}

/// How an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Its log is no member's.
    NotEnrolled,
    /// At or beyond the cut, and nobody vouches for it.
    Disputed,
    /// What people did on a device that nobody has enrolled anew.
    Provisional,
    /// It counts.
    Counts,
}

/// All entries that are held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World(pub BTreeMap<Place, Entry>);

impl World {
    /// The root's words, by whomever they are carried (§6.1).
    fn root(&self) -> impl Iterator<Item = Root> {
        self.0.values().filter_map(|entry| if let Says::Root(root) = entry.says { Some(root) } else { None })
    }

    fn key(&self, log: Log) -> Option<(u8, By)> {
        match self.0.get(&Place { log, sequence: 0 })?.says {
            Says::Genesis { key, by } => Some((key, by)),
            _ => None,
        }
    }

    fn smallest(revocations: impl Iterator<Item = Revocation>) -> Option<(u64, i64)> {
        revocations.map(|one| (one.size, one.lost)).min()
    }

    fn root_cut(&self, log: Log) -> Option<(u64, i64)> {
        Self::smallest(self.root().filter_map(|root| match root {
            Root::Revoke(one) if one.log == log => Some(one),
            _ => None,
        }))
    }

    /// Whether the root admitted the device as an admin (§6.2).
    pub fn is_admin(&self, log: Log) -> bool {
        match self.key(log) {
            Some((_, By::Root)) => true,
            Some((key, By::Entry(place))) => {
                let named = self.0.get(&place).map(|entry| &entry.says);
                named == Some(&Says::Root(Root::Admit(Enrolment { log, key, admin: true })))
            }
            Some((key, By::Continues { .. })) => self.admitted_by_root(log, key) == Some(true),
            None => false,
        }
    }

    /// What the root admits a continuing log as: of several words the least (§6.9).
    fn admitted_by_root(&self, log: Log, key: u8) -> Option<bool> {
        let admits = |root| match root {
            Root::Admit(one) if (one.log, one.key) == (log, key) => Some(one.admin),
            _ => None,
        };
        self.root().filter_map(admits).min()
    }

    /// Whether an admin's statement counts (§6.3).
    fn stated(&self, place: Place) -> bool {
        let overruled = self.root().any(|root| root == Root::Overrule(place));
        let cut = self.root_cut(place.log).map_or(u64::MAX, |(size, _)| size);
        self.is_admin(place.log) && place.sequence < cut && !overruled
    }

    /// Every revocation of a log that counts: the root's, and admins' of those who are none (§6.5).
    pub fn cut(&self, log: Log) -> Option<(u64, i64)> {
        let admins = self.0.iter().filter_map(|(place, entry)| match entry.says {
            Says::Revoke(one) if one.log == log && self.stated(*place) && !self.is_admin(log) => Some(one),
            _ => None,
        });
        Self::smallest(admins).into_iter().chain(self.root_cut(log)).min()
    }

    /// Whether a key that stands in a revoked log comes back in this one (§6.6).
    pub fn returns(&self, log: Log, key: u8) -> bool {
        let bars = |other: Log| match self.is_admin(log) {
            true => self.root_cut(other).is_some(),
            false => self.cut(other).is_some(),
        };
        let other_log = |place: &&Place| place.sequence == 0 && place.log != log;
        let mut others = self.0.keys().filter(other_log).map(|place| place.log);
        self.cut(log).is_none()
            && others.any(|other| bars(other) && self.key(other).is_some_and(|(old, _)| old == key))
    }

    /// Whether the root or an admin enrolled the log, and as an admin or not (§6.4, §6.6).
    fn enrolled(&self, log: Log) -> Option<bool> {
        let (key, by) = self.key(log)?;
        let by_admin = |place: Place| {
            let says = self.0.get(&place).map(|entry| &entry.says);
            says == Some(&Says::Enrol(Enrolment { log, key, admin: false })) && self.stated(place)
        };
        let admin = match by {
            By::Root => true,
            By::Entry(place) if by_admin(place) => false,
            By::Entry(place) => match self.0.get(&place)?.says {
                Says::Root(Root::Admit(one)) if (one.log, one.key) == (log, key) => one.admin,
                _ => return None,
            },
            By::Continues { .. } => match self.admitted_by_root(log, key) {
                Some(admin) => admin,
                None if self.0.keys().any(|place| by_admin(*place)) => false,
                None => return None,
            },
        };
        (!self.returns(log, key)).then_some(admin)
    }

    /// Whether the log goes on from a member's that nobody has revoked, and nobody enrolled it (§6.9).
    pub fn provisional(&self, log: Log) -> bool {
        let Some((key, By::Continues { log: old, signed: true })) = self.key(log) else { return false };
        let goes_on = self.member(old).is_some() && self.cut(old).is_none();
        goes_on && self.enrolled(log).is_none() && !self.returns(log, key)
    }

    /// Whether the log is a member's, and in the role of an admin or not.
    pub fn member(&self, log: Log) -> Option<bool> {
        match self.key(log)? {
            (_, By::Continues { log: old, .. }) if self.provisional(log) => self.member(old),
            _ => self.enrolled(log),
        }
    }

    /// How an entry stands (§6.7).
    pub fn standing(&self, place: Place) -> Standing {
        if self.member(place.log).is_none() {
            return Standing::NotEnrolled;
        }
        let waits = self.provisional(place.log)
            && self.0.get(&place).is_none_or(|entry| entry.says != Says::Measured);
        let counting = if waits { Standing::Provisional } else { Standing::Counts };
        let Some((size, _)) = self.cut(place.log) else { return counting };
        let vouched = self.vouched(place);
        let upheld = self.0.iter().any(|(by, entry)| {
            matches!(entry.says, Says::Uphold { log, size } if log == place.log && size > place.sequence)
                && self.stated(*by)
        });
        let counts = place.sequence < size || vouched || upheld;
        if counts { counting } else { Standing::Disputed }
    }

    /// Whether another device had seen the entry of a revoked log before the loss (§6.7).
    pub fn vouched(&self, place: Place) -> bool {
        let Some((_, lost)) = self.cut(place.log) else { return false };
        self.0.iter().any(|(witness, entry)| {
            let within = self.cut(witness.log).is_none_or(|(size, _)| witness.sequence < size);
            let sees = entry.heads.iter().any(|(log, held)| *log == place.log && *held > place.sequence);
            witness.log != place.log
                && self.enrolled(witness.log).is_some()
                && within
                && entry.at < lost
                && sees
        })
    }

    /// The entries that count, each after what its signer held, else by clock and log.
    fn told(&self) -> Vec<Place> {
        let mut left: BTreeSet<Place> = self.0.keys().copied().collect();
        let mut told = Vec::new();
        while !left.is_empty() {
            let first = |log: &Log| left.iter().find(|place| place.log == *log);
            let logs: BTreeSet<Log> = left.iter().map(|place| place.log).collect();
            let free = |place: &&Place| {
                let untold = |(log, held): &(Log, u64)| first(log).is_some_and(|next| next.sequence < *held);
                !self.0[*place].heads.iter().filter(|(log, _)| *log != place.log).any(untold)
            };
            let waiting: Vec<&Place> = logs.iter().filter_map(first).collect();
            let by_clock = |place: &&&Place| (self.0[**place].at, place.log);
            let next = waiting.iter().filter(|place| free(place)).min_by_key(by_clock);
            let next = **next.or_else(|| waiting.iter().min_by_key(by_clock)).unwrap();
            left.remove(&next);
            told.push(next);
        }
        told.retain(|place| self.standing(*place) == Standing::Counts);
        told
    }

    /// Who has the shipment: it passes when another device accepts the newest offer, once.
    pub fn custodian(&self) -> Option<Log> {
        let (mut holder, mut open): (Option<Log>, Option<Place>) = (None, None);
        for place in self.told() {
            match self.0[&place].says {
                Says::Offer if holder.is_none_or(|holder| holder == place.log) => {
                    (holder, open) = (Some(place.log), Some(place));
                }
                Says::Accept { offer } if open == Some(offer) && offer.log != place.log => {
                    (holder, open) = (Some(place.log), None);
                }
                _ => {}
            }
        }
        holder
    }
}
