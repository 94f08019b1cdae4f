//! The logs themselves: what stands in them, and whether it is as it was signed.

use crate::{App, AppError, Host, read_model};
use data_encoding::HEXLOWER;
use firn_ledger::chain::Depth;
use firn_ledger::store::Report;
use firn_model::id::{Id, SHORTEST_PREFIX};
use firn_model::record::Kind;
use firn_model::shipment::Signer;
use firn_model::time::UtcMillis;
use firn_report::bundle::signed_entry;
use serde::Serialize;

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
    /// The person who signed it as well, by name where the signature is theirs, else by the id that it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
}

impl<H: Host> App<H> {
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
                    let mut logs: Vec<_> = view.heads().into_iter().map(|head| head.log).collect();
                    if let Some(prefix) = &wanted {
                        logs.retain(|log| {
                            prefix.len() >= SHORTEST_PREFIX && log.to_string().starts_with(prefix)
                        });
                        match logs.len() {
                            0 => return Err(AppError::NotFound { what: "log", name: prefix.clone() }),
                            1 => {}
                            _ => return Err(AppError::Ambiguous { what: "log", name: prefix.clone() }),
                        }
                    }
                    let people = read_model::people(view, &organisation)?;
                    let membership = read_model::membership(view, &organisation)?;
                    let mut entries = Vec::new();
                    for log in logs {
                        let records = view.entries(&log, 0, usize::MAX)?;
                        let signer = |record| signed_entry(record, &membership, &people).person;
                        entries.extend(records.iter().map(|record| log_entry(&record.entry, signer(record))));
                    }
                    Ok(entries)
                })
            })
            .await
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

fn log_entry(entry: &firn_ledger::entry::Entry, signer: Option<Signer>) -> LogEntry {
    let payload = entry.payload();
    let named = || payload.person.map(|person| Id(person.0).to_string());
    LogEntry {
        log: entry.log().to_string(),
        sequence: payload.sequence,
        leaf: HEXLOWER.encode(entry.leaf().as_bytes()),
        at: UtcMillis(payload.clocks.wall_ms),
        kind: payload.kind,
        what: kind_name(payload.kind),
        shipment: payload.in_subject.map(|within| Id(within.subject.0)),
        person: signer.map(|signer| signer.name).or_else(named),
    }
}

/// The name of a kind as docs/firn.cddl has it.
fn kind_name(kind: u64) -> String {
    let own = ["genesis", "enrol", "revoke", "index", "fork", "erasure", "partner", "root", "upheld"];
    let index = usize::try_from(kind).ok().and_then(|kind| kind.checked_sub(1));
    if let Some(name) = index.and_then(|index| own.get(index)) {
        return (*name).into();
    }
    match Kind::from_number(kind) {
        Some(kind) => kind.name().into(),
        None => format!("kind {kind}"),
    }
}
