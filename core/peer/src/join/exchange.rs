//! Joining over a connection: one message each way, bounded in size and time.

use firn_ledger::bytes::{LogId, PublicKey};
use firn_ledger::key::Signer;
use iroh::EndpointId;
use iroh::endpoint::Connection;

use super::{ALPN, Arrived, Inviter, JoinRequest, Joiner, MAX_ANSWER, MAX_REQUEST, Proven, Refusal};
use crate::endpoint::PeerEndpoint;
use crate::error::PeerError;
use crate::event::PeerEvent;
use crate::invitation::Invitation;
use crate::wire;

impl PeerEndpoint {
    /// Redeems an invitation for the device with the key `device`, which will write `log`. Gives the
    /// bytes of [`Inviter::redeem`], made by one who holds the secret; it is for the caller to check
    /// them against [`Invitation::organisation`]. Repeat it after a lost connection.
    ///
    /// # Errors
    /// The inviter's refusal, [`PeerError::AnswerForged`], or the network's failure.
    pub async fn join(
        &self,
        invitation: &Invitation,
        device: &(dyn Signer + Sync),
        log: LogId,
        label: &str,
    ) -> Result<Vec<u8>, PeerError> {
        let endpoint = PublicKey(*self.id().as_bytes());
        let request = JoinRequest { endpoint, device: device.public_key(), log, label: label.to_owned() };
        let (joiner, message) = Joiner::new(invitation, &request, device)?;
        let connection = self.connect(&invitation.inviter, ALPN).await?;
        let asking = async {
            let (mut send, mut receive) = wire::open(&connection).await?;
            wire::send_last(&mut send, &message).await?;
            wire::read_last(&mut receive, MAX_ANSWER).await
        };
        let answer = wire::within(self.limits.join, "waiting for the inviter", asking).await;
        wire::close_with(&connection, answer.and_then(|answer| joiner.finish(&answer)))
    }

    /// Answers one joiner. An enrolment is told to `events` as soon as it stands, for it does even if
    /// the answer is lost.
    pub(crate) async fn answer_join<H: Inviter>(
        &self,
        connection: &Connection,
        home: &H,
        events: &(dyn Fn(PeerEvent) + Send + Sync),
    ) -> Result<(), PeerError> {
        let answering = async {
            let (mut send, mut receive) = wire::accept(connection).await?;
            let message = wire::read_last(&mut receive, MAX_REQUEST).await?;
            let arrived = Arrived::parse(&message, &connection.remote_id())?;
            let outcome = redeem(&self.id(), home, arrived).await;
            let (answer, result) = match outcome {
                Ok((proven, admission)) => {
                    events(PeerEvent::Joined { request: proven.request().clone() });
                    (proven.admit(&admission), Ok(()))
                }
                Err(refusal) => (refusal.message(), Err(refusal.into())),
            };
            wire::send_last(&mut send, &answer).await?;
            // The joiner closes when it has read the answer.
            connection.closed().await;
            result
        };
        wire::within(self.limits.join, "a device asked to join", answering).await
    }
}

async fn redeem<H: Inviter>(
    inviter: &EndpointId,
    home: &H,
    arrived: Arrived,
) -> Result<(Proven, Vec<u8>), Refusal> {
    let handle = arrived.handle();
    let known = home.invitation(handle).await?.ok_or(Refusal::Unknown)?;
    let proven = arrived.prove(inviter, known, home.now())?;
    let admission = home.redeem(handle, proven.request().clone()).await?;
    Ok((proven, admission))
}
