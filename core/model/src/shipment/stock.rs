//! What happened to a shipment's stock: held, looked into, answered, approved.

use super::story::{Placed, SignedEntry, placed};
use crate::authority::Refusal;
use crate::record::{
    Acknowledged, Approved, ArrivalMoved, ExcursionRecord, Finding, Quarantined, Reply, Review, Statement,
};

/// The statements about stock that count, each list in the order of the story.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StockStory {
    /// Holds.
    pub quarantined: Vec<Placed<Quarantined>>,
    /// Excursions looked into.
    pub reviews: Vec<Placed<Review>>,
    /// Reasons explained.
    pub acknowledged: Vec<Placed<Acknowledged>>,
    /// Manufacturers' answers.
    pub replies: Vec<Placed<Reply>>,
    /// Corrections of the arrival.
    pub arrivals: Vec<Placed<ArrivalMoved>>,
    /// Agreements of second persons.
    pub approvals: Vec<Placed<Approved>>,
    /// What was found after a release.
    pub findings: Vec<Placed<Finding>>,
    /// What CDC asks to be written down; the newest counts.
    pub excursion_record: Option<Placed<ExcursionRecord>>,
}

impl StockStory {
    /// Takes in one statement, or says why it does not count.
    pub(super) fn follow(&mut self, entry: &SignedEntry, statement: &Statement) -> Result<(), Refusal> {
        match statement {
            Statement::Quarantined(says) => self.quarantined.push(placed(entry, says.clone())),
            Statement::Review(says) => self.reviews.push(placed(entry, says.clone())),
            Statement::Acknowledged(says) => self.acknowledged.push(placed(entry, says.clone())),
            Statement::Reply(says) => {
                if !self.reviews.iter().any(|review| review.reference == says.review) {
                    return Err(Refusal::OutOfOrder);
                }
                self.replies.push(placed(entry, says.clone()));
            }
            Statement::ArrivalMoved(says) => self.arrivals.push(placed(entry, says.clone())),
            Statement::Approved(says) => self.approvals.push(placed(entry, *says)),
            Statement::Finding(says) => self.findings.push(placed(entry, says.clone())),
            Statement::ExcursionRecord(says) => self.excursion_record = Some(placed(entry, says.clone())),
            _ => {}
        }
        Ok(())
    }
}
