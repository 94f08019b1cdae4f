//! What comes from a peer: stored, and followed in the lists, in one transaction.

use crate::{AppError, Identity, meeting, own_log, read_model};
use firn_ledger::chain::Run;
use firn_ledger::fork::ForkProof;
use firn_ledger::store::{Store, Transaction};
use firn_model::api::LogBarred;
use firn_model::time::UtcMillis;

/// Stores entries that came from a peer `now`, verified by the ledger, and notes them in the lists; the shipments on which they
/// bear wait, for more may follow ([`crate::App::judge_waiting`]).
///
/// # Errors
/// The ledger's and the store's; then nothing of the run is stored.
pub fn take_in(store: &mut Store, identity: &Identity, run: Run, now: UtcMillis) -> Result<(), AppError> {
    store.write(|transaction| {
        // A peer holds more of this device's own log than this home: there may be more still elsewhere.
        if run.log() == identity.log {
            own_log::bar(transaction, &identity.log, LogBarred::Behind)?;
        }
        meeting::note_came(transaction, &run, now)?;
        transaction.append_foreign(run)?;
        read_model::take_note(transaction, &identity.organisation)?;
        settle(transaction, identity)
    })
}

/// Keeps entries of the history that holds of a log of which another one is held, and puts it in that one's place
/// once it is whole.
///
/// # Errors
/// The ledger's and the store's; then nothing of the run is kept.
pub fn stage(store: &mut Store, identity: &Identity, run: Run) -> Result<(), AppError> {
    store.write(|transaction| {
        transaction.stage(run)?;
        settle(transaction, identity)
    })
}

/// Keeps a checked proof that a log has two histories; if a revocation says already which one holds, that counts at
/// once.
///
/// # Errors
/// The ledger's and the store's.
pub fn take_fork(store: &mut Store, identity: &Identity, proof: &ForkProof) -> Result<(), AppError> {
    store.write(|transaction| {
        transaction.take_fork(proof)?;
        settle(transaction, identity)
    })
}

/// Has the history that holds take the other's place wherever it is known and here, and the lists follow. What was put
/// there is held against the meetings with its device like all that comes.
pub(crate) fn settle(transaction: &mut Transaction<'_>, identity: &Identity) -> Result<(), AppError> {
    let before = transaction.heads();
    match transaction.settle(&identity.log)? {
        true => {
            meeting::note_adopted(transaction, &before)?;
            read_model::rebuild(transaction, &identity.organisation)
        }
        false => Ok(()),
    }
}
