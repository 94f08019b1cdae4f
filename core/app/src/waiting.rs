//! Which shipments wait to be judged: what came from a peer is noted as it comes, and each is judged once when all is there.

use crate::read_model::{self, every_shipment, summarise, with_later};
use crate::{App, AppError, Host};
use firn_ledger::bytes::{Id as LedgerId, LogId, OrganisationId};
use firn_ledger::entry::Record;
use firn_ledger::statement::{ENROL, GENESIS, REVOKE, ROOT, UPHELD};
use firn_ledger::store::{Store, Transaction, View};
use firn_model::id::Id;
use firn_model::people::may_say;
use firn_model::record::{Body, Kind, Logger};
use firn_report::bundle::signed_entry;
use std::collections::BTreeSet;

/// What waits, by a key that begins with a [`Noted`].
pub(crate) const WAITING: &str = "waiting";
/// How many shipments are judged before others may use the store.
const AT_ONCE: u32 = 32;

/// What a key says.
#[derive(Clone, Copy)]
enum Noted {
    /// Every shipment.
    All = 1,
    /// Every shipment in which the log speaks whose id follows.
    Speaking = 2,
    /// The shipment whose id follows, and those that go on from it.
    Shipment = 3,
    /// The shipment whose id follows, of which all that go on from it wait as well.
    Alone = 4,
}

fn key(noted: Noted, id: &[u8]) -> Vec<u8> {
    [&[noted as u8], id].concat()
}

/// Which shipments entries bear on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    /// Whether it may be all of them.
    pub all: bool,
    /// These.
    pub shipments: BTreeSet<Id>,
    /// Those in which these logs speak.
    pub speaking: BTreeSet<LogId>,
}

impl Touched {
    /// Keeps it in the store, beside the entries.
    pub fn wait(&self, transaction: &mut Transaction<'_>) -> Result<(), AppError> {
        let ids = self.shipments.iter().map(|one| key(Noted::Shipment, &one.0));
        let logs = self.speaking.iter().map(|log| key(Noted::Speaking, log.as_bytes()));
        let keys: Vec<Vec<u8>> = match self.all {
            true => ids.chain([key(Noted::All, &[])]).collect(),
            false => ids.chain(logs).collect(),
        };
        keys.iter().try_for_each(|key| note(transaction, key))
    }

    /// What waits and is not told one by one yet.
    fn waiting(view: &mut View<'_>) -> Result<Self, AppError> {
        let mut touched = Self::default();
        let until = key(Noted::Alone, &[]);
        for document in view.first_documents(WAITING, Vec::new()..=until, u32::MAX)? {
            match document.key.split_first() {
                Some((noted, id)) if *noted == Noted::Shipment as u8 => {
                    touched.shipments.extend(<[u8; 16]>::try_from(id).map(Id));
                }
                Some((noted, id)) if *noted == Noted::Speaking as u8 => {
                    touched.speaking.extend(<[u8; 32]>::try_from(id).map(LogId));
                }
                _ => touched.all = true,
            }
        }
        Ok(touched)
    }

    /// The shipments, with those that go on from them.
    pub fn shipments(self, view: &mut View<'_>) -> Result<BTreeSet<Id>, AppError> {
        let Self { all, mut shipments, speaking } = self;
        if all {
            shipments.extend(every_shipment(view)?);
        } else if !speaking.is_empty() {
            for shipment in every_shipment(view)? {
                let places = view.by_subject(&LedgerId(shipment.0))?;
                if places.iter().any(|(log, _)| speaking.contains(log)) {
                    shipments.insert(shipment);
                }
            }
        }
        with_later(view, shipments)
    }
}

