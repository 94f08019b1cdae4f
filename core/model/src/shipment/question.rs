//! What a calibration that found a logger out of tolerance puts in question.

use super::fleet::in_question;
use super::judgement::span;
use super::placing::hull;
use super::release::SignedVerdict;
use super::story::Story;
use crate::api::{InQuestion, QuestionedAssessment, ShipmentSummary};
use crate::id::Id;
use crate::record::{AsFound, Certificate};
use crate::time::UtcMillis;
use data_encoding::HEXLOWER;

/// The shipments that a logger travelled in between a calibration that found it out of tolerance and the one
/// before, by their begin; of several such calibrations the first after it names a shipment.
pub fn questioned(
    logger: Id,
    certificates: &[Certificate],
    shipments: &[(ShipmentSummary, Story)],
) -> Vec<InQuestion> {
    let spans: Vec<(usize, UtcMillis, UtcMillis)> =
        (0..).zip(shipments).filter_map(|(place, (_, story))| travelled(place, story, logger)).collect();
    let mut questioned: Vec<InQuestion> = Vec::new();
    for found in certificates.iter().filter(|certificate| certificate.as_found == AsFound::OutOfTolerance) {
        for place in in_question(certificates, found, &spans) {
            let Some((summary, story)) = shipments.get(*place) else { continue };
            if is_before(story, logger, found) && !questioned.iter().any(|one| one.shipment == summary.id) {
                questioned.extend(told(logger, found, summary, story));
            }
        }
    }
    questioned.sort_by_key(|one| (one.from, one.shipment));
    questioned
}

/// Whether a shipment began before a calibration, or may have on that day.
fn is_before(story: &Story, logger: Id, found: &Certificate) -> bool {
    let from = hull(story, logger).within(span(story)).from;
    from.is_some_and(|from| from < found.calibrated || !story.found_out(logger, from, &|_| true).is_empty())
}

fn travelled(place: usize, story: &Story, logger: Id) -> Option<(usize, UtcMillis, UtcMillis)> {
    let span = hull(story, logger).within(span(story));
    let from = span.from.filter(|_| story.loggers().contains(&logger))?;
    Some((place, from, span.to.unwrap_or(UtcMillis(i64::MAX))))
}

fn told(logger: Id, found: &Certificate, summary: &ShipmentSummary, story: &Story) -> Option<InQuestion> {
    let span = hull(story, logger).within(span(story));
    let assessment = |signed: &SignedVerdict| QuestionedAssessment {
        log: HEXLOWER.encode(&signed.reference.log),
        sequence: signed.sequence,
        at: signed.at,
        verdict: signed.verdict,
    };
    Some(InQuestion {
        shipment: summary.id,
        reference: summary.reference.clone(),
        certificate: found.number.clone(),
        from: span.from?,
        to: span.to,
        verdict: summary.verdict,
        stock: summary.stock,
        assessments: story.verdicts.iter().map(assessment).collect(),
    })
}
