//! Which stored entries count: storing is not believing.

use crate::permission::{SignedBy, signed_by};
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
    /// Its device was revoked before it, and nobody vouches for it.
    Disputed,
    /// Its device goes on in a new log that no admin has enrolled yet.
    Provisional,
    /// The role may not sign this kind: the person's, or the device's where no person signed.
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
    /// It explains what is no reason of the verdict that its signer held.
    NotAReason,
    /// It names a line, lot, package or logger that is not there.
    UnknownName,
    /// The kind asks for a person's signature, and it has none.
    PersonMissing,
    /// No admin's device enrolled the person whom it names.
    PersonNotEnrolled,
    /// The person no longer signs.
    PersonEnded,
    /// No training of the person is known from before the signature (21 CFR 11.10(i)).
    PersonNotTrained,
    /// It tells of a time that is still to come.
    StillToCome,
    /// It was recorded late, and does not say why.
    LateWithoutReason,
    /// The key is not the one that the device has bound to the person.
    KeyNotOfPerson,
    /// An admin had withdrawn the key: its PIN was lost, or somebody else may know it.
    KeyWithdrawn,
}

impl Refusal {
    /// Every refusal.
    pub const ALL: [Refusal; 22] = [
        Self::DeviceNotEnrolled,
        Self::Disputed,
        Self::Provisional,
        Self::RoleMayNotSign,
        Self::MalformedBody,
        Self::Repeated,
        Self::OutOfOrder,
        Self::NotTheCustodian,
        Self::Expired,
        Self::SecondPersonNeeded,
        Self::NotSettled,
        Self::LinesBarred,
        Self::NotAReason,
        Self::UnknownName,
        Self::PersonMissing,
        Self::PersonNotEnrolled,
        Self::PersonEnded,
        Self::PersonNotTrained,
        Self::StillToCome,
        Self::LateWithoutReason,
        Self::KeyNotOfPerson,
        Self::KeyWithdrawn,
    ];

    /// The refusal of a stable code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.code() == code)
    }

    /// In English, after "does not count:".
    pub fn words(self) -> &'static str {
        match self {
            Refusal::DeviceNotEnrolled => "no admin enrolled the device",
            Refusal::Disputed => "its device was revoked before it, and nobody vouches for it",
            Refusal::Provisional => "its device goes on in a new log that no admin has enrolled yet",
            Refusal::RoleMayNotSign => "the role may not sign this",
            Refusal::MalformedBody => "what it says is incomplete or not of its kind",
            Refusal::Repeated => "such a statement counted already",
            Refusal::OutOfOrder => "what it rests on had not happened",
            Refusal::NotTheCustodian => "only who has the shipment may hand it over",
            Refusal::Expired => "the offer had expired",
            Refusal::SecondPersonNeeded => "it takes a second person",
            Refusal::NotSettled => {
                "a logger was unread, a reason unexplained, or an excursion not looked into"
            }
            Refusal::LinesBarred => "a line is expired, or its manufacturer was asked or bars it",
            Refusal::NotAReason => "it explains what was no reason of the verdict",
            Refusal::UnknownName => "it names what is not there",
            Refusal::PersonMissing => "it asks for a person's signature and has none",
            Refusal::PersonNotEnrolled => "nobody had enrolled the person",
            Refusal::PersonEnded => "the person no longer signed",
            Refusal::PersonNotTrained => "no training of the person was known",
            Refusal::StillToCome => "it tells of a time that was still to come",
            Refusal::LateWithoutReason => "it was recorded late and does not say why",
            Refusal::KeyWithdrawn => "an admin had withdrawn the key",
            Refusal::KeyNotOfPerson => "the key was not the person's on that device",
        }
    }

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Refusal::DeviceNotEnrolled => "authority/device-not-enrolled",
            Refusal::Disputed => "authority/disputed",
            Refusal::Provisional => "authority/provisional",
            Refusal::RoleMayNotSign => "authority/role-may-not-sign",
            Refusal::MalformedBody => "authority/malformed-body",
            Refusal::Repeated => "authority/repeated",
            Refusal::OutOfOrder => "authority/out-of-order",
            Refusal::NotTheCustodian => "authority/not-the-custodian",
            Refusal::Expired => "authority/expired",
            Refusal::SecondPersonNeeded => "authority/second-person-needed",
            Refusal::NotSettled => "authority/not-settled",
            Refusal::LinesBarred => "authority/lines-barred",
            Refusal::NotAReason => "authority/not-a-reason",
            Refusal::UnknownName => "authority/unknown-name",
            Refusal::PersonMissing => "authority/person-missing",
            Refusal::PersonNotEnrolled => "authority/person-not-enrolled",
            Refusal::PersonEnded => "authority/person-ended",
            Refusal::PersonNotTrained => "authority/person-not-trained",
            Refusal::StillToCome => "authority/still-to-come",
            Refusal::LateWithoutReason => "authority/late-without-reason",
            Refusal::KeyNotOfPerson => "authority/key-not-of-the-person",
            Refusal::KeyWithdrawn => "authority/key-withdrawn",
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

