//! The vault of a home: documents sealed under the key of their subject, and that key under the home's
//! (XChaCha20-Poly1305, RFC 8439 with the nonce of draft-irtf-cfrg-xchacha).

use crate::device_keys::DeviceKeys;
use crate::home::{Access as HomeAccess, Home};
use crate::{HomeError, random, random_array};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use firn_app::{AppError, Identity, InVault, Owed, Vault};
use firn_ledger::bytes::{Hash, Id as LedgerId};
use firn_ledger::error::{LedgerError, VaultError};
use firn_ledger::store::{Access, Store};
use firn_ledger::vault::{SealedDocument, VaultStore, WrappedKey};
use firn_model::id::Id;
use firn_model::vault::{Commitment, OpenedDocument};
use std::collections::BTreeMap;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// How long to wait for another process that writes, in milliseconds.
const BUSY_MS: u32 = 1000;
/// What the associated data of a wrapped key begins with.
const KEY_DOMAIN: &[u8] = b"firn vault key v1";
/// What the associated data of a document begins with.
const DOCUMENT_DOMAIN: &[u8] = b"firn vault document v1";
/// Bytes of a nonce, which stands before what it sealed.
const NONCE: usize = 24;

/// A vault; its file is made with the first document.
pub(crate) struct LocalVault {
    path: PathBuf,
    access: Access,
    /// Wraps the keys of subjects; none where the home was opened without its passphrase.
    key: Option<Zeroizing<[u8; 32]>>,
    store: Option<VaultStore>,
    /// Why erasures that the logs hold could not be carried out.
    unsettled: Option<LedgerError>,
    /// Whether the home was restored and has not gone on yet: what was erased elsewhere since may lie in it.
    restored: bool,
}

impl std::fmt::Debug for LocalVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalVault").field("path", &self.path).finish_non_exhaustive()
    }
}

