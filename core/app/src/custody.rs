//! Hand-over between two devices: offered, accepted, confirmed. Custody passes at the acceptance.

use crate::append::{Appended, Happened};
use crate::host::random_array;
use crate::{App, AppError, Host, read_model};
use firn_ledger::bytes::OrganisationId;
use firn_model::api::{CustodyStep, Device, Phase, ShipmentDetail};
use firn_model::id::Id;
use firn_model::record::{Accepted, Confirmed, Fingerprint, LastReading, Offered, TakenUp};
use firn_model::shipment::{Looking, Story};
use firn_model::time::UtcMillis;

/// How long an offer to another organisation stands: its receipt travels as a file, and the goods may take a day.
const OFFER_TO_PARTNER_STANDS_S: i64 = 24 * 3600;

/// How long an offer stands: long enough for a sync at the ramp, too short for a stale one to be taken
/// up the next day.
const OFFER_STANDS_S: i64 = 3600;

impl<H: Host> App<H> {
    /// Signs this device's next step of the shipment's hand-over, and says which it was.
    ///
    /// Who has the shipment offers it; another device accepts the offer that it holds; the giver confirms
    /// the acceptance that it holds. A repeated offer, acceptance or confirmation signs nothing and tells which it was;
    /// who has accepted offers onward once that was confirmed, or where `step` asks for it by name. With a `step`
    /// no other is taken.
    ///
    /// # Errors
    /// `app/out-of-order` where no step, or not this one, is this device's to take, and the ledger's.
    pub async fn hand_over(
        &self,
        shipment: Id,
        step: Option<CustodyStep>,
    ) -> Result<(CustodyStep, Vec<Appended>), AppError> {
        // The offer names the newest reading.
        self.seal_journal(Some(shipment)).await?;
        let detail = self.shipment(shipment).await?;
        let story = self.story(shipment).await?;
        let own = self.own_device().await?;
        let looking = self.looking();
        let (asked, now) = (step, looking.at);
        let step = next_step(&story, &own, looking, asked)?;
        let happened = match &step {
            Next::Nothing(done) => return Ok((*done, Vec::new())),
            Next::Offer => {
                let expires = now.plus_seconds(OFFER_STANDS_S);
                Happened::new(Some(shipment), &self.offer(&detail, expires, None)?)
            }
            Next::Accept { offered, nonce } => {
                Happened::new(Some(shipment), &Accepted { offered: *offered, nonce: *nonce, at: now })
            }
            Next::Confirm { accepted } => Happened::new(Some(shipment), &Confirmed { accepted: *accepted }),
        };
        let expected = step.clone();
        let entries = self
            .step(shipment, happened, move |story| {
                match next_step(story, &own, looking, asked)? == expected {
                    true => Ok(()),
                    false => Err(AppError::OutOfOrder("the hand-over moved on in the meantime")),
                }
            })
            .await?;
        Ok((step.name(), entries))
    }

    /// An offer of a shipment as it stands.
    fn offer(
        &self,
        detail: &ShipmentDetail,
        expires: UtcMillis,
        partner: Option<Fingerprint>,
    ) -> Result<Offered, AppError> {
        let last = detail.summary.freshness;
        Ok(Offered {
            nonce: random_array(self.host())?,
            expires,
            last_reading: last.map(|fresh| LastReading { time: fresh.time, value: fresh.temperature_c }),
            verdict: detail.summary.verdict,
            partner,
        })
    }

    /// Offers custody to another organisation; nothing is signed where an offer to it stands, or it has the
    /// shipment.
    pub(crate) async fn offer_to_partner(
        &self,
        shipment: Id,
        partner: Fingerprint,
    ) -> Result<OfferTo, AppError> {
        self.seal_journal(Some(shipment)).await?;
        let (detail, story) = (self.shipment(shipment).await?, self.story(shipment).await?);
        let (own, looking) = (self.own_device().await?, self.looking());
        let now = looking.at;
        let open = story.custody.open_offer().filter(|offer| now <= offer.says.expires);
        let stands = open.is_some_and(|offer| offer.says.partner == Some(partner));
        if stands || story.custody.partner == Some(partner) {
            return Ok(OfferTo::Stands);
        }
        let may = move |story: &Story| match open_step(story, &own, looking)? {
            Next::Offer => Ok(()),
            Next::Confirm { .. } => {
                Err(AppError::OutOfOrder("confirm the acceptance that waits before it is offered onward"))
            }
            Next::Accept { .. } | Next::Nothing(_) => {
                Err(AppError::OutOfOrder("another device has the shipment"))
            }
        };
        may(&story)?;
        let offer = self.offer(&detail, now.plus_seconds(OFFER_TO_PARTNER_STANDS_S), Some(partner))?;
        self.step(shipment, Happened::new(Some(shipment), &offer), may).await.map(OfferTo::Signed)
    }

