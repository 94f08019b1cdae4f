//! What a refusal of the rules of authority is called, why it is, and what to do about it.

use firn_model::authority;

pub(super) fn refused_code(refusal: authority::Refusal) -> &'static str {
    use authority::Refusal as Why;
    match refusal {
        Why::DeviceNotEnrolled | Why::RoleMayNotSign => "app/role-may-not",
        Why::Disputed => "app/device-revoked",
        Why::Provisional => "app/log-provisional",
        Why::MalformedBody => "app/incomplete",
        Why::Repeated | Why::OutOfOrder | Why::NotTheCustodian | Why::Expired => "app/out-of-order",
        Why::SecondPersonNeeded => "app/second-person-needed",
        Why::NotSettled => "app/not-settled",
        Why::LinesBarred => "app/lines-barred",
        Why::NotAReason => "app/not-a-reason",
        Why::UnknownName => "app/unknown-name",
        Why::StillToCome => "app/still-to-come",
        Why::LateWithoutReason => "app/late-reason-needed",
        Why::PersonMissing => "app/person-needed",
        Why::PersonNotEnrolled
        | Why::PersonEnded
        | Why::PersonNotTrained
        | Why::KeyNotOfPerson
        | Why::KeyWithdrawn => refusal.code(),
    }
}

pub(crate) fn would_not_count(refusal: authority::Refusal) -> &'static str {
    use authority::Refusal as Why;
    match refusal {
        Why::DeviceNotEnrolled => "this device is not enrolled",
        Why::Disputed => "this device was revoked",
        Why::Provisional => "this device goes on in a new log that no admin has enrolled yet",
        Why::RoleMayNotSign => "this device's role may not do this",
        Why::MalformedBody => {
            "something is missing: a reason, a cause, an explanation, a case number, the lots or the lines"
        }
        Why::Repeated => "it has been decided or recorded before",
        Why::OutOfOrder => "it comes before what it needs, or after what ends it",
        Why::NotTheCustodian => "only who has the shipment may hand it over",
        Why::Expired => "the offer has expired",
        Why::SecondPersonNeeded => {
            "it takes a second person, who neither carried nor received the shipment nor proposed this"
        }
        Why::NotSettled => {
            "a logger is unread, a reason is unexplained, or the excursion was not looked into"
        }
        Why::LinesBarred => {
            "among the lines is one that is expired, or whose lot its manufacturer was asked about or bars"
        }
        Why::NotAReason => "it explains what is no reason of the verdict as it stands",
        Why::UnknownName => "it names a line, lot, package or logger that is not in the shipment",
        Why::StillToCome => "the time that is given is still to come",
        Why::LateWithoutReason => {
            "it is recorded more than 5 minutes after it happened, and no reason is given"
        }
        Why::PersonMissing => "a person has to sign it",
        Why::PersonNotEnrolled => "no admin has enrolled this person",
        Why::PersonEnded => "this person no longer signs",
        Why::PersonNotTrained => "no training of this person is known",
        Why::KeyNotOfPerson => "the key is not this person's on this device",
        Why::KeyWithdrawn => "the key was withdrawn",
    }
}

pub(super) fn after_refusal(refusal: authority::Refusal) -> &'static str {
    use authority::Refusal as Why;
    match refusal {
        Why::DeviceNotEnrolled | Why::RoleMayNotSign | Why::Disputed => {
            "ask a person with the right role, or an admin"
        }
        Why::Provisional => "let an admin enrol this device's new log: `firn device enrol`",
        Why::MalformedBody => "give what is missing and correct what cannot be; nothing was changed",
        Why::SecondPersonNeeded => {
            "let another person do it on a device of their own, or ask an admin about the rule"
        }
        Why::NotSettled => "show the shipment: its next steps say what is open",
        Why::LinesBarred => "release the other lines in part, or record the manufacturer's answer",
        Why::NotAReason => "show the shipment: explain the reasons that it lists",
        Why::UnknownName => "show the shipment and name what it holds",
        Why::StillToCome => {
            "give the time at which it happened; if this device's clock is slow, set it first"
        }
        Why::LateWithoutReason => "say why it is recorded only now: `--reason`",
        Why::PersonMissing => "sign as a person: `--as PERSON` with the PIN",
        Why::KeyWithdrawn => "make a new key here: `firn person key PERSON --accept-accountability`",
        Why::PersonNotEnrolled | Why::PersonEnded | Why::PersonNotTrained | Why::KeyNotOfPerson => {
            "ask an admin to look at this person: `firn person show`"
        }
        Why::Repeated | Why::OutOfOrder | Why::NotTheCustodian | Why::Expired => {
            "show the shipment to see what has happened so far"
        }
    }
}
