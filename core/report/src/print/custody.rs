//! Who had the shipment: each step in order, and the hand-overs that one side alone has signed.

use super::section::{column, fact, note, number, wide};
use super::{Block, Fact, Listing, Matter, Section, entries, text, words};
use firn_model::api::{HandOverShown, PartnerNamed, TakenCustody};
use firn_model::record::{Address, Recognition, Statement};
use firn_model::shipment::Told;

pub(super) fn sections(matter: &Matter<'_>) -> Vec<Section> {
    let detail = matter.detail;
    let custodian = detail.custodian.as_ref().map(|device| fact("In custody of", words::device(device)));
    let partner = detail.with_partner.as_ref();
    let partner = partner.map(|partner| fact("In custody of", format!("organisation {}", named(partner))));
    let mut facts: Vec<Fact> = custodian.into_iter().chain(partner).collect();
    let one_sided = detail.hand_overs.iter().filter(|one| one.one_sided);
    facts.extend(one_sided.map(|one| hand_over(matter, one)));
    if detail.received_one_sided {
        let told = "The receipt was signed by a device that nobody had handed the shipment to.";
        facts.push(fact("One-sided", told));
    }
    let below = note(format!(
        "Times are those of the signing device's clock, printed in {}. No. is the entry's place in that \
         device's log.",
        text::offset(matter.printing.offset)
    ));
    vec![Section::new("Custody", vec![Block::Facts { rows: facts }, Block::Table(timeline(matter)), below])]
}

fn hand_over(matter: &Matter<'_>, one: &HandOverShown) -> Fact {
    let (from, offered) = (words::device(&one.from), matter.instant(one.offered));
    let told = match (&one.to_partner, &one.to) {
        (Some(partner), _) => format!(
            "{from} offered custody at {offered} to organisation {}, whose receipt is not in the record.",
            named(partner)
        ),
        (None, Some(to)) => format!(
            "{from} offered custody at {offered}, {} took it; {from} has not confirmed.",
            words::device(to)
        ),
        (None, None) => format!("{from} offered custody at {offered}; nobody took it."),
    };
    fact("One-sided", told)
}

/// Another organisation by its fingerprint: a report is set from its evidence, in which names of others are not.
fn named(partner: &PartnerNamed) -> String {
    text::grouped_hex(&partner.organisation.0)
}

/// That evidence of another organisation was taken in.
pub(super) fn taken(
    partner: &PartnerNamed,
    evidence: &Address,
    recognition: Recognition,
    custody: TakenCustody,
) -> String {
    let says = match custody {
        TakenCustody::None => "Took in evidence",
        TakenCustody::Taken => "Took the shipment over",
        TakenCustody::Given => "Took in the receipt",
    };
    let known = match recognition {
        Recognition::Pinned => "pinned",
        Recognition::Unknown => "unknown",
    };
    let digest = text::grouped_hex(&evidence.0);
    format!("{says}: organisation {} ({known}), evidence with SHA-256 {digest}", named(partner))
}

fn timeline(matter: &Matter<'_>) -> Listing {
    let columns =
        vec![column("Time"), wide("Step", 4), wide("Signed by", 4), wide("Device", 4), number("No.")];
    let rows = entries::told(matter).filter(|(told, _)| is_step(told)).map(|(_, event)| {
        vec![
            matter.local(event.at),
            entries::words(matter, event),
            words::person(event.person.as_ref()),
            words::device(&event.device),
            event.sequence.to_string(),
        ]
    });
    Listing { columns, rows: rows.collect(), none: "Nothing is recorded." }
}

/// Whether an entry that counts says where the shipment is or who has it.
fn is_step(told: &Told) -> bool {
    let of_custody = matches!(
        told.statement,
        Some(
            Statement::Shipment(_)
                | Statement::Started(_)
                | Statement::Offered(_)
                | Statement::Accepted(_)
                | Statement::Confirmed(_)
                | Statement::Received(_)
                | Statement::Taken(_)
                | Statement::Closed(_)
        )
    );
    of_custody && told.refused.is_none()
}