impl LocalVault {
    /// Opens the vault of a home, and carries out the erasures that its logs hold before anything else can
    /// be read. A vault that cannot be opened hinders nothing but itself.
    pub(crate) fn open(
        home: &Home,
        keys: Option<&DeviceKeys>,
        logs: &mut Store,
        identity: &Identity,
    ) -> Result<Self, HomeError> {
        let access = match home.access() {
            HomeAccess::Read => Access::ReadOnly,
            HomeAccess::Write => Access::ReadWrite,
        };
        let key = keys.map(|keys| keys.store.vault_key()).transpose()?;
        let restored = logs.read(|view| firn_app::is_restored(view, identity))?;
        let mut vault = Self { path: home.vault(), access, key, store: None, unsettled: None, restored };
        let settled = match access {
            Access::ReadWrite => firn_app::settle(logs, identity, &mut vault),
            Access::ReadOnly => firn_app::settle_beside_a_writer(logs, identity, &mut vault),
        };
        match settled {
            Ok(()) => {}
            Err(AppError::Ledger(error @ (LedgerError::Vault(_) | LedgerError::Store(_)))) => {
                vault.unsettled = Some(error);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(vault)
    }

    /// Opens it from now on with the keys of its home.
    pub(crate) fn unlock(&mut self, keys: &DeviceKeys) -> Result<(), HomeError> {
        self.key = Some(keys.store.vault_key()?);
        Ok(())
    }

    /// The open file; none where there is none and `make` does not ask for it.
    fn file(&mut self, make: bool) -> Result<Option<&mut VaultStore>, LedgerError> {
        if self.store.is_none() && (make || self.path.exists()) {
            self.store = Some(VaultStore::open(&self.path, self.access, BUSY_MS)?);
        }
        Ok(self.store.as_mut())
    }

    /// The same, once all erasures are carried out.
    fn settled(&mut self, make: bool) -> Result<Option<&mut VaultStore>, LedgerError> {
        if let Some(error) = self.unsettled.clone() {
            return Err(error);
        }
        if self.restored {
            return Err(VaultError::Restored.into());
        }
        self.file(make)
    }

    fn key(&self) -> Result<Zeroizing<[u8; 32]>, AppError> {
        self.key.clone().ok_or_else(|| crate::local::into_app(HomeError::PassphraseNeeded))
    }
}

impl Vault for LocalVault {
    fn keep(&mut self, subject: Id, document: &OpenedDocument) -> Result<(), AppError> {
        let home_key = self.key()?;
        let store = self.settled(true)?.ok_or_else(|| damaged("a file that was not made"))?;
        let (subject, commitment) = (LedgerId(subject.0), Hash(document.commitment().0));
        let (key, wrapped) = match store.key(&subject)? {
            Some(wrapped) => (unwrap(&home_key, &wrapped)?, wrapped),
            None => new_key(&home_key, subject)?,
        };
        let context = document_context(&subject, &commitment);
        let bytes = seal(&key, &Zeroizing::new(document.to_bytes()), &context)?;
        Ok(store.keep(&wrapped, &SealedDocument { commitment, subject, bytes })?)
    }

    fn open(&mut self, commitment: &Commitment) -> Result<InVault, AppError> {
        let home_key = self.key.clone();
        let Some(store) = self.settled(false)? else { return Ok(InVault::NotHere) };
        let Some(sealed) = store.document(&Hash(commitment.0))? else { return Ok(InVault::NotHere) };
        let Some(home_key) = home_key else { return Ok(InVault::Sealed) };
        let wrapped = store.key(&sealed.subject)?.ok_or_else(|| damaged("a document without its key"))?;
        let key = unwrap(&home_key, &wrapped)?;
        let context = document_context(&sealed.subject, &sealed.commitment);
        // The row is as it was written, and its key opened: it was not sealed under it.
        let bytes = unseal(&key, &sealed.bytes, &context).ok_or_else(|| damaged("a document"))?;
        let opened = OpenedDocument::from_bytes(&bytes).map_err(|error| damaged(&error.to_string()))?;
        match opened.commitment() == *commitment {
            true => Ok(InVault::Opened(opened)),
            false => Err(damaged("a document of another commitment").into()),
        }
    }

    fn listed(&mut self) -> Result<BTreeMap<Id, Vec<Commitment>>, AppError> {
        let Some(store) = self.settled(false)? else { return Ok(BTreeMap::new()) };
        let listed = store.listed()?.into_iter().map(|one| {
            let commitments = one.commitments.iter().map(|commitment| Commitment(commitment.0));
            (Id(one.subject.0), commitments.collect())
        });
        Ok(listed.collect())
    }

    fn forget(&mut self, commitment: &Commitment) -> Result<(), AppError> {
        match self.settled(false)? {
            Some(store) => Ok(store.forget(&Hash(commitment.0))?),
            None => Ok(()),
        }
    }

    fn settle(&mut self, owed: &Owed) -> Result<(), AppError> {
        let settled = self.carry_out(owed);
        self.unsettled = settled.as_ref().err().cloned();
        Ok(settled?)
    }
}

impl LocalVault {
    fn carry_out(&mut self, owed: &Owed) -> Result<(), LedgerError> {
        match self.access {
            Access::ReadWrite => self.carry_out_all(owed),
            Access::ReadOnly => self.catch_up(owed),
        }
    }

    /// Carries out what this file does not know of yet: it is older than its log. Who reads writes nothing else,
    /// and what an erasure of before still owes is left to the next writer.
    fn catch_up(&mut self, owed: &Owed) -> Result<(), LedgerError> {
        let Some(store) = self.file(false)? else { return Ok(()) };
        let mut missing = Vec::new();
        for (erasure, subject) in &owed.erasures {
            if !store.is_erased(erasure)? {
                missing.push((erasure, LedgerId(subject.0)));
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let mut writing = VaultStore::open(&self.path, Access::ReadWrite, BUSY_MS)?;
        for (erasure, subject) in missing {
            match writing.erase(&subject, erasure) {
                // Its rows are gone for everybody; the bytes go when the next writer has the file alone.
                Err(LedgerError::Vault(VaultError::Busy)) if writing.is_erased(erasure)? => {}
                erased => erased?,
            }
        }
        Ok(())
    }

    fn carry_out_all(&mut self, owed: &Owed) -> Result<(), LedgerError> {
        // What was erased before anything was kept is noted too: it must not take what is kept afterwards.
        let Some(store) = self.file(!owed.erasures.is_empty())? else { return Ok(()) };
        for (erasure, subject) in &owed.erasures {
            store.erase(&LedgerId(subject.0), erasure)?;
        }
        store.finish()?;
        let Some(named) = &owed.named else { return Ok(()) };
        let kept = store.listed()?.into_iter().flat_map(|one| one.commitments);
        for commitment in kept.filter(|one| !named.contains(&Commitment(one.0))).collect::<Vec<_>>() {
            store.forget(&commitment)?;
        }
        Ok(())
    }
}

fn damaged(what: &str) -> LedgerError {
    VaultError::Damaged { what: what.to_owned() }.into()
}

fn key_context(subject: &LedgerId) -> Vec<u8> {
    [KEY_DOMAIN, subject.as_bytes()].concat()
}

fn document_context(subject: &LedgerId, commitment: &Hash) -> Vec<u8> {
    [DOCUMENT_DOMAIN, subject.as_bytes(), commitment.as_bytes()].concat()
}

/// A new key for a subject, and what the vault keeps of it.
fn new_key(home_key: &[u8; 32], subject: LedgerId) -> Result<(Zeroizing<[u8; 32]>, WrappedKey), AppError> {
    let mut key = Zeroizing::new([0; 32]);
    random(key.as_mut()).map_err(crate::local::into_app)?;
    let bytes = seal(home_key, key.as_ref(), &key_context(&subject))?;
    Ok((key, WrappedKey { subject, bytes }))
}

/// The row is as it was written: where its key does not open, it was wrapped under another home's.
fn unwrap(home_key: &[u8; 32], wrapped: &WrappedKey) -> Result<Zeroizing<[u8; 32]>, LedgerError> {
    let key = unseal(home_key, &wrapped.bytes, &key_context(&wrapped.subject)).ok_or(VaultError::WrongKey)?;
    let key = <[u8; 32]>::try_from(key.as_slice()).map_err(|_| damaged("a key of another length"))?;
    Ok(Zeroizing::new(key))
}

fn seal(key: &[u8; 32], secret: &[u8], context: &[u8]) -> Result<Vec<u8>, AppError> {
    let nonce: [u8; NONCE] = random_array().map_err(crate::local::into_app)?;
    let sealed = XChaCha20Poly1305::new(&Key::from(*key))
        .encrypt(&XNonce::from(nonce), Payload { msg: secret, aad: context })
        .map_err(|error| damaged(&error.to_string()))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn unseal(key: &[u8; 32], sealed: &[u8], context: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
    XChaCha20Poly1305::new(&Key::from(*key))
        .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: context })
        .map(Zeroizing::new)
        .ok()
}

#[cfg(test)]
mod tests;
