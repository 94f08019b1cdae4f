//! Writing: what the addressees may lack, sealed for them.

use std::io::Write;

use firn_ledger::bytes::{LogId, OrganisationId, PublicKey};
use firn_ledger::error::LedgerError;
use firn_ledger::key::Signer;
use firn_ledger::membership::Member;
use firn_ledger::sync::carried::held_by_all;
use firn_ledger::sync::{Machine, Side, frame};

use super::header::{Entropy, Header};
use super::{CarryError, Writer};
use crate::chunks::ChunkSealer;
use crate::error::PeerError;
use crate::sync::{Next, SyncHome, SyncReport, SyncStore, Turn};

/// A device for which a file can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// Its log.
    pub log: LogId,
    /// Its network endpoint's key, which opens the file.
    pub endpoint: PublicKey,
    /// What people call it.
    pub label: String,
}

/// How much is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What the addressees have not signed that they hold.
    Lacking,
    /// All that is held here.
    Whole,
}

/// What is to be written, and by whom.
pub struct Letter<'a> {
    /// The writer's log.
    pub log: LogId,
    /// Its key.
    pub signer: &'a dyn Signer,
    /// When, in milliseconds of UTC.
    pub written_ms: i64,
    /// For whom: at least one.
    pub addressees: Vec<Addressee>,
    /// How much.
    pub extent: Extent,
    /// Random bytes of this file alone.
    pub entropy: Entropy,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Entries that stand in it, and how many bytes of frames.
    pub report: SyncReport,
}

/// Every device of the organisation that may read what is held here: enrolled and not revoked, but for the one
/// behind `own`.
///
/// # Errors
/// Those of the storage.
pub fn addressees(
    store: &mut dyn SyncStore,
    organisation: &OrganisationId,
    own: &PublicKey,
) -> Result<Vec<Addressee>, LedgerError> {
    let membership = store.source().statements()?.fold(organisation);
    let reads = |member: &&Member| member.cut.is_none() && member.enrolment.endpoint != *own;
    let addressee = membership.members().filter(reads).map(|member| Addressee {
        log: member.enrolment.log,
        endpoint: member.enrolment.endpoint,
        label: member.enrolment.label.clone(),
    });
    Ok(addressee.collect())
}

/// Writes a file to `to` and gives that back, all bytes handed over and none flushed.
///
/// # Errors
/// `peer/file-nobody`, `peer/file-too-many`, `peer/file-full`, `peer/file-io`; those of the ledger and the store.
pub async fn write<H: SyncHome, W: Write>(
    home: &H,
    letter: &Letter<'_>,
    mut to: W,
) -> Result<(W, Carried), PeerError> {
    let mut endpoints: Vec<PublicKey> = letter.addressees.iter().map(|one| one.endpoint).collect();
    endpoints.sort();
    endpoints.dedup();
    let Header { bytes, key } = Header::seal(&endpoints, &letter.entropy)?;
    to.write_all(&bytes).map_err(CarryError::from)?;
    let writer = Writer::sign(letter.log, letter.written_ms, &bytes, letter.signer)?;
    let mut sealer = ChunkSealer::new(to, &key, bytes);
    sealer.write(&frame::encode(&writer.encode()).map_err(LedgerError::from)?).map_err(CarryError::from)?;
    let mut machine = Machine::new(Side::Writer, home.organisation());
    if letter.extent == Extent::Lacking {
        let logs: Vec<LogId> = letter.addressees.iter().map(|one| one.log).collect();
        let known = home.on_store(move |store| held_by_all(store.source(), &logs)).await??;
        machine = machine.knowing(known);
    }
    let report = fill(home, machine, &mut sealer).await?;
    let to = sealer.end().map_err(CarryError::from)?;
    Ok((to, Carried { report }))
}

async fn fill<H: SyncHome, W: Write>(
    home: &H,
    mut machine: Machine,
    sealer: &mut ChunkSealer<W>,
) -> Result<SyncReport, PeerError> {
    let mut report = SyncReport::default();
    loop {
        let turn = home.on_store(move |store| Turn::take(machine, store)).await?;
        machine = turn.machine;
        for frame in &turn.frames {
            sealer.write(frame).map_err(CarryError::from)?;
            report.bytes_sent = report.bytes_sent.saturating_add(frame.len() as u64);
        }
        match turn.next {
            Next::Continue => {}
            Next::Done(summary) => {
                report.summary = *summary;
                return Ok(report);
            }
            Next::Fail(error) => return Err(error.into()),
            // A writer waits for nobody.
            Next::Read => return Err(PeerError::PeerFailed),
        }
    }
}
