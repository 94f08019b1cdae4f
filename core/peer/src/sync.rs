//! Syncing over a connection (`firn/sync/1`): drives the ledger's machine between a stream and a store.
//!
//! The initiator opens the one stream; the frames on it are the ledger's. What is not enrolled is sent
//! away before a byte of it is read or a byte is told. A turn on the store writes at most about
//! [`TURN`] bytes of frames; they are sent before the next turn begins, so that a slow reader holds
//! neither memory nor the store; between turns the sender hears what was refused, so that it stops sending that.

mod clock;
mod pace;
mod turn;

use firn_ledger::bytes::{LogId, OrganisationId, PublicKey};
use firn_ledger::chain::Run;
use firn_ledger::error::LedgerError;
use firn_ledger::fork::ForkProof;
use firn_ledger::seen::Seen;
use firn_ledger::sync::limits::Quota;
use firn_ledger::sync::{LogSource, Machine, Side, Summary};
use iroh::EndpointId;
use iroh::endpoint::{Connection, RecvStream, SendStream};

use crate::address::PeerAddress;
use crate::endpoint::PeerEndpoint;
use crate::error::{PeerError, Whose};
use crate::limits::Limits;
use crate::wire;
use pace::Pace;
pub(crate) use turn::{Next, Turn};

pub use turn::TURN;

/// The protocol's name in the TLS handshake (RFC 7301).
pub const ALPN: &[u8] = b"firn/sync/1";
/// How many bytes are given to the stream or taken from it at once.
const PIECE: usize = 64 * 1024;

/// A store that a conversation reads and adds to. It is used on the store's own thread.
pub trait SyncStore {
    /// What is held.
    fn source(&mut self) -> &mut dyn LogSource;

    /// Stores verified entries and their batches, with whatever hangs on them, in one transaction.
    ///
    /// # Errors
    /// Those of the storage; the conversation ends, and what was stored before stays.
    fn store(&mut self, run: Run) -> Result<(), LedgerError>;

    /// Keeps verified entries of the history that holds beside their log, of which another is held, and puts that
    /// one in the other's place once all of it is here, with whatever hangs on it, in one transaction.
    ///
    /// # Errors
    /// As [`SyncStore::store`].
    fn stage(&mut self, run: Run) -> Result<(), LedgerError>;

    /// Keeps verified words of a log's witnesses.
    ///
    /// # Errors
    /// Those of the storage.
    fn take_seen(&mut self, seen: &Seen) -> Result<(), LedgerError>;

    /// Keeps a checked proof that a log has two histories.
    ///
    /// # Errors
    /// Those of the storage.
    fn take_fork(&mut self, proof: &ForkProof) -> Result<(), LedgerError>;

    /// Signs the head of this device's own log and cosigns what it holds of the others.
    ///
    /// # Errors
    /// [`LedgerError::Signer`], and those of the storage.
    fn witness(&mut self) -> Result<(), LedgerError>;
}

/// A home that syncs.
pub trait SyncHome: Send + Sync + 'static {
    /// Whose logs are exchanged.
    fn organisation(&self) -> OrganisationId;

    /// What may be taken in of each log today; none: nothing is counted.
    fn quota(&self) -> Option<Quota> {
        None
    }

    /// The log that this device writes; none: it is spoken of like any other.
    fn own_log(&self) -> Option<LogId> {
        None
    }

    /// A machine that takes in no more than that, and speaks of this device's own log.
    fn within(&self, machine: Machine) -> Machine {
        let machine = match self.own_log() {
            Some(log) => machine.of(log),
            None => machine,
        };
        match self.quota() {
            Some(quota) => machine.within(quota),
            None => machine,
        }
    }

    /// This device's clock, which is told to the other one and compared with its: UTC in milliseconds since 1970.
    /// None: nothing is told.
    fn clock_ms(&self) -> Option<i64> {
        None
    }

    /// Does `work` where the store lives and gives its result.
    ///
    /// # Errors
    /// When the store cannot be reached; `work` has its own.
    fn on_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn SyncStore) -> T + Send + 'static,
    ) -> impl Future<Output = Result<T, LedgerError>> + Send;

    /// Whose the endpoint is. By itself this asks the store ([`standing`]); a home that has just joined adds its
    /// inviter's, whose log it does not hold yet.
    ///
    /// # Errors
    /// Those of the storage.
    fn standing(
        &self,
        endpoint: PublicKey,
    ) -> impl Future<Output = Result<PeerStanding, LedgerError>> + Send {
        let organisation = self.organisation();
        async move { self.on_store(move |store| standing(store, &organisation, &endpoint)).await? }
    }
}

