//! Reports and evidence: PDF, CSV, EPCIS, and the verifier of all of them.
#![forbid(unsafe_code)]

pub mod bundle;
pub mod csv;
pub mod error;
pub mod evidence;
pub mod pdf;
pub mod print;
pub mod verify;

pub use bundle::{Assessed, Bundle};
pub use error::ReportError;
pub use print::Printing;
pub use verify::{Verification, parse_fingerprint, verify, verify_with_photos};
