//! The logs themselves: what stands in them, and whether it is as it was signed.

use crate::bundle::bundle_records;
use crate::own_log::barred;
use crate::{App, AppError, Host, read_model};
use data_encoding::HEXLOWER;
use firn_ledger::bytes::LogId;
use firn_ledger::chain::Depth;
use firn_ledger::entry::Record;
use firn_ledger::fork::Histories;
use firn_ledger::membership::Membership;
use firn_ledger::seen::Cosigned;
use firn_ledger::store::{Report, View};
use firn_model::api::{LogBarred, LogStanding};
use firn_model::id::{Id, SHORTEST_PREFIX};
use firn_model::people::People;
use firn_model::record::Kind;
use firn_model::shipment::{SignedEntry, Signer, vouched};
use firn_model::time::UtcMillis;
use firn_report::bundle::{device, signed_entry};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// One entry of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// The log's id in lower-case hexadecimal.
    pub log: String,
    /// The entry's place in it.
    pub sequence: u64,
    /// Its leaf hash in lower-case hexadecimal.
    pub leaf: String,
    /// The signing device's clock.
    pub at: UtcMillis,
    /// The kind's number.
    pub kind: u64,
    /// The kind's name.
    pub what: String,
    /// The shipment it is about.
    pub shipment: Option<Id>,
    /// Whether its log was enrolled, or goes on from another and waits for an admin.
    #[serde(skip_serializing_if = "LogStanding::is_enrolled")]
    pub standing: LogStanding,
    /// The person who signed it as well, by name where the signature is theirs, else by the id that it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The other devices that cosigned a head of the log which holds it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<SeenBy>,
    /// The sizes of the two heads that its device signed and that cannot both be heads of one history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forked: Option<[u64; 2]>,
    /// Where its log has two histories: whether this entry is of the one that holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<EntryHistory>,
    /// Of what was set aside: what the root of the head begins with that it leads to, in lower-case hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leads_to: Option<String>,
    /// When its device was lost, where that was revoked before the entry and nobody vouches for it: it does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disputed: Option<UtcMillis>,
}

/// Which history of a log with two an entry is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryHistory {
    /// Nobody has said yet which one holds.
    Undecided,
    /// Of the one that a revocation says holds.
    Holds,
    /// The one that holds is still to come from a device that has it.
    Awaited,
    /// Of the other one, which counts no more and is kept.
    Aside,
}

/// A witness' newest word on a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeenBy {
    /// What the witness is called.
    pub device: String,
    /// Its log.
    pub log: String,
    /// When, by its clock.
    pub at: UtcMillis,
    /// How many entries it held then.
    pub size: u64,
}

/// What a home's ledger holds, in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerStanding {
    /// Logs, this device's included.
    pub logs: u64,
    /// Entries of all of them.
    pub entries: u64,
    /// Logs that are known to have two histories.
    pub forked: u64,
    /// Why nothing may be added to this device's own log, if that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barred: Option<LogBarred>,
}

