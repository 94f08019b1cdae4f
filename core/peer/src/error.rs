//! What can go wrong between peers, each with a stable code and a next step.

use firn_ledger::error::LedgerError;

use crate::carry::CarryError;

/// Every failure of this crate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// Text that is no `ID`, `ID@IP:PORT` or `ID@https://RELAY`.
    #[error("this is no peer's address: {why}")]
    AddressMalformed {
        /// What is wrong.
        why: &'static str,
    },
    /// Text that is no relay's URL.
    #[error("this is no relay: {why}")]
    RelayMalformed {
        /// What is wrong.
        why: &'static str,
    },
    /// Text that is no invitation.
    #[error("this is no invitation: {why}")]
    InvitationMalformed {
        /// What is wrong.
        why: &'static str,
    },
    /// Given by a preview, whose format was never frozen.
    #[error("a preview of Firn gave the invitation, in format v0")]
    InvitationPreview,
    /// Written by a later version.
    #[error("the invitation has version {version}, which is not known here")]
    InvitationVersion {
        /// The invitation's version.
        version: u64,
    },
    /// Past its time, by this device's clock or the inviter's.
    #[error("the invitation has expired")]
    InvitationExpired,
    /// Redeemed by another device.
    #[error("the invitation has been used")]
    InvitationUsed,
    /// The inviter knows no such invitation, or the secret is another one.
    #[error("the inviter does not know this invitation")]
    InvitationRefused,
    /// The inviter declined the device.
    #[error("the inviter declined this device")]
    JoinDeclined,
    /// The inviter could not write.
    #[error("the inviter could not complete the enrolment")]
    JoinFailed,
    /// The person at the inviting device saw other digits than this one shows.
    #[error("the person at the inviting device saw other digits")]
    DigitsDiffer,
    /// An answer that the invitation's secret did not make.
    #[error("the answer was not made with the invitation's secret")]
    AnswerForged,
    /// A label that is empty, too long or holds control characters.
    #[error("a device's label has 1 to 64 characters, none of them a control character")]
    LabelMalformed,
    /// Text that fits no QR code.
    #[error("the text does not fit a QR code")]
    QrTooLong,
    /// The socket could not be opened.
    #[error("the endpoint cannot listen: {cause}")]
    ListenFailed {
        /// What the system said.
        cause: String,
    },
    /// Nobody answered at the peer's addresses.
    #[error("the peer cannot be reached: {cause}")]
    Unreachable {
        /// What was seen.
        cause: String,
    },
    /// No address is known for the peer.
    #[error("no address is known for the peer")]
    NoAddress,
    /// One of the two devices is not enrolled.
    #[error("{}", match .whose { Whose::Theirs => "the other device is not enrolled in this organisation", Whose::Ours => "the other device does not know this one" })]
    NotAMember {
        /// Which of the two.
        whose: Whose,
    },
    /// One of the two devices was revoked.
    #[error("{}", match .whose { Whose::Theirs => "the other device was revoked", Whose::Ours => "the other device says that this one was revoked" })]
    Revoked {
        /// Which of the two.
        whose: Whose,
    },
    /// The peer has too much to do, or was asked too often.
    #[error("the peer is busy{}", takes_in_again(*.wait_s))]
    Busy {
        /// In how many seconds it takes this device in again, where it knows.
        wait_s: Option<u64>,
    },
    /// The peer is ending.
    #[error("the peer is shutting down")]
    ShuttingDown,
    /// The time that the caller allowed has passed.
    #[error("timed out while {during}")]
    Timeout {
        /// What was being done.
        during: &'static str,
    },
    /// Bytes that do not follow the protocol.
    #[error("a message does not follow the protocol: {why}")]
    MessageMalformed {
        /// What is wrong.
        why: &'static str,
    },
    /// The connection broke.
    #[error("the connection was lost: {cause}")]
    ConnectionLost {
        /// What was seen.
        cause: String,
    },
    /// The other device could not go on.
    #[error("the other device failed")]
    PeerFailed,
    /// The local network cannot be searched.
    #[error("the local network cannot be searched: {cause}")]
    NoLocalNetwork {
        /// What the system said.
        cause: String,
    },
    /// A carried file cannot be written or taken in.
    #[error(transparent)]
    Carry(#[from] CarryError),
    /// The ledger refused, or its store failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

fn takes_in_again(wait_s: Option<u64>) -> String {
    let words =
        |seconds| format!(": too many connections in a minute; it takes this device in again in {seconds} s");
    wait_s.map(words).unwrap_or_default()
}

/// Which of two devices is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// This device.
    Ours,
    /// The device at the other end.
    Theirs,
}

