//! Admitting a device to the organisation, and founding its log there.

use crate::append::clocks;
use crate::organisation::split;
use crate::{App, AppError, DeviceKey, Host, Identity, Moment, meeting, names, read_model};
use data_encoding::HEXLOWER;
use firn_ledger::bytes::{Hash, LogId, OrganisationId, PublicKey, Salt};
use firn_ledger::canonical::{Problem, Reader, Writer};
use firn_ledger::entry::{EntryDraft, Signers};
use firn_ledger::error::{Fault, LedgerError};
use firn_ledger::key::Signer;
use firn_ledger::membership::{MemberStanding, Membership};
use firn_ledger::statement::{
    Admission as Admitted, ENROL, Enrolment, EntryReference, GENESIS, Genesis, Organisation, ROOT,
    Role as LedgerRole, RootSays, RootStatement,
};
use firn_ledger::store::{Store, View};
use firn_model::api::Peer;
use firn_model::role::Role;
use firn_model::time::UtcMillis;

/// A device that asks to be enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDevice {
    /// The log that it will write.
    pub log: LogId,
    /// The key that will sign it.
    pub device: PublicKey,
    /// The key of its network endpoint.
    pub endpoint: PublicKey,
    /// What people call it.
    pub label: String,
    /// What it is enrolled as.
    pub role: Role,
}

/// What an admitted device needs to found its own log: the answer to a join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The organisation that it joins.
    pub organisation: Organisation,
    /// The entry that enrolled it.
    pub enrolled_by: EntryReference,
}

/// The version of an [`Admission`]'s bytes.
const VERSION: u64 = 1;

impl Admission {
    /// Deterministic CBOR (docs/firn.cddl, `admission-answer`).
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(5).uint(VERSION);
        writer.bytes(self.organisation.root.as_bytes()).text(&self.organisation.name);
        writer.bytes(self.enrolled_by.log.as_bytes()).bytes(self.enrolled_by.leaf.as_bytes());
        writer.into_bytes()
    }

    /// Reads the answer of the organisation `expected`: its root key must hash to that id.
    ///
    /// # Errors
    /// `ledger/malformed` for other bytes, `ledger/organisation` for another organisation.
    pub fn from_bytes(bytes: &[u8], expected: &OrganisationId) -> Result<Self, AppError> {
        let admission = Self::read(bytes).map_err(|problem| LedgerError::from(Fault::from(problem)))?;
        match admission.organisation.id == *expected {
            true => Ok(admission),
            false => Err(LedgerError::from(Fault::Organisation).into()),
        }
    }

    fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let mut reader = Reader::new(bytes);
        reader.array_of(5)?;
        if reader.uint()? != VERSION {
            return Err(reader.refuse("an answer of another version"));
        }
        let (root, name) = (PublicKey(reader.fixed()?), reader.text()?.to_owned());
        let (log, leaf) = (LogId(reader.fixed()?), Hash(reader.fixed()?));
        reader.end()?;
        Ok(Self { organisation: Organisation::new(root, name), enrolled_by: EntryReference { log, leaf } })
    }
}

/// The keys of a device that joins.
#[derive(Clone, Copy)]
pub struct JoiningKeys<'a> {
    /// The device's.
    pub device: &'a dyn Signer,
    /// The random part of its log's id, as it was announced in the join.
    pub log_random: [u8; 16],
}

/// The id of the log that a device will write for an organisation.
pub fn log_id(organisation: &OrganisationId, keys: &JoiningKeys<'_>) -> LogId {
    LogId::of(organisation, &keys.device.public_key(), &keys.log_random)
}

