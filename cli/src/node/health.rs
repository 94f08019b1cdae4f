//! Whether a node can do its work, and why not.

use super::counters::{Counters, DAMAGED};
use firn_app::{App, LedgerStanding};
use firn_host::{DATABASE, LocalHost};
use firn_peer::endpoint::{PeerEndpoint, Relayed};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// How long the store may take to answer: a write of a large sync stays far below it.
const ANSWER: Duration = Duration::from_secs(10);

/// What `/health` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    /// Whether the store answers.
    pub ok: bool,
    /// Why not, by the code of the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What the store holds, where it answers.
    #[serde(flatten)]
    pub ledger: Option<LedgerStanding>,
    /// The bytes of the store's file and its journal.
    pub store_bytes: u64,
    /// Whether the relay answers, where there is one; without it peers that know an address are served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relay: Option<RelayHealth>,
}

/// How a node stands with its relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelayHealth {
    /// Peers may ask for the node there.
    Connected,
    /// It does not answer.
    Unreached,
}

/// Who asks a node's home how it is.
pub struct Watch {
    app: App<LocalHost>,
    endpoint: PeerEndpoint,
    counters: Arc<Counters>,
}

impl Watch {
    /// Over the home of `app` and its endpoint, beside what was counted.
    pub fn new(app: App<LocalHost>, endpoint: PeerEndpoint, counters: Arc<Counters>) -> Self {
        Self { app, endpoint, counters }
    }

    /// How the node is now.
    pub async fn health(&self) -> Health {
        let answered = tokio::time::timeout(ANSWER, self.app.ledger_standing()).await;
        let (ledger, error) = match answered {
            Ok(Ok(ledger)) => (Some(ledger), None),
            Ok(Err(error)) => (None, Some(error.code().to_owned())),
            Err(_) => (None, Some("cli/store-silent".to_owned())),
        };
        // Pages at which nobody looks here are looked at when they are needed.
        let error = error.or_else(|| self.counters.is_damaged().then(|| DAMAGED.to_owned()));
        // What is known of it now is answered at once.
        let relay = match self.endpoint.relayed(Duration::ZERO).await {
            Relayed::NoRelay => None,
            Relayed::Connected => Some(RelayHealth::Connected),
            Relayed::Unreached => Some(RelayHealth::Unreached),
        };
        Health { ok: error.is_none(), error, ledger, store_bytes: self.store_bytes(), relay }
    }

    /// The numbers as OpenMetrics text.
    pub async fn metrics(&self) -> Option<String> {
        self.counters.text(&self.health().await)
    }

    /// A file that is not there has no bytes.
    fn store_bytes(&self) -> u64 {
        let folder = self.app.host().path();
        let size = |name: String| std::fs::metadata(folder.join(name)).map_or(0, |file| file.len());
        ["", "-wal"].map(|end| size(format!("{DATABASE}{end}"))).iter().sum()
    }
}
