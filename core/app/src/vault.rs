//! The vault as the use cases see it: documents kept, opened, listed, and erased for good.

mod devices;
mod told;

pub use told::VaultSubject;

use crate::append::{Happened, Pen, is_for_people};
use crate::host::random_array;
use crate::{App, AppError, Appended, Host, Identity, names};
use firn_ledger::bytes::{Hash, Id as LedgerId};
use firn_ledger::entry::Record;
use firn_ledger::statement::{ERASURE, Erasure};
use firn_ledger::store::{Store, Transaction, View};
use firn_model::api::{Occurrence, ShipmentDetail};
use firn_model::id::Id;
use firn_model::record::{Kind, Located, Position};
use firn_model::vault::{
    Commitment, Ground, OpenedDocument, PositionDocument, PositionKnown, PositionSetting,
};
use std::collections::{BTreeMap, BTreeSet};
use told::{commitments, device_subject, owed, recorded, struck, subjects, told};

/// The vault of a home. Its documents are sealed, each under the key of its subject.
pub trait Vault {
    /// Keeps a document; it is on disk when this returns.
    ///
    /// # Errors
    /// `vault/…`, `home/passphrase-needed`, and the store's.
    fn keep(&mut self, subject: Id, document: &OpenedDocument) -> Result<(), AppError>;

    /// A document, as far as it is here and can be opened.
    ///
    /// # Errors
    /// `vault/damaged`, `vault/wrong-key`.
    fn open(&mut self, commitment: &Commitment) -> Result<InVault, AppError>;

    /// Every subject with the commitments of its documents here.
    ///
    /// # Errors
    /// `vault/damaged`.
    fn listed(&mut self) -> Result<BTreeMap<Id, Vec<Commitment>>, AppError>;

    /// Takes out a document that no entry names.
    ///
    /// # Errors
    /// `vault/busy`, and the store's.
    fn forget(&mut self, commitment: &Commitment) -> Result<(), AppError>;

    /// Carries out what is owed and was not carried out yet.
    ///
    /// # Errors
    /// `vault/busy`, `vault/damaged`, and the store's; nothing opens until this has succeeded.
    fn settle(&mut self, owed: &Owed) -> Result<(), AppError>;
}

/// What a vault has of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InVault {
    /// It is not here.
    NotHere,
    /// It is here, and this home was opened without the passphrase.
    Sealed,
    /// Here it is.
    Opened(OpenedDocument),
}

/// What the logs ask of a vault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// Every erasure that counts here: its entry's leaf, and whose documents go.
    pub erasures: Vec<(Hash, Id)>,
    /// The commitments that this device's entries name, where others are to be forgotten: when a home is
    /// opened, and no step is half done.
    pub named: Option<BTreeSet<Commitment>>,
}

/// What an erasure did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// Whose documents.
    pub subject: Id,
    /// How many commitments it names.
    pub documents: usize,
    /// The entry that tells peers and restored backups.
    pub entry: Appended,
}

/// Carries out, before a home's vault opens, the erasures that its logs hold, and forgets documents that a
/// power cut left without an entry.
///
/// # Errors
/// The store's and the vault's.
pub fn settle(store: &mut Store, identity: &Identity, vault: &mut dyn Vault) -> Result<(), AppError> {
    let owed = store.read(|view| {
        // Those of an earlier log of this device are kept here, too.
        let named = recorded(view)?.into_iter().map(|recorded| recorded.located.commitment).collect();
        Ok::<_, AppError>(Owed { named: Some(named), ..owed(view, identity)? })
    })?;
    vault.settle(&owed)
}

/// Carries out, before a vault is read, the erasures that its home's logs hold: an older `vault.db` may have
/// been put back. Nothing is forgotten: a writer may be between keeping a document and signing its step.
///
/// # Errors
/// The store's and the vault's.
pub fn settle_beside_a_writer(
    store: &mut Store,
    identity: &Identity,
    vault: &mut dyn Vault,
) -> Result<(), AppError> {
    let owed = store.read(|view| owed(view, identity))?;
    if owed.erasures.is_empty() { Ok(()) } else { vault.settle(&owed) }
}

/// Whether a position belongs to it: steps are what somebody did, not what was measured or computed.
fn is_step(happened: &Happened) -> bool {
    let kind = Kind::from_number(u64::from(happened.kind));
    happened.shipment.is_some()
        && kind.is_some_and(|kind| {
            !matches!(
                kind,
                Kind::Readings | Kind::Download | Kind::Assessment | Kind::Finding | Kind::Position
            )
        })
}

