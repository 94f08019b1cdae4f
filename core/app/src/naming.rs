//! Since when others are known to have seen a log, by what they signed.

use crate::AppError;
use firn_ledger::bytes::LogId;
use firn_ledger::entry::Record;
use firn_ledger::membership::Membership;
use firn_ledger::statement::{ENROL, Enrolment, ROOT, RootSays, RootStatement};
use firn_ledger::store::View;
use firn_model::shipment::CLOCK_TOLERANCE_MS;
use firn_model::time::UtcMillis;

/// So many entries of a log are read, from its end.
const MOST: u64 = 4096;

/// When somebody is first known to have admitted a log, or to have held it as its witness.
pub(crate) fn admitted(
    view: &mut View<'_>,
    membership: &Membership,
    log: &LogId,
) -> Result<Option<UtcMillis>, AppError> {
    let mut times = Vec::new();
    let admitting = view.logs_with(|kind| kind == ENROL || kind == ROOT)?;
    for admin in admitting.iter().filter(|admin| is_another(membership, admin, log)) {
        let records = view.own_kinds_of(admin)?;
        times.extend(records.iter().filter(|one| admits(one, log)).map(date));
    }
    let seen = view.seen(log)?;
    let words = seen.cosigned.iter().filter(|(witness, _)| is_another(membership, witness, log));
    // A witness' word tells whole seconds.
    let second =
        |time_s: u64| i64::try_from(time_s).unwrap_or(i64::MAX).saturating_add(1).saturating_mul(1000);
    times.extend(words.map(|(_, word)| UtcMillis(second(word.cosignature.time_s))));
    Ok(times.into_iter().min())
}

/// When another device is first known to have named a log among those that it held, where that was before `until`. The
/// log's own first entry is dated `born_ms`: of what is dated before it no more is read.
pub(crate) fn named(
    view: &mut View<'_>,
    membership: &Membership,
    log: &LogId,
    born_ms: i64,
    until: UtcMillis,
) -> Result<Option<UtcMillis>, AppError> {
    let mut times = Vec::new();
    for head in view.heads().iter().filter(|head| is_another(membership, &head.log, log)) {
        for sequence in (head.size.saturating_sub(MOST)..head.size).rev() {
            let Some(record) = view.entry(&head.log, sequence)? else { break };
            let at = date(&record);
            if at.0.saturating_add(CLOCK_TOLERANCE_MS) < born_ms {
                break;
            }
            let names = record.entry.payload().heads.iter().any(|one| one.log == *log);
            times.extend(Some(at).filter(|at| names && *at <= until));
        }
    }
    Ok(times.into_iter().min())
}

/// Whether a log is another member's than the one that writes `log`, as far as is known.
fn is_another(membership: &Membership, other: &LogId, log: &LogId) -> bool {
    membership.member(other).is_some() && !membership.same_device(other, log)
}

fn date(record: &Record) -> UtcMillis {
    UtcMillis(record.entry.payload().clocks.wall_ms)
}

/// Whether an entry admits a log.
fn admits(record: &Record, log: &LogId) -> bool {
    let enrolment = match record.entry.payload().kind {
        ENROL => Enrolment::decode(&record.body).ok(),
        ROOT => match RootStatement::decode(&record.body).map(|root| root.says) {
            Ok(RootSays::Admits(enrolment)) => Some(enrolment),
            _ => None,
        },
        _ => None,
    };
    enrolment.is_some_and(|enrolment| enrolment.log == *log)
}
