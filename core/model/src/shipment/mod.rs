//! One shipment from its entries: what happened, who has it, how it stands.
//!
//! The same pure functions serve the app, the report and the verifier, so that all three tell one
//! story from the same entries, in whatever order these arrived.

mod again;
mod against;
mod answers;
mod before;
mod behind;
mod chain;
mod clocks;
mod compared;
mod comparisons;
mod conditions;
mod course;
mod custody;
mod detail;
mod evidence;
mod excursion;
mod finding;
mod fleet;
mod gathered;
mod gone_on;
mod graded;
mod hand;
mod journey;
mod judgement;
mod label;
mod late;
mod leg;
mod line;
mod missing;
mod moved;
mod next;
mod now;
mod observed;
mod order;
mod organisation;
mod packages;
mod paths;
mod pick_up;
mod placing;
mod profiles;
mod query;
mod question;
mod receipt;
mod release;
mod series;
mod served;
mod settled;
mod silence;
mod standing;
mod stock;
mod story;
mod taken;
mod wanting;
mod watch;
mod watched;
mod worst;

pub use again::read_again;
pub use answers::QuestionNamed;
pub use clocks::Looking;
pub use compared::{is_comparison_due, shown_clock_difference_s};
pub use comparisons::MOST_COMPARISONS;
pub use course::{Course, SeriesGrounds, course, samples_with_heard};
pub use custody::{Custody, HandOver};
pub use detail::{conflict_shown, detail, summary};
pub use evidence::Evidence;
pub use excursion::{excursion_shown, known};
pub use finding::{FindingDue, FoundBy};
pub use fleet::{Calibration, Fleet, in_question, standing};
pub use hand::Hand;
pub use judgement::{Grounds, Judgement, gives_cause, judge, stale_from};
pub use label::label_warnings;
#[cfg(test)]
use late::STORIES_BEGIN;
pub use late::{CLOCK_TOLERANCE_MS, is_late, is_still_to_come, recorded};
pub use leg::{more_together, profile_of_leg};
pub use line::LineJudgement;
pub use moved::Correction;
pub(crate) use next::named;
pub use now::StockNow;
pub use organisation::{OrganisationStory, tell_organisation};
pub use placing::{Window, in_two_places};
pub use profiles::{OwnProfiles, SetAside, Unpublishable};
pub use query::query_packs;
pub use question::questioned;
pub use release::{BarCause, LineBar, SignedVerdict};
pub use standing::{Conflict, LineStanding};
pub use stock::StockStory;
pub use story::{
    Actor, Held, Placed, Sealed, SignedEntry, Signer, Story, Told, judged, tell, tell_with, tell_within,
    vouched,
};
pub use taken::{ForeignLeg, TakenIn, Taking, dated_ahead};

#[cfg(test)]
mod tests;
