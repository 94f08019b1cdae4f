//! The network between peers: endpoint, discovery, invitations.
#![forbid(unsafe_code)]

pub mod address;
pub mod error;
pub mod invitation;
pub mod join;
pub mod qr;

pub use iroh::EndpointId;