/// Writes the first entry of an admitted device's log into an empty store.
///
/// # Errors
/// `ledger/key` for a weak key, and the store's.
pub fn join(
    store: &mut Store,
    admission: &Admission,
    keys: &JoiningKeys<'_>,
    now: Moment,
    random: &[u8; 48],
) -> Result<Identity, AppError> {
    let organisation = admission.organisation.id;
    let genesis = Genesis {
        organisation: admission.organisation.clone(),
        device: keys.device.public_key(),
        random: keys.log_random,
        admission: Admitted::Enrolled(admission.enrolled_by),
    };
    let log = genesis.log();
    let draft = EntryDraft {
        kind: GENESIS,
        subject: None,
        clocks: clocks(now),
        heads: Vec::new(),
        body: genesis.encode(),
        salt: Salt(split(random).1),
        person: None,
        batches: Vec::new(),
    };
    store.write(|transaction| {
        let record = transaction.append(log, draft, Signers { device: keys.device, person: None })?;
        read_model::follow(transaction, &organisation, std::slice::from_ref(&record))
    })?;
    Ok(Identity { organisation, log })
}

impl<H: Host> App<H> {
    /// Enrols a device; only an admin's device may. An admin's is enrolled in the root's name, on any device that
    /// has its key.
    ///
    /// # Errors
    /// `app/role-may-not`, `app/root-needed`, `ledger/key` for a weak key, and the store's.
    pub async fn enrol_device(&self, new: NewDevice) -> Result<Admission, AppError> {
        let mut pen = self.pen().await?;
        let own = self.host.identity();
        let root = match new.role {
            Role::Admin => Some(RootKey(self.host.root()?)),
            _ => None,
        };
        self.host
            .with_store(move |store| {
                store.write(|transaction| {
                    let membership = read_model::membership(transaction, &own.organisation)?;
                    match &root {
                        Some(_) => may_speak_for_the_root(&membership, &own.log)?,
                        None => must_be_admin(&membership, &own.log)?,
                    }
                    if membership.members().any(|member| member.enrolment.device == new.device) {
                        return Err(AppError::DeviceKnown);
                    }
                    let genesis =
                        transaction.entry(&own.log, 0)?.ok_or(Fault::NoLog).map_err(LedgerError::from)?;
                    let organisation = Genesis::decode(&genesis.body)?.organisation;
                    let enrolment = enrolment(&new, pen.now)?;
                    let (kind, body) = match &root {
                        None => (ENROL, enrolment.encode()),
                        Some(root) => {
                            let says = RootSays::Admits(enrolment);
                            (ROOT, next_root_statement(transaction, &own.organisation, says, root)?.encode())
                        }
                    };
                    let record = pen.append_own(transaction, kind, body)?;
                    let enrolled_by = EntryReference { log: record.entry.log(), leaf: record.entry.leaf() };
                    pen.follow(transaction, &[record])?;
                    Ok(Admission { organisation, enrolled_by })
                })
            })
            .await
    }

    /// Every other device of the organisation.
    ///
    /// # Errors
    /// The store's.
    pub async fn peers(&self) -> Result<Vec<Peer>, AppError> {
        let own = self.host.identity();
        self.host
            .with_store(move |store| {
                store.read(|view| {
                    let membership = read_model::membership(view, &own.organisation)?;
                    let first = membership.first_log(&own.log);
                    let others = membership
                        .members()
                        .filter(|member| membership.first_log(&member.enrolment.log) != first);
                    let mut peers = Vec::new();
                    for member in others {
                        let enrolment = &member.enrolment;
                        peers.push(Peer {
                            log: enrolment.log.to_string(),
                            label: enrolment.label.clone(),
                            role: Role::from_number(enrolment.role.number()).ok_or(AppError::RoleMayNot)?,
                            endpoint: HEXLOWER.encode(enrolment.endpoint.as_bytes()),
                            synced: meeting::synced(view, &enrolment.log)?,
                            revoked: member.cut.map(|cut| UtcMillis(cut.lost_ms)),
                            standing: firn_report::bundle::device(enrolment.log, &membership).standing,
                        });
                    }
                    Ok(peers)
                })
            })
            .await
    }

