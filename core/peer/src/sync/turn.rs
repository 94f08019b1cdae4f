//! One turn of the machine on the store: as far as it gets with the bytes it has.

use firn_ledger::error::LedgerError;
use firn_ledger::sync::{Action, Machine, Summary};

use super::SyncStore;

/// How many bytes of frames end a turn; one frame more may be on top.
pub const TURN: usize = 512 * 1024;

/// The machine after its turn.
pub(crate) struct Turn {
    pub machine: Machine,
    /// What is to be sent, in this order.
    pub frames: Vec<Vec<u8>>,
    pub next: Next,
}

/// What comes after the frames.
pub(crate) enum Next {
    /// Another turn.
    Continue,
    /// Bytes from the peer, then another turn.
    Read,
    /// Nothing: it is done.
    Done(Box<Summary>),
    /// Nothing: it has failed.
    Fail(LedgerError),
}

impl Turn {
    pub fn take(mut machine: Machine, store: &mut dyn SyncStore) -> Self {
        let mut frames: Vec<Vec<u8>> = Vec::new();
        let mut size = 0_usize;
        let next = loop {
            if size >= TURN {
                break Next::Continue;
            }
            match machine.poll(store.source()) {
                Ok(Some(Action::Send(frame))) => {
                    size = size.saturating_add(frame.len());
                    frames.push(frame);
                }
                Ok(Some(Action::Done(summary))) => break Next::Done(summary),
                Ok(Some(action)) => {
                    if let Err(error) = keep(action, store) {
                        break Next::Fail(error);
                    }
                }
                Ok(None) => break Next::Read,
                Err(error) => break Next::Fail(error),
            }
        };
        Self { machine, frames, next }
    }
}

/// Does on the store what the machine asks for there.
fn keep(action: Action, store: &mut dyn SyncStore) -> Result<(), LedgerError> {
    match action {
        Action::Store(run) => store.store(*run),
        Action::Stage(run) => store.stage(*run),
        Action::StoreSeen(seen) => store.take_seen(&seen),
        Action::StoreFork(proof) => store.take_fork(&proof),
        Action::Witness => store.witness(),
        Action::Send(_) | Action::Done(_) => Ok(()),
    }
}
