//! Who may speak: the organisation's root, and the devices that it and its admins admitted.

use super::{Anchor, CheckId, Checks, forks};
use crate::admitted::narrows;
use crate::bundle::Bundle;
use crate::print::text::counted;
use firn_ledger::bytes::{Hash, LogId, OrganisationId, PublicKey};
use firn_ledger::entry::Record;
use firn_ledger::membership::{MemberStanding, Membership, Statements};
use firn_ledger::statement::{ENROL, GENESIS, Genesis, REVOKE, ROOT, UPHELD};
use std::collections::BTreeMap;

/// The kinds of statements about membership after a genesis.
const LATER: [u64; 4] = [ENROL, REVOKE, ROOT, UPHELD];

/// What the statements that hold say about who belongs.
pub(super) struct Trusted {
    membership: Membership,
    /// Who belonged before anything was revoked.
    ever: Membership,
    devices: BTreeMap<LogId, PublicKey>,
}

impl Trusted {
    /// The key of a member's device.
    pub(super) fn key(&self, log: &LogId) -> Option<&PublicKey> {
        self.membership.member(log).and_then(|_| self.devices.get(log))
    }

    /// The key of a device that is a member's or was one's, before what admitted it came to count no more.
    pub(super) fn admitted_key(&self, log: &LogId) -> Option<&PublicKey> {
        self.key(log).or_else(|| self.ever.member(log).and_then(|_| self.devices.get(log)))
    }

    /// The key by which a log's two histories are signed: its device's, also where only its enrolment is here.
    pub(super) fn forked_key(&self, log: &LogId) -> Option<PublicKey> {
        let enrolled = || self.membership.member(log).map(|member| member.enrolment.device);
        self.devices.get(log).copied().or_else(enrolled)
    }

    /// Whether the log is a member's.
    pub(super) fn is_member(&self, log: &LogId) -> bool {
        self.membership.member(log).is_some()
    }

    /// Whether two logs are one device's.
    pub(super) fn same_device(&self, one: &LogId, other: &LogId) -> bool {
        self.membership.same_device(one, other)
    }

    /// What the member's device is called.
    pub(super) fn label(&self, log: &LogId) -> &str {
        self.membership.member(log).map_or("a device that nobody enrolled", |member| &member.enrolment.label)
    }
}

/// Checks organisation and membership; only statements that hold are folded.
pub(super) fn check(bundle: &Bundle, anchor: Anchor<'_>, checks: &mut Checks) -> Trusted {
    let (mut faults, mut devices, mut holding) = (Vec::new(), BTreeMap::new(), Vec::new());
    for record in bundle.statements.iter().filter(|record| record.entry.payload().kind == GENESIS) {
        match genesis(record, &bundle.organisation) {
            Ok(genesis) => {
                devices.insert(record.entry.log(), genesis.device);
                holding.push(record);
            }
            Err(fault) => faults.push(fault),
        }
    }
    let later = bundle.statements.iter().filter(|record| LATER.contains(&record.entry.payload().kind));
    for record in later {
        match statement(record, &devices) {
            Ok(()) => holding.push(record),
            Err(fault) => faults.push(fault),
        }
    }
    let membership = fold(&holding, bundle, &mut faults);
    holding.retain(|record| !narrows(record));
    // What cannot be read was told of with the others.
    let ever = fold(&holding, bundle, &mut Vec::new());
    organisation(bundle, anchor, !devices.is_empty(), checks);
    let trusted = Trusted { membership, ever, devices };
    let strangers = speakers(bundle).into_iter().filter(|log| trusted.admitted_key(log).is_none());
    faults.extend(strangers.map(|log| format!("Nobody admitted the device of log {}.", short(&log))));
    faults.extend(forks::faults(bundle, &trusted));
    settle(bundle, &trusted, &faults, checks);
    trusted
}

fn fold(holding: &[&Record], bundle: &Bundle, faults: &mut Vec<String>) -> Membership {
    let mut statements = Statements::default();
    for record in holding {
        faults.extend(statements.add(record).err().map(|error| error.to_string()));
    }
    statements.fold(&bundle.organisation)
}

