//! Between peers: endpoint, discovery, invitations, and files where there is no network.
#![forbid(unsafe_code)]

pub mod address;
pub mod carry;
pub mod chunks;
pub mod endpoint;
pub mod error;
pub mod event;
mod gate;
pub mod invitation;
pub mod join;
pub mod lan;
pub mod limits;
pub mod qr;
mod serve;
pub mod sync;
mod wire;

pub use iroh::EndpointId;