/// A position that the vault has, for the step of the same place.
pub(crate) type Kept = Option<(Commitment, Id)>;

impl Pen {
    /// Signs a step, and where it is signed.
    pub(crate) fn append_located(
        &mut self,
        transaction: &mut Transaction<'_>,
        step: Happened,
        kept: Kept,
    ) -> Result<Vec<Record>, AppError> {
        let shipment = step.shipment;
        let mut records = vec![self.append(transaction, step)?];
        if let (Some((commitment, subject)), Some(step)) = (kept, records.first()) {
            let step = Appended::from(step).reference;
            let happened = Happened::new(shipment, &Located { step, commitment, subject });
            records.push(self.append(transaction, happened)?);
        }
        Ok(records)
    }
}

impl<H: Host> App<H> {
    /// These use cases with the place where the steps that follow are signed.
    pub fn at(&self, position: Position) -> Self {
        Self { position: Some(position), ..self.clone() }
    }

    /// Keeps a document for each step, before anything is signed.
    pub(crate) async fn keep_positions(&self, happened: &[Happened]) -> Result<Vec<Kept>, AppError> {
        let Some(position) = self.position.filter(|_| happened.iter().any(is_step)) else {
            return Ok(vec![None; happened.len()]);
        };
        if self.position_setting().await? == PositionSetting::Off {
            return Err(AppError::PositionOff);
        }
        // An erasure signed before takes nothing that is kept from now on.
        self.settle_vault().await?;
        let document = PositionDocument { position, at: self.host.now().utc }.to_bytes();
        let mut kept = Vec::new();
        for one in happened {
            if !is_step(one) {
                kept.push(None);
                continue;
            }
            let person = self.acting.as_ref().filter(|_| is_for_people(one.kind)).map(|acting| acting.person);
            let subject = person.unwrap_or_else(|| device_subject(&self.host.identity().log));
            let opened = OpenedDocument { salt: random_array(self.host())?, document: document.clone() };
            let commitment = opened.commitment();
            self.host.with_vault(move |vault| vault.keep(subject, &opened)).await?;
            kept.push(Some((commitment, subject)));
        }
        Ok(kept)
    }

    /// Takes back what was kept for steps that were not signed.
    pub(crate) async fn forget_positions(&self, kept: Vec<Kept>) -> Result<(), AppError> {
        for (commitment, _) in kept.into_iter().flatten() {
            self.host.with_vault(move |vault| vault.forget(&commitment)).await?;
        }
        Ok(())
    }

    /// Carries out erasures that came from peers.
    ///
    /// # Errors
    /// `vault/busy`, `vault/damaged`, and the store's.
    pub async fn settle_vault(&self) -> Result<(), AppError> {
        let identity = self.host.identity();
        let owed = self.host.with_store(move |store| store.read(|view| owed(view, &identity))).await?;
        if owed.erasures.is_empty() {
            return Ok(());
        }
        self.host.with_vault(move |vault| vault.settle(&owed)).await
    }

    /// Every subject of whom the logs or this vault hold anything, by id.
    ///
    /// # Errors
    /// `vault/…`, and the store's.
    pub async fn vault_subjects(&self) -> Result<Vec<VaultSubject>, AppError> {
        let listed = self.host.with_vault(|vault| vault.listed()).await?;
        let identity = self.host.identity();
        self.host.with_store(move |store| store.read(|view| subjects(view, &identity, &listed))).await
    }

    /// The subject of this id, unique prefix or exact name; a person is one even where nothing is kept of them.
    ///
    /// # Errors
    /// `app/not-found`, `app/ambiguous`, `vault/…`, and the store's.
    pub async fn vault_subject(&self, name: &str) -> Result<Id, AppError> {
        let known = self.vault_subjects().await?;
        let named = |one: &&VaultSubject| one.subject.has_prefix(name) || one.name.as_deref() == Some(name);
        let found: Vec<Id> = known.iter().filter(named).map(|one| one.subject).collect();
        match found[..] {
            [only] => Ok(only),
            [] => {
                names::person(name, &self.people().await?).map(|person| person.id).map_err(
                    |error| match error {
                        AppError::NotFound { name, .. } => {
                            AppError::NotFound { what: "subject of the vault", name }
                        }
                        other => other,
                    },
                )
            }
            _ => Err(AppError::Ambiguous { what: "subject of the vault", name: name.to_owned() }),
        }
    }