/// Judges an entry by its device, its person and its kind.
///
/// The device must be enrolled whoever signs on it. What was found of the person's signature stands in
/// `person`: a signer, nobody, or why it does not count ([`crate::people::People::signer`]). Where the person
/// is only named, the device alone decides.
pub fn judge_signed(device: Option<Role>, person: Result<Option<Role>, Refusal>, kind: Kind) -> Standing {
    match (device, person) {
        (None, _) => Standing::Refused(Refusal::DeviceNotEnrolled),
        (device, _) if signed_by(kind) == SignedBy::Named => judge(device, kind),
        (Some(_), Err(refusal)) => Standing::Refused(refusal),
        (Some(_), Ok(Some(person))) if signed_by(kind) != SignedBy::Device => judge(Some(person), kind),
        (device, Ok(_)) => judge(device, kind),
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
    fn the_persons_role_counts_in_place_of_the_devices_except_for_what_devices_measure() {
        let (courier, pharmacist) = (Role::Courier, Role::Pharmacist);
        let refused = Standing::Refused(Refusal::RoleMayNotSign);
        assert_eq!(judge_signed(Some(pharmacist), Ok(Some(courier)), Kind::Disposition), refused);
        assert_eq!(judge_signed(Some(courier), Ok(Some(pharmacist)), Kind::Disposition), Standing::Valid);
        assert_eq!(judge_signed(Some(courier), Ok(Some(Role::Admin)), Kind::Person), refused);
        let named = judge_signed(Some(Role::Admin), Err(Refusal::PersonEnded), Kind::Person);
        assert_eq!(named, Standing::Valid);
        let ended = judge_signed(Some(pharmacist), Err(Refusal::PersonEnded), Kind::Disposition);
        assert_eq!(ended, Standing::Refused(Refusal::PersonEnded));
        let stranger = judge_signed(None, Ok(Some(pharmacist)), Kind::Disposition);
        assert_eq!(stranger, Standing::Refused(Refusal::DeviceNotEnrolled));
    }

    #[test]
    fn every_refusal_has_a_code_and_words_of_its_own() {
        for (index, one) in Refusal::ALL.into_iter().enumerate() {
            assert_eq!(Refusal::from_code(one.code()), Some(one));
            for other in Refusal::ALL.into_iter().skip(index + 1) {
                assert_ne!((one.code(), one.words()), (other.code(), other.words()));
                assert_ne!(one.words(), other.words());
            }
        }
        assert_eq!(Refusal::from_code("authority/other"), None);
    }

    #[test]
    fn nothing_counts_from_a_device_that_nobody_enrolled() {
        for kind in Kind::ALL {
            assert_eq!(judge(None, kind), Standing::Refused(Refusal::DeviceNotEnrolled));
        }
    }
}
