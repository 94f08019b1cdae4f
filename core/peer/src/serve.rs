//! The accept loop: bounded, each connection on its own, ended cleanly.

use std::sync::{Arc, Mutex, PoisonError};

use iroh::EndpointId;
use iroh::endpoint::{Connection, Incoming};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::endpoint::PeerEndpoint;
use crate::error::PeerError;
use crate::event::PeerEvent;
use crate::gate::{Closed, Gate};
use crate::join::{self, Inviter};
use crate::sync::{self, SyncHome};
use crate::wire;

/// What the connections of one service share.
struct Service<H> {
    endpoint: PeerEndpoint,
    home: Arc<H>,
    events: Box<dyn Fn(PeerEvent) + Send + Sync>,
    gate: Mutex<Gate>,
    /// Who is known to be a member, and who joins.
    members: Semaphore,
    joiners: Semaphore,
    began: Instant,
    cut: watch::Receiver<bool>,
}

impl PeerEndpoint {
    /// Serves joins and syncs until `shutdown` resolves or the endpoint is closed; then takes nothing
    /// new, gives what runs the limit `grace` and cuts the rest. The endpoint stays open.
    ///
    /// `events` is called from several tasks and must not block.
    pub async fn serve<H: Inviter + SyncHome>(
        &self,
        home: Arc<H>,
        events: impl Fn(PeerEvent) + Send + Sync + 'static,
        shutdown: impl Future<Output = ()>,
    ) {
        let (cutter, cut) = watch::channel(false);
        let service = Arc::new(Service {
            endpoint: self.clone(),
            home,
            events: Box::new(events),
            gate: Mutex::default(),
            members: Semaphore::new(self.limits.connections),
            joiners: Semaphore::new(self.limits.joins),
            began: Instant::now(),
            cut,
        });
        let mut tasks = accept_until(&service, shutdown).await;
        if timeout(self.limits.grace, finish(&service, &mut tasks)).await.is_err() {
            cutter.send_replace(true);
            finish(&service, &mut tasks).await;
        }
    }
}

async fn accept_until<H: Inviter + SyncHome>(
    service: &Arc<Service<H>>,
    shutdown: impl Future<Output = ()>,
) -> JoinSet<()> {
    let arrivals = Arc::new(Semaphore::new(service.endpoint.limits.arrivals));
    let mut tasks = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let incoming = tokio::select! {
            () = &mut shutdown => return tasks,
            Some(ended) = tasks.join_next() => {
                service.tell_of_panic(ended);
                continue;
            }
            incoming = service.endpoint.iroh.accept() => incoming,
        };
        let Some(incoming) = incoming else { return tasks };
        match arrivals.clone().try_acquire_owned() {
            Ok(arrival) => {
                let service = service.clone();
                tasks.spawn(async move { service.answer(incoming, arrival).await });
            }
            Err(_) => {
                incoming.refuse();
                (service.events)(PeerEvent::Ended { endpoint: None, error: BUSY });
            }
        }
    }
}

async fn finish<H>(service: &Service<H>, tasks: &mut JoinSet<()>) {
    while let Some(ended) = tasks.join_next().await {
        service.tell_of_panic(ended);
    }
}

impl<H> Service<H> {
    fn tell_of_panic(&self, ended: Result<(), tokio::task::JoinError>) {
        if ended.is_err() {
            (self.events)(PeerEvent::Ended { endpoint: None, error: PeerError::PeerFailed });
        }
    }
}

impl<H: Inviter + SyncHome> Service<H> {
    async fn answer(&self, incoming: Incoming, arrival: OwnedSemaphorePermit) {
        let connection = match self.endpoint.handshake(incoming).await {
            Ok(connection) => connection,
            Err(error) => return (self.events)(PeerEvent::Ended { endpoint: None, error }),
        };
        let endpoint = connection.remote_id();
        let result = match self.enter(endpoint) {
            Ok(_place) => self.receive(&connection, endpoint, arrival).await,
            Err(closed) => Err(busy(closed)),
        };
        if let Err(error) = wire::close_with(&connection, result) {
            (self.events)(PeerEvent::Ended { endpoint: Some(endpoint), error });
        }
    }

    /// Gives a connection a place among its kind once it is known of which it is, so that whoever is neither a member
    /// nor invited takes no place of theirs.
    async fn receive(
        &self,
        connection: &Connection,
        endpoint: EndpointId,
        arrival: OwnedSemaphorePermit,
    ) -> Result<(), PeerError> {
        let places = match connection.alpn() == join::ALPN {
            true if !self.home.is_inviting().await => return Err(PeerError::InvitationRefused),
            true => &self.joiners,
            false => {
                sync::admit(&*self.home, &endpoint, &self.endpoint.limits).await?;
                &self.members
            }
        };
        let _place = places.try_acquire().map_err(|_| BUSY)?;
        drop(arrival);
        self.exchange(connection, endpoint).await
    }

    async fn exchange(&self, connection: &Connection, endpoint: EndpointId) -> Result<(), PeerError> {
        (self.events)(PeerEvent::Met { endpoint });
        let mut cut = self.cut.clone();
        let work = async {
            if connection.alpn() == join::ALPN {
                return self.endpoint.answer_join(connection, &*self.home, &self.events).await;
            }
            let report = self.endpoint.answer_sync(connection, &*self.home).await?;
            (self.events)(PeerEvent::Synced { endpoint, report });
            Ok(())
        };
        tokio::select! {
            result = work => result,
            _ = cut.wait_for(|cut| *cut) => Err(PeerError::ShuttingDown),
        }
    }

    /// A place among the connections of `endpoint`, given back when dropped.
    fn enter(&self, endpoint: EndpointId) -> Result<Place<'_>, Closed> {
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        gate.enter(endpoint, self.began.elapsed(), &self.endpoint.limits)?;
        // Only one that came in goes out again: a place is made where there is one.
        Ok(Place { gate: &self.gate, endpoint })
    }
}

/// All places are taken, and nobody knows for how long.
const BUSY: PeerError = PeerError::Busy { wait_s: None };

/// What an endpoint is told that is not let in: whole seconds, for the last part of one as well.
fn busy(closed: Closed) -> PeerError {
    match closed {
        Closed::Full => BUSY,
        Closed::For(wait) => {
            let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
            PeerError::Busy { wait_s: Some(seconds.max(1)) }
        }
    }
}

struct Place<'a> {
    gate: &'a Mutex<Gate>,
    endpoint: EndpointId,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner).leave(&self.endpoint);
    }
}
