//! What a service tells the one who runs it.

use iroh::EndpointId;

use crate::error::PeerError;
use crate::join::JoinRequest;
use crate::join::digits::Digits;
use crate::sync::SyncReport;

/// Something has happened between this device and another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerEvent {
    /// A device has proved its endpoint's key.
    Met {
        /// Its id.
        endpoint: EndpointId,
    },
    /// A device waits until a person has compared the digits that both show.
    Comparing {
        /// What it asks for.
        request: JoinRequest,
        /// What its screen shows.
        digits: Digits,
    },
    /// A device has been enrolled.
    Joined {
        /// What it asked for.
        request: JoinRequest,
    },
    /// Logs have been exchanged.
    Synced {
        /// With whom.
        endpoint: EndpointId,
        /// How much.
        report: SyncReport,
    },
    /// An exchange has ended in a refusal or an error.
    Ended {
        /// With whom, once that was proved.
        endpoint: Option<EndpointId>,
        /// Why.
        error: PeerError,
    },
}
