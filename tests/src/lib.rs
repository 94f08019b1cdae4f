//! End-to-end tests of the house; the shared rigs live here, the tests in `tests/`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken rig must stop its test"
)]

#[cfg(target_os = "linux")]
pub mod kernel_bluetooth;
#[cfg(target_os = "linux")]
pub mod namespaces;
#[cfg(target_os = "linux")]
pub mod virtual_bluez;

pub mod command;
pub mod peering;
pub mod reference;
