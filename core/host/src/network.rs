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
use firn_peer::event::PeerEvent;
use firn_peer::lan::Presence;
use firn_peer::limits::Limits;
use firn_peer::sync::{PeerStanding, SyncHome, SyncReport, SyncStore, standing};
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// A home that peers can reach, or that reaches them.
pub struct Network {
    pub(crate) app: App<LocalHost>,
    /// The endpoint of the inviter of a home that has just joined: it does not hold its log yet.
    inviter: Option<PublicKey>,
    /// The invitation that is open, kept until this process ends.
    pub(crate) open: Mutex<Option<Open>>,
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
        }
    }
}

impl Network {
    /// The home of `app` between its peers.
    pub fn new(app: App<LocalHost>) -> Self {
        Self { app, inviter: None, open: Mutex::new(None) }
    }

    /// The same, trusting the endpoint that invited this device.
    pub fn trusting(self, inviter: &EndpointId) -> Self {
        Self { inviter: Some(PublicKey(*inviter.as_bytes())), ..self }
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
        // What came before it broke off bears on shipments as well.
        if report.is_err() {
            self.app.judge_waiting().await?;
        }
        let report = report?;
        self.app.host().after_sync().await?;
        self.note_synced(&peer.id, &report).await?;
        Ok(report.into())
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
        self.app.note_synced(PublicKey(*peer.as_bytes()), meeting(report)).await?;
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
        firn_app::take_in(self.store, &self.identity, run).map_err(into_ledger)
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

    fn clock_ms(&self) -> Option<i64> {
        Some(self.app.host().now().utc.0)
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
        if self.inviter == Some(endpoint) {
            return Ok(PeerStanding::Member);
        }
        let organisation = SyncHome::organisation(self);
        self.on_store(move |store| standing(store, &organisation, &endpoint)).await?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firn_ledger::bytes::LogId;
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
}
