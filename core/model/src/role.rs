//! The roles of devices and people.

use crate::record::Kind;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// What a device or person is enrolled as; titles such as "head pharmacist" are data elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
#[repr(u64)]
pub enum Role {
    /// Carries shipments.
    #[n(1)]
    Courier = 1,
    /// Receives, reads and releases shipments.
    #[n(2)]
    Pharmacist = 2,
    /// Investigates and decides.
    #[n(3)]
    Quality = 3,
    /// Enrols loggers, people and devices.
    #[n(4)]
    Admin = 4,
}

impl Role {
    /// Every role, ascending.
    pub const ALL: [Role; 4] = [Role::Courier, Role::Pharmacist, Role::Quality, Role::Admin];

    /// The number in an enrolment (docs/firn.cddl, `role`).
    pub fn number(self) -> u64 {
        self as u64
    }

    /// The role of a number.
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.number() == number)
    }

    /// Whether somebody in this role may sign a record of this kind ([`crate::permission::PERMISSIONS`]).
    pub fn may_sign(self, kind: Kind) -> bool {
        crate::permission::may_sign(self, kind)
    }
}