impl<H: Host> App<H> {
    /// The logs with two histories of which nobody has said yet which one holds.
    ///
    /// # Errors
    /// The store's.
    pub async fn undecided_logs(&self) -> Result<Vec<LogId>, AppError> {
        let undecided = |view: &mut View<'_>| {
            let mut undecided = Vec::new();
            for proof in view.forks()? {
                if view.histories(&proof.log())? == Histories::Two {
                    undecided.push(proof.log());
                }
            }
            Ok(undecided)
        };
        self.host.with_store(move |store| store.read(undecided)).await
    }

    /// How many logs and entries there are, and what is wrong with them, once the store's file was looked at anew.
    ///
    /// # Errors
    /// The store's.
    pub async fn ledger_standing(&self) -> Result<LedgerStanding, AppError> {
        let own = self.host.identity().log;
        let standing = move |view: &mut View<'_>| {
            let heads = view.heads();
            let (logs, entries) = (heads.len() as u64, heads.iter().map(|head| head.size).sum());
            let forked = view.forks()?.len() as u64;
            Ok(LedgerStanding { logs, entries, forked, barred: barred(view, &own)? })
        };
        self.host
            .with_store(move |store| {
                store.check_place()?;
                store.read(standing)
            })
            .await
    }

    /// The entries of every log, or of the one whose id begins with `log`, in the logs' order.
    ///
    /// # Errors
    /// `app/not-found`, `app/ambiguous`, and the store's.
    pub async fn log_entries(&self, log: Option<&str>) -> Result<Vec<LogEntry>, AppError> {
        let wanted = log.map(str::to_ascii_lowercase);
        let organisation = self.host.identity().organisation;
        self.host
            .with_store(move |store| {
                store.read(|view| {
                    let logs = match &wanted {
                        Some(prefix) => vec![log_of(view, prefix)?],
                        None => view.heads().into_iter().map(|head| head.log).collect(),
                    };
                    let people = read_model::people(view, &organisation)?;
                    let membership = read_model::membership(view, &organisation)?;
                    let mut entries = Vec::new();
                    for log in logs {
                        let records = view.entries(&log, 0, usize::MAX)?;
                        let (seen, forked) = (seen_by(view, &log, &membership)?, forked(view, &log)?);
                        let history = history(view, &log)?;
                        let standing = device(log, &membership).standing;
                        let disputed = disputed(view, &records, &membership)?;
                        let signer = |record: &Record| signed_entry(record, &membership, &people).person;
                        let entry = |record: &Record| LogEntry {
                            standing,
                            seen: seen.iter().filter(|one| one.size > sequence(record)).cloned().collect(),
                            forked,
                            history,
                            disputed: disputed.get(&record.entry.leaf().0).copied(),
                            ..log_entry(record, signer(record))
                        };
                        entries.extend(records.iter().map(entry));
                        for aside in view.aside(&log)? {
                            let entry = |record: &Record| LogEntry {
                                standing,
                                forked,
                                history: Some(EntryHistory::Aside),
                                leads_to: Some(HEXLOWER.encode(&aside.tip)),
                                ..log_entry(record, signer(record))
                            };
                            entries.extend(aside.records.iter().map(entry));
                        }
                    }
                    Ok(entries)
                })
            })
            .await
    }

    /// The newest head that a log's device signed, with every cosignature over it, as a C2SP signed note
    /// (docs/format.md §5), for an auditor's own tools.
    ///
    /// # Errors
    /// `app/not-found` also for a log whose device has not synced yet, `app/ambiguous`, and the store's.
    pub async fn log_note(&self, log: &str) -> Result<String, AppError> {
        let (wanted, organisation) = (log.to_ascii_lowercase(), self.host.identity().organisation);
        let note = move |view: &mut View<'_>| {
            let log = log_of(view, &wanted)?;
            let membership = read_model::membership(view, &organisation)?;
            let seen = view.seen(&log)?;
            let missing = || AppError::NotFound { what: "checkpoint of a log", name: wanted.clone() };
            let checkpoint = seen.checkpoint.ok_or_else(missing)?;
            let device = view.log(&log).map(|state| state.device).ok_or_else(missing)?;
            let of_others = |one: &&Cosigned| !membership.same_device(&one.cosignature.witness, &log);
            let over = seen.cosigned.values().filter(|one| one.head == checkpoint.head).filter(of_others);
            let keyed = over.filter_map(|one| {
                let witness = membership.member(&one.cosignature.witness)?;
                Some((one.cosignature, witness.enrolment.device))
            });
            Ok(checkpoint.note(&device, &keyed.collect::<Vec<_>>()))
        };
        self.host.with_store(move |store| store.read(note)).await
    }

    /// Verifies every log, body, batch and list; `deep` checks every signature.
    ///
    /// # Errors
    /// `store/corrupt` where something other than an entry, body, salt or batch is damaged.
    pub async fn verify_logs(&self, deep: bool) -> Result<Report, AppError> {
        let depth = if deep { Depth::Every } else { Depth::Head };
        self.host.with_store(move |store| Ok(store.verify(depth)?)).await
    }
}

/// The log whose id begins with `prefix`.
fn log_of(view: &View<'_>, prefix: &str) -> Result<LogId, AppError> {
    let mut logs: Vec<LogId> = view.heads().into_iter().map(|head| head.log).collect();
    logs.retain(|log| prefix.len() >= SHORTEST_PREFIX && log.to_string().starts_with(prefix));
    match logs[..] {
        [only] => Ok(only),
        [] => Err(AppError::NotFound { what: "log", name: prefix.to_owned() }),
        _ => Err(AppError::Ambiguous { what: "log", name: prefix.to_owned() }),
    }
}

