//! What a device held of other logs when it signed: the heads that its entry names.

use crate::append::Happened;
use crate::bundle::with_earlier;
use crate::{AppError, Identity, read_model};
use firn_ledger::bytes::{Id as LedgerId, LogId};
use firn_ledger::entry::Head;
use firn_ledger::store::View;
use firn_model::id::Id;
use firn_model::record::{Body, ClockCompared, Kind};
use std::collections::BTreeSet;

/// What is held of others when something is signed; of a peer whose clock is compared in any case, so that who says that
/// its entries were dated back shows that they are there.
pub(crate) fn heads_for(
    view: &mut View<'_>,
    happened: &Happened,
    own: &Identity,
) -> Result<Vec<Head>, AppError> {
    let subject = happened.shipment.map(|shipment| LedgerId(shipment.0));
    let mut heads = other_heads(view, happened.kind, subject.as_ref(), own)?;
    if happened.kind == Kind::ClockCompared.number() {
        let peer = ClockCompared::from_bytes(&happened.body).ok().map(|says| LogId(says.peer));
        let named = |head: &Head| heads.iter().any(|known| known.log == head.log);
        let of_peer = view.heads().into_iter().find(|head| Some(head.log) == peer && !named(head));
        heads.extend(of_peer);
        heads.sort_by_key(|head| head.log);
    }
    Ok(heads)
}

/// The heads of the other logs that speak about a subject, about what its lines went through before, about
/// loggers, of those that tell of people or of who belongs to the organisation, for a profile of those that
/// published others, and for a comparison of clocks of those that compared some: they, not a clock, say what this
/// device knew.
pub(crate) fn other_heads(
    view: &mut View<'_>,
    kind: u16,
    subject: Option<&LedgerId>,
    own: &Identity,
) -> Result<Vec<Head>, AppError> {
    let mut speaking: BTreeSet<LogId> =
        read_model::people(view, &own.organisation)?.logs().into_iter().map(LogId).collect();
    speaking.extend(read_model::logs_about_membership(view)?);
    if kind == Kind::Profile.number() {
        speaking.extend(read_model::logs_about_profiles(view)?);
    }
    if subject.is_some() || kind == Kind::ClockCompared.number() {
        speaking.extend(read_model::logs_about_loggers(view)?);
    }
    if let Some(subject) = subject {
        for shipment in with_earlier(view, Id(subject.0))? {
            speaking.extend(view.by_subject(&LedgerId(shipment.0))?.into_iter().map(|(log, _)| log));
        }
    }
    let others = |head: &Head| head.log != own.log && speaking.contains(&head.log);
    Ok(view.heads().into_iter().filter(others).collect())
}
