//! A home between peers: it exchanges its logs.

use crate::inviting::Open;
use crate::{HomeError, LocalHost};
use firn_app::{App, AppError, DeviceKey, Host, Identity, Meeting};
use firn_ledger::bytes::{LogId, OrganisationId, PublicKey};
use firn_ledger::chain::Run;
use firn_ledger::error::{LedgerError, StoreError};
use firn_ledger::fork::ForkProof;
use firn_ledger::seen::Seen;
use firn_ledger::store::Store;
use firn_ledger::sync::LogSource;
use firn_ledger::sync::limits::Quota;
use firn_model::time::UtcMillis;
use firn_peer::EndpointId;
use firn_peer::address::PeerAddress;
use firn_peer::endpoint::{Listen, PeerEndpoint};
use firn_peer::error::{PeerError, Whose};
use firn_peer::event::PeerEvent;
use firn_peer::lan::Presence;
use firn_peer::limits::Limits;
use firn_peer::sync::{PeerStanding, SyncHome, SyncReport, SyncStore, standing};
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;

/// A home that peers can reach, or that reaches them.
pub struct Network {
    pub(crate) app: App<LocalHost>,
    /// The invitation that is open, kept until this process ends.
    pub(crate) open: Mutex<Option<Open>>,
    /// Whether this device's log had ended when a peer's standing was asked last.
    ended: AtomicBool,
}

/// What a sync brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerReport {
    /// Entries that came from the peer.
    pub received: u64,
    /// Entries that went to the peer.
    pub sent: u64,
    /// Logs that either side refused, with the code of the reason.
    pub refused: Vec<(String, String)>,
    /// The logs with two histories that wait, here, for a person to say which one holds, whatever this exchange was
    /// about.
    pub undecided: Vec<String>,
    /// Whether both hold the same logs at the same heads now.
    pub agreed: bool,
    /// How far the peer's clock is ahead of this one's, in milliseconds, where it was told.
    pub clock_difference_ms: Option<i64>,
}

impl From<SyncReport> for PeerReport {
    fn from(report: SyncReport) -> Self {
        let summary = report.summary;
        let refused = summary.refused.into_iter().chain(summary.refused_by_peer);
        // Where both sides refuse a log for one reason, that is one thing to know.
        let refused: BTreeSet<_> = refused.collect();
        Self {
            received: summary.stored.values().sum(),
            sent: summary.sent.values().sum(),
            refused: refused.into_iter().map(|(log, code)| (log.to_string(), code)).collect(),
            agreed: summary.agreed,
            clock_difference_ms: report.clock_difference_ms,
            ..Self::default()
        }
    }
}

impl Network {
    /// The home of `app` between its peers.
    pub fn new(app: App<LocalHost>) -> Self {
        Self { app, open: Mutex::new(None), ended: AtomicBool::new(false) }
    }

    /// Opens the home's endpoint.
    ///
    /// # Errors
    /// `home/passphrase-needed` for a home opened to read, and the network's.
    pub async fn bind(&self, listen: impl Into<Listen>) -> Result<PeerEndpoint, HomeError> {
        let keys = self.app.host().keys().ok_or(HomeError::PassphraseNeeded)?;
        Ok(PeerEndpoint::bind(&keys.endpoint_seed(), &listen.into(), Limits::default()).await?)
    }

    /// Serves peers on `endpoint` until `shutdown` resolves.
    pub async fn serve(
        self: Arc<Self>,
        endpoint: &PeerEndpoint,
        events: impl Fn(PeerEvent) + Send + Sync + 'static,
        shutdown: impl Future<Output = ()>,
    ) {
        let app = self.app.clone();
        let events = move |event: PeerEvent| {
            let synced = matches!(event, PeerEvent::Synced { .. });
            if synced || matches!(event, PeerEvent::Ended { endpoint: Some(_), .. }) {
                let app = app.clone();
                // Where it fails, the next sync tries again.
                tokio::spawn(async move {
                    if synced {
                        app.host().after_sync().await.unwrap_or_default();
                    }
                    app.judge_waiting().await.unwrap_or_default();
                });
            }
            events(event);
        };
        endpoint.serve(self, events, shutdown).await;
    }

    /// Brings this home and a peer's up to date with each other.
    ///
    /// # Errors
    /// The network's, the ledger's and the store's; what was stored before stays.
    pub async fn sync(&self, endpoint: &PeerEndpoint, peer: &PeerAddress) -> Result<PeerReport, HomeError> {
        let report = endpoint.sync(peer, self).await;
        if let Err(PeerError::NotAMember { whose: Whose::Theirs }) = report
            && let Some(join) = self.app.unfinished_join().await?
        {
            // Nobody but the inviter is known here yet.
            return Err(AppError::from(join).into());
        }
        // What came before it broke off bears on shipments as well.
        if report.is_err() {
            self.app.judge_waiting().await?;
        }
        let report = report?;
        self.app.host().after_sync().await?;
        self.note_synced(&peer.id, &report).await?;
        Ok(PeerReport { undecided: self.undecided().await?, ..report.into() })
    }