fn settle(bundle: &Bundle, trusted: &Trusted, faults: &[String], checks: &mut Checks) {
    let (id, membership) = (CheckId::Membership, &trusted.membership);
    let unknown = bundle.statements.iter().any(|record| {
        let kind = record.entry.payload().kind;
        kind != GENESIS && !LATER.contains(&kind)
    });
    let waiting = speakers(bundle).iter().filter(|log| waits(membership, log)).count();
    let forks = forks::told(bundle, membership);
    if waiting > 0 && faults.is_empty() {
        let why = format!(
            "{waiting} of the logs go on from others by those' keys and wait to be enrolled: what was measured in \
             them counts, what people did does not."
        );
        checks.cannot(id, why);
    } else if unknown && faults.is_empty() {
        checks.cannot(id, "This release does not know every statement about membership in it.");
    } else if let ([], Some(undecided)) = (faults, forks.undecided) {
        checks.cannot(id, undecided);
    } else {
        let admitted = counted(membership.members().count(), "device", "devices");
        let proved = format!("{admitted}, each admitted by the root or by an admin's device.");
        checks.settle(id, faults, proved + &formers(bundle, trusted) + &forks.decided);
    }
}

/// What there is to say of logs whose admission counts no more.
fn formers(bundle: &Bundle, trusted: &Trusted) -> String {
    let formers: Vec<LogId> = speakers(bundle).into_iter().filter(|log| !trusted.is_member(log)).collect();
    let Some(first) = formers.first() else { return String::new() };
    let (count, first) = (counted(formers.len(), "further log", "further logs"), short(first));
    format!(
        " What admitted {count} ({first}) counts no more since a revocation; what stands there does not count."
    )
}

fn waits(membership: &Membership, log: &LogId) -> bool {
    membership.member(log).is_some_and(|member| member.standing == MemberStanding::Provisional)
}

/// The first eight digits of a log's id.
pub(super) fn short(log: &LogId) -> String {
    log.to_string().chars().take(8).collect()
}

fn organisation(bundle: &Bundle, anchor: Anchor<'_>, rooted: bool, checks: &mut Checks) {
    let id = CheckId::Organisation;
    match anchor {
        Anchor::Only(anchor) if *anchor != bundle.organisation => {
            checks.failed(id, format!("The file is by {}, not by {anchor}.", bundle.organisation));
        }
        _ if !rooted => {
            checks.failed(id, "No entry shows the root key of which the organisation's id is the hash.")
        }
        Anchor::Only(_) => {
            checks.proved(id, "Its id is the hash of its root key and the fingerprint that was given.")
        }
        Anchor::Known(_) if anchor.recognise(&bundle.organisation).is_some() => {
            checks.proved(id, "Its id is the hash of its root key, and it is known here.")
        }
        Anchor::Nobody | Anchor::Known(_) => {
            checks.proved(id, "Its id is the hash of its root key; compare the fingerprint with its own.")
        }
    }
}

/// Every log with an entry about the shipment, a logger or a person.
fn speakers(bundle: &Bundle) -> Vec<LogId> {
    let about = bundle.all_records().chain(&bundle.loggers);
    let speaking = about.chain(&bundle.people).chain(&bundle.profiles);
    let mut logs: Vec<LogId> = speaking.map(|record| record.entry.log()).collect();
    logs.sort();
    logs.dedup();
    logs
}

fn genesis(record: &Record, organisation: &OrganisationId) -> Result<Genesis, String> {
    let entry = &record.entry;
    let fault = |why: String| format!("The genesis of log {}: {why}.", short(&entry.log()));
    entry.check_body(&record.body, &record.salt).map_err(|error| fault(error.to_string()))?;
    let genesis = Genesis::decode(&record.body).map_err(|error| fault(error.to_string()))?;
    genesis.check().map_err(|error| fault(error.to_string()))?;
    if genesis.organisation.id != *organisation {
        return Err(fault("of another organisation".into()));
    }
    let payload = entry.payload();
    if genesis.log() != entry.log() || payload.sequence != 0 || payload.previous != Hash(entry.log().0) {
        return Err(fault("not at the beginning of its own log".into()));
    }
    entry.verify_signature(&genesis.device).map_err(|error| fault(error.to_string()))?;
    Ok(genesis)
}

fn statement(record: &Record, devices: &BTreeMap<LogId, PublicKey>) -> Result<(), String> {
    let entry = &record.entry;
    let fault = |why: String| format!("A statement about membership in log {}: {why}.", short(&entry.log()));
    entry.check_body(&record.body, &record.salt).map_err(|error| fault(error.to_string()))?;
    let device = devices.get(&entry.log()).ok_or_else(|| fault("its log has no genesis here".into()))?;
    entry.verify_signature(device).map_err(|error| fault(error.to_string()))
}
