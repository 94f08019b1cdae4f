//! What downloads did to loggers' clocks, and the raw sessions that they kept.

use super::entries::name;
use super::{CheckId, Checks};
use crate::bundle::Bundle;
use firn_ledger::bytes::{Hash, LogId};
use firn_ledger::entry::Record;
use firn_model::id::Id;
use firn_model::record::{Body, ClockSet, Did, Download, Kind, Readings, Session, SessionPart};
use std::collections::BTreeMap;

/// A clock that an entry says was set: by whose device, of which logger.
type Setting = (LogId, Id, ClockSet);

/// Checks them, where a download did or kept anything.
pub(super) fn check(bundle: &Bundle, checks: &mut Checks) {
    let of_kind = |kind: Kind| {
        let number = u64::from(kind.number());
        bundle.all_records().filter(move |record| record.entry.payload().kind == number)
    };
    let (mut settings, mut sessions, mut faults) = (Vec::<Setting>::new(), 0_usize, Vec::new());
    for record in of_kind(Kind::Download) {
        match Download::from_bytes(&record.body) {
            Ok(Download { logger, did: Did::SetClock(set) }) => {
                settings.push((record.entry.log(), logger, set));
            }
            Ok(Download { logger, did: Did::KeptSession(session) }) => {
                sessions = sessions.saturating_add(1);
                faults.extend(kept(bundle, record, logger, &session).err());
            }
            Err(error) => faults.push(format!("{}: {error}.", name(record))),
        }
    }
    for record in of_kind(Kind::Readings) {
        let Ok(Readings { logger, clock_set: Some(set), .. }) = Readings::from_bytes(&record.body) else {
            continue;
        };
        if !settings.contains(&(record.entry.log(), logger, set)) {
            faults.push(format!("{} tells of a clock that no entry of its log says was set.", name(record)));
        }
    }
    if settings.is_empty() && sessions == 0 && faults.is_empty() {
        return;
    }
    let proved = format!(
        "Clocks of loggers that were set: {}. Raw sessions: {sessions}, each the one that was signed; what is \
         in them is not checked.",
        settings.len()
    );
    checks.settle(CheckId::Downloads, &faults, proved);
}

/// The parts that the entry names are the session that it tells of.
fn kept(bundle: &Bundle, record: &Record, logger: Id, session: &Session) -> Result<(), String> {
    let fault = |why: String| format!("{}: {why}.", name(record));
    let held: BTreeMap<Hash, &[u8]> =
        bundle.batches.iter().map(|batch| (batch.address(), batch.bytes())).collect();
    let parts = record.entry.payload().batches.iter().map(|address| {
        let bytes = held.get(address).ok_or_else(|| fault("a part of its session is missing".into()))?;
        SessionPart::from_bytes(bytes).map_err(|error| fault(error.to_string()))
    });
    session.join(logger, parts.collect::<Result<_, _>>()?).map(drop).map_err(|error| fault(error.to_string()))
}