    /// Whether the device at this endpoint invited this one, which does not hold its own enrolment yet: so long it is
    /// known by nothing but that. What it sends is verified as anybody's.
    async fn was_invited_by(&self, endpoint: PublicKey) -> Result<bool, LedgerError> {
        let join = self.app.unfinished_join().await.map_err(into_ledger)?;
        Ok(join.and_then(|join| join.invited).is_some_and(|invited| invited.endpoint == endpoint))
    }

    /// The logs that wait for a person to say which of two histories holds.
    pub(crate) async fn undecided(&self) -> Result<Vec<String>, HomeError> {
        Ok(self.app.undecided_logs().await?.iter().map(ToString::to_string).collect())
    }

    /// The devices of the organisation that tell of themselves on the local network within `wait`; nothing is told of
    /// this one, nor of whom it knows.
    ///
    /// # Errors
    /// `peer/no-local-network`, and the store's.
    pub async fn look_around(
        &self,
        endpoint: &PeerEndpoint,
        wait: Duration,
    ) -> Result<Vec<PeerAddress>, HomeError> {
        let heard = endpoint.on_lan(Presence::Untold)?.heard(wait).await;
        let mut members = Vec::new();
        for peer in heard {
            if self.standing(PublicKey(*peer.id.as_bytes())).await? == PeerStanding::Member {
                members.push(peer);
            }
        }
        Ok(members)
    }

    /// Notes that a peer has synced with this home, and what both clocks showed; erases what entries that came say is
    /// erased.
    ///
    /// # Errors
    /// The store's; `vault/…` where the note is made and the erasure goes on when the home is opened.
    pub async fn note_synced(&self, peer: &EndpointId, report: &SyncReport) -> Result<(), HomeError> {
        let sent = report.summary.sent.keys().copied().collect();
        self.app.note_exchanged(PublicKey(*peer.as_bytes()), meeting(report), sent).await?;
        Ok(self.app.settle_vault().await?)
    }
}

/// What both clocks showed, where the peer told its own.
pub(crate) fn meeting(report: &SyncReport) -> Option<Meeting> {
    let (began_ms, ahead_ms) = report.began_ms.zip(report.clock_difference_ms)?;
    Some(Meeting { began: UtcMillis(began_ms), ahead_ms, agreed: report.summary.agreed })
}

/// The store as a conversation sees it: what comes is noted in the lists at once, and judged when all has come.
struct Followed<'a> {
    store: &'a mut Store,
    identity: Identity,
    key: DeviceKey,
    now: UtcMillis,
}

impl SyncStore for Followed<'_> {
    fn source(&mut self) -> &mut dyn LogSource {
        self.store
    }

    fn store(&mut self, run: Run) -> Result<(), LedgerError> {
        firn_app::take_in(self.store, &self.identity, run, self.now).map_err(into_ledger)
    }

    fn stage(&mut self, run: Run) -> Result<(), LedgerError> {
        firn_app::stage(self.store, &self.identity, run).map_err(into_ledger)
    }

    fn take_seen(&mut self, seen: &Seen) -> Result<(), LedgerError> {
        self.store.write(|transaction| transaction.take_seen(seen)).map(drop)
    }

    fn take_fork(&mut self, proof: &ForkProof) -> Result<(), LedgerError> {
        firn_app::take_fork(self.store, &self.identity, proof).map_err(into_ledger)
    }

    fn witness(&mut self) -> Result<(), LedgerError> {
        let seconds = u64::try_from(self.now.0.div_euclid(1000)).unwrap_or_default();
        self.store.write(|transaction| transaction.witness(&self.identity.log, self.key.as_ref(), seconds))
    }
}

/// The app's error as the sync machine takes it.
fn into_ledger(error: AppError) -> LedgerError {
    match error {
        AppError::Ledger(error) => error,
        error => StoreError::Io { what: error.to_string() }.into(),
    }
}

impl SyncHome for Network {
    fn organisation(&self) -> OrganisationId {
        self.app.host().identity().organisation
    }

    fn own_log(&self) -> Option<LogId> {
        Some(self.app.host().identity().log)
    }

    fn quota(&self) -> Option<Quota> {
        let seconds = self.app.host().now().utc.0.div_euclid(1000);
        Some(Quota::at(u64::try_from(seconds).unwrap_or_default()))
    }

