//! Plain data and pure rules of the cold chain: units, time, profiles, assessment, record bodies.
//!
//! Nothing here reads a clock, a file, a socket or a random number, and nothing that is signed
//! holds a floating-point number.
#![forbid(unsafe_code)]

pub mod api;
pub mod assess;
pub mod authority;
pub mod chart;
pub mod conditions;
pub mod gs1;
pub mod id;
pub mod logger_warning;
pub mod meaning;
pub mod people;
pub mod permission;
pub mod profile;
pub mod provenance;
pub mod reading;
pub mod record;
pub mod retention;
pub mod role;
pub mod sampling;
pub mod shipment;
pub mod task;
pub mod time;
pub mod units;
pub mod unseen;
pub mod vault;
