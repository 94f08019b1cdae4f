//! What the service asks of the composition root that carries it.

use crate::{App, AppError, Host};
use firn_model::api::{ComparedDigits, Comparing, Origin};
use firn_model::id::Id;
use firn_model::record::Logger;
use firn_model::role::Role;
use firn_model::time::UtcMillis;
use std::future::Future;

/// Told how many records of a download have arrived, and of how many where the logger tells.
pub type Tell = Box<dyn FnMut(u32, Option<u32>) + Send>;

/// An invitation that another device can redeem here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// Its text.
    pub text: String,
    /// The QR code of the text as rows of modules, true for dark.
    pub modules: Vec<Vec<bool>>,
    /// When it expires.
    pub expires: UtcMillis,
}

/// What only a composition root can do: homes, radios and the network.
///
/// Each call that cannot be answered on a system is refused with a code and a next step.
pub trait Site: Send + Sync + 'static {
    /// The host of the use cases.
    type Host: Host;

    /// The wall clock.
    fn now(&self) -> UtcMillis;

    /// Where the loggers of the open home come from.
    fn origin(&self) -> Origin;

    /// The use cases of the open home; none before there is a home.
    ///
    /// # Errors
    /// Why the home that is there cannot be opened.
    fn app(&self) -> Result<Option<App<Self::Host>>, AppError>;

    /// The use cases of the open home, which is founded first if there is none.
    fn app_or_found(&self) -> impl Future<Output = Result<App<Self::Host>, AppError>> + Send;

    /// Founds an organisation of this name, where there is no home yet.
    fn found(&self, organisation: String) -> impl Future<Output = Result<(), AppError>> + Send;

    /// Reads a logger's memory into a shipment over the radio of the open home.
    fn download(
        &self,
        shipment: Id,
        logger: Logger,
        tell: Tell,
    ) -> impl Future<Output = Result<(), AppError>> + Send;

    /// Opens a home of virtual loggers, with its story, in place of the one that is open.
    fn start_demo(&self) -> impl Future<Output = Result<(), AppError>> + Send;

    /// Opens an invitation and serves the device that redeems it.
    fn invite(&self, role: Role) -> impl Future<Output = Result<Invited, AppError>> + Send;

    /// The device whose digits wait to be compared, on either side.
    fn comparing(&self) -> Option<Comparing>;

    /// Passes on what a person saw who compared the digits.
    fn compared(&self, outcome: ComparedDigits) -> impl Future<Output = Result<(), AppError>> + Send;

    /// Joins the organisation of an invitation, where there is no home yet.
    fn join(&self, invitation: String, label: String) -> impl Future<Output = Result<(), AppError>> + Send;

    /// Syncs with one peer, or with every known one.
    fn sync(&self, peer: Option<String>) -> impl Future<Output = Result<(), AppError>> + Send;
}
