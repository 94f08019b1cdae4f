//! A join that was cut before this device holds its own enrolment: by whom it was invited, and what it may not do yet.

use crate::{App, AppError, Host, Identity, read_model};
use data_encoding::HEXLOWER;
use firn_ledger::bytes::{LogId, PublicKey};
use firn_ledger::statement::{Admission, EntryReference, Genesis};
use firn_ledger::store::{Store, View};
use firn_model::role::Role;
use serde::{Deserialize, Serialize};

/// By whom this device was invited, by its log's id: a memory of its own, in no entry.
const INVITED: &str = "invited";

/// What a device that joins knows by its invitation, until its first sync tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// The key of the inviter's endpoint.
    pub endpoint: PublicKey,
    /// Where the inviter was found, as a person types it.
    pub address: String,
    /// What this device is called.
    pub label: String,
    /// What it is invited as.
    pub role: Role,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    endpoint: String,
    address: String,
    label: String,
    role: Role,
}

/// A join that is not finished: this device founded its log, and does not hold the entry that enrolled it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// By whom it was invited; none where an earlier release, which remembered nobody, joined.
    pub invited: Option<Invited>,
}

impl From<Unfinished> for AppError {
    fn from(join: Unfinished) -> Self {
        AppError::JoinUnfinished(join.invited.map(|invited| invited.address))
    }
}

/// Remembers who invited the device that will write `log`; before that has its first entry, so that wherever a join is
/// cut a log without its enrolment knows whom to ask for it.
///
/// # Errors
/// The store's.
pub fn note_invited(store: &mut Store, log: &LogId, invited: &Invited) -> Result<(), AppError> {
    let Invited { endpoint, address, label, role } = invited.clone();
    let kept = Kept { endpoint: HEXLOWER.encode(endpoint.as_bytes()), address, label, role };
    let json = serde_json::to_vec(&kept).map_err(|error| AppError::Record(error.to_string()))?;
    store.write(|transaction| Ok(transaction.put_document(INVITED, log.as_bytes(), &json)?))
}

/// Whether this device has joined and does not hold its own enrolment yet.
///
/// # Errors
/// The store's.
pub fn unfinished(view: &mut View<'_>, own: &Identity) -> Result<Option<Unfinished>, AppError> {
    if read_model::membership(view, &own.organisation)?.member(&own.log).is_some() {
        return Ok(None);
    }
    let Some(first) = view.entry(&own.log, 0)? else { return Ok(None) };
    match Genesis::decode(&first.body)?.admission {
        Admission::Enrolled(by) if !is_held(view, &by)? => {
            Ok(Some(Unfinished { invited: invited(view, &own.log)? }))
        }
        _ => Ok(None),
    }
}

/// An enrolment that is held and counts for nothing makes no member, and is not waited for.
fn is_held(view: &mut View<'_>, entry: &EntryReference) -> Result<bool, AppError> {
    Ok(view.own_kinds_of(&entry.log)?.iter().any(|record| record.entry.leaf() == entry.leaf))
}

fn invited(view: &mut View<'_>, log: &LogId) -> Result<Option<Invited>, AppError> {
    let Some(json) = view.document(INVITED, log.as_bytes())? else { return Ok(None) };
    let other = |why: String| AppError::Record(why);
    let Kept { endpoint, address, label, role } =
        serde_json::from_slice(&json).map_err(|error| other(error.to_string()))?;
    let endpoint = HEXLOWER.decode(endpoint.as_bytes()).ok().and_then(|key| key.try_into().ok());
    let endpoint = endpoint.map(PublicKey).ok_or_else(|| other("the inviter's endpoint is no key".into()))?;
    Ok(Some(Invited { endpoint, address, label, role }))
}

/// Refuses what a device does only once it knows what it is enrolled as.
pub(crate) fn must_be_finished(view: &mut View<'_>, own: &Identity) -> Result<(), AppError> {
    unfinished(view, own)?.map_or(Ok(()), |join| Err(join.into()))
}

impl<H: Host> App<H> {
    /// Whether this device has joined and does not hold its own enrolment yet.
    ///
    /// # Errors
    /// The store's.
    pub async fn unfinished_join(&self) -> Result<Option<Unfinished>, AppError> {
        let own = self.host.identity();
        self.host.with_store(move |store| store.read(|view| unfinished(view, &own))).await
    }
}
