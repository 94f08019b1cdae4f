//! Words of a shipment's life: its steps, what signatures say, what people found and advised.

use crate::i18n::Texts;
use crate::show::isolated;
use firn_model::api::{CalibrationStanding, PartnerNamed, Step};
use firn_model::meaning::SignatureMeaning as Meaning;
use firn_model::record::{Advice, Ending, SealFound, SinglePersonRelease};

/// Another organisation's name, kept apart from the direction of what stands around it; else its fingerprint.
pub(crate) fn partner_words(partner: &PartnerNamed) -> String {
    isolated(&partner.words())
}

/// The name of a step.
pub(crate) fn step_words(step: Step, texts: &Texts) -> &'static str {
    let steps = &texts.steps;
    match step {
        Step::Start => steps.start,
        Step::Cancel => steps.cancel,
        Step::Offer => steps.offer,
        Step::Accept => steps.accept,
        Step::Confirm => steps.confirm,
        Step::Receive => steps.receive,
        Step::Read => steps.read,
        Step::Acknowledge => steps.acknowledge,
        Step::Review => steps.review,
        Step::Ask => steps.ask,
        Step::Reply => steps.reply,
        Step::MoveArrival => steps.move_arrival,
        Step::MovePickUp => steps.move_pick_up,
        Step::Approve => steps.approve,
        Step::ApprovePickUp => steps.approve_pick_up,
        Step::Release => steps.release,
        Step::ReleaseInPart => steps.release_in_part,
        Step::Reject => steps.reject,
        Step::Quarantine => steps.quarantine,
        Step::Find => steps.find,
        Step::Close => steps.close,
    }
}

/// What a signature says, in the first person.
pub(crate) fn meaning_words(meaning: Meaning, texts: &Texts) -> &'static str {
    let says = &texts.meaning;
    match meaning {
        Meaning::EnrolledLogger => says.enrolled_logger,
        Meaning::EndedLogger => says.ended_logger,
        Meaning::PublishedProfile => says.published_profile,
        Meaning::Created => says.created,
        Meaning::PickedUp => says.picked_up,
        Meaning::OfferedCustody => says.offered_custody,
        Meaning::AcceptedCustody => says.accepted_custody,
        Meaning::ConfirmedCustody => says.confirmed_custody,
        Meaning::TookEvidence => says.took_evidence,
        Meaning::Received => says.received,
        Meaning::CorrectedArrival => says.corrected_arrival,
        Meaning::CorrectedPickUp => says.corrected_pick_up,
        Meaning::Quarantined => says.quarantined,
        Meaning::Reviewed => says.reviewed,
        Meaning::Acknowledged => says.acknowledged,
        Meaning::RecordedReply => says.recorded_reply,
        Meaning::Released => says.released,
        Meaning::ReleasedInPart => says.released_in_part,
        Meaning::Rejected => says.rejected,
        Meaning::Approved => says.approved,
        Meaning::RecordedFinding => says.recorded_finding,
        Meaning::RecordedExcursion => says.recorded_excursion,
        Meaning::Observed => says.observed,
        Meaning::SetPolicy => says.set_policy,
        Meaning::Closed => says.closed,
        Meaning::Cancelled => says.cancelled,
    }
}

pub(crate) fn seal_words(seal: SealFound, texts: &Texts) -> &'static str {
    match seal {
        SealFound::Intact => texts.steps.seal_intact,
        SealFound::Broken => texts.steps.seal_broken,
        SealFound::None => texts.steps.seal_none,
    }
}

pub(crate) fn advice_words(advice: Advice, texts: &Texts) -> &'static str {
    match advice {
        Advice::MayBeUsed => texts.steps.may_be_used,
        Advice::Discard => texts.steps.discard,
    }
}

pub(crate) fn ending_words(ending: Ending, texts: &Texts) -> &'static str {
    match ending {
        Ending::Lost => texts.nearby.lost,
        Ending::Faulty => texts.nearby.faulty,
        Ending::Retired => texts.nearby.retired,
    }
}

pub(crate) fn calibration_words(standing: CalibrationStanding, texts: &Texts) -> &'static str {
    match standing {
        CalibrationStanding::Valid => texts.shipment.certificate_valid,
        CalibrationStanding::Expired => texts.shipment.certificate_expired,
        CalibrationStanding::Missing => texts.shipment.certificate_missing,
        CalibrationStanding::FoundOut => texts.shipment.found_out,
    }
}

pub(crate) fn policy_words(rule: SinglePersonRelease, texts: &Texts) -> &'static str {
    match rule {
        SinglePersonRelease::Refused => texts.people.two_persons,
        SinglePersonRelease::Allowed => texts.people.one_person,
    }
}
