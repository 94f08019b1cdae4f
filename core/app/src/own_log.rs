//! This device's own log: why nothing may be added to it any more, and going on in a new one
//! (docs/format.md §6.8 and §6.9).

use crate::append::{Happened, Pen};
use crate::error::DeviceStep;
use crate::joining::{RootKey, must_be_admin, next_root_statement};
use crate::organisation::split;
use crate::{App, AppError, DeviceKey, Host, Identity, Moment, names, read_model};
use firn_ledger::bytes::{LogId, Salt};
use firn_ledger::entry::{EntryDraft, Head, Record, Signers};
use firn_ledger::error::{Fault, LedgerError};
use firn_ledger::membership::{Member, MemberStanding, Membership};
use firn_ledger::statement::{
    Admission, Continuation, ENROL, Enrolment, GENESIS, Genesis, REVOKE, ROOT, Revocation, RevocationReason,
    Role, RootSays,
};
use firn_ledger::store::{Store, Transaction, View};
use firn_model::api::LogBarred;
use firn_model::record::Kind;

/// Why nothing may be added to a log of this device's, by its id: a memory of its own, in no entry.
const OWN_LOG: &str = "own-log";

/// Lets nothing be added to a log of this device's any more. The first reason stays.
///
/// # Errors
/// The store's.
pub fn bar(transaction: &mut Transaction<'_>, log: &LogId, why: LogBarred) -> Result<(), AppError> {
    if barred(transaction, log)?.is_some() {
        return Ok(());
    }
    let json = serde_json::to_vec(&why).map_err(|error| AppError::Record(error.to_string()))?;
    Ok(transaction.put_document(OWN_LOG, log.as_bytes(), &json)?)
}

/// Why nothing may be added to a log, if that is so.
pub(crate) fn barred(view: &mut View<'_>, log: &LogId) -> Result<Option<LogBarred>, AppError> {
    let Some(json) = view.document(OWN_LOG, log.as_bytes())? else { return Ok(None) };
    serde_json::from_slice(&json).map(Some).map_err(|error| AppError::Record(error.to_string()))
}

/// Whether the home was restored from a backup and has not gone on in a new log yet.
///
/// # Errors
/// The store's.
pub fn is_restored(view: &mut View<'_>, identity: &Identity) -> Result<bool, AppError> {
    Ok(barred(view, &identity.log)? == Some(LogBarred::Restored))
}

/// Refuses to add to a log that must not go on.
pub(crate) fn may_append(view: &mut View<'_>, log: &LogId) -> Result<(), AppError> {
    match barred(view, log)? {
        Some(why) => Err(AppError::LogBarred(why)),
        None => Ok(()),
    }
}

/// Lets the vault of a restored home open again whose log has ended, so that it cannot go on in a new one: whoever says so
/// has synced it, and what was erased since the backup is carried out as it opens. Nothing is added to the log all the same.
///
/// # Errors
/// `app/out-of-order` where the log has not ended, and the store's.
pub fn open_restored(store: &mut Store, identity: &Identity) -> Result<(), AppError> {
    store.write(|transaction| {
        let membership = read_model::membership(transaction, &identity.organisation)?;
        match membership.member(&identity.log) {
            Some(member) if member.cut.is_some() => {
                Ok(transaction.remove_document(OWN_LOG, identity.log.as_bytes())?)
            }
            _ => Err(AppError::OutOfOrder("the log of this home goes on")),
        }
    })
}

/// The keys with which a device goes on in a new log.
#[derive(Clone)]
pub struct Continuing {
    /// The key of its log so far, which signs that the new one goes on from there.
    pub old: DeviceKey,
    /// The key of the new log.
    pub new: DeviceKey,
    /// The random part of the new log's id.
    pub log_random: [u8; 16],
}

/// Founds the log that takes the place of this device's log, in the same store, and binds the keys of the
/// people on this device there. The old log gets no entry.
///
/// `random` is 48 fresh random bytes.
///
/// # Errors
/// `ledger/key` for a weak key, and the store's.
pub fn continue_log(
    store: &mut Store,
    identity: &Identity,
    keys: &Continuing,
    now: Moment,
    random: &[u8; 48],
) -> Result<Identity, AppError> {
    store.write(|transaction| {
        let first = transaction.entry(&identity.log, 0)?.ok_or(Fault::NoLog).map_err(LedgerError::from)?;
        let organisation = Genesis::decode(&first.body)?.organisation;
        let membership = read_model::membership(transaction, &identity.organisation)?;
        if membership.member(&identity.log).is_some_and(|member| member.cut.is_some()) {
            return Err(AppError::DeviceRevoked);
        }
        let log = LogId::of(&identity.organisation, &keys.new.public_key(), &keys.log_random);
        let continuation =
            Continuation::sign(&log, own_head(transaction, &identity.log)?, keys.old.as_ref())?;
        let genesis = Genesis {
            organisation,
            device: keys.new.public_key(),
            random: keys.log_random,
            admission: Admission::Continues(continuation),
        };
        let (_, salt) = split(random);
        let draft = EntryDraft {
            kind: GENESIS,
            subject: None,
            clocks: crate::append::clocks(now),
            heads: Vec::new(),
            body: genesis.encode(),
            salt: Salt(salt),
            person: None,
            batches: Vec::new(),
        };
        transaction.append(log, draft, Signers { device: keys.new.as_ref(), person: None })?;
        let identity = Identity { log, ..*identity };
        let seed = firn_ledger::bytes::Hash::of(&[b"firn salts", random]).0;
        bind_again(
            transaction,
            &continuation.head.log,
            &mut Pen::new(identity, keys.new.clone(), now, seed),
        )?;
        read_model::catch_up(transaction, &identity.organisation)?;
        Ok(identity)
    })
}