impl PeerError {
    /// The stable code: `peer/…`, or the ledger's own.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AddressMalformed { .. } => "peer/address-malformed",
            Self::RelayMalformed { .. } => "peer/relay-malformed",
            Self::InvitationMalformed { .. } => "peer/invitation-malformed",
            Self::InvitationPreview => "peer/invitation-preview",
            Self::InvitationVersion { .. } => "peer/invitation-version",
            Self::InvitationExpired => "peer/invitation-expired",
            Self::InvitationUsed => "peer/invitation-used",
            Self::InvitationRefused => "peer/invitation-refused",
            Self::JoinDeclined => "peer/join-declined",
            Self::JoinFailed => "peer/join-failed",
            Self::DigitsDiffer => "peer/digits-differ",
            Self::AnswerForged => "peer/answer-forged",
            Self::LabelMalformed => "peer/label-malformed",
            Self::QrTooLong => "peer/qr-too-long",
            Self::ListenFailed { .. } => "peer/listen-failed",
            Self::Unreachable { .. } => "peer/unreachable",
            Self::NoAddress => "peer/no-address",
            Self::NotAMember { .. } => "peer/not-a-member",
            Self::Revoked { .. } => "peer/revoked",
            Self::Busy { .. } => "peer/busy",
            Self::ShuttingDown => "peer/shutting-down",
            Self::Timeout { .. } => "peer/timeout",
            Self::MessageMalformed { .. } => "peer/message-malformed",
            Self::ConnectionLost { .. } => "peer/connection-lost",
            Self::PeerFailed => "peer/failed",
            Self::NoLocalNetwork { .. } => "peer/no-local-network",
            Self::Carry(error) => error.code(),
            Self::Ledger(error) => error.code(),
        }
    }

    /// What a person can do.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::AddressMalformed { .. } => {
                "give ID or ID@IP:PORT, as `firn id` on the other device prints it"
            }
            Self::RelayMalformed { .. } => "give the relay as https://HOST or https://HOST:PORT",
            Self::InvitationMalformed { .. } => "copy the whole text again, or scan its QR code",
            Self::InvitationPreview => {
                "update Firn on the inviting device too, and ask for a new invitation once its organisation is of this release"
            }
            Self::InvitationVersion { .. } => "update Firn on this device",
            Self::InvitationExpired | Self::InvitationUsed => "ask an admin for a new invitation",
            Self::InvitationRefused => {
                "check that the inviting device is still inviting, or ask for a new invitation"
            }
            Self::JoinDeclined => "ask the admin who invited this device",
            Self::JoinFailed | Self::PeerFailed => "look at the other device for the reason, then try again",
            Self::DigitsDiffer => {
                "the invitation is void: somebody else may hold its text; ask for a new one, face to face"
            }
            Self::AnswerForged => "do not go on; ask an admin for a new invitation, face to face",
            Self::LabelMalformed => "give the device a short name",
            Self::QrTooLong => "pass the text on instead",
            Self::ListenFailed { .. } => "choose another address or port, or close the program that holds it",
            Self::Unreachable { .. } => {
                "check that the other device is on and in the same network, or at the relay, and its address"
            }
            Self::NoAddress => "give the peer's address as ID@IP:PORT",
            Self::Revoked { .. } => {
                "ask an admin; what it signs from then on counts for nothing, what it holds stays"
            }
            Self::NotAMember { .. } => {
                "invite the device, or sync with the one that enrolled it first; where the first sync with that one was cut \
                 off, carry a file from it (`firn sync --out` there, `firn sync --in` here)"
            }
            Self::Busy { wait_s: Some(_) } => "wait that long, and try again",
            Self::Busy { wait_s: None } | Self::ShuttingDown => "wait a moment and try again",
            Self::Timeout { .. } | Self::ConnectionLost { .. } => {
                "check the network and try again; nothing was lost"
            }
            Self::MessageMalformed { .. } => "update Firn on both devices, then try again",
            Self::NoLocalNetwork { .. } => "join a network, or give the peer's address as ID@IP:PORT",
            Self::Carry(error) => error.next_step(),
            Self::Ledger(error) => error.next_step(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_ledger_keeps_its_own_code() {
        let error = PeerError::from(LedgerError::Rule(firn_ledger::error::Fault::Fork));
        assert_eq!(error.code(), "ledger/fork");
    }

    #[test]
    fn a_stranger_is_named_by_the_same_code_on_both_sides() {
        let [ours, theirs] = [Whose::Ours, Whose::Theirs].map(|whose| PeerError::NotAMember { whose });
        assert_eq!(ours.code(), theirs.code());
        assert_ne!(ours.to_string(), theirs.to_string());
        let [ours, theirs] = [Whose::Ours, Whose::Theirs].map(|whose| PeerError::Revoked { whose });
        assert_eq!(ours.code(), theirs.code());
        assert_ne!(ours.to_string(), theirs.to_string());
    }
}
