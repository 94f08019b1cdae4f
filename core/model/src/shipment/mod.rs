//! One shipment from its entries: what happened, who has it, how it stands.
//!
//! The same pure functions serve the app, the report and the verifier, so that all three tell one
//! story from the same entries, in whatever order these arrived.

mod detail;
mod graded;
mod judgement;
mod stock;
mod story;

pub use detail::{detail, summary};
pub use judgement::{Judgement, judge, stale_from};
pub use stock::StockStory;
pub use story::{Actor, Placed, Sealed, SignedEntry, Signer, Story, Told, tell};

#[cfg(test)]
mod tests;
