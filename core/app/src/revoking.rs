//! Ending a device's log (lost, stolen, replaced or left), and vouching for what it holds beyond its end.

use crate::arriving::settle;
use crate::error::DeviceStep;
use crate::joining::{RootKey, may_speak_for_the_root, must_be_admin, next_root_statement};
use crate::{App, AppError, Host, names, read_model};
use firn_ledger::bytes::{Hash, LogId};
use firn_ledger::entry::Head;
use firn_ledger::error::{Fault, LedgerError};
use firn_ledger::fork::Histories;
use firn_ledger::membership::Member;
use firn_ledger::statement::{REVOKE, ROOT, Revocation, RevocationReason, Role, RootSays, UPHELD, Upheld};
use firn_ledger::store::{Store, View};
use firn_model::authority::Refusal;
use firn_model::time::UtcMillis;
use std::collections::BTreeSet;

/// A device that is to be revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoking {
    /// Its label, or a unique prefix of its log's or endpoint's id.
    pub device: String,
    /// How many entries of its log hold; absent: all that are held here.
    pub size: Option<u64>,
    /// When it was lost; absent: now.
    pub lost: Option<UtcMillis>,
    /// Why.
    pub reason: RevocationReason,
}

/// What somebody vouches for of a revoked device's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upholding {
    /// The device's label, or a unique prefix of its log's or endpoint's id.
    pub device: String,
    /// How many entries of its log count again; absent: all that are held here.
    pub size: Option<u64>,
    /// The head of that size that is meant, by what its root begins with in hexadecimal, where there are several.
    pub root: Option<String>,
}

/// What an admin says of another device's log.
#[derive(Clone, Copy)]
enum Word {
    Revokes(Revocation),
    Upholds(Upheld),
}

impl Word {
    /// As an entry of the admin's own: its kind and body.
    fn entry(self) -> (u64, Vec<u8>) {
        match self {
            Self::Revokes(revocation) => (REVOKE, revocation.encode()),
            Self::Upholds(upheld) => (UPHELD, upheld.encode()),
        }
    }

    fn in_the_roots_name(self) -> RootSays {
        match self {
            Self::Revokes(revocation) => RootSays::Revokes(revocation),
            Self::Upholds(upheld) => RootSays::Upholds(upheld),
        }
    }
}

impl<H: Host> App<H> {
    /// Revokes a device of the organisation: what its log holds beyond the size is disputed from then on,
    /// unless another device had seen it before the loss. An admin's device is revoked in the root's name,
    /// on any device that has its key.
    ///
    /// # Errors
    /// `app/not-found`, `app/ambiguous`, `app/role-may-not`, `app/root-needed`, `app/out-of-order` for the
    /// device itself or a size beyond what is held, `app/still-to-come` for a loss in the future, and the store's.
    pub async fn revoke_device(&self, revoking: Revoking) -> Result<Revocation, AppError> {
        let (own, now) = (self.host.identity(), self.host.now().utc);
        self.say_of_device(revoking.device.clone(), Word::Revokes, move |view, member| {
            if member.enrolment.log == own.log {
                return Err(DeviceStep::Itself.into());
            }
            revocation(view, &member.enrolment.log, &revoking, now)
        })
        .await
    }

