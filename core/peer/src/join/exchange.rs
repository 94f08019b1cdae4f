//! Joining over a connection: one message each way, the comparison of digits before the answer, bounded in size
//! and time.

use firn_ledger::bytes::{LogId, PublicKey};
use firn_ledger::key::Signer;
use iroh::EndpointId;
use iroh::endpoint::{Connection, RecvStream, SendStream};

use super::digits::{Digits, Nonce};
use super::{
    ALPN, Arrived, COMPARISON_LENGTH, Inviter, JoinRequest, Joiner, MAX_ANSWER, MAX_REQUEST, Proven, Refusal,
};
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
    /// `show` is called with the digits that the inviter's device shows as well, where a person there compares them
    /// before this device is enrolled.
    ///
    /// # Errors
    /// The inviter's refusal, [`PeerError::AnswerForged`], or the network's failure.
    pub async fn join(
        &self,
        invitation: &Invitation,
        device: &(dyn Signer + Sync),
        log: LogId,
        label: &str,
        show: &(dyn Fn(Digits) + Send + Sync),
    ) -> Result<Vec<u8>, PeerError> {
        let endpoint = PublicKey(*self.id().as_bytes());
        let request = JoinRequest { endpoint, device: device.public_key(), log, label: label.to_owned() };
        let (joiner, message) = Joiner::new(invitation, &request, device)?;
        let connection = self.connect(&invitation.inviter, ALPN).await?;
        let asking = async {
            let (mut send, mut receive) = wire::open(&connection).await?;
            wire::send_last(&mut send, &message).await?;
            let beginning = wire::read_up_to(&mut receive, COMPARISON_LENGTH).await?;
            Ok((receive, beginning))
        };
        let begun = wire::within(self.limits.join, "waiting for the inviter", asking).await;
        let answer = match begun {
            Ok((receive, beginning)) => self.answered(receive, beginning, &joiner, show).await,
            Err(error) => Err(error),
        };
        wire::close_with(&connection, answer.and_then(|answer| joiner.finish(&answer)))
    }

    /// The whole answer; what asks for a comparison is shown, and a person waited for.
    async fn answered(
        &self,
        mut receive: RecvStream,
        beginning: Vec<u8>,
        joiner: &Joiner,
        show: &(dyn Fn(Digits) + Send + Sync),
    ) -> Result<Vec<u8>, PeerError> {
        if beginning.len() < COMPARISON_LENGTH {
            return Ok(beginning);
        }
        let (limit, during, before) = match joiner.digits(&beginning) {
            Some(digits) => {
                show(digits);
                (self.limits.compare, "waiting for the person who compares the digits", Vec::new())
            }
            None => (self.limits.join, "waiting for the inviter", beginning),
        };
        let most = MAX_ANSWER.saturating_sub(before.len());
        let rest = wire::within(limit, during, wire::read_last(&mut receive, most)).await?;
        Ok([before, rest].concat())
    }

    /// Answers one joiner. An enrolment is told to `events` as soon as it stands, for it does even if
    /// the answer is lost.
    pub(crate) async fn answer_join<H: Inviter>(
        &self,
        connection: &Connection,
        home: &H,
        events: &(dyn Fn(PeerEvent) + Send + Sync),
    ) -> Result<(), PeerError> {
        let arriving = async {
            let (send, mut receive) = wire::accept(connection).await?;
            let message = wire::read_last(&mut receive, MAX_REQUEST).await?;
            Ok((send, Arrived::parse(&message, &connection.remote_id())?))
        };
        let during = "a device asked to join";
        let (mut send, arrived) = wire::within(self.limits.request, during, arriving).await?;
        let redeeming = self.redeem(home, arrived, connection, &mut send, events);
        let outcome = wire::within(self.limits.compare, during, redeeming).await?;
        let answering = async {
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
        wire::within(self.limits.join, during, answering).await
    }

    /// Checks, has a person compare where the invitation asks for it, and enrols.
    ///
    /// # Errors
    /// The connection's; a refusal is no error here.
    async fn redeem<H: Inviter>(
        &self,
        home: &H,
        arrived: Arrived,
        connection: &Connection,
        send: &mut SendStream,
        events: &(dyn Fn(PeerEvent) + Send + Sync),
    ) -> Result<Result<(Proven, Vec<u8>), Refusal>, PeerError> {
        let handle = arrived.handle();
        let (proven, nonce) = match prove(&self.id(), home, arrived).await {
            Ok(proven) => proven,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Some(nonce) = nonce {
            let Some((digits, message)) = proven.comparison(&nonce) else { return Ok(Err(Refusal::Failed)) };
            wire::write(send, &message).await?;
            events(PeerEvent::Comparing { request: proven.request().clone(), digits });
            let compared = tokio::select! {
                compared = home.compared(handle) => compared,
                error = connection.closed() => return Err(wire::connection_error(&error)),
            };
            if let Err(refusal) = compared {
                return Ok(Err(refusal));
            }
        }
        let admission = home.redeem(handle, proven.request().clone()).await;
        Ok(admission.map(|admission| (proven, admission)))
    }
}

async fn prove<H: Inviter>(
    inviter: &EndpointId,
    home: &H,
    arrived: Arrived,
) -> Result<(Proven, Option<Nonce>), Refusal> {
    let handle = arrived.handle();
    let known = home.invitation(handle).await?.ok_or(Refusal::Unknown)?;
    let proven = arrived.prove(inviter, known, home.now())?;
    let nonce = home.comparison(handle, proven.request()).await?;
    Ok((proven, nonce))
}
