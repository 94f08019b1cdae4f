//! Bytes as a carried file: whole, as it lies on a stick (first byte even); or as what is in its chunks once they
//! are opened, which the seal would keep from a fuzzer (first byte odd).

use crate::seeds::messages;
use firn_ledger::bytes::{Hash, LogId, OrganisationId};
use firn_ledger::chain::{LogState, Run};
use firn_ledger::entry::Head;
use firn_ledger::error::LedgerError;
use firn_ledger::fork::{ForkProof, Histories};
use firn_ledger::key::SecretKey;
use firn_ledger::membership::Statements;
use firn_ledger::seen::Seen;
use firn_ledger::sync::frame::encode;
use firn_ledger::sync::limits::Used;
use firn_ledger::sync::message::{Message, fingerprint};
use firn_ledger::sync::{Action, LogSource, Machine, Side, Stored};
use firn_peer::carry::{Addressee, Extent, Letter, Writer, take_in, write};
use firn_peer::endpoint::EndpointSeed;
use firn_peer::sync::{SyncHome, SyncStore};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Takes the bytes in, and checks that what is refused is refused with a code.
pub(crate) fn feed(bytes: &[u8]) {
    let Some((first, bytes)) = bytes.split_first() else { return };
    if first % 2 == 1 {
        return content(bytes);
    }
    match now(take_in(&Nobody, &seed(), bytes)) {
        Ok(taken) => drop(taken.failure.map(|error| error.code())),
        Err(error) => assert!(error.code().contains('/')),
    }
}

/// What is in the chunks: who wrote it, then the conversation.
fn content(bytes: &[u8]) {
    if let Ok(writer) = Writer::decode(bytes) {
        assert_eq!(writer.encode(), bytes);
    }
    let mut machine = Machine::new(Side::Reader, organisation());
    for piece in bytes.chunks(65_536) {
        machine.receive(piece);
        loop {
            match machine.poll(&mut Nothing) {
                Ok(Some(Action::Done(_))) | Err(_) => return,
                Ok(Some(_)) => {}
                Ok(None) => break,
            }
        }
    }
}

/// A whole file of an empty home, and conversations in the messages that are frozen as snapshots.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let key = SecretKey::from_seed(&[5; 32]);
    let endpoint = firn_ledger::bytes::PublicKey(*seed().id().as_bytes());
    let letter = Letter {
        log: LogId([5; 32]),
        signer: &key,
        written_ms: 0,
        addressees: vec![Addressee { log: LogId([6; 32]), endpoint, label: String::new() }],
        extent: Extent::Whole,
        entropy: [7; 64].into(),
    };
    let (file, _) = now(write(&Nobody, &letter, vec![0])).expect("an empty home is written");
    let hello = Message::Hello {
        versions: vec![1],
        organisation: organisation(),
        fingerprint: fingerprint(&[]),
        frontier: Some(Vec::new()),
    };
    let framed = |bytes: &[u8]| encode(bytes).expect("a small frame");
    let end = framed(&Message::End { fingerprint: fingerprint(&[]) }.encode());
    let hello = [vec![1], framed(&hello.encode())].concat();
    let mut all = vec![file, hello.clone(), [hello.as_slice(), &end].concat(), Vec::new()];
    for message in messages() {
        all.push([hello.as_slice(), &framed(&message), &end].concat());
    }
    all
}

fn seed() -> EndpointSeed {
    EndpointSeed::new([8; 32])
}

fn organisation() -> OrganisationId {
    OrganisationId([4; 32])
}

/// A future of which nothing waits for anything.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

/// The home of a device that holds nothing yet.
struct Nobody;

/// Its store, which forgets what it takes.
struct Nothing;

impl SyncHome for Nobody {
    fn organisation(&self) -> OrganisationId {
        organisation()
    }

    async fn on_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn SyncStore) -> T + Send + 'static,
    ) -> Result<T, LedgerError> {
        Ok(work(&mut Nothing))
    }
}

impl SyncStore for Nothing {
    fn source(&mut self) -> &mut dyn LogSource {
        self
    }

    fn store(&mut self, _run: Run) -> Result<(), LedgerError> {
        Ok(())
    }

    fn stage(&mut self, _run: Run) -> Result<(), LedgerError> {
        Ok(())
    }

    fn take_seen(&mut self, _seen: &Seen) -> Result<(), LedgerError> {
        Ok(())
    }

    fn take_fork(&mut self, _proof: &ForkProof) -> Result<(), LedgerError> {
        Ok(())
    }

    fn witness(&mut self) -> Result<(), LedgerError> {
        Ok(())
    }
}

impl LogSource for Nothing {
    fn frontier(&mut self) -> Result<Vec<Head>, LedgerError> {
        Ok(Vec::new())
    }

    fn log(&mut self, _log: &LogId) -> Result<Option<LogState>, LedgerError> {
        Ok(None)
    }

    fn root_at(&mut self, _log: &LogId, _size: u64) -> Result<Option<Hash>, LedgerError> {
        Ok(None)
    }

    fn entries(&mut self, _log: &LogId, _from: u64, _most: usize) -> Result<Vec<Stored>, LedgerError> {
        Ok(Vec::new())
    }

    fn batch(&mut self, _address: &Hash) -> Result<Option<Vec<u8>>, LedgerError> {
        Ok(None)
    }

    fn seen(&mut self, log: &LogId) -> Result<Seen, LedgerError> {
        Ok(Seen::nothing(*log))
    }

    fn fork(&mut self, _log: &LogId) -> Result<Option<ForkProof>, LedgerError> {
        Ok(None)
    }

    fn histories(&mut self, _log: &LogId) -> Result<Histories, LedgerError> {
        Ok(Histories::One)
    }

    fn branch_leaf(&mut self, _log: &LogId, _sequence: u64) -> Result<Option<Hash>, LedgerError> {
        Ok(None)
    }

    fn leaves(&mut self, _log: &LogId, _size: u64) -> Result<Vec<Hash>, LedgerError> {
        Ok(Vec::new())
    }

    fn used(&mut self, _log: &LogId) -> Result<Used, LedgerError> {
        Ok(Used::default())
    }

    fn statements(&mut self) -> Result<Statements, LedgerError> {
        Ok(Statements::default())
    }
}
