//! Why a node sent a connection away: for whoever watches it, and without a word of the stranger's.

use firn_peer::error::{PeerError, Whose};
use firn_peer::event::PeerEvent;
use prometheus_client::encoding::EncodeLabelValue;

/// Why a connection was refused; there are no other values, whatever strangers do.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, EncodeLabelValue)]
pub enum Reason {
    /// It never proved whose it is, or spoke another protocol.
    NoHandshake,
    /// The endpoint is no member's: a stranger's, or another organisation's device.
    NotAMember,
    /// It wanted to join where nobody is invited, or by another invitation.
    NotInvited,
    /// The device was revoked.
    Revoked,
    /// It came too often, or all places were taken.
    Busy,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::NoHandshake, Self::NotAMember, Self::NotInvited, Self::Revoked, Self::Busy];

    /// Why the connection of an exchange that ended was refused; none where it was not.
    pub fn of(event: &PeerEvent) -> Option<Self> {
        let PeerEvent::Ended { endpoint, error } = event else { return None };
        match error {
            PeerError::Busy { .. } => Some(Self::Busy),
            // Something of this node's own, and no refusal.
            PeerError::PeerFailed => None,
            _ if endpoint.is_none() => Some(Self::NoHandshake),
            PeerError::NotAMember { whose: Whose::Theirs } => Some(Self::NotAMember),
            PeerError::InvitationRefused => Some(Self::NotInvited),
            PeerError::Revoked { whose: Whose::Theirs } => Some(Self::Revoked),
            _ => None,
        }
    }

    /// What is told of it: a stranger's endpoint and words are theirs to choose, and stand in no journal.
    pub fn words(event: &PeerEvent) -> Option<String> {
        let PeerEvent::Ended { error, .. } = event else { return None };
        match Self::of(event)? {
            Self::NoHandshake | Self::NotAMember | Self::NotInvited => {
                Some(format!("a connection was refused [{}]", error.code()))
            }
            // A member's device, or whoever it is that comes too often: its id says whose limit that is.
            Self::Revoked | Self::Busy => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(error: PeerError) -> PeerEvent {
        let endpoint = firn_peer::endpoint::EndpointSeed::new([7; 32]).id();
        PeerEvent::Ended { endpoint: Some(endpoint), error }
    }

    #[test]
    fn a_stranger_is_told_of_by_a_code_alone() {
        let stranger = ended(PeerError::NotAMember { whose: Whose::Theirs });
        assert_eq!(Reason::of(&stranger), Some(Reason::NotAMember));
        assert_eq!(Reason::words(&stranger).unwrap(), "a connection was refused [peer/not-a-member]");
        let cause = "evil\nfirn: met somebody".into();
        let nobody = PeerEvent::Ended { endpoint: None, error: PeerError::ConnectionLost { cause } };
        assert_eq!(Reason::of(&nobody), Some(Reason::NoHandshake));
        assert_eq!(Reason::words(&nobody).unwrap(), "a connection was refused [peer/connection-lost]");
    }

    #[test]
    fn what_fails_between_members_is_no_refusal() {
        for error in [
            PeerError::NotAMember { whose: Whose::Ours },
            PeerError::ConnectionLost { cause: "cable".into() },
            PeerError::PeerFailed,
            PeerError::ShuttingDown,
        ] {
            assert_eq!((Reason::of(&ended(error.clone())), Reason::words(&ended(error))), (None, None));
        }
    }
}
