//! A home that invites: it makes invitations, has digits compared, and enrols who redeems one.

use crate::{HomeError, LocalHost, Network, random_array};
use firn_app::{App, AppError, Host, NewDevice};
use firn_ledger::bytes::{Hash, LogId};
use firn_ledger::statement::Role as LedgerRole;
use firn_model::role::Role;
use firn_peer::address::PeerAddress;
use firn_peer::invitation::{Invitation, InvitationSecret};
use firn_peer::join::digits::Nonce;
use firn_peer::join::{Inviter, JoinRequest, KnownInvitation, Refusal};
use tokio::sync::watch;

/// Who looks at the digits of a device that is to decide or to administer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// A person says whether both devices show the same, before anything is enrolled.
    Asked,
    /// Both devices show them, and nobody is waited for: a script invites.
    Shown,
}

/// What a person saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// The same digits on both devices.
    Same,
    /// Other digits: somebody else holds the invitation.
    Different,
}

/// An invitation and what came of it.
pub(crate) struct Open {
    invitation: Invitation,
    comparison: Comparison,
    /// The request that its digits are of, with their random bytes.
    bound: Option<(JoinRequest, Nonce)>,
    word: watch::Sender<Option<Compared>>,
    redeemed: Option<(JoinRequest, Vec<u8>)>,
}

impl Open {
    fn is_void(&self) -> bool {
        *self.word.borrow() == Some(Compared::Different)
    }

    /// Whether the joiner read this invitation as it was made. Of a changed one it would find out once it is
    /// enrolled, and leave a member behind that never comes.
    fn was_read_by(&self, request: &JoinRequest) -> bool {
        let random = self.invitation.log_random(&request.endpoint, &request.device);
        request.log == LogId::of(&self.invitation.organisation, &request.device, &random)
    }
}

/// Whether two people compare digits before a device of this role is enrolled.
fn is_compared(role: LedgerRole) -> bool {
    matches!(role, LedgerRole::Quality | LedgerRole::Admin)
}

/// A new invitation to the organisation of `app`, redeemed at `inviter` until `minutes` from now.
///
/// # Errors
/// `home/no-randomness`, `app/role-may-not` where this device is no admin's and does not invite one in the root's name, and `app/log-behind`, `app/log-forked`
/// or `app/log-restored` where it may sign nothing.
pub async fn invitation_for(
    app: &App<LocalHost>,
    inviter: PeerAddress,
    role: Role,
    minutes: u32,
) -> Result<Invitation, HomeError> {
    if let Some(join) = app.unfinished_join().await? {
        return Err(AppError::from(join).into());
    }
    let own = app.organisation().await?;
    let speaks_for_root = || role == Role::Admin && app.host().root().is_ok();
    if own.role != Role::Admin && !speaks_for_root() {
        return Err(AppError::RoleMayNot.into());
    }
    if let Some(why) = own.barred {
        // Nobody could be enrolled.
        return Err(AppError::LogBarred(why).into());
    }
    if role == Role::Admin {
        // Told before anybody is invited in vain.
        app.host().root()?;
    }
    Ok(Invitation {
        organisation: app.host().identity().organisation,
        inviter,
        secret: InvitationSecret::new(random_array()?),
        role: LedgerRole::from_number(role.number()).ok_or(AppError::RoleMayNot)?,
        expires: app.host().now().utc.plus_seconds(i64::from(minutes) * 60).0,
    })
}

impl Network {
    /// Opens an invitation; one at a time, for a new one voids the one before.
    pub async fn invite(&self, invitation: Invitation, comparison: Comparison) {
        let word = watch::Sender::new(None);
        *self.open.lock().await = Some(Open { invitation, comparison, bound: None, word, redeemed: None });
    }

    /// What a person saw when they compared the digits of the device that waits. Other digits void the invitation.
    pub async fn compared(&self, compared: Compared) {
        if let Some(open) = self.open.lock().await.as_ref().filter(|open| open.bound.is_some()) {
            // The first word stands.
            open.word.send_if_modified(|word| word.is_none() && word.replace(compared).is_none());
        }
    }
}

impl Inviter for Network {
    fn now(&self) -> i64 {
        self.app.host().now().utc.0
    }

    async fn is_inviting(&self) -> bool {
        self.open.lock().await.is_some()
    }

    async fn invitation(&self, handle: Hash) -> Result<Option<KnownInvitation>, Refusal> {
        let open = self.open.lock().await;
        let invitation = open.as_ref().filter(|open| !open.is_void()).map(|open| &open.invitation);
        Ok(invitation.filter(|invitation| invitation.secret.handle() == handle).map(|invitation| {
            KnownInvitation { secret: invitation.secret.clone(), expires: invitation.expires }
        }))
    }

    async fn comparison(&self, handle: Hash, request: &JoinRequest) -> Result<Option<Nonce>, Refusal> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().filter(|open| open.invitation.secret.handle() == handle);
        let open = open.filter(|open| open.was_read_by(request)).ok_or(Refusal::Unknown)?;
        if !is_compared(open.invitation.role) {
            return Ok(None);
        }
        match &open.bound {
            Some((first, nonce)) if first == request => Ok(Some(*nonce)),
            Some(_) => Err(Refusal::Used),
            None => {
                let nonce = Nonce(random_array().map_err(|_| Refusal::Failed)?);
                open.bound = Some((request.clone(), nonce));
                Ok(Some(nonce))
            }
        }
    }

    /// Until the invitation ends: a new one, or the end of the process, ends the wait as well.
    async fn compared(&self, handle: Hash) -> Result<(), Refusal> {
        let mut word = {
            let open = self.open.lock().await;
            let open = open.as_ref().filter(|open| open.invitation.secret.handle() == handle);
            let open = open.ok_or(Refusal::Unknown)?;
            if open.comparison == Comparison::Shown {
                return Ok(());
            }
            open.word.subscribe()
        };
        let word = word.wait_for(Option::is_some).await.map_err(|_| Refusal::Unknown)?;
        match *word {
            Some(Compared::Same) => Ok(()),
            Some(Compared::Different) | None => Err(Refusal::Different),
        }
    }

    /// The lock is held while the entry is signed, so that of two requests one alone is enrolled.
    async fn redeem(&self, handle: Hash, request: JoinRequest) -> Result<Vec<u8>, Refusal> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().filter(|open| open.invitation.secret.handle() == handle && !open.is_void());
        let open = open.filter(|open| open.was_read_by(&request)).ok_or(Refusal::Unknown)?;
        if let Some((first, answer)) = &open.redeemed {
            return if *first == request { Ok(answer.clone()) } else { Err(Refusal::Used) };
        }
        let new = NewDevice {
            log: request.log,
            device: request.device,
            endpoint: request.endpoint,
            label: request.label.clone(),
            role: Role::from_number(open.invitation.role.number()).ok_or(Refusal::Declined)?,
        };
        let admission = self.app.enrol_device(new).await.map_err(|error| match error {
            AppError::RoleMayNot | AppError::DeviceKnown => Refusal::Declined,
            _ => Refusal::Failed,
        })?;
        let answer = admission.to_bytes();
        open.redeemed = Some((request, answer.clone()));
        Ok(answer)
    }
}
