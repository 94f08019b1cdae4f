//! Reports and evidence: PDF, CSV, EPCIS, and the verifier of all of them.
#![forbid(unsafe_code)]

mod admitted;
mod apart;
pub mod bundle;
mod carried;
pub mod csv;
pub mod error;
pub mod evidence;
mod foreign;
mod forked;
mod own;
pub mod pdf;
mod possible;
pub mod print;
mod taken_over;
mod together;
pub mod verify;

pub use admitted::ever_admitted;
pub use apart::MOST_HISTORIES;
pub use bundle::{Assessed, Bundle};
pub use carried::earlier_by_evidence;
pub use error::ReportError;
pub use possible::{Dates, Timing};
pub use print::Printing;
pub use together::{Beside, Contradicts, News};
pub use verify::{Anchor, Verification, parse_fingerprint, verify, verify_by, verify_with_photos};

// The scenes of the integration tests serve unit tests of what is not public as well.
#[cfg(test)]
extern crate self as firn_report;
#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod scene;
