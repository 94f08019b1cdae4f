//! Roles, and which of them may sign which kind of record.

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

    /// Whether a device enrolled in this role may sign a record of this kind.
    ///
    /// A courier carries, measures and hands over, but neither enrols loggers nor decides about stock
    /// (21 CFR 11.10(g)); profiles are published by quality people and admins.
    pub fn may_sign(self, kind: Kind) -> bool {
        use Role::{Admin, Pharmacist, Quality};
        let permitted: &[Role] = match kind {
            Kind::Shipment | Kind::Started | Kind::Readings | Kind::Download | Kind::Assessment => &Self::ALL,
            Kind::Offered | Kind::Accepted | Kind::Confirmed => &Self::ALL,
            Kind::Observation | Kind::Quarantined | Kind::PersonKey | Kind::SigningFailed => &Self::ALL,
            Kind::Received => &Self::ALL,
            Kind::Logger | Kind::LoggerEnded | Kind::Closed => &[Pharmacist, Quality, Admin],
            Kind::Acknowledged | Kind::Disposition | Kind::ArrivalMoved => &[Pharmacist, Quality, Admin],
            Kind::Approved | Kind::ExcursionRecord => &[Pharmacist, Quality, Admin],
            Kind::Review | Kind::Reply | Kind::Finding => &[Pharmacist, Quality, Admin],
            Kind::Profile => &[Quality, Admin],
            Kind::Person | Kind::Policy => &[Admin],
        };
        permitted.contains(&self)
    }
}