    /// Not of a device whose log has ended: another one may go on with its endpoint, and would be taken for it.
    fn clock_ms(&self) -> Option<i64> {
        (!self.ended.load(Ordering::Relaxed)).then(|| self.app.host().now().utc.0)
    }

    async fn on_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn SyncStore) -> T + Send + 'static,
    ) -> Result<T, LedgerError> {
        let host = self.app.host();
        let (key, now, identity) = (host.signer().map_err(into_ledger)?, host.now().utc, host.identity());
        let on_thread = move |store: &mut Store| Ok(work(&mut Followed { store, identity, key, now }));
        host.with_store(on_thread).await.map_err(into_ledger)
    }

    async fn standing(&self, endpoint: PublicKey) -> Result<PeerStanding, LedgerError> {
        let Identity { organisation, log } = self.app.host().identity();
        let asking = move |store: &mut dyn SyncStore| {
            let membership = store.source().statements()?.fold(&organisation);
            let ended = membership.member(&log).is_some_and(|member| member.cut.is_some());
            Ok::<_, LedgerError>((ended, standing(store, &organisation, &endpoint)?))
        };
        let (ended, standing) = self.on_store(asking).await??;
        self.ended.store(ended, Ordering::Relaxed);
        match standing {
            PeerStanding::Unknown if self.was_invited_by(endpoint).await? => Ok(PeerStanding::Member),
            standing => Ok(standing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firn_ledger::bytes::{Id, LogId, Salt};
    use firn_ledger::entry::{Clocks, EntryDraft, Signers};
    use firn_ledger::statement::{ROOT, Revocation, RevocationReason, RootSays, RootStatement};
    use firn_ledger::sync::Summary;

    #[test]
    fn a_log_that_both_sides_refuse_for_one_reason_is_told_of_once_and_for_two_reasons_twice() {
        let [forked, other] = [LogId([1; 32]), LogId([2; 32])];
        let refused = [(forked, "ledger/fork".to_owned()), (other, "ledger/fork".to_owned())].into();
        let refused_by_peer =
            [(forked, "ledger/fork".to_owned()), (other, "sync/too-fast".to_owned())].into();
        let summary = Summary { refused, refused_by_peer, ..Summary::default() };
        let told = PeerReport::from(SyncReport { summary, ..SyncReport::default() }).refused;
        let of = |log: LogId, code: &str| (log.to_string(), code.to_owned());
        assert_eq!(told, [of(forked, "ledger/fork"), of(other, "ledger/fork"), of(other, "sync/too-fast")]);
    }

    #[tokio::test]
    async fn a_device_whose_log_has_ended_tells_no_clock_for_another_one_may_go_on_with_its_endpoint() {
        let folder = tempfile::tempdir().unwrap();
        let founding = firn_app::Founding { organisation: "Nordvik".into(), device: "Dock".into() };
        let passphrase = crate::Passphrase::new("correct horse battery staple").unwrap();
        let sealing = crate::Sealing { passphrase, cost: crate::KdfCost::Low };
        let home = LocalHost::found(&folder.path().join("home"), &founding, &sealing).unwrap();
        home.open_root(&sealing.passphrase).unwrap();
        let network = Network::new(App::new(Arc::new(home)));
        let peer = PublicKey([9; 32]);
        assert_eq!(network.standing(peer).await.unwrap(), PeerStanding::Unknown);
        assert!(network.clock_ms().is_some());
        let (root, key) = (network.app.host().root().unwrap(), network.app.host().signer().unwrap());
        let log = network.own_log().unwrap();
        let revoking = move |store: &mut Store| {
            let head = store.heads()?.into_iter().find(|head| head.log == log).unwrap();
            let (root_of, size, reason) = (Some(head.root), head.size, RevocationReason::Left);
            let says = RootSays::Revokes(Revocation { log, size, root: root_of, lost_ms: 0, reason });
            let body = RootStatement::sign(2, says, root.as_ref())?.encode();
            let (heads, batches, boot) = (Vec::new(), Vec::new(), Id([1; 16]));
            let clocks = Clocks { wall_ms: 0, monotonic_ms: 0, boot };
            let (kind, subject, salt, person) = (ROOT, None, Salt([2; 32]), None);
            let draft = EntryDraft { kind, subject, clocks, heads, body, salt, person, batches };
            let signers = Signers { device: key.as_ref(), person: None };
            Ok(store.write(|transaction| transaction.append(log, draft, signers).map(drop))?)
        };
        network.app.host().with_store(revoking).await.unwrap();
        network.standing(peer).await.unwrap();
        assert_eq!(network.clock_ms(), None);
    }
}