/// The witnesses of a log who are members, the latest word first.
fn seen_by(view: &mut View<'_>, log: &LogId, membership: &Membership) -> Result<Vec<SeenBy>, AppError> {
    let known = view.seen(log)?;
    let mut seen: Vec<SeenBy> = known
        .cosigned
        .values()
        .filter_map(|one| {
            let witness = membership.member(&one.cosignature.witness)?;
            if membership.same_device(&one.cosignature.witness, log) {
                return None;
            }
            let seconds = i64::try_from(one.cosignature.time_s).ok()?;
            Some(SeenBy {
                device: witness.enrolment.label.clone(),
                log: one.cosignature.witness.to_string(),
                at: UtcMillis(0).plus_seconds(seconds),
                size: one.head.size,
            })
        })
        .collect();
    seen.sort_by_key(|one| std::cmp::Reverse(one.at));
    Ok(seen)
}

fn forked(view: &mut View<'_>, log: &LogId) -> Result<Option<[u64; 2]>, AppError> {
    Ok(view.fork(log)?.map(|proof| proof.heads().map(|head| head.size)))
}

fn history(view: &mut View<'_>, log: &LogId) -> Result<Option<EntryHistory>, AppError> {
    Ok(match view.histories(log)? {
        Histories::One => None,
        Histories::Two => Some(EntryHistory::Undecided),
        Histories::Here(_) => Some(EntryHistory::Holds),
        Histories::Elsewhere(_) => Some(EntryHistory::Awaited),
    })
}

/// Of the entries of one log those in dispute, by leaf, with when their device was lost: beyond the log's end, and
/// not seen before the loss by who tells of the same shipment.
fn disputed(
    view: &mut View<'_>,
    records: &[Record],
    membership: &Membership,
) -> Result<BTreeMap<[u8; 32], UtcMillis>, AppError> {
    let told = |record: &Record| signed_entry(record, membership, &People::default());
    let beyond: Vec<&Record> = records.iter().filter(|record| told(record).beyond.is_some()).collect();
    let about = |record: &&Record| record.entry.payload().in_subject.map(|within| Id(within.subject.0));
    let mut entries: Vec<SignedEntry> =
        beyond.iter().filter(|record| about(record).is_none()).map(|record| told(record)).collect();
    for shipment in beyond.iter().filter_map(about).collect::<BTreeSet<Id>>() {
        entries.extend(vouched(bundle_records(view, shipment)?.iter().map(told).collect()));
    }
    Ok(entries.into_iter().filter_map(|entry| Some((entry.reference.leaf, entry.beyond?))).collect())
}

fn sequence(record: &Record) -> u64 {
    record.entry.payload().sequence
}

fn log_entry(record: &Record, signer: Option<Signer>) -> LogEntry {
    let (entry, payload) = (&record.entry, record.entry.payload());
    let named = || payload.person.map(|person| Id(person.0).to_string());
    LogEntry {
        log: entry.log().to_string(),
        sequence: payload.sequence,
        leaf: HEXLOWER.encode(entry.leaf().as_bytes()),
        at: UtcMillis(payload.clocks.wall_ms),
        kind: payload.kind,
        what: kind_name(payload.kind),
        shipment: payload.in_subject.map(|within| Id(within.subject.0)),
        standing: LogStanding::Enrolled,
        person: signer.map(|signer| signer.name).or_else(named),
        seen: Vec::new(),
        forked: None,
        history: None,
        leads_to: None,
        disputed: None,
    }
}

/// The name of a kind as docs/firn.cddl has it.
fn kind_name(kind: u64) -> String {
    let own =
        ["genesis", "enrol", "revoke", "index", "fork", "erasure", "partner", "root statement", "upheld"];
    let index = usize::try_from(kind).ok().and_then(|kind| kind.checked_sub(1));
    if let Some(name) = index.and_then(|index| own.get(index)) {
        return (*name).into();
    }
    match Kind::from_number(kind) {
        Some(kind) => kind.name().into(),
        None => format!("kind {kind}"),
    }
}