/// Whether any of these stored entries bears on every shipment: a new log, who belongs, and what the rules are, where it
/// counts. What does not count now bears on nothing until something else that is stored lets it count.
pub(crate) fn bear_on_all(
    view: &mut View<'_>,
    organisation: &OrganisationId,
    records: &[Record],
) -> Result<bool, AppError> {
    let kind = |record: &Record| record.entry.payload().kind;
    if records.iter().any(|record| kind(record) == GENESIS) {
        return Ok(true);
    }
    let stated: Vec<&Record> =
        records.iter().filter(|record| [ENROL, REVOKE, ROOT, UPHELD].contains(&kind(record))).collect();
    if !stated.is_empty() {
        let counting = read_model::statements(view)?;
        let counting: BTreeSet<_> = counting.iter().map(|one| one.entry.leaf()).collect();
        if stated.iter().any(|one| counting.contains(&one.entry.leaf())) {
            return Ok(true);
        }
    }
    let ruling: Vec<(Kind, &Record)> =
        records.iter().filter_map(|record| Some((Kind::from_number(kind(record))?, record))).collect();
    let ruling: Vec<_> = ruling.into_iter().filter(|(kind, record)| is_rule(*kind, record)).collect();
    if ruling.is_empty() {
        return Ok(false);
    }
    let membership = read_model::membership(view, organisation)?;
    let people = read_model::people(view, organisation)?;
    Ok(ruling.iter().any(|(kind, one)| may_say(&signed_entry(one, &membership, &people), *kind).is_ok()))
}

/// Whether an entry rules something for every shipment. A certificate bears on what was measured before it too.
fn is_rule(kind: Kind, record: &Record) -> bool {
    let is_certified = || Logger::from_bytes(&record.body).is_ok_and(|logger| logger.certificate.is_some());
    matches!(kind, Kind::Policy | Kind::LoggerEnded) || (kind == Kind::Logger && is_certified())
}

fn note(transaction: &mut Transaction<'_>, key: &[u8]) -> Result<(), AppError> {
    match transaction.document(WAITING, key)? {
        Some(_) => Ok(()),
        None => Ok(transaction.put_document(WAITING, key, &[])?),
    }
}

/// The first of those that wait alone.
fn alone(view: &mut View<'_>, most: u32) -> Result<BTreeSet<Id>, AppError> {
    let keys = key(Noted::Alone, &[])..=key(Noted::Alone, &[255; 17]);
    let documents = view.first_documents(WAITING, keys, most)?;
    Ok(documents.iter().filter_map(|one| one.key.last_chunk::<16>().copied().map(Id)).collect())
}

/// The shipments that wait: of these the lists do not tell yet.
pub(crate) fn shipments(view: &mut View<'_>) -> Result<BTreeSet<Id>, AppError> {
    let mut waiting = Touched::waiting(view)?.shipments(view)?;
    waiting.extend(alone(view, u32::MAX)?);
    Ok(waiting)
}

/// Judges all that wait.
pub(crate) fn judge_all(
    transaction: &mut Transaction<'_>,
    organisation: &OrganisationId,
) -> Result<(), AppError> {
    while judge_some(transaction, organisation)? {}
    Ok(())
}

/// Judges some of those that wait; whether any are left.
fn judge_some(transaction: &mut Transaction<'_>, organisation: &OrganisationId) -> Result<bool, AppError> {
    let touched = Touched::waiting(transaction)?;
    if touched != Touched::default() {
        let until = key(Noted::Alone, &[]);
        for document in transaction.first_documents(WAITING, Vec::new()..=until, u32::MAX)? {
            transaction.remove_document(WAITING, &document.key)?;
        }
        for shipment in touched.shipments(transaction)? {
            note(transaction, &key(Noted::Alone, &shipment.0))?;
        }
    }
    for shipment in alone(transaction, AT_ONCE)? {
        summarise(transaction, organisation, shipment)?;
        transaction.remove_document(WAITING, &key(Noted::Alone, &shipment.0))?;
    }
    Ok(!alone(transaction, 1)?.is_empty())
}

impl<H: Host> App<H> {
    /// Judges the shipments on which what came from peers bears, each once, however it ended; others may use the store
    /// between them. What a power cut leaves is judged with the next that comes or is signed, and shown as it is until
    /// then.
    ///
    /// # Errors
    /// The store's.
    pub async fn judge_waiting(&self) -> Result<(), AppError> {
        let organisation = self.host.identity().organisation;
        let some = move |store: &mut Store| {
            let none = |view: &mut View<'_>| -> Result<bool, AppError> {
                Ok(view.first_documents(WAITING, Vec::new()..=vec![255], 1)?.is_empty())
            };
            if store.read(none)? {
                return Ok(false);
            }
            store.write(|transaction| judge_some(transaction, &organisation))
        };
        while self.host.with_store(some).await? {}
        Ok(())
    }
}