    /// The log of the device that `name` names by its label, or by a prefix of at least six digits of its log's or
    /// its endpoint's id.
    ///
    /// # Errors
    /// `app/not-found`, `app/ambiguous`, and the store's.
    pub async fn device_named(&self, name: &str) -> Result<LogId, AppError> {
        let (own, name) = (self.host.identity(), name.to_owned());
        self.host
            .with_store(move |store| {
                store.read(|view| {
                    let membership = read_model::membership(view, &own.organisation)?;
                    Ok(names::device(&name, membership.members())?.enrolment.log)
                })
            })
            .await
    }
}

/// Whether what a log says from now on counts.
pub(crate) fn counts(membership: &Membership, log: &LogId) -> bool {
    let member = membership.member(log);
    member.is_some_and(|member| member.cut.is_none() && member.standing != MemberStanding::Provisional)
}

/// Refuses what only an admin's device may do, and none that was revoked.
pub(crate) fn must_be_admin(membership: &Membership, log: &LogId) -> Result<(), AppError> {
    match membership.member(log) {
        Some(member) if member.cut.is_some() => Err(AppError::DeviceRevoked),
        Some(member) if member.standing == MemberStanding::Provisional => Err(AppError::LogProvisional),
        Some(member) if member.enrolment.role == LedgerRole::Admin => Ok(()),
        _ => Err(AppError::RoleMayNot),
    }
}

/// Refuses to sign in the root's name on a device that does not belong to the organisation: the root's key gives the
/// right, whichever role the device has, for whoever lost the last admin's device has it back from the recovery sheet.
pub(crate) fn may_speak_for_the_root(membership: &Membership, log: &LogId) -> Result<(), AppError> {
    match membership.member(log) {
        Some(member) if member.cut.is_some() => Err(AppError::DeviceRevoked),
        Some(_) => Ok(()),
        None => Err(AppError::RoleMayNot),
    }
}

/// The organisation's root, open.
pub(crate) struct RootKey(pub DeviceKey);

/// The root's next statement, numbered on from those that are held.
pub(crate) fn next_root_statement(
    view: &mut View<'_>,
    organisation: &OrganisationId,
    says: RootSays,
    root: &RootKey,
) -> Result<RootStatement, AppError> {
    let number = view.statements()?.last_root_number(organisation).saturating_add(1);
    Ok(RootStatement::sign(number, says, root.0.as_ref())?)
}

fn enrolment(new: &NewDevice, now: Moment) -> Result<Enrolment, AppError> {
    new.device.check().map_err(LedgerError::from)?;
    new.endpoint.check().map_err(LedgerError::from)?;
    Ok(Enrolment {
        log: new.log,
        device: new.device,
        endpoint: new.endpoint,
        role: LedgerRole::from_number(new.role.number()).ok_or(AppError::RoleMayNot)?,
        label: new.label.clone(),
        not_before_ms: now.utc.0,
        replaces: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission() -> Admission {
        Admission {
            organisation: Organisation::new(PublicKey([5; 32]), "Nordvik Pharmacy".into()),
            enrolled_by: EntryReference { log: LogId([1; 32]), leaf: Hash([2; 32]) },
        }
    }

    #[test]
    fn an_admissions_bytes_are_frozen_and_bind_the_organisations_root_key() {
        let bytes = admission().to_bytes();
        let expected = format!(
            "85015820{}704e6f726476696b20506861726d6163795820{}5820{}",
            "05".repeat(32),
            "01".repeat(32),
            "02".repeat(32)
        );
        assert_eq!(HEXLOWER.encode(&bytes), expected);
        let id = admission().organisation.id;
        assert_eq!(Admission::from_bytes(&bytes, &id).unwrap(), admission());
        let other = Admission::from_bytes(&bytes, &OrganisationId([9; 32])).unwrap_err();
        assert_eq!(other.code(), "ledger/organisation");
        for end in 0..bytes.len() {
            assert!(Admission::from_bytes(&bytes[..end], &id).is_err());
        }
    }
}