    /// The first of a log's entries that hold, up to a size, which is dated after an instant, with how many are: where a
    /// loss is told late, what was signed since then holds unless a smaller size says otherwise.
    ///
    /// # Errors
    /// The store's.
    pub async fn dated_after(
        &self,
        log: LogId,
        size: u64,
        at: UtcMillis,
    ) -> Result<Option<(u64, usize)>, AppError> {
        let read = move |view: &mut View<'_>| {
            let mut after = Vec::new();
            for sequence in 0..size {
                let record = view.entry(&log, sequence)?;
                if record.is_some_and(|record| record.entry.payload().clocks.wall_ms > at.0) {
                    after.push(sequence);
                }
            }
            Ok(after.first().map(|first| (*first, after.len())))
        };
        self.host.with_store(move |store| store.read(read)).await
    }

    /// Vouches for what a revoked device had signed beyond its end: it counts again, up to a size. The device
    /// itself stays revoked. An admin's device is vouched for in the root's name, on any device
    /// that has its key.
    ///
    /// # Errors
    /// `app/not-found`, `app/ambiguous`, `app/role-may-not`, `app/root-needed`, `app/out-of-order` for a device that
    /// is not revoked, a size that vouches for nothing more or lies beyond what is held, and the store's.
    pub async fn uphold_device(&self, upholding: Upholding) -> Result<Upheld, AppError> {
        let Upholding { device, size, root } = upholding;
        let says = move |view: &mut View<'_>, member: &Member| upheld(view, member, size, root.as_deref());
        self.say_of_device(device, Word::Upholds, says).await
    }

    /// Signs what `says` makes of a named device, of an admin's in the root's name.
    async fn say_of_device<T: Copy + Send + 'static>(
        &self,
        device: String,
        word: fn(T) -> Word,
        says: impl FnOnce(&mut View<'_>, &Member) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let mut pen = self.pen().await?;
        let (own, root) = (self.host.identity(), self.host.root().map(RootKey));
        let work = move |store: &mut Store| {
            store.write(|transaction| {
                let membership = read_model::membership(transaction, &own.organisation)?;
                // Without the root's key, who may not is told so before anything of what they named.
                if root.is_err() {
                    must_be_admin(&membership, &own.log)?;
                }
                let member = names::device(&device, membership.members())?;
                let is_admin = member.enrolment.role == Role::Admin;
                match is_admin {
                    true => may_speak_for_the_root(&membership, &own.log)?,
                    false => must_be_admin(&membership, &own.log)?,
                }
                let said = says(transaction, member)?;
                let (kind, body) = match is_admin {
                    true => {
                        let says = word(said).in_the_roots_name();
                        (ROOT, next_root_statement(transaction, &own.organisation, says, &root?)?.encode())
                    }
                    false => word(said).entry(),
                };
                let record = pen.append_own(transaction, kind, body)?;
                pen.follow(transaction, &[record])?;
                settle(transaction, &own)?;
                Ok(said)
            })
        };
        self.host.with_store(work).await
    }
}

fn upheld(
    view: &mut View<'_>,
    member: &Member,
    size: Option<u64>,
    meant: Option<&str>,
) -> Result<Upheld, AppError> {
    let log = member.enrolment.log;
    let cut = member.cut.ok_or(DeviceStep::NotRevoked)?;
    let held = held(view, &log);
    let size = size.unwrap_or(held);
    if size <= cut.upheld {
        return Err(DeviceStep::NothingMore.into());
    }
    if let Histories::Elsewhere(_) = view.histories(&log)? {
        return Err(DeviceStep::HistoryAway.into());
    }
    let roots = match (view.root_at(&log, size)?, meant) {
        (Some(root), None) => BTreeSet::from([root]),
        (held, Some(_)) => {
            view.roots_aside(&log, size)?.into_iter().chain(held).chain(proven(view, &log, size)?).collect()
        }
        (None, None) => view.roots_aside(&log, size)?,
    };
    let is_meant =
        |root: &Hash| meant.is_none_or(|meant| root.to_string().starts_with(&meant.to_ascii_lowercase()));
    let mut roots = roots.into_iter().filter(is_meant);
    match (roots.next(), roots.next()) {
        (Some(root), None) => Ok(Upheld { head: Head { log, size, root } }),
        (None, _) => Err(DeviceStep::NotHeld.into()),
        (Some(_), Some(_)) => Err(DeviceStep::TwoHistories.into()),
    }
}

/// The heads of a log at a size of which a proof of two histories tells, wherever they are held.
fn proven(view: &mut View<'_>, log: &LogId, size: u64) -> Result<Vec<Hash>, AppError> {
    let heads = view.fork(log)?.map(|proof| proof.heads());
    Ok(heads.into_iter().flatten().filter(|head| head.size == size).map(|head| head.root).collect())
}

/// How many entries of a log are held here.
fn held(view: &View<'_>, log: &LogId) -> u64 {
    view.heads().into_iter().find(|head| head.log == *log).map_or(0, |head| head.size)
}

fn revocation(
    view: &mut View<'_>,
    log: &LogId,
    revoking: &Revoking,
    now: UtcMillis,
) -> Result<Revocation, AppError> {
    if let Histories::Elsewhere(_) = view.histories(log)? {
        return Err(DeviceStep::HistoryAway.into());
    }
    let held = held(view, log);
    let size = revoking.size.unwrap_or(held);
    if size > held {
        return Err(DeviceStep::NotHeld.into());
    }
    let root = match size {
        0 => None,
        size => Some(view.root_at(log, size)?.ok_or(Fault::NoLog).map_err(LedgerError::from)?),
    };
    let lost = revoking.lost.unwrap_or(now);
    // A loss that is still to come would let count what is signed until then.
    if lost > now {
        return Err(AppError::Refused(Refusal::StillToCome));
    }
    let lost_ms = lost.0;
    Ok(Revocation { log: *log, size, root, lost_ms, reason: revoking.reason })
}