/// Binds the keys of people in the new log as the old one did, those that were withdrawn among them, so that
/// each keeps its number.
fn bind_again(transaction: &mut Transaction<'_>, old: &LogId, pen: &mut Pen) -> Result<(), AppError> {
    for record in read_model::people_records(transaction)? {
        let is_key = record.entry.payload().kind == u64::from(Kind::PersonKey.number());
        if is_key && record.entry.log() == *old {
            let (kind, body) = (Kind::PersonKey.number(), record.body);
            pen.append(transaction, Happened { kind, shipment: None, body, batches: Vec::new() })?;
        }
    }
    Ok(())
}

/// Whether this device went on in a log that no admin enrolled before the old one ended: it stays out.
pub(crate) fn stays_out(view: &mut View<'_>, membership: &Membership, log: &LogId) -> Result<bool, AppError> {
    if membership.member(log).is_some() {
        return Ok(false);
    }
    let Some(first) = view.entry(log, 0)? else { return Ok(false) };
    Ok(match Genesis::decode(&first.body)?.admission {
        Admission::Continues(from) => membership.member(&from.head.log).is_none_or(|old| old.cut.is_some()),
        Admission::Root { .. } | Admission::Enrolled(_) => false,
    })
}

fn own_head(view: &mut View<'_>, log: &LogId) -> Result<Head, AppError> {
    let head = view.heads().into_iter().find(|head| head.log == *log);
    Ok(head.ok_or(Fault::NoLog).map_err(LedgerError::from)?)
}

/// A device that was enrolled again, in its new log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// How it is enrolled.
    pub enrolment: Enrolment,
    /// The ends of the logs whose place it takes.
    pub ended: Vec<Revocation>,
}

impl<H: Host> App<H> {
    /// Enrols the new log of a device that goes on from an old one, and ends that at its last size. An admin's
    /// is enrolled in the root's name, on any device of the organisation.
    ///
    /// # Errors
    /// `app/not-found` where no such log waits, `app/ambiguous`, `app/role-may-not`, `app/root-needed`,
    /// `app/out-of-order` where the old log is not held up to where the new one goes on or the new one was revoked,
    /// and the store's.
    pub async fn enrol_continued(&self, device: &str) -> Result<Enrolled, AppError> {
        let mut pen = self.pen().await?;
        let (own, root) = (self.host.identity(), self.host.root().map(RootKey));
        let device = device.to_owned();
        self.host
            .with_store(move |store| {
                store.write(|transaction| {
                    let membership = read_model::membership(transaction, &own.organisation)?;
                    let waiting =
                        membership.members().filter(|member| member.standing == MemberStanding::Provisional);
                    let member = names::device(&device, waiting)?.clone();
                    if member.cut.is_some() {
                        return Err(DeviceStep::NewLogRevoked.into());
                    }
                    let ended = ends(transaction, &membership, &member, pen.now)?;
                    let root = match member.enrolment.role {
                        Role::Admin => Some(root?),
                        _ => must_be_admin(&membership, &own.log).map(|()| None)?,
                    };
                    let enrolment = Enrolment {
                        replaces: member.predecessor,
                        not_before_ms: pen.now.utc.0,
                        ..member.enrolment
                    };
                    let enrolled = Enrolled { enrolment, ended };
                    let records = enrolled.sign(transaction, &mut pen, root.as_ref())?;
                    pen.follow(transaction, &records)?;
                    Ok(enrolled)
                })
            })
            .await
    }
}

impl Enrolled {
    fn sign(
        &self,
        transaction: &mut Transaction<'_>,
        pen: &mut Pen,
        root: Option<&RootKey>,
    ) -> Result<Vec<Record>, AppError> {
        let Some(root) = root else {
            let mut records = vec![pen.append_own(transaction, ENROL, self.enrolment.encode())?];
            for end in &self.ended {
                records.push(pen.append_own(transaction, REVOKE, end.encode())?);
            }
            return Ok(records);
        };
        let says = std::iter::once(RootSays::Admits(self.enrolment.clone()));
        let says = says.chain(self.ended.iter().map(|end| RootSays::Revokes(*end)));
        let mut records = Vec::new();
        for says in says {
            let organisation = pen.identity.organisation;
            let body = next_root_statement(transaction, &organisation, says, root)?.encode();
            records.push(pen.append_own(transaction, ROOT, body)?);
        }
        Ok(records)
    }
}

/// The ends of the logs that a continuing one takes the place of, the newest first: as far as they are held.
fn ends(
    view: &mut View<'_>,
    membership: &Membership,
    member: &Member,
    now: Moment,
) -> Result<Vec<Revocation>, AppError> {
    let mut ended = Vec::new();
    let (mut log, mut before) = (member.enrolment.log, member.predecessor);
    while let Some(old) = before.and_then(|old| membership.member(&old)) {
        let head = own_head(view, &old.enrolment.log)?;
        let first = view.entry(&log, 0)?.ok_or(Fault::NoLog).map_err(LedgerError::from)?;
        if let Admission::Continues(Continuation { head: at, .. }) = Genesis::decode(&first.body)?.admission
            && view.root_at(&at.log, at.size)? != Some(at.root)
        {
            return Err(DeviceStep::OldLogDiffers.into());
        }
        if old.cut.is_none() {
            let (size, root, lost_ms) = (head.size, Some(head.root), now.utc.0);
            ended.push(Revocation { log: head.log, size, root, lost_ms, reason: RevocationReason::Rotated });
        }
        if old.standing == MemberStanding::Enrolled {
            break;
        }
        (log, before) = (old.enrolment.log, old.predecessor);
    }
    Ok(ended)
}