    /// This device, as history names it.
    async fn own_device(&self) -> Result<Device, AppError> {
        let own = self.host.identity();
        self.host
            .with_store(move |store| {
                store.read(|view| {
                    let membership = read_model::membership(view, &own.organisation)?;
                    Ok(firn_report::bundle::device(own.log, &membership))
                })
            })
            .await
    }

    /// The story of a shipment as this device holds it.
    pub(crate) async fn story(&self, shipment: Id) -> Result<Story, AppError> {
        let identity = self.host.identity();
        self.host
            .with_store(move |store| store.read(|view| crate::append::standing(view, &identity, shipment)))
            .await
    }
}

/// What came of offering a shipment to another organisation.
pub(crate) enum OfferTo {
    /// It was offered now.
    Signed(Vec<Appended>),
    /// An offer to it stands, or it has the shipment.
    Stands,
}

/// The offer to an organisation that stands in the story of a shipment of another.
pub(crate) fn offered(story: &Story, to: &OrganisationId, now: UtcMillis) -> Option<TakenUp> {
    let offer = story.custody.open_offer()?;
    let is_for_us = offer.says.partner.is_some_and(|partner| partner.0 == to.0);
    let stands = is_for_us && now <= offer.says.expires && story.phase() == Phase::InTransit;
    stands.then_some(TakenUp { offered: offer.reference, nonce: offer.says.nonce, at: now })
}

/// What a device can do next about a hand-over.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Next {
    Offer,
    Accept {
        offered: firn_model::record::EntryReference,
        nonce: [u8; 16],
    },
    Confirm {
        accepted: firn_model::record::EntryReference,
    },
    /// This one was taken before, and its other side is awaited.
    Nothing(CustodyStep),
}

impl Next {
    fn name(&self) -> CustodyStep {
        match self {
            Next::Offer => CustodyStep::Offered,
            Next::Accept { .. } => CustodyStep::Accepted,
            Next::Confirm { .. } => CustodyStep::Confirmed,
            Next::Nothing(done) => *done,
        }
    }
}

/// The next step of a device, which is the one that was asked for by name, if any was.
fn next_step(
    story: &Story,
    own: &Device,
    looking: Looking,
    asked: Option<CustodyStep>,
) -> Result<Next, AppError> {
    let waits = story.custody.awaits_confirmation(own);
    match (open_step(story, own, looking), asked) {
        (Ok(Next::Offer), None | Some(CustodyStep::Accepted)) if waits => {
            Ok(Next::Nothing(CustodyStep::Accepted))
        }
        (Ok(next), Some(asked)) if next.name() != asked => match asked {
            CustodyStep::Confirmed if story.custody.has_confirmed(own) => Ok(Next::Nothing(asked)),
            _ => Err(AppError::OutOfOrder("another step of the hand-over comes first")),
        },
        (Err(_), None | Some(CustodyStep::Confirmed))
            if story.phase() == Phase::InTransit && story.custody.has_confirmed(own) =>
        {
            Ok(Next::Nothing(CustodyStep::Confirmed))
        }
        (next, _) => next,
    }
}

fn open_step(story: &Story, own: &Device, looking: Looking) -> Result<Next, AppError> {
    let mut unconfirmed = story.custody.unconfirmed();
    if let Some((_, accepted)) = unconfirmed.find(|(offered, _)| offered.device.is(own)) {
        return Ok(Next::Confirm { accepted: accepted.reference });
    }
    if story.phase() != Phase::InTransit {
        return Err(AppError::OutOfOrder("only a shipment in transit changes hands"));
    }
    if story.custody.partner.is_some() {
        return Err(AppError::OutOfOrder("another organisation has the shipment"));
    }
    let has_it = story.custody.custodian.as_ref().is_some_and(|custodian| custodian.is(own));
    match story.custody.open_offer().map(|offer| (offer, !story.has_offer_for(looking))) {
        Some((offer, false)) if offer.says.partner.is_some() => {
            Err(AppError::OutOfOrder("it is offered to another organisation; its receipt is awaited"))
        }
        Some((offer, true)) if offer.says.partner.is_some() && !has_it => {
            Err(AppError::OutOfOrder("another device has the shipment and has not offered it"))
        }
        Some((offer, false)) if !offer.device.is(own) => {
            Ok(Next::Accept { offered: offer.reference, nonce: offer.says.nonce })
        }
        Some((offer, true)) if offer.says.partner.is_none() && !offer.device.is(own) => {
            Err(AppError::OutOfOrder(
                "the offer has expired by this device's clock; the giver has to offer anew, or a clock is wrong",
            ))
        }
        Some((_, false)) => Ok(Next::Nothing(CustodyStep::Offered)),
        _ if has_it => Ok(Next::Offer),
        _ => Err(AppError::OutOfOrder("another device has the shipment and has not offered it")),
    }
}
