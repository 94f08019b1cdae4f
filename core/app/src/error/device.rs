//! Why an admin's word on a device's log cannot be signed as things stand.

/// Why a device is not revoked, vouched for or enrolled anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceStep {
    /// It is this one.
    #[error("a device is revoked on another one")]
    Itself,
    /// Nothing of it is in dispute: its log has no end.
    #[error("this device is not revoked")]
    NotRevoked,
    /// Somebody vouches for as much already, or it lies before the end.
    #[error("nothing more of its log is disputed below that size")]
    NothingMore,
    /// A decision names a history that is not held.
    #[error("the history of its log that holds is not here yet: sync first")]
    HistoryAway,
    /// The size lies beyond what is held.
    #[error("so many entries of its log are not held here")]
    NotHeld,
    /// The size alone does not say which history is meant.
    #[error("two histories of its log have so many entries")]
    TwoHistories,
    /// The new log's first entry names a head of the old one that is not a head of what is held.
    #[error("its old log is not held here up to where the new one goes on, or tells another history")]
    OldLogDiffers,
    /// The log that waits for an admin was revoked: to enrol it would end the old one for nothing.
    #[error("the log in which this device goes on was revoked")]
    NewLogRevoked,
}

impl DeviceStep {
    /// What a person can do about it.
    pub fn next_step(self) -> &'static str {
        match self {
            Self::Itself => "run it on another admin's device; `firn device rotate` gives this one a new key",
            Self::NotRevoked => "what it signs counts; `firn device list` shows who is revoked",
            Self::NothingMore => {
                "give a larger `--size`; `firn log show` numbers the entries and marks those in dispute"
            }
            Self::HistoryAway => "sync with every device that may have it, then do it again",
            Self::NotHeld => {
                "sync with who has more of its log, or give a `--size` that is held: `firn log show` numbers the \
                 entries from 0"
            }
            Self::TwoHistories => {
                "say with `--root` which head is meant: `firn log show` names those that what was set aside leads to"
            }
            Self::NewLogRevoked => "invite the device anew; it joins in a new home",
            Self::OldLogDiffers => {
                "sync with the device and with every other; if it stays so, revoke the old log (`firn device revoke`) \
                 and invite the device anew"
            }
        }
    }
}
