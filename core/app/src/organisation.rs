//! Founding an organisation, and what its first entry says.

use crate::append::clocks;
use crate::unfinished::{self, Invited};
use crate::{App, AppError, Host, Identity, Moment};
use crate::{own_log, read_model};
use data_encoding::HEXLOWER;
use firn_ledger::bytes::{LogId, PublicKey, Salt};
use firn_ledger::entry::{EntryDraft, Signers};
use firn_ledger::key::Signer;
use firn_ledger::statement::{Enrolment, GENESIS, Genesis, Role as LedgerRole};
use firn_ledger::store::Store;
use firn_model::api::{LogStanding, Organisation};
use firn_model::role::Role;

/// What a new organisation and its first device are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Founding {
    /// The organisation's name.
    pub organisation: String,
    /// What this device is called.
    pub device: String,
}

/// The keys of a new organisation and its first device.
#[derive(Clone, Copy)]
pub struct FoundingKeys<'a> {
    /// The organisation's root; it admits the first device.
    pub root: &'a dyn Signer,
    /// The device's.
    pub device: &'a dyn Signer,
    /// The device's network endpoint's.
    pub endpoint: PublicKey,
}

/// Writes the first entry of an organisation's first log into an empty store.
///
/// `random` is 48 fresh random bytes: the log id's part and the body's salt.
///
/// # Errors
/// `ledger/key` for a weak key, and the store's.
pub fn found(
    store: &mut Store,
    founding: &Founding,
    keys: &FoundingKeys<'_>,
    now: Moment,
    random: &[u8; 48],
) -> Result<Identity, AppError> {
    let (log_random, salt) = split(random);
    let organisation = firn_ledger::bytes::OrganisationId::of(&keys.root.public_key());
    let device = keys.device.public_key();
    let log = LogId::of(&organisation, &device, &log_random);
    let enrolment = Enrolment {
        log,
        device,
        endpoint: keys.endpoint,
        role: LedgerRole::Admin,
        label: founding.device.clone(),
        not_before_ms: now.utc.0,
        replaces: None,
    };
    let genesis = Genesis::of_first_device(founding.organisation.clone(), keys.root, log_random, enrolment)?;
    let draft = EntryDraft {
        kind: GENESIS,
        subject: None,
        clocks: clocks(now),
        heads: Vec::new(),
        body: genesis.encode(),
        salt: Salt(salt),
        person: None,
        batches: Vec::new(),
    };
    store.write(|transaction| {
        let record = transaction.append(log, draft, Signers { device: keys.device, person: None })?;
        read_model::follow(transaction, &organisation, std::slice::from_ref(&record))
    })?;
    Ok(Identity { organisation, log })
}

pub(crate) fn split(random: &[u8; 48]) -> ([u8; 16], [u8; 32]) {
    let (mut first, mut second) = ([0; 16], [0; 32]);
    first.iter_mut().chain(&mut second).zip(random).for_each(|(to, from)| *to = *from);
    (first, second)
}

/// This device while its join is not finished, by what the invitation said.
fn of_a_join(identity: &Identity, name: String, invited: Invited) -> Organisation {
    Organisation {
        name,
        fingerprint: HEXLOWER.encode(identity.organisation.as_bytes()),
        device: invited.label,
        role: invited.role,
        log: HEXLOWER.encode(identity.log.as_bytes()),
        standing: LogStanding::Joining,
        barred: None,
        inviter: Some(invited.address),
    }
}

impl<H: Host> App<H> {
    /// This device and its organisation.
    ///
    /// # Errors
    /// The store's.
    pub async fn organisation(&self) -> Result<Organisation, AppError> {
        let (identity, set_back) = (self.host.identity(), self.host.set_back());
        self.host
            .with_store(move |store| {
                store.read(|view| {
                    let genesis = view
                        .entry(&identity.log, 0)?
                        .ok_or_else(|| AppError::Record("this device's log is empty".into()))?;
                    let genesis = Genesis::decode(&genesis.body)?;
                    let membership = read_model::membership(view, &identity.organisation)?;
                    let stays_out = own_log::stays_out(view, &membership, &identity.log)?;
                    let member = membership.member(&identity.log);
                    let joining = unfinished::unfinished(view, &identity)?;
                    if let Some(join) = joining {
                        let invited = join.invited.ok_or(AppError::JoinUnfinished(None))?;
                        return Ok(of_a_join(&identity, genesis.organisation.name, invited));
                    }
                    Ok(Organisation {
                        name: genesis.organisation.name.clone(),
                        fingerprint: HEXLOWER.encode(identity.organisation.as_bytes()),
                        device: member.map(|member| member.enrolment.label.clone()).unwrap_or_default(),
                        role: member
                            .and_then(|member| Role::from_number(member.enrolment.role.number()))
                            .ok_or(if stays_out { AppError::DeviceRevoked } else { AppError::RoleMayNot })?,
                        log: HEXLOWER.encode(identity.log.as_bytes()),
                        standing: match member {
                            Some(member) if member.cut.is_some() => LogStanding::Revoked,
                            _ => firn_report::bundle::device(identity.log, &membership).standing,
                        },
                        barred: own_log::barred(view, &identity.log)?.or(set_back),
                        inviter: None,
                    })
                })
            })
            .await
    }
}
