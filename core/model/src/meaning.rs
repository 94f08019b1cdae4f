//! What a signature means (21 CFR 11.50(a)(3)): told by the kind and the body that were signed.

use crate::record::{Closing, Decision, Statement};
use serde::{Deserialize, Serialize};

/// What somebody says by signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each variant is the meaning of its name, worded by `words`")]
pub enum SignatureMeaning {
    EnrolledLogger,
    EndedLogger,
    PublishedProfile,
    Created,
    PickedUp,
    OfferedCustody,
    AcceptedCustody,
    ConfirmedCustody,
    TookEvidence,
    Received,
    CorrectedArrival,
    CorrectedPickUp,
    Quarantined,
    Reviewed,
    Acknowledged,
    RecordedReply,
    Released,
    ReleasedInPart,
    Rejected,
    Approved,
    RecordedFinding,
    RecordedExcursion,
    Observed,
    SetPolicy,
    Closed,
    Cancelled,
}

impl SignatureMeaning {
    /// Every meaning.
    pub const ALL: [SignatureMeaning; 26] = [
        Self::EnrolledLogger,
        Self::EndedLogger,
        Self::PublishedProfile,
        Self::Created,
        Self::PickedUp,
        Self::OfferedCustody,
        Self::AcceptedCustody,
        Self::ConfirmedCustody,
        Self::TookEvidence,
        Self::Received,
        Self::CorrectedArrival,
        Self::CorrectedPickUp,
        Self::Quarantined,
        Self::Reviewed,
        Self::Acknowledged,
        Self::RecordedReply,
        Self::Released,
        Self::ReleasedInPart,
        Self::Rejected,
        Self::Approved,
        Self::RecordedFinding,
        Self::RecordedExcursion,
        Self::Observed,
        Self::SetPolicy,
        Self::Closed,
        Self::Cancelled,
    ];

    /// In English, after the signer's name.
    pub fn words(self) -> &'static str {
        match self {
            Self::EnrolledLogger => "enrolled the logger",
            Self::EndedLogger => "ended the logger",
            Self::PublishedProfile => "published the profile",
            Self::Created => "created the shipment",
            Self::PickedUp => "picked up",
            Self::OfferedCustody => "offered custody",
            Self::AcceptedCustody => "took custody",
            Self::ConfirmedCustody => "confirmed custody passed",
            Self::TookEvidence => "took in another organisation's evidence",
            Self::Received => "received",
            Self::CorrectedArrival => "corrected the arrival",
            Self::CorrectedPickUp => "corrected the pick-up",
            Self::Quarantined => "put in quarantine",
            Self::Reviewed => "reviewed",
            Self::Acknowledged => "acknowledged",
            Self::RecordedReply => "recorded the manufacturer's reply",
            Self::Released => "released",
            Self::ReleasedInPart => "released in part",
            Self::Rejected => "rejected",
            Self::Approved => "approved",
            Self::RecordedFinding => "recorded a finding after release",
            Self::RecordedExcursion => "recorded the excursion",
            Self::Observed => "observed",
            Self::SetPolicy => "set a policy",
            Self::Closed => "closed the record",
            Self::Cancelled => "cancelled the shipment",
        }
    }
}

/// What a person says by signing this; nothing for what devices sign by themselves.
pub fn meaning(statement: &Statement) -> Option<SignatureMeaning> {
    use SignatureMeaning as Meaning;
    Some(match statement {
        Statement::Logger(_) => Meaning::EnrolledLogger,
        Statement::LoggerEnded(_) => Meaning::EndedLogger,
        Statement::Profile(_) => Meaning::PublishedProfile,
        Statement::Shipment(_) => Meaning::Created,
        Statement::Started(_) => Meaning::PickedUp,
        Statement::Offered(_) => Meaning::OfferedCustody,
        Statement::Accepted(_) => Meaning::AcceptedCustody,
        Statement::Confirmed(_) => Meaning::ConfirmedCustody,
        Statement::Taken(says) => match (says.taken_up, says.acceptance) {
            (Some(_), None) => Meaning::AcceptedCustody,
            _ => Meaning::TookEvidence,
        },
        Statement::Received(_) => Meaning::Received,
        Statement::ArrivalMoved(_) => Meaning::CorrectedArrival,
        Statement::PickUpMoved(_) => Meaning::CorrectedPickUp,
        Statement::Quarantined(_) => Meaning::Quarantined,
        Statement::Review(_) => Meaning::Reviewed,
        Statement::Acknowledged(_) => Meaning::Acknowledged,
        Statement::Reply(_) => Meaning::RecordedReply,
        Statement::Disposition(says) => match says.decision {
            Decision::Release => Meaning::Released,
            Decision::ReleaseInPart => Meaning::ReleasedInPart,
            Decision::Reject => Meaning::Rejected,
        },
        Statement::Approved(_) => Meaning::Approved,
        Statement::Finding(_) => Meaning::RecordedFinding,
        Statement::ExcursionRecord(_) => Meaning::RecordedExcursion,
        Statement::Observation(_) => Meaning::Observed,
        Statement::Policy(_) => Meaning::SetPolicy,
        Statement::Closed(says) => match says.closing {
            Closing::Ended => Meaning::Closed,
            Closing::Cancelled => Meaning::Cancelled,
        },
        Statement::Readings(_)
        | Statement::Download(_)
        | Statement::Assessment(_)
        | Statement::Person(_)
        | Statement::PersonKey(_)
        | Statement::Position(_)
        | Statement::ClockCompared(_)
        | Statement::SigningFailed(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Body, Disposition};

    #[test]
    fn the_meaning_of_a_decision_is_the_decision_that_was_signed() {
        let decided = |decision| {
            let body =
                Disposition { decision, reason: "seen".into(), lines: None, assessment: None, open: None };
            let signed = Statement::parse(Disposition::KIND, &body.to_bytes()).unwrap();
            meaning(&signed).unwrap().words()
        };
        assert_eq!(decided(Decision::Release), "released");
        assert_eq!(decided(Decision::ReleaseInPart), "released in part");
        assert_eq!(decided(Decision::Reject), "rejected");
    }

    #[test]
    fn no_two_meanings_are_worded_or_stored_alike() {
        for (index, one) in SignatureMeaning::ALL.iter().enumerate() {
            for other in SignatureMeaning::ALL.iter().skip(index + 1) {
                assert_ne!(one, other);
                assert_ne!(one.words(), other.words());
            }
        }
        let names = SignatureMeaning::ALL.map(|one| serde_json::to_value(one).unwrap());
        insta::assert_json_snapshot!(names);
    }
}
