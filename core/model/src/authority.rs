//! Which stored entries count: storing is not believing.

use crate::record::Kind;
use crate::role::Role;
use serde::{Deserialize, Serialize};

/// Whether an entry counts, judged anew each time it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It counts.
    Valid,
    /// It is shown and never counts.
    Refused(Refusal),
}

/// Why an entry does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// No admin enrolled the device that signed it.
    DeviceNotEnrolled,
    /// The device's role may not sign this kind.
    RoleMayNotSign,
    /// The body is not one of its kind.
    MalformedBody,
    /// Such a statement already counts.
    Repeated,
    /// What it refers to has not happened.
    OutOfOrder,
    /// Only who has the shipment may hand it over.
    NotTheCustodian,
    /// The offer had expired.
    Expired,
    /// It takes somebody else: who neither carried, received, reviewed nor proposed it.
    SecondPersonNeeded,
    /// A logger is unread, a reason unexplained, or an excursion not looked into.
    NotSettled,
    /// Among the lines is one that is expired, or whose lot its manufacturer was asked about or bars.
    LinesBarred,
    /// It names a line, lot, package or logger that is not there.
    UnknownName,
}

impl Refusal {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Refusal::DeviceNotEnrolled => "authority/device-not-enrolled",
            Refusal::RoleMayNotSign => "authority/role-may-not-sign",
            Refusal::MalformedBody => "authority/malformed-body",
            Refusal::Repeated => "authority/repeated",
            Refusal::OutOfOrder => "authority/out-of-order",
            Refusal::NotTheCustodian => "authority/not-the-custodian",
            Refusal::Expired => "authority/expired",
            Refusal::SecondPersonNeeded => "authority/second-person-needed",
            Refusal::NotSettled => "authority/not-settled",
            Refusal::LinesBarred => "authority/lines-barred",
            Refusal::UnknownName => "authority/unknown-name",
        }
    }
}

/// Judges an entry of `kind` signed by a device that is enrolled in `role`, if it is enrolled at all.
pub fn judge(role: Option<Role>, kind: Kind) -> Standing {
    match role {
        None => Standing::Refused(Refusal::DeviceNotEnrolled),
        Some(role) if role.may_sign(kind) => Standing::Valid,
        Some(_) => Standing::Refused(Refusal::RoleMayNotSign),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_courier_cannot_decide_a_disposition() {
        assert_eq!(judge(Some(Role::Courier), Kind::Disposition), Standing::Refused(Refusal::RoleMayNotSign));
        assert_eq!(judge(Some(Role::Pharmacist), Kind::Disposition), Standing::Valid);
    }

    #[test]
    fn nothing_counts_from_a_device_that_nobody_enrolled() {
        for kind in Kind::ALL {
            assert_eq!(judge(None, kind), Standing::Refused(Refusal::DeviceNotEnrolled));
        }
    }
}
