//! Why a question to a manufacturer, or an answer, cannot be recorded as it is named.

use firn_model::record::ItemLine;
use std::collections::BTreeSet;
use std::fmt::{Display, Formatter};

/// Why a question to a manufacturer, or the answer to one, cannot be recorded as it is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuestionFault {
    /// Several questions about these lots may be meant: who was asked, with the case numbers.
    Several(String),
    /// It names lots that no line has.
    NoSuchLot {
        /// Those.
        named: Vec<String>,
        /// The lots that the lines have.
        held: BTreeSet<String>,
    },
}

impl QuestionFault {
    /// Its code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Several(_) => "app/ambiguous",
            Self::NoSuchLot { .. } => "app/unknown-name",
        }
    }

    /// What a person can do about it.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Several(_) => {
                "name the one that it answers: `--asked MANUFACTURER`, and `--case NUMBER` where that is not enough"
            }
            Self::NoSuchLot { .. } => {
                "name a lot that it has. A line without one is in no question: ask its manufacturer all the same, record \
                 that as `--action` without `--asked`, and decide about the line once the answer is there"
            }
        }
    }
}

impl Display for QuestionFault {
    fn fmt(&self, out: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Several(asked) => write!(out, "several questions about these lots may be meant: {asked}"),
            Self::NoSuchLot { named, held } => {
                let named: Vec<String> = named.iter().map(|lot| format!("`{lot}`")).collect();
                write!(out, "no line of the shipment has the lot {}", named.join(", "))?;
                let held: Vec<String> = held.iter().map(|lot| format!("`{lot}`")).collect();
                match held.is_empty() {
                    true => write!(out, ", nor any lot"),
                    false => write!(out, "; they have {}", held.join(", ")),
                }
            }
        }
    }
}

/// Whether each of these lots is one of the lines'.
pub(crate) fn has_lots(items: &[ItemLine], lots: &[String]) -> Result<(), QuestionFault> {
    let held: BTreeSet<String> = items.iter().filter_map(|item| item.lot.clone()).collect();
    let named: Vec<String> = lots.iter().filter(|lot| !held.contains(*lot)).cloned().collect();
    if named.is_empty() { Ok(()) } else { Err(QuestionFault::NoSuchLot { named, held }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_about_a_line_without_a_lot_is_refused_with_the_lots_that_there_are_and_the_way_on() {
        let item = |lot: Option<&str>| ItemLine {
            product: "MMR".into(),
            gtin: None,
            lot: lot.map(str::to_owned),
            expiry: None,
            quantity: 1,
            package: None,
            serials: None,
            profile: None,
            legs: None,
            label: None,
        };
        let named = ["MMR".to_owned()];
        let refused = has_lots(&[item(None), item(Some("A1"))], &named).unwrap_err();
        assert_eq!(refused.to_string(), "no line of the shipment has the lot `MMR`; they have `A1`");
        assert_eq!(refused.code(), "app/unknown-name");
        assert!(
            refused.next_step().contains("A line without one") && refused.next_step().contains("--action")
        );
        let refused = has_lots(&[item(None)], &named).unwrap_err();
        assert_eq!(refused.to_string(), "no line of the shipment has the lot `MMR`, nor any lot");
        assert_eq!(has_lots(&[item(Some("A1"))], &["A1".to_owned()]), Ok(()));
    }
}
