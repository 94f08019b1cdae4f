//! Reading: opened chunk by chunk and taken in by the machine, so that a file that was cut gives what was whole.

use std::io::Read;

use firn_ledger::error::SyncError;
use firn_ledger::sync::frame::Decoder;
use firn_ledger::sync::{Machine, Side};
use zeroize::Zeroizing;

use super::header::Header;
use super::{CarryError, Writer};
use crate::chunks::ChunkOpener;
use crate::endpoint::EndpointSeed;
use crate::error::{PeerError, Whose};
use crate::sync::{Next, SyncHome, SyncReport, SyncStore, Turn};

/// What came of a file. What was stored stays, whatever came after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Who wrote it.
    pub writer: Writer,
    /// What was stored and refused; whether both hold the same now.
    pub report: SyncReport,
    /// Why it was not taken in to its end.
    pub failure: Option<PeerError>,
}

/// What the home says of the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Member,
    Revoked,
    /// Its log is not known here, or not yet: the file may bring what admits it.
    Unknown,
    /// The key of its log did not sign this file.
    Forged,
}

/// Takes in a file that was sealed for the device behind `seed`. Nothing is believed for being in it: each log is
/// admitted as in a conversation, so that a file may bring the proof of its own writer.
///
/// # Errors
/// Before anything is stored: `peer/file-…` for what is no file for this device or damaged at its beginning, and
/// `peer/revoked` for its writer. What comes later is told in [`Taken::failure`], such as `peer/not-a-member` for a
/// writer of whom nothing here, and nothing in the file, says that it was enrolled.
pub async fn take_in<H: SyncHome, R: Read>(
    home: &H,
    seed: &EndpointSeed,
    mut from: R,
) -> Result<Taken, PeerError> {
    let Header { bytes, key } = Header::open(&mut from, seed)?;
    let mut content = Content { chunks: ChunkOpener::new(from, &key, bytes.clone()) };
    let (writer, rest) = content.writer()?;
    match standing(home, writer, bytes.clone()).await? {
        Standing::Member | Standing::Unknown => {}
        standing => return Err(refusal(standing)),
    }
    let mut report = SyncReport::default();
    let failure = match take(home, content, rest, &mut report).await {
        Err(error) => Some(error),
        Ok(()) => match standing(home, writer, bytes).await? {
            Standing::Member => None,
            standing => Some(refusal(standing)),
        },
    };
    Ok(Taken { writer, report, failure })
}

async fn standing<H: SyncHome>(home: &H, writer: Writer, header: Vec<u8>) -> Result<Standing, PeerError> {
    let organisation = home.organisation();
    let judge = move |store: &mut dyn SyncStore| {
        let membership = store.source().statements()?.fold(&organisation);
        Ok::<_, PeerError>(match membership.member(&writer.log) {
            None => Standing::Unknown,
            Some(member) if writer.verify(&header, &member.enrolment.device).is_err() => Standing::Forged,
            Some(member) if member.cut.is_some() => Standing::Revoked,
            Some(_) => Standing::Member,
        })
    };
    home.on_store(judge).await?
}

fn refusal(standing: Standing) -> PeerError {
    match standing {
        Standing::Revoked => PeerError::Revoked { whose: Whose::Theirs },
        Standing::Member | Standing::Unknown => PeerError::NotAMember { whose: Whose::Theirs },
        Standing::Forged => CarryError::Damaged.into(),
    }
}

/// Feeds the machine until the file ends; the report tells of what was stored so far, too.
async fn take<H: SyncHome, R: Read>(
    home: &H,
    mut content: Content<R>,
    mut piece: Zeroizing<Vec<u8>>,
    report: &mut SyncReport,
) -> Result<(), PeerError> {
    let mut machine = home.within(Machine::new(Side::Reader, home.organisation()));
    loop {
        report.bytes_received = report.bytes_received.saturating_add(piece.len() as u64);
        machine.receive(&piece);
        loop {
            let turn = home.on_store(move |store| Turn::take(machine, store)).await?;
            machine = turn.machine;
            match turn.next {
                Next::Continue => {}
                Next::Read => break,
                Next::Done(summary) => {
                    report.summary = *summary;
                    return content.end();
                }
                Next::Fail(error) => {
                    report.summary = machine.so_far().clone();
                    return Err(error.into());
                }
            }
        }
        report.summary = machine.so_far().clone();
        piece = content.next()?;
    }
}

/// What was sealed, in pieces of a chunk at most.
struct Content<R> {
    chunks: ChunkOpener<R>,
}

impl<R: Read> Content<R> {
    /// The first frame, and what of its chunk comes after it.
    fn writer(&mut self) -> Result<(Writer, Zeroizing<Vec<u8>>), PeerError> {
        let first = self.next()?;
        let mut decoder = Decoder::default();
        decoder.push(&first);
        let malformed = || PeerError::from(CarryError::Damaged);
        let frame = decoder.next_frame().map_err(|_| malformed())?.ok_or_else(malformed)?;
        let writer = Writer::decode(frame)?;
        let rest = first.get(4 + frame.len()..).unwrap_or_default();
        Ok((writer, Zeroizing::new(rest.to_vec())))
    }

    fn next(&mut self) -> Result<Zeroizing<Vec<u8>>, PeerError> {
        let next = self.chunks.open_next().map_err(CarryError::from)?;
        // The last chunk was whole and the conversation in it was not.
        next.ok_or(PeerError::Ledger(SyncError::Protocol { what: "a file that ends too early" }.into()))
    }

    /// Nothing may follow.
    fn end(&mut self) -> Result<(), PeerError> {
        match self.chunks.open_next().map_err(CarryError::from)? {
            None => Ok(()),
            Some(_) => Err(CarryError::Damaged.into()),
        }
    }
}