    /// Erases all documents of a subject: signs the erasure, then destroys key and documents on this device;
    /// other devices follow when they sync.
    ///
    /// # Errors
    /// `app/not-found` where nothing was ever kept, `app/role-may-not` for what other devices keep on a device
    /// that is no admin's, `vault/busy` where the entry is signed and bytes may be left, and the store's.
    pub async fn erase_from_vault(&self, subject: Id, ground: Ground) -> Result<Erased, AppError> {
        let mut pen = self.pen().await?;
        let here = self.host.with_vault(|vault| vault.listed()).await?.remove(&subject).unwrap_or_default();
        let erased = self.host.with_store(move |store| {
            store.write(|transaction| {
                let named = commitments(transaction, &pen.identity, subject, &here)?;
                let commitments: Vec<Hash> = named.iter().map(|one| Hash(one.0)).collect();
                let documents = commitments.len();
                let at_ms = pen.now.utc.0;
                let subject_id = LedgerId(subject.0);
                let erasure = Erasure { subject: subject_id, commitments, ground: ground.number(), at_ms };
                let record = pen.append_own(transaction, ERASURE, erasure.encode())?;
                pen.follow(transaction, std::slice::from_ref(&record))?;
                Ok::<_, AppError>(Erased { subject, documents, entry: Appended::from(&record) })
            })
        });
        let erased = erased.await?;
        self.settle_vault().await?;
        Ok(erased)
    }

    /// Fills in what is known here of the positions of a shipment.
    pub(crate) async fn with_positions(
        &self,
        mut detail: ShipmentDetail,
    ) -> Result<ShipmentDetail, AppError> {
        let asked: BTreeSet<Commitment> = detail.history.iter().filter_map(position_of).collect();
        if asked.is_empty() {
            return Ok(detail);
        }
        let identity = self.host.identity();
        let wanted = asked.clone();
        let both = move |view: &mut View<'_>| {
            Ok::<_, AppError>((told(view, &identity, &wanted)?, struck(view, &identity, &wanted)?))
        };
        let (told, struck) = self.host.with_store(move |store| store.read(both)).await?;
        let here = self.opened(asked.iter().filter(|one| !told.contains_key(one)).copied().collect()).await;
        for event in &mut detail.history {
            if let Occurrence::Position { commitment, known } = &mut event.occurrence {
                let found = told.get(commitment).or_else(|| here.get(commitment));
                let found = found.filter(|known| **known != PositionKnown::HeldElsewhere);
                let found = found.or_else(|| struck.get(commitment));
                *known = found.cloned().unwrap_or(PositionKnown::HeldElsewhere);
            }
        }
        Ok(detail)
    }

    /// The documents of these commitments that are here and open.
    pub(crate) async fn opened_documents(
        &self,
        asked: BTreeSet<Commitment>,
    ) -> Result<Vec<OpenedDocument>, AppError> {
        self.host
            .with_vault(move |vault| {
                let mut opened = Vec::new();
                for commitment in &asked {
                    if let InVault::Opened(document) = vault.open(commitment)? {
                        opened.push(document);
                    }
                }
                Ok(opened)
            })
            .await
    }

    /// What this vault has of each; one that cannot be read hinders no other.
    async fn opened(&self, asked: Vec<Commitment>) -> BTreeMap<Commitment, PositionKnown> {
        let wanted = asked.clone();
        let found = self.host.with_vault(move |vault| {
            Ok(asked.into_iter().map(|one| (one, known(vault.open(&one)))).collect::<BTreeMap<_, _>>())
        });
        match found.await {
            Ok(found) => found,
            Err(error) => wanted.into_iter().map(|one| (one, unreadable(&error))).collect(),
        }
    }
}

fn position_of(event: &firn_model::api::HistoryEvent) -> Option<Commitment> {
    match &event.occurrence {
        Occurrence::Position { commitment, .. } => Some(*commitment),
        _ => None,
    }
}

fn known(found: Result<InVault, AppError>) -> PositionKnown {
    match found {
        Ok(InVault::NotHere) => PositionKnown::HeldElsewhere,
        Ok(InVault::Sealed) => PositionKnown::Sealed,
        Ok(InVault::Opened(opened)) => match PositionDocument::from_bytes(&opened.document) {
            Ok(document) => PositionKnown::Opened { position: document.position },
            Err(error) => PositionKnown::Unreadable { code: error.code().into() },
        },
        Err(error) => unreadable(&error),
    }
}

fn unreadable(error: &AppError) -> PositionKnown {
    PositionKnown::Unreadable { code: error.code().into() }
}