/// Whose an endpoint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerStanding {
    /// An enrolled device's.
    Member,
    /// That of a device that was revoked.
    Revoked,
    /// Nobody's who is known here.
    Unknown,
}

/// Whether the logs that `store` holds enrol a device with this endpoint, and whether one revokes it.
///
/// # Errors
/// Those of the storage.
pub fn standing(
    store: &mut dyn SyncStore,
    organisation: &OrganisationId,
    endpoint: &PublicKey,
) -> Result<PeerStanding, LedgerError> {
    let membership = store.source().statements()?.fold(organisation);
    let known = membership.members().filter(|member| member.enrolment.endpoint == *endpoint);
    let cut: Vec<bool> = known.map(|member| member.cut.is_some()).collect();
    Ok(match cut[..] {
        [] => PeerStanding::Unknown,
        _ if cut.contains(&false) => PeerStanding::Member,
        _ => PeerStanding::Revoked,
    })
}

/// What came of a conversation, and how much went each way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncReport {
    /// Entries stored, sent and refused, and whether both agree.
    pub summary: Summary,
    /// Bytes of frames that were sent.
    pub bytes_sent: u64,
    /// Bytes of frames that were received.
    pub bytes_received: u64,
    /// How far the other device's clock is ahead of this one's, in milliseconds, where it was told.
    pub clock_difference_ms: Option<i64>,
    /// When the conversation began, by this device's clock: UTC in milliseconds since 1970, where it tells it.
    pub began_ms: Option<i64>,
}

impl PeerEndpoint {
    /// Brings this home and the peer's up to date with each other.
    ///
    /// # Errors
    /// `peer/not-a-member` when either device is not enrolled in the other's eyes, before anything is told;
    /// the network's failure; the ledger's or the store's. What was stored before stays.
    pub async fn sync<H: SyncHome>(&self, peer: &PeerAddress, home: &H) -> Result<SyncReport, PeerError> {
        admit(home, &peer.id, &self.limits).await?;
        let connection = self.connect(peer, ALPN).await?;
        let result = self.converse(&connection, Side::Initiator, home).await;
        wire::close_with(&connection, result)
    }

    /// Answers one peer that was admitted.
    pub(crate) async fn answer_sync<H: SyncHome>(
        &self,
        connection: &Connection,
        home: &H,
    ) -> Result<SyncReport, PeerError> {
        let report = self.converse(connection, Side::Responder, home).await?;
        // The initiator closes when it has read the last word; that it has not is nothing to us.
        match tokio::time::timeout(self.limits.idle, connection.closed()).await {
            Ok(_) | Err(_) => Ok(report),
        }
    }

    async fn converse<H: SyncHome>(
        &self,
        connection: &Connection,
        side: Side,
        home: &H,
    ) -> Result<SyncReport, PeerError> {
        let talking = async {
            let opening = async {
                match side {
                    Side::Initiator => wire::open(connection).await,
                    _ => wire::accept(connection).await,
                }
            };
            let (send, receive) = wire::within(self.limits.idle, "opening a stream", opening).await?;
            let (limits, report) = (self.limits, SyncReport::default());
            let pace = Pace::new(limits.pace);
            let last_word = Whose::Theirs;
            let conversation = Conversation { side, send, receive, limits, pace, report, last_word };
            conversation.run(home.within(Machine::new(side, home.organisation())), home).await
        };
        let began_ms = home.clock_ms();
        let compared = clock::beside(connection, || home.clock_ms(), talking);
        let (report, clock_difference_ms) = wire::within(self.limits.sync, "syncing", compared).await?;
        Ok(SyncReport { clock_difference_ms, began_ms, ..report })
    }
}

/// Lets nobody on who is no member, before a byte is read or told.
pub(crate) async fn admit<H: SyncHome>(
    home: &H,
    endpoint: &EndpointId,
    limits: &Limits,
) -> Result<(), PeerError> {
    let key = PublicKey(*endpoint.as_bytes());
    let asking = async { Ok(home.standing(key).await?) };
    match wire::within(limits.idle, "asking the store", asking).await? {
        PeerStanding::Member => Ok(()),
        PeerStanding::Revoked => Err(PeerError::Revoked { whose: Whose::Theirs }),
        PeerStanding::Unknown => Err(PeerError::NotAMember { whose: Whose::Theirs }),
    }
}

/// One conversation on one stream.
struct Conversation {
    side: Side,
    send: SendStream,
    receive: RecvStream,
    limits: Limits,
    pace: Pace,
    report: SyncReport,
    /// Who has spoken last, when the machine waits or is done.
    last_word: Whose,
}

impl Conversation {
    async fn run<H: SyncHome>(mut self, mut machine: Machine, home: &H) -> Result<SyncReport, PeerError> {
        loop {
            let working = async { Ok(home.on_store(move |store| Turn::take(machine, store)).await?) };
            let turn = wire::within(self.limits.idle, "waiting for the store", working).await?;
            machine = turn.machine;
            match turn.next {
                Next::Continue => {
                    self.write(turn.frames).await?;
                    machine.receive(&self.read_what_is_there().await?);
                }
                Next::Read => {
                    self.write(turn.frames).await?;
                    machine.receive(&self.read().await?);
                }
                Next::Done(summary) => {
                    self.write(turn.frames).await?;
                    wire::finish(&mut self.send)?;
                    if self.side == Side::Initiator && self.last_word == Whose::Ours {
                        // They end the conversation: closing at once could cut them off.
                        let arriving = wire::delivered(&self.send);
                        wire::within(self.limits.idle, "sending the last words", arriving).await?;
                    }
                    self.report.summary = *summary;
                    return Ok(self.report);
                }
                Next::Fail(error) => return Err(self.tell_and_fail(turn.frames, error).await),
            }
        }
    }

    async fn write(&mut self, frames: Vec<Vec<u8>>) -> Result<(), PeerError> {
        for frame in frames {
            self.last_word = Whose::Ours;
            for piece in frame.chunks(PIECE) {
                let writing = wire::write(&mut self.send, piece);
                wire::within(self.limits.idle, "sending", writing).await?;
            }
            self.report.bytes_sent = self.report.bytes_sent.saturating_add(frame.len() as u64);
        }
        Ok(())
    }

    async fn read(&mut self) -> Result<Vec<u8>, PeerError> {
        self.pace.waits();
        let reading = wire::read(&mut self.receive, PIECE);
        let piece = wire::within(self.limits.idle, "waiting for the other device", reading).await?;
        self.pace.arrived(piece.len())?;
        self.last_word = Whose::Theirs;
        self.report.bytes_received = self.report.bytes_received.saturating_add(piece.len() as u64);
        Ok(piece)
    }

    /// What has arrived meanwhile, perhaps nothing.
    async fn read_what_is_there(&mut self) -> Result<Vec<u8>, PeerError> {
        let piece = tokio::select! {
            biased;
            piece = wire::read(&mut self.receive, PIECE) => piece?,
            () = std::future::ready(()) => Vec::new(),
        };
        self.report.bytes_received = self.report.bytes_received.saturating_add(piece.len() as u64);
        Ok(piece)
    }

    /// The machine's last frame tells the peer why; it is given a while to arrive.
    async fn tell_and_fail(&mut self, frames: Vec<Vec<u8>>, error: LedgerError) -> PeerError {
        let limit = self.limits.connect;
        let telling = async {
            self.write(frames).await?;
            wire::finish(&mut self.send)?;
            wire::delivered(&self.send).await
        };
        // The first error is the one to tell; that the peer did not hear of it adds nothing.
        match wire::within(limit, "telling the other device", telling).await {
            Ok(()) | Err(_) => PeerError::Ledger(error),
        }
    }
}
